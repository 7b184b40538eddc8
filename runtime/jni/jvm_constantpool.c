/*
 * jvm_constantpool.c - JVM_*: jdk.internal.reflect.ConstantPool, through which annotations are parsed.
 *
 * The Java object holds the mirror of the class in constantPoolOop; every function gets that as `pool`.
 */
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/reflection.h"

static struct constant_pool *pool_of(jobject pool) { return &class_from_mirror(deref(pool))->cp; }

static unsigned tag_at(const struct constant_pool *cp, jint i)
{
    return i > 0 && i < cp->count ? cp->tags[i] & CP_TAG_MASK : 0;
}

/* Throws IllegalArgumentException unless the entry exists and has one of up to three tags. */
static bool check(struct thread *t, const struct constant_pool *cp, jint i, unsigned a, unsigned b,
                  unsigned c)
{
    unsigned tag = tag_at(cp, i);
    if (i <= 0 || i >= cp->count) {
        throw_new(t, "java/lang/IllegalArgumentException", "Constant pool index out of bounds");
        return false;
    }
    if (tag != a && tag != b && tag != c) {
        throw_new(t, "java/lang/IllegalArgumentException", "Wrong type at constant pool index");
        return false;
    }
    return true;
}

jobject JVM_GetClassConstantPool(JNIEnv *env, jclass cls)
{
    ENTER(env);
    struct class *c = deref_class(cls);
    if (c->kind != CLASS_INSTANCE) { return NULL; }
    gref o = class_initialize(t, KC(ConstantPool)) ? class_new_object(t, KC(ConstantPool)) : 0;
    if (o) { obj_set_ref(o, OFF(ConstantPool_constantPoolOop), c->mirror); }
    return local(t, o);
}

jint JVM_ConstantPoolGetSize(JNIEnv *env, jobject obj UNUSED, jobject pool)
{
    ENTER(env);
    return pool_of(pool)->count;
}

jclass JVM_ConstantPoolGetClassAt(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    return check(t, cp, index, CP_CLASS, 0xff, 0xff)
               ? local_class(t, cp_resolve_class(t, cp, (unsigned)index))
               : NULL;
}

static struct class *loaded_class_at(const struct constant_pool *cp, unsigned index)
{
    struct loader *l = cp->cls->loader ? cp->cls->loader : &boot_loader;
    return class_find_loaded(l, cp_class_name(cp, index));
}

jclass JVM_ConstantPoolGetClassAtIfLoaded(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    return check(t, cp, index, CP_CLASS, 0xff, 0xff)
               ? local_class(t, loaded_class_at(cp, (unsigned)index))
               : NULL;
}

jint JVM_ConstantPoolGetClassRefIndexAt(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    return check(t, cp, index, CP_FIELDREF, CP_METHODREF, CP_IMETHODREF)
               ? (jint)(cp_raw(cp, (unsigned)index) >> 16)
               : 0;
}

/* The class in which the entry's member is to be looked up, NULL if it is not there, and the member's name and descriptor. */
static struct class *member_at(struct thread *t, struct constant_pool *cp, jint index, bool load,
                               struct symbol **name, struct symbol **desc)
{
    cp_member(cp, (unsigned)index, name, desc);
    unsigned class_index = cp_raw(cp, (unsigned)index) >> 16;
    return load ? cp_resolve_class(t, cp, class_index) : loaded_class_at(cp, class_index);
}

static jobject not_found(struct thread *t, bool load, const char *what)
{
    if (load && !t->exception) {
        throw_new(t, "java/lang/RuntimeException", "Unable to look up %s in target class", what);
    }
    return NULL;
}

static jobject method_at(struct thread *t, struct constant_pool *cp, jint index, bool load)
{
    if (!check(t, cp, index, CP_METHODREF, CP_IMETHODREF, 0xff)) { return NULL; }
    struct symbol *name, *desc;
    struct class *c = member_at(t, cp, index, load, &name, &desc);
    struct method *m = c ? class_lookup_method(c, name, desc) : NULL;
    if (!m) { return not_found(t, load, "method"); }
    return local(t, m->props & MP_INIT ? reflect_new_constructor(t, m) : reflect_new_method(t, m));
}

static jobject field_at(struct thread *t, struct constant_pool *cp, jint index, bool load)
{
    if (!check(t, cp, index, CP_FIELDREF, 0xff, 0xff)) { return NULL; }
    struct symbol *name, *desc;
    struct class *c = member_at(t, cp, index, load, &name, &desc);
    struct field *f = c ? class_lookup_field(c, name, desc) : NULL;
    if (!f) { return not_found(t, load, "field"); }
    return local(t, reflect_new_field(t, f));
}

jobject JVM_ConstantPoolGetMethodAt(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    return method_at(t, pool_of(pool), index, true);
}

jobject JVM_ConstantPoolGetMethodAtIfLoaded(JNIEnv *env, jobject obj UNUSED, jobject pool,
                                            jint index)
{
    ENTER(env);
    return method_at(t, pool_of(pool), index, false);
}

jobject JVM_ConstantPoolGetFieldAt(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    return field_at(t, pool_of(pool), index, true);
}

jobject JVM_ConstantPoolGetFieldAtIfLoaded(JNIEnv *env, jobject obj UNUSED, jobject pool,
                                           jint index)
{
    ENTER(env);
    return field_at(t, pool_of(pool), index, false);
}

/* String[] of up to three symbols. */
static gref strings(struct thread *t, struct symbol **s, int n)
{
    struct class *ac = class_array_of(t, KC(String));
    gref a = ac ? class_new_array(t, ac, n) : 0;
    for (int i = 0; a && i < n; i++) {
        gref str = string_from_symbol(t, s[i]);
        if (!str) { return 0; }
        array_set_ref(a, i, str);
    }
    return a;
}

jobjectArray JVM_ConstantPoolGetMemberRefInfoAt(JNIEnv *env, jobject obj UNUSED, jobject pool,
                                                jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    if (!check(t, cp, index, CP_FIELDREF, CP_METHODREF, CP_IMETHODREF)) { return NULL; }
    struct symbol *s[3];
    s[0] = cp_class_name(cp, cp_raw(cp, (unsigned)index) >> 16);
    cp_member(cp, (unsigned)index, &s[1], &s[2]);
    return local(t, strings(t, s, 3));
}

jint JVM_ConstantPoolGetNameAndTypeRefIndexAt(JNIEnv *env, jobject obj UNUSED, jobject pool,
                                              jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    unsigned tag = tag_at(cp, index);
    bool has = tag == CP_FIELDREF || tag == CP_METHODREF || tag == CP_IMETHODREF ||
               tag == CP_INVOKE_DYNAMIC || tag == CP_DYNAMIC;
    if (!has) {
        check(t, cp, index, CP_FIELDREF, CP_METHODREF, CP_IMETHODREF);
        return 0;
    }
    return (jint)(cp_raw(cp, (unsigned)index) & 0xffff);
}

jobjectArray JVM_ConstantPoolGetNameAndTypeRefInfoAt(JNIEnv *env, jobject obj UNUSED, jobject pool,
                                                     jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    if (!check(t, cp, index, CP_NAME_AND_TYPE, 0xff, 0xff)) { return NULL; }
    struct symbol *s[2];
    cp_name_and_type(cp, (unsigned)index, &s[0], &s[1]);
    return local(t, strings(t, s, 2));
}

#define NUMBER_AT(ctype, name, tag, member)                                                        \
    ctype name(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)                          \
    {                                                                                              \
        ENTER(env);                                                                                \
        struct constant_pool *cp = pool_of(pool);                                                  \
        return check(t, cp, index, tag, 0xff, 0xff) ? cp->val[index].member : 0;                   \
    }

NUMBER_AT(jint, JVM_ConstantPoolGetIntAt, CP_INTEGER, i)
NUMBER_AT(jlong, JVM_ConstantPoolGetLongAt, CP_LONG, j)
NUMBER_AT(jfloat, JVM_ConstantPoolGetFloatAt, CP_FLOAT, f)
NUMBER_AT(jdouble, JVM_ConstantPoolGetDoubleAt, CP_DOUBLE, d)

jstring JVM_ConstantPoolGetStringAt(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    return check(t, cp, index, CP_STRING, 0xff, 0xff)
               ? local(t, cp_resolve_string(t, cp, (unsigned)index))
               : NULL;
}

jstring JVM_ConstantPoolGetUTF8At(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    return check(t, cp, index, CP_UTF8, 0xff, 0xff)
               ? local(t, string_from_symbol(t, cp_utf8(cp, (unsigned)index)))
               : NULL;
}

jbyte JVM_ConstantPoolGetTagAt(JNIEnv *env, jobject obj UNUSED, jobject pool, jint index)
{
    ENTER(env);
    struct constant_pool *cp = pool_of(pool);
    if (index <= 0 || index >= cp->count) {
        throw_new(t, "java/lang/IllegalArgumentException", "Constant pool index out of bounds");
        return 0;
    }
    return (jbyte)tag_at(cp, index);
}
