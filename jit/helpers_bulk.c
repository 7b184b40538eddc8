/*
 * helpers_bulk.c - helpers that work on whole arrays, and mathematics: rows of helpers.def that intrinsics.c asks for.
 * None of them throws, collects or walks the stack.
 */
#include <string.h>

#include "jit/helpers.h"
#include "runtime/classes/loader.h"
#include "runtime/javamath.h"

/*
 * Elements are aligned, so none is torn by moves wider than an element, nor by moves that overlap: what they write twice is the same.
 */
typedef uint64_t __attribute__((aligned(1), may_alias)) u64_any;
typedef uint32_t __attribute__((aligned(1), may_alias)) u32_any;
typedef uint16_t __attribute__((aligned(1), may_alias)) u16_any;
typedef unsigned __int128 __attribute__((aligned(1), may_alias)) u128_any;

/* Up to 16 bytes: everything is read before anything is written. */
static inline void copy_small(char *to, const char *from, size_t n)
{
    if (n >= 8) {
        uint64_t a = *(const u64_any *)from, b = *(const u64_any *)(from + n - 8);
        *(u64_any *)to = a;
        *(u64_any *)(to + n - 8) = b;
    } else if (n >= 4) {
        uint32_t a = *(const u32_any *)from, b = *(const u32_any *)(from + n - 4);
        *(u32_any *)to = a;
        *(u32_any *)(to + n - 4) = b;
    } else if (n >= 2) {
        uint16_t a = *(const u16_any *)from, b = *(const u16_any *)(from + n - 2);
        *(u16_any *)to = a;
        *(u16_any *)(to + n - 2) = b;
    } else if (n) {
        *to = *from;
    }
}

/* References: other threads and the collector may look, so no memmove(), which promises nothing about the size of its moves. */
static void copy_words(char *to, const char *from, size_t n)
{
    if (n <= 16) {
        copy_small(to, from, n);
    } else if (to <= from || to >= from + n) {
        u128_any last = *(const u128_any *)(from + n - 16);
        for (size_t i = 0; i + 16 < n; i += 16) {
            *(u128_any *)(to + i) = *(const u128_any *)(from + i);
            __asm__ volatile("" : : : "memory");
        }
        *(u128_any *)(to + n - 16) = last;
    } else {
        u128_any first = *(const u128_any *)from;
        for (size_t i = n; i > 16; i -= 16) {
            *(u128_any *)(to + i - 16) = *(const u128_any *)(from + i - 16);
            __asm__ volatile("" : : : "memory");
        }
        *(u128_any *)to = first;
    }
}

static inline void copy_primitives(char *to, const char *from, size_t n)
{
    if (n <= 16) {
        copy_small(to, from, n);
    } else if (n <= 32) {
        u128_any a = *(const u128_any *)from, b = *(const u128_any *)(from + n - 16);
        *(u128_any *)to = a;
        *(u128_any *)(to + n - 16) = b;
    } else {
        memmove(to, from, n);
    }
}

int32_t jit_array_copy(struct thread *t, uint64_t src, int32_t src_pos, uint64_t dst,
                       int32_t dst_pos, int32_t n)
{
    (void)t;
    struct class *sc = class_of((gref)src), *dc = class_of((gref)dst);
    if (sc->kind != CLASS_ARRAY || dc->kind != CLASS_ARRAY || (src_pos | dst_pos | n) < 0 ||
        (uint32_t)n + (uint32_t)src_pos > (uint32_t)array_length((gref)src) ||
        (uint32_t)n + (uint32_t)dst_pos > (uint32_t)array_length((gref)dst)) {
        return 0;
    }
    if (sc != dc && !(type_is_ref(sc->elem_type) && type_is_ref(dc->elem_type) &&
                      class_is_subclass(sc->component, dc->component))) {
        return 0;
    }
    unsigned shift = sc->elem_shift;
    const char *from = (const char *)array_data((gref)src) + ((size_t)src_pos << shift);
    char *to = (char *)array_data((gref)dst) + ((size_t)dst_pos << shift);
    size_t bytes = (size_t)n << shift;
    if (type_is_ref(sc->elem_type)) {
        copy_words(to, from, bytes);
    } else {
        copy_primitives(to, from, bytes);
    }
    return 1;
}

void jit_copy_bytes(uint64_t src, int32_t from, uint64_t dst, int32_t to, int32_t n)
{
    copy_primitives((char *)array_data((gref)dst) + (uint32_t)to,
                    (const char *)array_data((gref)src) + (uint32_t)from, (uint32_t)n);
}

int32_t jit_bytes_equal(uint64_t a, uint64_t b, int32_t n)
{
    return memcmp(array_data((gref)a), array_data((gref)b), (size_t)n) == 0;
}

int32_t jit_has_negatives(uint64_t a, int32_t from, int32_t n)
{
    return n > 0 && !text_is_ascii((const char *)array_data((gref)a) + from, (size_t)n);
}

/* h = 31 h + b, four bytes a step */
int32_t jit_hash_latin1(uint64_t a)
{
    const uint8_t *p = array_data((gref)a);
    int32_t n = array_length((gref)a);
    uint32_t h = 0;
    for (; n >= 4; n -= 4, p += 4) {
        h = h * (31u * 31 * 31 * 31) + p[0] * (31u * 31 * 31) + p[1] * (31u * 31) + p[2] * 31u +
            p[3];
    }
    for (; n > 0; n--) { h = 31 * h + *p++; }
    return (int32_t)h;
}

int32_t jit_index_of_latin1(uint64_t a, int32_t ch, int32_t from, int32_t max)
{
    if (from >= max) { return -1; }
    const char *data = array_data((gref)a);
    const char *found = memchr(data + from, ch & 0xff, (size_t)(max - from));
    return found ? (int32_t)(found - data) : -1;
}

double jit_sin(double x) { return java_sin(x); }
double jit_cos(double x) { return java_cos(x); }
double jit_tan(double x) { return java_tan(x); }
double jit_exp(double x) { return exp(x); }
double jit_log(double x) { return log(x); }
double jit_log10(double x) { return java_log10(x); }
double jit_pow(double x, double y) { return java_pow(x, y); }
