#!/usr/bin/env python3
"""[result], having, sort, offset, limit and rest against Python's fractions.

Usage: result.py FANOUTD [ROUNDS]. Each round makes rows, and expressions over what their groups
come to, totals in them and totals of totals; the groups are made, chosen and put in order here.
"""

import csv
import io
import os
import random
import subprocess
import sys
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "expression"))
from model import BAD, NULL, Maker, Real, arithmetic, decimal_text, nearest, parse, shown

AGGREGATES = [("n", "count", None), ("s", "sum", "x"), ("most", "max", "x"), ("t", "sum", "y")]
WAYS = [("fiber", 4096, 1), ("fiber", 7, 3), ("threads", 64, 1), ("callback", 1, 1)]
KEYS = ["", "a", "b", "B", "10", "9", "c d", "é"]


def cells(rows, key):
    """What a group comes to, as the texts of its cells."""
    x = [Fraction(row["x"]) for row in rows if row["x"]]
    y = [Fraction(row["y"]) for row in rows if row["y"]]
    return dict(key, n=str(len(rows)), s=decimal_text(sum(x)) if x else "",
                most=decimal_text(max(x)) if x else "", t=decimal_text(sum(y)) if y else "")


def is_double(value):
    return isinstance(value, Real) and value.double


class Total:
    """The sum of an argument over all groups."""

    def __init__(self, argument, exact):
        self.argument, self.exact = argument, exact

    def over(self, groups):
        """A number, NULL, or BAD where that of a row is."""
        if self.exact is not None:
            values = [Fraction(g[self.exact]) for g in groups if g[self.exact]]
            return Real(sum(values)) if values else NULL
        values = [self.argument(g) for g in groups]
        if BAD in values:
            return BAD
        values = [v for v in values if v is not NULL]
        if not values:
            return NULL
        if not all(v.finite() for v in values):
            return Real(sum(float(v.value) for v in values if not v.finite()))
        whole = sum(v.value for v in values)
        return Real(Fraction(nearest(whole)), True) if any(map(is_double, values)) else Real(whole)


class Round:
    def __init__(self, seed):
        self.random = r = random.Random(seed)
        wide = r.random() < 0.3
        self.rows = [{"k": r.choice(KEYS), "l": r.choice(["", "u", "v"]),
                      "x": "" if r.random() < 0.1 else
                      str(r.randrange(2**62, 2**63)) if wide and r.random() < 0.5 else
                      decimal_text(Fraction(r.randrange(-9999, 99999), r.choice([1, 10, 100]))),
                      "y": r.choice(["", "1", "2", "0.5"])} for _ in range(r.randrange(0, 60))]
        self.keys = r.choice([["k"], ["k", "l"]])
        groups = {}
        for row in self.rows:
            groups.setdefault(tuple(row[k] for k in self.keys), []).append(row)
        self.members = groups
        self.groups = [cells(rows, dict(zip(self.keys, key))) for key, rows in groups.items()]
        self.names = ["n", "s", "most", "t"]
        self.columns = []

    def totals(self, text, function, depth):
        """Divide an expression by a total."""
        r = self.random
        if r.random() < 0.4:
            name = r.choice(["n", "s", "t"])
            argument, exact = name, name
            of = None
        else:
            argument, of = Maker(r, ["n", "s", "t"]).number(depth)
            argument, exact = f"{argument} + 0", None
            of = Maker.plus_zero(of)
        value = Total(of, exact).over(self.groups)
        if value is BAD:
            return text, function

        def divided(row):
            a = function(row)
            if a is NULL or a is BAD or value is NULL:
                return BAD if a is BAD else NULL
            return arithmetic("/", a, value)
        return f"({text} + 0) / total({argument})", divided

    def add_column(self, name):
        """FALSE: some group would have a bad value."""
        r = self.random
        maker = Maker(r, self.names)
        number = r.random() > 0.25
        if not number:
            text, function = maker.text(2)
        else:
            text, function = maker.number(r.randrange(1, 3))
            function = Maker.plus_zero(function)
            text = f"{text} + 0"
            if r.random() < 0.6:
                text, function = self.totals(f"({text})", function, 2)
        values = [function(row) for row in self.groups]
        if BAD in values:
            return
        self.columns.append((name, text, function))
        for row, value in zip(self.groups, values):
            row[name] = "" if value is NULL else shown(value)
        # The text of a double, which the cell is here, would be read as a decimal.
        if number and not any(is_double(v) for v in values):
            self.names.append(name)

    def computed(self, row):
        for name, _, function in self.columns:
            value = function(row)
            row[name] = "" if value is NULL else shown(value)
            if value is BAD or (name in self.names and is_double(value)):
                return None
        return row

    def expect(self):
        """The configuration and the rows that it shall give; None: a bad value came up."""
        r = self.random
        for i in range(r.randrange(1, 4)):
            self.add_column(f"r{i}")
        having, holds = Maker(r, self.names).condition(2) if r.random() < 0.6 else (None, None)
        left = [g for g in self.groups if holds is None or holds(g) is True]
        if holds is not None and any(holds(g) is BAD for g in self.groups):
            return None
        by = r.choice(["n", "t", "s"]) if r.random() < 0.6 else None
        left.sort(key=lambda g: [key_order(g[k], self.groups, k) for k in self.keys])
        if by is not None:
            left.sort(key=lambda g: (g[by] == "", -Fraction(g[by] or 0)))
        limit, offset = r.randrange(0, 6), r.choice([0, 0, 1, 3])
        listed = left[offset:offset + limit] if limit else left[offset:]
        rest = r.random() < 0.6
        others = [row for key, rows in self.members.items() for row in rows
                  if not any(tuple(g[k] for k in self.keys) == key for g in listed)]
        if rest and others:
            row = self.computed(cells(others, {k: "" for k in self.keys} | {"k": "rest"}))
            if row is None:
                return None
            listed = listed + [row]
        lines = ["[source]", "type = csv"]
        for name, type_, column in AGGREGATES:
            lines += [f"[aggregate {name}]", f"type = {type_}"]
            lines += [f"column = {column}"] if column else []
        lines += ["[table it]", "group-by = " + ", ".join(self.keys), f"limit = {limit}",
                  f"offset = {offset}"]
        lines += [f"having = {having}"] if having else []
        lines += [f"sort = {by} desc"] if by else []
        lines += ["rest = rest"] if rest else []
        lines += ["[result]"] + [f"{name} = {text}" for name, text, _ in self.columns]
        header = self.keys + [a[0] for a in AGGREGATES] + [c[0] for c in self.columns]
        return lines, [header] + [[row[name] for name in header] for row in listed]


def key_order(key, groups, name):
    """Numbers by value where all are numbers, else bytewise; nulls last."""
    numbers = all(parse(g[name]) is not None for g in groups if g[name])
    if key == "":
        return (1, 0, b"")
    return (0, parse(key).value if numbers else 0, key.encode())


def run(program, config, data, way):
    strategy, batch, partitions = way
    done = subprocess.run(
        [program, "run", "-f", "csv", "-s", f"pipeline.strategy={strategy}", "-s",
         f"pipeline.batch={batch}", "-s", f"pipeline.partitions={partitions}", config, data],
        capture_output=True, text=True, timeout=50)
    return list(csv.reader(io.StringIO(done.stdout))), done.stderr


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    n = failures = 0
    for i in range(rounds):
        made = Round(f"results {i}")
        expected = made.expect()
        if expected is None:
            continue
        lines, wanted = expected
        with open("model.csv", "w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, ["k", "l", "x", "y"])
            writer.writeheader()
            writer.writerows(made.rows)
        with open("model.ini", "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        n += 1
        got, said = run(program, "model.ini", "model.csv", WAYS[i % len(WAYS)])
        if got == wanted:
            continue
        failures += 1
        if failures > 3:
            continue
        print(f"round {i}: {said}")
        print("\n".join(lines))
        for a, b in zip(wanted + [None] * len(got), got + [None] * len(wanted)):
            if a != b:
                print(f"  wanted {a}\n  got    {b}")
                break
    print(f"{n} tables, {failures} differ")
    sys.exit(1 if failures or n < rounds / 2 else 0)


main()
