#!/usr/bin/env python3
"""Random command lines of agg: what --print-ini prints gives the same, byte for byte.

agg-ini.py PROGRAM COUNT SEED
"""

import random
import subprocess
import sys

program, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
NAMES = ['host', 'a b', 'user-id', 'Price (net)', 'x=y', '#1', 'tags[0]', 'say "hi"', "it's", ';z', 'n', 'd']


def csv(text):
    return '"' + text.replace('"', '""') + '"'


def make_file():
    lines = [','.join(csv(name) for name in NAMES)]
    for i in range(12):
        row = [rng.choice('abc'), rng.choice(['x', 'y #1', '']), str(i % 4), str(rng.randint(-5, 5)),
               rng.choice(['1', '2']), rng.choice(['#', ';']), rng.choice(['p=q', '[r]']), str(i % 3),
               rng.choice('uv'), str(i * 0.25), str(i), '2024-01-%02dT0%d:00:00Z' % (i + 1, i % 10)]
        lines.append(','.join(csv(cell) for cell in row))
    with open('random.csv', 'w') as out:
        out.write('\n'.join(lines) + '\n')


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def column():
    return rng.choice(['host', 'n', quoted(rng.choice(NAMES))])


def number(depth=2, top=None):
    """It reads a column: without one, 2 * 3 is the name of one."""
    top = depth if top is None else top
    if depth == 0:
        return rng.choice(['n', '"user-id"', '"Price (net)"', '2', '0.5', 'length("a b")', '";z"'])
    return 'n + ' * (depth == top) + rng.choice([
        '%s + %s', '%s * (%s)', '%s - %s', 'if(num(%s) > %s + 0, 1, 2)', 'greatest(%s,%s)', '-(%s) / %s', 'coalesce(%s, %s)',
        'round(%s, 1) // %s']) % (number(depth - 1, top), number(depth - 1, top))


def text():
    return rng.choice([
        "concat(host, ' # ', \"x=y\")", "upper(\"a b\")", "sub(\"tags[0]\", '[=[]', \"!\")", "split(\"x=y\", '=', 1)",
        "if(n = 1, 'it''s', \"it's\")", "format(time(d), '%F')", 'match(host, "[ab]")', '$2', "text(bucket(time(d), 1w))"])


def condition():
    return rng.choice([
        'n >= %d' % rng.randint(0, 9), "host != 'a'", "\"a b\" is not null", "host in ('a', 'b ;')", "\"#1\" ~ '^[#]'",
        '%s > 0' % number(1), "not (n between 2 and 4) or \"x=y\" = '1'", "%s = 'a #'" % text()])


def plain(names):
    """A column in a call, as it may be written there."""
    name = rng.choice(names)
    if name in ('host', 'a b', 'user-id', 'Price (net)', 'n', 'd', 'tags[0]') and rng.random() < .6:
        return name
    return quoted(name)


def call(i):
    kind = rng.randrange(6)
    name = rng.choice(['', '', 'c%d=' % i, quoted(' c[%d]' % i) + ' = ', quoted('c "%d" = #' % i) + '='])
    where = rng.choice(['', '', ', where=' + condition()])
    if kind == 0:
        return 'c%d=count(%s)' % (i, where[2:])
    if kind == 1:
        return '%smean(%s%s)' % (name, number(), where)
    if kind == 2:
        return '%sdistinct(%s, %s%s)' % (name, text(), plain(NAMES), where)
    if kind == 3:
        return '%smax(%s%s)' % (name, plain(['n', 'user-id', 'Price (net)', ';z']), where)
    if kind == 4:
        return '%slargest(%s, k=2, value=%s%s)' % (name, number(1), text(), where)
    return 'q%d=quantile(%s, q=0.25, 0.75%s)' % (i, number(1), where)


def keys():
    items = []
    for i in range(rng.choice([1, 1, 2, 3])):
        items.append(rng.choice([plain(NAMES), text(), 'k%d=%s' % (i, text()), '%s=%s' % (quoted('k = %d' % i), number(1))]))
    return ', '.join(items)


def command():
    line = []
    for _ in range(rng.choice([0, 1, 1, 2])):
        line += ['-w', condition()]
    if rng.random() < .4:
        line += ['-l', '%s=%s' % (rng.choice(['v', quoted('#v = ')]), number())]
    tables = rng.choice([0, 1, 1, 1, 2])
    for _ in range(tables):
        line += ['-g', keys()]
    if tables and rng.random() < .3:
        line += ['--having', 'n0 > 1']
    if rng.random() < .3:
        line += ['-n', '2']
    if rng.random() < .3:
        line += ['--sort', 'n0 desc']
    if rng.random() < .4:
        line += ['-r', '%s=n0 / total(n0)' % rng.choice(['r', quoted('[r] "=" ')])]
    line += ['n0=count'] + [call(i) for i in range(1, rng.randint(1, 4))]
    return line + ['-f', rng.choice(['json', 'ndjson'])]


def run(*arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True)


make_file()
n_right = 0
for i in range(count):
    line = command()
    direct = run('agg', *line, '--', 'random.csv')
    printed = run('agg', '--print-ini', *line, '--', 'random.csv')
    if direct.returncode == 78 and ('are both called' in direct.stderr or 'two result columns' in direct.stderr):
        continue
    if direct.returncode == 2 and 'given twice' in direct.stderr:
        continue
    if direct.returncode == 78 and 'is both' in direct.stderr:
        continue
    with open('random.ini', 'w') as out:
        out.write(printed.stdout)
    again = run('run', 'random.ini')
    if direct.returncode or printed.returncode or again.stdout != direct.stdout:
        print('agg', *(repr(word) for word in line))
        print(direct.returncode, direct.stderr, printed.returncode, printed.stderr, again.returncode, again.stderr)
        print(printed.stdout)
        sys.exit(1)
    n_right += 1
if n_right < count * 0.7:
    print('only %d of %d could be compared' % (n_right, count))
    sys.exit(1)
