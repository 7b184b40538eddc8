/*
 * compiled_exit.c - compiled code that cannot go on: the interpreter's frames are built from the values that it left in
 * t->exit_values, exactly as the interpreter would have laid them out (frame.h), and run.
 *
 *      compiled code                         Java stack
 *      A, inlined B, inlined C     -->       | A locals | frame A | A operands | B locals | frame B | ... frame C | operands
 *                                                                              ^ the arguments that A pushed for B
 *
 * Between the stores to exit_values and the last copy from there nothing may collect.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/threads/monitor.h"
#include "vm/compiled.h"
#include "vm/interp.h"

/* Cells beyond the stack's limit that frames of an exit may use: the compiled code went on where the interpreter would have
 * overflowed, and there is no place in the program for an error in the middle of a method. Calls from there are refused. */
#define EXIT_RESERVE 2048

#define MAX_INLINE_DEPTH 128
#define SAVED_REGISTERS  16 /* general ones, that jit_leave has put on the stack */

/* Where the interpreter goes on: the instruction, or (`count`) the header if a block starts with it. */
static struct insn *resume_point(struct code *code, int bci, bool count)
{
    const void *block = insn_handlers[OP_block];
    struct insn *at = code_block_at(code, bci);
    if (at->handler == block) {
        if (count) { return at; }
        at++;
    }
    const void *handler = __atomic_load_n(&at->handler, __ATOMIC_ACQUIRE);
    if (!handler || handler == insn_handlers[OP_decode]) {
        uint32_t first = (uint32_t)(at - code->insns);
        while (code->insns[first - 1].handler != block) { first--; }
        code_decode_block(code, first);
    }
    return at;
}

static gref lock_of(const struct thread *t, const struct compiled_frame *cf)
{
    return cf->lock_value ? (gref)t->exit_values[cf->lock_value - 1] : 0;
}

/* Some frames could not be built: their locks are released, their caller gets an error as if its call had thrown it. */
static void abandon(struct thread *t, const struct compiled_frame *const *chain, unsigned n,
                    bool overflow)
{
    gref locks[MAX_INLINE_DEPTH];
    for (unsigned i = 0; i < n; i++) { locks[i] = lock_of(t, chain[i]); }
    if (overflow) { stack_overflow(t); }
    gref error = t->exception;
    for (unsigned i = 0; i < n; i++) {
        if (locks[i]) {
            t->exception = 0;
            monitor_exit(t, locks[i]);
        }
    }
    t->exception = error;
}

static void fill_cells(const struct thread *t, const struct compiled *c,
                       const struct compiled_frame *cf, slot_t *locals, slot_t *operands)
{
    unsigned n = cf->method->max_locals;
    memset(locals, 0, n * sizeof *locals);
    memset(operands, 0, cf->n_stack * sizeof *operands);
    for (unsigned i = 0; i < cf->n_cells; i++) {
        struct compiled_cell cell = c->cells[cf->first_cell + i];
        slot_t *to = cell.cell < n ? locals + cell.cell : operands + (cell.cell - n);
        to->raw = t->exit_values[cell.value];
    }
}

/* Builds the frames of an exit; `outermost`: that one is there, else it gets FRAME_ENTRY. t->top is then the innermost that could
 * be built. */
static void build_frames(struct thread *t, const struct compiled *c, const struct compiled_exit *e,
                         struct frame *outermost)
{
    const struct compiled_frame *chain[MAX_INLINE_DEPTH]; /* innermost first */
    unsigned n = 0;
    uint32_t next = e->frame + 1;
    do {
        if (n == MAX_INLINE_DEPTH) { abort(); }
        chain[n++] = &c->frames[next - 1];
        next = c->frames[next - 1].caller;
    } while (next);
    slot_t *locals = outermost ? outermost->locals : thread_free_cells(t);
    struct frame *caller = outermost ? outermost->prev : t->top;
    for (unsigned i = n; i-- > 0;) {
        const struct compiled_frame *cf = chain[i];
        struct method *m = cf->method;
        struct frame *f = (struct frame *)(locals + m->max_locals);
        slot_t *operands = frame_operands(f);
        if (!outermost || i < n - 1) {
            struct code *code = code_of(t, m);
            if (!code || (slot_t *)f + code->frame_slots > t->stack_limit + EXIT_RESERVE) {
                abandon(t, chain, i + 1, code != NULL);
                return;
            }
            *f = (struct frame){.prev = caller,
                                .method = m,
                                .code = code,
                                .locals = locals,
                                .lock = lock_of(t, cf),
                                .flags = i == n - 1 ? FRAME_ENTRY : 0};
        }
        if (i < n - 1) { caller->sp = locals + m->arg_slots; }
        fill_cells(t, c, cf, locals, operands);
        f->pc = resume_point(f->code, cf->bci, i == 0 && !e->rethrow);
        f->sp = operands + cf->n_stack;
        locals = f->sp;
        caller = t->top = f;
    }
}

static struct compiled *leaving(const void *return_address, uint32_t index)
{
    struct compiled *c = compiled_find(return_address);
    if (!c || index >= c->n_exits) { abort(); }
    struct compiled_exit *e = &c->exits[index];
    e->taken++;
    if (e->reason != EXIT_POLL && e->reason != EXIT_EXCEPTION && e->reason != EXIT_UNIT_END) {
        c->exits_taken++;
    }
    return c;
}

/* What is left to do when the frames stand. */
static void left(struct thread *t, struct compiled *c, uint32_t index)
{
    if (jit_hooks.exited) { jit_hooks.exited(t, c, index); }
    if (c->exits[index].reason == EXIT_POLL && !t->exception) { thread_poll(t); }
}

static uint64_t leave_method(struct thread *t, const void *return_address, uint32_t index)
{
    struct compiled *c = leaving(return_address, index);
    const struct frame *below = t->top;
    build_frames(t, c, &c->exits[index], NULL);
    if (t->top == below) { return 0; } /* not even the outermost: as if the call had thrown */
    enum basic_type type = c->method->ret_type;
    t->top->flags |= FRAME_RESUME;
    left(t, c, index);
    slot_t result = interp_run(t, t->top);
    return type_is_ref(type) ? result.r : result.raw;
}

static void leave_loop(struct thread *t, const void *return_address, uint32_t index)
{
    struct compiled *c = leaving(return_address, index);
    build_frames(t, c, &c->exits[index], t->segment->below);
    t->segment->loop = false; /* the interpreter's frame is the true one again */
    t->left_loop = true;
    left(t, c, index);
}

/*
 * Where the values are, behind the call of jit_leave:
 *
 *      .long   index of the exit, | LEAVE_LOOP
 *      .short  number of values
 *      for each: an instruction that is never executed
 *          movl %r32, %eax     an int in that register         movq %r64, %rax     a long or reference
 *          movd %xmm, %eax     a float                         movq %xmm, %rax     a double
 *          movl $x, %eax       the constant, sign-extended     movabsq $x, %rax    the constant
 *          movslq d(%rbp), %rax   an int in the frame          movl d(%rbp), %eax   a float   movq d(%rbp), %rax   64 bits
 *          nop                 it is in t->exit_values already
 *
 * Instruction formats: Intel SDM vol. 2A, 2.1. Returns where the code goes on.
 */
static const uint8_t *read_values(struct thread *t, const uint64_t *saved, const char *frame,
                                  const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        bool is_float = *p == 0x66;
        p += is_float;
        unsigned rex = (*p & 0xf0) == 0x40 ? *p++ : 0;
        bool wide = rex & 8;
        uint64_t *to = &t->exit_values[i];
        unsigned opcode = *p++;
        if (opcode == 0x90) { continue; }
        if (opcode == 0xb8 ||
            opcode == 0xc7) { /* c7 /0: what as makes of a movq of a short constant */
            p += opcode == 0xc7;
            bool full = wide && opcode == 0xb8;
            int32_t low;
            memcpy(&low, p, 4);
            *to = (uint64_t)(int64_t)low;
            if (full) { memcpy(to, p, 8); }
            p += full ? 8 : 4;
            continue;
        }
        if (opcode == 0x63 || opcode == 0x8b) { /* modrm: rbp and a displacement of 8 or 32 bits */
            bool near = *p++ >> 6 == 1;
            int32_t at = (int8_t)*p;
            if (!near) { memcpy(&at, p, 4); }
            p += near ? 1 : 4;
            int32_t low;
            memcpy(&low, frame + at, 4);
            *to = opcode == 0x63 ? (uint64_t)(int64_t)low : (uint32_t)low;
            if (wide && opcode == 0x8b) { memcpy(to, frame + at, 8); }
            continue;
        }
        if (is_float) { p++; } /* 0f 7e */
        unsigned reg = (*p++ >> 3 & 7) + (rex & 4 ? 8 : 0);
        uint64_t value = saved[is_float ? 16 + reg : reg];
        *to = wide ? value : is_float ? (uint32_t)value : (uint64_t)(int64_t)(int32_t)value;
    }
    return p;
}

uint64_t compiled_leave(struct thread *t, uint64_t *saved, const uint8_t *data, void **rbp)
{
    t->segment->anchor = rbp;
    uint32_t index;
    uint16_t n;
    memcpy(&index, data, 4);
    memcpy(&n, data + 4, 2);
    const uint8_t *end = read_values(t, saved, rbp[0], data + 6, n);
    /* Nobody needs them any more, and the collector would take what lies here for references in use. */
    memset(saved, 0, SAVED_REGISTERS * sizeof *saved);
    uint64_t result = 0;
    if (index & LEAVE_LOOP) {
        leave_loop(t, data, index & ~LEAVE_LOOP);
    } else {
        result = leave_method(t, data, index);
    }
    rbp[1] = (void *)end;
    return result;
}
