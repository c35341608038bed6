#!/bin/sh
# [window]: results by event time.
. "$(dirname "$0")/harness.sh"

check 'windows agree with the model' python3 "$here/windows.py" "$FANOUTD" 1 8
check 'windows of very many slices agree with it' python3 "$here/windows.py" "$FANOUTD" 2 3 64s/1s 5m/3s

# What slices without rows take would be many times of that.
file few.ini '[source]\ntype = csv\npath = few.csv\n[window]\ntime = t\nsize = 12h\nevery = 1s\n[aggregate n]\ntype = count\n'
file few.csv 't\n-30000\n5\n5.5\n'
few () { "$FANOUTD" run -f csv -s pipeline.max-memory=8M few.ini >few.out && [ "$(wc -l <few.out)" = 73206 ]; }
check 'few rows in windows of very many slices' few

file a.csv 't,k,v\n0,a,1\n10,b,2\n59.9,a,3\n60,a,4\n61,b,5\n125,a,6\n30,a,7\n130,c,8\n'
file w.ini '[source]
type = csv
path = a.csv
[pipeline]
group-by = k
[window]
time = t
size = 1m
lateness = 10s
[aggregate n]
type = count
[aggregate s]
type = sum
column = v
'
late='fanoutd: 1 row late: their windows were over; first: a.csv:8; [window] lateness waits longer'

try 'a row per window and group' err "$late" out 'window_start,window_end,k,n,s
1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,a,2,4
1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,b,1,2
1970-01-01T00:01:00Z,1970-01-01T00:02:00Z,a,1,4
1970-01-01T00:01:00Z,1970-01-01T00:02:00Z,b,1,5
1970-01-01T00:02:00Z,1970-01-01T00:03:00Z,a,1,6
1970-01-01T00:02:00Z,1970-01-01T00:03:00Z,c,1,8' -- run w.ini
try 'overlapping' err~ '"rows_processed":8,"rows_filtered":0,"rows_late":0' out 'window_start,window_end,n,s
1969-12-31T23:59:00Z,1970-01-01T00:01:00Z,3,6
1970-01-01T00:00:00Z,1970-01-01T00:02:00Z,6,22
1970-01-01T00:01:00Z,1970-01-01T00:03:00Z,4,23
1970-01-01T00:02:00Z,1970-01-01T00:04:00Z,2,14' -- run --stats -s window.size=2m -s window.every=1m -s pipeline.group-by= w.ini
try 'late rows may be errors' code 1 err 'fanoutd: a.csv:8: the row is late: its windows are over; [window] lateness waits longer, late = count passes over such rows' -- run -s window.late=fail -s pipeline.group-by= -s output.header=false -s pipeline.batch=1 w.ini
try 'sorted, limited and shared out in each window' err "$late" out '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:01:00Z","k":"a","n":2,"s":4,"share":0.6666666666666666}
{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:01:00Z","k":"other","n":1,"s":2,"share":0.3333333333333333}
{"window_start":"1970-01-01T00:01:00Z","window_end":"1970-01-01T00:02:00Z","k":"b","n":1,"s":5,"share":0.5555555555555556}
{"window_start":"1970-01-01T00:01:00Z","window_end":"1970-01-01T00:02:00Z","k":"other","n":1,"s":4,"share":0.4444444444444444}
{"window_start":"1970-01-01T00:02:00Z","window_end":"1970-01-01T00:03:00Z","k":"c","n":1,"s":8,"share":0.5714285714285714}
{"window_start":"1970-01-01T00:02:00Z","window_end":"1970-01-01T00:03:00Z","k":"other","n":1,"s":6,"share":0.42857142857142855}' -- run -f ndjson -s 'result.share=s / total(s)' -s 'output.sort=s desc' -s output.limit=1 -s 'table t.rest=other' -s 'table t.group-by=k' -s pipeline.group-by= w.ini
try 'a path with a date' err "$late" -- run -f csv -s 'output.path=of%%%Y.csv' w.ini
check 'the date is in it' test -s of%1970.csv
try 'a path with no date that is known' code 78 err "fanoutd: w.ini:4: [output] path: '%Q.csv' has no date that is known: %Y-%m-%d is one, as date(1) has it, %% is one %" -- run -s 'output.path=%Q.csv' w.ini
try 'several tables and a rollup' err "$late" out '{"table":"all","window_start":"1970-01-01T00:02:00Z","window_end":"1970-01-01T00:03:00Z","n":1,"s":8}
{"table":"k","window_start":"1970-01-01T00:02:00Z","window_end":"1970-01-01T00:03:00Z","k":"c","grouping":"k","n":1,"s":8}
{"table":"k","window_start":"1970-01-01T00:02:00Z","window_end":"1970-01-01T00:03:00Z","k":null,"grouping":null,"n":1,"s":8}' -- run -f ndjson -s 'table all.group-by=' -s 'table k.group-by=k' -s 'table k.rollup=true' -s pipeline.group-by= -s "table all.where=v > 7" -s "table k.where=v > 7" w.ini
try 'no rows: the header' out 'window_start,window_end,k,n,s' in 't,k,v\n' -- run w.ini -
try 'no rows: an empty list' out '[]' in 't,k,v\n' -- run -f json w.ini -
try 'a table for each' in 't,k,v\n1,a,1\n90,b,1\n' out 'window_start          window_end            k  n  s
1970-01-01T00:00:00Z  1970-01-01T00:01:00Z  a  1  1
window_start          window_end            k  n  s
1970-01-01T00:01:00Z  1970-01-01T00:02:00Z  b  1  1' -- run -f table w.ini -
try 'no time' code 1 in 't,k,v\n1,a,1\n,b,1\n' err 'fanoutd: standard input:3: [window] time: no value; on-bad-value = null passes over such rows' -- run w.ini -
try 'what has no time may be passed over' in 't,k,v\n1,a,1\n,b,1\nx,c,1\n1e12,d,1\n' out 'window_start,window_end,k,n,s
1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,a,1,1' err 'fanoutd: 3 rows skipped; first: standard input:3: [window] time: no value
fanoutd: 1 bad value taken as null; first: standard input:4: column '"'t'"': '"'x'"' is not a number' -- run -s source.on-bad-value=null w.ini -
try 'ahead of the clock' code 1 in 't,k,v\n4102444800,a,1\n' err 'fanoutd: standard input:2: [window] time: further ahead of the clock than [window] ahead allows; on-bad-value = null passes over such rows' -- run -s window.ahead=1h w.ini -
try 'what is late is not looked at' err "$(printf '%s' "$late" | sed 's/a.csv:8/standard input:3/')" in 't,k,v\n500,a,1\n1,b,x\n' out 'window_start,window_end,k,n,s
1970-01-01T00:08:00Z,1970-01-01T00:09:00Z,a,1,1' -- run w.ini -
try 'a matter of sequence, window by window' in 't,k,v\n0,a,1\n1,a,3\n60,a,10\n' out 'window_start,window_end,k,e
1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,a,2
1970-01-01T00:01:00Z,1970-01-01T00:02:00Z,a,10' -- run "$here/windows-sequence.ini" -
file g.ini '[source]
type = csv
[pipeline]
group-by = k
[window]
time = t
size = 2m
every = 1m
[aggregate g]
type = gap
column = v
[aggregate n]
type = count
[aggregate m]
type = count
where = v > 4
'
try 'a matter of sequence, once for each window' in 't,k,v\n0,a,1\n30,a,5\n61,a,2\n62,b,9\n130,a,7\n' out 'window_start,window_end,k,g,n,m
1969-12-31T23:59:00Z,1970-01-01T00:01:00Z,a,4,2,1
1970-01-01T00:00:00Z,1970-01-01T00:02:00Z,a,4,3,1
1970-01-01T00:00:00Z,1970-01-01T00:02:00Z,b,,1,1
1970-01-01T00:01:00Z,1970-01-01T00:03:00Z,a,5,2,1
1970-01-01T00:01:00Z,1970-01-01T00:03:00Z,b,,1,1
1970-01-01T00:02:00Z,1970-01-01T00:04:00Z,a,,1,1' -- run g.ini -
try 'too often' code 78 err 'fanoutd: g.ini:9: [aggregate g]: gap is updated once for each window that a row is in, and that is 20000 times; at most 10000 are possible' -- run -s window.size=20s -s window.every=1ms g.ini -
try 'check shows windows' out~ 'window      1m; time t; lateness 10s
slices      1m: each is a window
' -- check w.ini
try 'and how they are made of slices' out~ 'window      90s every 1m; time t; zone Europe/Berlin; lateness 10s
slices      30s; 3 are combined for each window
' -- check -s window.size=90s -s window.every=1m -s window.zone=Europe/Berlin w.ini
try 'and of months' out~ 'window      3mo every 1mo; time t; lateness 10s
slices      1mo; 3 are combined for each window
' -- check -s window.size=1q -s window.every=1mo w.ini
try 'and where they are not' out~ 'window      2m every 1m; time t
slices      1m; not combined, which not all aggregates can be: a row updates 2 windows
' -- check g.ini a.csv
try 'a zone' code 78 err "fanoutd: -s window.zone=Berlin: [window] zone: no time zone 'Berlin': zones are called Europe/Berlin, America/New_York, UTC or +02:00" -- run -s window.zone=Berlin w.ini
try 'a width' code 78 err "fanoutd: -s window.size=5x: [window] size: '5x': a width such as 500ms, 30s, 5m, 2h, 1d, 1w, 1mo, 1q or 1y is wanted" -- run -s window.size=5x w.ini
try 'widths that do not go together' code 78 err "fanoutd: -s window.every=2m: [window] every: every is not above size: rows between two windows would be in none" -- run -s window.every=2m w.ini
try 'no partial results' code 78 err 'fanoutd: w.ini:6: [window] gives no partial results: which rows are late depends on all rows before' -- run --partial x.part w.ini

# Each day, or minute, has a file of its own, whole in itself.
file d.csv 't\n0\n30\n61\n90\n125\n'
file d.ini '[source]\ntype = csv\npath = d.csv\n[window]\ntime = t\nsize = 1m\n[aggregate n]\ntype = count\n[output]\npath = dated-%%M.csv\n'
try 'files by their dates' -- run d.ini
have_file () { have "dated-$1.csv" "the file of minute $1" "window_start,window_end,n
$2"; [ -z "$wrong" ]; }
check 'the first' have_file 00 '1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,2'
check 'the second' have_file 01 '1970-01-01T00:01:00Z,1970-01-01T00:02:00Z,2'
check 'the last' have_file 02 '1970-01-01T00:02:00Z,1970-01-01T00:03:00Z,1'
finish
