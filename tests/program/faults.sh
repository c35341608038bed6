#!/bin/sh
# Calls of the system that fail: some of them, each time the same ones. And power that goes.
. "$(dirname "$0")/harness.sh"

shim=${FANOUT_BUILD_DIR:?}/tests/faults/shim.so
[ -f "$shim" ] || exit 0
if grep -q '^FANOUT_SANITIZE:[A-Z]*=.' "$FANOUT_BUILD_DIR/CMakeCache.txt"; then
  echo "faults: left out, a sanitizer's own calls would fail, too"
  exit 0
fi
check 'calls that fail' python3 "$here/../faults/faults.py" "$FANOUTD" "$shim" --seconds 4 --scenes 6
# What once did not end.
check 'no eventfd for a monitor' python3 "$here/../faults/faults.py" "$FANOUTD" "$shim" --case 'monitor event:2:error:24'
for seed in 1 2; do
  check "power cuts, seed $seed" python3 "$here/../faults/power.py" "$FANOUTD" "$shim" $seed 6
done
finish
