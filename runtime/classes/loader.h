/*
 * loader.h - class loaders, modules, packages and the boot class path (JVMS 5.3, 5.3.6).
 *
 * Every java.lang.ClassLoader has a struct loader (made at first use, kept in its injected field
 * vm_loader); the boot loader has boot_loader and no Java object. A loader's table holds every class
 * for which it is an initiating loader.
 *
 * Boot classes come from the `modules` file (jimage) of the JDK, mapped read-only: package -> module
 * through the image's /packages tree, then /module/package/Class.class; then --patch-module and
 * -Xbootclasspath/a entries.
 */
#ifndef MOKA_CLASSES_LOADER_H
#define MOKA_CLASSES_LOADER_H

#include <stdio.h>
#include <string.h>

#include "runtime/classes/class.h"

struct module {
    struct symbol *name; /* NULL: an unnamed module */
    gref object;         /* java.lang.Module */
    struct loader *loader;
    struct symbol *version; /* or NULL */
    struct symbol *location;
    bool open;
    bool reads_all_unnamed;
    struct module **reads;
    uint32_t n_reads;
    struct module *next;
};

/* A run-time package: name and defining loader (JVMS 5.3), in a module, with its exports. */
struct package {
    struct symbol *name; /* internal form, "" for the unnamed package */
    struct loader *loader;
    struct module *module;
    bool exported_all; /* unqualified */
    bool exported_all_unnamed;
    struct module **exports; /* qualified */
    uint32_t n_exports;
    struct package *next;
};

struct loader {
    gref object;            /* java.lang.ClassLoader, 0 for the boot loader */
    struct module *unnamed; /* its unnamed module */
    void *classes;          /* symbol -> struct class * */
    void *packages;         /* symbol -> struct package * */
    struct module *modules;
    struct class *class_list; /* defined here, newest first (class.next_in_loader) */
    gref *roots;              /* objects kept alive by this loader's metadata */
    uint32_t n_roots, cap_roots;
    struct loader *next; /* all loaders */
    void *native_libraries;
};

extern struct loader boot_loader;

/* struct loader of a java.lang.ClassLoader object; 0 -> &boot_loader. */
struct loader *loader_of(gref java_loader);
/* Keeps `o` alive as long as the loader's classes (resolved strings, method handles, ...). Thread-safe. */
void loader_add_root(struct loader *l, gref o);
/* Calls f for every loader / class (under the loader lock; f must not load classes). */
void loaders_for_each(void (*f)(struct loader *, void *), void *arg);
void classes_for_each(void (*f)(struct class *, void *), void *arg);
/* Pushes every reference that metadata holds: mirrors, loader roots, init errors, interned strings, modules. For the
 * collector; the world is stopped. */
void classes_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);

/* ---- start ---- */

struct boot_path {
    const char *java_home;            /* of the JDK whose library is used */
    const char *bootclasspath_append; /* -Xbootclasspath/a, or NULL */
    char **patch_module;              /* "module=path" of --patch-module */
    int n_patch_module;
    bool verbose_class; /* a line for each class loaded */
    bool
        verbose_class_family; /* -Xlog:class+load*: nothing more to log, but part of ClassLoadingMXBean.isVerbose() */
    bool enable_preview;
    bool verify_all, verify_none; /* -Xverify / -XX:+BytecodeVerification* */
};

/* Opens the image; false with a message on stderr (which file, what is wrong, what to do). */
bool classes_init(const struct boot_path *path);
extern struct boot_path boot_path;

/* Primitive classes and their arrays; before known_classes_init. */
bool primitive_classes_init(struct thread *t);

/* ---- jimage (jimage.c) ---- */

struct jimage;
struct jimage *jimage_open(const char *file, char *error, size_t error_size);
void jimage_close(struct jimage *img);
/* Bytes of a resource "/java.base/java/lang/Object.class": a pointer into the mapping when stored
 * uncompressed, else a malloced copy (*must_free). NULL if absent. */
const uint8_t *jimage_find(struct jimage *img, const char *module, const char *name, size_t *length,
                           bool *must_free);
/* Name of the module that holds a package ("java/lang"), NULL if none. */
const char *jimage_package_module(struct jimage *img, const char *package, size_t length);

/* ---- zip/jar files (zip.c) ---- */

struct zip;
struct zip *zip_open(const char *file, char *error, size_t error_size);
/* Malloced bytes of an entry (inflated with zlib); NULL if absent or corrupt (*error says which). */
uint8_t *zip_read(struct zip *z, const char *entry, size_t *length, const char **error);
void zip_close(struct zip *z);

/* ---- modules (module.c); called by JVM_DefineModule and friends ---- */

void module_define(struct thread *t, gref module_object, bool is_open, gref version, gref location,
                   gref packages /* String[] */);
void module_add_reads(struct thread *t, gref from, gref source);
void module_add_exports(struct thread *t, gref from, gref package, gref to /* 0: to all */);
void module_add_exports_to_all_unnamed(struct thread *t, gref from, gref package);
void module_set_boot_unnamed(struct thread *t, gref module_object);
/* struct module of a java.lang.Module object, NULL if not defined to the VM. */
struct module *module_of(gref module_object);
/* Finds or makes the run-time package; its module is the loader's unnamed one unless defined otherwise. */
struct package *package_of(struct loader *l, struct symbol *name);
struct package *package_find(struct loader *l, struct symbol *name);
bool module_can_read(const struct module *from, const struct module *to);
bool package_exported_to(const struct package *p, const struct module *to);

/* ---- strings (string.c) ---- */

/* Are all bytes below 0x80? */
static inline bool text_is_ascii(const char *text, size_t length)
{
    for (; length >= sizeof(uint64_t); text += sizeof(uint64_t), length -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text, sizeof word);
        if (word & 0x8080808080808080u) { return false; }
    }
    while (length > 0) {
        if (text[--length] & 0x80) { return false; }
    }
    return true;
}

/* New java.lang.String; 0 with OutOfMemoryError pending. */
gref string_from_utf8(struct thread *t, const char *modified_utf8, size_t length);
gref string_from_c(struct thread *t, const char *modified_utf8);
gref string_from_utf16(struct thread *t, const uint16_t *chars, int32_t length);
gref string_from_symbol(struct thread *t, const struct symbol *s);
/* The same with every '/' turned into '.'. */
gref string_from_symbol_dots(struct thread *t, const struct symbol *s);
/* The interned String of a symbol / equal to a String. */
gref string_intern_symbol(struct thread *t, struct symbol *s);
gref string_intern(struct thread *t, gref s);
int32_t string_length(gref s); /* in chars */
uint16_t string_char_at(gref s, int32_t i);
/* Malloced modified UTF-8, 0-terminated; *length may be NULL. */
char *string_to_utf8(gref s, size_t *length);
/* Symbol of a String's text with '.' -> '/' if `slashes`. NULL if longer than 65535 bytes. */
struct symbol *string_to_symbol(gref s, bool slashes);
struct symbol *string_find_symbol(gref s, bool slashes); /* NULL if there is no such symbol yet */
bool string_equals_c(gref s, const char *text);

#endif
