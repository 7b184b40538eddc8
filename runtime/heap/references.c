// java.lang.ref: soft, weak, final and phantom references (java.lang.ref package specification; heap.h for the order).
//
// While libgc marks, active references whose referents it must not follow are put on `discovered`, linked through their
// own field Reference.discovered (the last one links to itself, so that 0 means "not on the list"). Several marker
// threads may meet the same reference, hence the lock.
//
// A reference is active when Reference.next is null and it has a referent. What the collector clears goes to the
// pending list, linked through the same field and ended by null, which ReferenceHandler takes and enqueues.
#include <pthread.h>
#include <string.h>
#include "runtime/heap/heap-internal.h"

static int discover_lock; // a spin lock: held for a few instructions
static gref discovered;

static pthread_mutex_t pending_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pending_changed = PTHREAD_COND_INITIALIZER;
static gref pending;

static gref referent(gref ref) { return obj_get_ref(ref, heap.layout.reference_referent); }
static gref link_of(gref ref) { return obj_get_ref(ref, heap.layout.reference_discovered); }
static void set_link(gref ref, gref to) { obj_set_ref(ref, heap.layout.reference_discovered, to); }

// HotSpot's LRUMaxHeapPolicy: a soft referent survives while it was used within the interval.
static bool soft_is_kept(gref ref)
{
    return !heap.clear_soft && heap.soft_clock_ms - obj_get_long(ref, heap.layout.soft_timestamp) <=
                                   heap.soft_interval_ms;
}

void references_begin(void)
{
    gref mirror = heap.layout.soft_mirror;
    uint64_t free_mb = heap_room() >> 20;
    heap.soft_clock_ms = mirror ? obj_get_long(mirror, heap.layout.soft_clock) : 0;
    heap.soft_interval_ms = (int64_t)free_mb * heap.config.soft_ms_per_mb;
}

bool reference_discover(gref ref, enum ref_kind kind)
{
    gref r = referent(ref);
    if (!r || obj_get_ref(ref, heap.layout.reference_next)) { return false; } // not active
    if (kind == REFKIND_SOFT && soft_is_kept(ref)) { return false; }
    while (__atomic_exchange_n(&discover_lock, 1, __ATOMIC_ACQUIRE)) { __builtin_ia32_pause(); }
    if (!link_of(ref)) {
        set_link(ref, discovered ? discovered : ref);
        discovered = ref;
    }
    __atomic_store_n(&discover_lock, 0, __ATOMIC_RELEASE);
    return true;
}

static bool is_live(gref o)
{
    const struct slab *s = slab_of(o);
    return s ? (s->marks & slab_bit(s, o)) != 0 : GC_is_marked(heap_base(o)) != 0;
}

static void make_pending(gref ref, unsigned statistic)
{
    set_link(ref, pending);
    pending = ref;
    heap.stats.refs_cleared[statistic]++;
}

// Removes the first reference of a list ended by a self link; 0 at the end.
static gref pop(gref *list)
{
    gref ref = *list;
    if (ref) {
        gref next = link_of(ref);
        *list = next == ref ? 0 : next;
        set_link(ref, 0);
    }
    return ref;
}

static void push(gref *list, gref ref)
{
    set_link(ref, *list ? *list : ref);
    *list = ref;
}

// SoftReference.get() copies the clock to the reference's timestamp.
void references_set_clock(void)
{
    gref mirror = heap.layout.soft_mirror;
    if (mirror) {
        obj_set_long(mirror, heap.layout.soft_clock, (int64_t)(monotonic_ns() / 1000000));
    }
}

void references_process(void)
{
    gref finals = 0, phantoms = 0;
    for (gref ref; (ref = pop(&discovered));) {
        enum ref_kind kind = (enum ref_kind)class_of(ref)->ref_kind;
        if (is_live(referent(ref))) { continue; }
        if (kind == REFKIND_PHANTOM) {
            push(&phantoms, ref); // decided when finalizers have had their say
        } else if (kind == REFKIND_FINAL) {
            push(&finals, ref);
        } else {
            obj_set_ref(ref, heap.layout.reference_referent, 0);
            make_pending(ref, kind == REFKIND_SOFT ? 0 : 1);
        }
    }
    // Finalizable objects come back to life, all of them before any is looked at again. The self link in `next`
    // makes the reference inactive, while its referent stays there for Finalizer to fetch.
    for (gref ref; (ref = pop(&finals));) {
        mark_from(referent(ref));
        obj_set_ref(ref, heap.layout.reference_next, ref);
        make_pending(ref, 2);
    }
    for (gref ref; (ref = pop(&phantoms));) {
        if (is_live(referent(ref))) { continue; }
        obj_set_ref(ref, heap.layout.reference_referent, 0);
        make_pending(ref, 3);
    }
    if (heap.hooks.clear_weak) { heap.hooks.clear_weak(is_live); }
    slabs_sweep();
    references_set_clock();
}

gref references_pending_root(void) { return pending; }

// The VM Thread changes `pending` with the world stopped, so only the waiters have to be told, afterwards.
void references_notify(void)
{
    pthread_mutex_lock(&pending_lock);
    if (pending) { pthread_cond_broadcast(&pending_changed); }
    pthread_mutex_unlock(&pending_lock);
}

gref heap_take_pending_list(void)
{
    pthread_mutex_lock(&pending_lock);
    gref list = pending;
    pending = 0;
    pthread_mutex_unlock(&pending_lock);
    return list;
}

bool heap_has_pending_list(void) { return __atomic_load_n(&pending, __ATOMIC_ACQUIRE) != 0; }

void heap_wait_pending_list(void)
{
    pthread_mutex_lock(&pending_lock);
    while (!pending) { pthread_cond_wait(&pending_changed, &pending_lock); }
    pthread_mutex_unlock(&pending_lock);
}
