/*
 * parse.c - the class file (JVMS 4.1): header, this, super, interfaces, and the order of the rest.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"

void parse_fail(struct class_parser *p, const char *error_class, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    p->error_class = error_class;
    vsnprintf(p->message, sizeof p->message, fmt, ap);
    va_end(ap);
    longjmp(p->failed, 1);
}

static void check_version(struct class_parser *p)
{
    unsigned major = p->cls->major, minor = p->cls->minor;
    const char *unsupported = "java/lang/UnsupportedClassVersionError";
    if (major < 45) {
        parse_fail(p, unsupported,
                   "%s (class file version %u.%u) was compiled with an invalid major version",
                   p->name, major, minor);
    }
    if (major > JAVA_MAX_MAJOR) {
        parse_fail(
            p, unsupported,
            "%s has been compiled by a more recent version of the Java Runtime (class file version "
            "%u.%u), this version of the Java Runtime only recognizes class file versions up to "
            "%u.0",
            p->name, major, minor, JAVA_MAX_MAJOR);
    }
    if (major < 56 || minor == 0) { return; }
    if (minor != JAVA_PREVIEW_MINOR) {
        parse_fail(
            p, unsupported,
            "%s (class file version %u.%u) was compiled with an invalid non-zero minor version",
            p->name, major, minor);
    }
    if (major != JAVA_MAX_MAJOR) {
        parse_fail(p, unsupported,
                   "%s (class file version %u.%u) was compiled with preview features that are "
                   "unsupported. "
                   "This version of the Java Runtime only recognizes preview features for class "
                   "file version %u.%u",
                   p->name, major, minor, JAVA_MAX_MAJOR, JAVA_PREVIEW_MINOR);
    }
    if (!boot_path.enable_preview) {
        parse_fail(
            p, unsupported,
            "Preview features are not enabled for %s (class file version %u.%u). Try running with "
            "'--enable-preview'",
            p->name, major, minor);
    }
}

static void check_class_flags(struct class_parser *p, unsigned flags)
{
    unsigned major = p->cls->major;
    bool is_interface = flags & ACC_INTERFACE;
    bool is_abstract = flags & ACC_ABSTRACT;
    bool bad = (is_abstract && (flags & ACC_FINAL)) || (is_interface && !is_abstract) ||
               (!is_interface && major >= 49 && (flags & ACC_ANNOTATION)) ||
               (is_interface && major >= 49 && (flags & (ACC_SUPER | ACC_ENUM | ACC_FINAL)));
    if (is_interface && major < 49) { bad = bad || (flags & ACC_FINAL); }
    if (bad) { format_error(p, "Illegal class modifiers in class %s: 0x%X", p->name, flags); }
}

static unsigned parse_class_flags(struct class_parser *p)
{
    unsigned flags = get_u2(p);
    unsigned major = p->cls->major;
    if (major >= 53 && (flags & ACC_MODULE)) {
        parse_fail(p, "java/lang/NoClassDefFoundError",
                   "%s is not a class because access_flag ACC_MODULE is set", p->name);
    }
    if (p->saw_module_tag) {
        format_error(p, "Unknown constant tag %u in class file %s", p->module_tag, p->name);
    }
    flags &= ACC_PUBLIC | ACC_FINAL | ACC_SUPER | ACC_INTERFACE | ACC_ABSTRACT | ACC_SYNTHETIC |
             ACC_ANNOTATION | ACC_ENUM;
    if ((flags & ACC_INTERFACE) && major < 50) {
        flags |= ACC_ABSTRACT; /* old compilers left it out */
    }
    if (p->strict) { check_class_flags(p, flags); }
    return flags;
}

static void parse_this(struct class_parser *p)
{
    struct class *c = p->cls;
    p->this_index = get_u2(p);
    if (pool_tag(p->cp, p->this_index) != CP_CLASS) {
        format_error(p, "Invalid this class index %u in constant pool in class file %s",
                     p->this_index, p->name);
    }
    c->this_index = p->this_index;
    c->name = cp_utf8(p->cp, p->cp->val[p->this_index].u);
    if (c->name->length == 0 || c->name->text[0] == '[') {
        format_error(p, "Bad class name in class file %s", p->name);
    }
    if (p->expected && p->expected != c->name) {
        parse_fail(p, "java/lang/NoClassDefFoundError", "%s (wrong name: %s)", p->expected->text,
                   c->name->text);
    }
    p->name = c->name->text;
}

static void parse_super(struct class_parser *p)
{
    size_t n;
    p->super_index = get_u2(p);
    if (p->super_index == 0) {
        if (strcmp(p->cls->name->text, "java/lang/Object") != 0) {
            format_error(p, "Invalid superclass index 0 in class file %s", p->name);
        }
        return;
    }
    if (pool_tag(p->cp, p->super_index) != CP_CLASS) {
        format_error(p, "Invalid superclass index %u in class file %s", p->super_index, p->name);
    }
    const char *s = pool_text(p->cp, p->cp->val[p->super_index].u, &n);
    if (n == 0 || s[0] == '[') { format_error(p, "Bad superclass name in class file %s", p->name); }
    if ((p->cls->access_flags & ACC_INTERFACE) &&
        !pool_text_is(p->cp, p->cp->val[p->super_index].u, "java/lang/Object") && p->strict) {
        format_error(p, "Interfaces must have java.lang.Object as superclass in class file %s",
                     p->name);
    }
}

static void parse_interfaces(struct class_parser *p)
{
    struct class *c = p->cls;
    c->n_interfaces = get_u2(p);
    p->interface_indices = skip_bytes(p, 2u * c->n_interfaces);
    if (c->n_interfaces && !p->super_index) {
        format_error(p, "java.lang.Object cannot implement an interface in class file %s", p->name);
    }
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        unsigned index = read_u2(p->interface_indices + 2 * i);
        size_t n;
        if (pool_tag(p->cp, index) != CP_CLASS) {
            format_error(p, "Interface name has bad constant pool index %u in class file %s", index,
                         p->name);
        }
        const char *s = pool_text(p->cp, p->cp->val[index].u, &n);
        if (n == 0 || s[0] == '[') {
            format_error(p, "Bad interface name in class file %s", p->name);
        }
    }
    if (!p->strict || c->n_interfaces < 2) { return; }
    /* Sorting 65535 names is cheaper than comparing all pairs, but real classes have a handful. */
    for (unsigned i = 1; i < c->n_interfaces; i++) {
        struct symbol *name = cp_class_name(p->cp, read_u2(p->interface_indices + 2 * i));
        for (unsigned j = 0; j < i; j++) {
            if (cp_class_name(p->cp, read_u2(p->interface_indices + 2 * j)) == name) {
                format_error(p, "Duplicate interface name \"%s\" in class file %s", name->text,
                             p->name);
            }
        }
    }
}

bool class_parse(struct class_parser *p, const uint8_t *bytes, size_t length,
                 const char *name_for_messages)
{
    p->name = name_for_messages ? name_for_messages : "<Unknown>";
    p->start = p->pos = bytes;
    p->end = bytes + length;
    if (setjmp(p->failed)) { return false; }
    if (length > UINT32_MAX || !meta_available(length * 16 + 65536)) {
        parse_fail(p, "java/lang/OutOfMemoryError", "Metaspace");
    }
    uint32_t magic = get_u4(p);
    if (magic != 0xCAFEBABEu) {
        format_error(p, "Incompatible magic value %u in class file %s", magic, p->name);
    }
    struct class *c = p->cls = meta_alloc(sizeof *c);
    p->cp = &c->cp;
    c->bytes = bytes;
    c->bytes_length = (uint32_t)length;
    c->prim_type = T_OBJECT;
    c->minor = get_u2(p);
    c->major = get_u2(p);
    check_version(p);
    parse_pool(p);
    c->access_flags = (uint16_t)parse_class_flags(p);
    parse_this(p);
    parse_super(p);
    parse_interfaces(p);
    parse_fields(p);
    parse_methods(p);
    parse_class_attributes(p);
    if (p->pos != p->end) { format_error(p, "Extra bytes at the end of class file %s", p->name); }
    return true;
}
