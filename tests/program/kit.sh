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

# One as its maker would; the others in one project, where the compiler is looked for once.
check 'squares: new-plugin' "$installed" new-plugin squares
check 'squares: configure' cmake -G "$generator" -S squares -B squares/build -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_C_FLAGS='-Wall -Wextra -Werror'
check 'squares: build' cmake --build squares/build
check 'squares: test' sh -c 'cd squares/build && ctest -V >../../squares.said'
# together FOLDER PREFIX FLAGS NAME...: the plugins NAME in FOLDER, built and tested.
together () (
  cd "$1" || exit
  { echo 'cmake_minimum_required (VERSION 3.18)'; echo 'project (all LANGUAGES C)'; echo 'include (CTest)'; } >CMakeLists.txt
  there=$2 flags=$3
  shift 3
  for plugin; do echo "add_subdirectory ($plugin)"; done >>CMakeLists.txt
  cmake -G "$generator" -S . -B build -DCMAKE_PREFIX_PATH="$there" -DCMAKE_C_FLAGS="$flags" &&
    cmake --build build && cd build && ctest -V >../said
)
mkdir all
new () { (cd all && "$installed" new-plugin "$@"); }
check 'above: new-plugin' new above --mergeable
check 'runs: new-plugin' new runs --loop
check 'pairs-of: new-plugin' new pairs-of --source
check 'cells: new-plugin' new cells --sink
check 'they build and pass' together all "$prefix" '-Wall -Wextra -Werror' above runs pairs-of cells
built=all/build

FANOUTD=$installed
check 'a fold keeps the contract' grep -q 'operator squares: keeps the contract' squares.said
check 'one that merges keeps the contract' grep -q 'operator above: keeps the contract' all/said
check 'a loop keeps the contract' grep -q 'operator runs: keeps the contract' all/said
try 'a fold runs' in 'x\n3\n4\n' out 'squares_x
25' -- agg --plugin-path squares/build/plugins 'squares(x)'
try 'a loop runs' in 'x\n3\n4\n4\n3\n' out 'runs_x
2' -- agg --plugin-path $built/runs/plugins 'runs(x)'
try 'one that merges runs' in 'x\n3\n4\n5\n' out 'above_x
2' -- agg --plugin-path $built/above/plugins 'above(x, limit=3)'
try 'a sink runs' in 'x\n3\n4\n' out 'sum_x=7' -- \
  agg --plugin-path $built/cells/plugins -f cells 'sum(x)'
try 'a source runs' in 'a=1\nb=2\n' out 'sum_value
3' -- agg --plugin-path $built/pairs-of/plugins -t pairs-of 'sum(value)'

# Names that mean something in C or to CMake, and folders with blanks.
mkdir 'a folder'
cp -r "$prefix" 'a prefix'
in_odd_places () (cd 'a folder' && "$folder/a prefix/bin/fanoutd" new-plugin "$@")
check 'a fold called int' in_odd_places int
check 'a loop called main' in_odd_places main --loop
check 'a source called decode' in_odd_places decode --source
check 'they build and pass, too' together 'a folder' "$folder/a prefix" '-Wall -Wextra -Wconversion -Werror' int main decode
hint="(see 'fanoutd new-plugin -h')"
for name in '' ../up 'a b' Upper a_b 9a '@name@' "a'b" aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do
  try "the name $name" code 2 err~ 'up to 40 lower-case letters, digits and - are wanted, a letter first' -- new-plugin "$name"
done
try 'the name of a target of CMake' code 2 err "fanoutd: new-plugin: 'test' is the name of a target of CMake's own; another is wanted $hint" -- new-plugin test
try 'the name of an operator' code 2 err "fanoutd: new-plugin: there is an operator 'sum' already; another name is wanted $hint" -- new-plugin sum
try 'the name of a source' code 2 err "fanoutd: new-plugin: there is a source 'csv' already; another name is wanted $hint" -- new-plugin csv --source
try 'a folder that exists' code 1 err 'fanoutd: squares: File exists' -- new-plugin squares
check 'is left alone' test -e squares/build

# By hand, with pkg-config.
if pkg-config --version >/dev/null 2>&1; then
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name fanout.pc)")
  export PKG_CONFIG_PATH
  check 'the folder of plugins' test -e "$(pkg-config --variable=plugindir fanout)/aggregate/sum.so"
  check 'the number of the ABI' grep -q "define FANOUT_ABI $(pkg-config --variable=abi fanout)u" \
    "$(pkg-config --variable=includedir fanout)/fanout/abi.h"
  # by_hand NAME COMMAND...: NAME.so from a source, as the manual says.
  by_hand () {
    name=$1
    shift
    "$@" -shared -fPIC -O2 -ffp-contract=off -o $name.so $(pkg-config --cflags --libs fanout)
  }
  check 'by hand' by_hand squares cc squares/squares.c
  try 'it keeps the contract' out~ 'operator squares: keeps the contract' -- check-plugin ./squares.so

  # Programs that embed pipelines: the one in the manual, and one with an operator of its own.
  check 'the program in the manual' sh -c 'cc -Wall -Wextra -Werror -o feed "$0/core/fanoutd/templates/feed.c" $(pkg-config --cflags --libs fanout)' "$top"
  check 'puts its rows in' sh -c 'LD_LIBRARY_PATH=$(pkg-config --variable=libdir fanout) ./feed "$(pkg-config --variable=plugindir fanout)" >.rows && printf "Oslo 2 12.5\nRome 1 8.5\n" | cmp - .rows'
  cat >own.c <<'C'
#include <fanout/fanout.h>
extern const FanoutPlugin own_operators;
int
main (void)
{
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (NULL);
  g_autoptr (GError) error = NULL;
  if (fanout_registry_add (registry, &own_operators, &error)
      && !fanout_registry_add (registry, &own_operators, &error))
    g_print ("%s\n", error->message);
  return 0;
}
C
  check 'an operator in a program' sh -c 'cc -Wall -Wextra -Werror -DFANOUT_PLUGIN_SYMBOL=own_operators -o own own.c squares/squares.c $(pkg-config --cflags --libs fanout)'
  check 'is added to its own' sh -c 'LD_LIBRARY_PATH=$(pkg-config --variable=libdir fanout) ./own >.said; echo "the program: offers two operators called '"'squares'"'; one of them has to go" | cmp - .said'

  # Broken ones are found out.
  sed 's/state->n++;/state->n++; *g_new (char, 24) = 1;/' squares/squares.c >leaks.c
  check 'one that leaks' by_hand leaks cc leaks.c
  try 'is found out' code 1 out~ 'leaks: ' out~ 'bytes are left each time' -- check-plugin ./leaks.so
  sed 's/if (state->n > 0)/if (state->n == 0) g_abort (); else/' squares/squares.c >empty.c
  check 'one that cannot be empty' by_hand empty cc empty.c
  try 'is found out' code 1 out~ 'crashes: ' out~ 'no rows' -- check-plugin ./empty.so
  sed 's/state->sum += x \* x;/static double all; state->sum = all += x;/' squares/squares.c >groups.c
  check 'one whose groups share a number' by_hand groups cc groups.c
  try 'is found out' code 1 out~ 'groups: for rows of one group among others' out~ 'company: ' -- check-plugin ./groups.so

  # In C++.
  cat >plus.cpp <<'CPP'
#include <fanout/fanout.h>

namespace
{
struct Options
{
  gint column;
  FanoutNumber limit;
};

struct State
{
  guint64 n;
};

inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  const Options *options = static_cast<const Options *> (self->options);

  if (fanout_number_compare (x, options->limit) > 0)
    state->n++;
}

inline void
merge (FanoutAggregate *, State *into, State *from)
{
  into->n += from->n;
}

inline void
result (FanoutAggregate *, const State *state, FanoutOut *out, gsize row)
{
  fanout_out_count (out, row, 0, state->n);
}

inline void
save (FanoutAggregate *, const State *state, FanoutWriter *bytes)
{
  fanout_write_u64 (bytes, state->n);
}

inline gboolean
load (FanoutAggregate *, State *state, FanoutReader *in)
{
  return fanout_read_u64 (in, &state->n);
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)
FANOUT_ENCODE (encode, State, save)
FANOUT_DECODE (decode, State, load)

const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the numbers"),
  { .key = "limit",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, limit),
    .value = "0",
    .help = "numbers above it count" },
  FANOUT_OPTIONS_END,
};

const FanoutOperator plus = {
  FANOUT_OPERATOR ("plus", 1),
  .summary = "how many numbers are above a limit",
  .details = "NaN is above all others.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (State, nullptr),
};
}

FANOUT_OPERATORS (&plus);
CPP
  for standard in 17 20; do
    c++ -std=c++$standard -x c++ -fsyntax-only /dev/null 2>/dev/null || continue
    check "in C++$standard, without a warning" by_hand plus$standard c++ -std=c++$standard \
      -Wall -Wextra -Wconversion -Wshadow -Werror plus.cpp
    try 'it keeps the contract' out~ 'operator plus: keeps the contract' -- \
      check-plugin ./plus$standard.so
  done
fi

check 'a plugin installs' cmake --install squares/build
try 'and is found' in 'x\n3\n' out 'squares_x
9' -- agg 'squares(x)'

finish
