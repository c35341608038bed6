#!/bin/sh
# What can be said of the sources without running them. All that is found is told, at the end as well.
#
# usage: tests/static/check.sh BUILD [CHECK]...
#
# BUILD is a tree that was configured with compile_commands.json; CHECKs are some of those below.
set -eu
cd "$(dirname "$0")/../.."
build=$1
shift
[ $# -gt 0 ] || set -- scripts spelling manual cppcheck tidy analyzer
jobs=$(getconf _NPROCESSORS_ONLN)
failed=

sources () { git ls-files 'core/*.c' 'plugins/*.c' | grep -v /templates/; }

scripts () {
  git ls-files | while read -r file; do
    case $file:$(head -c 9 "$file" | tr -d '\0') in *.sh:* | *:'#!/bin/sh') echo "$file" ;; esac
  done | xargs shellcheck -f gcc
}

# Inputs of tests and other people's words are left alone.
spelling () {
  git ls-files | grep -vE '^(tests/(data|fuzz/corpus|golden|static)/|conf/data/|bench/data/)|\.(png|svg)$' |
    xargs codespell --ignore-regex '\\[nrt]' --ignore-words tests/static/words.txt
}

manual () {
  [ -d "$build/man" ] || cmake --build "$build" --target manual >/dev/null
  find "$build/man" -type f | sort | xargs mandoc -T lint -W warning
}

cppcheck_ () {
  cppcheck -q -j "$jobs" --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
    --library=gtk --library=posix --std=c11 -I. -Iinclude -D__GNUC__ --suppress=missingInclude \
    --suppressions-list=tests/static/cppcheck.txt \
    --template='{file}:{line}: {severity}: {message} [{id}]' core plugins
}

# Those who compile with gcc have options that clang does not know.
tidy () {
  sources | xargs -P "$jobs" -n 4 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option \
    2>/dev/null
}

analyzer () { tests/static/analyze.py "$build"; }

for check; do
  printf 'check: %s\n' "$check" >&2
  case $check in
    cppcheck) cppcheck_ ;;
    scripts | spelling | manual | tidy | analyzer) "$check" ;;
    *) echo "check: no such check: $check" >&2; exit 2 ;;
  esac || failed="$failed $check"
done
[ -z "$failed" ] || { echo "check: found something:$failed" >&2; exit 1; }
