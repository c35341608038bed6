"""Public questions: what they are, and whether two answers to one say the same."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PIPELINES = Path(__file__).resolve().parent.parent / "pipelines"
INPUTS = {"clickbench": "hits", "tpch": "lineitem", "jsonbench": "events", "nexmark": "bids"}

ENDING = re.compile(r"order by (?P<by>\w+)[^()]*?(?: limit (?P<limit>\d+))?(?: offset (?P<offset>\d+))?$")
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
    names = list(theirs)
    a, b = (list(zip(*columns)) for columns in zip(*(_alike(mine[n], theirs[n]) for n in names)))
    if whole:
        return _part(asked, names, a, b)
    if len(a) != len(b):
        return f"{len(a)} rows and {len(b)}"
    if asked.limit is not None and asked.by is None:
        return ""
    if asked.limit is None or asked.by not in names:
        return _unlike(a, b)
    by = names.index(asked.by)
    order = [row[by] for row in a]
    if sorted(order) != sorted(row[by] for row in b):
        return f"{asked.by} is not the same"
    open_ends = {order[-1]} if order else set()
    if asked.offset and order:
        open_ends.add(order[0])
    return _unlike(*([row for row in rows if row[by] not in open_ends] for rows in (a, b)))


def _part(asked, names, part, whole):
    rows = len(whole) - asked.offset
    wanted = max(rows if asked.limit is None else min(rows, asked.limit), 0)
    if len(part) != wanted:
        return f"{len(part)} rows and not {wanted}"
    strange = Counter(part) - Counter(whole)
    if strange:
        return f"only one has {next(iter(strange))}"
    if asked.by is None or asked.by not in names:
        return ""
    by = names.index(asked.by)
    backwards = f"order by {asked.by} desc" in asked.sql

    def key(text):
        return (0, float(text), "") if _number(text) is not None else (1, 0.0, text)

    order = sorted((row[by] for row in whole), key=key, reverse=backwards)
    if [row[by] for row in part] != order[asked.offset : asked.offset + wanted]:
        return f"other values of {asked.by}"
    return ""


def _unlike(a, b):
    strange = (Counter(a) - Counter(b)) or (Counter(b) - Counter(a))
    return f"only one has {next(iter(strange))}" if strange else ""


def _alike(mine, theirs):
    """Both columns, with what is equal written alike: times, and numbers that are not all whole."""
    mine, theirs = ([_plain(text) for text in column] for column in (mine, theirs))
    if all(WHOLE.fullmatch(text) or text == "" for text in mine + theirs):
        return mine, theirs
    return [_rounded(text) for text in mine], [_rounded(text) for text in theirs]


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


def _rounded(text):
    number = _number(text)
    return text if number is None else f"{number:.9g}"
