/*
 * states.c - frame states to the arrays of struct compiled; what both code generators (emit.c, quick.c) need to know of them.
 */
#include "jit/states.h"

#include <stdlib.h>
#include <string.h>

static uint32_t new_frame(struct jit_meta *m)
{
    if (m->n_frames == m->cap_frames) {
        m->cap_frames = m->cap_frames ? 2 * m->cap_frames : 16;
        m->frames = realloc(m->frames, m->cap_frames * sizeof *m->frames);
    }
    memset(&m->frames[m->n_frames], 0, sizeof *m->frames);
    return m->n_frames++;
}

static void add_cell(struct jit_meta *m, unsigned cell, unsigned value)
{
    if (m->n_cells == m->cap_cells) {
        m->cap_cells = m->cap_cells ? 2 * m->cap_cells : 64;
        m->cells = realloc(m->cells, m->cap_cells * sizeof *m->cells);
    }
    m->cells[m->n_cells++] = (struct compiled_cell){(uint16_t)cell, (uint16_t)value};
}

uint32_t state_add_exit(struct jit_meta *m, uint32_t frame, enum exit_reason reason, bool rethrow)
{
    if (m->n_exits == m->cap_exits) {
        m->cap_exits = m->cap_exits ? 2 * m->cap_exits : 16;
        m->exits = realloc(m->exits, m->cap_exits * sizeof *m->exits);
    }
    m->exits[m->n_exits] =
        (struct compiled_exit){.frame = frame, .reason = (uint16_t)reason, .rethrow = rethrow};
    return m->n_exits++;
}

void states_clear(struct ir_graph *g)
{
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (struct ir_value *v = b->first; v; v = v->next) {
            for (struct ir_state *st = v->state; st; st = st->caller) {
                st->tmp = NULL;
                st->frame = 0;
            }
        }
    }
}

uint32_t state_trace_frame(struct jit_result *r, struct ir_state *s)
{
    if (s->frame) { return s->frame - 1; }
    uint32_t caller = s->caller ? state_trace_frame(r, s->caller) + 1 : 0;
    uint32_t i = new_frame(&r->meta);
    struct compiled_frame *f = &r->meta.frames[i];
    f->method = s->method;
    f->caller = caller;
    f->bci = (uint16_t)s->bci;
    f->n_stack = s->n_stack;
    s->frame = i + 1;
    return i;
}

static unsigned value_index(struct state_values *x, struct ir_value *v)
{
    for (unsigned i = 0; i < x->n; i++) {
        if (x->value[i] == v) { return i; }
    }
    x->value[x->n] = v;
    return x->n++;
}

uint32_t state_exit_frame(struct jit_meta *m, struct ir_state *s, struct state_values *x)
{
    uint32_t caller = s->caller ? state_exit_frame(m, s->caller, x) + 1 : 0;
    uint32_t i = new_frame(m);
    uint32_t first = m->n_cells;
    for (unsigned k = 0; k < (unsigned)s->n_locals + s->n_stack; k++) {
        struct ir_value *v = ir_value(s->values[k]);
        if (v) { add_cell(m, k, value_index(x, v)); }
    }
    m->frames[i] = (struct compiled_frame){
        .method = s->method,
        .caller = caller,
        .first_cell = first,
        .n_cells = (uint16_t)(m->n_cells - first),
        .n_stack = s->n_stack,
        .bci = (uint16_t)s->bci,
        .lock_value = s->lock ? (uint16_t)(value_index(x, ir_value(s->lock)) + 1) : 0,
    };
    return i;
}

static struct ir_block *common_dominator(struct ir_block *a, struct ir_block *b)
{
    while (a != b) {
        if (a->order > b->order) {
            a = a->idom;
        } else {
            b = b->idom;
        }
    }
    return a;
}

struct ir_block *state_stack_check_place(struct ir_graph *g)
{
    struct ir_block *place = NULL;
    bool entry = g->method->n_handlers || g->method->flags & ACC_SYNCHRONIZED;
    ir_analyse(g);
    for (struct ir_block *b = g->blocks; b; b = b->next) {
        for (const struct ir_value *v = b->first; v; v = v->next) {
            entry = entry || (v->op == IR_RT && (v->index == HELPER_monitor_enter ||
                                                 v->index == HELPER_monitor_exit));
            if (v->op == IR_CALL || v->op == IR_CALLV || v->op == IR_CALLI || v->op == IR_CALLM) {
                place = place ? common_dominator(place, b) : b;
            }
        }
    }
    while (place && place->loop) { place = place->loop->header->idom; }
    return place && entry ? g->entry : place;
}
