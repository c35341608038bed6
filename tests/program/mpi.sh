#!/bin/sh
# fanoutd-mpi: a run on several ranks of one machine is one run.
. "$(dirname "$0")/harness.sh"

mpi=$FANOUT_BUILD_DIR/bin/fanoutd-mpi
launcher=$(command -v mpirun || command -v mpiexec) || launcher=
if [ ! -x "$mpi" ] || [ -z "$launcher" ]; then
  echo 'mpi: there is no MPI here'
  exit 0
fi
alone=$FANOUTD
# More ranks than cores, and as whoever runs the tests; OpenMPI and MPICH each know their own.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_orte_execute_quiet=1 OMPI_MCA_mpi_yield_when_idle=1
# What is not freed is MPI's.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
# In which order MPI takes its own locks is its own business.
export TSAN_OPTIONS="${TSAN_OPTIONS-}:detect_deadlocks=0"

# With a launcher's own words about exit codes left out.
cat >ranks <<SCRIPT
#!/bin/sh
"$launcher" -n "\${RANKS:-3}" "$mpi" "\$@" 2>said
code=\$?
sed '/^-----*\$/,/^-----*\$/d; /^\$/d' said >&2
exit \$code
SCRIPT
chmod +x ranks

python3 - <<'PYTHON'
import gzip
import random
r = random.Random(1)
TEXTS = ["plain", '"q,q"', '"two\nlines"', '"say ""a"""', '"\n\n"', ""]
with open("a.csv", "w") as file:
    file.write("k,x,t\n")
    for _ in range(700):
        file.write(f"{r.randrange(9)},{r.randrange(1000) / 10},{r.choice(TEXTS)}\n")
    file.write('1,2,"the last\nhas no row end"')
with open("b.csv", "w") as file:
    file.write("t,k,x\r\n" + "".join(f"z{i},{r.randrange(20)},{i}\r\n" for i in range(300)))
open("empty.csv", "w").close()
with gzip.open("packed.csv", "wt") as file:
    file.write("x,t,k\n" + "".join(f"{i},w,{i % 9}\n" for i in range(5000)))
# Text within quotes that looks like rows for longer than anybody looks.
rows = "".join(f"{i % 7},{i}\n" for i in range(30000))
with open("odd.csv", "w") as file:
    file.write("k,x\n" + rows + '3,"1\n' + rows + '"\n' + rows)
with open("many.csv", "w") as file:
    file.write("k,x\n" + "".join(f"key{r.randrange(20000)},{r.randrange(1000)}\n" for _ in range(100000)))
PYTHON
aggregates='[aggregate n]\ntype = count\n[aggregate s]\ntype = sum\ncolumn = x\n[aggregate f]\ntype = first\ncolumn = x\n'
file p.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = a.csv, empty.csv, packed.csv, b.csv
[aggregate a]\ntype = collapse\ncolumn = t\n'"$aggregates"
file odd.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = odd.csv\non-bad-value = null\n'"$aggregates"
file skip.ini '[source]\ntype = csv\npath = skip.csv\non-bad-row = skip\non-bad-value = null\n[aggregate b]\ntype = bit-or\ncolumn = x\non-error = drop\n'"$aggregates"
{ echo x; seq 200; printf '1,2\n3\nfoo\n"open,\n\n'; seq 200; printf '"\n2.5\n'; seq 300; echo 3.5; } >skip.csv
file empty.ini '[source]\ntype = csv\npath = empty.csv\n'"$aggregates"
file many.ini '[source]\ntype = csv\npath = many.csv\n[table groups]\ngroup-by = k\n[table all]\n[output]\nformat = json\n'"$aggregates"

# as_one RANKS PIPELINE: the bytes, the notes and the exit code of one run.
as_one () {
  "$alone" run "$2" >one 2>one.said
  want=$?
  RANKS=$1 ./ranks run "$2" >all 2>all.said
  [ $? = $want ] && cmp one all && cmp one.said all.said
}
for n in 1 2 8; do
  check "$n ranks" as_one $n p.ini
done
check 'pieces that begin inside quotes, which nobody sees' as_one 7 odd.ini
check 'rows skipped, values nulled, an aggregate dropped' as_one 5 skip.ini
check 'no bytes' as_one 4 empty.ini

file row.ini '[pipeline]\ngroup-by = k\nwhere = row() %% 7 != 3\n[source]\ntype = csv\npath = a.csv, empty.csv, packed.csv, b.csv\n[let]\nr = row()\n[aggregate rows]\ntype = collapse\ncolumn = r\nlimit = 10000\n[aggregate l]\ntype = argmin\ncolumn = x\nvalue = r\n[aggregate f]\ntype = first\ncolumn = x\n'
sed 's/^path = .*/path = odd.csv\non-bad-value = null/' row.ini >odd-row.ini
sed '/^group-by/d; s/^path = .*/path = skip.csv\non-bad-row = skip/' row.ini >skip-row.ini
sed 's/^path = .*/path = empty.csv/; /^\(group\|where\)/d' row.ini >empty-row.ini
for n in 1 2 8; do
  check "rows that are numbered, $n ranks" as_one $n row.ini
done
check 'and begin inside quotes' as_one 7 odd-row.ini
check 'and are skipped' as_one 5 skip-row.ini
check 'and are not there' as_one 3 empty-row.ini

FANOUTD=./ranks
export RANKS=4
try 'statistics' out. err~ '"rows":100000,' err~ '"ranks":4,"meeting":"tree"}' -- run --stats many.ini
RANKS=9
"$alone" run many.ini >one
try 'groups that are dealt' out "$(cat one)" err~ '"meeting":"dealt"}' -- run --stats many.ini
RANKS=3
try 'results in a file' -- run -o r.csv p.ini
check 'are those of one run' sh -c '"$0" run -f csv p.ini | cmp - r.csv' "$alone"

# A failure is told once, whichever rank has it.
{ cat a.csv; printf '\n1,2\n'; } >bad.csv
line=$(wc -l <bad.csv)
try 'a bad row' code 1 err "fanoutd: bad.csv:$line: 2 fields where 3 are wanted; ragged = true takes shorter and longer rows" -- run p.ini bad.csv
try 'no such input' code 1 err 'fanoutd: nowhere.csv: No such file or directory' -- run p.ini nowhere.csv
file wrong.ini '[source]\ntype = csv\npath = a.csv\n[aggregate s]\ntype = summ\ncolumn = x\n'
try 'a mistake in the file' code 78 err~ "fanoutd: wrong.ini:5: [aggregate s] type: there is no operator 'summ'" -- run wrong.ini
file ewma.ini '[source]\ntype = csv\npath = a.csv\n[aggregate e]\ntype = ewma\ncolumn = x\n'
try 'an operator without partial results' code 78 err 'fanoutd: ewma.ini:4: [aggregate e]: ewma gives no partial results: its result is a matter of sequence' -- run ewma.ini
try 'too many groups' code 1 err* '*more than 5 groups: \[pipeline\] max-groups allows more' -- run -s pipeline.max-groups=5 p.ini
try 'no folder for the output' code 1 err~ 'fanoutd: nowhere/r.csv: ' -- run -o nowhere/r.csv p.ini
try 'standard input' code 2 err "fanoutd: run: ranks have no standard input in common: name the files (see 'fanoutd run -h')" -- run p.ini -
try 'another verb' code 2 err "fanoutd: the only verb is 'run' (see 'fanoutd -h')" -- merge a.part
try 'help' out~ 'Usage: mpirun fanoutd-mpi run' -- run -h

# One that is ended ends all. What it does to each row takes longer than it takes to see that it reads.
{ echo x; yes 12 | head -c 60000000; } >big.csv
file big.ini "[pipeline]\nwhere = sub(text(x), '([0-9])([0-9])', '\\\\2\\\\1') ~ '^(2|3)(1|4)\$'\n[source]\ntype = csv\npath = big.csv\n$aggregates"
cat >end-one <<'PYTHON'
import os
import signal
import subprocess
import sys


def reads(pid):
    try:
        with open(f"/proc/{pid}/io") as io:
            count = int(io.readline().split()[1])
        return os.readlink(f"/proc/{pid}/exe") == sys.argv[1] and os.readlink(f"/proc/{pid}/cwd") == os.getcwd() and count > 15000000
    except (OSError, ValueError):
        return False


job = subprocess.Popen(["./ranks", "run", "big.ini"], stdout=open("out", "wb"), stderr=open("err", "wb"))
victim = None
while victim is None and job.poll() is None:
    victim = next((pid for pid in os.listdir("/proc") if pid.isdigit() and reads(pid)), None)
os.kill(int(victim), signal.SIGTERM)
sys.exit(job.wait())
PYTHON
terminated () {
  python3 end-one "$mpi"
  code=$?
  cat err
  [ $code = 143 ] && [ ! -s out ] && grep -q '^fanoutd: interrupted after [0-9]* rows$' err && [ "$(wc -l <err)" = 1 ]
}
[ ! -r /proc/self/io ] || check 'one rank is terminated' terminated
finish
