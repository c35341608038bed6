#!/bin/sh
# What people run into, and what is right; the inputs are in tests/data/cases.
. "$(dirname "$0")/harness.sh"

cp "$top"/tests/data/cases/* .

note=''
# gives TITLE RESULT ARGUMENT...: with the note in $note, or without a word.
gives () {
  title=$1 want=$2
  shift 2
  try "$title" out "$want" err "$note" -- agg "$@"
  note=''
}

number="the header's name is a number: 1; --no-header (header = false) takes it for a row"
numbers="the header's names are numbers: 1 and so on; --no-header (header = false) takes it for a row"
letters='where quotes are letters: quote = none'

# Numbers without a header.
seq 10 >seq.txt
note="fanoutd: seq.txt:1: $number"
gives 'numbers without a header' 'sum_1
54' 'sum(1)' -- seq.txt
gives 'and as rows' 'sum_1
55' --no-header 'sum(1)' -- seq.txt
note="fanoutd: mat.txt:1: $numbers"
gives 'a matrix' 'sum_1
11' -d whitespace 'sum(1)' -- mat.txt
gives 'its rows' 'sum_1,sum_2,sum_3
12,15,18' -d whitespace --no-header 'sum(1)' 'sum(2)' 'sum(3)' -- mat.txt
gives 'columns by place' 'sum_2
60' --no-header 'sum(2)' -- headless2.csv
gives 'and as groups' '1,sum_2
2,1
3,1' -t tsv --no-header -g 1 'sum(2)' -- perm.tsv

# Names.
gives 'a name with a number sign' 'sum_Order #
3' 'sum(Order #)' -- hashname.csv
gives 'and as a group' 'Order #,sum_v
1,3
2,6' -g '"Order #"' 'sum(v)' -- hashname.csv
try 'the row names of R' code 1 err~ 'rtable.txt:2: 3 fields where 2 are wanted' err~ 'header = true and columns = NAME' -- \
  agg -d space 'mean(Sepal.Length)' -- rtable.txt
gives 'with a name' 'mean_Sepal.Length
5' -d space -s source.header=true -s 'source.columns=row, Sepal.Length, Species' 'mean(Sepal.Length)' -- rtable.txt

# No value.
gives 'the errors of a spreadsheet' 'sum_x
1' -s 'source.null-values=-, #N/A, #DIV/0!' 'sum(x)' -- excelerr.csv
gives 'blanks around a null value' 'sum_v
4' -s source.null-values=NA 'sum(v)' -- spna.csv
gives 'a blank field' 'sum_v
4' 'sum(v)' -- blankfield2.csv

# Quotes.
note="fanoutd: 1 row skipped, lines 2 to 4; first: unterm.csv:2: a quote in this row is never closed; $letters"
gives 'a quote that is never closed' 'sum_b,count
,0' -s source.on-bad-row=skip 'sum(b)' count -- unterm.csv
note="fanoutd: 1 row skipped, lines 3 to 6; first: swallow.csv:3: field 1: a quote that is neither at an edge of it nor doubled; $letters"
gives 'two stray quotes' 'sum_b,count
70,2' -s source.on-bad-row=skip 'sum(b)' count -- swallow.csv
gives 'quotes as letters' 'sum_b,count
210,6' -s source.quote=none 'sum(b)' count -- swallow.csv

# Bytes.
try 'old line ends' code 1 err~ 'cr.csv: it has carriage returns and no line feed' -- agg count -- cr.csv
gives 'Ctrl-A between fields' 'sum_b
2' -d '\x01' 'sum(b)' -- ctrla.csv
gives 'letters of other languages' 'who,sum_n
Müller,5' -t lines -s 'source.pattern=^(?<who>\w+) (?<n>\d+)' -g who 'sum(n)' -- utf.log

finish
