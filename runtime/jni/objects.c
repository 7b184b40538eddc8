/* objects.c - clone, arraycopy, reflective array access; see objects.h. The messages are HotSpot's. */
#include "runtime/jni/objects.h"

#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/reflection.h"

gref object_clone(struct thread *t, gref o)
{
    struct class *c = class_of(o);
    if (class_is_array(c)) {
        int32_t n = array_length(o);
        gref copy = class_new_array(t, c, n);
        if (copy) { memcpy(array_data(copy), array_data(o), (size_t)n << c->elem_shift); }
        return copy;
    }
    if (!(c->props & CLP_CLONEABLE) || c->ref_kind) {
        char name[1024];
        throw_new(t, "java/lang/CloneNotSupportedException", "%s",
                  class_external_name(c, name, sizeof(name)));
        return 0;
    }
    gref copy = class_new_object(t, c);
    if (!copy) { return 0; }
    memcpy(obj_addr(copy, OBJ_HEADER_SIZE), obj_addr(o, OBJ_HEADER_SIZE),
           c->instance_size - OBJ_HEADER_SIZE);
    if (c->props & CLP_HAS_FINALIZER) { /* no constructor runs that would register it */
        static struct method *enroll;
        if (!enroll) {
            enroll = class_method_named(KC(Finalizer), "register", "(Ljava/lang/Object;)V");
        }
        slot_t args[1] = {{.raw = copy}};
        engine.call(t, enroll, args);
    }
    return t->exception ? 0 : copy;
}

/* ---- System.arraycopy ---- */

static const char *const type_names[] = {
    [T_BOOLEAN] = "boolean",   [T_CHAR] = "char", [T_FLOAT] = "float",
    [T_DOUBLE] = "double",     [T_BYTE] = "byte", [T_SHORT] = "short",
    [T_INT] = "int",           [T_LONG] = "long", [T_OBJECT] = "object array",
    [T_ARRAY] = "object array"};

static const char *kind_name(const struct class *array_class)
{
    return type_names[array_class->elem_type];
}

static void not_an_array(struct thread *t, const char *which, struct class *c)
{
    char name[1024];
    throw_new(t, "java/lang/ArrayStoreException", "arraycopy: %s type %s is not an array", which,
              class_external_name(c, name, sizeof(name)));
}

static bool check_bounds(struct thread *t, gref src, int32_t src_pos, gref dst, int32_t dst_pos,
                         int32_t n)
{
    static const char aioobe[] = "java/lang/ArrayIndexOutOfBoundsException";
    int32_t src_length = array_length(src), dst_length = array_length(dst);
    const char *src_name = kind_name(class_of(src)), *dst_name = kind_name(class_of(dst));
    if (src_pos < 0) {
        throw_new(t, aioobe, "arraycopy: source index %d out of bounds for %s[%d]", src_pos,
                  src_name, src_length);
    } else if (dst_pos < 0) {
        throw_new(t, aioobe, "arraycopy: destination index %d out of bounds for %s[%d]", dst_pos,
                  dst_name, dst_length);
    } else if (n < 0) {
        throw_new(t, aioobe, "arraycopy: length %d is negative", n);
    } else if ((uint32_t)n + (uint32_t)src_pos > (uint32_t)src_length) {
        throw_new(t, aioobe, "arraycopy: last source index %u out of bounds for %s[%d]",
                  (uint32_t)n + (uint32_t)src_pos, src_name, src_length);
    } else if ((uint32_t)n + (uint32_t)dst_pos > (uint32_t)dst_length) {
        throw_new(t, aioobe, "arraycopy: last destination index %u out of bounds for %s[%d]",
                  (uint32_t)n + (uint32_t)dst_pos, dst_name, dst_length);
    } else {
        return true;
    }
    return false;
}

/* References are copied word by word: other threads must never see half of one. */
static void copy_refs(gref *to, const gref *from, int32_t n)
{
    if (to <= from || to >= from + n) {
        for (int32_t i = 0; i < n; i++) { to[i] = from[i]; }
    } else {
        for (int32_t i = n; i-- > 0;) { to[i] = from[i]; }
    }
}

static void copy_ref_array(struct thread *t, gref src, int32_t src_pos, gref dst, int32_t dst_pos,
                           int32_t n)
{
    struct class *from = class_of(src)->component, *to = class_of(dst)->component;
    gref *d = (gref *)array_data(dst) + dst_pos;
    const gref *s = (const gref *)array_data(src) + src_pos;
    if (from == to || to == KC(Object) || class_is_subclass(from, to)) {
        copy_refs(d, s, n);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        gref o = s[i];
        if (o && !class_is_subclass(class_of(o), to)) {
            char a[512], b[512];
            class_external_name(from, a, sizeof(a));
            class_external_name(to, b, sizeof(b));
            if (class_is_subclass(to, from)) {
                throw_new(t, "java/lang/ArrayStoreException",
                          "arraycopy: element type mismatch: can not cast one of the elements of "
                          "%s[] to the type of the "
                          "destination array, %s",
                          a, b);
            } else {
                throw_new(t, "java/lang/ArrayStoreException",
                          "arraycopy: type mismatch: can not copy %s[] into %s[]", a, b);
            }
            return;
        }
        d[i] = o;
    }
}

void array_copy(struct thread *t, gref src, int32_t src_pos, gref dst, int32_t dst_pos, int32_t n)
{
    if (UNLIKELY(!src || !dst)) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return;
    }
    struct class *sc = class_of(src), *dc = class_of(dst);
    if (UNLIKELY(!class_is_array(sc))) {
        not_an_array(t, "source", sc);
        return;
    }
    bool src_refs = type_is_ref(sc->elem_type);
    if (UNLIKELY(sc->elem_type != dc->elem_type || !class_is_array(dc))) {
        if (!class_is_array(dc)) {
            not_an_array(t, "destination", dc);
            return;
        }
        bool dst_refs = type_is_ref(dc->elem_type);
        if (!src_refs || !dst_refs) {
            throw_new(t, "java/lang/ArrayStoreException",
                      "arraycopy: type mismatch: can not copy %s[] into %s[]", kind_name(sc),
                      kind_name(dc));
            return;
        }
    }
    if (UNLIKELY((src_pos | dst_pos | n) < 0 ||
                 (uint32_t)n + (uint32_t)src_pos > (uint32_t)array_length(src) ||
                 (uint32_t)n + (uint32_t)dst_pos > (uint32_t)array_length(dst))) {
        check_bounds(t, src, src_pos, dst, dst_pos, n);
        return;
    }
    if (src_refs) {
        copy_ref_array(t, src, src_pos, dst, dst_pos, n);
    } else {
        unsigned shift = sc->elem_shift;
        memmove((char *)array_data(dst) + ((size_t)dst_pos << shift),
                (char *)array_data(src) + ((size_t)src_pos << shift), (size_t)n << shift);
    }
}

/* ---- java.lang.reflect.Array ---- */

static void illegal(struct thread *t, const char *text)
{
    throw_new(t, "java/lang/IllegalArgumentException", text ? "%s" : NULL, text);
}

static bool check_array(struct thread *t, gref a)
{
    if (!a) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return false;
    }
    if (!class_is_array(class_of(a))) {
        illegal(t, "Argument is not an array");
        return false;
    }
    return true;
}

static bool check_element(struct thread *t, gref a, int32_t i)
{
    if (!check_array(t, a)) { return false; }
    if ((uint32_t)i >= (uint32_t)array_length(a)) {
        throw_new(t, "java/lang/ArrayIndexOutOfBoundsException", NULL);
        return false;
    }
    return true;
}

enum basic_type array_get(struct thread *t, gref a, int32_t i, slot_t *v)
{
    v->raw = 0;
    if (!check_element(t, a, i)) { return (enum basic_type)0; }
    enum basic_type type = class_of(a)->elem_type;
    switch (type) {
    case T_BOOLEAN: v->j = array_get_boolean(a, i); break;
    case T_BYTE: v->j = array_get_byte(a, i); break;
    case T_CHAR: v->j = array_get_char(a, i); break;
    case T_SHORT: v->j = array_get_short(a, i); break;
    case T_INT: v->j = array_get_int(a, i); break;
    case T_LONG: v->j = array_get_long(a, i); break;
    case T_FLOAT: v->f = array_get_float(a, i); break;
    case T_DOUBLE: v->d = array_get_double(a, i); break;
    default: v->raw = array_get_ref(a, i); break;
    }
    return type;
}

static bool check_primitive(struct thread *t, gref a)
{
    if (!check_array(t, a)) { return false; }
    if (type_is_ref(class_of(a)->elem_type)) {
        illegal(t, "Argument is not an array of primitive type");
        return false;
    }
    return true;
}

slot_t array_get_as(struct thread *t, gref a, int32_t i, enum basic_type want)
{
    slot_t v = {0};
    enum basic_type type = check_primitive(t, a) ? array_get(t, a, i, &v) : (enum basic_type)0;
    if (type && !reflect_widen(type, want, &v)) { illegal(t, "argument type mismatch"); }
    return v;
}

static void store(gref a, int32_t i, slot_t v)
{
    switch (class_of(a)->elem_type) {
    case T_BOOLEAN: array_set_boolean(a, i, (uint8_t)v.i & 1); break;
    case T_BYTE: array_set_byte(a, i, (int8_t)v.i); break;
    case T_CHAR: array_set_char(a, i, (uint16_t)v.i); break;
    case T_SHORT: array_set_short(a, i, (int16_t)v.i); break;
    case T_INT: array_set_int(a, i, v.i); break;
    case T_LONG: array_set_long(a, i, v.j); break;
    case T_FLOAT: array_set_float(a, i, v.f); break;
    case T_DOUBLE: array_set_double(a, i, v.d); break;
    default: array_set_ref(a, i, v.r); break;
    }
}

void array_set_value(struct thread *t, gref a, int32_t i, slot_t v, enum basic_type type)
{
    if (!check_primitive(t, a) || !check_element(t, a, i)) { return; }
    if (!reflect_widen(type, class_of(a)->elem_type, &v)) {
        illegal(t, "argument type mismatch");
        return;
    }
    store(a, i, v);
}

void array_set_boxed(struct thread *t, gref a, int32_t i, gref value)
{
    if (!check_array(t, a)) { return; }
    struct class *c = class_of(a);
    slot_t v = {.raw = value};
    if (type_is_ref(c->elem_type)) {
        if (value && !obj_instanceof(value, c->component)) {
            illegal(t, "array element type mismatch");
            return;
        }
    } else {
        enum basic_type type = reflect_unbox(value, &v);
        if (!type || !reflect_widen(type, c->elem_type, &v)) {
            illegal(t, value ? "argument type mismatch" : NULL);
            return;
        }
    }
    if (check_element(t, a, i)) { store(a, i, v); }
}

int32_t array_get_length(struct thread *t, gref a)
{
    return check_array(t, a) ? array_length(a) : 0;
}

static struct class *element_class(struct thread *t, gref mirror, unsigned more_dims)
{
    if (!mirror) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return NULL;
    }
    struct class *c = class_from_mirror(mirror);
    if ((c->kind == CLASS_PRIMITIVE && c->prim_type == T_VOID) || c->dims + more_dims > 255) {
        illegal(t, NULL);
        return NULL;
    }
    return c;
}

gref array_new_reflective(struct thread *t, gref mirror, int32_t n)
{
    if (mirror && n < 0) {
        throw_new(t, "java/lang/NegativeArraySizeException", "%d", n);
        return 0;
    }
    struct class *c = element_class(t, mirror, 1);
    struct class *ac = c ? class_array_of(t, c) : NULL;
    return ac ? class_new_array(t, ac, n) : 0;
}

static gref new_multi(struct thread *t, struct class *c, gref dims, int level)
{
    int32_t n = array_get_int(dims, level);
    gref a = class_new_array(t, c, n);
    if (a && level + 1 < array_length(dims)) {
        for (int32_t i = 0; i < n; i++) {
            gref sub = new_multi(t, c->component, dims, level + 1);
            if (!sub) { return 0; }
            array_set_ref(a, i, sub);
        }
    }
    return a;
}

gref array_new_multi(struct thread *t, gref mirror, gref dims)
{
    if (!dims || !mirror) {
        throw_new(t, "java/lang/NullPointerException", NULL);
        return 0;
    }
    int32_t n = array_length(dims);
    if (n == 0 || n > 255) {
        illegal(t, NULL);
        return 0;
    }
    struct class *c = element_class(t, mirror, (unsigned)n);
    for (int32_t i = 0; c && i < n; i++) {
        if (array_get_int(dims, i) < 0) {
            throw_new(t, "java/lang/NegativeArraySizeException", "%d", array_get_int(dims, i));
            return 0;
        }
        c = class_array_of(t, c);
    }
    return c ? new_multi(t, c, dims, 0) : 0;
}
