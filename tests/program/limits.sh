#!/bin/sh
# Much of everything: columns made of each other, filters, sessions, windows.
. "$(dirname "$0")/harness.sh"

# Frames of functions are some times as large with a sanitizer, and all takes some times as long.
filters=1500
if grep -q '^FANOUT_SANITIZE:[A-Z]*=.' "${FANOUT_BUILD_DIR:-none}/CMakeCache.txt" 2>/dev/null; then
  # shellcheck disable=SC3045 # every sh that there is has -s
  ulimit -s 65536
  filters=200
fi

seq 0 39999 | sed '1i x' >x.csv

# made N [MORE]: columns l0 to lN, each of the one before, and MORE to each.
made () {
  awk -v n="$1" -v more="${2:-}" 'BEGIN {
    print "[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = l" n "\n[let]\nl0 = x"
    for (i = 1; i <= n; i++) printf "l%d = l%d + 1%s\n", i, i - 1, more
  }'
}
made 1000 >made.ini
try 'columns of each other' out 'total
839980000' -- run made.ini x.csv
made 2900 >made.ini
try 'a check of more' out~ 'l2900: a number of x' -- check made.ini x.csv
# Such a chain of long expressions took more stack than there is.
made 30 "$(yes ' + 1' | head -n 4900 | tr -d '\n')" >made.ini
try 'too many of each other' code 78 err~ 'made.ini:9: [let] l2: made of others, which are made of others, more than 6000 deep' -- run made.ini x.csv
awk 'BEGIN {
  print "[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = l29999\n[let]"
  for (i = 0; i < 30000; i++) printf "l%d = x + %d\n", i, i
}' >many.ini
try 'many columns, one of them used' out 'total
1999940000' -- run many.ini x.csv
awk 'BEGIN {
  print "[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = x\n[result]\nl0 = total"
  for (i = 1; i <= 2000; i++) printf "l%d = l%d + 1\n", i, i - 1
}' >results.ini
try 'results of results' out~ ',799982000' -- run results.ini x.csv

# What filters and expressions take beside the columns is bounded, whatever their number.
peak () {
  peak=$(sed -n 's/.*"peak_state_bytes":\([0-9]*\).*/\1/p' .err)
  [ "$peak" -le $(($1 * 1024 * 1024)) ] || { echo "peak $peak"; return 1; }
}
awk -v n="$filters" 'BEGIN {
  print "[source]\ntype = csv"
  for (i = 1; i <= n; i++) printf "[aggregate a%d]\ntype = sum\ncolumn = x\nwhere = x < %d\n", i, i + 1
}' >filters.ini
ways='fiber 4096 1,fiber 1000 3,threads 4096 1,callback 4096 1'
everywhere 'many filters' out "$(seq -s , -f 'a%.0f' 1 "$filters")
$(seq 1 "$filters" | awk '{ printf (NR > 1 ? ",%d" : "%d"), $1 * ($1 + 1) / 2 }')" -- run filters.ini x.csv
try 'what they take' out. err~ peak_state_bytes -- run --stats -s pipeline.partitions=1 filters.ini x.csv
check 'what they take' peak 96

# Sessions that are open for long, all of one key.
try 'many open sessions' out. -- agg -s window.time=x -s window.gap=1ms -s window.lateness=100000s -f ndjson -o sessions count -- x.csv
check 'each by itself' test "$(grep -c '"count":1}$' sessions)" = 40000

# Windows that have very many slices each, in which rows are late for some of them.
awk 'BEGIN { print "t"; for (i = 0; i < 20000; i++) { print i; if (i % 1000 == 999) print i - 15000 } }' >late.csv
try 'many slices' out. -- agg -s window.time=t -s window.size=20000s -s window.every=1s -s output.header=false -s output.path=windows count 'sum(t)' -- late.csv
# Of each window: the rows of it, and the late ones that came while it was open.
check 'the rows of each' awk -F, '
  function rows(from, to) { return to < from ? 0 : to - from + 1 }
  { from = NR < 20000 ? 0 : NR - 20000; to = NR < 20000 ? NR - 1 : 19999
    n = rows(from, to); sum = (from + to) * n / 2
    for (k = 999; k < 20000; k += 1000)
      if (k - 15000 >= NR - 20000 && k - 15000 < NR && NR > k) { n++; sum += k - 15000 }
    if ($3 != n || $4 != sum) { print NR ": " $0 " but " n "," sum; exit 1 } }' windows

finish
