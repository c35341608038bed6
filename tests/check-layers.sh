#!/bin/sh
# Who may include whom: core files only those of their own layer or lower ones, the program anything,
# plugins the public headers alone. The layers are listed in tests/layers.
set -eu
cd "$FANOUT_SOURCE_DIR"
status=0

grep -oE '^#include "[^"]+"' core/*.c core/*.h | awk -F: -v layers=tests/layers '
  function stem(path) { sub(/.*\//, "", path); sub(/\.[ch]$/, "", path); sub(/-private$/, "", path); return path }
  function layer(name,   family) {
    while (!(name in level)) {
      if (name !~ /-/) { return -1 }
      sub(/-[^-]*$/, "", name)
    }
    return level[name]
  }
  BEGIN { while ((getline line < layers) > 0) {
            if (line ~ /^#/ || line == "") continue
            n = split(line, words, " ")
            for (i = 2; i <= n; i++) level[words[i]] = words[1] } }
  { target = $2; gsub(/#include "|"/, "", target)
    if (target !~ /^core\//) { print $1 ": include core headers as \"core/...\""; bad = 1; next }
    from = stem($1); to = stem(target)
    if (layer(from) < 0) { print $1 ": not in tests/layers"; bad = 1; next }
    if (layer(to) < 0) { print target ": not in tests/layers"; bad = 1; next }
    if (layer(to) > layer(from)) {
      print $1 " [" layer(from) "] includes " target " [" layer(to) "]"; bad = 1 } }
  END { exit bad }' || status=1

for header in $(grep -ohE '^#include "[^"]+"' plugins/*/*.[ch] | sed 's/.*"\(.*\)"/\1/' | sort -u); do
  ls plugins/*/"$header" >/dev/null 2>&1 ||
    { echo "plugins include $header: public headers and those beside them alone"; status=1; }
done
exit $status
