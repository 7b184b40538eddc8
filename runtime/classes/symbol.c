/*
 * symbol.c - the table of symbols.
 *
 * A hash table with chains. Readers take no lock: a symbol is complete before its bucket points at it, and is never
 * changed or freed. A reader that misses looks again under the lock before it inserts, so growing the table (which
 * moves symbols between chains) can make a reader miss but never err.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/class.h"
#include "runtime/classes/symbol.h"

#define INITIAL_BITS 14

struct symbol *well_known_symbols[SYM_COUNT];

struct table {
    struct table *older; /* the smaller one before it: readers may still be in there */
    uint32_t mask;
    struct symbol *heads[];
};

static struct table *table;
static uint32_t n_symbols;
static pthread_mutex_t symbol_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct table *new_table(uint32_t size)
{
    struct table *tb = calloc(1, sizeof *tb + (size_t)size * sizeof tb->heads[0]);
    if (!tb) { abort(); }
    tb->mask = size - 1;
    return tb;
}

/* Eight bytes a step: multiply and fold. */
static uint32_t hash_bytes(const char *s, size_t n)
{
    const uint64_t k = 0x9E3779B97F4A7C15ull;
    uint64_t h = n * k;
    while (n >= 8) {
        uint64_t w;
        memcpy(&w, s, 8);
        h = (h ^ w) * k;
        h ^= h >> 32;
        s += 8;
        n -= 8;
    }
    if (n) {
        uint64_t w = 0;
        memcpy(&w, s, n);
        h = (h ^ w) * k;
        h ^= h >> 32;
    }
    h *= k;
    return (uint32_t)(h >> 32);
}

static struct symbol *chain_find(const struct table *tb, uint32_t hash, const char *text, size_t n)
{
    struct symbol *s = __atomic_load_n(&tb->heads[hash & tb->mask], __ATOMIC_ACQUIRE);
    for (; s; s = __atomic_load_n(&s->next, __ATOMIC_ACQUIRE)) {
        if (s->hash == hash && s->length == n && memcmp(s->text, text, n) == 0) { return s; }
    }
    return NULL;
}

/* Under the mutex. The old table stays allocated: a reader may still be in it. */
static void grow(void)
{
    struct table *old = table;
    struct table *tb = new_table((old->mask + 1) * 4);
    for (uint32_t i = 0; i <= old->mask; i++) {
        struct symbol *s = old->heads[i];
        while (s) {
            struct symbol *next = s->next;
            __atomic_store_n(&s->next, tb->heads[s->hash & tb->mask], __ATOMIC_RELEASE);
            tb->heads[s->hash & tb->mask] = s;
            s = next;
        }
    }
    tb->older = old;
    __atomic_store_n(&table, tb, __ATOMIC_RELEASE);
}

struct symbol *symbol_find(const char *text, size_t length)
{
    struct table *tb = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
    if (!tb || length > 65535) { return NULL; }
    uint32_t hash = hash_bytes(text, length);
    struct symbol *s = chain_find(tb, hash, text, length);
    if (!s && tb != __atomic_load_n(&table, __ATOMIC_ACQUIRE)) {
        pthread_mutex_lock(&symbol_mutex);
        s = chain_find(table, hash, text, length);
        pthread_mutex_unlock(&symbol_mutex);
    }
    return s;
}

struct symbol *symbol_intern(const char *text, size_t length)
{
    struct table *tb = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
    uint32_t hash = hash_bytes(text, length);
    struct symbol *s = tb ? chain_find(tb, hash, text, length) : NULL;
    if (LIKELY(s != NULL)) { return s; }
    pthread_mutex_lock(&symbol_mutex);
    if (!table) { __atomic_store_n(&table, new_table(1u << INITIAL_BITS), __ATOMIC_RELEASE); }
    s = chain_find(table, hash, text, length);
    if (!s) {
        if (n_symbols > (table->mask + 1) * 2) { grow(); }
        s = meta_alloc(sizeof *s + length + 1);
        s->hash = hash;
        s->length = (uint16_t)length;
        memcpy(s->text, text, length);
        s->next = table->heads[hash & table->mask];
        __atomic_store_n(&table->heads[hash & table->mask], s, __ATOMIC_RELEASE);
        n_symbols++;
    }
    pthread_mutex_unlock(&symbol_mutex);
    return s;
}

struct symbol *symbol_of(const char *text) { return symbol_intern(text, strlen(text)); }

void symbols_init(void)
{
    static const char *const text[SYM_COUNT] = {
#define X(id, t) t,
#include "runtime/classes/symbols.def"
#undef X
    };
    for (int i = 0; i < SYM_COUNT; i++) { well_known_symbols[i] = symbol_of(text[i]); }
}
