/*
 * test_jni.c - JNI names, native calls of many shapes, handles, properties, assertion directives, and the tables of VM
 * natives against the class library: each row must name a method that the JDK declares native.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/loader.h"
#include "runtime/jni/assertions.h"
#include "runtime/jni/bind.h"
#include "runtime/jni/call.h"
#include "runtime/jni/handles.h"
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/properties.h"
#include "stdlib/tables.h"
#include "tests/unit/run_suite.h"

/* ---- names ---- */

static void check_name(const char *cls, const char *name, const char *desc, const char *expected)
{
    char *s = jni_mangle(cls, name, desc);
    ck_assert_str_eq(s, expected);
    free(s);
}

START_TEST(names)
{
    check_name("pkg/Cls", "f", NULL, "Java_pkg_Cls_f");
    check_name("pkg/Cls", "f", "(ILjava/lang/String;)V", "Java_pkg_Cls_f__ILjava_lang_String_2");
    check_name("pkg/Cls", "f", "([I[[Ljava/lang/Object;)V",
               "Java_pkg_Cls_f___3I_3_3Ljava_lang_Object_2");
    check_name("a_b/C$D", "under_score", NULL, "Java_a_1b_C_00024D_under_1score");
    check_name("C", "f", "()V", "Java_C_f__");
    check_name("C", "gr\xc3\xbc\xc3\x9f", NULL, "Java_C_gr_000fc_000df");
    check_name("C", "\xe2\x82\xac", NULL, "Java_C__020ac");
    check_name("C", "\xed\xa0\xbd\xed\xb8\x80", NULL, "Java_C__0d83d_0de00"); /* a surrogate pair */
}
END_TEST

/* ---- calls ---- */

static char seen[512];

static int32_t many_ints(void *env, void *cls, int a, int b, int c, int d, int e, int f, int g)
{
    snprintf(seen, sizeof(seen), "%d %d %d %d %d %d %d %d %d", env == (void *)1, cls == (void *)2,
             a, b, c, d, e, f, g);
    return -7;
}

static double many_doubles(void *env, void *cls, double a, double b, double c, double d, double e,
                           double f, double g, double h, double i, double j, double k)
{
    (void)env, (void)cls;
    snprintf(seen, sizeof(seen), "%g %g %g %g %g %g %g %g %g %g %g", a, b, c, d, e, f, g, h, i, j,
             k);
    return a + k;
}

static float mixed(void *env, void *cls, uint8_t z, int8_t b, uint16_t c, int16_t s, int i,
                   int64_t l, float f, double d, void *ref, float g, int64_t m, int n, double o)
{
    (void)env, (void)cls;
    snprintf(seen, sizeof(seen), "%d %d %d %d %d %lld %g %g %d %g %lld %d %g", z, b, c, s, i,
             (long long)l, (double)f, d, ref ? (int)((slot_t *)ref)->u : 0, (double)g, (long long)m,
             n, o);
    return f + g;
}

static int64_t floats_on_stack(void *env, void *cls, float a, float b, float c, float d, float e,
                               float f, float g, float h, float i, int x, float j)
{
    (void)env, (void)cls;
    snprintf(seen, sizeof(seen), "%g %g %g %g %g %g %g %g %g %d %g", (double)a, (double)b,
             (double)c, (double)d, (double)e, (double)f, (double)g, (double)h, (double)i, x,
             (double)j);
    return INT64_MIN;
}

static uint64_t returns(void *env, void *cls, int64_t v)
{
    (void)env, (void)cls;
    return (uint64_t)v;
}

static slot_t call(void *fn, const char *desc, slot_t *args)
{
    static const uint64_t head[2] = {1, 2};
    seen[0] = 0;
    return jni_call_shape(fn, desc, head, 2, args);
}

#define I(v)                                                                                       \
    {                                                                                              \
        .j = (v)                                                                                   \
    }
#define D(v)                                                                                       \
    {.d = (v)}, { .raw = 0xdead }
#define J(v)                                                                                       \
    {.j = (v)}, { .raw = 0xdead }
#define F(v)                                                                                       \
    {                                                                                              \
        .f = (v)                                                                                   \
    }

START_TEST(calls)
{
    slot_t ints[] = {I(1), I(-2), I(3), I(INT32_MIN), I(5), I(6), I(-7)};
    ck_assert_int_eq(call((void *)many_ints, "(IIIIIII)I", ints).i, -7);
    ck_assert_str_eq(seen, "1 1 1 -2 3 -2147483648 5 6 -7");

    slot_t doubles[] = {D(1), D(2), D(3), D(4), D(5), D(6), D(7), D(8), D(9.5), D(10), D(-11)};
    ck_assert(call((void *)many_doubles, "(DDDDDDDDDDD)D", doubles).d == -10.0);
    ck_assert_str_eq(seen, "1 2 3 4 5 6 7 8 9.5 10 -11");

    slot_t mix[] = {I(1),    I(-5),       I(0x20ac), I(-300), I(7),  J(1ll << 40), F(1.5f),
                    D(2.25), {.raw = 99}, F(-0.5f),  J(-1),   I(-8), D(1e10)};
    ck_assert(call((void *)mixed, "(ZBCSIJFDLjava/lang/Object;FJID)F", mix).f == 1.0f);
    ck_assert_str_eq(seen, "1 -5 8364 -300 7 1099511627776 1.5 2.25 99 -0.5 -1 -8 1e+10");
    mix[10].raw = 0; /* null becomes NULL */
    call((void *)mixed, "(ZBCSIJFD[[IFJID)F", mix);
    ck_assert_str_eq(seen, "1 -5 8364 -300 7 1099511627776 1.5 2.25 0 -0.5 -1 -8 1e+10");

    slot_t floats[] = {F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), I(3), F(10)};
    ck_assert_int_eq(call((void *)floats_on_stack, "(FFFFFFFFFIF)J", floats).j, INT64_MIN);
    ck_assert_str_eq(seen, "1 2 3 4 5 6 7 8 9 3 10");
}
END_TEST

START_TEST(results)
{
    slot_t v[] = {J(0x123456789abcdef0)};
    ck_assert_int_eq(call((void *)returns, "(J)Z", v).j, 1);
    ck_assert_int_eq(call((void *)returns, "(J)B", v).j, (int8_t)0xf0);
    ck_assert_int_eq(call((void *)returns, "(J)C", v).j, 0xdef0);
    ck_assert_int_eq(call((void *)returns, "(J)S", v).j, (int16_t)0xdef0);
    ck_assert_int_eq(call((void *)returns, "(J)I", v).j, (int32_t)0x9abcdef0);
    ck_assert_int_eq(call((void *)returns, "(J)J", v).j, 0x123456789abcdef0);
    ck_assert_int_eq(call((void *)returns, "(J)V", v).j, 0);
    v[0].j = 0x100; /* only the low byte of a jboolean counts */
    ck_assert_int_eq(call((void *)returns, "(J)Z", v).j, 0);
}
END_TEST

/* ---- handles ---- */

static int visited;
static void count_visit(gref *cell, void *arg)
{
    (void)arg;
    visited += *cell != 0;
}

static bool is_odd(gref o) { return (o >> 4) & 1; }

START_TEST(local_handles)
{
    static struct thread t;
    struct handle_mark outer = handle_mark(&t);
    jobject first = handle_new(&t, 16);
    ck_assert_ptr_null(handle_new(&t, 0));
    for (int i = 0; i < 100; i++) { ck_assert_uint_eq(handle_resolve(handle_new(&t, 32)), 32); }
    ck_assert_uint_eq(handle_resolve(first), 16);
    ck_assert_int_eq(handle_type(&t, first), JNILocalRefType);
    visited = 0;
    handles_visit(&t, count_visit, NULL);
    ck_assert_int_eq(visited, 101);

    struct handle_mark inner = handle_mark(&t);
    ck_assert(handle_push_frame(&t));
    for (int i = 0; i < 70; i++) { handle_new(&t, 48); }
    handle_pop_frame(&t);
    visited = 0;
    handles_visit(&t, count_visit, NULL);
    ck_assert_int_eq(visited, 101);
    handle_new(&t, 64);
    handle_release(&t, inner);
    visited = 0;
    handles_visit(&t, count_visit, NULL);
    ck_assert_int_eq(visited, 101);

    handle_delete_local(&t, first);
    ck_assert_uint_eq(handle_resolve(first), 0);
    handle_release(&t, outer);
    visited = 0;
    handles_visit(&t, count_visit, NULL);
    ck_assert_int_eq(visited, 0);

    /* new and delete in turn must not grow without end */
    for (int i = 0; i < 100000; i++) {
        jobject keep = handle_new(&t, 16), drop = handle_new(&t, 32);
        handle_delete_local(&t, keep);
        handle_delete_local(&t, drop);
    }
    ck_assert_ptr_null(t.handles->prev);
    handles_free(&t);
}
END_TEST

START_TEST(global_handles)
{
    static struct thread t;
    jobject g[600];
    for (int i = 0; i < 600; i++) {
        g[i] = handle_new_global((gref)(16 * (i + 1)));
        ck_assert_int_eq(handle_type(&t, g[i]), JNIGlobalRefType);
    }
    for (int i = 0; i < 600; i++) { ck_assert_uint_eq(handle_resolve(g[i]), (gref)(16 * (i + 1))); }
    visited = 0;
    jni_visit_roots(count_visit, NULL);
    ck_assert_int_eq(visited, 600);
    for (int i = 0; i < 600; i++) {
        handle_delete_global(g[i]);
        ck_assert_int_eq(handle_type(&t, g[i]), JNIInvalidRefType);
    }
    visited = 0;
    jni_visit_roots(count_visit, NULL);
    ck_assert_int_eq(visited, 0);

    jobject dies = handle_new_weak(32), lives = handle_new_weak(48);
    ck_assert_int_eq(handle_type(&t, lives), JNIWeakGlobalRefType);
    jni_clear_weak(is_odd);
    ck_assert_uint_eq(handle_resolve(dies), 0);
    ck_assert_uint_eq(handle_resolve(lives), 48);
    ck_assert_int_eq(handle_type(&t, dies), JNIInvalidRefType);
    handle_delete_global(dies);
    handle_delete_global(lives);
    handle_delete_global(NULL);
}
END_TEST

/* ---- function table ---- */

START_TEST(function_table)
{
    void **entry = (void **)&jni_functions;
    for (size_t i = 4; i < sizeof(jni_functions) / sizeof(void *); i++) {
        ck_assert_msg(entry[i] != NULL, "entry %zu", i);
    }
}
END_TEST

/* ---- properties, directives, jio ---- */

START_TEST(properties)
{
    vm_property_set("a", "1");
    vm_property_set("b", "2");
    vm_property_set("a", "3");
    ck_assert_str_eq(vm_property_get("a"), "3");
    vm_property_set("a", NULL);
    ck_assert_ptr_null(vm_property_get("a"));
    ck_assert_str_eq(vm_property_get("b"), "2");
}
END_TEST

static bool desired(const char *name)
{
    static gref some = 16;
    static struct loader app = {.object = 0};
    app.object = some;
    struct class c = {.name = symbol_of(name), .loader = &app};
    return assertions_desired(&c);
}

START_TEST(directives)
{
    symbols_init();
    ck_assert(!desired("a/b/C"));
    assertions_directive(NULL, true);
    ck_assert(desired("a/b/C"));
    assertions_directive("a.b...", false);
    ck_assert(!desired("a/b/C"));
    ck_assert(!desired("a/b/c/D"));
    ck_assert(desired("a/bb/C"));
    assertions_directive("a.b.c...", true);
    ck_assert(desired("a/b/c/D"));
    assertions_directive("a.b.c.D", false);
    ck_assert(!desired("a/b/c/D"));
    assertions_directive("a.b.c.D", true); /* the last one wins */
    ck_assert(desired("a/b/c/D"));
    assertions_directive("...", false); /* the unnamed package */
    ck_assert(!desired("Main"));
    ck_assert(desired("x/Main"));
}
END_TEST

START_TEST(jio)
{
    char b[8];
    ck_assert_int_eq(jio_snprintf(b, sizeof(b), "%d", 42), 2);
    ck_assert_str_eq(b, "42");
    ck_assert_int_eq(jio_snprintf(b, sizeof(b), "%s", "too long for it"), -1);
    ck_assert_str_eq(b, "too lon");
    ck_assert_int_eq(jio_snprintf(b, 0, "x"), -1);
}
END_TEST

START_TEST(signal_numbers)
{
    ck_assert_int_eq(JVM_FindSignal("INT"), 2);
    ck_assert_int_eq(JVM_FindSignal("SIGTERM"), 15);
    ck_assert_int_eq(JVM_FindSignal("NOPE"), -1);
    ck_assert_ptr_eq(JVM_RegisterSignal(11, (void *)2), (void *)-1);
}
END_TEST

/* ---- VM natives against the class library ---- */

#define FIRST_MODULES "java.base", "jdk.incubator.foreign"

static const uint8_t *skip_attributes(const uint8_t *p)
{
    unsigned n = read_u2(p);
    for (p += 2; n > 0; n--) { p += 6 + read_u4(p + 2); }
    return p;
}

/* Does the class file declare a native method of that name (and descriptor)? */
static bool declares_native(const uint8_t *file, const struct vm_native_row *row)
{
    unsigned count = read_u2(file + 8);
    const uint8_t **pool = calloc(count + 1, sizeof(*pool));
    const uint8_t *p = file + 10;
    for (unsigned i = 1; i < count; i++) {
        pool[i] = p;
        switch (*p) {
        case CP_UTF8: p += 3 + read_u2(p + 1); break;
        case CP_LONG:
        case CP_DOUBLE:
            p += 9;
            i++;
            break;
        case CP_CLASS:
        case CP_STRING:
        case CP_METHOD_TYPE:
        case CP_MODULE:
        case CP_PACKAGE: p += 3; break;
        case CP_METHOD_HANDLE: p += 4; break;
        default: p += 5; break;
        }
    }
    p += 6;
    p += 2 + 2 * read_u2(p);
    unsigned fields = read_u2(p);
    for (p += 2; fields > 0; fields--) { p = skip_attributes(p + 6); }
    unsigned methods = read_u2(p);
    bool found = false;
    for (p += 2; methods > 0; methods--) {
        const uint8_t *name = pool[read_u2(p + 2)], *desc = pool[read_u2(p + 4)];
        if ((read_u2(p) & ACC_NATIVE) && strlen(row->name) == read_u2(name + 1) &&
            memcmp(name + 3, row->name, strlen(row->name)) == 0 &&
            (!row->desc || (strlen(row->desc) == read_u2(desc + 1) &&
                            memcmp(desc + 3, row->desc, strlen(row->desc)) == 0))) {
            found = true;
        }
        p = skip_attributes(p + 6);
    }
    free(pool);
    return found;
}

START_TEST(native_rows)
{
    static const char *const modules[] = {FIRST_MODULES};
    const char *jdk = getenv("JDK");
#ifdef MOKA_CONFIGURED_JDK
    jdk = jdk ? jdk : MOKA_CONFIGURED_JDK;
#endif
    char path[4096], error[512];
    ck_assert_ptr_nonnull(jdk);
    snprintf(path, sizeof(path), "%s/lib/modules", jdk);
    struct jimage *img = jimage_open(path, error, sizeof(error));
    ck_assert_msg(img != NULL, "%s", error);
    int wrong = 0;
    for (int i = 0; native_tables[i]; i++) {
        for (const struct vm_native_row *r = native_tables[i]; r->cls; r++) {
            char name[512];
            size_t n = 0;
            bool must_free = false;
            const uint8_t *file = NULL;
            snprintf(name, sizeof(name), "%s.class", r->cls);
            for (size_t k = 0; k < ARRAY_COUNT(modules) && !file; k++) {
                file = jimage_find(img, modules[k], name, &n, &must_free);
            }
            if (!file || !declares_native(file, r)) {
                fprintf(stderr, "no native %s.%s%s\n", r->cls, r->name, r->desc ? r->desc : "");
                wrong++;
            }
            if (must_free) { free((void *)(uintptr_t)file); }
        }
    }
    jimage_close(img);
    ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jni");
    TCase *c = tcase_create("jni");
    if (!meta_init()) { return 1; }
    tcase_set_timeout(c, 60);
    tcase_add_test(c, names);
    tcase_add_test(c, calls);
    tcase_add_test(c, results);
    tcase_add_test(c, local_handles);
    tcase_add_test(c, global_handles);
    tcase_add_test(c, function_table);
    tcase_add_test(c, properties);
    tcase_add_test(c, directives);
    tcase_add_test(c, jio);
    tcase_add_test(c, signal_numbers);
    tcase_add_test(c, native_rows);
    suite_add_tcase(s, c);
    return run_suite(s);
}
