/*
 * signals.h - POSIX signals for Java: jdk.internal.misc.Signal and the thread dump on SIGQUIT.
 *
 * A handler does nothing but count and wake the "Signal Dispatcher", a Java thread, which calls Signal.dispatch(int).
 */
#ifndef MOKA_JNI_SIGNALS_H
#define MOKA_JNI_SIGNALS_H

#include <stdbool.h>

struct thread;

/* Starts the dispatcher and catches SIGQUIT; `reduce` = -Xrs: neither SIGQUIT nor the shutdown signals are ours. Call
 * IN_VM when Thread objects can be made (after System.initPhase1). False with an exception pending. */
bool signals_init(struct thread *t, bool reduce);
/* Called by the dispatcher after the stacks are printed for SIGQUIT (heap summary, statistics); may be NULL. */
extern void (*signals_dump_hook)(void);

#endif
