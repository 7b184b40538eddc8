// A thread's lists of free cells; heap.h draws them. libgc finds the memory: a block that it swept, a fresh one, or what is
// left on a list of its own. In our copy of its archive (Makefile) GC_generic_malloc_many calls the two functions below
// for what to make of a block.
//
// A fresh block is only cleared: cells of zeros are a list. To pop one takes a load to look at the link, but the next one's address
// does not depend on what is loaded, so the processor may go on with the next allocations before the line is there.
#include <string.h>
#include "runtime/heap/heap-internal.h"
#include <gc/gc_inline.h>
#include "runtime/machine/machine.h"

// Free cells in shorter runs than this, on average, are all linked: a branch that goes either way costs more than a load.
#define MIN_RUN 4

// What GC_generic_malloc_many is for: others (libgc itself, for threads that it knows) get libgc's lists, that end with 0.
static __thread enum { NOT_OURS, WANTED, DONE } refill;

struct hblk;
struct hblkhdr;
void *heap_gc_build_fl(struct hblk *block, size_t words, int clear, void *list);
void *heap_gc_reclaim_generic(struct hblk *block, struct hblkhdr *header, size_t size, int init,
                              void *list, GC_signed_word *count);
extern void *GC_build_fl(struct hblk *block, size_t words, int clear, void *list);
extern void *GC_reclaim_generic(struct hblk *block, struct hblkhdr *header, size_t size, int init,
                                void *list, GC_signed_word *count);

// A fresh block.
void *heap_gc_build_fl(struct hblk *block, size_t words, int clear, void *list)
{
    if (refill != WANTED || list) { return GC_build_fl(block, words, clear, list); }
    refill = DONE;
    size_t size = words * sizeof(GC_word);
    memset(block, 0, PAGE_SIZE_4K);
    struct heap_free *last = (struct heap_free *)((char *)block + (PAGE_SIZE_4K / size - 1) * size);
    last->link = (uintptr_t)heap.list_end;
    return block;
}

// A list of libgc's, from the highest cell of one block to the lowest, becomes one of ours, from the lowest on.
static struct heap_free *turn_round(struct heap_free *cell, size_t size)
{
    size_t n = 0, runs = 0;
    uint64_t above = 0;
    for (const struct heap_free *c = cell; c; c = (struct heap_free *)c->link) {
        n++;
        runs += (uintptr_t)c + size != above;
        above = (uintptr_t)c;
    }
    bool all_linked = n < runs * MIN_RUN;
    uint64_t next = (uintptr_t)heap.list_end;
    for (;;) {
        struct heap_free *below = (struct heap_free *)cell->link;
        cell->link = !all_linked && (uintptr_t)cell + size == next ? 0 : next;
        if (!below) { return cell; }
        next = (uintptr_t)cell;
        cell = below;
    }
}

// A block with objects in it, to be swept.
void *heap_gc_reclaim_generic(struct hblk *block, struct hblkhdr *header, size_t size, int init,
                              void *list, GC_signed_word *count)
{
    void *cells = GC_reclaim_generic(block, header, size, init, list, count);
    if (refill != WANTED || list || !cells) { return cells; }
    refill = DONE;
    return turn_round(cells, size);
}

struct heap_free *list_refill(size_t size, enum heap_kind kind)
{
    void *list = NULL;
    refill = WANTED;
    GC_generic_malloc_many(size, heap.kinds[kind], &list);
    if (refill == WANTED && list) { // one of libgc's, as it is
        struct heap_free *last = list;
        while (last->link) { last = (struct heap_free *)last->link; }
        last->link = (uintptr_t)heap.list_end;
    }
    refill = NOT_OURS;
    return list;
}

void lists_init(void)
{
    heap.list_end = GC_generic_malloc(HEAP_GRANULE, heap.kinds[HEAP_KIND_NOREFS]);
    if (heap.list_end) { heap.list_end->link = HEAP_LIST_END; }
}

void heap_flush_tlab(struct heap_tlab *tlab)
{
    for (unsigned i = 0; i < HEAP_TLAB_CLASSES; i++) {
        for (unsigned kind = 0; kind < HEAP_KINDS; kind++) { tlab->free[i][kind] = heap.list_end; }
    }
}
