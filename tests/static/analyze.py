#!/usr/bin/env python3
"""gcc -fanalyzer over core and plugins, as they are compiled in a tree of CMake.

usage: tests/static/analyze.py BUILD [FILE]..."""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Each way through vector code is one of very many, and none of it allocates.
LEFT_OUT = {"core/decode/scan-avx2.c", "core/decode/scan-avx512.c"}
LEFT_OUT_WARNINGS = [
    # g_autoptr frees on each way out; the analyzer knows only some of them.
    "-Wno-analyzer-malloc-leak",
    "-Wno-analyzer-fd-leak",
    # g_malloc never answers NULL, and g_assert ends the program.
    "-Wno-analyzer-possible-null-dereference",
    "-Wno-analyzer-possible-null-argument",
    "-Wno-analyzer-null-dereference",
    "-Wno-analyzer-null-argument",
    # Half of an integer of 128 bits, taken by its bytes, is unset to it; valgrind looks at these.
    "-Wno-analyzer-use-of-uninitialized-value",
]
SECONDS = 600


def analyze(entry):
    words = shlex.split(entry["command"])
    at = words.index("-o")
    words = [word for word in words[:at] + words[at + 2 :] if word not in ("-c", "-flto", "ccache")]
    words = [word for word in words if not word.endswith("/ccache")]
    words += ["-S", "-o", os.devnull, "-O0", "-fanalyzer", *LEFT_OUT_WARNINGS]
    words += ["-fdiagnostics-plain-output", "-Werror"]
    try:
        done = subprocess.run(words, cwd=entry["directory"], capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"{entry['file']}: not done after {SECONDS} s\n"
    return done.stderr if done.returncode != 0 else ""


def main():
    build = Path(sys.argv[1])
    wanted = set(sys.argv[2:])
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = Path(entry["directory"], entry["file"]).resolve()
        if not file.is_relative_to(ROOT) or file.is_relative_to(build.resolve()):
            continue
        name = str(file.relative_to(ROOT))
        if name.split("/")[0] in ("core", "plugins") and name not in LEFT_OUT:
            if not wanted or name in wanted:
                entries[name] = entry
    found = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(analyze, entries.values()):
            if said:
                found += 1
                print(said, end="")
    print(f"{len(entries)} files, {found} with something", file=sys.stderr)
    return found > 0


sys.exit(main())
