#!/bin/sh
# The command line: verbs, options, help, version.
. "$(dirname "$0")/harness.sh"

file sum.ini '[source]\ntype = csv\n[aggregate total]\ntype = sum\ncolumn = x\n'

try 'no verb' code 2 err "fanoutd: a verb is missing; possible: run, check, agg, merge, ctl, top, plugins, functions, new-plugin, check-plugin, reference (see 'fanoutd -h')" --
try 'a verb that is near' code 2 \
  err "fanoutd: unknown verb 'rnu'; did you mean run? (see 'fanoutd -h')" -- rnu
try 'a verb that is not near' code 2 \
  err "fanoutd: unknown verb 'frobnicate'; possible: run, check, agg, merge, ctl, top, plugins, functions, new-plugin, check-plugin, reference (see 'fanoutd -h')" -- frobnicate
try 'a pipeline for a verb' code 2 \
  err "fanoutd: unknown verb 'sum.ini'; did you mean 'fanoutd run sum.ini'? (see 'fanoutd -h')" -- sum.ini
try 'an unknown option before the verb' code 2 \
  err "fanoutd: unknown option --verison; did you mean --version? (see 'fanoutd -h')" -- --verison

try 'help' out~ 'Usage: fanoutd VERB' out~ 'Examples:' out~ 'Exit status:' -- -h
try 'help, long' out~ 'Usage: fanoutd VERB' -- --help
try 'version' out~ 'fanoutd ' -- -V
try 'version, long' out~ 'fanoutd ' -- --version
for verb in run check agg merge plugins reference; do
  try "help of $verb" out~ "Usage: fanoutd $verb" out~ 'Example' out~ '--version' -- $verb -h
  try "help of $verb, long, behind other options" out~ "Usage: fanoutd $verb" -- $verb --plugin-path . --help
  try "version by $verb" out~ 'fanoutd ' -- $verb -V
  try "an unknown option of $verb" code 2 \
    err "fanoutd: $verb: unknown option -x (see 'fanoutd $verb -h')" -- $verb -x
  try "an option of $verb that is near" code 2 \
    err "fanoutd: $verb: unknown option --plugin-pth; did you mean --plugin-path? (see 'fanoutd $verb -h')" \
    -- $verb --plugin-pth=.
  try "an option of $verb without its value" code 2 \
    err "fanoutd: $verb: option --plugin-path needs a value (see 'fanoutd $verb -h')" -- $verb --plugin-path
  set -- sum.ini
  [ $verb != reference ] || shift
  try "no such folder of plugins for $verb" code 2 \
    err "fanoutd: $verb: --plugin-path: there is no folder 'nowhere' (see 'fanoutd $verb -h')" \
    -- $verb --plugin-path nowhere "$@"
done
try 'the verbs in the help' out~ '  reference     an INI file with every key there is' out~ '  run           ' -- -h

for verb in run check; do
  try "$verb without a pipeline" code 2 \
    err "fanoutd: $verb: PIPELINE.ini is missing (see 'fanoutd $verb -h')" -- $verb
  try "$verb with a pipeline from standard input and no input" code 2 \
    err "fanoutd: $verb: the pipeline comes from standard input: name the inputs (see 'fanoutd $verb -h')" -- $verb -
  try "$verb with both from standard input" code 2 \
    err "fanoutd: $verb: the pipeline and an input cannot both be standard input (see 'fanoutd $verb -h')" -- $verb - -
  try "an unknown letter among others for $verb" code 2 \
    err "fanoutd: $verb: unknown option -xs (see 'fanoutd $verb -h')" -- $verb -xs a.b=c sum.ini
  try "a long option with one dash for $verb" code 2 \
    err "fanoutd: $verb: unknown option -plugin-path; did you mean --plugin-path? (see 'fanoutd $verb -h')" -- $verb -plugin-path . sum.ini
  try "a value for a flag of $verb" code 2 \
    err "fanoutd: $verb: option --stats takes no value (see 'fanoutd $verb -h')" -- $verb --stats=yes sum.ini
  try "-s of $verb without its value" code 2 \
    err "fanoutd: $verb: option -s needs a value (see 'fanoutd $verb -h')" -- $verb sum.ini -s
done

file x.csv 'x\n1\n2\n'
try 'options behind the arguments' out '{"total":3}' -- run sum.ini x.csv -f ndjson
try 'a value in the same argument' out '{"total":3}' -- run -fndjson sum.ini x.csv
try 'a value behind an equals sign' out '{"total":3}' -- run --format=ndjson sum.ini x.csv
try 'the last of two counts' out '{"total":3}' -- run -f csv -f ndjson sum.ini x.csv
file -x.csv 'x\n5\n'
try 'no options behind --' out '{"total":5}' -- run -f ndjson sum.ini -- -x.csv
file plugins 'x\n7\n'
try 'a verb is a verb at its place alone' out '{"total":7}' -- run -f ndjson sum.ini plugins
try 'too many names' code 2 err "fanoutd: plugins: one NAME at most (see 'fanoutd plugins -h')" -- plugins sum mean

finish
