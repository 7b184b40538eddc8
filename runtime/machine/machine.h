/*
 * machine.h - the guest machine: RAM, paging, interrupts, timer, devices.
 *
 * A 32-bit machine with IA-32 paging, monitored from user space. Three kinds of addresses:
 *
 *   gva  guest virtual ("linear" in the SDM)    what a Java reference or Unsafe address is
 *   gpa  guest physical                         offset into guest RAM, a sparse memfd
 *   hva  host virtual                           a C pointer
 *
 *      guest virtual = low 4 GiB of the host process        guest physical = memfd
 *    0xffffffff +--------------------------+
 *               | not used (last 4 MiB)    |                +------------------------+ ram_size
 *    0xffc00000 +--------------------------+                |                        |
 *               | kernel segment: the heap |  linear  --->  | kernel segment         |
 *               | (segment_commit)         |                |                        |
 *    0x30000000 +--------------------------+                +------------------------+ machine.kseg_gpa
 *               | free for guest programs, |  as their      | frames for page tables |
 *               | their page tables say    |  tables say -> | and guest programs     |
 *    0x00010000 +--------------------------+                +------------------------+ 0x00100000
 *               | never mapped             |                | firmware: directory    |
 *    0x00000000 +--------------------------+                +------------------------+ 0x00000000
 *
 * The window [MACHINE_WINDOW_START, limit) of the host's own addresses is reserved at start, so that a mapped
 * guest byte has hva == gva; and all of guest RAM is also mapped once, in one piece, somewhere high (the physical
 * view), which is what the monitor itself uses to read page tables and what the soft TLB adds to.
 *
 * The kernel segment is global: it is in every address space, as if each page directory shared its entries, so
 * loading cr3 never takes the heap away. Its tables are ordinary tables in guest RAM all the same.
 *
 * MMU modes (same tables, same semantics):
 *   shadow  the host MMU is our TLB. A page appears in the window when it is first touched (SIGSEGV -> walk ->
 *           mmap of the memfd frame); accessed and dirty bits are set then. A page table that the guest can
 *           see through the window is mapped read-only while host mappings derive from it; the first write to it
 *           traps, drops these mappings and makes the table writable until it is walked again.
 *   soft    interpreter and compiled code translate each access through a software TLB (softmmu.h). C code of
 *           the VM still uses the window, which works as in shadow mode.
 *   flat    as shadow, but the kernel segment is mapped when it is committed: no faults on the heap.
 * A stale translation may survive a change of the tables until invlpg or a load of cr3, as on hardware.
 *
 * System calls do not fault: a pointer to a page that the window does not show yet makes them fail with EFAULT. Objects
 * of the heap are safe, allocation has touched them; for other guest memory go through guest_read and guest_write.
 *
 * fork(): guest RAM is MAP_SHARED, parent and child see the same bytes; a child must not run guest code.
 *
 * Errors: functions that can fail return false and write a message for the user to `err` where there is one.
 */
#ifndef MOKA_MACHINE_MACHINE_H
#define MOKA_MACHINE_MACHINE_H

#include <signal.h>
#include <stdio.h>
#include "runtime/machine/vcpu.h"

#define PAGE_SIZE_4K 0x1000u
#define PAGE_SIZE_2M 0x200000u
#define PAGE_SIZE_4M 0x400000u

#define MACHINE_WINDOW_START 0x10000u
#define KSEG_START           0x30000000u /* 768 MiB */
#if defined(__SANITIZE_ADDRESS__)
#define MACHINE_LIMIT 0x7fc00000ull /* AddressSanitizer's shadow begins at 0x7fff8000 */
#else
#define MACHINE_LIMIT 0x100000000ull
#endif
/* End of the kernel segment: the last 4 MiB stay empty, so that a null-based or end-of-heap overrun faults. */
#define KSEG_END (MACHINE_LIMIT - PAGE_SIZE_4M)

/*
 * Page directory and page table entries (Intel SDM vol. 3A, 4.3 "32-bit paging").
 *
 *   31                    12 11  9  8   7   6   5   4   3   2   1   0
 *  +------------------------+-----+---+---+---+---+---+---+---+---+---+
 *  | frame (4 MiB: 31..22)  | avl | G |PS | D | A |PCD|PWT| U | W | P |
 *  +------------------------+-----+---+---+---+---+---+---+---+---+---+
 */
enum pte_bits {
    PTE_P = 1u << 0,
    PTE_W = 1u << 1,
    PTE_U = 1u << 2,
    PTE_A = 1u << 5,
    PTE_D = 1u << 6,
    PTE_PS = 1u << 7, /* in a directory entry: a 4 MiB page */
    PTE_G = 1u << 8,
};
#define PTE_FRAME    0xfffff000u
#define PDE_FRAME_4M 0xffc00000u

/* Kind of an access, and the page-fault error code (SDM vol. 3A, 4.7): PF_P is set by the walk. */
enum pf_bits {
    PF_P = 1u << 0,     /* the page was there, but did not allow this */
    PF_WRITE = 1u << 1, /* a write */
    PF_USER = 1u << 2,  /* with user privilege */
};

enum mmu_mode { MMU_SHADOW, MMU_SOFT, MMU_FLAT };

/* What the rooms above do for the machine. NULL entries get a default. */
struct machine_hooks {
    /*
     * The guest's tables do not allow an access at `gva` (v->cr2 is set). Called on the faulting thread; in window
     * accesses inside the SIGSEGV handler (`context` is the ucontext_t), from the soft TLB's slow path with
     * context NULL. Returns true to try the access again; may change the context, or not return. false: crash.
     */
    bool (*page_fault)(struct vcpu *v, uint32_t gva, uint32_t error, void *context);
    /*
     * A fault outside the window (null check, stack guard page, a bug) or SIGBUS. Returns true when it is dealt
     * with and execution goes on with the (changed) context; false: the signal's earlier action.
     */
    bool (*host_fault)(int signal, siginfo_t *info, void *context);
    /*
     * The CPU takes an interrupt (from machine_serve_pending). Returns true if the guest has a handler, which then
     * also signals the end of interrupt; false: the machine dismisses it.
     */
    bool (*interrupt)(struct vcpu *v, unsigned vector);
    /* PENDING_TIMER and PENDING_SAMPLE bits were taken: time slice over, profiler tick. */
    void (*tick)(struct vcpu *v, uint32_t bits);
    /* Bits were posted to `v`, which may sleep: wake it. Called with locks of the machine held: no calls back. */
    void (*kick)(struct vcpu *v);
};

struct machine_config {
    enum mmu_mode mmu;
    uint64_t low_ram;   /* bytes of RAM for page tables and guest programs (-m); 0 = 64 MiB */
    uint64_t kseg_size; /* bytes that the kernel segment may grow to; rounded up to 4 MiB */
    const char *disk;   /* host file behind the block device; NULL = none */
};

struct machine {
    enum mmu_mode mmu;
    uint8_t *ram; /* the physical view */
    int ram_fd;
    uint64_t ram_size;
    uint32_t kseg_gpa; /* guest physical address of KSEG_START */
    uint64_t kseg_end; /* first gva behind the kernel segment's reserve */
    uint32_t boot_cr3; /* the firmware's page directory */
    struct machine_hooks hooks;
};
extern struct machine machine;

/* Guest physical address of a gva in the kernel segment, which is mapped linearly. */
static inline uint32_t kseg_gpa_of(uint32_t gva) { return gva - KSEG_START + machine.kseg_gpa; }

/*
 * Makes the machine: RAM, window, firmware page tables, interrupt controllers, devices, SIGSEGV handler. Once
 * per process, before any other thread. Returns false with a message in err[size].
 */
bool machine_init(const struct machine_config *config, char *err, size_t size);
/* Replaces all hooks; single ones may be assigned in machine.hooks by the room that provides them. */
void machine_set_hooks(const struct machine_hooks *hooks);
/* Parses "shadow", "soft" or "flat". */
bool mmu_mode_parse(const char *name, enum mmu_mode *mode);
const char *mmu_mode_name(enum mmu_mode mode);

/* Takes the signals of faults out of a set that is to be blocked: a blocked one would kill the process at the first access to a page
 * that the window does not show yet. */
void host_keep_faults(sigset_t *set);
/* A detached thread of the VM's own, which runs no Java and gets no signals but those of faults. `stack`: bytes. 0, or an errno. */
int host_thread_start(const char *name, size_t stack, void *(*entry)(void *), void *arg);

/*
 * Every host thread that touches guest memory calls this first: gives it a signal stack and tells the SIGSEGV
 * handler its virtual CPU (NULL for helper threads, which use the boot address space).
 */
bool machine_thread_attach(struct vcpu *v);
void machine_thread_detach(void);
/* The virtual CPU attached to this host thread; only for signal handlers and native callbacks. */
struct vcpu *machine_current_vcpu(void);

/* ---- guest physical memory (ram.c) ---- */

/* Host address in the physical view; the range must lie inside RAM. */
static inline void *phys(uint32_t gpa) { return machine.ram + gpa; }
/* Allocates `count` frames of 4 KiB in a row, zeroed, the first at a multiple of `align` frames. Returns its gpa,
 * 0 when there is none. */
uint32_t frame_alloc(uint32_t count, uint32_t align);
/* Gives frames back. Their host memory is released. */
void frame_free(uint32_t gpa, uint32_t count);
/* Free frames in the low zone. */
uint32_t frame_available(void);
/* Physical access for guests, 1, 2 or 4 bytes little endian; false outside RAM. A write to a page table in use
 * drops the translations that came from it. */
bool phys_read(uint32_t gpa, unsigned size, uint32_t *value);
bool phys_write(uint32_t gpa, unsigned size, uint32_t value);

/* ---- paging (paging.c) ---- */

/* Result of a walk. */
struct translation {
    uint32_t gpa;   /* of the address itself */
    uint32_t error; /* page-fault error code when the walk failed */
    uint32_t flags; /* PTE_W, PTE_U, PTE_D, PTE_G as effective for the page */
    uint32_t page;  /* its size in bytes */
};

/*
 * Walks the page tables for one access (PF_WRITE, PF_USER or 0), as SDM vol. 3A, 4.3-4.8: sets A and D on the way.
 * `v` NULL means the boot address space. Returns false with t->error set if the access is not allowed.
 */
bool guest_walk(struct vcpu *v, uint32_t gva, uint32_t access, struct translation *t);
/*
 * The address translation that everything else caches: host address (in the physical view) of a guest byte,
 * or NULL if the guest's tables do not allow the access. Valid to the end of the 4 KiB page.
 */
void *guest_to_host(struct vcpu *v, uint32_t gva, uint32_t access);
/* Copies between guest virtual memory and a host buffer, page by page. Returns bytes done (less at a fault). */
size_t guest_read(struct vcpu *v, uint32_t gva, void *buf, size_t n);
size_t guest_write(struct vcpu *v, uint32_t gva, const void *buf, size_t n);

/* Maps one 4 KiB page (or a 4 MiB page with PTE_PS) in directory `cr3`, making a page table if needed. Does not
 * flush. Returns false when out of frames or the address is not the guest's to map. */
bool page_map(uint32_t cr3, uint32_t gva, uint32_t gpa, uint32_t flags);
/* Removes the entry; the caller flushes. */
void page_unmap(uint32_t cr3, uint32_t gva);
/* A new, empty page directory (the kernel segment's entries copied); its gpa, 0 when out of frames. */
uint32_t page_directory_new(void);

/* Privileged instructions. */
void vcpu_write_cr0(struct vcpu *v, uint32_t value);
void vcpu_write_cr3(struct vcpu *v, uint32_t value);
void vcpu_invlpg(struct vcpu *v, uint32_t gva);

/*
 * Commits [gva, gva+size) of the kernel segment, both multiples of 4 KiB: page tables map it to its RAM (4 MiB
 * pages where a whole one fits). Returns false beyond the segment. Nothing is touched but the page tables.
 */
bool segment_commit(uint32_t gva, uint32_t size);
/*
 * Puts whole 2 MiB pages of the host behind committed [gva, gva+size) of the kernel segment (multiples of 2 MiB): one fault
 * and one entry of the host's TLB instead of 512. Costs the memory at once. false: the host has none (or is too old,
 * Linux 6.1); then it stays with small pages, and nothing else changes.
 */
bool segment_large_pages(uint32_t gva, uint32_t size);
/* Returns the host memory behind committed pages, which then read as zero. */
void segment_discard(uint32_t gva, uint32_t size);

/* ---- interrupts (pic.c, apic.c, timer.c) ---- */

#define APIC_LVT_MASKED     (1u << 16)
#define APIC_TIMER_PERIODIC (1u << 17)

/* Requests vector (16..255) at the CPU's local APIC and wakes it. */
void apic_request(struct vcpu *v, unsigned vector);
/* Sends an inter-processor interrupt; false if there is no CPU of that id. APIC_TO_OTHERS: all but the sender. */
#define APIC_TO_OTHERS 0xffffffffu
bool apic_ipi(struct vcpu *from, uint32_t to_id, unsigned vector);
/* Next vector that may be delivered now (by IF, TPR and what is in service), moved from IRR to ISR; -1 if none.
 * The engine calls it when PENDING_INTERRUPT is set. Also acknowledges the PIC. */
int vcpu_interrupt(struct vcpu *v);
/*
 * Serves PENDING_INTERRUPT, PENDING_TIMER and PENDING_SAMPLE on the CPU's own thread: every deliverable vector goes to
 * hooks.interrupt, ticks go to hooks.tick. For the slow path of a poll.
 */
void machine_serve_pending(struct vcpu *v);
/* End of interrupt: the highest vector in service is done. */
void apic_eoi(struct vcpu *v);
void apic_set_tpr(struct vcpu *v, uint32_t tpr);
/* cli and sti. */
void vcpu_set_interrupt_flag(struct vcpu *v, bool on);
/* Arms the local timer: `lvt` as the LVT register (vector, masked, periodic), first expiry after `ns`. 0 disarms. */
void apic_timer_arm(struct vcpu *v, uint32_t lvt, uint64_t ns);
/* Calls f(arg) on the timer thread every `ns` (at least 100 us) until it is removed with ns = 0. For the VM's own
 * ticks (time slices, sampling). */
bool timer_tick(void (*f)(void *arg), void *arg, uint64_t ns);

/* Interrupt lines 0..15 of the PIC; level 1 raises, 0 lowers. Delivered to the first virtual CPU. */
void pic_set_irq(unsigned irq, bool level);

/* ---- I/O ports (io.c) ---- */

/* A device answers for ports [base, base+count). */
struct io_device {
    const char *name;
    uint16_t base, count;
    uint32_t (*in)(struct io_device *d, unsigned offset, unsigned size);
    void (*out)(struct io_device *d, unsigned offset, unsigned size, uint32_t value);
    void *state;
};
bool io_register(struct io_device *d);
/* size 1, 2 or 4 bytes. Unclaimed ports read as all ones. */
uint32_t io_in(unsigned port, unsigned size);
void io_out(unsigned port, unsigned size, uint32_t value);
void io_list(FILE *f);

/* ---- statistics ---- */

struct machine_counters {
    uint64_t shadow_faults, shadow_maps, shadow_pages, shadow_flushes, table_write_traps;
    uint64_t guest_page_faults, cr3_loads, invlpgs;
    uint64_t timer_expiries, ipis, irqs;
    uint64_t committed_bytes;
};
extern struct machine_counters machine_counters;
/* The table of costs for --stats. */
void machine_print_stats(FILE *f);

#endif
