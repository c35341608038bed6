#!/bin/sh
# Calls of the system that fail: some of them, each time the same ones.
. "$(dirname "$0")/harness.sh"

shim=${FANOUT_BUILD_DIR:?}/tests/faults/shim.so
[ -f "$shim" ] || exit 0
check 'calls that fail' python3 "$here/../faults/faults.py" "$FANOUTD" "$shim" --seconds 4 --scenes 6
finish
