/* Matrix-vector products of a sparse matrix in compressed rows. */
#define NAME         "SparseMatMul"
#define DEFAULT_SIZE 50000
#include "bench.h"

enum { PER_ROW = 5 };

static uint64_t run(int n)
{
    int nonzeros = n * PER_ROW;
    double *value = allocate((size_t)nonzeros, sizeof *value);
    double *x = allocate((size_t)n, sizeof *x), *y = allocate((size_t)n, sizeof *y);
    int *column = allocate((size_t)nonzeros, sizeof *column),
        *start = allocate((size_t)n + 1, sizeof *start);
    random_seed(6);
    for (int i = 0; i < nonzeros; i++) {
        value[i] = random_real() - 0.5;
        column[i] = random_below(n);
    }
    for (int i = 0; i < n; i++) {
        start[i + 1] = start[i] + PER_ROW;
        x[i] = random_real();
    }
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int k = start[i]; k < start[i + 1]; k++) { sum += value[k] * x[column[k]]; }
            y[i] = sum;
        }
        double *t = x;
        x = y;
        y = t;
    }
    uint64_t hash = 0;
    for (int i = 0; i < n; i++) { hash = mix_double(hash, x[i]); }
    free(value);
    free(x);
    free(y);
    free(column);
    free(start);
    return hash;
}
