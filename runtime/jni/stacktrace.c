/* stacktrace.c - backtraces, stack trace elements, callers, thread dumps; see stacktrace.h. */
#include "runtime/jni/stacktrace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/properties.h"
#include "runtime/jni/reflection.h"
#include "runtime/threads/monitor.h"

struct stacktrace_options stacktrace_options = {.max_depth = 1024};

/* ---- collecting frames ---- */

struct frame_list {
    uint64_t *v;
    int n, cap, max;
    uint64_t fixed[256];
};

/* `fixed` is not cleared: that would take longer than to collect the usual number of frames. */
static void list_init(struct frame_list *l, int max)
{
    l->v = NULL;
    l->n = l->cap = 0;
    l->max = max;
}

static bool list_add(struct frame_list *l, uint64_t packed)
{
    if (l->n == l->cap) {
        int cap = l->cap ? l->cap * 4 : (int)ARRAY_COUNT(l->fixed);
        uint64_t *v = l->cap ? malloc((size_t)cap * sizeof(*v)) : l->fixed;
        if (!v) { return false; }
        if (l->n) { memcpy(v, l->v, (size_t)l->n * sizeof(*v)); }
        if (l->v && l->v != l->fixed) { free(l->v); }
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = packed;
    return l->max <= 0 || l->n < l->max;
}

static void list_free(struct frame_list *l)
{
    if (l->v && l->v != l->fixed) { free(l->v); }
}

bool frame_is_hidden(const struct method *m)
{
    return ((m->props & MP_HIDDEN) || (m->cls->props & CLP_HIDDEN)) &&
           !stacktrace_options.show_hidden;
}

uint64_t *stack_collect(struct thread *of, int max, bool hidden, int *n)
{
    struct frame_list l;
    list_init(&l, max);
    struct stack_walk w;
    for (bool ok = engine.walk_first(&w, of); ok; ok = engine.walk_next(&w)) {
        if (!hidden && frame_is_hidden(w.at.method)) { continue; }
        if (!list_add(&l, frame_pack(w.at.method, w.at.bci))) { break; }
    }
    *n = l.n;
    /* cleared, although nobody reads more than n: clang's analyser loses sight of n in an array of such lists */
    uint64_t *out = calloc((size_t)l.n + 1, sizeof(*out));
    if (out && l.n) { memcpy(out, l.v, (size_t)l.n * sizeof(*out)); }
    list_free(&l);
    return out;
}

/* ---- Throwable ---- */

/* Frames that only make the throwable: fillInStackTrace and the constructors of its own classes. */
enum skip { SKIP_FILL, SKIP_INIT, SKIP_NOTHING };

void throwable_fill(struct thread *t, gref throwable)
{
    static struct symbol *fill_name;
    if (!fill_name) { fill_name = symbol_of("fillInStackTrace"); }
    obj_set_ref(throwable, OFF(Throwable_backtrace), 0);
    obj_set_ref(throwable, OFF(Throwable_stackTrace), 0);
    obj_set_int(throwable, OFF(Throwable_depth), 0);
    struct frame_list l;
    list_init(&l, stacktrace_options.max_depth);
    if (l.max <= 0) { return; }
    struct class *cls = class_of(throwable);
    enum skip skip = SKIP_FILL;
    bool hidden_top = false;
    struct stack_walk w;
    for (bool ok = engine.walk_first(&w, t); ok; ok = engine.walk_next(&w)) {
        const struct method *m = w.at.method;
        if (skip == SKIP_FILL) {
            if (m->name == fill_name) { continue; }
            skip = SKIP_INIT;
        }
        if (skip == SKIP_INIT) {
            if (m->name == SYM(init) && class_is_subclass(cls, m->cls)) { continue; }
            skip = SKIP_NOTHING;
        }
        if (frame_is_hidden(m)) {
            hidden_top |= l.n == 0;
            continue;
        }
        if (!list_add(&l, frame_pack(m, w.at.bci))) { break; }
    }
    gref exception = thread_take_exception(t);
    gref a = class_new_array(t, class_array_of(t, class_primitive(T_LONG)), l.n + 1);
    if (a) {
        if (l.n) { memcpy(array_data(a), l.v, (size_t)l.n * sizeof(*l.v)); }
        array_set_long(a, l.n, hidden_top);
        obj_set_ref(throwable, OFF(Throwable_backtrace), a);
        obj_set_int(throwable, OFF(Throwable_depth), l.n);
    } else {
        t->exception = 0; /* no memory for the trace: the throwable goes without */
    }
    t->exception = exception;
    list_free(&l);
}

/* ---- StackTraceElement ---- */

void stack_element_init(struct thread *t, gref e, struct method *m, int bci)
{
    struct class *c = m->cls;
    obj_set_ref(e, OFF(StackTraceElement_declaringClassObject), c->mirror);
    gref name = class_init_name(t, c->mirror);
    obj_set_ref(e, OFF(StackTraceElement_declaringClass), name);
    if (c->loader && c->loader->object) {
        obj_set_ref(e, OFF(StackTraceElement_classLoaderName),
                    obj_get_ref(c->loader->object, OFF(ClassLoader_name)));
    }
    if (c->module && c->module->name) {
        obj_set_ref(e, OFF(StackTraceElement_moduleName), string_intern_symbol(t, c->module->name));
        if (c->module->version && !t->exception) {
            obj_set_ref(e, OFF(StackTraceElement_moduleVersion),
                        string_intern_symbol(t, c->module->version));
        }
    }
    if (t->exception) { return; }
    obj_set_ref(e, OFF(StackTraceElement_methodName), string_intern_symbol(t, m->name));
    if (c->source_file && !t->exception) {
        obj_set_ref(e, OFF(StackTraceElement_fileName), string_intern_symbol(t, c->source_file));
    }
    obj_set_int(e, OFF(StackTraceElement_lineNumber),
                m->flags & ACC_NATIVE ? -2 : method_line(m, bci));
}

gref stack_elements(struct thread *t, const uint64_t *frames, int n)
{
    struct class *ac = class_array_of(t, KC(StackTraceElement));
    gref a = ac && class_initialize(t, KC(StackTraceElement)) ? class_new_array(t, ac, n) : 0;
    for (int i = 0; a && i < n; i++) {
        gref e = class_new_object(t, KC(StackTraceElement));
        if (!e) { return 0; }
        array_set_ref(a, i, e);
        stack_element_init(t, e, frame_method(frames[i]), frame_bci(frames[i]));
        if (t->exception) { return 0; }
    }
    return a;
}

void stack_print_frame(FILE *f, const struct method *m, int bci)
{
    char name[512];
    const struct class *c = m->cls;
    fprintf(f, "\tat %s.%s(", class_external_name(c, name, sizeof(name)), m->name->text);
    if (c->module && c->module->name) {
        fputs(c->module->name->text, f);
        if (c->module->version) { fprintf(f, "@%s", c->module->version->text); }
        fputc('/', f);
    }
    int line = method_line(m, bci);
    if (m->flags & ACC_NATIVE) {
        fputs("Native Method)", f);
    } else if (!c->source_file) {
        fputs("Unknown Source)", f);
    } else if (line >= 0) {
        fprintf(f, "%s:%d)", c->source_file->text, line);
    } else {
        fprintf(f, "%s)", c->source_file->text);
    }
}

/* ---- callers ---- */

bool stack_is_mechanism(const struct method *m)
{
    return (m->cls == KC(Method) && m->name == SYM(invoke)) ||
           class_is_subclass(m->cls, KC(MethodAccessorImpl)) || (m->props & MP_HIDDEN) ||
           m->intrinsic != MI_NONE;
}

struct class *stack_caller(struct thread *t, int depth)
{
    struct stack_walk w;
    bool ok = engine.walk_first(&w, t);
    if (ok && (w.at.method->flags & ACC_NATIVE)) { ok = engine.walk_next(&w); }
    for (int n = 0; ok; ok = engine.walk_next(&w)) {
        if (n > 0 && stack_is_mechanism(w.at.method)) { continue; }
        if (n++ == depth) { return w.at.method->cls; }
    }
    return NULL;
}

struct method *stack_top_method(struct thread *t)
{
    struct stack_walk w;
    return engine.walk_first(&w, t) ? w.at.method : NULL;
}

gref stack_user_loader(struct thread *t)
{
    struct stack_walk w;
    for (bool ok = engine.walk_first(&w, t); ok; ok = engine.walk_next(&w)) {
        struct class *c =
            w.at.method->cls; /* accessors that reflection generates have a loader each */
        struct loader *l = c->loader;
        if (l && l->object && !class_is_subclass(c, KC(MagicAccessorImpl)) &&
            strcmp(class_of(l->object)->name->text,
                   "jdk/internal/loader/ClassLoaders$PlatformClassLoader") != 0) {
            return l->object;
        }
    }
    return 0;
}

/* ---- thread dumps ---- */

static const char *state_text(int32_t status)
{
    switch (status) {
    case 0: return "NEW";
    case 5: return "RUNNABLE";
    case 225: return "TIMED_WAITING (sleeping)";
    case 401: return "WAITING (on object monitor)";
    case 417: return "TIMED_WAITING (on object monitor)";
    case 657: return "WAITING (parking)";
    case 673: return "TIMED_WAITING (parking)";
    case 1025: return "BLOCKED (on object monitor)";
    case 2: return "TERMINATED";
    default: return "UNKNOWN";
    }
}

static char *java_name(struct thread *of)
{
    gref name = of->object ? obj_get_ref(of->object, OFF(Thread_name)) : 0;
    return name ? string_to_utf8(name, NULL) : strdup(of->name);
}

static const char *wait_text(int32_t status)
{
    switch (status) {
    case 225: return "waiting on condition ";
    case 401:
    case 417: return "in Object.wait() ";
    case 657:
    case 673: return "waiting on condition ";
    case 1025: return "waiting for monitor entry ";
    default: return "runnable ";
    }
}

static void dump_one(struct thread *of, void *arg)
{
    FILE *f = arg;
    if (!of->object) { return; }
    char *name = java_name(of);
    int32_t status = obj_get_int(of->object, OFF(Thread_threadStatus));
    fprintf(
        f,
        "\"%s\" #%lld %sprio=%d os_prio=0 tid=%p nid=0x%x %s[%p]\n   java.lang.Thread.State: %s\n",
        name ? name : "?", (long long)obj_get_long(of->object, OFF(Thread_tid)),
        of->daemon ? "daemon " : "", obj_get_int(of->object, OFF(Thread_priority)), (void *)of,
        (unsigned)of->host_tid, wait_text(status), (void *)of->native_sp, state_text(status));
    free(name);
    struct stack_walk w;
    bool first = true;
    for (bool ok = engine.walk_first(&w, of); ok; ok = engine.walk_next(&w)) {
        stack_print_frame(f, w.at.method, w.at.bci);
        fputc('\n', f);
        if (first && of->blocked_on) {
            char cls[512];
            fprintf(f, "\t- waiting %s <0x%08x> (a %s)\n", status == 1025 ? "to lock" : "on",
                    of->blocked_on,
                    class_external_name(class_of(of->blocked_on), cls, sizeof(cls)));
        }
        gref blocker = first ? obj_get_ref(of->object, OFF(Thread_parkBlocker)) : 0;
        if (blocker && (status == 657 || status == 673)) {
            char cls[512];
            fprintf(f, "\t- parking to wait for  <0x%08x> (a %s)\n", blocker,
                    class_external_name(class_of(blocker), cls, sizeof(cls)));
        }
        if (w.at.receiver_lock && w.at.receiver_lock != of->blocked_on) {
            char cls[512];
            fprintf(f, "\t- locked <0x%08x> (a %s)\n", w.at.receiver_lock,
                    class_external_name(class_of(w.at.receiver_lock), cls, sizeof(cls)));
        }
        first = false;
    }
    fputc('\n', f);
}

struct deadlocks {
    FILE *f;
    int found;
    struct thread *seen[256];
    int n_seen;
};

/* Owner of the monitor that the thread wants to enter. Object.wait() does not count: somebody may notify. */
struct thread *thread_waits_for(struct thread *of)
{
    bool entering =
        of->object && of->blocked_on && obj_get_int(of->object, OFF(Thread_threadStatus)) == 1025;
    return entering ? monitor_owner(of->blocked_on) : NULL;
}

static void find_deadlock(struct thread *of, void *arg)
{
    struct deadlocks *d = arg;
    for (int i = 0; i < d->n_seen; i++) {
        if (d->seen[i] == of) { return; }
    }
    /* A thread is in a cycle when following the owners leads back to it. */
    struct thread *p = of;
    for (int steps = 0; steps < 256; steps++) {
        p = thread_waits_for(p);
        if (!p) { return; }
        if (p == of) { break; }
    }
    if (p != of) { return; }
    d->found++;
    fprintf(d->f, "\nFound one Java-level deadlock:\n=============================\n");
    do {
        struct thread *owner = thread_waits_for(p);
        char *name = java_name(p), *owner_name = java_name(owner);
        char cls[512];
        fprintf(d->f,
                "\"%s\":\n  waiting to lock monitor %p (object 0x%08x, a %s),\n  which is held by "
                "\"%s\"\n",
                name ? name : "?", (void *)p, p->blocked_on,
                class_external_name(class_of(p->blocked_on), cls, sizeof(cls)),
                owner_name ? owner_name : "?");
        free(name);
        free(owner_name);
        if (d->n_seen < (int)ARRAY_COUNT(d->seen)) { d->seen[d->n_seen++] = p; }
        p = owner;
    } while (p != of);
    fprintf(d->f, "\nJava stack information for the threads listed above:\n"
                  "===================================================\n");
    do {
        char *name = java_name(p);
        fprintf(d->f, "\"%s\":\n", name ? name : "?");
        free(name);
        struct stack_walk w;
        for (bool ok = engine.walk_first(&w, p); ok; ok = engine.walk_next(&w)) {
            stack_print_frame(d->f, w.at.method, w.at.bci);
            fputc('\n', d->f);
        }
        p = thread_waits_for(p);
    } while (p && p != of);
}

void threads_dump(FILE *f)
{
    struct thread *t = thread_current();
    time_t now = time(NULL);
    struct tm tm;
    char date[64] = "";
    if (localtime_r(&now, &tm)) { strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm); }
    const char *name = vm_property_get("java.vm.name"),
               *version = vm_property_get("java.vm.version");
    const char *info = vm_property_get("java.vm.info");
    fprintf(f, "%s\nFull thread dump %s (%s %s):\n\n", date, name ? name : "moka",
            version ? version : "", info ? info : "");
    struct deadlocks *d = calloc(1, sizeof(*d));
    world_stop(t);
    threads_for_each(dump_one, f);
    if (d) {
        d->f = f;
        threads_for_each(find_deadlock, d);
    }
    world_resume(t);
    if (d && d->found) {
        fprintf(f, "\nFound %d deadlock%s.\n\n", d->found, d->found == 1 ? "" : "s");
    }
    free(d);
    fflush(f);
}

/* ---- Thread.dumpThreads ---- */

gref threads_stack_elements(struct thread *t, gref threads)
{
    int n = array_length(threads);
    struct class *row = class_array_of(t, KC(StackTraceElement));
    struct class *table = row ? class_array_of(t, row) : NULL;
    gref result = table ? class_new_array(t, table, n) : 0;
    if (!result) { return 0; }
    uint64_t **frames = calloc((size_t)n + 1, sizeof(*frames));
    int *counts = calloc((size_t)n + 1, sizeof(*counts));
    if (!frames || !counts) {
        free(frames);
        free(counts);
        throw_oom(t, "dumpThreads");
        return 0;
    }
    world_stop(t);
    for (int i = 0; i < n; i++) {
        gref o = array_get_ref(threads, i);
        struct thread *of = o ? thread_of(o) : NULL;
        counts[i] = -1;
        if (of && !of->vm_internal) {
            frames[i] = stack_collect(of, stacktrace_options.max_depth, true, &counts[i]);
        }
    }
    world_resume(t);
    for (int i = 0; i < n; i++) {
        if (frames[i] && !t->exception) {
            gref a = stack_elements(t, frames[i], counts[i]);
            array_set_ref(result, i, a);
        }
        free(frames[i]);
    }
    free(frames);
    free(counts);
    return t->exception ? 0 : result;
}
