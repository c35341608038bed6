#!/bin/sh
# [window] gap: sessions, each a window of one group. windows.sh has the model that they agree with.
. "$(dirname "$0")/harness.sh"

file a.csv 't,k,v\n0,a,1\n10,b,2\n59,a,3\n60,a,4\n75,b,5\n125,a,6\n100,a,7\n200,c,8\n200,10,8\n200,9,8\n'
file s.ini '[source]
type = csv
path = a.csv
[pipeline]
group-by = k
[window]
time = t
gap = 30s
lateness = 10s
[aggregate n]
type = count
[aggregate s]
type = sum
column = v
'
late='fanoutd: 1 row late: before the watermark of their input; first: a.csv:8; [window] lateness waits longer'

try 'in the order of their ends, then by key' err "$late" out 'window_start,window_end,k,n,s
1970-01-01T00:00:00Z,1970-01-01T00:00:30Z,a,1,1
1970-01-01T00:00:10Z,1970-01-01T00:00:40Z,b,1,2
1970-01-01T00:00:59Z,1970-01-01T00:01:30Z,a,2,7
1970-01-01T00:01:15Z,1970-01-01T00:01:45Z,b,1,5
1970-01-01T00:02:05Z,1970-01-01T00:02:35Z,a,1,6
1970-01-01T00:03:20Z,1970-01-01T00:03:50Z,10,1,8
1970-01-01T00:03:20Z,1970-01-01T00:03:50Z,9,1,8
1970-01-01T00:03:20Z,1970-01-01T00:03:50Z,c,1,8' -- run s.ini
try 'numbers among those that end together' in 't,k,v\n0,x,1\n200,10,8\n200,9,8\n' out 'window_start,window_end,k,n,s
1970-01-01T00:00:00Z,1970-01-01T00:00:30Z,x,1,1
1970-01-01T00:03:20Z,1970-01-01T00:03:50Z,9,1,8
1970-01-01T00:03:20Z,1970-01-01T00:03:50Z,10,1,8' -- run s.ini -
try 'a gap is still one session, and a row may come between two' in 't,k,v\n100,a,1\n40,a,2\n70,a,4\n130.5,a,8\n' out 'window_start,window_end,k,n,s
1970-01-01T00:00:40Z,1970-01-01T00:02:10Z,a,3,7
1970-01-01T00:02:10.5Z,1970-01-01T00:02:40.5Z,a,1,8' -- run -s window.lateness=10m s.ini -
try 'without keys' in 't,k,v\n1,a,1\n2,b,2\n90,c,4\n' out 'window_start,window_end,n,s
1970-01-01T00:00:01Z,1970-01-01T00:00:32Z,2,3
1970-01-01T00:01:30Z,1970-01-01T00:02:00Z,1,4' -- run -s pipeline.group-by= s.ini -
try 'no rows: the header' in 't,k,v\n' out 'window_start,window_end,k,n,s' -- run s.ini -
try 'no rows: an empty list' in 't,k,v\n' out '[]' -- run -f json s.ini -
try 'computed columns' in 't,k,v\n1,a,1\n2,a,2\n3,b,5\n' out '[
{"window_start":"1970-01-01T00:00:01Z","window_end":"1970-01-01T00:00:32Z","k":"a","n":2,"s":3,"m":1.5},
{"window_start":"1970-01-01T00:00:03Z","window_end":"1970-01-01T00:00:33Z","k":"b","n":1,"s":5,"m":5}
]' -- run -f json -s 'result.m=s / n' s.ini -
try 'several tables on one output go by ends too' in 't,k,v\n0,a,1\n1,b,2\n2,a,3\n50,a,4\n' out '{"table":"k","window_start":"1970-01-01T00:00:01Z","window_end":"1970-01-01T00:00:31Z","k":"b","n":1,"s":2}
{"table":"k","window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:32Z","k":"a","n":2,"s":4}
{"table":"all","window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:32Z","n":3,"s":6}
{"table":"k","window_start":"1970-01-01T00:00:50Z","window_end":"1970-01-01T00:01:20Z","k":"a","n":1,"s":4}
{"table":"all","window_start":"1970-01-01T00:00:50Z","window_end":"1970-01-01T00:01:20Z","n":1,"s":4}' -- run -f ndjson -s pipeline.group-by= -s 'table k.group-by=k' -s 'table all.group-by=' s.ini -
try 'having' in 't,k,v\n0,a,1\n1,b,2\n50,a,4\n51,a,4\n' out '{"window_start":"1970-01-01T00:00:50Z","window_end":"1970-01-01T00:01:21Z","k":"a","n":2,"s":8}' -- run -f ndjson -s pipeline.group-by= -s 'table k.group-by=k' -s 'table k.having=n > 1' s.ini -
try 'a table for those that end together' in 't,k,v\n0,bb,1\n0,a,1\n50,a,4\n' out 'window_start          window_end            k   n  s
1970-01-01T00:00:00Z  1970-01-01T00:00:30Z  a   1  1
1970-01-01T00:00:00Z  1970-01-01T00:00:30Z  bb  1  1
window_start          window_end            k  n  s
1970-01-01T00:00:50Z  1970-01-01T00:01:20Z  a  1  4' -- run -f table s.ini -
try 'check shows them' out~ 'window      a session of each group, with gaps of at most 30s; time t; lateness 10s
' -- check s.ini
try 'late rows may be errors' code 1 err 'fanoutd: a.csv:8: the row is late: it is before the watermark of its input; [window] lateness waits longer, late = count passes over such rows' -- run -s window.late=fail -s output.header=false s.ini
try 'what is about other groups has no place' code 78 err "fanoutd: -s output.sort=n: [output] sort: sessions come in the order of their ends, and by their keys: nothing else sorts them
fanoutd: -s output.offset=1: [output] offset: each session is a window of its own: it would pass over all
fanoutd: -s output.limit=3: [output] limit: each session is a window of its own: there is nothing to limit
fanoutd: s.ini:4: total(s): each session is a window of its own, so it is the value of its only group" -- run -s output.sort=n -s output.offset=1 -s output.limit=3 -s 'result.x=s/total(s)' s.ini
try 'nor have a rest and subtotals' code 78 err "fanoutd: -s table t.rollup=true: [table t] rollup: each session is of one group: a table for each list of keys has the sessions of its groups
fanoutd: -s table t.rest=x: [table t] rest: each session is a window of its own: it has no other groups to combine" -- run -s pipeline.group-by= -s 'table t.group-by=k' -s 'table t.rest=x' -s 'table t.rollup=true' s.ini
try 'a gap or a size' code 78 err "fanoutd: -s window.size=1m: [window] size: sessions have none: it has no place beside gap
fanoutd: -s window.zone=UTC: [window] zone: sessions have none: it has no place beside gap" -- run -s window.size=1m -s window.zone=UTC s.ini
try 'neither' code 78 err "fanoutd: s.ini:6: [window]: one of the keys 'size' and 'gap' is missing: how long windows are, or how long a group is without a row before a new session begins" -- run -s window.gap= s.ini
try 'days are no gap' code 78 err "fanoutd: -s window.gap=1d: [window] gap: days are not all equally long; a gap such as 500ms, 30s, 5m or 24h is wanted" -- run -s window.gap=1d s.ini
try 'a matter of sequence' code 78 err "fanoutd: $here/windows-sequence.ini:11: [aggregate e]: ewma has no place in windows: pieces of sessions are combined when a row comes between them, and its states are a matter of sequence" -- run -s window.size= -s window.gap=1m "$here/windows-sequence.ini"
finish
