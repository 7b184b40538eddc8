/* helper_table.c - helpers.def as a table: what compiled code may call, and where it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jit/jit-internal.h"

/* The types do not matter here: only addresses are taken. */
#define HELPER(name, types, flags, text) extern void jit_##name(void);
#include "jit/helpers.def"

const struct helper_info helper_info[HELPER_COUNT] = {
#define HELPER(name, types, flags, text) {"jit_" #name, types, text, flags, (void *)jit_##name},
#include "jit/helpers.def"
};

/* Functions of the C library that GCC calls by itself, or that builtins become. */
#define ONE(x)                                                                                     \
    {#x, (void *)(double (*)(double))x}, { #x "f", (void *)(float (*)(float))x##f }
#define TWO(x)                                                                                     \
    {#x, (void *)(double (*)(double, double))x}, { #x "f", (void *)(float (*)(float, float))x##f }
static const struct {
    const char *name;
    void *function;
} library[] = {
    {"memcpy", (void *)memcpy},
    {"memmove", (void *)memmove},
    {"memset", (void *)memset},
    {"memcmp", (void *)memcmp},
    {"abort", (void *)abort},
    {"fma", (void *)(double (*)(double, double, double))fma},
    {"fmaf", (void *)fmaf},
    ONE(sqrt),
    ONE(floor),
    ONE(ceil),
    ONE(rint),
    ONE(trunc),
    ONE(sin),
    ONE(cos),
    ONE(tan),
    ONE(exp),
    ONE(log),
    ONE(log10),
    TWO(fmod),
    TWO(pow),
    TWO(fmin),
    TWO(fmax),
};
#undef ONE
#undef TWO

void *helper_find(const char *symbol)
{
    for (unsigned i = 0; i < HELPER_COUNT; i++) {
        if (!strcmp(helper_info[i].name, symbol)) { return helper_info[i].function; }
    }
    for (size_t i = 0; i < ARRAY_COUNT(library); i++) {
        if (!strcmp(library[i].name, symbol)) { return library[i].function; }
    }
    return NULL;
}
