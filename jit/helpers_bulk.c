/*
 * helpers_bulk.c - helpers that work on whole arrays, and mathematics: rows of helpers.def that intrinsics.c asks for.
 * None of them throws, collects or walks the stack.
 */
#include <string.h>

#include "jit/helpers.h"
#include "runtime/javamath.h"

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
        /* references are copied whole: other threads and the collector may look */
        volatile uint32_t *w = (volatile uint32_t *)to;
        const volatile uint32_t *r = (const volatile uint32_t *)from;
        if (from < to && from + bytes > to) {
            for (size_t i = (size_t)n; i-- > 0;) { w[i] = r[i]; }
        } else {
            for (size_t i = 0; i < (size_t)n; i++) { w[i] = r[i]; }
        }
    } else {
        memmove(to, from, bytes);
    }
    return 1;
}

int32_t jit_bytes_equal(uint64_t a, uint64_t b, int32_t n)
{
    return memcmp(array_data((gref)a), array_data((gref)b), (size_t)n) == 0;
}

int32_t jit_has_negatives(uint64_t a, int32_t from, int32_t n)
{
    const char *p = (const char *)array_data((gref)a) + from;
    while (n >= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        if (w & 0x8080808080808080ull) { return 1; }
        p += 8;
        n -= 8;
    }
    for (; n > 0; n--) {
        if (*p++ & 0x80) { return 1; }
    }
    return 0;
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

double jit_sin(double x) { return sin(x); }
double jit_cos(double x) { return cos(x); }
double jit_tan(double x) { return tan(x); }
double jit_exp(double x) { return exp(x); }
double jit_log(double x) { return log(x); }
double jit_log10(double x) { return java_log10(x); }
double jit_pow(double x, double y) { return java_pow(x, y); }
