// The machine as a whole: how it is put together, and what it did.
#include <string.h>
#include "runtime/machine/machine-internal.h"

struct machine machine;
struct machine_counters machine_counters;

static const char *const mode_names[] = {
    [MMU_SHADOW] = "shadow", [MMU_SOFT] = "soft", [MMU_FLAT] = "flat"};

bool mmu_mode_parse(const char *name, enum mmu_mode *mode)
{
    for (unsigned i = 0; i < ARRAY_COUNT(mode_names); i++) {
        if (!strcmp(name, mode_names[i])) {
            *mode = (enum mmu_mode)i;
            return true;
        }
    }
    return false;
}

const char *mmu_mode_name(enum mmu_mode mode) { return mode_names[mode]; }

bool machine_init(const struct machine_config *config, char *err, size_t size)
{
    uint64_t low_ram = config->low_ram ? config->low_ram : 64u << 20;
    uint64_t kseg_size = ALIGN_UP(config->kseg_size, PAGE_SIZE_4M);
    if (KSEG_START + kseg_size > KSEG_END) {
        snprintf(err, size, "the kernel segment holds at most %llu MiB",
                 (KSEG_END - KSEG_START) >> 20);
        return false;
    }
    machine.mmu = config->mmu;
    if (!ram_init(low_ram, kseg_size, err, size) || !shadow_init(err, size) ||
        !fault_init(err, size)) {
        return false;
    }
    firmware_boot();
    if (!pic_init() || !console_init() || !rtc_init()) {
        snprintf(err, size, "cannot set up the machine's devices");
        return false;
    }
    return block_init(config->disk, err, size);
}

void machine_set_hooks(const struct machine_hooks *hooks) { machine.hooks = *hooks; }

static void sum_counters(struct vcpu *v, void *sum) { counters_add(sum, &v->counters); }

void machine_print_stats(FILE *f)
{
    struct vcpu_counters sum = retired_counters;
    const struct machine_counters *c = &machine_counters;
    vcpu_for_each(sum_counters, &sum);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"shadow faults", c->shadow_faults},
        {"window mappings made", c->shadow_maps},
        {"pages mapped", c->shadow_pages},
        {"window flushes", c->shadow_flushes},
        {"page-table write traps", c->table_write_traps},
        {"TLB hits", sum.tlb_hits},
        {"TLB misses", sum.tlb_misses},
        {"TLB flushes", sum.tlb_flushes},
        {"guest page faults", c->guest_page_faults},
        {"cr3 loads", c->cr3_loads},
        {"invlpg", c->invlpgs},
        {"timer expiries", c->timer_expiries},
        {"device interrupts", c->irqs},
        {"inter-processor interrupts", c->ipis},
        {"interrupts taken", sum.interrupts},
        {"mean interrupt latency, ns", sum.interrupts ? sum.latency_ns / sum.interrupts : 0},
        {"worst interrupt latency, ns", sum.latency_max_ns},
        {"kernel segment committed, KiB", c->committed_bytes >> 10},
    };
    fprintf(f, "Machine (--mmu=%s, %llu MiB of guest RAM)\n", mmu_mode_name(machine.mmu),
            (unsigned long long)machine.ram_size >> 20);
    for (unsigned i = 0; i < ARRAY_COUNT(rows); i++) {
        fprintf(f, "  %-32s %14llu\n", rows[i].name, (unsigned long long)rows[i].value);
    }
}
