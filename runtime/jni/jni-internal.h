/*
 * jni-internal.h - what the files of runtime/jni share.
 *
 * Every JNI and JVM_* function is entered by native code, IN_NATIVE. ENTER(env) declares the thread `t`, brings it into
 * the VM and takes it out again at every return; between, raw grefs may be used. The return value is computed before
 * the way out, so `return local(t, o);` is right.
 */
#ifndef MOKA_JNI_INTERNAL_H
#define MOKA_JNI_INTERNAL_H

#include <jni.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/class.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/classes/symbol.h"
#include "runtime/engine.h"
#include "runtime/jni/handles.h"
#include "runtime/jni/jni_vm.h"
#include "runtime/threads/thread.h"

static inline struct thread *jni_enter(JNIEnv *env)
{
    struct thread *t = thread_from_env(env);
    thread_leave_native(t);
    return t;
}

static inline void jni_exit(struct thread **t) { thread_enter_native(*t); }

#define ENTER(env) struct thread *t __attribute__((cleanup(jni_exit), unused)) = jni_enter(env)
#define UNUSED     __attribute__((unused))

static inline gref deref(jobject h) { return handle_resolve(h); }

static inline jobject local(struct thread *t, gref o) { return handle_new(t, o); }

/* struct class of a jclass. */
static inline struct class *deref_class(jclass h)
{
    gref mirror = handle_resolve(h);
    return mirror ? class_from_mirror(mirror) : NULL;
}

/* The Class object as a local reference; NULL for NULL. */
static inline jclass local_class(struct thread *t, struct class *c)
{
    return c ? (jclass)handle_new(t, c->mirror) : NULL;
}

extern struct JNINativeInterface_ jni_functions; /* complete before main() */
extern const struct JNIInvokeInterface_ jni_invoke_functions;

#endif
