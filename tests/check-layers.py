#!/usr/bin/env python3
"""Who may include whom.

A file of core/ includes public headers, files of its own folder, and of folders above it in
tests/layers; headers called private.h or *-private.h stay inside their folder; a .c file and its .h
are one thing, and things that include each other, over however many others, are a circle (what a
folder's private header includes does not count: it says what the folder shares). Plugins include
public headers and those beside them, and use each of those.

What headers are included says who may use whom, not who does: a declaration can stand anywhere. So
with FANOUT_BUILD_DIR set the symbols of the objects that were built there are held to the same
order.
"""

import os
import re
import subprocess
import sys

TOP = os.environ.get("FANOUT_SOURCE_DIR", os.path.join(os.path.dirname(__file__), ".."))
os.chdir(TOP)

with open("tests/layers", encoding="utf-8") as file:
    FOLDERS = [line.strip() for line in file if line.strip() and not line.startswith("#")]
PRIVATE = re.compile(r"(/|-)private\.h$")
problems = []


def sources(top):
    for folder, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.join(folder, name)


def includes(path):
    with open(path, encoding="utf-8") as file:
        return re.findall(r'^\s*#\s*include\s+"([^"]+)"', file.read(), re.M)


def thing(path):
    return os.path.splitext(path)[0]


def circles(graph):
    """The sets of nodes that reach each other, each sorted."""

    def reached(start):
        seen, todo = set(), [start]
        while todo:
            for other in graph.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    reach = {node: reached(node) for node in graph}
    return sorted({tuple(sorted(other for other in reach[node] if node in reach.get(other, ())))
                   for node in graph if node in reach[node]})


files, folders = {}, {}
for path in sources("core"):
    parts = path.split("/")
    folder = parts[1]
    if len(parts) < 3 or folder not in FOLDERS:
        if "templates" not in parts:
            problems.append(f"{path}: its folder is not in tests/layers")
        continue
    if "templates" in parts:
        continue
    for header in includes(path):
        other = header.split("/")
        if len(other) < 3 or other[0] != "core" or not os.path.exists(header):
            problems.append(f'{path}: include "{header}" by its place, as "core/FOLDER/NAME.h"')
            continue
        if other[1] not in FOLDERS:
            problems.append(f"{header}: its folder is not in tests/layers")
        elif FOLDERS.index(other[1]) > FOLDERS.index(folder):
            problems.append(f"{path} includes {header}: {other[1]} stands below {folder}")
        if other[1] != folder:
            folders.setdefault(folder, set()).add(other[1])
            if PRIVATE.search(header):
                problems.append(f"{path} includes {header}, which is private to {other[1]}")
        if thing(path) != thing(header) and not PRIVATE.search(path):
            files.setdefault(thing(path), set()).add(thing(header))

for graph in (files, folders):
    for found in circles(graph):
        problems.append("a circle: " + ", ".join(found))

beside, used = set(), set()
for path in sources("plugins"):
    if path.endswith(".h"):
        beside.add(path)
    for header in includes(path):
        header = os.path.join(os.path.dirname(path), header)
        used.add(header)
        if not os.path.exists(header):
            problems.append(f"{path} includes {header}: public headers and those beside it alone")
for path in sorted(beside - used):
    problems.append(f"{path}: no plugin includes it")


def symbols(objects):
    """Which object defines a symbol, and the pairs of object and symbol it wants."""
    listed = subprocess.run(["nm", "-A", "-P", *objects], stdout=subprocess.PIPE, check=True, text=True)
    defined, wanted = {}, []
    for line in listed.stdout.splitlines():
        path, symbol = line.split(": ", 1)
        name, kind = symbol.split()[:2]
        if kind == "U":
            wanted.append((path, name))
        elif kind.isupper():
            defined[name] = path
    return defined, wanted


def check_symbols(build):
    """Of the library alone: what comes after it is linked to it as a whole."""
    top = os.path.join(build, "core/CMakeFiles/fanout-inside.dir")
    objects = {}
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith(".o"):
                path = os.path.join(folder, name)
                # One of a source that is gone may lie there still.
                source = os.path.join("core", os.path.relpath(path, top))[: -len(".o")]
                if os.path.exists(source):
                    objects[path] = source
    if not objects:
        return 0
    try:
        defined, wanted = symbols(objects)
    except FileNotFoundError:
        print("symbols are left out, there is no nm")
        return 0
    for path, name in wanted:
        if name not in defined:
            continue
        user, owner = objects[path], objects[defined[name]]
        if FOLDERS.index(owner.split("/")[1]) > FOLDERS.index(user.split("/")[1]):
            problems.append(f"{user} uses {name} of {owner}, which stands below it")
    return len(objects)


n_objects = check_symbols(os.environ["FANOUT_BUILD_DIR"]) if "FANOUT_BUILD_DIR" in os.environ else 0

print("\n".join(problems) or f"{len(files)} files, {n_objects} objects, {len(FOLDERS)} folders")
sys.exit(1 if problems else 0)
