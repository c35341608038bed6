"""The questions as fanoutd's INI files."""

from suite.places import WORK

STATIONS = """type = csv
delimiter = ;
columns = station, temperature"""
CSV = "type = csv"


def write(name, source, aggregates, **keys):
    """AGGREGATES are (name, type, column or None, further lines ...)."""
    lines = ["[pipeline]"]
    lines += [f"{key.replace('_', '-')} = {value}" for key, value in keys.items()]
    lines += ["", "[source]", source]
    for name_of_aggregate, kind, column, *more in aggregates:
        lines += ["", f"[aggregate {name_of_aggregate}]", f"type = {kind}"]
        lines += [f"column = {column}"] if column else []
        lines += more
    path = WORK / f"{name}.ini"
    path.write_text("\n".join(lines) + "\n")
    return path


def stations(partitions, strategy="fiber"):
    return write(
        f"stations-{partitions}-{strategy}",
        STATIONS,
        [(kind, kind, "temperature") for kind in ("min", "mean", "max")],
        group_by="station",
        strategy=strategy,
        partitions=partitions,
        max_groups=100000000,
    )


def sketches():
    """States that are larger than a few numbers."""
    return write(
        "sketches",
        STATIONS,
        [
            ("quantile", "quantile", "temperature", "q = 0.5, 0.99"),
            ("distinct", "distinct", "temperature"),
            ("top", "top", "station"),
        ],
        partitions=2,
    )


def origins():
    return write(
        "origins",
        CSV,
        [
            ("flights", "count", None),
            ("distance", "sum", "distance"),
            *((kind, kind, "delay") for kind in ("mean", "min", "max", "stddev")),
            ("delay", "quantile", "delay", "q = 0.5, 0.9, 0.99"),
            ("destinations", "distinct", "destination"),
        ],
        group_by="origin",
        partitions=2,
    )


def delays():
    return write(
        "delays",
        CSV,
        [(kind, kind, "delay") for kind in ("count", "sum", "mean", "min", "max", "stddev")],
        partitions=1,
    )


def levels(partitions):
    return write(
        f"levels-{partitions}",
        "type = jsonl",
        [("n", "count", None), ("bytes", "sum", "bytes"), ("latency", "mean", "latency")],
        group_by="level",
        partitions=partitions,
    )


def statuses(partitions):
    return write(
        f"statuses-{partitions}",
        "type = clf",
        [("n", "count", None), ("bytes", "sum", "bytes")],
        group_by="status",
        partitions=partitions,
    )


GROUPBY = {
    "D1": ("id1", [("v1", "sum", "v1")]),
    "D2": ("id1, id2", [("v1", "sum", "v1")]),
    "D3": ("id3", [("v1", "sum", "v1"), ("v3", "mean", "v3")]),
    "D4": ("id6", [("v1", "sum", "v1"), ("v2", "sum", "v2"), ("v3", "sum", "v3")]),
    "D5": ("id1, id2, id3, id4, id5, id6", [("v3", "sum", "v3"), ("count", "count", None)]),
}


def groupby(question):
    keys, aggregates = GROUPBY[question]
    return write(
        question.lower(), CSV, aggregates, group_by=keys, partitions=2, max_groups=100000000
    )


def numbers(strategy, batch, n):
    return write(
        f"numbers-{strategy}-{batch}",
        f"type = range\nstart = 0\nstop = {n}\nstep = 1",
        [("sum", "sum", "value"), ("max", "max", "value")],
        strategy=strategy,
        batch=batch,
        partitions=1,
    )


def many(count, grouped):
    """COUNT aggregates over one column."""
    kinds = "sum", "min", "max"
    keys = {"group_by": "station"} if grouped else {}
    return write(
        f"many-{count}-{'grouped' if grouped else 'all'}",
        STATIONS,
        [(f"a{i}", kinds[i % 3], "temperature") for i in range(count)],
        partitions=1,
        **keys,
    )


MEAN = ("mean", "mean", "temperature")


def asked(name, where=None, lets=(), aggregates=None, tables=(), group_by="station"):
    """Question A with more to it: a filter, derived columns, tables ((name, keys), ...)."""
    kinds = aggregates or [(kind, kind, "temperature") for kind in ("min", "mean", "max")]
    keys = {"partitions": 2}
    if where:
        keys["where"] = where
    if group_by and not tables:
        keys["group_by"] = group_by
    path = write(f"asked-{name}", STATIONS, kinds, **keys)
    lines = [path.read_text()]
    if lets:
        lines += ["[let]", *lets]
    for table, by in tables:
        lines += [f"[table {table}]", f"group-by = {by}", f"path = {table}.csv", "format = csv"]
    path.write_text("\n".join(lines) + "\n")
    return path


def questions():
    """By name: what is asked on top of question A."""
    initial = "initial = substr(station, 1, 1)"
    many = [(f"a{i}", ("sum", "mean", "max", "min")[i % 4], "temperature") for i in range(20)]
    each = [(*aggregate, "where = temperature > 10") for aggregate in many]
    both = [("stations", "station, initial"), ("initials", "initial")]
    return {
        "no filter": asked("plain"),
        "where t > 10": asked("some", where="temperature > 10"),
        "where, 1 % of the rows": asked("few", where="temperature > 43"),
        "a derived column": asked(
            "derived",
            lets=["u = temperature * 9 / 5 + 32"],
            aggregates=[("min", "min", "temperature"), ("u", "mean", "u"), ("max", "max", "temperature")],
        ),
        "20 aggregates, where for all": asked("many", where="temperature > 10", aggregates=many),
        "20 aggregates, where for each": asked("each", aggregates=each),
        "by station and initial": asked("one", lets=[initial], group_by="station, initial"),
        "by initial": asked("other", lets=[initial], group_by="initial"),
        "both, the second from the first": asked("tables", lets=[initial], tables=both),
        "by station, by rounded t": asked(
            "two",
            lets=["degrees = round(temperature)"],
            tables=[("stations", "station"), ("degrees", "degrees")],
        ),
        "by rounded t": asked(
            "degrees", lets=["degrees = round(temperature)"], group_by="degrees"
        ),
    }
