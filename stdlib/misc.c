/* misc.c - natives of jdk.internal.*, java.lang.ref and java.security that the VM itself provides. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/jni/objects.h"
#include "runtime/jni/stacktrace.h"
#include "runtime/jni/system.h"
#include "stdlib/stdlib-internal.h"

NATIVE(nothing) { return slot_void(); }

NATIVE_IS(is_false, slot_boolean(false))

/* ---- java.lang.ref ---- */

NATIVE_IS(refers_to, slot_boolean(reference_refers_to(args[0].r, args[1].r)))
NATIVE_IS(get_and_clear_pending_list, slot_ref(reference_take_pending()))
NATIVE_IS(has_pending_list, slot_boolean(heap_has_pending_list()))

NATIVE(clear_reference)
{
    reference_clear(args[0].r);
    return slot_void();
}

NATIVE(wait_for_pending_list)
{
    reference_wait_pending(t);
    return slot_void();
}

/* ---- java.security.AccessController ---- */

NATIVE_IS(get_stack_context, slot_ref(security_stack_context(t)))
NATIVE_IS(get_inherited_context,
          slot_ref(obj_get_ref(t->object, OFF(Thread_inheritedAccessControlContext))))

/* ---- jdk.internal.misc ---- */

NATIVE_IS(vm_nano_time_adjustment, slot_long(system_nano_adjustment(args[0].j)))
NATIVE_IS(vm_latest_user_loader, slot_ref(stack_user_loader(t)))

NATIVE(cds_dump)
{
    unsupported(t, "class data sharing");
    return slot_void();
}

/*
 * ScopedMemoryAccess.closeScope0(scope, exception): a scope may be closed unless a thread is just inside a method that
 * is marked @Scoped and works on it. Such a method is near the top of its stack, and has the scope in a local variable. Of
 * compiled methods the locals are not known: one is asked again a little later, when it has gone on most likely.
 */
#define CLOSE_TRIES 1000 /* milliseconds */

struct scope_search {
    gref scope;
    struct thread *self;
    bool busy, unsure;
};

static void search_scope(struct thread *of, void *arg)
{
    struct scope_search *s = arg;
    struct stack_walk w;
    int depth = 0;
    if (of == s->self || !of->object) { return; }
    for (bool ok = engine.walk_first(&w, of); ok && depth < 10 && !s->busy;
         ok = engine.walk_next(&w), depth++) {
        const struct method *m = w.at.method;
        if (!(m->props & MP_SCOPED)) { continue; }
        if (!w.at.locals) {
            s->unsure = true;
            continue;
        }
        for (unsigned i = 0; i < m->max_locals; i++) { s->busy |= w.at.locals[i].r == s->scope; }
    }
}

NATIVE(close_scope)
{
    struct scope_search s;
    for (int i = 0; i < CLOSE_TRIES; i++) {
        s = (struct scope_search){.scope = args[1].r, .self = t};
        world_stop(t);
        threads_for_each(search_scope, &s);
        world_resume(t);
        if (s.busy || !s.unsure) { break; }
        thread_enter_native(t);
        usleep(1000);
        thread_leave_native(t);
    }
    return slot_boolean(!s.busy && !s.unsure);
}

/* ---- jdk.internal.perf.Perf: counters that nobody outside can read ---- */

NATIVE(perf_attach)
{
    throw_new(t, "java/io/IOException", "no performance data of process %d", args[2].i);
    return slot_ref(0);
}

static gref counter(struct thread *t, const void *value, size_t n)
{
    void *p = calloc(1, n ? ALIGN_UP(n, 8ul) : 8);
    if (!p) {
        throw_oom(t, "performance counter");
        return 0;
    }
    memcpy(p, value, n); /* never freed: a counter lives as long as the VM */
    return direct_buffer_new(t, p, (int64_t)n);
}

/* createLong(name, variability, units, value) */
NATIVE_IS(perf_create_long, slot_ref(counter(t, &args[4].j, sizeof(int64_t))))

/* createByteArray(name, variability, units, value, maxLength) */
NATIVE(perf_create_byte_array)
{
    int32_t max = args[5].i;
    gref value = args[4].r;
    if (null_pointer(t, value)) { return slot_void(); }
    if (max < array_length(value)) { max = array_length(value); }
    char *copy = calloc(1, (size_t)max + 1);
    if (!copy) {
        throw_oom(t, "performance counter");
        return slot_void();
    }
    memcpy(copy, array_data(value), (size_t)array_length(value));
    gref o = counter(t, copy, (size_t)max);
    free(copy);
    return slot_ref(o);
}

NATIVE_IS(perf_counter, slot_long(system_nano_time()))
NATIVE_IS(perf_frequency, slot_long(1000000000))

/* ---- jdk.internal.vm.vector, jdk.internal.invoke, jdk.internal.foreign.abi ---- */

NATIVE_IS(vector_register, slot_int(0))

/* Elements in the widest vector register of this processor. */
NATIVE(vector_max_lanes)
{
    struct class *c = arg_class(args, 0);
    unsigned bytes = __builtin_cpu_supports("avx2") ? 32 : 16;
    return slot_int(c->kind == CLASS_PRIMITIVE && type_size(c->prim_type)
                        ? (int32_t)(bytes / type_size(c->prim_type))
                        : -1);
}

NATIVE(no_foreign_linker)
{
    unsupported(t, "foreign linker (jdk.incubator.foreign CLinker)");
    return slot_void();
}

#define REFERENCE "java/lang/ref/Reference"
#define CDS       "jdk/internal/misc/CDS"
#define PERF      "jdk/internal/perf/Perf"
#define ABI       "jdk/internal/foreign/abi/"

const struct vm_native_row natives_misc[] = {
    {REFERENCE, "refersTo0", "(Ljava/lang/Object;)Z", refers_to},
    {"java/lang/ref/PhantomReference", "refersTo0", "(Ljava/lang/Object;)Z", refers_to},
    {REFERENCE, "clear0", "()V", clear_reference},
    {REFERENCE, "getAndClearReferencePendingList", "()Ljava/lang/ref/Reference;",
     get_and_clear_pending_list},
    {REFERENCE, "hasReferencePendingList", "()Z", has_pending_list},
    {REFERENCE, "waitForReferencePendingList", "()V", wait_for_pending_list},
    {"java/security/AccessController", "getStackAccessControlContext",
     "()Ljava/security/AccessControlContext;", get_stack_context},
    {"java/security/AccessController", "getInheritedAccessControlContext",
     "()Ljava/security/AccessControlContext;", get_inherited_context},
    {"java/security/AccessController", "ensureMaterializedForStackWalk", "(Ljava/lang/Object;)V",
     nothing},
    {"jdk/internal/misc/VM", "getNanoTimeAdjustment", "(J)J", vm_nano_time_adjustment},
    {"jdk/internal/misc/VM", "latestUserDefinedLoader0", "()Ljava/lang/ClassLoader;",
     vm_latest_user_loader},
    {CDS, "isDumpingClassList0", "()Z", is_false},
    {CDS, "isDumpingArchive0", "()Z", is_false},
    {CDS, "isSharingEnabled0", "()Z", is_false},
    {CDS, "logLambdaFormInvoker", "(Ljava/lang/String;)V", nothing},
    {CDS, "initializeFromArchive", "(Ljava/lang/Class;)V", nothing},
    {CDS, "defineArchivedModules", "(Ljava/lang/ClassLoader;Ljava/lang/ClassLoader;)V", nothing},
    {CDS, "getRandomSeedForDumping", "()J", nothing},
    {CDS, "dumpClassList", "(Ljava/lang/String;)V", cds_dump},
    {CDS, "dumpDynamicArchive", "(Ljava/lang/String;)V", cds_dump},
    {"jdk/internal/misc/ScopedMemoryAccess", "registerNatives", "()V", nothing},
    {"jdk/internal/misc/ScopedMemoryAccess", "closeScope0",
     "(Ljdk/internal/misc/ScopedMemoryAccess$Scope;Ljdk/internal/misc/"
     "ScopedMemoryAccess$Scope$ScopedAccessError;)Z",
     close_scope},
    {PERF, "registerNatives", "()V", nothing},
    {PERF, "attach", "(Ljava/lang/String;II)Ljava/nio/ByteBuffer;", perf_attach},
    {PERF, "detach", "(Ljava/nio/ByteBuffer;)V", nothing},
    {PERF, "createLong", "(Ljava/lang/String;IIJ)Ljava/nio/ByteBuffer;", perf_create_long},
    {PERF, "createByteArray", "(Ljava/lang/String;II[BI)Ljava/nio/ByteBuffer;",
     perf_create_byte_array},
    {PERF, "highResCounter", "()J", perf_counter},
    {PERF, "highResFrequency", "()J", perf_frequency},
    {"jdk/internal/vm/vector/VectorSupport", "registerNatives", "()I", vector_register},
    {"jdk/internal/vm/vector/VectorSupport", "getMaxLaneCount", "(Ljava/lang/Class;)I",
     vector_max_lanes},
    {"jdk/internal/invoke/NativeEntryPoint", "registerNatives", "()V", nothing},
    {"jdk/internal/invoke/NativeEntryPoint", "vmStorageToVMReg", "(II)J", no_foreign_linker},
    {ABI "ProgrammableInvoker", "registerNatives", "()V", nothing},
    {ABI "ProgrammableInvoker", "invokeNative", "(JJ)V", no_foreign_linker},
    {ABI "ProgrammableInvoker", "generateAdapter", NULL, no_foreign_linker},
    {ABI "ProgrammableUpcallHandler", "registerNatives", "()V", nothing},
    {ABI "ProgrammableUpcallHandler", "allocateOptimizedUpcallStub", NULL, no_foreign_linker},
    {ABI "ProgrammableUpcallHandler", "allocateUpcallStub", NULL, no_foreign_linker},
    {ABI "ProgrammableUpcallHandler", "supportsOptimizedUpcalls", "()Z", is_false},
    {ABI "UpcallStubs", "registerNatives", "()V", nothing},
    {ABI "UpcallStubs", "freeUpcallStub0", "(J)Z", no_foreign_linker},
    {0},
};
