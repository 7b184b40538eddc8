/*
 * classes_fakes.h - just enough of threads, heap and engine to test runtime/classes alone: a bump allocator over low
 * addresses, exceptions as text, no Java code.
 */
#ifndef MOKA_TESTS_CLASSES_FAKES_H
#define MOKA_TESTS_CLASSES_FAKES_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/classes-internal.h"
#include "runtime/engine.h"

static struct thread fake_thread;
static char thrown[2048]; /* "java/lang/Error: message" of the last exception */
static int calls;         /* of engine.call */

static slot_t fake_call(struct thread *t, struct method *m, const slot_t *args)
{
    (void)t, (void)m, (void)args;
    calls++;
    return (slot_t){0};
}

struct engine engine = {.call = fake_call, .call_virtual = fake_call};

gref heap_alloc_slow(struct heap_tlab *tlab, uint64_t size, enum heap_kind kind)
{
    static char *next, *end;
    (void)tlab, (void)kind;
    if (!next) {
        next = mmap((void *)0x40000000, 64 << 20, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        end = next + (64 << 20);
    }
    size = ALIGN_UP(size, (uint64_t)16);
    if ((uint64_t)(end - next) < size) { return 0; }
    next += size;
    return (gref)(uintptr_t)(next - size);
}

static void fake_throw(struct thread *t, const char *name, const char *fmt, va_list ap)
{
    int n = snprintf(thrown, sizeof thrown, "%s", name);
    if (fmt) {
        n += snprintf(thrown + n, sizeof thrown - (size_t)n, ": ");
        vsnprintf(thrown + n, sizeof thrown - (size_t)n, fmt, ap);
    }
    struct symbol *s = KC(Object) && KC(Class) ? symbol_of(name) : NULL;
    struct class *c = s ? class_load_boot(t, s) : NULL;
    t->exception = c ? class_new_object(t, c) : 4;
}

void throw_new(struct thread *t, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fake_throw(t, name, fmt, ap);
    va_end(ap);
}

void throw_with_cause(struct thread *t, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fake_throw(t, name, fmt, ap);
    va_end(ap);
}

void throw_class(struct thread *t, struct class *c, gref message, gref cause)
{
    (void)message, (void)cause;
    throw_new(t, c->name->text, NULL);
}

void throw_oom(struct thread *t, const char *what)
{
    throw_new(t, "java/lang/OutOfMemoryError", "%s", what);
}
void thread_leave_native_slow(struct thread *t) { (void)t; }
bool monitor_enter_slow(struct thread *t, gref o) { return t && o; }
bool monitor_exit_slow(struct thread *t, gref o) { return t && o; }

/* The class library of the JDK that tests run with. */
static const char *java_home(void)
{
    const char *home = getenv("JDK");
    return home ? home : MOKA_CONFIGURED_JDK;
}

/* Starts the class world once a process (Check forks for each test). */
__attribute__((unused)) static struct thread *start_classes(void)
{
    struct thread *t = &fake_thread;
    struct boot_path path = {.java_home = java_home()};
    static struct heap_free no_cell = {HEAP_LIST_END};
    struct heap_free **lists = &t->tlab.free[0][0];
    for (unsigned i = 0; i < HEAP_TLAB_CLASSES * HEAP_KINDS; i++) { lists[i] = &no_cell; }
    ck_assert(classes_init(&path));
    ck_assert(primitive_classes_init(t));
    ck_assert(known_classes_init(t));
    return t;
}

#endif
