/*
 * thread.c - life of threads: attach, start, end; the list of all.
 *
 * A thread has two stacks: the host's (C frames) and the Java stack (frames of the interpreter), both with a soft
 * limit below which StackOverflowError is thrown and a reserve beyond it for making that error. Frames of compiled code are C
 * frames, so -Xss and the stack sizes that programs ask for count for both.
 */
#include "runtime/threads/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/engine.h"
#include "runtime/jni/handles.h"
#include "runtime/jni/jni_table.h"
#include "runtime/machine/machine.h"
#include "runtime/threads/monitor.h"
#include "runtime/threads/threads-internal.h"

#define MAX_THREADS        65534
#define C_STACK_SIZE       (2u << 20)   /* and what was asked for, see c_stack_for() */
#define MAIN_STACK_MAX     (112u << 20) /* the kernel keeps 128 MB free below the first stack */
#define C_STACK_RESERVE    (192u << 10)
#define JAVA_STACK_RESERVE (64u << 10)

size_t thread_java_stack_size = 2u << 20;
unsigned thread_c_stack_scale = 1;

static __thread struct thread *current;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t list_changed = PTHREAD_COND_INITIALIZER;
static struct thread *all_threads;
static uint32_t live, live_daemon;       /* in the list */
static uint32_t exiting, exiting_daemon; /* of them: over as far as Java can see */
static uint32_t peak;
static uint64_t started;
static uint64_t id_map[MAX_THREADS / 64 + 1];

struct thread *thread_current(void) { return current; }

/* ---- allocation ---- */

static uint32_t take_id(void)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(id_map); i++) {
        if (~id_map[i]) {
            uint32_t bit = (uint32_t)__builtin_ctzll(~id_map[i]);
            uint32_t id = i * 64 + bit + 1;
            if (id > MAX_THREADS) { return 0; }
            id_map[i] |= 1ull << bit;
            return id;
        }
    }
    return 0;
}

static void parker_init(struct parker *p)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->cond, &attr);
    pthread_condattr_destroy(&attr);
}

static struct thread *thread_new(size_t java_stack)
{
    struct thread *t = aligned_alloc(64, ALIGN_UP(sizeof *t, 64));
    if (!t) { return NULL; }
    memset(t, 0, sizeof *t);
    heap_flush_tlab(&t->tlab);
    size_t size = ALIGN_UP(java_stack + JAVA_STACK_RESERVE, 4096);
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) {
        free(t);
        return NULL;
    }
    t->stack_base = stack;
    t->stack_size = size;
    t->stack_limit = (slot_t *)((char *)stack + size - JAVA_STACK_RESERVE);
    t->env = &jni_functions;
    t->state = THREAD_IN_NATIVE;
    t->pauses.now = PAUSE_NONE;
    parker_init(&t->park);
    parker_init(&t->sleeper);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&t->monitor_cond, &attr);
    pthread_condattr_destroy(&attr);
    if (!vcpu_init(&t->cpu)) {
        munmap(stack, size);
        free(t);
        return NULL;
    }
    return t;
}

static void thread_free(struct thread *t)
{
    vcpu_destroy(&t->cpu);
    handles_free(t);
    munmap(t->stack_base, t->stack_size);
    pthread_mutex_destroy(&t->park.lock);
    pthread_cond_destroy(&t->park.cond);
    pthread_mutex_destroy(&t->sleeper.lock);
    pthread_cond_destroy(&t->sleeper.cond);
    pthread_cond_destroy(&t->monitor_cond);
    free(t);
}

/* C stack of a thread with a Java stack of this size, which is twice what was asked for: so compiled frames, smaller than
 * interpreted ones, reach at least as deep. */
static size_t c_stack_for(size_t java_stack)
{
    return ALIGN_UP((C_STACK_SIZE + java_stack / 2) * thread_c_stack_scale, 4096);
}

/* The first thread's stack grows up to a limit that may be raised while it runs. */
static void raise_main_stack(size_t want)
{
    struct rlimit limit;
    if (want > MAIN_STACK_MAX) { want = MAIN_STACK_MAX; }
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < want && limit.rlim_max >= want) {
        limit.rlim_cur = want;
        setrlimit(RLIMIT_STACK, &limit);
    }
}

enum host_kind {
    HOST_FOUND,   /* the main thread, or one of a native program: its stack may be unlimited */
    HOST_CREATED, /* by us */
};

/* What belongs to the host thread: its stack bounds, the signal stack, `current`. */
static void bind_host(struct thread *t, enum host_kind host)
{
    current = t;
    t->host = pthread_self();
    t->host_tid = (int)syscall(SYS_gettid);
    pthread_attr_t attr;
    void *addr = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &addr, &size);
        pthread_attr_destroy(&attr);
    }
    t->c_stack_base = t->c_stack_top = (char *)addr + size;
    t->c_stack_size = size;
    /* the main thread's stack may be "unlimited": it uses as much as other threads have */
    size_t usable = c_stack_for(thread_java_stack_size);
    if (usable > MAIN_STACK_MAX) { usable = MAIN_STACK_MAX; }
    if (host == HOST_CREATED || usable > size) { usable = size; }
    thread_set_c_limit(t, t->c_stack_base - usable + C_STACK_RESERVE);
    machine_thread_attach(&t->cpu);
}

static bool enlist(struct thread *t)
{
    vm_mutex_lock(current, &list_lock); /* the caller may be IN_VM, and a stopper may hold it */
    t->id = take_id();
    if (t->id) {
        t->next = all_threads;
        if (all_threads) { all_threads->prev = t; }
        all_threads = t;
        if (!t->vm_internal) {
            live++;
            live_daemon += t->daemon;
            started++;
            if (live - exiting > peak) { peak = live - exiting; }
        }
    }
    pthread_mutex_unlock(&list_lock);
    return t->id != 0;
}

static void delist(struct thread *t)
{
    vm_mutex_lock(current, &list_lock);
    if (t->prev) {
        t->prev->next = t->next;
    } else {
        all_threads = t->next;
    }
    if (t->next) { t->next->prev = t->prev; }
    uint32_t bit = t->id - 1;
    id_map[bit / 64] &= ~(1ull << bit % 64);
    if (!t->vm_internal) {
        live--;
        live_daemon -= t->daemon;
        exiting -= t->exiting;
        exiting_daemon -= t->exiting && t->daemon;
    }
    pthread_cond_broadcast(&list_changed);
    pthread_mutex_unlock(&list_lock);
}

/* ---- the list ---- */

void vm_mutex_lock(struct thread *t, pthread_mutex_t *m)
{
    if (pthread_mutex_trylock(m) == 0) { return; }
    if (!t || t->state != THREAD_IN_VM) {
        pthread_mutex_lock(m);
        return;
    }
    thread_enter_native(t);
    pthread_mutex_lock(m);
    thread_leave_native(t);
}

void threads_lock(struct thread *t) { vm_mutex_lock(t, &list_lock); }

void threads_unlock(void) { pthread_mutex_unlock(&list_lock); }

void threads_for_each(void (*f)(struct thread *, void *), void *arg)
{
    for (struct thread *t = all_threads; t; t = t->next) { f(t, arg); }
}

uint32_t threads_count(bool daemon_only)
{
    return daemon_only ? live_daemon - exiting_daemon : live - exiting;
}

uint32_t threads_peak(void) { return peak; }

uint64_t threads_started(void) { return started; }

void threads_reset_peak(void) { peak = live - exiting; }

struct thread *thread_of(gref object)
{
    return object ? (struct thread *)(uintptr_t)obj_get_long(object, OFF(Thread_eetop)) : NULL;
}

void threads_wait_for_non_daemon(struct thread *t)
{
    thread_enter_native(t);
    pthread_mutex_lock(&list_lock);
    while (live - live_daemon > (t->daemon ? 0u : 1u)) {
        pthread_cond_wait(&list_changed, &list_lock);
    }
    pthread_mutex_unlock(&list_lock);
    thread_leave_native(t);
}

/* ---- start and end ---- */

bool threads_init(void) { return safepoint_init(); }

struct thread *thread_attach_main(void)
{
    struct thread *t = thread_new(thread_java_stack_size);
    if (!t) { return NULL; }
    raise_main_stack(c_stack_for(thread_java_stack_size));
    bind_host(t, HOST_FOUND);
    snprintf(t->name, sizeof t->name, "main");
    enlist(t);
    thread_leave_native(t);
    return t;
}

/* From here on nothing tells of the thread: who comes back from join() must not find it among those that live. */
static void hide(struct thread *t)
{
    threads_lock(t);
    obj_set_long(t->object, OFF(Thread_eetop), 0);
    t->exiting = true;
    if (!t->vm_internal) {
        exiting++;
        exiting_daemon += t->daemon;
    }
    threads_unlock();
}

/* The last things that a Java thread does: uncaught exception, Thread.exit, join()ers woken. */
static void thread_end(struct thread *t)
{
    slot_t args[2] = {{.raw = t->object}, {.raw = 0}};
    if (t->exception) {
        args[1].raw = thread_take_exception(t);
        struct method *m = class_find_method(class_of(t->object), SYM(dispatchUncaughtException),
                                             SYM(throwable_void_sig));
        if (m) { engine.call_virtual(t, m, args); }
        t->exception = 0;
    }
    struct method *exit_method = class_find_method(KC(Thread), SYM(exit), SYM(void_sig));
    if (exit_method) { engine.call(t, exit_method, args); }
    t->exception = 0;
    if (monitor_enter(t, t->object)) {
        obj_set_int(t->object, OFF(Thread_threadStatus), JTHREAD_TERMINATED);
        hide(t);
        monitor_notify(t, t->object, true);
        monitor_exit(t, t->object);
    }
    t->exception = 0;
}

static void thread_leave_machine(struct thread *t)
{
    thread_enter_native(t);
    pthread_mutex_lock(&list_lock); /* no collection looks at the lists now */
    heap_flush_tlab(&t->tlab);
    pthread_mutex_unlock(&list_lock);
    machine_thread_detach();
    delist(t);
    current = NULL;
}

static void *thread_main(void *arg)
{
    struct thread *t = arg;
    bind_host(t, HOST_CREATED);
    t->c_stack_base = __builtin_frame_address(0); /* above are libc's thread block and TLS */
    thread_leave_native(t);
    struct method *run = class_find_method(class_of(t->object), SYM(run), SYM(void_sig));
    slot_t self = {.raw = t->object};
    engine.call_virtual(t, run, &self);
    thread_end(t);
    thread_leave_machine(t);
    thread_free(t);
    return NULL;
}

static size_t requested_stack(gref object)
{
    int64_t size = obj_get_long(object, OFF(Thread_stackSize));
    if (size <= 0) { return thread_java_stack_size; }
    size = size < (256 << 10) ? 256 << 10 : size > (1ll << 30) ? 1ll << 30 : size;
    return (size_t)size * 2;
}

void thread_start(struct thread *t, gref object)
{
    if (obj_get_long(object, OFF(Thread_eetop)) ||
        obj_get_int(object, OFF(Thread_threadStatus)) != JTHREAD_NEW) {
        throw_new(t, "java/lang/IllegalThreadStateException", NULL);
        return;
    }
    size_t java_stack = requested_stack(object);
    struct thread *nt = thread_new(java_stack);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, c_stack_for(java_stack));
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    bool ok = nt != NULL;
    if (ok) {
        nt->object = object;
        nt->daemon = obj_get_boolean(object, OFF(Thread_daemon));
        ok = enlist(nt);
    }
    if (ok) {
        obj_set_long(object, OFF(Thread_eetop), (int64_t)(uintptr_t)nt);
        obj_set_int(object, OFF(Thread_threadStatus), JTHREAD_RUNNABLE);
        ok = pthread_create(&nt->host, &attr, thread_main, nt) == 0;
        if (!ok) { /* the size that a program asks for is a suggestion */
            pthread_attr_setstacksize(&attr, C_STACK_SIZE);
            ok = pthread_create(&nt->host, &attr, thread_main, nt) == 0;
        }
        if (!ok) {
            obj_set_long(object, OFF(Thread_eetop), 0);
            obj_set_int(object, OFF(Thread_threadStatus), JTHREAD_NEW);
            delist(nt);
        }
    }
    pthread_attr_destroy(&attr);
    if (!ok) {
        if (nt) { thread_free(nt); }
        throw_new(t, "java/lang/OutOfMemoryError",
                  "unable to create native thread: possibly out of memory or process/resource "
                  "limits reached");
    }
}

struct thread *thread_attach(const char *name, gref group, bool daemon)
{
    if (current) { return current; }
    struct thread *t = thread_new(thread_java_stack_size);
    if (!t) { return NULL; }
    t->daemon = daemon;
    t->attached = true;
    bind_host(t, HOST_FOUND);
    if (!enlist(t)) {
        thread_free(t);
        current = NULL;
        return NULL;
    }
    thread_leave_native(t);
    if (!thread_make_object(t, name, group)) {
        t->exception = 0;
        thread_leave_machine(t);
        thread_free(t);
        return NULL;
    }
    return t;
}

bool thread_make_object(struct thread *t, const char *name, gref group)
{
    gref object = class_new_object(t, KC(Thread));
    if (!object) { return false; }
    t->object = object;
    obj_set_long(object, OFF(Thread_eetop), (int64_t)(uintptr_t)t);
    obj_set_int(object, OFF(Thread_priority), 5);
    obj_set_boolean(object, OFF(Thread_daemon), t->daemon);
    if (!group) { group = thread_main_group; }
    slot_t args[3] = {{.raw = object}, {.raw = group}, {.raw = 0}};
    struct method *init;
    if (name) {
        args[2].raw = string_from_c(t, name);
        init = class_method_named(KC(Thread), "<init>",
                                  "(Ljava/lang/ThreadGroup;Ljava/lang/String;)V");
    } else {
        init = class_method_named(KC(Thread), "<init>",
                                  "(Ljava/lang/ThreadGroup;Ljava/lang/Runnable;)V");
    }
    if (!init) { return false; }
    engine.call(t, init, args);
    if (t->exception) { return false; }
    obj_set_boolean(object, OFF(Thread_daemon), t->daemon);
    obj_set_int(object, OFF(Thread_threadStatus), JTHREAD_RUNNABLE);
    /* Thread.start() puts other threads into their group */
    args[0].raw = group;
    args[1].raw = object;
    engine.call(t, class_method_named(KC(ThreadGroup), "add", "(Ljava/lang/Thread;)V"), args);
    return !t->exception;
}

gref thread_main_group;

void thread_detach(struct thread *t)
{
    thread_end(t);
    thread_leave_machine(t);
    thread_free(t);
}
