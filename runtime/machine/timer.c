// One host thread serves all timers of the machine: local APIC timers, the PIT, and the VM's own ticks. It exists only
// once somebody armed one. It sleeps until the earliest deadline; periods do not drift, missed ones are skipped.
#include <stdlib.h>
#include <time.h>
#include "runtime/machine/machine-internal.h"

static pthread_mutex_t timer_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t timer_changed;
static struct timer_item *items; // armed ones
static bool running;

uint64_t monotonic_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void unlink_item(struct timer_item *item)
{
    struct timer_item **p = &items;
    while (*p && *p != item) { p = &(*p)->next; }
    if (*p) { *p = item->next; }
    item->armed = false;
}

// Fires what is due. Returns the next deadline, UINT64_MAX if there is none.
static uint64_t fire_due(uint64_t now)
{
    uint64_t earliest = UINT64_MAX;
    for (struct timer_item *i = items, *next; i; i = next) {
        next = i->next;
        if (i->deadline_ns <= now) {
            if (i->period_ns) {
                i->deadline_ns += ((now - i->deadline_ns) / i->period_ns + 1) * i->period_ns;
            } else {
                unlink_item(i);
            }
            i->fire(i->arg);
        }
        if (i->armed && i->deadline_ns < earliest) { earliest = i->deadline_ns; }
    }
    return earliest;
}

static void *timer_main(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&timer_lock);
    for (;;) {
        uint64_t next = fire_due(monotonic_ns());
        if (next == UINT64_MAX) {
            pthread_cond_wait(&timer_changed, &timer_lock);
        } else {
            struct timespec ts = {.tv_sec = (time_t)(next / 1000000000u),
                                  .tv_nsec = (long)(next % 1000000000u)};
            pthread_cond_timedwait(&timer_changed, &timer_lock, &ts);
        }
    }
    return NULL;
}

static bool timer_start(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&timer_changed, &attr);
    pthread_condattr_destroy(&attr);
    running = host_thread_start("machine timer", 128u << 10, timer_main, NULL) == 0;
    return running;
}

bool timer_arm(struct timer_item *item, uint64_t first_ns, uint64_t period_ns)
{
    pthread_mutex_lock(&timer_lock);
    bool ok = running || timer_start();
    if (ok) {
        if (item->armed) { unlink_item(item); }
        item->deadline_ns = monotonic_ns() + first_ns;
        item->period_ns = period_ns;
        item->next = items;
        items = item;
        item->armed = true;
        pthread_cond_signal(&timer_changed);
    }
    pthread_mutex_unlock(&timer_lock);
    return ok;
}

void timer_disarm(struct timer_item *item)
{
    pthread_mutex_lock(&timer_lock);
    if (item->armed) { unlink_item(item); }
    pthread_mutex_unlock(&timer_lock);
}

bool timer_tick(void (*f)(void *arg), void *arg, uint64_t ns)
{
    pthread_mutex_lock(&timer_lock);
    struct timer_item *i = items;
    while (i && (i->fire != f || i->arg != arg)) { i = i->next; }
    if (i && !ns) { unlink_item(i); }
    pthread_mutex_unlock(&timer_lock);
    if (!ns) {
        free(i);
        return true;
    }
    bool fresh = !i;
    if (fresh) {
        i = calloc(1, sizeof *i);
        if (!i) { return false; }
        *i = (struct timer_item){.fire = f, .arg = arg};
    }
    if (ns < 100000) { ns = 100000; }
    bool ok = timer_arm(i, ns, ns);
    if (!ok && fresh) { free(i); }
    return ok; // NOLINT(clang-analyzer-unix.Malloc): the armed list owns the item
}
