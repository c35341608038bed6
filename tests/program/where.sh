#!/bin/sh
# Filters and derived columns: [let], and where of the pipeline and of an aggregate.
. "$(dirname "$0")/harness.sh"

file x.csv 'origin,d,ts\nord,1,2020-01-01T00:10:00Z\nord,20,2020-01-01T01:10:00Z\njfk,-3,x\njfk,30,2020-01-01T01:59:00Z\nsfo,5,2020-01-01T03:59:00Z\n'
file p.ini '[pipeline]
group-by = o
where = d > 0
[source]
type = csv
[let]
hour = bucket(time(ts), 1h)
o = upper(origin)
late = d > 15
f = d * 9 / 5 + 32
[aggregate n]
type = count
[aggregate late]
type = count
where = late
[aggregate m]
type = mean
column = f
where = late
[aggregate last]
type = last
column = ts
where = d < 25
'

file one.ini '[pipeline]
group-by = hour
[source]
type = csv
[let]
hour = bucket(time(ts), 1h)
[aggregate n]
type = count
'
file bad.csv 'k,x\na,1\na,two\nb,3\nb,four\nc,9999999999999999999999999999999999999999\n'
file bad.ini '[source]
type = csv
[aggregate s]
type = sum
column = x
where = is_number(x)
[aggregate n]
type = count
where = x > 2 and k != '"'a'"'
'

everywhere 'keys and conditions' out 'o,n,late,m,last
JFK,1,1,86,
ORD,2,1,68,2020-01-01T01:10:00Z
SFO,1,0,,2020-01-01T03:59:00Z' -- run p.ini x.csv
everywhere 'a time as a key' out 'hour,n,late,m,last
2020-01-01T00:00:00Z,1,0,,2020-01-01T00:10:00Z
2020-01-01T01:00:00Z,2,2,77,2020-01-01T01:10:00Z
2020-01-01T03:00:00Z,1,0,,2020-01-01T03:59:00Z' -- run -s pipeline.group-by=hour p.ini x.csv

try 'the plan' out~ 'decoded     d (number), origin (text), ts (text)
where       d > 0: a condition of d
derived     o: a text of origin
derived     f: a number of d
' out~ 'aggregate   m: mean of f, where late; exact where it is a decimal of up to 38 digits, else rounded once' out. -- check p.ini x.csv

# What is filtered is not looked at.
# unit N NAME: seconds since 1970 that are something else by N.
unit () {
  try "$2 since 1970" code 1 in "t\n1700000000$1\n" \
    err "fanoutd: standard input:2: 1700000000$1 is no time of the years 1 to 9999, in seconds; of $2: time(x / 1$1); on-bad-value = null takes it for no value" -- agg 'max(hour(time(t)))'
}
unit '000' milliseconds
unit '000000' microseconds
unit '000000000' nanoseconds
everywhere 'a bad value that is looked at' code 1 err "fanoutd: x.csv:4: 'x' is no time that is known without a format: time(x, '%d.%m.%Y') reads others; on-bad-value = null takes it for no value" -- run -s pipeline.group-by=hour -s 'pipeline.where=d > -5' p.ini x.csv
everywhere 'taken for a null' out 'hour,n
2020-01-01T00:00:00Z,1
2020-01-01T01:00:00Z,2
2020-01-01T03:00:00Z,1
,1' err "fanoutd: 1 bad value taken as null; first: x.csv:4: 'x' is no time that is known without a format: time(x, '%d.%m.%Y') reads others" -- run -s source.on-bad-value=null one.ini x.csv

everywhere 'a condition that looks at a bad value' code 1 err "fanoutd: bad.csv:3: column 'x': 'two' is not a number; null-values or on-bad-value = null take it for no value" -- run bad.ini bad.csv
everywhere 'only where it is needed' code 1 err "fanoutd: bad.csv:5: column 'x': 'four' is not a number; null-values or on-bad-value = null take it for no value" -- run -s "aggregate n.where=k != 'a' and x > 2" bad.ini bad.csv
everywhere 'asked first' out 's,n
1e40,2' err "fanoutd: 1 number rounded to the nearest double; first: bad.csv:6: column 'x': '9999999999999999999999999999999999999999'" -- run -s "aggregate n.where=is_number(x) and k != 'a' and x > 2" bad.ini bad.csv
everywhere 'filtered rows do not count' out 's,n
4,1' -- run -s 'pipeline.where=is_number(x) and x < 1000' -s "aggregate n.where=x > 2" bad.ini bad.csv
try 'the rows, by fate' out. err~ '"rows":5,"rows_processed":2,"rows_filtered":3,"rows_late":0,"rows_skipped":0,"values_nulled":0,"numbers_rounded":0' -- run --stats -s 'pipeline.where=is_number(x) and x < 1000' -s "aggregate n.where=x > 2" bad.ini bad.csv

try 'mistakes, all at once' code 78 err "fanoutd: -s let.late=f +: [let] late: the expression ends where a number, a 'text', a column, a function or a parenthesis is wanted
fanoutd:   f +
fanoutd:      ^
fanoutd: -s pipeline.where=d > and: [pipeline] where: 'and' where a value (a column of that name is written in double quotes) is wanted
fanoutd:   d > and
fanoutd:       ^^^
fanoutd: p.ini:15: [aggregate late] where: a condition is wanted: say late = 'true', late != 0 or late is not null
fanoutd:   late
fanoutd:   ^^^^
fanoutd: p.ini:19: [aggregate m] where: a condition is wanted: say late = 'true', late != 0 or late is not null
fanoutd:   late
fanoutd:   ^^^^" -- run -s 'let.late=f +' -s 'pipeline.where=d > and' p.ini x.csv
try 'no such column' code 78 err "fanoutd: -s pipeline.where=delay > 0: [pipeline] where: no column 'delay' in x.csv; it has: origin, d, ts" -- run -s 'pipeline.where=delay > 0' one.ini x.csv
try 'a place in place of a name' out 'hour,n
2020-01-01T01:00:00Z,1' -- run -s 'pipeline.where=$2 = 20' one.ini x.csv
try 'no such place' code 78 err "fanoutd: -s pipeline.where=\$4 = 20: [pipeline] where: no column \$4; there are 3 columns" -- run -s 'pipeline.where=$4 = 20' one.ini x.csv

file thin.csv 'd\n25\n'
try 'no such place in a later input' code 1 err 'fanoutd: no column $2 in thin.csv, which has 1 column; missing-columns = null takes it for no value' -- run -s 'pipeline.where=$2 > 20' -s 'let.hour=d' one.ini x.csv thin.csv
try 'which is taken for no value' out 'hour,n
30,1
25,1' -- run -s source.missing-columns=null -s 'pipeline.where=$2 > 20 or $2 is null' -s 'let.hour=d' -s 'output.sort=hour desc' one.ini x.csv thin.csv

# A value is bad once, whatever is made of it.
file once.ini '[source]
type = csv
on-bad-value = null
[let]
y = x * 2
z = text(y + 1)
[aggregate sum]
type = sum
column = y
[aggregate last]
type = last
column = z
[aggregate plain]
type = sum
column = x
'
everywhere 'counted once' out 'sum,last,plain
8,7,4' err "fanoutd: 2 bad values taken as null; first: bad.csv:3: column 'x': 'two' is not a number" -- run -s "pipeline.where=k != 'c'" once.ini bad.csv
everywhere 'and in filters' out 'hour,n
2020-01-01T00:00:00Z,1
2020-01-01T01:00:00Z,2
2020-01-01T03:00:00Z,1
,1' err "fanoutd: 1 bad value taken as null; first: x.csv:4: 'x' is no time that is known without a format: time(x, '%d.%m.%Y') reads others" -- run -s source.on-bad-value=null -s 'pipeline.where=not time(ts) < 5' one.ini x.csv
# A place is that of another name where an input has another order.
file there.csv 'a,b\n1,2\nx,y\n'
file back.csv 'b,a\nx,5\nq,z\n'
file place.ini '[source]
type = csv
on-bad-value = null
[let]
y = $1 + a
z = a + $1
[aggregate y]
type = sum
column = y
[aggregate z]
type = sum
column = z
[aggregate a]
type = sum
column = a
'
everywhere 'of two columns, or of one' out 'y,z,a
2,2,6' err "fanoutd: 4 bad values taken as null; first: there.csv:3: column 'a': 'x' is not a number" -- run place.ini there.csv back.csv

# Places behind rows that were skipped.
file lines.csv 'k,x\n"a\nb",1,more\na,1,"more\n\n"\n"c\n",x\n'
everywhere 'a line behind skipped rows' code 1 err "fanoutd: lines.csv:7: column 'x': 'x' is not a number; null-values or on-bad-value = null take it for no value" -- run -s source.on-bad-row=skip -s 'pipeline.where=x > 0' bad.ini lines.csv

# Rows are counted up to the one that was enough.
file first.ini '[pipeline]
where = k != '"'b'"'
[source]
type = csv
[aggregate first]
type = first
column = x
'
printf 'k,x\nb,1\nb,2\n' >b.csv
ways="$ways,fiber 4096 4,threads 4096 4"
everywhere 'nothing behind it counts' out 'first
1' err~ '"rows":1,"rows_processed":1,"rows_filtered":0,' -- run --stats first.ini bad.csv b.csv b.csv b.csv bad.csv
# A column may come behind it.
file sparse.ini '[source]
type = jsonl
[let]
y = coalesce(x, 1)
[aggregate first]
type = first
column = y
'
printf '{}\n{}\n' >none.jsonl
printf '{}\n{"x":2}\n' >some.jsonl
everywhere 'not all rows were read' out 'first
1' -- run sparse.ini none.jsonl some.jsonl some.jsonl
file range.ini '[pipeline]
where = value %% 3 = 2
[source]
type = range
stop = 100000
[aggregate first]
type = first
column = value
'
everywhere 'nor in a range' out 'first
2' err~ '"rows":3,"rows_processed":1,"rows_filtered":2,' -- run --stats range.ini

# However many chunks have no row left.
# shellcheck disable=SC3045 # every sh that there is has -S
old=$(ulimit -S -s)
# shellcheck disable=SC3045
ulimit -S -s 512
try 'no row at all' out 'first
""' -- run -s source.stop=100000000 -s pipeline.where=false -s pipeline.partitions=1 range.ini
# shellcheck disable=SC3045
ulimit -S -s "$old"

if command -v python3 >/dev/null; then
  check 'the same as a model' python3 "$here/pipelines.py" "$FANOUTD" 1 25
fi

sed 's/group-by = hour/group-by = origin, hour(time(ts))/' one.ini >keys.ini
try 'an expression in place of a column' code 78 err "fanoutd: keys.ini:2: [pipeline] group-by: no column 'hour(time(ts))' in x.csv; it has: origin, d, ts; an expression has a name: say NAME = EXPRESSION in [let]" -- run keys.ini x.csv

finish
