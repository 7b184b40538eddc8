/*
 * monitor.c - inflated monitors and the slow paths of thin locks; the lock word is drawn in monitor.h.
 *
 *   struct monitor:  owner (thread id, 0 = free)   taken and given up with atomic operations
 *                    entry queue, n_queued         FIFO of threads that want to own it
 *                    successor                     the one of them that was woken and has not looked at the owner yet
 *                    wait set                      FIFO of threads in Object.wait()
 *
 * A thread sleeps on a condition of its own, with the monitor's lock. notify() only moves threads from the wait set to the entry
 * queue: they could do nothing as long as the notifier owns the monitor. An exit wakes the first of the queue unless there
 * is a successor, or another owner by now. Whoever comes along may take a free monitor first; the successor then sleeps on
 * where it was, at the head.
 *
 * No wake-up is lost, because these are sequentially consistent: who enters raises n_queued, and a successor clears `successor`,
 * before it tries to own; who exits clears the owner before it looks at either.
 */
#include "runtime/threads/monitor.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/classes/known.h"
#include "runtime/threads/threads-internal.h"

struct monitor {
    pthread_mutex_t lock;
    uint32_t owner; /* thread id */
    uint32_t count; /* entries of the owner */
    uint32_t n_queued;
    uint32_t index;
    int spins;   /* how long to spin for it: longer after it was worth it */
    gref object; /* 0 when unused */
    struct thread *successor;
    struct queue {
        struct thread *head, *tail; /* linked by queue_next */
    } entry, waiters;
    struct monitor *next_free;
};

/* Turns of a loop with a pause, which takes 40 to 140 cycles; to sleep and be woken takes some 20,000. */
#define SPINS_MAX   1000
#define SPINS_MIN   20
#define SPINS_BONUS 50
#define SPINS_FINE  100

#define MONITOR_CHUNK  256
#define MONITOR_CHUNKS 65536
static struct monitor *chunks[MONITOR_CHUNKS];
static uint32_t n_monitors;
static struct monitor *free_monitors;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static inline struct monitor *monitor_at(uint32_t index)
{
    return &chunks[index / MONITOR_CHUNK][index % MONITOR_CHUNK];
}

static inline struct monitor *monitor_of_word(uint32_t word) { return monitor_at(word >> 2); }

static struct monitor *monitor_alloc(void)
{
    pthread_mutex_lock(&table_lock);
    struct monitor *m = free_monitors;
    if (m) {
        free_monitors = m->next_free;
    } else if (n_monitors < MONITOR_CHUNK * MONITOR_CHUNKS) {
        uint32_t chunk = n_monitors / MONITOR_CHUNK;
        if (!chunks[chunk]) { chunks[chunk] = calloc(MONITOR_CHUNK, sizeof **chunks); }
        if (chunks[chunk]) {
            m = monitor_at(n_monitors);
            m->index = n_monitors++;
            m->spins = SPINS_MAX / 2;
            pthread_mutex_init(&m->lock, NULL);
        }
    }
    pthread_mutex_unlock(&table_lock);
    return m;
}

static void monitor_free(struct monitor *m)
{
    pthread_mutex_lock(&table_lock);
    m->object = 0;
    m->next_free = free_monitors;
    free_monitors = m;
    pthread_mutex_unlock(&table_lock);
}

/* The monitor of `o`, made if need be from whatever the thin word says. NULL with OutOfMemoryError pending. */
static struct monitor *inflate(struct thread *t, gref o)
{
    uint32_t *word = lock_word(o);
    uint32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    if (seen & LOCK_INFLATED) { return monitor_of_word(seen); }
    struct monitor *m = monitor_alloc();
    if (!m) {
        throw_oom(t, "monitors");
        return NULL;
    }
    m->object = o;
    for (;;) {
        m->owner = seen >> LOCK_OWNER_SHIFT;
        m->count = m->owner ? ((seen & LOCK_RECURSION_MASK) >> 2) + 1 : 0;
        if (__atomic_compare_exchange_n(word, &seen, m->index << 2 | LOCK_INFLATED, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            return m;
        }
        if (seen & LOCK_INFLATED) {
            monitor_free(m);
            return monitor_of_word(seen);
        }
    }
}

static bool try_own(struct monitor *m, struct thread *t)
{
    uint32_t free_owner = 0;
    if (!__atomic_load_n(&m->owner, __ATOMIC_SEQ_CST) &&
        __atomic_compare_exchange_n(&m->owner, &free_owner, t->id, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST)) {
        m->count = 1;
        return true;
    }
    return false;
}

/* ---- queues, with the monitor's lock ---- */

static void queue_add(struct queue *q, struct thread *t)
{
    t->queue_next = NULL;
    if (q->tail) {
        q->tail->queue_next = t;
    } else {
        q->head = t;
    }
    q->tail = t;
}

static void queue_remove(struct queue *q, struct thread *t)
{
    struct thread **link = &q->head, *prev = NULL;
    while (*link && *link != t) {
        prev = *link;
        link = &(*link)->queue_next;
    }
    if (*link) {
        *link = t->queue_next;
        if (q->tail == t) { q->tail = prev; }
    }
    t->queue_next = NULL;
}

/* Tries for a while to own the monitor, as its successor if it has no other: so nobody is woken in the meantime. */
static bool spin_to_own(struct monitor *m, struct thread *t)
{
    struct thread *none = NULL;
    __atomic_compare_exchange_n(&m->successor, &none, t, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    int left = __atomic_load_n(&m->spins, __ATOMIC_RELAXED);
    bool own = false;
    for (; left > 0 && !(own = try_own(m, t)); left--) {
        if (__atomic_load_n(&t->cpu.pending, __ATOMIC_RELAXED)) { break; }
        __builtin_ia32_pause();
    }
    if (__atomic_load_n(&m->successor, __ATOMIC_RELAXED) == t) {
        __atomic_store_n(&m->successor, NULL, __ATOMIC_SEQ_CST);
        own = own || try_own(m, t);
    }
    int spins = __atomic_load_n(&m->spins, __ATOMIC_RELAXED) + (own ? SPINS_BONUS : -SPINS_FINE);
    spins = spins > SPINS_MAX ? SPINS_MAX : spins < SPINS_MIN ? SPINS_MIN : spins;
    __atomic_store_n(&m->spins, spins, __ATOMIC_RELAXED);
    return own;
}

static void queue_for_entry(struct monitor *m, struct thread *t)
{
    queue_add(&m->entry, t);
    __atomic_fetch_add(&m->n_queued, 1, __ATOMIC_SEQ_CST);
}

/* `t` is in the entry queue: sleeps until it owns the monitor. */
static void own_from_queue(struct monitor *m, struct thread *t)
{
    while (!try_own(m, t)) {
        if (m->successor == t) {
            /* Woken; or chosen again while it was on its way here, and then no signal comes. */
            pthread_mutex_unlock(&m->lock);
            bool own = spin_to_own(m, t);
            pthread_mutex_lock(&m->lock);
            if (own) { break; }
        } else {
            pthread_cond_wait(&t->monitor_cond, &m->lock);
        }
    }
    if (m->successor == t) { m->successor = NULL; }
    queue_remove(&m->entry, t);
    __atomic_fetch_sub(&m->n_queued, 1, __ATOMIC_SEQ_CST);
}

/* The caller has just given the monitor up. If it has a new owner, that one will come here. */
static void wake_successor(struct monitor *m)
{
    if (!m->successor && m->entry.head && !__atomic_load_n(&m->owner, __ATOMIC_SEQ_CST)) {
        __atomic_store_n(&m->successor, m->entry.head, __ATOMIC_SEQ_CST);
        pthread_cond_signal(&m->entry.head->monitor_cond);
    }
}

/* ---- enter and exit ---- */

/* Waits for the monitor out of the machine, as long as it takes. */
static void own_blocking(struct monitor *m, struct thread *t, gref o)
{
    int32_t old = thread_set_status(t, JTHREAD_BLOCKED);
    t->blocked_on = o;
    thread_enter_native(t);
    pthread_mutex_lock(&m->lock);
    queue_for_entry(m, t);
    own_from_queue(m, t);
    pthread_mutex_unlock(&m->lock);
    thread_leave_native(t);
    t->blocked_on = 0;
    thread_set_status(t, old);
}

static void disown(struct monitor *m)
{
    m->count = 0;
    __atomic_store_n(&m->owner, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&m->n_queued, __ATOMIC_SEQ_CST) &&
        !__atomic_load_n(&m->successor, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&m->lock);
        wake_successor(m);
        pthread_mutex_unlock(&m->lock);
    }
}

bool monitor_enter_slow(struct thread *t, gref o)
{
    uint32_t *word = lock_word(o);
    for (int spin = 0;; spin++) {
        uint32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
        if (seen & LOCK_INFLATED) { break; }
        if (!seen) {
            if (__atomic_compare_exchange_n(word, &seen, t->id << LOCK_OWNER_SHIFT, false,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                return true;
            }
            continue;
        }
        if (seen >> LOCK_OWNER_SHIFT == t->id) {
            if ((seen & LOCK_RECURSION_MASK) == LOCK_RECURSION_MASK) { break; }
            if (__atomic_compare_exchange_n(word, &seen, seen + LOCK_RECURSION_ONE, false,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                return true;
            }
            continue;
        }
        if (spin > 100) { break; /* contended: inflate */ }
        __builtin_ia32_pause();
    }
    struct monitor *m = inflate(t, o);
    if (!m) { return false; }
    if (try_own(m, t)) { return true; }
    if (__atomic_load_n(&m->owner, __ATOMIC_RELAXED) == t->id) {
        m->count++;
        return true;
    }
    if (!spin_to_own(m, t)) { own_blocking(m, t, o); }
    return true;
}

static bool not_owner(struct thread *t)
{
    throw_new(t, "java/lang/IllegalMonitorStateException", "current thread is not owner");
    return false;
}

bool monitor_exit_slow(struct thread *t, gref o)
{
    uint32_t *word = lock_word(o);
    uint32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    while (!(seen & LOCK_INFLATED)) {
        if (seen >> LOCK_OWNER_SHIFT != t->id) { return not_owner(t); }
        uint32_t less = seen & LOCK_RECURSION_MASK ? seen - LOCK_RECURSION_ONE : 0;
        if (__atomic_compare_exchange_n(word, &seen, less, false, __ATOMIC_RELEASE,
                                        __ATOMIC_ACQUIRE)) {
            return true;
        }
    }
    struct monitor *m = monitor_of_word(seen);
    if (__atomic_load_n(&m->owner, __ATOMIC_RELAXED) != t->id) { return not_owner(t); }
    if (--m->count == 0) { disown(m); }
    return true;
}

bool monitor_owned_by(struct thread *t, gref o)
{
    uint32_t seen = __atomic_load_n(lock_word(o), __ATOMIC_ACQUIRE);
    uint32_t owner = seen & LOCK_INFLATED ? monitor_of_word(seen)->owner : seen >> LOCK_OWNER_SHIFT;
    return owner == t->id;
}

struct find_owner {
    uint32_t id;
    struct thread *found;
};

static void match_id(struct thread *t, void *arg)
{
    struct find_owner *f = arg;
    if (t->id == f->id) { f->found = t; }
}

struct thread *monitor_owner(gref o)
{
    uint32_t seen = __atomic_load_n(lock_word(o), __ATOMIC_ACQUIRE);
    struct find_owner f = {.id = seen & LOCK_INFLATED ? monitor_of_word(seen)->owner
                                                      : seen >> LOCK_OWNER_SHIFT};
    if (f.id) { threads_for_each(match_id, &f); }
    return f.found;
}

uint32_t monitor_entry_count(gref o)
{
    uint32_t seen = __atomic_load_n(lock_word(o), __ATOMIC_ACQUIRE);
    if (seen & LOCK_INFLATED) { return monitor_of_word(seen)->count; }
    return seen ? ((seen & LOCK_RECURSION_MASK) >> 2) + 1 : 0;
}

/* ---- wait and notify ---- */

void monitor_wait(struct thread *t, gref o, int64_t millis, bool interruptible)
{
    if (!monitor_owned_by(t, o)) {
        not_owner(t);
        return;
    }
    if (interruptible && thread_check_interrupt(t, true)) {
        throw_new(t, "java/lang/InterruptedException", NULL);
        return;
    }
    struct monitor *m = inflate(t, o);
    if (!m) { return; }
    int32_t old = thread_set_status(t, millis ? JTHREAD_WAITING_TIMED : JTHREAD_WAITING);
    uint32_t count = m->count;
    struct timespec deadline =
        deadline_in(millis > INT64_MAX / 1000000 ? INT64_MAX : millis * 1000000);
    uint8_t never = 0;
    uint8_t *flag =
        interruptible && t->object ? obj_addr(t->object, OFF(Thread_interrupted)) : &never;
    t->blocked_on = o;
    thread_enter_native(t);

    pthread_mutex_lock(&m->lock);
    t->wait_notified = false;
    queue_add(&m->waiters, t);
    __atomic_store_n(&t->waiting_on, m, __ATOMIC_SEQ_CST);
    m->count = 0;
    __atomic_store_n(&m->owner, 0, __ATOMIC_SEQ_CST);
    wake_successor(m);
    int rc = 0;
    while (!t->wait_notified && !__atomic_load_n(flag, __ATOMIC_SEQ_CST) && rc != ETIMEDOUT &&
           !(t->cpu.pending & PENDING_REQUEST)) {
        rc = millis ? pthread_cond_timedwait(&t->monitor_cond, &m->lock, &deadline)
                    : pthread_cond_wait(&t->monitor_cond, &m->lock);
    }
    bool notified = t->wait_notified, own = false;
    __atomic_store_n(&t->waiting_on, NULL, __ATOMIC_SEQ_CST);
    if (!notified) {
        queue_remove(&m->waiters, t);
        own = try_own(m, t);
        if (!own) {
            queue_for_entry(m, t);
            thread_set_status(t, JTHREAD_BLOCKED);
        }
    }
    if (!own) { own_from_queue(m, t); }
    pthread_mutex_unlock(&m->lock);

    thread_leave_native(t);
    m->count = count;
    t->blocked_on = 0;
    thread_set_status(t, old);
    if (!notified && interruptible && thread_check_interrupt(t, true)) {
        throw_new(t, "java/lang/InterruptedException", NULL);
    }
}

void monitor_notify(struct thread *t, gref o, bool all)
{
    if (!monitor_owned_by(t, o)) {
        not_owner(t);
        return;
    }
    uint32_t seen = __atomic_load_n(lock_word(o), __ATOMIC_ACQUIRE);
    if (!(seen & LOCK_INFLATED)) { return; /* nobody can be waiting */ }
    struct monitor *m = monitor_of_word(seen);
    /* Who begins to wait owns the monitor, so there can't be more in a moment. */
    if (!__atomic_load_n(&m->waiters.head, __ATOMIC_RELAXED)) { return; }
    pthread_mutex_lock(&m->lock);
    while (m->waiters.head) {
        struct thread *w = m->waiters.head;
        queue_remove(&m->waiters, w);
        w->wait_notified = true;
        queue_for_entry(m, w);
        thread_set_status(w, JTHREAD_BLOCKED); /* until it owns the monitor again */
        if (!all) { break; }
    }
    pthread_mutex_unlock(&m->lock);
}

void monitor_wake_waiter(struct thread *target)
{
    struct monitor *m = __atomic_load_n(&target->waiting_on, __ATOMIC_SEQ_CST);
    if (m) { /* monitors are never unmapped, so a stale pointer only costs a useless wake-up */
        pthread_mutex_lock(&m->lock);
        pthread_cond_broadcast(&target->monitor_cond);
        pthread_mutex_unlock(&m->lock);
    }
}

/* ---- collector ---- */

void monitors_sweep(bool (*is_live)(gref))
{
    for (uint32_t i = 0; i < n_monitors; i++) {
        struct monitor *m = monitor_at(i);
        if (m->object && !m->owner && !m->n_queued && !m->waiters.head && !is_live(m->object)) {
            monitor_free(m);
        }
    }
}

void monitors_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    for (uint32_t i = 0; i < n_monitors; i++) {
        struct monitor *m = monitor_at(i);
        if (m->object && (m->owner || m->n_queued || m->waiters.head)) { visit(&m->object, arg); }
    }
}
