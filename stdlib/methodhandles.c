/*
 * methodhandles.c - natives of java.lang.invoke.MethodHandleNatives: MemberNames (JVMS 5.4.3.5, java.lang.invoke).
 *
 * A MemberName is symbolic (clazz, name, type, flags) until it is resolved; then:
 *   methods, constructors   method = a ResolvedMethodName whose vmtarget is the struct method *, vmholder its class;
 *                           vmindex = vtable or itable index, or -1 for direct calls
 *   fields                  vmindex = the offset (from the object, or from the mirror)
 *   flags                   kind bits, reference kind << 24, and the member's modifiers
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/engine.h"
#include "runtime/natives.h"
#include "runtime/threads/thread.h"

enum {
    MN_IS_METHOD = 0x00010000,
    MN_IS_CONSTRUCTOR = 0x00020000,
    MN_IS_FIELD = 0x00040000,
    MN_IS_TYPE = 0x00080000,
    MN_CALLER_SENSITIVE = 0x00100000,
    MN_TRUSTED_FINAL = 0x00200000,
    MN_REFERENCE_KIND_SHIFT = 24,
    MN_REFERENCE_KIND_MASK = 0x0f,
    MN_SEARCH_SUPERCLASSES = 0x00100000,
    MN_SEARCH_INTERFACES = 0x00200000,
};

enum ref_kind_number {
    REF_getField = 1,
    REF_getStatic,
    REF_putField,
    REF_putStatic,
    REF_invokeVirtual,
    REF_invokeStatic,
    REF_invokeSpecial,
    REF_newInvokeSpecial,
    REF_invokeInterface,
};

enum { LM_UNCONDITIONAL = 64, LM_MODULE = 16, LM_TRUSTED = -1 };

#define JVM_RECOGNIZED_FIELD_MODIFIERS                                                             \
    (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL | ACC_VOLATILE |            \
     ACC_TRANSIENT | ACC_ENUM | ACC_SYNTHETIC)
#define JVM_RECOGNIZED_METHOD_MODIFIERS                                                            \
    (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC | ACC_FINAL | ACC_SYNCHRONIZED |        \
     ACC_BRIDGE | ACC_VARARGS | ACC_NATIVE | ACC_ABSTRACT | ACC_STRICT | ACC_SYNTHETIC)

static void set_vmindex(gref mn, int64_t v) { obj_set_long(mn, OFF(MemberName_vmindex), v); }

static struct method *target_of(gref mn)
{
    gref r = obj_get_ref(mn, OFF(MemberName_method));
    return r ? (struct method *)(uintptr_t)obj_get_long(r, OFF(ResolvedMethodName_vmtarget)) : NULL;
}

/* Fills `mn` with method `m`. `direct`: no dispatch (invokespecial, or a caller that knows). */
static bool init_method(struct thread *t, gref mn, struct method *m, struct class *holder,
                        bool direct)
{
    int32_t flags = m->flags & JVM_RECOGNIZED_METHOD_MODIFIERS;
    int64_t index = -1;
    if (method_is_static(m)) {
        flags |= MN_IS_METHOD | REF_invokeStatic << MN_REFERENCE_KIND_SHIFT;
    } else if (m->props & MP_INIT) {
        flags |= MN_IS_CONSTRUCTOR | REF_invokeSpecial << MN_REFERENCE_KIND_SHIFT;
    } else if (direct || m->flags & ACC_PRIVATE ||
               (!class_is_interface(m->cls) &&
                (m->vtable_index == VTABLE_NONE || m->flags & ACC_FINAL ||
                 m->cls->access_flags & ACC_FINAL))) {
        flags |= MN_IS_METHOD | REF_invokeSpecial << MN_REFERENCE_KIND_SHIFT;
    } else if (class_is_interface(m->cls) && class_is_interface(holder)) {
        flags |= MN_IS_METHOD | REF_invokeInterface << MN_REFERENCE_KIND_SHIFT;
        index = m->vtable_index;
    } else {
        flags |= MN_IS_METHOD | REF_invokeVirtual << MN_REFERENCE_KIND_SHIFT;
        index = class_is_interface(m->cls) ? class_vtable_slot(holder, m) : m->vtable_index;
    }
    if (m->props & MP_CALLER_SENSITIVE) { flags |= MN_CALLER_SENSITIVE; }
    gref resolved = class_new_object(t, KC(ResolvedMethodName));
    if (!resolved) { return false; }
    obj_set_long(resolved, OFF(ResolvedMethodName_vmtarget), (int64_t)(uintptr_t)m);
    obj_set_ref(resolved, OFF(ResolvedMethodName_vmholder), m->cls->mirror);
    obj_set_int(mn, OFF(MemberName_flags), flags);
    obj_set_ref(mn, OFF(MemberName_method), resolved);
    obj_set_ref(mn, OFF(MemberName_clazz), m->cls->mirror);
    set_vmindex(mn, index);
    return true;
}

static void init_field(gref mn, struct field *f, bool set)
{
    int32_t flags = f->flags & JVM_RECOGNIZED_FIELD_MODIFIERS;
    int kind = f->flags & ACC_STATIC ? REF_getStatic : REF_getField;
    if (set) { kind += REF_putField - REF_getField; }
    flags |= MN_IS_FIELD | kind << MN_REFERENCE_KIND_SHIFT;
    struct class *c = f->cls;
    if (f->flags & ACC_FINAL && (f->flags & ACC_STATIC || c->props & (CLP_HIDDEN | CLP_RECORD))) {
        flags |= MN_TRUSTED_FINAL;
    }
    obj_set_int(mn, OFF(MemberName_flags), flags);
    obj_set_ref(mn, OFF(MemberName_method), 0);
    obj_set_ref(mn, OFF(MemberName_clazz), c->mirror);
    set_vmindex(mn, f->offset);
}

/* ---- init(MemberName self, Object ref): from a reflected member ---- */

static slot_t mhn_init(struct thread *t, slot_t *args)
{
    gref mn = args[0].r, ref = args[1].r;
    if (!mn || !ref) {
        throw_new(t, "java/lang/InternalError", "init: null argument");
        return slot_void();
    }
    struct class *c = class_of(ref);
    if (c == KC(Field)) {
        struct class *holder = class_from_mirror(obj_get_ref(ref, OFF(Field_clazz)));
        struct field *f = &holder->fields[obj_get_int(ref, OFF(Field_slot))];
        init_field(mn, f, false);
        if (f->flags & ACC_FINAL && obj_get_boolean(ref, OFF(Field_trustedFinal))) {
            obj_set_int(mn, OFF(MemberName_flags),
                        obj_get_int(mn, OFF(MemberName_flags)) | MN_TRUSTED_FINAL);
        }
    } else if (c == KC(Method)) {
        struct class *holder = class_from_mirror(obj_get_ref(ref, OFF(Method_clazz)));
        init_method(t, mn, &holder->methods[obj_get_int(ref, OFF(Method_slot))], holder, false);
    } else if (c == KC(Constructor)) {
        struct class *holder = class_from_mirror(obj_get_ref(ref, OFF(Constructor_clazz)));
        init_method(t, mn, &holder->methods[obj_get_int(ref, OFF(Constructor_slot))], holder, true);
    } else {
        throw_new(t, "java/lang/InternalError", "init: unexpected reference");
    }
    return slot_void();
}

/* ---- resolve ---- */

/* Writes the descriptor of the class (JVMS 4.3.2). */
static void class_write_descriptor(const struct class *c, FILE *out)
{
    switch (c->kind) {
    case CLASS_PRIMITIVE: fputc(type_char(c->prim_type), out); break;
    case CLASS_ARRAY: fputs(c->name->text, out); break;
    default: fprintf(out, "L%s;", c->name->text); break;
    }
}

/* Descriptor of a MemberName's type: a MethodType, a Class, or a String. A symbol, NULL if it cannot exist. */
static struct symbol *type_symbol(struct thread *t, gref type)
{
    if (!type) { return NULL; }
    struct class *c = class_of(type);
    if (c == KC(String)) { return string_to_symbol(type, false); }
    char *buf = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buf, &size);
    if (!out) {
        throw_oom(t, "descriptor");
        return NULL;
    }
    if (c == KC(MethodType)) {
        gref ptypes = obj_get_ref(type, OFF(MethodType_ptypes));
        fputc('(', out);
        for (int32_t i = 0; i < array_length(ptypes); i++) {
            class_write_descriptor(class_from_mirror(array_get_ref(ptypes, i)), out);
        }
        fputc(')', out);
        class_write_descriptor(class_from_mirror(obj_get_ref(type, OFF(MethodType_rtype))), out);
    } else if (c == KC(Class)) {
        class_write_descriptor(class_from_mirror(type), out);
    }
    fclose(out);
    struct symbol *s = size && size < 65536 ? symbol_intern(buf, size) : NULL;
    free(buf);
    return s;
}

static bool is_signature_polymorphic(struct class *holder, struct symbol *name)
{
    if (holder != KC(MethodHandle) && holder != KC(VarHandle)) { return false; }
    for (unsigned i = 0; i < holder->n_methods; i++) {
        struct method *m = &holder->methods[i];
        if (m->name == name && m->intrinsic && m->intrinsic != MI_INVOKE_GENERIC) { return true; }
    }
    return false;
}

static struct method *polymorphic_method(struct class *holder, struct symbol *name)
{
    for (unsigned i = 0; i < holder->n_methods; i++) {
        struct method *m = &holder->methods[i];
        if (m->name == name && m->intrinsic) { return m; }
    }
    return NULL;
}

static struct method *resolve_member_method(struct thread *t, struct class *holder,
                                            struct symbol *name, struct symbol *desc,
                                            struct class *caller, int kind)
{
    if (is_signature_polymorphic(holder, name)) { return polymorphic_method(holder, name); }
    struct method *m = resolve_method(t, holder, name, desc, caller, class_is_interface(holder));
    bool fits =
        m && method_check_static(t, m, kind == REF_invokeStatic, kind == REF_invokeInterface);
    return fits ? m : NULL;
}

/* resolve(MemberName self, Class<?> caller, int lookupMode, boolean speculative) */
static slot_t mhn_resolve(struct thread *t, slot_t *args)
{
    gref mn = args[0].r;
    struct class *caller = args[1].r ? class_from_mirror(args[1].r) : NULL;
    bool speculative = args[3].i != 0;
    if (!mn) {
        throw_new(t, "java/lang/InternalError", "nothing to resolve");
        return slot_void();
    }
    int32_t flags = obj_get_int(mn, OFF(MemberName_flags));
    int kind = flags >> MN_REFERENCE_KIND_SHIFT & MN_REFERENCE_KIND_MASK;
    if (obj_get_ref(mn, OFF(MemberName_method)) || obj_get_long(mn, OFF(MemberName_vmindex))) {
        return slot_ref(mn); /* resolved already */
    }
    gref clazz = obj_get_ref(mn, OFF(MemberName_clazz));
    gref name_string = obj_get_ref(mn, OFF(MemberName_name));
    gref type = obj_get_ref(mn, OFF(MemberName_type));
    if (!clazz || !name_string || !type) {
        throw_new(t, "java/lang/IllegalArgumentException", "nothing to resolve");
        return slot_void();
    }
    struct class *holder = class_from_mirror(clazz);
    if (holder->kind == CLASS_ARRAY) {
        holder = KC(Object); /* Object's methods (clone among them) */
    } else if (holder->kind == CLASS_PRIMITIVE) {
        return slot_ref(0);
    }
    struct symbol *name = string_to_symbol(name_string, false);
    struct symbol *desc = name ? type_symbol(t, type) : NULL;
    bool ok = false;
    if (desc && class_link(t, holder)) {
        if (flags & (MN_IS_METHOD | MN_IS_CONSTRUCTOR)) {
            struct method *m = resolve_member_method(t, holder, name, desc, caller, kind);
            if (m) {
                ok = init_method(t, mn, m, holder,
                                 kind == REF_invokeSpecial || kind == REF_newInvokeSpecial);
                if (ok && class_from_mirror(clazz)->kind == CLASS_ARRAY) {
                    obj_set_ref(mn, OFF(MemberName_clazz), KC(Object)->mirror);
                }
            }
        } else if (flags & MN_IS_FIELD) {
            /* java.lang.invoke checks the access to fields itself */
            struct field *f = resolve_field(t, holder, name, desc, NULL);
            if (f) {
                init_field(mn, f, kind == REF_putField || kind == REF_putStatic);
                ok = true;
            }
        }
    }
    if (ok && !t->exception) { return slot_ref(mn); }
    if (speculative && t->exception) {
        static const char *const expected[] = {
            "java/lang/NoSuchMethodError", "java/lang/NoSuchFieldError",
            "java/lang/IllegalAccessError", "java/lang/IncompatibleClassChangeError",
            "java/lang/AbstractMethodError"};
        for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
            if (!strcmp(class_of(t->exception)->name->text, expected[i])) {
                t->exception = 0;
                break;
            }
        }
    }
    return slot_ref(0);
}

/* ---- expand: fills clazz, name, type of a MemberName that has only its target ---- */

static slot_t mhn_expand(struct thread *t, slot_t *args)
{
    gref mn = args[0].r;
    if (!mn) {
        throw_new(t, "java/lang/InternalError", "nothing to expand");
        return slot_void();
    }
    int32_t flags = obj_get_int(mn, OFF(MemberName_flags));
    if (flags & (MN_IS_METHOD | MN_IS_CONSTRUCTOR)) {
        struct method *m = target_of(mn);
        if (!m) {
            throw_new(t, "java/lang/IllegalArgumentException", "nothing to expand");
            return slot_void();
        }
        obj_set_ref(mn, OFF(MemberName_clazz), m->cls->mirror);
        if (!obj_get_ref(mn, OFF(MemberName_name))) {
            obj_set_ref(mn, OFF(MemberName_name), string_intern_symbol(t, m->name));
        }
        if (!obj_get_ref(mn, OFF(MemberName_type))) {
            obj_set_ref(mn, OFF(MemberName_type), string_from_symbol(t, m->desc));
        }
    } else if (flags & MN_IS_FIELD) {
        struct class *c = class_from_mirror(obj_get_ref(mn, OFF(MemberName_clazz)));
        int64_t offset = obj_get_long(mn, OFF(MemberName_vmindex));
        bool is_static = flags & ACC_STATIC;
        for (struct class *k = c; k; k = is_static ? NULL : k->super) {
            for (unsigned i = 0; i < k->n_fields; i++) {
                struct field *f = &k->fields[i];
                if (f->offset == offset && !(f->flags & ACC_STATIC) == !is_static) {
                    obj_set_ref(mn, OFF(MemberName_name), string_intern_symbol(t, f->name));
                    obj_set_ref(mn, OFF(MemberName_type), string_from_symbol(t, f->desc));
                    return slot_void();
                }
            }
        }
        throw_new(t, "java/lang/InternalError", "unrecognized field");
    } else {
        throw_new(t, "java/lang/InternalError", "unrecognized type");
    }
    return slot_void();
}

/* getMembers(Class defc, String matchName, String matchSig, int matchFlags, Class caller, int skip, MemberName[] results):
 * the number of matches; fills as many as fit. */
static slot_t mhn_get_members(struct thread *t, slot_t *args)
{
    struct class *c = args[0].r ? class_from_mirror(args[0].r) : NULL;
    gref results = args[6].r;
    if (!c || !results) { return slot_int(-1); }
    struct symbol *name = args[1].r ? string_find_symbol(args[1].r, false) : NULL;
    struct symbol *desc = args[2].r ? string_find_symbol(args[2].r, false) : NULL;
    if ((args[1].r && !name) || (args[2].r && !desc)) { return slot_int(0); }
    int32_t flags = args[3].i, skip = args[5].i, found = 0, length = array_length(results);
    for (; c; c = flags & MN_SEARCH_SUPERCLASSES ? c->super : NULL) {
        if (c->kind != CLASS_INSTANCE) { continue; }
        for (unsigned i = 0; flags & MN_IS_FIELD && i < c->n_fields; i++) {
            struct field *f = &c->fields[i];
            if (f->injected || (name && f->name != name) || (desc && f->desc != desc)) { continue; }
            if (skip-- > 0) { continue; }
            if (found < length && array_get_ref(results, found)) {
                gref mn = array_get_ref(results, found);
                init_field(mn, f, false);
            }
            found++;
        }
        for (unsigned i = 0; flags & (MN_IS_METHOD | MN_IS_CONSTRUCTOR) && i < c->n_methods; i++) {
            struct method *m = &c->methods[i];
            int32_t is = m->props & MP_INIT ? MN_IS_CONSTRUCTOR : MN_IS_METHOD;
            if (m->props & (MP_CLINIT | MP_OVERPASS) || !(flags & is) ||
                (name && m->name != name) || (desc && m->desc != desc)) {
                continue;
            }
            if (skip-- > 0) { continue; }
            if (found < length && array_get_ref(results, found) &&
                !init_method(t, array_get_ref(results, found), m, c, false)) {
                return slot_int(found);
            }
            found++;
        }
    }
    return slot_int(found);
}

/* ---- the rest ---- */

static slot_t mhn_field_offset(struct thread *t, slot_t *args)
{
    if (!args[0].r || !(obj_get_int(args[0].r, OFF(MemberName_flags)) & MN_IS_FIELD)) {
        throw_new(t, "java/lang/InternalError", "non-field");
        return slot_void();
    }
    return slot_long(obj_get_long(args[0].r, OFF(MemberName_vmindex)));
}

static slot_t mhn_static_base(struct thread *t, slot_t *args)
{
    if (!args[0].r || !(obj_get_int(args[0].r, OFF(MemberName_flags)) & ACC_STATIC)) {
        throw_new(t, "java/lang/InternalError", "static field required");
        return slot_void();
    }
    return slot_ref(obj_get_ref(args[0].r, OFF(MemberName_clazz)));
}

/* {vmindex as Long, vmtarget: the MemberName for methods, the class for fields} */
static slot_t mhn_vm_info(struct thread *t, slot_t *args)
{
    struct class *objects = class_array_of(t, KC(Object));
    gref array = objects ? class_new_array(t, objects, 2) : 0;
    gref index = array ? class_new_object(t, KC(Long)) : 0;
    if (!index || !args[0].r) { return slot_void(); }
    obj_set_long(index, OFF(Long_value), obj_get_long(args[0].r, OFF(MemberName_vmindex)));
    array_set_ref(array, 0, index);
    bool field = obj_get_int(args[0].r, OFF(MemberName_flags)) & MN_IS_FIELD;
    array_set_ref(array, 1, field ? obj_get_ref(args[0].r, OFF(MemberName_clazz)) : args[0].r);
    return slot_ref(array);
}

static slot_t mhn_set_target(struct thread *t, slot_t *args)
{
    (void)t;
    __atomic_store_n((gref *)obj_addr(args[0].r, OFF(CallSite_target)), args[1].r,
                     __ATOMIC_SEQ_CST);
    return slot_void();
}

/* copyOutBootstrapArguments(Class caller, int[] indexInfo, int start, int end, Object[] buf, int pos, boolean resolve,
 * Object ifNotAvailable): indexInfo = {argument count, pool index of the (invoke)dynamic entry}. */
static slot_t mhn_copy_bootstrap(struct thread *t, slot_t *args)
{
    struct class *c = class_from_mirror(args[0].r);
    gref info = args[1].r, buf = args[4].r;
    int32_t start = args[2].i, end = args[3].i, pos = args[5].i;
    bool resolve = args[6].i != 0;
    if (!info || array_length(info) < 2 || !buf) {
        throw_new(t, "java/lang/IllegalArgumentException", "bad index info (0)");
        return slot_void();
    }
    uint32_t index = (uint32_t)array_get_int(info, 1);
    struct constant_pool *cp = &c->cp;
    unsigned bootstrap = index < cp->count ? cp_raw(cp, index) >> 16 : 0xffff;
    if (bootstrap >= c->n_bootstrap) {
        throw_new(t, "java/lang/IllegalArgumentException", "bad index info (1)");
        return slot_void();
    }
    const uint8_t *p = c->bootstrap[bootstrap];
    for (int32_t i = start; i < end; i++, pos++) {
        if (pos < 0 || pos >= array_length(buf)) {
            throw_new(t, "java/lang/ArrayIndexOutOfBoundsException", "%d", pos);
            return slot_void();
        }
        gref o = 0;
        struct symbol *name, *desc;
        if (i == -4) { /* bootstrap method */
            o = engine.resolve_method_handle(t, cp, read_u2(p));
        } else if (i == -3) {
            cp_member(cp, index, &name, &desc);
            o = string_intern_symbol(t, name);
        } else if (i == -2) {
            cp_member(cp, index, &name, &desc);
            o = string_from_symbol(t, desc);
        } else if (i == -1) {
            o = class_new_object(t, KC(Integer));
            if (o) { obj_set_int(o, OFF(Integer_value), read_u2(p + 2)); }
        } else if (i >= 0 && i < read_u2(p + 2)) {
            o = resolve ? engine.bootstrap_argument(t, cp, read_u2(p + 4 + 2 * i)) : args[7].r;
        } else {
            throw_new(t, "java/lang/ArrayIndexOutOfBoundsException", "%d", i);
        }
        if (t->exception) { return slot_void(); }
        array_set_ref(buf, pos, o);
    }
    return slot_void();
}

static slot_t mhn_nothing(struct thread *t, slot_t *args)
{
    (void)t;
    (void)args;
    return slot_void();
}

static slot_t mhn_named_con(struct thread *t, slot_t *args)
{
    (void)t;
    (void)args;
    return slot_int(0); /* only for the class library's self-check */
}

#define MHN "java/lang/invoke/MethodHandleNatives"
#define MN  "Ljava/lang/invoke/MemberName;"
const struct vm_native_row natives_methodhandles[] = {
    {MHN, "init", "(" MN "Ljava/lang/Object;)V", mhn_init},
    {MHN, "expand", "(" MN ")V", mhn_expand},
    {MHN, "resolve", "(" MN "Ljava/lang/Class;IZ)" MN, mhn_resolve},
    {MHN, "getMembers",
     "(Ljava/lang/Class;Ljava/lang/String;Ljava/lang/String;ILjava/lang/Class;I[" MN ")I",
     mhn_get_members},
    {MHN, "objectFieldOffset", "(" MN ")J", mhn_field_offset},
    {MHN, "staticFieldOffset", "(" MN ")J", mhn_field_offset},
    {MHN, "staticFieldBase", "(" MN ")Ljava/lang/Object;", mhn_static_base},
    {MHN, "getMemberVMInfo", "(" MN ")Ljava/lang/Object;", mhn_vm_info},
    {MHN, "setCallSiteTargetNormal",
     "(Ljava/lang/invoke/CallSite;Ljava/lang/invoke/MethodHandle;)V", mhn_set_target},
    {MHN, "setCallSiteTargetVolatile",
     "(Ljava/lang/invoke/CallSite;Ljava/lang/invoke/MethodHandle;)V", mhn_set_target},
    {MHN, "copyOutBootstrapArguments",
     "(Ljava/lang/Class;[III[Ljava/lang/Object;IZLjava/lang/Object;)V", mhn_copy_bootstrap},
    {MHN, "clearCallSiteContext", "(Ljava/lang/invoke/MethodHandleNatives$CallSiteContext;)V",
     mhn_nothing},
    {MHN, "registerNatives", "()V", mhn_nothing},
    {MHN, "getNamedCon", "(I[Ljava/lang/Object;)I", mhn_named_con},
    {0},
};
