/*
 * queue.c - compilations that were asked for.
 *
 * A list, looked through at each taking: priorities change while jobs wait, as the interpreter goes on counting and time passes,
 * and a taking costs milliseconds of compilation anyway.
 *
 * A batch is the job with the highest priority and the next ones, as long as they are of the same tier and small together. A
 * batch has a fixed cost of about one and a half methods, but its first method is ready only when its last is: so batches are large only
 * when many jobs wait. When somebody waits for the first one, only other jobs with waiters join it.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "jit/jit-internal.h"

#define BATCH_BYTECODES_FULL  2000 /* sum in a batch of tier 2, */
#define BATCH_BYTECODES_QUICK 6000 /* of tier 1 */
#define BATCH_MIN             2
#define BATCH_SHARE           5     /* and one job for so many that wait */
#define AGE_UNIT              100e6 /* ns that weigh as much as twice the heat */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work, ended;
    struct jit_job *waiting; /* by task.next */
    struct jit_job *active;  /* waiting or being compiled, by active */
    unsigned length;
    bool closed;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .work = PTHREAD_COND_INITIALIZER,
           .ended = PTHREAD_COND_INITIALIZER};

double queue_priority(const struct jit_job *j, uint64_t now)
{
    double heat = (double)__atomic_load_n(j->heat, __ATOMIC_RELAXED) / j->heat_unit;
    double age = now > j->queued ? (double)(now - j->queued) / AGE_UNIT : 0;
    return log2(1 + heat) + age - j->handicap + (j->urgent ? 1000 : 0);
}

struct jit_job *queue_find(const struct method *m, int32_t osr_bci)
{
    pthread_mutex_lock(&queue.lock);
    struct jit_job *j = queue.active;
    while (j && (j->task.method != m || j->task.osr_bci != osr_bci)) { j = j->active; }
    if (j) { j->refs++; }
    pthread_mutex_unlock(&queue.lock);
    return j;
}

static void add_waiting(struct jit_job *j)
{
    j->task.next = queue.waiting ? &queue.waiting->task : NULL;
    queue.waiting = j;
    queue.length++;
    pthread_cond_signal(&queue.work);
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

static bool goes_with(const struct jit_job *first, const struct jit_job *j, uint32_t size)
{
    uint32_t most = first->task.tier == 1 ? BATCH_BYTECODES_QUICK : BATCH_BYTECODES_FULL;
    return !first->alone && !j->alone && j->task.tier == first->task.tier &&
           j->urgent >= first->urgent && size + j->size <= most;
}

/* Unlinks and returns the waiting job of the highest priority that goes with `first` (NULL: any). */
static struct jit_job *take_best(const struct jit_job *first, uint32_t size, uint64_t now)
{
    struct jit_task **best = NULL;
    struct jit_task *head = queue.waiting ? &queue.waiting->task : NULL;
    for (struct jit_task **p = &head; *p; p = &(*p)->next) {
        struct jit_job *j = (struct jit_job *)*p;
        if (first && !goes_with(first, j, size)) { continue; }
        (*p)->priority = queue_priority(j, now);
        if (!best || (*p)->priority > (*best)->priority) { best = p; }
    }
    if (!best) { return NULL; }
    struct jit_task *t = *best;
    *best = t->next;
    t->next = NULL;
    queue.waiting = (struct jit_job *)head;
    queue.length--;
    return (struct jit_job *)t;
}

unsigned queue_take(struct jit_job *jobs[BATCH_MAX])
{
    pthread_mutex_lock(&queue.lock);
    while (!queue.waiting && !queue.closed) { pthread_cond_wait(&queue.work, &queue.lock); }
    unsigned n = 0;
    if (!queue.closed) {
        uint64_t now = jit_now();
        uint32_t size = 0;
        unsigned most = BATCH_MIN + queue.length / BATCH_SHARE;
        if (most > BATCH_MAX) { most = BATCH_MAX; }
        struct jit_job *j = take_best(NULL, 0, now);
        if (j->handicap > 0) {
            most = BATCH_MIN;
        } /* something more important may come at any time */
        while (j) {
            jobs[n++] = j;
            size += j->size;
            j = n < most ? take_best(jobs[0], size, now) : NULL;
        }
    }
    pthread_mutex_unlock(&queue.lock);
    return n;
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
    j->urgent = true;
    while (!j->done && !queue.closed) { pthread_cond_wait(&queue.ended, &queue.lock); }
    drop(j);
    pthread_mutex_unlock(&queue.lock);
    thread_leave_native(t);
}

void queue_close(void)
{
    pthread_mutex_lock(&queue.lock);
    queue.closed = true;
    pthread_cond_broadcast(&queue.work);
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
