/*
 * frontend_shape.c - blocks of the bytecode, their edges and loops, as far as the profile has seen them.
 */
#include "jit/frontend-internal.h"

#define PRUNE_COUNT                                                                                \
    20 /* entries of a block after which a successor without any counts as never taken */

static void add_succ(struct scope *s, struct bblock *b, int bci)
{
    struct bblock *to = s->at[bci];
    for (unsigned i = 0; i < b->n_succs; i++) {
        if (b->succs[i] == to) { return; }
    }
    b->succs[b->n_succs++] = to;
}

/*
 * What a compilation covers (--jit-unit). region: all blocks that the profile has seen. block: the first block only, every edge leaves.
 * chain: from each block the edge to its most frequent successor; an edge back to the start is kept in both.
 */
static bool is_outside(const struct scope *s, const struct bblock *b, const struct bblock *to)
{
    if (jit_options.unit == JIT_UNIT_REGION || to == s->first) { return false; }
    if (jit_options.unit == JIT_UNIT_BLOCK) { return true; }
    for (unsigned i = 0; i < b->n_all; i++) {
        if (b->succs[i] != to && b->succs[i]->count > to->count) { return true; }
        if (b->succs[i] != to && b->succs[i]->count == to->count && b->succs[i]->bci < to->bci) {
            return true;
        }
    }
    return false;
}

bool fe_is_pruned(struct scope *s, const struct bblock *b, const struct bblock *to)
{
    if (is_outside(s, b, to)) { return true; }
    return pass_enabled(PASS_prune) && to->count == 0 && b->count >= PRUNE_COUNT &&
           !jit_trapped(s->m, to->bci, EXIT_UNREACHED);
}

void fe_find_succs(struct scope *s, struct bblock *b)
{
    const uint8_t *bc = s->bc;
    int last = b->bci;
    for (int i = last; i < b->end;
         i += (int)bytecode_length_checked(bc, (uint32_t)i, s->m->code_length)) {
        last = i;
    }
    struct branches branches = bytecode_branches(bc, (uint32_t)last);
    b->succs = ir_alloc(s->g, (branches.n + 1) * sizeof *b->succs);
    if (bytecode_is_subroutine(bc + last)) {
        fe_fail(s, "subroutine (jsr/ret)", true);
        return;
    }
    for (uint32_t i = 0; i < branches.n; i++) {
        add_succ(s, b, last + branch_offset(&branches, i));
    }
    if (!(opcode_info[bc[last]].flags & OPF_END) && b->end < (int)s->m->code_length) {
        add_succ(s, b, b->end);
    }
    /* pruned successors are none; they stay in the array, behind the others */
    b->n_all = b->n_succs;
    struct bblock **kept = ir_alloc(s->g, (b->n_all + s->m->n_handlers + 1) * sizeof *kept);
    unsigned n_kept = 0, n_pruned = 0;
    for (unsigned i = 0; i < b->n_all; i++) {
        if (!fe_is_pruned(s, b, b->succs[i])) { kept[n_kept++] = b->succs[i]; }
    }
    for (unsigned i = 0; i < s->m->n_handlers; i++) {
        struct bblock *to = s->at[s->m->handlers[i].handler_pc];
        bool there = !fe_handler_compiled(s, b, &s->m->handlers[i]);
        for (unsigned k = 0; k < n_kept && !there; k++) { there = kept[k] == to; }
        if (!there) { kept[n_kept++] = to; }
    }
    for (unsigned i = 0; i < b->n_all; i++) {
        bool found = false;
        for (unsigned k = 0; k < n_kept; k++) { found = found || kept[k] == b->succs[i]; }
        if (!found) { kept[n_kept + n_pruned++] = b->succs[i]; }
    }
    b->succs = kept;
    b->n_succs = n_kept;
    b->n_all = n_kept + n_pruned;
}

bool fe_find_blocks(struct scope *s)
{
    uint32_t length = s->m->code_length;
    s->at = ir_alloc(s->g, (length + 1) * sizeof *s->at);
    struct bblock *last = NULL;
    for (uint32_t i = 0; i < s->code->n_insns; i++) {
        bool header = i + 1 < s->code->n_insns && s->code->bci[i] == s->code->bci[i + 1];
        if (!header) { continue; }
        struct bblock *b = ir_alloc(s->g, sizeof *b);
        b->bci = s->code->bci[i];
        b->insn = i;
        b->count = s->code->insns[i].count;
        b->order = -1;
        b->end = (int)length;
        if (last) { last->end = b->bci; }
        s->at[b->bci] = b;
        last = b;
    }
    return s->at[0] != NULL;
}

/* Depth-first, iterative: postorder. */
void fe_order_blocks(struct scope *s, struct bblock *from)
{
    unsigned cap = 0;
    for (uint32_t i = 0; i < s->m->code_length; i++) { cap += s->at[i] != NULL; }
    struct bblock **stack = ir_alloc(s->g, (cap + 1) * sizeof *stack);
    struct bblock **post = ir_alloc(s->g, (cap + 1) * sizeof *post);
    unsigned sp = 0, n = 0;
    from->mark = 1;
    fe_find_succs(s, from);
    stack[sp++] = from;
    unsigned *next = ir_alloc(s->g, (cap + 1) * sizeof *next);
    while (sp) {
        struct bblock *b = stack[sp - 1];
        if (next[sp - 1] < b->n_succs) {
            struct bblock *to = b->succs[next[sp - 1]++];
            if (!to->mark) {
                to->mark = 1;
                fe_find_succs(s, to);
                next[sp] = 0;
                stack[sp++] = to;
            }
        } else {
            post[n++] = b;
            sp--;
        }
    }
    s->rpo = ir_alloc(s->g, (n + 1) * sizeof *s->rpo);
    s->n_rpo = n;
    for (unsigned i = 0; i < n; i++) {
        s->rpo[i] = post[n - 1 - i];
        s->rpo[i]->order = (int)i;
    }
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < s->rpo[i]->n_succs; k++) { s->rpo[i]->succs[k]->n_preds++; }
    }
    for (unsigned i = 0; i < n; i++) {
        s->rpo[i]->preds = ir_alloc(s->g, (s->rpo[i]->n_preds + 1) * sizeof *s->rpo[i]->preds);
        s->rpo[i]->n_preds = 0;
    }
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < s->rpo[i]->n_succs; k++) {
            struct bblock *to = s->rpo[i]->succs[k];
            to->preds[to->n_preds++] = s->rpo[i];
        }
    }
}

void fe_note_stores(struct scope *s, const struct bblock *b, struct bblock *header)
{
    for (int i = b->bci; i < b->end;
         i += (int)bytecode_length_checked(s->bc, (uint32_t)i, s->m->code_length)) {
        unsigned index;
        enum opcode op = bytecode_local(s->bc + i, &index);
        if ((op >= OP_istore && op <= OP_astore) || op == OP_iinc) {
            if (index < 64) {
                header->stored |= 1ull << index;
                if ((op == OP_lstore || op == OP_dstore) && index < 63) {
                    header->stored |= 2ull << index;
                }
            } else {
                header->stored_high = true;
            }
        }
    }
}

/* Blocks of the loop that the back edge from -> header closes: those that reach `from` without passing the header. */
static void mark_loop(struct scope *s, struct bblock *from, struct bblock *header, uint32_t mark)
{
    struct bblock **work = ir_alloc(s->g, (s->n_rpo + 1) * sizeof *work);
    unsigned n = 0;
    if (header->mark != mark) {
        header->mark = mark;
        fe_note_stores(s, header, header);
    }
    if (from->mark != mark) {
        from->mark = mark;
        work[n++] = from;
    }
    while (n) {
        struct bblock *b = work[--n];
        fe_note_stores(s, b, header);
        for (unsigned i = 0; i < b->n_preds; i++) {
            if (b->preds[i]->mark != mark) {
                b->preds[i]->mark = mark;
                work[n++] = b->preds[i];
            }
        }
    }
}

void fe_find_loops(struct scope *s)
{
    uint32_t mark = 1;
    for (unsigned i = 0; i < s->n_rpo; i++) {
        struct bblock *h = s->rpo[i];
        mark++;
        for (unsigned k = 0; k < h->n_preds; k++) {
            if (h->preds[k]->order >= h->order) {
                h->header = true;
                mark_loop(s, h->preds[k], h, mark);
            }
        }
    }
}
