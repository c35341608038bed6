#!/usr/bin/env python3
"""Kill a daemon at random moments, again and again, while what it reads grows and is rotated: what it
leaves must be what one undisturbed run leaves.

Usage: kill.py FANOUTD [SEED [KILLS]]. A failure names the seed, and keeps the folder.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

FANOUTD = os.path.abspath(sys.argv[1])
DEADLINE = 50

PIPELINE = """[source]
type = csv
path = %(inputs)s
header = false
columns = t, k, v
follow = %(follow)s
rotate-wait = 200ms
discover = 20ms
[pipeline]
group-by = k
strategy = %(strategy)s
batch = %(batch)d
[window]
time = t
size = %(size)s
every = %(every)s
lateness = 5s
[aggregate n]
type = count
[aggregate s]
type = sum
column = v
[aggregate f]
type = first
column = v
[aggregate p]
type = quantile
column = v
q = 0.5, 0.9
[aggregate d]
type = distinct
column = v
[output]
path = %(output)s
append = true
"""
CHECKPOINT = """[checkpoint]
path = state
every = %(pause)dms
"""


class Log:
    """One input: rows that are written in pieces, also in the middle of a line, and rotated."""

    def __init__(self, rng, folder, name):
        self.rng, self.path, self.time = rng, os.path.join(folder, name), 1000.0
        self.whole, self.pending, self.rotations = b"", b"", 0
        open(self.path, "wb").close()

    def step(self):
        for _ in range(self.rng.randrange(1, 200)):
            self.time += self.rng.random() * 0.5
            at = self.time - (self.rng.random() * 8 if self.rng.random() < 0.2 else 0)
            self.pending += b"%.3f,%s,%d\n" % (at, self.rng.choice([b"a", b"b", b"c d", b""]), self.rng.randrange(100))
        cut = self.rng.randrange(len(self.pending) + 1)
        self.write(self.pending[:cut])
        self.pending = self.pending[cut:]
        if self.rng.random() < 0.15:
            self.write(self.pending)
            self.pending = b""
            self.rotate()

    def write(self, data):
        with open(self.path, "ab") as out:
            out.write(data)
        self.whole += data

    def rotate(self):
        self.rotations += 1
        os.rename(self.path, "%s.%d" % (self.path, self.rotations))
        open(self.path, "wb").close()

    def finish(self, time_):
        self.write(self.pending + b"%d,end,0\n" % time_)


def write_pipeline(path, values, text):
    with open(path, "w") as out:
        out.write(text % values)


def start(folder, errors):
    return subprocess.Popen([FANOUTD, "run", "p.ini"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)


def wait_for(path, process, wanted):
    """Until a file is as long as it should be; time alone says that it never will."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and process.poll() is None:
        if os.path.exists(path) and os.path.getsize(path) >= wanted:
            return
        time.sleep(0.01)


def torture(rng, folder, kills):
    names = ["a.log", "b.log"][: rng.choice([1, 2])]
    size, every = rng.choice([("10s", "10s"), ("20s", "10s"), ("7s", "3s")])
    values = {
        "inputs": ", ".join(names),
        "follow": "true",
        "strategy": rng.choice(["fiber", "threads", "callback"]),
        "batch": rng.choice([1, 7, 4096]),
        "size": size,
        "every": every,
        "output": "out.csv",
        "pause": rng.choice([1, 5, 30]),
    }
    write_pipeline(os.path.join(folder, "p.ini"), values, PIPELINE + CHECKPOINT)
    logs = [Log(rng, folder, name) for name in names]
    with open(os.path.join(folder, "errors"), "wb") as errors:
        for kill in range(kills):
            process = start(folder, errors)
            if kill == 0:
                # Before the first checkpoint nothing says which files are its.
                wait_for(os.path.join(folder, "state"), process, 1)
            until = time.monotonic() + rng.choice([0.005, 0.02, 0.05, 0.1]) * (0.5 + rng.random())
            while time.monotonic() < until:
                for log in logs:
                    log.step()
                time.sleep(rng.random() * 0.01)
            code = process.poll()
            assert code is None, "it ended by itself with %s" % code
            process.send_signal(signal.SIGKILL if rng.random() < 0.8 else signal.SIGTERM)
            code = process.wait(timeout=DEADLINE)
            assert code in (-signal.SIGKILL, -signal.SIGTERM, 0), "exit code %s" % code
        end = max(log.time for log in logs) + 1000
        for log in logs:
            log.finish(end)
        # The same rows, read once from plain files.
        whole = []
        for log in logs:
            whole.append("whole-" + os.path.basename(log.path))
            with open(os.path.join(folder, whole[-1]), "wb") as out:
                out.write(log.whole)
        plain = dict(values, inputs=", ".join(whole), follow="false", output="plain.csv")
        write_pipeline(os.path.join(folder, "plain.ini"), plain, PIPELINE)
        subprocess.run([FANOUTD, "run", "plain.ini"], cwd=folder, stderr=subprocess.DEVNULL, check=True)
        with open(os.path.join(folder, "plain.csv"), "rb") as plain_file:
            # The last windows, of the row that ends all, stay open in the daemon.
            wanted = b"".join(line for line in plain_file.readlines() if b",end," not in line)
        process = start(folder, errors)
        wait_for(os.path.join(folder, "out.csv"), process, len(wanted))
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=DEADLINE)
        assert code == 0, "exit code %s at the end" % code
    with open(os.path.join(folder, "out.csv"), "rb") as out:
        got = out.read()
    assert got == wanted, "%d bytes where %d are wanted" % (len(got), len(wanted))


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    folder = tempfile.mkdtemp(prefix="fanoutd-kill.")
    try:
        torture(random.Random(seed), folder, kills)
    except AssertionError as failure:
        with open(os.path.join(folder, "errors"), errors="replace") as errors:
            sys.exit("seed %d: %s; %s\n%s" % (seed, failure, folder, errors.read()[-2000:]))
    shutil.rmtree(folder)
    print("%d kills" % kills)


if __name__ == "__main__":
    main()
