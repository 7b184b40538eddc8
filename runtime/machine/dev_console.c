// The console: a 16550 UART at ports 0x3f8-0x3ff, line 4, whose wire is the process's standard output and input.
//
//   +0  write: send a byte     read: next byte received (0 if none)
//   +1  interrupt enable: bit 0 = interrupt while a byte can be read
//   +5  line status: bit 0 data ready, bits 5 and 6 transmitter empty (always)
//   +7  scratch
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "runtime/machine/machine-internal.h"

#define CONSOLE_IRQ 4
#define POLL_NS     10000000u // how often input is looked for while its interrupt is enabled

static uint8_t interrupt_enable, scratch;
static bool at_end;

static bool readable(void)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    return !at_end && poll(&p, 1, 0) == 1 && (p.revents & (POLLIN | POLLHUP));
}

static void input_tick(void *unused)
{
    (void)unused;
    pic_set_irq(CONSOLE_IRQ, readable());
}

static uint32_t console_in(struct io_device *d, unsigned offset, unsigned size)
{
    (void)d, (void)size;
    uint8_t byte = 0;
    switch (offset) {
    case 0:
        if (readable() && read(STDIN_FILENO, &byte, 1) != 1) { at_end = true; }
        pic_set_irq(CONSOLE_IRQ, false);
        return byte;
    case 1: return interrupt_enable;
    case 2: return 1; // no interrupt pending here: the PIC says it
    case 5: return 0x60u | readable();
    case 7: return scratch;
    default: return 0;
    }
}

static void console_out(struct io_device *d, unsigned offset, unsigned size, uint32_t value)
{
    (void)d, (void)size;
    uint8_t byte = (uint8_t)value;
    switch (offset) {
    case 0:
        while (write(STDOUT_FILENO, &byte, 1) < 0 && errno == EINTR) {} // else the wire is cut
        break;
    case 1:
        interrupt_enable = byte;
        timer_tick(input_tick, NULL, byte & 1 ? POLL_NS : 0);
        break;
    case 7: scratch = byte; break;
    default: break;
    }
}

bool console_init(void)
{
    static struct io_device console = {.name = "16550 UART, console",
                                       .base = 0x3f8,
                                       .count = 8,
                                       .in = console_in,
                                       .out = console_out};
    return io_register(&console);
}
