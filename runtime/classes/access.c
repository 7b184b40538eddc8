/*
 * access.c - access control (JVMS 5.4.4) and nests (JVMS 4.7.28, 5.4.4), with HotSpot's words for what is denied.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

bool class_same_package(const struct class *a, const struct class *b)
{
    return a->package && a->package == b->package;
}

/* Accessors that reflection generates may do anything. Asked also while `c` is being defined, when its display is
 * not there yet, so by the chain of superclasses. */
static bool is_magic(struct class *c)
{
    struct class *magic = KC(MagicAccessorImpl);
    while (c && c != magic) { c = c->super; }
    return c != NULL;
}

bool class_accessible(struct class *from, struct class *c)
{
    if (c->kind == CLASS_ARRAY) { c = c->element; }
    if (from->kind == CLASS_ARRAY) { from = from->element; }
    if (from == c || c->kind == CLASS_PRIMITIVE || class_same_package(from, c)) { return true; }
    if (c->access_flags & ACC_PUBLIC) {
        if (from->module == c->module || !java_base_defined() ||
            (module_can_read(from->module, c->module) &&
             package_exported_to(c->package, from->module))) {
            return true;
        }
    }
    return is_magic(from);
}

static bool loader_is_builtin(const struct loader *l)
{
    return !l->object ||
           strncmp(class_of(l->object)->name->text, "jdk/internal/loader/ClassLoaders$", 33) == 0;
}

void loader_text(const struct loader *l, char *buf, size_t size)
{
    gref id = l->object ? obj_get_ref(l->object, OFF(ClassLoader_nameAndId)) : 0;
    char *s = id ? string_to_utf8(id, NULL) : NULL;
    if (s) {
        snprintf(buf, size, "%s", s);
    } else if (l->object) {
        char name[256];
        class_external_name(class_of(l->object), name, sizeof name);
        snprintf(buf, size, "%.256s @%x", name, (unsigned)obj_identity_hash(l->object));
    } else {
        snprintf(buf, size, "'bootstrap'");
    }
    free(s);
}

/* "module java.logging of loader 'bootstrap'" */
static void module_text(struct class *c, char *buf, size_t size)
{
    struct module *m = c->module;
    char loader[300];
    loader_text(c->loader, loader, sizeof loader);
    if (!m || !m->name) {
        snprintf(buf, size, "unnamed module of loader %s", loader);
        return;
    }
    bool own_version = m->version && m->location &&
                       strncmp(m->location->text, "jrt:/java.", 10) != 0 &&
                       !(strncmp(m->location->text, "jrt:/jdk.", 9) == 0 &&
                         m->version == java_base_module.version);
    snprintf(buf, size, "module %s%s%s of loader %s", m->name->text, own_version ? "@" : "",
             own_version ? m->version->text : "", loader);
}

char *class_in_module(struct class *c, bool with_parent, char *buf, size_t size)
{
    char name[400], module[700];
    struct class *e = c->kind == CLASS_ARRAY ? c->element : c;
    module_text(e, module, sizeof module);
    int n = snprintf(buf, size, "%s is in %s", class_external_name(c, name, sizeof name), module);
    if (with_parent && !loader_is_builtin(e->loader) && (size_t)n < size) {
        char parent[300];
        loader_text(loader_of(obj_get_ref(e->loader->object, OFF(ClassLoader_parent))), parent,
                    sizeof parent);
        snprintf(buf + n, size - (size_t)n, ", parent loader %s", parent);
    }
    return buf;
}

char *classes_in_modules(struct class *a, struct class *b, char *buf, size_t size)
{
    char an[400], bn[400], module[700];
    if (a->module == b->module) {
        module_text(a->kind == CLASS_ARRAY ? a->element : a, module, sizeof module);
        snprintf(buf, size, "%s and %s are in %s", class_external_name(a, an, sizeof an),
                 class_external_name(b, bn, sizeof bn), module);
        return buf;
    }
    char aw[1100], bw[1100];
    class_in_module(a, false, aw, sizeof aw);
    class_in_module(b, false, bw, sizeof bw);
    snprintf(buf, size, "%s; %s", aw, bw);
    return buf;
}

/* "module m" or "unnamed module @0x1b2c3d" */
static void module_name_text(const struct module *m, char *buf, size_t size)
{
    if (m->name) {
        snprintf(buf, size, "module %s", m->name->text);
    } else {
        snprintf(buf, size, "unnamed module @0x%x",
                 m->object ? (unsigned)obj_identity_hash(m->object) : 0);
    }
}

bool class_access_message(struct class *from, struct class *c, char *buf, size_t size)
{
    char fn[300], cn[300], fm[200], cm[200], package[300];
    struct class *e = c->kind == CLASS_ARRAY ? c->element : c;
    struct module *mf = from->module, *mc = e->module;
    if (!mf || !mc || mf == mc || !(e->access_flags & ACC_PUBLIC)) { return false; }
    class_external_name(from, fn, sizeof fn);
    class_external_name(e, cn, sizeof cn);
    module_name_text(mf, fm, sizeof fm);
    module_name_text(mc, cm, sizeof cm);
    if (!module_can_read(mf, mc)) {
        snprintf(buf, size,
                 "class %s (in %s) cannot access class %s (in %s) because %s does not read %s", fn,
                 fm, cn, cm, fm, cm);
        return true;
    }
    snprintf(package, sizeof package, "%s", e->package ? e->package->name->text : "");
    for (char *p = package; *p; p++) { *p = *p == '/' ? '.' : *p; }
    snprintf(buf, size,
             "class %s (in %s) cannot access class %s (in %s) because %s does not export %s to %s",
             fn, fm, cn, cm, cm, package, fm);
    return true;
}

/* ---- nests ---- */

static bool lists_member(struct class *host, const struct class *c)
{
    uint32_t length;
    const uint8_t *info = attr_find(host, host->attrs, "NestMembers", &length);
    for (unsigned i = 0; info && i < read_u2(info); i++) {
        if (cp_class_name(&host->cp, read_u2(info + 2 + 2 * i)) == c->name) { return true; }
    }
    return false;
}

static void note_nest_error(struct class *c, struct class *host, const char *why)
{
    char text[1500], cn[400], hn[400], cl[300], hl[300];
    loader_text(c->loader, cl, sizeof cl);
    loader_text(host->loader, hl, sizeof hl);
    snprintf(text, sizeof text,
             "Type %s (loader: %s) is not a nest member of type %s (loader: %s): %s",
             class_external_name(c, cn, sizeof cn), cl, class_external_name(host, hn, sizeof hn),
             hl, why);
    c->nest_host_error = symbol_of(text);
}

/*
 * The nest host, resolved and checked at the first question. When that fails the class is its own host (JVMS 5.4.4);
 * only errors of the machine itself (OutOfMemoryError, StackOverflowError) come out, and nothing is recorded then.
 */
struct class *class_nest_host(struct thread *t, struct class *c)
{
    struct class *host = __atomic_load_n(&c->nest_host, __ATOMIC_ACQUIRE);
    if (host) { return host; }
    uint32_t length;
    const uint8_t *info =
        c->kind == CLASS_INSTANCE && c->attrs ? attr_find(c, c->attrs, "NestHost", &length) : NULL;
    if (!info) {
        __atomic_store_n(&c->nest_host, c, __ATOMIC_RELEASE);
        return c;
    }
    unsigned index = read_u2(info);
    host = cp_resolve_class(t, &c->cp, index);
    if (!host) {
        char name[300], text[1500];
        struct class *ex = class_of(t->exception);
        struct class *vme =
            class_find_loaded(&boot_loader, symbol_of("java/lang/VirtualMachineError"));
        if (vme && class_is_subclass(ex, vme)) { return NULL; }
        gref message = obj_get_ref(t->exception, OFF(Throwable_detailMessage));
        char *m = message ? string_to_utf8(message, NULL) : NULL;
        snprintf(text, sizeof text, "Nest host resolution of %s with host %s failed: %s: %s",
                 class_external_name(c, name, sizeof name), cp_class_name(&c->cp, index)->text,
                 ex->name->text, m ? m : "");
        free(m);
        c->nest_host_error = symbol_of(text);
        t->exception = 0;
        host = c;
    } else if (!class_same_package(c, host)) {
        note_nest_error(c, host, "types are in different packages");
        host = c;
    } else if (host != c && !lists_member(host, c)) {
        note_nest_error(c, host, "current type is not listed as a nest member");
        host = c;
    }
    __atomic_store_n(&c->nest_host, host, __ATOMIC_RELEASE);
    return host;
}

bool member_accessible(struct thread *t, struct class *from, struct class *ref, struct class *decl,
                       uint16_t flags)
{
    if (from == decl || (flags & ACC_PUBLIC)) { return true; }
    if ((flags & ACC_PROTECTED) && class_is_subclass(from, decl)) {
        if ((flags & ACC_STATIC) || from == ref || class_is_subclass(ref, from) ||
            class_is_subclass(from, ref)) {
            return true;
        }
    }
    if (!(flags & ACC_PRIVATE) && class_same_package(from, decl)) { return true; }
    if (flags & ACC_PRIVATE) {
        struct class *a = class_nest_host(t, from);
        struct class *b = a ? class_nest_host(t, decl) : NULL;
        if (!b || a == b) { return b != NULL; }
    }
    return is_magic(from);
}
