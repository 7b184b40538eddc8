/*
 * verify.h - the bytecode verifier: type checking by StackMapTable (JVMS 4.10.1), for class files of version 50 and up.
 */
#ifndef MOKA_VM_VERIFY_H
#define MOKA_VM_VERIFY_H

#include "runtime/classes/class.h"
#include "runtime/threads/thread.h"

/* Verifies all methods of a class whose supertypes are loaded. False with VerifyError pending, or with what loading a class
 * that the check needs threw. */
bool verify_class(struct thread *t, struct class *c);

#endif
