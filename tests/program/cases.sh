#!/bin/sh
# What people run into, and what is right; the inputs are in tests/data/cases.
. "$(dirname "$0")/harness.sh"

cp "$top"/tests/data/cases/* .

note=''
# gives TITLE RESULT ARGUMENT...: with the note in $note, or without a word.
gives () {
  title=$1 want=$2
  shift 2
  try "$title" out "$want" err "$note" -- agg "$@"
  note=''
}

number="the header's name is a number: 1; --no-header (header = false) takes it for a row"
numbers="the header's names are numbers: 1 and so on; --no-header (header = false) takes it for a row"
letters='where quotes are letters: quote = none'

# Numbers without a header.
seq 10 >seq.txt
note="fanoutd: seq.txt:1: $number"
gives 'numbers without a header' 'sum_1
54' 'sum(1)' -- seq.txt
gives 'and as rows' 'sum_1
55' --no-header 'sum(1)' -- seq.txt
note="fanoutd: mat.txt:1: $numbers"
gives 'a matrix' 'sum_1
11' -d whitespace 'sum(1)' -- mat.txt
gives 'its rows' 'sum_1,sum_2,sum_3
12,15,18' -d whitespace --no-header 'sum(1)' 'sum(2)' 'sum(3)' -- mat.txt
gives 'columns by place' 'sum_2
60' --no-header 'sum(2)' -- headless2.csv
gives 'and as groups' '1,sum_2
2,1
3,1' -t tsv --no-header -g 1 'sum(2)' -- perm.tsv

# Names.
gives 'a name with a number sign' 'sum_Order #
3' 'sum(Order #)' -- hashname.csv
gives 'and as a group' 'Order #,sum_v
1,3
2,6' -g '"Order #"' 'sum(v)' -- hashname.csv
try 'the row names of R' code 1 err~ 'rtable.txt:2: 3 fields where 2 are wanted' err~ 'header = true and columns = NAME' -- \
  agg -d space 'mean(Sepal.Length)' -- rtable.txt
gives 'with a name' 'mean_Sepal.Length
5' -d space -s source.header=true -s 'source.columns=row, Sepal.Length, Species' 'mean(Sepal.Length)' -- rtable.txt

# No value.
gives 'the errors of a spreadsheet' 'sum_x
1' -s 'source.null-values=-, #N/A, #DIV/0!' 'sum(x)' -- excelerr.csv
gives 'blanks around a null value' 'sum_v
4' -s source.null-values=NA 'sum(v)' -- spna.csv
gives 'a blank field' 'sum_v
4' 'sum(v)' -- blankfield2.csv

# Quotes.
note="fanoutd: 1 row skipped, lines 2 to 4; first: unterm.csv:2: a quote in this row is never closed; $letters"
gives 'a quote that is never closed' 'sum_b,count
,0' -s source.on-bad-row=skip 'sum(b)' count -- unterm.csv
note="fanoutd: 1 row skipped, lines 3 to 6; first: swallow.csv:3: field 1: a quote that is neither at an edge of it nor doubled; $letters"
gives 'two stray quotes' 'sum_b,count
70,2' -s source.on-bad-row=skip 'sum(b)' count -- swallow.csv
gives 'quotes as letters' 'sum_b,count
210,6' -s source.quote=none 'sum(b)' count -- swallow.csv

# Bytes.
# Packed, as far as this build unpacks it, and of other programs.
unpacks () { ! "$FANOUTD" agg count -- "$1" 2>&1 | grep -q 'this fanoutd was built without'; }
for packed in c.csv.gz c.csv.xz c.csv.bz2; do
  unpacks $packed && gives "$packed" 'sum_Quantity
350' 'sum(Quantity)' -- $packed
done
unpacks x.zst && gives 'x.zst' 'sum_a
3' 'sum(a)' -- x.zst
gives 'UTF-16' 'sum_a,sum_b
4,6' 'sum(a)' 'sum(b)' -- utf16.csv
try 'UTF-16 without a mark' code 1 err 'fanoutd: utf16le.csv: it looks like UTF-16 without a byte order mark; [source] encoding = utf-16le takes it so' -- \
  agg count -- utf16le.csv
gives 'UTF-16 without a mark, as it is' 'count,sum_b
2,6' -s source.encoding=utf-16le count 'sum(b)' -- utf16le.csv
try 'old line ends' code 1 err~ 'cr.csv: it has carriage returns and no line feed' -- agg count -- cr.csv
gives 'Ctrl-A between fields' 'sum_b
2' -d '\x01' 'sum(b)' -- ctrla.csv
gives 'letters of other languages' 'who,sum_n
Müller,5' -t lines -s 'source.pattern=^(?<who>\w+) (?<n>\d+)' -g who 'sum(n)' -- utf.log

# Lines that are no rows.
gives 'comments' 'sum_a
4' -s 'source.comment=#' 'sum(a)' -- comments.csv
gives 'comments before a header that begins like one' 'max_QUAL
29' -t tsv -s source.comment=## -s source.null-values=. 'max(QUAL)' -- vcf.tsv
gives 'lines before the header' 'sum_b,count
12,3' -s source.skip-lines=2 'sum(b)' count -- preamble.csv
gives 'and a line of totals behind them' 'sum_b
6' -s source.skip-lines=2 -w "a != 'Total'" 'sum(b)' -- preamble.csv
gives 'a line that names the separator' 'sum_a
4' -d ';' -s source.skip-lines=1 'sum(a)' -- sep.csv

# Rows of other lengths.
ragged='ragged = true takes shorter and longer rows'
gives 'ps' 'USER,sum_RSS
alice,80000
bob,40000
root,11000' -d whitespace -s source.ragged=true -g USER 'sum(RSS)' -- ps.txt
gives 'df' 'sum_Used
5000000' -d whitespace -s source.ragged=true 'sum(Used)' -- df.txt
gives 'ls' '3,sum_5
bob,5000
root,1234' -d whitespace -s source.ragged=true --no-header -s source.skip-lines=1 -g 3 'sum(5)' -- ls.txt
gives 'short and long rows' 'sum_A,missing_C
6,1' -s source.ragged=true 'sum(A)' 'missing(C)' -- ragged.csv
for file in ps.txt df.txt; do
  try "$file without ragged" code 1 err~ "$file:2: " err~ "$ragged" -- agg -d whitespace count -- $file
done
try 'ls without ragged' code 1 err "fanoutd: ls.txt:3: 10 fields where 9 are wanted; $ragged" -- \
  agg -d whitespace --no-header -s source.skip-lines=1 count -- ls.txt
try 'a short row without ragged' code 1 err "fanoutd: ragged.csv:2: 2 fields where 3 are wanted; $ragged" -- agg count -- ragged.csv

# Numbers as people write them.
bad='null-values or on-bad-value = null take it for no value'
gives 'thousands' 'sum_number
101234.5' -s source.thousands=, 'sum(number)' -- thousands.csv
gives 'millions' 'sum_Norm,sum_Sep
5000000,5000000' -s source.thousands=, 'sum(Norm)' 'sum(Sep)' -- dbeaver.csv
gives 'decimal commas' 'sum_number
3.75' -d ';' -s source.decimal=, 'sum(number)' -- deccomma.csv
gives 'and thousands' 'sum_number
1236.75' -d ';' -s source.decimal=, -s source.thousands=. 'sum(number)' -- deccomma2.csv
gives 'points that are none' 'sum_number
3734' -d ';' -s source.decimal=, -s source.thousands=. 'sum(number)' -- deccomma3.csv
try 'thousands as they are' code 1 err "fanoutd: thousands.csv:2: column 'number': '100,000.00' is not a number; thousands = , reads it; $bad" -- \
  agg 'sum(number)' -- thousands.csv
try 'a decimal comma as it is' code 1 err "fanoutd: deccomma.csv:2: column 'number': '1,5' is not a number; decimal = , reads it; $bad" -- \
  agg -d ';' 'sum(number)' -- deccomma.csv
try 'both as they are' code 1 err "fanoutd: deccomma2.csv:2: column 'number': '1.234,5' is not a number; decimal = , and thousands = . read it; $bad" -- \
  agg -d ';' 'sum(number)' -- deccomma2.csv
note="fanoutd: 1 bad value taken as null; first: mix.csv:3: column 'x': 'abc' is not a number"
gives 'how many numbers' 'mean_x,count_x,missing_x
2,2,1' -s source.on-bad-value=null 'mean(x)' 'count(x, as=number)' 'missing(x, as=number)' -- mix.csv
gives 'a blank field is none' 'sum_v,missing_v,count_v
4,1,3' 'sum(v)' 'missing(v, as=number)' 'count(v)' -- blankfield2.csv

# The value at the latest date, and what stands beside the largest.
gives 'the latest date' 'argmax_d,argmin_d
2,3' 'argmax(d, value=v, as=text)' 'argmin(d, value=v, as=text)' -- dates.csv
try 'dates are no numbers' code 1 err "fanoutd: dates.csv:2: column 'd': '2026-01-02' is not a number; as = text compares texts; $bad" -- \
  agg 'argmax(d, value=v)' -- dates.csv
gives 'the two largest of each group' '1,largest_2
A,"[10,5]"
B,"[11,9]"
C,"[4,1]"' -d space --no-header -g 1 'largest(2, k=2)' -- unsorted.txt
gives 'and where they are' 'largest_2,smallest_2
"[""B"",""A"",""B""]","[""C"",""C""]"' -d space --no-header 'largest(2, k=3, value=1)' 'smallest(2, k=2, value=1)' -- unsorted.txt

gives 'the latest date, as others write dates' '"argmax(time(d, ""%m/%d/%Y""), value=v)"
2' 'argmax(time(d, "%m/%d/%Y"), value=v)' -- usdates.csv

# Values that are computed.
gives 'units behind numbers' 'level,count,"mean(num(sub(dur, ""ms$"", """")))"
error,1,
info,2,10' -t logfmt -g level count 'mean(num(sub(dur, "ms$", "")))' -- kv.log
gives 'signs before numbers' 's
3.75' 's=sum(num(sub(x, "^[$]", "")))' -- cur.csv
gives 'signs behind numbers' 's
25' 's=sum(num(sub(x, "%$", "")))' -- pct.csv
gives 'minutes and seconds' 's
150' "s=sum(if(t ~ '^..:..:', num(substr(t, 1, 2)) * 3600 + num(substr(t, 4, 2)) * 60 + num(substr(t, 7)), num(split(t, ':', 1)) * 60 + num(split(t, ':', 2))))" -- dur.csv
gives 'a text for no value that is a value elsewhere' 'country,sum_v2
DE,
NA,1' -l "v2=nullif(v, 'NA')" -g country 'sum(v2)' -- namibia.csv
gives 'by hour' 'h,sum_v
2026-01-02T10:00:00Z,3
2026-01-02T11:00:00Z,3' -g 'h=bucket(time(t), 1h)' 'sum(v)' -- ts.csv
gives 'a rate over times' 'rate_v
0.0005555555555555556' 'rate(v, time=time(t))' -- ts.csv
gives 'two digits' 'mean_x,m
1.6666666666666667,1.67' 'mean(x)' -r 'm=round(mean_x, 2)' -- third.csv
gives 'the largest last value' 'k,last_x
c,100' -g k 'last(x)' -s 'output.sort=last_x desc' -s output.limit=1 -- lastsort.csv

# Blanks around quotes.
gives 'blanks before quotes' 'sum_Quantity
350' -s source.trim=true 'sum(Quantity)' -- space-quote.csv
gives 'blanks behind quotes' 'sum_B,sum_C
39,36' -s source.trim=true 'sum(B)' 'sum(C)' -- quotespace.csv
trim='a quote that is neither at an edge of it nor doubled; where there are blanks around quotes: trim = true'
try 'blanks before quotes as they are' code 1 err "fanoutd: space-quote.csv:1: field 2 of the header: $trim" -- agg count -- space-quote.csv
try 'blanks behind quotes as they are' code 1 err "fanoutd: quotespace.csv:2: field 1: $trim" -- agg count -- quotespace.csv

# Other delimiters.
gives 'two characters between fields' 'sum_b
6' -d '||' 'sum(b)' -- dd.csv
gives 'by their numbers' 'sum_b
6' -d '\x7c\x7C' 'sum(b)' -- dd.csv
try 'a name that is none' code 78 err "fanoutd: -d comma: [source] delimiter: found 'comma'; possible: characters (or \t, \x1F), whitespace, tab or space" -- \
  agg -d comma count -- dd.csv

# Files with other columns.
gives 'a column that some inputs lack' 'sum_a,sum_b,count
111,22,3' -s source.missing-columns=null 'sum(a)' 'sum(b)' count -- h1.csv h2.csv h3.csv
try 'and is an error' code 1 err "fanoutd: no column 'b' in h3.csv; missing-columns = null takes it for no value" -- \
  agg 'sum(a)' 'sum(b)' -- h1.csv h2.csv h3.csv
try 'a name with other letters' code 1 err "fanoutd: no column 'a' in h4.csv; missing-columns = null takes it for no value; did you mean 'A'?" -- \
  agg 'sum(a)' -- h1.csv h4.csv
gives 'a text that some inputs lack' 'c,count
x,1
y,1
,1' -s source.missing-columns=null -g c count -- h2.csv h1.csv h3.csv
try 'a column that the first lacks' code 78 err~ "no column 'c' in h1.csv" -- agg -s source.missing-columns=null 'count(c)' -- h1.csv h2.csv

# More digits than 63 bits hold.
gives 'unsigned 64-bit ids' 'min_id,max_id,distinct_id,range_id,sum_id
18446744073709551613,18446744073709551615,3,2,55340232221128654842' \
  'min(id)' 'max(id)' 'distinct(id, as=number)' 'range(id)' 'sum(id)' -- u64.csv
gives 'long decimals' 'mean_x,sum_x,range_x,distinct_x
9223372036854775807.18,18446744073709551614.36,0.12,2' \
  'mean(x)' 'sum(x)' 'range(x)' 'distinct(x, as=number)' -- avgdec.csv
gives 'eighteen places' 'sum_w
1234.567890123456789013' 'sum(w)' -- wei.csv
gives 'twenty digits' 'sum_x,distinct_x
2469135780.2469135783,2' 'sum(x)' 'distinct(x, as=number)' -- f20.csv

finish
