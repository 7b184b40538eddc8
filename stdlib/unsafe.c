/*
 * unsafe.c - natives of jdk.internal.misc.Unsafe.
 *
 * Addresses are (object, offset) pairs; with object null the offset is a host address (memory from allocateMemory,
 * mapped files). Volatile accesses are sequentially consistent: plain loads on x86-64, stores with a full fence.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/engine.h"
#include "runtime/natives.h"
#include "runtime/threads/thread.h"

/*
 * A page of a mapped file that lies behind the end of the file, because somebody cut the file, raises SIGBUS. An
 * access outside the heap therefore leaves a way back to here, and the program gets what it gets on HotSpot.
 */
static __attribute__((noinline)) slot_t guarded(struct thread *t, slot_t *args,
                                                slot_t (*access)(struct thread *, slot_t *))
{
    sigjmp_buf env;
    if (sigsetjmp(env, 0)) {
        t->bus_guard = NULL;
        throw_new(
            t, "java/lang/InternalError",
            "a fault occurred in a recent unsafe memory access operation in compiled Java code");
        return slot_void();
    }
    t->bus_guard = &env;
    t->bus_fault = false;
    slot_t result = access(t, args);
    t->bus_guard = NULL;
    return result;
}

/* Defines the native `name` out of `name`_plain. */
#define GUARDED(name)                                                                              \
    static slot_t name(struct thread *t, slot_t *args)                                             \
    {                                                                                              \
        return LIKELY(args[1].r != 0) ? name##_plain(t, args) : guarded(t, args, name##_plain);    \
    }

/* args[0] is the Unsafe, args[1] the object, args[2..3] the offset, args[4] the value. */
static inline void *address(const slot_t *args)
{
    return (void *)((uintptr_t)args[1].r + (uintptr_t)args[2].j);
}

#define UNSAFE_ACCESS(name, ctype, member, result)                                                 \
    static slot_t get_##name##_plain(struct thread *t, slot_t *args)                               \
    {                                                                                              \
        (void)t;                                                                                   \
        ctype v = *(ctype *)address(args);                                                         \
        return result;                                                                             \
    }                                                                                              \
    static slot_t get_##name##_volatile_plain(struct thread *t, slot_t *args)                      \
    {                                                                                              \
        (void)t;                                                                                   \
        ctype v = __atomic_load_n((ctype *)address(args), __ATOMIC_SEQ_CST);                       \
        return result;                                                                             \
    }                                                                                              \
    static slot_t put_##name##_plain(struct thread *t, slot_t *args)                               \
    {                                                                                              \
        (void)t;                                                                                   \
        *(ctype *)address(args) = (ctype)args[4].member;                                           \
        return slot_void();                                                                        \
    }                                                                                              \
    static slot_t put_##name##_volatile_plain(struct thread *t, slot_t *args)                      \
    {                                                                                              \
        (void)t;                                                                                   \
        __atomic_store_n((ctype *)address(args), (ctype)args[4].member, __ATOMIC_SEQ_CST);         \
        return slot_void();                                                                        \
    }                                                                                              \
    GUARDED(get_##name)                                                                            \
    GUARDED(get_##name##_volatile)                                                                 \
    GUARDED(put_##name)                                                                            \
    GUARDED(put_##name##_volatile)

UNSAFE_ACCESS(byte, int8_t, i, slot_int(v))
UNSAFE_ACCESS(short, int16_t, i, slot_int(v))
UNSAFE_ACCESS(char, uint16_t, i, slot_int(v))
UNSAFE_ACCESS(int, int32_t, i, slot_int(v))
UNSAFE_ACCESS(float, uint32_t, u, ((slot_t){.raw = v}))
UNSAFE_ACCESS(long, int64_t, j, slot_long(v))
UNSAFE_ACCESS(double, int64_t, j, slot_long(v))
UNSAFE_ACCESS(reference, gref, r, slot_ref(v))

static slot_t get_boolean_plain(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_int(*(uint8_t *)address(args) != 0);
}
GUARDED(get_boolean)

static slot_t get_boolean_volatile_plain(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_int(__atomic_load_n((uint8_t *)address(args), __ATOMIC_SEQ_CST) != 0);
}
GUARDED(get_boolean_volatile)

static slot_t put_boolean_plain(struct thread *t, slot_t *args)
{
    (void)t;
    *(uint8_t *)address(args) = args[4].i & 1;
    return slot_void();
}
GUARDED(put_boolean)

static slot_t put_boolean_volatile_plain(struct thread *t, slot_t *args)
{
    (void)t;
    __atomic_store_n((uint8_t *)address(args), (uint8_t)(args[4].i & 1), __ATOMIC_SEQ_CST);
    return slot_void();
}
GUARDED(put_boolean_volatile)

/* expected at args[4], new value behind it */
#define UNSAFE_CAS(name, ctype, member, next, result)                                              \
    static slot_t cas_##name(struct thread *t, slot_t *args)                                       \
    {                                                                                              \
        (void)t;                                                                                   \
        ctype expected = (ctype)args[4].member;                                                    \
        return slot_int(__atomic_compare_exchange_n((ctype *)address(args), &expected,             \
                                                    (ctype)args[next].member, false,               \
                                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));          \
    }                                                                                              \
    static slot_t cae_##name(struct thread *t, slot_t *args)                                       \
    {                                                                                              \
        (void)t;                                                                                   \
        ctype v = (ctype)args[4].member;                                                           \
        __atomic_compare_exchange_n((ctype *)address(args), &v, (ctype)args[next].member, false,   \
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                           \
        return result;                                                                             \
    }

UNSAFE_CAS(int, int32_t, i, 5, slot_int(v))
UNSAFE_CAS(long, int64_t, j, 6, slot_long(v))
UNSAFE_CAS(reference, gref, r, 5, slot_ref(v))

static slot_t get_uncompressed(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_ref(*(gref *)(uintptr_t)args[1].j);
}

static slot_t fence(struct thread *t, slot_t *args)
{
    (void)t;
    (void)args;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return slot_void();
}

/* ---- native memory ---- */

static slot_t allocate_memory(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_long((int64_t)(uintptr_t)malloc((size_t)args[1].j));
}

static slot_t reallocate_memory(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_long((int64_t)(uintptr_t)realloc((void *)(uintptr_t)args[1].j, (size_t)args[3].j));
}

static slot_t free_memory(struct thread *t, slot_t *args)
{
    (void)t;
    free((void *)(uintptr_t)args[1].j);
    return slot_void();
}

static slot_t set_memory_plain(struct thread *t, slot_t *args)
{
    (void)t;
    memset(address(args), args[6].i, (size_t)args[4].j);
    return slot_void();
}
GUARDED(set_memory)

/* copyMemory0(Object src, long srcOffset, Object dst, long dstOffset, long bytes) */
static slot_t copy_memory_plain(struct thread *t, slot_t *args)
{
    (void)t;
    char *dst = (char *)((uintptr_t)args[4].r + (uintptr_t)args[5].j);
    memmove(dst, address(args), (size_t)args[7].j);
    return slot_void();
}

static slot_t copy_memory(struct thread *t, slot_t *args)
{
    return args[1].r && args[4].r ? copy_memory_plain(t, args)
                                  : guarded(t, args, copy_memory_plain);
}

/* The same, with the bytes of each element (2, 4 or 8) reversed. Regions may overlap. */
static slot_t copy_swap_memory_plain(struct thread *t, slot_t *args)
{
    char *dst = (char *)((uintptr_t)args[4].r + (uintptr_t)args[5].j);
    char *src = address(args);
    size_t bytes = (size_t)args[7].j, size = (size_t)args[9].j;
    char *copy = NULL;
    if (src < dst + bytes && dst < src + bytes && src != dst) {
        copy = malloc(bytes);
        if (!copy) {
            throw_oom(t, "copySwapMemory");
            return slot_void();
        }
        memcpy(copy, src, bytes);
        src = copy;
    }
    for (size_t i = 0; i + size <= bytes; i += size) {
        uint64_t v = 0;
        memcpy(&v, src + i, size);
        v = __builtin_bswap64(v) >> (64 - 8 * size);
        memcpy(dst + i, &v, size);
    }
    free(copy);
    return slot_void();
}

static slot_t copy_swap_memory(struct thread *t, slot_t *args)
{
    return args[1].r && args[4].r ? copy_swap_memory_plain(t, args)
                                  : guarded(t, args, copy_swap_memory_plain);
}

/* ---- classes, fields, objects ---- */

static struct field *field_of(gref reflected)
{
    struct class *c = class_from_mirror(obj_get_ref(reflected, OFF(Field_clazz)));
    return &c->fields[obj_get_int(reflected, OFF(Field_slot))];
}

static slot_t field_offset(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_long(field_of(args[1].r)->offset);
}

static slot_t field_offset_by_name(struct thread *t, slot_t *args)
{
    struct class *c = class_from_mirror(args[1].r);
    char *name = string_to_utf8(args[2].r, NULL);
    struct symbol *s = name ? symbol_find(name, strlen(name)) : NULL;
    free(name);
    for (unsigned i = 0; s && i < c->n_fields; i++) {
        if (c->fields[i].name == s) { return slot_long(c->fields[i].offset); }
    }
    throw_new(t, "java/lang/InternalError", NULL);
    return slot_void();
}

static slot_t static_field_base(struct thread *t, slot_t *args)
{
    (void)t;
    return slot_ref(field_of(args[1].r)->cls->mirror);
}

static slot_t should_be_initialized(struct thread *t, slot_t *args)
{
    (void)t;
    struct class *c = class_from_mirror(args[1].r);
    return slot_int(c->kind == CLASS_INSTANCE && !class_is_initialized(c));
}

static slot_t ensure_initialized(struct thread *t, slot_t *args)
{
    class_initialize(t, class_from_mirror(args[1].r));
    return slot_void();
}

static slot_t array_base_offset(struct thread *t, slot_t *args)
{
    struct class *c = class_from_mirror(args[1].r);
    if (!class_is_array(c)) { throw_new(t, "java/lang/InvalidClassException", NULL); }
    return slot_int(ARRAY_BASE_OFFSET);
}

static slot_t array_index_scale(struct thread *t, slot_t *args)
{
    struct class *c = class_from_mirror(args[1].r);
    if (!class_is_array(c)) {
        throw_new(t, "java/lang/InvalidClassException", NULL);
        return slot_int(0);
    }
    return slot_int(1 << c->elem_shift);
}

static slot_t load_average(struct thread *t, slot_t *args)
{
    (void)t;
    double load[3];
    int n = getloadavg(load, args[2].i > 3 ? 3 : args[2].i);
    for (int i = 0; i < n; i++) { array_set_double(args[1].r, i, load[i]); }
    return slot_int(n);
}

static slot_t allocate_instance(struct thread *t, slot_t *args)
{
    struct class *c = class_from_mirror(args[1].r);
    if (c->kind != CLASS_INSTANCE || c->access_flags & (ACC_ABSTRACT | ACC_INTERFACE) ||
        c == KC(Class)) {
        char name[512];
        throw_new(t, "java/lang/InstantiationException", "%s",
                  class_external_name(c, name, sizeof name));
        return slot_void();
    }
    return slot_ref(class_initialize(t, c) ? class_new_object(t, c) : 0);
}

static slot_t throw_exception(struct thread *t, slot_t *args)
{
    if (args[1].r) {
        t->exception = args[1].r;
    } else {
        throw_npe(t);
    }
    return slot_void();
}

/* defineClass0(String name, byte[] b, int off, int len, ClassLoader loader, ProtectionDomain pd) */
static slot_t define_class(struct thread *t, slot_t *args)
{
    gref bytes = args[2].r;
    int32_t off = args[3].i, len = args[4].i;
    if (!bytes) {
        throw_npe(t);
        return slot_void();
    }
    if (off < 0 || len < 0 || off > array_length(bytes) - len) {
        throw_new(t, "java/lang/ArrayIndexOutOfBoundsException", NULL);
        return slot_void();
    }
    struct define_options opt = {
        .expected_name = args[1].r ? string_to_symbol(args[1].r, true) : NULL,
        .protection_domain = args[6].r,
        .copy_bytes = true,
        .source = "__JVM_DefineClass__",
    };
    struct class *c = class_define(t, loader_of(args[5].r), (uint8_t *)array_data(bytes) + off,
                                   (size_t)len, &opt);
    return slot_ref(c ? c->mirror : 0);
}

/* ---- threads ---- */

static slot_t park(struct thread *t, slot_t *args)
{
    thread_park(t, args[1].i != 0, args[2].j);
    return slot_void();
}

static slot_t unpark(struct thread *t, slot_t *args)
{
    if (args[1].r) {
        threads_lock(t);
        struct thread *target = thread_of(args[1].r);
        if (target) { thread_unpark(target); }
        threads_unlock();
    }
    return slot_void();
}

static slot_t nothing(struct thread *t, slot_t *args)
{
    (void)t;
    (void)args;
    return slot_void();
}

/* writeback0(long): the cache line goes to memory (persistent buffers). */
static slot_t writeback(struct thread *t, slot_t *args)
{
    (void)t;
    __builtin_ia32_clflush((void *)(uintptr_t)args[1].j);
    return slot_void();
}

#define U "jdk/internal/misc/Unsafe"
#define ACCESS_ROWS(Name, name, d)                                                                 \
    {U, "get" Name, "(Ljava/lang/Object;J)" d, get_##name},                                        \
        {U, "put" Name, "(Ljava/lang/Object;J" d ")V", put_##name},                                \
        {U, "get" Name "Volatile", "(Ljava/lang/Object;J)" d, get_##name##_volatile},              \
    {                                                                                              \
        U, "put" Name "Volatile", "(Ljava/lang/Object;J" d ")V", put_##name##_volatile             \
    }
#define CAS_ROWS(Name, name, d)                                                                    \
    {U, "compareAndSet" Name, "(Ljava/lang/Object;J" d d ")Z", cas_##name},                        \
    {                                                                                              \
        U, "compareAndExchange" Name, "(Ljava/lang/Object;J" d d ")" d, cae_##name                 \
    }

const struct vm_native_row natives_unsafe[] = {
    ACCESS_ROWS("Boolean", boolean, "Z"),
    ACCESS_ROWS("Byte", byte, "B"),
    ACCESS_ROWS("Short", short, "S"),
    ACCESS_ROWS("Char", char, "C"),
    ACCESS_ROWS("Int", int, "I"),
    ACCESS_ROWS("Long", long, "J"),
    ACCESS_ROWS("Float", float, "F"),
    ACCESS_ROWS("Double", double, "D"),
    ACCESS_ROWS("Reference", reference, "Ljava/lang/Object;"),
    CAS_ROWS("Int", int, "I"),
    CAS_ROWS("Long", long, "J"),
    CAS_ROWS("Reference", reference, "Ljava/lang/Object;"),
    {U, "registerNatives", "()V", nothing},
    {U, "getUncompressedObject", "(J)Ljava/lang/Object;", get_uncompressed},
    {U, "loadFence", "()V", fence},
    {U, "storeFence", "()V", fence},
    {U, "fullFence", "()V", fence},
    {U, "writeback0", "(J)V", writeback},
    {U, "writebackPreSync0", "()V", fence},
    {U, "writebackPostSync0", "()V", fence},
    {U, "allocateMemory0", "(J)J", allocate_memory},
    {U, "reallocateMemory0", "(JJ)J", reallocate_memory},
    {U, "freeMemory0", "(J)V", free_memory},
    {U, "setMemory0", "(Ljava/lang/Object;JJB)V", set_memory},
    {U, "copyMemory0", "(Ljava/lang/Object;JLjava/lang/Object;JJ)V", copy_memory},
    {U, "copySwapMemory0", "(Ljava/lang/Object;JLjava/lang/Object;JJJ)V", copy_swap_memory},
    {U, "objectFieldOffset0", "(Ljava/lang/reflect/Field;)J", field_offset},
    {U, "objectFieldOffset1", "(Ljava/lang/Class;Ljava/lang/String;)J", field_offset_by_name},
    {U, "staticFieldOffset0", "(Ljava/lang/reflect/Field;)J", field_offset},
    {U, "staticFieldBase0", "(Ljava/lang/reflect/Field;)Ljava/lang/Object;", static_field_base},
    {U, "shouldBeInitialized0", "(Ljava/lang/Class;)Z", should_be_initialized},
    {U, "ensureClassInitialized0", "(Ljava/lang/Class;)V", ensure_initialized},
    {U, "arrayBaseOffset0", "(Ljava/lang/Class;)I", array_base_offset},
    {U, "arrayIndexScale0", "(Ljava/lang/Class;)I", array_index_scale},
    {U, "getLoadAverage0", "([DI)I", load_average},
    {U, "allocateInstance", "(Ljava/lang/Class;)Ljava/lang/Object;", allocate_instance},
    {U, "throwException", "(Ljava/lang/Throwable;)V", throw_exception},
    {U, "defineClass0",
     "(Ljava/lang/String;[BIILjava/lang/ClassLoader;Ljava/security/ProtectionDomain;)Ljava/lang/"
     "Class;",
     define_class},
    {U, "park", "(ZJ)V", park},
    {U, "unpark", "(Ljava/lang/Object;)V", unpark},
    {0},
};
