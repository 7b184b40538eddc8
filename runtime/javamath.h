/*
 * javamath.h - the functions of java.lang.Math that the VM computes itself, the same wherever they are called from: natives
 * (stdlib/math.c) and compiled code (jit/helpers_bulk.c). See stdlib/math.c for how near they are to HotSpot's.
 */
#ifndef MOKA_RUNTIME_JAVAMATH_H
#define MOKA_RUNTIME_JAVAMATH_H

#include <math.h>

/* glibc brings arguments above 105,414,350 near 0 in doubles: next to a multiple of pi / 2 the result is up to 11 ulps off, where Java
 * allows one. In long doubles it does not. */
#define JAVA_TRIGONOMETRIC(name)                                                                   \
    static inline double java_##name(double x)                                                     \
    {                                                                                              \
        return fabs(x) < 1e8 ? name(x) : (double)name##l(x);                                       \
    }
JAVA_TRIGONOMETRIC(sin)
JAVA_TRIGONOMETRIC(cos)
JAVA_TRIGONOMETRIC(tan)

static inline double java_log10(double x) { return (double)log10l(x); }

/* Java's pow differs from C's where C says 1 but Java NaN: |x| = 1 and an infinite y, or a NaN with a 1. */
static inline double java_pow(double x, double y)
{
    if (y != 0 && (isnan(x) || isnan(y) || (isinf(y) && fabs(x) == 1))) { return NAN; }
    if (y == 2) { return x * x; } /* these two are rounded correctly on HotSpot */
    if (y == 0.5 && x > 0) { return sqrt(x); }
    return pow(x, y);
}

#endif
