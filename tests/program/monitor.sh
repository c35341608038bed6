#!/bin/sh
# The monitor from outside: what it answers, and what nobody can do to it.
. "$(dirname "$0")/harness.sh"

file bad.ini '[source]\ntype = csv\npath = x.csv\n[aggregate n]\ntype = count\n[monitor]\nlisten = 0.0.0.0:9464\n'
file x.csv 'k,v\na,1\nb,2\n'
try 'other machines only on demand' code 78 \
  err "fanoutd: bad.ini:7: [monitor] listen: '0.0.0.0:9464' can be reached from other machines, by anybody: allow-remote = true says that this is meant" \
  -- check bad.ini
try 'no port' code 78 \
  err "fanoutd: --monitor 127.0.0.1: [monitor] listen: '127.0.0.1': the port is missing; HOST:PORT with a host in numbers or localhost, or unix:PATH is wanted, such as 127.0.0.1:9464" \
  -- agg --monitor 127.0.0.1 count -- x.csv
try 'no number' code 78 err~ "the host is no address in numbers" -- agg --monitor example.org:80 count -- x.csv
try 'no path' code 78 err~ "the path is missing" -- agg --monitor unix: count -- x.csv
try 'merge has none' code 2 err~ "unknown option --monitor" -- merge --monitor 127.0.0.1:0 x.part

try 'ctl without an address' code 2 err~ 'ADDRESS and one question are wanted' -- ctl stats
try 'ctl with a question that there is not' code 2 err~ "'state' is no question; possible: stats," -- ctl unix:x state
try 'ctl with no address' code 2 err~ 'the port is missing' -- ctl localhost stats
try 'top without an address' code 2 err~ 'ADDRESS is wanted' -- top

if "$FANOUTD" agg --monitor unix:probe count -- x.csv 2>&1 | grep -q 'built without it'; then
  echo 'monitor: the rest is left out, there is no libmicrohttpd'
  finish
fi
check 'pages, limits and hostile clients' python3 "$here/monitor.py" "$FANOUTD"
finish
