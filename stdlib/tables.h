/* tables.h - the tables of VM natives, one for each file of stdlib/; each ends with a row of zeros. */
#ifndef MOKA_STDLIB_TABLES_H
#define MOKA_STDLIB_TABLES_H

#include "runtime/natives.h"

extern const struct vm_native_row
    natives_lang[]; /* lang.c: Object, System, Thread, Throwable, ... */
extern const struct vm_native_row natives_class[]; /* class.c: java.lang.Class, ClassLoader */
extern const struct vm_native_row
    natives_reflect[]; /* reflect.c: java.lang.reflect, jdk.internal.reflect */
extern const struct vm_native_row
    natives_misc[]; /* misc.c: jdk.internal.*, java.lang.ref, security */
extern const struct vm_native_row natives_unsafe[];        /* unsafe.c */
extern const struct vm_native_row natives_methodhandles[]; /* methodhandles.c */

extern const struct vm_native_row *const native_tables[]; /* all of them, NULL at the end */

/* In place of bytecode, see native_find_intrinsic. */
extern const struct vm_native_row math_intrinsics[]; /* math.c: java.lang.Math */
const struct vm_native_row *
checksum_intrinsics(void); /* checksum.c: what this processor can do of java.util.zip */

#endif
