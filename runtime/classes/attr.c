/*
 * attr.c - questions about attributes, constant pool accessors, names for messages.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

/* ---- the constant pool ---- */

struct symbol *cp_utf8(const struct constant_pool *cp, unsigned index)
{
    struct symbol *s = __atomic_load_n((struct symbol **)&cp->val[index].p, __ATOMIC_ACQUIRE);
    if (!s) {
        size_t n;
        const char *text = pool_text(cp, index, &n);
        s = symbol_intern(text, n);
        __atomic_store_n((struct symbol **)&cp->val[index].p, s, __ATOMIC_RELEASE);
    }
    return s;
}

uint32_t cp_raw(const struct constant_pool *cp, unsigned index)
{
    const uint8_t *p = cp->pos[index];
    switch (cp->tags[index] & CP_TAG_MASK) {
    case CP_CLASS:
    case CP_STRING:
    case CP_METHOD_TYPE:
    case CP_MODULE:
    case CP_PACKAGE: return read_u2(p);
    case CP_METHOD_HANDLE: return (uint32_t)p[0] << 16 | read_u2(p + 1);
    default: return read_u4(p);
    }
}

struct symbol *cp_class_name(const struct constant_pool *cp, unsigned index)
{
    if (__atomic_load_n(&cp->tags[index], __ATOMIC_ACQUIRE) & CP_RESOLVED) {
        return ((struct class *)cp->val[index].p)->name;
    }
    return cp_utf8(cp, read_u2(cp->pos[index]));
}

void cp_name_and_type(const struct constant_pool *cp, unsigned index, struct symbol **name,
                      struct symbol **desc)
{
    uint32_t raw = read_u4(cp->pos[index]);
    *name = cp_utf8(cp, raw >> 16);
    *desc = cp_utf8(cp, raw & 0xffff);
}

void cp_member(const struct constant_pool *cp, unsigned index, struct symbol **name,
               struct symbol **desc)
{
    cp_name_and_type(cp, read_u4(cp->pos[index]) & 0xffff, name, desc);
}

/* ---- attributes ---- */

const uint8_t *attr_find(struct class *c, const uint8_t *attrs, const char *name, uint32_t *length)
{
    if (!attrs) { return NULL; }
    const uint8_t *p = attrs + 2;
    for (unsigned n = read_u2(attrs); n; n--) {
        uint32_t size = read_u4(p + 2);
        if (pool_text_is(&c->cp, read_u2(p), name)) {
            if (length) { *length = size; }
            return p + 6;
        }
        p += 6 + size;
    }
    return NULL;
}

/* A method may have several tables; the entry with the greatest start at or below bci tells. */
int method_line(const struct method *m, int bci)
{
    int line = -1, best = -1;
    if (!m->code_attrs || bci < 0) { return -1; }
    const uint8_t *p = m->code_attrs + 2;
    for (unsigned n = read_u2(m->code_attrs); n; n--) {
        uint32_t size = read_u4(p + 2);
        if (pool_text_is(&m->cls->cp, read_u2(p), "LineNumberTable")) {
            const uint8_t *e = p + 8;
            for (unsigned k = read_u2(p + 6); k; k--, e += 4) {
                int start = read_u2(e);
                if (start <= bci && start >= best) {
                    best = start;
                    line = read_u2(e + 2);
                    if (start == bci) { return line; }
                }
            }
        }
        p += 6 + size;
    }
    return line;
}

int method_find_handler(struct thread *t, struct method *m, int bci, gref ex)
{
    for (unsigned i = 0; i < m->n_handlers; i++) {
        const struct exception_entry *e = &m->handlers[i];
        if (bci < e->start_pc || bci >= e->end_pc) { continue; }
        if (!e->catch_type) { return e->handler_pc; }
        gref pending = thread_take_exception(t);
        struct class *c = cp_resolve_class(t, &m->cls->cp, e->catch_type);
        if (!c) { return -1; }
        t->exception = pending;
        if (obj_instanceof(ex, c)) { return e->handler_pc; }
    }
    return -1;
}

/* ---- names ---- */

static void put(char *buf, size_t size, size_t *at, const char *s, size_t n)
{
    for (size_t i = 0; i < n && *at + 1 < size; i++) { buf[(*at)++] = s[i] == '/' ? '.' : s[i]; }
    buf[*at] = 0;
}

/* Java source form of one field descriptor; returns its length. */
static size_t put_type(char *buf, size_t size, size_t *at, const char *desc)
{
    static const char *const names[] = {
        [T_BOOLEAN] = "boolean", [T_CHAR] = "char", [T_FLOAT] = "float",
        [T_DOUBLE] = "double",   [T_BYTE] = "byte", [T_SHORT] = "short",
        [T_INT] = "int",         [T_LONG] = "long", [T_VOID] = "void"};
    size_t dims = 0, n;
    while (desc[dims] == '[') { dims++; }
    const char *d = desc + dims;
    if (*d == 'L') {
        n = strcspn(d, ";");
        put(buf, size, at, d + 1, n - 1);
        n += d[n] == ';';
    } else {
        enum basic_type type = type_of_char(*d);
        const char *s = type ? names[type] : "?";
        put(buf, size, at, s, strlen(s));
        n = *d != 0;
    }
    for (size_t i = 0; i < dims; i++) { put(buf, size, at, "[]", 2); }
    return dims + n;
}

char *class_external_name(const struct class *c, char *buf, size_t size)
{
    size_t at = 0;
    buf[0] = 0;
    put(buf, size, &at, c->name->text, c->name->length);
    if (c->kind == CLASS_INSTANCE && (c->props & CLP_HIDDEN)) {
        char *plus = strrchr(buf, '+');
        if (plus) { *plus = '/'; }
    }
    return buf;
}

char *method_text(const struct class *c, const struct symbol *name, const struct symbol *desc,
                  char *buf, size_t size)
{
    char cls[512];
    size_t at = 0;
    buf[0] = 0;
    const char *ret = strchr(desc->text, ')');
    put_type(buf, size, &at, ret ? ret + 1 : "V");
    put(buf, size, &at, " ", 1);
    if (c) {
        class_external_name(c, cls, sizeof cls);
        for (char *s = cls; *s && at + 1 < size; s++) { buf[at++] = *s; }
        put(buf, size, &at, ".", 1);
    }
    put(buf, size, &at, name->text, name->length);
    put(buf, size, &at, "(", 1);
    const char *p = desc->text + 1;
    for (bool first = true; *p && *p != ')'; first = false) {
        if (!first) { put(buf, size, &at, ", ", 2); }
        p += put_type(buf, size, &at, p);
    }
    put(buf, size, &at, ")", 1);
    return buf;
}

char *method_external_name(const struct method *m, char *buf, size_t size)
{
    return method_text(m->cls, m->name, m->desc, buf, size);
}
