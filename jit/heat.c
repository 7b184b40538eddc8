/*
 * heat.c - where the interpreter spends its time, by samples.
 *
 * A call of jit_hooks.hot() stands for 64 interpreted calls of a method or 64 iterations of a loop. Every few of them this file looks
 * at the frames below: if the callee would be inlined into its caller, and that one into its own, then compiling any of them would
 * take the sample out of the interpreter, so each is credited with it:
 *
 *      run -> parse -> next -> charAt          sampled: 64 calls of charAt from next; all are small enough
 *       1      1        1      0.25            what compiles all of it is worth most; what is inlined anyway is worth little
 *
 * Credits fade with a half-life of HALF_LIFE, so they follow the program, and what compiled code has taken over drops out by itself.
 *
 * The table is shared by all threads without a lock: entries are approximate by nature, a lost sample or a mixed-up entry costs a
 * badly chosen order.
 */
#include "jit/jit-internal.h"
#include "vm/code.h"

#define ENTRIES       4096
#define PROBES        4
#define HALF_LIFE     150000000u /* ns */
#define SAMPLE_EACH   4          /* events */
#define CHAIN_MAX     8          /* frames looked at */
#define CHAIN_BYTES   1200       /* bytecodes of what is inlined along a chain */
#define INLINE_ALWAYS 35         /* as in frontend_call.c: MAX_SMALL, */
#define INLINE_HOT    325        /* MAX_HOT, */
#define INLINE_SHARE  4          /* and HOT_FREQ: called at every 4th entry of its caller */

/* What makes a loop or a method hot; a loop's key is its header. */
struct entry {
    const void *key;
    uint32_t epoch;
    uint32_t credit, loops; /* of the credit, from iterations of loops */
    uint32_t inlined;       /* bytecodes of callees that were sampled */
    uint64_t callees;       /* a bit for each of them, by hash */
};

static struct entry table[ENTRIES];
static struct entry all;

static uint32_t epoch_now(void) { return (uint32_t)(jit_now() / HALF_LIFE); }

static void fade(struct entry *e, uint32_t epoch)
{
    uint32_t age = epoch - e->epoch;
    if (age) {
        e->credit = age < 32 ? e->credit >> age : 0;
        e->loops = age < 32 ? e->loops >> age : 0;
        e->epoch = epoch;
    }
}

/* The entry of a key; `make`: in place of the coldest neighbour if there is none. */
static struct entry *find(const void *key, uint32_t epoch, bool make)
{
    uint32_t h = (uint32_t)((((uintptr_t)key >> 3) * 0x9e3779b97f4a7c15ull) >> 40);
    struct entry *coldest = NULL;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct entry *e = &table[(h + i) % ENTRIES];
        if (e->key) { fade(e, epoch); }
        if (e->key == key) { return e; }
        if (!coldest || e->credit < coldest->credit) { coldest = e; }
    }
    if (make) { *coldest = (struct entry){.key = key, .epoch = epoch}; }
    return make ? coldest : NULL;
}

static struct entry *credit(const void *key, uint32_t epoch, uint32_t weight, bool loop)
{
    struct entry *e = find(key, epoch, true);
    e->credit += weight;
    if (loop) { e->loops += weight; }
    return e;
}

/* A callee that would be inlined into the entry's method. */
static void add_callee(struct entry *e, const struct method *m)
{
    uint64_t bit = (uint64_t)1 << ((uintptr_t)m * 0x9e3779b97f4a7c15ull >> 58);
    if (e->callees & bit) { return; }
    e->callees |= bit;
    e->inlined += m->code_length;
}

/* More calls went to other classes than to the two that the profile names: the front end will inline few of them, if any. */
static bool has_many_receivers(const struct call_site *site)
{
    return site->others > (uint64_t)site->seen[0].count + site->seen[1].count;
}

bool heat_goes_into(const struct method *m, const struct method *caller, const struct insn *call)
{
    const struct call_site *site = call ? insn_call_site(call) : NULL;
    const struct code *callee_code = m->code_cache, *code = caller->code_cache;
    if (!m->code || !callee_code || !code || caller == m) { return false; }
    if (site && has_many_receivers(site)) { return false; }
    if (m->props & MP_FORCE_INLINE || m->cls->props & CLP_HIDDEN) { return true; }
    if (m->props & (MP_DONT_INLINE | MP_OVERPASS)) { return false; }
    if (m->code_length <= INLINE_ALWAYS) { return true; }
    return m->code_length <= INLINE_HOT &&
           callee_code->insns[0].count >= code->insns[0].count / INLINE_SHARE;
}

struct method *heat_sample(struct thread *t, struct method *m, const struct insn *loop)
{
    static _Thread_local uint32_t random = 1;
    random = random * 1664525u + 1013904223u;
    if (random >> 16 & (SAMPLE_EACH - 1)) { return NULL; }
    uint32_t epoch = epoch_now();
    /* the work of a call is unknown: something for the call itself, and more of what is longer */
    uint32_t weight = loop ? 20 : 10 + (m->code_length < 100 ? m->code_length : 100) / 2;
    fade(&all, epoch);
    all.epoch = epoch;
    all.credit += weight;
    if (loop) { credit(loop, epoch, weight, true); }
    /* compiled frames may lie between the interpreted ones: there the chain ends */
    const struct frame *below = t->segment ? t->segment->below : NULL, *f = t->top;
    if (loop && f != below) { f = f->prev; }
    const struct method *chain[CHAIN_MAX + 1];
    uint32_t bytes = m->code_length;
    for (unsigned n = 0;; n++) {
        bool ends = n == CHAIN_MAX || !f || f == below || f->flags & FRAME_NATIVE || !f->code ||
                    !heat_goes_into(m, f->method, f->pc) || bytes > CHAIN_BYTES;
        bool absorbed = !ends && m->code_length <= INLINE_ALWAYS;
        struct entry *e = credit(m, epoch, absorbed ? weight / 4 : weight, loop != NULL);
        for (unsigned i = 0; i < n; i++) { add_callee(e, chain[i]); }
        chain[n] = m;
        if (ends) { return m; }
        m = f->method;
        bytes += m->code_length;
        f = f->prev;
    }
}

void heat_add(const void *key, uint32_t weight, bool loop)
{
    credit(key, epoch_now(), weight, loop);
}

uint32_t heat_of(const void *key)
{
    const struct entry *e = find(key, epoch_now(), false);
    return e ? e->credit : 0;
}

uint32_t heat_inlined(const struct method *m)
{
    const struct entry *e = find(m, epoch_now(), false);
    return e ? e->inlined : 0;
}

bool heat_is_loops(const void *key)
{
    const struct entry *e = find(key, epoch_now(), false);
    return e && e->loops > e->credit / 5;
}

uint32_t heat_total(void)
{
    uint32_t epoch = epoch_now();
    fade(&all, epoch);
    all.epoch = epoch;
    return all.credit;
}
