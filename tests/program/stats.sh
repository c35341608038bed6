#!/bin/sh
# --stats: one JSON object, last on standard error.
. "$(dirname "$0")/harness.sh"

file p.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\non-bad-row = skip\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n'
file x.csv 'k,x\na,1\nb\na,2\nb,3\n'

last_has () { tail -n 1 .err | grep -F -- "$1"; }
last_matches () { tail -n 1 .err | grep -E -- "$1"; }

try 'a run' out 'k,n,total
a,2,3
b,1,3' err~ '1 row skipped; first: x.csv:3: ' -- run --stats p.ini x.csv
check 'rows' last_has '{"rows":4,"rows_processed":3,"rows_filtered":0,"rows_late":0,"rows_skipped":1,"values_nulled":0,'
check 'bytes' last_has ',"bytes":18,'
check 'groups' last_has ',"groups":2,'
check 'strategy' last_has ',"strategy":"fiber",'
check 'partitions' last_has ',"partitions":1,'
check 'batches in flight' last_has ',"in_flight":1,'
check 'seconds' last_matches ',"seconds":[0-9]+(\.[0-9]+)?,'
check 'state bytes' last_matches ',"peak_state_bytes":[1-9][0-9]*,'
check 'approximate columns' last_has ',"approximate":[],'
check 'aggregates' last_matches ',"aggregates":\[\{"name":"n","type":"count","rows":3,"busy_seconds":[0-9.e-]+,"blocked_seconds":[0-9.e-]+,"state_bytes":[0-9]+,"error":null\},\{"name":"total",'
try 'threads' out. err~ '"strategy":"threads","partitions":1,"in_flight":2' -- run --stats -s pipeline.strategy=threads p.ini x.csv
try 'a failed run' code 1 err~ 'x.csv:3: ' err~ '"rows":' -- run --stats -s source.on-bad-row=fail p.ini x.csv
check 'the object comes last' last_matches '^\{.*\}$'
try 'a wrong configuration' code 78 err~ '{"rows":0,' -- run --stats -s pipeline.batch=0 p.ini x.csv
if command -v python3 >/dev/null; then
  try 'names that need quoting' out. err~ '"rows":' -- run --stats -s 'aggregate a"\b.type=count' p.ini x.csv
  check 'it is JSON' sh -c "tail -n 1 .err | python3 -c 'import json, sys; json.load (sys.stdin)'"
fi

finish
