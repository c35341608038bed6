"""Writes results.md, results.csv and the plots."""

import csv
import os
import platform
import time

from suite import charts
from suite.places import OUT
from suite.questions import TITLES

SECTIONS = {
    "E": "Numbers one by one to sum and max (batch = 1)",
    "F": "Numbers in batches of 4096 to sum and max",
    "G": "More aggregates over one column",
    "I": "Memory for ten times the rows",
}


def write(suite, command, seconds):
    OUT.mkdir(parents=True, exist_ok=True)
    plots = _plots(suite)
    parts = [
        "# Benchmark",
        f"`{command}`, {time.strftime('%Y-%m-%d')}, {seconds / 60:.1f} minutes.  {machine()}",
        "Whole processes from start to exit, in turn, input in the page cache; medians.  `alone` is "
        "without the start of the run-time system that a peer needs (node with the engine loaded); "
        "`x` is the time of a row against fanoutd's, pair by pair, alone.  Memory is the largest "
        "resident set.  `same` says whether the answer is fanoutd's, numbers within 1e-9.",
    ]
    absent = suite.left_out + (suite.peers.absent if suite.peers else [])
    if not suite.fanoutd:
        absent = ["fanoutd"] + absent
    if absent:
        parts.append("Left out, because not here: " + ", ".join(absent) + ".")
    if suite.goals:
        parts += ["## Goals", _goals(suite.goals)]
    for question, contenders in suite.results.items():
        title = TITLES.get(question) or SECTIONS.get(question)
        parts += [f"## {question}. {title}" if title else f"## {question}".replace("g", "G", 1)]
        parts.append(_contenders(contenders))
    parts += [f"![{name}]({name}.svg)" for name in plots]
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


def _goals(goals):
    rows = [
        (
            goal.letter,
            goal.what,
            f"{goal.value:.3g} {goal.unit}",
            f"{'at least' if goal.at_least else 'at most'} {goal.limit:g} {goal.unit}",
            "yes" if goal.met else "**no**",
        )
        for goal in sorted(goals, key=lambda goal: goal.letter)
    ]
    return _table(("", "what", "measured", "wanted", "met"), "llrrl", rows)


def _contenders(contenders):
    first = contenders[0]
    elements = first.rows > 0 and first.name.startswith("fanoutd, ")
    rows = []
    for c in contenders:
        if not c.ran:
            rows.append((c.name, c.trouble or "not run") + ("",) * 7)
            continue
        ratio = c.ratio_to(first) if c is not first and not elements else None
        rows.append(
            (
                c.name,
                f"{c.median:.3f}",
                f"{c.median_alone:.3f}" if c.start else "",
                f"{ratio:.2f}" if ratio else "",
                f"{c.ns_per_row:.2f}" if c.rows else "",
                f"{c.peak_kib / 1024:.1f}",
                {None: "", True: "yes", False: "**no**"}[c.same],
                str(len(c.ran)),
                c.trouble or c.note,
            )
        )
    names = ("", "s", "alone s", "x", "ns a row", "MiB", "same", "runs", "")
    return _table(names, "lrrrrrlrl", rows)


def _table(names, alignment, rows):
    rule = [{"l": ":--", "r": "--:"}[a] for a in alignment]
    return "\n".join("| " + " | ".join(row) + " |" for row in [names, rule, *rows])


def _csv(suite):
    with open(OUT / "results.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(
            "question who rows runs median_s alone_s min_s max_s ns_a_row peak_kib same note".split()
        )
        for question, contenders in suite.results.items():
            for c in contenders:
                if not c.ran:
                    out.writerow([question, c.name, c.rows, 0, *[""] * 7, c.trouble])
                    continue
                numbers = c.median, c.median_alone, min(c.ran), max(c.ran), c.ns_per_row
                same = {None: "", True: "yes", False: "no"}[c.same]
                out.writerow(
                    [question, c.name, c.rows, len(c.ran), *(f"{n:.6g}" for n in numbers)]
                    + [c.peak_kib, same, c.trouble or c.note]
                )


def _plots(suite):
    names = []
    panels = []
    for question in TITLES:
        contenders = [
            c for c in suite.results.get(question, []) if c.ran and not c.name.startswith("wc")
        ]
        fastest = contenders[0].median_alone if contenders else 1
        # The text tools are too far off to be seen on one scale with the others.
        rows = [
            (c.name, c.median_alone, f"{c.median_alone:.3g} s")
            for c in contenders
            if c.rows == contenders[0].rows and c.median_alone < 200 * fastest
        ]
        if len(rows) > 1:
            panels.append((f"{question}: {TITLES[question]}"[:62], rows))
    if panels:
        charts.bars(OUT / "peers.svg", "Seconds for one answer", panels)
        names.append("peers")
    rows = [
        (c.name, c.ns_per_row, f"{c.ns_per_row:,.3g} ns")
        for c in suite.results.get("E", [])
        if c.ran
    ]
    if rows:
        title = "Handing over one number to sum and max (logarithmic)"
        rows.sort(key=lambda row: row[1])
        charts.bars(OUT / "handover.svg", title, [("ns a number", rows)], columns=1, log=True)
        names.append("handover")
    for curve in suite.curves:
        charts.lines(OUT / f"{curve.name}.svg", curve)
        names.append(curve.name)
    return names
