#!/bin/sh
# SIGINT, SIGTERM and SIGHUP: the first prints the results so far, the second ends the program.
. "$(dirname "$0")/harness.sh"

# A shell lets its background jobs ignore SIGINT, which the program respects.
env --default-signal=INT true 2>/dev/null || { echo 'signals: left out, env has no --default-signal'; exit 0; }
fanoutd () { exec env --default-signal=INT "$FANOUTD" "$@"; }

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
  fanoutd run "$@" p.ini fifo >.out 2>.err &
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
check 'SIGHUP' interrupted HUP 129
check 'SIGINT, one row at a time' interrupted INT 130 -s pipeline.batch=1
check 'SIGINT, two partitions' interrupted INT 130 -s pipeline.partitions=2

# A pattern that tries for long on each line: what is in the pipe would take minutes.
slow () {
  rm -f fifo
  mkfifo fifo
  "$FANOUTD" run "$@" slow.ini fifo >.out 2>.err &
  pid=$!
  exec 3>fifo
  yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab | head -c 100000 >&3
  kill -TERM $pid
  wait $pid
  code=$?
  exec 3>&-
  echo "exit code $code"
  cat .out .err
  [ $code = 143 ] && grep -q '^fanoutd: interrupted after [0-9]* rows*$' .err
}
file slow.ini '[source]\ntype = lines\npattern = ^(?<x>(a+)+)$\non-bad-row = skip\n[aggregate n]\ntype = count\n'
for strategy in fiber threads callback; do
  check "SIGTERM while a pattern is tried, $strategy" slow -s pipeline.strategy=$strategy
done

# The results are more than a pipe takes: the program is still writing them when the second comes.
twice () {
  rm -f fifo results
  mkfifo fifo results
  fanoutd run g.ini fifo >results 2>.err &
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

check 'SIGHUP twice' twice HUP HUP 129

# Nothing of a part of the rows is taken for the whole.
not_replaced () {
  rm -f fifo
  mkfifo fifo
  echo old >r.csv
  fanoutd run $1 r.csv p.ini fifo >.out 2>.err &
  pid=$!
  exec 3>fifo
  { echo x; yes 1 | head -n 1500000; } >&3
  kill -TERM $pid
  wait $pid
  code=$?
  exec 3>&-
  cat .out .err
  [ $code = 143 ] && [ "$(cat r.csv)" = old ] && [ ! -s .out ] \
    && grep -q '^fanoutd: r.csv: not written, the run was interrupted$' .err \
    && grep -q '^fanoutd: interrupted after [0-9]* rows*$' .err && [ "$(ls -A | grep -c '^\.r\.csv')" = 0 ]
}
check 'an interrupted run with -o' not_replaced -o
check 'an interrupted run with --partial' not_replaced --partial

# A signal that comes when all has been read changes nothing: neither that the results are written nor
# what a failure ends by. The program of `exec` sends it while most rows, which are more than a pipe
# takes, wait for it.
late () {
  file late.ini "[pipeline]\nbatch = 12000\n[source]\ntype = range\nstart = 1000000000000000000\nstop = 1000000000000012000\n[aggregate e]\ntype = exec\ncolumn = value\ncommand = read first; kill -TERM \$PPID; cat >/dev/null; $2\n"
  echo old >r.csv
  "$FANOUTD" run -o r.csv late.ini 2>.err
  code=$?
  echo "exit code $code"
  cat .err r.csv
  [ $code = "$1" ] && [ "$(cat r.csv)" = "$3" ]
}
check 'a signal after the last row' late 0 'echo all' 'e
all'
check 'a signal after the last row of a run that fails' late 1 'exit 3' old

# What was ignored before stays ignored.
ignored () {
  rm -f fifo
  mkfifo fifo
  (trap '' "$1"; exec "$FANOUTD" run p.ini fifo) >.out 2>.err &
  pid=$!
  exec 3>fifo
  { echo x; yes 1 | head -n 500000; } >&3
  kill -"$1" $pid
  exec 3>&-
  wait $pid
  code=$?
  cat .out .err
  [ $code = 0 ] && [ ! -s .err ] && [ "$(cat .out)" = 'n,total
500000,500000' ]
}
for signal in INT HUP TERM; do
  check "SIG$signal where it is ignored" ignored $signal
done

# Whoever waits for the program sees the signal, not an exit code.
if command -v python3 >/dev/null; then
  cat >by.py <<'EOF_PY'
import os, signal, subprocess, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if os.path.exists('fifo'): os.unlink('fifo')
    os.mkfifo('fifo')
    program = subprocess.Popen([os.environ['FANOUTD'], 'run', '--stats', 'p.ini', 'fifo'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open('fifo', 'w') as fifo:
        fifo.write('x\n' + '1\n' * 1500000)
        fifo.flush()
        program.send_signal(number)
        out, err = program.communicate()
    lines = err.decode().splitlines()
    print(number, program.returncode, out, lines)
    if program.returncode != -number or not out.startswith(b'n,total\n') or len(lines) != 2 \
            or not lines[0].startswith('fanoutd: interrupted after ') or lines[1][0] != '{':
        sys.exit(1)
EOF_PY
  check 'it ends by the signal' env FANOUTD="$FANOUTD" python3 by.py
fi

# A program that an operator has started is not left behind: it holds a FIFO open as long as it is.
file e.ini '[source]\ntype = range\nstop = 3\n[aggregate e]\ntype = exec\ncolumn = value\ncommand = exec 5>alive; cat >/dev/null; echo ready >&5; exec sleep 1000\ntimeout = 0s\n'
leaves_nobody () {
  rm -f alive
  mkfifo alive
  fanoutd run e.ini >.out 2>.err &
  pid=$!
  exec 6<alive
  read -r said <&6
  kill -"$1" $pid
  wait $pid
  code=$?
  cat <&6
  exec 6<&-
  [ "$said" = ready ] && [ $code = "$2" ]
}
check 'SIGINT while a program is waited for' leaves_nobody INT 130
check 'SIGTERM while a program is waited for' leaves_nobody TERM 143

# Nor does it keep anybody waiting: the first signal lets go of a program that reads nothing, and of one
# that does not end when it is told that nothing follows.
file w.ini '[source]\ntype = range\nstop = 1000000000000\n[aggregate e]\ntype = exec\ncolumn = value\non-error = drop\ncommand = exec 5>alive; echo ready >&5; exec sleep 1000\ntimeout = 0s\n[aggregate n]\ntype = count\n[output]\nformat = csv\n'
lets_go () {
  rm -f alive
  mkfifo alive
  fanoutd run "$@" w.ini >.out 2>.err &
  pid=$!
  exec 6<alive
  read -r said <&6
  kill -INT $pid
  wait $pid
  code=$?
  cat <&6
  exec 6<&-
  cat .out .err
  n=$(sed -n 's/^fanoutd: interrupted after \([0-9]*\) rows$/\1/p' .err)
  [ "$said" = ready ] && [ $code = 130 ] && [ "$(cat .out)" = "e,n
,$n" ] && grep -q "^fanoutd: aggregate 'e': command 'exec 5>alive; .* 1000': it has not come to its end within 2 s after the run was stopped; dropped, its columns are null\$" .err
}
for strategy in fiber threads callback; do
  check "SIGINT while a program reads nothing, $strategy" lets_go -s pipeline.strategy=$strategy
done

# What reads on when it is told to has whole rows, and says whether it has all.
reads_on () {
  rm -f alive go
  mkfifo alive go
  exec 7<>go
  fanoutd run -s 'aggregate e.command=echo ready >alive; read x <go; awk "{ if (NF != 1 || \$1 != NR - 1) bad = 1 } END { print bad + 0, NR }"' w.ini >.out 2>.err &
  pid=$!
  read -r said <alive
  kill -INT $pid
  echo >&7
  wait $pid
  code=$?
  exec 7<&-
  cat .out .err
  n=$(sed -n 's/^fanoutd: interrupted after \([0-9]*\) rows$/\1/p' .err)
  read_=$(sed -n 's/^0 \([0-9]*\),.*/\1/p' .out)
  [ "$said" = ready ] && [ $code = 130 ] && [ "$(cat .out)" = "e,n
0 $read_,$n" ] && [ "$read_" -le "$n" ] || return 1
  [ "$read_" = "$n" ] \
    || grep -q '^fanoutd: e is approximate: its program had not read all rows when the run was stopped$' .err
}
check 'SIGINT while a program is slow to read' reads_on

# Nobody learns how a child of a process that ignores SIGCHLD ended, so the program does not.
children_ignored () {
  env --ignore-signal=CHLD "$FANOUTD" run -s source.stop=3 -s 'aggregate e.on-error=stop' \
    -s "aggregate e.command=cat >/dev/null; echo x; exit $1" w.ini >.out 2>.err
  code=$?
  cat .out .err
  [ $code = "$2" ] && [ "$(cat .out .err)" = "$3" ]
}
check 'SIGCHLD is ignored, a program succeeds' children_ignored 0 0 'e,n
x,3'
check 'SIGCHLD is ignored, a program fails' children_ignored 3 1 \
  "fanoutd: aggregate 'e': command 'cat >/dev/null; echo x; exit 3': it failed with exit status 3"

finish
