#!/bin/sh
# Inputs in other encodings than UTF-8.
. "$(dirname "$0")/harness.sh"

python () { python3 -c "$1"; }

file p.ini '[source]\ntype = csv\n[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = x\n[aggregate last]\ntype = last\ncolumn = t\n'
file a.csv 'x,t\n1,a\n'
ways='fiber 4096 1,fiber 2 3,threads 1 2,callback 4096 1'

encoded () {
  python "open('e.csv', 'wb').write($2)"
  everywhere "$1" out "$3" -- run p.ini e.csv $4
}
encoded 'UTF-16, the low byte first' "'x,t\n1,\u00e4\u20ac\U0001F600\n'.encode('utf-16')" 'n,total,last
1,1,ä€😀' ''
encoded 'the high byte first' "b'\xfe\xff' + 'x,t\n1,\u00e4\n'.encode('utf-16-be')" 'n,total,last
1,1,ä' ''
encoded 'without a mark, as was said' "'x,t\n1,\u00e4\n'.encode('utf-16-le')" 'n,total,last
1,1,ä' '-s source.encoding=UTF-16LE'
encoded 'with one' "'x,t\n1,\u00e4\n'.encode('utf-16')" 'n,total,last
1,1,ä' '-s source.encoding=utf16'
encoded 'UTF-32' "'x,t\n1,\u00e4\n'.encode('utf-32')" 'n,total,last
1,1,ä' '-s source.encoding=utf-32'
encoded 'Latin 1' "'x,t\n1,\u00e4\n'.encode('latin1')" 'n,total,last
1,1,ä' '-s source.encoding=latin1'
encoded 'Windows' "'x,t\n1,\u20ac\n'.encode('cp1252')" 'n,total,last
1,1,€' '-s source.encoding=cp1252'
encoded 'with shifts' "'x,t\n1,\u65e5\u672c\n'.encode('iso2022_jp')" 'n,total,last
1,1,日本' '-s source.encoding=iso-2022-jp'
encoded 'a long one' "('x,t\n' + '1,\u65e5\u672c\n' * 100000).encode('utf-16')" 'n,total,last
100000,100000,日本' ''
encoded 'UTF-8 is taken as it is' "b'x,t\n1,a\xffb\n'" "$(printf 'n,total,last\n1,1,a\377b')" '-s source.encoding=utf-8'
broken () {
  python "open('e.csv', 'wb').write($2)"
  everywhere "$1" code 1 err "fanoutd: e.csv: $3" -- run p.ini e.csv $4
}
broken 'a half of a pair' "b'\xff\xfe' + 'x,t\n1,'.encode('utf-16-le') + b'\x00\xd8a\0\n\0'" 'this is not valid utf-16, at byte 14' ''
broken 'the other half' "b'\xff\xfe' + 'x,t\n1,'.encode('utf-16-le') + b'\x00\xdca\0\n\0'" 'this is not valid utf-16, at byte 14' ''
broken 'half a character' "b'\xff\xfe' + 'x,t\n1,a\n'.encode('utf-16-le') + b'a'" 'it ends within a character of utf-16, at byte 18' ''
broken 'a byte that no character begins with' "b'x,t\n1,a\n2,\xff\n'" 'this is not valid euc-jp, at byte 10' '-s source.encoding=EUC-JP'
broken 'half of two bytes' "'x,t\n1,\u65e5'.encode('euc-jp')[:-1]" 'it ends within a character of euc-jp, at byte 6' '-s source.encoding=euc-jp'
broken 'no mark' "'x,t\n'.encode('utf-16-le')" 'there is no byte order mark that says which utf-16 it is; utf-16le or utf-16be does' '-s source.encoding=utf-16'
for encoding in utf-17 '' utf-8//IGNORE; do
  try "no such encoding: $encoding" code 78 err~ "-s source.encoding=$encoding: [source] encoding: '$encoding' is not known here; it can be: auto, utf-8, utf-16, and what iconv -l prints" -- \
    run p.ini a.csv -s "source.encoding=$encoding"
done

finish
