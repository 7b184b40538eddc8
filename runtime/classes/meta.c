/*
 * meta.c - the metadata arena: classes, methods, symbols.
 *
 *   META_BASE          +META_GUARD                         META_LIMIT
 *     | unmapped, 1 MiB  | bump allocation --->   ...           |
 *
 * One reservation at a fixed address, so that a class id (see object.h) is a 32-bit offset. Nothing is freed, so
 * allocation is one atomic addition; the kernel hands out zero pages on first touch, and only what was touched
 * (in steps of 2 MiB) counts as memory in use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/mman.h>

#include "runtime/classes/class.h"

static uint64_t meta_next = META_GUARD;

bool meta_init(void)
{
    static bool done;
    if (done) { return true; }
    void *want = (void *)(uintptr_t)(META_BASE + META_GUARD);
    void *got = mmap(want, META_LIMIT - META_GUARD, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != want) {
        if (got != MAP_FAILED) {
            munmap(got, META_LIMIT - META_GUARD);
            errno = EEXIST;
        }
        fprintf(
            stderr,
            "moka: cannot reserve %u MiB for class metadata at address %p: %s\n"
            "(something else is mapped there, or the address space is limited: see ulimit -v)\n",
            (META_LIMIT - META_GUARD) >> 20, want, strerror(errno));
        return false;
    }
    /* Large pages, if there are any: a thousand page faults less at start, and less for each fork of a compile worker to copy. */
    (void)madvise(got, META_LIMIT - META_GUARD, MADV_HUGEPAGE);
    done = true;
    return true;
}

void *meta_alloc(size_t bytes)
{
    bytes = ALIGN_UP(bytes, (size_t)8);
    uint64_t at = __atomic_fetch_add(&meta_next, bytes, __ATOMIC_RELAXED);
    if (UNLIKELY(at + bytes > META_LIMIT)) {
        /* Callers that can throw ask meta_available() first. */
        fprintf(stderr, "moka: out of memory for class metadata (%u MiB are full)\n",
                (META_LIMIT - META_GUARD) >> 20);
        exit(1);
    }
    return (void *)(uintptr_t)(META_BASE + at);
}

size_t meta_used(void)
{
    return (size_t)(__atomic_load_n(&meta_next, __ATOMIC_RELAXED) - META_GUARD);
}

bool meta_available(size_t bytes)
{
    return __atomic_load_n(&meta_next, __ATOMIC_RELAXED) + bytes < META_LIMIT;
}
