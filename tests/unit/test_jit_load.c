// The compiler's loader and code cache: objects made with `as` here are loaded, called and freed.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jit/jit-internal.h"
#include "tests/unit/run_suite.h"

static char *image;
static size_t image_size;
static char error[400];

// Assembles a text; false if `as` does not take it.
static bool assemble(const char *text)
{
    char s[] = "/tmp/moka-test-XXXXXX.s", o[sizeof s + 4], command[200];
    int fd = mkstemps(s, 2);
    ck_assert(fd >= 0);
    ck_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    snprintf(o, sizeof o, "%s.o", s);
    snprintf(command, sizeof command, "as -o %s %s", o, s);
    bool ok = system(command) == 0;
    FILE *f = ok ? fopen(o, "rb") : NULL;
    if (f) {
        struct stat st;
        fstat(fileno(f), &st);
        image_size = (size_t)st.st_size;
        image = malloc(image_size);
        ck_assert(fread(image, 1, image_size, f) == image_size);
        fclose(f);
    }
    unlink(s);
    unlink(o);
    return ok;
}

static int far_away(int x) { return x * 3; }

static void *resolve(const char *name)
{
    return !strcmp(name, "jit_far") ? (void *)far_away : NULL;
}

static bool load(struct load_unit *units, unsigned n)
{
    bool full;
    error[0] = 0;
    return object_load(image, image_size, units, n, resolve, error, sizeof error, &full);
}

#define SITE(frame)                                                                                \
    "771: .pushsection jsites,\"a\",@progbits\n .balign 4\n .long 771b-.\n .long " frame           \
    "\n .popsection\n"

// Two tasks: calls far away through PLT and GOT, constants, a table of addresses, a cold part, sites.
static const char two_tasks[] =
    " .section .text.moka_7,\"ax\",@progbits\n .globl moka_7\n .type moka_7,@function\n"
    "moka_7: sub $8,%rsp\n call jit_far@PLT\n" SITE(
        "5") " add $8,%rsp\n add ten(%rip),%eax\n"
             " cmp $1000,%eax\n jg moka_7.cold\n ret\n .size moka_7,.-moka_7\n"
             " .section .text.unlikely.moka_7,\"ax\",@progbits\n .type moka_7.cold,@function\n"
             "moka_7.cold: sub $8,%rsp\n mov %eax,%edi\n call *jit_far@GOTPCREL(%rip)\n" SITE(
                 "6") " add $8,%rsp\n ret\n .size moka_7.cold,.-moka_7.cold\n"
                      " .section .text.moka_glue_7,\"ax\",@progbits\n .globl moka_glue_7\n"
                      " .type moka_glue_7,@function\nmoka_glue_7: sub $8,%rsp\n mov (%rdi),%edi\n"
                      " call moka_7@PLT\n" SITE(
                          "0xffffffff") " add $8,%rsp\n ret\n .size moka_glue_7,.-moka_glue_7\n"
                                        " .section .text.moka_8,\"ax\",@progbits\n .globl moka_8\n "
                                        ".type moka_8,@function\n"
                                        "moka_8: lea table(%rip),%rax\n movslq %edi,%rdi\n mov "
                                        "(%rax,%rdi,8),%rax\n mov (%rax),%eax\n"
                                        " ret\n .size moka_8,.-moka_8\n"
                                        " .section .rodata\n .balign 4\nten: .long 10\ntwenty: "
                                        ".long 20\n"
                                        " .section .data.rel.ro,\"aw\"\n .balign 8\ntable: .quad "
                                        "ten\n .quad twenty\n"
                                        " .section .note.GNU-stack,\"\",@progbits\n";

static void start(void) { ck_assert(cache_init(1u << 20)); }

/* Gives back what load() made. */
static void release(struct load_unit *u, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (u[i].code) { cache_free(u[i].code, u[i].size); }
        code_data_release(u[i].data);
        free(u[i].sites);
    }
}

START_TEST(runs_and_sites)
{
    start();
    ck_assert(assemble(two_tasks));
    struct load_unit u[2] = {{.id = 7}, {.id = 8}};
    ck_assert_msg(load(u, 2), "%s", error);
    ck_assert(u[0].entry && u[0].glue && u[1].entry && !u[1].glue);
    int (*f)(int) = (int (*)(int))(void *)u[0].entry;
    ck_assert_int_eq(f(4), 22);
    ck_assert_int_eq(f(1000), 3 * 3010);
    int (*g)(const int *) = (int (*)(const int *))(void *)u[0].glue;
    ck_assert_int_eq(g(&(int){2}), 16);
    int (*h)(int) = (int (*)(int))(void *)u[1].entry;
    ck_assert_int_eq(h(0), 10);
    ck_assert_int_eq(h(1), 20);
    // one range holds all functions of a task; its sites are sorted, each behind its call
    ck_assert_uint_eq(u[0].n_sites, 3);
    ck_assert_uint_eq(u[1].n_sites, 0);
    ck_assert(u[0].entry >= u[0].code && u[0].glue < u[0].code + u[0].size);
    unsigned seen = 0;
    for (unsigned i = 0; i < 3; i++) {
        const struct compiled_site *s = &u[0].sites[i];
        ck_assert(!i || s[-1].offset < s->offset);
        ck_assert_uint_lt(s->offset, u[0].size);
        const uint8_t *p = (const uint8_t *)u[0].code + s->offset;
        seen |= s->frame == 5 ? 1 : s->frame == 6 ? 2 : s->frame == SITE_NO_FRAME ? 4 : 8;
        ck_assert(s->frame == 6 ? p[-6] == 0xff && p[-5] == 0x15 : p[-5] == 0xe8);
    }
    ck_assert_uint_eq(seen, 7);
    release(u, 2);
    free(image);
}
END_TEST

START_TEST(freed_one_by_one)
{
    start();
    ck_assert(assemble(two_tasks));
    struct cache_stats before = cache_get_stats();
    struct load_unit u[2] = {{.id = 7}, {.id = 8}};
    ck_assert(load(u, 2));
    ck_assert(u[0].data && u[0].data == u[1].data);
    cache_free(u[0].code, u[0].size);
    code_data_release(u[0].data);
    int (*h)(int) = (int (*)(int))(void *)u[1].entry;
    ck_assert_int_eq(h(1), 20); // the shared data is still there
    ck_assert_uint_eq(*(uint8_t *)u[0].entry, 0xcc);
    cache_free(u[1].code, u[1].size);
    code_data_release(u[1].data);
    struct cache_stats after = cache_get_stats();
    ck_assert_uint_eq(after.used, before.used);
    ck_assert_uint_eq(after.holes, 1);
    ck_assert_uint_eq(after.largest, before.largest);
    free(u[0].sites);
    free(image);
}
END_TEST

// A task that failed leaves a unit without code; the others load.
START_TEST(missing_task)
{
    start();
    ck_assert(assemble(two_tasks));
    struct load_unit u[3] = {{.id = 7}, {.id = 9}, {.id = 8}};
    ck_assert_msg(load(u, 3), "%s", error);
    ck_assert(u[0].code && !u[1].code && u[2].code);
    release(u, 3);
    free(image);
}
END_TEST

static void refused(const char *text, const char *why)
{
    struct cache_stats before = cache_get_stats();
    struct load_unit u[2] = {{.id = 7}, {.id = 8}};
    ck_assert(assemble(text));
    ck_assert(!load(u, 2));
    ck_assert_msg(strstr(error, why), "%s", error);
    ck_assert_uint_eq(cache_get_stats().used, before.used);
    ck_assert(!u[0].code && !u[0].sites);
    free(image);
}

#define FUNCTION(name) " .globl " name "\n .type " name ",@function\n" name ": "
START_TEST(bad_objects)
{
    start();
    refused(FUNCTION("moka_7") "call nowhere@PLT\n ret\n", "undefined symbol nowhere");
    refused(FUNCTION("moka_7") "ret\n" FUNCTION("moka_8") "ret\n", "two tasks");
    refused(FUNCTION("moka_7") "ret\n .data\n .long 1\n", "writable data");
    refused(FUNCTION("moka_7") "movl jit_far,%eax\n ret\n", "too far away");
    refused(" .globl x\nx = 5\n", "no code");
    refused(" .section .text.other,\"ax\"\n" FUNCTION("other") "call jit_far@PLT\n" SITE(
                "3") " ret\n .text\n" FUNCTION("moka_7") "ret\n",
            "outside of all tasks");
    image = strdup("\x7f"
                   "ELF, but not really one of those that we can read, whatever it says here");
    image_size = strlen(image);
    struct load_unit u = {.id = 7};
    ck_assert(!load(&u, 1));
    free(image);
}
END_TEST

// Every byte of the file turned over, and the file cut off anywhere: refused or loaded, never a crash.
START_TEST(damaged_objects)
{
    start();
    ck_assert(assemble(two_tasks));
    size_t whole = image_size;
    for (size_t i = 0; i < whole; i++) {
        for (int bits = 1; bits < 256; bits = bits * 16 + 15) {
            struct load_unit u[2] = {{.id = 7}, {.id = 8}};
            image[i] ^= (char)bits;
            if (load(u, 2)) { release(u, 2); }
            image[i] ^= (char)bits;
        }
    }
    for (size_t n = 0; n < whole; n += 3) {
        struct load_unit u[2] = {{.id = 7}, {.id = 8}};
        image_size = n;
        ck_assert(!load(u, 2));
    }
    ck_assert_uint_eq(cache_get_stats().used, 0);
    free(image);
}
END_TEST

START_TEST(cache_holes)
{
    start();
    char *a[100];
    for (int i = 0; i < 100; i++) {
        a[i] = cache_alloc(100 + (unsigned)i);
        ck_assert(a[i] && (uintptr_t)a[i] % 64 == 0);
        memset(cache_writable(a[i]), i, 100 + (unsigned)i);
    }
    for (int i = 0; i < 100; i++) { ck_assert_int_eq(a[i][99 + i], i); }
    for (int i = 1; i < 100; i += 2) { cache_free(a[i], 100 + (unsigned)i); }
    ck_assert_uint_eq(cache_get_stats().holes, 50); // the last one joined the rest
    char *b = cache_alloc(128);
    ck_assert_ptr_eq(b, a[1]); // first fit
    for (int i = 0; i < 100; i += 2) { cache_free(a[i], 100 + (unsigned)i); }
    cache_free(b, 128);
    ck_assert_uint_eq(cache_get_stats().holes, 1);
    ck_assert_uint_eq(cache_get_stats().used, 0);
    ck_assert(!cache_alloc((1u << 20) + 1));
    ck_assert(cache_alloc(1u << 20));
    ck_assert(!cache_alloc(1));
}
END_TEST

// No page of it is writable and executable at once.
START_TEST(write_xor_execute)
{
    start();
    char *code = cache_alloc(64), line[400];
    ck_assert(code != cache_writable(code));
    FILE *f = fopen("/proc/self/maps", "r");
    ck_assert(f);
    unsigned found = 0;
    while (fgets(line, sizeof line, f)) {
        uintptr_t from, to;
        char perms[8];
        ck_assert_int_eq(sscanf(line, "%lx-%lx %7s", &from, &to, perms), 3);
        if ((uintptr_t)code >= from && (uintptr_t)code < to) {
            ck_assert_str_eq(perms, "r-xs");
            found |= 1;
        }
        if ((uintptr_t)cache_writable(code) >= from && (uintptr_t)cache_writable(code) < to) {
            ck_assert_str_eq(perms, "rw-s");
            found |= 2;
        }
    }
    fclose(f);
    ck_assert_uint_eq(found, 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("jit_load");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, runs_and_sites);
    tcase_add_test(t, freed_one_by_one);
    tcase_add_test(t, missing_task);
    tcase_add_test(t, bad_objects);
    tcase_add_test(t, damaged_objects);
    tcase_add_test(t, cache_holes);
    tcase_add_test(t, write_xor_execute);
    suite_add_tcase(s, t);
    return run_suite(s);
}
