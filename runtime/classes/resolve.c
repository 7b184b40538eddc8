/*
 * resolve.c - resolution of symbolic references (JVMS 5.4.3), with HotSpot's messages.
 *
 * A resolved entry's value is written before its tag gets CP_RESOLVED (release); readers load the tag first. A
 * LinkageError is recorded: class, message and cause of the exception, from which the same error is made again for
 * each later attempt. When threads resolve the same entry at once, the first outcome is everybody's outcome.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

/* ---- recorded errors ---- */

struct failure {
    struct failure *next;
    const struct constant_pool *cp;
    unsigned index;
    struct class *cls;
    gref message, cause;
};

#define FAILURE_BUCKETS 64
static struct failure *failures[FAILURE_BUCKETS];
static pthread_mutex_t failure_mutex = PTHREAD_MUTEX_INITIALIZER; /* and the settling of an entry */

static struct failure **failure_bucket(const struct constant_pool *cp, unsigned index)
{
    return &failures[(((uintptr_t)cp >> 4) + index) % FAILURE_BUCKETS];
}

/* False if the pending exception is none that lasts. */
static bool record_failure(struct thread *t, struct constant_pool *cp, unsigned index)
{
    static struct class *linkage_error;
    if (!linkage_error) {
        linkage_error = class_find_loaded(&boot_loader, symbol_of("java/lang/LinkageError"));
    }
    gref ex = t->exception;
    if (!linkage_error || !obj_instanceof(ex, linkage_error)) {
        return false; /* OutOfMemoryError, StackOverflowError, ...: the next attempt may do better */
    }
    struct failure *f = meta_alloc(sizeof *f);
    f->cp = cp;
    f->index = index;
    f->cls = class_of(ex);
    f->message = obj_get_ref(ex, OFF(Throwable_detailMessage));
    f->cause = obj_get_ref(ex, OFF(Throwable_cause));
    if (f->cause == ex) { f->cause = 0; /* how Throwable says "no cause yet" */ }
    pthread_mutex_lock(&failure_mutex);
    if (!(cp->tags[index] & (CP_FAILED | CP_RESOLVED))) {
        f->next = *failure_bucket(cp, index);
        *failure_bucket(cp, index) = f;
        __atomic_or_fetch(&cp->tags[index], CP_FAILED, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&failure_mutex);
    return true;
}

static void rethrow(struct thread *t, const struct constant_pool *cp, unsigned index)
{
    pthread_mutex_lock(&failure_mutex);
    struct failure *f = *failure_bucket(cp, index);
    while (f && (f->cp != cp || f->index != index)) { f = f->next; }
    pthread_mutex_unlock(&failure_mutex);
    if (f) { throw_class(t, f->cls, f->message, f->cause); } /* an entry marked failed has one */
}

void resolution_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    for (unsigned i = 0; i < FAILURE_BUCKETS; i++) {
        for (struct failure *f = failures[i]; f; f = f->next) {
            if (f->message) { visit(&f->message, arg); }
            if (f->cause) { visit(&f->cause, arg); }
        }
    }
}

/* Already settled? Result in *v, or the recorded exception is pending and *v is NULL. */
static bool settled(struct thread *t, struct constant_pool *cp, unsigned index, void **v)
{
    uint8_t tag = __atomic_load_n(&cp->tags[index], __ATOMIC_ACQUIRE);
    if (LIKELY(tag & CP_RESOLVED)) {
        *v = cp->val[index].p;
        return true;
    }
    if (tag & CP_FAILED) {
        *v = NULL;
        rethrow(t, cp, index);
        return true;
    }
    return false;
}

static void *settle(struct thread *t, struct constant_pool *cp, unsigned index, void *v)
{
    if (v) {
        pthread_mutex_lock(&failure_mutex);
        if (!(cp->tags[index] & (CP_FAILED | CP_RESOLVED))) {
            __atomic_store_n(&cp->val[index].p, v, __ATOMIC_RELEASE);
            __atomic_or_fetch(&cp->tags[index], CP_RESOLVED, __ATOMIC_RELEASE);
        }
        pthread_mutex_unlock(&failure_mutex);
    } else if (!record_failure(t, cp, index)) {
        return NULL;
    }
    gref own = t->exception;
    t->exception = 0;
    settled(t, cp, index, &v);
    if (own && t->exception && class_of(own) == class_of(t->exception)) {
        t->exception = own; /* says more: it has the stack of the first failure */
    }
    return v;
}

/* ---- classes (5.4.3.1) ---- */

static bool check_class_access(struct thread *t, struct class *from, struct class *c)
{
    char fn[400], cn[400], text[2400];
    if (LIKELY(class_accessible(from, c))) { return true; }
    if (class_access_message(from, c, text, sizeof text)) {
        throw_new(t, "java/lang/IllegalAccessError", "%s", text);
        return false;
    }
    throw_new(t, "java/lang/IllegalAccessError", "failed to access class %s from class %s (%s)",
              class_external_name(c, cn, sizeof cn), class_external_name(from, fn, sizeof fn),
              classes_in_modules(c, from, text, sizeof text));
    return false;
}

struct class *cp_resolve_class(struct thread *t, struct constant_pool *cp, unsigned index)
{
    void *v;
    if (settled(t, cp, index, &v)) { return v; }
    struct class *c = class_load(t, cp->cls->loader, cp_utf8(cp, read_u2(cp->pos[index])));
    if (c && !check_class_access(t, cp->cls, c)) { c = NULL; }
    return settle(t, cp, index, c);
}

/* ---- fields (5.4.3.2) ---- */

/*
 * Loader constraints (JVMS 5.3.4), checked where they come from: the classes that a descriptor names must be the same
 * for the loader of the referring and of the declaring class, as far as both have them. Returns the name in conflict.
 */
static struct symbol *conflicting_type(const struct class *caller, const struct class *decl,
                                       const struct symbol *desc)
{
    struct loader *a = caller->loader, *b = decl->loader;
    if (a == b) { return NULL; }
    for (const char *p = strchr(desc->text, 'L'); p; p = strchr(p, 'L')) {
        const char *semi = strchr(p, ';');
        struct symbol *name = semi ? symbol_find(p + 1, (size_t)(semi - p) - 1) : NULL;
        struct class *x = name ? class_find_loaded(a, name) : NULL;
        struct class *y = x && x->loader != b ? class_find_loaded(b, name) : NULL;
        if (y && x != y) { return name; }
        p = semi ? semi : p + 1;
    }
    return NULL;
}

static void throw_constraint(struct thread *t, struct class *caller, struct class *decl,
                             struct symbol *type, const char *what, const char *member,
                             const char *kind)
{
    char cn[300], dn[300], tn[300], cw[700], dw[700], cl[300], dl[300];
    snprintf(tn, sizeof tn, "%s", type->text);
    for (char *p = tn; *p; p++) { *p = *p == '/' ? '.' : *p; }
    class_external_name(caller, cn, sizeof cn);
    class_external_name(decl, dn, sizeof dn);
    loader_text(caller->loader, cl, sizeof cl);
    loader_text(decl->loader, dl, sizeof dl);
    class_in_module(caller, true, cw, sizeof cw);
    class_in_module(decl, true, dw, sizeof dw);
    throw_new(t, "java/lang/LinkageError",
              "loader constraint violation: when resolving %s%s the class loader %s of the current "
              "class, %s, and the "
              "class loader %s for the %s's defining class, %s, have different Class objects for "
              "%s %s%s (%s; %s)",
              what, member, cl, cn, dl, kind, dn, kind[0] == 'f' ? "type" : "the type", tn,
              kind[0] == 'f' ? "" : " used in the signature", cw, dw);
}

struct field *resolve_field(struct thread *t, struct class *c, struct symbol *name,
                            struct symbol *desc, struct class *caller)
{
    char fn[400], dn[400], where[2400];
    struct field *f = class_lookup_field(c, name, desc);
    if (!f || f->desc != desc) {
        throw_new(t, "java/lang/NoSuchFieldError", "%s", name->text);
        return NULL;
    }
    if (caller && !member_accessible(t, caller, c, f->cls, f->flags)) {
        if (t->exception) { return NULL; }
        const char *kind = f->flags & ACC_PRIVATE     ? "private "
                           : f->flags & ACC_PROTECTED ? "protected "
                                                      : "";
        throw_new(t, "java/lang/IllegalAccessError", "class %s tried to access %sfield %s.%s (%s)",
                  class_external_name(caller, fn, sizeof fn), kind,
                  class_external_name(f->cls, dn, sizeof dn), name->text,
                  classes_in_modules(caller, f->cls, where, sizeof where));
        return NULL;
    }
    struct symbol *type =
        caller && !(caller->props & CLP_TRUSTED) ? conflicting_type(caller, f->cls, desc) : NULL;
    if (type) {
        snprintf(where, sizeof where, "\"%s\" of type %s,", name->text, desc->text);
        throw_constraint(t, caller, f->cls, type, "field ", where, "field");
        return NULL;
    }
    return f;
}

/* putfield and putstatic of finals: only in the initialisers of the class itself (JVMS 6.5). */
static bool check_final_put(struct thread *t, const struct field *f, struct class *c,
                            const struct method *put_in)
{
    char fn[400], cn[400];
    bool is_static = f->flags & ACC_STATIC;
    const char *kind = is_static ? "static" : "non-static";
    if (!(f->flags & ACC_FINAL)) { return true; }
    class_external_name(f->cls, fn, sizeof fn);
    if (f->cls != c) {
        throw_new(t, "java/lang/IllegalAccessError",
                  "Update to %s final field %s.%s attempted from a different class (%s) than the "
                  "field's declaring "
                  "class",
                  kind, fn, f->name->text, class_external_name(c, cn, sizeof cn));
        return false;
    }
    /* Before 53 any method of the class may write it. */
    if (c->major >= 53 && !(put_in->props & (is_static ? MP_CLINIT : MP_INIT)) &&
        !(c->props & CLP_TRUSTED)) {
        throw_new(t, "java/lang/IllegalAccessError",
                  "Update to %s final field %s.%s attempted from a different method (%s) than the "
                  "initializer method "
                  "%s ",
                  kind, fn, f->name->text, put_in->name->text, is_static ? "<clinit>" : "<init>");
        return false;
    }
    return true;
}

struct field *cp_resolve_field(struct thread *t, struct constant_pool *cp, unsigned index,
                               int want_static, struct method *put_in)
{
    void *v;
    struct symbol *name, *desc;
    if (!settled(t, cp, index, &v)) {
        struct class *c = cp_resolve_class(t, cp, cp_raw(cp, index) >> 16);
        if (!c) { return NULL; /* recorded in the class's entry */ }
        cp_member(cp, index, &name, &desc);
        v = settle(t, cp, index, resolve_field(t, c, name, desc, cp->cls));
    }
    struct field *f = v;
    if (!f) { return NULL; }
    if (want_static >= 0 && ((f->flags & ACC_STATIC) != 0) != want_static) {
        char fn[400];
        throw_new(t, "java/lang/IncompatibleClassChangeError", "Expected %s field %s.%s",
                  want_static ? "static" : "non-static", class_external_name(f->cls, fn, sizeof fn),
                  f->name->text);
        return NULL;
    }
    if (put_in && !check_final_put(t, f, cp->cls, put_in)) { return NULL; }
    return f;
}

/* ---- methods (5.4.3.3, 5.4.3.4) ---- */

struct method *resolve_method(struct thread *t, struct class *c, struct symbol *name,
                              struct symbol *desc, struct class *caller, bool interface_ref)
{
    char fn[400], text[1200], where[2400];
    if (interface_ref != class_is_interface(c)) {
        throw_new(t, "java/lang/IncompatibleClassChangeError", "Found %s %s, but %s was expected",
                  interface_ref ? "class" : "interface", class_external_name(c, fn, sizeof fn),
                  interface_ref ? "interface" : "class");
        return NULL;
    }
    struct method *m = class_lookup_method(c, name, desc);
    if (!m) {
        throw_new(t, "java/lang/NoSuchMethodError", "'%s'",
                  method_text(c, name, desc, text, sizeof text));
        return NULL;
    }
    uint16_t flags = m->flags;
    if (c->kind == CLASS_ARRAY && name == SYM(clone)) {
        flags = (uint16_t)((flags & ~ACC_PROTECTED) | ACC_PUBLIC); /* arrays have a public clone */
    }
    if (caller && !member_accessible(t, caller, c, m->cls, flags)) {
        if (t->exception) { return NULL; }
        const char *kind = flags & ACC_PRIVATE     ? "private "
                           : flags & ACC_PROTECTED ? "protected "
                                                   : "";
        const char *abstract = flags & ACC_ABSTRACT ? "abstract " : "";
        struct symbol *nest =
            flags & ACC_PRIVATE
                ? (caller->nest_host_error ? caller->nest_host_error : m->cls->nest_host_error)
                : NULL;
        throw_new(t, "java/lang/IllegalAccessError",
                  "class %s tried to access %s%smethod '%s' (%s)%s%s%s",
                  class_external_name(caller, fn, sizeof fn), abstract, kind,
                  method_external_name(m, text, sizeof text),
                  classes_in_modules(caller, m->cls, where, sizeof where), nest ? ", (" : "",
                  nest ? nest->text : "", nest ? ")" : "");
        return NULL;
    }
    struct symbol *type = caller && !(caller->props & CLP_TRUSTED) && m->intrinsic == MI_NONE
                              ? conflicting_type(caller, m->cls, desc)
                              : NULL;
    if (type) {
        snprintf(where, sizeof where, "'%s'", method_external_name(m, text, sizeof text));
        throw_constraint(t, caller, m->cls, type, interface_ref ? "interface method " : "method ",
                         where, "method");
        return NULL;
    }
    if (name == SYM(init) && m->cls != c) { /* constructors are not inherited */
        throw_new(t, "java/lang/NoSuchMethodError", "%s: method '%s' not found",
                  class_external_name(c, fn, sizeof fn),
                  method_text(NULL, name, desc, text, sizeof text));
        return NULL;
    }
    return m;
}

/* The kind of reference must suit the class (JVMS 5.4.3.3 step 1, 5.4.3.4 step 1). */
static bool check_reference_kind(struct thread *t, struct constant_pool *cp, unsigned index,
                                 struct class *c, bool interface_insn, int want_static)
{
    char cn[400], text[1200];
    struct symbol *name, *desc;
    bool interface_ref = (cp->tags[index] & CP_TAG_MASK) == CP_IMETHODREF;
    if (interface_ref == class_is_interface(c)) { return true; }
    class_external_name(c, cn, sizeof cn);
    if (interface_insn) {
        throw_new(t, "java/lang/IncompatibleClassChangeError",
                  "Found class %s, but interface was expected", cn);
    } else if (want_static == 1 || interface_ref) {
        cp_member(cp, index, &name, &desc);
        method_text(c, name, desc, text, sizeof text);
        throw_new(t, "java/lang/IncompatibleClassChangeError", "Method '%s' must be %s constant",
                  text, interface_ref ? "Methodref" : "InterfaceMethodref");
    } else {
        throw_new(t, "java/lang/IncompatibleClassChangeError",
                  "Found interface %s, but class was expected", cn);
    }
    return false;
}

bool method_check_static(struct thread *t, const struct method *m, bool want_static, bool interface)
{
    char text[1200];
    if (m->intrinsic != MI_NONE || method_is_static(m) == want_static) { return true; }
    throw_new(t, "java/lang/IncompatibleClassChangeError", "%s method '%s'",
              want_static ? "Expected static"
              : interface ? "Expected instance not static"
                          : "Expecting non-static",
              method_external_name(m, text, sizeof text));
    return false;
}

struct method *cp_resolve_method(struct thread *t, struct constant_pool *cp, unsigned index,
                                 int want_static, bool interface_insn)
{
    void *v;
    struct symbol *name, *desc;
    if (!settled(t, cp, index, &v)) {
        struct class *c = cp_resolve_class(t, cp, cp_raw(cp, index) >> 16);
        if (!c) { return NULL; }
        if (!check_reference_kind(t, cp, index, c, interface_insn, want_static)) {
            return settle(t, cp, index, NULL);
        }
        cp_member(cp, index, &name, &desc);
        v = settle(t, cp, index, resolve_method(t, c, name, desc, cp->cls, class_is_interface(c)));
    }
    struct method *m = v;
    if (m && want_static >= 0 && !method_check_static(t, m, want_static != 0, interface_insn)) {
        return NULL;
    }
    return m;
}

gref cp_resolve_string(struct thread *t, struct constant_pool *cp, unsigned index)
{
    if (LIKELY(__atomic_load_n(&cp->tags[index], __ATOMIC_ACQUIRE) & CP_RESOLVED)) {
        return cp->val[index].r;
    }
    gref s = string_intern_symbol(t, cp_utf8(cp, read_u2(cp->pos[index])));
    if (s) {
        cp->val[index].raw = s;
        __atomic_or_fetch(&cp->tags[index], CP_RESOLVED, __ATOMIC_RELEASE);
    }
    return s;
}
