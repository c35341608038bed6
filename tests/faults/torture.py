#!/usr/bin/env python3
"""Everything that attacks the program, for as long as is wanted, with seeds that were never used; then one
table of what was tried, how often, and what broke.

Usage: torture.py BUILD [--minutes N] [--seed N] [--tsan BUILD] [--fuzz FOLDER] [--only NAME]

BUILD is a folder with bin/fanoutd and the tests. A failure names the call that plays it again.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIMIT = 900
MOST = 5  # failures of one kind


class Attack:
    """One kind: `call` gives the command for a seed, `count` says how much it was, as its output has it."""

    def __init__(self, name, share, what, call, count, environment=None):
        self.name, self.share, self.what = name, share, what
        self.call, self.count, self.environment = call, count, environment
        self.tried, self.runs, self.seconds, self.broken = 0, 0, 0.0, []

    def play(self, seed, scratch):
        command = self.call(seed)
        environment = dict(os.environ, LC_ALL="C", **(self.environment(seed) if self.environment else {}))
        began = time.monotonic()
        try:
            done = subprocess.run(command, cwd=scratch, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT)
            code, text = done.returncode, done.stdout
        except subprocess.TimeoutExpired as late:
            code, text = "none after %d s" % LIMIT, (late.stdout or b"").decode(errors="replace")
        self.seconds += time.monotonic() - began
        self.runs += 1
        self.tried += self.count(text) if code == 0 else 0
        if code != 0:
            shown = " ".join(command)
            if self.environment:
                shown = " ".join("%s=%s" % item for item in self.environment(seed).items()) + " " + shown
            self.broken.append(shown)
            print("%s: exit code %s: %s\n%s" % (self.name, code, shown, text[-3000:]), flush=True)


def number(pattern):
    def count(text):
        found = re.findall(pattern, text)
        return int(found[-1]) if found else 0

    return count


def rounds(n):
    return lambda text: n


def attacks(build, tsan, fuzz):
    build, tsan = os.path.abspath(build), os.path.abspath(tsan) if tsan else None
    program = os.path.join(build, "bin", "fanoutd")
    shim = os.path.join(build, "tests", "faults", "shim.so")
    def script(folder, name, *arguments):
        return lambda seed: [sys.executable, os.path.join(folder, name), program] + [
            argument % seed if "%d" in argument else argument for argument in arguments]

    def strategies(seed):
        # As the test is run by itself.
        return {"FANOUT_SEED": str(seed % 1000000 * 100), "FANOUT_ROUNDS": "100", "CK_FORK": "no",
                "G_DEBUG": "fatal-criticals", "G_SLICE": "always-malloc",
                "TSAN_OPTIONS": "suppressions=%s/tests/tsan.supp:halt_on_error=1" % TOP,
                "FANOUT_BUILD_DIR": os.path.abspath(tsan or build), "FANOUT_SOURCE_DIR": TOP}

    # ThreadSanitizer wants memory where it has always been.
    fixed = ["setarch", "-R"] if tsan and not subprocess.call(["setarch", "-R", "true"], stderr=subprocess.DEVNULL) else []
    program_tests = os.path.join(TOP, "tests", "program")
    all_ = [
        Attack("faults", 5, "calls of the system that fail",
               script(HERE, "faults.py", shim, "--seed", "%d", "--scenes", "4", "--seconds", "30"), number(r"faults: (\d+) of")),
        Attack("kills", 4, "kill -9 of a daemon", script(HERE, "kill.py", "%d", "20"), number(r"(\d+) kills")),
        Attack("power", 3, "cuts of the power", script(HERE, "power.py", shim, "%d", "20"), number(r"(\d+) cuts")),
        Attack("damage", 1, "checkpoints cut or with a bit flipped", script(HERE, "damage.py", "3"),
               number(r"(\d+) kinds")),
        Attack("memory", 1, "runs that take more memory than they may", script(HERE, "memory.py"),
               number(r"memory: (\d+) runs")),
        Attack("no memory", 1, "runs that the system refuses memory", script(HERE, "memory.py", "--system"),
               number(r"memory: (\d+) runs")),
        Attack("races", 3, "rounds of up to 64 aggregates that leave, fail, answer late, are stopped",
               lambda seed: fixed + [os.path.join(tsan or build, "tests", "test-handover-stress")], rounds(100),
               strategies),
        Attack("pipelines", 2, "pipelines against a model of them", script(program_tests, "pipelines.py", "%d", "25"),
               rounds(25)),
        Attack("windows", 2, "windows against a model of them", script(program_tests, "windows.py", "%d", "12"),
               rounds(12)),
        Attack("operators", 1, "rounds of all operators against exact numbers",
               script(program_tests, "operators.py", "%d"), rounds(1)),
        Attack("jsonl", 1, "rounds of JSON lines against Python's reader", script(program_tests, "jsonl.py", "%d"),
               rounds(1)),
    ]
    targets = fuzz_targets(fuzz) if fuzz else []
    if targets:
        all_.append(Attack("fuzz", 5, "inputs of %d fuzzers" % len(targets),
                           lambda seed: fuzzer(fuzz, targets[seed % len(targets)], seed), number(r"#(\d+)\s+DONE"),
                           lambda seed: {"ASAN_OPTIONS": "detect_stack_use_after_return=0",
                                         "UBSAN_OPTIONS": "print_stacktrace=1", "G_DEBUG": "fatal-criticals",
                                         "G_SLICE": "always-malloc"}))
    return all_


def fuzz_targets(folder):
    found = glob.glob(os.path.join(folder, "fuzz-*"))
    return sorted(os.path.basename(path)[len("fuzz-"):] for path in found if os.access(path, os.X_OK))


def fuzzer(folder, target, seed):
    """It begins from the corpus that is kept, and leaves what breaks something in build/fuzz/found."""
    kept = os.path.join(TOP, "tests", "fuzz")
    found = os.path.join(TOP, "build", "fuzz", "found")
    os.makedirs(found, exist_ok=True)
    dictionary = os.path.join(kept, target + ".dict")
    return [os.path.join(os.path.abspath(folder), "fuzz-" + target), "-max_total_time=20", "-timeout=25",
            "-rss_limit_mb=3000", "-seed=%d" % seed, "-artifact_prefix=%s/%s-" % (found, target)] + (
                ["-dict=" + dictionary] if os.path.exists(dictionary) else []) + [
                    path for path in [".", os.path.join(kept, "corpus", target)] if os.path.isdir(path)]


def table(all_):
    lines = [("attack", "what was tried", "how often", "runs", "seconds", "broke")]
    for attack in all_:
        lines.append((attack.name, attack.what, "{:,}".format(attack.tried), str(attack.runs),
                      "%.0f" % attack.seconds, str(len(attack.broken))))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for at, line in enumerate(lines):
        print("| " + " | ".join(text.ljust(width) if i < 2 else text.rjust(width)
                                for i, (text, width) in enumerate(zip(line, widths))) + " |")
        if at == 0:
            print("|" + "|".join("-" * (width + 1) + ("-" if i < 2 else ":") for i, width in enumerate(widths)) + "|")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1000000)
    parser.add_argument("--tsan")
    parser.add_argument("--fuzz", help="the folder of the fuzzers")
    parser.add_argument("--only")
    options = parser.parse_args()
    all_ = [attack for attack in attacks(options.build, options.tsan, options.fuzz)
            if options.only in (None, attack.name)]
    shares = sum(attack.share for attack in all_)
    print("torture: %g minutes, seed %d" % (options.minutes, options.seed), flush=True)
    seed = options.seed
    until = time.monotonic() + options.minutes * 60
    while time.monotonic() < until:
        # Whoever is furthest behind its share is next, so that every one comes early; not the one that
        # breaks each time.
        total = sum(attack.seconds for attack in all_) or 1.0
        left = [attack for attack in all_ if len(attack.broken) < MOST]
        if not left:
            break
        attack = min(left, key=lambda one: (one.seconds / total * shares / one.share, -one.share))
        with tempfile.TemporaryDirectory(prefix="fanoutd-torture.") as scratch:
            attack.play(seed, scratch)
        seed += 1
    print()
    table(all_)
    broken = [call for attack in all_ for call in attack.broken]
    for call in broken:
        print("broke: " + call)
    sys.exit(1 if broken else 0)


main()
