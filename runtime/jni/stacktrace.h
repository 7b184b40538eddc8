/*
 * stacktrace.h - looking at Java stacks: who called, backtraces of Throwables, StackWalker, thread dumps.
 *
 * A backtrace (Throwable.backtrace) is a long[]; each element is one frame, innermost first:
 *
 *     63                    32 31                     0
 *    +------------------------+------------------------+
 *    |  method - META_BASE    |  bytecode index, -1    |
 *    +------------------------+------------------------+
 *
 * One element more, the last, is 1 when hidden frames were left out at the top: then the first frame listed is not the one
 * that threw.
 *
 * Classes are never unloaded while a method is named here (metadata stays), so nothing else need be kept.
 */
#ifndef MOKA_JNI_STACKTRACE_H
#define MOKA_JNI_STACKTRACE_H

#include <stdio.h>

#include "runtime/classes/class.h"
#include "runtime/engine.h"
#include "runtime/threads/thread.h"

struct stacktrace_options {
    bool show_hidden; /* -XX:+ShowHiddenFrames */
    int max_depth;    /* -XX:MaxJavaStackTraceDepth, 1024; 0 = none */
};
extern struct stacktrace_options stacktrace_options;

static inline uint64_t frame_pack(const struct method *m, int bci)
{
    return (uint64_t)((uintptr_t)m - META_BASE) << 32 | (uint32_t)bci;
}
static inline struct method *frame_method(uint64_t packed)
{
    return (struct method *)(META_BASE + (packed >> 32));
}
static inline int frame_bci(uint64_t packed) { return (int32_t)(uint32_t)packed; }

/* Not shown in the stack traces of Throwables and by StackWalker: @Hidden methods, all of hidden classes. */
bool frame_is_hidden(const struct method *m);

/* Frames of a thread, innermost first, into a malloced array; *n their number (at most max if max > 0). With `hidden`
 * also the hidden ones. The thread must be the current one or stopped. */
uint64_t *stack_collect(struct thread *of, int max, bool hidden, int *n);

/* Sets backtrace, depth of a Throwable from the current stack, without the frames that made it. */
void throwable_fill(struct thread *t, gref throwable);
/* StackTraceElement objects. */
void stack_element_init(struct thread *t, gref element, struct method *m, int bci);
gref stack_elements(struct thread *t, const uint64_t *frames,
                    int n); /* a new StackTraceElement[] */
/* "\tat pkg.Cls.method(File.java:12)" without line end. */
void stack_print_frame(FILE *f, const struct method *m, int bci);

/* Do frames of the method belong to the mechanism of a reflective call, not to a caller? */
bool stack_is_mechanism(const struct method *m);
/* Class of the method `depth` frames above the native that asks (its own frame is not counted, 0 = its caller);
 * frames of reflection and hidden ones are skipped. NULL if the stack ends. */
struct class *stack_caller(struct thread *t, int depth);
/* Class of the innermost frame of all: the native method itself when called from one. */
struct method *stack_top_method(struct thread *t);
/* Loader of the first frame with a loader that is neither boot nor platform. */
gref stack_user_loader(struct thread *t);

/* The thread that holds the monitor which `of` is blocked to enter, NULL if none. World stopped. */
struct thread *thread_waits_for(struct thread *of);

/* Prints all Java threads with their stacks, like SIGQUIT on HotSpot, then deadlocks. */
void threads_dump(FILE *f);

gref stack_walk_begin(struct thread *t, gref stream, int64_t mode, int skip, int count, int start,
                      gref frames);
int32_t stack_walk_more(struct thread *t, int64_t mode, int64_t anchor, int count, int start,
                        gref frames);

/* Object[][] for Thread.dumpThreads: StackTraceElement[] of each thread, null if it is not alive. */
gref threads_stack_elements(struct thread *t, gref threads);

/* AccessController natives. */
gref security_stack_context(struct thread *t);

#endif
