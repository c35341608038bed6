#!/bin/sh
# [checkpoint]: going on where a run was.
. "$(dirname "$0")/harness.sh"

file rows.csv 't,k,v\n0,a,1\n10,b,2\n70,a,3\n'
file p.ini '[source]
type = csv
path = rows.csv
[pipeline]
group-by = k
[window]
time = t
size = 1m
[aggregate n]
type = count
[aggregate s]
type = sum
column = v
[output]
path = out.csv
append = true
[checkpoint]
path = state
'
file want '%s\n' 
printf 'window_start,window_end,k,n,s
1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,a,1,1
1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,b,1,2
1970-01-01T00:01:00Z,1970-01-01T00:02:00Z,a,1,3
' >want
try 'the first run' -- run p.ini
check 'its results' cmp want out.csv
check 'its checkpoint, and the one before' test -s state -a -s state.1
try 'the second has nothing to do' err~ '"rows":3,"rows_processed":3' -- run --stats p.ini
check 'and doubles nothing' cmp want out.csv
printf '130,b,4\n' >>rows.csv
printf '1970-01-01T00:02:00Z,1970-01-01T00:03:00Z,b,1,4\n' >>want
try 'it goes on with what came' err~ '"rows":4,"rows_processed":4' -- run --stats p.ini
check 'in the same file, without another header' cmp want out.csv

printf 'lost\n' >>out.csv
try 'what was written behind it is cut off' -- run p.ini
check 'to what it knows of' cmp want out.csv
cp out.csv saved.csv
head -c 20 saved.csv >out.csv
try 'an output that is shorter' code 1 err 'fanoutd: ./out.csv: it has 20 bytes, where 222 had been written: it was changed since; --fresh begins anew' -- run p.ini
cp saved.csv out.csv

sed 's/^size = 1m/size = 2m/' p.ini >other.ini
try 'another pipeline' code 78 err "fanoutd: state: a checkpoint of another pipeline: [window] was 'time = t, size = 1m', and is 'time = t, size = 2m'; --fresh begins anew" -- run other.ini
sed 's/^type = sum/type = mean/' p.ini >other.ini
try 'another aggregate' code 78 err "fanoutd: state: a checkpoint of another pipeline: [aggregate s] was 'sum 2 column=1:v  where = ', and is 'mean 2 column=1:v  where = '; --fresh begins anew" -- run other.ini
printf '[aggregate more]\ntype = count\n' | cat p.ini - >other.ini
try 'one aggregate more' code 78 err~ "a checkpoint of another pipeline: the aggregates of [pipeline] group-by was 'n, s', and is 'n, s, more'" -- run other.ini

exec 9>state.lock
flock 9
try 'another run has it' code 75 err 'fanoutd: state: another process uses it, and holds state.lock: end that first, or give this run a path of its own' -- run p.ini
exec 9>&-

sed '/^\[window\]/,/^size/d; s/out.csv/total.csv/; s/path = state/path = total.state/' p.ini >total.ini
printf 'k,n,s\na,2,4\nb,2,6\n' >total.want
try 'without windows' -- run total.ini
check 'the results of all' cmp total.want total.csv
try 'the second has nothing to do' -- run total.ini
check 'its results are in their place' cmp total.want total.csv
cp rows.csv rows.before
printf '140,b,1\n' >>rows.csv
printf 'k,n,s\na,2,4\nb,3,7\n' >total.want
try 'more has come' -- run total.ini
check 'they are in the place of those before' cmp total.want total.csv
mv rows.before rows.csv

cp state good
printf 'damage' | dd of=state bs=1 seek=40 conv=notrunc 2>/dev/null
try 'a damaged one: the one before' err~ 'fanoutd: state: ' err~ '; trying the one before' -- run p.ini
check 'to the same results' cmp want out.csv
printf 'damage' | dd of=state bs=1 seek=40 conv=notrunc 2>/dev/null
cp state state.1
try 'all are damaged' code 1 err~ 'no checkpoint that is there can be used; --fresh begins anew' -- run p.ini
rm out.csv
try 'begun anew' -- run --fresh p.ini
check 'all of it' cmp want out.csv

# Of what runs without a break, rows behind the last one that anybody wanted are not read.
file dropped.ini '[source]
type = csv
path = dropped.csv
[pipeline]
batch = 1
[aggregate o]
type = bit-or
column = v
others = fail
on-error = drop
[checkpoint]
path = dropped.state
'
for strategy in fiber threads callback; do
  printf 'v\n1\n0.5\n2\n3\n' >dropped.csv
  try "$strategy: all are dropped" code 1 err~ '"rows":2,' out 'o
""' -- run --fresh --stats -s "pipeline.strategy=$strategy" dropped.ini
  printf '4\n' >>dropped.csv
  try "$strategy: and nothing is read for them" code 1 err~ '"rows":2,' out 'o
""' -- run --stats -s "pipeline.strategy=$strategy" dropped.ini
done

# It takes the place of nothing else.
printf 'v\n1\n' >kept.csv
try 'the checkpoint is an input' code 1 err 'fanoutd: ./kept.csv: the checkpoint is also an input' -- \
  run --fresh -s checkpoint.path=./kept.csv dropped.ini kept.csv
cp kept.csv first.1
cp kept.csv new.1
ln -s kept.csv first
try 'one that is kept is an input' code 1 err~ ': the checkpoint is also an input' -- \
  run --fresh -s checkpoint.path=first dropped.ini first.1
check 'the input is as it was' test "$(paste -s kept.csv)" = "$(printf 'v\t1')"
try 'an input has the name of one that is to come' code 1 err 'fanoutd: new.1: the checkpoint is also an input' -- \
  run --fresh -s checkpoint.path=new dropped.ini new.1
try 'the checkpoint is an output' code 78 err "fanoutd: -s checkpoint.path=./same: [checkpoint] path: found 'same', where results go as well" -- \
  run -s checkpoint.path=./same -o same dropped.ini kept.csv
odd=$(printf 'o\033')
try 'one whose name is no text' code 78 err~ "found 'o\\x1B', where results go as well" -- \
  run -s "checkpoint.path=$odd" -o "$odd" dropped.ini kept.csv

printf '[aggregate e]\ntype = exec\ncommand = cat\n' | cat p.ini - >other.ini
try 'what cannot be written' code 78 err~ 'exec has no place' -- run other.ini
try 'json has no place' code 78 err~ '[output] format: json is one list from its beginning to its end; results that come while the stream goes on are written as ndjson' -- run -f json p.ini
try 'with windows every has no place' code 78 err~ 'results come when windows end: it has no place beside [window]' -- run -s output.every=1s p.ini

check 'cut anywhere, flipped anywhere' python3 "$here/../faults/damage.py" "$FANOUTD" 7
finish
