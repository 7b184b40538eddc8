#!/bin/sh
# jit.sh [COUNT [SEED]]   COUNT (200) random programs from SEED (1) on under the compiler, compared with the JDK's own java.
#
# Programs that differ are kept in build/tests/fuzz-jit/found; tests/fuzz/JitFuzz.java says how to look at one of them and
# how to make it smaller. PARALLEL: batches at a time (2). Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 2
JDK=${JDK:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
out=${TESTS_OUT:-build/tests}/fuzz-jit
mkdir -p "$out/classes" || exit 2
"$JDK/bin/javac" -nowarn -Xlint:none -d "$out/classes" tests/fuzz/JitGen.java tests/fuzz/JitRun.java tests/fuzz/JitFuzz.java || exit 1
exec "$JDK/bin/java" -XX:TieredStopAtLevel=1 -Xmx1g -Dfuzz.work="$out" -Dfuzz.moka="${MOKA:-build/moka}" -Dfuzz.java="$JDK/bin/java" \
    -Dfuzz.parallel="${PARALLEL:-2}" -cp "$out/classes" JitFuzz run "${2:-1}" "${1:-200}"
