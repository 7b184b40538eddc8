/*
 * forker.c - the thread that forks for the compiler threads.
 *
 * A fork copies the caller's table of descriptors: a pipe or socket that the program closes in that moment would live on in the child
 * until the child has closed it, too, and its other end would not notice. So the forks are made by a thread which has a table of its own
 * (unshare), and nothing in it but guest RAM, which the child still maps on demand. Where the host refuses such a table, and before the
 * thread runs, the window is short, as a child drops the descriptors first of all.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jit/jit-internal.h"
#include "runtime/machine/machine.h"

#define STACK_SIZE (64u << 20) /* GCC likes deep recursion */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t asked, answered;
    bool running, failed;
    void (*child)(void *);
    void *arg;
    pid_t pid; /* of the last fork */
} forker = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .asked = PTHREAD_COND_INITIALIZER,
            .answered = PTHREAD_COND_INITIALIZER};

bool compiler_thread_start(const char *name, void *(*entry)(void *), void *arg)
{
    return host_thread_start(name, STACK_SIZE, entry, arg) == 0;
}

/* ---- descriptors ---- */

static void close_from_to(unsigned from, unsigned to)
{
    if (from > to || syscall(SYS_close_range, from, to, 0u) == 0) { return; }
    for (unsigned fd = from; fd <= to && fd < 4096; fd++) { close((int)fd); } /* before Linux 5.9 */
}

/* Neither does it keep the program's standard streams: a reader of its output waits for their end. */
static void drop_descriptors(void)
{
    unsigned ram = machine.ram_fd > 2 ? (unsigned)machine.ram_fd : 2;
    close_from_to(3, ram - 1);
    close_from_to(ram + 1, ~0u);
    int fd = open("/dev/null", O_RDWR);
    for (int to = 0; fd >= 0 && to <= 2; to++) { dup2(fd, to); }
    if (fd > 2) { close(fd); }
}

/* ---- the thread ---- */

static pid_t fork_for(void (*child)(void *), void *arg)
{
    pid_t pid = fork();
    if (pid != 0) { return pid; }
    drop_descriptors();
    child(arg);
    _exit(0);
}

static void *forker_main(void *unused)
{
    (void)unused;
    machine_thread_attach(NULL);
    if (unshare(CLONE_FILES) == 0) { drop_descriptors(); }
    pthread_mutex_lock(&forker.lock);
    for (;;) {
        while (!forker.child) { pthread_cond_wait(&forker.asked, &forker.lock); }
        forker.pid = fork_for(forker.child, forker.arg);
        forker.child = NULL;
        pthread_cond_signal(&forker.answered);
    }
    return NULL;
}

pid_t forker_fork(void (*child)(void *), void *arg)
{
    pthread_mutex_lock(&forker.lock);
    if (!forker.running && !forker.failed) {
        forker.running = compiler_thread_start("moka-jit-fork", forker_main, NULL);
        forker.failed = !forker.running;
    }
    if (forker.running) {
        forker.child = child;
        forker.arg = arg;
        pthread_cond_signal(&forker.asked);
        while (forker.child) { pthread_cond_wait(&forker.answered, &forker.lock); }
    }
    pid_t pid = forker.running ? forker.pid : fork_for(child, arg);
    pthread_mutex_unlock(&forker.lock);
    return pid;
}
