#!/bin/sh
# agg: aggregates on the command line.
. "$(dirname "$0")/harness.sh"

file f.csv 'origin,delay,miles\nA,1,10\nB,5,20\nA,3,30\n'
file odd.csv '"Last, First",a=b,(c)\nx,1,2\ny,3,4\n'
file plain.csv 'a;1\nb;2\n'
hint="(see 'fanoutd agg -h')"

# What an EXPR can be.
try 'operators and columns' out 'count,mean_delay
3,3' -- agg count 'mean(delay)' -- f.csv
try 'standard input' in 'x\n1\n2\n' out 'sum_x
3' -- agg 'sum(x)'
try 'groups' out 'origin,count
A,2
B,1' -- agg -g origin count -- f.csv
try 'groups by several columns' out 'origin,delay,count
A,1,1
A,3,1
B,5,1' -- agg -g origin,delay count -- f.csv
# It is a double as well, which has fewer digits as one.
try 'all digits of a decimal' in 'x\n1125899906842624.125\n1125899906842624.125\n' out 'max_x,min_x,median_x,mode_x,first_x,mean_x
1125899906842624.125,1125899906842624.125,1125899906842624.125,1125899906842624.125,1125899906842624.125,1125899906842624.125' -- agg 'max(x)' 'min(x)' 'median(x)' 'mode(x)' 'first(x)' 'mean(x)'
try 'several tables' out '{"table":"origin, delay","origin":"A","delay":"1","count":1}
{"table":"origin, delay","origin":"A","delay":"3","count":1}
{"table":"origin, delay","origin":"B","delay":"5","count":1}
{"table":"origin","origin":"A","count":2}
{"table":"origin","origin":"B","count":1}
{"table":"all","count":3}' -- agg -g origin,delay -g origin -g '' -f ndjson count -- f.csv
try 'several tables as they are told apart' out 'origin
origin  count
A           2

all
count  3' -- agg -g origin -g '' -n 1 count -- f.csv
try 'several tables in a file' out. -- agg -g origin -g '' -n 1 -o tables.txt count -- f.csv
check 'as they are told apart' grep -q '^all$' tables.txt
try 'the rest beside a table of all rows' out '{"table":"origin","origin":"A","count":2}
{"table":"origin","origin":"others","count":1}
{"table":"all","count":3}' -- agg -g origin -g '' -n 1 --rest others -f ndjson count -- f.csv
try 'several tables of one name' code 2 err "fanoutd: agg: -g: 'origin' is given twice $hint" -- agg -g origin -g ' origin' count -- f.csv
try 'a table of its own for a call' out '{"table":"origin","origin":"A","n":2}
{"table":"origin","origin":"B","n":1}
{"table":"delay, miles","delay":"1","miles":"10","n":1,"m":10}
{"table":"delay, miles","delay":"3","miles":"30","n":1,"m":30}
{"table":"delay, miles","delay":"5","miles":"20","n":1,"m":20}' -- agg -g origin -g delay,miles -f ndjson n=count 'm=sum(miles, tables="delay, miles")' -- f.csv
try 'a name' out 'n,late
3,9' -- agg n=count 'late = sum ( delay )' -- f.csv
try 'an option' out 'q
3' -- agg 'q=quantile(delay, q=0.5)' -- f.csv
try 'an item without = continues the list' out 'q_p0,q_p50,q_p100
1,3,5' -- agg 'q=quantile(delay, q=0, 0.5, 1)' -- f.csv
try 'several options' out 'v
2.6666666666666665' -- agg 'v=variance(delay, population=true)' -- f.csv
try 'column as an option' out 'sum
9' -- agg 'sum=sum(column=delay)' -- f.csv
try 'empty parentheses' out 'count
3' -- agg 'count()' -- f.csv
try 'names in quotes' out '"count_Last, First",sum_a=b,c
2,4,6' -- agg 'count("Last, First")' 'sum("a=b")' 'c=sum("(c)")' -- odd.csv
try 'a quote in quotes' in '"a""b"\n1\n' out '"sum_a""b"
1' -- agg 'sum("a""b")'
try 'groups in quotes' out '"Last, First",count
x,1
y,1' -- agg -g '"Last, First"' count -- odd.csv
try 'several inputs' out 'count
6' -- agg count -- f.csv f.csv
try 'an input is no glob' code 1 err 'fanoutd: *.csv: No such file or directory' -- agg count -- '*.csv'

for name in 'a
b.csv' 'a #b.csv' '[aggregate x].csv' "$(printf '\377.csv')"; do
  cp f.csv "$name"
  try "an input with an odd name: $name" out 'count
3' -- agg count -- "$name"
done
try 'a range reads no input' code 78 err~ 'fanoutd: -t range: [source] type: range reads no input' -- \
  agg -t range -s source.stop=10 count -- f.csv

# Options.
try 'a delimiter' out 'sum_2
3' -- agg -d ';' --no-header 'sum(2)' -- plain.csv
try 'a delimiter in the same argument' out 'sum_2
3' -- agg '-d;' --no-header 'sum(2)' -- plain.csv
try 'a blank' in 'a b\n1 2\n' out 'sum_b
2' -- agg -d ' ' 'sum(b)'
try 'a tab' in 'a\tb\n1\t2\n' out 'sum_b
2' -- agg -d "$(printf '\t')" 'sum(b)'
try 'runs of blanks' in '  a   b\n 1    2 \n' out 'sum_b
2' -- agg -d whitespace 'sum(b)'
try 'another source' in 'a\tb\n1\t2\n' out 'sum_b
2' -- agg -t tsv 'sum(b)'
try 'a source without bytes' out 'sum_value
45' -- agg -t range -s source.stop=10 'sum(value)'
try 'the same by -s alone' out 'sum_value
45' -- agg -s source.type=range -s source.stop=10 'sum(value)'
try '-s in place of -t' out 'sum_x
6' in 'x\n1\n2\n3\n' -- agg -t range -s source.type=csv 'sum(x)'
try 'what reads nothing by -s, and an input' code 78 err~ 'range reads no input' -- agg -s source.type=range -s source.stop=10 count -- f.csv
try '-s, -f' out '{"n":2}' -- agg -s 'aggregate n.column=delay' -s source.null-values=5 -f ndjson n=count -- f.csv
try '-o' -- agg -o r.csv count -- f.csv
check 'the results are there' sh -c '[ "$(cat r.csv)" = "count
3" ]'
for ending in json csv tsv ndjson; do
  "$FANOUTD" agg -f $ending count -- f.csv >want
  try "-o, a format by its ending: $ending" -- agg -o r.$ending count -- f.csv
  check 'they are there' cmp r.$ending want
done
"$FANOUTD" agg -f csv count -- f.csv >want
try '-o, another format' -- agg -o r.json -f csv count -- f.csv
check 'it is what -f says' cmp r.json want
try '-o, another format by -s' -- agg -o r.json -s output.format=csv count -- f.csv
check 'it is what -s says' cmp r.json want
try '--sort' out 'origin,sum_delay
B,5
A,4' -- agg -g origin --sort 'sum_delay desc' 'sum(delay)' -- f.csv
try '--sort, several, and --limit' out 'origin,delay,count
B,5,1
A,3,1' -- agg -g origin,delay --sort 'count' --sort 'delay desc' --limit 2 count -- f.csv
try '-n' out 'origin,count
A,2' -- agg -g origin -n 1 count -- f.csv
try 'a wrong --sort' code 78 err~ 'fanoutd: --sort nope: [output] sort: ' -- agg -g origin --sort nope count -- f.csv
try 'a wrong -n' code 78 err "fanoutd: --limit x: [output] limit: found 'x'; possible: a whole number from 0" -- agg -n x count -- f.csv
try '--header and --no-header' code 2 err "fanoutd: agg: --header or --no-header, not both $hint" -- agg --header --no-header count -- f.csv
try '--header' in '1,2
3,4
' out 'sum_1
3' -- agg --header 'sum(1)'
try 'Ctrl-A between fields' in 'ab
12
' out 'sum_b
2' -- agg -d '' 'sum(b)'
try '--stats' out 'count
3' err~ '{"rows":3,' -- agg --stats count -- f.csv

# The file that it stands for.
ini='[pipeline]
group-by = origin

[source]
type = csv
path = f.csv
delimiter = ,
header = true

[aggregate count]
type = count

[aggregate q]
type = quantile
column = delay
q = 0.5, 0.9

[output]
limit = 1
format = csv'
try '--print-ini' out "$ini" -- \
  agg -g origin -d , -s source.header=true -s output.limit=1 -f csv count 'q=quantile(delay,q=0.5,0.9)' --print-ini -- f.csv
"$FANOUTD" agg -g origin -d , -s source.header=true -s output.limit=1 -f csv count \
  'q=quantile(delay,q=0.5,0.9)' --print-ini -- f.csv >p.ini
try 'it gives the same' out 'origin,count,q_p50,q_p90
A,2,2,2.8' -- run p.ini
try '--print-ini, what is quoted' out '[source]
type = csv
path = "a, b.csv", x[*].csv

[aggregate d]
type = distinct
column = "Last, First", "a""b", c

[aggregate s]
type = sum
column = Last, First' -- agg --print-ini 'd=distinct("Last, First","a""b",c)' 's=sum("Last, First")' -- 'a, b.csv' 'x*.csv'
try '--print-ini, without inputs' out '[source]
type = csv
path = -
header = false

[aggregate count]
type = count' -- agg --print-ini --no-header count

# What an INI file needs in quotes, or cannot have.
file hash.csv 'Order #,v ;w,a[b]\n1,3,7\n2,6,8\n'
try 'names that look like comments' out 'Order #,sum_v ;w
1,3
2,6' -- agg -g '"Order #"' 'sum(v ;w)' -- hash.csv
try 'names that look like comments, without groups' out 'sum_Order #,s
3,15' -- agg 'sum(Order #)' 's=sum("a[b]")' -- hash.csv
# same TITLE ARGUMENT...: --print-ini gives a file that does the same.
same () {
  title=$1
  shift
  "$FANOUTD" agg "$@" >want
  "$FANOUTD" agg --print-ini "$@" >same.ini
  check "--print-ini, $title" sh -c '[ -s want ] && "$0" run same.ini | cmp - want' "$FANOUTD"
}
same 'a group that looks like a comment' -g '"Order #"' 'sum(v ;w)' -- hash.csv
same 'a column that looks like a comment' 'sum(Order #)' 'n=distinct("Order #", "v ;w")' -- hash.csv
same 'null values that look like comments' -s 'source.null-values=-, #N/A, 1' 'n=count(Order #)' -- hash.csv
file blank.csv 'a b\n1 2\n'
same 'a delimiter' -d ' ' 'sum(b)' -- blank.csv
same 'another' -d "$(printf '\001')" count -- blank.csv
same 'an input that looks like a comment' count -- 'a #b.csv'
same 'order and limit' -g '"Order #"' --sort 'Order # desc' -n1 --header count -- hash.csv
same 'names in brackets' 's]=sum("a[b]")' '"[""s"=max("a[b]")' -- hash.csv
try '--print-ini, with a value that no INI file can hold' code 2 \
  err "fanoutd: agg: -o a #b: no INI file can hold the value 'a #b' $hint" -- agg --print-ini count -o 'a #b' -- hash.csv
try '--print-ini, with a key that no INI file can hold' code 2 \
  err "fanoutd: agg: sum(a, \"#foo\"=1): no INI file can hold the key '#foo' $hint" -- agg --print-ini 'sum(a, "#foo"=1)' -- hash.csv
try 'an option that looks like a comment' code 78 err~ 'fanoutd: sum(v, "#foo"=1): [aggregate sum_v] #foo: unknown key; ' -- \
  agg 'sum(v, "#foo"=1)' -- hash.csv
# What --print-ini prints reads the file of this name alone.
mkdir names
for name in '*' 'a*' 'a\b' '\*' 'a\[b]*' '[ab]' '[' ' x ' 'x,"y"' '#x' 'a	b' '{a,b}' '~' '-x'; do
  printf 'x\n%s\n' "$name" >names/"$name"
done
for name in '*' 'a*' 'a\b' '\*' 'a\[b]*' '[ab]' '[' ' x ' 'x,"y"' '#x' 'a	b' '{a,b}' '~' '-x'; do
  "$FANOUTD" agg -d '|' -s source.quote=none -f json 'x=first(x)' -- "names/$name" >want
  "$FANOUTD" agg -d '|' -s source.quote=none -f json --print-ini 'x=first(x)' -- "names/$name" >names.ini
  check "--print-ini, an input called $name" sh -c '[ -s want ] && "$0" run names.ini | cmp - want' "$FANOUTD"
done
for delimiter in '#' ';' '|' '\t' tab; do
  try "the delimiter $delimiter" in 'a,b\n' out "count
1" -- agg --no-header -d "$delimiter" count
done

# Wrong use: 2.
try 'no EXPR' code 2 err "fanoutd: agg: no aggregate; such as count or 'mean(delay)' $hint" -- agg -- f.csv

# wrong EXPR PROBLEM CARET
wrong () {
  try "wrong: $1" code 2 err "fanoutd: agg: $2 $hint
fanoutd:   $1
fanoutd:   $3^" -- agg count "$1" -- f.csv
}
wrong 'mean(delay' "a ')' is missing here" '          '
wrong 'mean(delay,' "a column or option is missing here" '           '
wrong 'mean(,delay)' 'a column or option is missing here' '     '
wrong 'mean(delay,)' 'a column or option is missing here' '           '
wrong '(delay)' 'an operator is missing here' ''
wrong 'm=' 'an operator is missing here' '  '
wrong '""' 'an operator is missing here' ''
wrong 'n=""' 'an operator is missing here' '  '
wrong '=mean' 'an operator is missing here' ''
wrong 'mean(delay) x' 'the expression should end before this' '            '
wrong 'sum(delay) / count' 'a call ends before this; what is computed from results stands in -r' '           '
wrong 'mean)delay(' 'the expression should end before this' '    '
wrong 'q=quantile(delay, q=)' 'a value is missing here' '                    '
wrong 'q=quantile(delay, =0.5)' 'a column or option is missing here' '                  '
wrong 'q=quantile(delay, q=0.5, q=0.9)' 'this option is given twice' '                         '
wrong 'sum("delay)' 'this quote is not closed' '    '
wrong '"sum"s(delay)' 'text behind the closing quote' ''
wrong 'sum(a"b)' 'this quote is not closed' '     '
wrong 'sum(f(x)' "a ')' is missing here" '        '
wrong 'größe=sum(' 'a column or option is missing here' '          '
try 'a line feed' code 2 err~ 'a control character' -- agg 'sum(a
b)' -- f.csv
try 'two of one name' code 78 \
  err "fanoutd: agg: 'quantile(delay, q=0.5)' and 'quantile(delay, q=0.9)' are both called quantile_delay; name one of them: NAME=quantile(...)" \
  -- agg 'quantile(delay, q=0.5)' 'quantile(delay, q=0.9)' -- f.csv
try 'two of one given name' code 78 \
  err "fanoutd: agg: 'n=count' and 'n=sum(delay)' are both called n; give one of them another name" -- agg n=count 'n=sum(delay)' -- f.csv
try 'an input without --' code 2 err "fanoutd: agg: 'f.csv' is no operator but a file; inputs stand behind '--' $hint" -- agg count f.csv

try 'a name that a group key has' code 78 err "fanoutd: origin=count: two result columns are called 'origin'" -- agg -g origin origin=count -- f.csv
try 'a name that a list makes' code 78 err "fanoutd: q_p50=count: two result columns are called 'q_p50'" -- \
  agg 'q=quantile(delay, q=0.5, 0.9)' q_p50=count -- f.csv

# Wrong configuration: 78, in the words of the command line.
try 'an unknown operator' code 78 err~ "fanoutd: meen(delay): [aggregate meen_delay] type: there is no operator 'meen'" -- agg 'meen(delay)' -- f.csv
try 'an operator from elsewhere' code 78 err "fanoutd: avg(delay): [aggregate avg_delay] type: there is no operator 'avg'; did you mean 'mean'?" -- agg 'avg(delay)' -- f.csv
try 'count(*)' code 78 \
  err "fanoutd: count(*): [aggregate count_*] column: no column '*' in f.csv; it has: origin, delay, miles; did you mean 'count', which counts rows without a column?" -- agg 'count(*)' -- f.csv
try 'count(distinct x)' code 78 \
  err "fanoutd: count(DISTINCT delay): [aggregate count_DISTINCT delay] column: no column 'DISTINCT delay' in f.csv; it has: origin, delay, miles; did you mean the operator 'distinct', as in distinct(x)?" -- agg 'count(DISTINCT delay)' -- f.csv
try 'a comparison in place of a column' code 78 err "fanoutd: count(delay=3): rows are chosen by where=delay = 3, behind the column
fanoutd: count(delay=3): [aggregate count] delay: unknown key; possible: type, on-error, where, tables, column, as" -- agg 'count(delay=3)' -- f.csv
try 'an unknown column' code 78 \
  err "fanoutd: mean(dely): [aggregate mean_dely] column: no column 'dely' in f.csv; it has: origin, delay, miles; did you mean 'delay'?" -- agg 'mean(dely)' -- f.csv
try 'an unknown column for -g' code 78 \
  err "fanoutd: -g orign: [pipeline] group-by: no column 'orign' in f.csv; it has: origin, delay, miles; did you mean 'origin'?" -- agg -g orign count -- f.csv
try 'an unknown option' code 78 err~ "fanoutd: mean(delay, q=1): [aggregate mean_delay] q: unknown key" -- agg 'mean(delay, q=1)' -- f.csv
try 'a column is missing' code 78 err~ "fanoutd: mean: [aggregate mean]: the key 'column' is missing" -- agg mean -- f.csv
try 'an unknown source' code 78 err~ "fanoutd: -t cvs: [source] type: there is no source 'cvs'" -- agg -t cvs count -- f.csv
try 'a bad delimiter' code 78 err~ "fanoutd: -d ab: [source] delimiter: found 'ab'" -- agg -d ab count -- f.csv
try 'an unknown format' code 78 err~ "fanoutd: -f jsn: [output] format: there is no sink 'jsn'" -- agg -f jsn count -- f.csv
try 'a bad override' code 78 err~ 'fanoutd: -s pipeline.batch=0: ' -- agg -s pipeline.batch=0 count -- f.csv
try 'a bad override with --print-ini' code 78 err~ 'fanoutd: -s batch: ' -- agg -s batch --print-ini count -- f.csv
try 'a bad value in the data' code 1 err "fanoutd: f.csv:2: column 'origin': 'A' is not a number; null-values or on-bad-value = null take it for no value" -- agg 'sum(origin)' -- f.csv

# How many of the values are numbers.
file mix.csv 'x\n1\nabc\n3\n \n'
try 'numbers and what is none' err 'fanoutd: 1 bad value taken as null; first: mix.csv:3: column '"'x': 'abc'"' is not a number' \
  out 'mean_x,count_x,missing_x,n,m
2,2,2,4,0' -- agg -s source.on-bad-value=null 'mean(x)' 'count(x, as=number)' 'missing(x, as=number)' 'n=count(x)' 'm=missing(x)' -- mix.csv
try 'rows are no numbers' code 78 err~ 'as: rows are no numbers; name the `column` whose numbers are to be counted' -- agg 'count(as=number)' -- mix.csv
try 'a month of times' in "$(awk 'BEGIN {print "ts"; for (i = 0; i < 200000; i++) print 1767225600 + 12 * i}')\n" \
  err* '*quantile_ts_p50 is approximate: relative error at most 0.0000015 %; a greater `limit` lowers it*' \
  out 'quantile_ts_p0,quantile_ts_p50,quantile_ts_p100
1767225600,1768425616,1769625588' -- agg 'quantile(ts, q=0, 0.5, 1)'

finish
