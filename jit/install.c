/*
 * install.c - code goes into use, out of use, and away.
 *
 *      install()  registered for stack walks, then published: m->entry and code->compiled, or the list code->osr
 *      discard()  unpublished; threads may still run in it, or be about to enter it
 *      sweep      with the world stopped, dead code that no thread can know of is freed
 *
 * "Can know of": a word on a thread's C stack or in its saved registers points into the code or at its struct compiled. Between
 * reading code->compiled and calling the code a thread does not stop, and frames in it have return addresses. The scan covers
 * the whole stack conservatively, so a stale word only keeps code until the next sweep.
 */
#include <pthread.h>
#include <stdlib.h>

#include "jit/jit-internal.h"
#include "vm/code.h"

#define SWEEP_COUNT 64 /* dead pieces of code, */
#define SWEEP_PART  16 /* or that part of the cache, make a sweep worth it */

#define UPGRADE_CREDIT 1000 /* heat_of() below which tier 1 is good enough */

static struct {
    pthread_mutex_t lock;
    struct installed *all;
    uint32_t n_dead;
    uint64_t dead_bytes;
    uint64_t exits[EXIT_REASON_COUNT]; /* of freed code */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void bury(struct installed *i)
{
    i->dead = true;
    state.n_dead++;
    state.dead_bytes += i->c.size;
}

/* ---- publishing; with the lock held ---- */

/* Better code was ready sooner: what comes now is not used. */
static bool comes_too_late(struct compiled *c, const struct compiled *old)
{
    if (!old || old->tier <= c->tier) { return false; }
    c->valid = false;
    bury((struct installed *)c);
    return true;
}

static void publish_method(struct compiled *c, struct code *code)
{
    struct compiled *old = code->compiled;
    if (comes_too_late(c, old)) { return; }
    __atomic_store_n(&code->compiled, c, __ATOMIC_RELEASE);
    __atomic_store_n(&c->method->entry, c->entry, __ATOMIC_RELEASE);
    if (old) {
        old->valid = false;
        bury((struct installed *)old);
    }
}

/* Nodes keep their `next` when they are unlinked: a reader that stands on one goes on. */
static void unlink_loop(struct code *code, struct compiled *c)
{
    for (struct compiled **p = &code->osr; *p; p = &(*p)->next) {
        if (*p == c) {
            __atomic_store_n(p, c->next, __ATOMIC_RELEASE);
            return;
        }
    }
}

static void publish_loop(struct compiled *c, struct code *code)
{
    struct compiled *old = code->osr;
    while (old && old->osr_bci != c->osr_bci) { old = old->next; }
    if (comes_too_late(c, old)) { return; }
    c->next = code->osr;
    __atomic_store_n(&code->osr, c, __ATOMIC_RELEASE);
    if (old) {
        old->valid = false;
        unlink_loop(code, old);
        bury((struct installed *)old);
    }
}

struct compiled *install(const struct jit_job *j, struct load_unit *u, struct jit_meta *meta)
{
    struct code *code = j->task.method->code_cache;
    struct installed *i = calloc(1, sizeof *i);
    if (!i || !code) {
        free(i);
        return NULL;
    }
    i->data = u->data;
    i->heat = j->credit;
    i->credit = j->task.tier == 1 && j->full && j->task.osr_bci < 0 ? j->credit : 0;
    i->c = (struct compiled){
        .method = j->task.method,
        .osr_bci = j->task.osr_bci,
        .tier = j->task.tier,
        .valid = true,
        .code = u->code,
        .size = u->size,
        .id = j->task.id,
        .entry = j->task.osr_bci < 0 ? u->entry : NULL,
        .glue = (uint64_t(*)(slot_t *))(void *)u->glue,
        .sites = u->sites,
        .n_sites = u->n_sites,
        .frames = meta->frames,
        .n_frames = meta->n_frames,
        .cells = meta->cells,
        .n_cells = meta->n_cells,
        .exits = meta->exits,
        .n_exits = meta->n_exits,
        .counter = j->task.counter,
    };
    if (j->task.counter) { __atomic_store_n(&j->task.counter->code, &i->c, __ATOMIC_RELEASE); }
    u->sites = NULL;
    meta->frames = NULL;
    meta->cells = NULL;
    meta->exits = NULL;
    compiled_register(&i->c);
    if (jit_options.gdb) { gdb_register(&i->c); }
    pthread_mutex_lock(&state.lock);
    i->next = state.all;
    state.all = i;
    if (i->c.osr_bci < 0) {
        publish_method(&i->c, code);
    } else {
        publish_loop(&i->c, code);
    }
    pthread_mutex_unlock(&state.lock);
    return &i->c;
}

/* With the lock held. */
static void unpublish(struct compiled *c)
{
    struct code *code = c->method->code_cache;
    c->valid = false;
    if (c->osr_bci >= 0) {
        unlink_loop(code, c);
    } else if (code->compiled == c) {
        __atomic_store_n(&c->method->entry, method_default_entry, __ATOMIC_RELEASE);
        __atomic_store_n(&code->compiled, NULL, __ATOMIC_RELEASE);
    }
    bury((struct installed *)c);
}

bool discard(struct compiled *c)
{
    pthread_mutex_lock(&state.lock);
    bool mine = c->valid;
    if (mine) { unpublish(c); }
    pthread_mutex_unlock(&state.lock);
    return mine;
}

/* ---- sweeping ---- */

struct candidate {
    uintptr_t from, to;
    struct installed *code;
};

struct scan {
    struct candidate *v;
    size_t n;
};

static int by_address(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static void keep(struct scan *s, uintptr_t word)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->v[mid].to < word) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    /* `to` counts: a return address may be the first byte behind a last call */
    if (lo < s->n && s->v[lo].from <= word) { s->v[lo].code->seen = true; }
    if (lo + 1 < s->n && s->v[lo + 1].from == word) { s->v[lo + 1].code->seen = true; }
}

__attribute__((no_sanitize("address"))) static void scan_thread(struct thread *t, void *arg)
{
    for (size_t i = 0; i < ARRAY_COUNT(t->saved_regs); i++) { keep(arg, t->saved_regs[i]); }
    if (!t->native_sp || !t->c_stack_top) { return; }
    const uintptr_t *p = (const uintptr_t *)ALIGN_UP((uintptr_t)t->native_sp, sizeof *p);
    for (; p + 1 <= (const uintptr_t *)t->c_stack_base; p++) { keep(arg, *p); }
}

static void free_code(struct installed *i)
{
    struct compiled *c = &i->c;
    if (jit_options.gdb) { gdb_unregister(c); }
    for (uint32_t k = 0; k < c->n_exits; k++) {
        state.exits[c->exits[k].reason] += c->exits[k].taken;
    }
    compiled_unregister(c);
    cache_free(c->code, c->size);
    code_data_release(i->data);
    free(c->sites);
    free(c->frames);
    free(c->cells);
    free(c->exits);
    free(c->counter);
    free(i);
}

/* World stopped, lock held. */
static uint64_t sweep(void)
{
    struct scan s = {.v = calloc(2 * (size_t)state.n_dead + 1, sizeof *s.v)};
    if (!s.v) { return 0; }
    for (struct installed *i = state.all; i; i = i->next) {
        if (!i->dead || s.n + 2 > 2 * (size_t)state.n_dead) { continue; }
        i->seen = false;
        s.v[s.n++] = (struct candidate){(uintptr_t)i->c.code, (uintptr_t)i->c.code + i->c.size, i};
        s.v[s.n++] = (struct candidate){(uintptr_t)i, (uintptr_t)i + sizeof *i - 1, i};
    }
    qsort(s.v, s.n, sizeof *s.v, by_address);
    threads_for_each(scan_thread, &s);
    free(s.v);
    uint64_t freed = 0;
    for (struct installed **p = &state.all; *p;) {
        struct installed *i = *p;
        if (!i->dead || i->seen) {
            p = &i->next;
            continue;
        }
        *p = i->next;
        freed += i->c.size;
        state.n_dead--;
        state.dead_bytes -= i->c.size;
        free_code(i);
    }
    return freed;
}

uint64_t install_sweep(struct thread *t)
{
    if (!state.n_dead) { return 0; }
    world_stop(t); /* first: a Java thread may wait for the lock without polling */
    pthread_mutex_lock(&state.lock);
    uint64_t freed = sweep();
    compiled_world_stopped();
    pthread_mutex_unlock(&state.lock);
    world_resume(t);
    jit_stats.sweeps++;
    return freed;
}

bool install_sweep_due(void)
{
    static uint32_t survived; /* what the last sweep could not free is no reason for the next */
    pthread_mutex_lock(&state.lock);
    if (state.n_dead < survived) { survived = state.n_dead; }
    bool due = state.n_dead - survived >= SWEEP_COUNT ||
               state.dead_bytes > jit_options.cache_size / SWEEP_PART;
    if (due) { survived = state.n_dead; }
    pthread_mutex_unlock(&state.lock);
    return due;
}

/* The heat of a method in the interpreter before it was compiled is all that is known; and as compiled code is not sampled, what is
 * discarded wrongly comes back as soon as it shows its heat again. */
uint32_t install_discard_coldest(void)
{
    pthread_mutex_lock(&state.lock);
    uint64_t sum = 0;
    uint32_t n = 0;
    for (const struct installed *i = state.all; i; i = i->next) {
        if (!i->dead) {
            sum += i->heat;
            n++;
        }
    }
    uint32_t done = 0;
    for (struct installed *i = state.all; i; i = i->next) {
        if (!i->dead && i->heat <= sum / n) {
            unpublish(&i->c);
            done++;
        }
    }
    pthread_mutex_unlock(&state.lock);
    return done;
}

/* ---- views ---- */

struct method *install_hottest_quick(void)
{
    struct installed *best = NULL;
    pthread_mutex_lock(&state.lock);
    for (struct installed *i = state.all; i; i = i->next) {
        if (!i->dead && i->credit >= UPGRADE_CREDIT && (!best || i->credit > best->credit)) {
            best = i;
        }
    }
    if (best) { best->credit = 0; }
    pthread_mutex_unlock(&state.lock);
    return best ? best->c.method : NULL;
}

void install_for_each(void (*f)(const struct compiled *c, void *arg), void *arg)
{
    pthread_mutex_lock(&state.lock);
    for (const struct installed *i = state.all; i; i = i->next) { f(&i->c, arg); }
    pthread_mutex_unlock(&state.lock);
}

void install_exits(uint64_t by_reason[EXIT_REASON_COUNT])
{
    pthread_mutex_lock(&state.lock);
    for (int r = 0; r < EXIT_REASON_COUNT; r++) { by_reason[r] = state.exits[r]; }
    for (const struct installed *i = state.all; i; i = i->next) {
        for (uint32_t k = 0; k < i->c.n_exits; k++) {
            by_reason[i->c.exits[k].reason] += i->c.exits[k].taken;
        }
    }
    pthread_mutex_unlock(&state.lock);
}
