#!/bin/sh
# SIGINT and SIGTERM: the first prints the results so far, the second ends the program.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n'
file g.ini '[pipeline]\ngroup-by = x\n[source]\ntype = csv\n[aggregate n]\ntype = count\n'

# A FIFO takes far less than is written to it: when the last byte is in, most rows have been read, and
# the program waits for more, since the FIFO stays open.

# interrupted SIGNAL CODE ARGUMENT...
interrupted () {
  signal=$1 want=$2
  shift 2
  rm -f fifo
  mkfifo fifo
  "$FANOUTD" run "$@" p.ini fifo >.out 2>.err &
  pid=$!
  exec 3>fifo
  { echo x; yes 1 | head -n 1500000; } >&3
  kill -"$signal" $pid
  wait $pid
  code=$?
  exec 3>&-
  echo "exit code $code"
  cat .out .err
  n=$(sed -n 's/^fanoutd: interrupted after \([0-9]*\) rows$/\1/p' .err)
  [ $code = "$want" ] && [ "$(wc -l <.err)" = 1 ] && [ "${n:-0}" -gt 0 ] && [ "$n" -le 1500000 ] \
    && [ "$(cat .out)" = "n,total
$n,$n" ]
}

for strategy in fiber threads callback; do
  check "SIGINT, $strategy" interrupted INT 130 -s pipeline.strategy=$strategy
  check "SIGTERM, $strategy" interrupted TERM 143 -s pipeline.strategy=$strategy
done
check 'SIGINT, one row at a time' interrupted INT 130 -s pipeline.batch=1
check 'SIGINT, two partitions' interrupted INT 130 -s pipeline.partitions=2

# The results are more than a pipe takes: the program is still writing them when the second comes.
twice () {
  rm -f fifo results
  mkfifo fifo results
  "$FANOUTD" run g.ini fifo >results 2>.err &
  pid=$!
  exec 4<results 3>fifo
  { echo x; seq 400000; } >&3
  kill -"$1" $pid
  head -c 1 <&4 >/dev/null
  kill -"$2" $pid
  wait $pid
  code=$?
  exec 3>&- 4<&-
  echo "exit code $code"
  cat .err
  [ $code = "$3" ] && [ ! -s .err ]
}
check 'SIGINT twice' twice INT INT 130
check 'SIGTERM twice' twice TERM TERM 143
check 'SIGINT, then SIGTERM' twice INT TERM 143

finish
