# What warmup.sh and ablation.sh share; to be sourced with `here` set to bench/. Sets root, MOKA, JDK, work (classes, measure), scratch.
export LC_ALL=C
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS

die() {
    echo "bench/$(basename "$0"): $*" >&2
    exit 2
}

# positive NUMBER...: dies if one is not
positive() {
    local number
    for number in "$@"; do
        case $number in ''|*[!0-9]*|0) die "'$number' is not a positive number" ;; esac
    done
}

# matches NAME: is it one of the shell patterns in $patterns? Needs set -f.
matches() {
    local pattern
    for pattern in $patterns; do
        # shellcheck disable=SC2053
        [[ $1 == $pattern ]] && return 0
    done
    return 1
}

root=$(dirname "$here")
MOKA=${MOKA:-$root/build/moka}
[ -x "$MOKA" ] || die "no moka at $MOKA (run make, or set MOKA)"
if [ -z "${JDK:-}" ]; then
    JDK=${JAVA_HOME:-}
    [ -n "$JDK" ] || { javac=$(command -v javac) && JDK=$(dirname "$(dirname "$(readlink -f "$javac")")"); }
fi
[ -x "${JDK:-}/bin/javac" ] || die "no javac: install openjdk-17-jdk-headless or set JDK"
work=$root/build/bench
mkdir -p "$work/classes" "$work/c" || exit 2
"$JDK/bin/javac" -nowarn -d "$work/classes" "$here"/programs/*.java || die "the programs do not compile"
"${CC:-gcc}" -std=gnu11 -O2 -o "$work/c/measure" "$here/c/measure.c" || die "measure.c does not compile"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/moka-bench.XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
