#!/bin/sh
# run and check: inputs, overrides, formats, results.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n'
file g.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = d/*.csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n'
file x.csv 'x\n1\n2.50\n'
file y.csv 'z,x\na,10\n'
mkdir d
file d/b.csv 'k,x\nb,1\na,2\n'
file d/a.csv 'x,k\n3,\n4,b\n'

# Inputs.
try 'standard input' in 'x\n1\n2\n' out 'n,total
2,3' -- run p.ini
try 'standard input by name' in 'x\n1\n2\n' out 'n,total
2,3' -- run p.ini -
try 'a file' out 'n,total
2,3.5' -- run p.ini x.csv
try 'several files, columns by name in each' out 'n,total
3,13.5' -- run p.ini x.csv y.csv
try 'a file and standard input' in 'x\n100\n' out 'n,total
3,103.5' -- run p.ini x.csv -
try 'a pipeline from standard input' in '[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = x\n' out 'total
3.5' -- run - x.csv
try 'a glob in the file, in its order' out 'k,n,total
a,1,2
b,2,5
,1,3' -- run g.ini
mkdir sub
cp g.ini sub/
mkdir sub/d
file sub/d/one.csv 'k,x\nq,9\n'
try 'a path is relative to the file' out 'k,n,total
q,1,9' -- run sub/g.ini
try 'an input is relative to the working directory' out 'k,n,total
a,1,2
b,1,1' -- run sub/g.ini d/b.csv
file 'star*.csv' 'x\n8\n'
file 'starfish.csv' 'x\n9\n'
try 'an input is no glob' out 'n,total
1,8' -- run p.ini 'star*.csv'
try 'no rows, grouped' out 'k,n,total' -- run g.ini /dev/null
try 'no rows, grouped, in JSON' out '[]' -- run -f json g.ini /dev/null
try 'no rows, grouped, in lines of JSON' -- run -f ndjson g.ini /dev/null
try 'no rows, ungrouped' out 'n,total
0,' -- run p.ini /dev/null

# Overrides.
try 'a key' out 'n,total
1,1' -- run -s 'source.null-values=2.50' -s 'aggregate n.column=x' p.ini x.csv
try 'a new group' out 'n,total,smallest
2,3.5,1' -- run -s 'aggregate smallest.type=min' -s 'aggregate smallest.column=x' p.ini x.csv
try 'a name with dots' out 'n,total,a.b
2,3.5,1' -- run -s 'aggregate a.b.type=min' -s 'aggregate a.b.column=x' p.ini x.csv
try 'the last one counts' out 'n,total
3,3.5' err~ '1 bad value taken as null' -- \
  run -s source.header=true -s source.header=false -s source.columns=x -s source.on-bad-value=null p.ini x.csv
try 'an override without a key' code 78 err~ 'fanoutd: -s batch=1: ' -- run -s batch=1 p.ini x.csv
try 'an unknown key' code 78 err~ 'fanoutd: -s pipeline.bach=1: ' err~ "did you mean 'batch'?" -- run -s pipeline.bach=1 p.ini x.csv
try 'a bad value' code 78 err~ 'fanoutd: -s pipeline.batch=many: ' err~ "'many'" -- run -s pipeline.batch=many p.ini x.csv
try 'an unknown format' code 78 err~ 'fanoutd: -f jsn: ' err~ 'json' -- run -f jsn p.ini x.csv

# Formats.
try 'csv' out 'k,n,total
a,1,2
b,2,5
,1,3' -- run -f csv g.ini
try 'tsv' out "$(printf 'k\tn\ttotal\na\t1\t2\nb\t2\t5\n\t1\t3')" -- run -f tsv g.ini
try 'json' out~ '"k":"a"' out~ '"total":5' -- run -f json g.ini
try 'lines of JSON' out '{"k":"a","n":1,"total":2}
{"k":"b","n":2,"total":5}
{"k":null,"n":1,"total":3}' -- run -f ndjson g.ini
try 'no header' out 'a,1,2
b,2,5
,1,3' -- run -s output.header=false g.ini
try 'sort and limit' out 'k,n,total
b,2,5' -- run -s 'output.sort=total desc' -s output.limit=1 g.ini
try 'a table' out~ 'total' -- run -f table g.ini
try 'auto is csv where the output is no terminal' out 'n,total
2,3.5' -- run -f auto p.ini x.csv

# Strategies: one result.
for strategy in fiber threads callback; do
  for batch in 1 2 4096; do
    try "$strategy, batch = $batch" out 'k,n,total
a,1,2
b,2,5
,1,3' -- run -s pipeline.strategy=$strategy -s pipeline.batch=$batch g.ini
  done
done
for partitions in 1 2 3; do
  try "$partitions partitions" out 'k,n,total
a,1,2
b,2,5
,1,3' -- run -s pipeline.partitions=$partitions g.ini
done
file r.ini '[source]\ntype = range\nstart = 1\nstop = 1001\n[aggregate total]\ntype = sum\ncolumn = value\n'
try 'a source without bytes' out 'total
500500' -- run r.ini
try 'no input for it' code 78 err~ "r.ini:1" err~ 'x.csv' -- run r.ini x.csv

# check
try 'check: the plan' out~ 'csv' out~ 'x.csv' out~ 'sum' out~ 'count' -- check p.ini x.csv
try 'check: every mistake' code 78 err~ 'pipeline.bach=1' err~ 'aggregate n.type=cuont' -- \
  check -s pipeline.bach=1 -s 'aggregate n.type=cuont' p.ini x.csv
try 'check: the input is missing' code 1 err~ 'fanoutd: nowhere.csv: No such file or directory' -- check p.ini nowhere.csv
file odd.csv '"a\nb",x\n1,2\n'
try 'check: names of columns stay on their line' out~ 'columns     a\nb, x' -- check p.ini odd.csv
file big.csv 'x\n1\nbad\n'
try 'check reads no rows' out. -- check p.ini big.csv

# A dropped aggregate tells of its first failure, in whatever partition that was.
awk 'BEGIN { print "x"; for (i = 1; i <= 300000; i++) print (i > 100000 ? i ".5" : i) }' >many.csv
file bits.ini '[pipeline]\non-error = drop\n[source]\ntype = csv\n[aggregate b]\ntype = bit-or\ncolumn = x\n[aggregate n]\ntype = count\n'
for partitions in 1 2 3 4 2 3 4; do
  try "the first failure, $partitions partitions" code 1 out 'b,n
,300000' err "fanoutd: many.csv:100002: aggregate 'b': 100001.5 is not an integer from -2^63 to 2^64 - 1; dropped, its columns are null" \
    -- run -s pipeline.partitions=$partitions bits.ini many.csv
done

# The batch that comes after the one that fails has made groups already, which no state is there for.
file ahead.ini '[pipeline]\ngroup-by = k\nstrategy = threads\npartitions = 2\n[source]\ntype = csv\n[aggregate b]\ntype = bit-or\ncolumn = x\n[aggregate s]\ntype = sample\ncolumn = x\nk = 2\n'
awk 'BEGIN { pad = sprintf ("%1000s", ""); gsub (" ", "p", pad); print "k,x,pad"
  for (i = 0; i < 4000; i++) print i "," (i == 2020 ? "1.5" : "1") "," pad }' >ahead.csv
MALLOC_PERTURB_=165
export MALLOC_PERTURB_
for i in 1 2 3 4 5 6 7 8; do
  try 'groups of a batch that was never handed over' code 1 \
    err "fanoutd: ahead.csv:2022: aggregate 'b': 1.5 is not an integer from -2^63 to 2^64 - 1" \
    -- run ahead.ini ahead.csv
done
unset MALLOC_PERTURB_

# So does one that has too many values only when its partitions are put together: at the row where
# that is so of the stream.
file unique.ini '[source]\ntype = csv\n[aggregate u]\ntype = unique\ncolumn = x\nlimit = 200000\n[aggregate n]\ntype = count\n'
for partitions in 1 2 3 4; do
  try "too many values, dropped, $partitions partitions" code 1 out 'u,n
,300000' err "fanoutd: many.csv:200002: aggregate 'u': more than 200000 different values; raise \`limit\` or leave this aggregate out; dropped, its columns are null" \
    -- run -s pipeline.partitions=$partitions -s pipeline.on-error=drop unique.ini many.csv
  try "too many values, $partitions partitions" code 1 \
    err "fanoutd: many.csv:200002: aggregate 'u': more than 200000 different values; raise \`limit\` or leave this aggregate out" \
    -- run -s pipeline.partitions=$partitions unique.ini many.csv
done

# What happened.
file bad.csv 'x\n1\n2,3\n4\n5,6\n'
try 'skipped rows' out 'n,total
2,5' err* 'fanoutd: 2 rows skipped; first: bad.csv:3: *' -- run -s source.on-bad-row=skip p.ini bad.csv
file text.csv 'x\n1\nfoo\n4\n'
try 'nulled values' out 'n,total
3,5' err* "fanoutd: 1 bad value taken as null; first: text.csv:3: *" -- run -s source.on-bad-value=null p.ini text.csv
file huge.csv 'x\n1234567890123456789012345678901234567890123\n1\n'
try 'rounded integers' out. err "fanoutd: 1 number rounded to the nearest double; first: huge.csv:2: column 'x': '1234567890123456789012345678901234567890123'" -- run p.ini huge.csv
{ printf 'x\n"'; head -c 6000000 /dev/zero | tr '\0' a; printf '""b"\n'; } >long.csv
try 'texts and buffers of a long row count as memory' code 1 \
  err 'fanoutd: states, keys and chunks take more than 16M: [pipeline] max-memory allows more' -- \
  agg -s pipeline.max-memory=16M -s source.max-row=8M 'distinct(x)' -- long.csv
try 'and may be more' out 'distinct_x
1' -- agg -s pipeline.max-memory=64M -s source.max-row=8M 'distinct(x)' -- long.csv
file small.csv 'x,y,z\n1,1,"a\nb"\n0.123456789012345678901234567890123456789,2,\n0.5,1e-40,\n1e-50,"1.00000000000000000000000000000000000000005",\n0.50000000000000000000,nan,\n0.0000000000000000000000000000000000000000000000000000625,inf,\n'
for strategy in fiber threads callback; do
  for batch in 1 4096; do
    try "rounded numbers that are no integers: $strategy, $batch" out. \
      err "fanoutd: 5 numbers rounded to the nearest double; first: small.csv:4: column 'x': '0.123456789012345678901234567890123456789'" -- \
      agg -s pipeline.strategy=$strategy -s pipeline.batch=$batch 'sum(x)' 'mean(x)' 'sum(y)' -- small.csv
  done
done
file drop.csv 'x\n1\n1,2\n2.5\nfoo\n3,4\n1234567890123456789012345678901234567890123\n"4""5"\n6\n'
for strategy in fiber threads callback; do
  for batch in 1 2 4096; do
    try "an aggregate is dropped, and all is counted: $strategy, $batch" code 1 out 'bits,last,n
,6,6' err "fanoutd: 2 rows skipped; first: drop.csv:3: 2 fields where 1 is wanted; ragged = true takes shorter and longer rows
fanoutd: 2 bad values taken as null; first: drop.csv:5: column 'x': 'foo' is not a number
fanoutd: 1 number rounded to the nearest double; first: drop.csv:7: column 'x': '1234567890123456789012345678901234567890123'
fanoutd: drop.csv:4: aggregate 'bits': 2.5 is not an integer from -2^63 to 2^64 - 1; dropped, its columns are null" -- \
      agg -s pipeline.strategy=$strategy -s pipeline.batch=$batch -s source.on-bad-row=skip \
      -s source.on-bad-value=null 'bits=bit-or(x, on-error=drop)' 'last=last(x)' n=count -- drop.csv
  done
done

# One group too many, also where it comes with the first row of a chunk.
file r.ini '[pipeline]\ngroup-by = value\n[source]\ntype = range\nstop = 70000\n[aggregate n]\ntype = count\n'
for most in 4096 8192 16384 32768 65536; do
  try "at most $most groups" code 1 err "fanoutd: more than $most groups: [pipeline] max-groups allows more" \
    -- run -s pipeline.max-groups=$most r.ini
done

finish
