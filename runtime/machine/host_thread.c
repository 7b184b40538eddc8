/*
 * host_thread.c - threads of the VM's own, which run no Java: the timer, the collector's, the compiler's.
 */
#include <pthread.h>
#include <signal.h>

#include "runtime/machine/machine.h"

void host_keep_faults(sigset_t *set)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) { sigdelset(set, faults[i]); }
}

int host_thread_start(const char *name, size_t stack, void *(*entry)(void *), void *arg)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t signals, old;
    sigfillset(&signals);
    host_keep_faults(&signals);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, stack);
    pthread_sigmask(SIG_SETMASK, &signals, &old);
    int error = pthread_create(&thread, &attr, entry, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (!error) { pthread_setname_np(thread, name); }
    return error;
}
