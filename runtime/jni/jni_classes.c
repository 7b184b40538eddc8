/* jni_classes.c - JNI: classes, modules, exceptions, reflection, RegisterNatives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/bind.h"
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jni_table.h"
#include "runtime/jni/reflection.h"
#include "runtime/jni/stacktrace.h"

/* ---- classes ---- */

/* Loader in whose eyes FindClass looks: that of the native method that calls; in JNI_OnLoad that of the class which
 * loads the library; on a thread without Java frames the system class loader. False with an exception. */
static bool context_loader(struct thread *t, gref *loader)
{
    struct method *m = stack_top_method(t);
    slot_t none[1] = {{0}};
    *loader = 0;
    if (!m) {
        struct method *get = class_method_named(KC(ClassLoader), "getSystemClassLoader",
                                                "()Ljava/lang/ClassLoader;");
        if (get && class_is_initialized(KC(ClassLoader))) { *loader = engine.call(t, get, none).r; }
        return !t->exception;
    }
    *loader = m->cls->loader ? m->cls->loader->object : 0;
    if (!*loader && strcmp(m->cls->name->text, "jdk/internal/loader/NativeLibraries") == 0) {
        struct method *get = class_method_named(m->cls, "getFromClass", "()Ljava/lang/Class;");
        gref from = get ? engine.call(t, get, none).r : 0;
        if (t->exception) { return false; }
        *loader = from ? obj_get_ref(from, OFF(Class_classLoader)) : 0;
    }
    return true;
}

static jclass JNICALL FindClass(JNIEnv *env, const char *name)
{
    ENTER(env);
    size_t n = name ? strlen(name) : 0;
    gref loader;
    if (!name || n > 65535) {
        throw_new(t, "java/lang/NoClassDefFoundError",
                  name ? "Class name exceeds maximum length of 65535: %s" : "%s",
                  name ? name : "No class name given");
        return NULL;
    }
    if (n == 0) {
        throw_new(t, "java/lang/NoClassDefFoundError", "%s", name);
        return NULL;
    }
    if (name[0] == 'L' && name[n - 1] == ';') { /* a descriptor is taken for the name inside */
        name++;
        n -= 2;
    }
    if (!context_loader(t, &loader)) { return NULL; }
    struct class *c = class_load(t, loader_of(loader), symbol_intern(name, n));
    if (!c || !class_initialize(t, c)) { return NULL; }
    return local_class(t, c);
}

static jclass JNICALL DefineClass(JNIEnv *env, const char *name, jobject loader, const jbyte *bytes,
                                  jsize n)
{
    ENTER(env);
    struct define_options opt = {.expected_name = name ? symbol_of(name) : NULL,
                                 .copy_bytes = true};
    struct class *c =
        class_define(t, loader_of(deref(loader)), (const uint8_t *)bytes, (size_t)n, &opt);
    return local_class(t, c);
}

static jclass JNICALL GetSuperclass(JNIEnv *env, jclass cls)
{
    ENTER(env);
    struct class *c = deref_class(cls);
    return class_is_interface(c) ? NULL : local_class(t, c->super);
}

static jboolean JNICALL IsAssignableFrom(JNIEnv *env, jclass sub, jclass sup)
{
    ENTER(env);
    return class_is_subclass(deref_class(sub), deref_class(sup));
}

static jobject JNICALL GetModule(JNIEnv *env, jclass cls)
{
    ENTER(env);
    gref mirror = deref(cls);
    if (!mirror || class_of(mirror) != KC(Class)) {
        throw_npe(t);
        return NULL;
    }
    return local(t, obj_get_ref(mirror, OFF(Class_module)));
}

/* ---- exceptions ---- */

static jint JNICALL Throw(JNIEnv *env, jthrowable ex)
{
    ENTER(env);
    throw_object(t, deref(ex));
    return JNI_OK;
}

static jint JNICALL ThrowNew(JNIEnv *env, jclass cls, const char *message)
{
    ENTER(env);
    gref text = message ? string_from_c(t, message) : 0;
    if (!message || text) { throw_class(t, deref_class(cls), text, 0); }
    return JNI_OK;
}

static jthrowable JNICALL ExceptionOccurred(JNIEnv *env)
{
    ENTER(env);
    return local(t, t->exception);
}

static jboolean JNICALL ExceptionCheck(JNIEnv *env) { return thread_from_env(env)->exception != 0; }

static void JNICALL ExceptionClear(JNIEnv *env) { thread_from_env(env)->exception = 0; }

/* Name of the thread for messages, malloced. */
static char *thread_name(struct thread *t)
{
    gref name = t->object ? obj_get_ref(t->object, OFF(Thread_name)) : 0;
    return name ? string_to_utf8(name, NULL) : strdup(t->name[0] ? t->name : "main");
}

static void JNICALL ExceptionDescribe(JNIEnv *env)
{
    ENTER(env);
    gref ex = thread_take_exception(t);
    static struct class *thread_death;
    if (!ex) { return; }
    if (!thread_death) { thread_death = class_load_boot(t, symbol_of("java/lang/ThreadDeath")); }
    if (thread_death && obj_instanceof(ex, thread_death)) { return; /* it is not an error */ }
    char *name = thread_name(t);
    fprintf(stderr, "Exception in thread \"%s\" ", name ? name : "?");
    fflush(stderr);
    free(name);
    struct method *print = class_lookup_method(class_of(ex), SYM(printStackTrace), SYM(void_sig));
    if (print) {
        slot_t args[1] = {{.raw = ex}};
        engine.call_virtual(t, print, args);
    }
    if (t->exception) {
        t->exception = 0; /* the printing itself failed */
        char cls[512];
        fprintf(stderr, "%s: <<cannot print stack trace>>\n",
                class_external_name(class_of(ex), cls, sizeof(cls)));
    }
}

static void JNICALL FatalError(JNIEnv *env, const char *message)
{
    ENTER(env);
    printf("FATAL ERROR in native method: %s\n", message ? message : "");
    int n;
    uint64_t *frames = stack_collect(t, 0, true, &n);
    for (int i = 0; frames && i < n; i++) {
        stack_print_frame(stdout, frame_method(frames[i]), frame_bci(frames[i]));
        putchar('\n');
    }
    fflush(stdout);
    abort();
}

/* ---- reflection ---- */

static jmethodID JNICALL FromReflectedMethod(JNIEnv *env, jobject executable)
{
    ENTER(env);
    struct method *m = reflect_method_of(deref(executable));
    return m && class_initialize(t, m->cls) ? (jmethodID)m : NULL;
}

static jfieldID JNICALL FromReflectedField(JNIEnv *env, jobject field)
{
    ENTER(env);
    struct field *f = reflect_field_of(deref(field));
    return f && class_initialize(t, f->cls) ? (jfieldID)f : NULL;
}

static jobject JNICALL ToReflectedMethod(JNIEnv *env, jclass cls UNUSED, jmethodID id,
                                         jboolean is_static UNUSED)
{
    ENTER(env);
    struct method *m = (struct method *)id;
    return local(t, m->props & MP_INIT ? reflect_new_constructor(t, m) : reflect_new_method(t, m));
}

static jobject JNICALL ToReflectedField(JNIEnv *env, jclass cls UNUSED, jfieldID id,
                                        jboolean is_static UNUSED)
{
    ENTER(env);
    return local(t, reflect_new_field(t, (struct field *)id));
}

/* ---- native methods ---- */

static jint JNICALL RegisterNatives(JNIEnv *env, jclass cls, const JNINativeMethod *rows, jint n)
{
    ENTER(env);
    struct class *c = deref_class(cls);
    for (jint i = 0; i < n; i++) {
        const char *name = rows[i].name;
        name += *name == '!'; /* an old marker for "fast" natives */
        struct method probe = {.cls = c,
                               .name = symbol_find(name, strlen(name)),
                               .desc = symbol_find(rows[i].signature, strlen(rows[i].signature))};
        if (!probe.name || !probe.desc) {
            char cls_name[512];
            throw_new(t, "java/lang/NoSuchMethodError", "Method %s.%s%s not found",
                      class_external_name(c, cls_name, sizeof(cls_name)), name, rows[i].signature);
            return JNI_ERR;
        }
        struct method *m = class_lookup_method(c, probe.name, probe.desc);
        if (!m || !(m->flags & ACC_NATIVE)) {
            char text[1024];
            throw_new(t, "java/lang/NoSuchMethodError", "Method '%s' %s",
                      method_external_name(m ? m : &probe, text, sizeof(text)),
                      m ? "is not declared as native" : "name or signature does not match");
            return JNI_ERR;
        }
        native_register(m, rows[i].fnPtr);
    }
    return JNI_OK;
}

static jint JNICALL UnregisterNatives(JNIEnv *env, jclass cls)
{
    ENTER(env);
    struct class *c = deref_class(cls);
    for (unsigned i = 0; i < c->n_methods; i++) {
        if (c->methods[i].native_kind == NATIVE_JNI) { native_register(&c->methods[i], NULL); }
    }
    return JNI_OK;
}

void jni_fill_classes(struct JNINativeInterface_ *f)
{
    f->FindClass = FindClass;
    f->DefineClass = DefineClass;
    f->GetSuperclass = GetSuperclass;
    f->IsAssignableFrom = IsAssignableFrom;
    f->GetModule = GetModule;
    f->Throw = Throw;
    f->ThrowNew = ThrowNew;
    f->ExceptionOccurred = ExceptionOccurred;
    f->ExceptionCheck = ExceptionCheck;
    f->ExceptionClear = ExceptionClear;
    f->ExceptionDescribe = ExceptionDescribe;
    f->FatalError = FatalError;
    f->FromReflectedMethod = FromReflectedMethod;
    f->FromReflectedField = FromReflectedField;
    f->ToReflectedMethod = ToReflectedMethod;
    f->ToReflectedField = ToReflectedField;
    f->RegisterNatives = RegisterNatives;
    f->UnregisterNatives = UnregisterNatives;
}
