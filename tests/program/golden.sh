#!/bin/sh
# Every file in conf/ gives what tests/golden/ holds, however it is run.
. "$(dirname "$0")/harness.sh"

conf=$top/conf
golden=$top/tests/golden

# same GOLDEN: the format is the file's ending.
same () {
  case $1 in *.txt) format=table ;; *) format=${1##*.} ;; esac
  name=$(basename "$1")
  name=${name%.*}
  input=
  [ "$name" = reference ] && input=$conf/data/flights.csv
  # It would wait for more, where others may listen already, and leave a file.
  [ "$name" = weblog-live ] \
    && input='-s source.follow=false -s monitor.listen=unix:monitor.sock -s checkpoint.path=state -s output.path=- --fresh'
  "$FANOUTD" run -f "$format" "$conf/$name.ini" $input >.result && cmp .result "$1" || return
  for way in 'fiber 1 1' 'fiber 7 3' 'fiber 4096 2' 'threads 4096 1' 'threads 512 2' 'callback 4096 1' 'callback 64 3'; do
    # shellcheck disable=SC2086
    set -- "$1" $way
    "$FANOUTD" run -f "$format" -s pipeline.strategy=$2 -s pipeline.batch=$3 -s pipeline.partitions=$4 \
      "$conf/$name.ini" $input >.result && cmp .result "$1" || { echo "$way"; return 1; }
  done
}
for file in "$golden"/*; do
  check "$(basename "$file")" same "$file"
done

covered () {
  for file in "$conf"/*.ini; do
    ls "$golden/$(basename "$file" .ini)".* || return
  done
}
check 'every file is covered' covered

one_line () {
  diff "$conf/flights-fiber.ini" "$conf/flights-$1.ini" >.diff
  grep -c '^[<>]' .diff | grep -qx 2 && grep '^[<>]' .diff | grep -cv 'strategy = ' | grep -qx 0
}
check 'strategies differ in one line: threads' one_line threads
check 'strategies differ in one line: callback' one_line callback
check 'strategies have one result: threads' cmp "$golden/flights-fiber.csv" "$golden/flights-threads.csv"
check 'strategies have one result: callback' cmp "$golden/flights-fiber.csv" "$golden/flights-callback.csv"

current () { "$FANOUTD" reference >.reference && diff .reference "$conf/reference.ini"; }
check 'reference.ini is current: fanoutd reference >conf/reference.ini' current
fits () { awk 'length ($0) > 80 {print; bad = 1} END {exit bad}' "$golden/demo.txt"; }
check 'the demo fits a terminal' fits

finish
