#!/bin/sh
# agg: filters, derived columns, and expressions in place of columns.
. "$(dirname "$0")/harness.sh"

file r.csv 'host,status,latency,ts,user-id,Price (net),a b\na,200,0.5,2024-01-01T00:00:10Z,1,10,x\na,500,1.5,2024-01-01T00:01:10Z,2,20,x\nb,503,2.5,2024-01-01T00:01:20Z,3,30,y\n'
file dates.csv 'd,v,n\n01/02/2026,1,7\n12/31/2025,9,8\n'
file na.csv 'country,v\nDE,NA\nNA,1\n'
has='it has: host, status, latency, ts, user-id, Price (net), a b'

# -w, -l and -g.
everywhere 'a question' out 'host,minute,count,mean(latency * 1000)
a,2024-01-01T00:01:00Z,1,1500
b,2024-01-01T00:01:00Z,1,2500' -- agg -w 'status >= 500' -g 'host, minute=bucket(time(ts), 1m)' count 'mean(latency * 1000)' -s source.path=r.csv
try 'several conditions' out 'count
1' -- agg -w "host = 'a' or host = 'b'" -w 'status >= 500 or status < 0' -w 'latency < 2' count -- r.csv
try 'derived columns, which others use' out 'k,s
A,4
B,5' -- agg -l k='upper(host)' -l 'twice = latency * 2' -g k 's=sum(twice)' -- r.csv
try 'a key without a name' out '"concat(host, ""a b"")",count
ax,2
by,1' -- agg -g 'concat(host, "a b")' count -- r.csv
try 'a key by its place' out '$1,count
a,2
b,1' -- agg -g '$1' count -- r.csv
try 'commas in texts and in quotes' out '"concat(host, '"', '"', ""a b"")",a b,count
"a, x",x,2
"b, y",y,1' -- agg -g "concat(host, ', ', \"a b\"), a b" count -- r.csv
try 'no key at all' out 'count
3' -- agg -g '' count -- r.csv
try 'a name in quotes' out 'b=c,sum_my x
1,1
2,2
3,3' -- agg -g '"b=c"="user-id"' -l '"my x"="user-id"' 'sum("my x")' -- r.csv

# In calls.
try 'where in a call' out 'slow,n,count
2,1,3' -- agg 'slow=count(where=latency > 0.5)' 'n=sum(user-id, where=host = '"'a'"' and latency in (0.5, 2.5))' count -- r.csv
try 'a condition that needs its quotes' out 'n
2' -- agg -l '"is slow"=latency > 1' 'n=count(where="is slow")' -- r.csv
try 'a call is called as it was typed' out 'mean(latency * 1000),"max( round(latency / 3, 1) )",p
1500,0.8,1.5' -- agg 'mean(latency * 1000)' ' max( round(latency / 3, 1) ) ' 'p=median(latency * 1)' -- r.csv
try 'other columns' out '"argmax(time(d, ""%m/%d/%Y""), value=v)",argmin_v
1,02' -- agg 'argmax(time(d, "%m/%d/%Y"), value=v)' "argmin(v, value=split(d, '/', 2))" -- dates.csv
everywhere 'a text that is read as a number' out 'country,sum_v2
DE,
NA,1' -- agg -l "v2=nullif(v, 'NA')" -g country 'sum(v2)' -s source.path=na.csv
everywhere 'and is none, for a null' out 's,n
1,2' err "fanoutd: 1 bad value taken as null; first: na.csv:2: 'NA' is not a number; num() takes it for no value" -- \
  agg "s=sum(trim(v))" n=count -s source.path=na.csv -s source.on-bad-value=null
try 'and is none' code 1 err "fanoutd: na.csv:2: 'NA!' is not a number; num() takes it for no value; on-bad-value = null takes it for no value" -- \
  agg "sum(concat(v, '!'))" -- na.csv
try 'a time as a value' out 'max(time(ts))
1704067280' -- agg 'max(time(ts))' -- r.csv

# What the input has is a column, whatever it looks like.
try 'columns that look like expressions' out 'Price (net),sum(user-id),count_a b
10,1,1
20,2,1
30,3,1' -- agg -g 'Price (net)' 'sum(user-id)' 'count(a b)' -- r.csv
try 'numbers are names' in '2020-01,5m,1\n1,2,3\n' out 'sum_2020-01,sum_5m,sum_1
1,2,3' err~ '' -- agg --header 'sum(2020-01)' 'sum(5m)' 'sum(1)'
try 'in quotes it is a name' code 78 err "fanoutd: sum(\"latency * 2\"): [aggregate sum_latency * 2] column: no column 'latency * 2' in r.csv; $has" -- \
  agg 'sum("latency * 2")' -- r.csv
try 'an apostrophe in a name' in "it's,that's\n1,2\n" out "sum_it's,distinct_it's_that's
1,1" -- agg "sum(it's)" "distinct(it's, that's)"

# Derived results.
try 'a share' out 'host,count,share
a,2,0.6666666666666666
b,1,0.3333333333333333' -- agg -g host count -r 'share=count / total(count)' -- r.csv
try 'of what is called as it was typed' out 'mean(latency * 1000),m
1500,1.5' -- agg 'mean(latency * 1000)' -r 'm="mean(latency * 1000)" / 1000' -- r.csv

try 'some rows of the result, and one of the others' out 'host,count,share
b,1,0.3333333333333333
other,2,0.6666666666666666' -- agg -g host count -r 'share=count / total(count)' --having 'count < 2' --having "host != 'c'" --rest other -- r.csv
try 'subtotals' out 'host,a b,grouping,count
a,x,"host, a b",2
a,,host,2
b,y,"host, a b",1
b,,host,1
,,,3' -- agg -g 'host, a b' --rollup count -- r.csv
try 'a condition on the only row' out 'count' -- agg --having 'count > 3' count -- r.csv

# Order.
try 'by what was typed' out 'host,mean(latency * 2)
b,5
a,2' -- agg -g host --sort 'mean(latency * 2) desc' 'mean(latency * 2)' -- r.csv
try 'by what has commas' out '"concat(host, ""a b"")",count
by,1
ax,2' -- agg -g 'concat(host, "a b")' --sort 'count, concat(host, "a b") desc' count -- r.csv

# The file that it stands for gives the same.
same () {
  title=$1
  shift
  "$FANOUTD" agg "$@" >want
  "$FANOUTD" agg --print-ini "$@" >same.ini
  check "--print-ini, $title" sh -c '[ -s want ] && "$0" run same.ini | cmp - want' "$FANOUTD"
  "$FANOUTD" run --partial same.part same.ini
  check "merge, $title" sh -c '"$0" merge same.part | cmp - want' "$FANOUTD"
}
same 'a question' -w 'status >= 500' -g 'host, minute=bucket(time(ts), 1m)' count 'mean(latency * 1000)' -- r.csv
same 'names with = in them' -g 'host, if(status = 200, "a b", host)' 'count(where=host = '"'a'"')' -- r.csv
same 'brackets' -l '"x[0]"=latency' 'sum("x[0]" * 2)' 'a[1]=count' -- r.csv
same 'quotes' 'sum("user-id" * 2)' '"a""b"=count' 'distinct("Price (net)", a b, "user-id" + 1)' -- r.csv
same 'columns that look like expressions' -g 'Price (net)' 'sum(user-id)' -- r.csv
same 'several conditions' -w "host = 'a #1' or status > 0" -w "host ~ '[ab] ?#?'" count -- r.csv
same 'what looks like a comment' -l "x=concat(host, ' #', \"a b\")" -g 'x, concat(host, '"' ;'"')' 'n=count(where=x != '"'a #1'"')' -- r.csv
same 'several tables' -f ndjson -g 'host, k=upper("a b")' -g 'Price (net)' -g '' -g 'concat(host, "a b")' -g '"a b"' -r 'twice=count * 2' count -- r.csv
same 'what only tables have' -g 'host, "a b"' --having "host != 'a #'" --having 'count > 0' -n 1 --rest 'the others' count -- r.csv
same 'subtotals' -g 'host, if(status = 200, 1, 2)' --rollup count -- r.csv
if command -v python3 >/dev/null 2>&1; then
  check '--print-ini, whatever the command line' python3 "$here/agg-ini.py" "$FANOUTD" 40 1
fi
try '--print-ini' out '[pipeline]
group-by = host, "if(status = 200, 1, 2)", minute
where = (status >= 0) and (latency > 0)

[source]
type = csv
path = r.csv

[let]
x = latency * 2
"if(status = 200, 1, 2)" = if(status = 200, 1, 2)
minute = bucket(time(ts), 1m)
user-id = user-id
x / 2 = x / 2

[aggregate sum(user-id)]
type = sum
column = user-id

[aggregate mean(x / 2, where=host != '"'b'"')]
type = mean
column = x / 2
where = host != '"'b'" -- \
  agg --print-ini -w 'status >= 0' -w 'latency > 0' -l 'x=latency * 2' -g 'host, if(status = 200, 1, 2), minute=bucket(time(ts), 1m)' 'sum(user-id)' "mean(x / 2, where=host != 'b')" -- r.csv

# Mistakes.
hint="(see 'fanoutd agg -h')"
try 'an expression with a mistake' code 78 err "fanoutd: mean(latency *): [let] latency *: the expression ends where a number, a 'text', a column, a function or a parenthesis is wanted
fanoutd:   latency *
fanoutd:            ^
fanoutd: mean(latency *): [aggregate mean_latency *] column: no column 'latency *' in r.csv; $has; did you mean 'latency'?" -- agg 'mean(latency *)' -- r.csv
try 'a function that there is not' code 78 err~ "fanoutd: sum(Prize (net)): [let] Prize (net): no function 'Prize'" -- agg 'sum(Prize (net))' -- r.csv
try 'a column that there is not' code 78 err "fanoutd: mean(latenc * 2): [aggregate mean(latenc * 2)] column: no column 'latenc' in r.csv; $has; did you mean 'latency'?" -- \
  agg 'mean(latenc * 2)' -- r.csv
try 'a condition with a mistake, of several' code 78 err "fanoutd: -w latency >: [pipeline] where: the expression ends where a number, a 'text', a column, a function or a parenthesis is wanted
fanoutd:   latency >
fanoutd:            ^" -- agg -w 'status > 1' -w 'latency >' count -- r.csv
try 'conditions do not mix' code 78 err~ "fanoutd: -w status > 1) or (1 = 1: [pipeline] where: ')' where" -- agg -w 'latency > 0' -w 'status > 1) or (1 = 1' count -- r.csv
try 'a text in double quotes' code 78 err "fanoutd: -w host = \"b\": [pipeline] where: two columns side by side, as numbers or as texts? say num(host) and num(\"b\"), or text(host) and text(\"b\"); a text stands in single quotes, a name in double ones
fanoutd:   host = \"b\"
fanoutd:   ^^^^^^^^^^" -- agg -w 'host = "b"' count -- r.csv
try 'a text in double quotes, elsewhere' code 78 err "fanoutd: sum(replace(status, \"5\", '6')): [aggregate sum(replace(status, \"5\", '6'))] column: no column '5' in r.csv; $has; a text stands in single quotes, a name in double ones" -- \
  agg "sum(replace(status, \"5\", '6'))" -- r.csv
try 'texts in double quotes where no name can stand' out 'n,"sum(num(sub(status, ""^[0-9]"", """")))"
2,3' -- agg -w 'status ~ "^5"' 'n=count' 'sum(num(sub(status, "^[0-9]", "")))' -- r.csv

try 'a name with a mistake is told once' code 78 err "fanoutd: -g x=foo(1: [let] x: the expression ends where a comma or a closing parenthesis is wanted
fanoutd:   foo(1
fanoutd:        ^" -- agg -g 'x=foo(1' count -- r.csv

try 'names that are expressions' code 78 err "fanoutd: -w user-id > 0: [pipeline] where: no column 'user' in r.csv; $has; did you mean \"user-id\", in double quotes?
fanoutd: -w user-id > 0: [pipeline] where: no column 'id' in r.csv; $has; did you mean \"user-id\", in double quotes?" -- agg -w 'user-id > 0' count -- r.csv
try 'the same in a derived key' code 78 err "fanoutd: -g over: [pipeline] group-by: no column 'user' in r.csv; $has; did you mean \"user-id\", in double quotes?
fanoutd: -g over: [pipeline] group-by: no column 'id' in r.csv; $has; did you mean \"user-id\", in double quotes?" -- agg -g 'over=user-id > 0' count -- r.csv
file mistaken.ini '[source]\ntype = csv\npath = r.csv\n[let]\nlate = status >> 5\n[aggregate a]\ntype = sum\ncolumn = "late"\n'
try 'a mistake is told once, also of a name in quotes' code 78 err "fanoutd: mistaken.ini:5: [let] late: '>' where a number, a 'text', a column, a function or a parenthesis is wanted
fanoutd:   status >> 5
fanoutd:           ^" -- check mistaken.ini
try 'a name that looks like a call' code 78 err "fanoutd: -w Price (net) > 0: [pipeline] where: no function 'Price'; fanoutd functions lists them, and a column such as \"a (b)\" stands in double quotes
fanoutd:   Price (net) > 0
fanoutd:   ^^^^^" -- agg -w 'Price (net) > 0' count -- r.csv
try 'a column under its own name' out 'host,n
A,2
B,1' -- agg -g 'host=upper(host)' -l '"user-id"="user-id" + 1' -w '"user-id" > 1' n=count -- r.csv

# wrong OPTION TEXT PROBLEM CARET
wrong () {
  try "wrong: $1 $2" code 2 err "fanoutd: agg: $1: $3 $hint
fanoutd:   $2
fanoutd:   $4^" -- agg "$1" "$2" count -- r.csv
}
wrong -l latency 'NAME=EXPRESSION is wanted' ''
wrong -l '=latency' 'NAME=EXPRESSION is wanted' ''
wrong -l 'x=' 'an expression is missing here' '  '
wrong -r 'x' 'NAME=EXPRESSION is wanted' ''
wrong -g 'host,' 'a column is missing here' '     '
wrong -g 'host, x=' 'an expression is missing here' '        '
wrong -g 'host, "x' 'this quote is not closed' '      '
try 'a name for two things' code 78 err "fanoutd: agg: -l: 'x' is both 'latency' and 'status'; give one of them another name" -- agg -l x=latency -l x=status count -- r.csv
try 'a name for two things, of -g' code 78 err "fanoutd: agg: -g: 'x' is both 'latency' and 'status'; give one of them another name" -- agg -l x=latency -g x=status count -- r.csv

finish
