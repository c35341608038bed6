#!/usr/bin/env python3
"""Cut the power under a daemon, again and again, while what it reads grows: of what was not synced the
disk has nothing, some, or all. What the daemon leaves must be what one undisturbed run leaves.

Usage: power.py FANOUTD SHIM [SEED [CUTS]]. A failure names the seed, and keeps the folder.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import kill

FANOUTD = os.path.abspath(sys.argv[1])
SHIM = os.path.abspath(sys.argv[2])
WORK = ("out", "state")  # folders that the daemon writes to


class Disk:
    """What is on it: the shim tells what was synced."""

    def __init__(self, rng, folder):
        self.rng, self.folder = rng, folder
        self.forget = os.path.join(folder, "forget")
        self.names = {}  # path: inode, since the last cut
        self.sure = {}  # inode: content
        for name in WORK + ("forget",):
            os.mkdir(os.path.join(folder, name))

    def place(self, path):
        return os.path.normpath(os.path.join(self.folder, path))

    def changes(self):
        """Of names, and syncs of folders, since the last cut."""
        path = os.path.join(self.forget, "names")
        if not os.path.exists(path):
            return []
        with open(path) as lines:
            words = [line.rstrip("\n").split("\t") for line in lines]
        return [(word[0], self.place(word[1]), word[2:]) for word in words]

    def has_synced(self, name):
        """Whether a file has been put in its place for good."""
        path, seen = self.place(name), False
        for what, where, _ in self.changes():
            seen = seen or (what == "rename" and where == path)
            if seen and what == "sync" and where == os.path.dirname(path):
                return True
        return False

    def kept_names(self):
        """They change in order: those changes that were synced are there, and some of those behind them."""
        changes = self.changes()
        synced = {where: at for at, (what, where, _) in enumerate(changes) if what == "sync"}
        more = self.rng.choice([0, len(changes), self.rng.randrange(len(changes) + 1)])
        names = dict(self.names)
        for at, (what, path, rest) in enumerate(changes):
            if what == "sync" or (at > synced.get(os.path.dirname(path), -1) and at >= more):
                continue
            if what == "gone":
                names.pop(path, None)
                continue
            names[path] = int(rest[0])
            if what == "rename":
                names.pop(self.place(rest[1]), None)
        return names

    def contents_now(self):
        """By inode: all that is there, or was until its name went."""
        found = {}
        for name in WORK + ("forget",):
            for entry in os.scandir(os.path.join(self.folder, name)):
                if name != "forget" or entry.name.endswith(".held"):
                    found[entry.inode()] = read(entry.path)
        return found

    def content_of(self, inode, now):
        synced = os.path.join(self.forget, str(inode))
        sure = read(synced) if os.path.exists(synced) else self.sure.get(inode, b"")
        last = now.get(inode, sure)
        choice = self.rng.randrange(5)
        if choice == 0 or not last.startswith(sure):
            return sure if choice < 3 else last
        some = self.rng.randrange(len(sure), len(last) + 1)
        return {1: last, 2: last[:some] + bytes(len(last) - some)}.get(choice, last[:some])

    def cut(self):
        now = self.contents_now()
        contents = {path: self.content_of(inode, now) for path, inode in sorted(self.kept_names().items())}
        for name in WORK + ("forget",):
            shutil.rmtree(os.path.join(self.folder, name))
            os.mkdir(os.path.join(self.folder, name))
        self.names, self.sure = {}, {}
        for path, content in contents.items():
            with open(path, "wb") as out:
                out.write(content)
            inode = os.stat(path).st_ino
            self.names[path], self.sure[inode] = inode, content


def read(path):
    with open(path, "rb") as file:
        return file.read()


def results(folder, name):
    """All of the files, in the order of their dates."""
    path = os.path.join(folder, name)
    return b"".join(read(os.path.join(path, one)) for one in sorted(os.listdir(path)))


def start(folder, errors):
    environment = dict(os.environ, LC_ALL="C", LD_PRELOAD=SHIM, FAULT_FORGET=os.path.join(folder, "forget"))
    return subprocess.Popen([FANOUTD, "run", "p.ini"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=errors)


def wait_until(done, process):
    until = time.monotonic() + kill.DEADLINE
    while time.monotonic() < until and process.poll() is None and not done():
        time.sleep(0.005)


def torture(rng, folder, cuts):
    disk = Disk(rng, folder)
    output = rng.choice(["out/results", "out/%Y%m%d%H%M"])
    values = {
        "inputs": "a.log",
        "follow": "true",
        "strategy": rng.choice(["fiber", "threads", "callback"]),
        "batch": rng.choice([1, 7, 4096]),
        "size": "10s",
        "every": "10s",
        "output": output,
        "pause": rng.choice([1, 5, 30]),
    }
    checkpoint = kill.CHECKPOINT.replace("path = state", "path = state/s")
    kill.write_pipeline(os.path.join(folder, "p.ini"), values, kill.PIPELINE + checkpoint)
    log = kill.Log(rng, folder, "a.log")
    with open(os.path.join(folder, "errors"), "wb") as errors:
        for number in range(cuts):
            process = start(folder, errors)
            if number == 0:
                wait_until(lambda: disk.has_synced("state/s"), process)
            until = time.monotonic() + rng.choice([0.02, 0.05, 0.1]) * (0.5 + rng.random())
            while time.monotonic() < until:
                log.step()
                time.sleep(rng.random() * 0.01)
            code = process.poll()
            assert code is None, "it ended by itself with %s" % code
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=kill.DEADLINE)
            disk.cut()
        log.finish(log.time + 1000)
        with open(os.path.join(folder, "whole.log"), "wb") as whole:
            whole.write(log.whole)
        os.mkdir(os.path.join(folder, "plain"))
        plain = dict(values, inputs="whole.log", follow="false", output=output.replace("out/", "plain/"))
        kill.write_pipeline(os.path.join(folder, "plain.ini"), plain, kill.PIPELINE)
        subprocess.run([FANOUTD, "run", "plain.ini"], cwd=folder, stderr=subprocess.DEVNULL, check=True)
        lines = results(folder, "plain").splitlines(keepends=True)
        # The last window, of the row that ends all, stays open in the daemon.
        wanted = [line for line in lines if b",end," not in line]
        if b"%" in output.encode() and lines[-2] == lines[0]:
            wanted = wanted[:-1]
        wanted = b"".join(wanted)
        process = start(folder, errors)
        wait_until(lambda: len(results(folder, "out")) >= len(wanted), process)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=kill.DEADLINE)
        assert code == 0, "exit code %s at the end" % code
    got = results(folder, "out")
    assert got == wanted, "%d bytes where %d are wanted" % (len(got), len(wanted))


def main():
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    cuts = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    folder = tempfile.mkdtemp(prefix="fanoutd-power.")
    try:
        torture(random.Random(seed), folder, cuts)
    except AssertionError as failure:
        with open(os.path.join(folder, "errors"), errors="replace") as errors:
            sys.exit("seed %d: %s; %s\n%s" % (seed, failure, folder, errors.read()[-2000:]))
    shutil.rmtree(folder)
    print("%d cuts" % cuts)


main()
