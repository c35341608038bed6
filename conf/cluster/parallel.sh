#!/bin/sh
# One machine, as many processes as it has cores: parallel.sh PIPELINE.ini PARTS
#
# A part is a file that is there whole or not at all: started again, this makes what is missing. A
# process that was ended by a signal, or failed in a way that may pass (exit code 75), is tried three
# times; any other failure is told, ends the others, and nothing is merged.
set -eu
export PIPELINE=$1 PARTS=$2
export FOLDER=${FOLDER:-$(basename "$1" .ini).parts}
mkdir -p "$FOLDER"

one='
  [ ! -e "$FOLDER/{}.part" ] || exit 0
  for try in 1 2 3; do
    code=0
    fanoutd run --part {}/"$PARTS" --partial "$FOLDER/{}.part" "$PIPELINE" || code=$?
    [ $code = 75 ] || [ $code -gt 128 ] || exit $code
  done
  exit $code'
seq "$PARTS" | parallel --halt now,fail=1 "$one"
fanoutd merge "$FOLDER"/*.part
