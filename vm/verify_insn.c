/*
 * verify_insn.c - the verifier's instructions, see verify-internal.h.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "vm/code.h"
#include "vm/verify-internal.h"

static bool verify_ldc(struct verifier *v, unsigned index, bool two)
{
    struct symbol *name, *desc;
    struct vtype x = TOP;
    switch (verify_cp_tag(v, index)) {
    case CP_INTEGER: x = INT; break;
    case CP_FLOAT: x.tag = V_FLOAT; break;
    case CP_LONG: x.tag = V_LONG; break;
    case CP_DOUBLE: x.tag = V_DOUBLE; break;
    case CP_STRING: x = object(KC(String)->name); break;
    case CP_CLASS: x = object(KC(Class)->name); break;
    case CP_METHOD_HANDLE: x = object(KC(MethodHandle)->name); break;
    case CP_METHOD_TYPE: x = object(KC(MethodType)->name); break;
    case CP_DYNAMIC:
        cp_member(&v->c->cp, index, &name, &desc);
        x = verify_type_of_descriptor(desc->text, desc->length);
        break;
    default: return verify_pool_error(v, index);
    }
    if (two != (x.tag == V_LONG || x.tag == V_DOUBLE)) { return verify_pool_error(v, index); }
    return verify_push(v, x);
}

/* Protected members of superclasses in other packages are accessible through the current class only (4.10.1.8). */
static bool protected_check(struct verifier *v, unsigned index, struct vtype receiver,
                            bool is_method)
{
    struct symbol *name, *desc;
    cp_member(&v->c->cp, index, &name, &desc);
    struct symbol *holder = verify_class_entry(v, cp_raw(&v->c->cp, index) >> 16);
    struct class *super = v->c->super;
    while (super && super->name != holder) { super = super->super; }
    if (!super || receiver.tag == V_NULL) { return true; }
    uint16_t flags = 0;
    struct class *decl = NULL;
    if (is_method) {
        struct method *m = class_lookup_method(super, name, desc);
        if (m) { flags = m->flags, decl = m->cls; }
    } else {
        struct field *f = class_lookup_field(super, name, desc);
        if (f) { flags = f->flags, decl = f->cls; }
    }
    if (!decl || !(flags & ACC_PROTECTED) || class_same_package(decl, v->c)) { return true; }
    if (is_method && is_array(receiver) && name == SYM(clone)) { return true; }
    if (!verify_assignable(v, receiver, object(v->c->name))) {
        char a[300];
        return verify_fail(v, "Bad access to protected data", "Type %s is not assignable to '%s'",
                           verify_type_text(receiver, a, sizeof a), v->c->name->text);
    }
    return true;
}

static bool verify_field(struct verifier *v, uint8_t op, unsigned index)
{
    if (verify_cp_tag(v, index) != CP_FIELDREF) { return verify_pool_error(v, index); }
    struct symbol *name, *desc;
    cp_member(&v->c->cp, index, &name, &desc);
    struct vtype x = verify_type_of_descriptor(desc->text, desc->length);
    if (op == OP_getstatic) { return verify_push(v, x); }
    if (op == OP_putstatic) {
        verify_pop(v, x);
        return !v->failed;
    }
    if (op == OP_putfield) { verify_pop(v, x); }
    struct symbol *holder = verify_class_entry(v, cp_raw(&v->c->cp, index) >> 16);
    if (op == OP_putfield && v->now.depth > 0 &&
        v->now.stack[v->now.depth - 1].tag == V_UNINIT_THIS && holder == v->c->name &&
        class_declared_field(v->c, name, desc)) {
        verify_pop_raw(
            v); /* a field of this class may be set before the superclass's constructor ran */
        return !v->failed;
    }
    struct vtype receiver = verify_pop(v, object(holder));
    if (v->failed || !protected_check(v, index, receiver, false)) { return false; }
    return op == OP_putfield || verify_push(v, x);
}

static void replace_everywhere(struct verifier *v, struct vtype old, struct vtype with)
{
    for (unsigned i = 0; i < v->m->max_locals; i++) {
        struct vtype *x = &v->now.locals[i];
        if (x->tag == old.tag && x->bci == old.bci) { *x = with; }
    }
    for (int i = 0; i < v->now.depth; i++) {
        struct vtype *x = &v->now.stack[i];
        if (x->tag == old.tag && x->bci == old.bci) { *x = with; }
    }
}

static bool verify_init_call(struct verifier *v, unsigned index)
{
    char a[300];
    struct symbol *holder = verify_class_entry(v, cp_raw(&v->c->cp, index) >> 16);
    struct vtype x = verify_pop_raw(v);
    if (v->failed) { return false; }
    if (x.tag == V_UNINIT_THIS) {
        if (holder != v->c->name && !(v->c->super && holder == v->c->super->name)) {
            return verify_fail(v, "Bad <init> method call",
                               "Type '%s' is neither this class nor its superclass", holder->text);
        }
        for (uint32_t i = 0; i < v->m->n_handlers; i++) {
            const struct exception_entry *e = &v->m->handlers[i];
            if (v->bci >= e->start_pc && v->bci < e->end_pc) {
                return verify_fail(v, "Bad <init> method call from inside of a try block",
                                   "Constructor call in a try block");
            }
        }
        v->now.this_uninit = false;
        replace_everywhere(v, x, object(v->c->name));
        return true;
    }
    if (x.tag == V_UNINIT) {
        struct symbol *made = verify_class_entry(v, read_u2(v->code + x.bci + 1));
        if (made != holder) {
            return verify_fail(v, "Call to wrong initialization method",
                               "'%s' was allocated, '%s' is initialized", made->text, holder->text);
        }
        if (!protected_check(v, index, object(holder), true)) { return false; }
        replace_everywhere(v, x, object(made));
        return true;
    }
    return verify_fail(v, "Bad operand type when invoking <init>",
                       "Type %s (current frame, stack[%d]) is not uninitialized",
                       verify_type_text(x, a, sizeof a), v->now.depth);
}

static bool verify_invoke(struct verifier *v, uint8_t op, unsigned index)
{
    unsigned tag = verify_cp_tag(v, index);
    bool tag_ok = op == OP_invokeinterface ? tag == CP_IMETHODREF
                  : op == OP_invokedynamic ? tag == CP_INVOKE_DYNAMIC
                  : op == OP_invokevirtual
                      ? tag == CP_METHODREF
                      : tag == CP_METHODREF || (tag == CP_IMETHODREF && v->c->major >= 52);
    if (!tag_ok) { return verify_pool_error(v, index); }
    struct symbol *name, *desc;
    cp_member(&v->c->cp, index, &name, &desc);
    if (name->text[0] == '<' && (op != OP_invokespecial || name != SYM(init))) {
        return verify_fail(v, "Illegal call to internal method", "%s", name->text);
    }
    struct params p = params_of(desc->text), params[256];
    int n = 0;
    while (n < 256 && params_next(&p)) { params[n++] = p; }
    unsigned count = descriptor_slots(desc->text) + 1;
    if (op == OP_invokeinterface && (v->code[v->bci + 3] != count || v->code[v->bci + 4] != 0)) {
        return verify_fail(v, "Inconsistent args count operand in invokeinterface",
                           "%u instead of %u", v->code[v->bci + 3], count);
    }
    if (op == OP_invokedynamic && (v->code[v->bci + 3] || v->code[v->bci + 4])) {
        return verify_fail(v, "Third and fourth operand bytes of invokedynamic must be zero", "%s",
                           name->text);
    }
    for (int i = n; i-- > 0 && !v->failed;) {
        verify_pop(v, verify_type_of_descriptor(params[i].text, params[i].length));
    }
    if (v->failed) { return false; }
    if (name == SYM(init)) {
        if (!verify_init_call(v, index)) { return false; }
    } else if (op == OP_invokespecial) {
        struct symbol *holder = verify_class_entry(v, cp_raw(&v->c->cp, index) >> 16);
        struct vtype self = object(v->c->name);
        bool known = holder == v->c->name;
        for (struct class *s = v->c->super; s && !known; s = s->super) {
            known = s->name == holder;
        }
        for (unsigned i = 0; i < v->c->n_interfaces && !known; i++) {
            known = v->c->interfaces[i]->name == holder;
        }
        if (!known) {
            return verify_fail(
                v,
                "Bad invokespecial instruction: current class isn't assignable to reference class.",
                "'%s'", holder->text);
        }
        verify_pop(v, self);
    } else if (op == OP_invokevirtual || op == OP_invokeinterface) {
        struct vtype receiver =
            verify_pop(v, object(verify_class_entry(v, cp_raw(&v->c->cp, index) >> 16)));
        if (v->failed || (op == OP_invokevirtual && !protected_check(v, index, receiver, true))) {
            return false;
        }
    }
    if (v->failed) { return false; }
    const char *result = descriptor_result(desc->text);
    return *result == 'V' || verify_push(v, verify_type_of_descriptor(result, strlen(result)));
}

/* Element type of an array on the stack for the typed load and store instructions. */
static bool pop_array(struct verifier *v, const char *allowed, struct vtype *element)
{
    char a[300];
    struct vtype x = verify_pop_any(v);
    *element = (struct vtype){.tag = V_NULL};
    if (v->failed || x.tag == V_NULL) { return !v->failed; }
    bool ok = is_array(x) && strchr(allowed, x.name->text[1]);
    if (!ok) {
        return verify_fail(v, "Bad type on operand stack",
                           "Type %s (current frame, stack[%d]) is not an array of the right type",
                           verify_type_text(x, a, sizeof a), v->now.depth);
    }
    *element = verify_type_of_descriptor(x.name->text + 1, x.name->length - 1u);
    return true;
}

static const char *const array_codes[] = {"I", "J", "F", "D", "L[", "BZ", "C", "S"};

static bool verify_array_load(struct verifier *v, uint8_t op)
{
    static const uint8_t tags[] = {V_INT, V_LONG, V_FLOAT, V_DOUBLE, V_OBJECT, V_INT, V_INT, V_INT};
    struct vtype element;
    verify_pop(v, INT);
    if (v->failed || !pop_array(v, array_codes[op - OP_iaload], &element)) { return false; }
    return verify_push(v, op == OP_aaload ? element : (struct vtype){.tag = tags[op - OP_iaload]});
}

static bool verify_array_store(struct verifier *v, uint8_t op)
{
    static const uint8_t tags[] = {V_INT, V_LONG, V_FLOAT, V_DOUBLE, V_OBJECT, V_INT, V_INT, V_INT};
    struct vtype element;
    if (op == OP_aastore) {
        verify_pop(v, object(KC(Object)->name));
    } else {
        verify_pop_tag(v, tags[op - OP_iastore]);
    }
    verify_pop(v, INT);
    return !v->failed && pop_array(v, array_codes[op - OP_iastore], &element);
}

static bool verify_return(struct verifier *v, uint8_t op)
{
    const char *r = descriptor_result(v->m->desc->text);
    if (op == OP_return) {
        if (*r != 'V') {
            return verify_fail(v, "Wrong return type in function",
                               "return in a method with a result");
        }
        if (v->now.this_uninit) {
            return verify_fail(v, "Constructor must call super() or this() before return",
                               "uninitializedThis");
        }
        return true;
    }
    static const char codes[] = {'I', 'J', 'F', 'D', 'A'};
    char code = codes[op - OP_ireturn];
    char kind = strchr("ZBCSI", *r) ? 'I' : *r == 'L' || *r == '[' ? 'A' : *r;
    if (kind != code) {
        return verify_fail(v, "Wrong return type in function", "%s in a method that returns %s",
                           opcode_info[op].name, r);
    }
    verify_pop(v, verify_type_of_descriptor(r, strlen(r)));
    return !v->failed;
}

static bool verify_dup(struct verifier *v, uint8_t op)
{
    /* bottom first, counted from the old top downwards (1 = top) */
    static const struct {
        const char *pattern;
        const char *not_second;
        int pops;
        uint8_t op;
    } moves[] = {
        {"11", "1", 1, OP_dup},    {"121", "12", 2, OP_dup_x1},    {"1321", "13", 3, OP_dup_x2},
        {"2121", "2", 2, OP_dup2}, {"21321", "23", 3, OP_dup2_x1}, {"214321", "24", 4, OP_dup2_x2},
        {"12", "12", 2, OP_swap},
    };
    for (size_t i = 0; i < ARRAY_COUNT(moves); i++) {
        if (moves[i].op != op) { continue; }
        struct vtype x[5];
        for (int k = 1; k <= moves[i].pops; k++) { x[k] = verify_pop_raw(v); }
        if (v->failed) { return false; }
        /* no long or double may be cut in halves */
        for (const char *p = moves[i].not_second; *p; p++) {
            if (x[*p - '0'].tag == V_SECOND) {
                return verify_fail(v, "Bad type on operand stack",
                                   "%s would split a long or double", opcode_info[op].name);
            }
        }
        if ((op == OP_dup || op == OP_swap || op == OP_dup_x1 || op == OP_dup_x2) &&
            (x[1].tag == V_LONG || x[1].tag == V_DOUBLE)) {
            return verify_fail(v, "Bad type on operand stack", "%s of a long or double",
                               opcode_info[op].name);
        }
        size_t n = strlen(moves[i].pattern);
        if (v->now.depth + (int)n > v->m->max_stack) {
            return verify_fail(v, "Operand stack overflow", "Exceeded max stack size.");
        }
        for (size_t k = 0; k < n; k++) {
            v->now.stack[v->now.depth++] = x[moves[i].pattern[k] - '0'];
        }
        return true;
    }
    return false;
}

static bool verify_drop(struct verifier *v, int cells)
{
    struct vtype top = verify_pop_raw(v);
    if (v->failed) { return false; }
    if (cells == 1) {
        return top.tag != V_SECOND ||
               verify_fail(v, "Bad type on operand stack", "pop of half a long or double");
    }
    struct vtype below = verify_pop_raw(v);
    return !v->failed && (below.tag != V_SECOND || verify_fail(v, "Bad type on operand stack",
                                                               "pop2 of half a long or double"));
}

static bool verify_newarray(struct verifier *v, unsigned code)
{
    static const char *const types[] = {"[Z", "[C", "[F", "[D", "[B", "[S", "[I", "[J"};
    if (code < T_BOOLEAN || code > T_LONG) {
        return verify_fail(v, "Illegal newarray instruction", "Bad type code %u", code);
    }
    verify_pop(v, INT);
    return !v->failed && verify_push(v, object(symbol_of(types[code - T_BOOLEAN])));
}

static bool verify_anewarray(struct verifier *v, unsigned index)
{
    struct vtype x = verify_class_type(v, index);
    verify_pop(v, INT);
    if (v->failed) { return false; }
    char name[65540];
    const char *e = x.name->text;
    snprintf(name, sizeof name, *e == '[' ? "[%s" : "[L%s;", e);
    return (strspn(name, "[") <= 255 ||
            verify_fail(v, "Illegal anewarray instruction, array has more than 255 dimensions",
                        "%s", e)) &&
           verify_push(v, object(symbol_of(name)));
}

static bool verify_multianewarray(struct verifier *v, unsigned index, unsigned dims)
{
    struct vtype x = verify_class_type(v, index);
    if (v->failed) { return false; }
    if (dims == 0 || strspn(x.name->text, "[") < dims) {
        return verify_fail(v, "Illegal dimension in multianewarray", "%u of %s", dims,
                           x.name->text);
    }
    while (dims--) { verify_pop(v, INT); }
    return !v->failed && verify_push(v, x);
}

static bool verify_new(struct verifier *v, unsigned index)
{
    struct vtype x = verify_class_type(v, index);
    if (v->failed || is_array(x)) {
        return verify_fail(v, "Illegal new instruction", "entry %u", index);
    }
    struct vtype made = {.tag = V_UNINIT, .bci = (uint16_t)v->bci};
    for (int i = 0; i < v->now.depth; i++) {
        if (v->now.stack[i].tag == V_UNINIT && v->now.stack[i].bci == v->bci) {
            return verify_fail(v, "Illegal new instruction",
                               "an uninitialized object of the same instruction is on the stack");
        }
    }
    replace_everywhere(v, made, TOP);
    return verify_push(v, made);
}

/* Instructions whose effect string says all: "II>I". */
static bool verify_by_effect(struct verifier *v, const char *effect)
{
    const char *gt = strchr(effect, '>');
    for (const char *p = gt; p-- > effect && !v->failed;) {
        switch (*p) {
        case 'I': verify_pop_tag(v, V_INT); break;
        case 'J': verify_pop_tag(v, V_LONG); break;
        case 'F': verify_pop_tag(v, V_FLOAT); break;
        case 'D': verify_pop_tag(v, V_DOUBLE); break;
        default: verify_pop_reference(v, true); break;
        }
    }
    for (const char *p = gt + 1; *p && !v->failed; p++) {
        verify_push(v, (struct vtype){.tag = *p == 'I'   ? V_INT
                                             : *p == 'J' ? V_LONG
                                             : *p == 'F' ? V_FLOAT
                                                         : V_DOUBLE});
    }
    return !v->failed;
}

/* Verifies one instruction; *falls: control goes on to the next. */
bool verify_insn(struct verifier *v, bool *falls)
{
    static const uint8_t local_tags[] = {V_INT, V_LONG, V_FLOAT, V_DOUBLE, V_OBJECT};
    const uint8_t *p = v->code + v->bci;
    uint8_t op = *p;
    unsigned index = p[1];
    if (op == OP_wide) {
        op = p[1];
        index = read_u2(p + 2);
    }
    *falls = !(opcode_info[op].flags & OPF_END);
    switch (op) {
    case OP_aconst_null: return verify_push(v, (struct vtype){.tag = V_NULL});
    case OP_ldc: return verify_ldc(v, p[1], false);
    case OP_ldc_w: return verify_ldc(v, read_u2(p + 1), false);
    case OP_ldc2_w: return verify_ldc(v, read_u2(p + 1), true);
    case OP_iload ... OP_aload: return verify_load_local(v, index, local_tags[op - OP_iload]);
    case OP_iload_0 ... OP_aload_3:
        return verify_load_local(v, (op - OP_iload_0) & 3, local_tags[(op - OP_iload_0) / 4]);
    case OP_istore ... OP_astore: return verify_store_local(v, index, local_tags[op - OP_istore]);
    case OP_istore_0 ... OP_astore_3:
        return verify_store_local(v, (op - OP_istore_0) & 3, local_tags[(op - OP_istore_0) / 4]);
    case OP_iinc:
        return (index < v->m->max_locals && v->now.locals[index].tag == V_INT) ||
               verify_fail(v, "Bad local variable type", "iinc of locals[%u], which is no integer",
                           index);
    case OP_iaload ... OP_saload: return verify_array_load(v, op);
    case OP_iastore ... OP_sastore: return verify_array_store(v, op);
    case OP_pop: return verify_drop(v, 1);
    case OP_pop2: return verify_drop(v, 2);
    case OP_dup ... OP_swap: return verify_dup(v, op);
    case OP_jsr:
    case OP_jsr_w:
    case OP_ret:
        return verify_fail(v, "Bad instruction",
                           "jsr and ret are not allowed in class files of version 51 and up");
    case OP_ireturn ... OP_return: return verify_return(v, op);
    case OP_getstatic ... OP_putfield: return verify_field(v, op, read_u2(p + 1));
    case OP_invokevirtual ... OP_invokedynamic: return verify_invoke(v, op, read_u2(p + 1));
    case OP_new: return verify_new(v, read_u2(p + 1));
    case OP_newarray: return verify_newarray(v, p[1]);
    case OP_anewarray: return verify_anewarray(v, read_u2(p + 1));
    case OP_multianewarray: return verify_multianewarray(v, read_u2(p + 1), p[3]);
    case OP_arraylength: {
        struct vtype x = verify_pop_any(v);
        if (!v->failed && x.tag != V_NULL && !is_array(x)) {
            return verify_fail(v, "Bad type on operand stack",
                               "arraylength of something that is no array");
        }
        return !v->failed && verify_push(v, INT);
    }
    case OP_athrow: verify_pop(v, object(KC(Throwable)->name)); return !v->failed;
    case OP_checkcast:
    case OP_instanceof: {
        struct vtype x = verify_class_type(v, read_u2(p + 1));
        if (!v->failed) { verify_pop_reference(v, false); }
        return !v->failed && verify_push(v, op == OP_checkcast ? x : INT);
    }
    default: break;
    }
    if (!verify_by_effect(v, opcode_info[op].effect)) { return false; }
    struct branches b = bytecode_branches(v->code, (uint32_t)v->bci);
    for (uint32_t i = 0; i < b.n; i++) {
        if (!verify_check_target(v, (int64_t)v->bci + branch_offset(&b, i))) { return false; }
    }
    return true;
}
