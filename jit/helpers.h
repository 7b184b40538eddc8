/* helpers.h - prototypes of the functions of helpers.def. */
#ifndef MOKA_JIT_HELPERS_H
#define MOKA_JIT_HELPERS_H

#include "runtime/classes/class.h"
#include "runtime/threads/thread.h"

void jit_entry_check(struct thread *t);
uint64_t jit_new(struct thread *t, struct class *c);
uint64_t jit_newarray(struct thread *t, struct class *array_class, int32_t length);
uint64_t jit_materialise(struct thread *t, struct class *c, int32_t length);
uint64_t jit_newmulti(struct thread *t, struct class *c, int32_t dims);
void jit_monitor_enter(struct thread *t, uint64_t object);
void jit_monitor_exit(struct thread *t, uint64_t object);
void jit_throw(struct thread *t, uint64_t exception);
void jit_throw_null(struct thread *t);
void jit_throw_index(struct thread *t, int32_t index, int32_t length);
void jit_throw_zero(struct thread *t);
void jit_throw_cast(struct thread *t, uint64_t object, int64_t c);
uint64_t jit_take_exception(struct thread *t);
int32_t jit_subtype(uint32_t id, struct class *c);
struct method *jit_itable(struct thread *t, uint32_t id, struct method *m);
struct method *jit_basic_target(struct thread *t, uint64_t handle);
struct method *jit_link_target(struct thread *t, int32_t kind, uint64_t receiver, uint64_t member);
struct jit_counter;
int32_t jit_tier_up(struct thread *t, struct jit_counter *n, struct method *m, int32_t bci);
void jit_register_finalizer(struct thread *t, uint64_t object);
double jit_fmod(double x, double y);
float jit_fmodf(float x, float y);
int32_t jit_may_store(uint64_t array, uint64_t value);
int32_t jit_d2i(double d);
int64_t jit_d2l(double d);
int32_t jit_array_copy(struct thread *t, uint64_t src, int32_t src_pos, uint64_t dst,
                       int32_t dst_pos, int32_t n);
void jit_copy_bytes(uint64_t src, int32_t from, uint64_t dst, int32_t to, int32_t n);
int32_t jit_bytes_equal(uint64_t a, uint64_t b, int32_t n);
int32_t jit_has_negatives(uint64_t a, int32_t from, int32_t n);
int32_t jit_hash_latin1(uint64_t a);
int32_t jit_index_of_latin1(uint64_t a, int32_t ch, int32_t from, int32_t max);
double jit_sin(double x);
double jit_cos(double x);
double jit_tan(double x);
double jit_exp(double x);
double jit_log(double x);
double jit_log10(double x);
double jit_pow(double x, double y);
void *jit_soft_addr(struct thread *t, uint64_t gva, uint32_t size, uint32_t access);

/*
 * Answers of class_is_subclass(), which never change; for interfaces it must search. GCC's code looks here itself before it calls
 * jit_subtype(). An entry holds both class ids, which are even, and the answer in bit 0:
 *
 *     63            32 31             1   0
 *    | id of the class | id of the super | is |
 */
#define SUBTYPE_CACHE_BITS 12
#define SUBTYPE_CACHE      (1 << SUBTYPE_CACHE_BITS)
#define SUBTYPE_CACHE_MUL  0x9e3779b1u
extern uint64_t jit_subtype_cache[SUBTYPE_CACHE];
static inline uint32_t subtype_cache_salt(uint32_t super) { return (super >> 4) * 0x85ebca6bu; }
static inline uint32_t subtype_cache_index(uint32_t id, uint32_t super)
{
    return ((id >> 4) * SUBTYPE_CACHE_MUL + subtype_cache_salt(super)) >> (32 - SUBTYPE_CACHE_BITS);
}

/*
 * Implementations of interface methods, for calls with many receivers: compiled code looks here itself, at
 * itable_cache_index(class id, method), before it calls jit_itable(). An entry is written once, its id last, and never changes:
 * neither classes nor methods go away.
 */
#define ITABLE_CACHE 8192
struct itable_cached {
    uint32_t id; /* 0: free */
    const struct method *method;
    struct method *target;
    uint64_t pad; /* 32 bytes, for a shift */
};
extern struct itable_cached jit_itable_cache[ITABLE_CACHE];
static inline uint32_t itable_cache_salt(const struct method *m)
{
    return (uint32_t)((uintptr_t)m >> 3) * 0x9e3779b1u >> 16;
}
static inline uint32_t itable_cache_index(uint32_t id, const struct method *m)
{
    return (id >> 4 ^ itable_cache_salt(m)) & (ITABLE_CACHE - 1);
}

#endif
