/* processes.h - child processes of the VM's own, hidden from java.lang.ProcessHandle; see processes.c. */
#ifndef MOKA_JNI_PROCESSES_H
#define MOKA_JNI_PROCESSES_H

#include <jni.h>
#include <stdbool.h>
#include <string.h>

/* Around the start or reaping of a process and processes_started(), processes_ended(): no listing sees the one without the other. */
void processes_lock(void);
void processes_unlock(void);
/* A process of the VM's own was started, has been reaped. From any thread. */
void processes_started(int pid);
void processes_ended(int pid);

/* What is to be bound instead of a function of the class library. */
void *processes_wrap(const char *symbol, void *function);

#endif
