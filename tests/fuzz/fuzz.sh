#!/bin/sh
# fuzz.sh [COUNT [SEED]]   COUNT (1000) mutated class files must not crash the VM.
#
# Mutants of tests/fuzz/Seeds.java's classes are run in batches. When a VM dies by a signal, prints a crash report or hangs,
# the mutant it was at is a failure, and the batch goes on behind it. It is kept as build/tests/fuzz/mutant-N.class.
# SLOTS: mutants to a batch (100). Ends with "N passed, N failed", a mutant counting as one.
cd "$(dirname "$0")/../.." || exit 2
JDK=${JDK:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
MOKA=${MOKA:-$PWD/build/moka}
count=${1:-1000} seed=${2:-17} slots=${SLOTS:-100}
out=${TESTS_OUT:-build/tests}/fuzz
rm -rf "$out"
mkdir -p "$out/driver" "$out/seeds" || exit 2
"$JDK/bin/javac" -nowarn -Xlint:none -d "$out/driver" tests/fuzz/Mutate.java || exit 1
"$JDK/bin/javac" -nowarn -Xlint:none -d "$out/seeds" tests/fuzz/Seeds.java || exit 1
"$JDK/bin/java" -cp "$out/driver" Mutate make "$out/seeds" "$out/mutants" "$count" "$seed" || exit 1

# batch FROM TO: runs them, one line "FAIL ..." for each that kills its VM
batch() {
    from=$1 to=$2
    log=$out/log.$1
    while [ "$from" -lt "$to" ]; do
        timeout -s KILL 240 "$MOKA" -Xmx128m -cp "$out/driver:$out/seeds" Mutate run "$out/mutants" "$from" "$to" >"$log" 2>&1
        status=$?
        [ "$status" != 0 ] || ! grep -q '^defined' "$log" || grep -q 'fatal error has been detected' "$log" || break
        n=$(sed -n 's/^at //p' "$log" | tail -n 1)
        [ "$n" ] || { echo "FAIL fuzz: the driver does not start, exit $status"; tail -n 3 "$log"; break; }
        what=$(LC_ALL=C "$MOKA" -cp "$out/driver" Mutate save "$out/mutants" "$n" "$out/mutant-$n.class")
        echo "FAIL fuzz: mutant $n ($what): exit $status $(grep -a -m 1 -e 'SIG' -e ssert -e 'rror' "$log" | cut -c1-160)"
        cp "$log" "$out/mutant-$n.log"
        from=$((n + 1))
    done
    grep '^slow' "$log" | sed 's/^/fuzz: /'
}

if [ "$count" -gt "$slots" ]; then
    half=$((count / 2))
    ( i=0; while [ $i -lt $half ]; do e=$((i + slots)); [ $e -le $half ] || e=$half; batch $i $e; i=$e; done ) >"$out/a" &
    ( i=$half; while [ $i -lt $count ]; do e=$((i + slots)); [ $e -le $count ] || e=$count; batch $i $e; i=$e; done ) >"$out/b"
    wait
    cat "$out/a" "$out/b" >"$out/results"
else
    batch 0 "$count" >"$out/results"
fi
cat "$out/results"
failed=$(grep -c '^FAIL' "$out/results")
echo "$((count - failed)) passed, $failed failed"
[ "$failed" = 0 ]
