/*
 * intrinsics.c - library methods that become IR operations instead of calls. One table: class, method, descriptor,
 * and how. The results are exactly those of the Java code.
 */
#include <string.h>

#include "jit/frontend-internal.h"
#include "runtime/classes/known.h"

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
    {"java/lang/Object", "getClass", "()Ljava/lang/Class;", object_get_class, 0},
};

bool fe_intrinsic(struct scope *s, struct method *m, struct ir_value **args, unsigned n,
                  struct ir_value **result)
{
    if (m->cls->props & CLP_HIDDEN || !(m->cls->props & CLP_TRUSTED)) { return false; }
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        const struct intrinsic *x = &table[i];
        if (!strcmp(m->name->text, x->name) && !strcmp(m->desc->text, x->desc) &&
            !strcmp(m->cls->name->text, x->cls)) {
            return x->build(s, x, m, args, n, result);
        }
    }
    return false;
}
