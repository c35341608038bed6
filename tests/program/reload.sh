#!/bin/sh
# SIGHUP: the file is read again while the run goes on.
. "$(dirname "$0")/harness.sh"

pid=
trap 'kill -9 $pid 2>/dev/null; cd /; rm -rf "$folder"' EXIT

[ -d /proc/self/fd ] || { echo 'reload: left out, there is no /proc'; exit 0; }

# until_have N PATTERN FILE: so many lines of it.
until_have () {
  until [ -f "$3" ] && [ "$(grep -c -e "$2" "$3")" -ge "$1" ]; do
    kill -0 "$pid" 2>/dev/null || return 1
  done
}

begin () {
  rm -f out.csv* state* a.log* .err
  file a.log 't,k,v\n1,a,1\n2,b,2\n11,a,3\n'
  "$FANOUTD" run "$@" >.out 2>.err &
  pid=$!
  until_have 1 '00:00:00Z,.*,b' out.csv
}

# again N: for the N-th time.
again () {
  kill -HUP $pid
  until_have "$1" '; kept: \|; begun anew: \|goes on as before' .err
}

end () {
  kill -TERM $pid
  wait $pid
  code=$?
  cat .err out.csv
  [ $code = 0 ]
}

have_err () { [ "$(cat .err)" = "$1" ]; }
have_out () { [ "$(sed 's/1970-01-01T00://g' out.csv)" = "$1" ]; }

start='[source]
type = csv
path = a.log
follow = true
rotate-wait = 1ms
discover = 10ms
[pipeline]
group-by = k
[window]
time = t
size = 10s
[output]
path = out.csv
[checkpoint]
path = state
every = 1h
'
sum='[aggregate s]
type = sum
column = v
'
n='[aggregate n]
type = count
'
config () { printf '%s' "$@" >p.ini; }

changed () {
  config "$start" "$n" "$sum" '[aggregate high]
type = max
column = v
[aggregate old]
type = first
column = v
'
  begin p.ini "$@"
  config "$start" "$n" "$sum" '[aggregate high]
type = max
column = t
[aggregate renamed]
type = first
column = v
[aggregate m]
type = mean
column = v
'
  again 1 || return
  printf '12,a,5\n21,b,6\n' >>a.log
  until_have 1 '00:20Z,a' out.csv
  end && have_err 'fanoutd: ./out.csv: written on, with other columns than before
fanoutd: p.ini: read again; kept: n, s; begun anew: high; new: renamed, m; gone: old' && have_out 'window_start,window_end,k,n,s,high,old
00:00Z,00:10Z,a,1,1,1,1
00:00Z,00:10Z,b,1,2,2,2
window_start,window_end,k,n,s,high,renamed,m
00:10Z,00:20Z,a,2,8,12,5,5'
}
for way in fiber threads callback; do
  check "aggregates come, go, change and have other names, $way" changed -s pipeline.strategy=$way
done
check 'the same in three partitions, row by row' changed -s pipeline.partitions=3 -s pipeline.batch=1

wrong () {
  config "$start" "$n"
  begin p.ini
  config "$start" "$n" '[aggregate m]
type = meen
column = v
'
  again 1 || return
  config "$start" "$n" '[aggregate m]
type = mean
column = nowhere
'
  again 2 || return
  rm p.ini
  again 3 || return
  printf '12,a,5\n21,b,6\n' >>a.log
  until_have 1 '00:20Z,a' out.csv
  end && have_out 'window_start,window_end,k,n
00:00Z,00:10Z,a,1
00:00Z,00:10Z,b,1
00:10Z,00:20Z,a,2' && [ "$(grep -c 'fanoutd: p.ini: the run goes on as before' .err)" = 3 ] \
    && grep -q "^fanoutd: p.ini:[0-9]*: \[aggregate m\] type: there is no operator 'meen'; did you mean 'mean'" .err \
    && grep -q "^fanoutd: p.ini:[0-9]*: \[aggregate m\] column: no column 'nowhere' in csv; it has: t, k, v" .err \
    && grep -q '^fanoutd: p.ini: No such file or directory' .err
}
check 'a wrong file' wrong

finish
