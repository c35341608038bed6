"""Operators of two columns, and counts of numbers, against a model in exact rationals.

Usage: operators.py FANOUTD [SEED].
"""

import json
import math
import os
import random
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

FANOUTD = sys.argv[1]
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
CALLS = {
    "least": "argmin(x, value=t)",
    "most": "argmax(x, value=t)",
    "first_day": "argmin(d, value=t, as=text)",
    "last_day": "argmax(d, value=x, as=text)",
    "most_number": "argmax(x, value=w, as=number)",
    "top": "largest(x, k=4, value=t)",
    "bottom": "smallest(x, k=3, value=d)",
    "late": "largest(d, k=5, as=text, value=x)",
    "median": "median(x, weight=w)",
    "quantile": "quantile(x, q=0.123, weight=w)",
    "third": "quantile(x, q=1, weight=w, method=3)",
    "numbers": "count(m, as=number)",
    "others": "missing(m, as=number)",
    "texts": "count(m)",
    "nulls": "missing(m)",
}


def make(n):
    rows = []
    for _ in range(n):
        rows.append(
            {
                "g": RANDOM.choice("abc"),
                "x": RANDOM.choice([f"{RANDOM.randrange(-50, 50) / 4}", f"{RANDOM.randrange(9)}.50", "", "007"]),
                "t": RANDOM.choice(["", "α", "a long text that is kept elsewhere", "1.0", f"{RANDOM.random()}"]),
                "d": RANDOM.choice(["", f"2026-{RANDOM.randrange(1, 13):02}-{RANDOM.randrange(1, 29):02}T10:00:00Z"]),
                "w": RANDOM.choice(["", "0", "1", "2", "3.0", "1e2", str(RANDOM.randrange(5))]),
                "m": RANDOM.choice(["", " ", "1", "2.5", "x", "12%"]),
            }
        )
    return rows


def number(text):
    return Fraction(Decimal(text))


def pick(rows, key, value, compare, best, shown=lambda text: text):
    """The value where the key is least or largest, of equal ones the first."""
    found = [(compare(row[key]), -i, row[value]) for i, row in enumerate(rows) if row[key] and row[value]]
    if not found:
        return None
    extreme = best(entry[0] for entry in found)
    return shown(next(text for key, _, text in found if key == extreme))


def ranked(rows, key, value, compare, k, reverse):
    found = [row for row in rows if row[key] and row[value]]
    found = sorted(found, key=lambda row: compare(row[key]), reverse=reverse)
    return [row[value] for row in found[:k]] or None


def repeated(rows):
    values = []
    for row in rows:
        if row["x"] and row["w"]:
            values += [number(row["x"])] * int(Decimal(row["w"]))
    return sorted(values)


def quantile(values, q):
    if not values:
        return None
    rank = (len(values) - 1) * q
    low = math.floor(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (rank - low)


def expect(rows):
    is_number = [bool(NUMBER.fullmatch(row["m"].strip())) for row in rows]
    text = str
    weighted = repeated(rows)
    return {
        "least": pick(rows, "x", "t", number, min),
        "most": pick(rows, "x", "t", number, max),
        "first_day": pick(rows, "d", "t", text, min),
        "last_day": pick(rows, "d", "x", text, max),
        "most_number": pick(rows, "x", "w", number, max, number),
        "top": ranked(rows, "x", "t", number, 4, True),
        "bottom": ranked(rows, "x", "d", number, 3, False),
        "late": ranked(rows, "d", "x", text, 5, True),
        "median": quantile(weighted, Fraction(1, 2)),
        "quantile": quantile(weighted, Fraction(123, 1000)),
        "third": weighted[-1] if weighted else None,
        "numbers": sum(is_number),
        "others": len(rows) - sum(is_number),
        "texts": sum(1 for row in rows if row["m"]),
        "nulls": sum(1 for row in rows if not row["m"]),
    }


def run(arguments):
    done = subprocess.run([FANOUTD, *arguments], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


def ask(rows, grouped, settings, parts):
    with open("rows.csv", "w", newline="", encoding="utf-8") as file:
        file.write("g,x,t,d,w,m\n")
        for row in rows:
            file.write(",".join(row.values()) + "\n")
    command = ["agg", "-s", "source.on-bad-value=null", "-f", "ndjson"]
    command += ["-g", "g"] if grouped else []
    command += [f"{name}={call}" for name, call in CALLS.items()]
    for setting in settings:
        command += ["-s", setting]
    if not parts:
        return run([*command, "--", "rows.csv"])
    with open("p.ini", "w", encoding="utf-8") as file:
        file.write(run([*command, "--print-ini", "--", "rows.csv"]))
    cuts = sorted(RANDOM.choices(range(len(rows) + 1), k=2))
    names = []
    for i, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)])):
        with open(f"{i}.csv", "w", newline="", encoding="utf-8") as file:
            file.write("g,x,t,d,w,m\n")
            for row in rows[start:end]:
                file.write(",".join(row.values()) + "\n")
        run(["run", "p.ini", "--partial", f"{i}.part", f"{i}.csv"])
        names.append(f"{i}.part")
    return run(["merge", *names])


def same(found, wanted):
    if isinstance(wanted, Fraction):
        return found is not None and (Fraction(Decimal(found)) == wanted or float(found) == float(wanted))
    return found == wanted if not isinstance(wanted, int) else found == str(wanted)


def expect_groups(rows, grouped):
    groups = {row["g"] for row in rows} if grouped else {None}
    return {g: expect([row for row in rows if g in (None, row["g"])]) for g in groups}


def check(rows, grouped, settings, parts, groups):
    found = ask(rows, grouped, settings, parts).splitlines()
    if len(found) != len(groups):
        sys.exit(f"{settings}: {len(found)} groups in place of {len(groups)}")
    for line in found:
        result = json.loads(line, parse_float=str, parse_int=str)
        for name, value in groups[result.get("g")].items():
            if not same(result[name], value):
                sys.exit(f"{settings} parts={parts} {CALLS[name]}: {result[name]} in place of {value}\n{rows}")


def main():
    ways = [(s, b, p) for s in ("fiber", "threads", "callback") for b in (1, 7, 4096) for p in (1, 3) if s == "fiber" or p == 1]
    for i in range(48):
        strategy, batch, partitions = ways[i % len(ways)]
        rows = make(RANDOM.choice([0, 1, 5, 30, 200]))
        settings = [f"pipeline.strategy={strategy}", f"pipeline.batch={batch}", f"pipeline.partitions={partitions}"]
        check(rows, i % 3 == 1, settings, i % 8 == 7, expect_groups(rows, i % 3 == 1))
    # Pieces of the input.
    rows = make(16000)
    for grouped in (False, True):
        groups = expect_groups(rows, grouped)
        for partitions in (2, 3):
            check(rows, grouped, [f"pipeline.partitions={partitions}"], False, groups)


os.environ.pop("FANOUT_PLUGIN_PATH", None)
main()
