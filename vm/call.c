/*
 * call.c - calls from C into Java, and calls of native methods.
 */
#include <string.h>

#include "runtime/classes/known.h"
#include "runtime/jni/call.h"
#include "runtime/natives.h"
#include "runtime/threads/monitor.h"
#include "vm/compiled.h"
#include "vm/engine.h"
#include "vm/interp.h"
#include "vm/invoke.h"

/* Room that the handling of a StackOverflowError gets beyond the limits. */
#define RESERVE_CELLS 4096
#define RESERVE_BYTES (64 * 1024)

/* Raises both limits while the error is made; without the reserve making it would overflow again. */
bool stack_overflow(struct thread *t)
{
    slot_t *limit = t->stack_limit;
    char *c_limit = t->c_stack_limit;
    if (!t->overflow_reserve) {
        t->overflow_reserve = true;
        t->stack_limit += RESERVE_CELLS;
        thread_set_c_limit(t, c_limit - RESERVE_BYTES);
        throw_new(t, "java/lang/StackOverflowError", NULL);
        t->stack_limit = limit;
        thread_set_c_limit(t, c_limit);
        t->overflow_reserve = false;
    }
    return false;
}

void __attribute__((noinline)) stack_scrub(void)
{
    char dead[32 * 1024];
    memset(dead, 0, sizeof dead);
    __asm__ volatile("" : : "r"(dead) : "memory");
}

void throw_no_code(struct thread *t, struct method *m, gref receiver)
{
    if (m->props & MP_OVERPASS && !(m->flags & ACC_ABSTRACT)) {
        method_throw_overpass(t, m);
    } else {
        throw_abstract(t, m, receiver ? class_of(receiver) : NULL);
    }
}

/* ---- native methods ---- */

/* MethodHandle intrinsics reached as ordinary natives (reflection, JNI): do what the instruction would. */
static slot_t call_intrinsic(struct thread *t, struct method *m, slot_t *args)
{
    struct method *target = NULL;
    switch (m->intrinsic) {
    case MI_INVOKE_BASIC: target = args[0].r ? basic_target(t, args[0].r) : NULL; break;
    case MI_LINK_TO_STATIC:
    case MI_LINK_TO_SPECIAL:
    case MI_LINK_TO_VIRTUAL:
    case MI_LINK_TO_INTERFACE: target = link_target(t, m->intrinsic, args, m->arg_slots); break;
    default:
        throw_new(t, "java/lang/UnsupportedOperationException",
                  "%s.%s cannot be invoked reflectively",
                  m->cls == KC(VarHandle) ? "VarHandle" : "MethodHandle", m->name->text);
    }
    return target && !t->exception ? engine.call(t, target, args) : (slot_t){0};
}

slot_t call_native(struct thread *t, struct method *m, slot_t *args)
{
    struct frame *f = (struct frame *)(args + m->arg_slots);
    slot_t result = {0};
    if (UNLIKELY((slot_t *)f + FRAME_SLOTS > t->stack_limit || c_stack_low(t))) {
        stack_overflow(t);
        return result;
    }
    f->prev = t->top;
    f->method = m;
    f->pc = NULL;
    f->code = NULL;
    f->locals = args;
    f->sp = frame_operands(f);
    f->lock = 0;
    f->flags = FRAME_NATIVE;
    t->top = f;
    m->counter++;
    if (UNLIKELY(m->native_kind == NATIVE_UNBOUND)) {
        if (m->intrinsic) {
            result = call_intrinsic(t, m, args);
            t->top = f->prev;
            return result;
        }
        if (!native_bind(t, m)) {
            t->top = f->prev;
            return result;
        }
    }
    if (UNLIKELY(m->flags & ACC_SYNCHRONIZED)) {
        f->lock = method_is_static(m) ? m->cls->mirror : args[0].r;
        if (!monitor_enter(t, f->lock)) {
            t->top = f->prev;
            return result;
        }
    }
    if (m->native_kind == NATIVE_VM) {
        result = ((vm_native)m->native)(t, args);
    } else {
        result = jni_call_native(t, m, args);
    }
    if (UNLIKELY(f->lock)) {
        gref ex = t->exception;
        t->exception = 0;
        monitor_exit(t, f->lock);
        if (ex) { t->exception = ex; }
    }
    thread_heed_suspend(t); /* it may have been away for long */
    t->top = f->prev;
    return result;
}

bool bind_intrinsic(struct method *m)
{
    if (m->native_kind == NATIVE_UNBOUND && m->props & MP_INTRINSIC && m->code) {
        vm_native fn = native_find_intrinsic(m);
        if (fn) {
            m->native = (void *)fn;
            __atomic_store_n(&m->native_kind, NATIVE_VM, __ATOMIC_RELEASE);
        }
    }
    return m->native_kind == NATIVE_VM;
}

/* ---- calls from C ---- */

static slot_t call_java(struct thread *t, struct method *m, slot_t *args)
{
    struct code *code = code_of(t, m);
    slot_t result = {0};
    if (!code) { return result; }
    struct compiled *c = compiled_for_call(t, m, code, args);
    if (c) { return compiled_result(compiled_run(t, c, args), m->ret_type); }
    if (t->exception) { return result; }
    struct frame *f = (struct frame *)(args + m->max_locals);
    if ((slot_t *)f + code->frame_slots > t->stack_limit || c_stack_low(t)) {
        stack_overflow(t);
        return result;
    }
    f->prev = t->top;
    f->method = m;
    f->code = code;
    f->pc = code->insns + 1;
    f->locals = args;
    f->sp = frame_operands(f);
    f->lock = 0;
    f->flags = FRAME_ENTRY;
    t->top = f;
    if (m->flags & ACC_SYNCHRONIZED) {
        gref lock = method_is_static(m) ? m->cls->mirror : args[0].r;
        if (!monitor_enter(t, lock)) {
            t->top = f->prev;
            return result;
        }
        f->lock = lock;
    }
    result = interp_run(t, f);
    return result;
}

slot_t call_cells(struct thread *t, struct method *m, slot_t *cells)
{
    slot_t result = {0};
    bool decoded = m->code_cache && m->native_kind != NATIVE_VM; /* nothing to look up */
    if (decoded || (m->code && !bind_intrinsic(m))) {
        result = call_java(t, m, cells);
    } else if (m->flags & ACC_NATIVE || m->code) {
        result = call_native(t, m, cells);
    } else {
        throw_no_code(t, m, method_is_static(m) ? 0 : cells[0].r);
    }
    return t->exception ? (slot_t){0} : result;
}

slot_t engine_call(struct thread *t, struct method *m, const slot_t *args)
{
    slot_t *cells = thread_free_cells(t);
    if (cells + m->arg_slots + FRAME_SLOTS > t->stack_limit) {
        stack_overflow(t);
        return (slot_t){0};
    }
    if (m->arg_slots) { memmove(cells, args, m->arg_slots * sizeof *cells); }
    return call_cells(t, m, cells);
}

slot_t engine_call_virtual(struct thread *t, struct method *m, const slot_t *args)
{
    gref receiver = args[0].r;
    if (!receiver) {
        throw_npe(t);
        return (slot_t){0};
    }
    struct method *selected = method_is_direct(m) && !class_is_interface(m->cls)
                                  ? m
                                  : class_select_method(class_of(receiver), m);
    if (!selected) {
        throw_no_code(t, m, receiver);
        return (slot_t){0};
    }
    return engine_call(t, selected, args);
}
