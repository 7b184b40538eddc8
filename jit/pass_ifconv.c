/*
 * pass_ifconv.c - short ways that meet again at once, without a branch.
 *
 *      B: if (c) -> T, M          T: y = x + 1, goto M          M: phi(B: x, T: y)         =>     B: y = x + (c ? 1 : 0), goto M
 *
 * and the same for x - 1 and for a PHI of the constants 0 and 1. Else, where each way takes a few cheap operations at most:
 *
 *      B: if (c) -> T, F    T: y = ..., goto M    F: z = ..., goto M    M: phi(T: y, F: z)    =>    B: y = ..., z = ..., c ? y : z
 *
 * Only where the profile has seen both ways often: a branch that is predicted right costs nothing, one that is not some fifteen
 * cycles. Cost: linear.
 */
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/passes.h"

#define LEAST 0.1 /* probability of the rarer way */
#define MOST  3   /* operations in T */
#define OFTEN 0.2 /* probability of the rarer way, where both are to be computed */
#define PHIS  2   /* that differ, then */

/* T does nothing but compute. */
static bool only_computes(const struct ir_block *t)
{
    if (t->last->op != IR_GOTO || t->n_preds != 1) { return false; }
    unsigned n = 0;
    for (const struct ir_value *v = t->first; v != t->last; v = v->next) {
        if (!(ir_flags(v) & IRF_PURE) || ++n > MOST) { return false; }
    }
    return true;
}

/* y - x, where that is 1 or -1; else 0. */
static int difference(const struct ir_value *x, const struct ir_value *y)
{
    if (x->type != IR_I && x->type != IR_J) { return 0; }
    if (ir_is_const(x) && ir_is_const(y)) {
        return x->type == IR_I && x->k.i == 0 && y->k.i == 1 ? 1 : 0;
    }
    if (y->op != IR_ADD || y->args[0] != x || !ir_is_const(y->args[1])) { return 0; }
    int64_t k = x->type == IR_I ? y->args[1]->k.i : y->args[1]->k.j;
    return k == 1 || k == -1 ? (int)k : 0;
}

static struct ir_value *insert(struct ir_block *b, struct ir_value *v)
{
    v->bci = b->last->bci;
    ir_insert_before(b->last, v);
    return v;
}

static struct ir_value *added(struct ir_graph *g, struct ir_block *b, unsigned taken,
                              struct ir_value *x, int k)
{
    const struct ir_value *t = b->last;
    struct ir_value *v = ir_value_new(g, IR_COND, IR_I, 2, t->args[0], t->args[1]);
    v->cond = (uint8_t)(t->cond ^ taken);
    insert(b, v);
    if (ir_is_const(x)) { return v; }
    if (x->type == IR_J) { v = insert(b, ir_value_new(g, IR_CONV, IR_J, 1, v)); }
    return insert(b, ir_value_new(g, k > 0 ? IR_ADD : IR_SUB, x->type, 2, x, v));
}

/* b's successor number `taken` is T, the other one M. */
static bool convert(struct ir_graph *g, struct ir_block *b, unsigned taken)
{
    struct ir_block *t = b->succs[taken], *m = b->succs[!taken];
    if (t == m || !only_computes(t) || t->succs[0] != m) { return false; }
    unsigned from_b = ir_pred_index(b, !taken), from_t = ir_pred_index(t, 0);
    struct ir_value *merged = NULL;
    for (struct ir_value *phi = m->first; phi && phi->op == IR_PHI; phi = phi->next) {
        if (phi->args[from_b] == phi->args[from_t]) { continue; }
        if (merged || !difference(phi->args[from_b], phi->args[from_t])) { return false; }
        merged = phi;
    }
    if (!merged) { return false; }
    struct ir_value *x = merged->args[from_b];
    merged->args[from_b] = added(g, b, taken, x, difference(x, merged->args[from_t]));
    ir_make_goto(g, b, !taken);
    return true;
}

/* May it be computed where it isn't asked for? It takes a cycle or two, and needs no check in front of it. */
static bool is_cheap(const struct ir_value *v)
{
    return (v->type == IR_I || v->type == IR_J) && ir_is_simple(v);
}

/* Does edge i of b go to the place where the ways meet, through a block of cheap operations or directly? NULL: it does not. */
static struct ir_block *meets(const struct ir_block *b, unsigned i)
{
    const struct ir_block *t = b->succs[i];
    if (!only_computes(t)) { return b->succs[i]; }
    for (const struct ir_value *v = t->first; v != t->last; v = v->next) {
        if (!is_cheap(v)) { return b->succs[i]; }
    }
    return t->succs[0];
}

static unsigned pred_of_way(const struct ir_block *b, unsigned i, const struct ir_block *m)
{
    return b->succs[i] == m ? ir_pred_index(b, i) : ir_pred_index(b->succs[i], 0);
}

/* Both ways at once, and what came of the one that it would have been. */
static bool select_values(struct ir_graph *g, struct ir_block *b)
{
    struct ir_value *t = b->last;
    struct ir_block *m = meets(b, 0);
    if (m != meets(b, 1) || b->succs[0] == b->succs[1]) { return false; }
    unsigned from[2] = {pred_of_way(b, 0, m), pred_of_way(b, 1, m)}, n = 0;
    for (struct ir_value *phi = m->first; phi && phi->op == IR_PHI; phi = phi->next) {
        if (phi->args[from[0]] == phi->args[from[1]]) { continue; }
        if ((phi->type != IR_I && phi->type != IR_J) || ++n > PHIS) { return false; }
    }
    if (!n) { return false; }
    for (unsigned i = 0; i < 2; i++) {
        struct ir_block *way = b->succs[i];
        while (way != m && way->first != way->last) {
            struct ir_value *v = way->first;
            ir_remove(v);
            ir_insert_before(t, v);
        }
    }
    for (struct ir_value *phi = m->first; phi && phi->op == IR_PHI; phi = phi->next) {
        struct ir_value *yes = phi->args[from[0]], *no = phi->args[from[1]];
        if (yes == no) { continue; }
        struct ir_value *v =
            ir_value_new(g, IR_SELECT, (enum ir_type)phi->type, 4, t->args[0], t->args[1], yes, no);
        v->cond = t->cond;
        phi->args[from[0]] = insert(b, v);
    }
    ir_make_goto(g, b, 0);
    return true;
}

void pass_ifconv(struct ir_graph *g)
{
    ir_clean_copies(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        const struct ir_value *t = b->last;
        if (t->op != IR_IF || t->k.d < LEAST || t->k.d > 1 - LEAST) { continue; }
        if (convert(g, b, 0) || convert(g, b, 1)) { continue; }
        if (t->k.d >= OFTEN && t->k.d <= 1 - OFTEN) { select_values(g, b); }
    }
    ir_order(g);
}
