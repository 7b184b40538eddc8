/*
 * jni_table.c - the function table that every JNIEnv points at, put together from the files that define its parts.
 *
 * It is filled in before main(), because thread structs may be made at any time after.
 */
#include "runtime/jni/jni_table.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/jni/jni-internal.h"

struct JNINativeInterface_ jni_functions;

__attribute__((constructor)) static void fill(void)
{
    jni_fill_calls(&jni_functions);
    jni_fill_fields(&jni_functions);
    jni_fill_arrays(&jni_functions);
    jni_fill_strings(&jni_functions);
    jni_fill_references(&jni_functions);
    jni_fill_classes(&jni_functions);

    /* A hole would be a jump to 0 in somebody's library: better to learn of it here. The first four are reserved. */
    void **entry = (void **)&jni_functions;
    for (size_t i = 4; i < sizeof(jni_functions) / sizeof(void *); i++) {
        if (!entry[i]) {
            fprintf(stderr, "moka: entry %zu of the JNI function table is missing\n", i);
            abort();
        }
    }
}
