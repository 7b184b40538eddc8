/*
 * frontend_insn.c - one bytecode instruction to IR.
 *
 * What the constant pool has not resolved yet, and what would throw, leaves to the interpreter by an exit before the instruction; the
 * interpreter does it with all its checks and messages.
 */
#include <string.h>

#include "jit/frontend-internal.h"
#include "runtime/classes/known.h"
#include "vm/interp.h"

/* ---- constants ---- */

void *fe_resolved(struct scope *s)
{
    const struct constant_pool *cp = &s->m->cls->cp;
    unsigned index = read_u2(s->bc + s->bci + 1);
    if (!(__atomic_load_n(&cp->tags[index], __ATOMIC_ACQUIRE) & CP_RESOLVED)) { return NULL; }
    return cp->val[index].p;
}

static bool load_constant(struct scope *s, unsigned index)
{
    const struct constant_pool *cp = &s->m->cls->cp;
    uint8_t tag = __atomic_load_n(&cp->tags[index], __ATOMIC_ACQUIRE);
    slot_t val = cp->val[index];
    switch (tag & CP_TAG_MASK) {
    case CP_INTEGER: fe_push(s, fe_int(s, val.i)); return true;
    case CP_FLOAT: fe_push(s, ir_const(s->g, IR_F, (int64_t)val.u)); return true;
    case CP_LONG: fe_push(s, fe_long(s, val.j)); return true;
    case CP_DOUBLE: fe_push(s, ir_const(s->g, IR_D, val.j)); return true;
    default: break;
    }
    if (!(tag & CP_RESOLVED)) { return false; }
    switch (tag & CP_TAG_MASK) {
    case CP_STRING:
    case CP_METHOD_TYPE:
    case CP_METHOD_HANDLE: fe_push(s, fe_ref(s, val.r)); return true;
    case CP_CLASS: fe_push(s, fe_ref(s, ((struct class *)val.p)->mirror)); return true;
    default: return false; /* dynamic constants: the interpreter's instruction knows them */
    }
}

/* A dynamic constant is in its quickened instruction. */
static bool load_quick_constant(struct scope *s, bool two)
{
    const struct insn *in = &s->code->insns[s->insn];
    enum opcode op = insn_opcode(in);
    const uint8_t *p = s->bc + s->bci;
    unsigned index = *p == OP_ldc ? p[1] : read_u2(p + 1);
    if (op != OP_const64 && op != OP_const64_2) { return false; }
    /* the type is in the descriptor of the entry's name and type; it was resolved, so its symbol is there */
    const struct constant_pool *cp = &s->m->cls->cp;
    uint32_t nt = cp_raw(cp, index) & 0xffff;
    const struct symbol *desc = cp->val[cp_raw(cp, nt) & 0xffff].p;
    if (!desc) { return false; }
    enum ir_type type = ir_type_of(type_of_char(desc->text[0]));
    if (two != ir_has_two_cells(type)) { return false; }
    fe_push(s, type == IR_R ? fe_ref(s, (gref)in->j) : ir_const(s->g, type, in->j));
    return true;
}

/* ---- fields ---- */

static struct field *resolved_field(struct scope *s, bool is_static, bool put)
{
    struct field *f = fe_resolved(s);
    if (!f || is_static != !!(f->flags & ACC_STATIC)) { return NULL; }
    if (put && f->flags & ACC_FINAL &&
        (f->cls != s->m->cls || !(s->m->props & (is_static ? MP_CLINIT : MP_INIT)))) {
        return NULL; /* maybe an IllegalAccessError */
    }
    return is_static && !fe_initialised(s, f->cls) ? NULL : f;
}

static void type_load(struct ir_value *v, const struct field *f)
{
    v->mem = f->type;
    v->k.field = (struct field *)f;
    if (f->flags & ACC_VOLATILE) { v->flags |= VALUE_VOLATILE; }
    if (v->type == IR_R) {
        v->cls = fe_class_of_descriptor(f->cls, f->desc->text, f->desc->length);
    }
}

/* What is at a known place, and never changes again. */
static struct ir_value *constant_at(struct scope *s, enum basic_type type, const void *at)
{
    switch (type) {
    case T_BOOLEAN: return fe_int(s, *(const uint8_t *)at);
    case T_BYTE: return fe_int(s, *(const int8_t *)at);
    case T_CHAR: return fe_int(s, *(const uint16_t *)at);
    case T_SHORT: return fe_int(s, *(const int16_t *)at);
    case T_INT: return fe_int(s, *(const int32_t *)at);
    case T_FLOAT: return ir_const(s->g, IR_F, *(const uint32_t *)at);
    case T_LONG: return fe_long(s, *(const int64_t *)at);
    case T_DOUBLE: return ir_const(s->g, IR_D, *(const int64_t *)at);
    default: return fe_ref(s, *(const gref *)at);
    }
}

static bool starts_with(const struct symbol *name, const char *prefix)
{
    return !strncmp(name->text, prefix, strlen(prefix));
}

/*
 * Final instance fields that nothing changes after construction: where reflection and Unsafe do not reach by contract. Two in
 * java.lang.invoke are final in name only: setTarget() and updateForm() write them past the language, and what they held
 * may then be collected.
 */
static bool trusted_final(const struct field *f)
{
    const struct class *c = f->cls;
    if ((c == KC(CallSite) && f->offset == OFF(CallSite_target)) ||
        (c == KC(MethodHandle) && f->offset == OFF(MethodHandle_form))) {
        return false;
    }
    return f->flags & ACC_FINAL &&
           (c->props & (CLP_HIDDEN | CLP_RECORD) || c == KC(String) ||
            starts_with(c->name, "java/lang/invoke/") || starts_with(c->name, "sun/invoke/") ||
            (starts_with(c->name, "java/util/concurrent/atomic/") &&
             strstr(c->name->text, "Updater")));
}

/* The field's value, if it is known for good: it is final, or @Stable and not 0 any more. */
static struct ir_value *constant_field(struct scope *s, const struct field *f, gref o, bool final)
{
    if (!final && !f->stable) { return NULL; }
    struct ir_value *v = constant_at(s, f->type, obj_addr(o, f->offset));
    if (v->k.j && f->stable && f->desc->text[0] == '[') { v->flags |= VALUE_STABLE; }
    return final || v->k.j ? v : NULL;
}

/* The same of an element of an array that such a field holds. */
static struct ir_value *constant_element(struct scope *s, const struct ir_value *a,
                                         const struct ir_value *index, enum basic_type mem)
{
    if (!ir_is_const(a) || !(a->flags & VALUE_STABLE) || !ir_is_const(index)) { return NULL; }
    gref array = (gref)a->k.j;
    const struct class *c = class_of(array);
    if (index->k.i < 0 || index->k.i >= array_length(array)) { return NULL; }
    const char *at = (const char *)array_data(array) + ((size_t)index->k.i << c->elem_shift);
    struct ir_value *v = constant_at(s, mem, at);
    if (v->k.j && c->component->kind == CLASS_ARRAY) { v->flags |= VALUE_STABLE; }
    return v->k.j ? v : NULL;
}

static bool get_field(struct scope *s)
{
    struct field *f = resolved_field(s, false, false);
    if (!f) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    struct ir_value *o = s->v[s->sp - 1];
    struct ir_value *base = fe_check_null(s, o);
    s->sp--;
    struct ir_value *known = NULL;
    if (ir_is_const(base) && base->k.j) {
        known = constant_field(s, f, (gref)base->k.j, trusted_final(f));
    }
    if (known) {
        fe_push(s, known);
        return false;
    }
    struct ir_value *v = ir_value_new(s->g, IR_LOAD, ir_type_of(f->type), 1, base);
    v->offset = f->offset;
    type_load(v, f);
    fe_push(s, fe_add(s, v));
    return false;
}

static struct ir_value *stored_value(struct scope *s, enum basic_type type, struct ir_value *v)
{
    return type == T_BOOLEAN ? fe_op(s, IR_AND, IR_I, 2, v, fe_int(s, 1)) : v;
}

static bool put_field(struct scope *s)
{
    struct field *f = resolved_field(s, false, true);
    if (!f) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    enum ir_type type = ir_type_of(f->type);
    unsigned cells = type_slots(f->type);
    struct ir_value *base = fe_check_null(s, s->v[s->sp - cells - 1]);
    struct ir_value *v = stored_value(s, f->type, fe_pop_type(s, type));
    s->sp--;
    struct ir_value *st = ir_value_new(s->g, IR_STORE, IR_V, 2, base, v);
    st->offset = f->offset;
    st->mem = f->type;
    st->k.field = f;
    if (f->flags & ACC_VOLATILE) { st->flags |= VALUE_VOLATILE; }
    fe_add(s, st);
    return false;
}

static bool get_static(struct scope *s)
{
    struct field *f = resolved_field(s, true, false);
    if (!f) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    bool final = f->flags & ACC_FINAL && class_is_initialized(f->cls) &&
                 strcmp(f->cls->name->text, "java/lang/System") != 0;
    struct ir_value *known = constant_field(s, f, f->cls->mirror, final);
    if (known) {
        fe_push(s, known);
        return false;
    }
    struct ir_value *v = ir_value_new(s->g, IR_LOADS, ir_type_of(f->type), 0);
    v->offset = f->cls->mirror + f->offset;
    type_load(v, f);
    fe_push(s, fe_add(s, v));
    return false;
}

static bool put_static(struct scope *s)
{
    struct field *f = resolved_field(s, true, true);
    if (!f) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    struct ir_value *v = stored_value(s, f->type, fe_pop_type(s, ir_type_of(f->type)));
    struct ir_value *st = ir_value_new(s->g, IR_STORES, IR_V, 1, v);
    st->offset = f->cls->mirror + f->offset;
    st->mem = f->type;
    st->k.field = f;
    if (f->flags & ACC_VOLATILE) { st->flags |= VALUE_VOLATILE; }
    fe_add(s, st);
    return false;
}

/* ---- arrays ---- */

static struct ir_value *array_length_of(struct scope *s, struct ir_value *array)
{
    struct ir_value *v = ir_value_new(s->g, IR_ARRAYLEN, IR_I, 1, array);
    v->flags |= VALUE_FINAL;
    return fe_add(s, v);
}

/* Checks array[index]; the array known not to be null. */
static struct ir_value *checked_array(struct scope *s, struct ir_value *array,
                                      struct ir_value *index)
{
    struct ir_value *a = fe_check_null(s, array);
    fe_check_index(s, index, array_length_of(s, a));
    return a;
}

static void array_load(struct scope *s, enum basic_type mem)
{
    struct ir_value *index = s->v[s->sp - 1];
    struct ir_value *known = constant_element(s, s->v[s->sp - 2], index, mem);
    if (known) {
        s->sp -= 2;
        fe_push(s, known);
        return;
    }
    struct ir_value *a = checked_array(s, s->v[s->sp - 2], index);
    s->sp -= 2;
    struct ir_value *v = ir_value_new(s->g, IR_LOADX, ir_type_of(mem), 2, a, index);
    v->mem = (uint8_t)mem;
    if (mem == T_OBJECT && a->cls && a->cls->kind == CLASS_ARRAY && a->cls->component &&
        !(a->cls->element->access_flags & ACC_INTERFACE)) {
        v->cls = a->cls->component;
    }
    fe_push(s, fe_add(s, v));
}

/* baload and bastore serve byte[] and boolean[] alike; stores to the latter keep one bit. */
static struct ir_value *byte_to_store(struct scope *s, struct ir_value *a, struct ir_value *v)
{
    const struct class *booleans = class_primitive(T_BOOLEAN)->array_class;
    if (!booleans || (a->cls && a->cls->kind == CLASS_ARRAY && a->cls != booleans)) { return v; }
    struct ir_value *bit = fe_op(s, IR_AND, IR_I, 2, v, fe_int(s, 1));
    if (a->cls == booleans || bit == v) { return bit; }
    if (ir_is_const(v) && (v->k.i & ~1) == 0) { return v; }
    struct ir_value *select = ir_value_new(s->g, IR_SELECT, IR_I, 4, fe_classid(s, a),
                                           fe_int(s, (int32_t)class_id(booleans)), bit, v);
    select->cond = IRC_EQ;
    return fe_add(s, select);
}

static void array_store(struct scope *s, enum basic_type mem)
{
    enum ir_type type = ir_type_of(mem);
    unsigned cells = type_slots(mem);
    struct ir_value *index = s->v[s->sp - cells - 1];
    struct ir_value *a = checked_array(s, s->v[s->sp - cells - 2], index);
    struct ir_value *v = fe_pop_type(s, type);
    s->sp -= 2;
    if (mem == T_BYTE) { v = byte_to_store(s, a, v); }
    struct ir_value *st = ir_value_new(s->g, IR_STOREX, IR_V, 3, a, index, v);
    st->mem = (uint8_t)mem;
    fe_add(s, st);
}

/* May a value go into the array without a test? */
static bool store_is_safe(const struct ir_value *a, const struct ir_value *v)
{
    if (ir_is_const(v) && !v->k.j) { return true; }
    if (!a->cls || a->cls->kind != CLASS_ARRAY) { return false; }
    struct class *component = a->cls->component;
    bool exact = a->flags & VALUE_EXACT ||
                 (component->kind == CLASS_INSTANCE && component->access_flags & ACC_FINAL);
    return exact && (component == KC(Object) || (v->cls && class_is_subclass(v->cls, component)));
}

static bool array_store_ref(struct scope *s)
{
    struct ir_value *v = s->v[s->sp - 1];
    struct ir_value *index = s->v[s->sp - 2];
    struct ir_value *a = checked_array(s, s->v[s->sp - 3], index);
    if (!store_is_safe(a, v)) {
        /* a variable of an array type mostly holds just that; where nothing is known, a test is cheaper than a wrong guess */
        struct class *guess = a->cls && a->cls->kind == CLASS_ARRAY ? a->cls : NULL;
        bool any = guess && (guess->component == KC(Object) ||
                             (v->cls && class_is_subclass(v->cls, guess->component)));
        if (any && !jit_trapped(s->m, s->bci, EXIT_CLASS_CHECK)) {
            fe_guard(s, IRC_EQ, fe_classid(s, a), fe_int(s, (int32_t)class_id(guess)),
                     EXIT_CLASS_CHECK);
        } else {
            struct ir_value *ok = fe_helper(s, HELPER_may_store, IR_I, 2, a, v);
            fe_guard(s, IRC_NE, ok, fe_int(s, 0), EXIT_STORE_CHECK);
        }
    }
    s->sp -= 3;
    struct ir_value *st = ir_value_new(s->g, IR_STOREX, IR_V, 3, a, index, v);
    st->mem = T_OBJECT;
    fe_add(s, st);
    return false;
}

/* ---- objects and types ---- */

struct ir_value *fe_new(struct scope *s, struct class *c)
{
    if (c->access_flags & (ACC_INTERFACE | ACC_ABSTRACT) || c->kind != CLASS_INSTANCE ||
        c == KC(Class) || !fe_initialised(s, c)) {
        return NULL;
    }
    struct ir_value *v = ir_value_new(s->g, IR_NEW, IR_R, 0);
    v->k.cls = v->cls = c;
    v->flags |= VALUE_NONNULL | VALUE_EXACT;
    v->state = fe_call_state(s);
    return fe_add(s, v);
}

static bool new_object(struct scope *s)
{
    struct class *c = fe_resolved(s);
    struct ir_value *v = c ? fe_new(s, c) : NULL;
    if (!v) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    fe_push(s, v);
    return false;
}

static bool new_array(struct scope *s, struct class *array)
{
    if (!array) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    /* negative lengths: the interpreter throws */
    struct ir_value *length = s->v[s->sp - 1];
    if (!ir_is_const(length) || length->k.i < 0) {
        fe_guard(s, IRC_GE, length, fe_int(s, 0), EXIT_RANGE_CHECK);
    }
    struct ir_state *st = fe_call_state(s);
    fe_pop(s);
    struct ir_value *v = ir_value_new(s->g, IR_NEWARRAY, IR_R, 1, length);
    v->k.cls = v->cls = array;
    v->flags |= VALUE_NONNULL | VALUE_EXACT;
    v->state = st;
    fe_push(s, fe_add(s, v));
    return false;
}

static bool new_multi(struct scope *s)
{
    struct class *c = fe_resolved(s);
    unsigned dims = s->bc[s->bci + 3];
    if (!c || !dims || c->kind != CLASS_ARRAY || dims > c->dims || dims > 8) {
        fe_exit(s, EXIT_UNRESOLVED);
        return true;
    }
    struct ir_value *lengths[8];
    struct ir_state *st = fe_call_state(s);
    for (unsigned i = dims; i-- > 0;) { lengths[i] = fe_pop(s); }
    struct ir_value *v = ir_value_newv(s->g, IR_NEWMULTI, IR_R, dims, lengths);
    v->k.cls = v->cls = c;
    v->flags |= VALUE_NONNULL | VALUE_EXACT;
    v->state = st;
    fe_push(s, fe_add(s, v));
    return false;
}

static uint32_t expected_class(struct scope *s, enum opcode quick)
{
    const struct insn *in = &s->code->insns[s->insn];
    if (insn_opcode(in) != quick) { return 0; }
    const struct type_site *site = in->p;
    return site->seen[0].target ? site->seen[0].class_id : 0;
}

static struct ir_value *is_a(struct scope *s, struct ir_value *o, struct class *c, bool null,
                             uint32_t expected)
{
    struct ir_value *v = ir_value_new(s->g, IR_ISA, IR_I, 1, o);
    v->k.cls = c;
    v->index = null;
    v->offset = expected;
    return fe_add(s, v);
}

struct ir_value *fe_instance_of(struct scope *s, struct ir_value *o, struct class *c,
                                uint32_t expected)
{
    if (o->cls && class_is_subclass(o->cls, c)) { return fe_cond(s, IRC_NE, o, fe_ref(s, 0)); }
    return is_a(s, o, c, false, expected);
}

static bool check_cast(struct scope *s)
{
    struct ir_value *o = s->v[s->sp - 1];
    if (ir_is_const(o) && !o->k.j) { return false; }
    struct class *c = fe_resolved(s);
    if (!c) {
        /* null passes without resolution */
        fe_guard(s, IRC_EQ, o, fe_ref(s, 0), EXIT_UNRESOLVED);
        return false;
    }
    if (o->cls && class_is_subclass(o->cls, c)) { return false; }
    struct ir_value *ok = is_a(s, o, c, true, expected_class(s, OP_checkcast_fast));
    fe_check_cast(s, ok, o, c);
    if (!class_is_interface(c->kind == CLASS_ARRAY ? c->element : c)) {
        /* the same reference, better known: a NONNULL-like copy would hide that it is the same, so the type goes with an alias */
        struct ir_value *v = ir_value_new(s->g, IR_CAST, IR_R, 1, o);
        v->cls = c;
        v->flags |= o->flags & VALUE_NONNULL;
        s->v[s->sp - 1] = fe_add(s, v);
    }
    return false;
}

static bool instance_of(struct scope *s)
{
    struct ir_value *o = s->v[s->sp - 1];
    struct class *c = fe_resolved(s);
    if (!c) {
        if (!(ir_is_const(o) && !o->k.j)) { fe_guard(s, IRC_EQ, o, fe_ref(s, 0), EXIT_UNRESOLVED); }
        s->v[s->sp - 1] = fe_int(s, 0);
        return false;
    }
    s->v[s->sp - 1] = fe_instance_of(s, o, c, expected_class(s, OP_instanceof_fast));
    return false;
}

/* ---- arithmetic ---- */

static void binary(struct scope *s, enum ir_op op, enum ir_type type)
{
    bool shift = op == IR_SHL || op == IR_SHR || op == IR_USHR;
    struct ir_value *b = fe_pop_type(s, shift ? IR_I : type);
    struct ir_value *a = fe_pop_type(s, type);
    fe_push(s, fe_op(s, op, type, 2, a, b));
}

static void division(struct scope *s, enum ir_op op, enum ir_type type)
{
    if (type == IR_I || type == IR_J) {
        struct ir_value *d = s->v[s->sp - (type == IR_J ? 2 : 1)];
        if (!ir_is_const(d) || !d->k.j) { fe_check_zero(s, d); }
    }
    binary(s, op, type);
}

static void convert(struct scope *s, enum ir_type from, enum ir_type to)
{
    struct ir_value *v = fe_pop_type(s, from);
    fe_push(s, fe_op(s, IR_CONV, to, 1, v));
}

static void narrow(struct scope *s, enum basic_type to)
{
    struct ir_value *v = ir_value_new(s->g, IR_NARROW, IR_I, 1, fe_pop(s));
    v->k.j = to;
    fe_push(s, fe_add(s, v));
}

static void compare3(struct scope *s, enum ir_type type, int unordered)
{
    struct ir_value *b = fe_pop_type(s, type);
    struct ir_value *a = fe_pop_type(s, type);
    struct ir_value *v = ir_value_new(s->g, IR_CMP3, IR_I, 2, a, b);
    v->k.j = unordered;
    fe_push(s, fe_add(s, v));
}

/* ---- branches ---- */

/* Condition of a float comparison result against 0; nan: the result for unordered. */
static enum ir_cond float_cond(enum ir_cond c, int nan)
{
    switch (c) {
    case IRC_EQ:
    case IRC_NE: return c;
    case IRC_LT: return nan < 0 ? IRC_FLTU : IRC_FLT;
    case IRC_GE: return nan < 0 ? IRC_FGE : IRC_FGEU;
    case IRC_GT: return nan > 0 ? IRC_FGTU : IRC_FGT;
    default: return nan > 0 ? IRC_FLE : IRC_FLEU;
    }
}

static void go(struct scope *s, int to)
{
    struct ir_value *v = ir_value_new(s->g, IR_GOTO, IR_V, 0);
    v->bci = s->bci;
    ir_append(s->cur, v);
    fe_edge(s, to);
    s->cur = NULL;
}

/* What is decided here needs no merge of what would be done otherwise: handles and their constants stay constants. */
static void branch(struct scope *s, enum ir_cond c, struct ir_value *a, struct ir_value *b)
{
    int to = s->bci + read_s2(s->bc + s->bci + 1);
    int next = s->bci + 3;
    if (ir_is_const(b) && b->type == IR_I && !b->k.i) {
        if (a->op == IR_CMP3) {
            bool is_float = ir_is_float(a->args[0]->type);
            c = is_float ? float_cond(c, (int)a->k.j) : c;
            b = a->args[1];
            a = a->args[0];
        } else if (a->op == IR_COND && (c == IRC_EQ || c == IRC_NE)) {
            c = (enum ir_cond)(c == IRC_NE ? a->cond : a->cond ^ 1u);
            b = a->args[1];
            a = a->args[0];
        }
    }
    int known = ir_fold_cond(c, a, b);
    if (known >= 0) {
        go(s, known ? to : next);
        return;
    }
    const struct insn *in = &s->code->insns[s->insn];
    struct ir_value *v = ir_value_new(s->g, IR_IF, IR_V, 2, a, b);
    v->cond = (uint8_t)c;
    v->bci = s->bci;
    uint32_t count = s->bb->count;
    v->k.d = count >= 8 ? (double)in->taken / count : -1;
    if (v->k.d > 1) { v->k.d = 1; }
    ir_append(s->cur, v);
    fe_edge(s, to);
    fe_edge(s, next);
    s->cur = NULL;
}

static void branch_int(struct scope *s, enum ir_cond c)
{
    struct ir_value *v = fe_pop(s);
    branch(s, c, v, fe_int(s, 0));
}

static void branch_ints(struct scope *s, enum ir_cond c)
{
    struct ir_value *b = fe_pop(s);
    struct ir_value *a = fe_pop(s);
    branch(s, c, a, b);
}

static void switch_insn(struct scope *s)
{
    struct branches b = bytecode_branches(s->bc, (uint32_t)s->bci);
    struct ir_value *key = fe_pop(s);
    if (ir_is_const(key)) {
        uint32_t i = 1;
        while (i < b.n && branch_key(&b, i) != key->k.i) { i++; }
        go(s, s->bci + (i < b.n ? branch_offset(&b, i) : b.first));
        return;
    }
    struct ir_switch *sw = ir_alloc(s->g, sizeof *sw);
    sw->n = b.n - 1;
    sw->keys = ir_alloc(s->g, (size_t)b.n * sizeof *sw->keys);
    for (uint32_t i = 1; i < b.n; i++) { sw->keys[i - 1] = branch_key(&b, i); }
    struct ir_value *v = ir_value_new(s->g, IR_SWITCH, IR_V, 1, key);
    v->k.p = sw;
    v->bci = s->bci;
    ir_append(s->cur, v);
    for (uint32_t i = 1; i < b.n; i++) { fe_edge(s, s->bci + branch_offset(&b, i)); }
    fe_edge(s, s->bci + b.first); /* the default is the last successor */
    s->cur = NULL;
}

/* ---- returns ---- */

static void return_insn(struct scope *s, enum ir_type type)
{
    struct ir_value *v = type == IR_V ? NULL : fe_pop_type(s, type);
    enum basic_type ret = s->m->ret_type;
    if (type == IR_I && ret != T_INT) {
        struct ir_value *n = ir_value_new(s->g, IR_NARROW, IR_I, 1, v);
        n->k.j = ret;
        v = fe_add(s, n);
    }
    if (s->lock) {
        struct ir_value *lock = s->lock;
        s->lock = NULL; /* given back, also for exceptions */
        fe_helper(s, HELPER_monitor_exit, IR_V, 1, lock);
        s->lock = lock;
    }
    if (s->caller) {
        s->sp = 0;
        struct ir_value *cell = v;
        struct ir_value **env = s->v;
        s->v = &cell;
        s->sp = v ? 1 : 0;
        ir_append(s->cur, ir_value_new(s->g, IR_GOTO, IR_V, 0));
        fe_merge_edge(s, &s->ret);
        s->v = env;
    } else {
        struct ir_value *r = ir_value_newv(s->g, IR_RETURN, IR_V, v ? 1 : 0, &v);
        r->bci = s->bci;
        ir_append(s->cur, r);
    }
    s->cur = NULL;
}

/* ---- stack shuffles ---- */

static void stack_op(struct scope *s, uint8_t op)
{
    struct ir_value **t = s->v + s->sp, *x;
    switch (op) {
    case OP_pop: s->sp--; break;
    case OP_pop2: s->sp -= 2; break;
    case OP_dup:
        t[0] = t[-1];
        s->sp++;
        break;
    case OP_dup_x1:
        t[0] = t[-1];
        t[-1] = t[-2];
        t[-2] = t[0];
        s->sp++;
        break;
    case OP_dup_x2:
        t[0] = t[-1];
        t[-1] = t[-2];
        t[-2] = t[-3];
        t[-3] = t[0];
        s->sp++;
        break;
    case OP_dup2:
        t[0] = t[-2];
        t[1] = t[-1];
        s->sp += 2;
        break;
    case OP_dup2_x1:
        t[1] = t[-1];
        t[0] = t[-2];
        t[-1] = t[-3];
        t[-2] = t[1];
        t[-3] = t[0];
        s->sp += 2;
        break;
    case OP_dup2_x2:
        t[1] = t[-1];
        t[0] = t[-2];
        t[-1] = t[-3];
        t[-2] = t[-4];
        t[-3] = t[1];
        t[-4] = t[0];
        s->sp += 2;
        break;
    default: /* swap */
        x = t[-1];
        t[-1] = t[-2];
        t[-2] = x;
        break;
    }
}

/* ---- the table ---- */

static bool load_local(struct scope *s, enum ir_type type, unsigned index)
{
    struct ir_value *v = s->v[index];
    if (!v || v->type != type) {
        fe_fail(s, "local variable of another type", true);
        return true;
    }
    fe_push(s, v);
    return false;
}

static void store_local(struct scope *s, enum ir_type type, unsigned index)
{
    s->v[index] = fe_pop_type(s, type);
    if (ir_has_two_cells(type)) { s->v[index + 1] = NULL; }
    if (index > 0 && s->v[index - 1] && ir_has_two_cells(s->v[index - 1]->type)) {
        s->v[index - 1] = NULL; /* its second half is gone */
    }
}

static void iinc(struct scope *s, unsigned index, int32_t by)
{
    struct ir_value *v = s->v[index];
    if (!v || v->type != IR_I) {
        fe_fail(s, "local variable of another type", true);
        return;
    }
    s->v[index] = fe_op(s, IR_ADD, IR_I, 2, v, fe_int(s, by));
}

/* The operand stack holds what the instruction pops? Unverified code might not. */
static bool stack_holds(struct scope *s, const char *effect)
{
    unsigned need = 0, at = s->sp;
    const char *end = strchr(effect, '>');
    for (const char *p = effect; p < end; p++) {
        if (*p >= '1' && *p <= '9') {
            need += (unsigned)(*p - '0');
        } else if (*p != '?') {
            need += *p == 'J' || *p == 'D' ? 2 : 1;
        }
    }
    if (s->sp < s->m->max_locals + need) { return false; }
    for (const char *p = end; p-- > effect;) {
        enum ir_type type;
        switch (*p) {
        case 'I': type = IR_I; break;
        case 'J': type = IR_J; break;
        case 'F': type = IR_F; break;
        case 'D': type = IR_D; break;
        case 'A': type = IR_R; break;
        default: return true;
        }
        at -= ir_has_two_cells(type) ? 2 : 1;
        if (!s->v[at] || s->v[at]->type != type) { return false; }
    }
    return true;
}

/* Loads, stores and iinc in all their forms. */
static bool local_insn(struct scope *s)
{
    static const enum ir_type types[5] = {IR_I, IR_J, IR_F, IR_D, IR_R};
    const uint8_t *p = s->bc + s->bci;
    unsigned index;
    enum opcode op = bytecode_local(p, &index);
    switch (op) {
    case OP_iload ... OP_aload: return load_local(s, types[op - OP_iload], index);
    case OP_istore ... OP_astore: store_local(s, types[op - OP_istore], index); return false;
    case OP_iinc: iinc(s, index, *p == OP_wide ? read_s2(p + 4) : (int8_t)p[2]); return false;
    default: fe_fail(s, "subroutine (jsr/ret)", true); return false;
    }
}

bool fe_instruction(struct scope *s)
{
    static const enum ir_type types[5] = {IR_I, IR_J, IR_F, IR_D, IR_R};
    static const enum ir_op arith[] = {IR_ADD, IR_SUB, IR_MUL, IR_DIV, IR_REM, IR_NEG};
    static const enum ir_op bits[] = {IR_SHL, IR_SHR, IR_USHR, IR_AND, IR_OR, IR_XOR};
    static const enum basic_type element[] = {T_INT,    T_LONG, T_FLOAT, T_DOUBLE,
                                              T_OBJECT, T_BYTE, T_CHAR,  T_SHORT};
    const uint8_t *p = s->bc + s->bci;
    uint8_t op = *p;
    if (!stack_holds(s, opcode_info[op].effect)) {
        fe_fail(s, "operand of another type", true);
        return true;
    }
    switch (op) {
    case OP_nop: return false;
    case OP_aconst_null: fe_push(s, fe_ref(s, 0)); return false;
    case OP_iconst_m1 ... OP_iconst_5: fe_push(s, fe_int(s, op - OP_iconst_0)); return false;
    case OP_lconst_0:
    case OP_lconst_1: fe_push(s, fe_long(s, op - OP_lconst_0)); return false;
    case OP_fconst_0 ... OP_fconst_2: {
        float f = (float)(op - OP_fconst_0);
        uint32_t u;
        memcpy(&u, &f, 4);
        fe_push(s, ir_const(s->g, IR_F, u));
        return false;
    }
    case OP_dconst_0:
    case OP_dconst_1: {
        double d = op - OP_dconst_0;
        int64_t j;
        memcpy(&j, &d, 8);
        fe_push(s, ir_const(s->g, IR_D, j));
        return false;
    }
    case OP_bipush: fe_push(s, fe_int(s, (int8_t)p[1])); return false;
    case OP_sipush: fe_push(s, fe_int(s, read_s2(p + 1))); return false;
    case OP_ldc:
    case OP_ldc_w:
    case OP_ldc2_w:
        if (!load_constant(s, op == OP_ldc ? p[1] : read_u2(p + 1)) &&
            !load_quick_constant(s, op == OP_ldc2_w)) {
            fe_exit(s, EXIT_UNRESOLVED);
            return true;
        }
        return false;
    case OP_iload ... OP_aload_3:
    case OP_istore ... OP_astore_3:
    case OP_iinc:
    case OP_wide: return local_insn(s);
    case OP_iaload ... OP_saload: array_load(s, element[op - OP_iaload]); return false;
    case OP_aastore: return array_store_ref(s);
    case OP_iastore ... OP_dastore:
    case OP_bastore ... OP_sastore: array_store(s, element[op - OP_iastore]); return false;
    case OP_pop ... OP_swap: stack_op(s, op); return false;
    case OP_idiv:
    case OP_ldiv:
    case OP_irem:
    case OP_lrem:
        division(s, op <= OP_ddiv ? IR_DIV : IR_REM, types[(op - OP_iadd) & 3]);
        return false;
    case OP_ineg ... OP_dneg: {
        enum ir_type type = types[op - OP_ineg];
        fe_push(s, fe_op(s, IR_NEG, type, 1, fe_pop_type(s, type)));
        return false;
    }
    case OP_iadd ... OP_lmul - 1:
    case OP_lmul ... OP_dmul:
    case OP_fdiv:
    case OP_ddiv:
    case OP_frem:
    case OP_drem: binary(s, arith[(op - OP_iadd) / 4], types[(op - OP_iadd) & 3]); return false;
    case OP_ishl ... OP_lxor:
        binary(s, bits[(op - OP_ishl) / 2], types[(op - OP_ishl) & 1]);
        return false;
    case OP_i2l: convert(s, IR_I, IR_J); return false;
    case OP_i2f: convert(s, IR_I, IR_F); return false;
    case OP_i2d: convert(s, IR_I, IR_D); return false;
    case OP_l2i: convert(s, IR_J, IR_I); return false;
    case OP_l2f: convert(s, IR_J, IR_F); return false;
    case OP_l2d: convert(s, IR_J, IR_D); return false;
    case OP_f2i: convert(s, IR_F, IR_I); return false;
    case OP_f2l: convert(s, IR_F, IR_J); return false;
    case OP_f2d: convert(s, IR_F, IR_D); return false;
    case OP_d2i: convert(s, IR_D, IR_I); return false;
    case OP_d2l: convert(s, IR_D, IR_J); return false;
    case OP_d2f: convert(s, IR_D, IR_F); return false;
    case OP_i2b: narrow(s, T_BYTE); return false;
    case OP_i2c: narrow(s, T_CHAR); return false;
    case OP_i2s: narrow(s, T_SHORT); return false;
    case OP_lcmp: compare3(s, IR_J, 0); return false;
    case OP_fcmpl: compare3(s, IR_F, -1); return false;
    case OP_fcmpg: compare3(s, IR_F, 1); return false;
    case OP_dcmpl: compare3(s, IR_D, -1); return false;
    case OP_dcmpg: compare3(s, IR_D, 1); return false;
    case OP_ifeq ... OP_ifle: branch_int(s, (enum ir_cond)(op - OP_ifeq)); return true;
    case OP_if_icmpeq ... OP_if_icmple:
        branch_ints(s, (enum ir_cond)(op - OP_if_icmpeq));
        return true;
    case OP_if_acmpeq:
    case OP_if_acmpne: branch_ints(s, op == OP_if_acmpeq ? IRC_EQ : IRC_NE); return true;
    case OP_ifnull:
    case OP_ifnonnull: {
        struct ir_value *v = fe_pop(s);
        branch(s, op == OP_ifnull ? IRC_EQ : IRC_NE, v, fe_ref(s, 0));
        return true;
    }
    case OP_goto: go(s, s->bci + read_s2(p + 1)); return true;
    case OP_goto_w: go(s, s->bci + read_s4(p + 1)); return true;
    case OP_tableswitch:
    case OP_lookupswitch: switch_insn(s); return true;
    case OP_ireturn ... OP_areturn: return_insn(s, types[op - OP_ireturn]); return true;
    case OP_return:
        if (method_is_object_init(s->m)) {
            fe_helper(s, HELPER_register_finalizer, IR_V, 1, s->v[0]);
        }
        return_insn(s, IR_V);
        return true;
    case OP_getstatic: return get_static(s);
    case OP_putstatic: return put_static(s);
    case OP_getfield: return get_field(s);
    case OP_putfield: return put_field(s);
    case OP_invokevirtual ... OP_invokedynamic: return fe_invoke(s, (enum opcode)op);
    case OP_new: return new_object(s);
    case OP_newarray: return new_array(s, class_primitive(p[1])->array_class);
    case OP_anewarray: {
        struct class *c = fe_resolved(s);
        return new_array(s, c ? c->array_class : NULL);
    }
    case OP_arraylength: {
        struct ir_value *a = fe_check_null(s, s->v[s->sp - 1]);
        s->v[s->sp - 1] = array_length_of(s, a);
        return false;
    }
    case OP_athrow: return fe_throw(s);
    case OP_checkcast: return check_cast(s);
    case OP_instanceof: return instance_of(s);
    case OP_monitorenter:
    case OP_monitorexit: {
        struct ir_value *o = fe_check_null(s, s->v[s->sp - 1]);
        fe_helper(s, op == OP_monitorenter ? HELPER_monitor_enter : HELPER_monitor_exit, IR_V, 1,
                  o);
        s->sp--;
        return false;
    }
    case OP_multianewarray: return new_multi(s);
    default: fe_fail(s, "subroutine (jsr/ret)", true); return true;
    }
}
