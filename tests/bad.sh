#!/bin/sh
# bad.sh [--java] [PATTERN...]   runs the table of bad input, tests/bad/cases.sh, under moka.
#
# A row is   row NAME CODE 'TEXT' <<'E' ... E   where the lines up to E are a shell script that runs in an own empty
# directory with $JAVA (the VM), $C (compiled classes of tests/bad/*.java) and $JDK. Its exit status must be CODE (or one
# of a|b) and TEXT must be part of what it writes (stdout or stderr; empty: nothing is asked). No row may end with a signal that
# it did not send, hang for 60 s, or print a crash report. --java runs the rows with HotSpot to check the table itself;
# "own" rows, where moka has its own limits or options, are then left out.
cd "$(dirname "$0")/.." || exit 2
JDK=${JDK:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
JAVA=${MOKA:-$PWD/build/moka}
oracle=
[ "$1" != --java ] || { oracle=1 JAVA=$JDK/bin/java; shift; }
here=$PWD
out=${TESTS_OUT:-$here/build/tests}/bad${oracle:+-java}
C=$out/classes
rm -rf "$out"
mkdir -p "$C"
export JDK JAVA C out here
unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS CLASSPATH
"$JDK/bin/javac" -nowarn -Xlint:none -XDsuppressNotes -d "$C" tests/bad/*.java || exit 1
patterns=$*
passed=0 failed=0

fail() {
    failed=$((failed + 1))
    echo "FAIL bad:$name: $1"
    head -n 5 "$work.log" | cut -c1-200
}

row() {
    name=$1 code=$2 text=$3 work=$out/$1
    body=$(cat)
    if [ "$patterns" ]; then
        for p in $patterns; do
            # shellcheck disable=SC2254
            case $name in $p) break ;; *) false ;; esac
        done || return 0
    fi
    mkdir -p "$work"
    (cd "$work" && timeout -s KILL 60 sh -c "$body") >"$work.log" 2>&1
    status=$?
    case "|$code|" in
    *"|$status|"*)
        if grep -q 'fatal error has been detected' "$work.log"; then fail "crash report"
        elif [ "$text" ] && ! grep -qF -e "$text" "$work.log"; then fail "no text: $text"
        else passed=$((passed + 1)); fi ;;
    *) fail "exit $status, not $code" ;;
    esac
    rm -rf "$work"
}

own() { if [ "$oracle" ]; then cat >/dev/null; else row "$@"; fi; }

. tests/bad/cases.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
