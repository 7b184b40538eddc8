/*
 * quick.h - the code generator of tier 1: from the graph to machine code in a hundredth of GCC's time.
 *
 *   graph after the passes
 *     |  quick_alloc.c      order of blocks, numbers, liveness, a place for each value
 *     |  quick.c            function, edges, calls, glue
 *     |  quick_places.c     values in their places, and moves of many
 *     |  quick_exits.c      leaving compiled code
 *     |  quick_ops.c, quick_memory.c, quick_calls.c   an operation to instructions
 *   struct jit_meta         code, sites, exits: installed by the parent without assembler and loader
 *
 * A value has one place for its whole life: a register or a stack slot. So exits and slow paths need no maps: wherever control is, a value
 * is where it always is. Places are given by weight: values that are used most for the positions that they cover come first. What is
 * live across a call finds only callee-saved registers and slots free; calls on rare ways save registers themselves.
 *
 * Positions: instruction i covers 4 of them.
 *
 *      4i      arguments are read                         a value that is last read here may share its register with the result
 *      4i + 1  a call destroys the caller-saved registers; arguments of multi-step operations live to here ("late")
 *      4i + 2  the result is written
 *
 * Registers: r15 the thread, rbp the frame; rax, r11, xmm14, xmm15 scratch (and r10 under --mmu=soft), all others hold values. Ints are
 * kept zero-extended, so that a checked index can be used in an address.
 *
 *      | return address   |
 *      | caller's rbp     | <- rbp
 *      | callee-saved     |
 *      | slots            |
 *      | save area        |    registers around slow paths
 *      | outgoing         | <- rsp
 */
#ifndef MOKA_JIT_QUICK_H
#define MOKA_JIT_QUICK_H

#include "jit/asm_x86_64.h"
#include "jit/ir.h"
#include "jit/jit.h"

#define SCRATCH    RAX
#define SCRATCH2   R11
#define FSCRATCH   15
#define FSCRATCH2  14
#define THREAD_REG R15

enum place_kind { PLACE_NONE, PLACE_REG, PLACE_FLOAT, PLACE_SLOT };

struct place {
    uint8_t kind; /* enum place_kind */
    uint8_t reg;
    uint32_t slot;
};

/* Where an argument arrives by the convention of C. */
struct quick_home {
    int8_t reg;    /* general or xmm; NO_REG: on the stack, */
    int32_t stack; /* so far above rbp */
    uint8_t type;  /* enum ir_type */
    uint16_t cell; /* of the interpreter's argument cells */
};

/* [from, to) in positions */
struct live_range {
    uint32_t from, to;
    struct live_range *next;
};

struct quick;
struct quick_block {
    struct ir_block *block;
    uint32_t first, end; /* instruction numbers; `first` is that of PHIs and the block itself */
    uint64_t *live_in, *live_out;
    uint32_t label;
    bool cold;
};

/* A piece of code behind the function: what rarely runs. */
struct quick_slow {
    void (*emit)(struct quick *q, struct quick_slow *s);
    struct ir_value *v;
    uint32_t insn; /* number of the instruction: which registers are live */
    uint32_t label, back;
    int reg; /* for the function's use */
    struct asm_operand operand;
    struct quick_slow *next;
};

struct quick_exit {
    struct ir_state *state;
    uint8_t reason;
    bool rethrow;
    uint32_t label;
    struct quick_exit *next;
};

struct quick_constant {
    uint64_t bits;
    uint32_t label;
};

struct quick {
    struct ir_graph *g;
    const struct jit_task *task;
    struct jit_result *result;
    struct asm_buffer a;
    const char *failure;
    bool soft, bmi2;
    bool leaf;                    /* without a frame, and without anything that would need one */
    struct quick_home homes[256]; /* of the method's parameters */
    unsigned n_homes;

    /* quick_alloc.c */
    struct quick_block *order;
    unsigned n_order;
    struct place *places; /* by ir_value.id */
    uint32_t n_slots;
    uint64_t *busy
        [2]
        [16]; /* general, float: a bit for each position in which the register holds a value or is destroyed */
    uint32_t used_saved; /* callee-saved registers in use, a bit each */

    /* the code being made */
    uint32_t insn; /* number of the current instruction */
    struct quick_block *block;
    struct ir_block *checked;    /* where the stack limit is checked */
    uint32_t leave, unwind, end; /* labels; 0: not needed so far */
    struct quick_exit *exits;
    struct quick_slow *slow, **slow_tail;
    struct quick_constant *pool;
    uint32_t n_pool, cap_pool;
    uint32_t save_area, outgoing; /* words */
    uint32_t frame_at;            /* where the frame's size is to be patched in */
};

static inline bool quick_is_osr(const struct quick *q) { return q->task->osr_bci >= 0; }

static inline bool quick_is_wide(enum ir_type t) { return t == IR_J || t == IR_R || t == IR_D; }

/* What v stands for: looks through operations that make no code. */
static inline struct ir_value *quick_root(struct ir_value *v) { return ir_reference(v); }

/* ---- quick_alloc.c ---- */

/* Gives every value its place. False: too large. */
bool quick_allocate(struct quick *q);
/* Is v an address in the struct thread? Then it is r15 and an offset, wherever it is used. */
bool quick_thread_address(const struct ir_value *v, int32_t *offset);
/* Is v (after quick_root) computed into a place? */
bool quick_has_place(const struct ir_value *v);
/* Does the operation call C or Java on its usual way, so that caller-saved registers are lost? */
bool quick_is_call(const struct ir_value *v);
/* Is it a division or remainder of ints that is done by multiplying? */
bool quick_divides_by_constant(const struct ir_value *v);
/* Do calls of the block, a rare one, save the registers that are live, and so destroy none? */
static inline bool quick_call_saves(const struct quick_block *b) { return b->cold; }
static inline bool quick_busy(const struct quick *q, bool is_float, int reg, uint32_t position)
{
    return q->busy[is_float][reg][position / 64] >> position % 64 & 1;
}
#define QUICK_CALLER_SAVED 7
extern const int8_t quick_caller_saved[QUICK_CALLER_SAVED]; /* those that hold values */

/* ---- quick_places.c ---- */

/* Where a value is: its register, its slot; constants have no operand. */
struct place quick_place(const struct quick *q, struct ir_value *v);
struct asm_operand quick_slot(const struct quick *q, uint32_t slot);
/* Word number n of the save area, which grows as is needed. */
struct asm_operand quick_save_word(struct quick *q, uint32_t n);
/* Words of the frame that hold the caller's registers. */
unsigned quick_saved_words(const struct quick *q);
/* The value as an operand of an instruction: register or slot; a constant is moved to the scratch register given. */
struct asm_operand quick_operand(struct quick *q, struct ir_value *v, int scratch);
/* The value in a register: its own, or the scratch one. */
int quick_use(struct quick *q, struct ir_value *v, int scratch);
int quick_use_float(struct quick *q, struct ir_value *v, int scratch);
/* The register to compute a result into, and putting it into its slot if it has one. */
int quick_target(const struct quick *q, struct ir_value *v, int scratch);
void quick_finish(struct quick *q, struct ir_value *v, int reg);
/* Moves the value into a register. */
void quick_load(struct quick *q, struct ir_value *v, int reg);
void quick_load_float(struct quick *q, struct ir_value *v, int reg);
/* A float or double into an xmm register, from another or memory. */
void quick_move_float(struct quick *q, bool is_double, int to, struct asm_operand from);
/* The bits of a constant as they are in a register. */
uint64_t quick_bits(const struct ir_value *v);
/* Is it a constant that fits a signed 32-bit immediate? */
bool quick_immediate(const struct ir_value *v, int32_t *imm);
/* Of the instructions for one float (IR_F) or double. */
static inline unsigned quick_float_prefix(enum ir_type t) { return t == IR_D ? ASM_F2 : ASM_F3; }
/* A 64-bit constant in memory. */
struct asm_operand quick_constant(struct quick *q, uint64_t bits);
/* Moves as if all were made at once. */
struct quick_move {
    struct ir_value *from; /* or, if NULL, the place `source` */
    struct place source, to;
    enum ir_type type;
};
void quick_moves(struct quick *q, struct quick_move *m, unsigned n);

/* ---- quick_exits.c ---- */

/* Label of an exit's stub. */
uint32_t quick_exit_label(struct quick *q, struct ir_state *s, enum exit_reason reason,
                          bool rethrow);
/* The stub. */
void quick_exit_stub(struct quick *q, struct quick_exit *x);

/* ---- quick.c ---- */

/* A slow path for the current instruction; the caller jumps to ->label. It goes on at ->back, bound by the caller. */
struct quick_slow *quick_add_slow(struct quick *q,
                                  void (*emit)(struct quick *, struct quick_slow *),
                                  struct ir_value *v);
/* In slow paths: caller-saved registers that hold values at the instruction go to the save area and come back. rax, r11, xmm14 and xmm15
 * keep what they have. */
void quick_save_live(struct quick *q, uint32_t insn);
void quick_restore_live(struct quick *q, uint32_t insn);
/* The call of a function at a constant address. `s`: frames at the call, NULL: none are needed. */
void quick_call_c(struct quick *q, const void *function, struct ir_state *s);
void quick_site(struct quick *q, uint32_t frame);
/* Leaves if an exception is pending. */
void quick_exception_check(struct quick *q, struct ir_state *s);
/* The arguments of a call into their registers and onto the stack by the convention of C: args[first..], the first of them as
 * integer argument number `n_ints`. rax is not touched. */
void quick_arguments(struct quick *q, struct ir_value **args, unsigned n, unsigned n_ints);

/* Generates everything; false with result->failure. */
bool quick_compile(struct ir_graph *g, const struct jit_task *task, struct jit_result *result);

static inline struct ir_value *quick_arg(struct ir_value *v, unsigned i)
{
    return quick_root(v->args[i]);
}

static inline struct asm_operand quick_thread_field(size_t offset)
{
    return asm_mem(THREAD_REG, (int32_t)offset);
}

static inline void quick_pointer(struct quick *q, int reg, const void *p)
{
    asm_mov_imm(&q->a, reg, (uint64_t)(uintptr_t)p);
}

static inline const void *quick_helper(enum helper_id h) { return helper_info[h].function; }

/* ---- quick_calls.c ---- */

/* Is it one of the operations that allocate, lock or call? Then its code is made. */
bool quick_call_op(struct quick *q, struct ir_value *v);

/* ---- quick_memory.c ---- */

/* A place in guest memory as an operand. Under --mmu=soft through the TLB (softmmu_hit), with rax, r10, r11; the operand is
 * then (rax). */
struct asm_operand quick_guest(struct quick *q, struct asm_operand at, enum basic_type mem,
                               bool write);
/* The 32-bit word of an object into a register; rax may be used. */
void quick_object_word(struct quick *q, struct ir_value *object, int32_t offset, int to);
/* Is it one of the operations on memory? Then its code is made. */
bool quick_memory_op(struct quick *q, struct ir_value *v);

/* ---- quick_ops.c ---- */

/* rax = a class id: a member of its struct class; r11 is used. */
struct asm_operand quick_class_member(struct quick *q, size_t offset);

void quick_op(struct quick *q, struct ir_value *v);
/* Counts an event of tier 1's code: at an entry, or (`v`: its POLL) an iteration of a loop. */
void quick_count(struct quick *q, struct ir_value *v);
/* Jumps to `label` if cond(a, b). */
void quick_branch(struct quick *q, enum ir_cond cond, struct ir_value *a, struct ir_value *b,
                  uint32_t label);

#endif
