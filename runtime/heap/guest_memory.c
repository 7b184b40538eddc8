// Where libgc's memory comes from. In our copy of its archive (Makefile) everything that is or may become heap is got from
// heap_gc_get_mem, and mmap, munmap, mprotect, madvise and pthread_sigmask are renamed to the functions here, so nothing
// else in the process is affected. Block headers and other tables are host memory, out of the guest's reach.
//
// The heap is handed out from the bottom of the kernel segment upwards and never taken back; what libgc "unmaps"
// (blocks that were free for several collections) is returned to the host, and reads as zero when it is used again.
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include "runtime/heap/heap-internal.h"
#include "runtime/machine/machine.h"

void *heap_gc_get_mem(size_t size);
void *heap_gc_mmap(void *at, size_t size, int prot, int flags, int fd, long offset);
int heap_gc_munmap(void *at, size_t size);
int heap_gc_mprotect(void *at, size_t size, int prot);
int heap_gc_madvise(void *at, size_t size, int advice);
int heap_gc_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t next, committed, end;

void guest_memory_init(uint64_t start, uint64_t limit)
{
    next = committed = start;
    end = limit;
}

// Commits ahead in steps that grow with the heap: the shadow MMU can then map whole granules, and the page tables use
// 4 MiB pages. Committing touches page tables only, unless the host is asked for large pages: what is committed is
// about to be used.
static bool commit_to(uint64_t to)
{
    if (to <= committed) { return true; }
    uint64_t used = to - KSEG_START;
    uint64_t step = used >= 64u << 20   ? PAGE_SIZE_4M
                    : heap.large_pages  ? PAGE_SIZE_2M
                    : used >= 16u << 20 ? 1u << 20
                                        : 64u << 10;
    uint64_t stop = ALIGN_UP(to, step);
    if (stop > end) { stop = end; }
    if (!segment_commit((uint32_t)committed, (uint32_t)(stop - committed))) { return false; }
    uint64_t from = committed;
    committed = stop;
    stop &= ~(uint64_t)(PAGE_SIZE_2M - 1);
    if (heap.large_pages && from < stop) {
        heap.large_pages = segment_large_pages((uint32_t)from, (uint32_t)(stop - from));
        if (heap.large_pages) { heap.stats.large_pages += stop - from; }
    }
    return true;
}

void *heap_gc_get_mem(size_t size)
{
    size = ALIGN_UP(size, PAGE_SIZE_4K);
    void *result = NULL;
    pthread_mutex_lock(&lock);
    if (size <= end - next && commit_to(next + size)) {
        result = gva_to_ptr((uint32_t)next);
        next += size;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

void *heap_gc_mmap(void *at, size_t size, int prot, int flags, int fd, long offset)
{
    if (!heap_contains((uintptr_t)at)) { return mmap(at, size, prot, flags, fd, offset); }
    // libgc unmaps heap by mapping PROT_NONE over it, and maps it again.
    segment_discard((uint32_t)(uintptr_t)at, (uint32_t)size);
    return at;
}

int heap_gc_munmap(void *at, size_t size)
{
    if (!heap_contains((uintptr_t)at)) { return munmap(at, size); }
    segment_discard((uint32_t)(uintptr_t)at, (uint32_t)size);
    return 0;
}

int heap_gc_mprotect(void *at, size_t size, int prot)
{
    return heap_contains((uintptr_t)at) ? 0 : mprotect(at, size, prot);
}

int heap_gc_madvise(void *at, size_t size, int advice)
{
    if (!heap_contains((uintptr_t)at)) { return madvise(at, size, advice); }
    if (advice == MADV_DONTNEED) { segment_discard((uint32_t)(uintptr_t)at, (uint32_t)size); }
    return 0;
}

// libgc starts its marker threads with all signals blocked.
int heap_gc_pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    if (!set || how == SIG_UNBLOCK) { return pthread_sigmask(how, set, old); }
    sigset_t without_faults = *set;
    host_keep_faults(&without_faults);
    return pthread_sigmask(how, &without_faults, old);
}
