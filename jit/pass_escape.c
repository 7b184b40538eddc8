/*
 * pass_escape.c - scalar replacement: objects that nobody else sees are not made.
 *
 * An allocation does not escape if it only flows into accesses of its own fields (arrays: constant indices), type and null
 * checks, comparisons, monitor operations on it, and frame states. Then its fields become values, with PHIs where control
 * meets; monitor operations on it go (no other thread can lock it); and each state that names it describes it (VALUE_VIRTUAL),
 * so that it is made when control leaves compiled code there. Objects that flow into a PHI escape, even if that only
 * merges them with themselves.
 *
 * One object at a time, over the blocks that its allocation dominates: each merge among them gets a PHI per field, most of
 * which gvn and dce drop again. An object stored in another one's field is tried again when that one is gone.
 *
 * First of all, stores that are overwritten at once go.
 *
 * Cost: uses times objects. Needs: gvn before it (few aliases), gvn and dce behind it.
 */
#include <stdlib.h>
#include <string.h>
#include "jit/jit.h"
#include "jit/memory.h"
#include "jit/passes.h"
#include "jit/ir.h"

#define MAX_FIELDS 24
#define MAX_LENGTH 32
#define MAX_ROUNDS 3

struct part {
    uint32_t offset; /* arrays: index */
    uint8_t mem;
};

struct flow { /* of a block: what holds at its end */
    struct ir_value *value[MAX_FIELDS];
    uint32_t locks;
    bool seen;
};

struct escape {
    struct ir_graph *g;
    struct ir_value *object;
    struct part parts[MAX_FIELDS];
    uint32_t n_parts;
    bool monitors;
    struct flow *flows; /* by block order */
    struct flow now;
    /* the copies of one state chain */
    struct ir_value *made;
    struct ir_value *from[16], *to[16];
    uint32_t n_copies;
    bool failed;
};

static bool is_array(const struct escape *e) { return e->object->op == IR_NEWARRAY; }

static bool is_alias(const struct escape *e, struct ir_value *v)
{
    return v && ir_reference(v) == e->object;
}

static bool is_monitor(const struct ir_value *v)
{
    return v->op == IR_RT && (v->index == HELPER_monitor_enter || v->index == HELPER_monitor_exit);
}

/* ---- may it be replaced? ---- */

static bool good_class(const struct ir_value *v)
{
    const struct class *c = v->k.cls;
    if (v->op == IR_NEWARRAY) {
        return c && ir_is_const(v->args[0]) && v->args[0]->k.i >= 0 &&
               v->args[0]->k.i <= MAX_LENGTH;
    }
    return v->op == IR_NEW && c && !(c->props & (CLP_HAS_FINALIZER | CLP_THREAD)) &&
           c->ref_kind == REFKIND_NONE;
}

static bool add_part(struct escape *e, uint32_t offset, enum basic_type mem)
{
    if (mem == T_ARRAY) { mem = T_OBJECT; }
    uint32_t size = is_array(e) ? 1 : type_size(mem);
    for (uint32_t i = 0; i < e->n_parts; i++) {
        const struct part *s = &e->parts[i];
        if (s->offset == offset && s->mem == mem) { return true; }
        uint32_t other = is_array(e) ? 1 : type_size((enum basic_type)s->mem);
        if (offset < s->offset + other && s->offset < offset + size) { return false; }
    }
    if (e->n_parts == MAX_FIELDS) { return false; }
    e->parts[e->n_parts++] = (struct part){offset, (uint8_t)mem};
    return true;
}

static bool good_index(const struct escape *e, const struct ir_value *i)
{
    return ir_is_const(i) && i->k.i >= 0 && i->k.i < e->object->args[0]->k.i;
}

/* All uses by v as an argument; states are no matter. */
static bool use_is_harmless(struct escape *e, struct ir_value *v)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->n_args; i++) { n += is_alias(e, v->args[i]); }
    if (!n) { return true; }
    switch (v->op) {
    case IR_NONNULL:
    case IR_CAST:
    case IR_KEEP:
    case IR_CLASSID: return true;
    case IR_ARRAYLEN: return is_array(e);
    case IR_LOAD: return !is_array(e) && add_part(e, v->offset, v->mem);
    case IR_STORE:
        return !is_array(e) && n == 1 && is_alias(e, v->args[0]) && add_part(e, v->offset, v->mem);
    case IR_LOADX:
        return is_array(e) && good_index(e, v->args[1]) &&
               add_part(e, (uint32_t)v->args[1]->k.i, v->mem);
    case IR_STOREX:
        return is_array(e) && n == 1 && is_alias(e, v->args[0]) && good_index(e, v->args[1]) &&
               add_part(e, (uint32_t)v->args[1]->k.i, v->mem);
    case IR_GUARD:
    case IR_IF:
    case IR_COND: return true;
    case IR_SELECT: return !is_alias(e, v->args[2]) && !is_alias(e, v->args[3]);
    case IR_RT: e->monitors = true; return is_monitor(v);
    default: return false;
    }
}

/* The number of times it is locked must be the same on all ways to a place. */
static bool locks_match(struct escape *e)
{
    for (struct ir_block *b = e->g->blocks; b; b = b->next) { e->flows[b->order].seen = false; }
    for (struct ir_block *b = e->object->block; b; b = b->next) {
        if (!ir_dominates(e->object->block, b)) { continue; }
        uint32_t locks = 0;
        bool known = b == e->object->block;
        for (uint32_t i = 0; i < b->n_preds && b != e->object->block; i++) {
            const struct flow *f = &e->flows[b->preds[i]->order];
            if (!f->seen) { continue; } /* a back edge, looked at from its other end */
            if (known && f->locks != locks) { return false; }
            locks = f->locks;
            known = true;
        }
        uint32_t at_start = locks;
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (!is_monitor(v) || !is_alias(e, v->args[0])) { continue; }
            if (v->index == HELPER_monitor_exit && !locks) { return false; }
            locks += v->index == HELPER_monitor_enter ? 1 : UINT32_MAX;
        }
        struct flow *f = &e->flows[b->order];
        f->locks = locks;
        f->seen = true;
        if (locks && b->last->op == IR_RETURN) { return false; }
        /* loop headers have been passed: their depth at the start is that of their first pred */
        for (uint32_t i = 0; i < b->n_succs; i++) {
            const struct ir_block *s = b->succs[i];
            if (!ir_dominates(e->object->block, s) || s == e->object->block) {
                if (locks) { return false; } /* leaves where the object ends */
                continue;
            }
            if (s->order > b->order) { continue; }
            uint32_t want = s == b ? at_start : UINT32_MAX;
            for (uint32_t p = 0; p < s->n_preds && s != b; p++) {
                if (s->preds[p]->order < s->order) { want = e->flows[s->preds[p]->order].locks; }
            }
            if (want != locks) { return false; }
        }
    }
    return true;
}

static bool can_replace(struct escape *e)
{
    e->n_parts = 0;
    e->monitors = false;
    for (struct ir_block *b = e->g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            if (!use_is_harmless(e, v)) { return false; }
        }
    }
    return !e->monitors || locks_match(e);
}

/* ---- states ---- */

static bool names_object(const struct escape *e, struct ir_value *v)
{
    if (!v) { return false; }
    if (is_alias(e, v)) { return true; }
    if (!(v->flags & VALUE_VIRTUAL)) { return false; }
    for (uint32_t i = 0; i < v->virtual->n; i++) {
        if (names_object(e, ir_value(v->virtual->fields[i].value))) { return true; }
    }
    return false;
}

static bool state_names_object(const struct escape *e, const struct ir_state *s)
{
    for (; s; s = s->caller) {
        if (names_object(e, ir_value(s->lock))) { return true; }
        for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
            if (names_object(e, ir_value(s->values[i]))) { return true; }
        }
    }
    return false;
}

static struct ir_value *virtual_new(struct escape *e, const struct ir_value *like, uint32_t n)
{
    struct ir_value *v = ir_value_newv(e->g, IR_NEW, IR_R, 0, NULL);
    v->flags = VALUE_VIRTUAL | VALUE_NONNULL | VALUE_EXACT;
    v->cls = v->k.cls = like->cls ? like->cls : like->k.cls;
    v->bci = like->bci;
    v->virtual = ir_alloc(e->g, sizeof *v->virtual + n * sizeof *v->virtual->fields);
    v->virtual->cls = like->k.cls;
    return v;
}

/* The object as it is now: fields that are not zero. */
static struct ir_value *describe(struct escape *e)
{
    if (e->made) { return e->made; }
    struct ir_value *v = e->made = virtual_new(e, e->object, e->n_parts);
    v->virtual->length = is_array(e) ? (uint32_t)e->object->args[0]->k.i : 0;
    v->virtual->locks = e->now.locks;
    for (uint32_t i = 0; i < e->n_parts; i++) {
        struct ir_value *x = ir_value(e->now.value[i]);
        if (ir_is_const(x) && !x->k.j) { continue; }
        v->virtual->fields[v->virtual->n++] = (struct ir_virtual_field){e->parts[i].offset,
                                                                        e->parts[i].mem, x};
    }
    return v;
}

static struct ir_value *substitute(struct escape *e, struct ir_value *v)
{
    v = ir_value(v);
    if (!names_object(e, v)) { return v; }
    if (is_alias(e, v)) { return describe(e); }
    for (uint32_t i = 0; i < e->n_copies; i++) {
        if (e->from[i] == v) { return e->to[i]; }
    }
    if (e->n_copies == ARRAY_COUNT(e->from)) {
        e->failed = true;
        return v;
    }
    struct ir_value *copy = ir_value_copy_virtual(e->g, v);
    struct ir_virtual *x = copy->virtual;
    e->from[e->n_copies] = v;
    e->to[e->n_copies++] = copy;
    for (uint32_t i = 0; i < x->n; i++) { x->fields[i].value = substitute(e, x->fields[i].value); }
    return copy;
}

static struct ir_state *rewrite_chain(struct escape *e, const struct ir_state *old)
{
    struct ir_state *s = ir_state_copy(e->g, old);
    s->lock = substitute(e, s->lock);
    for (uint32_t i = 0; i < (uint32_t)s->n_locals + s->n_stack; i++) {
        s->values[i] = substitute(e, s->values[i]);
    }
    if (s->caller) { s->caller = rewrite_chain(e, s->caller); }
    return s;
}

static struct ir_state *rewrite_state(struct escape *e, struct ir_state *s)
{
    if (!s || !state_names_object(e, s)) { return s; }
    e->made = NULL;
    e->n_copies = 0;
    return rewrite_chain(e, s);
}

/* ---- fields ---- */

static uint32_t part_of(const struct escape *e, const struct ir_value *access)
{
    uint32_t offset = is_array(e) ? (uint32_t)access->args[1]->k.i : access->offset, i = 0;
    while (e->parts[i].offset != offset) { i++; }
    return i;
}

/* What memory makes of small values. */
static struct ir_value *as_loaded(struct escape *e, struct ir_value *load, struct ir_value *v)
{
    if (load->mem != T_BOOLEAN && load->mem != T_BYTE && load->mem != T_CHAR &&
        load->mem != T_SHORT) {
        return v;
    }
    struct ir_value *narrow = ir_value_new(e->g, IR_NARROW, IR_I, 1, v);
    narrow->k.j = load->mem;
    narrow->bci = load->bci;
    struct ir_value *s = ir_simplify(e->g, narrow);
    if (s == narrow) { ir_insert_before(load, narrow); }
    return s;
}

/* Comparisons with the object: equal to itself only. */
static void fold_comparison(struct escape *e, struct ir_value *v)
{
    bool same = is_alias(e, v->args[0]) && is_alias(e, v->args[1]);
    bool holds = same == (v->cond == IRC_EQ);
    v->args[0] = v->args[1] = ir_const(e->g, IR_R, 0);
    v->cond = holds ? IRC_EQ : IRC_NE;
}

static void rewrite_value(struct escape *e, struct ir_value *v)
{
    v->state = rewrite_state(e, v->state);
    bool used = false;
    for (uint32_t i = 0; i < v->n_args; i++) { used |= is_alias(e, v->args[i]); }
    if (!used) { return; }
    switch (v->op) {
    case IR_LOAD:
    case IR_LOADX: ir_replace(v, as_loaded(e, v, e->now.value[part_of(e, v)])); break;
    case IR_STORE:
    case IR_STOREX:
        e->now.value[part_of(e, v)] = ir_value(v->args[v->n_args - 1]);
        ir_remove(v);
        break;
    case IR_KEEP: ir_remove(v); break;
    case IR_ARRAYLEN: ir_replace(v, e->object->args[0]); break;
    case IR_CLASSID: ir_replace(v, ir_const_int(e->g, (int32_t)class_id(e->object->k.cls))); break;
    case IR_GUARD:
    case IR_IF:
    case IR_COND:
    case IR_SELECT: fold_comparison(e, v); break;
    case IR_RT:
        e->now.locks += v->index == HELPER_monitor_enter ? 1 : UINT32_MAX;
        ir_remove(v);
        break;
    default: break; /* NONNULL, CAST: go with the object */
    }
}

static void enter_block(struct escape *e, struct ir_block *b)
{
    if (b->n_preds == 1) {
        e->now = e->flows[b->preds[0]->order];
        return;
    }
    for (uint32_t i = 0; i < b->n_preds; i++) {
        if (e->flows[b->preds[i]->order].seen) {
            e->now.locks = e->flows[b->preds[i]->order].locks;
        }
    }
    for (uint32_t i = 0; i < e->n_parts; i++) {
        struct ir_value *phi = ir_value_newv(e->g, IR_PHI, ir_type_of(e->parts[i].mem), 0, NULL);
        phi->args = ir_alloc(e->g, b->n_preds * sizeof *phi->args);
        phi->bci = b->bci;
        e->now.value[i] = phi;
    }
}

/* PHIs that enter_block() made get their arguments when all blocks are known; they were kept in `in`. */
static void replace(struct escape *e)
{
    struct ir_graph *g = e->g;
    struct ir_block *home = e->object->block;
    uint32_t n_blocks = g->n_blocks;
    struct flow *in = calloc(n_blocks, sizeof *in);
    for (uint32_t i = 0; i < n_blocks; i++) { e->flows[i].seen = false; }
    for (struct ir_block *b = home; b; b = b->next) {
        if (!ir_dominates(home, b)) { continue; }
        struct ir_value *v = b->first;
        if (b == home) {
            for (uint32_t i = 0; i < e->n_parts; i++) {
                e->now.value[i] = ir_const(g, ir_type_of(e->parts[i].mem), 0);
            }
            e->now.locks = 0;
            v = e->object->next;
        } else {
            enter_block(e, b);
            in[b->order] = e->now;
            in[b->order].seen = b->n_preds > 1;
        }
        for (struct ir_value *next; v; v = next) {
            next = v->next;
            rewrite_value(e, v);
        }
        b->exit_state = rewrite_state(e, b->exit_state);
        e->flows[b->order] = e->now;
        e->flows[b->order].seen = true;
    }
    for (struct ir_block *b = home; b; b = b->next) {
        if (!in[b->order].seen) { continue; }
        for (uint32_t i = 0; i < e->n_parts; i++) {
            struct ir_value *phi = in[b->order].value[i];
            for (uint32_t p = 0; p < b->n_preds; p++) {
                phi->args[p] = e->flows[b->preds[p]->order].value[i];
            }
            phi->n_args = b->n_preds;
            ir_prepend(b, phi);
        }
    }
    free(in);
    /* What is left of the object: aliases that nothing uses. */
    for (struct ir_block *b = home; b; b = b->next) {
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            if (v != e->object && is_alias(e, v)) { ir_remove(v); }
        }
    }
    ir_remove(e->object);
    ir_clean_copies(g);
}

/* ---- stores that are overwritten at once ---- */

#define MAX_AHEAD 16

/* Will another store follow before anybody can look? Throwable's constructors, for one, first store `this` as the cause. */
static bool is_overwritten(const struct ir_value *store)
{
    const struct ir_value *next;
    unsigned ahead = 0;
    for (const struct ir_value *v = store->next; v && ahead < MAX_AHEAD; v = next, ahead++) {
        next = v->next;
        if (v->op == IR_GOTO && v->block->succs[0]->n_preds == 1) {
            next = v->block->succs[0]->first;
        } else if (memory_is_plain_store(v)) {
            if (v->op == IR_STORE && v->mem == store->mem && memory_same_place(v, store)) {
                return true;
            }
        } else if (!(ir_flags(v) & IRF_PURE)) {
            return false;
        }
    }
    return false;
}

static void drop_overwritten(struct ir_graph *g)
{
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first, *next; v; v = next) {
            next = v->next;
            if (v->op == IR_STORE && memory_is_plain_store(v) && is_overwritten(v)) {
                ir_remove(v);
            }
        }
    }
}

void pass_escape(struct ir_graph *g)
{
    ir_clean_copies(g);
    drop_overwritten(g);
    ir_analyse(g);
    struct escape e = {.g = g};
    e.flows = calloc(g->n_blocks, sizeof *e.flows);
    bool changed = true;
    for (int round = 0; changed && round < MAX_ROUNDS; round++) {
        changed = false;
        for (struct ir_block *b = g->blocks; b; b = b->next) {
            for (struct ir_value *v = b->first, *next; v; v = next) {
                next = v->next;
                if (!good_class(v)) { continue; }
                e.object = v;
                if (!can_replace(&e)) { continue; }
                replace(&e);
                changed = true;
                next = b->first; /* what followed may be gone */
            }
        }
    }
    free(e.flows);
    if (e.failed) { g->failure = "objects in objects in a state"; }
}
