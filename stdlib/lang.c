/* lang.c - natives of java.lang but for Class and ClassLoader. */
#include <math.h>

#include "runtime/jni/objects.h"
#include "runtime/jni/stacktrace.h"
#include "runtime/jni/system.h"
#include "runtime/threads/monitor.h"
#include "stdlib/stdlib-internal.h"

/* ---- Object ---- */

NATIVE_IS(object_hash_code, slot_int(obj_identity_hash(args[0].r)))
NATIVE_IS(object_get_class, slot_ref(class_of(args[0].r)->mirror))
NATIVE_IS(object_clone_, slot_ref(object_clone(t, args[0].r)))

NATIVE(object_notify)
{
    monitor_notify(t, args[0].r, false);
    return slot_void();
}

NATIVE(object_notify_all)
{
    monitor_notify(t, args[0].r, true);
    return slot_void();
}

NATIVE(object_wait)
{
    if (args[1].j < 0) {
        throw_new(t, "java/lang/IllegalArgumentException", "timeout value is negative");
    } else {
        monitor_wait(t, args[0].r, args[1].j, true);
    }
    return slot_void();
}

/* ---- System, Runtime, Shutdown ---- */

NATIVE_IS(system_current_time_millis, slot_long(system_current_millis()))
NATIVE_IS(system_nanos, slot_long(system_nano_time()))
NATIVE_IS(system_identity_hash_code, slot_int(args[0].r ? obj_identity_hash(args[0].r) : 0))

NATIVE(system_arraycopy)
{
    array_copy(t, args[0].r, args[1].i, args[2].r, args[3].i, args[4].i);
    return slot_void();
}

NATIVE_IS(runtime_available_processors, slot_int(system_processors()))
NATIVE_IS(runtime_free_memory, slot_long((int64_t)heap_free_bytes()))
NATIVE_IS(runtime_total_memory, slot_long((int64_t)heap_total()))
NATIVE_IS(runtime_max_memory, slot_long((int64_t)heap_max()))

/* ---- Float, Double, Math ---- */

NATIVE_IS(float_to_raw_int_bits, slot_int(args[0].i))
NATIVE_IS(int_bits_to_float, ((slot_t){.raw = args[0].u}))
NATIVE_IS(double_to_raw_long_bits, slot_long(args[0].j))
NATIVE_IS(long_bits_to_double, ((slot_t){.raw = args[0].raw}))
NATIVE_IS(strict_sqrt, ((slot_t){.d = sqrt(args[0].d)}))

/* ---- String ---- */

NATIVE_IS(string_intern_, slot_ref(string_intern(t, args[0].r)))
NATIVE_IS(is_big_endian, slot_boolean(false))

/* ---- Thread ---- */

NATIVE_IS(thread_current_, slot_ref(t->object))

NATIVE(thread_yield_)
{
    thread_yield(t);
    return slot_void();
}

NATIVE(thread_sleep_)
{
    if (args[0].j < 0) {
        throw_new(t, "java/lang/IllegalArgumentException", "timeout value is negative");
    } else {
        thread_sleep(t, args[0].j);
    }
    return slot_void();
}

NATIVE(thread_start_)
{
    thread_start(t, args[0].r);
    return slot_void();
}

NATIVE(thread_interrupt_)
{
    threads_lock(t);
    struct thread *of = thread_of(args[0].r);
    if (of) { thread_interrupt(of); }
    threads_unlock();
    return slot_void();
}

NATIVE_IS(thread_holds_lock,
          null_pointer(t, args[0].r) ? slot_void() : slot_boolean(monitor_owned_by(t, args[0].r)))
NATIVE_IS(thread_get_threads, slot_ref(threads_all(t)))

NATIVE(do_nothing) { return slot_void(); }

/* ---- Throwable, NullPointerException ---- */

NATIVE(throwable_fill_in)
{
    throwable_fill(t, args[0].r);
    return args[0];
}

const struct vm_native_row natives_lang[] = {
    {"java/lang/Object", "hashCode", "()I", object_hash_code},
    {"java/lang/Object", "getClass", "()Ljava/lang/Class;", object_get_class},
    {"java/lang/Object", "clone", "()Ljava/lang/Object;", object_clone_},
    {"java/lang/Object", "notify", "()V", object_notify},
    {"java/lang/Object", "notifyAll", "()V", object_notify_all},
    {"java/lang/Object", "wait", "(J)V", object_wait},
    {"java/lang/System", "currentTimeMillis", "()J", system_current_time_millis},
    {"java/lang/System", "nanoTime", "()J", system_nanos},
    {"java/lang/System", "identityHashCode", "(Ljava/lang/Object;)I", system_identity_hash_code},
    {"java/lang/System", "arraycopy", "(Ljava/lang/Object;ILjava/lang/Object;II)V",
     system_arraycopy},
    {"java/lang/Runtime", "availableProcessors", "()I", runtime_available_processors},
    {"java/lang/Runtime", "freeMemory", "()J", runtime_free_memory},
    {"java/lang/Runtime", "totalMemory", "()J", runtime_total_memory},
    {"java/lang/Runtime", "maxMemory", "()J", runtime_max_memory},
    {"java/lang/Float", "floatToRawIntBits", "(F)I", float_to_raw_int_bits},
    {"java/lang/Float", "intBitsToFloat", "(I)F", int_bits_to_float},
    {"java/lang/Double", "doubleToRawLongBits", "(D)J", double_to_raw_long_bits},
    {"java/lang/Double", "longBitsToDouble", "(J)D", long_bits_to_double},
    {"java/lang/StrictMath", "sqrt", "(D)D", strict_sqrt},
    {"java/lang/String", "intern", "()Ljava/lang/String;", string_intern_},
    {"java/lang/StringUTF16", "isBigEndian", "()Z", is_big_endian},
    {"java/lang/Thread", "currentThread", "()Ljava/lang/Thread;", thread_current_},
    {"java/lang/Thread", "yield", "()V", thread_yield_},
    {"java/lang/Thread", "sleep", "(J)V", thread_sleep_},
    {"java/lang/Thread", "start0", "()V", thread_start_},
    {"java/lang/Thread", "interrupt0", "()V", thread_interrupt_},
    {"java/lang/Thread", "clearInterruptEvent", "()V", do_nothing},
    {"java/lang/Thread", "holdsLock", "(Ljava/lang/Object;)Z", thread_holds_lock},
    {"java/lang/Thread", "getThreads", "()[Ljava/lang/Thread;", thread_get_threads},
    {"java/lang/Thread", "setPriority0", "(I)V", do_nothing},
    {"java/lang/Throwable", "fillInStackTrace", "(I)Ljava/lang/Throwable;", throwable_fill_in},
    {0},
};
