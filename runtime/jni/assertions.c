/* assertions.c - see assertions.h. */
#include "runtime/jni/assertions.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/jni/jni-internal.h"

struct directive {
    struct directive *next; /* newest first: the last one on the command line decides */
    char *name;             /* internal form; "" = unnamed package */
    bool package;
    bool enable;
};

static struct directive *directives;
static bool user_default, system_default;

void assertions_directive(const char *what, bool enable)
{
    if (!what || !*what) {
        user_default = enable;
        return;
    }
    struct directive *d = calloc(1, sizeof(*d));
    size_t n = strlen(what);
    if (!d || !(d->name = strdup(what))) { abort(); }
    d->package = n >= 3 && strcmp(what + n - 3, "...") == 0;
    if (d->package) { d->name[n - 3] = 0; }
    for (char *p = d->name; *p; p++) { *p = *p == '.' ? '/' : *p; }
    d->enable = enable;
    d->next = directives;
    directives = d;
}

void assertions_system(bool enable) { system_default = enable; }

bool assertions_desired(const struct class *c)
{
    const char *name = c->name->text;
    for (const struct directive *d = directives; d; d = d->next) {
        if (!d->package && strcmp(d->name, name) == 0) { return d->enable; }
    }
    const char *slash = strrchr(name, '/');
    size_t n = slash ? (size_t)(slash - name) : 0;
    for (;;) { /* the package, then the ones around it */
        for (const struct directive *d = directives; d; d = d->next) {
            if (d->package && strlen(d->name) == n && strncmp(d->name, name, n) == 0) {
                return d->enable;
            }
        }
        if (n == 0) { break; }
        do {
            n--;
        } while (n > 0 && name[n] != '/');
        if (n == 0) { break; /* the unnamed package has no subpackages */ }
    }
    return c->loader && c->loader->object ? user_default : system_default;
}

static gref put_names(struct thread *t, gref holder, bool packages)
{
    struct class *c = class_of(holder);
    int n = 0;
    for (const struct directive *d = directives; d; d = d->next) { n += d->package == packages; }
    gref names = class_new_array(t, class_array_of(t, KC(String)), n);
    gref enabled = names ? class_new_array(t, class_array_of(t, class_primitive(T_BOOLEAN)), n) : 0;
    int i = 0;
    for (const struct directive *d = directives; enabled && d; d = d->next) {
        if (d->package == packages) {
            gref s = string_from_symbol_dots(t, symbol_of(d->name));
            if (!s) { return 0; }
            array_set_ref(names, i, s);
            array_set_boolean(enabled, i, d->enable);
            i++;
        }
    }
    if (!enabled) { return 0; }
    struct field *f =
        class_field_named(c, packages ? "packages" : "classes", "[Ljava/lang/String;");
    struct field *g = class_field_named(c, packages ? "packageEnabled" : "classEnabled", "[Z");
    if (f && g) {
        obj_set_ref(holder, f->offset, names);
        obj_set_ref(holder, g->offset, enabled);
    }
    return holder;
}

gref assertions_directives(struct thread *t)
{
    struct class *c = class_ready_boot(t, "java/lang/AssertionStatusDirectives");
    gref o = c ? class_new_object(t, c) : 0;
    if (!o || !put_names(t, o, false) || !put_names(t, o, true)) { return 0; }
    struct field *f = class_field_named(c, "deflt", "Z");
    if (f) { obj_set_boolean(o, f->offset, user_default); }
    return o;
}
