/*
 * liveness.c - backward data flow over a method's bytecode (see liveness.h):
 *
 *     in(i) = use(i) | (out(i) & ~def(i)) | in(handlers that cover i)
 *     out(i) = union of in(s) over successors s
 */
#include "vm/liveness.h"

#include <stdlib.h>
#include <string.h>

/* Locals that the instruction at p reads and writes. `two`: J and D cells, the second is never read. */
static void use_and_def(const uint8_t *p, uint64_t *use, uint64_t *def)
{
    unsigned index;
    enum opcode op = bytecode_local(p, &index);
    *use = *def = 0;
    if (index >= 64) { return; }
    if ((op >= OP_iload && op <= OP_aload) || op == OP_iinc) {
        *use = 1ull << index;
    } else if (op >= OP_istore && op <= OP_astore) {
        *def = 1ull << index;
    }
}

struct flow {
    const struct method *m;
    uint64_t *in;       /* by bci */
    uint32_t *previous; /* bci of the instruction before, for going backwards */
};

/* What is read behind the last instruction: `this`, by the return of Object.<init>. */
static uint64_t live_at_end(const struct method *m) { return method_is_object_init(m) ? 1 : 0; }

static uint64_t live_out(const struct flow *f, uint32_t bci, uint32_t next)
{
    uint8_t flags = opcode_info[f->m->code[bci]].flags;
    uint64_t out = flags & OPF_END ? live_at_end(f->m) : f->in[next];
    if (flags & OPF_BRANCH) {
        struct branches b = bytecode_branches(f->m->code, bci);
        for (uint32_t i = 0; i < b.n; i++) { out |= f->in[(int64_t)bci + branch_offset(&b, i)]; }
    }
    return out;
}

/* True when something changed. */
static bool backward_pass(struct flow *f, uint32_t last)
{
    bool changed = false;
    uint32_t next = f->m->code_length;
    for (uint32_t bci = last;; bci = f->previous[bci]) {
        uint64_t use, def;
        use_and_def(f->m->code + bci, &use, &def);
        uint64_t in = use | (live_out(f, bci, next) & ~def);
        for (uint32_t h = 0; h < f->m->n_handlers; h++) {
            const struct exception_entry *e = &f->m->handlers[h];
            if (bci >= e->start_pc && bci < e->end_pc) { in |= f->in[e->handler_pc]; }
        }
        if (in != f->in[bci]) {
            f->in[bci] = in;
            changed = true;
        }
        next = bci;
        if (bci == 0) { return changed; }
    }
}

static uint64_t *compute(struct code *c)
{
    const struct method *m = c->method;
    uint64_t *live = malloc(c->n_insns * sizeof *live);
    struct flow f = {.m = m,
                     .in = calloc(m->code_length + 1u, sizeof *f.in),
                     .previous = calloc(m->code_length + 1u, sizeof *f.previous)};
    bool tracked = live && f.in && f.previous;
    uint32_t last = 0;
    for (uint32_t i = 0, before = 0; tracked && i < c->n_insns; i++) {
        uint32_t bci = c->bci[i];
        if (bytecode_is_subroutine(m->code + bci)) { tracked = false; }
        if (bci != before) {
            f.previous[bci] = before;
            before = bci;
        }
        last = bci;
    }
    while (tracked && backward_pass(&f, last)) {}
    for (uint32_t i = 0; live && i < c->n_insns; i++) {
        live[i] = tracked ? f.in[c->bci[i]] : ~0ull;
    }
    free(f.in);
    free(f.previous);
    return live;
}

uint64_t liveness_at(struct code *c, const struct insn *pc)
{
    uint64_t *live = __atomic_load_n(&c->live, __ATOMIC_ACQUIRE);
    if (!live) {
        uint64_t *made = compute(c);
        if (!made) { return ~0ull; }
        if (__atomic_compare_exchange_n(&c->live, &live, made, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE)) {
            live = made;
        } else {
            free(made);
        }
    }
    return live[pc - c->insns];
}
