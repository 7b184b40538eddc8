/*
 * test_classes_parse.c - the class file parser on hand-made and damaged files.
 */
#include "tests/unit/classes_fakes.h"
#include "tests/unit/run_suite.h"

/* ---- a small assembler ---- */

static uint8_t file[8192];
static size_t length;
static unsigned entries;

static void u1(unsigned v) { file[length++] = (uint8_t)v; }
static void u2(unsigned v) { u1(v >> 8), u1(v); }
static void u4(uint32_t v) { u2(v >> 16), u2(v); }

static unsigned utf8(const char *s)
{
    u1(CP_UTF8), u2((unsigned)strlen(s));
    memcpy(file + length, s, strlen(s));
    length += strlen(s);
    return entries++;
}

static unsigned class_entry(const char *name)
{
    unsigned i = utf8(name);
    u1(CP_CLASS), u2(i);
    return entries++;
}

struct shape {
    const char *name, *super, *interface;
    unsigned flags, major, minor;
    const char *field, *field_desc;
    unsigned field_flags;
    const char *method, *method_desc;
    unsigned method_flags, locals;
    const char *attribute; /* of the class, `attribute_length` bytes of 0 */
    unsigned attribute_length;
    int copies; /* of field and method */
    bool no_code;
    unsigned code_length, handler_start, handler_end, handlers;
};

static void assemble(const struct shape *s)
{
    length = 0, entries = 1;
    u4(0xCAFEBABE), u2(s->minor), u2(s->major ? s->major : 61);
    size_t count_at = length;
    u2(0);
    unsigned this_class = class_entry(s->name ? s->name : "T");
    unsigned super =
        s->super && !*s->super ? 0 : class_entry(s->super ? s->super : "java/lang/Object");
    unsigned interface = s->interface ? class_entry(s->interface) : 0;
    unsigned field = utf8(s->field ? s->field : "f"),
             field_desc = utf8(s->field_desc ? s->field_desc : "I");
    unsigned method = utf8(s->method ? s->method : "m"),
             method_desc = utf8(s->method_desc ? s->method_desc : "()V");
    unsigned code = utf8("Code"), attribute = utf8(s->attribute ? s->attribute : "Unknown");
    file[count_at] = (uint8_t)(entries >> 8), file[count_at + 1] = (uint8_t)entries;
    u2(s->flags ? s->flags : 0x21), u2(this_class), u2(super);
    u2(interface ? 1 : 0);
    if (interface) u2(interface);
    int copies = s->copies ? s->copies : 1;
    u2(s->field ? (unsigned)copies : 0);
    for (int i = 0; s->field && i < copies; i++)
        u2(s->field_flags), u2(field), u2(field_desc), u2(0);
    u2(s->method ? (unsigned)copies : 0);
    for (int i = 0; s->method && i < copies; i++) {
        u2(s->method_flags), u2(method), u2(method_desc), u2(!s->no_code);
        if (s->no_code) continue;
        u2(code), u4(13 + 8 * s->handlers), u2(1), u2(s->locals),
            u4(s->code_length ? s->code_length : 1), u1(0xb1);
        u2(s->handlers);
        for (unsigned h = 0; h < s->handlers; h++)
            u2(s->handler_start), u2(s->handler_end), u2(0), u2(0);
        u2(0);
    }
    u2(s->attribute ? 1 : 0);
    if (s->attribute) {
        u2(attribute), u4(s->attribute_length);
        for (unsigned i = 0; i < s->attribute_length; i++) u1(0);
    }
}

static const char *parse_result(void)
{
    static struct class_parser p;
    static char text[2000];
    memset(&p, 0, sizeof p);
    p.strict = true;
    if (class_parse(&p, file, length, NULL)) return "ok";
    snprintf(text, sizeof text, "%s: %s", strrchr(p.error_class, '/') + 1, p.message);
    return text;
}

static const struct {
    struct shape shape;
    const char *result; /* HotSpot 17's */
} rows[] = {
    {{0}, "ok"},
    {{.field = "x", .method = "y", .method_flags = 1, .locals = 1}, "ok"},
    {{.major = 62},
     "UnsupportedClassVersionError: <Unknown> has been compiled by a more recent version of the "
     "Java Runtime (class "
     "file version 62.0), this version of the Java Runtime only recognizes class file versions up "
     "to 61.0"},
    {{.major = 44},
     "UnsupportedClassVersionError: <Unknown> (class file version 44.0) was compiled with an "
     "invalid "
     "major version"},
    {{.minor = 3},
     "UnsupportedClassVersionError: <Unknown> (class file version 61.3) was compiled with an "
     "invalid "
     "non-zero minor version"},
    {{.flags = 0x430}, "ClassFormatError: Illegal class modifiers in class <Unknown>: 0x430"},
    {{.flags = 0x8000},
     "NoClassDefFoundError: <Unknown> is not a class because access_flag ACC_MODULE is set"},
    {{.name = "a//b"}, "ClassFormatError: Illegal class name \"a//b\" in class file <Unknown>"},
    {{.name = "[I"}, "ClassFormatError: Bad class name in class file <Unknown>"},
    {{.super = ""}, "ClassFormatError: Invalid superclass index 0 in class file T"},
    {{.super = "[I"}, "ClassFormatError: Bad superclass name in class file T"},
    {{.super = "U", .flags = 0x601},
     "ClassFormatError: Interfaces must have java.lang.Object as superclass in class file T"},
    {{.interface = "[I"}, "ClassFormatError: Bad interface name in class file T"},
    {{.field = "a.b"}, "ClassFormatError: Illegal field name \"a.b\" in class T"},
    {{.field = "f", .field_desc = "Q"},
     "ClassFormatError: Field \"f\" in class T has illegal signature \"Q\""},
    {{.field = "f", .field_flags = 3}, "ClassFormatError: Illegal field modifiers in class T: 0x3"},
    {{.field = "f", .field_flags = 0x50},
     "ClassFormatError: Illegal field modifiers in class T: 0x50"},
    {{.field = "f", .copies = 2},
     "ClassFormatError: Duplicate field name \"f\" with signature \"I\" in class file T"},
    {{.method = "m", .copies = 2, .locals = 1},
     "ClassFormatError: Duplicate method name \"m\" with signature \"()V\" in class file T"},
    {{.method = "<x>", .locals = 1}, "ClassFormatError: Illegal method name \"<x>\" in class T"},
    {{.method = "m", .method_flags = 3, .locals = 1},
     "ClassFormatError: Method m in class T has illegal modifiers: 0x3"},
    {{.method = "m", .method_flags = 0x410, .no_code = true},
     "ClassFormatError: Method m in class T has illegal modifiers: 0x410"},
    {{.method = "m", .method_desc = "(IIIIIII)V", .locals = 7},
     "ClassFormatError: Arguments can't fit into locals in class file T"},
    {{.method = "m", .no_code = true},
     "ClassFormatError: Absent Code attribute in method that is not native or abstract in class "
     "file T"},
    {{.method = "m", .method_flags = 0x100, .locals = 1},
     "ClassFormatError: Code attribute in native or abstract methods in class file T"},
    {{.method = "<init>", .method_desc = "()I", .locals = 1},
     "ClassFormatError: Method \"<init>\" in class T has illegal signature \"()I\""},
    {{.method = "<clinit>", .locals = 1},
     "ClassFormatError: Method <clinit> is not static in class file T"},
    {{.method = "<clinit>", .major = 50, .locals = 1}, "ok"},
    {{.method = "m", .locals = 1, .code_length = 70000},
     "ClassFormatError: Invalid method Code length 70000 in class file T"},
    {{.method = "m", .locals = 1, .code_length = 2000}, "ClassFormatError: Truncated class file"},
    {{.method = "m", .locals = 1, .handlers = 1, .handler_end = 1}, "ok"},
    {{.method = "m", .locals = 1, .handlers = 1, .handler_start = 1, .handler_end = 1},
     "ClassFormatError: Illegal exception table range in class file T"},
    {{.method = "m", .locals = 1, .handlers = 1, .handler_end = 2},
     "ClassFormatError: Illegal exception table range in class file T"},
    {{.attribute = "SourceFile", .attribute_length = 3},
     "ClassFormatError: Wrong SourceFile attribute length in class file T"},
    {{.attribute = "InnerClasses", .attribute_length = 3},
     "ClassFormatError: Wrong InnerClasses attribute length in class file T"},
    {{.attribute = "NestHost", .attribute_length = 2},
     "ClassFormatError: Nest-host class_info_index 0 has bad constant type in class file T"},
    {{.attribute = "PermittedSubclasses", .attribute_length = 2}, "ok"},
    {{.attribute = "SourceFile", .attribute_length = 2},
     "ClassFormatError: Invalid SourceFile attribute at constant pool index 0 in class file T"},
    {{.attribute = "EnclosingMethod", .attribute_length = 4},
     "ClassFormatError: Invalid class index in EnclosingMethod attribute in class file T"},
    {{.name = "a b", .major = 48},
     "ClassFormatError: Illegal class name \"a b\" in class file <Unknown>"},
    {{.flags = 0x601, .method = "<init>", .method_flags = 1, .locals = 1},
     "ClassFormatError: Interface cannot have a method named <init>, class file T"},
    {{.attribute = "BootstrapMethods", .attribute_length = 2}, "ok"},
    {{.attribute = "BootstrapMethods", .attribute_length = 3},
     "ClassFormatError: Bad length on BootstrapMethods in class file T"},
};

START_TEST(table)
{
    ck_assert(meta_init());
    symbols_init();
    assemble(&rows[_i].shape);
    ck_assert_str_eq(parse_result(), rows[_i].result);
}
END_TEST

static const struct shape full = {.field = "f",
                                  .method = "m",
                                  .locals = 1,
                                  .interface = "java/lang/Runnable",
                                  .handlers = 1,
                                  .handler_end = 1,
                                  .attribute = "NestMembers",
                                  .attribute_length = 2};

START_TEST(truncated)
{
    ck_assert(meta_init());
    symbols_init();
    assemble(&full);
    ck_assert_str_eq(parse_result(), "ok");
    size_t all = length;
    for (length = 0; length < all; length++) {
        /* at the very end of a page, so that reading behind the end faults */
        ck_assert_str_ne(parse_result(), "ok");
    }
    length = all;
    u1(0);
    ck_assert_str_eq(parse_result(), "ClassFormatError: Extra bytes at the end of class file T");
    file[0] = 0;
    ck_assert_str_eq(parse_result(),
                     "ClassFormatError: Incompatible magic value 16693950 in class file <Unknown>");
}
END_TEST

/* Real classes with random damage, in a buffer of exactly their size: parsed or refused, never a crash. */
START_TEST(fuzz)
{
    static const char *const victims[] = {"java/lang/String.class", "java/util/HashMap.class",
                                          "java/lang/invoke/StringConcatFactory.class",
                                          "java/lang/Character.class",
                                          "java/util/concurrent/TimeUnit.class"};
    char path[4096], error[4096];
    unsigned seed = 12345;
    unsigned refused = 0;
    ck_assert(meta_init());
    symbols_init();
    snprintf(path, sizeof path, "%s/lib/modules", java_home());
    struct jimage *img = jimage_open(path, error, sizeof error);
    ck_assert_msg(img != NULL, "%s", error);
    for (int i = 0; i < 500; i++) {
        size_t n;
        bool must_free;
        const uint8_t *b = jimage_find(img, "java.base", victims[i % 5], &n, &must_free);
        ck_assert_ptr_nonnull(b);
        uint8_t *copy = malloc(n);
        memcpy(copy, b, n);
        for (int k = 1 + rand_r(&seed) % 5; k; k--) {
            copy[(size_t)rand_r(&seed) % n] = (uint8_t)rand_r(&seed);
        }
        if (i % 7 == 0) n = (size_t)rand_r(&seed) % n;
        struct class_parser p = {.strict = i & 1, .trusted = i & 2};
        refused += !class_parse(&p, copy, n, "Fuzz");
        free(copy);
    }
    jimage_close(img);
    ck_assert_uint_gt(refused, 10);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("classes-parse");
    TCase *c = tcase_create("parse");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, table, 0, (int)ARRAY_COUNT(rows));
    tcase_add_test(c, truncated);
    tcase_add_test(c, fuzz);
    suite_add_tcase(s, c);
    return run_suite(s);
}
