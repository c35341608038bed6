#!/bin/sh
# SIGHUP: the file is read again while the run goes on.
. "$(dirname "$0")/harness.sh"

pid=
trap 'kill -9 $pid 2>/dev/null; cd /; rm -rf "$folder"' EXIT

[ -d /proc/self/fd ] || { echo 'reload: left out, there is no /proc'; exit 0; }
if grep -q '^FANOUT_SANITIZE:[A-Z]*=thread' "${FANOUT_BUILD_DIR:-none}/CMakeCache.txt" 2>/dev/null; then
  echo 'reload: left out, ThreadSanitizer keeps a signal back while its thread waits for a lock'
  exit 0
fi

# until_have N PATTERN FILE: so many lines of it.
until_have () {
  until [ -f "$3" ] && [ "$(grep -c -e "$2" "$3")" -ge "$1" ]; do
    kill -0 "$pid" 2>/dev/null || return 1
  done
}

# SIGHUP does not end it.
until_caught () {
  until grep -q '^SigCgt:.*[13579bdf]$' "/proc/$pid/status"; do kill -0 $pid || return; done
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

# What stands behind -s is as it was, and what cannot change is said.
refused () {
  config "$start" "$n"
  begin p.ini -s 'aggregate n.where=v > 1' -s output.append=true
  config "$start" 'delimiter = ;
' "$n"
  sed -i 's/^delimiter.*//; s/^type = csv/&\ndelimiter = ;/' p.ini
  again 1 || return
  config "$start" "$n" "$sum"
  sed -i 's/^size = 10s/size = 5s/' p.ini
  again 2 || return
  printf '12,a,5\n21,b,6\n' >>a.log
  until_have 1 '00:15Z,a' out.csv
  end && have_out 'window_start,window_end,k,n
00:00Z,00:10Z,a,0
00:00Z,00:10Z,b,1
00:10Z,00:20Z,a,1
window_start,window_end,k,n,s
00:10Z,00:15Z,a,1,5' \
    && have_err "fanoutd: p.ini:3: [source] delimiter: it is new: how bytes become rows cannot change while they are read; it takes a new start
fanoutd: p.ini: the run goes on as before
fanoutd: ./out.csv: written on, with other columns than before
fanoutd: p.ini: [window] has changed: it was 'time = t, size = 10s', and is 'time = t, size = 5s'
fanoutd: p.ini: read again; begun anew: n; new: s; what was open has been written"
}
check 'another window, another delimiter, with -s' refused

# A state goes by what its [let] says; one that nobody names is nobody's business.
derived () {
  config "$start" '[let]
twice = v * 2
more = twice + 1
idle = 1
' "$n" '[aggregate m]
type = sum
column = more
'
  begin p.ini
  config "$start" '[let]
twice = v * 20
more = twice + 1
' "$n" '[aggregate m]
type = sum
column = more
'
  again 1 || return
  printf '12,a,5\n21,b,6\n' >>a.log
  until_have 1 '00:20Z,a' out.csv
  end && have_err 'fanoutd: p.ini: read again; kept: n; begun anew: m' && have_out 'window_start,window_end,k,n,m
00:00Z,00:10Z,a,1,3
00:00Z,00:10Z,b,1,5
00:10Z,00:20Z,a,2,101'
}
check 'a derived column that has changed' derived

# Another place of the results begins there; one that was moved away is left.
places () {
  config "$start" "$n"
  begin p.ini
  mv out.csv moved.csv
  again 1 || return
  printf '12,a,5\n21,b,6\n' >>a.log
  until_have 1 '00:20Z,a' out.csv
  config "$start" "$n"
  sed -i 's/^path = out.csv/path = other.csv/' p.ini
  again 2 || return
  printf '31,b,6\n' >>a.log
  until_have 1 '00:30Z,b' other.csv
  end && have_err 'fanoutd: p.ini: read again; kept: n
fanoutd: p.ini: read again; kept: n' && [ "$(cat moved.csv other.csv | sed 's/1970-01-01T00://g')" = 'window_start,window_end,k,n
00:00Z,00:10Z,a,1
00:00Z,00:10Z,b,1
window_start,window_end,k,n
00:20Z,00:30Z,b,1' ] && have_out 'window_start,window_end,k,n
00:10Z,00:20Z,a,2'
}
check 'other places for results' places

# Rows of a file that is rotated meanwhile are read once each, one that has begun at a reload too.
turned () {
  config "$start" "$n" "$sum"
  begin p.ini
  for i in 1 2 3; do
    mv a.log a.log.$i
    printf 't,k,v\n1%d,a,%d\n1%d' $i $i $i >a.log
    [ $i != 2 ] || config "$start" "$n" "$sum" '[aggregate m]
type = max
column = v
'
    again $i || return
    printf ',a,10\n' >>a.log
  done
  printf '21,b,6\n' >>a.log
  until_have 1 '00:20Z,a' out.csv
  end && grep -q '^1970-01-01T00:00:10Z,1970-01-01T00:00:20Z,a,7,39,10$' out.csv && [ "$(grep -c '10Z,1970-01-01T00:00:20Z' out.csv)" = 1 ]
}
check 'a file that is rotated' turned

killed () {
  config "$start" "$n" "$sum"
  begin p.ini
  config "$start" "$n" "$sum" '[aggregate m]
type = max
column = v
'
  again 1 || return
  kill -9 $pid
  wait $pid 2>/dev/null
  printf '12,a,5\n21,b,6\n' >>a.log
  "$FANOUTD" run p.ini 2>.err &
  pid=$!
  until_have 1 '00:20Z,a' out.csv
  end && [ ! -s .err ] && have_out 'window_start,window_end,k,n,s
00:00Z,00:10Z,a,1,1
00:00Z,00:10Z,b,1,2
00:10Z,00:20Z,a,2,8,5'
}
check 'killed behind a reload' killed

# Without windows and without a checkpoint: results go on from where they were.
file so-far.ini '[source]
type = csv
path = b.log
follow = true
[aggregate n]
type = count
[output]
path = out.csv
every = 1h
'
so_far () {
  rm -f out.csv .err
  file b.log 'x\n1\n2\n'
  "$FANOUTD" run so-far.ini 2>.err &
  pid=$!
  until_caught || return
  until kill -USR1 $pid && grep -q ',2$' out.csv 2>/dev/null; do kill -0 $pid || return; done
  printf '[aggregate s]\ntype = sum\ncolumn = x\n' >>so-far.ini
  kill -HUP $pid
  until_have 1 'kept: n; new: s' .err
  printf '3\n4\n' >>b.log
  until kill -USR1 $pid && grep -q ',4,7$' out.csv; do kill -0 $pid || return; done
  kill -TERM $pid
  wait $pid
  [ $? = 143 ]
}
check 'results so far' so_far

# A manager that sends SIGHUP behind SIGTERM, or reloads what it stops, does not cost the checkpoint.
file stopped.ini '[source]\ntype = csv\npath = b.log\nfollow = true\n[aggregate n]\ntype = count\n[output]\npath = out.csv\nevery = 1h\n[checkpoint]\npath = state\nevery = 1h\n'
stopped () {
  rm -f out.csv state*
  file b.log 'x\n1\n2\n'
  "$FANOUTD" run stopped.ini 2>.err &
  pid=$!
  until_caught || return
  kill -TERM $pid
  kill -HUP $pid 2>/dev/null
  kill -HUP $pid 2>/dev/null
  wait $pid
  code=$?
  cat .err
  [ $code = 0 ] && [ -s state ]
}
for i in 1 2 3 4; do
  check 'SIGHUP to what is stopped' stopped
done

# A loop has nothing that could be moved.
file loop.ini '[source]
type = csv
path = b.log
follow = true
[aggregate e]
type = exec
column = x
command = cat >/dev/null; echo ran
[output]
path = out.csv
'
loop () {
  rm -f out.csv .err
  "$FANOUTD" run loop.ini 2>.err &
  pid=$!
  until_caught || return
  again 1 || return
  kill -USR1 $pid
  printf '[pipeline]\nwhere = x > 1\n' >>loop.ini
  again 2 || return
  kill -TERM $pid
  wait $pid
  code=$?
  cat .err out.csv
  [ $code = 143 ] && have_out 'e
ran' && grep -q '^fanoutd: loop.ini:5: \[aggregate e\]: exec cannot be kept: its states cannot be written; it takes a new start, or another name for what begins anew$' .err && grep -q '^fanoutd: loop.ini:5: \[aggregate e\]: all states would begin anew, and what exec has comes at the end alone: it has one state, for all of the stream; it takes a new start$' .err
}
check 'a loop' loop

try 'the configuration of standard input' code 78 err~ 'missing' in '[source]\n' -- run - a.log

# By the monitor.
asked () {
  config "$start" "$n" '[monitor]
listen = unix:socket
'
  begin p.ini
  "$FANOUTD" ctl unix:socket checkpoint >.asked && grep -q '^{"checkpoint":"state","bytes":[0-9]*,"seconds":[0-9.e-]*}$' .asked || return
  "$FANOUTD" ctl unix:socket reload >.asked && grep -q '^{"reloaded":true,"kept":\["n"\],"begun_anew":\[\],"new":\[\],"gone":\[\],"notes":\[\]}$' .asked || return
  echo '[x]' >>p.ini
  "$FANOUTD" ctl unix:socket reload 2>.asked && return 1
  grep -q "^fanoutd: ctl: p.ini:[0-9]*: no group is called 'x'" .asked || return
  "$FANOUTD" ctl unix:socket metrics >.asked && grep -q '^fanout_reloads_total 1$' .asked && grep -q '^fanout_reloads_failed_total 1$' .asked || return
  "$FANOUTD" ctl unix:socket results >.asked && grep -q '"n"' .asked || return
  end
}
if "$FANOUTD" run --monitor unix:there -s source.type=range -s source.stop=1 so-far.ini 2>&1 | grep -q 'built without'; then
  echo 'the monitor is not there: left out'
else
  check 'by the monitor' asked
fi

command -v python3 >/dev/null && check 'sockets stay open' python3 "$here/reload.py" "$FANOUTD"

finish
