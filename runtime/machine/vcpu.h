/*
 * vcpu.h - a virtual CPU.
 *
 * One struct vcpu belongs to each running Java thread (which embeds it as its first member) and holds what the
 * guest can see of its processor: control registers, the local interrupt controller, and the word `pending`.
 * It is always passed explicitly; nothing in the machine has a "current CPU" but the SIGSEGV handler, which
 * cannot be passed anything.
 *
 *   pending   one 32-bit word, at offset 0, so that a poll is one compare with memory. Whoever wants the CPU's
 *             attention sets a bit with vcpu_post(); the engine looks at the word at loop back edges and method
 *             entries, and takes the bits it can serve with vcpu_take().
 *
 *             31            16 15            8  7   6   5   4   3   2   1   0
 *            +----------------+---------------+---+---+---+---+---+---+---+---+
 *            |    engine's    |   reserved    | - | - | - |RQ |SMP|INT|TMR|SAF|
 *            +----------------+---------------+---+---+---+---+---+---+---+---+
 *
 *   poll_limit  compiled code compares its stack pointer with this at method entry: normally the lowest address of the C
 *             stack that Java code may use; UINTPTR_MAX while something is pending, so that one compare finds both.
 *
 *   cr0       bit 31 PG (paging on), bit 16 WP (supervisor writes obey read-only pages), bit 0 PE.
 *   cr2       linear address of the last page fault.
 *   cr3       guest physical address of the page directory, bits 31..12. All virtual CPUs of a machine run in
 *             one address space, because the host has one window: a load of cr3 reaches every CPU.
 *             (Intel SDM vol. 3A, 2.5 "Control registers".)
 *
 * Invariants: `pending` is written with atomic operations only; everything in `apic` is guarded by apic.lock;
 * cr2 and the soft TLB belong to the owner thread, and others may only mark it for flushing.
 */
#ifndef MOKA_MACHINE_VCPU_H
#define MOKA_MACHINE_VCPU_H

#include <pthread.h>
#include "runtime/types.h"

#define CR0_PE (1u << 0)
#define CR0_WP (1u << 16)
#define CR0_PG (1u << 31)

/* Bits of vcpu->pending. */
enum vcpu_pending {
    PENDING_SAFEPOINT = 1u << 0, /* somebody wants all Java threads stopped */
    PENDING_TIMER = 1u << 1,     /* time slice over (--cpus) */
    PENDING_INTERRUPT = 1u << 2, /* the local APIC has a vector to deliver: vcpu_interrupt() */
    PENDING_SAMPLE = 1u << 3,    /* the sampling profiler wants to know where we are */
    PENDING_REQUEST =
        1u << 4, /* a handshake for this thread: Thread.stop, stack walk, async exception */
    PENDING_ENGINE_SHIFT = 16, /* bits from here on are the engine's */
};

/*
 * Entry of the soft TLB (softmmu.h). A tag is the linear address of the page, or TLB_INVALID, which no page
 * address equals. `addend` + linear address = host address in the physical view of guest RAM.
 */
struct tlb_entry {
    uint32_t read_tag;
    uint32_t write_tag;
    uintptr_t addend;
};

#define TLB_BITS    10
#define TLB_SIZE    (1u << TLB_BITS)
#define TLB_INVALID 0xffffffffu

/* Nanoseconds of CLOCK_MONOTONIC: the clock of timers, pauses, collections and System.nanoTime(). */
uint64_t monotonic_ns(void);

/*
 * A timer served by the machine's timer thread (timer.c): calls fire(arg) at `deadline_ns` of CLOCK_MONOTONIC, and
 * then every `period_ns`, if that is not 0.
 */
struct timer_item {
    uint64_t deadline_ns, period_ns;
    void (*fire)(void *arg);
    void *arg;
    struct timer_item *next;
    bool armed;
};

/*
 * Local APIC, as far as guests need it (Intel SDM vol. 3A ch. 10): 256 vectors, priorities by vector >> 4,
 * a timer, inter-processor interrupts. Registers are reached through functions of machine.h, not by MMIO.
 */
struct lapic {
    pthread_mutex_t lock;
    uint32_t irr[8]; /* interrupt request: one bit a vector */
    uint32_t isr[8]; /* in service */
    uint32_t tpr;    /* task priority 0..255; vectors of a class (vector >> 4) <= tpr >> 4 wait */
    uint32_t lvt_timer; /* LVT timer register: vector | APIC_LVT_MASKED | APIC_TIMER_PERIODIC */
    uint64_t
        requested_ns; /* when the oldest undelivered request came, for latency statistics; 0 = none */
    struct timer_item timer;
};

/* What this CPU did; summed over CPUs by machine_print_stats(). */
struct vcpu_counters {
    uint64_t tlb_hits, tlb_misses, tlb_flushes;
    uint64_t page_faults;                /* delivered to the guest */
    uint64_t interrupts;                 /* vectors taken */
    uint64_t latency_ns, latency_max_ns; /* from request to taking, summed and worst */
    uint64_t ipis_sent;
};

struct vcpu {
    uint32_t pending; /* enum vcpu_pending; offset 0 */
    uint32_t cr0;
    uintptr_t poll_limit;
    uint32_t cr2, cr3;
    uint32_t id;
    uint32_t interrupt_flag;   /* eflags.IF: 0 = maskable interrupts wait */
    struct tlb_entry *tlb;     /* TLB_SIZE entries in soft mode, else NULL */
    uint32_t tlb_flush_wanted; /* another CPU changed the page tables */
    struct lapic apic;
    struct vcpu_counters counters;
    struct vcpu *next, *prev; /* list of all, under the machine's lock */
    bool enlisted;
};

/*
 * Makes `v` a virtual CPU of the machine, in the boot address space, nothing pending, interrupts on.
 * The caller owns the memory. Returns false if there is no memory for the soft TLB.
 */
bool vcpu_init(struct vcpu *v);
/* Takes `v` out of the machine; no interrupt will be posted to it any more. Adds its counters to the totals. */
void vcpu_destroy(struct vcpu *v);

/* Sets bits of v->pending from any thread or signal handler. */
static inline void vcpu_post(struct vcpu *v, uint32_t bits)
{
    __atomic_fetch_or(&v->pending, bits, __ATOMIC_SEQ_CST);
    __atomic_store_n(&v->poll_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
}

/* The owner sets its stack limit; what is pending stays noticed (the order is that of vcpu_post() reversed). */
static inline void vcpu_set_poll_limit(struct vcpu *v, uintptr_t limit)
{
    __atomic_store_n(&v->poll_limit, limit, __ATOMIC_SEQ_CST);
    if (UNLIKELY(__atomic_load_n(&v->pending, __ATOMIC_SEQ_CST))) {
        __atomic_store_n(&v->poll_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
    }
}

/* The poll: is anything pending? */
static inline bool vcpu_is_pending(const struct vcpu *v)
{
    return UNLIKELY(__atomic_load_n(&v->pending, __ATOMIC_RELAXED) != 0);
}

/* Clears `bits` and returns those of them that were set. */
static inline uint32_t vcpu_take(struct vcpu *v, uint32_t bits)
{
    return __atomic_fetch_and(&v->pending, ~bits, __ATOMIC_SEQ_CST) & bits;
}

/* Calls f(v, arg) for every virtual CPU, holding the list's lock: f must not create or destroy one. */
void vcpu_for_each(void (*f)(struct vcpu *v, void *arg), void *arg);

#endif
