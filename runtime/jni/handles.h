/*
 * handles.h - how native code names Java objects (JNI spec, "Referencing Java Objects").
 *
 * A jobject is the address of a 64-bit cell that holds the reference; the two low bits say what kind of cell:
 *
 *     63                                  2 1   0
 *    +-------------------------------------+-----+
 *    |  address of the cell                | 0 0 |   local: a cell of a handle block, or a cell of the caller's frame
 *    |                                     | 0 1 |   global
 *    |                                     | 1 0 |   weak global: the collector clears the cell
 *    +-------------------------------------+-----+
 *
 * Local references live in blocks chained from thread->handles, newest first. A native call remembers how full the
 * newest block was and drops everything younger when it returns (handle_mark / handle_release). PushLocalFrame starts
 * a new block marked with `frame`.
 *
 * All functions are called IN_VM.
 */
#ifndef MOKA_JNI_HANDLES_H
#define MOKA_JNI_HANDLES_H

#include "runtime/threads/thread.h"

#define HANDLE_TAG_GLOBAL 1u
#define HANDLE_TAG_WEAK   2u
#define HANDLE_TAG_MASK   3u

/* The object that a handle of any kind names, 0 for NULL and for cleared weak references. */
static inline gref handle_resolve(jobject h)
{
    slot_t *cell = (slot_t *)((uintptr_t)h & ~(uintptr_t)HANDLE_TAG_MASK);
    return cell ? cell->r : 0;
}

struct handle_mark {
    struct handle_block *block;
    uint32_t used;
};

struct handle_block *handle_first_block(struct thread *t);

static inline struct handle_mark handle_mark(struct thread *t)
{
    struct handle_block *b = LIKELY(t->handles != NULL) ? t->handles : handle_first_block(t);
    return (struct handle_mark){b, b->used};
}

void handle_release_slow(struct thread *t, struct handle_mark m);

/* Frees the local references made since the mark. */
static inline void handle_release(struct thread *t, struct handle_mark m)
{
    if (UNLIKELY(t->handles != m.block)) { handle_release_slow(t, m); }
    m.block->used = m.used;
}

void handle_delete_local(struct thread *t, jobject h);
/* False when there is no memory. */
bool handle_push_frame(struct thread *t);
void handle_pop_frame(struct thread *t);
/* Frees all blocks of a thread that ends. */
void handles_free(struct thread *t);

jobject handle_new_global(gref o);
jobject handle_new_weak(gref o);
void handle_delete_global(jobject h);
jobjectRefType handle_type(struct thread *t, jobject h);

/* ---- collector, world stopped ---- */
void jni_visit_roots(void (*visit)(gref *cell, void *arg), void *arg);
void handles_visit(struct thread *t, void (*visit)(gref *cell, void *arg), void *arg);
void jni_clear_weak(bool (*is_live)(gref o));

#endif
