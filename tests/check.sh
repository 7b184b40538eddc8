#!/bin/sh
# check.sh UNIT_PROGRAM...  runs all suites: the Check programs given, then tests/run.sh where it exists.
# Each suite ends with a line "N passed, N failed"; so does this script, with the sums.
cd "$(dirname "$0")/.." || exit 2
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

suite() {
    echo "== $1"
    shift
    { "$@" 2>&1; echo "status $?"; } | tee "$log" | sed '/^status [0-9]*$/d'
    status=$(sed -n '$s/^status //p' "$log")
    line=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*$/\1 \2/p' "$log" | tail -n 1)
    p=${line% *} f=${line#* }
    [ -n "$line" ] || { p=0 f=1; }
    [ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
    passed=$((passed + p)) failed=$((failed + f))
}

suite unit tests/unit/run.sh "$@"
[ ! -x tests/run.sh ] || suite programs tests/run.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
