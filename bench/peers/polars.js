// node polars.js QUESTION INPUT OUTPUT, or `node polars.js start` for the engine alone; threads are
// POLARS_MAX_THREADS
'use strict';

const pl = require('nodejs-polars');
const { inputs } = require('./questions.js');

const types = { text: pl.Utf8, int: pl.Int32, double: pl.Float64 };
const grouped = (keys, ...aggregates) => lf => lf.groupBy(keys).agg(...aggregates).sort(keys);
const sum = (name, type = pl.Int64) => pl.col(name).cast(type).sum().alias(`sum_${name}`);
const delay = pl.col('delay');
const statistics = [
  delay.mean().alias('mean'), delay.min().alias('min'), delay.max().alias('max'),
  delay.std().alias('stddev'),
];

const questions = {
  A: grouped(['station'], pl.col('temperature').min().alias('min'),
             pl.col('temperature').mean().alias('mean'), pl.col('temperature').max().alias('max')),
  B: grouped(['origin'], delay.count().alias('flights'), sum('distance'), ...statistics,
             ...[0.5, 0.9, 0.99].map(q => delay.quantile(q, 'linear').alias(`p${q}`)),
             pl.col('destination').nUnique().alias('destinations')),
  C: lf => lf.select(delay.count().alias('flights'), sum('delay'), ...statistics),
  D1: grouped(['id1'], sum('v1')),
  D2: grouped(['id1', 'id2'], sum('v1')),
  D3: grouped(['id3'], sum('v1'), pl.col('v3').mean().alias('mean_v3')),
  D4: grouped(['id6'], sum('v1'), sum('v2'), sum('v3', pl.Float64)),
  D5: grouped(['id1', 'id2', 'id3', 'id4', 'id5', 'id6'], sum('v3', pl.Float64),
              pl.col('v3').count().alias('count')),
};

async function main(question, input, output) {
  if (question === 'start')
    return pl.DataFrame({ one: [1] });

  const { header, delimiter, columns } = inputs[question];
  const schema = {};
  for (const [name, type] of Object.entries(columns))
    schema[name] = types[type];
  const table = pl.scanCSV(input, { hasHeader: header, sep: delimiter, schema });
  return questions[question](table).sinkCSV(output).collect();
}

main(...process.argv.slice(2));
