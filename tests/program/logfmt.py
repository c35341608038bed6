"""logfmt against a reader by regular expressions: random pairs, damage, every way to deal the rows.

Usage: logfmt.py FANOUTD [SEED].
"""

import collections
import json
import random
import re
import subprocess
import sys

FANOUTD = sys.argv[1]
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
KEYS = ["id", "level", "msg", "a", "b.c", "duration_ms", "x"]
PAIR = re.compile(r'([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?=[ \t]|$)')
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
PLAIN = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "r": "\r", "t": "\t"}


def value():
    kind = RANDOM.random()
    if kind < 0.4:
        return str(RANDOM.randrange(1000))
    if kind < 0.6:
        return "".join(RANDOM.choices("abc=,.é-", k=RANDOM.randrange(12)))
    text = "".join(RANDOM.choices('ab =\\"\té', k=RANDOM.choice([0, 3, 9, 40])))
    for c, escape in (("\\", "\\\\"), ('"', '\\"'), ("\t", "\\t")):
        text = text.replace(c, escape)
    return f'"{text}"'


def line():
    keys = KEYS if RANDOM.random() < 0.5 else RANDOM.choices(KEYS, k=RANDOM.randrange(9))
    pairs = [key if RANDOM.random() < 0.05 else f"{key}={value()}" for key in keys]
    text = RANDOM.choice([" ", " ", "  ", "\t"]).join(pairs)
    if RANDOM.random() < 0.1 and text:
        at = RANDOM.randrange(len(text))
        text = text[:at] + RANDOM.choice('"\\= \tx') + text[at + RANDOM.randrange(2) :]
    return RANDOM.choice(["", "", "", " "]) + text


def unescape(match):
    escape = match[1]
    if escape in PLAIN:
        return PLAIN[escape]
    return chr(int(escape[1:], 16)) if len(escape) == 5 else match[0]


def parse(text):
    """Keys to texts; None: the line is bad."""
    found = {}
    text = text.strip(" \t")
    while text:
        match = PAIR.match(text)
        if match is None:
            return None
        key, quoted, bare = match.groups()
        found[key] = ESCAPE.sub(unescape, quoted) if quoted is not None else bare
        if quoted is None and bare is None:
            found[key] = "true"
        text = text[match.end() :].strip(" \t")
    return found


def expect(lines):
    rows = collections.Counter()
    bad = 0
    for text in lines:
        found = parse(text)
        if found is None:
            bad += 1
        elif text.strip(" \t"):
            rows[tuple(found.get(key) or None for key in KEYS)] += 1
    return rows, bad


def ask(path, partitions, batch):
    command = [FANOUTD, "agg", "-t", "logfmt", "-f", "ndjson", "--stats", "-g", ", ".join(KEYS),
               "count", "-s", "source.on-bad-row=skip", "-s", f"pipeline.partitions={partitions}",
               "-s", f"pipeline.batch={batch}", "--", path]  # fmt: skip
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    rows = collections.Counter()
    for text in done.stdout.decode().splitlines():
        *keys, (_, n) = json.loads(text, object_pairs_hook=list)
        rows[tuple(key for _, key in keys)] += n
    return rows, json.loads(done.stderr.decode().splitlines()[-1])["rows_skipped"]


def main():
    lines = [line() for _ in range(8000)]
    with open("rows.logfmt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    wanted = expect(lines)
    for partitions, batch in ((1, 4096), (1, 1), (2, 7), (3, 4096)):
        found = ask("rows.logfmt", partitions, batch)
        if found == wanted:
            continue
        print(f"partitions {partitions}, batch {batch}: {found[1]} bad ones, wanted {wanted[1]}")
        print(f"  too many: {list((found[0] - wanted[0]).items())[:3]}")
        print(f"  too few: {list((wanted[0] - found[0]).items())[:3]}")
        return 1
    print(f"{sum(wanted[0].values())} rows, {wanted[1]} bad ones")
    return 0


sys.exit(main())
