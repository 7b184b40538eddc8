/*
 * jni_arrays.c - JNI: arrays.
 *
 * Objects do not move and the array's memory is host memory, so Get<Type>ArrayElements and GetPrimitiveArrayCritical
 * hand out the elements themselves (isCopy = JNI_FALSE), and Release has nothing to do.
 */
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jni_table.h"

static jsize JNICALL GetArrayLength(JNIEnv *env, jarray array)
{
    ENTER(env);
    return array_length(deref(array));
}

static gref new_array(struct thread *t, struct class *array_class, jsize n)
{
    if (!array_class) { return 0; }
    if (n < 0) {
        throw_new(t, "java/lang/NegativeArraySizeException", "%d", n);
        return 0;
    }
    return class_new_array(t, array_class, n);
}

static jobjectArray JNICALL NewObjectArray(JNIEnv *env, jsize n, jclass cls, jobject init)
{
    ENTER(env);
    gref a = new_array(t, class_array_of(t, deref_class(cls)), n);
    gref o = deref(init);
    if (a && o) {
        for (jsize i = 0; i < n; i++) { array_set_ref(a, i, o); }
    }
    return local(t, a);
}

static bool check_index(struct thread *t, gref a, jsize i)
{
    if (i < 0 || i >= array_length(a)) {
        throw_new(t, "java/lang/ArrayIndexOutOfBoundsException",
                  "Index %d out of bounds for length %d", i, array_length(a));
        return false;
    }
    return true;
}

static jobject JNICALL GetObjectArrayElement(JNIEnv *env, jobjectArray array, jsize i)
{
    ENTER(env);
    gref a = deref(array);
    return check_index(t, a, i) ? local(t, array_get_ref(a, i)) : NULL;
}

static void JNICALL SetObjectArrayElement(JNIEnv *env, jobjectArray array, jsize i, jobject value)
{
    ENTER(env);
    gref a = deref(array), v = deref(value);
    if (!check_index(t, a, i)) { return; }
    if (v && !obj_instanceof(v, class_of(a)->component)) {
        char from[512], to[512];
        throw_new(t, "java/lang/ArrayStoreException", "type mismatch: can not store %s to %s[%d]",
                  class_external_name(class_of(v), from, sizeof(from)),
                  class_external_name(class_of(a)->component, to, sizeof(to)), i);
        return;
    }
    array_set_ref(a, i, v);
}

/* Is [start, start + n) inside the array? */
static bool check_region(struct thread *t, gref a, jsize start, jsize n)
{
    int32_t length = array_length(a);
    if (start < 0 || n < 0 || (uint32_t)start + (uint32_t)n > (uint32_t)length) {
        throw_new(t, "java/lang/ArrayIndexOutOfBoundsException",
                  "Array region %d..%lld out of bounds for length %d", start, (long long)start + n,
                  length);
        return false;
    }
    return true;
}

static void *elements(JNIEnv *env, jarray array, jboolean *is_copy)
{
    ENTER(env);
    if (is_copy) { *is_copy = JNI_FALSE; }
    return array_data(deref(array));
}

static void region(JNIEnv *env, jarray array, jsize start, jsize n, void *buf, size_t size,
                   bool set)
{
    ENTER(env);
    gref a = deref(array);
    if (check_region(t, a, start, n) && n > 0) {
        char *p = (char *)array_data(a) + (size_t)start * size;
        memcpy(set ? (void *)p : buf, set ? buf : (void *)p, (size_t)n * size);
    }
}

static jarray new_primitive_array(JNIEnv *env, enum basic_type type, jsize n)
{
    ENTER(env);
    return local(t, new_array(t, class_array_of(t, class_primitive(type)), n));
}

#define ARRAY_FAMILY(Type, ctype, code)                                                            \
    static ctype##Array JNICALL New##Type##Array(JNIEnv *env, jsize n)                             \
    {                                                                                              \
        return new_primitive_array(env, code, n);                                                  \
    }                                                                                              \
    static ctype *JNICALL Get##Type##ArrayElements(JNIEnv *env, ctype##Array array,                \
                                                   jboolean *is_copy)                              \
    {                                                                                              \
        return elements(env, array, is_copy);                                                      \
    }                                                                                              \
    static void JNICALL Release##Type##ArrayElements(                                              \
        JNIEnv *env UNUSED, ctype##Array array UNUSED, ctype *p UNUSED, jint mode UNUSED)          \
    {                                                                                              \
    }                                                                                              \
    static void JNICALL Get##Type##ArrayRegion(JNIEnv *env, ctype##Array array, jsize start,       \
                                               jsize n, ctype *buf)                                \
    {                                                                                              \
        region(env, array, start, n, buf, sizeof(ctype), false);                                   \
    }                                                                                              \
    static void JNICALL Set##Type##ArrayRegion(JNIEnv *env, ctype##Array array, jsize start,       \
                                               jsize n, const ctype *buf)                          \
    {                                                                                              \
        region(env, array, start, n, (void *)(uintptr_t)buf, sizeof(ctype), true);                 \
    }

#define PRIMITIVE_TYPES(X)                                                                         \
    X(Boolean, jboolean, T_BOOLEAN)                                                                \
    X(Byte, jbyte, T_BYTE)                                                                         \
    X(Char, jchar, T_CHAR)                                                                         \
    X(Short, jshort, T_SHORT)                                                                      \
    X(Int, jint, T_INT)                                                                            \
    X(Long, jlong, T_LONG)                                                                         \
    X(Float, jfloat, T_FLOAT)                                                                      \
    X(Double, jdouble, T_DOUBLE)

PRIMITIVE_TYPES(ARRAY_FAMILY)

static void *JNICALL GetPrimitiveArrayCritical(JNIEnv *env, jarray array, jboolean *is_copy)
{
    return elements(env, array, is_copy);
}

static void JNICALL ReleasePrimitiveArrayCritical(JNIEnv *env UNUSED, jarray array UNUSED,
                                                  void *p UNUSED, jint mode UNUSED)
{
}

void jni_fill_arrays(struct JNINativeInterface_ *f)
{
    f->GetArrayLength = GetArrayLength;
    f->NewObjectArray = NewObjectArray;
    f->GetObjectArrayElement = GetObjectArrayElement;
    f->SetObjectArrayElement = SetObjectArrayElement;
    f->GetPrimitiveArrayCritical = GetPrimitiveArrayCritical;
    f->ReleasePrimitiveArrayCritical = ReleasePrimitiveArrayCritical;
#define SET(Type, ctype, code)                                                                     \
    f->New##Type##Array = New##Type##Array;                                                        \
    f->Get##Type##ArrayElements = Get##Type##ArrayElements;                                        \
    f->Release##Type##ArrayElements = Release##Type##ArrayElements;                                \
    f->Get##Type##ArrayRegion = Get##Type##ArrayRegion;                                            \
    f->Set##Type##ArrayRegion = Set##Type##ArrayRegion;
    PRIMITIVE_TYPES(SET)
}
