/*
 * block.c - park, sleep, interrupt, yield. A thread leaves the machine while it waits.
 *
 * The interrupt status is java.lang.Thread.interrupted itself (the class library sets and clears it); the
 * VM's part is to wake a thread that waits.
 */
#include <errno.h>
#include <sched.h>
#include <time.h>

#include "runtime/classes/known.h"
#include "runtime/threads/monitor.h"
#include "runtime/threads/threads-internal.h"

struct timespec deadline_in(int64_t nanos)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    /* beyond 100 years a wait is for ever, and the sum must not overflow */
    const int64_t most = 100ll * 365 * 24 * 3600 * 1000000000ll / 2;
    if (nanos > most) { nanos = most; }
    int64_t sum = ts.tv_nsec + nanos % 1000000000;
    ts.tv_sec += nanos / 1000000000 + sum / 1000000000;
    ts.tv_nsec = sum % 1000000000;
    return ts;
}

/* ---- pauses ---- */

bool thread_time_pauses;

static enum pause pause_of(int32_t status)
{
    switch (status) {
    case JTHREAD_BLOCKED: return PAUSE_BLOCKED;
    case JTHREAD_SLEEPING:
    case JTHREAD_WAITING:
    case JTHREAD_WAITING_TIMED:
    case JTHREAD_PARKED:
    case JTHREAD_PARKED_TIMED: return PAUSE_WAITING;
    default: return PAUSE_NONE;
    }
}

int64_t thread_paused_nanos(const struct thread *t, enum pause kind)
{
    const struct pauses *p = &t->pauses;
    return p->nanos[kind] + (p->now == kind && p->since ? (int64_t)monotonic_ns() - p->since : 0);
}

static void change_pause(struct thread *t, enum pause to)
{
    struct pauses *p = &t->pauses;
    if (p->now == to) { return; }
    if (p->now != PAUSE_NONE) { p->nanos[p->now] = thread_paused_nanos(t, p->now); }
    if (to != PAUSE_NONE) { p->count[to]++; }
    p->since = to != PAUSE_NONE && thread_time_pauses ? (int64_t)monotonic_ns() : 0;
    p->now = to;
}

int32_t thread_set_status(struct thread *t, int32_t status)
{
    change_pause(t, pause_of(status));
    if (!t->object) { return status; }
    int32_t old = obj_get_int(t->object, OFF(Thread_threadStatus));
    obj_set_int(t->object, OFF(Thread_threadStatus), status);
    return old;
}

static bool is_interrupted(struct thread *t)
{
    return t->object && __atomic_load_n((uint8_t *)obj_addr(t->object, OFF(Thread_interrupted)),
                                        __ATOMIC_ACQUIRE);
}

bool thread_check_interrupt(struct thread *t, bool throw_it)
{
    if (!is_interrupted(t)) { return false; }
    if (throw_it) { obj_set_boolean(t->object, OFF(Thread_interrupted), 0); }
    return true;
}

void thread_park(struct thread *t, bool absolute, int64_t time)
{
    if (__atomic_exchange_n(&t->park.permit, 0, __ATOMIC_ACQUIRE)) { return; }
    if (is_interrupted(t) || t->exception) { return; }
    if (absolute) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        int64_t left = time - (now.tv_sec * 1000 + now.tv_nsec / 1000000);
        if (left <= 0) { return; }
        time = left > INT64_MAX / 1000000 ? INT64_MAX : left * 1000000;
    } else if (time < 0) {
        return;
    }
    int32_t old = thread_set_status(t, time ? JTHREAD_PARKED_TIMED : JTHREAD_PARKED);
    struct timespec deadline = deadline_in(time);
    uint8_t *flag = obj_addr(t->object, OFF(Thread_interrupted));
    thread_enter_native(t);
    pthread_mutex_lock(&t->park.lock);
    int rc = 0;
    /* thread_interrupt posts a permit too, so one condition is enough; a spurious return is allowed */
    while (!__atomic_load_n(&t->park.permit, __ATOMIC_RELAXED) &&
           !__atomic_load_n(flag, __ATOMIC_RELAXED) && !(t->cpu.pending & PENDING_REQUEST) &&
           rc != ETIMEDOUT) {
        rc = time ? pthread_cond_timedwait(&t->park.cond, &t->park.lock, &deadline)
                  : pthread_cond_wait(&t->park.cond, &t->park.lock);
    }
    __atomic_store_n(&t->park.permit, 0, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&t->park.lock);
    thread_leave_native(t);
    thread_set_status(t, old);
}

void thread_unpark(struct thread *target)
{
    pthread_mutex_lock(&target->park.lock);
    __atomic_store_n(&target->park.permit, 1, __ATOMIC_RELEASE);
    pthread_cond_signal(&target->park.cond);
    pthread_mutex_unlock(&target->park.lock);
}

void thread_sleep(struct thread *t, int64_t millis)
{
    if (thread_check_interrupt(t, true)) {
        throw_new(t, "java/lang/InterruptedException", "sleep interrupted");
        return;
    }
    if (millis == 0) {
        thread_yield(t);
        return;
    }
    int32_t old = thread_set_status(t, JTHREAD_SLEEPING);
    struct timespec deadline =
        deadline_in(millis > INT64_MAX / 1000000 ? INT64_MAX : millis * 1000000);
    uint8_t *flag = obj_addr(t->object, OFF(Thread_interrupted));
    thread_enter_native(t);
    pthread_mutex_lock(&t->sleeper.lock);
    int rc = 0;
    while (rc != ETIMEDOUT && !__atomic_load_n(flag, __ATOMIC_RELAXED) &&
           !(t->cpu.pending & PENDING_REQUEST)) {
        rc = pthread_cond_timedwait(&t->sleeper.cond, &t->sleeper.lock, &deadline);
    }
    pthread_mutex_unlock(&t->sleeper.lock);
    thread_leave_native(t);
    thread_set_status(t, old);
    if (thread_check_interrupt(t, true)) {
        throw_new(t, "java/lang/InterruptedException", "sleep interrupted");
    }
}

/* The caller has set the Java flag. Wakes the target wherever it waits. */
void thread_interrupt(struct thread *target)
{
    pthread_mutex_lock(&target->sleeper.lock);
    pthread_cond_broadcast(&target->sleeper.cond);
    pthread_mutex_unlock(&target->sleeper.lock);
    thread_unpark(target);
    monitor_wake_waiter(target);
}

void thread_yield(struct thread *t)
{
    thread_enter_native(t);
    sched_yield();
    thread_leave_native(t);
}
