/*
 * safepoint.c - stopping the world, and what the collector asks of threads.
 *
 *   stopper                                       each other thread
 *   threads_lock                                  IN_VM: polls `pending` at back edges, entries, allocations
 *   stopping = 1                                    -> thread_poll_slow: goes IN_NATIVE, waits for `resumed`
 *   post PENDING_SAFEPOINT to everyone            IN_NATIVE: may run on; thread_leave_native() sees `pending`
 *   wait until nobody is IN_VM                      and waits too
 *   ... work ...
 *   stopping = 0, signal `resumed`, unlock
 *
 * The list lock is held all the time, so no thread appears or disappears meanwhile. A thread that comes back from native
 * writes its state before it reads `pending`, the stopper posts before it reads states (both sequentially
 * consistent): one of the two sees the other.
 */
#include <link.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/engine.h"
#include "runtime/jni/handles.h"
#include "runtime/machine/machine.h"
#include "runtime/threads/monitor.h"
#include "runtime/threads/threads-internal.h"

static pthread_mutex_t stop_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resumed = PTHREAD_COND_INITIALIZER;
static volatile int stopping;

static void post_stop(struct thread *t, void *self)
{
    if (t != self) { vcpu_post(&t->cpu, PENDING_SAFEPOINT); }
}

static void count_running(struct thread *t, void *arg)
{
    void **a = arg;
    if (t != a[0] && __atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == THREAD_IN_VM) { a[1] = t; }
}

static void clear_stop(struct thread *t, void *self)
{
    (void)self;
    vcpu_take(&t->cpu, PENDING_SAFEPOINT);
}

void world_stop(struct thread *t)
{
    threads_lock(t);
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    threads_for_each(post_stop, t);
    for (unsigned spins = 0;; spins++) {
        void *arg[2] = {t, NULL};
        threads_for_each(count_running, arg);
        if (!arg[1]) { break; }
        if (spins < 100) {
            sched_yield();
        } else {
            usleep(50);
        }
    }
}

void world_resume(struct thread *t)
{
    threads_for_each(clear_stop, t);
    pthread_mutex_lock(&stop_lock);
    __atomic_store_n(&stopping, 0, __ATOMIC_SEQ_CST);
    pthread_cond_broadcast(&resumed);
    pthread_mutex_unlock(&stop_lock);
    threads_unlock();
}

/* Waits IN_NATIVE until no stop is on, then is IN_VM. */
static void wait_resumed(struct thread *t)
{
    do {
        pthread_mutex_lock(&stop_lock);
        while (__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
            pthread_cond_wait(&resumed, &stop_lock);
        }
        pthread_mutex_unlock(&stop_lock);
        __atomic_store_n(&t->state, THREAD_IN_VM, __ATOMIC_SEQ_CST);
        if (!__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) { return; }
        __atomic_store_n(&t->state, THREAD_IN_NATIVE, __ATOMIC_SEQ_CST);
    } while (true);
}

void __attribute__((noinline)) thread_leave_native_slow(struct thread *t)
{
    if (__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
        /* back to where the collector may scan what thread_enter_native() spilled: nothing was touched since */
        __atomic_store_n(&t->state, THREAD_IN_NATIVE, __ATOMIC_SEQ_CST);
        wait_resumed(t);
    }
}

#define SUSPEND_PATIENCE                                                                           \
    100 /* times 50 us for a thread that is out of the VM to come back to a poll */

void __attribute__((noinline)) thread_wait_resumed(struct thread *t)
{
    thread_enter_native(t);
    pthread_mutex_lock(&stop_lock);
    t->halted = true;
    while (t->suspended) { pthread_cond_wait(&resumed, &stop_lock); }
    t->halted = false;
    pthread_mutex_unlock(&stop_lock);
    thread_leave_native(t);
}

/* Does it wait for its end of suspension, is it resumed already, or gone? native_too: native code will do, which may take any time; its
 * end looks whether it is suspended (thread_heed_suspend). */
static bool has_halted(struct thread *t, gref object, bool native_too)
{
    threads_lock(t);
    const struct thread *of = thread_of(object);
    bool native = of && __atomic_load_n(&of->state, __ATOMIC_SEQ_CST) != THREAD_IN_VM;
    pthread_mutex_lock(&stop_lock);
    bool halted = !of || !of->suspended || of->halted || (native_too && native);
    pthread_mutex_unlock(&stop_lock);
    threads_unlock();
    return halted;
}

/* Returns the thread of the object, NULL if it has none. */
static const struct thread *set_suspended(struct thread *t, gref object, bool suspended)
{
    threads_lock(t);
    struct thread *of = thread_of(object);
    if (of) {
        pthread_mutex_lock(&stop_lock);
        __atomic_store_n(&of->suspended, suspended, __ATOMIC_RELEASE);
        if (!suspended) { pthread_cond_broadcast(&resumed); }
        pthread_mutex_unlock(&stop_lock);
        if (suspended) { vcpu_post(&of->cpu, PENDING_REQUEST); }
    }
    threads_unlock();
    return of;
}

void thread_suspend(struct thread *t, gref object)
{
    const struct thread *of = set_suspended(t, object, true);
    if (!of) { return; }
    if (of == t) {
        thread_poll(t);
        return;
    }
    for (unsigned n = 0; !has_halted(t, object, n >= SUSPEND_PATIENCE); n++) {
        thread_enter_native(t);
        usleep(50);
        thread_leave_native(t);
    }
}

void thread_resume(struct thread *t, gref object) { set_suspended(t, object, false); }

void __attribute__((noinline)) thread_poll_slow(struct thread *t)
{
    if (t->cpu.pending & PENDING_SAFEPOINT) {
        if (__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
            thread_enter_native(t);
            wait_resumed(t);
        } else {
            vcpu_take(&t->cpu, PENDING_SAFEPOINT);
        }
    }
    if (t->cpu.pending & PENDING_REQUEST && vcpu_take(&t->cpu, PENDING_REQUEST)) {
        gref ex = __atomic_exchange_n(&t->async_exception, 0, __ATOMIC_SEQ_CST);
        if (ex) { t->exception = ex; }
        thread_heed_suspend(t);
    }
    if (t->cpu.pending & (PENDING_INTERRUPT | PENDING_TIMER | PENDING_SAMPLE)) {
        machine_serve_pending(&t->cpu);
    }
}

/* ---- hooks of the collector ---- */

static void hook_enter_blocked(void)
{
    struct thread *t = thread_current();
    if (t) { thread_enter_native(t); }
}

static void hook_leave_blocked(void)
{
    struct thread *t = thread_current();
    if (t) { thread_leave_native(t); }
}

static void hook_stop(void) { world_stop(NULL); }

static void hook_resume(void) { world_resume(NULL); }

static void flush_one(struct thread *t, void *arg)
{
    (void)arg;
    heap_flush_tlab(&t->tlab);
}

static void hook_flush(void) { threads_for_each(flush_one, NULL); }

static void push_cell(gref *cell, void *arg)
{
    (void)arg;
    if (*cell) { heap_push_ref(*cell); }
}

static void push_range(const void *from, const void *to, void *arg)
{
    (void)arg;
    heap_push_slots(from, (size_t)((const slot_t *)to - (const slot_t *)from));
}

/* Where pointers on C stacks point to when they are not references: per thread its stacks, the
 * executable with malloc's first arena, and the images of the libraries that were there at start (dl_iterate_phdr cannot be asked while the world is stopped: a
 * thread that waits for the collector may hold the loader's lock). */
#define OWN_RANGES 4
static struct heap_range host[OWN_RANGES + 40];
static unsigned n_host = OWN_RANGES;

static int note_image(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    (void)arg;
    uint64_t high = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uint64_t end = info->dlpi_addr + p->p_vaddr + p->p_memsz;
        if (p->p_type == PT_LOAD && end > high) { high = end; }
    }
    if (n_host < ARRAY_COUNT(host)) { host[n_host++] = (struct heap_range){info->dlpi_addr, high}; }
    return 0;
}

void threads_note_images(void)
{
    n_host = OWN_RANGES;
    dl_iterate_phdr(note_image, NULL);
}

static void push_thread(struct thread *t, void *arg)
{
    if (t->native_sp && t->c_stack_base) {
        extern char __executable_start;
        host[0] = (struct heap_range){(uintptr_t)t->c_stack_top - t->c_stack_size - 4096,
                                      (uintptr_t)t->c_stack_top + 1};
        host[3] = (struct heap_range){(uintptr_t)&__executable_start, (uintptr_t)sbrk(0)};
        host[1] =
            (struct heap_range){(uintptr_t)t->stack_base, (uintptr_t)t->stack_base + t->stack_size};
        host[2] = (struct heap_range){(uintptr_t)t, (uintptr_t)(t + 1)};
        unsigned n = n_host;
        const char *from = t->native_sp;
        for (const struct stack_gap *g = t->gaps; g; g = g->outer) {
            if (g->low >= from) {
                heap_push_stack(from, g->low, host, n);
                from = g->high;
            }
        }
        heap_push_stack(from, t->c_stack_base, host, n);
        heap_push_stack(t->saved_regs, t->saved_regs + ARRAY_COUNT(t->saved_regs), host, n);
    }
    engine.visit_frames(t, push_range, arg);
    handles_visit(t, push_cell, arg);
    heap_push_slots(t->engine_scratch, ARRAY_COUNT(t->engine_scratch));
    push_cell(&t->exception, arg);
    push_cell(&t->async_exception, arg);
    push_cell(&t->object, arg);
    push_cell(&t->blocked_on, arg);
}

static void hook_roots(void)
{
    threads_for_each(push_thread, NULL);
    classes_visit_roots(push_cell, NULL);
    jni_visit_roots(push_cell, NULL);
    monitors_visit_roots(push_cell, NULL);
    exceptions_visit_roots(push_cell, NULL);
    push_cell(&thread_main_group, NULL);
}

static void hook_clear_weak(bool (*is_live)(gref))
{
    jni_clear_weak(is_live);
    monitors_sweep(is_live);
}

bool safepoint_init(void)
{
    static const struct heap_hooks hooks = {
        .enter_blocked = hook_enter_blocked,
        .leave_blocked = hook_leave_blocked,
        .stop_world = hook_stop,
        .resume_world = hook_resume,
        .flush_tlabs = hook_flush,
        .push_roots = hook_roots,
        .clear_weak = hook_clear_weak,
    };
    heap_set_hooks(&hooks);
    return true;
}
