#!/bin/sh
# Packed inputs: the same results as those of the text in them, whatever packed it and however it
# comes.
. "$(dirname "$0")/harness.sh"

# python TEXT: a short program.
python () { python3 -c "$1"; }

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = t\n'
file a.csv 'x,t\n1,a\n2,"b\nc"\n3,d\n'
file b.csv 't,x\ne,4\n'

# The tools, where they are, and what Python has.
python 'import gzip, lzma, bz2
for name in "a", "b":
    text = open(name + ".csv", "rb").read()
    open(name + ".gz", "wb").write(gzip.compress(text))
    open(name + ".xz", "wb").write(lzma.compress(text))
    open(name + ".bz2", "wb").write(bz2.compress(text))'
kinds='gz xz bz2'
for tool in zstd lz4; do
  command -v $tool >/dev/null || continue
  case $tool in zstd) kind=zst ;; *) kind=$tool ;; esac
  kinds="$kinds $kind"
  for name in a b; do $tool -q -c $name.csv >$name.$kind; done
done

# Kinds that were left out of this build say so, and are not tried further.
there=''
for kind in $kinds; do
  if "$FANOUTD" agg count -- a.$kind >.out 2>.err; then there="$there $kind"
  else check "left out: $kind" grep -q 'it is packed by .*, and this fanoutd was built without lib.*; this unpacks it: ' .err; fi
done

right='n,total,last
4,10,e'
all=$ways
for kind in $there; do
  case $kind in gz) ways=$all ;; *) ways='fiber 2 3,threads 4096 1,callback 1 1' ;; esac
  cp a.$kind odd.name
  everywhere "$kind" out "$right" -- run p.ini odd.name b.$kind
  everywhere "$kind, between others" out 'n,total,last
5,14,e' -- run p.ini b.csv a.$kind b.$kind
  everywhere "$kind: a line of the text is told" code 1 \
    err "fanoutd: a.$kind:3: column 't': 'b\\nc' is not a number; null-values or on-bad-value = null take it for no value" -- \
    run p.ini a.$kind -s 'aggregate total.column=t' -s source.null-values=a
  # Files that are not small are unpacked by a thread.
  { cat a.$kind; head -c 70000 /dev/zero; } >wide.$kind
  everywhere "$kind, by a thread" out 'n,total,last
8,20,e' -- run p.ini wide.$kind b.$kind wide.$kind b.$kind
  # Standard input: a file, a pipe, and a pipe that brings one byte at a time.
  check "$kind from a file" sh -c "\"\$1\" agg 'sum(x)' <a.$kind | grep -qx 6" - "$FANOUTD"
  check "$kind from a pipe" sh -c "cat a.$kind | \"\$1\" agg 'sum(x)' | grep -qx 6" - "$FANOUTD"
  for strategy in fiber threads callback; do
    check "$kind byte by byte ($strategy)" sh -c "dd if=a.$kind bs=1 2>/dev/null | \"\$1\" agg 'sum(x)' -s pipeline.strategy=$strategy | grep -qx 6" - "$FANOUTD"
  done
  try "$kind said to be none" code 1 err~ '; [source] compression = auto unpacks it' -- run p.ini a.$kind -s source.compression=none
  try "$kind said to be what it is" out~ '3,6,d' -- run p.ini a.$kind -s source.compression=$kind
  try "text said to be $kind" code 1 err~ 'fanoutd: a.csv: it does not begin as packed data of ' -- run p.ini a.csv -s source.compression=$kind
  try "$kind: no bytes at all" out 'n,total,last
0,,' -- run p.ini -s source.compression=$kind
  # The rows before the damage count, as far as which row fails first.
  head -c $(($(wc -c <a.$kind) - 3)) a.$kind >cut
  everywhere "$kind: cut" code 1 err "fanoutd: cut: the compressed data ends too early, at byte $(wc -c <cut | tr -d ' ')" -- run p.ini cut
  head -c 4 a.$kind >cut
  try "$kind: cut in its first bytes" code 1 err 'fanoutd: cut: the compressed data ends too early, at byte 4' -- run p.ini cut
  { cat a.$kind; printf 'x'; } >more
  everywhere "$kind: more behind it" code 1 \
    err "fanoutd: more: the compressed data is followed by other bytes, from byte $(wc -c <a.$kind | tr -d ' ')" -- run p.ini more
  { cat a.$kind; printf '\000\000\000\000'; } >zeros
  try "$kind: zeros behind it" out~ '3,6,d' -- run p.ini zeros
done
ways=$all
try 'no such compression' code 78 err "fanoutd: -s source.compression=zip: [source] compression: found 'zip'; possible: auto, none, gz, zst, xz, bz2 or lz4" -- \
  run p.ini a.csv -s source.compression=zip
file short 'BZ'
try 'text that begins like a mark' out 'count
0' -- agg count -- short

case $there in
  *gz*)
    python 'import gzip, struct, zlib
text = b"".join(b"%d,r%d\n" % (i % 1000, i) for i in range(60000))
data = b"x,t\n" + text
open("large.csv", "wb").write(data)
members = [gzip.compress(data[at:at + 40000], 1) for at in range(0, len(data), 40000)]
open("large.gz", "wb").write(b"".join(members))
def block(text):
    packed = zlib.compressobj(1, zlib.DEFLATED, -15)
    body = packed.compress(text) + packed.flush()
    return (b"\x1f\x8b\x08\x04" + bytes(6) + b"\6\0BC\2\0" + struct.pack("<H", len(body) + 25)
            + body + struct.pack("<II", zlib.crc32(text), len(text)))
blocks = [block(data[at:at + 20000]) for at in range(0, len(data), 20000)] + [block(b"")]
open("blocks.gz", "wb").write(b"".join(blocks))
open("cut.gz", "wb").write(b"".join(blocks)[:-60])
blocks[20] = blocks[20][:-8] + bytes(8)
open("wrong.gz", "wb").write(b"".join(blocks))
open("bad.gz", "wb").write(b"".join(members[:5] + [members[5][:-20]]))
open("twice.gz", "wb").write(gzip.compress(gzip.compress(text)))
open("zip.gz", "wb").write(gzip.compress(b"PK\3\4" + text))
open("mac.gz", "wb").write(gzip.compress(b"a,b\r1,2\r"))
open("utf16.gz", "wb").write(gzip.compress("x,t\n1,\u00e4\n".encode("utf-16")))
open("bomb.gz", "wb").write(gzip.compress(b"x\n" + b"1\n" * 8000000, 5))'
    # However many partitions, and beside files that are not packed.
    want=$("$FANOUTD" agg count 'sum(x)' 'first(t)' 'last(t)' 'argmax(x, value=t)' 'ewma(x)' -- large.csv large.csv b.csv)
    for n in 1 2 3 4; do
      try "in $n partitions" out "$want" -- agg count 'sum(x)' 'first(t)' 'last(t)' 'argmax(x, value=t)' -s pipeline.partitions=1 'ewma(x)' -- large.gz large.csv b.gz
    done
    want=$("$FANOUTD" agg -g x count 'first(t)' 'last(t)' -- large.csv large.csv)
    for n in 1 2 3 4; do
      try "in $n partitions, by group" out "$want" -- agg -g x count 'first(t)' 'last(t)' -s pipeline.partitions=$n -- large.gz large.gz
    done
    want=$("$FANOUTD" agg -g x count 'first(t)' 'last(t)' -- large.csv b.csv)
    for n in 1 2 3; do
      try "blocks of bgzip, in $n partitions" out "$want" -- agg -g x count 'first(t)' 'last(t)' -s pipeline.partitions=$n -- blocks.gz b.gz
      try "a block that is wrong, in $n partitions" code 1 err~ 'fanoutd: wrong.gz: the compressed data is damaged, at byte ' -- agg count -s pipeline.partitions=$n -- wrong.gz
      try "blocks that are cut, in $n partitions" code 1 err "fanoutd: cut.gz: the compressed data ends too early, at byte $(wc -c <cut.gz | tr -d ' ')" -- agg count -s pipeline.partitions=$n -- cut.gz
    done
    try 'with little memory, by one thread' out "$want" -- agg -g x count 'first(t)' 'last(t)' -s pipeline.max-memory=32M -- blocks.gz b.gz
    try 'bytes are those of the file' out. err~ "\"bytes\":$(wc -c <large.gz | tr -d ' ')," -- agg --stats count -- large.gz
    try 'a bad row decides, before the damage' code 1 err "fanoutd: bad.gz:3: column 't': 'r1' is not a number; null-values or on-bad-value = null take it for no value" -- \
      agg 'sum(t)' -s 'source.null-values=r0' -- bad.gz
    everywhere 'the damage, behind good rows' code 1 err "fanoutd: bad.gz: the compressed data ends too early, at byte $(wc -c <bad.gz | tr -d ' ')" -- run p.ini bad.gz
    try 'packed twice' code 1 err 'fanoutd: twice.gz: unpacked, it looks like packed data of gzip; as text it comes from: gzip -dc twice.gz | gzip -dc' -- agg count -- twice.gz
    try 'a zip in it' code 1 err 'fanoutd: zip.gz: unpacked, it looks like a zip archive, which a spreadsheet may be as well; as text it comes from: gzip -dc zip.gz | unzip -p' -- agg count -- zip.gz
    try 'old line ends in it' code 1 err "fanoutd: mac.gz: unpacked, it has carriage returns and no line feed, the line ends of old Macintoshes; as text it comes from: gzip -dc mac.gz | tr '\\r' '\\n'" -- agg count -- mac.gz
    everywhere 'UTF-16 in it' out 'n,total,last
1,1,ä' -- run p.ini utf16.gz
    # 16 MB of rows from 70 kB.
    try 'a bomb takes no more memory than others' out. err* '*' -- agg --stats count -- bomb.gz
    check 'a bomb takes no more memory than others' python 'import json
stats = json.loads(open(".err").read().strip().splitlines()[-1])
assert stats["rows_processed"] == 8000000 and stats["peak_state_bytes"] < 8 << 20, stats'
    # The producer goes on, far more was sent than a pipe holds, and somebody ends the run.
    interrupted () {
      rm -f fifo
      mkfifo fifo
      "$FANOUTD" run "$@" p.ini fifo >.out 2>.err &
      pid=$!
      exec 3>fifo
      cat long.gz >&3
      kill -TERM $pid
      wait $pid
      code=$?
      exec 3>&-
      echo "exit code $code"
      cat .out .err
      n=$(sed -n 's/^fanoutd: interrupted after \([0-9]*\) rows$/\1/p' .err)
      [ $code = 143 ] && [ "$(wc -l <.err)" = 1 ] && [ "${n:-0}" -gt 0 ] && [ "$(cat .out)" = "n,total,last
$n,$((n * (n + 1) / 2)),$n" ]
    }
    python 'import gzip
open("long.gz", "wb").write(gzip.compress(b"x,t\n" + b"".join(b"%d,%d\n" % (i, i) for i in range(1, 400001)), 1))'
    # What comes behind many members without a byte is here, though nothing more comes.
    python 'import gzip
open("empties.gz", "wb").write(gzip.compress(b"") * 2000 + gzip.compress(b"x,t\n7,a\n8,b\n"))'
    behind_empties () {
      rm -f fifo
      mkfifo fifo
      "$FANOUTD" agg 'first(x)' -- fifo >.out 2>.err &
      pid=$!
      exec 3>fifo
      cat empties.gz >&3
      wait $pid
      code=$?
      exec 3>&-
      cat .out .err
      [ $code = 0 ] && [ "$(cat .out)" = 'first_x
7' ]
    }
    check 'behind members without a byte' behind_empties
    for strategy in fiber threads callback; do
      check "SIGTERM, $strategy" interrupted -s pipeline.strategy=$strategy -s pipeline.partitions=1
    done
    check 'SIGTERM, two partitions' interrupted -s pipeline.partitions=2
    # Who reads no further leaves the rest packed.
    try 'the first rows alone' out 'first_x
1' -- agg 'first(x)' -- bomb.gz
    ;;
esac

finish
