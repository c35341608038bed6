#!/usr/bin/env python3
"""What takes more memory than it may: a clear end, with hardly more resident than [pipeline] max-memory says;
and what is more than the system gives: a clear end too.

Usage: memory.py FANOUTD [--system] [NAME]. With --system the system refuses the memory (RLIMIT_AS), and
max-memory is no bound.
"""

import os
import resource
import subprocess
import sys
import tempfile

FANOUTD = os.path.abspath(sys.argv[1])
SYSTEM = "--system" in sys.argv
MAX = 48 << 20
# The program itself, its plugins, stacks, blocks that are read ahead, and the messages of its end. The manual
# says so.
BESIDE = 32 << 20
# A list that is printed is there as a value and as text, too.
COPIES = 3
LIMIT = "\nlimit = 100000000"


def groups(i):
    return "k%d,%d,1\n" % (i, i)


def long_keys(i):
    return "%s,%d,1\n" % (str(i).rjust(1000, "x"), i)


def huge_keys(i):
    return "%s,%d,1\n" % (str(i).rjust(500000, "x"), i)


def long_texts(i):
    return "k,%s,1\n" % str(i).rjust(250, "y")


def huge_texts(i):
    return "k,%s,1\n" % str(i).rjust(100000, "y")


def numbers(i):
    return "k,%d.%d,1\n" % (i * 7919 % 1000000007, i % 100)


def doubles(i):
    return "k,%de%d,1\n" % (i * 7919 % 1000000007, i % 300 - 150)


def grouped_doubles(i):
    return "k%d,%de%d,1\n" % (i % 5000, i * 7919 % 1000000007, i % 300 - 150)


# name: rows, how many, aggregates
CASES = {
    "groups": (groups, 1500000, ["count"]),
    "groups of ten": (groups, 500000, ["count"] + ["%s\ncolumn = a" % name for name in (
        "sum", "mean", "variance", "min", "max", "kurtosis", "first", "harmmean", "product")]),
    "long keys": (long_keys, 120000, ["count"]),
    "huge keys": (huge_keys, 240, ["count"]),
    "quantile": (numbers, 3000000, ["quantile\nq = 0.5\ncolumn = a" + LIMIT]),
    "quantile of doubles": (doubles, 1500000, ["quantile\nq = 0.5\ncolumn = a" + LIMIT]),
    "quantile by group": (grouped_doubles, 1500000, ["quantile\nq = 0.5\ncolumn = a"]),
    "largest": (long_texts, 400000, ["largest\ncolumn = a\nk = 10000000\nas = text"]),
    "sample": (long_texts, 400000, ["sample\ncolumn = a\nk = 10000000"]),
    "huge collapse": (huge_texts, 1500, ["collapse\ncolumn = a" + LIMIT]),
}
for name in ("distinct", "unique", "mode", "top", "entropy", "collapse"):
    CASES[name] = (long_texts, 500000, [name + "\ncolumn = a" + ("\ncapacity = 100000000" if name == "top" else LIMIT)])
# What fits has a result that is about as long as its state.
for name in ("unique", "mode", "collapse", "largest"):
    CASES[name + " fits"] = (long_texts, 130000, [name + "\ncolumn = a" + (
        "\nk = 10000000\nas = text" if name == "largest" else LIMIT)])
GROUPED = ("groups", "groups of ten", "long keys", "huge keys", "quantile by group")


def write(path, make, n):
    with open(path, "w") as out:
        out.write("k,a,b\n")
        for i in range(n):
            out.write(make(i))


def run(folder, name, inputs, strategy, partitions):
    make, n, aggregates = CASES[name]
    data = inputs.setdefault((make, n), os.path.join(folder, "%s-%d" % (make.__name__, n)))
    if not os.path.exists(data):
        write(data, make, n)
    text = "[pipeline]\nstrategy = %s\npartitions = %d\nmax-groups = 4000000000\n" % (strategy, partitions)
    if not SYSTEM:
        text += "max-memory = %d\n" % MAX
    else:
        text += "max-memory = 100G\n"
    if name in GROUPED:
        text += "group-by = k\n"
    text += "[source]\ntype = csv\npath = %s\nmax-row = 1M\n" % data
    text += "".join("[aggregate a%d]\ntype = %s\n" % item for item in enumerate(aggregates))
    with open(os.path.join(folder, "p.ini"), "w") as out:
        out.write(text)

    def bound():
        if SYSTEM:
            resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    process = subprocess.Popen([FANOUTD, "run", "-o", "out", "p.ini"], cwd=folder, stderr=subprocess.PIPE,
                               preexec_fn=bound)
    err = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), err, usage.ru_maxrss * 1024


def main():
    chosen = [word for word in sys.argv[2:] if not word.startswith("--")]
    wrong, n = 0, 0
    with tempfile.TemporaryDirectory(prefix="fanoutd-memory.") as folder:
        inputs = {}
        for name in CASES:
            if chosen and name not in chosen:
                continue
            for strategy, partitions in (("fiber", 1), ("fiber", 2), ("threads", 1)):
                code, err, peak = run(folder, name, inputs, strategy, partitions)
                n += 1
                if SYSTEM:
                    fine = code in (0, 1, 75) and (code == 0 or "fanoutd: " in err)
                else:
                    result = os.path.getsize(os.path.join(folder, "out")) if code == 0 else 0
                    fine = peak <= MAX + BESIDE + COPIES * result and (code == 0 or (code == 1 and "max-memory allows more" in err))
                fine = fine and not any(file.startswith(".") for file in os.listdir(folder))
                wrong += not fine
                if not fine or os.environ.get("SHOW"):
                    print("%s, %s, %d: exit code %d, peak %.0f MB: %s" % (
                        name, strategy, partitions, code, peak / 1048576, err[-200:].strip()), flush=True)
    print("memory: %d runs, %d wrong" % (n, wrong))
    sys.exit(1 if wrong else 0)


main()
