// Marking: which words of an object are references, where roots are, and a small marker of our own for the objects that
// java.lang.ref keeps alive after libgc has finished.
//
// An object's first word is its class id. A free object's first word is a link, 0 or a heap address; it can be met
// through a conservative root, and no class id looks like it (object.h).
#include <stdlib.h>
#include <string.h>
#include "runtime/heap/heap-internal.h"
#include "runtime/machine/machine.h"

// libgc's mark stack entry, opaque in its public header: an object and how to scan it (struct GC_ms_entry in
// private/gc_priv.h of 8.2).
struct stack_entry {
    void *start;
    GC_word descr;
};

#define ARRAY_CHUNK 128u // references of an array that are pushed at a time
#define ROOT_BUFFER 512u

static unsigned mark_proc_index;

static struct class *class_if_object(const void *addr)
{
    uint32_t id = *(const uint32_t *)addr;
    return is_class_id(id) ? class_from_id(id) : NULL;
}

// Calls visit(cell, context) for the reference fields of runs, except the one at offset `skip` (0 = none).
static inline __attribute__((always_inline)) void visit_runs(gref o, const struct ref_run *runs,
                                                             unsigned n, uint32_t skip,
                                                             void (*visit)(gref *, void *),
                                                             void *context)
{
    for (unsigned i = 0; i < n; i++) {
        gref *cell = obj_addr(o, runs[i].offset);
        for (uint32_t k = 0; k < runs[i].count; k++) {
            if (skip && runs[i].offset + 4 * k == skip) { continue; }
            visit(&cell[k], context);
        }
    }
}

// References of an object that is not an array. `weak`: honour java.lang.ref; else everything is strong.
static inline __attribute__((always_inline)) void
visit_fields(gref o, struct class *c, bool weak, void (*visit)(gref *, void *), void *context)
{
    uint32_t skip = 0;
    if (UNLIKELY(c->ref_kind >= REFKIND_SOFT)) {
        skip = heap.layout.reference_referent;
        if (!weak || !reference_discover(o, (enum ref_kind)c->ref_kind)) {
            visit(obj_addr(o, skip), context);
        }
    }
    visit_runs(o, c->ref_runs, c->n_ref_runs, skip, visit, context);
    if (UNLIKELY(c->props & CLP_IS_MIRROR)) {
        const struct class *of =
            (struct class *)(uintptr_t)obj_get_long(o, heap.layout.class_vm_class);
        if (of) { visit_runs(o, of->static_ref_runs, of->n_static_ref_runs, 0, visit, context); }
    }
}

static bool is_ref_array(const struct class *c)
{
    return c->kind == CLASS_ARRAY && (c->elem_type == T_OBJECT || c->elem_type == T_ARRAY);
}

// ---- libgc's marking ----

struct mark_stack {
    struct stack_entry *top, *limit;
};

static inline void push_cell(gref *cell, void *context)
{
    struct mark_stack *s = context;
    gref r = *cell;
    struct slab *slab = slab_of(r);
    if (UNLIKELY(slab)) { r = slab_mark(slab, r) ? slab->base : 0; }
    if (r) {
        s->top =
            (struct stack_entry *)GC_MARK_AND_PUSH(gva_to_ptr(r), (struct GC_ms_entry *)s->top,
                                                   (struct GC_ms_entry *)s->limit, (void **)cell);
    }
}

// The mark procedure of HEAP_KIND_OBJECT. `env` is 0, or for the rest of a large array the index to go on from.
static struct GC_ms_entry *mark_object(GC_word *addr, struct GC_ms_entry *top,
                                       struct GC_ms_entry *limit, GC_word env)
{
    gref o = heap_object_at(addr);
    struct class *c = class_if_object(gva_to_ptr(o));
    if (UNLIKELY(!c)) { return top; }
    struct mark_stack s = {(struct stack_entry *)top, (struct stack_entry *)limit};
    if (c->kind != CLASS_ARRAY) {
        visit_fields(o, c, true, push_cell, &s);
        return (struct GC_ms_entry *)s.top;
    }
    if (!is_ref_array(c)) { return top; }
    uint32_t n = (uint32_t)array_length(o), from = (uint32_t)env, to = n;
    if (n - from > ARRAY_CHUNK &&
        s.top + 2 < s.limit) { // the rest later, below what this chunk pushes
        to = from + ARRAY_CHUNK;
        s.top++;
        s.top->start = addr;
        s.top->descr = GC_MAKE_PROC(mark_proc_index, to);
    }
    gref *cells = array_data(o);
    for (uint32_t i = from; i < to; i++) { push_cell(&cells[i], &s); }
    return (struct GC_ms_entry *)s.top;
}

void mark_init(void)
{
    mark_proc_index = GC_new_proc(mark_object);
    for (size_t colour = COLOUR_FIRST; colour <= COLOUR_LIMIT; colour += COLOUR_STEP) {
        GC_register_displacement(colour);
    }
    // Descriptor 0: nothing to follow. Both kinds are cleared by libgc, when it builds or sweeps a block.
    heap.kinds[HEAP_KIND_NOREFS] = (int)GC_new_kind(GC_new_free_list(), 0, 0, 1);
    heap.kinds[HEAP_KIND_OBJECT] =
        (int)GC_new_kind(GC_new_free_list(), GC_MAKE_PROC(mark_proc_index, 0), 0, 1);
}

// ---- roots ----

// Candidates wait here until there are enough for one call of GC_push_all_eager, which also resolves addresses inside
// objects. Used by the VM Thread only.
static void *root_buffer[ROOT_BUFFER];
static unsigned root_count;

static void flush_roots(void)
{
    if (root_count) { GC_push_all_eager(root_buffer, root_buffer + root_count); }
    root_count = 0;
}

bool heap_contains(uint64_t value)
{
    return value >= heap.segment_start && value < heap.segment_end;
}

static inline void push_candidate(uint64_t value)
{
    if (!heap_contains(value)) { return; }
    struct slab *slab = slab_of(value);
    if (slab) {
        if (!slab_mark(slab, (uint32_t)value)) { return; }
        value = slab->base;
    }
    root_buffer[root_count++] = (void *)value;
    if (root_count == ROOT_BUFFER) { flush_roots(); }
}

static inline bool is_host_pointer(uint64_t word, const struct heap_range *host, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (word - host[i].low < host[i].high - host[i].low) { return true; }
    }
    return false;
}

__attribute__((no_sanitize("address"))) void
heap_push_stack(const void *from, const void *to, const struct heap_range *host, unsigned n)
{
    const uint64_t *w = (const uint64_t *)ALIGN_UP((uintptr_t)from, 8);
    const uint64_t *end = (const uint64_t *)((uintptr_t)to & ~(uintptr_t)7);
    for (; w < end; w++) {
        uint64_t word = *w;
        if (word >> 32 && is_host_pointer(word, host, n)) { continue; }
        push_candidate((uint32_t)word);
        push_candidate(word >> 32);
    }
}

void heap_push_slots(const slot_t *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) { push_candidate(cells[i].r); }
}

void heap_push_ref(gref o) { push_candidate(o); }

// Calls of libgc's GC_with_callee_saves_pushed in GC_push_roots come here (Makefile): it would scan the registers and the frames of
// the thread that collects. That is the VM Thread, which holds no reference while it marks, but has numbers that look like one:
// the nanoseconds of a time lie in the heap's range a fifth of each second.
void heap_gc_push_own_stack(void (*push)(void *, void *), void *cold_frame);
void heap_gc_push_own_stack(void (*push)(void *, void *), void *cold_frame)
{
    (void)push;
    (void)cold_frame;
}

void mark_push_roots(void)
{
    heap_push_ref(references_pending_root());
    heap_push_ref((gref)(uintptr_t)heap.list_end);
    if (heap.hooks.push_roots) { heap.hooks.push_roots(); }
    flush_roots();
}

// ---- our own marker ----

struct gref_stack {
    gref *items;
    size_t n, capacity;
};

static void mark_cell(gref *cell, void *context)
{
    struct gref_stack *s = context;
    gref r = *cell;
    struct slab *slab = slab_of(r);
    if (slab) { // no references in it
        if (slab_mark(slab, r)) { GC_set_mark_bit(gva_to_ptr(slab->base)); }
        return;
    }
    void *base = r ? heap_base(r) : NULL;
    if (!base || GC_is_marked(base)) { return; }
    if (s->n == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 256;
        gref *items = realloc(s->items, capacity * sizeof *items);
        if (!items) { // losing an object would be worse
            fprintf(stderr, "moka: out of memory while processing finalizers\n");
            abort();
        }
        s->items = items;
        s->capacity = capacity;
    }
    GC_set_mark_bit(base);
    s->items[s->n++] = r;
}

void mark_from(gref o)
{
    struct gref_stack s = {0};
    mark_cell(&o, &s);
    while (s.n) {
        gref at = s.items[--s.n];
        struct class *c = class_if_object(gva_to_ptr(at));
        if (!c) { continue; }
        if (c->kind != CLASS_ARRAY) {
            visit_fields(at, c, false, mark_cell, &s);
        } else if (is_ref_array(c)) {
            gref *cells = array_data(at);
            for (int32_t i = 0; i < array_length(at); i++) { mark_cell(&cells[i], &s); }
        }
    }
    free(s.items);
}
