#!/bin/sh
# Files that are followed and sockets, by the program: a run ends by itself where all aggregates have
# seen enough, or where a row is bad.
. "$(dirname "$0")/harness.sh"

[ -d /proc/self/fd ] || { echo 'follow: left out, there is no /proc'; exit 0; }

file p.ini '[source]\ntype = csv\npath = a.log\nfollow = true\nrotate-wait = 1ms\ndiscover = 10ms\n[let]\nn = row()\n[aggregate rows]\ntype = first\ncolumn = n\nwhere = x = '"'end'"'\n'

# Until the program has the file open.
await () {
  until ls -l "/proc/$1/fd" 2>/dev/null | grep -q -e "$2"; do
    kill -0 "$1" || return
  done
}

# turned WANTED ARGUMENT...: rows of files that are turned, some of them before anybody looks.
turned () {
  want=$1
  shift
  rm -f a.log*
  file a.log 'x\n1\n2\n'
  "$FANOUTD" run "$@" p.ini >.out 2>.err &
  pid=$!
  await $pid a.log
  printf '3\n' >>a.log
  for i in 1 2 3 4; do
    [ ! -f a.log.2 ] || mv a.log.2 a.log.3
    [ ! -f a.log.1 ] || mv a.log.1 a.log.2
    mv a.log a.log.1
    printf 'x\n4 of %s\n' $i >>a.log
    printf '5\n6\n' >>a.log
  done
  printf 'end\n' >>a.log
  wait $pid
  code=$?
  cat .out .err
  [ "$code" = 0 ] && [ "$(cat .out)" = "$want" ] && [ ! -s .err ]
}

for strategy in fiber threads callback; do
  check "files that are turned, $strategy" turned 'rows
16' -s pipeline.strategy=$strategy
done
check 'files that are turned, one row at a time' turned 'rows
16' -s pipeline.batch=1
check 'files that are turned, three partitions' turned 'rows
16' -s pipeline.partitions=3

# Messages have the file's name and the line in it.
bad_line () {
  rm -f a.log*
  file a.log 'x,y\n1,2\n'
  "$FANOUTD" run p.ini >.out 2>.err &
  pid=$!
  await $pid a.log
  mv a.log a.log.1
  file a.log 'y,x\n1,2\n1\n'
  wait $pid
  [ $? = 1 ] && [ "$(cat .err)" = 'fanoutd: a.log:3: 1 field where 2 are wanted; ragged = true takes shorter and longer rows' ] || { cat .err; return 1; }
}
check 'a bad row of a second file' bad_line

# More files than descriptors that are allowed softly.
many_files () {
  mkdir many
  for tens in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
    for ones in 0 1 2 3 4 5 6 7 8 9; do
      printf 'x\n1\n' >"many/$((100 + tens * 10 + ones)).log"
    done
  done
  printf '1,2\n' >>many/299.log
  file all.ini '[source]\ntype = csv\npath = many/*.log\nfollow = true\n[aggregate n]\ntype = count\n'
  # shellcheck disable=SC3045 # every sh that there is has -S
  (ulimit -S -n 64 && exec "$FANOUTD" run all.ini) >.out 2>.err
  code=$?
  cat .out .err
  [ "$code" = 1 ] && [ ! -s .out ] && [ "$(cat .err)" = 'fanoutd: many/299.log:3: 2 fields where 1 is wanted; ragged = true takes shorter and longer rows' ]
}
check 'more files than descriptors that are allowed softly' many_files

# What can be neither followed nor sent.
try 'packed' code 78 err 'fanoutd: -s source.compression=gz: [source] compression: what is packed can be neither followed nor sent to a socket: only files that are whole can be unpacked' \
  -- run -s source.compression=gz p.ini
try 'standard input' code 78 err 'fanoutd: p.ini:4: [source] follow: standard input cannot be followed, nor read beside a socket: it is read as it comes, with follow = false' -- run p.ini -
try 'no address' code 78 err "fanoutd: -s source.path=tcp://1: [source] path: 'tcp://1' is no address of a socket; wanted: tcp://HOST:PORT" -- run -s source.path=tcp://1 p.ini
try 'a file beside a socket' code 78 err 'fanoutd: -s source.path=a,tcp://:1: [source] path: files beside sockets are followed: say follow = true, or read them in a pipeline of their own' \
  -- run -s source.path=a,tcp://:1 -s source.follow=false p.ini
try 'a socket of nobody' code 1 err 'fanoutd: fd://web: no socket of this name was handed over (LISTEN_FDS, LISTEN_FDNAMES)' -- run -s source.path=fd://web p.ini
rm -f a.log*
try 'no file yet' out~ 'decoded     x (' -- check p.ini

# A socket is there for as long as the program is.
sent () {
  "$FANOUTD" run -s "source.path=unix://$folder/s" p.ini >.out 2>.err &
  pid=$!
  until [ -S s ]; do kill -0 $pid || return; done
  python3 - "$folder/s" <<'EOF'
import socket, sys
def connect ():
  s = socket.socket (socket.AF_UNIX)
  while s.connect_ex (sys.argv[1]) != 0:
    pass
  return s
first, second = connect (), connect ()
first.sendall (b'x\n1\n2')
first.sendall (b'\n3\nend\n')
EOF
  wait $pid && [ "$(cat .out)" = 'rows
4' ] && [ ! -S s ] || { cat .out .err; return 1; }
}
check 'a socket' sent
finish
