/*
 * call.h - calling native methods with the C convention of the host.
 */
#ifndef MOKA_JNI_CALL_H
#define MOKA_JNI_CALL_H

#include "runtime/threads/thread.h"
#include "runtime/types.h"

/*
 * Calls m->native, a JNI function. `args` are the cells of the call as in a frame (receiver first, longs and doubles in
 * two cells); they must stay where they are during the call, because references are passed as their addresses.
 * Returns the result as a frame cell (sub-int types extended, jboolean 0 or 1, references unwrapped). An exception
 * that the function left is in t->exception. Called IN_VM.
 */
slot_t jni_call_native(struct thread *t, struct method *m, slot_t *args);

/* Calls a C function by the signature of `desc`, e.g. "(IJLjava/lang/String;)D", with first words `head[0..n_head)`.
 * For tests of the marshalling; jni_call_native does the same with head = {JNIEnv *, jclass or receiver}. */
slot_t jni_call_shape(void *fn, const char *desc, const uint64_t *head, unsigned n_head,
                      slot_t *args);

#endif
