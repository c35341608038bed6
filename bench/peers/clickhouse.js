// node clickhouse.js QUESTION INPUT OUTPUT THREADS, or `node clickhouse.js start` for the engine
// alone
'use strict';

const fs = require('fs');
const chdb = require('chdb');
const { inputs, query } = require('./questions.js');

const types = { text: 'String', int: 'Int32', double: 'Float64' };

function main(question, input, output, threads) {
  if (question === 'start')
    return chdb.query('select 1', 'CSV');

  const { header, delimiter, columns, json } = inputs[question];
  const schema = Object.entries(columns).map(([name, type]) => `${name} ${types[type]}`);
  const table = json
    ? `file('${input}', 'JSONEachRow', '${schema}')`
    : `(select * from file('${input}', '${header ? 'CSVWithNames' : 'CSV'}', '${schema}')
        settings format_csv_delimiter = '${delimiter}')`;
  const answer = query(question, table, 'quantilesExactInclusive(0.5, 0.9, 0.99)(delay)');
  fs.rmSync(output, { force: true });
  return chdb.query(`insert into function file('${output}', 'CSVWithNames') ${answer}
                     settings max_threads = ${threads}`);
}

main(...process.argv.slice(2));
