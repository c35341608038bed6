#!/bin/sh
# A mapper of Hadoop Streaming: lines on standard input to one line, a key and states as text. The
# input has no header: [source] of the pipeline names its columns. Hadoop starts a mapper that died
# again, and takes the line of one of them.
set -e
part=$(mktemp)
trap 'rm -f "$part"' EXIT
fanoutd run --partial "$part" flights.ini -
printf '%06d\t%s\n' "${mapreduce_task_partition:-0}" "$(base64 <"$part" | tr -d '\n')"
