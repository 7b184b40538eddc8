// The I/O port space: 64 Ki ports, a handful of devices, each of which claims a range.
#include "runtime/machine/machine-internal.h"

#define MAX_DEVICES 32

static struct io_device *devices[MAX_DEVICES];
static unsigned n_devices;

bool io_register(struct io_device *d)
{
    if (n_devices == MAX_DEVICES) { return false; }
    for (unsigned i = 0; i < n_devices; i++) {
        const struct io_device *o = devices[i];
        if (d->base < o->base + o->count && o->base < d->base + d->count) { return false; }
    }
    devices[n_devices++] = d;
    return true;
}

static struct io_device *device_at(unsigned port)
{
    for (unsigned i = 0; i < n_devices; i++) {
        if (port - devices[i]->base < devices[i]->count) { return devices[i]; }
    }
    return NULL;
}

uint32_t io_in(unsigned port, unsigned size)
{
    struct io_device *d = device_at(port);
    uint32_t all_ones = size >= 4 ? 0xffffffffu : (1u << 8 * size) - 1;
    return d && d->in ? d->in(d, port - d->base, size) & all_ones : all_ones;
}

void io_out(unsigned port, unsigned size, uint32_t value)
{
    struct io_device *d = device_at(port);
    if (d && d->out) { d->out(d, port - d->base, size, value); }
}

void io_list(FILE *f)
{
    for (unsigned i = 0; i < n_devices; i++) {
        fprintf(f, "  ports 0x%03x-0x%03x  %s\n", devices[i]->base,
                devices[i]->base + devices[i]->count - 1, devices[i]->name);
    }
}
