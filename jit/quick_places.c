/*
 * quick_places.c - where values are: registers, slots of the frame, constants; moving them there and back, and many at once.
 */
#include <string.h>

#include "jit/quick.h"

/* ---- places ---- */

struct place quick_place(const struct quick *q, struct ir_value *v)
{
    v = quick_root(v);
    return quick_has_place(v) ? q->places[v->id] : (struct place){PLACE_NONE, 0, 0};
}

unsigned quick_saved_words(const struct quick *q)
{
    return (unsigned)__builtin_popcount(q->used_saved);
}

/* Word number n of the frame below the saved registers; a leaf has the 128 bytes below the stack pointer that signals spare. */
static struct asm_operand frame_word(const struct quick *q, uint32_t n)
{
    if (q->leaf) { return asm_mem(RSP, -8 * (int32_t)(n + 1)); }
    return asm_mem(RBP, -8 * (int32_t)(quick_saved_words(q) + n + 1));
}

struct asm_operand quick_slot(const struct quick *q, uint32_t slot) { return frame_word(q, slot); }

struct asm_operand quick_save_word(struct quick *q, uint32_t n)
{
    if (n >= q->save_area) { q->save_area = n + 1; }
    return frame_word(q, q->n_slots + n);
}

uint64_t quick_bits(const struct ir_value *v)
{
    switch (v->type) {
    case IR_I:
    case IR_F:
    case IR_R: return (uint32_t)v->k.j;
    default: return (uint64_t)v->k.j;
    }
}

struct asm_operand quick_constant(struct quick *q, uint64_t bits)
{
    for (uint32_t i = 0; i < q->n_pool; i++) {
        if (q->pool[i].bits == bits) { return asm_pool(q->pool[i].label); }
    }
    if (q->n_pool == q->cap_pool) {
        struct quick_constant *more = ir_alloc(q->g, (2 * q->cap_pool + 16) * sizeof *more);
        if (q->n_pool) { memcpy(more, q->pool, q->n_pool * sizeof *more); }
        q->pool = more;
        q->cap_pool = 2 * q->cap_pool + 16;
    }
    q->pool[q->n_pool] = (struct quick_constant){bits, asm_label(&q->a)};
    return asm_pool(q->pool[q->n_pool++].label);
}

/* ---- values ---- */

bool quick_immediate(const struct ir_value *v, int32_t *imm)
{
    if (v->op != IR_CONST || ir_is_float(v->type)) { return false; }
    int64_t k = v->type == IR_I ? v->k.i : v->type == IR_R ? (int64_t)(uint32_t)v->k.j : v->k.j;
    *imm = (int32_t)k;
    return k == (int32_t)k;
}

void quick_load(struct quick *q, struct ir_value *v, int reg)
{
    v = quick_root(v);
    int32_t offset;
    if (v->op == IR_CONST) {
        asm_mov_imm(&q->a, reg, quick_bits(v));
        return;
    }
    if (quick_thread_address(v, &offset)) {
        asm_lea(&q->a, true, reg, asm_mem(THREAD_REG, offset));
        return;
    }
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_REG && p.reg == reg) { return; }
    if (p.kind == PLACE_NONE) { q->failure = "value used before its definition"; }
    asm_mov(&q->a, quick_is_wide(v->type), reg,
            p.kind == PLACE_REG ? asm_reg(p.reg) : quick_slot(q, p.slot));
}

void quick_move_float(struct quick *q, bool is_double, int to, struct asm_operand from)
{
    if (from.kind == ASM_REG) {
        if (from.reg != to) { asm_op(&q->a, 0, 0x0f28, to, from); } /* movaps */
    } else {
        asm_op(&q->a, is_double ? ASM_F2 : ASM_F3, 0x0f10, to, from);
    }
}

void quick_load_float(struct quick *q, struct ir_value *v, int reg)
{
    v = quick_root(v);
    bool is_double = v->type == IR_D;
    if (v->op == IR_CONST) {
        uint64_t bits = quick_bits(v);
        if (bits) {
            quick_move_float(q, is_double, reg, quick_constant(q, bits));
        } else {
            asm_op(&q->a, 0, 0x0f57, reg, asm_reg(reg)); /* xorps */
        }
        return;
    }
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_NONE) { q->failure = "value used before its definition"; }
    quick_move_float(q, is_double, reg,
                     p.kind == PLACE_FLOAT ? asm_reg(p.reg) : quick_slot(q, p.slot));
}

int quick_use(struct quick *q, struct ir_value *v, int scratch)
{
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_REG) { return p.reg; }
    quick_load(q, v, scratch);
    return scratch;
}

int quick_use_float(struct quick *q, struct ir_value *v, int scratch)
{
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_FLOAT) { return p.reg; }
    quick_load_float(q, v, scratch);
    return scratch;
}

struct asm_operand quick_operand(struct quick *q, struct ir_value *v, int scratch)
{
    v = quick_root(v);
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_SLOT) { return quick_slot(q, p.slot); }
    if (p.kind == PLACE_REG || p.kind == PLACE_FLOAT) { return asm_reg(p.reg); }
    if (!ir_is_float(v->type)) { return asm_reg(quick_use(q, v, scratch)); }
    return quick_constant(q, quick_bits(v));
}

int quick_target(const struct quick *q, struct ir_value *v, int scratch)
{
    struct place p = quick_place(q, v);
    return p.kind == PLACE_REG || p.kind == PLACE_FLOAT ? p.reg : scratch;
}

void quick_finish(struct quick *q, struct ir_value *v, int reg)
{
    struct place p = quick_place(q, v);
    bool is_float = ir_is_float(v->type);
    if (p.kind == PLACE_SLOT && is_float) {
        asm_op(&q->a, v->type == IR_D ? ASM_F2 : ASM_F3, 0x0f11, reg, quick_slot(q, p.slot));
    } else if (p.kind == PLACE_SLOT) {
        asm_store(&q->a, quick_is_wide(v->type), quick_slot(q, p.slot), reg);
    } else if (p.kind == PLACE_FLOAT) {
        quick_move_float(q, true, p.reg, asm_reg(reg));
    } else if (p.kind == PLACE_REG && p.reg != reg) {
        asm_mov(&q->a, quick_is_wide(v->type), p.reg, asm_reg(reg));
    }
}

/* ---- parallel moves ---- */

static bool same_place(struct place a, struct place b)
{
    if (a.kind != b.kind) { return false; }
    return a.kind == PLACE_SLOT ? a.slot == b.slot : a.kind != PLACE_NONE && a.reg == b.reg;
}

static struct asm_operand place_operand(const struct quick *q, struct place p)
{
    return p.kind == PLACE_SLOT ? quick_slot(q, p.slot) : asm_reg(p.reg);
}

/* One move between places, of a class of registers that is free to use; r11 and xmm15 are scratch. */
static void move_place(struct quick *q, struct place to, struct place from, enum ir_type type)
{
    bool is_float = ir_is_float(type);
    if (same_place(to, from)) { return; }
    if (is_float) {
        int reg = to.kind == PLACE_FLOAT ? to.reg : from.kind == PLACE_FLOAT ? from.reg : FSCRATCH;
        if (from.kind == PLACE_SLOT || reg == to.reg) {
            quick_move_float(q, type == IR_D, reg, place_operand(q, from));
        }
        if (to.kind == PLACE_SLOT) {
            asm_op(&q->a, type == IR_D ? ASM_F2 : ASM_F3, 0x0f11, reg, quick_slot(q, to.slot));
        }
        return;
    }
    bool wide = quick_is_wide(type);
    if (to.kind == PLACE_SLOT) {
        int reg = from.kind == PLACE_REG ? from.reg : SCRATCH2;
        if (from.kind == PLACE_SLOT) { asm_mov(&q->a, wide, reg, quick_slot(q, from.slot)); }
        asm_store(&q->a, wide, quick_slot(q, to.slot), reg);
    } else {
        asm_mov(&q->a, wide, to.reg, place_operand(q, from));
    }
}

static void load_constant(struct quick *q, struct place to, struct ir_value *v)
{
    if (to.kind == PLACE_FLOAT) {
        quick_load_float(q, v, to.reg);
        return;
    }
    int reg = to.kind == PLACE_REG ? to.reg : SCRATCH2;
    quick_load(q, v, reg);
    if (to.kind == PLACE_SLOT) {
        asm_store(&q->a, quick_is_wide(v->type), quick_slot(q, to.slot), reg);
    }
}

/* Has no place: it is made where it is used. */
static bool is_made(const struct quick_move *m)
{
    int32_t offset;
    const struct ir_value *v = m->from ? quick_root(m->from) : NULL;
    return v && (v->op == IR_CONST || quick_thread_address(v, &offset));
}

static bool is_source(const struct quick_move *m, unsigned n, const bool *done, struct place p)
{
    for (unsigned i = 0; i < n; i++) {
        if (!done[i] && same_place(m[i].source, p)) { return true; }
    }
    return false;
}

/*
 * A move whose target nobody has yet to read can be made; when there is none left, the rest are cycles: one
 * value goes through a word of the save area. What has no place comes last.
 */
void quick_moves(struct quick *q, struct quick_move *m, unsigned n)
{
    bool *done = ir_alloc(q->g, n + 1);
    unsigned left = 0;
    for (unsigned i = 0; i < n; i++) {
        bool constant = is_made(&m[i]);
        if (m[i].from && !constant) { m[i].source = quick_place(q, m[i].from); }
        if (constant) { m[i].source = (struct place){PLACE_NONE, 0, 0}; }
        if (!constant && m[i].source.kind == PLACE_NONE) {
            q->failure = "value used before its definition";
        }
        done[i] = constant || same_place(m[i].source, m[i].to) || m[i].to.kind == PLACE_NONE;
        left += !done[i];
    }
    while (left) {
        bool any = false;
        for (unsigned i = 0; i < n; i++) {
            if (done[i]) { continue; }
            done[i] = true; /* its own source is no obstacle */
            if (is_source(m, n, done, m[i].to)) {
                done[i] = false;
                continue;
            }
            move_place(q, m[i].to, m[i].source, m[i].type);
            any = true;
            left--;
        }
        for (unsigned i = 0; i < n && !any; i++) { /* a cycle: its first source goes aside */
            if (done[i]) { continue; }
            struct place from = m[i].source, aside = {.kind = PLACE_SLOT};
            aside.slot = q->n_slots + q->save_area;
            quick_save_word(q, q->save_area);
            move_place(q, aside, from, ir_is_float(m[i].type) ? IR_D : IR_J);
            for (unsigned k = 0; k < n; k++) {
                if (!done[k] && same_place(m[k].source, from)) { m[k].source = aside; }
            }
            any = true;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        if (is_made(&m[i]) && m[i].to.kind != PLACE_NONE) {
            load_constant(q, m[i].to, quick_root(m[i].from));
        }
    }
}
