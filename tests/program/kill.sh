#!/bin/sh
# A daemon that is killed at random moments, and begun again, loses nothing and doubles nothing.
. "$(dirname "$0")/harness.sh"

for seed in 1 2 3; do
  check "killed, seed $seed" python3 "$here/../faults/kill.py" "$FANOUTD" $seed 8
done
finish
