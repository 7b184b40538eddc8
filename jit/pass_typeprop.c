/*
 * pass_typeprop.c - what class references are of.
 *
 * For each reference an upper bound of its class, whether that is exact, and whether it may be null; optimistically, so
 * that loops (x = phi(new A, x')) keep what holds on entry. Then: casts and null checks that say nothing new go, type
 * tests that are decided become constants or comparisons with null, the class id of an exact reference is a constant.
 * Interfaces are no upper bounds: the verifier lets any object pass for one.
 *
 * Cost: linear in the number of references times the depth of the class hierarchy. Needs nothing; gvn behind it folds
 * the conditions.
 */
#include <stdlib.h>
#include "jit/ir.h"
#include "jit/passes.h"

struct type {
    bool known; /* false: no value seen yet (top) */
    bool null;  /* only null so far: any class */
    bool nonnull, exact;
    struct class *cls;
};

/* No class can be below it but itself. */
static bool is_leaf(const struct class *c)
{
    if (c->kind == CLASS_ARRAY) {
        const struct class *e = c->element;
        return e && (e->kind == CLASS_PRIMITIVE || (e->access_flags & ACC_FINAL));
    }
    return (c->access_flags & ACC_FINAL) != 0;
}

static struct type type_of_flags(const struct ir_value *v)
{
    struct type t = {.known = true, .cls = v->cls};
    t.nonnull = (v->flags & VALUE_NONNULL) != 0;
    t.exact = v->cls && ((v->flags & VALUE_EXACT) || is_leaf(v->cls));
    if (v->op == IR_CONST && !v->k.j) { t.null = true; }
    return t;
}

static struct class *common_super(struct class *a, struct class *b)
{
    if (!a || !b) { return NULL; }
    if (class_is_subclass(a, b)) { return b; }
    while (a && !class_is_subclass(b, a)) { a = a->super; }
    return a && (a->access_flags & ACC_INTERFACE) ? NULL : a;
}

static struct type meet(struct type a, struct type b)
{
    if (!a.known) { return b; }
    if (!b.known) { return a; }
    if (a.null || b.null) {
        struct type t = a.null ? b : a;
        t.nonnull = false;
        return t;
    }
    struct type t = {.known = true, .nonnull = a.nonnull && b.nonnull};
    t.cls = common_super(a.cls, b.cls);
    t.exact = t.cls && a.exact && b.exact && a.cls == b.cls;
    return t;
}

static struct type *types; /* by value id; one pass at a time in a process */

static struct type type_of(const struct ir_value *v)
{
    bool computed =
        v->op == IR_PHI || v->op == IR_SELECT || v->op == IR_NONNULL || v->op == IR_CAST;
    return computed ? types[v->id] : type_of_flags(v);
}

static struct type compute(const struct ir_value *v)
{
    struct type t = {0};
    switch (v->op) {
    case IR_PHI:
        for (uint32_t i = 0; i < v->n_args; i++) { t = meet(t, type_of(v->args[i])); }
        break;
    case IR_SELECT: t = meet(type_of(v->args[2]), type_of(v->args[3])); break;
    case IR_NONNULL:
        t = type_of(v->args[0]);
        if (t.null) { t = (struct type){0}; } /* not reached as far as we know: no value */
        t.nonnull = t.known;
        break;
    case IR_CAST:
        t = type_of(v->args[0]);
        if (t.null && (v->flags & VALUE_NONNULL)) { t = (struct type){0}; }
        if (!t.known || t.null) { break; }
        if (v->flags & VALUE_NONNULL) { t.nonnull = true; }
        if (!t.cls || !v->cls || !class_is_subclass(t.cls, v->cls) ||
            ((v->flags & VALUE_EXACT) && !t.exact)) {
            t.cls = v->cls;
            t.exact = v->cls && ((v->flags & VALUE_EXACT) || is_leaf(v->cls));
        }
        break;
    default: t = type_of_flags(v); break;
    }
    return t;
}

static bool same_type(struct type a, struct type b)
{
    return a.known == b.known && a.null == b.null && a.nonnull == b.nonnull && a.exact == b.exact &&
           a.cls == b.cls;
}

/* False: no fixed point in reasonable time (types only fall, but the hierarchy may be deep). */
static bool solve(struct ir_graph *g)
{
    bool changed = true;
    for (int round = 0; changed && round < 100; round++) {
        changed = false;
        for (struct ir_block *b = g->blocks; b; b = b->next) {
            for (struct ir_value *v = b->first; v; v = v->next) {
                if (v->type != IR_R) { continue; }
                struct type t = compute(v);
                if (same_type(t, types[v->id])) { continue; }
                types[v->id] = t;
                changed = true;
            }
        }
    }
    return !changed;
}

/* ---- using it ---- */

static void write_type(struct ir_value *v)
{
    struct type t = types[v->id];
    if (v->op == IR_CONST || !t.known) { return; }
    if (t.nonnull) { v->flags |= VALUE_NONNULL; }
    if (!t.cls || t.null) { return; }
    /* Never worse than it was: a merge of two classes may be less than what the front end knew of the variable. */
    bool better = !v->cls || (class_is_subclass(t.cls, v->cls) && !(v->flags & VALUE_EXACT));
    if (!better) { return; }
    v->cls = t.cls;
    if (t.exact) { v->flags |= VALUE_EXACT; }
}

static bool both_proper(const struct class *a, const struct class *b)
{
    return a->kind == CLASS_INSTANCE && b->kind == CLASS_INSTANCE && !class_is_interface(a) &&
           !class_is_interface(b);
}

/* 1: every non-null value of the type is an instance of c; 0: none; -1: not known. */
static int decide(struct type t, struct class *c)
{
    if (!t.known || t.null || !t.cls) { return -1; }
    if (class_is_subclass(t.cls, c)) { return 1; }
    if (t.exact) { return 0; }
    return both_proper(t.cls, c) && !class_is_subclass(c, t.cls) ? 0 : -1;
}

static void fold_isa(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0], *null = ir_const(g, IR_R, 0);
    struct type t = type_of(a);
    int known = decide(t, v->k.cls);
    if (t.known && t.null) {
        ir_replace(v, ir_const_int(g, (int32_t)v->index));
    } else if (known >= 0 && (t.nonnull || known == (int)v->index)) {
        ir_replace(v, ir_const_int(g, known));
    } else if (known >= 0) { /* it depends on null alone */
        v->op = IR_COND;
        v->cond = known ? IRC_NE : IRC_EQ;
        v->k.j = 0;
        v->index = v->offset = 0;
        v->n_args = 2;
        v->args = ir_alloc(g, 2 * sizeof *v->args);
        v->args[0] = a;
        v->args[1] = null;
    }
}

static void apply(struct ir_graph *g, struct ir_value *v)
{
    if (!v->n_args) { return; }
    struct ir_value *a = ir_value(v->args[0]);
    v->args[0] = a;
    struct type t;
    switch (v->op) {
    case IR_CAST:
        t = type_of(a);
        if (t.known && t.cls && !t.null && v->cls && class_is_subclass(t.cls, v->cls) &&
            (t.exact || !(v->flags & VALUE_EXACT)) && (t.nonnull || !(v->flags & VALUE_NONNULL))) {
            ir_replace(v, a);
        }
        break;
    case IR_NONNULL:
        if (type_of(a).nonnull) { ir_replace(v, a); }
        break;
    case IR_CLASSID:
        t = type_of(a);
        if (t.exact && t.known && !t.null) {
            ir_replace(v, ir_const_int(g, (int32_t)class_id(t.cls)));
        }
        break;
    case IR_ISA: fold_isa(g, v); break;
    case IR_SUBTYPE: {
        struct ir_value *s = ir_simplify(g, v);
        if (s == v && a->op == IR_CLASSID) {
            int known = decide(type_of(ir_value(a->args[0])), v->k.cls);
            if (known >= 0) { s = ir_const_int(g, known); }
        }
        if (s != v) { ir_replace(v, s); }
        break;
    }
    default: break;
    }
}

void pass_typeprop(struct ir_graph *g)
{
    ir_clean_copies(g);
    ir_order(g);
    ir_const(g, IR_R, 0); /* so that no id is beyond the table */
    types = calloc(g->n_values + 1, sizeof *types);
    if (!types) { return; }
    bool solved = solve(g);
    for (struct ir_block *b = g->blocks; b && solved; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (v->type == IR_R) { write_type(v); }
        }
    }
    for (struct ir_block *b = g->blocks; b && solved; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) { apply(g, v); }
    }
    free(types);
    types = NULL;
    ir_clean_copies(g);
}
