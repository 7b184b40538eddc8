/*
 * options-internal.h - between options.c and options_xx.c. Results: -1, or the exit code to end with.
 */
#ifndef MOKA_VM_OPTIONS_INTERNAL_H
#define MOKA_VM_OPTIONS_INTERNAL_H

/* What stands behind -XX: and -Xlog: */
int options_xx(const char *arg);
void options_xlog(const char *arg);

#endif
