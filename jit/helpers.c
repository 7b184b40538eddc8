/*
 * helpers.c - the C functions that compiled code calls: rows of helpers.def. (leave is in
 * vm/compiled_x86_64.S, entry_check in vm/compiled.c.)
 *
 * Those that may throw, collect or walk the stack begin with COMPILED_ANCHOR. Results are what the row says; with an exception pending, 0.
 */
#include <math.h>

#include "runtime/classes/alloc.h"
#include "runtime/machine/softmmu.h"
#include "runtime/threads/monitor.h"
#include "vm/compiled.h"
#include "vm/interp.h"

#include "jit/helpers.h"
#include "jit/jit-internal.h"

/* ---- allocation ---- */

uint64_t jit_new(struct thread *t, struct class *c)
{
    COMPILED_ANCHOR(t);
    return class_new_object(t, c);
}

uint64_t jit_newarray(struct thread *t, struct class *array_class, int32_t length)
{
    COMPILED_ANCHOR(t);
    return interp_newarray(t, array_class, length);
}

/* An exception that is on its way out stays pending, unless the heap is exhausted. */
uint64_t jit_materialise(struct thread *t, struct class *c, int32_t length)
{
    COMPILED_ANCHOR(t);
    gref ex = thread_take_exception(t);
    gref o = c->kind == CLASS_ARRAY ? interp_newarray(t, c, length) : class_new_object(t, c);
    if (o) { t->exception = ex; }
    return o;
}

uint64_t jit_newmulti(struct thread *t, struct class *c, int32_t dims)
{
    COMPILED_ANCHOR(t);
    slot_t lengths[256];
    for (int32_t i = 0; i < dims; i++) { lengths[i].raw = t->exit_values[i]; }
    return interp_multianewarray(t, c, dims, lengths);
}

void jit_register_finalizer(struct thread *t, uint64_t object)
{
    COMPILED_ANCHOR(t);
    if (!(class_of((gref)object)->props & CLP_HAS_FINALIZER)) { return; }
    slot_t arg = {.raw = object};
    engine.call(t, finalizer_register_method, &arg);
}

/* ---- monitors ---- */

void jit_monitor_enter(struct thread *t, uint64_t object)
{
    COMPILED_ANCHOR(t);
    monitor_enter(t, (gref)object);
}

void jit_monitor_exit(struct thread *t, uint64_t object)
{
    COMPILED_ANCHOR(t);
    monitor_exit(t, (gref)object);
}

/* ---- exceptions ---- */

void jit_throw(struct thread *t, uint64_t exception) { t->exception = (gref)exception; }

void jit_throw_null(struct thread *t)
{
    COMPILED_ANCHOR(t);
    throw_npe(t);
}

void jit_throw_index(struct thread *t, int32_t index, int32_t length)
{
    COMPILED_ANCHOR(t);
    throw_array_index(t, index, length);
}

void jit_throw_zero(struct thread *t)
{
    COMPILED_ANCHOR(t);
    throw_new(t, "java/lang/ArithmeticException", "/ by zero");
}

void jit_throw_cast(struct thread *t, uint64_t object, int64_t c)
{
    COMPILED_ANCHOR(t);
    throw_class_cast(t, class_of((gref)object), (struct class *)(uintptr_t)c);
}

/* As the interpreter does where it enters a handler. */
uint64_t jit_take_exception(struct thread *t)
{
    gref ex = thread_take_exception(t);
    t->overflow_reserve = false;
    if (UNLIKELY(t->oom_thrown)) {
        t->oom_thrown = false;
        stack_scrub();
    }
    return ex;
}

/* ---- types and calls ---- */

uint64_t jit_subtype_cache[SUBTYPE_CACHE];

static bool is_subtype(uint32_t id, struct class *c)
{
    uint32_t super = class_id(c);
    uint64_t key = (uint64_t)id << 32 | super;
    uint64_t *at = &jit_subtype_cache[subtype_cache_index(id, super)];
    uint64_t known = __atomic_load_n(at, __ATOMIC_RELAXED);
    if (LIKELY((known & ~1ull) == key)) { return known & 1; }
    bool is = class_is_subclass(class_from_id(id), c);
    __atomic_store_n(at, key | is, __ATOMIC_RELAXED);
    return is;
}

int32_t jit_subtype(uint32_t id, struct class *c)
{
    bool is = is_subtype(id, c);
    if (is) { __atomic_store_n(&class_from_id(id)->last_super, c, __ATOMIC_RELAXED); }
    return is;
}

int32_t jit_may_store(uint64_t array, uint64_t value)
{
    if (!value) { return true; }
    struct class *component = class_of((gref)array)->component, *c = class_of((gref)value);
    return c == component || is_subtype(class_id(c), component);
}

struct itable_cached jit_itable_cache[ITABLE_CACHE];
static pthread_mutex_t itable_lock = PTHREAD_MUTEX_INITIALIZER;

struct method *jit_itable(struct thread *t, uint32_t id, struct method *m)
{
    COMPILED_ANCHOR(t);
    struct itable_cached *at = &jit_itable_cache[itable_cache_index(id, m)];
    uint32_t known = __atomic_load_n(&at->id, __ATOMIC_ACQUIRE);
    if (known == id && at->method == m) { return at->target; }
    struct call_site site = {.method = m};
    struct method *target = site_select(t, &site, class_from_id(id), true);
    if (target && !known) {
        pthread_mutex_lock(&itable_lock);
        if (!at->id) {
            at->method = m;
            at->target = target;
            __atomic_store_n(&at->id, id, __ATOMIC_RELEASE);
        }
        pthread_mutex_unlock(&itable_lock);
    }
    return target;
}

struct method *jit_basic_target(struct thread *t, uint64_t handle)
{
    COMPILED_ANCHOR(t);
    if (!handle) {
        throw_npe(t);
        return NULL;
    }
    return basic_target(t, (gref)handle);
}

struct method *jit_link_target(struct thread *t, int32_t kind, uint64_t receiver, uint64_t member)
{
    COMPILED_ANCHOR(t);
    slot_t args[2] = {{.raw = receiver}, {.raw = member}};
    return link_target(t, (enum method_intrinsic)kind, args, 2);
}

int32_t jit_tier_up(struct thread *t, struct jit_counter *n, struct method *m, int32_t bci)
{
    COMPILED_ANCHOR(t);
    return policy_tier_up(t, n, m, bci);
}

/* ---- arithmetic ---- */

double jit_fmod(double x, double y) { return fmod(x, y); }

float jit_fmodf(float x, float y) { return fmodf(x, y); }

int32_t jit_d2i(double d)
{
    if (d >= -2147483648.0 && d < 2147483648.0) { return (int32_t)d; }
    return d != d ? 0 : d < 0 ? INT32_MIN : INT32_MAX;
}

int64_t jit_d2l(double d)
{
    if (d >= -9223372036854775808.0 && d < 9223372036854775808.0) { return (int64_t)d; }
    return d != d ? 0 : d < 0 ? INT64_MIN : INT64_MAX;
}

/* ---- memory ---- */

void *jit_soft_addr(struct thread *t, uint64_t gva, uint32_t size, uint32_t access)
{
    COMPILED_ANCHOR(t);
    return softmmu_addr_slow(&t->cpu, (uint32_t)gva, size, access);
}
