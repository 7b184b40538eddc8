/*
 * parse_pool.c - the constant pool (JVMS 4.4).
 *
 * Two passes: the first finds every entry and its tag; the second checks what entries refer to, so that everything
 * else in the VM can follow indices of a parsed pool without looking. UTF8 entries become symbols only when asked for.
 */
#include <string.h>

#include "runtime/classes/classes-internal.h"

bool pool_text_is(const struct constant_pool *cp, unsigned index, const char *text)
{
    size_t n;
    const char *s = pool_text(cp, index, &n);
    return n == strlen(text) && memcmp(s, text, n) == 0;
}

static void read_entries(struct class_parser *p)
{
    struct constant_pool *cp = p->cp;
    unsigned major = p->cls->major;
    for (unsigned i = 1; i < cp->count; i++) {
        unsigned tag = get_u1(p);
        cp->pos[i] = p->pos;
        slot_t *v = &cp->val[i];
        switch (tag) {
        case CP_UTF8: {
            size_t n = get_u2(p);
            const uint8_t *s = skip_bytes(p, n);
            if (p->strict && !legal_utf8(s, n)) {
                format_error(p, "Illegal UTF8 string in constant pool in class file %s", p->name);
            }
            break;
        }
        case CP_INTEGER:
        case CP_FLOAT: v->u = get_u4(p); break;
        case CP_LONG:
        case CP_DOUBLE: {
            uint64_t high = get_u4(p);
            v->raw = high << 32 | get_u4(p);
            if (i + 1 >= cp->count) {
                format_error(p, "Invalid constant pool entry %u in class file %s", i, p->name);
            }
            cp->tags[i++] = (uint8_t)tag;
            continue;
        }
        case CP_CLASS:
        case CP_STRING: v->u = get_u2(p); break;
        case CP_METHOD_TYPE:
        case CP_METHOD_HANDLE:
        case CP_INVOKE_DYNAMIC:
        case CP_DYNAMIC:
            if (major < (tag == CP_DYNAMIC ? 55u : 51u)) {
                format_error(p,
                             "Class file version does not support constant tag %u in class file %s",
                             tag, p->name);
            }
            if (tag == CP_METHOD_TYPE) {
                v->u = get_u2(p);
            } else if (tag == CP_METHOD_HANDLE) {
                unsigned kind = get_u1(p);
                v->u = kind << 16 | get_u2(p);
            } else {
                v->u = get_u4(p);
                p->needs_bootstrap = true;
                if (v->u >> 16 >= p->max_bootstrap) { p->max_bootstrap = (uint16_t)(v->u >> 16); }
            }
            break;
        case CP_FIELDREF:
        case CP_METHODREF:
        case CP_IMETHODREF:
        case CP_NAME_AND_TYPE: v->u = get_u4(p); break;
        case CP_MODULE:
        case CP_PACKAGE:
            if (major < 53) {
                format_error(p, "Unknown constant tag %u in class file %s", tag, p->name);
            }
            v->u = get_u2(p);
            if (!p->saw_module_tag) {
                p->saw_module_tag = true;
                p->module_tag = (uint16_t)tag;
            }
            break;
        default: format_error(p, "Unknown constant tag %u in class file %s", tag, p->name);
        }
        cp->tags[i] = (uint8_t)tag;
    }
}

static void bad_index(struct class_parser *p, unsigned index)
{
    format_error(p, "Invalid constant pool index %u in class file %s", index, p->name);
}

static void want_tag(struct class_parser *p, unsigned index, unsigned tag)
{
    if (UNLIKELY(pool_tag(p->cp, index) != tag)) { bad_index(p, index); }
}

void illegal_signature(struct class_parser *p, const char *what, const char *name, size_t n,
                       const char *desc, size_t d)
{
    /* Two faults have messages of their own: the first type that is wrong decides. */
    for (size_t i = desc[0] == '('; i < d;) {
        size_t dims = 0, ok = field_descriptor_length(desc + i, d - i);
        if (ok) {
            i += ok;
            continue;
        }
        while (i + dims < d && desc[i + dims] == '[') { dims++; }
        if (dims > 255) {
            format_error(p, "Array type descriptor has more than 255 dimensions in class file %s",
                         p->name);
        }
        i += dims;
        if (i < d && desc[i] == 'L' && memchr(desc + i, ';', d - i)) {
            format_error(
                p,
                "Class name is empty or contains illegal character in descriptor in class file %s",
                p->name);
        }
        if (i >= d || desc[i] != ')') { break; }
        i++;
    }
    format_error(p, "%s \"%.*s\" in class %s has illegal signature \"%.*s\"", what, (int)n, name,
                 p->name, (int)d, desc);
}

void check_field_name(struct class_parser *p, const char *s, size_t n)
{
    if (!legal_unqualified(s, n, NAME_FIELD) || (p->cls->major < 49 && !legal_identifiers(s, n))) {
        format_error(p, "Illegal field name \"%.*s\" in class %s", (int)n, s, p->name);
    }
}

void check_method_name(struct class_parser *p, const char *s, size_t n)
{
    if (!legal_method_name(s, n) ||
        (p->cls->major < 49 && s[0] != '<' && !legal_identifiers(s, n))) {
        format_error(p, "Illegal method name \"%.*s\" in class %s", (int)n, s, p->name);
    }
}

static void check_method_handle(struct class_parser *p, unsigned i)
{
    struct constant_pool *cp = p->cp;
    unsigned kind = cp->val[i].u >> 16, ref = cp->val[i].u & 0xffff;
    unsigned tag = pool_tag(cp, ref);
    const char *what = NULL;
    if (kind < 1 || kind > 9) {
        format_error(p, "Bad method handle kind at constant pool index %u in class file %s", i,
                     p->name);
    }
    if (tag < CP_FIELDREF || tag > CP_IMETHODREF) { bad_index(p, ref); }
    if (kind <= 4) {
        what = tag == CP_FIELDREF ? NULL : "not a field";
    } else if (kind == 9) {
        what = tag == CP_IMETHODREF ? NULL : "not an interface method";
    } else if (kind == 5 || kind == 8) {
        what = tag == CP_METHODREF ? NULL : "not a method";
    } else {
        what = tag == CP_METHODREF || (tag == CP_IMETHODREF && p->cls->major >= 52)
                   ? NULL
                   : "not a method";
    }
    if (what) {
        format_error(p, "Invalid constant pool index %u in class file %s (%s)", ref, p->name, what);
    }
}

/* Cross references: always, for the VM's own safety. */
static void check_references(struct class_parser *p)
{
    struct constant_pool *cp = p->cp;
    for (unsigned i = 1; i < cp->count; i++) {
        uint32_t u = cp->val[i].u;
        switch (cp->tags[i]) {
        case CP_CLASS:
        case CP_STRING:
        case CP_METHOD_TYPE:
        case CP_MODULE:
        case CP_PACKAGE: want_tag(p, u, CP_UTF8); break;
        case CP_FIELDREF:
        case CP_METHODREF:
        case CP_IMETHODREF:
            want_tag(p, u >> 16, CP_CLASS);
            want_tag(p, u & 0xffff, CP_NAME_AND_TYPE);
            break;
        case CP_NAME_AND_TYPE:
            want_tag(p, u >> 16, CP_UTF8);
            want_tag(p, u & 0xffff, CP_UTF8);
            break;
        case CP_METHOD_HANDLE: check_method_handle(p, i); break;
        case CP_DYNAMIC:
        case CP_INVOKE_DYNAMIC: want_tag(p, u & 0xffff, CP_NAME_AND_TYPE); break;
        default: break;
        }
    }
}

static bool is_method_descriptor(struct class_parser *p, unsigned desc)
{
    size_t n;
    const char *s = pool_text(p->cp, desc, &n);
    return parse_method_descriptor(s, n, NULL, NULL) >= 0;
}

static void check_field_parts(struct class_parser *p, unsigned name, unsigned desc)
{
    size_t n, d;
    const char *ns = pool_text(p->cp, name, &n), *ds = pool_text(p->cp, desc, &d);
    check_field_name(p, ns, n);
    if (!legal_field_descriptor(ds, d)) { illegal_signature(p, "Field", ns, n, ds, d); }
}

static void check_method_parts(struct class_parser *p, unsigned name, unsigned desc)
{
    size_t n, d;
    const char *ns = pool_text(p->cp, name, &n), *ds = pool_text(p->cp, desc, &d);
    check_method_name(p, ns, n);
    if (!is_method_descriptor(p, desc)) { illegal_signature(p, "Method", ns, n, ds, d); }
}

/* Names and descriptors: what JVMS 4.8 calls format checking. */
static void check_names(struct class_parser *p)
{
    struct constant_pool *cp = p->cp;
    for (unsigned i = 1; i < cp->count; i++) {
        uint32_t u = cp->val[i].u;
        size_t n;
        const char *s;
        unsigned nt, name, desc;
        switch (cp->tags[i]) {
        case CP_CLASS:
            s = pool_text(cp, u, &n);
            if (!legal_class_name(s, n) ||
                (p->cls->major < 49 && s[0] != '[' && !legal_identifiers(s, n))) {
                format_error(p, "Illegal class name \"%.*s\" in class file %s", (int)n, s, p->name);
            }
            break;
        case CP_NAME_AND_TYPE:
            s = pool_text(cp, u & 0xffff, &n);
            if (n && s[0] == '(') {
                check_method_parts(p, u >> 16, u & 0xffff);
            } else {
                check_field_parts(p, u >> 16, u & 0xffff);
            }
            break;
        case CP_FIELDREF:
        case CP_METHODREF:
        case CP_IMETHODREF:
        case CP_DYNAMIC:
        case CP_INVOKE_DYNAMIC:
            nt = cp->val[u & 0xffff].u;
            name = nt >> 16;
            desc = nt & 0xffff;
            if (cp->tags[i] == CP_FIELDREF || cp->tags[i] == CP_DYNAMIC) {
                check_field_parts(p, name, desc);
                break;
            }
            check_method_parts(p, name, desc);
            s = pool_text(cp, name, &n);
            if (n && s[0] == '<') {
                /* Only <init> may be named, in a Methodref, and it returns nothing. */
                size_t d;
                const char *ds = pool_text(cp, desc, &d);
                if (cp->tags[i] != CP_METHODREF || !pool_text_is(cp, name, "<init>")) {
                    format_error(p, "Bad method name at constant pool index %u in class file %s", i,
                                 p->name);
                }
                if (ds[d - 1] != 'V') { illegal_signature(p, "Method", s, n, ds, d); }
            }
            break;
        case CP_METHOD_HANDLE: {
            unsigned kind = u >> 16;
            if (kind <= 4) { break; }
            name = cp->val[cp->val[u & 0xffff].u & 0xffff].u >> 16;
            if (kind == 8) {
                if (!pool_text_is(cp, name, "<init>")) {
                    format_error(p,
                                 "Bad constructor name at constant pool index %u in class file %s",
                                 i, p->name);
                }
            } else if (pool_text_is(cp, name, "<init>")) {
                format_error(p, "Bad method name at constant pool index %u in class file %s", i,
                             p->name);
            }
            break;
        }
        case CP_METHOD_TYPE:
            s = pool_text(cp, u, &n);
            if (!is_method_descriptor(p, u)) {
                illegal_signature(p, "Method", "MethodType", 10, s, n);
            }
            break;
        default: break;
        }
    }
}

void parse_pool(struct class_parser *p)
{
    struct constant_pool *cp = p->cp;
    cp->count = get_u2(p);
    if (cp->count < 1) {
        format_error(p, "Illegal constant pool size %u in class file %s", cp->count, p->name);
    }
    /* One allocation for the three tables. Every entry takes at least 3 bytes of the file. */
    if ((size_t)(p->end - p->pos) < (size_t)(cp->count - 1)) {
        format_error(p, "Truncated class file");
    }
    uint8_t *block = meta_alloc(cp->count * (sizeof(slot_t) + sizeof(uint8_t *) + 1u));
    cp->cls = p->cls;
    cp->val = (slot_t *)block;
    cp->pos = (const uint8_t **)(cp->val + cp->count);
    cp->tags = (uint8_t *)(cp->pos + cp->count);
    read_entries(p);
    check_references(p);
    if (p->strict) { check_names(p); }
}
