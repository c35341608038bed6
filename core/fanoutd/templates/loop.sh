#!/bin/sh
# The pipeline of @name@.ini gives what it should: no number follows itself.
set -eu
cd "$(dirname "$0")"
found=$("$1" run --plugin-path "$2" -f csv @name@.ini)
wanted=$(printf 'result\n1')
[ "$found" = "$wanted" ] || { printf 'wanted:\n%s\nfound:\n%s\n' "$wanted" "$found"; exit 1; }
