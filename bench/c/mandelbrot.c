/* size x size points of the Mandelbrot set, at most 50 iterations. */
#define NAME         "Mandelbrot"
#define DEFAULT_SIZE 600
#include "bench.h"

static uint64_t run(int size)
{
    uint64_t hash = 0;
    for (int y = 0; y < size; y++) {
        double ci = 2.0 * y / size - 1.0;
        int inside = 0;
        uint32_t bits = 0;
        for (int x = 0; x < size; x++) {
            double cr = 2.0 * x / size - 1.5;
            double zr = 0, zi = 0, rr = 0, ii = 0;
            int n = 0;
            while (n < 50 && rr + ii <= 4.0) {
                zi = 2.0 * zr * zi + ci;
                zr = rr - ii + cr;
                rr = zr * zr;
                ii = zi * zi;
                n++;
            }
            inside += n == 50;
            bits = bits * 31 + (uint32_t)n;
        }
        hash = mix(mix(hash, inside), (int32_t)bits);
    }
    return hash;
}
