/*
 * cache.c - memory for compiled code.
 *
 * One region, reserved at start and mapped twice: where the loader writes it cannot be executed, where it is executed it
 * cannot be written.
 *
 *      writable   |====code====|..hole..|==code==|.............|   PROT_READ | PROT_WRITE
 *                       \ same pages /
 *      executable |====code====|..hole..|==code==|.............|   PROT_READ | PROT_EXEC
 *
 * The pages are shared anonymous memory, and the second view comes from mremap with an old size of 0. Such memory has a name that
 * perf takes for anonymous, so perf's map files (log.c) work, and no descriptor is left open.
 *
 * Holes are a list by address; allocation is first fit, freed blocks join their neighbours. There are as many blocks as
 * compiled methods, so a list will do. Freed bytes become int3.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "jit/jit-internal.h"

#define CACHE_ALIGN 64u
#define INT3        0xcc

struct hole {
    size_t at, size; /* offset in the region */
    struct hole *next;
};

static struct {
    char *writable, *executable;
    size_t size, used;
    struct hole *holes;
    pthread_mutex_t lock;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

bool cache_init(uint64_t size)
{
    size = ALIGN_UP(size, (uint64_t)1 << 16);
    char *w =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (w == MAP_FAILED) { return false; }
    char *x = mremap(w, 0, size, MREMAP_MAYMOVE);
    struct hole *all = malloc(sizeof *all);
    if (x == MAP_FAILED || !all || mprotect(x, size, PROT_READ | PROT_EXEC) != 0) {
        int e = errno;
        if (x != MAP_FAILED) { munmap(x, size); }
        munmap(w, size);
        free(all);
        errno = e;
        return false;
    }
    *all = (struct hole){.size = size};
    cache.writable = w;
    cache.executable = x;
    cache.size = size;
    cache.holes = all;
    return true;
}

char *cache_alloc(size_t size)
{
    char *code = NULL;
    size = ALIGN_UP(size ? size : 1, (size_t)CACHE_ALIGN);
    pthread_mutex_lock(&cache.lock);
    for (struct hole **p = &cache.holes; *p; p = &(*p)->next) {
        struct hole *h = *p;
        if (h->size < size) { continue; }
        code = cache.executable + h->at;
        h->at += size;
        h->size -= size;
        if (!h->size) {
            *p = h->next;
            free(h);
        }
        cache.used += size;
        break;
    }
    pthread_mutex_unlock(&cache.lock);
    return code;
}

/* Joins h with the hole behind it if they touch. */
static void join(struct hole *h)
{
    struct hole *n = h->next;
    if (n && h->at + h->size == n->at) {
        h->size += n->size;
        h->next = n->next;
        free(n);
    }
}

void cache_free(char *code, size_t size)
{
    if (!code) { return; }
    size = ALIGN_UP(size ? size : 1, (size_t)CACHE_ALIGN);
    memset(cache_writable(code), INT3, size);
    struct hole *h = malloc(sizeof *h);
    if (!h) { return; } /* the block is lost, nothing else */
    pthread_mutex_lock(&cache.lock);
    *h = (struct hole){.at = (size_t)(code - cache.executable), .size = size};
    struct hole *before = NULL, **p = &cache.holes;
    while (*p && (*p)->at < h->at) {
        before = *p;
        p = &before->next;
    }
    h->next = *p;
    *p = h;
    cache.used -= size;
    join(h);
    if (before) { join(before); }
    pthread_mutex_unlock(&cache.lock);
}

char *cache_writable(const char *code) { return cache.writable + (code - cache.executable); }

struct cache_stats cache_get_stats(void)
{
    pthread_mutex_lock(&cache.lock);
    struct cache_stats s = {.size = cache.size, .used = cache.used};
    for (const struct hole *h = cache.holes; h; h = h->next) {
        s.holes++;
        if (h->size > s.largest) { s.largest = h->size; }
    }
    pthread_mutex_unlock(&cache.lock);
    return s;
}
