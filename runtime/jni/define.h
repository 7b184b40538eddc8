/* define.h - the core of ClassLoader.defineClass* and Class.forName, shared by JVM_* and stdlib. */
#ifndef MOKA_JNI_DEFINE_H
#define MOKA_JNI_DEFINE_H

#include "runtime/classes/class.h"
#include "runtime/threads/thread.h"

/* `name` in internal form or NULL. NULL with an exception. */
struct class *define_class(struct thread *t, const char *name, gref loader, const uint8_t *bytes,
                           size_t n, gref pd, const char *source);
/* Lookup.defineClass, defineHiddenClass; flags of java.lang.invoke.MethodHandleNatives.Constants. */
struct class *define_lookup_class(struct thread *t, struct class *lookup, const char *name,
                                  const uint8_t *bytes, size_t n, gref pd, bool init, int flags,
                                  gref class_data);
/* Class.forName: `name` in internal form. */
struct class *find_class(struct thread *t, const char *name, size_t n, gref loader, bool init);

#endif
