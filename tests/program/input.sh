#!/bin/sh
# Inputs as they come: odd ones that are fine, bad ones with message and exit code; the same under
# every strategy, batch size and number of partitions.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = t\n'

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
everywhere 'a column is missing in a later file' code 1 err "fanoutd: no column 'x' in b.csv; missing-columns = null takes it for no value" -- run p.ini a.csv b.csv
: >empty.csv
everywhere 'empty files are no error' out 'n,total,last
1,1,a' -- run p.ini empty.csv a.csv empty.csv
file blank.csv '\r\n \n\n'
everywhere 'blank lines alone' out 'n,total,last
1,1,a' -- run p.ini blank.csv a.csv blank.csv
for blank in '\n' ' \n' '\n\t\n\n ' '\r\n'; do
  try 'nothing but blank lines' in "$blank" out 'count,sum_a
0,' -- agg count 'sum(a)'
done

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

# What is a line, a mark and a name at the beginning.
good '  \n\t\r\n\nx,t\n1,a\n' '1,1,a'
good '\357\273\277\nx,t\n1,a\n' '1,1,a'
file x.csv '\357\273\277\357\273\277x,t\n1,a\n'
try 'the second byte order mark is a letter' code 78 err~ "no column 'x' in x.csv; it has: \\xEF\\xBB\\xBFx, t" -- run p.ini x.csv
file x.csv '\n1,2.5\n3,4\n'
numeric () { everywhere "$@" -s 'aggregate total.column=1' -s 'aggregate last.column=2.5'; }
numeric 'a header of numbers' out 'n,total,last
1,3,4' err 'fanoutd: x.csv:2: the header'"'"'s names are numbers: 1 and so on; --no-header (header = false) takes it for a row' -- \
  run p.ini x.csv
numeric 'one that was asked for' out 'n,total,last
1,3,4' -- run p.ini x.csv -s source.header=true
try 'a column by number in a header of numbers' code 78 \
  err~ "no column '2' in x.csv; it has: 1, 2.5; these are numbers: --no-header (header = false) takes the header for a row" -- \
  agg 'sum(2)' -- x.csv
try 'a name that is a number' in '7\n1\n' out 'sum_7
1' err "fanoutd: standard input:1: the header's name is a number: 7; --no-header (header = false) takes it for a row" -- agg 'sum(7)'
file a.csv '1,2.5\n3,4\n'
file b.csv '1,3\n3,4\n'
try 'in a later file' code 1 err~ "no column '2.5' in b.csv; its header is all numbers: --no-header takes it for a row" -- \
  run p.ini a.csv b.csv -s 'aggregate total.column=1' -s 'aggregate last.column=2.5'

# In an expression a number is no column.
number_alone () {
  note=$1 answer=$2
  shift 2
  try "a number in $*" in '1,10\n2,20\n' out "$answer" err "fanoutd: $note has no column in it; the one called 2 is written \"2\"" -- agg --no-header "$@"
}
number_alone "max=max(abs(2) * 3): 'abs(2) * 3'" 'max
6' 'max=max(abs(2) * 3)'
number_alone "-w 2 > 10: '2 > 10'" 'count
0' -w '2 > 10' count
number_alone "n=count(where=15 < 2): '15 < 2'" 'n
0' 'n=count(where=15 < 2)'
try 'columns, and what is none of them' in '1,10\n2,20\n' out 'max,n,m
60,1,2' -- agg --no-header 'max=max("2" * 3)' 'n=count(where=row() = 2)' 'm=count(where=3 > 1.5)'
try 'a function in capitals' in '1,10\n2,20\n' out 'n
1' -- agg --no-header 'n=count(where=ROW() = 2)'
try 'where a header has numbers' in '2020,2021\n1,10\n' out 'n
1' err~ "-w 2020 < 2021: '2020 < 2021' has no column in it; the one called 2020 is written \"2020\"" -- agg -w '2020 < 2021' 'n=count'
try 'a number where columns have names' in 'a,b\n1,10\n' out 'max
4' -- agg 'max=max(abs(2) + 2)'

# A header that another delimiter takes apart.
hint () { try "$1" in "$2" code 78 err~ "it has: $3" -- agg 'sum(b)' "$4" "$5"; }
hint 'tabs' 'a\tb\n1\t2\n' 'a\tb; delimiter = tab takes it apart' -t csv
hint 'semicolons' 'a; b\n1; 2\n' 'a; b; delimiter = ; takes it apart' -t csv
hint 'commas' 'a,b\n1,2\n' '"a,b"; delimiter = , takes it apart' -d '|'
hint 'bars' '| a | b |\n| 1 | 2 |\n' '| a | b |; delimiter = | takes it apart' -t csv
hint 'blanks' 'a    b\n1    2\n' 'a    b; delimiter = whitespace takes it apart' -t csv
hint 'commas in place of tabs' 'a,b\n1,2\n' '"a,b"; type = csv and delimiter = , takes it apart' -t tsv
hint 'a part of a name' 'a;bc\n1;2\n' 'a;bc
' -t csv
hint 'a line for spreadsheets' 'sep=;\na;b\n1;2\n' 'sep=;; for the line sep=; and what comes behind it: skip-lines = 1 and delimiter = ;' -t csv
hint 'one that is no letter' 'sep=\001\na\001b\n1\0012\n' 'sep=\x01; for the line sep=\x01 and what comes behind it: skip-lines = 1 and delimiter = \x01' -t csv
hint 'the same with its delimiter' 'sep=;\na;b\n1;2\n' 'sep=, 2; skip-lines = 1 passes over the line sep=' -d ';'
hint 'a comment' '# a b\na,b\n1,2\n' '"# a b"; comment = # passes over such lines' -t csv
hint 'a comment of two fields' '## x, y\na,b\n1,2\n' '"## x", y; comment = # passes over such lines' -t csv
hint 'a sign before the first name' '#a\tb\n1\t2\n' '"#a\tb"; delimiter = tab takes it apart' -t csv
w3c='#Version: 1.0\n#Fields: time c-ip b\n00:00:01 ::1 2\n00:00:02 ::1 3\n'
hint 'a log of the W3C' "$w3c" '"#Version: 1.0"; for a log of the W3C: comment = #, header = false, columns = the names behind #Fields:, and delimiter = space or tab' -t csv
try 'the same, read so' in "$w3c" out 'sum_b
5' -- agg -d space -s source.comment=# -s source.header=false -s 'source.columns=time, c-ip, b' 'sum(b)'

# The header of R is one name short.
file r.txt '"x" "t"\n"1" 5.5 "a"\n"2" 4 "b c"\n'
try 'row names of R' code 1 \
  err 'fanoutd: r.txt:2: 3 fields where 2 are wanted; where the header has no name for the first column, as R writes row names: header = true and columns = NAME, and the names of the header; else ragged = true takes shorter and longer rows' -- \
  run p.ini r.txt -s source.delimiter=space
everywhere 'the same with a name' out 'n,total,last
2,9.5,b c' -- run p.ini r.txt -s source.delimiter=space -s source.header=true -s 'source.columns=row, x, t'

# No text.
no_text () {
  file x.csv "$1"
  everywhere "no text: $1" code 1 err "fanoutd: x.csv: it $2" -- run p.ini x.csv
}
no_text 'x,t\r1,a\r' 'has carriage returns and no line feed, the line ends of old Macintoshes; as text it comes from: tr '"'\\r' '\\n'"' < x.csv'
no_text 'x\000,\000t\000\n\0001\000,\0002\000\n\000' 'looks like UTF-16 without a byte order mark; [source] encoding = utf-16le takes it so'
no_text '\000x\000,\000t\000\n\0001\000,\0002\000\n' 'looks like UTF-16 without a byte order mark; [source] encoding = utf-16be takes it so'
no_text '\377\376\000\000x\000\000\000\n\000\000\000' 'is UTF-32, by its byte order mark; [source] encoding = utf-32 takes it so'
no_text '%%PDF-1.7\n1,2\n' 'looks like PDF, and is no text'
no_text '<!DOCTYPE html>\n<html>\n' 'looks like HTML, the page of a site, and has no rows'
no_text ' \n<HTML lang=en>\n' 'looks like HTML, the page of a site, and has no rows'
no_text '[{"v":1},{"v":2}]' "looks like JSON, and not like rows; type = jsonl reads what comes from: jq -c '.[]' x.csv"
no_text ' [\n  { "v": 1 },\n  { "v": 2 }\n]\n' "looks like JSON, and not like rows; type = jsonl reads what comes from: jq -c '.[]' x.csv"
no_text '{\n  "v": 1\n}\n' 'looks like JSON, and not like rows; type = jsonl reads what comes from: jq -c . x.csv'
no_text '\320\317\021\340\241\261\032\341\000' 'looks like an old document or spreadsheet of Microsoft Office, and is no text'
no_text 'PK\003\004\024' 'looks like a zip archive, which a spreadsheet may be as well; as text it comes from: unzip -p x.csv'
no_text 'PAR1\025\004' 'looks like Parquet, and is no text'
try 'HTML is rows where lines are wanted' in '<html>\n<p>\n' out 'count
2' -- agg -t lines count
bad 'x,t\000\n1,a\n' 'x.csv:1: a NUL byte in the header'

# Nothing there.
good 'x,t\n  ,a\n" ",b\n1,c\n' '3,1,c'
file x.csv 'x,t\n NA,a\nNA\t,b\n1, NA\n2,c\n'
everywhere 'blanks around null values' out 'n,total,last
4,3,c' -- run p.ini x.csv -s source.null-values=NA

# Bad rows.
bad 'x,t\n1,a\n2\n' 'x.csv:3: 1 field where 2 are wanted; ragged = true takes shorter and longer rows'
bad 'x,t\n1,a\n2,b,c\n' 'x.csv:3: 3 fields where 2 are wanted; ragged = true takes shorter and longer rows'
bad 'x,t\n1,"a\nb"\n2,b,c\n' 'x.csv:4: 3 fields where 2 are wanted; ragged = true takes shorter and longer rows'
bad 'x,t\r\n0,z\r\n1,a\r2,b\r\n' 'x.csv:3: 3 fields where 2 are wanted; ragged = true takes shorter and longer rows'
bad 'x,t\n1,a\000b\n' 'x.csv:2: a NUL byte'
bad 'x,t\n1,"a"b\n2,"c"\n' 'x.csv:2: field 2: a quote that is neither at an edge of it nor doubled; where quotes are letters: quote = none'
bad 'x,t\n1,a\n2,"b\n3,c\n' 'x.csv:3: a quote in this row is never closed; where quotes are letters: quote = none'
bad 'x,t\n1,a\n2,"b' 'x.csv:3: a quote in this row is never closed; where quotes are letters: quote = none'
bad 'x,"t\n1,a\n' 'x.csv:1: a quote in the header is never closed; where quotes are letters: quote = none'

bad 'x,t\n1,a,\n2,b,\n' 'x.csv:2: 3 fields where 2 are wanted; ragged = true takes shorter and longer rows'
drawn='a line drawn for people, which psql --csv and mysql --batch leave away; comment = --- passes over what begins so'
bad 'x,t\n-----\n2,b\n' "x.csv:2: 1 field where 2 are wanted; $drawn"
try 'a table of psql' in ' x | t \n---+---\n 1 | a\n' code 1 err "fanoutd: standard input:2: 1 field where 2 are wanted; $drawn" -- agg -d '|' 'sum(x)'
try 'without the line' in ' x | t \n---+---\n 1 | a\n 2 | b\n' out 'sum_x
3' -- agg -d '|' -s source.comment=--- 'sum(x)'

# Backslashes in front of quotes.
doubled="; where \\\" stands for a quote, it is doubled in what comes from: sed 's/\\\\\"/\"\"/g'; where quotes are letters: quote = none"
bad 'x,t\n1,"a \\" b"\n' "x.csv:2: a quote in this row is never closed$doubled"
bad 'x,t\n1,"a \\"b\\" c"\n' "x.csv:2: field 2: a quote that is neither at an edge of it nor doubled$doubled"
doubles () { [ "$(sed 's/\\"/""/g' x.csv | "$FANOUTD" agg 'first(t)')" = 'first_t
"a ""b"" c"' ]; }
check 'what is said doubles them' doubles

# Another delimiter, or none at all.
quotes='standard input:1: field 1 of the header: a quote that is neither at an edge of it nor doubled'
try 'quotes and semicolons' code 1 in '"x";"t"\n"1";"a;b"\n' err "fanoutd: $quotes; where fields end in semicolons: delimiter = ;" -- agg count
try 'quotes and tabs' code 1 in '"x"\t"t"\n' err "fanoutd: $quotes; where fields end in tabs: delimiter = tab" -- agg count
try 'quotes and bars' code 1 in '"x"|"t"\n' err "fanoutd: $quotes; where fields end in '|': delimiter = |" -- agg count
try 'quotes and commas' code 1 in '"x","t"\n' err "fanoutd: $quotes; where fields end in commas: delimiter = ," -- agg -d ';' count
try 'JSON lines' code 1 in '{"x":1,"t":"a"}\n' err "fanoutd: $quotes; where lines are JSON: type = jsonl" -- agg count
try 'quotes in the midst' code 1 in '"x"y;t\n' err "fanoutd: $quotes; where quotes are letters: quote = none" -- agg count
file x.csv 'x;t\n1;a\n"2";"b";3\n'
try 'quotes and semicolons in a row' code 1 err 'fanoutd: x.csv:3: field 1: a quote that is neither at an edge of it nor doubled; where fields end in semicolons: delimiter = ;' -- \
  agg count -- x.csv

# Bad values.
for value in foo 0x10 1_000 12ms '(5)' '<5' '$' '5$6' 1e999 1.2.3 - . 1e '1 2' '"1,2,3"' '"1,23,456"' '"1,234.5,6"' '"1,,234"'; do
  shown=$(printf "$value" | tr -d '"')
  way=''
  [ "$value" != '"1,23,456"' ] || way='thousands = , reads it; '
  bad "x,t\n1,a\n$value,b\n" "x.csv:3: column 'x': '$shown' is not a number; ${way}null-values or on-bad-value = null take it for no value"
done
# written VALUE WAY: a number that is written another way, and the keys that read it.
written () {
  bad "x,t\n1,a\n\"$1\",b\n" "x.csv:3: column 'x': '$1' is not a number; $2; null-values or on-bad-value = null take it for no value"
}
written 1,234 'thousands = , or decimal = , reads it'
written -1,234,567.5 'thousands = , reads it'
written 12,5 'decimal = , reads it'
written 1.234,5 'decimal = , and thousands = . read it'
written 1.234.567 'decimal = , and thousands = . read it'
written '1 234.5' 'thousands = space reads it'
written "1'234" "thousands = ' reads it"
written '1 234,5' 'decimal = , and thousands = space read it'
written "1'234,5" "decimal = , and thousands = ' read it"
# shellcheck disable=SC1112 # it is meant
written '1’234.5' 'thousands = ’ reads it'
# A sign of money, or of percentages, on one side: what is said reads it.
signed_value () {
  printf 'x;t\n0;a\n%s;b\n' "$1" >x.csv
  try "signed: $1" code 1 err "fanoutd: x.csv:3: column 'x': '$1' is not a number; $2 reads it; null-values or on-bad-value = null take it for no value" -- \
    agg -d ';' 'sum(x)' -- x.csv
  try "read: $1" out "total
$3" -- agg -d ';' "total=sum($2)" -- x.csv
}
signed_value '12%' "replace(x, '%', '')" 12
signed_value '12.5 %' "replace(x, '%', '')" 12.5
signed_value '$1.50' "replace(x, '$', '')" 1.5
signed_value '+$7' "replace(x, '$', '')" 7
signed_value '$1,234.50' "num(replace(x, '$', ''), '.', ',')" 1234.5
signed_value '5 €' "replace(x, '€', '')" 5
signed_value '1.234,50€' "num(replace(x, '€', ''), ',', '.')" 1234.5
signed_value '£ 1 234,5' "num(replace(x, '£', ''), ',', ' ')" 1234.5
signed_value '¥1,234,567' "num(replace(x, '¥', ''), '.', ',')" 1234567
printf 'x;t\n$1,234;a\n' >x.csv
try 'signed, of two ways' code 1 err~ "; num(replace(x, '$', ''), '.', ',') or num(replace(x, '$', ''), ',') reads it; " -- agg -d ';' 'sum(x)' -- x.csv
printf 'a "b";t\n1;a\n2%%;b\n' >x.csv
try 'signed, of a name in quotes' code 1 err~ "; replace(\"a \"\"b\"\"\", '%', '') reads it; " -- agg -d ';' -s source.quote=none 'sum("a ""b""")' -- x.csv
file x.jsonl '{"a.b":0}\n{"a.b":"12%%"}\n'
try 'signed, of a path in quotes' code 1 err~ "; replace(\"a.b\", '%', '') reads it; " -- agg -t jsonl 'sum("a.b")' -- x.jsonl
try 'read, of a path in quotes' out 'total
12' -- agg -t jsonl "total=sum(replace(\"a.b\", '%', ''))" -- x.jsonl

# Blanks that do not break.
wide=$(printf '\302\240') thin=$(printf '\342\200\257')
bad 'x,t\n"1\302\240234.5",b\n' "x.csv:2: column 'x': '1\\xC2\\xA0234.5' is not a number; thousands = $wide (U+00A0) reads it; null-values or on-bad-value = null take it for no value"
bad 'x,t\n"1\342\200\257234,5",b\n' "x.csv:2: column 'x': '1\\xE2\\x80\\xAF234,5' is not a number; decimal = , and thousands = $thin (U+202F) read it; null-values or on-bad-value = null take it for no value"
file x.csv 'x;t\n1.234;a\n'
try 'thousands where the decimal mark is a comma' code 1 \
  err "fanoutd: x.csv:2: column 'x': '1.234' is not a number; thousands = . or decimal = . reads it; null-values or on-bad-value = null take it for no value" -- \
  agg -d ';' -s source.decimal=, 'sum(x)' -- x.csv
bad 'x,t\n"1\n2",a\n' "x.csv:2: column 'x': '1\\n2' is not a number; null-values or on-bad-value = null take it for no value"

# Names from a file do not write to the terminal.
file x.csv 'x,tot\033al\nfoo,b\n'
try 'a column with a control character' code 1 err "fanoutd: x.csv:2: column 'tot\\x1Bal': 'b' is not a number; null-values or on-bad-value = null take it for no value" -- \
  run p.ini x.csv -s "aggregate total.column=$(printf 'tot\033al')" -s 'aggregate last.column=x'
try 'a near one with a control character' code 78 \
  err "fanoutd: -s aggregate total.column=total: [aggregate total] column: no column 'total' in x.csv; it has: x, tot\\x1Bal; did you mean 'tot\\x1Bal'?" -- \
  run p.ini x.csv -s "aggregate total.column=total" -s 'aggregate last.column=x'

# The first bad row decides; none of the results are printed.
bad 'x,t\n1,a\nfoo,b\n2\nbar,c\n' "x.csv:3: column 'x': 'foo' is not a number; null-values or on-bad-value = null take it for no value"

# Passed over.
skipped 'x,t\n1,a\n2\n3,c\n4,d,e\n' '2,4,c' '2 rows skipped; first: x.csv:3: 1 field where 2 are wanted; ragged = true takes shorter and longer rows'
skipped 'x,t\n1,a\nfoo,b\nbar,c\n' '3,1,c' "2 bad values taken as null; first: x.csv:3: column 'x': 'foo' is not a number"
skipped 'x,t\n1,a\n2,b\000\n3,c\n' '2,4,c' '1 row skipped; first: x.csv:3: a NUL byte'
file x.csv 'x,t\n1,a\n2,"b\n3,c\n'
skipped 'x,t\n1,a\n2,"b\n3,c\n' '1,1,a' "1 row skipped, lines 3 to 4; first: x.csv:3: a quote in this row is never closed; where quotes are letters: quote = none"
skipped 'x,t\n1,a\n2,"b' '1,1,a' "1 row skipped; first: x.csv:3: a quote in this row is never closed; where quotes are letters: quote = none"
skipped 'x,t\n1,a\n6",b\n7,c\n"8\n9,d\n' '2,10,d' "1 row skipped, lines 3 to 5; first: x.csv:3: field 1: a quote that is neither at an edge of it nor doubled; where quotes are letters: quote = none"
skipped 'x,t\n1,a\n"2\n",b,c\n3,d\n4\n' '2,4,d' "2 rows skipped; first, lines 3 to 4: x.csv:3: 3 fields where 2 are wanted; ragged = true takes shorter and longer rows"
file y.csv 'x,t\n5,e\n'
file x.csv 'x,t\n1,"a\n\n"\n2,"b\n3,c\n'
everywhere 'an unclosed quote ends with its input' out 'n,total,last
2,6,e' err 'fanoutd: 1 row skipped, lines 5 to 6; first: x.csv:5: a quote in this row is never closed; where quotes are letters: quote = none' -- \
  run p.ini x.csv y.csv -s source.on-bad-row=skip
bad 'x,t\n"1\n2","a\n3,c\n' 'x.csv:2: a quote that opens in line 3 is never closed; where quotes are letters: quote = none'
long=$(printf '%0300d' 0)
file x.csv "x,t\\n1,a\\n2,$long\\n\"$long\\n$long\",3\\n3,c\\n4,\"$long\\n5,c"
everywhere 'long rows are skipped to their ends' out 'n,total,last
2,4,c' err 'fanoutd: 3 rows skipped; first: x.csv:3: a row longer than max-row (100 bytes)' -- \
  run p.ini x.csv -s source.on-bad-row=skip -s source.max-row=100
everywhere 'a long row inside of quotes' code 1 err 'fanoutd: standard input:2: a row longer than max-row (100 bytes); it is inside of quotes there; where quotes are letters: quote = none' \
  in "x,t\\n1,\"$long\\n$long" -- run p.ini - -s source.max-row=100

# However many aggregates see a value, and as what, it is one value.
file x.csv 'x,t\n1,a\nfoo,b\n1234567890123456789012345678901234567890,c\nbar,c\n'
for strategy in fiber threads callback; do
  try "values are counted once ($strategy)" out 'n,total,last,e,first
4,1.2345678901234568e39,c,1.2345678901234568e38,1' \
    err "fanoutd: 2 bad values taken as null; first: x.csv:3: column 'x': 'foo' is not a number
fanoutd: 1 number rounded to the nearest double; first: x.csv:4: column 'x': '1234567890123456789012345678901234567890'" -- \
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

# What may pass is told from what is wrong.
if [ -r /proc/self/mem ]; then
  try 'an input that cannot be read now' code 75 err 'fanoutd: /proc/self/mem: Input/output error' -- agg --no-header 'count()' -- /proc/self/mem
  try 'a configuration' code 75 err 'fanoutd: /proc/self/mem: Input/output error' -- run /proc/self/mem
  try 'a part' code 75 err 'fanoutd: /proc/self/mem: Input/output error' -- merge /proc/self/mem
fi
finish
