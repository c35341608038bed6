"""The input files, made or fetched when they are first needed."""

import os
import subprocess

from suite.asked import INPUTS
from suite.places import BENCH, DATA, program


def stations(rows, groups=413, rate=None):
    """RATE: with a time, so many rows a second."""
    timed = [str(rate)] if rate else []
    path = DATA / f"{'-'.join(['stations', str(rows), *timed])}x{groups}.csv"
    return _made(path, [program("bench-data-stations"), str(rows), str(groups), *timed])


def groupby(rows):
    return _made(DATA / f"groupby-{rows}.csv", [program("bench-data-groupby"), str(rows)])


def logs(kind, rows):
    """KIND is json or clf."""
    return _made(DATA / f"logs-{rows}.{kind}", [program("bench-data-logs"), kind, str(rows)])


def public(suite, rows):
    table = INPUTS[suite]
    return _made(DATA / f"{table}-{rows}", [program(f"bench-data-{table}"), str(rows)])


def flights():
    """None where it cannot be fetched."""
    path = DATA / "flights-3m.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        try:
            subprocess.run([BENCH / "data" / "fetch-flights", part], check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        part.rename(path)
    return path


def packed(path):
    return _made(path.with_suffix(".csv.gz"), ["gzip", "-c", path])


def share(path, rows, header):
    """The first ROWS rows of a file."""
    short = path.with_name(f"{path.stem}-first-{rows}.csv")
    if not short.exists():
        part = short.with_suffix(".part")
        with open(path, "rb") as whole, open(part, "wb") as out:
            for _ in range(rows + header):
                out.write(whole.readline())
        part.rename(short)
    return short


def warm(path):
    """Into the page cache, read anew from its start: how fast a file is read depends on the sizes of the
    pieces in which it came there."""
    with open(path, "rb", buffering=0) as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while file.read(1 << 20):
            pass


def _made(path, command):
    if not path.exists():
        part = path.with_suffix(".part")
        with open(part, "wb") as out:
            subprocess.run(command, stdout=out, check=True)
        os.rename(part, path)
    return path
