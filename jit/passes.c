/*
 * passes.c - runs the pipeline of passes.def on a graph.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/passes.h"

#define PASS(name, function, level, text) {#name, text, function, level},
const struct pass pass_table[PASS_COUNT + 1] = {
#include "jit/passes.def"
    {NULL, NULL, NULL, 0},
};

uint64_t pass_nanoseconds[PASS_COUNT];

bool pass_enabled(enum pass_id p)
{
    uint64_t bit = (uint64_t)1 << p;
    if (jit_options.passes_off & bit) { return false; }
    return (jit_options.passes_on & bit) || pass_table[p].level <= jit_options.opt;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* "Class.method" is taken if the filter is a part of it. */
static bool filter_takes(const struct method *m)
{
    if (!jit_options.filter) { return true; }
    if (!m) { return false; }
    char name[512];
    snprintf(name, sizeof name, "%s.%s", m->cls->name->text, m->name->text);
    return strstr(name, jit_options.filter) != NULL;
}

/* Text to stderr; graphs to files moka-<id>-<nn>-<pass>.dot in the current folder. */
static void dump(struct ir_graph *g, const struct jit_task *task, unsigned step, const char *name)
{
    if (!filter_takes(g->method)) { return; }
    if (jit_options.print_ir) { ir_print(stderr, g, name); }
    if (!jit_options.print_graph) { return; }
    char path[128];
    snprintf(path, sizeof path, "moka-%u-%02u-%s.dot", task ? task->id : 0, step, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        fprintf(stderr, "moka: cannot write %s\n", path);
        return;
    }
    ir_print_graphviz(f, g, name);
    fclose(f);
}

/* A broken graph must not become code: the compilation fails, loudly. */
static bool verified(struct ir_graph *g, const char *after)
{
    const char *error = jit_options.verify ? ir_verify(g) : NULL;
    if (!error) { return true; }
    fprintf(stderr, "moka: jit: after %s: %s\n", after, error);
    ir_print(stderr, g, after);
    g->failure = "the graph is broken";
    return false;
}

void passes_run(struct ir_graph *g, const struct jit_task *task)
{
    unsigned step = 0;
    ir_order(g); /* what is unreachable is dropped before anything looks at it */
    ir_analyse(g);
    dump(g, task, step++, "frontend");
    if (!verified(g, "frontend")) { return; }
    for (unsigned p = 0; p < PASS_COUNT && !g->failure; p++) {
        const struct pass *pass = &pass_table[p];
        if (!pass->function || !pass_enabled(p)) { continue; }
        uint64_t start = now();
        pass->function(g);
        pass_nanoseconds[p] += now() - start;
        dump(g, task, step++, pass->name);
        if (!verified(g, pass->name)) { return; }
    }
    if (!g->failure) {
        for (struct ir_block *b = g->blocks; b; b = b->next) { b->exit_state = NULL; }
        ir_analyse(g); /* what the emitter looks at is up to date */
    }
}
