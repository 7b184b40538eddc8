// Where libgc's blocks for small objects come from: our half of GC_allochblk, which in our copy of its archive (Makefile)
// is what its allocators call.
//
// Free blocks hang on 61 lists by length, the last for all that is long. After a collection of mostly garbage everything is
// in the last one, and libgc looks through all the others in front of it for every 4 KiB, which takes as long as to
// make the block's free list. So we remember between two collections how short the shortest free run is.
#include <stddef.h>
#include "runtime/heap/heap-internal.h"

#define MAX_SMALL  2048 // bytes of objects that share a block of one page (MAXOBJBYTES)
#define LAST_LIST  60   // N_HBLK_FLS
#define FIRST_LIST 1    // runs of one block

struct hblk;
struct hblk *heap_gc_allochblk(size_t size, int kind, unsigned flags);
void *heap_gc_clear_stack(void *arg);

extern struct hblk *GC_allochblk(size_t size, int kind, unsigned flags);
// Static in libgc; made visible by objcopy. With these parameters in version 8.2 only.
extern struct hblk *GC_allochblk_nth(size_t size, int kind, unsigned flags, int list, int may_split)
    __attribute__((weak));

static bool known_version(void)
{
    static int known = -1;
    if (known < 0) { known = GC_allochblk_nth && GC_get_version() >> 8 == 0x802; }
    return known;
}

// Called with libgc's lock.
struct hblk *heap_gc_allochblk(size_t size, int kind, unsigned flags)
{
    static int shortest = FIRST_LIST;
    static uint64_t collections;
    if (size > MAX_SMALL || !known_version()) { return GC_allochblk(size, kind, flags); }
    if (collections != heap.stats.collections) { // what it freed may be short
        collections = heap.stats.collections;
        shortest = FIRST_LIST;
    }
    for (int list = shortest; list <= LAST_LIST; list++) {
        struct hblk *h = GC_allochblk_nth(size, kind, flags, list, list > FIRST_LIST);
        if (h) { // the rest of a run that was split is shorter
            shortest = list > FIRST_LIST ? list - 1 : FIRST_LIST;
            return h;
        }
    }
    shortest = FIRST_LIST;
    return GC_allochblk(size, kind, flags);
}

// libgc clears a piece of the stack now and then, so that what its conservative scan finds there is not too old. Our stacks are
// scanned by us, from the innermost frame on.
void *heap_gc_clear_stack(void *arg) { return arg; }
