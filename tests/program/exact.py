"""What operators promise of numbers, against rationals: exact, rounded once, or within a bound.

Usage: exact.py FANOUTD [SEED [ROUNDS]]. Each round makes columns of a kind that is hard for doubles
(up to 38 digits, cancellation, 10^308, subnormals, huge offsets, all kinds mixed) and asks every
operator of numbers, in several ways that must give the same bytes.
"""

import decimal
import math
import os
import random
import subprocess
import sys
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "expression"))
from model import DIGITS, decimal_text, is_decimal, nearest  # noqa: E402
from model import double_text as finite_text  # noqa: E402

FANOUTD = sys.argv[1]
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 27


def double_text(x):
    return finite_text(x) if math.isfinite(x) else "inf" if x > 0 else "-inf"


class Number:
    """What a text is: a decimal, or the double nearest to it."""

    def __init__(self, text):
        self.text = text
        self.value = Fraction(text)
        self.double = not is_decimal(self.value)
        if self.double:
            self.value = Fraction(nearest(self.value))


def shown(number):
    """As a result that is a number of the column."""
    return decimal_text(number.value) if is_decimal(number.value) else double_text(float(number.value))


def exactly(value, double):
    """A sum: as it is where all were decimals (and 320 bits hold it), else rounded once."""
    if not double and fits(value):
        return decimal_text(value)
    return double_text(nearest(value))


def fits(value):
    scale = 0
    while scale <= 72 and (value * 10**scale).denominator != 1:
        scale += 1
    return scale <= 72 and abs(value * 10**scale) < 2**319


def ending(value, double):
    """A quotient: a decimal of up to 38 digits where it is one, else rounded once."""
    return decimal_text(value) if not double and is_decimal(value) else double_text(nearest(value))


def rounded(value):
    return double_text(nearest(value))


def root(value):
    """The double nearest to the square root."""
    if value == 0:
        return "0"
    shift = max(0, 400 - value.numerator.bit_length() + value.denominator.bit_length())
    shift += shift % 2
    scaled = value * 2**shift
    whole = math.isqrt(math.floor(scaled))
    # Where something was cut off a last bit says so.
    return rounded(Fraction(2 * whole + (whole * whole != scaled), 2 ** (shift // 2 + 1)))


# Columns.


def wide():
    digits = RANDOM.randrange(1, DIGITS + 1)
    whole = RANDOM.randrange(10**digits)
    scale = RANDOM.choice([0, 0, 18, 19, RANDOM.randrange(DIGITS + 1)])
    return RANDOM.choice(["", "-"]) + decimal_text(Fraction(whole, 10**scale))


def ids():
    return str(2**64 - 1 - RANDOM.randrange(6))


def offset():
    return f"{10**30 + RANDOM.randrange(100)}.{RANDOM.randrange(100):02}"


def cancelling():
    big = RANDOM.choice(["1" + "0" * 37, "99999999999999999999", "12345678901234567.890123456789"])
    return RANDOM.choice([big, "-" + big, big, "-" + big, "0.00000000000000000000000000000000000001", "1"])


def huge():
    return RANDOM.choice(["1e308", "-1e308", "1.7976931348623157e308", "1e-300", "3", "-2.5e305"])


def tiny():
    return RANDOM.choice(["5e-324", "-5e-324", "2.2250738585072014e-308", "1e-320", "1e-38", "3e-39"])


def short():
    return RANDOM.choice(["1", "2.50", "-7", "0", "3.125", "1e3", "0.001"])


def kept():
    return RANDOM.choice(POOL)


def any_kind():
    return RANDOM.choice([wide, ids, offset, cancelling, huge, tiny, short, beyond])()


def beyond():
    return f"{RANDOM.randrange(10**44)}.{RANDOM.randrange(1000)}"


LONG = Fraction("0.12345678901234567890123456789012345678")
POOL = [wide() for _ in range(6)] + ["9223372036854775807", "9223372036854775808", "0.1", "-1e-38"]
KINDS = [wide, ids, offset, cancelling, huge, tiny, short, kept, any_kind]


# Operators.


def moments(values):
    n = len(values)
    mean = sum(values) / n
    return n, mean, [sum((x - mean) ** k for x in values) / n for k in range(5)]


def place(values, q):
    """The number at a rank, and whether a double has part in it."""
    ordered = sorted(values, key=lambda x: x.value)
    rank = (len(ordered) - 1) * q
    low = ordered[math.floor(rank)]
    high = ordered[min(math.floor(rank) + 1, len(ordered) - 1)]
    part = rank - math.floor(rank)
    if part == 0:
        high = low
    return low.value * (1 - part) + high.value * part, low.double or high.double, low.value == high.value


def quantile(values, q):
    value, double, is_one = place(values, q)
    return plain(value) if is_one else exactly(value, double)


def spread_of_quartiles(values):
    low, low_double, _ = place(values, Fraction(1, 4))
    high, high_double, _ = place(values, Fraction(3, 4))
    return exactly(high - low, low_double or high_double)


def deviation(values, scale):
    """The median absolute deviation."""
    centre, double, _ = place(values, Fraction(1, 2))
    counts = counted(values)
    # Of two numbers at one distance the one below the centre comes first.
    walk = sorted((abs(x - centre), x >= centre, x) for x in counts)
    n, middle, found = len(values), (len(values) - 1) // 2, []
    seen = 0
    for distance, _, x in walk:
        seen += counts[x]
        if seen <= middle:
            continue
        double |= not is_decimal(x)
        found.append(distance)
        if seen > n // 2:
            break
    return exactly((found[0] + found[-1]) / 2 * scale, double)


def variation(values):
    n, mean, m = moments(values)
    if n < 2 or mean == 0:
        return ""
    found = root(m[2] * n / (n - 1) / mean**2)
    return "-" + found if mean < 0 and found != "0" else found


def jarque_bera(values):
    n, _, m = moments(values)
    if n < 2 or m[2] == 0:
        return "", ""
    statistic = Fraction(n, 6) * (m[3] ** 2 / m[2] ** 3 + (m[4] / m[2] ** 2 - 3) ** 2 / 4)
    with decimal.localcontext() as context:
        context.prec = 60
        p = (decimal.Decimal(statistic.numerator) / decimal.Decimal(statistic.denominator) / -2).exp()
    return rounded(statistic), lambda text: within(text, Fraction(p), Fraction(50001, 100000))


def entropy(values, base):
    with decimal.localcontext() as context:
        context.prec = 60
        n = decimal.Decimal(len(values))
        parts = [decimal.Decimal(count) for count in counted(values).values()]
        nats = n.ln() - sum(count * count.ln() for count in parts) / n
        found = nats / decimal.Decimal(base).ln()
    return lambda text: within(text, Fraction(found), Fraction(50001, 100000)) or abs(found) < 1e-50 and text == "0"


def powers_of_ten():
    """The bounds of histogram without others: as they print."""
    bounds = []
    for k in range(-330, 310):
        power = Fraction(10) ** k
        text = decimal_text(power) if is_decimal(power) else double_text(nearest(power))
        if text not in ("0", "inf"):
            bounds.append((Number(text).value, text))
    return bounds


BOUNDS = powers_of_ten()


def histogram(values):
    bins = {}
    for x in values:
        below = sum(bound <= abs(x.value) for bound, _ in BOUNDS) if x.value != 0 else -1
        index = (below + 1) * (1 if x.value > 0 else -1)
        bins[index] = bins.get(index, 0) + 1
    texts = ["0"] + [text for _, text in BOUNDS] + ["null"]
    items = []
    for index in sorted(bins):
        low, high = (texts[abs(index) - 1], texts[abs(index)]) if index else ("0", "0")
        if index < 0:
            low, high = "-" + high if high != "null" else high, "-" + low if low != "0" else low
        items.append(f"[{low},{high},{bins[index]}]")
    return "[" + ",".join(items) + "]"


def equal_bins(values, low, high, n):
    """Between bounds that are options."""
    bounds = [low + (high - low) * Fraction(i, n) for i in range(n + 1)]
    texts = [decimal_text(b) if is_decimal(b) else double_text(nearest(b)) for b in bounds]
    bounds = [Number(text).value for text in texts]
    counts = [0] * (n + 2)
    for x in values:
        counts[n if x.value == bounds[-1] else sum(bound <= x.value for bound in bounds)] += 1
    texts = ["null", *texts, "null"]
    return "[" + ",".join(f"[{texts[i]},{texts[i + 1]},{counts[i]}]" for i in range(n + 2)) + "]"


def top(values, k):
    counts = counted(values)
    best = sorted(counts, key=lambda x: (-counts[x], x))[:k]
    return "[" + ",".join(f"[{plain(x)},{counts[x]},0]" for x in best) + "]"


def rate(xs, times):
    if len(xs) < 2 or times[0].value == times[-1].value:
        return ""
    run, double = run_of(xs)
    return ending(run / (times[-1].value - times[0].value), double or times[0].double or times[-1].double)


def moving_average(xs, alpha):
    average = None
    for x in xs:
        value = nearest(Fraction(x.text))
        average = value if average is None else alpha * value + (1 - alpha) * average
    return double_text(average)


def bits(values):
    """Of the integers of 64 bits, signed or unsigned."""
    integers = [int(x.value) for x in values if x.value.denominator == 1 and -(2**63) <= x.value < 2**64]
    if not integers:
        return "", "", ""
    found = [integers[0]] * 3
    for x in integers[1:]:
        found = [found[0] & x, found[1] | x, found[2] ^ x]
    return tuple(map(str, found))


def counted(values):
    counts = {}
    for x in values:
        counts[x.value] = counts.get(x.value, 0) + 1
    return counts


def mode(values, rarest=False):
    counts = counted(values)
    best = (min if rarest else max)(counts.values())
    return min(value for value, count in counts.items() if count == best)


def plain(value):
    return decimal_text(value) if is_decimal(value) else double_text(float(value))


def skewness(values):
    n, _, m = moments(values)
    if n < 3 or m[2] == 0:
        return ""
    square = m[3] ** 2 / m[2] ** 3 * Fraction(n * (n - 1), (n - 2) ** 2)
    found = root(square)
    return "-" + found if m[3] < 0 and found != "0" else found


def kurtosis(values):
    n, _, m = moments(values)
    if n < 4 or m[2] == 0:
        return ""
    g2 = m[4] / m[2] ** 2 - 3
    return rounded(((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)))


def correlation(xs, ys):
    n = len(xs)
    x, y = sum(xs) / n, sum(ys) / n
    xy = sum((a - x) * (b - y) for a, b in zip(xs, ys))
    xx, yy = sum((a - x) ** 2 for a in xs), sum((b - y) ** 2 for b in ys)
    if n < 2 or xx == 0 or yy == 0:
        return ""
    found = root(xy**2 / (xx * yy))
    return "-" + found if xy < 0 and found != "0" else found


def regression(xs, ys):
    n = len(xs)
    x, y = sum(xs) / n, sum(ys) / n
    xx = sum((a - x) ** 2 for a in xs)
    if n < 2 or xx == 0:
        return ("",) * 6 + (str(n),)
    yy = sum((b - y) ** 2 for b in ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / xx
    line = rounded(slope), rounded(y - slope * x), rounded(slope**2 * xx / yy) if yy else ""
    if n == 2:
        return (*line, "", "", "", "2")
    variance = (yy - slope**2 * xx) / (n - 2)
    by_x = variance * sum(a**2 for a in xs) / n / xx
    return (*line, root(variance / xx), root(by_x), root(variance), str(n))


def trimmed(values, trim):
    ordered = sorted(values, key=lambda x: x.value)
    out = min(math.floor(len(ordered) * trim), (len(ordered) - 1) // 2)
    left = ordered[out : len(ordered) - out]
    return ending(sum(x.value for x in left) / len(left), any(x.double for x in left))


def product(values, double):
    found = math.prod(values)
    # The logarithm decides where it is far from any double.
    if found == 0:
        return "0"
    if abs(found) >= 2**1100 or abs(found) < Fraction(1, 2**1200):
        return None
    return exactly(found, double)


def gap(xs):
    steps = [(abs(b.value - a.value), a.double or b.double) for a, b in zip(xs, xs[1:])]
    longest = max(step for step, _ in steps)
    # Of equal steps the first, which may be of other forms.
    return exactly(*next(step for step in steps if step[0] == longest))


def run_of(xs):
    """Of a counter."""
    total, double = 0, False
    for a, b in zip(xs, xs[1:]):
        total += b.value - a.value if b.value >= a.value else b.value
        double |= b.double or (a.double and b.value >= a.value)
    return total, double


def increase(xs):
    return exactly(*run_of(xs))


def within(text, value, units):
    """Within so many units in the last place."""
    return abs(Fraction(float(text)) - value) <= units * Fraction(math.ulp(nearest(value)))


def expect(pairs, rows):
    xs = [x for x, _ in pairs]
    values = [x.value for x in xs]
    double = any(x.double for x in xs)
    n = len(values)
    if n == 0:
        return None
    both = [(x, y) for x, y in pairs if y is not None]
    low, high = min(xs, key=lambda x: x.value), max(xs, key=lambda x: x.value)
    _, mean, m = moments(values)
    spread = m[2] * n
    near = min(xs, key=lambda x: (abs(x.value), -x.value))
    far = max(xs, key=lambda x: (abs(x.value), x.value))
    found = {
        "sum(x)": exactly(sum(values), double),
        "mean(x)": ending(mean, double),
        "min(x)": shown(low),
        "max(x)": shown(high),
        "range(x)": exactly(high.value - low.value, not (is_decimal(low.value) and is_decimal(high.value))),
        "absmin(x)": shown(near),
        "absmax(x)": shown(far),
        "first(x, as=number)": shown_as_read(xs[0]),
        "last(x, as=number)": shown_as_read(xs[-1]),
        "delta(x)": exactly(xs[-1].value - xs[0].value, xs[0].double or xs[-1].double),
        "distinct(x, as=number)": str(len(set(values))),
        "mode(x, as=number)": plain(mode(xs)),
        "antimode(x, as=number)": plain(mode(xs, True)),
        "median(x)": quantile(xs, Fraction(1, 2)),
        "quantile(x, q=0.123)": quantile(xs, Fraction(123, 1000)),
        "argmin(x, value=i)": next(str(i) for i, x in rows if x is not None and x.value == low.value),
        "argmax(x, value=i)": next(str(i) for i, x in rows if x is not None and x.value == high.value),
        "sumsq(x)": exactly(sum(x * x for x in values), double),
        "rms(x)": root(sum(x * x for x in values) / n),
        "variance(x)": rounded(spread / (n - 1)) if n > 1 else "",
        "variance(x, population=true)": rounded(spread / n),
        "stddev(x)": root(spread / (n - 1)) if n > 1 else "",
        "stderr(x)": root(spread / (n - 1) / n) if n > 1 else "",
        "skewness(x)": skewness(values),
        "kurtosis(x)": kurtosis(values),
        "trimmed-mean(x, trim=0.2)": trimmed(xs, Fraction(1, 5)),
        "largest(x, k=1, as=number)": "[" + shown(high) + "]",
        "smallest(x, k=1, as=number)": "[" + shown(low) + "]",
        "count(x, as=number)": str(n),
        "quantile(x, q=0.12345678901234567890123456789012345678)": quantile(xs, LONG),
        "quartiles(x)": tuple(quantile(xs, Fraction(k, 4)) for k in (1, 2, 3)),
        "iqr(x)": spread_of_quartiles(xs),
        "mad(x)": deviation(xs, Fraction("1.4826")),
        "mad(x, scale=0.12345678901234567890123456789012345678)": deviation(xs, LONG),
        "cv(x)": variation(values),
        "jarque-bera(x)": jarque_bera(values),
        "entropy(x, as=number)": entropy(xs, 2),
        "entropy(x, as=number, base=2.7182818284590452353602874713526624978)": entropy(
            xs, "2.7182818284590452353602874713526624978"
        ),
        "histogram(x)": histogram(xs),
        "histogram(x, bins=3, min=-12345678901234567890.5, max=99999999999999999999.000000000000000001)": equal_bins(
            xs, Fraction("-12345678901234567890.5"), Fraction("99999999999999999999.000000000000000001"), 3
        ),
        "top(x, as=number, k=5)": top(xs, 5),
        "unique(x, as=number)": "[" + ",".join(map(plain, sorted(set(values)))) + "]",
        "collapse(x, as=number)": "[" + ",".join(plain(x) for x in values) + "]",
        "any(x)": str(int(any(values))),
        "all(x)": str(int(all(values))),
        "ewma(x, alpha=0.3)": moving_average(xs, 0.3),
        "rate(x, time=i)": rate(xs, [Number(str(i)) for i, x in rows if x is not None]),
    }
    found.update(zip((f"bit-{what}(x, others=skip)" for what in ("and", "or", "xor")), bits(xs)))
    if product(values, double) is not None:
        found["product(x)"] = product(values, double)
    if n > 1:
        found["gap(x)"] = gap(xs)
        found["increase(x)"] = increase(xs)
    if all(v > 0 for v in values):
        harmonic = n / sum(1 / v for v in values)
        found["harmmean(x)"] = lambda text: within(text, harmonic, Fraction(50001, 100000))
        if min(values) > Fraction(1, 2**900) and max(values) < 2**900:
            product_of = math.prod(values)
            found["geomean(x)"] = lambda text: abs(Fraction(float(text)) ** n / product_of - 1) < n * Fraction(1, 2**52)
    if len(both) == 0:
        return found
    found["rate(x, time=y)"] = rate([x for x, _ in both], [y for _, y in both])
    us, ws = [x.value for x, _ in both], [y.value for _, y in both]
    pair = any(x.double or y.double for x, y in both)
    found["dot(x, with=y)"] = exactly(sum(u * w for u, w in zip(us, ws)), pair)
    found["correlation(x, with=y)"] = correlation(us, ws)
    if sum(ws) != 0:
        found["weighted-mean(x, weight=y)"] = ending(sum(u * w for u, w in zip(us, ws)) / sum(ws), pair)
    if len(both) > 1:
        mean_u, mean_w = sum(us) / len(us), sum(ws) / len(ws)
        spread = sum((u - mean_u) * (w - mean_w) for u, w in zip(us, ws))
        found["covariance(x, with=y)"] = rounded(spread / (len(both) - 1))
    found["regression(x, with=y)"] = regression(us, ws)
    return found


def shown_as_read(number):
    return double_text(float(number.value)) if number.double else decimal_text(number.value)


# Running.


def run(arguments):
    done = subprocess.run([FANOUTD, *arguments], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


def write(name, rows):
    with open(name, "w", encoding="utf-8") as file:
        file.write("i,x,y\n")
        for i, x, y in rows:
            file.write(f"{i},{x},{y}\n")


def check(rows, way, n_groups):
    numbers = [(i, Number(x) if x else None, Number(y) if y else None) for i, x, y in rows]
    groups = [[row for row in numbers if row[0] % n_groups == group] for group in range(n_groups)]
    groups = [
        expect([(x, y) for _, x, y in group if x is not None], [(i, x) for i, x, _ in group]) for group in groups
    ]
    if None in groups:
        return
    strategy, batch, partitions, parts = way
    calls = [
        call
        for call in groups[0]
        if all(call in group for group in groups)
        and (partitions == 1 or call not in ORDERED)
        and (partitions == parts == 1 or call not in SEQUENCE)
    ]
    ASKED.update(call.partition("(")[0] for call in calls)
    write("rows.csv", rows)
    command = ["agg", "-f", "tsv", "-s", "output.header=false"]
    command += ["-g", f"g=i % {n_groups}"] if n_groups > 1 else []
    command += [f"c{i}={call}" for i, call in enumerate(calls)]
    command += ["-s", f"pipeline.strategy={strategy}", "-s", f"pipeline.batch={batch}"]
    command += ["-s", f"pipeline.partitions={partitions}", "--", "rows.csv"]
    if parts == 1:
        out = run(command)
    else:
        with open("p.ini", "w", encoding="utf-8") as file:
            file.write(run([*command[:1], "--print-ini", *command[1:]]))
        for part in range(parts):
            run(["run", "--part", f"{part + 1}/{parts}", "--partial", f"{part}.part", "p.ini"])
        out = run(["merge", *tree([f"{part}.part" for part in range(parts)])])
    for wanted, line in zip(groups, out.split("\n")):
        compare(calls, wanted, line.split("\t")[n_groups > 1 :], f"{way}, {n_groups} groups", rows)


def compare(calls, wanted, cells, way, rows):
    for call in calls:
        want = wanted[call]
        wants = want if isinstance(want, tuple) else (want,)
        width = WIDTHS.get(call.partition("(")[0], 1)
        found, cells = cells[:width], cells[width:]
        if not all(want(text) if callable(want) else text == want for want, text in zip(wants, found)):
            sys.exit(f"{way} {call}: {found} in place of {want}\n" + "\n".join(",".join(map(str, r)) for r in rows))


def check_keys(rows):
    """Groups are in the order of their values, equal ones bytewise; -0.5 and -.5 are two."""
    texts = [x for _, x, _ in rows if x]
    if not texts:
        return
    write("rows.csv", [row for row in rows if row[1]])
    wanted = sorted(set(texts), key=lambda text: (Number(text).value, text))
    found = run(["agg", "-f", "tsv", "-s", "output.header=false", "-g", "x", "count", "--", "rows.csv"])
    if [line.split("\t")[0] for line in found.splitlines()] != wanted:
        sys.exit(f"keys: {found}\nin place of {wanted}")


def tree(parts):
    """Neighbours are merged to parts of parts, at random; what is left is enough for all."""
    while len(parts) > 1 and RANDOM.random() < 0.7:
        first = RANDOM.randrange(len(parts) - 1)
        end = RANDOM.randrange(first + 2, len(parts) + 1)
        name = f"m{len(parts)}-{first}-{end}.part"
        run(["merge", "--partial", name, *parts[first:end]])
        parts = [*parts[:first], name, *parts[end:]]
    return parts


# How many columns an operator has.
WIDTHS = {"regression": 7, "quartiles": 3, "jarque-bera": 2}
ASKED = set()
# They promise nothing of numbers, or no more than their texts.
OTHERS = {"checksum", "exec", "max-length", "min-length", "missing", "sample"}
ORDERED = ("gap(x)", "increase(x)", "rate(x, time=i)", "rate(x, time=y)")
SEQUENCE = ("ewma(x, alpha=0.3)",)
WAYS = [
    (strategy, batch, partitions, parts)
    for strategy in ("fiber", "threads", "callback")
    for batch in (1, 3, 4096)
    for partitions in (1, 2, 3)
    for parts in (1, 2, 3, 5)
    if strategy != "callback" or partitions == 1
]


def main():
    for i in range(ROUNDS):
        kind, other = KINDS[i % len(KINDS)], RANDOM.choice(KINDS)
        n = RANDOM.choice([1, 2, 3, 7, 20, 60])
        rows = [
            (k, kind() if RANDOM.random() > 0.1 else "", other() if RANDOM.random() > 0.1 else "") for k in range(n)
        ]
        check(rows, RANDOM.choice(WAYS), RANDOM.choice([1, 1, 3]))
        check_keys(rows)
    operators = {line.split()[1] for line in run(["plugins"]).splitlines() if line.startswith("operator ")}
    if ROUNDS >= 27 and operators - ASKED - OTHERS:
        sys.exit(f"nobody asked {operators - ASKED - OTHERS}")


os.environ.pop("FANOUT_PLUGIN_PATH", None)
if __name__ == "__main__":
    main()
