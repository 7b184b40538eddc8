/*
 * pass_strip.c - takes the poll out of inner loops.
 *
 * A counted loop without calls, innermost or one where the loops inside count for little (see worth_outside), runs in strips of some thousand iterations with a poll between them:
 *
 *      P -> H: phis; if (i < n) -> body ... latch: poll -> H          P -> O: phis; m = min(n, i + K*step)
 *              else -> exit                                    =>          -> H: phis; if (i < m) -> body ... latch -> H
 *                                                                                else -> T: if (i < n) -> R: poll -> O
 *                                                                                           else -> exit
 *
 * The inner loop has no exit but its own condition and what the body itself does, which is what GCC's vectoriser wants. (A
 * budget that counts down would be one induction variable too many for it.) m is computed in longs. Nothing but
 * the condition is in H with an effect: H runs once more for each strip. The poll's state names values as of the
 * back edge; in R these are H's PHIs.
 *
 * Locks: where each iteration locks and unlocks one and the same object, the lock is taken once for a strip (a short one): in O
 * if there is an iteration to come, and given back in T. Nothing else in the loop may call or leave, so nothing waits
 * meanwhile; what happens between two regions moves into the lock, as the memory model allows.
 *
 *      O -> L: lock -> J -> H ... T -> U: unlock -> ...               (L, U: if i < m held in O)
 *
 * Loops whose number of iterations is a small constant just lose their poll. So do those that the profile has only seen run for a few:
 * behind a check in front of the loop that it is so (EXIT_LONG_LOOP). Strips cost such a loop more than a few polls.
 * Needs: induction variables that are known
 * not to wrap (range.h), preheaders. Cost: linear; one block of code more for each such loop.
 */
#include <stdlib.h>
#include "jit/jit.h"
#include "jit/passes.h"
#include "jit/range.h"

#define STRIP       1024 /* iterations between polls, */
#define SHORT_STRIP 4096 /* of small loops */
#define LOCK_STRIP  64   /* iterations with a lock held */
#define OUTER_STRIP 64   /* iterations that may hold loops of MAX_TRIPS without a poll */
#define SMALL_BODY  24   /* values */
#define VECTOR      32   /* bytes */
#define MANY_TRIPS  32   /* iterations that make it worth while to begin at a vector */
#define MAX_TRIPS   4096 /* number of iterations that needs no poll */
#define FEW_TRIPS   24   /* iterations, by the profile, of a loop that hardly ever has so many */
#define SELDOM      2    /* iterations for each time that a loop inside is entered */

struct strip {
    struct ir_graph *g;
    struct range *r;
    struct ir_loop *l;
    struct ir_block *pre, *header, *latch, *test;
    struct ir_value *poll, *branch; /* IF of the test block */
    struct range_iv iv;
    struct ir_value *limit;
    bool
        bottom; /* the test is the last thing in an iteration: its way back goes straight to the latch */
    unsigned stay;                  /* successor of the test that stays in the loop */
    enum ir_cond cond;              /* tested cond limit: stays */
    struct ir_value *tested;        /* iv.phi or iv.next */
    struct ir_value *enter, *leave; /* the lock of each iteration */
    uint32_t size;
    bool holds_loops;                 /* without polls */
    struct ir_value *from[8], *to[8]; /* virtual objects of the poll's state and their copies */
    uint32_t n_copies;
};

static bool is_innermost(const struct ir_graph *g, const struct ir_loop *l)
{
    for (const struct ir_loop *o = g->loops; o; o = o->next) {
        if (o->outer == l) { return false; }
    }
    return true;
}

static bool has_poll(const struct ir_graph *g, const struct ir_loop *l)
{
    for (const struct ir_block *b = g->blocks; b; b = b->next) {
        if (!ir_loop_contains(l, b)) { continue; }
        for (const struct ir_value *v = b->first; v; v = v->next) {
            if (v->op == IR_POLL) { return true; }
        }
    }
    return false;
}

/* Does the poll of a loop with others inside cost anything? Yes, if those have lost theirs, for they are short; strips hold few
 * iterations then. Or if they are seldom entered; their own polls are for when they run. */
static bool worth_outside(struct strip *s)
{
    if (s->l->has_call) { return false; }
    for (struct ir_loop *o = s->g->loops; o; o = o->next) {
        if (o->outer != s->l) { continue; }
        const struct ir_block *pre = ir_loop_preheader(o);
        bool polls = has_poll(s->g, o);
        if (polls && (!pre || pre->freq * SELDOM > s->l->header->freq)) { return false; }
        s->holds_loops |= !polls;
    }
    return true;
}

static bool is_monitor(const struct ir_value *v, enum helper_id h)
{
    return v->op == IR_RT && v->index == h;
}

/* All calls in the loop are one lock and its unlock, in one block. */
static bool find_lock(struct strip *s)
{
    for (struct ir_block *b = s->g->blocks; b; b = b->next) {
        if (b->loop != s->l) { continue; }
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (!(ir_flags(v) & IRF_CALL) || v->flags & VALUE_UNORDERED) { continue; }
            if (!s->enter && is_monitor(v, HELPER_monitor_enter)) {
                s->enter = v;
            } else if (s->enter && !s->leave && is_monitor(v, HELPER_monitor_exit)) {
                s->leave = v;
            } else {
                return false;
            }
        }
    }
    return s->leave && s->enter->block == s->leave->block &&
           range_invariant(s->l, s->enter->args[0]) &&
           ir_reference(s->enter->args[0]) == ir_reference(s->leave->args[0]);
}

/* Can the values of a state be named in front of the loop? */
static bool known_at_entry(const struct strip *s, const struct ir_state *st)
{
    for (; st; st = st->caller) {
        if (st->lock && !range_invariant(s->l, st->lock)) { return false; }
        for (uint32_t i = 0; i < (uint32_t)st->n_locals + st->n_stack; i++) {
            const struct ir_value *v = st->values[i];
            if (!v) { continue; }
            if (v->flags & VALUE_VIRTUAL) { return false; }
            if (!range_invariant(s->l, v) && (v->op != IR_PHI || v->block != s->header)) {
                return false;
            }
        }
    }
    return true;
}

/* May the lock be held across iterations? Each one takes it, and what is outside of it neither leaves nor is volatile. */
static bool lock_spans(struct strip *s)
{
    const struct ir_block *home = s->enter->block;
    if ((home == s->header && !s->bottom) || !ir_dominates(home, s->latch)) { return false; }
    if (!known_at_entry(s, s->enter->state)) { return false; }
    for (struct ir_block *b = s->g->blocks; b; b = b->next) {
        if (b->loop != s->l) { continue; }
        bool inside = false;
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (v == s->enter) { inside = true; }
            if (v == s->leave) { inside = false; }
            if (v->flags & VALUE_VOLATILE) { return false; }
            if (ir_flags(v) & IRF_EXIT && !inside && v != s->poll) { return false; }
        }
        for (unsigned i = 0; i < b->n_succs; i++) {
            if (b != s->test && !ir_loop_contains(s->l, b->succs[i])) { return false; }
        }
    }
    return true;
}

/* One poll, in the latch; one back edge. */
static bool find_shape(struct strip *s)
{
    s->pre = ir_loop_preheader(s->l);
    s->header = s->l->header;
    if (!s->pre || s->header->n_preds != 2) { return false; }
    if (s->l->has_call && !find_lock(s)) { return false; }
    unsigned back = s->header->preds[1] != s->pre;
    s->latch = s->header->preds[back];
    if (s->latch->n_succs != 1) { return false; }
    s->poll = NULL;
    s->size = 0;
    for (struct ir_block *b = s->g->blocks; b; b = b->next) {
        if (b->loop != s->l) { continue; }
        for (struct ir_value *v = b->first; v; v = v->next) {
            s->size++;
            if (v->op != IR_POLL) { continue; }
            if (s->poll || b != s->latch) { return false; }
            s->poll = v;
        }
    }
    return s->poll != NULL;
}

/* The condition: an IF with an edge out of the loop, on the induction variable, in the header or just in front of the latch. */
static bool find_test(struct strip *s, struct ir_block *b)
{
    struct ir_value *t = b->last;
    enum ir_type type = t->op == IR_IF ? t->args[0]->type : IR_V;
    if (type != IR_I && type != IR_J) { return false; }
    bool in0 = ir_loop_contains(s->l, b->succs[0]), in1 = ir_loop_contains(s->l, b->succs[1]);
    if (in0 == in1) { return false; }
    s->test = b;
    s->branch = t;
    s->stay = in0 ? 0 : 1;
    for (unsigned side = 0; side < 2; side++) {
        struct ir_value *x = t->args[side], *limit = t->args[!side];
        enum ir_cond c = side ? ir_cond_swap(t->cond) : t->cond;
        bool next = x->op == IR_ADD && ir_is_const(x->args[1]);
        struct ir_value *phi = next ? x->args[0] : x;
        bool is_iv = type == IR_I
                         ? range_is_iv(phi, &s->iv)
                         : range_extended(s->g, limit) && range_is_long_iv(s->g, phi, &s->iv);
        if (!is_iv || s->iv.loop != s->l) { continue; }
        if ((next && x != s->iv.next) || !range_invariant(s->l, limit)) { continue; }
        s->cond = s->stay ? c ^ 1 : c;
        s->limit = limit;
        s->tested = x;
        return true;
    }
    return false;
}

/* May the block be executed again with the same PHIs? */
static bool runs_twice(const struct ir_block *b)
{
    for (const struct ir_value *v = b->first; v; v = v->next) {
        if (ir_flags(v) & (IRF_WRITE | IRF_CALL)) { return false; }
        if ((v->flags & VALUE_VOLATILE) || v->op == IR_POLL) { return false; }
    }
    return true;
}

static bool only_polls(const struct ir_block *b)
{
    for (const struct ir_value *v = b->first; v; v = v->next) {
        if (v->op != IR_POLL && v->op != IR_GOTO) { return false; }
    }
    return true;
}

/* cond as one of LT, LE (up), GT, GE (down); != where it cannot be jumped over. */
static bool good_direction(struct strip *s)
{
    if (s->iv.stride) { /* a long that is bounded by an int */
        return (s->cond == IRC_LT || s->cond == IRC_LE) &&
               range_prove(s->r, NULL, s->iv.stride, -1, range_end(s->pre));
    }
    bool up = s->iv.step > 0;
    if (s->cond == IRC_NE && (s->iv.step == 1 || s->iv.step == -1) && s->tested == s->iv.phi &&
        range_prove(s->r, up ? s->iv.init : s->limit, up ? s->limit : s->iv.init, 0,
                    range_end(s->pre))) {
        s->cond = up ? IRC_LT : IRC_GT;
    } else if (s->cond != (up ? IRC_LT : IRC_GT) && s->cond != (up ? IRC_LE : IRC_GE)) {
        return false;
    }
    /* i < n with a step of 1 ends; others must not step over the end of the type */
    return range_no_wrap(s->r, &s->iv);
}

static bool few_trips(const struct strip *s)
{
    if (s->iv.stride || !ir_is_const(s->iv.init) || !ir_is_const(s->limit)) { return false; }
    int64_t distance = (int64_t)s->limit->k.i - s->iv.init->k.i;
    return llabs(distance / s->iv.step) + 2 <= MAX_TRIPS;
}

/* ---- the poll's state, at the end of a strip ---- */

static struct ir_value *at_exit(struct strip *s, struct ir_value *v);

/* A virtual object: the same with its fields' values; one copy, wherever the state names it. */
static struct ir_value *virtual_at_exit(struct strip *s, struct ir_value *v)
{
    for (uint32_t i = 0; i < s->n_copies; i++) {
        if (s->from[i] == v) { return s->to[i]; }
    }
    if (s->n_copies == ARRAY_COUNT(s->from)) { return NULL; }
    struct ir_value *copy = ir_value_copy_virtual(s->g, v);
    s->from[s->n_copies] = v;
    s->to[s->n_copies++] = copy;
    for (uint32_t i = 0; i < copy->virtual->n; i++) {
        struct ir_value **field = &copy->virtual->fields[i].value;
        if (!(*field = at_exit(s, *field))) { return NULL; }
    }
    return copy;
}

/* A value as of the back edge, as the test block sees it when it fails. NULL: there is none. */
static struct ir_value *at_exit(struct strip *s, struct ir_value *v)
{
    if (v->flags & VALUE_VIRTUAL) { return virtual_at_exit(s, v); }
    if (range_invariant(s->l, v)) { return v; }
    if (s->bottom) { return ir_dominates(v->block, s->test) ? v : NULL; }
    unsigned back = s->header->preds[1] == s->latch;
    for (struct ir_value *phi = s->header->first; phi && phi->op == IR_PHI; phi = phi->next) {
        if (phi->args[back] == v) { return phi; }
    }
    return NULL;
}

static struct ir_state *state_at_exit(struct strip *s, const struct ir_state *old)
{
    struct ir_state *st = ir_state_copy(s->g, old);
    if (st->lock && !(st->lock = at_exit(s, st->lock))) { return NULL; }
    for (uint32_t i = 0; i < (uint32_t)st->n_locals + st->n_stack; i++) {
        if (st->values[i] && !(st->values[i] = at_exit(s, st->values[i]))) { return NULL; }
    }
    if (st->caller && !(st->caller = state_at_exit(s, st->caller))) { return NULL; }
    return st;
}

/* ---- the change ---- */

static struct ir_value *add(struct ir_graph *g, struct ir_block *b, int32_t bci, struct ir_value *v)
{
    (void)g;
    v->bci = bci;
    ir_append(b, v);
    return v;
}

static void jump(struct ir_graph *g, struct ir_block *b, struct ir_block *to, int32_t bci)
{
    add(g, b, bci, ir_value_newv(g, IR_GOTO, IR_V, 0, NULL));
    ir_add_succ(g, b, to);
}

static struct ir_value *extend(struct ir_graph *g, struct ir_block *b, int32_t bci,
                               struct ir_value *v)
{
    if (v->type == IR_J) { return v; }
    if (ir_is_const(v)) { return ir_const(g, IR_J, v->k.i); }
    return add(g, b, bci, ir_value_new(g, IR_CONV, IR_J, 1, v));
}

/* K * step, in longs; one less or more where the limit itself is included. */
static struct ir_value *strip_reach(struct strip *s, struct ir_block *o)
{
    struct ir_graph *g = s->g;
    int64_t n = s->enter                ? LOCK_STRIP
                : s->holds_loops        ? OUTER_STRIP
                : s->size <= SMALL_BODY ? SHORT_STRIP
                                        : STRIP;
    if (s->iv.stride && !ir_is_const(s->iv.stride)) {
        struct ir_value *step = extend(g, o, s->branch->bci, s->iv.stride);
        return add(g, o, s->branch->bci,
                   ir_value_new(g, IR_MUL, IR_J, 2, step, ir_const(g, IR_J, n)));
    }
    int64_t reach = n * (s->iv.stride ? s->iv.stride->k.i : s->iv.step);
    if (s->cond == IRC_LE) { reach -= 1; }
    if (s->cond == IRC_GE) { reach += 1; }
    return ir_const(g, IR_J, reach);
}

/* The store through which the loop walks its one array, element by element, where the loop is nothing but its body: what GCC
 * will turn into vectors. */
static const struct ir_value *walking_store(const struct strip *s)
{
    const struct ir_value *store = NULL;
    if (s->iv.stride || s->iv.step != 1 || s->enter || s->bottom) { return NULL; }
    for (const struct ir_block *b = s->g->blocks; b; b = b->next) {
        if (!ir_loop_contains(s->l, b)) { continue; }
        for (const struct ir_value *v = b->first; v; v = v->next) {
            if (v->op != IR_POLL && ir_flags(v) & (IRF_EXIT | IRF_CALL)) { return NULL; }
            if (v->op == IR_IF && v != s->branch) { return NULL; }
            if (!(ir_flags(v) & IRF_WRITE) || v->op == IR_POLL) { continue; }
            if (store || v->op != IR_STOREX) { return NULL; }
            store = v;
        }
    }
    if (!store || !range_invariant(s->l, store->args[0])) { return NULL; }
    const struct ir_value *i = store->args[1];
    bool moved = i->op == IR_ADD && ir_is_const(i->args[1]);
    return (moved ? i->args[0] : i) == s->iv.phi ? store : NULL;
}

/* Iterations of the strip that begins at i: up to where a vector of the array begins, so that those of the next one do not lie
 * across two cache lines; n if one begins here. */
static struct ir_value *align_strip(struct strip *s, struct ir_block *o, struct ir_value *i_long,
                                    const struct ir_value *store, int64_t n)
{
    struct ir_graph *g = s->g;
    int32_t bci = s->branch->bci;
    unsigned shift = type_shift((enum basic_type)store->mem);
    int64_t moved = store->args[1] == s->iv.phi ? 0 : store->args[1]->args[1]->k.i;
    struct ir_value *zero = ir_const(g, IR_J, 0), *mask = ir_const(g, IR_J, VECTOR - 1);
    struct ir_value *at =
        add(g, o, bci, ir_value_new(g, IR_SHL, IR_J, 2, i_long, ir_const_int(g, (int32_t)shift)));
    at = add(g, o, bci,
             ir_value_new(g, IR_ADD, IR_J, 2, at,
                          ir_const(g, IR_J, ARRAY_BASE_OFFSET + moved * (1 << shift))));
    at = add(g, o, bci, ir_value_new(g, IR_ADDR, IR_J, 2, store->args[0], at));
    struct ir_value *to = add(g, o, bci, ir_value_new(g, IR_SUB, IR_J, 2, zero, at));
    to = add(g, o, bci, ir_value_new(g, IR_AND, IR_J, 2, to, mask));
    struct ir_value *few =
        add(g, o, bci, ir_value_new(g, IR_SHR, IR_J, 2, to, ir_const_int(g, (int32_t)shift)));
    struct ir_value *trips =
        ir_value_new(g, IR_SELECT, IR_J, 4, to, zero, ir_const(g, IR_J, n), few);
    trips->cond = IRC_EQ;
    return add(g, o, bci, trips);
}

/* min(limit, i + K * step), or max when counting down. A long i that is far above its limit may overflow here: the strip is
 * empty then, as it is without. */
static struct ir_value *strip_limit(struct strip *s, struct ir_block *o, struct ir_value *i)
{
    struct ir_graph *g = s->g;
    int32_t bci = s->branch->bci;
    struct ir_value *i_long = extend(g, o, bci, i), *reach = strip_reach(s, o);
    bool worth_it = !ir_is_const(s->iv.init) && s->header->freq > MANY_TRIPS * s->pre->freq;
    const struct ir_value *store = worth_it ? walking_store(s) : NULL;
    if (store) { reach = align_strip(s, o, i_long, store, SHORT_STRIP); }
    struct ir_value *far = add(g, o, bci, ir_value_new(g, IR_ADD, IR_J, 2, i_long, reach));
    struct ir_value *near = ir_value_new(g, IR_MATH, IR_J, 2, far, extend(g, o, bci, s->limit));
    near->k.j = s->iv.stride || s->iv.step > 0 ? IRM_MIN : IRM_MAX;
    add(g, o, bci, near);
    return s->iv.stride ? near : add(g, o, bci, ir_value_new(g, IR_CONV, IR_I, 1, near));
}

/* PHIs of the outer header: initial values, and those of H (or the back edge's) at the end of a strip. */
static struct ir_value *outer_phis(struct strip *s, struct ir_block *o)
{
    unsigned back = s->header->preds[1] == s->latch;
    struct ir_value *of_iv = NULL, *last = NULL;
    for (struct ir_value *phi = s->header->first; phi && phi->op == IR_PHI; phi = phi->next) {
        struct ir_value *again = s->bottom ? phi->args[back] : phi;
        struct ir_value *outer = ir_value_new(s->g, IR_PHI, phi->type, 2, phi->args[!back], again);
        outer->bci = phi->bci;
        outer->cls = phi->cls;
        outer->flags = phi->flags;
        if (last) {
            ir_insert_after(last, outer);
        } else {
            ir_prepend(o, outer);
        }
        last = outer;
        phi->args[!back] = outer;
        if (phi == s->iv.phi) { of_iv = outer; }
    }
    return of_iv;
}

/* The state of the lock with the values of the outer header. */
static struct ir_state *state_at_entry(struct strip *s, const struct ir_state *old)
{
    unsigned back = s->header->preds[1] == s->latch;
    struct ir_state *st = ir_state_copy(s->g, old);
    for (uint32_t i = 0; i < (uint32_t)st->n_locals + st->n_stack; i++) {
        struct ir_value *v = st->values[i];
        if (v && v->op == IR_PHI && v->block == s->header) { st->values[i] = v->args[!back]; }
    }
    if (st->caller) { st->caller = state_at_entry(s, st->caller); }
    return st;
}

/* Block b, whose last value is to come, goes on in a new one; monitor operation v is done in between if i < m held in O. */
static struct ir_block *monitor_if(struct strip *s, struct ir_block *b, struct ir_value *v,
                                   struct ir_value *i, struct ir_value *near)
{
    struct ir_graph *g = s->g;
    int32_t bci = s->branch->bci;
    ir_remove(v);
    if (s->bottom) { /* there is always an iteration */
        ir_append(b, v);
        return b;
    }
    struct ir_block *locked = ir_block_new(g, s->header->method, s->header->bci),
                    *join = ir_block_new(g, s->header->method, s->header->bci);
    locked->freq = join->freq = b->freq;
    struct ir_value *test = ir_value_new(g, IR_IF, IR_V, 2, i, near);
    test->cond = (uint8_t)s->cond;
    test->k.d = 1;
    add(g, b, bci, test);
    ir_add_succ(g, b, locked);
    ir_add_succ(g, b, join);
    ir_append(locked, v);
    jump(g, locked, join, bci);
    return join;
}

static void cut(struct strip *s, struct ir_state *state)
{
    struct ir_graph *g = s->g;
    struct method *m = s->header->method;
    int32_t bci = s->branch->bci;
    struct ir_block *o = ir_block_new(g, m, s->header->bci), *t,
                    *r = ir_block_new(g, m, s->header->bci);
    double strips = s->header->freq / STRIP, entries = s->pre->freq;
    o->freq = entries > strips ? entries : strips;
    o->exit_state =
        NULL; /* of the inner loop's preheader: it would name O's PHIs; no pass behind needs it */

    /* T, on the edge out of the loop */
    t = ir_split_edge(g, s->test, !s->stay);
    struct ir_block *exit = t->succs[0];
    ir_remove(t->last);
    t->freq = o->freq;

    /* O takes the place of P in front of H */
    unsigned back = s->header->preds[1] == s->latch;
    s->pre->succs[0] = o;
    ir_add_pred(g, o, s->pre);
    struct ir_value *i = outer_phis(s, o);

    /* the inner limit, for the value that is tested */
    if (s->tested == s->iv.next) { /* next < m stays: that many steps from i as well */
        struct ir_value *first = ir_value_new(g, IR_ADD, i->type, 2, i, s->iv.next->args[1]);
        i = add(g, o, bci, first);
    }
    struct ir_value *near = strip_limit(s, o, i);
    struct ir_block *inner = o; /* in front of H */
    if (s->enter) {
        s->leave->state = s->enter->state; /* with H's values, as T needs them */
        s->enter->state = state_at_entry(s, s->enter->state);
        s->leave->args[0] = s->enter->args[0];
        inner = monitor_if(s, o, s->enter, i, near);
    }
    add(g, inner, bci, ir_value_newv(g, IR_GOTO, IR_V, 0, NULL));
    inner->succs = ir_alloc(g, sizeof *inner->succs);
    inner->succs[0] = s->header;
    inner->n_succs = 1;
    s->header->preds[!back] = inner;

    if (s->enter) {
        t->n_succs = 0; /* it names exit so far */
        struct ir_block *join = monitor_if(s, t, s->leave, i, near);
        for (uint32_t k = 0; k < exit->n_preds; k++) {
            if (exit->preds[k] == t) { exit->preds[k] = join; }
        }
        t = join;
    }
    /* T: go on? Same order of successors as in the test. */
    struct ir_value *again =
        ir_value_new(g, IR_IF, IR_V, 2, s->branch->args[0], s->branch->args[1]);
    again->cond = s->branch->cond;
    /* the profile's word for another strip */
    double more = strips > entries && entries > 0 ? 1 - entries / strips : 0.05;
    again->k.d = s->stay ? 1 - more : more;
    add(g, t, bci, again);
    t->succs = ir_alloc(g, 2 * sizeof *t->succs);
    t->succs[!s->stay] = exit; /* exit's preds name T already */
    t->succs[s->stay] = r;
    t->n_succs = 2;
    ir_add_pred(g, r, t);

    /* R: poll and once more */
    ir_remove(s->poll);
    s->poll->state = state;
    ir_append(r, s->poll);
    r->freq = strips;
    jump(g, r, o, bci);

    s->branch->args[0] = s->tested;
    s->branch->args[1] = near;
    s->branch->cond = (uint8_t)(s->stay ? s->cond ^ 1 : s->cond);
}

/* Is the test the only way out? Else the distance says nothing about how long the loop runs. */
static bool ends_by_test(const struct strip *s)
{
    for (const struct ir_block *b = s->g->blocks; b; b = b->next) {
        if (!ir_loop_contains(s->l, b) || b == s->test) { continue; }
        for (unsigned i = 0; i < b->n_succs; i++) {
            if (!ir_loop_contains(s->l, b->succs[i])) { return false; }
        }
    }
    return true;
}

/* Is it a short loop, by the profile? Then its distance is checked in front of it. */
static bool check_trips(struct strip *s)
{
    struct ir_graph *g = s->g;
    struct ir_value *last = s->pre->last;
    const struct ir_state *state = s->pre->exit_state;
    /* code for a loop in a running call: how often that is entered means nothing */
    bool entered_once = g->osr_bci >= 0 && !s->pre->loop;
    if (s->enter || s->iv.stride || !state || s->pre->freq <= 0 || entered_once ||
        s->header->freq > FEW_TRIPS * s->pre->freq || !ends_by_test(s) ||
        jit_trapped(state->method, state->bci, EXIT_LONG_LOOP)) {
        return false;
    }
    bool up = s->iv.step > 0;
    struct ir_value *high = up ? s->limit : s->iv.init, *low = up ? s->iv.init : s->limit;
    int64_t most = (int64_t)MAX_TRIPS * llabs(s->iv.step);
    if (most > INT32_MAX) { return false; }
    if (range_prove(s->r, high, low, most, range_end(s->pre))) { return true; }
    /* from 0 on no distance is too large for an int (a limit far below leaves, that is all) */
    bool ints = range_prove(s->r, NULL, low, 0, range_end(s->pre));
    struct ir_value *from = ints ? high : ir_widen(g, last, high);
    struct ir_value *to = ints ? low : ir_widen(g, last, low);
    struct ir_value *distance = ir_value_new(g, IR_SUB, ints ? IR_I : IR_J, 2, from, to);
    distance->bci = last->bci;
    ir_insert_before(last, distance);
    range_guard_in_front(s->r, s->pre, IRC_LE, distance,
                         ir_const(g, (enum ir_type)distance->type, most), EXIT_LONG_LOOP);
    return true;
}

static void strip_loop(struct strip *s)
{
    if (!find_shape(s)) { return; }
    if (s->latch->n_preds == 1 && only_polls(s->latch) && find_test(s, s->latch->preds[0])) {
        s->bottom = true; /* do ... while (next < limit) */
    } else if (!find_test(s, s->header) || !runs_twice(s->header)) {
        return;
    }
    if (!good_direction(s) || (s->enter && !lock_spans(s))) { return; }
    bool few = few_trips(s);
    if (few && s->enter) { return; }
    if (!s->holds_loops && (few || check_trips(s))) {
        ir_remove(s->poll);
        return;
    }
    struct ir_state *state = state_at_exit(s, s->poll->state);
    if (state) { cut(s, state); }
}

/* False: no loop is inside another. */
static bool strip_loops(struct ir_graph *g, bool innermost)
{
    ir_clean_copies(g);
    ir_analyse(g);
    struct range r;
    range_init(&r, g);
    bool nested = false;
    for (struct ir_loop *l = g->loops, *next; l; l = next) {
        next = l->next; /* loops stay as analysed; a cut one is not seen again */
        nested |= l->outer != NULL;
        if (is_innermost(g, l) != innermost) { continue; }
        struct strip s = {.g = g, .r = &r, .l = l};
        if (innermost || worth_outside(&s)) { strip_loop(&s); }
    }
    range_free(&r);
    ir_order(g);
    return nested;
}

void pass_strip(struct ir_graph *g)
{
    if (strip_loops(g, true)) { strip_loops(g, false); }
}
