/*
 * loader.c - loaders' tables of classes, the boot class path, loading by name (JVMS 5.3).
 *
 * Locks: loader_mutex guards the tables and lists; it is held for short leaf sections only. Nothing is held while
 * classes are parsed or Java code runs, so two threads may load one class at the same time: for the boot loader the
 * first to enter its class in the table wins and the other's work is dropped; a Java loader's second definition is a
 * LinkageError, as the JVMS wants.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/classes/classes-internal.h"
#include "runtime/engine.h"
#include "runtime/threads/monitor.h"

struct loader boot_loader;
struct boot_path boot_path;
pthread_mutex_t loader_mutex = PTHREAD_MUTEX_INITIALIZER;
__thread struct in_progress *definitions_in_progress;

static struct loader *loaders = &boot_loader;
static struct jimage *image;
static struct timespec start_time;

/* One place to look for boot classes beside the image: a directory or a jar. */
struct boot_entry {
    char *path;
    char *module; /* of --patch-module, NULL for -Xbootclasspath/a */
    struct zip *zip;
    struct boot_entry *next;
};
static struct boot_entry *boot_append, *boot_patches;

/* ---- symbol -> pointer maps (loader_mutex) ---- */

struct symbol_map {
    uint32_t mask, n;
    struct symbol **keys;
    void **values;
};

static void *map_get(const struct symbol_map *m, const struct symbol *key)
{
    if (!m) { return NULL; }
    for (uint32_t i = key->hash & m->mask; m->keys[i]; i = (i + 1) & m->mask) {
        if (m->keys[i] == key) { return m->values[i]; }
    }
    return NULL;
}

static void map_resize(struct symbol_map *m, uint32_t size)
{
    struct symbol_map old = *m;
    m->mask = size - 1;
    m->keys = calloc(size, sizeof m->keys[0]);
    m->values = calloc(size, sizeof m->values[0]);
    if (!m->keys || !m->values) { abort(); }
    for (uint32_t i = 0; old.keys && i <= old.mask; i++) {
        if (old.keys[i]) {
            uint32_t at = old.keys[i]->hash & m->mask;
            while (m->keys[at]) { at = (at + 1) & m->mask; }
            m->keys[at] = old.keys[i];
            m->values[at] = old.values[i];
        }
    }
    free(old.keys);
    free(old.values);
}

static void map_put(void **map, struct symbol *key, void *value)
{
    struct symbol_map *m = *map;
    if (!m) {
        *map = m = calloc(1, sizeof *m);
        if (!m) { abort(); }
        map_resize(m, 64);
    }
    if (m->n * 3 > m->mask * 2) { map_resize(m, (m->mask + 1) * 2); }
    uint32_t at = key->hash & m->mask;
    while (m->keys[at] && m->keys[at] != key) { at = (at + 1) & m->mask; }
    m->n += !m->keys[at];
    m->keys[at] = key;
    m->values[at] = value;
}

/* ---- loaders ---- */

struct loader *loader_of(gref java_loader)
{
    if (!java_loader) { return &boot_loader; }
    uint64_t *cell = obj_addr(java_loader, OFF(ClassLoader_vm_loader));
    struct loader *l = (struct loader *)(uintptr_t)__atomic_load_n(cell, __ATOMIC_ACQUIRE);
    if (LIKELY(l != NULL)) { return l; }
    pthread_mutex_lock(&loader_mutex);
    l = (struct loader *)(uintptr_t)*cell;
    if (!l) {
        l = meta_alloc(sizeof *l);
        l->object = java_loader;
        l->next = loaders->next;
        loaders->next = l;
        __atomic_store_n(cell, (uint64_t)(uintptr_t)l, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&loader_mutex);
    return l;
}

void loader_add_root(struct loader *l, gref o)
{
    pthread_mutex_lock(&loader_mutex);
    if (l->n_roots == l->cap_roots) {
        l->cap_roots = l->cap_roots * 2 + 32;
        l->roots = realloc(l->roots, l->cap_roots * sizeof l->roots[0]);
        if (!l->roots) { abort(); }
    }
    l->roots[l->n_roots++] = o;
    pthread_mutex_unlock(&loader_mutex);
}

void loaders_for_each(void (*f)(struct loader *, void *), void *arg)
{
    pthread_mutex_lock(&loader_mutex);
    for (struct loader *l = loaders; l; l = l->next) { f(l, arg); }
    pthread_mutex_unlock(&loader_mutex);
}

void classes_for_each(void (*f)(struct class *, void *), void *arg)
{
    pthread_mutex_lock(&loader_mutex);
    for (struct loader *l = loaders; l; l = l->next) {
        for (struct class *c = l->class_list; c; c = c->next_in_loader) { f(c, arg); }
    }
    primitives_for_each(f, arg);
    pthread_mutex_unlock(&loader_mutex);
}

struct root_visitor {
    void (*visit)(gref *cell, void *arg);
    void *arg;
};

static void visit_cell(const struct root_visitor *v, gref *cell)
{
    if (*cell) { v->visit(cell, v->arg); }
}

static void visit_class(struct class *c, void *arg)
{
    visit_cell(arg, &c->mirror);
    visit_cell(arg, &c->class_data);
    visit_cell(arg, &c->init_error);
}

/* The world is stopped, and nobody is stopped inside a leaf section, so no lock is taken. */
void classes_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    struct root_visitor v = {visit, arg};
    for (struct loader *l = loaders; l; l = l->next) {
        visit_cell(&v, &l->object);
        for (uint32_t i = 0; i < l->n_roots; i++) { visit_cell(&v, &l->roots[i]); }
        for (struct class *c = l->class_list; c; c = c->next_in_loader) { visit_class(c, &v); }
        for (struct module *m = l->modules; m; m = m->next) { visit_cell(&v, &m->object); }
        if (l->unnamed) { visit_cell(&v, &l->unnamed->object); }
    }
    primitives_for_each(visit_class, &v);
    modules_visit_roots(visit, arg);
    resolution_visit_roots(visit, arg);
    strings_visit_roots(visit, arg);
}

/* ---- packages ---- */

struct symbol *package_name_of(const char *class_name, size_t length)
{
    while (length && class_name[length - 1] != '/') { length--; }
    return symbol_intern(class_name, length ? length - 1 : 0);
}

struct package *package_find(struct loader *l, struct symbol *name)
{
    pthread_mutex_lock(&loader_mutex);
    struct package *p = map_get(l->packages, name);
    pthread_mutex_unlock(&loader_mutex);
    return p;
}

struct package *package_of(struct loader *l, struct symbol *name)
{
    struct package *p = package_find(l, name);
    if (p) { return p; }
    struct module *module = NULL;
    if (l == &boot_loader && !java_base_defined()) {
        const char *m = image ? jimage_package_module(image, name->text, name->length) : NULL;
        if (m && strcmp(m, "java.base") == 0) { module = &java_base_module; }
    }
    if (!module) { module = loader_unnamed_module(l); }
    struct package *made = meta_alloc(sizeof *made);
    made->name = name;
    made->loader = l;
    made->module = module;
    pthread_mutex_lock(&loader_mutex);
    p = map_get(l->packages, name);
    if (!p) {
        map_put(&l->packages, name, made);
        p = made;
    }
    pthread_mutex_unlock(&loader_mutex);
    return p;
}

/* ---- tables of classes ---- */

struct class *class_find_loaded(struct loader *l, struct symbol *name)
{
    pthread_mutex_lock(&loader_mutex);
    struct class *c = map_get(l->classes, name);
    pthread_mutex_unlock(&loader_mutex);
    if (c || name->text[0] != '[') { return c; }
    /* An array class is there when its element class is and somebody made it. */
    unsigned dims = 0;
    while (name->text[dims] == '[') { dims++; }
    size_t n = name->length - dims;
    const char *element = name->text + dims;
    if (n > 2 && element[0] == 'L' && element[n - 1] == ';') {
        struct symbol *s = symbol_find(element + 1, n - 2);
        c = s ? class_find_loaded(l, s) : NULL;
    } else if (n == 1) {
        c = class_primitive(type_of_char(element[0]));
    }
    for (; c && dims; dims--) { c = __atomic_load_n(&c->array_class, __ATOMIC_ACQUIRE); }
    return c;
}

struct class *loader_enter_defined(struct loader *l, struct class *c)
{
    static uint32_t serial;
    pthread_mutex_lock(&loader_mutex);
    struct class *there = c->props & CLP_HIDDEN ? NULL : map_get(l->classes, c->name);
    if (!there) {
        if (!(c->props & CLP_HIDDEN)) { map_put(&l->classes, c->name, c); }
        c->serial = ++serial;
        c->next_in_loader = l->class_list;
        l->class_list = c;
        if (c->super && !class_is_interface(c)) {
            c->next_sibling = c->super->first_subclass;
            __atomic_store_n(&c->super->first_subclass, c, __ATOMIC_RELEASE);
            note_overrides(
                c); /* after it is in the list: who sees the old count did not miss the class */
        }
        if (!(c->access_flags & ACC_ABSTRACT)) {
            for (uint32_t i = 0; i < c->n_itable; i++) { c->itable[i].iface->n_implementors++; }
        }
        __atomic_store_n(&c->state, CLASS_LOADED, __ATOMIC_RELEASE);
        there = c;
    }
    pthread_mutex_unlock(&loader_mutex);
    return there;
}

void loader_note_initiated(struct loader *l, struct symbol *name, struct class *c)
{
    pthread_mutex_lock(&loader_mutex);
    if (!map_get(l->classes, name)) { map_put(&l->classes, name, c); }
    pthread_mutex_unlock(&loader_mutex);
}

void class_log_load(const struct class *c, const char *source)
{
    char name[1024];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double up =
        (double)(now.tv_sec - start_time.tv_sec) + (double)(now.tv_nsec - start_time.tv_nsec) / 1e9;
    printf("[%.3fs][info][class,load] %s source: %s\n", up,
           class_external_name(c, name, sizeof name),
           source ? source : "__ClassLoader::defineClass__");
    fflush(stdout);
}

/* ---- the boot class path ---- */

static struct boot_entry *add_entry(struct boot_entry **list, const char *path, size_t length,
                                    const char *module, size_t module_length)
{
    struct boot_entry *e = calloc(1, sizeof *e);
    if (!e || !(e->path = strndup(path, length))) { abort(); }
    e->module = module ? strndup(module, module_length) : NULL;
    struct stat st;
    char error[512];
    if (stat(e->path, &st) != 0 ||
        (!S_ISDIR(st.st_mode) && !(e->zip = zip_open(e->path, error, sizeof error)))) {
        free(e->path); /* like java: entries that can't be read are passed over */
        free(e->module);
        free(e);
        return NULL;
    }
    while (*list) { list = &(*list)->next; }
    return *list = e;
}

static void add_path(struct boot_entry **list, const char *path, const char *module,
                     size_t module_length)
{
    while (path && *path) {
        size_t n = strcspn(path, ":");
        if (n) { add_entry(list, path, n, module, module_length); }
        path += n + (path[n] == ':');
    }
}

bool classes_init(const struct boot_path *path)
{
    char file[4096], error[4400];
    boot_path = *path;
    clock_gettime(CLOCK_MONOTONIC, &start_time);
    if (!meta_init()) { return false; }
    symbols_init();
    java_base_module.name = symbol_of("java.base");
    java_base_module.loader = &boot_loader;
    snprintf(file, sizeof file, "%s/lib/modules", path->java_home);
    image = jimage_open(file, error, sizeof error);
    if (!image) {
        fprintf(stderr,
                "moka: %s\nThe class library of a JDK 17 is needed: say where it is with --jdk DIR "
                "or JAVA_HOME.\n",
                error);
        return false;
    }
    for (int i = 0; i < path->n_patch_module; i++) {
        const char *eq = strchr(path->patch_module[i], '=');
        if (eq) {
            add_path(&boot_patches, eq + 1, path->patch_module[i],
                     (size_t)(eq - path->patch_module[i]));
        }
    }
    add_path(&boot_append, path->bootclasspath_append, NULL, 0);
    return true;
}

static uint8_t *read_plain_file(const char *dir, const char *name, size_t *length)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path) { return NULL; }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0) { return NULL; }
    uint8_t *data = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        (data = malloc((size_t)st.st_size + 1)) != NULL) {
        size_t done = 0;
        while (done < (size_t)st.st_size) {
            ssize_t n = read(fd, data + done, (size_t)st.st_size - done);
            if (n <= 0 && !(n < 0 && errno == EINTR)) { break; }
            done += n > 0 ? (size_t)n : 0;
        }
        *length = done;
    }
    close(fd);
    return data;
}

static uint8_t *entry_read(const struct boot_entry *e, const char *name, size_t *length)
{
    const char *error;
    return e->zip ? zip_read(e->zip, name, length, &error) : read_plain_file(e->path, name, length);
}

/* Bytes of a boot class; *owned tells whether they are malloced. `source` is for -verbose:class. */
static const uint8_t *find_boot_bytes(struct symbol *name, size_t *length, bool *owned,
                                      char *source, size_t source_size)
{
    size_t slash = name->length;
    while (slash && name->text[slash - 1] != '/') { slash--; }
    size_t package_length = slash ? slash - 1 : 0;
    const char *module = NULL;
    struct symbol *package_name = symbol_intern(name->text, package_length);
    struct package *package = package_find(&boot_loader, package_name);
    if (package && package->module->name) {
        module = package->module->name->text;
    } else if (!java_base_defined()) {
        module = jimage_package_module(image, name->text, package_length);
    }
    char *file = malloc(name->length + 7u);
    if (!file) { abort(); }
    sprintf(file, "%s.class", name->text);
    const uint8_t *bytes = NULL;
    *owned = true;
    if (module) {
        for (struct boot_entry *e = boot_patches; e && !bytes; e = e->next) {
            if (strcmp(e->module, module) == 0 && (bytes = entry_read(e, file, length)) != NULL) {
                snprintf(source, source_size, "%s", e->path);
            }
        }
        if (!bytes) {
            bytes = jimage_find(image, module, file, length, owned);
            snprintf(source, source_size, "jrt:/%s", module);
        }
    } else {
        for (struct boot_entry *e = boot_append; e && !bytes; e = e->next) {
            if ((bytes = entry_read(e, file, length)) != NULL) {
                snprintf(source, source_size, "%s", e->path);
            }
        }
    }
    free(file);
    return bytes;
}

struct class *class_load_boot(struct thread *t, struct symbol *name)
{
    struct class *c = class_find_loaded(&boot_loader, name);
    if (c) { return c; }
    for (struct in_progress *d = definitions_in_progress; d; d = d->outer) {
        if (d->loader == &boot_loader && d->name == name) {
            throw_new(t, "java/lang/ClassCircularityError", "%s", name->text);
            return NULL;
        }
    }
    size_t length;
    bool owned;
    char source[512];
    const uint8_t *bytes = find_boot_bytes(name, &length, &owned, source, sizeof source);
    if (!bytes) { return NULL; }
    struct define_options opt = {.expected_name = name, .source = source};
    c = class_define(t, &boot_loader, bytes, length, &opt);
    if (!c && owned) { free((void *)(uintptr_t)bytes); }
    return c;
}

struct class *class_boot_required(struct thread *t, const char *name)
{
    struct class *c = class_load(t, &boot_loader, symbol_of(name));
    if (!c) {
        fprintf(stderr, "moka: the class library has no %s: is %s really a JDK 17?\n", name,
                boot_path.java_home ? boot_path.java_home : "it");
        exit(1);
    }
    return c;
}

/* ---- loading through Java ---- */

/* Calls loader.loadClass(name); NULL with or without an exception. */
static struct class *load_by_java(struct thread *t, struct loader *l, struct symbol *name)
{
    static struct method *load_class;
    if (!load_class) {
        load_class = class_declared_method(KC(ClassLoader), SYM(loadClass), SYM(string_class_sig));
    }
    for (struct in_progress *d = definitions_in_progress; d; d = d->outer) {
        if (d->loader == l && d->name == name) {
            throw_new(t, "java/lang/ClassCircularityError", "%s", name->text);
            return NULL;
        }
    }
    gref text = string_from_symbol_dots(t, name);
    if (!text) { return NULL; }
    /* Loaders that did not register as parallel capable are called one thread at a time. */
    bool locked = !obj_get_ref(l->object, OFF(ClassLoader_parallelLockMap));
    if (locked && !monitor_enter(t, l->object)) { return NULL; }
    slot_t args[2] = {{.raw = l->object}, {.raw = text}};
    gref mirror = engine.call_virtual(t, load_class, args).r;
    if (locked) {
        gref ex = thread_take_exception(t);
        monitor_exit(t, l->object);
        t->exception = ex;
    }
    if (t->exception || !mirror) { return NULL; }
    struct class *c = class_from_mirror(mirror);
    if (c->name != name) { return NULL; /* the loader answered with something else */ }
    loader_note_initiated(l, name, c);
    return class_find_loaded(l, name);
}

static struct class *load_array(struct thread *t, struct loader *l, struct symbol *name, bool cnfe)
{
    unsigned dims = 0;
    while (dims < name->length && name->text[dims] == '[') { dims++; }
    const char *element = name->text + dims;
    size_t n = name->length - dims;
    struct class *c = NULL;
    if (dims <= 255 && n == 1) {
        enum basic_type type = type_of_char(element[0]);
        c = type && type < T_OBJECT ? class_primitive(type) : NULL;
    } else if (dims <= 255 && n > 2 && element[0] == 'L' && element[n - 1] == ';') {
        struct symbol *s = symbol_intern(element + 1, n - 2);
        if (l == &boot_loader && s->text[0] != '[') {
            c = class_load_boot(t, s);
        } else if (s->text[0] != '[') {
            c = cnfe ? class_load_cnfe(t, l, s) : class_load(t, l, s);
        }
    }
    for (; c && dims; dims--) { c = class_array_of(t, c); }
    return c;
}

/* NULL without an exception: not found. */
static struct class *load_any(struct thread *t, struct loader *l, struct symbol *name, bool cnfe)
{
    struct class *c = class_find_loaded(l, name);
    if (c) { return c; }
    if (name->text[0] == '[') { return load_array(t, l, name, cnfe); }
    return l == &boot_loader ? class_load_boot(t, name) : load_by_java(t, l, name);
}

struct class *class_load(struct thread *t, struct loader *l, struct symbol *name)
{
    static struct class *not_found;
    struct class *c = load_any(t, l, name, false);
    if (LIKELY(c != NULL)) { return c; }
    if (!t->exception) {
        throw_new(t, "java/lang/NoClassDefFoundError", "%s", name->text);
        return NULL;
    }
    if (!not_found) {
        not_found = class_find_loaded(&boot_loader, symbol_of("java/lang/ClassNotFoundException"));
    }
    if (not_found && obj_instanceof(t->exception, not_found)) {
        throw_with_cause(t, "java/lang/NoClassDefFoundError", "%s", name->text);
    }
    return NULL;
}

struct class *class_load_cnfe(struct thread *t, struct loader *l, struct symbol *name)
{
    struct class *c = load_any(t, l, name, true);
    if (!c && !t->exception) { throw_new(t, "java/lang/ClassNotFoundException", "%s", name->text); }
    return c;
}
