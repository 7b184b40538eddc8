// The compiler's graphs: simplification, analyses, and each pass on a small graph built by hand. ir_verify() after each.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/jit_passes.h"
#include "tests/unit/run_suite.h"

// ---- building ----

static struct ir_value *guard(struct ir_block *b, enum ir_cond c, struct ir_value *x,
                              struct ir_value *y)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_GUARD, IR_V, 2, x, y));
    v->cond = (uint8_t)c;
    v->state = state(0, NULL);
    return v;
}

static struct ir_value *nonnull(struct ir_block *b, struct ir_value *x)
{
    guard(b, IRC_NE, x, ir_const(g, IR_R, 0));
    return add(b, ir_value_new(g, IR_NONNULL, IR_R, 1, x));
}

static struct ir_value *load(struct ir_block *b, struct ir_value *o, uint32_t offset)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_LOAD, IR_I, 1, o));
    v->mem = T_INT;
    v->offset = offset;
    return v;
}

static struct ir_value *store(struct ir_block *b, struct ir_value *o, uint32_t offset,
                              struct ir_value *x)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_STORE, IR_V, 2, o, x));
    v->mem = T_INT;
    v->offset = offset;
    return v;
}

static struct ir_value *f64(double d)
{
    int64_t bits;
    memcpy(&bits, &d, 8);
    return ir_const(g, IR_D, bits);
}

// ---- simplification ----

static int64_t fold(enum ir_op op, struct ir_value *a, struct ir_value *b)
{
    struct ir_value *r = ir_simplify(g, ir_value_new(g, op, a->type, 2, a, b));
    ck_assert_msg(ir_is_const(r), "%s is not folded", ir_info[op].name);
    return r->k.j;
}

static struct ir_value *conv(struct ir_value *a, enum ir_type to)
{
    return ir_simplify(g, ir_value_new(g, IR_CONV, to, 1, a));
}

START_TEST(constants)
{
    block();
    ck_assert_int_eq(fold(IR_ADD, i32(INT32_MAX), i32(1)), INT32_MIN);
    ck_assert_int_eq(fold(IR_MUL, i32(65536), i32(65536)), 0);
    ck_assert_int_eq(fold(IR_DIV, i32(INT32_MIN), i32(-1)), INT32_MIN);
    ck_assert_int_eq(fold(IR_REM, i32(INT32_MIN), i32(-1)), 0);
    ck_assert_int_eq(fold(IR_DIV, i64(INT64_MIN), i64(-1)), INT64_MIN);
    ck_assert_int_eq(fold(IR_SHL, i32(1), i32(33)), 2);
    ck_assert_int_eq(fold(IR_SHR, i32(-8), i32(1)), -4);
    ck_assert_int_eq(fold(IR_USHR, i32(-1), i32(28)), 15);
    ck_assert_int_eq(fold(IR_USHR, i64(-1), i32(60)), 15);
    ck_assert_int_eq(conv(f64(NAN), IR_I)->k.i, 0);
    ck_assert_int_eq(conv(f64(1e20), IR_I)->k.i, INT32_MAX);
    ck_assert_int_eq(conv(f64(-1e20), IR_J)->k.j, INT64_MIN);
    ck_assert(conv(i64(INT64_MAX), IR_D)->k.d == 9223372036854775808.0);
    ck_assert_int_eq(ir_fold_cond(IRC_FGEU, f64(NAN), f64(1)), 1);
    ck_assert_int_eq(ir_fold_cond(IRC_FGE, f64(NAN), f64(1)), 0);
    ck_assert_int_eq(ir_fold_cond(IRC_ULT, i32(-1), i32(5)), 0);
    ck_assert_ptr_eq(i32(7), i32(7)); // shared
    ck_assert_ptr_ne(f64(0.0), f64(-0.0));
}
END_TEST

START_TEST(identities)
{
    struct ir_block *b = block();
    struct ir_value *x = param(b, IR_I, 0), *d = param(b, IR_D, 1);
    ck_assert_ptr_eq(ir_simplify(g, ir_value_new(g, IR_ADD, IR_I, 2, i32(0), x)), x);
    ck_assert_ptr_eq(ir_simplify(g, ir_value_new(g, IR_XOR, IR_I, 2, x, x)), i32(0));
    ck_assert_ptr_eq(ir_simplify(g, ir_value_new(g, IR_AND, IR_I, 2, x, i32(-1))), x);
    ck_assert_ptr_eq(ir_simplify(g, ir_value_new(g, IR_MUL, IR_D, 2, d, f64(1))), d);
    struct ir_value *sum = ir_value_new(g, IR_ADD, IR_D, 2, d, f64(0));
    ck_assert_ptr_eq(ir_simplify(g, sum), sum); // -0.0 + 0.0 is 0.0
    struct ir_value *wide = ir_value_new(g, IR_CONV, IR_J, 1, x);
    ck_assert_ptr_eq(conv(wide, IR_I), x);
    struct ir_value *one = ir_value_new(g, IR_SUB, IR_I, 2, x, i32(-1)); // x + 1
    ck_assert_ptr_eq(ir_simplify(g, one), one);
    struct ir_value *two = ir_simplify(g, ir_value_new(g, IR_ADD, IR_I, 2, one, i32(1)));
    ck_assert_ptr_eq(two->args[0], x);
    ck_assert_int_eq(two->args[1]->k.i, 2);
}
END_TEST

// ---- analyses ----

START_TEST(dominators_and_loops)
{
    struct ir_block *a = block(), *outer = block(), *inner = block(), *end = block(),
                    *out = block(), *dead = block();
    struct ir_value *x = param(a, IR_I, 0);
    jump(a, outer);
    jump(outer, inner);
    branch(inner, IRC_LT, x, i32(5), inner, end);
    branch(end, IRC_LT, x, i32(6), outer, out);
    ret(out, x);
    jump(dead, out);
    ir_analyse(g);
    verify();
    ck_assert_ptr_eq(inner->idom, outer);
    ck_assert_ptr_eq(out->idom, end);
    ck_assert_uint_eq(out->n_preds, 1);
    ck_assert_uint_eq(inner->loop->depth, 2);
    ck_assert_ptr_eq(inner->loop->outer, outer->loop);
    ck_assert_ptr_eq(end->loop, outer->loop);
    ck_assert_ptr_null(out->loop);
    ck_assert_ptr_eq(ir_loop_preheader(outer->loop), a);
    ck_assert(ir_dominates(outer, out) && !ir_dominates(end, inner));
}
END_TEST

START_TEST(irreducible)
{
    struct ir_block *a = block(), *p = block(), *q = block(), *out = block();
    struct ir_value *x = param(a, IR_I, 0);
    branch(a, IRC_EQ, x, i32(0), p, q);
    jump(p, q);
    branch(q, IRC_EQ, x, i32(1), p, out);
    ret(out, x);
    verify();
    ck_assert_ptr_null(g->loops); // two entries
    for (unsigned i = 0; i < PASS_COUNT; i++) {
        if (pass_table[i].function) { pass_table[i].function(g); }
        verify();
    }
}
END_TEST

START_TEST(violations)
{
    struct ir_block *a = block();
    struct ir_value *x = param(a, IR_I, 0), *y = op2(a, IR_ADD, x, i32(1));
    ret(a, y);
    verify();
    ir_remove(x);
    ck_assert_ptr_nonnull(ir_verify(g));
    ir_insert_after(y, x);
    ck_assert_ptr_nonnull(ir_verify(g));
    ir_remove(x);
    ir_insert_before(y, x);
    verify();
    y->args[1] = i64(1);
    ck_assert_ptr_nonnull(ir_verify(g));
}
END_TEST

// ---- gvn, typeprop, dce ----

START_TEST(equal_values_and_checks)
{
    struct ir_block *a = block(), *b = block(), *c = block();
    struct ir_value *o = param(a, IR_R, 0), *x = param(a, IR_I, 1);
    struct ir_value *s1 = op2(a, IR_ADD, x, i32(3));
    struct ir_value *n1 = nonnull(a, o);
    branch(a, IRC_LT, x, i32(9), b, c);
    struct ir_value *s2 = op2(b, IR_ADD, i32(3), x);
    struct ir_value *n2 = nonnull(b, o);
    guard(b, IRC_NE, x, i32(9)); // follows from x < 9
    struct ir_value *st = store(b, n2, 8, s2);
    ret(b, load(b, n1, 8)); // what was stored
    ret(c, s1);
    (void)st;
    pass_gvn(g);
    verify();
    ck_assert_uint_eq(count_op(IR_ADD), 1);
    ck_assert_uint_eq(count_op(IR_NONNULL), 1);
    ck_assert_uint_eq(count_op(IR_GUARD), 1);
    ck_assert_uint_eq(count_op(IR_LOAD), 0);
    ck_assert_ptr_eq(b->last->args[0], s1);
}
END_TEST

// A loop that is cut off in the round: its PHI has only what was made of itself left, which must not become a circle.
START_TEST(loop_cut_off)
{
    struct ir_block *entry = g->entry = block(), *header = block(), *body = block(), *out = block();
    struct ir_value *x = param(entry, IR_R, 0);
    branch(entry, IRC_EQ, i32(1), i32(2), header, out); // never
    struct ir_value *phi = add(header, ir_value_new(g, IR_PHI, IR_R, 1, x));
    struct ir_value *same = nonnull(header, phi);
    struct ir_value *a = load(header, same, 8);
    branch(header, IRC_LT, a, i32(3), body, out);
    struct ir_value *b = load(body, nonnull(body, same), 8);
    store(body, same, 12, b);
    jump(body, header);
    ir_phi_add(g, phi, nonnull(body, same));
    ret(out, NULL);
    pass_gvn(g);
    verify();
    ck_assert_uint_eq(count_op(IR_LOAD), 0);
}
END_TEST

START_TEST(loads_and_kills)
{
    struct ir_block *a = block();
    struct ir_value *o = nonnull(a, param(a, IR_R, 0)), *p = nonnull(a, param(a, IR_R, 1));
    struct ir_value *l1 = load(a, o, 8), *l2 = load(a, o, 12);
    store(a, p, 8, i32(1)); // may be o's field at 8, not that at 12
    struct ir_value *sum =
        op2(a, IR_ADD, op2(a, IR_ADD, l1, l2), op2(a, IR_ADD, load(a, o, 8), load(a, o, 12)));
    add(a, ir_value_new(g, IR_FENCE, IR_V, 0));
    ret(a, op2(a, IR_ADD, sum, load(a, o, 12)));
    pass_gvn(g);
    verify();
    ck_assert_uint_eq(count_op(IR_LOAD), 4);
}
END_TEST

// factor_i * i + factor_h * h + constant
static struct ir_value *sum(struct ir_block *b, struct ir_value *i, struct ir_value *h,
                            const int32_t *f)
{
    struct ir_value *x = op2(b, IR_ADD, op2(b, IR_MUL, i, i32(f[0])), op2(b, IR_MUL, h, i32(f[1])));
    return op2(b, IR_ADD, x, i32(f[2]));
}

// A load, a store of another element (or the same?), the load once more: is it needed?
START_TEST(indices_apart)
{
    static const struct {
        int32_t load[3], store[3];
        int32_t low, high; // of h
        bool apart;
    } cases[] = {
        {{2, 0, 0}, {2, 0, 1}, INT32_MIN, INT32_MAX, true},
        {{2, 0, 0}, {2, 2, 1}, INT32_MIN, INT32_MAX, true},
        {{6, 4, 0}, {2, 2, 3}, INT32_MIN, INT32_MAX, true},
        {{2, 0, 0}, {2, 2, 2}, INT32_MIN, INT32_MAX, false},
        {{2, 0, 0}, {2, 2, 0}, INT32_MIN, INT32_MAX, false},
        {{2, 0, 0}, {2, 2, 0}, 0, INT32_MAX, false},
        {{2, 0, 0}, {2, 2, 0}, 1, INT32_MAX, true},
        {{2, 2, 0}, {2, 0, 0}, 1, INT32_MAX, true},
        {{1, 0, 0}, {1, 1, 0}, 1, INT32_MAX, true},
        {{1, 0, 7}, {1, 1, 6}, 1, INT32_MAX, false},
        {{4, 0, 0}, {4, 4, 0}, 1, INT32_MAX, false}, // h = 2^30
        {{4, 0, 0}, {4, 4, 0}, 1, 1 << 29, true},
        {{1, 0, 0}, {2, 1, 0}, 1, INT32_MAX, false},
    };
    for (unsigned k = 0; k < ARRAY_COUNT(cases); k++) {
        teardown();
        setup();
        struct ir_block *a = block();
        struct ir_value *array = param(a, IR_R, 0), *i = param(a, IR_I, 1), *h = param(a, IR_I, 2);
        guard(a, IRC_GE, h, i32(cases[k].low));
        guard(a, IRC_LE, h, i32(cases[k].high));
        struct ir_value *p = sum(a, i, h, cases[k].load), *q = sum(a, i, h, cases[k].store);
        struct ir_value *before = add(a, ir_value_new(g, IR_LOADX, IR_I, 2, array, p));
        add(a, ir_value_new(g, IR_STOREX, IR_V, 3, array, q, i32(7)))->mem = T_INT;
        struct ir_value *after = add(a, ir_value_new(g, IR_LOADX, IR_I, 2, array, p));
        before->mem = after->mem = T_INT;
        ret(a, op2(a, IR_ADD, before, after));
        pass_gvn(g);
        verify();
        ck_assert_msg(count_op(IR_LOADX) == (cases[k].apart ? 1 : 2), "case %u", k);
    }
}
END_TEST

static void rt(struct ir_block *b, enum helper_id h, struct ir_value *x, struct ir_value *y)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_RT, IR_I, 5, x, i32(0), y, i32(1), i32(2)));
    v->index = h;
    v->state = state(0, NULL);
}

static struct ir_value *element(struct ir_block *b, struct ir_value *array)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_LOADX, IR_I, 2, array, i32(1)));
    v->mem = T_INT;
    return v;
}

// What a run-time function may write: nothing; elements of an array of ints; of bytes; everything
START_TEST(run_time_functions)
{
    static const struct {
        enum helper_id helper;
        enum basic_type type;
        unsigned fields, elements; // loads that are left of two
    } cases[] = {{HELPER_bytes_equal, T_INT, 1, 1},
                 {HELPER_array_copy, T_INT, 1, 2},
                 {HELPER_copy_bytes, T_BYTE, 1, 1},
                 {HELPER_copy_bytes, T_INT, 1, 2},
                 {HELPER_monitor_enter, T_INT, 2, 2}};
    static struct class array;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        array.kind = CLASS_ARRAY;
        array.elem_type = cases[i].type;
        teardown();
        setup();
        struct ir_block *a = block();
        struct ir_value *o = param(a, IR_R, 0), *p = param(a, IR_R, 1), *to = param(a, IR_R, 2);
        to->cls = &array;
        struct ir_value *before = op2(a, IR_ADD, load(a, o, 8), element(a, p));
        rt(a, cases[i].helper, p, to);
        ret(a, op2(a, IR_ADD, before, op2(a, IR_ADD, load(a, o, 8), element(a, p))));
        pass_gvn(g);
        ck_assert_uint_eq(count_op(IR_LOAD), cases[i].fields);
        ck_assert_uint_eq(count_op(IR_LOADX), cases[i].elements);
    }
}
END_TEST

static struct class classes[3]; // Object <- A <- B

START_TEST(types)
{
    for (unsigned i = 0; i < 3; i++) {
        classes[i].depth = (uint16_t)i;
        classes[i].super = i ? &classes[i - 1] : NULL;
        for (unsigned k = 0; k <= i; k++) { classes[i].display[k] = &classes[k]; }
    }
    struct ir_block *a = block(), *h = block(), *out = block();
    struct ir_value *n = param(a, IR_I, 0);
    struct ir_value *o = add(a, ir_value_new(g, IR_NEW, IR_R, 0));
    o->k.cls = o->cls = &classes[2];
    o->flags |= VALUE_EXACT;
    o->state = state(0, NULL);
    jump(a, h);
    struct ir_value *phi = add(h, ir_value_new(g, IR_PHI, IR_R, 2, o, LATER));
    struct ir_value *cast = add(h, ir_value_new(g, IR_CAST, IR_R, 1, phi));
    cast->cls = &classes[1];
    phi->args[1] = cast;
    struct ir_value *isa = add(h, ir_value_new(g, IR_ISA, IR_I, 1, cast));
    isa->k.cls = &classes[1];
    guard(h, IRC_NE, isa, i32(0));
    guard(h, IRC_NE, phi, ir_const(g, IR_R, 0));
    branch(h, IRC_LT, n, i32(3), h, out);
    ret(out, isa);
    verify();
    pass_typeprop(g);
    verify();
    pass_gvn(g);
    verify();
    ck_assert_uint_eq(count_op(IR_ISA), 0);
    ck_assert_uint_eq(count_op(IR_CAST), 0);
    ck_assert_uint_eq(count_op(IR_GUARD), 0);
    ck_assert_ptr_eq(out->last->args[0], i32(1));
}
END_TEST

// o = new B(); if (x < 3) o.f = x; guard; return o.f
START_TEST(scalar_replacement)
{
    struct ir_block *a = block(), *b = block(), *c = block();
    struct ir_value *x = param(a, IR_I, 0);
    struct ir_value *o = add(a, ir_value_new(g, IR_NEW, IR_R, 0));
    o->k.cls = o->cls = &classes[2];
    o->state = state(0, NULL);
    branch(a, IRC_LT, x, i32(3), b, c);
    store(b, o, 8, x);
    jump(b, c);
    struct ir_value *check = guard(c, IRC_NE, x, i32(9));
    check->state = state(1, &o);
    ret(c, load(c, o, 8));
    verify();
    pass_escape(g);
    verify();
    ck_assert_uint_eq(count_op(IR_NEW) + count_op(IR_LOAD) + count_op(IR_STORE), 0);
    struct ir_value *v = check->state->values[0];
    ck_assert(v->flags & VALUE_VIRTUAL);
    ck_assert_uint_eq(v->virtual->n, 1);
    ck_assert_ptr_eq(v->virtual->fields[0].value, c->last->args[0]);
    ck_assert_uint_eq(c->last->args[0]->op, IR_PHI);
}
END_TEST

START_TEST(escaping_object_stays)
{
    struct ir_block *a = block();
    struct ir_value *o = add(a, ir_value_new(g, IR_NEW, IR_R, 0));
    o->k.cls = o->cls = &classes[2];
    o->state = state(0, NULL);
    store(a, o, 8, i32(1));
    ret(a, o);
    pass_escape(g);
    verify();
    ck_assert_uint_eq(count_op(IR_NEW) + count_op(IR_STORE), 2);
}
END_TEST

// o.f = o; (a block further on) o.f = 1: only the second remains, and the object need not be made
START_TEST(overwritten_store)
{
    struct ir_block *a = block(), *b = block();
    struct ir_value *o = add(a, ir_value_new(g, IR_NEW, IR_R, 0));
    o->k.cls = o->cls = &classes[2];
    o->state = state(0, NULL);
    store(a, o, 8, i32(5));
    struct ir_value *seen =
        load(a, o, 8); // looks: the first store stays until it is known what it reads
    store(a, o, 12, o)->mem = T_OBJECT;
    jump(a, b);
    store(b, o, 12, ir_const(g, IR_R, 0))->mem = T_OBJECT;
    ret(b, seen);
    pass_escape(g);
    verify();
    ck_assert_uint_eq(count_op(IR_NEW) + count_op(IR_STORE), 0);
    ck_assert_ptr_eq(b->last->args[0], i32(5));
}
END_TEST

START_TEST(dead_code)
{
    struct ir_block *a = block(), *h = block(), *mid = block(), *out = block();
    struct ir_value *n = param(a, IR_I, 0);
    jump(a, h);
    struct ir_value *phi =
        add(h, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER)); // feeds itself only
    phi->args[1] = op2(h, IR_ADD, phi, i32(1));
    branch(h, IRC_LT, n, i32(3), h, mid);
    jump(mid, out);
    ret(out, n);
    pass_dce(g);
    verify();
    ck_assert_uint_eq(count_op(IR_PHI) + count_op(IR_ADD), 0);
    ck_assert_uint_eq(count_op(IR_GOTO), 1);
}
END_TEST

// ---- loops ----

static struct ir_block *pre, *head, *body, *latch, *done;
static struct ir_value *iv, *array, *limit, *checked;

// for (int i = first; i < (n or a.length); i++) a[i] = i;    first: a parameter, or 0
static void make_loop_from(bool any, bool by_length)
{
    pre = block(), head = block(), body = block(), latch = block(), done = block();
    array = param(pre, IR_R, 0);
    struct ir_value *n = param(pre, IR_I, 1);
    struct ir_value *first = any ? param(pre, IR_I, 2) : i32(0);
    struct ir_value *in[] = {array, n, first};
    pre->exit_state = state(3, in);
    jump(pre, head);
    iv = add(head, ir_value_new(g, IR_PHI, IR_I, 2, first, LATER));
    limit = n;
    if (by_length) {
        limit = add(head, ir_value_new(g, IR_ARRAYLEN, IR_I, 1, nonnull(head, array)));
    }
    branch(head, IRC_LT, iv, limit, body, done);
    struct ir_value *a = nonnull(body, array);
    struct ir_value *len = add(body, ir_value_new(g, IR_ARRAYLEN, IR_I, 1, a));
    checked = guard(body, IRC_ULT, iv, len);
    struct ir_value *st = add(body, ir_value_new(g, IR_STOREX, IR_V, 3, a, iv, iv));
    st->mem = T_INT;
    struct ir_value *next = op2(body, IR_ADD, iv, i32(1));
    jump(body, latch);
    struct ir_value *back[] = {array, n, next};
    struct ir_value *poll = add(latch, ir_value_new(g, IR_POLL, IR_V, 0));
    poll->state = state(3, back);
    jump(latch, head);
    head->freq = body->freq = latch->freq = 1000;
    iv->args[1] = next;
    ret(done, NULL);
    verify();
    pass_gvn(g);
    verify();
    pass_licm(g);
    verify();
}

static void make_loop(bool by_length) { make_loop_from(false, by_length); }

START_TEST(invariants)
{
    make_loop(false);
    ck_assert_uint_eq(count_in(pre, IR_ARRAYLEN), 1);
    ck_assert_uint_eq(count_in(pre, IR_GUARD), 1); // a != null
    for (struct ir_value *v = pre->first; v; v = v->next) {
        if (v->op == IR_GUARD) {
            ck_assert_uint_eq(v->reason, EXIT_LOOP_CHECK);
            ck_assert_ptr_eq(v->state, pre->exit_state);
        }
    }
}
END_TEST

START_TEST(index_below_length)
{
    make_loop(true);
    pass_rangecheck(g);
    verify();
    ck_assert_uint_eq(count_op(IR_GUARD), 1); // only a != null
    ck_assert_ptr_null(checked->block);
}
END_TEST

START_TEST(index_predicated)
{
    make_loop(false);
    pass_rangecheck(g);
    verify();
    ck_assert_ptr_null(checked->block);
    ck_assert_uint_eq(count_in(pre, IR_GUARD), 2); // and n <= a.length
}
END_TEST

START_TEST(cold_check_stays)
{
    make_loop(false);
    checked->flags |= VALUE_COLD;
    pass_rangecheck(g);
    verify();
    ck_assert_ptr_eq(checked->block, body);
}
END_TEST

static void check_in_outer_loop(enum ir_op op)
{
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        if (count_in(b, op)) { ck_assert_uint_eq(b->loop->depth, 1); }
    }
}

START_TEST(polls_in_strips)
{
    make_loop(true);
    pass_rangecheck(g);
    pass_strip(g);
    verify();
    ck_assert_uint_eq(count_op(IR_POLL), 1);
    ck_assert_uint_eq(head->loop->depth, 2);
    check_in_outer_loop(IR_POLL);
    pass_gvn(g);
    pass_dce(g);
    verify();
    ck_assert_uint_eq(count_op(IR_POLL), 1);
}
END_TEST

// Five iterations, says the profile: no strips, but a check that there are not too many.
START_TEST(few_trips_by_profile)
{
    for (int often = 0; often < 2; often++) {
        if (often) {
            teardown();
            setup();
        }
        make_loop_from(true, true);
        pre->freq = 10;
        head->freq = body->freq = latch->freq = often ? 1000 : 50;
        pass_rangecheck(g);
        pass_strip(g);
        verify();
        unsigned checks = 0;
        for (struct ir_value *v = pre->first; v; v = v->next) {
            checks += v->op == IR_GUARD && v->reason == EXIT_LONG_LOOP;
        }
        ck_assert_uint_eq(checks, !often);
        ck_assert_uint_eq(count_op(IR_POLL), often);
    }
}
END_TEST

// for (i = 0; i < n; i++) if (i == x) for (j = 0; j < n; j++) ;    The outer loop goes in strips, too, if that is seldom so.
START_TEST(seldom_inner_loop)
{
    for (int often = 0; often < 2; often++) {
        if (often) {
            teardown();
            setup();
        }
        pre = block(), head = block(), body = block(), latch = block(), done = block();
        struct ir_block *in = block(), *inner = block(), *round = block();
        struct ir_value *n = param(pre, IR_I, 0), *x = param(pre, IR_I, 1);
        jump(pre, head);
        iv = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
        branch(head, IRC_LT, iv, n, body, done);
        branch(body, IRC_EQ, iv, x, in, latch);
        jump(in, inner);
        struct ir_value *j = add(inner, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
        branch(inner, IRC_LT, j, n, round, latch);
        struct ir_value *of_inner[] = {n, x, iv, j->args[1] = op2(round, IR_ADD, j, i32(1))};
        add(round, ir_value_new(g, IR_POLL, IR_V, 0))->state = state(4, of_inner);
        jump(round, inner);
        struct ir_value *of_outer[] = {n, x, iv->args[1] = op2(latch, IR_ADD, iv, i32(1))};
        add(latch, ir_value_new(g, IR_POLL, IR_V, 0))->state = state(3, of_outer);
        jump(latch, head);
        ret(done, NULL);
        pre->freq = done->freq = 1;
        head->freq = body->freq = latch->freq = 1000;
        in->freq = often ? 900 : 90;
        inner->freq = round->freq = 90000;
        verify();
        pass_strip(g);
        verify();
        ck_assert_uint_eq(count_op(IR_POLL), 2);
        ck_assert_uint_eq(count_in(round, IR_POLL), 0);
        ck_assert_uint_eq(count_in(latch, IR_POLL), often);
        ck_assert_uint_eq(head->loop->depth, often ? 1 : 2);
        ck_assert_uint_eq(inner->loop->depth, often ? 3 : 4);
    }
}
END_TEST

// A strip ends where a vector of the array begins: the array's address is looked at, in the outer loop.
START_TEST(strips_of_vectors)
{
    for (int any = 0; any < 2; any++) {
        if (any) {
            teardown();
            setup();
        }
        make_loop_from(any, true);
        head->freq = body->freq = latch->freq = 100;
        pass_rangecheck(g);
        pass_strip(g);
        verify();
        ck_assert_uint_eq(head->loop->depth, 2);
        ck_assert_uint_eq(count_op(IR_ADDR), any); // from 0 on it begins at one
        check_in_outer_loop(IR_ADDR);
    }
}
END_TEST

// for (long j = first; j <= n; j += step) a[(int) j] = step;
static void make_long_loop(void)
{
    pre = block(), head = block(), body = block(), latch = block(), done = block();
    array = param(pre, IR_R, 0);
    struct ir_value *n = param(pre, IR_I, 1), *first = param(pre, IR_J, 2),
                    *step = param(pre, IR_I, 3);
    struct ir_value *in[] = {array, n, step, first, NULL};
    pre->exit_state = state(5, in);
    struct ir_value *wide = add(pre, ir_value_new(g, IR_CONV, IR_J, 1, n));
    struct ir_value *stride = add(pre, ir_value_new(g, IR_CONV, IR_J, 1, step));
    struct ir_value *a = nonnull(pre, array);
    struct ir_value *len = add(pre, ir_value_new(g, IR_ARRAYLEN, IR_I, 1, a));
    jump(pre, head);
    iv = add(head, ir_value_new(g, IR_PHI, IR_J, 2, first, LATER));
    branch(head, IRC_LE, iv, wide, body, done);
    struct ir_value *index = add(body, ir_value_new(g, IR_CONV, IR_I, 1, iv));
    checked = guard(body, IRC_ULT, index, len);
    struct ir_value *st = add(body, ir_value_new(g, IR_STOREX, IR_V, 3, a, index, step));
    st->mem = T_INT;
    struct ir_value *next = op2(body, IR_ADD, iv, stride);
    jump(body, latch);
    struct ir_value *back[] = {array, n, step, next, NULL};
    add(latch, ir_value_new(g, IR_POLL, IR_V, 0))->state = state(5, back);
    jump(latch, head);
    head->freq = body->freq = latch->freq = 1000;
    iv->args[1] = next;
    ret(done, NULL);
    verify();
    pass_gvn(g);
    verify();
}

// Its check goes in front of it: step > 0, first >= 0, n < a.length; and then its poll goes out of it.
START_TEST(long_index)
{
    make_long_loop();
    pass_rangecheck(g);
    verify();
    ck_assert_ptr_null(checked->block);
    bool positive = false, first = false, last = false;
    for (struct ir_value *v = pre->first; v; v = v->next) {
        if (v->op != IR_GUARD || v->reason != EXIT_LOOP_CHECK) { continue; }
        if (v->args[0]->type == IR_J) {
            first = v->cond == IRC_GE && v->args[1]->k.j == 0;
        } else if (ir_is_const(v->args[1])) {
            positive = v->cond == IRC_GE && v->args[1]->k.i == 1;
        } else {
            last = v->cond == IRC_LT && v->args[1]->op == IR_ARRAYLEN;
        }
    }
    ck_assert(positive && first && last);
    for (struct ir_value *v = body->first; v; v = v->next) { // checked: the long itself will do
        if (v->op == IR_STOREX) { ck_assert_ptr_eq(v->args[1], iv); }
    }
    pass_strip(g);
    verify();
    ck_assert_uint_eq(head->loop->depth, 2);
    check_in_outer_loop(IR_POLL);
}
END_TEST

// Nothing says that the step is positive: it may stand still, and needs its poll.
START_TEST(long_step_of_any_sign)
{
    make_long_loop();
    pass_strip(g);
    verify();
    ck_assert_uint_eq(head->loop->depth, 1);
    ck_assert_ptr_eq(checked->block, body);
}
END_TEST

static struct ir_value *monitor(struct ir_block *b, enum helper_id h, struct ir_value *o)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_RT, IR_V, 1, o));
    v->index = h;
    v->state = state(0, NULL);
    return v;
}

// lock; unlock; x + 1; lock; unlock: one region; but not across a check
START_TEST(locks_of_neighbours)
{
    struct ir_block *a = block();
    struct ir_value *o = nonnull(a, param(a, IR_R, 0)), *x = param(a, IR_I, 1);
    for (int i = 0; i < 3; i++) {
        monitor(a, HELPER_monitor_enter, o);
        store(a, o, 8, x);
        monitor(a, HELPER_monitor_exit, o);
        x = op2(a, IR_ADD, x, i32(1));
        if (i == 1) { guard(a, IRC_NE, x, i32(9))->state = state(1, &x); }
    }
    ret(a, x);
    verify();
    pass_locks(g);
    verify();
    ck_assert_uint_eq(count_op(IR_RT), 4);
}
END_TEST

// for (int i = 0; i < n; i++) synchronized (o) { o.f = i; }: one lock for a strip
START_TEST(lock_of_a_strip)
{
    pre = block(), head = block(), body = block(), latch = block(), done = block();
    struct ir_value *o = nonnull(pre, param(pre, IR_R, 0)), *n = param(pre, IR_I, 1);
    struct ir_value *in[] = {o, n, i32(0)};
    pre->exit_state = state(3, in);
    jump(pre, head);
    iv = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
    branch(head, IRC_LT, iv, n, body, done);
    monitor(body, HELPER_monitor_enter, o);
    store(body, o, 8, iv);
    monitor(body, HELPER_monitor_exit, o);
    struct ir_value *next = op2(body, IR_ADD, iv, i32(1));
    jump(body, latch);
    struct ir_value *back[] = {o, n, next};
    struct ir_value *poll = add(latch, ir_value_new(g, IR_POLL, IR_V, 0));
    poll->state = state(3, back);
    jump(latch, head);
    iv->args[1] = next;
    ret(done, NULL);
    verify();
    pass_strip(g);
    verify();
    ir_analyse(g);
    ck_assert_uint_eq(count_op(IR_RT), 2);
    ck_assert_uint_eq(count_op(IR_POLL), 1);
    ck_assert_uint_eq(body->loop->depth, 2);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        if (count_in(b, IR_RT)) { ck_assert_uint_eq(b->loop->depth, 1); }
    }
}
END_TEST

// if (x < n) { y = x + 1; } as x + (x < n), where the profile has seen both ways
START_TEST(branch_to_sum)
{
    for (int often = 0; often < 2; often++) {
        struct ir_block *a = block(), *t = block(), *m = block();
        if (often) { jump(done, a); } // the second diamond
        struct ir_value *x = often ? op2(a, IR_MUL, limit, i32(5)) : param(a, IR_I, 0);
        struct ir_value *n = often ? i32(70) : param(a, IR_I, 1);
        branch(a, IRC_LT, x, n, t, m);
        a->last->k.d = often ? 0.4 : 0.01;
        struct ir_value *y = op2(t, IR_ADD, x, i32(1));
        jump(t, m);
        limit = add(m, ir_value_new(g, IR_PHI, IR_I, 2, x, y));
        done = m;
    }
    ret(done, limit);
    verify();
    pass_ifconv(g);
    verify();
    ck_assert_uint_eq(count_op(IR_IF), 1);
    ck_assert_uint_eq(count_op(IR_COND), 1);
}
END_TEST

// x odd: x * 3, else x >> 1. Both are computed, unless one of them is seldom taken or could trap.
START_TEST(branch_to_select)
{
    for (int which = 0; which < 3; which++) {
        if (which) {
            teardown();
            setup();
        }
        struct ir_block *a = block(), *t = block(), *f = block(), *m = block();
        struct ir_value *x = param(a, IR_I, 0);
        branch(a, IRC_NE, op2(a, IR_AND, x, i32(1)), i32(0), t, f);
        a->last->k.d = which == 1 ? 0.95 : 0.5;
        struct ir_value *y = op2(t, which == 2 ? IR_DIV : IR_MUL, x, i32(3));
        jump(t, m);
        struct ir_value *z = op2(f, IR_SHR, x, i32(1));
        jump(f, m);
        struct ir_value *phi = add(m, ir_value_new(g, IR_PHI, IR_I, 2, y, z));
        ret(m, phi);
        verify();
        pass_ifconv(g);
        verify();
        ck_assert_uint_eq(count_op(IR_SELECT), which == 0);
        ck_assert_uint_eq(count_op(IR_IF), which != 0);
        if (which) { continue; }
        const struct ir_value *select = a->last->prev;
        ck_assert_int_eq(select->op, IR_SELECT);
        ck_assert_ptr_eq(select->args[select->cond == IRC_NE ? 2 : 3], y);
    }
}
END_TEST

// The inner loop's header is also where the outer one comes back to.
START_TEST(shared_header)
{
    pre = block(), head = block(), body = block(), latch = block(), done = block();
    struct ir_block *rest = block();
    struct ir_value *n = param(pre, IR_I, 0);
    struct ir_value *in[] = {i32(5), i32(6)};
    pre->exit_state = state(2, in);
    jump(pre, head);
    iv = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(5), LATER));
    struct ir_value *j = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(6), LATER));
    branch(head, IRC_LT, iv, n, body, rest);
    struct ir_value *next = op2(body, IR_ADD, iv, i32(1));
    jump(body, latch);
    struct ir_value *j2 = op2(rest, IR_ADD, j, i32(1));
    branch(rest, IRC_LT, j2, n, latch, done);
    struct ir_value *pi = add(latch, ir_value_new(g, IR_PHI, IR_I, 2, next, i32(0)));
    struct ir_value *pj = add(latch, ir_value_new(g, IR_PHI, IR_I, 2, j, j2));
    struct ir_value *back[] = {pi, pj};
    struct ir_value *poll = add(latch, ir_value_new(g, IR_POLL, IR_V, 0));
    poll->state = state(2, back);
    jump(latch, head);
    iv->args[1] = pi;
    j->args[1] = pj;
    ret(done, j);
    verify();
    pass_nest(g);
    verify();
    ck_assert_uint_eq(head->loop->depth, 2);
    ck_assert_uint_eq(count_op(IR_POLL), 2);
    struct ir_block *outer = ir_loop_preheader(head->loop);
    ck_assert_ptr_nonnull(outer);
    ck_assert_ptr_nonnull(outer->exit_state);
    ck_assert_ptr_eq(outer->exit_state->values[0], iv->args[0]);
}
END_TEST

// for (j ...) for (k ...; k < n; k++) sum++, entered at the inner one: the way round the outer one leaves the sum as it is.
START_TEST(shared_header_with_sum)
{
    pre = block(), head = block(), body = block(), latch = block(), done = block();
    struct ir_block *rest = block();
    struct ir_value *n = param(pre, IR_I, 0), *k0 = param(pre, IR_I, 1);
    jump(pre, head);
    iv = add(head, ir_value_new(g, IR_PHI, IR_I, 2, k0, LATER));
    struct ir_value *j = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
    struct ir_value *sum = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
    branch(head, IRC_LT, iv, n, body, rest);
    struct ir_value *next = op2(body, IR_ADD, iv, i32(1)), *more = op2(body, IR_ADD, sum, i32(1));
    jump(body, latch);
    struct ir_value *j2 = op2(rest, IR_ADD, j, i32(1));
    branch(rest, IRC_LT, j2, n, latch, done);
    iv->args[1] = add(latch, ir_value_new(g, IR_PHI, IR_I, 2, next, i32(0)));
    j->args[1] = add(latch, ir_value_new(g, IR_PHI, IR_I, 2, j, j2));
    sum->args[1] = add(latch, ir_value_new(g, IR_PHI, IR_I, 2, more, sum));
    struct ir_value *back[] = {iv->args[1], j->args[1], sum->args[1]};
    add(latch, ir_value_new(g, IR_POLL, IR_V, 0))->state = state(3, back);
    jump(latch, head);
    ret(done, sum);
    verify();
    pass_nest(g);
    verify();
    ck_assert_uint_eq(head->loop->depth, 2);
    pass_gvn(g);
    pass_emptyloop(g);
    verify();
    ck_assert_uint_eq(count_op(IR_POLL), 1);
    ck_assert(g->loops && !g->loops->next);
}
END_TEST

START_TEST(all_passes_twice)
{
    make_loop(true);
    for (unsigned i = 0; i < 2 * PASS_COUNT; i++) {
        if (pass_table[i % PASS_COUNT].function) { pass_table[i % PASS_COUNT].function(g); }
        verify();
    }
    ck_assert_uint_eq(count_op(IR_STOREX), 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jit_ir");
    TCase *t = tcase_create("ir");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, constants);
    tcase_add_test(t, identities);
    tcase_add_test(t, dominators_and_loops);
    tcase_add_test(t, irreducible);
    tcase_add_test(t, violations);
    tcase_add_test(t, equal_values_and_checks);
    tcase_add_test(t, loop_cut_off);
    tcase_add_test(t, loads_and_kills);
    tcase_add_test(t, indices_apart);
    tcase_add_test(t, run_time_functions);
    tcase_add_test(t, types);
    tcase_add_test(t, scalar_replacement);
    tcase_add_test(t, escaping_object_stays);
    tcase_add_test(t, overwritten_store);
    tcase_add_test(t, dead_code);
    tcase_add_test(t, invariants);
    tcase_add_test(t, index_below_length);
    tcase_add_test(t, index_predicated);
    tcase_add_test(t, cold_check_stays);
    tcase_add_test(t, polls_in_strips);
    tcase_add_test(t, seldom_inner_loop);
    tcase_add_test(t, few_trips_by_profile);
    tcase_add_test(t, strips_of_vectors);
    tcase_add_test(t, long_index);
    tcase_add_test(t, long_step_of_any_sign);
    tcase_add_test(t, locks_of_neighbours);
    tcase_add_test(t, lock_of_a_strip);
    tcase_add_test(t, branch_to_sum);
    tcase_add_test(t, branch_to_select);
    tcase_add_test(t, shared_header);
    tcase_add_test(t, shared_header_with_sum);
    tcase_add_test(t, all_passes_twice);
    suite_add_tcase(s, t);
    return run_suite(s);
}
