/*
 * pass_emptyloop.c - removes counted loops that do nothing.
 *
 *      P -> H: i = phi(i0, i + s), sum = phi(sum0, sum + c)         P: trips = (n - i0) / s, rounded up
 *           if (i < n) -> ... pure operations, poll -> H      =>       i' = i0 + trips * s, sum' = sum0 + trips * c
 *              else -> exit                                            -> exit
 *
 * The loop must be one that ends, by one test that each iteration passes, of an induction variable with a constant step against
 * an invariant limit:
 *
 *   <, <=, >, >=   in the step's direction. The value that ends the loop must be one of the type: `i <= n` never ends if n is
 *                  MAX_VALUE. That is proven, or checked in front of the loop (EXIT_LOOP_CHECK), then as far outside as the limit
 *                  is known, so that the loop around may go as well
 *   !=             modulo 2^n: trips * s = limit - i0. An odd s has an inverse, so there always is a solution; an even one needs a
 *                  distance of as many zeros at the end, which is checked
 *
 * What is used behind it must have a closed form: sums that grow by the same in each iteration, as linear.h sees them, simple
 * operations on them, and what the last iteration made of either. Everything wraps around as Java's arithmetic does, so the number of
 * iterations is only needed modulo 2^n; it is of the induction variable's type, and unsigned.
 *
 * One loop a round, inner ones first: then the loop around it may be empty, too. Needs: licm and rangecheck before it, which take out
 * limits and checks; strip behind it, whose loops have two tests. Cost: one look at the blocks in loops where there is
 * nothing to remove.
 */
#include <stdlib.h>
#include "jit/jit.h"
#include "jit/linear.h"
#include "jit/memory.h"
#include "jit/passes.h"
#include "jit/range.h"

#define MAX_RESULTS 16
#define DEPTH       4 /* operations of a result on top of each other */
#define MAX_ROUNDS  100

struct empty_loop {
    struct ir_graph *g;
    struct range *r;
    struct ir_loop *l;
    struct ir_block *pre, *header, *test;
    unsigned back;  /* of the header's preds */
    unsigned leave; /* of the test's successors */
    struct ir_value *iv, *limit;
    int64_t step, offset;   /* iv + offset is tested, */
    enum ir_cond cond;      /* (iv + offset) cond limit: stays */
    struct ir_value *first; /* tested value */
    struct ir_value *last;  /* the one that leaves; NULL: as `trips` make it */
    struct ir_value *trips;
    struct ir_block code; /* what goes in front of the loop; not a block of the graph */
    bool checks;          /* leave in front of the loop unless checked `check` against */
    enum ir_cond check;
    struct ir_value *checked, *against;
    struct ir_value *from[MAX_RESULTS], *to[MAX_RESULTS];
    unsigned n_results;
    bool failed;
};

/* ---- is it empty? ---- */

static bool does_nothing(const struct ir_value *v)
{
    switch (v->op) {
    case IR_PHI:
    case IR_POLL:
    case IR_GOTO:
    case IR_IF:
    case IR_SWITCH: return true;
    case IR_RT: return memory_helper_flags(v->index) == H_PURE;
    default: return (ir_flags(v) & IRF_PURE) || memory_is_plain_load(v);
    }
}

/* Marks the headers of loops that do something; false if all do. */
static bool find_candidates(struct ir_graph *g)
{
    for (struct ir_loop *l = g->loops; l; l = l->next) { l->header->mark = false; }
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        if (!b->loop || b->loop->header->mark) { continue; }
        const struct ir_value *v = b->first;
        while (v && does_nothing(v)) { v = v->next; }
        for (struct ir_loop *l = v ? b->loop : NULL; l; l = l->outer) { l->header->mark = true; }
    }
    for (struct ir_loop *l = g->loops; l; l = l->next) {
        if (!l->header->mark) { return true; }
    }
    return false;
}

/* One back edge, no cycle inside (it might be one that does not end), one way out, which each iteration comes by. */
static bool find_shape(struct empty_loop *e)
{
    e->header = e->l->header;
    e->pre = ir_loop_preheader(e->l);
    if (!e->pre || e->header->n_preds != 2) { return false; }
    e->back = e->header->preds[0] == e->pre;
    for (struct ir_block *b = e->g->blocks; b; b = b->next) {
        if (!ir_loop_contains(e->l, b)) { continue; }
        for (unsigned i = 0; i < b->n_succs; i++) {
            struct ir_block *s = b->succs[i];
            if (!ir_loop_contains(e->l, s)) {
                if (e->test) { return false; }
                e->test = b;
                e->leave = i;
            } else if (s->order <= b->order && s != e->header) {
                return false;
            }
        }
    }
    return e->test && e->test->last->op == IR_IF &&
           ir_dominates(e->test, e->header->preds[e->back]);
}

static int64_t constant_of(const struct linear *d, enum ir_type type)
{
    return type == IR_J ? (int64_t)d->constant : (int32_t)d->constant;
}

/* A PHI of the header that grows by *d in each iteration, which is the same in all of them. */
static bool is_linear(const struct empty_loop *e, struct ir_value *phi, struct linear *d)
{
    if (phi->type != IR_I && phi->type != IR_J) { return false; }
    if (!linear_difference(d, phi->args[e->back], phi)) { return false; }
    for (unsigned i = 0; i < d->n; i++) {
        if (!range_invariant(e->l, d->terms[i].value)) { return false; }
    }
    return true;
}

/* tested = iv + offset */
static bool find_iv(struct empty_loop *e, struct ir_value *tested)
{
    struct linear d;
    for (struct ir_value *phi = e->header->first; phi->op == IR_PHI; phi = phi->next) {
        if (phi->type != tested->type || !is_linear(e, phi, &d) || d.n) { continue; }
        e->step = constant_of(&d, phi->type);
        if (!e->step || !linear_difference(&d, tested, phi) || d.n) { continue; }
        e->iv = phi;
        e->offset = constant_of(&d, phi->type);
        return true;
    }
    return false;
}

static bool find_test(struct empty_loop *e)
{
    struct ir_value *t = e->test->last;
    for (unsigned side = 0; side < 2; side++) {
        e->limit = t->args[!side];
        if (!range_invariant(e->l, e->limit) || !find_iv(e, t->args[side])) { continue; }
        e->cond = side ? ir_cond_swap(t->cond) : t->cond;
        if (e->leave == 0) { e->cond ^= 1; }
        return true;
    }
    return false;
}

/* ---- code in front of the loop ---- */

static struct ir_value *emit(struct empty_loop *e, struct ir_value *v)
{
    struct ir_value *s = ir_simplify(e->g, v);
    if (s != v) { return s; }
    v->bci = e->test->last->bci;
    ir_append(&e->code, v);
    return v;
}

static struct ir_value *binary(struct empty_loop *e, enum ir_op op, struct ir_value *x,
                               struct ir_value *y)
{
    return emit(e, ir_value_new(e->g, op, x->type, 2, x, y));
}

static struct ir_value *with_constant(struct empty_loop *e, enum ir_op op, struct ir_value *x,
                                      int64_t c)
{
    bool shift = op == IR_SHL || op == IR_USHR;
    return binary(e, op, x, ir_const(e->g, shift ? IR_I : (enum ir_type)x->type, c));
}

static struct ir_value *convert(struct empty_loop *e, enum ir_type to, struct ir_value *x)
{
    return emit(e, ir_value_new(e->g, IR_CONV, to, 1, x));
}

static struct ir_value *extremum(struct empty_loop *e, enum ir_math which, struct ir_value *x,
                                 struct ir_value *y)
{
    struct ir_value *v = ir_value_new(e->g, IR_MATH, x->type, 2, x, y);
    v->k.j = which;
    return emit(e, v);
}

/* x if a c b, else y */
static struct ir_value *choose(struct empty_loop *e, enum ir_cond c, struct ir_value *a,
                               struct ir_value *b, struct ir_value *x, struct ir_value *y)
{
    struct ir_value *v = ir_value_new(e->g, IR_SELECT, x->type, 4, a, b, x, y);
    v->cond = (uint8_t)c;
    return emit(e, v);
}

/* ---- does it end? ---- */

static bool is_long(const struct empty_loop *e) { return e->iv->type == IR_J; }
static int64_t max_of(const struct empty_loop *e) { return is_long(e) ? INT64_MAX : INT32_MAX; }
static int64_t min_of(const struct empty_loop *e) { return is_long(e) ? INT64_MIN : INT32_MIN; }

/* Does the limit itself end the loop? */
static bool excludes_limit(const struct empty_loop *e)
{
    return e->cond == IRC_LT || e->cond == IRC_GT;
}

/* Between constants: is the value that ends the loop one of the type? */
static bool ends_exactly(const struct empty_loop *e)
{
    __int128 first = e->first->k.j, limit = e->limit->k.j, step = e->step;
    __int128 distance = step > 0 ? limit - first : first - limit, stride = step > 0 ? step : -step;
    if (!excludes_limit(e)) { distance++; }
    if (distance <= 0) { return true; }
    __int128 last = first + (distance + stride - 1) / stride * step;
    return last >= min_of(e) && last <= max_of(e);
}

/* limit <= bound (up), limit >= bound (down)? */
static bool limit_is_known(struct empty_loop *e, bool up, int64_t bound)
{
    if (bound == (up ? max_of(e) : min_of(e))) { return true; }
    struct range_at at = range_end(e->pre);
    if (!is_long(e)) {
        return up ? range_prove(e->r, e->limit, NULL, bound, at)
                  : range_prove(e->r, NULL, e->limit, -bound, at);
    }
    if (ir_is_const(e->limit)) { return up ? e->limit->k.j <= bound : e->limit->k.j >= bound; }
    return range_extended(e->g, e->limit) && (up ? bound >= INT32_MAX : bound <= INT32_MIN);
}

/* Leave in front of the loop unless x c y; false: that is not possible. */
static bool check(struct empty_loop *e, enum ir_cond c, struct ir_value *x, struct ir_value *y)
{
    int known = ir_fold_cond(c, x, y);
    if (known >= 0) { return known; }
    if (!range_may_guard_in_front(e->pre)) { return false; }
    e->checks = true;
    e->check = c;
    e->checked = x;
    e->against = y;
    return true;
}

static bool ends(struct empty_loop *e)
{
    if (e->step == min_of(e)) { return false; }
    if (ir_is_const(e->first) && ir_is_const(e->limit)) { return ends_exactly(e); }
    bool up = e->step > 0;
    int64_t slack = excludes_limit(e) ? 1 : 0;
    int64_t bound = up ? max_of(e) - e->step + slack : min_of(e) - e->step - slack;
    return limit_is_known(e, up, bound) ||
           check(e, up ? IRC_LE : IRC_GE, e->limit, ir_const(e->g, e->iv->type, bound));
}

/* ---- how many iterations? ---- */

/* By ones: the last value tested is the limit, or the first one. */
static void count_ones(struct empty_loop *e)
{
    bool up = e->step > 0;
    struct ir_value *stop =
        excludes_limit(e) ? e->limit : with_constant(e, IR_ADD, e->limit, e->step);
    e->last = extremum(e, up ? IRM_MAX : IRM_MIN, e->first, stop);
    e->trips = up ? binary(e, IR_SUB, e->last, e->first) : binary(e, IR_SUB, e->first, e->last);
}

/* Of ints the distance is a long, which it always fits in: below 0 it counts as 0. */
static struct ir_value *count_int_steps(struct empty_loop *e, struct ir_value *low,
                                        struct ir_value *high, int64_t stride)
{
    struct ir_value *d = binary(e, IR_SUB, convert(e, IR_J, high), convert(e, IR_J, low));
    d = with_constant(e, IR_ADD, d, excludes_limit(e) ? stride - 1 : stride);
    d = extremum(e, IRM_MAX, d, ir_const(e->g, IR_J, 0));
    return convert(e, IR_I, with_constant(e, IR_DIV, d, stride));
}

/* As Long.divideUnsigned does it; stride >= 2. */
static struct ir_value *divide_unsigned(struct empty_loop *e, struct ir_value *d, int64_t stride)
{
    struct ir_value *half = with_constant(e, IR_USHR, d, 1);
    struct ir_value *q = with_constant(e, IR_SHL, with_constant(e, IR_DIV, half, stride), 1);
    struct ir_value *rest = binary(e, IR_SUB, d, with_constant(e, IR_MUL, q, stride));
    struct ir_value *more =
        ir_value_new(e->g, IR_COND, IR_I, 2, rest, ir_const(e->g, IR_J, stride));
    more->cond = IRC_UGE;
    return binary(e, IR_ADD, q, convert(e, IR_J, emit(e, more)));
}

/* The distance is unsigned, where there is one at all. */
static struct ir_value *count_long_steps(struct empty_loop *e, struct ir_value *low,
                                         struct ir_value *high, int64_t stride)
{
    struct ir_value *d = binary(e, IR_SUB, high, low);
    if (excludes_limit(e)) { d = with_constant(e, IR_ADD, d, -1); }
    struct ir_value *n = with_constant(e, IR_ADD, divide_unsigned(e, d, stride), 1);
    return choose(e, e->cond, e->first, e->limit, n, ir_const(e->g, IR_J, 0));
}

static bool count_ordered(struct empty_loop *e)
{
    if (!ends(e)) { return false; }
    bool up = e->step > 0;
    int64_t stride = up ? e->step : -e->step;
    struct ir_value *low = up ? e->first : e->limit, *high = up ? e->limit : e->first;
    if (stride == 1) {
        count_ones(e);
    } else if (is_long(e)) {
        e->trips = count_long_steps(e, low, high, stride);
    } else {
        e->trips = count_int_steps(e, low, high, stride);
    }
    return true;
}

/* Modulo 2^64. Each round doubles the bits that are right; x is its own inverse modulo 8. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 5; i++) { x *= 2 - odd * x; }
    return x;
}

/* The smallest k with first + k * step = limit, modulo 2^n. */
static bool count_to_equal(struct empty_loop *e)
{
    unsigned zeros = (unsigned)__builtin_ctzll((uint64_t)e->step);
    struct ir_value *d = binary(e, IR_SUB, e->limit, e->first),
                    *zero = ir_const(e->g, e->iv->type, 0);
    if (zeros) {
        uint64_t low = (UINT64_C(1) << zeros) - 1;
        struct ir_value *rest = with_constant(e, IR_AND, d, (int64_t)low);
        if (!check(e, IRC_EQ, rest, zero)) { return false; }
        d = with_constant(e, IR_USHR, d, zeros);
    }
    e->trips = with_constant(e, IR_MUL, d, (int64_t)inverse((uint64_t)(e->step >> zeros)));
    if (zeros) {
        uint64_t mask = (is_long(e) ? UINT64_MAX : UINT32_MAX) >> zeros;
        e->trips = with_constant(e, IR_AND, e->trips, (int64_t)mask);
    }
    e->last = e->limit;
    return true;
}

static bool count_trips(struct empty_loop *e)
{
    e->first = with_constant(e, IR_ADD, e->iv->args[!e->back], e->offset);
    switch (e->cond) {
    case IRC_NE: return count_to_equal(e);
    case IRC_LT:
    case IRC_LE: return e->step > 0 && count_ordered(e);
    case IRC_GT:
    case IRC_GE: return e->step < 0 && count_ordered(e);
    default: return false;
    }
}

/* ---- what is used behind the loop ---- */

static struct ir_value *as_type(struct empty_loop *e, struct ir_value *trips, enum ir_type type)
{
    if (trips->type == type) { return trips; }
    trips = convert(e, type, trips);
    return type == IR_J ? with_constant(e, IR_AND, trips, UINT32_MAX) : trips;
}

static struct ir_value *linear_at(struct empty_loop *e, struct ir_value *phi,
                                  const struct linear *d, struct ir_value *trips)
{
    struct ir_value *by = ir_const(e->g, phi->type, (int64_t)d->constant);
    for (unsigned i = 0; i < d->n; i++) {
        struct ir_value *term =
            with_constant(e, IR_MUL, d->terms[i].value, (int64_t)d->terms[i].factor);
        by = binary(e, IR_ADD, by, term);
    }
    by = binary(e, IR_MUL, as_type(e, trips, phi->type), by);
    return binary(e, IR_ADD, phi->args[!e->back], by);
}

static struct ir_value *value_at(struct empty_loop *e, struct ir_value *v, struct ir_value *trips,
                                 int depth);

static struct ir_value *phi_at(struct empty_loop *e, struct ir_value *phi, struct ir_value *trips,
                               int depth)
{
    struct linear d;
    if (phi == e->iv && trips == e->trips && e->last) {
        return with_constant(e, IR_ADD, e->last, -e->offset);
    }
    if (is_linear(e, phi, &d)) { return linear_at(e, phi, &d, trips); }
    if (phi->type == IR_R) { return NULL; }
    struct ir_value *before = with_constant(e, IR_ADD, trips, -1);
    struct ir_value *again = value_at(e, phi->args[e->back], before, depth - 1);
    if (!again) { return NULL; }
    struct ir_value *zero = ir_const(e->g, e->iv->type, 0);
    return choose(e, IRC_EQ, trips, zero, phi->args[!e->back], again);
}

/* A value of the iteration that `trips` others precede; NULL: it is not known. */
static struct ir_value *value_at(struct empty_loop *e, struct ir_value *v, struct ir_value *trips,
                                 int depth)
{
    if (range_invariant(e->l, v)) { return v; }
    if (depth == 0) { return NULL; }
    if (v->op == IR_PHI) { return v->block == e->header ? phi_at(e, v, trips, depth) : NULL; }
    if (!ir_is_simple(v)) { return NULL; }
    struct ir_value *args[2] = {NULL, NULL};
    for (uint32_t i = 0; i < v->n_args; i++) {
        args[i] = value_at(e, v->args[i], trips, depth - 1);
        if (!args[i]) { return NULL; }
    }
    struct ir_value *copy = ir_value_newv(e->g, v->op, v->type, v->n_args, args);
    copy->k = v->k;
    return emit(e, copy);
}

static struct ir_value *result_of(const struct empty_loop *e, const struct ir_value *v)
{
    for (unsigned i = 0; i < e->n_results; i++) {
        if (e->from[i] == v) { return e->to[i]; }
    }
    return NULL;
}

static void need_result(struct ir_value **use, void *arg)
{
    struct empty_loop *e = arg;
    if (e->failed || range_invariant(e->l, *use) || result_of(e, *use)) { return; }
    struct ir_value *v = e->n_results < MAX_RESULTS ? value_at(e, *use, e->trips, DEPTH) : NULL;
    if (!v) {
        e->failed = true;
        return;
    }
    e->from[e->n_results] = *use;
    e->to[e->n_results++] = v;
}

static void use_result(struct ir_value **use, void *arg)
{
    struct ir_value *v = result_of(arg, *use);
    if (v) { *use = v; }
}

static void for_each_use_outside(struct empty_loop *e, void (*f)(struct ir_value **, void *))
{
    for (struct ir_block *b = e->g->blocks; b && !e->failed; b = b->next) {
        if (ir_loop_contains(e->l, b)) { continue; }
        for (struct ir_value *v = b->first; v; v = v->next) { ir_for_each_use(v, f, e); }
        ir_for_each_state_use(b->exit_state, f, e);
    }
}

/* ---- the change ---- */

/* Into the preheader, or that of the outermost loop in which it is the same each time: only then the loop around the empty one may
 * find that its sums grow evenly. */
static void place(const struct empty_loop *e, struct ir_value *v)
{
    struct ir_block *at = e->pre;
    for (const struct ir_loop *l = e->l->outer; l; l = l->outer) {
        struct ir_block *pre = ir_loop_preheader(l);
        bool same = pre != NULL;
        for (uint32_t i = 0; i < v->n_args; i++) { same &= range_invariant(l, v->args[i]); }
        if (!same) { break; }
        at = pre;
    }
    ir_insert_before(at->last, v);
}

static void place_check(const struct empty_loop *e)
{
    struct ir_block *at = e->pre;
    for (const struct ir_loop *l = e->l->outer; l; l = l->outer) {
        struct ir_block *pre = ir_loop_preheader(l);
        if (!range_invariant(l, e->checked) || !range_may_guard_in_front(pre) ||
            !ir_loop_always_passes(l, e->pre)) {
            break;
        }
        at = pre;
    }
    range_guard_in_front(e->r, at, e->check, e->checked, e->against, EXIT_LOOP_CHECK);
}

static void remove_loop(struct empty_loop *e)
{
    struct ir_block *pre = e->pre, *exit = e->test->succs[e->leave];
    for_each_use_outside(e, use_result);
    while (e->code.first) {
        struct ir_value *v = e->code.first;
        ir_remove(v);
        place(e, v);
    }
    if (e->checks) { place_check(e); }
    exit->preds[ir_pred_index(e->test, e->leave)] = pre; /* in place: PHIs keep their order */
    pre->succs[0] = exit;
    pre->exit_state = NULL; /* there is no loop behind it */
    e->test->n_succs = 0;   /* nothing jumps to it any more: ir_order drops it */
}

static bool remove_if_empty(struct ir_graph *g, struct range *r, struct ir_loop *l)
{
    struct empty_loop e = {.g = g, .r = r, .l = l};
    if (l->header->mark || !find_shape(&e) || !find_test(&e) || !count_trips(&e)) { return false; }
    for_each_use_outside(&e, need_result);
    if (e.failed) { return false; }
    remove_loop(&e);
    return true;
}

static bool remove_one(struct ir_graph *g)
{
    ir_analyse(g);
    if (!find_candidates(g)) { return false; }
    struct range r;
    range_init(&r, g);
    struct ir_loop *l = g->loops;
    while (l && !remove_if_empty(g, &r, l)) { l = l->next; }
    range_free(&r);
    return l != NULL;
}

void pass_emptyloop(struct ir_graph *g)
{
    ir_clean_copies(g);
    for (int i = 0; i < MAX_ROUNDS && remove_one(g); i++) {}
    ir_order(g);
}
