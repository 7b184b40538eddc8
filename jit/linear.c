/*
 * linear.c - see linear.h.
 */
#include "jit/linear.h"

#define DEPTH 6

static bool add_term(struct linear *l, struct ir_value *v, uint64_t factor)
{
    unsigned i = 0;
    while (i < l->n && l->terms[i].value != v) { i++; }
    if (i == LINEAR_TERMS) { return false; }
    if (i == l->n) {
        l->terms[i].value = v;
        l->terms[i].factor = 0;
        l->n++;
    }
    l->terms[i].factor += factor;
    if (l->terms[i].factor == 0) { l->terms[i] = l->terms[--l->n]; }
    return true;
}

static uint64_t constant_of(const struct ir_value *v)
{
    return v->type == IR_J ? (uint64_t)v->k.j : (uint64_t)v->k.i;
}

/* *l += factor * v */
static bool add(struct linear *l, struct ir_value *v, uint64_t factor, int depth)
{
    v = ir_value(v);
    if (!v) { return false; } /* an argument that the operation lacks */
    if (ir_is_const(v)) {
        l->constant += factor * constant_of(v);
        return true;
    }
    struct ir_value *x = v->n_args ? ir_value(v->args[0]) : NULL;
    struct ir_value *y = v->n_args > 1 ? ir_value(v->args[1]) : NULL;
    if (depth > 0) {
        switch (v->op) {
        case IR_ADD: return add(l, x, factor, depth - 1) && add(l, y, factor, depth - 1);
        case IR_SUB: return add(l, x, factor, depth - 1) && add(l, y, -factor, depth - 1);
        case IR_NEG: return add(l, x, -factor, depth - 1);
        case IR_MUL:
            if (!y || !ir_is_const(y)) { break; }
            return add(l, x, factor * constant_of(y), depth - 1);
        case IR_SHL:
            if (!y || !ir_is_const(y)) { break; }
            return add(l, x, factor << (y->k.i & (v->type == IR_J ? 63 : 31)), depth - 1);
        default: break;
        }
    }
    return factor == 0 || add_term(l, v, factor);
}

/* Of ints, factors that are equal modulo 2^32 are the same. */
static void truncate(struct linear *l)
{
    l->constant = (uint32_t)l->constant;
    for (unsigned i = 0; i < l->n;) {
        l->terms[i].factor = (uint32_t)l->terms[i].factor;
        if (l->terms[i].factor == 0) {
            l->terms[i] = l->terms[--l->n];
        } else {
            i++;
        }
    }
}

bool linear_difference(struct linear *d, struct ir_value *a, struct ir_value *b)
{
    *d = (struct linear){0};
    if (!add(d, a, 1, DEPTH) || !add(d, b, -UINT64_C(1), DEPTH)) { return false; }
    if (a->type == IR_I) { truncate(d); }
    return true;
}
