/*
 * emit_exits.c - the ways out of GCC's code, emitted behind the rest of a function. Checks that leave share one stub per state and reason.
 */
#include <stdio.h>

#include "jit/emit-internal.h"
#include "jit/states.h"

gcc_jit_block *emit_exit_block(struct emitter *e, struct ir_state *s, enum exit_reason reason,
                               bool rethrow)
{
    for (struct exit_stub *x = s->tmp; x; x = x->next) {
        if (x->state == s && x->reason == reason && x->rethrow == rethrow) { return x->block; }
    }
    struct exit_stub *x = ir_alloc(e->g, sizeof *x);
    *x = (struct exit_stub){s, (uint8_t)reason, rethrow, emit_new_block(e), e->exits};
    e->exits = x;
    s->tmp = x; /* the newest; older ones of this state may lie behind it in the list */
    return x->block;
}

/* ---- objects ---- */

/* Objects that exist only as values are made on the way out: first all of them, then their fields, which may be such objects. */
struct made {
    struct ir_value *v;
    lv object;
};
struct made_list {
    struct made at[128];
    unsigned n;
};

static rv made_value(struct emitter *e, struct made_list *made, struct ir_value *v)
{
    for (unsigned i = 0; i < made->n; i++) {
        if (made->at[i].v == v) { return gcc_jit_lvalue_as_rvalue(made->at[i].object); }
    }
    return emit_value(e, v);
}

static void make_object(struct emitter *e, struct made_list *made, struct ir_value *v,
                        struct ir_state *s)
{
    v = ir_value(v);
    if (!v || !(v->flags & VALUE_VIRTUAL)) { return; }
    for (unsigned i = 0; i < made->n; i++) {
        if (made->at[i].v == v) { return; }
    }
    if (made->n == ARRAY_COUNT(made->at)) {
        e->failure = "too many virtual objects in a state";
        return;
    }
    struct made *m = &made->at[made->n++];
    *m = (struct made){v, emit_temp(e, e->t_u64)};
    rv args[2] = {gcc_jit_context_new_rvalue_from_ptr(e->ctx, e->t_ptr, v->virtual->cls),
                  emit_i32(e, (int32_t)v->virtual->length)};
    emit_assign(e, m->object, emit_helper(e, HELPER_materialise, s, 2, args));
    for (unsigned i = 0; i < v->virtual->n; i++) {
        make_object(e, made, v->virtual->fields[i].value, s);
    }
}

/* Fills what make_object() made; nothing when the heap is exhausted (the OutOfMemoryError is pending then). */
static void fill_objects(struct emitter *e, struct made_list *made, struct ir_state *s)
{
    for (unsigned i = 0; i < made->n; i++) {
        const struct ir_virtual *x = made->at[i].v->virtual;
        rv o = gcc_jit_lvalue_as_rvalue(made->at[i].object);
        gcc_jit_block *some = emit_new_block(e), *next = emit_new_block(e);
        emit_branch(
            e, emit_compare(e, GCC_JIT_COMPARISON_NE, o, gcc_jit_context_zero(e->ctx, e->t_u64)),
            some, next);
        e->block = some;
        for (unsigned k = 0; k < x->n; k++) {
            const struct ir_virtual_field *f = &x->fields[k];
            uint64_t offset = x->cls->kind == CLASS_ARRAY
                                  ? ARRAY_BASE_OFFSET + ((uint64_t)f->offset << x->cls->elem_shift)
                                  : f->offset;
            lv to = emit_guest(
                e, emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, o, emit_u64(e, offset)), f->mem,
                true);
            emit_assign(e, to,
                        emit_cast(e, made_value(e, made, ir_value(f->value)),
                                  emit_mem_type(e, f->mem, false)));
        }
        for (unsigned k = 0; k < x->locks; k++) { emit_helper(e, HELPER_monitor_enter, s, 1, &o); }
        emit_jump(e, next);
        e->block = next;
    }
}

/* ---- leaving ---- */

/*
 * Leaves: one assembly statement, whose operands are the values, in registers of GCC's choice. What follows the call is not
 * executed: it tells compiled_leave() where the values are, as instructions that would move them (vm/compiled_exit.c
 * decodes these). That costs GCC and the code a third of what stores to t->exit_values would; those serve only when
 * registers could run out.
 */
#define LEAVE_INTS   9
#define LEAVE_FLOATS 12

static void emit_leave(struct emitter *e, struct state_values *values, struct made_list *made,
                       uint32_t index)
{
    char text[8192];
    rv operands[LEAVE_INTS + LEAVE_FLOATS];
    const char *constraints[LEAVE_INTS + LEAVE_FLOATS];
    unsigned n_operands = 0, ints = 0, floats = 0;
    size_t n = (size_t)snprintf(
        text, sizeof text, "call\tjit_leave@PLT\n" SITE_TEXT "\n\t.long %u\n\t.short %u\n",
        SITE_NO_FRAME, index | (emit_is_osr(e) ? LEAVE_LOOP : 0), values->n);
    for (unsigned i = 0; i < values->n; i++) {
        struct ir_value *v = values->value[i];
        char *to = text + n;
        size_t room = sizeof text - n;
        bool is_float = ir_is_float(v->type);
        if (ir_is_const(v)) {
            /* movl sign-extends here */
            bool wide = v->type != IR_I && v->k.j != (int32_t)v->k.j;
            n += (size_t)snprintf(to, room,
                                  wide ? "\tmovabsq\t$%lld, %%%%rax\n" : "\tmovl\t$%lld, %%%%eax\n",
                                  v->type == IR_I ? (long long)v->k.i : (long long)v->k.j);
            continue;
        }
        rv x = made_value(e, made, v);
        if (is_float ? floats == LEAVE_FLOATS : ints == LEAVE_INTS) {
            lv cell = emit_thread_field(e, offsetof(struct thread, exit_values) + 8 * i, e->t_u64,
                                        e->p_u64);
            emit_assign(e, cell, emit_raw(e, x, v->type));
            n += (size_t)snprintf(to, room, "\tnop\n");
            continue;
        }
        const char *move = v->type == IR_I   ? "\tmovl\t%%k%u, %%%%eax\n"
                           : v->type == IR_F ? "\tmovd\t%%%u, %%%%eax\n"
                           : v->type == IR_D ? "\tmovq\t%%%u, %%%%rax\n"
                                             : "\tmovq\t%%q%u, %%%%rax\n";
        n += (size_t)snprintf(to, room, move, n_operands + 1);
        constraints[n_operands] = is_float ? "x" : "r";
        operands[n_operands++] = x;
        *(is_float ? &floats : &ints) += 1;
    }
    if (n >= sizeof text) {
        e->failure = "too many values in a state";
        return;
    }
    if (!e->leave) {
        e->leave = emit_new_block(e);
        e->left = emit_temp(e, e->t_u64);
    }
    lv frame = emit_temp(e, e->t_ptr);
    emit_assign(e, frame, emit_frame_address(e));
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, text);
    gcc_jit_extended_asm_set_volatile_flag(a, 1);
    gcc_jit_extended_asm_add_output_operand(a, NULL, "=a", e->left);
    for (unsigned i = 0; i < n_operands; i++) {
        gcc_jit_extended_asm_add_input_operand(a, NULL, constraints[i], operands[i]);
    }
    /* makes GCC set up the frame in front of it, which stack walks need; it cannot see that this is a call */
    gcc_jit_extended_asm_add_input_operand(a, NULL, "r", gcc_jit_lvalue_as_rvalue(frame));
    gcc_jit_extended_asm_add_clobber(a, "memory");
    emit_jump(e, e->leave);
}

/* Where all exits meet: returns what the interpreter made of the rest. */
void emit_left(struct emitter *e)
{
    e->block = e->leave;
    rv r = gcc_jit_lvalue_as_rvalue(e->left);
    enum ir_type type = ir_type_of(e->g->method->ret_type);
    emit_return(e, emit_is_osr(e) ? emit_u64(e, 0) : type == IR_V ? NULL : emit_unraw(e, r, type));
}

void emit_exit_stub(struct emitter *e, struct exit_stub *x)
{
    struct state_values values = {.n = 0};
    uint32_t frame = state_exit_frame(&e->result->meta, x->state, &values);
    uint32_t index = state_add_exit(&e->result->meta, frame, x->reason, x->rethrow);
    e->block = x->block;
    struct made_list made;
    made.n = 0;
    struct ir_state unhandled = {
        .method = x->state->method, .caller = x->state->caller, .bci = x->state->bci};
    for (unsigned i = 0; i < values.n; i++) { make_object(e, &made, values.value[i], &unhandled); }
    fill_objects(e, &made, &unhandled);
    emit_leave(e, &values, &made, index);
}
