/*
 * known.c - the tables behind known.def, and the start of the class world: everything before java.lang.Class exists.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

struct known_classes known_classes;
struct known_offsets known_offsets;

enum known_id {
#define KCLASS(id, name) K_##id,
#include "runtime/classes/known.def"
    K_COUNT
};

static const struct {
    const char *name;
    struct class **cell;
} classes[K_COUNT] = {
#define KCLASS(id, name) {name, &known_classes.id},
#include "runtime/classes/known.def"
};

enum field_row_kind { ROW_FIELD, ROW_OPTIONAL, ROW_INJECTED, ROW_STATIC };

static const struct field_row {
    uint8_t kind;
    uint8_t class_id;
    const char *name, *desc;
    uint32_t *cell;
} fields[] = {
#define KFIELD(c, f, d)     {ROW_FIELD, K_##c, #f, d, &known_offsets.c##_##f},
#define KFIELD_OPT(c, f, d) {ROW_OPTIONAL, K_##c, #f, d, &known_offsets.c##_##f},
#define KINJECT(c, f, d)    {ROW_INJECTED, K_##c, #f, d, &known_offsets.c##_##f},
#define KSTATIC(c, f, d)    {ROW_STATIC, K_##c, #f, d, &known_offsets.c##_##f},
#include "runtime/classes/known.def"
};

/* ---- injected fields ---- */

static bool is_injected_in(const struct field_row *r, const char *class_name, size_t length)
{
    const char *name = classes[r->class_id].name;
    return r->kind == ROW_INJECTED && strlen(name) == length &&
           memcmp(name, class_name, length) == 0;
}

unsigned injected_count(const char *class_name, size_t length)
{
    unsigned n = 0;
    if (length < 5 || memcmp(class_name, "java/", 5) != 0) { return 0; }
    for (unsigned i = 0; i < ARRAY_COUNT(fields); i++) {
        n += is_injected_in(&fields[i], class_name, length);
    }
    return n;
}

void injected_fill(struct class *c, struct field *at)
{
    static const uint8_t no_attributes[2] = {0, 0};
    for (unsigned i = 0; i < ARRAY_COUNT(fields); i++) {
        if (is_injected_in(&fields[i], c->name->text, c->name->length)) {
            at->cls = c;
            at->name = symbol_of(fields[i].name);
            at->desc = symbol_of(fields[i].desc);
            at->flags = ACC_PRIVATE | ACC_SYNTHETIC;
            at->type = (uint8_t)type_of_char(fields[i].desc[0]);
            at->injected = 1;
            at->slot = (uint16_t)(at - c->fields);
            at->attrs = no_attributes;
            at++;
        }
    }
}

/* ---- start ---- */

static bool find_offset(const struct field_row *r)
{
    struct class *c = *classes[r->class_id].cell;
    struct field *f = c ? class_declared_field(c, symbol_of(r->name), symbol_of(r->desc)) : NULL;
    if (f && ((f->flags & ACC_STATIC) != 0) == (r->kind == ROW_STATIC)) {
        *r->cell = f->offset;
        return true;
    }
    if (r->kind == ROW_OPTIONAL) { return true; }
    fprintf(stderr,
            "moka: class %s of the class library has no field %s of type %s: the JDK at %s is of "
            "another version "
            "(17 is needed)\n",
            classes[r->class_id].name, r->name, r->desc,
            boot_path.java_home ? boot_path.java_home : "?");
    return false;
}

static bool load_known(struct thread *t, unsigned id)
{
    if (*classes[id].cell) { return true; }
    struct class *c = class_load_boot(t, symbol_of(classes[id].name));
    if (!c) {
        fprintf(stderr, "moka: the class library at %s has no usable class %s (JDK 17 is needed)\n",
                boot_path.java_home ? boot_path.java_home : "?", classes[id].name);
        return false;
    }
    *classes[id].cell = c;
    return true;
}

static bool mirrors_ok;
static void make_mirror(struct class *c, void *t)
{
    mirrors_ok = mirrors_ok && mirror_create(t, c, 0);
}

bool known_classes_init(struct thread *t)
{
    /* Object, then Class and with it its interfaces; only then do mirrors have a size. */
    if (!load_known(t, K_Object) || !load_known(t, K_Class)) { return false; }
    for (unsigned i = 0; i < ARRAY_COUNT(fields); i++) {
        if (fields[i].class_id == K_Class && !find_offset(&fields[i])) { return false; }
    }
    mirrors_ready = true;
    mirrors_ok = true;
    for (struct class *c = boot_loader.class_list; c; c = c->next_in_loader) { make_mirror(c, t); }
    primitives_for_each(make_mirror, t);
    for (unsigned i = 0; i < K_COUNT; i++) {
        if (!load_known(t, i)) { return false; }
    }
    for (unsigned i = 0; i < ARRAY_COUNT(fields); i++) {
        if (!find_offset(&fields[i])) { return false; }
    }
    if (!mirrors_ok) { fprintf(stderr, "moka: the heap is too small to start\n"); }
    return mirrors_ok;
}
