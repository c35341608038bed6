#!/bin/sh
# What is different on a terminal: the table, and the progress of a run that takes its time.
. "$(dirname "$0")/harness.sh"

# Needs script of util-linux to have a terminal, and a system that has terminals to give.
script --version 2>/dev/null | grep -q util-linux || { echo 'terminal: left out, there is no script'; exit 0; }
script -qec true /dev/null </dev/null >/dev/null 2>&1 || { echo 'terminal: left out, there is no terminal'; exit 0; }

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n'
file x.csv 'x\n1\n2\n'

on_terminal () { script -qec "$*" /dev/null </dev/null | tr -d '\r' >.screen; }
shows () { on_terminal "$1" && printf '%s\n' "$2" >.want && diff .want .screen; }
check 'auto is a table' shows "'$FANOUTD' run p.ini x.csv" "$("$FANOUTD" run -f table p.ini x.csv)"
check 'auto is csv for -o' shows "'$FANOUTD' run -o r.csv p.ini x.csv && cat r.csv" 'n,total
2,3'
check 'no progress of a short run' shows "'$FANOUTD' run -f csv p.ini x.csv" 'n,total
2,3'

# Bytes from the terminal up to a text.
read_to () {
  seen=''
  while byte=$(dd bs=1 count=1 2>/dev/null; echo .) && [ "$byte" != . ]; do
    seen=$seen${byte%.}
    case $seen in *"$1"*) return ;; esac
  done
  return 1
}

# The run goes on until its progress has been seen.
progress () {
  mkfifo fifo screen
  script -qefc "'$FANOUTD' run -f csv p.ini fifo" /dev/null </dev/null >screen &
  exec 4<screen 3>fifo
  printf 'x\n1\n2\n' >&3
  read_to ' rows' <&4 || return
  exec 3>&-
  cat <&4 >.rest
  exec 4<&-
  wait $! || return
  # The line is wiped before the results come.
  printf '\r\033[Kn,total\r\n2,3\r\n' >.want
  tail -c "$(wc -c <.want)" .rest | cmp - .want
}
check 'progress of a long run' progress

finish
