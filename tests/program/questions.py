"""Asks each question of bench/pipelines/ of few generated rows, and SQLite the same.

questions.py FANOUTD GENERATORS BENCH

What is about many rows in a question (a threshold, an offset) is made to fit few, in both."""

import csv
import json
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

sys.dont_write_bytecode = True
program, generators, bench = sys.argv[1:]
sys.path.insert(0, bench)

from suite import asked  # noqa: E402

# How many rows, and how many of them a second.
ROWS = {"hits": [1500], "lineitem": [4000], "events": [800], "bids": [1500, 20]}
FEWER = {"100000": "20", "10000": "3", "1000": "2", "100": "1"}  # of the thresholds and offsets
LINEITEM = (
    "l_orderkey l_partkey l_suppkey l_linenumber l_quantity l_extendedprice l_discount l_tax "
    "l_returnflag l_linestatus l_shipdate l_commitdate l_receiptdate l_shipinstruct l_shipmode "
    "l_comment end"
).split()


def instant(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(text):
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)


FUNCTIONS = {
    "regexp_replace": lambda text, pattern, by: re.sub(pattern, by, text, count=1),
    "minute_of": lambda text: int(text[14:16]),
    "hour": lambda text: int(text[11:13]),
    "hour_of": lambda microseconds: microseconds // 3600000000 % 24,
    "date_trunc": lambda _, text: text[:16] + ":00",
    "date_of": lambda text: text[:10],
    "clock_of": lambda text: text[11:16],
    "milliseconds": milliseconds,
    "seconds": lambda text: milliseconds(text) // 1000,
    "instant": instant,
    "instant_ms": lambda n: f"{instant(n // 1000)}.{n % 1000:03}",
}


def typed(text):
    """A number as a number, so that SQLite takes it for one."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def rows_of(table, path):
    """The names of its columns and its rows."""
    with open(path, encoding="utf-8", newline="") as file:
        if table == "events":
            events = map(json.loads, file)
            return ["did", "time_us", "kind", "operation", "collection"], [
                (e["did"], e["time_us"], e["kind"], e.get("commit", {}).get("operation"),
                 e.get("commit", {}).get("collection"))
                for e in events
            ]
        rows = list(csv.reader(file, delimiter="|" if table == "lineitem" else ","))
    names = LINEITEM if table == "lineitem" else rows.pop(0)
    return names, [[typed(cell) for cell in row] for row in rows]


def database():
    base = sqlite3.connect(":memory:")
    base.execute("pragma case_sensitive_like = on")
    for name, function in FUNCTIONS.items():
        base.create_function(name, function.__code__.co_argcount, function)
    base.execute("create table hops (back)")
    base.executemany("insert into hops values (?)", [(n,) for n in (0, 2, 4, 6, 8)])
    for table, size in ROWS.items():
        with open(table, "wb") as out:
            subprocess.run([f"{generators}/bench-data-{table}", *map(str, size)], stdout=out, check=True)
        names, rows = rows_of(table, table)
        base.execute(f"create table {table} ({', '.join(map(repr, names))})")
        base.executemany(f"insert into {table} values ({', '.join('?' * len(names))})", rows)
    return base


def fewer(text):
    """With small numbers in the places of large ones."""
    return re.sub(
        r"(count\(\*\) > |offset |c > |offset = )(\d+)\b",
        lambda match: match[1] + FEWER.get(match[2], match[2]),
        text,
    )


def answer_of(question):
    """FANOUTD's, and what it says."""
    name = f"{question.suite}-{question.name}"
    with open(name + ".ini", "w", encoding="utf-8") as out:
        out.write(fewer(question.pipeline.read_text(encoding="utf-8")))
    for verb, more in (("check", []), ("run", ["-f", "csv", "-o", name + ".csv"])):
        command = [program, verb, *more, name + ".ini", asked.INPUTS[question.suite]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=50)
        if done.returncode != 0 or done.stderr:
            return None, done.stderr
    return asked.read(name + ".csv"), ""


def theirs(base, question):
    """All rows, where that says more than those that are wanted."""
    whole = question.by is None or re.search(rf"\b{question.by}\b.* from", question.sql, re.DOTALL)
    sql = re.sub(r" limit \d+( offset \d+)?$", "", question.sql) if whole else question.sql
    found = base.execute(sql.replace("extract(minute from EventTime)", "minute_of(EventTime)"))
    names = [column[0] for column in found.description]
    rows = [["" if cell is None else str(cell) for cell in row] for row in found]
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}, bool(whole)


def main():
    base = database()
    all_ = [
        asked.Asked(question.suite, question.name, fewer(question.sql))
        for suite in asked.INPUTS
        for question in asked.questions(suite)
    ]
    wrong = empty = 0
    with ThreadPoolExecutor(2) as pool:
        for question, (mine, said) in zip(all_, pool.map(answer_of, all_)):
            wanted, whole = theirs(base, question)
            problem = said if mine is None else asked.difference(question, mine, wanted, whole)
            if problem:
                wrong += 1
                print(f"{question.suite} {question.name}: {problem}")
            elif not next(iter(mine.values())):
                empty += 1
                print(f"{question.suite} {question.name}: no rows")
    print(f"{len(all_)} questions, {wrong} answers are wrong, {empty} empty")
    sys.exit(1 if wrong or empty or len(all_) < 60 else 0)


main()
