#!/bin/sh
# Inputs as they come: odd ones that are fine, bad ones with message and exit code; the same under
# every strategy, batch size and number of partitions.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = t\n'

# everywhere TITLE [WANT]... -- ARGUMENT...
everywhere () {
  name=$1
  shift
  for way in 'fiber 4096 1' 'fiber 1 1' 'fiber 2 3' 'threads 4096 1' 'threads 1 2' 'callback 4096 1' 'callback 1 1'; do
    run_way "$name" "$way" "$@"
  done
}

run_way () {
  name=$1 way=$2
  shift 2
  # shellcheck disable=SC2086
  set -- $way -- "$@"
  strategy=$1 batch=$2 partitions=$3
  shift 4
  try "$name ($way)" "$@" -s pipeline.strategy=$strategy -s pipeline.batch=$batch -s pipeline.partitions=$partitions
}

# good TEXT LINE: the input gives this one line of results.
good () {
  file x.csv "$1"
  everywhere "good: $1" out "n,total,last
$2" -- run p.ini x.csv
}

# bad TEXT MESSAGE
bad () {
  file x.csv "$1"
  everywhere "bad: $1" code 1 err "fanoutd: $2" -- run p.ini x.csv
}

# skipped TEXT LINE MESSAGE: with on-bad-row = skip and on-bad-value = null.
skipped () {
  file x.csv "$1"
  everywhere "skipped: $1" out "n,total,last
$2" err "fanoutd: $3" -- run p.ini x.csv -s source.on-bad-row=skip -s source.on-bad-value=null
}

# No input, or none that can be read.
everywhere 'no such file' code 1 err 'fanoutd: nowhere.csv: No such file or directory' -- run p.ini nowhere.csv
everywhere 'a folder' code 1 err 'fanoutd: .: Is a directory' -- run p.ini .
everywhere 'no file for a glob' code 1 err "fanoutd: no file matches '*.nothing'" -- run -s 'source.path=*.nothing' p.ini
file a.csv 'x,t\n1,a\n'
everywhere 'the second file does not exist' code 1 err 'fanoutd: b.csv: No such file or directory' -- run p.ini a.csv b.csv
file b.csv 't\nb\n'
everywhere 'a column is missing in the first file' code 78 \
  err "fanoutd: p.ini:7: [aggregate total] column: no column 'x' in b.csv; it has: t" -- run p.ini b.csv a.csv
everywhere 'a column is missing in the first file that has any' code 78 \
  err "fanoutd: p.ini:7: [aggregate total] column: no column 'x' in b.csv; it has: t" -- run p.ini /dev/null b.csv a.csv
everywhere 'a column is missing in standard input' in 't\nb\n' code 78 \
  err "fanoutd: p.ini:7: [aggregate total] column: no column 'x' in standard input; it has: t" -- run p.ini -
file "$(printf 'b\tb.csv')" 't\nb\n'
everywhere 'a column is missing in a file with an odd name' code 78 \
  err "fanoutd: p.ini:7: [aggregate total] column: no column 'x' in b\\tb.csv; it has: t" -- run p.ini "$(printf 'b\tb.csv')"
everywhere 'a column is missing in a later file' code 1 err "fanoutd: no column 'x' in b.csv" -- run p.ini a.csv b.csv
: >empty.csv
everywhere 'empty files are no error' out 'n,total,last
1,1,a' -- run p.ini empty.csv a.csv empty.csv

# What looks odd and is right.
good '' '0,,'
good 'x,t\n' '0,,'
good 'x,t' '0,,'
good 'x,t\n1,a' '1,1,a'
good 'x,t\r\n1,a\r\n2,b\r\n' '2,3,b'
good 'x,t\r\n1,a\r\n2,b' '2,3,b'
good '\357\273\277x,t\n1,a\n' '1,1,a'
good '"x","t"\n"1","a"\n' '1,1,a'
good 'x,t\n1,"a,b"\n' '1,1,"a,b"'
good 'x,t\n1,"a""b"\n' '1,1,"a""b"'
good 'x,t\n1,"a\nb"\n' '1,1,"a
b"'
good 'x,t\n\n1,a\n\n' '1,1,a'
good ' x ,t\n1,a\n' '1,1,a'
good 'x,t\n,\n"",""\n' '2,,'
good 'x,t\n 12 ,a\n+1,b\n-3.50,c\n1e3,d\n' '4,1009.5,d'
good 'x,t\n0.1,a\n0.2,b\n' '2,0.3,b'
good 'x,t\n9223372036854775807,a\n9223372036854775807,b\n' '2,18446744073709551614,b'
good 'x,t\nnan,a\n1,b\n' '2,nan,b'
good 'x,t\n-Infinity,a\n1,b\n' '2,-inf,b'
good "$(printf 'x,t\\n1,a\377b\\n')" "$(printf '1,1,a\377b')"

# Bad rows.
bad 'x,t\n1,a\n2\n' 'x.csv:3: 1 field where 2 are wanted'
bad 'x,t\n1,a\n2,b,c\n' 'x.csv:3: 3 fields where 2 are wanted'
bad 'x,t\n1,"a\nb"\n2,b,c\n' 'x.csv:4: 3 fields where 2 are wanted'
bad 'x,t\r\n1,a\r2,b\r\n' 'x.csv:2: 3 fields where 2 are wanted'
bad 'x,t\n1,a\000b\n' 'x.csv:2: a NUL byte'
bad 'x,t\n1,"a"b\n2,"c"\n' 'x.csv:2: field 2: a quote that is neither at an edge of it nor doubled'
bad 'x,t\n1,a\n2,"b\n3,c\n' 'x.csv:3: a quote in this row is never closed'
bad 'x,t\n1,a\n2,"b' 'x.csv:3: a quote in this row is never closed'
bad 'x,"t\n1,a\n' 'x.csv:1: a quote in the header is never closed'

# Bad values.
for value in foo 0x10 1_000 '"1,234"' '12%%' 1e999 1.2.3 - . 1e '1 2'; do
  shown=$(printf "$value" | tr -d '"')
  bad "x,t\n1,a\n$value,b\n" "x.csv:3: column 'x': '$shown' is not a number"
done
bad 'x,t\n"1\n2",a\n' "x.csv:2: column 'x': '1\\n2' is not a number"

# Names from a file do not write to the terminal.
file x.csv 'x,tot\033al\nfoo,b\n'
try 'a column with a control character' code 1 err "fanoutd: x.csv:2: column 'tot\\x1Bal': 'b' is not a number" -- \
  run p.ini x.csv -s "aggregate total.column=$(printf 'tot\033al')" -s 'aggregate last.column=x'
try 'a near one with a control character' code 78 \
  err "fanoutd: -s aggregate total.column=total: [aggregate total] column: no column 'total' in x.csv; it has: x, tot\\x1Bal; did you mean 'tot\\x1Bal'?" -- \
  run p.ini x.csv -s "aggregate total.column=total" -s 'aggregate last.column=x'

# The first bad row decides; none of the results are printed.
bad 'x,t\n1,a\nfoo,b\n2\nbar,c\n' "x.csv:3: column 'x': 'foo' is not a number"

# Passed over.
skipped 'x,t\n1,a\n2\n3,c\n4,d,e\n' '2,4,c' '2 rows skipped; first: x.csv:3: 1 field where 2 are wanted'
skipped 'x,t\n1,a\nfoo,b\nbar,c\n' '3,1,c' "2 bad values taken as null; first: x.csv:3: column 'x': 'foo' is not a number"
skipped 'x,t\n1,a\n2,b\000\n3,c\n' '2,4,c' '1 row skipped; first: x.csv:3: a NUL byte'
file x.csv 'x,t\n1,a\n2,"b\n3,c\n'
everywhere 'an unclosed quote always fails' code 1 err 'fanoutd: x.csv:3: a quote in this row is never closed' -- \
  run p.ini x.csv -s source.on-bad-row=skip

# However many aggregates see a value, and as what, it is one value.
file x.csv 'x,t\n1,a\nfoo,b\n123456789012345678901,c\nbar,c\n'
for strategy in fiber threads callback; do
  try "values are counted once ($strategy)" out 'n,total,last,e,first
4,123456789012345680000,c,12345678901234570000,1' \
    err "fanoutd: 2 bad values taken as null; first: x.csv:3: column 'x': 'foo' is not a number
fanoutd: 1 integer rounded to the nearest double" -- \
    run p.ini x.csv -s pipeline.strategy=$strategy -s source.on-bad-value=null -s 'aggregate e.type=ewma' \
    -s 'aggregate e.column=x' -s 'aggregate first.type=first' -s 'aggregate first.column=x'
done

# Long rows.
{ printf 'x,t\n1,a\n2,'; head -c 70000 /dev/zero | tr '\0' y; printf '\n3,c\n'; } >x.csv
everywhere 'a row longer than max-row' code 1 err 'fanoutd: x.csv:3: a row longer than max-row (65536 bytes)' -- \
  run p.ini x.csv -s source.max-row=64K
everywhere 'a row longer than max-row, skipped' out 'n,total,last
2,4,c' err 'fanoutd: 1 row skipped; first: x.csv:3: a row longer than max-row (65536 bytes)' -- \
  run p.ini x.csv -s source.max-row=64K -s source.on-bad-row=skip

# Without a header.
file x.csv '1,a\n2,b\n'
everywhere 'columns by number' out 'n,total,last
2,3,b' -- run p.ini x.csv -s source.header=false -s 'aggregate total.column=1' -s 'aggregate last.column=2'
for column in 0 01 +1 1.0 3 99999999999999999999; do
  try "no column is called $column" code 78 err~ "[aggregate total] column: no column '$column' in x.csv" -- \
    run p.ini x.csv -s source.header=false -s "aggregate total.column=$column" -s 'aggregate last.column=2'
done
everywhere 'columns by given names' out 'n,total,last
2,3,b' -- run p.ini x.csv -s 'source.columns=x, t'

# Runs of blanks: a line of nothing else is empty, in front of the header as well.
file x.csv ' \t\n  \nx  t\n\t1 a\n   \n2\t\tb  \n'
everywhere 'blank lines between runs of blanks' out 'n,total,last
2,3,b' -- run p.ini x.csv -s source.delimiter=whitespace
everywhere 'the same from a pipe' in ' \t\n  \nx  t\n\t1 a\n   \n2\t\tb  \n' out 'n,total,last
2,3,b' -- run p.ini -s source.delimiter=whitespace

# Many columns: every one of them, and the last one.
wide () {
  awk -v columns="$1" -v rows="$2" 'BEGIN {
    for (i = 1; i <= columns; i++) printf "c%d%s", i, i < columns ? "," : "\n"
    for (r = 1; r <= rows; r++)
      for (i = 1; i <= columns; i++) printf "%d%s", r, i < columns ? "," : "\n"
  }' >wide.csv
  everywhere "$1 columns and $2 rows" out "n,total,last
$2,$(($2 * ($2 + 1) / 2)),$2" -- \
    run p.ini wide.csv -s "aggregate total.column=c$1" -s "aggregate last.column=c$(($1 / 2))"
}
wide 9000 60
wide 20000 20
awk 'BEGIN {
  print "[source]\ntype = csv"
  for (i = 1; i <= 1100; i++) printf "[aggregate a%d]\ntype = sum\ncolumn = c%d\n", i, i
}' >all.ini
wide 1100 400
everywhere 'every one of 1100 columns' out "$(seq -s , -f 'a%.0f' 1 1100)
$(yes 80200 | head -n 1100 | paste -s -d ,)" -- run all.ini wide.csv

# Text, lines.
file lines.ini '[source]\ntype = lines\npattern = ^(?<k>[a-z]+)=(?<v>\\d*)$\n[aggregate n]\ntype = count\ncolumn = v\n[aggregate total]\ntype = sum\ncolumn = v\n'
file l.txt 'a=1\nb=\nc=5\n'
everywhere 'lines by a pattern' out 'n,total
2,6' -- run lines.ini l.txt
file l.txt 'a=1\nwhat\nc=5\n'
everywhere 'a line without a match' code 1 err* 'fanoutd: l.txt:2: *' -- run lines.ini l.txt
file t.tsv 'x\tt\n1\t"a\n'
everywhere 'quotes are letters in tsv' out 'n,total,last
1,1,"""a"' -- run p.ini t.tsv -s source.type=tsv

finish
