/*
 * heap.h - the Java heap: Boehm's collector (libgc 8.2) living inside the guest.
 *
 * libgc gets the heap from the machine's kernel segment (heap_gc_get_mem in guest_memory.c, see the Makefile on how
 * libgc.a's calls get there), so every object's host address is its guest address.
 *
 *   thread ---> heap_tlab: per kind and size a free list     refill: GC_generic_malloc_many, a block's worth
 *                 [1][kind] -> o -> o -> o                    large objects: GC_generic_malloc
 *                 [2][kind] -> o                                (where in its block: heap.c, colours)
 *                  ...                                        arrays of some KiB: cells of slabs (slabs.c)
 *                                                             collect: mark from roots (ours), process
 *               pop inline: heap_alloc_fast()                          java.lang.ref, sweep lazily (libgc)
 *
 * Two kinds of objects: HEAP_KIND_NOREFS (never looked into) and HEAP_KIND_OBJECT (mark.c reads the class id and
 * pushes each reference). Fresh memory is zero, up to the first 8 bytes of an object from a free list, which the
 * caller overwrites with the header.
 *
 * Collections. libgc collects only when told. All collections run on one host thread, the "VM Thread", which also
 * called GC_INIT (libgc refuses to collect on threads that it does not know, and signals those it knows; Java
 * threads are unknown to it). heap_collect() hands it a request and waits, blocked, so a mutator may call it
 * wherever an allocation is allowed. The VM Thread stops the world through heap_hooks, then:
 *
 *   flush_tlabs       free objects in thread-local lists go back to libgc (the sweep finds them)
 *   push_roots        thread stacks (conservatively), handles, VM roots
 *   mark              by libgc, with 1 or 2 marker threads; active java.lang.ref.References are collected in a
 *                     "discovered" list, their referents not followed
 *   references        GC_EVENT_MARK_END: all marks are final, nothing is swept. In this order: soft and weak
 *                     referents without a mark are cleared; unmarked referents of FinalReferences are marked,
 *                     with all they reach (by our own marker, with GC_set_mark_bit: libgc's mark stack cannot be
 *                     run from here); phantom referents without a mark are cleared; hooks clear weak tables.
 *                     What was cleared goes to the pending list for java.lang.ref's ReferenceHandler.
 *   sweep             lazily, by refills
 *
 * Soft references: cleared when unused for 1000 ms per free MB of heap (HotSpot's LRUMaxHeapPolicy),
 * and always before OutOfMemoryError. Policy is decided when marking meets the reference; a kept one is marked through.
 *
 * When to collect: after max(threshold, live bytes) were allocated, when the objects could be more than -Xmx allows, or when libgc
 * cannot grow any more. The threshold adapts: it grows, up to 256 MiB, while collections take much of the time. -Xmx is about objects;
 * the memory that they are scattered over may be more (heap_footprint()).
 *
 * Nothing here throws: allocation returns 0 when even a full collection did not help, and the caller throws
 * OutOfMemoryError.
 */
#ifndef MOKA_HEAP_HEAP_H
#define MOKA_HEAP_HEAP_H

#include <stdio.h>
#include "runtime/heap/object.h"
#include "runtime/types.h"

enum heap_kind {
    HEAP_KIND_NOREFS = 0,
    HEAP_KIND_OBJECT = 1,
    HEAP_KINDS = 2,
};

/* Sizes are rounded up to granules of 16 bytes; lists hold objects of 1..HEAP_TLAB_CLASSES-1 granules. */
#define HEAP_GRANULE_SHIFT 4
#define HEAP_GRANULE       (1u << HEAP_GRANULE_SHIFT)
#define HEAP_TLAB_CLASSES  65
#define HEAP_TLAB_MAX      ((HEAP_TLAB_CLASSES - 1) * HEAP_GRANULE) /* 1024 bytes */

/*
 * A free cell. Its first 8 bytes say where the next one of its list is:
 *
 *   0                        right behind this one: fresh memory, cleared, is a list as it is
 *   an address, even         there
 *   HEAP_LIST_END            nowhere, and this is no cell, but what each list ends with and an empty one begins with
 *
 * None of them looks like a class id.
 */
struct heap_free {
    uint64_t link;
};
#define HEAP_LIST_END 1u
/* Compiled code that takes an unlinked cell prefetches the line so many bytes behind it, which is in the block that is most often
 * the next to be taken and cleared. */
#define HEAP_PREFETCH 4096

/*
 * A thread's allocation lists; made by heap_flush_tlab, owned by the thread, emptied by the collector (flush_tlabs hook).
 * Compiled code addresses them as tlab.free[granules][kind].
 */
struct heap_tlab {
    struct heap_free *free[HEAP_TLAB_CLASSES][HEAP_KINDS];
    uint64_t allocated;      /* bytes handed to this thread so far (lists count when refilled) */
    uint64_t allocated_mark; /* the heap's own accounting */
};

enum heap_cause {
    HEAP_CAUSE_ALLOCATION, /* "Allocation Failure" */
    HEAP_CAUSE_SYSTEM_GC,  /* "System.gc()" */
    HEAP_CAUSE_STRESS,     /* "GC stress" */
    HEAP_CAUSE_DIAGNOSTIC, /* "Diagnostic Command": heap walks */
    HEAP_CAUSE_LAST_DITCH, /* soft references are cleared too */
};

struct heap_config {
    uint64_t max_bytes;     /* -Xmx; 0 = a quarter of the host's RAM, at most 2 GiB */
    uint64_t initial_bytes; /* -Xms; 0 = small */
    uint64_t threshold;     /* first allotment: collect after that many bytes; 0 = 32 MiB */
    uint64_t other_ram;     /* what else there is in the guest's 4 GiB of RAM */
    unsigned markers;       /* marker threads, 0 = default */
    bool small_pages;       /* no large pages of the host behind the heap */
    uint64_t stress;        /* collect at every Nth allocation; 0 = off */
    bool verbose;           /* -verbose:gc, -Xlog:gc: a line for each collection on stdout */
    int soft_ms_per_mb;     /* -XX:SoftRefLRUPolicyMSPerMB; < 0 = 1000 */
};

/* What the collector asks of the threads room and others. Called on the VM Thread unless noted. */
struct heap_hooks {
    /* On the mutator, around its wait for a collection: it must count as stopped, its stack must be scannable. */
    void (*enter_blocked)(void);
    void (*leave_blocked)(void);
    void (*stop_world)(void);
    void (*resume_world)(void);
    /* Calls heap_flush_tlab() for every thread. */
    void (*flush_tlabs)(void);
    /* Calls heap_push_stack(), heap_push_refs() and heap_push_ref() for all roots. */
    void (*push_roots)(void);
    /* Marks are final: drops or clears weak entries (JNI weak globals, string table, inflated monitors) whose
     * object is not live. */
    void (*clear_weak)(bool (*is_live)(gref o));
};

/* Where java.lang.ref and java.lang.Class keep what the collector must know: byte offsets in objects. */
struct heap_layout {
    uint32_t reference_referent, reference_next, reference_discovered;
    uint32_t soft_timestamp; /* long in a SoftReference */
    uint32_t soft_clock;     /* static long SoftReference.clock, offset in the mirror */
    gref soft_mirror;        /* mirror of SoftReference */
    uint32_t class_vm_class; /* long in java.lang.Class: its struct class * */
};

/*
 * Starts the heap: reads no Java class yet. The machine must be there (machine_init with kseg_size from
 * heap_segment_size). Returns false with a message in err[size], e.g. for an -Xmx that is too small.
 */
bool heap_init(const struct heap_config *config, char *err, size_t size);
/* Resolves defaults in `config` (max_bytes) and says how large the machine's kernel segment must be. Errors:
 * "Too small maximum heap" below 2 MiB, too large above what the segment can hold. 0 with a message on error. */
uint64_t heap_segment_size(struct heap_config *config, char *err, size_t size);
void heap_set_hooks(const struct heap_hooks *hooks);
/* Before this was called, no collection takes place. */
void heap_set_layout(const struct heap_layout *layout);

/* ---- allocation ---- */

/*
 * An object of `size` bytes (> 0) from the thread's lists, or 0 if the list is empty or the size too large: then call
 * heap_alloc_slow. Zeroed, except for the first 8 bytes: the caller must store the header before its next poll.
 */
static inline gref heap_alloc_fast(struct heap_tlab *tlab, uint32_t size, enum heap_kind kind)
{
    uint32_t granules = (size + HEAP_GRANULE - 1) >> HEAP_GRANULE_SHIFT;
    if (UNLIKELY(granules >= HEAP_TLAB_CLASSES)) { return 0; }
    struct heap_free **list = &tlab->free[granules][kind], *o = *list;
    uint64_t link = o->link;
    if (LIKELY(!link)) {
        link = (uintptr_t)o + granules * HEAP_GRANULE;
    } else if (UNLIKELY(link & HEAP_LIST_END)) {
        return 0;
    }
    *list = (struct heap_free *)(uintptr_t)link;
    return (gref)(uintptr_t)o;
}

/* Any size; refills the list, collects if it is time. 0 when the heap is exhausted. */
gref heap_alloc_slow(struct heap_tlab *tlab, uint64_t size, enum heap_kind kind);

/* An object with its header {class id, 0}; 0 when the heap is exhausted. */
static inline gref heap_alloc(struct heap_tlab *tlab, uint64_t size, enum heap_kind kind,
                              uint32_t class_id_)
{
    gref o = size <= HEAP_TLAB_MAX ? heap_alloc_fast(tlab, (uint32_t)size, kind) : 0;
    if (UNLIKELY(!o)) {
        o = heap_alloc_slow(tlab, size, kind);
        if (!o) { return 0; }
    }
    *(uint64_t *)gva_to_ptr(o) = class_id_;
    return o;
}

/* Empties the thread's lists: before its first allocation, in a collection, when it ends. */
void heap_flush_tlab(struct heap_tlab *tlab);

/* ---- collection ---- */

/* Runs a full collection and waits for it. Must be called where the caller's references are in scannable places. */
void heap_collect(enum heap_cause cause);
/* Runs f(arg) on the VM Thread with the world stopped, and waits (heap walks, thread dumps). */
void heap_run_stopped(void (*f)(void *arg), void *arg);

/* Host addresses [low, high). */
struct heap_range {
    uint64_t low, high;
};

/* Roots; only from the push_roots hook. Conservative: each 4-byte half of every aligned 8-byte word that points into the
 * heap, also into the middle of an object, keeps that object. The low half of a host pointer does so by chance, and one false
 * root can hold a whole list; so words that lie in one of the `n` ranges `host` (the stack itself, the
 * executable and its data) are passed over whole. For a real reference to be missed, its neighbour in the word would have to equal the
 * upper half of an address that the kernel placed at random, in a range whose lower half overlaps the heap. */
void heap_push_stack(const void *from, const void *to, const struct heap_range *host, unsigned n);
/* Cells of 8 bytes that hold a gref each (slot_t). Conservative too, but for the low halves only. */
void heap_push_slots(const slot_t *cells, size_t n);
void heap_push_ref(gref o);

/* Could `value` be the address of something in the heap? Cheap and approximate. */
bool heap_contains(uint64_t value);
/* Is `o` exactly an allocated object's address? For heap dumps and checks; takes libgc's lock. */
bool heap_is_object(uint64_t value);

/* Collects, then calls f for every live object with the world stopped. Inside f nothing may be allocated. */
void heap_for_each_object(void (*f)(gref o, void *arg), void *arg);
/* Bytes that the object takes in the heap. */
uint64_t heap_object_bytes(gref o);

/* ---- java.lang.ref ---- */

/* Reference.getAndClearReferencePendingList: list linked by `discovered`, 0 if empty. */
gref heap_take_pending_list(void);
bool heap_has_pending_list(void);
/* Reference.waitForReferencePendingList: blocks until there is one. The caller must count as blocked. */
void heap_wait_pending_list(void);

/* ---- statistics ---- */

struct heap_stats {
    uint64_t collections;
    uint64_t pause_ns, max_pause_ns;
    uint64_t allocated;       /* bytes since start */
    uint64_t live_after;      /* bytes that survived the last collection */
    uint64_t large_pages;     /* bytes of the heap that are in large pages of the host */
    uint64_t refs_cleared[4]; /* soft, weak, final (enqueued), phantom */
    uint64_t refills, large_objects;
};
struct heap_stats heap_get_stats(void);
/* Runtime.totalMemory, freeMemory, maxMemory: bytes. */
uint64_t heap_total(void);
uint64_t heap_free_bytes(void);
uint64_t heap_max(void);
/* Milliseconds since the last collection: Runtime's GC.maxObjectInspectionAge. */
int64_t heap_millis_since_gc(void);
void heap_print_stats(FILE *f);
/* heap_config.verbose, which may change while the program runs. */
bool heap_verbose(void);
void heap_set_verbose(bool on);

#endif
