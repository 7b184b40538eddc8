/*
 * gdb.c - the debugger's JIT interface (--jit-gdb; gdb manual, "JIT Compilation Interface").
 *
 * For each piece of code an ELF file in memory with two symbols' worth of tables and no contents: gdb takes names and addresses from it, so
 * that backtraces and breakpoints say moka::Class::method.
 */
#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "jit/jit-internal.h"

/* Names and layouts are gdb's. */
enum { JIT_NOACTION, JIT_REGISTER_FN, JIT_UNREGISTER_FN };

struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const char *symfile_addr;
    uint64_t symfile_size;
};

struct jit_descriptor {
    uint32_t version, action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};

void __jit_debug_register_code(void);
extern struct jit_descriptor __jit_debug_descriptor;

__attribute__((noinline)) void __jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory");
}
struct jit_descriptor __jit_debug_descriptor = {.version = 1};

enum { SEC_NULL, SEC_TEXT, SEC_SYMTAB, SEC_STRTAB, SEC_NAMES, SEC_COUNT };

struct symfile {
    struct jit_code_entry entry;
    Elf64_Ehdr eh;
    Elf64_Shdr sh[SEC_COUNT];
    Elf64_Sym symbols[2];
    char section_names[40];
    char strings[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define AT(member) (offsetof(struct symfile, member) - offsetof(struct symfile, eh))

static struct symfile *make(const struct compiled *c)
{
    char name[1024];
    log_name(c->method, name, sizeof name);
    size_t length = strlen(name) + 2;
    struct symfile *f = calloc(1, sizeof *f + length);
    if (!f) { return NULL; }
    memcpy(f->section_names, "\0.text\0.symtab\0.strtab\0.shstrtab", 33);
    snprintf(f->strings + 1, length - 1, "%s", name);
    for (int i = 0; i < SELFMAG; i++) { f->eh.e_ident[i] = (unsigned char)ELFMAG[i]; }
    f->eh.e_ident[EI_CLASS] = ELFCLASS64;
    f->eh.e_ident[EI_DATA] = ELFDATA2LSB;
    f->eh.e_ident[EI_VERSION] = EV_CURRENT;
    f->eh.e_type = ET_REL;
    f->eh.e_machine = EM_X86_64;
    f->eh.e_version = EV_CURRENT;
    f->eh.e_ehsize = sizeof f->eh;
    f->eh.e_shoff = AT(sh);
    f->eh.e_shentsize = sizeof f->sh[0];
    f->eh.e_shnum = SEC_COUNT;
    f->eh.e_shstrndx = SEC_NAMES;
    f->sh[SEC_TEXT] = (Elf64_Shdr){.sh_name = 1,
                                   .sh_type = SHT_NOBITS,
                                   .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                   .sh_addr = (Elf64_Addr)(uintptr_t)c->code,
                                   .sh_size = c->size,
                                   .sh_addralign = 16};
    f->sh[SEC_SYMTAB] = (Elf64_Shdr){.sh_name = 7,
                                     .sh_type = SHT_SYMTAB,
                                     .sh_offset = AT(symbols),
                                     .sh_size = sizeof f->symbols,
                                     .sh_link = SEC_STRTAB,
                                     .sh_info = 1,
                                     .sh_addralign = 8,
                                     .sh_entsize = sizeof f->symbols[0]};
    f->sh[SEC_STRTAB] = (Elf64_Shdr){.sh_name = 15,
                                     .sh_type = SHT_STRTAB,
                                     .sh_offset = AT(strings),
                                     .sh_size = length,
                                     .sh_addralign = 1};
    f->sh[SEC_NAMES] = (Elf64_Shdr){.sh_name = 23,
                                    .sh_type = SHT_STRTAB,
                                    .sh_offset = AT(section_names),
                                    .sh_size = sizeof f->section_names,
                                    .sh_addralign = 1};
    f->symbols[1] = (Elf64_Sym){.st_name = 1,
                                .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                .st_shndx = SEC_TEXT,
                                .st_value = 0,
                                .st_size = c->size};
    f->entry.symfile_addr = (const char *)&f->eh;
    f->entry.symfile_size = AT(strings) + length;
    return f;
}

static void tell(struct jit_code_entry *e, uint32_t action)
{
    __jit_debug_descriptor.relevant_entry = e;
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_register_code();
}

void gdb_register(const struct compiled *c)
{
    struct symfile *f = make(c);
    if (!f) { return; }
    pthread_mutex_lock(&lock);
    struct jit_code_entry *first = __jit_debug_descriptor.first_entry;
    f->entry.next_entry = first;
    if (first) { first->prev_entry = &f->entry; }
    __jit_debug_descriptor.first_entry = &f->entry;
    tell(&f->entry, JIT_REGISTER_FN);
    pthread_mutex_unlock(&lock);
}

void gdb_unregister(const struct compiled *c)
{
    pthread_mutex_lock(&lock);
    struct jit_code_entry *e = __jit_debug_descriptor.first_entry;
    while (e && ((struct symfile *)e)->sh[SEC_TEXT].sh_addr != (Elf64_Addr)(uintptr_t)c->code) {
        e = e->next_entry;
    }
    if (e) {
        if (e->prev_entry) {
            e->prev_entry->next_entry = e->next_entry;
        } else {
            __jit_debug_descriptor.first_entry = e->next_entry;
        }
        if (e->next_entry) { e->next_entry->prev_entry = e->prev_entry; }
        tell(e, JIT_UNREGISTER_FN);
        free(e);
    }
    pthread_mutex_unlock(&lock);
}
