/*
 * bind.h - finding the C function of a native method, and the libraries it may be in.
 *
 * native_bind (natives.h) looks at: the VM's own table, then the libraries of the class's loader under the short
 * and the long JNI name. RegisterNatives sets m->native before that.
 */
#ifndef MOKA_JNI_BIND_H
#define MOKA_JNI_BIND_H

#include "runtime/threads/thread.h"
#include "runtime/types.h"

/* Short ("Java_pkg_Cls_name") or long (with "__" and the arguments) JNI name of a method, malloced. Class name and
 * method name as in a class file. `desc` NULL for the short name. */
char *jni_mangle(const char *cls, const char *name, const char *desc);

/* Binds by RegisterNatives or UnregisterNatives (fn NULL). */
void native_register(struct method *m, void *fn);

/* Libraries that the VM itself opened for boot classes: the JDK's lib directory is `<java_home>/lib`. Opens libjava
 * and runs its JNI_OnLoad; false with a message on stderr. Called IN_VM at start, before the first native. */
bool native_libraries_init(struct thread *t, const char *java_home, const char *stub_libjvm);

/* JVM_LoadLibrary's work: dlopen; NULL with the loader's text in error[size]. */
void *native_library_open(const char *file, char *error, size_t size);

#endif
