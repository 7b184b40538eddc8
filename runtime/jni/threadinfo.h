/*
 * threadinfo.h - java.lang.management.ThreadInfo objects: what threads do, in one moment with the world stopped.
 */
#ifndef MOKA_JNI_THREADINFO_H
#define MOKA_JNI_THREADINFO_H

#include "runtime/threads/thread.h"

struct thread_info_options {
    int max_depth; /* frames; negative: all */
    bool monitors; /* with the monitors that they hold (heldlocks.h) */
    bool
        synchronizers; /* with the AbstractOwnableSynchronizers that they own: goes through the heap */
};

/* The thread with that Thread.getId() if Java can see it. threads_lock must be held, or the world be stopped. */
struct thread *thread_by_id(int64_t tid);

/* Fills `result`, a ThreadInfo[n], for the threads with the ids; null where there is no such thread. May leave an exception. */
void thread_infos(struct thread *t, const int64_t *ids, int n,
                  const struct thread_info_options *with, gref result);

/* A new Thread[] of those that wait for each other in a circle, for monitors and, unless `monitors_only`, for
 * AbstractOwnableSynchronizers; 0 if there are none. May leave an exception. */
gref threads_deadlocked(struct thread *t, bool monitors_only);

#endif
