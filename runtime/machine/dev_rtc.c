// Clocks: the MC146818 real-time clock at ports 0x70/0x71 and channel 0 of an 8254 interval timer at 0x40-0x43, line 0.
//
//   RTC   out 0x70 = register, then in 0x71: 0 seconds, 2 minutes, 4 hours, 6 weekday, 7 day, 8 month, 9 year,
//         0x32 century; binary, 24 hours, UTC (status B, register 0x0b, says so)
//   PIT   out 0x43 = 0x34 (channel 0, low then high byte, mode 2), out 0x40 = low, out 0x40 = high:
//         an interrupt every count / 1193182 seconds (0 = 65536). Mode 0 (0x30): one interrupt.
#include <time.h>
#include "runtime/machine/machine-internal.h"

#define PIT_HZ  1193182u
#define PIT_IRQ 0

static uint8_t rtc_index;

static uint32_t rtc_in(struct io_device *d, unsigned offset, unsigned size)
{
    (void)d, (void)size;
    if (offset == 0) { return rtc_index; }
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    switch (rtc_index) {
    case 0x00: return (uint32_t)tm.tm_sec;
    case 0x02: return (uint32_t)tm.tm_min;
    case 0x04: return (uint32_t)tm.tm_hour;
    case 0x06: return (uint32_t)tm.tm_wday + 1;
    case 0x07: return (uint32_t)tm.tm_mday;
    case 0x08: return (uint32_t)tm.tm_mon + 1;
    case 0x09: return (uint32_t)tm.tm_year % 100;
    case 0x0a: return 0x26;
    case 0x0b: return 0x06; // binary, 24 hours
    case 0x0d: return 0x80; // battery good
    case 0x32: return (uint32_t)(tm.tm_year + 1900) / 100;
    default: return 0;
    }
}

static void rtc_out(struct io_device *d, unsigned offset, unsigned size, uint32_t value)
{
    (void)d, (void)size;
    if (offset == 0) { rtc_index = value & 0x7f; } // bit 7 gates NMIs, of which there are none
}

static struct {
    pthread_mutex_t lock;
    uint8_t mode, low;
    bool high_next;
    struct timer_item timer;
} pit = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void pit_expired(void *unused)
{
    (void)unused;
    pic_set_irq(PIT_IRQ, false);
    pic_set_irq(PIT_IRQ, true);
}

static void pit_out(struct io_device *d, unsigned offset, unsigned size, uint32_t value)
{
    (void)d, (void)size;
    pthread_mutex_lock(&pit.lock);
    if (offset == 3 && value >> 6 == 0) { // control word for channel 0
        pit.mode = value >> 1 & 3;
        pit.high_next = false;
        timer_disarm(&pit.timer);
    } else if (offset == 0 && !pit.high_next) {
        pit.low = (uint8_t)value;
        pit.high_next = true;
    } else if (offset == 0) {
        uint32_t ticks = pit.low | (value & 0xff) << 8;
        uint64_t ns = (ticks ? ticks : 65536u) * 1000000000ull / PIT_HZ;
        pit.high_next = false;
        timer_arm(&pit.timer, ns, pit.mode ? ns : 0);
    }
    pthread_mutex_unlock(&pit.lock);
}

bool rtc_init(void)
{
    static struct io_device rtc = {
        .name = "MC146818 RTC", .base = 0x70, .count = 2, .in = rtc_in, .out = rtc_out};
    static struct io_device timer = {.name = "8254 PIT", .base = 0x40, .count = 4, .out = pit_out};
    pit.timer.fire = pit_expired;
    return io_register(&rtc) && io_register(&timer);
}
