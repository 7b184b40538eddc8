/*
 * ir_verify.c - the invariants of a graph, checked after each pass under --jit-verify.
 *
 *   edges      succs and preds agree, edge by edge; the entry block has no preds
 *   blocks     PHIs first (constants may precede them in no block but the entry, which has none), one terminator, at the end
 *   values     argument counts and types fit the operation; PHIs have an argument per pred; each operand is defined where it
 *              is used: by an earlier value of the same block, or in a dominating one (PHI: at the end of the pred)
 *   states     the same for their values; GUARD, EXIT, POLL and calls have one
 */
#include <stdarg.h>
#include "jit/ir.h"

static _Thread_local char message[256];

__attribute__((format(printf, 1, 2))) static const char *fail(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    return message;
}

/* ---- blocks and edges ---- */

static const char *check_block(struct ir_graph *g, struct ir_block *b)
{
    if (!b->last) { return fail("b%u is empty", b->id); }
    if (b == g->entry && b->n_preds) { return fail("entry b%u has preds", b->id); }
    bool phis = true;
    struct ir_value *prev = NULL;
    for (struct ir_value *v = b->first; v; prev = v, v = v->next) {
        if (v->block != b || v->prev != prev) { return fail("v%u is badly linked", v->id); }
        if (v->op == IR_PHI && !phis) { return fail("phi v%u behind other values", v->id); }
        phis &= v->op == IR_PHI || v->op == IR_COPY;
        bool term = (ir_flags(v) & IRF_TERM) != 0;
        if (term != (v == b->last)) { return fail("b%u: v%u ends it or not", b->id, v->id); }
        v->mark = 0;
    }
    if (b->last != prev) { return fail("b%u: last is not the last", b->id); }
    uint32_t want = 0;
    switch (b->last->op) {
    case IR_GOTO: want = 1; break;
    case IR_IF: want = 2; break;
    case IR_SWITCH: want = ((struct ir_switch *)b->last->k.p)->n + 1; break;
    default: break;
    }
    if (b->n_succs != want) { return fail("b%u has %u succs, not %u", b->id, b->n_succs, want); }
    return NULL;
}

static unsigned count_block(struct ir_block **list, uint32_t n, const struct ir_block *b)
{
    unsigned c = 0;
    for (uint32_t i = 0; i < n; i++) { c += list[i] == b; }
    return c;
}

static const char *check_edges(struct ir_block *b)
{
    for (uint32_t i = 0; i < b->n_succs; i++) {
        struct ir_block *s = b->succs[i];
        if (count_block(s->preds, s->n_preds, b) != count_block(b->succs, b->n_succs, s)) {
            return fail("edge b%u -> b%u: preds and succs differ", b->id, s->id);
        }
    }
    for (uint32_t i = 0; i < b->n_preds; i++) {
        struct ir_block *p = b->preds[i];
        if (!count_block(p->succs, p->n_succs, b)) {
            return fail("b%u has pred b%u, which does not go there", b->id, p->id);
        }
    }
    return NULL;
}

/* ---- types: one letter per argument. v: anything; i: int or long; n: number; =: as the result; 1: as the first; *: any more ---- */

static const char *const signature[IR_OP_COUNT] = {
    [IR_CONST] = "",      [IR_PARAM] = "",     [IR_PHI] = "*",       [IR_COPY] = "v",
    [IR_ADD] = "==",      [IR_SUB] = "==",     [IR_MUL] = "==",      [IR_DIV] = "==",
    [IR_REM] = "==",      [IR_NEG] = "=",      [IR_AND] = "==",      [IR_OR] = "==",
    [IR_XOR] = "==",      [IR_SHL] = "=I",     [IR_SHR] = "=I",      [IR_USHR] = "=I",
    [IR_CONV] = "n",      [IR_NARROW] = "I",   [IR_CMP3] = "n1",     [IR_COND] = "v1",
    [IR_SELECT] = "v1==", [IR_MATH] = "*",     [IR_NONNULL] = "R",   [IR_CLASSID] = "R",
    [IR_CAST] = "R",      [IR_ISA] = "R",      [IR_ARRAYLEN] = "R",  [IR_SUBTYPE] = "I",
    [IR_LOAD] = "R",      [IR_STORE] = "Rv",   [IR_LOADX] = "Ri",    [IR_STOREX] = "Riv",
    [IR_LOADS] = "",      [IR_STORES] = "v",   [IR_LOADRAW] = "J",   [IR_STORERAW] = "Jv",
    [IR_FENCE] = "",      [IR_CAS] = "J==",    [IR_XADD] = "J=",     [IR_XCHG] = "J=",
    [IR_ADDR] = "RJ",     [IR_THREAD] = "",    [IR_OVERRIDES] = "R", [IR_GUARD] = "v1",
    [IR_NEW] = "",        [IR_NEWARRAY] = "I", [IR_NEWMULTI] = "*",  [IR_CALL] = "*",
    [IR_CALLV] = "R*",    [IR_CALLI] = "R*",   [IR_CALLM] = "J*",    [IR_RT] = "*",
    [IR_GOTO] = "",       [IR_IF] = "v1",      [IR_SWITCH] = "I",    [IR_RETURN] = "*",
    [IR_EXIT] = "",       [IR_POLL] = "",      [IR_KEEP] = "R",
};

static bool type_fits(const struct ir_value *v, char want, enum ir_type t)
{
    switch (want) {
    case 'I': return t == IR_I;
    case 'J': return t == IR_J;
    case 'i': return t == IR_I || t == IR_J;
    case 'R': return t == IR_R;
    case 'n': return t >= IR_I && t <= IR_D;
    case '=': return t == v->type;
    case '1': return t == v->args[0]->type;
    case '2': return t == v->args[2]->type;
    default: return t != IR_V;
    }
}

static const char *check_types(const struct ir_value *v)
{
    const char *s = signature[v->op];
    uint32_t i = 0;
    for (; *s && *s != '*'; s++, i++) {
        if (i >= v->n_args || !v->args[i]) { return fail("v%u: argument %u is missing", v->id, i); }
        if (!type_fits(v, *s, v->args[i]->type)) {
            return fail("v%u (%s): argument %u has a wrong type", v->id, ir_info[v->op].name, i);
        }
    }
    if (!*s && i != v->n_args) {
        return fail("v%u (%s) has %u arguments", v->id, ir_info[v->op].name, v->n_args);
    }
    for (; i < v->n_args; i++) {
        if (!v->args[i]) { return fail("v%u: argument %u is missing", v->id, i); }
        if (v->args[i]->type == IR_V) { return fail("v%u: argument %u has no value", v->id, i); }
    }
    bool mem = v->op >= IR_LOAD && v->op <= IR_STORERAW;
    if (mem && (v->mem < T_BOOLEAN || v->mem > T_ARRAY)) {
        return fail("v%u: no storage type", v->id);
    }
    if ((v->op == IR_LOAD || v->op == IR_LOADX || v->op == IR_LOADS || v->op == IR_LOADRAW) &&
        v->type != ir_type_of(v->mem)) {
        return fail("v%u: type does not fit the storage type", v->id);
    }
    bool leaves = v->op == IR_GUARD || v->op == IR_EXIT || v->op == IR_POLL ||
                  ((ir_flags(v) & IRF_CALL) && v->op != IR_RT);
    if (leaves && !v->state) { return fail("v%u (%s) has no state", v->id, ir_info[v->op].name); }
    return NULL;
}

/* ---- definitions ---- */

struct place {
    const struct ir_value *user; /* NULL: end of the block */
    const struct ir_block *block;
    const char *error;
};

static void check_use(struct ir_value **use, void *arg)
{
    struct place *at = arg;
    const struct ir_value *v = *use;
    if (at->error || (v->flags & VALUE_VIRTUAL)) { return; }
    unsigned user = at->user ? at->user->id : at->block->id;
    if (!v->block) {
        at->error = fail("%c%u uses v%u (%s), which is in no block", at->user ? 'v' : 'b', user,
                         v->id, ir_info[v->op].name);
    } else if (v->block == at->block ? !v->mark : !ir_dominates(v->block, at->block)) {
        at->error = fail("%c%u in b%u uses v%u of b%u, which is not defined there",
                         at->user ? 'v' : 'b', user, at->block->id, v->id, v->block->id);
    }
}

/* mark = 1: already defined in the current block. */
static const char *check_definitions(struct ir_block *b)
{
    const char *error = NULL;
    for (struct ir_value *v = b->first; v && !error; v = v->next) {
        v->mark = 1;
        if (v->op == IR_PHI) { continue; } /* with the pred */
        v->mark = 0;
        struct place at = {v, b, NULL};
        ir_for_each_use(v, check_use, &at);
        error = at.error ? at.error : check_types(v);
        v->mark = 1;
    }
    if (b->exit_state && !error) {
        struct place at = {NULL, b, NULL};
        ir_for_each_state_use(b->exit_state, check_use, &at);
        error = at.error;
    }
    return error;
}

static const char *check_phis(struct ir_block *b)
{
    for (struct ir_value *v = b->first; v; v = v->next) {
        if (v->op == IR_COPY) { continue; }
        if (v->op != IR_PHI) { break; }
        if (v->n_args != b->n_preds) {
            return fail("phi v%u has %u arguments, b%u %u preds", v->id, v->n_args, b->id,
                        b->n_preds);
        }
        for (uint32_t i = 0; i < v->n_args; i++) {
            if (!v->args[i]) { return fail("phi v%u: argument %u is missing", v->id, i); }
            struct place at = {v, b->preds[i], NULL};
            check_use(&v->args[i], &at);
            if (at.error) { return at.error; }
            if (v->args[i]->type != v->type) {
                return fail("phi v%u: argument %u has a wrong type", v->id, i);
            }
        }
    }
    return NULL;
}

const char *ir_verify(struct ir_graph *g)
{
    const char *error = NULL;
    for (struct ir_block *b = g->blocks; b && !error; b = b->next) { error = check_block(g, b); }
    for (struct ir_block *b = g->blocks; b && !error; b = b->next) { error = check_edges(b); }
    if (error) { return error; }
    ir_analyse(g);
    for (struct ir_block *b = g->blocks; b && !error; b = b->next) { error = check_definitions(b); }
    for (struct ir_block *b = g->blocks; b && !error; b = b->next) { error = check_phis(b); }
    return error;
}
