#!/bin/sh
# logfmt and the logs of web servers.
. "$(dirname "$0")/harness.sh"

file kv.log 'ts=2026-01-01T00:00:00Z level=info dur=12ms status=200\nts=1 level=error dur=1.5s status=500\n\n  \nts=2 dur=8ms\tlevel=info  status=200 \n'
file kv.ini '[source]\ntype=logfmt\npath=kv.log\n[pipeline]\ngroup-by=level\n[aggregate n]\ntype=count\n[aggregate sum]\ntype=sum\ncolumn=status\n'
everywhere 'logfmt by a key' out 'level,n,sum
error,1,500
info,2,400' -- run kv.ini
try 'values in quotes, flags, a key without a value, keys that are repeated' \
  in 'a="x y" flag b=\na="\\"\\\\\\n\\u00e9\\ud83d\\ude00\\d" a2=1 c=1\na=1 a=2 b="" c=\n' \
  out 'a,b,flag,sum_c,sum_a2
"""\
é😀\d",,,1,1
2,,,,
x y,,true,,' -- agg -t logfmt -g a,b,flag 'sum(c)' 'sum(a2)'
try 'a column of no line' in 'a=1\n' out 'sum_b
""' err 'fanoutd: columns that no row has, null in all of them: b' -- agg -t logfmt 'sum(b)'
try 'many keys, in another order each time' \
  in "$(seq 1 100 | sed 's/.*/k&=&/' | tr '\n' ' ')\n$(seq 100 -1 1 | sed 's/.*/k&=&/' | tr '\n' ' ')\nk1=1\n" \
  out 'sum_k1,sum_k70,sum_k100,count_k100
3,140,200,2' -- agg -t logfmt 'sum(k1)' 'sum(k70)' 'sum(k100)' 'count(k100)'
try 'a key that is none' code 78 \
  err "fanoutd: sum(a b): [aggregate sum_a b] column: 'a b' is no key of logfmt: there is a blank in it" -- \
  agg -t logfmt 'sum(a b)'
# bad LINE REASON
bad () {
  try "logfmt: $1" in "a=1\n$1\na=2\n" code 1 err "fanoutd: standard input:2: $2" -- agg -t logfmt 'sum(a)'
  try "logfmt, skipped: $1" in "a=1\n$1\na=2\n" out 'sum_a
3' err "fanoutd: 1 row skipped; first: standard input:2: $2" -- \
    agg -t logfmt -s source.on-bad-row=skip 'sum(a)'
}
bad 'a="x' 'column 3: a quote that is never closed'
bad 'a="x\\"' 'column 3: a quote that is never closed'
bad 'a=1 b="x"y' 'column 10: text behind a closing quote'
bad 'a=x"y"' 'column 4: a double quote in a value that does not begin with one'
bad 'a"b"=1' 'column 2: a double quote in a key'
bad 'a=1 =2' 'column 5: a = without a key before it'
bad 'a=1\000' 'a NUL byte'

# Lines that are no rows, in every kind of lines.
file commented.log '1\n2\n# a "b\n#\nstatus=1 level=info\n# x\n# status=8\nstatus=2 level=#\nstatus=4 # level=a\n#end'
file commented.jsonl 'no\n//\n//{"status":8}\n{"status":1}\n//\n{"status":"//","x":"\\n//"}\n\n{"status":4}\n//'
file commented.clf '# v1\n1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET /# HTTP/1.1" 200 5\n#1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 500 5\n# "\n1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 404 5\n'
file c.ini '[source]\ntype = logfmt\npath = commented.log\ncomment = #\nskip-lines = 2\n[aggregate n]\ntype = count\n[aggregate status]\ntype = sum\ncolumn = status\n[let]\nr = row()\n[aggregate rows]\ntype = max\ncolumn = r\n'
everywhere 'comments in logfmt' out 'n,status,rows
3,7,5' -- run c.ini
everywhere 'comments in jsonl' out 'n,status,rows
3,5,5' -- run -s source.type=jsonl -s source.comment=// -s 'aggregate status.where=is_number(status)' c.ini commented.jsonl
everywhere 'comments in clf' out 'n,status,rows
2,604,4' -- run -s source.type=clf -s source.format=common -s source.skip-lines=1 c.ini commented.clf
everywhere 'comments in lines' out 'n,status,rows
3,7,5' -- run -s source.type=lines -s 'source.pattern=status=(?<status>.)' c.ini commented.log
try 'the line behind comments is told' code 1 err "fanoutd: standard input:4: column 1: an object is wanted, not '['; jq -c '.[]' makes lines of an array" \
  in '#\n{}\n#\n[1]\n' -- agg -t jsonl -s 'source.comment=#' count
# What only the inputs' headers could be without.
for type in jsonl logfmt; do
  try "no column can be missing in $type" code 78 err "fanoutd: -s source.missing-columns=null: [source] missing-columns: each row of $type has columns of its own, and what it lacks is null" -- \
    agg -t $type -s source.missing-columns=null count -- kv.log
done
for type in clf lines; do
  try "no column can be missing in $type" code 78 err "fanoutd: -s source.missing-columns=fail: [source] missing-columns: the columns of $type are the same in every input" -- \
    agg -t $type -s source.missing-columns=fail count -- kv.log
done

if command -v python3 >/dev/null; then
  check 'logfmt: the same as a plain reader' python3 "$here/logfmt.py" "$FANOUTD"
fi

file combined.log '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /a b.png HTTP/1.1" 200 203023 "http://x/" "Mozilla/5.0 (X11)"
::1 - ann [17/May/2015:10:05:43 +0000] "POST / HTTP/1.0" 304 - "-" "-"\r
h - - [17/May/2015:10:05:44 +0000] "GET /old" 200 7 "" "a \\"b\\" \\\\ \\x22\\xC3\\xA9\\t\\q" "-" 0.003

h - - [17/May/2015:10:05:45 +0000] "\\x16\\x03" 400 0 "-" "-"
h - - [17/May/2015:10:05:46 +0000] "-" 408 0 "-" "-"'
file combined.ini '[source]\ntype=clf\npath=combined.log\n[pipeline]\ngroup-by=method, path, protocol
[aggregate n]\ntype=count\n[aggregate bytes]\ntype=sum\ncolumn=bytes\n[aggregate user]\ntype=last\ncolumn=user\n'
everywhere 'a combined log' out 'method,path,protocol,n,bytes,user
GET,/a b.png,HTTP/1.1,1,203023,
GET,/old,,1,7,
POST,/,HTTP/1.0,1,,ann
,,,2,0,' -- run combined.ini
try 'the other columns' out 'host,ident,time,status,count
1.2.3.4,,17/May/2015:10:05:03 +0000,200,1
::1,,17/May/2015:10:05:43 +0000,304,1
h,,17/May/2015:10:05:44 +0000,200,1
h,,17/May/2015:10:05:45 +0000,400,1
h,,17/May/2015:10:05:46 +0000,408,1' -- agg -t clf -g host,ident,time,status count -- combined.log
try 'what is escaped' out 'request,referer,agent,count
POST / HTTP/1.0,,,1
GET /old,,"a ""b"" \ ""é	\q",1
GET /a b.png HTTP/1.1,http://x/,Mozilla/5.0 (X11),1' -- \
  agg -t clf -g request,referer,agent count --sort 'request desc' --limit 3 -- combined.log
try 'a common log, columns that it has not' \
  in 'h - - [t] "GET / HTTP/1.1" 200 5\nh - - [t] "GET / HTTP/1.1" 200 6 "x" "y"\n' out 'sum_bytes,count_agent,count_vhost,count_user
11,0,0,0' err 'fanoutd: columns that no row has, null in all of them: agent, vhost' -- \
  agg -t clf -s source.format=common 'sum(bytes)' 'count(agent)' 'count(vhost)' 'count(user)'
try 'the virtual host' in 'x.org:80 h - - [t] "GET / HTTP/1.1" 200 5 "x" "y"\n' out 'vhost,agent,sum_bytes
x.org:80,y,5' -- agg -t clf -s source.format=vhost -g vhost,agent 'sum(bytes)'
try 'no such column' code 78 err~ "no column 'size' in combined.log; it has: vhost, host," -- agg -t clf 'sum(size)' -- combined.log

line='h - - [t] "GET / HTTP/1.1" 200 5 "x" "y"'
# wrong LINE REASON
wrong () {
  try "clf: $1" in "$line\n$1\n$line" code 1 err "fanoutd: standard input:2: $2" -- agg -t clf 'sum(bytes)'
  try "clf, skipped: $1" in "$line\n$1\n$line" out 'sum_bytes
10' err "fanoutd: 1 row skipped; first: standard input:2: $2" -- \
    agg -t clf -s source.on-bad-row=skip 'sum(bytes)'
}
wrong 'h' 'column 2: a blank is wanted'
wrong 'h - - t' 'column 7: a time in brackets is wanted'
wrong 'h - - [t' 'column 7: a time in brackets is wanted'
wrong 'h - - [t] GET' 'column 11: a request in double quotes is wanted'
wrong 'h - - [t] "GET / HTTP/1.1 200' 'column 11: a quote that closes the one here is wanted'
wrong 'h - - [t] "GET \\" 200' 'column 11: a quote that closes the one here is wanted'
wrong 'h - - [t] "GET /"  5 "x" "y"' 'column 19: status is wanted'
wrong 'h - - [t] "GET /" 200 5' 'column 24: a blank is wanted; it is right for format = common'
wrong 'h - - [t] "GET /" 200 5 x y' 'column 25: a referer in double quotes is wanted; it is right for format = common'
wrong 'h - - [t] "GET /" 200 5 "x" y' 'column 29: an agent in double quotes is wanted; it is right for format = common'
wrong 'h - - [t] "GET /" 200 5 "x" "y"z' 'column 32: a blank or the end of the line is wanted; it is right for format = common'
wrong 'v h - - [t] "GET /" 200 5 "x" "y"' 'column 7: a time in brackets is wanted; it is right for format = vhost'
wrong 'h - - [t] "GET /" 200 5 "x" "\000"' 'a NUL byte'

finish
