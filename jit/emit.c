/*
 * emit.c - IR to libgccjit: functions, blocks, values. The operations are in emit_ops.c, the ways out in emit_exits.c, what all
 * functions of a batch share in emit_context.c.
 *
 * Each graph becomes an exported function moka_<id>, and, if it is entered normally, moka_glue_<id>, which the interpreter
 * calls with argument cells (vm/compiled.h). Values become local variables; pure ones with one use in the same
 * block are folded into the expression that uses them. GCC does all the rest.
 *
 * What GCC must not see through is volatile assembly: the labels that mark return addresses.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "jit/emit-internal.h"
#include "jit/states.h"
#include "runtime/classes/descriptor.h"

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

rv emit_byte_address(struct emitter *e, rv bytes, rv index)
{
    return gcc_jit_lvalue_get_address(gcc_jit_context_new_array_access(e->ctx, NULL, bytes, index),
                                      NULL);
}

lv emit_at(struct emitter *e, rv bytes, int64_t offset, gcc_jit_type *type, gcc_jit_type *pointer)
{
    (void)type;
    rv at = emit_byte_address(e, bytes, emit_i64(e, offset));
    return gcc_jit_rvalue_dereference(emit_cast(e, at, pointer), NULL);
}

lv emit_thread_field(struct emitter *e, size_t offset, gcc_jit_type *type, gcc_jit_type *pointer)
{
    return emit_at(e, gcc_jit_lvalue_as_rvalue(e->thread), (int64_t)offset, type, pointer);
}

rv emit_pointer(struct emitter *e, rv address, gcc_jit_type *pointer)
{
    return emit_cast(e, emit_byte_address(e, gcc_jit_context_null(e->ctx, e->t_bytes), address),
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

void emit_return(struct emitter *e, rv v)
{
    if (v) {
        gcc_jit_block_end_with_return(e->block, NULL, v);
    } else {
        gcc_jit_block_end_with_void_return(e->block, NULL);
    }
}

rv emit_frame_address(struct emitter *e)
{
    rv zero =
        gcc_jit_context_zero(e->ctx, gcc_jit_context_get_type(e->ctx, GCC_JIT_TYPE_UNSIGNED_INT));
    return gcc_jit_context_new_call(e->ctx, NULL, e->frame_address, 1, &zero);
}

static rv zero_result(struct emitter *e)
{
    if (emit_is_osr(e)) { return emit_u64(e, 0); }
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

/* Where an edge leads: to the block, or, if values must be copied, to a block that does it. */
static gcc_jit_block *edge(struct emitter *e, struct ir_block *b, unsigned succ)
{
    struct ir_block *to = b->succs[succ];
    if (!to->first || to->first->op != IR_PHI) { return to->tmp; }
    gcc_jit_block *saved = e->block, *via = emit_new_block(e);
    e->block = via;
    assign_phis(e, to, ir_pred_index(b, succ));
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
        assign_phis(e, b->succs[0], ir_pred_index(b, 0));
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
        if (emit_is_osr(e)) { r = r ? emit_raw(e, r, ir_value(v->args[0])->type) : emit_u64(e, 0); }
        emit_return(e, r);
        break;
    }
    }
}

/* Pure values that are read once, in their own block, need no variable. */
static void mark_folded(struct ir_graph *g)
{
    ir_count_uses(g);
    states_clear(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            v->tmp = NULL;
            v->mark = 0;
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
    rv frame = emit_frame_address(e);
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
    unsigned int_regs = 0, float_regs = 0, stack = 0;
    moves[0] = 0;
    struct params p = params_of_method(m);
    while (params_next(&p)) {
        enum ir_type t = ir_type_of(p.type);
        bool is_float = ir_is_float(t);
        char *to = moves + n;
        size_t room = sizeof moves - n;
        if (is_float && float_regs < 8) {
            n += (size_t)snprintf(to, room, "\t%s\t%u(%%r11), %%xmm%u\n",
                                  t == IR_F ? "movss" : "movsd", 8 * p.cell, float_regs);
            float_regs++;
        } else if (!is_float && int_regs < ARRAY_COUNT(ints)) {
            n += (size_t)snprintf(to, room, "\tmovq\t%u(%%r11), %%%s\n", 8 * p.cell,
                                  ints[int_regs++]);
        } else {
            n += (size_t)snprintf(to, room, "\tmovq\t%u(%%r11), %%rax\n\tmovq\t%%rax, %u(%%rsp)\n",
                                  8 * p.cell, 8 * stack++);
        }
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
            if (emit_is_osr(e)) {
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
    struct params p = params_of_method(m);
    while (params_next(&p)) { types[n++] = emit_type(e, ir_type_of(p.type)); }
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
    if (task->tier >= 2 && jit_options.opt >= 2) { emit_flags_for(e, g); }
    gcc_jit_type *types[260];
    gcc_jit_param *params[260];
    unsigned n = 1;
    if (emit_is_osr(e)) {
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
    snprintf(name, sizeof name, emit_is_osr(e) ? "moka_glue_%u" : "moka_%u", task->id);
    gcc_jit_type *ret = emit_is_osr(e) ? e->t_u64 : emit_type(e, ir_type_of(g->method->ret_type));
    gcc_jit_function *body = gcc_jit_context_new_function(e->ctx, NULL, GCC_JIT_FUNCTION_EXPORTED,
                                                          ret, name, (int)n, params, 0);
    e->fn = body;
    mark_folded(g);
    e->block = emit_new_block(e);
    e->undefined = NULL;
    e->checked = emit_is_osr(e) ? NULL : state_stack_check_place(g);
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
    if (!e->failure && !emit_is_osr(e)) { emit_glue(e); }
    result->failure = e->failure;
    return !e->failure;
}
