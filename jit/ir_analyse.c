/*
 * ir_analyse.c - order, dominators, loops, uses.
 *
 * Dominators: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm". Loops: natural loops of back edges,
 * i.e. edges to a block that dominates their source; back edges to one header make one loop. Cycles with several
 * entries (irreducible) are not loops for us: nothing is moved out of them.
 */
#include <stdlib.h>
#include <string.h>
#include "jit/ir.h"

#define UNREACHED UINT32_MAX

/* ---- order ---- */

/* Fills `post` with the reachable blocks in postorder; returns how many there are. */
static uint32_t postorder(struct ir_graph *g, struct ir_block **post)
{
    struct frame {
        struct ir_block *b;
        uint32_t next;
    } *stack = malloc((g->n_blocks + 1) * sizeof *stack);
    uint32_t n = 0, top = 0;
    for (struct ir_block *b = g->blocks; b; b = b->next) { b->order = UNREACHED; }
    g->entry->order = 0;
    stack[top++] = (struct frame){g->entry, 0};
    while (top) {
        struct frame *f = &stack[top - 1];
        if (f->next == f->b->n_succs) {
            post[n++] = f->b;
            top--;
            continue;
        }
        /* Last successor first: then the first one follows its block in reverse postorder. */
        struct ir_block *s = f->b->succs[f->b->n_succs - 1 - f->next++];
        if (s->order == UNREACHED) {
            s->order = 0;
            stack[top++] = (struct frame){s, 0};
        }
    }
    free(stack);
    return n;
}

void ir_order(struct ir_graph *g)
{
    struct ir_block **post = malloc((g->n_blocks + 1) * sizeof *post);
    uint32_t n = postorder(g, post);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        if (b->order != UNREACHED) { continue; }
        for (uint32_t i = 0; i < b->n_succs; i++) {
            struct ir_block *s = b->succs[i];
            for (uint32_t p = s->n_preds; s->order != UNREACHED && p-- > 0;) {
                if (s->preds[p] == b) { ir_remove_pred(s, p); }
            }
        }
        /* Constants of an unreachable block cannot be: they are in the entry block. */
        for (struct ir_value *v = b->first; v; v = v->next) { v->block = NULL; }
    }
    struct ir_block **at = &g->blocks;
    for (uint32_t i = 0; i < n; i++) {
        struct ir_block *b = post[n - 1 - i];
        b->order = i;
        *at = b;
        at = &b->next;
        g->last_block = b;
    }
    *at = NULL;
    free(post);
}

/* ---- dominators ---- */

static struct ir_block *intersect(struct ir_block *a, struct ir_block *b)
{
    while (a != b) {
        while (a->order > b->order) { a = a->idom; }
        while (b->order > a->order) { b = b->idom; }
    }
    return a;
}

static void dominators(struct ir_graph *g)
{
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        b->idom = b->dom_child = b->dom_sibling = NULL;
    }
    g->entry->idom = g->entry;
    for (bool changed = true; changed;) {
        changed = false;
        for (struct ir_block *b = g->entry->next; b; b = b->next) {
            struct ir_block *d = NULL;
            for (uint32_t i = 0; i < b->n_preds; i++) {
                struct ir_block *p = b->preds[i];
                if (p->idom) { d = d ? intersect(d, p) : p; }
            }
            if (d != b->idom) {
                b->idom = d;
                changed = true;
            }
        }
    }
    g->entry->idom = NULL;
}

/* Children lists and the preorder intervals that make ir_dominates() two comparisons. */
static void dominator_tree(struct ir_graph *g)
{
    for (struct ir_block *b = g->entry->next; b; b = b->next) {
        struct ir_block **at = &b->idom->dom_child;
        while (*at) { at = &(*at)->dom_sibling; }
        *at = b;
    }
    uint32_t clock = 0;
    for (struct ir_block *b = g->entry; b;) {
        b->dom_in = clock++;
        if (b->dom_child) {
            b = b->dom_child;
            continue;
        }
        b->dom_out = clock++;
        while (b && !b->dom_sibling) {
            b = b->idom;
            if (b) { b->dom_out = clock++; }
        }
        if (b) { b = b->dom_sibling; }
    }
}

/* ---- loops ---- */

static struct ir_loop *outermost(struct ir_loop *l)
{
    while (l->outer) { l = l->outer; }
    return l;
}

/* The body of header h's loop: what reaches its back edges without passing h. Inner loops are known already. */
static void collect_loop(struct ir_loop *l, struct ir_block **work)
{
    uint32_t n = 0;
    struct ir_block *h = l->header;
    h->loop = l; /* an inner loop never contains h */
    for (uint32_t i = 0; i < h->n_preds; i++) {
        if (!ir_dominates(h, h->preds[i])) { continue; }
        work[n++] = h->preds[i];
        while (n) {
            struct ir_block *b = work[--n];
            if (b->loop) {
                struct ir_loop *inner = outermost(b->loop);
                if (inner == l) { continue; }
                inner->outer = l;
                b = inner->header;
            } else {
                b->loop = l;
            }
            for (uint32_t j = 0; j < b->n_preds; j++) {
                struct ir_block *p = b->preds[j];
                if (!p->loop || outermost(p->loop) != l) { work[n++] = p; }
            }
        }
    }
}

static void loops(struct ir_graph *g)
{
    uint32_t n_blocks = 0, n_edges = 1;
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        n_blocks++;
        n_edges += b->n_preds;
        b->loop = NULL;
    }
    struct ir_block **all = malloc((n_blocks + 1) * sizeof *all);
    struct ir_block **work = malloc(n_edges * sizeof *work);
    for (struct ir_block *b = g->blocks; b; b = b->next) { all[b->order] = b; }

    g->loops = NULL;
    struct ir_loop **tail = &g->loops;
    for (uint32_t i = n_blocks; i-- > 0;) { /* inner headers come later in the order */
        struct ir_block *h = all[i];
        bool header = false;
        for (uint32_t j = 0; j < h->n_preds; j++) { header |= ir_dominates(h, h->preds[j]); }
        if (!header) { continue; }
        struct ir_loop *l = ir_alloc(g, sizeof *l);
        l->header = h;
        collect_loop(l, work);
        *tail = l;
        tail = &l->next;
    }
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        bool call = false;
        for (struct ir_value *v = b->first; v && b->loop; v = v->next) {
            call |= (ir_flags(v) & IRF_CALL) != 0;
        }
        for (struct ir_loop *l = b->loop; l && call; l = l->outer) { l->has_call = true; }
    }
    for (struct ir_loop *l = g->loops; l; l = l->next) {
        for (struct ir_loop *o = l; o; o = o->outer) { l->depth++; }
    }
    free(work);
    free(all);
}

void ir_analyse(struct ir_graph *g)
{
    ir_order(g);
    dominators(g);
    dominator_tree(g);
    loops(g);
}

struct ir_block *ir_loop_preheader(const struct ir_loop *l)
{
    struct ir_block *pre = NULL;
    for (uint32_t i = 0; i < l->header->n_preds; i++) {
        struct ir_block *p = l->header->preds[i];
        if (ir_loop_contains(l, p)) { continue; }
        if (pre) { return NULL; }
        pre = p;
    }
    return pre && pre->n_succs == 1 && pre->last && pre->last->op == IR_GOTO ? pre : NULL;
}

bool ir_loop_always_passes(const struct ir_loop *l, const struct ir_block *b)
{
    const struct ir_block *h = l->header;
    for (uint32_t i = 0; i < h->n_preds; i++) {
        if (ir_loop_contains(l, h->preds[i]) && !ir_dominates(b, h->preds[i])) { return false; }
    }
    return true;
}

/* ---- uses ---- */

/* Marks of states and virtual objects that a walk has seen: a number that no earlier walk in this process has used. */
static _Thread_local uint32_t walk;

typedef void use_fn(struct ir_value **use, void *arg);

static void virtual_uses(struct ir_value *v, use_fn *f, void *arg)
{
    if (!v || !(v->flags & VALUE_VIRTUAL) || !v->virtual || v->virtual->mark == walk) { return; }
    v->virtual->mark = walk;
    for (uint32_t i = 0; i < v->virtual->n; i++) {
        f(&v->virtual->fields[i].value, arg);
        virtual_uses(v->virtual->fields[i].value, f, arg);
    }
}

static void state_uses(struct ir_state *s, use_fn *f, void *arg)
{
    for (; s && s->mark != walk; s = s->caller) {
        s->mark = walk;
        if (s->lock) {
            f(&s->lock, arg);
            virtual_uses(s->lock, f, arg);
        }
        for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
            if (!s->values[i]) { continue; }
            f(&s->values[i], arg);
            virtual_uses(s->values[i], f, arg);
        }
    }
}

static void value_uses(struct ir_value *v, use_fn *f, void *arg)
{
    for (uint32_t i = 0; i < v->n_args; i++) { f(&v->args[i], arg); }
    state_uses(v->state, f, arg);
}

void ir_for_each_use(struct ir_value *v, use_fn *f, void *arg)
{
    walk++;
    value_uses(v, f, arg);
}

void ir_for_each_state_use(struct ir_state *s, use_fn *f, void *arg)
{
    walk++;
    state_uses(s, f, arg);
}

void ir_for_each_use_in_graph(struct ir_graph *g, use_fn *f, void *arg)
{
    walk++;
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) { value_uses(v, f, arg); }
        state_uses(b->exit_state, f, arg);
    }
}

static void count(struct ir_value **use, void *arg)
{
    (void)arg;
    (*use)->uses++;
}

static void zero(struct ir_value **use, void *arg)
{
    (void)arg;
    (*use)->uses = 0; /* also values outside of any block */
}

void ir_count_uses(struct ir_graph *g)
{
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) { v->uses = 0; }
    }
    ir_for_each_use_in_graph(g, zero, NULL);
    ir_for_each_use_in_graph(g, count, NULL);
}
