/*
 * queue.c - compilations that were asked for.
 *
 * A list, looked through at each taking: priorities change while jobs wait, as samples of the interpreter come in (heat.c) and what was
 * compiled meanwhile takes callees over; and a taking costs milliseconds of compilation anyway. Jobs that have become cold are dropped;
 * if they get hot again, they are asked for again.
 *
 * Each tier has its compiler threads (worker.c). With --jit-tiers=gcc there is one kind: jobs get their tier when they are taken, and when
 * nothing has been asked for for a while, methods of tier 1 are compiled again in tier 2, the hottest first.
 *
 * A batch is the job with the highest priority and the next ones, as long as they are of the same tier and not much work together. A
 * batch has a fixed cost of about two methods, but its first method is ready only when its last is. When somebody waits for the first
 * one, only other jobs with waiters join it.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "jit/jit-internal.h"

#define BATCH_WORK                                                                                 \
    500 /* bytecodes in a batch, if its first method alone has not more: some 100 ms */
#define BATCH_WORK_QUICK  16000 /* the same for the quick generator: some ms */
#define BATCH_HANDICAPPED 2
#define SIZE_FIXED        30         /* bytecodes that cost as much as what each method costs */
#define AGE_UNIT          1e9        /* ns of waiting that weigh as much as twice the heat */
#define IDLE_AFTER        200000000u /* ns */
#define COLD_AFTER        500000000u /* ns */

/* Jobs worth ending a rest for. */
enum wanted { WANT_ALL, WANT_APPLICATION, WANT_URGENT };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work[2], ended; /* work: for compiler threads by their tiers, see kind_of */
    bool used;                     /* a job of the application's own, or for GCC, was there */
    enum wanted resting;           /* what the thread of tier 1 wants to hear of */
    struct jit_job *waiting;       /* by task.next */
    struct jit_job *active;        /* waiting or being compiled, by active */
    unsigned length;
    bool closed;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .work = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER},
           .ended = PTHREAD_COND_INITIALIZER};

double queue_priority(struct jit_job *j, uint64_t now)
{
    const struct method *m = j->task.method;
    double age = now > j->queued ? (double)(now - j->queued) / AGE_UNIT : 0;
    uint32_t method = heat_of(m);
    j->credit = j->loop ? heat_of(j->loop) + method / 2 : method;
    j->work = SIZE_FIXED + j->size + heat_inlined(m);
    return log2((1 + j->credit) / (double)j->work) + age - j->handicap + (j->urgent ? 1000 : 0);
}

struct jit_job *queue_find(const struct method *m, int32_t osr_bci, uint8_t tier)
{
    pthread_mutex_lock(&queue.lock);
    struct jit_job *j = queue.active;
    while (j && (j->task.method != m || j->task.osr_bci != osr_bci ||
                 (jit_options.tiers != JIT_TIERS_GCC && j->task.tier != tier))) {
        j = j->active;
    }
    if (j) { j->refs++; }
    pthread_mutex_unlock(&queue.lock);
    return j;
}

/* Threads of tier 1 alone: 0, others: 1. */
static unsigned kind_of(unsigned tiers) { return tiers != 1u << 1; }

static bool is_wanted(const struct jit_job *j, enum wanted wanted)
{
    return j->urgent || wanted == WANT_ALL || (wanted == WANT_APPLICATION && j->application);
}

/* Tells those who may take the job. */
static void announce(const struct jit_job *j)
{
    unsigned kind = !job_is_quick(j);
    if (kind == 1 || is_wanted(j, queue.resting)) { pthread_cond_broadcast(&queue.work[kind]); }
}

static void add_waiting(struct jit_job *j)
{
    j->task.next = queue.waiting ? &queue.waiting->task : NULL;
    queue.waiting = j;
    queue.length++;
    announce(j);
    if (!queue.used && (j->application || !job_is_quick(j))) {
        queue.used = true;
        pthread_cond_broadcast(&queue.work[1]);
    }
}

bool queue_wait_use(void)
{
    pthread_mutex_lock(&queue.lock);
    while (!queue.used && !queue.closed) { pthread_cond_wait(&queue.work[1], &queue.lock); }
    bool closed = queue.closed;
    pthread_mutex_unlock(&queue.lock);
    return !closed;
}

void queue_push(struct jit_job *j)
{
    pthread_mutex_lock(&queue.lock);
    j->active = queue.active;
    queue.active = j;
    add_waiting(j);
    pthread_mutex_unlock(&queue.lock);
}

void queue_again(struct jit_job *j)
{
    pthread_mutex_lock(&queue.lock);
    j->alone = true;
    add_waiting(j);
    pthread_mutex_unlock(&queue.lock);
}

static bool goes_with(const struct jit_job *first, const struct jit_job *j, uint32_t work)
{
    uint32_t most = job_is_quick(first) ? BATCH_WORK_QUICK : BATCH_WORK;
    return !first->alone && !j->alone && j->task.tier == first->task.tier &&
           j->urgent >= first->urgent && work + j->work <= most;
}

/* Unlinks *p, a waiting job. */
static struct jit_job *unlink_job(struct jit_task **p)
{
    struct jit_task *t = *p;
    *p = t->next;
    t->next = NULL;
    queue.length--;
    return (struct jit_job *)t;
}

/* -O1 is two thirds of the work and next to no slower where no loop is hot. Who waits gets the best, but for -Xcomp, where all wait. */
static uint8_t choose_tier(const struct jit_job *j)
{
    if (jit_options.tiers != JIT_TIERS_GCC) { return j->task.tier; }
    bool patient = j->urgent && !jit_options.eager;
    return j->full && (j->loop || j->again || patient || heat_is_loops(j->task.method)) ? 2 : 1;
}

static bool is_cold(const struct jit_job *j, uint64_t now)
{
    return !j->credit && !j->urgent && !j->again && !jit_options.eager &&
           now - j->queued > COLD_AFTER;
}

/* Sets the priorities and tiers of all that wait. Returns those that are not worth it any more, unlinked. */
static struct jit_job *look_through(uint64_t now)
{
    struct jit_task *head = queue.waiting ? &queue.waiting->task : NULL, *dropped = NULL;
    for (struct jit_task **p = &head; *p;) {
        struct jit_job *j = (struct jit_job *)*p;
        (*p)->priority = queue_priority(j, now);
        if (is_cold(j, now) || policy_is_superseded(j)) {
            struct jit_task *t = &unlink_job(p)->task;
            t->next = dropped;
            dropped = t;
        } else {
            j->task.tier = choose_tier(j);
            p = &(*p)->next;
        }
    }
    queue.waiting = (struct jit_job *)head;
    return (struct jit_job *)dropped;
}

/* Unlinks and returns the waiting job of the highest priority that goes with `first` (NULL: any of the tiers). */
static struct jit_job *take_best(const struct jit_job *first, uint32_t work, unsigned tiers)
{
    struct jit_task **best = NULL;
    struct jit_task *head = queue.waiting ? &queue.waiting->task : NULL;
    for (struct jit_task **p = &head; *p; p = &(*p)->next) {
        if (!(tiers >> (*p)->tier & 1)) { continue; }
        if (first && !goes_with(first, (struct jit_job *)*p, work)) { continue; }
        if (!best || (*p)->priority > (*best)->priority) { best = p; }
    }
    if (!best) { return NULL; }
    struct jit_job *j = unlink_job(best);
    queue.waiting = (struct jit_job *)head;
    return j;
}

static unsigned take_batch(struct jit_job *jobs[BATCH_MAX], unsigned tiers)
{
    struct jit_job *j = take_best(NULL, 0, tiers);
    /* when the best is handicapped, something more important may come at any time */
    unsigned most = j && j->handicap > 0 ? BATCH_HANDICAPPED : BATCH_MAX, n = 0;
    uint32_t work = 0;
    while (j) {
        jobs[n++] = j;
        work += j->work;
        j = n < most ? take_best(jobs[0], work, tiers) : NULL;
    }
    return n;
}

static bool any_waiting(unsigned tiers, enum wanted wanted)
{
    for (const struct jit_job *j = queue.waiting; j; j = (const struct jit_job *)j->task.next) {
        if (tiers >> j->task.tier & 1 && is_wanted(j, wanted)) { return true; }
    }
    return false;
}

/* Waits for a change of the queue, at most until a time of jit_now(). True when the time has come. */
static bool wait_until(unsigned kind, uint64_t then)
{
    uint64_t now = jit_now();
    if (now >= then) { return true; }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + (then - now);
    until.tv_sec += (time_t)(ns / 1000000000u);
    until.tv_nsec = (long)(ns % 1000000000u);
    return pthread_cond_timedwait(&queue.work[kind], &queue.lock, &until) == ETIMEDOUT;
}

/* Until something waits or the queue is closed. Where GCC makes tier 1 too, its code does not count what it does: whenever nothing
 * has come for a while, something is compiled again, better. */
static void wait_for_work(unsigned tiers, const struct queue_rest *rest)
{
    unsigned kind = kind_of(tiers);
    for (enum wanted w = WANT_URGENT; rest && w > WANT_ALL; w--) {
        uint64_t until = w == WANT_URGENT ? rest->application : rest->others;
        if (kind == 0) { queue.resting = w; }
        while (!any_waiting(tiers, w) && !queue.closed && !wait_until(kind, until)) {}
    }
    if (kind == 0) { queue.resting = WANT_ALL; }
    while (!any_waiting(tiers, WANT_ALL) && !queue.closed) {
        if (jit_options.tiers != JIT_TIERS_GCC) {
            pthread_cond_wait(&queue.work[kind], &queue.lock);
            continue;
        }
        if (!wait_until(kind, jit_now() + IDLE_AFTER)) { continue; }
        pthread_mutex_unlock(&queue.lock);
        bool any = policy_idle();
        pthread_mutex_lock(&queue.lock);
        if (!any && !queue.waiting && !queue.closed) {
            pthread_cond_wait(&queue.work[kind], &queue.lock);
        }
    }
}

unsigned queue_take(struct jit_job *jobs[BATCH_MAX], unsigned tiers, const struct queue_rest *rest)
{
    for (;;) {
        pthread_mutex_lock(&queue.lock);
        wait_for_work(tiers, rest);
        bool closed = queue.closed;
        struct jit_job *dropped = closed ? NULL : look_through(jit_now());
        unsigned n = closed ? 0 : take_batch(jobs, tiers);
        pthread_mutex_unlock(&queue.lock);
        while (dropped) {
            struct jit_job *next = (struct jit_job *)dropped->task.next;
            policy_dropped(dropped);
            queue_done(dropped);
            dropped = next;
        }
        if (n || closed) { return n; }
    }
}

/* With the lock held. */
static void drop(struct jit_job *j)
{
    if (--j->refs == 0) { free(j); }
}

void queue_release(struct jit_job *j)
{
    pthread_mutex_lock(&queue.lock);
    drop(j);
    pthread_mutex_unlock(&queue.lock);
}

void queue_done(struct jit_job *j)
{
    pthread_mutex_lock(&queue.lock);
    for (struct jit_job **p = &queue.active; *p; p = &(*p)->active) {
        if (*p == j) {
            *p = j->active;
            break;
        }
    }
    j->done = true;
    pthread_cond_broadcast(&queue.ended);
    drop(j);
    pthread_mutex_unlock(&queue.lock);
}

void queue_wait(struct thread *t, struct jit_job *j)
{
    thread_enter_native(t);
    pthread_mutex_lock(&queue.lock);
    if (!j->urgent) {
        j->urgent = true;
        announce(j);
    }
    while (!j->done && !queue.closed) { pthread_cond_wait(&queue.ended, &queue.lock); }
    drop(j);
    pthread_mutex_unlock(&queue.lock);
    thread_leave_native(t);
    thread_heed_suspend(t);
}

void queue_close(void)
{
    pthread_mutex_lock(&queue.lock);
    queue.closed = true;
    for (int k = 0; k < 2; k++) { pthread_cond_broadcast(&queue.work[k]); }
    pthread_cond_broadcast(&queue.ended);
    pthread_mutex_unlock(&queue.lock);
}

unsigned queue_length(void)
{
    pthread_mutex_lock(&queue.lock);
    unsigned n = queue.length;
    pthread_mutex_unlock(&queue.lock);
    return n;
}
