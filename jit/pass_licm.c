/*
 * pass_licm.c - moves what does not change in a loop in front of it.
 *
 * Goes to the end of the loop's preheader:
 *
 *   pure operations            whose arguments are defined outside
 *   checks (GUARD)             of such values that every iteration passes. They leave through the preheader's exit state,
 *                              EXIT_LOOP_CHECK: the interpreter then runs the loop and fails, or not, where it should.
 *                              Not those that the profile has seen failing, nor in a loop where hoisting went wrong before
 *   plain loads                of places that nothing in the loop may write
 *
 * Some operations rely on a check in front of them (NONNULL, CAST, a division, an array element): these move only if that
 * check holds at the preheader, where it may have been moved a moment ago. So blocks are visited in reverse postorder.
 *
 * Inner loops first: what went to their preheader can go on to the outer one's. Needs: preheaders (front end), gvn before it
 * to have one copy of each check. Cost: linear in the size of loops, times their nesting.
 */
#include <stdlib.h>
#include "jit/ir.h"
#include "jit/jit.h"
#include "jit/memory.h"
#include "jit/passes.h"
#include "jit/range.h"

/* A condition that holds in `block` and below: `guard`, or the edge of an IF (then block is its target). */
struct check {
    struct ir_value *by;
    struct ir_block *target; /* NULL: a GUARD, holds where it is */
    uint8_t cond;
};

struct licm {
    struct ir_graph *g;
    struct ir_loop *l;
    struct ir_block *pre;
    struct check *checks;
    uint32_t n_checks;
    struct ir_value **writes; /* of the current loop */
    uint32_t n_writes;
    bool kills_all, guards;
};

/* ---- what is known at the preheader ---- */

static void collect_checks(struct licm *m)
{
    uint32_t cap = 1;
    for (struct ir_block *b = m->g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            cap += v->op == IR_GUARD ? 1 : v->op == IR_IF ? 2 : 0;
        }
    }
    m->checks = malloc(cap * sizeof *m->checks);
    for (struct ir_block *b = m->g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (v->op == IR_GUARD) { m->checks[m->n_checks++] = (struct check){v, NULL, v->cond}; }
        }
        for (unsigned i = 0; b->last->op == IR_IF && i < 2; i++) {
            if (b->succs[i]->n_preds == 1) {
                m->checks[m->n_checks++] =
                    (struct check){b->last, b->succs[i], (uint8_t)(b->last->cond ^ i)};
            }
        }
    }
}

static bool holds(const struct licm *m, const struct check *c)
{
    return ir_dominates(c->target ? c->target : c->by->block, m->pre);
}

static bool is_zero(const struct ir_value *v) { return ir_is_const(v) && !v->k.j; }

/* x != null, or an instance of something (null is none) */
static bool proves_nonnull(const struct check *c, const struct ir_value *x)
{
    struct ir_value *a = c->by->args[0];
    if (c->cond != IRC_NE || !is_zero(c->by->args[1])) { return false; }
    if (a->type == IR_R) { return ir_reference(a) == x; }
    return a->op == IR_ISA && !a->index && ir_reference(a->args[0]) == x;
}

static bool proves_class(const struct check *c, const struct ir_value *x,
                         const struct ir_value *cast)
{
    struct ir_value *a = c->by->args[0], *b = c->by->args[1];
    bool exact = (cast->flags & VALUE_EXACT) != 0;
    if (a->op == IR_ISA && c->cond == IRC_NE && is_zero(b) && ir_reference(a->args[0]) == x) {
        return !exact && cast->cls && class_is_subclass(a->k.cls, cast->cls);
    }
    if (a->op == IR_CLASSID && c->cond == IRC_EQ && ir_is_const(b) &&
        ir_reference(a->args[0]) == x) {
        struct class *is = class_from_id((uint32_t)b->k.i);
        return exact ? is == cast->cls : cast->cls && class_is_subclass(is, cast->cls);
    }
    return false;
}

static bool is_length_of(const struct ir_value *len, struct ir_value *array)
{
    struct ir_value *x = ir_reference(array);
    if (len->op == IR_ARRAYLEN) { return ir_reference(len->args[0]) == x; }
    return x->op == IR_NEWARRAY && x->args[0] == len;
}

/* Does what v relies on hold at the preheader? */
static bool is_safe(const struct licm *m, struct ir_value *v)
{
    if (!v->n_args) { return true; }
    struct ir_value *x = v->args[0];
    switch (v->op) {
    case IR_CLASSID:
    case IR_ARRAYLEN: return (x->flags & VALUE_NONNULL) != 0;
    case IR_LOAD:
        return (x->flags & VALUE_NONNULL) && x->cls && v->k.field &&
               class_is_subclass(x->cls, v->k.field->cls);
    case IR_DIV:
    case IR_REM:
        if (ir_is_float(v->type) || (ir_is_const(v->args[1]) && v->args[1]->k.j)) { return true; }
        break;
    case IR_NONNULL:
        if (x->flags & VALUE_NONNULL) { return true; }
        break;
    case IR_LOADX:
        if (!(x->flags & VALUE_NONNULL)) { return false; }
        break;
    case IR_CAST: break;
    default: return true;
    }
    for (uint32_t i = 0; i < m->n_checks; i++) {
        const struct check *c = &m->checks[i];
        if (!holds(m, c)) { continue; }
        const struct ir_value *a = c->by->args[0], *b = c->by->args[1];
        switch (v->op) {
        case IR_NONNULL:
            if (proves_nonnull(c, ir_reference(x))) { return true; }
            break;
        case IR_CAST:
            if (proves_class(c, ir_reference(x), v)) { return true; }
            break;
        case IR_LOADX:
            if (c->cond == IRC_ULT && a == v->args[1] && is_length_of(b, x)) { return true; }
            if (c->cond == IRC_UGT && b == v->args[1] && is_length_of(a, x)) { return true; }
            break;
        default:
            if (c->cond == IRC_NE && a == v->args[1] && is_zero(b)) { return true; }
            break;
        }
    }
    return false;
}

/* ---- the loop ---- */

static void collect_writes(struct licm *m)
{
    m->n_writes = 0;
    m->kills_all = false;
    for (struct ir_block *b = m->g->blocks; b; b = b->next) {
        if (!ir_loop_contains(m->l, b)) { continue; }
        for (struct ir_value *v = b->first; v; v = v->next) {
            m->kills_all |= memory_kills_all(v);
            if (memory_writes(v)) { m->writes[m->n_writes++] = v; }
        }
    }
}

static bool is_killed(const struct licm *m, const struct ir_value *load)
{
    if (m->kills_all && !(load->flags & VALUE_FINAL)) { return true; }
    for (uint32_t i = 0; i < m->n_writes; i++) {
        if (memory_may_alias(m->writes[i], load, NULL)) { return true; }
    }
    return false;
}

static bool is_invariant(const struct licm *m, const struct ir_value *v)
{
    for (uint32_t i = 0; i < v->n_args; i++) {
        if (ir_loop_contains(m->l, v->args[i]->block)) { return false; }
    }
    return true;
}

static bool can_move(const struct licm *m, struct ir_value *v)
{
    if (v->op == IR_GUARD) {
        return m->guards && !(v->flags & VALUE_COLD) && is_invariant(m, v) &&
               ir_loop_always_passes(m->l, v->block);
    }
    bool pure = (ir_flags(v) & IRF_PURE) && v->op != IR_CONST && v->op != IR_COPY;
    if (!pure && !memory_is_plain_load(v)) { return false; }
    return is_invariant(m, v) && is_safe(m, v) && (pure || !is_killed(m, v));
}

static void move(struct licm *m, struct ir_value *v)
{
    ir_remove(v);
    ir_insert_before(m->pre->last, v);
    if (v->op == IR_GUARD) {
        v->state = m->pre->exit_state;
        v->reason = EXIT_LOOP_CHECK;
    }
}

static void hoist_from(struct licm *m)
{
    m->pre = ir_loop_preheader(m->l);
    if (!m->pre) { return; }
    m->guards = range_may_guard_in_front(m->pre);
    collect_writes(m);
    for (struct ir_block *b = m->g->blocks; b; b = b->next) {
        if (!ir_loop_contains(m->l, b)) { continue; }
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            if (can_move(m, v)) { move(m, v); }
        }
    }
}

void pass_licm(struct ir_graph *g)
{
    ir_clean_copies(g);
    ir_analyse(g);
    if (!g->loops) { return; }
    struct licm m = {.g = g};
    m.writes = malloc((g->n_values + 1) * sizeof *m.writes);
    collect_checks(&m);
    for (m.l = g->loops; m.l; m.l = m.l->next) { hoist_from(&m); }
    free(m.checks);
    free(m.writes);
}
