/*
 * compiled.c - compiled code beside the interpreter: the registry, entering it, and its calls out (compiled.h).
 */
#include "vm/compiled.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/descriptor.h"
#include "vm/interp.h"

struct jit_hooks jit_hooks;
bool jit_eager;
void *const method_default_entry = (void *)compiled_entry_stub;

_Static_assert(offsetof(struct compiled_segment, base) == 16, "compiled_enter() stores there");

/* ---- registry ---- */

/*
 * A table sorted by address. Readers take no lock, so a table that readers may have is only changed in ways that
 * they do not notice: an entry is appended behind the end (the cache hands out ascending addresses, so this is the
 * rule), or its `c` cleared. Everything else makes a new table; old ones wait in `retired` until the world is stopped, when no reader can
 * be under way.
 */
struct table {
    struct table *next; /* retired */
    uint32_t n, capacity;
    struct entry {
        const char *start, *end;
        struct compiled *c; /* NULL: unregistered */
    } v[];
};

static struct table *table, *retired;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

/* A copy without the dead, with `add` at its place. */
static struct table *table_copy(const struct table *old, struct compiled *add)
{
    uint32_t alive = 1;
    for (uint32_t i = 0; old && i < old->n; i++) { alive += old->v[i].c != NULL; }
    uint32_t capacity = alive * 2 < 64 ? 64 : alive * 2;
    struct table *new = malloc(sizeof *new + capacity * sizeof new->v[0]);
    if (!new) { abort(); }
    new->n = 0;
    new->capacity = capacity;
    struct entry e = {add->code, add->code + add->size, add};
    bool added = false;
    for (uint32_t i = 0; old && i < old->n; i++) {
        if (!old->v[i].c) { continue; }
        if (!added && old->v[i].start > e.start) {
            new->v[new->n++] = e;
            added = true;
        }
        new->v[new->n++] = old->v[i];
    }
    if (!added) { new->v[new->n++] = e; }
    return new;
}

void compiled_register(struct compiled *c)
{
    pthread_mutex_lock(&table_lock);
    struct table *old = table;
    if (old && old->n < old->capacity && (!old->n || old->v[old->n - 1].end <= c->code)) {
        old->v[old->n] = (struct entry){c->code, c->code + c->size, c};
        __atomic_store_n(&old->n, old->n + 1, __ATOMIC_RELEASE);
    } else {
        __atomic_store_n(&table, table_copy(old, c), __ATOMIC_RELEASE);
        if (old) {
            old->next = retired;
            retired = old;
        }
    }
    pthread_mutex_unlock(&table_lock);
}

uint32_t compiled_unregistered;

void compiled_unregister(struct compiled *c)
{
    pthread_mutex_lock(&table_lock);
    __atomic_fetch_add(&compiled_unregistered, 1, __ATOMIC_RELEASE);
    for (uint32_t i = 0; table && i < table->n; i++) {
        if (table->v[i].c == c) { __atomic_store_n(&table->v[i].c, NULL, __ATOMIC_RELEASE); }
    }
    pthread_mutex_unlock(&table_lock);
}

struct compiled *compiled_find(const void *pc)
{
    const struct table *now = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
    const char *at = pc;
    if (!now) { return NULL; }
    uint32_t low = 0, high = __atomic_load_n(&now->n, __ATOMIC_ACQUIRE);
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (now->v[mid].end <= at) {
            low = mid + 1;
        } else if (now->v[mid].start > at) {
            high = mid;
        } else {
            return __atomic_load_n(&now->v[mid].c, __ATOMIC_ACQUIRE);
        }
    }
    return NULL;
}

void compiled_world_stopped(void)
{
    if (!__atomic_load_n(&retired, __ATOMIC_RELAXED) || pthread_mutex_trylock(&table_lock)) {
        return;
    }
    while (retired) {
        struct table *next = retired->next;
        free(retired);
        retired = next;
    }
    pthread_mutex_unlock(&table_lock);
}

const struct compiled_site *compiled_site_of(const struct compiled *c, const void *pc)
{
    uint32_t offset = (uint32_t)((const char *)pc - c->code), low = 0, high = c->n_sites;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->sites[mid].offset < offset) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < c->n_sites ? &c->sites[low] : NULL;
}

/* ---- in ---- */

struct compiled *compiled_for_call(struct thread *t, struct method *m, struct code *code,
                                   slot_t *args)
{
    struct compiled *c = __atomic_load_n(&code->compiled, __ATOMIC_ACQUIRE);
    if (c || ((++m->counter & JIT_CALL_MASK) && !jit_eager) || !jit_hooks.hot) { return c; }
    /* a compilation may wait while others collect: the arguments must be seen */
    slot_t *free_cells = thread_free_cells(t), *kept = args + m->arg_slots;
    if (t->top) { t->top->sp = kept > free_cells ? kept : free_cells; }
    jit_hooks.hot(t, m, NULL);
    if (t->top) { t->top->sp = free_cells; }
    return __atomic_load_n(&code->compiled, __ATOMIC_ACQUIRE);
}

static struct compiled *find_loop(const struct code *code, uint32_t bci)
{
    struct compiled *c = __atomic_load_n(&code->osr, __ATOMIC_ACQUIRE);
    while (c && !(c->valid && c->osr_bci == (int32_t)bci)) { c = c->next; }
    return c;
}

struct compiled *compiled_for_loop(struct thread *t, struct frame *f, struct insn *header)
{
    struct compiled *c = find_loop(f->code, header->leader);
    /* where loops are entered by OSR, none gets hot here any more: the method may be worth it by now */
    bool again = c && !f->code->compiled && !f->method->jit_state;
    if (!c || UNLIKELY(again)) {
        jit_hooks.hot(t, f->method, header);
        c = find_loop(f->code, header->leader);
    }
    /* an overflow is the business of a call, not of a loop in the middle of its method */
    return c_stack_low(t) ? NULL : c;
}

uint64_t compiled_run(struct thread *t, struct compiled *c, slot_t *cells)
{
    if (UNLIKELY(c_stack_low(t) || thread_free_cells(t) + FRAME_SLOTS > t->stack_limit) &&
        c->osr_bci < 0) {
        stack_overflow(t);
        return 0;
    }
    struct compiled_segment s = {
        .outer = t->segment, .below = t->top, .anchor = NULL, .loop = c->osr_bci >= 0};
    t->segment = &s;
    uint64_t raw = compiled_enter(t, c->glue, cells, &s);
    t->segment = s.outer;
    return raw;
}

void compiled_entry_check(struct thread *t)
{
    COMPILED_ANCHOR(t);
    if (UNLIKELY(c_stack_low(t))) {
        stack_overflow(t);
        return;
    }
    thread_poll(t);
    thread_set_c_limit(t, t->c_stack_limit);
}

/* ---- out ---- */

/* The arguments' types: I (int-like), J, F, D, R; of the receiver too. */
static const char *make_signature(struct method *m)
{
    char text[260], *to = text;
    struct params p = params_of_method(m);
    while (params_next(&p)) {
        bool other = p.type == T_LONG || p.type == T_FLOAT || p.type == T_DOUBLE;
        *to++ = type_is_ref(p.type) ? 'R' : other ? type_char(p.type) : 'I';
    }
    *to = 0;
    char *signature = meta_alloc((size_t)(to - text) + 1);
    if (!signature) { return NULL; }
    memcpy(signature, text, (size_t)(to - text) + 1);
    __atomic_store_n(&m->signature, signature, __ATOMIC_RELEASE);
    return signature;
}

/* Arguments from where the convention of C puts them into cells. */
static void store_arguments(const char *signature, slot_t *cells, const uint64_t *ints,
                            const uint64_t *floats, const uint64_t *stack)
{
    const uint64_t *last_int = ints + 6;
    const uint64_t *last_float = floats + 8;
    ints++; /* the method */
    for (; *signature; signature++) {
        switch (*signature) {
        case 'I': (cells++)->j = (int32_t)(ints < last_int ? *ints++ : *stack++); break;
        case 'R': (cells++)->raw = (uint32_t)(ints < last_int ? *ints++ : *stack++); break;
        case 'J':
            cells->raw = ints < last_int ? *ints++ : *stack++;
            cells += 2;
            break;
        case 'F': (cells++)->raw = (uint32_t)(floats < last_float ? *floats++ : *stack++); break;
        default:
            cells->raw = floats < last_float ? *floats++ : *stack++;
            cells += 2;
            break;
        }
    }
}

uint64_t compiled_call_out(struct thread *t, uint64_t *ints, const uint64_t *floats,
                           const uint64_t *stack, void **rbp)
{
    struct method *m = (struct method *)ints[0];
    slot_t *cells = thread_free_cells(t);
    t->segment->anchor = rbp;
    const char *signature = __atomic_load_n(&m->signature, __ATOMIC_ACQUIRE);
    if (UNLIKELY(!signature)) { signature = make_signature(m); }
    if (UNLIKELY(!signature)) {
        throw_oom(t, "Metaspace");
        return 0;
    }
    if (UNLIKELY(cells + m->arg_slots + FRAME_SLOTS > t->stack_limit)) {
        stack_overflow(t);
        return 0;
    }
    store_arguments(signature, cells, ints, floats, stack);
    /* the cells keep the arguments alive as long as the callee needs them; this copy would do so until it returns */
    memset(ints + 1, 0, 5 * sizeof *ints);
    slot_t result = call_cells(t, m, cells);
    return type_is_ref(m->ret_type) ? result.r : result.raw;
}

void jit_entry_check(struct thread *t) __attribute__((alias("compiled_entry_check")));
