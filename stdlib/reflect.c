/* reflect.c - natives of java.lang.reflect.Array and jdk.internal.reflect. */
#include "runtime/jni/reflection.h"

#include "runtime/jni/objects.h"
#include "runtime/jni/stacktrace.h"
#include "stdlib/stdlib-internal.h"

/* ---- java.lang.reflect.Array; all static ---- */

NATIVE_IS(array_length_, slot_int(array_get_length(t, args[0].r)))
NATIVE_IS(array_new, slot_ref(array_new_reflective(t, args[0].r, args[1].i)))
NATIVE_IS(array_new_multi_, slot_ref(array_new_multi(t, args[0].r, args[1].r)))

NATIVE(array_get_)
{
    slot_t v;
    enum basic_type type = array_get(t, args[0].r, args[1].i, &v);
    return slot_ref(type ? reflect_box(t, type, v) : 0);
}

NATIVE(array_set_)
{
    array_set_boxed(t, args[0].r, args[1].i, args[2].r);
    return slot_void();
}

#define ARRAY_ACCESS(Type, code)                                                                   \
    NATIVE(array_get_##Type) { return array_get_as(t, args[0].r, args[1].i, code); }               \
    NATIVE(array_set_##Type)                                                                       \
    {                                                                                              \
        array_set_value(t, args[0].r, args[1].i, args[2], code);                                   \
        return slot_void();                                                                        \
    }

/* In a cell an int-like value fills 32 bits; widening to long or double wants it sign-extended to 64. */
#define ARRAY_ACCESS_INT(Type, code)                                                               \
    NATIVE(array_get_##Type) { return array_get_as(t, args[0].r, args[1].i, code); }               \
    NATIVE(array_set_##Type)                                                                       \
    {                                                                                              \
        array_set_value(t, args[0].r, args[1].i, slot_int(args[2].i), code);                       \
        return slot_void();                                                                        \
    }

ARRAY_ACCESS_INT(Boolean, T_BOOLEAN)
ARRAY_ACCESS_INT(Byte, T_BYTE)
ARRAY_ACCESS_INT(Char, T_CHAR)
ARRAY_ACCESS_INT(Short, T_SHORT)
ARRAY_ACCESS_INT(Int, T_INT)
ARRAY_ACCESS(Long, T_LONG)
ARRAY_ACCESS(Float, T_FLOAT)
ARRAY_ACCESS(Double, T_DOUBLE)

/* ---- jdk.internal.reflect ---- */

NATIVE(reflection_get_caller_class)
{
    struct class *c = stack_caller(t, 1);
    return slot_ref(c ? c->mirror : 0);
}

NATIVE_IS(reflection_get_class_access_flags, slot_int(class_get_access_flags(arg_class(args, 0))))

static struct class *host_of(struct thread *t, struct class *c)
{
    return c->kind == CLASS_INSTANCE ? class_nest_host(t, c) : c;
}

NATIVE(reflection_are_nest_mates)
{
    struct class *a = arg_class(args, 0), *b = arg_class(args, 1);
    if (a == b) { return slot_boolean(true); }
    struct class *host = host_of(t, a);
    return slot_boolean(!t->exception && host == host_of(t, b));
}

NATIVE(method_invoke)
{
    struct method *m = reflect_method_of(args[0].r);
    return slot_ref(m ? reflect_invoke(t, m, args[1].r, args[2].r) : 0);
}

NATIVE(constructor_new_instance)
{
    struct method *m = reflect_method_of(args[0].r);
    return slot_ref(m ? reflect_new_instance(t, m, args[1].r) : 0);
}

#define ARRAY "java/lang/reflect/Array"
#define ACCESS_ROWS(Type, letter)                                                                  \
    {ARRAY, "get" #Type, "(Ljava/lang/Object;I)" letter, array_get_##Type},                        \
    {                                                                                              \
        ARRAY, "set" #Type, "(Ljava/lang/Object;I" letter ")V", array_set_##Type                   \
    }

const struct vm_native_row natives_reflect[] = {
    {ARRAY, "getLength", "(Ljava/lang/Object;)I", array_length_},
    {ARRAY, "get", "(Ljava/lang/Object;I)Ljava/lang/Object;", array_get_},
    {ARRAY, "set", "(Ljava/lang/Object;ILjava/lang/Object;)V", array_set_},
    ACCESS_ROWS(Boolean, "Z"),
    ACCESS_ROWS(Byte, "B"),
    ACCESS_ROWS(Char, "C"),
    ACCESS_ROWS(Short, "S"),
    ACCESS_ROWS(Int, "I"),
    ACCESS_ROWS(Long, "J"),
    ACCESS_ROWS(Float, "F"),
    ACCESS_ROWS(Double, "D"),
    {ARRAY, "newArray", "(Ljava/lang/Class;I)Ljava/lang/Object;", array_new},
    {ARRAY, "multiNewArray", "(Ljava/lang/Class;[I)Ljava/lang/Object;", array_new_multi_},
    {"jdk/internal/reflect/Reflection", "getCallerClass", "()Ljava/lang/Class;",
     reflection_get_caller_class},
    {"jdk/internal/reflect/Reflection", "getClassAccessFlags", "(Ljava/lang/Class;)I",
     reflection_get_class_access_flags},
    {"jdk/internal/reflect/Reflection", "areNestMates", "(Ljava/lang/Class;Ljava/lang/Class;)Z",
     reflection_are_nest_mates},
    {"jdk/internal/reflect/NativeMethodAccessorImpl", "invoke0",
     "(Ljava/lang/reflect/Method;Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;",
     method_invoke},
    {"jdk/internal/reflect/NativeConstructorAccessorImpl", "newInstance0",
     "(Ljava/lang/reflect/Constructor;[Ljava/lang/Object;)Ljava/lang/Object;",
     constructor_new_instance},
    {0},
};
