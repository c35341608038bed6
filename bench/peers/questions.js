// What is asked, for the peers that speak SQL: columns with their types, and the query.  `dialect`
// names what the two call differently.  The answers' columns and order are those of fanoutd.
'use strict';

const stations = { station: 'text', temperature: 'double' };
const flights = { date: 'text', delay: 'int', distance: 'int', origin: 'text',
                  destination: 'text' };
const groupby = { id1: 'text', id2: 'text', id3: 'text', id4: 'int', id5: 'int', id6: 'int',
                  v1: 'int', v2: 'int', v3: 'double' };
const by = (keys, sums) => dialect => table =>
  `select ${keys}, ${sums} from ${table} group by ${keys} order by ${keys}`;

exports.questions = {
  A: {
    columns: stations, header: false, delimiter: ';',
    query: () => table => `select station, min(temperature) as min, avg(temperature) as mean,
      max(temperature) as max from ${table} group by station order by station`,
  },
  B: {
    columns: flights, header: true, delimiter: ',',
    query: dialect => table => `select origin, flights, distance, mean, min, max, stddev,
      q[1] as p50, q[2] as p90, q[3] as p99, destinations
      from (select origin, count(*) as flights, sum(distance) as distance, avg(delay) as mean,
        min(delay) as min, max(delay) as max, ${dialect.stddev}(delay) as stddev,
        ${dialect.quantiles('delay', [0.5, 0.9, 0.99])} as q,
        ${dialect.distinct('destination')} as destinations
        from ${table} group by origin) as answer order by origin`,
  },
  C: {
    columns: flights, header: true, delimiter: ',',
    query: dialect => table => `select count(*) as flights, sum(delay) as sum, avg(delay) as mean,
      min(delay) as min, max(delay) as max, ${dialect.stddev}(delay) as stddev from ${table}`,
  },
  D1: { columns: groupby, header: true, delimiter: ',', query: by('id1', 'sum(v1) as v1') },
  D2: { columns: groupby, header: true, delimiter: ',', query: by('id1, id2', 'sum(v1) as v1') },
  D3: {
    columns: groupby, header: true, delimiter: ',',
    query: by('id3', 'sum(v1) as v1, avg(v3) as v3'),
  },
  D4: {
    columns: groupby, header: true, delimiter: ',',
    query: by('id6', 'sum(v1) as v1, sum(v2) as v2, sum(v3) as v3'),
  },
  D5: {
    columns: groupby, header: true, delimiter: ',',
    query: by('id1, id2, id3, id4, id5, id6', 'sum(v3) as v3, count(*) as count'),
  },
};
