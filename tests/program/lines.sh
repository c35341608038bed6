#!/bin/sh
# The line of a bad row among a million, wherever it is and however the input is dealt.
. "$(dirname "$0")/harness.sh"

rows=1000000
mkfifo fifo

# Rows of 8 bytes behind a header of 4, so that line 65537 lies across the border of the first two
# pieces of 512 K; what stands in BEGIN is of two lines.
# big BEGIN LINE TEXT
big () {
  printf 'x,t\n'
  printf "$1"
  yes '12,abcd' | head -n "$(($2 - 2 - $(printf "$1" | wc -l)))"
  printf "$3"
  yes '12,abcd' | head -n "$((rows - $2))"
}

# told BEGIN LINE TEXT MESSAGE
told () {
  big "$1" "$2" "$3" >big.csv
  for way in 'fiber 1' 'fiber 2' 'fiber 3' 'fiber 7' 'threads 1' 'callback 1'; do
    # shellcheck disable=SC2086
    set -- "$1" "$2" "$3" "$4" $way
    try "line $2: $4 ($way)" code 1 err "fanoutd: big.csv:$2: $4" -- \
      agg 'sum(x)' -s "pipeline.strategy=$5" -s "pipeline.partitions=$6" -- big.csv
  done
  cat big.csv >fifo 2>/dev/null &
  try "line $2: $4 (a pipe)" code 1 err "fanoutd: fifo:$2: $4" -- agg 'sum(x)' -s pipeline.partitions=3 -- fifo
  wait
}

value="column 'x': 'foo' is not a number; null-values or on-bad-value = null take it for no value"
two='12,"a\nb"\n'
for line in 2 65536 65537 65538 500000 $rows; do
  told '' "$line" 'foo,abc\n' "$value"
done
told "$two" 65537 '1,2,abc\n' '3 fields where 2 are wanted; ragged = true takes shorter and longer rows'
told "$two" 900000 'foo,"abc\n"\n' "$value"
told "$two" 4 '1"3,a"b\n' 'field 1: a quote that is neither at an edge of it nor doubled; where quotes are letters: quote = none'
told '' 999999 '"2,abcd\n' 'a quote in this row is never closed; where quotes are letters: quote = none'

# The first of two, and both where they are passed over.
big '' 700000 'foo,abc\n' >one.csv
{ head -n 300000 one.csv; printf '1\n'; tail -n +300002 one.csv; } >big.csv
for partitions in 1 2 3 7; do
  try "the first of two bad rows, $partitions partitions" code 1 \
    err 'fanoutd: big.csv:300001: 1 field where 2 are wanted; ragged = true takes shorter and longer rows' -- \
    agg 'sum(x)' -s pipeline.partitions=$partitions -- big.csv
  try "both are passed over, $partitions partitions" out 'sum_x,count
11999964,999998' err "fanoutd: 1 row skipped; first: big.csv:300001: 1 field where 2 are wanted; ragged = true takes shorter and longer rows
fanoutd: 1 bad value taken as null; first: big.csv:700000: column 'x': 'foo' is not a number" -- \
    agg 'sum(x)' count -s pipeline.partitions=$partitions -s source.on-bad-row=skip \
    -s source.on-bad-value=null -- big.csv
done

finish
