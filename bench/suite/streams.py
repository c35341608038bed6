"""What the endless stream costs: windows, following, checkpoints, being looked at."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import threading
import time

from suite import data, pipelines
from suite.places import WORK
from suite.timing import TIMEOUT, Contender, progress, run

RATE = 1000  # rows a second of event time
TIMED = """type = csv
delimiter = ;
columns = station, temperature, t"""
KINDS = [(kind, kind, "temperature") for kind in ("min", "mean", "max")]


def pipeline(name, *more, source=TIMED, aggregates=KINDS, **keys):
    path = pipelines.write(name, source, aggregates, **{"group_by": "station", "partitions": 2, **keys})
    path.write_text("\n".join([path.read_text(), *more]) + "\n")
    return path


def window(size, every=None):
    return f"[window]\ntime = t\nsize = {size}\nlateness = 5s" + (f"\nevery = {every}" if every else "")


class Local(http.client.HTTPConnection):
    """The monitor, at a socket of the file system."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)

    def ask(self, what):
        self.request("GET", what)
        return self.getresponse().read()


class Run:
    """A run that goes on while something is done to it."""

    def __init__(self, fanoutd, *arguments):
        self.socket = WORK / "monitor.sock"
        self.socket.unlink(missing_ok=True)
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [str(fanoutd), "run", "--stats", "--fresh", "--monitor", f"unix:{self.socket}",
             *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def stats(self):
        """Of the monitor; None where it is not there."""
        try:
            with contextlib.closing(Local(self.socket)) as one:
                return json.loads(one.ask("/stats"))
        except OSError:
            return None

    def rows(self):
        found = self.stats()
        return found["stats"]["rows"] if found else 0

    def end(self, stop=True):
        """--stats."""
        if stop:
            self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=150)
        return json.loads(err.splitlines()[-1])


def told(fanoutd, *arguments):
    """--stats of a run."""
    command = [str(fanoutd), "run", "--stats", "-o", os.devnull, *map(str, arguments)]
    return json.loads(subprocess.run(command, stderr=subprocess.PIPE, check=True).stderr.splitlines()[-1])


def question_n(suite):
    """Windows beside none, over rows with a time: how many of them make a line of results is what
    windows cost."""
    rows = suite.rows["A"] // 5
    for rate, limits in ((10 * RATE, (1.3, 1.6)), (RATE, None)):
        path = data.stations(rows, rate=rate)
        none, minute, five = (
            suite._fanoutd(made, path, rows, f"{name}, {rate:,} rows a second")
            for name, made in (
                ("no windows", pipeline("windows-none")),
                ("windows of a minute", pipeline("windows-minute", window("1m"))),
                ("of five, each minute", pipeline("windows-five", window("5m", "1m"))),
            )
        )
        suite._measure("N", [none, minute, five], path)
        for run, limit in zip((minute, five), limits or ()):
            if run.ran and none.ran:
                suite._goal("N", f"{run.name} / no windows", run.ratio_to(none), limit, "x")
    open_windows(suite)


STATE_BYTES = 8 + 32 + 16  # of a count, a sum and a maximum of decimals


def open_windows(suite, windows=100_000, groups=10):
    """What 100,000 open windows take beside the bare states of their groups, which all come twice."""

    def asked(size):
        return pipeline(
            f"open-{size}",
            f"[let]\nt = floor(value / {groups}) % {windows}\ng = value % {groups}",
            f"[window]\ntime = t\nsize = {size}s\nlateness = {2 * windows}s",
            source=f"type = range\nstart = 0\nstop = {2 * windows * groups}\nstep = 1",
            aggregates=[("n", "count", None), ("sum", "sum", "value"), ("max", "max", "value")],
            group_by="g", partitions=1, max_groups=10 * windows * groups)

    bare = windows * groups * STATE_BYTES
    counted = told(suite.fanoutd, asked(1))["peak_state_bytes"]
    suite._goal("N", f"{windows:,} open windows, counted / bare states", counted / bare, 1.5, "x")
    # What a process takes by itself is that of a run with few windows, which has the same rows.
    many, few = (suite._fanoutd(asked(size), [], 2 * windows * groups, name)
                 for size, name in ((1, "100,000 windows open"), (windows // 10, "10 windows open")))
    for contender in (many, few):
        run(contender)
    suite.results["N"] += [many, few]
    if many.ran and few.ran:
        suite._goal("N", f"{windows:,} open windows, memory / bare states",
                    1024 * (many.peak_kib - few.peak_kib) / bare, 1.5, "x")


def closed(path):
    """The same rows, and one that ends the window of all of them."""
    more = path.with_name(f"{path.stem}-closed.csv")
    if not more.exists():
        part = more.with_suffix(".part")
        shutil.copyfile(path, part)
        with open(part, "a", encoding="utf-8") as file:
            file.write("end;0;4e9\n")
        part.rename(more)
    return more


def follow(suite, made, path):
    """Seconds until the results of all rows of a file are there that is followed."""
    out = WORK / "follow.csv"
    out.unlink(missing_ok=True)
    run = Run(suite.fanoutd, "-s", "source.follow=true", "-s", f"output.path={out}", made, path)
    while not (out.exists() and out.stat().st_size) and run.process.poll() is None \
            and time.monotonic() < run.begin + TIMEOUT:
        time.sleep(0.001)
    seconds = time.monotonic() - run.begin
    run.end()
    return seconds


def latency(suite, times):
    """Seconds from when a row is written that ends a window to the window's line."""
    source, out = WORK / "latency.csv", WORK / "latency.ndjson"
    out.unlink(missing_ok=True)
    taken = []
    with open(source, "w", encoding="utf-8") as file:
        file.write("a;1;0\n")
        file.flush()
        run = Run(suite.fanoutd, "-s", "source.follow=true", "-s", f"output.path={out}", "-f", "ndjson",
                  pipeline("latency", "[window]\ntime = t\nsize = 1s"), source)
        for i in range(1, times + 1):
            time.sleep(0.02)
            before = out.stat().st_size if out.exists() else 0
            file.write(f"a;1;{i}\n")
            file.flush()
            begin = time.monotonic()
            while (out.stat().st_size if out.exists() else 0) == before and time.monotonic() < begin + 10:
                time.sleep(0.0005)
            taken.append(time.monotonic() - begin)
        run.end()
    # Before the first one it has to start.
    return statistics.median(taken[1:])


def checkpoint(suite, groups):
    """The longest pause for a checkpoint, with so many groups."""
    made = pipeline(
        "checkpoint",
        f"[let]\nk = value % {groups}",
        f"[checkpoint]\npath = {WORK / 'states'}\nevery = 1s",
        source=f"type = range\nstart = 0\nstop = {groups * (30 if suite.quick else 100)}\nstep = 1",
        aggregates=[("n", "count", None), ("sum", "sum", "value"), ("max", "max", "value")],
        group_by="k", max_groups=10 * groups)
    return Run(suite.fanoutd, "-o", WORK / "checkpoint.csv", made).end(stop=False)["checkpoints"]


@contextlib.contextmanager
def page(path):
    """Somebody looks: what the page asks for, as often as it does, and it goes when a run has ended."""
    over = threading.Event()

    def look_at_one():
        with contextlib.closing(Local(path)) as events, contextlib.closing(Local(path)) as results:
            events.request("GET", "/events")
            answer = events.getresponse()
            while not over.is_set() and (line := answer.readline()):
                if not line.startswith(b"data:"):
                    continue
                begin = time.monotonic()
                results.ask("/results?limit=10000&windows=1")
                if json.loads(line[5:])["state"] != "running":
                    return
                over.wait(max(0.1, 2 * (time.monotonic() - begin)))

    def look():
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                look_at_one()
            over.wait(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def looked_at(suite):
    rows = suite.rows["A"]
    path = data.stations(rows, 10_000)
    where = WORK / "look.sock"
    # Several times the same rows: what a start and an end take is not asked for.
    times = 1 if suite.quick else 4
    one = [suite.fanoutd, pipelines.stations(1), *[path] * times]
    alone, nobody, looks = (Contender(name, [], rows=times * rows)
                            for name in ("no monitor", "nobody looks", "a page, 10,000 groups"))
    data.warm(path)
    # By the run's own clock: who looks is told of its end, and may ask once more.
    for _ in range(2 * suite.rounds):  # what is asked for is less than the noise of a few
        alone.seconds.append(told(*one)["seconds"])
        nobody.seconds.append(told(*one, "--monitor", f"unix:{where}")["seconds"])
        with page(where):
            looks.seconds.append(told(*one, "--monitor", f"unix:{where}")["seconds"])
        progress()
    suite.results["O"] += [alone, nobody, looks]
    suite._goal("O", "monitor, nobody looks / none", nobody.ratio_to(alone), 1.005, "x")
    suite._goal("O", "monitor, a page open / none", looks.ratio_to(alone), 1.03, "x")


def question_o(suite):
    """A daemon: following, checkpoints, latency, a monitor."""
    rows = suite.rows["A"]
    path = closed(data.stations(rows, rate=RATE))
    made = pipeline("follow", window("7000d"))
    once = suite._fanoutd(made, path, rows, "read once")
    followed = Contender("followed", [], rows=rows)
    suite.results["O"] = [once, followed]
    progress("\nO ")
    data.warm(path)
    for _ in range(suite.rounds):
        run(once)
        followed.seconds.append(follow(suite, made, path))
        progress()
    suite._goal("O", "followed / read once", once.ratio_to(followed), 0.8, "x", at_least=True)
    suite._goal("O", "row to its window's line", 1000 * latency(suite, 21), 100, "ms")
    found = checkpoint(suite, 100_000 if suite.quick else 1_000_000)
    suite._goal("O", "pause for a checkpoint", found["longest_pause_seconds"], 0.5, "s")
    looked_at(suite)


def long(suite):
    """Windows over very many rows, in flat memory."""
    runs = []
    for rows in (3_000_000, 30_000_000) if suite.quick else (10_000_000, 1_000_000_000):
        made = pipeline(
            f"long-{rows}",
            f"[let]\nt = value / {100 * RATE}\nstation = value % 413\nx = value * 37 % 1000",
            "[window]\ntime = t\nsize = 10s\nevery = 5s",
            source=f"type = range\nstart = 0\nstop = {rows}\nstep = 1",
            aggregates=[("n", "count", None), ("mean", "mean", "x"), ("q", "quantile", "x", "q = 0.5")])
        runs.append(suite._fanoutd(made, [], rows, f"windows over {rows:,} rows"))
        runs[-1].timeout = 10 * TIMEOUT
    suite._measure("long", runs, None, 1)
    if all(run.ran for run in runs):
        suite._goal("long", "memory, of many / of few rows", runs[1].peak_kib / runs[0].peak_kib, 1.1, "x")
