/*
 * frontend_throw.c - exceptions: which handlers are compiled, and how control gets there.
 *
 *      v = CALL ...  caught                   athrow
 *      x = LOADRAW [thread->exception]           |
 *      IF x != null --------------------.        |
 *           |                            v       v
 *      goes on                    for each frame of the compilation, innermost first:
 *                                    for each handler in force: IF x instanceof its class -> the handler's block
 *                                    release the lock of a synchronized method
 *                                 leave the method with x pending
 *
 * A handler is compiled if the profile has seen it (pass `handlers`). A way to another one exits: before the handler, with the exception
 * on its operand stack, or, where no handler that could be meant was seen, as any other call does that throws: with the exception
 * pending, and the interpreter looks for the handler.
 */
#include "jit/frontend-internal.h"
#include "runtime/classes/known.h"

static bool covers(const struct exception_entry *h, int bci)
{
    return bci >= h->start_pc && bci < h->end_pc;
}

static bool enabled(void)
{
    return pass_enabled(PASS_handlers) && jit_options.unit == JIT_UNIT_REGION;
}

bool fe_handler_compiled(const struct scope *s, const struct bblock *b,
                         const struct exception_entry *h)
{
    const struct bblock *to = s->at[h->handler_pc];
    if (!enabled() || !to) { return false; }
    /* javac lets handlers that release a lock cover themselves: no loop is to come from that */
    if (b->end <= h->start_pc || b->bci >= h->end_pc || b->bci >= h->handler_pc) { return false; }
    return to->count || !pass_enabled(PASS_prune) ||
           jit_trapped(s->m, h->handler_pc, EXIT_UNREACHED);
}

bool fe_has_handler(const struct method *m, int bci)
{
    for (unsigned i = 0; i < m->n_handlers; i++) {
        if (covers(&m->handlers[i], bci)) { return true; }
    }
    return false;
}

/* Is a compiled handler in force here, in this scope or in one that it is inlined in? */
static bool is_caught(const struct scope *s)
{
    for (; s; s = s->caller) {
        for (unsigned i = 0; i < s->m->n_handlers; i++) {
            const struct exception_entry *h = &s->m->handlers[i];
            if (covers(h, s->bci) && fe_handler_compiled(s, s->bb, h)) { return true; }
        }
    }
    return false;
}

/* Is there one that would be compiled once it was seen? */
static bool is_unseen(const struct scope *s)
{
    for (; s; s = s->caller) {
        for (unsigned i = 0; i < s->m->n_handlers; i++) {
            const struct exception_entry *h = &s->m->handlers[i];
            if (covers(h, s->bci) && s->bb->bci < h->handler_pc) { return true; }
        }
    }
    return false;
}

/* How often an instruction of the block ends in a handler, for each entry of the block: a guess. */
static double thrown_part(const struct scope *s)
{
    for (; s; s = s->caller) {
        for (unsigned i = 0; i < s->m->n_handlers; i++) {
            const struct exception_entry *h = &s->m->handlers[i];
            if (!covers(h, s->bci) || !s->at[h->handler_pc] || !s->bb->count) { continue; }
            double p = (double)s->at[h->handler_pc]->count / s->bb->count;
            return p > 0.5 ? 0.5 : p;
        }
    }
    return 0;
}

static struct ir_value *exception_cell(struct scope *s)
{
    return fe_thread_cell(s, offsetof(struct thread, exception));
}

/* Control goes to the handler's block, with the exception as its only operand. */
static void enter_handler(struct scope *s, const struct exception_entry *h, struct ir_value *ex)
{
    unsigned sp = s->sp, first = s->m->max_locals;
    struct ir_value *kept = s->v[first];
    s->v[first] = ex;
    s->sp = first + 1;
    ir_append(s->cur, ir_value_new(s->g, IR_GOTO, IR_V, 0));
    if (fe_handler_compiled(s, s->bb, h)) {
        fe_edge_to_handler(s, h->handler_pc);
    } else {
        fe_edge_out(s, h->handler_pc, s->bb->bci < h->handler_pc ? EXIT_UNREACHED : EXIT_EXCEPTION);
    }
    s->v[first] = kept;
    s->sp = sp;
    s->cur = NULL;
}

static struct class *catch_class(const struct scope *s, const struct exception_entry *h)
{
    const struct constant_pool *cp = &s->m->cls->cp;
    uint8_t tag = __atomic_load_n(&cp->tags[h->catch_type], __ATOMIC_ACQUIRE);
    return tag & CP_RESOLVED ? cp->val[h->catch_type].p : NULL;
}

/* 1: the exception is certainly of the class, 0: certainly not, -1: unknown. */
static int is_of(const struct ir_value *ex, struct class *c)
{
    if (!ex->cls) { return -1; }
    if (class_is_subclass(ex->cls, c)) { return 1; }
    return ex->flags & VALUE_EXACT || !class_is_subclass(c, ex->cls) ? 0 : -1;
}

static struct ir_value *as(struct scope *s, struct ir_value *ex, struct class *c)
{
    if (ex->cls && class_is_subclass(ex->cls, c)) { return ex; }
    struct ir_value *v = ir_value_new(s->g, IR_CAST, IR_R, 1, ex);
    v->cls = c;
    v->flags |= VALUE_NONNULL;
    return fe_add(s, v);
}

/* The interpreter is to look for the handler, from this frame on. */
static void leave_for_handler(struct scope *s, struct ir_value *ex)
{
    struct ir_value *v = fe_helper(s, HELPER_throw, IR_V, 1, ex);
    v->state->handled = true;
    v->state->thrown = EXIT_UNREACHED;
    fe_return_nothing(s);
}

/* The handlers of one scope. s->cur afterwards: where none of them has caught it; NULL if one certainly has. */
static void dispatch(struct scope *s, struct ir_value *ex)
{
    for (unsigned i = 0; i < s->m->n_handlers; i++) {
        const struct exception_entry *h = &s->m->handlers[i];
        if (!covers(h, s->bci)) { continue; }
        struct class *c = h->catch_type ? catch_class(s, h) : KC(Throwable);
        if (!c) {
            leave_for_handler(s, ex);
            return;
        }
        int known = h->catch_type ? is_of(ex, c) : 1;
        if (known == 1) {
            enter_handler(s, h, ex);
            return;
        }
        if (known == 0) { continue; }
        struct ir_value *is = ir_value_new(s->g, IR_ISA, IR_I, 1, ex);
        is->k.cls = c;
        struct ir_block *yes = fe_split(s, IRC_NE, fe_add(s, is), fe_int(s, 0), -1);
        struct ir_block *no = s->cur;
        s->cur = yes;
        enter_handler(s, h, as(s, ex, c));
        s->cur = no;
    }
}

/* Gives back the lock of a synchronized method that the exception leaves. */
static void unlock(struct scope *s)
{
    struct ir_value *lock = s->lock;
    struct scope *blamed = s->caller ? s->caller : s; /* for an exception of the unlocking itself */
    if (!lock) { return; }
    s->lock = NULL;
    blamed->cur = s->cur;
    struct ir_value *v = fe_helper(blamed, HELPER_monitor_exit, IR_V, 1, lock);
    if (blamed == s) { v->state->handled = s->osr; }
    s->lock = lock;
}

void fe_raise(struct scope *s, struct ir_value *ex)
{
    struct ir_block *cur = s->cur;
    struct scope *root = s;
    for (struct scope *c = s; c; c = c->caller) {
        c->cur = cur;
        dispatch(c, ex);
        cur = c->cur;
        c->cur = NULL;
        if (!cur) { return; }
        c->cur = cur;
        unlock(c);
        c->cur = NULL;
        root = c;
    }
    root->cur = cur;
    struct ir_value *st = ir_value_new(s->g, IR_STORERAW, IR_V, 2, exception_cell(root), ex);
    st->mem = T_OBJECT;
    fe_add(root, st);
    fe_return_nothing(root);
}

static void raise_pending(struct scope *s)
{
    struct ir_value *ex = fe_helper(s, HELPER_take_exception, IR_R, 0);
    ex->cls = KC(Throwable);
    ex->flags |= VALUE_NONNULL;
    fe_raise(s, ex);
}

void fe_after_call(struct scope *s, struct ir_value *call)
{
    if (!is_caught(s)) {
        if (enabled() && is_unseen(s)) { call->state->thrown = EXIT_UNREACHED; }
        return;
    }
    call->flags |= VALUE_CAUGHT;
    struct ir_value *x = ir_value_new(s->g, IR_LOADRAW, IR_R, 1, exception_cell(s));
    x->mem = T_OBJECT;
    x->flags |= VALUE_VOLATILE;
    fe_add(s, x);
    double p = thrown_part(s);
    struct ir_block *thrown = fe_split(s, IRC_NE, x, fe_ref(s, 0), p);
    struct ir_block *normal = s->cur;
    thrown->freq *= p;
    s->cur = thrown;
    raise_pending(s);
    s->cur = normal;
}

/* ---- checks ---- */

static bool throws_often(const struct scope *s, enum exit_reason reason)
{
    return enabled() && jit_trapped(s->m, s->bci, reason);
}

/* What the helper has thrown is raised, in its block of its own; reading goes on in `normal`. */
static void raise_thrown(struct scope *s, struct ir_value *helper, struct ir_block *normal)
{
    helper->flags |= VALUE_CAUGHT;
    raise_pending(s);
    s->cur = normal;
}

/* Splits off the block that throws, and makes it current. Returns the other one. */
static struct ir_block *split_throw(struct scope *s, enum ir_cond c, struct ir_value *a,
                                    struct ir_value *b)
{
    struct ir_block *throws = fe_split(s, c, a, b, thrown_part(s));
    struct ir_block *normal = s->cur;
    s->cur = throws;
    return normal;
}

struct ir_value *fe_check_null(struct scope *s, struct ir_value *r)
{
    if (r->flags & VALUE_NONNULL || !throws_often(s, EXIT_NULL_CHECK)) { return fe_nonnull(s, r); }
    struct ir_block *normal = split_throw(s, IRC_EQ, r, fe_ref(s, 0));
    raise_thrown(s, fe_helper(s, HELPER_throw_null, IR_V, 0), normal);
    struct ir_value *nn = ir_value_new(s->g, IR_NONNULL, IR_R, 1, r);
    nn->cls = r->cls;
    nn->flags |= VALUE_NONNULL | (r->flags & VALUE_EXACT);
    return fe_add(s, nn);
}

void fe_check_index(struct scope *s, struct ir_value *index, struct ir_value *length)
{
    if (!throws_often(s, EXIT_RANGE_CHECK)) {
        fe_guard(s, IRC_ULT, index, length, EXIT_RANGE_CHECK);
        return;
    }
    struct ir_block *normal = split_throw(s, IRC_UGE, index, length);
    raise_thrown(s, fe_helper(s, HELPER_throw_index, IR_V, 2, index, length), normal);
}

void fe_check_zero(struct scope *s, struct ir_value *divisor)
{
    struct ir_value *zero = ir_const(s->g, divisor->type, 0);
    if (!throws_often(s, EXIT_ZERO_CHECK)) {
        fe_guard(s, IRC_NE, divisor, zero, EXIT_ZERO_CHECK);
        return;
    }
    struct ir_block *normal = split_throw(s, IRC_EQ, divisor, zero);
    raise_thrown(s, fe_helper(s, HELPER_throw_zero, IR_V, 0), normal);
}

void fe_check_cast(struct scope *s, struct ir_value *is, struct ir_value *o, struct class *c)
{
    if (!throws_often(s, EXIT_CAST_CHECK)) {
        fe_guard(s, IRC_NE, is, fe_int(s, 0), EXIT_CAST_CHECK);
        return;
    }
    struct ir_block *normal = split_throw(s, IRC_EQ, is, fe_int(s, 0));
    struct ir_value *to = fe_long(s, (int64_t)(uintptr_t)c);
    raise_thrown(s, fe_helper(s, HELPER_throw_cast, IR_V, 2, o, to), normal);
}

/* ---- athrow ---- */

bool fe_throw(struct scope *s)
{
    if (!enabled()) {
        fe_exit(s, EXIT_EXCEPTION);
        return true;
    }
    struct ir_value *ex = fe_check_null(s, s->v[s->sp - 1]);
    if (!ex->cls || !class_is_subclass(ex->cls, KC(Throwable))) {
        /* not that a verified class could throw anything else */
        struct ir_value *is = ir_value_new(s->g, IR_ISA, IR_I, 1, ex);
        is->k.cls = KC(Throwable);
        fe_guard(s, IRC_NE, fe_add(s, is), fe_int(s, 0), EXIT_OTHER);
        ex = as(s, ex, KC(Throwable));
    }
    fe_raise(s, ex);
    s->cur = NULL;
    return true;
}
