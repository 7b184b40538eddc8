/*
 * exception.c - making and throwing exceptions from C.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/engine.h"
#include "runtime/threads/threads-internal.h"

/* OutOfMemoryErrors for when not even an error can be allocated; made at start, without stack traces. */
#define SPARE_ERRORS 8
static gref spare_oom[SPARE_ERRORS];
static uint32_t next_spare;

void throw_class(struct thread *t, struct class *c, gref message, gref cause)
{
    t->exception = 0;
    if (!class_initialize(t, c)) { return; }
    gref ex = class_new_object(t, c);
    if (!ex) { return; }
    struct method *init = NULL;
    slot_t args[2] = {{.raw = ex}, {.raw = message}};
    if (message) {
        init = class_declared_method(c, SYM(init), SYM(string_void_sig));
        if (!init) {
            init = class_method_named(c, "<init>", "(Ljava/lang/Object;)V"); /* AssertionError */
        }
    } else {
        init = class_declared_method(c, SYM(init), SYM(void_sig));
    }
    if (!init && !message) {
        init = class_declared_method(c, SYM(init), SYM(string_void_sig)); /* with null */
    }
    if (init) { engine.call(t, init, args); }
    if (!t->exception) {
        if (cause) { obj_set_ref(ex, OFF(Throwable_cause), cause); }
        t->exception = ex;
    }
}

/* Before java.lang.Throwable can be used, an exception is the end. */
static void die_early(const char *name, const char *message)
{
    fprintf(stderr, "Error occurred during initialization of VM\n%s%s%s\n", name,
            message ? ": " : "", message ? message : "");
    exit(1);
}

static void throw_text(struct thread *t, const char *name, const char *message, gref cause)
{
    t->exception = 0;
    if (!KC(Throwable) || !class_is_initialized(KC(String))) { die_early(name, message); }
    struct class *c = class_load_boot(t, symbol_of(name));
    if (!c) {
        if (!t->exception) { die_early(name, message); }
        return;
    }
    gref text = message ? string_from_c(t, message) : 0;
    if (message && !text) { return; }
    throw_class(t, c, text, cause);
}

/* printf into malloced memory; NULL for no format. */
static char *format_message(const char *fmt, va_list ap)
{
    char *text = NULL;
    if (fmt && vasprintf(&text, fmt, ap) < 0) { text = NULL; }
    return text;
}

void throw_new(struct thread *t, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *message = format_message(fmt, ap);
    va_end(ap);
    throw_text(t, name, message, 0);
    free(message);
}

void throw_with_cause(struct thread *t, const char *name, const char *fmt, ...)
{
    gref cause = t->exception;
    va_list ap;
    va_start(ap, fmt);
    char *message = format_message(fmt, ap);
    va_end(ap);
    throw_text(t, name, message, cause);
    free(message);
}

void throw_npe(struct thread *t) { throw_new(t, "java/lang/NullPointerException", NULL); }

void throw_oom(struct thread *t, const char *what)
{
    t->oom_thrown = true;
    if (engine.out_of_memory) { engine.out_of_memory(what); }
    if (!t->making_oom) {
        t->making_oom = true;
        throw_new(t, "java/lang/OutOfMemoryError", "%s", what);
        t->making_oom = false;
        return;
    }
    uint32_t i = __atomic_fetch_add(&next_spare, 1, __ATOMIC_RELAXED) % SPARE_ERRORS;
    t->exception = spare_oom[i];
    if (!t->exception) { die_early("java.lang.OutOfMemoryError", what); }
}

bool exceptions_init(struct thread *t)
{
    struct class *c = class_load_boot(t, symbol_of("java/lang/OutOfMemoryError"));
    gref text = string_from_c(t, "Java heap space");
    if (!c || !text) { return false; }
    for (int i = 0; i < SPARE_ERRORS; i++) {
        throw_class(t, c, text, 0);
        spare_oom[i] = thread_take_exception(t);
    }
    return true;
}

void exceptions_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    for (int i = 0; i < SPARE_ERRORS; i++) { visit(&spare_oom[i], arg); }
}
