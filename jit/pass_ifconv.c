/*
 * pass_ifconv.c - short conditional additions without a branch.
 *
 *      B: if (c) -> T, M          T: y = x + 1, goto M          M: phi(B: x, T: y)         =>     B: y = x + (c ? 1 : 0), goto M
 *
 * and the same for x - 1 and for a PHI of the constants 0 and 1. Only where the profile has seen both ways often: a branch
 * that is predicted right costs nothing, one that is not some fifteen cycles. Cost: linear.
 */
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/passes.h"

#define LEAST 0.1 /* probability of the rarer way */
#define MOST  3   /* operations in T */

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

void pass_ifconv(struct ir_graph *g)
{
    ir_clean_copies(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        const struct ir_value *t = b->last;
        if (t->op != IR_IF || t->k.d < LEAST || t->k.d > 1 - LEAST) { continue; }
        if (!convert(g, b, 0)) { convert(g, b, 1); }
    }
    ir_order(g);
}
