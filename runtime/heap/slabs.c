// Slabs: where arrays without references go that are too large to share a page with others of their size (libgc gives each of them
// whole pages of its own), and small enough for that to be a waste: of half of the memory, and of the host's TLB.
//
//   libgc's object of SLAB_BYTES
//   | first | cell | cell | cell | ...  | rest |     all cells of a slab have the same stride, by size class
//
// To libgc a slab is one object, which the mark of any cell keeps. Which cells are live is known here: marking sets a bit for each
// (slab_mark), and when all marks are final the cells without one are free again (slabs_sweep). A slab without marks is
// forgotten, and libgc sweeps it.
//
// A matrix's column should not lie in a few sets of the caches: cells are as far apart as an odd number of cache lines, and a slab's first
// cell lies as if it followed the last one of the slab before it.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/heap/heap-internal.h"
#include "runtime/machine/machine.h"

#define SLAB_BYTES  65536u
#define SLAB_PAGES  (SLAB_BYTES / PAGE_SIZE_4K)
#define SLABS_MAX   UINT16_MAX
#define CLASSES     13 // strides of 1088, 1344, 1600, 1856, 2112, 2624, ... 8256
#define STEPS       4  // from a power of two to the next
#define LEAST_POWER 1024u
#define LEAST_HEAP  (64u << 20) // in a smaller one so much for each size is too much

struct slab *heap_slabs;
uint16_t *heap_slab_of_page;
uint32_t heap_slab_pages;

static struct {
    pthread_mutex_t lock;        // of mutators; the collector works when they are stopped
    uint16_t with_free[CLASSES]; // lists of slabs with a free cell, linked by next
    uint16_t phase[CLASSES];     // where the next slab's first cell is to lie, modulo 4 KiB
    uint16_t unused;             // list of entries of heap_slabs, linked by next
    uint16_t n;                  // entries that were ever used are below it
    int kind;                    // libgc's: neither scanned nor cleared
} slabs = {.lock = PTHREAD_MUTEX_INITIALIZER};

// An array of a power of two of bytes, or that and some quarters, and its header, to an odd number of lines.
static uint32_t stride_of(unsigned size_class)
{
    uint32_t power = LEAST_POWER << (size_class / STEPS);
    uint32_t size = power + power / STEPS * (size_class % STEPS) + ARRAY_BASE_OFFSET;
    return ALIGN_UP(size, COLOUR_STEP) | COLOUR_STEP;
}

static unsigned class_for(size_t size)
{
    unsigned size_class = 0;
    while (size_class < CLASSES && stride_of(size_class) < size) { size_class++; }
    return size_class;
}

static uint64_t all_cells(const struct slab *s) { return ~0ull >> (64 - s->n); }

void slabs_init(void)
{
    uint32_t pages = (uint32_t)((heap.segment_end - heap.segment_start) / PAGE_SIZE_4K);
    heap_slabs = calloc(SLABS_MAX, sizeof *heap_slabs);
    heap_slab_of_page = calloc(pages, sizeof *heap_slab_of_page);
    slabs.kind = (int)GC_new_kind(GC_new_free_list(), 0, 0, 0);
    slabs.n = 1; // 0 is none
    heap_slab_pages = heap_slabs && heap_slab_of_page ? pages : 0;
}

static void set_pages(const struct slab *s, uint16_t index)
{
    uint16_t *page = &heap_slab_of_page[(s->base - heap.segment_start) / PAGE_SIZE_4K];
    for (unsigned i = 0; i < SLAB_PAGES; i++) { page[i] = index; }
}

// 0: no memory, no entry, or the heap is too full for what a slab may waste.
static uint16_t new_slab(unsigned size_class)
{
    if (!heap_slab_pages || heap.config.max_bytes < LEAST_HEAP || heap_is_half_full() ||
        (!slabs.unused && slabs.n == SLABS_MAX)) {
        return 0;
    }
    void *base = GC_generic_malloc(SLAB_BYTES, slabs.kind);
    if (!base) { return 0; }
    uint16_t index = slabs.unused ? slabs.unused : slabs.n++;
    struct slab *s = &heap_slabs[index];
    if (slabs.unused == index) { slabs.unused = s->next; }
    uint32_t stride = stride_of(size_class), n = (SLAB_BYTES - PAGE_SIZE_4K) / stride;
    *s = (struct slab){.base = (gref)(uintptr_t)base,
                       .first = (uint16_t)(COLOUR_FIRST + slabs.phase[size_class]),
                       .stride = (uint16_t)stride,
                       .n = (uint8_t)n,
                       .size_class = (uint8_t)size_class,
                       .next = slabs.with_free[size_class]};
    slabs.phase[size_class] = (uint16_t)((slabs.phase[size_class] + n * stride) % PAGE_SIZE_4K);
    s->free = all_cells(s);
    slabs.with_free[size_class] = index;
    set_pages(s, index);
    return index;
}

void *slab_alloc(size_t size)
{
    unsigned size_class = class_for(size);
    if (size_class == CLASSES) { return NULL; }
    size_t stride = stride_of(size_class);
    void *cell = NULL;
    pthread_mutex_lock(&slabs.lock);
    uint16_t index = slabs.with_free[size_class];
    if (!index) { index = new_slab(size_class); }
    if (index) {
        struct slab *s = &heap_slabs[index];
        cell = gva_to_ptr(slab_cell(s, (unsigned)__builtin_ctzll(s->free)));
        s->free &= s->free - 1;
        if (!s->free) { slabs.with_free[size_class] = s->next; }
    }
    pthread_mutex_unlock(&slabs.lock);
    return cell ? memset(cell, 0, stride) : NULL;
}

bool slab_has(const struct slab *s, gref o)
{
    uint64_t bit = slab_bit(s, o);
    return bit && !(s->free & bit) && slab_cell(s, (unsigned)__builtin_ctzll(bit)) == o;
}

bool slab_mark(struct slab *s, uint32_t address)
{
    uint64_t bit = slab_bit(s, address);
    return bit && !(s->free & bit) && !(__atomic_load_n(&s->marks, __ATOMIC_RELAXED) & bit) &&
           !(__atomic_fetch_or(&s->marks, bit, __ATOMIC_RELAXED) & bit);
}

void slabs_sweep(void)
{
    memset(slabs.with_free, 0, sizeof slabs.with_free);
    for (unsigned i = slabs.n; i-- > 1;) { // low ones come first in the lists
        struct slab *s = &heap_slabs[i];
        if (!s->base) { continue; }
        s->free = all_cells(s) & ~s->marks;
        if (!s->marks) {
            set_pages(s, 0);
            s->base = 0;
            s->next = slabs.unused;
            slabs.unused = (uint16_t)i;
        } else if (s->free) {
            s->next = slabs.with_free[s->size_class];
            slabs.with_free[s->size_class] = (uint16_t)i;
        }
        s->marks = 0;
    }
}
