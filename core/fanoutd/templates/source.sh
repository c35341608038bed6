#!/bin/sh
# The pipeline of @name@.ini gives what it should.
set -eu
cd "$(dirname "$0")"
found=$(printf 'a=1\nb=2\n' | "$1" run --plugin-path "$2" -f csv @name@.ini -)
wanted=$(printf 'total\n3')
[ "$found" = "$wanted" ] || { printf 'wanted:\n%s\nfound:\n%s\n' "$wanted" "$found"; exit 1; }
