/* Primes below size * 1000, three times. */
#define NAME         "Sieve"
#define DEFAULT_SIZE 3000
#include "bench.h"

static int count(int limit)
{
    unsigned char *composite = allocate((size_t)limit + 1, 1);
    int primes = 0;
    for (int i = 2; i <= limit; i++) {
        if (!composite[i]) {
            primes++;
            for (int64_t j = (int64_t)i * i; j <= limit; j += i) { composite[j] = 1; }
        }
    }
    free(composite);
    return primes;
}

static uint64_t run(int size)
{
    uint64_t hash = 0;
    for (int round = 0; round < 3; round++) { hash = mix(hash, count(size * 1000 + round)); }
    return hash;
}
