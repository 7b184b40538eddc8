/*
 * pass_dce.c - dead values and superfluous blocks.
 *
 * Values: everything with an effect is live, and what live values and their states name; the rest goes, in one sweep, so
 * that PHIs that only feed each other go too. Loads that nobody uses are no effect, nor are allocations that cannot throw
 * anything but OutOfMemoryError.
 *
 * Blocks: branches whose outcome is known become GOTO; a block and its only successor become one when that has no other
 * predecessor; empty blocks are jumped over where that needs no new PHI copies; and a merge of constants that is only
 * tested (what && and || leave behind when they are inlined) is jumped through.
 *
 * Cost: linear, a few rounds. Needs: nothing. Keeps exit states (and what they name) for the loop passes.
 */
#include <stdlib.h>
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/memory.h"
#include "jit/passes.h"

/* ---- values ---- */

#define SMALL_ARRAY 1024

static bool removable(const struct ir_value *v)
{
    switch (v->op) {
    case IR_PHI:
    case IR_COPY: return true;
    case IR_LOAD:
    case IR_LOADX:
    case IR_LOADS: return !(v->flags & VALUE_VOLATILE);
    case IR_NEW: return v->k.cls && !(v->k.cls->props & CLP_HAS_FINALIZER);
    case IR_NEWARRAY:
        return ir_is_const(v->args[0]) && v->args[0]->k.i >= 0 && v->args[0]->k.i <= SMALL_ARRAY;
    case IR_RT: return memory_helper_flags(v->index) == H_PURE;
    default: return (ir_flags(v) & IRF_PURE) != 0;
    }
}

struct worklist {
    struct ir_value **v;
    uint32_t n;
};

static void need(struct ir_value **use, void *arg)
{
    struct worklist *w = arg;
    if ((*use)->mark) { return; }
    (*use)->mark = 1;
    w->v[w->n++] = *use;
}

static void unmark(struct ir_value **use, void *arg)
{
    (void)arg;
    (*use)->mark = 0;
}

static void remove_dead(struct ir_graph *g)
{
    struct worklist w = {malloc((g->n_values + 1) * sizeof(struct ir_value *)), 0};
    ir_for_each_use_in_graph(g, unmark, NULL); /* values outside of blocks */
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) { v->mark = 0; }
    }
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (!removable(v) && v->op != IR_PARAM) { need(&v, &w); }
        }
        ir_for_each_state_use(b->exit_state, need, &w);
    }
    while (w.n) {
        struct ir_value *v = w.v[--w.n];
        ir_for_each_use(v, need, &w);
    }
    free(w.v);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            if (!v->mark && v->op != IR_PARAM) { ir_remove(v); }
        }
    }
}

/* ---- blocks ---- */

static bool has_phi(const struct ir_block *b) { return b->first && b->first->op == IR_PHI; }

static bool has_pred(const struct ir_block *b, const struct ir_block *p)
{
    for (uint32_t i = 0; i < b->n_preds; i++) {
        if (b->preds[i] == p) { return true; }
    }
    return false;
}

static bool fold_branch(struct ir_graph *g, struct ir_block *b)
{
    struct ir_value *t = b->last;
    if (t->op == IR_IF) {
        struct ir_value *r = ir_simplify(g, t);
        (void)r;
        int known = ir_fold_cond(t->cond, t->args[0], t->args[1]);
        if (known < 0 && b->succs[0] == b->succs[1] && !has_phi(b->succs[0])) { known = 1; }
        if (known < 0) { return false; }
        ir_make_goto(g, b, known ? 0 : 1);
        return true;
    }
    if (t->op == IR_SWITCH) {
        const struct ir_switch *s = t->k.p;
        const struct ir_value *a = t->args[0];
        uint32_t i = s->n;
        if (ir_is_const(a)) {
            for (i = 0; i < s->n && s->keys[i] != a->k.i; i++) {}
        } else if (s->n) {
            return false;
        }
        ir_make_goto(g, b, i);
        return true;
    }
    return false;
}

/* b -> s, and nothing else goes to s. */
static bool merge_next(struct ir_graph *g, struct ir_block *b)
{
    if (b->last->op != IR_GOTO) { return false; }
    struct ir_block *s = b->succs[0];
    if (s == b || s->n_preds != 1 || s == g->entry) { return false; }
    ir_remove(b->last);
    for (struct ir_value *v = s->first, *next; v; v = next) {
        next = v->next;
        if (v->op == IR_PHI) { ir_replace(v, v->args[0]); }
        ir_remove(v);
        if (v->op != IR_COPY) { ir_append(b, v); }
    }
    b->succs = s->succs;
    b->n_succs = s->n_succs;
    b->exit_state = s->exit_state;
    if (s->freq > b->freq) { b->freq = s->freq; }
    for (uint32_t i = 0; i < b->n_succs; i++) {
        for (uint32_t p = 0; p < b->succs[i]->n_preds; p++) {
            if (b->succs[i]->preds[p] == s) { b->succs[i]->preds[p] = b; }
        }
    }
    s->n_succs = s->n_preds = 0;
    s->first = s->last = NULL;
    return true;
}

/* p -> b -> s with nothing in b becomes p -> s. PHIs of s make copies on its edges: then only if p has no other way to go. */
static bool skip_empty(struct ir_graph *g, struct ir_block *b)
{
    if (b == g->entry || b->first->op != IR_GOTO || b->exit_state || b->succs[0] == b) {
        return false;
    }
    struct ir_block *s = b->succs[0];
    bool changed = false;
    for (uint32_t i = b->n_preds; i-- > 0;) {
        struct ir_block *p = b->preds[i];
        if (p == b || (has_phi(s) && (p->n_succs > 1 || has_pred(s, p)))) { continue; }
        for (uint32_t k = 0; k < p->n_succs; k++) {
            if (p->succs[k] != b || ir_pred_index(p, k) != i) { continue; }
            p->succs[k] = s;
            uint32_t from = 0;
            while (s->preds[from] != b) { from++; }
            for (struct ir_value *v = s->first; v && v->op == IR_PHI; v = v->next) {
                ir_phi_add(g, v, v->args[from]);
            }
            ir_add_pred(g, s, p);
            ir_remove_pred(b, i);
            changed = true;
            break;
        }
    }
    return changed;
}

/* ---- jumping through merges of constants ---- */

/* mark: number of uses by its own block's IF or by PHIs of that block's successors on edges from it; uses: all. */
static void count_local_uses(struct ir_block *b)
{
    for (struct ir_value *v = b->first; v && v->op == IR_PHI; v = v->next) { v->mark = 0; }
    for (uint32_t i = 0; i < b->last->n_args; i++) { b->last->args[i]->mark++; }
    for (uint32_t i = 0; i < b->n_succs; i++) {
        struct ir_block *s = b->succs[i];
        uint32_t p = ir_pred_index(b, i);
        for (struct ir_value *v = s->first; v && v->op == IR_PHI; v = v->next) {
            v->args[p]->mark++;
        }
    }
}

static struct ir_value *at_pred(struct ir_value *v, const struct ir_block *b, uint32_t pred)
{
    return v->op == IR_PHI && v->block == b ? v->args[pred] : v;
}

static bool thread_pred(struct ir_graph *g, struct ir_block *b, uint32_t i)
{
    const struct ir_value *t = b->last;
    struct ir_block *p = b->preds[i];
    int known = ir_fold_cond(t->cond, at_pred(t->args[0], b, i), at_pred(t->args[1], b, i));
    if (known < 0 || p == b) { return false; }
    struct ir_block *s = b->succs[known ? 0 : 1];
    if (s == b || p->n_succs > 1) { return false; }
    uint32_t from = ir_pred_index(b, known ? 0 : 1);
    for (struct ir_value *v = s->first; v && v->op == IR_PHI; v = v->next) {
        ir_phi_add(g, v, at_pred(v->args[from], b, i));
    }
    p->succs[0] = s;
    ir_add_pred(g, s, p);
    ir_remove_pred(b, i);
    return true;
}

/* A block of nothing but PHIs and an IF on them, whose PHIs are not used behind it (ir_count_uses is up to date for them). Loop
 * headers stay: a second entry would make their loop irreducible. */
static bool thread_jumps(struct ir_graph *g, struct ir_block *b)
{
    if (b->last->op != IR_IF || !has_phi(b) || b->exit_state) { return false; }
    if (b->loop && b->loop->header == b) { return false; }
    for (struct ir_value *v = b->first; v != b->last; v = v->next) {
        if (v->op != IR_PHI) { return false; }
    }
    count_local_uses(b);
    for (struct ir_value *v = b->first; v != b->last; v = v->next) {
        if (v->mark != v->uses) { return false; }
    }
    bool changed = false;
    for (uint32_t i = b->n_preds; i-- > 0 && b->n_preds > 1;) {
        /* Not out of or into a loop past its preheader: exit states must stay where they are. */
        if (b->preds[i]->loop != b->loop || b->preds[i]->exit_state) { continue; }
        changed |= thread_pred(g, b, i);
    }
    return changed;
}

static bool clean_blocks(struct ir_graph *g)
{
    bool changed = false;
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        if (!b->first) { continue; } /* merged into its pred */
        changed |= fold_branch(g, b);
        while (merge_next(g, b)) { changed = true; }
    }
    ir_clean_copies(g);
    if (changed) { return true; }
    for (struct ir_block *b = g->blocks; b; b = b->next) { changed |= skip_empty(g, b); }
    if (changed) { return true; }
    ir_analyse(g);
    ir_count_uses(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        if (thread_jumps(g, b)) { return true; }
    }
    return false;
}

void pass_dce(struct ir_graph *g)
{
    ir_clean_copies(g);
    for (int round = 0; round < 100; round++) {
        ir_order(g);
        remove_dead(g);
        bool again = clean_blocks(g);
        ir_order(g);
        if (!again) { return; }
    }
}
