/*
 * bytecode.c - what instructions in class files consist of; see bytecode.h.
 */
#include "vm/bytecode.h"

const struct opcode_info opcode_info[OP_COUNT] = {
#define OP(value, name, length, operands, effect, flags)                                           \
    [value] = {#name, length, operands, flags, effect},
#include "vm/opcodes.def"
#define XOP(name, what) [OP_##name] = {#name, 0, 0, 0, what},
#include "vm/opcodes.def"
};

struct branches bytecode_branches(const uint8_t *code, uint32_t bci)
{
    const uint8_t *p = code + bci, *q = code + ALIGN_UP(bci + 1, 4u);
    switch (opcode_info[*p].operands) {
    case OPD_BR2: return (struct branches){.n = 1, .first = read_s2(p + 1)};
    case OPD_BR4: return (struct branches){.n = 1, .first = read_s4(p + 1)};
    case OPD_TSWITCH: /* default, low, high, offsets */
        return (struct branches){read_u4(q + 8) - read_u4(q + 4) + 2, read_s4(q), .others = q + 12,
                                 .step = 4};
    case OPD_LSWITCH: /* default, number of pairs, pairs of key and offset */
        return (struct branches){read_u4(q + 4) + 1, read_s4(q), .others = q + 12, .step = 8};
    default: return (struct branches){0};
    }
}

uint32_t bytecode_length_checked(const uint8_t *code, uint32_t bci, uint32_t end)
{
    uint32_t left = end - bci;
    uint8_t op = code[bci];
    if (op >= OP_JVM_COUNT) { return 0; }
    uint32_t length = opcode_info[op].length;
    if (op == OP_wide) {
        uint8_t sub = left > 1 ? code[bci + 1] : 0;
        length = sub == OP_iinc ? 6 : 4;
        if (sub != OP_iinc && sub != OP_ret && !(sub >= OP_iload && sub <= OP_aload) &&
            !(sub >= OP_istore && sub <= OP_astore)) {
            return 0;
        }
    } else if (op == OP_tableswitch || op == OP_lookupswitch) {
        uint32_t at = ALIGN_UP(bci + 1, 4u) - bci;
        if (left < at + (op == OP_tableswitch ? 12 : 8)) { return 0; }
        const uint8_t *p = code + bci + at;
        int64_t n =
            op == OP_tableswitch ? (int64_t)read_s4(p + 8) - read_s4(p + 4) + 1 : read_s4(p + 4);
        if (n < 0 || n > 65535) { return 0; }
        length = at + (op == OP_tableswitch ? 12 + 4 * (uint32_t)n : 8 + 8 * (uint32_t)n);
    }
    return length > left ? 0 : length;
}
