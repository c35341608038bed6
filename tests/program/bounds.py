"""What sketches promise of numbers, against rationals: errors within the bound that their note tells.

Usage: bounds.py FANOUTD [SEED [ROUNDS]], with the columns and the ways of exact.py. Beyond a limit
that is reached at once, results stay within what `fanoutd plugins` and the note say, and are the
same bytes in whatever way they are asked for.
"""

import json
import math
import re
import subprocess
import sys
from fractions import Fraction

from exact import FANOUTD, KINDS, RANDOM, WAYS, Number, counted, nearest, tree, write

ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 18
WORST = Fraction(8, 1000)
MOST = sys.float_info.max


def run(arguments):
    done = subprocess.run([FANOUTD, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout, done.stderr


def ask(calls, way):
    """The cells, and the lines on standard error."""
    strategy, batch, partitions, parts = way
    command = ["agg", "-f", "tsv", "-s", "output.header=false"]
    command += [f"c{i}={call}" for i, call in enumerate(calls)]
    command += ["-s", f"pipeline.strategy={strategy}", "-s", f"pipeline.batch={batch}"]
    command += ["-s", f"pipeline.partitions={partitions}", "--", "rows.csv"]
    if parts == 1:
        out, notes = run(command)
    else:
        with open("p.ini", "w", encoding="utf-8") as file:
            file.write(run([*command[:1], "--print-ini", *command[1:]])[0])
        for part in range(parts):
            run(["run", "--part", f"{part + 1}/{parts}", "--partial", f"{part}.part", "p.ini"])
        out, notes = run(["merge", *tree([f"{part}.part" for part in range(parts)])])
    return out.rstrip("\n").split("\t"), notes


def bound_of(notes, column):
    """The part of 1 that the note of a column tells; None: there is no note."""
    found = re.search(rf"c{column} is approximate: .*?error at most ([0-9.e-]+) %", notes)
    return Fraction(found[1]) / 100 if found else None


def near(ordered, q):
    rank = (len(ordered) - 1) * q
    return ordered[math.floor(rank + Fraction(1, 2))]


def middle(ordered):
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def ranks(values):
    """Call by call: what it stands for, and the magnitude that its error is a part of."""
    ordered = sorted(values)
    n = len(ordered)
    found = {}
    for q in ("0", "0.1", "0.5", "0.87654321098765432109876", "1"):
        exact = near(ordered, Fraction(q))
        found[f"quantile(x, q={q}, limit=LIMIT)"] = exact, abs(exact)
    low, high = near(ordered, Fraction(1, 4)), near(ordered, Fraction(3, 4))
    found["iqr(x, limit=LIMIT)"] = high - low, abs(low) + abs(high)
    centre = near(ordered, Fraction(1, 2))
    distance = middle(sorted(abs(x - centre) for x in ordered))
    for scale in ("1", "1.4826", "3.00000000000000000000001"):
        exact, by = distance * Fraction(scale), Fraction(scale)
        found[f"mad(x, scale={scale}, limit=LIMIT)"] = exact, exact + 2 * by * abs(centre)
    out = min(n // 5, (n - 1) // 2)
    left = ordered[out : n - out]
    found["trimmed-mean(x, trim=0.2, limit=LIMIT)"] = sum(left) / len(left), sum(map(abs, left)) / len(left)
    return found


def check_ranks(rows):
    values = [Number(x).value for _, x, _ in rows if x]
    different = len(set(values))
    wanted = ranks(values)
    limit = RANDOM.choice([0, 5, 50])
    calls = [call.replace("LIMIT", str(limit)) for call in wanted]
    write("rows.csv", rows)
    cells, notes = ask(calls, ("fiber", 4096, 1, 1))
    way = RANDOM.choice(WAYS)
    if ask(calls, way) != (cells, notes):
        sys.exit(f"{way} {calls}: other bytes than {cells}")
    if different <= limit:
        return
    for i, (call, (exact, magnitude)) in enumerate(wanted.items()):
        part = bound_of(notes, i)
        if cells[i] in ("inf", "-inf"):
            # Beyond the doubles, as far as is known.
            if math.isfinite(nearest(abs(exact) + WORST * magnitude)):
                sys.exit(f"{call}: {cells[i]} in place of {float(exact)}")
            continue
        found = Number(cells[i]).value
        # Rounding to a double comes on top.
        off = abs(found - exact) - Fraction(math.ulp(min(nearest(abs(exact)), MOST)))
        if part is None:
            # The ends are known.
            if found != exact:
                sys.exit(f"{call}: {cells[i]} without a note, in place of {nearest(exact)}")
        elif part > WORST or off > part * magnitude:
            sys.exit(f"{call}, limit {limit}: {cells[i]} is not within {float(part)} of {nearest(exact)}")
        if call.startswith("quantile") and not min(values) <= found <= max(values):
            sys.exit(f"{call}: {cells[i]} lies outside")


def check_mad():
    """The median and its neighbour at the ends of their buckets: what both are off is scaled, too."""
    texts = ["0.99999", "0.99999", "1.01562", "1.015625", "1.015625"]
    write("rows.csv", [(i, x, "") for i, x in enumerate(texts)])
    (cell,), notes = ask(["mad(x, scale=3, limit=0)"], ("fiber", 4096, 1, 1))
    exact = 3 * (Fraction("1.015625") - Fraction("1.01562"))
    off = abs(Fraction(cell) - exact) / (exact + 6 * Fraction("1.01562"))
    if "0.8 % of the MAD and of twice the scaled median" not in notes or off > WORST:
        sys.exit(f"mad: {cell}, {notes}")


def check_distinct():
    n = RANDOM.choice([300, 3000])
    start = RANDOM.choice([2**64 - 10**6, 10**37, Fraction(1, 10**38)])
    values = [start + i * RANDOM.choice([1, 2]) if start > 1 else start * (i + 1) for i in range(n)]
    texts = [str(x) if isinstance(x, int) else "0." + str(int(x * 10**38)).zfill(38) for x in values]
    write("rows.csv", [(i, x, "") for i, x in enumerate(texts * 2)])
    n = len(set(values))
    calls = ["distinct(x, as=number, limit=100)", "distinct(x, as=number)", "distinct(x, limit=100)"]
    cells, notes = ask(calls, ("fiber", 4096, 1, 1))
    if ask(calls, RANDOM.choice(WAYS)) != (cells, notes):
        sys.exit(f"{calls}: other bytes than {cells}")
    if int(cells[1]) != n or any(abs(int(cells[i]) - n) > 5 * 0.0081 * n for i in (0, 2)):
        sys.exit(f"distinct: {cells} in place of {n}")
    if "standard error 0.81 %" not in notes:
        sys.exit(f"distinct: no note: {notes}")


def check_top():
    """Few frequent values among many that come once."""
    start = 2**64 - 10**5
    texts = [str(start + i) for i in range(3000)]
    texts += [str(start - i) for i in range(1, 12) for _ in range(40 * i)]
    RANDOM.shuffle(texts)
    write("rows.csv", [(i, x, "") for i, x in enumerate(texts)])
    counts = counted([Number(x) for x in texts])
    calls = ["top(x, as=number, capacity=1000, k=500)"]
    cells, notes = ask(calls, ("fiber", 4096, 1, 1))
    way = RANDOM.choice(WAYS)
    if ask(calls, way) != (cells, notes):
        sys.exit(f"{way} {calls}: other bytes than {cells}")
    most = Fraction(2 * len(texts), 1000)
    listed = {}
    # As integers they are what they are.
    for value, count, error in json.loads(cells[0]):
        listed[value] = count
        if error > most or not count - error <= counts[value] <= count:
            sys.exit(f"top: {value} came {counts[value]} times, not {count} less {error}")
    if any(count > 2 * most and value not in listed for value, count in counts.items()):
        sys.exit(f"top: something is missing in {cells}")


def main():
    for i in range(ROUNDS):
        kind = KINDS[i % len(KINDS)]
        n = RANDOM.choice([2, 7, 60, 300])
        check_ranks([(k, kind() if RANDOM.random() > 0.1 or k == 0 else "", "") for k in range(n)])
    check_mad()
    for _ in range(max(1, ROUNDS // 6)):
        check_distinct()
        check_top()


if __name__ == "__main__":
    main()
