/* jvm_module.c - JVM_*: modules and packages; the work is in runtime/classes/module.c. */
#include <stdlib.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"

void JVM_DefineModule(JNIEnv *env, jobject module, jboolean is_open, jstring version,
                      jstring location, jobjectArray packages)
{
    ENTER(env);
    module_define(t, deref(module), is_open, deref(version), deref(location), deref(packages));
}

void JVM_SetBootLoaderUnnamedModule(JNIEnv *env, jobject module)
{
    ENTER(env);
    module_set_boot_unnamed(t, deref(module));
}

void JVM_AddModuleExports(JNIEnv *env, jobject from, jstring package, jobject to)
{
    ENTER(env);
    if (!to) {
        throw_new(t, "java/lang/NullPointerException", "to_module is null");
        return;
    }
    module_add_exports(t, deref(from), deref(package), deref(to));
}

void JVM_AddModuleExportsToAllUnnamed(JNIEnv *env, jobject from, jstring package)
{
    ENTER(env);
    module_add_exports_to_all_unnamed(t, deref(from), deref(package));
}

void JVM_AddModuleExportsToAll(JNIEnv *env, jobject from, jstring package)
{
    ENTER(env);
    module_add_exports(t, deref(from), deref(package), 0);
}

void JVM_AddReadsModule(JNIEnv *env, jobject from, jobject source)
{
    ENTER(env);
    module_add_reads(t, deref(from), deref(source));
}

/* ---- packages of the boot loader that have classes: BootLoader.getSystemPackages ---- */

/* Dynamic modules (jdk.proxy1) have packages in the boot loader too, but come from nowhere. */
static bool has_location(const struct package *p)
{
    return p && (p->module && p->module->name ? p->module->location != NULL
                                              : boot_path.bootclasspath_append != NULL);
}

struct boot_packages {
    struct symbol **v;
    size_t n, cap;
};

static void note_package(struct class *c, void *arg)
{
    struct boot_packages *p = arg;
    if (c->loader != &boot_loader || c->kind != CLASS_INSTANCE || !has_location(c->package)) {
        return;
    }
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i] == c->package->name) { return; }
    }
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 128;
        struct symbol **v = realloc(p->v, cap * sizeof(*v));
        if (!v) { return; }
        p->v = v;
        p->cap = cap;
    }
    p->v[p->n++] = c->package->name;
}

jobjectArray JVM_GetSystemPackages(JNIEnv *env)
{
    ENTER(env);
    struct boot_packages p = {0};
    classes_for_each(note_package, &p);
    struct class *ac = class_array_of(t, KC(String));
    gref a = ac ? class_new_array(t, ac, (int32_t)p.n) : 0;
    for (size_t i = 0; a && i < p.n; i++) {
        gref s = string_from_symbol(t, p.v[i]);
        if (!s) {
            a = 0;
            break;
        }
        array_set_ref(a, (int32_t)i, s);
    }
    free(p.v);
    return local(t, a);
}

/* Where a boot package comes from: "jrt:/java.base" or the path of a -Xbootclasspath/a entry; NULL if unknown. */
jstring JVM_GetSystemPackage(JNIEnv *env, jstring name)
{
    ENTER(env);
    gref s = deref(name);
    struct symbol *sym = s ? string_find_symbol(s, true) : NULL;
    struct package *p = sym ? package_find(&boot_loader, sym) : NULL;
    if (!has_location(p)) { return NULL; }
    return local(t, p->module && p->module->name
                        ? string_from_symbol(t, p->module->location)
                        : string_from_c(t, boot_path.bootclasspath_append));
}
