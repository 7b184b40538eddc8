/*
 * jni_vm.h - the JNI invocation interface; what the launcher has to provide for it.
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

#endif
