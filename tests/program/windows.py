#!/usr/bin/env python3
"""Windows against an independent model: rows in and out of order, late ones, several inputs.

Usage: windows.py FANOUTD [SEED [ROUNDS [SIZE/EVERY...]]]. Each round makes inputs and a pipeline, runs it in several
ways, which must give the same bytes, and compares the result with a plain computation over all rows.
"""

import collections
import csv
import datetime
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import zoneinfo
from fractions import Fraction

FANOUTD = os.path.abspath(sys.argv[1])
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
UNITS = {"ms": Fraction(1, 1000), "s": 1, "m": 60, "h": 3600}


def seconds(text):
    for unit in ("ms", "s", "m", "h"):
        if text.endswith(unit) and text[: -len(unit)].isdigit():
            return int(text[: -len(unit)]) * UNITS[unit]
    raise ValueError(text)


def rfc3339(time):
    whole = time.numerator // time.denominator
    rest = time - whole
    text = (EPOCH + datetime.timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S")
    if rest:
        text += ("%.9f" % float(rest))[1:].rstrip("0")
    return text + "Z"


class Spans:
    """Windows of a fixed width."""

    def __init__(self, size, every):
        self.size, self.every = seconds(size), seconds(every)

    def of(self, time):
        last = time // self.every
        first = (time - self.size) // self.every + 1
        return range(int(first), int(last) + 1)

    def start(self, window):
        return Fraction(window * self.every)

    def end(self, window):
        return self.start(window) + self.size


class Days:
    """Windows of whole days, weeks or months of a zone."""

    def __init__(self, size, every, zone):
        self.zone = zoneinfo.ZoneInfo(zone)
        self.months = size.endswith(("mo", "q", "y"))
        self.origin = 4 if size.endswith("w") and every.endswith("w") else 0
        self.size, self.every = self.units(size), self.units(every)

    @staticmethod
    def units(text):
        for unit, n in (("mo", 1), ("q", 3), ("y", 12), ("d", 1), ("w", 7)):
            if text.endswith(unit):
                return int(text[: -len(unit)]) * n
        raise ValueError(text)

    def unit(self, time):
        local = (EPOCH + datetime.timedelta(seconds=time.numerator // time.denominator)).astimezone(self.zone)
        if self.months:
            return (local.year - 1970) * 12 + local.month - 1
        return (local.date() - datetime.date(1970, 1, 1)).days - self.origin

    def of(self, time):
        unit = self.unit(time)
        return range((unit - self.size) // self.every + 1, unit // self.every + 1)

    def moment(self, unit):
        if self.months:
            date = datetime.datetime(1970 + unit // 12, unit % 12 + 1, 1)
        else:
            date = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=unit + self.origin)
        local = date.replace(tzinfo=self.zone)
        return Fraction(int((local - EPOCH).total_seconds()))

    def start(self, window):
        return self.moment(window * self.every)

    def end(self, window):
        return self.moment(window * self.every + self.size)


class Sessions:
    """Rows of a group at most a gap apart."""

    def __init__(self, gap):
        self.gap = seconds(gap)

    def group(self, rows):
        rows = sorted(rows, key=lambda row: (Fraction(row["t"]), row["order"]))
        begin = 0
        for i in range(1, len(rows) + 1):
            if i == len(rows) or Fraction(rows[i]["t"]) - Fraction(rows[i - 1]["t"]) > self.gap:
                piece = rows[begin:i]
                start, end = Fraction(piece[0]["t"]), Fraction(piece[-1]["t"]) + self.gap
                yield (end, start), sorted(piece, key=lambda row: row["order"])
                begin = i

    def start(self, window):
        return window[1]

    def end(self, window):
        return window[0]


def session_model(files, sessions, lateness, where, keys):
    """The same of sessions: what is late does not depend on them."""
    of_keys = collections.defaultdict(list)
    filtered = late = order = 0
    for rows in files:
        largest = None
        for row in rows:
            order += 1
            if where is not None and not where(row):
                filtered += 1
                continue
            time = Fraction(row["t"])
            if largest is not None and time < largest - lateness:
                late += 1
                continue
            of_keys[tuple(row[k] for k in keys)].append({**row, "order": order})
            largest = time if largest is None else max(largest, time)
    groups = {}
    for key, rows in of_keys.items():
        for window, piece in sessions.group(rows):
            groups[window, key] = piece
    return groups, filtered, late


def model(files, windows, lateness, where, keys):
    """Rows by window and key, and how many were filtered and late."""
    groups = collections.defaultdict(list)
    filtered = late = 0
    for rows in files:
        largest = None
        for row in rows:
            if where is not None and not where(row):
                filtered += 1
                continue
            time = Fraction(row["t"])
            open_ = [w for w in windows.of(time) if largest is None or windows.end(w) > largest - lateness]
            late += not open_
            for window in open_:
                groups[window, tuple(row[k] for k in keys)].append(row)
            largest = time if largest is None else max(largest, time)
    return groups, filtered, late


def key_order(key):
    return [(text == "", text.encode()) for text in key]


def longest_step(rows):
    values = [int(row["v"]) for row in rows]
    return str(max(abs(a - b) for a, b in zip(values, values[1:]))) if len(values) > 1 else ""


def table(groups, windows, keys, sequence):
    lines = [["window_start", "window_end", *keys, "n", "s", "f", "d", *(["g", "m"] if sequence else [])]]
    for window, key in sorted(groups, key=lambda g: (windows.end(g[0]), key_order(g[1]))):
        rows = groups[window, key]
        total = sum(Fraction(row["v"]) for row in rows)
        distinct = len({row["v"] for row in rows})
        assert total.denominator == 1
        lines.append(
            [rfc3339(windows.start(window)), rfc3339(windows.end(window)), *key]
            + [str(len(rows)), str(total), rows[0]["v"], str(distinct)]
            + ([longest_step(rows), str(sum(int(row["v"]) > 9 for row in rows))] if sequence else [])
        )
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def make_rows(rng, n, step, jitter, start):
    time = start
    for i in range(n):
        time += rng.choice([0, 0, step / 7, step / 3, step, step * 5]) if rng.random() < 0.9 else step * rng.randrange(1, 60)
        at = time - (rng.random() * jitter if rng.random() < 0.3 else 0)
        yield {"t": ("%.3f" % at), "k": rng.choice(["a", "b", "", "c d", "k%d" % rng.randrange(40)]), "j": rng.choice("xy"), "v": str(rng.randrange(-5, 30))}


def write(path, rows):
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, ["t", "k", "j", "v"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def pipeline(size, every, gap, zone, lateness, where, keys, sequence, inputs):
    text = "[source]\ntype = csv\npath = %s\n[window]\ntime = t\n" % ", ".join(inputs)
    text += "gap = %s\n" % gap if gap else "size = %s\n" % size
    if every != size:
        text += "every = %s\n" % every
    if zone != "UTC":
        text += "zone = %s\n" % zone
    text += "lateness = %s\n[pipeline]\n" % lateness
    if where:
        text += "where = v > 3\n"
    if keys:
        text += "group-by = %s\n" % ", ".join(keys)
    for name, kind in (("n", "count"), ("s", "sum\ncolumn = v"), ("f", "first\ncolumn = v"), ("d", "distinct\ncolumn = v")):
        text += "[aggregate %s]\ntype = %s\n" % (name, kind)
    if sequence:
        text += "[aggregate g]\ntype = gap\ncolumn = v\n[aggregate m]\ntype = count\nwhere = v > 9\n"
    return text


def run(folder, *arguments):
    return subprocess.run([FANOUTD, "run", "--stats", *arguments], cwd=folder, capture_output=True, text=True, timeout=120)


SPANS = [("1m", "1m"), ("5m", "1m"), ("90s", "1m"), ("10s", "4s"), ("500ms", "500ms"), ("1h", "1h"), ("3s", "2s"), ("64s", "1s"), ("5m", "3s"), ("100s", "2s")]


def one_round(rng, folder, big, spans):
    """`spans`: of such (size, every), and none of another kind."""
    kind = "spans" if spans else rng.choice(["spans", "spans", "calendar", "sessions", "sessions"])
    size = every = gap = None
    zone = "UTC"
    if kind == "sessions":
        gap = rng.choice(["500ms", "3s", "1m", "5m", "1h"])
        windows, step = Sessions(gap), rng.choice([0.05, 1, 10])
        start = rng.choice([0, -200, 1_700_000_000])
    elif kind == "calendar":
        size, every = rng.choice([("1d", "1d"), ("2d", "1d"), ("1w", "1w"), ("1mo", "1mo"), ("1q", "1mo"), ("7d", "7d"), ("2w", "1w")])
        zone = rng.choice(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
        windows, step, start = Days(size, every, zone), 20000, rng.randrange(1_000_000_000, 1_600_000_000)
    else:
        size, every = rng.choice(spans or SPANS)
        windows, step = Spans(size, every), rng.choice([0.05, 1, 10])
        start = rng.choice([0, -200, 1_700_000_000])
    lateness = rng.choice(["0s", "1s", "45s", "2h"])
    n = rng.choice([20000, 40000]) if big else rng.choice([0, 1, 3, 30, 300])
    files = [list(make_rows(rng, n if i == 0 or not big else 500, step, rng.choice([0, 3, 200]) * step, start)) for i in range(rng.choice([1, 1, 2, 3]))]
    names = []
    for i, rows in enumerate(files):
        names.append("%d.csv" % i)
        write(os.path.join(folder, names[-1]), rows)
    keys = rng.choice([[], ["k"], ["k", "j"]])
    where = (lambda row: int(row["v"]) > 3) if rng.random() < 0.4 else None
    groups, filtered, late = (session_model if gap else model)(files, windows, seconds(lateness), where, keys)
    # What cannot be combined, and has to have the rows of each window in their order.
    sequence = kind != "sessions" and rng.random() < 0.3
    wanted = table(groups, windows, keys, sequence)
    path = os.path.join(folder, "w.ini")
    with open(path, "w") as out:
        out.write(pipeline(size, every, gap, zone, lateness, where is not None, keys, sequence, names))
    total = sum(len(rows) for rows in files)
    ways = [("fiber", 4096, 1), ("fiber", rng.choice([1, 3, 100]), rng.choice([2, 3])), ("threads", rng.choice([1, 7, 4096]), 1), ("callback", rng.choice([1, 4096]), 1)]
    for strategy, batch, partitions in ways:
        partitions = 1 if sequence else partitions
        got = run(folder, "-f", "csv", "-s", "pipeline.strategy=%s" % strategy, "-s", "pipeline.batch=%d" % batch, "-s", "pipeline.partitions=%d" % partitions, "w.ini")
        assert got.returncode == 0, (strategy, batch, partitions, got.stderr)
        assert got.stdout == wanted, "%s %d %d\n%s\n--- got\n%s--- wanted\n%s" % (strategy, batch, partitions, open(path).read(), got.stdout[:3000], wanted[:3000])
        stats = json.loads(got.stderr.splitlines()[-1])
        fates = [stats["rows_%s" % fate] for fate in ("processed", "filtered", "late", "skipped")]
        assert fates == [total - filtered - late, filtered, late, 0], (fates, total, filtered, late)
        assert stats["rows"] == total


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    spans = [tuple(word.split("/")) for word in sys.argv[4:]]
    for number in range(rounds):
        rng = random.Random(seed * 1000003 + number)
        with tempfile.TemporaryDirectory() as folder:
            try:
                one_round(rng, folder, number % 4 == 3, spans)
            except AssertionError as failure:
                sys.exit("round %d of seed %d: %s" % (number, seed, failure))
    print("%d rounds" % rounds)


main()
