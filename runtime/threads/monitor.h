/*
 * monitor.h - object locks (JVMS 2.11.10, JLS 17): thin locks that inflate to monitors.
 *
 * The lock word (header offset 4):
 *
 *    31                16 15             2 1   0
 *   +--------------------+----------------+-----+
 *   |  owner thread id   | recursions     | 0 0 |   thin (all 0: unlocked, never locked)
 *   +--------------------+----------------+-----+
 *   |  monitor index                      | 0 1 |   inflated
 *   +-------------------------------------+-----+
 *
 * Inflation happens on contention, wait(), recursion overflow. A monitor stays with its object until the collector
 * finds the object dead (monitors_sweep), or, when idle, it is deflated at a safepoint.
 */
#ifndef MOKA_THREADS_MONITOR_H
#define MOKA_THREADS_MONITOR_H

#include "runtime/threads/thread.h"

#define LOCK_INFLATED       1u
#define LOCK_RECURSION_ONE  4u
#define LOCK_RECURSION_MASK 0xfffcu
#define LOCK_OWNER_SHIFT    16

/* Slow paths; see monitor_enter. */
bool monitor_enter_slow(struct thread *t, gref o);
bool monitor_exit_slow(struct thread *t, gref o);

static inline uint32_t *lock_word(gref o) { return (uint32_t *)obj_addr(o, OBJ_LOCK_OFFSET); }

/* monitorenter; `o` is not null. False with an exception pending only on resource exhaustion. Blocks out of the machine. */
static inline bool monitor_enter(struct thread *t, gref o)
{
    uint32_t expected = 0;
    if (LIKELY(__atomic_compare_exchange_n(lock_word(o), &expected, t->id << LOCK_OWNER_SHIFT,
                                           false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))) {
        return true;
    }
    return monitor_enter_slow(t, o);
}

/* monitorexit; throws IllegalMonitorStateException if `t` is not the owner. */
static inline bool monitor_exit(struct thread *t, gref o)
{
    uint32_t expected = t->id << LOCK_OWNER_SHIFT;
    if (LIKELY(__atomic_compare_exchange_n(lock_word(o), &expected, 0, false, __ATOMIC_RELEASE,
                                           __ATOMIC_RELAXED))) {
        return true;
    }
    return monitor_exit_slow(t, o);
}

/* Object.wait(millis, nanos), 0/0 = for ever; throws InterruptedException, IllegalMonitorStateException. */
void monitor_wait(struct thread *t, gref o, int64_t millis, bool interruptible);
void monitor_notify(struct thread *t, gref o, bool all);
bool monitor_owned_by(struct thread *t, gref o);
/* Owner of the lock or NULL; for thread dumps and deadlock detection (threads_lock held). */
struct thread *monitor_owner(gref o);
uint32_t monitor_entry_count(gref o);

/* Wakes a thread that is in Object.wait, to look at its interrupt flag again. */
void monitor_wake_waiter(struct thread *target);

/* Collector: drops monitors whose object is dead. */
void monitors_sweep(bool (*is_live)(gref));
/* Collector: objects that threads wait on or for. */
void monitors_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);

#endif
