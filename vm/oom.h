/*
 * oom.h - what -XX:+ExitOnOutOfMemoryError, +CrashOnOutOfMemoryError and OnOutOfMemoryError=COMMANDS ask for.
 */
#ifndef MOKA_VM_OOM_H
#define MOKA_VM_OOM_H

/* engine.out_of_memory: the VM makes an OutOfMemoryError with that message. Acts at the first one; may not return. */
void oom_reported(const char *what);

#endif
