/*
 * ir.h - the compiler's intermediate representation: SSA over a control-flow graph.
 *
 *   graph -> blocks -> values (a doubly linked list in execution order; PHIs first, one T operation last)
 *
 * A value has a type, arguments, at most one of the fields that ir.def names for its operation, and, if it may leave
 * compiled code or is a call, a frame state.
 *
 * Frame state: what an interpreter would need to go on: for each Java frame, innermost first (state->caller: the method it
 * is inlined in), the bytecode index and the live locals and operands. States are immutable and shared: every check
 * of one bytecode has the same one. GUARD, EXIT, POLL: the state *before* the instruction, which the interpreter executes again. Calls: the
 * locals that exception handlers need, at the call's own bci; if the callee throws, the interpreter unwinds from there, unless the
 * call is VALUE_CAUGHT: then the operations behind it look whether an exception is pending.
 * A frame's values are uses like arguments.
 *
 * Scalar replacement: an allocation that was removed but is named by a state becomes an IR_NEW with VALUE_VIRTUAL
 * set, outside of any block, whose fields are in `virtual`; the emitter allocates and fills it on the way out.
 *
 * Guest references are type R: u64, zero-extended. Types Z B C S exist only in memory (`mem`).
 *
 * A graph lives in an arena and is dropped as a whole. Nothing here may allocate in the guest, lock, resolve or throw: it
 * runs in a forked child, on a frozen copy of the VM.
 */
#ifndef MOKA_JIT_IR_H
#define MOKA_JIT_IR_H

#include <stdio.h>

#include "runtime/classes/class.h"
#include "runtime/types.h"

enum ir_op {
#define IROP(name, flags, text) IR_##name,
#include "jit/ir.def"
    IR_OP_COUNT
};

enum ir_type { IR_V, IR_I, IR_J, IR_F, IR_D, IR_R };

enum ir_opflags {
    IRF_PURE = 1 << 0,  /* P */
    IRF_READ = 1 << 1,  /* L */
    IRF_WRITE = 1 << 2, /* S */
    IRF_EXIT = 1 << 3,  /* X */
    IRF_CALL = 1 << 4,  /* C */
    IRF_TERM = 1 << 5,  /* T */
    IRF_CONST = 1 << 6, /* K */
};

struct ir_opinfo {
    const char *name, *text;
    uint16_t flags;
};
extern const struct ir_opinfo ir_info[IR_OP_COUNT];

/* On ints and longs: EQ.. signed, U*: unsigned. References: EQ, NE. Floats: ordered comparisons (false for NaN), and *U: true
 * for NaN ("unordered or"). Each is the negation of its neighbour: cond ^ 1. */
enum ir_cond {
    IRC_EQ,
    IRC_NE,
    IRC_LT,
    IRC_GE,
    IRC_GT,
    IRC_LE,
    IRC_ULT,
    IRC_UGE,
    IRC_UGT,
    IRC_ULE,
    IRC_FLT,
    IRC_FGEU, /* a < b; !(a < b) */
    IRC_FGT,
    IRC_FLEU,
    IRC_FLE,
    IRC_FGTU,
    IRC_FGE,
    IRC_FLTU,
    IRC_COUNT
};
extern const char *const ir_cond_text[IRC_COUNT];
/* The condition with its operands exchanged. */
enum ir_cond ir_cond_swap(enum ir_cond c);

/* ir_value.index of a FENCE: 0 is a full one; this one keeps memory operations on their sides of it when they are compiled, but costs
 * nothing when they run. */
#define FENCE_COMPILER 1

enum ir_math {
    IRM_SQRT,
    IRM_ABS,
    IRM_CEIL,
    IRM_FLOOR,
    IRM_RINT,
    IRM_FMA,
    IRM_MIN,
    IRM_MAX,
    IRM_SIN,
    IRM_COS,
    IRM_TAN,
    IRM_EXP,
    IRM_LOG,
    IRM_LOG10,
    IRM_POW,
    IRM_CLZ,
    IRM_CTZ,
    IRM_POPCOUNT,
    IRM_BSWAP,
    IRM_MULHI,
    IRM_BITS, /* reinterprets i <-> f, j <-> d */
    IRM_COUNT
};
extern const char *const ir_math_text[IRM_COUNT];

enum ir_valueflags {
    VALUE_NONNULL = 1 << 0, /* reference is never null */
    VALUE_EXACT = 1 << 1,   /* cls is the exact class, not an upper bound */
    VALUE_VIRTUAL = 1 << 2, /* see above */
    VALUE_VOLATILE =
        1 << 3, /* memory access must not move across others; stores are followed by a fence */
    VALUE_FINAL =
        1
        << 4, /* load of something that never changes once read: constant, array length, trusted final field */
    VALUE_COLD = 1 << 5,      /* guard that the profile has seen failing: not to be hoisted */
    VALUE_UNORDERED = 1 << 6, /* RT helper: reads no memory */
    VALUE_CAUGHT =
        1
        << 7, /* call or RT: the operations behind it look at the thread's exception, so the emitter does not */
    VALUE_OUTSIDE =
        1
        << 8, /* LOADRAW, STORERAW: touches no object, and orders no access of one (VOLATILE: of what GCC makes of it) */
    VALUE_STABLE =
        1 << 9, /* constant array: its elements are constants, too, once they are not 0 */
};

struct ir_block;
struct ir_state;

struct ir_value {
    uint8_t op;     /* enum ir_op */
    uint8_t type;   /* enum ir_type of the result */
    uint8_t mem;    /* enum basic_type of memory accesses */
    uint8_t cond;   /* enum ir_cond */
    uint8_t reason; /* enum exit_reason of GUARD, EXIT */
    uint16_t flags; /* VALUE_* */
    uint32_t id;
    uint32_t n_args;
    uint32_t offset; /* field offset, static's gva, vtable slot */
    uint32_t index;  /* PARAM, RT */
    int32_t bci;     /* of the instruction it comes from */
    union {
        int64_t j;
        int32_t i;
        double d;
        float f;
        void *p;
        struct class *cls;
        struct method *method;
        struct field *field;
    } k;
    struct ir_value **args;
    struct ir_state *state;
    struct class *cls; /* references: known upper bound (or exact class), NULL = unknown */
    struct ir_block *block;
    struct ir_value *prev, *next;
    struct ir_virtual *virtual;
    /* scratch of passes and emitter; nothing is kept here between passes */
    uint32_t mark, uses;
    void *tmp;
};

/* Contents of a scalar-replaced object: its fields, by offset, as they are at one state. Objects: a list of (offset, storage type,
 * value), other fields are 0. Arrays: offset = index, mem = element type. */
struct ir_virtual {
    struct class *cls;
    uint32_t length; /* arrays */
    uint32_t locks;  /* how often it is locked at this state: as many monitorexits will follow */
    uint32_t mark;   /* ir_for_each_state_value */
    uint32_t n;
    struct ir_virtual_field {
        uint32_t offset;
        uint8_t mem;
        struct ir_value *value;
    } fields[];
};

struct ir_switch {
    uint32_t n;
    int32_t *keys; /* n, ascending */
};

struct ir_state {
    struct ir_state *caller; /* frame that this one is inlined in */
    struct method *method;
    int32_t bci;
    uint16_t n_locals, n_stack;
    bool
        handled; /* of calls: a frame of the chain has a handler for it or a lock to give back: an exception leaves through this
                     state; otherwise compiled code just returns to its caller */
    uint8_t
        thrown; /* of calls that are `handled`: enum exit_reason of that exit; UNREACHED if another compilation would do better */
    struct ir_value
        *lock; /* object of a synchronized method (or inlined copy) that is locked; NULL if none */
    uint32_t id;    /* for dumps */
    uint32_t mark;  /* scratch */
    uint32_t frame; /* the emitter's: 1 + index of its frame for stack traces */
    void *tmp;      /* scratch */
    struct ir_value
        *values[]; /* locals, then stack, by cell; NULL = dead or second half of a long */
};

struct ir_block {
    uint32_t id;
    uint32_t n_preds, cap_preds;
    struct ir_block **preds; /* PHI arguments are in this order; the same block may occur twice */
    uint32_t n_succs;
    struct ir_block **succs;
    struct ir_value *first, *last;
    struct ir_state *
        exit_state; /* of preheaders (only): state at the loop header with the values as of the end of this block */
    double freq; /* executions per entry of the method, from the profile; 0 = never seen */
    struct method *method; /* whose bytecode it comes from */
    int32_t bci;
    struct ir_block *next; /* list of all blocks of the graph, reverse postorder after ir_order() */
    /* analyses (ir_order, ir_loops) */
    uint32_t order; /* number in reverse postorder */
    struct ir_block *idom;
    struct ir_block *dom_child, *dom_sibling; /* dominator tree, children in reverse postorder */
    uint32_t dom_in, dom_out;                 /* its preorder interval */
    struct ir_loop *loop;                     /* innermost */
    /* scratch */
    uint32_t mark;
    void *tmp;
};

struct ir_loop {
    struct ir_block *header;
    struct ir_loop *outer;
    uint32_t depth;
    bool has_call;        /* a C operation in it or in a loop inside */
    struct ir_loop *next; /* list of all, inner before outer */
};

/* A decision of the inliner, kept for the log. */
struct ir_inlining {
    struct method *callee;
    int32_t bci;
    uint16_t depth;
    bool yes;
    const char *why;
    struct ir_inlining *next;
};

struct ir_graph {
    struct method *method;
    int32_t osr_bci; /* -1: normal entry */
    struct ir_block *entry, *blocks, *last_block;
    uint32_t n_blocks, n_values, n_states;
    struct ir_loop *loops;
    struct ir_inlining *inlining, **inlining_tail;
    struct ir_value **constants; /* hash table of ir_const */
    uint32_t n_constants, cap_constants;
    const char *failure; /* why the method cannot be compiled; NULL so far */
    bool permanent;      /* and will never be */
    struct arena_chunk *arena;
};

/* ---- memory ---- */
struct ir_graph *ir_graph_new(struct method *m, int32_t osr_bci);
void ir_graph_free(struct ir_graph *g);
/* Zeroed, lives as long as the graph. */
void *ir_alloc(struct ir_graph *g, size_t bytes);

/* ---- construction ---- */
struct ir_block *ir_block_new(struct ir_graph *g, struct method *m, int32_t bci);
/* A value outside of any block. `n` arguments follow as struct ir_value *. */
struct ir_value *ir_value_new(struct ir_graph *g, enum ir_op op, enum ir_type type, unsigned n,
                              ...);
/* The same with arguments in an array. */
struct ir_value *ir_value_newv(struct ir_graph *g, enum ir_op op, enum ir_type type, unsigned n,
                               struct ir_value *const *args);
void ir_append(struct ir_block *b, struct ir_value *v);  /* at the end */
void ir_prepend(struct ir_block *b, struct ir_value *v); /* at the start (PHIs) */
void ir_insert_before(struct ir_value *where, struct ir_value *v);
/* The int v as a long: a constant, or a conversion in front of `where`, with its bci. */
struct ir_value *ir_widen(struct ir_graph *g, struct ir_value *where, struct ir_value *v);
void ir_insert_after(struct ir_value *where, struct ir_value *v);
void ir_remove(struct ir_value *v); /* out of its block */
struct ir_value *ir_const(struct ir_graph *g, enum ir_type type,
                          int64_t bits); /* in the entry block; shared where equal */
static inline struct ir_value *ir_const_int(struct ir_graph *g, int32_t i)
{
    return ir_const(g, IR_I, i);
}
/* Edge from b to `to`: succs of b, preds of `to`. PHIs of `to` must get their argument from the caller. */
void ir_add_succ(struct ir_graph *g, struct ir_block *b, struct ir_block *to);
/* One half of that: for passes that redirect an edge by hand. */
void ir_add_pred(struct ir_graph *g, struct ir_block *to, struct ir_block *b);
/* Which pred of succs[i] the edge b -> succs[i] is (the nth edge to a block is its nth entry in preds). */
unsigned ir_pred_index(const struct ir_block *b, unsigned i);
/* One more argument for a PHI. */
void ir_phi_add(struct ir_graph *g, struct ir_value *phi, struct ir_value *arg);
/* Takes pred number i out of b: its PHIs lose that argument. */
void ir_remove_pred(struct ir_block *b, unsigned i);
/* Takes the edge b -> succs[i] away at both ends. */
void ir_remove_succ(struct ir_block *b, unsigned i);
/* The block jumps to succs[i] and nowhere else. */
void ir_make_goto(struct ir_graph *g, struct ir_block *b, unsigned i);
/* A new block with a GOTO on the edge b -> succs[i]. */
struct ir_block *ir_split_edge(struct ir_graph *g, struct ir_block *b, unsigned i);
/* Replaces every use of `old`: it becomes a COPY. */
void ir_replace(struct ir_value *old, struct ir_value *by);
/* What v stands for: looks through COPY. */
static inline struct ir_value *ir_value(struct ir_value *v)
{
    while (v && v->op == IR_COPY) { v = v->args[0]; }
    return v;
}
/* The reference that v is: looks through COPY, NONNULL, CAST. */
static inline struct ir_value *ir_reference(struct ir_value *v)
{
    while (v && (v->op == IR_COPY || v->op == IR_NONNULL || v->op == IR_CAST)) { v = v->args[0]; }
    return v;
}
/* Rewrites all arguments and states through ir_value() and removes the COPYs. */
void ir_clean_copies(struct ir_graph *g);
/* A copy of a state that may be changed before it is attached to something. */
struct ir_state *ir_state_copy(struct ir_graph *g, const struct ir_state *s);

/* A copy of a virtual object (VALUE_VIRTUAL), which may then be changed. */
struct ir_value *ir_value_copy_virtual(struct ir_graph *g, const struct ir_value *v);

/* Constant folding and algebraic identities of one pure operation: an existing or new value to use instead, or `v` itself.
 * Does not insert anything but constants. */
struct ir_value *ir_simplify(struct ir_graph *g, struct ir_value *v);
/* Whether `cond(a, b)` is known to hold (1), known not to (0), or not known (-1). */
int ir_fold_cond(enum ir_cond c, const struct ir_value *a, const struct ir_value *b);

/* ---- analyses ---- */
/* Drops unreachable blocks, numbers the rest in reverse postorder, sorts the list. */
void ir_order(struct ir_graph *g);
/* ir_order, then immediate dominators and natural loops. */
void ir_analyse(struct ir_graph *g);
/* Does a dominate b? Both may be the same. */
static inline bool ir_dominates(const struct ir_block *a, const struct ir_block *b)
{
    return a->dom_in <= b->dom_in && b->dom_out <= a->dom_out;
}
/* Is b in l or a loop inside l? */
static inline bool ir_loop_contains(const struct ir_loop *l, const struct ir_block *b)
{
    for (const struct ir_loop *i = b->loop; i; i = i->outer) {
        if (i == l) { return true; }
    }
    return false;
}
/* The only block that jumps into the loop from outside, if it does nothing else; NULL if there is none. */
struct ir_block *ir_loop_preheader(const struct ir_loop *l);
/* Does each iteration that goes on come by b? */
bool ir_loop_always_passes(const struct ir_loop *l, const struct ir_block *b);
/* Counts v->uses over arguments and states. */
void ir_count_uses(struct ir_graph *g);
/* Calls f(use, arg) for every operand of v: arguments, then the values of its states and of virtual objects in them. */
void ir_for_each_use(struct ir_value *v, void (*f)(struct ir_value **use, void *arg), void *arg);
/* The same for one state and its callers. */
void ir_for_each_state_use(struct ir_state *s, void (*f)(struct ir_value **use, void *arg),
                           void *arg);
/* And for the whole graph: every operand of every value, each state (also blocks' exit states) only once. */
void ir_for_each_use_in_graph(struct ir_graph *g, void (*f)(struct ir_value **use, void *arg),
                              void *arg);

/* Checks the invariants above; the first violation as text, NULL if there is none. Run after each pass under --jit-verify. */
const char *ir_verify(struct ir_graph *g);

/* ---- views ---- */
void ir_print(FILE *f, struct ir_graph *g, const char *title);
void ir_print_graphviz(FILE *f, struct ir_graph *g, const char *title);

static inline enum ir_type ir_type_of(enum basic_type t)
{
    switch (t) {
    case T_VOID: return IR_V;
    case T_LONG: return IR_J;
    case T_FLOAT: return IR_F;
    case T_DOUBLE: return IR_D;
    case T_OBJECT:
    case T_ARRAY: return IR_R;
    default: return IR_I;
    }
}

static inline bool ir_is_float(enum ir_type t) { return t == IR_F || t == IR_D; }
/* In the interpreter's frames (JVMS 2.6.1). */
static inline bool ir_has_two_cells(enum ir_type t) { return t == IR_J || t == IR_D; }

static inline bool ir_is_const(const struct ir_value *v) { return v->op == IR_CONST; }
/* Arithmetic of an instruction or two, that needs no check in front of it and no way around it; on floats, too. */
bool ir_is_simple(const struct ir_value *v);
static inline unsigned ir_flags(const struct ir_value *v) { return ir_info[v->op].flags; }

#endif
