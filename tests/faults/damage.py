#!/usr/bin/env python3
"""Damage a checkpoint at every byte: it is never taken for what it was not.

Usage: damage.py FANOUTD [STEP]. The newest one is cut before every STEP-th byte (every one), and has
one bit of every such byte flipped; the one before it must be taken, to the same results, or a clear message must say why not.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile

FANOUTD = os.path.abspath(sys.argv[1])
PIPELINE = """[source]
type = csv
path = rows.csv
[window]
time = t
size = 1m
[aggregate n]
type = count
[aggregate p]
type = median
column = t
[output]
path = out.csv
append = true
[checkpoint]
path = state
"""


def run(folder):
    return subprocess.run([FANOUTD, "run", "p.ini"], cwd=folder, capture_output=True, text=True, timeout=50)


def main():
    rng = random.Random(1)
    folder = tempfile.mkdtemp(prefix="fanoutd-damage.")
    path = lambda name: os.path.join(folder, name)
    with open(path("p.ini"), "w") as out:
        out.write(PIPELINE)
    with open(path("rows.csv"), "w") as out:
        out.write("t\n" + "".join("%d\n" % (i * 7) for i in range(40)))
    assert run(folder).returncode == 0
    assert run(folder).returncode == 0
    keep = {name: open(path(name), "rb").read() for name in ("state", "state.1", "out.csv")}
    whole = keep["state"]
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    damaged = [whole[:cut] for cut in range(0, len(whole), step)]
    for at in range(0, len(whole), step):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << rng.randrange(8)
        damaged.append(bytes(flipped))
    for number, state in enumerate(damaged):
        for name, data in keep.items():
            with open(path(name), "wb") as out:
                out.write(state if name == "state" else data)
        done = run(folder)
        assert done.returncode == 0, (number, done.stderr)
        assert "fanoutd: state: " in done.stderr and "trying the one before" in done.stderr, (number, done.stderr)
        assert open(path("out.csv"), "rb").read() == keep["out.csv"], number
    shutil.rmtree(folder)
    print("%d kinds of damage" % len(damaged))


main()
