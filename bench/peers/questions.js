// The questions, for the peers that speak SQL.  The columns and the order of an answer are those of
// fanoutd's.  QUANTILES is what an engine calls the list of exact quantiles 0.5, 0.9 and 0.99.
'use strict';

const stations = {
  header: false,
  delimiter: ';',
  columns: { station: 'text', temperature: 'double' },
};
const flights = {
  header: true,
  delimiter: ',',
  columns: { date: 'text', delay: 'int', distance: 'int', origin: 'text', destination: 'text' },
};
const groupby = {
  header: true,
  delimiter: ',',
  columns: {
    id1: 'text', id2: 'text', id3: 'text', id4: 'int', id5: 'int', id6: 'int',
    v1: 'int', v2: 'int', v3: 'double',
  },
};

const logs = {
  json: true,
  columns: { level: 'text', bytes: 'int', latency: 'double' },
};

exports.inputs = {
  A: stations, B: flights, C: flights,
  K: logs,
  D1: groupby, D2: groupby, D3: groupby, D4: groupby, D5: groupby,
};

const grouped = (keys, aggregates, table) =>
  `select ${keys}, ${aggregates} from ${table} group by ${keys} order by ${keys}`;

exports.query = (question, table, quantiles) => {
  const delay = `avg(delay) as mean, min(delay) as least, max(delay) as most,
                 stddev_samp(delay) as deviation`;
  switch (question) {
    case 'A':
      return grouped('station', 'min(temperature), avg(temperature), max(temperature)', table);
    case 'B':
      return `select origin, flights, miles, mean, least, most, deviation, q[1], q[2], q[3],
                     places
              from (select origin, count(*) as flights, sum(distance) as miles, ${delay},
                           ${quantiles} as q, count(distinct destination) as places
                    from ${table} group by origin) as answer
              order by origin`;
    case 'C':
      return `select count(*), sum(delay), ${delay} from ${table}`;
    case 'K':
      return grouped('level', 'count(*), sum(bytes), avg(latency)', table);
    case 'D1':
      return grouped('id1', 'sum(v1)', table);
    case 'D2':
      return grouped('id1, id2', 'sum(v1)', table);
    case 'D3':
      return grouped('id3', 'sum(v1), avg(v3)', table);
    case 'D4':
      return grouped('id6', 'sum(v1), sum(v2), sum(v3)', table);
    case 'D5':
      return grouped('id1, id2, id3, id4, id5, id6', 'sum(v3), count(*)', table);
  }
};
