/* signals.c - see signals.h. */
#include "runtime/jni/signals.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/jni/jni-internal.h"
#include "runtime/jni/jvm.h"
#include "runtime/jni/stacktrace.h"

void (*signals_dump_hook)(void);

static volatile int pending[NSIG];
static sem_t wake;
static bool reduce_usage;
static bool running;

/* Signal names as jdk.internal.misc.Signal knows them: without "SIG". */
static const struct {
    const char *name;
    int number;
} names[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"BUS", SIGBUS},       {"CHLD", SIGCHLD},
    {"CLD", SIGCHLD},  {"CONT", SIGCONT}, {"FPE", SIGFPE},       {"HUP", SIGHUP},
    {"ILL", SIGILL},   {"INT", SIGINT},   {"IO", SIGIO},         {"IOT", SIGIOT},
    {"KILL", SIGKILL}, {"PIPE", SIGPIPE}, {"POLL", SIGPOLL},     {"PROF", SIGPROF},
    {"PWR", SIGPWR},   {"QUIT", SIGQUIT}, {"SEGV", SIGSEGV},     {"STKFLT", SIGSTKFLT},
    {"STOP", SIGSTOP}, {"SYS", SIGSYS},   {"TERM", SIGTERM},     {"TRAP", SIGTRAP},
    {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},     {"URG", SIGURG},
    {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"VTALRM", SIGVTALRM}, {"WINCH", SIGWINCH},
    {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
};

static void on_signal(int sig)
{
    int saved = errno;
    __atomic_add_fetch(&pending[sig], 1, __ATOMIC_SEQ_CST);
    sem_post(&wake);
    errno = saved;
}

/* Installs a handler and returns the old one; SIG_ERR on failure. */
static void (*install(int sig, void (*handler)(int)))(int)
{
    struct sigaction sa, old;
    memset(&sa, 0, sizeof(sa));
    sigfillset(&sa.sa_mask);
    sa.sa_flags = SA_RESTART;
    sa.sa_handler = handler;
    if (sigaction(sig, &sa, &old) != 0) { return SIG_ERR; }
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, sig);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    return old.sa_handler;
}

static int take_pending(void)
{
    for (int sig = 1; sig < NSIG; sig++) {
        int n = __atomic_load_n(&pending[sig], __ATOMIC_SEQ_CST);
        while (n > 0) {
            if (__atomic_compare_exchange_n(&pending[sig], &n, n - 1, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST)) {
                return sig;
            }
        }
    }
    return 0;
}

static void dispatch(struct thread *t, int sig)
{
    static struct method *m;
    if (sig == SIGQUIT) {
        threads_dump(stdout);
        if (signals_dump_hook) { signals_dump_hook(); }
        fflush(stdout);
        return;
    }
    if (!m) {
        struct class *c = class_ready_boot(t, "jdk/internal/misc/Signal");
        m = c ? class_method_named(c, "dispatch", "(I)V") : NULL;
    }
    if (m) {
        slot_t args[1] = {{.j = sig}};
        engine.call(t, m, args);
    }
    t->exception = 0; /* a handler's own business */
}

struct start {
    jobject group;
    sem_t attached;
};

static void *dispatcher(void *arg)
{
    struct start *start = arg;
    struct thread *t = thread_attach("Signal Dispatcher", handle_resolve(start->group), true);
    if (t && t->state != THREAD_IN_NATIVE) { thread_enter_native(t); }
    sem_post(&start->attached);
    if (!t) { return NULL; }
    for (;;) {
        while (sem_wait(&wake) != 0) {}
        int sig = take_pending();
        if (sig) {
            thread_leave_native(t);
            struct handle_mark mark = handle_mark(t);
            dispatch(t, sig);
            handle_release(t, mark);
            thread_enter_native(t);
        }
    }
    return NULL;
}

bool signals_init(struct thread *t, bool reduce)
{
    reduce_usage = reduce;
    if (running) { return true; }
    sem_init(&wake, 0, 0);
    gref group = t->object ? obj_get_ref(t->object, OFF(Thread_group)) : 0;
    if (group && obj_get_ref(group, OFF(ThreadGroup_parent))) {
        group = obj_get_ref(group, OFF(ThreadGroup_parent)); /* "system" */
    }
    pthread_t host;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    struct start start = {.group = handle_new_global(group)};
    sem_init(&start.attached, 0, 0);
    int error = pthread_create(&host, &attr, dispatcher, &start);
    pthread_attr_destroy(&attr);
    if (!error) { /* or main() could see the thread come: its group, say, grow */
        thread_enter_native(t);
        while (sem_wait(&start.attached) != 0) {}
        thread_leave_native(t);
    }
    sem_destroy(&start.attached);
    if (error) {
        throw_new(t, "java/lang/OutOfMemoryError", "unable to create the signal dispatcher: %s",
                  strerror(error));
        return false;
    }
    running = true;
    if (!reduce) { install(SIGQUIT, on_signal); }
    return true;
}

/* ---- JVM_* ---- */

jint JVM_FindSignal(const char *name)
{
    if (strncmp(name, "SIG", 3) == 0) { name += 3; }
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (strcmp(names[i].name, name) == 0) { return names[i].number; }
    }
    return -1;
}

/* `handler`: 0 default, 1 ignore, 2 dispatch to Java. Returns the old one in the same code (or its address), -1 if the
 * signal is the VM's own. */
void *JVM_RegisterSignal(jint sig, void *handler)
{
    void *const taken = (void *)(intptr_t)-1;
    switch (sig) {
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGBUS: return taken; /* the machine's */
    case SIGQUIT:
        if (!reduce_usage) { return taken; }
        break;
    case SIGHUP:
    case SIGINT:
    case SIGTERM: {
        if (reduce_usage) { return taken; }
        struct sigaction old; /* ignored by whoever started us (nohup): leave it so */
        if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN) { return (void *)1; }
        break;
    }
    default: break;
    }
    void (*fn)(int) = handler == (void *)2 ? on_signal : (void (*)(int))(uintptr_t)handler;
    void (*old)(int) = install(sig, fn);
    if (old == SIG_ERR) { return taken; }
    return old == on_signal ? (void *)2 : (void *)(uintptr_t)old;
}

jboolean JVM_RaiseSignal(jint sig)
{
    if (reduce_usage && (sig == SIGHUP || sig == SIGINT || sig == SIGTERM || sig == SIGQUIT)) {
        return JNI_FALSE;
    }
    if (sig == SIGHUP || sig == SIGINT || sig == SIGTERM) {
        struct sigaction old;
        if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN) { return JNI_FALSE; }
    }
    struct thread *t = thread_current();
    if (!t || !running) {
        raise(sig);
    } else {
        struct sigaction old;
        if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == on_signal) {
            on_signal(sig);
        } else {
            raise(sig);
        }
    }
    return JNI_TRUE;
}
