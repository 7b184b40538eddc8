/*
 * asm_x86_64.h - machine code of x86-64, an instruction a call; for the quick generator (quick.h).
 *
 * An instruction is [prefix 66/f2/f3] [REX] opcode modrm [sib] [disp] [imm] (Intel SDM vol. 2A, chapter 2). Opcodes are
 * written as their bytes in order: 0x0faf is the two bytes 0f af. Operands:
 *
 *     asm_reg(r)                 a register, general or xmm
 *     asm_mem(base, disp)        disp(base)
 *     asm_mem_index(...)         disp(base, index, 1 << scale)
 *     asm_pool(label)            a label's place, relative to rip
 *
 * Code grows in a malloced buffer. Labels are numbers; references to them are 32-bit displacements, patched by asm_link().
 */
#ifndef MOKA_JIT_ASM_X86_64_H
#define MOKA_JIT_ASM_X86_64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, NO_REG = -1 };

enum asm_kind { ASM_REG, ASM_MEM, ASM_LABEL };

struct asm_operand {
    uint8_t kind; /* enum asm_kind */
    int8_t reg;   /* the register, or the base (NO_REG: disp is an address, sign-extended) */
    int8_t index; /* NO_REG: none */
    uint8_t scale;
    int32_t disp; /* ASM_LABEL: the label */
};

static inline struct asm_operand asm_reg(int r)
{
    return (struct asm_operand){.kind = ASM_REG, .reg = (int8_t)r, .index = NO_REG};
}

static inline struct asm_operand asm_mem(int base, int32_t disp)
{
    return (struct asm_operand){
        .kind = ASM_MEM, .reg = (int8_t)base, .index = NO_REG, .disp = disp};
}

static inline struct asm_operand asm_mem_index(int base, int index, unsigned scale, int32_t disp)
{
    return (struct asm_operand){.kind = ASM_MEM,
                                .reg = (int8_t)base,
                                .index = (int8_t)index,
                                .scale = (uint8_t)scale,
                                .disp = disp};
}

static inline struct asm_operand asm_pool(uint32_t label)
{
    return (struct asm_operand){
        .kind = ASM_LABEL, .reg = NO_REG, .index = NO_REG, .disp = (int32_t)label};
}

struct asm_fixup {
    uint32_t at, label; /* a 32-bit displacement, counted from behind itself */
};

struct asm_buffer {
    uint8_t *code;
    uint32_t n, capacity;
    uint32_t *labels; /* offsets; ASM_UNBOUND: not yet known */
    uint32_t n_labels, cap_labels;
    struct asm_fixup *fixups;
    uint32_t n_fixups, cap_fixups;
    bool failed; /* no memory, or a label that was never bound */
};
#define ASM_UNBOUND 0xffffffffu

void asm_free(struct asm_buffer *a);
uint32_t asm_label(struct asm_buffer *a);
void asm_bind(struct asm_buffer *a, uint32_t label);
/* Patches all references. */
void asm_link(struct asm_buffer *a);

void asm_byte(struct asm_buffer *a, unsigned b);
void asm_u16(struct asm_buffer *a, uint16_t x);
void asm_u32(struct asm_buffer *a, uint32_t x);
void asm_u64(struct asm_buffer *a, uint64_t x);

/* Bits of `flags`: */
enum {
    ASM_W = 1,  /* 64-bit operands */
    ASM_66 = 2, /* prefixes */
    ASM_F2 = 4,
    ASM_F3 = 8,
    ASM_BYTE = 16 /* `reg` and a register operand are bytes: spl..dil need a REX */
};
/* opcode reg, rm; `reg` may be an opcode extension. */
void asm_op(struct asm_buffer *a, unsigned flags, unsigned opcode, int reg, struct asm_operand rm);
/* VEX-encoded general instructions of BMI2: opcode f7 in map 0f38; pp: 1 shlx, 2 sarx, 3 shrx. */
void asm_shx(struct asm_buffer *a, bool wide, unsigned pp, int to, struct asm_operand from,
             int count);

/* Arithmetic group: */
enum asm_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };
void asm_alu(struct asm_buffer *a, bool wide, enum asm_alu op, int reg, struct asm_operand rm);
void asm_alu_imm(struct asm_buffer *a, bool wide, enum asm_alu op, struct asm_operand rm,
                 int32_t imm);
/* The shortest move of a constant; leaves the flags alone. */
void asm_mov_imm(struct asm_buffer *a, int reg, uint64_t imm);
void asm_mov(struct asm_buffer *a, bool wide, int to, struct asm_operand from);
void asm_store(struct asm_buffer *a, bool wide, struct asm_operand to, int from);
void asm_lea(struct asm_buffer *a, bool wide, int to, struct asm_operand from);
void asm_test(struct asm_buffer *a, bool wide, int x, int y);
/* Shift group by a constant: 4 shl, 5 shr, 7 sar. */
void asm_shift_imm(struct asm_buffer *a, bool wide, unsigned ext, int reg, unsigned count);
/* Condition codes as in jcc. */
enum asm_cc {
    CC_O,
    CC_NO,
    CC_B,
    CC_AE,
    CC_E,
    CC_NE,
    CC_BE,
    CC_A,
    CC_S,
    CC_NS,
    CC_P,
    CC_NP,
    CC_L,
    CC_GE,
    CC_LE,
    CC_G
};
void asm_jcc(struct asm_buffer *a, enum asm_cc cc, uint32_t label);
void asm_jmp(struct asm_buffer *a, uint32_t label);

#endif
