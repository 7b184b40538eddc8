/*
 * softmmu.h - guest memory accesses of the interpreter and compiled code under --mmu=soft.
 *
 * A direct-mapped software TLB of TLB_SIZE entries per virtual CPU:
 *
 *     gva   31                22 21            12 11           0
 *          +--------------------+----------------+--------------+
 *          |         tag (20 bits)               |    offset    |     entry = tlb[gva >> 12 & (TLB_SIZE - 1)]
 *          +--------------------+----------------+--------------+
 *                               |  index (10)    |
 *
 * Hit: the entry's tag equals the page of the access's *last* byte; since the entry was chosen by the first byte's
 * page, an access that crosses pages never hits. Then gva + addend is its host address. A miss goes out of line:
 * walk, set A/D, refill, and for crossing accesses byte by byte. read_tag and write_tag differ until the
 * page is first written, so that D is set then.
 *
 * Faults: a page that the guest's tables do not give raises machine.hooks.page_fault(); if that returns true the
 * access is tried again.
 *
 * In the other modes the same functions are plain accesses at hva == gva, decided by the caller at compile time
 * of its interpreter (these functions require v->tlb).
 */
#ifndef MOKA_MACHINE_SOFTMMU_H
#define MOKA_MACHINE_SOFTMMU_H

#include <string.h>
#include "runtime/machine/machine.h"

/* Out of line. `access`: 0 or PF_WRITE. Result is valid for `size` bytes (<= 4096); see softmmu_addr. */
void *softmmu_addr_slow(struct vcpu *v, uint32_t gva, uint32_t size, uint32_t access);
uint64_t softmmu_load_slow(struct vcpu *v, uint32_t gva, unsigned size);
void softmmu_store_slow(struct vcpu *v, uint32_t gva, unsigned size, uint64_t value);
/* Forgets one page (any address in it) or everything. */
void softmmu_flush_page(struct vcpu *v, uint32_t gva);
void softmmu_flush(struct vcpu *v);

static inline bool softmmu_hit(struct vcpu *v, uint32_t gva, uint32_t size, uint32_t access,
                               void **hva)
{
    const struct tlb_entry *e = &v->tlb[gva >> 12 & (TLB_SIZE - 1)];
    uint32_t tag = access & PF_WRITE ? e->write_tag : e->read_tag;
    *hva = (void *)(e->addend + gva);
    return LIKELY(((gva + size - 1) & PTE_FRAME) == tag);
}

/*
 * Host address of `size` bytes at gva for a read (0) or write (PF_WRITE): one translation for a whole object or
 * array range. If the range crosses into pages that are not adjacent in RAM, the window's address is returned.
 * Also the way to do atomic operations: use the __atomic builtins on the result.
 */
static inline void *softmmu_addr(struct vcpu *v, uint32_t gva, uint32_t size, uint32_t access)
{
    void *hva;
    if (softmmu_hit(v, gva, size, access, &hva)) {
        v->counters.tlb_hits++;
        return hva;
    }
    return softmmu_addr_slow(v, gva, size, access);
}

/* softmmu_load8/16/32/64 and softmmu_store8/16/32/64. Little endian, any alignment. */
#define SOFTMMU_ACCESSORS(bits)                                                                    \
    typedef uint##bits##_t softmmu_u##bits __attribute__((aligned(1), may_alias));                 \
    static inline uint##bits##_t softmmu_load##bits(struct vcpu *v, uint32_t gva)                  \
    {                                                                                              \
        void *hva;                                                                                 \
        if (softmmu_hit(v, gva, bits / 8, 0, &hva)) {                                              \
            v->counters.tlb_hits++;                                                                \
            return *(const softmmu_u##bits *)hva;                                                  \
        }                                                                                          \
        return (uint##bits##_t)softmmu_load_slow(v, gva, bits / 8);                                \
    }                                                                                              \
    static inline void softmmu_store##bits(struct vcpu *v, uint32_t gva, uint##bits##_t value)     \
    {                                                                                              \
        void *hva;                                                                                 \
        if (softmmu_hit(v, gva, bits / 8, PF_WRITE, &hva)) {                                       \
            v->counters.tlb_hits++;                                                                \
            *(softmmu_u##bits *)hva = value;                                                       \
            return;                                                                                \
        }                                                                                          \
        softmmu_store_slow(v, gva, bits / 8, value);                                               \
    }

SOFTMMU_ACCESSORS(8)
SOFTMMU_ACCESSORS(16)
SOFTMMU_ACCESSORS(32)
SOFTMMU_ACCESSORS(64)

#endif
