// Virtual CPUs: their list, control registers, and the instructions that change an address space.
#include <stdlib.h>
#include <string.h>
#include "runtime/machine/machine-internal.h"
#include "runtime/machine/softmmu.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct vcpu *first, *last; // oldest first
static uint32_t next_id;
static uint32_t machine_cr3; // the one address space; 0 = the firmware's
struct vcpu_counters retired_counters;

void vcpu_list_lock(void) { pthread_mutex_lock(&list_lock); }
void vcpu_list_unlock(void) { pthread_mutex_unlock(&list_lock); }
struct vcpu *vcpu_first(void) { return first; }

struct vcpu *vcpu_by_id(uint32_t id)
{
    struct vcpu *v = first;
    while (v && v->id != id) { v = v->next; }
    return v;
}

bool vcpu_init(struct vcpu *v)
{
    memset(v, 0, sizeof *v);
    if (machine.mmu == MMU_SOFT) {
        v->tlb = malloc(TLB_SIZE * sizeof *v->tlb);
        if (!v->tlb) { return false; }
        softmmu_flush(v);
        v->counters.tlb_flushes = 0;
    }
    v->cr0 = CR0_PE | CR0_WP | CR0_PG;
    v->interrupt_flag = 1;
    apic_init(v);
    pthread_mutex_lock(&list_lock);
    v->cr3 = machine_cr3 ? machine_cr3 : machine.boot_cr3;
    v->id = next_id++;
    v->prev = last;
    *(last ? &last->next : &first) = v;
    last = v;
    v->enlisted = true;
    pthread_mutex_unlock(&list_lock);
    return true;
}

void counters_add(struct vcpu_counters *sum, const struct vcpu_counters *c)
{
    sum->tlb_hits += c->tlb_hits;
    sum->tlb_misses += c->tlb_misses;
    sum->tlb_flushes += c->tlb_flushes;
    sum->page_faults += c->page_faults;
    sum->interrupts += c->interrupts;
    sum->latency_ns += c->latency_ns;
    if (c->latency_max_ns > sum->latency_max_ns) { sum->latency_max_ns = c->latency_max_ns; }
    sum->ipis_sent += c->ipis_sent;
}

void vcpu_destroy(struct vcpu *v)
{
    if (!v->enlisted) { return; }
    timer_disarm(&v->apic.timer);
    pthread_mutex_lock(&list_lock);
    *(v->prev ? &v->prev->next : &first) = v->next;
    *(v->next ? &v->next->prev : &last) = v->prev;
    v->enlisted = false;
    counters_add(&retired_counters, &v->counters);
    pthread_mutex_unlock(&list_lock);
    apic_destroy(v);
    free(v->tlb);
    v->tlb = NULL;
}

void vcpu_for_each(void (*f)(struct vcpu *v, void *arg), void *arg)
{
    pthread_mutex_lock(&list_lock);
    for (struct vcpu *v = first; v; v = v->next) { f(v, arg); }
    pthread_mutex_unlock(&list_lock);
}

// The soft TLBs of other CPUs are theirs: ask them to flush (a TLB shootdown; SDM vol. 3A, 4.10.5).
static void shootdown(struct vcpu *self)
{
    for (struct vcpu *v = first; v; v = v->next) {
        if (v == self || !v->tlb) { continue; }
        __atomic_store_n(&v->tlb_flush_wanted, 1, __ATOMIC_RELEASE);
        vcpu_post(v, PENDING_INTERRUPT);
    }
    if (self->tlb) { softmmu_flush(self); }
}

void vcpu_write_cr0(struct vcpu *v, uint32_t value)
{
    pthread_mutex_lock(&list_lock);
    for (struct vcpu *c = first; c; c = c->next) { c->cr0 = value | CR0_PE; }
    shootdown(v);
    pthread_mutex_unlock(&list_lock);
    shadow_flush();
}

void vcpu_write_cr3(struct vcpu *v, uint32_t value)
{
    pthread_mutex_lock(&list_lock);
    machine_cr3 = value;
    for (struct vcpu *c = first; c; c = c->next) { c->cr3 = value; }
    shootdown(v);
    pthread_mutex_unlock(&list_lock);
    shadow_flush();
    count(&machine_counters.cr3_loads, 1);
}

void vcpu_invlpg(struct vcpu *v, uint32_t gva)
{
    // A 4 MiB page may sit in any number of the TLB's entries: flush all of it then.
    uint32_t table;
    bool large = !page_entry_peek(directory_for(v, gva), gva, &table) || !table;
    if (v->tlb) {
        if (large) {
            softmmu_flush(v);
        } else {
            softmmu_flush_page(v, gva);
        }
    }
    shadow_invlpg(gva);
    count(&machine_counters.invlpgs, 1);
}
