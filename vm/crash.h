/*
 * crash.h - the report when the VM itself, or native code, faults.
 */
#ifndef MOKA_VM_CRASH_H
#define MOKA_VM_CRASH_H

/* Installs the machine's fault hooks, handlers for SIGBUS, SIGFPE, SIGILL, SIGABRT, and empty ones for SIGPIPE and SIGXFSZ. */
void crash_init(void);

#endif
