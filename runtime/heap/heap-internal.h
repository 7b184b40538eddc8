/*
 * heap-internal.h - shared by the files of runtime/heap only.
 */
#ifndef MOKA_HEAP_INTERNAL_H
#define MOKA_HEAP_INTERNAL_H

#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS /* Java threads stay unknown to libgc */
#include <gc/gc.h>
#include <gc/gc_mark.h>
#include "runtime/classes/class.h"
#include "runtime/heap/heap.h"
#include "runtime/machine/machine.h"

struct heap {
    struct heap_config config;
    struct heap_hooks hooks;
    struct heap_layout layout;
    bool has_layout;       /* collections may run */
    bool large_pages;      /* the host had large pages so far */
    int kinds[HEAP_KINDS]; /* libgc's numbers */
    struct heap_free *list_end;
    uint64_t start_ns;
    uint64_t segment_start, segment_end;
    uint64_t threshold; /* allotment of allocation between collections, adaptive */
    uint64_t limit;     /* collect when that many bytes were allocated since the last collection */
    uint64_t last_gc_ns;
    bool clear_soft; /* this collection clears all soft references */
    int64_t soft_clock_ms, soft_interval_ms;
    struct heap_stats stats;
};
extern struct heap heap;

/* heap.c: where objects of more than COLOUR_MIN_SIZE bytes (three of those share a page) begin in their block */
#define COLOUR_STEP     64u /* a cache line */
#define COLOUR_FIRST    (COLOUR_STEP - ARRAY_BASE_OFFSET)
#define COLOUR_LIMIT    (PAGE_SIZE_4K - ARRAY_BASE_OFFSET) /* libgc wants less than a page */
#define COLOUR_MIN_SIZE 1360u
#define COLOUR_MIN_ROOM 1024u

/* heap.c: bytes that the heap may take so that it has room for max_bytes of objects */
uint64_t heap_footprint(const struct heap_config *config);

/* heap.c: bytes in blocks that hold objects: what libgc has minus its wholly free blocks */
uint64_t heap_used_bytes(void);

/* What could be allocated after the last collection before the objects are more than -Xmx allows, as far as is known. */
static inline uint64_t heap_room(void)
{
    uint64_t max = heap.config.max_bytes, live = heap.stats.live_after;
    return max > live ? max - live : 0;
}

/* Is half of what there may be in use? Then space is not given away for speed. */
static inline bool heap_is_half_full(void)
{
    return heap.stats.live_after > heap.config.max_bytes / 2;
}

/* The object in libgc's block at `base`: a colour stands behind a class id of 0; a free block's first word is 0 or an address. */
static inline gref heap_object_at(const void *base)
{
    uint64_t first = *(const uint64_t *)base;
    return (gref)((uintptr_t)base + ((uint32_t)first ? 0 : first >> 32));
}

/* libgc's block that the object is in. */
static inline void *heap_base(gref o) { return GC_base(gva_to_ptr(o)); }

/* slabs.c: 64 KiB of libgc's, divided into cells for arrays of one size class. */
struct slab {
    gref base;       /* 0: unused */
    uint16_t first;  /* offset of the first cell */
    uint16_t stride; /* from each to the next */
    uint8_t n;       /* cells, at most 64: the bits of the masks */
    uint8_t size_class;
    uint16_t next;
    uint64_t free;  /* changes only under the lock of slabs.c, or when the world is stopped */
    uint64_t marks; /* of the collection under way */
};
extern struct slab *heap_slabs;
extern uint16_t *heap_slab_of_page; /* by page of the segment: index into heap_slabs, 0: none */
extern uint32_t heap_slab_pages;

void slabs_init(void);
/* A cell of zeros; NULL: slabs are not for this size, or not now. */
void *slab_alloc(size_t size);
/* Marks the used cell that the address lies in. true: it was not marked before, so the slab has to be marked as well. */
bool slab_mark(struct slab *s, uint32_t address);
/* All marks are final, and nothing runs: what has none is free. */
void slabs_sweep(void);

/* The slab that an address lies in, NULL: none. Any value will do. */
static inline struct slab *slab_of(uint64_t address)
{
    uint64_t page = (address - KSEG_START) / PAGE_SIZE_4K;
    uint16_t index = page < heap_slab_pages ? heap_slab_of_page[page] : 0;
    return UNLIKELY(index) ? &heap_slabs[index] : NULL;
}

static inline gref slab_cell(const struct slab *s, unsigned i)
{
    return s->base + s->first + i * s->stride;
}

/* Bytes of the cells in use. */
static inline uint64_t slab_used_bytes(const struct slab *s)
{
    return (uint64_t)(s->n - (unsigned)__builtin_popcountll(s->free)) * s->stride;
}

/* Is it the start of a used cell? */
bool slab_has(const struct slab *s, gref o);

/* The bit of the cell that an address in the slab lies in; 0: in none. */
static inline uint64_t slab_bit(const struct slab *s, uint32_t address)
{
    uint32_t i = (address - s->base - s->first) / s->stride;
    return i < s->n ? 1ull << i : 0;
}

/* guest_memory.c: the part of the kernel segment that becomes heap. */
void guest_memory_init(uint64_t start, uint64_t end);

/* collect.c */
bool vm_thread_start(char *err, size_t size);

/* lists.c */
/* Makes list_end. */
void lists_init(void);
/* A list of free cells, most often what one block has; NULL when libgc has no more memory. */
struct heap_free *list_refill(size_t size, enum heap_kind kind);

/* mark.c */
/* Registers the mark procedure and the two kinds. */
void mark_init(void);
/* libgc's root callback. */
void mark_push_roots(void);
/* Marks `o` and everything reachable from it; only after libgc's own marking is over. */
void mark_from(gref o);

/* references.c */
/* Called by the mark procedure for an active soft, weak, final or phantom reference. Returns whether the referent is to
 * be skipped (the reference is now on the discovered list). */
bool reference_discover(gref ref, enum ref_kind kind);
/* GC_EVENT_MARK_END. */
void references_process(void);
void references_begin(void);
void references_set_clock(void);
/* Head of the pending list: a root. */
gref references_pending_root(void);
void references_notify(void);

#endif
