// Loops that do nothing: a loop built by hand, with constants or parameters, must leave behind what running it here does.
#include <stdlib.h>
#include "tests/unit/jit_passes.h"
#include "tests/unit/run_suite.h"

#define MANY 100000 // iterations that count as no end

// for (i = from; i cond to; i += step) { sum += grow; prev = i; }
struct counted {
    enum ir_type type;
    enum ir_cond cond;
    int64_t from, to, step;
};

static struct ir_block *pre, *head, *body, *latch, *done;
static struct ir_value *from, *to;

static int64_t as(enum ir_type t, uint64_t x) { return t == IR_J ? (int64_t)x : (int32_t)x; }

static bool holds(enum ir_cond c, int64_t a, int64_t b)
{
    return ir_fold_cond(c, i64(a), i64(b)) == 1;
}

// i * 31 + sum * 7 + prev, as a long; false: no end. `bottom`: do ... while
static bool run(const struct counted *c, int64_t grow, bool bottom, int64_t *result)
{
    uint64_t i = (uint64_t)c->from, sum = 5, prev = UINT64_MAX;
    for (unsigned n = 0; (bottom && n == 0) || holds(c->cond, (int64_t)i, c->to); n++) {
        if (n == MANY) { return false; }
        sum += (uint64_t)grow;
        prev = i;
        i = (uint64_t)as(c->type, i + (uint64_t)c->step);
    }
    *result = (int64_t)(i * 31 + sum * 7 + prev);
    return true;
}

static struct ir_value *wide(struct ir_value *x)
{
    return x->type == IR_J ? x : add(done, ir_value_new(g, IR_CONV, IR_J, 1, x));
}

static struct ir_value *poll(struct ir_block *b, unsigned n, struct ir_value **values)
{
    struct ir_value *v = add(b, ir_value_new(g, IR_POLL, IR_V, 0));
    v->state = state(n, values);
    return v;
}

static void build(const struct counted *c, int64_t grow, bool known, bool bottom)
{
    pre = block(), head = block(), body = block(), latch = block(), done = block();
    from = known ? ir_const(g, c->type, c->from) : param(pre, c->type, 0);
    to = known ? ir_const(g, c->type, c->to) : param(pre, c->type, 1);
    struct ir_value *in[] = {from, to, i64(5), from};
    pre->exit_state = state(4, in);
    jump(pre, head);
    struct ir_value *i = add(head, ir_value_new(g, IR_PHI, c->type, 2, from, LATER));
    struct ir_value *sum = add(head, ir_value_new(g, IR_PHI, IR_J, 2, i64(5), LATER));
    struct ir_value *prev =
        add(head, ir_value_new(g, IR_PHI, c->type, 2, ir_const(g, c->type, -1), LATER));
    if (bottom) {
        jump(head, body);
    } else {
        branch(head, c->cond, i, to, body, done);
    }
    sum->args[1] = op2(body, IR_ADD, sum, i64(grow));
    i->args[1] = op2(body, IR_ADD, i, ir_const(g, c->type, c->step));
    prev->args[1] = i;
    if (bottom) { // the test last, the other way round
        branch(body, ir_cond_swap(c->cond) ^ 1, to, i->args[1], done, latch);
        i = i->args[1], sum = sum->args[1], prev = prev->args[1];
    } else {
        jump(body, latch);
    }
    struct ir_value *back[] = {from, to, sum, i};
    poll(latch, 4, back);
    jump(latch, head);
    struct ir_value *result = op2(done, IR_MUL, wide(i), i64(31));
    result = op2(done, IR_ADD, result, op2(done, IR_MUL, sum, i64(7)));
    ret(done, op2(done, IR_ADD, result, wide(prev)));
    pre->freq = done->freq = 1;
    head->freq = body->freq = latch->freq = 1000;
    verify();
}

// What the code returns when the parameters are these; NULL: it leaves instead.
static const struct ir_value *value_of(const struct counted *c)
{
    if (from->op == IR_PARAM) { ir_replace(from, ir_const(g, c->type, c->from)); }
    if (to->op == IR_PARAM) { ir_replace(to, ir_const(g, c->type, c->to)); }
    ir_clean_copies(g);
    pass_gvn(g);
    pass_dce(g);
    verify();
    const struct ir_value *last = g->entry->last;
    if (last->op == IR_EXIT) { return NULL; }
    ck_assert_uint_eq(last->op, IR_RETURN);
    ck_assert(ir_is_const(last->args[0]));
    return last->args[0];
}

// The loop goes, and with it its poll. Without an end it stays, or the code leaves in front of it.
static void check_loop(const struct counted *c, int64_t grow, bool known, bool bottom)
{
    teardown();
    setup();
    build(c, grow, known, bottom);
    int64_t want;
    bool ends = run(c, grow, bottom, &want);
    pass_emptyloop(g);
    verify();
    if (known && !ends) {
        ck_assert_uint_eq(count_op(IR_POLL), 1);
        return;
    }
    ck_assert_uint_eq(count_op(IR_POLL), 0);
    ck_assert_ptr_null(g->loops);
    const struct ir_value *is = value_of(c);
    if (!is) {
        ck_assert(!known && !ends);
        return;
    }
    ck_assert(ends);
    ck_assert_int_eq(is->k.j, want);
}

static void check_all(const struct counted *loops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (unsigned how = 0; how < 4; how++) {
            check_loop(&loops[i], 3, how & 1, how & 2);
            check_loop(&loops[i], -(INT64_C(1) << 40), how & 1, how & 2);
        }
    }
}

START_TEST(ints)
{
    static const struct counted loops[] = {
        {IR_I, IRC_LT, 0, 10, 1},
        {IR_I, IRC_LT, -7, 1000, 13},
        {IR_I, IRC_LE, 3, 27, 4},
        {IR_I, IRC_GT, 34, 0, -11},
        {IR_I, IRC_GE, 5, -20, -1},
        {IR_I, IRC_GE, 5, -20, -5},
        {IR_I, IRC_NE, -8, 8, 1},
        {IR_I, IRC_NE, 8, -8, -2},
        // no iteration
        {IR_I, IRC_LT, 10, 10, 1},
        {IR_I, IRC_LT, INT32_MAX - 9, INT32_MIN, 3},
        {IR_I, IRC_LE, 11, 10, 2},
        {IR_I, IRC_GT, INT32_MIN + 9, INT32_MAX - 9, -7},
        // ends of the type
        {IR_I, IRC_LT, INT32_MAX - 5, INT32_MAX, 1},
        {IR_I, IRC_LE, INT32_MAX - 5, INT32_MAX - 1, 1},
        {IR_I, IRC_GT, INT32_MIN + 50, INT32_MIN + 4, -5},
        {IR_I, IRC_LT, -2000000000, 2000000000, 1 << 30},
        {IR_I, IRC_NE, INT32_MAX - 2, INT32_MIN + 3, 1},
        {IR_I, IRC_NE, 5, INT32_MIN + 5, INT32_MIN},
    };
    check_all(loops, ARRAY_COUNT(loops));
}
END_TEST

START_TEST(equal_at_once)
{
    static const struct counted loop = {IR_I, IRC_NE, 5, 5, 6};
    check_loop(&loop, 3, true, false);
    check_loop(&loop, 3, false, false);
}
END_TEST

START_TEST(longs)
{
    static const struct counted loops[] = {
        {IR_J, IRC_LT, 0, 10, 1},
        {IR_J, IRC_LT, INT64_MIN + 5, INT64_MAX - (INT64_C(1) << 60), INT64_C(1) << 60},
        {IR_J, IRC_LT, INT64_MIN, 7, INT64_C(1) << 59},
        {IR_J, IRC_LE, INT64_MIN, INT64_MAX - (INT64_C(3) << 56), INT64_C(3) << 56},
        {IR_J, IRC_LE, -20, 22, 7},
        {IR_J, IRC_GT, INT64_C(1) << 40, (INT64_C(1) << 40) - 99, -10},
        {IR_J, IRC_GE, 100, 0, -25},
        {IR_J, IRC_NE, INT64_MAX - 5, INT64_MIN + 6, 12},
        {IR_J, IRC_NE, 0, 51, 17},
        {IR_J, IRC_NE, INT64_MIN + 5, 5, INT64_MIN},
        {IR_J, IRC_LT, 10, 10, 3},
        {IR_J, IRC_LT, INT64_MAX - 9, INT64_MIN, 3},
        {IR_J, IRC_GE, INT64_MIN + 9, INT64_MAX - 9, -4},
    };
    check_all(loops, ARRAY_COUNT(loops));
}
END_TEST

// Kept where the limit is known; else the code leaves in front of the loop.
START_TEST(endless)
{
    static const struct counted loops[] = {
        {IR_I, IRC_LE, 0, INT32_MAX, 1}, {IR_I, IRC_GE, 0, INT32_MIN, -3},
        {IR_I, IRC_LT, 0, INT32_MAX, 2}, {IR_I, IRC_NE, 0, 7, 2},
        {IR_I, IRC_NE, 1, 7, 4},         {IR_J, IRC_LE, INT64_MAX - 4, INT64_MAX, 1},
        {IR_J, IRC_NE, 0, 7, 1024},
    };
    for (size_t i = 0; i < ARRAY_COUNT(loops); i++) {
        check_loop(&loops[i], 1, true, false);
        check_loop(&loops[i], 1, false, false);
    }
}
END_TEST

// An odd step comes by every value, after some rounds of the type.
START_TEST(unequal_far_away)
{
    static const struct counted loop = {IR_I, IRC_NE, 0, 1, 3};
    build(&loop, 0, true, false);
    pass_emptyloop(g);
    verify();
    uint32_t trips = 0xaaaaaaab; // * 3 = 1
    int64_t want = 31 + 5 * 7 + (int32_t)((trips - 1) * 3);
    ck_assert_int_eq(value_of(&loop)->k.j, want);
}
END_TEST

// for (i = 0; i < n; i++) for (j = 0; j <= n; j++) sum += i; all that is left is a check in front of both
START_TEST(nested)
{
    for (int used = 0; used < 2; used++) {
        teardown();
        setup();
        pre = block(), head = block(), body = block(), latch = block(), done = block();
        struct ir_block *inner = block(), *round = block();
        struct ir_value *n = param(pre, IR_I, 0), *m = param(pre, IR_I, 1);
        struct ir_value *in[] = {n, m};
        pre->exit_state = state(2, in);
        jump(pre, head);
        struct ir_value *i = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
        struct ir_value *sum = add(head, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
        branch(head, IRC_LT, i, n, body, done);
        jump(body, inner);
        body->exit_state = state(2, in);
        struct ir_value *j = add(inner, ir_value_new(g, IR_PHI, IR_I, 2, i32(0), LATER));
        struct ir_value *s = add(inner, ir_value_new(g, IR_PHI, IR_I, 2, sum, LATER));
        branch(inner, IRC_LE, j, m, round, latch);
        j->args[1] = op2(round, IR_ADD, j, i32(1));
        s->args[1] = op2(round, IR_ADD, s, used ? i : m);
        poll(round, 2, in);
        jump(round, inner);
        i->args[1] = op2(latch, IR_ADD, i, i32(1));
        sum->args[1] = s;
        poll(latch, 2, in);
        jump(latch, head);
        ret(done, sum);
        verify();
        pass_emptyloop(g);
        verify();
        ck_assert_uint_eq(count_op(IR_POLL), used); // the sum of all i is no line
        ck_assert_uint_eq(count_in(g->entry, IR_GUARD), 1);
        ck_assert_uint_eq(count_op(IR_GUARD), 1);
    }
}
END_TEST

// A store, a check, a second way out, or what has no closed form: the loop stays.
START_TEST(not_empty)
{
    static const struct counted loop = {IR_I, IRC_LT, 0, 10, 1};
    for (int what = 0; what < 4; what++) {
        teardown();
        setup();
        build(&loop, 1, true, false);
        struct ir_value *x = param(pre, IR_I, 2), *v = body->first;
        ir_remove(x);
        ir_prepend(pre, x);
        if (what == 0) {
            v = ir_value_new(g, IR_STORES, IR_V, 1, x);
            v->mem = T_INT;
            ir_prepend(body, v);
        } else if (what == 1) {
            v = ir_value_new(g, IR_GUARD, IR_V, 2, x, i32(1));
            v->state = state(0, NULL);
            ir_prepend(body, v);
        } else if (what == 2) {
            ir_remove(body->last);
            body->n_succs = 0;
            ir_remove_pred(latch, 0);
            struct ir_block *out = block();
            branch(body, IRC_EQ, x, i32(3), out, latch);
            ret(out, x);
        } else {
            struct ir_value *sum = head->first->next;
            sum->args[1] = op2(body, IR_MUL, sum, i64(3));
            ir_remove(sum->args[1]);
            ir_insert_before(body->last, sum->args[1]);
        }
        verify();
        pass_emptyloop(g);
        verify();
        ck_assert_uint_eq(count_op(IR_POLL), 1);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jit_emptyloop");
    TCase *t = tcase_create("emptyloop");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, ints);
    tcase_add_test(t, equal_at_once);
    tcase_add_test(t, longs);
    tcase_add_test(t, endless);
    tcase_add_test(t, unequal_far_away);
    tcase_add_test(t, nested);
    tcase_add_test(t, not_empty);
    suite_add_tcase(s, t);
    return run_suite(s);
}
