// Paging, the window and the soft TLB, in each MMU mode. Every test runs in its own process (Check forks).
#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "runtime/machine/machine.h"
#include "runtime/machine/softmmu.h"
#include "tests/unit/run_suite.h"

static struct vcpu cpu;
static struct {
    unsigned count;
    uint32_t gva, error, map_to; // map_to: frame to map on a fault; 0 = give up
} faults;

static bool on_page_fault(struct vcpu *v, uint32_t gva, uint32_t error, void *context)
{
    (void)context;
    faults.count++;
    faults.gva = gva;
    faults.error = error;
    ck_assert_uint_eq(v->cr2, gva);
    if (!faults.map_to) { _exit(99); }
    ck_assert(page_map(v->cr3, gva & PTE_FRAME, faults.map_to, PTE_P | PTE_W));
    vcpu_invlpg(v, gva);
    return true;
}

static void start(int mode)
{
    char err[1000] = "";
    struct machine_config config = {
        .mmu = (enum mmu_mode)mode, .low_ram = 32u << 20, .kseg_size = 64u << 20};
    ck_assert_msg(machine_init(&config, err, sizeof err), "%s", err);
    machine_set_hooks(&(struct machine_hooks){.page_fault = on_page_fault});
    ck_assert(vcpu_init(&cpu));
    ck_assert(machine_thread_attach(&cpu));
}

// An access as the interpreter does it in this mode.
static uint32_t load(uint32_t gva)
{
    return machine.mmu == MMU_SOFT ? softmmu_load32(&cpu, gva)
                                   : *(volatile uint32_t *)gva_to_ptr(gva);
}

static void store(uint32_t gva, uint32_t value)
{
    if (machine.mmu == MMU_SOFT) {
        softmmu_store32(&cpu, gva, value);
    } else {
        *(volatile uint32_t *)gva_to_ptr(gva) = value;
    }
}

static uint32_t new_frame(uint32_t value)
{
    uint32_t f = frame_alloc(1, 1);
    ck_assert_uint_ne(f, 0);
    *(uint32_t *)phys(f) = value;
    return f;
}

static uint32_t pte_of(uint32_t gva)
{
    uint32_t pde = *(uint32_t *)phys(cpu.cr3 + (gva >> 22) * 4);
    return pde & PTE_PS ? pde : *(uint32_t *)phys((pde & PTE_FRAME) + (gva >> 12 & 1023) * 4);
}

START_TEST(kernel_segment)
{
    start(_i);
    ck_assert(segment_commit(KSEG_START, 0x11000));
    ck_assert(segment_commit(KSEG_START + 0x11000, 0x3000));
    ck_assert(segment_commit(KSEG_START + 0x400000, 0x400000)); // one large page
    for (uint32_t a = KSEG_START; a < KSEG_START + 0x14000; a += 0x1000) { store(a + 8, a); }
    for (uint32_t a = KSEG_START; a < KSEG_START + 0x14000; a += 0x1000) {
        ck_assert_uint_eq(load(a + 8), a);
        ck_assert_uint_eq(*(uint32_t *)gva_to_ptr(a + 8), a); // the window agrees in every mode
        ck_assert_uint_eq(*(uint32_t *)guest_to_host(&cpu, a + 8, 0), a);
    }
    store(KSEG_START + 0x7ffffc, 42);
    ck_assert_uint_eq(load(KSEG_START + 0x7ffffc), 42);
    struct translation t;
    ck_assert(guest_walk(&cpu, KSEG_START + 0x7ffffc, PF_WRITE, &t));
    ck_assert_uint_eq(t.page, PAGE_SIZE_4M);
    ck_assert(!guest_walk(&cpu, KSEG_START + 0x14000, 0, &t));
    ck_assert_uint_eq(t.error, 0);
    ck_assert(!guest_walk(&cpu, KSEG_START + 8, PF_USER, &t)); // supervisor only
    ck_assert_uint_eq(t.error, PF_P | PF_USER);
    ck_assert(!segment_commit(KSEG_START + (64u << 20) - 0x1000, 0x2000));
    segment_discard(KSEG_START, 0x1000);
    ck_assert_uint_eq(load(KSEG_START + 8), 0);
    ck_assert_uint_eq(load(KSEG_START + 0x1008), KSEG_START + 0x1000);
    if (_i == MMU_FLAT) { ck_assert_uint_eq(machine_counters.shadow_faults, 0); }
}
END_TEST

START_TEST(accessed_and_dirty)
{
    start(_i);
    uint32_t f = new_frame(7), gva = 0x400000;
    ck_assert(page_map(cpu.cr3, gva, f, PTE_W));
    ck_assert_uint_eq(pte_of(gva) & (PTE_A | PTE_D), 0);
    ck_assert_uint_eq(load(gva), 7);
    ck_assert_uint_eq(pte_of(gva) & (PTE_A | PTE_D), PTE_A);
    store(gva, 8);
    ck_assert_uint_eq(pte_of(gva) & (PTE_A | PTE_D), PTE_A | PTE_D);
    ck_assert_uint_eq(*(uint32_t *)phys(f), 8);
    ck_assert_uint_eq(load(gva), 8);
}
END_TEST

START_TEST(page_faults)
{
    start(_i);
    faults.map_to = new_frame(11);
    ck_assert_uint_eq(load(0x500000), 11); // not present: the handler maps it
    ck_assert_uint_eq(faults.count, 1);
    ck_assert_uint_eq(faults.gva, 0x500000);
    ck_assert_uint_eq(faults.error, 0);
    ck_assert(page_map(cpu.cr3, 0x501000, new_frame(12), 0)); // read-only
    ck_assert_uint_eq(load(0x501000), 12);
    faults.map_to = new_frame(13);
    store(0x501004, 1);
    ck_assert_uint_eq(faults.count, 2);
    ck_assert_uint_eq(faults.gva, 0x501004);
    ck_assert_uint_eq(faults.error, PF_P | PF_WRITE);
    ck_assert_uint_eq(load(0x501000), 13);
    faults.map_to = new_frame(14);
    vcpu_write_cr0(&cpu, cpu.cr0 & ~CR0_WP); // supervisor writes go through read-only pages
    ck_assert(page_map(cpu.cr3, 0x502000, new_frame(15), 0));
    store(0x502000, 16);
    ck_assert_uint_eq(faults.count, 2);
    ck_assert_uint_eq(load(0x502000), 16);
    uint8_t buf[8];
    ck_assert_uint_eq(guest_read(&cpu, 0x502ffc, buf, 8), 4); // up to the hole
}
END_TEST

START_TEST(paging_off)
{
    start(_i);
    uint32_t f = new_frame(21);
    vcpu_write_cr0(&cpu, cpu.cr0 & ~CR0_PG);
    ck_assert_uint_eq(load(f), 21);
    store(f + 4, 22);
    ck_assert_uint_eq(((uint32_t *)phys(f))[1], 22);
    vcpu_write_cr0(&cpu, cpu.cr0 | CR0_PG);
    faults.map_to = new_frame(23);
    ck_assert_uint_eq(load(f), 23);
}
END_TEST

START_TEST(invlpg_and_cr3)
{
    start(_i);
    uint32_t f1 = new_frame(1), f2 = new_frame(2), gva = 0x10000;
    ck_assert(segment_commit(KSEG_START, 0x10000));
    store(KSEG_START, 77);
    ck_assert(page_map(cpu.cr3, gva, f1, PTE_W));
    ck_assert_uint_eq(load(gva), 1);
    ck_assert(page_map(cpu.cr3, gva, f2, PTE_W));
    vcpu_invlpg(&cpu, gva);
    ck_assert_uint_eq(load(gva), 2);
    uint32_t first = cpu.cr3, second = page_directory_new();
    ck_assert(page_map(second, gva, f1, PTE_W));
    for (int i = 0; i < 3; i++) {
        vcpu_write_cr3(&cpu, second);
        ck_assert_uint_eq(load(gva), 1);
        ck_assert_uint_eq(*(uint32_t *)gva_to_ptr(gva), 1);
        ck_assert_uint_eq(load(KSEG_START), 77); // the kernel segment is global
        vcpu_write_cr3(&cpu, first);
        ck_assert_uint_eq(load(gva), 2);
    }
    page_unmap(first, gva);
    vcpu_invlpg(&cpu, gva);
    faults.map_to = f1;
    ck_assert_uint_eq(load(gva), 1);
    ck_assert_uint_eq(faults.count, 1);
}
END_TEST

START_TEST(large_page)
{
    start(_i);
    uint32_t f = frame_alloc(1024, 1024), gva = 0x800000;
    ck_assert_uint_ne(f, 0);
    ck_assert(!page_map(cpu.cr3, gva + 0x1000, f, PTE_W | PTE_PS));
    ck_assert(page_map(cpu.cr3, gva, f, PTE_W | PTE_PS));
    for (uint32_t i = 0; i < PAGE_SIZE_4M; i += 0x7000) { store(gva + i, i); }
    for (uint32_t i = 0; i < PAGE_SIZE_4M; i += 0x7000) {
        ck_assert_uint_eq(*(uint32_t *)phys(f + i), i);
    }
    ck_assert_uint_eq(pte_of(gva) & (PTE_A | PTE_D | PTE_PS), PTE_A | PTE_D | PTE_PS);
    uint32_t g = frame_alloc(1024, 1024);
    ck_assert(page_map(cpu.cr3, gva, g, PTE_W | PTE_PS));
    vcpu_invlpg(&cpu, gva + 0x123456);
    for (uint32_t i = 0; i < PAGE_SIZE_4M; i += 0x7000) { ck_assert_uint_eq(load(gva + i), 0); }
}
END_TEST

// The guest edits its page table through a mapping of the table itself.
START_TEST(table_writes)
{
    start(_i);
    uint32_t f1 = new_frame(1), f2 = new_frame(2), gva = 0x1400000, view = 0x1800000;
    ck_assert(page_map(cpu.cr3, gva, f1, PTE_W));
    uint32_t table = *(uint32_t *)phys(cpu.cr3 + (gva >> 22) * 4) & PTE_FRAME;
    ck_assert(page_map(cpu.cr3, view, table, PTE_W));
    uint32_t entry = view + (gva >> 12 & 1023) * 4;
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_eq(load(gva), i % 2 ? 2 : 1);
        store(entry, (i % 2 ? f1 : f2) | PTE_P | PTE_W);
        if (_i == MMU_SOFT) { vcpu_invlpg(&cpu, gva); }
        ck_assert_uint_eq(load(gva), i % 2 ? 1 : 2);
        ck_assert_uint_eq(*(uint32_t *)gva_to_ptr(gva), i % 2 ? 1 : 2);
    }
    if (_i != MMU_SOFT) { ck_assert_uint_ge(machine_counters.table_write_traps, 10); }
    // The monitor's own physical writes are seen at once, without a trap.
    ck_assert(phys_write(table + (gva >> 12 & 1023) * 4, 4, f2 | PTE_P | PTE_W));
    ck_assert_uint_eq(*(uint32_t *)gva_to_ptr(gva), 2);
    // A table in a directory that is not there any more.
    ck_assert(phys_write(cpu.cr3 + (gva >> 22) * 4, 4, 0));
    vcpu_invlpg(&cpu, gva);
    faults.map_to = f1;
    ck_assert_uint_eq(load(gva), 1);
    ck_assert_uint_eq(faults.count, 1);
}
END_TEST

// Two frames shown at many pages alternately: no two host mappings merge.
START_TEST(many_mappings)
{
    start(_i);
    uint32_t f[2] = {new_frame(100), new_frame(101)};
    const uint32_t n = 70000, base = 0x1000000;
    for (uint32_t i = 0; i < n; i++) {
        if (!page_map(cpu.cr3, base + i * 4096, f[i * 7 / 3 % 2], PTE_W)) { ck_abort(); }
    }
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < n; i++) {
            if (*(volatile uint32_t *)gva_to_ptr(base + i * 4096) != 100 + i * 7 / 3 % 2) {
                ck_abort();
            }
        }
    }
    ck_assert_uint_ge(machine_counters.shadow_flushes, 1);
}
END_TEST

START_TEST(soft_accesses)
{
    start(MMU_SOFT);
    uint32_t a = new_frame(0), b = new_frame(0), gva = 0x700000;
    ck_assert(page_map(cpu.cr3, gva, b, PTE_W) && page_map(cpu.cr3, gva + 4096, a, PTE_W));
    for (uint32_t at = gva + 4096 - 9; at < gva + 4096 + 2; at++) { // every way to cross
        softmmu_store64(&cpu, at, 0x1122334455667788ull + at);
        ck_assert_uint_eq(softmmu_load64(&cpu, at), 0x1122334455667788ull + at);
        softmmu_store16(&cpu, at, (uint16_t)at);
        ck_assert_uint_eq(softmmu_load16(&cpu, at), (uint16_t)at);
        softmmu_store8(&cpu, at, 0xab);
        ck_assert_uint_eq(softmmu_load8(&cpu, at), 0xab);
        ck_assert_uint_eq(*(uint8_t *)gva_to_ptr(at), 0xab);
    }
    ck_assert_uint_gt(cpu.counters.tlb_hits, 0);
    uint64_t misses = cpu.counters.tlb_misses;
    for (int i = 0; i < 1000; i++) { softmmu_load32(&cpu, gva + 16); }
    ck_assert_uint_le(cpu.counters.tlb_misses, misses + 1);
    softmmu_load32(&cpu, gva + 16 + 0x400000 * 0); // another page with the same index evicts
    ck_assert(page_map(cpu.cr3, gva + 0x400000, a, PTE_W));
    *(uint32_t *)phys(a + 16) = 5;
    *(uint32_t *)phys(b + 16) = 6;
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_eq(softmmu_load32(&cpu, gva + 0x400000 + 16), 5);
        ck_assert_uint_eq(softmmu_load32(&cpu, gva + 16), 6);
    }
    // A range: contiguous frames give the physical view, others the window.
    ck_assert(segment_commit(KSEG_START, 0x10000));
    ck_assert_ptr_eq(softmmu_addr(&cpu, KSEG_START + 100, 0x3000, PF_WRITE),
                     phys(machine.kseg_gpa + 100));
    ck_assert_ptr_eq(softmmu_addr(&cpu, gva + 100, 4096, 0), gva_to_ptr(gva + 100));
}
END_TEST

START_TEST(frames)
{
    start(MMU_SHADOW);
    uint32_t before = frame_available();
    uint32_t a = frame_alloc(3, 1), b = frame_alloc(16, 16);
    ck_assert(a && b && !(b & 0xffff));
    memset(phys(a), 0xff, 3 * 4096);
    frame_free(a, 3);
    frame_free(b, 16);
    ck_assert_uint_eq(frame_available(), before);
    frame_free(b, 16); // twice does no harm
    frame_free(0, 100);
    frame_free(0xfffff000, 0xffffffff);
    ck_assert_uint_eq(frame_available(), before);
    ck_assert_uint_eq(frame_alloc(1 << 20, 1), 0);
    uint32_t n = 0, f;
    while ((f = frame_alloc(1, 1))) {
        ck_assert_uint_eq(*(uint32_t *)phys(f), 0); // zero, also the recycled ones
        n++;
    }
    ck_assert_uint_eq(n, before);
    uint32_t v;
    ck_assert(!phys_read((uint32_t)machine.ram_size - 2, 4, &v));
    ck_assert(!page_map(cpu.cr3, 0x400000, a, PTE_W)); // no frame for the table
}
END_TEST

// The window must be described when somebody sits in it.
START_TEST(window_taken)
{
    void *p = mmap((void *)0x12340000, 4096, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    ck_assert_ptr_eq(p, (void *)0x12340000);
    char err[1000] = "";
    struct machine_config config = {.kseg_size = 16u << 20};
    ck_assert(!machine_init(&config, err, sizeof err));
    ck_assert_msg(strstr(err, "12340000-12341000"), "%s", err);
}
END_TEST

START_TEST(too_large)
{
    char err[1000] = "";
    struct machine_config config = {.kseg_size = 4ull << 30};
    ck_assert(!machine_init(&config, err, sizeof err));
    ck_assert_msg(strstr(err, "at most"), "%s", err);
}
END_TEST

static void *other_thread(void *arg)
{
    struct vcpu mine;
    if (!vcpu_init(&mine) || !machine_thread_attach(&mine)) { return "init"; }
    uint32_t seed = (uint32_t)(uintptr_t)arg;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        uint32_t at =
            KSEG_START + (uint32_t)(uintptr_t)arg * 4 + (seed >> 8) % (8u << 20) / 64 * 64;
        uint32_t *p =
            machine.mmu == MMU_SOFT ? softmmu_addr(&mine, at, 4, PF_WRITE) : gva_to_ptr(at);
        *p = at;
        if (*p != at) { return "lost write"; }
    }
    vcpu_destroy(&mine);
    machine_thread_detach();
    return NULL;
}

// Faults on the same granules from several threads.
START_TEST(threads)
{
    start(_i);
    ck_assert(segment_commit(KSEG_START, 9u << 20));
    pthread_t t[4];
    for (uintptr_t i = 0; i < 4; i++) {
        ck_assert(!pthread_create(&t[i], NULL, other_thread, (void *)i));
    }
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(t[i], &result);
        ck_assert_msg(!result, "%s", (char *)result);
    }
}
END_TEST

// A forked child sees the parent's RAM, also pages that the window did not show yet.
START_TEST(after_fork)
{
    start(_i);
    ck_assert(segment_commit(KSEG_START, 1u << 20));
    *(uint32_t *)phys(machine.kseg_gpa + 0x80000) = 31;
    pid_t child = fork();
    if (child == 0) { _exit(*(volatile uint32_t *)gva_to_ptr(KSEG_START + 0x80000) == 31 ? 0 : 1); }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

// With the host's large pages or, where it has none, without: the same bytes, and single pages can be given back.
START_TEST(large_pages)
{
    start(_i);
    const uint32_t middle = KSEG_START + PAGE_SIZE_2M;
    ck_assert(segment_commit(KSEG_START, PAGE_SIZE_4M));
    store(middle + 0x5000, 7);
    uint64_t before = machine_counters.shadow_faults;
    bool had = segment_large_pages(KSEG_START, PAGE_SIZE_4M);
    ck_assert_uint_eq(*(uint32_t *)phys(kseg_gpa_of(middle + 0x5000)), 7);
    store(middle + 0x6000, 8);
    ck_assert_uint_eq(load(middle + 0x5000), 7);
    ck_assert_uint_eq(load(KSEG_START + 0x123450), 0);
    if (had) { ck_assert_uint_eq(machine_counters.shadow_faults, before); }
    segment_discard(middle + 0x5000, PAGE_SIZE_4K);
    ck_assert_uint_eq(load(middle + 0x5000), 0);
    ck_assert_uint_eq(load(middle + 0x6000), 8);
    ck_assert(!segment_large_pages((uint32_t)machine.kseg_end, PAGE_SIZE_2M));
}
END_TEST

START_TEST(unmapped_crashes)
{
    start(_i);
    load(0x600000); // on_page_fault exits with 99
}
END_TEST

int main(void)
{
    Suite *s = suite_create("machine");
    TCase *c = tcase_create("paging");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, kernel_segment, 0, 3);
    tcase_add_loop_test(c, large_pages, 0, 3);
    tcase_add_loop_test(c, accessed_and_dirty, 0, 3);
    tcase_add_loop_test(c, page_faults, 0, 3);
    tcase_add_loop_test(c, paging_off, 0, 3);
    tcase_add_loop_test(c, invlpg_and_cr3, 0, 3);
    tcase_add_loop_test(c, large_page, 0, 3);
    tcase_add_loop_test(c, table_writes, 0, 3);
    tcase_add_loop_test(c, threads, 0, 3);
    tcase_add_loop_test(c, after_fork, 0, 3);
    tcase_add_loop_exit_test(c, unmapped_crashes, 99, 0, 3);
    tcase_add_test(c, many_mappings);
    tcase_add_test(c, soft_accesses);
    tcase_add_test(c, frames);
    tcase_add_test(c, window_taken);
    tcase_add_test(c, too_large);
    suite_add_tcase(s, c);
    return run_suite(s);
}
