#!/bin/sh
# Derived result columns: [result], and totals.
. "$(dirname "$0")/harness.sh"

file f.csv 'o,d,n\nord,1,5\nord,20,7\njfk,-3,1\njfk,30,2\nsfo,5,9\n,7,3\n'
file p.ini '[pipeline]
group-by = o
[source]
type = csv
[aggregate flights]
type = count
[aggregate s]
type = sum
column = n
[aggregate late]
type = count
where = d > 6
[result]
share = flights / total(flights)
pct = round(share * 100, 1)
again = s
big = s > total(s) / 3
up = upper(o)
nested = s / total(s / total(s))
many = total(flights > 1)
name = coalesce(o, '"'none'"')
'

file g.csv 'o\nx\n12\nx\ny\n'
file q.ini '[pipeline]
group-by = o
[source]
type = csv
[aggregate n]
type = count
[result]
x = o + 1
y = total(n)
'

everywhere 'columns behind the aggregates' out 'o,flights,s,late,share,pct,again,big,up,nested,many,name
jfk,2,3,1,0.3333333333333333,33.3,3,false,JFK,3,2,jfk
ord,2,12,1,0.3333333333333333,33.3,12,true,ORD,12,2,ord
sfo,1,9,0,0.16666666666666666,16.7,9,false,SFO,9,2,sfo
,1,3,1,0.16666666666666666,16.7,3,false,,3,2,none' -- run p.ini f.csv
everywhere 'sorted by them' out '[
{"o":"jfk","flights":2,"s":3,"late":1,"share":0.3333333333333333,"pct":33.3,"again":3,"big":"false","up":"JFK","nested":3,"many":2,"name":"jfk"},
{"o":"ord","flights":2,"s":12,"late":1,"share":0.3333333333333333,"pct":33.3,"again":12,"big":"true","up":"ORD","nested":12,"many":2,"name":"ord"}
]' -- run -s 'output.sort=pct desc, up' -s output.limit=2 -f json p.ini f.csv
everywhere 'without groups' out 'flights,s,late,share,pct,again,big,up,nested,many,name
6,27,3,1,100,27,true,1,27,1,27' -- run -s pipeline.group-by= -s 'result.up=1' -s 'result.name=s' p.ini f.csv
try 'the plan' out~ 'result      share: a number of flights, total(flights)
result      pct: a number of flights, total(flights)
result      again: a copy of s
result      big: a condition of s, total(s)
result      up: a text of o
result      nested: a number of s, total(s / total(s))
result      many: a number of total(flights > 1)
result      name: a text of o
' -- check p.ini f.csv

# A value is looked at where it is used.
everywhere 'a bad value' code 1 err "fanoutd: [result] x, row of o 'jfk': column 'o': 'jfk' is not a number; [source] on-bad-value = null takes it for no value" -- run -s 'result.x=o + 1' p.ini f.csv
everywhere 'in a total' code 1 err "fanoutd: [result] x, row of o 'jfk': column 'o': 'jfk' is not a number; [source] on-bad-value = null takes it for no value" -- run -s "result.x=total(o) > 1" p.ini f.csv
everywhere 'where it is sorted by' code 1 err "fanoutd: [result] x, row of o 'jfk': column 'o': 'jfk' is not a number; [source] on-bad-value = null takes it for no value" -- run -s 'result.x=o + 1' -s output.sort=x p.ini f.csv
everywhere 'in a row that is not written' out 'o,n,x,y
12,1,13,4' -- run -s output.limit=1 -s 'output.sort=n, o' q.ini g.csv
everywhere 'taken for a null' out 'o,n,x,y
12,1,13,4
x,2,,4
y,1,,4' -- run -s source.on-bad-value=null -s output.sort=x q.ini g.csv
everywhere 'no number in a total' out 'o,n,x,y
12,1,13,12
x,2,,12
y,1,,12' -- run -s source.on-bad-value=null -s 'result.y=total(o)' q.ini g.csv
everywhere 'null where nothing is known' out 'o,n,x,y
x,2,3,0.5
y,1,,0.25' -- run -s "pipeline.where=o > 'a'" -s 'result.x=if(n > 1, 3, null)' -s 'result.y=n / total(nullif(n, 1) * 2)' q.ini g.csv

# Sums are exact, and so is a copy of one.
file w.csv 'k,x\na,9223372036854775807\na,9223372036854775807\nb,9223372036854775807\nb,0.5\nc,-9223372036854775806\n'
file w.ini '[pipeline]
group-by = k
[source]
type = csv
[aggregate s]
type = sum
column = x
[result]
t = s
all = total(s)
half = all / 2
'
everywhere 'wide sums' out 'k,s,t,all,half
a,18446744073709551614,18446744073709551614,18446744073709551615.5,9223372036854775807.75
b,9223372036854775807.5,9223372036854775807.5,18446744073709551615.5,9223372036854775807.75
c,-9223372036854775806,-9223372036854775806,18446744073709551615.5,9223372036854775807.75' -- run w.ini w.csv

try 'mistakes, all at once' code 78 err "fanoutd: -s result.a=flihgts + 1: [result] a: no result column 'flihgts'; there are: o, flights, s, late, share, pct, again, big, up, nested, many, name; did you mean 'flights'?
fanoutd:   flihgts + 1
fanoutd:   ^^^^^^^
fanoutd: -s result.c=total(upper(o)): [result] c: a text where a number is wanted: say num(upper(o))
fanoutd:   total(upper(o))
fanoutd:         ^^^^^^^^
fanoutd: -s result.s=1: [result] s: a result column is called so already
fanoutd: -s result.d=\$3: [result] d: \$3 is a column of the input: result columns go by their names
fanoutd:   \$3
fanoutd:   ^^
fanoutd: -s result.e=f: [result] e: 'f' is defined below: what stands above may be used
fanoutd:   f
fanoutd:   ^
fanoutd: -s result.g=total(): [result] g: 0 arguments where total(x) is wanted
fanoutd:   total()
fanoutd:   ^^^^^^^" -- run -s 'result.a=flihgts + 1' -s 'result.b=a * 2' -s 'result.c=total(upper(o))' -s 'result.s=1' -s 'result.d=$3' -s 'result.e=f' -s 'result.f=1' -s 'result.g=total()' p.ini f.csv
try 'rows of the input' code 78 err "fanoutd: -s result.a=row() + 1: [result] a: row() is about rows of the input: it has no place in [result] and having
fanoutd:   row() + 1
fanoutd:   ^^^^^" -- run -s 'result.a=row() + 1' p.ini f.csv
everywhere 'an aggregate that is dropped' out 'n,u,x,y
4,,0,' err 'fanoutd: g.csv:3: aggregate '"'u'"': more than 1 different value; raise `limit` or leave this aggregate out; dropped, its columns are null' code 1 -- run -s 'aggregate u.type=unique' -s 'aggregate u.column=o' -s 'aggregate u.limit=1' -s 'aggregate u.on-error=drop' -s 'result.x=coalesce(u, 0)' -s 'result.y=total(u)' -s pipeline.group-by= q.ini g.csv
try 'columns that are not known' code 78 err "fanoutd: -s aggregate s.type=sums: [aggregate s] type: there is no operator 'sums'; did you mean 'sum' or 'sumsq'?
fanoutd: -s result.a=s +: [result] a: the expression ends where a number, a 'text', a column, a function or a parenthesis is wanted
fanoutd:   s +
fanoutd:      ^" -- run -s 'aggregate s.type=sums' -s 'result.a=s +' -s 'output.sort=again' p.ini f.csv
try 'a total of rows' code 78 err "fanoutd: -s let.x=total(n): [let] x: the groups of a table have a total: this has its place in [result] and having
fanoutd:   total(n)
fanoutd:   ^^^^^^^^" -- run -s 'let.x=total(n)' p.ini f.csv

# It shapes the output alone: any parts of such pipelines fit together.
file f1.csv 'o,d,n\nord,1,5\nord,20,7\njfk,-3,1\n'
file f2.csv 'o,d,n\njfk,30,2\nsfo,5,9\n,7,3\n'
try 'a part' -- run --partial 1.part p.ini f1.csv
try 'another' -- run --partial 2.part -s 'result.share=s' p.ini f2.csv
try 'merged, as the first one has it' out 'o,flights,s,late,share,pct,again,big,up,nested,many,name
jfk,2,3,1,0.3333333333333333,33.3,3,false,JFK,3,2,jfk
ord,2,12,1,0.3333333333333333,33.3,12,true,ORD,12,2,ord
sfo,1,9,0,0.16666666666666666,16.7,9,false,SFO,9,2,sfo
,1,3,1,0.16666666666666666,16.7,3,false,,3,2,none' -- merge 1.part 2.part
try 'merged, as the command line has it' out 'o,flights,s,late,share,pct,again,big,up,nested,many,name
jfk,2,3,1,0.1111111111111111,33,3,false,JFK,3,2,x
ord,2,12,1,0.4444444444444444,33,12,true,ORD,12,2,x' -- merge -s output.limit=2 -s 'result.share=s / total(s)' -s 'result.pct=round(100 * flights / total(flights))' -s "result.name='x'" 1.part 2.part

finish
