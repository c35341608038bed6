#!/bin/sh
# Where results go: -o, standard output, full disks, closed pipes.
. "$(dirname "$0")/harness.sh"

file p.ini '[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = x\n'
file x.csv 'x\n1\n2\n'
file bad.csv 'x\n1\nfoo\n'

is () { [ "$(cat "$1")" = "$2" ]; }
alone () { [ "$(ls -A "$1" | wc -l)" = "$2" ]; }

try 'a file' -- run -o r.csv p.ini x.csv
check 'the results are in it' is r.csv 'total
3'
mkdir out
try 'a file elsewhere' -- run -o out/r.csv p.ini x.csv
check 'nothing else is left there' alone out 1
file keep.csv 'old\n'
try 'a failed run' code 1 err~ 'bad.csv:3' -- run -o keep.csv p.ini bad.csv
check 'the old results are still there' is keep.csv old
try 'a failed run, in a new file' code 1 err~ 'bad.csv:3' -- run -o out/new.csv p.ini bad.csv
check 'no file was made' alone out 1
try 'a successful run over an old file' -- run -o keep.csv p.ini x.csv
check 'the new results are there' is keep.csv 'total
3'
mkdir conf
file conf/p.ini '[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = x\n[output]\npath = result.csv\n'
try 'a path in the file is relative to it' -- run conf/p.ini x.csv
check 'it is beside the file' is conf/result.csv 'total
3'
try '-o is relative to the working directory' -- run -o here.csv conf/p.ini x.csv
check 'it is here' is here.csv 'total
3'
try '-o - is standard output' out 'total
3' -- run -o - conf/p.ini x.csv
ln -s real.csv link.csv
try 'a symbolic link' -- run -o link.csv p.ini x.csv
check 'its target has the results' is real.csv 'total
3'
check 'it is still a link' test -L link.csv

try 'the output is the input' code 1 err 'fanoutd: x.csv: the output is also an input' -- run -o x.csv p.ini x.csv
ln x.csv same.csv
try 'the output is the input by another name' code 1 err 'fanoutd: same.csv: the output is also an input' -- \
  run -o same.csv p.ini x.csv
check 'the input is as it was' is x.csv 'x
1
2'
appends () { "$FANOUTD" run p.ini x.csv >>x.csv; [ $? = 1 ] && is x.csv 'x
1
2'; }
check 'standard output is the input' appends
if [ -e /proc/self/fd/1 ]; then
  for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
    { echo before; "$FANOUTD" run -o $name p.ini x.csv; echo after; } >there.csv
    check "$name is what it is" is there.csv 'before
total
3
after'
  done
fi
try 'no such folder' code 1 err~ 'fanoutd: nowhere/r.csv: ' err~ 'No such file or directory' -- run -o nowhere/r.csv p.ini x.csv
try 'a folder' code 1 err~ 'fanoutd: out: Is a directory' -- run -o out p.ini x.csv

full () {
  "$FANOUTD" "$@" >/dev/full 2>.full
  [ $? = 75 ] && is .full 'fanoutd: standard output: No space left on device'
}
if [ -e /dev/full ]; then
  check 'a full disk' full run p.ini x.csv
  try 'a full disk, by -o' code 75 err 'fanoutd: /dev/full: No space left on device' -- run -o /dev/full p.ini x.csv
  check 'a full disk for the list of plugins' full plugins
  check 'a full disk for help' full -h
  check 'a full disk for a plan' full check p.ini x.csv
  try 'a full disk for states' code 75 err 'fanoutd: /dev/full: No space left on device' -- run --partial /dev/full p.ini x.csv
fi

# A reader that goes away ends the program by SIGPIPE, without a word.
file range.ini '[pipeline]\ngroup-by = value\n[source]\ntype = range\nstop = 200000\n[aggregate n]\ntype = count\n'
closed () {
  { "$FANOUTD" run range.ini 2>.closed; echo $? >.code; } | head -n 1 >.head
  is .code 141 && is .head 'value,n' && [ ! -s .closed ]
}
check 'a closed pipe' closed
closed_ignored () {
  (trap '' PIPE; { "$FANOUTD" run range.ini 2>.closed; echo $? >.code; } | head -n 1 >.head)
  is .code 141 && [ ! -s .closed ]
}
check 'a closed pipe, where the signal was ignored before' closed_ignored

# Windows are written beside the run where it has several partitions.
file beside.ini '[pipeline]\npartitions = 2\n[source]\ntype = range\nstop = 3000000\n[let]\nt = value / 1000\n[window]\ntime = t\nsize = 1s\n[aggregate n]\ntype = count\n'
closed_beside () {
  { "$FANOUTD" run beside.ini 2>.closed; echo $? >.code; } | head -n 1 >.head
  is .code 141 && is .head 'window_start,window_end,n' && [ ! -s .closed ]
}
check 'a closed pipe for windows' closed_beside
if [ -e /dev/full ]; then
  try 'a full disk for windows' code 75 err 'fanoutd: /dev/full: No space left on device' -- run -o /dev/full -s output.append=true beside.ini
  check 'a full disk for windows on standard output' full run beside.ini
fi
beside () {
  "$FANOUTD" run beside.ini >.two 2>.err && "$FANOUTD" run -s pipeline.partitions=1 beside.ini >.one && cmp .one .two
}
check 'windows beside the run' beside
no_output () { "$FANOUTD" run p.ini x.csv >&- 2>.err; [ $? = 1 ] && [ -s .err ]; }
check 'standard output is not open' no_output
no_input () { "$FANOUTD" run p.ini <&- 2>.err; [ $? = 1 ] && [ -s .err ]; }
check 'standard input is not open' no_input
no_errors () { "$FANOUTD" run -o silent.csv p.ini x.csv 2>&- && is silent.csv 'total
3'; }
check 'standard error is not open' no_errors

# Lists as rows.
file l.csv 'k,v\na,10\nb,9\na,9\na,10\n'
try 'lists in cells' out 'k,unique_v,n
a,"[""10"",""9""]",3
b,"[""9""]",1' -- agg -g k 'unique(v)' 'n=count' -- l.csv
try 'a row for each item' out 'k,unique_v,n
a,10,3
a,9,3
b,9,1' -- agg -s output.lists=rows -g k 'unique(v)' 'n=count' -- l.csv
# By value, item by item, where all are numbers.
file items.csv 'k,v\na,10\nb,9\nb,5.0\nc,9\nd,\ne,9\ne,5\nf,10\nf,-1\ng,1e1\nh,nan\n'
try 'lists of texts that are all numbers' out 'k,v
h,"[""nan""]"
f,"[""10"",""-1""]"
g,"[""1e1""]"
a,"[""10""]"
b,"[""9"",""5.0""]"
e,"[""9"",""5""]"
c,"[""9""]"
d,' -- agg -g k 'v=collapse(v)' --sort 'v desc' -- items.csv
try 'lists of texts, one of which is none' out 'k,v
i,"[""1"",""x""]"
a,"[""10""]"
f,"[""10"",""-1""]"' in 'k,v\na,10\nf,10\nf,-1\ni,1\ni,x\n' -- agg -g k 'v=collapse(v)' --sort v
try 'a row for each item of the only row' out 'unique_v  n
      10  4
       9  4' -- agg -f table -s output.lists=rows 'unique(v)' 'n=count' -- l.csv
try 'the plan tells it' out~ ', a row for each item of a list' -- check -s output.lists=rows range.ini

# Results are not packed, whatever name they would have.
for end in .gz .ZST .xz .bz2 .lz4; do
  try "a name that ends in $end" code 78 err "fanoutd: -o r.csv$end: [output] path: found 'r.csv$end', but results are written as they are, not packed; wanted: 'r.csv', or - and a program behind it that packs" -- \
    run -o "r.csv$end" p.ini x.csv
done
check 'nothing was written' test ! -e r.csv.gz
try 'a name that is no text' code 78 err~ "found 'r\\x1B.gz', but results are written as they are, not packed; wanted: 'r\\x1B', or" -- \
  run -o "$(printf 'r\033.gz')" p.ini x.csv

# The pipeline itself is no output.
file own.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n'
file own.csv 'x\n1\n'
cp own.ini own.copy
try 'the output is the pipeline' code 1 err 'fanoutd: own.ini: the output is also the pipeline' -- run -o own.ini own.ini own.csv
try 'a part is the pipeline' code 1 err 'fanoutd: own.ini: the output is also the pipeline' -- run --partial own.ini own.ini own.csv
check 'which is left alone' cmp own.ini own.copy

# check tries the output, and makes nothing.
try 'check: no such folder' code 1 err 'fanoutd: nowhere/r.csv: cannot create a file in nowhere: No such file or directory' -- \
  check -o nowhere/r.csv p.ini x.csv
try 'check: a folder' code 1 err 'fanoutd: out: Is a directory' -- check -o out p.ini x.csv
try 'check: the input' code 1 err 'fanoutd: x.csv: the output is also an input' -- check -o x.csv p.ini x.csv
mkdir fresh
try 'check: a new file' out. -- check -o fresh/new.csv p.ini x.csv
check 'check makes none' alone fresh 0
mkfifo fifo
try 'check: a FIFO that nobody reads' out. -- check -o fifo p.ini x.csv
try 'a part is tried before the run' code 1 err 'fanoutd: nowhere/x.part: cannot create a file in nowhere: No such file or directory' -- \
  run --partial nowhere/x.part p.ini bad.csv

# A sink that is there, but cannot be used: a copy of the plugins with a damaged one.
if [ "${FANOUT_BUILD_DIR-}" ] && command -v ldd >/dev/null; then
  mkdir -p copy/lib/fanout
  cp -R "$FANOUT_BUILD_DIR/plugins" copy/lib/fanout/plugins
  cp "$FANOUT_BUILD_DIR"/lib/libfanout.so.1 copy/lib/
  echo damaged >copy/lib/fanout/plugins/sink/csv.so
  damaged_sink () {
    LD_LIBRARY_PATH=$PWD/copy/lib "$FANOUTD" run p.ini x.csv >.out 2>.err
    [ $? = 78 ] && cat .err && grep -q 'csv.so: ' .err
  }
  check 'a sink that cannot be opened tells why' damaged_sink
fi

finish
