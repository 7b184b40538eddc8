/*
 * alloc.h - making Java objects and arrays. All throw OutOfMemoryError and return 0 when the heap is exhausted.
 */
#ifndef MOKA_CLASSES_ALLOC_H
#define MOKA_CLASSES_ALLOC_H

#include "runtime/classes/class.h"
#include "runtime/heap/heap.h"
#include "runtime/threads/thread.h"

static inline enum heap_kind class_heap_kind(const struct class *c)
{
    return c->props & CLP_NO_REFS ? HEAP_KIND_NOREFS : HEAP_KIND_OBJECT;
}

/* Bytes of an array; fits in 64 bits for every length. */
static inline uint64_t class_array_bytes(const struct class *array_class, int32_t length)
{
    return ARRAY_BASE_OFFSET + ((uint64_t)(uint32_t)length << array_class->elem_shift);
}

gref class_new_object_slow(struct thread *t, struct class *c);

/* A zeroed instance of c: instantiable and, unless the VM knows better, initialised. Registering finalizable objects
 * (CLP_HAS_FINALIZER) is up to the caller. */
static inline gref class_new_object(struct thread *t, struct class *c)
{
    gref o = heap_alloc_fast(&t->tlab, c->instance_size, class_heap_kind(c));
    if (UNLIKELY(!o)) { return class_new_object_slow(t, c); }
    *(uint64_t *)gva_to_ptr(o) = class_id(c);
    return o;
}

/* A zeroed array; length >= 0 is the caller's business (NegativeArraySizeException). */
gref class_new_array(struct thread *t, struct class *array_class, int32_t length);
/* Nested arrays for multianewarray: lengths of the first `dims` dimensions, all >= 0. */
gref class_new_multi_array(struct thread *t, struct class *array_class, const int32_t *lengths,
                           int dims);

#endif
