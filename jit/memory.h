/*
 * memory.h - what memory operations may touch: shared by the passes that move or drop loads (gvn, licm, escape).
 *
 * Fields alias only themselves; array elements only elements of arrays of the same storage type; statics only themselves.
 * Whatever is not a plain access (calls, volatile accesses, fences, monitors, Unsafe) may touch and order everything. Reads
 * between two such points may be served by one: the Java memory model allows it. Only a Reference's referent is read each time.
 */
#ifndef MOKA_JIT_MEMORY_H
#define MOKA_JIT_MEMORY_H

#include "jit/range.h"

/* Does v change or order memory in a way that we don't know more about? Allocations do not. */
bool memory_kills_all(const struct ir_value *v);
/* A plain LOAD, LOADX or LOADS: its value may be reused as long as nothing stores there. */
bool memory_is_plain_load(const struct ir_value *v);
/* A plain STORE, STOREX or STORES. */
bool memory_is_plain_store(const struct ir_value *v);
/* Does it write places that memory_may_alias() knows: a plain store, or a helper or raw store that writes elements of an array? */
bool memory_writes(const struct ir_value *v);
/* May it (memory_writes()) change what the plain load (or store) reads (or writes)? What both indices are made of has the same value for
 * both: nothing of it is computed anew between the two. `facts` (NULL: none) tell more indices apart. */
bool memory_may_alias(const struct ir_value *store, const struct ir_value *access,
                      struct range *facts);
/* May two references be of the same object? */
bool memory_may_be_same(const struct ir_value *a, const struct ir_value *b);
/* The very same place? */
bool memory_same_place(const struct ir_value *a, const struct ir_value *b);
/* Flags of a run-time helper (H_*). */
unsigned memory_helper_flags(uint32_t helper);

#endif
