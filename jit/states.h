/*
 * states.h - frame states (ir.h) as the arrays that the engine reads (vm/compiled.h).
 */
#ifndef MOKA_JIT_STATES_H
#define MOKA_JIT_STATES_H

#include "jit/ir.h"
#include "jit/jit.h"

/* The values of an exit, each once; their indices are what struct compiled_cell names. */
struct state_values {
    struct ir_value *value[512];
    unsigned n;
};

/* Forgets what a code generator noted in the states of the graph. */
void states_clear(struct ir_graph *g);
/* Methods and bytecode indices of a state, without values: for stack traces. Index of the innermost frame. */
uint32_t state_trace_frame(struct jit_result *r, struct ir_state *s);
/* The frames of an exit with their values. Index of the innermost. */
uint32_t state_exit_frame(struct jit_meta *m, struct ir_state *s, struct state_values *x);
uint32_t state_add_exit(struct jit_meta *m, uint32_t frame, enum exit_reason reason, bool rethrow);
/*
 * Where the stack limit is checked: in front of everything that calls, but not in front of a way through the method that does not
 * (the end of a recursion). A StackOverflowError leaves the method at once; so where a handler could notice that something was done
 * before, or a lock is held, the place is the entry. NULL: nowhere.
 */
struct ir_block *state_stack_check_place(struct ir_graph *g);

#endif
