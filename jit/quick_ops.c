/*
 * quick_ops.c - one IR operation to instructions; emit_ops.c says the same to GCC. (Memory: quick_memory.c; calls: quick_calls.c.)
 *
 * Scratch registers are free between operations. An operation that jumps to a slow path leaves what that needs in its arguments'
 * places or in scratch registers.
 */
#include "jit/helpers.h"
#include "jit/jit-internal.h"
#include "jit/quick.h"
#include "runtime/classes/alloc.h"

static bool wide(enum ir_type t) { return t == IR_J || t == IR_R; }

/* ---- integer arithmetic ---- */

static bool commutes(const struct ir_value *v) { return v->op != IR_SUB; }

static int alu_of(const struct ir_value *v)
{
    switch (v->op) {
    case IR_ADD: return ALU_ADD;
    case IR_SUB: return ALU_SUB;
    case IR_AND: return ALU_AND;
    case IR_OR: return ALU_OR;
    default: return ALU_XOR;
    }
}

/* Sums into a register that is none of the terms'. */
static bool as_lea(struct quick *q, struct ir_value *v, struct ir_value *x, struct ir_value *y)
{
    struct place a = quick_place(q, x), b = quick_place(q, y);
    int to = quick_target(q, v, SCRATCH);
    int32_t imm;
    if (v->op == IR_SUB && quick_immediate(y, &imm) && imm != INT32_MIN) {
        imm = -imm;
    } else if (v->op != IR_ADD) {
        return false;
    } else if (!quick_immediate(y, &imm)) {
        if (a.kind != PLACE_REG || b.kind != PLACE_REG || a.reg == to || b.reg == to) {
            return false;
        }
        asm_lea(&q->a, wide(v->type), to, asm_mem_index(a.reg, b.reg, 0, 0));
        quick_finish(q, v, to);
        return true;
    }
    if (a.kind != PLACE_REG || a.reg == to) { return false; }
    asm_lea(&q->a, wide(v->type), to, asm_mem(a.reg, imm));
    quick_finish(q, v, to);
    return true;
}

static void multiply(struct quick *q, struct ir_value *v, struct ir_value *x, struct ir_value *y)
{
    int to = quick_target(q, v, SCRATCH);
    bool w = wide(v->type);
    int32_t imm;
    if (quick_immediate(y, &imm)) {
        asm_op(&q->a, w ? ASM_W : 0, 0x69, to, quick_operand(q, x, SCRATCH));
        asm_u32(&q->a, (uint32_t)imm);
    } else {
        struct asm_operand b = quick_operand(q, y, SCRATCH2);
        if (b.kind == ASM_REG && b.reg == to) {
            b = quick_operand(q, x, SCRATCH2);
        } else {
            quick_load(q, x, to);
        }
        asm_op(&q->a, w ? ASM_W : 0, 0x0faf, to, b);
    }
    quick_finish(q, v, to);
}

static void integer_binary(struct quick *q, struct ir_value *v)
{
    struct ir_value *x = quick_arg(v, 0), *y = quick_arg(v, 1);
    if (x->op == IR_CONST && commutes(v)) {
        struct ir_value *t = x;
        x = y;
        y = t;
    }
    if (v->op == IR_MUL) {
        multiply(q, v, x, y);
        return;
    }
    if (as_lea(q, v, x, y)) { return; }
    bool w = wide(v->type);
    int to = quick_target(q, v, SCRATCH);
    int32_t imm;
    if (quick_immediate(y, &imm)) {
        quick_load(q, x, to);
        asm_alu_imm(&q->a, w, (enum asm_alu)alu_of(v), asm_reg(to), imm);
    } else {
        struct asm_operand b = quick_operand(q, y, SCRATCH2);
        if (b.kind == ASM_REG && b.reg == to && commutes(v)) {
            b = quick_operand(q, x, SCRATCH2);
        } else {
            if (b.kind == ASM_REG && b.reg == to) {
                asm_mov(&q->a, w, SCRATCH2, b);
                b = asm_reg(SCRATCH2);
            }
            quick_load(q, x, to);
        }
        asm_alu(&q->a, w, (enum asm_alu)alu_of(v), to, b);
    }
    quick_finish(q, v, to);
}

static void shift(struct quick *q, struct ir_value *v)
{
    bool w = v->type == IR_J;
    struct ir_value *count = quick_arg(v, 1);
    unsigned ext = v->op == IR_SHL ? 4 : v->op == IR_USHR ? 5 : 7;
    int to = quick_target(q, v, SCRATCH);
    if (count->op == IR_CONST) {
        quick_load(q, quick_arg(v, 0), to);
        unsigned n = (unsigned)count->k.i & (w ? 63 : 31);
        if (n) { asm_shift_imm(&q->a, w, ext, to, n); }
    } else if (q->bmi2) {
        int c = quick_use(q, count, SCRATCH2);
        asm_shx(&q->a, w,
                v->op == IR_SHL   ? 1
                : v->op == IR_SHR ? 2
                                  : 3,
                to, quick_operand(q, quick_arg(v, 0), SCRATCH), c);
    } else {
        quick_load(q, quick_arg(v, 0), SCRATCH);
        quick_load(q, count, RCX);
        asm_op(&q->a, w ? ASM_W : 0, 0xd3, (int)ext, asm_reg(SCRATCH));
        to = SCRATCH;
    }
    quick_finish(q, v, to);
}

/*
 * n / d by a constant without dividing (Granlund and Montgomery, Division by Invariant Integers using Multiplication, section 5). With
 * 2^(l-1) < |d| <= 2^l and m = 2^(31+l) / |d| + 1, n / |d| is n m / 2^(31+l), rounded down, and 1 more if n is negative; n m fits 64 bits.
 */
static void divide_by_constant(struct quick *q, struct ir_value *v, int32_t d)
{
    struct asm_buffer *a = &q->a;
    uint32_t magnitude = d < 0 ? -(uint32_t)d : (uint32_t)d;
    unsigned l = 32u - (unsigned)__builtin_clz(magnitude - 1);
    asm_op(a, ASM_W, 0x63, RAX, quick_operand(q, quick_arg(v, 0), SCRATCH)); /* movslq */
    // cppcheck-suppress zerodivcond ; |d| > 1
    asm_mov_imm(a, R11, ((uint64_t)1 << (31 + l)) / magnitude + 1);
    asm_op(a, ASM_W, 0x0faf, R11, asm_reg(RAX)); /* imul */
    asm_shift_imm(a, true, 7, R11, 31 + l);
    asm_shift_imm(a, false, 7, RAX, 31);
    if (v->op == IR_REM) {
        asm_alu(a, false, ALU_SUB, R11, asm_reg(RAX));
        asm_op(a, 0, 0x69, R11, asm_reg(R11));
        asm_u32(a, magnitude); /* the remainder knows nothing of the divisor's sign */
        quick_load(q, quick_arg(v, 0), RAX);
        asm_alu(a, false, ALU_SUB, RAX, asm_reg(R11));
    } else if (d > 0) {
        asm_alu(a, false, ALU_SUB, R11, asm_reg(RAX));
        asm_mov(a, false, RAX, asm_reg(R11));
    } else {
        asm_alu(a, false, ALU_SUB, RAX, asm_reg(R11));
    }
    quick_finish(q, v, RAX);
}

/* rax, rdx; the divisor in r11. MIN / -1 would trap. */
static void divide(struct quick *q, struct ir_value *v)
{
    bool w = v->type == IR_J, rem = v->op == IR_REM;
    struct ir_value *d = quick_arg(v, 1);
    bool known = d->op == IR_CONST && (w ? d->k.j != -1 : d->k.i != -1);
    if (quick_divides_by_constant(v)) {
        divide_by_constant(q, v, d->k.i);
        return;
    }
    uint32_t minus = asm_label(&q->a), end = asm_label(&q->a);
    quick_load(q, d, R11);
    quick_load(q, quick_arg(v, 0), RAX);
    if (!known) {
        asm_alu_imm(&q->a, w, ALU_CMP, asm_reg(R11), -1);
        asm_jcc(&q->a, CC_E, minus);
    }
    if (w) { asm_byte(&q->a, 0x48); }
    asm_byte(&q->a, 0x99); /* cltd, cqto */
    asm_op(&q->a, w ? ASM_W : 0, 0xf7, 7, asm_reg(R11));
    if (rem) { asm_mov(&q->a, w, RAX, asm_reg(RDX)); }
    if (!known) {
        asm_jmp(&q->a, end);
        asm_bind(&q->a, minus);
        if (rem) {
            asm_mov_imm(&q->a, RAX, 0);
        } else {
            asm_op(&q->a, w ? ASM_W : 0, 0xf7, 3, asm_reg(RAX)); /* neg */
        }
    }
    asm_bind(&q->a, end);
    quick_finish(q, v, RAX);
}

static void negate(struct quick *q, struct ir_value *v)
{
    if (ir_is_float(v->type)) {
        bool is_double = v->type == IR_D;
        int to = quick_target(q, v, FSCRATCH);
        quick_load_float(q, quick_arg(v, 0), FSCRATCH);
        asm_op(&q->a, quick_float_prefix(v->type), 0x0f10, FSCRATCH2,
               quick_constant(q, is_double ? (uint64_t)1 << 63 : 0x80000000u));
        asm_op(&q->a, 0, 0x0f57, FSCRATCH, asm_reg(FSCRATCH2));
        if (to != FSCRATCH) { asm_op(&q->a, 0, 0x0f28, to, asm_reg(FSCRATCH)); }
        quick_finish(q, v, to);
        return;
    }
    int to = quick_target(q, v, SCRATCH);
    quick_load(q, quick_arg(v, 0), to);
    asm_op(&q->a, v->type == IR_J ? ASM_W : 0, 0xf7, 3, asm_reg(to));
    quick_finish(q, v, to);
}

static void narrow(struct quick *q, struct ir_value *v)
{
    int to = quick_target(q, v, SCRATCH);
    struct asm_operand from = quick_operand(q, quick_arg(v, 0), SCRATCH);
    switch (v->k.j) {
    case T_BOOLEAN:
        asm_mov(&q->a, false, to, from);
        asm_alu_imm(&q->a, false, ALU_AND, asm_reg(to), 1);
        break;
    case T_BYTE: asm_op(&q->a, ASM_BYTE, 0x0fbe, to, from); break;
    case T_CHAR: asm_op(&q->a, 0, 0x0fb7, to, from); break;
    default: asm_op(&q->a, 0, 0x0fbf, to, from); break;
    }
    quick_finish(q, v, to);
}

/* ---- floating point ---- */

static void float_binary(struct quick *q, struct ir_value *v)
{
    unsigned opcode = v->op == IR_ADD   ? 0x0f58
                      : v->op == IR_MUL ? 0x0f59
                      : v->op == IR_SUB ? 0x0f5c
                                        : 0x0f5e;
    int to = quick_target(q, v, FSCRATCH);
    struct asm_operand y = quick_operand(q, quick_arg(v, 1), FSCRATCH2);
    if (y.kind == ASM_REG && y.reg == to) {
        asm_op(&q->a, 0, 0x0f28, FSCRATCH2, y);
        y = asm_reg(FSCRATCH2);
    }
    quick_load_float(q, quick_arg(v, 0), to);
    asm_op(&q->a, quick_float_prefix(v->type), opcode, to, y);
    quick_finish(q, v, to);
}

/* A call of a function of the C library on float arguments; real calls, the registers are free. */
static void float_call(struct quick *q, struct ir_value *v, const void *function)
{
    bool saves = quick_call_saves(q->block);
    if (saves) { quick_save_live(q, q->insn); }
    quick_arguments(q, v->args, v->n_args, 0);
    quick_call_c(q, function, NULL);
    asm_op(&q->a, 0, 0x0f28, FSCRATCH, asm_reg(0));
    if (saves) { quick_restore_live(q, q->insn); }
    quick_finish(q, v, FSCRATCH);
}

/* What cvttsd2si cannot convert: the helper decides. The argument is in xmm15. */
static void slow_convert(struct quick *q, struct quick_slow *s)
{
    bool w = s->v->type == IR_J;
    quick_save_live(q, s->insn);
    asm_op(&q->a, 0, 0x0f28, 0, asm_reg(FSCRATCH));
    quick_call_c(q, quick_helper(w ? HELPER_d2l : HELPER_d2i), NULL);
    quick_restore_live(q, s->insn);
    asm_jmp(&q->a, s->back);
}

static void float_to_int(struct quick *q, struct ir_value *v)
{
    bool w = v->type == IR_J;
    struct ir_value *x = quick_arg(v, 0);
    if (x->type == IR_F) {
        quick_load_float(q, x, FSCRATCH);
        asm_op(&q->a, ASM_F3, 0x0f5a, FSCRATCH, asm_reg(FSCRATCH)); /* cvtss2sd */
    } else {
        quick_load_float(q, x, FSCRATCH);
    }
    asm_op(&q->a, ASM_F2 | (w ? ASM_W : 0), 0x0f2c, RAX, asm_reg(FSCRATCH));
    struct quick_slow *s = quick_add_slow(q, slow_convert, v);
    if (w) {
        asm_mov_imm(&q->a, R11, (uint64_t)INT64_MIN);
        asm_alu(&q->a, true, ALU_CMP, RAX, asm_reg(R11));
    } else {
        asm_alu_imm(&q->a, false, ALU_CMP, asm_reg(RAX), INT32_MIN);
    }
    asm_jcc(&q->a, CC_E, s->label);
    asm_bind(&q->a, s->back);
    quick_finish(q, v, RAX);
}

static void convert(struct quick *q, struct ir_value *v)
{
    struct ir_value *x = quick_arg(v, 0);
    bool from_float = ir_is_float(x->type), to_float = ir_is_float(v->type);
    if (from_float && !to_float) {
        float_to_int(q, v);
        return;
    }
    if (!to_float) {
        int to = quick_target(q, v, SCRATCH);
        if (v->type == IR_J && x->type == IR_I) {
            asm_op(&q->a, ASM_W, 0x63, to, quick_operand(q, x, SCRATCH));
        } else {
            asm_mov(&q->a, wide(v->type), to, quick_operand(q, x, SCRATCH));
        }
        quick_finish(q, v, to);
        return;
    }
    int to = quick_target(q, v, FSCRATCH);
    if (x->type == v->type) {
        quick_load_float(q, x, to);
    } else if (from_float) {
        asm_op(&q->a, quick_float_prefix(x->type), 0x0f5a, to, quick_operand(q, x, FSCRATCH));
    } else {
        struct asm_operand from = quick_operand(q, x, SCRATCH);
        asm_op(&q->a, 0, 0x0f57, to, asm_reg(to)); /* ends a false dependence */
        asm_op(&q->a, quick_float_prefix(v->type) | (x->type == IR_J ? ASM_W : 0), 0x0f2a, to,
               from);
    }
    quick_finish(q, v, to);
}

/* ---- comparisons ---- */

/* The flags of a compare, and when they mean yes. */
struct condition {
    enum asm_cc cc;
    bool and_ordered; /* and no NaN was among the operands (== of floats) */
    bool or_unordered;
};

static struct condition compare_floats(struct quick *q, enum ir_cond c, struct ir_value *a,
                                       struct ir_value *b)
{
    bool swap = c == IRC_FLT || c == IRC_FGEU || c == IRC_FLE || c == IRC_FGTU;
    struct ir_value *x = swap ? b : a, *y = swap ? a : b;
    int left = quick_use_float(q, x, FSCRATCH);
    asm_op(&q->a, x->type == IR_D ? ASM_66 : 0, 0x0f2e, left, quick_operand(q, y, FSCRATCH2));
    switch (c) {
    case IRC_FLT:
    case IRC_FGT: return (struct condition){.cc = CC_A};
    case IRC_FLE:
    case IRC_FGE: return (struct condition){.cc = CC_AE};
    case IRC_FGEU:
    case IRC_FLEU: return (struct condition){.cc = CC_BE};
    case IRC_FGTU:
    case IRC_FLTU: return (struct condition){.cc = CC_B};
    case IRC_EQ: return (struct condition){.cc = CC_E, .and_ordered = true};
    default: return (struct condition){.cc = CC_NE, .or_unordered = true};
    }
}

static const uint8_t integer_cc[] = {
    [IRC_EQ] = CC_E,  [IRC_NE] = CC_NE, [IRC_LT] = CC_L,   [IRC_GE] = CC_GE, [IRC_GT] = CC_G,
    [IRC_LE] = CC_LE, [IRC_ULT] = CC_B, [IRC_UGE] = CC_AE, [IRC_UGT] = CC_A, [IRC_ULE] = CC_BE};

static struct condition compare(struct quick *q, enum ir_cond c, struct ir_value *a,
                                struct ir_value *b)
{
    a = quick_root(a);
    b = quick_root(b);
    if (ir_is_float(a->type)) { return compare_floats(q, c, a, b); }
    if (a->op == IR_CONST && b->op != IR_CONST) {
        struct ir_value *t = a;
        a = b;
        b = t;
        c = ir_cond_swap(c);
    }
    bool w = wide(a->type);
    int32_t imm;
    struct place p = quick_place(q, a);
    if (quick_immediate(b, &imm)) {
        if (imm == 0 && p.kind == PLACE_REG) {
            asm_test(&q->a, w, p.reg, p.reg);
        } else {
            asm_alu_imm(&q->a, w, ALU_CMP, quick_operand(q, a, SCRATCH), imm);
        }
    } else {
        int left = quick_use(q, a, SCRATCH);
        asm_alu(&q->a, w, ALU_CMP, left, quick_operand(q, b, SCRATCH2));
    }
    return (struct condition){.cc = (enum asm_cc)integer_cc[c]};
}

static void jump_if(struct quick *q, struct condition c, uint32_t label)
{
    uint32_t no = asm_label(&q->a);
    if (c.and_ordered) { asm_jcc(&q->a, CC_P, no); }
    if (c.or_unordered) { asm_jcc(&q->a, CC_P, label); }
    asm_jcc(&q->a, c.cc, label);
    asm_bind(&q->a, no);
}

void quick_branch(struct quick *q, enum ir_cond cond, struct ir_value *a, struct ir_value *b,
                  uint32_t label)
{
    jump_if(q, compare(q, cond, a, b), label);
}

/* 0 or 1 in eax */
static void set_if(struct quick *q, struct condition c)
{
    asm_op(&q->a, ASM_BYTE, 0x0f90 | (unsigned)c.cc, 0, asm_reg(RAX));
    if (c.and_ordered || c.or_unordered) {
        asm_op(&q->a, ASM_BYTE, c.and_ordered ? 0x0f9b : 0x0f9a, 0, asm_reg(R11));
        asm_alu(&q->a, false, c.and_ordered ? ALU_AND : ALU_OR, RAX, asm_reg(R11));
    }
    asm_op(&q->a, ASM_BYTE, 0x0fb6, RAX, asm_reg(RAX));
}

/* greater - less */
static void compare3(struct quick *q, struct ir_value *v)
{
    struct ir_value *a = quick_arg(v, 0), *b = quick_arg(v, 1);
    bool is_float = ir_is_float(a->type);
    enum ir_cond more = !is_float ? IRC_GT : v->k.j > 0 ? IRC_FGTU : IRC_FGT;
    enum ir_cond less = !is_float ? IRC_LT : v->k.j > 0 ? IRC_FLT : IRC_FLTU;
    int to = quick_target(q, v, R11);
    set_if(q, compare(q, more, a, b));
    if (is_float || to != R11) {
        asm_mov(&q->a, false, to, asm_reg(RAX));
    } else { /* r11 is needed by the second compare if an operand is a constant or in a slot */
        asm_store(&q->a, false, quick_thread_field(offsetof(struct thread, exit_values)), RAX);
    }
    set_if(q, compare(q, less, a, b));
    if (!is_float && to == R11) {
        asm_mov(&q->a, false, R11, quick_thread_field(offsetof(struct thread, exit_values)));
    }
    asm_alu(&q->a, false, ALU_SUB, to, asm_reg(RAX));
    quick_finish(q, v, to);
}

/* args 2 and 3: if so, else. No register of an argument is the target: they are late. */
static void select_value(struct quick *q, struct ir_value *v)
{
    struct ir_value *yes = quick_arg(v, 2), *no = quick_arg(v, 3);
    bool is_float = ir_is_float(v->type);
    struct condition c = compare(q, (enum ir_cond)v->cond, v->args[0], v->args[1]);
    if (!is_float && !c.and_ordered && !c.or_unordered) {
        int to = quick_target(q, v, SCRATCH);
        quick_load(q, no, to); /* moves leave the flags alone */
        asm_op(&q->a, wide(v->type) ? ASM_W : 0, 0x0f40 | (unsigned)c.cc, to,
               quick_operand(q, yes, SCRATCH2));
        quick_finish(q, v, to);
        return;
    }
    uint32_t then = asm_label(&q->a), end = asm_label(&q->a);
    int to = quick_target(q, v, is_float ? FSCRATCH : SCRATCH);
    jump_if(q, c, then);
    for (int i = 0; i < 2; i++) {
        if (is_float) {
            quick_load_float(q, i ? yes : no, to);
        } else {
            quick_load(q, i ? yes : no, to);
        }
        if (!i) {
            asm_jmp(&q->a, end);
            asm_bind(&q->a, then);
        }
    }
    asm_bind(&q->a, end);
    quick_finish(q, v, to);
}

/* ---- Math ---- */

static void min_max(struct quick *q, struct ir_value *v)
{
    if (ir_is_float(v->type)) {
        q->failure = "minimum of floats";
        return;
    }
    struct ir_value *a = quick_arg(v, 0), *b = quick_arg(v, 1);
    bool w = wide(v->type);
    quick_load(q, a, SCRATCH);
    int other = quick_use(q, b, SCRATCH2);
    asm_alu(&q->a, w, ALU_CMP, SCRATCH, asm_reg(other));
    asm_op(&q->a, w ? ASM_W : 0, 0x0f40 | (v->k.j == IRM_MIN ? CC_G : CC_L), SCRATCH,
           asm_reg(other));
    quick_finish(q, v, SCRATCH);
}

static void absolute(struct quick *q, struct ir_value *v)
{
    struct ir_value *x = quick_arg(v, 0);
    if (ir_is_float(v->type)) {
        quick_load_float(q, x, FSCRATCH);
        asm_op(&q->a, quick_float_prefix(v->type), 0x0f10, FSCRATCH2,
               quick_constant(q, v->type == IR_D ? INT64_MAX : INT32_MAX));
        asm_op(&q->a, 0, 0x0f54, FSCRATCH, asm_reg(FSCRATCH2)); /* andps */
        quick_finish(q, v, FSCRATCH);
        return;
    }
    bool w = v->type == IR_J;
    quick_load(q, x, SCRATCH2);
    asm_mov(&q->a, w, SCRATCH, asm_reg(SCRATCH2));
    asm_op(&q->a, w ? ASM_W : 0, 0xf7, 3, asm_reg(SCRATCH));
    asm_op(&q->a, w ? ASM_W : 0, 0x0f40 | CC_S, SCRATCH, asm_reg(SCRATCH2));
    quick_finish(q, v, SCRATCH);
}

static void count_zeros(struct quick *q, struct ir_value *v)
{
    bool w = quick_arg(v, 0)->type == IR_J, leading = v->k.j == IRM_CLZ;
    int32_t bits = w ? 64 : 32;
    quick_load(q, quick_arg(v, 0), SCRATCH2);
    /* bsr and bsf leave the target as it was for 0 */
    asm_mov_imm(&q->a, SCRATCH, (uint32_t)(leading ? 2 * bits - 1 : bits));
    asm_op(&q->a, w ? ASM_W : 0, leading ? 0x0fbd : 0x0fbc, SCRATCH2, asm_reg(SCRATCH2));
    asm_op(&q->a, 0, 0x0f40 | CC_NE, SCRATCH, asm_reg(SCRATCH2));
    if (leading) { asm_alu_imm(&q->a, false, ALU_XOR, asm_reg(SCRATCH), bits - 1); }
    quick_finish(q, v, SCRATCH);
}

static void bits(struct quick *q, struct ir_value *v)
{
    struct ir_value *x = quick_arg(v, 0);
    unsigned w = quick_is_wide(v->type) ? ASM_W : 0;
    if (ir_is_float(v->type)) {
        int to = quick_target(q, v, FSCRATCH);
        asm_op(&q->a, ASM_66 | w, 0x0f6e, to, quick_operand(q, x, SCRATCH));
        quick_finish(q, v, to);
    } else {
        int to = quick_target(q, v, SCRATCH), from = quick_use_float(q, x, FSCRATCH);
        asm_op(&q->a, ASM_66 | w, 0x0f7e, from, asm_reg(to));
        quick_finish(q, v, to);
    }
}

static void float_math(struct quick *q, struct ir_value *v, unsigned opcode, int rounding)
{
    int to = quick_target(q, v, FSCRATCH);
    if (rounding < 0) {
        asm_op(&q->a, quick_float_prefix(v->type), opcode, to,
               quick_operand(q, quick_arg(v, 0), FSCRATCH));
    } else if (v->type == IR_D && __builtin_cpu_supports("sse4.1")) {
        int reg = quick_use_float(q, quick_arg(v, 0), FSCRATCH);
        asm_op(&q->a, ASM_66, opcode, to, asm_reg(reg));
        asm_byte(&q->a, (unsigned)rounding);
    } else {
        q->failure = "no instruction for rounding";
    }
    quick_finish(q, v, to);
}

static void math(struct quick *q, struct ir_value *v)
{
    bool w = quick_arg(v, 0)->type == IR_J;
    int to;
    switch (v->k.j) {
    case IRM_SQRT: float_math(q, v, 0x0f51, -1); break;
    case IRM_ABS: absolute(q, v); break;
    case IRM_CEIL: float_math(q, v, 0x0f3a0b, 2); break;
    case IRM_FLOOR: float_math(q, v, 0x0f3a0b, 1); break;
    case IRM_RINT: float_math(q, v, 0x0f3a0b, 0); break;
    case IRM_MIN:
    case IRM_MAX: min_max(q, v); break;
    case IRM_CLZ:
    case IRM_CTZ: count_zeros(q, v); break;
    case IRM_POPCOUNT:
        if (!__builtin_cpu_supports("popcnt")) { q->failure = "no instruction for popcnt"; }
        to = quick_target(q, v, SCRATCH);
        asm_op(&q->a, ASM_F3 | (w ? ASM_W : 0), 0x0fb8, to,
               quick_operand(q, quick_arg(v, 0), SCRATCH));
        quick_finish(q, v, to);
        break;
    case IRM_BSWAP:
        quick_load(q, quick_arg(v, 0), SCRATCH);
        if (w) { asm_byte(&q->a, 0x48); }
        asm_u16(&q->a, 0xc80f); /* bswap eax */
        quick_finish(q, v, SCRATCH);
        break;
    case IRM_MULHI:
        quick_load(q, quick_arg(v, 1), R11);
        quick_load(q, quick_arg(v, 0), RAX);
        asm_op(&q->a, ASM_W, 0xf7, 5, asm_reg(R11));
        quick_finish(q, v, RDX);
        break;
    case IRM_BITS: bits(q, v); break;
    case IRM_SIN: float_call(q, v, helper_find("sin")); break;
    case IRM_COS: float_call(q, v, helper_find("cos")); break;
    case IRM_TAN: float_call(q, v, helper_find("tan")); break;
    case IRM_EXP: float_call(q, v, helper_find("exp")); break;
    case IRM_LOG: float_call(q, v, helper_find("log")); break;
    case IRM_LOG10: float_call(q, v, helper_find("log10")); break;
    case IRM_POW: float_call(q, v, helper_find("pow")); break;
    default: q->failure = "unknown math operation";
    }
}

/* ---- types ---- */

/* rax = id: address of a member of its struct class, r11 used */
struct asm_operand quick_class_member(struct quick *q, size_t offset)
{
    asm_mov_imm(&q->a, R11, META_BASE);
    return asm_mem_index(R11, RAX, 0, (int32_t)offset);
}

/* For classes that need the helper: id in rax; the answer comes back in eax. */
static void slow_subtype(struct quick *q, struct quick_slow *s)
{
    quick_save_live(q, s->insn);
    asm_mov(&q->a, false, RDI, asm_reg(RAX));
    quick_pointer(q, RSI, s->v->k.cls);
    quick_call_c(q, quick_helper(HELPER_subtype), NULL);
    quick_restore_live(q, s->insn);
    asm_jmp(&q->a, s->back);
}

/* eax = is the class whose id is in eax a subclass? */
static void subtype(struct quick *q, struct ir_value *v)
{
    struct class *c = v->k.cls;
    if (c->kind == CLASS_INSTANCE && c->access_flags & ACC_FINAL) {
        asm_alu_imm(&q->a, false, ALU_CMP, asm_reg(RAX), (int32_t)class_id(c));
    } else if (c->kind == CLASS_INSTANCE && !class_is_interface(c) && c->depth < CLASS_DISPLAY) {
        asm_mov(&q->a, true, RAX,
                quick_class_member(q, offsetof(struct class, display) + 8 * (size_t)c->depth));
        asm_alu(&q->a, true, ALU_CMP, RAX, quick_constant(q, (uint64_t)(uintptr_t)c));
    } else {
        struct quick_slow *s = quick_add_slow(q, slow_subtype, v);
        asm_jmp(&q->a, s->label);
        asm_bind(&q->a, s->back);
        return;
    }
    set_if(q, (struct condition){.cc = CC_E});
}

static void is_a(struct quick *q, struct ir_value *v)
{
    struct ir_value *o = quick_arg(v, 0);
    uint32_t end = asm_label(&q->a), null = asm_label(&q->a), same = asm_label(&q->a);
    bool maybe_null = !(ir_value(v->args[0])->flags & VALUE_NONNULL);
    int reg = quick_use(q, o, RAX);
    if (maybe_null) {
        asm_test(&q->a, true, reg, reg);
        asm_jcc(&q->a, CC_E, null);
    }
    asm_mov(&q->a, false, RAX, quick_guest(q, asm_mem(reg, OBJ_CLASS_OFFSET), T_INT, false));
    if (v->offset) {
        asm_alu_imm(&q->a, false, ALU_CMP, asm_reg(RAX), (int32_t)v->offset);
        asm_jcc(&q->a, CC_E, same);
    }
    subtype(q, v);
    asm_jmp(&q->a, end);
    asm_bind(&q->a, same);
    asm_mov_imm(&q->a, RAX, 1);
    if (maybe_null) {
        asm_jmp(&q->a, end);
        asm_bind(&q->a, null);
        asm_mov_imm(&q->a, RAX, v->index);
    } else {
        asm_bind(&q->a, null);
    }
    asm_bind(&q->a, end);
    quick_finish(q, v, RAX);
}

/* ---- checks ---- */

static void guard(struct quick *q, struct ir_value *v)
{
    uint32_t out = quick_exit_label(q, v->state, (enum exit_reason)v->reason, false);
    quick_branch(q, (enum ir_cond)(v->cond ^ 1), v->args[0], v->args[1], out);
}

/* The counter has come to 0. */
static void slow_count(struct quick *q, struct quick_slow *s)
{
    struct ir_value *v = s->v;
    struct ir_state *state = v ? v->state : ir_alloc(q->g, sizeof *state);
    if (!v) { state->method = q->g->method; }
    quick_save_live(q, s->insn);
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    quick_pointer(q, RSI, q->task->counter);
    quick_pointer(q, RDX, v ? state->method : NULL);
    asm_mov_imm(&q->a, RCX, (uint32_t)state->bci);
    quick_call_c(q, quick_helper(HELPER_tier_up), state);
    quick_restore_live(q, s->insn);
    if (v) {
        asm_test(&q->a, false, RAX, RAX);
        asm_jcc(&q->a, CC_NE, quick_exit_label(q, v->state, EXIT_POLL, false));
    }
    asm_jmp(&q->a, s->back);
}

void quick_count(struct quick *q, struct ir_value *v)
{
    if (!q->task->counter) { return; }
    struct quick_slow *s = quick_add_slow(q, slow_count, v);
    quick_pointer(q, R11, &q->task->counter->left);
    asm_alu_imm(&q->a, false, ALU_SUB, asm_mem(R11, 0), 1);
    asm_jcc(&q->a, CC_S, s->label);
    asm_bind(&q->a, s->back);
}

static void poll(struct quick *q, struct ir_value *v)
{
    quick_count(q, v);
    asm_alu_imm(&q->a, false, ALU_CMP, quick_thread_field(offsetof(struct thread, cpu.pending)), 0);
    asm_jcc(&q->a, CC_NE, quick_exit_label(q, v->state, EXIT_POLL, false));
}

/* ---- all of them ---- */

static void address(struct quick *q, struct ir_value *v)
{
    int to = quick_target(q, v, SCRATCH), base = quick_use(q, quick_arg(v, 0), SCRATCH);
    int32_t imm;
    if (quick_immediate(quick_arg(v, 1), &imm)) {
        asm_lea(&q->a, true, to, asm_mem(base, imm));
    } else {
        asm_lea(&q->a, true, to,
                asm_mem_index(base, quick_use(q, quick_arg(v, 1), SCRATCH2), 0, 0));
    }
    quick_finish(q, v, to);
}

static void word_of(struct quick *q, struct ir_value *v, int32_t offset)
{
    int to = quick_target(q, v, SCRATCH);
    quick_object_word(q, quick_arg(v, 0), offset, to);
    quick_finish(q, v, to);
}

void quick_op(struct quick *q, struct ir_value *v)
{
    switch (v->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
        if (ir_is_float(v->type)) {
            float_binary(q, v);
            break;
        }
        __attribute__((fallthrough));
    case IR_AND:
    case IR_OR:
    case IR_XOR: integer_binary(q, v); break;
    case IR_DIV:
    case IR_REM:
        if (!ir_is_float(v->type)) {
            divide(q, v);
        } else if (v->op == IR_DIV) {
            float_binary(q, v);
        } else {
            float_call(q, v, quick_helper(v->type == IR_D ? HELPER_fmod : HELPER_fmodf));
        }
        break;
    case IR_NEG: negate(q, v); break;
    case IR_SHL:
    case IR_SHR:
    case IR_USHR: shift(q, v); break;
    case IR_CONV: convert(q, v); break;
    case IR_NARROW: narrow(q, v); break;
    case IR_CMP3: compare3(q, v); break;
    case IR_COND:
        set_if(q, compare(q, (enum ir_cond)v->cond, v->args[0], v->args[1]));
        quick_finish(q, v, RAX);
        break;
    case IR_SELECT: select_value(q, v); break;
    case IR_MATH: math(q, v); break;
    case IR_CLASSID: word_of(q, v, OBJ_CLASS_OFFSET); break;
    case IR_ARRAYLEN: word_of(q, v, ARRAY_LENGTH_OFFSET); break;
    case IR_ADDR: address(q, v); break;
    case IR_OVERRIDES:
        quick_pointer(q, RAX, &v->k.method->overrides);
        asm_mov(&q->a, false, RAX, asm_mem(RAX, 0));
        quick_finish(q, v, RAX);
        break;
    case IR_SUBTYPE:
        quick_load(q, quick_arg(v, 0), RAX);
        subtype(q, v);
        quick_finish(q, v, RAX);
        break;
    case IR_ISA: is_a(q, v); break;
    case IR_KEEP: break; /* its argument has a place until here */
    case IR_GUARD: guard(q, v); break;
    case IR_POLL: poll(q, v); break;
    default:
        if (!quick_memory_op(q, v) && !quick_call_op(q, v)) {
            q->failure = "operation that the quick generator does not know";
        }
    }
}
