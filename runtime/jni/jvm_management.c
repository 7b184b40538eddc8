/*
 * jvm_management.c - JVM_GetManagement: what java.lang.management and com.sun.management know about the VM.
 *
 * Memory is told as two pools: "Heap" (the guest heap, with the collector "MarkSweep") and "Metaspace" (VM metadata).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/jni/jmm.h"
#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/properties.h"
#include "runtime/jni/stacktrace.h"
#include "runtime/jni/system.h"
#include "runtime/jni/threadinfo.h"
#include "runtime/threads/monitor.h"

static jobject pools[2], managers[2]; /* global references, made at first use */
enum { POOL_HEAP, POOL_METASPACE };
static const char *const pool_names[] = {"Heap", "Metaspace"};
static const char *const manager_names[] = {"MarkSweep", "Metaspace Manager"};
static uint64_t peak_used[2];
static bool cpu_time = true, allocated_memory = true;
static int64_t started_ms;

__attribute__((constructor)) static void note_start(void) { started_ms = system_current_millis(); }

/* ---- small helpers ---- */

static gref call_static(struct thread *t, struct class *c, const char *name, const char *desc,
                        slot_t *args)
{
    struct method *m = c ? class_method_named(c, name, desc) : NULL;
    return m ? engine.call(t, m, args).r : 0;
}

static gref object_array(struct thread *t, const char *element, int n)
{
    struct class *c = class_ready_boot(t, element);
    struct class *ac = c ? class_array_of(t, c) : NULL;
    return ac ? class_new_array(t, ac, n) : 0;
}

static gref string_array(struct thread *t, const char *const *text, int n)
{
    struct class *ac = class_array_of(t, KC(String));
    gref a = ac ? class_new_array(t, ac, n) : 0;
    for (int i = 0; a && i < n; i++) {
        gref s = string_from_c(t, text[i]);
        if (!s) { return 0; }
        array_set_ref(a, i, s);
    }
    return a;
}

/* ---- memory ---- */

struct usage {
    int64_t init, used, committed, max;
};

static struct usage usage_of(int pool)
{
    struct usage u = {0, 0, 0, -1};
    if (pool == POOL_HEAP) {
        u.committed = (int64_t)heap_total();
        u.used = u.committed - (int64_t)heap_free_bytes();
        u.max = (int64_t)heap_max();
    } else {
        u.used = u.committed = (int64_t)meta_used();
    }
    if ((uint64_t)u.used > peak_used[pool]) { peak_used[pool] = (uint64_t)u.used; }
    return u;
}

static gref new_usage(struct thread *t, struct usage u)
{
    struct class *c = class_ready_boot(t, "java/lang/management/MemoryUsage");
    struct method *init = c ? class_method_named(c, "<init>", "(JJJJ)V") : NULL;
    gref o = init ? class_new_object(t, c) : 0;
    if (o) {
        slot_t args[9] = {{.raw = o}, {.j = u.init}, {0}, {.j = u.used}, {0}, {.j = u.committed},
                          {0},        {.j = u.max},  {0}};
        engine.call(t, init, args);
    }
    return t->exception ? 0 : o;
}

/* Makes the bean of a pool or manager once. */
static gref pool_bean(struct thread *t, int i)
{
    if (!pools[i]) {
        gref name = string_from_c(t, pool_names[i]);
        slot_t args[6] = {{.raw = name}, {.j = i == POOL_HEAP},          {.j = -1},
                          {0},           {.j = i == POOL_HEAP ? 0 : -1}, {0}};
        gref o = name
                     ? call_static(t, class_ready_boot(t, "sun/management/ManagementFactoryHelper"),
                                   "createMemoryPool",
                                   "(Ljava/lang/String;ZJJ)Ljava/lang/management/MemoryPoolMXBean;",
                                   args)
                     : 0;
        pools[i] = t->exception ? NULL : handle_new_global(o);
    }
    return handle_resolve(pools[i]);
}

static gref manager_bean(struct thread *t, int i)
{
    if (!managers[i]) {
        gref name = string_from_c(t, manager_names[i]);
        slot_t args[2] = {{.raw = name}, {0}};
        gref o = 0;
        if (name && i == POOL_HEAP) {
            /* the extended bean is in jdk.management, which may not be there */
            struct class *ext =
                class_ready_boot(t, "com/sun/management/internal/GarbageCollectorExtImpl");
            t->exception = 0;
            struct class *c =
                ext ? ext : class_ready_boot(t, "sun/management/ManagementFactoryHelper");
            o = call_static(t, c, "createGarbageCollector",
                            "(Ljava/lang/String;Ljava/lang/String;)Ljava/lang/management/"
                            "GarbageCollectorMXBean;",
                            args);
        } else if (name) {
            o = call_static(t, class_ready_boot(t, "sun/management/ManagementFactoryHelper"),
                            "createMemoryManager",
                            "(Ljava/lang/String;)Ljava/lang/management/MemoryManagerMXBean;", args);
        }
        managers[i] = t->exception ? NULL : handle_new_global(o);
    }
    return handle_resolve(managers[i]);
}

static int index_of(struct thread *t, gref bean, gref (*get)(struct thread *, int))
{
    for (int i = 0; i < 2; i++) {
        if (get(t, i) == bean) { return i; }
    }
    return -1;
}

static jobjectArray beans(struct thread *t, const char *type, int only,
                          gref (*get)(struct thread *, int))
{
    gref a = object_array(t, type, only < 0 ? 2 : 1);
    for (int i = 0; a && i < 2; i++) {
        if (only < 0 || only == i) {
            gref o = get(t, i);
            if (!o) { return NULL; }
            array_set_ref(a, only < 0 ? i : 0, o);
        }
    }
    return local(t, a);
}

static jobjectArray JNICALL GetMemoryPools(JNIEnv *env, jobject manager)
{
    ENTER(env);
    return beans(t, "java/lang/management/MemoryPoolMXBean",
                 manager ? index_of(t, deref(manager), manager_bean) : -1, pool_bean);
}

static jobjectArray JNICALL GetMemoryManagers(JNIEnv *env, jobject pool)
{
    ENTER(env);
    return beans(t, "java/lang/management/MemoryManagerMXBean",
                 pool ? index_of(t, deref(pool), pool_bean) : -1, manager_bean);
}

static jobject JNICALL GetMemoryPoolUsage(JNIEnv *env, jobject pool)
{
    ENTER(env);
    int i = index_of(t, deref(pool), pool_bean);
    return i < 0 ? NULL : local(t, new_usage(t, usage_of(i)));
}

static jobject JNICALL GetPeakMemoryPoolUsage(JNIEnv *env, jobject pool)
{
    ENTER(env);
    int i = index_of(t, deref(pool), pool_bean);
    if (i < 0) { return NULL; }
    struct usage u = usage_of(i);
    u.used = (int64_t)peak_used[i];
    u.committed = u.committed < u.used ? u.used : u.committed;
    return local(t, new_usage(t, u));
}

static jobject JNICALL GetPoolCollectionUsage(JNIEnv *env, jobject pool)
{
    ENTER(env);
    if (index_of(t, deref(pool), pool_bean) != POOL_HEAP) { return NULL; }
    struct usage u = usage_of(POOL_HEAP);
    u.used = (int64_t)heap_get_stats().live_after;
    return local(t, new_usage(t, u));
}

static jobject JNICALL GetMemoryUsage(JNIEnv *env, jboolean heap)
{
    ENTER(env);
    return local(t, new_usage(t, usage_of(heap ? POOL_HEAP : POOL_METASPACE)));
}

static void JNICALL SetPoolSensor(JNIEnv *env UNUSED, jobject pool UNUSED, int type UNUSED,
                                  jobject sensor UNUSED)
{
    /* no low-memory detection: usage thresholds are reported as unsupported */
}

static jlong JNICALL SetPoolThreshold(JNIEnv *env UNUSED, jobject pool UNUSED, int type UNUSED,
                                      jlong threshold UNUSED)
{
    return -1;
}

static jint JNICALL GetGCExtAttributeInfo(JNIEnv *env UNUSED, jobject manager UNUSED,
                                          jmm_ext_attribute_info *info, jint count)
{
    if (count < 1) { return 0; }
    *info = (jmm_ext_attribute_info){"GcThreadCount", 'I', "Number of GC threads"};
    return 1;
}

static void JNICALL GetLastGCStat(JNIEnv *env, jobject manager UNUSED, jmm_gc_stat *stat)
{
    ENTER(env);
    struct heap_stats s = heap_get_stats();
    stat->gc_index = (jlong)s.collections;
    if (!s.collections) { return; /* index 0: none yet */ }
    jlong now = system_current_millis() - started_ms;
    stat->start_time = stat->end_time = now - heap_millis_since_gc();
    struct usage before = usage_of(POOL_HEAP), after = before;
    after.used = (int64_t)s.live_after;
    for (int i = 0; i < 2; i++) {
        gref to = deref(i ? stat->usage_after_gc : stat->usage_before_gc);
        for (int k = 0; to && k < array_length(to) && k < 2; k++) {
            array_set_ref(
                to, k,
                new_usage(t, k == POOL_HEAP ? (i ? after : before) : usage_of(POOL_METASPACE)));
        }
    }
    if (stat->gc_ext_attribute_values_size > 0 && stat->gc_ext_attribute_values) {
        stat->gc_ext_attribute_values[0].i = 1;
    }
}

static jint JNICALL DumpHeap0(JNIEnv *env, jstring file UNUSED, jboolean live UNUSED)
{
    ENTER(env);
    unsupported(t, "heap dumps");
    return -1;
}

static void JNICALL SetGCNotificationEnabled(JNIEnv *env UNUSED, jobject manager UNUSED,
                                             jboolean enabled UNUSED)
{
}

/* ---- numbers ---- */

struct class_counts {
    int64_t loaded, initialized, bytes;
};

static void count_class(struct class *c, void *arg)
{
    struct class_counts *n = arg;
    n->loaded++;
    n->initialized += c->state == CLASS_INITIALIZED;
    n->bytes += c->bytes_length;
}

static int64_t long_attribute(struct thread *t, int att)
{
    struct heap_stats s = heap_get_stats();
    struct class_counts n = {0};
    switch (att) {
    case JMM_CLASS_LOADED_COUNT:
    case JMM_CLASS_LOADED_BYTES:
    case JMM_CLASS_INIT_TOTAL_COUNT:
        classes_for_each(count_class, &n);
        return att == JMM_CLASS_LOADED_COUNT   ? n.loaded
               : att == JMM_CLASS_LOADED_BYTES ? n.bytes
                                               : n.initialized;
    case JMM_CLASS_UNLOADED_COUNT:
    case JMM_CLASS_UNLOADED_BYTES:
    case JMM_SHARED_CLASS_LOADED_COUNT: return 0;
    case JMM_THREAD_TOTAL_COUNT: return (int64_t)threads_started();
    case JMM_THREAD_LIVE_COUNT: return threads_count(false);
    case JMM_THREAD_PEAK_COUNT: return threads_peak();
    case JMM_THREAD_DAEMON_COUNT: return threads_count(true);
    case JMM_JVM_INIT_DONE_TIME_MS: return started_ms;
    case JMM_JVM_UPTIME_MS: return system_current_millis() - started_ms;
    case JMM_GC_TIME_MS: return (int64_t)(s.pause_ns / 1000000);
    case JMM_GC_COUNT: return (int64_t)s.collections;
    case JMM_TOTAL_STOPPED_TIME_MS: return (int64_t)(s.pause_ns / 1000000);
    case JMM_TOTAL_APP_TIME_MS:
        return system_current_millis() - started_ms - (int64_t)(s.pause_ns / 1000000);
    case JMM_SAFEPOINT_COUNT: return (int64_t)s.collections;
    case JMM_OS_PROCESS_ID: return getpid();
    case JMM_OS_MEM_TOTAL_PHYSICAL_BYTES:
        return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    case JMM_GC_EXT_ATTRIBUTE_INFO_SIZE: return 1;
    case JMM_VM_GLOBAL_COUNT: return 11; /* flags[] below */
    case JMM_VM_THREAD_COUNT: return 1;
    case JMM_COMPILE_TOTAL_TIME_MS:
    case JMM_TOTAL_CLASSLOAD_TIME_MS:
    case JMM_TOTAL_SAFEPOINTSYNC_TIME_MS:
    case JMM_CLASS_INIT_TOTAL_TIME_MS:
    case JMM_METHOD_DATA_SIZE_BYTES:
    case JMM_CLASS_VERIFY_TOTAL_TIME_MS: return 0;
    default: (void)t; return -1;
    }
}

static jlong JNICALL GetLongAttribute(JNIEnv *env, jobject obj, int att)
{
    ENTER(env);
    if (obj && (att == JMM_GC_TIME_MS || att == JMM_GC_COUNT) &&
        index_of(t, deref(obj), manager_bean) != POOL_HEAP) {
        return 0;
    }
    return long_attribute(t, att);
}

static jint JNICALL GetLongAttributes(JNIEnv *env, jobject obj UNUSED, int *atts, jint count,
                                      jlong *result)
{
    ENTER(env);
    jint n = 0;
    for (jint i = 0; i < count; i++) {
        result[i] = long_attribute(t, atts[i]);
        n += result[i] != -1;
    }
    return n;
}

static jint JNICALL GetVersion(JNIEnv *env UNUSED) { return JMM_VERSION_3; }

static jint JNICALL GetOptionalSupport(JNIEnv *env UNUSED, jmm_optional_support *s)
{
    if (!s) { return -1; }
    memset(s, 0, sizeof(*s));
    s->compilation_time_monitoring = 1;
    s->thread_contention_monitoring = 1;
    s->current_thread_cpu_time = 1;
    s->other_thread_cpu_time = 1;
    s->object_monitor_usage = 1;
    s->synchronizer_usage = 1;
    s->thread_allocated_memory = 1;
    s->remote_diagnostic_commands = 1;
    return 0;
}

static jboolean JNICALL GetBoolAttribute(JNIEnv *env UNUSED, int att)
{
    switch (att) {
    case JMM_VERBOSE_GC: return heap_verbose();
    case JMM_VERBOSE_CLASS: return boot_path.verbose_class && boot_path.verbose_class_family;
    case JMM_THREAD_CONTENTION_MONITORING: return thread_time_pauses;
    case JMM_THREAD_CPU_TIME: return cpu_time;
    case JMM_THREAD_ALLOCATED_MEMORY: return allocated_memory;
    default: return JNI_FALSE;
    }
}

static jboolean JNICALL SetBoolAttribute(JNIEnv *env, int att, jboolean flag)
{
    jboolean old = GetBoolAttribute(env, att);
    switch (att) {
    case JMM_VERBOSE_GC: heap_set_verbose(flag); break;
    case JMM_VERBOSE_CLASS: boot_path.verbose_class = boot_path.verbose_class_family = flag; break;
    case JMM_THREAD_CONTENTION_MONITORING: thread_time_pauses = flag; break;
    case JMM_THREAD_CPU_TIME: cpu_time = flag; break;
    case JMM_THREAD_ALLOCATED_MEMORY: allocated_memory = flag; break;
    default: break;
    }
    return old;
}

struct reset {
    int64_t tid; /* 0: all threads */
    bool counts, times;
};

static void reset_pauses(struct thread *of, void *arg)
{
    const struct reset *r = arg;
    if (!of->object || (r->tid && obj_get_long(of->object, OFF(Thread_tid)) != r->tid)) { return; }
    if (r->counts) { memset(of->pauses.count, 0, sizeof of->pauses.count); }
    if (r->times) { memset(of->pauses.nanos, 0, sizeof of->pauses.nanos); }
}

static jboolean JNICALL ResetStatistic(JNIEnv *env, jvalue obj, int type)
{
    ENTER(env);
    switch (type) {
    case JMM_STAT_PEAK_THREAD_COUNT: threads_reset_peak(); return JNI_TRUE;
    case JMM_STAT_PEAK_POOL_USAGE: {
        int i = obj.l ? index_of(t, deref(obj.l), pool_bean) : -1;
        if (i >= 0) { peak_used[i] = 0; }
        return JNI_TRUE;
    }
    case JMM_STAT_THREAD_CONTENTION_COUNT:
    case JMM_STAT_THREAD_CONTENTION_TIME:
    case JMM_STAT_THREAD_CONTENTION_STAT: {
        struct reset r = {obj.j, type != JMM_STAT_THREAD_CONTENTION_TIME,
                          type != JMM_STAT_THREAD_CONTENTION_COUNT};
        threads_lock(t);
        threads_for_each(reset_pauses, &r);
        threads_unlock();
        return JNI_TRUE;
    }
    default: return JNI_FALSE;
    }
}

/* ---- threads ---- */

enum { MAX_IDS = 4096 };

static jint JNICALL GetThreadInfo(JNIEnv *env, jlongArray ids, jint max_depth, jobjectArray result)
{
    ENTER(env);
    gref a = deref(ids), r = deref(result);
    if (!a || !r) {
        throw_npe(t);
        return -1;
    }
    int n = array_length(a) < array_length(r) ? array_length(a) : array_length(r);
    int64_t copy[MAX_IDS];
    n = n < MAX_IDS ? n : MAX_IDS;
    memcpy(copy, array_data(a), (size_t)n * sizeof(*copy));
    thread_infos(t, copy, n, &(struct thread_info_options){.max_depth = max_depth}, r);
    return 0;
}

struct id_list {
    int64_t v[MAX_IDS];
    int n;
};

static void note_id(struct thread *of, void *arg)
{
    struct id_list *l = arg;
    if (of->object && !of->vm_internal && !of->exiting && l->n < MAX_IDS) {
        l->v[l->n++] = obj_get_long(of->object, OFF(Thread_tid));
    }
}

static jobjectArray JNICALL DumpThreads(JNIEnv *env, jlongArray ids, jboolean monitors,
                                        jboolean synchronizers, jint max_depth)
{
    ENTER(env);
    struct id_list l;
    l.n = 0;
    gref a = deref(ids);
    if (a) {
        l.n = array_length(a) < MAX_IDS ? array_length(a) : MAX_IDS;
        memcpy(l.v, array_data(a), (size_t)l.n * sizeof(*l.v));
    } else {
        threads_lock(t);
        threads_for_each(note_id, &l);
        threads_unlock();
    }
    gref result = object_array(t, "java/lang/management/ThreadInfo", l.n);
    if (result) {
        struct thread_info_options with = {.max_depth = max_depth == INT32_MAX ? -1 : max_depth,
                                           .monitors = monitors,
                                           .synchronizers = synchronizers};
        thread_infos(t, l.v, l.n, &with, result);
    }
    return t->exception ? NULL : local(t, result);
}

static jobjectArray JNICALL FindDeadlocks(JNIEnv *env, jboolean monitors_only)
{
    ENTER(env);
    return local(t, threads_deadlocked(t, monitors_only));
}

static jobjectArray JNICALL FindCircularBlockedThreads(JNIEnv *env)
{
    return FindDeadlocks(env, JNI_TRUE);
}

/* CPU time in ns; user time only when !with_system. */
static int64_t cpu_time_of(struct thread *of, bool with_system)
{
    if (with_system) {
        clockid_t clock;
        struct timespec ts;
        if (pthread_getcpuclockid(of->host, &clock) != 0 || clock_gettime(clock, &ts) != 0) {
            return -1;
        }
        return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
    }
    char path[64], line[1024];
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", of->host_tid);
    FILE *f = fopen(path, "r");
    if (!f) { return -1; }
    unsigned long long user = 0;
    char *p = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
    bool ok = p && sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu", &user) == 1;
    fclose(f);
    return ok ? (int64_t)(user * (1000000000ull / (unsigned long long)sysconf(_SC_CLK_TCK))) : -1;
}

static int64_t thread_cpu_time(struct thread *t, int64_t id, bool with_system)
{
    if (id == 0) { return cpu_time_of(t, with_system); }
    threads_lock(t);
    struct thread *of = thread_by_id(id);
    int64_t ns = of ? cpu_time_of(of, with_system) : -1;
    threads_unlock();
    return ns;
}

static jlong JNICALL GetThreadCpuTimeWithKind(JNIEnv *env, jlong thread_id, jboolean user_sys)
{
    ENTER(env);
    return thread_cpu_time(t, thread_id, user_sys);
}

static jlong JNICALL GetThreadCpuTime(JNIEnv *env, jlong thread_id)
{
    return GetThreadCpuTimeWithKind(env, thread_id, JNI_TRUE);
}

static void JNICALL GetThreadCpuTimesWithKind(JNIEnv *env, jlongArray ids, jlongArray times,
                                              jboolean user_sys)
{
    ENTER(env);
    gref a = deref(ids), r = deref(times);
    for (int i = 0; a && r && i < array_length(a) && i < array_length(r); i++) {
        array_set_long(r, i, thread_cpu_time(t, array_get_long(a, i), user_sys));
    }
}

static int64_t allocated_by(struct thread *t, int64_t id)
{
    if (id == 0) { return (int64_t)t->tlab.allocated; }
    threads_lock(t);
    struct thread *of = thread_by_id(id);
    int64_t n = of ? (int64_t)of->tlab.allocated : -1;
    threads_unlock();
    return n;
}

static jlong JNICALL GetOneThreadAllocatedMemory(JNIEnv *env, jlong thread_id)
{
    ENTER(env);
    return allocated_by(t, thread_id);
}

static void JNICALL GetThreadAllocatedMemory(JNIEnv *env, jlongArray ids, jlongArray sizes)
{
    ENTER(env);
    gref a = deref(ids), r = deref(sizes);
    for (int i = 0; a && r && i < array_length(a) && i < array_length(r); i++) {
        array_set_long(r, i, allocated_by(t, array_get_long(a, i)));
    }
}

static jlong JNICALL GetTotalThreadAllocatedMemory(JNIEnv *env)
{
    ENTER(env);
    return (jlong)heap_get_stats().allocated;
}

static jint JNICALL GetInternalThreadTimes(JNIEnv *env, jobjectArray names, jlongArray times)
{
    ENTER(env);
    gref n = deref(names), v = deref(times);
    if (!n || !v || array_length(n) < 1 || array_length(v) < 1) { return 0; }
    array_set_ref(n, 0, string_from_c(t, "VM Thread"));
    array_set_long(v, 0, 0);
    return 1;
}

/* ---- -XX flags: the few that programs ask for ---- */

static const struct {
    const char *name;
    int type;
    const char *fallback;
    bool manageable;
} flags[] = {
    {"MaxHeapSize", JMM_VMGLOBAL_TYPE_JLONG, NULL, false},
    {"InitialHeapSize", JMM_VMGLOBAL_TYPE_JLONG, "0", false},
    {"MaxJavaStackTraceDepth", JMM_VMGLOBAL_TYPE_JLONG, "1024", false},
    {"ThreadStackSize", JMM_VMGLOBAL_TYPE_JLONG, "1024", false},
    {"UseCompressedOops", JMM_VMGLOBAL_TYPE_JBOOLEAN, "true", false},
    {"UseCompressedClassPointers", JMM_VMGLOBAL_TYPE_JBOOLEAN, "true", false},
    {"ObjectAlignmentInBytes", JMM_VMGLOBAL_TYPE_JLONG, "16", false},
    {"ShowHiddenFrames", JMM_VMGLOBAL_TYPE_JBOOLEAN, "false", false},
    {"DisableExplicitGC", JMM_VMGLOBAL_TYPE_JBOOLEAN, "false", false},
    {"HeapDumpOnOutOfMemoryError", JMM_VMGLOBAL_TYPE_JBOOLEAN, "false", true},
    {"HeapDumpPath", JMM_VMGLOBAL_TYPE_JSTRING, "", true},
};

static bool fill_flag(struct thread *t, const char *name, jmm_vm_global *out)
{
    for (size_t i = 0; i < ARRAY_COUNT(flags); i++) {
        if (strcmp(flags[i].name, name) != 0) { continue; }
        const char *given = engine.option_value ? engine.option_value(name) : NULL;
        const char *v = given ? given : flags[i].fallback;
        memset(out, 0, sizeof(*out));
        out->name = local(t, string_from_c(t, name));
        out->type = flags[i].type;
        out->origin = given ? JMM_VMGLOBAL_ORIGIN_COMMAND_LINE : JMM_VMGLOBAL_ORIGIN_DEFAULT;
        out->writeable = flags[i].manageable;
        switch (out->type) {
        case JMM_VMGLOBAL_TYPE_JBOOLEAN: out->value.z = v && strcmp(v, "true") == 0; break;
        case JMM_VMGLOBAL_TYPE_JLONG: out->value.j = v ? atoll(v) : (jlong)heap_max(); break;
        default: out->value.l = local(t, string_from_c(t, v ? v : "")); break;
        }
        return true;
    }
    return false;
}

static jobjectArray JNICALL GetVMGlobalNames(JNIEnv *env)
{
    ENTER(env);
    const char *v[ARRAY_COUNT(flags)];
    for (size_t i = 0; i < ARRAY_COUNT(flags); i++) { v[i] = flags[i].name; }
    return local(t, string_array(t, v, (int)ARRAY_COUNT(flags)));
}

static jint JNICALL GetVMGlobals(JNIEnv *env, jobjectArray names, jmm_vm_global *globals,
                                 jint count)
{
    ENTER(env);
    gref a = deref(names);
    jint n = 0;
    for (jint i = 0; i < count; i++) {
        if (!a) {
            n += i < (jint)ARRAY_COUNT(flags) && fill_flag(t, flags[i].name, &globals[n]);
            continue;
        }
        gref s = i < array_length(a) ? array_get_ref(a, i) : 0;
        char *name = s ? string_to_utf8(s, NULL) : NULL;
        if (name && fill_flag(t, name, &globals[i])) {
            n++;
        } else {
            memset(&globals[i], 0, sizeof(globals[i])); /* name NULL: unknown */
        }
        free(name);
    }
    return n;
}

static void JNICALL SetVMGlobal(JNIEnv *env, jstring flag, jvalue value UNUSED)
{
    ENTER(env);
    char *name = string_to_utf8(deref(flag), NULL);
    throw_new(t, "java/lang/IllegalArgumentException", "VM Option \"%s\" is not writeable",
              name ? name : "");
    free(name);
}

/* ---- diagnostic commands ---- */

static void print_property(const char *key, const char *value, void *arg)
{
    fprintf(arg, "%s=%s\n", key, value);
}

static void command_version(FILE *f)
{
    const char *name = vm_property_get("java.vm.name"),
               *version = vm_property_get("java.vm.version");
    fprintf(f, "%s version %s\nJDK %s\n", name ? name : "moka", version ? version : "",
            vm_property_get("java.version") ? vm_property_get("java.version") : "17");
}

static void command_line(FILE *f)
{
    char *const *args;
    int n = vm_arguments(&args);
    fputs("VM Arguments:\njvm_args:", f);
    for (int i = 0; i < n; i++) { fprintf(f, " %s", args[i]); }
    const char *command = vm_property_get("sun.java.command");
    fprintf(f, "\njava_command: %s\nLauncher Type: SUN_STANDARD\n",
            command ? command : "<unknown>");
}

static void command_flags(FILE *f)
{
    for (size_t i = 0; i < ARRAY_COUNT(flags); i++) {
        const char *v = engine.option_value ? engine.option_value(flags[i].name) : NULL;
        v = v ? v : flags[i].fallback;
        if (v && *v) { fprintf(f, "-XX:%s=%s ", flags[i].name, v); }
    }
    fputc('\n', f);
}

static void command_properties(FILE *f) { vm_properties_for_each(print_property, f); }

static void command_uptime(FILE *f)
{
    fprintf(f, "%.3f s\n", (double)(system_current_millis() - started_ms) / 1000);
}

static void command_gc(FILE *f)
{
    heap_collect(HEAP_CAUSE_DIAGNOSTIC);
    fputs("Command executed successfully\n", f);
}

static void command_heap_info(FILE *f) { heap_print_stats(f); }

static void command_help(FILE *f);

static const struct command {
    const char *name, *description, *impact;
    void (*run)(FILE *f);
} commands[] = {
    {"GC.heap_info", "Provide generic Java heap information.", "Medium", command_heap_info},
    {"GC.run", "Call java.lang.System.gc().", "Medium: Depends on Java heap size and content.",
     command_gc},
    {"Thread.print", "Print all threads with stacktraces.",
     "Medium: Depends on the number of threads.", threads_dump},
    {"VM.command_line", "Print the command line used to start this VM instance.", "Low",
     command_line},
    {"VM.flags", "Print VM flag options and their current values.", "Low", command_flags},
    {"VM.system_properties", "Print system properties.", "Low", command_properties},
    {"VM.uptime", "Print VM uptime.", "Low", command_uptime},
    {"VM.version", "Print JVM version information.", "Low", command_version},
    {"help", "For more information about a specific command use 'help <command>'.", "Low",
     command_help},
};

static void command_help(FILE *f)
{
    fputs("The following commands are available:\n", f);
    for (size_t i = 0; i < ARRAY_COUNT(commands); i++) { fprintf(f, "%s\n", commands[i].name); }
}

static const struct command *find_command(const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
        if (strlen(commands[i].name) == n && strncmp(commands[i].name, name, n) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static jobjectArray JNICALL GetDiagnosticCommands(JNIEnv *env)
{
    ENTER(env);
    const char *v[ARRAY_COUNT(commands)];
    for (size_t i = 0; i < ARRAY_COUNT(commands); i++) { v[i] = commands[i].name; }
    return local(t, string_array(t, v, (int)ARRAY_COUNT(commands)));
}

static void JNICALL GetDiagnosticCommandInfo(JNIEnv *env, jobjectArray cmds, dcmd_info *infos)
{
    ENTER(env);
    gref a = deref(cmds);
    for (int i = 0; a && i < array_length(a); i++) {
        gref s = array_get_ref(a, i);
        char *name = s ? string_to_utf8(s, NULL) : NULL;
        const struct command *c = name ? find_command(name, strlen(name)) : NULL;
        free(name);
        if (!c) {
            throw_new(t, "java/lang/IllegalArgumentException", "Unknown diagnostic command");
            return;
        }
        infos[i] = (dcmd_info){c->name, c->description, c->impact, NULL, NULL, NULL, 0, JNI_TRUE};
    }
}

static void JNICALL GetDiagnosticCommandArgumentsInfo(JNIEnv *env UNUSED, jstring command UNUSED,
                                                      dcmd_arg_info *infos UNUSED)
{
    /* no command takes arguments */
}

static jstring JNICALL ExecuteDiagnosticCommand(JNIEnv *env, jstring command)
{
    ENTER(env);
    char *line = string_to_utf8(deref(command), NULL);
    const struct command *c = line ? find_command(line, strcspn(line, " \n")) : NULL;
    free(line);
    if (!c) {
        throw_new(t, "java/lang/IllegalArgumentException", "Unknown diagnostic command");
        return NULL;
    }
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f) {
        throw_oom(t, "diagnostic command");
        return NULL;
    }
    c->run(f);
    fclose(f);
    gref s = string_from_platform(t, text ? text : "");
    free(text);
    return local(t, s);
}

static void JNICALL SetDiagnosticFrameworkNotificationEnabled(JNIEnv *env UNUSED,
                                                              jboolean enabled UNUSED)
{
}

static struct jmm_interface management = {
    .GetVersion = GetVersion,
    .GetOptionalSupport = GetOptionalSupport,
    .GetThreadInfo = GetThreadInfo,
    .GetMemoryPools = GetMemoryPools,
    .GetMemoryManagers = GetMemoryManagers,
    .GetMemoryPoolUsage = GetMemoryPoolUsage,
    .GetPeakMemoryPoolUsage = GetPeakMemoryPoolUsage,
    .GetOneThreadAllocatedMemory = GetOneThreadAllocatedMemory,
    .GetThreadAllocatedMemory = GetThreadAllocatedMemory,
    .GetMemoryUsage = GetMemoryUsage,
    .GetLongAttribute = GetLongAttribute,
    .GetBoolAttribute = GetBoolAttribute,
    .SetBoolAttribute = SetBoolAttribute,
    .GetLongAttributes = GetLongAttributes,
    .FindCircularBlockedThreads = FindCircularBlockedThreads,
    .GetThreadCpuTime = GetThreadCpuTime,
    .GetVMGlobalNames = GetVMGlobalNames,
    .GetVMGlobals = GetVMGlobals,
    .GetInternalThreadTimes = GetInternalThreadTimes,
    .ResetStatistic = ResetStatistic,
    .SetPoolSensor = SetPoolSensor,
    .SetPoolThreshold = SetPoolThreshold,
    .GetPoolCollectionUsage = GetPoolCollectionUsage,
    .GetGCExtAttributeInfo = GetGCExtAttributeInfo,
    .GetLastGCStat = GetLastGCStat,
    .GetThreadCpuTimeWithKind = GetThreadCpuTimeWithKind,
    .GetThreadCpuTimesWithKind = GetThreadCpuTimesWithKind,
    .DumpHeap0 = DumpHeap0,
    .FindDeadlocks = FindDeadlocks,
    .SetVMGlobal = SetVMGlobal,
    .GetTotalThreadAllocatedMemory = GetTotalThreadAllocatedMemory,
    .DumpThreads = DumpThreads,
    .SetGCNotificationEnabled = SetGCNotificationEnabled,
    .GetDiagnosticCommands = GetDiagnosticCommands,
    .GetDiagnosticCommandInfo = GetDiagnosticCommandInfo,
    .GetDiagnosticCommandArgumentsInfo = GetDiagnosticCommandArgumentsInfo,
    .ExecuteDiagnosticCommand = ExecuteDiagnosticCommand,
    .SetDiagnosticFrameworkNotificationEnabled = SetDiagnosticFrameworkNotificationEnabled,
};

void *JVM_GetManagement(jint version)
{
    return (version & 0xff000000) == 0x20000000 ? &management : NULL;
}
