// The VM Thread, which runs every collection, and the policy that decides when.
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "runtime/heap/heap-internal.h"
#include "runtime/machine/machine.h"

#define MAX_THRESHOLD (256ull << 20)

// Something for the VM Thread to do with the world stopped, served in order of `number`. Who wants a plain collection
// shares one that is under way: the requester ran until now, so that one has not marked anything yet.
struct request {
    enum heap_cause cause;
    bool collect;
    void (*run)(void *arg); // after the collection, the world still stopped
    void *arg;
    uint64_t number;
    struct request *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t posted = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;
static struct request *queue;
static uint64_t posted_number, done_number;
static bool ready; // the VM Thread has started libgc

static const char *cause_name(enum heap_cause cause)
{
    static const char *const names[] = {
        [HEAP_CAUSE_ALLOCATION] = "Allocation Failure",
        [HEAP_CAUSE_SYSTEM_GC] = "System.gc()",
        [HEAP_CAUSE_STRESS] = "GC Stress",
        [HEAP_CAUSE_DIAGNOSTIC] = "Diagnostic Command",
        [HEAP_CAUSE_LAST_DITCH] = "Last ditch collection",
    };
    return names[cause];
}

static void on_event(GC_EventType event)
{
    if (event == GC_EVENT_MARK_END) { references_process(); }
}

static void print_collection(enum heap_cause cause, uint64_t before, uint64_t total_before,
                             uint64_t begin, uint64_t end)
{
    uint64_t total = GC_get_heap_size();
    printf("[%.3fs][info][gc] GC(%llu) Pause Full (%s) %lluM->%lluM(%lluM) %.3fms\n",
           (double)(end - heap.start_ns) / 1e9, (unsigned long long)heap.stats.collections - 1,
           cause_name(cause), (unsigned long long)before >> 20,
           (unsigned long long)heap.stats.live_after >> 20,
           (unsigned long long)(total_before > total ? total_before : total) >> 20,
           (double)(end - begin) / 1e6);
    fflush(stdout);
}

static void add_bytes(void *object, size_t bytes, void *sum)
{
    const struct slab *s = slab_of((uintptr_t)object);
    *(uint64_t *)sum += s ? slab_used_bytes(s) : bytes;
}

static void *live_locked(void *sum)
{
    GC_enumerate_reachable_objects_inner(add_bytes, sum);
    return sum;
}

// Bytes of the objects that the collection has found. Dearer than heap_used_bytes(), which says too much where blocks are not full.
static uint64_t count_live(void)
{
    uint64_t sum = 0;
    GC_call_with_alloc_lock(live_locked, &sum);
    return sum;
}

// After a collection: when is the next one due? Fresh memory is dear on many hosts (it must be faulted in and zeroed),
// so the heap starts with a small allotment, and gets a larger one when collections take more than a twelfth of the time.
static void set_limit(enum heap_cause cause, uint64_t pause_ns, uint64_t since_last_ns)
{
    if (pause_ns > since_last_ns / 12 && heap.threshold < MAX_THRESHOLD) {
        heap.threshold += heap.threshold / 2;
    }
    heap.stats.live_after = heap_used_bytes();
    uint64_t live = heap.stats.live_after, wanted = live > heap.threshold ? live : heap.threshold;
    bool scarce = heap_room() < wanted && heap_room() < heap.config.max_bytes / 4;
    if (scarce || cause == HEAP_CAUSE_LAST_DITCH) { heap.stats.live_after = count_live(); }
    heap.limit = wanted < heap_room() ? wanted : heap_room();
}

// World stopped.
static void collect(enum heap_cause cause)
{
    uint64_t begin = monotonic_ns(), before = heap_used_bytes(), total = GC_get_heap_size();
    if (heap.hooks.flush_tlabs) { heap.hooks.flush_tlabs(); }
    if (heap.config.markers > 1 && heap.stats.collections == 0) { GC_start_mark_threads(); }
    heap.stats.allocated += GC_get_bytes_since_gc();
    heap.clear_soft = cause == HEAP_CAUSE_LAST_DITCH;
    references_begin();
    GC_enable();
    GC_gcollect();
    GC_disable();
    uint64_t end = monotonic_ns();
    heap.stats.collections++;
    heap.stats.pause_ns += end - begin;
    if (end - begin > heap.stats.max_pause_ns) { heap.stats.max_pause_ns = end - begin; }
    set_limit(cause, end - begin, end - heap.last_gc_ns);
    heap.last_gc_ns = end;
    if (heap.config.verbose) { print_collection(cause, before, total, begin, end); }
}

static void serve(struct request *r)
{
    if (heap.hooks.stop_world) { heap.hooks.stop_world(); }
    if (r->collect) { collect(r->cause); }
    if (r->run) { r->run(r->arg); }
    if (heap.hooks.resume_world) { heap.hooks.resume_world(); }
    if (r->collect) { references_notify(); }
}

static void start_libgc(void)
{
    extern int GC_need_to_lock __attribute__((weak)); // what GC_allow_register_threads sets
    GC_set_all_interior_pointers(0);                  // references name the start of an object
    GC_set_no_dls(1);                                 // no data segments as roots
    GC_set_dont_precollect(1);
    GC_set_markers_count(heap.config.markers);
    GC_set_warn_proc(GC_ignore_warn_proc);
    GC_set_max_heap_size(heap_footprint(&heap.config));
    GC_INIT();
    GC_clear_roots();
    GC_set_push_other_roots(mark_push_roots);
    GC_set_on_collection_event(on_event);
    mark_init();
    lists_init();
    slabs_init();
    GC_disable();
    // Java threads allocate without being known to libgc. Its lock must work all the same; marker threads can wait
    // until the first collection.
    if (&GC_need_to_lock) {
        GC_need_to_lock = 1;
    } else {
        GC_allow_register_threads();
    }
    heap.limit = heap.threshold = heap.config.threshold;
}

static void *vm_thread_main(void *unused)
{
    (void)unused;
    machine_thread_attach(NULL);
    start_libgc();
    pthread_mutex_lock(&lock);
    ready = true;
    pthread_cond_broadcast(&finished);
    for (;;) {
        while (!queue) { pthread_cond_wait(&posted, &lock); }
        struct request *r = queue;
        pthread_mutex_unlock(&lock);
        serve(r);
        pthread_mutex_lock(&lock);
        queue = r->next;
        done_number = r->number;
        pthread_cond_broadcast(&finished);
    }
    return NULL;
}

bool vm_thread_start(char *err, size_t size)
{
    int e = host_thread_start("VM Thread", 1u << 20, vm_thread_main, NULL);
    if (e) {
        snprintf(err, size, "cannot start the VM thread: %s", strerror(e));
        return false;
    }
    pthread_mutex_lock(&lock);
    while (!ready) { pthread_cond_wait(&finished, &lock); }
    pthread_mutex_unlock(&lock);
    return true;
}

static void post_and_wait(struct request *r)
{
    if (heap.hooks.enter_blocked) { heap.hooks.enter_blocked(); }
    pthread_mutex_lock(&lock);
    uint64_t number = 0;
    struct request **p = &queue;
    for (; *p; p = &(*p)->next) {
        const struct request *q = *p;
        bool fits = q->collect && (q->cause == r->cause || r->cause != HEAP_CAUSE_LAST_DITCH);
        if (!r->run && fits) { number = q->number; }
    }
    if (!number) {
        number = r->number = ++posted_number;
        *p = r;
        pthread_cond_signal(&posted);
    }
    while (done_number < number) { pthread_cond_wait(&finished, &lock); }
    pthread_mutex_unlock(&lock);
    if (heap.hooks.leave_blocked) { heap.hooks.leave_blocked(); }
}

void heap_collect(enum heap_cause cause)
{
    if (!heap.has_layout) { return; }
    struct request r = {.cause = cause, .collect = true};
    post_and_wait(&r);
}

void heap_run_stopped(void (*f)(void *arg), void *arg)
{
    struct request r = {.run = f, .arg = arg};
    post_and_wait(&r);
}

struct walk {
    void (*f)(gref o, void *arg);
    void *arg;
};

static void visit_one(gref o, const struct walk *w)
{
    if (is_class_id(obj_class_id(o))) { w->f(o, w->arg); }
}

static void visit_object(void *obj, size_t bytes, void *context)
{
    (void)bytes;
    const struct walk *w = context;
    const struct slab *s = slab_of((uintptr_t)obj);
    if (!s) { visit_one(heap_object_at(obj), w); }
    for (unsigned i = 0; s && i < s->n; i++) {
        if (slab_has(s, slab_cell(s, i))) { visit_one(slab_cell(s, i), w); }
    }
}

static void *walk_locked(void *w)
{
    GC_enumerate_reachable_objects_inner(visit_object, w);
    return NULL;
}

// Right after a collection the marked objects are the live ones.
static void walk_stopped(void *w) { GC_call_with_alloc_lock(walk_locked, w); }

void heap_for_each_object(void (*f)(gref o, void *arg), void *arg)
{
    struct walk w = {f, arg};
    struct request r = {
        .cause = HEAP_CAUSE_DIAGNOSTIC, .collect = heap.has_layout, .run = walk_stopped, .arg = &w};
    if (r.collect) { post_and_wait(&r); }
} // NOLINT(clang-analyzer-core.StackAddressEscape): the request leaves the queue before post_and_wait returns
