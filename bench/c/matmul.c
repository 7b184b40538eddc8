/* Product of two square matrices of doubles, rows as arrays. */
#define NAME         "MatMul"
#define DEFAULT_SIZE 250
#include "bench.h"

static uint64_t run(int n)
{
    double **a = matrix(n, 1), **b = matrix(n, 2);
    uint64_t hash = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int k = 0; k < n; k++) { sum += a[i][k] * b[k][j]; }
            hash = mix_double(hash, sum);
        }
    }
    matrix_free(a, n);
    matrix_free(b, n);
    return hash;
}
