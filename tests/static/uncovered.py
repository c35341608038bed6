#!/usr/bin/env python3
"""The files that tests reach little of, each with its reason; a failure where one has none, or a reason is
of a file that is reached by now.

usage: tests/static/uncovered.py SUMMARY.json REASONS"""

import json
import sys

WANTED = 85


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        files = {one["filename"]: one for one in json.load(file)["files"]}
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = [line.split(None, 1) for line in file if line.strip() and not line.startswith("#")]
    reasons = {name: reason.strip() for name, reason in lines}
    wrong = 0
    for name, one in sorted(files.items(), key=lambda item: item[1]["line_percent"]):
        # Ten lines say nothing.
        little = one["line_percent"] < WANTED and one["line_total"] > 10
        if little or name in reasons:
            print(f"{one['line_percent']:5.1f} % of {one['line_total']:4d}  {name}: {reasons.get(name, 'NO REASON')}")
        if little and name not in reasons:
            wrong += 1
        if name in reasons and one["line_percent"] >= WANTED + 5:
            print(f"coverage: {name} is reached by now: tests/static/uncovered.txt", file=sys.stderr)
            wrong += 1
    for name in reasons.keys() - files.keys():
        print(f"coverage: there is no {name}: tests/static/uncovered.txt", file=sys.stderr)
        wrong += 1
    sys.exit(1 if wrong else 0)


main()
