/*
 * verify.c - bytecode verification in the link step (JVMS 4.10).
 *
 * Class files of version 50 and up are type-checked by the engine's verifier (vm/verify.c). For older ones, which have
 * no StackMapTable, and for version 50 when the check fails, the JDK's libverify infers the types (4.10.2), as on HotSpot.
 *
 * Not verified, as on HotSpot: classes of the boot loader (unless -Xverify:all), subclasses of MagicAccessorImpl, and everything
 * under -Xverify:none.
 */
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/classes/classes-internal.h"
#include "runtime/classes/known.h"
#include "runtime/engine.h"
#include "runtime/jni/bind.h"
#include "runtime/jni/handles.h"

typedef jboolean (*verify_fn)(JNIEnv *env, jclass c, char *message, jint size, jint major);

static verify_fn library_verify;
static pthread_once_t loaded = PTHREAD_ONCE_INIT;

static void load_library(void)
{
    char path[PATH_MAX], error[256];
    snprintf(path, sizeof path, "%s/lib/libverify.so", boot_path.java_home);
    void *library = native_library_open(path, error, sizeof error);
    if (library) { library_verify = (verify_fn)dlsym(library, "VerifyClassForMajorVersion"); }
    if (!library_verify) {
        fprintf(stderr, "moka: warning: classes are not verified: %s\n",
                library ? "no entry in libverify" : error);
    }
}

static bool is_magic_accessor(const struct class *c)
{
    while (c && c != KC(MagicAccessorImpl)) { c = c->super; }
    return c != NULL;
}

/* Verification by inference. */
static bool verify_by_library(struct thread *t, struct class *c)
{
    pthread_once(&loaded, load_library);
    if (!library_verify) { return true; }
    char message[1024] = "";
    struct handle_mark mark = handle_mark(t);
    jclass handle = (jclass)handle_new(t, c->mirror);
    thread_enter_native(t);
    bool ok = library_verify(&t->env, handle, message, sizeof message, c->major);
    thread_leave_native(t);
    handle_release(t, mark);
    if (t->exception) { return false; }
    if (!ok) { throw_new(t, "java/lang/VerifyError", "%s", message[0] ? message : c->name->text); }
    return ok;
}

bool class_verify(struct thread *t, struct class *c)
{
    if (boot_path.verify_none || is_magic_accessor(c)) { return true; }
    if (c->major < 50) { return verify_by_library(t, c); }
    if (engine.verify_class(t, c)) { return true; }
    if (c->major == 50 &&
        strcmp(class_of(t->exception)->name->text, "java/lang/VerifyError") == 0) {
        t->exception = 0;
        return verify_by_library(t, c);
    }
    return false;
}
