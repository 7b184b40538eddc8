/*
 * log.c - seeing what the compiler does: -XX:+PrintCompilation, -XX:+PrintInlining, --stats, perf's map file.
 *
 *     ms    id flags tier  method @ bci (bytecodes)       what it cost
 *    142    17 %  !   2    Sieve::run @ 12 (74 bytes)     831 bytes, 14.2 ms
 *
 * Flags as HotSpot's: % OSR, s synchronized, ! exception handlers, b somebody waits.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jit/jit-internal.h"
#include "jit/passes.h"
#include "runtime/classes/class.h"

struct jit_stats jit_stats;
static uint64_t started;

uint64_t jit_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void log_start(void) { started = jit_now(); }

const char *log_name(const struct method *m, char *buf, size_t size)
{
    char cls[512];
    snprintf(buf, size, "%s::%s", class_external_name(m->cls, cls, sizeof cls), m->name->text);
    return buf;
}

/* "    142    17 %  !   2    Sieve::run @ 12 (74 bytes)" */
static void line_start(char *buf, size_t size, const struct method *m, const struct jit_task *t,
                       bool urgent)
{
    char name[1024], at[24] = "";
    if (t->osr_bci >= 0) { snprintf(at, sizeof at, " @ %d", t->osr_bci); }
    snprintf(buf, size, "%7" PRIu64 " %4u %c%c%c%c  %u    %s%s (%u bytes)",
             (jit_now() - started) / 1000000, t->id, t->osr_bci >= 0 ? '%' : ' ',
             m->flags & ACC_SYNCHRONIZED ? 's' : ' ', m->n_handlers ? '!' : ' ', urgent ? 'b' : ' ',
             t->tier, log_name(m, name, sizeof name), at, m->code_length);
}

void log_text(const char *format, ...)
{
    if (!jit_options.log) { return; }
    va_list ap;
    va_start(ap, format);
    printf("%7" PRIu64 "      ", (jit_now() - started) / 1000000);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

static void raise_to(atomic_ulong *most, unsigned long v)
{
    unsigned long old = *most;
    while (old < v && !atomic_compare_exchange_weak(most, &old, v)) {}
}

void log_compiled(const struct jit_job *j, const struct compiled *c, const struct jit_result *r)
{
    uint64_t total = jit_now() - j->queued;
    jit_stats.compiled++;
    jit_stats.full += c->tier == 2;
    jit_stats.final += r->meta.final;
    jit_stats.osr += c->osr_bci >= 0;
    jit_stats.code_bytes += c->size;
    jit_stats.bytecodes += j->size;
    jit_stats.ns_build += r->ns_build;
    jit_stats.ns_passes += r->ns_passes;
    jit_stats.ns_emit += r->ns_emit;
    jit_stats.ns_total += total;
    raise_to(&jit_stats.wait_max, total);
    if (jit_options.log) {
        char line[1500];
        line_start(line, sizeof line, c->method, &j->task, j->urgent);
        printf("%s   %u bytes, %.1f ms%s\n", line, c->size, (double)total / 1e6,
               r->meta.final ? ", final" : "");
    }
    if (jit_options.log_inlining && r->meta.log) {
        fwrite(r->meta.log, 1, r->meta.log_size, stdout);
    }
    if (jit_options.log || jit_options.log_inlining) { fflush(stdout); }
    if (jit_options.perf_map) { log_perf_map(c); }
}

void log_failed(const struct jit_job *j, const char *why, bool permanent)
{
    jit_stats.failed++;
    if (!jit_options.log) { return; }
    char line[1500];
    line_start(line, sizeof line, j->task.method, &j->task, j->urgent);
    printf("%s   COMPILE SKIPPED: %s (%s)\n", line, why,
           permanent ? "not retryable" : "retry later");
    fflush(stdout);
}

void log_discarded(const struct compiled *c, uint32_t exit)
{
    static const char *const text[] = {
#define X(name, what) what,
        EXIT_REASONS(X)
#undef X
    };
    jit_stats.discarded++;
    if (!jit_options.log) { return; }
    char line[1500], name[1024];
    struct jit_task t = {.osr_bci = c->osr_bci, .tier = c->tier, .id = c->id};
    const struct compiled_exit *e = &c->exits[exit];
    const struct compiled_frame *f = &c->frames[e->frame];
    line_start(line, sizeof line, c->method, &t, false);
    printf("%s   made not entrant: %s at %s @ %u, %u times, %u exits in all\n", line,
           text[e->reason], log_name(f->method, name, sizeof name), f->bci, e->taken,
           c->exits_taken);
    fflush(stdout);
}

/* ---- --stats ---- */

static void milliseconds(FILE *f, const char *what, unsigned long ns)
{
    fprintf(f, "%-20s %12.1f ms\n", what, (double)ns / 1e6);
}

static void number(FILE *f, const char *what, unsigned long n)
{
    fprintf(f, "%-20s %12lu\n", what, n);
}

void log_print_stats(FILE *f)
{
    const struct jit_stats *s = &jit_stats;
    struct cache_stats cache = cache_get_stats();
    uint64_t exits[EXIT_REASON_COUNT];
    fprintf(f, "--- compiler ---\n");
    number(f, "compilations", s->compiled);
    number(f, "  in tier 2 (GCC)", s->full);
    number(f, "  final in tier 1", s->final);
    number(f, "  of loops (OSR)", s->osr);
    number(f, "failed", s->failed);
    number(f, "worker crashes", s->crashed);
    number(f, "discarded", s->discarded);
    number(f, "batches", s->batches);
    number(f, "left in the queue", queue_length());
    number(f, "bytecodes compiled", s->bytecodes);
    number(f, "code bytes made", s->code_bytes);
    number(f, "code cache used", cache.used);
    number(f, "code cache holes", cache.holes);
    number(f, "sweeps", s->sweeps);
    milliseconds(f, "fork", s->ns_fork);
    milliseconds(f, "front end", s->ns_build);
    milliseconds(f, "passes", s->ns_passes);
    for (unsigned p = 0; p < PASS_COUNT; p++) {
        char name[40];
        snprintf(name, sizeof name, "  %s", pass_table[p].name);
        if (pass_table[p].function) { milliseconds(f, name, s->ns_pass[p]); }
    }
    milliseconds(f, "emitter", s->ns_emit);
    milliseconds(f, "gcc", s->ns_gcc);
    milliseconds(f, "as", s->ns_as);
    milliseconds(f, "load, install", s->ns_load);
    milliseconds(f, "workers, user", s->ns_user);
    milliseconds(f, "workers, system", s->ns_system);
    milliseconds(f, "asked to installed", s->compiled ? s->ns_total / s->compiled : 0);
    milliseconds(f, "  longest", s->wait_max);
    install_exits(exits);
#define X(name, what)                                                                              \
    if (exits[EXIT_##name]) { number(f, "exits: " what, exits[EXIT_##name]); }
    EXIT_REASONS(X)
#undef X
}

/* ---- perf ---- */

static FILE *perf_file(void)
{
    static FILE *f;
    if (!f) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
        f = fopen(path, "we");
    }
    return f;
}

static void perf_line(const struct compiled *c, void *file)
{
    char name[1024];
    fprintf(file, "%lx %x %s%s\n", (unsigned long)(uintptr_t)c->code, c->size,
            log_name(c->method, name, sizeof name), c->osr_bci >= 0 ? "_osr" : "");
}

void log_perf_map(const struct compiled *c)
{
    FILE *f = perf_file();
    if (f) {
        perf_line(c, f);
        fflush(f);
    }
}

void log_perf_map_all(void)
{
    FILE *f = perf_file();
    if (f) {
        install_for_each(perf_line, f);
        fflush(f);
    }
}
