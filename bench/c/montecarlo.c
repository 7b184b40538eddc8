/* Pi by throwing size * 1000 darts; no lock here, C has none for free. */
#define NAME         "MonteCarlo"
#define DEFAULT_SIZE 2000
#include "bench.h"

static int32_t state;

static double next(void)
{
    uint32_t s = (uint32_t)state;
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    state = (int32_t)s;
    return (int32_t)(s & 0x7fffffff) * (1.0 / 2147483648.0);
}

static uint64_t run(int size)
{
    int hits = 0;
    state = 12345;
    for (int i = 0; i < size * 1000; i++) {
        double x = next(), y = next();
        hits += x * x + y * y <= 1.0;
    }
    return mix(0, hits);
}
