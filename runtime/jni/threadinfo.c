/* threadinfo.c - see threadinfo.h. Raw references stay on the C stack, where the collector finds them. */
#include "runtime/jni/threadinfo.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/classes/symbol.h"
#include "runtime/engine.h"
#include "runtime/jni/heldlocks.h"
#include "runtime/jni/stacktrace.h"
#include "runtime/threads/monitor.h"

#define MAX_HELD  2048 /* monitors of all threads that are asked for */
#define MAX_SYNCS 1024 /* owned synchronizers in the heap */
#define MAX_DEAD  4096 /* deadlocked threads, */
#define MAX_STEPS 1024 /* and how many in one circle */

struct find_thread {
    int64_t tid;
    struct thread *found;
};

static void match_thread(struct thread *of, void *arg)
{
    struct find_thread *f = arg;
    if (of->object && !of->vm_internal && !of->exiting &&
        obj_get_long(of->object, OFF(Thread_tid)) == f->tid) {
        f->found = of;
    }
}

struct thread *thread_by_id(int64_t tid)
{
    struct find_thread f = {tid, NULL};
    threads_for_each(match_thread, &f);
    return f.found;
}

/* ---- synchronizers ---- */

struct syncs {
    struct class *c; /* AbstractOwnableSynchronizer */
    uint32_t owner;  /* offset of its field for the owner */
    int n;
    gref v[MAX_SYNCS];      /* those that had an owner when the heap was walked */
    gref owners[MAX_SYNCS]; /* in the moment */
};

static bool syncs_init(struct thread *t, struct syncs *s)
{
    s->n = 0;
    s->c = class_load_boot(t, symbol_of("java/util/concurrent/locks/AbstractOwnableSynchronizer"));
    struct field *owner =
        s->c ? class_field_named(s->c, "exclusiveOwnerThread", "Ljava/lang/Thread;") : NULL;
    if (owner) { s->owner = owner->offset; }
    return owner;
}

static gref sync_owner(const struct syncs *s, gref o)
{
    return obj_instanceof(o, s->c) ? obj_get_ref(o, s->owner) : 0;
}

static void note_sync(gref o, void *arg)
{
    struct syncs *s = arg;
    if (s->n < MAX_SYNCS && sync_owner(s, o)) { s->v[s->n++] = o; }
}

/* A new Object[] of those that the thread owned. */
static gref syncs_of(struct thread *t, const struct syncs *s, gref thread)
{
    int n = 0;
    for (int i = 0; i < s->n; i++) { n += s->owners[i] == thread; }
    struct class *ac = class_array_of(t, KC(Object));
    gref a = ac ? class_new_array(t, ac, n) : 0;
    for (int i = 0, k = 0; a && i < s->n; i++) {
        if (s->owners[i] == thread) { array_set_ref(a, k++, s->v[i]); }
    }
    return a;
}

/* ---- one moment ---- */

struct snapshot {
    gref thread, lock, owner;
    int32_t status;
    uint64_t count[PAUSE_KINDS];
    int64_t millis[PAUSE_KINDS]; /* -1: not measured */
    uint64_t *frames;
    int n;
    int first_held, n_held; /* in moment.held */
};

struct moment {
    const struct thread_info_options *with;
    struct syncs syncs;
    struct held_lock held[MAX_HELD];
    int n_held;
};

/* What a parked thread says that it is parked for, 0 if nothing. */
static gref park_blocker(struct thread *of)
{
    int32_t status = obj_get_int(of->object, OFF(Thread_threadStatus));
    bool parked = status == JTHREAD_PARKED || status == JTHREAD_PARKED_TIMED;
    return parked ? obj_get_ref(of->object, OFF(Thread_parkBlocker)) : 0;
}

/* What the thread waits for, and who has it. */
static void take_lock(struct thread *of, const struct syncs *syncs, struct snapshot *s)
{
    if (of->blocked_on) {
        s->lock = of->blocked_on;
        struct thread *owner = monitor_owner(of->blocked_on);
        s->owner = owner ? owner->object : 0;
    } else {
        s->lock = park_blocker(of);
        s->owner = s->lock ? sync_owner(syncs, s->lock) : 0;
    }
}

static void take_monitors(struct thread *of, struct moment *m, struct snapshot *s)
{
    struct held_lock held[HELD_LOCKS_MAX];
    int n = held_locks(of, held);
    s->first_held = m->n_held;
    for (int i = 0; i < n && m->n_held < MAX_HELD; i++) {
        if (held[i].depth < s->n) { m->held[m->n_held++] = held[i]; }
    }
    s->n_held = m->n_held - s->first_held;
}

static void take_snapshot(struct thread *of, struct moment *m, struct snapshot *s)
{
    s->thread = of->object;
    s->status = obj_get_int(of->object, OFF(Thread_threadStatus));
    take_lock(of, &m->syncs, s);
    for (enum pause p = 0; p < PAUSE_KINDS; p++) {
        s->count[p] = of->pauses.count[p];
        s->millis[p] = thread_time_pauses ? thread_paused_nanos(of, p) / 1000000 : -1;
    }
    int depth = m->with->max_depth;
    if (depth != 0) {
        s->frames =
            stack_collect(of, depth < 0 ? stacktrace_options.max_depth : depth, true, &s->n);
        if (m->with->monitors) { take_monitors(of, m, s); }
    }
}

/* ---- the objects ---- */

static bool monitor_arrays(struct thread *t, const struct held_lock *held, int n, gref *objects,
                           gref *depths)
{
    struct class *oc = class_array_of(t, KC(Object)),
                 *ic = oc ? class_array_of(t, class_primitive(T_INT)) : NULL;
    *objects = ic ? class_new_array(t, oc, n) : 0;
    *depths = *objects ? class_new_array(t, ic, n) : 0;
    for (int i = 0; *depths && i < n; i++) {
        array_set_ref(*objects, i, held[i].object);
        array_set_int(*depths, i, held[i].depth);
    }
    return *depths;
}

static gref new_thread_info(struct thread *t, const struct snapshot *s, const struct moment *m)
{
    struct class *c = class_ready_boot(t, "java/lang/management/ThreadInfo");
    struct method *init =
        c ? class_method_named(c, "<init>",
                               "(Ljava/lang/Thread;ILjava/lang/Object;Ljava/lang/Thread;JJJJ"
                               "[Ljava/lang/StackTraceElement;[Ljava/lang/Object;[I"
                               "[Ljava/lang/Object;)V")
          : NULL;
    gref objects = 0, depths = 0, syncs = 0;
    gref trace = init ? stack_elements(t, s->frames, s->n) : 0;
    if (!trace || !monitor_arrays(t, m->held + s->first_held, s->n_held, &objects, &depths)) {
        return 0;
    }
    syncs = syncs_of(t, &m->syncs, s->thread);
    gref o = syncs ? class_new_object(t, c) : 0;
    if (!o) { return 0; }
    slot_t args[] = {{.raw = o},
                     {.raw = s->thread},
                     {.j = s->status},
                     {.raw = s->lock},
                     {.raw = s->owner},
                     {.j = (int64_t)s->count[PAUSE_BLOCKED]},
                     {0},
                     {.j = s->millis[PAUSE_BLOCKED]},
                     {0},
                     {.j = (int64_t)s->count[PAUSE_WAITING]},
                     {0},
                     {.j = s->millis[PAUSE_WAITING]},
                     {0},
                     {.raw = trace},
                     {.raw = objects},
                     {.raw = depths},
                     {.raw = syncs}};
    engine.call(t, init, args);
    return t->exception ? 0 : o;
}

/* Takes the snapshots: all at one time, but for synchronizers that get their owner after the walk through the heap. */
static bool take_moment(struct thread *t, struct moment *m, const int64_t *ids, int n,
                        struct snapshot *s)
{
    if (!syncs_init(t, &m->syncs)) { return false; }
    if (m->with->synchronizers) { heap_for_each_object(note_sync, &m->syncs); }
    world_stop(t);
    for (int i = 0; i < m->syncs.n; i++) {
        m->syncs.owners[i] = sync_owner(&m->syncs, m->syncs.v[i]);
    }
    for (int i = 0; i < n; i++) {
        struct thread *of = thread_by_id(ids[i]);
        if (of) { take_snapshot(of, m, &s[i]); }
    }
    world_resume(t);
    return true;
}

void thread_infos(struct thread *t, const int64_t *ids, int n,
                  const struct thread_info_options *with, gref result)
{
    struct moment m;
    m.with = with;
    m.n_held = 0;
    struct snapshot s[n + 1];
    memset(s, 0, sizeof(s));
    if (!take_moment(t, &m, ids, n, s)) { return; }
    for (int i = 0; i < n; i++) {
        if (s[i].thread && !t->exception) {
            array_set_ref(result, i, new_thread_info(t, &s[i], &m));
        }
        free(s[i].frames);
    }
}

/* ---- deadlocks ---- */

struct deadlocks {
    const struct syncs *syncs; /* NULL: only monitors count */
    gref v[MAX_DEAD];
    int n;
};

/* The thread that has what `of` waits for, NULL if there is none. */
static struct thread *waits_for(struct thread *of, const struct syncs *syncs)
{
    struct thread *owner = thread_waits_for(of);
    gref blocker = !owner && syncs && of->object ? park_blocker(of) : 0;
    return blocker ? thread_of(sync_owner(syncs, blocker)) : owner;
}

static void note_deadlocked(struct thread *of, void *arg)
{
    struct deadlocks *d = arg;
    struct thread *p = of;
    for (int steps = 0; steps < MAX_STEPS && p; steps++) {
        p = waits_for(p, d->syncs);
        if (p == of) {
            /* who parks for what it owns itself is in no circle; an unpark() could help */
            if (steps > 0 && d->n < MAX_DEAD) { d->v[d->n++] = of->object; }
            return;
        }
    }
}

gref threads_deadlocked(struct thread *t, bool monitors_only)
{
    struct syncs syncs;
    struct deadlocks d;
    d.n = 0;
    if (!syncs_init(t, &syncs)) { return 0; }
    d.syncs = monitors_only ? NULL : &syncs;
    world_stop(t);
    threads_for_each(note_deadlocked, &d);
    world_resume(t);
    struct class *ac = d.n ? class_array_of(t, KC(Thread)) : NULL;
    gref a = ac ? class_new_array(t, ac, d.n) : 0;
    for (int i = 0; a && i < d.n; i++) { array_set_ref(a, i, d.v[i]); }
    return a;
}
