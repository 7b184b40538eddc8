/*
 * quick_alloc.c - order of blocks, liveness, and a place for each value (see quick.h).
 *
 * For each register a bitmap says in which positions it is taken. A value fits if none of the positions that it covers is; the
 * positions come from a backward data-flow analysis, so a value does not occupy a register on ways where it is dead. Values are
 * placed one after the other, those with most uses for each position covered first; who finds no register gets a slot by the same method.
 */
#include <stdlib.h>
#include <string.h>

#include "jit/quick.h"

#define MAX_INSNS 60000 /* the bitmaps stay below a megabyte */
#define RARE      0.1   /* of the frequency around it: a call there saves registers itself */

/* rcx first: nothing else wants it. What is callee-saved costs a push and a pop. */
const int8_t quick_caller_saved[QUICK_CALLER_SAVED] = {RCX, RDX, RSI, RDI, R8, R9, R10};
static const int8_t general[] = {RCX, RDX, RSI, RDI, R8, R9, R10, RBX, R12, R13, R14};
#define N_SAVED  4
#define N_FLOATS 14

bool quick_thread_address(const struct ir_value *v, int32_t *offset)
{
    const struct ir_value *k = NULL;
    if (v->op == IR_ADD && v->type == IR_J) {
        k = quick_root(v->args[1]);
        v = quick_root(v->args[0]);
    }
    *offset = k ? (int32_t)k->k.j : 0;
    return v->op == IR_THREAD && (!k || (k->op == IR_CONST && k->k.j == (int32_t)k->k.j));
}

bool quick_has_place(const struct ir_value *v)
{
    int32_t offset;
    if (quick_thread_address(v, &offset)) { return false; }
    switch (v->op) {
    case IR_CONST:
    case IR_COPY:
    case IR_NONNULL:
    case IR_CAST: return false;
    default: return v->type != IR_V && !(v->flags & VALUE_VIRTUAL);
    }
}

bool quick_divides_by_constant(const struct ir_value *v)
{
    if ((v->op != IR_DIV && v->op != IR_REM) || v->type != IR_I) { return false; }
    const struct ir_value *d = quick_root(v->args[1]);
    return d->op == IR_CONST && (d->k.i > 1 || (d->k.i < -1 && d->k.i != INT32_MIN));
}

bool quick_is_call(const struct ir_value *v)
{
    switch (v->op) {
    case IR_CALL:
    case IR_CALLV:
    case IR_CALLI:
    case IR_CALLM:
    case IR_NEWMULTI: return true;
    case IR_RT: return v->index != HELPER_monitor_enter && v->index != HELPER_monitor_exit;
    case IR_REM: return ir_is_float(v->type);
    case IR_MATH: return v->k.j >= IRM_SIN && v->k.j <= IRM_POW;
    default: return false;
    }
}

/* Operations that write their result, or scratch a register of their arguments, before all arguments are read. */
static bool is_late(const struct ir_value *v)
{
    switch (v->op) {
    case IR_SELECT:
    case IR_CMP3:
    case IR_ISA:
    case IR_SUBTYPE:
    case IR_NEWARRAY:
    case IR_CAS:
    case IR_XADD:
    case IR_XCHG:
    case IR_DIV:
    case IR_REM:
    case IR_MATH:
    case IR_COND:
    case IR_SHL:
    case IR_SHR:
    case IR_USHR: return true;
    case IR_CONV: return !ir_is_float(v->type); /* the slow path reads it again */
    case IR_RT: return !quick_is_call(v);
    default: return false;
    }
}

/* ---- order ---- */

/* Rare compared with what surrounds it: the innermost loop, or the entry. */
static bool is_cold(const struct ir_graph *g, const struct ir_block *b)
{
    if (b->last && b->last->op == IR_EXIT) { return true; }
    const struct ir_loop *l = b->loop;
    double around = l ? l->header->freq : g->entry->freq;
    if (l && l->header == b) { return false; }
    return b->freq < RARE * (around > 0 ? around : 1);
}

static void order_blocks(struct quick *q)
{
    struct ir_graph *g = q->g;
    unsigned n = 0;
    for (struct ir_block *b = g->blocks; b; b = b->next) { n++; }
    q->order = ir_alloc(g, n * sizeof *q->order);
    for (int cold = 0; cold < 2; cold++) {
        for (struct ir_block *b = g->blocks; b; b = b->next) {
            if (is_cold(g, b) == (bool)cold) {
                struct quick_block *qb = &q->order[q->n_order++];
                *qb = (struct quick_block){.block = b, .cold = cold};
                b->tmp = qb;
            }
        }
    }
}

/* ---- numbers ---- */

struct variable {
    struct ir_value *v;
    struct live_range *ranges; /* ascending */
    double weight;
    uint32_t length;          /* positions */
    struct ir_value *like[2]; /* better in the same register as these */
    int8_t wish;              /* or in this one */
};

struct allocation {
    struct quick *q;
    struct variable *variables;
    uint32_t n, words;
    uint32_t *number; /* by value id: 1 + index in variables */
    uint32_t n_insns;
    uint64_t *slots; /* bitmaps, one after the other */
    uint32_t position_words;
};

static struct variable *variable_of(struct allocation *al, struct ir_value *v)
{
    v = quick_root(v);
    if (!v || v->id >= al->q->g->n_values) { return NULL; }
    uint32_t n = al->number[v->id];
    return n ? &al->variables[n - 1] : NULL;
}

static void number_insns(struct allocation *al)
{
    struct quick *q = al->q;
    uint32_t insn = 0;
    for (unsigned i = 0; i < q->n_order; i++) {
        struct quick_block *b = &q->order[i];
        b->first = insn++;
        for (struct ir_value *v = b->block->first; v; v = v->next) {
            v->mark = v->op == IR_PHI || v->op == IR_PARAM ? b->first : insn++;
            if (quick_has_place(v)) {
                al->variables[al->n] = (struct variable){.v = v, .wish = NO_REG};
                al->number[v->id] = ++al->n;
            }
        }
        b->end = insn;
    }
    al->n_insns = insn;
    al->words = al->n / 64 + 1;
    al->position_words = insn * 4 / 64 + 2;
}

/* ---- uses ---- */

struct use_walk {
    struct allocation *al;
    void (*f)(struct use_walk *w, struct variable *x);
    uint64_t *set;
    const uint64_t *killed;
    uint32_t block_start, until; /* positions */
};

static void use_one(struct ir_value **use, void *arg)
{
    struct use_walk *w = arg;
    struct variable *x = *use ? variable_of(w->al, *use) : NULL;
    if (x) { w->f(w, x); }
}

static uint32_t index_of(const struct allocation *al, const struct variable *x)
{
    return (uint32_t)(x - al->variables);
}

static bool bit(const uint64_t *set, uint32_t i) { return set[i / 64] >> i % 64 & 1; }
static void set_bit(uint64_t *set, uint32_t i) { set[i / 64] |= (uint64_t)1 << i % 64; }
static void clear_bit(uint64_t *set, uint32_t i) { set[i / 64] &= ~((uint64_t)1 << i % 64); }

/* ---- liveness ---- */

static void mark_used(struct use_walk *w, struct variable *x)
{
    uint32_t i = index_of(w->al, x);
    if (!bit(w->killed, i)) { set_bit(w->set, i); }
}

/* What each block reads before it writes it, and what it writes. */
static void local_sets(struct allocation *al, struct quick_block *b, uint64_t *used,
                       uint64_t *written)
{
    struct use_walk w = {.al = al, .f = mark_used, .set = used, .killed = written};
    for (struct ir_value *v = b->block->first; v; v = v->next) {
        if (v->op != IR_PHI) { ir_for_each_use(v, use_one, &w); }
        if (quick_has_place(v)) { set_bit(written, al->number[v->id] - 1); }
    }
}

/* live_out = live_in of the successors, and the arguments of their PHIs. True if it grew. */
static bool flow_out(struct allocation *al, struct quick_block *b)
{
    bool grew = false;
    for (uint32_t s = 0; s < b->block->n_succs; s++) {
        struct ir_block *to = b->block->succs[s];
        const struct quick_block *next = to->tmp;
        for (uint32_t w = 0; w < al->words; w++) {
            uint64_t more = next->live_in[w] & ~b->live_out[w];
            grew |= more != 0;
            b->live_out[w] |= more;
        }
        if (!to->first || to->first->op != IR_PHI) { continue; }
        unsigned pred = ir_pred_index(b->block, s);
        for (struct ir_value *phi = to->first; phi && phi->op == IR_PHI; phi = phi->next) {
            struct variable *x = variable_of(al, phi->args[pred]);
            if (x && !bit(b->live_out, index_of(al, x))) {
                set_bit(b->live_out, index_of(al, x));
                grew = true;
            }
        }
    }
    return grew;
}

static void find_live(struct allocation *al)
{
    struct quick *q = al->q;
    size_t bytes = al->words * sizeof(uint64_t);
    uint64_t **used = ir_alloc(q->g, q->n_order * sizeof *used);
    uint64_t **written = ir_alloc(q->g, q->n_order * sizeof *written);
    for (unsigned i = 0; i < q->n_order; i++) {
        used[i] = ir_alloc(q->g, bytes);
        written[i] = ir_alloc(q->g, bytes);
        q->order[i].live_in = ir_alloc(q->g, bytes);
        q->order[i].live_out = ir_alloc(q->g, bytes);
        local_sets(al, &q->order[i], used[i], written[i]);
        memcpy(q->order[i].live_in, used[i], bytes);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (unsigned i = q->n_order; i-- > 0;) {
            struct quick_block *b = &q->order[i];
            if (!flow_out(al, b)) { continue; }
            changed = true;
            for (uint32_t w = 0; w < al->words; w++) {
                b->live_in[w] = used[i][w] | (b->live_out[w] & ~written[i][w]);
            }
        }
    }
}

/* ---- ranges ---- */

static void add_range(struct allocation *al, struct variable *x, uint32_t from, uint32_t to)
{
    if (x->ranges && x->ranges->from <= to && x->ranges->from >= from) { /* joins the next one */
        if (x->ranges->to < to) { x->ranges->to = to; }
        x->ranges->from = from;
        return;
    }
    if (x->ranges && x->ranges->from < from) { return; } /* covered already */
    struct live_range *r = ir_alloc(al->q->g, sizeof *r);
    *r = (struct live_range){from, to, x->ranges};
    x->ranges = r;
}

static void use_range(struct use_walk *w, struct variable *x)
{
    uint32_t i = index_of(w->al, x);
    if (!bit(w->set, i)) {
        set_bit(w->set, i);
        add_range(w->al, x, w->block_start, w->until);
    }
}

/* The range that starts at the block's start gets its true start. */
static void def_range(struct allocation *al, struct variable *x, uint64_t *live, uint32_t at)
{
    uint32_t i = index_of(al, x);
    if (bit(live, i)) {
        x->ranges->from = at;
        clear_bit(live, i);
    } else {
        add_range(al, x, at, at + 1);
    }
}

/* The values that a call's handler needs are read behind the call. */
static void state_uses(struct allocation *al, struct ir_value *v, struct use_walk *w)
{
    (void)al;
    if (v->state) { ir_for_each_state_use(v->state, use_one, w); }
}

static void weigh(struct allocation *al, struct ir_value *v, double freq)
{
    struct variable *x = quick_has_place(v) ? variable_of(al, v) : NULL;
    if (x) { x->weight += freq; }
    for (uint32_t i = 0; i < v->n_args; i++) {
        x = variable_of(al, v->args[i]);
        if (x) { x->weight += freq; }
    }
}

static void block_ranges(struct allocation *al, struct quick_block *b)
{
    uint32_t start = 4 * b->first, end = 4 * b->end;
    uint64_t *live = b->live_out;
    double freq = b->block->freq > 1e-6 ? b->block->freq : 1e-6;
    for (uint32_t i = 0; i < al->n; i++) {
        if (bit(live, i)) { add_range(al, &al->variables[i], start, end); }
    }
    struct use_walk w = {.al = al, .f = use_range, .set = live, .block_start = start};
    for (struct ir_value *v = b->block->last; v; v = v->prev) {
        uint32_t at = 4 * v->mark;
        bool at_start = v->op == IR_PHI || v->op == IR_PARAM;
        if (quick_has_place(v)) { def_range(al, variable_of(al, v), live, at_start ? at : at + 2); }
        weigh(al, v, freq);
        if (v->op == IR_PHI) { continue; }
        bool behind = v->state && (quick_is_call(v) || ir_flags(v) & IRF_CALL);
        if (behind) {
            w.until = at + 3;
            state_uses(al, v, &w);
        }
        w.until = is_late(v) ? at + 3 : at + 1;
        ir_for_each_use(v, use_one, &w);
    }
}

/* ---- wishes ---- */

static const int8_t int_args[] = {RDI, RSI, RDX, RCX, R8, R9};

static void wish_arguments(struct allocation *al, struct ir_value *v, unsigned first, unsigned ints)
{
    unsigned floats = 0;
    for (uint32_t i = first; i < v->n_args; i++) {
        struct variable *x = variable_of(al, v->args[i]);
        bool is_float = ir_is_float(quick_root(v->args[i])->type);
        unsigned n = is_float ? floats++ : ints++;
        if (x && x->wish == NO_REG && n < (is_float ? 8u : 6u)) {
            x->wish = is_float ? (int8_t)n : int_args[n];
        }
    }
}

static void find_wishes(struct allocation *al)
{
    for (uint32_t k = 0; k < al->n; k++) {
        struct variable *x = &al->variables[k];
        struct ir_value *v = x->v;
        if (v->op == IR_PARAM && !quick_is_osr(al->q)) { x->wish = al->q->homes[v->index].reg; }
        if (v->op == IR_PHI) {
            for (uint32_t i = 0; i < v->n_args; i++) {
                struct variable *y = variable_of(al, v->args[i]);
                if (!y || y == x) { continue; }
                x->like[x->like[0] ? 1 : 0] = y->v;
                y->like[y->like[0] ? 1 : 0] = v;
            }
        } else if (v->n_args && ir_flags(v) & IRF_PURE && !x->like[0]) {
            struct variable *y = variable_of(al, v->args[0]);
            if (y && y->v->type == v->type) { x->like[0] = y->v; }
        }
    }
    for (unsigned i = 0; i < al->q->n_order; i++) {
        for (struct ir_value *v = al->q->order[i].block->first; v; v = v->next) {
            switch (v->op) {
            case IR_CALL:
            case IR_CALLV:
            case IR_CALLI: wish_arguments(al, v, 0, 1); break;
            case IR_CALLM: wish_arguments(al, v, 1, 1); break;
            default: break;
            }
        }
    }
}

/* ---- placing ---- */

static bool is_free(const uint64_t *map, const struct variable *x)
{
    for (const struct live_range *r = x->ranges; r; r = r->next) {
        uint32_t first = r->from / 64, last = (r->to - 1) / 64;
        uint64_t head = ~(uint64_t)0 << r->from % 64;
        uint64_t tail = ~(uint64_t)0 >> (63 - (r->to - 1) % 64);
        for (uint32_t w = first; w <= last; w++) {
            uint64_t mask = (w == first ? head : ~(uint64_t)0) & (w == last ? tail : ~(uint64_t)0);
            if (map[w] & mask) { return false; }
        }
    }
    return true;
}

static void occupy(uint64_t *map, const struct variable *x)
{
    for (const struct live_range *r = x->ranges; r; r = r->next) {
        for (uint32_t p = r->from; p < r->to; p++) { set_bit(map, p); }
    }
}

static bool is_general(const struct quick *q, int reg)
{
    for (size_t i = 0; i < ARRAY_COUNT(general); i++) {
        if (general[i] == reg) { return !(q->soft && reg == R10); }
    }
    return false;
}

static bool try_register(struct allocation *al, struct variable *x, int reg)
{
    struct quick *q = al->q;
    bool is_float = ir_is_float(x->v->type);
    if (is_float ? reg >= N_FLOATS : !is_general(q, reg)) { return false; }
    uint64_t *map = q->busy[is_float][reg];
    if (!is_free(map, x)) { return false; }
    occupy(map, x);
    q->places[x->v->id] =
        (struct place){.kind = is_float ? PLACE_FLOAT : PLACE_REG, .reg = (uint8_t)reg};
    if (!is_float && (reg == RBX || reg >= R12)) { q->used_saved |= 1u << reg; }
    return true;
}

static void place_in_slot(struct allocation *al, struct variable *x)
{
    struct quick *q = al->q;
    uint32_t s = 0;
    for (unsigned i = 0; i < 2 && x->like[i]; i++) { /* a PHI and its argument: no move */
        struct place p = q->places[x->like[i]->id];
        if (p.kind != PLACE_SLOT) { continue; }
        uint64_t *map = al->slots + (size_t)p.slot * al->position_words;
        if (!is_free(map, x)) { continue; }
        occupy(map, x);
        q->places[x->v->id] = p;
        return;
    }
    while (s < q->n_slots && !is_free(al->slots + (size_t)s * al->position_words, x)) { s++; }
    if (s == q->n_slots) {
        uint64_t *more = realloc(al->slots, (size_t)(s + 1) * al->position_words * 8);
        if (!more) {
            q->failure = "out of memory";
            return;
        }
        al->slots = more;
        memset(more + (size_t)s * al->position_words, 0, al->position_words * 8);
        q->n_slots++;
    }
    occupy(al->slots + (size_t)s * al->position_words, x);
    q->places[x->v->id] = (struct place){.kind = PLACE_SLOT, .slot = s};
}

static void place_one(struct allocation *al, struct variable *x)
{
    struct quick *q = al->q;
    bool is_float = ir_is_float(x->v->type);
    for (unsigned i = 0; i < 2 && x->like[i]; i++) {
        struct place p = q->places[x->like[i]->id];
        if ((p.kind == PLACE_REG || p.kind == PLACE_FLOAT) && try_register(al, x, p.reg)) {
            return;
        }
    }
    if (x->wish != NO_REG && try_register(al, x, x->wish)) { return; }
    for (int i = 0; i < (is_float ? N_FLOATS : (int)ARRAY_COUNT(general)); i++) {
        if (try_register(al, x, is_float ? i : general[i])) { return; }
    }
    place_in_slot(al, x);
}

static int by_weight(const void *a, const void *b)
{
    const struct variable *const *x = a, *const *y = b;
    double p = (*x)->weight / ((*x)->length + 8.0), q = (*y)->weight / ((*y)->length + 8.0);
    if (p != q) { return p > q ? -1 : 1; }
    return (*x)->v->id < (*y)->v->id ? -1 : 1;
}

/* What calls and fixed registers destroy. */
static void destroy(struct allocation *al)
{
    struct quick *q = al->q;
    for (unsigned i = 0; i < q->n_order; i++) {
        const struct quick_block *b = &q->order[i];
        for (struct ir_value *v = b->block->first; v; v = v->next) {
            uint32_t at = 4 * v->mark + 1;
            if (quick_is_call(v) && !quick_call_saves(b)) {
                for (int k = 0; k < QUICK_CALLER_SAVED; k++) {
                    set_bit(q->busy[0][quick_caller_saved[k]], at);
                }
                for (int k = 0; k < 16; k++) { set_bit(q->busy[1][k], at); }
            } else if (((v->op == IR_DIV || v->op == IR_REM) && !ir_is_float(v->type) &&
                        !quick_divides_by_constant(v)) ||
                       (v->op == IR_MATH && v->k.j == IRM_MULHI)) {
                set_bit(q->busy[0][RDX], at);
            } else if (!q->bmi2 && (v->op == IR_SHL || v->op == IR_SHR || v->op == IR_USHR)) {
                set_bit(q->busy[0][RCX], at);
            }
        }
    }
}

static bool place_all(struct allocation *al)
{
    struct quick *q = al->q;
    struct variable **sorted = ir_alloc(q->g, (al->n + 1) * sizeof *sorted);
    for (uint32_t i = 0; i < al->n; i++) {
        struct variable *x = sorted[i] = &al->variables[i];
        for (const struct live_range *r = x->ranges; r; r = r->next) {
            x->length += r->to - r->from;
        }
    }
    qsort(sorted, al->n, sizeof *sorted, by_weight);
    for (uint32_t i = 0; i < al->n && !q->failure; i++) {
        if (sorted[i]->ranges) { place_one(al, sorted[i]); }
    }
    return !q->failure;
}

bool quick_allocate(struct quick *q)
{
    struct ir_graph *g = q->g;
    struct allocation al = {.q = q};
    if (g->n_values > MAX_INSNS) {
        q->failure = "too large";
        return false;
    }
    order_blocks(q);
    al.number = ir_alloc(g, (g->n_values + 1) * sizeof *al.number);
    al.variables = ir_alloc(g, (g->n_values + 1) * sizeof *al.variables);
    q->places = ir_alloc(g, (g->n_values + 1) * sizeof *q->places);
    number_insns(&al);
    for (int k = 0; k < 2; k++) {
        for (int r = 0; r < 16; r++) { q->busy[k][r] = ir_alloc(g, al.position_words * 8); }
    }
    find_live(&al);
    destroy(&al);
    for (unsigned i = q->n_order; i-- > 0;) { block_ranges(&al, &q->order[i]); }
    find_wishes(&al);
    bool ok = place_all(&al);
    free(al.slots);
    return ok;
}
