/*
 * liveness.h - which local variables may still be read.
 *
 * A dead local must not keep an object alive: programs rely on it (a list that filled the heap is garbage once its
 * variable is out of scope). The collector asks per frame; compiled code's frame states will, too.
 */
#ifndef MOKA_VM_LIVENESS_H
#define MOKA_VM_LIVENESS_H

#include "vm/code.h"

/* Bit i set: local i may be read at or after the instruction, before it is written. Locals from 64 on are not tracked: for
 * them, and in methods with jsr/ret, everything counts as live. Computed at the first question, then kept. */
uint64_t liveness_at(struct code *c, const struct insn *pc);

#endif
