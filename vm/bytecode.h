/*
 * bytecode.h - bytecode as it is in class files (JVMS 6.5): opcodes, lengths, and what an instruction's operands say.
 *
 * Except for bytecode_length_checked(), these functions take code that code_of() has accepted (decode.c), or whose instructions
 * have passed bytecode_length_checked() one after the other.
 */
#ifndef MOKA_VM_BYTECODE_H
#define MOKA_VM_BYTECODE_H

#include "runtime/classes/class.h"
#include "runtime/types.h"

/* Opcodes: JVMS ones keep their values, moka's own follow. */
enum opcode {
#define OP(value, name, length, operands, effect, flags) OP_##name = value,
#include "vm/opcodes.def"
    OP_JVM_COUNT = 202,
    OP_FIRST_OWN = 201,
#define XOP(name, what) OP_##name,
#include "vm/opcodes.def"
    OP_COUNT
};

enum op_operands {
    OPD_NONE,
    OPD_S1,
    OPD_S2,
    OPD_U1,
    OPD_LOCAL,
    OPD_IINC,
    OPD_CP1,
    OPD_CP2,
    OPD_BR2,
    OPD_BR4,
    OPD_TSWITCH,
    OPD_LSWITCH,
    OPD_IFACE,
    OPD_INDY,
    OPD_MULTI,
    OPD_WIDE,
};

enum {
    OPF_BRANCH = 1 << 0,
    OPF_END = 1 << 1,
    OPF_RETURN = 1 << 2,
    OPF_INVOKE = 1 << 3,
    OPF_FIELD = 1 << 4,
    OPF_THROWS = 1 << 5,
};

struct opcode_info {
    const char *name;
    uint8_t length;
    uint8_t operands; /* enum op_operands */
    uint8_t flags;
    const char *effect;
};
/* By opcode; moka's own have length 0 and their description as effect. */
extern const struct opcode_info opcode_info[OP_COUNT];

/* Length of the instruction at bci of code[0..end); 0 if it is none, or cut off by the end. */
uint32_t bytecode_length_checked(const uint8_t *code, uint32_t bci, uint32_t end);

static inline int16_t read_s2(const uint8_t *p) { return (int16_t)read_u2(p); }
static inline int32_t read_s4(const uint8_t *p) { return (int32_t)read_u4(p); }

/*
 * Where a branch or switch may jump, as n offsets from its own place: number 0 is the only one or the switch's default, then come
 * those of its keys. What lies behind the instruction is not among them.
 */
struct branches {
    uint32_t n; /* 0: it is neither */
    int32_t first;
    const uint8_t *others; /* number 1 in the code */
    uint32_t step;         /* bytes from one to the next: 4 in a tableswitch, 8 in a lookupswitch */
};
struct branches bytecode_branches(const uint8_t *code, uint32_t bci);

static inline int32_t branch_offset(const struct branches *b, uint32_t i)
{
    return i ? read_s4(b->others + (size_t)(i - 1) * b->step) : b->first;
}

/* The key of number i > 0 of a switch. */
static inline int32_t branch_key(const struct branches *b, uint32_t i)
{
    return b->step == 8 ? read_s4(b->others + (size_t)(i - 1) * 8 - 4)
                        : read_s4(b->others - 8) + (int32_t)(i - 1);
}

/*
 * The local variable that the instruction at p names. The result is what it does to it, in the general form: iload_2 and wide iload 2
 * are OP_iload; so for all loads and stores, iinc and ret. OP_nop: it names none.
 */
static inline enum opcode bytecode_local(const uint8_t *p, unsigned *index)
{
    enum opcode op = *p;
    switch (op) {
    case OP_iload ... OP_aload:
    case OP_istore ... OP_astore:
    case OP_iinc:
    case OP_ret: *index = p[1]; return op;
    case OP_iload_0 ... OP_aload_3:
        *index = (op - OP_iload_0) & 3;
        return OP_iload + (op - OP_iload_0) / 4;
    case OP_istore_0 ... OP_astore_3:
        *index = (op - OP_istore_0) & 3;
        return OP_istore + (op - OP_istore_0) / 4;
    case OP_wide: *index = read_u2(p + 2); return p[1];
    default: *index = 0; return OP_nop;
    }
}

/* Is it one of the instructions for subroutines, of compilers before Java 6? */
static inline bool bytecode_is_subroutine(const uint8_t *p)
{
    return *p == OP_jsr || *p == OP_jsr_w || *p == OP_ret || (*p == OP_wide && p[1] == OP_ret);
}

#endif
