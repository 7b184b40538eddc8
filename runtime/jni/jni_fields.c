/* jni_fields.c - JNI: field IDs, Get<Type>Field, SetStatic<Type>Field, ... made from one macro for each type. */
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jni_table.h"

static jfieldID field_id(struct thread *t, jclass cls, const char *name, const char *sig,
                         bool is_static)
{
    struct class *c = deref_class(cls);
    struct symbol *n = symbol_find(name, strlen(name));
    struct symbol *d = symbol_find(sig, strlen(sig));
    char text[1024];
    if (c->kind != CLASS_PRIMITIVE) {
        if (!class_initialize(t, c)) { return NULL; }
        struct field *f = n && d ? class_lookup_field(c, n, d) : NULL;
        if (f && ((f->flags & ACC_STATIC) != 0) == is_static && !f->injected) {
            return (jfieldID)f;
        }
    }
    if (is_static) {
        throw_new(t, "java/lang/NoSuchFieldError", "%s", name);
    } else {
        throw_new(t, "java/lang/NoSuchFieldError", "%s.%s %s",
                  class_external_name(c, text, sizeof(text)), name, sig);
    }
    return NULL;
}

static jfieldID JNICALL GetFieldID(JNIEnv *env, jclass cls, const char *name, const char *sig)
{
    ENTER(env);
    return field_id(t, cls, name, sig, false);
}

static jfieldID JNICALL GetStaticFieldID(JNIEnv *env, jclass cls, const char *name, const char *sig)
{
    ENTER(env);
    return field_id(t, cls, name, sig, true);
}

/* Fields are naturally aligned, so each access is atomic; volatile ones are sequentially consistent. */
#define FIELD_FAMILY(Type, ctype, heaptype, to_c, from_c)                                          \
    static ctype JNICALL Get##Type##Field(JNIEnv *env, jobject obj, jfieldID id)                   \
    {                                                                                              \
        ENTER(env);                                                                                \
        const struct field *f = (const struct field *)id;                                          \
        heaptype v;                                                                                \
        __atomic_load((heaptype *)obj_addr(deref(obj), f->offset), &v, __ATOMIC_SEQ_CST);          \
        return to_c;                                                                               \
    }                                                                                              \
    static ctype JNICALL GetStatic##Type##Field(JNIEnv *env, jclass cls UNUSED, jfieldID id)       \
    {                                                                                              \
        ENTER(env);                                                                                \
        const struct field *f = (const struct field *)id;                                          \
        heaptype v;                                                                                \
        __atomic_load((heaptype *)obj_addr(f->cls->mirror, f->offset), &v, __ATOMIC_SEQ_CST);      \
        return to_c;                                                                               \
    }                                                                                              \
    static void JNICALL Set##Type##Field(JNIEnv *env, jobject obj, jfieldID id, ctype c)           \
    {                                                                                              \
        ENTER(env);                                                                                \
        const struct field *f = (const struct field *)id;                                          \
        heaptype v = from_c;                                                                       \
        __atomic_store((heaptype *)obj_addr(deref(obj), f->offset), &v,                            \
                       f->flags &ACC_VOLATILE ? __ATOMIC_SEQ_CST : __ATOMIC_RELEASE);              \
    }                                                                                              \
    static void JNICALL SetStatic##Type##Field(JNIEnv *env, jclass cls UNUSED, jfieldID id,        \
                                               ctype c)                                            \
    {                                                                                              \
        ENTER(env);                                                                                \
        const struct field *f = (const struct field *)id;                                          \
        heaptype v = from_c;                                                                       \
        __atomic_store((heaptype *)obj_addr(f->cls->mirror, f->offset), &v,                        \
                       f->flags &ACC_VOLATILE ? __ATOMIC_SEQ_CST : __ATOMIC_RELEASE);              \
    }

#define ALL_TYPES(X)                                                                               \
    X(Object, jobject, gref, local(t, v), deref(c))                                                \
    X(Boolean, jboolean, uint8_t, v, c != 0)                                                       \
    X(Byte, jbyte, int8_t, v, c)                                                                   \
    X(Char, jchar, uint16_t, v, c)                                                                 \
    X(Short, jshort, int16_t, v, c)                                                                \
    X(Int, jint, int32_t, v, c)                                                                    \
    X(Long, jlong, int64_t, v, c)                                                                  \
    X(Float, jfloat, float, v, c)                                                                  \
    X(Double, jdouble, double, v, c)

ALL_TYPES(FIELD_FAMILY)

void jni_fill_fields(struct JNINativeInterface_ *f)
{
    f->GetFieldID = GetFieldID;
    f->GetStaticFieldID = GetStaticFieldID;
#define SET(Type, ctype, heaptype, to_c, from_c)                                                   \
    f->Get##Type##Field = Get##Type##Field;                                                        \
    f->Set##Type##Field = Set##Type##Field;                                                        \
    f->GetStatic##Type##Field = GetStatic##Type##Field;                                            \
    f->SetStatic##Type##Field = SetStatic##Type##Field;
    ALL_TYPES(SET)
}
