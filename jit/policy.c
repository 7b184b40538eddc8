/*
 * policy.c - what is compiled when, and when code is given up.
 *
 * hot():     calls >= threshold -> the method; iterations of a loop >= 10 x threshold -> the method, if it was called before, and the loop
 *            (OSR), unless it is short and entered often; a method through which a good part of the samples of heat.c goes, even if it
 *            is called rarely.
 *            -Xcomp: the second call (at the first one nothing is resolved, so the code would be left at its first field), and the 64th
 *            iteration of a loop; the caller waits, except for methods of the boot loader, which are many, mostly run once, and get a
 *            handicap in the queue.
 * idle:      what was compiled quickly while much was waiting is compiled fully, the hottest first.
 * exited():  code that left too often is discarded, to be made anew from a profile that knows better. Where it left is noted, so
 *            that the next compilation does not rely on the same thing (jit_trapped).
 *
 * All that is remembered about methods is one hash table of counters, keyed by (method, bci, what).
 */
#include <stdlib.h>
#include <string.h>

#include "jit/jit-internal.h"
#include "runtime/classes/loader.h"
#include "vm/code.h"

#define LOOP_FACTOR 10
#define LOOP_CALLS  3 /* a method with a hot loop is compiled as a whole if it was called so often */
#define LOOP_AGAIN                                                                                 \
    2 /* called so often, it will be called again: its own code comes before more of a loop's */
#define LOOP_SHORT_CALLS 64   /* called so often when its loop gets hot: OSR is not worth it, */
#define LOOP_PATIENCE    8    /* unless the loop goes on for so many thresholds */
#define ROOT_CALLS       100  /* of which the profile has learnt something */
#define ROOT_TOTAL       4000 /* samples' weight (heat.c) before they mean something */
#define ROOT_PART        32   /* of all samples: worth compiling however rarely it is called */
#define HUGE_METHOD      8000 /* bytecodes; as HotSpot */
#define FULL_METHOD      5000 /* larger ones stay in tier 1; */
#define QUICK_METHOD                                                                               \
    2500 /* larger ones are compiled quickly, as GCC's time grows faster than their size */
#define EXIT_LIMIT      20  /* takings of an exit that a better profile avoids */
#define TRAP_LIMIT      100 /* takings of other exits */
#define CODE_LIMIT      200 /* takings of all exits of the code */
#define RECOMPILE_LIMIT 10
#define TIER_UP_TRIPS                                                                              \
    4 /* times that a counter runs out before tier 2 is asked for: heat shows itself meanwhile */
#define INTERPRETER_PATIENCE                                                                       \
    5000000 /* ns of more, for what an interpreted method calls that will have it inlined */
#define CALLER_PATIENCE  8000000  /* ns, for its caller to ask first: that is worth more */
#define LOOP_PATIENCE_NS 8000000  /* of a loop of a method that was not called again yet */
#define QUEUE_PATIENCE   50000000 /* ns, if that one is being compiled */
#define ABSORB_MAX       3        /* callers that are asked */
#define LOOP_HEAT        40       /* of a counter that ran out */
#define ENTRY_HEAT       20
#define BOOT_HANDICAP    100 /* -Xcomp: as old as 10 s before it is worth an application's method */

/* ---- notes ---- */

/* What a note counts; smaller values: takings of exits for that enum exit_reason. */
enum {
    NOTE_LOOP_QUEUED = EXIT_REASON_COUNT, /* + 1: for tier 2, while it runs in tier 1 */
    NOTE_REFUSED = NOTE_LOOP_QUEUED + 2,  /* + 1: the same; methods have bci -1 */
    NOTE_DISCARDED = NOTE_REFUSED + 2,    /* + the tier */
};

struct note {
    const struct method *method; /* NULL: free */
    int32_t bci;
    uint32_t what;
    uint32_t count;
};

static struct {
    pthread_mutex_t lock;
    struct note *table;
    uint32_t size, used; /* size: a power of 2 */
} notes = {.lock = PTHREAD_MUTEX_INITIALIZER};

void policy_fork_lock(void) { pthread_mutex_lock(&notes.lock); }

void policy_fork_unlock(void) { pthread_mutex_unlock(&notes.lock); }

static struct note *probe(struct note *table, uint32_t size, const struct method *m, int32_t bci,
                          uint32_t what)
{
    uint64_t h = ((uintptr_t)m >> 3) * 0x9e3779b97f4a7c15ull + (uint32_t)bci * 0x85ebca6bull +
                 what * 0xc2b2ae35ull;
    uint32_t i = (uint32_t)(h >> 20) & (size - 1);
    while (table[i].method &&
           (table[i].method != m || table[i].bci != bci || table[i].what != what)) {
        i = (i + 1) & (size - 1);
    }
    return &table[i];
}

static uint32_t note_count(const struct method *m, int32_t bci, uint32_t what)
{
    return notes.size ? probe(notes.table, notes.size, m, bci, what)->count : 0;
}

static bool grow(void)
{
    uint32_t size = notes.size ? notes.size * 2 : 256;
    struct note *table = calloc(size, sizeof *table);
    if (!table) { return false; }
    for (uint32_t i = 0; i < notes.size; i++) {
        const struct note *n = &notes.table[i];
        if (n->method) { *probe(table, size, n->method, n->bci, n->what) = *n; }
    }
    free(notes.table);
    notes.table = table;
    notes.size = size;
    return true;
}

/* The counter, made if need be; with the lock held. A lost note when memory is out does no harm. */
static uint32_t *note_of(const struct method *m, int32_t bci, uint32_t what)
{
    static uint32_t lost;
    if (notes.used * 2 >= notes.size && !grow()) {
        lost = 0;
        return &lost;
    }
    struct note *n = probe(notes.table, notes.size, m, bci, what);
    if (!n->method) {
        *n = (struct note){m, bci, what, 0};
        notes.used++;
    }
    return &n->count;
}

bool jit_trapped(const struct method *m, int bci, int reason)
{
    return note_count(m, bci, (uint32_t)reason) != 0;
}

/* ---- what cannot be compiled ---- */

/* jsr, ret: subroutines, of compilers before Java 6. */
static bool has_subroutines(const struct method *m)
{
    for (uint32_t bci = 0, n; bci < m->code_length; bci += n) {
        n = bytecode_length_checked(m->code, bci, m->code_length);
        if (!n || bytecode_is_subroutine(m->code + bci)) { return true; }
    }
    return false;
}

/* --jit-only */
static bool is_wanted(const struct method *m)
{
    char name[512];
    if (!jit_options.only) { return true; }
    snprintf(name, sizeof name, "%s.%s", m->cls->name->text, m->name->text);
    return strstr(name, jit_options.only) != NULL;
}

const char *policy_unfit(const struct method *m)
{
    if (!m->code || !m->code_length) { return "no bytecode"; }
    if (!is_wanted(m)) { return "not asked for"; }
    if (m->code_length > HUGE_METHOD) { return "too large"; }
    if (!strcmp(m->name->text, "executePrivileged") &&
        !strcmp(m->cls->name->text, "java/security/AccessController")) {
        return "needs its frame";
    }
    return has_subroutines(m) ? "jsr/ret" : NULL;
}

/* ---- asking for compilations ---- */

static void set_state(struct method *m, uint8_t on, uint8_t off)
{
    uint8_t old = __atomic_load_n(&m->jit_state, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&m->jit_state, &old, (uint8_t)((old | on) & ~off), true,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {}
}

/* Of method.jit_state, while something is queued. One loop of a method at a time goes to tier 1: code for one often serves the others. */
static uint8_t queued_bit(int32_t osr_bci, bool upgrade)
{
    if (osr_bci < 0) { return upgrade ? JIT_STATE_FULL_QUEUED : JIT_STATE_QUEUED; }
    return upgrade ? 0 : JIT_STATE_LOOP_QUEUED;
}

/* Marks the method or loop as asked for; false if it is already, or was refused. */
static bool claim(struct method *m, int32_t osr_bci, bool upgrade)
{
    uint8_t bit = queued_bit(osr_bci, upgrade);
    pthread_mutex_lock(&notes.lock);
    bool mine = !(m->jit_state & (JIT_STATE_REFUSED | bit)) &&
                !note_count(m, osr_bci, NOTE_REFUSED + upgrade) &&
                !note_count(m, osr_bci, NOTE_LOOP_QUEUED + upgrade);
    if (mine) { set_state(m, bit, 0); }
    if (mine && osr_bci >= 0) { *note_of(m, osr_bci, NOTE_LOOP_QUEUED + upgrade) = 1; }
    pthread_mutex_unlock(&notes.lock);
    return mine;
}

static void unclaim(struct method *m, int32_t osr_bci, bool upgrade)
{
    pthread_mutex_lock(&notes.lock);
    set_state(m, 0, queued_bit(osr_bci, upgrade));
    if (osr_bci >= 0) { *note_of(m, osr_bci, NOTE_LOOP_QUEUED + upgrade) = 0; }
    pthread_mutex_unlock(&notes.lock);
}

static int32_t counter_events(void) { return (int32_t)(jit_options.upgrade / TIER_UP_TRIPS); }

static bool is_worth_full(const struct method *m)
{
    return jit_options.tiers == JIT_TIERS_GCC
               ? jit_options.opt >= 2 && m->code_length <= QUICK_METHOD
               : m->code_length <= FULL_METHOD;
}

static struct jit_job *make_job(struct method *m, int32_t osr_bci, const struct insn *loop,
                                bool upgrade)
{
    static atomic_uint last_id;
    struct jit_job *j = calloc(1, sizeof *j);
    if (!j) { return NULL; }
    j->task.method = m;
    j->task.osr_bci = osr_bci;
    j->full = is_worth_full(m);
    j->upgrade = upgrade;
    j->task.tier = upgrade || (jit_options.tiers == JIT_TIERS_GCC && j->full) ? 2 : 1;
    if (j->task.tier == 1 && j->full && jit_options.tiers == JIT_TIERS_BOTH) {
        j->task.counter = calloc(1, sizeof *j->task.counter);
        if (j->task.counter) { j->task.counter->left = counter_events(); }
    }
    j->task.id = atomic_fetch_add(&last_id, 1) + 1;
    j->queued = jit_now();
    j->loop = loop;
    j->size = m->code_length;
    j->application = m->cls->loader != &boot_loader;
    j->refs = 1;
    return j;
}

/* Queues a compilation, of a loop or (NULL) the method, unless it is; `wait`: until it has ended. */
static void request(struct thread *t, struct method *m, const struct insn *loop, bool wait,
                    double handicap, bool upgrade)
{
    int32_t osr_bci = loop ? (int32_t)loop->leader : -1;
    if (claim(m, osr_bci, upgrade)) {
        const char *why = policy_unfit(m);
        struct jit_job *j = why ? NULL : make_job(m, osr_bci, loop, upgrade);
        if (!j) {
            unclaim(m, osr_bci, upgrade);
            if (why) { set_state(m, JIT_STATE_REFUSED, 0); }
            return;
        }
        j->handicap = handicap;
        j->urgent = wait;
        j->refs += wait;
        queue_push(j);
        if (wait) { queue_wait(t, j); }
    } else if (wait) {
        struct jit_job *j = queue_find(m, osr_bci, upgrade ? 2 : 1);
        if (j) { queue_wait(t, j); }
    }
}

/* Is there code for the loop already? */
static bool has_loop_code(const struct code *code, int32_t bci)
{
    for (const struct compiled *c = __atomic_load_n(&code->osr, __ATOMIC_ACQUIRE); c; c = c->next) {
        if (c->osr_bci == bci && c->valid) { return true; }
    }
    return false;
}

/* -Xcomp waits for methods of the application only. */
static bool waits_for(const struct method *m)
{
    return jit_options.wait || (jit_options.eager && m->cls->loader != &boot_loader);
}

/* Nothing in it is resolved: the code would leave at its first field or call. */
static bool never_run(const struct code *code)
{
    return code->insns[1].handler == insn_handlers[OP_decode];
}

#define ANY_LOOP (-1)
/* Is there valid code of tier 2 for a loop (its bci), or for any? */
static bool has_full_loop(const struct code *code, int32_t bci)
{
    const struct compiled *c = __atomic_load_n(&code->osr, __ATOMIC_ACQUIRE);
    while (c && !((bci == ANY_LOOP || c->osr_bci == bci) && c->valid && c->tier == 2)) {
        c = c->next;
    }
    return c != NULL;
}

static void hot_method(struct thread *t, struct method *m, const struct code *code, uint32_t needed)
{
    if (__atomic_load_n(&code->compiled, __ATOMIC_ACQUIRE)) { return; }
    bool wait = waits_for(m), early = m->counter < needed;
    if (early && (!jit_options.eager || m->props & MP_CLINIT || never_run(code))) { return; }
    if (!wait && m->jit_state & JIT_STATE_QUEUED) { return; }
    /* where a loop runs in tier 2, tier 1 for the method would be a step back */
    bool full = jit_options.tiers == JIT_TIERS_BOTH && has_full_loop(code, ANY_LOOP);
    request(t, m, NULL, wait, early && !wait ? BOOT_HANDICAP : 0, full);
}

static void hot_loop(struct thread *t, struct method *m, const struct code *code,
                     struct insn *header)
{
    uint32_t iterations = header->count / LOOP_FACTOR, threshold = jit_options.threshold;
    bool wait = waits_for(m);
    if (iterations < threshold && !(jit_options.eager && wait)) { return; }
    hot_method(t, m, code, LOOP_CALLS);
    bool soon = m->counter >= LOOP_SHORT_CALLS && iterations < threshold * LOOP_PATIENCE;
    if (soon && !wait) { return; } /* the next call will find compiled code */
    if (!has_loop_code(code, (int32_t)header->leader)) {
        request(t, m, header, waits_for(m), 0, false);
    }
}

/* The root of a sample: few calls of a method may be much of the time. */
static void warm_root(struct thread *t, struct method *m)
{
    const struct code *code = m->code_cache;
    if (!code || m->counter < ROOT_CALLS || m->counter >= jit_options.threshold ||
        m->jit_state & (JIT_STATE_QUEUED | JIT_STATE_REFUSED)) {
        return;
    }
    uint32_t total = heat_total();
    if (total > ROOT_TOTAL && heat_of(m) > total / ROOT_PART) { hot_method(t, m, code, 0); }
}

void policy_hot(struct thread *t, struct method *m, struct insn *pc)
{
    const struct code *code = m->code_cache;
    if (!atomic_load_explicit(&jit_running, memory_order_relaxed) ||
        m->jit_state & JIT_STATE_REFUSED || !code) {
        return;
    }
    struct method *root = heat_sample(t, m, pc);
    if (pc) {
        hot_loop(t, m, code, pc);
    } else {
        hot_method(t, m, code, jit_options.threshold);
    }
    if (root && root != m && !jit_options.wait && !jit_options.eager) { warm_root(t, root); }
}

/* ---- from tier 1 to tier 2 ---- */

/* Tier 1 is at a loop header of its own method. If there is better code for the loop, the next iteration of the interpreter
 * enters it. */
static bool leave_for(struct method *m, int32_t bci)
{
    if (!has_full_loop(m->code_cache, bci)) { return false; }
    code_block_at(m->code_cache, bci)->count |= JIT_LOOP_MASK;
    return true;
}

/*
 * A method that was called again is worth more as a whole in tier 2 than one more of its loops is: GCC takes as long for either,
 * the call that runs ends soon, and the next ones need the whole. Not so if it has such code (then the call that runs is a long
 * one), or cannot have it.
 */
static bool whole_first(const struct method *m)
{
    const struct code *code = m->code_cache;
    const struct compiled *c = __atomic_load_n(&code->compiled, __ATOMIC_ACQUIRE);
    if (jit_options.wait || jit_options.tiers != JIT_TIERS_BOTH || m->counter < LOOP_AGAIN ||
        (c && c->tier == 2)) {
        return false;
    }
    pthread_mutex_lock(&notes.lock);
    bool refused = note_count(m, -1, NOTE_REFUSED + 1) != 0;
    pthread_mutex_unlock(&notes.lock);
    return !refused;
}

/* Is the method as a whole what should come after c? */
static bool wants_whole(const struct compiled *c)
{
    return (c->osr_bci < 0 && c->valid) || whole_first(c->method);
}

/*
 * Code of a method is replaced for its next call. A call that goes on and on is left for code of the loop: that of the
 * header where the counter happens to run out, so an inner one more likely than an outer.
 */
static void upgrade(struct thread *t, const struct compiled *c, bool whole, struct method *m,
                    int32_t bci)
{
    struct method *root = c->method;
    bool wait = jit_options.wait;
    if (!is_worth_full(root)) { return; }
    if (whole) {
        request(t, root, NULL, wait, 0, true);
    } else if (m == root) {
        request(t, root, code_block_at(root->code_cache, bci), wait, 0, true);
    } else if (c->osr_bci >= 0 && c->valid) {
        request(t, root, code_block_at(root->code_cache, c->osr_bci), wait, 0, true);
    }
}

/*
 * The compiled caller of a compiled frame, if it would have `m` inlined in tier 2; NULL: called otherwise. A small method's counter
 * says more about its callers than about itself: compiled by itself it is still called.
 */
static const struct compiled *absorber(void *const *rbp, const struct method *m)
{
    const void *at = rbp[1];
    const struct compiled *c = compiled_find(at);
    const struct compiled_site *site = c ? compiled_site_of(c, at) : NULL;
    if (!site || site->frame == SITE_NO_FRAME || c->tier != 1) { return NULL; }
    const struct compiled_frame *f = &c->frames[site->frame];
    const struct code *code = f->method->code_cache;
    return code && heat_goes_into(m, f->method, code_block_at(code, f->bci)) ? c : NULL;
}

/* Is c called by code of tier 1 of another method? That has a counter of its own, which runs out soon if it is where the program loops. */
static bool caller_may_ask(void *const *rbp, const struct compiled *c)
{
    const struct compiled *caller = compiled_find(rbp[1]);
    return caller && caller->tier == 1 && caller->method != c->method;
}

/* An entry of c was counted. Who should be compiled? */
static const struct compiled *entered(void *const *rbp, const struct compiled *c)
{
    uint32_t size = c->method->code_length < 200 ? c->method->code_length : 200;
    uint32_t weight = ENTRY_HEAT + size / 4;
    for (unsigned n = 0; n < ABSORB_MAX; n++) {
        const struct compiled *caller = absorber(rbp, c->method);
        heat_add(c->method, caller ? weight / 4 : weight, false);
        if (!caller) { break; }
        c = caller;
        rbp = (void *const *)rbp[0];
    }
    if (c->osr_bci >= 0) {
        heat_add(code_block_at(c->method->code_cache, c->osr_bci), weight, false);
    }
    return c;
}

/* Is c called by an interpreted method that will have it inlined? That one is about to be compiled as well, most likely. */
static bool interpreter_absorbs(const struct thread *t, const struct compiled *c)
{
    const struct compiled_segment *s = t->segment;
    const void *const *rbp = s->anchor[0]; /* of c's frame; above it is that of the glue */
    return *(const void *const *)*rbp == s->base && !s->loop && t->top && t->top == s->below &&
           t->top->code && heat_goes_into(c->method, t->top->method, t->top->pc);
}

/* Was the code due `ns` ago? Its time runs from the first question. */
static bool due_since(struct jit_counter *n, uint64_t ns)
{
    if (!n->due) { n->due = jit_now(); }
    return jit_now() - n->due >= ns;
}

bool policy_tier_up(struct thread *t, struct jit_counter *n, struct method *m, int32_t bci)
{
    const struct compiled *c = __atomic_load_n(&n->code, __ATOMIC_ACQUIRE);
    int32_t events = counter_events();
    n->left = events;
    if (!c || !atomic_load_explicit(&jit_running, memory_order_relaxed) ||
        atomic_load_explicit(&worker_no_gcc, memory_order_relaxed)) {
        return false;
    }
    struct method *root = c->method;
    n->trips++;
    bool due = n->trips >= TIER_UP_TRIPS;
    if (due && c->osr_bci < 0 && !jit_options.wait && interpreter_absorbs(t, c)) {
        const uint8_t asked = JIT_STATE_QUEUED | JIT_STATE_LOOP_QUEUED;
        bool coming = __atomic_load_n(&t->top->method->jit_state, __ATOMIC_RELAXED) & asked;
        due = due_since(n, coming ? QUEUE_PATIENCE : INTERPRETER_PATIENCE);
    }
    if (!m) {
        const struct compiled *who = entered(t->segment->anchor[0], c);
        if (due && who == c && !jit_options.wait && caller_may_ask(t->segment->anchor[0], c)) {
            due = due_since(n, CALLER_PATIENCE);
        }
        if (who == c ? due : n->trips >= 2 * TIER_UP_TRIPS) {
            upgrade(t, who, wants_whole(who), NULL, 0);
        }
        return false;
    }
    heat_add(root, LOOP_HEAT, true);
    if (c->osr_bci >= 0) { heat_add(code_block_at(root->code_cache, c->osr_bci), LOOP_HEAT, true); }
    if (!due) { return false; }
    if (m == root && leave_for(m, bci)) { return true; }
    bool whole = wants_whole(c);
    if (!whole && c->osr_bci >= 0 && !jit_options.wait && !due_since(n, LOOP_PATIENCE_NS)) {
        return false;
    }
    upgrade(t, c, whole, m, bci);
    if (m == root && leave_for(m, bci)) { return true; } /* somebody has waited */
    /* an inlined loop cannot be left for better code; the one around it comes rarely, so it is made not to be missed */
    if (c->osr_bci >= 0 && has_full_loop(root->code_cache, c->osr_bci)) { n->left = events / 64; }
    return false;
}

void policy_compiled(const struct jit_job *j)
{
    unclaim(j->task.method, j->task.osr_bci, j->upgrade);
}

bool policy_idle(void)
{
    struct method *m;
    while ((m = install_hottest_quick())) {
        struct jit_job *j = claim(m, -1, false) ? make_job(m, -1, NULL, false) : NULL;
        if (j) {
            j->again = true;
            queue_push(j);
            return true;
        }
    }
    return false;
}

bool policy_is_superseded(const struct jit_job *j)
{
    return j->loop && j->upgrade && !j->urgent && whole_first(j->task.method);
}

void policy_dropped(const struct jit_job *j)
{
    unclaim(j->task.method, j->task.osr_bci, j->upgrade);
    free(j->task.counter);
    if (policy_is_superseded(j)) { request(NULL, j->task.method, NULL, false, 0, true); }
}

void policy_failed(const struct jit_job *j, bool permanent)
{
    struct method *m = j->task.method;
    if (permanent && (j->upgrade || j->task.osr_bci >= 0)) {
        pthread_mutex_lock(&notes.lock);
        *note_of(m, j->task.osr_bci, NOTE_REFUSED + j->upgrade) = 1;
        pthread_mutex_unlock(&notes.lock);
    } else if (permanent) {
        set_state(m, JIT_STATE_REFUSED, 0);
    }
    unclaim(m, j->task.osr_bci, j->upgrade);
}

/* ---- giving code up ---- */

static bool counts(uint16_t reason)
{
    return reason != EXIT_POLL && reason != EXIT_EXCEPTION && reason != EXIT_UNIT_END;
}

static uint32_t limit_of(uint16_t reason)
{
    switch (reason) {
    case EXIT_INVALID: return 1;
    case EXIT_UNREACHED:
    case EXIT_UNRESOLVED:
    case EXIT_CLASS_CHECK:
    case EXIT_CAST_CHECK:
    case EXIT_STORE_CHECK:
    case EXIT_LOOP_CHECK:
    case EXIT_LONG_LOOP: return EXIT_LIMIT;
    default: return TRAP_LIMIT;
    }
}

/* Notes where the code has left more than by chance. */
static void note_traps(const struct compiled *c)
{
    for (uint32_t i = 0; i < c->n_exits; i++) {
        const struct compiled_exit *e = &c->exits[i];
        if (counts(e->reason) && e->taken && e->taken >= limit_of(e->reason) / 2 &&
            e->frame < c->n_frames) {
            const struct compiled_frame *f = &c->frames[e->frame];
            *note_of(f->method, f->bci, e->reason) += e->taken;
        }
    }
}

/* Every time that the code of a method was made anew, more exits are put up with: an exit costs microseconds, a compilation
 * milliseconds. */
static bool had_enough(const struct compiled *c, const struct compiled_exit *e, uint32_t discarded)
{
    if (e->reason == EXIT_INVALID) { return true; }
    return discarded < RECOMPILE_LIMIT && (e->taken >= (limit_of(e->reason) << discarded) ||
                                           c->exits_taken >= (uint32_t)CODE_LIMIT << discarded);
}

void policy_exited(struct thread *t, struct compiled *c, uint32_t index)
{
    (void)t;
    if (index >= c->n_exits || !c->valid) { return; }
    const struct compiled_exit *e = &c->exits[index];
    if (!counts(e->reason) || (e->taken < limit_of(e->reason) && c->exits_taken < CODE_LIMIT)) {
        return;
    }
    pthread_mutex_lock(&notes.lock);
    uint32_t what = NOTE_DISCARDED + c->tier;
    bool enough = had_enough(c, e, note_count(c->method, c->osr_bci, what));
    if (enough) {
        note_traps(c);
        ++*note_of(c->method, c->osr_bci, what);
    }
    pthread_mutex_unlock(&notes.lock);
    if (enough && discard(c)) { log_discarded(c, index); }
}
