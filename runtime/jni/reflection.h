/*
 * reflection.h - java.lang.reflect objects and calls through them. All functions are IN_VM; errors are pending exceptions.
 */
#ifndef MOKA_JNI_REFLECTION_H
#define MOKA_JNI_REFLECTION_H

#include "runtime/classes/class.h"
#include "runtime/threads/thread.h"

/* New java.lang.reflect.Field / Method / Constructor. */
gref reflect_new_field(struct thread *t, struct field *f);
gref reflect_new_method(struct thread *t, struct method *m);
gref reflect_new_constructor(struct thread *t, struct method *m);
/* What such an object names. */
struct field *reflect_field_of(gref field);
struct method *reflect_method_of(gref executable);

/* Class[] of a method's parameter types; *ret the return type's mirror if ret is not NULL. */
gref reflect_parameter_types(struct thread *t, struct method *m, gref *ret);

/* Boxes a value of a primitive type (Integer.valueOf is not used: always a new object, as natives on HotSpot do). */
gref reflect_box(struct thread *t, enum basic_type type, slot_t v);
/* Type and value of a box; 0 if `o` is null or no box. */
enum basic_type reflect_unbox(gref o, slot_t *v);
/* Widening primitive conversion (JLS 5.1.2) in place; false if there is none. */
bool reflect_widen(enum basic_type from, enum basic_type to, slot_t *v);

/* Method.invoke / Constructor.newInstance without access checks. The result is boxed; exceptions of the callee are
 * wrapped in InvocationTargetException. `args` is an Object[] or 0. */
gref reflect_invoke(struct thread *t, struct method *m, gref receiver, gref args);
gref reflect_new_instance(struct thread *t, struct method *constructor, gref args);

/* ---- Class natives; `c` is the class asked ---- */
gref class_get_methods(struct thread *t, struct class *c, bool public_only);
gref class_get_constructors(struct thread *t, struct class *c, bool public_only);
gref class_get_fields(struct thread *t, struct class *c, bool public_only);
gref class_get_interfaces(struct thread *t, struct class *c);
gref class_get_declared_classes(struct thread *t, struct class *c);
gref class_get_declaring_class(struct thread *t, struct class *c);
gref class_get_simple_binary_name(struct thread *t, struct class *c);
gref class_get_enclosing_method(struct thread *t, struct class *c);
gref class_get_nest_members(struct thread *t, struct class *c);
gref class_get_permitted_subclasses(struct thread *t, struct class *c);
gref class_get_record_components(struct thread *t, struct class *c);
gref class_get_superclass(struct class *c);
gref class_init_name(struct thread *t, gref mirror);
int32_t class_get_modifiers(struct class *c);
int32_t class_get_access_flags(struct class *c);
/* byte[] with an attribute's bytes, 0 if absent. */
gref attr_bytes(struct thread *t, struct class *c, const uint8_t *attrs, const char *name);

gref method_get_parameters(struct thread *t, gref executable);
gref method_exception_types(struct thread *t, struct method *m);

#endif
