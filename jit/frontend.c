/*
 * frontend.c - bytecode to IR: blocks, environments, merges, states (see frontend-internal.h).
 *
 * Runs in the compile worker, on a frozen copy of the VM: it reads bytecode, resolved constant pool entries and the
 * interpreter's profile, and resolves, loads, locks and allocates nothing of the VM's.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "jit/frontend-internal.h"
#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "vm/liveness.h"

#define MAX_STATE_VALUES 480 /* t->exit_values holds all frames of a state */

void fe_fail(struct scope *s, const char *why, bool permanent)
{
    if (!s->g->failure) {
        s->g->failure = why;
        s->g->permanent = permanent;
    }
    s->cur = NULL;
}

/* ---- values ---- */

struct ir_value *fe_add(struct scope *s, struct ir_value *v)
{
    v->bci = s->bci;
    if (ir_flags(v) & IRF_PURE) {
        struct ir_value *by = ir_simplify(s->g, v);
        if (by != v) {
            if (!by->block) { ir_append(s->cur, by); }
            return by;
        }
    }
    ir_append(s->cur, v);
    return v;
}

struct ir_value *fe_op(struct scope *s, enum ir_op op, enum ir_type type, unsigned n, ...)
{
    struct ir_value *args[8];
    va_list ap;
    va_start(ap, n);
    for (unsigned i = 0; i < n; i++) { args[i] = va_arg(ap, struct ir_value *); }
    va_end(ap);
    return fe_add(s, ir_value_newv(s->g, op, type, n, args));
}

struct ir_value *fe_int(struct scope *s, int32_t i) { return ir_const(s->g, IR_I, i); }
struct ir_value *fe_long(struct scope *s, int64_t j) { return ir_const(s->g, IR_J, j); }

struct ir_value *fe_ref(struct scope *s, gref r)
{
    struct ir_value *v = ir_const(s->g, IR_R, r);
    if (r && !v->cls) {
        v->cls = class_of(r);
        v->flags |= VALUE_NONNULL | VALUE_EXACT;
    }
    return v;
}

struct ir_value *fe_cond(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b)
{
    struct ir_value *v = ir_value_new(s->g, IR_COND, IR_I, 2, a, b);
    v->cond = (uint8_t)c;
    return fe_add(s, v);
}

struct ir_value *fe_guard(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                          enum exit_reason reason)
{
    struct ir_value *v = ir_value_new(s->g, IR_GUARD, IR_V, 2, a, b);
    v->cond = (uint8_t)c;
    v->reason = (uint8_t)reason;
    v->state = fe_state(s);
    v->bci = s->bci;
    if (jit_trapped(s->m, s->bci, reason)) { v->flags |= VALUE_COLD; }
    ir_append(s->cur, v);
    return v;
}

struct ir_value *fe_nonnull(struct scope *s, struct ir_value *r)
{
    if (r->flags & VALUE_NONNULL) { return r; }
    fe_guard(s, IRC_NE, r, fe_ref(s, 0), EXIT_NULL_CHECK);
    struct ir_value *nn = ir_value_new(s->g, IR_NONNULL, IR_R, 1, r);
    nn->cls = r->cls;
    nn->flags |= VALUE_NONNULL | (r->flags & VALUE_EXACT);
    return fe_add(s, nn);
}

struct ir_value *fe_classid(struct scope *s, struct ir_value *r)
{
    if (r->cls && r->flags & VALUE_EXACT) { return fe_int(s, (int32_t)class_id(r->cls)); }
    return fe_op(s, IR_CLASSID, IR_I, 1, r);
}

struct ir_value *fe_thread_cell(struct scope *s, size_t offset)
{
    return fe_op(s, IR_ADD, IR_J, 2, fe_op(s, IR_THREAD, IR_J, 0), fe_long(s, (int64_t)offset));
}

bool fe_initialised(struct scope *s, const struct class *c)
{
    if (class_is_initialized(c)) { return true; }
    if (c != s->m->cls || c->state != CLASS_INITIALIZING) { return false; }
    if (method_is_static(s->m)) { return true; }
    struct ir_value *at = fe_long(s, (int64_t)(uintptr_t)&c->init_thread);
    struct ir_value *v = ir_value_new(s->g, IR_LOADRAW, IR_J, 1, at);
    v->mem = T_LONG;
    fe_guard(s, IRC_EQ, fe_add(s, v), fe_op(s, IR_THREAD, IR_J, 0), EXIT_UNRESOLVED);
    return true;
}

void fe_push(struct scope *s, struct ir_value *v)
{
    s->v[s->sp++] = v;
    if (ir_has_two_cells(v->type)) { s->v[s->sp++] = NULL; }
}

struct ir_value *fe_pop(struct scope *s) { return s->v[--s->sp]; }

struct ir_value *fe_pop2(struct scope *s)
{
    s->sp -= 2;
    return s->v[s->sp];
}

struct ir_value *fe_pop_type(struct scope *s, enum ir_type type)
{
    return ir_has_two_cells(type) ? fe_pop2(s) : fe_pop(s);
}

/* ---- states ---- */

static uint64_t live_at(struct scope *s, int bci)
{
    return liveness_at(s->code, code_block_at(s->code, bci));
}

static struct ir_state *new_state(struct scope *s, int bci, unsigned n_stack)
{
    unsigned n = s->m->max_locals + n_stack;
    struct ir_state *st = ir_alloc(s->g, sizeof *st + n * sizeof(struct ir_value *));
    st->caller = s->caller_state;
    st->method = s->m;
    st->bci = bci;
    st->n_locals = s->m->max_locals;
    st->n_stack = (uint16_t)n_stack;
    st->lock = s->lock;
    st->thrown = EXIT_EXCEPTION;
    st->id = s->g->n_states++;
    unsigned total = n;
    for (const struct ir_state *c = st->caller; c; c = c->caller) {
        total += c->n_locals + c->n_stack;
    }
    if (total > MAX_STATE_VALUES) {
        struct ir_block *cur =
            s->cur; /* who asked for the state still appends what it belongs to */
        fe_fail(s, "too many live values", s->depth == 0);
        s->cur = cur;
    }
    return st;
}

static void fill_locals(struct scope *s, struct ir_state *st, uint64_t live)
{
    for (unsigned i = 0; i < s->m->max_locals; i++) {
        if (i >= 64 || live >> i & 1) { st->values[i] = s->v[i]; }
    }
}

struct ir_state *fe_state_at(struct scope *s, int bci)
{
    unsigned n_stack = s->sp - s->m->max_locals;
    struct ir_state *st = new_state(s, bci, n_stack);
    fill_locals(s, st, live_at(s, bci));
    memcpy(st->values + st->n_locals, s->v + st->n_locals, n_stack * sizeof *s->v);
    return st;
}

/* The state is made before the instruction pops anything: callers ask before they pop. */
struct ir_state *fe_state(struct scope *s)
{
    if (!s->state) { s->state = fe_state_at(s, s->bci); }
    return s->state;
}

/* Must an exception at `bci` of this scope leave through a state? */
static bool handled(struct scope *s, int bci)
{
    for (struct scope *c = s; c; bci = c->caller_state ? c->caller_state->bci : 0, c = c->caller) {
        if (c->lock || c->osr || fe_has_handler(c->m, bci)) { return true; }
    }
    return false;
}

struct ir_state *fe_call_state(struct scope *s)
{
    struct ir_state *st = new_state(s, s->bci, 0);
    st->handled = handled(s, s->bci);
    if (fe_has_handler(s->m, s->bci)) { fill_locals(s, st, live_at(s, s->bci)); }
    return st;
}

/* ---- control ---- */

void fe_exit(struct scope *s, enum exit_reason reason)
{
    struct ir_value *v = ir_value_new(s->g, IR_EXIT, IR_V, 0);
    v->reason = (uint8_t)reason;
    v->state = fe_state(s);
    v->bci = s->bci;
    ir_append(s->cur, v);
    s->cur = NULL;
}

void fe_goto(struct scope *s, struct ir_block *to)
{
    struct ir_value *v = ir_value_new(s->g, IR_GOTO, IR_V, 0);
    v->bci = s->bci;
    ir_append(s->cur, v);
    ir_add_succ(s->g, s->cur, to);
}

static struct ir_block *new_block(struct scope *s, int bci)
{
    struct ir_block *b = ir_block_new(s->g, s->m, bci);
    b->freq = s->bb && s->entry_count ? s->freq * s->bb->count / s->entry_count : s->freq;
    return b;
}

struct ir_block *fe_split(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b,
                          double probability)
{
    struct ir_value *v = ir_value_new(s->g, IR_IF, IR_V, 2, a, b);
    v->cond = (uint8_t)c;
    v->k.d = probability;
    v->bci = s->bci;
    ir_append(s->cur, v);
    struct ir_block *yes = new_block(s, s->bci), *no = new_block(s, s->bci);
    ir_add_succ(s->g, s->cur, yes);
    ir_add_succ(s->g, s->cur, no);
    s->cur = no;
    return yes;
}

struct ir_value *fe_helper(struct scope *s, enum helper_id h, enum ir_type type, unsigned n, ...)
{
    struct ir_value *args[8];
    va_list ap;
    va_start(ap, n);
    for (unsigned i = 0; i < n; i++) { args[i] = va_arg(ap, struct ir_value *); }
    va_end(ap);
    struct ir_value *v = ir_value_newv(s->g, IR_RT, type, n, args);
    v->index = h;
    v->bci = s->bci;
    if (helper_info[h].flags & H_PURE) { v->flags |= VALUE_UNORDERED; }
    if (!(helper_info[h].flags & H_PURE)) { v->state = fe_call_state(s); }
    ir_append(s->cur, v);
    return v;
}

/* ---- merges ---- */

void fe_merge_edge(struct scope *s, struct merge *m)
{
    if (m->n == m->cap) {
        unsigned cap = m->cap ? 2 * m->cap : 2;
        struct edge_env *env = ir_alloc(s->g, cap * sizeof *env);
        if (m->n) { memcpy(env, m->env, m->n * sizeof *env); }
        m->env = env;
        m->cap = cap;
    }
    struct edge_env *e = &m->env[m->n++];
    e->sp = s->sp;
    e->v = ir_alloc(s->g, (s->sp + 1) * sizeof *e->v);
    memcpy(e->v, s->v, s->sp * sizeof *e->v);
    ir_add_succ(s->g, s->cur, m->block);
}

static struct ir_value *strip(struct ir_value *v)
{
    v = ir_value(v);
    while (v && (v->op == IR_NONNULL || v->op == IR_CAST)) { v = ir_value(v->args[0]); }
    return v;
}

static struct ir_value *merge_cell(struct scope *s, struct merge *m, unsigned cell)
{
    struct ir_value *first = ir_value(m->env[0].v[cell]);
    bool same = true;
    for (unsigned i = 0; i < m->n; i++) {
        struct ir_value *v = ir_value(m->env[i].v[cell]);
        if (!v || !first || v->type != first->type) { return NULL; }
        if (strip(v) != strip(first)) { same = false; }
    }
    if (same) {
        bool exactly = true;
        for (unsigned i = 1; i < m->n; i++) {
            exactly = exactly && ir_value(m->env[i].v[cell]) == first;
        }
        return exactly ? first : strip(first);
    }
    struct ir_value **args = ir_alloc(s->g, m->n * sizeof *args);
    struct class *cls = first->cls;
    unsigned flags = VALUE_NONNULL | VALUE_EXACT;
    for (unsigned i = 0; i < m->n; i++) {
        args[i] = ir_value(m->env[i].v[cell]);
        flags &= args[i]->flags;
        if (args[i]->cls != cls) {
            cls = NULL;
            flags &= ~(unsigned)VALUE_EXACT;
        }
    }
    struct ir_value *phi = ir_value_newv(s->g, IR_PHI, first->type, m->n, args);
    phi->bci = m->block->bci;
    if (first->type == IR_R) {
        phi->cls = cls;
        phi->flags = (uint16_t)(cls ? flags : flags & VALUE_NONNULL);
    }
    ir_prepend(m->block, phi);
    return phi;
}

void fe_merge_start(struct scope *s, struct merge *m, uint64_t live)
{
    s->cur = m->block;
    s->sp = m->env[0].sp;
    for (unsigned i = 1; i < m->n; i++) {
        if (m->env[i].sp != s->sp) {
            fe_fail(s, "operand stacks of different depth meet", true);
            return;
        }
    }
    for (unsigned i = 0; i < s->sp; i++) {
        bool dead = i < s->m->max_locals && i < 64 && !(live >> i & 1);
        s->v[i] = dead ? NULL : merge_cell(s, m, i);
    }
}

/* ---- edges ---- */

static double block_freq(const struct scope *s, const struct bblock *b)
{
    return s->entry_count ? s->freq * b->count / s->entry_count : s->freq;
}

static void prepare_block(struct scope *s, struct bblock *b)
{
    if (b->block) { return; }
    b->block = ir_block_new(s->g, s->m, b->bci);
    b->block->freq = block_freq(s, b);
    b->entry.block = b->block;
    if (b->header) {
        b->entry.block = ir_block_new(s->g, s->m, b->bci);
        b->latch.block = ir_block_new(s->g, s->m, b->bci);
        b->latch.block->freq = b->block->freq;
        b->entry.block->freq = s->freq;
    }
}

void fe_edge_out(struct scope *s, int bci, enum exit_reason reason)
{
    struct ir_block *out = ir_block_new(s->g, s->m, bci);
    ir_add_succ(s->g, s->cur, out);
    struct ir_value *v = ir_value_new(s->g, IR_EXIT, IR_V, 0);
    v->reason = (uint8_t)reason;
    v->bci = bci;
    v->state = fe_state_at(s, bci);
    ir_append(out, v);
}

static void edge_in(struct scope *s, struct bblock *to)
{
    prepare_block(s, to);
    fe_merge_edge(s, to->order <= s->bb->order ? &to->latch : &to->entry);
}

void fe_edge(struct scope *s, int bci)
{
    struct bblock *to = s->at[bci];
    if (to->order < 0 || fe_is_pruned(s, s->bb, to)) {
        fe_edge_out(s, bci, jit_options.unit == JIT_UNIT_REGION ? EXIT_UNREACHED : EXIT_UNIT_END);
    } else {
        edge_in(s, to);
    }
}

void fe_edge_to_handler(struct scope *s, int bci) { edge_in(s, s->at[bci]); }

void fe_return_nothing(struct scope *s)
{
    enum ir_type type = ir_type_of(s->g->method->ret_type);
    struct ir_value *zero = type == IR_V ? NULL : ir_const(s->g, type, 0);
    struct ir_value *r = ir_value_newv(s->g, IR_RETURN, IR_V, zero ? 1 : 0, &zero);
    r->bci = s->bci;
    ir_append(s->cur, r);
    s->cur = NULL;
}

/* Starts reading a block: its environment from its edges; loop headers get PHIs for what the loop assigns. */
static void start_block(struct scope *s, struct bblock *b)
{
    uint64_t live = live_at(s, b->bci);
    s->bb = b;
    s->bci = b->bci;
    fe_merge_start(s, &b->entry, live);
    if (!b->header || s->g->failure) { return; }
    struct ir_block *pre = b->entry.block;
    pre->exit_state = fe_state_at(s, b->bci);
    fe_goto(s, b->block);
    ir_append(b->latch.block, ir_value_new(s->g, IR_GOTO, IR_V, 0));
    ir_add_succ(s->g, b->latch.block, b->block);
    for (unsigned i = 0; i < s->sp; i++) {
        struct ir_value *v = ir_value(s->v[i]);
        bool local = i < s->m->max_locals;
        bool assigned = !local || (i < 64 ? (b->stored >> i & 1) : b->stored_high);
        if (!v || !assigned) { continue; }
        struct ir_value *phi = ir_value_new(s->g, IR_PHI, v->type, 2, v, v);
        phi->bci = b->bci;
        phi->index = i;
        ir_prepend(b->block, phi);
        s->v[i] = phi;
    }
    s->cur = b->block;
    b->started = true;
}

/* All edges are known: the second arguments of the headers' PHIs. */
static void finish_loops(struct scope *s)
{
    for (unsigned i = 0; i < s->n_rpo && !s->g->failure; i++) {
        struct bblock *b = s->rpo[i];
        if (!b->header) { continue; }
        if (!b->started) {
            if (b->latch.n) { fe_fail(s, "loop entered only by its back edge", true); }
            continue;
        }
        if (!b->latch.n) {
            ir_remove_succ(b->latch.block, 0); /* what went back was cut off */
            continue;
        }
        s->bb = b;
        s->bci = b->bci;
        struct ir_value *go = b->latch.block->last;
        ir_remove(go);
        fe_merge_start(s, &b->latch, live_at(s, b->bci));
        if (s->g->failure) { return; }
        struct ir_value *poll = ir_value_new(s->g, IR_POLL, IR_V, 0);
        poll->reason = EXIT_POLL;
        poll->bci = b->bci;
        poll->state = fe_state_at(s, b->bci);
        ir_append(b->latch.block, poll);
        ir_append(b->latch.block, go);
        for (struct ir_value *phi = b->block->first; phi && phi->op == IR_PHI; phi = phi->next) {
            struct ir_value *v = phi->index < s->sp ? ir_value(s->v[phi->index]) : NULL;
            /* a local that is in truth dead may hold anything */
            if (!v || v->type != phi->type) { v = ir_const(s->g, phi->type, 0); }
            phi->args[1] = v;
        }
    }
}

static void read_block(struct scope *s, struct bblock *b)
{
    start_block(s, b);
    uint32_t i = b->insn + 1;
    for (; s->cur && !s->g->failure; i++) {
        if (i >= s->code->n_insns || s->code->bci[i] >= b->end) {
            /* falls into the next block */
            struct ir_value *v = ir_value_new(s->g, IR_GOTO, IR_V, 0);
            ir_append(s->cur, v);
            fe_edge(s, b->end);
            return;
        }
        s->insn = i;
        s->bci = s->code->bci[i];
        s->state = NULL;
        if (fe_instruction(s)) { return; }
    }
}

static void read_scope(struct scope *s)
{
    for (unsigned i = 0; i < s->n_rpo && !s->g->failure; i++) {
        struct bblock *b = s->rpo[i];
        if (b->entry.n) { read_block(s, b); }
    }
    finish_loops(s);
}

static bool open_scope(struct scope *s, int start)
{
    s->code = s->m->code_cache;
    s->bc = s->m->code;
    if (!s->code || !fe_find_blocks(s)) {
        fe_fail(s, "not decoded", false);
        return false;
    }
    unsigned cells = s->m->max_locals + s->m->max_stack + 2u;
    s->v = ir_alloc(s->g, cells * sizeof *s->v);
    s->sp = s->m->max_locals;
    struct bblock *first = s->first = s->at[start];
    s->entry_count = first->count;
    fe_order_blocks(s, first);
    if (s->g->failure) { return false; }
    fe_find_loops(s);
    return true;
}

/* ---- parameters ---- */

struct class *fe_class_of_descriptor(const struct class *holder, const char *desc, size_t n)
{
    unsigned dims = 0;
    while (dims < n && desc[dims] == '[') { dims++; }
    struct class *c = NULL;
    if (desc[dims] == 'L') {
        const char *name = desc + dims + 1;
        size_t length = n - dims - 2;
        if (holder->name->length == length && !memcmp(holder->name->text, name, length)) {
            c = (struct class *)holder;
        } else if (length == 16 && !memcmp(name, "java/lang/String", 16)) {
            c = KC(String);
        } else if (length == 16 && !memcmp(name, "java/lang/Object", 16)) {
            c = KC(Object);
        }
    } else if (dims) {
        c = class_primitive(type_of_char(desc[dims]));
    }
    for (unsigned i = 0; i < dims && c; i++) { c = c->array_class; }
    /* the verifier lets anything pass where an interface is asked for */
    return c && (c->kind == CLASS_ARRAY ? c->element : c)->access_flags & ACC_INTERFACE ? NULL : c;
}

static struct ir_value *param(struct scope *s, enum ir_type type, unsigned index)
{
    struct ir_value *v = ir_value_new(s->g, IR_PARAM, type, 0);
    v->index = index;
    v->bci = 0;
    ir_append(s->cur, v);
    return v;
}

static void method_params(struct scope *s)
{
    unsigned index = 0;
    struct params p = params_of_method(s->m);
    while (params_next(&p)) {
        struct ir_value *v = param(s, ir_type_of(p.type), index++);
        if (!p.text) {
            v->flags |= VALUE_NONNULL;
            if (!class_is_interface(s->m->cls)) { v->cls = s->m->cls; }
        } else if (v->type == IR_R) {
            v->cls = fe_class_of_descriptor(s->m->cls, p.text, p.length);
        }
        s->v[p.cell] = v;
    }
}

/* Type of a live local at a block: that of the first instruction that reads it. */
static enum ir_type local_type(struct scope *s, struct bblock *b, unsigned local, uint32_t mark)
{
    if (b->mark == mark) { return IR_V; }
    b->mark = mark;
    for (int i = b->bci; i < b->end;
         i += (int)bytecode_length_checked(s->bc, (uint32_t)i, s->m->code_length)) {
        unsigned index;
        enum opcode op = bytecode_local(s->bc + i, &index);
        if (index != local) { continue; }
        switch (op) {
        case OP_iload:
        case OP_iinc: return IR_I;
        case OP_lload: return IR_J;
        case OP_fload: return IR_F;
        case OP_dload: return IR_D;
        case OP_aload: return IR_R;
        case OP_istore ... OP_astore: return IR_V;
        default: break;
        }
    }
    /* also where the profile has never been: the local lives on for what comes there */
    if (!b->succs) { fe_find_succs(s, b); }
    for (unsigned i = 0; i < b->n_all; i++) {
        enum ir_type t = local_type(s, b->succs[i], local, mark);
        if (t != IR_V) { return t; }
    }
    return IR_V;
}

/* A handler or a pruned block may be the only reader: the whole method is asked, in bytecode order, for its type there. */
static enum ir_type local_type_anywhere(struct scope *s, unsigned local)
{
    enum ir_type found = IR_V;
    for (uint32_t bci = 0; bci < s->m->code_length; bci++) {
        struct bblock *b = s->at[bci];
        if (!b) { continue; }
        struct bblock alone = *b, *alone_succs = NULL;
        alone.succs = &alone_succs;
        alone.n_succs = alone.n_all = 0;
        alone.mark = 0;
        enum ir_type t = local_type(s, &alone, local, ~0u);
        if (t == IR_V) { continue; }
        if (found != IR_V && found != t) { return IR_V; }
        found = t;
    }
    return found;
}

static void osr_params(struct scope *s, struct bblock *b)
{
    uint64_t live = live_at(s, b->bci);
    for (unsigned i = 0; i < s->m->max_locals; i++) {
        if (i >= 64 ? false : !(live >> i & 1)) { continue; }
        enum ir_type t = local_type(s, b, i, 0x40000000u + i);
        if (t == IR_V) { t = local_type_anywhere(s, i); }
        if (t == IR_V) {
            if (i >= 64) { continue; } /* not tracked: most likely dead */
            fe_fail(s, "type of a local unknown at the loop", false);
            return;
        }
        struct ir_value *v = param(s, t, i);
        if (i == 0 && !method_is_static(s->m) && t == IR_R && !(b->stored & 1) &&
            !class_is_interface(s->m->cls)) {
            bool assigned = false; /* javac never assigns `this`, others may */
            struct bblock all = {0};
            for (unsigned k = 0; k < s->n_rpo; k++) { fe_note_stores(s, s->rpo[k], &all); }
            for (uint32_t bci = 0; bci < s->m->code_length; bci++) {
                if (s->at[bci]) { fe_note_stores(s, s->at[bci], &all); }
            }
            assigned = all.stored & 1;
            if (!assigned) {
                v->cls = s->m->cls;
                v->flags |= VALUE_NONNULL;
            }
        }
        s->v[i] = v;
    }
}

/* ---- PHIs that merge one value only ---- */

static bool drop_trivial_phis(struct ir_graph *g)
{
    bool changed = false;
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *phi = b->first, *next; phi && phi->op == IR_PHI; phi = next) {
            next = phi->next;
            struct ir_value *only = NULL;
            bool trivial = true;
            for (unsigned i = 0; i < phi->n_args && trivial; i++) {
                struct ir_value *a = ir_value(phi->args[i]);
                if (a == phi || a == only) { continue; }
                trivial = !only;
                only = a;
            }
            if (trivial && only) {
                ir_replace(phi, only);
                changed = true;
            }
        }
    }
    return changed;
}

/* ---- entry points ---- */

static struct ir_value *lock_object(struct scope *s)
{
    return method_is_static(s->m) ? fe_ref(s, s->m->cls->mirror) : s->v[0];
}

struct ir_value *fe_inline(struct scope *s, struct method *m, struct ir_value **args, unsigned n)
{
    struct scope c = {.fe = s->fe,
                      .g = s->g,
                      .caller = s,
                      .m = m,
                      .depth = s->depth + 1,
                      .freq = block_freq(s, s->bb)};
    c.caller_state = fe_state_at(s, s->bci);
    c.bb = NULL;
    if (!open_scope(&c, 0)) { return NULL; }
    unsigned cell = 0;
    for (unsigned i = 0; i < n; i++) {
        c.v[cell] = args[i];
        cell += ir_has_two_cells(args[i]->type) ? 2 : 1;
    }
    c.cur = s->cur;
    c.ret.block = ir_block_new(s->g, s->m, s->bci);
    c.ret.block->freq = c.freq;
    c.returns_value = m->ret_type != T_VOID;
    if (m->flags & ACC_SYNCHRONIZED) {
        struct ir_value *o = lock_object(&c);
        fe_helper(&c, HELPER_monitor_enter, IR_V, 1, o);
        c.lock = o;
    }
    c.bb = c.at[0];
    prepare_block(&c, c.at[0]);
    ir_append(c.cur, ir_value_new(c.g, IR_GOTO, IR_V, 0));
    fe_merge_edge(&c, &c.at[0]->entry);
    read_scope(&c);
    if (c.g->failure || !c.ret.n) {
        s->cur = NULL;
        return NULL;
    }
    s->cur = c.ret.block;
    if (!c.returns_value) { return NULL; }
    return merge_cell(s, &c.ret, 0);
}

struct ir_graph *frontend_build(const struct jit_task *task)
{
    struct ir_graph *g = ir_graph_new(task->method, task->osr_bci);
    struct frontend fe = {.g = g, .task = task};
    struct scope s = {.fe = &fe, .g = g, .m = task->method, .freq = 1, .osr = task->osr_bci >= 0};
    if (task->method->ret_type == 0) { fe_fail(&s, "bad descriptor", true); }
    int start = s.osr ? task->osr_bci : 0;
    if (g->failure || !open_scope(&s, start)) { return g; }
    s.cur = g->entry = ir_block_new(g, s.m, start);
    g->entry->freq = 1;
    s.bci = start;
    if (s.osr) {
        osr_params(&s, s.at[start]);
        if (g->failure) { return g; }
    } else {
        method_params(&s);
        if (s.m->flags & ACC_SYNCHRONIZED) {
            struct ir_value *o = lock_object(&s);
            fe_helper(&s, HELPER_monitor_enter, IR_V, 1, o);
            s.lock = o;
        }
    }
    for (unsigned i = 0; i < s.n_rpo; i++) {
        double freq = block_freq(&s, s.rpo[i]);
        if (freq > fe.hottest) { fe.hottest = freq; }
    }
    s.bb = s.at[start];
    prepare_block(&s, s.at[start]);
    ir_append(s.cur, ir_value_new(g, IR_GOTO, IR_V, 0));
    /* the entry's edge is a forward edge, also to a loop header */
    fe_merge_edge(&s, &s.at[start]->entry);
    read_scope(&s);
    if (g->failure) { return g; }
    ir_order(g);
    while (drop_trivial_phis(g)) {}
    ir_clean_copies(g);
    return g;
}
