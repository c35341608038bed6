// node public.js ENGINE SUITE QUESTION INPUT OUTPUT THREADS: a question of ../pipelines/SUITE/queries.sql
'use strict';

const fs = require('fs');
const path = require('path');

// What a column is if it is no whole number; the names of csv inputs are in their first line where
// none are here.
const tables = {
  clickbench: {
    name: 'hits',
    delimiter: ',',
    types: {
      EventTime: 'time', ClientEventTime: 'time', LocalEventTime: 'time', EventDate: 'date',
      ...Object.fromEntries(
        ['Title', 'URL', 'Referer', 'FlashMinor2', 'UserAgentMinor', 'MobilePhoneModel', 'Params',
          'SearchPhrase', 'PageCharset', 'OriginalURL', 'HitColor', 'BrowserLanguage',
          'BrowserCountry', 'SocialNetwork', 'SocialAction', 'SocialSourcePage', 'ParamOrderID',
          'ParamCurrency', 'OpenstatServiceName', 'OpenstatCampaignID', 'OpenstatAdID',
          'OpenstatSourceID', 'UTMSource', 'UTMMedium', 'UTMCampaign', 'UTMContent', 'UTMTerm',
          'FromTag'].map(name => [name, 'text'])),
    },
  },
  tpch: {
    name: 'lineitem',
    delimiter: '|',
    columns: ['l_orderkey', 'l_partkey', 'l_suppkey', 'l_linenumber', 'l_quantity',
      'l_extendedprice', 'l_discount', 'l_tax', 'l_returnflag', 'l_linestatus', 'l_shipdate',
      'l_commitdate', 'l_receiptdate', 'l_shipinstruct', 'l_shipmode', 'l_comment', 'l_end'],
    types: {
      l_quantity: 'money', l_extendedprice: 'money', l_discount: 'money', l_tax: 'money',
      l_returnflag: 'text', l_linestatus: 'text', l_shipdate: 'date', l_commitdate: 'date',
      l_receiptdate: 'date', l_shipinstruct: 'text', l_shipmode: 'text', l_comment: 'text',
      l_end: 'text',
    },
  },
  nexmark: {
    name: 'bids',
    delimiter: ',',
    types: { channel: 'text', url: 'text', dateTime: 'instant', extra: 'text' },
  },
  jsonbench: {
    name: 'events',
    json: true,
  },
};

// Each takes one argument, $1.
const functions = {
  duckdb: {
    hour_of: 'hour(make_timestamp($1))',
    seconds: '(epoch_ms($1) // 1000)',
    milliseconds: 'epoch_ms($1)',
    instant: 'make_timestamp(($1) * 1000000)',
    instant_ms: 'make_timestamp(($1) * 1000)',
    date_of: 'cast($1 as date)',
    clock_of: "strftime($1, '%H:%M')",
  },
  clickhouse: {
    length: 'lengthUTF8($1)',
    regexp_replace: 'replaceRegexpOne($1)',
    hour_of: 'toHour(fromUnixTimestamp64Micro(assumeNotNull($1)))',
    seconds: 'toUnixTimestamp($1)',
    milliseconds: 'toUnixTimestamp64Milli($1)',
    instant: 'toDateTime($1)',
    instant_ms: 'fromUnixTimestamp64Milli($1)',
    date_of: 'toDate($1)',
    clock_of: "formatDateTime($1, '%H:%i')",
    lag: 'lagInFrame($1)',
  },
  polars: {
    date_of: 'cast($1 as date)',
    clock_of: "strftime($1, '%H:%M')",
    date_trunc: "strftime(EventTime, '%Y-%m-%d %H:%M:00')",
    hour: 'extract(hour from $1)',
    seconds: 'cast(extract(epoch from $1) as bigint)',
    instant: 'cast(($1) * 1000000 as timestamp)',
  },
};

function queryOf(engine, suite, question) {
  const file = path.join(__dirname, '..', 'pipelines', suite, 'queries.sql');
  const parts = fs.readFileSync(file, 'utf8').split(/^-- (q\d+)$/m);
  let sql = parts[parts.indexOf(question) + 1].trim().replace(/;$/, '');
  for (const [name, body] of Object.entries(functions[engine])) {
    const call = new RegExp(`\\b${name}\\(((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*)\\)`, 'g');
    sql = sql.replace(call, (_, argument) => body.replace('$1', () => argument));
  }
  return sql;
}

function columnsOf(table, input) {
  const head = Buffer.alloc(1 << 16);
  const file = fs.openSync(input);
  const n = fs.readSync(file, head);
  fs.closeSync(file);
  return table.columns ?? head.toString('utf8', 0, n).split('\n')[0].split(table.delimiter);
}

async function duckdb(table, query, input, output, threads) {
  const types = {
    text: 'varchar', time: 'timestamp', instant: 'timestamp', date: 'date', money: 'decimal(15,2)',
  };
  const engine = await require('@duckdb/node-api').DuckDBInstance.create(':memory:', { threads });
  const connection = await engine.connect();
  const source = table.json
    ? `(select did, time_us, kind, commit.operation as operation, commit.collection as collection
        from read_json('${input}', format = 'newline_delimited', auto_detect = false,
                       columns = {did: 'varchar', time_us: 'bigint', kind: 'varchar',
                                  commit: 'struct(operation varchar, collection varchar)'}))`
    : `read_csv('${input}', auto_detect = false, header = ${!table.columns},
                delim = '${table.delimiter}', quote = '${table.columns ? '' : '"'}',
                nullstr = '\\N', columns = {${columnsOf(table, input)
                  .map(name => `'${name}': '${types[table.types[name]] ?? 'bigint'}'`)}})`;
  const hops = '(select unnest([0, 2, 4, 6, 8]) as back) as hops';
  const answer = query.replaceAll(/\bfrom (\w+)/g,
    (all, name) => name === table.name ? `from ${source} as ${name}` : all).replace(/\bhops\b/, hops);
  await connection.run(`copy (${answer}) to '${output}' (header)`);
}

function clickhouse(table, query, input, output, threads) {
  const types = {
    text: 'String', time: 'DateTime(\\\'UTC\\\')', instant: 'DateTime64(3, \\\'UTC\\\')',
    date: 'Date', money: 'Decimal(15, 2)',
  };
  const source = table.json
    ? `(select did, time_us, kind, commit.operation as operation, commit.collection as collection
        from file('${input}', 'JSONEachRow', 'did String, time_us Int64, kind String,
                  commit Tuple(operation Nullable(String), collection Nullable(String))'))`
    : `(select * from file('${input}', '${table.columns ? 'CSV' : 'CSVWithNames'}',
            '${columnsOf(table, input)
              .map(name => `${name} ${types[table.types[name]] ?? 'Int64'}`)}')
        settings format_csv_delimiter = '${table.delimiter}')`;
  const hops = '(select arrayJoin([0, 2, 4, 6, 8]) as back) as hops';
  const answer = query.replaceAll('\\', '\\\\').replaceAll(/\bfrom (\w+)/g,
    (all, name) => name === table.name ? `from ${source} as ${name}` : all).replace(/\bhops\b/, hops);
  fs.rmSync(output, { force: true });
  require('chdb').query(
    `insert into function file('${output}', 'CSVWithNames') ${answer}
     settings max_threads = ${threads}, input_format_skip_unknown_fields = 1, session_timezone = 'UTC',
              joined_subquery_requires_alias = 0`);
}

async function polars(table, query, input, output) {
  const pl = require('nodejs-polars');
  const types = { text: pl.Utf8, time: pl.Utf8, instant: pl.Utf8, date: pl.Utf8, money: pl.Float64 };
  const patterns = { time: '%Y-%m-%d %H:%M:%S', instant: '%Y-%m-%d %H:%M:%S%.f' };
  const schema = Object.fromEntries(
    columnsOf(table, input).map(name => [name, types[table.types[name]] ?? pl.Int64]));
  let frame = pl.scanCSV(input, {
    hasHeader: !table.columns, sep: table.delimiter, schema,
  });
  for (const [name, type] of Object.entries(table.types))
    if (patterns[type] && new RegExp(`\\b${name}\\b`).test(query))
      frame = frame.withColumn(pl.col(name).str.strptime(pl.Datetime('ms'), patterns[type]));
  const replaced = /regexp_replace\((\w+), '(.*)', '\\1'\)/.exec(query);
  if (replaced) {
    const [call, column, pattern] = replaced;
    frame = frame.withColumn(
      pl.col(column).str.replace(new RegExp(pattern), '$1').alias('replaced'));
    query = query.replace(call, 'replaced');
  }
  const hops = pl.DataFrame({ back: [0, 2, 4, 6, 8] });
  const answer = pl.SQLContext({ [table.name]: frame, hops }).execute(query);
  if (answer._ldf instanceof Error) // what it does not know in a query is returned
    throw answer._ldf;
  await answer.sinkCSV(output).collect();
}

async function main(engine, suite, question, input, output, threads) {
  const table = tables[suite];
  const query = queryOf(engine, suite, question);
  await { duckdb, clickhouse, polars }[engine](table, query, input, output, Number(threads));
}

main(...process.argv.slice(2)).catch(error => {
  console.error(error.message);
  process.exitCode = 1;
});
