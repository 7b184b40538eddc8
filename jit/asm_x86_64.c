/*
 * asm_x86_64.c - see asm_x86_64.h.
 */
#include "jit/asm_x86_64.h"

#include <stdlib.h>
#include <string.h>

/* Room for `need` elements more; the array, NULL if memory is out. */
static void *grow(struct asm_buffer *a, void *p, uint32_t n, uint32_t need, uint32_t *capacity,
                  size_t size)
{
    if (n + need <= *capacity) { return p; }
    uint32_t more = *capacity * 2 > n + need ? *capacity * 2 : n + need + 64;
    void *new = realloc(p, more * size);
    if (!new) {
        a->failed = true;
        return NULL;
    }
    *capacity = more;
    return new;
}

void asm_free(struct asm_buffer *a)
{
    free(a->code);
    free(a->labels);
    free(a->fixups);
    *a = (struct asm_buffer){0};
}

static void put(struct asm_buffer *a, const void *bytes, uint32_t n)
{
    uint8_t *code = a->failed ? NULL : grow(a, a->code, a->n, n, &a->capacity, 1);
    if (!code) { return; }
    a->code = code;
    memcpy(code + a->n, bytes, n);
    a->n += n;
}

void asm_byte(struct asm_buffer *a, unsigned b) { put(a, &(uint8_t){(uint8_t)b}, 1); }
void asm_u16(struct asm_buffer *a, uint16_t x) { put(a, &x, sizeof x); }
void asm_u32(struct asm_buffer *a, uint32_t x) { put(a, &x, sizeof x); }
void asm_u64(struct asm_buffer *a, uint64_t x) { put(a, &x, sizeof x); }

/* ---- labels ---- */

uint32_t asm_label(struct asm_buffer *a)
{
    uint32_t *labels = grow(a, a->labels, a->n_labels, 1, &a->cap_labels, sizeof *labels);
    if (!labels) { return 0; }
    a->labels = labels;
    labels[a->n_labels] = ASM_UNBOUND;
    return a->n_labels++;
}

void asm_bind(struct asm_buffer *a, uint32_t label)
{
    if (label < a->n_labels) { a->labels[label] = a->n; }
}

static void reference(struct asm_buffer *a, uint32_t label)
{
    struct asm_fixup *fixups = grow(a, a->fixups, a->n_fixups, 1, &a->cap_fixups, sizeof *fixups);
    if (!fixups) { return; }
    a->fixups = fixups;
    fixups[a->n_fixups++] = (struct asm_fixup){a->n, label};
    asm_u32(a, 0);
}

void asm_link(struct asm_buffer *a)
{
    for (uint32_t i = 0; i < a->n_fixups && !a->failed; i++) {
        struct asm_fixup f = a->fixups[i];
        if (f.label >= a->n_labels || a->labels[f.label] == ASM_UNBOUND) {
            a->failed = true;
            return;
        }
        int32_t distance = (int32_t)(a->labels[f.label] - (f.at + 4));
        memcpy(a->code + f.at, &distance, 4);
    }
    a->n_fixups = 0;
}

/* ---- encoding ---- */

static unsigned high(int reg) { return reg >= 8; }

static void modrm(struct asm_buffer *a, unsigned mod, unsigned reg, unsigned rm)
{
    asm_byte(a, mod << 6 | (reg & 7) << 3 | (rm & 7));
}

/* modrm, sib and displacement of a memory operand. rsp and r12 as base need a sib, rbp and r13 a displacement. */
static void memory(struct asm_buffer *a, int reg, struct asm_operand m)
{
    if (m.reg == NO_REG) {
        modrm(a, 0, (unsigned)reg, 4);
        unsigned index = m.index == NO_REG ? 4 : (unsigned)m.index;
        asm_byte(a, (unsigned)m.scale << 6 | (index & 7) << 3 | 5);
        asm_u32(a, (uint32_t)m.disp);
        return;
    }
    bool sib = m.index != NO_REG || (m.reg & 7) == RSP;
    unsigned mod = m.disp == 0 && (m.reg & 7) != RBP          ? 0
                   : m.disp >= INT8_MIN && m.disp <= INT8_MAX ? 1
                                                              : 2;
    modrm(a, mod, (unsigned)reg, sib ? 4 : (unsigned)m.reg);
    if (sib) {
        unsigned index = m.index == NO_REG ? 4 : (unsigned)m.index;
        asm_byte(a, (unsigned)m.scale << 6 | (index & 7) << 3 | ((unsigned)m.reg & 7));
    }
    if (mod == 1) { asm_byte(a, (uint8_t)m.disp); }
    if (mod == 2) { asm_u32(a, (uint32_t)m.disp); }
}

static void rm_operand(struct asm_buffer *a, int reg, struct asm_operand rm)
{
    switch (rm.kind) {
    case ASM_REG: modrm(a, 3, (unsigned)reg, (unsigned)rm.reg); break;
    case ASM_MEM: memory(a, reg, rm); break;
    default:
        modrm(a, 0, (unsigned)reg, 5);
        reference(a, (uint32_t)rm.disp);
        break;
    }
}

static unsigned high_base(struct asm_operand o)
{
    return o.kind != ASM_LABEL && o.reg != NO_REG && high(o.reg);
}

static unsigned high_index(struct asm_operand o)
{
    return o.kind == ASM_MEM && o.index != NO_REG && high(o.index);
}

void asm_op(struct asm_buffer *a, unsigned flags, unsigned opcode, int reg, struct asm_operand rm)
{
    if (flags & ASM_66) { asm_byte(a, 0x66); }
    if (flags & ASM_F2) { asm_byte(a, 0xf2); }
    if (flags & ASM_F3) { asm_byte(a, 0xf3); }
    unsigned rex = (flags & ASM_W ? 8u : 0) | high(reg) << 2 | high_index(rm) << 1 | high_base(rm);
    bool low_byte = flags & ASM_BYTE && (reg >= RSP || (rm.kind == ASM_REG && rm.reg >= RSP));
    if (rex || low_byte) { asm_byte(a, 0x40 | rex); }
    if (opcode > 0xffff) { asm_byte(a, opcode >> 16); }
    if (opcode > 0xff) { asm_byte(a, opcode >> 8 & 0xff); }
    asm_byte(a, opcode & 0xff);
    rm_operand(a, reg, rm);
}

/* Three-byte VEX prefix (SDM vol. 2A, 2.3.5). map: 2 = 0f38. */
static void vex(struct asm_buffer *a, bool wide, unsigned pp, int reg, struct asm_operand rm, int v)
{
    asm_byte(a, 0xc4);
    asm_byte(a, (high(reg) ^ 1) << 7 | (high_index(rm) ^ 1) << 6 | (high_base(rm) ^ 1) << 5 | 2);
    asm_byte(a, (unsigned)wide << 7 | (~(unsigned)v & 15) << 3 | pp);
}

void asm_shx(struct asm_buffer *a, bool wide, unsigned pp, int to, struct asm_operand from,
             int count)
{
    vex(a, wide, pp, to, from, count);
    asm_byte(a, 0xf7);
    rm_operand(a, to, from);
}

void asm_alu(struct asm_buffer *a, bool wide, enum asm_alu op, int reg, struct asm_operand rm)
{
    asm_op(a, wide ? ASM_W : 0, (unsigned)op << 3 | 3, reg, rm);
}

void asm_alu_imm(struct asm_buffer *a, bool wide, enum asm_alu op, struct asm_operand rm,
                 int32_t imm)
{
    bool small = imm >= INT8_MIN && imm <= INT8_MAX;
    asm_op(a, wide ? ASM_W : 0, small ? 0x83 : 0x81, (int)op, rm);
    if (small) {
        asm_byte(a, (uint8_t)imm);
    } else {
        asm_u32(a, (uint32_t)imm);
    }
}

void asm_mov_imm(struct asm_buffer *a, int reg, uint64_t imm)
{
    if (imm == (uint32_t)imm) {
        if (high(reg)) { asm_byte(a, 0x41); }
        asm_byte(a, 0xb8 | ((unsigned)reg & 7));
        asm_u32(a, (uint32_t)imm);
    } else if ((int64_t)imm == (int32_t)imm) {
        asm_op(a, ASM_W, 0xc7, 0, asm_reg(reg));
        asm_u32(a, (uint32_t)imm);
    } else {
        asm_byte(a, 0x48 | high(reg));
        asm_byte(a, 0xb8 | ((unsigned)reg & 7));
        asm_u64(a, imm);
    }
}

void asm_mov(struct asm_buffer *a, bool wide, int to, struct asm_operand from)
{
    asm_op(a, wide ? ASM_W : 0, 0x8b, to, from);
}

void asm_store(struct asm_buffer *a, bool wide, struct asm_operand to, int from)
{
    asm_op(a, wide ? ASM_W : 0, 0x89, from, to);
}

void asm_lea(struct asm_buffer *a, bool wide, int to, struct asm_operand from)
{
    asm_op(a, wide ? ASM_W : 0, 0x8d, to, from);
}

void asm_test(struct asm_buffer *a, bool wide, int x, int y)
{
    asm_op(a, wide ? ASM_W : 0, 0x85, y, asm_reg(x));
}

void asm_shift_imm(struct asm_buffer *a, bool wide, unsigned ext, int reg, unsigned count)
{
    asm_op(a, wide ? ASM_W : 0, 0xc1, (int)ext, asm_reg(reg));
    asm_byte(a, count);
}

void asm_jcc(struct asm_buffer *a, enum asm_cc cc, uint32_t label)
{
    asm_byte(a, 0x0f);
    asm_byte(a, 0x80 | (unsigned)cc);
    reference(a, label);
}

void asm_jmp(struct asm_buffer *a, uint32_t label)
{
    asm_byte(a, 0xe9);
    reference(a, label);
}
