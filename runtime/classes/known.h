/*
 * known.h - access to the classes and fields listed in known.def.
 *
 * KC(String) is the struct class of java.lang.String; OFF(String_value) the offset of its field
 * `value` in bytes. Both are valid after known_classes_init().
 */
#ifndef MOKA_CLASSES_KNOWN_H
#define MOKA_CLASSES_KNOWN_H

#include "runtime/classes/class.h"

struct known_classes {
#define KCLASS(id, name) struct class *id;
#include "runtime/classes/known.def"
};

struct known_offsets {
#define KFIELD(c, f, d)     uint32_t c##_##f;
#define KFIELD_OPT(c, f, d) uint32_t c##_##f;
#define KINJECT(c, f, d)    uint32_t c##_##f;
#define KSTATIC(c, f, d)    uint32_t c##_##f;
#include "runtime/classes/known.def"
};

extern struct known_classes known_classes;
extern struct known_offsets known_offsets;
#define KC(id)     (known_classes.id)
#define OFF(field) (known_offsets.field)

/* Loads java.lang.Object, Class, ... and fills both tables; gives every class loaded so far its mirror.
 * Returns false with a message on stderr when the class library does not fit. */
bool known_classes_init(struct thread *t);

#endif
