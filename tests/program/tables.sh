#!/bin/sh
# Several tables from one pass.
. "$(dirname "$0")/harness.sh"

file x.csv 'origin,d,ts\nord,1,2020-01-01T00:10:00Z\nord,20,2020-01-01T01:10:00Z\njfk,-3,x\njfk,30,2020-01-01T01:59:00Z\nsfo,5,2020-01-01T03:59:00Z\n'
file p.ini '[source]
type = csv
[let]
o = upper(origin)
late = d > 15
[aggregate n]
type = count
[aggregate big]
type = count
where = late
tables = both, o
[aggregate m]
type = mean
column = d
[table both]
group-by = o, late
rollup = true
[table o]
group-by = o
sort = n desc
limit = 2
[table all]
[table late]
where = late
group-by = o
[output]
format = json
'

everywhere 'as JSON' out '{
"both": [
{"o":"JFK","late":"false","grouping":"o, late","n":1,"big":0,"m":-3},
{"o":"JFK","late":"true","grouping":"o, late","n":1,"big":1,"m":30},
{"o":"JFK","late":null,"grouping":"o","n":2,"big":1,"m":13.5},
{"o":"ORD","late":"false","grouping":"o, late","n":1,"big":0,"m":1},
{"o":"ORD","late":"true","grouping":"o, late","n":1,"big":1,"m":20},
{"o":"ORD","late":null,"grouping":"o","n":2,"big":1,"m":10.5},
{"o":"SFO","late":"false","grouping":"o, late","n":1,"big":0,"m":5},
{"o":"SFO","late":null,"grouping":"o","n":1,"big":0,"m":5},
{"o":null,"late":null,"grouping":null,"n":5,"big":2,"m":10.6}
],
"o": [
{"o":"JFK","n":2,"big":1,"m":13.5},
{"o":"ORD","n":2,"big":1,"m":10.5}
],
"all": [
{"n":5,"m":10.6}
],
"late": [
{"o":"JFK","n":1,"m":30},
{"o":"ORD","n":1,"m":20}
]
}' -- run p.ini x.csv
try 'as lines' out~ '{"table":"o","o":"JFK","n":2,"big":1,"m":13.5}
{"table":"o","o":"ORD","n":2,"big":1,"m":10.5}
{"table":"all","n":5,"m":10.6}
' out. -- run -f ndjson p.ini x.csv
try 'as text' out~ 'all
n     5
m  10.6

late
o    n   m
JFK  1  30
ORD  1  20' out. -- run -f table p.ini x.csv
try 'what is computed' out~ 'derived     o: a text of origin
derived     late: a condition of d
' out. -- check p.ini x.csv
try 'what is made from what' out~ 'table       both, combined from the groups of all its keys, with subtotals
group by    o, late (at most 1000000 groups)
table       o, combined from the groups of all keys of both
group by    o (at most 1000000 groups)
table       all, combined from the groups of all keys of both
table       late, where late
group by    o (at most 1000000 groups)
' out. -- check p.ini x.csv

# However it is said where that is.
file plain.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[table a]\ngroup-by = origin\npath = out/same\n[table b]\n'
mkdir out
ln -s out/same link
for path in out/same ./out/same out//same "$folder/out/same" out/../out/same link; do
  try "one file of one table, said as $path" code 78 err~ "[table b]: csv to $path, where [table a] goes as well, but csv holds one table" -- \
    run -f csv -s "table b.path=$path" plain.ini x.csv
  try "one file of objects, said as $path" -- run -f ndjson -s "table b.path=$path" plain.ini x.csv
  check 'both are there' test "$(sort out/same | paste -s -d ' ')" = '{"table":"a","origin":"jfk","n":2} {"table":"a","origin":"ord","n":2} {"table":"a","origin":"sfo","n":1} {"table":"b","n":5}'
  rm -f out/same
done
try 'one place' code 78 err "fanoutd: p.ini:18: [table o]: csv to standard output, where [table both] goes as well, but csv holds one table; possible: format = json or ndjson, or a path for each
fanoutd: p.ini:22: [table all]: csv to standard output, where [table both] goes as well, but csv holds one table; possible: format = json or ndjson, or a path for each
fanoutd: p.ini:23: [table late]: csv to standard output, where [table both] goes as well, but csv holds one table; possible: format = json or ndjson, or a path for each" -- run -f csv p.ini x.csv
try 'places of their own' out 'n,m
5,10.6' -- run -f csv -s 'table both.path=both.tsv' -s 'table both.format=tsv' -s 'table o.path=o.csv' -s 'table late.path=late.json' -s 'table late.format=json' -s 'table late.indent=2' p.ini x.csv
check 'the first' cmp -s o.csv - <<'X'
o,n,big,m
JFK,2,1,13.5
ORD,2,1,10.5
X
check 'the other' sh -c 'head -n 2 both.tsv | tail -n 1 | grep -x "JFK	false	o, late	1	0	-3"'
check 'with its option' cmp -s late.json - <<'X'
[
  {
    "o": "JFK",
    "n": 1,
    "m": 30
  },
  {
    "o": "ORD",
    "n": 1,
    "m": 20
  }
]
X

# Parts.
try 'a part' -- run --partial a.part p.ini x.csv
try 'another' -- run --partial b.part p.ini x.csv
try 'merged' out~ '"all": [
{"n":10,"m":10.6}
],
"late": [
{"o":"JFK","n":2,"m":30},
{"o":"ORD","n":2,"m":20}
]' out. -- merge a.part b.part
try 'other filters' -- run --partial c.part -s 'table late.where=d > 16' p.ini x.csv
try 'are another plan' code 1 err 'fanoutd: c.part: a partial result of another plan: its group-by, its filters or the options of an aggregate differ' -- merge a.part c.part

# Subtotals come behind what they are of, where a key is null as well.
file null.csv 'a,b,v\n1,,5\n1,x,2\n2,x,1\n2,,3\n,,9\n'
try 'a rollup with null keys' out 'a,b,grouping,s
1,x,"a, b",2
1,,"a, b",5
1,,a,7
2,x,"a, b",1
2,,"a, b",3
2,,a,4
,,"a, b",9
,,a,9
,,,20' -- agg -f csv -g a,b --rollup 's=sum(v)' -- null.csv
try 'the same, sorted' out 'a,b,grouping,s
1,x,"a, b",2
2,x,"a, b",1
1,,"a, b",5
1,,a,7' -- agg -f csv -g a,b --rollup --sort b -n 4 's=sum(v)' -- null.csv

# Mistakes.
try 'group-by beside tables' code 78 err 'fanoutd: -s pipeline.group-by=o: [pipeline] group-by: it has no meaning beside [table NAME]: say group-by there' -- run -s pipeline.group-by=o p.ini x.csv
try 'no such table' code 78 err "fanoutd: -s aggregate big.tables=bothe: [aggregate big] tables: no table 'bothe'; there are: both, o, all, late; did you mean 'both'?" -- run -s 'aggregate big.tables=bothe' p.ini x.csv
try 'nothing in it' code 78 err "fanoutd: p.ini:22: [table all]: no aggregate is in it" -- run -s 'aggregate n.tables=o, both, late' -s 'aggregate m.tables=o, both, late' p.ini x.csv
try 'what cannot be combined' code 78 err "fanoutd: p.ini:17: [table both] rollup: it combines groups, and ewma (aggregate 'm') cannot be combined" -- run -s 'aggregate m.type=ewma' -s 'aggregate m.alpha=0.5' p.ini x.csv
try 'a column of another table' code 78 err "fanoutd: -s output.sort=big: [table all] sort: 'big' is no result column, with desc or without; there are: n, m
fanoutd: -s output.sort=big: [table late] sort: 'big' is no result column, with desc or without; there are: o, n, m" -- run -s output.sort=big p.ini x.csv

finish
