#!/bin/sh
# Inputs of many columns, under every strategy.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = t\n'

wide () {
  awk -v columns="$1" -v rows="$2" 'BEGIN {
    for (i = 1; i <= columns; i++) printf "c%d%s", i, i < columns ? "," : "\n"
    for (r = 1; r <= rows; r++)
      for (i = 1; i <= columns; i++) printf "%d%s", r, i < columns ? "," : "\n"
  }' >wide.csv
  everywhere "$1 columns and $2 rows" out "n,total,last
$2,$(($2 * ($2 + 1) / 2)),$2" -- \
    run p.ini wide.csv -s "aggregate total.column=c$1" -s "aggregate last.column=c$(($1 / 2))"
}
wide 9000 60
wide 20000 20
awk 'BEGIN {
  print "[source]\ntype = csv"
  for (i = 1; i <= 1100; i++) printf "[aggregate a%d]\ntype = sum\ncolumn = c%d\n", i, i
}' >all.ini
wide 1100 400
# A batch of one row for each of them would take long, and shows nothing more.
ways='fiber 4096 1,fiber 2 3,threads 4096 1,callback 4096 1'
everywhere 'every one of 1100 columns' out "$(seq -s , -f 'a%.0f' 1 1100)
$(yes 80200 | head -n 1100 | paste -s -d ,)" -- run all.ini wide.csv

finish
