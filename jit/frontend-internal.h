/*
 * frontend-internal.h - how the parts of the front end share their work (frontend.c, frontend_insn.c, frontend_call.c,
 * intrinsics.c).
 *
 * A *scope* is one method being read: the root, or a copy of a callee being inlined. Its blocks are read in reverse
 * postorder, so that all forward edges into a block have been seen when it starts. A loop header becomes three blocks:
 *
 *      forward edges -> preheader -> header <- latch <- back edges        the latch polls
 *
 * The environment (locals, then operand stack, by cell, as the interpreter has them) is copied along each edge; where
 * values differ, a PHI is made. At loop headers that is only for locals that the loop assigns.
 */
#ifndef MOKA_JIT_FRONTEND_INTERNAL_H
#define MOKA_JIT_FRONTEND_INTERNAL_H

#include "jit/ir.h"
#include "jit/jit.h"

struct edge_env {
    struct ir_value **v;
    unsigned sp;
};

/* Edges into one IR block, in the order of its preds. */
struct merge {
    struct ir_block *block;
    struct edge_env *env;
    unsigned n, cap;
};

/* A basic block of bytecode. */
struct bblock {
    int bci, end;   /* [bci, end) */
    uint32_t insn;  /* index of its header in code->insns */
    uint32_t count; /* entries, by the profile */
    int order;      /* in reverse postorder; -1: not reached */
    bool header;    /* target of a back edge */
    bool started;
    uint64_t stored;        /* headers: locals (below 64) that the loop assigns */
    bool stored_high;       /* headers: assigns one from 64 on */
    struct merge entry;     /* forward edges: into the block, or the preheader */
    struct merge latch;     /* headers: back edges */
    struct ir_block *block; /* where its code starts */
    struct bblock **succs;
    unsigned n_succs, n_preds;
    unsigned n_all; /* with those that are pruned */
    struct bblock **preds;
    uint32_t mark;
};

struct frontend {
    struct ir_graph *g;
    const struct jit_task *task;
    unsigned inlined_bytes; /* bytecodes brought in so far */
    double hottest;         /* frequency of the hottest block of the root */
};

struct scope {
    struct frontend *fe;
    struct ir_graph *g;
    struct scope *caller;
    struct method *m;
    struct code *code;
    const uint8_t *bc;
    struct ir_state *caller_state; /* the caller's frame at its invoke instruction */
    unsigned depth;
    double freq; /* entries per entry of the root */
    uint32_t entry_count;
    struct bblock **at;   /* by bci of leaders */
    struct bblock *first; /* where it is entered */
    struct bblock **rpo;
    unsigned n_rpo;
    struct ir_value *lock; /* synchronized: the object */
    bool osr;

    /* where reading is */
    struct bblock *bb;
    struct ir_block *cur; /* NULL: the rest of the bytecode block cannot be reached */
    struct ir_value **v;
    unsigned sp; /* first free cell; max_locals = empty */
    int bci;
    uint32_t insn;
    struct ir_state *state; /* of this instruction, when made */

    /* inlined copies: what returns */
    struct merge ret;
    bool returns_value;
};

/* ---- frontend.c ---- */

void fe_fail(struct scope *s, const char *why, bool permanent);
/* State before the current instruction. */
struct ir_state *fe_state(struct scope *s);
/* For calls: what handlers need; see ir_state.handled. */
struct ir_state *fe_call_state(struct scope *s);
/* State at `bci` with the present environment. */
struct ir_state *fe_state_at(struct scope *s, int bci);
/* Appends to the current block, simplified if it is pure. */
struct ir_value *fe_add(struct scope *s, struct ir_value *v);
struct ir_value *fe_op(struct scope *s, enum ir_op op, enum ir_type type, unsigned n, ...);
struct ir_value *fe_cond(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b);
/* GUARD with the current state. */
struct ir_value *fe_guard(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                          enum exit_reason reason);
/* An instance of the class; NULL if it cannot have any, or is not initialised. */
struct ir_value *fe_new(struct scope *s, struct class *c);
/* Checks for null unless known; the reference to use behind it. */
struct ir_value *fe_nonnull(struct scope *s, struct ir_value *r);
/* Ends the current block by an exit with the current state. */
void fe_exit(struct scope *s, enum exit_reason reason);
void fe_goto(struct scope *s, struct ir_block *to);
/* Ends the current block by IF; returns the block of the true edge, sets s->cur to that of the false one. */
struct ir_block *fe_split(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                          double probability);
/* Run-time helper with the call state. */
struct ir_value *fe_helper(struct scope *s, enum helper_id h, enum ir_type type, unsigned n, ...);
struct ir_value *fe_int(struct scope *s, int32_t i);
struct ir_value *fe_long(struct scope *s, int64_t j);
struct ir_value *fe_ref(struct scope *s, gref r);
/* Address of the field of the current struct thread at `offset`. */
struct ir_value *fe_thread_cell(struct scope *s, size_t offset);
/* A CLASSID of a non-null reference. */
struct ir_value *fe_classid(struct scope *s, struct ir_value *r);

/*
 * May the instruction use a class without initialising it? While that is under way, only its own thread may: another that
 * comes here, by an object that the initialiser let out, has to wait (JVMS 5.5), which the interpreter does behind a guard.
 * Static methods need none: whoever calls them has waited already.
 */
bool fe_initialised(struct scope *s, const struct class *c);

void fe_push(struct scope *s, struct ir_value *v); /* one or two cells, by type */
struct ir_value *fe_pop(struct scope *s);          /* one cell */
struct ir_value *fe_pop2(struct scope *s);         /* a long or double */
struct ir_value *fe_pop_type(struct scope *s, enum ir_type type);

/* Edge from the current block to the bytecode block at `bci`, as successor number n_succs of a terminator that the caller
 * appended or will append. */
void fe_edge(struct scope *s, int bci);
/* The same to an exception handler, which is compiled. */
void fe_edge_to_handler(struct scope *s, int bci);
/* An edge to a block that leaves before `bci`, with the present environment. */
void fe_edge_out(struct scope *s, int bci, enum exit_reason reason);
/* Ends the current block, and the compiled code, by a return; the result is not looked at. */
void fe_return_nothing(struct scope *s);
void fe_merge_edge(struct scope *s, struct merge *m);
/* Starts the block of a merge: PHIs. `live`: locals to keep. */
void fe_merge_start(struct scope *s, struct merge *m, uint64_t live);

/* Reads a callee into the graph at the current place. Arguments by Java argument. Leaves the result (NULL: void, or it
 * never returns: s->cur NULL). */
struct ir_value *fe_inline(struct scope *s, struct method *m, struct ir_value **args, unsigned n);

/* What the constant pool entry that the instruction names (u2) stands for, NULL: not resolved. */
void *fe_resolved(struct scope *s);
/* Class that a value of this descriptor certainly has as upper bound, or NULL. Without loading or locking. */
struct class *fe_class_of_descriptor(const struct class *holder, const char *desc, size_t n);

/* ---- frontend_shape.c ---- */

/* Fills s->at[]; false: the method has no code that was decoded. */
bool fe_find_blocks(struct scope *s);
/* The block's successors; those that are pruned behind the others. */
void fe_find_succs(struct scope *s, struct bblock *b);
/* The profile says that control never goes from b to `to`, or the unit of compilation (--jit-unit) does not cover it. */
bool fe_is_pruned(struct scope *s, const struct bblock *b, const struct bblock *to);
/* Blocks that are reached from `from`, in reverse postorder: s->rpo, with their predecessors. */
void fe_order_blocks(struct scope *s, struct bblock *from);
/* Headers, and the locals that their loops store to. */
void fe_find_loops(struct scope *s);
/* Notes at `header` the locals that b stores to. */
void fe_note_stores(struct scope *s, const struct bblock *b, struct bblock *header);

/* ---- frontend_insn.c ---- */

/* Translates the instruction at s->bci (s->insn); true when it ended the block. */
bool fe_instruction(struct scope *s);

/* 1 if o is an instance of c; `expected`: id of the class that the profile has seen, 0: none. */
struct ir_value *fe_instance_of(struct scope *s, struct ir_value *o, struct class *c,
                                uint32_t expected);

/* ---- frontend_throw.c ---- */

/* Is the handler compiled, so that exceptions of block b, which it covers in part at least, go there? */
bool fe_handler_compiled(const struct scope *s, const struct bblock *b,
                         const struct exception_entry *h);
/* Has the method a handler for exceptions at bci? */
bool fe_has_handler(const struct method *m, int bci);
/* Control goes to where the exception (not null, not pending) is handled, in this scope or further out, or leaves the method. */
void fe_raise(struct scope *s, struct ir_value *ex);
/* Behind a call: where it has thrown, control goes to a compiled handler, if there is one. */
void fe_after_call(struct scope *s, struct ir_value *call);
/*
 * Checks of an instruction that throws where they fail, as fe_guard(). Where that was seen often, the code throws itself.
 */
struct ir_value *fe_check_null(struct scope *s,
                               struct ir_value *r); /* the reference to use behind it */
void fe_check_index(struct scope *s, struct ir_value *index, struct ir_value *length);
void fe_check_zero(struct scope *s, struct ir_value *divisor);
/* `is`: whether the object is of the class, or null */
void fe_check_cast(struct scope *s, struct ir_value *is, struct ir_value *o, struct class *c);
/* athrow */
bool fe_throw(struct scope *s);

/* ---- frontend_call.c ---- */
bool fe_invoke(struct scope *s, enum opcode op);

/* ---- intrinsics.c ---- */

/* Tries to do without the call: true if it did, result in *result. `args` as in fe_inline; receiver checked for null if
 * `m` is not static. */
bool fe_intrinsic(struct scope *s, struct method *m, struct ir_value **args, unsigned n,
                  struct ir_value **result);

#endif
