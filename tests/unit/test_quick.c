// The quick generator: encodings of its assembler, and graphs compiled, run and compared with what C computes.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "jit/asm_x86_64.h"
#include "jit/quick.h"
#include "tests/unit/jit_graph.h"
#include "tests/unit/run_suite.h"

// ---- encodings: what GNU as makes of the instruction named ----

static struct asm_buffer a;

static void is(const char *instruction, const char *hex)
{
    char text[64] = "";
    for (uint32_t i = 0; i < a.n; i++) { sprintf(text + 2 * i, "%02x", a.code[i]); }
    ck_assert_msg(!strcmp(text, hex), "%s: %s instead of %s", instruction, text, hex);
    a.n = 0;
}

START_TEST(encodings)
{
    asm_mov(&a, true, RAX, asm_reg(R15)), is("movq %r15, %rax", "498bc7");
    asm_mov(&a, false, R10, asm_mem(RBP, -8)), is("movl -8(%rbp), %r10d", "448b55f8");
    asm_mov(&a, true, RCX, asm_mem(RSP, 0)), is("movq (%rsp), %rcx", "488b0c24");
    asm_mov(&a, true, RCX, asm_mem(R12, 0x1000)), is("movq 4096(%r12), %rcx", "498b8c2400100000");
    asm_mov(&a, true, RCX, asm_mem(R13, 0)), is("movq 0(%r13), %rcx", "498b4d00");
    asm_mov(&a, false, RDX, asm_mem_index(RSI, R9, 2, 16)),
        is("movl 16(%rsi,%r9,4), %edx", "428b548e10");
    asm_mov(&a, false, RDX, asm_mem(NO_REG, 64)), is("movl 64, %edx", "8b142540000000");
    asm_store(&a, false, asm_mem(RAX, 0), R8), is("movl %r8d, (%rax)", "448900");
    asm_op(&a, ASM_BYTE, 0x88, RSI, asm_mem(RAX, 1)), is("movb %sil, 1(%rax)", "40887001");
    asm_op(&a, ASM_BYTE, 0x0fb6, RAX, asm_reg(RDI)), is("movzbl %dil, %eax", "400fb6c7");
    asm_op(&a, ASM_66, 0x89, RCX, asm_mem(RAX, 0)), is("movw %cx, (%rax)", "668908");
    asm_alu_imm(&a, true, ALU_CMP, asm_reg(R9), -1), is("cmpq $-1, %r9", "4983f9ff");
    asm_alu_imm(&a, false, ALU_ADD, asm_mem(RBX, 0), 1000),
        is("addl $1000, (%rbx)", "8103e8030000");
    asm_alu(&a, false, ALU_XOR, RAX, asm_reg(R8)), is("xorl %r8d, %eax", "4133c0");
    asm_mov_imm(&a, R11, 5), is("movl $5, %r11d", "41bb05000000");
    asm_mov_imm(&a, RAX, (uint64_t)-2), is("movq $-2, %rax", "48c7c0feffffff");
    asm_mov_imm(&a, RBX, 0x123456789abcdef0), is("movabs", "48bbf0debc9a78563412");
    asm_shift_imm(&a, true, 7, R14, 3), is("sarq $3, %r14", "49c1fe03");
    asm_shx(&a, false, 1, RAX, asm_reg(RDX), RCX), is("shlxl %ecx, %edx, %eax", "c4e271f7c2");
    asm_shx(&a, true, 3, R9, asm_mem(RBP, -16), R8),
        is("shrxq %r8, -16(%rbp), %r9", "c462bbf74df0");
    asm_op(&a, ASM_F2, 0x0f58, 9, asm_reg(3)), is("addsd %xmm3, %xmm9", "f2440f58cb");
    asm_op(&a, ASM_F2 | ASM_W, 0x0f2a, 1, asm_reg(RCX)), is("cvtsi2sdq %rcx, %xmm1", "f2480f2ac9");
    asm_op(&a, ASM_66, 0x0f3a0b, 2, asm_reg(1)), asm_byte(&a, 1), is("roundsd", "660f3a0bd101");
    asm_lea(&a, true, RDI, asm_mem_index(R12, RAX, 3, -4)),
        is("leaq -4(%r12,%rax,8), %rdi", "498d7cc4fc");
    uint32_t l = asm_label(&a);
    asm_bind(&a, l);
    asm_jcc(&a, CC_NE, l);
    asm_link(&a);
    is("jne .", "0f85faffffff");
    asm_jmp(&a, asm_label(&a));
    asm_link(&a); // never bound
    ck_assert(a.failed);
    asm_free(&a);
}
END_TEST

// ---- graphs ----

static struct method *method;
static struct ir_block *entry;
static void *memory;
static const size_t memory_size = 1 << 20;

static void begin(const char *desc, enum basic_type ret)
{
    struct symbol *s = calloc(1, sizeof *s + strlen(desc) + 1);
    memcpy((char *)s->text, desc, strlen(desc) + 1);
    method = calloc(1, sizeof *method);
    method->desc = s;
    method->flags = ACC_STATIC;
    method->ret_type = (uint8_t)ret;
    g = ir_graph_new(method, -1);
    entry = g->entry = ir_block_new(g, method, 0);
    entry->freq = 1;
}

static bool is_final; // of the code that was made last

// Machine code of the graph.
static void *compiled(void)
{
    static struct jit_task task = {.osr_bci = -1, .tier = 1};
    struct jit_result r = {.task = &task};
    task.method = method;
    ir_order(g);
    ir_analyse(g);
    ck_assert_msg(quick_compile(g, &task, &r), "%s", r.failure);
    memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED && r.meta.code_size < memory_size);
    memcpy(memory, r.meta.code, r.meta.code_size);
    void *at = (char *)memory + r.meta.entry;
    is_final = r.meta.final;
    free(r.meta.code);
    free(r.meta.sites);
    return at;
}

static void end(void)
{
    munmap(memory, memory_size);
    ir_graph_free(g);
    free((void *)method->desc);
    free(method);
}

static struct ir_value *param(enum ir_type t, unsigned index)
{
    struct ir_value *v = add(entry, ir_value_new(g, IR_PARAM, t, 0));
    v->index = index;
    return v;
}

static struct ir_value *op2(struct ir_block *b, enum ir_op op, enum ir_type t, struct ir_value *x,
                            struct ir_value *y)
{
    return add(b, ir_value_new(g, op, t, 2, x, y));
}

static void ret(struct ir_block *b, struct ir_value *v)
{
    add(b, ir_value_new(g, IR_RETURN, IR_V, 1, v));
}

static uint64_t random_state = 1;

static uint32_t next(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

static const int64_t corners[] = {
    0, 1, -1, 2, 63, 64, 100, INT32_MAX, INT32_MIN, 1L << 40, INT64_MAX, INT64_MIN, -(1L << 33)};

static int64_t corner(void) { return corners[next() % ARRAY_COUNT(corners)] + (next() & 1); }

// ---- integers: random straight code with more live values than registers ----

static int64_t evaluate(enum ir_op op, bool wide, int64_t x, int64_t y)
{
    uint64_t u = (uint64_t)x, v = (uint64_t)y;
    unsigned n = (unsigned)y & (wide ? 63 : 31);
    switch (op) {
    case IR_ADD: u += v; break;
    case IR_SUB: u -= v; break;
    case IR_MUL: u *= v; break;
    case IR_AND: u &= v; break;
    case IR_OR: u |= v; break;
    case IR_XOR: u ^= v; break;
    case IR_SHL: u <<= n; break;
    case IR_SHR: u = (uint64_t)((wide ? x : (int32_t)x) >> n); break;
    case IR_USHR: u = wide ? u >> n : (uint32_t)u >> n; break;
    case IR_DIV: u = y == -1 ? -u : (uint64_t)(x / y); break;
    default: u = y == -1 ? 0 : (uint64_t)(x % y); break;
    }
    return wide ? (int64_t)u : (int32_t)u;
}

#define STEPS 60

static void straight_code(bool wide)
{
    static const enum ir_op ops[] = {IR_ADD, IR_SUB, IR_MUL,  IR_AND, IR_OR, IR_XOR,
                                     IR_SHL, IR_SHR, IR_USHR, IR_DIV, IR_REM};
    enum ir_type t = wide ? IR_J : IR_I;
    struct {
        enum ir_op op;
        unsigned x, y;
        int64_t k; // shift count, divisor
        bool constant;
    } step[STEPS];
    struct ir_value *v[8 + STEPS], *sum;
    begin(wide ? "(JJJJJJJJ)J" : "(IIIIIIII)I",
          wide ? T_LONG : T_INT); // three of them on the stack
    for (unsigned i = 0; i < 8; i++) { v[i] = param(t, i); }
    for (unsigned i = 0; i < STEPS; i++) {
        step[i].op = ops[next() % ARRAY_COUNT(ops)];
        step[i].x = next() % (8 + i);
        step[i].y = next() % (8 + i);
        bool shift = step[i].op >= IR_SHL && step[i].op <= IR_USHR;
        bool divide = step[i].op == IR_DIV || step[i].op == IR_REM;
        step[i].k = wide ? corner() : (int32_t)corner();
        step[i].constant = divide || next() % 4 == 0;
        if (divide && !step[i].k) { step[i].k = -1; }
        struct ir_value *y = shift && step[i].constant ? ir_const_int(g, (int32_t)step[i].k)
                             : step[i].constant        ? ir_const(g, t, step[i].k)
                                                       : v[step[i].y];
        if (shift && wide && !step[i].constant) {
            y = add(entry, ir_value_new(g, IR_CONV, IR_I, 1, y));
        }
        v[8 + i] = op2(entry, step[i].op, t, v[step[i].x], y);
    }
    sum = v[0];
    for (unsigned i = 1; i < 8 + STEPS; i++) { sum = op2(entry, IR_XOR, t, sum, v[i]); }
    ret(entry, sum);
    void *f = compiled();
    for (unsigned round = 0; round < 20; round++) {
        int64_t p[8 + STEPS], all = 0;
        for (unsigned i = 0; i < 8; i++) { p[i] = wide ? corner() : (int32_t)corner(); }
        for (unsigned i = 0; i < STEPS; i++) {
            p[8 + i] = evaluate(step[i].op, wide, p[step[i].x],
                                step[i].constant ? step[i].k : p[step[i].y]);
        }
        for (unsigned i = 0; i < 8 + STEPS; i++) { all ^= p[i]; }
        int64_t got = wide ? ((int64_t(*)(void *, int64_t, int64_t, int64_t, int64_t, int64_t,
                                          int64_t, int64_t, int64_t))f)(
                                 NULL, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7])
                           : ((int32_t(*)(void *, int, int, int, int, int, int, int, int))f)(
                                 NULL, (int)p[0], (int)p[1], (int)p[2], (int)p[3], (int)p[4],
                                 (int)p[5], (int)p[6], (int)p[7]);
        ck_assert_int_eq(got, all);
    }
    end();
}

START_TEST(integers)
{
    for (int i = 0; i < 200; i++) {
        random_state = (uint64_t)i;
        straight_code(i & 1);
    }
}
END_TEST

// n / d and n % d for a constant d.
static void division(int32_t d)
{
    for (int rem = 0; rem < 2; rem++) {
        begin("(I)I", T_INT);
        ret(entry, op2(entry, rem ? IR_REM : IR_DIV, IR_I, param(IR_I, 0), ir_const_int(g, d)));
        int32_t (*f)(void *, int32_t) = compiled();
        ck_assert(is_final == (d != INT32_MIN && (d < -1 || d > 1)));
        for (int round = 0; round < 100; round++) {
            int32_t n =
                round < 50 ? (int32_t)next() - (1 << 30)
                : round < 75
                    ? (int32_t)((uint32_t)d * (next() % 16) + next() % 3 - 1) // around multiples
                    : (int32_t)corner();
            ck_assert_int_eq(f(NULL, n), evaluate(rem ? IR_REM : IR_DIV, false, n, d));
        }
        ck_assert_int_eq(f(NULL, INT32_MIN), evaluate(rem ? IR_REM : IR_DIV, false, INT32_MIN, d));
        end();
    }
}

START_TEST(divisions)
{
    for (int32_t d = 1; d <= 130; d++) { division(d), division(-d); }
    for (unsigned k = 8; k < 31; k++) {
        division((1 << k) - 1), division(1 << k), division((1 << k) + 1), division(-(1 << k));
    }
    for (int i = 0; i < 200; i++) { division((int32_t)(next() | 1)); }
    division(INT32_MAX), division(INT32_MIN), division(INT32_MIN + 1);
}
END_TEST

// ---- leaves: code without a frame, which nothing better comes after ----

START_TEST(leaves)
{
    begin("(ID)I", T_INT); // x > 0 ? x : -x, with a merge
    struct ir_value *x = param(IR_I, 0);
    struct ir_block *plus = ir_block_new(g, method, 0), *minus = ir_block_new(g, method, 0),
                    *end_ = ir_block_new(g, method, 0);
    branch(entry, IRC_GT, x, ir_const_int(g, 0), plus, minus);
    jump(plus, end_);
    struct ir_value *neg = add(minus, ir_value_new(g, IR_NEG, IR_I, 1, x));
    jump(minus, end_);
    struct ir_value *phi = add(end_, ir_value_new(g, IR_PHI, IR_I, 2, x, neg));
    ret(end_, phi);
    int32_t (*f)(void *, int32_t, double) = compiled();
    ck_assert(is_final && *(unsigned char *)(void *)f != 0x55); // push rbp
    ck_assert_int_eq(f(NULL, 7, 1), 7);
    ck_assert_int_eq(f(NULL, -7, 1), 7);
    end();

    begin("(IIIIII)I", T_INT); // the last one arrives on the stack
    struct ir_value *last = NULL;
    for (unsigned i = 0; i < 6; i++) { last = param(IR_I, i); }
    ret(entry, last);
    int32_t (*six)(void *, int, int, int, int, int, int) = compiled();
    ck_assert(!is_final);
    ck_assert_int_eq(six(NULL, 1, 2, 3, 4, 5, 6), 6);
    end();

    begin("(D)D", T_DOUBLE); // a call
    struct ir_value *s = add(entry, ir_value_new(g, IR_MATH, IR_D, 1, param(IR_D, 0)));
    s->k.j = IRM_SIN;
    ret(entry, s);
    double (*sine)(void *, double) = compiled();
    ck_assert(!is_final);
    ck_assert_double_eq(sine(NULL, 2), sin(2));
    end();

    begin("(II)I", T_INT); // a divisor that is not known
    ret(entry, op2(entry, IR_DIV, IR_I, param(IR_I, 0), param(IR_I, 1)));
    int32_t (*div)(void *, int, int) = compiled();
    ck_assert(!is_final);
    ck_assert_int_eq(div(NULL, INT32_MIN, -1), INT32_MIN);
    end();
}
END_TEST

// f(NULL, x[0], x[1], x[2]) with rbp at `frame`, as a caller's would be.
static int64_t call_in_frame(void *f, const int32_t *x, int64_t *frame)
{
    int64_t result, last = x[2];
    __asm__ volatile(
        "lea -128(%%rsp), %%rsp\n\tpush %%rbp\n\tmov %[frame], %%rbp\n\tcall *%[f]\n\tpop %%rbp\n\t"
        "lea 128(%%rsp), %%rsp"
        : "=a"(result), "+c"(last)
        : [f] "r"(f), [frame] "r"(frame), "D"(0L), "S"((int64_t)x[0]), "d"((int64_t)x[1])
        : "r8", "r9", "r10", "r11", "memory", "cc");
    return (int32_t)result;
}

// A leaf touches nothing of its caller's, also where values change their places in a circle.
START_TEST(leaves_in_frames)
{
    static const enum ir_op ops[] = {IR_ADD, IR_SUB, IR_AND, IR_OR, IR_XOR, IR_MUL};
    unsigned n_final = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        random_state = seed;
        begin("(III)I", T_INT);
        struct ir_value *v[11];
        enum ir_op op[8];
        unsigned from[8][2];
        for (unsigned i = 0; i < 3; i++) { v[i] = param(IR_I, i); }
        unsigned n = 2 + next() % 6;
        for (unsigned i = 0; i < n; i++) {
            op[i] = ops[next() % ARRAY_COUNT(ops)];
            for (unsigned k = 0; k < 2; k++) {
                from[i][k] = i && next() % 3 ? 2 + i : next() % (3 + i);
            }
            v[3 + i] = op2(entry, op[i], IR_I, v[from[i][0]], v[from[i][1]]);
        }
        ret(entry, v[2 + n]);
        void *f = compiled();
        n_final += is_final;
        int64_t memory_of_caller[65];
        memset(memory_of_caller, 0x5a, sizeof memory_of_caller);
        int64_t x[11] = {(int32_t)next(), -(int32_t)next(), (int32_t)corner()};
        int32_t args[3] = {(int32_t)x[0], (int32_t)x[1], (int32_t)x[2]};
        for (unsigned i = 0; i < n; i++) {
            x[3 + i] = evaluate(op[i], false, x[from[i][0]], x[from[i][1]]);
        }
        ck_assert_int_eq(call_in_frame(f, args, memory_of_caller + 64), x[2 + n]);
        for (unsigned i = 0; i < 65; i++) {
            ck_assert_int_eq(memory_of_caller[i], 0x5a5a5a5a5a5a5a5a);
        }
        end();
    }
    ck_assert_uint_eq(n_final, 2000);
}
END_TEST

// ---- loops: values that change places at each iteration ----

START_TEST(rotation)
{
    begin("(IJJJ)J", T_LONG);
    struct ir_value *n = param(IR_I, 0), *p[3] = {param(IR_J, 1), param(IR_J, 2), param(IR_J, 3)};
    struct ir_block *head = ir_block_new(g, method, 0), *body = ir_block_new(g, method, 0),
                    *out = ir_block_new(g, method, 0);
    head->freq = body->freq = 100;
    out->freq = 1;
    jump(entry, head);
    struct ir_value *i = add(head, ir_value_new(g, IR_PHI, IR_I, 1, ir_const_int(g, 0))), *phi[3];
    for (int k = 0; k < 3; k++) { phi[k] = add(head, ir_value_new(g, IR_PHI, IR_J, 1, p[k])); }
    branch(head, IRC_LT, i, n, body, out);
    struct ir_value *more = op2(body, IR_ADD, IR_I, i, ir_const_int(g, 1));
    struct ir_value *sum = op2(body, IR_ADD, IR_J, phi[0], phi[1]);
    jump(body, head);
    ir_phi_add(g, i, more);
    ir_phi_add(g, phi[0], phi[1]); // a cycle of three, one of them changed
    ir_phi_add(g, phi[1], phi[2]);
    ir_phi_add(g, phi[2], sum);
    struct ir_value *r = op2(out, IR_SUB, IR_J, phi[0], phi[1]);
    ret(out, op2(out, IR_XOR, IR_J, r, phi[2]));
    int64_t (*f)(void *, int32_t, int64_t, int64_t, int64_t) = compiled();
    for (int32_t k = 0; k < 20; k++) {
        int64_t x = 3, y = 5, z = 70;
        for (int32_t j = 0; j < k; j++) {
            int64_t s = x + y;
            x = y;
            y = z;
            z = s;
        }
        ck_assert_int_eq(f(NULL, k, 3, 5, 70), (x - y) ^ z);
    }
    end();
}
END_TEST

// ---- floating point, and calls that values must survive ----

START_TEST(doubles)
{
    begin("(DDI)D", T_DOUBLE);
    struct ir_value *x = param(IR_D, 0), *y = param(IR_D, 1), *n = param(IR_I, 2);
    struct ir_value *s = add(entry, ir_value_new(g, IR_MATH, IR_D, 1, x));
    s->k.j = IRM_SIN; // x, y and n live on
    struct ir_value *d = add(entry, ir_value_new(g, IR_CONV, IR_D, 1, n));
    struct ir_value *q = op2(entry, IR_DIV, IR_D, op2(entry, IR_SUB, IR_D, x, y), d);
    struct ir_value *i = add(entry, ir_value_new(g, IR_CONV, IR_I, 1, q));
    struct ir_value *neg = add(entry, ir_value_new(g, IR_NEG, IR_D, 1, s));
    struct ir_value *back = add(entry, ir_value_new(g, IR_CONV, IR_D, 1, i));
    struct ir_value *rem = op2(entry, IR_REM, IR_D, x, y);
    ret(entry, op2(entry, IR_ADD, IR_D, op2(entry, IR_MUL, IR_D, neg, back), rem));
    double (*f)(void *, double, double, int32_t) = compiled();
    ck_assert_double_eq(f(NULL, 7.5, 2, 2), -sin(7.5) * 2 + fmod(7.5, 2));
    ck_assert_double_eq(f(NULL, 1e300, 2, 1),
                        -sin(1e300) * INT32_MAX + fmod(1e300, 2));             // saturates
    ck_assert_double_eq(f(NULL, 0.5, 0.5, 0), -sin(0.5) * 0 + fmod(0.5, 0.5)); // NaN becomes 0
    end();
}
END_TEST

// Comparisons know NaN: each condition as a value and as a branch.
START_TEST(comparisons)
{
    static const double v[] = {0, -0.0, 1, -1, NAN, INFINITY};
    for (int c = 0; c < IRC_COUNT; c++) {
        if (c >= IRC_LT && c <= IRC_ULE) { continue; } // integers' and references'
        begin("(DD)I", T_INT);
        struct ir_value *x = param(IR_D, 0), *y = param(IR_D, 1);
        struct ir_value *cond = add(entry, ir_value_new(g, IR_COND, IR_I, 2, x, y));
        cond->cond = (uint8_t)c;
        struct ir_value *sel = add(entry, ir_value_new(g, IR_SELECT, IR_I, 4, x, y,
                                                       ir_const_int(g, 2), ir_const_int(g, 0)));
        sel->cond = (uint8_t)c;
        struct ir_value *both = op2(entry, IR_OR, IR_I, cond, sel);
        struct ir_block *yes = ir_block_new(g, method, 0), *no = ir_block_new(g, method, 0);
        branch(entry, (enum ir_cond)c, x, y, yes, no);
        ret(yes, op2(yes, IR_OR, IR_I, both, ir_const_int(g, 4)));
        ret(no, both);
        int32_t (*f)(void *, double, double) = compiled();
        for (size_t i = 0; i < ARRAY_COUNT(v); i++) {
            for (size_t k = 0; k < ARRAY_COUNT(v); k++) {
                double p = v[i], r = v[k];
                bool is_true = c == IRC_EQ     ? p == r
                               : c == IRC_NE   ? p != r
                               : c == IRC_FLT  ? p < r
                               : c == IRC_FGEU ? !(p < r)
                               : c == IRC_FGT  ? p > r
                               : c == IRC_FLEU ? !(p > r)
                               : c == IRC_FLE  ? p <= r
                               : c == IRC_FGTU ? !(p <= r)
                               : c == IRC_FGE  ? p >= r
                                               : !(p >= r);
                ck_assert_int_eq(f(NULL, p, r), is_true ? 7 : 0);
            }
        }
        end();
    }
}
END_TEST

// A switch with more cases than are compared one by one.
START_TEST(cases)
{
    begin("(I)I", T_INT);
    struct ir_value *x = param(IR_I, 0);
    struct ir_switch *sw = ir_alloc(g, sizeof *sw);
    sw->n = 11;
    sw->keys = ir_alloc(g, sw->n * sizeof *sw->keys);
    struct ir_value *v = add(entry, ir_value_new(g, IR_SWITCH, IR_V, 1, x));
    v->k.p = sw;
    for (uint32_t i = 0; i <= sw->n; i++) {
        if (i < sw->n) { sw->keys[i] = (int32_t)(i * i) - 50; }
        struct ir_block *b = ir_block_new(g, method, 0);
        ir_add_succ(g, entry, b);
        ret(b, ir_const_int(g, (int32_t)i + 100));
    }
    int32_t (*f)(void *, int32_t) = compiled();
    for (int32_t k = -60; k < 60; k++) {
        int32_t expected = 111;
        for (int32_t i = 0; i < 11; i++) { expected = k == i * i - 50 ? i + 100 : expected; }
        ck_assert_int_eq(f(NULL, k), expected);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("quick");
    TCase *t = tcase_create("all");
    tcase_add_test(t, encodings);
    tcase_add_test(t, integers);
    tcase_add_test(t, divisions);
    tcase_add_test(t, leaves);
    tcase_add_test(t, leaves_in_frames);
    tcase_add_test(t, rotation);
    tcase_add_test(t, doubles);
    tcase_add_test(t, comparisons);
    tcase_add_test(t, cases);
    suite_add_tcase(s, t);
    return run_suite(s);
}
