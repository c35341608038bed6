#!/bin/sh
# The bound of memory: what passes it ends the run, and hardly anything is over it by then.
. "$(dirname "$0")/harness.sh"

seq 0 599999 | sed '1i x' >x.csv
seq 0 299999 | sed 's/.*/a text that is as long as some are: &/;1i x' >texts.csv

# What a chunk of rows adds may be more.
kept () {
  peak=$(sed -n 's/.*"peak_state_bytes":\([0-9]*\).*/\1/p' .err)
  [ "$peak" -le $((12 * 1024 * 1024)) ] || { echo "peak $peak"; return 1; }
}
told='fanoutd: states, keys and chunks take more than 8M: [pipeline] max-memory allows more'
bounded () {
  name=$1
  shift
  try "$name" code 1 out. err~ "$told" -- agg --stats -s pipeline.max-memory=8M "$@"
  check "$name, the peak" kept
}

for partitions in 1 2; do
  for aggregate in 'unique(x, limit=100000000)' 'mode(x, limit=100000000)' 'distinct(x, limit=100000000)' \
    'median(x, limit=100000000)' 'collapse(x, limit=100000000)' 'largest(x, k=10000000)' \
    'sample(x, k=10000000)' 'top(x, capacity=10000000)'; do
    bounded "$aggregate, $partitions" -s pipeline.partitions=$partitions "$aggregate" -- x.csv
  done
  for aggregate in count 'sum(x)' 'unique(x)' 'distinct(x)' 'median(x)'; do
    bounded "$aggregate by group, $partitions" -s pipeline.partitions=$partitions -g x "$aggregate" -- x.csv
  done
  for aggregate in 'unique(x, limit=100000000)' 'distinct(x, limit=100000000)'; do
    bounded "$aggregate of texts, $partitions" -s pipeline.partitions=$partitions "$aggregate" -- texts.csv
  done
done
bounded 'while threads run' -s pipeline.strategy=threads 'mode(x, limit=100000000)' 'median(x, limit=100000000)' -- x.csv
bounded 'a failure does not drop it' -s pipeline.on-error=drop count 'mode(x, limit=100000000)' -- x.csv

# Parts that fit one by one, and not together.
file p.ini '[pipeline]\nmax-memory = 8M\n[source]\ntype = csv\n[aggregate u]\ntype = unique\ncolumn = x\nlimit = 10000000\n'
for part in 1 2 3; do
  seq $((part * 24000)) $((part * 24000 + 23999)) | sed '1i x' >$part.csv
  try 'a part' -- run --partial $part.part p.ini $part.csv
done
try 'some of them' out. -- merge 1.part 3.part
try 'all of them' code 1 err 'fanoutd: 3.part: states and keys take more than [pipeline] max-memory allows' -- merge 1.part 2.part 3.part

finish
