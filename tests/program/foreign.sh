#!/bin/sh
# Delimited text as others write it: what is no row, and all of it against a plain reader.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\npath = a.csv\n[aggregate n]\ntype = count\n[aggregate sum]\ntype = sum\ncolumn = x\n'
bad='null-values or on-bad-value = null take it for no value'

# Comments, wherever they are.
file a.csv '# it'"'"'s "so\n#\n\n# and so\nx,y\n1,"a\n#b"\n#2,"c\n\n3,#d\n# "the" end'
everywhere 'comments' out 'n,sum
2,4' -- run p.ini -s 'source.comment=#'
file b.csv '# "\n#\nx,y\n1,a\n# "\n\n#\nz,b\n'
everywhere 'the line of a bad value behind comments' code 1 err "fanoutd: b.csv:8: column 'x': 'z' is not a number; $bad" -- \
  run p.ini -s 'source.comment=#' -s source.path=b.csv
try 'a bad header behind comments' in '#\n#\n\nx,"y\n' code 1 \
  err 'fanoutd: standard input:4: a quote in the header is never closed; where quotes are letters: quote = none' -- \
  run p.ini -s 'source.comment=#' -
try 'comments alone' in '#\n# x' out 'n,sum
0,' -- run p.ini -s 'source.comment=#' -
try 'a quote in the comment' code 78 err "fanoutd: p.ini:1: [source]: 'quote' is a part of 'comment'" -- \
  check p.ini -s 'source.comment=#"'
file c.txt '# one\na 1\n#b 2\nc 3\n'
for batch in 1 4096; do
  try "comments between lines, batch $batch" out 'k,sum_v
a,1
c,3' -- agg -t lines -s 'source.pattern=^(?<k>\w+) (?<v>\d+)' -s 'source.comment=#' -s pipeline.batch=$batch -g k 'sum(v)' -- c.txt
done
try 'and whole lines' out 'count
2' -- agg -t lines -s 'source.comment=#' count -- c.txt

# Lines before the header, of each input.
file a.csv 'it is "so\n\nx\n1\n2\n'
file b.csv '\nagain\nx\n4\n'
file c.csv 'only one line'
everywhere 'lines at the beginning of each input' out 'n,sum
3,7' -- run p.ini -s source.skip-lines=2 a.csv b.csv c.csv
awk 'BEGIN {for (i = 0; i < 30000; i++) print "a line of \"many"; print "x"; for (i = 0; i < 10; i++) print i; print "z"}' >long.csv
"$FANOUTD" run p.ini -s source.skip-lines=30000 -s source.max-row=20 - <long.csv 2>.piped
check 'more lines than are kept, of a pipe' grep -qF "standard input:30012: column 'x': 'z' is not a number" .piped
try 'and of a file' code 1 err "fanoutd: long.csv:30012: column 'x': 'z' is not a number; $bad" -- \
  run p.ini -s source.skip-lines=30000 -s source.max-row=20 long.csv

printf 'r\0e\0p\0o\0r\0t\0\n\0x\0\n\0001\0\n\0' >wide.csv
try 'of bytes that are none of UTF-8' code 1 \
  err~ 'wide.csv: it looks like UTF-16 without a byte order mark; [source] encoding = utf-16le takes it so' -- \
  run p.ini -s source.skip-lines=1 wide.csv
try 'and with what it names' out 'n,sum
1,1' -- run p.ini -s source.skip-lines=1 -s source.encoding=utf-16le wide.csv

# Columns that later inputs lack.
file m1.csv 'k,x,t\na,1,one\n'
file m2.csv '"t"\n"two"\n"th""ree"\n'
file m3.csv 'x,k\n5,a\n'
file m.ini '[source]\ntype = csv\npath = m1.csv, m2.csv, m3.csv\nmissing-columns = null\n[pipeline]\ngroup-by = k
[aggregate n]\ntype = count\n[aggregate sum]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = t
[aggregate none]\ntype = missing\ncolumn = t\n'
everywhere 'columns that later inputs lack' out 'k,n,sum,last,none
a,2,6,one,1
,2,,"th""ree",0' -- run m.ini
everywhere 'a filter over them' out 'k,n,sum,last,none
a,1,5,,1' -- run m.ini -s 'pipeline.where=t is null'
file n1.csv '1,2,3\n'
file n2.csv '4,5\n6,7\n'
try 'columns by number' out 'n,sum_2,sum_3
3,14,3' -- agg --no-header -s source.missing-columns=null n=count 'sum(2)' 'sum(3)' -- n1.csv n2.csv
try 'that are there in the first' code 1 err "fanoutd: no column '3' in n2.csv; missing-columns = null takes it for no value" -- \
  agg --no-header 'sum(3)' -- n1.csv n2.csv

# Rows of other lengths, blanks, delimiters.
file r.csv 'x,y,z\n1\n2,"b,\n"\n3,c,d,"e"\n\n,,\n'
everywhere 'shorter and longer rows' in "$(cat r.csv)" out 'z,n,y
d,1,c
,3,"b,
"' -- agg -s source.ragged=true -g z n=count 'y=last(y)'
everywhere 'blanks around quotes and fields' in 'x , y\n 1 ,\t"a ""b"" " \n\t2,"c" \n  \n" 3 ",\n' out 'y,n,x
"a ""b"" ",1,1
c,1,2
,1,3' -- agg -s source.trim=true -g y n=count 'x=sum(x)'
everywhere 'delimiters of several bytes that overlap' in 'x|||y\n1||"a||b"\n||c|\n|||\n' out '|y,n,x
a||b,1,1
c|,1,
|,1,' -- agg -d '||' -g '|y' n=count 'x=first(x)' -s source.on-bad-row=skip

# How numbers are written.
for setting in 'decimal=,,' 'decimal=5' 'thousands=ab' 'thousands=.'; do
  try "numbers with $setting" code 78 err~ "[source]" -- agg -s "source.$setting" count -- r.csv
done
everywhere 'numbers of columns in expressions' in 'x;y\n1,5;a\n2.5;b\n1.234,5;c\n;d\nz;\n' out 'y,n,sum
a,1,1.5
c,1,1234.5' -- agg -d ';' -s source.decimal=, -s source.thousands=. -s 'pipeline.where=is_number(x) and x > 1' -g y n=count 'sum=sum(x)'
try 'by num() too, but not where it was computed' in 'x;y\n1,5;a\n2,5;b\n' out 'n,other
1,0' -- agg -d ';' -s source.decimal=, 'n=count(where=num(x) = 1.5)' "other=count(where=num(concat(x, '')) = 1.5)"
narrow=$(printf '\342\200\257')
everywhere 'a narrow blank between thousands' in "x;y\n1${narrow}234,5;a\n-12${narrow}345${narrow}678;b\n0,5;c\n1e3;d\n" out 'n,x
4,-12343443' -- agg -d ';' -s source.decimal=, -s "source.thousands=$narrow" n=count 'x=sum(x)'
try 'no mark between thousands' in 'x\n1\n' out 'sum_x
1' -- agg -s source.thousands= 'sum(x)'
everywhere 'a point is none' code 1 in 'x\n"1,5"\n2.5\n' err "fanoutd: standard input:3: column 'x': '2.5' is not a number; decimal = . reads it; $bad" -- \
  agg -s source.decimal=, 'sum(x)'

if command -v python3 >/dev/null; then
  check 'the same as a plain reader' python3 "$here/foreign.py" "$FANOUTD"
fi

finish
