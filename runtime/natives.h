/*
 * natives.h - the table of natives that the VM itself provides.
 *
 * Two kinds of native methods exist:
 *   - JNI functions, in the JDK's libraries, in users' libraries, or registered by RegisterNatives;
 *   - VM natives, rows of the tables in stdlib/: C functions with the engine's own, cheaper convention. They run IN_VM,
 *     take raw references, and throw by leaving t->exception set:
 *
 *         static slot_t Object_hashCode(struct thread *t, slot_t *args)  // args[0] = this; a long takes two cells
 *
 * Each file of stdlib/ ends with a table `const struct vm_native natives_xyz[]`, listed in stdlib/natives.c. Tables are checked
 * against the class library by a test: each row must match a method declared native.
 */
#ifndef MOKA_RUNTIME_NATIVES_H
#define MOKA_RUNTIME_NATIVES_H

#include "runtime/types.h"

typedef slot_t (*vm_native)(struct thread *t, slot_t *args);

struct vm_native_row {
    const char *cls; /* internal name */
    const char *name;
    const char *desc; /* NULL: every overload (signature-polymorphic and the like) */
    vm_native fn;
};

/* Binds a method declared native: VM table first, then JNI lookup in the class loader's libraries
 * (short and long JNI names). Sets m->native and m->native_kind. False with UnsatisfiedLinkError pending. */
bool native_bind(struct thread *t, struct method *m);
/* A C function that stands for a method with bytecode (some @IntrinsicCandidate methods, for which HotSpot has machine code too,
 * even when it interprets); NULL if there is none (stdlib/math.c, checksum.c). */
vm_native native_find_intrinsic(const struct method *m);
/* Looks only in the VM's tables. NULL if there is no row. */
vm_native native_find_vm(const struct method *m);

static inline slot_t slot_int(int32_t v) { return (slot_t){.j = v}; }
static inline slot_t slot_long(int64_t v) { return (slot_t){.j = v}; }
static inline slot_t slot_ref(gref v) { return (slot_t){.raw = v}; }
static inline slot_t slot_void(void) { return (slot_t){.raw = 0}; }

#endif
