/*
 * quick_calls.c - operations of the quick generator that allocate, lock or call (quick_ops.c has the others).
 */
#include "jit/helpers.h"
#include "jit/quick.h"
#include "jit/states.h"
#include "runtime/classes/alloc.h"
#include "runtime/threads/monitor.h"

/* ---- allocation ---- */

static void slow_new(struct quick *q, struct quick_slow *s)
{
    struct ir_value *v = s->v;
    bool array = v->op == IR_NEWARRAY;
    quick_save_live(q, s->insn);
    if (array) { quick_load(q, quick_arg(v, 0), RDX); }
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    quick_pointer(q, RSI, v->k.cls);
    quick_call_c(q, quick_helper(array ? HELPER_newarray : HELPER_new), v->state);
    quick_restore_live(q, s->insn);
    quick_exception_check(q, v->state);
    quick_finish(q, v, RAX);
    asm_jmp(&q->a, s->back);
}

/* The cell in `reg` has a link: to the next one, or it is the end of the list. What follows is slow_new for the same operation. */
static void slow_link(struct quick *q, struct quick_slow *s)
{
    asm_op(&q->a, 0, 0xf6, 0, asm_mem(s->reg, 0)); /* test byte */
    asm_byte(&q->a, HEAP_LIST_END);
    asm_jcc(&q->a, CC_NE, s->next->label);
    asm_op(&q->a, 0, 0xff, 6, asm_mem(s->reg, 0)); /* push (cell); pop (list) */
    asm_op(&q->a, 0, 0x8f, 0, s->operand);
    asm_jmp(&q->a, s->back);
}

/* Takes a cell of `bytes` (0: as many as rax says) off a list, and stores the header. `link`: a slow_link with its slow_new. */
static void pop_free(struct quick *q, struct quick_slow *link, struct asm_operand list, int bytes,
                     int to)
{
    link->reg = to;
    link->operand = list;
    asm_mov(&q->a, true, to, list);
    asm_alu_imm(&q->a, true, ALU_CMP, asm_mem(to, 0), 0);
    asm_jcc(&q->a, CC_NE, link->label);
    if (bytes) {
        asm_alu_imm(&q->a, true, ALU_ADD, list, bytes);
    } else {
        asm_op(&q->a, ASM_W, 0x01, RAX, list); /* add */
    }
    asm_op(&q->a, 0, 0x0f0d, 1, asm_mem(to, HEAP_PREFETCH)); /* prefetchw */
    asm_bind(&q->a, link->back);
    asm_op(&q->a, ASM_W, 0xc7, 0, asm_mem(to, 0));
    asm_u32(&q->a, class_id(link->v->k.cls));
}

/* The list of cells of that many bytes is `bytes` behind the first one. */
_Static_assert(sizeof((struct heap_tlab *)0)->free[0] == HEAP_GRANULE, "");

static int32_t first_list(const struct class *c)
{
    return (int32_t)(offsetof(struct thread, tlab.free) +
                     class_heap_kind(c) * sizeof(struct heap_free *));
}

static void new_object(struct quick *q, struct ir_value *v)
{
    struct class *c = v->k.cls;
    struct quick_slow *link = quick_add_slow(q, slow_link, v);
    struct quick_slow *none = quick_add_slow(q, slow_new, v);
    int32_t bytes = (int32_t)ALIGN_UP(c->instance_size, HEAP_GRANULE);
    if (bytes <= (int32_t)HEAP_TLAB_MAX) {
        int to = quick_target(q, v, RAX);
        pop_free(q, link, asm_mem(THREAD_REG, first_list(c) + bytes), bytes, to);
        quick_finish(q, v, to);
    } else {
        asm_jmp(&q->a, none->label);
    }
    asm_bind(&q->a, none->back);
}

static void new_array(struct quick *q, struct ir_value *v)
{
    struct class *c = v->k.cls;
    struct ir_value *n = quick_arg(v, 0);
    int32_t most = (int32_t)((HEAP_TLAB_MAX - ARRAY_BASE_OFFSET) >> c->elem_shift);
    struct quick_slow *link = quick_add_slow(q, slow_link, v);
    struct quick_slow *none = quick_add_slow(q, slow_new, v);
    int to = quick_target(q, v, R11);
    quick_load(q, n, RAX);
    asm_alu_imm(&q->a, false, ALU_CMP, asm_reg(RAX), most);
    asm_jcc(&q->a, CC_A, none->label);
    if (c->elem_shift) { asm_shift_imm(&q->a, false, 4, RAX, c->elem_shift); }
    asm_alu_imm(&q->a, false, ALU_ADD, asm_reg(RAX), ARRAY_BASE_OFFSET + HEAP_GRANULE - 1);
    asm_alu_imm(&q->a, false, ALU_AND, asm_reg(RAX), -(int32_t)HEAP_GRANULE);
    pop_free(q, link, asm_mem_index(THREAD_REG, RAX, 0, first_list(c)), 0, to);
    quick_load(q, n, RAX);
    asm_store(&q->a, false, asm_mem(to, ARRAY_LENGTH_OFFSET), RAX);
    quick_finish(q, v, to);
    asm_bind(&q->a, none->back);
}

/* ---- calls ---- */

/* Behind a call: what was saved comes back, exceptions leave, the result goes to its place. */
static void call_result(struct quick *q, struct ir_value *v, bool saved, bool throws)
{
    bool is_float = ir_is_float(v->type), used = quick_place(q, v).kind != PLACE_NONE;
    if (saved && is_float) { asm_op(&q->a, 0, 0x0f28, FSCRATCH, asm_reg(0)); }
    if (saved) { quick_restore_live(q, q->insn); }
    if (throws) { quick_exception_check(q, v->state); }
    if (v->type == IR_V || !used) { return; }
    quick_finish(q, v, !is_float ? RAX : saved ? FSCRATCH : 0);
}

/* The method in rax; its arguments are args[first..]. */
static void call_method_in_rax(struct quick *q, struct ir_value *v, unsigned first, bool saved)
{
    quick_arguments(q, v->args + first, v->n_args - first, 1);
    asm_mov(&q->a, true, RDI, asm_reg(RAX));
    asm_op(&q->a, 0, 0xff, 2, asm_mem(RDI, offsetof(struct method, entry)));
    quick_site(q, state_trace_frame(q->result, v->state));
    call_result(q, v, saved, !(v->flags & VALUE_CAUGHT));
}

static bool save_around(struct quick *q)
{
    bool saves = quick_call_saves(q->block);
    if (saves) { quick_save_live(q, q->insn); }
    return saves;
}

static void call_direct(struct quick *q, struct ir_value *v)
{
    bool saved = save_around(q);
    quick_pointer(q, RAX, v->k.method);
    call_method_in_rax(q, v, 0, saved);
}

static void call_virtual(struct quick *q, struct ir_value *v)
{
    bool saved = save_around(q);
    quick_object_word(q, quick_arg(v, 0), OBJ_CLASS_OFFSET, RAX);
    asm_mov(&q->a, true, RAX, quick_class_member(q, offsetof(struct class, vtable)));
    asm_mov(&q->a, true, RAX, asm_mem(RAX, 8 * (int32_t)v->offset));
    call_method_in_rax(q, v, 0, saved);
}

static void slow_itable(struct quick *q, struct quick_slow *s)
{
    struct ir_value *v = s->v;
    quick_save_live(q, s->insn);
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    asm_mov(&q->a, false, RSI, asm_reg(RAX));
    quick_pointer(q, RDX, v->k.method);
    quick_call_c(q, quick_helper(HELPER_itable), v->state);
    quick_restore_live(q, s->insn);
    quick_exception_check(q, v->state);
    asm_jmp(&q->a, s->back);
}

static void call_interface(struct quick *q, struct ir_value *v)
{
    struct asm_buffer *a = &q->a;
    const struct method *m = v->k.method;
    bool saved = save_around(q);
    /* in a cold block the live registers stay in the save area during the slow path, which saves the same ones again */
    struct quick_slow *s = quick_add_slow(q, slow_itable, v);
    quick_object_word(q, quick_arg(v, 0), OBJ_CLASS_OFFSET, RAX);
    asm_mov(a, false, R11, asm_reg(RAX));
    asm_shift_imm(a, false, 5, R11, 4);
    asm_alu_imm(a, false, ALU_XOR, asm_reg(R11), (int32_t)itable_cache_salt(m));
    asm_alu_imm(a, false, ALU_AND, asm_reg(R11), ITABLE_CACHE - 1);
    asm_shift_imm(a, false, 4, R11, 5);
    asm_alu(a, true, ALU_ADD, R11, quick_constant(q, (uint64_t)(uintptr_t)jit_itable_cache));
    asm_alu(a, false, ALU_CMP, RAX, asm_mem(R11, offsetof(struct itable_cached, id)));
    asm_jcc(a, CC_NE, s->label);
    asm_op(a, ASM_W, 0xff, 6, asm_mem(R11, offsetof(struct itable_cached, target))); /* push */
    asm_mov(a, true, R11, asm_mem(R11, offsetof(struct itable_cached, method)));
    asm_alu(a, true, ALU_CMP, R11, quick_constant(q, (uint64_t)(uintptr_t)m));
    asm_byte(a, 0x41); /* pop r11: leaves the flags */
    asm_byte(a, 0x5b);
    asm_jcc(a, CC_NE, s->label);
    asm_mov(a, true, RAX, asm_reg(R11));
    asm_bind(a, s->back);
    call_method_in_rax(q, v, 0, saved);
}

static void call_by_pointer(struct quick *q, struct ir_value *v)
{
    bool saved = save_around(q);
    quick_load(q, quick_arg(v, 0), RAX);
    call_method_in_rax(q, v, 1, saved);
}

static void new_multi(struct quick *q, struct ir_value *v)
{
    bool saved = save_around(q);
    for (unsigned i = 0; i < v->n_args; i++) {
        quick_load(q, quick_arg(v, i), RAX);
        asm_op(&q->a, ASM_W, 0x63, RAX, asm_reg(RAX));
        asm_store(&q->a, true, quick_thread_field(offsetof(struct thread, exit_values) + 8 * i),
                  RAX);
    }
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    quick_pointer(q, RSI, v->k.cls);
    asm_mov_imm(&q->a, RDX, v->n_args);
    quick_call_c(q, quick_helper(HELPER_newmulti), v->state);
    call_result(q, v, saved, true);
}

static void slow_monitor(struct quick *q, struct quick_slow *s)
{
    struct ir_value *v = s->v;
    quick_save_live(q, s->insn);
    quick_load(q, quick_arg(v, 0), RSI);
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    quick_call_c(q, quick_helper((enum helper_id)v->index), v->state);
    quick_restore_live(q, s->insn);
    if (helper_info[v->index].flags & H_THROWS) { quick_exception_check(q, v->state); }
    asm_jmp(&q->a, s->back);
}

/* Thin locks in line (runtime/threads/monitor.h): free -> ours, ours without recursion -> free. */
static void lock_fast(struct quick *q, struct ir_value *v)
{
    struct asm_buffer *a = &q->a;
    bool enter = v->index == HELPER_monitor_enter;
    struct quick_slow *s = quick_add_slow(q, slow_monitor, v);
    int object = quick_use(q, quick_arg(v, 0), q->soft ? RAX : R11);
    struct asm_operand at = quick_guest(q, asm_mem(object, OBJ_LOCK_OFFSET), T_INT, true);
    int lock = object;
    if (q->soft) {
        asm_mov(a, true, R10, asm_reg(RAX));
        lock = R10;
        at = asm_mem(R10, 0);
    }
    /* one more register: lent, unless r11 is free */
    int word = lock == R11 ? RBX : R11;
    if (word == RBX) { asm_byte(a, 0x53); }
    asm_mov(a, false, word, quick_thread_field(offsetof(struct thread, id)));
    asm_shift_imm(a, false, 4, word, LOCK_OWNER_SHIFT);
    if (enter) {
        asm_mov_imm(a, RAX, 0);
    } else {
        asm_mov(a, false, RAX, asm_reg(word));
        asm_mov_imm(a, word, 0);
    }
    asm_byte(a, 0xf0);
    asm_op(a, 0, 0x0fb1, word, at);
    if (word == RBX) { asm_byte(a, 0x5b); }
    asm_jcc(a, CC_NE, s->label);
    asm_bind(a, s->back);
}

static void runtime_helper(struct quick *q, struct ir_value *v)
{
    if (v->index == HELPER_monitor_enter || v->index == HELPER_monitor_exit) {
        lock_fast(q, v);
        return;
    }
    const struct helper_info *info = &helper_info[v->index];
    bool thread = info->types[2] == 'T', saved = save_around(q);
    quick_arguments(q, v->args, v->n_args, thread);
    if (thread) { asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG)); }
    quick_call_c(q, info->function, v->state);
    call_result(q, v, saved, v->state && info->flags & H_THROWS && !(v->flags & VALUE_CAUGHT));
}

bool quick_call_op(struct quick *q, struct ir_value *v)
{
    switch (v->op) {
    case IR_NEW: new_object(q, v); return true;
    case IR_NEWARRAY: new_array(q, v); return true;
    case IR_NEWMULTI: new_multi(q, v); return true;
    case IR_CALL: call_direct(q, v); return true;
    case IR_CALLV: call_virtual(q, v); return true;
    case IR_CALLI: call_interface(q, v); return true;
    case IR_CALLM: call_by_pointer(q, v); return true;
    case IR_RT: runtime_helper(q, v); return true;
    default: return false;
    }
}
