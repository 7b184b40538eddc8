/* properties.c - see properties.h. */
#include "runtime/jni/properties.h"

#include <stdlib.h>
#include <string.h>

static struct property {
    char *key, *value;
} * table;
static int count, capacity;
static char **arguments;
static int n_arguments;

static struct property *find(const char *key)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(table[i].key, key) == 0) { return &table[i]; }
    }
    return NULL;
}

void vm_property_set(const char *key, const char *value)
{
    struct property *p = find(key);
    if (!value) {
        if (p) {
            free(p->key);
            free(p->value);
            memmove(p, p + 1, (size_t)(&table[count] - (p + 1)) * sizeof(*p));
            count--;
        }
        return;
    }
    if (p) {
        free(p->value);
        p->value = strdup(value);
        return;
    }
    if (count == capacity) {
        capacity = capacity ? capacity * 2 : 32;
        table = realloc(table, (size_t)capacity * sizeof(*table));
        if (!table) { abort(); /* at start, before anything could report it */ }
    }
    table[count++] = (struct property){strdup(key), strdup(value)};
}

const char *vm_property_get(const char *key)
{
    const struct property *p = find(key);
    return p ? p->value : NULL;
}

void vm_properties_for_each(void (*f)(const char *key, const char *value, void *arg), void *arg)
{
    for (int i = 0; i < count; i++) { f(table[i].key, table[i].value, arg); }
}

void vm_arguments_set(int n, char *const *args)
{
    arguments = calloc((size_t)n + 1, sizeof(*arguments));
    for (n_arguments = 0; arguments && n_arguments < n; n_arguments++) {
        arguments[n_arguments] = strdup(args[n_arguments]);
    }
}

int vm_arguments(char *const **args)
{
    *args = arguments;
    return n_arguments;
}
