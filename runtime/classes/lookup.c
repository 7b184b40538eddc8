/*
 * lookup.c - finding members (JVMS 5.4.3.2 - 5.4.3.4, 5.4.6).
 *
 * Declared methods are found through a small hash index per class, keyed by the addresses of name and descriptor.
 */
#include <string.h>

#include "runtime/classes/classes-internal.h"

static uint32_t member_hash(const struct symbol *name, const struct symbol *desc)
{
    return name->hash * 31 + desc->hash;
}

int index_methods(struct class *c)
{
    if (c->n_methods == 0) { return -1; }
    uint32_t size = 2;
    while (size < c->n_methods + c->n_methods / 2u) { size *= 2; }
    c->method_hash = meta_alloc(size * sizeof c->method_hash[0]);
    c->method_hash_mask = size - 1;
    for (unsigned i = 0; i < c->n_methods; i++) {
        struct method *m = &c->methods[i];
        uint32_t at = member_hash(m->name, m->desc) & c->method_hash_mask;
        for (; c->method_hash[at]; at = (at + 1) & c->method_hash_mask) {
            struct method *other = &c->methods[c->method_hash[at] - 1];
            if (other->name == m->name && other->desc == m->desc) { return (int)i; }
        }
        c->method_hash[at] = (uint16_t)(i + 1); /* a class has at most 65535 methods */
    }
    return -1;
}

struct method *class_declared_method(struct class *c, struct symbol *name, struct symbol *desc)
{
    if (c->n_methods == 0) { return NULL; }
    uint32_t at = member_hash(name, desc) & c->method_hash_mask;
    for (unsigned i; (i = c->method_hash[at]) != 0; at = (at + 1) & c->method_hash_mask) {
        struct method *m = &c->methods[i - 1];
        if (m->name == name && m->desc == desc) { return m; }
    }
    return NULL;
}

struct method *class_find_method(struct class *c, struct symbol *name, struct symbol *desc)
{
    for (; c; c = c->super) {
        struct method *m = class_declared_method(c, name, desc);
        if (m) { return m; }
    }
    return NULL;
}

struct method *find_instance_method(struct class *c, struct symbol *name, struct symbol *desc)
{
    for (; c; c = c->super) {
        struct method *m = class_declared_method(c, name, desc);
        if (m && !(m->flags & (ACC_STATIC | ACC_PRIVATE))) { return m; }
    }
    return NULL;
}

/* Signature-polymorphic: MethodHandle and VarHandle answer any descriptor with the declared native (JVMS 5.4.3.3). */
static struct method *polymorphic_method(struct class *c, struct symbol *name)
{
    if ((c != KC(MethodHandle) && c != KC(VarHandle)) || !c) { return NULL; }
    for (unsigned i = 0; i < c->n_methods; i++) {
        if (c->methods[i].name == name && c->methods[i].intrinsic != MI_NONE) {
            return &c->methods[i];
        }
    }
    return NULL;
}

struct method *maximally_specific(struct class *c, struct symbol *name, struct symbol *desc,
                                  bool *conflict)
{
    struct method *best = NULL; /* the default found, or else any abstract one */
    *conflict = false;
    for (unsigned i = 0; i < c->n_itable; i++) {
        struct class *iface = c->itable[i].iface;
        struct method *m = class_declared_method(iface, name, desc);
        if (!m || (m->flags & (ACC_STATIC | ACC_PRIVATE))) { continue; }
        /* Shadowed by a subinterface of iface that declares it too? */
        bool shadowed = false;
        for (unsigned j = 0; j < c->n_itable && !shadowed; j++) {
            struct class *other = c->itable[j].iface;
            if (other != iface && class_is_subclass(other, iface)) {
                struct method *o = class_declared_method(other, name, desc);
                shadowed = o && !(o->flags & (ACC_STATIC | ACC_PRIVATE));
            }
        }
        if (shadowed) { continue; }
        if (!best || (best->flags & ACC_ABSTRACT)) {
            best = m->flags & ACC_ABSTRACT && best ? best : m;
        } else if (!(m->flags & ACC_ABSTRACT)) {
            *conflict = true;
        }
    }
    return best;
}

/* Any superinterface method that is neither static nor private, then (JVMS 5.4.3.3 step 3) static ones too. */
static struct method *interface_method(struct class *c, struct symbol *name, struct symbol *desc)
{
    bool conflict;
    return maximally_specific(c, name, desc, &conflict);
}

struct method *class_lookup_method(struct class *c, struct symbol *name, struct symbol *desc)
{
    struct method *m;
    if (c->kind == CLASS_ARRAY) { return class_find_method(KC(Object), name, desc); }
    if (class_is_interface(c)) {
        m = class_declared_method(c, name, desc);
        if (!m) {
            /* Public instance methods of Object (5.4.3.4 step 3). */
            m = class_declared_method(c->super, name, desc);
            if (m && ((m->flags & ACC_STATIC) || !(m->flags & ACC_PUBLIC))) { m = NULL; }
        }
        return m ? m : interface_method(c, name, desc);
    }
    m = polymorphic_method(c, name);
    if (!m) { m = class_find_method(c, name, desc); }
    return m ? m : interface_method(c, name, desc);
}

struct field *class_declared_field(struct class *c, struct symbol *name, struct symbol *desc)
{
    for (unsigned i = 0; i < c->n_fields; i++) {
        struct field *f = &c->fields[i];
        if (f->name == name && f->desc == desc) { return f; }
    }
    return NULL;
}

struct field *class_lookup_field(struct class *c, struct symbol *name, struct symbol *desc)
{
    for (; c; c = c->super) {
        struct field *f = class_declared_field(c, name, desc);
        for (unsigned i = 0; !f && i < c->n_interfaces; i++) {
            f = class_lookup_field(c->interfaces[i], name, desc);
        }
        if (f) { return f->injected ? NULL : f; }
        if (class_is_interface(c)) { return NULL; /* Object has no fields to offer */ }
    }
    return NULL;
}

struct method *class_method_named(struct class *c, const char *name, const char *desc)
{
    struct symbol *n = symbol_find(name, strlen(name)), *d = symbol_find(desc, strlen(desc));
    return n && d ? class_lookup_method(c, n, d) : NULL;
}

struct field *class_field_named(struct class *c, const char *name, const char *desc)
{
    struct symbol *n = symbol_find(name, strlen(name)), *d = symbol_find(desc, strlen(desc));
    for (; n && d && c; c = c->super) {
        struct field *f = class_declared_field(c, n, d);
        if (f) { return f; }
        for (unsigned i = 0; i < c->n_interfaces; i++) {
            f = class_lookup_field(c->interfaces[i], n, d);
            if (f) { return f; }
        }
    }
    return NULL;
}

/* ---- selection ---- */

struct method *class_itable_lookup(struct class *c, struct method *m, bool *implements)
{
    for (unsigned i = 0; i < c->n_itable; i++) {
        if (c->itable[i].iface == m->cls) {
            if (implements) { *implements = true; }
            if (m->vtable_index == VTABLE_NONE) { return m; }
            return c->itable[i].methods ? c->itable[i].methods[m->vtable_index] : NULL;
        }
    }
    if (implements) { *implements = false; }
    return NULL;
}

struct method *class_select_method(struct class *c, struct method *m)
{
    struct method *found;
    if (m->flags & (ACC_STATIC | ACC_PRIVATE) || (m->vtable_index == VTABLE_NONE)) {
        found = m;
    } else if (class_is_interface(m->cls)) {
        found = class_itable_lookup(c, m, NULL);
    } else if ((uint32_t)m->vtable_index < c->vtable_length) {
        found = c->vtable[m->vtable_index];
    } else {
        found = NULL;
    }
    return found && (found->flags & ACC_ABSTRACT) ? NULL : found;
}

int32_t class_vtable_slot(struct class *c, struct method *m)
{
    if (!class_is_interface(m->cls)) { return m->vtable_index; }
    for (uint32_t i = 0; i < c->n_mirandas; i++) {
        struct method *at = c->vtable[c->mirandas[i]];
        if (at->name == m->name && at->desc == m->desc) { return (int32_t)c->mirandas[i]; }
    }
    struct method *own = find_instance_method(c, m->name, m->desc);
    return own ? own->vtable_index : VTABLE_NONE;
}

bool class_is_subclass_slow(struct class *sub, struct class *super)
{
    if (sub == super) { return true; }
    switch (super->kind) {
    case CLASS_PRIMITIVE: return false;
    case CLASS_ARRAY:
        if (sub->kind != CLASS_ARRAY || sub->component == super->component) {
            return sub->kind == CLASS_ARRAY;
        }
        return sub->component->kind != CLASS_PRIMITIVE &&
               super->component->kind != CLASS_PRIMITIVE &&
               class_is_subclass(sub->component, super->component);
    default: break;
    }
    if (!class_is_interface(super)) {
        for (; sub && sub->depth >= super->depth; sub = sub->super) {
            if (sub == super) { return true; }
        }
        return false;
    }
    if (__atomic_load_n(&sub->secondary_cache, __ATOMIC_RELAXED) == super) { return true; }
    for (unsigned i = 0; i < sub->n_itable; i++) {
        if (sub->itable[i].iface == super) {
            __atomic_store_n(&sub->secondary_cache, super, __ATOMIC_RELAXED);
            return true;
        }
    }
    return false;
}
