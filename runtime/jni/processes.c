/*
 * processes.c - the VM's own child processes (compile workers), which java.lang.ProcessHandle must not show: a program that
 * looks at its children expects those that it started.
 */
#include "runtime/jni/processes.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>

#define MAX_OWN 32
static int own[MAX_OWN]; /* 0 = free */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void processes_lock(void) { pthread_mutex_lock(&lock); }
void processes_unlock(void) { pthread_mutex_unlock(&lock); }

void processes_started(int pid)
{
    for (unsigned i = 0; i < MAX_OWN; i++) {
        int none = 0;
        if (__atomic_compare_exchange_n(&own[i], &none, pid, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED)) {
            return;
        }
    }
}

void processes_ended(int pid)
{
    for (unsigned i = 0; i < MAX_OWN; i++) {
        int mine = pid;
        __atomic_compare_exchange_n(&own[i], &mine, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    }
}

static bool is_own(jlong pid)
{
    for (unsigned i = 0; i < MAX_OWN; i++) {
        if (pid && __atomic_load_n(&own[i], __ATOMIC_RELAXED) == pid) { return true; }
    }
    return false;
}

typedef jint (*get_pids)(JNIEnv *, jclass, jlong, jlongArray, jlongArray, jlongArray);
static get_pids library_get_pids;

/* ProcessHandleImpl.getProcessPids0(pid, pids, parents, starts): the library's, without the rows of our own. The arrays have equal
 * lengths or are null; the result may be larger, then the caller asks again with larger ones. */
static jint list_processes(JNIEnv *env, jclass cls, jlong pid, jlongArray pids, jlongArray parents,
                           jlongArray starts)
{
    jint n = library_get_pids(env, cls, pid, pids, parents, starts);
    if (n <= 0 || (*env)->ExceptionCheck(env) || n > (*env)->GetArrayLength(env, pids)) {
        return n;
    }
    jlongArray arrays[3] = {pids, parents, starts};
    jint kept = 0;
    for (jint i = 0; i < n; i++) {
        jlong row[3] = {0};
        for (unsigned k = 0; k < 3; k++) {
            if (arrays[k]) { (*env)->GetLongArrayRegion(env, arrays[k], i, 1, &row[k]); }
        }
        if (is_own(row[0])) { continue; }
        for (unsigned k = 0; k < 3 && kept != i; k++) {
            if (arrays[k]) { (*env)->SetLongArrayRegion(env, arrays[k], kept, 1, &row[k]); }
        }
        kept++;
    }
    return kept;
}

static jint get_process_pids(JNIEnv *env, jclass cls, jlong pid, jlongArray pids,
                             jlongArray parents, jlongArray starts)
{
    processes_lock();
    jint n = list_processes(env, cls, pid, pids, parents, starts);
    processes_unlock();
    return n;
}

void *processes_wrap(const char *symbol, void *function)
{
    if (strcmp(symbol, "Java_java_lang_ProcessHandleImpl_getProcessPids0") != 0) {
        return function;
    }
    library_get_pids = (get_pids)(uintptr_t)function;
    return (void *)(uintptr_t)get_process_pids;
}
