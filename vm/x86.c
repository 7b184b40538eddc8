/*
 * x86.c - see x86.h.
 */
#include "vm/x86.h"

#include <stdbool.h>
#include <string.h>

/* Opcode maps: one byte, 0f, 0f 38, 0f 3a. */
enum { MAP_1, MAP_0F, MAP_0F38, MAP_0F3A };

struct decoder {
    const uint8_t *p;   /* next byte */
    bool short_operand; /* 66: immediates of 2 bytes */
    unsigned map;
    uint8_t opcode;
};

static void prefixes(struct decoder *d)
{
    static const uint8_t legacy[] = {0x66, 0xf2, 0xf3, 0x2e, 0x36, 0x3e,
                                     0x26, 0x64, 0x65, 0x67, 0xf0, 0};
    for (; *d->p && strchr((const char *)legacy, *d->p); d->p++) {
        d->short_operand |= *d->p == 0x66;
    }
}

static void opcode(struct decoder *d)
{
    if (*d->p == 0xc5 || *d->p == 0xc4 || *d->p == 0x62) { /* VEX, EVEX */
        unsigned length = *d->p == 0xc5 ? 2 : *d->p == 0xc4 ? 3 : 4;
        d->map = length == 2 ? MAP_0F : d->p[1] & (length == 3 ? 31 : 7);
        d->p += length;
    } else {
        if ((*d->p & 0xf0) == 0x40) { d->p++; } /* REX */
        if (*d->p == 0x0f) {
            d->p++;
            d->map = *d->p == 0x38 ? MAP_0F38 : *d->p == 0x3a ? MAP_0F3A : MAP_0F;
            d->p += d->map != MAP_0F;
        }
    }
    d->opcode = *d->p++;
}

static bool has_modrm(const struct decoder *d)
{
    uint8_t op = d->opcode, high = op >> 4;
    switch (d->map) {
    case MAP_1:
        return op < 0x40 ? (op & 7) < 4
                         : op == 0x63 || op == 0x69 || op == 0x6b || high == 8 ||
                               (high == 0xc && (op & 0xe) != 2 && (op & 0xf) < 8) ||
                               (high == 0xd && ((op & 0xf) < 4 || (op & 0xf) > 7)) || op == 0xf6 ||
                               op == 0xf7 || op >= 0xfe;
    case MAP_0F:
        return !(op >= 0x05 && op <= 0x0b) && high != 3 && op != 0x77 && high != 8 &&
               !((high == 0xa) && ((op & 7) < 3)) && !(high == 0xc && op >= 0xc8);
    default: return d->map <= MAP_0F3A;
    }
}

static unsigned immediate(const struct decoder *d, unsigned reg)
{
    unsigned word = d->short_operand ? 2 : 4;
    uint8_t op = d->opcode;
    switch (d->map) {
    case MAP_1:
        switch (op) {
        case 0x69:
        case 0x81:
        case 0xc7: return word;
        case 0x6b:
        case 0x80:
        case 0x82:
        case 0x83:
        case 0xc0:
        case 0xc1:
        case 0xc6: return 1;
        case 0xf6: return reg < 2 ? 1 : 0;
        case 0xf7: return reg < 2 ? word : 0;
        default: return 0;
        }
    case MAP_0F:
        return (op >= 0x70 && op <= 0x73) || op == 0xa4 || op == 0xac || op == 0xba || op == 0xc2 ||
               (op >= 0xc4 && op <= 0xc6);
    case MAP_0F3A: return 1;
    default: return 0;
    }
}

unsigned x86_memory_length(const uint8_t *p)
{
    struct decoder d = {.p = p};
    prefixes(&d);
    opcode(&d);
    if (!has_modrm(&d)) { return 0; }
    unsigned modrm = *d.p++, mode = modrm >> 6, base = modrm & 7;
    if (mode == 3) { return 0; }
    if (base == 4) { base = *d.p++ & 7; } /* SIB */
    unsigned displacement = mode == 1 ? 1 : mode == 2 || base == 5 ? 4 : 0;
    unsigned length = (unsigned)(d.p - p) + displacement + immediate(&d, modrm >> 3 & 7);
    return length <= 15 ? length : 0;
}
