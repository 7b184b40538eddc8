#!/bin/sh
# run.sh PROGRAM...  runs Check programs, sums their results; last line "N passed, N failed", exit 1 on a failure.
# A program that says nothing (it crashed, or would not start) counts as one failure.
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for program; do
    timeout -k 5 "${UNIT_TIMEOUT:-300}" "$program" >"$log" 2>&1
    status=$?
    counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$log")
    p=0 f=0
    while read -r checks failures errors; do
        [ -n "$checks" ] || continue
        f=$((f + failures + errors))
        p=$((p + checks - failures - errors))
    done <<END
$counts
END
    [ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
    [ $((p + f)) -gt 0 ] || f=1
    if [ "$f" -gt 0 ]; then
        echo "FAIL $(basename "$program") (exit $status)"
        sed 's/^/    /' "$log"
    else
        echo "ok   $(basename "$program"): $p"
    fi
    passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
