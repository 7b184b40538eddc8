/*
 * locks.c - which objects a frame has locked by monitorenter: asked by thread dumps, kept by nobody.
 *
 * A forward data flow over the method's bytecode: before each instruction, the local variables that hold what is locked,
 * outermost first. Compilers keep the object in a variable from the monitorenter to the monitorexit, which names it again, and what
 * one path has locked so has each other that leads to the same place (structured locking, JVMS 2.11.10): so the first
 * path that arrives decides.
 */
#include <stdlib.h>
#include <string.h>

#include "vm/bytecode.h"
#include "vm/engine.h"

#define MAX_NESTED 15

struct nest {
    int16_t local[MAX_NESTED]; /* -1: not known */
    uint8_t n;
    bool reached, done;
};

struct flow {
    const struct method *m;
    struct nest *at; /* by bci */
    bool changed;
};

static void reach(struct flow *f, int64_t bci, const struct nest *with)
{
    if (bci < 0 || bci >= f->m->code_length || f->at[bci].reached) { return; }
    f->at[bci] = *with;
    f->at[bci].reached = true;
    f->at[bci].done = false;
    f->changed = true;
}

/* The variable that the operand of a monitor instruction comes from or went to, by the instruction before it. */
static int16_t operand_local(const struct method *m, int64_t before)
{
    unsigned index = 0;
    enum opcode op = before < 0 ? OP_nop : bytecode_local(m->code + before, &index);
    return op == OP_aload || op == OP_astore ? (int16_t)index : -1;
}

static void leave(struct nest *s, int16_t local)
{
    int i = s->n - 1;
    while (i > 0 && s->local[i] != local) { i--; }
    if (i < 0 || s->local[i] != local) { i = s->n - 1; }
    if (i < 0) { return; }
    s->n--;
    memmove(s->local + i, s->local + i + 1, (size_t)(s->n - i) * sizeof *s->local);
}

/* What follows from the instruction at bci, for the places it leads to. */
static void transfer(struct flow *f, uint32_t bci, uint32_t next, int64_t before)
{
    const struct method *m = f->m;
    struct nest s = f->at[bci];
    for (uint32_t h = 0; h < m->n_handlers; h++) {
        const struct exception_entry *e = &m->handlers[h];
        if (bci >= e->start_pc && bci < e->end_pc) { reach(f, e->handler_pc, &s); }
    }
    if (m->code[bci] == OP_monitorenter && s.n < MAX_NESTED) {
        s.local[s.n++] = operand_local(m, before);
    } else if (m->code[bci] == OP_monitorexit) {
        leave(&s, operand_local(m, before));
    }
    uint8_t flags = opcode_info[m->code[bci]].flags;
    if (!(flags & OPF_END)) { reach(f, next, &s); }
    if (flags & OPF_BRANCH) {
        struct branches b = bytecode_branches(m->code, bci);
        for (uint32_t i = 0; i < b.n; i++) { reach(f, (int64_t)bci + branch_offset(&b, i), &s); }
    }
}

static bool has_monitorenter(const struct method *m)
{
    for (uint32_t bci = 0; bci < m->code_length;) {
        if (m->code[bci] == OP_monitorenter) { return true; }
        uint32_t length = bytecode_length_checked(m->code, bci, m->code_length);
        if (!length) { break; }
        bci += length;
    }
    return false;
}

int engine_held_locks(const struct method *m, int bci, int16_t *locals, int max)
{
    if (bci < 0 || (uint32_t)bci >= m->code_length || !has_monitorenter(m)) { return 0; }
    struct flow f = {.m = m, .at = calloc(m->code_length, sizeof *f.at), .changed = true};
    if (!f.at) { return 0; }
    f.at[0].reached = true;
    while (f.changed && !f.at[bci].reached) {
        f.changed = false;
        int64_t before = -1;
        for (uint32_t i = 0; i < m->code_length;) {
            uint32_t next = i + bytecode_length_checked(m->code, i, m->code_length);
            if (f.at[i].reached && !f.at[i].done) {
                f.at[i].done = true;
                transfer(&f, i, next, before);
            }
            before = i;
            i = next;
        }
    }
    const struct nest *s = &f.at[bci];
    int n = 0;
    for (int i = s->n - 1; i >= 0 && n < max; i--) { locals[n++] = s->local[i]; }
    free(f.at);
    return n;
}
