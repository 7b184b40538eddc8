// IA-32 paging (Intel SDM vol. 3A, 4.3 "32-bit paging"): the walk, changes to the tables, and what the firmware sets
// up before the guest starts.
//
//     gva   31        22 21        12 11          0
//          +------------+------------+-------------+
//          | directory  |   table    |   offset    |
//          +------------+------------+-------------+
//    cr3 -> pde[dir] -> pte[table] -> frame + offset          pde with PS: 4 MiB frame + low 22 bits
//
// Tables are read and written through the physical view with atomic operations: several virtual CPUs walk at once,
// and each may set A and D bits.
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include "runtime/machine/machine-internal.h"

#ifndef MADV_COLLAPSE // Linux 6.1
#define MADV_COLLAPSE 25
#endif

#define FIRMWARE_DIRECTORY 0x1000u

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER; // page_map, segment_commit

static uint32_t *entry_at(uint32_t table, uint32_t index)
{
    return (uint32_t *)phys(table) + index;
}

static uint32_t entry_load(const uint32_t *e) { return __atomic_load_n(e, __ATOMIC_ACQUIRE); }

static bool gpa_is_ram(uint32_t gpa, uint32_t size)
{
    return (uint64_t)gpa + size <= machine.ram_size;
}

bool address_in_kseg(uint32_t gva) { return gva >= KSEG_START && gva < machine.kseg_end; }

uint32_t directory_for(const struct vcpu *v, uint32_t gva)
{
    return !v || gva >= KSEG_START ? machine.boot_cr3 : v->cr3 & PTE_FRAME;
}

uint32_t page_entry_peek(uint32_t dir, uint32_t gva, uint32_t *table)
{
    *table = 0;
    if (!gpa_is_ram(dir, PAGE_SIZE_4K)) { return 0; }
    uint32_t pde = entry_load(entry_at(dir, gva >> 22));
    if (!(pde & PTE_P) || (pde & PTE_PS)) { return pde & PTE_P ? pde : 0; }
    if (!gpa_is_ram(pde & PTE_FRAME, PAGE_SIZE_4K)) { return 0; }
    *table = pde & PTE_FRAME;
    uint32_t pte = entry_load(entry_at(pde & PTE_FRAME, gva >> 12 & 1023));
    return pte & PTE_P ? pte : 0;
}

// Sets bits (A, D) in an entry; false if it changed or went away meanwhile: walk again.
static bool entry_set(uint32_t *e, uint32_t seen, uint32_t bits)
{
    return (seen & bits) == bits || __atomic_compare_exchange_n(e, &seen, seen | bits, false,
                                                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static bool walk_fails(struct translation *t, uint32_t access, uint32_t present)
{
    t->error = access | present;
    return false;
}

bool guest_walk(struct vcpu *v, uint32_t gva, uint32_t access, struct translation *t)
{
    access &= PF_WRITE | PF_USER;
    if (gva < MACHINE_WINDOW_START) { return walk_fails(t, access, 0); }
    bool kernel = gva >= KSEG_START;
    uint32_t cr0 = v ? v->cr0 : CR0_PE | CR0_PG | CR0_WP;
    if (!(cr0 & CR0_PG) && !kernel) { // paging off: physical = linear
        if (!gpa_is_ram(gva & PTE_FRAME, PAGE_SIZE_4K)) { return walk_fails(t, access, 0); }
        *t = (struct translation){.gpa = gva, .flags = PTE_W | PTE_U | PTE_D, .page = PAGE_SIZE_4K};
        return true;
    }
    uint32_t dir = directory_for(v, gva);
    for (;;) {
        if (!gpa_is_ram(dir, PAGE_SIZE_4K)) { return walk_fails(t, access, 0); }
        uint32_t *pde = entry_at(dir, gva >> 22);
        uint32_t e1 = entry_load(pde);
        if (!(e1 & PTE_P)) { return walk_fails(t, access, 0); }
        bool large = e1 & PTE_PS;
        uint32_t *leaf = pde;
        uint32_t e2 = e1;
        if (!large) {
            if (!gpa_is_ram(e1 & PTE_FRAME, PAGE_SIZE_4K)) { return walk_fails(t, access, 0); }
            leaf = entry_at(e1 & PTE_FRAME, gva >> 12 & 1023);
            e2 = entry_load(leaf);
            if (!(e2 & PTE_P)) { return walk_fails(t, access, 0); }
        }
        uint32_t rights = e1 & e2; // both levels must allow it (SDM 4.6)
        bool may_write = (rights & PTE_W) || (!(access & PF_USER) && !(cr0 & CR0_WP));
        if (((access & PF_USER) && !(rights & PTE_U)) || ((access & PF_WRITE) && !may_write)) {
            return walk_fails(t, access, PF_P);
        }
        uint32_t size = large ? PAGE_SIZE_4M : PAGE_SIZE_4K;
        uint32_t base = e2 & (large ? PDE_FRAME_4M : PTE_FRAME);
        if (!gpa_is_ram(base | (gva & (size - 1) & PTE_FRAME), PAGE_SIZE_4K)) {
            return walk_fails(t, access, 0);
        }
        uint32_t bits = PTE_A | (access & PF_WRITE ? PTE_D : 0);
        if ((!large && !entry_set(pde, e1, PTE_A)) || !entry_set(leaf, e2, bits)) { continue; }
        t->gpa = base | (gva & (size - 1));
        t->error = 0;
        t->page = size;
        t->flags = (rights & PTE_U) | ((e2 | bits) & (PTE_D | PTE_G)) | (may_write ? PTE_W : 0);
        return true;
    }
}

void *guest_to_host(struct vcpu *v, uint32_t gva, uint32_t access)
{
    struct translation t;
    return guest_walk(v, gva, access, &t) ? phys(t.gpa) : NULL;
}

// guest_read and guest_write: one loop, the direction decides.
static size_t guest_copy(struct vcpu *v, uint32_t gva, uint8_t *buf, size_t n, uint32_t access)
{
    size_t done = 0;
    while (done < n && (uint64_t)gva + done < MACHINE_LIMIT) {
        uint32_t at = gva + (uint32_t)done;
        size_t part = PAGE_SIZE_4K - (at & 0xfff);
        if (part > n - done) { part = n - done; }
        void *host = guest_to_host(v, at, access);
        if (!host) { break; }
        if (access & PF_WRITE) {
            memcpy(host, buf + done, part);
            shadow_table_write((uint32_t)((uint8_t *)host - machine.ram), (uint32_t)part);
        } else {
            memcpy(buf + done, host, part);
        }
        done += part;
    }
    return done;
}

size_t guest_read(struct vcpu *v, uint32_t gva, void *buf, size_t n)
{
    return guest_copy(v, gva, buf, n, 0);
}

size_t guest_write(struct vcpu *v, uint32_t gva, const void *buf, size_t n)
{
    return guest_copy(v, gva, (uint8_t *)buf, n, PF_WRITE);
}

// The page table of gva in directory `dir`, made if absent; 0 when out of frames or a large page is there.
static uint32_t table_for(uint32_t dir, uint32_t gva)
{
    uint32_t *pde = entry_at(dir, gva >> 22);
    uint32_t e = entry_load(pde);
    if (e & PTE_P) { return e & PTE_PS ? 0 : e & PTE_FRAME; }
    uint32_t table = frame_alloc(1, 1);
    if (table) { __atomic_store_n(pde, table | PTE_P | PTE_W | PTE_U, __ATOMIC_RELEASE); }
    return table;
}

bool page_map(uint32_t cr3, uint32_t gva, uint32_t gpa, uint32_t flags)
{
    uint32_t dir = cr3 & PTE_FRAME;
    uint32_t size = flags & PTE_PS ? PAGE_SIZE_4M : PAGE_SIZE_4K;
    if (gva < MACHINE_WINDOW_START || gva >= KSEG_START || ((gva | gpa) & (size - 1)) ||
        !gpa_is_ram(dir, PAGE_SIZE_4K) || !gpa_is_ram(gpa, size)) {
        return false;
    }
    flags &= PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS | PTE_G;
    pthread_mutex_lock(&table_lock);
    uint32_t *entry = NULL;
    if (flags & PTE_PS) {
        entry = entry_at(dir, gva >> 22);
    } else {
        uint32_t table = table_for(dir, gva);
        if (table) { entry = entry_at(table, gva >> 12 & 1023); }
    }
    if (entry) { __atomic_store_n(entry, gpa | flags | PTE_P, __ATOMIC_RELEASE); }
    pthread_mutex_unlock(&table_lock);
    return entry != NULL;
}

void page_unmap(uint32_t cr3, uint32_t gva)
{
    uint32_t dir = cr3 & PTE_FRAME, table;
    if (gva >= KSEG_START || !page_entry_peek(dir, gva, &table)) { return; }
    uint32_t *entry = table ? entry_at(table, gva >> 12 & 1023) : entry_at(dir, gva >> 22);
    __atomic_store_n(entry, 0, __ATOMIC_RELEASE);
}

uint32_t page_directory_new(void)
{
    uint32_t dir = frame_alloc(1, 1);
    if (dir) {
        uint32_t first = KSEG_START >> 22;
        memcpy(entry_at(dir, first), entry_at(machine.boot_cr3, first),
               (1024 - first) * sizeof(uint32_t));
    }
    return dir;
}

// What a PC's firmware and boot loader leave behind: an empty page directory, paging on. The kernel segment grows with
// segment_commit().
void firmware_boot(void) { machine.boot_cr3 = FIRMWARE_DIRECTORY; }

bool segment_commit(uint32_t gva, uint32_t size)
{
    uint64_t end = (uint64_t)gva + size;
    if (gva < KSEG_START || end > machine.kseg_end || ((gva | size) & 0xfff)) { return false; }
    bool ok = true;
    const uint32_t kernel_page = PTE_P | PTE_W | PTE_A | PTE_D | PTE_G;
    pthread_mutex_lock(&table_lock);
    for (uint64_t a = gva; ok && a < end;) {
        uint32_t at = (uint32_t)a, gpa = kseg_gpa_of(at);
        uint32_t *pde = entry_at(machine.boot_cr3, at >> 22);
        uint32_t e = entry_load(pde);
        if (!(at & (PAGE_SIZE_4M - 1)) && end - a >= PAGE_SIZE_4M && !(e & PTE_P)) {
            __atomic_store_n(pde, gpa | kernel_page | PTE_PS, __ATOMIC_RELEASE);
            a += PAGE_SIZE_4M;
            continue;
        }
        if (e & PTE_PS) { // committed before
            a += PAGE_SIZE_4K;
            continue;
        }
        uint32_t table = table_for(machine.boot_cr3, at);
        ok = table != 0;
        if (ok) {
            __atomic_store_n(entry_at(table, at >> 12 & 1023), gpa | kernel_page, __ATOMIC_RELEASE);
            a += PAGE_SIZE_4K;
        }
    }
    pthread_mutex_unlock(&table_lock);
    if (!ok) { return false; }
    count(&machine_counters.committed_bytes, size);
    return machine.mmu != MMU_FLAT || shadow_map_kseg(gva, size);
}

// The kernel's own choice for memory like ours (shmem_enabled) is mostly never; MADV_COLLAPSE is a request for just this
// piece. It wants at least one page there already.
bool segment_large_pages(uint32_t gva, uint32_t size)
{
    if (!address_in_kseg(gva) || (uint64_t)gva + size > machine.kseg_end ||
        !shadow_map_kseg(gva, size)) {
        return false;
    }
    for (uint32_t i = 0; i < size; i += PAGE_SIZE_2M) {
        __atomic_fetch_or((char *)phys(kseg_gpa_of(gva) + i), 0, __ATOMIC_RELAXED);
    }
    return madvise(gva_to_ptr(gva), size, MADV_COLLAPSE) == 0;
}

void segment_discard(uint32_t gva, uint32_t size)
{
    if (!address_in_kseg(gva) || (uint64_t)gva + size > machine.kseg_end) { return; }
    fallocate(machine.ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)kseg_gpa_of(gva),
              size);
}
