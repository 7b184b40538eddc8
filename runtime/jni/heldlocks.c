/* heldlocks.c - see heldlocks.h. */
#include "runtime/jni/heldlocks.h"

#include "runtime/classes/class.h"
#include "runtime/engine.h"
#include "runtime/threads/monitor.h"

#define MAX_OWNED 64 /* objects on the C stack */
#define MAX_FRAME 16 /* locks of one frame */
#define MAX_LOCKS HELD_LOCKS_MAX

/* What the thread owns by the look of its C stack; `left`: how many of its entries no frame has got yet. */
struct owned {
    gref object;
    uint32_t left;
};

struct search {
    struct thread *of;
    struct held_lock *out;
    struct class *is_a[MAX_LOCKS]; /* of an object that is not known yet: its class, or NULL */
    int n;
    struct owned owned[MAX_OWNED];
    int n_owned;
};

/* ---- the C stack ---- */

static void note_word(struct search *s, uint32_t word)
{
    if (!heap_contains(word) || s->n_owned == MAX_OWNED) { return; }
    for (int i = 0; i < s->n_owned; i++) {
        if (s->owned[i].object == word) { return; }
    }
    if (!heap_is_object(word) || !monitor_owned_by(s->of, word)) { return; }
    s->owned[s->n_owned++] = (struct owned){word, monitor_entry_count(word)};
}

__attribute__((no_sanitize("address"))) static void scan_stack(struct search *s)
{
    if (s->of == thread_current()) { thread_spill(s->of); }
    s->n_owned = 0;
    for (size_t i = 0; i < ARRAY_COUNT(s->of->saved_regs); i++) {
        note_word(s, (uint32_t)s->of->saved_regs[i]);
    }
    const char *end = s->of->c_stack_base;
    for (const char *p = s->of->native_sp; p && p + sizeof(uint32_t) <= end;
         p += sizeof(uint32_t)) {
        note_word(s, *(const uint32_t *)p);
    }
}

/* The next object for a frame of compiled code that has locked one, which is a `c` unless that is NULL. 0: there is none, as when
 * the compiler did without the lock. */
static gref next_owned(struct search *s, struct class *c)
{
    for (int i = 0; i < s->n_owned; i++) {
        struct owned *o = &s->owned[i];
        if (o->left && (!c || obj_instanceof(o->object, c))) {
            o->left--;
            return o->object;
        }
    }
    return 0;
}

static void take(struct search *s, gref object)
{
    for (int i = 0; i < s->n_owned; i++) {
        if (s->owned[i].object == object && s->owned[i].left) { s->owned[i].left--; }
    }
}

/* ---- frames ---- */

static void add(struct search *s, gref object, int depth, struct class *c)
{
    if (s->n == MAX_LOCKS) { return; }
    s->is_a[s->n] = c;
    s->out[s->n++] = (struct held_lock){object, depth};
}

/* The locks of one frame; with object 0 those that are not in its variables. */
static void add_frame(struct search *s, const struct stack_frame *at, int depth)
{
    int16_t locals[MAX_FRAME];
    int n = engine.held_locks(at->method, at->bci, locals, MAX_FRAME);
    for (int i = 0; i < n; i++) {
        gref o = at->locals && locals[i] >= 0 ? at->locals[locals[i]].r : 0;
        if (!o || monitor_owned_by(s->of, o)) { add(s, o, depth, NULL); }
    }
    struct class *c = at->method->cls;
    if (!(at->method->flags & ACC_SYNCHRONIZED)) { return; }
    gref lock = at->locals ? at->receiver_lock : (at->method->flags & ACC_STATIC) ? c->mirror : 0;
    /* A frame with variables and no lock has not got it yet. */
    if (lock ? monitor_owned_by(s->of, lock) : !at->locals) { add(s, lock, depth, c); }
}

/* Objects for the locks that have none: from the C stack, what is not another frame's. */
static void complete(struct search *s)
{
    bool scanned = false;
    for (int i = 0; i < s->n; i++) {
        if (s->out[i].object) { continue; }
        if (!scanned) {
            scan_stack(s);
            for (int k = 0; k < s->n; k++) { take(s, s->out[k].object); }
            scanned = true;
        }
        s->out[i].object = next_owned(s, s->is_a[i]);
    }
}

int held_locks(struct thread *of, struct held_lock out[MAX_LOCKS])
{
    struct search s = {.of = of, .out = out};
    struct stack_walk w;
    int depth = 0;
    for (bool ok = engine.walk_first(&w, of); ok; ok = engine.walk_next(&w)) {
        add_frame(&s, &w.at, depth++);
    }
    complete(&s);
    int n = 0;
    for (int i = 0; i < s.n; i++) {
        if (out[i].object && out[i].object != of->blocked_on) { out[n++] = out[i]; }
    }
    return n;
}
