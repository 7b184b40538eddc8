/*
 * parse_member.c - fields and methods (JVMS 4.5, 4.6, 4.7.2, 4.7.3).
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

uint16_t attribute_header(struct class_parser *p, uint32_t *length, const char *what)
{
    uint16_t name = get_u2(p);
    *length = get_u4(p);
    if (pool_tag(p->cp, name) != CP_UTF8) {
        format_error(p, "%s %u in class file %s", what, name, p->name);
    }
    need(p, *length);
    return name;
}

/* A 2-byte Signature attribute: checks it. */
static void check_signature_index(struct class_parser *p, const uint8_t *info, uint32_t length,
                                  const char *what)
{
    if (length != 2 && what[0] == 'f') {
        format_error(p, "Wrong size %u for field's Signature attribute in class file %s", length,
                     p->name);
    } else if (length != 2) {
        format_error(p, "Invalid Signature attribute length %u in class file %s", length, p->name);
    }
    if (pool_tag(p->cp, read_u2(info)) != CP_UTF8) {
        format_error(p, "Invalid Signature attribute at constant pool index %u in class file %s",
                     read_u2(info), p->name);
    }
}

/* ---- fields ---- */

static bool one_at_most(unsigned bits) { return (bits & (bits - 1)) == 0; }

static void check_field_flags(struct class_parser *p, unsigned flags)
{
    bool bad;
    if (p->cls->access_flags & ACC_INTERFACE) {
        unsigned must = ACC_PUBLIC | ACC_STATIC | ACC_FINAL;
        bad = (flags & must) != must ||
              (flags & (ACC_PRIVATE | ACC_PROTECTED | ACC_VOLATILE | ACC_TRANSIENT |
                        (p->cls->major >= 49 ? ACC_ENUM : 0)));
    } else {
        bad = !one_at_most(flags & (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED)) ||
              ((flags & ACC_FINAL) && (flags & ACC_VOLATILE));
    }
    if (bad) { format_error(p, "Illegal field modifiers in class %s: 0x%X", p->name, flags); }
}

static void check_constant_value(struct class_parser *p, const struct field *f)
{
    unsigned tag = pool_tag(p->cp, f->const_index);
    bool ok;
    switch (f->type) {
    case T_LONG: ok = tag == CP_LONG; break;
    case T_FLOAT: ok = tag == CP_FLOAT; break;
    case T_DOUBLE: ok = tag == CP_DOUBLE; break;
    case T_OBJECT:
        if (strcmp(f->desc->text, "Ljava/lang/String;") == 0) {
            if (tag != CP_STRING) {
                format_error(p, "Bad string initial value in class file %s", p->name);
            }
            return;
        }
        format_error(p, "Unable to set initial value %u in class file %s", f->const_index, p->name);
    case T_ARRAY:
        format_error(p, "Unable to set initial value %u in class file %s", f->const_index, p->name);
    default: ok = tag == CP_INTEGER; break;
    }
    if (tag == 0) {
        format_error(p, "Bad initial value index %u in ConstantValue attribute in class file %s",
                     f->const_index, p->name);
    }
    if (!ok) { format_error(p, "Inconsistent constant value type in class file %s", p->name); }
}

static void parse_field_attributes(struct class_parser *p, struct field *f)
{
    unsigned n = get_u2(p);
    bool saw_signature = false;
    unsigned annotations = 0;
    for (unsigned i = 0; i < n; i++) {
        uint32_t length;
        uint16_t name = attribute_header(p, &length, "Invalid field attribute index");
        const uint8_t *info = skip_bytes(p, length);
        if ((f->flags & ACC_STATIC) && pool_text_is(p->cp, name, "ConstantValue")) {
            if (f->const_index) {
                format_error(p, "Duplicate ConstantValue attribute in class file %s", p->name);
            }
            if (length != 2) {
                format_error(p, "Invalid ConstantValue field attribute length %u in class file %s",
                             length, p->name);
            }
            f->const_index = read_u2(info);
            check_constant_value(p, f);
        } else if (parse_marker_attribute(p, name, length, "field", &f->flags)) {
            /* that is all */
        } else if (pool_text_is(p->cp, name, "Signature") && p->cls->major >= 49) {
            if (saw_signature) {
                format_error(p, "Multiple Signature attributes for field in class file %s",
                             p->name);
            }
            saw_signature = true;
            check_signature_index(p, info, length, "field");
        } else if (p->trusted && pool_text_is(p->cp, name, "RuntimeVisibleAnnotations")) {
            f->stable =
                vm_annotation_present(p, info, length, "Ljdk/internal/vm/annotation/Stable;");
        } else {
            check_annotations_once(p, name, &annotations, " for field");
        }
    }
}

/* Two fields with one name and descriptor? Sorts a copy when there are many. */
static int compare_fields(const void *a, const void *b)
{
    const struct field *x = *(const struct field *const *)a, *y = *(const struct field *const *)b;
    if (x->name != y->name) { return x->name < y->name ? -1 : 1; }
    return x->desc < y->desc ? -1 : x->desc > y->desc;
}

static void check_duplicate_fields(struct class_parser *p)
{
    struct class *c = p->cls;
    if (c->n_fields < 2) { return; }
    const struct field **order = malloc(c->n_fields * sizeof order[0]);
    if (!order) { parse_fail(p, "java/lang/OutOfMemoryError", "Metaspace"); }
    for (unsigned i = 0; i < c->n_fields; i++) { order[i] = &c->fields[i]; }
    qsort(order, c->n_fields, sizeof order[0], compare_fields);
    const struct field *twice = NULL;
    for (unsigned i = 1; i < c->n_fields && !twice; i++) {
        if (compare_fields(&order[i - 1], &order[i]) == 0) { twice = order[i]; }
    }
    free(order);
    if (twice) {
        format_error(p, "Duplicate field name \"%s\" with signature \"%s\" in class file %s",
                     twice->name->text, twice->desc->text, p->name);
    }
}

void parse_fields(struct class_parser *p)
{
    struct class *c = p->cls;
    unsigned n = get_u2(p);
    need(p, n * 8ul);
    unsigned injected = p->trusted ? injected_count(c->name->text, c->name->length) : 0;
    if (n + injected > 65535) { format_error(p, "Too many fields in class file %s", p->name); }
    c->fields = meta_alloc((n + injected) * sizeof c->fields[0]);
    c->n_fields = (uint16_t)n;
    for (unsigned i = 0; i < n; i++) {
        struct field *f = &c->fields[i];
        unsigned flags = get_u2(p), name = get_u2(p), desc = get_u2(p);
        flags &= ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL | ACC_VOLATILE |
                 ACC_TRANSIENT | ACC_SYNTHETIC | ACC_ENUM;
        if (p->strict) { check_field_flags(p, flags); }
        if (pool_tag(p->cp, name) != CP_UTF8) {
            format_error(p, "Invalid constant pool index %u for field name in class file %s", name,
                         p->name);
        }
        if (pool_tag(p->cp, desc) != CP_UTF8) {
            format_error(p, "Invalid constant pool index %u for field signature in class file %s",
                         desc, p->name);
        }
        f->cls = c;
        f->name = cp_utf8(p->cp, name);
        f->desc = cp_utf8(p->cp, desc);
        if (p->strict) { check_field_name(p, f->name->text, f->name->length); }
        if (!legal_field_descriptor(f->desc->text, f->desc->length)) {
            illegal_signature(p, "Field", f->name->text, f->name->length, f->desc->text,
                              f->desc->length);
        }
        f->flags = (uint16_t)flags;
        f->type = (uint8_t)type_of_char(f->desc->text[0]);
        f->slot = (uint16_t)i;
        need(p, 2);
        f->attrs = p->pos;
        parse_field_attributes(p, f);
    }
    if (p->strict) { check_duplicate_fields(p); }
    if (injected) {
        injected_fill(c, c->fields + n);
        c->n_injected = (uint16_t)injected;
        c->n_fields = (uint16_t)(n + injected);
    }
}

/* ---- methods ---- */

static void check_method_flags(struct class_parser *p, unsigned flags, const struct symbol *name)
{
    unsigned major = p->cls->major;
    bool is_init = strcmp(name->text, "<init>") == 0;
    unsigned visibility = flags & (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED);
    bool bad = false;
    if (p->cls->access_flags & ACC_INTERFACE) {
        unsigned never = ACC_PROTECTED | ACC_FINAL | ACC_SYNCHRONIZED | ACC_NATIVE;
        if (major >= 52) {
            bad = (visibility != ACC_PUBLIC && visibility != ACC_PRIVATE) || (flags & never) ||
                  ((flags & ACC_ABSTRACT) && (flags & (ACC_PRIVATE | ACC_STATIC | ACC_STRICT)));
        } else if (major >= 49) {
            bad = visibility != ACC_PUBLIC || (flags & (never | ACC_STATIC | ACC_STRICT)) ||
                  !(flags & ACC_ABSTRACT);
        } else {
            bad = visibility != ACC_PUBLIC || (flags & (ACC_STATIC | ACC_FINAL | ACC_NATIVE)) ||
                  !(flags & ACC_ABSTRACT);
        }
    } else {
        bad = !one_at_most(visibility);
        if (is_init) {
            bad =
                bad ||
                (flags & (ACC_STATIC | ACC_FINAL | ACC_SYNCHRONIZED | ACC_NATIVE | ACC_ABSTRACT)) ||
                (major >= 49 && (flags & ACC_BRIDGE));
        } else if (flags & ACC_ABSTRACT) {
            unsigned never = ACC_FINAL | ACC_NATIVE | ACC_PRIVATE | ACC_STATIC;
            if (major >= 49) { never |= ACC_SYNCHRONIZED | (major <= 60 ? ACC_STRICT : 0); }
            bad = bad || (flags & never);
        }
    }
    if (bad) {
        format_error(p, "Method %s in class %s has illegal modifiers: 0x%X", name->text, p->name,
                     flags);
    }
    if (is_init && (p->cls->access_flags & ACC_INTERFACE)) {
        format_error(p, "Interface cannot have a method named <init>, class file %s", p->name);
    }
}

static void parse_exception_table(struct class_parser *p, struct method *m)
{
    m->n_handlers = get_u2(p);
    const uint8_t *t = skip_bytes(p, 8u * m->n_handlers);
    if (!m->n_handlers) { return; }
    m->handlers = meta_alloc(m->n_handlers * sizeof m->handlers[0]);
    for (unsigned i = 0; i < m->n_handlers; i++, t += 8) {
        struct exception_entry *e = &m->handlers[i];
        *e = (struct exception_entry){read_u2(t), read_u2(t + 2), read_u2(t + 4), read_u2(t + 6)};
        if (e->start_pc >= e->end_pc || e->end_pc > m->code_length) {
            format_error(p, "Illegal exception table range in class file %s", p->name);
        }
        if (e->handler_pc >= m->code_length) {
            format_error(p, "Illegal exception table handler in class file %s", p->name);
        }
        if (e->catch_type && pool_tag(p->cp, e->catch_type) != CP_CLASS) {
            format_error(p, "Catch type in exception table has bad constant type in class file %s",
                         p->name);
        }
    }
}

/* Line numbers and local variables: where they point (JVMS 4.7.12 - 4.7.14). */
static void check_line_numbers(struct class_parser *p, const struct method *m, const uint8_t *info,
                               uint32_t length)
{
    if (length < 2 || length != 2 + 4u * read_u2(info)) {
        format_error(p, "LineNumberTable attribute has wrong length in class file %s", p->name);
    }
    for (unsigned i = 0; i < read_u2(info); i++) {
        if (read_u2(info + 2 + 4 * i) >= m->code_length) {
            format_error(p, "Invalid pc in LineNumberTable in class file %s", p->name);
        }
    }
}

static void check_local_variables(struct class_parser *p, const struct method *m,
                                  const uint8_t *info, uint32_t length, const char *what)
{
    bool types = what[13] == 'T' && what[17] == 'T'; /* LocalVariableTypeTable */
    if (length < 2 || length != 2 + 10u * read_u2(info)) {
        format_error(p, "%s has wrong length in class file %s", what, p->name);
    }
    for (unsigned i = 0; i < read_u2(info); i++) {
        const uint8_t *e = info + 2 + 10 * i;
        unsigned start = read_u2(e), n = read_u2(e + 2), name = read_u2(e + 4),
                 desc = read_u2(e + 6), index = read_u2(e + 8);
        if (start >= m->code_length) {
            format_error(p, "Invalid start_pc %u in %s in class file %s", start, what, p->name);
        }
        if (start + n > m->code_length) {
            format_error(p, "Invalid length %u in %s in class file %s", n, what, p->name);
        }
        if (pool_tag(p->cp, name) != CP_UTF8) {
            format_error(p, "Name index %u in %s has bad constant type in class file %s", name,
                         what, p->name);
        }
        if (pool_tag(p->cp, desc) != CP_UTF8) {
            format_error(p, "Signature index %u in %s has bad constant type in class file %s", desc,
                         what, p->name);
        }
        size_t nn, nd;
        const char *ns = pool_text(p->cp, name, &nn), *ds = pool_text(p->cp, desc, &nd);
        check_field_name(p, ns, nn);
        if (!types && !legal_field_descriptor(ds, nd)) {
            illegal_signature(p, "Field", ns, nn, ds, nd);
        }
        unsigned cells = !types && (ds[0] == 'J' || ds[0] == 'D') ? 2 : 1;
        if (index + cells > m->max_locals) {
            format_error(p, "Invalid index %u in %s in class file %s", index, what, p->name);
        }
    }
}

static void parse_code(struct class_parser *p, struct method *m, uint32_t length)
{
    const uint8_t *end = p->pos + length;
    m->max_stack = get_u2(p); /* for every version: HotSpot knows no short layout of 45.0 to 45.2 */
    m->max_locals = get_u2(p);
    m->code_length = get_u4(p);
    if (m->arg_slots > m->max_locals) {
        format_error(p, "Arguments can't fit into locals in class file %s", p->name);
    }
    if (m->code_length == 0 || m->code_length > 65535) {
        format_error(p, "Invalid method Code length %u in class file %s", m->code_length, p->name);
    }
    m->code = skip_bytes(p, m->code_length);
    parse_exception_table(p, m);
    need(p, 2);
    m->code_attrs = p->pos;
    unsigned n = get_u2(p);
    bool saw_stack_map = false;
    for (unsigned i = 0; i < n; i++) {
        uint32_t sub;
        uint16_t name = attribute_header(p, &sub, "Invalid code attribute name index");
        const uint8_t *info = skip_bytes(p, sub);
        if (!p->strict) {
            if (pool_text_is(p->cp, name, "LineNumberTable")) {
                check_line_numbers(p, m, info, sub);
            }
        } else if (pool_text_is(p->cp, name, "LineNumberTable")) {
            check_line_numbers(p, m, info, sub);
        } else if (pool_text_is(p->cp, name, "LocalVariableTable")) {
            check_local_variables(p, m, info, sub, "LocalVariableTable");
        } else if (pool_text_is(p->cp, name, "LocalVariableTypeTable") && p->cls->major >= 49) {
            check_local_variables(p, m, info, sub, "LocalVariableTypeTable");
        } else if (pool_text_is(p->cp, name, "StackMapTable") && p->cls->major >= 50) {
            if (saw_stack_map) {
                format_error(p, "Multiple StackMapTable attributes in class file %s", p->name);
            }
            saw_stack_map = true;
        }
    }
    if (p->pos != end) {
        format_error(p, "Code segment has wrong length in class file %s", p->name);
    }
}

static void check_exceptions(struct class_parser *p, const uint8_t *info, uint32_t length)
{
    if (length < 2 || length != 2 + 2u * read_u2(info)) {
        format_error(p, "Exceptions attribute has wrong length in class file %s", p->name);
    }
    for (unsigned i = 0; i < read_u2(info); i++) {
        if (pool_tag(p->cp, read_u2(info + 2 + 2 * i)) != CP_CLASS) {
            format_error(p, "Exception name has bad type at constant pool %u in class file %s",
                         read_u2(info + 2 + 2 * i), p->name);
        }
    }
}

static void parse_method_attributes(struct class_parser *p, struct method *m)
{
    enum { SAW_CODE = 1, SAW_EXCEPTIONS = 2, SAW_SIGNATURE = 4, SAW_PARAMETERS = 8 };
    unsigned n = get_u2(p), saw = 0, annotations = 0;
    for (unsigned i = 0; i < n; i++) {
        uint32_t length;
        uint16_t name = attribute_header(p, &length, "Invalid method attribute name index");
        const uint8_t *info = p->pos;
        if (pool_text_is(p->cp, name, "Code")) {
            if (m->flags & (ACC_NATIVE | ACC_ABSTRACT) && p->strict) {
                format_error(p, "Code attribute in native or abstract methods in class file %s",
                             p->name);
            }
            if (saw & SAW_CODE) {
                format_error(p, "Multiple Code attributes in class file %s", p->name);
            }
            saw |= SAW_CODE;
            const uint8_t *file_end = p->end;
            p->end = info + length; /* nothing of Code may be read behind its end */
            parse_code(p, m, length);
            p->end = file_end;
        } else if (pool_text_is(p->cp, name, "Exceptions")) {
            if (saw & SAW_EXCEPTIONS) {
                format_error(p, "Multiple Exceptions attributes in class file %s", p->name);
            }
            saw |= SAW_EXCEPTIONS;
            check_exceptions(p, info, length);
        } else if (parse_marker_attribute(p, name, length, "method", &m->flags)) {
            /* that is all */
        } else if (pool_text_is(p->cp, name, "Signature") && p->cls->major >= 49) {
            if (saw & SAW_SIGNATURE) {
                format_error(p, "Multiple Signature attributes for method in class file %s",
                             p->name);
            }
            saw |= SAW_SIGNATURE;
            check_signature_index(p, info, length, "method");
        } else if (pool_text_is(p->cp, name, "MethodParameters")) {
            if (saw & SAW_PARAMETERS) {
                format_error(p, "Multiple MethodParameters attributes in class file %s", p->name);
            }
            saw |= SAW_PARAMETERS;
            if (length < 1 || length != 1 + 4u * info[0]) {
                format_error(p, "Invalid MethodParameters method attribute length %u in class file",
                             length);
            }
        } else if (p->trusted && pool_text_is(p->cp, name, "RuntimeVisibleAnnotations")) {
            m->props |= (uint16_t)vm_method_annotations(p, info, length);
        } else {
            check_annotations_once(p, name, &annotations, " for method");
        }
        p->pos = info + length;
    }
    bool needs_code = !(m->flags & (ACC_NATIVE | ACC_ABSTRACT));
    if (needs_code && !(saw & SAW_CODE)) {
        format_error(
            p, "Absent Code attribute in method that is not native or abstract in class file %s",
            p->name);
    }
    if (!needs_code) { m->code = NULL; /* unchecked boot classes only */ }
}

/* Signature-polymorphic methods (JVMS 2.9.3) and the linkers of java.lang.invoke. */
static void mark_intrinsic(struct class *c, struct method *m)
{
    static const struct {
        const char *name;
        uint8_t intrinsic;
    } linkers[] = {{"invokeBasic", MI_INVOKE_BASIC},          {"linkToVirtual", MI_LINK_TO_VIRTUAL},
                   {"linkToStatic", MI_LINK_TO_STATIC},       {"linkToSpecial", MI_LINK_TO_SPECIAL},
                   {"linkToInterface", MI_LINK_TO_INTERFACE}, {"linkToNative", MI_LINK_TO_NATIVE}};
    if (!(m->flags & ACC_NATIVE) || !(m->flags & ACC_VARARGS) ||
        strncmp(m->desc->text, "([Ljava/lang/Object;)", 21) != 0) {
        return;
    }
    if (strcmp(c->name->text, "java/lang/invoke/VarHandle") == 0) {
        m->intrinsic = MI_INVOKE_GENERIC;
    } else if (strcmp(c->name->text, "java/lang/invoke/MethodHandle") == 0) {
        m->intrinsic = MI_INVOKE_GENERIC;
        for (unsigned i = 0; i < ARRAY_COUNT(linkers); i++) {
            if (strcmp(m->name->text, linkers[i].name) == 0) {
                m->intrinsic = linkers[i].intrinsic;
            }
        }
    }
}

static void parse_method(struct class_parser *p, struct method *m)
{
    struct class *c = p->cls;
    unsigned flags = get_u2(p), name = get_u2(p), desc = get_u2(p);
    if (pool_tag(p->cp, name) != CP_UTF8) {
        format_error(p, "Illegal constant pool index %u for method name in class file %s", name,
                     p->name);
    }
    if (pool_tag(p->cp, desc) != CP_UTF8) {
        format_error(p, "Illegal constant pool index %u for method signature in class file %s",
                     desc, p->name);
    }
    m->cls = c;
    m->name = cp_utf8(p->cp, name);
    m->desc = cp_utf8(p->cp, desc);
    flags &= ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL | ACC_SYNCHRONIZED |
             ACC_BRIDGE | ACC_VARARGS | ACC_NATIVE | ACC_ABSTRACT | ACC_STRICT | ACC_SYNTHETIC;
    if (p->strict) { check_method_name(p, m->name->text, m->name->length); }
    if (m->name == SYM(clinit)) {
        /* Other flags of a class initialiser are ignored; before 51 it need not even say static. */
        if (c->major < 51) {
            flags = ACC_STATIC;
        } else if (flags & ACC_STATIC) {
            flags &= ACC_STATIC | ACC_STRICT;
        } else {
            format_error(p, "Method <clinit> is not static in class file %s", p->name);
        }
        m->props |= MP_CLINIT;
    } else {
        m->props |= m->name == SYM(init) ? MP_INIT : 0;
        if (p->strict) { check_method_flags(p, flags, m->name); }
    }
    unsigned params;
    enum basic_type ret;
    int cells = parse_method_descriptor(m->desc->text, m->desc->length, &params, &ret);
    if (cells < 0 || (p->strict && m->name->text[0] == '<' && ret != T_VOID)) {
        illegal_signature(p, "Method", m->name->text, m->name->length, m->desc->text,
                          m->desc->length);
    }
    if ((m->props & MP_CLINIT) && c->major >= 51 && params) {
        illegal_signature(p, "Method", m->name->text, m->name->length, m->desc->text,
                          m->desc->length);
    }
    cells += !(flags & ACC_STATIC);
    if (cells > 255) {
        format_error(p, "Too many arguments in method signature in class file %s", p->name);
    }
    m->flags = (uint16_t)flags;
    m->n_params = (uint8_t)params;
    m->arg_slots = (uint16_t)cells;
    m->ret_type = (uint8_t)ret;
    m->vtable_index = VTABLE_NONE;
    m->entry = method_first_entry;
    m->max_locals = (uint16_t)cells;
    need(p, 2);
    m->attrs = p->pos;
    parse_method_attributes(p, m);
    if (p->trusted) { mark_intrinsic(c, m); }
}

void parse_methods(struct class_parser *p)
{
    struct class *c = p->cls;
    unsigned n = get_u2(p);
    need(p, n * 8ul);
    c->methods = meta_alloc(n * sizeof c->methods[0]);
    c->n_methods = (uint16_t)n;
    for (unsigned i = 0; i < n; i++) {
        struct method *m = &c->methods[i];
        m->slot = (uint16_t)i;
        parse_method(p, m);
        if ((c->access_flags & ACC_INTERFACE) && !(m->flags & (ACC_STATIC | ACC_ABSTRACT))) {
            c->props |= CLP_HAS_DEFAULTS;
        }
        if (m->name == SYM(finalize) && m->desc == SYM(void_sig) && !(m->flags & ACC_STATIC) &&
            m->code && (m->code_length != 1 || m->code[0] != 0xb1 /* return */)) {
            c->props |= CLP_HAS_FINALIZER;
        }
    }
    int twice = index_methods(c);
    if (twice >= 0) {
        format_error(p, "Duplicate method name \"%s\" with signature \"%s\" in class file %s",
                     c->methods[twice].name->text, c->methods[twice].desc->text, p->name);
    }
}
