/* What the C twins share: main(size, repetitions), the checksum line, the times. The twin of programs/Bench.java.
 *
 * A twin defines NAME, DEFAULT_SIZE and run(size), which returns the checksum, then includes nothing else.
 * With BENCH_TIMES in the environment each repetition's time goes to standard error as `rep i ms`. */
#ifndef BENCH_H
#define BENCH_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t run(int size);

/* Folds a value into a checksum. */
static inline uint64_t mix(uint64_t hash, int64_t value)
{
    hash = (hash ^ (uint64_t)value) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static inline uint64_t mix_double(uint64_t hash, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(hash, bits);
}

/* A 48-bit linear congruential generator, the same as Bench.Random. */
static uint64_t random_state;

static inline void random_seed(uint64_t seed)
{
    random_state = (seed ^ 0x5DEECE66Du) & 0xFFFFFFFFFFFFu;
}

static inline int random_next(int bits)
{
    random_state = (random_state * 0x5DEECE66Du + 11) & 0xFFFFFFFFFFFFu;
    return (int)(random_state >> (48 - bits));
}

static inline int random_below(int bound) { return random_next(30) % bound; }

static inline double random_real(void) { return random_next(31) * (1.0 / 2147483648.0); }

/* Zeroed memory or a message and exit 1. */
static inline void *allocate(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (!p) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return p;
}

/* An n x n matrix as an array of rows, filled as MatMul.fill does. */
static inline double **matrix(int n, uint64_t seed)
{
    double **m = allocate((size_t)n, sizeof *m);
    random_seed(seed);
    for (int i = 0; i < n; i++) {
        m[i] = allocate((size_t)n, sizeof **m);
        for (int j = 0; j < n; j++) { m[i][j] = random_real() - 0.5; }
    }
    return m;
}

static inline void matrix_free(double **m, int n)
{
    for (int i = 0; i < n; i++) { free(m[i]); }
    free(m);
}

static inline double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    int size = argc > 1 ? atoi(argv[1]) : DEFAULT_SIZE;
    int repetitions = argc > 2 ? atoi(argv[2]) : 1;
    uint64_t checksum = 0;
    for (int i = 0; i < repetitions; i++) {
        double start = now_ms();
        checksum = run(size);
        if (getenv("BENCH_TIMES")) { fprintf(stderr, "rep %d %.3f\n", i, now_ms() - start); }
    }
    printf("%s %d %llx\n", NAME, size, (unsigned long long)checksum);
    return 0;
}
#endif
