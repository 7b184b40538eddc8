/*
 * jit.c - the compiler's start and end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jit/jit-internal.h"
#include "jit/passes.h"
#include "vm/options.h"

struct jit_options jit_options;
atomic_bool jit_running;

/* ---- --passes ---- */

/* Bit mask of a pass or of "all"; 0: there is none of that name. */
static uint64_t pass_mask(const char *name, size_t length)
{
    if (length == 3 && !strncmp(name, "all", 3)) { return ((uint64_t)1 << PASS_COUNT) - 1; }
    for (unsigned p = 0; p < PASS_COUNT; p++) {
        if (strlen(pass_table[p].name) == length && !strncmp(name, pass_table[p].name, length)) {
            return (uint64_t)1 << p;
        }
    }
    return 0;
}

/* "+name,-name": later words win. False at a name that is none. */
static bool parse_passes(const char *list, uint64_t *on, uint64_t *off)
{
    *on = *off = 0;
    for (const char *p = list; *p; p += *p == ',') {
        bool minus = *p == '-';
        if (*p == '-' || *p == '+') { p++; }
        size_t n = strcspn(p, ",");
        uint64_t mask = pass_mask(p, n);
        if (!mask) {
            fprintf(stderr, "Unknown pass in --passes: %.*s\n", (int)n, p);
            return false;
        }
        *on = minus ? *on & ~mask : *on | mask;
        *off = minus ? *off | mask : *off & ~mask;
        p += n;
    }
    return true;
}

bool jit_check_passes(const char *list)
{
    uint64_t on, off;
    if (parse_passes(list, &on, &off)) { return true; }
    fputs("The passes, in the order in which they run (level: smallest --jit-opt that has it; 9: "
          "only by --passes):\n",
          stderr);
    for (unsigned p = 0; p < PASS_COUNT; p++) {
        fprintf(stderr, "  %-12s %d  %s\n", pass_table[p].name, pass_table[p].level,
                pass_table[p].text);
    }
    fputs("  all             every one of them\n", stderr);
    return false;
}

/* ---- start ---- */

static void copy_options(void)
{
    struct jit_options *o = &jit_options;
    o->enabled = options.jit && !options.xint;
    o->eager = options.xcomp;
    o->wait = options.xbatch;
    o->opt = options.jit_opt;
    o->unit = (enum jit_unit)options.jit_unit;
    o->tiers = (enum jit_tiers)options.jit_tiers;
    o->threshold = options.jit_threshold;
    o->upgrade = options.jit_upgrade;
    o->workers = options.jit_workers;
    o->cache_size = options.jit_cache_size;
    if (options.passes && !parse_passes(options.passes, &o->passes_on, &o->passes_off)) {
        o->passes_on = o->passes_off =
            0; /* the command line was checked; this is JAVA_TOOL_OPTIONS of an embedder */
    }
    o->log = options.print_compilation;
    o->log_inlining = options.print_inlining;
    o->verify = options.jit_verify;
    o->print_ir = options.print_ir;
    o->print_graph = options.print_graph;
    o->print_gimple = options.print_gimple;
    o->print_asm = options.print_asm;
    o->keep = options.jit_keep;
    o->gdb = options.jit_gdb;
    o->perf_map = options.perf_map;
    o->perf_map_at_exit = options.perf_map_at_exit;
    o->timeout = options.jit_timeout;
    o->filter = options.print_filter;
    o->only = options.jit_only;
}

void jit_give_up(const char *why)
{
    if (atomic_exchange(&jit_running, false)) {
        fprintf(stderr, "moka: warning: %s: interpreting only\n", why);
    }
    queue_close();
}

void jit_init(void)
{
    copy_options();
    if (!jit_options.enabled) { return; }
    log_start();
    if (!cache_init(jit_options.cache_size)) {
        fprintf(stderr, "moka: warning: no memory for compiled code (%s): interpreting only\n",
                strerror(errno));
        return;
    }
    /* methods wait for tier 1 while they are interpreted: it has a thread of its own */
    enum jit_tiers tiers = jit_options.tiers;
    unsigned full = tiers == JIT_TIERS_GCC ? 1u << 1 | 1u << 2 : 1u << 2, started = 0;
    bool ok = tiers == JIT_TIERS_GCC || worker_start(1u << 1);
    while (ok && tiers != JIT_TIERS_QUICK && started < jit_options.workers && worker_start(full)) {
        started++;
    }
    if (!ok || (!started && tiers != JIT_TIERS_QUICK)) {
        fprintf(stderr, "moka: warning: no compiler thread can be started: interpreting only\n");
        return;
    }
    atomic_store(&jit_running, true);
    jit_eager = jit_options.eager;
    jit_hooks.exited = policy_exited;
    __atomic_store_n(&jit_hooks.hot, policy_hot, __ATOMIC_RELEASE);
}

void jit_exit_report(FILE *f)
{
    if (!jit_options.enabled) { return; }
    atomic_store(&jit_running, false);
    queue_close();
    workers_end();
    if (jit_options.perf_map_at_exit) { log_perf_map_all(); }
    if (f) { log_print_stats(f); }
}
