/*
 * test_compiled.c - compiled code beside the interpreter (vm/compiled.h), with "compiled code" written here in C: r15 holds
 * the thread in this whole file and all functions keep frame pointers, which is all that the convention asks for. Each function that
 * plays compiled code lies in a section of its own, whose bounds are its code.
 *
 * The Java side is a class that the test compiles with javac.
 */
struct thread;
register struct thread *self __asm__("r15");
#pragma GCC optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/threads/monitor.h"
#include "vm/compiled.h"
#include "vm/x86.h"
#include "vm/interp.h"
#include "vm/launcher.h"
#include "vm/options.h"
#include "tests/unit/run_suite.h"

/* A VM gives nothing back, and LeakSanitizer does not look for pointers in its metadata: all would be leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

/* Leaves through exit `index`, a constant; the values are in self->exit_values. */
#define LEAVE(index)                                                                               \
    ({                                                                                             \
        uint64_t left_ = 0; /* for cppcheck, which does not read assembly */                       \
        __asm__ volatile(                                                                          \
            "subq $128, %%rsp\n\tcall jit_leave\n\t.long %c1\n\t.short 16\n\t.rept 16\n\t"         \
            "nop\n\t.endr\n\taddq $128, %%rsp"                                                     \
            : "=a"(left_)                                                                          \
            : "i"(index)                                                                           \
            : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");               \
        left_;                                                                                     \
    })
void jit_entry_check(struct thread *t);

static const char java_source[] =
    "public class T {\n"
    "  static String seen;\n"
    "  static Object lock = new Object();\n"
    "  static double many(int a, long b, float c, double d, Object e, boolean f, byte g, char h,\n"
    "      short i, long j, double k, double l, double m, double n, double o, double p, double q,\n"
    "      float r, int s, Object u) {\n"
    "    seen = a + \" \" + b + \" \" + c + \" \" + d + \" \" + e + \" \" + f + \" \" + g + \" \" "
    "+ h\n"
    "      + \" \" + i + \" \" + j + \" \" + k + \" \" + l + \" \" + m + \" \" + n + \" \" + o + "
    "\" \" + p\n"
    "      + \" \" + q + \" \" + r + \" \" + s + \" \" + u;\n"
    "    return a + q;\n"
    "  }\n"
    "  static float half(float x) { return x / 2; }\n"
    "  static int minus(byte x) { return -x; }\n"
    "  static Object same(Object o) { return o; }\n"
    "  static int poly(int x, int y) { int z = x * y; return z + x - y; }\n"
    "  static int outer(int x, long y) { long k = y + 1; return (int) k + inner(x, 7) * 2; }\n"
    "  static int inner(int x, int y) { check(); return x - y; }\n"
    "  static void check() { seen = trace(); }\n"
    "  static synchronized int locked(int x) { seen = \"\" + Thread.holdsLock(T.class); return x; "
    "}\n"
    "  static int guarded(int x) { try { return thrower(x); } catch (IllegalStateException e) {\n"
    "      return x + 1000; } }\n"
    "  static int thrower(int x) { throw new IllegalStateException(); }\n"
    "  static int loop(int n) { int s = 0; for (int i = 0; i < n; i++) { s += i; } return s * 10; "
    "}\n"
    "  static long longLoop(int n) { long s = 0; for (int i = 0; i < n; i++) { s += i; } return s; "
    "}\n"
    "  static int tryLoop(int n) { int s = 0; try { for (int i = 0; i < n; i++) { s += i; } }\n"
    "      catch (RuntimeException e) { return -1; } return s; }\n"
    "  static int nest(int n) { return n <= 0 ? depth() : nest(n - 1); }\n"
    "  static int depth() { int d = 0; for (StackTraceElement e : new "
    "Throwable().getStackTrace())\n"
    "      if (e.getMethodName().equals(\"nest\")) d++; return d; }\n"
    "  static int endless(int n) { return endless(n + 1) + 1; }\n"
    "  static String overflow() { try { return \"\" + endless(0); }\n"
    "      catch (StackOverflowError e) { return \"overflow \" + (e.getStackTrace().length > "
    "1000); } }\n"
    "  static int garbage(Object o) { byte[][] keep = new byte[10][];\n"
    "      for (int i = 0; i < 20000; i++) keep[i % 10] = new byte[10000]; return o.hashCode(); }\n"
    "  static String trace() { String s = \"\"; for (StackTraceElement e : new "
    "Throwable().getStackTrace())\n"
    "      s += e.getMethodName() + \":\" + e.getLineNumber() + \" \"; return s; }\n"
    "  static int callPoly(int x, int y) { return poly(x, y); }\n"
    "  static int callGuarded(int x) { return guarded(x); }\n"
    "}\n";

static struct thread *main_thread;
static struct class *T;

static void start(void)
{
    char dir[] = "/tmp/moka-compiled-XXXXXX", command[600];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(command, sizeof command, "%s/T.java", dir);
    FILE *f = fopen(command, "w");
    fputs(java_source, f);
    fclose(f);
    snprintf(command, sizeof command, "%s/bin/javac -d %s %s/T.java", MOKA_CONFIGURED_JDK, dir,
             dir);
    ck_assert_int_eq(system(command), 0);
    /* where the VM looks for what belongs to it */
    char lib[4096];
    ssize_t n = readlink("/proc/self/exe", lib, sizeof lib - 8);
    ck_assert_int_gt(n, 0);
    lib[n] = 0;
    strcpy(strrchr(lib, '/'), "/lib");
    if (symlink("../../lib", lib)) { /* there already */
    }
    char boot[100];
    snprintf(boot, sizeof boot, "-Xbootclasspath/a:%s", dir);
    char *argv[] = {"moka", "-Xmx64m", "-Xint", boot, "T"};
    ck_assert_int_eq(options_parse(5, argv), -1);
    struct thread *t = launcher_create_vm();
    ck_assert_ptr_nonnull(t);
    t->c_stack_base = __builtin_frame_address(0);
    main_thread = t;
    T = class_load_boot(t, symbol_of("T"));
    ck_assert_ptr_nonnull(T);
    ck_assert(class_initialize(t, T));
    snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command)) { /* only litter */
    }
}

static struct method *method(const char *name)
{
    for (unsigned i = 0; i < T->n_methods; i++) {
        if (strcmp(T->methods[i].name->text, name) == 0) { return &T->methods[i]; }
    }
    ck_abort_msg("no method %s", name);
    return NULL;
}

static char *string_of(gref s) { return s ? string_to_utf8(s, NULL) : strdup("null"); }

static char *seen(void)
{
    struct field *f = class_lookup_field(T, symbol_of("seen"), symbol_of("Ljava/lang/String;"));
    return string_of(obj_get_ref(T->mirror, f->offset));
}

/* bci of the nth instruction with this opcode. */
static uint16_t bci_of(const struct method *m, uint8_t op, int nth)
{
    for (uint32_t bci = 0; bci < m->code_length;
         bci += bytecode_length_checked(m->code, bci, m->code_length)) {
        if (m->code[bci] == op && nth-- == 0) { return (uint16_t)bci; }
    }
    ck_abort_msg("no such instruction");
    return 0;
}

/* ---- making compiled code known ---- */

#define CODE(section_name)   static __attribute__((noinline, noclone, section(#section_name)))
#define BOUNDS(section_name) extern char __start_##section_name[], __stop_##section_name[]

/* Everything in the section stands for frame `frame`, or for none. */
static struct compiled *compile(struct method *m, char *start_, char *stop, void *glue, int osr_bci,
                                uint32_t frame)
{
    struct compiled *c = calloc(1, sizeof *c);
    c->method = m;
    c->osr_bci = osr_bci;
    c->valid = true;
    c->code = start_;
    c->size = (uint32_t)(stop - start_);
    c->glue = (uint64_t(*)(slot_t *))glue;
    c->sites = calloc(1, sizeof *c->sites);
    c->n_sites = 1;
    c->sites[0] = (struct compiled_site){.offset = c->size, .frame = frame};
    c->frames = calloc(8, sizeof *c->frames);
    c->cells = calloc(64, sizeof *c->cells);
    c->exits = calloc(8, sizeof *c->exits);
    compiled_register(c);
    return c;
}

static uint32_t add_frame(struct compiled *c, struct method *m, int bci, int n_stack,
                          uint32_t caller, int lock)
{
    c->frames[c->n_frames] = (struct compiled_frame){.method = m,
                                                     .caller = caller,
                                                     .first_cell = c->n_cells,
                                                     .n_stack = (uint16_t)n_stack,
                                                     .bci = (uint16_t)bci,
                                                     .lock_value = (uint16_t)lock};
    return c->n_frames++;
}

static void add_cell(struct compiled *c, unsigned cell, unsigned value)
{
    c->cells[c->n_cells++] = (struct compiled_cell){(uint16_t)cell, (uint16_t)value};
    c->frames[c->n_frames - 1].n_cells++;
}

static uint32_t add_exit(struct compiled *c, uint32_t frame, enum exit_reason reason, bool rethrow)
{
    c->exits[c->n_exits] =
        (struct compiled_exit){.frame = frame, .reason = (uint16_t)reason, .rethrow = rethrow};
    return c->n_exits++;
}

/* Calls from the interpreter and from compiled code find `c`. */
static void install(struct compiled *c)
{
    struct code *code = code_of(main_thread, c->method);
    if (c->osr_bci >= 0) {
        c->next = code->osr;
        code->osr = c;
    } else {
        code->compiled = c;
    }
}

static int32_t call_int(const char *name, int32_t a, int32_t b)
{
    slot_t args[2] = {{.j = a}, {.j = b}};
    return engine.call(main_thread, method(name), args).i;
}

/* ---- calls out ---- */

static struct method *callee;
static gref an_object, another;

BOUNDS(c_many);
CODE(c_many) uint64_t glue_many(slot_t *cells)
{
    (void)cells;
    typedef double (*many)(struct method *, int32_t, int64_t, float, double, uint64_t, int32_t,
                           int32_t, int32_t, int32_t, int64_t, double, double, double, double,
                           double, double, double, float, int32_t, uint64_t);
    double d =
        ((many)callee->entry)(callee, -1, 1ll << 40, 1.5f, 2.5, an_object, 1, -128, 'x', -300, -5,
                              3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5f, 77, another);
    slot_t s = {.d = d};
    return s.raw;
}

BOUNDS(c_results);
CODE(c_results) uint64_t glue_results(slot_t *cells)
{
    float f = ((float (*)(struct method *, float))method("half")->entry)(method("half"), 5.0f);
    ck_assert(f == 2.5f);
    int i = ((int (*)(struct method *, int))method("minus")->entry)(method("minus"), 17);
    ck_assert_int_eq(i, -17);
    uint64_t o =
        ((uint64_t(*)(struct method *, uint64_t))method("same")->entry)(method("same"), an_object);
    ck_assert_uint_eq(o, an_object);
    (void)cells;
    return 0;
}

START_TEST(calls_out)
{
    start();
    struct thread *t = main_thread;
    an_object = string_from_c(t, "one");
    another = string_from_c(t, "two");
    t->engine_scratch[0].raw = an_object;
    t->engine_scratch[1].raw = another;
    callee = method("many");
    struct method *m = method("poly");
    struct compiled *c = compile(m, __start_c_many, __stop_c_many, glue_many, -1, 0);
    add_frame(c, m, 0, 0, 0, 0);
    slot_t r = {.raw = compiled_run(t, c, thread_free_cells(t))};
    ck_assert(!t->exception);
    ck_assert(r.d == 8.5);
    ck_assert_ptr_null(t->segment);
    char *s = seen();
    ck_assert_str_eq(s,
                     "-1 1099511627776 1.5 2.5 one true -128 x -300 -5 3.5 4.5 5.5 6.5 7.5 8.5 9.5 "
                     "10.5 77 two");
    free(s);
    struct compiled *d = compile(m, __start_c_results, __stop_c_results, glue_results, -1, 0);
    add_frame(d, m, 0, 0, 0, 0);
    compiled_run(t, d, thread_free_cells(t));
    ck_assert(!t->exception);
    ck_assert_ptr_eq(compiled_find(__start_c_many), c);
    ck_assert_ptr_eq(compiled_find(__start_c_results), d);
    ck_assert_ptr_null(compiled_find(&callee));
    compiled_unregister(c);
    ck_assert_ptr_null(compiled_find(__start_c_many));
}
END_TEST

/* ---- exits ---- */

/* int poly(int x, int y): leaves before `z + x`, with z on the operand stack. */
BOUNDS(c_poly);
CODE(c_poly) uint64_t glue_poly(slot_t *cells)
{
    int32_t x = cells[0].i, y = cells[1].i;
    self->exit_values[0] = (uint64_t)(int64_t)x;
    self->exit_values[1] = (uint64_t)(int64_t)y;
    self->exit_values[2] = (uint64_t)(int64_t)(x * y);
    return LEAVE(0);
}

static struct compiled *compile_poly(void)
{
    struct method *m = method("poly");
    struct compiled *c = compile(m, __start_c_poly, __stop_c_poly, glue_poly, -1, SITE_NO_FRAME);
    /* iload_2 iload_0 | iadd */
    add_frame(c, m, bci_of(m, OP_iadd, 0), 2, 0, 0);
    add_cell(c, 1, 1);
    add_cell(c, m->max_locals, 2);
    add_cell(c, m->max_locals + 1u, 0);
    add_exit(c, 0, EXIT_OTHER, false);
    install(c);
    return c;
}

START_TEST(exit_single)
{
    start();
    struct compiled *c = compile_poly();
    ck_assert_int_eq(call_int("poly", 6, 7), 42 + 6 - 7); /* the method was never decoded */
    ck_assert_int_eq(call_int("poly", -3, 7), -21 - 3 - 7);
    ck_assert_int_eq(call_int("callPoly", 6, 7), 41); /* from the interpreter */
    ck_assert_uint_eq(c->exits[0].taken, 3);
    ck_assert_uint_eq(c->exits_taken, 3);
    ck_assert_ptr_null(main_thread->segment);
}
END_TEST

/* int outer(int x, long y) with inner() inlined: leaves at the start of inner. The result of inner is used by the caller. */
BOUNDS(c_outer);
CODE(c_outer) uint64_t glue_outer(slot_t *cells)
{
    self->exit_values[0] = (uint64_t)(int64_t)cells[0].i;
    self->exit_values[1] = cells[1].raw;
    self->exit_values[2] = cells[1].raw + 1;
    self->exit_values[3] = 7;
    self->exit_values[4] = (uint64_t)(int64_t)(int32_t)(cells[1].raw + 1);
    return LEAVE(0);
}

START_TEST(exit_inlined)
{
    start();
    struct method *outer = method("outer"), *inner = method("inner");
    struct compiled *c =
        compile(outer, __start_c_outer, __stop_c_outer, glue_outer, -1, SITE_NO_FRAME);
    add_frame(c, outer, bci_of(outer, OP_invokestatic, 0), 1, 0, 0);
    add_cell(c, 3, 2);
    add_cell(c, outer->max_locals, 4);
    add_frame(c, inner, 0, 0, 1, 0);
    add_cell(c, 0, 0);
    add_cell(c, 1, 3);
    add_exit(c, 1, EXIT_CLASS_CHECK, false);
    install(c);
    slot_t args[3] = {{.j = 20}, {.j = 100}};
    ck_assert_int_eq(engine.call(main_thread, outer, args).i, 101 + (20 - 7) * 2);
    ck_assert(!main_thread->exception);
    char *s = seen();
    ck_assert_ptr_nonnull(strstr(s, "trace:"));
    ck_assert_ptr_nonnull(strstr(s, "check:18 inner:17 outer:16"));
    free(s);
    ck_assert_uint_eq(inner->counter, 0);
}
END_TEST

BOUNDS(c_locked);
CODE(c_locked) uint64_t glue_locked(slot_t *cells)
{
    monitor_enter(self, T->mirror);
    self->exit_values[0] = (uint64_t)(int64_t)cells[0].i;
    self->exit_values[9] = T->mirror;
    return LEAVE(0);
}

static bool holds(gref o)
{
    bool held = monitor_exit(main_thread, o);
    main_thread->exception = 0;
    return held;
}

START_TEST(exit_lock)
{
    start();
    struct method *m = method("locked");
    struct compiled *c =
        compile(m, __start_c_locked, __stop_c_locked, glue_locked, -1, SITE_NO_FRAME);
    add_frame(c, m, 0, 0, 0, 10);
    add_cell(c, 0, 0);
    add_exit(c, 0, EXIT_OTHER, false);
    install(c);
    ck_assert_int_eq(call_int("locked", 5, 0), 5);
    char *s = seen();
    ck_assert_str_eq(s, "true");
    free(s);
    ck_assert(!holds(T->mirror));
}
END_TEST

/* int guarded(int x): calls thrower(), which throws; leaves with the exception pending at the call. */
BOUNDS(c_guarded);
CODE(c_guarded) uint64_t glue_guarded(slot_t *cells)
{
    int32_t x = cells[0].i;
    callee = method("thrower");
    ((int (*)(struct method *, int))callee->entry)(callee, x);
    ck_assert(self->exception != 0);
    self->exit_values[0] = (uint64_t)(int64_t)x;
    return LEAVE(0);
}

START_TEST(exit_rethrow)
{
    start();
    struct method *m = method("guarded");
    struct compiled *c = compile(m, __start_c_guarded, __stop_c_guarded, glue_guarded, -1, 0);
    add_frame(c, m, bci_of(m, OP_invokestatic, 0), 0, 0, 0);
    add_cell(c, 0, 0);
    add_exit(c, 0, EXIT_EXCEPTION, true);
    install(c);
    ck_assert_int_eq(call_int("guarded", 5, 0), 1005);
    ck_assert_int_eq(call_int("callGuarded", 6, 0), 1006);
    ck_assert(!main_thread->exception);
    ck_assert_uint_eq(c->exits_taken, 0);
    ck_assert_uint_eq(c->exits[0].taken, 2);
}
END_TEST

/* ---- loops ---- */

static int loop_mode; /* 0: finish, 1: leave in the middle, 2: leave with an exception, 3: throw */
static int entered;

/* int loop(int n): locals n, s, i */
BOUNDS(c_loop);
CODE(c_loop) uint64_t code_loop(slot_t *locals)
{
    int32_t n = locals[0].i, s = locals[1].i, i = locals[2].i;
    entered++;
    for (; i < n; i++) {
        if (loop_mode != 0 && i == 500) { break; }
        s += i;
    }
    if (i == n) { return (uint64_t)(uint32_t)(s * 10); }
    if (loop_mode >= 2) { throw_new(self, "java/lang/RuntimeException", "in the loop"); }
    if (loop_mode == 3) { return 0; }
    self->exit_values[0] = (uint64_t)(int64_t)n;
    self->exit_values[1] = (uint64_t)(int64_t)s;
    self->exit_values[2] = (uint64_t)(int64_t)i;
    if (loop_mode == 2) {
        LEAVE(1 | LEAVE_LOOP);
    } else {
        LEAVE(0 | LEAVE_LOOP);
    }
    loop_mode = 0;
    return 0;
}

static void ignore(struct thread *t, struct method *m, struct insn *pc)
{
    (void)t, (void)m, (void)pc;
}

static struct compiled *compile_loop(const char *name)
{
    struct method *m = method(name);
    uint16_t header = bci_of(m, OP_iload_2, 0);
    struct compiled *c = compile(m, __start_c_loop, __stop_c_loop, code_loop, header, 0);
    add_frame(c, m, header, 0, 0, 0);
    add_cell(c, 0, 0);
    add_cell(c, 1, 1);
    add_cell(c, 2, 2);
    add_exit(c, 0, EXIT_LOOP_CHECK, false);
    add_exit(c, 0, EXIT_EXCEPTION, true);
    install(c);
    jit_hooks.hot = ignore;
    entered = 0;
    return c;
}

START_TEST(loop_to_the_end)
{
    start();
    compile_loop("loop");
    loop_mode = 0;
    ck_assert_int_eq(call_int("loop", 1000, 0), 4995000);
    ck_assert_int_eq(entered, 1);
    ck_assert_int_eq(call_int("loop", 10, 0), 450);
    ck_assert_ptr_null(main_thread->segment);
}
END_TEST

START_TEST(loop_left)
{
    start();
    compile_loop("loop");
    loop_mode = 1;
    ck_assert_int_eq(call_int("loop", 1000, 0), 4995000);
    ck_assert_int_eq(entered, 2); /* again after it was left */
    ck_assert(!main_thread->left_loop);
    jit_hooks.hot = NULL;
}
END_TEST

START_TEST(loop_throws)
{
    start();
    compile_loop("tryLoop");
    loop_mode = 2;
    ck_assert_int_eq(call_int("tryLoop", 1000, 0), -1); /* its handler applies */
    ck_assert(!main_thread->exception);
    loop_mode = 3;
    call_int("tryLoop", 1000, 0); /* the code says that none does */
    ck_assert(main_thread->exception != 0);
    ck_assert_ptr_null(main_thread->top);
    main_thread->exception = 0;
    jit_hooks.hot = NULL;
}
END_TEST

/* ---- walks ---- */

/* int nest(int n): every second activation is compiled. Compiled ones call themselves through the entry. */
BOUNDS(c_nest);
CODE(c_nest) uint64_t glue_nest(slot_t *cells)
{
    int32_t n = cells[0].i;
    struct code *code = callee->code_cache;
    struct compiled *c = code->compiled;
    int32_t r;
    if (n <= 0) {
        r = ((int (*)(struct method *))method("depth")->entry)(method("depth"));
    } else {
        code->compiled = NULL; /* so that the next is interpreted */
        r = ((int (*)(struct method *, int))callee->entry)(callee, n - 1);
        code->compiled = c;
    }
    return (uint64_t)(uint32_t)r;
}

static void hot_nest(struct thread *t, struct method *m, struct insn *pc)
{
    (void)t, (void)pc;
    static struct compiled *c;
    if (m != callee) { return; }
    if (!c) { c = ((struct code *)m->code_cache)->osr; }
    ((struct code *)m->code_cache)->compiled = c;
}

START_TEST(walk_mixed)
{
    start();
    callee = method("nest");
    struct compiled *c = compile(callee, __start_c_nest, __stop_c_nest, glue_nest, -1, 0);
    add_frame(c, callee, bci_of(callee, OP_invokestatic, 0), 0, 0, 0);
    install(c);
    ((struct code *)callee->code_cache)->osr = c; /* where hot_nest finds it */
    ck_assert_int_eq(call_int("nest", 0, 0), 1);
    ck_assert_int_eq(call_int("nest", 1, 0), 2);
    ck_assert_int_eq(call_int("nest", 30, 0), 31);
    jit_eager = true; /* from interpreted to compiled again at every second call */
    jit_hooks.hot = hot_nest;
    ck_assert_int_eq(call_int("nest", 30, 0), 31);
    jit_hooks.hot = NULL;
    jit_eager = false;
}
END_TEST

/* Deep recursion through compiled code ends in an overflow that can be caught. */
BOUNDS(c_endless);
CODE(c_endless) uint64_t glue_endless(slot_t *cells)
{
    if ((uintptr_t)__builtin_frame_address(0) < self->cpu.poll_limit) {
        jit_entry_check(self);
        if (self->exception) { return 0; }
    }
    slot_t next = {.j = cells[0].i + 1};
    uint64_t r = glue_endless(&next);
    return self->exception ? 0 : r + 1;
}

START_TEST(overflow)
{
    start();
    struct method *m = method("endless");
    struct compiled *c = compile(m, __start_c_endless, __stop_c_endless, glue_endless, -1, 0);
    add_frame(c, m, bci_of(m, OP_invokestatic, 0), 0, 0, 0);
    install(c);
    for (int i = 0; i < 3; i++) {
        char *s = string_of(engine.call(main_thread, method("overflow"), NULL).r);
        ck_assert_str_eq(s, "overflow true");
        free(s);
    }
    ck_assert_ptr_null(main_thread->segment);
    ck_assert_uint_eq(main_thread->cpu.poll_limit, (uintptr_t)main_thread->c_stack_limit);
}
END_TEST

/* What is posted makes the check at entries fail, and is not lost. */
BOUNDS(c_poll);
CODE(c_poll) uint64_t glue_poll(slot_t *cells)
{
    (void)cells;
    ck_assert_uint_eq(self->cpu.poll_limit, UINTPTR_MAX);
    jit_entry_check(self);
    return 0;
}

START_TEST(poll)
{
    start();
    struct thread *t = main_thread;
    struct method *m = method("poly");
    struct compiled *c = compile(m, __start_c_poll, __stop_c_poll, glue_poll, -1, 0);
    add_frame(c, m, 0, 0, 0, 0);
    gref ex = class_new_object(t, class_boot_required(t, "java/lang/ThreadDeath"));
    t->async_exception = ex;
    vcpu_post(&t->cpu, PENDING_REQUEST);
    compiled_run(t, c, thread_free_cells(t));
    ck_assert_uint_eq(t->exception, ex);
    t->exception = 0;
    ck_assert_uint_eq(t->cpu.poll_limit, (uintptr_t)t->c_stack_limit);
}
END_TEST

/* References in compiled frames survive collections. */
BOUNDS(c_keep);
CODE(c_keep) uint64_t glue_keep(slot_t *cells)
{
    (void)cells;
    gref o = string_from_c(self, "kept by a compiled frame");
    for (int i = 0; i < 3; i++) { ((int (*)(struct method *, uint64_t))callee->entry)(callee, o); }
    return o;
}

START_TEST(collection)
{
    start();
    struct method *m = method("same");
    callee = method("garbage");
    struct compiled *c = compile(m, __start_c_keep, __stop_c_keep, glue_keep, -1, 0);
    add_frame(c, m, 0, 0, 0, 0);
    install(c);
    uint64_t before = heap_get_stats().collections;
    slot_t arg = {0};
    char *s = string_of(engine.call(main_thread, m, &arg).r);
    ck_assert_str_eq(s, "kept by a compiled frame");
    free(s);
    ck_assert_uint_gt(heap_get_stats().collections, before);
}
END_TEST

// What objdump says of some instructions; 0: no operand in memory, or none by ModRM.
START_TEST(instruction_lengths)
{
    static const struct {
        uint8_t code[16];
        unsigned length;
    } cases[] = {
        {{0x8b, 0x08}, 2},                                     // mov (%rax),%ecx
        {{0x4f, 0x89, 0x8c, 0xda, 0x78, 0x56, 0x34, 0x12}, 8}, // mov %r9,0x12345678(%r10,%r11,8)
        {{0xc6, 0x07, 0x05}, 3},                               // movb $5,(%rdi)
        {{0x66, 0xc7, 0x07, 0x05, 0x00}, 5},                   // movw $5,(%rdi)
        {{0xc7, 0x44, 0x24, 0x08, 0x05, 0x00, 0x00, 0x00}, 8}, // movl $5,8(%rsp)
        {{0x0f, 0xb6, 0x0c, 0x18}, 4},                         // movzbl (%rax,%rbx),%ecx
        {{0x41, 0x0f, 0xbe, 0x4d, 0x04}, 5},                   // movsbl 4(%r13),%ecx
        {{0x8b, 0x04, 0x25, 0x10, 0x00, 0x00, 0x00}, 7},       // mov 0x10,%eax
        {{0xc5, 0xfb, 0x10, 0x0d, 0x00, 0x00, 0x00, 0x00}, 8}, // vmovsd 0(%rip),%xmm1
        {{0xc4, 0x21, 0x7b, 0x11, 0x0c, 0xa0}, 6},             // vmovsd %xmm9,(%rax,%r12,4)
        {{0xf3, 0x0f, 0x10, 0x18}, 4},                         // movss (%rax),%xmm3
        {{0xc4, 0xe3, 0xf1, 0x22, 0x10, 0x01}, 6},             // vpinsrq $1,(%rax),%xmm1,%xmm2
        {{0xc5, 0xf3, 0xc2, 0x10, 0x03}, 5},                   // vcmpunordsd (%rax),%xmm1,%xmm2
        {{0xf0, 0x48, 0x0f, 0xb1, 0x0a}, 5},                   // lock cmpxchg %rcx,(%rdx)
        {{0xf0, 0x41, 0x0f, 0xc1, 0x4c, 0x24, 0x10}, 7},       // lock xadd %ecx,0x10(%r12)
        {{0x87, 0x45, 0x00}, 3},                               // xchg %eax,0(%rbp)
        {{0x81, 0x00, 0x44, 0x33, 0x22, 0x11}, 6},             // addl $0x11223344,(%rax)
        {{0x83, 0x00, 0x01}, 3},                               // addl $1,(%rax)
        {{0x69, 0x10, 0xe8, 0x03, 0x00, 0x00}, 6},             // imul $1000,(%rax),%edx
        {{0x48, 0x0f, 0xaf, 0x10}, 4},                         // imul (%rax),%rdx
        {{0xf6, 0x00, 0x01}, 3},                               // testb $1,(%rax)
        {{0xf7, 0x00, 0x00, 0x01, 0x00, 0x00}, 6},             // testl $0x100,(%rax)
        {{0xf7, 0x10}, 2},                                     // notl (%rax)
        {{0xc1, 0x20, 0x03}, 3},                               // shll $3,(%rax)
        {{0x0f, 0x38, 0xf0, 0x08}, 4},                         // movbe (%rax),%ecx
        {{0xc4, 0xe2, 0xf1, 0xb9, 0x10}, 5},                   // vfmadd231sd (%rax),%xmm1,%xmm2
        {{0x66, 0x0f, 0x70, 0x00, 0x01}, 5},                   // pshufd $1,(%rax),%xmm0
        {{0x0f, 0x95, 0x00}, 3},                               // setne (%rax)
        {{0x0f, 0xc8}, 0},                                     // bswap %eax
        {{0x01, 0xc3}, 0},                                     // add %eax,%ebx
        {{0xc3}, 0},                                           // ret
    };
    for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
        ck_assert_msg(x86_memory_length(cases[i].code) == cases[i].length, "case %u: %u", i,
                      x86_memory_length(cases[i].code));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("compiled");
    TCase *c = tcase_create("compiled");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, calls_out);
    tcase_add_test(c, exit_single);
    tcase_add_test(c, exit_inlined);
    tcase_add_test(c, exit_lock);
    tcase_add_test(c, exit_rethrow);
    tcase_add_test(c, loop_to_the_end);
    tcase_add_test(c, loop_left);
    tcase_add_test(c, loop_throws);
    tcase_add_test(c, walk_mixed);
    tcase_add_test(c, overflow);
    tcase_add_test(c, poll);
    tcase_add_test(c, collection);
    tcase_add_test(c, instruction_lengths);
    suite_add_tcase(s, c);
    return run_suite(s);
}
