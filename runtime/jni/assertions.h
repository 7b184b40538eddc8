/*
 * assertions.h - the -ea, -da, -esa, -dsa directives, in the order of the command line (later ones win).
 */
#ifndef MOKA_JNI_ASSERTIONS_H
#define MOKA_JNI_ASSERTIONS_H

#include <stdbool.h>

struct thread;
struct class;

/* Handles what follows -ea / -enableassertions (enable) or -da: NULL or "" = all but system classes; "pkg.name..." = a
 * package and its subpackages, "..." = the unnamed package; else a class. */
void assertions_directive(const char *what, bool enable);
/* -esa, -dsa. */
void assertions_system(bool enable);
/* Class.desiredAssertionStatus0. */
bool assertions_desired(const struct class *c);
/* ClassLoader.retrieveDirectives: a java.lang.AssertionStatusDirectives; 0 with an exception. */
unsigned assertions_directives(struct thread *t);

#endif
