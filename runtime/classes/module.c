/*
 * module.c - modules as the VM knows them (JVMS 5.3.6): what java.lang.Module tells us through JVM_DefineModule and
 * friends, and the questions that access control asks.
 *
 * java.base exists from the start (java_base_module, without an object); until it is defined, every boot class of its
 * packages belongs to it and everything public is accessible, because there is nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

struct module java_base_module;

bool java_base_defined(void) { return java_base_module.object != 0; }

void modules_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    if (java_base_module.object) { visit(&java_base_module.object, arg); }
}

struct module *loader_unnamed_module(struct loader *l)
{
    struct module *m = __atomic_load_n(&l->unnamed, __ATOMIC_ACQUIRE);
    if (!m) {
        m = meta_alloc(sizeof *m);
        m->loader = l;
        m->reads_all_unnamed = true;
        pthread_mutex_lock(&loader_mutex);
        if (!l->unnamed) { __atomic_store_n(&l->unnamed, m, __ATOMIC_RELEASE); }
        m = l->unnamed;
        pthread_mutex_unlock(&loader_mutex);
    }
    if (!m->object && l->object) {
        gref object = obj_get_ref(l->object, OFF(ClassLoader_unnamedModule));
        if (object) {
            obj_set_long(object, OFF(Module_vm_module), (int64_t)(uintptr_t)m);
            m->object = object;
        }
    }
    return m;
}

struct module *module_of(gref o)
{
    if (!o) { return NULL; }
    struct module *m = (struct module *)(uintptr_t)obj_get_long(o, OFF(Module_vm_module));
    if (!m && !obj_get_ref(o, OFF(Module_name))) {
        struct loader *l = loader_of(obj_get_ref(o, OFF(Module_loader)));
        if (l->object && obj_get_ref(l->object, OFF(ClassLoader_unnamedModule)) == o) {
            m = loader_unnamed_module(l);
        }
    }
    return m;
}

static void set_module_object(struct module *m, gref object)
{
    obj_set_long(object, OFF(Module_vm_module), (int64_t)(uintptr_t)m);
    m->object = object;
}

/* ---- JVM_DefineModule ---- */

static void throw_iae(struct thread *t, const char *fmt, const char *a, const char *b)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
    throw_new(t, "java/lang/IllegalArgumentException", fmt, a, b);
#pragma GCC diagnostic pop
}

static struct module *find_module(struct loader *l, const struct symbol *name)
{
    struct module *m = l->modules;
    while (m && m->name != name) { m = m->next; }
    return m;
}

/* The packages are legal and free: owned by no module but (for java.base) the early one. */
static bool check_packages(struct thread *t, struct loader *l, const struct symbol *module,
                           gref packages, struct symbol **names)
{
    for (int32_t i = 0; i < array_length(packages); i++) {
        gref s = array_get_ref(packages, i);
        struct symbol *name = s ? string_to_symbol(s, true) : NULL;
        if (!name) {
            throw_iae(t, "Bad package name for module: %s", module->text, "");
            return false;
        }
        if (name->length && !legal_unqualified(name->text, name->length, NAME_CLASS)) {
            throw_iae(t, "Invalid package name: %s for module: %s", name->text, module->text);
            return false;
        }
        if (l != &boot_loader && strncmp(name->text, "java/", 5) == 0 &&
            strcmp(class_of(l->object)->name->text,
                   "jdk/internal/loader/ClassLoaders$PlatformClassLoader") != 0) {
            char loader_class[512];
            throw_iae(t,
                      "Class loader (instance of): %s tried to define prohibited package name: %s",
                      class_external_name(class_of(l->object), loader_class, sizeof loader_class),
                      name->text);
            return false;
        }
        struct package *p = package_find(l, name);
        if (p && p->module != &java_base_module) {
            if (p->module->name) {
                throw_new(t, "java/lang/IllegalStateException",
                          "Package %s for module %s is already in another module, %s, defined to "
                          "the class loader",
                          name->text, module->text, p->module->name->text);
                return false;
            }
            bool used = false;
            pthread_mutex_lock(&loader_mutex);
            for (struct class *c = l->class_list; c && !used; c = c->next_in_loader) {
                used = c->package == p;
            }
            pthread_mutex_unlock(&loader_mutex);
            if (used) {
                throw_new(t, "java/lang/IllegalStateException",
                          "Package %s for module %s is already in the unnamed module defined to "
                          "the class loader",
                          name->text, module->text);
                return false;
            }
        }
        names[i] = name;
    }
    return true;
}

void module_define(struct thread *t, gref object, bool is_open, gref version, gref location,
                   gref packages)
{
    if (!object) {
        throw_new(t, "java/lang/NullPointerException", "Null module object");
        return;
    }
    gref name_string = obj_get_ref(object, OFF(Module_name));
    struct symbol *name = name_string ? string_to_symbol(name_string, false) : NULL;
    if (!name || name->length == 0) {
        throw_iae(t, "Module name cannot be %s%s", name ? "empty" : "null", "");
        return;
    }
    struct loader *l = loader_of(obj_get_ref(object, OFF(Module_loader)));
    bool base = name == java_base_module.name;
    if (base && l != &boot_loader) {
        throw_iae(t, "Class loader must be the boot class loader%s%s", "", "");
        return;
    }
    int32_t n = packages ? array_length(packages) : 0;
    struct symbol **names = calloc((size_t)n + 1, sizeof names[0]);
    if (!names) {
        throw_oom(t, "Metaspace");
        return;
    }
    if (packages && !check_packages(t, l, name, packages, names)) {
        free(names);
        return;
    }
    struct module *m = base ? &java_base_module : meta_alloc(sizeof *m);
    struct symbol *version_symbol = version ? string_to_symbol(version, false) : NULL;
    struct symbol *location_symbol = location ? string_to_symbol(location, false) : NULL;
    struct package **list = calloc((size_t)n + 1, sizeof list[0]);
    if (!list) { abort(); }
    for (int32_t i = 0; i < n; i++) { list[i] = package_of(l, names[i]); }
    bool twice;
    pthread_mutex_lock(&loader_mutex);
    twice = base ? java_base_defined() : find_module(l, name) != NULL;
    if (!twice) {
        m->name = name;
        m->loader = l;
        m->version = version_symbol;
        m->location = location_symbol;
        m->open = is_open;
        m->next = l->modules;
        l->modules = m;
        for (int32_t i = 0; i < n; i++) { list[i]->module = m; }
        set_module_object(m, object);
        mirrors_fix_module(l, m);
    }
    pthread_mutex_unlock(&loader_mutex);
    free(names);
    free(list);
    if (twice) {
        throw_new(t, "java/lang/IllegalStateException", "Module %s is already defined", name->text);
    }
}

void module_set_boot_unnamed(struct thread *t, gref object)
{
    if (!object) {
        throw_new(t, "java/lang/NullPointerException", "Null module object");
        return;
    }
    if (obj_get_ref(object, OFF(Module_name))) {
        throw_iae(t, "boot loader's unnamed module's java.lang.Module's name is not null%s%s", "",
                  "");
        return;
    }
    struct module *m = loader_unnamed_module(&boot_loader);
    set_module_object(m, object);
    pthread_mutex_lock(&loader_mutex);
    mirrors_fix_module(&boot_loader, m);
    pthread_mutex_unlock(&loader_mutex);
}

/* ---- reads and exports ---- */

/* A grown copy: readers never see the array change under them. */
static void add_to(struct module ***list, uint32_t *n, struct module *m)
{
    for (uint32_t i = 0; i < *n; i++) {
        if ((*list)[i] == m) { return; }
    }
    if ((*n & (*n - 1)) == 0) { /* 0, 1, 2, 4, ...: full */
        struct module **bigger = meta_alloc((*n ? *n * 2 : 1) * sizeof bigger[0]);
        if (*n) { memcpy(bigger, *list, *n * sizeof bigger[0]); }
        __atomic_store_n(list, bigger, __ATOMIC_RELEASE);
    }
    (*list)[*n] = m;
    __atomic_store_n(n, *n + 1, __ATOMIC_RELEASE);
}

static struct module *need_module(struct thread *t, gref object, const char *what)
{
    if (!object) {
        throw_new(t, "java/lang/NullPointerException", "%s is null", what);
        return NULL;
    }
    struct module *m = module_of(object);
    if (!m) { throw_iae(t, "%s cannot be found%s", what, ""); }
    return m;
}

void module_add_reads(struct thread *t, gref from, gref source)
{
    struct module *m = need_module(t, from, "from_module");
    if (!m) { return; }
    struct module *to = NULL;
    if (source && !(to = need_module(t, source, "to_module"))) { return; }
    pthread_mutex_lock(&loader_mutex);
    if (!to) {
        m->reads_all_unnamed = true;
    } else if (to != m && m->name) {
        add_to(&m->reads, &m->n_reads, to);
    }
    pthread_mutex_unlock(&loader_mutex);
}

/* The package of an add-exports call. NULL with or without (nothing to do) an exception. */
static struct package *exported_package(struct thread *t, gref from, gref package)
{
    struct module *m = need_module(t, from, "from_module");
    if (!m) { return NULL; }
    if (!package) {
        throw_new(t, "java/lang/NullPointerException", "package is null");
        return NULL;
    }
    if (!m->name || m->open) { return NULL; /* exports everything anyway */ }
    struct symbol *name = string_to_symbol(package, true);
    struct package *p = name ? package_find(m->loader, name) : NULL;
    if (!p || p->module != m) {
        char text[512];
        if (name && p) {
            throw_new(t, "java/lang/IllegalArgumentException",
                      "Package: %s found in module %s, not in from_module: %s", name->text,
                      p->module->name ? p->module->name->text : "unnamed module", m->name->text);
        } else {
            strncpy(text, name ? name->text : "?", sizeof text - 1);
            text[sizeof text - 1] = 0;
            throw_new(t, "java/lang/IllegalArgumentException",
                      "Package %s not found in from_module %s", text, m->name->text);
        }
        return NULL;
    }
    return p;
}

void module_add_exports(struct thread *t, gref from, gref package, gref to)
{
    struct package *p = exported_package(t, from, package);
    struct module *target = NULL;
    if (t->exception || (to && !(target = need_module(t, to, "to_module"))) || !p) { return; }
    pthread_mutex_lock(&loader_mutex);
    if (!target) {
        p->exported_all = true;
    } else if (target != p->module) {
        add_to(&p->exports, &p->n_exports, target);
    }
    pthread_mutex_unlock(&loader_mutex);
}

void module_add_exports_to_all_unnamed(struct thread *t, gref from, gref package)
{
    struct package *p = exported_package(t, from, package);
    if (p) { p->exported_all_unnamed = true; }
}

bool module_can_read(const struct module *from, const struct module *to)
{
    if (from == to || !from->name || to == &java_base_module ||
        (!to->name && from->reads_all_unnamed)) {
        return true;
    }
    uint32_t n = __atomic_load_n(&from->n_reads, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < n; i++) {
        if (from->reads[i] == to) { return true; }
    }
    return false;
}

bool package_exported_to(const struct package *p, const struct module *to)
{
    const struct module *m = p->module;
    if (m == to || !m->name || m->open || p->exported_all ||
        (!to->name && p->exported_all_unnamed)) {
        return true;
    }
    uint32_t n = __atomic_load_n(&p->n_exports, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < n; i++) {
        if (p->exports[i] == to) { return true; }
    }
    return false;
}
