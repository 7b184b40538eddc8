// The collected heap, with hand-made classes instead of class files. Roots are an array, so that each test knows
// exactly what is reachable; one test scans the C stack.
#include <check.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/classes/class.h"
#include "runtime/heap/heap.h"
#include "runtime/machine/machine.h"
#include "tests/unit/run_suite.h"

// ck_assert writes to a pipe each time: too slow for inner loops.
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) { ck_abort_msg("%s", #condition); }                                      \
    } while (0)

enum { NODE, BYTES, REFS, SOFT, WEAK, FINAL, PHANTOM, MIRROR, N_CLASSES };
static struct class *classes[N_CLASSES];
static uint32_t id_of[N_CLASSES];
static slot_t roots[64];
static struct heap_tlab tlab;
static struct heap_hooks hooks;

// java.lang.ref.Reference: referent 8, queue 12, next 16, discovered 20; SoftReference: timestamp 24.
static const struct heap_layout layout = {.reference_referent = 8,
                                          .reference_next = 16,
                                          .reference_discovered = 20,
                                          .soft_timestamp = 24,
                                          .soft_clock = 24,
                                          .class_vm_class = 16};
static struct ref_run node_runs[] = {{8, 2}}, reference_runs[] = {{8, 4}}, mirror_runs[] = {{8, 1}},
                      static_runs[] = {{32, 1}};

static void flush(void) { heap_flush_tlab(&tlab); }
static void push(void) { heap_push_slots(roots, ARRAY_COUNT(roots)); }

static void make_classes(void)
{
    void *p = mmap((void *)(META_BASE + META_GUARD), 1 << 16, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    ck_assert_ptr_eq(p, (void *)(META_BASE + META_GUARD));
    for (int i = 0; i < N_CLASSES; i++) {
        classes[i] = (struct class *)p + i;
        id_of[i] = class_id(classes[i]);
        classes[i]->prim_type = T_OBJECT;
    }
    for (int i = SOFT; i <= PHANTOM; i++) {
        classes[i]->ref_kind = (uint8_t)(REFKIND_SOFT + i - SOFT);
        classes[i]->ref_runs = reference_runs;
        classes[i]->n_ref_runs = 1;
    }
    classes[NODE]->ref_runs = node_runs;
    classes[NODE]->n_ref_runs = 1;
    classes[BYTES]->kind = classes[REFS]->kind = CLASS_ARRAY;
    classes[BYTES]->elem_type = T_BYTE;
    classes[REFS]->elem_type = T_OBJECT;
    classes[MIRROR]->props = CLP_IS_MIRROR;
    classes[MIRROR]->ref_runs = mirror_runs;
    classes[MIRROR]->n_ref_runs = 1;
    classes[NODE]->static_ref_runs = static_runs;
    classes[NODE]->n_static_ref_runs = 1;
}

static void start(struct heap_config config, enum mmu_mode mmu)
{
    char err[1000] = "";
    struct machine_config mc = {.mmu = mmu};
    mc.kseg_size = heap_segment_size(&config, err, sizeof err);
    ck_assert_msg(mc.kseg_size, "%s", err);
    ck_assert_msg(machine_init(&mc, err, sizeof err), "%s", err);
    static struct vcpu cpu;
    ck_assert(vcpu_init(&cpu) && machine_thread_attach(&cpu));
    ck_assert_msg(heap_init(&config, err, sizeof err), "%s", err);
    make_classes();
    heap_flush_tlab(&tlab);
    if (!hooks.flush_tlabs) { hooks.flush_tlabs = flush; }
    if (!hooks.push_roots) { hooks.push_roots = push; }
    heap_set_hooks(&hooks);
    heap_set_layout(&layout);
}

static gref node(gref a, gref b, int value)
{
    gref o = heap_alloc(&tlab, 24, HEAP_KIND_OBJECT, id_of[NODE]);
    if (!o) { return 0; }
    MUST(!(obj_get_ref(o, 8) | obj_get_ref(o, 12) | (uint32_t)obj_get_int(o, 16))); // zeroed
    obj_set_ref(o, 8, a);
    obj_set_ref(o, 12, b);
    obj_set_int(o, 16, value);
    return o;
}

static gref array(int cls, int length)
{
    gref o = heap_alloc(&tlab, 16 + (uint64_t)length * (cls == REFS ? 4 : 1),
                        cls == REFS ? HEAP_KIND_OBJECT : HEAP_KIND_NOREFS, id_of[cls]);
    if (o) { obj_set_int(o, ARRAY_LENGTH_OFFSET, length); }
    return o;
}

static gref reference(int cls, gref referent)
{
    gref o = heap_alloc(&tlab, 32, HEAP_KIND_OBJECT, id_of[cls]);
    obj_set_ref(o, 8, referent);
    return o;
}

static void count_one(gref o, void *arg)
{
    (void)o;
    ++*(uint64_t *)arg;
}

static uint64_t live_objects(void)
{
    uint64_t n = 0;
    heap_for_each_object(count_one, &n);
    return n;
}

START_TEST(graph)
{
    start((struct heap_config){.max_bytes = 64 << 20, .threshold = 4 << 20}, (enum mmu_mode)_i);
    // Arrays of nodes under random mutation; values tell whether an object was lost or reused.
    srand(7);
    gref table = array(REFS, 20000);
    roots[0].r = table;
    for (int i = 0; i < 2000000; i++) {
        int k = rand() % 20000;
        gref old = array_get_ref(table, k);
        if (old) {
            MUST(obj_class_id(old) == id_of[NODE]);
            MUST(obj_get_int(old, 16) == k);
            gref child = obj_get_ref(old, 8);
            if (child) { MUST(obj_get_int(child, 16) == -k); }
        }
        gref child = rand() % 2 ? node(0, 0, -k) : 0;
        roots[1].r = child;
        gref n = node(child, 0, k);
        MUST(n);
        array_set_ref(table, k, n);
        if (rand() % 5000 == 0) { array_set_ref(table, k, 0); }
    }
    ck_assert_uint_gt(heap_get_stats().collections, 5);
    uint64_t expected = 1;
    for (int k = 0; k < 20000; k++) {
        gref n = array_get_ref(table, k);
        expected += n ? 1 + (obj_get_ref(n, 8) != 0) : 0;
    }
    roots[1].r = 0;
    ck_assert_uint_eq(live_objects(), expected);
    roots[0].r = 0;
    ck_assert_uint_eq(live_objects(), 0);
    ck_assert_uint_lt(heap_get_stats().live_after, 1 << 20);
}
END_TEST

// What the VM Thread has in its registers is no root. A time in nanoseconds was taken for an address, in one of ten collections
// of such a heap.
START_TEST(no_roots_of_its_own)
{
    start((struct heap_config){.max_bytes = 256 << 20, .threshold = 192 << 20}, MMU_SHADOW);
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 100; i++) { MUST(array(BYTES, 1 << 20)); }
        ck_assert_uint_eq(live_objects(), 0);
    }
}
END_TEST

START_TEST(deep_list_and_large_array)
{
    start((struct heap_config){.max_bytes = 256 << 20}, MMU_SHADOW);
    gref head = 0;
    for (int i = 0; i < 1000000; i++) { roots[0].r = head = node(head, 0, i); }
    gref big = array(REFS, 3000000);
    roots[1].r = big;
    for (int i = 0; i < 3000000; i += 3) { array_set_ref(big, i, node(0, 0, i)); }
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(live_objects(), 1000000 + 1 + 1000000);
    int i = 1000000;
    for (gref n = head; n; n = obj_get_ref(n, 8)) { MUST(obj_get_int(n, 16) == --i); }
    for (i = 0; i < 3000000; i += 3) { MUST(obj_get_int(array_get_ref(big, i), 16) == i); }
}
END_TEST

static slot_t many_roots[200000];
static void push_many(void) { heap_push_slots(many_roots, ARRAY_COUNT(many_roots)); }

// Many roots make libgc's mark stack grow; the old ones become heap, which must be in the guest like all of it.
START_TEST(many_roots_at_once)
{
    hooks.push_roots = push_many;
    start((struct heap_config){.max_bytes = 64 << 20}, MMU_SHADOW);
    for (int i = 0; i < 200000; i++) { many_roots[i].r = node(0, 0, i); }
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    for (int i = 0; i < 200000; i++) { MUST(obj_get_int(many_roots[i].r, 16) == i); }
    memset(many_roots, 0, sizeof many_roots);
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    for (int i = 0; (many_roots[i].r = array(BYTES, 5000 + i % 3000)); i++) { MUST(i < 199999); }
}
END_TEST

START_TEST(large_objects)
{
    start((struct heap_config){.max_bytes = 64 << 20}, MMU_SHADOW);
    for (int i = 0; i < 500; i++) { // 1 MiB each: recycled and zeroed again
        gref a = array(BYTES, 1 << 20);
        ck_assert_uint_ne(a, 0);
        for (int k = 0; k < 1 << 20; k += 4096) { MUST(array_get_byte(a, k) == 0); }
        memset(array_data(a), 0xff, 1 << 20);
    }
    ck_assert_uint_eq(array(BYTES, 0x7fffffff), 0);
    ck_assert_uint_eq(array(BYTES, 100 << 20), 0);
    for (int size = 900; size < 5000; size += 7) { ck_assert_uint_ne(array(BYTES, size), 0); }
}
END_TEST

// Arrays of some size begin at different places of their pages, and are objects like others all the same.
START_TEST(colours)
{
    start((struct heap_config){.max_bytes = 64 << 20}, (enum mmu_mode)_i);
    roots[0].r = array(REFS, 100);
    roots[1].r = array(REFS, 100);
    uint64_t lines = 0;
    for (int i = 0; i < 100; i++) {
        gref a = array(REFS, 340 + 50 * i);
        for (int k = 0; k < 340 + 50 * i; k++) { MUST(array_get_ref(a, k) == 0); }
        array_set_ref(a, i, node(0, 0, i));
        array_set_ref(roots[i & 1].r, i, a);
        lines |= 1ull << (a >> 6 & 63);
        MUST(heap_is_object(a) && (!(a & 4095) || !heap_is_object(a & ~4095u)));
        MUST(heap_object_bytes(a) >= 1376 + 200u * (unsigned)i);
    }
    ck_assert_int_ge(__builtin_popcountll(lines), 32);
    roots[1].r = reference(WEAK, array_get_ref(roots[1].r, 99)); // half of them are dead
    roots[2].r = reference(WEAK, array_get_ref(roots[0].r, 98));
    node(0, 0, 0);
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(obj_get_ref(roots[1].r, 8), 0);
    ck_assert_uint_eq(obj_get_ref(roots[2].r, 8), array_get_ref(roots[0].r, 98));
    ck_assert_uint_eq(live_objects(), 3 + 2 * 50);
    for (int i = 0; i < 200; i++) { memset(array_data(array(BYTES, 30000)), 0xff, 30000); }
    for (int i = 0; i < 100; i += 2) {
        gref a = array_get_ref(roots[0].r, i);
        MUST(array_length(a) == 340 + 50 * i && obj_get_int(array_get_ref(a, i), 16) == i);
    }
}
END_TEST

// Exhaustion gives 0, never a crash, and the heap is usable again afterwards.
START_TEST(out_of_memory)
{
    start((struct heap_config){.max_bytes = 32 << 20}, (enum mmu_mode)_i);
    for (int round = 0; round < 3; round++) {
        int n = 0;
        for (gref o; (o = node(roots[0].r, 0, n)); n++) { roots[0].r = o; }
        ck_assert_int_gt(n, 700000); // 32-byte objects
        ck_assert_uint_eq(array(BYTES, 4 << 20), 0);
        roots[0].r = 0;
        ck_assert_uint_ne(array(BYTES, 4 << 20), 0);
        for (gref o; (o = array(BYTES, 100000));) { // large ones, kept in a chain
            gref link = node(roots[0].r, o, 0);
            if (!link) { break; }
            roots[0].r = link;
        }
        roots[0].r = 0;
    }
}
END_TEST

static gref pending_at(gref list, int n)
{
    while (list && n--) { list = obj_get_ref(list, 20); }
    return list;
}

START_TEST(weak_and_phantom)
{
    start((struct heap_config){.max_bytes = 32 << 20}, MMU_SHADOW);
    roots[0].r = reference(WEAK, node(0, 0, 1));
    roots[1].r = node(0, 0, 2);
    roots[2].r = reference(WEAK, roots[1].r);
    roots[3].r = reference(PHANTOM, node(0, 0, 3));
    node(0, 0, 0); // the list's head may still be referred to by its neighbour
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(obj_get_ref(roots[0].r, 8), 0);
    ck_assert_uint_eq(obj_get_ref(roots[2].r, 8), roots[1].r);
    ck_assert_uint_eq(obj_get_ref(roots[3].r, 8), 0);
    ck_assert(heap_has_pending_list());
    gref list = heap_take_pending_list();
    ck_assert(!heap_has_pending_list());
    ck_assert(list == roots[0].r || list == roots[3].r);
    ck_assert_uint_ne(pending_at(list, 1), 0);
    ck_assert_uint_eq(pending_at(list, 2), 0);
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert(!heap_has_pending_list()); // cleared ones are inactive
    ck_assert_uint_eq(obj_get_ref(roots[2].r, 20), 0);
    struct heap_stats s = heap_get_stats();
    ck_assert_uint_eq(s.refs_cleared[1], 1);
    ck_assert_uint_eq(s.refs_cleared[3], 1);
}
END_TEST

START_TEST(finalizable)
{
    start((struct heap_config){.max_bytes = 32 << 20}, MMU_SHADOW);
    // A finalizable object that owns a graph, a weak and a phantom reference to it, and one to a part of it.
    gref part = node(0, 0, 5);
    gref whole = node(part, array(REFS, 1000), 6);
    array_set_ref(obj_get_ref(whole, 12), 999, node(0, 0, 7));
    roots[0].r = reference(FINAL, whole);
    roots[1].r = reference(WEAK, whole);
    roots[2].r = reference(PHANTOM, whole);
    roots[3].r = reference(WEAK, part);
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(obj_get_ref(roots[1].r, 8), 0); // weak: cleared before finalization
    ck_assert_uint_eq(obj_get_ref(roots[3].r, 8), 0);
    ck_assert_uint_eq(obj_get_ref(roots[2].r, 8), whole); // phantom: only after it
    ck_assert_uint_eq(obj_get_ref(roots[0].r, 8), whole); // Finalizer will fetch it
    ck_assert_uint_eq(obj_get_ref(roots[0].r, 16), roots[0].r);
    ck_assert_int_eq(obj_get_int(obj_get_ref(whole, 8), 16), 5);
    ck_assert_int_eq(obj_get_int(array_get_ref(obj_get_ref(whole, 12), 999), 16), 7);
    ck_assert_uint_eq(live_objects(), 4 + 4);
    heap_take_pending_list();
    obj_set_ref(roots[0].r, 8, 0); // finalized
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(obj_get_ref(roots[2].r, 8), 0);
    ck_assert_uint_eq(heap_take_pending_list(), roots[2].r);
    ck_assert_uint_eq(live_objects(), 4);
}
END_TEST

START_TEST(soft)
{
    start((struct heap_config){.max_bytes = 32 << 20, .soft_ms_per_mb = 1000}, MMU_SHADOW);
    for (int i = 0; i < 10; i++) { roots[i].r = reference(SOFT, array(BYTES, 1 << 20)); }
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    for (int i = 0; i < 10; i++) { ck_assert_uint_ne(obj_get_ref(roots[i].r, 8), 0); }
    // All are cleared before memory runs out.
    int n = 10;
    for (gref o; n < 40 && (o = array(BYTES, 1 << 20));) { roots[n++].r = o; }
    ck_assert_int_ge(n, 10 + 22);
    for (int i = 0; i < 10; i++) { ck_assert_uint_eq(obj_get_ref(roots[i].r, 8), 0); }
    ck_assert_uint_eq(heap_get_stats().refs_cleared[0], 10);
}
END_TEST

// Many references, with two markers, some referents alive; chains of references.
START_TEST(many_references)
{
    start((struct heap_config){.max_bytes = 128 << 20, .markers = 2}, MMU_SHADOW);
    roots[0].r = array(REFS, 100000);
    roots[1].r = array(REFS, 100000);
    for (int i = 0; i < 100000; i++) {
        gref n = node(0, 0, i);
        if (i % 3 == 0) { array_set_ref(roots[1].r, i, n); }
        array_set_ref(roots[0].r, i, reference(i % 2 ? WEAK : PHANTOM, n));
    }
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    int pending = 0, dead = 0;
    for (gref r = heap_take_pending_list(); r; r = obj_get_ref(r, 20)) { pending++; }
    for (int i = 0; i < 100000; i++) {
        gref r = obj_get_ref(array_get_ref(roots[0].r, i), 8);
        MUST(r == array_get_ref(roots[1].r, i));
        dead += !r;
    }
    ck_assert_int_eq(pending, dead);
    roots[0].r = roots[1].r = 0;
    roots[2].r = reference(WEAK, reference(WEAK, node(0, 0, 1)));
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(obj_get_ref(roots[2].r, 8), 0);
}
END_TEST

START_TEST(statics_of_mirrors)
{
    start((struct heap_config){.max_bytes = 32 << 20}, MMU_SHADOW);
    gref mirror = heap_alloc(&tlab, 48, HEAP_KIND_OBJECT, id_of[MIRROR]);
    roots[0].r = mirror;
    obj_set_long(mirror, 16, (int64_t)(uintptr_t)classes[NODE]);
    obj_set_ref(mirror, 32, node(0, 0, 9));  // a static field of Node
    obj_set_ref(mirror, 36, node(0, 0, 10)); // not a reference, by the class's map
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(live_objects(), 2);
    ck_assert_int_eq(obj_get_int(obj_get_ref(mirror, 32), 16), 9);
}
END_TEST

static gref inside[2];
static void push_inside(void)
{
    uint32_t words[4] = {inside[0], 0x12345678, 0xffffffff, inside[1]};
    heap_push_stack(words, words + 4, NULL, 0);
}

// Addresses inside objects, as compiled code has them, keep the objects.
START_TEST(interior_roots)
{
    hooks.push_roots = push_inside;
    start((struct heap_config){.max_bytes = 32 << 20}, MMU_SHADOW);
    gref n = node(node(0, 0, 1), 0, 2), a = array(REFS, 100000);
    array_set_ref(a, 99999, node(0, 0, 3));
    inside[0] = n + 20;
    inside[1] = a + 300001;
    ck_assert_uint_eq(live_objects(), 4);
    ck_assert_int_eq(obj_get_int(obj_get_ref(n, 8), 16), 1);
    ck_assert_int_eq(obj_get_int(array_get_ref(a, 99999), 16), 3);
    inside[0] = inside[1] = 0;
    ck_assert_uint_eq(live_objects(), 0);
}
END_TEST

static gref filled(int length, int value)
{
    gref a = array(BYTES, length);
    MUST(a);
    uint8_t *data = array_data(a);
    for (int i = 0; i < length; i++) { MUST(!data[i]); }
    memset(data, value, (size_t)length);
    return a;
}

static bool is_filled(gref a, int length, int value)
{
    const uint8_t *data = array_data(a);
    for (int i = 0; i < length; i++) {
        if (data[i] != (uint8_t)value) { return false; }
    }
    return array_length(a) == length;
}

// Arrays of the sizes that slabs are for, under random mutation: nobody's bytes are lost, shared or left over.
START_TEST(medium_arrays)
{
    enum { N = 2000 };
    start((struct heap_config){.max_bytes = 128 << 20, .threshold = 4 << 20}, (enum mmu_mode)_i);
    static int length[N];
    srand(11);
    roots[0].r = array(REFS, N);
    for (int i = 0; i < 40000; i++) {
        int k = rand() % N;
        gref old = array_get_ref(roots[0].r, k);
        if (old) { MUST(is_filled(old, length[k], k)); }
        length[k] = 900 + rand() % (i % 2 ? 8000 : 1300);
        array_set_ref(roots[0].r, k, filled(length[k], k));
    }
    ck_assert_uint_gt(heap_get_stats().collections, 5);
    for (int k = 0; k < N; k++) {
        gref a = array_get_ref(roots[0].r, k);
        MUST(is_filled(a, length[k], k) && heap_is_object(a) && !heap_is_object(a + 16));
        MUST(heap_object_bytes(a) >= 16u + (unsigned)length[k]);
    }
    ck_assert_uint_eq(live_objects(), N + 1);
    for (int k = 0; k < N; k++) {
        if (k % 10) { array_set_ref(roots[0].r, k, 0); }
    }
    ck_assert_uint_eq(live_objects(), N / 10 + 1);
    roots[0].r = 0;
    ck_assert_uint_eq(live_objects(), 0);
    ck_assert_uint_lt(heap_get_stats().live_after, 1 << 20);
}
END_TEST

// Cells of one slab: what is dead is used again, what only a reference object or the middle of the array names lives or dies like
// anything else.
START_TEST(slab_cells)
{
    hooks.push_roots = push_inside;
    start((struct heap_config){.max_bytes = 128 << 20}, MMU_SHADOW);
    enum { LENGTH = 2048 };
    gref a[4];
    for (int i = 0; i < 4; i++) { a[i] = filled(LENGTH, i); }
    ck_assert_uint_lt(a[1] - a[0], 4096);
    ck_assert_uint_eq(a[1] - a[0], a[2] - a[1]);
    ck_assert_uint_eq((a[0] + ARRAY_BASE_OFFSET) % 64, 0);
    gref refs = array(REFS, 3);
    array_set_ref(refs, 0, reference(WEAK, a[1]));
    array_set_ref(refs, 1, reference(FINAL, a[2]));
    array_set_ref(refs, 2, reference(WEAK, a[3]));
    inside[0] = refs;
    inside[1] = a[3] + LENGTH; // not its start
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_uint_eq(obj_get_ref(array_get_ref(refs, 0), 8), 0);
    ck_assert_uint_eq(obj_get_ref(array_get_ref(refs, 1), 8), a[2]); // until it was finalized
    ck_assert_uint_eq(obj_get_ref(array_get_ref(refs, 2), 8), a[3]);
    ck_assert(is_filled(a[2], LENGTH, 2) && is_filled(a[3], LENGTH, 3));
    ck_assert(!heap_is_object(a[0]) && !heap_is_object(a[1]));
    ck_assert_uint_eq(filled(LENGTH, 4), a[0]);
    ck_assert_uint_eq(filled(LENGTH, 5), a[1]);
    inside[0] = inside[1] = 0;
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert(!heap_is_object(a[0]) && !heap_is_object(a[3]));
}
END_TEST

static bool weak_alive, weak_dead;
static gref weak_one, weak_two;
static void clear_weak(bool (*is_live)(gref))
{
    weak_alive = is_live(weak_one);
    weak_dead = !is_live(weak_two);
}

START_TEST(weak_hook)
{
    hooks.clear_weak = clear_weak;
    start((struct heap_config){.max_bytes = 32 << 20}, MMU_SHADOW);
    roots[0].r = weak_one = node(0, 0, 1);
    weak_two = node(0, 0, 2);
    node(0, 0, 0);
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert(weak_alive && weak_dead);
}
END_TEST

// ---- several mutator threads with conservative stacks and a stop-the-world of their own ----

#define MUTATORS 4
struct mutator {
    struct vcpu cpu;
    struct heap_tlab tlab;
    pthread_t thread;
    char *base;
    char *volatile sp;
    jmp_buf registers;
    const char *error;
    volatile int blocked;
};
static struct mutator mutators[MUTATORS];
static __thread struct mutator *self;
static pthread_mutex_t world = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int stopping, running;

static void __attribute__((noinline)) enter(void)
{
    setjmp(self->registers);
    self->sp = __builtin_frame_address(0);
    pthread_mutex_lock(&world);
    self->blocked = 1;
    running--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&world);
}

static void leave(void)
{
    pthread_mutex_lock(&world);
    while (stopping) { pthread_cond_wait(&changed, &world); }
    self->blocked = 0;
    running++;
    pthread_mutex_unlock(&world);
}

static void stop(void)
{
    pthread_mutex_lock(&world);
    stopping = 1;
    for (int i = 0; i < MUTATORS; i++) { vcpu_post(&mutators[i].cpu, PENDING_SAFEPOINT); }
    while (running) { pthread_cond_wait(&changed, &world); }
    pthread_mutex_unlock(&world);
}

static void resume(void)
{
    pthread_mutex_lock(&world);
    stopping = 0;
    for (int i = 0; i < MUTATORS; i++) { vcpu_take(&mutators[i].cpu, PENDING_SAFEPOINT); }
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&world);
}

static void flush_all(void)
{
    for (int i = 0; i < MUTATORS; i++) { heap_flush_tlab(&mutators[i].tlab); }
}

static void push_stacks(void)
{
    for (int i = 0; i < MUTATORS; i++) {
        struct mutator *m = &mutators[i];
        if (!m->sp) { continue; }
        heap_push_stack(m->sp, m->base, NULL, 0);
        heap_push_stack(m->registers, m->registers + 1, NULL, 0);
    }
}

static gref tree(struct mutator *m, int depth)
{
    gref left = depth ? tree(m, depth - 1) : 0;
    gref right = depth ? tree(m, depth - 1) : 0;
    gref o = heap_alloc(&m->tlab, 24, HEAP_KIND_OBJECT, id_of[NODE]);
    if (!o) { return 0; }
    obj_set_ref(o, 8, left);
    obj_set_ref(o, 12, right);
    obj_set_int(o, 16, depth);
    if (vcpu_is_pending(&m->cpu)) {
        enter();
        leave();
    }
    return o;
}

static int nodes(gref o, int depth)
{
    if (!o) { return 0; }
    if (obj_class_id(o) != id_of[NODE] || obj_get_int(o, 16) != depth) { return -1000000; }
    return 1 + nodes(obj_get_ref(o, 8), depth - 1) + nodes(obj_get_ref(o, 12), depth - 1);
}

static void *mutate(void *arg)
{
    struct mutator *m = self = arg;
    m->base = __builtin_frame_address(0);
    vcpu_init(&m->cpu);
    machine_thread_attach(&m->cpu);
    leave();
    gref kept = tree(m, 14);
    for (int i = 0; i < 60 && !m->error; i++) {
        gref t = tree(m, 12);
        if (nodes(t, 12) != (1 << 13) - 1) { m->error = "a fresh tree is damaged"; }
        if (nodes(kept, 14) != (1 << 15) - 1) { m->error = "the old tree is damaged"; }
    }
    enter();
    m->sp = NULL;
    return NULL;
}

START_TEST(mutator_threads)
{
    hooks = (struct heap_hooks){.enter_blocked = enter,
                                .leave_blocked = leave,
                                .stop_world = stop,
                                .resume_world = resume,
                                .flush_tlabs = flush_all,
                                .push_roots = push_stacks};
    start((struct heap_config){.max_bytes = 64 << 20, .threshold = 3 << 20, .markers = 2},
          (enum mmu_mode)_i);
    flush_all();
    for (int i = 0; i < MUTATORS; i++) {
        pthread_create(&mutators[i].thread, NULL, mutate, &mutators[i]);
    }
    for (int i = 0; i < MUTATORS; i++) { pthread_join(mutators[i].thread, NULL); }
    for (int i = 0; i < MUTATORS; i++) {
        ck_assert_msg(!mutators[i].error, "%s", mutators[i].error);
    }
    ck_assert_uint_gt(heap_get_stats().collections, 3);
}
END_TEST

START_TEST(stress)
{
    start((struct heap_config){.max_bytes = 16 << 20, .stress = 7}, MMU_SHADOW);
    for (int i = 0; i < 2000; i++) {
        gref n = node(roots[i % 10].r, 0, i);
        roots[i % 10].r = i % 100 < 10 ? node(0, 0, i) : n;
        for (gref o = roots[i % 10].r; o; o = obj_get_ref(o, 8)) {
            MUST(obj_class_id(o) == id_of[NODE]);
        }
    }
    ck_assert_uint_ge(heap_get_stats().collections, 2000 / 7);
}
END_TEST

START_TEST(questions)
{
    start((struct heap_config){.max_bytes = 64 << 20, .verbose = true}, MMU_SHADOW);
    gref n = node(0, 0, 1), a = array(BYTES, 100000);
    roots[0].r = n;
    roots[1].r = a;
    ck_assert(heap_is_object(n) && heap_is_object(a));
    ck_assert(!heap_is_object(n + 8) && !heap_is_object(0) && !heap_is_object(1ull << 33 | n));
    ck_assert_uint_eq(heap_object_bytes(n), 32);
    ck_assert_uint_ge(heap_object_bytes(a), 100016);
    ck_assert_uint_eq(heap_max(), 64 << 20);
    ck_assert_uint_le(heap_total(), heap_max());
    ck_assert_uint_ge(heap_total(), 100016);
    ck_assert_uint_lt(heap_free_bytes(), heap_total());
    heap_collect(HEAP_CAUSE_SYSTEM_GC);
    ck_assert_int_lt(heap_millis_since_gc(), 10000);
    ck_assert_uint_eq(tlab.free[2][HEAP_KIND_OBJECT]->link, HEAP_LIST_END);
    FILE *f = tmpfile();
    heap_print_stats(f);
    ck_assert_int_gt(ftell(f), 300);
    fclose(f);
}
END_TEST

// Free cells between live ones: alone, in short runs, in long ones, and lists of which only a part was used when the collector came.
START_TEST(lists)
{
    enum { N = 20000 };
    static const int keep_of[][2] = {{1, 2}, {1, 3}, {5, 16}, {1, 100}, {0, 1}}; // k of n
    start((struct heap_config){.max_bytes = 64 << 20}, MMU_SHADOW);
    for (unsigned round = 0; round < ARRAY_COUNT(keep_of); round++) {
        int k = keep_of[round][0], n = keep_of[round][1];
        gref all = array(REFS, N);
        roots[0].r = all;
        for (int i = 0; i < N; i++) { array_set_ref(all, i, node(0, 0, i)); }
        for (int i = 0; i < N; i++) {
            if (i % n >= k) { array_set_ref(all, i, 0); }
        }
        heap_collect(HEAP_CAUSE_SYSTEM_GC);
        gref fresh = array(REFS, N);
        roots[1].r = fresh;
        for (int i = 0; i < N; i++) {
            array_set_ref(fresh, i, node(0, 0, -1 - i)); // is all zero, which node() checks
            if (i == N / 3) { heap_collect(HEAP_CAUSE_SYSTEM_GC); }
        }
        for (int i = 0; i < N; i++) {
            gref old = array_get_ref(all, i), new = array_get_ref(fresh, i);
            MUST((i % n < k) == (old != 0) && (!old || obj_get_int(old, 16) == i));
            MUST(obj_get_int(new, 16) == -1 - i && obj_class_id(new) == id_of[NODE]);
        }
    }
}
END_TEST

// A list in a fresh block is the memory as it is.
START_TEST(fresh_list)
{
    start((struct heap_config){.max_bytes = 64 << 20}, MMU_SHADOW);
    gref last = node(0, 0, 0);
    for (unsigned i = 1; i < PAGE_SIZE_4K / 32; i++) {
        gref o = heap_alloc_fast(&tlab, 24, HEAP_KIND_OBJECT);
        ck_assert_uint_eq(o, last + 32);
        last = o;
    }
    ck_assert_uint_eq(heap_alloc_fast(&tlab, 24, HEAP_KIND_OBJECT), 0);
    ck_assert_uint_eq(heap_alloc_fast(&tlab, 24, HEAP_KIND_OBJECT), 0);
}
END_TEST

START_TEST(bad_sizes)
{
    char err[200] = "";
    struct heap_config config = {.max_bytes = 1 << 20};
    ck_assert_uint_eq(heap_segment_size(&config, err, sizeof err), 0);
    ck_assert_str_eq(err, "Too small maximum heap");
    config.max_bytes = 16ull << 30;
    ck_assert_uint_eq(heap_segment_size(&config, err, sizeof err), 0);
    ck_assert(strstr(err, "does not fit"));
    config = (struct heap_config){.max_bytes = 8 << 20, .initial_bytes = 9 << 20};
    ck_assert_uint_eq(heap_segment_size(&config, err, sizeof err), 0);
    config = (struct heap_config){0};
    ck_assert_uint_gt(heap_segment_size(&config, err, sizeof err), 0);
    ck_assert_uint_gt(config.max_bytes, 0);
}
END_TEST

// The heap may take more than -Xmx, as far as the guest has it.
START_TEST(segment_sizes)
{
    char err[200] = "";
    struct heap_config config = {.max_bytes = 16 << 20};
    uint64_t small = heap_segment_size(&config, err, sizeof err);
    ck_assert_uint_ge(small, 36 << 20);
    ck_assert_uint_le(small, 48 << 20);
    config.max_bytes = 1000u << 20;
    uint64_t alone = heap_segment_size(&config, err, sizeof err);
    ck_assert_uint_gt(alone, 1250u << 20);
    config.other_ram = (4096ull - 1100) << 20;
    ck_assert_uint_le(heap_segment_size(&config, err, sizeof err), 1100u << 20);
    config.other_ram = (4096ull - 100) << 20; // the machine will say so
    ck_assert_uint_ge(heap_segment_size(&config, err, sizeof err), 1000u << 20);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("heap");
    TCase *c = tcase_create("heap");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, graph, 0, 3);
    tcase_add_test(c, no_roots_of_its_own);
    tcase_add_test(c, deep_list_and_large_array);
    tcase_add_test(c, many_roots_at_once);
    tcase_add_test(c, large_objects);
    tcase_add_loop_test(c, colours, 0, 3);
    tcase_add_loop_test(c, out_of_memory, 0, 3);
    tcase_add_test(c, weak_and_phantom);
    tcase_add_test(c, finalizable);
    tcase_add_test(c, soft);
    tcase_add_test(c, many_references);
    tcase_add_test(c, statics_of_mirrors);
    tcase_add_test(c, interior_roots);
    tcase_add_loop_test(c, medium_arrays, 0, 3);
    tcase_add_test(c, slab_cells);
    tcase_add_test(c, weak_hook);
    tcase_add_loop_test(c, mutator_threads, 0, 3);
    tcase_add_test(c, stress);
    tcase_add_test(c, questions);
    tcase_add_test(c, lists);
    tcase_add_test(c, fresh_list);
    tcase_add_test(c, bad_sizes);
    tcase_add_test(c, segment_sizes);
    suite_add_tcase(s, c);
    return run_suite(s);
}
