/*
 * jni_calls.c - JNI: making objects, calling methods.
 *
 * 3 kinds of call (virtual, nonvirtual, static) x 10 result types x 3 ways to pass arguments (..., va_list, jvalue[]):
 * all are made from CALLS() below, over invoke_va() and invoke_values().
 */
#include <stdarg.h>
#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jni_table.h"

enum call_kind { CALL_VIRTUAL, CALL_NONVIRTUAL, CALL_STATIC };

static void cells_from_va(slot_t *cell, const struct method *m, va_list ap)
{
    struct params p = params_of(m->desc->text);
    for (; params_next(&p); cell += type_slots(p.type)) {
        switch (p.type) {
        case T_BOOLEAN: cell->j = (jboolean)va_arg(ap, jint) != 0; break;
        case T_BYTE: cell->j = (jbyte)va_arg(ap, jint); break;
        case T_CHAR: cell->j = (jchar)va_arg(ap, jint); break;
        case T_SHORT: cell->j = (jshort)va_arg(ap, jint); break;
        case T_INT: cell->j = va_arg(ap, jint); break;
        case T_LONG: cell->j = va_arg(ap, jlong); break;
        case T_FLOAT: *cell = (slot_t){.f = (jfloat)va_arg(ap, jdouble)}; break;
        case T_DOUBLE: cell->d = va_arg(ap, jdouble); break;
        default: cell->raw = deref(va_arg(ap, jobject)); break;
        }
    }
}

static void cells_from_values(slot_t *cell, const struct method *m, const jvalue *v)
{
    struct params p = params_of(m->desc->text);
    for (; params_next(&p); cell += type_slots(p.type), v++) {
        switch (p.type) {
        case T_BOOLEAN: cell->j = v->z != 0; break;
        case T_BYTE: cell->j = v->b; break;
        case T_CHAR: cell->j = v->c; break;
        case T_SHORT: cell->j = v->s; break;
        case T_INT: cell->j = v->i; break;
        case T_LONG: cell->j = v->j; break;
        case T_FLOAT: *cell = (slot_t){.f = v->f}; break;
        case T_DOUBLE: cell->d = v->d; break;
        default: cell->raw = deref(v->l); break;
        }
    }
}

static slot_t invoke(struct thread *t, enum call_kind kind, struct method *m, slot_t *cells)
{
    if (kind != CALL_STATIC && !cells[0].r) {
        throw_npe(t);
        return (slot_t){0};
    }
    slot_t r = kind == CALL_VIRTUAL && !method_is_direct(m) ? engine.call_virtual(t, m, cells)
                                                            : engine.call(t, m, cells);
    return t->exception ? (slot_t){0} : r;
}

static slot_t invoke_va(struct thread *t, enum call_kind kind, jobject obj, jmethodID id,
                        va_list ap)
{
    struct method *m = (struct method *)id;
    slot_t cells[m->arg_slots + 2u];
    memset(cells, 0, sizeof(cells));
    bool receiver = kind != CALL_STATIC;
    if (receiver) { cells[0].raw = deref(obj); }
    cells_from_va(cells + receiver, m, ap);
    return invoke(t, kind, m, cells);
}

static slot_t invoke_values(struct thread *t, enum call_kind kind, jobject obj, jmethodID id,
                            const jvalue *v)
{
    struct method *m = (struct method *)id;
    slot_t cells[m->arg_slots + 2u];
    memset(cells, 0, sizeof(cells));
    bool receiver = kind != CALL_STATIC;
    if (receiver) { cells[0].raw = deref(obj); }
    cells_from_values(cells + receiver, m, v);
    return invoke(t, kind, m, cells);
}

/* One kind of call with one result type, in its three forms. EXTRA is the jclass parameter of nonvirtual calls. */
#define CALL3(prefix, Type, ctype, result, kind, objtype, ...)                                     \
    static ctype JNICALL prefix##Type##MethodV(JNIEnv *env, objtype obj, ##__VA_ARGS__,            \
                                               jmethodID id, va_list ap)                           \
    {                                                                                              \
        ENTER(env);                                                                                \
        slot_t r = invoke_va(t, kind, obj, id, ap);                                                \
        return result;                                                                             \
    }                                                                                              \
    static ctype JNICALL prefix##Type##MethodA(JNIEnv *env, objtype obj, ##__VA_ARGS__,            \
                                               jmethodID id, const jvalue *v)                      \
    {                                                                                              \
        ENTER(env);                                                                                \
        slot_t r = invoke_values(t, kind, obj, id, v);                                             \
        return result;                                                                             \
    }                                                                                              \
    static ctype JNICALL prefix##Type##Method(JNIEnv *env, objtype obj, ##__VA_ARGS__,             \
                                              jmethodID id, ...)                                   \
    {                                                                                              \
        ENTER(env);                                                                                \
        va_list ap;                                                                                \
        va_start(ap, id);                                                                          \
        slot_t r = invoke_va(t, kind, obj, id, ap);                                                \
        va_end(ap);                                                                                \
        return result;                                                                             \
    }

#define CALLS(Type, ctype, result)                                                                 \
    CALL3(Call, Type, ctype, result, CALL_VIRTUAL, jobject)                                        \
    CALL3(CallNonvirtual, Type, ctype, result, CALL_NONVIRTUAL, jobject, jclass cls UNUSED)        \
    CALL3(CallStatic, Type, ctype, result, CALL_STATIC, jclass)

#define ALL_TYPES(X)                                                                               \
    X(Object, jobject, local(t, r.r))                                                              \
    X(Boolean, jboolean, (jboolean)(r.i != 0))                                                     \
    X(Byte, jbyte, (jbyte)r.i)                                                                     \
    X(Char, jchar, (jchar)r.i)                                                                     \
    X(Short, jshort, (jshort)r.i)                                                                  \
    X(Int, jint, r.i)                                                                              \
    X(Long, jlong, r.j)                                                                            \
    X(Float, jfloat, r.f)                                                                          \
    X(Double, jdouble, r.d)                                                                        \
    X(Void, void, (void)r)

ALL_TYPES(CALLS)

/* ---- objects ---- */

static gref allocate(struct thread *t, struct class *c)
{
    if (c->kind != CLASS_INSTANCE || (c->access_flags & (ACC_INTERFACE | ACC_ABSTRACT)) ||
        c == KC(Class)) {
        char name[1024];
        throw_new(t, "java/lang/InstantiationException", "%s",
                  class_external_name(c, name, sizeof(name)));
        return 0;
    }
    return class_initialize(t, c) ? class_new_object(t, c) : 0;
}

static jobject JNICALL AllocObject(JNIEnv *env, jclass cls)
{
    ENTER(env);
    return local(t, allocate(t, deref_class(cls)));
}

static jobject JNICALL NewObjectV(JNIEnv *env, jclass cls, jmethodID id, va_list ap)
{
    ENTER(env);
    jobject o = local(t, allocate(t, deref_class(cls)));
    if (o) { invoke_va(t, CALL_NONVIRTUAL, o, id, ap); }
    return t->exception ? NULL : o;
}

static jobject JNICALL NewObject(JNIEnv *env, jclass cls, jmethodID id, ...)
{
    va_list ap;
    va_start(ap, id);
    jobject o = NewObjectV(env, cls, id, ap);
    va_end(ap);
    return o;
}

static jobject JNICALL NewObjectA(JNIEnv *env, jclass cls, jmethodID id, const jvalue *v)
{
    ENTER(env);
    jobject o = local(t, allocate(t, deref_class(cls)));
    if (o) { invoke_values(t, CALL_NONVIRTUAL, o, id, v); }
    return t->exception ? NULL : o;
}

static jclass JNICALL GetObjectClass(JNIEnv *env, jobject obj)
{
    ENTER(env);
    return local_class(t, class_of(deref(obj)));
}

static jboolean JNICALL IsInstanceOf(JNIEnv *env, jobject obj, jclass cls)
{
    ENTER(env);
    gref o = deref(obj);
    return !o || obj_instanceof(o, deref_class(cls));
}

/* ---- method IDs ---- */

static jmethodID method_id(struct thread *t, jclass cls, const char *name, const char *sig,
                           bool is_static)
{
    struct class *c = deref_class(cls);
    struct symbol *n = name ? symbol_find(name, strlen(name)) : SYM(init);
    struct symbol *d = symbol_find(sig, strlen(sig));
    if (c->kind == CLASS_PRIMITIVE || !n || !d) { /* no class has such a method */
        throw_new(t, "java/lang/NoSuchMethodError", "%s", name ? name : "<init>");
        return NULL;
    }
    if (!class_initialize(t, c)) { return NULL; }
    struct method *m = n == SYM(init) || n == SYM(clinit) ? class_declared_method(c, n, d)
                                                          : class_lookup_method(c, n, d);
    if (m && method_is_static(m) == is_static) { return (jmethodID)m; }
    bool array = class_is_array(c);
    throw_new(t, "java/lang/NoSuchMethodError", "%s%s%s%s.%s%s", is_static ? "static " : "",
              array ? "" : "L", c->name->text, array ? "" : ";", n->text, sig);
    return NULL;
}

static jmethodID JNICALL GetMethodID(JNIEnv *env, jclass cls, const char *name, const char *sig)
{
    ENTER(env);
    return method_id(t, cls, name, sig, false);
}

static jmethodID JNICALL GetStaticMethodID(JNIEnv *env, jclass cls, const char *name,
                                           const char *sig)
{
    ENTER(env);
    return method_id(t, cls, name, sig, true);
}

void jni_fill_calls(struct JNINativeInterface_ *f)
{
#define SET3(prefix, Type)                                                                         \
    f->prefix##Type##Method = prefix##Type##Method;                                                \
    f->prefix##Type##MethodV = prefix##Type##MethodV;                                              \
    f->prefix##Type##MethodA = prefix##Type##MethodA;
#define SET(Type, ctype, result) SET3(Call, Type) SET3(CallNonvirtual, Type) SET3(CallStatic, Type)
    ALL_TYPES(SET)
    f->AllocObject = AllocObject;
    f->NewObject = NewObject;
    f->NewObjectV = NewObjectV;
    f->NewObjectA = NewObjectA;
    f->GetObjectClass = GetObjectClass;
    f->IsInstanceOf = IsInstanceOf;
    f->GetMethodID = GetMethodID;
    f->GetStaticMethodID = GetStaticMethodID;
}
