// Graphs of the compiler built by hand: what the tests of its parts share.
#ifndef MOKA_TESTS_JIT_GRAPH_H
#define MOKA_TESTS_JIT_GRAPH_H

#include "jit/ir.h"

static struct ir_graph *g;

static struct ir_value *add(struct ir_block *b, struct ir_value *v)
{
    ir_append(b, v);
    return v;
}

static void jump(struct ir_block *b, struct ir_block *to)
{
    add(b, ir_value_new(g, IR_GOTO, IR_V, 0));
    ir_add_succ(g, b, to);
}

static void branch(struct ir_block *b, enum ir_cond c, struct ir_value *x, struct ir_value *y,
                   struct ir_block *yes, struct ir_block *no)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_IF, IR_V, 2, x, y));
    v->cond = (uint8_t)c;
    v->k.d = -1;
    ir_add_succ(g, b, yes);
    ir_add_succ(g, b, no);
}

#endif
