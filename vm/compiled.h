/*
 * compiled.h - compiled code as the engine knows it: how it is entered and left, what its frames mean.
 *
 * jit/ makes compiled code; this file and compiled.c let it run beside the interpreter. Nothing here depends on how it was made.
 *
 * Calling convention of compiled code: that of C, with r15 = struct thread * throughout and rbp = frame pointer in every function.
 * Arguments by type: int-like and references (zero-extended to 64 bits) as integers, float, double; longs and doubles count once.
 *
 *     ret entry(struct method *m, args...)      m->entry of every method, compiled or not: what compiled callers call.
 *                                               Compiled code ignores `m`; compiled_entry_stub (assembly), which m->entry
 *                                               names until there is something better, passes it to compiled_call_out().
 *     uint64_t from_interpreter(slot_t *args)   loads the arguments from cells, calls the entry, result as a raw cell
 *     uint64_t from_loop(slot_t *locals)        OSR: goes on at a loop header with these locals and an empty operand stack.
 *                                               Its result is that of the whole method
 *
 * Stack of a thread: interpreted and native frames on the Java stack (linked from t->top), compiled ones on the C stack. A
 * *segment* is a run of compiled frames entered from the engine:
 *
 *     t->segment -> { outer, below = t->top at entry, base, anchor }
 *                                                      |      `- rbp chain starts here while the thread is in the VM, called from the segment
 *                                                      `-------- rbp of compiled_enter's frame: where the chain ends
 *
 * A walk visits frames from t->top down; when it reaches segment->below, the compiled frames of the segment come first.
 * Every C function called from compiled code that may walk the stack, throw, collect or run Java sets the anchor by COMPILED_ANCHOR.
 *
 * Exits (deoptimisation). Compiled code that cannot go on calls jit_leave with its live values in registers; the bytes behind the
 * call say where each one is. Interpreter frames are built on the Java stack, an inlined callee's above its caller's, and the interpreter
 * runs them to the end of the outermost; compiled code returns the result. OSR code returns at once: there the outermost
 * frame is the interpreter's own, which still exists and is brought up to date; the interpreter goes on from t->top.
 */
#ifndef MOKA_VM_COMPILED_H
#define MOKA_VM_COMPILED_H

#include "runtime/engine.h"
#include "runtime/threads/thread.h"
#include "vm/frame.h"

/* A cell of an interpreter frame: locals are 0..max_locals-1, operand stack cells follow. */
struct compiled_cell {
    uint16_t cell;
    uint16_t value; /* index in t->exit_values */
};

/* One Java frame of a state, inlined or not. Indices are those of the arrays in struct compiled. */
struct compiled_frame {
    struct method *method;
    uint32_t caller;     /* 1 + index of the frame that it is inlined in; 0: none */
    uint32_t first_cell; /* in cells[]; cells that are not listed are dead */
    uint16_t n_cells;
    uint16_t n_stack; /* operand cells; of a caller: without the arguments of the inlined callee */
    uint16_t bci;     /* where the interpreter goes on; of a caller: its invoke instruction */
    uint16_t
        lock_value; /* 1 + index in t->exit_values of the object that a synchronized method has locked */
};

/* Why compiled code left; also what the log and --stats call it. */
#define EXIT_REASONS(X)                                                                            \
    X(UNREACHED, "path never seen")                                                                \
    X(UNRESOLVED, "not yet resolved")                                                              \
    X(NULL_CHECK, "null")                                                                          \
    X(RANGE_CHECK, "index out of bounds")                                                          \
    X(ZERO_CHECK, "division by zero")                                                              \
    X(CLASS_CHECK, "receiver class")                                                               \
    X(CAST_CHECK, "checkcast failed")                                                              \
    X(STORE_CHECK, "array store")                                                                  \
    X(LOOP_CHECK, "hoisted check")                                                                 \
    X(LONG_LOOP, "longer loop than ever")                                                          \
    X(POLL, "poll")                                                                                \
    X(EXCEPTION, "exception")                                                                      \
    X(INVALID, "assumption broken")                                                                \
    X(UNIT_END, "end of the unit")                                                                 \
    X(HOST_FAULT, "memory access failed")                                                          \
    X(OTHER, "other")
enum exit_reason {
#define X(name, text) EXIT_##name,
    EXIT_REASONS(X)
#undef X
        EXIT_REASON_COUNT
};

struct compiled_exit {
    uint32_t frame;  /* innermost */
    uint16_t reason; /* enum exit_reason */
    uint16_t
        rethrow; /* t->exception is pending: the interpreter unwinds from the innermost frame's bci */
    uint32_t taken;
};

/* A return address in compiled code and the Java frames that it stands for. The site of an address is the first at or behind it. */
#define SITE_NO_FRAME 0xffffffffu /* glue: no Java frame */
struct compiled_site {
    uint32_t offset; /* from code */
    uint32_t frame;  /* innermost, or SITE_NO_FRAME */
};

struct compiled {
    struct method *method;
    int32_t osr_bci; /* -1: normal entry */
    uint8_t tier;
    bool valid; /* false: not entered any more */
    char *code;
    uint32_t size;
    uint32_t id;                     /* number of the compilation */
    void *entry;                     /* NULL for OSR */
    uint64_t (*glue)(slot_t *cells); /* from_interpreter or from_loop */
    struct compiled_site *sites;     /* by offset */
    struct compiled_frame *frames;
    struct compiled_cell *cells;
    struct compiled_exit *exits;
    uint32_t n_sites, n_frames, n_cells, n_exits;
    uint32_t exits_taken;  /* all but POLL and EXCEPTION */
    void *counter;         /* jit/'s, freed with the code */
    struct compiled *next; /* of the same method */
};

struct compiled_segment {
    struct compiled_segment *outer;
    struct frame *below;
    void **base, **anchor;
    bool loop; /* OSR: `below` is the frame that the code works for, to be passed over in walks */
};

/* To be the first statement of a C function that compiled code calls. A copy of what a frame starts with, not the frame itself: a
 * local whose address is known elsewhere also keeps gcc from ending the function by a jump to its last callee, which would take
 * the frame away under the walk. */
#define COMPILED_ANCHOR(t)                                                                         \
    void *anchor_[2] = {*(void **)__builtin_frame_address(0), __builtin_return_address(0)};        \
    ((t)->segment->anchor = anchor_)

/* ---- what jit/ plugs in; all NULL without a JIT ---- */

struct jit_hooks {
    /* An interpreted method's counter or a loop header's count passed a multiple of the trigger masks below. `pc`: header of the
     * loop, NULL: entry of the method. May compile (at once under -Xbatch, -Xcomp). */
    void (*hot)(struct thread *t, struct method *m, struct insn *pc);
    /* Exit `index` of `c` was taken (already counted): may discard the code to have it made anew. Frames are built. */
    void (*exited)(struct thread *t, struct compiled *c, uint32_t index);
};
extern struct jit_hooks jit_hooks;
#define JIT_CALL_MASK 0x3fu /* hot() at every 64th interpreted call, */
#define JIT_LOOP_MASK 0x3fu /* every 64th entry of a loop header by a back edge */
/* -Xcomp: hot() at each interpreted call of a method that has no compiled code and was not refused. To be set before any Java
 * code runs. */
extern bool jit_eager;

/* ---- registry (code cache side) ---- */

/* Makes code known to walks; before it can run. Thread-safe. `c` stays referenced until compiled_unregister. */
void compiled_register(struct compiled *c);
void compiled_unregister(struct compiled *c);
extern uint32_t compiled_unregistered; /* how many have been */
/* The code that `pc` lies in, NULL if none. Lock-free; also from signal handlers. */
struct compiled *compiled_find(const void *pc);

/* The site of a return address in `c`, NULL if there is none. */
const struct compiled_site *compiled_site_of(const struct compiled *c, const void *pc);
/* Frees what lock-free readers may have held: by the collector, while the world is stopped. */
void compiled_world_stopped(void);

/* ---- entering, from the interpreter and from C ---- */

/* For a call of `m` with bytecode: its compiled code. Without one, counts the call and may have it made: so check t->exception if
 * NULL. */
struct compiled *compiled_for_call(struct thread *t, struct method *m, struct code *code,
                                   slot_t *args);
/* For a hot loop of the interpreted frame f, whose operand stack is empty: OSR code or NULL. May have it made. */
struct compiled *compiled_for_loop(struct thread *t, struct frame *f, struct insn *header);
/* The cell that the interpreter keeps for a raw result. */
static inline slot_t compiled_result(uint64_t raw, enum basic_type type)
{
    switch (type) {
    case T_LONG:
    case T_DOUBLE: return (slot_t){.raw = raw};
    case T_FLOAT:
    case T_OBJECT:
    case T_ARRAY: return (slot_t){.raw = (uint32_t)raw};
    case T_VOID: return (slot_t){0};
    default: return (slot_t){.j = (int32_t)raw};
    }
}

/* Runs `c` on argument cells (or locals for OSR). t->top->sp must lie above them. Result as a raw cell; check t->exception and, for
 * OSR, t->left_loop. */
uint64_t compiled_run(struct thread *t, struct compiled *c, slot_t *cells);
/* Assembly: sets r15, keeps the callee-saved registers, calls glue(cells). Its rbp goes to segment->base. */
uint64_t compiled_enter(struct thread *t, uint64_t (*glue)(slot_t *), slot_t *cells,
                        struct compiled_segment *s);
/* Assembly: m->entry of a method that has no compiled code. */
void compiled_entry_stub(void);
extern void *const method_default_entry; /* = compiled_entry_stub */

/* ---- stack walks (walk.c) ---- */

/* engine.walk_first for a thread that was interrupted at `pc` with frame pointer `rbp`, maybe in compiled code. */
bool walk_first_from(struct stack_walk *w, struct thread *t, const void *pc, void **rbp);
/* Is the current frame of a walk compiled? */
bool walk_is_compiled(const struct stack_walk *w);

/* ---- called from compiled code ---- */

/* A call of a method without compiled code: `ints`, `floats`: saved argument registers (ints[0] = the method),
 * `stack`: further arguments, `rbp`: frame of the stub. */
uint64_t compiled_call_out(struct thread *t, uint64_t *ints, const uint64_t *floats,
                           const uint64_t *stack, void **rbp);
/* Exits; assembly, see compiled_exit.c for what stands behind the call in the code. */
#define LEAVE_LOOP 0x80000000u
void jit_leave(void);
/* The rest of it: `saved`: the registers, `data`: the return address, `rbp`: the frame of jit_leave. The result of the method. */
uint64_t compiled_leave(struct thread *t, uint64_t *saved, const uint8_t *data, void **rbp);
/* Method entry found rsp below t->cpu.poll_limit: serves what is pending, or throws StackOverflowError. */
void compiled_entry_check(struct thread *t);

#endif
