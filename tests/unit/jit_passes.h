// Graphs that passes are run on: what the tests of passes share. ir_verify() after each.
#ifndef MOKA_TESTS_JIT_PASSES_H
#define MOKA_TESTS_JIT_PASSES_H

#include <check.h>
#include "jit/jit.h"
#include "jit/passes.h"
#include "tests/unit/jit_graph.h"

static inline void setup(void) { g = ir_graph_new(NULL, -1); }
static inline void teardown(void) { ir_graph_free(g); }

static inline void verify(void)
{
    const char *error = ir_verify(g);
    if (error) { ir_print(stderr, g, error); }
    ck_assert_msg(!error, "%s", error);
}

// An argument of a PHI that is set when the back edge's value is there.
#define LATER ((struct ir_value *)NULL)

static inline struct ir_block *block(void) { return ir_block_new(g, NULL, 0); }

static inline struct ir_value *op2(struct ir_block *b, enum ir_op op, struct ir_value *x,
                                   struct ir_value *y)
{
    return add(b, ir_value_new(g, op, x->type, 2, x, y));
}

static inline struct ir_value *param(struct ir_block *b, enum ir_type t, unsigned index)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_PARAM, t, 0));
    v->index = index;
    return v;
}

static inline void ret(struct ir_block *b, struct ir_value *v)
{
    add(b, v ? ir_value_new(g, IR_RETURN, IR_V, 1, v) : ir_value_new(g, IR_RETURN, IR_V, 0));
}

static inline struct ir_state *state(unsigned n, struct ir_value **values)
{
    struct ir_state *s = ir_alloc(g, sizeof *s + n * sizeof *values);
    s->n_locals = (uint16_t)n;
    for (unsigned i = 0; i < n; i++) { s->values[i] = values[i]; }
    return s;
}

static inline unsigned count_op(enum ir_op op)
{
    unsigned n = 0;
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) { n += v->op == op; }
    }
    return n;
}

static inline unsigned count_in(const struct ir_block *b, enum ir_op op)
{
    unsigned n = 0;
    for (struct ir_value *v = b->first; v; v = v->next) { n += v->op == op; }
    return n;
}

static inline struct ir_value *i32(int32_t i) { return ir_const_int(g, i); }
static inline struct ir_value *i64(int64_t j) { return ir_const(g, IR_J, j); }

#endif
