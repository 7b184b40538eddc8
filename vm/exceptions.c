/*
 * exceptions.c - exceptions that instructions throw, with the messages that users of `java` know.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "vm/interp.h"

void throw_array_index(struct thread *t, int32_t index, int32_t length)
{
    throw_new(t, "java/lang/ArrayIndexOutOfBoundsException", "Index %d out of bounds for length %d",
              index, length);
}

void throw_array_store(struct thread *t, gref value, gref array)
{
    char name[512];
    (void)array;
    throw_new(t, "java/lang/ArrayStoreException", "%s",
              class_external_name(class_of(value), name, sizeof name));
}

/* "module java.base of loader 'bootstrap'" / "unnamed module of loader 'app'" */
static void describe_origin(const struct class *c, char *buf, size_t size)
{
    const struct class *e = c->kind == CLASS_ARRAY ? c->element : c;
    const struct module *m = e->module;
    const struct loader *l = e->loader;
    char loader[300] = "'bootstrap'";
    if (l && l->object) {
        gref id = obj_get_ref(l->object, OFF(ClassLoader_nameAndId));
        char *text = id ? string_to_utf8(id, NULL) : NULL;
        snprintf(loader, sizeof loader, "%s", text ? text : "<unnamed>");
        free(text);
    }
    if (m && m->name) {
        if (m->version && strncmp(m->name->text, "java.", 5) != 0 &&
            strncmp(m->name->text, "jdk.", 4) != 0) {
            snprintf(buf, size, "module %s@%s of loader %s", m->name->text, m->version->text,
                     loader);
        } else {
            snprintf(buf, size, "module %s of loader %s", m->name->text, loader);
        }
    } else {
        snprintf(buf, size, "unnamed module of loader %s", loader);
    }
}

void throw_class_cast(struct thread *t, struct class *from, struct class *to)
{
    char a[512], b[512], oa[600], ob[600];
    class_external_name(from, a, sizeof a);
    class_external_name(to, b, sizeof b);
    describe_origin(from, oa, sizeof oa);
    describe_origin(to, ob, sizeof ob);
    if (!strcmp(oa, ob)) {
        throw_new(t, "java/lang/ClassCastException",
                  "class %s cannot be cast to class %s (%s and %s are in %s)", a, b, a, b, oa);
    } else {
        throw_new(t, "java/lang/ClassCastException",
                  "class %s cannot be cast to class %s (%s is in %s; %s is in %s)", a, b, a, oa, b,
                  ob);
    }
}

/* "int size(java.lang.Object)": as method_external_name, without the class. */
static char *bare_name(const struct method *m, char *buf, size_t size)
{
    char cls[512];
    method_external_name(m, buf, size);
    class_external_name(m->cls, cls, sizeof cls);
    char *at = strchr(buf, ' '); /* behind the return type */
    size_t n = strlen(cls);
    if (at && !strncmp(at + 1, cls, n) && at[1 + n] == '.') {
        memmove(at + 1, at + 2 + n, strlen(at + 2 + n) + 1);
    }
    return buf;
}

void throw_abstract(struct thread *t, const struct method *m, const struct class *receiver)
{
    char a[512], b[1024], c[512];
    if (!receiver) {
        throw_new(t, "java/lang/AbstractMethodError", "'%s'", method_external_name(m, b, sizeof b));
        return;
    }
    throw_new(t, "java/lang/AbstractMethodError",
              "Receiver class %s does not define or inherit an implementation of the resolved "
              "method 'abstract %s' of "
              "%s %s.",
              class_external_name(receiver, a, sizeof a), bare_name(m, b, sizeof b),
              class_is_interface(m->cls) ? "interface" : "abstract class",
              class_external_name(m->cls, c, sizeof c));
}
