#!/bin/sh
# The kit: installed to a prefix of its own, plugins are made, built, tested and run outside the tree.
. "$(dirname "$0")/harness.sh"

cache=${FANOUT_BUILD_DIR:-none}/CMakeCache.txt
if [ ! -e "$cache" ]; then
  echo 'kit: skipped, there is no build tree'
  exit 0
fi
if grep -q '^FANOUT_SANITIZE:[A-Z]*=.' "$cache"; then
  echo 'kit: skipped, a plugin outside the tree has no sanitizers'
  exit 0
fi

unset DESTDIR
prefix=$folder/prefix
generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$cache")
check 'it installs' cmake --install "$FANOUT_BUILD_DIR" --prefix "$prefix"
installed=$prefix/bin/fanoutd
check 'the program runs' "$installed" agg count -- "$top/conf/data/flights.csv"
check 'it uses the plugins beside it' sh -c '"$0" plugins sum | grep -F "$1"' "$installed" "$prefix"
for page in man1/fanoutd.1 man5/fanout.ini.5 man7/fanout-plugin.7; do
  check "$page is there" test -s "$prefix/share/man/$page"
done
for completion in bash-completion/completions/fanoutd zsh/site-functions/_fanoutd; do
  check "$completion is there" test -s "$prefix/share/$completion"
done

# make_plugin NAME [OPTION]: a folder that builds and passes.
make_plugin () {
  check "$1: new-plugin" "$installed" new-plugin "$@"
  check "$1: configure" cmake -G "$generator" -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_FLAGS='-Wall -Wextra -Werror'
  check "$1: build" cmake --build "$1/build"
  check "$1: test" sh -c 'cd "$0/build" && ctest --output-on-failure' "$1"
}
make_plugin squares
make_plugin runs --loop
make_plugin pairs-of --source

FANOUTD=$installed
try 'a fold keeps the contract' out~ 'operator squares: keeps the contract' -- \
  check-plugin squares/build/plugins/aggregate/squares.so
try 'a loop keeps the contract' out~ 'operator runs: keeps the contract' -- \
  check-plugin runs/build/plugins/aggregate/runs.so
try 'a fold runs' in 'x\n3\n4\n' out 'squares_x
25' -- agg --plugin-path squares/build/plugins 'squares(x)'
try 'a loop runs' in 'x\n3\n4\n4\n3\n' out 'runs_x
2' -- agg --plugin-path runs/build/plugins 'runs(x)'
try 'a source runs' in 'a=1\nb=2\n' out 'sum_value
3' -- agg --plugin-path pairs-of/build/plugins -t pairs-of 'sum(value)'
check 'a plugin installs' cmake --install squares/build
try 'and is found' in 'x\n3\n' out 'squares_x
9' -- agg 'squares(x)'

finish
