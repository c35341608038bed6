#!/bin/sh
# Operators of two columns, and counts of numbers.
. "$(dirname "$0")/harness.sh"

file x.csv 'x,w\n1,3\n5,1\n2,0\n9,2.0\n7,\n,5\n'
everywhere 'quantiles with weights' in "$(cat x.csv)" out 'median_x,quantile_x_p0,quantile_x_p90,quantile_x_p100
3,1,9,9' -- agg 'median(x, weight=w)' 'quantile(x, weight=w, q=0, 0.9, 1)'
try 'no weight at all' in 'x,w\n1,0\n' out 'median_x
""' -- agg 'median(x, weight=w)'
whole='is not a whole number from 0'
everywhere 'a weight below 0' in 'x,w\n1,3\n5,-1\n' code 1 \
  err "fanoutd: standard input:3: aggregate 'median_x': the weight -1 $whole" -- agg 'median(x, weight=w)'
try 'a part of a row' in 'x,w\n1,3\n5,0.5\n' code 1 \
  err "fanoutd: standard input:3: aggregate 'median_x': the weight 0.5 $whole; a row counts as often as its weight says" -- \
  agg 'median(x, weight=w)'
for weights in '1,281474976710655\n5,1' '1,281474976710656' '1,1e30'; do
  try "too many: $weights" in "x,w\n$weights\n" code 1 err~ "aggregate 'median_x': the weights add up to 2^48 or more" -- \
    agg 'median(x, weight=w)' -s pipeline.partitions=1
done
file a.csv 'x,w\n1,200000000000000\n'
"$FANOUTD" agg 'median(x, weight=w)' --print-ini -- a.csv >p.ini
for part in a b; do "$FANOUTD" run p.ini --partial $part.part; done
try 'too many in all' code 1 err~ 'the weights add up to 2^48 or more' -- merge a.part b.part

if command -v python3 >/dev/null; then
  check 'the same as a model' python3 "$here/operators.py" "$FANOUTD"
fi

finish
