/* jni_references.c - JNI: references, local frames, monitors, direct buffers, the VM pointer. */
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jni_table.h"
#include "runtime/jni/objects.h"
#include "runtime/threads/monitor.h"

static jint JNICALL GetVersion(JNIEnv *env UNUSED) { return JNI_VERSION_10; }

static jint JNICALL PushLocalFrame(JNIEnv *env, jint capacity)
{
    ENTER(env);
    if (capacity < 0) { return JNI_ERR; }
    if (!handle_push_frame(t)) {
        throw_oom(t, "PushLocalFrame");
        return JNI_ENOMEM;
    }
    return JNI_OK;
}

static jobject JNICALL PopLocalFrame(JNIEnv *env, jobject result)
{
    ENTER(env);
    gref o = deref(result);
    handle_pop_frame(t);
    return local(t, o);
}

static jint JNICALL EnsureLocalCapacity(JNIEnv *env UNUSED, jint capacity)
{
    return capacity >= 0 ? JNI_OK : JNI_ERR;
}

static jobject JNICALL NewLocalRef(JNIEnv *env, jobject ref)
{
    ENTER(env);
    return local(t, deref(ref));
}

static void JNICALL DeleteLocalRef(JNIEnv *env, jobject ref)
{
    ENTER(env);
    if (ref && !((uintptr_t)ref & HANDLE_TAG_MASK)) { handle_delete_local(t, ref); }
}

static jobject new_global(JNIEnv *env, jobject ref, jobject (*make)(gref))
{
    ENTER(env);
    gref o = deref(ref);
    jobject g = make(o);
    if (o && !g) { throw_oom(t, "NewGlobalRef"); }
    return g;
}

static jobject JNICALL NewGlobalRef(JNIEnv *env, jobject ref)
{
    return new_global(env, ref, handle_new_global);
}

static jweak JNICALL NewWeakGlobalRef(JNIEnv *env, jobject ref)
{
    return new_global(env, ref, handle_new_weak);
}

static void JNICALL DeleteGlobalRef(JNIEnv *env, jobject ref)
{
    ENTER(env);
    handle_delete_global(ref);
}

static void JNICALL DeleteWeakGlobalRef(JNIEnv *env, jweak ref)
{
    ENTER(env);
    handle_delete_global(ref);
}

static jboolean JNICALL IsSameObject(JNIEnv *env, jobject a, jobject b)
{
    ENTER(env);
    return deref(a) == deref(b);
}

static jobjectRefType JNICALL GetObjectRefType(JNIEnv *env, jobject ref)
{
    ENTER(env);
    return ref ? handle_type(t, ref) : JNIInvalidRefType;
}

static jint JNICALL MonitorEnter(JNIEnv *env, jobject obj)
{
    ENTER(env);
    gref o = deref(obj);
    if (!o) {
        throw_npe(t);
        return JNI_ERR;
    }
    return monitor_enter(t, o) ? JNI_OK : JNI_ERR;
}

static jint JNICALL MonitorExit(JNIEnv *env, jobject obj)
{
    ENTER(env);
    gref o = deref(obj);
    if (!o) {
        throw_npe(t);
        return JNI_ERR;
    }
    gref pending = thread_take_exception(t);
    bool ok = monitor_exit(t, o);
    if (ok) { t->exception = pending; /* cleanup code runs with an exception pending */ }
    return ok ? JNI_OK : JNI_ERR;
}

static jint JNICALL GetJavaVM(JNIEnv *env UNUSED, JavaVM **vm)
{
    *vm = &jni_java_vm;
    return JNI_OK;
}

/* ---- direct buffers ---- */

gref direct_buffer_new(struct thread *t, void *address, int64_t capacity)
{
    struct class *c = KC(DirectByteBuffer);
    if (!class_initialize(t, c)) { return 0; }
    struct method *init = class_method_named(c, "<init>", "(JI)V");
    gref o = init ? class_new_object(t, c) : 0;
    if (o) {
        slot_t args[4] = {
            {.raw = o}, {.j = (int64_t)(uintptr_t)address}, {.raw = 0}, {.j = capacity}};
        engine.call(t, init, args);
    }
    return t->exception ? 0 : o;
}

static jobject JNICALL NewDirectByteBuffer(JNIEnv *env, void *address, jlong capacity)
{
    ENTER(env);
    return local(t, direct_buffer_new(t, address, (jint)capacity)); /* its constructor checks */
}

static bool is_direct(struct thread *t, gref o)
{
    static struct class *direct;
    if (!direct) { direct = class_load_boot(t, symbol_of("sun/nio/ch/DirectBuffer")); }
    return o && direct && obj_instanceof(o, direct) && obj_instanceof(o, KC(Buffer));
}

static void *JNICALL GetDirectBufferAddress(JNIEnv *env, jobject buffer)
{
    ENTER(env);
    gref o = deref(buffer);
    return is_direct(t, o) ? (void *)(uintptr_t)obj_get_long(o, OFF(Buffer_address)) : NULL;
}

static jlong JNICALL GetDirectBufferCapacity(JNIEnv *env, jobject buffer)
{
    ENTER(env);
    gref o = deref(buffer);
    return is_direct(t, o) ? obj_get_int(o, OFF(Buffer_capacity)) : -1;
}

void jni_fill_references(struct JNINativeInterface_ *f)
{
    f->GetVersion = GetVersion;
    f->PushLocalFrame = PushLocalFrame;
    f->PopLocalFrame = PopLocalFrame;
    f->EnsureLocalCapacity = EnsureLocalCapacity;
    f->NewLocalRef = NewLocalRef;
    f->DeleteLocalRef = DeleteLocalRef;
    f->NewGlobalRef = NewGlobalRef;
    f->DeleteGlobalRef = DeleteGlobalRef;
    f->NewWeakGlobalRef = NewWeakGlobalRef;
    f->DeleteWeakGlobalRef = DeleteWeakGlobalRef;
    f->IsSameObject = IsSameObject;
    f->GetObjectRefType = GetObjectRefType;
    f->MonitorEnter = MonitorEnter;
    f->MonitorExit = MonitorExit;
    f->GetJavaVM = GetJavaVM;
    f->NewDirectByteBuffer = NewDirectByteBuffer;
    f->GetDirectBufferAddress = GetDirectBufferAddress;
    f->GetDirectBufferCapacity = GetDirectBufferCapacity;
}
