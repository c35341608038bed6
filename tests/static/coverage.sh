#!/bin/sh
# usage: tests/static/coverage.sh BUILD
#
# What the tests that ran in BUILD, a tree with counters, have reached of core and plugins: a table by
# file, a page in BUILD/coverage/, and a failure below what is wanted.
set -eu
cd "$(dirname "$0")/../.."
build=$1
mkdir -p "$build/coverage"
gcovr --root . --object-directory "$build" --filter 'core/' --filter 'plugins/' --filter 'include/' \
  --exclude 'core/fanoutd/templates/' --gcov-ignore-parse-errors \
  --html-details "$build/coverage/index.html" --json-summary "$build/coverage/summary.json" \
  --txt "$build/coverage/lines.txt"
gcovr --root . --object-directory "$build" --filter 'core/' --filter 'plugins/' --filter 'include/' \
  --exclude 'core/fanoutd/templates/' --gcov-ignore-parse-errors --branches \
  --txt "$build/coverage/branches.txt" --fail-under-line 95 --fail-under-branch 88
tests/static/uncovered.py "$build/coverage/summary.json" tests/static/uncovered.txt
