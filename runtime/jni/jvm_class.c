/* jvm_class.c - JVM_*: finding and defining classes, java.lang.Class and reflection. */
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/assertions.h"
#include "runtime/jni/define.h"
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/reflection.h"

/* ---- finding ---- */

jclass JVM_FindPrimitiveClass(JNIEnv *env, const char *utf)
{
    ENTER(env);
    for (int type = T_BOOLEAN; type <= T_VOID; type++) {
        struct class *c =
            type == T_OBJECT || type == T_ARRAY ? NULL : class_primitive((enum basic_type)type);
        if (c && strcmp(c->name->text, utf) == 0) { return local_class(t, c); }
    }
    return NULL;
}

struct class *find_class(struct thread *t, const char *name, size_t n, gref loader, bool init)
{
    if (n == 0 || n > 65535) {
        throw_new(t, "java/lang/ClassNotFoundException",
                  n ? "Class name exceeds maximum length of 65535: %s" : "%s", name);
        return NULL;
    }
    struct class *c = class_load_cnfe(t, loader_of(loader), symbol_intern(name, n));
    return c && (!init || class_initialize(t, c)) ? c : NULL;
}

jclass JVM_FindClassFromBootLoader(JNIEnv *env, const char *name)
{
    ENTER(env);
    size_t n = name ? strlen(name) : 0;
    return n && n <= 65535 ? local_class(t, class_load_boot(t, symbol_intern(name, n))) : NULL;
}

jclass JVM_FindClassFromCaller(JNIEnv *env, const char *name, jboolean init, jobject loader,
                               jclass caller UNUSED)
{
    ENTER(env);
    return local_class(t, find_class(t, name, strlen(name), deref(loader), init));
}

jclass JVM_FindClassFromClass(JNIEnv *env, const char *name, jboolean init, jclass from)
{
    ENTER(env);
    struct class *c = deref_class(from);
    size_t n = name ? strlen(name) : 0;
    if (!n || n > 65535) {
        throw_new(t, "java/lang/NoClassDefFoundError", "%s", name ? name : "No class name given");
        return NULL;
    }
    struct class *found =
        class_load(t, c && c->loader ? c->loader : &boot_loader, symbol_intern(name, n));
    return found && (!init || class_initialize(t, found)) ? local_class(t, found) : NULL;
}

jclass JVM_FindLoadedClass(JNIEnv *env, jobject loader, jstring name)
{
    ENTER(env);
    gref s = deref(name);
    struct symbol *sym = s ? string_find_symbol(s, true) : NULL;
    return sym ? local_class(t, class_find_loaded(loader_of(deref(loader)), sym)) : NULL;
}

/* ---- defining ---- */

struct class *define_class(struct thread *t, const char *name, gref loader, const uint8_t *bytes,
                           size_t n, gref pd, const char *source)
{
    if (name && strlen(name) > 65535) {
        throw_new(t, "java/lang/NoClassDefFoundError",
                  "Class name exceeds maximum length of 65535: %s", name);
        return NULL;
    }
    struct define_options opt = {
        .expected_name = name ? symbol_of(name) : NULL,
        .protection_domain = pd,
        .source = source,
        .copy_bytes = true,
    };
    return class_define(t, loader_of(loader), bytes, n, &opt);
}

enum { DEFINE_NESTMATE = 1, DEFINE_HIDDEN = 2, DEFINE_STRONG = 4, DEFINE_VM_ANNOTATIONS = 8 };

struct class *define_lookup_class(struct thread *t, struct class *lookup, const char *name,
                                  const uint8_t *bytes, size_t n, gref pd, bool init, int flags,
                                  gref class_data)
{
    if (!lookup) {
        throw_new(t, "java/lang/IllegalArgumentException", "Lookup class is null");
        return NULL;
    }
    bool hidden = flags & DEFINE_HIDDEN;
    if (!hidden && (flags & DEFINE_NESTMATE)) {
        throw_new(t, "java/lang/IllegalArgumentException", "dynamic nestmate is not hidden");
        return NULL;
    }
    if (!hidden && class_data) {
        throw_new(t, "java/lang/IllegalArgumentException",
                  "classData is only applicable for hidden classes");
        return NULL;
    }
    struct class *host = NULL;
    if (flags & DEFINE_NESTMATE) {
        host = class_nest_host(t, lookup);
        if (t->exception) { return NULL; }
    }
    struct define_options opt = {
        .expected_name = name ? symbol_of(name) : NULL,
        .protection_domain = pd,
        .hidden = hidden,
        .strong = (flags & DEFINE_STRONG) != 0,
        .nest_host = host,
        .class_data = class_data,
        .source = "__JVM_LookupDefineClass__",
        .copy_bytes = true,
    };
    struct class *c = class_define(t, lookup->loader, bytes, n, &opt);
    if (!c) { return NULL; }
    if (!class_same_package(c, lookup)) {
        throw_new(t, "java/lang/IllegalArgumentException",
                  "Lookup class and defined class are in different packages");
        return NULL;
    }
    return (init ? class_initialize(t, c) : class_link(t, c)) ? c : NULL;
}

jclass JVM_DefineClass(JNIEnv *env, const char *name, jobject loader, const jbyte *buf, jsize len,
                       jobject pd)
{
    ENTER(env);
    return local_class(t, define_class(t, name, deref(loader), (const uint8_t *)buf, (size_t)len,
                                       deref(pd), NULL));
}

jclass JVM_DefineClassWithSource(JNIEnv *env, const char *name, jobject loader, const jbyte *buf,
                                 jsize len, jobject pd, const char *source)
{
    ENTER(env);
    return local_class(t, define_class(t, name, deref(loader), (const uint8_t *)buf, (size_t)len,
                                       deref(pd), source));
}

jclass JVM_LookupDefineClass(JNIEnv *env, jclass lookup, const char *name, const jbyte *buf,
                             jsize len, jobject pd, jboolean init, int flags, jobject class_data)
{
    ENTER(env);
    return local_class(t,
                       define_lookup_class(t, deref_class(lookup), name, (const uint8_t *)buf,
                                           (size_t)len, deref(pd), init, flags, deref(class_data)));
}

/* ---- java.lang.Class ---- */

/* JVM_<name>(env, cls) that returns core(t, class). */
#define CLASS_QUESTION(ret, name, core)                                                            \
    ret name(JNIEnv *env, jclass cls)                                                              \
    {                                                                                              \
        ENTER(env);                                                                                \
        struct class *c = deref_class(cls);                                                        \
        return core;                                                                               \
    }

CLASS_QUESTION(jobjectArray, JVM_GetClassInterfaces, local(t, class_get_interfaces(t, c)))
CLASS_QUESTION(jboolean, JVM_IsInterface, c->kind == CLASS_INSTANCE && class_is_interface(c))
CLASS_QUESTION(jboolean, JVM_IsArrayClass, class_is_array(c))
CLASS_QUESTION(jboolean, JVM_IsPrimitiveClass, c->kind == CLASS_PRIMITIVE)
CLASS_QUESTION(jboolean, JVM_IsHiddenClass, (c->props & CLP_HIDDEN) != 0)
CLASS_QUESTION(jboolean, JVM_IsRecord, (c->props & CLP_RECORD) != 0)
CLASS_QUESTION(jint, JVM_GetClassModifiers, class_get_modifiers(c))
CLASS_QUESTION(jint, JVM_GetClassAccessFlags, class_get_access_flags(c))
CLASS_QUESTION(jobjectArray, JVM_GetDeclaredClasses, local(t, class_get_declared_classes(t, c)))
CLASS_QUESTION(jclass, JVM_GetDeclaringClass, local(t, class_get_declaring_class(t, c)))
CLASS_QUESTION(jstring, JVM_GetSimpleBinaryName, local(t, class_get_simple_binary_name(t, c)))
CLASS_QUESTION(jobjectArray, JVM_GetEnclosingMethodInfo, local(t, class_get_enclosing_method(t, c)))
CLASS_QUESTION(jstring, JVM_GetClassSignature,
               c->generic_signature ? local(t, string_from_symbol(t, c->generic_signature)) : NULL)
CLASS_QUESTION(jbyteArray, JVM_GetClassAnnotations,
               local(t, attr_bytes(t, c, c->attrs, "RuntimeVisibleAnnotations")))
CLASS_QUESTION(jbyteArray, JVM_GetClassTypeAnnotations,
               local(t, attr_bytes(t, c, c->attrs, "RuntimeVisibleTypeAnnotations")))
CLASS_QUESTION(jobjectArray, JVM_GetRecordComponents, local(t, class_get_record_components(t, c)))
CLASS_QUESTION(jobjectArray, JVM_GetPermittedSubclasses,
               local(t, class_get_permitted_subclasses(t, c)))
CLASS_QUESTION(jobjectArray, JVM_GetNestMembers, local(t, class_get_nest_members(t, c)))
CLASS_QUESTION(jclass, JVM_GetNestHost,
               local_class(t, c->kind == CLASS_INSTANCE ? class_nest_host(t, c) : c))

jstring JVM_InitClassName(JNIEnv *env, jclass cls)
{
    ENTER(env);
    return local(t, class_init_name(t, deref(cls)));
}

jobjectArray JVM_GetClassSigners(JNIEnv *env, jclass cls)
{
    ENTER(env);
    gref a = obj_get_ref(deref(cls), OFF(Class_vm_signers));
    gref copy = a ? class_new_array(t, class_of(a), array_length(a)) : 0;
    for (int i = 0; copy && i < array_length(a); i++) {
        array_set_ref(copy, i, array_get_ref(a, i));
    }
    return local(t, copy);
}

void JVM_SetClassSigners(JNIEnv *env, jclass cls, jobjectArray signers)
{
    ENTER(env);
    if (deref_class(cls)->kind == CLASS_INSTANCE) {
        obj_set_ref(deref(cls), OFF(Class_vm_signers), deref(signers));
    }
}

jobject JVM_GetProtectionDomain(JNIEnv *env, jclass cls)
{
    ENTER(env);
    gref mirror = deref(cls);
    if (!mirror) {
        throw_npe(t);
        return NULL;
    }
    return local(t, obj_get_ref(mirror, OFF(Class_vm_protection_domain)));
}

jbyteArray JVM_GetFieldTypeAnnotations(JNIEnv *env, jobject field)
{
    ENTER(env);
    struct field *f = reflect_field_of(deref(field));
    return f ? local(t, attr_bytes(t, f->cls, f->attrs, "RuntimeVisibleTypeAnnotations")) : NULL;
}

jbyteArray JVM_GetMethodTypeAnnotations(JNIEnv *env, jobject method)
{
    ENTER(env);
    struct method *m = reflect_method_of(deref(method));
    return m ? local(t, attr_bytes(t, m->cls, m->attrs, "RuntimeVisibleTypeAnnotations")) : NULL;
}

jobjectArray JVM_GetMethodParameters(JNIEnv *env, jobject method)
{
    ENTER(env);
    return local(t, method_get_parameters(t, deref(method)));
}

jobjectArray JVM_GetClassDeclaredMethods(JNIEnv *env, jclass cls, jboolean public_only)
{
    ENTER(env);
    return local(t, class_get_methods(t, deref_class(cls), public_only));
}

jobjectArray JVM_GetClassDeclaredFields(JNIEnv *env, jclass cls, jboolean public_only)
{
    ENTER(env);
    return local(t, class_get_fields(t, deref_class(cls), public_only));
}

jobjectArray JVM_GetClassDeclaredConstructors(JNIEnv *env, jclass cls, jboolean public_only)
{
    ENTER(env);
    return local(t, class_get_constructors(t, deref_class(cls), public_only));
}

jboolean JVM_AreNestMates(JNIEnv *env, jclass a, jclass b)
{
    ENTER(env);
    struct class *ca = deref_class(a), *cb = deref_class(b);
    if (ca == cb) { return JNI_TRUE; }
    struct class *ha = ca->kind == CLASS_INSTANCE ? class_nest_host(t, ca) : ca;
    return !t->exception && ha == (cb->kind == CLASS_INSTANCE ? class_nest_host(t, cb) : cb);
}

jobject JVM_InvokeMethod(JNIEnv *env, jobject method, jobject obj, jobjectArray args)
{
    ENTER(env);
    struct method *m = reflect_method_of(deref(method));
    return m ? local(t, reflect_invoke(t, m, deref(obj), deref(args))) : NULL;
}

jobject JVM_NewInstanceFromConstructor(JNIEnv *env, jobject c, jobjectArray args)
{
    ENTER(env);
    struct method *m = reflect_method_of(deref(c));
    return m ? local(t, reflect_new_instance(t, m, deref(args))) : NULL;
}

jboolean JVM_DesiredAssertionStatus(JNIEnv *env, jclass unused UNUSED, jclass cls)
{
    ENTER(env);
    return assertions_desired(deref_class(cls));
}

jobject JVM_AssertionStatusDirectives(JNIEnv *env, jclass unused UNUSED)
{
    ENTER(env);
    return local(t, assertions_directives(t));
}
