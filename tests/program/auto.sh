#!/bin/sh
# type = auto: what the first input looks like.
. "$(dirname "$0")/harness.sh"

as="as it looks; -t or [source] type says what it is"
json='{"a":1}\n{"a":2}\n'
log='h - - [t] "GET / HTTP/1.1" 200 5'

file x.jsonl "$json"
try 'the name says so too' out 'sum_a
3' -- agg -t auto 'sum(a)' -- x.jsonl
file x.csv "$json"
try 'it says something else' out 'sum_a
3' err "fanoutd: x.csv: taken for jsonl, $as" -- agg -t auto 'sum(a)' -- x.csv
try 'a pipe' in "$json" out 'sum_a
3' err "fanoutd: standard input: taken for jsonl, $as" -- agg -t auto 'sum(a)'
try 'behind empty lines and inputs' in "\n \n$json" out 'sum_a
3' err "fanoutd: standard input: taken for jsonl, $as" -- agg -t auto 'sum(a)' -- /dev/null -
for format in combined common vhost; do
  case $format in combined) line="$log \"-\" \"x\"" ;; common) line=$log ;; vhost) line="v $log \"-\" \"x\"" ;; esac
  try "a $format log, with a bad line" in "$line\n$line\n$line\nbad\n" out 'status,sum_bytes
200,15' err* 'fanoutd: standard input: taken for clf, *
fanoutd: 1 row skipped; *' -- agg -t auto -s source.on-bad-row=skip -g status 'sum(bytes)'
done
try 'a format that is given' in "$log \"-\" \"x\"\n" out 'sum_bytes
5' err "fanoutd: standard input: taken for clf, $as" -- agg -t auto -s source.format=common 'sum(bytes)'
try 'pairs' in 'a=1 b="x y"\n\na=2 b=\n' out 'sum_a
3' err "fanoutd: standard input: taken for logfmt, $as" -- agg -t auto 'sum(a)'
try 'tabs' in 'a\tb\n1\t2\n' out 'sum_b
2' err "fanoutd: standard input: taken for tsv, $as" -- agg -t auto 'sum(b)'
try 'commas' in 'a,b\n1,2\n' out 'sum_b
2' -- agg -t auto 'sum(b)'
try 'nothing speaks for anything' in 'a\n1\n' out 'sum_a
1' err "fanoutd: standard input: taken for csv, $as" -- agg -t auto 'sum(a)'
file x.tsv 'a\n1\n'
try 'the name alone' out 'sum_a
1' -- agg -t auto 'sum(a)' -- x.tsv
try 'no bytes' out 'count
0' -- agg -t auto count
try 'an option of csv' in 'a;b\n1;2\n' out 'sum_b
2' err "fanoutd: standard input: taken for csv, $as" -- agg -t auto -d ';' 'sum(b)'
try 'an option that the type has not' in "$json" code 78 \
  err~ '-d ;: [source] delimiter: unknown key' -- agg -t auto -d ';' 'sum(a)'
try 'no such file' code 1 err 'fanoutd: none.csv: No such file or directory' -- agg -t auto 'sum(a)' -- none.csv
file x.ini '[source]\ntype=auto\npath=x.jsonl\n[aggregate s]\ntype=sum\ncolumn=a\n'
everywhere 'from a file' out 's
3' -- run x.ini
try 'what check says' out~ 'source      jsonl: x.jsonl' -- check x.ini
gzip -c x.jsonl >y.jsonl.gz
try 'packed' out 'sum_a
3' -- agg -t auto 'sum(a)' -- y.jsonl.gz

finish
