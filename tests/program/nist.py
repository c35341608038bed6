"""NIST's reference sets for univariate statistics, against exact rationals and to 15 digits.

Usage: nist.py FANOUTD. The sets that a formula gives (NumAcc1 to 4, PiDigits) are made anew and
compared with the files; of each the mean and the standard deviation are those of rationals, rounded
once, and have the 15 digits that NIST certifies. The values are decimals: the nearest doubles of
some sets have other deviations at 15 digits, however exactly they are computed.
"""

import csv
import os
import statistics
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

from exact import FANOUTD, ending, root

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "nist")
# Mean and standard deviation, as https://www.itl.nist.gov/div898/strd/ has them.
CERTIFIED = {
    "Lottery": ("518.958715596330", "291.699727470969"),
    "Lew": ("-177.435000000000", "277.332168044316"),
    "Mavro": ("2.00185600000000", "0.000429123454003053"),
    "Michelso": ("299.852400000000", "0.0790105478190518"),
    "NumAcc1": ("10000002", "1"),
    "NumAcc2": ("1.2", "0.1"),
    "NumAcc3": ("1000000.2", "0.1"),
    "NumAcc4": ("10000000.2", "0.1"),
    "PiDigits": ("4.53480000000000", "2.86733906028871"),
}


def digits_of_pi(n):
    """The first n (J. Gibbons, "Unbounded spigot algorithms", 2006)."""
    found = []
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while len(found) < n:
        if 4 * q + r - t < m * t:
            found.append(m)
            q, r, m = 10 * q, 10 * (r - m * t), (10 * (3 * q + r)) // t - 10 * m
        else:
            q, r, t, k, m, x = q * k, (2 * q + r) * x, t * x, k + 1, (q * (7 * k + 2) + r * x) // (t * x), x + 2
    return found


def formulas():
    """What NIST gives as formulas; digit 957 of PiDigits is a 3 there."""
    pi = digits_of_pi(5000)
    assert pi[956] == 8
    pi[956] = 3
    steps = {"NumAcc2": "1", "NumAcc3": "1000000", "NumAcc4": "10000000"}
    sets = {name: [f"{start}.2"] + [f"{start}.1", f"{start}.3"] * 500 for name, start in steps.items()}
    sets["NumAcc1"] = ["10000001", "10000003", "10000002"]
    sets["PiDigits"] = [str(digit) for digit in pi]
    return sets


def to_15_digits(value):
    return f"{value:.14e}"


def main():
    generated = formulas()
    reached = []
    for name, certified in CERTIFIED.items():
        path = os.path.join(FOLDER, name + ".csv")
        with open(path, encoding="utf-8") as file:
            texts = [row["y"] for row in csv.DictReader(file)]
        values = [Fraction(text) for text in texts]
        if name in generated and [Fraction(text) for text in generated[name]] != values:
            sys.exit(f"{name}: other values than the formula's")
        mean = sum(values) / len(values)
        variance = sum((x - mean) ** 2 for x in values) / (len(values) - 1)
        command = [FANOUTD, "agg", "-f", "tsv", "-s", "output.header=false", "mean(y)", "stddev(y)", "--", path]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        if found != [ending(mean, False), root(variance)]:
            sys.exit(f"{name}: {found} in place of {ending(mean, False)}, {root(variance)}")
        for text, wanted in zip(found, certified):
            if to_15_digits(Decimal(text)) != to_15_digits(Decimal(wanted)):
                sys.exit(f"{name}: {text}, certified {wanted}")
        # The same of doubles, exactly: what no program that reads them as such can do better.
        doubles = [float(text) for text in texts]
        of_doubles = statistics.mean(map(Fraction, doubles)), statistics.stdev(map(Fraction, doubles))
        if all(to_15_digits(Decimal(float(x))) == to_15_digits(Decimal(y)) for x, y in zip(of_doubles, certified)):
            reached.append(name)
    if reached != ["Lottery", "Lew", "NumAcc1", "NumAcc2", "PiDigits"]:
        sys.exit(f"of doubles: {reached}")


main()
