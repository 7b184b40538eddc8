/*
 * jni_vm.h - the JNI invocation interface; and what the launcher has to provide.
 */
#ifndef MOKA_JNI_VM_H
#define MOKA_JNI_VM_H

#include <jni.h>
#include <stdbool.h>

/* Starts the VM on the calling thread with the given options; vm/ sets it. Leaves the thread IN_NATIVE. */
extern jint (*jni_create_vm_hook)(JavaVM **vm, void **env, JavaVMInitArgs *args);
/* To be called when the VM is up (JNI_GetCreatedJavaVMs then finds it) and when it goes down. */
void jni_vm_created(bool alive);

extern JavaVM jni_java_vm;

/* Set by the launcher. */
struct jni_options {
    bool verbose; /* -verbose:jni: says which native methods are bound or registered */
    bool check;   /* -Xcheck:jni: accepted; arguments are checked where it is cheap */
};
extern struct jni_options jni_options;

#endif
