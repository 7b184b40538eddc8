/* bind.c - native methods find their functions; see bind.h and the JNI spec, "Resolving Native Method Names". */
#include "runtime/jni/bind.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/processes.h"
#include "runtime/jni/system.h"
#include "runtime/natives.h"

struct jni_options jni_options;

/* Handle of libjava, where most natives of java.base are; others are found through BootLoader's libraries. */
static void *libjava;

/* ---- names ---- */

/* Length of the UTF-8 sequence at p and its UTF-16 unit; modified UTF-8 has at most three bytes for a unit. */
static unsigned decode_unit(const unsigned char *p, unsigned *unit)
{
    if (p[0] < 0x80) {
        *unit = p[0];
        return 1;
    }
    if ((p[0] & 0xe0) == 0xc0 && p[1]) {
        *unit = (unsigned)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
        return 2;
    }
    if (p[1] && p[2]) {
        *unit = (unsigned)(p[0] & 0x0f) << 12 | (unsigned)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        return 3;
    }
    *unit = p[0];
    return 1;
}

/* Appends `text` up to `end` escaped; returns the new end of `out`. */
static char *mangle_part(char *out, const char *text, const char *end)
{
    const unsigned char *p = (const unsigned char *)text;
    while ((const char *)p < end) {
        unsigned unit;
        unsigned n = decode_unit(p, &unit);
        if ((unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') ||
            (unit >= '0' && unit <= '9')) {
            *out++ = (char)unit;
        } else if (unit == '/') {
            *out++ = '_';
        } else if (unit == '_') {
            *out++ = '_';
            *out++ = '1';
        } else if (unit == ';') {
            *out++ = '_';
            *out++ = '2';
        } else if (unit == '[') {
            *out++ = '_';
            *out++ = '3';
        } else {
            out += sprintf(out, "_0%04x", unit);
        }
        p += n;
    }
    return out;
}

char *jni_mangle(const char *cls, const char *name, const char *desc)
{
    size_t max = 6 * (strlen(cls) + strlen(name) + (desc ? strlen(desc) : 0)) + 16;
    char *s = malloc(max);
    if (!s) { return NULL; }
    char *out = stpcpy(s, "Java_");
    out = mangle_part(out, cls, cls + strlen(cls));
    *out++ = '_';
    out = mangle_part(out, name, name + strlen(name));
    if (desc) {
        const char *close = strrchr(desc, ')');
        *out++ = '_';
        *out++ = '_';
        out = mangle_part(out, desc + 1, close ? close : desc + strlen(desc));
    }
    *out = 0;
    return s;
}

/*
 * A class or method name whose escaped form would be ambiguous is not looked up: after a '/' or at the start, a digit
 * 0..3 would read as an escape (JDK-8234362).
 */
static bool manglable(const char *s)
{
    bool start = true;
    for (; *s; s++) {
        if (start && *s >= '0' && *s <= '3') { return false; }
        start = *s == '/';
    }
    return true;
}

/* ---- libraries ---- */

void *native_library_open(const char *file, char *error, size_t size)
{
    void *h = dlopen(file, RTLD_LAZY);
    if (!h && error && size) {
        const char *text = dlerror();
        snprintf(error, size, "%s", text ? text : "unknown error");
    }
    return h;
}

bool native_libraries_init(struct thread *t, const char *java_home, const char *stub_libjvm)
{
    char path[4096], error[1024];
    if (stub_libjvm && !dlopen(stub_libjvm, RTLD_NOW | RTLD_GLOBAL)) {
        fprintf(stderr, "Error: cannot load %s: %s\n", stub_libjvm, dlerror());
        return false;
    }
    /* libjava needs libverify and friends in the same directory; its RUNPATH is $ORIGIN. */
    static const char *const first[] = {"libjimage.so", "libverify.so", "libjava.so"};
    for (unsigned i = 0; i < ARRAY_COUNT(first); i++) {
        snprintf(path, sizeof(path), "%s/lib/%s", java_home, first[i]);
        void *h = native_library_open(path, error, sizeof(error));
        if (!h && i == 2) {
            fprintf(stderr, "Error: cannot load %s: %s\nIs %s the home of a JDK 17?\n", path, error,
                    java_home);
            return false;
        }
        if (i == 2) { libjava = h; }
    }
    jint (*on_load)(JavaVM *, void *) =
        (jint(*)(JavaVM *, void *))(uintptr_t)dlsym(libjava, "JNI_OnLoad");
    if (on_load) {
        thread_enter_native(t);
        on_load(&jni_java_vm, NULL);
        thread_leave_native(t);
    }
    return true;
}

/* ClassLoader.findNative(loader, name): Java code that asks the loader's NativeLibraries. 0 if there is none. */
static void *find_in_loader(struct thread *t, gref loader, const char *name)
{
    static struct method *find_native;
    if (!find_native) {
        find_native = class_method_named(KC(ClassLoader), "findNative",
                                         "(Ljava/lang/ClassLoader;Ljava/lang/String;)J");
        if (!find_native) { return NULL; }
    }
    if (!class_initialize(t, KC(ClassLoader))) { return NULL; }
    gref s = string_from_c(t, name);
    if (!s) { return NULL; }
    slot_t args[2] = {{.raw = loader}, {.raw = s}};
    slot_t r = engine.call(t, find_native, args);
    return t->exception ? NULL : r.p;
}

static void *find_symbol(struct thread *t, struct class *c, const char *name)
{
    gref loader = c->loader ? c->loader->object : 0;
    if (!loader) {
        void *fn = libjava ? dlsym(libjava, name) : NULL;
        if (!fn) {
            fn = dlsym(RTLD_DEFAULT, name); /* natives that the executable itself exports */
        }
        if (fn) { return processes_wrap(name, fn); }
    }
    return find_in_loader(t, loader, name);
}

static void *find_jni(struct thread *t, struct method *m)
{
    char *cls = strdup(m->cls->name->text);
    if (!cls) { return NULL; }
    void *fn = NULL;
    if (manglable(cls) && manglable(m->name->text)) {
        for (int with_args = 0; with_args <= 1 && !fn && !t->exception; with_args++) {
            char *name = jni_mangle(cls, m->name->text, with_args ? m->desc->text : NULL);
            if (name) { fn = find_symbol(t, m->cls, name); }
            free(name);
        }
    }
    free(cls);
    return fn;
}

/* -verbose:jni, in the form of HotSpot's -Xlog:jni+resolve=debug. */
static void say(const char *what, const struct method *m, const char *end)
{
    static int64_t start;
    if (!jni_options.verbose) { return; }
    if (!start) { start = system_nano_time(); }
    char name[512];
    printf("[%.3fs][debug][jni,resolve] [%s %s.%s%s]\n", (double)(system_nano_time() - start) / 1e9,
           what, class_external_name(m->cls, name, sizeof(name)), m->name->text, end);
    fflush(stdout);
}

void native_register(struct method *m, void *fn)
{
    say(fn ? "Registering JNI native method" : "Unregistering JNI native method", m, "");
    if (fn && native_find_vm(m)) { return; /* the VM's own version is the same thing, cheaper */ }
    /* Readers load native_kind first (acquire), then native. */
    m->native = fn;
    __atomic_store_n(&m->native_kind, fn ? NATIVE_JNI : NATIVE_UNBOUND, __ATOMIC_RELEASE);
}

bool native_bind(struct thread *t, struct method *m)
{
    if (__atomic_load_n(&m->native_kind, __ATOMIC_ACQUIRE) != NATIVE_UNBOUND) { return true; }
    vm_native vm = native_find_vm(m);
    if (vm) {
        m->native = (void *)(uintptr_t)vm;
        __atomic_store_n(&m->native_kind, NATIVE_VM, __ATOMIC_RELEASE);
        return true;
    }
    void *fn = find_jni(t, m);
    if (!fn) {
        if (!t->exception) {
            char text[1024];
            throw_new(t, "java/lang/UnsatisfiedLinkError", "'%s'",
                      method_external_name(m, text, sizeof(text)));
        }
        return false;
    }
    say("Dynamic-linking native method", m, " ... JNI");
    m->native = fn;
    __atomic_store_n(&m->native_kind, NATIVE_JNI, __ATOMIC_RELEASE);
    return true;
}
