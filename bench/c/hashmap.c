/* HashMapBench with a chained table of the same shape as java.util.HashMap: int keys, doubling at 3/4 full. */
#define NAME         "HashMapBench"
#define DEFAULT_SIZE 200
#include "bench.h"

typedef struct Entry Entry;
struct Entry {
    Entry *next;
    int key, value;
};

typedef struct Map {
    Entry **table;
    int capacity, count;
} Map;

static uint32_t slot(const Map *map, int key)
{
    uint32_t h = (uint32_t)key;
    return (h ^ (h >> 16)) & (uint32_t)(map->capacity - 1);
}

static Entry *find(const Map *map, int key)
{
    Entry *e = map->table[slot(map, key)];
    while (e && e->key != key) { e = e->next; }
    return e;
}

static void grow(Map *map)
{
    Map wider = {allocate((size_t)map->capacity * 2, sizeof *wider.table), map->capacity * 2,
                 map->count};
    for (int i = 0; i < map->capacity; i++) {
        for (Entry *e = map->table[i], *next; e; e = next) {
            next = e->next;
            Entry **head = &wider.table[slot(&wider, e->key)];
            e->next = *head;
            *head = e;
        }
    }
    free(map->table);
    *map = wider;
}

static void add(Map *map, int key, int value)
{
    Entry *e = find(map, key);
    if (e) {
        e->value += value;
        return;
    }
    e = allocate(1, sizeof *e);
    Entry **head = &map->table[slot(map, key)];
    *e = (Entry){*head, key, value};
    *head = e;
    if (++map->count > map->capacity / 4 * 3) { grow(map); }
}

static void erase(Map *map, int key)
{
    for (Entry **link = &map->table[slot(map, key)]; *link; link = &(*link)->next) {
        if ((*link)->key == key) {
            Entry *e = *link;
            *link = e->next;
            free(e);
            map->count--;
            return;
        }
    }
}

static uint64_t run(int size)
{
    int n = size * 1000;
    Map map = {allocate(16, sizeof *map.table), 16, 0};
    random_seed(7);
    for (int i = 0; i < n; i++) { add(&map, random_below(n), i); }
    int64_t sum = 0;
    for (int i = 0; i < n; i++) {
        Entry *e = find(&map, i);
        sum += e ? e->value : -1;
    }
    for (int i = 0; i < n; i += 3) { erase(&map, i); }
    for (int i = 0; i < map.capacity; i++) {
        for (Entry *e = map.table[i], *next; e; e = next) {
            next = e->next;
            sum += e->key ^ e->value;
            free(e);
        }
    }
    free(map.table);
    return mix(mix(0, map.count), sum);
}
