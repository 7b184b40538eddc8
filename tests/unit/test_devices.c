// Interrupt controllers, timers and devices.
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "runtime/machine/machine.h"
#include "tests/unit/run_suite.h"

static struct vcpu cpu;
static const char *disk_path;

static void start(void)
{
    char err[1000] = "";
    struct machine_config config = {.low_ram = 8u << 20, .kseg_size = 4u << 20, .disk = disk_path};
    ck_assert_msg(machine_init(&config, err, sizeof err), "%s", err);
    ck_assert(vcpu_init(&cpu));
}

// Waits for a vector like a guest in a loop.
static int await(unsigned ms)
{
    for (unsigned i = 0; i < ms * 10; i++) {
        if (vcpu_is_pending(&cpu)) {
            int vector = vcpu_interrupt(&cpu);
            if (vector >= 0) { return vector; }
        }
        usleep(100);
    }
    return -1;
}

static void pic_program(uint8_t mask)
{
    const uint8_t icw[][2] = {{0x20, 0x11}, {0x21, 0x40}, {0x21, 4}, {0x21, 1}, {0xa0, 0x11},
                              {0xa1, 0x48}, {0xa1, 2},    {0xa1, 1}, {0x21, 0}, {0xa1, 0}};
    for (unsigned i = 0; i < ARRAY_COUNT(icw); i++) { io_out(icw[i][0], 1, icw[i][1]); }
    io_out(0x21, 1, mask);
}

START_TEST(apic_priorities)
{
    start();
    ck_assert(!vcpu_is_pending(&cpu));
    apic_request(&cpu, 5); // illegal
    ck_assert(!vcpu_is_pending(&cpu));
    apic_request(&cpu, 0x31);
    apic_request(&cpu, 0x52);
    apic_request(&cpu, 0x53);
    ck_assert(vcpu_is_pending(&cpu));
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x53);
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1); // 0x52 is of the class in service
    apic_request(&cpu, 0x60);
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x60); // nests
    apic_eoi(&cpu);
    ck_assert(!vcpu_is_pending(&cpu));
    apic_eoi(&cpu);
    ck_assert(vcpu_is_pending(&cpu));
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x52);
    apic_eoi(&cpu);
    apic_set_tpr(&cpu, 0x30);
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1);
    apic_set_tpr(&cpu, 0);
    vcpu_set_interrupt_flag(&cpu, false);
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1);
    ck_assert(!vcpu_is_pending(&cpu));
    vcpu_set_interrupt_flag(&cpu, true);
    ck_assert(vcpu_is_pending(&cpu));
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x31);
    ck_assert_uint_eq(cpu.counters.interrupts, 4);
    ck_assert_uint_gt(cpu.counters.latency_ns, 0);
}
END_TEST

START_TEST(apic_timer)
{
    start();
    apic_timer_arm(&cpu, 0x77, 2000000);
    ck_assert_int_eq(await(2000), 0x77);
    apic_eoi(&cpu);
    ck_assert_int_eq(await(20), -1); // one shot
    apic_timer_arm(&cpu, 0x78 | APIC_TIMER_PERIODIC, 1000000);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(await(2000), 0x78);
        apic_eoi(&cpu);
    }
    apic_timer_arm(&cpu, APIC_LVT_MASKED, 0);
    await(2);
    apic_eoi(&cpu);
    ck_assert_int_eq(await(20), -1);
    ck_assert_uint_ge(machine_counters.timer_expiries, 6);
}
END_TEST

static void tick(void *arg) { __atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST); }

START_TEST(vm_ticks)
{
    start();
    static int n;
    ck_assert(timer_tick(tick, &n, 1000000));
    for (int i = 0; i < 2000 && __atomic_load_n(&n, __ATOMIC_SEQ_CST) < 5; i++) { usleep(1000); }
    ck_assert_int_ge(n, 5);
    ck_assert(timer_tick(tick, &n, 0));
    int seen = n;
    usleep(10000);
    ck_assert_int_eq(n, seen);
}
END_TEST

START_TEST(ipis)
{
    start();
    static struct vcpu other;
    ck_assert(vcpu_init(&other));
    ck_assert_uint_ne(other.id, cpu.id);
    ck_assert(apic_ipi(&cpu, other.id, 0x40));
    ck_assert(!vcpu_is_pending(&cpu));
    ck_assert_int_eq(vcpu_interrupt(&other), 0x40);
    apic_eoi(&other);
    ck_assert(apic_ipi(&cpu, APIC_TO_OTHERS, 0x41));
    ck_assert_int_eq(vcpu_interrupt(&other), 0x41);
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1);
    vcpu_destroy(&other);
    ck_assert(!apic_ipi(&cpu, other.id, 0x40));
    ck_assert_uint_eq(cpu.counters.ipis_sent, 2);
}
END_TEST

START_TEST(pic)
{
    start();
    pic_set_irq(1, true); // all is masked before initialisation
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1);
    pic_set_irq(1, false);
    pic_program(0);
    pic_set_irq(3, true);
    pic_set_irq(10, true);
    pic_set_irq(1, true);
    ck_assert(vcpu_is_pending(&cpu));
    ck_assert_uint_eq(io_in(0x20, 1), 1 << 1 | 1 << 3 | 1 << 2);
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x41);
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1); // line 1 is in service
    io_out(0x20, 1, 0x0b);
    ck_assert_uint_eq(io_in(0x20, 1), 1 << 1);
    io_out(0x20, 1, 0x20); // EOI
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x4a);
    io_out(0xa0, 1, 0x20);
    io_out(0x20, 1, 0x62); // specific EOI of the cascade
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x43);
    io_out(0x20, 1, 0x20);
    io_out(0x21, 1, 1 << 5);
    pic_set_irq(5, true);
    ck_assert_int_eq(vcpu_interrupt(&cpu), -1);
    io_out(0x21, 1, 0);
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x45);
    ck_assert_uint_eq(io_in(0x21, 1), 0);
}
END_TEST

static unsigned taken[16], n_taken, ticks;
static bool on_interrupt(struct vcpu *v, unsigned vector)
{
    taken[n_taken++ % 16] = vector;
    if (vector >= 0x60) { return false; }
    apic_eoi(v);
    return true;
}

static void on_tick(struct vcpu *v, uint32_t bits)
{
    (void)v;
    ticks |= bits;
}

START_TEST(serving)
{
    start();
    pic_program(0);
    machine.hooks.interrupt = on_interrupt;
    machine.hooks.tick = on_tick;
    vcpu_post(&cpu, PENDING_SAMPLE);
    apic_request(&cpu, 0x50);
    apic_request(&cpu, 0x61);
    apic_request(&cpu, 0x62);
    machine_serve_pending(&cpu);
    ck_assert_uint_eq(ticks, PENDING_SAMPLE);
    ck_assert_uint_eq(n_taken, 3);
    ck_assert_uint_eq(taken[0], 0x62);
    ck_assert_uint_eq(taken[1], 0x61);
    ck_assert_uint_eq(taken[2], 0x50);
    machine.hooks.interrupt = NULL; // nobody there: interrupts of the PIC are dismissed too
    for (int i = 0; i < 3; i++) {
        pic_set_irq(12, true);
        ck_assert(vcpu_is_pending(&cpu));
        machine_serve_pending(&cpu);
        ck_assert(!vcpu_is_pending(&cpu));
        pic_set_irq(12, false);
    }
    ck_assert_uint_eq(machine_counters.irqs, 3);
}
END_TEST

START_TEST(clocks)
{
    start();
    pic_program(0xfe);
    io_out(0x43, 1, 0x34);
    io_out(0x40, 1, 1193 & 0xff); // 1 ms
    io_out(0x40, 1, 1193 >> 8);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(await(2000), 0x40);
        io_out(0x20, 1, 0x20);
    }
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    io_out(0x70, 1, 9);
    uint32_t year = io_in(0x71, 1);
    io_out(0x70, 1, 0x32);
    ck_assert_uint_eq(io_in(0x71, 1) * 100 + year, (unsigned)tm.tm_year + 1900);
}
END_TEST

START_TEST(unclaimed_ports)
{
    start();
    ck_assert_uint_eq(io_in(0x9999, 1), 0xff);
    ck_assert_uint_eq(io_in(0x9999, 2), 0xffff);
    ck_assert_uint_eq(io_in(0x9999, 4), 0xffffffff);
    io_out(0xffff, 4, 1);
    static struct io_device clash = {.name = "clash", .base = 0x1f, .count = 2};
    ck_assert(!io_register(&clash));
}
END_TEST

static void disk_command(uint32_t lba, uint8_t sectors, uint8_t command)
{
    io_out(0x1f2, 1, sectors);
    io_out(0x1f3, 1, lba & 0xff);
    io_out(0x1f4, 1, lba >> 8 & 0xff);
    io_out(0x1f5, 1, lba >> 16 & 0xff);
    io_out(0x1f6, 1, 0xe0 | lba >> 24);
    io_out(0x1f7, 1, command);
}

START_TEST(disk)
{
    char path[] = "/tmp/moka-disk-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, 16 * 512), 0);
    ck_assert_int_eq(pwrite(fd, "third", 5, 3 * 512), 5);
    disk_path = path;
    start();
    pic_program(0);
    disk_command(3, 2, 0x20);
    ck_assert_int_eq(vcpu_interrupt(&cpu), 0x4e);
    ck_assert_uint_eq(io_in(0x1f7, 1), 0x48);
    uint16_t words[512];
    for (int i = 0; i < 512; i++) { words[i] = (uint16_t)io_in(0x1f0, 2); }
    ck_assert_mem_eq(words, "third\0", 6);
    ck_assert_uint_eq(io_in(0x1f7, 1), 0x40);
    disk_command(15, 1, 0x30);
    ck_assert_uint_eq(io_in(0x1f7, 1), 0x48);
    for (int i = 0; i < 256; i++) { io_out(0x1f0, 2, 0x6161u + (unsigned)i); }
    ck_assert_uint_eq(io_in(0x1f7, 1), 0x40);
    char back[4];
    ck_assert_int_eq(pread(fd, back, 4, 15 * 512), 4);
    ck_assert_mem_eq(back, "aaba", 4);
    disk_command(16, 1, 0x20); // behind the end
    ck_assert_uint_eq(io_in(0x1f7, 1), 0x41);
    ck_assert_uint_eq(io_in(0x1f1, 1), 0x10);
    disk_command(0, 1, 0xec);
    for (int i = 0; i < 256; i++) { words[i] = (uint16_t)io_in(0x1f0, 2); }
    ck_assert_uint_eq(words[60], 16);
    disk_command(0, 1, 0x99);
    ck_assert_uint_eq(io_in(0x1f7, 1), 0x41);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(console)
{
    int in[2], out[2];
    ck_assert(!pipe(in) && !pipe(out));
    int saved = dup(1);
    dup2(in[0], 0);
    dup2(out[1], 1);
    start();
    ck_assert_uint_eq(io_in(0x3fd, 1), 0x60);
    ck_assert_int_eq(write(in[1], "xy", 2), 2);
    ck_assert_uint_eq(io_in(0x3fd, 1), 0x61);
    ck_assert_uint_eq(io_in(0x3f8, 1), 'x');
    pic_program(0);
    io_out(0x3f9, 1, 1); // interrupt when readable
    ck_assert_int_eq(await(2000), 0x44);
    io_out(0x3f9, 1, 0);
    ck_assert_uint_eq(io_in(0x3f8, 1), 'y');
    io_out(0x3f8, 1, 'Z');
    char c = 0;
    ck_assert_int_eq(read(out[0], &c, 1), 1);
    ck_assert_int_eq(c, 'Z');
    close(in[1]);
    io_in(0x3f8, 1);
    ck_assert_uint_eq(io_in(0x3fd, 1), 0x60); // end of input is not readable for ever
    dup2(saved, 1);
}
END_TEST

START_TEST(statistics)
{
    start();
    FILE *f = tmpfile();
    machine_print_stats(f);
    io_list(f);
    ck_assert_int_gt(ftell(f), 500);
    fclose(f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("devices");
    TCase *c = tcase_create("devices");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, apic_priorities);
    tcase_add_test(c, apic_timer);
    tcase_add_test(c, vm_ticks);
    tcase_add_test(c, ipis);
    tcase_add_test(c, pic);
    tcase_add_test(c, serving);
    tcase_add_test(c, clocks);
    tcase_add_test(c, unclaimed_ports);
    tcase_add_test(c, disk);
    tcase_add_test(c, console);
    tcase_add_test(c, statistics);
    suite_add_tcase(s, c);
    return run_suite(s);
}
