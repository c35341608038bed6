#!/bin/sh
# The recipes of conf/cluster/, as far as one machine has what they need.
. "$(dirname "$0")/harness.sh"

cluster=$top/conf/cluster
mkdir path
ln -s "$FANOUTD" path/fanoutd
PATH=$PWD/path:$PATH
python3 - <<'PYTHON'
import random
r = random.Random(1)
with open("flights.csv", "w") as file:
    for _ in range(3000):
        file.write(f"{r.randrange(9)},{r.randrange(1000) / 10},{r.choice(['plain', '', 'z'])}\n")
PYTHON
file flights.ini '[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = flights.csv\ncolumns = k, x, t\n[aggregate s]\ntype = sum\ncolumn = x\n[aggregate l]\ntype = last\ncolumn = t\n'
fanoutd run flights.ini >one

for script in "$cluster"/*.sh "$cluster"/*.sbatch; do
  check "$(basename "$script") can be read" sh -n "$script"
done

# As on one machine by hand.
map_and_reduce () {
  split -n l/3 flights.csv piece.
  task=0
  for piece in piece.*; do
    mapreduce_task_partition=$task sh "$cluster/map.sh" <"$piece" || return
    task=$((task + 1))
  done | sort | sh "$cluster/reduce.sh" >reduced
  cmp one reduced
}
check 'a map and a reduce' map_and_reduce

if ! parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
  echo 'cluster: there is no GNU parallel here'
  finish
fi
spread () { sh "$cluster/parallel.sh" flights.ini 5 >all 2>said; }
all_is_one () { spread && cmp one all; }
check 'GNU parallel' all_is_one
rm -f flights.parts/3.part flights.parts/5.part
check 'what is missing is made' all_is_one

# A fanoutd that ends as FIRST says, once for each part.
mkdir first
cat >first/fanoutd <<SCRIPT
#!/bin/sh
case \$3 in
  */5)
    mark=\$(echo "\$3" | tr / _).\$WAY
    if [ ! -e "\$mark" ]; then
      : >"\$mark"
      eval "\$FIRST"
    fi ;;
esac
exec "$FANOUTD" "\$@"
SCRIPT
chmod +x first/fanoutd
PATH=$PWD/first:$PATH
fails_first () {
  rm -rf flights.parts
  export WAY="$1" FIRST="$2"
}
fails_first passing 'exit 75'
check 'what may pass is tried again' all_is_one
fails_first killed 'kill -KILL $$'
check 'what was killed is tried again' all_is_one
late='"'$FANOUTD'" "$@"; kill -KILL $$'
fails_first late "$late"
check 'also where its part is there' all_is_one
fails_first wrong 'exit 78'
told () { ! spread && [ ! -s all ]; }
check 'what is wrong is not' told
finish
