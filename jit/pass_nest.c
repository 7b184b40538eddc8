/*
 * pass_nest.c - two loops that share a header become two again.
 *
 * Code that is entered at an inner loop (OSR) sees that loop's header first, so the way round the outer loop looks like one
 * more back edge of the inner one:
 *
 *      P -> H <-> body                              P -> O -> H <-> body
 *           H  -> rest of the outer loop -> H   =>       ^    H -> rest of the outer loop -> L
 *                                                        `------------------------------- L: poll
 *
 * Then nothing of the inner loop can be counted, hoisted or vectorised. Back edges (preds of the common latch) that leave
 * some PHI of H as it is are the inner loop's; where others change all of these, or begin again with what H tests, they get a
 * latch L and a header O of their own, and O is the preheader of the inner loop.
 *
 * Cost: linear. Needs: one latch, with the poll, as the front end makes it. Loops that a program itself wrote in
 * this way (continue outer) gain as well.
 */
#include <stdlib.h>
#include "jit/ir.h"
#include "jit/passes.h"

struct nest {
    struct ir_graph *g;
    struct ir_loop *l;
    struct ir_block *pre, *header, *latch, *outer, *outer_latch;
    struct ir_value *poll;
    unsigned back; /* the latch among the header's preds */
};

/* States with scalar-replaced objects are not copied here: this pass runs before there are any. */
static bool names_virtual(const struct ir_state *s)
{
    for (; s; s = s->caller) {
        for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
            if (s->values[i] && (s->values[i]->flags & VALUE_VIRTUAL)) { return true; }
        }
        if (s->lock && (s->lock->flags & VALUE_VIRTUAL)) { return true; }
    }
    return false;
}

static bool find_latch(struct nest *n)
{
    n->header = n->l->header;
    n->pre = ir_loop_preheader(n->l);
    if (!n->pre || n->header->n_preds != 2) { return false; }
    n->back = n->header->preds[0] == n->pre;
    n->latch = n->header->preds[n->back];
    if (n->latch == n->header || n->latch->n_preds < 2 || n->latch->n_succs != 1) { return false; }
    n->poll = NULL;
    for (struct ir_value *v = n->latch->first; v; v = v->next) {
        if (v->op == IR_POLL && !n->poll) {
            n->poll = v;
        } else if (v->op != IR_PHI && v->op != IR_GOTO) {
            return false;
        }
    }
    return n->poll && !names_virtual(n->poll->state);
}

/* Does the latch's pred set what the header tests to a value from outside of the loop, as an inner loop's counter is when it begins
 * again? */
static bool begins_again(const struct nest *n, uint32_t pred)
{
    const struct ir_value *t = n->header->last;
    for (unsigned i = 0; t->op == IR_IF && i < 2; i++) {
        const struct ir_value *x = t->args[i];
        if (x->op == IR_ADD && ir_is_const(x->args[1])) { x = x->args[0]; }
        if (x->op != IR_PHI || x->block != n->header) { continue; }
        const struct ir_value *v = x->args[n->back];
        if (v->op == IR_PHI && v->block == n->latch &&
            !ir_loop_contains(n->l, v->args[pred]->block)) {
            return true;
        }
    }
    return false;
}

/* Does the latch's pred leave a PHI of the header unchanged that another pred changes? A sum that only the inner loop changes is one
 * for the outer loop's pred, too. */
static bool is_inner(const struct nest *n, uint32_t pred)
{
    if (begins_again(n, pred)) { return false; }
    for (struct ir_value *p = n->header->first; p && p->op == IR_PHI; p = p->next) {
        const struct ir_value *v = p->args[n->back];
        if (v->op == IR_PHI && v->block == n->latch && v->args[pred] == p) { return true; }
    }
    return false;
}

static double freq_of(const struct nest *n, bool inner)
{
    double f = 0;
    for (uint32_t i = 0; i < n->latch->n_preds; i++) {
        if (is_inner(n, i) == inner) { f += n->latch->preds[i]->freq; }
    }
    return f;
}

/* ---- the outer latch: PHIs of the latch for the edges that go to it, the poll ---- */

static struct ir_value *in_outer_latch(const struct nest *n, struct ir_value *v)
{
    return v && v->op == IR_PHI && v->block == n->latch ? v->tmp : v;
}

static struct ir_state *outer_state(const struct nest *n, const struct ir_state *old)
{
    struct ir_state *s = ir_state_copy(n->g, old);
    s->lock = in_outer_latch(n, s->lock);
    for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
        s->values[i] = in_outer_latch(n, s->values[i]);
    }
    if (s->caller) { s->caller = outer_state(n, s->caller); }
    return s;
}

static void redirect(struct nest *n, uint32_t pred)
{
    struct ir_block *from = n->latch->preds[pred];
    for (uint32_t i = 0; i < from->n_succs; i++) {
        if (from->succs[i] != n->latch || ir_pred_index(from, i) != pred) { continue; }
        for (struct ir_value *v = n->latch->first; v->op == IR_PHI; v = v->next) {
            ir_phi_add(n->g, v->tmp, v->args[pred]);
        }
        from->succs[i] = n->outer_latch;
        ir_add_pred(n->g, n->outer_latch, from);
        ir_remove_pred(n->latch, pred);
        return;
    }
}

static void make_outer_latch(struct nest *n)
{
    struct ir_graph *g = n->g;
    struct ir_block *l = n->outer_latch = ir_block_new(g, n->latch->method, n->latch->bci);
    l->freq = freq_of(n, false);
    uint32_t preds = n->latch->n_preds;
    bool *inner = ir_alloc(g, preds * sizeof *inner);
    for (uint32_t i = 0; i < preds; i++) { inner[i] = is_inner(n, i); }
    for (struct ir_value *v = n->latch->first; v->op == IR_PHI; v = v->next) {
        struct ir_value *phi = v->tmp = ir_value_newv(g, IR_PHI, v->type, 0, NULL);
        phi->bci = v->bci;
        phi->cls = v->cls;
        phi->flags = v->flags;
        ir_append(l, phi);
    }
    for (uint32_t i = preds; i-- > 0;) {
        if (!inner[i]) { redirect(n, i); }
    }
    struct ir_value *poll = ir_value_newv(g, IR_POLL, IR_V, 0, NULL);
    poll->bci = n->poll->bci;
    poll->state = outer_state(n, n->poll->state);
    ir_append(l, poll);
    ir_append(l, ir_value_newv(g, IR_GOTO, IR_V, 0, NULL));
}

/* ---- the outer header ---- */

/* State at the header as of the end of O: what P's state and the back edge's say is different is one of O's PHIs. */
static struct ir_state *header_state(const struct nest *n, const struct ir_state *in,
                                     const struct ir_state *again)
{
    if (in->method != again->method || in->bci != again->bci || in->n_locals != again->n_locals ||
        in->n_stack != again->n_stack || in->lock != again->lock ||
        (in->caller == NULL) != (again->caller == NULL)) {
        return NULL;
    }
    struct ir_state *s = ir_state_copy(n->g, in);
    for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
        struct ir_value *v = again->values[i], *u = in->values[i];
        s->values[i] = NULL;
        if (!v) { continue; }
        if (u == v) { s->values[i] = v; }
        for (struct ir_value *p = n->header->first; p->op == IR_PHI && !s->values[i]; p = p->next) {
            /* the header's PHIs have O's in place of their initial values by now */
            struct ir_value *o = p->args[!n->back];
            if (o->args[0] == u && p->args[n->back] == v) { s->values[i] = o; }
        }
        if (!s->values[i]) { return NULL; }
    }
    if (in->caller && !(s->caller = header_state(n, in->caller, again->caller))) { return NULL; }
    return s;
}

static void make_outer_header(struct nest *n)
{
    struct ir_graph *g = n->g;
    struct ir_block *o = n->outer = ir_block_new(g, n->header->method, n->header->bci);
    o->freq = n->pre->freq + n->outer_latch->freq;
    for (struct ir_value *p = n->header->first; p && p->op == IR_PHI; p = p->next) {
        struct ir_value *phi = ir_value_new(g, IR_PHI, p->type, 2, p->args[!n->back],
                                            in_outer_latch(n, p->args[n->back]));
        phi->bci = p->bci;
        phi->cls = p->cls;
        phi->flags = p->flags;
        ir_append(o, phi);
        p->args[!n->back] = phi;
    }
    ir_append(o, ir_value_newv(g, IR_GOTO, IR_V, 0, NULL));
    n->header->preds[!n->back] = o;
    n->pre->succs[0] = o;
    ir_add_pred(g, o, n->pre);
    o->succs = ir_alloc(g, sizeof *o->succs);
    o->succs[0] = n->header;
    o->n_succs = 1;
    ir_add_succ(g, n->outer_latch, o);
    if (n->pre->exit_state) { o->exit_state = header_state(n, n->pre->exit_state, n->poll->state); }
}

static bool separate(struct ir_graph *g)
{
    for (struct ir_loop *l = g->loops; l; l = l->next) {
        struct nest n = {.g = g, .l = l};
        if (!find_latch(&n)) { continue; }
        double inner = freq_of(&n, true), outer = freq_of(&n, false);
        bool has_inner = false, has_outer = false;
        for (uint32_t i = 0; i < n.latch->n_preds; i++) {
            *(is_inner(&n, i) ? &has_inner : &has_outer) = true;
        }
        if (!has_inner || !has_outer || outer > inner) { continue; }
        make_outer_latch(&n);
        make_outer_header(&n);
        return true;
    }
    return false;
}

void pass_nest(struct ir_graph *g)
{
    ir_clean_copies(g);
    ir_analyse(g);
    for (int i = 0; i < 8 && separate(g); i++) { ir_analyse(g); }
}
