/*
 * alloc.c - objects and arrays out of the heap.
 */
#include "runtime/classes/alloc.h"

/* As HotSpot: the two largest lengths are refused whatever the heap's size. */
#define MAX_ARRAY_LENGTH (INT32_MAX - 2)

static gref out_of_memory(struct thread *t, const char *what)
{
    throw_oom(t, what);
    return 0;
}

gref class_new_object_slow(struct thread *t, struct class *c)
{
    gref o = heap_alloc(&t->tlab, c->instance_size, class_heap_kind(c), class_id(c));
    return o ? o : out_of_memory(t, "Java heap space");
}

gref class_new_array(struct thread *t, struct class *array_class, int32_t length)
{
    if (UNLIKELY(length > MAX_ARRAY_LENGTH)) {
        return out_of_memory(t, "Requested array size exceeds VM limit");
    }
    gref a = heap_alloc(&t->tlab, class_array_bytes(array_class, length),
                        class_heap_kind(array_class), class_id(array_class));
    if (UNLIKELY(!a)) { return out_of_memory(t, "Java heap space"); }
    obj_set_int(a, ARRAY_LENGTH_OFFSET, length);
    return a;
}

gref class_new_multi_array(struct thread *t, struct class *array_class, const int32_t *lengths,
                           int dims)
{
    gref a = class_new_array(t, array_class, lengths[0]);
    if (!a || dims == 1) { return a; }
    for (int32_t i = 0; i < lengths[0]; i++) {
        gref part = class_new_multi_array(t, array_class->component, lengths + 1, dims - 1);
        if (!part) { return 0; }
        array_set_ref(a, i, part);
    }
    return a;
}
