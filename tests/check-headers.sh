#!/bin/sh
# Every public header compiles alone, in C and in C++, and needs GLib alone.
set -eu
cd "$FANOUT_SOURCE_DIR"
n=0
warnings='-Wall -Wextra -Wconversion -Werror -fsyntax-only'
for header in include/fanout/*.h; do
  name=${header#include/}
  printf '#include <%s>\n' "$name" | "$CC" -std=gnu11 $warnings $CFLAGS -Iinclude -x c - ||
    { echo "$name does not compile alone in C"; exit 1; }
  if command -v c++ >/dev/null; then
    printf '#include <%s>\n' "$name" | c++ -std=c++17 -Wpedantic $warnings $CFLAGS -Iinclude -x c++ - ||
      { echo "$name does not compile alone in C++"; exit 1; }
  fi
  if grep -nE '^#include' "$header" | grep -vE '<(fanout/[a-z]+|glib|gio/gio|string)\.h>'; then
    echo "$name includes more than GLib"; exit 1
  fi
  [ "$name" = fanout/fanout.h ] || grep -q "<$name>" include/fanout/fanout.h ||
    { echo "fanout.h leaves out $name"; exit 1; }
  n=$((n + 1))
done
# The layout of every struct in them is pinned.
structs=$(awk '/^typedef enum/ { skip = 1 }
               /^struct Fanout/ { print $2 }
               /^} Fanout/ { if (!skip) print substr ($2, 1, length ($2) - 1); skip = 0 }' \
  include/fanout/*.h)
for struct in $structs; do
  grep -q "S ($struct, " tests/plugin/abi.c ||
    { echo "tests/plugin/abi.c does not pin $struct"; exit 1; }
done
echo "$n headers"
