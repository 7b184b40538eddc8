// The soft TLB's slow path; see softmmu.h.
#include "runtime/machine/softmmu.h"
#include "runtime/machine/machine-internal.h"

// Asks the guest (through the engine) to deal with a page fault. Ends the process if nobody does.
static void soft_page_fault(struct vcpu *v, uint32_t gva, uint32_t error)
{
    v->cr2 = gva;
    v->counters.page_faults++;
    count(&machine_counters.guest_page_faults, 1);
    if (machine.hooks.page_fault && machine.hooks.page_fault(v, gva, error, NULL)) { return; }
    // As in the other modes: an access that nobody wants is a crash of the process, reported by host_fault. The null
    // page stands for all addresses that are not mapped.
    *(volatile uint8_t *)gva_to_ptr(gva);
    __builtin_trap();
}

// Translates one byte, filling the TLB.
static uint8_t *translate(struct vcpu *v, uint32_t gva, uint32_t access)
{
    struct translation t;
    if (__atomic_exchange_n(&v->tlb_flush_wanted, 0, __ATOMIC_ACQUIRE)) { softmmu_flush(v); }
    v->counters.tlb_misses++;
    while (!guest_walk(v, gva, access, &t)) { soft_page_fault(v, gva, t.error); }
    uint32_t page = gva & PTE_FRAME;
    struct tlb_entry *e = &v->tlb[gva >> 12 & (TLB_SIZE - 1)];
    uintptr_t addend = (uintptr_t)phys(t.gpa & PTE_FRAME) - page;
    if (e->read_tag != page) { e->write_tag = TLB_INVALID; }
    e->addend = addend;
    e->read_tag = page;
    e->write_tag = (t.flags & PTE_W) && (t.flags & PTE_D) ? page : TLB_INVALID;
    return (uint8_t *)(addend + gva);
}

void *softmmu_addr_slow(struct vcpu *v, uint32_t gva, uint32_t size, uint32_t access)
{
    uint8_t *first = translate(v, gva, access);
    uint32_t in_page = PAGE_SIZE_4K - (gva & 0xfff);
    for (uint32_t done = in_page; done < size; done += PAGE_SIZE_4K) {
        if (translate(v, gva + done, access) != first + done) { return gva_to_ptr(gva); }
    }
    return first;
}

uint64_t softmmu_load_slow(struct vcpu *v, uint32_t gva, unsigned size)
{
    uint64_t value = 0;
    if ((gva & 0xfff) + size <= PAGE_SIZE_4K) {
        memcpy(&value, translate(v, gva, 0), size);
        return value;
    }
    for (unsigned i = 0; i < size; i++) { value |= (uint64_t)*translate(v, gva + i, 0) << (8 * i); }
    return value;
}

void softmmu_store_slow(struct vcpu *v, uint32_t gva, unsigned size, uint64_t value)
{
    if ((gva & 0xfff) + size <= PAGE_SIZE_4K) {
        memcpy(translate(v, gva, PF_WRITE), &value, size);
        return;
    }
    translate(v, gva + size - 1, PF_WRITE); // fault before the first byte is written
    for (unsigned i = 0; i < size; i++) {
        *translate(v, gva + i, PF_WRITE) = (uint8_t)(value >> (8 * i));
    }
}

void softmmu_flush_page(struct vcpu *v, uint32_t gva)
{
    struct tlb_entry *e = &v->tlb[gva >> 12 & (TLB_SIZE - 1)];
    if (e->read_tag == (gva & PTE_FRAME)) { e->read_tag = e->write_tag = TLB_INVALID; }
}

void softmmu_flush(struct vcpu *v)
{
    for (uint32_t i = 0; i < TLB_SIZE; i++) {
        v->tlb[i].read_tag = v->tlb[i].write_tag = TLB_INVALID;
    }
    v->counters.tlb_flushes++;
}
