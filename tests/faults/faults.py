#!/usr/bin/env python3
"""Let each call of the system fail, one after the other: the right bytes, or one clear message and
nothing else, and what was there before is still good.

Usage: faults.py FANOUTD SHIM [--seed N] [--seconds N] [--scenes N] [--scene NAME] [--kind KIND] [--case 'SCENE FAULT'] [--list]

Without --seconds everything is tried (of what a scene calls very often, as many as MOST, which the seed
chooses); with it, as much of it as that time allows, in an order that the seed gives. A failing case is named so that --case plays it again.
"""

import argparse
import bz2
import collections
import errno
import gzip
import lzma
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

LIMIT = 10
MOST = 150  # calls of one kind in one scene

# What each kind of call may do, and whether it may go on doing it.
MODES = {
    "read": [("error", errno.EIO), ("error", errno.EINTR), ("short", 0)],
    "pread": [("error", errno.EIO), ("error", errno.EINTR), ("short", 0)],
    "write": [("error", errno.ENOSPC), ("error", errno.EIO), ("error", errno.EINTR), ("short", 0)],
    "open": [("error", errno.EMFILE), ("error", errno.EACCES)],
    "close": [("error", errno.EIO), ("error", errno.EINTR)],
    "stat": [("error", errno.EIO), ("error", errno.EACCES)],
    "access": [("error", errno.EACCES)],
    "mmap": [("error", errno.ENOMEM)],
    "mprotect": [("error", errno.ENOMEM)],
    "fsync": [("error", errno.EIO), ("error", errno.EINTR)],
    "ftruncate": [("error", errno.EIO)],
    "rename": [("error", errno.EIO)],
    "link": [("error", errno.EPERM)],
    "unlink": [("error", errno.EPERM)],
    "folder": [("error", errno.EMFILE)],
    "thread": [("error", errno.EAGAIN)],
    "epoll": [("error", errno.ENOMEM)],
    "poll": [("error", errno.ENOMEM), ("error", errno.EINTR)],
    "event": [("error", errno.EMFILE)],
    "watch": [("error", errno.ENOSPC)],
    "socket": [("error", errno.ENOBUFS)],
    "accept": [("error", errno.EMFILE), ("error", errno.ECONNABORTED)],
    "send": [("error", errno.ECONNRESET), ("short", 0)],
    "receive": [("error", errno.ECONNRESET), ("error", errno.EINTR), ("short", 0)],
    "pipe": [("error", errno.EMFILE)],
    "fork": [("error", errno.EAGAIN)],
    "library": [("error", 0)],
    "memory": [("error", errno.ENOMEM)],
}
ONCE = {errno.EINTR}

AGGREGATES = """[aggregate n]
type = count
[aggregate s]
type = sum
column = a
[aggregate q]
type = median
column = b
[aggregate d]
type = distinct
column = a
limit = 500
"""


def rows(first, last):
    return "".join("k%d,%d,%d.%d\n" % (i % 7, i, i % 13, i % 10) for i in range(first, last)).encode()


class Scene:
    """A small run: what is there before, what is called, and what must come of it."""

    command = ["run", "-o", "out", "p.ini"]
    outputs = ["out"]  # each holds OLD before, or the results afterwards
    source = "[source]\ntype = csv\npath = in.csv\n"
    pipeline = "group-by = k\n"
    aggregates = AGGREGATES
    n_rows = 12000
    more = ""
    keeps = ()  # outputs that are written on, not replaced

    def __init__(self, name, **values):
        self.name = name
        self.__dict__.update(values)

    def make(self, path):
        """The files before; path(NAME) is where they go."""
        write(path("p.ini"), ("[pipeline]\n" + self.pipeline + self.source + self.aggregates + self.more).encode())
        write(path("in.csv"), b"k,a,b\n" + rows(0, self.n_rows))
        for name in self.outputs:
            write(path(name), b"OLD")

    def start(self, program, folder, environment):
        return subprocess.Popen([program] + self.command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, program, folder, environment):
        process = self.start(program, folder, environment)
        try:
            out, err = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return "hang", out, err
        return process.returncode, out, err

    def results(self, folder, out):
        return out, {name: read(os.path.join(folder, name)) for name in self.outputs}

    def is_slow(self, kind, n, mode):
        """Whether it takes its time when that goes on."""
        return False

    def again(self, program, folder, environment):
        """After a failure: the same once more, with nothing in its way."""
        return self.run(program, folder, environment)


class Piped(Scene):
    """Rows come through a pipe, results go through one."""

    command = ["run", "p.ini", "-"]
    outputs = []

    def start(self, program, folder, environment):
        feed = subprocess.Popen(["cat", "in.csv"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process = subprocess.Popen([program] + self.command, cwd=folder, env=environment, stdin=feed.stdout,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        feed.stdout.close()
        process.feed = feed
        return process

    def run(self, program, folder, environment):
        process = self.start(program, folder, environment)
        try:
            out, err = process.communicate(timeout=LIMIT)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            code = "hang"
        process.feed.wait()
        return code, out, err


class Packed(Scene):
    n_rows = 4000

    def make(self, path):
        super().make(path)
        data = read(path("in.csv"))
        os.unlink(path("in.csv"))
        write(path("in.csv"), self.pack(data))


def by_program(*command):
    return lambda data: subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


class Merge(Scene):
    """Parts that a run without faults has made."""

    program = None
    outputs = ["out"]

    def make(self, path):
        super().make(path)
        for part in ("1", "2"):
            subprocess.run([self.program, "run", "--part", part + "/2", "--partial", part + ".part", "p.ini"],
                           cwd=os.path.dirname(path("x")), check=True)


class Stream(Scene):
    """Windows with checkpoints over a file that has grown since the last one; written on exactly once."""

    command = ["run", "p.ini"]
    outputs = []
    pipeline = ""
    source = "[source]\ntype = csv\npath = in.csv\n"
    aggregates = """[aggregate n]
type = count
[aggregate s]
type = sum
column = v
[aggregate d]
type = distinct
column = v
"""
    more = """[window]
time = t
size = 10s
lateness = 2s
[output]
path = out
append = true
[checkpoint]
path = state
every = 5ms
"""

    def stamp(self, first, last):
        return "".join("%d,%d\n" % (i // 3, i) for i in range(first, last)).encode()

    def make(self, path):
        super().make(path)
        write(path("in.csv"), b"t,v\n" + self.stamp(0, 300))
        done = subprocess.run([self.program, "run", "p.ini"], cwd=os.path.dirname(path("x")))
        assert done.returncode == 0
        with open(path("in.csv"), "ab") as out:
            out.write(self.stamp(300, 900))

    def results(self, folder, out):
        return out, {"out": read(os.path.join(folder, "out"))}

    def is_done(self, folder):
        return False

    def is_slow(self, kind, n, mode):
        # A disk that is full is waited for.
        return kind == "write" and n > 4

    def drive(self, program, folder, environment, is_done):
        """Until it ends, or is asked to: once its results are there, or when it waits for a disk."""
        with open(folder + ".err", "w+b") as errors:
            process = subprocess.Popen([program] + self.command, cwd=folder, env=environment,
                                       stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
            self.beside(process, folder)
            until = time.monotonic() + LIMIT
            done = waits = 0
            while process.poll() is None and time.monotonic() < until and done < 20 and waits < 250:
                time.sleep(0.005)
                done = done + 1 if is_done(folder) else 0
                waits += 1 if re.search(rb"waiting, nothing is read|it is tried again", read(folder + ".err")) else 0
            late = time.monotonic() >= until
            asked = process.poll() is None
            if asked:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                late = True
        code = process.returncode
        # It had failed by itself, and was about to say so, or had just begun.
        if asked and code == -signal.SIGTERM:
            code = 1 if read(folder + ".err") else 0
        return "hang" if late else code, b"", read(folder + ".err")

    def beside(self, process, folder):
        """What goes on while it runs."""

    def run(self, program, folder, environment):
        return self.drive(program, folder, environment, self.is_done)


class Daemon(Stream):
    """The same, followed: it ends by a signal, once its results are there."""

    source = "[source]\ntype = csv\npath = in.csv\nfollow = true\ndiscover = 20ms\n"
    wanted = None  # how long the output becomes

    def make(self, path):
        Scene.make(self, path)
        folder = os.path.dirname(path("x"))
        write(path("in.csv"), b"t,v\n" + self.stamp(0, 300))
        self.settle(folder)
        with open(path("in.csv"), "ab") as out:
            out.write(self.stamp(300, 900))

    def length(self, folder):
        path = os.path.join(folder, "out")
        return os.path.getsize(path) if os.path.exists(path) else 0

    def settle(self, folder):
        """With nothing to compare with: when nothing more has come for a while."""
        seen = []

        def is_done(folder):
            seen.append(self.length(folder))
            return len(seen) > 100 and seen[-1] > 0 and seen[-1] == seen[-100]

        code, _, err = self.drive(self.program, folder, dict(os.environ, LC_ALL="C"), is_done)
        assert code == 0, (code, err)

    def is_slow(self, kind, n, mode):
        # Behind each read the bytes before it are read again.
        return super().is_slow(kind, n, mode) or (kind == "pread" and mode == "short")

    def is_done(self, folder):
        return self.wanted is not None and self.length(folder) >= self.wanted


class Monitor(Daemon):
    """While somebody asks for its page."""

    command = ["run", "--monitor", "unix:page", "p.ini"]
    own = ["page"]

    def beside(self, process, folder):
        for path in ("/health", "/metrics", "/results", "/"):
            self.ask(process, folder, path)

    def ask(self, process, folder, path):
        until = time.monotonic() + 1
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            while process.poll() is None and time.monotonic() < until:
                try:
                    client.connect(os.path.join(folder, "page"))
                    client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
                    while client.recv(65536):
                        pass
                    return
                except (FileNotFoundError, ConnectionRefusedError):
                    time.sleep(0.002)
                except OSError:
                    return


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def scenes(program):
    plain = "group-by = k\nstrategy = %s\npartitions = %s\n"
    all_ = [
        Scene("fiber", pipeline=plain % ("fiber", 1)),
        Scene("fiber-3", pipeline=plain % ("fiber", 3)),
        Scene("threads", pipeline=plain % ("threads", 1) + "threads = 3\n"),
        Scene("callback", pipeline=plain % ("callback", 1)),
        Scene("ungrouped", pipeline="", command=["run", "p.ini"], outputs=[]),
        Scene("tables", outputs=["out", "other"], pipeline="",
              more="[table x]\ngroup-by = k\npath = out\n[table y]\npath = other\nformat = json\n",
              command=["run", "p.ini"]),
        Scene("loop", pipeline="", aggregates="[aggregate e]\ntype = exec\ncolumn = a\ncommand = wc -l\n", n_rows=3000),
        Scene("lines", pipeline="", source="[source]\ntype = lines\npath = in.csv\npattern = ,(?<a>\\d+|a),(?<b>.*)\non-bad-value = null\n",
              more="", n_rows=2000),
        Scene("latin1", source=Scene.source + "encoding = latin1\n", n_rows=2000),
        Scene("glob", source="[source]\ntype = csv\npath = in*.csv\n", n_rows=2000),
        Piped("pipe", pipeline=plain % ("fiber", 1)),
        Piped("pipe-2", pipeline=plain % ("fiber", 2)),
        Piped("pipe-callback", pipeline=plain % ("callback", 1)),
        Scene("partial", command=["run", "--partial", "out", "p.ini"]),
        Scene("part", command=["run", "--part", "2/3", "--partial", "out", "p.ini"]),
        Merge("merge", command=["merge", "-o", "out", "1.part", "2.part"], program=program),
        Merge("merge-partial", command=["merge", "--partial", "out", "1.part", "2.part"], program=program),
        Packed("gz", pack=gzip.compress),
        Packed("xz", pack=lzma.compress),
        Packed("bz2", pack=bz2.compress),
        Stream("stream", program=program),
        Stream("stream-threads", program=program, pipeline="strategy = threads\n"),
        Daemon("follow", program=program),
        Monitor("monitor", program=program),
    ]
    for tool in ("zstd", "lz4"):
        if shutil.which(tool):
            all_.append(Packed(tool, pack=by_program(tool, "-q", "-c")))
    return all_


class Sweep:
    def __init__(self, program, shim, rng):
        self.program, self.shim, self.rng = program, shim, rng
        self.top = tempfile.mkdtemp(prefix="fanoutd-faults.")
        self.good = {}  # scene: (what it prints, its outputs)
        self.outcomes = collections.Counter()
        self.messages = collections.Counter()
        self.broken = []

    def environment(self, **more):
        return dict(os.environ, LC_ALL="C", LD_PRELOAD=self.shim, **more)

    def place(self, scene, name):
        folder = os.path.join(self.top, name)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(self.top, scene.name + ".before"), folder, copy_function=self.copy)
        return folder

    @staticmethod
    def copy(source, target):
        # A follower knows its files by their inodes: those are the same ones.
        if os.path.basename(source) == "in.csv":
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    def prepare(self, scene):
        """One run without faults: what is right, and how many calls there are."""
        before = os.path.join(self.top, scene.name + ".before")
        os.mkdir(before)
        scene.make(lambda name: os.path.join(before, name))
        if hasattr(scene, "wanted"):
            folder = self.place(scene, "first")
            scene.settle(folder)
            scene.wanted = scene.length(folder)
        folder = self.place(scene, "count")
        counts = os.path.join(self.top, "counts")
        code, out, err = scene.run(self.program, folder, self.environment(FAULT_COUNTS=counts))
        assert code == 0, (scene.name, code, err)
        self.good[scene.name] = scene.results(folder, out), sorted(os.listdir(folder)), err
        with open(counts) as lines:
            return {kind: int(n) for kind, n in (line.split() for line in lines)}

    def cases(self, scene):
        counts = self.prepare(scene)
        for kind, modes in MODES.items():
            # What is called as often as time allows is looked at here and there.
            for n in sorted(self.rng.sample(range(1, counts[kind] + 1), min(MOST, counts[kind]))):
                for mode, number in modes:
                    yield scene, "%s:%d:%s:%d" % (kind, n, mode, number)
                    if number not in ONCE and not scene.is_slow(kind, n, mode):
                        yield scene, "%s:%d:%s:%d:on" % (kind, n, mode, number)

    def judge(self, scene, fault, folder, code, out, err):
        """What is wrong with that, or None."""
        (good_out, good_files), names, good_err = self.good[scene.name]
        now_out, now_files = scene.results(folder, out)
        text = err.decode(errors="replace")
        extra = [name for name in os.listdir(folder)
                 if name not in names and name not in getattr(scene, "own", [])]
        if code == "hang":
            return "it does not end: " + text
        if extra:
            return "left behind: %s" % " ".join(extra)
        # A daemon that is stopped while it tries again has said so, and goes on from there.
        stopped = isinstance(scene, Daemon) and "; it is tried again" in text
        if code == 0 and now_out == good_out and now_files == good_files:
            return None
        if code == 0 and not stopped:
            return "a wrong result, exit code 0; " + text
        if code not in (0, 1, 75, 78, 2):
            return "exit code %s: %s" % (code, text)
        # A build with counters says where it could not write them.
        lines = [line for line in text.splitlines()
                 if line not in good_err.decode().splitlines() and not line.startswith("profiling:")]
        if not lines or not all(re.match(r"fanoutd: [^:]+(:\d+)?: .", line) for line in lines):
            return "no clear message: " + text
        # Of a pipeline all is told that cannot be used.
        unusable = [line for line in lines if re.search(r"cannot be used: |not usable: ", line)]
        if len(lines) != len(unusable or lines[:1]) and not isinstance(scene, Stream):
            return "more than one message: " + text
        if not isinstance(scene, Stream):
            for name, data in now_files.items():
                if data not in (b"OLD", good_files[name]):
                    return "%s is neither old nor new; %s" % (name, text)
                if data != b"OLD" and len(now_files) == 1 and not fault.startswith("fsync"):
                    return "%s is new, exit code %d; %s" % (name, code, text)
            if now_out and not fault.startswith(("write", "close", "pipe")):
                return "results, exit code %d; %s" % (code, text)
        for line in lines:
            self.messages[fault.split(":")[0], code, re.sub(r"/[^ ]*fanoutd-faults[^ :]*/", "", line)] += 1
        code, out, err = scene.again(self.program, folder, dict(os.environ, LC_ALL="C"))
        if code != 0:
            return "afterwards: exit code %s: %s" % (code, err.decode(errors="replace"))
        if scene.results(folder, out) != (good_out, good_files):
            return "afterwards: a wrong result; before that: " + text
        return None

    def play(self, scene, fault):
        folder = self.place(scene, "now")
        code, out, err = scene.run(self.program, folder, self.environment(FAULT=fault))
        wrong = self.judge(scene, fault, folder, code, out, err)
        self.outcomes[code if wrong is None else "broken"] += 1
        if wrong is not None:
            self.broken.append((scene.name, fault))
            print("%s %s: %s" % (scene.name, fault, wrong.strip()), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("shim")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--scenes", type=int, help="only so many of them, as the seed says")
    parser.add_argument("--scene")
    parser.add_argument("--kind")
    parser.add_argument("--case")
    parser.add_argument("--list", action="store_true", help="the messages that were seen")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    sweep = Sweep(os.path.abspath(options.program), os.path.abspath(options.shim), rng)
    chosen = options.case.split()[0] if options.case else options.scene
    all_ = [scene for scene in scenes(sweep.program) if chosen in (None, scene.name)]
    if options.scenes is not None:
        all_ = rng.sample(all_, min(options.scenes, len(all_)))
    try:
        cases = [case for scene in all_ for case in sweep.cases(scene)]
        if options.case:
            cases = [(all_[0], options.case.split()[1])]
        if options.kind:
            cases = [case for case in cases if case[1].split(":")[0] == options.kind]
        if options.seconds is not None:
            rng.shuffle(cases)
        until = time.monotonic() + (options.seconds or 1e9)
        tried = 0
        for scene, fault in cases:
            if time.monotonic() > until:
                break
            sweep.play(scene, fault)
            tried += 1
    finally:
        shutil.rmtree(sweep.top)
    if options.list:
        for message, n in sorted(sweep.messages.items(), key=str):
            print(n, *message)
    outcomes = ", ".join("%s: %d" % item for item in sorted(sweep.outcomes.items(), key=str))
    print("faults: %d of %d tried, %d broken (exit codes %s)" % (tried, len(cases), len(sweep.broken), outcomes))
    sys.exit(1 if sweep.broken else 0)


main()
