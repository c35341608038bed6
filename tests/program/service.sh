#!/bin/sh
# As a service: what its manager is told, and what the unit allows it.
. "$(dirname "$0")/harness.sh"
export FANOUTD

file a.csv 't\n1\n2\n'
file p.ini '[source]
type = csv
path = a.csv
follow = true
[window]
time = t
size = 1m
[aggregate n]
type = count
[output]
path = out.csv
[checkpoint]
path = state
'
cat >notify.py <<'E2'
import os, signal, socket, subprocess, sys
abstract = sys.argv[2] == "abstract"
name = "\0fanoutd-test-%d" % os.getpid() if abstract else os.path.abspath("notify")
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(name)
listener.settimeout(50)
process = subprocess.Popen([sys.argv[1], "run", "p.ini"], env=dict(os.environ, NOTIFY_SOCKET=name.replace("\0", "@")))
assert listener.recv(100) == b"READY=1\nSTATUS=running"
process.send_signal(signal.SIGHUP)
said = listener.recv(200).split(b"\n")
assert said[0] == b"RELOADING=1" and said[1].startswith(b"MONOTONIC_USEC=") and 0 < int(said[1][15:])
assert listener.recv(100) == b"READY=1\nSTATUS=running"
process.send_signal(signal.SIGTERM)
assert listener.recv(100) == b"STOPPING=1"
assert process.wait(50) == 0
E2
check 'it says when it is ready, and when it ends' python3 notify.py "$FANOUTD" path
check 'to an abstract socket too' python3 notify.py "$FANOUTD" abstract
# It is heard of as long as all of it lives: a program that takes no rows holds all of it up.
file hung.ini '[source]
type = csv
path = hung.csv
follow = true
[aggregate e]
type = exec
column = t
command = exec sleep 1000
timeout = 0s
'
cat >watchdog.py <<'E2'
import os, signal, socket, subprocess, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(os.path.abspath("watchdog"))
listener.settimeout(50)
with open("hung.csv", "w") as file: file.write("t\n")
process = subprocess.Popen([sys.argv[1], "run", "hung.ini"], stdout=subprocess.DEVNULL,
                           env=dict(os.environ, NOTIFY_SOCKET=os.path.abspath("watchdog"), WATCHDOG_USEC="200000"))
assert listener.recv(100) == b"READY=1\nSTATUS=running"
for i in range(5): assert listener.recv(100) == b"WATCHDOG=1"
with open("hung.csv", "a") as file: file.write("1234567\n" * 100000)
listener.settimeout(1)
try:
    while True: listener.recv(100)
except socket.timeout:
    pass
os.kill(process.pid, signal.SIGTERM)
listener.settimeout(50)
while listener.recv(100) != b"STOPPING=1": pass
process.wait(50)
E2
check 'it is heard of while it lives' timeout 100 python3 watchdog.py "$FANOUTD"

# The journal takes a level before each line, where standard error leads to it.
: >journal
JOURNAL_STREAM=$(stat -c %d:%i journal)
export JOURNAL_STREAM
check 'messages to the journal' sh -c '"$FANOUTD" run -s x.y=1 p.ini 2>>journal; grep -q "^<3>-s x.y=1: no group is called" journal'
try 'what is not the journal' code 78 err~ 'fanoutd: -s x.y=1: no group' -- run -s x.y=1 p.ini
unset JOURNAL_STREAM

NOTIFY_SOCKET=/nowhere
export NOTIFY_SOCKET
try 'nobody listens' -- run -s source.follow=false --fresh p.ini
unset NOTIFY_SOCKET

unit=$top/conf/systemd/fanoutd@.service
if command -v systemd-analyze >/dev/null; then
  cp "$unit" .
  check 'its exposure' sh -c 'systemd-analyze security --offline=yes --threshold=20 "$PWD/fanoutd@.service" >.security'
else
  echo 'systemd-analyze is not there: the unit was not looked at'
fi
finish
