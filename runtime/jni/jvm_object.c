/* jvm_object.c - JVM_*: objects, arrays, strings, clocks, memory, properties, libraries, java.lang.ref, CDS. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/bind.h"
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/objects.h"
#include "runtime/jni/properties.h"
#include "runtime/jni/reflection.h"
#include "runtime/jni/system.h"
#include "runtime/threads/monitor.h"

/* ---- Object ---- */

jint JVM_IHashCode(JNIEnv *env, jobject obj)
{
    ENTER(env);
    gref o = deref(obj);
    return o ? obj_identity_hash(o) : 0;
}

void JVM_MonitorWait(JNIEnv *env, jobject obj, jlong ms)
{
    ENTER(env);
    if (ms < 0) {
        throw_new(t, "java/lang/IllegalArgumentException", "timeout value is negative");
        return;
    }
    monitor_wait(t, deref(obj), ms, true);
}

void JVM_MonitorNotify(JNIEnv *env, jobject obj)
{
    ENTER(env);
    monitor_notify(t, deref(obj), false);
}

void JVM_MonitorNotifyAll(JNIEnv *env, jobject obj)
{
    ENTER(env);
    monitor_notify(t, deref(obj), true);
}

jobject JVM_Clone(JNIEnv *env, jobject obj)
{
    ENTER(env);
    return local(t, object_clone(t, deref(obj)));
}

jstring JVM_InternString(JNIEnv *env, jstring str)
{
    ENTER(env);
    gref s = deref(str);
    return s ? local(t, string_intern(t, s)) : NULL;
}

/* ---- clocks ---- */

jlong JVM_CurrentTimeMillis(JNIEnv *env UNUSED, jclass ignored UNUSED)
{
    return system_current_millis();
}

jlong JVM_NanoTime(JNIEnv *env UNUSED, jclass ignored UNUSED) { return system_nano_time(); }

jlong JVM_GetNanoTimeAdjustment(JNIEnv *env UNUSED, jclass ignored UNUSED, jlong offset_secs)
{
    return system_nano_adjustment(offset_secs);
}

/* ---- arrays ---- */

void JVM_ArrayCopy(JNIEnv *env, jclass ignored UNUSED, jobject src, jint src_pos, jobject dst,
                   jint dst_pos, jint length)
{
    ENTER(env);
    array_copy(t, deref(src), src_pos, deref(dst), dst_pos, length);
}

jint JVM_GetArrayLength(JNIEnv *env, jobject arr)
{
    ENTER(env);
    return array_get_length(t, deref(arr));
}

jobject JVM_GetArrayElement(JNIEnv *env, jobject arr, jint index)
{
    ENTER(env);
    slot_t v;
    enum basic_type type = array_get(t, deref(arr), index, &v);
    return type ? local(t, reflect_box(t, type, v)) : NULL;
}

static jvalue to_jvalue(slot_t v, enum basic_type type)
{
    jvalue r = {.j = 0};
    switch (type) {
    case T_BOOLEAN: r.z = (jboolean)v.i; break;
    case T_BYTE: r.b = (jbyte)v.i; break;
    case T_CHAR: r.c = (jchar)v.i; break;
    case T_SHORT: r.s = (jshort)v.i; break;
    case T_INT: r.i = v.i; break;
    case T_LONG: r.j = v.j; break;
    case T_FLOAT: r.f = v.f; break;
    case T_DOUBLE: r.d = v.d; break;
    default: break;
    }
    return r;
}

static slot_t from_jvalue(jvalue v, enum basic_type type)
{
    switch (type) {
    case T_BOOLEAN: return (slot_t){.j = v.z};
    case T_BYTE: return (slot_t){.j = v.b};
    case T_CHAR: return (slot_t){.j = v.c};
    case T_SHORT: return (slot_t){.j = v.s};
    case T_INT: return (slot_t){.j = v.i};
    case T_FLOAT: return (slot_t){.f = v.f};
    default: return (slot_t){.j = v.j};
    }
}

jvalue JVM_GetPrimitiveArrayElement(JNIEnv *env, jobject arr, jint index, jint code)
{
    ENTER(env);
    return to_jvalue(array_get_as(t, deref(arr), index, (enum basic_type)code),
                     (enum basic_type)code);
}

void JVM_SetArrayElement(JNIEnv *env, jobject arr, jint index, jobject val)
{
    ENTER(env);
    array_set_boxed(t, deref(arr), index, deref(val));
}

void JVM_SetPrimitiveArrayElement(JNIEnv *env, jobject arr, jint index, jvalue v,
                                  unsigned char code)
{
    ENTER(env);
    array_set_value(t, deref(arr), index, from_jvalue(v, (enum basic_type)code),
                    (enum basic_type)code);
}

jobject JVM_NewArray(JNIEnv *env, jclass elt, jint length)
{
    ENTER(env);
    return local(t, array_new_reflective(t, deref(elt), length));
}

jobject JVM_NewMultiArray(JNIEnv *env, jclass elt, jintArray dim)
{
    ENTER(env);
    return local(t, array_new_multi(t, deref(elt), deref(dim)));
}

/* ---- properties ---- */

jobjectArray JVM_GetProperties(JNIEnv *env)
{
    ENTER(env);
    return local(t, system_properties(t));
}

static void put(struct thread *t, gref props, const char *key, const char *value)
{
    static struct symbol *name, *desc;
    if (!name) {
        name = symbol_of("put");
        desc = symbol_of("(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;");
    }
    struct method *m = class_lookup_method(class_of(props), name, desc);
    gref k = m && value && !t->exception ? string_from_platform(t, key) : 0;
    gref v = k ? string_from_platform(t, value) : 0;
    if (v) {
        slot_t args[3] = {{.raw = props}, {.raw = k}, {.raw = v}};
        engine.call_virtual(t, m, args);
    }
}

jobject JVM_InitAgentProperties(JNIEnv *env, jobject props)
{
    ENTER(env);
    gref p = deref(props);
    char *const *args;
    int n = vm_arguments(&args);
    size_t size = 1;
    for (int i = 0; i < n; i++) { size += strlen(args[i]) + 1; }
    char *line = calloc(1, size);
    for (int i = 0; line && i < n; i++) {
        if (i) { strcat(line, " "); }
        strcat(line, args[i]);
    }
    put(t, p, "sun.java.command", vm_property_get("sun.java.command"));
    put(t, p, "sun.jvm.flags", "");
    put(t, p, "sun.jvm.args", line ? line : "");
    free(line);
    return t->exception ? NULL : props;
}

jobjectArray JVM_GetVmArguments(JNIEnv *env)
{
    ENTER(env);
    return local(t, system_vm_arguments(t));
}

jstring JVM_GetTemporaryDirectory(JNIEnv *env)
{
    ENTER(env);
    return local(t, string_from_c(t, "/tmp"));
}

/* ---- the end ---- */

void JVM_BeforeHalt(void) {}

void JVM_Halt(jint code)
{
    struct thread *t = thread_current();
    if (t) { thread_leave_native(t); }
    engine.exit(code);
}

/* ---- memory, processors ---- */

void JVM_GC(void)
{
    struct thread *t = thread_current();
    const char *off = engine.option_value ? engine.option_value("DisableExplicitGC") : NULL;
    if (t && !(off && strcmp(off, "true") == 0)) {
        thread_leave_native(t);
        heap_collect(HEAP_CAUSE_SYSTEM_GC);
        thread_enter_native(t);
    }
}

jlong JVM_TotalMemory(void) { return (jlong)heap_total(); }

jlong JVM_FreeMemory(void) { return (jlong)heap_free_bytes(); }

jlong JVM_MaxMemory(void) { return (jlong)heap_max(); }

jlong JVM_MaxObjectInspectionAge(void) { return heap_millis_since_gc(); }

jint JVM_ActiveProcessorCount(void) { return system_processors(); }

jboolean JVM_IsUseContainerSupport(void) { return JNI_TRUE; }

jboolean JVM_SupportsCX8(void) { return JNI_TRUE; }

jboolean JVM_IsSupportedJNIVersion(jint version)
{
    return version == JNI_VERSION_1_1 || version == JNI_VERSION_1_2 || version == JNI_VERSION_1_4 ||
           version == JNI_VERSION_1_6 || version == JNI_VERSION_1_8 || version == JNI_VERSION_9 ||
           version == JNI_VERSION_10;
}

char *JVM_NativePath(char *path) { return path; }

/* ---- raw monitors: locks of native code, also on threads that are not Java's ---- */

void *JVM_RawMonitorCreate(void)
{
    pthread_mutex_t *m = malloc(sizeof(*m));
    if (m) {
        pthread_mutexattr_t a;
        pthread_mutexattr_init(&a);
        pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
        pthread_mutex_init(m, &a);
        pthread_mutexattr_destroy(&a);
    }
    return m;
}

void JVM_RawMonitorDestroy(void *mon)
{
    pthread_mutex_destroy(mon);
    free(mon);
}

jint JVM_RawMonitorEnter(void *mon) { return pthread_mutex_lock(mon); }

void JVM_RawMonitorExit(void *mon) { pthread_mutex_unlock(mon); }

/* ---- native libraries ---- */

void *JVM_LoadLibrary(const char *name, jboolean throw_exception)
{
    char error[1024];
    void *h = native_library_open(
        name, error, sizeof(error)); /* still native: initialisers may take their time */
    struct thread *t = h || !throw_exception ? NULL : thread_current();
    if (t) {
        thread_leave_native(t);
        throw_new(t, "java/lang/UnsatisfiedLinkError", "%s: %s", name, error);
        thread_enter_native(t);
    }
    return h;
}

void JVM_UnloadLibrary(void *handle) { dlclose(handle); }

void *JVM_FindLibraryEntry(void *handle, const char *name) { return dlsym(handle, name); }

/* ---- java.lang.ref ---- */

jobject JVM_GetAndClearReferencePendingList(JNIEnv *env)
{
    ENTER(env);
    return local(t, reference_take_pending());
}

jboolean JVM_HasReferencePendingList(JNIEnv *env)
{
    ENTER(env);
    return heap_has_pending_list();
}

void JVM_WaitForReferencePendingList(JNIEnv *env)
{
    ENTER(env);
    reference_wait_pending(t);
}

jboolean JVM_ReferenceRefersTo(JNIEnv *env, jobject ref, jobject o)
{
    ENTER(env);
    return reference_refers_to(deref(ref), deref(o));
}

void JVM_ReferenceClear(JNIEnv *env, jobject ref)
{
    ENTER(env);
    reference_clear(deref(ref));
}

jboolean JVM_PhantomReferenceRefersTo(JNIEnv *env, jobject ref, jobject o)
{
    ENTER(env);
    return reference_refers_to(deref(ref), deref(o));
}

/* ---- class data sharing: moka has none, and says so ---- */

jboolean JVM_IsCDSDumpingEnabled(JNIEnv *env UNUSED) { return JNI_FALSE; }

jboolean JVM_IsSharingEnabled(JNIEnv *env UNUSED) { return JNI_FALSE; }

jboolean JVM_IsDumpingClassList(JNIEnv *env UNUSED) { return JNI_FALSE; }

jlong JVM_GetRandomSeedForDumping(void) { return 0; /* "not dumping" */ }

void JVM_LogLambdaFormInvoker(JNIEnv *env UNUSED, jstring line UNUSED) {}

void JVM_DumpClassListToFile(JNIEnv *env, jstring file UNUSED)
{
    ENTER(env);
    unsupported(t, "class data sharing");
}

void JVM_DumpDynamicArchive(JNIEnv *env, jstring archive UNUSED)
{
    ENTER(env);
    unsupported(t, "class data sharing");
}

void JVM_InitializeFromArchive(JNIEnv *env UNUSED, jclass cls UNUSED) {}

void JVM_RegisterLambdaProxyClassForArchiving(JNIEnv *env UNUSED, jclass caller UNUSED,
                                              jstring name UNUSED, jobject invoked_type UNUSED,
                                              jobject method_type UNUSED, jobject impl UNUSED,
                                              jobject instantiated UNUSED, jclass lambda UNUSED)
{
}

jclass JVM_LookupLambdaProxyClassFromArchive(JNIEnv *env UNUSED, jclass caller UNUSED,
                                             jstring name UNUSED, jobject invoked_type UNUSED,
                                             jobject method_type UNUSED, jobject impl UNUSED,
                                             jobject instantiated UNUSED)
{
    return NULL; /* not in the archive */
}

void JVM_DefineArchivedModules(JNIEnv *env UNUSED, jobject platform UNUSED, jobject system UNUSED)
{
}
