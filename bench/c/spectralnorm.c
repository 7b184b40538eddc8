/* Largest singular value of an infinite matrix's n x n corner by power iteration. */
#define NAME         "SpectralNorm"
#define DEFAULT_SIZE 500
#include "bench.h"

static double element(int i, int j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(const double *v, double *out, int n, int transposed)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) { sum += (transposed ? element(j, i) : element(i, j)) * v[j]; }
        out[i] = sum;
    }
}

static uint64_t run(int n)
{
    double *u = allocate((size_t)n, sizeof *u), *v = allocate((size_t)n, sizeof *v),
           *t = allocate((size_t)n, sizeof *t);
    for (int i = 0; i < n; i++) { u[i] = 1; }
    for (int i = 0; i < 10; i++) {
        times(u, t, n, 0);
        times(t, v, n, 1);
        times(v, t, n, 0);
        times(t, u, n, 1);
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    free(u);
    free(v);
    free(t);
    return mix_double(0, sqrt(uv / vv));
}
