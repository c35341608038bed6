# Sourced by the tests of the program. FANOUTD is its path; every test runs in a folder of its own.
#
#   file NAME TEXT           make a file; TEXT as for printf
#   try TITLE [WANT]... -- ARGUMENT...
#                            run the program and compare:
#     in TEXT                what it reads (as for printf); else nothing
#     code N                 exit code, 0 if not given
#     out TEXT, err TEXT     all of standard output, standard error; nothing if not given
#     out~ PART, err~ PART   a part of it; may be repeated
#     err* PATTERN           all of standard error, as a pattern of the shell
#     out.                   anything
#   everywhere TITLE [WANT]... -- ARGUMENT...
#                            the same in each of `ways`: STRATEGY BATCH PARTITIONS, commas between
#   check TITLE COMMAND...   the command succeeds
#   finish                   at the end of the file

set -u
: "${FANOUTD:?the path of the program}"
case $FANOUTD in /*) ;; *) FANOUTD=$PWD/$FANOUTD ;; esac
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/fanoutd-test.XXXXXX")
trap 'cd /; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
umask 022
unset FANOUT_PLUGIN_PATH
XDG_DATA_HOME=$folder/none
export XDG_DATA_HOME
LC_ALL=C
export LC_ALL
n_cases=0
n_failed=0
wrong='' free_out='' free_err=''

file () { printf "$2" >"$1"; }

problem () {
  [ -n "$wrong" ] || printf 'FAILED: %s\n' "$title"
  wrong=yes
  printf '  %s\n' "$1"
}

show () { sed 's/^/    /' "$1"; }

# have FILE WHAT TEXT: the file is TEXT and a line feed, or empty.
have () {
  if [ -z "$3" ]; then : >.want; else printf '%s\n' "$3" >.want; fi
  cmp -s .want "$1" && return
  problem "$2 should be:"
  show .want
  printf '  but is:\n'
  show "$1"
}

have_part () {
  case $(cat "$1") in *"$3"*) return ;; esac
  problem "$2 should have: $3"
  printf '  but is:\n'
  show "$1"
}

try () {
  title=$1 wrong='' want_code=0 want_out='' want_err='' free_out='' free_err='' parts=''
  shift
  : >.parts
  printf '' >.in
  while [ "$1" != -- ]; do
    case $1 in
      in) printf "$2" >.in ;;
      code) want_code=$2 ;;
      out) want_out=$2 ;;
      err) want_err=$2 ;;
      out~ | err~) printf '%s\n%s\n' "$1" "$2" >>.parts ;;
      err\*) pattern=$2 parts=yes free_err=yes ;;
      out.) free_out=yes; shift; continue ;;
      *) echo "harness: $title: what is '$1'?"; exit 99 ;;
    esac
    shift 2
  done
  shift
  grep -q '^out~$' .parts && free_out=yes
  grep -q '^err~$' .parts && free_err=yes
  "$FANOUTD" "$@" <.in >.out 2>.err
  code=$?
  [ "$code" = "$want_code" ] || problem "exit code should be $want_code, but is $code"
  [ -n "$free_out" ] || have .out 'standard output' "$want_out"
  [ -n "$free_err" ] || have .err 'standard error' "$want_err"
  while IFS= read -r where && IFS= read -r part; do
    case $where in
      out~) have_part .out 'standard output' "$part" ;;
      err~) have_part .err 'standard error' "$part" ;;
    esac
  done <.parts
  if [ -n "$parts" ]; then
    # shellcheck disable=SC2254 # it is a pattern
    case $(cat .err) in
      $pattern) ;;
      *) problem "standard error should match: $pattern"; printf '  but is:\n'; show .err ;;
    esac
  fi
  count_case
}

count_case () {
  n_cases=$((n_cases + 1))
  [ -z "$wrong" ] && return
  n_failed=$((n_failed + 1))
  [ -z "${code-}" ] || [ ! -s .err ] || [ -z "${free_err-}" ] || { printf '  standard error:\n'; show .err; }
}

# Strategies, batch sizes and partitions.
ways='fiber 4096 1,fiber 1 1,fiber 2 3,threads 4096 1,threads 1 2,callback 4096 1,callback 1 1'

everywhere () {
  name=$1
  shift
  left=$ways,
  while [ -n "$left" ]; do
    run_way "$name" "${left%%,*}" "$@"
    left=${left#*,}
  done
}

run_way () {
  name=$1 way=$2
  shift 2
  # shellcheck disable=SC2086
  set -- $way -- "$@"
  strategy=$1 batch=$2 partitions=$3
  shift 4
  try "$name ($way)" "$@" -s pipeline.strategy=$strategy -s pipeline.batch=$batch -s pipeline.partitions=$partitions
}

check () {
  title=$1 wrong='' code=''
  shift
  "$@" >.check 2>&1 || { problem "failed: $*"; show .check; }
  count_case
}

finish () {
  printf '%s: %d cases, %d failed\n' "$(basename "$0" .sh)" "$n_cases" "$n_failed"
  [ "$n_failed" = 0 ]
  exit
}
