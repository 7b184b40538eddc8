/*
 * quick_memory.c - operations of the quick generator on guest memory: loads, stores, atomic ones; under --mmu=soft through the TLB.
 */
#include "jit/helpers.h"
#include "jit/jit-internal.h"
#include "jit/quick.h"
#include "runtime/machine/machine.h"

/* A TLB miss: rax = gva; the host's address comes back there. */
static void slow_translate(struct quick *q, struct quick_slow *s)
{
    unsigned size = 1u << (s->reg & 3);
    quick_save_live(q, s->insn);
    asm_mov(&q->a, true, RDI, asm_reg(THREAD_REG));
    asm_mov(&q->a, true, RSI, asm_reg(RAX));
    asm_mov_imm(&q->a, RDX, size);
    asm_mov_imm(&q->a, RCX, s->reg & 4 ? PF_WRITE : 0);
    quick_call_c(q, quick_helper(HELPER_soft_addr), NULL);
    quick_restore_live(q, s->insn);
    asm_jmp(&q->a, s->back);
}

/*
 * A place in guest memory as an operand. --mmu=soft: through the TLB (softmmu_hit), with rax, r10, r11; the operand is then
 * (rax).
 */
struct asm_operand quick_guest(struct quick *q, struct asm_operand at, enum basic_type mem,
                               bool write)
{
    struct asm_buffer *a = &q->a;
    if (!q->soft) { return at; }
    unsigned shift_by = type_shift(mem);
    _Static_assert(sizeof(struct tlb_entry) == 16, "a shift by 4");
    if (at.reg == NO_REG) {
        asm_mov_imm(a, RAX, (uint32_t)at.disp);
    } else {
        asm_lea(a, true, RAX, at);
    }
    asm_mov(a, false, R11, asm_reg(RAX));
    asm_shift_imm(a, false, 5, R11, 12);
    asm_alu_imm(a, false, ALU_AND, asm_reg(R11), TLB_SIZE - 1);
    asm_shift_imm(a, false, 4, R11, 4);
    asm_alu(a, true, ALU_ADD, R11, quick_thread_field(offsetof(struct thread, cpu.tlb)));
    asm_lea(a, false, R10, asm_mem(RAX, (1 << shift_by) - 1));
    asm_alu_imm(a, false, ALU_AND, asm_reg(R10), (int32_t)PTE_FRAME);
    asm_alu(a, false, ALU_CMP, R10,
            asm_mem(R11, write ? offsetof(struct tlb_entry, write_tag)
                               : offsetof(struct tlb_entry, read_tag)));
    struct quick_slow *s = quick_add_slow(q, slow_translate, NULL);
    s->reg = (int)(shift_by | (write ? 4 : 0));
    asm_jcc(a, CC_NE, s->label);
    asm_alu_imm(a, true, ALU_ADD,
                quick_thread_field(offsetof(struct thread, cpu.counters.tlb_hits)), 1);
    asm_alu(a, true, ALU_ADD, RAX, asm_mem(R11, offsetof(struct tlb_entry, addend)));
    asm_bind(a, s->back);
    return asm_mem(RAX, 0);
}

/* Field of an object, or a static at an absolute gva; rax may be used. */
static struct asm_operand field_place(struct quick *q, struct ir_value *v)
{
    if (v->op == IR_LOADS || v->op == IR_STORES) {
        if (q->soft) { return asm_mem(NO_REG, (int32_t)v->offset); }
        asm_mov_imm(&q->a, RAX, v->offset);
        return asm_mem(RAX, 0);
    }
    return asm_mem(quick_use(q, quick_arg(v, 0), RAX), (int32_t)v->offset);
}

/* Element of an array; rax and r11 may be used. */
static struct asm_operand element_place(struct quick *q, struct ir_value *v)
{
    struct ir_value *index = quick_arg(v, 1);
    unsigned shift_by = type_shift(v->mem);
    int array = quick_use(q, quick_arg(v, 0), RAX);
    if (index->op == IR_CONST && (uint32_t)index->k.i < 1u << 24) {
        return asm_mem(array, (int32_t)ARRAY_BASE_OFFSET + (index->k.i << shift_by));
    }
    return asm_mem_index(array, quick_use(q, index, R11), shift_by, ARRAY_BASE_OFFSET);
}

static struct asm_operand raw_place(struct quick *q, struct ir_value *v)
{
    int32_t offset;
    if (quick_thread_address(quick_arg(v, 0), &offset)) { return asm_mem(THREAD_REG, offset); }
    return asm_mem(quick_use(q, quick_arg(v, 0), RAX), 0);
}

static void load_from(struct quick *q, struct ir_value *v, struct asm_operand from)
{
    if (ir_is_float(v->type)) {
        int reg = quick_target(q, v, FSCRATCH);
        asm_op(&q->a, quick_float_prefix(v->type), 0x0f10, reg, from);
        quick_finish(q, v, reg);
        return;
    }
    int to = quick_target(q, v, SCRATCH);
    switch (v->mem) {
    case T_BOOLEAN: asm_op(&q->a, 0, 0x0fb6, to, from); break;
    case T_BYTE: asm_op(&q->a, 0, 0x0fbe, to, from); break;
    case T_CHAR: asm_op(&q->a, 0, 0x0fb7, to, from); break;
    case T_SHORT: asm_op(&q->a, 0, 0x0fbf, to, from); break;
    case T_LONG: asm_mov(&q->a, true, to, from); break;
    case T_FLOAT:
    case T_DOUBLE: q->failure = "float loaded as an integer"; break;
    default: asm_mov(&q->a, false, to, from); break;
    }
    quick_finish(q, v, to);
}

static void full_fence(struct quick *q)
{
    asm_byte(&q->a, 0xf0); /* lock orl $0, (rsp) */
    asm_alu_imm(&q->a, false, ALU_OR, asm_mem(RSP, 0), 0);
}

/* r11 may be used: at.index, if it is r11, is read by the last instruction only when the value has a register. */
static void store_value(struct quick *q, struct ir_value *v, struct ir_value *x,
                        struct asm_operand to)
{
    int32_t imm;
    unsigned size = type_size(v->mem);
    if (ir_is_float(x->type)) {
        int reg = quick_use_float(q, x, FSCRATCH);
        asm_op(&q->a, quick_float_prefix(x->type), 0x0f11, reg, to);
        return;
    }
    if (quick_immediate(x, &imm)) {
        asm_op(&q->a, size == 8 ? ASM_W : size == 2 ? ASM_66 : 0, size == 1 ? 0xc6 : 0xc7, 0, to);
        if (size == 1) {
            asm_byte(&q->a, (uint8_t)imm);
        } else if (size == 2) {
            asm_u16(&q->a, (uint16_t)imm);
        } else {
            asm_u32(&q->a, (uint32_t)imm);
        }
        return;
    }
    if (quick_place(q, x).kind != PLACE_REG && to.index == R11) {
        asm_lea(&q->a, true, RAX, to);
        to = asm_mem(RAX, 0);
    }
    int reg = quick_use(q, x, R11);
    switch (size) {
    case 1: asm_op(&q->a, ASM_BYTE, 0x88, reg, to); break;
    case 2: asm_op(&q->a, ASM_66, 0x89, reg, to); break;
    case 4: asm_store(&q->a, false, to, reg); break;
    default: asm_store(&q->a, true, to, reg); break;
    }
}

static void store(struct quick *q, struct ir_value *v)
{
    struct asm_operand to;
    struct ir_value *x = quick_arg(v, v->n_args - 1);
    switch (v->op) {
    case IR_STOREX: to = quick_guest(q, element_place(q, v), v->mem, true); break;
    case IR_STORERAW: to = raw_place(q, v); break;
    default: to = quick_guest(q, field_place(q, v), v->mem, true); break;
    }
    store_value(q, v, x, to);
    if (v->flags & VALUE_VOLATILE && !(v->op == IR_STORERAW && v->index)) { full_fence(q); }
}

static void load(struct quick *q, struct ir_value *v)
{
    switch (v->op) {
    case IR_LOADX: load_from(q, v, quick_guest(q, element_place(q, v), v->mem, false)); break;
    case IR_LOADRAW: load_from(q, v, raw_place(q, v)); break;
    default: load_from(q, v, quick_guest(q, field_place(q, v), v->mem, false)); break;
    }
}

/* The 32-bit word of an object into a register. */
void quick_object_word(struct quick *q, struct ir_value *object, int32_t offset, int to)
{
    int reg = quick_use(q, object, RAX);
    asm_mov(&q->a, false, to, quick_guest(q, asm_mem(reg, offset), T_INT, false));
}

static void atomic(struct quick *q, struct ir_value *v)
{
    bool w = v->mem == T_LONG;
    unsigned flags = w ? ASM_W : 0;
    struct ir_value *address = quick_arg(v, 0);
    if (v->op == IR_CAS) {
        struct ir_value *new = quick_arg(v, 2);
        int to = quick_use(q, address, R11);
        struct place p = quick_place(q, new);
        quick_load(q, quick_arg(v, 1), RAX);
        if (p.kind == PLACE_REG) {
            asm_byte(&q->a, 0xf0);
            asm_op(&q->a, flags, 0x0fb1, p.reg, asm_mem(to, 0));
        } else { /* a register is lent: it comes back from the stack */
            int lent = to == RBX ? R12 : RBX;
            asm_byte(&q->a, lent == RBX ? 0x53 : 0x41);
            if (lent == R12) { asm_byte(&q->a, 0x54); }
            quick_load(q, new, lent);
            asm_byte(&q->a, 0xf0);
            asm_op(&q->a, flags, 0x0fb1, lent, asm_mem(to, 0));
            asm_byte(&q->a, lent == RBX ? 0x5b : 0x41);
            if (lent == R12) { asm_byte(&q->a, 0x5c); }
        }
    } else {
        int to = quick_use(q, address, R11);
        quick_load(q, quick_arg(v, 1), RAX);
        if (v->op == IR_XADD) { asm_byte(&q->a, 0xf0); }
        asm_op(&q->a, flags, v->op == IR_XADD ? 0x0fc1 : 0x87, RAX, asm_mem(to, 0));
    }
    if (!w) { asm_mov(&q->a, false, RAX, asm_reg(RAX)); }
    quick_finish(q, v, RAX);
}

bool quick_memory_op(struct quick *q, struct ir_value *v)
{
    switch (v->op) {
    case IR_LOAD:
    case IR_LOADX:
    case IR_LOADS:
    case IR_LOADRAW: load(q, v); return true;
    case IR_STORE:
    case IR_STOREX:
    case IR_STORES:
    case IR_STORERAW: store(q, v); return true;
    case IR_FENCE:
        if (v->index != FENCE_COMPILER) { full_fence(q); }
        return true;
    case IR_CAS:
    case IR_XADD:
    case IR_XCHG: atomic(q, v); return true;
    default: return false;
    }
}
