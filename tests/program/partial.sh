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

# Parts fit together by what their options mean, not by how they are written.
hist () {
  file "$1.ini" "[source]\ntype = csv\n$2"
  try "a part of $1" -- run --partial $1.part $1.ini a.csv
}
hist e1 '[aggregate  h]\ntype = histogram\ncolumn = x\nedges = 0, 5, 10\n'
hist e2 '[aggregate  h]\ntype = histogram\ncolumn = x\nedges = 0, 1, 10\n'
hist e3 '[aggregate h]\nedges = 0,5.0,1e1\ncolumn = x\ntype = histogram\non-error = drop\n'
try 'other edges under a name behind two blanks' code 1 err "fanoutd: e2.part: a partial result of another plan: its group-by, its filters or the options of an aggregate differ" -- \
  merge e1.part e2.part
try 'the same edges written otherwise' out 'h
"[[null,0,0],[0,5,4],[5,10,0],[10,null,0]]"' -- merge e1.part e3.part

# An aggregate that can bear each part, but not both.
file m.ini '[source]\ntype = csv\n[aggregate m]\ntype = mode\ncolumn = x\nlimit = 3\non-error = drop\n[aggregate n]\ntype = count\n'
file m1.csv 'x\n1\n2\n'
file m2.csv 'x\n3\n4\n'
try 'a part that fits' -- run --partial m1.part m.ini m1.csv
try 'another that fits' -- run --partial m2.part m.ini m2.csv
try 'too much together, and dropped' code 1 out 'm,n
,4' err "fanoutd: m2.part: aggregate 'm': more than 3 different values; raise \`limit\` or leave this aggregate out; dropped, its columns are null" -- \
  merge m1.part m2.part

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

# What was passed over, in the words of one run.
file ok.csv 'x\n1\n'
file skip.csv 'x\n1\n2,3\nfoo\n4\n'
file fail.csv 'x\n3\n2.5\n'
file s.ini '[source]\ntype = csv\non-bad-row = skip\non-bad-value = null\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate bits]\ntype = bit-or\ncolumn = x\non-error = drop\n'
# as_one FILE...: parts of the files are merged to what one run prints, the exit code included.
as_one () {
  "$FANOUTD" run s.ini "$@" >one 2>one.said
  want=$?
  parts=
  for input; do
    "$FANOUTD" run --partial "$input.part" s.ini "$input" 2>said
    parts="$parts $input.part"
  done
  "$FANOUTD" merge $parts >merged 2>merged.said
  [ $? = $want ] && cmp one merged && cmp one.said merged.said
}
check 'rows skipped and values nulled' as_one ok.csv skip.csv skip.csv
printf 'x\n1\n"2,3\n4\n' >open.csv
check 'the lines of a skipped row' as_one ok.csv open.csv skip.csv
check 'are told' grep -q '^fanoutd: 2 rows skipped; first, lines 3 to 4: open.csv:3: ' merged.said
check 'an aggregate that was dropped' as_one ok.csv fail.csv skip.csv
check 'and the same one twice' as_one fail.csv ok.csv fail.csv
check 'it is told' grep -q '^fanoutd: fail.csv:3: .*; dropped, its columns are null$' merged.said
printf 'x\n1,5\n2,6\n' >row-names.csv
check 'the first row of a later input, as R writes it' as_one ok.csv row-names.csv skip.csv
check 'how that is to be read is told' grep -q ', as R writes row names: ' merged.said
"$FANOUTD" run --partial in.part s.ini - <skip.csv 2>said
try 'the standard input of which part' out. \
  err 'fanoutd: 1 row skipped; first: in.part: standard input:3: 2 fields where 1 is wanted; ragged = true takes shorter and longer rows
fanoutd: 1 bad value taken as null; first: in.part: standard input:4: column '"'x': 'foo' is not a number" -- merge ok.csv.part in.part

# Nothing counts behind the row with which the last aggregate has had enough.
printf '[source]\ntype = csv\non-bad-row = skip\non-bad-value = null\n[aggregate any]\ntype = any\ncolumn = x\n' >s.ini
check 'a part in which all had enough' as_one ok.csv skip.csv skip.csv
check 'and one before it' as_one row-names.csv ok.csv skip.csv
# One after the other, in parts that cannot know it of each other.
# counted COMMAND...: what it prints, and its rows of each kind.
counted () {
  "$FANOUTD" "$@" --stats 2>said
  grep -v '^{' said
  sed -n 's/^{\(.*\),"groups":.*/\1/p' said | tr , '\n' | grep -E '^"(rows|values|numbers)'
}
# as_counted FILE...: parts are merged to what one run counts, also those that have been merged before.
as_counted () {
  as_one "$@" || return
  counted run s.ini "$@" >one
  # shellcheck disable=SC2086
  counted merge $parts >merged
  cmp one merged || return
  # shellcheck disable=SC2086
  set -- $parts
  "$FANOUTD" merge --partial left.part "$1" "$2" 2>said
  counted merge left.part "$3" "$4" >merged
  cmp one merged || return
  "$FANOUTD" merge --partial right.part "$2" "$3" 2>said
  counted merge "$1" right.part "$4" >merged
  cmp one merged
}
printf '[pipeline]\nwhere = z != 0\n[source]\ntype = csv\non-bad-row = skip\non-bad-value = null\n[aggregate f]\ntype = first\ncolumn = x\nas = number\n[aggregate a]\ntype = any\ncolumn = y\n[aggregate b]\ntype = bit-or\ncolumn = w\non-error = drop\n' >s.ini
printf 'x,y,z,w\n,,1,1\n1,0,1,1\n2,no,1,1\n1,2\n2,0,0,1\n' >first.csv
printf 'x,y,z,w\n,0,1,2\n3,0,0,1\n4,no,1,0.5\n4,no,0,\n1,2,3\n5,0,1,0.5\n' >second.csv
printf 'x,y,z,w\nno,0,1,0.5\n3,0,0,1\n1\n,no,1,\n6,1,1,2\n7,no,1,12345678901234567890123\n1,2\n8,1,0,1\n' >third.csv
check 'parts in which each had enough' as_counted first.csv second.csv third.csv second.csv
check 'in another order' as_counted third.csv first.csv second.csv second.csv
printf '[source]\ntype = csv\n[pipeline]\ngroup-by = x\non-error = drop\n[aggregate bits]\ntype = bit-or\ncolumn = x\n' >s.ini
printf 'x\n9\n' >more.csv
check 'a part in which all were dropped' as_one ok.csv fail.csv more.csv
printf 'x,y\n1,1\n2.5,2\n' >x.csv
printf 'x,y\n3,1\n4,2.5\n' >y.csv
printf '[source]\ntype = csv\n[pipeline]\ngroup-by = x\non-error = drop\n[aggregate b]\ntype = bit-or\ncolumn = x\n[aggregate c]\ntype = bit-or\ncolumn = y\n' >s.ini
check 'dropped one after the other' as_one x.csv y.csv x.csv

# Parts need no file.
try 'a part on standard output' out~ 'FANOUT' -- run --partial - p.ini a.csv
check 'is what the file would be' cmp a.part .out
check 'a part from standard input' sh -c '[ "$("$0" merge - b.part <a.part)" = "total,last
13,10" ]' "$FANOUTD"
mkfifo fifo
cat a.part >fifo &
try 'a part from a pipe' out 'total,last
13,10' -- merge fifo b.part
head -c 90 b.part >fifo &
try 'a pipe that ends too early' code 1 err~ 'fanoutd: fifo: it is damaged or cut short' -- merge a.part fifo
try 'what never ends' code 1 err "fanoutd: /dev/zero: no partial result; one written by 'fanoutd run --partial' is wanted" -- merge a.part /dev/zero
try 'nothing on standard input' code 1 err~ 'fanoutd: standard input: no partial result' -- merge a.part -
try 'a folder' code 1 err 'fanoutd: .: Is a directory' -- merge a.part .

# One, many, of nothing.
try 'one part' out 'total,last
3,2' -- merge a.part
many=
i=0
while [ $i -lt 1000 ]; do many="$many a.part" i=$((i + 1)); done
try 'a thousand parts' out 'total,last
3000,2' -- merge $many
: >nothing.csv
try 'of a file without bytes' -- run --partial nothing.part p.ini nothing.csv
file header.csv 'x\n'
try 'of a file without rows' -- run --partial header.part p.ini header.csv
try 'they add nothing' out 'total,last
13,10' -- merge nothing.part a.part header.part b.part nothing.part
try 'nothing but them' out 'total,last
,' -- merge nothing.part header.part

# Who gives none.
file f.ini '[source]\ntype = csv\n[aggregate e]\ntype = ewma\ncolumn = x\n[aggregate s]\ntype = sample\ncolumn = x\n[aggregate n]\ntype = count\n'
try 'operators that give no partial results' code 78 err "fanoutd: f.ini:3: [aggregate e]: ewma gives no partial results: its result is a matter of sequence
fanoutd: f.ini:6: [aggregate s]: sample gives no partial results: it depends on the numbers of all rows before" -- run --partial f.part f.ini a.csv
check 'no file' test ! -e f.part
file row.ini '[source]\ntype = csv\n[let]\nr = row()\n[aggregate n]\ntype = max\ncolumn = x\nwhere = r > 1\n'
try 'numbers of rows' code 78 err 'fanoutd: row.ini: row() gives no partial results: it depends on the numbers of all rows before' -- run --partial f.part row.ini a.csv
try 'that nobody asks for' -- run --partial f.part -s 'aggregate n.where=true' row.ini a.csv
file filtered.ini '[pipeline]\nwhere = x > 1\n[source]\ntype = csv\n[aggregate n]\ntype = count\n'
printf 'x\n0\n1\n2\n' >filtered.csv
"$FANOUTD" run --partial f.part filtered.ini filtered.csv
try 'filtered rows are counted' out 'n
2' err~ '"rows":6,"rows_processed":2,"rows_filtered":4,"rows_late":0,"rows_skipped":0,' -- merge --stats f.part f.part
try 'the result is no part' code 1 err 'fanoutd: a.part: the output is also an input' -- merge -o a.part a.part

# A part says where its run wrote to; merge does not go there.
file o.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[output]\npath = written.csv\n'
try 'a part of a pipeline with an output' -- run --partial o.part o.ini a.csv
check 'which it does not write to' test ! -e written.csv
try 'its merge prints' out 'n
2' -- merge o.part
check 'and does not write either' test ! -e written.csv
try 'its merge with a path' -- merge -s output.path=asked.csv o.part
check 'writes there' sh -c '[ "$(cat asked.csv)" = "n
2" ]'

# What is too much only where parts come together is said of the part it came with.
file c.ini '[source]\ntype = csv\n[aggregate c]\ntype = collapse\ncolumn = x\nlimit = 3\n'
"$FANOUTD" run --partial c.part c.ini a.csv
cp c.part c2.part
try 'as many values as are allowed' out~ '1' -- merge c.part
try 'one more' code 1 err "fanoutd: c2.part: aggregate 'c': more than 3 values; raise \`limit\`" -- merge c.part c2.part
try 'one more, dropped' code 1 out 'c
""' err~ "fanoutd: c2.part: aggregate 'c': more than 3 values; raise \`limit\`; dropped" -- \
  merge -s 'aggregate c.on-error=drop' c.part c2.part

# Many groups, and large ones.
file g.ini '[pipeline]\ngroup-by = value\n[source]\ntype = range\nstop = 200000\n[aggregate n]\ntype = count\n[output]\nlimit = 1\n'
try 'a part with many groups' -- run --partial g.part g.ini
try 'more groups than are allowed' code 1 err 'fanoutd: g.part: more than 1000 groups: [pipeline] max-groups allows more' -- \
  merge -s pipeline.max-groups=1000 g.part
try 'as many as are allowed' out 'value,n
0,1' -- merge -s pipeline.max-groups=200000 g.part
# The rest of the part never comes: the bound holds before the end.
head -c 2000000 g.part >head.part
rm -f fifo
mkfifo fifo fifo.end
{ cat head.part; read -r end <fifo.end; } >fifo 2>said &
try 'more memory than is allowed' code 1 err 'fanoutd: fifo: states and keys take more than [pipeline] max-memory allows' -- \
  merge -s pipeline.max-memory=1M fifo
echo >fifo.end
wait
file k.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\nmax-row = 4M\n[aggregate n]\ntype = count\n'
{ echo k; for i in 1 2 3 4; do printf '%s' $i; head -c 3000000 /dev/zero | tr '\0' x; echo; done; } >long.csv
"$FANOUTD" run k.ini long.csv >one
try 'keys of megabytes' -- run --partial long.part k.ini long.csv
check 'come back' sh -c '"$0" merge long.part >merged && cmp one merged' "$FANOUTD"
try 'keys of megabytes beyond the memory' code 1 err 'fanoutd: long.part: states and keys take more than [pipeline] max-memory allows' -- \
  merge -s pipeline.max-memory=1M long.part

finish
