// Local APIC (Intel SDM vol. 3A, ch. 10): requests, priorities, end of interrupt, timer, IPIs.
//
//    apic_request(n)                    vcpu_interrupt()                apic_eoi()
//   -----------------> IRR[n] = 1 -----------------------> ISR[n] = 1 ------------> ISR[n] = 0
//                      PENDING_INTERRUPT                   n is returned            next of IRR, if any
//
// A vector is deliverable when its class (n >> 4) is above the class of TPR and of the highest vector in service.
#include <string.h>
#include "runtime/machine/machine-internal.h"
#include "runtime/machine/softmmu.h"

static void timer_expired(void *arg)
{
    struct vcpu *v = arg;
    count(&machine_counters.timer_expiries, 1);
    apic_request(v, v->apic.lvt_timer & 0xff);
}

void apic_init(struct vcpu *v)
{
    pthread_mutex_init(&v->apic.lock, NULL);
    v->apic.lvt_timer = APIC_LVT_MASKED;
    v->apic.timer.fire = timer_expired;
    v->apic.timer.arg = v;
}

void apic_destroy(struct vcpu *v) { pthread_mutex_destroy(&v->apic.lock); }

// Highest bit set of 256, -1 if none.
static int highest(const uint32_t bits[8])
{
    for (int i = 7; i >= 0; i--) {
        if (bits[i]) { return i * 32 + 31 - __builtin_clz(bits[i]); }
    }
    return -1;
}

static void bit_set(uint32_t bits[8], unsigned n) { bits[n / 32] |= 1u << n % 32; }
static void bit_clear(uint32_t bits[8], unsigned n) { bits[n / 32] &= ~(1u << n % 32); }

// Highest requested vector that priorities allow; -1 if none. apic.lock held.
static int deliverable(const struct lapic *a)
{
    int requested = highest(a->irr), serving = highest(a->isr);
    int floor = (int)(a->tpr >> 4);
    if (serving >> 4 > floor) { floor = serving >> 4; }
    return requested >> 4 > floor ? requested : -1;
}

static void wake(struct vcpu *v)
{
    vcpu_post(v, PENDING_INTERRUPT);
    if (machine.hooks.kick) { machine.hooks.kick(v); }
}

void apic_request(struct vcpu *v, unsigned vector)
{
    if (vector < 16 || vector > 255) { return; } // SDM 10.5.2: illegal vectors
    pthread_mutex_lock(&v->apic.lock);
    bit_set(v->apic.irr, vector);
    if (!v->apic.requested_ns) { v->apic.requested_ns = monotonic_ns(); }
    bool now = v->interrupt_flag && deliverable(&v->apic) >= 0;
    pthread_mutex_unlock(&v->apic.lock);
    if (now) { wake(v); }
}

bool apic_ipi(struct vcpu *from, uint32_t to_id, unsigned vector)
{
    bool found = false;
    vcpu_list_lock();
    if (to_id == APIC_TO_OTHERS) {
        for (struct vcpu *v = vcpu_first(); v; v = v->next) {
            if (v != from) {
                apic_request(v, vector);
                found = true;
            }
        }
    } else {
        struct vcpu *v = vcpu_by_id(to_id);
        found = v != NULL;
        if (v) { apic_request(v, vector); }
    }
    vcpu_list_unlock();
    if (found) {
        if (from) { from->counters.ipis_sent++; }
        count(&machine_counters.ipis, 1);
    }
    return found;
}

int vcpu_interrupt(struct vcpu *v)
{
    if (v->tlb && __atomic_exchange_n(&v->tlb_flush_wanted, 0, __ATOMIC_ACQUIRE)) {
        softmmu_flush(v);
    }
    vcpu_take(v, PENDING_INTERRUPT);
    if (!v->interrupt_flag) { return -1; } // vcpu_set_interrupt_flag() posts again
    int vector = v == vcpu_first() ? pic_acknowledge() : -1;
    struct lapic *a = &v->apic;
    pthread_mutex_lock(&a->lock);
    if (vector < 0) {
        vector = deliverable(a);
        if (vector >= 0) {
            bit_clear(a->irr, (unsigned)vector);
            bit_set(a->isr, (unsigned)vector);
        }
    }
    if (vector >= 0) {
        v->counters.interrupts++;
        if (a->requested_ns) {
            uint64_t latency = monotonic_ns() - a->requested_ns;
            v->counters.latency_ns += latency;
            if (latency > v->counters.latency_max_ns) { v->counters.latency_max_ns = latency; }
            a->requested_ns = 0;
        }
    }
    bool more = deliverable(a) >= 0;
    pthread_mutex_unlock(&a->lock);
    if (more || (v == vcpu_first() && pic_is_pending())) { vcpu_post(v, PENDING_INTERRUPT); }
    return vector;
}

void machine_serve_pending(struct vcpu *v)
{
    uint32_t ticks = vcpu_take(v, PENDING_TIMER | PENDING_SAMPLE);
    if (ticks && machine.hooks.tick) { machine.hooks.tick(v, ticks); }
    if (!(__atomic_load_n(&v->pending, __ATOMIC_RELAXED) & PENDING_INTERRUPT)) { return; }
    for (int vector; (vector = vcpu_interrupt(v)) >= 0;) {
        bool handled = machine.hooks.interrupt && machine.hooks.interrupt(v, (unsigned)vector);
        if (!handled && !pic_dismiss((unsigned)vector)) { apic_eoi(v); }
    }
}

// Posts PENDING_INTERRUPT if a change of priorities made something deliverable.
static void reconsider(struct vcpu *v)
{
    pthread_mutex_lock(&v->apic.lock);
    bool now = v->interrupt_flag && deliverable(&v->apic) >= 0;
    pthread_mutex_unlock(&v->apic.lock);
    if (now || (v->interrupt_flag && v == vcpu_first() && pic_is_pending())) {
        vcpu_post(v, PENDING_INTERRUPT);
    }
}

void apic_eoi(struct vcpu *v)
{
    pthread_mutex_lock(&v->apic.lock);
    int serving = highest(v->apic.isr);
    if (serving >= 0) { bit_clear(v->apic.isr, (unsigned)serving); }
    pthread_mutex_unlock(&v->apic.lock);
    reconsider(v);
}

void apic_set_tpr(struct vcpu *v, uint32_t tpr)
{
    pthread_mutex_lock(&v->apic.lock);
    v->apic.tpr = tpr & 0xff;
    pthread_mutex_unlock(&v->apic.lock);
    reconsider(v);
}

void vcpu_set_interrupt_flag(struct vcpu *v, bool on)
{
    pthread_mutex_lock(&v->apic.lock);
    v->interrupt_flag = on;
    pthread_mutex_unlock(&v->apic.lock);
    if (on) { reconsider(v); }
}

void apic_timer_arm(struct vcpu *v, uint32_t lvt, uint64_t ns)
{
    timer_disarm(&v->apic.timer);
    v->apic.lvt_timer = lvt;
    if (ns && !(lvt & APIC_LVT_MASKED)) {
        timer_arm(&v->apic.timer, ns, lvt & APIC_TIMER_PERIODIC ? ns : 0);
    }
}
