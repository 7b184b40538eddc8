/*
 * walk.c - visits of a thread's Java frames: by stack walks, and by the collector.
 *
 * A walk goes through interpreted and native frames by `prev` and, where a segment of compiled frames was entered from a frame, through
 * the compiled ones first: along the rbp chain from the segment's anchor to its base, each return address naming the Java frames
 * that it stands for (compiled.h).
 */
#include <string.h>

#include "vm/compiled.h"
#include "vm/interp.h"
#include "vm/liveness.h"

/* What the opaque words of struct stack_walk mean. */
struct walk {
    struct frame *next;               /* interpreted frame to visit next */
    struct compiled_segment *segment; /* its compiled frames are not visited yet */
    void **rbp, **base;               /* of the segment being visited; rbp NULL: none */
    struct compiled *c;
    uintptr_t inlined_in; /* 1 + index in c->frames to visit next */
};
_Static_assert(sizeof(struct walk) == sizeof(((struct stack_walk *)0)->priv), "opaque words");

/*
 * Where return addresses lead: exceptions are thrown from the same few places, and the two tables are long. An entry is good as long as
 * its address is on a stack, since code that a thread is in is not freed; `unregistered` tells of what was freed since.
 */
static __thread struct {
    uint32_t unregistered;
    struct known {
        const void *pc; /* written last: a signal handler may walk, too */
        struct compiled *c;
        const struct compiled_site *site;
    } at[64];
} seen;

static const struct compiled_site *find_site(const void *pc, struct compiled **c)
{
    uint32_t now = __atomic_load_n(&compiled_unregistered, __ATOMIC_ACQUIRE);
    if (seen.unregistered != now) {
        memset(seen.at, 0, sizeof seen.at);
        seen.unregistered = now;
    }
    struct known *k = &seen.at[((uintptr_t)pc ^ (uintptr_t)pc >> 6) % ARRAY_COUNT(seen.at)];
    if (k->pc != pc) {
        __atomic_store_n(&k->pc, NULL, __ATOMIC_RELEASE);
        k->c = compiled_find(pc);
        k->site = k->c ? compiled_site_of(k->c, pc) : NULL;
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        __atomic_store_n(&k->pc, pc, __ATOMIC_RELEASE);
    }
    *c = k->c;
    return k->site;
}

static bool at_compiled(struct stack_walk *w, struct walk *s, uint32_t index)
{
    const struct compiled_frame *cf = &s->c->frames[index];
    s->inlined_in = cf->caller;
    w->at = (struct stack_frame){.method = cf->method, .bci = cf->bci};
    return true;
}

static bool at_interpreted(struct stack_walk *w, struct walk *s)
{
    struct frame *f = s->next;
    s->next = f->prev;
    s->c = NULL;
    w->at = (struct stack_frame){.method = f->method,
                                 .bci = frame_current_bci(f),
                                 .locals = f->locals,
                                 .receiver_lock = f->lock};
    return true;
}

/* The next frame of compiled code up the chain. */
static bool next_physical(struct stack_walk *w, struct walk *s)
{
    while (*s->rbp != s->base) {
        const void *pc = s->rbp[1];
        void **up = *s->rbp;
        if (up <= s->rbp || up > s->base) { break; } /* only after a crash: a stale anchor */
        s->rbp = up;
        const struct compiled_site *site = find_site(pc, &s->c);
        if (site && site->frame != SITE_NO_FRAME) { return at_compiled(w, s, site->frame); }
    }
    s->rbp = NULL;
    return false;
}

bool engine_walk_next(struct stack_walk *w)
{
    struct walk *s = (struct walk *)w->priv;
    if (s->inlined_in) { return at_compiled(w, s, (uint32_t)s->inlined_in - 1); }
    if (s->rbp && next_physical(w, s)) { return true; }
    while (s->segment && s->segment->below == s->next) {
        struct compiled_segment *segment = s->segment;
        s->segment = segment->outer;
        s->rbp = segment->anchor;
        s->base = segment->base;
        if (segment->loop) { s->next = s->next->prev; }
        if (s->rbp && next_physical(w, s)) { return true; }
    }
    return s->next && at_interpreted(w, s);
}

bool engine_walk_first(struct stack_walk *w, struct thread *t)
{
    w->thread = t;
    *(struct walk *)w->priv = (struct walk){.next = t->top, .segment = t->segment};
    return engine_walk_next(w);
}

bool walk_first_from(struct stack_walk *w, struct thread *t, const void *pc, void **rbp)
{
    // cppcheck-suppress ctuuninitvar ; nothing of it is read, it is filled below
    struct walk *s = (struct walk *)w->priv;
    struct compiled_segment *segment = t->segment;
    struct compiled *c = compiled_find(pc);
    const struct compiled_site *site = c ? compiled_site_of(c, pc) : NULL;
    if (!site || !segment || segment->below != t->top) { return engine_walk_first(w, t); }
    w->thread = t;
    *s = (struct walk){.next = segment->loop ? t->top->prev : t->top,
                       .segment = segment->outer,
                       .rbp = rbp,
                       .base = segment->base,
                       .c = c};
    return site->frame == SITE_NO_FRAME ? engine_walk_next(w) : at_compiled(w, s, site->frame);
}

bool walk_is_compiled(const struct stack_walk *w) { return ((const struct walk *)w->priv)->c; }

/* ---- collector ---- */

/* Pushes the runs of live locals of an interpreted frame. */
static void visit_locals(struct frame *f,
                         void (*range)(const void *from, const void *to, void *arg), void *arg)
{
    unsigned n = f->method->max_locals, i = 0;
    uint64_t live = liveness_at(f->code, f->pc);
    while (i < n && i < 64) {
        if (!(live >> i & 1)) {
            i++;
            continue;
        }
        unsigned from = i;
        while (i < n && i < 64 && live >> i & 1) { i++; }
        range(f->locals + from, f->locals + i, arg);
    }
    if (n > 64) { range(f->locals + 64, f->locals + n, arg); }
}

void engine_visit_frames(struct thread *t,
                         void (*range)(const void *from, const void *to, void *arg), void *arg)
{
    compiled_world_stopped();
    slot_t *end = NULL; /* a caller's operands end where its callee's arguments start */
    const struct compiled_segment *segment = t->segment;
    for (struct frame *f = t->top; f; f = f->prev) {
        bool stale = false; /* compiled code has taken the frame's values over */
        for (; segment && segment->below == f; segment = segment->outer) { stale |= segment->loop; }
        slot_t lock = {.raw = f->lock};
        range(&lock, &lock + 1, arg);
        if (f->flags & FRAME_NATIVE) {
            range(f->locals, f->locals + f->method->arg_slots, arg);
        } else if (!stale) {
            visit_locals(f, range, arg);
            slot_t *operands = frame_operands(f);
            slot_t *top = end && end > operands && end < f->sp ? end : f->sp;
            range(operands, top, arg);
        }
        end = f->locals;
    }
}
