// Allocation, configuration and numbers of the heap; see heap.h for the whole picture.
#include <assert.h>
#include <string.h>
#include <unistd.h>
#include "runtime/heap/heap-internal.h"
#include <gc/gc_inline.h>
#include "runtime/machine/machine.h"

struct heap heap;

#define MIN_HEAP          (2ull << 20)
#define DEFAULT_MAX       (2048ull << 20)
#define DEFAULT_THRESHOLD (32ull << 20)
// Collections that recover next to nothing: after this many in a row allocation fails, instead of crawling on.
#define USELESS_COLLECTIONS 4

#define MARK_STACKS (8ull << 20) // libgc's, which it may recycle as heap
#define LARGEST     (KSEG_END - KSEG_START - MARK_STACKS)

// -Xmx is about objects. Nothing moves here, so free cells stay where they are, between others: a third of each block may be all
// that is in use, and what is free is rarely in one piece. So the heap may take more than its objects need, small ones twice.
#define SCATTERED (64ull << 20)
uint64_t heap_footprint(const struct heap_config *config)
{
    uint64_t max = config->max_bytes,
             left = (1ull << 32) - MARK_STACKS - ALIGN_UP(config->other_ram, PAGE_SIZE_4M);
    uint64_t bytes = max + max / 4 + (max < SCATTERED ? max : SCATTERED);
    if (bytes > LARGEST) { bytes = LARGEST; }
    if (bytes > left) { bytes = left; }
    return bytes > max ? bytes : max;
}

static uint64_t segment_for(const struct heap_config *config)
{
    return ALIGN_UP(heap_footprint(config) + MARK_STACKS, PAGE_SIZE_4M);
}

uint64_t heap_segment_size(struct heap_config *config, char *err, size_t size)
{
    if (!config->max_bytes) {
        uint64_t ram = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
        config->max_bytes = ram / 4 < DEFAULT_MAX ? ALIGN_UP(ram / 4, 1u << 20) : DEFAULT_MAX;
        if (config->max_bytes > LARGEST) { config->max_bytes = LARGEST; }
    }
    if (!config->threshold) { config->threshold = DEFAULT_THRESHOLD; }
    if (!config->markers) { config->markers = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1; }
    if (config->soft_ms_per_mb < 0) { config->soft_ms_per_mb = 1000; }
    if (config->max_bytes < MIN_HEAP) {
        snprintf(err, size, "Too small maximum heap");
        return 0;
    }
    if (config->initial_bytes > config->max_bytes) {
        snprintf(err, size, "Initial heap size set to a larger value than the maximum heap size");
        return 0;
    }
    if (config->max_bytes > LARGEST) {
        snprintf(err, size, "Maximum heap size of %lluM does not fit into the guest: at most %lluM",
                 (unsigned long long)config->max_bytes >> 20, (unsigned long long)LARGEST >> 20);
        return 0;
    }
    return segment_for(config);
}

bool heap_init(const struct heap_config *config, char *err, size_t size)
{
    heap.config = *config;
    if (!heap_segment_size(&heap.config, err, size)) { return false; }
    if (KSEG_START + segment_for(&heap.config) > machine.kseg_end) {
        snprintf(err, size, "the machine's kernel segment is too small for the heap");
        return false;
    }
    heap.start_ns = heap.last_gc_ns = monotonic_ns();
    heap.segment_start = KSEG_START;
    heap.segment_end = machine.kseg_end;
    heap.large_pages = !heap.config.small_pages;
    guest_memory_init(heap.segment_start, heap.segment_end);
    if (heap.config.verbose) {
        printf("[0.000s][info][gc] Using Boehm (libgc)\n");
        fflush(stdout);
    }
    return vm_thread_start(err, size);
}

void heap_set_hooks(const struct heap_hooks *hooks) { heap.hooks = *hooks; }

void heap_set_layout(const struct heap_layout *layout)
{
    heap.layout = *layout;
    references_set_clock();
    heap.has_layout = true;
}

// ---- allocation ----

// What libgc gives must be an address that a reference can name.
static void *checked(void *o)
{
    assert(!o || heap_contains((uintptr_t)o));
    return o;
}

/*
 * Colours. libgc puts what is larger than half a page at the start of a page, and two or three smaller ones into one. Then the elements
 * of a matrix's column, or two arrays that are read side by side, are all in the same few sets of the caches, and loads seem to
 * depend on stores 4 KiB away. So an object of that size begins some cache lines into its block, and the block's start says how far:
 *
 *   0                 colour                                  a multiple of 4 KiB
 *   | colour << 32    | object ...                    |       |
 *
 * An array's elements begin at the start of a cache line, so that vectors do not lie across two.
 * Objects that are allocated one after the other get colours far from each other: multiples of the golden ratio.
 */

/* Bytes that are to be left over for colours. Nothing once the heap is half full: half a page for 2 KiB is a luxury. */
static size_t colour_room(size_t size)
{
    if (size <= COLOUR_MIN_SIZE || heap_is_half_full()) { return 0; }
    size_t room = size / 4 < COLOUR_MIN_ROOM ? COLOUR_MIN_ROOM : size / 4;
    return room < COLOUR_LIMIT ? room : COLOUR_LIMIT;
}

static void *alloc_coloured(size_t size, size_t room, enum heap_kind kind)
{
    static uint32_t turns;
    size_t block = ALIGN_UP(size + room, PAGE_SIZE_4K);
    uint64_t *base = GC_generic_malloc(block, heap.kinds[kind]);
    if (!base) { return NULL; }
    uint64_t spare = (block - size < COLOUR_LIMIT ? block - size : COLOUR_LIMIT) - COLOUR_FIRST;
    uint32_t turn = __atomic_fetch_add(&turns, 0x9e3779b9u, __ATOMIC_RELAXED);
    uint64_t colour = COLOUR_FIRST + (turn * (spare / COLOUR_STEP + 1) >> 32) * COLOUR_STEP;
    *base = colour << 32;
    return (char *)base + colour;
}

// What has no place in the thread's lists.
static void *alloc_one(struct heap_tlab *tlab, size_t size, enum heap_kind kind)
{
    void *cell = NULL;
    if (size > HEAP_TLAB_MAX) {
        __atomic_fetch_add(&heap.stats.large_objects, 1, __ATOMIC_RELAXED);
        if (kind == HEAP_KIND_NOREFS) { cell = slab_alloc(size); }
    }
    tlab->allocated += size;
    if (cell) { return cell; }
    size_t room = colour_room(size);
    return room ? alloc_coloured(size, room, kind) : GC_generic_malloc(size, heap.kinds[kind]);
}

// One attempt, without a collection. Takes a block's worth for the thread's list where objects are small.
static void *try_alloc(struct heap_tlab *tlab, size_t size, enum heap_kind kind)
{
    size_t granules = (size + HEAP_GRANULE - 1) >> HEAP_GRANULE_SHIFT;
    if (granules >= HEAP_TLAB_CLASSES || heap.config.stress) {
        return checked(alloc_one(tlab, granules << HEAP_GRANULE_SHIFT, kind));
    }
    struct heap_free *list = list_refill(granules << HEAP_GRANULE_SHIFT, kind);
    if (!list) { return NULL; }
    __atomic_fetch_add(&heap.stats.refills, 1, __ATOMIC_RELAXED);
    tlab->allocated += PAGE_SIZE_4K;
    tlab->free[granules][kind] = checked(list);
    return gva_to_ptr(heap_alloc_fast(tlab, (uint32_t)size, kind));
}

// Allocation failed `got` bytes after the last collection. Has it come to collecting for next to nothing again and again?
static bool exhausted(uint64_t got)
{
    static unsigned useless;
    static uint64_t counted; // the collection that `useless` was last raised for
    if (got > heap.config.max_bytes / 50) {
        __atomic_store_n(&useless, 0, __ATOMIC_RELAXED);
    } else if (__atomic_exchange_n(&counted, heap.stats.collections, __ATOMIC_RELAXED) !=
               heap.stats.collections) {
        __atomic_fetch_add(&useless, 1, __ATOMIC_RELAXED);
    }
    return __atomic_load_n(&useless, __ATOMIC_RELAXED) > USELESS_COLLECTIONS;
}

static bool collection_due(void)
{
    static uint64_t count;
    if (heap.config.stress &&
        __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) % heap.config.stress == 0) {
        heap_collect(HEAP_CAUSE_STRESS);
        return false;
    }
    return GC_get_bytes_since_gc() >= heap.limit;
}

// NULL also where the objects would be more than -Xmx allows.
static void *alloc_within(struct heap_tlab *tlab, uint64_t size, enum heap_kind kind)
{
    bool fits = GC_get_bytes_since_gc() + size <= heap_room();
    return fits ? try_alloc(tlab, size, kind) : NULL;
}

gref heap_alloc_slow(struct heap_tlab *tlab, uint64_t size, enum heap_kind kind)
{
    if (size > heap.config.max_bytes) { return 0; }
    if (UNLIKELY(collection_due()) && heap.has_layout) { heap_collect(HEAP_CAUSE_ALLOCATION); }
    void *o = alloc_within(tlab, size, kind);
    if (LIKELY(o != NULL)) { return (gref)(uintptr_t)o; }
    if (!heap.has_layout) { return 0; }
    bool hopeless = exhausted(GC_get_bytes_since_gc());
    heap_collect(HEAP_CAUSE_ALLOCATION);
    o = hopeless ? NULL : alloc_within(tlab, size, kind);
    if (!o) {
        heap_collect(HEAP_CAUSE_LAST_DITCH);
        o = alloc_within(tlab, size, kind);
    }
    return (gref)(uintptr_t)o;
}

// ---- questions ----

bool heap_is_object(uint64_t value)
{
    if (!heap_contains(value)) { return false; }
    const struct slab *s = slab_of(value);
    const void *base = s ? NULL : GC_base((void *)value);
    if (s ? !slab_has(s, (gref)value) : !base || heap_object_at(base) != value) { return false; }
    return is_class_id(obj_class_id((gref)value));
}

uint64_t heap_object_bytes(gref o)
{
    const struct slab *s = slab_of(o);
    return s ? s->stride : GC_size(heap_base(o));
}

uint64_t heap_used_bytes(void) { return GC_get_heap_size() - GC_get_free_bytes(); }

uint64_t heap_total(void)
{
    uint64_t total = GC_get_heap_size();
    return total < heap.config.max_bytes ? total : heap.config.max_bytes;
}

uint64_t heap_free_bytes(void)
{
    uint64_t total = heap_total(), used = heap_used_bytes();
    return used < total ? total - used : 0;
}

uint64_t heap_max(void) { return heap.config.max_bytes; }

bool heap_verbose(void) { return heap.config.verbose; }

void heap_set_verbose(bool on) { heap.config.verbose = on; }
int64_t heap_millis_since_gc(void)
{
    return (int64_t)((monotonic_ns() - heap.last_gc_ns) / 1000000);
}

struct heap_stats heap_get_stats(void)
{
    struct heap_stats s = heap.stats;
    s.allocated += GC_get_bytes_since_gc();
    return s;
}

void heap_print_stats(FILE *f)
{
    struct heap_stats s = heap_get_stats();
    fprintf(f, "Heap (libgc, max %llu MiB)\n", (unsigned long long)heap_max() >> 20);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"collections", s.collections},
        {"total pause, us", s.pause_ns / 1000},
        {"longest pause, us", s.max_pause_ns / 1000},
        {"allocated, KiB", s.allocated >> 10},
        {"heap size, KiB", heap_total() >> 10},
        {"live after last collection, KiB", s.live_after >> 10},
        {"in large pages of the host, KiB", s.large_pages >> 10},
        {"free list refills", s.refills},
        {"large objects", s.large_objects},
        {"soft references cleared", s.refs_cleared[0]},
        {"weak references cleared", s.refs_cleared[1]},
        {"objects made finalizable", s.refs_cleared[2]},
        {"phantom references cleared", s.refs_cleared[3]},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
        fprintf(f, "  %-32s %14llu\n", rows[i].name, (unsigned long long)rows[i].value);
    }
}
