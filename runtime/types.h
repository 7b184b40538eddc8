/*
 * types.h - the words that every room of moka shares.
 *
 * A Java reference is a guest virtual address (gva): 32 bits wide in objects and
 * in operand slots, 0 is null. Because the guest's virtual space is laid over the
 * host's own low addresses, the host address of a mapped guest byte is the same
 * number; `gva_to_ptr` is the one place where that is used.
 *
 * Worlds of memory (every allocation says by its function which one it is from):
 *   guest heap      heap_alloc_*()          Java objects, collected
 *   VM metadata     meta_alloc()            classes, methods, never freed one by one
 *   scratch         malloc()/free()         everything short-lived in the VM
 */
#ifndef MOKA_RUNTIME_TYPES_H
#define MOKA_RUNTIME_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A guest virtual address that names a Java object, or 0 for null. */
typedef uint32_t gref;

/* Native address of a guest byte. Valid in VM code in every MMU mode. */
static inline void *gva_to_ptr(uint32_t gva) { return (void *)(uintptr_t)gva; }

/*
 * One cell of a frame: a local variable or an operand. 64 bits wide, so a long or a
 * double fits in the first of its two cells; the second is never read. A reference
 * is stored zero-extended.
 */
typedef union slot {
    int32_t i;
    uint32_t u;
    int64_t j;
    float f;
    double d;
    gref r;
    uint64_t raw;
    void *p;
} slot_t;

/* Type codes; values 4..11 are those of the newarray instruction (JVMS 6.5). */
enum basic_type {
    T_BOOLEAN = 4,
    T_CHAR = 5,
    T_FLOAT = 6,
    T_DOUBLE = 7,
    T_BYTE = 8,
    T_SHORT = 9,
    T_INT = 10,
    T_LONG = 11,
    T_OBJECT = 12, /* class or interface type */
    T_ARRAY = 13,
    T_VOID = 14,
};

/* Size in bytes of a heap element or field of a type (references take 4). */
static inline unsigned type_size(enum basic_type t)
{
    static const uint8_t size[16] = {
        [T_BOOLEAN] = 1, [T_CHAR] = 2, [T_FLOAT] = 4, [T_DOUBLE] = 8, [T_BYTE] = 1,
        [T_SHORT] = 2,   [T_INT] = 4,  [T_LONG] = 8,  [T_OBJECT] = 4, [T_ARRAY] = 4};
    return size[t];
}

/* log2 of type_size. */
static inline unsigned type_shift(enum basic_type t)
{
    static const uint8_t shift[16] = {[T_CHAR] = 1, [T_FLOAT] = 2, [T_DOUBLE] = 3, [T_SHORT] = 1,
                                      [T_INT] = 2,  [T_LONG] = 3,  [T_OBJECT] = 2, [T_ARRAY] = 2};
    return shift[t];
}

/* Cells that a value of the type takes in a frame (JVMS 2.6.1): 2, 1, or 0 for void. */
static inline unsigned type_slots(enum basic_type t)
{
    return t == T_VOID ? 0 : (t == T_LONG || t == T_DOUBLE) ? 2 : 1;
}

/* Type code of the first character of a descriptor (JVMS 4.3.2), 0 if it is none. */
static inline enum basic_type type_of_char(char c)
{
    switch (c) {
    case 'Z': return T_BOOLEAN;
    case 'C': return T_CHAR;
    case 'F': return T_FLOAT;
    case 'D': return T_DOUBLE;
    case 'B': return T_BYTE;
    case 'S': return T_SHORT;
    case 'I': return T_INT;
    case 'J': return T_LONG;
    case 'L': return T_OBJECT;
    case '[': return T_ARRAY;
    case 'V': return T_VOID;
    default: return (enum basic_type)0;
    }
}

/* The inverse of type_of_char ('L' for T_OBJECT, '[' for T_ARRAY). */
static inline char type_char(enum basic_type t)
{
    return t >= T_BOOLEAN && t <= T_VOID ? "    ZCFDBSIJL[V"[t] : '?';
}

static inline bool type_is_ref(enum basic_type t) { return t == T_OBJECT || t == T_ARRAY; }

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a) (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define LIKELY(x)      __builtin_expect(!!(x), 1)
#define UNLIKELY(x)    __builtin_expect(!!(x), 0)

struct thread;
struct class;
struct method;
struct field;
struct symbol;
struct loader;

#endif
