"""Who else is asked, and how."""

import os
import shutil
import subprocess
import sys

from suite.places import BENCH, NODE_MODULES, OUT, WORK
from suite.timing import Contender

THREADS = 2

ENGINES = {  # name: script, package
    "DuckDB": ("duckdb.js", "@duckdb/node-api"),
    "ClickHouse": ("clickhouse.js", "chdb"),
    "Polars": ("polars.js", "nodejs-polars"),
}
SILENT = {("Polars", "K"), ("Polars", "jsonbench")}  # its package for node reads JSON as a whole
TOOLS = {  # name: script, command, questions
    "GNU datamash": ("datamash", "datamash", ("A", "B", "C", "D1", "D2", "D3")),
    "Miller": ("miller", "mlr", ("A", "C", "D1", "D2")),
    "mawk": ("mawk", "mawk", ("A", "C", "D1", "D2", "D3", "L")),
    "GoAccess": ("goaccess", "goaccess", ("L",)),
}
PYTHONS = {  # the system's often has what another one has not
    "Python": (sys.executable, "/usr/bin/python3"),
    "PyPy": (shutil.which("pypy3"),),
}
PYTHON_WAYS = {  # name: how many numbers in about a second, of each of PYTHONS
    "buffered": (10_000_000, 20_000_000),
    "tee": (5_000_000, 5_000_000),
    "tee, threads": (5_000_000, 5_000_000),
    "greenlet": (1_500_000, 1_500_000),
    "uvloop": (300_000, 300_000),
    "asyncio": (200_000, 200_000),
    "threads": (15_000, 15_000),
}
KEEPING = "buffered", "tee", "tee, threads"  # these can tell how many numbers they keep


class Peers:
    """Those that are here; and the names of those that are not."""

    def __init__(self):
        has = shutil.which
        self.engines = [
            name
            for name, (_, package) in ENGINES.items()
            if has("node") and (NODE_MODULES / package).exists()
        ]
        self.tools = [name for name, (_, command, _) in TOOLS.items() if has(command)]
        self.pythons = {
            (python, way): _python_with(way, PYTHONS[python])
            for python in PYTHONS
            for way in PYTHON_WAYS
        }
        self.starts = {}
        wanted = {**dict.fromkeys(ENGINES), **dict.fromkeys(TOOLS), "Go": 0, "Boost.Fiber": 0}
        here = {*self.engines, *self.tools}
        here |= {"Go"} if (OUT / "channels").exists() else set()
        here |= {"Boost.Fiber"} if (OUT / "fibers").exists() else set()
        self.absent = [name for name in wanted if name not in here]
        self.absent += [
            f"{python}'s {way}" for (python, way), found in self.pythons.items() if not found
        ]

    def start_contenders(self):
        return [self._engine(name, "start") for name in self.engines]

    def answering(self, question, path, rows, threads):
        """The engines."""
        return [
            self._engine(name, question, path, rows, threads)
            for name in self.engines
            if (name, question) not in SILENT
        ]

    def public(self, suite, question, path, rows):
        """The engines, of a public question."""
        return [
            self._engine(name, question, path, rows, THREADS, suite)
            for name in self.engines
            if (name, suite) not in SILENT
        ]

    def text_tools(self, question, path, rows):
        return [
            Contender(
                name,
                [BENCH / "peers" / TOOLS[name][0], question, path, answer],
                answer,
                rows=rows,
                limited=True,
            )
            for name in self.tools
            if question in TOOLS[name][2]
            for answer in [_answer(name)]
        ]

    def handing_over(self, share):
        """SHARE of what takes about a second."""
        result = []
        for name, command, n in (("Go", "channels", 4e6), ("Boost.Fiber", "fibers", 2.5e6)):
            if name not in self.absent:
                rows = int(n * share)
                result.append(Contender(name, [OUT / command, str(rows)], rows=rows))
        for (python, way), found in self.pythons.items():
            if found:
                rows = int(PYTHON_WAYS[way][list(PYTHONS).index(python)] * share)
                script = BENCH / "peers" / "handover" / "solutions.py"
                command = [found, script, way, str(rows)]
                result.append(Contender(f"{python}, {way}", command, rows=rows))
                if way in KEEPING:
                    result[-1].counting = [*command, "peak"]
        return result

    def _engine(self, name, question, path="", rows=0, threads=THREADS, suite=None):
        script, _ = ENGINES[name]
        asking = ["public.js", script.removesuffix(".js"), suite] if suite else [script]
        answer = _answer(name)
        arguments = [path, answer, str(threads)] if question != "start" else []
        return Contender(
            name,
            ["node", BENCH / "peers" / asking[0], *asking[1:], question, *arguments],
            answer if arguments else None,
            {"NODE_PATH": str(NODE_MODULES), "POLARS_MAX_THREADS": str(threads)},
            start=self.starts.get(name, 0) if arguments else 0,
            rows=rows,
            limited=bool(arguments),
        )


def _answer(name):
    return WORK / f"answer-{name.replace(' ', '-')}.csv"


def _python_with(way, pythons):
    """The first of them that has the module this way needs."""
    module = way if way in ("greenlet", "uvloop", "asyncio") else "sys"
    for python in dict.fromkeys(pythons):
        if python and os.path.exists(python):
            trial = subprocess.run([python, "-c", f"import {module}"], capture_output=True)
            if trial.returncode == 0:
                return python
    return None
