/*
 * linear.h - ints and longs as sums: constant + factor * term + ..., modulo 2^32 or 2^64, as Java's arithmetic is.
 */
#ifndef MOKA_JIT_LINEAR_H
#define MOKA_JIT_LINEAR_H

#include "jit/ir.h"

#define LINEAR_TERMS 4

struct linear {
    uint64_t constant;
    unsigned n;
    struct {
        struct ir_value *value;
        uint64_t factor; /* not 0 */
    } terms[LINEAR_TERMS];
};

/* *d = a - b, both int or both long; what is in both falls out. False: too many terms. */
bool linear_difference(struct linear *d, struct ir_value *a, struct ir_value *b);

#endif
