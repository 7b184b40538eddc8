/*
 * passes.h - the passes of passes.def, for the pipeline, the options and the unit tests.
 *
 * A pass takes a verified graph and leaves one. It may expect nothing of the scratch fields and nothing of the analyses: it
 * calls what it needs (ir_analyse, ir_count_uses), and it leaves no COPY behind.
 */
#ifndef MOKA_JIT_PASSES_H
#define MOKA_JIT_PASSES_H

#include <stdint.h>

struct ir_graph;

struct pass {
    const char *name, *text;
    void (*function)(struct ir_graph *g);
    int level;
};

/* By enum pass_id, with a NULL name at the end. */
extern const struct pass pass_table[];
/* Time spent in each pass in this process. */
extern uint64_t pass_nanoseconds[];

void pass_nest(struct ir_graph *g);
void pass_gvn(struct ir_graph *g);
void pass_typeprop(struct ir_graph *g);
void pass_dce(struct ir_graph *g);
void pass_escape(struct ir_graph *g);
void pass_locks(struct ir_graph *g);
void pass_ifconv(struct ir_graph *g);
void pass_licm(struct ir_graph *g);
void pass_rangecheck(struct ir_graph *g);
void pass_emptyloop(struct ir_graph *g);
void pass_strip(struct ir_graph *g);

#endif
