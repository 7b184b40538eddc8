/*
 * natives.c - the VM's natives: all tables, and one hash over their rows.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/class.h"
#include "runtime/classes/loader.h"
#include "runtime/natives.h"
#include "stdlib/tables.h"

const struct vm_native_row *const native_tables[] = {
    natives_lang,          natives_class, natives_reflect, natives_misc, natives_unsafe,
    natives_methodhandles, NULL,
};

/* Open addressing; the key is (class, method): overloads follow each other in the probe sequence. */
static const struct vm_native_row **slots;
static uint32_t mask;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint32_t hash(const char *cls, const char *name)
{
    uint32_t h = 2166136261u;
    for (; *cls; cls++) { h = (h ^ (uint8_t)*cls) * 16777619u; }
    for (; *name; name++) { h = (h ^ (uint8_t)*name) * 16777619u; }
    return h;
}

static void build(void)
{
    uint32_t n = 0, size = 64;
    for (int i = 0; native_tables[i]; i++) {
        for (const struct vm_native_row *r = native_tables[i]; r->cls; r++) { n++; }
    }
    while (size < 2 * n) { size *= 2; }
    slots = calloc(size, sizeof(slots[0]));
    if (!slots) { abort(); }
    mask = size - 1;
    for (int i = 0; native_tables[i]; i++) {
        for (const struct vm_native_row *r = native_tables[i]; r->cls; r++) {
            uint32_t k = hash(r->cls, r->name) & mask;
            while (slots[k]) { k = (k + 1) & mask; }
            slots[k] = r;
        }
    }
}

vm_native native_find_vm(const struct method *m)
{
    if (m->cls->loader != &boot_loader && m->cls->loader) {
        /* The tables are for the class library; the few natives in other loaders' modules are JNI. */
        return NULL;
    }
    pthread_once(&once, build);
    for (uint32_t k = hash(m->cls->name->text, m->name->text) & mask; slots[k];
         k = (k + 1) & mask) {
        const struct vm_native_row *r = slots[k];
        if (strcmp(r->cls, m->cls->name->text) == 0 && strcmp(r->name, m->name->text) == 0 &&
            (!r->desc || strcmp(r->desc, m->desc->text) == 0)) {
            return r->fn;
        }
    }
    return NULL;
}

static vm_native find_row(const struct vm_native_row *r, const struct method *m)
{
    for (; r->cls; r++) {
        if (strcmp(r->name, m->name->text) == 0 && strcmp(r->desc, m->desc->text) == 0 &&
            strcmp(r->cls, m->cls->name->text) == 0) {
            return r->fn;
        }
    }
    return NULL;
}

vm_native native_find_intrinsic(const struct method *m)
{
    if (!(m->props & MP_INTRINSIC)) { return NULL; }
    vm_native fn = find_row(math_intrinsics, m);
    return fn ? fn : find_row(checksum_intrinsics(), m);
}
