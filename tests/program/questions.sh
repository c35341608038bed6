#!/bin/sh
# The public questions in bench/pipelines/, against SQLite.
. "$(dirname "$0")/harness.sh"

check 'each answer is that of SQLite' \
  python3 "$here/questions.py" "$FANOUTD" "${FANOUT_BUILD_DIR:?}/bench" "$top/bench"
finish
