/* LU factorisation with partial pivoting of a dense n x n matrix. */
#define NAME         "LU"
#define DEFAULT_SIZE 350
#include "bench.h"

static int factor(double **a, int n, int *pivots)
{
    int swaps = 0;
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++) {
            if (fabs(a[i][k]) > fabs(a[best][k])) { best = i; }
        }
        pivots[k] = best;
        if (best != k) {
            double *t = a[k];
            a[k] = a[best];
            a[best] = t;
            swaps++;
        }
        double inverse = 1.0 / a[k][k];
        for (int i = k + 1; i < n; i++) { a[i][k] *= inverse; }
        for (int i = k + 1; i < n; i++) {
            double *row = a[i], *top = a[k], f = row[k];
            for (int j = k + 1; j < n; j++) { row[j] -= f * top[j]; }
        }
    }
    return swaps;
}

static uint64_t run(int n)
{
    double **a = matrix(n, 5);
    int *pivots = allocate((size_t)n, sizeof *pivots);
    uint64_t hash = mix(0, factor(a, n, pivots));
    for (int i = 0; i < n; i++) {
        hash = mix(hash, pivots[i]);
        for (int j = 0; j < n; j++) { hash = mix_double(hash, a[i][j]); }
    }
    free(pivots);
    matrix_free(a, n);
    return hash;
}
