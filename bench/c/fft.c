/* Complex fast Fourier transform of 2^size points, radix 2 in place, forth and back. */
#define NAME         "FFT"
#define DEFAULT_SIZE 15
#include "bench.h"

static void transform(double *d, int n, int inverse)
{
    for (int i = 0, j = 0; i < n - 1; i++) {
        if (i < j) {
            double re = d[2 * i], im = d[2 * i + 1];
            d[2 * i] = d[2 * j];
            d[2 * i + 1] = d[2 * j + 1];
            d[2 * j] = re;
            d[2 * j + 1] = im;
        }
        int k = n / 2;
        while (k <= j) {
            j -= k;
            k /= 2;
        }
        j += k;
    }
    double cosine = -1, sine = 0; /* of pi / half */
    for (int half = 1; half < n; half *= 2) {
        double wr = 1, wi = 0, s = inverse ? -sine : sine;
        for (int a = 0; a < half; a++) {
            for (int b = a; b < n; b += 2 * half) {
                int p = 2 * b, q = 2 * (b + half);
                double re = d[q] * wr - d[q + 1] * wi;
                double im = d[q] * wi + d[q + 1] * wr;
                d[q] = d[p] - re;
                d[q + 1] = d[p + 1] - im;
                d[p] += re;
                d[p + 1] += im;
            }
            double t = wr * cosine - wi * s;
            wi = wr * s + wi * cosine;
            wr = t;
        }
        double c = sqrt((1 + cosine) / 2);
        sine = half == 1 ? 1 : sine / (2 * c);
        cosine = c;
    }
    if (inverse) {
        for (int i = 0; i < 2 * n; i++) { d[i] /= n; }
    }
}

static uint64_t run(int size)
{
    int length = 2 << size;
    double *data = allocate((size_t)length, sizeof *data);
    uint64_t hash = 0;
    random_seed(3);
    for (int i = 0; i < length; i++) { data[i] = random_real(); }
    for (int round = 0; round < 4; round++) {
        transform(data, length / 2, 0);
        for (int i = 0; i < length; i += 97) { hash = mix_double(hash, data[i]); }
        transform(data, length / 2, 1);
    }
    for (int i = 0; i < length; i++) { hash = mix_double(hash, data[i]); }
    free(data);
    return hash;
}
