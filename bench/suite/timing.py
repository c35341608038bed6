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
    note: str = ""
    counting: Optional[list] = None  # a command that tells how many rows are kept at the peak
    kept: Optional[int] = None  # that many
    seconds: list = field(default_factory=list)  # one for each round; None: not run
    peak_kib: int = 0
    same: Optional[bool] = None
    trouble: str = ""

    @property
    def ran(self):
        return [s for s in self.seconds if s is not None]

    @property
    def median(self):
        return statistics.median(self.ran)

    @property
    def median_alone(self):
        """Without the start of its run-time system."""
        return max(self.median - self.start, 1e-9)

    @property
    def ns_per_row(self):
        return self.median_alone / self.rows * 1e9

    def ratio_to(self, other):
        """How many times the other's time for a row: the median over rounds in which both ran."""
        pairs = [
            (mine - self.start) / self.rows * other.rows / (theirs - other.start)
            for mine, theirs in zip(self.seconds, other.seconds)
            if mine is not None and theirs is not None
        ]
        return statistics.median(pairs) if pairs else None


def run_once(contender):
    """Seconds; or None, and the contender says what went wrong."""
    report = WORK / "report"
    report.unlink(missing_ok=True)
    answer = contender.answer or WORK / f"answer-{contender.name}.csv".replace(" ", "-")
    contender.answer = answer
    to_file = str(answer) in map(str, contender.command)
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
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            _kill(process)
            contender.trouble = f"more than {TIMEOUT} s"
            return None
        except KeyboardInterrupt:
            _kill(process)
            raise
        errors.seek(0)
        complaint = errors.read().decode(errors="replace").strip().splitlines()
    if not report.exists():
        contender.trouble = "did not start"
        return None
    wall, _, _, peak, status = report.read_text().split()
    if status != "0":
        contender.trouble = f"exit {status}: {complaint[-1][:200] if complaint else ''}".strip(": ")
        return None
    contender.peak_kib = max(contender.peak_kib, int(peak))
    return float(wall)


def _kill(process):
    """With what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def take_turns(contenders, rounds, budget):
    """Each round runs every contender once.  A limited one stops when it has used its budget of
    seconds."""
    for number in range(rounds):
        for contender in contenders:
            spent = sum(contender.ran)
            expected = spent / len(contender.ran) if contender.ran else 0
            over = contender.limited and number > 0 and spent + expected > budget
            if contender.trouble or over:
                contender.seconds.append(None)
                continue
            contender.seconds.append(run_once(contender))
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
