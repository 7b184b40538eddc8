/*
 * range.c - proofs about ints, see range.h.
 */
#include "jit/range.h"
#include <stdlib.h>
#include "jit/jit.h"
#include "runtime/classes/class.h"

#define BUDGET    300
#define MAX_DEPTH 12
#define MIN_INT   ((int64_t)INT32_MIN)
#define MAX_INT   ((int64_t)INT32_MAX)

/* ---- facts ---- */

static void add_fact(struct range *r, enum ir_cond c, struct ir_value *self, struct ir_value *other,
                     const struct ir_block *block, uint32_t seq)
{
    if (ir_is_const(self) || self->id >= r->n_ids) { return; }
    struct range_fact *f = ir_alloc(r->g, sizeof *f);
    *f = (struct range_fact){(uint8_t)c, other, block, seq, r->facts[self->id]};
    r->facts[self->id] = f;
}

static void add_facts(struct range *r, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                      const struct ir_block *block, uint32_t seq)
{
    if (a->type != IR_I && a->type != IR_J) { return; }
    add_fact(r, c, a, b, block, seq);
    add_fact(r, ir_cond_swap(c), b, a, block, seq);
}

static void add_guard(struct range *r, struct ir_value *guard)
{
    add_facts(r, guard->cond, guard->args[0], guard->args[1], guard->block, guard->mark);
}

bool range_may_guard_in_front(const struct ir_block *pre)
{
    const struct ir_state *s = pre ? pre->exit_state : NULL;
    return s && !jit_trapped(s->method, s->bci, EXIT_LOOP_CHECK);
}

void range_guard_in_front(struct range *r, struct ir_block *pre, enum ir_cond c, struct ir_value *x,
                          struct ir_value *y, uint8_t reason)
{
    struct ir_value *v = ir_value_new(r->g, IR_GUARD, IR_V, 2, x, y);
    v->cond = (uint8_t)c;
    v->reason = reason;
    v->state = pre->exit_state;
    v->bci = pre->last->bci;
    v->mark = pre->last->mark; /* before what follows the preheader */
    ir_insert_before(pre->last, v);
    add_guard(r, v);
}

void range_init(struct range *r, struct ir_graph *g)
{
    *r = (struct range){.g = g, .n_ids = g->n_values};
    r->facts = calloc(r->n_ids + 1, sizeof *r->facts);
    r->wraps = calloc(r->n_ids + 1, sizeof *r->wraps);
    uint32_t seq = 1;
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            v->mark = seq++;
            if (v->op == IR_GUARD) { add_guard(r, v); }
        }
        for (unsigned i = 0; b->last->op == IR_IF && i < 2; i++) {
            if (b->succs[i]->n_preds != 1) { continue; }
            add_facts(r, b->last->cond ^ i, b->last->args[0], b->last->args[1], b->succs[i], 0);
        }
    }
}

void range_free(struct range *r)
{
    free(r->facts);
    free(r->wraps);
}

struct range_at range_before(const struct ir_value *v)
{
    return (struct range_at){v->block, v->mark};
}

struct range_at range_end(const struct ir_block *b) { return (struct range_at){b, UINT32_MAX}; }

struct range_fact *range_facts(const struct range *r, const struct ir_value *v)
{
    return v->id < r->n_ids ? r->facts[v->id] : NULL;
}

bool range_holds(const struct range_fact *f, struct range_at at)
{
    return f->block == at.block ? f->seq < at.seq : ir_dominates(f->block, at.block);
}

/* ---- plain ranges: what the operation says ---- */

struct interval {
    int64_t lo, hi;
};

static const struct interval all_ints = {MIN_INT, MAX_INT};

static struct interval of_type(enum basic_type t)
{
    switch (t) {
    case T_BOOLEAN: return (struct interval){0, 255};
    case T_BYTE: return (struct interval){INT8_MIN, INT8_MAX};
    case T_CHAR: return (struct interval){0, UINT16_MAX};
    case T_SHORT: return (struct interval){INT16_MIN, INT16_MAX};
    default: return all_ints;
    }
}

static struct interval clip(int64_t lo, int64_t hi)
{
    return lo < MIN_INT || hi > MAX_INT ? all_ints : (struct interval){lo, hi};
}

static struct interval join(struct interval a, struct interval b)
{
    return (struct interval){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

/* The guest's 4 GiB bound what fits: elements of 2 bytes and more never reach MAX. */
static struct interval of_length(const struct ir_value *array)
{
    const struct class *c = array->cls;
    unsigned shift = c && c->kind == CLASS_ARRAY ? c->elem_shift : 0;
    int64_t max = (int64_t)UINT32_MAX >> shift;
    return (struct interval){0, max < MAX_INT ? max : MAX_INT};
}

static struct interval interval_of(const struct ir_value *v, int depth);

static struct interval of_shift(const struct ir_value *v, int depth)
{
    if (!ir_is_const(v->args[1])) { return all_ints; }
    unsigned n = (unsigned)v->args[1]->k.i & 31;
    struct interval a = interval_of(v->args[0], depth);
    if (v->op == IR_SHR) { return (struct interval){a.lo >> n, a.hi >> n}; }
    if (v->op == IR_SHL) { return clip(a.lo * ((int64_t)1 << n), a.hi * ((int64_t)1 << n)); }
    if (a.lo >= 0) { return (struct interval){a.lo >> n, a.hi >> n}; }
    return n ? (struct interval){0, (int64_t)UINT32_MAX >> n} : all_ints;
}

static struct interval of_and(struct interval a, struct interval b)
{
    if (a.lo < 0 && b.lo < 0) { return all_ints; }
    if (a.lo < 0) { return (struct interval){0, b.hi}; }
    if (b.lo < 0) { return (struct interval){0, a.hi}; }
    return (struct interval){0, a.hi < b.hi ? a.hi : b.hi};
}

static struct interval of_rem(struct interval a, const struct ir_value *divisor)
{
    if (!ir_is_const(divisor) || divisor->k.j == 0) {
        return a.lo >= 0 ? (struct interval){0, a.hi} : all_ints;
    }
    int64_t m = llabs(divisor->k.j) - 1;
    return (struct interval){a.lo >= 0 ? 0 : -m, m};
}

static struct interval of_math(const struct ir_value *v, int depth)
{
    struct interval a, b;
    switch ((enum ir_math)v->k.j) {
    case IRM_CLZ:
    case IRM_CTZ:
    case IRM_POPCOUNT: return (struct interval){0, 64};
    case IRM_MIN:
    case IRM_MAX:
        a = interval_of(v->args[0], depth);
        b = interval_of(v->args[1], depth);
        if (v->k.j == IRM_MIN) {
            return (struct interval){a.lo < b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
        }
        return (struct interval){a.lo > b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
    default: return all_ints;
    }
}

static struct interval interval_of(const struct ir_value *v, int depth)
{
    struct interval a, b;
    if (v->op == IR_CONST) { return (struct interval){v->k.i, v->k.i}; }
    if (v->type != IR_I || depth == 0) { return all_ints; }
    depth--;
    switch (v->op) {
    case IR_ARRAYLEN: return of_length(v->args[0]);
    case IR_LOAD:
    case IR_LOADX:
    case IR_LOADS: return of_type((enum basic_type)v->mem);
    case IR_NARROW:
        if (v->k.j == T_BOOLEAN) { return (struct interval){0, 1}; }
        return of_type((enum basic_type)v->k.j);
    case IR_COND:
    case IR_ISA:
    case IR_SUBTYPE: return (struct interval){0, 1};
    case IR_CMP3: return (struct interval){-1, 1};
    case IR_SHL:
    case IR_SHR:
    case IR_USHR: return of_shift(v, depth);
    case IR_MATH: return of_math(v, depth);
    case IR_SELECT: return join(interval_of(v->args[2], depth), interval_of(v->args[3], depth));
    case IR_ADD:
        a = interval_of(v->args[0], depth);
        b = interval_of(v->args[1], depth);
        return clip(a.lo + b.lo, a.hi + b.hi);
    case IR_SUB:
        a = interval_of(v->args[0], depth);
        b = interval_of(v->args[1], depth);
        return clip(a.lo - b.hi, a.hi - b.lo);
    case IR_MUL:
        a = interval_of(v->args[0], depth);
        b = interval_of(v->args[1], depth);
        return a.lo >= 0 && b.lo >= 0 ? clip(a.lo * b.lo, a.hi * b.hi) : all_ints;
    case IR_AND: return of_and(interval_of(v->args[0], depth), interval_of(v->args[1], depth));
    case IR_REM: return of_rem(interval_of(v->args[0], depth), v->args[1]);
    case IR_DIV:
        a = interval_of(v->args[0], depth);
        if (!ir_is_const(v->args[1]) || v->args[1]->k.j <= 0) { return all_ints; }
        return (struct interval){a.lo / v->args[1]->k.j, a.hi / v->args[1]->k.j};
    case IR_PHI: {
        if (v->n_args == 0 || v->n_args > 4) { return all_ints; }
        a = interval_of(v->args[0], depth);
        for (uint32_t i = 1; i < v->n_args; i++) { a = join(a, interval_of(v->args[i], depth)); }
        return a;
    }
    default: return all_ints;
    }
}

/* ---- induction variables ---- */

bool range_invariant(const struct ir_loop *l, const struct ir_value *v)
{
    return !v->block || !ir_loop_contains(l, v->block);
}

/* The frame of both: v = phi(init, next) in the header of its loop. */
static bool is_iv(struct ir_value *v, enum ir_type type, struct range_iv *iv)
{
    if (v->op != IR_PHI || v->type != type || v->n_args != 2) { return false; }
    struct ir_loop *l = v->block->loop;
    if (!l || l->header != v->block) { return false; }
    unsigned back = ir_loop_contains(l, v->block->preds[1]);
    struct ir_value *next = v->args[back];
    if (ir_loop_contains(l, v->block->preds[!back]) || next->op != IR_ADD) { return false; }
    *iv = (struct range_iv){
        .phi = v, .init = v->args[!back], .next = next, .loop = l, .latch = v->block->preds[back]};
    return true;
}

bool range_is_iv(struct ir_value *v, struct range_iv *iv)
{
    if (!is_iv(v, IR_I, iv)) { return false; }
    const struct ir_value *step = iv->next->args[1];
    if (iv->next->args[0] != v || !ir_is_const(step) || step->k.i == 0) { return false; }
    iv->step = step->k.i;
    return true;
}

struct ir_value *range_extended(struct ir_graph *g, struct ir_value *v)
{
    if (v->op == IR_CONV && v->type == IR_J && v->args[0]->type == IR_I) { return v->args[0]; }
    if (!ir_is_const(v) || v->k.j != (int32_t)v->k.j) { return NULL; }
    return ir_const_int(g, (int32_t)v->k.j);
}

bool range_is_long_iv(struct ir_graph *g, struct ir_value *v, struct range_iv *iv)
{
    if (!is_iv(v, IR_J, iv)) { return false; }
    unsigned self = iv->next->args[1] == v;
    struct ir_value *step = iv->next->args[!self];
    if (iv->next->args[self] != v || !range_invariant(iv->loop, step)) { return false; }
    iv->stride = range_extended(g, step);
    return iv->stride != NULL;
}

enum { WRAP_UNKNOWN, WRAP_ASKED, WRAP_NO, WRAP_MAYBE };

static bool prove(struct range *r, struct ir_value *a, struct ir_value *b, int64_t c,
                  struct range_at at, int depth);

static bool no_wrap(struct range *r, const struct range_iv *iv, int depth)
{
    uint32_t id = iv->phi->id;
    if (id >= r->n_ids) { return false; }
    if (r->wraps[id] == WRAP_UNKNOWN) {
        r->wraps[id] = WRAP_ASKED; /* asking again meanwhile: no */
        struct range_at at = range_end(iv->latch);
        bool ok = iv->step > 0 ? prove(r, iv->phi, NULL, MAX_INT - iv->step, at, depth)
                               : prove(r, NULL, iv->phi, iv->step - MIN_INT, at, depth);
        /* A failure may be for want of steps: only success is remembered. */
        r->wraps[id] = ok ? WRAP_NO : WRAP_UNKNOWN;
        return ok;
    }
    return r->wraps[id] == WRAP_NO;
}

bool range_no_wrap(struct range *r, const struct range_iv *iv)
{
    r->budget = BUDGET;
    return no_wrap(r, iv, MAX_DEPTH);
}

/* ---- the prover ---- */

/* Is the value the same one at the ends of block m's preds as it is below m? */
static bool older_than(const struct ir_value *v, const struct ir_block *m)
{
    return !v || (v->block && v->block != m && ir_dominates(v->block, m));
}

static bool prove_nonneg(struct range *r, struct ir_value *v, struct range_at at, int depth)
{
    return prove(r, NULL, v, 0, at, depth);
}

/* Both directions go through here: `upper`: v is a, bounded from above; else v is b, from below. */
static bool goal(struct range *r, bool upper, struct ir_value *v, struct ir_value *other, int64_t c,
                 struct range_at at, int depth)
{
    return upper ? prove(r, v, other, c, at, depth) : prove(r, other, v, c, at, depth);
}

static bool by_fact(struct range *r, bool upper, const struct range_fact *f, struct ir_value *v,
                    struct ir_value *other, int64_t c, struct range_at at, int depth)
{
    struct ir_value *y = f->other;
    switch (f->cond) {
    case IRC_EQ: return goal(r, upper, y, other, c, at, depth);
    case IRC_LT: return upper && prove(r, y, other, c + 1, at, depth);
    case IRC_LE: return upper && prove(r, y, other, c, at, depth);
    case IRC_GT: return !upper && prove(r, other, y, c + 1, at, depth);
    case IRC_GE: return !upper && prove(r, other, y, c, at, depth);
    case IRC_ULT:
    case IRC_ULE: /* 0 <= v < y, if y is not negative itself */
        if (!upper) { return prove(r, other, NULL, c, at, depth) && prove_nonneg(r, y, at, depth); }
        return prove(r, y, other, f->cond == IRC_ULT ? c + 1 : c, at, depth) &&
               prove_nonneg(r, y, at, depth);
    case IRC_NE: { /* at the end of its range: one less */
        if (!ir_is_const(y)) { return false; }
        struct interval i = interval_of(v, 4);
        if (upper && i.hi == y->k.i) { return prove(r, NULL, other, c - (i.hi - 1), at, depth); }
        if (!upper && i.lo == y->k.i) { return prove(r, other, NULL, c + i.lo + 1, at, depth); }
        return false;
    }
    default: return false;
    }
}

static bool by_sum(struct range *r, bool upper, struct ir_value *v, struct ir_value *other,
                   int64_t c, struct range_at at, int depth)
{
    struct ir_value *x = v->args[0];
    if (!ir_is_const(v->args[1])) { return false; }
    int64_t k = v->args[1]->k.i;
    /* A sum that wraps lands on the other side, which is as good; otherwise it must not wrap. */
    bool harmless = upper ? k > 0 : k < 0;
    if (!harmless) {
        bool fits = k > 0 ? prove(r, x, NULL, MAX_INT - k, at, depth)
                          : prove(r, NULL, x, k - MIN_INT, at, depth);
        if (!fits) { return false; }
    }
    return goal(r, upper, x, other, upper ? c - k : c + k, at, depth);
}

static bool by_phi(struct range *r, bool upper, struct ir_value *v, struct ir_value *other,
                   int64_t c, struct range_at at, int depth)
{
    struct range_iv iv;
    if (range_is_iv(v, &iv) && (upper ? iv.step < 0 : iv.step > 0) &&
        goal(r, upper, iv.init, other, c, at, depth) && no_wrap(r, &iv, depth)) {
        return true;
    }
    if (v->n_args > 4 || !older_than(other, v->block)) { return false; }
    for (uint32_t i = 0; i < v->n_args; i++) {
        if (v->args[i] == v) { continue; }
        if (!goal(r, upper, v->args[i], other, c, range_end(v->block->preds[i]), depth - 2)) {
            return false;
        }
    }
    return true;
}

static bool by_definition(struct range *r, bool upper, struct ir_value *v, struct ir_value *other,
                          int64_t c, struct range_at at, int depth)
{
    struct ir_value *x = v->n_args ? v->args[0] : NULL, *y = v->n_args > 1 ? v->args[1] : NULL;
    switch (v->op) {
    case IR_ADD: return by_sum(r, upper, v, other, c, at, depth);
    case IR_PHI: return by_phi(r, upper, v, other, c, at, depth);
    case IR_SELECT:
        return goal(r, upper, v->args[2], other, c, at, depth) &&
               goal(r, upper, v->args[3], other, c, at, depth);
    case IR_MATH:
        if (v->k.j == (upper ? IRM_MIN : IRM_MAX)) {
            return goal(r, upper, x, other, c, at, depth) || goal(r, upper, y, other, c, at, depth);
        }
        if (v->k.j == (upper ? IRM_MAX : IRM_MIN)) {
            return goal(r, upper, x, other, c, at, depth) && goal(r, upper, y, other, c, at, depth);
        }
        return false;
    case IR_SHR: /* halves of what is not negative */
    case IR_USHR:
    case IR_DIV:
        if (v->op == IR_DIV && (!ir_is_const(v->args[1]) || v->args[1]->k.j <= 0)) { return false; }
        if (!prove_nonneg(r, x, at, depth)) { return false; }
        return upper ? prove(r, x, other, c, at, depth) : prove(r, other, NULL, c, at, depth);
    case IR_REM:
        if (!upper) { return prove(r, other, NULL, c, at, depth) && prove_nonneg(r, x, at, depth); }
        return (prove(r, y, other, c + 1, at, depth) && prove(r, NULL, y, -1, at, depth)) ||
               (prove(r, x, other, c, at, depth) && prove_nonneg(r, x, at, depth));
    case IR_AND: /* x & y <= y if that is not negative; and then it is not, either */
        for (unsigned i = 0; i < 2; i++) {
            if (!(upper ? prove(r, v->args[i], other, c, at, depth)
                        : prove(r, other, NULL, c, at, depth))) {
                continue;
            }
            if (prove_nonneg(r, v->args[i], at, depth)) { return true; }
        }
        return false;
    case IR_SUB: /* 0 <= y <= x: 0 <= x - y <= x */
        if (upper) {
            return prove(r, x, other, c, at, depth) && prove_nonneg(r, y, at, depth) &&
                   prove(r, NULL, x, 1, at, depth);
        }
        return prove(r, other, NULL, c, at, depth) && prove_nonneg(r, y, at, depth) &&
               prove(r, y, x, 0, at, depth);
    default: return false;
    }
}

static bool bound(struct range *r, bool upper, struct ir_value *v, struct ir_value *other,
                  int64_t c, struct range_at at, int depth)
{
    for (const struct range_fact *f = range_facts(r, v); f; f = f->next) {
        if (range_holds(f, at) && by_fact(r, upper, f, v, other, c, at, depth)) { return true; }
    }
    return by_definition(r, upper, v, other, c, at, depth);
}

static bool prove(struct range *r, struct ir_value *a, struct ir_value *b, int64_t c,
                  struct range_at at, int depth)
{
    if (a && ir_is_const(a)) {
        c -= a->k.i;
        a = NULL;
    }
    if (b && ir_is_const(b)) {
        c += b->k.i;
        b = NULL;
    }
    if (a == b) { return c >= 0; }
    int64_t hi = a ? interval_of(a, 5).hi : 0, lo = b ? interval_of(b, 5).lo : 0;
    if (hi - lo <= c) { return true; }
    if (depth <= 0 || --r->budget < 0) { return false; }
    return (a && bound(r, true, a, b, c, at, depth - 1)) ||
           (b && bound(r, false, b, a, c, at, depth - 1));
}

bool range_prove(struct range *r, struct ir_value *a, struct ir_value *b, int64_t c,
                 struct range_at at)
{
    r->budget = BUDGET;
    return prove(r, a, b, c, at, MAX_DEPTH);
}

int range_cond(struct range *r, enum ir_cond c, struct ir_value *a, struct ir_value *b,
               struct range_at at)
{
    if (a->type != IR_I) { return -1; }
    switch (c) {
    case IRC_LT: return range_prove(r, a, b, -1, at) ? 1 : range_prove(r, b, a, 0, at) ? 0 : -1;
    case IRC_LE: return range_prove(r, a, b, 0, at) ? 1 : range_prove(r, b, a, -1, at) ? 0 : -1;
    case IRC_GT: return range_cond(r, IRC_LT, b, a, at);
    case IRC_GE: return range_cond(r, IRC_LE, b, a, at);
    case IRC_EQ:
    case IRC_NE:
        return range_prove(r, a, b, -1, at) || range_prove(r, b, a, -1, at) ? c == IRC_NE : -1;
    case IRC_ULT: /* both not negative: as signed */
        return range_prove(r, a, b, -1, at) && range_prove(r, NULL, a, 0, at) ? 1 : -1;
    case IRC_ULE: return range_prove(r, a, b, 0, at) && range_prove(r, NULL, a, 0, at) ? 1 : -1;
    case IRC_UGT: return range_cond(r, IRC_ULT, b, a, at);
    case IRC_UGE: return range_cond(r, IRC_ULE, b, a, at);
    default: return -1;
    }
}
