// Two cascaded 8259A interrupt controllers (Intel data sheet 231468), as on a PC: the master at ports 0x20/0x21 takes
// lines 0-7, the slave at 0xa0/0xa1 lines 8-15 and is wired to line 2 of the master.
//
//   port  write with bit 4     ICW1: initialise; ICW2 (vector base), ICW3, ICW4 follow on port+1
//         write 0x20 / 0x60+n  OCW2: end of interrupt, the highest / of line n
//         write 0x0a / 0x0b    OCW3: next read gives IRR / ISR
//   port+1                     IMR: 1 = line is masked
//
// Line 0 has the highest priority. Lines are edge triggered. All are masked until a guest initialises the PIC.
#include "runtime/machine/machine-internal.h"

struct pic {
    struct io_device dev;
    uint8_t irr, isr, imr;
    uint8_t line; // levels, to see edges
    uint8_t base; // vector of line 0
    uint8_t init; // next ICW expected, 0 = none
    bool icw4, auto_eoi, read_isr;
};

static struct pic master, slave;
static pthread_mutex_t pic_lock = PTHREAD_MUTEX_INITIALIZER;

#define CASCADE 2

// Line that would be served now; -1 if none: requested, not masked, above all in service.
static int candidate(const struct pic *p)
{
    unsigned ready = p->irr & ~p->imr & 0xffu;
    if (!ready) { return -1; }
    int line = __builtin_ctz(ready);
    return p->isr && __builtin_ctz(p->isr) <= line ? -1 : line;
}

// The slave's output is the master's line 2.
static void cascade(void)
{
    if (candidate(&slave) >= 0) {
        master.irr |= 1 << CASCADE;
    } else {
        master.irr &= (uint8_t) ~(1 << CASCADE);
    }
}

static int serve(struct pic *p, int line)
{
    p->irr &= (uint8_t) ~(1 << line);
    if (!p->auto_eoi) { p->isr |= (uint8_t)(1 << line); }
    return p->base + line;
}

bool pic_is_pending(void)
{
    pthread_mutex_lock(&pic_lock);
    bool pending = candidate(&master) >= 0;
    pthread_mutex_unlock(&pic_lock);
    return pending;
}

int pic_acknowledge(void)
{
    int vector = -1;
    pthread_mutex_lock(&pic_lock);
    int line = candidate(&master);
    if (line >= 0) {
        vector = serve(&master, line);
        if (line == CASCADE) {
            int second = candidate(&slave);
            vector = second >= 0 ? serve(&slave, second)
                                 : slave.base + 7; // 7: spurious, as the chip says
            cascade();
        }
        count(&machine_counters.irqs, 1);
    }
    pthread_mutex_unlock(&pic_lock);
    return vector;
}

bool pic_dismiss(unsigned vector)
{
    pthread_mutex_lock(&pic_lock);
    struct pic *p = vector - master.base < 8 ? &master : vector - slave.base < 8 ? &slave : NULL;
    uint8_t bit = p ? (uint8_t)(1 << (vector - p->base)) : 0;
    bool ours = p && (p->isr & bit);
    if (ours) {
        p->isr &= (uint8_t)~bit;
        if (p == &slave) { master.isr &= (uint8_t) ~(1 << CASCADE); }
        cascade();
    }
    pthread_mutex_unlock(&pic_lock);
    return ours;
}

static void signal_cpu(void)
{
    vcpu_list_lock();
    struct vcpu *v = vcpu_first();
    if (v && pic_is_pending()) {
        if (v->interrupt_flag) { vcpu_post(v, PENDING_INTERRUPT); }
        if (machine.hooks.kick) { machine.hooks.kick(v); }
    }
    vcpu_list_unlock();
}

void pic_set_irq(unsigned irq, bool level)
{
    if (irq > 15) { return; }
    struct pic *p = irq < 8 ? &master : &slave;
    uint8_t bit = (uint8_t)(1 << irq % 8);
    pthread_mutex_lock(&pic_lock);
    if (level && !(p->line & bit)) { p->irr |= bit; }
    p->line = level ? p->line | bit : p->line & (uint8_t)~bit;
    cascade();
    pthread_mutex_unlock(&pic_lock);
    if (level) { signal_cpu(); }
}

static void write_command(struct pic *p, uint8_t value)
{
    if (value & 0x10) { // ICW1
        p->irr = p->isr = p->imr = 0;
        p->icw4 = value & 1;
        p->auto_eoi = p->read_isr = false;
        p->init = 2;
    } else if (value & 0x08) { // OCW3
        if (value & 2) { p->read_isr = value & 1; }
    } else if (value & 0x20) { // OCW2: EOI
        int line = value & 0x40 ? value & 7 : p->isr ? __builtin_ctz(p->isr) : -1;
        if (line >= 0) { p->isr &= (uint8_t) ~(1 << line); }
    }
}

static void write_data(struct pic *p, uint8_t value)
{
    switch (p->init) {
    case 2:
        p->base = value & 0xf8;
        p->init = 3;
        break;
    case 3: // ICW3, the wiring, is fixed
        p->init = p->icw4 ? 4 : 0;
        break;
    case 4:
        p->auto_eoi = value & 2;
        p->init = 0;
        break;
    default: p->imr = value;
    }
}

static void pic_out(struct io_device *d, unsigned offset, unsigned size, uint32_t value)
{
    (void)size;
    struct pic *p = d->state;
    pthread_mutex_lock(&pic_lock);
    if (offset == 0) {
        write_command(p, (uint8_t)value);
    } else {
        write_data(p, (uint8_t)value);
    }
    cascade();
    pthread_mutex_unlock(&pic_lock);
    signal_cpu();
}

static uint32_t pic_in(struct io_device *d, unsigned offset, unsigned size)
{
    (void)size;
    struct pic *p = d->state;
    pthread_mutex_lock(&pic_lock);
    uint8_t value = offset ? p->imr : p->read_isr ? p->isr : p->irr;
    pthread_mutex_unlock(&pic_lock);
    return value;
}

static bool pic_setup(struct pic *p, const char *name, uint16_t port, uint8_t base)
{
    *p = (struct pic){
        .dev = {.name = name, .base = port, .count = 2, .in = pic_in, .out = pic_out, .state = p},
        .imr = 0xff,
        .base = base};
    return io_register(&p->dev);
}

bool pic_init(void)
{
    return pic_setup(&master, "8259A PIC, master", 0x20, 0x20) &&
           pic_setup(&slave, "8259A PIC, slave", 0xa0, 0x28);
}
