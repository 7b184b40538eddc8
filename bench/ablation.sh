#!/usr/bin/env bash
# What each part of the compiler is worth: everything on, each pass off alone, all passes off, --jit-opt, --mmu, --jit-unit, -Xint.
#
# Interleaved: a round runs every program under every configuration once. A cell is the median over the rounds of the median of the
# second half of the repetitions in one process, under -Xbatch (a thread waits for what it found hot), so steady speed is reached
# within the repetitions and the same methods are compiled in each run. Beside it, of the compiler's children: processor time and code size.
#
# Restartable: what was measured is appended to a file, and what is there already is not run again. The time is bounded: when
# --minutes are over, the table is made of what there is, and running the script again goes on.
set -u -o pipefail

usage() {
    cat <<'END'
usage: bench/ablation.sh [options]
  --rounds N            runs of each program and configuration (default 3)
  --programs 'PATTERN'  programs by shell patterns (default: 8 of them)
  --configs 'PATTERN'   configurations by shell patterns (default all; --list lists them)
  --reps N              repetitions inside a process (default 12)
  --size quick|normal   column of programs.tsv (default normal)
  --minutes N           stop after that time (default 120)
  --timeout SECONDS     for one run (default 60)
  --fresh               forget earlier runs
  --report              no runs: only the table of what there is
  --list                print the configurations
  --out DIR             where ablation.md and ablation.tsv go, with the date in front (default bench/results)
environment: MOKA (build/moka), JDK (from JAVA_HOME or javac on PATH)
END
}

here=$(cd "$(dirname "$0")" && pwd) || exit 2
rounds=3 reps=12 column=5 minutes=120 limit=60 fresh=0 report=0 list=0 out=$here/results only='*' size=normal
patterns='Sieve MatMul SpectralNorm BinaryTrees DeltaBlue HashMapBench Streams Json'
while [ $# -gt 0 ]; do
    case $1 in
        -h|--help) usage; exit 0 ;;
        --fresh) fresh=1; shift; continue ;;
        --report) report=1; shift; continue ;;
        --list) list=1; shift; continue ;;
        --rounds|--programs|--configs|--reps|--size|--minutes|--timeout|--out) [ $# -ge 2 ] || { usage >&2; exit 2; } ;;
        *) usage >&2; exit 2 ;;
    esac
    case $1 in
        --rounds) rounds=$2 ;;
        --programs) patterns=$2 ;;
        --configs) only=$2 ;;
        --reps) reps=$2 ;;
        --size) size=$2 ;;
        --minutes) minutes=$2 ;;
        --timeout) limit=$2 ;;
        --out) out=$2 ;;
    esac
    shift 2
done
. "$here/lib.sh"
positive "$rounds" "$reps" "$minutes" "$limit"
case $size in quick) column=4 ;; normal) column=5 ;; *) die "--size is quick or normal" ;; esac
mkdir -p "$out" || exit 2
set -f  # patterns are for `matches`, not for the shell

# Name and options of each configuration.
configs() {
    echo "all on|"
    sed -n 's/^PASS(\([a-z0-9_]*\), *\([A-Za-z_]*\), *\([0-9]*\),.*/\1 \3/p' "$root/jit/passes.def" |
        while read -r pass level; do [ "$level" = 9 ] || echo "no $pass|--passes=-$pass"; done
    echo "no passes|--passes=-all"
    for n in 0 1 3; do echo "jit-opt $n|--jit-opt=$n"; done
    for mode in flat soft; do echo "mmu $mode|--mmu=$mode"; done
    echo "large pages off|--large-pages=off"
    for tiers in quick gcc; do echo "tiers $tiers|--jit-tiers=$tiers"; done
    for unit in block chain; do echo "unit $unit|--jit-unit=$unit"; done
    echo "interpreter|-Xint"
}
wanted=$patterns patterns=$only
configs | while IFS='|' read -r name options; do matches "$name" && echo "$name|$options"; done >"$scratch/configs"
patterns=$wanted
[ -s "$scratch/configs" ] || die "no such configuration: $only (--list lists them)"
if [ $list = 1 ]; then
    cat "$scratch/configs"
    exit 0
fi

# program config round size-reps moka-version steady-ms compile-ms code-bytes status
raw=$work/ablation.raw
[ $fresh = 0 ] || rm -f "$raw"
touch "$raw"
build=$(cksum <"$MOKA" | cut -d' ' -f1)
start=$SECONDS

one() { # program class n config options round
    local key="$1"$'\t'"$4"$'\t'"$6"$'\t'"$3x$reps"$'\t'"$build"
    grep -qF "$key"$'\t' "$raw" && return
    # shellcheck disable=SC2086
    "$work/c/measure" "$scratch/cost" "$limit" "$MOKA" --jit=on -Xbatch --stats $5 -Dbench.times=true \
        -cp "$work/classes" "$2" "$3" "$reps" </dev/null >"$scratch/stdout" 2>"$scratch/stderr" || die "measure failed"
    read -r status _ <"$scratch/cost"
    cat "$scratch/stdout" >>"$scratch/stderr"
    awk -v key="$key" -v status="$status" '
        /^rep [0-9]+ / { t[n++] = $3 }
        /^workers, (user|system) / { cpu += $3 }
        /^code bytes made / { bytes = $4 }
        END { m = 0
              for (i = int(n / 2); i < n; i++) s[m++] = t[i]
              for (i = 1; i < m; i++) for (j = i; j > 0 && s[j] < s[j-1]; j--) { x = s[j]; s[j] = s[j-1]; s[j-1] = x }
              steady = m ? (m % 2 ? s[(m-1)/2] : (s[m/2] + s[m/2-1]) / 2) : "-"
              printf "%s\t%s\t%.1f\t%d\t%s\n", key, steady, cpu, bytes, status }' "$scratch/stderr" >>"$raw"
    [ "$status" = 0 ] || [ "$status" = 124 ] || { echo "ERROR $1, $4: exit code $status" >&2; errors=$((errors + 1)); }
}

errors=0 complete=1
if [ $report = 0 ]; then
    for ((round = 1; round <= rounds; round++)); do
        while IFS=$'\t' read -r name class kind quick normal _; do
            case $name in '#'*|'') continue ;; esac
            [ "$kind" = start-up ] && continue
            matches "$name" || continue
            n=$normal
            [ $column = 4 ] && n=$quick
            while IFS='|' read -r config options; do
                [ $((SECONDS - start)) -lt $((minutes * 60)) ] || { complete=0; break 3; }
                printf '\r\033[Kround %d/%d %s, %s' "$round" "$rounds" "$name" "$config" >&2
                one "$name" "$class" "$n" "$config" "$options" "$round"
            done <"$scratch/configs"
        done <"$here/programs.tsv"
    done
    printf '\r\033[K' >&2
fi
[ $complete = 1 ] || echo "bench/ablation.sh: $minutes minutes are over: the table is incomplete; run it again to go on" >&2
grep -qF $'\t'"$build"$'\t' "$raw" || die "nothing was measured with this $MOKA"

base=$out/$(date +%Y-%m-%d)-ablation
awk -F'\t' -v build="$build" -v tsv="$base.tsv" -v order="$scratch/configs" -v size="$size" '
    function median(key, field,   n, i, j, x, s) {
        n = count[key]
        for (i = 0; i < n; i++) s[i] = v[key, i, field]
        for (i = 1; i < n; i++) for (j = i; j > 0 && s[j] < s[j-1]; j--) { x = s[j]; s[j] = s[j-1]; s[j-1] = x }
        return n % 2 ? s[(n-1)/2] : (s[n/2] + s[n/2-1]) / 2
    }
    $5 == build {
        if (!($1 in seen)) { programs[n_programs++] = $1; seen[$1] }
        k = $1 SUBSEP $2
        if ($3 > rounds) rounds = $3
        if ($9 != 0 || $6 == "-") { failed[k] = $9; next }
        i = count[k]++
        v[k, i, 6] = $6; v[k, i, 7] = $7; v[k, i, 8] = $8
    }
    END {
        while ((getline line <order) > 0) { split(line, w, "|"); configs[n_configs++] = w[1] }
        print "program\tconfiguration\truns\tsteady_ms\tcompile_ms\tcode_bytes" >tsv
        printf "## Ablation, size %s, medians of up to %d rounds\n\n", size, rounds
        print "Steady time of a repetition over that of `all on` (above 1: slower without). Compile time and code size: sums over the"
        print "programs that ran under both, over those of `all on`. `x`: failed, `-`: timed out or not run yet.\n"
        printf "| configuration"
        for (p = 0; p < n_programs; p++) printf " | %s", programs[p]
        print " | geometric mean | compile time | code size |"
        printf "|---"
        for (p = 0; p < n_programs + 3; p++) printf "|---"
        print "|"
        printf "| *all on*"
        for (p = 0; p < n_programs; p++) {
            k = programs[p] SUBSEP "all on"
            if (count[k]) { printf " | *%.1f ms*", median(k, 6); time += median(k, 7); code += median(k, 8) }
            else printf " | -"
        }
        printf " | | *%.0f ms* | *%.0f KB* |\n", time, code / 1024
        for (c = 0; c < n_configs; c++) {
            good = sum = time = code = time_all = code_all = 0
            row = "| " configs[c]
            for (p = 0; p < n_programs; p++) {
                k = programs[p] SUBSEP configs[c]; a = programs[p] SUBSEP "all on"
                if (count[k]) {
                    printf "%s\t%s\t%d\t%s\t%s\t%s\n", programs[p], configs[c], count[k], median(k, 6), median(k, 7), median(k, 8) >tsv
                }
                if (!count[k] || !count[a]) {
                    row = row " | " (k in failed && failed[k] != 124 ? "x" : "-")
                    continue
                }
                r = median(k, 6) / median(a, 6)
                row = row sprintf(" | %.2f", r)
                good++; sum += log(r)
                time += median(k, 7); time_all += median(a, 7); code += median(k, 8); code_all += median(a, 8)
            }
            if (configs[c] == "all on") continue
            row = row (good ? sprintf(" | **%.2f**", exp(sum / good)) : " | -")
            row = row (time_all ? sprintf(" | %.2f", time / time_all) : " | -") (code_all ? sprintf(" | %.2f", code / code_all) : " | -")
            print row " |"
        }
    }' "$raw" >"$base.md" || die "report failed"
cat "$base.md"
echo "written: ${base#"$root"/}.{tsv,md}" >&2
[ $errors = 0 ] && [ $complete = 1 ]
