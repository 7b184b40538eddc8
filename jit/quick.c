/*
 * quick.c - the code of a function around its operations: frame, blocks and edges, moves, calls, exits, glue (see quick.h).
 */
#include "jit/quick.h"

#include <stdlib.h>
#include <string.h>

#include "jit/states.h"
#include "runtime/classes/descriptor.h"
#include "vm/options.h"

#define FRAME_LIMIT (1 << 20)

/* ---- places ---- */

struct place quick_place(const struct quick *q, struct ir_value *v)
{
    v = quick_root(v);
    return quick_has_place(v) ? q->places[v->id] : (struct place){PLACE_NONE, 0, 0};
}

static unsigned saved_words(const struct quick *q)
{
    return (unsigned)__builtin_popcount(q->used_saved);
}

/* Word number n of the frame below the saved registers. */
static struct asm_operand frame_word(const struct quick *q, uint32_t n)
{
    return asm_mem(RBP, -8 * (int32_t)(saved_words(q) + n + 1));
}

struct asm_operand quick_slot(const struct quick *q, uint32_t slot) { return frame_word(q, slot); }

static struct asm_operand save_word(struct quick *q, uint32_t n)
{
    if (n >= q->save_area) { q->save_area = n + 1; }
    return frame_word(q, q->n_slots + n);
}

static uint64_t constant_bits(const struct ir_value *v)
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

static bool is_wide(enum ir_type t) { return t == IR_J || t == IR_R || t == IR_D; }

void quick_load(struct quick *q, struct ir_value *v, int reg)
{
    v = quick_root(v);
    int32_t offset;
    if (v->op == IR_CONST) {
        asm_mov_imm(&q->a, reg, constant_bits(v));
        return;
    }
    if (quick_thread_address(v, &offset)) {
        asm_lea(&q->a, true, reg, asm_mem(THREAD_REG, offset));
        return;
    }
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_REG && p.reg == reg) { return; }
    if (p.kind == PLACE_NONE) { q->failure = "value used before its definition"; }
    asm_mov(&q->a, is_wide(v->type), reg,
            p.kind == PLACE_REG ? asm_reg(p.reg) : quick_slot(q, p.slot));
}

/* A float or double between xmm registers and memory. */
static void move_float(struct quick *q, bool is_double, int to, struct asm_operand from)
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
        uint64_t bits = constant_bits(v);
        if (bits) {
            move_float(q, is_double, reg, quick_constant(q, bits));
        } else {
            asm_op(&q->a, 0, 0x0f57, reg, asm_reg(reg)); /* xorps */
        }
        return;
    }
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_NONE) { q->failure = "value used before its definition"; }
    move_float(q, is_double, reg, p.kind == PLACE_FLOAT ? asm_reg(p.reg) : quick_slot(q, p.slot));
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
    if (!quick_is_float(v->type)) { return asm_reg(quick_use(q, v, scratch)); }
    return quick_constant(q, constant_bits(v));
}

int quick_target(const struct quick *q, struct ir_value *v, int scratch)
{
    struct place p = quick_place(q, v);
    return p.kind == PLACE_REG || p.kind == PLACE_FLOAT ? p.reg : scratch;
}

void quick_finish(struct quick *q, struct ir_value *v, int reg)
{
    struct place p = quick_place(q, v);
    bool is_float = quick_is_float(v->type);
    if (p.kind == PLACE_SLOT && is_float) {
        asm_op(&q->a, v->type == IR_D ? ASM_F2 : ASM_F3, 0x0f11, reg, quick_slot(q, p.slot));
    } else if (p.kind == PLACE_SLOT) {
        asm_store(&q->a, is_wide(v->type), quick_slot(q, p.slot), reg);
    } else if (p.kind == PLACE_FLOAT) {
        move_float(q, true, p.reg, asm_reg(reg));
    } else if (p.kind == PLACE_REG && p.reg != reg) {
        asm_mov(&q->a, is_wide(v->type), p.reg, asm_reg(reg));
    }
}

/* ---- parallel moves ---- */

struct move {
    struct ir_value *from; /* or, if NULL, the place `source` */
    struct place source, to;
    enum ir_type type;
};

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
    bool is_float = quick_is_float(type);
    if (same_place(to, from)) { return; }
    if (is_float) {
        int reg = to.kind == PLACE_FLOAT ? to.reg : from.kind == PLACE_FLOAT ? from.reg : FSCRATCH;
        if (from.kind == PLACE_SLOT || reg == to.reg) {
            move_float(q, type == IR_D, reg, place_operand(q, from));
        }
        if (to.kind == PLACE_SLOT) {
            asm_op(&q->a, type == IR_D ? ASM_F2 : ASM_F3, 0x0f11, reg, quick_slot(q, to.slot));
        }
        return;
    }
    bool wide = is_wide(type);
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
    if (to.kind == PLACE_SLOT) { asm_store(&q->a, is_wide(v->type), quick_slot(q, to.slot), reg); }
}

/* Has no place: it is made where it is used. */
static bool is_made(const struct move *m)
{
    int32_t offset;
    const struct ir_value *v = m->from ? quick_root(m->from) : NULL;
    return v && (v->op == IR_CONST || quick_thread_address(v, &offset));
}

static bool is_source(const struct move *m, unsigned n, const bool *done, struct place p)
{
    for (unsigned i = 0; i < n; i++) {
        if (!done[i] && same_place(m[i].source, p)) { return true; }
    }
    return false;
}

/*
 * All moves at once. A move whose target nobody has yet to read can be made; when there is none left, the rest are cycles: one
 * value goes through a word of the save area. What has no place comes last.
 */
static void parallel_moves(struct quick *q, struct move *m, unsigned n)
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
            save_word(q, q->save_area);
            move_place(q, aside, from, quick_is_float(m[i].type) ? IR_D : IR_J);
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

/* ---- edges ---- */

static void edge_moves(struct quick *q, struct ir_block *from, uint32_t succ)
{
    struct ir_block *to = from->succs[succ];
    unsigned n = 0;
    for (struct ir_value *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) { n++; }
    if (!n) { return; }
    struct move *m = ir_alloc(q->g, n * sizeof *m);
    unsigned pred = ir_pred_index(from, succ);
    n = 0;
    for (struct ir_value *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) {
        m[n++] = (struct move){
            .from = phi->args[pred], .to = q->places[phi->id], .type = (enum ir_type)phi->type};
    }
    parallel_moves(q, m, n);
}

static bool has_phis(const struct ir_block *b) { return b->first && b->first->op == IR_PHI; }

static void slow_edge(struct quick *q, struct quick_slow *s)
{
    edge_moves(q, s->v->block, (uint32_t)s->reg);
    asm_jmp(&q->a, s->back);
}

static uint32_t block_label(const struct ir_block *b)
{
    return ((const struct quick_block *)b->tmp)->label;
}

/* Where to jump for the edge: the block, or a stub that moves and goes on there. */
static uint32_t edge_label(struct quick *q, struct ir_value *end, uint32_t succ)
{
    struct ir_block *to = end->block->succs[succ];
    if (!has_phis(to)) { return block_label(to); }
    struct quick_slow *s = quick_add_slow(q, slow_edge, end);
    s->reg = (int)succ;
    s->back = block_label(to);
    return s->label;
}

static bool falls_through(const struct quick *q, const struct ir_block *to)
{
    const struct quick_block *next = q->block + 1;
    return next < q->order + q->n_order && next->block == to;
}

static void go_to(struct quick *q, struct ir_value *end, uint32_t succ)
{
    edge_moves(q, end->block, succ);
    if (!falls_through(q, end->block->succs[succ])) {
        asm_jmp(&q->a, block_label(end->block->succs[succ]));
    }
}

static void branch(struct quick *q, struct ir_value *v)
{
    struct ir_block *b = v->block;
    /* the way that is taken more often, or lies next, without a jump */
    const struct quick_block *yes = b->succs[0]->tmp, *no = b->succs[1]->tmp;
    bool first = falls_through(q, b->succs[0]) ||
                 (!falls_through(q, b->succs[1]) && yes->block->freq > no->block->freq);
    if (yes->cold != no->cold) { first = no->cold; }
    uint32_t other = edge_label(q, v, first);
    quick_branch(q, (enum ir_cond)(first ? v->cond ^ 1 : v->cond), v->args[0], v->args[1], other);
    go_to(q, v, !first);
}

/* Keys are ascending: halves until few are left. */
static void switch_part(struct quick *q, struct ir_value *v, int key, const uint32_t *labels,
                        uint32_t from, uint32_t to)
{
    const struct ir_switch *sw = v->k.p;
    while (to - from > 4) {
        uint32_t mid = (from + to) / 2, upper = asm_label(&q->a);
        asm_alu_imm(&q->a, false, ALU_CMP, asm_reg(key), sw->keys[mid]);
        asm_jcc(&q->a, CC_GE, upper);
        switch_part(q, v, key, labels, from, mid);
        asm_bind(&q->a, upper);
        from = mid;
    }
    for (uint32_t i = from; i < to; i++) {
        asm_alu_imm(&q->a, false, ALU_CMP, asm_reg(key), sw->keys[i]);
        asm_jcc(&q->a, CC_E, labels[i]);
    }
    asm_jmp(&q->a, labels[sw->n]);
}

static void switch_on(struct quick *q, struct ir_value *v)
{
    const struct ir_switch *sw = v->k.p;
    uint32_t *labels = ir_alloc(q->g, (sw->n + 1) * sizeof *labels);
    for (uint32_t i = 0; i <= sw->n; i++) { labels[i] = edge_label(q, v, i); }
    int key = quick_use(q, v->args[0], SCRATCH);
    switch_part(q, v, key, labels, 0, sw->n);
}

/* ---- frame ---- */

static void epilogue(struct quick *q)
{
    int32_t at = 0;
    for (int r = 0; r < 16; r++) {
        if (q->used_saved >> r & 1) { asm_mov(&q->a, true, r, asm_mem(RBP, at -= 8)); }
    }
    asm_byte(&q->a, 0xc9); /* leave */
    asm_byte(&q->a, 0xc3);
}

static void prologue(struct quick *q)
{
    asm_byte(&q->a, 0x55); /* push rbp; mov rbp, rsp; sub rsp, size */
    asm_mov(&q->a, true, RBP, asm_reg(RSP));
    asm_op(&q->a, ASM_W, 0x81, ALU_SUB, asm_reg(RSP));
    q->frame_at = q->a.n;
    asm_u32(&q->a, 0);
    int32_t at = 0;
    for (int r = 0; r < 16; r++) {
        if (q->used_saved >> r & 1) { asm_store(&q->a, true, asm_mem(RBP, at -= 8), r); }
    }
}

static void patch_frame(struct quick *q)
{
    uint32_t words = saved_words(q) + q->n_slots + q->save_area + q->outgoing;
    uint32_t size = ALIGN_UP(8 * words, 16u);
    if (size > FRAME_LIMIT) { q->failure = "frame too large"; }
    if (!q->a.failed) { memcpy(q->a.code + q->frame_at, &size, 4); }
}

/* The result of the method, and out. */
static void return_value(struct quick *q, struct ir_value *v)
{
    if (!v->n_args) {
        if (quick_is_osr(q)) { asm_mov_imm(&q->a, RAX, 0); }
    } else {
        struct ir_value *x = quick_root(v->args[0]);
        bool is_float = quick_is_float(x->type);
        if (is_float) {
            quick_load_float(q, x, 0);
        } else {
            quick_load(q, x, RAX);
        }
        if (quick_is_osr(q) && is_float) { /* as a raw cell */
            asm_op(&q->a, ASM_66 | (x->type == IR_D ? ASM_W : 0), 0x0f7e, 0, asm_reg(RAX));
        } else if (quick_is_osr(q) && x->type == IR_I) {
            asm_op(&q->a, ASM_W, 0x63, RAX, asm_reg(RAX)); /* movslq */
        }
    }
    epilogue(q);
}

/* ---- calls ---- */

void quick_site(struct quick *q, uint32_t frame)
{
    struct jit_meta *m = &q->result->meta;
    if (m->n_sites == m->cap_sites) {
        m->cap_sites = m->cap_sites ? 2 * m->cap_sites : 32;
        m->sites = realloc(m->sites, m->cap_sites * sizeof *m->sites);
        if (!m->sites) { abort(); }
    }
    m->sites[m->n_sites++] = (struct compiled_site){q->a.n, frame};
}

void quick_call_c(struct quick *q, const void *function, struct ir_state *s)
{
    asm_op(&q->a, 0, 0xff, 2, quick_constant(q, (uint64_t)(uintptr_t)function));
    if (s) { quick_site(q, state_trace_frame(q->result, s)); }
}

void quick_exception_check(struct quick *q, struct ir_state *s)
{
    asm_alu_imm(&q->a, false, ALU_CMP, asm_mem(THREAD_REG, offsetof(struct thread, exception)), 0);
    if (s->handled) {
        asm_jcc(&q->a, CC_NE, quick_exit_label(q, s, (enum exit_reason)s->thrown, true));
        return;
    }
    if (!q->unwind) { q->unwind = asm_label(&q->a); }
    asm_jcc(&q->a, CC_NE, q->unwind);
}

static const int8_t int_args[6] = {RDI, RSI, RDX, RCX, R8, R9};

void quick_arguments(struct quick *q, struct ir_value **args, unsigned n, unsigned n_ints)
{
    struct move m[14];
    unsigned moves = 0, floats = 0, stack = 0;
    for (unsigned i = 0; i < n; i++) {
        struct ir_value *x = quick_root(args[i]);
        bool is_float = quick_is_float(x->type);
        struct move *to = &m[moves];
        *to = (struct move){.from = x, .type = (enum ir_type)x->type};
        if (is_float && floats < 8) {
            to->to = (struct place){.kind = PLACE_FLOAT, .reg = (uint8_t)floats++};
            moves++;
        } else if (!is_float && n_ints < 6) {
            to->to = (struct place){.kind = PLACE_REG, .reg = (uint8_t)int_args[n_ints++]};
            moves++;
        } else {
            struct place p = quick_place(q, x);
            if (p.kind == PLACE_FLOAT) {
                asm_op(&q->a, ASM_F2, 0x0f11, p.reg, asm_mem(RSP, (int32_t)(8 * stack)));
            } else { /* a word as it is, float or not */
                int reg = p.kind == PLACE_REG ? p.reg : SCRATCH2;
                if (p.kind == PLACE_SLOT) { asm_mov(&q->a, true, reg, quick_slot(q, p.slot)); }
                if (p.kind == PLACE_NONE) { quick_load(q, x, reg); }
                asm_store(&q->a, true, asm_mem(RSP, (int32_t)(8 * stack)), reg);
            }
            stack++;
        }
    }
    if (stack > q->outgoing) { q->outgoing = stack; }
    parallel_moves(q, m, moves);
}

/* ---- slow paths ---- */

struct quick_slow *quick_add_slow(struct quick *q,
                                  void (*emit)(struct quick *, struct quick_slow *),
                                  struct ir_value *v)
{
    struct quick_slow *s = ir_alloc(q->g, sizeof *s);
    *s = (struct quick_slow){
        .emit = emit, .v = v, .insn = q->insn, .label = asm_label(&q->a), .back = asm_label(&q->a)};
    *q->slow_tail = s;
    q->slow_tail = &s->next;
    return s;
}

/* Calls f for each caller-saved register that holds a value around the instruction, with a number. */
static void for_live(struct quick *q, uint32_t insn, bool restore)
{
    uint32_t n = 0;
    for (int is_float = 0; is_float < 2; is_float++) {
        for (int k = 0; k < (is_float ? 16 : QUICK_CALLER_SAVED); k++) {
            int r = is_float ? k : quick_caller_saved[k];
            if (!quick_busy(q, is_float, r, 4 * insn) &&
                !quick_busy(q, is_float, r, 4 * insn + 1)) {
                continue;
            }
            struct asm_operand at = save_word(q, n++);
            if (is_float) {
                asm_op(&q->a, ASM_F2, restore ? 0x0f10 : 0x0f11, r, at);
            } else if (restore) {
                asm_mov(&q->a, true, r, at);
            } else {
                asm_store(&q->a, true, at, r);
            }
        }
    }
}

void quick_save_live(struct quick *q, uint32_t insn) { for_live(q, insn, false); }
void quick_restore_live(struct quick *q, uint32_t insn) { for_live(q, insn, true); }

/* ---- exits ---- */

uint32_t quick_exit_label(struct quick *q, struct ir_state *s, enum exit_reason reason,
                          bool rethrow)
{
    for (struct quick_exit *x = s->tmp; x; x = x->next) {
        if (x->state == s && x->reason == reason && x->rethrow == rethrow) { return x->label; }
    }
    struct quick_exit *x = ir_alloc(q->g, sizeof *x);
    *x = (struct quick_exit){s, (uint8_t)reason, rethrow, asm_label(&q->a), q->exits};
    q->exits = x;
    s->tmp = x;
    return x->label;
}

/* Objects that exist only as values (see emit.c): made on the way out, all values being in memory then. */
struct making {
    struct ir_value *object[128];
    uint32_t word[128]; /* of the save area */
    unsigned n;
    struct ir_value *kept[512]; /* values in registers, and their words */
    uint32_t kept_word[512];
    unsigned n_kept;
    uint32_t words;
};

static int made_index(const struct making *x, const struct ir_value *v)
{
    for (unsigned i = 0; i < x->n; i++) {
        if (x->object[i] == v) { return (int)i; }
    }
    return -1;
}

static void list_objects(struct quick *q, struct making *x, struct ir_value *v)
{
    v = ir_value(v);
    if (!v || !(v->flags & VALUE_VIRTUAL) || made_index(x, v) >= 0) { return; }
    if (x->n == ARRAY_COUNT(x->object)) {
        q->failure = "too many virtual objects in a state";
        return;
    }
    x->word[x->n] = x->words++;
    x->object[x->n++] = v;
    for (unsigned i = 0; i < v->virtual->n; i++) {
        list_objects(q, x, v->virtual->fields[i].value);
    }
}

/* A value in a register goes to the save area. */
static void keep(struct quick *q, struct making *x, struct ir_value *v)
{
    v = quick_root(v);
    struct place p = quick_place(q, v);
    if (p.kind != PLACE_REG && p.kind != PLACE_FLOAT) { return; }
    for (unsigned i = 0; i < x->n_kept; i++) {
        if (x->kept[i] == v) { return; }
    }
    if (x->n_kept == ARRAY_COUNT(x->kept)) {
        q->failure = "too many values in a state";
        return;
    }
    struct asm_operand at = save_word(q, x->words);
    if (p.kind == PLACE_FLOAT) {
        asm_op(&q->a, ASM_F2, 0x0f11, p.reg, at);
    } else {
        asm_store(&q->a, true, at, p.reg);
    }
    x->kept_word[x->n_kept] = x->words++;
    x->kept[x->n_kept++] = v;
}

/* Where a value is during the making, as a word of the frame; false: it is a constant. */
static bool made_word(struct quick *q, const struct making *x, struct ir_value *v,
                      struct asm_operand *at)
{
    v = quick_root(v);
    int made = made_index(x, v);
    if (made >= 0) {
        *at = save_word(q, x->word[made]);
        return true;
    }
    for (unsigned i = 0; i < x->n_kept; i++) {
        if (x->kept[i] == v) {
            *at = save_word(q, x->kept_word[i]);
            return true;
        }
    }
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_SLOT) { *at = quick_slot(q, p.slot); }
    return p.kind == PLACE_SLOT;
}

static void fill_object(struct quick *q, struct making *x, unsigned i, struct ir_state *s)
{
    const struct ir_virtual *o = x->object[i]->virtual;
    struct asm_operand object = save_word(q, x->word[i]);
    uint32_t next = asm_label(&q->a);
    asm_mov(&q->a, true, RDX, object);
    asm_test(&q->a, true, RDX, RDX);
    asm_jcc(&q->a, CC_E, next);
    for (unsigned k = 0; k < o->n; k++) {
        const struct ir_virtual_field *f = &o->fields[k];
        uint32_t offset = o->cls->kind == CLASS_ARRAY
                              ? ARRAY_BASE_OFFSET + (f->offset << o->cls->elem_shift)
                              : f->offset;
        struct asm_operand from, to = asm_mem(RDX, (int32_t)offset);
        if (made_word(q, x, f->value, &from)) {
            asm_mov(&q->a, true, RCX, from);
        } else {
            asm_mov_imm(&q->a, RCX, constant_bits(quick_root(f->value)));
        }
        switch (type_size(f->mem)) {
        case 1: asm_op(&q->a, ASM_BYTE, 0x88, RCX, to); break;
        case 2: asm_op(&q->a, ASM_66, 0x89, RCX, to); break;
        case 4: asm_store(&q->a, false, to, RCX); break;
        default: asm_store(&q->a, true, to, RCX); break;
        }
    }
    for (unsigned k = 0; k < o->locks; k++) {
        asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
        asm_mov(&q->a, true, RSI, object);
        quick_call_c(q, helper_info[HELPER_monitor_enter].function, s);
        quick_exception_check(q, s);
    }
    asm_bind(&q->a, next);
}

/* Under --mmu=soft too the objects are filled through the window: they are new, and the VM's own code does the same. */
static void make_objects(struct quick *q, struct making *x, struct state_values *values,
                         struct ir_state *s)
{
    for (unsigned i = 0; i < values->n; i++) { list_objects(q, x, values->value[i]); }
    if (!x->n) { return; }
    for (unsigned i = 0; i < values->n; i++) {
        if (!(ir_value(values->value[i])->flags & VALUE_VIRTUAL)) { keep(q, x, values->value[i]); }
    }
    for (unsigned i = 0; i < x->n; i++) {
        const struct ir_virtual *o = x->object[i]->virtual;
        for (unsigned k = 0; k < o->n; k++) {
            struct ir_value *f = ir_value(o->fields[k].value);
            if (!(f->flags & VALUE_VIRTUAL)) { keep(q, x, f); }
        }
    }
    for (unsigned i = 0; i < x->n; i++) {
        const struct ir_virtual *o = x->object[i]->virtual;
        asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
        asm_mov_imm(&q->a, RSI, (uint64_t)(uintptr_t)o->cls);
        asm_mov_imm(&q->a, RDX, o->length);
        quick_call_c(q, helper_info[HELPER_materialise].function, s);
        asm_store(&q->a, true, save_word(q, x->word[i]), RAX);
    }
    for (unsigned i = 0; i < x->n; i++) { fill_object(q, x, i, s); }
}

/* What read_values() of vm/compiled_exit.c decodes; nothing of it is executed. */
static void describe_value(struct quick *q, const struct making *x, struct ir_value *v)
{
    struct asm_buffer *a = &q->a;
    struct asm_operand at;
    v = quick_root(v);
    if (v->op == IR_CONST) {
        int64_t k = v->type == IR_I ? v->k.i : v->k.j;
        if (k == (int32_t)k) {
            asm_byte(a, 0xb8);
            asm_u32(a, (uint32_t)k);
        } else {
            asm_byte(a, 0x48);
            asm_byte(a, 0xb8);
            asm_u64(a, (uint64_t)k);
        }
    } else if (made_word(q, x, v, &at)) {
        asm_op(a, v->type == IR_I || is_wide(v->type) ? ASM_W : 0, v->type == IR_I ? 0x63 : 0x8b,
               RAX, (struct asm_operand){ASM_MEM, RBP, NO_REG, 0, at.disp});
    } else {
        struct place p = quick_place(q, v);
        bool wide = is_wide(v->type);
        if (p.kind == PLACE_NONE) { q->failure = "value used before its definition"; }
        if (p.kind == PLACE_FLOAT) {
            asm_op(a, ASM_66 | (wide ? ASM_W : 0), 0x0f7e, p.reg, asm_reg(RAX));
        } else {
            asm_store(a, wide, asm_reg(RAX), p.reg);
        }
    }
}

static void exit_stub(struct quick *q, struct quick_exit *x)
{
    struct state_values values = {.n = 0};
    struct jit_meta *meta = &q->result->meta;
    uint32_t frame = state_exit_frame(meta, x->state, &values);
    uint32_t index = state_add_exit(meta, frame, x->reason, x->rethrow);
    struct ir_state *unhandled = ir_alloc(q->g, sizeof *unhandled);
    *unhandled = (struct ir_state){
        .method = x->state->method, .caller = x->state->caller, .bci = x->state->bci};
    struct making *making = ir_alloc(q->g, sizeof *making);
    asm_bind(&q->a, x->label);
    make_objects(q, making, &values, unhandled);
    asm_op(&q->a, 0, 0xff, 2,
           quick_constant(q, (uint64_t)(uintptr_t)helper_info[HELPER_leave].function));
    quick_site(q, SITE_NO_FRAME);
    asm_u32(&q->a, index | (quick_is_osr(q) ? LEAVE_LOOP : 0));
    asm_u16(&q->a, (uint16_t)values.n);
    for (unsigned i = 0; i < values.n; i++) { describe_value(q, making, values.value[i]); }
    if (!q->leave) { q->leave = asm_label(&q->a); }
    asm_jmp(&q->a, q->leave);
}

/* Where exits meet: the raw result in rax. */
static void leave_code(struct quick *q)
{
    enum ir_type type = ir_type_of(q->g->method->ret_type);
    asm_bind(&q->a, q->leave);
    if (quick_is_osr(q)) {
        asm_mov_imm(&q->a, RAX, 0);
    } else if (quick_is_float(type)) {
        asm_op(&q->a, ASM_66 | ASM_W, 0x0f6e, 0, asm_reg(RAX));
    }
    epilogue(q);
}

static void unwind_code(struct quick *q)
{
    asm_bind(&q->a, q->unwind);
    asm_mov_imm(&q->a, RAX, 0);
    asm_op(&q->a, 0, 0x0f57, 0, asm_reg(0));
    epilogue(q);
}

/* ---- entry ---- */

static void find_homes(struct quick *q)
{
    unsigned ints = 1, floats = 0;
    int32_t stack = 16;
    struct params p = params_of_method(q->g->method);
    while (params_next(&p)) {
        enum ir_type t = ir_type_of(p.type);
        struct quick_home *h = &q->homes[q->n_homes++];
        *h = (struct quick_home){.reg = NO_REG, .type = (uint8_t)t, .cell = (uint16_t)p.cell};
        if (quick_is_float(t) && floats < 8) {
            h->reg = (int8_t)floats++;
        } else if (!quick_is_float(t) && ints < 6) {
            h->reg = int_args[ints++];
        } else {
            h->stack = stack;
            stack += 8;
        }
    }
}

static void stack_param(struct quick *q, struct ir_value *v, struct asm_operand from)
{
    if (quick_is_float(v->type)) {
        int reg = quick_target(q, v, FSCRATCH);
        move_float(q, v->type == IR_D, reg, from);
        quick_finish(q, v, reg);
    } else {
        int reg = quick_target(q, v, SCRATCH2);
        asm_mov(&q->a, is_wide(v->type), reg, from);
        quick_finish(q, v, reg);
    }
}

/* Parameters into their places; ints zero-extended, which the convention of C does not promise. */
static void enter_method(struct quick *q)
{
    struct move m[14];
    unsigned n = 0;
    for (struct ir_value *v = q->g->entry->first; v; v = v->next) {
        if (v->op != IR_PARAM || q->homes[v->index].reg == NO_REG) { continue; }
        bool is_float = quick_is_float(v->type);
        struct place from = {.kind = is_float ? PLACE_FLOAT : PLACE_REG,
                             .reg = (uint8_t)q->homes[v->index].reg};
        if (v->type == IR_I) { asm_mov(&q->a, false, from.reg, asm_reg(from.reg)); }
        m[n++] =
            (struct move){.source = from, .to = q->places[v->id], .type = (enum ir_type)v->type};
    }
    parallel_moves(q, m, n);
    for (struct ir_value *v = q->g->entry->first; v; v = v->next) {
        if (v->op == IR_PARAM && q->homes[v->index].reg == NO_REG) {
            stack_param(q, v, asm_mem(RBP, q->homes[v->index].stack));
        }
    }
}

/* OSR: locals from the cells that the first argument points at. */
static void enter_loop(struct quick *q)
{
    asm_mov(&q->a, true, RAX, asm_reg(RDI));
    for (struct ir_value *v = q->g->entry->first; v; v = v->next) {
        if (v->op == IR_PARAM) { stack_param(q, v, asm_mem(RAX, 8 * (int32_t)v->index)); }
    }
}

/* Stack limit and pending requests: see compiled_entry_check(). */
static void slow_entry_check(struct quick *q, struct quick_slow *s)
{
    struct ir_state *state = ir_alloc(q->g, sizeof *state);
    state->method = q->g->method;
    quick_save_live(q, s->insn);
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    quick_call_c(q, helper_info[HELPER_entry_check].function, state);
    quick_restore_live(q, s->insn);
    quick_exception_check(q, state);
    asm_jmp(&q->a, s->back);
}

static void entry_check(struct quick *q)
{
    struct quick_slow *s = quick_add_slow(q, slow_entry_check, NULL);
    asm_alu(&q->a, true, ALU_CMP, RBP,
            asm_mem(THREAD_REG, offsetof(struct thread, cpu.poll_limit)));
    asm_jcc(&q->a, CC_B, s->label);
    asm_bind(&q->a, s->back);
}

/* uint64_t glue(slot_t *cells): as emit_glue() of emit.c. */
static void glue(struct quick *q, uint32_t entry)
{
    struct asm_buffer *a = &q->a;
    const struct method *m = q->g->method;
    asm_byte(a, 0x55);
    asm_mov(a, true, RBP, asm_reg(RSP));
    asm_op(a, ASM_W, 0x81, ALU_SUB, asm_reg(RSP));
    uint32_t size_at = a->n, size = 0;
    asm_u32(a, 0);
    asm_mov(a, true, R11, asm_reg(RDI));
    for (unsigned i = 0; i < q->n_homes; i++) {
        struct quick_home h = q->homes[i];
        struct asm_operand from = asm_mem(R11, 8 * (int32_t)h.cell);
        if (h.reg == NO_REG) {
            asm_mov(a, true, RAX, from);
            asm_store(a, true, asm_mem(RSP, h.stack - 16), RAX);
            size = (uint32_t)h.stack - 8;
        } else if (quick_is_float((enum ir_type)h.type)) {
            move_float(q, h.type == IR_D, h.reg, from);
        } else {
            asm_mov(a, true, h.reg, from);
        }
    }
    size = ALIGN_UP(size, 16u);
    if (!a->failed) { memcpy(a->code + size_at, &size, 4); }
    asm_byte(a, 0xe8);
    asm_u32(a, entry - (a->n + 4));
    quick_site(q, SITE_NO_FRAME);
    switch (ir_type_of(m->ret_type)) {
    case IR_I: asm_op(a, ASM_W, 0x63, RAX, asm_reg(RAX)); break;
    case IR_F: asm_op(a, ASM_66, 0x0f7e, 0, asm_reg(RAX)); break;
    case IR_D: asm_op(a, ASM_66 | ASM_W, 0x0f7e, 0, asm_reg(RAX)); break;
    case IR_V: asm_mov_imm(a, RAX, 0); break;
    default: break;
    }
    asm_byte(a, 0xc9);
    asm_byte(a, 0xc3);
}

/* ---- the function ---- */

static void block_code(struct quick *q, struct quick_block *b)
{
    q->block = b;
    q->insn = b->first;
    asm_bind(&q->a, b->label);
    if (b->block == q->g->entry && !quick_is_osr(q)) { quick_count(q, NULL); }
    if (b->block == q->checked) { entry_check(q); }
    for (struct ir_value *v = b->block->first; v && !q->failure; v = v->next) {
        int32_t offset;
        if (v->op == IR_PHI || v->op == IR_PARAM) { continue; }
        q->insn = v->mark;
        switch (v->op) {
        case IR_CONST:
        case IR_COPY:
        case IR_NONNULL:
        case IR_CAST: continue;
        case IR_GOTO: go_to(q, v, 0); return;
        case IR_IF: branch(q, v); return;
        case IR_SWITCH: switch_on(q, v); return;
        case IR_RETURN: return_value(q, v); return;
        case IR_EXIT:
            asm_jmp(&q->a, quick_exit_label(q, v->state, (enum exit_reason)v->reason, false));
            return;
        case IR_THREAD: continue;
        default:
            if (!quick_thread_address(v, &offset)) { quick_op(q, v); }
        }
    }
    if (!q->failure) { q->failure = "block without end"; }
}

static void clear_states(struct ir_graph *g)
{
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            for (struct ir_state *st = v->state; st; st = st->caller) {
                st->tmp = NULL;
                st->frame = 0;
            }
        }
    }
}

/* What lies behind the code: exits and slow paths, which may ask for more of both; then constants. */
static void rare_code(struct quick *q)
{
    while ((q->exits || q->slow) && !q->failure) {
        struct quick_slow *slow = q->slow;
        q->slow = NULL;
        q->slow_tail = &q->slow;
        for (; slow && !q->failure; slow = slow->next) {
            q->insn = slow->insn;
            asm_bind(&q->a, slow->label);
            slow->emit(q, slow);
        }
        struct quick_exit *x = q->exits;
        q->exits = NULL;
        for (; x && !q->failure; x = x->next) { exit_stub(q, x); }
    }
    if (q->leave) { leave_code(q); }
    if (q->unwind) { unwind_code(q); }
}

static void constants(struct quick *q)
{
    while (q->a.n % 8) { asm_byte(&q->a, 0xcc); }
    for (uint32_t i = 0; i < q->n_pool; i++) {
        asm_bind(&q->a, q->pool[i].label);
        asm_u64(&q->a, q->pool[i].bits);
    }
}

static void function_code(struct quick *q)
{
    asm_label(&q->a); /* number 0 stands for none */
    q->slow_tail = &q->slow;
    for (unsigned i = 0; i < q->n_order; i++) { q->order[i].label = asm_label(&q->a); }
    prologue(q);
    if (quick_is_osr(q)) {
        enter_loop(q);
    } else {
        enter_method(q);
    }
    if (q->order[0].block != q->g->entry) { asm_jmp(&q->a, block_label(q->g->entry)); }
    for (unsigned i = 0; i < q->n_order && !q->failure; i++) { block_code(q, &q->order[i]); }
    rare_code(q);
    patch_frame(q);
}

bool quick_compile(struct ir_graph *g, const struct jit_task *task, struct jit_result *result)
{
    struct quick q = {.g = g, .task = task, .result = result, .soft = options.mmu == MMU_SOFT};
    struct jit_meta *m = &result->meta;
    q.bmi2 = __builtin_cpu_supports("bmi2");
    q.checked = quick_is_osr(&q) ? NULL : state_stack_check_place(g);
    clear_states(g);
    find_homes(&q);
    if (quick_allocate(&q)) {
        function_code(&q);
        m->entry = 0;
        m->glue = 0;
        if (!quick_is_osr(&q)) {
            while (q.a.n % 16) { asm_byte(&q.a, 0xcc); }
            m->glue = q.a.n;
            glue(&q, m->entry);
        }
        constants(&q);
        asm_link(&q.a);
        if (q.a.failed && !q.failure) { q.failure = "out of memory"; }
    }
    result->failure = q.failure;
    if (!q.failure) {
        m->code = q.a.code;
        m->code_size = q.a.n;
        q.a.code = NULL;
    }
    asm_free(&q.a);
    return !q.failure;
}
