#!/bin/sh
# So many groups that their states lie beside each other: every way gives what few at a time give.
. "$(dirname "$0")/harness.sh"

# 50,000 groups, two or three rows each; values of several scales, doubles, and wide ones.
awk 'BEGIN {
  print "k,x,t"
  for (i = 0; i < 120000; i++) {
    x = (i * 7919) % 1000 - 500
    if (i % 11 == 0) x = x ".25"
    else if (i % 13 == 0) x = x "e300"
    else if (i % 17 == 0) x = x "00000000000000000000000000.5"
    else if (i % 19 == 0) x = ""
    print "g" (i * 7) % 50000 "," x ",t" i % 5
  }
}' >many.csv
cat >p.ini <<'END'
[pipeline]
group-by = k
[source]
type = csv
[aggregate m]
type = mean
column = x
[aggregate s]
type = sum
column = x
[aggregate low]
type = min
column = x
[aggregate high]
type = max
column = x
[aggregate t]
type = min
column = t
as = text
[aggregate n]
type = count
[aggregate v]
type = stddev
column = x
END
# The strategy with a thread for each aggregate keeps them apart.
"$FANOUTD" run -s pipeline.strategy=threads -s pipeline.partitions=1 p.ini many.csv >want
check 'there are many' test "$(wc -l <want)" -eq 50001

same () { "$FANOUTD" "$@" >got && cmp want got; }
for way in callback,4096,1 callback,4096,2 callback,17,3 fiber,4096,2 fiber,1000,1; do
  IFS=, read -r strategy batch partitions <<END
$way
END
  check "$way" same run -s pipeline.strategy=$strategy -s pipeline.batch=$batch \
    -s pipeline.partitions=$partitions p.ini many.csv
done

in_parts () {
  { head -n 70001 many.csv; } >0.csv
  { head -n 1 many.csv; tail -n +70002 many.csv; } >1.csv
  for part in 0 1; do
    "$FANOUTD" run --partial $part.part p.ini $part.csv || return
  done
  same merge 0.part 1.part
}
check 'in parts' in_parts

# What does not fit is an error; what is left out has no part of it.
try 'no memory for them' code 1 err~ 'max-memory' -- \
  run -s pipeline.max-memory=8M -s pipeline.partitions=1 p.ini many.csv
sed 's/^group-by = k$//' p.ini >r.ini
printf '[table all]\ngroup-by = k\nlimit = 3\nrest = other\n' >>r.ini
"$FANOUTD" run -s pipeline.strategy=threads -s pipeline.partitions=1 r.ini many.csv >want
check 'three and the rest' test "$(wc -l <want)" -eq 5
check 'the rest of nearly all' same run -s pipeline.strategy=callback r.ini many.csv
finish
