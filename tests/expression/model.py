#!/usr/bin/env python3
"""Expressions against an independent model: Python's fractions, datetime and zoneinfo.

Usage: model.py PROGRAM [SEED [ROUNDS]]. Each round makes rows with nulls, mixed kinds and values
that are no numbers, and expressions of every kind over them, typed as they are made.
"""

import datetime
import math
import random
import subprocess
import sys
import zoneinfo
from fractions import Fraction

NULL, BAD = object(), object()
DIGITS = 38
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]


class Real:
    """A number: a decimal, exactly, or a double."""

    def __init__(self, value, double=False):
        if isinstance(value, float) and (math.isnan(value) or math.isinf(value)):
            self.value, self.double = value, True
            return
        self.value, self.double = Fraction(value), double
        if not double and not is_decimal(self.value):
            rounded = nearest(self.value)
            self.double = True
            self.value = rounded if math.isinf(rounded) else Fraction(rounded)

    def finite(self):
        return isinstance(self.value, Fraction)

    def text(self):
        if not self.finite():
            return "nan" if math.isnan(self.value) else "inf" if self.value > 0 else "-inf"
        if not self.double:
            return decimal_text(self.value)
        return double_text(float(self.value))


def nearest(value):
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_decimal(value):
    for scale in range(DIGITS + 1):
        scaled = value * 10**scale
        if scaled.denominator == 1:
            return abs(scaled) < 10**DIGITS
    return False


def decimal_text(value):
    scale = 0
    while (value * 10**scale).denominator != 1:
        scale += 1
    digits = str(abs(value * 10**scale)).rjust(scale + 1, "0")
    text = digits[: len(digits) - scale] + ("." + digits[len(digits) - scale :] if scale else "")
    return ("-" if value < 0 else "") + text


def double_text(x):
    if x == 0:
        return "-0" if math.copysign(1, x) < 0 else "0"
    digits, exponent = f"{abs(x):e}", 0
    mantissa = repr(abs(x))
    if "e" in mantissa:
        m, e = mantissa.split("e")
        exponent = int(e)
    else:
        m = mantissa
    whole, _, part = m.partition(".")
    part = "" if part == "0" else part
    digits = (whole + part).lstrip("0")
    point = len(whole) + exponent - (len(whole + part) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if x < 0 else ""
    if 1e-6 <= abs(x) < 1e21:
        if point <= 0:
            return sign + "0." + "0" * -point + digits
        if point >= len(digits):
            return sign + digits + "0" * (point - len(digits))
        return sign + digits[:point] + "." + digits[point:]
    rest = digits[1:]
    return f"{sign}{digits[0]}{'.' + rest if rest else ''}e{point - 1}"


def parse(text):
    text = text.strip(" \t")
    if not text:
        return None
    body = text[1:] if text[0] in "+-" else text
    if body.lower() in ("nan", "inf", "infinity"):
        value = math.nan if body.lower() == "nan" else math.inf
        return Real(-value if text[0] == "-" else value)
    if not body or any(c not in "0123456789.eE+-" for c in body):
        return None
    try:
        return Real(Fraction(text))
    except ValueError:
        return None


def arithmetic(op, x, y):
    if not x.finite() or not y.finite():
        return special(op, x, y)
    a, b = x.value, y.value
    if op == "+":
        return Real(a + b)
    if op == "-":
        return Real(a - b)
    if op == "*":
        return Real(a * b)
    if b == 0:
        return NULL
    if op == "/":
        return Real(a / b)
    if op == "//":
        return Real(Fraction(math.floor(a / b)))
    return Real(a - b * math.floor(a / b))


def special(op, x, y):
    a, b = float(x.value), float(y.value)
    if op == "+":
        return Real(a + b)
    if op == "-":
        return Real(a - b)
    if op == "*":
        return Real(a * b)
    if b == 0:
        return NULL
    if op == "/":
        return Real(a / b) if not (math.isinf(a) and math.isinf(b)) else Real(math.nan)
    if op == "//":
        q = math.nan if math.isinf(a) and math.isinf(b) else a / b
        return Real(q if math.isnan(q) or math.isinf(q) else Fraction(math.floor(q)))
    if x.finite() and not math.isnan(b) and (a == 0 or (a < 0) == (b < 0)):
        return x
    return Real(math.nan)


def order(x, y):
    """-1, 0, 1, or None where one is nan and the other not."""
    xn = not x.finite() and math.isnan(x.value)
    yn = not y.finite() and math.isnan(y.value)
    if xn or yn:
        return 0 if xn and yn else None
    return (x.value > y.value) - (x.value < y.value)


def is_nan(x):
    return not x.finite() and math.isnan(x.value)


# A node is (text, kind, function of a row).

class Maker:
    def __init__(self, random_, names):
        self.random, self.names = random_, names

    @staticmethod
    def read(row, name):
        """A column as a number."""
        if row[name] == "":
            return NULL
        value = parse(row[name])
        return BAD if value is None else value

    def number(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.15:
            if r.random() < 0.5:
                name = r.choice(self.names)

                return name, lambda row: self.read(row, name)
            text = r.choice(["0", "1", "2", "3.5", "0.1", "100", "1e3", "12345678901234567890",
                             "0.000001", "7.25", "-4", "9223372036854775807", "1e-18", "60", "5m"])
            value = Real(Fraction(300)) if text == "5m" else parse(text)
            return f"({text})" if text[0] == "-" else text, lambda row, v=value: v
        kind = r.randrange(8)
        if kind < 4:
            op = r.choice(["+", "-", "*", "/", "//", "%"])
            a, fa = self.number(depth - 1)
            b, fb = self.number(depth - 1)

            def binary(row):
                x, y = fa(row), fb(row)
                if x is BAD or y is BAD:
                    return BAD
                if x is NULL or y is NULL:
                    return NULL
                return arithmetic(op, x, y)

            return f"({a} {op} {b})", binary
        if kind == 4:
            c, fc = self.condition(depth - 1)
            a, fa = self.number(depth - 1)
            b, fb = self.number(depth - 1)

            def choice(row):
                c = fc(row)
                return BAD if c is BAD else fa(row) if c else fb(row)

            return f"if({c}, {a} + 0, {b} + 0)", self.plus_zero(choice)
        if kind == 5:
            name = r.choice(["abs", "floor", "ceil", "trunc", "sign"])
            a, fa = self.number(depth - 1)
            return f"{name}({a})", self.unary(name, fa)
        if kind == 6:
            a, fa = self.number(depth - 1)
            digits = r.randrange(-3, 6)

            def rounded(row):
                x = fa(row)
                if x is NULL or x is BAD or not x.finite():
                    return x
                scaled = abs(x.value) * Fraction(10)**digits
                result = Fraction(math.floor(scaled + Fraction(1, 2))) / Fraction(10)**digits
                if not x.double and result == abs(x.value):
                    return x
                return Real(result if x.value >= 0 else -result)

            return f"round({a}, {digits})", rounded
        name = r.choice(["least", "greatest"])
        parts = [self.number(depth - 1) for _ in range(r.randrange(2, 4))]

        def extreme(row):
            values = [f(row) for _, f in parts]
            if BAD in values:
                return BAD
            if NULL in values:
                return NULL
            best = values[0]
            for v in values[1:]:
                if is_nan(best):
                    break
                o = order(v, best)
                if o is None or (o < 0 if name == "least" else o > 0):
                    best = v
            return best

        return f"{name}({', '.join(t + ' + 0' for t, _ in parts)})", \
            self.with_parts(extreme, parts)

    def with_parts(self, function, parts):
        # `+ 0` makes columns numbers; it changes no value.
        for i, (text, f) in enumerate(parts):
            parts[i] = text, self.plus_zero(f)
        return function

    @staticmethod
    def plus_zero(f):
        def function(row):
            x = f(row)
            return x if x is NULL or x is BAD or not x.finite() else Real(x.value)
        return function

    @staticmethod
    def unary(name, f):
        def function(row):
            x = f(row)
            if x is NULL or x is BAD:
                return x
            if not x.finite():
                if name == "abs":
                    return Real(abs(x.value))
                if name == "sign":
                    return x if is_nan(x) else Real(Fraction(1 if x.value > 0 else -1))
                return x
            v = x.value
            if name == "abs":
                return Real(abs(v), x.double)
            if name == "sign":
                return Real(Fraction((v > 0) - (v < 0)))
            return Real(Fraction({"floor": math.floor, "ceil": math.ceil,
                                  "trunc": math.trunc}[name](v)))
        return function

    def text(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.25:
            if r.random() < 0.6:
                name = r.choice(self.names)
                return f"text({name})", lambda row: row[name] if row[name] != "" else NULL
            value = r.choice(["a", "abc", "", "Bär", "x,y", "it's", "12"])
            return "'" + value.replace("'", "''") + "'", lambda row: value if value else NULL
        kind = r.randrange(9)
        if kind == 0:
            parts = [self.text(depth - 1) for _ in range(r.randrange(1, 4))]

            def concat(row):
                values = [f(row) for _, f in parts]
                if BAD in values:
                    return BAD
                return "".join(v for v in values if v is not NULL) or NULL

            return f"concat({', '.join(t for t, _ in parts)})", concat
        if kind == 1:
            a, fa = self.text(depth - 1)
            name = r.choice(["lower", "upper", "trim"])

            def cased(row):
                x = fa(row)
                if x is NULL or x is BAD:
                    return x
                if name == "trim":
                    return x.strip(" \t") or NULL
                return "".join(c.lower() if name == "lower" and "A" <= c <= "Z" else
                               c.upper() if name == "upper" and "a" <= c <= "z" else c for c in x)

            return f"{name}({a})", cased
        if kind == 2:
            a, fa = self.text(depth - 1)
            start, n = r.randrange(-6, 7), r.randrange(0, 5)
            with_n = r.random() < 0.5

            def substr(row):
                x = fa(row)
                if x is NULL or x is BAD:
                    return x
                first = len(x) + start if start < 0 else start - 1
                end = first + n if with_n else len(x)
                return x[max(first, 0):max(end, 0)] or NULL

            return f"substr({a}, {start}{f', {n}' if with_n else ''})", substr
        if kind == 3:
            a, fa = self.text(depth - 1)
            n = r.choice([-3, -2, -1, 1, 2, 3])
            separator = r.choice([",", "b", "1"])

            def split(row):
                x = fa(row)
                if x is NULL or x is BAD:
                    return x
                parts = x.split(separator)
                i = n + len(parts) if n < 0 else n - 1
                return (parts[i] if 0 <= i < len(parts) else "") or NULL

            return f"split({a}, '{separator}', {n})", split
        if kind == 4:
            c, fc = self.condition(depth - 1)
            a, fa = self.text(depth - 1)
            b, fb = self.text(depth - 1)

            def choice(row):
                c = fc(row)
                return BAD if c is BAD else fa(row) if c else fb(row)

            return f"if({c}, {a}, {b})", choice
        if kind == 5:
            parts = [self.text(depth - 1) for _ in range(2)]

            def coalesce(row):
                for _, f in parts:
                    x = f(row)
                    if x is not NULL:
                        return x
                return NULL

            return f"coalesce({', '.join(t for t, _ in parts)})", coalesce
        if kind == 6:
            a, fa = self.number(depth - 1)

            def written(row):
                x = fa(row)
                return x if x is NULL or x is BAD else x.text()

            return f"text(({a}) + 0)", self.text_of(self.plus_zero(fa))
        if kind == 7:
            parts = [self.text(depth - 1) for _ in range(2)]

            def nullif(row):
                x = parts[0][1](row)
                if x is NULL:
                    return NULL
                y = parts[1][1](row)
                if x is BAD or y is BAD:
                    return BAD
                return NULL if x == y else x

            return f"nullif({', '.join(t for t, _ in parts)})", nullif
        a, fa = self.text(depth - 1)
        old, new = r.choice(["a", "1", "ab"]), r.choice(["", "-", "aa"])

        def replace(row):
            x = fa(row)
            return x if x is NULL or x is BAD else x.replace(old, new) or NULL

        return f"replace({a}, '{old}', '{new}')", replace

    @staticmethod
    def text_of(f):
        def function(row):
            x = f(row)
            return x if x is NULL or x is BAD else x.text()
        return function

    def condition(self, depth):
        r = self.random
        kind = r.randrange(9) if depth > 0 else r.randrange(3, 9)
        if kind < 2:
            word = r.choice(["and", "or"])
            a, fa = self.condition(depth - 1)
            b, fb = self.condition(depth - 1)

            def joined(row):
                x = fa(row)
                if x is BAD or x == (word == "or"):
                    return x
                return fb(row)

            return f"({a} {word} {b})", joined
        if kind == 2:
            a, fa = self.condition(depth - 1)

            def opposite(row):
                x = fa(row)
                return x if x is BAD else not x

            return f"not ({a})", opposite
        if kind in (3, 4):
            op = r.choice(["=", "!=", "<", "<=", ">", ">="])
            make = self.number if kind == 3 else self.text
            a, fa = make(depth - 1)
            b, fb = make(depth - 1)
            if kind == 3:
                a, fa = f"({a} + 0)", self.plus_zero(fa)

            def compared(row):
                x, y = fa(row), fb(row)
                if x is BAD or y is BAD:
                    return BAD
                if x is NULL or y is NULL:
                    equal = x is NULL and y is NULL
                    return equal if op == "=" else not equal if op == "!=" else False
                if kind == 3:
                    o = order(x, y)
                    if o is None or (is_nan(x) and op not in ("=", "!=")):
                        return op == "!="
                else:
                    p, q = x.encode(), y.encode()
                    o = (p > q) - (p < q)
                return {"=": o == 0, "!=": o != 0, "<": o < 0, "<=": o <= 0, ">": o > 0,
                        ">=": o >= 0}[op]

            return f"({a} {op} {b})", compared
        if kind == 5:
            a, fa = self.text(depth - 1)
            word = r.choice(["is null", "is not null"])

            def null(row):
                x = fa(row)
                return BAD if x is BAD else (x is NULL) == (word == "is null")

            return f"({a} {word})", null
        if kind == 6:
            a, fa = self.number(depth - 1)
            low, high = sorted(r.choice([-3, 0, 1, 2.5, 1000]) for _ in range(2))
            word = r.choice(["between", "not between"])

            def between(row):
                x = fa(row)
                if x is BAD:
                    return BAD
                inside = x is not NULL and not is_nan(x) and low <= x.value <= high
                return inside == (word == "between")

            return f"({a} + 0 {word} {low} and {high})", between
        if kind == 7:
            a, fa = self.text(depth - 1)
            items = r.sample(["a", "abc", "12", "", "Bär"], 3)
            word = r.choice(["in", "not in"])

            def among(row):
                x = fa(row)
                if x is BAD:
                    return BAD
                return (("" if x is NULL else x) in items) == (word == "in")

            return f"({a} {word} ({', '.join(chr(39) + i + chr(39) for i in items)}))", among
        a, fa = self.text(depth - 1)
        name = r.choice(["starts", "ends", "contains"])
        part = r.choice(["a", "1", "B"])

        def place(row):
            x = fa(row)
            if x is BAD:
                return BAD
            return x is not NULL and {"starts": x.startswith, "ends": x.endswith,
                                      "contains": x.__contains__}[name](part)

        return f"{name}({a}, '{part}')", place


def change(info, year, r):
    """A moment of the year at which the clock is changed; None: there is none."""
    def offset(seconds):
        return (EPOCH + datetime.timedelta(seconds=seconds)).astimezone(info).utcoffset()

    start = int(datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
    days = [start + 86400 * i for i in range(365)]
    changed = [day for day in days if offset(day) != offset(day + 86400)]
    if not changed:
        return None
    day = r.choice(changed)
    return next(day + 1800 * i for i in range(49) if offset(day + 1800 * i) != offset(day))


def time_cases(r):
    """Times in zones: (expression, value)."""
    cases = []
    for _ in range(20):
        zone = r.choice(ZONES)
        info = zoneinfo.ZoneInfo(zone)
        seconds = r.randrange(0, 2145916800)
        if r.random() < 0.6:
            seconds = change(info, r.randrange(1975, 2037), r) or seconds
            seconds += r.randrange(-10800, 10800)
        at = EPOCH + datetime.timedelta(seconds=seconds)
        local = at.astimezone(info)
        cases.append((f"format({seconds}, '%F %T %z %j %y %I %p %b', '{zone}')",
                      local.strftime("%Y-%m-%d %H:%M:%S %z %j %y %I %p %b")))
        cases.append((f"text(weekday({seconds}, '{zone}') * 100 + hour({seconds}, '{zone}'))",
                      str(local.isoweekday() * 100 + local.hour)))
        naive = local.replace(tzinfo=None, microsecond=0)
        if r.random() < 0.5:
            naive += datetime.timedelta(seconds=3600)
        utc = naive.replace(tzinfo=info, fold=0).timestamp()
        cases.append((f"text(time('{naive:%Y-%m-%d %H:%M:%S}', '', '{zone}') - time('1970-01-01'))",
                      str(int(utc))))
        midnight = datetime.datetime(local.year, local.month, local.day, tzinfo=info)
        cases.append((f"text(bucket({seconds}, 1d, '{zone}'))", str(int(midnight.timestamp()))))
        month = datetime.datetime(local.year, local.month, 1, tzinfo=info)
        cases.append((f"text(bucket({seconds}, 1mo, '{zone}'))", str(int(month.timestamp()))))
        width = r.choice([60, 300, 3600, 7200])
        cases.append((f"text(bucket({seconds}, {width}s))", str(seconds // width * width)))
    return cases


CELLS = ["", "0", "1", "-1", "2.5", "3.50", "1e3", "abc", "12", "0.1", "100", "-7.25", "x,y", "Bär",
         "9223372036854775807", "12345678901234567890", "18446744073709551615", "-1e-38",
         "99999999999999999999999999999999999999", "-1234567890123456789.0123456789012345678",
         "0.1000000000000000000000000000000000000001", "1e300", "-1e-300", "nan", "inf", "-inf",
         "a1b2", " 5 ", "0.000000000000000001", "ab"]


def shown(value):
    if value is NULL:
        return "-"
    if value is BAD:
        return "!"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else value.text()


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 25
    failures = n = 0
    for round_ in range(rounds):
        r = random.Random(f"{seed} {round_}")
        names = ["a", "b", "c"]
        pool = CELLS if round_ % 3 else [c for c in CELLS if parse(c) or c == ""][:9]
        rows = [{name: r.choice(pool) for name in names} for _ in range(24)]
        maker = Maker(r, names)
        lines, wanted = [], []
        for _ in range(60):
            kind = r.choice("ntc")
            make = {"n": maker.number, "t": maker.text, "c": maker.condition}[kind]
            text, function = make(r.randrange(1, 4))
            if kind == "n":
                text, function = f"({text}) + 0", Maker.plus_zero(function)
            lines.append(kind + text)
            wanted.append([shown(function(row)) for row in rows])
        for text, value in time_cases(r):
            lines.append("f" + text)
            wanted.append([value] * len(rows))
        given = "\t".join(names) + "\n"
        given += "".join("\t".join(row[name] for name in names) + "\n" for row in rows)
        given += "\n" + "".join(line + "\n" for line in lines)
        out = subprocess.run([program], input=given, capture_output=True, text=True, check=True,
                             timeout=50).stdout.split("\n")
        for line, want, got in zip(lines, wanted, out):
            n += 1
            values = [v if not v.startswith("!") else "!" for v in got.split("\x1f")]
            if values == want:
                continue
            failures += 1
            if failures <= 10:
                print(f"round {round_}: {line[1:]}")
                for row, w, v in zip(rows, want, values + [""] * len(want)):
                    if w != v:
                        print(f"  {row}: wanted {w}, got {v}")
                        break
    print(f"{n} expressions, {failures} differ")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
