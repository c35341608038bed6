"""Public questions: what they are, and whether two answers to one say the same."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

PIPELINES = Path(__file__).resolve().parent.parent / "pipelines"
INPUTS = {"clickbench": "hits", "tpch": "lineitem", "jsonbench": "events", "nexmark": "bids"}

ENDING = re.compile(r"order by (?P<by>\w+)[^()]*?(?: limit (?P<limit>\d+))?(?: offset (?P<offset>\d+))?$")
TOLERANCE = 1e-9  # of numbers that are not all whole, relative or, of small ones, absolute
WHOLE = re.compile(r"-?\d+")
NULL = r"\N"  # as ClickHouse writes it
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d*?)?0*Z?")


@dataclass
class Asked:
    suite: str
    name: str
    sql: str

    def __post_init__(self):
        ending = ENDING.search(self.sql)
        self.by = ending["by"] if ending else None
        self.offset = int(ending["offset"] or 0) if ending else 0
        limit = re.search(r" limit (\d+)(?: offset \d+)?$", self.sql)
        self.limit = int(limit[1]) if limit else None

    @property
    def title(self):
        """What its pipeline says that it asks."""
        with open(self.pipeline, encoding="utf-8") as file:
            return re.match(r"[^.?]*[.?]?", file.readline().strip("# \n"))[0]

    @property
    def pipeline(self):
        return PIPELINES / self.suite / f"{self.name}.ini"


def questions(suite):
    """Those that there is a pipeline for, in order."""
    text = (PIPELINES / suite / "queries.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- (q\d+)$", text, flags=re.MULTILINE)[1:]
    all_ = [Asked(suite, name, sql.strip().rstrip(";")) for name, sql in zip(parts[::2], parts[1::2])]
    return [asked for asked in all_ if asked.pipeline.exists()]


def read(path):
    """The columns by their names."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def difference(asked, mine, theirs, whole=False):
    """What two answers do not have in common, or nothing. Columns that only mine has do not matter.
    Of equal rows at the ends of an answer with a limit, each may have others. `whole`: theirs has
    no limit, and all rows of mine have to be in it."""
    lacking = [name for name in theirs if name not in mine]
    if lacking:
        return f"no column {lacking[0]}"
    pairs = [_alike(mine[name], theirs[name]) for name in theirs]
    a, b = (list(zip(*columns)) for columns in zip(*pairs))
    by = list(theirs).index(asked.by) if asked.by in theirs else None
    if whole:
        return _part(asked, by, a, b)
    if len(a) != len(b):
        return f"{len(a)} rows and {len(b)}"
    if asked.limit is not None and asked.by is None:
        return ""
    if asked.limit is None or by is None or not a:
        return _unlike(a, b)
    order = [row[by] for row in a]
    if _unlike([(cell,) for cell in order], [(row[by],) for row in b]):
        return f"other values of {asked.by}"
    ends = (order[0], order[-1]) if asked.offset else order[-1:]
    return _unlike(*(
        [row for row in rows if not any(_same(row[by], end) for end in ends)] for rows in (a, b)
    ))


def _part(asked, by, part, whole):
    rows = len(whole) - asked.offset
    wanted = max(rows if asked.limit is None else min(rows, asked.limit), 0)
    if len(part) != wanted:
        return f"{len(part)} rows and not {wanted}"
    left = {}
    for row in whole:
        left.setdefault(_exact(row), []).append(row)
    for row in part:
        twins = left.get(_exact(row), [])
        twin = next((i for i, other in enumerate(twins) if _same_row(row, other)), None)
        if twin is None:
            return f"only one has {row}"
        del twins[twin]
    if by is None:
        return ""

    def value(cell):
        number = _number(cell)
        return (1, 0.0, cell) if number is None else (0, number, "")

    order = sorted((row[by] for row in whole), key=value,
                   reverse=f"order by {asked.by} desc" in asked.sql)
    wanted_order = order[asked.offset : asked.offset + wanted]
    if not all(_same(row[by], cell) for row, cell in zip(part, wanted_order)):
        return f"other values of {asked.by}"
    return ""


def _unlike(a, b):
    for row, other in zip(sorted(a, key=_place), sorted(b, key=_place)):
        if not _same_row(row, other):
            return f"one has {row}, one has {other}"
    return "" if len(a) == len(b) else f"{len(a)} rows and {len(b)} between the ends"


def _exact(row):
    return tuple(cell for cell in row if isinstance(cell, str))


def _place(row):
    """By what is exact, then by the numbers that may differ in their last digits."""
    return _exact(row), tuple(cell for cell in row if not isinstance(cell, str))


def _same(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return abs(a - b) <= TOLERANCE * (1 + abs(a) + abs(b))


def _same_row(row, other):
    return all(map(_same, row, other))


def _alike(mine, theirs):
    """Both columns, with what is equal written alike: times; as floats where not all are whole."""
    mine, theirs = ([_plain(text) for text in column] for column in (mine, theirs))
    numbers = [_number(text) for text in mine + theirs if text]
    if None in numbers or all(WHOLE.fullmatch(text) or not text for text in mine + theirs):
        return mine, theirs
    return ([float(text) if text else text for text in column] for column in (mine, theirs))


def _plain(text):
    instant = INSTANT.fullmatch(text)
    if instant:
        return f"{instant[1]} {instant[2]}{(instant[3] or '').rstrip('.')}"
    return "" if text == NULL else text


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None
