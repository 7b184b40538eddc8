/*
 * emit_calls.c - operations of the emitter that allocate, lock, call methods or helpers (emit_ops.c has the others).
 */
#include <stddef.h>

#include "jit/emit-internal.h"
#include "jit/helpers.h"
#include "jit/states.h"
#include "runtime/classes/alloc.h"
#include "runtime/classes/known.h"
#include "runtime/threads/monitor.h"

/* ---- allocation ---- */

static lv header_of(struct emitter *e, lv o)
{
    return gcc_jit_rvalue_dereference(emit_pointer(e, emit_read(o), e->p_u64), NULL);
}

/* Takes the first cell off a free list (struct heap_free); goes to `slow` when it is empty. Stores the header. */
static void pop_free(struct emitter *e, lv list, rv bytes, lv o, struct class *c,
                     gcc_jit_block *slow)
{
    gcc_jit_block *plain = emit_new_block(e), *linked = emit_new_block(e);
    gcc_jit_block *follow = emit_new_block(e), *have = emit_new_block(e);
    lv link = emit_temp(e, e->t_u64);
    rv zero = gcc_jit_context_zero(e->ctx, e->t_u64);
    emit_assign(e, o, emit_read(list));
    emit_assign(e, link, emit_read(header_of(e, o)));
    rv is_plain = emit_compare(e, GCC_JIT_COMPARISON_EQ, emit_read(link), zero);
    emit_branch(e, emit_likely(e, is_plain), plain, linked);
    e->block = plain;
    emit_assign(e, list, emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, emit_read(o), bytes));
    _Static_assert(HEAP_PREFETCH == 4096, "");
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, "prefetchw 4096(%0)");
    gcc_jit_extended_asm_set_volatile_flag(a, 1);
    gcc_jit_extended_asm_add_input_operand(a, NULL, "r", emit_read(o));
    emit_jump(e, have);
    e->block = linked;
    rv end = emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_u64, emit_read(link),
                         emit_u64(e, HEAP_LIST_END));
    emit_branch(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, end, zero), follow, slow);
    e->block = follow;
    emit_assign(e, list, emit_read(link));
    emit_jump(e, have);
    e->block = have;
    emit_assign(e, header_of(e, o),
                gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, class_id(c)));
}

static rv new_object(struct emitter *e, struct ir_value *v)
{
    struct class *c = v->k.cls;
    lv o = emit_temp(e, e->t_u64);
    gcc_jit_block *slow = emit_new_block(e), *end = emit_new_block(e);
    uint32_t bytes = ALIGN_UP(c->instance_size, HEAP_GRANULE);
    if (bytes <= HEAP_TLAB_MAX) {
        size_t at = offsetof(struct thread, tlab.free[bytes / HEAP_GRANULE][class_heap_kind(c)]);
        pop_free(e, emit_thread_field(e, at, e->t_u64, e->p_u64), emit_u64(e, bytes), o, c, slow);
        emit_jump(e, end);
    } else {
        emit_jump(e, slow);
    }
    e->block = slow;
    rv args[1] = {emit_host_constant(e, c)};
    emit_assign(e, o, emit_helper(e, HELPER_new, v->state, 1, args));
    emit_jump(e, end);
    e->block = end;
    return emit_read(o);
}

static rv new_array(struct emitter *e, struct ir_value *v)
{
    struct class *c = v->k.cls;
    unsigned shift_by = c->elem_shift;
    int32_t most = (int32_t)((HEAP_TLAB_MAX - ARRAY_BASE_OFFSET) >> shift_by);
    lv o = emit_temp(e, e->t_u64), n = emit_temp(e, e->t_i32);
    emit_assign(e, n, emit_arg(e, v, 0));
    gcc_jit_block *small = emit_new_block(e), *slow = emit_new_block(e), *end = emit_new_block(e);
    emit_branch(e, emit_cond(e, IRC_ULE, emit_read(n), emit_i32(e, most), IR_I), small, slow);
    e->block = small;
    rv data = emit_binary(e, GCC_JIT_BINARY_OP_LSHIFT, e->t_u64,
                          emit_cast(e, emit_read(n), e->t_u64), emit_u64(e, shift_by));
    lv bytes = emit_temp(e, e->t_u64);
    emit_assign(e, bytes,
                emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_u64,
                            emit_plus(e, data, ARRAY_BASE_OFFSET + HEAP_GRANULE - 1),
                            emit_u64(e, ~(uint64_t)(HEAP_GRANULE - 1))));
    /* The list of cells of that many bytes is `bytes` behind the first one. */
    _Static_assert(sizeof((struct heap_tlab *)0)->free[0] == HEAP_GRANULE, "");
    lv list = gcc_jit_context_new_array_access(
        e->ctx, NULL,
        gcc_jit_lvalue_get_address(
            emit_thread_field(e, offsetof(struct thread, tlab.free[0][class_heap_kind(c)]),
                              e->t_u64, e->p_u64),
            NULL),
        emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, e->t_u64, emit_read(bytes), emit_u64(e, 3)));
    pop_free(e, list, emit_read(bytes), o, c, slow);
    rv length_at = emit_pointer(e, emit_plus(e, emit_read(o), ARRAY_LENGTH_OFFSET), e->p_i32);
    emit_assign(e, gcc_jit_rvalue_dereference(length_at, NULL), emit_read(n));
    emit_jump(e, end);
    e->block = slow;
    rv args[2] = {emit_host_constant(e, c), emit_read(n)};
    emit_assign(e, o, emit_helper(e, HELPER_newarray, v->state, 2, args));
    emit_jump(e, end);
    e->block = end;
    return emit_read(o);
}

static rv new_multi(struct emitter *e, struct ir_value *v)
{
    for (unsigned i = 0; i < v->n_args; i++) {
        lv to =
            emit_thread_field(e, offsetof(struct thread, exit_values) + 8 * i, e->t_u64, e->p_u64);
        emit_assign(e, to, emit_raw(e, emit_arg(e, v, i), IR_I));
    }
    rv args[2] = {emit_host_constant(e, v->k.cls), emit_i32(e, (int32_t)v->n_args)};
    return emit_helper(e, HELPER_newmulti, v->state, 2, args);
}

/* ---- calls ---- */

/* Calls m->entry(m, args from v->args[first] on). */
static rv call_entry(struct emitter *e, struct ir_value *v, rv method, rv entry, unsigned first)
{
    gcc_jit_type *types[260];
    rv args[260];
    unsigned n = 0;
    types[n] = e->t_ptr;
    args[n++] = method;
    for (unsigned i = first; i < v->n_args; i++) {
        types[n] = emit_type(e, emit_arg_type(v, i));
        args[n++] = emit_arg(e, v, i);
    }
    gcc_jit_type *ret = emit_type(e, v->type);
    rv call;
    if (entry) {
        gcc_jit_type *ft =
            gcc_jit_context_new_function_ptr_type(e->ctx, NULL, ret, (int)n, types, 0);
        call = gcc_jit_context_new_call_through_ptr(e->ctx, NULL, emit_cast(e, entry, ft), (int)n,
                                                    args);
    } else {
        call = gcc_jit_context_new_call(e->ctx, NULL, e->fn, (int)n, args);
    }
    rv result = NULL;
    if (v->type == IR_V) {
        gcc_jit_block_add_eval(e->block, NULL, call);
    } else {
        lv t = emit_temp(e, ret);
        emit_assign(e, t, call);
        result = emit_read(t);
    }
    emit_site(e, state_trace_frame(e->result, v->state));
    if (!(v->flags & VALUE_CAUGHT)) { emit_exception_check(e, v->state); }
    return result;
}

static rv entry_of(struct emitter *e, rv method)
{
    return emit_load_pointer(e, emit_cast(e, method, e->t_bytes), offsetof(struct method, entry));
}

static rv call_direct(struct emitter *e, struct ir_value *v)
{
    rv method = emit_host_constant(e, v->k.method);
    if (v->k.method == e->g->method && e->task->osr_bci < 0) {
        /* our own code takes no notice of its first parameter: whatever is in the register will do */
        if (!e->undefined) { e->undefined = emit_temp(e, e->t_ptr); }
        return call_entry(e, v, emit_read(e->undefined), NULL, 0);
    }
    return call_entry(e, v, method, entry_of(e, method), 0);
}

static rv call_virtual(struct emitter *e, struct ir_value *v)
{
    rv vtable = emit_load_pointer(e, emit_class_pointer(e, emit_class_id(e, emit_arg(e, v, 0))),
                                  offsetof(struct class, vtable));
    lv m = emit_temp(e, e->t_ptr);
    emit_assign(e, m, emit_cast(e, emit_load_pointer(e, vtable, 8 * (int64_t)v->offset), e->t_ptr));
    return call_entry(e, v, emit_read(m), entry_of(e, emit_read(m)), 0);
}

static rv call_interface(struct emitter *e, struct ir_value *v)
{
    const struct method *m = v->k.method;
    lv id = emit_temp(e, e->t_i32), target = emit_temp(e, e->t_ptr), at = emit_temp(e, e->t_bytes);
    emit_assign(e, id, emit_class_id(e, emit_arg(e, v, 0)));
    gcc_jit_block *found = emit_new_block(e), *mine = emit_new_block(e), *slow = emit_new_block(e),
                  *end = emit_new_block(e);
    /* index of itable_cache_index(), times 32 */
    rv index = emit_binary(
        e, GCC_JIT_BINARY_OP_BITWISE_XOR, e->t_i32,
        emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, e->t_i32, emit_read(id), emit_i32(e, 4)),
        emit_i32(e, (int32_t)itable_cache_salt(m)));
    index = emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_i32, index,
                        emit_i32(e, ITABLE_CACHE - 1));
    index = emit_binary(e, GCC_JIT_BINARY_OP_LSHIFT, e->t_i32, index, emit_i32(e, 5));
    rv cache = emit_cast(e, emit_host_constant(e, jit_itable_cache), e->t_bytes);
    emit_assign(e, at,
                gcc_jit_lvalue_get_address(gcc_jit_context_new_array_access(
                                               e->ctx, NULL, cache, emit_cast(e, index, e->t_i64)),
                                           NULL));
    rv there = emit_read(
        emit_at(e, emit_read(at), offsetof(struct itable_cached, id), e->t_i32, e->p_i32));
    emit_branch(e, emit_likely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, there, emit_read(id))),
                found, slow);
    e->block = found;
    rv method = emit_load_pointer(e, emit_read(at), offsetof(struct itable_cached, method));
    emit_branch(e,
                emit_likely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, method,
                                            emit_cast(e, emit_host_constant(e, m), e->t_bytes))),
                mine, slow);
    e->block = mine;
    emit_assign(
        e, target,
        emit_cast(e, emit_load_pointer(e, emit_read(at), offsetof(struct itable_cached, target)),
                  e->t_ptr));
    emit_jump(e, end);
    e->block = slow;
    rv args[2] = {emit_read(id), emit_host_constant(e, m)};
    emit_assign(e, target, emit_helper(e, HELPER_itable, v->state, 2, args));
    emit_jump(e, end);
    e->block = end;
    return call_entry(e, v, emit_read(target), entry_of(e, emit_read(target)), 0);
}

static rv call_method(struct emitter *e, struct ir_value *v)
{
    rv m = emit_pointer(e, emit_cast(e, emit_arg(e, v, 0), e->t_u64), e->t_ptr);
    lv t = emit_temp(e, e->t_ptr);
    emit_assign(e, t, m);
    return call_entry(e, v, emit_read(t), entry_of(e, emit_read(t)), 1);
}

/* Thin locks in line (runtime/threads/monitor.h): free -> ours, ours without recursion -> free. */
static void lock_fast(struct emitter *e, struct ir_value *v, bool enter)
{
    gcc_jit_block *slow = emit_new_block(e), *end = emit_new_block(e);
    rv o = emit_arg(e, v, 0);
    rv at = gcc_jit_lvalue_get_address(emit_guest(e, emit_plus(e, o, OBJ_LOCK_OFFSET), T_INT, true),
                                       NULL);
    rv id = emit_read(emit_thread_field(e, offsetof(struct thread, id), e->t_u32, e->p_u32));
    rv mine = emit_cast(
        e,
        emit_binary(e, GCC_JIT_BINARY_OP_LSHIFT, e->t_u32, id,
                    gcc_jit_context_new_rvalue_from_int(e->ctx, e->t_u32, LOCK_OWNER_SHIFT)),
        e->t_i32);
    lv expected = emit_temp(e, e->t_i32), desired = emit_temp(e, e->t_i32);
    emit_assign(e, expected, enter ? emit_i32(e, 0) : mine);
    emit_assign(e, desired, enter ? mine : emit_i32(e, 0));
    gcc_jit_function *cas =
        gcc_jit_context_get_builtin_function(e->ctx, "__sync_val_compare_and_swap_4");
    rv args[3] = {at, emit_read(expected), emit_read(desired)};
    rv old = emit_cast(e, emit_call_builtin(e, cas, 3, args), e->t_i32);
    emit_branch(e, emit_likely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, old, emit_read(expected))),
                end, slow);
    e->block = slow;
    emit_helper(e, enter ? HELPER_monitor_enter : HELPER_monitor_exit, v->state, 1, &o);
    emit_jump(e, end);
    e->block = end;
}

/* HELPER(may_store), asked only about what is neither null nor of just the component's class, in an array that isn't Object[]. */
static rv may_store(struct emitter *e, struct ir_value *v)
{
    rv args[2] = {emit_arg(e, v, 0), emit_arg(e, v, 1)};
    gcc_jit_block *some = emit_new_block(e), *other = emit_new_block(e), *ask = emit_new_block(e),
                  *end = emit_new_block(e);
    lv r = emit_temp(e, e->t_i32), component = emit_temp(e, e->t_bytes);
    rv null = gcc_jit_context_zero(e->ctx, e->t_u64);
    emit_assign(e, r, emit_i32(e, 1));
    emit_branch(e, emit_compare(e, GCC_JIT_COMPARISON_NE, args[1], null), some, end);
    e->block = some;
    emit_assign(e, component,
                emit_load_pointer(e, emit_class_pointer(e, emit_class_id(e, args[0])),
                                  offsetof(struct class, component)));
    rv same = emit_compare(e, GCC_JIT_COMPARISON_EQ, emit_read(component),
                           emit_class_pointer(e, emit_class_id(e, args[1])));
    emit_branch(e, emit_likely(e, same), end, other);
    e->block = other;
    rv any = emit_compare(e, GCC_JIT_COMPARISON_EQ, emit_read(component),
                          emit_cast(e, emit_host_constant(e, KC(Object)), e->t_bytes));
    emit_branch(e, any, end, ask);
    e->block = ask;
    emit_assign(e, r, emit_helper(e, HELPER_may_store, v->state, 2, args));
    emit_jump(e, end);
    e->block = end;
    return emit_read(r);
}

static rv runtime_helper(struct emitter *e, struct ir_value *v)
{
    if (v->index == HELPER_may_store) { return may_store(e, v); }
    if (v->index == HELPER_monitor_enter || v->index == HELPER_monitor_exit) {
        lock_fast(e, v, v->index == HELPER_monitor_enter);
        return NULL;
    }
    const struct helper_info *info = &helper_info[v->index];
    rv args[10];
    for (unsigned i = 0; i < v->n_args; i++) { args[i] = emit_arg(e, v, i); }
    rv r = v->flags & VALUE_CAUGHT
               ? emit_helper_caught(e, (enum helper_id)v->index, v->state, (int)v->n_args, args)
               : emit_helper(e, (enum helper_id)v->index, v->state, (int)v->n_args, args);
    if (info->types[0] == 'P' && r) { r = emit_bitcast(e, r, e->t_i64); }
    return r;
}

/* ---- all of them ---- */

rv emit_call_op(struct emitter *e, struct ir_value *v)
{
    switch (v->op) {
    case IR_NEW: return new_object(e, v);
    case IR_NEWARRAY: return new_array(e, v);
    case IR_NEWMULTI: return new_multi(e, v);
    case IR_CALL: return call_direct(e, v);
    case IR_CALLV: return call_virtual(e, v);
    case IR_CALLI: return call_interface(e, v);
    case IR_CALLM: return call_method(e, v);
    case IR_RT: return runtime_helper(e, v);
    default: e->failure = "operation that the emitter does not know"; return NULL;
    }
}
