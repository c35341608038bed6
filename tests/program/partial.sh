#!/bin/sh
# run --partial and merge: a job in three parts gives what one run gives.
. "$(dirname "$0")/harness.sh"

flights=$top/conf/data/flights.csv
for part in 0 1 2; do
  { head -n 1 "$flights"; tail -n +$((2 + part * 6667)) "$flights" | head -n 6667; } >$part.csv
done

# one_and_three NAME FORMAT: the pipeline conf/NAME.ini, all of its groups.
one_and_three () {
  "$FANOUTD" run -f "$2" -s output.limit=0 "$top/conf/$1.ini" 0.csv 1.csv 2.csv >one || return
  for part in 0 1 2; do
    "$FANOUTD" run --partial $part.part "$top/conf/$1.ini" $part.csv >printed || return
    [ ! -s printed ] || return
  done
  "$FANOUTD" merge -f "$2" -s output.limit=0 0.part 1.part 2.part >three && cmp one three
}
for name in flights-fiber flights-threads flights-callback demo; do
  for format in csv json table; do
    check "$name in three parts, $format" one_and_three $name $format
  done
done

file p.ini '[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = x\n'
file q.ini '[source]\ntype = csv\n[aggregate total]\ntype = mean\ncolumn = x\n'
file a.csv 'x\n1\n2\n'
file b.csv 'x\n10\n'
file bad.csv 'x\n1\nfoo\n'
try 'a part' -- run --partial a.part p.ini a.csv
try 'another' -- run --partial b.part p.ini b.csv
try 'one of another plan' -- run --partial q.part q.ini b.csv
try 'the parts are combined in their order' out 'total,last
13,10' -- merge a.part b.part
try 'the other order' out 'total,last
13,2' -- merge b.part a.part
try 'merge takes -f, -s and --stats' out '{"total":13,"last":"10"}' err~ '{"rows":3,' -- merge --stats -f ndjson a.part b.part
try 'merge takes -o' -- merge -o r.csv a.part
check 'the results are there' sh -c '[ "$(cat r.csv)" = "total,last
3,2" ]'

# Files that are none.
head -c 60 a.part >cut.part
: >empty.part
{ head -c 40 a.part; printf '\377'; tail -c +42 a.part; } >damaged.part
try 'no such part' code 1 err 'fanoutd: nowhere.part: No such file or directory' -- merge a.part nowhere.part
try 'a part cut short' code 1 err~ 'fanoutd: cut.part: ' err~ 'damaged or cut short' -- merge a.part cut.part
try 'a damaged part' code 1 err~ 'fanoutd: damaged.part: ' err~ 'damaged or cut short' -- merge damaged.part
try 'an empty file' code 1 err~ 'fanoutd: empty.part: no partial result' -- merge empty.part
try 'another file' code 1 err~ 'fanoutd: a.csv: no partial result' -- merge a.part a.csv
try 'a part of another plan' code 1 err~ 'fanoutd: q.part: a partial result of another plan' -- merge a.part q.part
try 'merge without a part' code 2 err "fanoutd: merge: no FILE is given (see 'fanoutd merge -h')" -- merge

# A part appears whole or not at all.
try 'a failed run' code 1 err~ 'bad.csv:3' -- run --partial new.part p.ini bad.csv
check 'leaves no part' test ! -e new.part
cp a.part old.part
try 'a failed run over an old part' code 1 err~ 'bad.csv:3' -- run --partial old.part p.ini bad.csv
check 'leaves it as it was' cmp a.part old.part
try 'the part is the input' code 1 err 'fanoutd: a.csv: the output is also an input' -- run --partial a.csv p.ini a.csv

finish
