/*
 * emit.c - IR to libgccjit: functions, blocks, states and exits. The operations are in emit_ops.c.
 *
 * Each graph becomes an exported function moka_<id>, and, if it is entered normally, moka_glue_<id>, which the interpreter
 * calls with argument cells (vm/compiled.h). Values become local variables; pure ones with one use in the same
 * block are folded into the expression that uses them. GCC does all the rest.
 *
 * The checks that leave share one stub per (state, reason), emitted behind the code. What GCC must not see through
 * is volatile assembly: the labels that mark return addresses.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit/emit-internal.h"
#include "jit/states.h"
#include "runtime/machine/machine.h"
#include "vm/options.h"

/* A label behind a call, and where it is with the index of its frame in the site table (jit/load.c). */
#define SITE_TEXT                                                                                  \
    "771:\n\t.pushsection jsites,\"a\",@progbits\n\t.balign 4\n\t.long 771b-.\n\t.long "           \
    "0x%x\n\t.popsection"

/* ---- types and small expressions ---- */

gcc_jit_type *emit_type(struct emitter *e, enum ir_type t)
{
    switch (t) {
    case IR_I: return e->t_i32;
    case IR_J: return e->t_i64;
    case IR_F: return e->t_float;
    case IR_D: return e->t_double;
    case IR_R: return e->t_u64;
    default: return e->t_void;
    }
}

gcc_jit_type *emit_mem_type(struct emitter *e, enum basic_type t, bool pointer)
{
    switch (t) {
    case T_BOOLEAN: return pointer ? e->p_u8 : e->t_u8;
    case T_BYTE: return pointer ? e->p_i8 : e->t_i8;
    case T_CHAR: return pointer ? e->p_u16 : e->t_u16;
    case T_SHORT: return pointer ? e->p_i16 : e->t_i16;
    case T_LONG: return pointer ? e->p_i64 : e->t_i64;
    case T_FLOAT: return pointer ? e->p_float : e->t_float;
    case T_DOUBLE: return pointer ? e->p_double : e->t_double;
    case T_OBJECT:
    case T_ARRAY: return pointer ? e->p_u32 : e->t_u32;
    default: return pointer ? e->p_i32 : e->t_i32;
    }
}

rv emit_i32(struct emitter *e, int32_t i)
{
    return gcc_jit_context_new_rvalue_from_int(e->ctx, e->t_i32, i);
}

rv emit_i64(struct emitter *e, int64_t j)
{
    return gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_i64, j);
}

rv emit_u64(struct emitter *e, uint64_t u)
{
    return gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, (long)u);
}

rv emit_cast(struct emitter *e, rv v, gcc_jit_type *t)
{
    return gcc_jit_context_new_cast(e->ctx, NULL, v, t);
}

rv emit_bitcast(struct emitter *e, rv v, gcc_jit_type *t)
{
    return gcc_jit_context_new_bitcast(e->ctx, NULL, v, t);
}

rv emit_binary(struct emitter *e, enum gcc_jit_binary_op op, gcc_jit_type *t, rv a, rv b)
{
    return gcc_jit_context_new_binary_op(e->ctx, NULL, op, t, a, b);
}

rv emit_compare(struct emitter *e, enum gcc_jit_comparison c, rv a, rv b)
{
    return gcc_jit_context_new_comparison(e->ctx, NULL, c, a, b);
}

static rv emit_not(struct emitter *e, rv v)
{
    return gcc_jit_context_new_unary_op(e->ctx, NULL, GCC_JIT_UNARY_OP_LOGICAL_NEGATE, e->t_bool,
                                        v);
}

rv emit_cond(struct emitter *e, enum ir_cond c, rv a, rv b, enum ir_type type)
{
    static const enum gcc_jit_comparison plain[IRC_COUNT] = {
        [IRC_EQ] = GCC_JIT_COMPARISON_EQ,  [IRC_NE] = GCC_JIT_COMPARISON_NE,
        [IRC_LT] = GCC_JIT_COMPARISON_LT,  [IRC_GE] = GCC_JIT_COMPARISON_GE,
        [IRC_GT] = GCC_JIT_COMPARISON_GT,  [IRC_LE] = GCC_JIT_COMPARISON_LE,
        [IRC_ULT] = GCC_JIT_COMPARISON_LT, [IRC_UGE] = GCC_JIT_COMPARISON_GE,
        [IRC_UGT] = GCC_JIT_COMPARISON_GT, [IRC_ULE] = GCC_JIT_COMPARISON_LE,
        [IRC_FLT] = GCC_JIT_COMPARISON_LT, [IRC_FGEU] = GCC_JIT_COMPARISON_LT,
        [IRC_FGT] = GCC_JIT_COMPARISON_GT, [IRC_FLEU] = GCC_JIT_COMPARISON_GT,
        [IRC_FLE] = GCC_JIT_COMPARISON_LE, [IRC_FGTU] = GCC_JIT_COMPARISON_LE,
        [IRC_FGE] = GCC_JIT_COMPARISON_GE, [IRC_FLTU] = GCC_JIT_COMPARISON_GE};
    if (c >= IRC_ULT && c <= IRC_ULE) {
        gcc_jit_type *u = type == IR_J ? e->t_u64 : e->t_u32;
        if (type != IR_R) {
            a = emit_cast(e, a, u);
            b = emit_cast(e, b, u);
        }
    }
    rv r = emit_compare(e, plain[c], a, b);
    bool negated = c == IRC_FGEU || c == IRC_FLEU || c == IRC_FGTU || c == IRC_FLTU;
    return negated ? emit_not(e, r) : r;
}

/* GCC counts in ten-thousandths. What an IF leads to is never taken for impossible: only exits are (emit_expect with 0 or 1), so that
 * what they need competes with nothing in the loop for registers. */
#define LEAST 0.001

rv emit_expect(struct emitter *e, rv cond, double probability)
{
    rv args[3] = {emit_cast(e, emit_cast(e, cond, e->t_int), e->t_long),
                  gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_long, probability >= 0.5),
                  gcc_jit_context_new_rvalue_from_double(
                      e->ctx, e->t_double, probability >= 0.5 ? probability : 1 - probability)};
    return emit_compare(e, GCC_JIT_COMPARISON_NE,
                        gcc_jit_context_new_call(e->ctx, NULL, e->expect, 3, args),
                        gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_long, 0));
}

rv emit_unlikely(struct emitter *e, rv cond) { return emit_expect(e, cond, LEAST); }
rv emit_likely(struct emitter *e, rv cond) { return emit_expect(e, cond, 1 - LEAST); }

lv emit_temp(struct emitter *e, gcc_jit_type *t)
{
    char name[24];
    snprintf(name, sizeof name, "t%u", e->n_temps++);
    return gcc_jit_function_new_local(e->fn, NULL, t, name);
}

void emit_assign(struct emitter *e, lv to, rv v)
{
    gcc_jit_block_add_assignment(e->block, NULL, to, v);
}

gcc_jit_block *emit_new_block(struct emitter *e) { return gcc_jit_function_new_block(e->fn, NULL); }

void emit_branch(struct emitter *e, rv cond, gcc_jit_block *yes, gcc_jit_block *no)
{
    gcc_jit_block_end_with_conditional(e->block, NULL, cond, yes, no);
}

void emit_jump(struct emitter *e, gcc_jit_block *to)
{
    gcc_jit_block_end_with_jump(e->block, NULL, to);
}

/* ---- memory ---- */

static rv byte_address(struct emitter *e, rv bytes, rv index)
{
    return gcc_jit_lvalue_get_address(gcc_jit_context_new_array_access(e->ctx, NULL, bytes, index),
                                      NULL);
}

lv emit_at(struct emitter *e, rv bytes, int64_t offset, gcc_jit_type *type, gcc_jit_type *pointer)
{
    (void)type;
    rv at = byte_address(e, bytes, emit_i64(e, offset));
    return gcc_jit_rvalue_dereference(emit_cast(e, at, pointer), NULL);
}

lv emit_thread_field(struct emitter *e, size_t offset, gcc_jit_type *type, gcc_jit_type *pointer)
{
    return emit_at(e, gcc_jit_lvalue_as_rvalue(e->thread), (int64_t)offset, type, pointer);
}

rv emit_pointer(struct emitter *e, rv address, gcc_jit_type *pointer)
{
    return emit_cast(e, byte_address(e, gcc_jit_context_null(e->ctx, e->t_bytes), address),
                     pointer);
}

static unsigned log2_size(enum basic_type mem) { return type_shift(mem); }

lv emit_guest(struct emitter *e, rv gva, enum basic_type mem, bool write)
{
    gcc_jit_type *pointer = emit_mem_type(e, mem, true);
    if (e->soft) {
        rv host =
            gcc_jit_context_new_call(e->ctx, NULL, e->soft_addr[log2_size(mem)][write], 1, &gva);
        lv kept = emit_temp(e, e->t_bytes); /* evaluated once, here */
        emit_assign(e, kept, host);
        return gcc_jit_rvalue_dereference(emit_cast(e, gcc_jit_lvalue_as_rvalue(kept), pointer),
                                          NULL);
    }
    return gcc_jit_rvalue_dereference(emit_pointer(e, gva, pointer), NULL);
}

/* u8 *soft_addr_<size>_<rw>(u64 gva): the inline half of softmmu_addr (runtime/machine/softmmu.h). */
static gcc_jit_function *make_soft_addr(struct emitter *e, unsigned shift, bool write)
{
    char name[32];
    snprintf(name, sizeof name, "soft_addr_%u_%c", 1u << shift, write ? 'w' : 'r');
    gcc_jit_param *p = gcc_jit_context_new_param(e->ctx, NULL, e->t_u64, "gva");
    e->fn = gcc_jit_context_new_function(e->ctx, NULL, GCC_JIT_FUNCTION_ALWAYS_INLINE, e->t_bytes,
                                         name, 1, &p, 0);
    e->block = emit_new_block(e);
    rv gva = gcc_jit_param_as_rvalue(p);
    lv entry = gcc_jit_function_new_local(e->fn, NULL, e->t_bytes, "entry");
    rv index = emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_u64,
                           emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, e->t_u64, gva, emit_u64(e, 12)),
                           emit_u64(e, TLB_SIZE - 1));
    rv tlb = emit_cast(
        e,
        gcc_jit_lvalue_as_rvalue(emit_thread_field(e, offsetof(struct thread, cpu.tlb), e->t_u64,
                                                   gcc_jit_type_get_pointer(e->t_bytes))),
        e->t_bytes);
    emit_assign(e, entry,
                byte_address(e, tlb,
                             emit_binary(e, GCC_JIT_BINARY_OP_MULT, e->t_u64, index,
                                         emit_u64(e, sizeof(struct tlb_entry)))));
    rv base = gcc_jit_lvalue_as_rvalue(entry);
    rv tag = gcc_jit_lvalue_as_rvalue(emit_at(e, base,
                                              write ? offsetof(struct tlb_entry, write_tag)
                                                    : offsetof(struct tlb_entry, read_tag),
                                              e->t_u32, e->p_u32));
    rv last = emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, gva, emit_u64(e, (1u << shift) - 1));
    rv page = emit_cast(
        e, emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_u64, last, emit_u64(e, PTE_FRAME)),
        e->t_u32);
    gcc_jit_block *hit = emit_new_block(e), *miss = emit_new_block(e);
    emit_branch(e, emit_likely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, page, tag)), hit, miss);
    e->block = hit;
    lv hits =
        emit_thread_field(e, offsetof(struct thread, cpu.counters.tlb_hits), e->t_u64, e->p_u64);
    gcc_jit_block_add_assignment_op(hit, NULL, hits, GCC_JIT_BINARY_OP_PLUS, emit_u64(e, 1));
    rv addend = gcc_jit_lvalue_as_rvalue(
        emit_at(e, base, offsetof(struct tlb_entry, addend), e->t_u64, e->p_u64));
    gcc_jit_block_end_with_return(
        hit, NULL,
        emit_pointer(e, emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, addend, gva), e->t_bytes));
    e->block = miss;
    rv args[4] = {emit_cast(e, gcc_jit_lvalue_as_rvalue(e->thread), e->t_ptr),
                  emit_cast(e, gva, e->t_i64), emit_i32(e, 1 << shift),
                  emit_i32(e, write ? (int)PF_WRITE : 0)};
    gcc_jit_block_end_with_return(
        miss, NULL,
        emit_cast(e, gcc_jit_context_new_call(e->ctx, NULL, e->helpers[HELPER_soft_addr], 4, args),
                  e->t_bytes));
    return e->fn;
}

/* ---- raw cells ---- */

rv emit_raw(struct emitter *e, rv v, enum ir_type t)
{
    switch (t) {
    case IR_I: return emit_cast(e, emit_cast(e, v, e->t_i64), e->t_u64);
    case IR_J: return emit_cast(e, v, e->t_u64);
    case IR_F: return emit_cast(e, emit_bitcast(e, v, e->t_u32), e->t_u64);
    case IR_D: return emit_bitcast(e, v, e->t_u64);
    default: return v;
    }
}

rv emit_unraw(struct emitter *e, rv v, enum ir_type t)
{
    switch (t) {
    case IR_I: return emit_cast(e, v, e->t_i32);
    case IR_J: return emit_cast(e, v, e->t_i64);
    case IR_F: return emit_bitcast(e, emit_cast(e, v, e->t_u32), e->t_float);
    case IR_D: return emit_bitcast(e, v, e->t_double);
    default: return v;
    }
}

/* ---- values ---- */

static rv constant(struct emitter *e, const struct ir_value *v)
{
    switch (v->type) {
    case IR_I: return emit_i32(e, v->k.i);
    case IR_J: return emit_i64(e, v->k.j);
    case IR_F:
        return emit_bitcast(
            e, gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u32, (uint32_t)v->k.j),
            e->t_float);
    case IR_D: return emit_bitcast(e, emit_u64(e, (uint64_t)v->k.j), e->t_double);
    default: return emit_u64(e, (uint32_t)v->k.j);
    }
}

rv emit_value(struct emitter *e, struct ir_value *v)
{
    v = ir_value(v);
    while (v->op == IR_NONNULL || v->op == IR_CAST) { v = ir_value(v->args[0]); }
    if (v->op == IR_CONST) { return constant(e, v); }
    if (!v->tmp) {
        e->failure = "value used before its definition";
        return constant(e, &(struct ir_value){.type = v->type});
    }
    return v->tmp;
}

gcc_jit_block *emit_exit_block(struct emitter *e, struct ir_state *s, enum exit_reason reason,
                               bool rethrow)
{
    for (struct exit_stub *x = s->tmp; x; x = x->next) {
        if (x->state == s && x->reason == reason && x->rethrow == rethrow) { return x->block; }
    }
    struct exit_stub *x = ir_alloc(e->g, sizeof *x);
    *x = (struct exit_stub){s, (uint8_t)reason, rethrow, emit_new_block(e), e->exits};
    e->exits = x;
    s->tmp = x; /* the newest; older ones of this state may lie behind it in the list */
    return x->block;
}

static void emit_return(struct emitter *e, rv v)
{
    if (v) {
        gcc_jit_block_end_with_return(e->block, NULL, v);
    } else {
        gcc_jit_block_end_with_void_return(e->block, NULL);
    }
}

static bool is_osr(const struct emitter *e) { return e->task->osr_bci >= 0; }

/* Objects that exist only as values are made on the way out: first all of them, then their fields, which may be such objects. */
struct made {
    struct ir_value *v;
    lv object;
};
struct made_list {
    struct made at[128];
    unsigned n;
};

static rv made_value(struct emitter *e, struct made_list *made, struct ir_value *v)
{
    for (unsigned i = 0; i < made->n; i++) {
        if (made->at[i].v == v) { return gcc_jit_lvalue_as_rvalue(made->at[i].object); }
    }
    return emit_value(e, v);
}

static void make_object(struct emitter *e, struct made_list *made, struct ir_value *v,
                        struct ir_state *s)
{
    v = ir_value(v);
    if (!v || !(v->flags & VALUE_VIRTUAL)) { return; }
    for (unsigned i = 0; i < made->n; i++) {
        if (made->at[i].v == v) { return; }
    }
    if (made->n == ARRAY_COUNT(made->at)) {
        e->failure = "too many virtual objects in a state";
        return;
    }
    struct made *m = &made->at[made->n++];
    *m = (struct made){v, emit_temp(e, e->t_u64)};
    rv args[2] = {gcc_jit_context_new_rvalue_from_ptr(e->ctx, e->t_ptr, v->virtual->cls),
                  emit_i32(e, (int32_t)v->virtual->length)};
    emit_assign(e, m->object, emit_helper(e, HELPER_materialise, s, 2, args));
    for (unsigned i = 0; i < v->virtual->n; i++) {
        make_object(e, made, v->virtual->fields[i].value, s);
    }
}

/* Fills what make_object() made; nothing when the heap is exhausted (the OutOfMemoryError is pending then). */
static void fill_objects(struct emitter *e, struct made_list *made, struct ir_state *s)
{
    for (unsigned i = 0; i < made->n; i++) {
        const struct ir_virtual *x = made->at[i].v->virtual;
        rv o = gcc_jit_lvalue_as_rvalue(made->at[i].object);
        gcc_jit_block *some = emit_new_block(e), *next = emit_new_block(e);
        emit_branch(
            e, emit_compare(e, GCC_JIT_COMPARISON_NE, o, gcc_jit_context_zero(e->ctx, e->t_u64)),
            some, next);
        e->block = some;
        for (unsigned k = 0; k < x->n; k++) {
            const struct ir_virtual_field *f = &x->fields[k];
            uint64_t offset = x->cls->kind == CLASS_ARRAY
                                  ? ARRAY_BASE_OFFSET + ((uint64_t)f->offset << x->cls->elem_shift)
                                  : f->offset;
            lv to = emit_guest(
                e, emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, o, emit_u64(e, offset)), f->mem,
                true);
            emit_assign(e, to,
                        emit_cast(e, made_value(e, made, ir_value(f->value)),
                                  emit_mem_type(e, f->mem, false)));
        }
        for (unsigned k = 0; k < x->locks; k++) { emit_helper(e, HELPER_monitor_enter, s, 1, &o); }
        emit_jump(e, next);
        e->block = next;
    }
}

static rv frame_address(struct emitter *e)
{
    rv zero =
        gcc_jit_context_zero(e->ctx, gcc_jit_context_get_type(e->ctx, GCC_JIT_TYPE_UNSIGNED_INT));
    return gcc_jit_context_new_call(e->ctx, NULL, e->frame_address, 1, &zero);
}

/*
 * Leaves: one assembly statement, whose operands are the values, in registers of GCC's choice. What follows the call is not
 * executed: it tells compiled_leave() where the values are, as instructions that would move them (vm/compiled_exit.c
 * decodes these). That costs GCC and the code a third of what stores to t->exit_values would; those serve only when
 * registers could run out.
 */
#define LEAVE_INTS   9
#define LEAVE_FLOATS 12

static void emit_leave(struct emitter *e, struct state_values *values, struct made_list *made,
                       uint32_t index)
{
    char text[8192];
    rv operands[LEAVE_INTS + LEAVE_FLOATS];
    const char *constraints[LEAVE_INTS + LEAVE_FLOATS];
    unsigned n_operands = 0, ints = 0, floats = 0;
    size_t n = (size_t)snprintf(text, sizeof text,
                                "call\tjit_leave@PLT\n" SITE_TEXT "\n\t.long %u\n\t.short %u\n",
                                SITE_NO_FRAME, index | (is_osr(e) ? LEAVE_LOOP : 0), values->n);
    for (unsigned i = 0; i < values->n; i++) {
        struct ir_value *v = values->value[i];
        char *to = text + n;
        size_t room = sizeof text - n;
        bool is_float = v->type == IR_F || v->type == IR_D;
        if (ir_is_const(v)) {
            /* movl sign-extends here */
            bool wide = v->type != IR_I && v->k.j != (int32_t)v->k.j;
            n += (size_t)snprintf(to, room,
                                  wide ? "\tmovabsq\t$%lld, %%%%rax\n" : "\tmovl\t$%lld, %%%%eax\n",
                                  v->type == IR_I ? (long long)v->k.i : (long long)v->k.j);
            continue;
        }
        rv x = made_value(e, made, v);
        if (is_float ? floats == LEAVE_FLOATS : ints == LEAVE_INTS) {
            lv cell = emit_thread_field(e, offsetof(struct thread, exit_values) + 8 * i, e->t_u64,
                                        e->p_u64);
            emit_assign(e, cell, emit_raw(e, x, v->type));
            n += (size_t)snprintf(to, room, "\tnop\n");
            continue;
        }
        const char *move = v->type == IR_I   ? "\tmovl\t%%k%u, %%%%eax\n"
                           : v->type == IR_F ? "\tmovd\t%%%u, %%%%eax\n"
                           : v->type == IR_D ? "\tmovq\t%%%u, %%%%rax\n"
                                             : "\tmovq\t%%q%u, %%%%rax\n";
        n += (size_t)snprintf(to, room, move, n_operands + 1);
        constraints[n_operands] = is_float ? "x" : "r";
        operands[n_operands++] = x;
        *(is_float ? &floats : &ints) += 1;
    }
    if (n >= sizeof text) {
        e->failure = "too many values in a state";
        return;
    }
    if (!e->leave) {
        e->leave = emit_new_block(e);
        e->left = emit_temp(e, e->t_u64);
    }
    lv frame = emit_temp(e, e->t_ptr);
    emit_assign(e, frame, frame_address(e));
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, text);
    gcc_jit_extended_asm_set_volatile_flag(a, 1);
    gcc_jit_extended_asm_add_output_operand(a, NULL, "=a", e->left);
    for (unsigned i = 0; i < n_operands; i++) {
        gcc_jit_extended_asm_add_input_operand(a, NULL, constraints[i], operands[i]);
    }
    /* makes GCC set up the frame in front of it, which stack walks need; it cannot see that this is a call */
    gcc_jit_extended_asm_add_input_operand(a, NULL, "r", gcc_jit_lvalue_as_rvalue(frame));
    gcc_jit_extended_asm_add_clobber(a, "memory");
    emit_jump(e, e->leave);
}

/* Where all exits meet: returns what the interpreter made of the rest. */
static void emit_left(struct emitter *e)
{
    e->block = e->leave;
    rv r = gcc_jit_lvalue_as_rvalue(e->left);
    enum ir_type type = ir_type_of(e->g->method->ret_type);
    emit_return(e, is_osr(e) ? emit_u64(e, 0) : type == IR_V ? NULL : emit_unraw(e, r, type));
}

static void emit_exit_stub(struct emitter *e, struct exit_stub *x)
{
    struct state_values values = {.n = 0};
    uint32_t frame = state_exit_frame(&e->result->meta, x->state, &values);
    uint32_t index = state_add_exit(&e->result->meta, frame, x->reason, x->rethrow);
    e->block = x->block;
    struct made_list made;
    made.n = 0;
    struct ir_state unhandled = {
        .method = x->state->method, .caller = x->state->caller, .bci = x->state->bci};
    for (unsigned i = 0; i < values.n; i++) { make_object(e, &made, values.value[i], &unhandled); }
    fill_objects(e, &made, &unhandled);
    emit_leave(e, &values, &made, index);
}

static rv zero_result(struct emitter *e)
{
    if (is_osr(e)) { return emit_u64(e, 0); }
    enum ir_type type = ir_type_of(e->g->method->ret_type);
    return type == IR_V ? NULL : gcc_jit_context_zero(e->ctx, emit_type(e, type));
}

/* ---- calls ---- */

void emit_site(struct emitter *e, uint32_t frame)
{
    char text[160];
    snprintf(text, sizeof text, SITE_TEXT, frame);
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, text);
    gcc_jit_extended_asm_set_volatile_flag(a, 1);
}

void emit_exception_check(struct emitter *e, struct ir_state *s)
{
    rv ex = gcc_jit_lvalue_as_rvalue(
        emit_thread_field(e, offsetof(struct thread, exception), e->t_u32, e->p_u32));
    rv pending = emit_compare(e, GCC_JIT_COMPARISON_NE, ex, gcc_jit_context_zero(e->ctx, e->t_u32));
    gcc_jit_block *go_on = emit_new_block(e);
    gcc_jit_block *out;
    if (s->handled) {
        out = emit_exit_block(e, s, s->thrown, true);
    } else {
        if (!e->unwind) { e->unwind = emit_new_block(e); }
        out = e->unwind;
    }
    emit_branch(e, emit_expect(e, pending, 0), out, go_on);
    e->block = go_on;
}

rv emit_helper_caught(struct emitter *e, enum helper_id h, struct ir_state *s, int n, rv *args)
{
    const struct helper_info *info = &helper_info[h];
    rv all[10];
    int k = 0, next = 0;
    for (const char *p = info->types + 2; *p; p++) {
        if (*p == 'T') {
            all[k++] = emit_cast(e, gcc_jit_lvalue_as_rvalue(e->thread), e->t_ptr);
        } else {
            assert(next < n);
            all[k++] = args[next++];
        }
    }
    rv call = gcc_jit_context_new_call(e->ctx, NULL, e->helpers[h], k, all);
    rv result = NULL;
    if (info->types[0] == 'V') {
        gcc_jit_block_add_eval(e->block, NULL, call);
    } else {
        lv t = emit_temp(e, gcc_jit_rvalue_get_type(call));
        emit_assign(e, t, call);
        result = gcc_jit_lvalue_as_rvalue(t);
    }
    if (s) { emit_site(e, state_trace_frame(e->result, s)); }
    return result;
}

rv emit_helper(struct emitter *e, enum helper_id h, struct ir_state *s, int n, rv *args)
{
    rv result = emit_helper_caught(e, h, s, n, args);
    if (s && helper_info[h].flags & H_THROWS) { emit_exception_check(e, s); }
    return result;
}

/* ---- blocks ---- */

static void assign_phis(struct emitter *e, struct ir_block *to, unsigned pred)
{
    struct {
        struct ir_value *phi;
        rv v;
    } copies[256];
    unsigned n = 0;
    bool conflict = false;
    for (struct ir_value *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) {
        struct ir_value *a = ir_value(phi->args[pred]);
        struct ir_value *from = a;
        while (from->op == IR_NONNULL || from->op == IR_CAST) { from = ir_value(from->args[0]); }
        if (from == phi) { continue; }
        if (n == ARRAY_COUNT(copies)) {
            e->failure = "too many values meet";
            return;
        }
        conflict = conflict || (from->op == IR_PHI && from->block == to);
        copies[n].phi = phi;
        copies[n++].v = emit_value(e, a);
    }
    for (unsigned i = 0; i < n && conflict; i++) {
        lv t = emit_temp(e, emit_type(e, copies[i].phi->type));
        emit_assign(e, t, copies[i].v);
        copies[i].v = gcc_jit_lvalue_as_rvalue(t);
    }
    for (unsigned i = 0; i < n; i++) {
        emit_assign(e, (lv)(void *)copies[i].phi->virtual, copies[i].v);
    }
}

static unsigned pred_number(const struct ir_block *b, unsigned succ)
{
    const struct ir_block *to = b->succs[succ];
    unsigned nth = 0;
    for (unsigned i = 0; i < succ; i++) { nth += b->succs[i] == to; }
    for (unsigned i = 0; i < to->n_preds; i++) {
        if (to->preds[i] == b && nth-- == 0) { return i; }
    }
    return 0;
}

/* Where an edge leads: to the block, or, if values must be copied, to a block that does it. */
static gcc_jit_block *edge(struct emitter *e, struct ir_block *b, unsigned succ)
{
    struct ir_block *to = b->succs[succ];
    if (!to->first || to->first->op != IR_PHI) { return to->tmp; }
    gcc_jit_block *saved = e->block, *via = emit_new_block(e);
    e->block = via;
    assign_phis(e, to, pred_number(b, succ));
    emit_jump(e, to->tmp);
    e->block = saved;
    return via;
}

static void emit_switch(struct emitter *e, struct ir_block *b, struct ir_value *v)
{
    const struct ir_switch *sw = v->k.p;
    gcc_jit_case **cases = calloc(sw->n + 1, sizeof *cases);
    gcc_jit_block *targets[64];
    gcc_jit_block **at = sw->n + 1 > 64 ? calloc(sw->n + 1, sizeof *at) : targets;
    for (unsigned i = 0; i <= sw->n; i++) {
        at[i] = NULL;
        for (unsigned k = 0; k < i && !at[i] && i < 4096; k++) {
            /* edges to the same block without PHIs, or with equal ones: one block does */
            if (b->succs[k] == b->succs[i] &&
                (!b->succs[i]->first || b->succs[i]->first->op != IR_PHI)) {
                at[i] = at[k];
            }
        }
        if (!at[i]) { at[i] = edge(e, b, i); }
    }
    for (unsigned i = 0; i < sw->n; i++) {
        rv key = emit_i32(e, sw->keys[i]);
        cases[i] = gcc_jit_context_new_case(e->ctx, key, key, at[i]);
    }
    gcc_jit_block_end_with_switch(e->block, NULL, emit_value(e, v->args[0]), at[sw->n], (int)sw->n,
                                  cases);
    free(cases);
    if (at != targets) { free(at); }
}

static void emit_terminator(struct emitter *e, struct ir_block *b, struct ir_value *v)
{
    switch (v->op) {
    case IR_GOTO:
        assign_phis(e, b->succs[0], pred_number(b, 0));
        emit_jump(e, b->succs[0]->tmp);
        break;
    case IR_IF: {
        rv c = emit_cond(e, v->cond, emit_value(e, v->args[0]), emit_value(e, v->args[1]),
                         ir_value(v->args[0])->type);
        double p = v->k.d;
        if (p >= 0) { p = p < LEAST ? LEAST : p > 1 - LEAST ? 1 - LEAST : p; }
        if (b->succs[0]->last && b->succs[0]->last->op == IR_EXIT) { p = 0; }
        if (b->succs[1]->last && b->succs[1]->last->op == IR_EXIT) { p = 1; }
        if (p >= 0) { c = emit_expect(e, c, p); }
        gcc_jit_block *yes = edge(e, b, 0), *no = edge(e, b, 1);
        emit_branch(e, c, yes, no);
        break;
    }
    case IR_SWITCH: emit_switch(e, b, v); break;
    case IR_EXIT: emit_jump(e, emit_exit_block(e, v->state, v->reason, false)); break;
    default: { /* RETURN */
        rv r = v->n_args ? emit_value(e, v->args[0]) : NULL;
        if (is_osr(e)) { r = r ? emit_raw(e, r, ir_value(v->args[0])->type) : emit_u64(e, 0); }
        emit_return(e, r);
        break;
    }
    }
}

/* Pure values that are read once, in their own block, need no variable. */
static void mark_folded(struct ir_graph *g)
{
    ir_count_uses(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            v->tmp = NULL;
            v->mark = 0;
            for (struct ir_state *st = v->state; st; st = st->caller) {
                st->tmp = NULL;
                st->frame = 0;
            }
        }
    }
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            for (unsigned i = 0; i < v->n_args && v->op != IR_PHI; i++) {
                struct ir_value *a = ir_value(v->args[i]);
                if (a->uses == 1 && a->block == b && ir_flags(a) & IRF_PURE &&
                    !(ir_flags(a) & IRF_CONST)) {
                    a->mark = 1;
                }
            }
        }
    }
}

static void emit_entry_check(struct emitter *e);

static void emit_block(struct emitter *e, struct ir_block *b)
{
    e->block = b->tmp;
    if (b == e->checked) { emit_entry_check(e); }
    for (struct ir_value *v = b->first; v && !e->failure; v = v->next) {
        switch (v->op) {
        case IR_PHI:
        case IR_CONST:
        case IR_COPY:
        case IR_NONNULL:
        case IR_CAST: continue;
        default: break;
        }
        if (ir_flags(v) & IRF_TERM) {
            emit_terminator(e, b, v);
            return;
        }
        rv r = emit_op(e, v);
        if (v->type == IR_V || !r) { continue; }
        if (v->mark) {
            v->tmp = r;
        } else {
            lv t = emit_temp(e, emit_type(e, v->type));
            emit_assign(e, t, r);
            v->tmp = gcc_jit_lvalue_as_rvalue(t);
        }
    }
    if (!e->failure) { e->failure = "block without end"; }
}

static void declare_phis(struct emitter *e)
{
    for (struct ir_block *b = e->g->blocks; b; b = b->next) {
        b->tmp = emit_new_block(e);
        for (struct ir_value *v = b->first; v && v->op == IR_PHI; v = v->next) {
            lv t = emit_temp(e, emit_type(e, v->type));
            v->virtual = (void *)t; /* the variable to assign to */
            v->tmp = gcc_jit_lvalue_as_rvalue(t);
        }
    }
}

/* ---- functions ---- */

/* Stack limit and pending requests, with one compare. */
static void emit_entry_check(struct emitter *e)
{
    rv frame = frame_address(e);
    rv limit = gcc_jit_lvalue_as_rvalue(emit_thread_field(
        e, offsetof(struct thread, cpu.poll_limit), e->t_u64, gcc_jit_type_get_pointer(e->t_ptr)));
    rv low = emit_compare(e, GCC_JIT_COMPARISON_LT, emit_cast(e, frame, e->t_bytes),
                          emit_cast(e, limit, e->t_bytes));
    gcc_jit_block *slow = emit_new_block(e), *go_on = emit_new_block(e);
    emit_branch(e, emit_unlikely(e, low), slow, go_on);
    e->block = slow;
    struct ir_state *s = ir_alloc(e->g, sizeof *s);
    s->method = e->g->method;
    emit_helper(e, HELPER_entry_check, s, 0, NULL);
    emit_jump(e, go_on);
    e->block = go_on;
}

/*
 * moka_glue_<id>(cells): what the interpreter calls. Only loads and a call, so it is written as assembly: a function costs GCC
 * some 2 ms, however small.
 */
static void emit_glue(struct emitter *e)
{
    static const char *const ints[] = {"rsi", "rdx", "rcx", "r8",
                                       "r9"}; /* rdi: the method, which the callee ignores */
    const struct method *m = e->g->method;
    char text[16384], moves[12000];
    size_t n = 0;
    unsigned cell = 0, int_regs = 0, float_regs = 0, stack = 0;
    moves[0] = 0;
    const char *p = m->desc->text + 1;
    for (bool receiver = !method_is_static(m); receiver || (*p && *p != ')'); receiver = false) {
        enum ir_type t = receiver ? IR_R : ir_type_of(type_of_char(*p));
        if (!receiver) {
            while (*p == '[') { p++; }
            if (*p == 'L') { p = strchr(p, ';'); }
            p++;
        }
        bool is_float = t == IR_F || t == IR_D;
        char *to = moves + n;
        size_t room = sizeof moves - n;
        if (is_float && float_regs < 8) {
            n += (size_t)snprintf(to, room, "\t%s\t%u(%%r11), %%xmm%u\n",
                                  t == IR_F ? "movss" : "movsd", 8 * cell, float_regs);
            float_regs++;
        } else if (!is_float && int_regs < ARRAY_COUNT(ints)) {
            n +=
                (size_t)snprintf(to, room, "\tmovq\t%u(%%r11), %%%s\n", 8 * cell, ints[int_regs++]);
        } else {
            n += (size_t)snprintf(to, room, "\tmovq\t%u(%%r11), %%rax\n\tmovq\t%%rax, %u(%%rsp)\n",
                                  8 * cell, 8 * stack++);
        }
        cell += t == IR_J || t == IR_D ? 2 : 1;
    }
    const char *result = "";
    switch (ir_type_of(m->ret_type)) {
    case IR_I: result = "\tmovslq\t%eax, %rax\n"; break;
    case IR_F: result = "\tmovd\t%xmm0, %eax\n"; break;
    case IR_D: result = "\tmovq\t%xmm0, %rax\n"; break;
    case IR_V: result = "\txorl\t%eax, %eax\n"; break;
    default: break;
    }
    uint32_t id = e->task->id;
    snprintf(
        text, sizeof text,
        "\t.pushsection .text.moka_glue_%u,\"ax\",@progbits\n\t.p2align 4\n\t.globl moka_glue_%u\n"
        "\t.type moka_glue_%u, @function\nmoka_glue_%u:\n\tpushq\t%%rbp\n\tmovq\t%%rsp, "
        "%%rbp\n\tsubq\t$%u, %%rsp\n"
        "\tmovq\t%%rdi, %%r11\n%s\tcall\tmoka_%u\n" SITE_TEXT "\n%s\tleave\n\tret\n"
        "\t.size moka_glue_%u, .-moka_glue_%u\n\t.popsection\n",
        id, id, id, id, ALIGN_UP(8 * stack, 16u), moves, id, SITE_NO_FRAME, result, id, id);
    gcc_jit_context_add_top_level_asm(e->ctx, NULL, text);
}

/* PARAM operations become the function's parameters, or, in OSR code, loads from the interpreter's locals. */
static void bind_params(struct emitter *e, gcc_jit_param **params)
{
    for (struct ir_block *b = e->g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (v->op != IR_PARAM) { continue; }
            if (is_osr(e)) {
                rv cell = gcc_jit_lvalue_as_rvalue(gcc_jit_context_new_array_access(
                    e->ctx, NULL, gcc_jit_param_as_rvalue(params[0]),
                    emit_i32(e, (int32_t)v->index)));
                lv t = emit_temp(e, emit_type(e, v->type));
                emit_assign(e, t, emit_unraw(e, cell, v->type));
                v->tmp = gcc_jit_lvalue_as_rvalue(t);
            } else {
                v->tmp = gcc_jit_param_as_rvalue(params[v->index + 1]);
            }
        }
    }
}

/* C types of the parameters of a method's entry: the method, then the arguments. */
static unsigned entry_types(struct emitter *e, const struct method *m, gcc_jit_type **types)
{
    unsigned n = 0;
    types[n++] = e->t_ptr;
    if (!method_is_static(m)) { types[n++] = e->t_u64; }
    for (const char *p = m->desc->text + 1; *p && *p != ')';) {
        types[n++] = emit_type(e, ir_type_of(type_of_char(*p)));
        while (*p == '[') { p++; }
        if (*p == 'L') { p = strchr(p, ';'); }
        p++;
    }
    return n;
}

bool emitter_add(struct emitter *e, struct ir_graph *g, const struct jit_task *task,
                 struct jit_result *result)
{
    e->g = g;
    e->task = task;
    e->result = result;
    e->unwind = NULL;
    e->leave = NULL;
    e->exits = NULL;
    e->n_temps = 0;
    e->failure = NULL;
    gcc_jit_type *types[260];
    gcc_jit_param *params[260];
    unsigned n = 1;
    if (is_osr(e)) {
        types[0] = e->p_u64;
    } else {
        n = entry_types(e, g->method, types);
    }
    for (unsigned i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        params[i] = gcc_jit_context_new_param(e->ctx, NULL, types[i], name);
    }
    char name[32];
    snprintf(name, sizeof name, is_osr(e) ? "moka_glue_%u" : "moka_%u", task->id);
    gcc_jit_type *ret = is_osr(e) ? e->t_u64 : emit_type(e, ir_type_of(g->method->ret_type));
    gcc_jit_function *body = gcc_jit_context_new_function(e->ctx, NULL, GCC_JIT_FUNCTION_EXPORTED,
                                                          ret, name, (int)n, params, 0);
    e->fn = body;
    mark_folded(g);
    e->block = emit_new_block(e);
    e->undefined = NULL;
    e->checked = is_osr(e) ? NULL : state_stack_check_place(g);
    gcc_jit_block *start = e->block;
    bind_params(e, params);
    declare_phis(e);
    e->block = start;
    emit_jump(e, g->entry->tmp);
    for (struct ir_block *b = g->blocks; b && !e->failure; b = b->next) { emit_block(e, b); }
    while (e->exits && !e->failure) {
        struct exit_stub *x = e->exits;
        e->exits = x->next;
        emit_exit_stub(e, x);
    }
    if (e->leave && !e->failure) { emit_left(e); }
    if (e->unwind && !e->failure) {
        e->block = e->unwind;
        emit_return(e, zero_result(e));
    }
    if (!e->failure && !is_osr(e)) { emit_glue(e); }
    result->failure = e->failure;
    return !e->failure;
}

/* ---- context ---- */

static void add_types(struct emitter *e)
{
#define TYPE(field, which) e->field = gcc_jit_context_get_type(e->ctx, GCC_JIT_TYPE_##which)
    TYPE(t_void, VOID);
    TYPE(t_ptr, VOID_PTR);
    TYPE(t_i8, INT8_T);
    TYPE(t_u8, UINT8_T);
    TYPE(t_i16, INT16_T);
    TYPE(t_u16, UINT16_T);
    TYPE(t_i32, INT32_T);
    TYPE(t_u32, UINT32_T);
    TYPE(t_i64, INT64_T);
    TYPE(t_u64, UINT64_T);
    TYPE(t_float, FLOAT);
    TYPE(t_double, DOUBLE);
    TYPE(t_bool, BOOL);
    TYPE(t_size, SIZE_T);
    TYPE(t_int, INT);
    TYPE(t_long, LONG);
#undef TYPE
#define POINTER(x) e->p_##x = gcc_jit_type_get_pointer(e->t_##x)
    POINTER(i8);
    POINTER(u8);
    POINTER(i16);
    POINTER(u16);
    POINTER(i32);
    POINTER(u32);
    POINTER(i64);
    POINTER(u64);
    POINTER(float);
    POINTER(double);
#undef POINTER
    e->t_bytes = e->p_u8;
}

static gcc_jit_type *helper_type(struct emitter *e, char c)
{
    switch (c) {
    case 'T':
    case 'P': return e->t_ptr;
    case 'I': return e->t_i32;
    case 'J': return e->t_i64;
    case 'R': return e->t_u64;
    case 'F': return e->t_float;
    case 'D': return e->t_double;
    default: return e->t_void;
    }
}

static void add_helpers(struct emitter *e)
{
    for (unsigned h = 0; h < HELPER_COUNT; h++) {
        const struct helper_info *info = &helper_info[h];
        gcc_jit_param *params[10];
        int n = 0;
        for (const char *p = info->types + 2; *p; p++) {
            params[n++] = gcc_jit_context_new_param(e->ctx, NULL, helper_type(e, *p), "a");
        }
        e->helpers[h] =
            gcc_jit_context_new_function(e->ctx, NULL, GCC_JIT_FUNCTION_IMPORTED,
                                         helper_type(e, info->types[0]), info->name, n, params, 0);
    }
}

static void add_flags(struct emitter *e, unsigned tier)
{
    static const char *const always[] = {"-fwrapv",
                                         "-ffp-contract=off",
                                         "-fno-optimize-sibling-calls",
                                         "-fno-semantic-interposition",
                                         "-fno-inline-functions",
                                         "-fno-omit-frame-pointer",
                                         "-mno-red-zone",
                                         "-fno-strict-aliasing",
                                         "-fno-delete-null-pointer-checks",
                                         "-fno-math-errno",
                                         "-fno-trapping-math",
                                         "-fno-reorder-blocks-and-partition",
                                         "-ffunction-sections",
                                         "-fno-asynchronous-unwind-tables",
                                         "-fno-stack-protector",
                                         "-fcf-protection=none",
                                         "-fno-exceptions",
                                         "-fno-ipa-icf",
                                         "-fno-ipa-ra"};
    for (size_t i = 0; i < ARRAY_COUNT(always); i++) {
        gcc_jit_context_add_command_line_option(e->ctx, always[i]);
    }
    /* of 100: what comes behind a loop that runs longer would be taken for colder by as much, and behind some for never run */
    gcc_jit_context_add_command_line_option(e->ctx, "--param=max-predicted-iterations=2000");
    int level = jit_options.opt >= 3 ? 3 : jit_options.opt;
    if (tier < 2 && level > 1) { level = 1; }
    gcc_jit_context_set_int_option(e->ctx, GCC_JIT_INT_OPTION_OPTIMIZATION_LEVEL, level);
    if (level == 1) { gcc_jit_context_add_command_line_option(e->ctx, "-fcaller-saves"); }
    if (level >= 2) {
        gcc_jit_context_add_command_line_option(e->ctx, "-ftree-vectorize");
        gcc_jit_context_add_command_line_option(e->ctx, "-fvect-cost-model=dynamic");
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) {
        gcc_jit_context_add_command_line_option(e->ctx, "-march=x86-64-v3");
    }
}

struct emitter *emitter_new(const struct jit_task *first)
{
    struct emitter *e = calloc(1, sizeof *e);
    if (!e) { return NULL; }
    e->ctx = gcc_jit_context_acquire();
    if (!e->ctx) {
        free(e);
        return NULL;
    }
    e->soft = options.mmu == MMU_SOFT;
    add_types(e);
    add_flags(e, first->tier);
    gcc_jit_context_set_bool_option(e->ctx, GCC_JIT_BOOL_OPTION_DUMP_INITIAL_GIMPLE,
                                    jit_options.print_gimple);
    gcc_jit_context_set_bool_option(e->ctx, GCC_JIT_BOOL_OPTION_DEBUGINFO, 0);
    e->thread =
        gcc_jit_context_new_global(e->ctx, NULL, GCC_JIT_GLOBAL_EXPORTED, e->t_bytes, "thread");
    gcc_jit_lvalue_set_register_name(e->thread, "r15");
    add_helpers(e);
    e->expect = gcc_jit_context_get_builtin_function(e->ctx, "__builtin_expect_with_probability");
    e->atomic_load4 = gcc_jit_context_get_builtin_function(e->ctx, "__atomic_load_4");
    e->frame_address = gcc_jit_context_get_builtin_function(e->ctx, "__builtin_frame_address");
    if (e->soft) {
        for (unsigned shift = 0; shift < 4; shift++) {
            for (int write = 0; write < 2; write++) {
                e->soft_addr[shift][write] = make_soft_addr(e, shift, write);
            }
        }
    }
    return e;
}

bool emitter_write(struct emitter *e, const char *path)
{
    gcc_jit_context_compile_to_file(e->ctx, GCC_JIT_OUTPUT_KIND_ASSEMBLER, path);
    const char *error = gcc_jit_context_get_first_error(e->ctx);
    if (error) { fprintf(stderr, "moka: libgccjit: %s\n", error); }
    return !error;
}
