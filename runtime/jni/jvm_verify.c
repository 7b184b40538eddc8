/*
 * jvm_verify.c - JVM_*: the class file as libverify's type-inference verifier (class files before version 50) reads it.
 *
 * The UTF functions return pointers into symbols, which live for ever: JVM_ReleaseUTF has nothing to do.
 */
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"

static struct method *method_ix(struct class *c, jint i) { return &c->methods[i]; }

#define FROM_CLASS(ret, name, value)                                                               \
    ret name(JNIEnv *env, jclass cb)                                                               \
    {                                                                                              \
        ENTER(env);                                                                                \
        struct class *c = deref_class(cb);                                                         \
        return value;                                                                              \
    }

#define FROM_METHOD(ret, name, value)                                                              \
    ret name(JNIEnv *env, jclass cb, jint method)                                                  \
    {                                                                                              \
        ENTER(env);                                                                                \
        const struct method *m = method_ix(deref_class(cb), method);                               \
        return value;                                                                              \
    }

FROM_CLASS(const char *, JVM_GetClassNameUTF, c->name->text)
FROM_CLASS(jint, JVM_GetClassCPEntriesCount, c->cp.count)
FROM_CLASS(jint, JVM_GetClassFieldsCount, c->n_fields)
FROM_CLASS(jint, JVM_GetClassMethodsCount, c->n_methods)
FROM_METHOD(jint, JVM_GetMethodIxByteCodeLength, (jint)m->code_length)
FROM_METHOD(jint, JVM_GetMethodIxExceptionTableLength, m->n_handlers)
FROM_METHOD(jint, JVM_GetMethodIxModifiers, m->flags)
FROM_METHOD(jint, JVM_GetMethodIxLocalsCount, m->max_locals)
FROM_METHOD(jint, JVM_GetMethodIxArgsSize, m->arg_slots)
FROM_METHOD(jint, JVM_GetMethodIxMaxStack, m->max_stack)
FROM_METHOD(jboolean, JVM_IsConstructorIx, m->name == SYM(init))
FROM_METHOD(jboolean, JVM_IsVMGeneratedMethodIx, (m->props & MP_OVERPASS) != 0)
FROM_METHOD(const char *, JVM_GetMethodIxNameUTF, m->name->text)
FROM_METHOD(const char *, JVM_GetMethodIxSignatureUTF, m->desc->text)

void JVM_GetClassCPTypes(JNIEnv *env, jclass cb, unsigned char *types)
{
    ENTER(env);
    const struct constant_pool *cp = &deref_class(cb)->cp;
    for (unsigned i = 0; i < cp->count; i++) { types[i] = cp->tags[i] & CP_TAG_MASK; }
}

static const uint8_t *exceptions_of(const struct method *m, unsigned *n)
{
    uint32_t length;
    const uint8_t *p = attr_find(m->cls, m->attrs, "Exceptions", &length);
    *n = p && length >= 2 ? read_u2(p) : 0;
    return p;
}

jint JVM_GetMethodIxExceptionsCount(JNIEnv *env, jclass cb, jint method)
{
    ENTER(env);
    unsigned n;
    exceptions_of(method_ix(deref_class(cb), method), &n);
    return (jint)n;
}

void JVM_GetMethodIxExceptionIndexes(JNIEnv *env, jclass cb, jint method,
                                     unsigned short *exceptions)
{
    ENTER(env);
    unsigned n;
    const uint8_t *p = exceptions_of(method_ix(deref_class(cb), method), &n);
    for (unsigned i = 0; i < n; i++) { exceptions[i] = read_u2(p + 2 + 2 * i); }
}

void JVM_GetMethodIxByteCode(JNIEnv *env, jclass cb, jint method, unsigned char *code)
{
    ENTER(env);
    const struct method *m = method_ix(deref_class(cb), method);
    memcpy(code, m->code, m->code_length);
}

void JVM_GetMethodIxExceptionTableEntry(JNIEnv *env, jclass cb, jint method, jint entry_index,
                                        JVM_ExceptionTableEntryType *entry)
{
    ENTER(env);
    const struct exception_entry *e = &method_ix(deref_class(cb), method)->handlers[entry_index];
    *entry = (JVM_ExceptionTableEntryType){e->start_pc, e->end_pc, e->handler_pc, e->catch_type};
}

jint JVM_GetFieldIxModifiers(JNIEnv *env, jclass cb, jint field)
{
    ENTER(env);
    return deref_class(cb)->fields[field].flags;
}

/* ---- constant pool: field, method and class references ---- */

enum part { PART_NAME, PART_DESC, PART_CLASS };

static const char *member_part(JNIEnv *env, jclass cb, jint index, enum part part)
{
    ENTER(env);
    const struct constant_pool *cp = &deref_class(cb)->cp;
    struct symbol *name, *desc;
    if (part == PART_CLASS) { return cp_class_name(cp, cp_raw(cp, (unsigned)index) >> 16)->text; }
    cp_member(cp, (unsigned)index, &name, &desc);
    return part == PART_NAME ? name->text : desc->text;
}

#define MEMBER_UTF(fn, part)                                                                       \
    const char *fn(JNIEnv *env, jclass cb, jint index) { return member_part(env, cb, index, part); }

MEMBER_UTF(JVM_GetCPFieldNameUTF, PART_NAME)
MEMBER_UTF(JVM_GetCPMethodNameUTF, PART_NAME)
MEMBER_UTF(JVM_GetCPMethodSignatureUTF, PART_DESC)
MEMBER_UTF(JVM_GetCPFieldSignatureUTF, PART_DESC)
MEMBER_UTF(JVM_GetCPFieldClassNameUTF, PART_CLASS)
MEMBER_UTF(JVM_GetCPMethodClassNameUTF, PART_CLASS)

const char *JVM_GetCPClassNameUTF(JNIEnv *env, jclass cb, jint index)
{
    ENTER(env);
    return cp_class_name(&deref_class(cb)->cp, (unsigned)index)->text;
}

/* Flags of a referenced member as declared in class `called` itself, -1 if it declares none such. */
jint JVM_GetCPFieldModifiers(JNIEnv *env, jclass cb, jint index, jclass called)
{
    ENTER(env);
    struct symbol *name, *desc;
    cp_member(&deref_class(cb)->cp, (unsigned)index, &name, &desc);
    struct field *f = class_declared_field(deref_class(called), name, desc);
    return f ? f->flags : -1;
}

jint JVM_GetCPMethodModifiers(JNIEnv *env, jclass cb, jint index, jclass called)
{
    ENTER(env);
    struct symbol *name, *desc;
    cp_member(&deref_class(cb)->cp, (unsigned)index, &name, &desc);
    struct method *m = class_declared_method(deref_class(called), name, desc);
    return m ? m->flags : -1;
}

void JVM_ReleaseUTF(const char *utf UNUSED) {}

jboolean JVM_IsSameClassPackage(JNIEnv *env, jclass a, jclass b)
{
    ENTER(env);
    return class_same_package(deref_class(a), deref_class(b));
}
