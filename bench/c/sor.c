/* Jacobi successive over-relaxation on an n x n grid, 50 sweeps. */
#define NAME         "SOR"
#define DEFAULT_SIZE 400
#include "bench.h"

static uint64_t run(int n)
{
    double **grid = matrix(n, 4), omega = 1.25;
    for (int sweep = 0; sweep < 50; sweep++) {
        for (int i = 1; i < n - 1; i++) {
            double *row = grid[i], *up = grid[i - 1], *down = grid[i + 1];
            for (int j = 1; j < n - 1; j++) {
                row[j] = omega * 0.25 * (up[j] + down[j] + row[j - 1] + row[j + 1]) +
                         (1 - omega) * row[j];
            }
        }
    }
    uint64_t hash = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) { hash = mix_double(hash, grid[i][j]); }
    }
    matrix_free(grid, n);
    return hash;
}
