#!/bin/sh
# The pages of the manual, and the completion of shells.
. "$(dirname "$0")/harness.sh"

for page in fanoutd.1 fanout.ini.5 fanout-plugin.7; do
  "$FANOUTD" manual $page >$page || { echo "FAILED: manual $page"; exit 1; }
done
sed 's/\\-/-/g; s/\\f[BIR]//g; s/\\&//g' fanout.ini.5 >ini
sed 's/\\-/-/g; s/\\f[BIR]//g; s/\\&//g' fanoutd.1 >program

# has FILE LINES: each line begins one of the file.
has () {
  while IFS= read -r line; do
    grep -qF -- "$line" "$1" || { echo "$1 lacks: $line"; return 1; }
  done <"$2"
}
"$FANOUTD" plugins | grep -v ^function | sed 's/^[a-z]* *\([^ ]*\) .*/.SS "\1"/' >items
check 'every operator, source and sink' has ini items
"$FANOUTD" reference | sed -n 's/^\(# \)\{0,1\}\([a-z][a-z0-9-]*\) =.*/\2 = /p' | sort -u | grep -v '^type = ' >keys
check 'every key' has ini keys
"$FANOUTD" complete verbs | sed 's/.*/.SS "fanoutd & /' >verbs
"$FANOUTD" functions | sed 's/  .*//; s/"/\\(dq/g; s/'"'"'/\\(aq/g' >functions
check 'every function' has ini functions
check 'every verb' has program verbs
check 'no placeholder is left' sh -c '! grep -n "^@[a-z]*@\|@version@\|@id@" fanoutd.1 fanout.ini.5 fanout-plugin.7'
check 'a whole operator' grep -q '^FANOUT_OPERATORS (&mine_operator);' fanout-plugin.7
try 'another page' code 2 err~ 'fanoutd.1, fanout.ini.5 or fanout-plugin.7' -- manual intro.1
check 'manual is not in the list' sh -c '! "$0" -h | grep -q "^  manual\|^  complete"' "$FANOUTD"

# Nothing to say about them.
if command -v groff >/dev/null 2>&1 && groff -man -Tutf8 /dev/null >/dev/null 2>&1; then
  for page in fanoutd.1 fanout.ini.5 fanout-plugin.7; do
    groff -man -Tutf8 -ww -z $page 2>$page.said
    check "$page is well-formed" sh -c 'cat $0; [ ! -s $0 ]' $page.said
  done
fi

if command -v mandoc >/dev/null 2>&1; then
  for page in fanoutd.1 fanout.ini.5 fanout-plugin.7; do
    mandoc -T lint -W warning $page >$page.said 2>&1
    check "$page is well-formed for mandoc, too" sh -c 'cat $0; [ ! -s $0 ]' $page.said
  done
fi
check "what all verbs have is told once" sh -c '[ "$(grep -c "^-s GROUP.KEY" "$0")" = 1 ]' program

# The job in parts is what the page shows.
sed -n '/^# map\.sh/,/^\.EE/p' fanoutd.1 | sed '/^\.EE/d; s/\\(aq/'"'"'/g; s/\\-/-/g; s/\\e/\\/g' >map.sh
sed -n '/^# reduce\.sh/,/^\.EE/p' fanoutd.1 | sed '/^\.EE/d; s/\\(aq/'"'"'/g; s/\\-/-/g; s/\\e/\\/g' >reduce.sh
cat >flights.ini <<'INI'
[pipeline]
group-by = origin
[source]
type = csv
columns = date, delay, distance, origin, destination
[aggregate mean_delay]
type = mean
column = delay
[aggregate last]
type = last
column = destination
INI
tail -n +2 "$top/conf/data/flights.csv" >flights.csv
# cut_and_merge: three mappers and one reducer give what one run gives.
cut_and_merge () {
  PATH=$(dirname "$FANOUTD"):$PATH
  for task in 0 1 2; do
    tail -n +$((1 + task * 6667)) flights.csv | head -n 6667 |
      mapreduce_task_partition=$task sh map.sh || return
  done | sort | sh reduce.sh >three && [ -s three ] &&
    fanoutd run flights.ini flights.csv | cmp - three
}
check 'map and reduce' cut_and_merge

# questions: the answers are those that the page shows.
sed -n '/^\.SS "Questions"/,/^\.SS "Files/p' fanoutd.1 |
  sed 's/\\(aq/'"'"'/g; s/\\(dq/"/g; s/\\-/-/g; s/\\e/\\/g' >questions
questions () {
  PATH=$(dirname "$FANOUTD"):$PATH
  sed -n '/^\.EX/,/^\.EE/p' questions | grep -v '^\.' >shown
  awk '/^\$ / {asks = 1; sub (/^\$ /, "")}
    asks {print >"asked"; if ($0 !~ /\\$/) asks = 0; next}
    {print >"answers"}' shown
  [ "$(grep -c ^fanoutd asked)" -ge 5 ] && (cd "$top/conf/data" && sh -e "$folder/asked") | diff - answers
}
check 'questions' questions

# What may stand somewhere.
try 'the functions' out~ 'bucket
ceil' -- complete functions
try 'the formats' out~ 'ndjson' -- complete formats
try 'the types' out~ 'auto' out~ 'jsonl' -- complete types
try 'the keys' out~ 'pipeline.batch=' out~ 'source.delimiter=' -- complete keys
try 'the options of a verb' out~ '--partial' -- complete options run
try 'the keys of an operator' out 'q=
weight=
limit=
method=
on-error=
where=
tables=' -- complete keys quantile
try 'the keys of none' -- complete keys nothing
try 'nothing' code 2 err~ 'what is to be listed' -- complete

# completes WANT WORD...: the last word may become WANT, and what is not WANT is not offered.
cat >completes.bash <<'BASH'
program=$1 want=$2
shift 2
. "$FANOUT_SOURCE_DIR/core/fanoutd/completion/fanoutd.bash"
COMP_WORDS=("$program" "$@") COMP_CWORD=$#
_fanoutd
printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' ' - >found
[ "$(cat found)" = "$want" ] || { echo "wanted: $want"; echo "found: $(cat found)"; exit 1; }
BASH
completes () {
  want=$1
  shift
  check "completion: $*" env FANOUT_SOURCE_DIR="$top" bash completes.bash "$FANOUTD" "$want" "$@"
}
if command -v zsh >/dev/null 2>&1; then
  check 'completion for zsh can be read' zsh -n "$top/core/fanoutd/completion/_fanoutd"
fi
if command -v bash >/dev/null 2>&1 && bash -c 'mapfile -t x </dev/null' 2>/dev/null; then
  : >some.ini
  completes 'check check-plugin' ch
  completes 'some.ini' run som
  completes '--part --partial --plugin-path' run --p
  completes 'ndjson' run -f nd
  completes 'pipeline.group-by=' run -s pipeline.g
  completes "'quantile(" agg quanti
  completes 'quantile( quantile(column' agg "'quanti"
  completes 'p99=quantile( p99=quantile(column' agg "'p99=quanti"
  completes 'max( max-length(' agg "'max"
  completes 'quantile(x, q= quantile(x, q=VALUE' agg "'quantile(x, q"
  completes 'p=quantile(x, q=0.5,limit= p=quantile(x, q=0.5,limit=VALUE' agg "'p=quantile(x, q=0.5,l"
  completes 'some.ini' agg count -- som
  completes 'lines' agg -t li
  completes 'quantile' plugins quanti
  completes 'bucket' functions buck
fi

finish
