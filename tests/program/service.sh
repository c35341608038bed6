#!/bin/sh
# As a service: what its manager is told, and what the unit allows it.
. "$(dirname "$0")/harness.sh"

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
process.send_signal(signal.SIGTERM)
assert listener.recv(100) == b"STOPPING=1"
assert process.wait(50) == 0
E2
check 'it says when it is ready, and when it ends' python3 notify.py "$FANOUTD" path
check 'to an abstract socket too' python3 notify.py "$FANOUTD" abstract
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
