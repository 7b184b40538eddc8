/* interp_direct.c - the interpreter for --mmu=flat and --mmu=shadow: gva == hva. */
#define INTERP_SOFT 0
#define INTERP_NAME interp_run_direct
#include "vm/interp.inc"
