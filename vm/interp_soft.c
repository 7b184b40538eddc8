/* interp_soft.c - the interpreter for --mmu=soft: every guest access goes through the software TLB. */
#define INTERP_SOFT 1
#define INTERP_NAME interp_run_soft
#include "vm/interp.inc"
