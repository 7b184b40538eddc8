/*
 * mirror.c - java.lang.Class objects, array classes, primitive classes.
 *
 * A mirror holds its class's statics behind its own fields. Classes defined before java.lang.Class itself get theirs
 * in known_classes_init.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/classes-internal.h"

bool mirrors_ready;
static struct class *primitives[T_VOID + 1];
static struct class
    *primitive_list; /* primitive classes and arrays of them, for walks: none has a loader list */

/* Module object for a mirror, 0 while java.base is not defined. */
static gref mirror_module(const struct class *c)
{
    const struct class *e = c->kind == CLASS_ARRAY ? c->element : c;
    struct module *m = e->module ? e->module : &java_base_module;
    return m->object;
}

bool mirror_create(struct thread *t, struct class *c, gref protection_domain)
{
    if (!mirrors_ready || c->mirror) { return true; }
    struct class *k = KC(Class);
    layout_statics(c);
    gref mirror = heap_alloc(&t->tlab, (uint64_t)k->instance_size + c->static_size,
                             HEAP_KIND_OBJECT, class_id(k));
    if (!mirror) {
        throw_oom(t, "Java heap space");
        return false;
    }
    obj_set_long(mirror, OFF(Class_vm_class), (int64_t)(uintptr_t)c);
    obj_set_ref(mirror, OFF(Class_module), mirror_module(c));
    obj_set_ref(mirror, OFF(Class_classLoader), c->loader ? c->loader->object : 0);
    obj_set_ref(mirror, OFF(Class_vm_protection_domain), protection_domain);
    obj_set_ref(mirror, OFF(Class_classData), c->class_data);
    if (c->kind == CLASS_ARRAY) {
        obj_set_ref(mirror, OFF(Class_componentType), c->component->mirror);
    }
    __atomic_store_n(&c->mirror, mirror, __ATOMIC_RELEASE);
    return true;
}

struct class *class_from_mirror(gref mirror)
{
    return (struct class *)(uintptr_t)obj_get_long(mirror, OFF(Class_vm_class));
}

/* Fields that are the same in array and primitive classes. */
static struct class *new_class_without_file(enum class_kind kind, struct symbol *name)
{
    struct class *c = meta_alloc(sizeof *c);
    c->kind = (uint8_t)kind;
    c->name = name;
    c->state = CLASS_INITIALIZED;
    c->cp.cls = c;
    c->props = CLP_TRUSTED;
    return c;
}

struct class *class_primitive(enum basic_type t)
{
    return t < T_OBJECT || t == T_VOID ? primitives[t] : NULL;
}

bool primitive_classes_init(struct thread *t)
{
    static const char *const names[] = {
        [T_BOOLEAN] = "boolean", [T_CHAR] = "char", [T_FLOAT] = "float",
        [T_DOUBLE] = "double",   [T_BYTE] = "byte", [T_SHORT] = "short",
        [T_INT] = "int",         [T_LONG] = "long", [T_VOID] = "void"};
    (void)t;
    for (unsigned i = T_BOOLEAN; i <= T_VOID; i++) {
        if (i == T_OBJECT || i == T_ARRAY) { continue; }
        struct class *c = new_class_without_file(CLASS_PRIMITIVE, symbol_of(names[i]));
        c->access_flags = ACC_PUBLIC | ACC_FINAL | ACC_ABSTRACT;
        c->prim_type = (uint8_t)i;
        c->loader = &boot_loader;
        c->module = &java_base_module;
        c->next_in_loader = primitive_list;
        primitive_list = c;
        primitives[i] = c;
    }
    return true;
}

/* ---- arrays (JVMS 5.3.3) ---- */

static struct class *make_array_class(struct class *component)
{
    char *name = malloc(component->name->length + 4u);
    if (!name) { abort(); }
    size_t n;
    if (component->kind == CLASS_ARRAY) {
        n = (size_t)sprintf(name, "[%s", component->name->text);
    } else if (component->kind == CLASS_PRIMITIVE) {
        n = (size_t)sprintf(name, "[%c", type_char(component->prim_type));
    } else {
        n = (size_t)sprintf(name, "[L%s;", component->name->text);
    }
    struct class *c = new_class_without_file(CLASS_ARRAY, symbol_intern(name, n));
    free(name);
    struct class *object = KC(Object);
    struct class *element = component->kind == CLASS_ARRAY ? component->element : component;
    c->component = component;
    c->element = element;
    c->dims = (uint8_t)(component->dims + 1);
    c->access_flags =
        (uint16_t)((element->access_flags & (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED)) |
                   ACC_FINAL | ACC_ABSTRACT);
    c->prim_type = T_ARRAY;
    c->elem_type = component->kind == CLASS_PRIMITIVE ? component->prim_type
                   : component->kind == CLASS_ARRAY   ? T_ARRAY
                                                      : T_OBJECT;
    c->elem_shift = (uint8_t)type_shift(c->elem_type);
    c->instance_size = ARRAY_BASE_OFFSET;
    c->props |= CLP_CLONEABLE | (component->kind == CLASS_PRIMITIVE ? CLP_NO_REFS : 0) |
                (element->props & CLP_HIDDEN);
    c->loader = element->loader;
    c->module = element->module;
    c->package = element->package;
    c->super = object;
    c->depth = 1;
    c->display[0] = object;
    c->display[1] = c;
    if (object) {
        c->vtable = object->vtable;
        c->vtable_length = object->vtable_length;
    }
    static struct itable_entry interfaces[2]; /* the same for all arrays: neither has methods */
    static struct class *direct[2];
    interfaces[0].iface = direct[0] = KC(Cloneable);
    interfaces[1].iface = direct[1] = KC(Serializable);
    c->itable = interfaces;
    c->n_itable = 2;
    c->interfaces = direct;
    c->n_interfaces = 2;
    return c;
}

struct class *class_array_of(struct thread *t, struct class *component)
{
    struct class *c = __atomic_load_n(&component->array_class, __ATOMIC_ACQUIRE);
    if (LIKELY(c != NULL)) { return c; }
    if (component->dims == 255 ||
        (component->kind == CLASS_PRIMITIVE && component->prim_type == T_VOID) ||
        component->name->length > 65535 - 3) {
        throw_new(t, "java/lang/IllegalArgumentException", NULL);
        return NULL;
    }
    c = make_array_class(component);
    if (!mirror_create(t, c, 0)) { return NULL; }
    pthread_mutex_lock(&loader_mutex);
    if (component->array_class) {
        c = component->array_class; /* another thread was first */
    } else {
        if (c->element->kind == CLASS_PRIMITIVE) {
            c->next_in_loader = primitive_list;
            primitive_list = c;
        } else {
            c->next_in_loader = c->loader->class_list;
            c->loader->class_list = c;
        }
        __atomic_store_n(&component->array_class, c, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&loader_mutex);
    return c;
}

struct class *class_from_descriptor(struct thread *t, struct loader *l, const char *desc,
                                    size_t len)
{
    if (desc[0] == 'L') { return class_load(t, l, symbol_intern(desc + 1, len - 2)); }
    if (desc[0] == '[') { return class_load(t, l, symbol_intern(desc, len)); }
    return class_primitive(type_of_char(desc[0]));
}

/* ---- walks ---- */

void primitives_for_each(void (*f)(struct class *, void *), void *arg)
{
    for (struct class *c = primitive_list; c; c = c->next_in_loader) { f(c, arg); }
}

/* Module m was defined with packages of which classes are loaded already (java.base: hundreds). */
void mirrors_fix_module(struct loader *l, struct module *m)
{
    for (struct class *c = l->class_list; c; c = c->next_in_loader) {
        if (c->package && c->package->module == m) {
            c->module = m;
            if (c->mirror) { obj_set_ref(c->mirror, OFF(Class_module), m->object); }
        }
    }
    if (m == &java_base_module) {
        for (struct class *c = primitive_list; c; c = c->next_in_loader) {
            obj_set_ref(c->mirror, OFF(Class_module), m->object);
        }
    }
}
