/*
 * quicken.c - first executions: resolution of what an instruction names, and its quick form.
 *
 * A quick instruction has its operand (offset, gva of a static, method, site) in place and never looks at the constant pool
 * again. Statics of a class that is still being initialised by this thread are not quickened, because other threads
 * must wait for the initialisation (JVMS 5.5).
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "vm/interp.h"
#include "vm/invoke.h"

slot_t (*interp_run)(struct thread *t, struct frame *f);
struct method *finalizer_register_method;

void interp_choose(bool soft)
{
    interp_run = soft ? interp_run_soft : interp_run_direct;
    interp_run(NULL, NULL);
}

static const uint8_t *insn_bytes(struct frame *f, struct insn *pc)
{
    return f->method->code + insn_bci(f->code, pc);
}

/* ---- constants ---- */

static slot_t unbox(gref o, enum basic_type type)
{
    switch (type) {
    case T_BOOLEAN: return (slot_t){.j = obj_get_boolean(o, OFF(Boolean_value))};
    case T_BYTE: return (slot_t){.j = obj_get_byte(o, OFF(Byte_value))};
    case T_CHAR: return (slot_t){.j = obj_get_char(o, OFF(Character_value))};
    case T_SHORT: return (slot_t){.j = obj_get_short(o, OFF(Short_value))};
    case T_INT: return (slot_t){.j = obj_get_int(o, OFF(Integer_value))};
    case T_LONG: return (slot_t){.j = obj_get_long(o, OFF(Long_value))};
    case T_FLOAT: return (slot_t){.raw = (uint32_t)obj_get_int(o, OFF(Float_value))};
    case T_DOUBLE: return (slot_t){.j = obj_get_long(o, OFF(Double_value))};
    default: return (slot_t){.raw = o};
    }
}

slot_t unbox_dynamic(struct constant_pool *cp, unsigned index, gref boxed)
{
    struct symbol *name, *desc;
    cp_member(cp, index, &name, &desc);
    return unbox(boxed, type_of_char(desc->text[0]));
}

bool slow_ldc(struct thread *t, struct frame *f, struct insn *pc, slot_t *out)
{
    const uint8_t *p = insn_bytes(f, pc);
    unsigned index = *p == OP_ldc ? p[1] : read_u2(p + 1);
    struct constant_pool *cp = &f->method->cls->cp;
    enum opcode op = OP_const64;
    switch (cp->tags[index] & CP_TAG_MASK) {
    case CP_STRING: *out = (slot_t){.raw = cp_resolve_string(t, cp, index)}; break;
    case CP_CLASS: {
        struct class *c = cp_resolve_class(t, cp, index);
        *out = (slot_t){.raw = c ? c->mirror : 0};
        break;
    }
    case CP_METHOD_HANDLE:
        *out = (slot_t){.raw = engine.resolve_method_handle(t, cp, index)};
        break;
    case CP_METHOD_TYPE: *out = (slot_t){.raw = engine.resolve_method_type(t, cp, index)}; break;
    case CP_DYNAMIC:
        *out = engine.resolve_dynamic(t, cp, index);
        if (*p == OP_ldc2_w) { op = OP_const64_2; }
        break;
    default: throw_new(t, "java/lang/VerifyError", "Illegal type in constant pool"); break;
    }
    if (t->exception) { return false; }
    pc->j = out->j;
    insn_quicken(f->code, pc, op);
    return true;
}

/* ---- fields ---- */

static enum opcode field_opcode(enum basic_type type, bool is_static, bool put, bool is_volatile)
{
    if (put && is_volatile) { return is_static ? OP_putstatic_v : OP_putfield_v; }
    enum opcode get_op, put_op;
    switch (type) {
    case T_BOOLEAN: get_op = OP_getfield_z, put_op = OP_putfield_z; break;
    case T_BYTE: get_op = OP_getfield_b, put_op = OP_putfield_b; break;
    case T_CHAR: get_op = OP_getfield_c, put_op = OP_putfield_s; break;
    case T_SHORT: get_op = OP_getfield_s, put_op = OP_putfield_s; break;
    case T_LONG:
    case T_DOUBLE: get_op = OP_getfield_j, put_op = OP_putfield_j; break;
    case T_OBJECT:
    case T_ARRAY: get_op = OP_getfield_a, put_op = OP_putfield_i; break;
    default: get_op = OP_getfield_i, put_op = OP_putfield_i; break;
    }
    int shift = is_static ? (int)OP_getstatic_z - (int)OP_getfield_z : 0;
    int put_shift = is_static ? (int)OP_putstatic_b - (int)OP_putfield_b : 0;
    return put ? (enum opcode)((int)put_op + put_shift) : (enum opcode)((int)get_op + shift);
}

bool slow_field(struct thread *t, struct frame *f, struct insn *pc, struct insn *once,
                enum opcode *op)
{
    const uint8_t *p = insn_bytes(f, pc);
    bool is_static = *p == OP_getstatic || *p == OP_putstatic;
    bool put = *p == OP_putstatic || *p == OP_putfield;
    struct field *field =
        cp_resolve_field(t, &f->method->cls->cp, read_u2(p + 1), is_static, put ? f->method : NULL);
    if (!field) { return false; }
    bool is_volatile = field->flags & ACC_VOLATILE;
    *op = field_opcode(field->type, is_static, put, is_volatile);
    if (!is_static) {
        pc->a = field->offset;
        pc->b = field->type;
        insn_quicken(f->code, pc, *op);
        *op = OP_nop;
        return true;
    }
    if (!class_initialize(t, field->cls)) { return false; }
    uint32_t gva = field->cls->mirror + field->offset;
    if (class_is_initialized(field->cls)) {
        pc->a = gva;
        pc->b = field->type;
        insn_quicken(f->code, pc, *op);
        *op = OP_nop;
        return true;
    }
    once[0].a = gva;
    *op = field_opcode(field->type, true, put, false);
    return true;
}

/* ---- allocation and type tests ---- */

gref interp_new(struct thread *t, struct class *c) { return class_new_object(t, c); }

gref interp_newarray(struct thread *t, struct class *array_class, int32_t length)
{
    if (UNLIKELY(!array_class)) {
        throw_new(t, "java/lang/VerifyError", "Bad type code in newarray");
        return 0;
    }
    if (UNLIKELY(length < 0)) {
        throw_new(t, "java/lang/NegativeArraySizeException", "%d", length);
        return 0;
    }
    return class_new_array(t, array_class, length);
}

gref interp_multianewarray(struct thread *t, struct class *c, int dims, const slot_t *lengths)
{
    for (int i = 0; i < dims; i++) {
        if (lengths[i].i < 0) {
            throw_new(t, "java/lang/NegativeArraySizeException", "%d", lengths[i].i);
            return 0;
        }
    }
    int32_t n[256];
    for (int i = 0; i < dims; i++) { n[i] = lengths[i].i; }
    return class_new_multi_array(t, c, n, dims);
}

struct class *primitive_array_class(unsigned type)
{
    static struct class *cache[16];
    if (type < T_BOOLEAN || type > T_LONG) { return NULL; }
    if (!cache[type]) { cache[type] = class_array_of(thread_current(), class_primitive(type)); }
    return cache[type];
}

gref slow_new(struct thread *t, struct frame *f, struct insn *pc)
{
    struct class *c = cp_resolve_class(t, &f->method->cls->cp, read_u2(insn_bytes(f, pc) + 1));
    if (!c) { return 0; }
    if (c->access_flags & (ACC_INTERFACE | ACC_ABSTRACT) || c->kind != CLASS_INSTANCE ||
        c == KC(Class)) {
        char name[512];
        throw_new(t,
                  c == KC(Class) ? "java/lang/IllegalAccessError" : "java/lang/InstantiationError",
                  "%s", class_external_name(c, name, sizeof name));
        return 0;
    }
    if (!class_initialize(t, c)) { return 0; }
    if (class_is_initialized(c)) {
        pc->p = c;
        insn_quicken(f->code, pc, OP_new_fast);
    }
    return class_new_object(t, c);
}

bool slow_anewarray(struct thread *t, struct frame *f, struct insn *pc)
{
    struct class *c = cp_resolve_class(t, &f->method->cls->cp, read_u2(insn_bytes(f, pc) + 1));
    struct class *array = c ? class_array_of(t, c) : NULL;
    if (!array) { return false; }
    pc->p = array;
    insn_quicken(f->code, pc, OP_anewarray_fast);
    return true;
}

bool slow_type(struct thread *t, struct frame *f, struct insn *pc, enum opcode op)
{
    const uint8_t *p = insn_bytes(f, pc);
    struct class *c = cp_resolve_class(t, &f->method->cls->cp, read_u2(p + 1));
    if (!c) { return false; }
    struct type_site *s = meta_alloc(sizeof *s);
    s->target = c;
    s->dims = op == OP_multianewarray ? p[3] : 0;
    if (op == OP_multianewarray && (s->dims == 0 || c->kind != CLASS_ARRAY || s->dims > c->dims)) {
        throw_new(t, "java/lang/VerifyError", "Illegal dimension argument");
        return false;
    }
    pc->p = s;
    insn_quicken(f->code, pc,
                 op == OP_multianewarray ? OP_multianewarray_fast
                 : op == OP_checkcast    ? OP_checkcast_fast
                                         : OP_instanceof_fast);
    return true;
}

bool type_site_test(struct type_site *s, struct class *c)
{
    bool is = class_is_subclass(c, s->target);
    for (int i = 0; i < 2; i++) {
        struct receiver_profile *seen = &s->seen[i];
        if (seen->class_id == class_id(c)) {
            seen->count++;
            return is;
        }
        if (!seen->class_id) {
            seen->count = 1;
            seen->target = is ? (struct method *)1 : NULL;
            __atomic_store_n(&seen->class_id, class_id(c), __ATOMIC_RELEASE);
            return is;
        }
    }
    s->others++;
    return is;
}

/* ---- calls ---- */

static struct call_site *new_call_site(struct method *m)
{
    struct call_site *s = meta_alloc(sizeof *s);
    s->method = m;
    s->arg_slots = m->arg_slots;
    s->vtable_slot = VTABLE_NONE;
    return s;
}

static void quicken_pointer(struct frame *f, struct insn *pc, void *p, enum opcode op)
{
    __atomic_store_n(&pc->p, p, __ATOMIC_RELAXED);
    insn_quicken(f->code, pc, op);
}

/* invokespecial's selection (JVMS 6.5 invokespecial). */
static struct method *select_special(struct thread *t, struct frame *f, struct method *m,
                                     unsigned index)
{
    struct class *here = f->method->cls;
    if (m->props & MP_INIT) { return m; }
    struct class *named = cp_resolve_class(t, &here->cp, cp_raw(&here->cp, index) >> 16);
    if (!named) { return NULL; }
    struct class *c = named;
    if (!class_is_interface(named) && here != named && here->super &&
        class_is_subclass(here->super, named) && (here->access_flags & ACC_SUPER)) {
        c = here->super;
    }
    struct method *selected = m;
    if (!(m->flags & ACC_PRIVATE)) { selected = class_lookup_method(c, m->name, m->desc); }
    if (!selected || selected->flags & ACC_ABSTRACT) {
        throw_no_code(t, selected ? selected : m, 0);
        return NULL;
    }
    return selected;
}

static bool quicken_direct(struct frame *f, struct insn *pc, struct method *m)
{
    quicken_pointer(f, pc, m, method_is_object_init(m) ? OP_invoke_object_init : OP_invoke_direct);
    return true;
}

/* A call whose implementation depends on the receiver, or may be bound at once. */
static bool quicken_virtual(struct thread *t, struct frame *f, struct insn *pc, struct method *m)
{
    if (m->flags & (ACC_PRIVATE | ACC_FINAL) ||
        (m->cls->access_flags & ACC_FINAL && !(m->flags & ACC_ABSTRACT))) {
        return quicken_direct(f, pc, m);
    }
    struct call_site *s = new_call_site(m);
    if (class_is_interface(m->cls)) {
        /* an interface's method found through a class: default or miranda */
        const uint8_t *p = insn_bytes(f, pc);
        struct constant_pool *cp = &f->method->cls->cp;
        struct class *c = cp_resolve_class(t, cp, cp_raw(cp, read_u2(p + 1)) >> 16);
        if (!c) { return false; }
        s->vtable_slot = class_vtable_slot(c, m);
        if (s->vtable_slot == VTABLE_NONE) {
            quicken_pointer(f, pc, s, OP_invoke_interface);
            return true;
        }
    } else {
        s->vtable_slot = m->vtable_index;
        if (s->vtable_slot == VTABLE_NONE) { return quicken_direct(f, pc, m); }
    }
    quicken_pointer(f, pc, s, OP_invoke_virtual);
    return true;
}

static bool quicken_intrinsic(struct thread *t, struct frame *f, struct insn *pc, struct method *m,
                              unsigned index)
{
    struct symbol *name, *desc;
    cp_member(&f->method->cls->cp, index, &name, &desc);
    if (m->intrinsic == MI_INVOKE_GENERIC) {
        struct call_site *s = link_method_site(t, f->method->cls, m->cls, name, desc);
        if (!s) { return false; }
        quicken_pointer(f, pc, s, OP_invoke_handle);
        return true;
    }
    struct insn operand = {0};
    operand.a = descriptor_slots(desc->text) + !method_is_static(m);
    operand.b = m->intrinsic;
    pc->j = operand.j;
    insn_quicken(f->code, pc, m->intrinsic == MI_INVOKE_BASIC ? OP_invoke_basic : OP_link_to);
    return true;
}

bool slow_invoke(struct thread *t, struct frame *f, struct insn *pc, struct insn *once,
                 enum opcode *op)
{
    const uint8_t *p = insn_bytes(f, pc);
    unsigned index = read_u2(p + 1);
    struct constant_pool *cp = &f->method->cls->cp;
    *op = OP_nop;
    if (*p == OP_invokedynamic) {
        struct call_site *s = link_dynamic_site(t, f->method, insn_bci(f->code, pc), index);
        if (!s) { return false; }
        /* the first thread's call site counts (JVMS 5.4.3.6) */
        void *expected = NULL;
        __atomic_compare_exchange_n(&pc->p, &expected, s, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE);
        insn_quicken(f->code, pc, OP_invoke_handle);
        if (t->exception) { return false; } /* linking failed, for good */
        return true;
    }
    struct method *m =
        cp_resolve_method(t, cp, index, *p == OP_invokestatic, *p == OP_invokeinterface);
    if (!m) { return false; }
    if (UNLIKELY(m->intrinsic)) { return quicken_intrinsic(t, f, pc, m, index); }
    switch (*p) {
    case OP_invokestatic:
        if (!class_initialize(t, m->cls)) { return false; }
        if (class_is_initialized(m->cls)) {
            quicken_pointer(f, pc, m, OP_invoke_static);
        } else {
            once[0].p = m;
            *op = OP_invoke_static;
        }
        return true;
    case OP_invokespecial: m = select_special(t, f, m, index); return m && quicken_direct(f, pc, m);
    case OP_invokevirtual: return quicken_virtual(t, f, pc, m);
    default:
        if (!class_is_interface(m->cls)) {
            return quicken_virtual(t, f, pc, m); /* a method of Object */
        }
        quicken_pointer(f, pc, new_call_site(m), OP_invoke_interface);
        return true;
    }
}

struct method *site_select(struct thread *t, struct call_site *s, struct class *receiver,
                           bool interface)
{
    struct method *m;
    if (!interface) {
        m = receiver->vtable[s->vtable_slot];
    } else if (s->method->flags & ACC_PRIVATE) {
        m = s->method;
        if (!class_is_subclass(receiver, m->cls)) { m = NULL; }
    } else {
        bool implements = false;
        m = class_itable_lookup(receiver, s->method, &implements);
        if (!implements) {
            char a[512], b[512];
            throw_new(t, "java/lang/IncompatibleClassChangeError",
                      "Class %s does not implement the requested interface %s",
                      class_external_name(receiver, a, sizeof a),
                      class_external_name(s->method->cls, b, sizeof b));
            return NULL;
        }
    }
    if (!m || m->flags & ACC_ABSTRACT) {
        throw_abstract(t, s->method, receiver);
        return NULL;
    }
    if (interface && !(m->flags & ACC_PUBLIC) && !(m->flags & ACC_PRIVATE)) {
        char b[1024];
        throw_new(t, "java/lang/IllegalAccessError", "'%s'",
                  method_text(receiver, m->name, m->desc, b, sizeof b));
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (!s->seen[i].class_id) {
            s->seen[i].target = m;
            s->seen[i].count = 1;
            __atomic_store_n(&s->seen[i].class_id, class_id(receiver), __ATOMIC_RELEASE);
            return m;
        }
    }
    s->others++;
    return m;
}
