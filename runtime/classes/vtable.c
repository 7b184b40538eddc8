/*
 * vtable.c - virtual method tables and interface tables (JVMS 5.4.5, 5.4.6).
 *
 *   vtable    superclass's slots | own new methods | mirandas
 *   itable    one entry for every interface of the class; its methods in the interface's own numbering
 *
 * A "miranda" slot stands for an interface method that no class on the way up declares, so that invokevirtual can
 * reach it: it holds the default method selected for this class, or the abstract method, or an overpass method when
 * two defaults conflict. A subclass selects anew; a class that declares the method takes the slot over.
 *
 * A method may override several slots: a package-private method of the same package and a public one of another.
 * The nearest one is its vtable_index; the others are owned by ancestors, so a subclass finds them again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

/* May a method of class c override `m` as far as access goes (JVMS 5.4.5)? */
static bool overridable_from(const struct class *c, const struct method *m)
{
    if (m->flags & (ACC_PUBLIC | ACC_PROTECTED)) { return true; }
    return !(m->flags & ACC_PRIVATE) && class_same_package(c, m->cls);
}

static bool takes_slot(const struct method *m)
{
    return !(m->flags & (ACC_STATIC | ACC_PRIVATE)) && !(m->props & (MP_INIT | MP_CLINIT));
}

/* ---- interfaces ---- */

static bool has_interface(const struct itable_entry *set, uint32_t n, const struct class *iface)
{
    for (uint32_t i = 0; i < n; i++) {
        if (set[i].iface == iface) { return true; }
    }
    return false;
}

void build_interface_set(struct class *c)
{
    uint32_t inherited = c->super ? c->super->n_itable : 0;
    if (c->n_interfaces == 0) {
        if (inherited && !class_is_interface(c)) {
            c->itable = meta_alloc(inherited * sizeof c->itable[0]);
            memcpy(c->itable, c->super->itable, inherited * sizeof c->itable[0]);
            c->n_itable = inherited;
        }
        return;
    }
    uint32_t limit = inherited;
    for (unsigned i = 0; i < c->n_interfaces; i++) { limit += 1 + c->interfaces[i]->n_itable; }
    struct itable_entry *set = calloc(limit, sizeof set[0]);
    if (!set) { abort(); }
    uint32_t n = 0;
    for (; n < inherited; n++) { set[n] = c->super->itable[n]; }
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        struct class *iface = c->interfaces[i];
        if (!has_interface(set, n, iface)) { set[n++].iface = iface; }
        for (uint32_t j = 0; j < iface->n_itable; j++) {
            if (!has_interface(set, n, iface->itable[j].iface)) {
                set[n++].iface = iface->itable[j].iface;
            }
        }
    }
    c->itable = meta_alloc(n * sizeof set[0]);
    memcpy(c->itable, set, n * sizeof set[0]);
    c->n_itable = n;
    free(set);
}

/* Numbers the methods of an interface. */
static uint32_t number_interface_methods(struct class *c)
{
    int32_t n = 0;
    for (unsigned i = 0; i < c->n_methods; i++) {
        struct method *m = &c->methods[i];
        m->vtable_index = takes_slot(m) ? n++ : VTABLE_NONE;
    }
    c->vtable_length = (uint32_t)n; /* of an interface: how many methods its itables have */
    return (uint32_t)n;
}

/* ---- mirandas ---- */

void *method_first_entry;

static struct method *new_overpass(struct class *c, const struct method *like)
{
    struct method *m = meta_alloc(sizeof *m);
    m->cls = c;
    m->name = like->name;
    m->desc = like->desc;
    m->flags = ACC_PUBLIC | ACC_SYNTHETIC;
    m->props = MP_OVERPASS;
    m->slot = UINT16_MAX;
    m->ret_type = like->ret_type;
    m->n_params = like->n_params;
    m->arg_slots = like->arg_slots;
    m->max_locals = like->arg_slots;
    m->vtable_index = VTABLE_NONE;
    m->entry = method_first_entry;
    return m;
}

void method_throw_overpass(struct thread *t, const struct method *m)
{
    char text[1024] = "Conflicting default methods:";
    struct class *c = m->cls;
    size_t at = strlen(text);
    for (uint32_t i = 0; i < c->n_itable; i++) {
        struct class *iface = c->itable[i].iface;
        struct method *d = class_declared_method(iface, m->name, m->desc);
        if (!d || (d->flags & (ACC_STATIC | ACC_PRIVATE | ACC_ABSTRACT))) { continue; }
        bool shadowed = false;
        for (uint32_t j = 0; j < c->n_itable; j++) {
            struct class *other = c->itable[j].iface;
            shadowed = shadowed || (other != iface && class_is_subclass(other, iface) &&
                                    class_declared_method(other, m->name, m->desc));
        }
        if (!shadowed && at < sizeof text) {
            at += (size_t)snprintf(text + at, sizeof text - at, " %s.%s", iface->name->text,
                                   m->name->text);
        }
    }
    throw_new(t, "java/lang/IncompatibleClassChangeError", "%s", text);
}

/* What stands in a miranda slot of class c. `old`: what the superclass has there, or the interface's method. */
static struct method *select_miranda(struct class *c, struct method *old)
{
    bool conflict;
    struct method *m = maximally_specific(c, old->name, old->desc, &conflict);
    if (conflict) {
        return (old->props & MP_OVERPASS) && old->cls->n_itable == c->n_itable
                   ? old
                   : new_overpass(c, old);
    }
    return m ? m : old;
}

/* ---- the vtable of a class ---- */

struct builder {
    struct class *c;
    struct method **slots;
    uint32_t n, capacity;
    uint32_t *mirandas;
    uint32_t n_mirandas;
};

static uint32_t add_slot(struct builder *b, struct method *m)
{
    if (b->n == b->capacity) {
        b->capacity = b->capacity * 2 + 16;
        b->slots = realloc(b->slots, b->capacity * sizeof b->slots[0]);
        if (!b->slots) { abort(); }
    }
    b->slots[b->n] = m;
    return b->n++;
}

static bool throw_final(struct thread *t, const struct class *c, const struct method *m,
                        const struct method *final_method)
{
    char name[512], above[512];
    throw_new(t, "java/lang/IncompatibleClassChangeError",
              "class %s overrides final method %s.%s%s", class_external_name(c, name, sizeof name),
              class_external_name(final_method->cls, above, sizeof above), m->name->text,
              m->desc->text);
    return false;
}

/* Enters method m of c in every slot that it overrides, or in a new one. */
static bool place_method(struct thread *t, struct builder *b, struct method *m)
{
    struct class *c = b->c;
    for (struct class *s = c->super; s; s = s->super) {
        struct method *above = class_declared_method(s, m->name, m->desc);
        if (!above || !takes_slot(above)) { continue; }
        int32_t slot = above->vtable_index;
        struct method *now = slot == VTABLE_NONE ? above : c->super->vtable[slot];
        if (!overridable_from(c, above) && !overridable_from(c, now)) { continue; }
        if ((above->flags & ACC_FINAL) && overridable_from(c, above)) {
            return throw_final(t, c, m, above);
        }
        if (slot != VTABLE_NONE) {
            b->slots[slot] = m;
            if (m->vtable_index == VTABLE_NONE) { m->vtable_index = slot; }
        }
    }
    /* A miranda of the superclass becomes this method's. */
    for (uint32_t i = 0; i < b->n_mirandas; i++) {
        struct method *at = b->slots[b->mirandas[i]];
        if (at->name == m->name && at->desc == m->desc) {
            m->vtable_index = (int32_t)b->mirandas[i];
            b->slots[m->vtable_index] = m;
            b->mirandas[i] = b->mirandas[--b->n_mirandas];
            break;
        }
    }
    if (m->vtable_index == VTABLE_NONE && !(m->flags & ACC_FINAL) &&
        !(c->access_flags & ACC_FINAL)) {
        m->vtable_index = (int32_t)add_slot(b, m);
    }
    return true;
}

/* New interfaces may bring mirandas, and change what inherited ones select. */
static void place_mirandas(struct builder *b)
{
    struct class *c = b->c;
    uint32_t inherited = c->super->n_itable;
    if (c->n_itable == inherited) { return; }
    for (uint32_t i = 0; i < b->n_mirandas; i++) {
        struct method **at = &b->slots[b->mirandas[i]];
        *at = select_miranda(c, *at);
    }
    uint32_t capacity = b->n_mirandas;
    for (uint32_t i = inherited; i < c->n_itable; i++) {
        struct class *iface = c->itable[i].iface;
        for (unsigned k = 0; k < iface->n_methods; k++) {
            struct method *m = &iface->methods[k];
            if (m->vtable_index == VTABLE_NONE || find_instance_method(c, m->name, m->desc)) {
                continue;
            }
            bool there = false;
            for (uint32_t j = 0; j < b->n_mirandas && !there; j++) {
                struct method *at = b->slots[b->mirandas[j]];
                there = at->name == m->name && at->desc == m->desc;
            }
            if (there) { continue; }
            if (b->n_mirandas == capacity) {
                capacity = capacity * 2 + 8;
                b->mirandas = realloc(b->mirandas, capacity * sizeof b->mirandas[0]);
                if (!b->mirandas) { abort(); }
            }
            b->mirandas[b->n_mirandas++] = add_slot(b, select_miranda(c, m));
        }
    }
}

bool build_vtable(struct thread *t, struct class *c)
{
    if (class_is_interface(c)) {
        number_interface_methods(c);
        return true;
    }
    struct class *super = c->super;
    struct builder b = {.c = c};
    if (super) {
        b.n = super->vtable_length;
        b.n_mirandas = super->n_mirandas;
    }
    b.capacity = b.n + c->n_methods;
    b.slots = malloc((b.capacity + 1) * sizeof b.slots[0]);
    b.mirandas = malloc((b.n_mirandas + 1) * sizeof b.mirandas[0]);
    if (!b.slots || !b.mirandas) { abort(); }
    if (super) {
        memcpy(b.slots, super->vtable, b.n * sizeof b.slots[0]);
        if (b.n_mirandas) {
            memcpy(b.mirandas, super->mirandas, b.n_mirandas * sizeof b.mirandas[0]);
        }
    }
    bool ok = true;
    for (unsigned i = 0; ok && i < c->n_methods; i++) {
        if (takes_slot(&c->methods[i])) { ok = place_method(t, &b, &c->methods[i]); }
    }
    if (ok) {
        if (super) { place_mirandas(&b); }
        if (super && b.n == super->vtable_length &&
            memcmp(b.slots, super->vtable, b.n * sizeof b.slots[0]) == 0) {
            c->vtable = super->vtable; /* nothing of its own: shared */
        } else {
            c->vtable = meta_alloc(b.n * sizeof b.slots[0]);
            memcpy(c->vtable, b.slots, b.n * sizeof b.slots[0]);
        }
        c->vtable_length = b.n;
        c->n_mirandas = b.n_mirandas;
        if (b.n_mirandas) {
            c->mirandas = meta_alloc(b.n_mirandas * sizeof b.mirandas[0]);
            memcpy(c->mirandas, b.mirandas, b.n_mirandas * sizeof b.mirandas[0]);
        }
    }
    free(b.slots);
    free(b.mirandas);
    return ok;
}

/* The method that serves interface method m in class c (JVMS 5.4.6). */
static struct method *implementation(struct class *c, struct method *m)
{
    struct method *own = find_instance_method(c, m->name, m->desc);
    if (own) { return own; }
    for (uint32_t i = 0; i < c->n_mirandas; i++) {
        struct method *at = c->vtable[c->mirandas[i]];
        if (at->name == m->name && at->desc == m->desc) { return at; }
    }
    return m;
}

void build_itable(struct class *c)
{
    if (class_is_interface(c)) { return; }
    struct class *super = c->super;
    for (uint32_t i = 0; i < c->n_itable; i++) {
        struct itable_entry *e = &c->itable[i];
        struct class *iface = e->iface;
        uint32_t n = iface->vtable_length;
        struct method **old = super && i < super->n_itable ? super->itable[i].methods : NULL;
        struct method *small[32];
        struct method **made = n <= ARRAY_COUNT(small) ? small : malloc(n * sizeof made[0]);
        if (!made) { abort(); }
        for (unsigned k = 0; k < iface->n_methods; k++) {
            struct method *m = &iface->methods[k];
            if (m->vtable_index != VTABLE_NONE) { made[m->vtable_index] = implementation(c, m); }
        }
        if (old && memcmp(old, made, n * sizeof made[0]) == 0) {
            e->methods = old;
        } else {
            e->methods = meta_alloc(n * sizeof made[0] + 8);
            memcpy(e->methods, made, n * sizeof made[0]);
        }
        if (made != small) { free(made); }
    }
}

struct method *class_slot_root(const struct class *c, uint32_t slot)
{
    while (c->super && c->super->vtable_length > slot) { c = c->super; }
    return c->vtable[slot];
}

void note_overrides(const struct class *c)
{
    if (!c->super || class_is_interface(c) || c->vtable == c->super->vtable) { return; }
    for (uint32_t i = 0; i < c->super->vtable_length; i++) {
        if (c->vtable[i] != c->super->vtable[i]) {
            __atomic_fetch_add(&class_slot_root(c, i)->overrides, 1, __ATOMIC_SEQ_CST);
        }
    }
}
