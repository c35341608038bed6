#!/bin/sh
# run --part and merge: pieces of the bytes of all inputs, put together to the bytes of one run.
. "$(dirname "$0")/harness.sh"

# pieces N PIPELINE INPUT...: the parts 1.part to N.part.
pieces () {
  n=$1
  shift
  rm -f ./*.part
  for i in $(seq "$n"); do
    "$FANOUTD" run --part "$i/$n" --partial "$i.part" "$@" 2>said || [ -e "$i.part" ] || { cat said; return 1; }
  done
}
# as_one N PIPELINE INPUT...: the parts, merged in disorder, give what one run gives, notes and all.
as_one () {
  "$FANOUTD" run "$2" >one 2>one.said || return
  pieces "$@" || return
  set -- *.part
  "$FANOUTD" merge "$@" >merged 2>merged.said && cmp one merged && cmp one.said merged.said
}

# Rows with line feeds over most borders, several files, with columns in another order, empty, and packed.
python3 - <<'PYTHON'
import gzip
import random
r = random.Random(1)
TEXTS = ["plain", '"q,q"', '"two\nlines"', '"say ""a"""', '"\n\n"', ""]
with open("a.csv", "w") as file:
    file.write("k,x,t\n")
    for _ in range(700):
        file.write(f"{r.randrange(9)},{r.randrange(1000) / 10},{r.choice(TEXTS)}\n")
    file.write('1,2,"the last\nhas no row end"')
with open("b.csv", "w") as file:
    file.write("t,k,x\r\n" + "".join(f"z{i},{r.randrange(20)},{i}\r\n" for i in range(300)))
open("empty.csv", "w").close()
open("header.csv", "w").write("k,x,t\n")
with gzip.open("packed.csv", "wt") as file:
    file.write("x,t,k\n" + "".join(f"{i},w,{i % 9}\n" for i in range(5000)))
PYTHON
file p.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = a.csv, empty.csv, packed.csv, b.csv, header.csv
[aggregate n]\ntype = count\n[aggregate s]\ntype = sum\ncolumn = x\n[aggregate m]\ntype = variance\ncolumn = x
[aggregate f]\ntype = first\ncolumn = t\n[aggregate l]\ntype = last\ncolumn = t\n[aggregate a]\ntype = collapse\ncolumn = x\n'
for n in 1 2 3 8 64; do
  check "$n parts of several files" as_one $n p.ini
done
file empty.ini '[source]\ntype = csv\npath = empty.csv, header.csv\n[aggregate n]\ntype = count\n'
check 'more parts than bytes' as_one 64 empty.ini
file tiny.ini '[source]\ntype = csv\npath = tiny.csv\n[aggregate l]\ntype = collapse\ncolumn = x\n'
printf 'x\n"\n\n"\n"\n"\n1\n' >tiny.csv
check 'more parts than bytes of rows with line feeds' as_one 64 tiny.ini
file skip.ini '[source]\ntype = csv\npath = skip.csv\non-bad-row = skip\non-bad-value = null\n[aggregate s]\ntype = sum\ncolumn = x\n[aggregate b]\ntype = bit-or\ncolumn = x\non-error = drop\n'
{ echo x; seq 200; printf '1,2\n3\nfoo\n"open,\n\n'; seq 200; printf '"\n2.5\n'; seq 300; echo 3.5; } >skip.csv
for n in 1 3 7 20; do
  "$FANOUTD" run skip.ini >one 2>one.said
  check "notes and drops of $n parts" pieces $n skip.ini
  try "are those of one run" code 1 out "$(cat one)" err "$(cat one.said)" -- merge $(ls ./*.part | sort -r)
done

# Every operator that is there, in groups of rows of one file.
python3 - <<'PYTHON'
import random
r = random.Random(2)
with open("operators.csv", "w") as file:
    file.write("k,x,y,t\n")
    for i in range(2000):
        file.write(f"{r.randrange(5)},{r.randrange(1, 50)},{r.randrange(1, 9)},{i + 1}\n")
PYTHON
set --
for operator in $("$FANOUTD" plugins | awk '$1 == "operator" { print $2 }'); do
  case $operator in
    argmax | argmin) set -- "$@" "$operator(x, value=y)" ;;
    correlation | covariance | dot | regression) set -- "$@" "$operator(x, with=y)" ;;
    weighted-mean) set -- "$@" "$operator(x, weight=y)" ;;
    quantile) set -- "$@" "$operator(x, q=0.3)" ;;
    rate) set -- "$@" "$operator(x, time=t)" ;;
    ewma | exec | sample) ;; # they give no partial results
    *) set -- "$@" "$operator(x)" ;;
  esac
done
check 'there are more than fifty operators' [ $# -gt 50 ]
"$FANOUTD" agg -g k --print-ini "$@" -- operators.csv >operators.ini
check 'each of them, in parts' as_one 7 operators.ini

# A part of parts.
check 'eight parts' pieces 8 p.ini
"$FANOUTD" run p.ini >one
try 'the middle ones' -- merge --partial middle.part 5.part 3.part 4.part
try 'the first ones' -- merge --partial first.part 2.part 1.part
try 'with those around them' out "$(cat one)" -- merge 8.part middle.part 6.part first.part 7.part

# Parts that do not fit.
try 'what is missing' code 1 err "fanoutd: part 1 of 8 is missing; 'fanoutd run --part 1/8 --partial FILE PIPELINE.ini' makes it
fanoutd: parts 6 to 7 of 8 are missing; 'fanoutd run --part 6/8 --partial FILE PIPELINE.ini' makes the first one" -- \
  merge 2.part 8.part middle.part
try 'what is there twice' code 1 err "fanoutd: 4.part: part 4 of 8 is in middle.part as well
fanoutd: 8.part: part 8 of 8 is in 8.part as well" -- merge first.part 4.part middle.part 6.part 7.part 8.part 8.part
try 'a gap in a part of parts' code 1 err "fanoutd: part 2 of 8 is missing; 'fanoutd run --part 2/8 --partial FILE PIPELINE.ini' makes it" -- \
  merge --partial no.part 1.part middle.part
check 'leaves no file' test ! -e no.part
"$FANOUTD" run --part 1/9 --partial nine.part p.ini
try 'of another number' code 1 err 'fanoutd: 2.part: part 2 of 8, but nine.part is of 9' -- merge nine.part 2.part
"$FANOUTD" run --part 1/8 --partial other.part p.ini a.csv
try 'of other inputs' code 1 err 'fanoutd: 2.part: part 2 of other inputs than those of other.part: their sizes or [source] differ' -- merge other.part 2.part
"$FANOUTD" run --partial whole.part p.ini
try 'no part at all' code 1 err 'fanoutd: whole.part: a partial result of whole inputs, but 1.part is a part of 8' -- merge 1.part whole.part
sed 's/variance/stddev/' p.ini >q.ini
"$FANOUTD" run --part 1/8 --partial q.part q.ini
try 'of another pipeline' code 1 err~ "fanoutd: q.part: a partial result of another plan: aggregate 'm' (stddev)" -- merge 2.part q.part

# Text that looks like rows for longer than anybody looks.
python3 - <<'PYTHON'
rows = "".join(f"{i % 7},{i}\n" for i in range(60000))
with open("odd.csv", "w") as file:
    file.write("k,x\n" + rows + '3,"1\n' + rows + '"\n' + rows)
PYTHON
file odd.ini '[source]\ntype = csv\npath = odd.csv\non-bad-value = null\non-bad-row = skip\n[aggregate n]\ntype = count\n[aggregate s]\ntype = sum\ncolumn = x\n'
"$FANOUTD" run odd.ini >one 2>one.said
check 'parts that begin inside quotes unseen' pieces 6 odd.ini
try 'are to be made again' code 1 err 'fanoutd: 4.part: part 4 of 6 begins inside quotes, as the parts before it show, but was guessed not to: make it again with --quoted
fanoutd: 5.part: part 5 of 6 begins inside quotes, as the parts before it show, but was guessed not to: make it again with --quoted' -- \
  merge 1.part 2.part 3.part 4.part 5.part 6.part
try 'and by themselves who knows' code 1 err 'fanoutd: 6.part: part 6 of 6 begins inside quotes if 5.part does as was guessed, but was guessed not to: one of them is to be made again; merged with all parts before them they show which' -- \
  merge --partial no.part 5.part 6.part
try 'quoted' -- run --part 4/6 --quoted --partial 4.part odd.ini
try 'and the next' -- run --part 5/6 --quoted --partial 5.part odd.ini
try 'they fit' out "$(cat one)" err "$(cat one.said)" -- merge 1.part 2.part 3.part 4.part 5.part 6.part
try 'with other keys of [source]' -- run --part 5/6 --quoted --partial 5.part -s source.ragged=true odd.ini
try 'they are others' code 1 err 'fanoutd: 5.part: part 5 of other inputs than those of 4.part: their sizes or [source] differ' -- merge 4.part 5.part 6.part
try 'a part that fails, guessed wrong' code 1 err 'fanoutd: odd.csv:2 behind byte 937781: a quote in this row is never closed; where quotes are letters: quote = none; the part was guessed to begin outside quotes: --quoted takes it otherwise' -- \
  run --part 5/6 --partial no.part -s source.on-bad-row=fail odd.ini

# Wrong use.
for wrong in 0/3 4/3 1 1/ /3 1/0 a/b 1/3x -1/3 1/99999999999999999999; do
  try "--part $wrong" code 2 err "fanoutd: run: --part '$wrong': I/N is wanted, such as 3/8, from 1/8 to 8/8 (see 'fanoutd run -h')" -- \
    run --part $wrong --partial no.part p.ini
done
try 'states and a place for results' code 2 err "fanoutd: run: --partial writes states, not results: -o is for who merges them (see 'fanoutd run -h')" -- run --partial x.part -o x.csv p.ini
try 'states and a format of results' code 2 err "fanoutd: merge: --partial writes states, not results: -f is for who merges them (see 'fanoutd merge -h')" -- merge --partial x.part -f json 1.part
try 'a part without a file' code 2 err "fanoutd: run: a part has no results of its own: --partial FILE is wanted (see 'fanoutd run -h')" -- run --part 1/3 p.ini
try 'quoted, but no part' code 2 err "fanoutd: run: --quoted and --unquoted say how a --part begins (see 'fanoutd run -h')" -- run --quoted p.ini
try 'both' code 2 err "fanoutd: run: a part begins --quoted or --unquoted, not both (see 'fanoutd run -h')" -- run --part 1/3 --quoted --unquoted --partial no.part p.ini
try 'no file' code 1 err 'fanoutd: standard input: no file; a part is a piece of the bytes of files' in 'k,x,t\n' -- run --part 1/3 --partial no.part p.ini -
file range.ini '[source]\ntype = range\nstop = 9\n[aggregate n]\ntype = count\n'
try 'no bytes' code 78 err 'fanoutd: --part takes a piece of the bytes of files; [source] type = range has none' -- run --part 1/3 --partial no.part range.ini
finish
