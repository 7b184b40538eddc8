/*
 * stdlib-internal.h - what the files of VM natives share. See runtime/natives.h for the convention.
 */
#ifndef MOKA_STDLIB_INTERNAL_H
#define MOKA_STDLIB_INTERNAL_H

#include "runtime/classes/alloc.h"
#include "runtime/classes/class.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/engine.h"
#include "runtime/natives.h"
#include "runtime/threads/thread.h"
#include "stdlib/tables.h"

/* A native that is one expression over `t` and `args`. */
#define NATIVE(name)                                                                               \
    static slot_t name(struct thread *t __attribute__((unused)),                                   \
                       slot_t *args __attribute__((unused)))
#define NATIVE_IS(name, result)                                                                    \
    NATIVE(name) { return result; }

static inline slot_t slot_boolean(bool b) { return slot_int(b); }

/* The class that args[i] (a java.lang.Class) stands for. */
static inline struct class *arg_class(slot_t *args, int i) { return class_from_mirror(args[i].r); }

static inline bool null_pointer(struct thread *t, gref o)
{
    if (!o) { throw_new(t, "java/lang/NullPointerException", NULL); }
    return !o;
}

#endif
