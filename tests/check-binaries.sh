#!/bin/sh
# No binary takes libraries from the current folder or more of them than it needs at its start,
# release builds are hardened, and an installed tree runs from wherever it was put.
set -eu
command -v readelf >/dev/null || { echo 'binaries: left out, there is no readelf'; exit 0; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/fanoutd-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
n=0

fail () { echo "$*"; exit 1; }

# run_path FILE: each entry of it is a whole path.
run_path () {
  paths=$(readelf -d "$1" | sed -n 's/.*(R[UN]*PATH).*\[\(.*\)\]$/\1/p')
  [ -z "$paths" ] && return
  case :$paths: in *::*) fail "$1: the run path '$paths' has an empty entry" ;; esac
  for entry in $(echo "$paths" | tr ':' ' '); do
    case $entry in /* | '$ORIGIN'*) ;; *) fail "$1: '$entry' in its run path is no whole path" ;; esac
  done
}

# hardened FILE
hardened () {
  readelf -lW "$1" | grep -q GNU_RELRO || fail "$1: no RELRO"
  readelf -dW "$1" | grep -Eq 'BIND_NOW|FLAGS.* NOW' || fail "$1: not bound at once"
  readelf -hW "$1" | grep -q 'Type:.*DYN' || fail "$1: not position-independent"
  readelf -lW "$1" | grep GNU_STACK | grep -q 'RWE' && fail "$1: its stack can be executed"
  return 0
}

# protected FILE: what the compiler can be seen to have done.
protected () {
  readelf --dyn-syms -W "$1" | grep -q '_chk@' || fail "$1: nothing is fortified"
  readelf --dyn-syms -W "$1" | grep -q '__stack_chk_fail@' || fail "$1: no stack protector"
}

check_tree () {
  find "$1" -type f \( -perm -u+x -o -name '*.so*' \) ! -path '*/CMakeFiles/*' >"$folder/files"
  while read -r file; do
    readelf -h "$file" >/dev/null 2>&1 || continue
    readelf -h "$file" | grep -q 'Type:.*REL' && continue
    run_path "$file"
    n=$((n + 1))
    case $BUILD_TYPE:$SANITIZE in Release: | RelWithDebInfo:) hardened "$file" ;; esac
  done <"$folder/files"
}

for part in bin lib inside plugins tests; do
  [ ! -d "$FANOUT_BUILD_DIR/$part" ] || check_tree "$FANOUT_BUILD_DIR/$part"
done
"$CMAKE" --install "$FANOUT_BUILD_DIR" --prefix "$folder/there" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
check_tree "$folder/there"
[ "$n" -gt 20 ] || fail "only $n binaries were found"
case $BUILD_TYPE:$SANITIZE in
  Release: | RelWithDebInfo:)
    # Both are loaded when they are needed first: GIO's libraries alone take longer than a short run.
    for library in libgio libgmp; do
      [ "$(uname -s)" != Linux ] || ! readelf -d "$FANOUT_BUILD_DIR"/lib/libfanout.so | grep -q "NEEDED.*$library" ||
        fail "libfanout needs $library at its start"
    done
    # What asks the processor for its features takes long, too, and the C library has them.
    ! readelf --dyn-syms -W "$FANOUT_BUILD_DIR"/lib/libfanout.so | grep -q __x86_get_cpuid_feature_leaf ||
      ! readelf -sW "$FANOUT_BUILD_DIR"/lib/libfanout.so | grep -q __cpu_indicator_init ||
      fail 'libfanout asks the processor at its start'
    protected "$folder/there/bin/fanoutd"
    protected "$(ls "$folder/there/$LIBDIR"/libfanout.so.*.*)"
    # A whole binary is marked only where the start-up code of the system is, so look at the parts.
    if [ -n "$CF_PROTECTION" ]; then
      for part in core/fanoutd/CMakeFiles/fanoutd.dir/main.c.o plugins/CMakeFiles/sink-csv.dir/sink/csv.c.o; do
        readelf -nW "$FANOUT_BUILD_DIR/$part" | grep -q IBT || fail "$part: no control-flow protection"
      done
    fi
    ;;
esac

# Moved, it still finds what is its own.
mv "$folder/there" "$folder/moved"
cd "$folder"
unset FANOUT_PLUGIN_PATH LD_LIBRARY_PATH
"$folder/moved/bin/fanoutd" agg -f csv -t range -s source.stop=5 'sum(value)' >sum 2>&1 ||
  { cat sum; fail 'the installed program does not run'; }
[ "$(tail -n 1 sum)" = 10 ] || fail "the installed program says: $(cat sum)"
ldd "$folder/moved/bin/fanoutd" | grep -q "libfanout.so.1 => $folder/moved/" ||
  fail 'the installed program takes another libfanout'
for file in LICENSE README.md CHANGELOG.md conf/demo.ini conf/data/flights.csv; do
  [ -f "$(ls -d "$folder"/moved/share/doc/*)/$file" ] || fail "$file is not installed"
done
for file in man/man1/fanoutd.1 bash-completion/completions/fanoutd zsh/site-functions/_fanoutd; do
  [ -f "$folder/moved/share/$file" ] || fail "$file is not installed below the prefix"
done
echo "$n binaries"
