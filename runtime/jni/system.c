/* system.c - see system.h. */
#include "runtime/jni/system.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/properties.h"
#include "runtime/jni/stacktrace.h"

/* ---- clocks ---- */

int64_t system_current_millis(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t system_nano_time(void) { return (int64_t)monotonic_ns(); }

int64_t system_nano_adjustment(int64_t offset_seconds)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    int64_t diff = (int64_t)ts.tv_sec - offset_seconds;
    /* -1 says that the offset is too far off for the result to fit */
    if (diff >= 0x100000000ll || diff <= -0x100000000ll) { return -1; }
    return diff * 1000000000 + ts.tv_nsec;
}

/* CPUs that the control group lets us use, 0 = no limit. */
static int cgroup_cpus(void)
{
    static const char *const v1[] = {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
                                     "/sys/fs/cgroup/cpu/cpu.cfs_period_us"};
    long long quota = -1, period = 0;
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (f) {
        if (fscanf(f, "%lld %lld", &quota, &period) != 2) { quota = -1; }
        fclose(f);
    } else {
        for (int i = 0; i < 2; i++) {
            f = fopen(v1[i], "r");
            if (f) {
                if (fscanf(f, "%lld", i ? &period : &quota) != 1) { quota = -1; }
                fclose(f);
            }
        }
    }
    return quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 0;
}

int system_processors(void)
{
    static int limit = -1;
    const char *option = engine.option_value ? engine.option_value("ActiveProcessorCount") : NULL;
    if (option && atoi(option) > 0) { return atoi(option); }
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
                                                         : (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (limit < 0) { limit = cgroup_cpus(); }
    return limit > 0 && limit < n ? limit : n < 1 ? 1 : n;
}

/* ---- text ---- */

gref string_from_platform(struct thread *t, const char *bytes)
{
    size_t n = strlen(bytes);
    uint16_t *out = malloc((n + 1) * sizeof(*out));
    if (!out) {
        throw_oom(t, "string");
        return 0;
    }
    const unsigned char *p = (const unsigned char *)bytes;
    int32_t k = 0;
    while (*p) {
        unsigned extra = *p < 0x80             ? 0
                         : (*p & 0xe0) == 0xc0 ? 1
                         : (*p & 0xf0) == 0xe0 ? 2
                         : (*p & 0xf8) == 0xf0 ? 3
                                               : 4;
        uint32_t c = extra == 0 ? *p : extra < 4 ? *p & (0x3fu >> extra) : 0xfffd;
        unsigned i = 1;
        for (; extra < 4 && i <= extra; i++) {
            if ((p[i] & 0xc0) != 0x80) { break; }
            c = c << 6 | (p[i] & 0x3f);
        }
        if (extra == 4 || i <= extra) {
            out[k++] = 0xfffd;
            p++;
            continue;
        }
        p += i;
        if (c >= 0x10000) {
            out[k++] = (uint16_t)(0xd7c0 + (c >> 10));
            out[k++] = (uint16_t)(0xdc00 | (c & 0x3ff));
        } else {
            out[k++] = (uint16_t)c;
        }
    }
    gref s = string_from_utf16(t, out, k);
    free(out);
    return s;
}

/* ---- properties and arguments ---- */

struct fill_properties {
    struct thread *t;
    gref array;
    int n;
};

static void count_one(const char *key UNUSED, const char *value UNUSED, void *arg)
{
    ++*(int *)arg;
}

static void put_one(const char *key, const char *value, void *arg)
{
    struct fill_properties *p = arg;
    gref k = p->t->exception ? 0 : string_from_platform(p->t, key);
    if (k) {
        array_set_ref(p->array, p->n++, k);
        gref v = string_from_platform(p->t, value);
        array_set_ref(p->array, p->n++, v);
    }
}

gref system_properties(struct thread *t)
{
    int n = 0;
    vm_properties_for_each(count_one, &n);
    struct fill_properties p = {
        .t = t, .array = class_new_array(t, class_array_of(t, KC(String)), 2 * n + 2)};
    if (p.array) { vm_properties_for_each(put_one, &p); }
    return t->exception ? 0 : p.array;
}

gref system_vm_arguments(struct thread *t)
{
    char *const *args;
    int n = vm_arguments(&args);
    gref a = class_new_array(t, class_array_of(t, KC(String)), n);
    for (int i = 0; a && i < n; i++) {
        gref s = string_from_platform(t, args[i]);
        if (!s) { return 0; }
        array_set_ref(a, i, s);
    }
    return a;
}

/* ---- threads ---- */

struct thread_list {
    gref *v;
    int n, max;
};

static void list_one(struct thread *of, void *arg)
{
    struct thread_list *l = arg;
    if (of->object && !of->vm_internal && !of->exiting && l->n < l->max) {
        l->v[l->n++] = of->object;
    }
}

gref threads_all(struct thread *t)
{
    int max = (int)threads_count(false) + 64;
    gref v[max]; /* on the C stack, where the collector finds them */
    memset(v, 0, sizeof(v));
    struct thread_list l = {v, 0, max};
    threads_lock(t);
    threads_for_each(list_one, &l);
    threads_unlock();
    struct class *ac = class_array_of(t, KC(Thread));
    gref a = ac ? class_new_array(t, ac, l.n) : 0;
    for (int i = 0; a && i < l.n; i++) { array_set_ref(a, i, v[i]); }
    return a;
}

void thread_stop(struct thread *t, gref thread, gref exception)
{
    threads_lock(t);
    struct thread *of = thread_of(thread);
    if (of && of != t) {
        of->async_exception = exception;
        vcpu_post(&of->cpu, PENDING_REQUEST);
        thread_interrupt(of); /* out of sleep, wait and park */
    }
    threads_unlock();
    if (of && of == t) { throw_object(t, exception); }
}

void thread_set_native_name(gref thread, gref name)
{
    struct thread *of = thread_of(thread);
    char *s = of && name ? string_to_utf8(name, NULL) : NULL;
    if (s) {
        char shorter[16];
        size_t n = strlen(s);
        if (n >=
            sizeof(
                shorter)) { /* the end says more than the middle: "ForkJoinPo..rker-1" as HotSpot */
            snprintf(shorter, sizeof(shorter), "%.7s..%s", s, s + n - 6);
        } else {
            memcpy(shorter, s, n + 1);
        }
        pthread_setname_np(of->host, shorter);
        free(s);
    }
}

/* Classes of the frames, as SecurityManager.getClassContext wants them: without natives and reflection. */
gref stack_class_context(struct thread *t)
{
    int n;
    uint64_t *frames = stack_collect(t, 0, true, &n);
    int first = n > 0 && (frame_method(frames[0])->flags & ACC_NATIVE) ? 1 : 0;
    int k = 0;
    for (int i = first; frames && i < n; i++) {
        struct method *m = frame_method(frames[i]);
        if (!(m->flags & ACC_NATIVE) && !(m->props & MP_HIDDEN) &&
            !(m->cls == KC(Method) && m->name == SYM(invoke)) &&
            !class_is_subclass(m->cls, KC(MagicAccessorImpl))) {
            frames[k++] = frames[i];
        }
    }
    gref a = frames ? class_new_array(t, class_array_of(t, KC(Class)), k) : 0;
    for (int i = 0; a && i < k; i++) { array_set_ref(a, i, frame_method(frames[i])->cls->mirror); }
    free(frames);
    return a;
}

void unsupported(struct thread *t, const char *what)
{
    throw_new(t, "java/lang/UnsupportedOperationException", "moka has no %s", what);
}

/* ---- java.lang.ref ---- */

bool reference_refers_to(gref ref, gref o)
{
    return __atomic_load_n((gref *)obj_addr(ref, OFF(Reference_referent)), __ATOMIC_ACQUIRE) == o;
}

void reference_clear(gref ref)
{
    __atomic_store_n((gref *)obj_addr(ref, OFF(Reference_referent)), 0, __ATOMIC_RELEASE);
}

gref reference_take_pending(void) { return heap_take_pending_list(); }

void reference_wait_pending(struct thread *t)
{
    thread_enter_native(t);
    heap_wait_pending_list();
    thread_leave_native(t);
}
