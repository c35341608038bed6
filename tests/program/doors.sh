# What comes in by a door that nobody opened: descriptors in a child, files of the current folder.
. "$(dirname "$0")/harness.sh"

file x.csv 'x,k\n1,a\n2,b\n3,a\n'
cat >p.ini <<'INI'
[source]
type = csv
path = x.csv
[aggregate fds]
type = exec
column = x
command = ls /proc/self/fd
[aggregate s]
type = sum
column = x
[output]
format = csv
INI

# The fourth is that of the folder which ls reads.
if [ -e /proc/self/fd ]; then
  for strategy in fiber threads callback; do
    try "a child has three descriptors, $strategy" -- \
      run -s pipeline.strategy=$strategy -o out.csv p.ini
    check 'and no more' cmp -s out.csv - <<'CSV'
fds,s
"0
1
2
3",6
CSV
  done
fi

# Nothing that lies here is taken for what the program needs.
mkdir -p here/plugins/aggregate here/aggregate here/fanout/plugins/aggregate
for name in fanoutd.ini pipeline.ini .fanoutd fanout.conf libfanout.so.1 libglib-2.0.so.0 libgmp.so.10 \
  libz.so.1 libmicrohttpd.so.12 sum.so aggregate/sum.so plugins/aggregate/sum.so \
  fanout/plugins/aggregate/sum.so index aggregate/index sh ls; do
  printf 'this must not be read' >"here/$name"
  chmod +x "here/$name"
done
cp x.csv here
cd here || exit 1
try 'in a folder full of strange files' out 'sum_x,fds
6,1' -- agg -f csv 'sum(x)' 'fds=exec(x, command=wc -l <x.csv | tail -c 2 | head -c 1 >/dev/null; cat >/dev/null; echo 1)' -- x.csv
if command -v strace >/dev/null && strace -o trace true 2>/dev/null; then
  strace -f -o trace -e trace=open,openat,stat,newfstatat,access,execve,readlink \
    "$FANOUTD" agg 'sum(x)' -- x.csv >/dev/null 2>&1
  grep -vE '"/|"x\.csv"|AT_EMPTY_PATH|^[0-9]+ (\+\+\+|---)' trace | grep -E '"[^"]' >asked
  check 'nothing here is asked for but the input' [ ! -s asked ]
fi

finish
