/*
 * inspect.h - what --stats and --print show, and the VM's signals.
 */
#ifndef MOKA_VM_INSPECT_H
#define MOKA_VM_INSPECT_H

struct thread;

/* --stats and --print, at the end of the process. */
void inspect_at_exit(void);

#endif
