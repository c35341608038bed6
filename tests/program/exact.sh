#!/bin/sh
# Decimals of up to 38 digits, and what operators promise of numbers.
. "$(dirname "$0")/harness.sh"

ways='fiber 4096 1,fiber 1 1,fiber 4096 2,threads 3 1,callback 4096 1'

rows='k,x\n18446744073709551615,0.0000000000000000000000001\n2.0,18446744073709551616\n1.5,-99999999999999999999999999999999999999\n18446744073709551614,1e37\n'
file w.csv "$rows"
everywhere 'keys in order, filters and what is derived' in "$rows" out 'k,y,z
2.0,18446744073709551617,4611686018427387904
18446744073709551614,10000000000000000000000000000000000001,2500000000000000000000000000000000000
18446744073709551615,1.0000000000000000000000001,0.000000000000000000000000025' -- \
  agg -g k -w 'x > -99999999999999999999999999999999999998' 'y=max(x + 1)' 'z=min(x / 4)'
try 'a comparison with a literal' out 'count
1' -- agg -w 'num(k) >= 18446744073709551615' count -- w.csv
try 'one of a list' out 'count
2' -- agg -w 'num(k) in (18446744073709551615, 1.50, 18446744073709551616)' count -- w.csv
everywhere 'results in order, and of results' in "$rows" out 'k,s,t
18446744073709551614,10000000000000000000000000000000000000,20000000000000000000000000000000000000
2.0,18446744073709551616,36893488147419103232
18446744073709551615,0.0000000000000000000000001,0.0000000000000000000000002
1.5,-99999999999999999999999999999999999999,-2e38' -- \
  agg -g k 's=sum(x)' -r 't=s * 2' -s 'output.sort=s desc'
everywhere 'lists' in "$rows" out 'collapse_x
"[0.0000000000000000000000001,18446744073709551616,-99999999999999999999999999999999999999,10000000000000000000000000000000000000]"' -- \
  agg 'collapse(x, as=number)'
try 'what has more digits is a double, and counted' in 'x\n1234567890123456789012345678901234567890\n' out 'sum_x
1.2345678901234568e39' err "fanoutd: 1 number rounded to the nearest double; first: standard input:2: column 'x': '1234567890123456789012345678901234567890'" -- agg 'sum(x)'
try 'JSON' in '{"id":18446744073709551615,"p":"0.1234567890123456789"}\n{"id":18446744073709551614}\n' out 'range_id,max_p
1,0.1234567890123456789' -- agg -t jsonl 'range(id)' 'max(p)'
try 'decimal commas' in 'x\n18.446.744.073.709.551.615,5\n' out 'max_x
18446744073709551615.5' -- agg -d ';' -s source.decimal=, -s source.thousands=. 'max(x)'

if command -v python3 >/dev/null; then
  check 'the same as rationals' python3 "$here/exact.py" "$FANOUTD"
  check 'sketches within their bounds' python3 "$here/bounds.py" "$FANOUTD"
  check 'sets that NIST certifies' python3 "$here/nist.py" "$FANOUTD"
fi

finish
