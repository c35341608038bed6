"""Where things are."""

from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
OUT = ROOT / "build" / "bench"
DATA = OUT / "data"
WORK = OUT / "work"
PROGRAMS = OUT / "programs"
NODE_MODULES = OUT / "node_modules"


def program(name):
    return str(PROGRAMS / "bench" / name)
