/* class.c - natives of java.lang.Class and ClassLoader. */
#include <stdlib.h>
#include <string.h>

#include "runtime/jni/assertions.h"
#include "runtime/jni/define.h"
#include "runtime/jni/reflection.h"
#include "stdlib/stdlib-internal.h"

NATIVE_IS(is_instance, slot_boolean(obj_instanceof(args[1].r, arg_class(args, 0))))
NATIVE_IS(is_assignable_from,
          null_pointer(t, args[1].r)
              ? slot_void()
              : slot_boolean(class_is_subclass(arg_class(args, 1), arg_class(args, 0))))
NATIVE_IS(is_interface, slot_boolean(arg_class(args, 0)->kind == CLASS_INSTANCE &&
                                     class_is_interface(arg_class(args, 0))))
NATIVE_IS(is_array, slot_boolean(class_is_array(arg_class(args, 0))))
NATIVE_IS(is_primitive, slot_boolean(arg_class(args, 0)->kind == CLASS_PRIMITIVE))
NATIVE_IS(is_hidden, slot_boolean(arg_class(args, 0)->props &CLP_HIDDEN))
NATIVE_IS(is_record, slot_boolean(arg_class(args, 0)->props &CLP_RECORD))
NATIVE_IS(init_class_name, slot_ref(class_init_name(t, args[0].r)))
NATIVE_IS(get_superclass, slot_ref(class_get_superclass(arg_class(args, 0))))
NATIVE_IS(get_interfaces, slot_ref(class_get_interfaces(t, arg_class(args, 0))))
NATIVE_IS(get_modifiers, slot_int(class_get_modifiers(arg_class(args, 0))))
NATIVE_IS(get_enclosing_method, slot_ref(class_get_enclosing_method(t, arg_class(args, 0))))
NATIVE_IS(get_declaring_class, slot_ref(class_get_declaring_class(t, arg_class(args, 0))))
NATIVE_IS(get_simple_binary_name, slot_ref(class_get_simple_binary_name(t, arg_class(args, 0))))
NATIVE_IS(get_protection_domain, slot_ref(obj_get_ref(args[0].r, OFF(Class_vm_protection_domain))))
NATIVE_IS(get_raw_annotations, slot_ref(attr_bytes(t, arg_class(args, 0), arg_class(args, 0)->attrs,
                                                   "RuntimeVisibleAnnotations")))
NATIVE_IS(get_raw_type_annotations,
          slot_ref(attr_bytes(t, arg_class(args, 0), arg_class(args, 0)->attrs,
                              "RuntimeVisibleTypeAnnotations")))
NATIVE_IS(get_fields, slot_ref(class_get_fields(t, arg_class(args, 0), args[1].i)))
NATIVE_IS(get_methods, slot_ref(class_get_methods(t, arg_class(args, 0), args[1].i)))
NATIVE_IS(get_constructors, slot_ref(class_get_constructors(t, arg_class(args, 0), args[1].i)))
NATIVE_IS(get_declared_classes, slot_ref(class_get_declared_classes(t, arg_class(args, 0))))
NATIVE_IS(get_record_components, slot_ref(class_get_record_components(t, arg_class(args, 0))))
NATIVE_IS(get_nest_members, slot_ref(class_get_nest_members(t, arg_class(args, 0))))
NATIVE_IS(get_permitted_subclasses, slot_ref(class_get_permitted_subclasses(t, arg_class(args, 0))))
NATIVE_IS(desired_assertion_status, slot_boolean(assertions_desired(arg_class(args, 0))))

NATIVE(get_nest_host)
{
    struct class *c = arg_class(args, 0);
    struct class *host = c->kind == CLASS_INSTANCE ? class_nest_host(t, c) : c;
    return slot_ref(host && !t->exception ? host->mirror : 0);
}

NATIVE(get_generic_signature)
{
    struct class *c = arg_class(args, 0);
    return slot_ref(c->generic_signature ? string_from_symbol(t, c->generic_signature) : 0);
}

/* Is "[..." well-formed: brackets, then one primitive letter or Lname; ? */
static bool array_name_ok(const char *s)
{
    size_t dims = strspn(s, "[");
    const char *p = s + dims;
    if (dims > 255) { return false; }
    if (*p == 'L') {
        size_t n = strcspn(p, ";[");
        return n > 1 && p[n] == ';' && p[n + 1] == 0;
    }
    return *p && strchr("ZCFDBSIJ", *p) && p[1] == 0;
}

static slot_t class_not_found(struct thread *t, gref name)
{
    throw_class(t, class_boot_required(t, "java/lang/ClassNotFoundException"), name, 0);
    return slot_void();
}

/* Class.forName0(name, initialize, loader, caller) */
NATIVE(for_name)
{
    gref name = args[0].r;
    if (null_pointer(t, name)) { return slot_void(); }
    size_t n;
    char *s = string_to_utf8(name, &n);
    if (!s) {
        throw_oom(t, "Class.forName");
        return slot_void();
    }
    struct class *c = NULL;
    bool legal = n > 0 && n <= 65535 && !memchr(s, '/', n) && (s[0] != '[' || array_name_ok(s)) &&
                 (s[0] == '[' || !strpbrk(s, ";["));
    for (size_t i = 0; legal && i < n; i++) { s[i] = s[i] == '.' ? '/' : s[i]; }
    if (legal) { c = find_class(t, s, n, args[2].r, args[1].i); }
    free(s);
    return legal ? slot_ref(c ? c->mirror : 0) : class_not_found(t, name);
}

/* ---- ClassLoader ---- */

/* ClassLoader.findLoadedClass0(name) */
NATIVE(find_loaded_class)
{
    struct symbol *name = args[1].r ? string_find_symbol(args[1].r, true) : NULL;
    struct class *c = name ? class_find_loaded(loader_of(args[0].r), name) : NULL;
    return slot_ref(c ? c->mirror : 0);
}

/* static ClassLoader.findBootstrapClass(name) */
NATIVE(find_bootstrap_class)
{
    if (!args[0].r || string_length(args[0].r) == 0) { return slot_ref(0); }
    struct symbol *name = string_to_symbol(args[0].r, true);
    struct class *c = name && name->text[0] != '[' ? class_load_boot(t, name) : NULL;
    return slot_ref(c ? c->mirror : 0);
}

#define CLASS  "java/lang/Class"
#define LOADER "java/lang/ClassLoader"

const struct vm_native_row natives_class[] = {
    {CLASS, "forName0",
     "(Ljava/lang/String;ZLjava/lang/ClassLoader;Ljava/lang/Class;)Ljava/lang/Class;", for_name},
    {CLASS, "isInstance", "(Ljava/lang/Object;)Z", is_instance},
    {CLASS, "isAssignableFrom", "(Ljava/lang/Class;)Z", is_assignable_from},
    {CLASS, "isInterface", "()Z", is_interface},
    {CLASS, "isArray", "()Z", is_array},
    {CLASS, "isPrimitive", "()Z", is_primitive},
    {CLASS, "isHidden", "()Z", is_hidden},
    {CLASS, "isRecord0", "()Z", is_record},
    {CLASS, "initClassName", "()Ljava/lang/String;", init_class_name},
    {CLASS, "getSuperclass", "()Ljava/lang/Class;", get_superclass},
    {CLASS, "getInterfaces0", "()[Ljava/lang/Class;", get_interfaces},
    {CLASS, "getModifiers", "()I", get_modifiers},
    {CLASS, "getEnclosingMethod0", "()[Ljava/lang/Object;", get_enclosing_method},
    {CLASS, "getDeclaringClass0", "()Ljava/lang/Class;", get_declaring_class},
    {CLASS, "getSimpleBinaryName0", "()Ljava/lang/String;", get_simple_binary_name},
    {CLASS, "getProtectionDomain0", "()Ljava/security/ProtectionDomain;", get_protection_domain},
    {CLASS, "getGenericSignature0", "()Ljava/lang/String;", get_generic_signature},
    {CLASS, "getRawAnnotations", "()[B", get_raw_annotations},
    {CLASS, "getRawTypeAnnotations", "()[B", get_raw_type_annotations},
    {CLASS, "getDeclaredFields0", "(Z)[Ljava/lang/reflect/Field;", get_fields},
    {CLASS, "getDeclaredMethods0", "(Z)[Ljava/lang/reflect/Method;", get_methods},
    {CLASS, "getDeclaredConstructors0", "(Z)[Ljava/lang/reflect/Constructor;", get_constructors},
    {CLASS, "getDeclaredClasses0", "()[Ljava/lang/Class;", get_declared_classes},
    {CLASS, "getRecordComponents0", "()[Ljava/lang/reflect/RecordComponent;",
     get_record_components},
    {CLASS, "getNestHost0", "()Ljava/lang/Class;", get_nest_host},
    {CLASS, "getNestMembers0", "()[Ljava/lang/Class;", get_nest_members},
    {CLASS, "getPermittedSubclasses0", "()[Ljava/lang/Class;", get_permitted_subclasses},
    {CLASS, "desiredAssertionStatus0", "(Ljava/lang/Class;)Z", desired_assertion_status},
    {LOADER, "findLoadedClass0", "(Ljava/lang/String;)Ljava/lang/Class;", find_loaded_class},
    {LOADER, "findBootstrapClass", "(Ljava/lang/String;)Ljava/lang/Class;", find_bootstrap_class},
    {0},
};
