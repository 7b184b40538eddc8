/*
 * jni_table.h - the parts of the JNI function table. Each file of functions fills in its members.
 */
#ifndef MOKA_JNI_TABLE_H
#define MOKA_JNI_TABLE_H

#include <jni.h>

extern struct JNINativeInterface_ jni_functions; /* complete before main() */

void jni_fill_calls(struct JNINativeInterface_ *f);   /* jni_calls.c: methods, objects */
void jni_fill_fields(struct JNINativeInterface_ *f);  /* jni_fields.c */
void jni_fill_arrays(struct JNINativeInterface_ *f);  /* jni_arrays.c */
void jni_fill_strings(struct JNINativeInterface_ *f); /* jni_strings.c */
void jni_fill_references(
    struct JNINativeInterface_ *f); /* jni_references.c: handles, frames, monitors, buffers */
void jni_fill_classes(
    struct JNINativeInterface_ *f); /* jni_classes.c: classes, exceptions, reflection, natives */

#endif
