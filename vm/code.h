/*
 * code.h - the decoded form of a method.
 *
 * Bytecode is decoded on first execution, a basic block at a time, into an array of 16-byte instructions:
 *
 *      struct code                        insns[]
 *     +-----------+    +--------------------------------------------------------------+
 *     | method    |    | block | insn | insn | if  || block | decode ...      || ...   |
 *     | insns ----+--> +--------------------------------------------------------------+
 *     | bci[]     |      header: entry count            not executed yet: first insn is `decode`
 *     +-----------+
 *
 *   insn:  | handler address (8) | operand (8) |
 *
 * Every block starts with a header instruction that counts entries. A branch names the header of its target by
 * a relative index, counts it, and goes to the instruction behind; falling into a block executes the header
 * itself. Conditional branches count how often they were taken beside the offset. Blocks of a method lie in
 * bytecode order, so successors are reached without a lookup (chaining), and `pc - insns` gives the
 * bytecode index through bci[].
 *
 * Quickening: an instruction that names a constant pool entry is decoded to its own opcode; its handler resolves
 * the entry, writes the operand, then the quick handler (release order). The slow handler never reads the
 * operand, so a race between threads is harmless.
 *
 * Superinstructions: the decoder replaces the handler of the first of two or three instructions; the others stay
 * in place and lend their operands.
 */
#ifndef MOKA_VM_CODE_H
#define MOKA_VM_CODE_H

#include "vm/bytecode.h"

struct insn {
    const void *handler;
    union {
        struct {
            uint32_t a;
            uint16_t b, c;
        };
        struct {
            int32_t target; /* branches: header of the target block, relative to this insn */
            uint32_t taken; /* how often taken */
        };
        struct {
            uint32_t count;  /* block headers: entries */
            uint32_t leader; /* bci of the first instruction */
        };
        int64_t j;
        double d;
        void *p;
    };
};

/* A switch: targets are relative to the switch insn. */
struct switch_site {
    int32_t low, high; /* tableswitch: range; lookupswitch: number of pairs in `high` */
    int32_t default_target;
    const int32_t *keys; /* lookupswitch, sorted */
    int32_t targets[];
};

/* Receivers seen at a call site or type test. The first entry doubles as an inline cache. */
struct receiver_profile {
    uint32_t class_id;
    uint32_t count;
    struct method *target;
};

struct call_site {
    struct method *method; /* resolved */
    struct receiver_profile seen[2];
    uint32_t others; /* calls with further classes */
    int32_t vtable_slot;
    uint16_t arg_slots;
    struct class *error; /* invoke_handle: what linking failed with, thrown anew each time */
    gref error_message;
    gref appendix; /* invoke_handle: last argument, 0 = none */
};

struct type_site {
    struct class *target;
    struct receiver_profile seen[2]; /* target: not NULL when it is an instance */
    uint32_t others, nulls;
    uint8_t dims; /* multianewarray */
};

struct compiled;

struct code {
    struct method *method;
    struct insn *insns;
    uint16_t *bci;             /* by insn index, ascending; a header has its leader's */
    uint32_t n_insns;          /* without the closing trap_end */
    uint32_t frame_slots;      /* cells of struct frame + operand stack */
    uint32_t extra_locals;     /* max_locals - arg_slots */
    uint64_t *live;            /* live locals by insn index, when somebody asked (liveness.h) */
    struct compiled *compiled; /* what calls run instead (compiled.h), NULL: none */
    struct compiled *osr;      /* code that goes on at a loop header; a list */
};

/* Decoded form of a method with bytecode; made at the first call. Throws VerifyError on code whose structure
 * is broken (bad opcode, branch into an instruction, local index out of range, ...). NULL on exception. */
struct code *code_of(struct thread *t, struct method *m);

/* Decodes the block whose first instruction (behind the header) is insns[index]. */
void code_decode_block(struct code *c, uint32_t index);

static inline int insn_bci(const struct code *c, const struct insn *pc)
{
    return c->bci[pc - c->insns];
}

/* The header of the block that starts at `bci` (a branch target or exception handler). */
struct insn *code_block_at(const struct code *c, int bci);

/* The receivers seen by the virtual or interface call at pc (an instruction, or the header before it); NULL: it is no such call, or
 * was not executed yet. */
const struct call_site *insn_call_site(const struct insn *pc);

/* Replaces the instruction at pc by a quick form whose operand is already written. Forms superinstructions with
 * its neighbours where there is one. */
void insn_quicken(struct code *c, struct insn *pc, enum opcode op);

/* Handler addresses of the interpreter that was chosen at start (direct or soft MMU). */
extern const void *const *insn_handlers;
enum opcode insn_opcode(const struct insn *pc);

/* Prints the bytecode (--print=bytecode) or the decoded blocks with counters (--print=blocks) of a method. */
void print_bytecode(struct method *m);
void print_blocks(struct code *c);

#endif
