/*
 * thread.h - a Java thread: a host thread on a virtual CPU.
 *
 * States, as the collector sees them (thread.state):
 *
 *      THREAD_IN_VM      runs interpreter, compiled code or VM C code: may touch references freely, must poll
 *      THREAD_IN_NATIVE  runs JNI code or blocks in the kernel: out of the machine, holds only handles;
 *                        everything it left in frames below the transition is scanned
 *
 *   IN_VM --thread_enter_native()--> IN_NATIVE --thread_leave_native()--> IN_VM
 *
 * thread_leave_native() waits while a stop of the world is on. VM code may keep raw `gref`s in C
 * variables: its stack and registers are scanned conservatively and objects do not move. It must not
 * touch objects while IN_NATIVE.
 *
 * Exceptions: t->exception is the pending one, 0 if none. VM functions that can throw say so; callers
 * check it after each such call.
 */
#ifndef MOKA_THREADS_THREAD_H
#define MOKA_THREADS_THREAD_H

#include <jni.h>
#include <pthread.h>
#include <setjmp.h>

#include "runtime/heap/heap.h"
#include "runtime/heap/object.h"
#include "runtime/machine/vcpu.h"
#include "runtime/types.h"

enum thread_state {
    THREAD_IN_VM = 0,
    THREAD_IN_NATIVE = 1,
};

/* java.lang.Thread.threadStatus: JVMTI thread state bits, as jdk.internal.misc.VM.toThreadState reads them. */
enum {
    JTHREAD_NEW = 0,
    JTHREAD_TERMINATED = 0x0002,
    JTHREAD_RUNNABLE = 0x0005,
    JTHREAD_SLEEPING = 0x00e1,
    JTHREAD_WAITING = 0x0191,       /* Object.wait() */
    JTHREAD_WAITING_TIMED = 0x01a1, /* Object.wait(millis) */
    JTHREAD_PARKED = 0x0291,
    JTHREAD_PARKED_TIMED = 0x02a1,
    JTHREAD_BLOCKED = 0x0401, /* on a monitor */
};

/*
 * JNI local references: a chain of blocks per thread; a handle is the address of a cell. Arguments of a
 * native method are handles to the caller's operand cells instead.
 */
#define HANDLES_PER_BLOCK 30
struct handle_block {
    struct handle_block *prev; /* older block */
    struct handle_block
        *frame; /* first block of the enclosing PushLocalFrame/native call, for pops */
    uint32_t used;
    uint32_t capacity;
    slot_t cells[HANDLES_PER_BLOCK];
};

struct parker {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int permit;
};

/* What a thread waits for, by its status: to enter a monitor, or for something to happen (wait, sleep, park). */
enum pause { PAUSE_BLOCKED, PAUSE_WAITING, PAUSE_KINDS, PAUSE_NONE = PAUSE_KINDS };

/* How often and, while thread_time_pauses is set, how long. Written with each change of the status, so not for monitors that are
 * entered at once. */
struct pauses {
    uint64_t count[PAUSE_KINDS];
    int64_t nanos[PAUSE_KINDS];
    int64_t since;  /* begin of the present one, 0 if that is not known */
    enum pause now; /* PAUSE_NONE: runs */
};

struct frame;
struct monitor;
struct compiled_segment;

/* Live values of compiled code on its way out, at most (vm/compiled.h). */
#define EXIT_VALUES 512

/*
 * A part of the C stack that the collector does not scan: the frame of an interpreter activation. What that works on is in
 * Java frames at every safepoint; its own cells hold leftovers, which would keep dead objects alive.
 */
struct stack_gap {
    char *low, *high;
    struct stack_gap *outer;
};

struct thread {
    struct vcpu cpu; /* must be first: the engine passes a struct thread as its vcpu */
    struct heap_tlab tlab;
    gref exception;         /* pending Java exception */
    volatile int32_t state; /* enum thread_state */
    JNIEnv env;             /* what JNIEnv * of this thread points at; see thread_from_env */

    /* --- the engine's stack of Java frames (vm/frame.h) --- */
    struct frame *top;   /* innermost frame, NULL if none */
    slot_t *stack_base;  /* Java stack, grows up */
    size_t stack_size;   /* bytes of the Java stack with its reserve */
    slot_t *stack_limit; /* frames must end below; a reserve for exception handling follows */
    char *c_stack_limit; /* C stack: below it a StackOverflowError is thrown */
    char *c_stack_top;   /* highest address of the host stack */
    char *c_stack_base;  /* references are looked for below this */
    size_t c_stack_size;
    bool overflow_reserve; /* the reserve of the Java stack is in use */

    struct stack_gap *gaps; /* innermost first */

    /* --- compiled code (vm/compiled.h) --- */
    struct compiled_segment *segment; /* innermost run of compiled frames */
    bool left_loop;                   /* OSR code has left: go on interpreting at t->top */

    /* --- saved at the transition to native: where scanning starts --- */
    char *native_sp;
    uint64_t saved_regs[6];

    /* --- handles --- */
    struct handle_block *handles;

    /* --- identity --- */
    gref object; /* java.lang.Thread */
    uint32_t id; /* 1..65534, owner field of thin locks */
    pthread_t host;
    int host_tid;
    bool daemon;
    bool attached;    /* by JNI AttachCurrentThread */
    bool vm_internal; /* not visible to Java */
    bool exiting;     /* over as far as Java can see */

    /* --- blocking --- */
    struct parker park;
    struct monitor *waiting_on;  /* Object.wait() */
    gref blocked_on;             /* object whose monitor it waits to enter */
    struct parker sleeper;       /* Thread.sleep */
    pthread_cond_t monitor_cond; /* sleeps in a monitor's queue, with the monitor's lock */
    struct thread *queue_next;   /* in that queue */
    bool wait_notified;
    struct pauses pauses;
    int critical_depth; /* open JNI critical sections */

    /* --- lists --- */
    struct thread *next, *prev;
    gref async_exception; /* by Thread.stop; PENDING_REQUEST announces it */
    bool suspended;       /* by Thread.suspend, announced likewise, */
    bool halted;          /* and waiting for Thread.resume; both under safepoint.c's lock */
    sigjmp_buf *
        bus_guard; /* where a SIGBUS in memory outside the guest goes: an InternalError (stdlib/unsafe.c) */
    uint8_t bus_fault; /* one was in compiled code, which looks here behind such an access */

    /* --- scratch of the engine --- */
    slot_t engine_scratch[4]; /* roots */
    bool oom_thrown;          /* since the last handler was entered */
    bool making_oom;          /* an OutOfMemoryError is being made */
    char name[64];            /* host name */
    /* What leaving compiled code hands to compiled_exit(), which copies it before anything can collect; also lengths of
     * multianewarray. No roots. */
    uint64_t exit_values[EXIT_VALUES];
};

/* The lowest address that C frames of Java code may use; compiled code sees it as cpu.poll_limit. */
static inline void thread_set_c_limit(struct thread *t, char *limit)
{
    t->c_stack_limit = limit;
    vcpu_set_poll_limit(&t->cpu, (uintptr_t)limit);
}

static inline struct thread *thread_from_env(JNIEnv *env)
{
    return (struct thread *)((char *)env - offsetof(struct thread, env));
}

/* The calling host thread's struct thread, NULL if it is not attached. Slow-ish (TLS); VM code passes
 * `t` explicitly, this is for signal handlers and JVM_* entry points without a JNIEnv. */
struct thread *thread_current(void);

/* ---- transitions ---- */

void thread_leave_native_slow(struct thread *t);

/* Stores the callee-saved registers and the stack pointer where the collector finds them. */
static inline __attribute__((always_inline)) void thread_spill(struct thread *t)
{
    __asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"
                     "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)\n\t"
                     "movq %%rsp, (%1)"
                     :
                     : "r"(t->saved_regs), "r"(&t->native_sp)
                     : "memory");
}

/* Leaves the machine: a collection may run from here on. */
static inline void thread_enter_native(struct thread *t)
{
    thread_spill(t);
    __atomic_store_n(&t->state, THREAD_IN_NATIVE, __ATOMIC_RELEASE);
}

/* Comes back; waits while the world is stopped. */
static inline void thread_leave_native(struct thread *t)
{
    __atomic_exchange_n(&t->state, THREAD_IN_VM, __ATOMIC_SEQ_CST);
    if (UNLIKELY(__atomic_load_n(&t->cpu.pending, __ATOMIC_ACQUIRE))) {
        thread_leave_native_slow(t);
    }
}

/* What a set `pending` word asks for: stop requests, interrupts, timer ticks. Called by the engine at back edges
 * and method entries, and by VM code in long loops. May leave an asynchronous exception pending. */
void thread_poll_slow(struct thread *t);
static inline void thread_poll(struct thread *t)
{
    if (UNLIKELY(__atomic_load_n(&t->cpu.pending, __ATOMIC_RELAXED))) { thread_poll_slow(t); }
}

/* Thread.suspend: the thread of an object stops at its next poll, or, if it is in native code, at the first one after that, until
 * thread_resume(). Returns when it runs no Java code any more, or has ended. t: the caller, in VM; it may be the one. */
void thread_suspend(struct thread *t, gref object);
void thread_resume(struct thread *t, gref object);
/* The current thread waits for thread_resume(). */
void thread_wait_resumed(struct thread *t);
/* For those who were IN_NATIVE for long and hold no lock of the VM: waits while the thread is suspended. */
static inline void thread_heed_suspend(struct thread *t)
{
    if (UNLIKELY(__atomic_load_n(&t->suspended, __ATOMIC_ACQUIRE))) { thread_wait_resumed(t); }
}

/* ---- life ---- */

bool threads_init(void);
/* Makes the main thread's struct (no Java object yet); its JNIEnv is ready. */
struct thread *thread_attach_main(void);
/* java.lang.Thread.start0: starts a host thread that runs object.run(). Throws OutOfMemoryError
 * ("unable to create native thread ...") or IllegalThreadStateException. */
void thread_start(struct thread *t, gref object);
/* For JNI: a host thread becomes a Java thread. `group` 0 = main group. NULL on failure. */
struct thread *thread_attach(const char *name, gref group, bool daemon);
void thread_detach(struct thread *t);
/* struct thread of a java.lang.Thread, NULL if it is not alive. Call under threads_lock or for the current. */
struct thread *thread_of(gref object);
/* Waits until only daemon threads (and `t`) are left. */
void threads_wait_for_non_daemon(struct thread *t);
void threads_lock(struct thread *t);
void threads_unlock(void);
/* With threads_lock held or the world stopped. */
void threads_for_each(void (*f)(struct thread *, void *), void *arg);
/* Those that Java can see. */
uint32_t threads_count(bool daemon_only);
uint32_t threads_peak(void);
uint64_t threads_started(void);
void threads_reset_peak(void);

/* ---- blocking operations; each leaves the machine while it waits ---- */

void thread_park(struct thread *t, bool absolute, int64_t time);
void thread_unpark(struct thread *target);
/* Thread.sleep; throws InterruptedException. */
void thread_sleep(struct thread *t, int64_t millis);
void thread_interrupt(struct thread *target);
void thread_yield(struct thread *t);
/* Nanoseconds of pauses of the kind, with the present one as far as it got. */
int64_t thread_paused_nanos(const struct thread *t, enum pause kind);
extern bool thread_time_pauses;
/* Mutex for VM code: lock that leaves the machine while it waits, so that a holder may allocate. */
void vm_mutex_lock(struct thread *t, pthread_mutex_t *m);

/* ---- stop the world (safepoint.c) ---- */

/* Stops every other thread at a safepoint. `t` NULL = caller is a VM thread. */
void world_stop(struct thread *t);
void world_resume(struct thread *t);

/* ---- exceptions (exception.c) ---- */

/* Makes an exception of class `name` ("java/lang/InternalError") with a printf message (fmt NULL = no message) and
 * leaves it pending; replaces a pending one. If making it fails, what that threw stays pending. */
void throw_new(struct thread *t, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a class and a Java message (0 = none), and a cause (0 = none). */
void throw_class(struct thread *t, struct class *c, gref message, gref cause);
/* As throw_new, the pending exception (if any) becomes the cause. */
void throw_with_cause(struct thread *t, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void throw_oom(struct thread *t, const char *what); /* preallocated if need be */
void throw_npe(struct thread *t);
static inline void throw_object(struct thread *t, gref ex) { t->exception = ex; }
/* Clears and returns it. */
static inline gref thread_take_exception(struct thread *t)
{
    gref ex = t->exception; /* NOLINT(clang-analyzer-core.NullDereference): callers have a thread */
    t->exception = 0;
    return ex;
}

/* ---- handles ---- */

/* New local reference for a JNI function to return; NULL for 0. */
jobject handle_new(struct thread *t, gref o);
static inline gref handle_get_local(jobject h) { return ((slot_t *)h)->r; }

#endif
