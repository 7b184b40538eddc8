/* reflect_class.c - what java.lang.Class asks the VM about a class; see reflection.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/reflection.h"

/* A growing list of references. The array is on the C heap, out of the collector's sight: only mirrors go in, which
 * their classes keep alive. */
struct mirror_list {
    gref *v;
    int n, cap;
};

static bool mirror_add(struct mirror_list *l, gref mirror)
{
    if (l->n == l->cap) {
        int cap = l->cap ? l->cap * 2 : 16;
        gref *v = realloc(l->v, (size_t)cap * sizeof(*v));
        if (!v) { return false; }
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = mirror;
    return true;
}

static gref new_array_of(struct thread *t, struct class *c, int n)
{
    struct class *ac = class_array_of(t, c);
    return ac ? class_new_array(t, ac, n) : 0;
}

/* Class[] of the list; frees it. 0 with an exception pending. */
static gref mirror_array(struct thread *t, struct mirror_list *l)
{
    gref a = t->exception ? 0 : new_array_of(t, KC(Class), l->n);
    for (int i = 0; a && i < l->n; i++) { array_set_ref(a, i, l->v[i]); }
    free(l->v);
    return a;
}

/* ---- members ---- */

enum member_kind { METHODS, CONSTRUCTORS };

static bool wanted(const struct method *m, enum member_kind kind, bool public_only)
{
    bool is_init = (m->props & MP_INIT) != 0;
    if ((m->props & (MP_CLINIT | MP_OVERPASS)) || is_init != (kind == CONSTRUCTORS)) {
        return false;
    }
    return !public_only || (m->flags & ACC_PUBLIC);
}

static gref get_methods(struct thread *t, struct class *c, enum member_kind kind, bool public_only)
{
    struct class *type = kind == METHODS ? KC(Method) : KC(Constructor);
    if (c->kind != CLASS_INSTANCE) { return new_array_of(t, type, 0); }
    if (!class_link(t, c)) { return 0; }
    int n = 0;
    for (unsigned i = 0; i < c->n_methods; i++) { n += wanted(&c->methods[i], kind, public_only); }
    gref a = new_array_of(t, type, n);
    for (unsigned i = 0, k = 0; a && i < c->n_methods; i++) {
        struct method *m = &c->methods[i];
        if (wanted(m, kind, public_only)) {
            gref o = kind == METHODS ? reflect_new_method(t, m) : reflect_new_constructor(t, m);
            if (!o) { return 0; }
            array_set_ref(a, (int32_t)k++, o);
        }
    }
    return a;
}

gref class_get_methods(struct thread *t, struct class *c, bool public_only)
{
    return get_methods(t, c, METHODS, public_only);
}

gref class_get_constructors(struct thread *t, struct class *c, bool public_only)
{
    return get_methods(t, c, CONSTRUCTORS, public_only);
}

gref class_get_fields(struct thread *t, struct class *c, bool public_only)
{
    if (c->kind != CLASS_INSTANCE) { return new_array_of(t, KC(Field), 0); }
    if (!class_link(t, c)) { return 0; }
    int n = 0;
    for (unsigned i = 0; i < c->n_fields; i++) {
        n += !c->fields[i].injected && (!public_only || (c->fields[i].flags & ACC_PUBLIC));
    }
    gref a = new_array_of(t, KC(Field), n);
    for (unsigned i = 0, k = 0; a && i < c->n_fields; i++) {
        struct field *f = &c->fields[i];
        if (!f->injected && (!public_only || (f->flags & ACC_PUBLIC))) {
            gref o = reflect_new_field(t, f);
            if (!o) { return 0; }
            array_set_ref(a, (int32_t)k++, o);
        }
    }
    return a;
}

gref class_get_interfaces(struct thread *t, struct class *c)
{
    if (class_is_array(c)) {
        gref a = new_array_of(t, KC(Class), 2);
        if (a) {
            array_set_ref(a, 0, KC(Cloneable)->mirror);
            array_set_ref(a, 1, KC(Serializable)->mirror);
        }
        return a;
    }
    gref a = new_array_of(t, KC(Class), c->n_interfaces);
    for (int i = 0; a && i < c->n_interfaces; i++) {
        array_set_ref(a, i, c->interfaces[i]->mirror);
    }
    return a;
}

gref class_get_superclass(struct class *c)
{
    return c->kind == CLASS_PRIMITIVE || class_is_interface(c) || !c->super ? 0 : c->super->mirror;
}

/* ---- InnerClasses, EnclosingMethod (JVMS 4.7.6, 4.7.7) ---- */

struct inner {
    unsigned inner, outer, name, flags;
};

/* Entry i of InnerClasses; false past the end or when there is none. */
static bool inner_at(struct class *c, unsigned i, struct inner *e)
{
    uint32_t length;
    const uint8_t *p =
        c->kind == CLASS_INSTANCE ? attr_find(c, c->attrs, "InnerClasses", &length) : NULL;
    if (!p || length < 2 || i >= read_u2(p)) { return false; }
    p += 2 + 8 * i;
    *e = (struct inner){read_u2(p), read_u2(p + 2), read_u2(p + 4), read_u2(p + 6)};
    return true;
}

static bool names_class(struct class *c, unsigned index, struct class *which)
{
    return index && cp_class_name(&c->cp, index) == which->name;
}

/* The entry about the class itself. A hidden class has its own name, but its entry the one in the file; this_class is
 * the pool index that was renamed, so the entry still refers to it. */
static bool own_entry(struct class *c, struct inner *e)
{
    for (unsigned i = 0; inner_at(c, i, e); i++) {
        if (names_class(c, e->inner, c)) { return true; }
    }
    return false;
}

/* JLS consistency: `outer` must say too that `in` is its member. */
static bool check_inner(struct thread *t, struct class *outer, struct class *in, bool member)
{
    struct inner e;
    for (unsigned i = 0; inner_at(outer, i, &e); i++) {
        if (member && names_class(outer, e.outer, outer) && names_class(outer, e.inner, in)) {
            return true;
        }
        if (!member && !e.outer && names_class(outer, e.inner, in)) { return true; }
    }
    char a[512], b[512];
    throw_new(t, "java/lang/IncompatibleClassChangeError",
              "%s and %s disagree on InnerClasses attribute",
              class_external_name(outer, a, sizeof(a)), class_external_name(in, b, sizeof(b)));
    return false;
}

gref class_get_declaring_class(struct thread *t, struct class *c)
{
    struct inner e;
    if (!own_entry(c, &e) || !e.outer) { return 0; }
    struct class *outer = cp_resolve_class(t, &c->cp, e.outer);
    return outer && check_inner(t, outer, c, true) ? outer->mirror : 0;
}

gref class_get_declared_classes(struct thread *t, struct class *c)
{
    struct mirror_list l = {0};
    struct inner e;
    for (unsigned i = 0; inner_at(c, i, &e); i++) {
        if (e.inner && names_class(c, e.outer, c)) {
            struct class *in = cp_resolve_class(t, &c->cp, e.inner);
            if (!in || !mirror_add(&l, in->mirror)) { break; }
            struct inner own;
            if (own_entry(in, &own) && !names_class(in, own.outer, c)) {
                check_inner(t, in, c, true);
                break;
            }
        }
    }
    return mirror_array(t, &l);
}

gref class_get_simple_binary_name(struct thread *t, struct class *c)
{
    struct inner e;
    return own_entry(c, &e) && e.name ? string_intern_symbol(t, cp_utf8(&c->cp, e.name)) : 0;
}

gref class_get_enclosing_method(struct thread *t, struct class *c)
{
    uint32_t length;
    const uint8_t *p =
        c->kind == CLASS_INSTANCE ? attr_find(c, c->attrs, "EnclosingMethod", &length) : NULL;
    if (!p || length < 4 || !read_u2(p)) { return 0; }
    gref a = new_array_of(t, KC(Object), 3);
    struct class *outer = a ? cp_resolve_class(t, &c->cp, read_u2(p)) : NULL;
    if (!outer) { return 0; }
    array_set_ref(a, 0, outer->mirror);
    if (read_u2(p + 2)) {
        struct symbol *name, *desc;
        cp_name_and_type(&c->cp, read_u2(p + 2), &name, &desc);
        array_set_ref(a, 1, string_intern_symbol(t, name));
        array_set_ref(a, 2, string_intern_symbol(t, desc));
    }
    return t->exception ? 0 : a;
}

int32_t class_get_modifiers(struct class *c)
{
    if (c->kind == CLASS_PRIMITIVE) { return ACC_PUBLIC | ACC_FINAL | ACC_ABSTRACT; }
    if (class_is_array(c)) {
        return (class_get_modifiers(c->element) & (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED)) |
               ACC_FINAL | ACC_ABSTRACT;
    }
    struct inner e;
    int32_t flags = own_entry(c, &e) ? (int32_t)e.flags : c->access_flags;
    return flags & ~ACC_SUPER & 0x7fff;
}

int32_t class_get_access_flags(struct class *c)
{
    return c->kind == CLASS_INSTANCE ? c->access_flags & 0x7fff : class_get_modifiers(c);
}

/* ---- nests, sealed classes, records ---- */

/* A member that cannot be loaded is left out; other errors stay. */
static bool forget_linkage_error(struct thread *t)
{
    static struct class *linkage_error;
    gref ex = thread_take_exception(t);
    if (!linkage_error) { linkage_error = class_load_boot(t, symbol_of("java/lang/LinkageError")); }
    if (ex && !obj_instanceof(ex, linkage_error)) {
        t->exception = ex;
        return false;
    }
    return true;
}

/* Adds the classes of a u2 count, u2 indices[] attribute. */
static void add_listed(struct thread *t, struct class *c, const char *attribute,
                       struct mirror_list *l, struct class *host)
{
    uint32_t length;
    const uint8_t *p = attr_find(c, c->attrs, attribute, &length);
    unsigned n = p && length >= 2 ? read_u2(p) : 0;
    for (unsigned i = 0; i < n; i++) {
        struct class *k = cp_resolve_class(t, &c->cp, read_u2(p + 2 + 2 * i));
        if (k && host && (k->kind != CLASS_INSTANCE || class_nest_host(t, k) != host)) { k = NULL; }
        if (t->exception && !forget_linkage_error(t)) { return; }
        if (k && k->kind == CLASS_INSTANCE) { mirror_add(l, k->mirror); }
    }
}

gref class_get_nest_members(struct thread *t, struct class *c)
{
    struct mirror_list l = {0};
    struct class *host = c->kind == CLASS_INSTANCE ? class_nest_host(t, c) : c;
    if (t->exception) { return 0; }
    mirror_add(&l, host->mirror);
    if (host->kind == CLASS_INSTANCE) {
        add_listed(t, host, "NestMembers", &l, host);
        bool found = c == host;
        for (int i = 0; i < l.n; i++) { found |= l.v[i] == c->mirror; }
        if (!found) { /* a hidden nestmate is in no list */
            mirror_add(&l, c->mirror);
        }
    }
    return mirror_array(t, &l);
}

gref class_get_permitted_subclasses(struct thread *t, struct class *c)
{
    uint32_t length;
    if (c->kind != CLASS_INSTANCE || !attr_find(c, c->attrs, "PermittedSubclasses", &length)) {
        return 0;
    }
    struct mirror_list l = {0};
    add_listed(t, c, "PermittedSubclasses", &l, NULL);
    return mirror_array(t, &l);
}

gref class_get_record_components(struct thread *t, struct class *c)
{
    uint32_t length;
    const uint8_t *p = c->kind == CLASS_INSTANCE ? attr_find(c, c->attrs, "Record", &length) : NULL;
    struct class *rc = KC(RecordComponent);
    int n = p && length >= 2 ? read_u2(p) : 0;
    if (!p) { return 0; }
    gref a = class_initialize(t, rc) ? new_array_of(t, rc, n) : 0;
    p += 2;
    for (int i = 0; a && i < n; i++) {
        struct symbol *name = cp_utf8(&c->cp, read_u2(p)), *desc = cp_utf8(&c->cp, read_u2(p + 2));
        const uint8_t *attrs = p + 4;
        struct class *type = class_from_descriptor(t, c->loader, desc->text, desc->length);
        gref o = type ? class_new_object(t, rc) : 0;
        if (!o) { return 0; }
        array_set_ref(a, i, o);
        obj_set_ref(o, OFF(RecordComponent_clazz), c->mirror);
        obj_set_ref(o, OFF(RecordComponent_name), string_intern_symbol(t, name));
        obj_set_ref(o, OFF(RecordComponent_type), type->mirror);
        char accessor[desc->length + 3];
        snprintf(accessor, sizeof accessor, "()%s", desc->text);
        struct symbol *sig = symbol_find(accessor, desc->length + 2u);
        struct method *m = sig ? class_declared_method(c, name, sig) : NULL;
        if (m && !method_is_static(m)) {
            obj_set_ref(o, OFF(RecordComponent_accessor), reflect_new_method(t, m));
        }
        uint32_t len;
        const uint8_t *s = attr_find(c, attrs, "Signature", &len);
        if (s && !t->exception) {
            obj_set_ref(o, OFF(RecordComponent_signature),
                        string_intern_symbol(t, cp_utf8(&c->cp, read_u2(s))));
        }
        obj_set_ref(o, OFF(RecordComponent_annotations),
                    attr_bytes(t, c, attrs, "RuntimeVisibleAnnotations"));
        obj_set_ref(o, OFF(RecordComponent_typeAnnotations),
                    attr_bytes(t, c, attrs, "RuntimeVisibleTypeAnnotations"));
        if (t->exception) { return 0; }
        unsigned n_attrs = read_u2(attrs);
        for (p = attrs + 2; n_attrs > 0; n_attrs--) { p += 6 + read_u4(p + 2); }
    }
    return a;
}

/* ---- names ---- */

gref class_init_name(struct thread *t, gref mirror)
{
    gref name = obj_get_ref(mirror, OFF(Class_name));
    if (name) { return name; }
    struct class *c = class_from_mirror(mirror);
    size_t size = c->name->length + 64u;
    char *buf = malloc(size);
    if (!buf) {
        throw_oom(t, "class name");
        return 0;
    }
    if (class_is_array(c)) { /* [Ljava.lang.String; : not the source form */
        memcpy(buf, c->name->text, c->name->length + 1u);
        for (char *p = buf; *p; p++) { *p = *p == '/' ? '.' : *p; }
        char *plus = c->props & CLP_HIDDEN ? strrchr(buf, '+') : NULL;
        if (plus) { *plus = '/'; }
    } else {
        class_external_name(c, buf, size);
    }
    gref s = string_from_c(t, buf);
    free(buf);
    s = s ? string_intern(t, s) : 0;
    if (s) { obj_set_ref(mirror, OFF(Class_name), s); }
    return s;
}
