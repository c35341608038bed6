#!/bin/sh
# Wrong configurations: each mistake with its message, all of them in one go, exit code 78.
. "$(dirname "$0")/harness.sh"

file x.csv 'x,k,k\n1,a,b\n'
source='[source]\ntype = csv\n'
count='[aggregate n]\ntype = count\n'

# wrong INI MESSAGE...: the messages without "fanoutd: ".
wrong () {
  file p.ini "$1"
  title="wrong: $1"
  shift
  all=$(printf 'fanoutd: %s\n' "$@")
  try "$title" code 78 err "$all" -- run p.ini x.csv
}

# in_pipeline, in_source, ... ENTRY MESSAGE: one wrong entry, on line 6, 3, 7 or 6.
in_pipeline () { wrong "$source$count[pipeline]\n$1\n" "p.ini:6: [pipeline] $2"; }
in_source () { wrong "$source$1\n$count" "p.ini:3: [source] $2"; }
in_aggregate () { wrong "$source$count[aggregate m]\n$1\n" "p.ini:$(printf "$1\n" | wc -l | awk '{print $1 + 5}'): [aggregate m] $2"; }
in_output () { wrong "$source$count[output]\n$1\n" "p.ini:6: [output] $2"; }

sources=$("$FANOUTD" plugins | awk '$1 == "source" {printf "%s%s", n++ ? ", " : "", $2}')

# The file as such.
try 'no such file' code 78 err 'fanoutd: nowhere.ini: No such file or directory' -- run nowhere.ini
try 'a folder' code 78 err 'fanoutd: .: Is a directory' -- run .
wrong "$source" 'p.ini: no aggregate: at least one group [aggregate NAME] is wanted'
wrong "${source}what\n$count" "p.ini:3: neither '[group]' nor 'key = value' nor '# comment': 'what'"
wrong "x = 1\n$source$count" "p.ini:1: before the first [group]: 'x = 1'"
wrong "$source$count[source]\n" 'p.ini:5: [source]: the group is given twice, first at p.ini:1'
wrong "${source}type = csv\n$count" 'p.ini:3: [source] type: the key is given twice, first at p.ini:2'
wrong "$source$count[pipeline\n" "p.ini:5: no ']' behind the group's name: '[pipeline'"
wrong "$source$count[pipeline] # x\n" "p.ini:5: text behind the group's ']': '[pipeline] # x'"
wrong "$source$count; x\n" "p.ini:5: ';' starts no comment, only '#' does: '; x'"
wrong "$source$count= 1\n" "p.ini:5: no key before the '=': '= 1'"
wrong "$source$count[pipeline]\nbatch[de] = 1\n" "p.ini:6: a key with [...] has no meaning here: 'batch[de] = 1'"
wrong "$source$count[pipeline]\nbatch = \377\n" "p.ini:6: text that is not UTF-8: 0xFF, the line's byte 9"
wrong "$source$count[piepline]\n" \
  "p.ini:5: no group is called 'piepline'; there are [pipeline], [source], [let], [aggregate NAME], [result], [table NAME], [window], [output], [checkpoint] and [monitor]; did you mean [pipeline]?"
wrong "$source$count[aggregate]\ntype = sum\n" \
  'p.ini:5: [aggregate]: a name is wanted, such as [aggregate mean_delay]'

# Names are quoted where a list would need it.
file names.csv '"Last, First",v,"a\nb"\n1,2,3\n'
file p.ini "$source[aggregate m]\ntype = sum\ncolumn = Last\n[output]\nsort = x\n"
try 'a list of names' code 78 err "fanoutd: p.ini:5: [aggregate m] column: no column 'Last' in names.csv; it has: \"Last, First\", v, a\\nb
fanoutd: p.ini:7: [output] sort: 'x' is no result column, with desc or without; there are: m" -- run p.ini names.csv
file p.ini "$source$count[pipeline]\ngroup-by = \"Last, First\"\n[aggregate a #b]\ntype = sum\ncolumn = v\n[output]\nsort = x\n"
try 'a list of results' code 78 \
  err "fanoutd: p.ini:11: [output] sort: 'x' is no result column, with desc or without; there are: \"Last, First\", n, \"a #b\"" -- run p.ini names.csv

# A hint to \`as = text\` helps only where there is that option.
file words.csv 'w,x\na,1\n'
try 'an operator with the option' code 1 err "fanoutd: words.csv:2: column 'w': 'a' is not a number; as = text compares texts; null-values or on-bad-value = null take it for no value" -- agg 'min(w)' -- words.csv
try 'operators with it and without' code 1 err "fanoutd: words.csv:2: column 'w': 'a' is not a number; null-values or on-bad-value = null take it for no value" -- agg 'min(w)' 'sum(w)' -- words.csv

# Thousands of mistakes: no more than the first are told, and soon.
{ printf "$source"; i=0; while [ $i -lt 10000 ]; do printf '[aggregate a%d]\ntype = cuont\n' $i; i=$((i + 1)); done; } >many.ini
try 'thousands of wrong names' code 78 err~ "many.ini:4: [aggregate a0] type: there is no operator 'cuont'; did you mean 'count'?" err~ 'fanoutd: more than 200 mistakes: the others are not shown' -- \
  run many.ini x.csv

# One of something is one.
file p.ini "$source$count[pipeline]\ngroup-by = x\nmax-groups = 1\npartitions = 1\nstrategy = threads\nthreads = 1\n[output]\nlimit = 1\n"
file two.csv 'x\n1\n2\n'
try 'one group is too few' code 1 err 'fanoutd: two.csv:3: more than 1 group: [pipeline] max-groups allows more' -- run p.ini two.csv
try 'counts of one in check' out~ 'threads, 1 thread' out~ '(at most 1 group)' out~ ', at most 1 row' -- check p.ini two.csv

# Keys and values.
in_pipeline 'bach = 1' "bach: unknown key; possible: strategy, threads, batch, partitions, group-by, where, max-groups, max-memory, on-error; did you mean 'batch'?"
in_pipeline 'batch = 1 # one' "batch: found '1 # one'; a comment cannot stand behind a value, only on a line of its own that starts with '#'"
in_pipeline 'strategy = fibre' "strategy: found 'fibre'; possible: fiber, threads or callback; did you mean 'fiber'?"
in_pipeline 'strategy =' "strategy: found nothing; possible: fiber, threads or callback"
in_pipeline 'threads = 0' "threads: found '0' (too small); possible: a whole number from 1 to 1024"
in_pipeline 'batch = 0' "batch: found '0' (too small); possible: a whole number from 1"
in_pipeline 'batch = 1.5' "batch: found '1.5'; possible: a whole number from 1"
in_pipeline 'batch = 99999999999999999999' "batch: found '99999999999999999999' (too large); possible: a whole number from 1"
in_pipeline 'partitions = some' "partitions: found 'some'; possible: a whole number from 1 to 1024 or auto"
in_pipeline 'max-groups = 0' "max-groups: found '0' (too small); possible: a whole number from 1 to 4294967295"
in_pipeline 'max-memory = 4X' "max-memory: found '4X'; possible: a size (64K, 1M, 4G) from 1"
in_pipeline 'on-error = ignore' "on-error: found 'ignore'; possible: stop or drop"
in_pipeline 'group-by = "k' "group-by: found '\"k' (a quote that is not closed); possible: texts separated by commas"
in_pipeline 'group-by = a,,b' "group-by: found 'a,,b' (an empty item); possible: texts separated by commas"
in_pipeline 'group-by = x, x' "group-by: two result columns are called 'x'"
wrong "$count" "p.ini: [source] type: missing; it can be: $sources"
in_pipeline 'group-by = nope' "group-by: no column 'nope' in x.csv; it has: x, k, k"
in_pipeline 'group-by = late\n[let]\nlate = soon\nsoon = k' "group-by: no column 'soon' in x.csv; it has: x, k, k; [let] has 'late' before it, which takes it: let it come first"
in_pipeline 'group-by = k' "group-by: column 'k' occurs 2 times in x.csv; where columns has names for all of them and header = true, those of the header do not matter"

in_source 'delimiter = ab' "delimiter: found 'ab'; possible: characters (or \\t, \\x1F), whitespace, tab or space; did you mean 'tab'?"
in_source 'quote = ab' "quote: found 'ab'; possible: one ASCII character (or \\t, \\x1F) or none"
in_source 'on-bad-row = drop' "on-bad-row: found 'drop'; possible: fail or skip"
in_source 'on-bad-value = skip' "on-bad-value: found 'skip'; possible: fail or null"
in_source 'max-row = huge' "max-row: found 'huge'; possible: a size (64K, 1M, 4G) from 1 to 1G"
in_source 'columns = a,,b' "columns: found 'a,,b' (an empty item); possible: texts separated by commas"
wrong "[source]\ntype = cvs\n$count" "p.ini:2: [source] type: there is no source 'cvs'; did you mean 'csv'?"
wrong "[source]\n$count" "p.ini:1: [source] type: missing; it can be: $sources"
wrong "[source]\ntype = range\nstart = -9223372036854775808\nstop = 1\n$count" \
  "p.ini:3: [source] start: found '-9223372036854775808' (too small); possible: a whole number from -9223372036854775807"
wrong "[source]\ntype = lines\npattern = abc\n$count" \
  "p.ini:1: [source]: 'pattern' has no named groups, such as (?<name>...), to be columns"

in_aggregate 'type = frobnicate' "type: there is no operator 'frobnicate'; 'fanoutd plugins' lists all $("$FANOUTD" plugins | grep -c ^operator)"
in_aggregate 'type = meen' "type: there is no operator 'meen'; did you mean 'mean'?"
in_aggregate 'type = larges' "type: there is no operator 'larges'; did you mean 'largest'?"
elsewhere () { in_aggregate "type = $1" "type: there is no operator '$1'; did you mean $2?"; }
elsewhere avg "'mean'"
elsewhere AVG "'mean'"
elsewhere std "'stddev'"
elsewhere stdev "'stddev'"
elsewhere var "'variance'"
elsewhere p99 "'quantile' with q = 0.99"
elsewhere p5 "'quantile' with q = 0.05"
elsewhere P99.9 "'quantile' with q = 0.999"
elsewhere nunique "'distinct'"
elsewhere count_distinct "'distinct'"
elsewhere countunique "'distinct'"
elsewhere perc "'quantile'"
elsewhere percentile_cont "'quantile'"
elsewhere STDDEV_POP "'stddev' with population = true"
elsewhere group-concat "'collapse'"
in_aggregate 'type = maen' "type: there is no operator 'maen'; did you mean 'mean'?"
wrong "$source[aggregate m]\n" "p.ini:3: [aggregate m] type: missing; it is an operator, such as count or mean; 'fanoutd plugins' lists them"
wrong "$source[aggregate m]\ntype = mean\n" "p.ini:3: [aggregate m]: the key 'column' is missing; possible: a column"
in_aggregate 'type = mean\ncolumn = y' "column: no column 'y' in x.csv; it has: x, k, k"
in_aggregate 'type = mean\ncolumn =' 'column: found nothing; possible: a column'
in_aggregate 'type = quantile\ncolumn = x\nq = 1.5' "q: found '1.5' ('1.5' is too large); possible: numbers from 0 to 1 separated by commas"
in_aggregate 'type = quantile\ncolumn = x\nq = 0.5, half' "q: found '0.5, half' ('half' is no number); possible: numbers from 0 to 1 separated by commas"
in_aggregate 'type = stddev\ncolumn = x\npopulation = maybe' "population: found 'maybe'; possible: true/false, yes/no or 1/0"
in_aggregate 'type = min\ncolumn = x\nas = words' "as: found 'words'; possible: number or text"
in_aggregate 'type = min\ncolumn = x\non-error = ignore' "on-error: found 'ignore'; possible: stop, drop or pipeline"
known="possible: format, path, header, sort, offset, limit, lists, append, every, group-by, where, having, rest, rollup, delimiter, decimal; did you mean 'format'?"
wrong "$source[table x]\ngroup-by = x\nfmt = csv\n[table y]\ngroup-by = x\nfmt = csv\n[aggregate n]\ntype = count\n" \
  "p.ini:5: [table x] fmt: unknown key; $known" "p.ini:8: [table y] fmt: unknown key; $known"
wrong "$source[aggregate m]\ntype = median\ncolumn = x\nq = 0.5\n" "p.ini:6: [aggregate m] q: unknown key; possible: type, on-error, where, tables, column, weight, limit, method"
wrong "$source[aggregate a]\ntype = quantile\ncolumn = x\nq = 0.5, 0.9\n[aggregate a_p50]\ntype = count\n" \
  "p.ini:7: two result columns are called 'a_p50'"

in_output 'format = jsn' "format: there is no sink 'jsn'; did you mean 'json'?"
in_output 'sort = nope' "sort: 'nope' is no result column, with desc or without; there are: n"
in_output 'limit = -1' "limit: found '-1'; possible: a whole number from 0"
in_output 'header = maybe' "header: found 'maybe'; possible: true/false, yes/no or 1/0"

# All at once, in the order of the file.
wrong "[source]\ntype = csv\nmax-row = 0\n[aggregate n]\ntype = cuont\n[output]\nlimit = x\n" \
  "p.ini:3: [source] max-row: found '0' (too small); possible: a size (64K, 1M, 4G) from 1 to 1G" \
  "p.ini:5: [aggregate n] type: there is no operator 'cuont'; did you mean 'count'?" \
  "p.ini:7: [output] limit: found 'x'; possible: a whole number from 0"
file p.ini "[source]\ntype = csv\n[aggregate n]\ntype = cuont\n"
try 'what is wrong in the file comes before a missing input' code 78 err~ 'p.ini:4' -- run p.ini nowhere.csv

# And right ones that look odd.
file hash.csv 'Order #,"""q""",q\n1,10,100\n'
odd () {
  file p.ini "$source[aggregate n]\ntype = sum\ncolumn = $2\n"
  try "$1" out "n
$3" -- run p.ini hash.csv
}
odd 'a column in quotes' '"Order #"' 1
odd 'a name that has quotes itself' '"q"' 10
odd 'the same name without' q 100
file p.ini "${source}null-values = 5, \"#N/A\", \"x #\"\n$count"
try 'an item in quotes may look like a comment' out 'n
1' -- run p.ini x.csv
in_source 'null-values = 5, #N/A' "null-values: found '5, #N/A'; a comment cannot stand behind a value, only on a line of its own that starts with '#'"
file p.ini "$source$count"
try 'what comes from the command line has no comments' out 'n
1' -- run -s 'source.null-values=5, #N/A' p.ini x.csv
file p.ini '\357\273\277# a comment\r\n\r\n[source]\r\ntype = csv\r\n[aggregate n]\r\ntype=count\r\n'
try 'a byte order mark and CRLF' out 'n
1' -- run p.ini x.csv
file p.ini "[source]\ntype=lines\npattern = ^(?<a>[^ #]+) # ;(?<b>.*)\$\n[aggregate n]\ntype = first\ncolumn = b\n"
try 'a pattern may have what looks like a comment' in 'x # ;y\n' out 'n
y' -- run p.ini

finish
