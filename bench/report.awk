# Medians, ratios, geometric means: reads run.sh's raw rows, writes a TSV (tsv), an SVG chart (svg), Markdown on stdout.
# Input: program kind size config round wall user sys rss steady. Variables: tsv svg steady rounds title order.

function median(key, what,    n, i, j, x, a) {
    n = runs[key]
    for (i = 0; i < n; i++) a[i] = value[key, what, i] + 0
    for (i = 1; i < n; i++)
        for (j = i; j > 0 && a[j] < a[j - 1]; j--) { x = a[j]; a[j] = a[j - 1]; a[j - 1] = x }
    return n % 2 ? a[(n - 1) / 2] : (a[n / 2] + a[n / 2 - 1]) / 2
}

# How long a program takes under a configuration in ms, or 0 when it did not run.
function ms(p, c) {
    if (!((p, c) in runs)) return 0
    return median(p SUBSEP c, steady ? "steady" : "wall")
}

function ratio(p, a, b) { return ms(p, a) > 0 && ms(p, b) > 0 ? ms(p, a) / ms(p, b) : 0 }

# Geometric mean of a's time over b's, programs that have both, start-up left out.
function geomean(a, b,    i, r, n, s) {
    for (i = 0; i < programs; i++)
        if (kind[name[i]] != "start-up" && (r = ratio(name[i], a, b)) > 0) { s += log(r); n++ }
    return n ? exp(s / n) : 0
}

function show(r) { return r > 0 ? sprintf(r < 0.095 ? "%.3f" : "%.2f", r) : "-" }
function pretty(c) { return c in label ? label[c] : c }

BEGIN {
    FS = "\t"
    label["moka-int"] = "moka -Xint"; label["moka"] = "moka"; label["moka-flat"] = "moka --mmu=flat"
    label["moka-soft"] = "moka --mmu=soft"; label["hotspot-int"] = "HotSpot -Xint"; label["hotspot"] = "HotSpot"
    label["hotspot-int-nocds"] = "HotSpot -Xshare:off -Xint"; label["c"] = "C (gcc -O2)"
    colour["moka-int"] = "#d9822b"; colour["moka"] = "#8a3b12"; colour["moka-flat"] = "#e8b878"
    colour["moka-soft"] = "#b9a38c"; colour["hotspot"] = "#3a6ea5"; colour["c"] = "#5f6b6d"
    configs = split(order, config, " ")
}

{
    if (!($1 in kind)) { name[programs++] = $1; kind[$1] = $2; size[$1] = $3 }
    k = $1 SUBSEP $4
    i = runs[k]++
    value[k, "wall", i] = $6; value[k, "user", i] = $7; value[k, "sys", i] = $8
    value[k, "rss", i] = $9; value[k, "steady", i] = $10
    seen[$4] = 1
}

END {
    if (!length(programs)) exit 1
    write_tsv()
    write_markdown()
    if ("hotspot-int" in seen) write_svg()
}

function write_tsv(    i, c, p, k, all) {
    print "program\tkind\tsize\tconfig\truns\twall_ms\tuser_ms\tsys_ms\trss_kib\tsteady_ms" >tsv
    all = split(order " hotspot-int-nocds", c, " ")
    for (i = 0; i < programs; i++)
        for (p = 1; p <= all; p++) {
            k = name[i] SUBSEP c[p]
            if (k in runs)
                printf "%s\t%s\t%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t%d\t%s\n", name[i], kind[name[i]], size[name[i]], c[p],
                    runs[k], median(k, "wall"), median(k, "user"), median(k, "sys"), median(k, "rss"),
                    steady ? sprintf("%.2f", median(k, "steady")) : "-" >tsv
        }
    close(tsv)
}

function against(b,    i, c, p, any) {
    if (!(b in seen)) return
    printf "\n## Time as a multiple of %s (below 1 is faster)\n\n| program |", pretty(b)
    for (c = 1; c <= configs; c++) if (config[c] != b) printf " %s |", pretty(config[c])
    printf "\n|---|"
    for (c = 1; c <= configs; c++) if (config[c] != b) printf "--:|"
    print ""
    for (i = 0; i < programs; i++) {
        p = name[i]
        printf "| %s |", p
        for (c = 1; c <= configs; c++) if (config[c] != b) printf " %s |", show(ratio(p, config[c], b))
        print ""
    }
    printf "| **geometric mean** (without Hello) |"
    for (c = 1; c <= configs; c++) if (config[c] != b) printf " **%s** |", show(geomean(config[c], b))
    print ""
}

function write_markdown(    i, c, p, k, what) {
    printf "# Benchmarks: %s\n\nMedians of %d interleaved rounds. ", title, rounds
    print steady ? "Times are of one repetition, second half of the repetitions." \
                 : "Times are of the whole process, start-up included."
    printf "\n## Time in ms\n\n| program | size |"
    for (c = 1; c <= configs; c++) printf " %s |", pretty(config[c])
    printf "\n|---|--:|"
    for (c = 1; c <= configs; c++) printf "--:|"
    print ""
    for (i = 0; i < programs; i++) {
        p = name[i]
        printf "| %s | %s |", p, size[p]
        for (c = 1; c <= configs; c++) {
            what = ms(p, config[c])
            printf " %s |", (what > 0 ? sprintf("%.1f", what) : "-")
        }
        print ""
    }
    against("hotspot-int")
    against("hotspot")
    if ("moka" in seen && "moka-flat" in seen)
        printf "\nshadow (moka) against flat: %.3f (geometric mean)\n", geomean("moka", "moka-flat")
    if ("moka-soft" in seen && "moka-flat" in seen)
        printf "\nsoft against flat: %.3f (geometric mean)\n", geomean("moka-soft", "moka-flat")

    printf "\n## Peak resident memory in MiB\n\n| program |"
    for (c = 1; c <= configs; c++) printf " %s |", pretty(config[c])
    printf "\n|---|"
    for (c = 1; c <= configs; c++) printf "--:|"
    print ""
    for (i = 0; i < programs; i++) {
        printf "| %s |", name[i]
        for (c = 1; c <= configs; c++) {
            k = name[i] SUBSEP config[c]
            if (k in runs) printf " %.1f |", median(k, "rss") / 1024
            else printf " - |"
        }
        print ""
    }
    for (i = 0; i < programs; i++) {
        p = name[i]
        k = p SUBSEP "hotspot-int-nocds"
        if (!(k in runs)) continue
        printf "\n## Start-up (%s)\n\n| | wall ms | MiB | time / HotSpot -Xshare:off -Xint | memory |\n|---|--:|--:|--:|--:|\n", p
        for (c = 1; c <= configs + 1; c++) {
            what = p SUBSEP (c > configs ? "hotspot-int-nocds" : config[c])
            if (!(what in runs)) continue
            printf "| %s | %.1f | %.1f | %.2f | %.2f |\n", pretty(c > configs ? "hotspot-int-nocds" : config[c]),
                median(what, "wall"), median(what, "rss") / 1024, median(what, "wall") / median(k, "wall"),
                median(what, "rss") / median(k, "rss")
        }
    }
}

# A group of horizontal bars for each program: time over HotSpot -Xint's, logarithmic, growing from 1 to either side.
function write_svg(    i, c, p, r, n, drawn, lo, hi, left, width, bar, y, top, height, x, x1, t, legend, groups) {
    for (c = 1; c <= configs; c++) if (config[c] != "hotspot-int") drawn[n++] = config[c]
    lo = 1; hi = 1
    for (i = 0; i < programs; i++)
        for (c = 0; c < n; c++)
            if ((r = ratio(name[i], drawn[c], "hotspot-int")) > 0) { if (r < lo) lo = r; if (r > hi) hi = r }
    lo = log(lo * 0.8); hi = log(hi * 1.45)
    left = 130; width = 690; bar = 9; top = 92
    groups = programs + 1
    height = top + groups * (n * bar + 9) + 34
    printf "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' ", \
        left + width + 20, height, left + width + 20, height >svg
    printf "font-family='DejaVu Sans, Helvetica, Arial, sans-serif' font-size='11'>\n" >svg
    printf "<rect width='100%%' height='100%%' fill='#fffdf8'/>\n" >svg
    printf "<text x='16' y='26' font-size='16' font-weight='bold' fill='#222'>moka: time over HotSpot -Xint's</text>\n" >svg
    printf "<text x='16' y='44' fill='#555'>%s; medians of %d rounds; logarithmic; left is faster</text>\n", title, rounds >svg
    legend = 16
    for (c = 0; c < n; c++) {
        printf "<rect x='%d' y='56' width='11' height='11' fill='%s'/>", legend, colour[drawn[c]] >svg
        printf "<text x='%d' y='66' fill='#222'>%s</text>\n", legend + 16, pretty(drawn[c]) >svg
        legend += 40 + 7 * length(pretty(drawn[c]))
    }
    split("0.001 0.002 0.005 0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10 20 50", t, " ")
    for (i = 1; i in t; i++) {
        if (log(t[i]) < lo || log(t[i]) > hi) continue
        x = left + width * (log(t[i]) - lo) / (hi - lo)
        printf "<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='%s'/>", x, x, top - 6, height - 28, \
            t[i] == 1 ? "#222" : "#e4dfd3" >svg
        printf "<text x='%.1f' y='%d' text-anchor='middle' fill='#555'>%s</text>\n", x, height - 12, t[i] >svg
    }
    x1 = left + width * (0 - lo) / (hi - lo)
    for (i = 0; i < groups; i++) {
        p = i < programs ? name[i] : "geometric mean"
        y = top + i * (n * bar + 9)
        if (i == programs)
            printf "<rect x='0' y='%d' width='%d' height='%d' fill='#f0e8d8' fill-opacity='0.6'/>\n", y - 4, \
                left + width + 20, n * bar + 8 >svg
        printf "<text x='%d' y='%.1f' text-anchor='end' fill='#222'%s>%s</text>\n", left - 10, y + n * bar / 2 + 4, \
            i == programs ? " font-weight='bold'" : "", p >svg
        for (c = 0; c < n; c++) {
            r = i < programs ? ratio(p, drawn[c], "hotspot-int") : geomean(drawn[c], "hotspot-int")
            if (r <= 0) continue
            x = left + width * (log(r) - lo) / (hi - lo)
            printf "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='%s'/>", x < x1 ? x : x1, y + c * bar, \
                x < x1 ? x1 - x : x - x1, bar - 1, colour[drawn[c]] >svg
            printf "<text x='%.1f' y='%.1f' font-size='8' text-anchor='%s' fill='#444'>%s</text>\n", \
                x + (r < 1 ? -3 : 3), y + c * bar + 7, r < 1 ? "end" : "start", show(r) >svg
        }
    }
    print "</svg>" >svg
    close(svg)
}
