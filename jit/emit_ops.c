/*
 * emit_ops.c - one IR operation to libgccjit expressions and statements, with Java's semantics where C has others:
 * shifts mask their counts, MIN / -1 wraps, conversions from floats saturate, comparisons know NaN.
 */
#include <stddef.h>

#include "jit/emit-internal.h"
#include "jit/helpers.h"

static bool is_int(enum ir_type t) { return t == IR_I || t == IR_J; }

static rv const_of(struct emitter *e, enum ir_type t, int64_t j)
{
    return t == IR_J ? emit_i64(e, j) : emit_i32(e, (int32_t)j);
}

/* r = cond ? yes : no, with both already evaluated */
static rv select_value(struct emitter *e, rv cond, rv yes, rv no, gcc_jit_type *type)
{
    lv r = emit_temp(e, type);
    emit_assign(e, r, no);
    gcc_jit_block *then = emit_new_block(e), *end = emit_new_block(e);
    emit_branch(e, cond, then, end);
    e->block = then;
    emit_assign(e, r, yes);
    emit_jump(e, end);
    e->block = end;
    return emit_read(r);
}

/* Argument i of a SELECT; an int or long in a register: GCC would compute it only on the way that needs it, and could not get
 * rid of the branch then. */
static rv computed(struct emitter *e, struct ir_value *v, unsigned i)
{
    bool whole = v->type == IR_I || v->type == IR_J;
    if (!whole || ir_is_const(v->args[i])) { return emit_arg(e, v, i); }
    lv r = emit_temp(e, emit_type(e, v->type));
    emit_assign(e, r, emit_arg(e, v, i));
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, "");
    gcc_jit_extended_asm_add_output_operand(a, NULL, "+r", r);
    return emit_read(r);
}

/* ---- arithmetic ---- */

static rv shift(struct emitter *e, struct ir_value *v)
{
    bool is_long = v->type == IR_J;
    rv count = emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_i32, emit_arg(e, v, 1),
                           emit_i32(e, is_long ? 63 : 31));
    gcc_jit_type *t = is_long ? e->t_i64 : e->t_i32, *u = is_long ? e->t_u64 : e->t_u32;
    rv x = emit_arg(e, v, 0);
    if (v->op == IR_SHR) {
        return emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, t, x, emit_cast(e, count, t));
    }
    /* unsigned, so that nothing is undefined */
    return emit_cast(
        e,
        emit_binary(e, v->op == IR_SHL ? GCC_JIT_BINARY_OP_LSHIFT : GCC_JIT_BINARY_OP_RSHIFT, u,
                    emit_cast(e, x, u), emit_cast(e, count, u)),
        t);
}

static rv divide(struct emitter *e, struct ir_value *v)
{
    bool rem = v->op == IR_REM;
    gcc_jit_type *t = emit_type(e, v->type);
    rv a = emit_arg(e, v, 0), b = emit_arg(e, v, 1);
    if (!is_int(v->type)) {
        if (!rem) { return emit_binary(e, GCC_JIT_BINARY_OP_DIVIDE, t, a, b); }
        rv args[2] = {a, b};
        return emit_helper(e, v->type == IR_D ? HELPER_fmod : HELPER_fmodf, NULL, 2, args);
    }
    enum gcc_jit_binary_op op = rem ? GCC_JIT_BINARY_OP_MODULO : GCC_JIT_BINARY_OP_DIVIDE;
    struct ir_value *d = ir_value(v->args[1]);
    if (ir_is_const(d) && (v->type == IR_J ? d->k.j != -1 : d->k.i != -1)) {
        return emit_binary(e, op, t, a, b);
    }
    lv r = emit_temp(e, t), x = emit_temp(e, t);
    emit_assign(e, x, a);
    gcc_jit_block *minus = emit_new_block(e), *normal = emit_new_block(e), *end = emit_new_block(e);
    emit_branch(
        e, emit_unlikely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, b, const_of(e, v->type, -1))),
        minus, normal);
    e->block = minus;
    emit_assign(
        e, r,
        rem ? const_of(e, v->type, 0)
            : gcc_jit_context_new_unary_op(e->ctx, NULL, GCC_JIT_UNARY_OP_MINUS, t, emit_read(x)));
    emit_jump(e, end);
    e->block = normal;
    emit_assign(e, r, emit_binary(e, op, t, emit_read(x), b));
    emit_jump(e, end);
    e->block = end;
    return emit_read(r);
}

static rv convert(struct emitter *e, struct ir_value *v)
{
    enum ir_type from = emit_arg_type(v, 0), to = v->type;
    rv x = emit_arg(e, v, 0);
    gcc_jit_type *t = emit_type(e, to);
    if (is_int(from) || !is_int(to)) { return emit_cast(e, x, t); }
    /* cvttsd2si gives MIN for everything that does not fit: then the helper decides. By its name, because GCC takes a conversion
     * of what is not negative for not negative, and would drop the test. */
    lv d = emit_temp(e, e->t_double), r = emit_temp(e, t);
    emit_assign(e, d, from == IR_F ? emit_cast(e, x, e->t_double) : x);
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(
        e->block, NULL, to == IR_J ? "cvttsd2siq %1, %0" : "cvttsd2sil %1, %0");
    gcc_jit_extended_asm_add_output_operand(a, NULL, "=r", r);
    gcc_jit_extended_asm_add_input_operand(a, NULL, "x", emit_read(d));
    rv min = to == IR_J ? emit_i64(e, INT64_MIN) : emit_i32(e, INT32_MIN);
    gcc_jit_block *slow = emit_new_block(e), *end = emit_new_block(e);
    emit_branch(e, emit_unlikely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, emit_read(r), min)),
                slow, end);
    e->block = slow;
    rv args[1] = {emit_read(d)};
    emit_assign(e, r, emit_helper(e, to == IR_J ? HELPER_d2l : HELPER_d2i, NULL, 1, args));
    emit_jump(e, end);
    e->block = end;
    return emit_read(r);
}

static rv narrow(struct emitter *e, struct ir_value *v)
{
    rv x = emit_arg(e, v, 0);
    switch (v->k.j) {
    case T_BOOLEAN:
        return emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_i32, x, emit_i32(e, 1));
    case T_BYTE: return emit_cast(e, emit_cast(e, x, e->t_i8), e->t_i32);
    case T_CHAR: return emit_cast(e, emit_cast(e, x, e->t_u16), e->t_i32);
    default: return emit_cast(e, emit_cast(e, x, e->t_i16), e->t_i32);
    }
}

static rv as_int(struct emitter *e, rv cond) { return emit_cast(e, cond, e->t_i32); }

static rv compare3(struct emitter *e, struct ir_value *v)
{
    rv a = emit_arg(e, v, 0), b = emit_arg(e, v, 1);
    enum ir_type t = emit_arg_type(v, 0);
    rv greater, less;
    if (is_int(t)) {
        greater = emit_cond(e, IRC_GT, a, b, t);
        less = emit_cond(e, IRC_LT, a, b, t);
    } else {
        greater = emit_cond(e, v->k.j > 0 ? IRC_FGTU : IRC_FGT, a, b, t);
        less = emit_cond(e, v->k.j > 0 ? IRC_FLT : IRC_FLTU, a, b, t);
    }
    return emit_binary(e, GCC_JIT_BINARY_OP_MINUS, e->t_i32, as_int(e, greater), as_int(e, less));
}

/* Calls a builtin with arguments cast to the types that its parameters have. */
rv emit_call_builtin(struct emitter *e, gcc_jit_function *f, int n, rv *args)
{
    for (int i = 0; i < n; i++) {
        rv param = gcc_jit_param_as_rvalue(gcc_jit_function_get_param(f, i));
        gcc_jit_type *t = gcc_jit_rvalue_get_type(param);
        if (gcc_jit_rvalue_get_type(args[i]) != t) { args[i] = emit_cast(e, args[i], t); }
    }
    return gcc_jit_context_new_call(e->ctx, NULL, f, n, args);
}

static rv builtin(struct emitter *e, const char *name, int n, rv *args)
{
    return emit_call_builtin(e, gcc_jit_context_get_builtin_function(e->ctx, name), n, args);
}

/* Counting zeros: the builtins do not know 0. */
static rv count_zeros(struct emitter *e, struct ir_value *v)
{
    bool is_long = emit_arg_type(v, 0) == IR_J;
    lv x = emit_temp(e, is_long ? e->t_i64 : e->t_i32);
    emit_assign(e, x, emit_arg(e, v, 0));
    const char *name = v->k.j == IRM_CLZ ? (is_long ? "__builtin_clzl" : "__builtin_clz")
                                         : (is_long ? "__builtin_ctzl" : "__builtin_ctz");
    lv r = emit_temp(e, e->t_i32);
    emit_assign(e, r, emit_i32(e, is_long ? 64 : 32));
    gcc_jit_block *some = emit_new_block(e), *end = emit_new_block(e);
    emit_branch(
        e,
        emit_compare(e, GCC_JIT_COMPARISON_NE, emit_read(x), const_of(e, is_long ? IR_J : IR_I, 0)),
        some, end);
    e->block = some;
    rv a = emit_cast(e, emit_read(x),
                     gcc_jit_context_get_type(e->ctx, is_long ? GCC_JIT_TYPE_UNSIGNED_LONG
                                                              : GCC_JIT_TYPE_UNSIGNED_INT));
    emit_assign(e, r, emit_cast(e, builtin(e, name, 1, &a), e->t_i32));
    emit_jump(e, end);
    e->block = end;
    return emit_read(r);
}

static rv absolute(struct emitter *e, struct ir_value *v)
{
    rv x = emit_arg(e, v, 0);
    if (v->type == IR_D) { return builtin(e, "fabs", 1, &x); }
    if (v->type == IR_F) { return builtin(e, "fabsf", 1, &x); }
    gcc_jit_type *t = emit_type(e, v->type);
    lv k = emit_temp(e, t);
    emit_assign(e, k, x);
    return select_value(
        e, emit_compare(e, GCC_JIT_COMPARISON_LT, emit_read(k), const_of(e, v->type, 0)),
        gcc_jit_context_new_unary_op(e->ctx, NULL, GCC_JIT_UNARY_OP_MINUS, t, emit_read(k)),
        emit_read(k), t);
}

static rv math(struct emitter *e, struct ir_value *v)
{
    rv args[3] = {NULL};
    for (unsigned i = 0; i < v->n_args && i < 3; i++) { args[i] = emit_arg(e, v, i); }
    enum ir_type from = emit_arg_type(v, 0);
    gcc_jit_type *t = emit_type(e, v->type);
    switch (v->k.j) {
    case IRM_SQRT: return builtin(e, "sqrt", 1, args);
    case IRM_ABS: return absolute(e, v);
    case IRM_CEIL: return builtin(e, "ceil", 1, args);
    case IRM_FLOOR: return builtin(e, "floor", 1, args);
    case IRM_RINT: return builtin(e, "rint", 1, args);
    case IRM_FMA: return builtin(e, v->type == IR_F ? "fmaf" : "fma", 3, args);
    case IRM_MIN:
    case IRM_MAX: {
        lv a = emit_temp(e, t), b = emit_temp(e, t);
        emit_assign(e, a, args[0]);
        emit_assign(e, b, args[1]);
        rv c = emit_compare(e, v->k.j == IRM_MIN ? GCC_JIT_COMPARISON_LT : GCC_JIT_COMPARISON_GT,
                            emit_read(a), emit_read(b));
        return select_value(e, c, emit_read(a), emit_read(b), t);
    }
    case IRM_CLZ:
    case IRM_CTZ: return count_zeros(e, v);
    case IRM_POPCOUNT: {
        bool is_long = from == IR_J;
        rv a = emit_cast(e, args[0],
                         gcc_jit_context_get_type(e->ctx, is_long ? GCC_JIT_TYPE_UNSIGNED_LONG
                                                                  : GCC_JIT_TYPE_UNSIGNED_INT));
        return emit_cast(
            e, builtin(e, is_long ? "__builtin_popcountl" : "__builtin_popcount", 1, &a), e->t_i32);
    }
    case IRM_BSWAP: {
        bool is_long = from == IR_J;
        rv a = emit_cast(e, args[0], is_long ? e->t_u64 : e->t_u32);
        return emit_cast(e, builtin(e, is_long ? "__builtin_bswap64" : "__builtin_bswap32", 1, &a),
                         t);
    }
    case IRM_MULHI: {
        gcc_jit_type *wide = gcc_jit_context_get_type(e->ctx, GCC_JIT_TYPE_INT128_T);
        rv product = emit_binary(e, GCC_JIT_BINARY_OP_MULT, wide, emit_cast(e, args[0], wide),
                                 emit_cast(e, args[1], wide));
        rv high = emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, wide, product,
                              emit_cast(e, emit_i32(e, 64), wide));
        return emit_cast(e, high, e->t_i64);
    }
    case IRM_BITS: return emit_bitcast(e, args[0], t);
    case IRM_SIN: return builtin(e, "sin", 1, args);
    case IRM_COS: return builtin(e, "cos", 1, args);
    case IRM_TAN: return builtin(e, "tan", 1, args);
    case IRM_EXP: return builtin(e, "exp", 1, args);
    case IRM_LOG: return builtin(e, "log", 1, args);
    case IRM_LOG10: return builtin(e, "log10", 1, args);
    case IRM_POW: return builtin(e, "pow", 2, args);
    default: e->failure = "unknown math operation"; return args[0];
    }
}

static rv binary(struct emitter *e, struct ir_value *v)
{
    static const enum gcc_jit_binary_op op[IR_OP_COUNT] = {
        [IR_ADD] = GCC_JIT_BINARY_OP_PLUS,      [IR_SUB] = GCC_JIT_BINARY_OP_MINUS,
        [IR_MUL] = GCC_JIT_BINARY_OP_MULT,      [IR_AND] = GCC_JIT_BINARY_OP_BITWISE_AND,
        [IR_OR] = GCC_JIT_BINARY_OP_BITWISE_OR, [IR_XOR] = GCC_JIT_BINARY_OP_BITWISE_XOR};
    return emit_binary(e, op[v->op], emit_type(e, v->type), emit_arg(e, v, 0), emit_arg(e, v, 1));
}

/* ---- references ---- */

rv emit_plus(struct emitter *e, rv ref, uint64_t offset)
{
    if (!offset) { return ref; }
    return emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, ref,
                       gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, (long)offset));
}

rv emit_class_id(struct emitter *e, rv ref)
{
    return emit_cast(e, emit_read(emit_guest(e, emit_plus(e, ref, OBJ_CLASS_OFFSET), T_INT, false)),
                     e->t_i32);
}

rv emit_class_pointer(struct emitter *e, rv id)
{
    rv base = gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, (long)META_BASE);
    rv at = emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64,
                        emit_cast(e, emit_cast(e, id, e->t_u32), e->t_u64), base);
    return emit_pointer(e, at, e->t_bytes);
}

rv emit_host_constant(struct emitter *e, const void *p)
{
    return gcc_jit_context_new_rvalue_from_ptr(e->ctx, e->t_ptr, (void *)p);
}

rv emit_load_pointer(struct emitter *e, rv bytes, int64_t offset)
{
    return emit_read(emit_at(e, bytes, offset, e->t_bytes, gcc_jit_type_get_pointer(e->t_bytes)));
}

static rv u32_constant(struct emitter *e, uint32_t n)
{
    return gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u32, (long)n);
}

/* What the cache holds for (id, c), xor what it holds for "no": 0 no, 1 yes, everything else: it holds another answer. */
static rv cached_subtype(struct emitter *e, rv id, struct class *c)
{
    id = emit_cast(e, id, e->t_u32);
    rv index =
        emit_binary(e, GCC_JIT_BINARY_OP_MULT, e->t_u32,
                    emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, e->t_u32, id, u32_constant(e, 4)),
                    u32_constant(e, SUBTYPE_CACHE_MUL));
    index = emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u32, index,
                        u32_constant(e, subtype_cache_salt(class_id(c))));
    index = emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, e->t_u32, index,
                        u32_constant(e, 32 - SUBTYPE_CACHE_BITS));
    rv cache = emit_cast(e, emit_host_constant(e, jit_subtype_cache), e->p_u64);
    rv entry = emit_read(gcc_jit_context_new_array_access(e->ctx, NULL, cache, index));
    rv key = emit_binary(e, GCC_JIT_BINARY_OP_LSHIFT, e->t_u64, emit_cast(e, id, e->t_u64),
                         gcc_jit_context_new_rvalue_from_int(e->ctx, e->t_u64, 32));
    key = emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_OR, e->t_u64, key,
                      gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, (long)class_id(c)));
    return emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_XOR, e->t_u64, entry, key);
}

/* Is the class with this id a subclass of c? As bool. */
static rv subtype_test(struct emitter *e, rv id, struct class *c)
{
    if (c->kind == CLASS_INSTANCE && c->access_flags & ACC_FINAL) {
        return emit_compare(e, GCC_JIT_COMPARISON_EQ, id, emit_i32(e, (int32_t)class_id(c)));
    }
    if (c->kind == CLASS_INSTANCE && !class_is_interface(c) && c->depth < CLASS_DISPLAY) {
        rv at = emit_load_pointer(e, emit_class_pointer(e, id),
                                  (int64_t)(offsetof(struct class, display) + 8 * c->depth));
        return emit_compare(e, GCC_JIT_COMPARISON_EQ, at,
                            emit_cast(e, emit_host_constant(e, c), e->t_bytes));
    }
    gcc_jit_block *look = emit_new_block(e), *ask = emit_new_block(e), *end = emit_new_block(e);
    lv r = emit_temp(e, e->t_i32), cached = emit_temp(e, e->t_u64);
    emit_assign(e, r, emit_i32(e, 1));
    rv last = emit_load_pointer(e, emit_class_pointer(e, id), offsetof(struct class, last_super));
    rv known = emit_compare(e, GCC_JIT_COMPARISON_EQ, last,
                            emit_cast(e, emit_host_constant(e, c), e->t_bytes));
    emit_branch(e, known, end, look);
    e->block = look;
    emit_assign(e, cached, cached_subtype(e, id, c));
    emit_assign(e, r, emit_cast(e, emit_read(cached), e->t_i32));
    rv hit = emit_compare(e, GCC_JIT_COMPARISON_LE, emit_read(cached),
                          gcc_jit_context_one(e->ctx, e->t_u64));
    emit_branch(e, emit_likely(e, hit), end, ask);
    e->block = ask;
    rv args[2] = {id, emit_host_constant(e, c)};
    emit_assign(e, r, emit_helper(e, HELPER_subtype, NULL, 2, args));
    emit_jump(e, end);
    e->block = end;
    return emit_compare(e, GCC_JIT_COMPARISON_NE, emit_read(r), emit_i32(e, 0));
}

static rv is_a(struct emitter *e, struct ir_value *v)
{
    lv r = emit_temp(e, e->t_i32), id = emit_temp(e, e->t_i32);
    rv o = emit_arg(e, v, 0);
    gcc_jit_block *some = emit_new_block(e), *end = emit_new_block(e);
    emit_assign(e, r, emit_i32(e, (int32_t)v->index));
    if (ir_value(v->args[0])->flags & VALUE_NONNULL) {
        emit_jump(e, some);
    } else {
        emit_branch(
            e, emit_compare(e, GCC_JIT_COMPARISON_NE, o, gcc_jit_context_zero(e->ctx, e->t_u64)),
            some, end);
    }
    e->block = some;
    emit_assign(e, id, emit_class_id(e, o));
    emit_assign(e, r, emit_i32(e, 1));
    if (v->offset) {
        gcc_jit_block *other = emit_new_block(e);
        rv same =
            emit_compare(e, GCC_JIT_COMPARISON_EQ, emit_read(id), emit_i32(e, (int32_t)v->offset));
        emit_branch(e, emit_likely(e, same), end, other);
        e->block = other;
    }
    emit_assign(e, r, as_int(e, subtype_test(e, emit_read(id), v->k.cls)));
    emit_jump(e, end);
    e->block = end;
    return emit_read(r);
}

/* ---- memory ---- */

static void barrier(struct emitter *e, const char *text)
{
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, text);
    gcc_jit_extended_asm_set_volatile_flag(a, 1);
    gcc_jit_extended_asm_add_clobber(a, "memory");
}

/* Without it GCC would forget the reference behind its last use, and the collector the object. */
static void keep(struct emitter *e, struct ir_value *v)
{
    if (ir_is_const(ir_value(v->args[0]))) { return; }
    gcc_jit_extended_asm *a = gcc_jit_block_add_extended_asm(e->block, NULL, "");
    gcc_jit_extended_asm_set_volatile_flag(a, 1);
    gcc_jit_extended_asm_add_input_operand(a, NULL, "r", emit_arg(e, v, 0));
}

#define FULL_FENCE "lock orl $0, (%%rsp)"

/*
 * The index of an element as a long: for x + c the constant is added to the long, so that GCC sees how far a[i] is from
 * a[i - 1]. That is exact, for the index was checked: 0 <= i < length, so x = i - c does not wrap if c > 0, nor if i is far
 * enough from MAX, as in arrays of more than bytes.
 */
static rv element_index(struct emitter *e, struct ir_value *index, enum basic_type mem)
{
    int32_t c = 0;
    struct ir_value *x = ir_value(index);
    while (x->op == IR_ADD && x->type == IR_I && ir_is_const(ir_value(x->args[1])) &&
           !ir_value(x->args[0])->mark) {
        c = (int32_t)((uint32_t)c + (uint32_t)ir_value(x->args[1])->k.i);
        x = ir_value(x->args[0]);
    }
    if (c == 0 || ir_is_const(x) || (c < 0 && (c < -(1 << 29) || type_size(mem) == 1))) {
        return emit_cast(e, emit_value(e, index), e->t_i64);
    }
    return emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_i64,
                       emit_cast(e, emit_value(e, x), e->t_i64), emit_i64(e, c));
}

static rv element_address(struct emitter *e, struct ir_value *v, enum basic_type mem, lv *direct)
{
    rv array = emit_arg(e, v, 0), index = element_index(e, v->args[1], mem);
    if (!e->soft) {
        /* base pointer and sign-extended index: what GCC's vectoriser understands */
        rv base =
            emit_pointer(e, emit_plus(e, array, ARRAY_BASE_OFFSET), emit_mem_type(e, mem, true));
        *direct = gcc_jit_context_new_array_access(e->ctx, NULL, base, index);
        return NULL;
    }
    rv offset =
        emit_binary(e, GCC_JIT_BINARY_OP_MULT, e->t_u64, emit_cast(e, index, e->t_u64),
                    gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, (long)type_size(mem)));
    return emit_plus(e, emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, array, offset),
                     ARRAY_BASE_OFFSET);
}

static lv element(struct emitter *e, struct ir_value *v, bool write)
{
    lv direct = NULL;
    rv at = element_address(e, v, v->mem, &direct);
    return direct ? direct : emit_guest(e, at, v->mem, write);
}

static lv field(struct emitter *e, struct ir_value *v, bool write)
{
    rv at = v->op == IR_LOADS || v->op == IR_STORES
                ? gcc_jit_context_new_rvalue_from_long(e->ctx, e->t_u64, v->offset)
                : emit_plus(e, emit_arg(e, v, 0), v->offset);
    return emit_guest(e, at, v->mem, write);
}

static lv raw_place(struct emitter *e, struct ir_value *v)
{
    return gcc_jit_rvalue_dereference(
        emit_pointer(e, emit_cast(e, emit_arg(e, v, 0), e->t_u64), emit_mem_type(e, v->mem, true)),
        NULL);
}

static rv load(struct emitter *e, struct ir_value *v, lv from)
{
    if (v->flags & VALUE_VOLATILE) { barrier(e, ""); }
    lv t = emit_temp(e, emit_type(e, v->type));
    emit_assign(e, t, emit_cast(e, emit_read(from), emit_type(e, v->type)));
    if (v->flags & VALUE_VOLATILE) { barrier(e, ""); }
    return emit_read(t);
}

static void store(struct emitter *e, struct ir_value *v, lv to, rv x)
{
    if (v->flags & VALUE_VOLATILE) { barrier(e, ""); }
    emit_assign(e, to, emit_cast(e, x, emit_mem_type(e, v->mem, false)));
    if (v->flags & VALUE_VOLATILE) {
        barrier(e, v->op == IR_STORERAW && v->index ? "" : FULL_FENCE);
    }
}

static rv atomic_op(struct emitter *e, struct ir_value *v)
{
    bool wide = v->mem == T_LONG;
    const char *name =
        v->op == IR_CAS ? (wide ? "__sync_val_compare_and_swap_8" : "__sync_val_compare_and_swap_4")
        : v->op == IR_XADD ? (wide ? "__sync_fetch_and_add_8" : "__sync_fetch_and_add_4")
                           : (wide ? "__atomic_exchange_8" : "__atomic_exchange_4");
    rv args[3] = {emit_pointer(e, emit_cast(e, emit_arg(e, v, 0), e->t_u64), e->t_ptr),
                  emit_arg(e, v, 1)};
    if (v->op == IR_CAS) { args[2] = emit_arg(e, v, 2); }
    if (v->op == IR_XCHG) { args[2] = emit_i32(e, __ATOMIC_SEQ_CST); }
    rv old = builtin(e, name, v->op == IR_XADD ? 2 : 3, args);
    lv t = emit_temp(e, emit_type(e, v->type));
    /* references are unsigned */
    old = emit_cast(e, old, wide ? e->t_i64 : v->mem == T_OBJECT ? e->t_u32 : e->t_i32);
    emit_assign(e, t, emit_cast(e, old, emit_type(e, v->type)));
    return emit_read(t);
}

/* ---- checks ---- */

static void guard(struct emitter *e, struct ir_value *v)
{
    rv ok = emit_cond(e, v->cond, emit_arg(e, v, 0), emit_arg(e, v, 1), emit_arg_type(v, 0));
    gcc_jit_block *go_on = emit_new_block(e);
    emit_branch(e, emit_expect(e, ok, 1), go_on, emit_exit_block(e, v->state, v->reason, false));
    e->block = go_on;
}

static void poll(struct emitter *e, struct ir_value *v)
{
    rv pending = emit_call_builtin(
        e, e->atomic_load4, 2,
        (rv[]){gcc_jit_lvalue_as_rvalue(e->thread), gcc_jit_context_zero(e->ctx, e->t_int)});
    gcc_jit_block *go_on = emit_new_block(e);
    rv some = emit_compare(e, GCC_JIT_COMPARISON_NE, emit_cast(e, pending, e->t_u32),
                           gcc_jit_context_zero(e->ctx, e->t_u32));
    emit_branch(e, emit_expect(e, some, 0), emit_exit_block(e, v->state, EXIT_POLL, false), go_on);
    e->block = go_on;
}

rv emit_op(struct emitter *e, struct ir_value *v)
{
    switch (v->op) {
    case IR_PARAM: return v->tmp;
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR: return binary(e, v);
    case IR_DIV:
    case IR_REM: return divide(e, v);
    case IR_NEG:
        return gcc_jit_context_new_unary_op(e->ctx, NULL, GCC_JIT_UNARY_OP_MINUS,
                                            emit_type(e, v->type), emit_arg(e, v, 0));
    case IR_SHL:
    case IR_SHR:
    case IR_USHR: return shift(e, v);
    case IR_CONV: return convert(e, v);
    case IR_NARROW: return narrow(e, v);
    case IR_CMP3: return compare3(e, v);
    case IR_COND:
        return as_int(
            e, emit_cond(e, v->cond, emit_arg(e, v, 0), emit_arg(e, v, 1), emit_arg_type(v, 0)));
    case IR_SELECT:
        return select_value(
            e, emit_cond(e, v->cond, emit_arg(e, v, 0), emit_arg(e, v, 1), emit_arg_type(v, 0)),
            computed(e, v, 2), computed(e, v, 3), emit_type(e, v->type));
    case IR_MATH: return math(e, v);
    case IR_CLASSID: return emit_class_id(e, emit_arg(e, v, 0));
    case IR_ARRAYLEN:
        return emit_read(
            emit_guest(e, emit_plus(e, emit_arg(e, v, 0), ARRAY_LENGTH_OFFSET), T_INT, false));
    case IR_ADDR:
        return emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_i64,
                           emit_cast(e, emit_arg(e, v, 0), e->t_i64), emit_arg(e, v, 1));
    case IR_OVERRIDES:
        return emit_cast(e,
                         emit_call_builtin(e, e->atomic_load4, 2,
                                           (rv[]){gcc_jit_context_new_rvalue_from_ptr(
                                                      e->ctx, e->t_ptr, &v->k.method->overrides),
                                                  gcc_jit_context_zero(e->ctx, e->t_int)}),
                         e->t_i32);
    case IR_THREAD: return emit_bitcast(e, gcc_jit_lvalue_as_rvalue(e->thread), e->t_i64);
    case IR_CAS:
    case IR_XADD:
    case IR_XCHG: return atomic_op(e, v);
    case IR_SUBTYPE: return as_int(e, subtype_test(e, emit_arg(e, v, 0), v->k.cls));
    case IR_ISA: return is_a(e, v);
    case IR_LOAD:
    case IR_LOADS: return load(e, v, field(e, v, false));
    case IR_LOADX: return load(e, v, element(e, v, false));
    case IR_LOADRAW: return load(e, v, raw_place(e, v));
    case IR_STORE: store(e, v, field(e, v, true), emit_arg(e, v, 1)); return NULL;
    case IR_STORES: store(e, v, field(e, v, true), emit_arg(e, v, 0)); return NULL;
    case IR_STOREX: store(e, v, element(e, v, true), emit_arg(e, v, 2)); return NULL;
    case IR_STORERAW: store(e, v, raw_place(e, v), emit_arg(e, v, 1)); return NULL;
    case IR_FENCE: barrier(e, v->index == FENCE_COMPILER ? "" : FULL_FENCE); return NULL;
    case IR_KEEP: keep(e, v); return NULL;
    case IR_GUARD: guard(e, v); return NULL;
    case IR_POLL: poll(e, v); return NULL;
    default: return emit_call_op(e, v);
    }
}
