/*
 * load.c - from a relocatable object (ELF64, x86-64) to the code cache.
 *
 * One object holds the functions of a batch of tasks. They must be freed one by one later, so each task gets a range of its own:
 *
 *      .text.moka_7, .text.moka_glue_7, .text.unlikely.moka_7     -> range of task 7
 *      .text.moka_8, ...                                          -> range of task 8
 *      .rodata*, other code, and what we make: GOT cells, stubs   -> shared block, counted
 *
 * A section belongs to the task whose number is in the names of its function symbols (the emitter compiles with
 * -ffunction-sections). Undefined symbols are functions of the VM, too far for a 32-bit displacement: calls go through a stub
 * `jmp *cell(%rip)`.
 *
 * jsites: pairs (.long label - ., .long frame), one for each call; the relocation of the first word names the section and offset
 * of the label. It is read here and not loaded, nor is .eh_frame: nobody unwinds compiled code by tables.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "jit/jit-internal.h"

struct code_data {
    atomic_uint refs;
    char *code;
    size_t size;
};

void code_data_release(struct code_data *d)
{
    if (d && atomic_fetch_sub(&d->refs, 1) == 1) {
        cache_free(d->code, d->size);
        free(d);
    }
}

enum { OWNER_NONE = -2, OWNER_SHARED = -1 }; /* else: index in units */

struct section {
    int owner;
    uint64_t offset; /* in its owner's block */
    char *address;   /* executable view; NULL if not loaded */
};

/* Where an undefined or GOT-addressed symbol's cell and stub lie in the shared block; 0 = not needed (cells start at 8). */
struct import {
    uint32_t cell, stub;
};

struct loading {
    const char *image;
    size_t size;
    const Elf64_Ehdr *eh;
    const Elf64_Shdr *sh;
    const char *names; /* of sections */
    size_t names_size;
    const Elf64_Sym *symbols;
    uint32_t n_symbols;
    const char *strings;
    size_t strings_size;
    struct load_unit *units;
    unsigned n_units;
    struct section *sections;
    struct import *imports; /* by symbol */
    uint64_t *unit_size;
    uint64_t shared_size;
    char *shared;
    void *(*resolve)(const char *name);
    char *error;
    size_t error_size;
    bool *full;
};

static bool __attribute__((format(printf, 2, 3))) bad(struct loading *l, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(l->error, l->error_size, format, ap);
    va_end(ap);
    return false;
}

/* ---- reading the file ---- */

static bool inside(const struct loading *l, uint64_t at, uint64_t n)
{
    return at <= l->size && n <= l->size - at;
}

static const char *text_at(const char *table, size_t size, uint32_t at)
{
    return at < size && memchr(table + at, 0, size - at) ? table + at : "?";
}

static const char *section_name(const struct loading *l, unsigned i)
{
    return text_at(l->names, l->names_size, l->sh[i].sh_name);
}

static const char *symbol_name(const struct loading *l, const Elf64_Sym *s)
{
    return text_at(l->strings, l->strings_size, s->st_name);
}

static bool read_headers(struct loading *l)
{
    l->eh = (const void *)l->image;
    if (l->size < sizeof *l->eh || memcmp(l->eh->e_ident, ELFMAG, SELFMAG) != 0 ||
        l->eh->e_ident[EI_CLASS] != ELFCLASS64 || l->eh->e_ident[EI_DATA] != ELFDATA2LSB ||
        l->eh->e_type != ET_REL || l->eh->e_machine != EM_X86_64) {
        return bad(l, "not a relocatable x86-64 object");
    }
    unsigned n = l->eh->e_shnum;
    if (!n || l->eh->e_shentsize != sizeof(Elf64_Shdr) || l->eh->e_shoff % 8 ||
        !inside(l, l->eh->e_shoff, (uint64_t)n * sizeof(Elf64_Shdr)) || l->eh->e_shstrndx >= n) {
        return bad(l, "bad section table");
    }
    l->sh = (const void *)(l->image + l->eh->e_shoff);
    for (unsigned i = 0; i < n; i++) {
        const Elf64_Shdr *s = &l->sh[i];
        if ((s->sh_type != SHT_NOBITS && !inside(l, s->sh_offset, s->sh_size)) ||
            s->sh_addralign > 64 || (s->sh_type == SHT_RELA && s->sh_offset % 8) ||
            s->sh_size > UINT32_MAX) {
            return bad(l, "section %u is malformed", i);
        }
    }
    l->names = l->image + l->sh[l->eh->e_shstrndx].sh_offset;
    l->names_size = l->sh[l->eh->e_shstrndx].sh_size;
    for (unsigned i = 0; i < n; i++) {
        const Elf64_Shdr *s = &l->sh[i];
        if (s->sh_type != SHT_SYMTAB) { continue; }
        if (s->sh_link >= n || s->sh_offset % 8) { return bad(l, "bad symbol table"); }
        l->symbols = (const void *)(l->image + s->sh_offset);
        l->n_symbols = (uint32_t)(s->sh_size / sizeof(Elf64_Sym));
        l->strings = l->image + l->sh[s->sh_link].sh_offset;
        l->strings_size = l->sh[s->sh_link].sh_size;
    }
    return l->symbols || bad(l, "no symbol table");
}

/* The unit that a function belongs to: moka_<id>, moka_glue_<id>, and what GCC splits off (moka_<id>.cold). */
static int unit_of_symbol(const struct loading *l, const char *name)
{
    if (strncmp(name, "moka_", 5) != 0) { return OWNER_SHARED; }
    name += 5;
    if (!strncmp(name, "glue_", 5)) { name += 5; }
    char *end;
    unsigned long id = strtoul(name, &end, 10);
    if (end == name || (*end && *end != '.')) { return OWNER_SHARED; }
    for (unsigned i = 0; i < l->n_units; i++) {
        if (l->units[i].id == id) { return (int)i; }
    }
    return OWNER_SHARED;
}

static bool wanted(const struct loading *l, unsigned i)
{
    const Elf64_Shdr *s = &l->sh[i];
    const char *name = section_name(l, i);
    return s->sh_flags & SHF_ALLOC && strcmp(name, "jsites") != 0 &&
           strcmp(name, ".eh_frame") != 0 && strncmp(name, ".note", 5) != 0;
}

/* Decides what is loaded and for whom. */
static bool attribute_sections(struct loading *l)
{
    for (unsigned i = 0; i < l->eh->e_shnum; i++) {
        const Elf64_Shdr *s = &l->sh[i];
        l->sections[i].owner = wanted(l, i) ? OWNER_SHARED : OWNER_NONE;
        if (s->sh_flags & SHF_TLS || (wanted(l, i) && s->sh_flags & SHF_WRITE && s->sh_size &&
                                      strncmp(section_name(l, i), ".data.rel.ro", 12) != 0)) {
            return bad(l, "writable data in %s", section_name(l, i));
        }
    }
    for (uint32_t i = 0; i < l->n_symbols; i++) {
        const Elf64_Sym *s = &l->symbols[i];
        if (ELF64_ST_TYPE(s->st_info) != STT_FUNC || s->st_shndx == SHN_UNDEF ||
            s->st_shndx >= l->eh->e_shnum || l->sections[s->st_shndx].owner == OWNER_NONE) {
            continue;
        }
        struct section *sec = &l->sections[s->st_shndx];
        int unit = unit_of_symbol(l, symbol_name(l, s));
        if (unit < 0 || sec->owner == unit) { continue; }
        if (sec->owner != OWNER_SHARED) {
            return bad(l, "section %s holds functions of two tasks", section_name(l, s->st_shndx));
        }
        sec->owner = unit;
    }
    return true;
}

/* ---- layout ---- */

/* Calls f for each relocation of a section that is loaded. */
static bool each_relocation(struct loading *l,
                            bool (*f)(struct loading *, unsigned section, const Elf64_Rela *))
{
    for (unsigned i = 0; i < l->eh->e_shnum; i++) {
        const Elf64_Shdr *s = &l->sh[i];
        if (s->sh_type == SHT_REL && s->sh_size) { return bad(l, "relocations without addends"); }
        if (s->sh_type != SHT_RELA || s->sh_info >= l->eh->e_shnum ||
            l->sections[s->sh_info].owner == OWNER_NONE) {
            continue;
        }
        const Elf64_Rela *r = (const void *)(l->image + s->sh_offset);
        for (uint64_t k = 0; k < s->sh_size / sizeof *r; k++) {
            if (ELF64_R_SYM(r[k].r_info) >= l->n_symbols) { return bad(l, "bad symbol number"); }
            if (!f(l, s->sh_info, &r[k])) { return false; }
        }
    }
    return true;
}

static bool uses_got(uint32_t type)
{
    return type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX ||
           type == R_X86_64_REX_GOTPCRELX;
}

static bool count_import(struct loading *l, unsigned section, const Elf64_Rela *r)
{
    (void)section;
    uint32_t type = ELF64_R_TYPE(r->r_info), index = (uint32_t)ELF64_R_SYM(r->r_info);
    struct import *im = &l->imports[index];
    bool far = l->symbols[index].st_shndx == SHN_UNDEF &&
               (type == R_X86_64_PC32 || type == R_X86_64_PLT32);
    if ((far || uses_got(type)) && !im->cell) {
        l->shared_size += 8;
        im->cell = (uint32_t)l->shared_size;
    }
    if (far && !im->stub) { im->stub = 1; }
    return true;
}

static void place(struct loading *l, unsigned i, uint64_t *size)
{
    const Elf64_Shdr *s = &l->sh[i];
    uint64_t align = s->sh_addralign > 1 ? s->sh_addralign : 1;
    *size = ALIGN_UP(*size, align);
    l->sections[i].offset = *size;
    *size += s->sh_size;
}

static bool allocate(struct loading *l)
{
    if (!each_relocation(l, count_import)) { return false; }
    l->shared_size += 8; /* cells start at 8: 0 means none */
    for (uint32_t i = 0; i < l->n_symbols; i++) {
        if (l->imports[i].stub) {
            l->imports[i].stub = (uint32_t)l->shared_size;
            l->shared_size += 8;
        }
    }
    for (unsigned i = 0; i < l->eh->e_shnum; i++) {
        int owner = l->sections[i].owner;
        if (owner != OWNER_NONE) {
            place(l, i, owner == OWNER_SHARED ? &l->shared_size : &l->unit_size[owner]);
        }
    }
    l->shared = cache_alloc(l->shared_size);
    bool ok = l->shared != NULL;
    for (unsigned u = 0; ok && u < l->n_units; u++) {
        if (!l->unit_size[u]) { continue; }
        l->units[u].code = cache_alloc(l->unit_size[u]);
        l->units[u].size = (uint32_t)l->unit_size[u];
        ok = l->units[u].code != NULL;
    }
    if (!ok) {
        *l->full = true;
        return bad(l, "code cache is full");
    }
    for (unsigned i = 0; i < l->eh->e_shnum; i++) {
        struct section *s = &l->sections[i];
        if (s->owner == OWNER_NONE) { continue; }
        s->address = (s->owner == OWNER_SHARED ? l->shared : l->units[s->owner].code) + s->offset;
        if (l->sh[i].sh_type == SHT_NOBITS) {
            memset(cache_writable(s->address), 0, l->sh[i].sh_size);
        } else {
            memcpy(cache_writable(s->address), l->image + l->sh[i].sh_offset, l->sh[i].sh_size);
        }
    }
    return true;
}

/* ---- relocation ---- */

/* Value of a symbol; false for one that nobody defines. */
static bool symbol_value(struct loading *l, const Elf64_Sym *s, uint64_t *value)
{
    if (s->st_shndx == SHN_UNDEF) {
        *value = (uint64_t)(uintptr_t)l->resolve(symbol_name(l, s));
        return *value || bad(l, "undefined symbol %s", symbol_name(l, s));
    }
    if (s->st_shndx == SHN_ABS) {
        *value = s->st_value;
        return true;
    }
    if (s->st_shndx >= l->eh->e_shnum || !l->sections[s->st_shndx].address) {
        return bad(l, "symbol %s is in a section that is not loaded", symbol_name(l, s));
    }
    *value = (uint64_t)(uintptr_t)l->sections[s->st_shndx].address + s->st_value;
    return true;
}

static void write_imports_of(struct loading *l, uint32_t index, uint64_t value)
{
    const struct import *im = &l->imports[index];
    char *w = cache_writable(l->shared);
    memcpy(w + im->cell, &value, 8);
    if (im->stub) { /* jmp *cell(%rip) */
        int32_t distance = (int32_t)im->cell - (int32_t)(im->stub + 6);
        static const uint8_t jump[2] = {0xff, 0x25};
        memcpy(w + im->stub, jump, sizeof jump);
        memcpy(w + im->stub + 2, &distance, 4);
        memset(w + im->stub + 6, 0xcc, 2);
    }
}

static bool write_imports(struct loading *l)
{
    for (uint32_t i = 0; i < l->n_symbols; i++) {
        uint64_t value = 0;
        if (!l->imports[i].cell) { continue; }
        if (!symbol_value(l, &l->symbols[i], &value)) { return false; }
        write_imports_of(l, i, value);
    }
    return true;
}

static bool relocate(struct loading *l, unsigned section, const Elf64_Rela *r)
{
    uint32_t type = ELF64_R_TYPE(r->r_info), index = (uint32_t)ELF64_R_SYM(r->r_info);
    const struct import *im = &l->imports[index];
    bool wide = type == R_X86_64_64 || type == R_X86_64_PC64;
    if (type == R_X86_64_NONE) { return true; }
    if (r->r_offset > l->sh[section].sh_size ||
        l->sh[section].sh_size - r->r_offset < (wide ? 8 : 4)) {
        return bad(l, "relocation outside of %s", section_name(l, section));
    }
    char *at = l->sections[section].address + r->r_offset, *w = cache_writable(at);
    uint64_t value = 0, pc = (uint64_t)(uintptr_t)at;
    if (uses_got(type)) {
        value = (uint64_t)(uintptr_t)(l->shared + im->cell);
    } else if (im->stub && (type == R_X86_64_PC32 || type == R_X86_64_PLT32)) {
        value = (uint64_t)(uintptr_t)(l->shared + im->stub);
    } else if (!symbol_value(l, &l->symbols[index], &value)) {
        return false;
    }
    value += (uint64_t)r->r_addend;
    bool fits = true;
    switch (type) {
    case R_X86_64_64: break;
    case R_X86_64_PC64: value -= pc; break;
    case R_X86_64_32: fits = value <= UINT32_MAX; break;
    case R_X86_64_32S: fits = (int64_t)value == (int32_t)value; break;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX:
        value -= pc;
        fits = (int64_t)value == (int32_t)value;
        break;
    default:
        return bad(l, "relocation type %u against %s", type, symbol_name(l, &l->symbols[index]));
    }
    if (!fits) {
        return bad(l, "%s is too far away (relocation type %u)", symbol_name(l, &l->symbols[index]),
                   type);
    }
    memcpy(w, &value, wide ? 8 : 4);
    return true;
}

/* ---- symbols and sites ---- */

static void find_entries(struct loading *l)
{
    for (unsigned u = 0; u < l->n_units; u++) {
        char entry[32], glue[32];
        snprintf(entry, sizeof entry, "moka_%u", l->units[u].id);
        snprintf(glue, sizeof glue, "moka_glue_%u", l->units[u].id);
        for (uint32_t i = 0; i < l->n_symbols; i++) {
            const Elf64_Sym *s = &l->symbols[i];
            if (s->st_shndx == SHN_UNDEF || s->st_shndx >= l->eh->e_shnum ||
                !l->sections[s->st_shndx].address) {
                continue;
            }
            char *at = l->sections[s->st_shndx].address + s->st_value;
            if (!strcmp(symbol_name(l, s), entry)) { l->units[u].entry = at; }
            if (!strcmp(symbol_name(l, s), glue)) { l->units[u].glue = at; }
        }
    }
}

static bool add_site(struct load_unit *u, uint32_t offset, uint32_t frame)
{
    if (!(u->n_sites & (u->n_sites - 1))) { /* 0, 1, 2, 4, ...: full */
        void *p = realloc(u->sites, sizeof *u->sites * (u->n_sites ? 2 * (size_t)u->n_sites : 1));
        if (!p) { return false; }
        u->sites = p;
    }
    u->sites[u->n_sites++] = (struct compiled_site){offset, frame};
    return true;
}

static int by_offset(const void *a, const void *b)
{
    const struct compiled_site *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool read_site(struct loading *l, const Elf64_Shdr *sites, const Elf64_Rela *r)
{
    uint64_t index = ELF64_R_SYM(r->r_info);
    if (ELF64_R_TYPE(r->r_info) != R_X86_64_PC32 || r->r_offset % 8 ||
        r->r_offset + 8 > sites->sh_size || index >= l->n_symbols ||
        l->symbols[index].st_shndx >= l->eh->e_shnum) {
        return bad(l, "unknown relocation in jsites");
    }
    const struct section *s = &l->sections[l->symbols[index].st_shndx];
    uint32_t frame;
    memcpy(&frame, l->image + sites->sh_offset + r->r_offset + 4, 4);
    if (s->owner == OWNER_NONE) {
        return bad(l, "a site in %s", section_name(l, l->symbols[index].st_shndx));
    }
    if (s->owner == OWNER_SHARED) {
        return frame == SITE_NO_FRAME || bad(l, "a site outside of all tasks");
    }
    struct load_unit *u = &l->units[s->owner];
    uint64_t offset = s->offset + l->symbols[index].st_value + (uint64_t)r->r_addend;
    if (offset > u->size) { return bad(l, "a site behind its section"); }
    return add_site(u, (uint32_t)offset, frame) || bad(l, "out of memory");
}

static bool read_sites(struct loading *l)
{
    for (unsigned i = 0; i < l->eh->e_shnum; i++) {
        const Elf64_Shdr *s = &l->sh[i];
        if (s->sh_type != SHT_RELA || s->sh_info >= l->eh->e_shnum ||
            strcmp(section_name(l, s->sh_info), "jsites") != 0) {
            continue;
        }
        const Elf64_Rela *r = (const void *)(l->image + s->sh_offset);
        uint64_t n = s->sh_size / sizeof *r;
        if (n * 8 != l->sh[s->sh_info].sh_size) {
            return bad(l, "jsites is not one relocation for each site");
        }
        for (uint64_t k = 0; k < n; k++) {
            if (!read_site(l, &l->sh[s->sh_info], &r[k])) { return false; }
        }
    }
    for (unsigned u = 0; u < l->n_units; u++) {
        if (l->units[u].n_sites) {
            qsort(l->units[u].sites, l->units[u].n_sites, sizeof(struct compiled_site), by_offset);
        }
    }
    return true;
}

/* ---- the whole ---- */

static bool share(struct loading *l)
{
    unsigned refs = 0;
    for (unsigned u = 0; u < l->n_units; u++) { refs += l->units[u].code != NULL; }
    struct code_data *d = refs ? malloc(sizeof *d) : NULL;
    if (!d) { return bad(l, refs ? "out of memory" : "no code"); }
    d->code = l->shared;
    d->size = l->shared_size;
    atomic_init(&d->refs, refs);
    for (unsigned u = 0; u < l->n_units; u++) {
        if (l->units[u].code) { l->units[u].data = d; }
    }
    return true;
}

static void undo(struct loading *l)
{
    if (l->shared) { cache_free(l->shared, l->shared_size); }
    for (unsigned u = 0; u < l->n_units; u++) {
        if (l->units[u].code) { cache_free(l->units[u].code, l->units[u].size); }
        free(l->units[u].sites);
        l->units[u] = (struct load_unit){.id = l->units[u].id};
    }
}

bool object_load(const void *image, size_t size, struct load_unit *units, unsigned n,
                 void *(*resolve)(const char *name), char *error, size_t error_size, bool *full)
{
    struct loading l = {.image = image,
                        .size = size,
                        .units = units,
                        .n_units = n,
                        .resolve = resolve,
                        .error = error,
                        .error_size = error_size,
                        .full = full};
    *full = false;
    for (unsigned u = 0; u < n; u++) { units[u] = (struct load_unit){.id = units[u].id}; }
    if (!read_headers(&l)) { return false; }
    l.sections = calloc(l.eh->e_shnum, sizeof *l.sections);
    l.imports = calloc(l.n_symbols + 1, sizeof *l.imports);
    l.unit_size = calloc(n + 1, sizeof *l.unit_size);
    bool ok = l.sections && l.imports && l.unit_size
                  ? attribute_sections(&l) && allocate(&l) && write_imports(&l) &&
                        each_relocation(&l, relocate) && read_sites(&l) && share(&l)
                  : bad(&l, "out of memory");
    if (ok) {
        find_entries(&l);
    } else {
        undo(&l);
    }
    free(l.sections);
    free(l.imports);
    free(l.unit_size);
    return ok;
}
