/*
 * call_x86_64.c - native calls by the System V x86-64 convention (psABI 3.2.3).
 *
 * What a method's descriptor means for registers is worked out once and kept in m->profile (native methods have no
 * profile): a list of moves from frame cells to a buffer
 *
 *     words 0..5    rdi rsi rdx rcx r8 r9
 *     words 6..13   xmm0..xmm7
 *     words 14..    stack, lowest address first
 *
 * that a small trampoline loads. The trampoline also saves all callee-saved registers in its own frame: while native
 * code runs, references that the VM had in them must be found by the stack scan.
 */
#include "runtime/jni/call.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/jni/handles.h"

enum { GP_REGS = 6, FP_REGS = 8, FIRST_FP = GP_REGS, FIRST_STACK = GP_REGS + FP_REGS };

enum move_kind {
    MOVE_INT,  /* sign-extended 32 bits */
    MOVE_WORD, /* 64 bits: long, double */
    MOVE_FLOAT,
    MOVE_REF, /* the address of the cell, NULL for null */
};

struct move {
    uint8_t kind;
    uint16_t from; /* cell of the arguments, without receiver */
    uint16_t to;   /* word of the buffer */
};

struct shape {
    uint16_t n_moves;
    uint16_t n_stack; /* words, even */
    uint8_t ret;      /* enum basic_type */
    struct move moves[];
};

/* rdi fn, rsi buffer, rdx number of stack words (even), rcx where to store xmm0 */
uint64_t jni_trampoline(void *fn, const uint64_t *buffer, uint64_t n_stack, uint64_t *fp_result);
__asm__(".text\n"
        ".globl jni_trampoline\n"
        ".type jni_trampoline, @function\n"
        ".p2align 4\n"
        "jni_trampoline:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    pushq %rbp\n"
        "    .cfi_def_cfa_offset 16\n"
        "    .cfi_offset %rbp, -16\n"
        "    movq %rsp, %rbp\n"
        "    .cfi_def_cfa_register %rbp\n"
        "    pushq %rbx\n"
        "    .cfi_offset %rbx, -24\n"
        "    pushq %r12\n"
        "    .cfi_offset %r12, -32\n"
        "    pushq %r13\n"
        "    .cfi_offset %r13, -40\n"
        "    pushq %r14\n"
        "    .cfi_offset %r14, -48\n"
        "    pushq %r15\n"
        "    .cfi_offset %r15, -56\n"
        "    pushq %rcx\n" /* rsp is a multiple of 16 again */
        "    movq %rdi, %r10\n"
        "    movq %rsi, %r11\n"
        "    testq %rdx, %rdx\n"
        "    jz 2f\n"
        "1:  pushq 104(%r11,%rdx,8)\n" /* word FIRST_STACK + rdx - 1 */
        "    decq %rdx\n"
        "    jnz 1b\n"
        "2:  movsd 48(%r11), %xmm0\n"
        "    movsd 56(%r11), %xmm1\n"
        "    movsd 64(%r11), %xmm2\n"
        "    movsd 72(%r11), %xmm3\n"
        "    movsd 80(%r11), %xmm4\n"
        "    movsd 88(%r11), %xmm5\n"
        "    movsd 96(%r11), %xmm6\n"
        "    movsd 104(%r11), %xmm7\n"
        "    movq 0(%r11), %rdi\n"
        "    movq 8(%r11), %rsi\n"
        "    movq 16(%r11), %rdx\n"
        "    movq 24(%r11), %rcx\n"
        "    movq 32(%r11), %r8\n"
        "    movq 40(%r11), %r9\n"
        "    movl $8, %eax\n" /* variadic callees want to know that xmm registers are used */
        "    call *%r10\n"
        "    leaq -48(%rbp), %rsp\n"
        "    popq %rcx\n"
        "    movsd %xmm0, (%rcx)\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    .cfi_def_cfa %rsp, 8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size jni_trampoline, .-jni_trampoline\n");

static size_t shape_bytes(unsigned n) { return sizeof(struct shape) + n * sizeof(struct move); }

/* Fills `s`; n_head integer words go before the parameters. */
static void shape_fill(struct shape *s, const char *desc, unsigned n_head)
{
    unsigned gp = n_head, fp = 0, stack = 0, n = 0;
    struct params p = params_of(desc);
    while (params_next(&p)) {
        enum basic_type type = p.type;
        struct move *mv = &s->moves[n++];
        bool is_fp = type == T_FLOAT || type == T_DOUBLE;
        mv->kind = type_is_ref(type)                    ? MOVE_REF
                   : type == T_FLOAT                    ? MOVE_FLOAT
                   : type == T_LONG || type == T_DOUBLE ? MOVE_WORD
                                                        : MOVE_INT;
        mv->from = (uint16_t)p.cell;
        if (is_fp && fp < FP_REGS) {
            mv->to = (uint16_t)(FIRST_FP + fp++);
        } else if (!is_fp && gp < GP_REGS) {
            mv->to = (uint16_t)gp++;
        } else {
            mv->to = (uint16_t)(FIRST_STACK + stack++);
        }
    }
    s->n_moves = (uint16_t)n;
    s->n_stack = (uint16_t)ALIGN_UP(stack, 2u);
    s->ret = (uint8_t)descriptor_result_type(desc);
}

static unsigned count_params(const char *desc)
{
    unsigned n = 0;
    for (struct params p = params_of(desc); params_next(&p);) { n++; }
    return n;
}

/* Fills the buffer's words for the parameters; args without the receiver. */
static inline void shape_move(const struct shape *s, uint64_t *buffer, slot_t *args)
{
    for (unsigned i = 0; i < s->n_moves; i++) {
        const struct move *mv = &s->moves[i];
        slot_t *a = &args[mv->from];
        uint64_t w;
        switch (mv->kind) {
        case MOVE_INT: w = (uint64_t)(int64_t)a->i; break;
        case MOVE_WORD: w = a->raw; break;
        case MOVE_FLOAT: w = a->u; break;
        default: w = a->r ? (uint64_t)(uintptr_t)a : 0; break;
        }
        buffer[mv->to] = w;
    }
}

/* The result by type; references are still handles in .p. */
static inline slot_t shape_result(uint8_t ret, uint64_t gp, uint64_t fp)
{
    switch (ret) {
    case T_BOOLEAN: return (slot_t){.j = (uint8_t)gp != 0};
    case T_BYTE: return (slot_t){.j = (int8_t)gp};
    case T_CHAR: return (slot_t){.j = (uint16_t)gp};
    case T_SHORT: return (slot_t){.j = (int16_t)gp};
    case T_INT: return (slot_t){.j = (int32_t)gp};
    case T_LONG: return (slot_t){.raw = gp};
    case T_FLOAT: return (slot_t){.raw = (uint32_t)fp};
    case T_DOUBLE: return (slot_t){.raw = fp};
    case T_OBJECT:
    case T_ARRAY: return (slot_t){.raw = gp};
    default: return (slot_t){.raw = 0};
    }
}

slot_t jni_call_shape(void *fn, const char *desc, const uint64_t *head, unsigned n_head,
                      slot_t *args)
{
    struct shape *s = malloc(shape_bytes(count_params(desc)));
    if (!s) { abort(); }
    shape_fill(s, desc, n_head);
    uint64_t buffer[FIRST_STACK + s->n_stack + 1];
    memset(buffer, 0, sizeof(buffer));
    memcpy(buffer, head, n_head * sizeof(*head));
    shape_move(s, buffer, args);
    uint64_t fp;
    uint64_t gp = jni_trampoline(fn, buffer, s->n_stack, &fp);
    slot_t r = shape_result(s->ret, gp, fp);
    free(s);
    return r;
}

static struct shape *shape_of(struct method *m)
{
    struct shape *s = __atomic_load_n(&m->profile, __ATOMIC_ACQUIRE);
    if (UNLIKELY(!s)) {
        s = meta_alloc(shape_bytes(m->n_params));
        shape_fill(s, m->desc->text, 2);
        void *expected = NULL;
        if (!__atomic_compare_exchange_n(&m->profile, &expected, (void *)s, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            s = expected; /* another thread was first; ours stays unused in the arena */
        }
    }
    return s;
}

slot_t jni_call_native(struct thread *t, struct method *m, slot_t *args)
{
    const struct shape *s = shape_of(m);
    unsigned words = (FIRST_STACK + s->n_stack + 2) & ~1u; /* no gap beside it */
    uint64_t buffer[words];
    slot_t class_cell;
    /* the collector looks through this frame: what lay here before might be the last that names an object */
    memset(buffer, 0, FIRST_STACK * sizeof *buffer);
    buffer[words - 2] = buffer[words - 1] = 0;

    buffer[0] = (uint64_t)(uintptr_t)&t->env;
    if (method_is_static(m)) {
        class_cell.raw = m->cls->mirror;
        buffer[1] = (uint64_t)(uintptr_t)&class_cell;
        shape_move(s, buffer, args);
    } else {
        buffer[1] = (uint64_t)(uintptr_t)&args[0];
        shape_move(s, buffer, args + 1);
    }

    struct handle_mark mark = handle_mark(t);
    uint64_t fp;
    thread_enter_native(t);
    uint64_t gp = jni_trampoline(m->native, buffer, s->n_stack, &fp);
    thread_leave_native(t);

    slot_t r = shape_result(s->ret, gp, fp);
    if (s->ret == T_OBJECT || s->ret == T_ARRAY) {
        jobject h = r.p;
        r.raw = t->exception ? 0 : handle_resolve(h);
    }
    handle_release(t, mark);
    return r;
}
