/*
 * parse_attr.c - attributes of the class (JVMS 4.7) and the annotations that the VM itself heeds.
 */
#include <string.h>

#include "runtime/classes/classes-internal.h"

/* ---- annotations (JVMS 4.7.16) ---- */

struct cursor {
    const uint8_t *pos, *end;
    bool bad;
};

static unsigned cursor_u2(struct cursor *c)
{
    if (c->end - c->pos < 2) {
        c->bad = true;
        c->pos = c->end;
        return 0;
    }
    c->pos += 2;
    return read_u2(c->pos - 2);
}

static void skip_annotation(struct cursor *c, unsigned *type, int depth);

static void skip_element_value(struct cursor *c, int depth)
{
    if (c->pos >= c->end || depth > 32) {
        c->bad = true;
        return;
    }
    unsigned ignored;
    switch (*c->pos++) {
    case 'e':
        cursor_u2(c);
        cursor_u2(c);
        break;
    case '@': skip_annotation(c, &ignored, depth + 1); break;
    case '[':
        for (unsigned n = cursor_u2(c); n && !c->bad; n--) { skip_element_value(c, depth + 1); }
        break;
    default: cursor_u2(c); break;
    }
}

static void skip_annotation(struct cursor *c, unsigned *type, int depth)
{
    *type = cursor_u2(c);
    for (unsigned n = cursor_u2(c); n && !c->bad; n--) {
        cursor_u2(c);
        skip_element_value(c, depth);
    }
}

unsigned vm_method_annotations(const struct class_parser *p, const uint8_t *info, uint32_t length)
{
    static const struct {
        const char *desc;
        unsigned bits;
    } known[] = {
        {"Ljdk/internal/reflect/CallerSensitive;", MP_CALLER_SENSITIVE},
        {"Ljdk/internal/vm/annotation/ForceInline;", MP_FORCE_INLINE},
        {"Ljdk/internal/vm/annotation/DontInline;", MP_DONT_INLINE},
        {"Ljdk/internal/vm/annotation/Hidden;", MP_HIDDEN},
        {"Ljava/lang/invoke/LambdaForm$Hidden;", MP_HIDDEN},
        {"Ljava/lang/invoke/LambdaForm$Compiled;", 0},
        {"Ljdk/internal/vm/annotation/IntrinsicCandidate;", MP_INTRINSIC},
        {"Ljdk/internal/misc/ScopedMemoryAccess$Scoped;", MP_SCOPED},
        {"Ljdk/internal/vm/annotation/ReservedStackAccess;", MP_RESERVED_STACK},
    };
    struct cursor c = {info, info + length, false};
    unsigned bits = 0;
    for (unsigned n = cursor_u2(&c); n && !c.bad; n--) {
        unsigned type;
        skip_annotation(&c, &type, 0);
        if (pool_tag(p->cp, type) != CP_UTF8) { break; }
        for (unsigned i = 0; i < ARRAY_COUNT(known); i++) {
            if (pool_text_is(p->cp, type, known[i].desc)) { bits |= known[i].bits; }
        }
    }
    return bits;
}

bool vm_annotation_present(const struct class_parser *p, const uint8_t *info, uint32_t length,
                           const char *desc)
{
    struct cursor c = {info, info + length, false};
    for (unsigned n = cursor_u2(&c); n && !c.bad; n--) {
        unsigned type;
        skip_annotation(&c, &type, 0);
        if (pool_tag(p->cp, type) == CP_UTF8 && pool_text_is(p->cp, type, desc)) { return true; }
    }
    return false;
}

bool parse_marker_attribute(struct class_parser *p, uint16_t name, uint32_t length, const char *of,
                            uint16_t *flags)
{
    bool synthetic = pool_text_is(p->cp, name, "Synthetic");
    if (!synthetic && !pool_text_is(p->cp, name, "Deprecated")) { return false; }
    if (length != 0) {
        format_error(p, "Invalid %s %s attribute length %u in class file %s",
                     synthetic ? "Synthetic" : "Deprecated", of, length, p->name);
    }
    if (synthetic) { *flags |= ACC_SYNTHETIC; }
    return true;
}

/* Each kind of annotations attribute at most once in a table. */
void check_annotations_once(struct class_parser *p, uint16_t name, unsigned *saw, const char *where)
{
    static const char *const kinds[] = {"RuntimeVisibleAnnotations",
                                        "RuntimeInvisibleAnnotations",
                                        "RuntimeVisibleTypeAnnotations",
                                        "RuntimeInvisibleTypeAnnotations",
                                        "RuntimeVisibleParameterAnnotations",
                                        "RuntimeInvisibleParameterAnnotations",
                                        "AnnotationDefault"};
    if (!p->strict || p->cls->major < 49) { return; }
    for (unsigned i = 0; i < (where[0] == ' ' && where[5] == 'm' ? 7 : 4); i++) {
        if (pool_text_is(p->cp, name, kinds[i])) {
            if (*saw & 1u << i) {
                format_error(p, "Multiple %s attributes%s in class file %s", kinds[i], where,
                             p->name);
            }
            *saw |= 1u << i;
        }
    }
}

/* ---- class attributes ---- */

static void check_inner_classes(struct class_parser *p, const uint8_t *info, uint32_t length)
{
    size_t left = (size_t)(p->end - info); /* more than the file has is another error */
    if (left < 2 || left < 2 + 8u * read_u2(info)) { format_error(p, "Truncated class file"); }
    if (length != 2 + 8u * read_u2(info)) {
        format_error(p, "Wrong InnerClasses attribute length in class file %s", p->name);
    }
    unsigned n = read_u2(info);
    for (unsigned i = 0; i < n; i++) {
        const uint8_t *e = info + 2 + 8 * i;
        unsigned inner = read_u2(e), outer = read_u2(e + 2), name = read_u2(e + 4);
        if (pool_tag(p->cp, inner) != CP_CLASS) {
            format_error(p, "inner_class_info_index %u has bad constant type in class file %s",
                         inner, p->name);
        }
        if (outer && pool_tag(p->cp, outer) != CP_CLASS) {
            format_error(p, "outer_class_info_index %u has bad constant type in class file %s",
                         outer, p->name);
        }
        if (name && pool_tag(p->cp, name) != CP_UTF8) {
            format_error(p, "inner_name_index %u has bad constant type in class file %s", name,
                         p->name);
        }
        if (outer && *pool_text(p->cp, p->cp->val[outer].u, &(size_t){0}) == '[' && p->strict) {
            format_error(p, "Outer class is an array class in class file %s", p->name);
        }
        if (p->strict && inner == outer) {
            format_error(p, "Class is both outer and inner class in class file %s", p->name);
        }
    }
    if (!p->strict || p->cls->major < 49 || n > 4096) { return; }
    for (unsigned i = 1; i < n; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (memcmp(info + 2 + 8 * i, info + 2 + 8 * j, 8) == 0) {
                format_error(p, "Duplicate entry in InnerClasses attribute in class file %s",
                             p->name);
            }
        }
    }
}

static void check_enclosing_method(struct class_parser *p, const uint8_t *info, uint32_t length)
{
    if (length != 4) {
        format_error(p, "Wrong EnclosingMethod attribute length %u in class file %s", length,
                     p->name);
    }
    if (read_u2(info) == 0) {
        format_error(p, "Invalid class index in EnclosingMethod attribute in class file %s",
                     p->name);
    }
    if (pool_tag(p->cp, read_u2(info)) != CP_CLASS) {
        format_error(
            p, "Invalid or out-of-bounds class index in EnclosingMethod attribute in class file %s",
            p->name);
    }
    if (read_u2(info + 2) && pool_tag(p->cp, read_u2(info + 2)) != CP_NAME_AND_TYPE) {
        format_error(
            p,
            "Invalid or out-of-bounds method index in EnclosingMethod attribute in class file %s",
            p->name);
    }
}

static void check_class_list(struct class_parser *p, const uint8_t *info, uint32_t length,
                             const char *attribute, const char *entry)
{
    if (length < 2 || length != 2 + 2u * read_u2(info)) {
        format_error(p, "Wrong %s attribute length in class file %s", attribute, p->name);
    }
    for (unsigned i = 0; i < read_u2(info); i++) {
        unsigned index = read_u2(info + 2 + 2 * i);
        if (pool_tag(p->cp, index) != CP_CLASS) {
            format_error(p, "%s class_info_index %u has bad constant type in class file %s", entry,
                         index, p->name);
        }
    }
}

static void parse_bootstrap_methods(struct class_parser *p, const uint8_t *info, uint32_t length)
{
    struct class *c = p->cls;
    const uint8_t *end = info + length;
    if (length < 2) {
        format_error(p, "Invalid BootstrapMethods attribute length %u in class file %s", length,
                     p->name);
    }
    c->n_bootstrap = read_u2(info);
    if (length - 2 < 4u * c->n_bootstrap) {
        format_error(p, "Short length on BootstrapMethods in class file %s", p->name);
    }
    c->bootstrap = meta_alloc(c->n_bootstrap * sizeof c->bootstrap[0] + 8);
    info += 2;
    for (unsigned i = 0; i < c->n_bootstrap; i++) {
        if (end - info < 4) {
            format_error(p, "Short length on BootstrapMethods in class file %s", p->name);
        }
        unsigned handle = read_u2(info), n = read_u2(info + 2);
        c->bootstrap[i] = info;
        info += 4;
        if (pool_tag(p->cp, handle) != CP_METHOD_HANDLE) {
            format_error(p, "bootstrap_method_index %u has bad constant type in class file %s",
                         handle, p->name);
        }
        if ((size_t)(end - info) < 2u * n) {
            format_error(p, "Short length on BootstrapMethods in class file %s", p->name);
        }
        for (unsigned j = 0; j < n; j++, info += 2) {
            unsigned tag = pool_tag(p->cp, read_u2(info));
            bool loadable = (tag >= CP_INTEGER && tag <= CP_STRING) || tag == CP_METHOD_HANDLE ||
                            tag == CP_METHOD_TYPE || tag == CP_DYNAMIC;
            if (!loadable) {
                format_error(p, "argument_index %u has bad constant type in class file %s",
                             read_u2(info), p->name);
            }
        }
    }
    if (info != end) {
        format_error(p, "Bad length on BootstrapMethods in class file %s", p->name);
    }
}

static void check_record(struct class_parser *p, const uint8_t *info, uint32_t length)
{
    const uint8_t *end = info + length, *pos = info + 2;
    if (length < 2) { format_error(p, "Truncated class file"); }
    for (unsigned n = read_u2(info); n; n--) {
        if (end - pos < 6) {
            format_error(p, "Record attribute has wrong length in class file %s", p->name);
        }
        unsigned name = read_u2(pos), desc = read_u2(pos + 2), n_attrs = read_u2(pos + 4);
        pos += 6;
        if (pool_tag(p->cp, name) != CP_UTF8) {
            format_error(
                p, "Invalid constant pool index %u for name in Record attribute in class file %s",
                name, p->name);
        }
        if (pool_tag(p->cp, desc) != CP_UTF8) {
            format_error(p,
                         "Invalid constant pool index %u for descriptor in Record attribute in "
                         "class file %s",
                         desc, p->name);
        }
        size_t nn, nd;
        const char *ns = pool_text(p->cp, name, &nn), *ds = pool_text(p->cp, desc, &nd);
        check_field_name(p, ns, nn);
        if (!legal_field_descriptor(ds, nd)) { illegal_signature(p, "Field", ns, nn, ds, nd); }
        for (; n_attrs; n_attrs--) {
            if (end - pos < 6 || (size_t)(end - pos) - 6 < read_u4(pos + 2)) {
                format_error(p, "Record attribute has wrong length in class file %s", p->name);
            }
            if (pool_tag(p->cp, read_u2(pos)) != CP_UTF8) {
                format_error(p, "Invalid Record attribute name index %u in class file %s",
                             read_u2(pos), p->name);
            }
            pos += 6 + read_u4(pos + 2);
        }
    }
    if (pos != end) {
        format_error(p, "Record attribute has wrong length in class file %s", p->name);
    }
}

enum {
    SAW_SOURCE_FILE = 1 << 0,
    SAW_INNER = 1 << 1,
    SAW_SIGNATURE = 1 << 2,
    SAW_ENCLOSING = 1 << 3,
    SAW_BOOTSTRAP = 1 << 4,
    SAW_NEST_HOST = 1 << 5,
    SAW_NEST_MEMBERS = 1 << 6,
    SAW_RECORD = 1 << 7,
    SAW_PERMITTED = 1 << 8,
    SAW_DEBUG = 1 << 9,
};

static void only_once(struct class_parser *p, unsigned *saw, unsigned bit, const char *attribute)
{
    if (*saw & bit) {
        format_error(p, "Multiple %s attributes in class file %s", attribute, p->name);
    }
    *saw |= bit;
}

static void parse_class_attribute(struct class_parser *p, uint16_t name, const uint8_t *info,
                                  uint32_t length, unsigned *saw)
{
    struct class *c = p->cls;
    struct constant_pool *cp = p->cp;
    unsigned major = c->major;
    if (pool_text_is(cp, name, "SourceFile")) {
        only_once(p, saw, SAW_SOURCE_FILE, "SourceFile");
        if (length != 2) {
            format_error(p, "Wrong SourceFile attribute length in class file %s", p->name);
        }
        if (pool_tag(cp, read_u2(info)) != CP_UTF8) {
            format_error(p,
                         "Invalid SourceFile attribute at constant pool index %u in class file %s",
                         read_u2(info), p->name);
        }
        c->source_file = cp_utf8(cp, read_u2(info));
    } else if (pool_text_is(cp, name, "SourceDebugExtension")) {
        only_once(p, saw, SAW_DEBUG, "SourceDebugExtension");
    } else if (pool_text_is(cp, name, "InnerClasses")) {
        only_once(p, saw, SAW_INNER, "InnerClasses");
        check_inner_classes(p, info, length);
    } else if (parse_marker_attribute(p, name, length, "classfile", &c->access_flags)) {
        /* that is all */
    } else if (major < 49) {
        return;
    } else if (pool_text_is(cp, name, "Signature")) {
        only_once(p, saw, SAW_SIGNATURE, "Signature");
        if (length != 2) {
            format_error(p, "Wrong Signature attribute length %u in class file %s", length,
                         p->name);
        }
        if (pool_tag(cp, read_u2(info)) != CP_UTF8) {
            format_error(p,
                         "Invalid constant pool index %u in Signature attribute in class file %s",
                         read_u2(info), p->name);
        }
        c->generic_signature = cp_utf8(cp, read_u2(info));
    } else if (pool_text_is(cp, name, "EnclosingMethod")) {
        only_once(p, saw, SAW_ENCLOSING, "EnclosingMethod");
        check_enclosing_method(p, info, length);
    } else if (p->trusted && pool_text_is(cp, name, "RuntimeVisibleAnnotations")) {
        if (vm_annotation_present(p, info, length, "Ljdk/internal/vm/annotation/Contended;")) {
            c->props |= CLP_CONTENDED;
        }
    } else if (major >= 51 && pool_text_is(cp, name, "BootstrapMethods")) {
        only_once(p, saw, SAW_BOOTSTRAP, "BootstrapMethods");
        parse_bootstrap_methods(p, info, length);
    } else if (major >= 55 && pool_text_is(cp, name, "NestHost")) {
        only_once(p, saw, SAW_NEST_HOST, "NestHost");
        if (*saw & SAW_NEST_MEMBERS) {
            format_error(p, "Conflicting NestHost and NestMembers attributes in class file %s",
                         p->name);
        }
        if (length != 2) {
            format_error(p, "Wrong NestHost attribute length in class file %s", p->name);
        }
        if (pool_tag(cp, read_u2(info)) != CP_CLASS) {
            format_error(p, "Nest-host class_info_index %u has bad constant type in class file %s",
                         read_u2(info), p->name);
        }
    } else if (major >= 55 && pool_text_is(cp, name, "NestMembers")) {
        only_once(p, saw, SAW_NEST_MEMBERS, "NestMembers");
        if (*saw & SAW_NEST_HOST) {
            format_error(p, "Conflicting NestMembers and NestHost attributes in class file %s",
                         p->name);
        }
        check_class_list(p, info, length, "NestMembers", "Nest member");
    } else if (major >= 60 && pool_text_is(cp, name, "Record")) {
        only_once(p, saw, SAW_RECORD, "Record");
        check_record(p, info, length);
    } else if (major >= 61 && pool_text_is(cp, name, "PermittedSubclasses")) {
        only_once(p, saw, SAW_PERMITTED, "PermittedSubclasses");
        if (c->access_flags & ACC_FINAL) {
            format_error(p, "PermittedSubclasses attribute in final class file %s", p->name);
        }
        check_class_list(p, info, length, "PermittedSubclasses", "Permitted subclass");
        c->props |= CLP_SEALED;
    }
}

void parse_class_attributes(struct class_parser *p)
{
    struct class *c = p->cls;
    need(p, 2);
    c->attrs = p->pos;
    unsigned saw = 0;
    unsigned annotations = 0;
    for (unsigned n = get_u2(p); n; n--) {
        uint32_t length;
        uint16_t name = attribute_header(p, &length, "Attribute name has bad constant pool index");
        check_annotations_once(p, name, &annotations, "");
        parse_class_attribute(p, name, skip_bytes(p, length), length, &saw);
    }
    if (saw & SAW_RECORD) {
        /* A class that a compiler did not mean as a record carries it in vain. */
        if ((c->access_flags & ACC_FINAL) && !(c->access_flags & ACC_ABSTRACT) && p->super_index &&
            pool_text_is(p->cp, p->cp->val[p->super_index].u, "java/lang/Record")) {
            c->props |= CLP_RECORD;
        }
    }
    if (p->needs_bootstrap) {
        if (!(saw & SAW_BOOTSTRAP)) {
            format_error(p, "Missing BootstrapMethods attribute in class file %s", p->name);
        }
        if (p->max_bootstrap >= c->n_bootstrap) {
            format_error(p, "Short length on BootstrapMethods in class file %s", p->name);
        }
    }
}
