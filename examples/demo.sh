#!/bin/bash
# demo.sh - what `make demo` shows: javac compiles a program on moka, then moka runs it, interpreted and compiled, in
# each MMU mode, beside HotSpot on the same class library. Usage: demo.sh MOKA
set -u
moka=$1
here=$(cd "$(dirname "$0")" && pwd)
java=${JDK:-}/bin/java
[ -x "$java" ] || java=$(command -v java)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0

# seconds WORD...: runs the words, output to $work/out; prints the wall time
seconds() {
    local from to
    from=$(date +%s%N)
    "$@" > "$work/out" 2> "$work/err" || { echo "failed"; cat "$work/err" >&2; status=1; return; }
    to=$(date +%s%N)
    awk -v ns=$((to - from)) 'BEGIN { printf "%.2f s", ns / 1e9 }'
}

row() { printf '  %-34s %10s   %10s\n' "$@"; }

echo "moka runs javac on examples/Primes.java, then the program it made:"
echo
row "" "javac" "Primes"
reference=
for how in "HotSpot -Xint" "moka -Xint" "moka --mmu=shadow" "moka --mmu=flat" "moka --mmu=soft" "HotSpot"; do
    case $how in
    HotSpot) vm=("$java") ;;
    HotSpot*) vm=("$java" -Xint) ;;
    *) vm=("$moka" "${how#moka }") ;;
    esac
    rm -rf "$work/classes"
    compile=$(seconds "${vm[@]}" -m jdk.compiler/com.sun.tools.javac.Main -d "$work/classes" "$here/Primes.java")
    run=$(seconds "${vm[@]}" -cp "$work/classes" Primes 20000000)
    row "$how" "$compile" "$run"
    [ -n "$reference" ] || reference=$(cat "$work/out")
    [ "$(cat "$work/out")" = "$reference" ] || { echo "  ... printed something else than HotSpot"; status=1; }
done
echo
echo "$reference" | sed 's/^/  | /'
exit $status
