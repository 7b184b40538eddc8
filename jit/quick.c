/*
 * quick.c - the code of a function around its operations: frame, blocks and edges, calls, slow paths, entries, glue (see quick.h).
 */
#include "jit/quick.h"

#include <stdlib.h>
#include <string.h>

#include "jit/states.h"
#include "runtime/classes/descriptor.h"
#include "vm/options.h"

#define FRAME_LIMIT    (1 << 20)
#define RED_ZONE_WORDS 16
#define LEAF_INSNS     16 /* more of them, and GCC's order and choice of instructions begin to tell */

/* ---- leaves ---- */

/* Is it an operation that quick_op() makes the same of as GCC does, without a slow path or a call? */
static bool is_leaf_op(const struct ir_value *v)
{
    switch (v->op) {
    case IR_CONST:
    case IR_PARAM:
    case IR_PHI:
    case IR_COPY:
    case IR_NONNULL:
    case IR_CAST:
    case IR_COND:
    case IR_SELECT:
    case IR_CLASSID:
    case IR_ARRAYLEN:
    case IR_LOAD:
    case IR_STORE:
    case IR_LOADS:
    case IR_STORES:
    case IR_GOTO:
    case IR_IF:
    case IR_RETURN: return true;
    default: return ir_is_simple(v) || quick_divides_by_constant(v);
    }
}

/*
 * Is the method so simple that its code needs no frame, and would not become better in tier 2? Then it counts nothing, as nothing
 * is to come of it. Accessors are such methods, and what interfaces with many small implementations call.
 */
static bool is_leaf(const struct quick *q)
{
    unsigned insns = 0;
    if (quick_is_osr(q) || q->soft || q->used_saved || q->n_slots) { return false; }
    for (unsigned i = 0; i < q->n_homes; i++) {
        if (q->homes[i].reg == NO_REG) { return false; }
    }
    for (const struct ir_block *b = q->g->blocks; b; b = b->next) {
        if (b->loop) { return false; }
        for (const struct ir_value *v = b->first; v; v = v->next) {
            insns += v->op != IR_CONST && v->op != IR_PARAM && v->op != IR_PHI;
            if (!is_leaf_op(v) || insns > LEAF_INSNS) { return false; }
        }
    }
    return true;
}

/* ---- edges ---- */

static void edge_moves(struct quick *q, struct ir_block *from, uint32_t succ)
{
    struct ir_block *to = from->succs[succ];
    unsigned n = 0;
    for (struct ir_value *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) { n++; }
    if (!n) { return; }
    struct quick_move *m = ir_alloc(q->g, n * sizeof *m);
    unsigned pred = ir_pred_index(from, succ);
    n = 0;
    for (struct ir_value *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) {
        m[n++] = (struct quick_move){
            .from = phi->args[pred], .to = q->places[phi->id], .type = (enum ir_type)phi->type};
    }
    quick_moves(q, m, n);
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
    if (q->leaf) {
        asm_byte(&q->a, 0xc3);
        return;
    }
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
    uint32_t words = quick_saved_words(q) + q->n_slots + q->save_area + q->outgoing;
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
        bool is_float = ir_is_float(x->type);
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

/* Where exits meet: the raw result in rax. */
static void leave_code(struct quick *q)
{
    enum ir_type type = ir_type_of(q->g->method->ret_type);
    asm_bind(&q->a, q->leave);
    if (quick_is_osr(q)) {
        asm_mov_imm(&q->a, RAX, 0);
    } else if (ir_is_float(type)) {
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
    struct quick_move m[14];
    unsigned moves = 0, floats = 0, stack = 0;
    for (unsigned i = 0; i < n; i++) {
        struct ir_value *x = quick_root(args[i]);
        bool is_float = ir_is_float(x->type);
        struct quick_move *to = &m[moves];
        *to = (struct quick_move){.from = x, .type = (enum ir_type)x->type};
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
    quick_moves(q, m, moves);
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
            struct asm_operand at = quick_save_word(q, n++);
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
        if (ir_is_float(t) && floats < 8) {
            h->reg = (int8_t)floats++;
        } else if (!ir_is_float(t) && ints < 6) {
            h->reg = int_args[ints++];
        } else {
            h->stack = stack;
            stack += 8;
        }
    }
}

static void stack_param(struct quick *q, struct ir_value *v, struct asm_operand from)
{
    if (ir_is_float(v->type)) {
        int reg = quick_target(q, v, FSCRATCH);
        quick_move_float(q, v->type == IR_D, reg, from);
        quick_finish(q, v, reg);
    } else {
        int reg = quick_target(q, v, SCRATCH2);
        asm_mov(&q->a, quick_is_wide(v->type), reg, from);
        quick_finish(q, v, reg);
    }
}

/* Parameters into their places; ints zero-extended, which the convention of C does not promise. */
static void enter_method(struct quick *q)
{
    struct quick_move m[14];
    unsigned n = 0;
    for (struct ir_value *v = q->g->entry->first; v; v = v->next) {
        if (v->op != IR_PARAM || q->homes[v->index].reg == NO_REG) { continue; }
        bool is_float = ir_is_float(v->type);
        struct place from = {.kind = is_float ? PLACE_FLOAT : PLACE_REG,
                             .reg = (uint8_t)q->homes[v->index].reg};
        if (v->type == IR_I) { asm_mov(&q->a, false, from.reg, asm_reg(from.reg)); }
        m[n++] = (struct quick_move){
            .source = from, .to = q->places[v->id], .type = (enum ir_type)v->type};
    }
    quick_moves(q, m, n);
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
        } else if (ir_is_float((enum ir_type)h.type)) {
            quick_move_float(q, h.type == IR_D, h.reg, from);
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
    if (b->block == q->g->entry && !quick_is_osr(q) && !q->leaf) { quick_count(q, NULL); }
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
        for (; x && !q->failure; x = x->next) { quick_exit_stub(q, x); }
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
    if (!q->leaf) { prologue(q); }
    if (quick_is_osr(q)) {
        enter_loop(q);
    } else {
        enter_method(q);
    }
    if (q->order[0].block != q->g->entry) { asm_jmp(&q->a, block_label(q->g->entry)); }
    for (unsigned i = 0; i < q->n_order && !q->failure; i++) { block_code(q, &q->order[i]); }
    rare_code(q);
    if (!q->leaf) { patch_frame(q); }
}

bool quick_compile(struct ir_graph *g, const struct jit_task *task, struct jit_result *result)
{
    struct quick q = {.g = g, .task = task, .result = result, .soft = options.mmu == MMU_SOFT};
    struct jit_meta *m = &result->meta;
    q.bmi2 = __builtin_cpu_supports("bmi2");
    q.checked = quick_is_osr(&q) ? NULL : state_stack_check_place(g);
    states_clear(g);
    find_homes(&q);
    if (quick_allocate(&q)) {
        m->final = q.leaf = is_leaf(&q);
        function_code(&q);
        if (q.leaf && q.save_area > RED_ZONE_WORDS) { q.failure = "too many moves for a leaf"; }
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
