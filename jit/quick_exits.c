/*
 * quick_exits.c - the stubs behind the code that leave it: objects that exist only as values are made, and then a call of jit_leave,
 * behind which lies what compiled_leave() (vm/compiled_exit.c) is to find the values by.
 */
#include "jit/quick.h"
#include "jit/states.h"

uint32_t quick_exit_label(struct quick *q, struct ir_state *s, enum exit_reason reason,
                          bool rethrow)
{
    for (struct quick_exit *x = s->tmp; x; x = x->next) {
        if (x->state == s && x->reason == reason && x->rethrow == rethrow) { return x->label; }
    }
    struct quick_exit *x = ir_alloc(q->g, sizeof *x);
    *x = (struct quick_exit){s, (uint8_t)reason, rethrow, asm_label(&q->a), q->exits};
    q->exits = x;
    s->tmp = x;
    return x->label;
}

/* Objects that exist only as values (see emit_exits.c): made on the way out, all values being in memory then. */
struct making {
    struct ir_value *object[128];
    uint32_t word[128]; /* of the save area */
    unsigned n;
    struct ir_value *kept[512]; /* values in registers, and their words */
    uint32_t kept_word[512];
    unsigned n_kept;
    uint32_t words;
};

static int made_index(const struct making *x, const struct ir_value *v)
{
    for (unsigned i = 0; i < x->n; i++) {
        if (x->object[i] == v) { return (int)i; }
    }
    return -1;
}

static void list_objects(struct quick *q, struct making *x, struct ir_value *v)
{
    v = ir_value(v);
    if (!v || !(v->flags & VALUE_VIRTUAL) || made_index(x, v) >= 0) { return; }
    if (x->n == ARRAY_COUNT(x->object)) {
        q->failure = "too many virtual objects in a state";
        return;
    }
    x->word[x->n] = x->words++;
    x->object[x->n++] = v;
    for (unsigned i = 0; i < v->virtual->n; i++) {
        list_objects(q, x, v->virtual->fields[i].value);
    }
}

/* A value in a register goes to the save area. */
static void keep(struct quick *q, struct making *x, struct ir_value *v)
{
    v = quick_root(v);
    struct place p = quick_place(q, v);
    if (p.kind != PLACE_REG && p.kind != PLACE_FLOAT) { return; }
    for (unsigned i = 0; i < x->n_kept; i++) {
        if (x->kept[i] == v) { return; }
    }
    if (x->n_kept == ARRAY_COUNT(x->kept)) {
        q->failure = "too many values in a state";
        return;
    }
    struct asm_operand at = quick_save_word(q, x->words);
    if (p.kind == PLACE_FLOAT) {
        asm_op(&q->a, ASM_F2, 0x0f11, p.reg, at);
    } else {
        asm_store(&q->a, true, at, p.reg);
    }
    x->kept_word[x->n_kept] = x->words++;
    x->kept[x->n_kept++] = v;
}

/* Where a value is during the making, as a word of the frame; false: it is a constant. */
static bool made_word(struct quick *q, const struct making *x, struct ir_value *v,
                      struct asm_operand *at)
{
    v = quick_root(v);
    int made = made_index(x, v);
    if (made >= 0) {
        *at = quick_save_word(q, x->word[made]);
        return true;
    }
    for (unsigned i = 0; i < x->n_kept; i++) {
        if (x->kept[i] == v) {
            *at = quick_save_word(q, x->kept_word[i]);
            return true;
        }
    }
    struct place p = quick_place(q, v);
    if (p.kind == PLACE_SLOT) { *at = quick_slot(q, p.slot); }
    return p.kind == PLACE_SLOT;
}

static void fill_object(struct quick *q, struct making *x, unsigned i, struct ir_state *s)
{
    const struct ir_virtual *o = x->object[i]->virtual;
    struct asm_operand object = quick_save_word(q, x->word[i]);
    uint32_t next = asm_label(&q->a);
    asm_mov(&q->a, true, RDX, object);
    asm_test(&q->a, true, RDX, RDX);
    asm_jcc(&q->a, CC_E, next);
    for (unsigned k = 0; k < o->n; k++) {
        const struct ir_virtual_field *f = &o->fields[k];
        uint32_t offset = o->cls->kind == CLASS_ARRAY
                              ? ARRAY_BASE_OFFSET + (f->offset << o->cls->elem_shift)
                              : f->offset;
        struct asm_operand from, to = asm_mem(RDX, (int32_t)offset);
        if (made_word(q, x, f->value, &from)) {
            asm_mov(&q->a, true, RCX, from);
        } else {
            asm_mov_imm(&q->a, RCX, quick_bits(quick_root(f->value)));
        }
        switch (type_size(f->mem)) {
        case 1: asm_op(&q->a, ASM_BYTE, 0x88, RCX, to); break;
        case 2: asm_op(&q->a, ASM_66, 0x89, RCX, to); break;
        case 4: asm_store(&q->a, false, to, RCX); break;
        default: asm_store(&q->a, true, to, RCX); break;
        }
    }
    for (unsigned k = 0; k < o->locks; k++) {
        asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
        asm_mov(&q->a, true, RSI, object);
        quick_call_c(q, helper_info[HELPER_monitor_enter].function, s);
        quick_exception_check(q, s);
    }
    asm_bind(&q->a, next);
}

/* Under --mmu=soft too the objects are filled through the window: they are new, and the VM's own code does the same. */
static void make_objects(struct quick *q, struct making *x, struct state_values *values,
                         struct ir_state *s)
{
    for (unsigned i = 0; i < values->n; i++) { list_objects(q, x, values->value[i]); }
    if (!x->n) { return; }
    for (unsigned i = 0; i < values->n; i++) {
        if (!(ir_value(values->value[i])->flags & VALUE_VIRTUAL)) { keep(q, x, values->value[i]); }
    }
    for (unsigned i = 0; i < x->n; i++) {
        const struct ir_virtual *o = x->object[i]->virtual;
        for (unsigned k = 0; k < o->n; k++) {
            struct ir_value *f = ir_value(o->fields[k].value);
            if (!(f->flags & VALUE_VIRTUAL)) { keep(q, x, f); }
        }
    }
    for (unsigned i = 0; i < x->n; i++) {
        const struct ir_virtual *o = x->object[i]->virtual;
        asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
        asm_mov_imm(&q->a, RSI, (uint64_t)(uintptr_t)o->cls);
        asm_mov_imm(&q->a, RDX, o->length);
        quick_call_c(q, helper_info[HELPER_materialise].function, s);
        asm_store(&q->a, true, quick_save_word(q, x->word[i]), RAX);
    }
    for (unsigned i = 0; i < x->n; i++) { fill_object(q, x, i, s); }
}

/* What read_values() of vm/compiled_exit.c decodes; nothing of it is executed. */
static void describe_value(struct quick *q, const struct making *x, struct ir_value *v)
{
    struct asm_buffer *a = &q->a;
    struct asm_operand at;
    v = quick_root(v);
    if (v->op == IR_CONST) {
        int64_t k = v->type == IR_I ? v->k.i : v->k.j;
        if (k == (int32_t)k) {
            asm_byte(a, 0xb8);
            asm_u32(a, (uint32_t)k);
        } else {
            asm_byte(a, 0x48);
            asm_byte(a, 0xb8);
            asm_u64(a, (uint64_t)k);
        }
    } else if (made_word(q, x, v, &at)) {
        asm_op(a, v->type == IR_I || quick_is_wide(v->type) ? ASM_W : 0,
               v->type == IR_I ? 0x63 : 0x8b, RAX,
               (struct asm_operand){ASM_MEM, RBP, NO_REG, 0, at.disp});
    } else {
        struct place p = quick_place(q, v);
        bool wide = quick_is_wide(v->type);
        if (p.kind == PLACE_NONE) { q->failure = "value used before its definition"; }
        if (p.kind == PLACE_FLOAT) {
            asm_op(a, ASM_66 | (wide ? ASM_W : 0), 0x0f7e, p.reg, asm_reg(RAX));
        } else {
            asm_store(a, wide, asm_reg(RAX), p.reg);
        }
    }
}

void quick_exit_stub(struct quick *q, struct quick_exit *x)
{
    struct state_values values = {.n = 0};
    struct jit_meta *meta = &q->result->meta;
    uint32_t frame = state_exit_frame(meta, x->state, &values);
    uint32_t index = state_add_exit(meta, frame, x->reason, x->rethrow);
    struct ir_state *unhandled = ir_alloc(q->g, sizeof *unhandled);
    *unhandled = (struct ir_state){
        .method = x->state->method, .caller = x->state->caller, .bci = x->state->bci};
    struct making *making = ir_alloc(q->g, sizeof *making);
    asm_bind(&q->a, x->label);
    make_objects(q, making, &values, unhandled);
    asm_op(&q->a, 0, 0xff, 2,
           quick_constant(q, (uint64_t)(uintptr_t)helper_info[HELPER_leave].function));
    quick_site(q, SITE_NO_FRAME);
    asm_u32(&q->a, index | (quick_is_osr(q) ? LEAVE_LOOP : 0));
    asm_u16(&q->a, (uint16_t)values.n);
    for (unsigned i = 0; i < values.n; i++) { describe_value(q, making, values.value[i]); }
    if (!q->leave) { q->leave = asm_label(&q->a); }
    asm_jmp(&q->a, q->leave);
}
