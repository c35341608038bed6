#!/bin/sh
# functions: what expressions may call.
. "$(dirname "$0")/harness.sh"

file x.csv 'x\n1\n'

try 'the list' out~ 'bucket(x, width[, zone])  ' out~ 'yearday(t[, zone])  ' -- functions
check 'it is sorted' sh -c 'sed "s/(.*//" .out >.names; sort -c .names'
# Every example gives what is said.
check 'examples' sh -c '"$0" complete functions | while read -r name; do
  "$0" functions $name >one || exit
  call=$(sed -n "s/^example   \(.*\) = .*/\1/p" one) want=$(sed -n "s/^example   .* = //p" one)
  [ -z "$call" ] && continue
  got=$("$0" agg -f tsv -s output.header=false -l "v=$call" "first(v)" -- x.csv)
  [ "$got" = "$want" ] || { echo "$call: $got"; exit 1; }
done' "$FANOUTD"
try 'one' out 'function round: to so many digits behind the point, halves away from zero

call      round(x[, digits])
gives     a number
example   round(2.345, 2) = 2.35' -- functions round
try 'one that has no example' out 'function row: the number of the row, from 1; empty lines, comments and rows that
are skipped have one too

call      row()
gives     a number' -- functions row
try 'among the plugins' out~ 'function  bucket ' -- plugins
try 'one among the plugins' out~ 'call      trim(x)' -- plugins trim
hint="(see 'fanoutd functions -h')"
try 'a name that is near' code 2 err "fanoutd: functions: there is no function 'bukcet'; did you mean 'bucket'? $hint" -- functions bukcet
try 'a name from elsewhere' code 2 err "fanoutd: functions: there is no function 'date_trunc'; did you mean bucket(t, width)? $hint" -- functions date_trunc
try 'a name that is not' code 2 err "fanoutd: functions: there is no function 'frobnicate'; 'fanoutd functions' lists them $hint" -- functions frobnicate
try 'a name from elsewhere, called' code 78 err~ "no function 'strftime'; did you mean format(t, format)?" -- agg -l "v=strftime(x, '%Y')" count -- x.csv
try 'too many' code 2 err~ 'one NAME at most' -- functions a b

finish
