#!/bin/sh
# plugins, and what becomes of plugins that cannot be used.
. "$(dirname "$0")/harness.sh"

file x.csv 'x\n1\n2\n3\n'

# The list, sorted by kind and name.
try 'the list' out~ 'operator  count ' out~ 'operator  quantile ' out~ 'sink      csv ' out~ 'source    csv ' \
  out~ 'source    range ' -- plugins
check 'it is sorted' sh -c 'grep -v ^function .out | awk "{print \$1, \$2}" >.names; sort -c .names'
check 'every line has a summary' sh -c '! awk "NF < 4" .out | grep .'
check 'each can be asked for' sh -c 'for name in $(awk "{print \$2}" .out | sort -u); do "$0" plugins $name >.one || exit; grep -q "^[a-z]* $name: " .one || exit; done' "$FANOUTD"

# One of them.
try 'an operator' out~ 'operator quantile: ' out~ 'promise   ' out~ 'order     free' out~ 'state     ' \
  out~ 'results   NAME_p50' out~ '  q ' out~ 'required' -- plugins quantile
try 'an operator with one result' out~ 'results   NAME' -- plugins sum
try 'an operator with a matter of order' out~ 'order     tagged' -- plugins first
try 'a source and a sink of one name' out~ 'sink csv: ' out~ 'source csv: ' out~ '  delimiter ' out~ '  max-row ' -- plugins csv
try 'a source without bytes' out~ 'reads     nothing' out~ '  stop ' -- plugins range
try 'a name that is near' code 2 \
  err "fanoutd: plugins: there is no operator, source or sink 'quantil'; did you mean 'quantile' or 'quartiles'? (see 'fanoutd plugins -h')" -- plugins quantil
try 'a name that an operator and a source are near to' code 2 \
  err "fanoutd: plugins: there is no operator, source or sink 'rage'; did you mean 'range' or 'rate'? (see 'fanoutd plugins -h')" -- plugins rage
try 'a name from elsewhere' code 2 \
  err "fanoutd: plugins: there is no operator, source or sink 'avg'; did you mean 'mean'? (see 'fanoutd plugins -h')" -- plugins avg
try 'a name that is not' code 2 \
  err "fanoutd: plugins: there is no operator, source or sink 'frobnicate'; 'fanoutd plugins' lists them (see 'fanoutd plugins -h')" \
  -- plugins frobnicate

# Files that are no plugins.
mkdir -p mine/aggregate
: >mine/aggregate/nothing.so
file mine/aggregate/words.so 'hello\n'
ln -s nowhere.so mine/aggregate/dangling.so
try 'problems in the list' code 1 out~ 'operator  sum ' err "fanoutd: mine/aggregate/dangling.so: is a link to a file that does not exist
fanoutd: mine/aggregate/nothing.so: is empty; a plugin is a shared object
fanoutd: mine/aggregate/words.so: is text; a plugin is a shared object" -- plugins --plugin-path mine
FANOUT_PLUGIN_PATH=$folder/mine
export FANOUT_PLUGIN_PATH
try 'the folder from the environment' code 1 out. err~ "fanoutd: $folder/mine/aggregate/nothing.so: is empty" -- plugins
unset FANOUT_PLUGIN_PATH
try 'one of them by name' code 1 \
  err "fanoutd: the operator 'nothing' cannot be used: mine/aggregate/nothing.so: is empty; a plugin is a shared object" \
  -- plugins --plugin-path mine nothing
try 'an empty file in a pipeline' code 78 err~ "the operator 'nothing' cannot be used: mine/aggregate/nothing.so: is empty" -- \
  agg --plugin-path mine 'nothing(x)' -- x.csv
try 'text in a pipeline' code 78 err~ "the operator 'words' cannot be used: mine/aggregate/words.so: is text" -- \
  agg --plugin-path mine 'words(x)' -- x.csv
try 'others still work' out 'sum_x
6' -- agg --plugin-path mine 'sum(x)' -- x.csv
mkdir -p tables/sink
file tables/sink/table.so 'hello\n'
try 'what is for terminals is not opened for a file' out 'sum_x
6' -- agg --plugin-path tables 'sum(x)' -- x.csv
try 'nor for another format' out 'sum_x
6' -- agg --plugin-path tables -f csv 'sum(x)' -- x.csv
try 'but where it is wanted' code 78 err~ "the sink 'table' cannot be used: tables/sink/table.so: is text" -- \
  agg --plugin-path tables -f table 'sum(x)' -- x.csv
try 'a missing plugin' code 78 err~ "there is no operator 'frobnicate'; 'fanoutd plugins' lists all " -- agg 'frobnicate(x)' -- x.csv
mkdir open
mkdir open/aggregate
chmod 777 open/aggregate
try 'a folder that everyone can write to' code 1 out. \
  err 'fanoutd: open/aggregate: everyone can write to it; a plugin is code, so only its owner may (chmod go-w)' -- plugins --plugin-path open
mkdir -p void
try 'a folder without plugins' code 1 out. err 'fanoutd: void: has neither aggregate/, source/ nor sink/ in it' -- plugins --plugin-path void

# Which file offers what, written down.
try 'the folder of an index must be there' code 1 err 'fanoutd: nowhere: No such file or directory' -- plugins --write-index nowhere
try 'no index where something is wrong' code 1 \
  err 'fanoutd: mine/aggregate/dangling.so: is a link to a file that does not exist' -- plugins --write-index mine

# Plugins that were built for these tests.
built=${FANOUT_BUILD_DIR:-none}/tests
if [ -e "$built/bad-plugins/other-abi.so" ]; then
  mkdir -p other/aggregate
  cp "$built/bad-plugins/other-abi.so" "$built/bad-plugins/no-symbol.so" other/aggregate/
  try 'another ABI' code 1 out. err~ 'fanoutd: other/aggregate/other-abi.so: ' err~ 'ABI' \
    err~ 'fanoutd: other/aggregate/no-symbol.so: ' -- plugins --plugin-path other
  try 'another ABI in a pipeline' code 78 err~ "the operator 'other-abi' cannot be used: other/aggregate/other-abi.so: " -- \
    agg --plugin-path other 'other-abi(x)' -- x.csv
fi
if [ -e "$built/plugins/aggregate/moody.so" ]; then
  try 'an operator of somebody' out~ 'operator  fails ' -- plugins --plugin-path "$built/plugins"
  mkdir -p data/fanout/plugins first/aggregate
  cp -r "$built/plugins/aggregate" data/fanout/plugins/
  cp "$built/plugins/aggregate/moody.so" first/aggregate/
  XDG_DATA_HOME=$folder/data
  export XDG_DATA_HOME
  try "the user's own folder" out~ 'operator  fails ' -- plugins
  try 'an index' -- plugins --write-index data/fanout/plugins
  check 'the index has a line for each file' sh -c '[ $(wc -l <data/fanout/plugins/aggregate/index) = $(($(ls data/fanout/plugins/aggregate/*.so | wc -l) + 1)) ]'
  try 'the same with an index' code 1 err "fanoutd: x.csv:3: aggregate 'f': cannot bear 2" -- agg count 'f=fails(x, at=2)' -- x.csv
  try 'the first of two folders counts' code 1 \
    err "fanoutd: the operator 'fails' of first/aggregate/moody.so is used, not that of $folder/data/fanout/plugins/aggregate/moody.so
fanoutd: x.csv:3: aggregate 'f': cannot bear 2" -- agg --plugin-path first count 'f=fails(x, at=2)' -- x.csv
  try 'nothing is said of what is not used' out 'count
3' -- agg --plugin-path first count -- x.csv
  try 'in the list' out~ 'operator  fails ' \
    err~ "fanoutd: the operator 'fails' of first/aggregate/moody.so is used, not that of $folder/data/" -- plugins --plugin-path first
  XDG_DATA_HOME=$folder/none
  try 'an aggregate fails' code 1 err "fanoutd: x.csv:3: aggregate 'f': cannot bear 2" -- \
    agg --plugin-path "$built/plugins" count 'f=fails(x, at=2)' -- x.csv
  try 'an aggregate is dropped' code 1 out 'count,f,sum_x
3,,6' err "fanoutd: x.csv:3: aggregate 'f': cannot bear 2; dropped, its columns are null" -- \
    agg --plugin-path "$built/plugins" -s pipeline.on-error=drop count 'f=fails(x, at=2)' 'sum(x)' -- x.csv
  try 'an aggregate is dropped, in --stats' code 1 out. \
    err~ '"name":"f","type":"fails",' err~ '"error":"x.csv:3: aggregate '"'f'"': cannot bear 2"}' -- \
    agg --stats --plugin-path "$built/plugins" count 'f=fails(x, at=2, on-error=drop)' -- x.csv
fi
if [ -e "$built/plugins/aggregate/exits.so" ]; then
  told="fanoutd: a plugin ended the program with exit() in the middle of it; 'fanoutd check-plugin FILE.so' finds out which"
  for strategy in fiber threads callback; do
    try "an operator that exits, $strategy" code 1 err "$told" -- \
      agg -s pipeline.strategy=$strategy --plugin-path "$built/plugins" 'sum(x)' exits -- x.csv
  done
  try 'it is found out' code 1 out~ 'exits: with 0 while updating' -- check-plugin "$built/plugins/aggregate/exits.so"
fi
# A sanitizer tells it in its own way.
if [ -e "$built/plugins/aggregate/deep.so" ] && ! grep -q '^FANOUT_SANITIZE:[A-Z]*=.' "$built/../CMakeCache.txt"; then
  told="fanoutd: aggregate 'deep': it ran over the end of its stack, the 256 KiB of a fiber: what is large belongs into its state; with [pipeline] strategy = callback an update has the stack of a thread"
  try 'deeper than the stack of a fiber' code 1 out. err "$told" -- \
    agg -s pipeline.strategy=fiber -o never.csv --plugin-path "$built/plugins" 'sum(x)' deep -- x.csv
  check "nothing is left of it" [ ! -e never.csv ]
  for strategy in threads callback; do
    try "deep, $strategy" out 'sum_x,deep
6,3' -- agg -f csv -s pipeline.strategy=$strategy --plugin-path "$built/plugins" 'sum(x)' deep -- x.csv
  done
fi

finish
