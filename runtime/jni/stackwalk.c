/*
 * stackwalk.c - natives that look at frames while Java code runs on top of them: java.lang.StackWalker and
 * java.security.AccessController.
 */
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/stacktrace.h"

/* Bits of StackStreamFactory's mode. */
enum {
    MODE_CLASS_REFS_ONLY = 0x2,
    MODE_GET_CALLER_CLASS = 0x4,
    MODE_SHOW_HIDDEN = 0x20,
};

/* MemberName.flags, see java.lang.invoke.MethodHandleNatives.Constants. */
enum {
    MN_IS_METHOD = 0x10000,
    MN_IS_CONSTRUCTOR = 0x20000,
    MN_CALLER_SENSITIVE = 0x100000,
    MN_KIND_SHIFT = 24,
    REF_invokeVirtual = 5,
    REF_invokeStatic = 6,
    REF_invokeSpecial = 7,
    REF_invokeInterface = 9,
};

/* An open walk: lives on the C stack of callStackWalk; its address is the `anchor` that Java code hands back. */
struct open_walk {
    struct stack_walk w;
    struct thread *owner;
    bool at_end;
    uint64_t magic;
};
#define WALK_MAGIC 0x57414c4b574f4b41ull

static bool fill_member_name(struct thread *t, gref mn, struct method *m)
{
    struct class *rmn = KC(ResolvedMethodName);
    gref target = class_new_object(t, rmn);
    if (!target) { return false; }
    obj_set_long(target, OFF(ResolvedMethodName_vmtarget), (int64_t)(uintptr_t)m);
    obj_set_ref(target, OFF(ResolvedMethodName_vmholder), m->cls->mirror);
    int kind = method_is_static(m)                                ? REF_invokeStatic
               : (m->props & MP_INIT) || (m->flags & ACC_PRIVATE) ? REF_invokeSpecial
               : class_is_interface(m->cls)                       ? REF_invokeInterface
                                                                  : REF_invokeVirtual;
    int32_t flags = m->flags | (m->props & MP_INIT ? MN_IS_CONSTRUCTOR : MN_IS_METHOD) |
                    kind << MN_KIND_SHIFT |
                    (m->props & MP_CALLER_SENSITIVE ? MN_CALLER_SENSITIVE : 0);
    obj_set_ref(mn, OFF(MemberName_clazz), m->cls->mirror);
    obj_set_int(mn, OFF(MemberName_flags), flags);
    obj_set_ref(mn, OFF(MemberName_method), target);
    obj_set_long(mn, OFF(MemberName_vmindex), m->vtable_index);
    gref name = string_intern_symbol(t, m->name);
    obj_set_ref(mn, OFF(MemberName_name), name);
    gref type = name ? string_from_symbol(t, m->desc) : 0;
    obj_set_ref(mn, OFF(MemberName_type), type);
    return type != 0;
}

/* Fills up to `count` elements of `frames` from `start`; returns the end index, -1 with an exception. */
static int fill(struct thread *t, struct open_walk *ow, int64_t mode, int count, int start,
                gref frames)
{
    int end = start, length = array_length(frames);
    bool hidden = (mode & MODE_SHOW_HIDDEN) != 0;
    for (; !ow->at_end && end - start < count && end < length;
         ow->at_end = !engine.walk_next(&ow->w)) {
        struct method *m = ow->w.at.method;
        if (!hidden && frame_is_hidden(m)) { continue; }
        if ((mode & MODE_GET_CALLER_CLASS) && end == start && (m->props & MP_CALLER_SENSITIVE)) {
            char name[512];
            throw_new(t, "java/lang/UnsupportedOperationException",
                      "StackWalker::getCallerClass called from @CallerSensitive '%s' method",
                      method_external_name(m, name, sizeof(name)));
            return -1;
        }
        if (mode & (MODE_CLASS_REFS_ONLY | MODE_GET_CALLER_CLASS)) {
            array_set_ref(frames, end, m->cls->mirror);
        } else {
            gref info = array_get_ref(frames, end);
            gref mn = info ? obj_get_ref(info, OFF(StackFrameInfo_memberName)) : 0;
            if (!mn) {
                throw_new(t, "java/lang/InternalError", "stack walk: no StackFrameInfo at %d", end);
                return -1;
            }
            if (!fill_member_name(t, mn, m)) { return -1; }
            obj_set_int(info, OFF(StackFrameInfo_bci), ow->w.at.bci);
        }
        end++;
    }
    return end;
}

static bool is_walker_class(const struct class *c)
{
    static const char walker[] = "java/lang/StackWalker";
    static const char stream[] = "java/lang/StackStreamFactory$AbstractStackWalker";
    return strcmp(c->name->text, walker) == 0 || strcmp(c->name->text, stream) == 0 ||
           (c->super && strcmp(c->super->name->text, stream) == 0);
}

gref stack_walk_begin(struct thread *t, gref stream, int64_t mode, int skip, int count, int start,
                      gref frames)
{
    static struct method *callback;
    if (!callback) {
        struct class *c =
            class_load_boot(t, symbol_of("java/lang/StackStreamFactory$AbstractStackWalker"));
        callback = c ? class_method_named(c, "doStackWalk", "(JIIII)Ljava/lang/Object;") : NULL;
        if (!callback) {
            throw_new(t, "java/lang/InternalError", "doStackWalk is missing");
            return 0;
        }
    }
    struct open_walk ow = {.owner = t, .magic = WALK_MAGIC};
    ow.at_end = !engine.walk_first(&ow.w, t);
    while (!ow.at_end && is_walker_class(ow.w.at.method->cls)) {
        ow.at_end = !engine.walk_next(&ow.w);
    }
    for (int i = 0; i < skip && !ow.at_end; i++) { ow.at_end = !engine.walk_next(&ow.w); }
    int end = fill(t, &ow, mode, count, start, frames);
    if (end < 0) { return 0; }
    if (end == start && skip == 0) {
        throw_new(t, "java/lang/InternalError", "stack walk: decode failed");
        return 0;
    }
    array_set_ref(frames, 0, t->object); /* marks the buffer as belonging to an open walk */
    slot_t args[8] = {{.raw = stream},
                      {.j = (int64_t)(uintptr_t)&ow},
                      {0},
                      {.j = skip},
                      {.j = count},
                      {.j = start},
                      {.j = end}};
    gref result = engine.call(t, callback, args).r;
    ow.magic = 0;
    array_set_ref(frames, 0, 0);
    return t->exception ? 0 : result;
}

int32_t stack_walk_more(struct thread *t, int64_t mode, int64_t anchor, int count, int start,
                        gref frames)
{
    struct open_walk *ow = (struct open_walk *)(uintptr_t)anchor;
    char *p = (char *)ow;
    /* the anchor must be an older place of this very stack */
    if (!ow || p > t->c_stack_base || p < (char *)__builtin_frame_address(0) ||
        ow->magic != WALK_MAGIC || ow->owner != t) {
        throw_new(t, "java/lang/InternalError", "doStackWalk: corrupted buffers");
        return 0;
    }
    int end = fill(t, ow, mode, count, start, frames);
    if (end >= 0 && array_length(frames) > 0) { array_set_ref(frames, 0, t->object); }
    return end < 0 ? 0 : end;
}

/* ---- java.security.AccessController ---- */

static gref new_context(struct thread *t, gref domains, bool privileged, gref privileged_context)
{
    gref acc = class_initialize(t, KC(AccessControlContext))
                   ? class_new_object(t, KC(AccessControlContext))
                   : 0;
    if (acc) {
        obj_set_ref(acc, OFF(AccessControlContext_context), domains);
        obj_set_ref(acc, OFF(AccessControlContext_privilegedContext), privileged_context);
        obj_set_boolean(acc, OFF(AccessControlContext_isPrivileged), privileged);
        obj_set_boolean(acc, OFF(AccessControlContext_isAuthorized), true);
    }
    return acc;
}

static gref protection_domain(const struct class *c)
{
    return c->mirror ? obj_get_ref(c->mirror, OFF(Class_vm_protection_domain)) : 0;
}

/*
 * The protection domains of the frames, innermost first, equal neighbours once, up to and including the caller of the
 * nearest doPrivileged, whose frame is executePrivileged(action, context, caller).
 */
gref security_stack_context(struct thread *t)
{
    static struct symbol *execute;
    if (!execute) { execute = symbol_of("executePrivileged"); }
    enum { MAX_DOMAINS = 512 };
    gref domains[MAX_DOMAINS]; /* on the C stack: found by the collector */
    int n = 0;
    gref previous = 0, privileged_context = 0;
    bool privileged = false;
    struct stack_walk w;
    for (bool ok = engine.walk_first(&w, t); ok && !privileged; ok = engine.walk_next(&w)) {
        const struct method *m = w.at.method;
        gref pd;
        if (m->cls == KC(AccessController) && m->name == execute) {
            privileged = true;
            pd = 0;
            if (w.at.locals) {
                privileged_context = w.at.locals[1].r;
                gref caller = w.at.locals[2].r;
                pd = caller ? protection_domain(class_from_mirror(caller)) : 0;
            }
        } else {
            pd = protection_domain(m->cls);
        }
        if (pd && pd != previous && n < MAX_DOMAINS) { domains[n++] = previous = pd; }
    }
    if (n == 0) {
        return privileged && !privileged_context
                   ? 0
                   : new_context(t, 0, privileged, privileged_context);
    }
    static struct class *array_class;
    if (!array_class) {
        array_class = class_array_of(t, class_boot_required(t, "java/security/ProtectionDomain"));
    }
    gref a = array_class ? class_new_array(t, array_class, n) : 0;
    if (!a) { return 0; }
    for (int i = 0; i < n; i++) { array_set_ref(a, i, domains[i]); }
    return new_context(t, a, privileged, privileged_context);
}
