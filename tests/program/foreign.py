"""Delimited text in random dialects against a plain reader.

Usage: foreign.py FANOUTD [SEED].
"""

import collections
import json
import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal

FANOUTD = sys.argv[1]
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
BLANKS = " \t"


@dataclass
class Dialect:
    delimiter: str  # None: runs of blanks
    written: str
    quote: str  # or None
    comment: str  # or None
    skip: int
    header: bool
    ragged: bool
    trim: bool
    decimal: str
    thousands: str
    nulls: list


def random_dialect():
    delimiter, written = RANDOM.choice(
        [(",", ","), (";", ";"), ("\t", "tab"), (" ", "space"), (None, "whitespace"), ("||", "||"),
         ("\x01\x02", "\\x01\\x02"), (", ", ",\\x20"), ("§", "§"), (",,", ",,"), ("-;", "-;")]
    )  # fmt: skip
    decimal, thousands = RANDOM.choice([(".", ""), (".", ","), (",", ""), (",", "."), (",", "'"), (".", " ")])
    return Dialect(
        delimiter,
        written,
        RANDOM.choice(['"', '"', "'" if thousands != "'" else '"', None]),
        RANDOM.choice([None, None, "#", "##", "//", "a"]),
        RANDOM.choice([0, 0, 1, 3]),
        RANDOM.random() < 0.7,
        RANDOM.random() < 0.4,
        RANDOM.random() < 0.4,
        decimal,
        thousands,
        RANDOM.choice([[], [], ["NA", "0"]]),
    )


def settings(dialect):
    keys = {
        "delimiter": dialect.written,
        "quote": dialect.quote or "none",
        "header": "true" if dialect.header else "false",
        "ragged": str(dialect.ragged).lower(),
        "trim": str(dialect.trim).lower(),
        "skip-lines": str(dialect.skip),
        "decimal": dialect.decimal,
    }
    if dialect.comment:
        keys["comment"] = dialect.comment
    if dialect.thousands:
        keys["thousands"] = dialect.thousands if dialect.thousands != " " else "space"
    if dialect.nulls:
        keys["null-values"] = ", ".join(dialect.nulls)
    return [f"source.{key}={value}" for key, value in keys.items()]


# Making.


def number(dialect):
    text = RANDOM.choice(["1", "-2", "12.5", "1234", "-1234567.25", "0", "1e3", "12,34", "nine", "1.", ".5"])
    if dialect.thousands and RANDOM.random() < 0.5:
        text = RANDOM.choice(["1T234", "-12T345T678.5", "1T23", "12T34T567", "T123", "123T456.", "1T2345"])
    return text.replace(".", "P").replace("T", dialect.thousands or "T").replace("P", dialect.decimal)


def field(dialect, number_wanted):
    text = number(dialect) if number_wanted else RANDOM.choice(["", "x", "NA", "b c", "#", "a", "é", "x/y", "-"])
    quote = dialect.quote
    if quote and RANDOM.random() < 0.3:
        inner = text + RANDOM.choice(["", "", quote * 2, "\n#a", dialect.delimiter or " ", "\r\n//"])
        text = quote + inner + quote
    elif quote and RANDOM.random() < 0.01:
        text += quote
    blank = RANDOM.choice(["", "", " ", "\t "]) if RANDOM.random() < 0.3 else ""
    return blank + text + blank[::-1]


def row(dialect, width):
    if dialect.comment and RANDOM.random() < 0.15:
        return dialect.comment + RANDOM.choice(["", " it's", ' "', " 1,2;3", ",\"x\ty"])
    if RANDOM.random() < 0.03:
        return RANDOM.choice(["", " ", "\t"])
    if RANDOM.random() < (0.5 if dialect.ragged else 0.02):
        width = RANDOM.randrange(1, width + 3)
    return (dialect.delimiter or RANDOM.choice([" ", "  ", " \t"])).join(field(dialect, i == 0) for i in range(width))


def make(dialect, size):
    width = RANDOM.randrange(1, 4)
    out = ["it is\n" if RANDOM.random() < 0.5 else 'a "note\n' for _ in range(dialect.skip)]
    for _ in range(RANDOM.randrange(3)):
        if dialect.comment:
            out.append(RANDOM.choice([dialect.comment + ' of "all\n', "\n" if dialect.header else ""]))
    out.append((dialect.delimiter or " ").join(["v", "w", "x"][:width]) + "\n")
    total = 0
    while total < size:
        out.append(row(dialect, width) + RANDOM.choice(["\n", "\n", "\n", "\r\n"]))
        total += len(out[-1])
    if RANDOM.random() < 0.3:
        out[-1] = out[-1].rstrip("\r\n")
    return "".join(out)


# Reading.


def lines_of(dialect, text):
    """The rows as text, without those that are comments; None: a quote is never closed."""
    at = 0
    for _ in range(dialect.skip):
        end = text.find("\n", at)
        at = len(text) if end < 0 else end + 1
    while at < len(text):
        end = at
        if dialect.comment and text.startswith(dialect.comment, at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end + 1
            continue
        while True:
            feed = text.find("\n", end)
            quotes = text.count(dialect.quote, at, feed if feed >= 0 else len(text)) if dialect.quote else 0
            if feed < 0:
                yield None if quotes % 2 else text[at:]
                return
            if quotes % 2 == 0:
                break
            end = feed + 1
        yield text[at : feed - 1 if feed > at and text[feed - 1] == "\r" else feed]
        at = feed + 1


def split(dialect, line):
    """The fields; None: a quote is out of place."""
    if dialect.delimiter is None:
        line = line.strip(BLANKS)
    trimmed = "".join(c for c in BLANKS if c != dialect.delimiter) if dialect.trim and dialect.delimiter else ""
    at, fields = 0, []
    if not (line.strip(trimmed) if trimmed else line):
        return []
    while True:
        while at < len(line) and line[at] in trimmed and not line.startswith(dialect.delimiter or "\n", at):
            at += 1
        if dialect.quote and line.startswith(dialect.quote, at):
            value = ""
            at += 1
            while True:
                end = line.find(dialect.quote, at)
                if end < 0:
                    return None
                value += line[at:end]
                at = end + 1
                if not line.startswith(dialect.quote, at):
                    break
                value += dialect.quote
                at += 1
            while at < len(line) and line[at] in trimmed and not line.startswith(dialect.delimiter or "\n", at):
                at += 1
        else:
            found = re.compile(r"[ \t]" if dialect.delimiter is None else re.escape(dialect.delimiter)).search(line, at)
            end = found.start() if found else len(line)
            value = line[at:end].rstrip(trimmed) if trimmed else line[at:end]
            if dialect.quote and dialect.quote in value:
                return None
            at = end
        fields.append(value)
        if at == len(line):
            return fields
        found = re.compile(r"[ \t]+" if dialect.delimiter is None else re.escape(dialect.delimiter)).match(line, at)
        if not found:
            return None
        at = found.end()


def value_of(dialect, text):
    whole = r"\d+"
    if dialect.thousands:
        mark = re.escape(dialect.thousands)
        whole = rf"(?:\d+|\d{{1,3}}(?:{mark}\d{{2,3}})*{mark}\d{{3}})"
    point = re.escape(dialect.decimal)
    pattern = rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"
    text = text.strip(BLANKS)
    if not re.fullmatch(pattern, text):
        return None
    text = text.replace(dialect.thousands, "") if dialect.thousands else text
    return Decimal(text.replace(dialect.decimal, "."))


def is_blank(dialect, line):
    return line is not None and not line.strip("".join(c for c in BLANKS if not (dialect.delimiter or "").startswith(c)))


def expect(dialect, text, only):
    rows = collections.Counter()
    total, bad = Decimal(0), 0
    lines = list(lines_of(dialect, text))
    first = next(i for i, line in enumerate(lines) if not is_blank(dialect, line))
    width = len(split(dialect, lines[first]))
    for line in lines[first + 1 if dialect.header else 0 :]:
        fields = split(dialect, line) if line is not None else None
        if fields is None or (fields and len(fields) != width and not dialect.ragged):
            bad += 1
            continue
        if not fields and width != 1:
            continue
        fields = (fields + [""] * width)[:width]
        fields = [None if not f or f.strip(BLANKS) in dialect.nulls else f for f in fields]
        if only and (width < 2 or fields[1] != only):
            continue
        rows[tuple(fields)] += 1
        total += (fields[0] and value_of(dialect, fields[0])) or 0
    return rows, total, bad, width


def ask(path, dialect, width, only, more):
    names = ["v", "w", "x"][:width] if dialect.header else [str(i + 1) for i in range(width)]
    command = [FANOUTD, "agg", "-f", "ndjson", "--stats", "-g", ",".join(names), "n=count", f"total=sum({names[0]})",
               "-s", "source.on-bad-row=skip", "-s", "source.on-bad-value=null"]  # fmt: skip
    if only:
        column = names[1] if dialect.header and width > 1 else "$2"
        command += ["-w", f"{column} = '{only}'" if width > 1 else "false"]
    for setting in settings(dialect) + more:
        command += ["-s", setting]
    done = subprocess.run([*command, "--", path], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{dialect}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    rows = collections.Counter()
    total = Decimal(0)
    for line in done.stdout.decode().splitlines():
        *keys, (_, n), (_, part) = json.loads(line, object_pairs_hook=list, parse_float=Decimal)
        rows[tuple(value for _, value in keys)] += n
        total += Decimal(part or 0)
    return rows, total, json.loads(done.stderr.decode().splitlines()[-1])["rows_skipped"]


def compare(dialect, text, ways):
    with open("foreign.txt", "w", newline="", encoding="utf-8") as file:
        file.write(text)
    only = RANDOM.choice([None, None, "x", "é"])
    *wanted, width = expect(dialect, text, only)
    for more in ways:
        for what, a, b in zip(("rows", "sum", "bad rows"), ask("foreign.txt", dialect, width, only, more), wanted):
            if a == b:
                continue
            print(f"{dialect} {only} {more}: {what} differ")
            if what == "rows":
                print(f"  too many: {list((a - b).items())[:3]}\n  too few: {list((b - a).items())[:3]}")
            else:
                print(f"  found {a}, wanted {b}")
            return False
    return True


def main():
    ways = [["pipeline.partitions=1", f"pipeline.batch={batch}"] for batch in (1, 7, 4096)]
    for _ in range(120):
        dialect = random_dialect()
        if not compare(dialect, make(dialect, RANDOM.choice([0, 100, 1000, 5000])), [RANDOM.choice(ways)]):
            return 1
    # Several pieces, whose borders fall anywhere.
    for delimiter, quote, comment in [(",", '"', "#"), ("||", '"', "//"), (None, None, "#")]:
        dialect = Dialect(delimiter, delimiter or "whitespace", quote, comment, 2, True, True, True, ",", ".", ["NA"])
        text = make(dialect, 1000)
        body = make(Dialect(**{**dialect.__dict__, "skip": 0, "header": False}), 9000)
        text = text.rstrip("\r\n") + "\n" + (body + "\n") * 125
        ways = [[f"pipeline.partitions={p}", f"pipeline.batch={b}"] for p, b in ((1, 4096), (2, 100), (3, 4096))]
        ways.append(["pipeline.strategy=callback"])
        if not compare(dialect, text, ways):
            return 1
    return 0


os.environ.pop("FANOUT_PLUGIN_PATH", None)
sys.exit(main())
