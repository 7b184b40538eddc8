/*
 * invoke.c - linking of invokedynamic, method handles and dynamic constants by upcalls; see invoke.h.
 */
#include "vm/invoke.h"

#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/descriptor.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"

enum { REF_GET_FIELD = 1, REF_INVOKE_VIRTUAL = 5, REF_INVOKE_STATIC = 6, REF_INVOKE_INTERFACE = 9 };

static struct method *upcall(const char *name, const char *desc)
{
    return class_method_named(KC(MethodHandleNatives), name, desc);
}

static gref new_object_array(struct thread *t, int32_t n)
{
    struct class *c = class_array_of(t, KC(Object));
    return c ? class_new_array(t, c, n) : 0;
}

gref box_value(struct thread *t, enum basic_type type, slot_t v)
{
    struct class *c;
    uint32_t offset;
    switch (type) {
    case T_BOOLEAN: c = KC(Boolean), offset = OFF(Boolean_value); break;
    case T_BYTE: c = KC(Byte), offset = OFF(Byte_value); break;
    case T_CHAR: c = KC(Character), offset = OFF(Character_value); break;
    case T_SHORT: c = KC(Short), offset = OFF(Short_value); break;
    case T_INT: c = KC(Integer), offset = OFF(Integer_value); break;
    case T_LONG: c = KC(Long), offset = OFF(Long_value); break;
    case T_FLOAT: c = KC(Float), offset = OFF(Float_value); break;
    case T_DOUBLE: c = KC(Double), offset = OFF(Double_value); break;
    default: return v.r;
    }
    gref o = class_new_object(t, c);
    if (o) { memcpy(obj_addr(o, offset), &v, type_size(type)); }
    return o;
}

/* ---- method types ---- */

gref method_type_of(struct thread *t, struct class *accessing, struct symbol *desc)
{
    struct class *mirrors = class_array_of(t, KC(Class));
    int32_t n = 0;
    for (struct params p = params_of(desc->text); params_next(&p);) { n++; }
    gref ptypes = mirrors ? class_new_array(t, mirrors, n) : 0;
    if (!ptypes) { return 0; }
    struct params p = params_of(desc->text);
    for (int32_t i = 0; params_next(&p); i++) {
        struct class *c = class_from_descriptor(t, accessing->loader, p.text, p.length);
        if (!c) { return 0; }
        if (!class_accessible(accessing, c->kind == CLASS_ARRAY ? c->element : c)) {
            char a[512], b[512];
            throw_new(t, "java/lang/IllegalAccessError",
                      "class %s cannot access class %s in a method type",
                      class_external_name(accessing, a, sizeof a),
                      class_external_name(c, b, sizeof b));
            return 0;
        }
        array_set_ref(ptypes, i, c->mirror);
    }
    const char *result = descriptor_result(desc->text);
    struct class *r = class_from_descriptor(t, accessing->loader, result, strlen(result));
    if (!r) { return 0; }
    slot_t args[2] = {{.raw = r->mirror}, {.raw = ptypes}};
    return engine
        .call(t,
              upcall("findMethodHandleType",
                     "(Ljava/lang/Class;[Ljava/lang/Class;)Ljava/lang/invoke/MethodType;"),
              args)
        .r;
}

/* ---- recorded results and errors of pool entries ---- */

static void cp_record(struct constant_pool *cp, unsigned index, slot_t v, bool is_ref)
{
    if (is_ref && v.r) { loader_add_root(cp->cls->loader, v.r); }
    cp->val[index] = v;
    __atomic_or_fetch(&cp->tags[index], CP_RESOLVED, __ATOMIC_RELEASE);
}

static bool is_linkage_error(struct thread *t)
{
    static struct class *linkage_error;
    if (!linkage_error) {
        gref ex = thread_take_exception(t);
        linkage_error = class_load_boot(t, symbol_of("java/lang/LinkageError"));
        t->exception = ex;
    }
    return linkage_error && obj_instanceof(t->exception, linkage_error);
}

/* Only LinkageErrors are recorded (JVMS 5.4.3); the entry then throws the same error each time. */
static void cp_record_error(struct thread *t, struct constant_pool *cp, unsigned index)
{
    if (is_linkage_error(t)) {
        loader_add_root(cp->cls->loader, t->exception);
        cp->val[index] = (slot_t){.raw = t->exception};
        __atomic_or_fetch(&cp->tags[index], CP_FAILED, __ATOMIC_RELEASE);
    }
}

static bool cp_known(struct thread *t, struct constant_pool *cp, unsigned index, slot_t *v)
{
    uint8_t tag = __atomic_load_n(&cp->tags[index], __ATOMIC_ACQUIRE);
    if (tag & (CP_RESOLVED | CP_FAILED)) {
        *v = cp->val[index];
        if (tag & CP_FAILED) {
            t->exception = v->r;
            *v = (slot_t){0};
        }
        return true;
    }
    return false;
}

gref invoke_resolve_method_type(struct thread *t, struct constant_pool *cp, unsigned index)
{
    slot_t v;
    if (cp_known(t, cp, index, &v)) { return v.r; }
    gref type = method_type_of(t, cp->cls, cp_utf8(cp, cp_raw(cp, index)));
    if (t->exception) {
        cp_record_error(t, cp, index);
        return 0;
    }
    cp_record(cp, index, (slot_t){.raw = type}, true);
    return type;
}

gref invoke_resolve_method_handle(struct thread *t, struct constant_pool *cp, unsigned index)
{
    slot_t v;
    if (cp_known(t, cp, index, &v)) { return v.r; }
    uint32_t raw = cp_raw(cp, index);
    unsigned kind = raw >> 16, ref = raw & 0xffff;
    struct symbol *name, *desc;
    cp_member(cp, ref, &name, &desc);
    struct class *holder = cp_resolve_class(t, cp, cp_raw(cp, ref) >> 16);
    gref type = 0, handle = 0;
    if (holder) {
        if (desc->text[0] == '(') {
            /* resolution of the method itself gives the errors that a bytecode reference would */
            bool interface = (cp->tags[ref] & CP_TAG_MASK) == CP_IMETHODREF;
            struct method *m = resolve_method(t, holder, name, desc, cp->cls, interface);
            if (m && !method_check_static(t, m, kind == REF_INVOKE_STATIC,
                                          kind == REF_INVOKE_INTERFACE)) {
                m = NULL;
            }
            type = m ? method_type_of(t, cp->cls, desc) : 0;
        } else {
            struct class *c = class_from_descriptor(t, cp->cls->loader, desc->text, desc->length);
            type = c ? c->mirror : 0;
        }
    }
    if (type) {
        gref name_string = string_intern_symbol(t, name);
        slot_t args[5] = {{.raw = cp->cls->mirror},
                          {.j = kind},
                          {.raw = holder->mirror},
                          {.raw = name_string},
                          {.raw = type}};
        handle =
            engine
                .call(
                    t,
                    upcall(
                        "linkMethodHandleConstant",
                        "(Ljava/lang/Class;ILjava/lang/Class;Ljava/lang/String;Ljava/lang/Object;)"
                        "Ljava/lang/invoke/MethodHandle;"),
                    args)
                .r;
    }
    if (t->exception) {
        cp_record_error(t, cp, index);
        return 0;
    }
    cp_record(cp, index, (slot_t){.raw = handle}, true);
    return handle;
}

/* A static argument of a bootstrap method, boxed. */
gref invoke_bootstrap_argument(struct thread *t, struct constant_pool *cp, unsigned index)
{
    switch (cp->tags[index] & CP_TAG_MASK) {
    case CP_INTEGER: return box_value(t, T_INT, cp->val[index]);
    case CP_FLOAT: return box_value(t, T_FLOAT, cp->val[index]);
    case CP_LONG: return box_value(t, T_LONG, cp->val[index]);
    case CP_DOUBLE: return box_value(t, T_DOUBLE, cp->val[index]);
    case CP_STRING: return cp_resolve_string(t, cp, index);
    case CP_CLASS: {
        struct class *c = cp_resolve_class(t, cp, index);
        return c ? c->mirror : 0;
    }
    case CP_METHOD_HANDLE: return invoke_resolve_method_handle(t, cp, index);
    case CP_METHOD_TYPE: return invoke_resolve_method_type(t, cp, index);
    case CP_DYNAMIC: {
        slot_t v = invoke_resolve_dynamic(t, cp, index);
        struct symbol *name, *desc;
        cp_member(cp, index, &name, &desc);
        return t->exception ? 0 : box_value(t, type_of_char(desc->text[0]), v);
    }
    default: throw_new(t, "java/lang/ClassFormatError", "Bad bootstrap argument"); return 0;
    }
}

/* What the upcalls take of a bootstrap specifier: its method handle and static arguments (none: null; one that is
 * not an array: itself; else an Object[]). */
static bool bootstrap_of(struct thread *t, struct constant_pool *cp, unsigned bootstrap,
                         gref *method, gref *info)
{
    if (bootstrap >= cp->cls->n_bootstrap) {
        throw_new(t, "java/lang/ClassFormatError", "Bad bootstrap method index %u", bootstrap);
        return false;
    }
    const uint8_t *p = cp->cls->bootstrap[bootstrap];
    *info = 0;
    *method = invoke_resolve_method_handle(t, cp, read_u2(p));
    if (t->exception) { return false; }
    int32_t n = read_u2(p + 2);
    if (n == 0) { return true; }
    gref array = new_object_array(t, n);
    if (!array) { return false; }
    for (int32_t i = 0; i < n; i++) {
        gref o = invoke_bootstrap_argument(t, cp, read_u2(p + 4 + 2 * i));
        if (t->exception) { return false; }
        array_set_ref(array, i, o);
    }
    gref first = array_get_ref(array, 0);
    *info = n == 1 && !(first && class_is_array(class_of(first))) ? first : array;
    return true;
}

slot_t invoke_resolve_dynamic(struct thread *t, struct constant_pool *cp, unsigned index)
{
    slot_t v;
    if (cp_known(t, cp, index, &v)) { return v; }
    struct symbol *name, *desc;
    cp_member(cp, index, &name, &desc);
    gref method, info, result = 0;
    struct class *type = NULL;
    if (bootstrap_of(t, cp, cp_raw(cp, index) >> 16, &method, &info)) {
        type = class_from_descriptor(t, cp->cls->loader, desc->text, desc->length);
    }
    if (type) {
        gref name_string = string_intern_symbol(t, name);
        slot_t args[6] = {{.raw = cp->cls->mirror}, {.j = (int)index},     {.raw = method},
                          {.raw = name_string},     {.raw = type->mirror}, {.raw = info}};
        result =
            engine
                .call(
                    t,
                    upcall(
                        "linkDynamicConstant",
                        "(Ljava/lang/Object;ILjava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;"
                        "Ljava/lang/Object;)Ljava/lang/Object;"),
                    args)
                .r;
    }
    if (cp_known(t, cp, index, &v)) {
        return v; /* resolved meanwhile by another thread or recursively: the first result stays */
    }
    if (t->exception) {
        cp_record_error(t, cp, index);
        return (slot_t){0};
    }
    v = unbox_dynamic(cp, index, result);
    cp_record(cp, index, v, type_is_ref(type_of_char(desc->text[0])));
    return v;
}

/* ---- call sites ---- */

struct method *member_target(gref member_name)
{
    gref resolved = member_name ? obj_get_ref(member_name, OFF(MemberName_method)) : 0;
    return resolved ? (struct method *)(uintptr_t)obj_get_long(resolved,
                                                               OFF(ResolvedMethodName_vmtarget))
                    : NULL;
}

static struct call_site *site_from(struct thread *t, struct class *caller, gref member,
                                   gref appendix_box)
{
    struct method *adapter = member_target(member);
    if (t->exception) { return NULL; }
    if (!adapter) {
        throw_new(t, "java/lang/LinkageError", "bad method handle adapter");
        return NULL;
    }
    struct call_site *s = meta_alloc(sizeof *s);
    s->method = adapter;
    s->appendix = array_get_ref(appendix_box, 0);
    if (s->appendix) { loader_add_root(caller->loader, s->appendix); }
    /* the adapter's class is hidden: something must hold its mirror as long as the site */
    loader_add_root(caller->loader, member);
    s->arg_slots = adapter->arg_slots;
    return class_initialize(t, adapter->cls) ? s : NULL;
}

struct call_site *link_method_site(struct thread *t, struct class *caller, struct class *defc,
                                   struct symbol *name, struct symbol *desc)
{
    gref type = method_type_of(t, caller, desc);
    gref box = type ? new_object_array(t, 1) : 0;
    if (!box) { return NULL; }
    gref name_string = string_intern_symbol(t, name);
    slot_t args[6] = {{.raw = caller->mirror}, {.j = REF_INVOKE_VIRTUAL},
                      {.raw = defc->mirror},   {.raw = name_string},
                      {.raw = type},           {.raw = box}};
    gref member =
        engine
            .call(t,
                  upcall("linkMethod",
                         "(Ljava/lang/Class;ILjava/lang/Class;Ljava/lang/String;Ljava/lang/Object;"
                         "[Ljava/lang/Object;)Ljava/lang/invoke/MemberName;"),
                  args)
            .r;
    return t->exception ? NULL : site_from(t, caller, member, box);
}

/* A call site whose linking ended with a LinkageError throws an error of that class and message from then on (JVMS
 * 5.4.3.6): a site that remembers it, with the first error still pending. NULL if the exception is of another kind. */
static struct call_site *failed_site(struct thread *t, struct class *caller)
{
    if (!t->exception || !is_linkage_error(t)) { return NULL; }
    struct call_site *s = meta_alloc(sizeof *s);
    s->error = class_of(t->exception);
    s->error_message = obj_get_ref(t->exception, OFF(Throwable_detailMessage));
    if (s->error_message) { loader_add_root(caller->loader, s->error_message); }
    return s;
}

struct call_site *link_dynamic_site(struct thread *t, struct method *m, int bci, unsigned index)
{
    struct constant_pool *cp = &m->cls->cp;
    (void)bci;
    struct symbol *name, *desc;
    cp_member(cp, index, &name, &desc);
    gref method, info;
    if (!bootstrap_of(t, cp, cp_raw(cp, index) >> 16, &method, &info)) { return NULL; }
    gref type = method_type_of(t, m->cls, desc);
    gref box = type ? new_object_array(t, 1) : 0;
    if (!box) { return NULL; }
    gref name_string = string_intern_symbol(t, name);
    slot_t args[7] = {
        {.raw = m->cls->mirror}, {.j = (int)index}, {.raw = method}, {.raw = name_string},
        {.raw = type},           {.raw = info},     {.raw = box}};
    gref member =
        engine
            .call(
                t,
                upcall("linkCallSite",
                       "(Ljava/lang/Object;ILjava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;"
                       "Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/invoke/MemberName;"),
                args)
            .r;
    struct call_site *s = t->exception ? NULL : site_from(t, m->cls, member, box);
    return s ? s : failed_site(t, m->cls);
}

/* ---- MethodHandle intrinsics ---- */

struct method *basic_target(struct thread *t, gref handle)
{
    gref form = obj_get_ref(handle, OFF(MethodHandle_form));
    struct method *m = form ? member_target(obj_get_ref(form, OFF(LambdaForm_vmentry))) : NULL;
    if (!m) { throw_new(t, "java/lang/InternalError", "method handle without an entry point"); }
    return m;
}

struct method *link_target(struct thread *t, enum method_intrinsic kind, slot_t *args,
                           unsigned cells)
{
    gref member = args[cells - 1].r;
    struct method *m = member_target(member);
    if (!m) {
        if (!member) {
            throw_npe(t);
        } else {
            throw_new(t, "java/lang/InternalError", "unresolved MemberName");
        }
        return NULL;
    }
    if (kind == MI_LINK_TO_STATIC) { return m; }
    gref receiver = args[0].r;
    if (!receiver) {
        throw_npe(t);
        return NULL;
    }
    /* declared with one array, called with what the handle takes: a lambda form about to be interpreted */
    if (m->intrinsic == MI_INVOKE_BASIC) { return basic_target(t, receiver); }
    if (kind == MI_LINK_TO_SPECIAL) { return m; }
    if (m->flags & ACC_PRIVATE || (!class_is_interface(m->cls) && m->vtable_index == VTABLE_NONE)) {
        return m;
    }
    struct method *selected = class_select_method(class_of(receiver), m);
    if (!selected || selected->flags & ACC_ABSTRACT) {
        throw_no_code(t, selected ? selected : m, receiver);
        return NULL;
    }
    return selected;
}
