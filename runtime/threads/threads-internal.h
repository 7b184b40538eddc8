/* threads-internal.h - shared by the files of this room and the start of the VM. */
#ifndef MOKA_THREADS_INTERNAL_H
#define MOKA_THREADS_INTERNAL_H

#include "runtime/classes/alloc.h"
#include "runtime/threads/thread.h"

/* Bytes of a Java stack: twice -Xss, as compiled frames of other VMs are smaller than interpreted ones. */
extern size_t thread_java_stack_size;
/* How many times the usual C stack a thread has: 4 where each call goes through the interpreter's C frames (--jit-unit=block). */
extern unsigned thread_c_stack_scale;

bool safepoint_init(void);
/* Once, when the libraries of the start are loaded: their addresses are no references (safepoint.c). */
void threads_note_images(void);

/* Makes the java.lang.Thread of an attached thread, whose struct exists. False with an exception pending. */
bool thread_make_object(struct thread *t, const char *name, gref group);
extern gref thread_main_group;

/* Makes the spare OutOfMemoryErrors, once Throwable can be initialised. */
bool exceptions_init(struct thread *t);
void exceptions_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);

/* Deadline for pthread_cond_timedwait on CLOCK_MONOTONIC, `nanos` from now. */
struct timespec deadline_in(int64_t nanos);

/* Sets java.lang.Thread.threadStatus, returns the old value; counts pauses. */
int32_t thread_set_status(struct thread *t, int32_t status);
/* If the thread's interrupt flag is set: clears it, throws InterruptedException, returns true. */
bool thread_check_interrupt(struct thread *t, bool throw_it);

#endif
