/* reflect.c - java.lang.reflect objects, boxing, and calls through them; see reflection.h. */
#include "runtime/jni/reflection.h"

#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/jni/jni-internal.h"

/* ---- what descriptors name ---- */

static gref class_array(struct thread *t, int n)
{
    static struct class *array_class;
    if (!array_class) {
        array_class = class_array_of(t, KC(Class));
        if (!array_class) { return 0; }
    }
    return class_new_array(t, array_class, n);
}

gref reflect_parameter_types(struct thread *t, struct method *m, gref *ret)
{
    gref types = class_array(t, m->n_params);
    struct params p = params_of(m->desc->text);
    for (int i = 0; types && params_next(&p); i++) {
        struct class *c = class_from_descriptor(t, m->cls->loader, p.text, p.length);
        if (!c) { return 0; }
        array_set_ref(types, i, c->mirror);
    }
    if (types && ret) {
        const char *result = descriptor_result(m->desc->text);
        struct class *c = class_from_descriptor(t, m->cls->loader, result, strlen(result));
        if (!c) { return 0; }
        *ret = c->mirror;
    }
    return types;
}

gref attr_bytes(struct thread *t, struct class *c, const uint8_t *attrs, const char *name)
{
    uint32_t n;
    const uint8_t *p = attrs ? attr_find(c, attrs, name, &n) : NULL;
    if (!p) { return 0; }
    gref a = class_new_array(t, class_array_of(t, class_primitive(T_BYTE)), (int32_t)n);
    if (a) { memcpy(array_data(a), p, n); }
    return a;
}

/* The Signature attribute as a String, 0 if absent. */
static gref signature_of(struct thread *t, struct class *c, const uint8_t *attrs)
{
    uint32_t n;
    const uint8_t *p = attrs ? attr_find(c, attrs, "Signature", &n) : NULL;
    struct symbol *s = p && n >= 2 ? cp_utf8(&c->cp, read_u2(p)) : NULL;
    return s ? string_from_symbol(t, s) : 0;
}

gref method_exception_types(struct thread *t, struct method *m)
{
    uint32_t length;
    const uint8_t *p = attr_find(m->cls, m->attrs, "Exceptions", &length);
    int n = p && length >= 2 ? read_u2(p) : 0;
    gref a = class_array(t, n);
    for (int i = 0; a && i < n; i++) {
        struct class *c = cp_resolve_class(t, &m->cls->cp, read_u2(p + 2 + 2 * i));
        if (!c) { return 0; }
        array_set_ref(a, i, c->mirror);
    }
    return a;
}

/* ---- Field, Method, Constructor ---- */

#define RECOGNIZED_METHOD_FLAGS                                                                    \
    (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL | ACC_SYNCHRONIZED |        \
     ACC_BRIDGE | ACC_VARARGS | ACC_NATIVE | ACC_ABSTRACT | ACC_STRICT | ACC_SYNTHETIC)
#define RECOGNIZED_FIELD_FLAGS                                                                     \
    (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL | ACC_VOLATILE |            \
     ACC_TRANSIENT | ACC_ENUM | ACC_SYNTHETIC)

gref reflect_new_field(struct thread *t, struct field *f)
{
    struct class *c = f->cls;
    struct class *type = class_from_descriptor(t, c->loader, f->desc->text, f->desc->length);
    gref name = type ? string_intern_symbol(t, f->name) : 0;
    gref o = name && class_initialize(t, KC(Field)) ? class_new_object(t, KC(Field)) : 0;
    if (!o) { return 0; }
    bool is_static = (f->flags & ACC_STATIC) != 0;
    obj_set_ref(o, OFF(Field_clazz), c->mirror);
    obj_set_int(o, OFF(Field_slot), f->slot);
    obj_set_ref(o, OFF(Field_name), name);
    obj_set_ref(o, OFF(Field_type), type->mirror);
    obj_set_int(o, OFF(Field_modifiers), f->flags & RECOGNIZED_FIELD_FLAGS);
    obj_set_boolean(o, OFF(Field_trustedFinal),
                    (f->flags & ACC_FINAL) &&
                        (is_static || (c->props & (CLP_HIDDEN | CLP_RECORD))));
    obj_set_ref(o, OFF(Field_signature), signature_of(t, c, f->attrs));
    obj_set_ref(o, OFF(Field_annotations), attr_bytes(t, c, f->attrs, "RuntimeVisibleAnnotations"));
    return t->exception ? 0 : o;
}

gref reflect_new_method(struct thread *t, struct method *m)
{
    struct class *c = m->cls;
    gref ret = 0;
    gref params = reflect_parameter_types(t, m, &ret);
    gref exceptions = params ? method_exception_types(t, m) : 0;
    gref name = exceptions ? string_intern_symbol(t, m->name) : 0;
    gref o = name && class_initialize(t, KC(Method)) ? class_new_object(t, KC(Method)) : 0;
    if (!o) { return 0; }
    obj_set_ref(o, OFF(Method_clazz), c->mirror);
    obj_set_int(o, OFF(Method_slot), m->slot);
    obj_set_ref(o, OFF(Method_name), name);
    obj_set_ref(o, OFF(Method_returnType), ret);
    obj_set_ref(o, OFF(Method_parameterTypes), params);
    obj_set_ref(o, OFF(Method_exceptionTypes), exceptions);
    obj_set_int(o, OFF(Method_modifiers), m->flags & RECOGNIZED_METHOD_FLAGS);
    obj_set_ref(o, OFF(Method_signature), signature_of(t, c, m->attrs));
    obj_set_ref(o, OFF(Method_annotations),
                attr_bytes(t, c, m->attrs, "RuntimeVisibleAnnotations"));
    obj_set_ref(o, OFF(Method_parameterAnnotations),
                attr_bytes(t, c, m->attrs, "RuntimeVisibleParameterAnnotations"));
    obj_set_ref(o, OFF(Method_annotationDefault), attr_bytes(t, c, m->attrs, "AnnotationDefault"));
    return t->exception ? 0 : o;
}

gref reflect_new_constructor(struct thread *t, struct method *m)
{
    struct class *c = m->cls;
    gref params = reflect_parameter_types(t, m, NULL);
    gref exceptions = params ? method_exception_types(t, m) : 0;
    gref o = exceptions && class_initialize(t, KC(Constructor))
                 ? class_new_object(t, KC(Constructor))
                 : 0;
    if (!o) { return 0; }
    obj_set_ref(o, OFF(Constructor_clazz), c->mirror);
    obj_set_int(o, OFF(Constructor_slot), m->slot);
    obj_set_ref(o, OFF(Constructor_parameterTypes), params);
    obj_set_ref(o, OFF(Constructor_exceptionTypes), exceptions);
    obj_set_int(o, OFF(Constructor_modifiers), m->flags & RECOGNIZED_METHOD_FLAGS);
    obj_set_ref(o, OFF(Constructor_signature), signature_of(t, c, m->attrs));
    obj_set_ref(o, OFF(Constructor_annotations),
                attr_bytes(t, c, m->attrs, "RuntimeVisibleAnnotations"));
    obj_set_ref(o, OFF(Constructor_parameterAnnotations),
                attr_bytes(t, c, m->attrs, "RuntimeVisibleParameterAnnotations"));
    return t->exception ? 0 : o;
}

struct field *reflect_field_of(gref o)
{
    if (!obj_instanceof(o, KC(Field))) { return NULL; }
    struct class *c = class_from_mirror(obj_get_ref(o, OFF(Field_clazz)));
    uint32_t slot = (uint32_t)obj_get_int(o, OFF(Field_slot));
    return slot < c->n_fields ? &c->fields[slot] : NULL;
}

struct method *reflect_method_of(gref o)
{
    bool is_method = obj_instanceof(o, KC(Method));
    if (!is_method && !obj_instanceof(o, KC(Constructor))) { return NULL; }
    struct class *c =
        class_from_mirror(obj_get_ref(o, is_method ? OFF(Method_clazz) : OFF(Constructor_clazz)));
    uint32_t slot = (uint32_t)obj_get_int(o, is_method ? OFF(Method_slot) : OFF(Constructor_slot));
    return slot < c->n_methods ? &c->methods[slot] : NULL;
}

gref method_get_parameters(struct thread *t, gref executable)
{
    struct method *m = reflect_method_of(executable);
    uint32_t length;
    const uint8_t *p = m ? attr_find(m->cls, m->attrs, "MethodParameters", &length) : NULL;
    if (!p || length < 1) { return 0; }
    int n = p[0];
    struct class *ac = class_array_of(t, KC(Parameter));
    gref a = ac && class_initialize(t, KC(Parameter)) ? class_new_array(t, ac, n) : 0;
    for (int i = 0; a && i < n; i++) {
        unsigned name_index = read_u2(p + 1 + 4 * i), flags = read_u2(p + 3 + 4 * i);
        struct symbol *name = NULL;
        if (name_index) {
            if (name_index >= m->cls->cp.count ||
                (m->cls->cp.tags[name_index] & CP_TAG_MASK) != CP_UTF8) {
                throw_new(t, "java/lang/IllegalArgumentException",
                          "Wrong type at constant pool index");
                return 0;
            }
            name = cp_utf8(&m->cls->cp, name_index);
        }
        gref o = class_new_object(t, KC(Parameter));
        if (!o) { return 0; }
        array_set_ref(a, i, o);
        obj_set_ref(o, OFF(Parameter_name), name ? string_intern_symbol(t, name) : 0);
        obj_set_int(o, OFF(Parameter_modifiers), (int32_t)flags);
        obj_set_ref(o, OFF(Parameter_executable), executable);
        obj_set_int(o, OFF(Parameter_index), i);
    }
    return t->exception ? 0 : a;
}

/* ---- boxes ---- */

#define BOXES(X)                                                                                   \
    X(T_BOOLEAN, Boolean, boolean, v.i != 0, .j)                                                   \
    X(T_CHAR, Character, char, (uint16_t)v.i, .j)                                                  \
    X(T_BYTE, Byte, byte, (int8_t)v.i, .j)                                                         \
    X(T_SHORT, Short, short, (int16_t)v.i, .j)                                                     \
    X(T_INT, Integer, int, v.i, .j)                                                                \
    X(T_LONG, Long, long, v.j, .j)                                                                 \
    X(T_FLOAT, Float, float, v.f, .f)                                                              \
    X(T_DOUBLE, Double, double, v.d, .d)

gref reflect_box(struct thread *t, enum basic_type type, slot_t v)
{
    gref o;
    switch (type) {
#define BOX(code, Class, access, value, member)                                                    \
    case code:                                                                                     \
        o = class_initialize(t, KC(Class)) ? class_new_object(t, KC(Class)) : 0;                   \
        if (o) { obj_set_##access(o, OFF(Class##_value), value); }                                 \
        return o;
        BOXES(BOX)
    case T_VOID: return 0;
    default: return v.r;
    }
}

enum basic_type reflect_unbox(gref o, slot_t *v)
{
    struct class *c = o ? class_of(o) : NULL;
    v->raw = 0;
#define UNBOX(code, Class, access, value, member)                                                  \
    if (c == KC(Class)) {                                                                          \
        (*v) member = obj_get_##access(o, OFF(Class##_value));                                     \
        return code;                                                                               \
    }
    BOXES(UNBOX)
    return (enum basic_type)0;
}

bool reflect_widen(enum basic_type from, enum basic_type to, slot_t *v)
{
    if (from == to) { return true; }
    bool small = from == T_BYTE || from == T_SHORT || from == T_CHAR || from == T_INT;
    switch (to) {
    case T_SHORT: return from == T_BYTE;
    case T_INT: return small;
    case T_LONG: return small; /* cells of small types are sign-extended already */
    case T_FLOAT:
        if (small || from == T_LONG) {
            float f = (float)v->j;
            *v = (slot_t){.f = f};
            return true;
        }
        return false;
    case T_DOUBLE:
        if (small || from == T_LONG) {
            v->d = (double)v->j;
            return true;
        }
        if (from == T_FLOAT) {
            v->d = v->f;
            return true;
        }
        return false;
    default: return false;
    }
}

/* ---- calls ---- */

static void mismatch(struct thread *t, const char *what)
{
    throw_new(t, "java/lang/IllegalArgumentException", what ? "%s" : NULL, what);
}

/* Unwraps Object[] `args` into cells by the parameter types. */
static bool fill_cells(struct thread *t, struct method *m, gref args, slot_t *cell)
{
    int n = args ? array_length(args) : 0;
    if (n != m->n_params) {
        mismatch(t, "wrong number of arguments");
        return false;
    }
    struct params p = params_of(m->desc->text);
    for (int i = 0; params_next(&p); i++) {
        enum basic_type type = p.type;
        gref a = array_get_ref(args, i);
        if (type_is_ref(type)) {
            if (a) {
                struct class *c = class_from_descriptor(t, m->cls->loader, p.text, p.length);
                if (!c) { return false; }
                if (!obj_instanceof(a, c)) {
                    mismatch(t, "argument type mismatch");
                    return false;
                }
            }
            cell->raw = a;
        } else {
            slot_t v;
            enum basic_type from = reflect_unbox(a, &v);
            if (!from || !reflect_widen(from, type, &v)) {
                mismatch(t, a ? "argument type mismatch" : NULL);
                return false;
            }
            *cell = v;
        }
        cell += type_slots(type);
    }
    return true;
}

/* The pending exception becomes the target of an InvocationTargetException. */
static void wrap_exception(struct thread *t)
{
    static struct class *ite;
    static struct method *init;
    gref target = thread_take_exception(t);
    if (!init) {
        ite = class_ready_boot(t, "java/lang/reflect/InvocationTargetException");
        init = ite ? class_method_named(ite, "<init>", "(Ljava/lang/Throwable;)V") : NULL;
    }
    gref o = init ? class_new_object(t, ite) : 0;
    if (o) {
        slot_t args[2] = {{.raw = o}, {.raw = target}};
        engine.call(t, init, args);
    }
    if (!t->exception) { throw_object(t, o ? o : target); }
}

gref reflect_invoke(struct thread *t, struct method *m, gref receiver, gref args)
{
    bool is_static = method_is_static(m);
    if (is_static) {
        if (!class_initialize(t, m->cls)) { return 0; }
    } else if (!receiver) {
        throw_npe(t);
        return 0;
    } else if (!obj_instanceof(receiver, m->cls)) {
        mismatch(t, "object is not an instance of declaring class");
        return 0;
    }
    slot_t cells[m->arg_slots + 2u];
    memset(cells, 0, sizeof(cells));
    cells[0].raw = receiver;
    if (!fill_cells(t, m, args, cells + !is_static)) { return 0; }
    slot_t r = is_static || method_is_direct(m) ? engine.call(t, m, cells)
                                                : engine.call_virtual(t, m, cells);
    if (t->exception) {
        wrap_exception(t);
        return 0;
    }
    return reflect_box(t, m->ret_type, r);
}

gref reflect_new_instance(struct thread *t, struct method *m, gref args)
{
    struct class *c = m->cls;
    if ((c->access_flags & (ACC_ABSTRACT | ACC_INTERFACE)) || c == KC(Class)) {
        char name[1024];
        throw_new(t, "java/lang/InstantiationException", "%s",
                  class_external_name(c, name, sizeof(name)));
        return 0;
    }
    if (!class_initialize(t, c)) { return 0; }
    gref o = class_new_object(t, c);
    if (!o) { return 0; }
    slot_t cells[m->arg_slots + 2u];
    memset(cells, 0, sizeof(cells));
    cells[0].raw = o;
    if (!fill_cells(t, m, args, cells + 1)) { return 0; }
    engine.call(t, m, cells);
    if (t->exception) {
        wrap_exception(t);
        return 0;
    }
    return o;
}
