/* system.h - what java.lang.System, Runtime and friends ask about the host and the VM; shared by JVM_* and stdlib. */
#ifndef MOKA_JNI_SYSTEM_H
#define MOKA_JNI_SYSTEM_H

#include "runtime/threads/thread.h"

int64_t system_current_millis(void);
int64_t system_nano_time(void);
/* System.currentTimeMillis with nanoseconds: see jdk.internal.misc.VM.getNanoTimeAdjustment. */
int64_t system_nano_adjustment(int64_t offset_seconds);
int system_processors(void);

/* A String from bytes in the platform's encoding (UTF-8; bytes that are not become U+FFFD). */
gref string_from_platform(struct thread *t, const char *bytes);
/* String[] of the VM's properties: key, value, key, value, null, null. */
gref system_properties(struct thread *t);
/* String[] of the VM's arguments. */
gref system_vm_arguments(struct thread *t);
gref threads_all(struct thread *t); /* Thread[] of live threads */
gref stack_class_context(struct thread *t);
void thread_stop(struct thread *t, gref thread, gref exception);
void thread_set_native_name(gref thread, gref name);
/* jdk.internal.misc.CDS and others that moka has not. */
void unsupported(struct thread *t, const char *what);

bool reference_refers_to(gref ref, gref o);
void reference_clear(gref ref);
gref reference_take_pending(void);
void reference_wait_pending(struct thread *t);

#endif
