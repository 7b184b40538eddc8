/*
 * pass_gvn.c - global value numbering, known conditions, repeated loads.
 *
 * One walk in reverse postorder with three tables:
 *
 *   values      pure operations by (operation, arguments, details). A later equal one in a block that the first one's
 *               dominates is replaced. Everything is simplified (ir_simplify) before it is looked up.
 *   facts       "cond(a, b) holds from here on": from GUARDs and from the edges of IFs into blocks with no other pred.
 *               A GUARD or IF whose condition follows from the facts that dominate it is decided. Facts on one pair are
 *               combined: a <= b and a != b make a < b.
 *   memory      per block: places whose content is known, from loads and stores. At merges the intersection of the
 *               preds; at loop headers what the loop does not kill; elsewhere the pred's.
 *
 * GUARDs that always fail become EXITs and end their block. Cost: about linear; facts and equal values are short lists.
 * Needs nothing; rounds until nothing changes (at most three, more gain little).
 */
#include <stdlib.h>
#include <string.h>
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/memory.h"
#include "jit/passes.h"

#define MAX_PLACES 96

struct entry { /* of the value table */
    struct ir_value *v;
    struct entry *next;
};

struct fact {
    const struct ir_value *a, *b;
    uint8_t mask; /* relations that are still possible */
    struct ir_block *block;
    struct fact *next;
};

struct place { /* `access` reads or writes it, `value` is there now */
    struct ir_value *access, *value;
};

struct places {
    uint32_t n;
    bool reached; /* is there still a way to the block? */
    struct place at[];
};

struct gvn {
    struct ir_graph *g;
    uint32_t mask;
    struct entry **values;
    struct fact **facts;
    struct place now[MAX_PLACES];
    uint32_t n_now;
    struct range range, *ints; /* facts about ints; NULL: nothing stores into arrays */
    bool changed;              /* a branch, guard or PHI: another round may find more */
};

static uint32_t mix(uint32_t h, uint64_t x)
{
    uint64_t m = (h ^ x) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(m >> 32) ^ (uint32_t)m;
}

/* ---- values ---- */

static bool same_value(const struct ir_value *a, const struct ir_value *b)
{
    if (a->op != b->op || a->type != b->type || a->cond != b->cond || a->k.j != b->k.j ||
        a->n_args != b->n_args || a->index != b->index) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_args; i++) {
        if (a->args[i] != b->args[i]) { return false; }
    }
    if (a->op == IR_CAST) { return a->cls == b->cls && !((a->flags ^ b->flags) & VALUE_EXACT); }
    return a->op != IR_PHI || a->block == b->block;
}

static uint32_t value_hash(const struct ir_value *v)
{
    uint32_t h = mix(v->op, (uint64_t)v->k.j + v->cond);
    for (uint32_t i = 0; i < v->n_args; i++) { h = mix(h, v->args[i]->id); }
    return v->op == IR_PHI ? mix(h, v->block->id) : h;
}

static void canonical(struct ir_value *v)
{
    bool commutes =
        v->op == IR_ADD || v->op == IR_MUL || v->op == IR_AND || v->op == IR_OR || v->op == IR_XOR;
    bool compares = v->op == IR_COND || v->op == IR_SELECT || v->op == IR_GUARD || v->op == IR_IF;
    if ((!commutes && !compares) || ir_is_const(v->args[1]) || v->args[0]->id <= v->args[1]->id) {
        return;
    }
    struct ir_value *a = v->args[0];
    v->args[0] = v->args[1];
    v->args[1] = a;
    if (compares) { v->cond = (uint8_t)ir_cond_swap(v->cond); }
}

/* An equal value that dominates v, or v itself, entered. */
static struct ir_value *find_value(struct gvn *n, struct ir_value *v)
{
    struct entry **list = &n->values[value_hash(v) & n->mask];
    for (struct entry *e = *list; e; e = e->next) {
        if (same_value(e->v, v) && e->v->block && ir_dominates(e->v->block, v->block)) {
            return e->v;
        }
    }
    struct entry *e = ir_alloc(n->g, sizeof *e);
    *e = (struct entry){v, *list};
    *list = e;
    return v;
}

/* ---- facts ----
 *
 * Of two ints one of five relations holds: a bit each.   1: equal   2: < and <u   4: < and >u   8: > and <u   16: > and >u
 * Of two floats one of four:                             1: equal   2: <          4: >          8: unordered */

static uint8_t cond_mask(enum ir_cond c, enum ir_type t)
{
    static const uint8_t ints[] = {[IRC_EQ] = 1,   [IRC_NE] = 30,  [IRC_LT] = 6,   [IRC_GE] = 25,
                                   [IRC_GT] = 24,  [IRC_LE] = 7,   [IRC_ULT] = 10, [IRC_UGE] = 21,
                                   [IRC_UGT] = 20, [IRC_ULE] = 11, [IRC_COUNT] = 0};
    static const uint8_t floats[] = {
        [IRC_EQ] = 1,  [IRC_NE] = 14,   [IRC_FLT] = 2,  [IRC_FGEU] = 13,
        [IRC_FGT] = 4, [IRC_FLEU] = 11, [IRC_FLE] = 3,  [IRC_FGTU] = 12,
        [IRC_FGE] = 5, [IRC_FLTU] = 10, [IRC_COUNT] = 0};
    return ir_is_float(t) ? floats[c] : ints[c];
}

static struct fact **fact_list(struct gvn *n, const struct ir_value *a, const struct ir_value *b)
{
    return &n->facts[mix(mix(7, a->id), b->id) & n->mask];
}

/* Pairs come in the canonical order that ir_simplify and canonical() make. References are equal whatever is known of their
 * type; EQ and NE are the same with their sides exchanged. */
static void canonical_pair(struct ir_value **a, struct ir_value **b)
{
    if ((*a)->type != IR_R) { return; }
    struct ir_value *x = ir_reference(*a), *y = ir_reference(*b);
    bool swap = !ir_is_const(y) && (ir_is_const(x) || x->id > y->id);
    *a = swap ? y : x;
    *b = swap ? x : y;
}

static void add_fact(struct gvn *n, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                     struct ir_block *where)
{
    uint8_t mask = cond_mask(c, a->type);
    if (!mask) { return; }
    canonical_pair(&a, &b);
    struct fact **list = fact_list(n, a, b), *f = ir_alloc(n->g, sizeof *f);
    *f = (struct fact){a, b, mask, where, *list};
    *list = f;
}

static int known_cond(struct gvn *n, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                      const struct ir_block *where)
{
    int known = ir_fold_cond(c, a, b);
    if (known >= 0) { return known; }
    canonical_pair(&a, &b);
    if (a->type == IR_R && a == b) { return c == IRC_EQ; }
    uint8_t possible = 0xff, want = cond_mask(c, a->type);
    for (const struct fact *f = *fact_list(n, a, b); f; f = f->next) {
        if (f->a == a && f->b == b && ir_dominates(f->block, where)) { possible &= f->mask; }
    }
    if (possible == 0xff || !want) { return -1; }
    if (!(possible & want)) { return 0; }
    return (possible & ~want) ? -1 : 1;
}

/* ---- memory ---- */

static void kill_by(struct gvn *n, const struct ir_value *v)
{
    uint32_t kept = 0;
    bool all = memory_kills_all(v), store = memory_writes(v);
    if (!all && !store) { return; }
    for (uint32_t i = 0; i < n->n_now; i++) {
        struct place p = n->now[i];
        bool dead = all ? !(p.access->flags & VALUE_FINAL) : memory_may_alias(v, p.access, n->ints);
        if (!dead) { n->now[kept++] = p; }
    }
    n->n_now = kept;
}

static void remember(struct gvn *n, struct ir_value *access, struct ir_value *value)
{
    if (n->n_now == MAX_PLACES) { /* forget the oldest */
        memmove(n->now, n->now + 1, (MAX_PLACES - 1) * sizeof *n->now);
        n->n_now--;
    }
    n->now[n->n_now++] = (struct place){access, value};
}

static struct place *find_place(struct place *at, uint32_t n, const struct ir_value *access)
{
    for (uint32_t i = n; i-- > 0;) {
        if (memory_same_place(at[i].access, access)) { return &at[i]; }
    }
    return NULL;
}

/* What a load of `mem` sees after `value` was stored: small types lose bits. NULL: not to be said without a new operation. */
static struct ir_value *as_loaded(struct gvn *n, struct ir_value *value, struct ir_value *load)
{
    if (value->type != load->type) { return NULL; }
    if (value->type != IR_I || load->mem == T_INT) { return value; }
    if (load->mem == T_BOOLEAN && ir_is_const(value)) {
        return value->k.j == 0 || value->k.j == 1 ? value : NULL;
    }
    struct ir_value *narrow = ir_value_new(n->g, IR_NARROW, IR_I, 1, value);
    narrow->k.j = load->mem;
    narrow->bci = load->bci;
    struct ir_value *s = ir_simplify(n->g, narrow);
    if (s != narrow) { return s; }
    if (load->mem == T_BOOLEAN) { return NULL; } /* memory keeps 8 bits of it */
    ir_insert_before(load, narrow);
    return narrow;
}

static bool forward_load(struct gvn *n, struct ir_value *v)
{
    struct place *p = find_place(n->now, n->n_now, v);
    if (!p) {
        remember(n, v, v);
        return false;
    }
    struct ir_value *value = ir_value(p->value);
    bool loaded = p->access == p->value && p->access->mem == v->mem;
    if (!loaded) { value = as_loaded(n, value, v); }
    if (!value || value->type != v->type) { return false; }
    ir_replace(v, value);
    return true;
}

/* Does something in loop l kill the place? */
static bool loop_kills(struct gvn *n, const struct ir_loop *l, const struct place *p)
{
    for (struct ir_block *b = n->g->blocks; b; b = b->next) {
        if (!b->mark || !ir_loop_contains(l, b)) { continue; }
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (memory_kills_all(v) && !(p->access->flags & VALUE_FINAL)) { return true; }
            if (memory_writes(v) && memory_may_alias(v, p->access, n->ints)) { return true; }
        }
    }
    return false;
}

static void enter_block(struct gvn *n, struct ir_block *b)
{
    n->n_now = 0;
    const struct places *first = NULL;
    bool header = b->loop && b->loop->header == b;
    for (uint32_t i = 0; i < b->n_preds; i++) {
        struct ir_block *p = b->preds[i];
        if (header && ir_dominates(b, p)) { continue; }
        if (!p->tmp) { return; } /* not seen yet: an irreducible cycle */
        if (!first) { first = p->tmp; }
    }
    for (uint32_t k = 0; first && k < first->n; k++) {
        struct place at = first->at[k];
        bool everywhere = true;
        for (uint32_t i = 0; i < b->n_preds && everywhere; i++) {
            struct ir_block *p = b->preds[i];
            if ((header && ir_dominates(b, p)) || p->tmp == first) { continue; }
            struct places *other = p->tmp;
            const struct place *same = find_place(other->at, other->n, at.access);
            everywhere = same && ir_value(same->value) == ir_value(at.value) &&
                         same->access->mem == at.access->mem;
        }
        if (everywhere && header) { everywhere = !loop_kills(n, b->loop, &at); }
        if (everywhere) { remember(n, at.access, at.value); }
    }
}

static void leave_block(struct gvn *n, struct ir_block *b, bool reached)
{
    struct places *out = ir_alloc(n->g, sizeof *out + n->n_now * sizeof *out->at);
    out->n = n->n_now;
    out->reached = reached;
    memcpy(out->at, n->now, n->n_now * sizeof *out->at);
    b->tmp = out;
}

/*
 * Was the block cut off in this round, by itself or with the loop that it is in? A PHI of such a loop may have nothing but what was made of
 * itself as its arguments, so nothing there is to be simplified. (A block of an irreducible cycle may be taken for one; it waits for the
 * next round then.)
 */
static bool is_reached(const struct gvn *n, const struct ir_block *b)
{
    bool any = b == n->g->entry;
    for (uint32_t i = 0; i < b->n_preds && !any; i++) {
        const struct places *p = b->preds[i]->tmp;
        any = p && p->reached;
    }
    return any;
}

/* ---- the walk ---- */

static bool simplify_phi(struct gvn *n, struct ir_value *v)
{
    struct ir_value *only = NULL;
    for (uint32_t i = 0; i < v->n_args; i++) {
        struct ir_value *a = v->args[i] = ir_value(v->args[i]);
        if (a != v && !only) { only = a; }
    }
    for (uint32_t i = 0; i < v->n_args && only; i++) {
        if (v->args[i] != v && v->args[i] != only) { only = NULL; }
    }
    if (!only) { only = find_value(n, v); }
    if (only == v) { return false; }
    ir_replace(v, only);
    n->changed = true;
    return true;
}

/* The GUARD always fails: the block ends here. */
static void guard_to_exit(struct gvn *n, struct ir_value *v)
{
    struct ir_block *b = v->block;
    while (b->n_succs) { ir_remove_succ(b, b->n_succs - 1); }
    while (b->last != v) { ir_remove(b->last); }
    v->op = IR_EXIT;
    v->n_args = 0;
    b->exit_state = NULL;
    n->changed = true;
}

static void take_branch(struct gvn *n, struct ir_block *b)
{
    struct ir_value *t = b->last;
    if (t->op == IR_IF) {
        ir_simplify(n->g, t);
        canonical(t);
        int known = known_cond(n, t->cond, t->args[0], t->args[1], b);
        if (known >= 0) {
            ir_make_goto(n->g, b, known ? 0 : 1);
            n->changed = true;
            return;
        }
        for (unsigned i = 0; i < 2; i++) {
            if (b->succs[i]->n_preds == 1) {
                add_fact(n, t->cond ^ i, t->args[0], t->args[1], b->succs[i]);
            }
        }
    } else if (t->op == IR_SWITCH && ir_is_const(ir_value(t->args[0]))) {
        const struct ir_switch *s = t->k.p;
        uint32_t i = 0;
        while (i < s->n && s->keys[i] != ir_value(t->args[0])->k.i) { i++; }
        ir_make_goto(n->g, b, i);
        n->changed = true;
    }
}

static void number_value(struct gvn *n, struct ir_value *v)
{
    for (uint32_t i = 0; i < v->n_args; i++) { v->args[i] = ir_value(v->args[i]); }
    if (v->op == IR_PHI) {
        simplify_phi(n, v);
    } else if (v->op == IR_GUARD) {
        ir_simplify(n->g, v);
        canonical(v);
        int known = known_cond(n, v->cond, v->args[0], v->args[1], v->block);
        if (known == 0) {
            guard_to_exit(n, v);
        } else if (known == 1) {
            ir_remove(v);
        } else {
            add_fact(n, v->cond, v->args[0], v->args[1], v->block);
        }
    } else if ((ir_flags(v) & IRF_PURE) && v->op != IR_CONST && v->op != IR_COPY) {
        struct ir_value *s = ir_simplify(n->g, v);
        if (s == v) {
            canonical(v);
            if (v->op == IR_COND) {
                int known = known_cond(n, v->cond, v->args[0], v->args[1], v->block);
                if (known >= 0) { s = ir_const_int(n->g, known); }
            }
        }
        if (s == v) { s = find_value(n, v); }
        if (s != v) { ir_replace(v, s); }
    } else if (memory_is_plain_load(v)) {
        forward_load(n, v);
    } else {
        kill_by(n, v);
        if (memory_is_plain_store(v)) { remember(n, v, v->args[v->n_args - 1]); }
    }
}

static void round_of_numbering(struct gvn *n)
{
    ir_analyse(n->g);
    bool elements = false;
    for (struct ir_block *b = n->g->blocks; b; b = b->next) {
        b->tmp = NULL;
        b->mark = 0; /* writes memory */
        for (struct ir_value *v = b->first; v; v = v->next) {
            b->mark |= memory_kills_all(v) || memory_writes(v);
            elements |= v->op == IR_STOREX;
        }
    }
    n->ints = elements ? &n->range : NULL;
    if (elements) { range_init(n->ints, n->g); }
    memset(n->values, 0, (n->mask + 1) * sizeof *n->values);
    memset(n->facts, 0, (n->mask + 1) * sizeof *n->facts);
    for (struct ir_block *b = n->g->blocks; b; b = b->next) {
        if (!is_reached(n, b)) {
            n->n_now = 0;
            leave_block(n, b, false);
            continue;
        }
        enter_block(n, b);
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            number_value(n, v);
            if (v->op == IR_EXIT) { break; } /* became one, or was one */
        }
        take_branch(n, b);
        leave_block(n, b, true);
    }
    if (elements) { range_free(n->ints); }
    ir_clean_copies(n->g);
}

void pass_gvn(struct ir_graph *g)
{
    struct gvn n = {.g = g};
    n.mask = 63;
    while (n.mask < g->n_values) { n.mask = 2 * n.mask + 1; }
    n.values = malloc((n.mask + 1) * sizeof *n.values);
    n.facts = malloc((n.mask + 1) * sizeof *n.facts);
    ir_clean_copies(g);
    for (int i = 0; i < 3; i++) {
        n.changed = false;
        round_of_numbering(&n);
        if (!n.changed) { break; }
    }
    free(n.values);
    free(n.facts);
    ir_order(g);
}
