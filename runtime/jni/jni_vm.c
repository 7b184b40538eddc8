/* jni_vm.c - JNI spec, "The Invocation API". */
#include "runtime/jni/jni_vm.h"

#include <string.h>

#include "runtime/jni/jni-internal.h"

JavaVM jni_java_vm = &jni_invoke_functions;
jint (*jni_create_vm_hook)(JavaVM **vm, void **env, JavaVMInitArgs *args);
static volatile bool vm_alive;

void jni_vm_created(bool alive) { vm_alive = alive; }

static bool version_supported(jint v)
{
    return v == JNI_VERSION_1_1 || v == JNI_VERSION_1_2 || v == JNI_VERSION_1_4 ||
           v == JNI_VERSION_1_6 || v == JNI_VERSION_1_8 || v == JNI_VERSION_9 ||
           v == JNI_VERSION_10;
}

static jint JNICALL GetEnv(JavaVM *vm UNUSED, void **env, jint version)
{
    struct thread *t = thread_current();
    *env = NULL;
    if (!t) { return JNI_EDETACHED; }
    if (!version_supported(version)) {
        return JNI_EVERSION; /* also JVMTI: moka has no tool interface */
    }
    *env = &t->env;
    return JNI_OK;
}

static jint attach(void **env, void *args, bool daemon)
{
    const JavaVMAttachArgs *a = args;
    struct thread *t = thread_current();
    if (t) {
        *env = &t->env;
        return JNI_OK;
    }
    if (!vm_alive) { return JNI_ERR; }
    if (a && !version_supported(a->version)) { return JNI_EVERSION; }
    /* The group is a global reference: its object cannot go away or move while we are not yet a thread. */
    t = thread_attach(a ? a->name : NULL, a && a->group ? handle_resolve(a->group) : 0, daemon);
    if (!t) {
        *env = NULL;
        return JNI_ENOMEM;
    }
    if (t->state == THREAD_IN_VM) { thread_enter_native(t); }
    *env = &t->env;
    return JNI_OK;
}

static jint JNICALL AttachCurrentThread(JavaVM *vm UNUSED, void **env, void *args)
{
    return attach(env, args, false);
}

static jint JNICALL AttachCurrentThreadAsDaemon(JavaVM *vm UNUSED, void **env, void *args)
{
    return attach(env, args, true);
}

static jint JNICALL DetachCurrentThread(JavaVM *vm UNUSED)
{
    struct thread *t = thread_current();
    if (!t) { return JNI_OK; }
    if (t->top) { return JNI_ERR; /* Java frames are still there */ }
    thread_leave_native(t);
    thread_detach(t);
    return JNI_OK;
}

static jint JNICALL DestroyJavaVM(JavaVM *vm UNUSED)
{
    struct thread *t = thread_current();
    if (!vm_alive) { return JNI_ERR; }
    if (!t) {
        void *env;
        JavaVMAttachArgs a = {JNI_VERSION_10, (char *)(uintptr_t) "DestroyJavaVM", NULL};
        if (attach(&env, &a, false) != JNI_OK) { return JNI_ERR; }
        t = thread_from_env(env);
    }
    thread_leave_native(t);
    threads_wait_for_non_daemon(t);
    struct class *shutdown = class_load_boot(t, symbol_of("java/lang/Shutdown"));
    struct method *m = shutdown ? class_method_named(shutdown, "shutdown", "()V") : NULL;
    if (m) {
        slot_t none[1] = {{0}};
        t->exception = 0;
        if (class_initialize(t, shutdown)) { engine.call(t, m, none); }
        t->exception = 0;
    }
    vm_alive = false;
    thread_enter_native(t);
    return JNI_OK;
}

const struct JNIInvokeInterface_ jni_invoke_functions = {
    .DestroyJavaVM = DestroyJavaVM,
    .AttachCurrentThread = AttachCurrentThread,
    .DetachCurrentThread = DetachCurrentThread,
    .GetEnv = GetEnv,
    .AttachCurrentThreadAsDaemon = AttachCurrentThreadAsDaemon,
};

JNIEXPORT jint JNICALL JNI_GetDefaultJavaVMInitArgs(void *args)
{
    JavaVMInitArgs *a = args;
    if (!version_supported(a->version)) {
        a->version = JNI_VERSION_10;
        return JNI_ERR;
    }
    return JNI_OK;
}

JNIEXPORT jint JNICALL JNI_GetCreatedJavaVMs(JavaVM **vms, jsize size, jsize *n)
{
    *n = vm_alive;
    if (vm_alive && size > 0) { vms[0] = &jni_java_vm; }
    return JNI_OK;
}

JNIEXPORT jint JNICALL JNI_CreateJavaVM(JavaVM **vm, void **env, void *args)
{
    static int created; /* one VM a process, and never a second after the first */
    JavaVMInitArgs *a = args;
    if (!a || !version_supported(a->version)) { return JNI_EVERSION; }
    if (__atomic_exchange_n(&created, 1, __ATOMIC_ACQ_REL)) { return JNI_EEXIST; }
    return jni_create_vm_hook ? jni_create_vm_hook(vm, env, a) : JNI_ERR;
}
