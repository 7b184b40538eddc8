/*
 * math.c - what HotSpot computes itself although java.lang.Math has Java code for it.
 *
 * These methods are not native. HotSpot replaces them, in its interpreter too, by routines that are nearer to the true
 * value than the library's fdlibm, so about 4 results in 100 differ in the last bit from what the Java code gives. The
 * host's libm differs from HotSpot in 2 to 5 of 1000 (log10l: 1 in 4000; log10: 1 in 10). fma without this row goes
 * through BigDecimal.
 */
#include <math.h>

#include "runtime/javamath.h"
#include "stdlib/stdlib-internal.h"

#define MATH_1(name, value) NATIVE_IS(math_##name, ((slot_t){.d = (value)}))

MATH_1(sin, java_sin(args[0].d))
MATH_1(cos, java_cos(args[0].d))
MATH_1(tan, java_tan(args[0].d))
MATH_1(exp, exp(args[0].d))
MATH_1(log, log(args[0].d))
MATH_1(log10, java_log10(args[0].d))
MATH_1(sqrt, sqrt(args[0].d))
MATH_1(fma, fma(args[0].d, args[2].d, args[4].d))

NATIVE_IS(math_pow, ((slot_t){.d = java_pow(args[0].d, args[2].d)}))

NATIVE(math_fma_float)
{
    slot_t r = {.raw = 0};
    r.f = fmaf(args[0].f, args[1].f, args[2].f);
    return r;
}

#define MATH "java/lang/Math"

const struct vm_native_row math_intrinsics[] = {
    {MATH, "sin", "(D)D", math_sin},
    {MATH, "cos", "(D)D", math_cos},
    {MATH, "tan", "(D)D", math_tan},
    {MATH, "exp", "(D)D", math_exp},
    {MATH, "log", "(D)D", math_log},
    {MATH, "log10", "(D)D", math_log10},
    {MATH, "pow", "(DD)D", math_pow},
    {MATH, "sqrt", "(D)D", math_sqrt},
    {MATH, "fma", "(DDD)D", math_fma},
    {MATH, "fma", "(FFF)F", math_fma_float},
    {0},
};
