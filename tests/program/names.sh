#!/bin/sh
# Names of columns, keys and operators as people have them, and what leads to the right ones.
. "$(dirname "$0")/harness.sh"

cp "$top"/tests/data/cases/* .

# Names that look like comments, in every way that leads to them.
try 'a name with a blank and #' out 'sum_Order #
3' -- agg 'sum(Order #)' -- hashname.csv
try 'a name with a blank and ;' out 'sum_Qty; net
7' -- agg 'sum(Qty; net)' -- hashname.csv
try 'a key with a blank and #' out 'Order #,sum_v
1,3
2,6' -- agg -g '"Order #"' 'sum(v)' -- hashname.csv
try 'a column in a file' out 'n
3' -- run -s 'source.type=csv' -s 'aggregate n.type=sum' -s 'aggregate n.column=Order #' /dev/null hashname.csv
"$FANOUTD" agg --print-ini -g '"Order #"' 'sum(Order #)' 'sum(Qty; net)' -- hashname.csv >p.ini
try 'the same from a file' out 'Order #,sum_Order #,sum_Qty; net
1,1,2
2,2,5' -- run p.ini
try 'null values that begin with #' out 'sum_x
1' -- agg -s 'source.null-values=-, #N/A, #DIV/0!' 'sum(x)' -- excelerr.csv

# Names that a list must have in quotes.
try 'a name with a comma' code 78 \
  err 'fanoutd: -g Last, First: [pipeline] group-by: no column '\''Last'\'' in commaname.csv; it has: "Last, First", v
fanoutd: -g Last, First: [pipeline] group-by: no column '\''First'\'' in commaname.csv; it has: "Last, First", v' -- \
  agg -g 'Last, First' 'sum(v)' -- commaname.csv
try 'the same in quotes' out. -- agg -g '"Last, First"' 'sum(v)' -- commaname.csv

# Columns by place, and odd delimiters.
try 'no header' out 'sum_2
60' -- agg --no-header 'sum(2)' -- headless2.csv
try 'no header, a key' out '1,sum_2
2,1
3,1' -- agg -t tsv --no-header -g 1 'sum(2)' -- perm.tsv
try 'no header, blanks' out 'sum_1,sum_2,sum_3
12,15,18' -- agg -d whitespace --no-header 'sum(1)' 'sum(2)' 'sum(3)' -- mat.txt
try 'Ctrl-A between fields' out 'sum_b
2' -- agg -d '\x01' 'sum(b)' -- ctrla.csv

# What operators are called elsewhere.
for pair in cnt:count md5sum:checksum head:first idxmax:argmax regr_slope:regression stdev.s:stddev avg:mean std:stddev stdev:stddev var:variance nunique:distinct countunique:distinct perc:quantile; do
  try "the name ${pair%:*}" code 78 err~ "there is no operator '${pair%:*}'; did you mean '${pair#*:}'?" -- \
    agg "${pair%:*}(v)" -- hashname.csv
done
try 'the name p99' code 78 err~ "did you mean 'quantile' with q = 0.99?" -- agg 'p99(v)' -- hashname.csv
try 'the name perc:95' code 78 err~ "did you mean 'quantile' with q = 0.95?" -- agg 'perc:95(v)' -- hashname.csv
try 'the name var.p' code 78 err~ "did you mean 'variance' with population = true?" -- agg 'var.p(v)' -- hashname.csv
try 'count(*)' code 78 err~ "did you mean 'count', which counts rows without a column?" -- agg 'count(*)' -- hashname.csv

finish
