/*
 * decode.c - bytecode to the decoded form of code.h.
 *
 * code_of() makes one pass over the bytecode: it finds the instructions and the leaders of basic blocks, checks what
 * the decoder and the interpreter rely on (so that code which the verifier did not see cannot lead outside its
 * method), and lays out the array. The instructions themselves are decoded block by block when they are reached.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/threads/thread.h"
#include "vm/code.h"
#include "vm/compiled.h"
#include "vm/frame.h"

const void *const *insn_handlers;
static pthread_mutex_t decode_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- first pass: instructions and leaders ---- */

enum {
    BC_START = 1,  /* an instruction starts here */
    BC_LEADER = 2, /* a block starts here */
};

struct scan {
    struct method *m;
    uint8_t *map; /* BC_* by bci */
    const char *error;
    char message[160];
};

static bool scan_fail(struct scan *s, const char *what, int bci)
{
    snprintf(s->message, sizeof s->message, "%s at bytecode index %d", what, bci);
    s->error = s->message;
    return false;
}

static bool scan_target(struct scan *s, int bci, int32_t offset)
{
    int64_t to = (int64_t)bci + offset;
    if (to < 0 || to >= (int64_t)s->m->code_length) {
        return scan_fail(s, "Illegal target of jump or branch", bci);
    }
    s->map[to] |= BC_LEADER;
    return true;
}

static bool scan_branches(struct scan *s, int bci)
{
    struct branches b = bytecode_branches(s->m->code, (uint32_t)bci);
    bool lookup = s->m->code[bci] == OP_lookupswitch;
    for (uint32_t i = 0; i < b.n; i++) {
        if (!scan_target(s, bci, branch_offset(&b, i))) { return false; }
        if (lookup && i > 1 && branch_key(&b, i) <= branch_key(&b, i - 1)) {
            return scan_fail(s, "Bad lookupswitch instruction: keys are not sorted", bci);
        }
    }
    return true;
}

/* Local variables that the instruction names must exist. */
static bool scan_locals(struct scan *s, uint32_t bci)
{
    unsigned index;
    enum opcode op = bytecode_local(s->m->code + bci, &index);
    bool two = op == OP_lload || op == OP_dload || op == OP_lstore || op == OP_dstore;
    if (op != OP_nop && index + two >= s->m->max_locals) {
        return scan_fail(s, "Illegal local variable number", (int)bci);
    }
    return true;
}

/* The constant pool entry must have a tag that the instruction can use. */
static bool scan_pool(struct scan *s, uint32_t bci)
{
    const uint8_t *p = s->m->code + bci;
    const struct constant_pool *cp = &s->m->cls->cp;
    uint8_t op = *p;
    uint8_t kind = opcode_info[op].operands;
    if (kind != OPD_CP1 && kind != OPD_CP2 && kind != OPD_IFACE && kind != OPD_INDY &&
        kind != OPD_MULTI) {
        return true;
    }
    uint32_t index = kind == OPD_CP1 ? p[1] : read_u2(p + 1);
    unsigned tag = index < cp->count ? cp->tags[index] & CP_TAG_MASK : 0;
    bool ok;
    switch (op) {
    case OP_ldc:
    case OP_ldc_w:
        ok = tag == CP_INTEGER || tag == CP_FLOAT || tag == CP_STRING || tag == CP_CLASS ||
             tag == CP_METHOD_HANDLE || tag == CP_METHOD_TYPE || tag == CP_DYNAMIC;
        break;
    case OP_ldc2_w: ok = tag == CP_LONG || tag == CP_DOUBLE || tag == CP_DYNAMIC; break;
    case OP_getstatic:
    case OP_putstatic:
    case OP_getfield:
    case OP_putfield: ok = tag == CP_FIELDREF; break;
    case OP_invokevirtual: ok = tag == CP_METHODREF; break;
    case OP_invokespecial:
    case OP_invokestatic: ok = tag == CP_METHODREF || tag == CP_IMETHODREF; break;
    case OP_invokeinterface: ok = tag == CP_IMETHODREF; break;
    case OP_invokedynamic: ok = tag == CP_INVOKE_DYNAMIC; break;
    default: ok = tag == CP_CLASS; break;
    }
    return ok || scan_fail(s, "Illegal constant pool index", (int)bci);
}

static bool scan_code(struct scan *s)
{
    const uint8_t *code = s->m->code;
    uint32_t end = s->m->code_length;
    bool falls = true;
    for (uint32_t bci = 0, length; bci < end; bci += length) {
        length = bytecode_length_checked(code, bci, end);
        if (!length) { return scan_fail(s, "Bad instruction", (int)bci); }
        if (!scan_locals(s, bci) || !scan_pool(s, bci)) { return false; }
        s->map[bci] |= BC_START;
        uint8_t op = code[bci];
        const struct opcode_info *info = &opcode_info[op];
        if (info->flags & OPF_BRANCH && !scan_branches(s, (int)bci)) { return false; }
        falls = !(info->flags & OPF_END) && !(op == OP_wide && code[bci + 1] == OP_ret);
        if ((info->flags & (OPF_BRANCH | OPF_END) || !falls) && bci + length < end) {
            s->map[bci + length] |= BC_LEADER;
        }
    }
    if (falls) { return scan_fail(s, "Falling off the end of the code", (int)end); }
    for (uint32_t i = 0; i < s->m->n_handlers; i++) {
        const struct exception_entry *e = &s->m->handlers[i];
        if (e->handler_pc >= end) {
            return scan_fail(s, "Illegal exception table handler", e->handler_pc);
        }
        s->map[e->handler_pc] |= BC_LEADER;
    }
    s->map[0] |= BC_LEADER;
    for (uint32_t bci = 0; bci < end; bci++) {
        if (s->map[bci] == BC_LEADER) {
            return scan_fail(s, "Illegal target of jump or branch", (int)bci);
        }
    }
    return true;
}

static struct code *layout(struct method *m, const uint8_t *map)
{
    uint32_t n = 0;
    for (uint32_t bci = 0; bci < m->code_length; bci++) {
        n += (map[bci] & BC_START) + ((map[bci] & BC_LEADER) != 0);
    }
    size_t insns = (n + 1) * sizeof(struct insn);
    struct code *c = meta_alloc(sizeof *c + insns + n * sizeof(uint16_t));
    if (!c) { return NULL; }
    c->method = m;
    c->insns = (struct insn *)(c + 1);
    c->bci = (uint16_t *)((char *)c->insns + insns);
    c->n_insns = n;
    c->frame_slots = (uint32_t)FRAME_SLOTS + m->max_stack;
    c->extra_locals = (uint32_t)m->max_locals - m->arg_slots;
    uint32_t i = 0;
    for (uint32_t bci = 0; bci < m->code_length; bci++) {
        if (map[bci] & BC_LEADER) {
            c->insns[i].handler = insn_handlers[OP_block];
            c->insns[i].leader = bci;
            c->bci[i++] = (uint16_t)bci;
            c->insns[i].handler = insn_handlers[OP_decode];
        }
        if (map[bci] & BC_START) { c->bci[i++] = (uint16_t)bci; }
    }
    c->insns[n].handler = insn_handlers[OP_trap_end];
    return c;
}

struct code *code_of(struct thread *t, struct method *m)
{
    struct code *c = __atomic_load_n(&m->code_cache, __ATOMIC_ACQUIRE);
    if (c) { return c; }
    struct scan s = {.m = m, .map = calloc(m->code_length + 1u, 1)};
    if (!s.map) {
        throw_oom(t, "native memory for decoded code");
        return NULL;
    }
    if (!scan_code(&s)) {
        char name[512];
        throw_new(t, "java/lang/VerifyError", "(class: %s, method: %s signature: %s) %s",
                  class_external_name(m->cls, name, sizeof name), m->name->text, m->desc->text,
                  s.error);
        free(s.map);
        return NULL;
    }
    c = layout(m, s.map);
    free(s.map);
    if (!c) {
        throw_oom(t, "Metaspace");
        return NULL;
    }
    pthread_mutex_lock(&decode_lock);
    if (m->code_cache) {
        c = m->code_cache; /* another thread was faster; ours stays unused in the arena */
    } else {
        if (jit_eager) { m->counter |= JIT_CALL_MASK; } /* the next call counts as the 64th */
        __atomic_store_n(&m->code_cache, c, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&decode_lock);
    return c;
}

struct insn *code_block_at(const struct code *c, int bci)
{
    uint32_t low = 0, high = c->n_insns;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->bci[mid] < bci) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return &c->insns[low];
}

/* ---- second pass: one block ---- */

static void set_target(struct code *c, struct insn *i, int bci)
{
    i->target = (int32_t)(code_block_at(c, bci) - i);
    i->taken = 0;
}

static void decode_switch(struct code *c, struct insn *i, int bci)
{
    struct branches b = bytecode_branches(c->method->code, (uint32_t)bci);
    bool table = c->method->code[bci] == OP_tableswitch;
    uint32_t n = b.n - 1;
    struct switch_site *s = meta_alloc(sizeof *s + (size_t)n * 4 * (table ? 1 : 2));
    s->low = table ? branch_key(&b, 1) : 0;
    s->high = table ? s->low + (int32_t)n - 1 : (int32_t)n;
    s->default_target = (int32_t)(code_block_at(c, bci + b.first) - i);
    int32_t *keys = s->targets + n;
    for (uint32_t k = 0; k < n; k++) {
        s->targets[k] = (int32_t)(code_block_at(c, bci + branch_offset(&b, k + 1)) - i);
        if (!table) { keys[k] = branch_key(&b, k + 1); }
    }
    s->keys = table ? NULL : keys;
    i->p = s;
}

/* ldc of constants that need no resolution. */
static enum opcode decode_ldc(struct code *c, struct insn *i, enum opcode op, unsigned index)
{
    const struct constant_pool *cp = &c->method->cls->cp;
    switch (cp->tags[index] & CP_TAG_MASK) {
    case CP_INTEGER: i->j = cp->val[index].i; return OP_iconst;
    case CP_FLOAT: i->j = (int64_t)cp->val[index].u; return OP_const64;
    case CP_LONG:
    case CP_DOUBLE: i->j = cp->val[index].j; return OP_const64_2;
    default: return op;
    }
}

static enum opcode decode_return(const struct method *m, enum opcode op)
{
    switch (op) {
    case OP_return: return method_is_object_init(m) ? OP_return_init : OP_return;
    case OP_lreturn:
    case OP_dreturn: return OP_vreturn2;
    case OP_ireturn:
        return m->ret_type == T_BOOLEAN || m->ret_type == T_BYTE || m->ret_type == T_CHAR ||
                       m->ret_type == T_SHORT
                   ? OP_vreturn_z
                   : OP_vreturn;
    default: return OP_vreturn;
    }
}

static int64_t bits_of_double(double d)
{
    int64_t j;
    memcpy(&j, &d, sizeof j);
    return j;
}

static int64_t bits_of_float(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

/* An instruction that names a local variable. */
static enum opcode decode_local(struct insn *i, const uint8_t *p)
{
    unsigned index;
    enum opcode op = bytecode_local(p, &index);
    i->a = index;
    switch (op) {
    case OP_iload:
    case OP_fload:
    case OP_aload: return OP_load;
    case OP_lload:
    case OP_dload: return OP_load2;
    case OP_istore:
    case OP_fstore:
    case OP_astore: return OP_store;
    case OP_lstore:
    case OP_dstore: return OP_store2;
    case OP_iinc: i->b = (uint16_t)(*p == OP_wide ? read_s2(p + 4) : (int8_t)p[2]); return op;
    default: return op;
    }
}

/* Decodes one instruction into *i (all but the handler) and says which opcode it became. */
static enum opcode decode_insn(struct code *c, struct insn *i, uint32_t bci)
{
    const uint8_t *p = c->method->code + bci;
    enum opcode op = *p;
    i->j = 0;
    switch (op) {
    case OP_iload ... OP_aload_3:
    case OP_istore ... OP_astore_3:
    case OP_iinc:
    case OP_ret:
    case OP_wide: return decode_local(i, p);
    case OP_aconst_null: i->j = 0; return OP_const64;
    case OP_iconst_m1 ... OP_iconst_5: i->j = (int)op - OP_iconst_0; return OP_iconst;
    case OP_lconst_0:
    case OP_lconst_1: i->j = op - OP_lconst_0; return OP_const64_2;
    case OP_fconst_0 ... OP_fconst_2:
        i->j = bits_of_float((float)(op - OP_fconst_0));
        return OP_const64;
    case OP_dconst_0:
    case OP_dconst_1: i->j = bits_of_double(op - OP_dconst_0); return OP_const64_2;
    case OP_bipush: i->j = (int64_t)(int8_t)p[1]; return OP_iconst;
    case OP_sipush: i->j = read_s2(p + 1); return OP_iconst;
    case OP_ldc: return decode_ldc(c, i, op, p[1]);
    case OP_ldc_w:
    case OP_ldc2_w: return decode_ldc(c, i, op, read_u2(p + 1));
    case OP_goto:
    case OP_jsr:
    case OP_ifeq ... OP_if_acmpne:
    case OP_ifnull:
    case OP_ifnonnull: {
        int16_t offset = read_s2(p + 1);
        set_target(c, i, (int)bci + offset);
        return op == OP_goto && offset <= 0 ? OP_loop_goto : op;
    }
    case OP_goto_w:
    case OP_jsr_w: {
        int32_t offset = read_s4(p + 1);
        set_target(c, i, (int)bci + offset);
        return op == OP_jsr_w ? OP_jsr : offset <= 0 ? OP_loop_goto : OP_goto;
    }
    case OP_tableswitch:
    case OP_lookupswitch: decode_switch(c, i, (int)bci); return op;
    case OP_newarray: i->a = p[1]; return op;
    case OP_ireturn ... OP_return: return decode_return(c->method, op);
    default: return op;
    }
}

/* ---- superinstructions ---- */

struct fusion {
    uint16_t first, second, third; /* third: OP_nop = a pair */
    uint16_t super;
};

/* Triples before the pairs that start them. */
static const struct fusion fusions[] = {
    {OP_load, OP_load, OP_iaload, OP_load_load_iaload},
    {OP_load, OP_load, OP_baload, OP_load_load_baload},
    {OP_load, OP_load, OP_caload, OP_load_load_caload},
    {OP_load, OP_load, OP_aaload, OP_load_load_aaload},
    {OP_load, OP_load, OP_daload, OP_load_load_daload},
    {OP_load, OP_load, OP_laload, OP_load_load_laload},
    {OP_load, OP_load, OP_iadd, OP_load_load_iadd},
    {OP_load, OP_load, OP_isub, OP_load_load_isub},
    {OP_load, OP_load, OP_if_icmpeq, OP_load_load_if_icmpeq},
    {OP_load, OP_load, OP_if_icmpne, OP_load_load_if_icmpne},
    {OP_load, OP_load, OP_if_icmplt, OP_load_load_if_icmplt},
    {OP_load, OP_load, OP_if_icmpge, OP_load_load_if_icmpge},
    {OP_load, OP_load, OP_if_icmpgt, OP_load_load_if_icmpgt},
    {OP_load, OP_load, OP_if_icmple, OP_load_load_if_icmple},
    {OP_load, OP_iconst, OP_iadd, OP_load_iconst_iadd},
    {OP_load, OP_iconst, OP_isub, OP_load_iconst_isub},
    {OP_load, OP_iconst, OP_if_icmpeq, OP_load_iconst_if_icmpeq},
    {OP_load, OP_iconst, OP_if_icmpne, OP_load_iconst_if_icmpne},
    {OP_load, OP_iconst, OP_if_icmplt, OP_load_iconst_if_icmplt},
    {OP_load, OP_iconst, OP_if_icmpge, OP_load_iconst_if_icmpge},
    {OP_load, OP_iconst, OP_if_icmpgt, OP_load_iconst_if_icmpgt},
    {OP_load, OP_iconst, OP_if_icmple, OP_load_iconst_if_icmple},
    {OP_load, OP_load, OP_nop, OP_load_load},
    {OP_load, OP_iconst, OP_nop, OP_load_iconst},
    {OP_load, OP_iadd, OP_nop, OP_load_iadd},
    {OP_load, OP_isub, OP_nop, OP_load_isub},
    {OP_load, OP_store, OP_nop, OP_load_store},
    {OP_load, OP_ifeq, OP_nop, OP_load_ifeq},
    {OP_load, OP_ifne, OP_nop, OP_load_ifne},
    {OP_load, OP_iflt, OP_nop, OP_load_iflt},
    {OP_load, OP_ifge, OP_nop, OP_load_ifge},
    {OP_load, OP_ifgt, OP_nop, OP_load_ifgt},
    {OP_load, OP_ifle, OP_nop, OP_load_ifle},
    {OP_load, OP_ifnull, OP_nop, OP_load_ifnull},
    {OP_load, OP_ifnonnull, OP_nop, OP_load_ifnonnull},
    {OP_load, OP_vreturn, OP_nop, OP_load_vreturn},
    {OP_load, OP_getfield_i, OP_nop, OP_load_getfield_i},
    {OP_load, OP_getfield_a, OP_nop, OP_load_getfield_a},
    {OP_load, OP_getfield_j, OP_nop, OP_load_getfield_j},
    {OP_getfield_a, OP_getfield_i, OP_nop, OP_getfield_getfield_i},
    {OP_iconst, OP_store, OP_nop, OP_iconst_store},
    {OP_iconst, OP_iadd, OP_nop, OP_iconst_iadd},
    {OP_iadd, OP_store, OP_nop, OP_iadd_store},
    {OP_isub, OP_store, OP_nop, OP_isub_store},
    {OP_iinc, OP_loop_goto, OP_nop, OP_iinc_goto},
    {OP_iinc, OP_goto, OP_nop, OP_iinc_goto},
    {OP_load2, OP_load2, OP_nop, OP_load2_load2},
    {OP_dmul, OP_dadd, OP_nop, OP_dmul_dadd},
    {OP_lcmp, OP_ifeq, OP_nop, OP_lcmp_ifeq},
    {OP_lcmp, OP_ifne, OP_nop, OP_lcmp_ifne},
    {OP_lcmp, OP_iflt, OP_nop, OP_lcmp_iflt},
    {OP_lcmp, OP_ifge, OP_nop, OP_lcmp_ifge},
    {OP_lcmp, OP_ifgt, OP_nop, OP_lcmp_ifgt},
    {OP_lcmp, OP_ifle, OP_nop, OP_lcmp_ifle},
    {OP_dcmpl, OP_ifeq, OP_nop, OP_dcmpl_ifeq},
    {OP_dcmpl, OP_ifne, OP_nop, OP_dcmpl_ifne},
    {OP_dcmpl, OP_iflt, OP_nop, OP_dcmpl_iflt},
    {OP_dcmpl, OP_ifge, OP_nop, OP_dcmpl_ifge},
    {OP_dcmpl, OP_ifgt, OP_nop, OP_dcmpl_ifgt},
    {OP_dcmpl, OP_ifle, OP_nop, OP_dcmpl_ifle},
    {OP_dcmpg, OP_ifeq, OP_nop, OP_dcmpg_ifeq},
    {OP_dcmpg, OP_ifne, OP_nop, OP_dcmpg_ifne},
    {OP_dcmpg, OP_iflt, OP_nop, OP_dcmpg_iflt},
    {OP_dcmpg, OP_ifge, OP_nop, OP_dcmpg_ifge},
    {OP_dcmpg, OP_ifgt, OP_nop, OP_dcmpg_ifgt},
    {OP_dcmpg, OP_ifle, OP_nop, OP_dcmpg_ifle},
    {OP_load, OP_i2l, OP_nop, OP_load_i2l},
    {OP_load2, OP_l2i, OP_nop, OP_load2_l2i},
    {OP_i2l, OP_ladd, OP_nop, OP_i2l_ladd},
    {OP_ladd, OP_store2, OP_nop, OP_ladd_store2},
    {OP_load2, OP_load, OP_nop, OP_load2_load},
    {OP_dmul, OP_dsub, OP_nop, OP_dmul_dsub},
    {OP_load2, OP_dmul, OP_nop, OP_load2_dmul},
    {OP_daload, OP_dmul, OP_nop, OP_daload_dmul},
    {OP_dadd, OP_store2, OP_nop, OP_dadd_store2},
    {OP_store, OP_load, OP_nop, OP_store_load},
};

static enum opcode fuse(enum opcode a, enum opcode b, enum opcode c)
{
    for (size_t i = 0; i < ARRAY_COUNT(fusions); i++) {
        const struct fusion *f = &fusions[i];
        if (f->first == a && f->second == b && (f->third == OP_nop || f->third == c)) {
            return f->super;
        }
    }
    return a;
}

void code_decode_block(struct code *c, uint32_t index)
{
    const void *undecoded = insn_handlers[OP_decode];
    pthread_mutex_lock(&decode_lock);
    if (c->insns[index].handler != undecoded) {
        pthread_mutex_unlock(&decode_lock);
        return;
    }
    enum opcode window[3] = {OP_nop, OP_nop, OP_nop}; /* opcodes at i, i + 1, i + 2 */
    uint32_t end = index;
    while (end < c->n_insns && (end == index || c->insns[end].handler != insn_handlers[OP_block])) {
        end++;
    }
    /* backwards, so that a pair's or triple's followers are known; the leader is published last */
    for (uint32_t i = end; i-- > index;) {
        struct insn *to = &c->insns[i];
        window[2] = window[1];
        window[1] = window[0];
        window[0] = decode_insn(c, to, c->bci[i]);
        __atomic_store_n(&to->handler, insn_handlers[fuse(window[0], window[1], window[2])],
                         __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&decode_lock);
}

void insn_quicken(struct code *c, struct insn *pc, enum opcode op)
{
    __atomic_store_n(&pc->handler, insn_handlers[op], __ATOMIC_RELEASE);
    struct insn *prev = pc - 1;
    if ((op != OP_getfield_i && op != OP_getfield_a && op != OP_getfield_j) || prev <= c->insns) {
        return;
    }
    enum opcode before = prev->handler == insn_handlers[OP_load]         ? OP_load
                         : prev->handler == insn_handlers[OP_getfield_a] ? OP_getfield_a
                                                                         : OP_nop;
    enum opcode super = fuse(before, op, OP_nop);
    if (super != before) {
        __atomic_store_n(&prev->handler, insn_handlers[super], __ATOMIC_RELEASE);
    }
}

const struct call_site *insn_call_site(const struct insn *pc)
{
    if (pc->handler == insn_handlers[OP_block]) { pc++; }
    const void *h = __atomic_load_n(&pc->handler, __ATOMIC_ACQUIRE);
    bool is_site = h == insn_handlers[OP_invoke_virtual] || h == insn_handlers[OP_invoke_interface];
    return is_site ? pc->p : NULL;
}

enum opcode insn_opcode(const struct insn *pc)
{
    const void *h = __atomic_load_n(&pc->handler, __ATOMIC_RELAXED);
    for (int i = 0; i < OP_COUNT; i++) {
        if (insn_handlers[i] == h) { return (enum opcode)i; }
    }
    return OP_nop;
}
