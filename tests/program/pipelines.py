#!/usr/bin/env python3
"""Whole pipelines with filters, derived columns and tables against an independent model.

Usage: pipelines.py FANOUTD [SEED [ROUNDS]]. Each round makes inputs, expressions and tables, runs
them in several ways, which must give the same bytes, and compares the results with a plain
computation over all rows.
"""

import gzip
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "expression"))
from model import BAD, NULL, Maker, Real, is_nan, nearest, order, parse  # noqa: E402

FANOUTD = sys.argv[1]
COLUMNS = ["a", "b", "c", "k", "w", "t"]
TIMES = ["", "2020-02-29T23:59:59.5Z", "1969-12-31 23:00", "951782400", "2020-03-01T01:30:00+02:00"]
HOURS = [None, "2020-02-29T23:00:00Z", "1969-12-31T23:00:00Z", "2000-02-29T00:00:00Z", "2020-02-29T23:00:00Z"]
CLEAN = ["", "0", "1", "-1", "2.5", "3.50", "1e3", "12", "0.1", "100", "-7.25", "007", "+4", "9223372036854775807"]
TEXTS = ["abc", "x,y", "Bär", "a1b2", "ab", 'say "a"', "two\nlines", "\n", "y" * 70]
ODD = [" 5 ", "12345678901234567890", "1234567890123456789.0123456789012345678", "-1e-38", "1" * 40, "-98765432109876543210.5", "1e300", "-1e-300", "0.000000000000000001", "nan"]
KEYS = ["ord", "jfk", "Bär", "1", "1.0", "01", "", "two\nlines", "x,y"]
WAYS = [
    (strategy, batch, partitions)
    for strategy in ("fiber", "threads", "callback")
    for batch in (1, 2, 3, 7, 4096)
    for partitions in (1, 2, 3, 4)
    if strategy != "callback" or partitions == 1
]


class Row(dict):
    """Cells by name, with what was taken of them."""

    def __init__(self, cells, place, lenient):
        super().__init__(cells)
        self.place, self.lenient, self.nulled = place, lenient, set()


class Lets(Maker):
    """Expressions over columns and over what was derived before."""

    def __init__(self, random_, names):
        super().__init__(random_, list(names))
        self.lets = []

    @staticmethod
    def read(row, name):
        if not row[name].strip(" \t"):
            return NULL
        value = parse(row[name])
        if value is not None:
            return value
        if not row.lenient:
            return BAD
        row.nulled.add(name)
        return NULL

    def derived(self, kinds):
        found = [let for let in self.lets if let[1] in kinds]
        return self.random.choice(found) if found and self.random.random() < 0.3 else None

    def number(self, depth):
        let = self.derived("nc")
        if let is None:
            return super().number(depth)
        name, kind, function = let

        def as_number(row):
            value = function(row)
            return Real(Fraction(value)) if isinstance(value, bool) else value

        return (f"({name} + 0)", as_number) if kind == "c" else (name, function)

    def text(self, depth):
        let = self.derived("nct")
        if let is None:
            return super().text(depth)
        name, _, function = let
        return f"text({name})", lambda row: as_text(function(row))

    def condition(self, depth):
        let = self.derived("c")
        return super().condition(depth) if let is None else (let[0], let[2])

    @staticmethod
    def hour(row):
        if row["t"] in TIMES:
            return HOURS[TIMES.index(row["t"])] or NULL
        if not row.lenient:
            return BAD
        row.nulled.add("t")
        return NULL

    def define(self, name, depth):
        kind = self.random.choice("nntttccch")
        if kind == "h":
            text, function = "bucket(time(t), 1h)", self.hour
        else:
            text, function = {"n": self.number, "t": self.text, "c": self.condition}[kind](depth)
        if kind == "n":
            text, function = f"({text}) + 0", self.plus_zero(function)
        self.lets.append((name, kind, function))
        if name in self.names:
            self.names.remove(name)
        return text


def as_text(value):
    if value is NULL or value is BAD or isinstance(value, str):
        return value
    return ("false", "true")[value] if isinstance(value, bool) else value.text()


# Operators: what they make of rows, which are lists of values of their columns, and what these are
# taken as.


def sum_of(values):
    finite = [v for v in values if v.finite()]
    odd = [float(v.value) for v in values if not v.finite()]
    return sum(odd) if odd else sum((v.value for v in finite), Fraction(0)) if values else None


def mean_of(values):
    total = sum_of(values)
    return total / len(values) if isinstance(total, Fraction) else total


def extreme(values, sign):
    known = [v for v in values if not is_nan(v)] or values
    best = None
    for v in known:
        if best is None or order(v, best) == sign:
            best = v
    return None if best is None else best.value if best.finite() else float(best.value)


def quantile(values):
    if any(is_nan(v) for v in values):
        return math.nan
    if not values:
        return None
    numbers = sorted(values, key=lambda v: v.value)
    rank = Fraction(len(numbers) - 1) / 4
    low = math.floor(rank)
    x, y = numbers[low].value, numbers[min(low + 1, len(numbers) - 1)].value
    return x + (y - x) * (rank - low)


def most_frequent(values):
    if not values:
        return None
    counts = {}
    for v in values:
        counts[v] = counts.get(v, 0) + 1
    most = max(counts.values())
    return min(sort_keys([v for v in counts if counts[v] == most], set(values)), key=lambda k: k[0])[1]


def is_number(text):
    return parse(text) is not None


def sort_keys(texts, among):
    """(what is compared, text) of each."""
    if all(is_number(t) for t in among):
        return [(number_key(t), t) for t in texts]
    return [((t.encode(),), t) for t in texts]


def number_key(text):
    value = parse(text)
    return (is_nan(value), 0 if is_nan(value) else value.value, text.encode())


def largest_beside(pairs):
    best = None
    for x, beside in pairs:
        if best is None or (is_nan(best[0]) and not is_nan(x)) or order(x, best[0]) == 1:
            best = (x, beside)
    return None if best is None else best[1]


OPERATORS = {
    "count": ("count", "t", lambda vs: len([v for v in vs if v is not None])),
    "missing": ("missing", "t*", lambda vs: len([v for v in vs if v is None])),
    "first": ("first", "t", lambda vs: vs[0] if vs else None),
    "last": ("last", "t", lambda vs: vs[-1] if vs else None),
    "distinct": ("distinct", "t", lambda vs: len(set(vs))),
    "mode": ("mode", "t", most_frequent),
    "sum": ("sum", "n", sum_of),
    "mean": ("mean", "n", mean_of),
    "min": ("min", "n", lambda vs: extreme(vs, -1)),
    "max": ("max", "n", lambda vs: extreme(vs, 1)),
    "quarter": ("quantile\nq = 0.25", "n", quantile),
    "argmax": ("argmax", "nt", largest_beside),
}
# Those that only have to be the same everywhere.
OTHERS = ["stddev", "top\nas = text", "unique", "largest", "sample\nk = 3", "range", "entropy", "checksum", "any", "mad", "regression"]
# Those that fail, and are dropped.
FRAGILE = ["mode\nlimit = 2", "median\nweight = b"]
NUMERIC = ["stddev", "largest", "range", "mad", "regression", FRAGILE[1]]


class Table:
    def __init__(self, name, keys, where, rollup):
        self.name, self.keys, self.where, self.rollup = name, keys, where, rollup


class Aggregate:
    def __init__(self, name, operator, columns, where, tables):
        self.name, self.operator, self.columns, self.where, self.tables = name, operator, columns, where, tables


class Case:
    def __init__(self, seed):
        self.random = r = random.Random(seed)
        self.lenient = r.random() < 0.4
        self.skip = r.random() < 0.4
        self.enough = r.random() < 0.15
        self.type = r.choice(["csv", "csv", "jsonl", "tsv"])
        self.make_inputs()
        self.make_expressions()
        self.make_tables()
        self.drop = r.random() < 0.15 and not self.enough
        self.make_aggregates()
        self.max_groups = r.choice([1, 2, 4, 9]) if r.random() < 0.1 else 1000

    def make_inputs(self):
        r = self.random
        odd = ODD if r.random() < 0.5 else ODD[:2]
        bad = r.choice([0, 0, 0.01, 0.1]) if not self.lenient else r.choice([0.05, 0.3])
        self.inputs, record = [], 0
        for i in range(r.choice([1, 1, 2, 3, 7])):
            header = COLUMNS + (["extra"] if r.random() < 0.3 else [])
            if i > 0:
                r.shuffle(header)
            separator = {"csv": ",", "tsv": "\t"}.get(self.type)
            name, rows, lines = f"{i}.csv", [], [separator.join(header)] if separator else []
            line = len(lines)
            for _ in range(r.choice([0, 1, 3, 10, 40])):
                line += 1
                cells = {}
                for column in header:
                    pool = {"k": KEYS, "w": TEXTS + CLEAN, "t": TIMES}.get(column, CLEAN)
                    if column in "abct" and r.random() < bad:
                        pool = TEXTS
                    if column in "abc" and r.random() < 0.1:
                        pool = odd
                    cells[column] = r.choice(pool)
                    if column == "w" and r.random() < 0.002:
                        cells[column] = "long " * 14000
                if self.type == "tsv":
                    cells = {column: cell.replace("\n", "") for column, cell in cells.items()}
                written = write(r, self.type, header, cells)
                broken = r.random() < (0.1 if self.skip else 0.002)
                if broken:
                    written += ',"two\nlines",more' if self.type == "csv" and r.random() < 0.5 else f"{separator},more"
                rows.append((None if broken else cells, f"{name}:{line}", record))
                record += 1
                lines.append(written)
                line += written.count("\n")
            self.inputs.append((name, rows))
            with open(name, "w", newline="", encoding="utf-8") as file:
                file.write("".join(text + "\n" for text in lines) if rows or r.random() < 0.7 or i == 0 else "")

    def make_expressions(self):
        r = self.random
        self.maker = Lets(r, ["a", "b", "c"])
        self.let_texts = []
        for i in range(r.randrange(0, 6)):
            name = r.choice(["a", "k", "b"]) if r.random() < 0.15 else f"l{i}"
            if any(name == let[0] for let in self.maker.lets) or len(self.maker.names) < 2:
                continue
            self.let_texts.append((name, self.maker.define(name, r.randrange(1, 3))))
        self.where = self.condition(0.5)

    def condition(self, chance):
        r = self.random
        if r.random() >= chance:
            return None
        if r.random() < 0.1:
            return r.choice([("true", lambda row: True), ("1 = 2", lambda row: False), ("row() > 7", None), ("file() != '1.csv'", None)])
        return self.maker.condition(r.randrange(1, 3))

    def evaluate(self, condition, row):
        if condition is None:
            return True
        text, function = condition
        if function is not None:
            return function(row)
        return row.number > 7 if text[0] == "r" else row.place.split(":")[0] != "1.csv"

    def names(self):
        return ["k", "w", "b", "a"] + [let[0] for let in self.maker.lets]

    def make_tables(self):
        r = self.random
        self.named = r.random() < 0.7 and not self.enough
        pool = list(dict.fromkeys(self.names()))
        wheres = [None, None, self.condition(1), self.condition(1)]
        if not self.named:
            keys = [] if self.enough or r.random() < 0.3 else r.sample(pool, r.randrange(1, 3))
            self.tables = [Table(None, keys, None, False)]
            return
        self.tables = []
        whole = r.sample(pool, min(len(pool), r.randrange(1, 4)))
        for i in range(r.randrange(1, 5)):
            keys = r.sample(whole, r.randrange(0, len(whole) + 1)) if r.random() < 0.8 else r.sample(pool, 1)
            self.tables.append(Table(f"t{i}", keys, r.choice(wheres), r.random() < 0.3))

    def make_aggregates(self):
        r = self.random
        self.aggregates = []
        wheres = [None, None, self.condition(1), self.condition(1)]
        columns = ["a", "b", "c", "w"] + [let[0] for let in self.maker.lets]
        kinds = {let[0]: let[1] for let in self.maker.lets}
        numeric = [c for c in columns if c != "w" and kinds.get(c, "n") in "nc"]
        # A text that is the same in each row is a mistake in the file.
        fragile = [f for f in FRAGILE if f != FRAGILE[1] or "b" not in kinds]
        others = OTHERS + (fragile * 3 if self.drop else [])
        for i in range(r.randrange(1, 7)):
            operator = "first" if self.enough else r.choice(list(OPERATORS) if r.random() < (0.4 if self.drop else 0.8) else others)
            takes = OPERATORS[operator][1] if operator in OPERATORS else "nn" if operator == "regression" else "n" if operator in NUMERIC else "t"
            chosen = [r.choice(numeric if letter == "n" else columns) for letter in takes.strip("*")]
            tables = [t.name for t in self.tables if r.random() < 0.7] if self.named and r.random() < 0.4 else []
            self.aggregates.append(Aggregate(f"x{i}", operator, chosen, r.choice(wheres), tables))
        self.aggregates.append(Aggregate("n", "count", [], r.choice(wheres) if r.random() < 0.2 else None, []))
        if self.enough:
            self.aggregates.pop()

    def ini(self, direct=False):
        """Its text; `direct`: no table is made from another one."""
        lines = ["[pipeline]", f"max-groups = {self.max_groups}"]
        lines += ["on-error = drop"] if self.drop else []
        if self.where is not None:
            lines.append(f"where = {self.where[0]}")
        if not self.named and self.tables[0].keys:
            lines.append(f"group-by = {', '.join(self.tables[0].keys)}")
        lines += ["[source]", f"type = {self.type}"]
        lines += ["on-bad-value = null"] if self.lenient else []
        lines += ["on-bad-row = skip"] if self.skip else []
        lines += ["[let]"] + [f"{name} = {text}" for name, text in self.let_texts]
        for aggregate in self.aggregates:
            lines += [f"[aggregate {aggregate.name}]", f"type = {OPERATORS.get(aggregate.operator, [aggregate.operator])[0]}"]
            keys = ("column", "with") if aggregate.operator == "regression" else ("column", "value")
            lines += [f"{key} = {column}" for key, column in zip(keys, aggregate.columns)]
            lines += [f"where = {aggregate.where[0]}"] if aggregate.where else []
            lines += [f"tables = {', '.join(aggregate.tables)}"] if aggregate.tables else []
        for i, table in enumerate(self.tables if self.named else []):
            lines.append(f"[table {table.name}]")
            lines += [f"group-by = {', '.join(table.keys)}"] if table.keys else []
            lines += ["rollup = true"] if table.rollup else []
            where = table.where[0] if table.where else None
            if direct:
                where = f"({where}) and row() > -{i}" if where else f"row() > -{i}"
            lines += [f"where = {where}"] if where else []
        lines += ["[output]", "format = ndjson"]
        return "\n".join(lines) + "\n"

    # The model.

    def value(self, name, row, takes):
        """None: no value."""
        let = next((let for let in reversed(self.maker.lets) if let[0] == name), None)
        if let is None:
            if takes == "t":
                return row[name] or None
            value = Lets.read(row, name)
        else:
            value = let[2](row)
            if takes == "t":
                value = as_text(value)
            elif isinstance(value, bool):
                value = Real(Fraction(value))
        return None if value is NULL else value

    def is_in(self, aggregate, table):
        return not self.named or not aggregate.tables or table.name in aggregate.tables

    def take_row(self, row, groups):
        """Whether it passed the filter; raises ValueError where it is bad."""
        passed = self.evaluate(self.where, row)
        if passed is BAD:
            raise ValueError(row.place)
        if not passed:
            return False
        bad = False
        for table in self.tables:
            here = self.evaluate(table.where, row)
            bad |= here is BAD
            if here is BAD or not here:
                continue
            keys = [self.value(k, row, "t") for k in table.keys]
            bad |= any(key is BAD for key in keys)
            group = groups[table.name].setdefault(tuple(keys), {}) if not bad else {}
            for aggregate in self.aggregates:
                if not self.is_in(aggregate, table):
                    continue
                wanted = self.evaluate(aggregate.where, row)
                bad |= wanted is BAD
                if wanted is BAD or not wanted:
                    continue
                takes = OPERATORS[aggregate.operator][1] if aggregate.operator in OPERATORS else "tt"
                if aggregate.operator in NUMERIC:
                    takes = "nn"
                values = [self.value(c, row, t) for c, t in zip(aggregate.columns, takes)]
                bad |= any(value is BAD for value in values)
                if not bad and ("*" in takes or None not in values):
                    value = values[0] if len(values) == 1 else values
                    group.setdefault(aggregate.name, []).append((row.number, value))
        if bad:
            raise ValueError(row.place)
        return True

    def compute(self):
        self.groups = {table.name: {} for table in self.tables}
        for table in self.tables:
            if not table.keys:
                self.groups[table.name][()] = {}
        self.processed = self.filtered = self.skipped = self.nulled = 0
        for _, rows in self.inputs:
            for cells, place, number in rows:
                if cells is None:
                    if not self.skip:
                        raise ValueError(place)
                    self.skipped += 1
                    continue
                row = Row(cells, place, self.lenient)
                row.number = number + 1
                if self.take_row(row, self.groups):
                    self.processed += 1
                else:
                    self.filtered += 1
                self.nulled += len(row.nulled)
                if any(len(groups) > self.max_groups for groups in self.groups.values()):
                    raise ValueError("max-groups")
                if self.enough and all(a.name in self.groups[None][()] for a in self.aggregates):
                    return
        if any(len(self.results(table)) > self.max_groups for table in self.tables):
            raise ValueError("max-groups")

    def results(self, table):
        """{keys: {name: value}}, with the keys of the subtotals of a rollup."""
        groups = {}
        levels = range(len(table.keys), -1, -1) if table.rollup and table.keys else [len(table.keys)]
        for keys, values in self.groups[table.name].items():
            for level in levels:
                grouping = ", ".join(table.keys[:level]) or None
                shown = keys[:level] + (None,) * (len(keys) - level)
                group = groups.setdefault(shown + ((grouping,) if len(levels) > 1 else ()), {})
                for name, column in values.items():
                    group.setdefault(name, []).extend(column)
        return {keys: self.finish(table, values) for keys, values in groups.items()}

    def finish(self, table, values):
        found = {}
        for aggregate in self.aggregates:
            if aggregate.operator in OPERATORS and self.is_in(aggregate, table):
                taken = sorted(values.get(aggregate.name, []), key=lambda pair: pair[0])
                found[aggregate.name] = OPERATORS[aggregate.operator][2]([value for _, value in taken])
        return found


def write(r, type_, header, cells):
    if type_ == "tsv":
        return "\t".join(cells[column] for column in header)
    if type_ == "csv":
        return ",".join(quote(r, cells[column]) for column in header)
    members = []
    for column in header:
        cell = cells[column]
        if cell or r.random() < 0.3:
            plain = re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?", cell) and r.random() < 0.7
            shown = cell if plain else json.dumps(cell, ensure_ascii=r.random() < 0.5) if cell else r.choice(['""', "null"])
            members.append(f'"{column}":{shown}')
    return "{" + ", ".join(members) + "}"


def quote(r, cell):
    if any(c in cell for c in ',"\n') or r.random() < 0.1:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def in_order(rows, n_keys):
    """Whether groups come as the contract has it."""
    compared = []
    for k in range(n_keys):
        keys = [row[k] for row in rows]
        known = {key for key in keys if key is not None}
        ranks = {text: rank for rank, text in sort_keys(known, known)}
        compared.append([(1,) if key is None else (0, ranks[key]) for key in keys])
    lines = list(zip(*compared))
    return all(a <= b for a, b in zip(lines, lines[1:]))


def same(found, wanted):
    if found is None or wanted is None:
        return found is wanted
    if isinstance(wanted, (Fraction, float)):
        try:
            exact = Fraction(found)
        except ValueError:
            exact = float(found)
        if isinstance(wanted, float):
            return float(exact) == wanted or (math.isnan(wanted) and found == "nan")
        return exact == wanted or float(found) == nearest(wanted)
    return found == (str(wanted) if isinstance(wanted, int) else wanted)


class Number(str):
    pass


def run(arguments, piped=None):
    given = open(piped, "rb").read() if piped else b""
    done = subprocess.run([FANOUTD, *arguments], input=given, capture_output=True, timeout=60)
    err = done.stderr.decode().replace("standard input:", f"{piped}:")
    stats = {}
    if "--stats" in arguments:
        err, _, line = err.rstrip("\n").rpartition("\n")
        stats = json.loads(line)
        err += "\n" if err else ""
    return done.returncode, done.stdout, err, stats


def compare(case, out):
    """What is wrong with the results; None: nothing."""
    by_table = {table.name: [] for table in case.tables}
    for line in out.decode().splitlines():
        row = json.loads(line, parse_float=Number, parse_int=Number)
        by_table[row.pop("table", case.tables[0].name)].append(row)
    for table in case.tables:
        wanted = case.results(table)
        n = len(table.keys) + (1 if table.rollup and table.keys else 0)
        rows = [(tuple(list(row.values())[:n]), dict(list(row.items())[n:])) for row in by_table[table.name]]
        keys = [row[0] for row in rows]
        if sorted(map(repr, keys)) != sorted(map(repr, wanted)):
            return f"{table.name}: groups {keys} in place of {list(wanted)}"
        if not in_order(keys, n):
            return f"{table.name}: the order of {keys}"
        for key, row in rows:
            for name, value in wanted[key].items():
                if not same(row[name], value):
                    return f"{table.name} {key} {name}: {row[name]} in place of {value}"
    return None


def count(case, stats):
    wanted = [case.processed, case.filtered, case.skipped, case.nulled]
    found = [stats[name] for name in ("rows_processed", "rows_filtered", "rows_skipped", "values_nulled")]
    if found != wanted or stats["rows"] != sum(wanted[:3]):
        return f"counters {found} in place of {wanted}"
    return None


def check(case, r):
    with open("p.ini", "w", encoding="utf-8") as file:
        file.write(case.ini())
    with open("direct.ini", "w", encoding="utf-8") as file:
        file.write(case.ini(True))
    try:
        case.compute()
        failure = None
    except ValueError as error:
        failure = str(error)
    names = [name for name, _ in case.inputs]
    first = None
    for strategy, batch, partitions in [("fiber", 4096, 1)] + r.sample(WAYS, 4):
        for ini in ("p.ini", "direct.ini") if case.named and not case.drop and (r.random() < 0.6 or first is None) else ("p.ini",):
            settings = [f"pipeline.strategy={strategy}", f"pipeline.batch={batch}", f"pipeline.partitions={partitions}"]
            piped = names[0] if len(names) == 1 and r.random() < 0.3 else None
            arguments = [part for s in settings for part in ("-s", s)]
            code, out, err, stats = run(["run", "--stats", *arguments, ini, *(["-"] if piped else names)], piped)
            way = f"{ini} {strategy} {batch} {partitions}"
            if ((code != 0) != (failure is not None) and not case.drop) or code not in (0, 1):
                return f"{way}: exit {code}, wanted {failure}: {err}"
            if failure is not None and not case.drop and f"{failure}: " not in err and f"{failure} " not in err:
                return f"{way}: not at {failure}: {err}"
            if first is None:
                first = (out, err)
                wrong = compare(case, out) if code == 0 and not case.drop else None
                if wrong:
                    return f"{way}: {wrong}"
            elif first != (out, err):
                return f"{way}: another result: {first} and {(out, err)}"
            wrong = count(case, stats) if code == 0 and not case.drop else None
            if wrong:
                return f"{way}: {wrong}"
    if failure is None and not case.drop and "row()" not in case.ini() and "sample" not in case.ini():
        wrong = check_parts(first, names, r)
        # A part does not know that those before it have had enough, and fails at a row that one run never reads.
        if case.enough:
            return None if wrong and wrong.startswith("a part of") else wrong
        return wrong or check_pieces(first, names, r)
    return None


def check_parts(first, names, r):
    cut = r.randrange(0, len(names) + 1)
    parts = []
    for part in (names[:cut], names[cut:]):
        if part:
            name = f"{len(parts)}.part"
            code, _, err, _ = run(["run", "--partial", name, "-s", f"pipeline.partitions={r.randrange(1, 4)}", "p.ini", *part])
            if code != 0:
                return f"a part of {part}: {err}"
            parts.append(name)
    code, out, err, _ = run(["merge", *parts])
    if code != 0 or out != first[0]:
        return f"merged: {code} {err}: {first[0]} and {out}"
    return None


class Wrong(Exception):
    pass


def make_piece(i, n, names, flags, r):
    """The part i of n, which may have been guessed wrong."""
    way = ["-s", f"pipeline.partitions={r.randrange(1, 4)}", *flags.get(i, [])]
    code, _, err, _ = run(["run", "--part", f"{i}/{n}", "--partial", f"{i}.piece", *way, "p.ini", *names])
    hint = re.search(r": (--quoted|--unquoted) takes it otherwise", err)
    if code != 0 and hint and i not in flags:
        flags[i] = [hint.group(1)]
        make_piece(i, n, names, flags, r)
    elif code != 0:
        raise Wrong(f"part {i} of {n}: {err}")


def merge_pieces(parts, n, names, flags, r):
    """Merge them in a random tree; None where some had to be made again."""
    parts, made = list(parts), 0
    while True:
        size = len(parts) if len(parts) < 3 or r.random() < 0.3 else r.randrange(2, len(parts))
        start = r.randrange(0, len(parts) - size + 1)
        some = parts[start : start + size]
        target = ["--partial", f"{made}.tree"] if size < len(parts) or r.random() < 0.1 else []
        code, out, err, _ = run(["merge", *target, *r.sample(some, len(some))])
        again = re.findall(r"part (\d+) of .* make it again with (--\w+)", err)
        for number, flag in again:
            flags[int(number)] = [flag]
            make_piece(int(number), n, names, flags, r)
        if again or "they show which" in err:
            return None
        if code != 0:
            raise Wrong(f"merging {some}: {err}")
        if not target:
            return out, err
        parts[start : start + size] = [f"{made}.tree"]
        made += 1


def check_pieces(first, names, r):
    """Any number of parts of the bytes, merged in any tree."""
    n = r.choice([1, 2, 3, 4, 8, 64 if r.random() < 0.2 else 5])
    for name in names:
        if r.random() < 0.15:
            with open(name, "rb") as file:
                data = file.read()
            with open(name, "wb") as file:
                file.write(gzip.compress(data))
    flags, found = {}, None
    try:
        for i in range(1, n + 1):
            make_piece(i, n, names, flags, r)
        for _ in range(4):
            found = found or merge_pieces([f"{i}.piece" for i in range(1, n + 1)], n, names, flags, r)
    except Wrong as wrong:
        return str(wrong)
    # Which columns no row has is not told by parts, and where rows are numbered there is more to tell.
    err = re.sub(r"fanoutd: columns that no row has.*\n", "", first[1])
    if found is None or found[0] != first[0] or (found[1] != err and "where = row()" not in found[1]):
        return f"{n} parts: {first} and {found}, {flags}"
    return None


def main():
    seed = sys.argv[2] if len(sys.argv) > 2 else "1"
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 25
    failed = 0
    for i in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            wrong = check(Case(f"{seed} {i}"), random.Random(f"ways {seed} {i}"))
            os.chdir("/")
        if wrong:
            failed += 1
            print(f"seed {seed} round {i}: {wrong[:1500]}")
            if failed == 5:
                break
    print(f"{i + 1} pipelines, {failed} wrong")
    sys.exit(1 if failed else 0)


os.environ.pop("FANOUT_PLUGIN_PATH", None)
main()
