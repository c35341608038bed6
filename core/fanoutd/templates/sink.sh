#!/bin/sh
# The pipeline of @name@.ini gives what it should.
set -eu
cd "$(dirname "$0")"
found=$("$1" run --plugin-path "$2" @name@.ini)
wanted='total:10'
[ "$found" = "$wanted" ] || { printf 'wanted:\n%s\nfound:\n%s\n' "$wanted" "$found"; exit 1; }
