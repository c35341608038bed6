"""JSON lines against Python's json: random structure, damage, every way to deal the rows.

Usage: jsonl.py FANOUTD [SEED].
"""

import collections
import json
import os
import random
import re
import subprocess
import sys
from decimal import Decimal, InvalidOperation, getcontext

FANOUTD = sys.argv[1]
# Sums of all there is from 1e308 to 38 places.
getcontext().prec = 1500
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
PATHS = {
    "id": ["id"],
    "user.name": ["user", "name"],
    "user": ["user"],
    "tags[1]": ["tags", 1],
    "tags[0].a": ["tags", 0, "a"],
    '"a.b"': ["a.b"],
    "a.name": ["a", "name"],
    "text": ["text"],
    '"é ""x"""': ['é "x"'],
}
NAMES = ["id", "user", "name", "tags", "a", "b", "a.b", "text", "n", 'é "x"', "", "averylongnameofamember1"]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DECODER = json.JSONDecoder(parse_constant=lambda name: 1 / 0)


def blanks():
    return RANDOM.choice(["", "", "", "", " ", "\t", " \r "])


def string(text):
    out = []
    for c in text:
        if c in '"\\' or c < " ":
            short = json.dumps(c)[1:-1]
            out.append(RANDOM.choice([short, "\\u%04x" % ord(c)]))
        elif RANDOM.random() < 0.05:
            units = c.encode("utf-16-be")
            out += ["\\u%04X" % (units[i] << 8 | units[i + 1]) for i in range(0, len(units), 2)]
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def text():
    letters = RANDOM.choice(["ab", "abcdef 0123456789", 'a"\\/\n\t', "aé€😀", "x{}[]:,"])
    return "".join(RANDOM.choices(letters, k=RANDOM.choice([0, 1, 3, 7, 20, 70])))


def number():
    return RANDOM.choice(
        [str(RANDOM.randrange(-1000, 1000)), f"{RANDOM.uniform(-9, 9):.3f}", "0", "-0", "1e3",
         "2.5E-4", str(RANDOM.randrange(10**17)), "1234567890123.25"]
    )  # fmt: skip


def value(depth):
    kind = RANDOM.random()
    if kind < 0.35:
        return string(text())
    if kind < 0.6:
        return number()
    if kind < 0.7 or depth > 4:
        return RANDOM.choice(["true", "false", "null", '""'])
    if kind < 0.85:
        return members(RANDOM.sample(NAMES, RANDOM.randrange(4)), depth)
    items = [blanks() + value(depth + 1) + blanks() for _ in range(RANDOM.randrange(4))]
    return "[" + (",".join(items) or blanks()) + "]"


def members(names, depth):
    items = [
        blanks() + string(name) + blanks() + ":" + blanks() + value(depth + 1) + blanks()
        for name in names
    ]
    return "{" + (",".join(items) or blanks()) + "}"


def row(number_of):
    names = RANDOM.choices(NAMES, k=RANDOM.randrange(12)) if RANDOM.random() < 0.5 else NAMES
    line = members(names, 0)
    if line[1] == '"':
        line = '{"id":%d,' % number_of + line[1:]
    return line


def damage(line):
    data = bytearray(line.encode())
    for _ in range(RANDOM.randrange(1, 3)):
        at = RANDOM.randrange(len(data))
        kind = RANDOM.random()
        if kind < 0.3:
            del data[at]
        elif kind < 0.6:
            data.insert(at, RANDOM.choice(b'{}[]:,"\\ u0e.-+\x00\x1f\t\x80\xc3\xf0a'))
        else:
            data[at] = RANDOM.choice(b'{}[]:,"\\ u0e.-+\x00\x1f\t\x80\xc3\xf0a')
        if not data:
            break
    return bytes(data)


def make():
    lines = []
    for i in range(2500):
        kind = RANDOM.random()
        line = row(i)
        if kind < 0.08:
            lines.append(damage(line))
        elif kind < 0.1:
            lines.append(RANDOM.choice(["", " ", "\t", "[]", '"a"', "1"]).encode())
        else:
            lines.append(line.encode())
    return b"\n".join(lines) + RANDOM.choice([b"", b"\n"])


def has_half(parsed):
    if isinstance(parsed, str):
        return any("\ud800" <= c <= "\udfff" for c in parsed)
    if isinstance(parsed, list):
        return any(has_half(x) for x in parsed)
    if isinstance(parsed, dict):
        return any(has_half(k) or has_half(v) for k, v in parsed.items())
    return False


def skip(line, at):
    while line[at] in " \t\r\n":
        at += 1
    return at


def inside(line, at):
    """Where the values of the array or object at `at` are, by name or place."""
    found = {}
    end = "}" if line[at] == "{" else "]"
    at = skip(line, at + 1)
    while line[at] != end:
        name = len(found)
        if end == "}":
            name, at = DECODER.raw_decode(line, at)
            at = skip(line, skip(line, at) + 1)
        _, behind = DECODER.raw_decode(line, at)
        found[name] = (at, behind)
        at = skip(line, behind)
        at = skip(line, at + 1) if line[at] == "," else at
    return found


def pick(line, path):
    """The text of a value, None: there is none."""
    at, end = skip(line, 0), len(line)
    for step in path:
        if line[at] != ("[" if isinstance(step, int) else "{"):
            return None
        values = inside(line, at)
        if step not in values:
            return None
        at, end = values[step]
    raw = line[at:end]
    if raw == "null":
        return None
    return (json.loads(raw) if raw[0] == '"' else raw) or None


def halves(line):
    """Whether there is half of a pair in a string of a line that json takes."""
    seen = []

    def hook(pairs):
        seen.append(any(has_half(k) or has_half(v) for k, v in pairs))
        return {}

    json.loads(line, object_pairs_hook=hook)
    return any(seen)


def number_of(text):
    """As a decimal where it is one, else as the nearest double; 0 where that is none."""
    try:
        _, digits, exponent = Decimal(text).as_tuple()
    except InvalidOperation:
        # An exponent beyond all bounds.
        return Decimal(0)
    digits = "".join(map(str, digits)).lstrip("0")
    exponent += len(digits) - len(digits.rstrip("0"))
    digits = digits.rstrip("0")
    if not digits:
        return Decimal(0)
    if exponent >= -38 and len(digits) + max(exponent, 0) <= 38:
        return Decimal(text)
    return Decimal(float(text)) if abs(float(text)) != float("inf") else Decimal(0)


def expect(data):
    rows = collections.Counter()
    total = Decimal(0)
    bad = 0
    for raw in data.split(b"\n"):
        if not raw.strip(b" \t\r"):
            continue
        try:
            line = raw.decode()
            parsed = DECODER.decode(line)
            good = isinstance(parsed, dict) and not halves(line)
        except (ValueError, ZeroDivisionError):
            good = False
        if not good:
            bad += 1
            continue
        rows[tuple(pick(line, path) for path in PATHS.values())] += 1
        n = pick(line, ["n"])
        if n is not None and NUMBER.fullmatch(n.strip(" \t")):
            total += number_of(n.strip(" \t"))
    return rows, total, bad


def ask(path, settings):
    keys = ", ".join(PATHS)
    command = [FANOUTD, "agg", "-t", "jsonl", "-f", "ndjson", "--stats", "-g", keys, "rows=count",
               "sum(n)", "-s", "source.on-bad-row=skip", "-s", "source.on-bad-value=null"]  # fmt: skip
    for setting in settings:
        command += ["-s", setting]
    done = subprocess.run([*command, "--", path], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{settings}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    stats = json.loads(done.stderr.decode().splitlines()[-1])
    rows = collections.Counter()
    total = Decimal(0)
    for line in done.stdout.decode().splitlines():
        *keys, (_, n), (_, part) = json.loads(line, object_pairs_hook=list, parse_float=Decimal)
        rows[tuple(value for _, value in keys)] += n
        total += Decimal(part or 0)
    return rows, total, stats["rows_skipped"]


def main():
    data = make()
    with open("rows.jsonl", "wb") as file:
        file.write(data)
    wanted = expect(data)
    ways = [(1, 4096), (1, 1), (2, 7), (3, 100), (4, 4096)]
    for partitions, batch in ways:
        found = ask("rows.jsonl", [f"pipeline.partitions={partitions}", f"pipeline.batch={batch}"])
        for what, a, b in zip(("rows", "sum", "bad rows"), found, wanted):
            if a == b or (what == "sum" and float(a) == float(b)):
                continue
            print(f"partitions {partitions}, batch {batch}: {what} differ")
            if what == "rows":
                print(f"  too many: {list((a - b).items())[:3]}\n  too few: {list((b - a).items())[:3]}")
            else:
                print(f"  found {a}, wanted {b}")
            return 1
    print(f"{sum(wanted[0].values())} rows, {wanted[2]} bad ones, {len(data)} bytes")
    return 0


os.environ.pop("FANOUT_PLUGIN_PATH", None)
sys.exit(main())
