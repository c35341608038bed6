#!/bin/sh
# What a table leaves out: having, offset, limit and rest; [result] over several tables.
. "$(dirname "$0")/harness.sh"

file f.csv 'o,d,n\nord,1,5\nord,20,7\njfk,-3,1\njfk,30,2\nsfo,5,9\n,7,3\n'
file p.ini '[source]
type = csv
[aggregate flights]
type = count
[aggregate s]
type = sum
column = n
tables = o, all
[aggregate m]
type = median
column = n
[aggregate last]
type = last
column = o
tables = o
[table o]
group-by = o
having = flights > 1 or s > 8
sort = share desc, s desc
limit = 1
rest = other
[table all]
[table both]
group-by = o, d
rollup = true
[result]
share = flights / total(flights)
per = s / flights
[output]
format = json
'
file o.ini '[source]
type = csv
[aggregate flights]
type = count
[aggregate s]
type = sum
column = n
[aggregate last]
type = last
column = n
[table o]
group-by = o
[result]
share = s / total(s)
'

# A total has each row once, also where there are subtotals.
everywhere 'of every table that has what they name' out '{
"o": [
{"o":"ord","flights":2,"s":12,"m":6,"last":"ord","share":0.3333333333333333,"per":6},
{"o":"other","flights":4,"s":15,"m":2.5,"last":"sfo","share":0.6666666666666666,"per":3.75}
],
"all": [
{"flights":6,"s":27,"m":4,"share":1,"per":4.5}
],
"both": [
{"o":"jfk","d":"-3","grouping":"o, d","flights":1,"m":1,"share":0.16666666666666666},
{"o":"jfk","d":"30","grouping":"o, d","flights":1,"m":2,"share":0.16666666666666666},
{"o":"jfk","d":null,"grouping":"o","flights":2,"m":1.5,"share":0.3333333333333333},
{"o":"ord","d":"1","grouping":"o, d","flights":1,"m":5,"share":0.16666666666666666},
{"o":"ord","d":"20","grouping":"o, d","flights":1,"m":7,"share":0.16666666666666666},
{"o":"ord","d":null,"grouping":"o","flights":2,"m":6,"share":0.3333333333333333},
{"o":"sfo","d":"5","grouping":"o, d","flights":1,"m":9,"share":0.16666666666666666},
{"o":"sfo","d":null,"grouping":"o","flights":1,"m":9,"share":0.16666666666666666},
{"o":null,"d":"7","grouping":"o, d","flights":1,"m":3,"share":0.16666666666666666},
{"o":null,"d":null,"grouping":"o","flights":1,"m":3,"share":0.16666666666666666},
{"o":null,"d":null,"grouping":null,"flights":6,"m":4,"share":1}
]
}' -- run p.ini f.csv

everywhere 'having' out 'o,flights,s,last,share
ord,2,12,7,0.4444444444444444
sfo,1,9,9,0.3333333333333333' -- run -s 'table o.having=share > 1/4' o.ini f.csv
everywhere 'having, then the rest' out 'o,flights,s,last,share
ord,2,12,7,0.4444444444444444
sfo,1,9,9,0.3333333333333333
all others,3,6,3,0.2222222222222222' -- run -s 'table o.having=s * 4 > total(s)' -s 'table o.rest=all others' o.ini f.csv
everywhere 'having, sort, limit, rest' out 'o,flights,s,last,share
sfo,1,9,9,0.3333333333333333
x,5,18,3,0.6666666666666666' -- run -s 'table o.having=s != 12' -s 'table o.sort=share desc' -s 'table o.limit=1' -s 'table o.rest=x' o.ini f.csv
everywhere 'sort, offset, limit' out 'o,flights,s,last,share
sfo,1,9,9,0.3333333333333333
jfk,2,3,2,0.1111111111111111' -- run -s 'table o.sort=share desc' -s 'table o.offset=1' -s 'table o.limit=2' o.ini f.csv
try 'an offset alone, and the rest before it' out 'o,flights,s,last,share
sfo,1,9,9,0.3333333333333333
,1,3,3,0.1111111111111111
x,4,15,2,0.5555555555555556' -- run -s 'table o.offset=2' -s 'table o.rest=x' o.ini f.csv
try 'an offset beyond all' out 'o,flights,s,last,share' -- run -s 'table o.offset=4' o.ini f.csv
try 'and beyond all numbers' out 'o,flights,s,last,share' -- run -s 'table o.offset=9223372036854775807' -s 'table o.limit=9223372036854775807' o.ini f.csv
try 'check shows both' out~ ', from row 2 on, at most 2 rows' -- check -s 'table o.offset=1' -s 'table o.limit=2' o.ini f.csv
try 'nobody is left' out 'o,flights,s,last,share
x,6,27,3,1' -- run -s 'table o.having=o is null and o is not null' -s 'table o.rest=x' o.ini f.csv
try 'nobody is left out' out 'o,flights,s,last,share
jfk,2,3,2,0.1111111111111111
ord,2,12,7,0.4444444444444444
sfo,1,9,9,0.3333333333333333
,1,3,3,0.1111111111111111' -- run -s 'table o.having=flights > 0' -s 'table o.limit=4' -s 'table o.rest=x' o.ini f.csv
everywhere 'other keys are null' out 'o,d,flights,s,last,share
sfo,5,1,9,9,0.3333333333333333
x,,5,18,3,0.6666666666666666' -- run -s 'table o.group-by=o, d' -s 'table o.sort=s desc' -s 'table o.limit=1' -s 'table o.rest=x' o.ini f.csv
try 'a null does not hold' out 'o,flights,s,last,share' -- run -s 'table o.having=null < s' o.ini f.csv
try 'lists of the rest' out 'o,flights,s,last,u,share
ord,2,12,7,"[""5"",""7""]",0.4444444444444444
x,4,15,3,"[""1"",""2"",""3"",""9""]",0.5555555555555556' -- run -s 'aggregate u.type=unique' -s 'aggregate u.column=n' -s 'table o.sort=s desc' -s 'table o.limit=1' -s 'table o.rest=x' o.ini f.csv

# A value is looked at where it is used.
everywhere 'a bad value' code 1 err "fanoutd: [table o] having, row of o 'jfk': column 'o': 'jfk' is not a number; [source] on-bad-value = null takes it for no value" -- run -s 'table o.having=o > 1' o.ini f.csv
try 'where nobody looks' out 'o,flights,s,last,share
,1,3,3,0.1111111111111111' -- run -s 'table o.having=o is null or s > 100 and o > 1' o.ini f.csv
try 'taken for a null' out 'o,flights,s,last,share
,1,3,3,0.1111111111111111' -- run -s source.on-bad-value=null -s 'table o.having=o > 1 or o is null' o.ini f.csv
try 'in a row left out' out 'o,flights,s,last,share,x
,1,3,3,0.1111111111111111,' -- run -s 'result.x=o + 1' -s 'table o.having=o is null' o.ini f.csv
try 'the name of the rest is none' out 'o,flights,s,last,share,x
,1,3,3,0.1111111111111111,
y,5,24,9,0.8888888888888888,' -- run -s 'result.x=o + 1' -s 'table o.having=o is null' -s 'table o.rest=y' o.ini f.csv

# Many groups, in pieces.
check 'many rows' sh -c 'awk "BEGIN { print \"k,x\"; for (i = 0; i < 15000; i++) print i * 7919 % 5003 \",\" i % 97 }" >m.csv'
file m.ini '[source]
type = csv
[aggregate n]
type = count
[aggregate s]
type = sum
column = x
[aggregate q]
type = median
column = x
[table k]
group-by = k
having = n = 3 and s %% 2 = 0
sort = s desc
limit = 1200
rest = rest
[table all]
[result]
share = s / total(s)
'
"$FANOUTD" run -f ndjson m.ini m.csv >.first 2>/dev/null
everywhere 'in pieces' out "$(cat .first)" -- run -f ndjson m.ini m.csv
check 'sums of both tables' python3 - <<'X'
import json
rows = [json.loads(line) for line in open('.first')]
k = [row for row in rows if row['table'] == 'k']
(all_,) = [row for row in rows if row['table'] == 'all']
assert len(k) == 1201 and k[-1]['k'] == 'rest', len(k)
assert sum(row['n'] for row in k) == all_['n'] == 15000
assert sum(row['s'] for row in k) == all_['s']
assert all(row['n'] == 3 and row['s'] % 2 == 0 for row in k[:-1])
assert all(a['s'] >= b['s'] for a, b in zip(k[:-1], k[1:-1]))
X

# Parts.
file f1.csv 'o,d,n\nord,1,5\nord,20,7\njfk,-3,1\n'
file f2.csv 'o,d,n\njfk,30,2\nsfo,5,9\n,7,3\n'
try 'a part' -- run --partial 1.part -s 'table o.having=s > 4' -s 'table o.rest=x' o.ini f1.csv
try 'another' -- run --partial 2.part o.ini f2.csv
try 'merged' out 'o,flights,s,last,share
ord,2,12,7,0.4444444444444444
sfo,1,9,9,0.3333333333333333
x,3,6,3,0.2222222222222222' -- merge 1.part 2.part
try 'merged otherwise' out 'o,flights,s,last,share
jfk,2,3,2,0.1111111111111111
y,4,24,3,0.8888888888888888' -- merge -s 'table o.rest=y' -s "table o.having=o = 'jfk'" 1.part 2.part

try 'the plan' out~ 'table       o, having flights > 1 or s > 8
' out~ 'result      share in o: a number of flights, total(flights)
result      per in o: a number of flights, s
result      share in all: a number of flights, total(flights)
result      per in all: a number of flights, s
result      share in both: a number of flights, total(flights)
output      json to standard output, sorted by share desc, s desc, at most 1 row, the rest as other
' -- check p.ini f.csv

if command -v python3 >/dev/null; then
  check 'the same as fractions' python3 "$here/result.py" "$FANOUTD"
fi

# Mistakes.
try 'all at once' code 78 err "fanoutd: -s result.x=s + d: [result] x: no table has all the columns that this names
fanoutd: -s result.y=flght: [result] y: no result column 'flght'; there are: o, flights, s, m, last, share, per, d, grouping; did you mean 'flights'?
fanoutd:   flght
fanoutd:   ^^^^^
fanoutd: -s table o.having=flght > 1: [table o] having: no result column 'flght'; there are: o, flights, s, m, last, share, per; did you mean 'flights'?
fanoutd:   flght > 1
fanoutd:   ^^^^^
fanoutd: -s table all.rest=x: [table all] rest: there are no groups to combine: group-by is missing
fanoutd: -s table both.rest=x: [table both] rest: subtotals have the rest in them already: it has no place beside rollup" -- run -s 'table o.having=flght > 1' -s 'table all.rest=x' -s 'table both.rest=x' -s 'result.x=s + d' -s 'result.y=flght' p.ini f.csv
try 'no condition' code 78 err "fanoutd: -s table o.having=s: [table o] having: a condition is wanted: say s = 'true', s != 0 or s is not null
fanoutd:   s
fanoutd:   ^" -- run -s 'table o.having=s' o.ini f.csv
try 'what cannot be combined' code 78 err "fanoutd: -s table o.rest=x: [table o] rest: it combines groups, and ewma (aggregate 'last') cannot be combined" -- run -s 'aggregate last.type=ewma' -s 'aggregate last.alpha=0.5' -s 'table o.rest=x' o.ini f.csv

finish
