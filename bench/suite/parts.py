"""What many machines cost: merging their parts, a part beside its share of a run, ranks of MPI."""

import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from suite import data, pipelines
from suite.peers import THREADS
from suite.places import WORK
from suite.timing import Contender, compare_answers, progress

GROUPS = 10_000
SHARES = 4
# Ranks of one machine, as whoever runs this; without a look for other networks.
MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_pml": "ob1",
    "OMPI_MCA_btl": "self,vader",
}


def make(suite, number):
    """So many parts, which have the same groups, each in an order of its own."""
    factor = f"(floor(value / {GROUPS}) * 10 + 1)"
    made = pipelines.write(
        "parts",
        "type = range\n\n[let]\n"
        f"station = concat('station ', value * {factor} % {GROUPS})\n"
        "temperature = (value * 37 % 1999 - 999) / 10",
        [(kind, kind, "temperature") for kind in ("min", "mean", "max")],
        group_by="station", partitions=1)
    folder = WORK / "parts"
    folder.mkdir(exist_ok=True)

    def make_one(i):
        path = folder / f"{i}.part"
        subprocess.run(
            [suite.fanoutd, "run", "--partial", path, "-s", f"source.start={i * GROUPS}",
             "-s", f"source.stop={(i + 1) * GROUPS}", made], check=True)
        return path

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(make_one, range(number)))


def merge(suite):
    number = 200 if suite.quick else 1000
    paths = make(suite, number)
    answer = WORK / "answer-merge.csv"
    merged = Contender(
        f"merge, {number:,} parts of {GROUPS:,} groups",
        [suite.fanoutd, "merge", "-f", "csv", "-o", answer, *paths],
        answer, rows=number * GROUPS, note="a row is a group of a part")
    suite._measure("P", [merged], None)
    shutil.rmtree(WORK / "parts")
    if merged.ran:
        speed = merged.rows / merged.median / 1e6
        suite._goal("P", "groups merged, a second", speed, 5, "million", at_least=True)


def inputs(suite):
    """Several times the same rows: what starts take is not asked for."""
    path = data.stations(suite.rows["A"])
    data.warm(path)
    return [path] * SHARES * (5 if suite.quick else 1)


def shares(suite):
    """All parts, one after the other, beside one run."""
    paths = inputs(suite)
    made = pipelines.stations(THREADS)
    rows = suite.rows["A"] * len(paths)
    whole = suite._fanoutd(made, paths, rows, "one run")
    once = [shlex.join(map(str, [suite.fanoutd, "run", "--part", f"{i + 1}/{SHARES}", "--partial",
                                 WORK / f"{i}.part", made, *paths])) for i in range(SHARES)]
    parts = Contender(f"its {SHARES} parts", ["sh", "-c", " && ".join(once)], rows=rows)
    suite._measure("P", [whole, parts], None)
    if whole.ran and parts.ran:
        suite._goal("P", "a part / its share of a run", parts.ratio_to(whole), 1.02, "x")


def ranks(suite):
    """One partition on each."""
    program = suite.fanoutd.with_name("fanoutd-mpi")
    if not program.exists() or not shutil.which("mpirun"):
        suite.left_out.append("P, ranks (mpirun or fanoutd-mpi is not there)")
        return
    # An odd number, so that the second piece begins within a file; MPI itself takes 0.4 s to start.
    path = data.stations(suite.rows["A"])
    data.warm(path)
    paths = [path] * (61 if suite.quick else 9)
    rows = suite.rows["A"] * len(paths)
    made = pipelines.stations(1)
    runs = []
    for n in (1, 2):
        answer = WORK / f"answer-ranks-{n}.csv"
        runs.append(Contender(
            f"{n} rank{'s' if n > 1 else ''}",
            ["mpirun", "-n", n, program, "run", "-f", "csv", "-o", answer, made, *paths],
            answer, environment=MPI, rows=rows))
    suite._measure("P", runs, None)
    compare_answers(runs[0], runs)
    if all(run.ran for run in runs):
        suite._goal("P", "1 rank / 2 ranks", runs[0].ratio_to(runs[1]), 1.8, "x", at_least=True)


def question_p(suite):
    """Parts of many machines."""
    progress("\nP ")
    suite.results.setdefault("P", [])
    merge(suite)
    shares(suite)
    ranks(suite)
