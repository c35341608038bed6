# exec: an external program as an aggregate.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = range\nstop = 100000\n[aggregate e]\ntype = exec\ncolumn = value\ncommand = cat >/dev/null; echo done\ntimeout = 500ms\n[aggregate n]\ntype = count\n'

file q.ini '[source]\ntype = csv\npath = v.csv\n[aggregate e]\ntype = exec\ncolumn = x\ncommand = sleep 60\ntimeout = 500ms\n'

for strategy in fiber threads callback; do
  for batch in 1000 4096; do
    try "all values, one a line ($strategy, $batch)" out 'e,n
100000,100000' -- \
      run -f csv -s pipeline.strategy=$strategy -s pipeline.batch=$batch \
      -s 'aggregate e.command=wc -l | tr -d " "' p.ini
    try "reads only a part ($strategy, $batch)" out 'e,n
0,100000' -- \
      run -f csv -s pipeline.strategy=$strategy -s pipeline.batch=$batch \
      -s 'aggregate e.command=head -n 1' p.ini
    try "never reads ($strategy, $batch)" code 1 \
      err "fanoutd: aggregate 'e': command 'sleep 60': it has read nothing for 0.5 s (timeout)" -- \
      run -s pipeline.strategy=$strategy -s pipeline.batch=$batch \
      -s 'aggregate e.command=sleep 60' p.ini
  done
done

try 'fails' code 1 err~ "command 'cat >/dev/null; exit 3': it failed with exit status 3" -- \
  run -s 'aggregate e.command=cat >/dev/null; exit 3' p.ini
try 'fails, and is dropped' code 1 out 'e,n
,100000' err "fanoutd: aggregate 'e': command 'cat >/dev/null; exit 3': it failed with exit status 3; dropped, its columns are null" -- \
  run -f csv -s 'aggregate e.on-error=drop' -s 'aggregate e.command=cat >/dev/null; exit 3' p.ini
try 'dies' code 1 err~ "it was ended by signal 9 (Killed)" -- \
  run -s 'aggregate e.command=kill -9 $$' p.ini
try 'writes nothing' code 1 err~ "it wrote nothing" -- \
  run -s 'aggregate e.command=cat >/dev/null' p.ini
try 'writes without end' code 1 err~ "it wrote more than max-output = 65536 bytes" -- \
  run -s 'aggregate e.command=yes' -s 'aggregate e.max-output=64K' p.ini
try 'writes slowly without end' code 1 err~ "it has been writing without an end for 0.5 s (timeout)" -- \
  run -s 'aggregate e.command=cat >/dev/null; while :; do echo x; sleep 0.1; done' p.ini
try 'closes its output, but stays' code 1 err~ "it has closed its output, but not ended for 0.5 s (timeout)" -- \
  run -s 'aggregate e.command=exec >&-; cat >/dev/null; sleep 60' p.ini
try 'leaves somebody behind who holds its output' code 1 err~ "it has written nothing for 0.5 s (timeout)" -- \
  run -s 'aggregate e.command=cat >/dev/null; sleep 60 & exit 0' p.ini
try 'is not there' code 1 err~ "'no-such-program-here': it cannot be started: No such file or directory" -- \
  run -s 'aggregate e.command=no-such-program-here' p.ini
try 'is not there for the shell' code 1 err~ "it failed with exit status 127" -- \
  run -s 'aggregate e.command=no-such-program-here' -s 'aggregate e.shell=true' p.ini
# Whether there is a shell between: then the program that asks has another parent.
cat >parent <<'SH'
#!/bin/sh
cat >/dev/null
read -r name <"/proc/$PPID/comm"
echo "$name $*"
SH
chmod +x parent
if [ -e /proc/self/comm ]; then
  for command in './parent "a b" c' './parent a\ b c'; do
    for shell in auto false; do
      try "no shell: $command, $shell" out 'e,n
fanoutd a b c,100000' -- \
        run -f csv -s "aggregate e.command=$command" -s "aggregate e.shell=$shell" p.ini
    done
  done
  # More than one program, so that no shell becomes its last one.
  try 'a shell' out 'e,n
"sh a b c
x",100000' -- run -f csv -s 'aggregate e.command=./parent "a b" c; echo x' p.ini
  try 'a shell when asked' out 'e,n
"sh a b c
x",100000' -- run -f csv -s "aggregate e.command=sh -c './parent \"a b\" c; echo x'" p.ini
fi
try 'no shell, and no words' code 1 err~ 'Text ended before matching quote was found' -- \
  run -s "aggregate e.command=echo 'a" -s 'aggregate e.shell=false' p.ini
try 'no shell: what it would understand is a word' out 'e,n
a | b,100000' -- run -f csv -s 'aggregate e.command=echo a "|" b' -s 'aggregate e.shell=false' p.ini
# Which row it was, where rows have a place.
seq 100000 | sed '1i x' >v.csv
try 'reads only so far' code 1 err\* "fanoutd: v.csv:[0-9]*: aggregate 'e': command 'sleep 60': it has read nothing for 0.5 s (timeout)" -- \
  run q.ini
{ sed '/^command/d' q.ini; printf 'command = '; head -c 200000 /dev/zero | tr '\0' a; echo; } >long.ini
try 'cannot be started' code 1 err "fanoutd: v.csv:2: aggregate 'e': command '$(head -c 60 /dev/zero | tr '\0' a)...': it cannot be started: File name too long" -- \
  run long.ini
try 'cannot be started by the shell' code 1 err\* "fanoutd: v.csv:2: *...': it cannot be started: *rgument list too long" -- \
  run -s 'aggregate e.shell=true' long.ini
try 'no values' out 'e,n
0,0' -- \
  run -f csv -s source.stop=0 -s 'aggregate e.command=wc -l | tr -d " "' p.ini
try 'not with groups' code 78 err~ 'exec cannot be used with group-by' -- \
  run -s pipeline.group-by=value p.ini
try 'one partition' code 78 err~ 'it needs [pipeline] partitions = 1, not 2' -- \
  run -s pipeline.partitions=2 p.ini

file s.ini '[source]\ntype = csv\npath = -\n[aggregate d]\ntype = delta\ncolumn = x\n[aggregate g]\ntype = gap\ncolumn = x\n[aggregate i]\ntype = increase\ncolumn = x\n[aggregate r]\ntype = rate\ncolumn = x\ntime = t\n[aggregate m]\ntype = ewma\ncolumn = x\nalpha = 0.5\n[output]\nformat = csv\n'
try 'steps' in 't,x\n0,1.5\n1,2\n2,10\n4,0.25\n' out 'd,g,i,r,m
-1.25,9.75,8.75,2.1875,3.0625' -- run s.ini
# Parts follow each other.
file o.ini '[source]\ntype = csv\n[aggregate d]\ntype = delta\ncolumn = x\n[aggregate g]\ntype = gap\ncolumn = x\n[aggregate i]\ntype = increase\ncolumn = x\n[aggregate r]\ntype = rate\ncolumn = x\ntime = t\n[output]\nformat = csv\n'
file 1.csv 't,x\n0,1.5\n1,2\n'
file 2.csv 't,x\n2,10\n4,0.25\n'
file 3.csv 't,x\n'
file 4.csv 't,x\n4.5,12\n5,11.5\n7,11.5\n'
for i in 1 2 3 4; do
  try "steps of part $i" -- run --partial $i.part o.ini $i.csv
done
try 'steps of all parts' out 'd,g,i,r
10,11.75,32,4.571428571428571' -- merge 1.part 2.part 3.part 4.part
try 'the same in one run' out 'd,g,i,r
10,11.75,32,4.571428571428571' -- run o.ini 1.csv 2.csv 3.csv 4.csv
try 'in another order it is another stream' out 'd,g,i,r
-10,10,13.5,-3.857142857142857' -- merge 4.part 1.part
try 'steps over one value' in 't,x\n0,1.5\n' out 'd,g,i,r,m
0,,,,1.5' -- run s.ini
try 'steps over none' in 't,x\n' out 'd,g,i,r,m
,,,,' -- run s.ini
finish
