/* handles.c - local, global and weak global references; see handles.h. */
#include "runtime/jni/handles.h"

#include <stdlib.h>

/* ---- local references ---- */

static struct handle_block *block_new(struct thread *t, bool starts_frame)
{
    struct handle_block *b = malloc(sizeof(*b));
    if (!b) { return NULL; }
    b->prev = t->handles;
    b->frame = starts_frame ? b : NULL;
    b->used = 0;
    b->capacity = HANDLES_PER_BLOCK;
    t->handles = b;
    return b;
}

static void block_drop(struct thread *t)
{
    struct handle_block *b = t->handles;
    t->handles = b->prev;
    free(b);
}

struct handle_block *handle_first_block(struct thread *t)
{
    struct handle_block *b = block_new(t, false);
    if (!b) { abort(); /* not even 300 bytes: nothing can be reported either */ }
    return b;
}

jobject handle_new(struct thread *t, gref o)
{
    if (!o) { return NULL; }
    struct handle_block *b = t->handles;
    if (UNLIKELY(!b)) { b = handle_first_block(t); }
    if (UNLIKELY(b->used == b->capacity)) {
        /* Native code that deletes its references in a loop leaves holes: use them before growing. Only in the newest
         * block, and not below a mark that an enclosing call holds: a hole there was this call's or an older one's, both
         * are alive longer than the new reference needs. */
        for (uint32_t i = 0; i < b->used; i++) {
            if (!b->cells[i].raw) {
                b->cells[i].raw = o;
                return (jobject)&b->cells[i];
            }
        }
        b = block_new(t, false);
        if (!b) { return NULL; }
    }
    slot_t *cell = &b->cells[b->used++];
    cell->raw = o;
    return (jobject)cell;
}

void handle_release_slow(struct thread *t, struct handle_mark m)
{
    while (t->handles && t->handles != m.block) { block_drop(t); }
}

static struct handle_block *block_of(struct thread *t, const slot_t *cell)
{
    for (struct handle_block *b = t->handles; b; b = b->prev) {
        if (cell >= b->cells && cell < b->cells + b->used) { return b; }
    }
    return NULL;
}

void handle_delete_local(struct thread *t, jobject h)
{
    slot_t *cell = (slot_t *)h;
    struct handle_block *b = cell ? block_of(t, cell) : NULL;
    if (!b) { return; /* an argument: its cell belongs to the caller's frame */ }
    cell->raw = 0;
    if (b == t->handles) {
        while (b->used && !b->cells[b->used - 1].raw) { b->used--; }
    }
}

bool handle_push_frame(struct thread *t) { return block_new(t, true) != NULL; }

void handle_pop_frame(struct thread *t)
{
    while (t->handles) {
        bool last = t->handles->frame != NULL;
        if (!last && !t->handles->prev) {
            t->handles->used = 0; /* a pop without a push: keep the first block */
            return;
        }
        block_drop(t);
        if (last) { return; }
    }
}

void handles_free(struct thread *t)
{
    while (t->handles) { block_drop(t); }
}

void handles_visit(struct thread *t, void (*visit)(gref *cell, void *arg), void *arg)
{
    for (struct handle_block *b = t->handles; b; b = b->prev) {
        for (uint32_t i = 0; i < b->used; i++) {
            if (b->cells[i].r) { visit(&b->cells[i].r, arg); }
        }
    }
}

/* ---- global references ----
 *
 * Cells come in chunks that are never given back. A free cell has r == 0 and in its upper half FREE_BIT, so that a
 * cleared weak reference (all zero) is told apart. A stack of free cells stands beside them.
 */
#define REF_CHUNK 256
#define FREE_BIT  (1ull << 63)

struct ref_chunk {
    struct ref_chunk *next;
    slot_t cells[REF_CHUNK];
};

struct ref_table {
    pthread_mutex_t lock;
    struct ref_chunk *chunks;
    slot_t **free; /* stack of free cells */
    size_t n_free, cap_free;
};

static struct ref_table globals = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct ref_table weaks = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool table_grow(struct ref_table *tab)
{
    struct ref_chunk *c = calloc(1, sizeof(*c));
    slot_t **f = realloc(tab->free, (tab->cap_free + REF_CHUNK) * sizeof(*f));
    if (f) { tab->free = f; }
    if (!c || !f) {
        free(c);
        return false;
    }
    tab->cap_free += REF_CHUNK;
    c->next = tab->chunks;
    __atomic_store_n(&tab->chunks, c, __ATOMIC_RELEASE);
    for (int i = REF_CHUNK - 1; i >= 0; i--) {
        c->cells[i].raw = FREE_BIT;
        tab->free[tab->n_free++] = &c->cells[i];
    }
    return true;
}

/* The lock is held for a few instructions only and nothing inside allocates in the heap: it may be held IN_VM. */
static slot_t *table_add(struct ref_table *tab, gref o)
{
    slot_t *cell = NULL;
    pthread_mutex_lock(&tab->lock);
    if (tab->n_free || table_grow(tab)) {
        cell = tab->free[--tab->n_free];
        cell->raw = o;
    }
    pthread_mutex_unlock(&tab->lock);
    return cell;
}

static void table_remove(struct ref_table *tab, slot_t *cell)
{
    pthread_mutex_lock(&tab->lock);
    if (!(cell->raw & FREE_BIT)) {
        cell->raw = FREE_BIT;
        tab->free[tab->n_free++] = cell;
    }
    pthread_mutex_unlock(&tab->lock);
}

static bool table_has(struct ref_table *tab, const slot_t *cell)
{
    for (struct ref_chunk *c = __atomic_load_n(&tab->chunks, __ATOMIC_ACQUIRE); c; c = c->next) {
        if (cell >= c->cells && cell < c->cells + REF_CHUNK) { return !(cell->raw & FREE_BIT); }
    }
    return false;
}

jobject handle_new_global(gref o)
{
    slot_t *cell = o ? table_add(&globals, o) : NULL;
    return cell ? (jobject)((uintptr_t)cell | HANDLE_TAG_GLOBAL) : NULL;
}

jobject handle_new_weak(gref o)
{
    slot_t *cell = o ? table_add(&weaks, o) : NULL;
    return cell ? (jobject)((uintptr_t)cell | HANDLE_TAG_WEAK) : NULL;
}

void handle_delete_global(jobject h)
{
    uintptr_t p = (uintptr_t)h;
    slot_t *cell = (slot_t *)(p & ~(uintptr_t)HANDLE_TAG_MASK);
    if ((p & HANDLE_TAG_MASK) == HANDLE_TAG_GLOBAL) {
        table_remove(&globals, cell);
    } else if ((p & HANDLE_TAG_MASK) == HANDLE_TAG_WEAK) {
        table_remove(&weaks, cell);
    }
}

jobjectRefType handle_type(struct thread *t, jobject h)
{
    uintptr_t p = (uintptr_t)h;
    const slot_t *cell = (const slot_t *)(p & ~(uintptr_t)HANDLE_TAG_MASK);
    switch (p & HANDLE_TAG_MASK) {
    case HANDLE_TAG_GLOBAL: return table_has(&globals, cell) ? JNIGlobalRefType : JNIInvalidRefType;
    case HANDLE_TAG_WEAK:
        return table_has(&weaks, cell) && cell->r ? JNIWeakGlobalRefType : JNIInvalidRefType;
    case 0:
        if (block_of(t, cell)) { return cell->r ? JNILocalRefType : JNIInvalidRefType; }
        /* arguments: cells of the Java stack, or of a VM function that calls a native method */
        if ((cell >= t->stack_base && cell < t->stack_limit) ||
            ((char *)cell < t->c_stack_base && (char *)cell > (char *)__builtin_frame_address(0))) {
            return cell->r ? JNILocalRefType : JNIInvalidRefType;
        }
        return JNIInvalidRefType;
    default: return JNIInvalidRefType;
    }
}

void jni_visit_roots(void (*visit)(gref *cell, void *arg), void *arg)
{
    for (struct ref_chunk *c = globals.chunks; c; c = c->next) {
        for (int i = 0; i < REF_CHUNK; i++) {
            if (c->cells[i].r) { visit(&c->cells[i].r, arg); }
        }
    }
}

void jni_clear_weak(bool (*is_live)(gref o))
{
    for (struct ref_chunk *c = weaks.chunks; c; c = c->next) {
        for (int i = 0; i < REF_CHUNK; i++) {
            if (c->cells[i].r && !is_live(c->cells[i].r)) { c->cells[i].r = 0; }
        }
    }
}
