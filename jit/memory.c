/*
 * memory.c - alias questions, see memory.h.
 */
#include "jit/memory.h"
#include "jit/jit.h"
#include "jit/linear.h"
#include "runtime/classes/known.h"

unsigned memory_helper_flags(uint32_t helper)
{
    static const uint8_t flags_of[HELPER_COUNT] = {
#define HELPER(name, types, flags, text) flags,
#include "jit/helpers.def"
    };
    return helper < HELPER_COUNT ? flags_of[helper] : 0;
}

/* A Reference's referent: the collector clears it, so an allocation may come between two loads that see different values. */
static bool is_referent(const struct ir_value *v)
{
    const struct field *f = v->op == IR_LOAD ? v->k.field : NULL;
    return f && f->cls == KC(Reference) && f->offset == OFF(Reference_referent);
}

bool memory_is_plain_load(const struct ir_value *v)
{
    return (v->op == IR_LOAD || v->op == IR_LOADX || v->op == IR_LOADS) &&
           !(v->flags & VALUE_VOLATILE) && !is_referent(v);
}

bool memory_is_plain_store(const struct ir_value *v)
{
    return (v->op == IR_STORE || v->op == IR_STOREX || v->op == IR_STORES) &&
           !(v->flags & VALUE_VOLATILE);
}

/* The array that a STORERAW or a helper writes elements of, of whatever size; NULL: not such a one. */
static const struct ir_value *written_array(const struct ir_value *v)
{
    if (v->op == IR_RT) { return memory_helper_flags(v->index) & H_ELEMENTS ? v->args[2] : NULL; }
    const struct ir_value *at = v->op == IR_STORERAW ? v->args[0] : NULL;
    if (!at || at->op != IR_ADDR || v->flags & VALUE_VOLATILE) { return NULL; }
    const struct class *c = at->args[0]->cls;
    return c && c->kind == CLASS_ARRAY ? at->args[0] : NULL;
}

bool memory_writes(const struct ir_value *v)
{
    return memory_is_plain_store(v) || written_array(v);
}

bool memory_kills_all(const struct ir_value *v)
{
    switch (v->op) {
    case IR_NEW:
    case IR_NEWARRAY:
    case IR_NEWMULTI: return false;
    case IR_RT: return !(memory_helper_flags(v->index) & (H_PURE | H_READS | H_ELEMENTS));
    case IR_LOADRAW: return (v->flags & VALUE_VOLATILE) && !(v->flags & VALUE_OUTSIDE);
    case IR_STORERAW: return !(v->flags & VALUE_OUTSIDE) && !written_array(v);
    default: break;
    }
    if (memory_is_plain_load(v) || memory_is_plain_store(v) || is_referent(v)) { return false; }
    return (ir_flags(v) & (IRF_READ | IRF_WRITE | IRF_CALL)) != 0;
}

static const struct ir_value *object_of(const struct ir_value *v)
{
    while (v->op == IR_NONNULL || v->op == IR_CAST || v->op == IR_COPY) { v = v->args[0]; }
    return v;
}

static bool is_new(const struct ir_value *v)
{
    return v->op == IR_NEW || v->op == IR_NEWARRAY || v->op == IR_NEWMULTI;
}

bool memory_may_be_same(const struct ir_value *a, const struct ir_value *b)
{
    a = object_of(a);
    b = object_of(b);
    if (a == b) { return true; }
    if (is_new(b)) {
        const struct ir_value *t = a;
        a = b;
        b = t;
    }
    if (is_new(a)) {
        if (is_new(b) || b->op == IR_PARAM || ir_is_const(b)) { return false; }
        /* What was there before the object was made is another one. (The same block: not worth a search.) */
        if (b->block && a->block && b->block != a->block && ir_dominates(b->block, a->block)) {
            return false;
        }
        return true;
    }
    return !(ir_is_const(a) && ir_is_const(b));
}

/* Boolean and byte arrays share their instructions. */
static unsigned array_group(enum basic_type t)
{
    return t == T_BOOLEAN ? T_BYTE : t == T_ARRAY ? T_OBJECT : t;
}

/* Is factor * x never 0, modulo 2^32? The place is where x has its value. */
static bool never_zero(struct range *facts, struct ir_value *x, uint32_t factor, struct range_at at)
{
    uint32_t size = (int32_t)factor < 0 ? -factor : factor;
    int64_t max = (int64_t)(UINT32_MAX / size);
    return facts && x->type == IR_I && range_prove(facts, NULL, x, -1, at) &&
           (max >= INT32_MAX || range_prove(facts, x, NULL, max, at));
}

/* Do a store's index and another never name the same element? If all factors of their difference are even and the constant is odd, say,
 * then it is not 0. */
static bool different_index(const struct ir_value *store, struct ir_value *other,
                            struct range *facts)
{
    struct ir_value *index = store->args[1];
    struct linear d;
    if (index->type != other->type || !linear_difference(&d, index, other)) { return false; }
    if (d.n == 0) { return d.constant != 0; }
    uint64_t factors = 0;
    for (unsigned i = 0; i < d.n; i++) { factors |= d.terms[i].factor; }
    uint64_t lowest = factors & -factors;
    if (d.constant & (lowest - 1)) { return true; }
    return d.n == 1 && d.constant == 0 &&
           never_zero(facts, d.terms[0].value, (uint32_t)d.terms[0].factor, range_before(store));
}

static int place_kind(const struct ir_value *v)
{
    switch (v->op) {
    case IR_LOAD:
    case IR_STORE: return 1;
    case IR_LOADX:
    case IR_STOREX: return 2;
    default: return 3;
    }
}

static bool overlap(const struct ir_value *a, const struct ir_value *b)
{
    return a->offset < b->offset + type_size(b->mem) && b->offset < a->offset + type_size(a->mem);
}

/* May elements of the array be what a LOADX reads? */
static bool elements_may_alias(const struct ir_value *array, const struct ir_value *access)
{
    const struct class *c = array->cls;
    if (place_kind(access) != 2) { return false; }
    if (c && c->kind == CLASS_ARRAY && array_group(c->elem_type) != array_group(access->mem)) {
        return false;
    }
    return memory_may_be_same(array, access->args[0]);
}

bool memory_may_alias(const struct ir_value *store, const struct ir_value *access,
                      struct range *facts)
{
    const struct ir_value *array = written_array(store);
    if (array) { return elements_may_alias(array, access); }
    if (place_kind(store) != place_kind(access)) { return false; }
    switch (place_kind(store)) {
    case 1:
        if (!overlap(store, access)) { return false; }
        if (store->k.field && access->k.field && store->k.field != access->k.field) {
            return false;
        }
        return memory_may_be_same(store->args[0], access->args[0]);
    case 2:
        if (array_group(store->mem) != array_group(access->mem)) { return false; }
        if (different_index(store, access->args[1], facts)) { return false; }
        return memory_may_be_same(store->args[0], access->args[0]);
    default: return overlap(store, access);
    }
}

bool memory_same_place(const struct ir_value *a, const struct ir_value *b)
{
    if (place_kind(a) != place_kind(b) || array_group(a->mem) != array_group(b->mem)) {
        return false;
    }
    switch (place_kind(a)) {
    case 1: return a->offset == b->offset && object_of(a->args[0]) == object_of(b->args[0]);
    case 2: return a->args[1] == b->args[1] && object_of(a->args[0]) == object_of(b->args[0]);
    default: return a->offset == b->offset;
    }
}
