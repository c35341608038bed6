// node duckdb.js QUESTION INPUT OUTPUT THREADS, or `node duckdb.js start` for the engine alone
'use strict';

const { DuckDBInstance } = require('@duckdb/node-api');
const { inputs, query } = require('./questions.js');

const types = { text: 'varchar', int: 'integer', double: 'double' };

async function main(question, input, output, threads) {
  const engine = await DuckDBInstance.create(':memory:', threads ? { threads } : {});
  const connection = await engine.connect();
  if (question === 'start')
    return connection.run('select 1');

  const { header, delimiter, columns, json } = inputs[question];
  const schema = Object.entries(columns).map(([name, type]) => `'${name}': '${types[type]}'`);
  const table = json
    ? `read_json('${input}', format = 'newline_delimited', auto_detect = false,
                 columns = {${schema}})`
    : `read_csv('${input}', auto_detect = false, header = ${header},
                          delim = '${delimiter}', columns = {${schema}})`;
  const answer = query(question, table, 'quantile_cont(delay, [0.5, 0.9, 0.99])');
  return connection.run(`copy (${answer}) to '${output}' (header)`);
}

main(...process.argv.slice(2));
