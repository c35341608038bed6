"""Writes results.md, results.csv and the plots."""

import csv
import os
import platform
import time

from suite import charts, public
from suite.peers import ENGINES
from suite.places import OUT
from suite.questions import TITLES

COLUMNS = (
    "question who rows runs median_s alone_s min_s max_s ns_a_row peak_kib kept same note"
).split()
YES = {None: "", True: "yes", False: "**no**"}
LOADED = "machine was loaded"
COUNTING = {
    "E": "Numbers one by one to sum and max (batch = 1)",
    "F": "Numbers in batches of 4096 to sum and max",
}
KEPT = (
    "*Kept*: numbers that wait for one of the two at the peak; fanoutd's by `--stats`, the others' "
    "by a run in which Python code counts what sum and max take; empty: each number is handed over "
    "before the next is taken. Between lines of Python threads take turns; CPython's own sum and "
    "max, which are what is timed, let no other thread in before they end, so tee keeps the whole "
    "stream there, as its memory shows."
)


def write(suite, command, seconds):
    OUT.mkdir(parents=True, exist_ok=True)
    parts = [
        "# Benchmark",
        f"`{command}`, {time.strftime('%Y-%m-%d')}, {seconds / 60:.1f} minutes.  {machine()}",
        "Whole processes from start to exit, in turn, input in the page cache; medians of the runs "
        "meanwhile others took at most a tenth of the processors' time, this machine's host "
        "included; in parentheses where there was no such run, which is no result.  *Alone* "
        "is without the start of the run-time system that a peer needs (node with the engine "
        "loaded), *x* the time of a row against fanoutd's, pair by pair, alone.  Memory is the "
        "largest resident set.  *Same*: the answer is fanoutd's, with numbers within 1e-9.",
    ]
    absent = suite.left_out + (suite.peers.absent if suite.peers else [])
    if not suite.fanoutd:
        absent = ["fanoutd"] + absent
    if absent:
        parts.append("Left out, because not here: " + ", ".join(absent) + ".")
    if suite.goals:
        parts += ["## Goals", goals(suite)]
    for question, title in TITLES.items():
        if question in suite.results:
            parts += [f"## {question}. {title}", _answers(suite.results[question])]
    parts += _plot("peers", _plot_answers(suite))
    for name, answered in suite.public.items():
        parts += [f"## {public.TITLES[name]}", _public(answered)]
    for question, title in COUNTING.items():
        if question in suite.results:
            parts += [f"## {question}. {title}", _counts(suite.results[question])]
            parts += [KEPT] if any(c.counting for c in suite.results[question]) else []
    parts += _plot("handover", _plot_counts(suite))
    for curve in suite.curves:
        charts.lines(OUT / f"{curve.name}.svg", curve)
        parts += [f"## {curve.title}", _curve(curve), *_plot(curve.name, True)]
    (OUT / "results.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    _csv(suite)


def machine():
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        model = names[0] if names else model
        with open("/proc/meminfo", encoding="utf-8") as file:
            gigabytes = int(file.readline().split()[1]) / 2**20
    except OSError:
        return f"{model}, {os.cpu_count()} cores, {platform.system()}."
    return (
        f"{model}, {os.cpu_count()} cores, {gigabytes:.0f} GiB, "
        f"{platform.system()} {platform.release().split('-')[0]}."
    )


def goals(suite):
    rows = [
        (
            goal.letter,
            goal.what,
            f"{goal.value:.3g} {goal.unit}",
            f"{'at least' if goal.at_least else 'at most'} {goal.limit:g} {goal.unit}",
            LOADED if goal.spoiled else "yes" if goal.met else "**no**",
        )
        for goal in sorted(suite.goals, key=lambda goal: goal.letter)
    ]
    return _table(("", "what", "measured", "wanted", "met"), "llrrl", rows)


def _answers(contenders):
    first = contenders[0]
    rows = []
    for c in contenders:
        if not c.ran:
            rows.append((c.name, "", "", "", "", "", "", "", c.trouble))
            continue
        ratio = c.ratio_to(first) if first.name == "fanoutd" and c is not first else None
        rows.append(
            (
                c.name,
                _figure(c, f"{c.median:.3f}"),
                _figure(c, f"{c.median_alone:.3f}"),
                _figure(c, f"{ratio:.2f}") if ratio else "",
                _figure(c, f"{c.ns_per_row:.1f}"),
                f"{c.peak_kib / 1024:.1f}",
                YES[c.same],
                str(len(c.ran)),
                "; ".join(filter(None, [c.trouble or c.note, _load(c)])),
            )
        )
    names = ("", "seconds", "alone", "x", "ns a row", "MiB", "same", "runs", "")
    return _table(names, "lrrrrrlrl", rows)


def _counts(contenders):
    fiber = next((c for c in contenders if c.name == "fanoutd, fiber" and c.ran), None)
    rows = [
        (
            c.name,
            _figure(c, f"{c.ns_per_row:,.3g}"),
            f"{c.ratio_to(fiber) or 0:,.3g}" if fiber and c is not fiber else "",
            f"{c.rows:,}",
            "" if c.kept is None else f"{c.kept:,}",
            f"{c.peak_kib / 1024:.1f}",
            YES[c.same],
            str(len(c.ran)),
            c.trouble,
        )
        if c.ran
        else (c.name, "", "", "", "", "", "", "", c.trouble)
        for c in contenders
    ]
    names = ("", "ns a number", "x fiber", "numbers", "kept", "MiB", "right", "runs", "")
    return _table(names, "lrrrrrlrl", rows)


def _figure(contender, text):
    """What a loaded machine spoiled is no result."""
    return f"({text})" if contender.spoiled else text


def _load(contender):
    return f"others took {contender.median_taken:.0%} of the machine" if contender.spoiled else ""


def _public(answered):
    """A row for each question: fanoutd, and how many times its time each peer takes."""
    peers = [name for name in ENGINES if any(c.name == name for _, cs in answered for c in cs)]
    rows = []
    for question, contenders in answered:
        by_name = {c.name: c for c in contenders}
        fanoutd = by_name.get("fanoutd")
        cells = [question.name, question.title]
        if fanoutd and fanoutd.ran:
            cells += [_figure(fanoutd, f"{fanoutd.median:.3f}"), f"{fanoutd.peak_kib / 1024:.0f}"]
        else:
            cells += ["", ""]
        cells += [_times(by_name.get(name), fanoutd) for name in peers]
        notes = [f"{c.name}: {c.trouble or c.note}" for c in contenders if c.trouble or c.note]
        rows.append([*cells, "; ".join(notes).replace("|", "\\|")])
    means = [public.geometric_mean(answered, name) for name in peers]
    form = "({:.1f})" if any(c.spoiled for _, cs in answered for c in cs) else "{:.1f}"
    rows.append(["", "geometric mean", "", "", *(form.format(m) if m else "" for m in means), ""])
    names = ("", "question", "seconds", "MiB", *(f"{name}, x" for name in peers), "")
    return _table(names, "llrr" + "r" * len(peers) + "l", rows)


def _times(peer, fanoutd):
    if peer is None or not peer.ran or not fanoutd or not fanoutd.ran:
        return ""
    text = f"{peer.ratio_to(fanoutd):.1f}"
    return f"({text})" if peer.spoiled or fanoutd.spoiled else text


def _curve(curve):
    steps = sorted({x for series in curve.series.values() for x, _ in series})
    cells = {name: dict(series) for name, series in curve.series.items()}
    rows = [
        (f"{x:,}", *(f"{ys[x]:,.3g}" if x in ys else "" for ys in cells.values())) for x in steps
    ]
    names = (curve.x, *(f"{name}, {curve.y}" for name in cells))
    return _table(names, "r" * len(names), rows)


def _plot(name, there):
    return [f"![{name}]({name}.svg)"] if there else []


def _table(names, alignment, rows):
    rule = [{"l": ":--", "r": "--:"}[a] for a in alignment]
    return "\n".join("| " + " | ".join(row) + " |" for row in [names, rule, *rows])


def _csv(suite):
    with open(OUT / "results.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for question, contenders in suite.results.items():
            for c in contenders:
                if not c.ran:
                    out.writerow([question, c.name, c.rows, 0, *[""] * 8, c.trouble])
                    continue
                numbers = c.median, c.median_alone, min(c.ran), max(c.ran), c.ns_per_row
                same = {None: "", True: "yes", False: "no"}[c.same]
                out.writerow(
                    [question, c.name, c.rows, len(c.ran), *(f"{n:.6g}" for n in numbers)]
                    + [c.peak_kib, c.kept, same, c.trouble or c.note]
                )


def _plot_answers(suite):
    panels = []
    for question, title in TITLES.items():
        ran = [c for c in suite.results.get(question, []) if c.ran]
        rows = [
            (c.name, c.median_alone, f"{c.median_alone:.3g} s")
            for c in ran
            if c.name in ("fanoutd", "floor", *ENGINES)
        ]
        if len(rows) > 1:
            panels.append((question, title, rows))
    if panels:
        charts.bars(OUT / "peers.svg", "Seconds for one answer", panels)
    return bool(panels)


def _plot_counts(suite):
    rows = [
        (c.name, c.ns_per_row, f"{c.ns_per_row:,.3g} ns")
        for c in suite.results.get("E", [])
        if c.ran
    ]
    if rows:
        rows.sort(key=lambda row: row[1])
        title = "Handing one number over to sum and max (logarithmic)"
        charts.bars(OUT / "handover.svg", title, [("E", "ns a number", rows)], log=True)
    return bool(rows)
