/*
 * intrinsics.c - library methods that become IR operations instead of calls. One table: class, method, descriptor,
 * and how. The results are exactly those of the Java code.
 */
#include <string.h>

#include "jit/frontend-internal.h"
#include "runtime/classes/known.h"
#include "runtime/jni/stacktrace.h"

struct intrinsic {
    const char *cls, *name, *desc;
    bool (*build)(struct scope *s, const struct intrinsic *x, struct method *m,
                  struct ir_value **args, unsigned n, struct ir_value **result);
    int arg;
};

#define BUILD(name)                                                                                \
    static bool name(struct scope *s, const struct intrinsic *x, struct method *m,                 \
                     struct ir_value **args, unsigned n, struct ir_value **result)

/* Math of one or two values of the result's type. */
BUILD(math)
{
    struct ir_value *v = ir_value_newv(s->g, IR_MATH, ir_type_of(m->ret_type), n, args);
    v->k.j = x->arg;
    *result = fe_add(s, v);
    return true;
}

/* Integer.compareUnsigned and friends stay calls: they are inlined as Java. */

BUILD(object_get_class)
{
    (void)m, (void)n, (void)x;
    struct class *c = args[0]->cls;
    if (c && args[0]->flags & VALUE_EXACT) {
        *result = fe_ref(s, c->mirror);
        return true;
    }
    struct ir_value *id = fe_op(s, IR_CONV, IR_J, 1, fe_classid(s, args[0]));
    struct ir_value *at = fe_op(s, IR_ADD, IR_J, 2, id,
                                fe_long(s, (int64_t)(META_BASE + offsetof(struct class, mirror))));
    struct ir_value *v = ir_value_new(s->g, IR_LOADRAW, IR_R, 1, at);
    v->mem = T_OBJECT;
    v->cls = KC(Class);
    v->flags |= VALUE_FINAL | VALUE_NONNULL | VALUE_EXACT;
    *result = fe_add(s, v);
    return true;
}

/* A pure helper of doubles. */
BUILD(double_helper)
{
    (void)m;
    *result = n == 1 ? fe_helper(s, (enum helper_id)x->arg, IR_D, 1, args[0])
                     : fe_helper(s, (enum helper_id)x->arg, IR_D, 2, args[0], args[1]);
    return true;
}

/* Bits that identify an object: its address, mixed as obj_identity_hash() does. */
static struct ir_value *identity_hash(struct scope *s, struct ir_value *o)
{
    struct ir_value *h = fe_op(s, IR_CONV, IR_I, 1, fe_op(s, IR_ADDR, IR_J, 2, o, fe_long(s, 0)));
    h = fe_op(s, IR_MUL, IR_I, 2, fe_op(s, IR_USHR, IR_I, 2, h, fe_int(s, 3)),
              fe_int(s, (int32_t)0x9E3779B1u));
    h = fe_op(s, IR_XOR, IR_I, 2, h, fe_op(s, IR_USHR, IR_I, 2, h, fe_int(s, 15)));
    h = fe_op(s, IR_AND, IR_I, 2, h, fe_int(s, 0x7fffffff));
    struct ir_value *v = ir_value_new(s->g, IR_SELECT, IR_I, 4, h, fe_int(s, 0), fe_int(s, 1), h);
    v->cond = IRC_EQ;
    return fe_add(s, v);
}

BUILD(object_hash_code)
{
    (void)m, (void)n, (void)x;
    *result = identity_hash(s, args[0]);
    return true;
}

BUILD(current_thread)
{
    (void)m, (void)n, (void)x, (void)args;
    struct ir_value *at = fe_thread_cell(s, offsetof(struct thread, object));
    struct ir_value *v = ir_value_new(s->g, IR_LOADRAW, IR_R, 1, at);
    v->mem = T_OBJECT;
    v->flags |= VALUE_FINAL | VALUE_NONNULL;
    v->cls = KC(Thread);
    *result = fe_add(s, v);
    return true;
}

/* Reflection.getCallerClass(): who calls the method that asks is known where that is inlined. */
BUILD(caller_class)
{
    (void)m, (void)n, (void)x, (void)args;
    const struct scope *caller = s->caller;
    while (caller && stack_is_mechanism(caller->m)) { caller = caller->caller; }
    if (!caller) { return false; }
    *result = fe_ref(s, caller->m->cls->mirror);
    return true;
}

/* MethodHandleImpl.isCompileConstant(Object): a handle that is known needs no profile of what its test says. */
BUILD(is_compile_constant)
{
    (void)m, (void)n, (void)x;
    *result = fe_int(s, ir_is_const(args[0]));
    return true;
}

BUILD(reachability_fence)
{
    (void)m, (void)n, (void)x, (void)result;
    fe_add(s, ir_value_new(s->g, IR_KEEP, IR_V, 1, args[0]));
    return true;
}

/* ---- arrays ---- */

static struct ir_value *length_of(struct scope *s, struct ir_value *a)
{
    struct ir_value *v = ir_value_new(s->g, IR_ARRAYLEN, IR_I, 1, a);
    v->flags |= VALUE_FINAL;
    return fe_add(s, v);
}

/* 0 <= n, 0 <= from, from + n <= a.length */
static void guard_part(struct scope *s, struct ir_value *a, struct ir_value *from,
                       struct ir_value *n)
{
    struct ir_value *length = length_of(s, a);
    fe_guard(s, IRC_ULE, n, length, EXIT_OTHER);
    if (ir_is_const(from) && !from->k.i) { return; }
    fe_guard(s, IRC_ULE, from, fe_op(s, IR_SUB, IR_I, 2, length, n), EXIT_OTHER);
}

/* Arrays of one primitive type: the checks are operations, which other checks of the same lengths may make superfluous. */
static void copy_primitives(struct scope *s, struct ir_value *src, struct ir_value *dst,
                            struct ir_value **args)
{
    guard_part(s, src, args[1], args[4]);
    guard_part(s, dst, args[3], args[4]);
    struct ir_value *in_bytes[3], *shift = fe_int(s, src->cls->elem_shift);
    for (unsigned i = 0; i < 3; i++) {
        struct ir_value *v = args[i == 2 ? 4 : 1 + 2 * i];
        in_bytes[i] = src->cls->elem_shift ? fe_op(s, IR_SHL, IR_I, 2, v, shift) : v;
    }
    fe_helper(s, HELPER_copy_bytes, IR_V, 5, src, in_bytes[0], dst, in_bytes[1], in_bytes[2]);
}

BUILD(array_copy)
{
    (void)m, (void)n, (void)x;
    if (jit_trapped(s->m, s->bci, EXIT_OTHER) || jit_trapped(s->m, s->bci, EXIT_NULL_CHECK)) {
        return false;
    }
    struct ir_value *src = fe_nonnull(s, args[0]), *dst = fe_nonnull(s, args[2]);
    const struct class *c = src->cls;
    if (c && c == dst->cls && c->kind == CLASS_ARRAY && !type_is_ref(c->elem_type)) {
        copy_primitives(s, src, dst, args);
        *result = NULL;
        return true;
    }
    struct ir_value *done =
        fe_helper(s, HELPER_array_copy, IR_I, 5, src, args[1], dst, args[3], args[4]);
    fe_guard(s, IRC_NE, done, fe_int(s, 0), EXIT_OTHER);
    *result = NULL;
    return true;
}

/* boolean equals(byte[], byte[]) of arrays that are not null */
BUILD(latin1_equals)
{
    (void)m, (void)n, (void)x;
    struct ir_value *a = fe_nonnull(s, args[0]), *b = fe_nonnull(s, args[1]);
    struct ir_value *la = length_of(s, a);
    struct ir_block *end = ir_block_new(s->g, s->m, s->bci);
    end->freq = s->cur->freq;
    struct ir_block *same = fe_split(s, IRC_EQ, la, length_of(s, b), 0.5);
    struct ir_block *differ = s->cur;
    s->cur = same;
    struct ir_value *equal = fe_helper(s, HELPER_bytes_equal, IR_I, 3, a, b, la);
    fe_goto(s, end);
    s->cur = differ;
    fe_goto(s, end);
    struct ir_value *phi = ir_value_new(s->g, IR_PHI, IR_I, 2, equal, fe_int(s, 0));
    phi->bci = s->bci;
    ir_prepend(end, phi);
    s->cur = end;
    *result = phi;
    return true;
}

BUILD(latin1_hash)
{
    (void)m, (void)n, (void)x;
    *result = fe_helper(s, HELPER_hash_latin1, IR_I, 1, fe_nonnull(s, args[0]));
    return true;
}

/* StringLatin1.indexOfChar(byte[] value, int ch, int from, int max): 0 <= from, max <= length by its callers */
BUILD(latin1_index_of)
{
    (void)m, (void)n, (void)x;
    *result = fe_helper(s, HELPER_index_of_latin1, IR_I, 4, fe_nonnull(s, args[0]), args[1],
                        args[2], args[3]);
    return true;
}

/* StringCoding.hasNegatives(byte[] a, int off, int len) */
BUILD(has_negatives)
{
    (void)m, (void)n, (void)x;
    if (jit_trapped(s->m, s->bci, EXIT_RANGE_CHECK)) { return false; }
    struct ir_value *a = fe_nonnull(s, args[0]);
    struct ir_value *length = length_of(s, a);
    fe_guard(s, IRC_ULE, args[1], length, EXIT_RANGE_CHECK);
    fe_guard(s, IRC_ULE, args[2], fe_op(s, IR_SUB, IR_I, 2, length, args[1]), EXIT_RANGE_CHECK);
    *result = fe_helper(s, HELPER_has_negatives, IR_I, 3, a, args[1], args[2]);
    return true;
}

/* Preconditions.checkIndex(int index, int length, ...) */
BUILD(check_index)
{
    (void)m, (void)n, (void)x;
    if (jit_trapped(s->m, s->bci, EXIT_RANGE_CHECK)) { return false; }
    fe_guard(s, IRC_GE, args[1], fe_int(s, 0), EXIT_RANGE_CHECK);
    fe_guard(s, IRC_ULT, args[0], args[1], EXIT_RANGE_CHECK);
    *result = args[0];
    return true;
}

/* Class.isPrimitive(), isArray(): arg is the enum class_kind */
BUILD(class_is_kind)
{
    (void)m, (void)n;
    if (ir_is_const(args[0]) && args[0]->k.j) {
        *result = fe_int(s, class_from_mirror((gref)args[0]->k.j)->kind == x->arg);
        return true;
    }
    struct ir_value *c = ir_value_new(s->g, IR_LOAD, IR_J, 1, args[0]);
    c->mem = T_LONG;
    c->offset = OFF(Class_vm_class);
    c->flags |= VALUE_FINAL;
    struct ir_value *at =
        fe_op(s, IR_ADD, IR_J, 2, fe_add(s, c), fe_long(s, (int64_t)offsetof(struct class, kind)));
    struct ir_value *kind = ir_value_new(s->g, IR_LOADRAW, IR_I, 1, at);
    kind->mem = T_BYTE;
    kind->flags |= VALUE_FINAL;
    *result = fe_cond(s, IRC_EQ, fe_add(s, kind), fe_int(s, x->arg));
    return true;
}

/* Class.isInstance(Object) of a class that is known, as for method references and Class.cast */
BUILD(class_is_instance)
{
    (void)m, (void)n, (void)x;
    if (!ir_is_const(args[0]) || !args[0]->k.j) { return false; }
    struct class *c = class_from_mirror((gref)args[0]->k.j);
    *result = c->kind == CLASS_PRIMITIVE ? fe_int(s, 0) : fe_instance_of(s, args[1], c, 0);
    return true;
}

/* StringUTF16.getChar(byte[], int), putChar(byte[], int, int): two bytes at once */
BUILD(utf16_char)
{
    (void)m;
    if (jit_trapped(s->m, s->bci, EXIT_RANGE_CHECK) || jit_trapped(s->m, s->bci, EXIT_NULL_CHECK)) {
        return false;
    }
    struct ir_value *a = fe_nonnull(s, args[0]), *index = args[1];
    struct ir_value *chars = fe_op(s, IR_SHR, IR_I, 2, length_of(s, a), fe_int(s, 1));
    fe_guard(s, IRC_ULT, index, chars, EXIT_RANGE_CHECK);
    struct ir_value *offset =
        fe_op(s, IR_SHL, IR_J, 2, fe_op(s, IR_CONV, IR_J, 1, index), fe_int(s, 1));
    offset = fe_op(s, IR_ADD, IR_J, 2, offset, fe_long(s, ARRAY_BASE_OFFSET));
    struct ir_value *at = fe_op(s, IR_ADDR, IR_J, 2, a, offset), *v;
    if (x->arg) {
        v = ir_value_new(s->g, IR_STORERAW, IR_V, 2, at, args[2]);
    } else {
        v = ir_value_new(s->g, IR_LOADRAW, IR_I, 1, at);
    }
    v->mem = T_CHAR;
    fe_add(s, v);
    *result = n == 2 ? v : NULL;
    return true;
}

/* ---- jdk.internal.misc.Unsafe ---- */

static bool is_null(const struct ir_value *o) { return ir_is_const(o) && !o->k.j; }

/*
 * The address that (object, offset) names. Outside of objects (null) a page can be missing: one of a mapped file that was cut off. The
 * native methods turn that into an InternalError; so behind such an access (`outside`) compiled code sees whether it has failed, and leaves.
 */
static struct ir_value *unsafe_address(struct scope *s, enum basic_type type,
                                       struct ir_value **args, bool *outside)
{
    struct ir_value *o = args[1];
    *outside = true;
    bool maybe = !(o->flags & VALUE_NONNULL) && jit_trapped(s->m, s->bci, EXIT_NULL_CHECK);
    if (type == T_OBJECT && (maybe || is_null(o))) { return NULL; } /* no references there */
    if (is_null(o)) { return args[2]; }
    if (maybe) { return fe_op(s, IR_ADDR, IR_J, 2, o, args[2]); }
    *outside = false;
    return fe_op(s, IR_ADDR, IR_J, 2, fe_nonnull(s, o), args[2]);
}

static uint16_t raw_flags(struct ir_value **args, const char *order)
{
    return *order ? VALUE_VOLATILE : is_null(args[1]) ? VALUE_OUTSIDE : 0;
}

/* The interpreter makes the access again: it had no effect. */
static void check_fault(struct scope *s)
{
    struct ir_value *at = fe_thread_cell(s, offsetof(struct thread, bus_fault));
    struct ir_value *v = ir_value_new(s->g, IR_LOADRAW, IR_I, 1, at);
    v->mem = T_BYTE;
    v->flags |= VALUE_VOLATILE | VALUE_OUTSIDE;
    fe_guard(s, IRC_EQ, fe_add(s, v), fe_int(s, 0), EXIT_HOST_FAULT);
}

static const char *skip(const char *s, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

static bool is_order(const char *s)
{
    return !*s || !strcmp(s, "Volatile") || !strcmp(s, "Acquire") || !strcmp(s, "Release") ||
           !strcmp(s, "Opaque");
}

/* "Int" of getIntVolatile and its type; what follows in *rest. */
static enum basic_type type_in_name(const char *s, const char **rest)
{
    static const struct {
        const char *name;
        enum basic_type type;
    } names[] = {{"Boolean", T_BOOLEAN}, {"Byte", T_BYTE},     {"Char", T_CHAR},
                 {"Short", T_SHORT},     {"Int", T_INT},       {"Long", T_LONG},
                 {"Float", T_FLOAT},     {"Double", T_DOUBLE}, {"Reference", T_OBJECT}};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        *rest = skip(s, names[i].name);
        if (*rest) { return names[i].type; }
    }
    return (enum basic_type)0;
}

static bool unsafe_get(struct scope *s, enum basic_type type, const char *order,
                       struct ir_value **args, struct ir_value **result)
{
    bool outside;
    struct ir_value *at = unsafe_address(s, type, args, &outside);
    if (!at) { return false; }
    struct ir_value *v = ir_value_new(s->g, IR_LOADRAW, ir_type_of(type), 1, at);
    v->mem = (uint8_t)type;
    v->flags |= raw_flags(args, order);
    *result = fe_add(s, v);
    if (outside) { check_fault(s); }
    return true;
}

static bool unsafe_put(struct scope *s, enum basic_type type, const char *order,
                       struct ir_value **args)
{
    bool outside;
    struct ir_value *at = unsafe_address(s, type, args, &outside);
    if (!at) { return false; }
    struct ir_value *x = args[3];
    if (type == T_BOOLEAN) { x = fe_op(s, IR_AND, IR_I, 2, x, fe_int(s, 1)); }
    struct ir_value *v = ir_value_new(s->g, IR_STORERAW, IR_V, 2, at, x);
    v->mem = (uint8_t)type;
    v->flags |= raw_flags(args, order);
    v->index = *order && strcmp(order, "Volatile") != 0; /* ordered, but no fence behind it */
    fe_add(s, v);
    if (outside) { check_fault(s); }
    return true;
}

static bool unsafe_atomic(struct scope *s, enum ir_op op, enum basic_type type,
                          struct ir_value **args, unsigned n, struct ir_value **result)
{
    if (type != T_INT && type != T_LONG && type != T_OBJECT) { return false; }
    bool outside;
    struct ir_value *at = unsafe_address(s, type, args, &outside);
    if (!at) { return false; }
    struct ir_value *v = n == 2 ? ir_value_new(s->g, op, ir_type_of(type), 3, at, args[3], args[4])
                                : ir_value_new(s->g, op, ir_type_of(type), 2, at, args[3]);
    v->mem = (uint8_t)type;
    *result = fe_add(s, v);
    if (outside) { check_fault(s); }
    return true;
}

/* allocateInstance(Class) of a class that is known: method handles of constructors, capturing lambdas among them. */
static bool unsafe_new(struct scope *s, struct ir_value **args, unsigned n,
                       struct ir_value **result)
{
    if (n != 2 || !ir_is_const(args[1]) || !args[1]->k.j) { return false; }
    struct class *c = class_from_mirror((gref)args[1]->k.j);
    *result = c->kind == CLASS_INSTANCE ? fe_new(s, c) : NULL;
    return *result != NULL;
}

static bool unsafe_method(struct scope *s, struct method *m, struct ir_value **args, unsigned n,
                          struct ir_value **result)
{
    const char *name = m->name->text, *rest, *order;
    enum basic_type type;
    if (!strcmp(name, "allocateInstance")) { return unsafe_new(s, args, n, result); }
    if (n < 3 || args[1]->type != IR_R || args[2]->type != IR_J) { return false; }
    if ((rest = skip(name, "getAndAdd")) && (type = type_in_name(rest, &order)) &&
        is_order(order) && type != T_OBJECT) {
        return unsafe_atomic(s, IR_XADD, type, args, 1, result);
    }
    if ((rest = skip(name, "getAndSet")) && (type = type_in_name(rest, &order)) &&
        is_order(order)) {
        return unsafe_atomic(s, IR_XCHG, type, args, 1, result);
    }
    if ((rest = skip(name, "compareAndExchange")) && (type = type_in_name(rest, &order)) &&
        is_order(order)) {
        return unsafe_atomic(s, IR_CAS, type, args, 2, result);
    }
    if (((rest = skip(name, "compareAndSet")) || (rest = skip(name, "weakCompareAndSet"))) &&
        (type = type_in_name(rest, &order)) && (is_order(order) || !strcmp(order, "Plain"))) {
        struct ir_value *old = NULL;
        if (!unsafe_atomic(s, IR_CAS, type, args, 2, &old)) { return false; }
        *result = fe_cond(s, IRC_EQ, old, args[3]);
        return true;
    }
    if (n == 3 && (rest = skip(name, "get")) && (type = type_in_name(rest, &order)) &&
        is_order(order)) {
        return unsafe_get(s, type, order, args, result);
    }
    if (n == 4 && (rest = skip(name, "put")) && (type = type_in_name(rest, &order)) &&
        is_order(order)) {
        return unsafe_put(s, type, order, args);
    }
    return false;
}

static const struct intrinsic table[] = {
    {"java/lang/Math", "sqrt", "(D)D", math, IRM_SQRT},
    {"java/lang/StrictMath", "sqrt", "(D)D", math, IRM_SQRT},
    {"java/lang/Math", "abs", "(D)D", math, IRM_ABS},
    {"java/lang/Math", "abs", "(F)F", math, IRM_ABS},
    {"java/lang/Math", "abs", "(I)I", math, IRM_ABS},
    {"java/lang/Math", "abs", "(J)J", math, IRM_ABS},
    {"java/lang/Math", "max", "(II)I", math, IRM_MAX},
    {"java/lang/Math", "min", "(II)I", math, IRM_MIN},
    {"java/lang/Math", "max", "(JJ)J", math, IRM_MAX},
    {"java/lang/Math", "min", "(JJ)J", math, IRM_MIN},
    {"java/lang/Math", "multiplyHigh", "(JJ)J", math, IRM_MULHI},
    {"java/lang/Integer", "numberOfLeadingZeros", "(I)I", math, IRM_CLZ},
    {"java/lang/Integer", "numberOfTrailingZeros", "(I)I", math, IRM_CTZ},
    {"java/lang/Integer", "bitCount", "(I)I", math, IRM_POPCOUNT},
    {"java/lang/Integer", "reverseBytes", "(I)I", math, IRM_BSWAP},
    {"java/lang/Long", "numberOfLeadingZeros", "(J)I", math, IRM_CLZ},
    {"java/lang/Long", "numberOfTrailingZeros", "(J)I", math, IRM_CTZ},
    {"java/lang/Long", "bitCount", "(J)I", math, IRM_POPCOUNT},
    {"java/lang/Long", "reverseBytes", "(J)J", math, IRM_BSWAP},
    {"java/lang/Float", "floatToRawIntBits", "(F)I", math, IRM_BITS},
    {"java/lang/Float", "intBitsToFloat", "(I)F", math, IRM_BITS},
    {"java/lang/Double", "doubleToRawLongBits", "(D)J", math, IRM_BITS},
    {"java/lang/Double", "longBitsToDouble", "(J)D", math, IRM_BITS},
    {"java/lang/Math", "floor", "(D)D", math, IRM_FLOOR},
    {"java/lang/Math", "ceil", "(D)D", math, IRM_CEIL},
    {"java/lang/Math", "rint", "(D)D", math, IRM_RINT},
    {"java/lang/Math", "sin", "(D)D", double_helper, HELPER_sin},
    {"java/lang/Math", "cos", "(D)D", double_helper, HELPER_cos},
    {"java/lang/Math", "tan", "(D)D", double_helper, HELPER_tan},
    {"java/lang/Math", "exp", "(D)D", double_helper, HELPER_exp},
    {"java/lang/Math", "log", "(D)D", double_helper, HELPER_log},
    {"java/lang/Math", "log10", "(D)D", double_helper, HELPER_log10},
    {"java/lang/Math", "pow", "(DD)D", double_helper, HELPER_pow},
    {"java/lang/System", "arraycopy", "(Ljava/lang/Object;ILjava/lang/Object;II)V", array_copy, 0},
    {"java/lang/StringLatin1", "equals", "([B[B)Z", latin1_equals, 0},
    {"java/lang/StringLatin1", "hashCode", "([B)I", latin1_hash, 0},
    {"java/lang/StringLatin1", "indexOfChar", "([BIII)I", latin1_index_of, 0},
    {"java/lang/StringCoding", "hasNegatives", "([BII)Z", has_negatives, 0},
    {"jdk/internal/util/Preconditions", "checkIndex", "(IILjava/util/function/BiFunction;)I",
     check_index, 0},
    {"java/lang/ref/Reference", "reachabilityFence", "(Ljava/lang/Object;)V", reachability_fence,
     0},
    {"jdk/internal/reflect/Reflection", "getCallerClass", "()Ljava/lang/Class;", caller_class, 0},
    {"java/lang/invoke/MethodHandleImpl", "isCompileConstant", "(Ljava/lang/Object;)Z",
     is_compile_constant, 0},
    {"java/lang/Thread", "currentThread", "()Ljava/lang/Thread;", current_thread, 0},
    {"java/lang/Object", "hashCode", "()I", object_hash_code, 0},
    {"java/lang/Class", "isPrimitive", "()Z", class_is_kind, CLASS_PRIMITIVE},
    {"java/lang/Class", "isArray", "()Z", class_is_kind, CLASS_ARRAY},
    {"java/lang/Class", "isInstance", "(Ljava/lang/Object;)Z", class_is_instance, 0},
    {"java/lang/StringUTF16", "getChar", "([BI)C", utf16_char, false},
    {"java/lang/StringUTF16", "putChar", "([BII)V", utf16_char, true},
    {"java/lang/Object", "getClass", "()Ljava/lang/Class;", object_get_class, 0},
};

bool fe_intrinsic(struct scope *s, struct method *m, struct ir_value **args, unsigned n,
                  struct ir_value **result)
{
    if (m->cls->props & CLP_HIDDEN || !(m->cls->props & CLP_TRUSTED)) { return false; }
    bool on = pass_enabled(PASS_intrinsics);
    if (on && m->props & MP_INTRINSIC && !strcmp(m->cls->name->text, "jdk/internal/misc/Unsafe")) {
        return unsafe_method(s, m, args, n, result);
    }
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        const struct intrinsic *x = &table[i];
        if (!on && x->build != reachability_fence) { continue; } /* which is no matter of speed */
        if (!strcmp(m->name->text, x->name) && !strcmp(m->desc->text, x->desc) &&
            !strcmp(m->cls->name->text, x->cls)) {
            return x->build(s, x, m, args, n, result);
        }
    }
    return false;
}
