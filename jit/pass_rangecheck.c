/*
 * pass_rangecheck.c - removes index checks that never fail, and lets loops check once instead of at each iteration.
 *
 * First: every GUARD and IF on ints is put to the prover of range.h; what is decided goes.
 *
 * Then, loop predication (as HotSpot's): a check  i + c <u len  in a loop, with i an induction variable that the loop compares
 * with an invariant limit (i < limit, say) and len invariant, holds in all iterations if
 *
 *      init + c >= 0                the first index         (where it isn't known)
 *      limit - 1 + c < len          the last one
 *      limit + step does not wrap
 *
 * A long that an int is added to is an induction variable too, where its limit is an int: i = (int)l is checked in the same way, and
 * the int that is added has to be positive.
 *
 * These are checked at the end of the preheader, in signed arithmetic that does not overflow. They hold trivially for
 * loops that don't run at all, in the usual case limit <= len. If one fails, the code leaves (EXIT_LOOP_CHECK) and the
 * interpreter runs the loop; where that happened before (jit_trapped), and for checks that have failed (VALUE_COLD) or
 * are not passed by most iterations, nothing is done.
 *
 * Needs: preheaders with exit states; licm before it (lengths outside the loop). Cost: a bounded number of steps a check.
 */
#include <stdlib.h>
#include "jit/jit.h"
#include "jit/passes.h"
#include "jit/range.h"

/* ---- what the prover decides ---- */

static bool decide(struct range *r, struct ir_value *v)
{
    int known = range_cond(r, v->cond, v->args[0], v->args[1], range_before(v));
    if (known < 0) { return false; }
    if (v->op == IR_IF) {
        ir_make_goto(r->g, v->block, known ? 0 : 1);
    } else if (v->op == IR_COND) {
        ir_replace(v, ir_const_int(r->g, known));
    } else if (known) {
        ir_remove(v);
    }
    return true; /* a guard that always fails: left to gvn, which finds most of them */
}

/* x & (len - 1) <u len  is  len != 0: the index of a hash table. */
static void simplify_mask_check(struct range *r, struct ir_value *v)
{
    if (v->cond == IRC_UGT) {
        struct ir_value *t = v->args[0];
        v->args[0] = v->args[1];
        v->args[1] = t;
        v->cond = IRC_ULT;
    }
    struct ir_value *e = v->args[0], *len = v->args[1];
    if (v->cond != IRC_ULT || e->op != IR_AND || ir_is_const(len)) { return; }
    for (unsigned i = 0; i < 2; i++) {
        struct ir_value *m = e->args[i];
        if (m->op == IR_ADD && m->args[0] == len && ir_is_const(m->args[1]) &&
            m->args[1]->k.i == -1 && range_prove(r, NULL, len, 0, range_before(v))) {
            v->cond = IRC_NE;
            v->args[0] = len;
            v->args[1] = ir_const_int(r->g, 0);
            return;
        }
    }
}

/* ---- predication ---- */

/* A check `value + c` <u `len` in a loop, and the limit that its induction variable stays below (step > 0) or above. */
struct predicate {
    struct range *r;
    struct range_iv iv;
    struct ir_block *pre;
    struct ir_value *limit,
        *len;      /* ints; of a long induction variable: what the limit is the extension of */
    int64_t c;     /* index = iv + c */
    int64_t slack; /* iv <= limit + slack, or iv >= limit + slack */
};

/* Preheader: leave unless a <= b + k (NULL = 0). Nothing to do if that is known. */
static bool require(struct predicate *p, struct ir_value *a, struct ir_value *b, int64_t k,
                    bool emit)
{
    struct ir_graph *g = p->r->g;
    struct ir_block *pre = p->pre;
    if (a && ir_is_const(a)) {
        k -= a->k.i;
        a = NULL;
    }
    if (b && ir_is_const(b)) {
        k += b->k.i;
        b = NULL;
    }
    if (range_prove(p->r, a, b, k, range_end(pre))) { return true; }
    if (!a && !b) { return false; }
    struct ir_value *x = a, *y = b;
    enum ir_cond c = IRC_LE;
    if (!b) { /* a <= k */
        if (k < INT32_MIN || k > INT32_MAX) { return k > 0; }
        y = ir_const_int(g, (int32_t)k);
    } else if (!a) { /* b >= -k */
        if (-k < INT32_MIN || -k > INT32_MAX) { return k > 0; }
        x = b;
        y = ir_const_int(g, (int32_t)-k);
        c = IRC_GE;
    } else if (k == -1) {
        c = IRC_LT;
    }
    if (!emit) { return true; }
    if (a && b && k != 0 && k != -1) { /* in longs */
        x = ir_widen(g, pre->last, a);
        y = ir_value_new(g, IR_ADD, IR_J, 2, ir_widen(g, pre->last, b), ir_const(g, IR_J, k));
        y->bci = pre->last->bci;
        ir_insert_before(pre->last, y);
    }
    range_guard_in_front(p->r, pre, c, x, y, EXIT_LOOP_CHECK);
    return true;
}

/* The same for a long induction variable, whose limit is an int: 1 <= stride, 0 <= init + c, limit + slack + c < len. */
static bool require_all_long(struct predicate *p, bool emit)
{
    struct ir_graph *g = p->r->g;
    struct ir_value *init = range_extended(g, p->iv.init);
    if (!require(p, NULL, p->iv.stride, -1, emit)) { return false; }
    if (!require(p, p->limit, p->len, -1 - p->c - p->slack, emit)) { return false; }
    if (init) { return require(p, NULL, init, p->c, emit); }
    if (emit) {
        range_guard_in_front(p->r, p->pre, IRC_GE, p->iv.init, ir_const(g, IR_J, -p->c),
                             EXIT_LOOP_CHECK);
    }
    return true;
}

/* All that is to be checked in front of the loop; emit false: only whether that can be done. */
static bool require_all(struct predicate *p, bool emit)
{
    if (p->iv.stride) { return require_all_long(p, emit); }
    int64_t s = p->iv.step;
    bool up = s > 0;
    struct ir_value *low = up ? p->iv.init : p->limit, *high = up ? p->limit : p->iv.init;
    int64_t low_k = p->c + (up ? 0 : p->slack), high_k = p->c + (up ? p->slack : 0);
    if (!require(p, NULL, low, low_k, emit)) { return false; }          /* 0 <= low + low_k */
    if (!require(p, high, p->len, -1 - high_k, emit)) { return false; } /* high + high_k < len */
    if (range_no_wrap(p->r, &p->iv)) { return true; }
    return up ? require(p, p->limit, NULL, INT32_MAX - s - p->slack, emit)
              : require(p, NULL, p->limit, p->slack + s - INT32_MIN, emit);
}

/* A limit for the induction variable that holds at the check and at the back edge. */
static bool find_limit(struct predicate *p, const struct ir_value *check)
{
    for (struct range_fact *f = range_facts(p->r, p->iv.phi); f; f = f->next) {
        bool up = p->iv.step > 0 || p->iv.stride;
        if (!ir_loop_contains(p->iv.loop, f->block) || !range_invariant(p->iv.loop, f->other) ||
            !range_holds(f, range_before(check)) || !range_holds(f, range_end(p->iv.latch))) {
            continue;
        }
        if (f->cond == (up ? IRC_LT : IRC_GT)) {
            p->slack = up ? -1 : 1;
        } else if (f->cond == (up ? IRC_LE : IRC_GE)) {
            p->slack = 0;
        } else if (f->cond == IRC_NE && (p->iv.step == 1 || p->iv.step == -1) &&
                   range_prove(p->r, up ? p->iv.init : f->other, up ? f->other : p->iv.init, 0,
                               range_end(p->pre))) {
            p->slack = up ? -1 : 1; /* reaches it, does not jump over it */
        } else {
            continue;
        }
        p->limit = p->iv.stride ? range_extended(p->r->g, f->other) : f->other;
        if (!p->limit) { continue; }
        return true;
    }
    return false;
}

/* i, or i + constant, of an induction variable of a loop around the check. */
static bool find_iv(struct predicate *p, struct ir_value *index, const struct ir_value *check)
{
    p->c = 0;
    if (index->op == IR_ADD && ir_is_const(index->args[1])) {
        p->c = index->args[1]->k.i;
        index = index->args[0];
    }
    bool is_iv = index->op == IR_CONV && index->args[0]->type == IR_J
                     ? range_is_long_iv(p->r->g, index->args[0], &p->iv)
                     : range_is_iv(index, &p->iv);
    return is_iv && ir_loop_contains(p->iv.loop, check->block);
}

static bool worth_it(const struct predicate *p, const struct ir_value *check)
{
    if (ir_dominates(check->block, p->iv.latch)) { return true; }
    return check->block->freq >= p->iv.phi->block->freq * 0.5;
}

/* Behind the check the int that a long was narrowed to is that long: as an index it need not be extended again. */
static void index_by_long(const struct range *r, struct ir_value *check)
{
    struct ir_value *index = check->args[0];
    if (index->op != IR_CONV || index->args[0]->type != IR_J) { return; }
    for (struct ir_block *b = r->g->blocks; b; b = b->next) {
        if (!ir_dominates(check->block, b)) { continue; }
        for (struct ir_value *v = b == check->block ? check : b->first; v; v = v->next) {
            bool element = v->op == IR_LOADX || v->op == IR_STOREX;
            if (element && v->args[1] == index) { v->args[1] = index->args[0]; }
        }
    }
}

static bool predicate_check(struct range *r, struct ir_value *v)
{
    struct predicate p = {.r = r};
    if (v->cond != IRC_ULT || (v->flags & VALUE_COLD) || v->args[0]->type != IR_I) { return false; }
    p.len = v->args[1];
    if (!find_iv(&p, v->args[0], v) || !range_invariant(p.iv.loop, p.len)) { return false; }
    p.pre = ir_loop_preheader(p.iv.loop);
    if (!range_may_guard_in_front(p.pre) || !worth_it(&p, v)) { return false; }
    /* 0 <= len, as an array length is; an IF-made unsigned comparison may have another right side. */
    if (!range_prove(r, NULL, p.len, 0, range_end(p.pre))) { return false; }
    if (!find_limit(&p, v) || !require_all(&p, false)) { return false; }
    require_all(&p, true);
    if (p.iv.stride) { index_by_long(r, v); }
    ir_remove(v);
    return true;
}

void pass_rangecheck(struct ir_graph *g)
{
    ir_clean_copies(g);
    ir_analyse(g);
    struct range r;
    range_init(&r, g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            if (v->op == IR_GUARD && v->args[0]->type == IR_I) {
                if (decide(&r, v)) { continue; }
                simplify_mask_check(&r, v);
                if (b->loop) { predicate_check(&r, v); }
            } else if (v->op == IR_IF || v->op == IR_COND) {
                decide(&r, v);
            }
        }
    }
    range_free(&r);
    ir_clean_copies(g);
    ir_order(g);
}
