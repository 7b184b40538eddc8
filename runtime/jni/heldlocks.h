/*
 * heldlocks.h - which monitors the frames of a thread hold, for thread dumps and java.lang.management.
 *
 * Nothing keeps account of that while programs run. It is found out when asked: the bytecode of each frame tells how
 * many objects it has locked there and in which local variables they are. Frames of compiled code have no local variables;
 * what they locked is looked for on the C stack, among the objects that the thread owns, and given to the frames in the order
 * in which it lies there. So which of several compiled frames holds what is a good guess, that the thread holds it is not.
 * What only native code has locked (JNI MonitorEnter) is not found.
 */
#ifndef MOKA_JNI_HELDLOCKS_H
#define MOKA_JNI_HELDLOCKS_H

#include "runtime/threads/thread.h"

struct held_lock {
    gref object;
    int32_t depth; /* of the frame, the innermost is 0 */
};

/* More than these are left out. */
#define HELD_LOCKS_MAX 128

/* Fills `out` with what the frames of a thread have locked, innermost first, without the monitor that it waits for. A
 * monitor that several frames have entered is there for each of them. Returns how many. The thread must be the current one or
 * stopped, and `out` on the C stack, where the collector looks. */
int held_locks(struct thread *of, struct held_lock out[HELD_LOCKS_MAX]);

#endif
