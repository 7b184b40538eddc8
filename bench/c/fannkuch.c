/* Pancake flips over all permutations of n elements. */
#define NAME         "Fannkuch"
#define DEFAULT_SIZE 9
#include "bench.h"

static int flips(const int *perm, int *work, int n)
{
    memcpy(work, perm, (size_t)n * sizeof *work);
    int count = 0;
    for (int first = work[0]; first != 0; first = work[0]) {
        for (int lo = 0, hi = first; lo < hi; lo++, hi--) {
            int t = work[lo];
            work[lo] = work[hi];
            work[hi] = t;
        }
        count++;
    }
    return count;
}

static uint64_t run(int n)
{
    int perm[16], work[16], turns[16] = {0}, most = 0, sum = 0, sign = 1;
    for (int i = 0; i < n; i++) { perm[i] = i; }
    for (;;) {
        int count = flips(perm, work, n), level = 1;
        most = count > most ? count : most;
        sum += sign * count;
        sign = -sign;
        for (; level < n; level++) {
            int first = perm[0];
            for (int i = 0; i < level; i++) { perm[i] = perm[i + 1]; }
            perm[level] = first;
            if (++turns[level] <= level) { break; }
            turns[level] = 0;
        }
        if (level >= n) { return mix(mix(0, most), sum); }
    }
}
