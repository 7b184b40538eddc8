/*
 * object.h - what a Java object looks like in guest memory.
 *
 *   every object                          arrays
 *   +0  u32 class id                      +0  u32 class id
 *   +4  u32 lock word                     +4  u32 lock word
 *   +8  fields                            +8  u32 length
 *                                         +12 u32 unused (0)
 *                                         +16 elements
 *
 * Objects start at multiples of 8 (libgc's granule makes it 16). Elements start at 16
 * for every element type, as on HotSpot with compressed class pointers, because
 * libraries CAS longs in byte arrays and expect element 0 to be aligned.
 *
 * A class id is the offset of the `struct class` in the metadata arena, so class_of()
 * is one load and one add. Ids lie in [META_GUARD, META_LIMIT), below the heap's first
 * address; a free object's first word is a free-list link (0 or a heap address), so
 * the collector can tell the two apart.
 *
 * The lock word is described in runtime/threads/monitor.h. A fresh object has 0 there.
 * Identity hash codes come from the address (objects never move); nothing is stored.
 *
 * java.lang.Class instances (mirrors) carry the static fields of their class behind
 * their own instance fields.
 *
 * The accessors below are for VM code: plain loads and stores through hva == gva.
 * Interpreter and compiled code have their own (soft MMU). For volatile accesses use
 * the __atomic builtins on obj_addr().
 */
#ifndef MOKA_HEAP_OBJECT_H
#define MOKA_HEAP_OBJECT_H

#include "runtime/types.h"

#define OBJ_CLASS_OFFSET    0u
#define OBJ_LOCK_OFFSET     4u
#define OBJ_HEADER_SIZE     8u
#define ARRAY_LENGTH_OFFSET 8u
#define ARRAY_BASE_OFFSET   16u

/*
 * The metadata arena, see runtime/classes/meta.c. Its base is a constant just above the
 * guest's 4 GiB, but under AddressSanitizer, whose shadow memory lives there.
 */
#if defined(__SANITIZE_ADDRESS__)
#define META_BASE 0x200000000000ull
#else
#define META_BASE 0x100000000ull
#endif
#define META_GUARD 0x100000u   /* the first MiB stays unmapped */
#define META_LIMIT 0x30000000u /* 768 MiB: below HEAP_SEGMENT_START */

static inline void *obj_addr(gref o, uint32_t offset) { return (void *)((uintptr_t)o + offset); }

static inline uint32_t obj_class_id(gref o) { return *(uint32_t *)obj_addr(o, OBJ_CLASS_OFFSET); }

static inline struct class *class_from_id(uint32_t id) { return (struct class *)(META_BASE + id); }
/* Not so in free cells and in objects that are being made. */
static inline bool is_class_id(uint32_t id) { return id >= META_GUARD && id < META_LIMIT; }

static inline uint32_t class_id(const struct class *c)
{
    return (uint32_t)((uintptr_t)c - META_BASE);
}

/* Class of a non-null object. */
static inline struct class *class_of(gref o) { return class_from_id(obj_class_id(o)); }

static inline int32_t array_length(gref a) { return *(int32_t *)obj_addr(a, ARRAY_LENGTH_OFFSET); }

/* Host pointer to element 0. */
static inline void *array_data(gref a) { return obj_addr(a, ARRAY_BASE_OFFSET); }

/* obj_get_int(o, off), obj_set_int(o, off, v), array_get_int(a, i), array_set_int(a, i, v), ... */
#define OBJECT_ACCESSORS(name, ctype)                                                              \
    static inline ctype obj_get_##name(gref o, uint32_t offset)                                    \
    {                                                                                              \
        return *(ctype *)obj_addr(o, offset);                                                      \
    }                                                                                              \
    static inline void obj_set_##name(gref o, uint32_t offset, ctype v)                            \
    {                                                                                              \
        *(ctype *)obj_addr(o, offset) = v;                                                         \
    }                                                                                              \
    static inline ctype array_get_##name(gref a, int32_t i)                                        \
    {                                                                                              \
        return ((ctype *)array_data(a))[i];                                                        \
    }                                                                                              \
    static inline void array_set_##name(gref a, int32_t i, ctype v)                                \
    {                                                                                              \
        ((ctype *)array_data(a))[i] = v;                                                           \
    }

OBJECT_ACCESSORS(boolean, uint8_t)
OBJECT_ACCESSORS(byte, int8_t)
OBJECT_ACCESSORS(char, uint16_t)
OBJECT_ACCESSORS(short, int16_t)
OBJECT_ACCESSORS(int, int32_t)
OBJECT_ACCESSORS(long, int64_t)
OBJECT_ACCESSORS(float, float)
OBJECT_ACCESSORS(double, double)
OBJECT_ACCESSORS(ref, gref)

/* Identity hash code, 31 bits, never 0: the address, mixed. */
static inline int32_t obj_identity_hash(gref o)
{
    uint32_t h = (o >> 3) * 0x9E3779B1u;
    h ^= h >> 15;
    h &= 0x7fffffff;
    return h ? (int32_t)h : 1;
}

#endif
