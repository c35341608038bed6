#!/bin/sh
# The monitor's page in a browser, where there is one: node with playwright-core, and chromium.
. "$(dirname "$0")/harness.sh"

left_out () { echo "page: left out, $1"; finish; }
[ -z "${CI-}" ] || left_out 'this is CI'
chromium=$(command -v chromium || command -v chromium-browser) || left_out 'there is no chromium'
command -v node >/dev/null || left_out 'there is no node'
[ -n "${NODE_PATH-}" ] || NODE_PATH=$(npm root -g 2>/dev/null)
export NODE_PATH
node -e 'require ("playwright-core")' 2>/dev/null || left_out 'there is no playwright-core'
file x.csv 'x\n1\n'
"$FANOUTD" agg --monitor unix:probe count -- x.csv 2>&1 | grep -q 'built without it' && left_out 'there is no libmicrohttpd'

file p.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = -\n[window]\ntime = t\nsize = 1s\n[aggregate n]\ntype = count\n[aggregate bytes]\ntype = sum\ncolumn = b\n[output]\npath = /dev/null\n'
file follow.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = in.csv\nfollow = true\ndiscover = 50ms\n[window]\ntime = t\nsize = 1s\n[aggregate n]\ntype = count\n[output]\npath = out.csv\n[checkpoint]\npath = p.state\nevery = 200ms\n'
check 'in a browser' node "$here/page.cjs" "$FANOUTD" "$chromium"
finish
