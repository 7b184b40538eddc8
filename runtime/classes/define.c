/*
 * define.c - from bytes to a class (JVMS 5.3.5).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"
#include "runtime/engine.h"

static bool throw_icce(struct thread *t, const char *fmt, const struct class *a,
                       const struct class *b)
{
    char an[512], bn[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    throw_new(t, "java/lang/IncompatibleClassChangeError", fmt,
              class_external_name(a, an, sizeof an), class_external_name(b, bn, sizeof bn));
#pragma GCC diagnostic pop
    return false;
}

/* May c name `super`, its superclass or superinterface? */
static bool check_super_access(struct thread *t, struct class *c, struct class *super,
                               const char *what)
{
    char cn[512], sn[512], where[1200], why[1500];
    if (class_accessible(c, super)) { return true; }
    class_external_name(c, cn, sizeof cn);
    class_external_name(super, sn, sizeof sn);
    if (class_access_message(c, super, why, sizeof why)) {
        throw_new(t, "java/lang/IllegalAccessError", "%s check failed: %s",
                  strcmp(what, "superclass") == 0 ? "superclass access" : what, why);
    } else {
        throw_new(t, "java/lang/IllegalAccessError", "class %s cannot access its %s%s %s (%s)", cn,
                  strcmp(what, "superclass") == 0 && (super->access_flags & ACC_ABSTRACT)
                      ? "abstract "
                      : "",
                  what, sn, classes_in_modules(c, super, where, sizeof where));
    }
    return false;
}

/* Sealed classes list who may extend them (JVMS 4.7.31, 5.3.5). */
static bool permitted(struct class *super, const struct class *c)
{
    uint32_t length;
    if (!(super->props & CLP_SEALED)) { return true; }
    if (super->module != c->module) { return false; }
    if (!(c->access_flags & ACC_PUBLIC) && !class_same_package(super, c)) { return false; }
    const uint8_t *info = attr_find(super, super->attrs, "PermittedSubclasses", &length);
    for (unsigned i = 0; info && i < read_u2(info); i++) {
        if (cp_class_name(&super->cp, read_u2(info + 2 + 2 * i)) == c->name) { return true; }
    }
    return false;
}

static bool check_superclass(struct thread *t, struct class *c, struct class *super)
{
    if (class_is_interface(super)) {
        return throw_icce(t, "class %s has interface %s as super class", c, super);
    }
    if (super->access_flags & ACC_FINAL) {
        return throw_icce(t, "class %s cannot inherit from final class %s", c, super);
    }
    if (!permitted(super, c)) {
        return throw_icce(t, "class %s cannot inherit from sealed class %s", c, super);
    }
    return check_super_access(t, c, super, "superclass");
}

static bool check_superinterface(struct thread *t, struct class *c, struct class *iface)
{
    if (!class_is_interface(iface)) {
        char cn[512], in[512], where[1200];
        throw_new(t, "java/lang/IncompatibleClassChangeError",
                  "class %s can not implement %s, because it is not an interface (%s)",
                  class_external_name(c, cn, sizeof cn), class_external_name(iface, in, sizeof in),
                  class_in_module(iface, false, where, sizeof where));
        return false;
    }
    if (!permitted(iface, c)) {
        return throw_icce(t,
                          class_is_interface(c) ? "class %s cannot extend sealed interface %s"
                                                : "class %s cannot implement sealed interface %s",
                          c, iface);
    }
    return check_super_access(t, c, iface, "superinterface");
}

/* Loads superclass and superinterfaces with the class's own loader. */
static bool load_supertypes(struct thread *t, struct class *c, const struct class_parser *p,
                            bool hidden)
{
    struct in_progress here = {definitions_in_progress, c->loader, c->name};
    struct class **interfaces = NULL;
    bool ok = true;
    if (!hidden) { definitions_in_progress = &here; }
    if (p->super_index) {
        c->super = class_load(t, c->loader, cp_class_name(&c->cp, p->super_index));
        ok = c->super && !t->exception;
    }
    if (ok && c->n_interfaces) {
        interfaces = meta_alloc(c->n_interfaces * sizeof interfaces[0]);
        for (unsigned i = 0; ok && i < c->n_interfaces; i++) {
            interfaces[i] = class_load(
                t, c->loader, cp_class_name(&c->cp, read_u2(p->interface_indices + 2 * i)));
            ok = interfaces[i] != NULL;
        }
    }
    definitions_in_progress = here.outer;
    c->interfaces = interfaces;
    if (!ok) { return false; }
    if (c->super && !check_superclass(t, c, c->super)) { return false; }
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): filled in above when there are any */
        if (!check_superinterface(t, c, interfaces[i])) { return false; }
    }
    return true;
}

/* What a class has from its supertypes, and what its name makes it. */
static void inherit(struct class *c)
{
    static const struct {
        const char *name;
        uint16_t props;
        uint8_t ref_kind;
    } special[] = {
        {"java/lang/ref/Reference", 0, REFKIND_STRONG},
        {"java/lang/ref/SoftReference", 0, REFKIND_SOFT},
        {"java/lang/ref/WeakReference", 0, REFKIND_WEAK},
        {"java/lang/ref/FinalReference", 0, REFKIND_FINAL},
        {"java/lang/ref/PhantomReference", 0, REFKIND_PHANTOM},
        {"java/lang/Class", CLP_IS_MIRROR, 0},
        {"java/lang/ClassLoader", CLP_LOADER, 0},
        {"java/lang/Thread", CLP_THREAD, 0},
        {"java/lang/Cloneable", CLP_CLONEABLE, 0},
    };
    struct class *super = c->super;
    if (super) {
        c->depth = (uint16_t)(super->depth + 1);
        memcpy(c->display, super->display, sizeof c->display);
        c->ref_kind = super->ref_kind;
        c->props |= super->props & (CLP_CLONEABLE | CLP_LOADER | CLP_THREAD);
        if ((super->props & CLP_HAS_FINALIZER) &&
            !class_declared_method(c, SYM(finalize), SYM(void_sig))) {
            c->props |= CLP_HAS_FINALIZER;
        }
    } else {
        c->props &= (uint16_t)~CLP_HAS_FINALIZER;
    }
    if (c->depth < CLASS_DISPLAY) { c->display[c->depth] = c; }
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        c->props |= c->interfaces[i]->props & (CLP_CLONEABLE | CLP_HAS_DEFAULTS);
    }
    if (super) { c->props |= super->props & CLP_HAS_DEFAULTS; }
    if (c->loader == &boot_loader && strncmp(c->name->text, "java/lang/", 10) == 0) {
        for (unsigned i = 0; i < ARRAY_COUNT(special); i++) {
            if (strcmp(c->name->text, special[i].name) == 0) {
                c->props |= special[i].props;
                c->ref_kind = special[i].ref_kind ? special[i].ref_kind : c->ref_kind;
            }
        }
    }
}

static void throw_duplicate(struct thread *t, struct loader *l, struct class *c)
{
    char name[512], where[1200], loader_name[512] = "'bootstrap'";
    if (l->object) {
        gref id = obj_get_ref(l->object, OFF(ClassLoader_nameAndId));
        char *s = id ? string_to_utf8(id, NULL) : NULL;
        snprintf(loader_name, sizeof loader_name, "%s", s ? s : "?");
        free(s);
    }
    throw_new(
        t, "java/lang/LinkageError", "loader %s attempted duplicate %s definition for %s. (%s)",
        loader_name, class_is_interface(c) ? "interface" : "class",
        class_external_name(c, name, sizeof name), class_in_module(c, true, where, sizeof where));
}

/* A hidden class gets a name that no other class can have: Outer$$Lambda$1+0x000000000012f0d8. What its definer calls
 * it counts, not the name in the class file (templates are defined under many names). */
static void name_hidden(struct class *c, struct symbol *base)
{
    size_t n = base->length;
    char *name = malloc(n + 32);
    if (!name) { abort(); }
    int total = snprintf(name, n + 32, "%s+0x%016x", base->text, class_id(c));
    c->name = symbol_intern(name, (size_t)total > 65535 ? 65535 : (size_t)total);
    free(name);
    c->cp.val[c->this_index].p = c;
    c->cp.tags[c->this_index] |= CP_RESOLVED;
}

static bool set_package(struct thread *t, struct class *c)
{
    struct symbol *package = package_name_of(c->name->text, c->name->length);
    struct loader *l = c->loader;
    if (l != &boot_loader && strncmp(c->name->text, "java/", 5) == 0 && l->object &&
        strcmp(class_of(l->object)->name->text,
               "jdk/internal/loader/ClassLoaders$PlatformClassLoader") != 0) {
        char dotted[512], loader[512];
        snprintf(dotted, sizeof dotted, "%s", package->text);
        for (char *p = dotted; *p; p++) { *p = *p == '/' ? '.' : *p; }
        loader_text(l, loader, sizeof loader);
        throw_new(t, "java/lang/SecurityException",
                  "Class loader (instance of): %s tried to load prohibited package name: %s",
                  loader, dotted);
        return false;
    }
    c->package = package_of(l, package);
    c->module = c->package->module;
    return true;
}

/* Is the loader one of the JDK's own, whose classes' VM annotations count? */
static bool loader_is_platform(const struct loader *l)
{
    return !l->object || strcmp(class_of(l->object)->name->text,
                                "jdk/internal/loader/ClassLoaders$PlatformClassLoader") == 0;
}

static struct class *define(struct thread *t, struct loader *l, const uint8_t *bytes, size_t length,
                            const struct define_options *opt)
{
    struct class_parser p = {.strict = l != &boot_loader || boot_path.verify_all,
                             .trusted = loader_is_platform(l),
                             .expected = opt->hidden ? NULL : opt->expected_name};
    if (!class_parse(&p, bytes, length, opt->expected_name ? opt->expected_name->text : NULL)) {
        throw_new(t, p.error_class, "%s", p.message);
        return NULL;
    }
    struct class *c = p.cls, *old;
    c->loader = l;
    if (opt->hidden) {
        c->props |= CLP_HIDDEN | (opt->strong ? CLP_STRONG_HIDDEN : 0);
        c->nest_host = opt->nest_host;
        c->class_data = opt->class_data;
        name_hidden(c, opt->expected_name ? opt->expected_name : c->name);
    } else if (l != &boot_loader && (old = class_find_loaded(l, c->name)) != NULL) {
        throw_duplicate(t, l, old);
        return NULL;
    }
    c->props |= p.strict ? CLP_NEEDS_VERIFY : CLP_TRUSTED;
    if (!set_package(t, c) || !load_supertypes(t, c, &p, opt->hidden)) { return NULL; }
    inherit(c);
    layout_instance(c);
    build_interface_set(c);
    if (!build_vtable(t, c)) { return NULL; }
    build_itable(c);
    if (!mirror_create(t, c, opt->protection_domain)) { return NULL; }
    struct class *winner = loader_enter_defined(l, c);
    if (winner != c) {
        if (l != &boot_loader) {
            throw_duplicate(t, l, winner);
            return NULL;
        }
        return winner;
    }
    if (boot_path.verbose_class) { class_log_load(c, opt->source); }
    if (engine.class_linked) { engine.class_linked(c); }
    return c;
}

struct class *class_define(struct thread *t, struct loader *l, const uint8_t *bytes, size_t length,
                           const struct define_options *opt)
{
    uint8_t *copy = NULL;
    if (opt->copy_bytes) {
        /* The metadata points into it for ever, so it is part of the class; malloc, because a bad file gives it back. */
        copy = malloc(length + 1);
        if (!copy) {
            throw_oom(t, "Metaspace");
            return NULL;
        }
        memcpy(copy, bytes, length);
        bytes = copy;
    }
    struct class *c = define(t, l, bytes, length, opt);
    if (!c) { free(copy); }
    return c; /* NOLINT(clang-analyzer-unix.Malloc): the class keeps the bytes */
}
