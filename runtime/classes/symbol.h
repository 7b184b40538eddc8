/*
 * symbol.h - unique modified-UTF-8 strings for names and descriptors (JVMS 4.4.7).
 *
 * Two equal strings have the same `struct symbol *`, so comparison is by pointer. Symbols are never
 * freed. The names that the VM itself knows are in symbols.def and reachable as SYM(name) without a lookup.
 */
#ifndef MOKA_CLASSES_SYMBOL_H
#define MOKA_CLASSES_SYMBOL_H

#include "runtime/types.h"

struct symbol {
    struct symbol *next; /* hash chain */
    uint32_t hash;
    uint16_t length; /* bytes, without the final 0 */
    char text[];     /* modified UTF-8, 0-terminated */
};

/* Finds or makes the symbol for `length` bytes (at most 65535). Thread-safe. */
struct symbol *symbol_intern(const char *text, size_t length);
struct symbol *symbol_of(const char *text); /* 0-terminated */
/* NULL if no such symbol exists yet. */
struct symbol *symbol_find(const char *text, size_t length);

/* Fills the table of well-known symbols; once, at start. */
void symbols_init(void);

/* Well-known symbols: X(identifier, "text") rows in symbols.def. */
enum symbol_id {
#define X(id, text) SYM_##id,
#include "runtime/classes/symbols.def"
#undef X
    SYM_COUNT
};
extern struct symbol *well_known_symbols[SYM_COUNT];
#define SYM(id) (well_known_symbols[SYM_##id])

#endif
