/*
 * ir.c - the graph's memory, and the operations that build and change it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "jit/ir.h"

#define P IRF_PURE
#define K IRF_CONST
#define L IRF_READ
#define S IRF_WRITE
#define X IRF_EXIT
#define C IRF_CALL
#define T IRF_TERM
const struct ir_opinfo ir_info[IR_OP_COUNT] = {
#define IROP(name, flags, text) {#name, text, flags},
#include "jit/ir.def"
};
#undef P
#undef K
#undef L
#undef S
#undef X
#undef C
#undef T

const char *const ir_cond_text[IRC_COUNT] = {
    [IRC_EQ] = "==",   [IRC_NE] = "!=",    [IRC_LT] = "<",    [IRC_GE] = ">=",
    [IRC_GT] = ">",    [IRC_LE] = "<=",    [IRC_ULT] = "<u",  [IRC_UGE] = ">=u",
    [IRC_UGT] = ">u",  [IRC_ULE] = "<=u",  [IRC_FLT] = "<f",  [IRC_FGEU] = "!<f",
    [IRC_FGT] = ">f",  [IRC_FLEU] = "!>f", [IRC_FLE] = "<=f", [IRC_FGTU] = "!<=f",
    [IRC_FGE] = ">=f", [IRC_FLTU] = "!>=f"};

const char *const ir_math_text[IRM_COUNT] = {
    "sqrt", "abs", "ceil",  "floor", "rint", "fma", "min",      "max",   "sin",   "cos", "tan",
    "exp",  "log", "log10", "pow",   "clz",  "ctz", "popcount", "bswap", "mulhi", "bits"};

enum ir_cond ir_cond_swap(enum ir_cond c)
{
    static const uint8_t swapped[IRC_COUNT] = {
        [IRC_EQ] = IRC_EQ,   [IRC_NE] = IRC_NE,     [IRC_LT] = IRC_GT,   [IRC_GE] = IRC_LE,
        [IRC_GT] = IRC_LT,   [IRC_LE] = IRC_GE,     [IRC_ULT] = IRC_UGT, [IRC_UGE] = IRC_ULE,
        [IRC_UGT] = IRC_ULT, [IRC_ULE] = IRC_UGE,   [IRC_FLT] = IRC_FGT, [IRC_FGEU] = IRC_FLEU,
        [IRC_FGT] = IRC_FLT, [IRC_FLEU] = IRC_FGEU, [IRC_FLE] = IRC_FGE, [IRC_FGTU] = IRC_FLTU,
        [IRC_FGE] = IRC_FLE, [IRC_FLTU] = IRC_FGTU};
    return swapped[c];
}

/* ---- memory: chunks of at least 64 KiB, newest first ---- */

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

#define CHUNK_SIZE ((size_t)64 << 10)

static struct arena_chunk *chunk_new(size_t size, struct arena_chunk *next)
{
    struct arena_chunk *c = calloc(1, sizeof *c + size);
    if (!c) {
        fputs("moka: out of memory in the compiler\n", stderr);
        exit(1); /* the worker process: costs this batch only */
    }
    c->size = size;
    c->next = next;
    return c;
}

void *ir_alloc(struct ir_graph *g, size_t bytes)
{
    bytes = ALIGN_UP(bytes, 16);
    struct arena_chunk *c = g->arena;
    if (c->size - c->used < bytes) {
        c = g->arena = chunk_new(bytes > CHUNK_SIZE ? bytes : CHUNK_SIZE, c);
    }
    void *p = c->bytes + c->used;
    c->used += bytes;
    return p;
}

struct ir_graph *ir_graph_new(struct method *m, int32_t osr_bci)
{
    struct ir_graph *g = calloc(1, sizeof *g);
    if (!g) { return NULL; }
    g->arena = chunk_new(CHUNK_SIZE, NULL);
    g->method = m;
    g->osr_bci = osr_bci;
    g->inlining_tail = &g->inlining;
    return g;
}

void ir_graph_free(struct ir_graph *g)
{
    for (struct arena_chunk *c = g->arena, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(g);
}

/* ---- blocks and values ---- */

struct ir_block *ir_block_new(struct ir_graph *g, struct method *m, int32_t bci)
{
    struct ir_block *b = ir_alloc(g, sizeof *b);
    b->id = g->n_blocks++;
    b->method = m;
    b->bci = bci;
    b->freq = 1;
    if (!g->entry) { g->entry = b; }
    /* At the end, so that dumps before ir_order() read in order. */
    struct ir_block **at = &g->blocks;
    if (g->last_block) { at = &g->last_block->next; }
    b->next = *at;
    *at = g->last_block = b;
    return b;
}

struct ir_value *ir_value_newv(struct ir_graph *g, enum ir_op op, enum ir_type type, unsigned n,
                               struct ir_value *const *args)
{
    /* Room for one argument at least: ir_replace() makes a COPY of any value. */
    struct ir_value *v = ir_alloc(g, sizeof *v + (n ? n : 1) * sizeof(struct ir_value *));
    v->op = (uint8_t)op;
    v->type = (uint8_t)type;
    v->id = g->n_values++;
    v->n_args = n;
    v->args = (struct ir_value **)(v + 1);
    for (unsigned i = 0; i < n; i++) { v->args[i] = args[i]; }
    if (op == IR_NONNULL || op == IR_NEW || op == IR_NEWARRAY || op == IR_NEWMULTI) {
        v->flags = VALUE_NONNULL;
    }
    return v;
}

struct ir_value *ir_value_new(struct ir_graph *g, enum ir_op op, enum ir_type type, unsigned n, ...)
{
    struct ir_value *args[8];
    struct ir_value **a = n <= ARRAY_COUNT(args) ? args : ir_alloc(g, n * sizeof *a);
    va_list ap;
    va_start(ap, n);
    for (unsigned i = 0; i < n; i++) { a[i] = va_arg(ap, struct ir_value *); }
    va_end(ap);
    return ir_value_newv(g, op, type, n, a);
}

void ir_append(struct ir_block *b, struct ir_value *v)
{
    v->block = b;
    v->prev = b->last;
    v->next = NULL;
    *(b->last ? &b->last->next : &b->first) = v;
    b->last = v;
}

void ir_prepend(struct ir_block *b, struct ir_value *v)
{
    v->block = b;
    v->prev = NULL;
    v->next = b->first;
    *(b->first ? &b->first->prev : &b->last) = v;
    b->first = v;
}

void ir_insert_before(struct ir_value *where, struct ir_value *v)
{
    if (!where->prev) {
        ir_prepend(where->block, v);
        return;
    }
    ir_insert_after(where->prev, v);
}

bool ir_is_simple(const struct ir_value *v)
{
    switch (v->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_NEG:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_SHL:
    case IR_SHR:
    case IR_USHR:
    case IR_NARROW: return true;
    case IR_CONV: /* from float to int it saturates */
        return ir_is_float(v->type) || v->args[0]->type == IR_I || v->args[0]->type == IR_J;
    default: return false;
    }
}

struct ir_value *ir_widen(struct ir_graph *g, struct ir_value *where, struct ir_value *v)
{
    if (ir_is_const(v)) { return ir_const(g, IR_J, v->k.i); }
    struct ir_value *wide = ir_value_new(g, IR_CONV, IR_J, 1, v);
    wide->bci = where->bci;
    ir_insert_before(where, wide);
    return wide;
}

void ir_insert_after(struct ir_value *where, struct ir_value *v)
{
    if (!where->next) {
        ir_append(where->block, v);
        return;
    }
    v->block = where->block;
    v->prev = where;
    v->next = where->next;
    where->next->prev = v;
    where->next = v;
}

void ir_remove(struct ir_value *v)
{
    struct ir_block *b = v->block;
    if (!b) { return; }
    *(v->prev ? &v->prev->next : &b->first) = v->next;
    *(v->next ? &v->next->prev : &b->last) = v->prev;
    v->prev = v->next = NULL;
    v->block = NULL;
}

/* ---- constants: an open hash table; one that a pass removed from its block comes back when it is asked for ---- */

static uint32_t constant_hash(enum ir_type type, int64_t bits)
{
    uint64_t h = ((uint64_t)bits + type) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 32);
}

static struct ir_value **constant_slot(struct ir_graph *g, enum ir_type type, int64_t bits)
{
    uint32_t mask = g->cap_constants - 1;
    for (uint32_t i = constant_hash(type, bits) & mask;; i = (i + 1) & mask) {
        struct ir_value *v = g->constants[i];
        if (!v || (v->type == type && v->k.j == bits)) { return &g->constants[i]; }
    }
}

static void constants_grow(struct ir_graph *g)
{
    uint32_t n = g->cap_constants;
    struct ir_value **old = g->constants;
    g->cap_constants = n ? n * 2 : 64;
    g->constants = ir_alloc(g, g->cap_constants * sizeof *g->constants);
    for (uint32_t i = 0; i < n; i++) {
        if (old[i]) { *constant_slot(g, old[i]->type, old[i]->k.j) = old[i]; }
    }
}

struct ir_value *ir_const(struct ir_graph *g, enum ir_type type, int64_t bits)
{
    switch (type) { /* one pattern for each value */
    case IR_I: bits = (int32_t)bits; break;
    case IR_F:
    case IR_R: bits = (uint32_t)bits; break;
    default: break;
    }
    if (g->n_constants * 2 >= g->cap_constants) { constants_grow(g); }
    struct ir_value **slot = constant_slot(g, type, bits), *v = *slot;
    if (!v) {
        v = *slot = ir_value_newv(g, IR_CONST, type, 0, NULL);
        v->k.j = bits;
        v->flags = VALUE_FINAL | (type == IR_R && bits ? VALUE_NONNULL : 0);
        v->bci = -1;
        g->n_constants++;
    }
    if (!v->block) { ir_prepend(g->entry, v); }
    return v;
}

/* ---- edges ---- */

void ir_add_succ(struct ir_graph *g, struct ir_block *b, struct ir_block *to)
{
    /* Successor arrays grow by powers of two. */
    uint32_t n = b->n_succs;
    if ((n & (n - 1)) == 0) {
        struct ir_block **succs = ir_alloc(g, (n ? 2 * n : 1) * sizeof *succs);
        if (n) { memcpy(succs, b->succs, n * sizeof *succs); }
        b->succs = succs;
    }
    b->succs[b->n_succs++] = to;
    ir_add_pred(g, to, b);
}

void ir_add_pred(struct ir_graph *g, struct ir_block *to, struct ir_block *b)
{
    if (to->n_preds == to->cap_preds) {
        to->cap_preds = to->cap_preds ? to->cap_preds * 2 : 2;
        struct ir_block **preds = ir_alloc(g, to->cap_preds * sizeof *preds);
        if (to->n_preds) { memcpy(preds, to->preds, to->n_preds * sizeof *preds); }
        to->preds = preds;
    }
    to->preds[to->n_preds++] = b;
}

unsigned ir_pred_index(const struct ir_block *b, unsigned i)
{
    const struct ir_block *to = b->succs[i];
    unsigned nth = 0;
    for (unsigned j = 0; j < i; j++) { nth += b->succs[j] == to; }
    for (unsigned p = 0; p < to->n_preds; p++) {
        if (to->preds[p] == b && nth-- == 0) { return p; }
    }
    return to->n_preds;
}

void ir_remove_pred(struct ir_block *b, unsigned i)
{
    for (struct ir_value *v = b->first; v && (v->op == IR_PHI || v->op == IR_COPY); v = v->next) {
        if (v->op != IR_PHI || v->n_args <= i) { continue; }
        memmove(v->args + i, v->args + i + 1, (v->n_args - i - 1) * sizeof *v->args);
        v->n_args--;
    }
    memmove(b->preds + i, b->preds + i + 1, (b->n_preds - i - 1) * sizeof *b->preds);
    b->n_preds--;
}

void ir_remove_succ(struct ir_block *b, unsigned i)
{
    unsigned p = ir_pred_index(b, i);
    if (p < b->succs[i]->n_preds) { ir_remove_pred(b->succs[i], p); }
    /* Keep the array's capacity a function of n: never shrink below what ir_add_succ would think is there. */
    memmove(b->succs + i, b->succs + i + 1, (b->n_succs - i - 1) * sizeof *b->succs);
    b->n_succs--;
}

void ir_make_goto(struct ir_graph *g, struct ir_block *b, unsigned i)
{
    for (unsigned j = b->n_succs; j-- > 0;) {
        if (j != i) { ir_remove_succ(b, j); }
    }
    int32_t bci = b->last->bci;
    ir_remove(b->last);
    struct ir_value *jump = ir_value_newv(g, IR_GOTO, IR_V, 0, NULL);
    jump->bci = bci;
    ir_append(b, jump);
}

struct ir_block *ir_split_edge(struct ir_graph *g, struct ir_block *b, unsigned i)
{
    struct ir_block *to = b->succs[i], *mid = ir_block_new(g, to->method, to->bci);
    unsigned p = ir_pred_index(b, i);
    b->succs[i] = to->preds[p] = mid; /* in place: PHI arguments keep their order */
    ir_add_pred(g, mid, b);
    mid->succs = ir_alloc(g, sizeof *mid->succs);
    mid->succs[0] = to;
    mid->n_succs = 1;
    mid->freq = b->freq < to->freq ? b->freq : to->freq;
    struct ir_value *jump = ir_value_newv(g, IR_GOTO, IR_V, 0, NULL);
    jump->bci = to->bci;
    ir_append(mid, jump);
    return mid;
}

void ir_phi_add(struct ir_graph *g, struct ir_value *phi, struct ir_value *arg)
{
    struct ir_value **args = ir_alloc(g, (phi->n_args + 1) * sizeof *args);
    memcpy(args, phi->args, phi->n_args * sizeof *args);
    args[phi->n_args] = arg;
    phi->args = args;
    phi->n_args++;
}

/* ---- replacement ---- */

void ir_replace(struct ir_value *old, struct ir_value *by)
{
    by = ir_value(by);
    if (by == old) { return; }
    old->op = IR_COPY;
    old->n_args = 1;
    old->args[0] = by;
    old->state = NULL;
}

static void look_through(struct ir_value **use, void *arg)
{
    (void)arg;
    *use = ir_value(*use);
}

void ir_clean_copies(struct ir_graph *g)
{
    ir_for_each_use_in_graph(g, look_through, NULL);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            if (v->op == IR_COPY) { ir_remove(v); }
        }
    }
}

struct ir_state *ir_state_copy(struct ir_graph *g, const struct ir_state *s)
{
    size_t size = sizeof *s + ((size_t)s->n_locals + s->n_stack) * sizeof(struct ir_value *);
    struct ir_state *copy = ir_alloc(g, size);
    memcpy(copy, s, size);
    copy->id = g->n_states++;
    copy->mark = 0;
    copy->tmp = NULL;
    return copy;
}

struct ir_value *ir_value_copy_virtual(struct ir_graph *g, const struct ir_value *v)
{
    size_t size = sizeof *v->virtual + v->virtual->n * sizeof *v->virtual->fields;
    struct ir_value *copy = ir_value_newv(g, v->op, IR_R, 0, NULL);
    copy->flags = v->flags;
    copy->cls = v->cls;
    copy->k = v->k;
    copy->bci = v->bci;
    copy->virtual = ir_alloc(g, size);
    memcpy(copy->virtual, v->virtual, size);
    copy->virtual->mark = 0;
    return copy;
}
