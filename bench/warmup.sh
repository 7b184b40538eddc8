#!/usr/bin/env bash
# How long moka and HotSpot take to get warm: time until 90 % of steady speed inside a process, and whole processes that take
# HotSpot about half a second. Interleaved rounds, medians; a Markdown table and a .tsv.
#
# A repetition counts as warm when the median of it and the next four is at most steady / 0.9, where steady is the median of the last
# third of the repetitions of the same run; what is reported is the time up to its end. A run whose last third is still
# getting faster (its first half is 10 % slower than its second) is marked with `>`: give it more --reps.
set -u -o pipefail

usage() {
    cat <<'END'
usage: bench/warmup.sh [options]
  --rounds N            runs of each program and configuration (default 3)
  --programs 'PATTERN'  only the programs whose names match one of these shell patterns
  --reps N              repetitions at size normal (default 60; what takes longer than --limit is cut)
  --limit SECONDS       a run gets fewer repetitions if HotSpot would take longer than a quarter of this (default 20)
  --moka-options 'OPTS' given to moka (default --jit=on)
  --out DIR             where warmup.md and warmup.tsv go, with the date in front (default bench/results)
environment: MOKA (build/moka), JDK (from JAVA_HOME or javac on PATH)
END
}

here=$(cd "$(dirname "$0")" && pwd) || exit 2
rounds=3 patterns='*' reps=60 limit=20 moka_options=--jit=on out=$here/results
while [ $# -gt 0 ]; do
    case $1 in
        -h|--help) usage; exit 0 ;;
        --rounds|--programs|--reps|--limit|--moka-options|--out) [ $# -ge 2 ] || { usage >&2; exit 2; } ;;
        *) usage >&2; exit 2 ;;
    esac
    case $1 in
        --rounds) rounds=$2 ;;
        --programs) patterns=$2 ;;
        --reps) reps=$2 ;;
        --limit) limit=$2 ;;
        --moka-options) moka_options=$2 ;;
        --out) out=$2 ;;
    esac
    shift 2
done
. "$here/lib.sh"
positive "$rounds" "$reps" "$limit"
[ "$reps" -ge 15 ] || die "--reps must be at least 15"
mkdir -p "$out" || exit 2
set -f  # patterns are for `matches`, not for the shell

# run CONFIG CLASS SIZE REPS: sets wall (ms); times of repetitions in $scratch/stderr
run() {
    local vm=("$JDK/bin/java")
    # shellcheck disable=SC2206
    [ "$1" = moka ] && vm=("$MOKA" $moka_options)
    "$work/c/measure" "$scratch/cost" 300 "${vm[@]}" -Dbench.times=true -cp "$work/classes" "$2" "$3" "$4" \
        </dev/null >"$scratch/stdout" 2>"$scratch/stderr" || die "measure failed"
    read -r status wall _ <"$scratch/cost"
    [ "$status" = 0 ] && return 0
    echo "ERROR $2 under $1: exit code $status" >&2
    errors=$((errors + 1))
    return 1
}

# Time until warm, steady, and 1 if the run was too short.
warm_time() {
    awk 'function median(from, n,   i, j, x, s) {
             for (i = 0; i < n; i++) s[i] = t[from + i]
             for (i = 1; i < n; i++) for (j = i; j > 0 && s[j] < s[j-1]; j--) { x = s[j]; s[j] = s[j-1]; s[j-1] = x }
             return n % 2 ? s[(n-1)/2] : (s[n/2] + s[n/2-1]) / 2
         }
         /^rep [0-9]+ / { t[n++] = $3 }
         END { third = int(n / 3); steady = median(n - third, third); half = int(third / 2)
               sum = t[0]
               for (i = 1; i + 4 <= n && median(i - 1, 5) > steady / 0.9; i++) sum += t[i]
               printf "%.1f\t%.2f\t%d\n", sum, steady,
                      (half > 2 && median(n - third, half) > 1.1 * median(n - half, half)) }' "$scratch/stderr"
}

raw=$scratch/raw # program config wall-of-short warm-time steady unfinished
errors=0
declare -A short_reps=() long_reps=()
for ((round = 1; round <= rounds; round++)); do
    while IFS=$'\t' read -r name class kind _ normal _ _; do
        case $name in '#'*|'') continue ;; esac
        [ "$kind" = start-up ] && continue
        matches "$name" || continue
        if [ -z "${short_reps[$name]:-}" ]; then
            run hotspot "$class" "$normal" 15 || continue
            # repetitions that make HotSpot's process take half a second, and those that take it limit / 4
            read -r short_reps[$name] long_reps[$name] < <(awk -v wall="$wall" -v reps="$reps" -v limit="$limit" '
                /^rep / { t[n++] = $3; all += $3 }
                END { left = 500 - (wall - all)
                      for (k = 0; k < 1000 && left > 0; k++) left -= k < n ? t[k] : t[n-1]
                      most = int(limit * 250 / t[n-1]); if (most > reps) most = reps; if (most < 15) most = 15
                      print (k < 1 ? 1 : k), most }' "$scratch/stderr")
        fi
        for config in hotspot moka; do
            printf '\r\033[Kround %d/%d %s %s' "$round" "$rounds" "$name" "$config" >&2
            run $config "$class" "$normal" "${short_reps[$name]}" || continue
            short=$wall
            run $config "$class" "$normal" "${long_reps[$name]}" || continue
            printf '%s\t%s\t%s\t%s\n' "$name" "$config" "$short" "$(warm_time)" >>"$raw"
        done
    done <"$here/programs.tsv"
done
printf '\r\033[K' >&2
[ -s "$raw" ] || die "nothing was run"

base=$out/$(date +%Y-%m-%d)-warmup
awk -F'\t' -v tsv="$base.tsv" -v rounds="$rounds" '
    function median(key, field,   n, i, j, x, s) {
        n = count[key]
        for (i = 0; i < n; i++) s[i] = v[key, i, field]
        for (i = 1; i < n; i++) for (j = i; j > 0 && s[j] < s[j-1]; j--) { x = s[j]; s[j] = s[j-1]; s[j-1] = x }
        return n % 2 ? s[(n-1)/2] : (s[n/2] + s[n/2-1]) / 2
    }
    { if (!($1 in seen)) { names[n_names++] = $1; seen[$1] }
      k = $1 SUBSEP $2; i = count[k]++
      v[k, i, 3] = $3; v[k, i, 4] = $4; v[k, i, 5] = $5; late[k] += $6 }
    END {
        print "program\thotspot_short_ms\tmoka_short_ms\thotspot_warm_ms\tmoka_warm_ms\thotspot_steady_ms\tmoka_steady_ms" >tsv
        printf "## Warm-up, medians of %d interleaved rounds\n\n", rounds
        print "| program | short run: HotSpot, ms | moka, ms | ratio | until 90 % of steady: HotSpot, ms | moka, ms | ratio | steady: HotSpot, ms | moka, ms | ratio |"
        print "|---|---|---|---|---|---|---|---|---|---|"
        for (p = 0; p < n_names; p++) {
            h = names[p] SUBSEP "hotspot"; m = names[p] SUBSEP "moka"
            if (!count[h] || !count[m]) continue
            line = "| " names[p]; row = names[p]; good++
            for (f = 3; f <= 5; f++) {
                a = median(h, f); b = median(m, f)
                r = b / a
                sum[f] += log(r)
                mark = f == 4 && late[m] * 2 > count[m] ? "> " : ""
                line = line sprintf(f == 5 ? " | %.2f | %s%.2f | %.2f" : " | %.0f | %s%.0f | %.2f", a, mark, b, r)
                row = row "\t" a "\t" b
            }
            print line " |"
            print row >tsv
        }
        if (good) printf "| geometric mean | | | %.2f | | | %.2f | | | %.2f |\n", exp(sum[3]/good), exp(sum[4]/good), exp(sum[5]/good)
    }' "$raw" >"$base.md" || die "report failed"
cat "$base.md"
echo "written: ${base#"$root"/}.{tsv,md}" >&2
[ $errors = 0 ]
