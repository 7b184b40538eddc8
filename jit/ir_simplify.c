/*
 * ir_simplify.c - constant folding and algebraic identities, one operation at a time.
 *
 * Arithmetic is the JVM's: ints and longs wrap, shift counts are masked, MIN / -1 = MIN, float to int saturates and makes
 * NaN 0, floats are IEEE 754 to the bit (so no x + 0.0, which would turn -0.0 into itself; no reassociation). Compiled
 * with -fwrapv, so plain C does most of it.
 */
#include <math.h>
#include <string.h>
#include "jit/ir.h"

static struct ir_value *int_const(struct ir_graph *g, enum ir_type t, int64_t x)
{
    return ir_const(g, t, x);
}

static struct ir_value *float_const(struct ir_graph *g, float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return ir_const(g, IR_F, bits);
}

static struct ir_value *double_const(struct ir_graph *g, double d)
{
    int64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return ir_const(g, IR_D, bits);
}

static bool is_int_type(const struct ir_value *v) { return v->type == IR_I || v->type == IR_J; }
static bool is_int_const(const struct ir_value *v) { return ir_is_const(v) && is_int_type(v); }
static bool is_value(const struct ir_value *v, int64_t x) { return is_int_const(v) && v->k.j == x; }

/* ---- conditions ---- */

static int fold_int_cond(enum ir_cond c, int64_t a, int64_t b, bool is_long)
{
    uint64_t ua = is_long ? (uint64_t)a : (uint32_t)a, ub = is_long ? (uint64_t)b : (uint32_t)b;
    switch (c) {
    case IRC_EQ: return a == b;
    case IRC_NE: return a != b;
    case IRC_LT: return a < b;
    case IRC_GE: return a >= b;
    case IRC_GT: return a > b;
    case IRC_LE: return a <= b;
    case IRC_ULT: return ua < ub;
    case IRC_UGE: return ua >= ub;
    case IRC_UGT: return ua > ub;
    case IRC_ULE: return ua <= ub;
    default: return -1;
    }
}

static int fold_float_cond(enum ir_cond c, double a, double b)
{
    switch (c) {
    case IRC_EQ: return a == b;
    case IRC_NE: return a != b;
    case IRC_FLT: return a < b;
    case IRC_FGEU: return !(a < b);
    case IRC_FGT: return a > b;
    case IRC_FLEU: return !(a > b);
    case IRC_FLE: return a <= b;
    case IRC_FGTU: return !(a <= b);
    case IRC_FGE: return a >= b;
    case IRC_FLTU: return !(a >= b);
    default: return -1;
    }
}

int ir_fold_cond(enum ir_cond c, const struct ir_value *a, const struct ir_value *b)
{
    if (ir_is_const(a) && ir_is_const(b)) {
        switch (a->type) {
        case IR_F: return fold_float_cond(c, (double)a->k.f, (double)b->k.f);
        case IR_D: return fold_float_cond(c, a->k.d, b->k.d);
        default: return fold_int_cond(c, a->k.j, b->k.j, a->type == IR_J);
        }
    }
    if (ir_is_float(a->type)) { return -1; } /* also x == x may be NaN */
    if (a == b) {
        return c == IRC_EQ || c == IRC_GE || c == IRC_LE || c == IRC_UGE || c == IRC_ULE;
    }
    if (a->type == IR_R && (c == IRC_EQ || c == IRC_NE)) {
        bool a_null = ir_is_const(a) && !a->k.j, b_null = ir_is_const(b) && !b->k.j;
        if ((a_null && (b->flags & VALUE_NONNULL)) || (b_null && (a->flags & VALUE_NONNULL))) {
            return c == IRC_NE;
        }
        return -1;
    }
    if (is_value(b, 0) && c == IRC_ULT) { return 0; }
    if (is_value(b, 0) && c == IRC_UGE) { return 1; }
    if (is_int_const(b)) { /* beyond the ends of the type */
        int64_t min = b->type == IR_J ? INT64_MIN : INT32_MIN;
        int64_t max = b->type == IR_J ? INT64_MAX : INT32_MAX;
        if (b->k.j == min && (c == IRC_LT || c == IRC_GE)) { return c == IRC_GE; }
        if (b->k.j == max && (c == IRC_GT || c == IRC_LE)) { return c == IRC_LE; }
    }
    return -1;
}

/* Constant to the right; if (cond(a, b) != 0) becomes if (cond'(a, b)). */
static void canonical_cond(struct ir_value *v)
{
    for (;;) {
        struct ir_value *a = v->args[0], *b = v->args[1];
        if (ir_is_const(a) && !ir_is_const(b)) {
            v->args[0] = b;
            v->args[1] = a;
            v->cond = (uint8_t)ir_cond_swap(v->cond);
        } else if (a->op == IR_COND && (v->cond == IRC_NE || v->cond == IRC_EQ) &&
                   (is_value(b, 0) || is_value(b, 1))) {
            bool same = (v->cond == IRC_NE) == (b->k.j == 0);
            v->cond = same ? a->cond : a->cond ^ 1;
            v->args[0] = a->args[0];
            v->args[1] = a->args[1];
        } else {
            return;
        }
    }
}

/* ---- arithmetic on constants ---- */

static bool fold_int(enum ir_op op, enum ir_type t, int64_t a, int64_t b, int64_t *r)
{
    bool j = t == IR_J;
    uint64_t ua = j ? (uint64_t)a : (uint32_t)a;
    unsigned shift = (unsigned)b & (j ? 63 : 31);
    switch (op) {
    case IR_ADD: *r = a + b; break;
    case IR_SUB: *r = a - b; break;
    case IR_MUL: *r = a * b; break;
    case IR_DIV:
        if (!b) { return false; } /* behind a check that always fails */
        *r = b == -1 ? -a : a / b;
        break;
    case IR_REM:
        if (!b) { return false; }
        *r = b == -1 ? 0 : a % b;
        break;
    case IR_AND: *r = a & b; break;
    case IR_OR: *r = a | b; break;
    case IR_XOR: *r = a ^ b; break;
    case IR_SHL: *r = (int64_t)((uint64_t)a << shift); break;
    case IR_SHR: *r = a >> shift; break;
    case IR_USHR: *r = (int64_t)(ua >> shift); break;
    default: return false;
    }
    return true;
}

static bool fold_float(enum ir_op op, float a, float b, float *r)
{
    switch (op) {
    case IR_ADD: *r = a + b; break;
    case IR_SUB: *r = a - b; break;
    case IR_MUL: *r = a * b; break;
    case IR_DIV: *r = a / b; break;
    case IR_REM: *r = fmodf(a, b); break;
    default: return false;
    }
    return true;
}

static bool fold_double(enum ir_op op, double a, double b, double *r)
{
    switch (op) {
    case IR_ADD: *r = a + b; break;
    case IR_SUB: *r = a - b; break;
    case IR_MUL: *r = a * b; break;
    case IR_DIV: *r = a / b; break;
    case IR_REM: *r = fmod(a, b); break;
    default: return false;
    }
    return true;
}

static struct ir_value *fold_binary(struct ir_graph *g, struct ir_value *v)
{
    const struct ir_value *a = v->args[0], *b = v->args[1];
    if (!ir_is_const(a) || !ir_is_const(b)) { return v; }
    int64_t i;
    float f;
    double d;
    switch (v->type) {
    case IR_I:
    case IR_J: return fold_int(v->op, v->type, a->k.j, b->k.j, &i) ? int_const(g, v->type, i) : v;
    case IR_F: return fold_float(v->op, a->k.f, b->k.f, &f) ? float_const(g, f) : v;
    case IR_D: return fold_double(v->op, a->k.d, b->k.d, &d) ? double_const(g, d) : v;
    default: return v;
    }
}

/* ---- identities of int and long operations; a constant is to the right ---- */

static void swap_args(struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    v->args[0] = v->args[1];
    v->args[1] = a;
}

static bool commutes(enum ir_op op)
{
    return op == IR_ADD || op == IR_MUL || op == IR_AND || op == IR_OR || op == IR_XOR;
}

/* (x op c1) op c2 -> x op (c1 op c2), for associative operations. */
static void reassociate(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    int64_t r;
    if (commutes(v->op) && a->op == v->op && is_int_const(a->args[1]) &&
        fold_int(v->op, v->type, a->args[1]->k.j, v->args[1]->k.j, &r)) {
        v->args[0] = a->args[0];
        v->args[1] = int_const(g, v->type, r);
    }
}

/* Right operand constant. NULL: nothing known. */
static struct ir_value *int_by_constant(struct ir_graph *g, struct ir_value *v)
{
    if (v->op == IR_SUB) { /* one form for x - c and x + -c */
        v->op = IR_ADD;
        v->args[1] = int_const(g, v->type, -v->args[1]->k.j);
    }
    reassociate(g, v);
    struct ir_value *a = v->args[0];
    int64_t c = v->args[1]->k.j;
    switch (v->op) {
    case IR_ADD:
    case IR_OR:
    case IR_XOR:
        if (c == 0) { return a; }
        return v->op == IR_OR && c == -1 ? v->args[1] : NULL;
    case IR_SHL:
    case IR_SHR:
    case IR_USHR: return (c & (v->type == IR_J ? 63 : 31)) == 0 ? a : NULL;
    case IR_MUL: return c == 1 ? a : c == 0 ? v->args[1] : NULL;
    case IR_DIV: return c == 1 ? a : NULL;
    case IR_REM: return c == 1 || c == -1 ? int_const(g, v->type, 0) : NULL;
    case IR_AND: return c == -1 ? a : c == 0 ? v->args[1] : NULL;
    default: return NULL;
    }
}

static struct ir_value *simplify_int(struct ir_graph *g, struct ir_value *v)
{
    if (commutes(v->op) && ir_is_const(v->args[0])) { swap_args(v); }
    if (ir_is_const(v->args[1])) {
        struct ir_value *r = int_by_constant(g, v);
        return r ? r : v;
    }
    struct ir_value *a = v->args[0], *b = v->args[1];
    if (is_value(a, 0) && v->op == IR_SUB) {
        v->op = IR_NEG;
        v->n_args = 1;
        v->args[0] = b;
        return b->op == IR_NEG ? b->args[0] : v;
    }
    if (is_value(a, 0) && (v->op == IR_SHL || v->op == IR_SHR || v->op == IR_USHR)) { return a; }
    if (a == b) {
        if (v->op == IR_SUB || v->op == IR_XOR) { return int_const(g, v->type, 0); }
        if (v->op == IR_AND || v->op == IR_OR) { return a; }
    }
    if (v->op == IR_SUB && a->op == IR_ADD) { /* (x + y) - y */
        if (a->args[1] == b) { return a->args[0]; }
        if (a->args[0] == b) { return a->args[1]; }
    }
    if (v->op == IR_ADD && a->op == IR_SUB && a->args[1] == b) { return a->args[0]; }
    if (v->op == IR_ADD && b->op == IR_SUB && b->args[1] == a) { return b->args[0]; }
    return v;
}

/* Only what holds for NaN, infinities and both zeros. */
static struct ir_value *simplify_float(struct ir_value *v)
{
    struct ir_value *a = v->args[0], *b = v->args[1];
    if (v->op == IR_MUL &&
        ir_is_const(a)) { /* products commute; which NaN comes out is nobody's business */
        swap_args(v);
        a = v->args[0];
        b = v->args[1];
    }
    if (!ir_is_const(b) || (v->op != IR_MUL && v->op != IR_DIV)) { return v; }
    return (v->type == IR_F ? b->k.f == 1.0f : b->k.d == 1.0) ? a : v;
}

/* ---- conversions ---- */

static int32_t to_int(double d)
{
    if (isnan(d)) { return 0; }
    if (d >= 2147483647.0) { return INT32_MAX; }
    return d <= -2147483648.0 ? INT32_MIN : (int32_t)d;
}

static int64_t to_long(double d)
{
    if (isnan(d)) { return 0; }
    if (d >= 9223372036854775808.0) { return INT64_MAX; }
    return d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}

static struct ir_value *fold_conv(struct ir_graph *g, const struct ir_value *a, enum ir_type to)
{
    if (is_int_type(a)) {
        switch (to) {
        case IR_F: return float_const(g, (float)a->k.j);
        case IR_D: return double_const(g, (double)a->k.j);
        default: return int_const(g, to, a->k.j);
        }
    }
    double d = a->type == IR_F ? (double)a->k.f : a->k.d;
    switch (to) {
    case IR_I: return int_const(g, IR_I, to_int(d));
    case IR_J: return int_const(g, IR_J, to_long(d));
    case IR_F: return float_const(g, (float)d);
    default: return double_const(g, d);
    }
}

static struct ir_value *simplify_conv(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    if (a->type == v->type) { return a; }
    if (ir_is_const(a)) { return fold_conv(g, a, v->type); }
    if (a->op != IR_CONV) { return v; }
    /* x -> wider -> back: nothing lost where the middle type holds all values of the first. */
    enum ir_type from = a->args[0]->type, via = a->type;
    bool exact = from == IR_I ? via == IR_J || via == IR_D : from == IR_F && via == IR_D;
    if (!exact) { return v; }
    v->args[0] = a->args[0];
    return from == v->type ? a->args[0] : v;
}

static bool is_sub_int(const struct ir_value *v, enum basic_type t)
{
    switch (v->op) {
    case IR_NARROW:
        return v->k.j == t || (v->k.j == T_BYTE && t == T_SHORT) ||
               (v->k.j == T_BOOLEAN && t != T_BOOLEAN);
    case IR_LOAD:
    case IR_LOADX:
    case IR_LOADS: return v->mem == t ? t != T_BOOLEAN : v->mem == T_BYTE && t == T_SHORT;
    case IR_COND:
    case IR_SUBTYPE: return true;
    case IR_AND:
        if (!is_int_const(v->args[1]) || v->args[1]->k.j < 0) { return false; }
        return v->args[1]->k.j <= (t == T_BOOLEAN ? 1
                                   : t == T_BYTE  ? INT8_MAX
                                   : t == T_SHORT ? INT16_MAX
                                                  : UINT16_MAX);
    default: return false;
    }
}

static struct ir_value *simplify_narrow(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    if (ir_is_const(a)) {
        switch (v->k.j) {
        case T_BOOLEAN: return int_const(g, IR_I, a->k.i & 1);
        case T_BYTE: return int_const(g, IR_I, (int8_t)a->k.i);
        case T_CHAR: return int_const(g, IR_I, (uint16_t)a->k.i);
        default: return int_const(g, IR_I, (int16_t)a->k.i);
        }
    }
    if (is_sub_int(a, (enum basic_type)v->k.j)) { return a; }
    /* The low bits pass through a wider narrowing. */
    if (a->op == IR_NARROW &&
        type_size((enum basic_type)a->k.j) >= type_size((enum basic_type)v->k.j) &&
        a->k.j != T_BOOLEAN) {
        v->args[0] = a->args[0];
    }
    return v;
}

static struct ir_value *simplify_neg(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    if (a->op == IR_NEG) { return a->args[0]; }
    if (!ir_is_const(a)) {
        if (a->op == IR_SUB && is_int_type(a) && !ir_is_const(a->args[0])) { /* -(x - y) = y - x */
            v->op = IR_SUB;
            v->n_args = 2;
            struct ir_value **args = ir_alloc(g, 2 * sizeof *args);
            args[0] = a->args[1];
            args[1] = a->args[0];
            v->args = args;
        }
        return v;
    }
    switch (v->type) {
    case IR_F: return float_const(g, -a->k.f);
    case IR_D: return double_const(g, -a->k.d);
    default: return int_const(g, v->type, -a->k.j);
    }
}

static struct ir_value *simplify_cmp3(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0], *b = v->args[1];
    if (a == b && is_int_type(a)) { return int_const(g, IR_I, 0); }
    if (!ir_is_const(a) || !ir_is_const(b)) { return v; }
    if (is_int_type(a)) { return int_const(g, IR_I, (a->k.j > b->k.j) - (a->k.j < b->k.j)); }
    double x = a->type == IR_F ? (double)a->k.f : a->k.d;
    double y = b->type == IR_F ? (double)b->k.f : b->k.d;
    return int_const(g, IR_I, isunordered(x, y) ? v->k.j : (x > y) - (x < y));
}

/* ---- MATH ---- */

static double java_min(double a, double b)
{
    if (isnan(a) || isnan(b)) { return NAN; }
    if (a == b) { return signbit(a) ? a : b; }
    return a < b ? a : b;
}

static double java_max(double a, double b)
{
    if (isnan(a) || isnan(b)) { return NAN; }
    if (a == b) { return signbit(a) ? b : a; }
    return a > b ? a : b;
}

static struct ir_value *fold_math_int(struct ir_graph *g, struct ir_value *v)
{
    bool j = v->args[0]->type == IR_J;
    int64_t a = v->args[0]->k.j, b = v->n_args > 1 ? v->args[1]->k.j : 0;
    uint64_t u = j ? (uint64_t)a : (uint32_t)a;
    int bits = j ? 64 : 32;
    switch ((enum ir_math)v->k.j) {
    case IRM_ABS: return int_const(g, v->type, a < 0 ? -a : a);
    case IRM_MIN: return int_const(g, v->type, a < b ? a : b);
    case IRM_MAX: return int_const(g, v->type, a > b ? a : b);
    case IRM_CLZ: return int_const(g, v->type, u ? __builtin_clzll(u) - (64 - bits) : bits);
    case IRM_CTZ: return int_const(g, v->type, u ? __builtin_ctzll(u) : bits);
    case IRM_POPCOUNT: return int_const(g, v->type, __builtin_popcountll(u));
    case IRM_BSWAP:
        return int_const(g, v->type,
                         j ? (int64_t)__builtin_bswap64(u)
                           : (int32_t)__builtin_bswap32((uint32_t)u));
    case IRM_MULHI: return j ? int_const(g, IR_J, (int64_t)(((__int128)a * b) >> 64)) : v;
    case IRM_BITS: return ir_is_float(v->type) ? ir_const(g, v->type, a) : v;
    default: return v;
    }
}

static struct ir_value *fold_math_float(struct ir_graph *g, struct ir_value *v)
{
    bool f = v->args[0]->type == IR_F;
    double x[3] = {0};
    for (uint32_t i = 0; i < v->n_args && i < 3; i++) {
        x[i] = f ? (double)v->args[i]->k.f : v->args[i]->k.d;
    }
    double r;
    switch ((enum ir_math)v->k.j) {
    case IRM_SQRT: r = sqrt(x[0]); break; /* of a float: rounding twice is exact here */
    case IRM_ABS: r = fabs(x[0]); break;
    case IRM_CEIL: r = ceil(x[0]); break;
    case IRM_FLOOR: r = floor(x[0]); break;
    case IRM_RINT: r = rint(x[0]); break;
    case IRM_MIN: r = java_min(x[0], x[1]); break;
    case IRM_MAX: r = java_max(x[0], x[1]); break;
    case IRM_FMA:
        if (f) { return float_const(g, fmaf(v->args[0]->k.f, v->args[1]->k.f, v->args[2]->k.f)); }
        r = fma(x[0], x[1], x[2]);
        break;
    case IRM_BITS:
        if (v->type != IR_I && v->type != IR_J) { return v; }
        return int_const(g, v->type, v->args[0]->k.j);
    default: return v; /* the library's last bit is its own */
    }
    return v->type == IR_F ? float_const(g, (float)r) : v->type == IR_D ? double_const(g, r) : v;
}

static struct ir_value *simplify_math(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    if (v->k.j == IRM_BITS && a->op == IR_MATH && a->k.j == IRM_BITS &&
        a->args[0]->type == v->type && is_int_type(v)) {
        return a->args[0]; /* the other way round a signalling NaN might have been quieted */
    }
    if ((v->k.j == IRM_MIN || v->k.j == IRM_MAX) && is_int_type(v)) {
        if (a == v->args[1]) { return a; }
        if (ir_is_const(a)) { swap_args(v); }
    }
    for (uint32_t i = 0; i < v->n_args; i++) {
        if (!ir_is_const(v->args[i])) { return v; }
    }
    return is_int_type(a) ? fold_math_int(g, v) : fold_math_float(g, v);
}

/* ---- references ---- */

static struct ir_value *simplify_of_reference(struct ir_graph *g, struct ir_value *v)
{
    struct ir_value *a = v->args[0];
    if (v->op == IR_CLASSID && a->cls && (a->flags & VALUE_EXACT) && (a->flags & VALUE_NONNULL)) {
        return ir_const_int(g, (int32_t)class_id(a->cls));
    }
    if (v->op == IR_ARRAYLEN && a->op == IR_NEWARRAY) { return a->args[0]; }
    if (v->op == IR_ISA) {
        if (ir_is_const(a) && !a->k.j) { return ir_const_int(g, (int32_t)v->index); }
        if (a->flags & VALUE_NONNULL) { v->index = 0; } /* one form where null does not matter */
    }
    /* The same question about the reference before its type was narrowed: one form. Not beyond NONNULL, behind whose guard
     * the header may be read. */
    while (a->op == IR_CAST && (a->args[0]->flags & VALUE_NONNULL || v->op == IR_ISA)) {
        a = ir_value(a->args[0]);
    }
    v->args[0] = a;
    return v;
}

/* ---- all ---- */

static struct ir_value *simplify_cond(struct ir_graph *g, struct ir_value *v)
{
    canonical_cond(v);
    int known = ir_fold_cond(v->cond, v->args[0], v->args[1]);
    if (v->op == IR_COND) {
        if (known >= 0) { return int_const(g, IR_I, known); }
        /* 0/1 values are their own truth */
        if (v->cond == IRC_NE && is_value(v->args[1], 0) && is_sub_int(v->args[0], T_BOOLEAN)) {
            return v->args[0];
        }
        return v;
    }
    if (v->op == IR_SELECT) {
        if (known >= 0) { return v->args[known ? 2 : 3]; }
        if (v->args[2] == v->args[3]) { return v->args[2]; }
    }
    return v;
}

struct ir_value *ir_simplify(struct ir_graph *g, struct ir_value *v)
{
    for (uint32_t i = 0; i < v->n_args; i++) { v->args[i] = ir_value(v->args[i]); }
    struct ir_value *r;
    switch (v->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_DIV:
    case IR_REM:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_SHL:
    case IR_SHR:
    case IR_USHR:
        r = fold_binary(g, v);
        if (r != v) { return r; }
        return ir_is_float(v->type) ? simplify_float(v) : simplify_int(g, v);
    case IR_NEG: return simplify_neg(g, v);
    case IR_CONV: return simplify_conv(g, v);
    case IR_NARROW: return simplify_narrow(g, v);
    case IR_CMP3: return simplify_cmp3(g, v);
    case IR_COND:
    case IR_SELECT:
    case IR_GUARD:
    case IR_IF: return simplify_cond(g, v);
    case IR_MATH: return simplify_math(g, v);
    case IR_NONNULL: return v->args[0]->flags & VALUE_NONNULL ? v->args[0] : v;
    case IR_CLASSID:
    case IR_ARRAYLEN:
    case IR_ISA: return simplify_of_reference(g, v);
    case IR_SUBTYPE:
        if (ir_is_const(v->args[0])) {
            return ir_const_int(
                g, class_is_subclass(class_from_id((uint32_t)v->args[0]->k.i), v->k.cls));
        }
        break;
    default: break;
    }
    return v;
}
