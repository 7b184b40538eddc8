/*
 * x86.h - how long an instruction is: what a signal handler has to know to go on behind one.
 */
#ifndef MOKA_VM_X86_H
#define MOKA_VM_X86_H

#include <stdint.h>

/* Bytes of the instruction at p, if it is one of 64-bit code with an operand in memory that a ModRM byte names; 0 if not. (Intel SDM
 * volume 2, chapter 2 and appendix A.) */
unsigned x86_memory_length(const uint8_t *p);

#endif
