"""Runs commands in turn, and what they took: whole processes, from start to exit."""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from suite.places import WORK, program

TIMEOUT = 150  # seconds for one run
TAKEN_MAX = 0.1  # share of the processors' time that others may take while a run counts


@dataclass
class Contender:
    """One way to get an answer."""

    name: str
    command: list
    answer: Optional[Path] = None  # the file it writes; None: standard output
    environment: dict = field(default_factory=dict)
    start: float = 0.0  # seconds its run-time system takes to start
    rows: int = 0
    limited: bool = False  # gets fewer runs when it takes long
    timeout: float = TIMEOUT
    note: str = ""
    counting: Optional[list] = None  # a command that tells how many rows are kept at the peak
    kept: Optional[int] = None  # that many
    seconds: list = field(default_factory=list)  # one for each round; None: not run
    taken: list = field(default_factory=list)  # beside each: what others took of the processors
    peak_kib: int = 0
    same: Optional[bool] = None
    trouble: str = ""

    @property
    def ran(self):
        return [s for s in self.seconds if s is not None]

    @property
    def calm(self):
        """The runs that nobody else disturbed."""
        return [
            s for s, taken in zip(self.seconds, self.taken) if s is not None and taken <= TAKEN_MAX
        ]

    @property
    def spoiled(self):
        """There is no such run: figures are of the machine's load too."""
        return bool(self.ran and self.taken) and not self.calm

    @property
    def median(self):
        return statistics.median(self.calm or self.ran)

    @property
    def median_taken(self):
        return statistics.median(self.taken) if self.taken else 0

    @property
    def median_alone(self):
        """Without the start of its run-time system."""
        return max(self.median - self.start, 1e-9)

    @property
    def ns_per_row(self):
        return self.median_alone / self.rows * 1e9

    def ratio_to(self, other):
        """How many times the other's time for a row: the median over rounds in which both ran, and
        of those in which nobody disturbed them, if there are any."""
        pairs = [
            (
                max(mine - self.start, 1e-3) / self.rows * other.rows
                / max(theirs - other.start, 1e-3),
                max(mine_taken, theirs_taken) <= TAKEN_MAX,
            )
            for mine, theirs, mine_taken, theirs_taken in zip(
                self.seconds, other.seconds, self._taken(), other._taken()
            )
            if mine is not None and theirs is not None
        ]
        calm = [ratio for ratio, was_calm in pairs if was_calm]
        return statistics.median(calm or [ratio for ratio, _ in pairs]) if pairs else None

    def _taken(self):
        return self.taken or [0] * len(self.seconds)


class Processors:
    """What all processes and the machine's host take of them, from now on."""

    TICK = os.sysconf("SC_CLK_TCK")
    NOISE = 0.03  # seconds: ticks are coarse, and who measures works too

    def __init__(self):
        self.begin = self._now()

    @staticmethod
    def _now():
        try:
            with open("/proc/stat", encoding="ascii") as file:
                user, nice, system, idle, wait, irq, softirq, stolen = map(
                    int, file.readline().split()[1:9]
                )
        except (OSError, ValueError):
            return 0, 0
        return user + nice + system + irq + softirq + stolen, idle + wait

    def taken(self, own):
        """The share of their time that was neither idle nor used by OWN seconds."""
        busy, idle = (b - a for a, b in zip(self.begin, self._now()))
        if busy + idle == 0:
            return 0.0
        return max(busy / self.TICK - own - self.NOISE, 0) / ((busy + idle) / self.TICK)


def run_once(contender):
    """Seconds, and what others took meanwhile; or None, and the contender says what went wrong."""
    report = WORK / "report"
    report.unlink(missing_ok=True)
    answer = contender.answer or WORK / f"answer-{contender.name}.csv".replace(" ", "-")
    contender.answer = answer
    to_file = str(answer) in map(str, contender.command)
    processors = Processors()
    with open(WORK / "stderr", "w+b") as errors, open(
        os.devnull if to_file else answer, "wb"
    ) as out:
        process = subprocess.Popen(
            [program("bench-measure"), str(report), *map(str, contender.command)],
            stdout=out,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **contender.environment},
            start_new_session=True,
        )
        try:
            process.wait(contender.timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            contender.trouble = f"more than {contender.timeout} s"
            return None
        except KeyboardInterrupt:
            _kill(process)
            raise
        errors.seek(0)
        complaint = errors.read().decode(errors="replace").strip().splitlines()
    if not report.exists():
        contender.trouble = "did not start"
        return None
    wall, user, system, peak, status = report.read_text().split()
    taken = processors.taken(float(user) + float(system))
    if status != "0":
        contender.trouble = f"exit {status}: {complaint[-1][:200] if complaint else ''}".strip(": ")
        return None
    contender.peak_kib = max(contender.peak_kib, int(peak))
    return float(wall), taken


def _kill(process):
    """With what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(contender):
    """Once more, if nothing has gone wrong so far."""
    seconds, taken = (None if contender.trouble else run_once(contender)) or (None, 0)
    contender.seconds.append(seconds)
    contender.taken.append(taken)


def take_turns(contenders, rounds, budget):
    """Each round runs every contender once.  A limited one stops when it has used its budget of
    seconds."""
    for number in range(rounds):
        for contender in contenders:
            spent = sum(contender.ran)
            expected = spent / len(contender.ran) if contender.ran else 0
            if contender.limited and number > 0 and spent + expected > budget:
                contender.seconds.append(None)
                contender.taken.append(0)
            else:
                run(contender)
        progress()


def compare_answers(reference, contenders):
    """Says of each whether its answer is the reference's."""
    for contender in contenders:
        if contender is reference or not contender.ran:
            continue
        result = subprocess.run(
            [program("bench-same"), reference.answer, contender.answer],
            capture_output=True,
            text=True,
        )
        contender.same = result.returncode == 0
        if not contender.same:
            contender.note = (result.stdout + result.stderr).strip()


def count_kept(contender):
    """In a run of its own, because to count takes time."""
    command = list(map(str, contender.counting))
    result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    complaint = result.stderr.strip().splitlines()
    if result.returncode != 0:
        contender.trouble = complaint[-1][:200] if complaint else f"exit {result.returncode}"
    elif "--stats" in command:
        contender.kept = json.loads(complaint[-1])["in_flight"] - 1
    else:
        contender.kept = int(result.stdout.split()[-1])


def progress(text="."):
    print(text, end="", file=sys.stderr, flush=True)


class Clock:
    def __init__(self):
        self.begin = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.begin
