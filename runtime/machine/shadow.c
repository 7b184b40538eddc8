// The window: the guest's virtual space shown at the host's own low addresses, kept true to the guest's page tables
// by the host MMU.
//
// Rule: every host mapping in the window is allowed by the guest's tables, and each table from which a mapping was
// derived is *watched*: where the window shows the table's own frame, it is read-only there. The first write to a
// watched table traps; we drop the mappings derived from it and make it writable ("unwatched") until the next walk
// through it. So a burst of writes costs one trap. (Real TLBs promise less: they may stay stale until invlpg.)
//
//   SIGSEGV at gva -> walk ok?  no  -> the guest's page fault
//                     | yes
//                     frame of a watched table, and a write? -> unwatch it, drop what derives from it
//                     |
//                     watch the tables of this walk; map the run of pages around gva whose entries continue
//                     gpa and rights (one mmap), read-only where D is not set yet
//
// For each frame of the low zone we remember at which window address it was mapped last (a reverse map of one), and
// for each watched table which 4 MiB region it serves. Where one of them is not enough, everything of the guest
// programs' part is dropped: always right, and rare.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/machine/machine-internal.h"

enum frame_flags {
    FRAME_WATCHED = 1,   // a table that host mappings derive from
    FRAME_DIRECTORY = 2, // ... as a page directory: everything derives from it
    FRAME_MANY = 4,      // shown at more than one window address
    FRAME_REGIONS = 8,   // a page table used by more than one 4 MiB region
};

struct frame_info {
    uint32_t gva;    // window page where it is shown; 0 = nowhere
    uint16_t region; // watched page table: gva >> 22 that it serves
    uint16_t flags;
};

#define GRANULE_SMALL 0x10000u  // 64 KiB
#define GRANULE_LARGE 0x100000u // 1 MiB, once the kernel segment is big
#define LARGE_FROM    (16u << 20)
#define KSEG_BLOCKS   ((0x100000000ull - KSEG_START) / GRANULE_SMALL)

static pthread_mutex_t shadow_lock = PTHREAD_MUTEX_INITIALIZER;
static struct frame_info *frames; // of the low zone
static uint8_t
    kseg_mapped[KSEG_BLOCKS / 8]; // 64 KiB blocks of the kernel segment that are wholly mapped
static bool region_large[KSEG_START >> 22]; // a 4 MiB page was shown here
static uint32_t program_vmas;               // upper bound of host mappings in the programs' part
static uint32_t vma_limit = 60000;

static int protection(bool writable) { return PROT_READ | (writable ? PROT_WRITE : 0); }

static bool map_window(uint32_t gva, uint32_t size, uint32_t gpa, int prot, int flags)
{
    void *at = gva_to_ptr(gva);
    return mmap(at, size, prot, MAP_SHARED | MAP_FIXED | flags, machine.ram_fd, (off_t)gpa) == at;
}

static void unmap_window(uint32_t gva, uint32_t size)
{
    // A failure (no VMA left) would leave a stale mapping; dropping the whole programs' part frees VMAs.
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap(gva_to_ptr(gva), size, PROT_NONE, flags, -1, 0) == MAP_FAILED) {
        (void)mmap(gva_to_ptr(MACHINE_WINDOW_START), KSEG_START - MACHINE_WINDOW_START, PROT_NONE,
                   flags, -1, 0);
        (void)mmap(gva_to_ptr(gva), size, PROT_NONE, flags, -1, 0);
    }
}

static struct frame_info *frame_of(uint32_t gpa)
{
    return gpa < machine.kseg_gpa ? &frames[gpa >> FRAME_SHIFT] : NULL;
}

static void flush_programs(void)
{
    if (!program_vmas) { return; }
    unmap_window(MACHINE_WINDOW_START, KSEG_START - MACHINE_WINDOW_START);
    program_vmas = 0;
    memset(region_large, 0, sizeof region_large);
    for (uint32_t f = 0; f < machine.kseg_gpa >> FRAME_SHIFT; f++) {
        // Test first: untouched parts of the array must not become host memory. Watched tables stay watched: a
        // mapping may be about to derive from them.
        if (frames[f].gva) { frames[f].gva = 0; }
        if (frames[f].flags & FRAME_MANY) { frames[f].flags &= (uint16_t)~FRAME_MANY; }
    }
    count(&machine_counters.shadow_flushes, 1);
}

static void flush_kseg(void)
{
    unmap_window(KSEG_START, (uint32_t)(machine.kseg_end - KSEG_START));
    memset(kseg_mapped, 0, sizeof kseg_mapped);
}

static void flush_region(uint32_t gva)
{
    uint32_t base = gva & PDE_FRAME_4M;
    if (base >= KSEG_START) {
        flush_kseg();
        return;
    }
    uint32_t from = base < MACHINE_WINDOW_START ? MACHINE_WINDOW_START : base;
    unmap_window(from, base + PAGE_SIZE_4M - from);
    region_large[base >> 22] = false;
    program_vmas += 2;
}

// A watched table is written: drop what derives from it. The caller maps it writable where it needs to.
static void unwatch(struct frame_info *f)
{
    uint16_t flags = f->flags;
    f->flags &= FRAME_MANY;
    if (flags & FRAME_DIRECTORY) {
        flush_programs();
        if (f == frame_of(machine.boot_cr3)) { flush_kseg(); }
    } else if (flags & FRAME_REGIONS) {
        flush_programs();
        flush_kseg();
    } else {
        flush_region((uint32_t)f->region << 22);
    }
}

// A table takes part in a translation that is about to be mapped: from now on writes to it must trap.
static void watch(uint32_t gpa, uint32_t region, uint16_t flags)
{
    struct frame_info *f = frame_of(gpa);
    if (!f) { return; }
    if (!(f->flags & FRAME_WATCHED)) {
        if (f->flags & FRAME_MANY) {
            flush_programs();
        } else if (f->gva) {
            unmap_window(f->gva, PAGE_SIZE_4K); // not mprotect: gva may be out of date
            program_vmas += 2;
        }
        f->region = (uint16_t)region;
    } else if (f->region != region) {
        flags |= FRAME_REGIONS;
    }
    f->flags |= FRAME_WATCHED | flags;
}

// Frame of page `gva` by the entry that page_entry_peek found.
static uint32_t entry_frame(uint32_t e, uint32_t table, uint32_t gva)
{
    return table ? e & PTE_FRAME : (e & PDE_FRAME_4M) | (gva & (PAGE_SIZE_4M - 1) & PTE_FRAME);
}

// Does the entry of page `gva` continue a run: next frame, the rights wanted, not a watched table? Sets A, as a
// processor may do ahead of an access.
static bool continues(struct vcpu *v, uint32_t dir, uint32_t gva, uint32_t gpa, bool writable)
{
    uint32_t table;
    uint32_t e = page_entry_peek(dir, gva, &table);
    if (!e || entry_frame(e, table, gva) != gpa) { return false; }
    if (writable && (e & (PTE_W | PTE_D)) != (PTE_W | PTE_D)) { return false; }
    struct frame_info *f = frame_of(gpa);
    struct translation t;
    return !(f && (f->flags & FRAME_WATCHED)) && guest_walk(v, gva, 0, &t) &&
           (!writable || (t.flags & PTE_W));
}

static void remember(uint32_t gva, uint32_t gpa, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += PAGE_SIZE_4K) {
        struct frame_info *f = frame_of(gpa + i);
        if (!f) { return; }
        if (f->gva && f->gva != gva + i) { f->flags |= FRAME_MANY; }
        f->gva = gva + i;
    }
}

// Guest programs' part: map the page, and neighbours within its 64 KiB as far as the entries continue.
static bool map_program(struct vcpu *v, uint32_t gva, const struct translation *t, uint32_t access)
{
    bool paging = !v || (v->cr0 & CR0_PG);
    uint32_t dir = directory_for(v, gva), table;
    uint32_t page = gva & PTE_FRAME, gpa = t->gpa & PTE_FRAME;
    if (paging) {
        page_entry_peek(dir, gva, &table);
        watch(dir, 0, FRAME_DIRECTORY);
        if (table) { watch(table, gva >> 22, 0); }
    }
    struct frame_info *f = frame_of(gpa);
    if (f && (f->flags & FRAME_WATCHED) && (access & PF_WRITE)) {
        count(&machine_counters.table_write_traps, 1);
        unwatch(f);
    }
    bool watched = f && (f->flags & FRAME_WATCHED);
    bool writable = (t->flags & PTE_W) && (t->flags & PTE_D) && !watched;
    uint32_t from = page, to = page + PAGE_SIZE_4K;
    uint32_t block = page & ~(GRANULE_SMALL - 1);
    if (t->page == PAGE_SIZE_4M) { region_large[gva >> 22] = true; }
    if (paging && !watched) {
        while (from > block && continues(v, dir, from - PAGE_SIZE_4K,
                                         gpa - (page - from) - PAGE_SIZE_4K, writable)) {
            from -= PAGE_SIZE_4K;
        }
        while (to < block + GRANULE_SMALL && continues(v, dir, to, gpa + (to - page), writable)) {
            to += PAGE_SIZE_4K;
        }
    }
    if (program_vmas + 2 > vma_limit) { flush_programs(); }
    uint32_t first = gpa - (page - from);
    if (!map_window(from, to - from, first, protection(writable), 0)) {
        if (errno != ENOMEM) { return false; }
        flush_programs();
        if (!map_window(from, to - from, first, protection(writable), 0)) { return false; }
    }
    program_vmas += 2;
    remember(from, first, to - from);
    count(&machine_counters.shadow_maps, 1);
    count(&machine_counters.shadow_pages, (to - from) >> FRAME_SHIFT);
    return true;
}

static bool kseg_is_mapped(uint32_t block) { return kseg_mapped[block / 8] >> (block % 8) & 1; }

static uint32_t kseg_block(uint32_t gva) { return (gva - KSEG_START) / GRANULE_SMALL; }

// Is the page mapped as the firmware does it: linear, writable, dirty?
static bool kernel_page(uint32_t gva)
{
    uint32_t table, page = gva & PTE_FRAME;
    uint32_t e = page_entry_peek(machine.boot_cr3, page, &table);
    return (e & (PTE_P | PTE_W | PTE_D)) == (PTE_P | PTE_W | PTE_D) &&
           entry_frame(e, table, page) == kseg_gpa_of(page);
}

// Maps [from, to) of the kernel segment, clipped to what is committed as the firmware does it.
static bool map_kseg_range(uint32_t from, uint64_t to, int flags)
{
    for (uint64_t a = from; a < to;) {
        uint64_t end = a;
        while (end < to && kernel_page((uint32_t)end)) {
            uint32_t table;
            uint32_t e = page_entry_peek(machine.boot_cr3, (uint32_t)end, &table);
            watch(table ? table : machine.boot_cr3, (uint32_t)(end >> 22),
                  table ? 0 : FRAME_DIRECTORY);
            end += e & PTE_PS && !table ? PAGE_SIZE_4M - (end & (PAGE_SIZE_4M - 1)) : PAGE_SIZE_4K;
        }
        if (end > to) { end = to; }
        if (end == a) {
            a += PAGE_SIZE_4K;
            continue;
        }
        uint32_t gpa = kseg_gpa_of((uint32_t)a);
        if (!map_window((uint32_t)a, (uint32_t)(end - a), gpa, protection(true), flags)) {
            return false;
        }
        count(&machine_counters.shadow_maps, 1);
        count(&machine_counters.shadow_pages, (end - a) >> FRAME_SHIFT);
        for (uint64_t b = ALIGN_UP(a, GRANULE_SMALL); b + GRANULE_SMALL <= end;
             b += GRANULE_SMALL) {
            kseg_mapped[kseg_block((uint32_t)b) / 8] |=
                (uint8_t)(1 << (kseg_block((uint32_t)b) % 8));
        }
        a = end;
    }
    return true;
}

static bool map_kernel(uint32_t gva, const struct translation *t, uint32_t access)
{
    if (kseg_is_mapped(kseg_block(gva))) { return true; } // another thread was faster
    if (!kernel_page(gva)) { // the guest changed the kernel's tables: obey, page by page
        bool writable = (t->flags & PTE_W) && ((access & PF_WRITE) || (t->flags & PTE_D));
        return map_window(gva & PTE_FRAME, PAGE_SIZE_4K, t->gpa & PTE_FRAME, protection(writable),
                          0);
    }
    uint32_t granule = gva - KSEG_START < LARGE_FROM ? GRANULE_SMALL : GRANULE_LARGE;
    uint32_t from = gva & ~(granule - 1);
    return map_kseg_range(from, (uint64_t)from + granule, MAP_POPULATE);
}

bool shadow_fault(struct vcpu *v, uint32_t gva, uint32_t access, uint32_t *error)
{
    struct translation t;
    pthread_mutex_lock(&shadow_lock);
    bool ok = guest_walk(v, gva, access, &t);
    *error = t.error;
    if (ok) {
        count(&machine_counters.shadow_faults, 1);
        ok = gva >= KSEG_START ? map_kernel(gva, &t, access) : map_program(v, gva, &t, access);
    }
    pthread_mutex_unlock(&shadow_lock);
    return ok;
}

bool shadow_map_kseg(uint32_t gva, uint32_t size)
{
    pthread_mutex_lock(&shadow_lock);
    bool ok = map_kseg_range(gva, (uint64_t)gva + size, 0);
    pthread_mutex_unlock(&shadow_lock);
    return ok;
}

void shadow_invlpg(uint32_t gva)
{
    pthread_mutex_lock(&shadow_lock);
    if (gva >= KSEG_START) {
        if (address_in_kseg(gva)) {
            uint32_t from = gva & ~(GRANULE_SMALL - 1);
            unmap_window(from, GRANULE_SMALL);
            kseg_mapped[kseg_block(from) / 8] &= (uint8_t) ~(1 << (kseg_block(from) % 8));
        }
    } else if (gva >= MACHINE_WINDOW_START) {
        if (region_large[gva >> 22]) {
            flush_region(gva);
        } else {
            unmap_window(gva & PTE_FRAME, PAGE_SIZE_4K);
            program_vmas += 2;
        }
    }
    pthread_mutex_unlock(&shadow_lock);
}

void shadow_flush(void)
{
    pthread_mutex_lock(&shadow_lock);
    flush_programs();
    pthread_mutex_unlock(&shadow_lock);
}

// The monitor wrote guest RAM itself. If one entry of a watched table changed, only what it maps is dropped.
void shadow_table_write(uint32_t gpa, uint32_t size)
{
    struct frame_info *f = frame_of(gpa);
    if (!f || !(__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & FRAME_WATCHED)) { return; }
    pthread_mutex_lock(&shadow_lock);
    uint32_t index = (gpa & 0xfff) / sizeof(uint32_t);
    if (!(f->flags & FRAME_WATCHED)) {
        // somebody else was faster
    } else if (size > sizeof(uint32_t) || (gpa & 3) ||
               (f->flags & FRAME_REGIONS && !(f->flags & FRAME_DIRECTORY))) {
        unwatch(f);
    } else if (f->flags & FRAME_DIRECTORY) {
        flush_region(index << 22);
    } else if (f->region >= KSEG_START >> 22) {
        flush_kseg();
    } else if (f->region || index >= MACHINE_WINDOW_START >> 12) {
        unmap_window((uint32_t)f->region << 22 | index << 12, PAGE_SIZE_4K);
        program_vmas += 2;
    }
    pthread_mutex_unlock(&shadow_lock);
}

// What stands in [from, to) of the host's address space, for the message: first line of /proc/self/maps that overlaps.
static void describe_obstacle(uintptr_t from, uintptr_t to, char *text, size_t size)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    while (maps && fgets(line, sizeof line, maps)) {
        char *end;
        uintptr_t lo = strtoul(line, &end, 16), hi = strtoul(end + 1, NULL, 16);
        if (lo < to && hi > from) {
            line[strcspn(line, "\n")] = 0;
            snprintf(text, size, "%s", line);
            fclose(maps);
            return;
        }
    }
    if (maps) { fclose(maps); }
    unsigned long min_addr = 0;
    FILE *f = fopen("/proc/sys/vm/mmap_min_addr", "re");
    if (f) {
        if (fscanf(f, "%lu", &min_addr) != 1) { min_addr = 0; }
        fclose(f);
    }
    if (min_addr > from) {
        snprintf(text, size, "vm.mmap_min_addr is %lu, but must be at most %lu", min_addr,
                 (unsigned long)from);
    } else {
        snprintf(text, size, "an address space limit (ulimit -v)?");
    }
}

// The child of a fork sees the parent's locks as they were: nobody may hold this one then.
static void fork_prepare(void) { pthread_mutex_lock(&shadow_lock); }
static void fork_done(void) { pthread_mutex_unlock(&shadow_lock); }

bool shadow_init(char *err, size_t size)
{
    void *start = (void *)(uintptr_t)MACHINE_WINDOW_START;
    size_t length = MACHINE_LIMIT - MACHINE_WINDOW_START;
    void *p = mmap(start, length, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p != start) {
        char obstacle[600];
        int e = errno;
        if (p != MAP_FAILED) {
            munmap(p, length);
        } // a kernel without MAP_FIXED_NOREPLACE takes it as a hint
        describe_obstacle(MACHINE_WINDOW_START, MACHINE_LIMIT, obstacle, sizeof obstacle);
        snprintf(err, size,
                 "cannot reserve the addresses 0x%x-0x%llx for the guest (%s); in the way: %s",
                 MACHINE_WINDOW_START, MACHINE_LIMIT, p == MAP_FAILED ? strerror(e) : "occupied",
                 obstacle);
        return false;
    }
    frames = calloc(machine.kseg_gpa >> FRAME_SHIFT, sizeof *frames);
    if (!frames) {
        snprintf(err, size, "out of memory");
        return false;
    }
    FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
    unsigned long max;
    if (f) {
        if (fscanf(f, "%lu", &max) == 1 && max > 8000 && max - 5000 < vma_limit) {
            vma_limit = (uint32_t)max - 5000;
        }
        fclose(f);
    }
    pthread_atfork(fork_prepare, fork_done, fork_done);
    return true;
}
