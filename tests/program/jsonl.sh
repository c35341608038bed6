#!/bin/sh
# JSON lines: paths, notes and messages, and all of it against Python's json.
. "$(dirname "$0")/harness.sh"

file x.jsonl '{"user":"a","ms":12,"tags":["x"]}\n{"user":"b","ms":3.5}\n{"ms":7,"user":"a"}\n'
try 'names with dots in expressions' in '{"a.b":1,"a":{"b":2},"c d":3}\n{"a.b":3,"a":{"b":4},"c d":5}\n' \
  out 'a.b,one,two,three,four
1,1,2,2,3
3,3,4,4,5' -- agg -t jsonl -g '"a.b"' 'one=sum("a.b")' 'two=sum(a.b)' 'three=sum("a.b" * 1 + 1)' \
  'four=sum("c d")' -w '"a.b" > 0 and a.b > 1'
file p.ini '[source]\ntype=jsonl\npath=x.jsonl\n[pipeline]\ngroup-by="user"\n[aggregate sum_ms]\ntype=sum\ncolumn=ms\n'
everywhere 'a sum by a member' out 'user,sum_ms
a,19
b,3.5' -- run p.ini
try 'the same by agg' out 'user,sum_ms
a,19
b,3.5' -- agg -t jsonl -g user 'sum(ms)' -- x.jsonl
try 'an element, an array' out 'user,first_tags,first_tags[0]
a,"[""x""]",x
b,,' -- agg -t jsonl -g user 'first(tags)' 'first(tags[0])' -- x.jsonl
try 'columns that no row has' out 'count,sum_typo,first_tags[7]
3,,' err 'fanoutd: columns that no row has, null in all of them: typo, tags[7]' -- \
  agg -t jsonl count 'sum(typo)' 'first(tags[7])' -- x.jsonl
try 'of filtered rows alone' out 'count
0' err 'fanoutd: columns that no row has, null in all of them: typo' -- agg -t jsonl -w 'typo > 1' count -- x.jsonl
try 'one that is null in all rows is there' in '{"a":null}\n{"a":null}\n' out 'count_a
0' -- agg -t jsonl 'count(a)'
try 'no rows, no note' in '\n \n' out 'count_a
0' -- agg -t jsonl 'count(a)'
file dots.ini '[source]\ntype=jsonl\npath=-\n[pipeline]\ngroup-by="a.b"
[aggregate one]\ntype=sum\ncolumn="a.b"\n[aggregate two]\ntype=sum\ncolumn=a.b\n'
try 'names with dots, in lists and alone' in '{"a.b":1,"a":{"b":2}}\n{"a.b":3,"a":{"b":4}}\n' \
  out 'a.b,one,two
1,1,2
3,3,4' -- run dots.ini
try 'what is no path' code 78 err "fanoutd: sum(a..b): [aggregate sum_a..b] column: 'a..b' is no path such as commit.author, tags[0] or \"a.b\": a name is missing; one that is empty or has . [ ] or \" in it stands in quotes" -- \
  agg -t jsonl 'sum(a..b)' -- x.jsonl
try 'a bad row' in '{"ms":1}\n\n{"ms":2,}\n' code 1 \
  err 'fanoutd: standard input:3: column 9: a name in double quotes is wanted, not '"'}'" -- \
  agg -t jsonl 'sum(ms)'
try 'a bad row in a column that nobody wants' in '{"ms":1,"x":"\t"}\n' code 1 \
  err 'fanoutd: standard input:1: column 14: a control character in a string, which is to be escaped, as \t' -- \
  agg -t jsonl 'sum(ms)'
try 'it is passed over' in '{"ms":1}\n[]\n{"ms":2}\n{"ms":"\\ud800"}' out 'sum_ms
3' err "fanoutd: 2 rows skipped; first: standard input:2: column 1: an object is wanted, not '['; jq -c '.[]' makes lines of an array" -- \
  agg -t jsonl -s source.on-bad-row=skip 'sum(ms)'
try 'a bad value' in '{"ms":1}\n{"ms":"x"}\n' code 1 \
  err "fanoutd: standard input:2: column 'ms': 'x' is not a number; null-values or on-bad-value = null take it for no value" -- \
  agg -t jsonl 'sum(ms)'

file dash.jsonl '{"response-time":5,"a":1}\n{"response-time":7,"a":2}\n'
try 'a name with a dash is none' out 'sum(response-time),sum_a
,3' err 'fanoutd: columns that no row has, null in all of them: response, time; did you mean "response-time", in double quotes?' -- agg -t jsonl 'sum(response-time)' 'sum(a)' -- dash.jsonl
try 'in double quotes it is' out 'sum_response-time
12' -- agg -t jsonl 'sum("response-time")' -- dash.jsonl
try 'a difference' err 'fanoutd: columns that no row has, null in all of them: x, y' out 's
""' -- agg -t jsonl 's=sum(x - y)' -- dash.jsonl

# Objects that are no lines yet.
try 'NUL bytes behind them' in '{"ms":1}\0{"ms":2}\0' code 1 \
  err "fanoutd: standard input:1: column 9: the end of the line is wanted, not '\\x00'; tr '\\0' '\\n' makes lines of what ends in NUL bytes" -- \
  agg -t jsonl 'sum(ms)'
try 'separators of RFC 7464' in '\036{"ms":1}\n\036{"ms":2}\n' code 1 \
  err "fanoutd: standard input:1: column 1: an object is wanted, not '\\x1E'; without the separators of RFC 7464 it comes from: tr -d '\\036'" -- \
  agg -t jsonl 'sum(ms)'
made_lines () {
  [ "$(printf '{"ms":1}\0{"ms":2}\0' | tr '\0' '\n' | "$FANOUTD" agg -t jsonl 'sum(ms)')" = 'sum_ms
3' ] && [ "$(printf '\036{"ms":1}\n\036{"ms":2}\n' | tr -d '\036' | "$FANOUTD" agg -t jsonl 'sum(ms)')" = 'sum_ms
3' ]
}
check 'what is said makes lines of them' made_lines

if command -v python3 >/dev/null; then
  check "the same as Python's json" python3 "$here/jsonl.py" "$FANOUTD"
fi

finish
