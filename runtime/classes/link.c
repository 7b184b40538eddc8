/*
 * link.c - linking (JVMS 5.4) and initialisation (JVMS 5.5).
 *
 * One mutex and condition for the states of all classes. It is a leaf lock: a thread that has to wait for another
 * thread's <clinit> leaves the machine while it waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/classes-internal.h"
#include "runtime/engine.h"

static pthread_mutex_t state_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t state_changed = PTHREAD_COND_INITIALIZER;

bool class_link(struct thread *t, struct class *c)
{
    if (__atomic_load_n(&c->state, __ATOMIC_ACQUIRE) >= CLASS_LINKED) { return true; }
    if (c->super && !class_link(t, c->super)) { return false; }
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        if (!class_link(t, c->interfaces[i])) { return false; }
    }
    if ((c->props & CLP_NEEDS_VERIFY) && !class_verify(t, c)) { return false; }
    pthread_mutex_lock(&state_mutex);
    if (c->state < CLASS_LINKED) { __atomic_store_n(&c->state, CLASS_LINKED, __ATOMIC_RELEASE); }
    pthread_mutex_unlock(&state_mutex);
    return true;
}

/* ---- initialisation ---- */

/* JVMS 5.5 step 6: ConstantValue attributes. */
static bool set_constants(struct thread *t, struct class *c)
{
    for (unsigned i = 0; i < c->n_fields; i++) {
        const struct field *f = &c->fields[i];
        if (!f->const_index) { continue; }
        const slot_t *v = &c->cp.val[f->const_index];
        switch (f->type) {
        case T_BOOLEAN:
        case T_BYTE: obj_set_byte(c->mirror, f->offset, (int8_t)v->i); break;
        case T_CHAR:
        case T_SHORT: obj_set_short(c->mirror, f->offset, (int16_t)v->i); break;
        case T_INT:
        case T_FLOAT: obj_set_int(c->mirror, f->offset, v->i); break;
        case T_LONG:
        case T_DOUBLE: obj_set_long(c->mirror, f->offset, v->j); break;
        default: {
            gref s = cp_resolve_string(t, &c->cp, f->const_index);
            if (!s) { return false; }
            obj_set_ref(c->mirror, f->offset, s);
            break;
        }
        }
    }
    return true;
}

static bool declares_defaults(const struct class *iface)
{
    for (unsigned i = 0; i < iface->n_methods; i++) {
        if (!(iface->methods[i].flags & (ACC_STATIC | ACC_ABSTRACT))) { return true; }
    }
    return false;
}

/* Step 7: superinterfaces that declare instance methods with code, in the order of the interfaces arrays, supers first. */
static bool initialize_interfaces(struct thread *t, struct class *c)
{
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        struct class *iface = c->interfaces[i];
        if (!(iface->props & CLP_HAS_DEFAULTS)) { continue; }
        if (!initialize_interfaces(t, iface) ||
            (declares_defaults(iface) && !class_initialize(t, iface))) {
            return false;
        }
    }
    return true;
}

static void set_state(struct class *c, enum class_state state)
{
    pthread_mutex_lock(&state_mutex);
    c->init_thread = NULL;
    __atomic_store_n(&c->state, (uint8_t)state, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&state_changed);
    pthread_mutex_unlock(&state_mutex);
}

static void throw_not_initialized(struct thread *t, struct class *c)
{
    char name[512], text[600];
    snprintf(text, sizeof text, "Could not initialize class %s",
             class_external_name(c, name, sizeof name));
    struct class *ncdfe = class_load(t, &boot_loader, symbol_of("java/lang/NoClassDefFoundError"));
    gref message = ncdfe ? string_from_c(t, text) : 0;
    if (message) { throw_class(t, ncdfe, message, c->init_error); }
}

/*
 * What later uses of an erroneous class give as their cause: an ExceptionInInitializerError that tells of the first
 * exception and has its stack trace, but does not hold on to it. 0 when making it fails.
 */
static gref initialization_record(struct thread *t, gref ex)
{
    char name[512];
    class_external_name(class_of(ex), name, sizeof name);
    gref text = obj_get_ref(ex, OFF(Throwable_detailMessage));
    char *message = text ? string_to_utf8(text, NULL) : NULL;
    gref thread_name = t->object ? obj_get_ref(t->object, OFF(Thread_name)) : 0;
    char *thread = thread_name ? string_to_utf8(thread_name, NULL) : NULL;
    throw_new(t, "java/lang/ExceptionInInitializerError", "Exception %s%s%s [in thread \"%s\"]",
              name, message ? ": " : "", message ? message : "", thread ? thread : "<unknown>");
    free(message);
    free(thread);
    gref record = thread_take_exception(t);
    struct symbol *sig = symbol_of("()[Ljava/lang/StackTraceElement;");
    struct method *get = class_declared_method(KC(Throwable), symbol_of("getOurStackTrace"), sig);
    if (!record || !get ||
        strcmp(class_of(record)->name->text, "java/lang/ExceptionInInitializerError") != 0) {
        return 0;
    }
    slot_t args[1] = {{.raw = ex}};
    gref trace = engine.call(t, get, args).r;
    if (t->exception) {
        t->exception = 0;
        return 0;
    }
    obj_set_ref(record, OFF(Throwable_stackTrace), trace);
    obj_set_ref(record, OFF(Throwable_backtrace), 0);
    return record;
}

/* Step 10: an exception that is no Error is wrapped. */
static void wrap_exception(struct thread *t, gref ex)
{
    struct class *error = class_load(t, &boot_loader, symbol_of("java/lang/Error"));
    struct class *wrapper =
        error ? class_load(t, &boot_loader, symbol_of("java/lang/ExceptionInInitializerError"))
              : NULL;
    if (!wrapper) { return; }
    if (obj_instanceof(ex, error)) {
        t->exception = ex;
        return;
    }
    if (!class_initialize(t, wrapper)) { return; }
    gref w = class_new_object(t, wrapper);
    struct method *init = class_declared_method(wrapper, SYM(init), SYM(throwable_void_sig));
    if (w && init) {
        slot_t args[2] = {{.raw = w}, {.raw = ex}};
        engine.call(t, init, args);
        if (!t->exception) { t->exception = w; }
    }
}

static bool fail(struct thread *t, struct class *c, bool record)
{
    gref ex = thread_take_exception(t);
    if (record) { c->init_error = initialization_record(t, ex); }
    set_state(c, CLASS_ERROR);
    t->exception = ex;
    return false;
}

static bool run_initializer(struct thread *t, struct class *c)
{
    if (!set_constants(t, c)) { return fail(t, c, true); }
    if (!class_is_interface(c) && c->super && !class_initialize(t, c->super)) {
        return fail(t, c, true);
    }
    if (!class_is_interface(c) && !initialize_interfaces(t, c)) { return fail(t, c, true); }
    struct method *clinit = class_declared_method(c, SYM(clinit), SYM(void_sig));
    if (clinit) { engine.call(t, clinit, NULL); }
    if (t->exception) {
        gref ex = thread_take_exception(t);
        gref record = initialization_record(t, ex);
        c->init_error = record;
        wrap_exception(t, ex);
        ex = thread_take_exception(t);
        set_state(c, CLASS_ERROR);
        t->exception = ex;
        return false;
    }
    set_state(c, CLASS_INITIALIZED);
    return true;
}

bool class_initialize_slow(struct thread *t, struct class *c)
{
    if (!class_link(t, c)) { return false; }
    pthread_mutex_lock(&state_mutex);
    if (c->state == CLASS_INITIALIZING && c->init_thread != t) {
        pthread_mutex_unlock(&state_mutex);
        thread_enter_native(t);
        pthread_mutex_lock(&state_mutex);
        while (c->state == CLASS_INITIALIZING) { pthread_cond_wait(&state_changed, &state_mutex); }
        pthread_mutex_unlock(&state_mutex);
        thread_leave_native(t);
        /* INITIALIZED or ERROR: neither changes any more. */
        pthread_mutex_lock(&state_mutex);
    }
    uint8_t state = c->state;
    if (state == CLASS_LINKED) {
        c->init_thread = t;
        __atomic_store_n(&c->state, CLASS_INITIALIZING, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&state_mutex);
    switch (state) {
    case CLASS_LINKED: return run_initializer(t, c);
    case CLASS_ERROR: throw_not_initialized(t, c); return false;
    default: return true; /* initialised, or being initialised by this thread */
    }
}

struct class *class_ready_boot(struct thread *t, const char *name)
{
    struct class *c = class_load_boot(t, symbol_of(name));
    return c && class_initialize(t, c) ? c : NULL;
}
