/* jvm_thread.c - JVM_*: threads, stack traces, StackWalker, AccessController, SecurityManager. */
#include <stdlib.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/stacktrace.h"
#include "runtime/jni/system.h"
#include "runtime/threads/monitor.h"

/* ---- threads ---- */

void JVM_StartThread(JNIEnv *env, jobject thread)
{
    ENTER(env);
    thread_start(t, deref(thread));
}

void JVM_StopThread(JNIEnv *env, jobject thread, jobject exception)
{
    ENTER(env);
    thread_stop(t, deref(thread), deref(exception));
}

void JVM_SuspendThread(JNIEnv *env, jobject thread)
{
    ENTER(env);
    thread_suspend(t, deref(thread));
}

void JVM_ResumeThread(JNIEnv *env, jobject thread)
{
    ENTER(env);
    thread_resume(t, deref(thread));
}

void JVM_SetThreadPriority(JNIEnv *env UNUSED, jobject thread UNUSED, jint prio UNUSED)
{
    /* Linux gives ordinary processes no priorities below the process; Thread.priority is set by Java code. */
}

void JVM_Yield(JNIEnv *env, jclass cls UNUSED)
{
    ENTER(env);
    thread_yield(t);
}

void JVM_Sleep(JNIEnv *env, jclass cls UNUSED, jlong millis)
{
    ENTER(env);
    if (millis < 0) {
        throw_new(t, "java/lang/IllegalArgumentException", "timeout value is negative");
        return;
    }
    thread_sleep(t, millis);
}

jobject JVM_CurrentThread(JNIEnv *env, jclass cls UNUSED)
{
    ENTER(env);
    return local(t, t->object);
}

void JVM_Interrupt(JNIEnv *env, jobject thread)
{
    ENTER(env);
    gref o = deref(thread);
    threads_lock(t);
    struct thread *of = thread_of(o);
    if (of) { thread_interrupt(of); }
    threads_unlock();
}

jboolean JVM_HoldsLock(JNIEnv *env, jclass cls UNUSED, jobject obj)
{
    ENTER(env);
    gref o = deref(obj);
    if (!o) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return JNI_FALSE;
    }
    return monitor_owned_by(t, o);
}

void JVM_DumpAllStacks(JNIEnv *env, jclass unused UNUSED)
{
    ENTER(env);
    threads_dump(stdout);
}

jobjectArray JVM_GetAllThreads(JNIEnv *env, jclass dummy UNUSED)
{
    ENTER(env);
    return local(t, threads_all(t));
}

void JVM_SetNativeThreadName(JNIEnv *env, jobject thread, jstring name)
{
    ENTER(env);
    threads_lock(t);
    thread_set_native_name(deref(thread), deref(name));
    threads_unlock();
}

jobjectArray JVM_DumpThreads(JNIEnv *env, jclass cls UNUSED, jobjectArray threads)
{
    ENTER(env);
    gref a = deref(threads);
    if (!a) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return NULL;
    }
    if (array_length(a) == 0) {
        throw_new(t, "java/lang/IllegalArgumentException", NULL);
        return NULL;
    }
    return local(t, threads_stack_elements(t, a));
}

/* ---- Throwable, StackTraceElement ---- */

void JVM_FillInStackTrace(JNIEnv *env, jobject throwable)
{
    ENTER(env);
    throwable_fill(t, deref(throwable));
}

void JVM_InitStackTraceElementArray(JNIEnv *env, jobjectArray elements, jobject throwable)
{
    ENTER(env);
    gref a = deref(elements), ex = deref(throwable);
    if (!a || !ex) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return;
    }
    gref trace = obj_get_ref(ex, OFF(Throwable_backtrace));
    int n = trace ? obj_get_int(ex, OFF(Throwable_depth)) : 0;
    if (n != array_length(a)) {
        throw_new(t, "java/lang/IndexOutOfBoundsException", NULL);
        return;
    }
    for (int i = 0; i < n && !t->exception; i++) {
        gref e = array_get_ref(a, i);
        if (!e) {
            throw_new(t, "java/lang/NullPointerException", NULL);
            return;
        }
        uint64_t f = (uint64_t)array_get_long(trace, i);
        stack_element_init(t, e, frame_method(f), frame_bci(f));
    }
}

void JVM_InitStackTraceElement(JNIEnv *env, jobject element, jobject frame_info)
{
    ENTER(env);
    gref info = deref(frame_info);
    gref mn = obj_get_ref(info, OFF(StackFrameInfo_memberName));
    gref target = mn ? obj_get_ref(mn, OFF(MemberName_method)) : 0;
    if (!target) {
        throw_new(t, "java/lang/InternalError", "StackFrameInfo without a method");
        return;
    }
    struct method *m =
        (struct method *)(uintptr_t)obj_get_long(target, OFF(ResolvedMethodName_vmtarget));
    stack_element_init(t, deref(element), m, obj_get_int(info, OFF(StackFrameInfo_bci)));
}

jstring JVM_GetExtendedNPEMessage(JNIEnv *env, jthrowable throwable)
{
    ENTER(env);
    char *text = engine.npe_message ? engine.npe_message(t, deref(throwable)) : NULL;
    gref s = text ? string_from_c(t, text) : 0;
    free(text);
    return local(t, s);
}

/* ---- StackWalker, callers ---- */

jobject JVM_CallStackWalk(JNIEnv *env, jobject stream, jlong mode, jint skip, jint count,
                          jint start, jobjectArray frames)
{
    ENTER(env);
    return local(t, stack_walk_begin(t, deref(stream), mode, skip, count, start, deref(frames)));
}

jint JVM_MoreStackWalk(JNIEnv *env, jobject stream UNUSED, jlong mode, jlong anchor, jint count,
                       jint start, jobjectArray frames)
{
    ENTER(env);
    return stack_walk_more(t, mode, anchor, count, start, deref(frames));
}

jclass JVM_GetCallerClass(JNIEnv *env)
{
    ENTER(env);
    return local_class(t, stack_caller(t, 1));
}

jobjectArray JVM_GetClassContext(JNIEnv *env)
{
    ENTER(env);
    return local(t, stack_class_context(t));
}

jobject JVM_LatestUserDefinedLoader(JNIEnv *env)
{
    ENTER(env);
    return local(t, stack_user_loader(t));
}

jobject JVM_GetStackAccessControlContext(JNIEnv *env, jclass cls UNUSED)
{
    ENTER(env);
    return local(t, security_stack_context(t));
}

jobject JVM_GetInheritedAccessControlContext(JNIEnv *env, jclass cls UNUSED)
{
    ENTER(env);
    return local(t,
                 t->object ? obj_get_ref(t->object, OFF(Thread_inheritedAccessControlContext)) : 0);
}
