/*
 * objects.h - what natives do with plain objects and arrays: clone, arraycopy, java.lang.reflect.Array.
 * All IN_VM; errors are pending exceptions.
 */
#ifndef MOKA_JNI_OBJECTS_H
#define MOKA_JNI_OBJECTS_H

#include "runtime/classes/class.h"
#include "runtime/threads/thread.h"

gref object_clone(struct thread *t, gref o);
/* System.arraycopy. */
void array_copy(struct thread *t, gref src, int32_t src_pos, gref dst, int32_t dst_pos, int32_t n);

/* java.lang.reflect.Array. The getters return the element's type with the value in *v; 0 with an exception. */
enum basic_type array_get(struct thread *t, gref a, int32_t i, slot_t *v);
/* The element, widened to `want` (a primitive type). */
slot_t array_get_as(struct thread *t, gref a, int32_t i, enum basic_type want);
void array_set_value(struct thread *t, gref a, int32_t i, slot_t v, enum basic_type type);
void array_set_boxed(struct thread *t, gref a, int32_t i, gref value);
int32_t array_get_length(struct thread *t, gref a);
gref array_new_reflective(struct thread *t, gref element_mirror, int32_t n);
gref array_new_multi(struct thread *t, gref element_mirror, gref dims /* int[] */);

/* A java.nio.DirectByteBuffer over host memory that it does not own. */
gref direct_buffer_new(struct thread *t, void *address, int64_t capacity);

#endif
