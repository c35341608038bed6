#!/bin/sh
# The pipeline of @name@.ini gives what it should: all four numbers are above 0.
set -eu
cd "$(dirname "$0")"
found=$("$1" run --plugin-path "$2" -f csv @name@.ini)
wanted=$(printf 'result\n4')
[ "$found" = "$wanted" ] || { printf 'wanted:\n%s\nfound:\n%s\n' "$wanted" "$found"; exit 1; }
