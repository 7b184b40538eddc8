/*
 * test_classes.c - symbols, the run-time image, jars, layout and tables of real classes, hand-made class files.
 */
#include <unistd.h>
#include <zlib.h>

#include "runtime/classes/descriptor.h"
#include "tests/unit/classes_fakes.h"
#include "tests/unit/run_suite.h"

/* ---- symbols ---- */

START_TEST(symbols_are_unique)
{
    char text[32];
    ck_assert(meta_init());
    symbols_init();
    ck_assert_ptr_eq(symbol_of("<init>"), SYM(init));
    ck_assert_ptr_null(symbol_find("never seen", 10));
    struct symbol *first[2000];
    for (int i = 0; i < 100000; i++) { /* the table grows several times */
        struct symbol *s = symbol_intern(text, (size_t)sprintf(text, "name-%d", i));
        if (i < 2000) first[i] = s;
    }
    for (int i = 0; i < 2000; i++) {
        ck_assert_ptr_eq(first[i], symbol_find(text, (size_t)sprintf(text, "name-%d", i)));
        ck_assert_str_eq(first[i]->text, text);
    }
    ck_assert_uint_eq(symbol_of("")->length, 0);
}
END_TEST

START_TEST(modified_utf8)
{
    static const struct {
        const char *bytes;
        bool ok;
    } rows[] = {{"plain ascii text", true},  {"\xc0\x80", true},     {"\xc3\xa9", true},
                {"\xe2\x82\xac", true},      {"\xc1\x81", false},    {"\xe0\x81\x81", false},
                {"12345678\xff", false},     {"1234567\xc3", false}, {"\x80", false},
                {"\xf0\x90\x80\x80", false}, {"\xed\xa0\x80", true}};
    for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
        ck_assert_msg(legal_utf8((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes)) ==
                          rows[i].ok,
                      "row %u", i);
    }
    ck_assert(!legal_utf8((const uint8_t *)"abc\0defgh", 9));
}
END_TEST

START_TEST(descriptors)
{
    static const struct {
        const char *desc;
        int cells;
    } rows[] = {{"()V", 0},   {"(IJD)I", 5}, {"([[JLjava/lang/String;)[I", 2},
                {"()", -1},   {"(V)V", -1},  {"()VV", -1},
                {"(", -1},    {"(L;)V", -1}, {"(Lfoo)V", -1},
                {"()L;", -1}, {"()[V", -1},  {"I", -1}};
    for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
        int cells = parse_method_descriptor(rows[i].desc, strlen(rows[i].desc), NULL, NULL);
        ck_assert_msg(cells == rows[i].cells, "%s: %d", rows[i].desc, cells);
    }
    char many[300];
    memset(many, '[', sizeof many);
    many[255] = 'I';
    ck_assert(legal_field_descriptor(many, 256));
    many[255] = '[';
    many[256] = 'I';
    ck_assert(!legal_field_descriptor(many, 257));
    ck_assert(!legal_class_name("a//b", 4) && !legal_class_name("/a", 2) &&
              !legal_class_name("a.b", 3));
    ck_assert(!legal_method_name("<foo>", 5) && legal_method_name("<init>", 6) &&
              legal_unqualified("<", 1, NAME_FIELD));
}
END_TEST

START_TEST(parameters)
{
    static const struct {
        enum basic_type type;
        const char *text;
        unsigned cell;
    } rows[] = {{T_INT, "I", 0},
                {T_ARRAY, "[[J", 1},
                {T_DOUBLE, "D", 2},
                {T_OBJECT, "Ljava/lang/String;", 4},
                {T_ARRAY, "[Ljava/lang/Object;", 5}};
    const char *desc = "(I[[JDLjava/lang/String;[Ljava/lang/Object;)[I";
    struct params p = params_of(desc);
    for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
        ck_assert(params_next(&p));
        ck_assert_int_eq(p.type, rows[i].type);
        ck_assert_uint_eq(p.cell, rows[i].cell);
        ck_assert_uint_eq(p.length, strlen(rows[i].text));
        ck_assert(!strncmp(p.text, rows[i].text, p.length));
    }
    ck_assert(!params_next(&p) && !params_next(&p));
    ck_assert_uint_eq(p.cell, 6);
    ck_assert_uint_eq(descriptor_slots(desc), 6);
    ck_assert_str_eq(descriptor_result(desc), "[I");
    p = params_of("()V");
    p.receiver = true;
    ck_assert(params_next(&p) && p.type == T_OBJECT && !p.text && p.cell == 0);
    ck_assert(!params_next(&p) && p.cell == 1);
    p = params_of("(Lfoo"); /* unchecked: stays inside */
    ck_assert(params_next(&p) && p.length == 4 && !params_next(&p));
}
END_TEST

/* ---- the image ---- */

START_TEST(image)
{
    char file[4096], error[4096];
    size_t length;
    bool must_free;
    snprintf(file, sizeof file, "%s/lib/modules", java_home());
    struct jimage *img = jimage_open(file, error, sizeof error);
    ck_assert_msg(img != NULL, "%s", error);
    const uint8_t *b = jimage_find(img, "java.base", "java/lang/Object.class", &length, &must_free);
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_eq(read_u4(b), 0xCAFEBABE);
    ck_assert_ptr_null(jimage_find(img, "java.base", "java/lang/Object", &length, &must_free));
    ck_assert_ptr_null(jimage_find(img, "java.bas", "java/lang/Object.class", &length, &must_free));
    ck_assert_ptr_null(jimage_find(img, "", "", &length, &must_free));
    ck_assert_str_eq(jimage_package_module(img, "java/util/concurrent", 20), "java.base");
    ck_assert_ptr_null(jimage_package_module(img, "no/such/package", 15));
    jimage_close(img);
    ck_assert_ptr_null(jimage_open("/no/such/file", error, sizeof error));
    ck_assert_ptr_null(jimage_open("/proc/self/exe", error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "not a run-time image"));
}
END_TEST

/* ---- jars ---- */

static uint8_t jar[4096];
static size_t jar_length;

static void le(uint32_t v, int n)
{
    for (; n--; v >>= 8) jar[jar_length++] = (uint8_t)v;
}

static void raw(const void *p, size_t n)
{
    memcpy(jar + jar_length, p, n);
    jar_length += n;
}

/* A jar with one stored and one deflated entry; some bytes in front of it. */
static void make_jar(void)
{
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    uint8_t packed[200];
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text,
                  .avail_in = 64,
                  .next_out = packed,
                  .avail_out = sizeof packed};
    deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_FINISH);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)text, 64);
    const struct {
        const char *name;
        int method;
        const void *data;
        uint32_t length;
    } e[2] = {{"stored", 0, text, 64}, {"dir/deflated", 8, packed, (uint32_t)z.total_out}};
    deflateEnd(&z);
    uint32_t at[2];
    jar_length = 0;
    raw("#!/bin/sh\n", 10);
    for (int i = 0; i < 2; i++) {
        at[i] = (uint32_t)jar_length - 10;
        le(0x04034b50, 4), le(20, 2), le(0, 2), le((uint32_t)e[i].method, 2), le(0, 4), le(crc, 4);
        le(e[i].length, 4), le(64, 4), le((uint32_t)strlen(e[i].name), 2), le(0, 2);
        raw(e[i].name, strlen(e[i].name));
        raw(e[i].data, e[i].length);
    }
    uint32_t start = (uint32_t)jar_length - 10;
    for (int i = 0; i < 2; i++) {
        le(0x02014b50, 4), le(20, 2), le(20, 2), le(0, 2), le((uint32_t)e[i].method, 2), le(0, 4),
            le(crc, 4);
        le(e[i].length, 4), le(64, 4), le((uint32_t)strlen(e[i].name), 2), le(0, 2), le(0, 2),
            le(0, 2), le(0, 2);
        le(0, 4), le(at[i], 4);
        raw(e[i].name, strlen(e[i].name));
    }
    uint32_t size = (uint32_t)jar_length - 10 - start;
    le(0x06054b50, 4), le(0, 4), le(2, 2), le(2, 2), le(size, 4), le(start, 4), le(0, 2);
}

static struct zip *open_jar(char *error, size_t size)
{
    char file[] = "/tmp/moka-test-XXXXXX";
    int fd = mkstemp(file);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, jar, jar_length), (ssize_t)jar_length);
    close(fd);
    struct zip *z = zip_open(file, error, size);
    unlink(file);
    return z;
}

START_TEST(jars)
{
    char message[4200];
    const char *error;
    size_t length;
    make_jar();
    struct zip *z = open_jar(message, sizeof message);
    ck_assert_msg(z != NULL, "%s", message);
    for (int i = 0; i < 2; i++) {
        uint8_t *b = zip_read(z, i ? "dir/deflated" : "stored", &length, &error);
        ck_assert_msg(b != NULL, "%s", error);
        ck_assert_uint_eq(length, 64);
        ck_assert_int_eq(b[63], 'a');
        free(b);
    }
    ck_assert_ptr_null(zip_read(z, "absent", &length, &error));
    ck_assert_ptr_null(error);
    zip_close(z);
}
END_TEST

/* Every single byte of the jar wrong in some way: never a crash. */
START_TEST(broken_jars)
{
    char message[4200];
    const char *error;
    size_t length;
    for (unsigned i = 0; i < 400; i++) {
        make_jar();
        jar[i % jar_length] ^= (uint8_t)(i / jar_length ? 0x80 : 0xff);
        struct zip *z = open_jar(message, sizeof message);
        if (z) {
            free(zip_read(z, "stored", &length, &error));
            free(zip_read(z, "dir/deflated", &length, &error));
            zip_close(z);
        }
    }
    make_jar();
    for (size_t n = jar_length; n--;) {
        jar_length = n;
        struct zip *z = open_jar(message, sizeof message);
        ck_assert_ptr_null(z);
    }
}
END_TEST

/* ---- real classes ---- */

START_TEST(library)
{
    struct thread *t = start_classes();
    ck_assert_uint_eq(KC(Object)->instance_size, 8);
    ck_assert_ptr_eq(class_from_mirror(KC(String)->mirror), KC(String));
    ck_assert_ptr_eq(class_of(KC(String)->mirror), KC(Class));
    ck_assert(KC(Class)->props & CLP_IS_MIRROR);
    ck_assert_int_eq(KC(SoftReference)->ref_kind, REFKIND_SOFT);
    ck_assert(class_is_subclass(KC(String), class_boot_required(t, "java/lang/Comparable")));
    ck_assert(!class_is_subclass(KC(Object), KC(String)));
    struct class *strings = class_array_of(t, KC(String)), *objects = class_array_of(t, KC(Object));
    ck_assert_str_eq(strings->name->text, "[Ljava/lang/String;");
    ck_assert(class_is_subclass(strings, objects) && class_is_subclass(strings, KC(Cloneable)));
    ck_assert(!class_is_subclass(class_array_of(t, class_primitive(T_INT)), objects));
    ck_assert_ptr_eq(class_load(t, &boot_loader, symbol_of("[[I"))->component->component,
                     class_primitive(T_INT));

    /* A class that is not there. */
    ck_assert_ptr_null(class_load(t, &boot_loader, symbol_of("no/Such")));
    ck_assert_str_eq(thrown, "java/lang/NoClassDefFoundError: no/Such");
    t->exception = 0;

    /* Overriding: the vtable holds String's toString in Object's slot. */
    struct method *to_string = class_method_named(KC(Object), "toString", "()Ljava/lang/String;");
    ck_assert_ptr_eq(class_select_method(KC(String), to_string)->cls, KC(String));
    /* An inherited default method through an interface, a vtable and a miranda slot. */
    struct class *list = class_boot_required(t, "java/util/ArrayList");
    struct class *collection = class_boot_required(t, "java/util/Collection");
    struct method *stream = class_method_named(collection, "stream", "()Ljava/util/stream/Stream;");
    ck_assert_ptr_eq(class_select_method(list, stream), stream);
    ck_assert_int_ne(class_vtable_slot(list, stream), VTABLE_NONE);
    ck_assert_ptr_eq(list->vtable[class_vtable_slot(list, stream)], stream);
    struct method *size = class_method_named(collection, "size", "()I");
    ck_assert_ptr_eq(class_select_method(list, size)->cls, list);
    ck_assert_ptr_null(class_select_method(class_boot_required(t, "java/util/AbstractList"), size));
    ck_assert_int_gt(method_line(class_select_method(list, size), 0), 0);
}
END_TEST

/* Fields overlap nowhere, are aligned, and references are where the runs say. */
START_TEST(field_layout)
{
    static const char *const names[] = {
        "java/lang/Class",   "java/lang/Thread",
        "java/util/HashMap", "java/util/concurrent/ConcurrentHashMap",
        "java/lang/String",  "java/lang/invoke/MemberName"};
    struct thread *t = start_classes();
    for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
        struct class *c = class_boot_required(t, names[i]);
        uint8_t used[4096] = {0};
        unsigned references = 0;
        memset(used, 1, OBJ_HEADER_SIZE);
        for (struct class *s = c; s; s = s->super) {
            for (unsigned k = 0; k < s->n_fields; k++) {
                const struct field *f = &s->fields[k];
                unsigned n = type_size(f->type);
                if (f->flags & ACC_STATIC) {
                    ck_assert(f->offset >= KC(Class)->instance_size);
                    ck_assert(f->offset + n <= KC(Class)->instance_size + s->static_size);
                    continue;
                }
                ck_assert_uint_eq(f->offset % n, 0);
                ck_assert(f->offset + n <= c->instance_size);
                for (unsigned b = 0; b < n; b++) ck_assert_int_eq(used[f->offset + b]++, 0);
                references += type_is_ref(f->type);
                bool in_run = false;
                for (unsigned r = 0; r < c->n_ref_runs; r++) {
                    in_run =
                        in_run || (f->offset >= c->ref_runs[r].offset &&
                                   f->offset < c->ref_runs[r].offset + c->ref_runs[r].count * 4);
                }
                ck_assert(in_run == type_is_ref(f->type));
            }
        }
        for (unsigned r = 0; r < c->n_ref_runs; r++) references -= c->ref_runs[r].count;
        ck_assert_uint_eq(references, 0);
    }
}
END_TEST

START_TEST(strings)
{
    struct thread *t = start_classes();
    static const uint16_t wide[] = {'a', 0x20ac, 0, 0xd800};
    gref s = string_from_utf16(t, wide, 4);
    size_t n;
    char *text = string_to_utf8(s, &n);
    ck_assert_uint_eq(n, 9);
    ck_assert_mem_eq(text, "a\xe2\x82\xac\xc0\x80\xed\xa0\x80", 10);
    gref back = string_from_utf8(t, text, n);
    free(text);
    ck_assert_int_eq(string_length(back), 4);
    ck_assert_int_eq(string_char_at(back, 1), 0x20ac);
    ck_assert_uint_eq(string_intern(t, s), string_intern(t, back));
    ck_assert_uint_eq(string_intern_symbol(t, symbol_of("x")),
                      string_intern(t, string_from_c(t, "x")));
    ck_assert_int_eq(obj_get_byte(string_from_c(t, "\xc3\xa9"), OFF(String_coder)), 0);
    ck_assert_ptr_eq(string_to_symbol(string_from_c(t, "java.lang.Object"), true),
                     KC(Object)->name);
    ck_assert(string_equals_c(string_from_symbol_dots(t, KC(Object)->name), "java.lang.Object"));
    for (int i = 0; i < 10000; i++) {
        char word[20];
        sprintf(word, "w%d", i % 5000);
        string_intern(t, string_from_c(t, word));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("classes");
    TCase *c = tcase_create("classes");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, symbols_are_unique);
    tcase_add_test(c, modified_utf8);
    tcase_add_test(c, descriptors);
    tcase_add_test(c, parameters);
    tcase_add_test(c, image);
    tcase_add_test(c, jars);
    tcase_add_test(c, broken_jars);
    tcase_add_test(c, library);
    tcase_add_test(c, field_layout);
    tcase_add_test(c, strings);
    suite_add_tcase(s, c);
    return run_suite(s);
}
