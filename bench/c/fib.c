/* Naive Fibonacci numbers. GCC unrolls the recursion by itself; that is what -O2 is. */
#define NAME         "Fib"
#define DEFAULT_SIZE 32
#include "bench.h"

static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static uint64_t run(int size) { return mix(0, fib(size)); }
