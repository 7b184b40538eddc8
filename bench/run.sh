#!/usr/bin/env bash
# Runs the benchmark programs under moka, HotSpot and as C, compares what they print and how long they take.
#
# Everything is interleaved: round 1 runs each program under each configuration, then round 2, and so on; the medians
# over the rounds are reported. bench/README.md says how to read the result.
set -u -o pipefail
export LC_ALL=C

usage() {
    cat <<'END'
usage: bench/run.sh [options]
  --rounds N            runs of each program and configuration (default 3)
  --size quick|normal|long   which column of programs.tsv (default normal)
  --programs 'PATTERN'  only the programs whose names match one of these shell patterns, e.g. 'Fib F* *Trees'
  --configs LIST        comma separated, of: moka-int moka moka-flat moka-soft hotspot-int hotspot c
                        (default: all but moka-soft; `all` is all)
  --steady              compare the second half of the repetitions inside one process, not whole processes
  --reps N              repetitions inside a process (default 1; with --steady 10)
  --moka-options 'OPTS' given to every moka, e.g. '-Xmx256m'
  --timeout SECONDS     per run (default 300)
  --what NAME           names the files of results (default: the size, or steady)
  --out DIR             where results go (default bench/results)
environment: MOKA (build/moka), JDK (from JAVA_HOME or javac on PATH), CC (gcc)
END
}

die() {
    echo "bench/run.sh: $*" >&2
    exit 2
}

here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$here")
rounds=3 size=normal patterns='*' steady=0 reps='' moka_options='' limit=300 what='' out=$here/results
configs=moka-int,moka,moka-flat,hotspot-int,hotspot,c
while [ $# -gt 0 ]; do
    case $1 in
        --steady) steady=1; shift; continue ;;
        -h|--help) usage; exit 0 ;;
        --rounds|--size|--programs|--configs|--reps|--moka-options|--timeout|--what|--out)
            [ $# -ge 2 ] || die "$1 needs a value" ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    case $1 in
        --rounds) rounds=$2 ;;
        --size) size=$2 ;;
        --programs) patterns=$2 ;;
        --configs) configs=$2 ;;
        --reps) reps=$2 ;;
        --moka-options) moka_options=$2 ;;
        --timeout) limit=$2 ;;
        --what) what=$2 ;;
        --out) out=$2 ;;
    esac
    shift 2
done
[ "$configs" = all ] && configs=moka-int,moka,moka-flat,moka-soft,hotspot-int,hotspot,c
configs=${configs//,/ }
case $size in quick) column=4 ;; normal) column=5 ;; long) column=6 ;; *) die "--size is quick, normal or long" ;; esac
for number in "$rounds" "${reps:-1}" "$limit"; do
    case $number in ''|*[!0-9]*|0) die "'$number' is not a positive number" ;; esac
done
[ -n "$reps" ] || reps=$((steady ? 10 : 1))
[ -n "$what" ] || { what=$size; [ $steady = 1 ] && what=steady-$size; }

# ---- tools ---------------------------------------------------------------------------------------------------

MOKA=${MOKA:-$root/build/moka}
[ -x "$MOKA" ] || die "no moka at $MOKA (run make, or set MOKA)"
if [ -z "${JDK:-}" ]; then
    JDK=${JAVA_HOME:-}
    [ -n "$JDK" ] || { javac=$(command -v javac) && JDK=$(dirname "$(dirname "$(readlink -f "$javac")")"); }
fi
[ -x "${JDK:-}/bin/javac" ] || die "no javac: install openjdk-17-jdk-headless or set JDK"
CC=${CC:-gcc}
command -v "$CC" >/dev/null || die "no C compiler '$CC': install gcc or set CC"

# ---- build ---------------------------------------------------------------------------------------------------

work=$root/build/bench
mkdir -p "$work/classes" "$work/c" "$out" || exit 2
"$JDK/bin/javac" -nowarn -d "$work/classes" "$here"/programs/*.java || die "the programs do not compile"
for source in "$here"/c/*.c; do
    binary=$work/c/$(basename "$source" .c)
    # No fused multiply-add: Java has none, and the checksums are bit-exact.
    [ "$binary" -nt "$source" ] && [ "$binary" -nt "$here/c/bench.h" ] ||
        "$CC" -std=gnu11 -O2 -Wall -Wextra -ffp-contract=off -o "$binary" "$source" -lm || die "$source does not compile"
done

# ---- run -----------------------------------------------------------------------------------------------------

# command CONFIG CLASS TWIN SIZE: sets the array `cmd`, or leaves it empty when there is nothing to run.
command_of() {
    local times=()
    cmd=()
    [ $steady = 1 ] && times=(-Dbench.times=true)
    local java=("${times[@]}" -cp "$work/classes" "$2" "$4" "$reps")
    case $1 in
        moka-int) cmd=("$MOKA" -Xint $moka_options "${java[@]}") ;;
        moka) cmd=("$MOKA" $moka_options "${java[@]}") ;;
        moka-flat) cmd=("$MOKA" --mmu=flat $moka_options "${java[@]}") ;;
        moka-soft) cmd=("$MOKA" --mmu=soft $moka_options "${java[@]}") ;;
        hotspot-int) cmd=("$JDK/bin/java" -Xint "${java[@]}") ;;
        hotspot-int-nocds) cmd=("$JDK/bin/java" -Xshare:off -Xint "${java[@]}") ;;
        hotspot) cmd=("$JDK/bin/java" "${java[@]}") ;;
        c) [ "$3" = - ] || cmd=("$work/c/$3" "$4" "$reps") ;;
        *) die "unknown configuration '$1'" ;;
    esac
}

matches() {
    local pattern
    for pattern in $patterns; do
        # shellcheck disable=SC2053
        [[ $1 == $pattern ]] && return 0
    done
    return 1
}

set -f  # patterns are for `matches`, not for the shell
scratch=$(mktemp -d "${TMPDIR:-/tmp}/moka-bench.XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
raw=$scratch/raw  # program kind size config round wall user sys rss steady
errors=0
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS

declare -A expected=()
for ((round = 1; round <= rounds; round++)); do
    while IFS=$'\t' read -r name class kind quick normal long twin; do
        case $name in '#'*|'') continue ;; esac
        matches "$name" || continue
        case $column in 4) n=$quick ;; 5) n=$normal ;; *) n=$long ;; esac
        # Without a class data archive HotSpot reads its classes from the jimage as moka does: for start-up only.
        extra=''
        [ "$kind" = start-up ] && case " $configs " in *" hotspot-int "*) extra=hotspot-int-nocds ;; esac
        [ "$kind" = start-up ] && [ $steady = 1 ] && continue
        for config in $configs $extra; do
            command_of "$config" "$class" "$twin" "$n"
            [ ${#cmd[@]} -gt 0 ] || continue
            printf '\r\033[Kround %d/%d %s %s' "$round" "$rounds" "$name" "$config" >&2
            BENCH_TIMES=1 "$work/c/measure" "$scratch/cost" "$limit" "${cmd[@]}" \
                </dev/null >"$scratch/stdout" 2>"$scratch/stderr" || die "measure failed"
            read -r status wall user sys rss <"$scratch/cost"
            line=$(cat "$scratch/stdout")
            [ -n "${expected[$name]:-}" ] || { [ "$status" = 0 ] && expected[$name]=$line; }
            if [ "$status" != 0 ] || [ "$line" != "${expected[$name]:-}" ]; then
                printf '\r\033[KERROR %s under %s: exit code %s, printed "%s", expected "%s"\n' \
                    "$name" "$config" "$status" "${line:0:100}" "${expected[$name]:-}" >&2
                grep -v '^rep ' "$scratch/stderr" | head -5 >&2
                errors=$((errors + 1))
                continue
            fi
            inside=$(awk '/^rep [0-9]+ / { t[n++] = $3 }
                          END { m = 0; for (i = int(n / 2); i < n; i++) s[m++] = t[i]
                                for (i = 1; i < m; i++) for (j = i; j > 0 && s[j] < s[j-1]; j--) {
                                    x = s[j]; s[j] = s[j-1]; s[j-1] = x }
                                print m ? (m % 2 ? s[(m-1)/2] : (s[m/2] + s[m/2-1]) / 2) : "-" }' "$scratch/stderr")
            printf '%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n' "$name" "$kind" "$n" "$config" "$round" \
                "$wall" "$user" "$sys" "$rss" "$inside" >>"$raw"
        done
    done <"$here/programs.tsv"
done
printf '\r\033[K' >&2
[ -s "$raw" ] || die "nothing was run"

# ---- report --------------------------------------------------------------------------------------------------

base=$out/$(date +%Y-%m-%d)-$what
[ $steady = 1 ] && title="steady state, size $size" || title="whole processes, size $size"
awk -f "$here/report.awk" -v tsv="$base.tsv" -v svg="$base.svg" -v steady=$steady -v rounds="$rounds" \
    -v title="$title" -v order="$configs" "$raw" >"$base.md" || die "report failed"
cat "$base.md"
echo "written: ${base#"$root"/}.{tsv,md,svg}" >&2
if [ $errors -gt 0 ]; then
    echo "bench/run.sh: $errors runs failed or printed something else" >&2
    exit 1
fi
