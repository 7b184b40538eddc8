/*
 * worker.c - compiler threads and the children that do their work.
 *
 *      compiler thread                            child (a copy of the whole VM, frozen)
 *      take a batch from the queue
 *      fork (forker.c) -------------------------> for each task: frontend_build, passes_run, emitter->add
 *      wait, at most --jit-timeout                emitter->write: libgccjit, assembler text
 *                                                 meta_write
 *                                                 becomes `as` (exec), which writes the object
 *      read meta, load object, install <--------- exit
 *
 * A child may crash, hang or be killed: that costs its batch. The tasks of a failed batch are tried once more, each by itself; one that
 * fails alone is refused for good. Children die with us (PR_SET_PDEATHSIG), and nobody else's waitpid() is for them.
 *
 * The child has one thread. It must not wait for a lock that another thread held when the fork happened: glibc takes care of malloc and
 * stdio, runtime/machine of its own, policy_fork_lock() of jit_trapped(). It writes no guest memory.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jit/ir.h"
#include "jit/jit-internal.h"
#include "runtime/jni/processes.h"
#include "jit/passes.h"
#include "jit/quick.h"
#include "runtime/machine/machine.h"
#include "vm/launcher.h"

#define FAILURES_MAX                                                                               \
    20 /* tasks that fail alone in a row: something is wrong with the machine, not with them */

/* A fork stops the program's page faults, and each page that it writes afterwards is copied: so much longer than a fork took the
 * next one waits, and jobs gather. */
#define FORK_REST 10
#define FORK_REST_APPLICATION                                                                      \
    3 /* with jobs of the application's own: most others are of its start */

#define FULL_MAX 8 /* times that the cache may get full */

/* Exit codes of a child beside those of `as`. */
enum { CHILD_NO_EMITTER = 80, CHILD_NO_TEXT, CHILD_NO_META, CHILD_NO_AS };

struct worker {
    unsigned index;
    unsigned tiers;         /* that it compiles, a bit each */
    struct queue_rest rest; /* until when the next fork would be a burden */
    pid_t child;            /* 0: none; under children_lock */
    char directory[PATH_MAX - 40];
    char text[PATH_MAX], object[PATH_MAX], meta[PATH_MAX], errors[PATH_MAX];
};

#define WORKERS_MAX 64
static struct worker workers[WORKERS_MAX];
static unsigned n_workers;
static pthread_mutex_t children_lock = PTHREAD_MUTEX_INITIALIZER;
static bool ending;
static char assembler[PATH_MAX];
atomic_bool worker_no_gcc;
static const struct emitter_library *emitter; /* NULL: not loaded yet */

/* ---- the child ---- */

/* Handlers of the VM and of Java code are not for this process; the terminal's signals are for the parent. */
static void child_signals(void)
{
    for (int s = 1; s < NSIG; s++) {
        if (s != SIGSEGV && s != SIGBUS && s != SIGFPE && s != SIGILL) { signal(s, SIG_DFL); }
    }
    static const int terminal[] = {SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < ARRAY_COUNT(terminal); i++) { signal(terminal[i], SIG_IGN); }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* Its messages go to a file. */
static void child_messages(const char *errors)
{
    int fd = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (fd >= 0) { dup2(fd, 2); }
    if (fd > 2) { close(fd); }
}

static void child_start(const struct worker *w, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) { _exit(0); }
    child_messages(w->errors);
    /* what the parent had not written yet is the parent's to write */
    __fpurge(stdout);
    __fpurge(stderr);
    child_signals();
    if (!jit_options.keep) { setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); }
    setenv("TMPDIR", w->directory, 1);
}

/*                               @ 7   java.lang.String::charAt (25 bytes)   inline (hot) */
static void print_inlining(const struct ir_graph *g, struct jit_meta *meta)
{
    FILE *f = g->inlining ? open_memstream(&meta->log, &meta->log_size) : NULL;
    if (!f) { return; }
    for (const struct ir_inlining *i = g->inlining; i; i = i->next) {
        char name[1024];
        fprintf(f, "%30s%*s@ %d   %s (%u bytes)   %s%s\n", "", 2 * i->depth, "", i->bci,
                log_name(i->callee, name, sizeof name), i->callee->code_length,
                i->yes ? "inline: " : "", i->why ? i->why : "");
    }
    fclose(f);
}

/* `e` NULL: by the quick generator. */
static bool compile_one(struct emitter *e, struct jit_result *r)
{
    uint64_t t0 = jit_now();
    struct ir_graph *g = frontend_build(r->task);
    uint64_t t1 = jit_now();
    if (g && !g->failure) { passes_run(g, r->task); }
    uint64_t t2 = jit_now();
    r->ns_build = t1 - t0;
    r->ns_passes = t2 - t1;
    if (!g || g->failure) {
        r->failure = g ? g->failure : "out of memory";
        r->permanent = g && g->permanent;
        return false;
    }
    r->n_blocks = g->n_blocks;
    r->n_values = g->n_values;
    if (jit_options.log_inlining && !r->meta.log) { print_inlining(g, &r->meta); }
    bool ok = e ? emitter->add(e, g, r->task, r) : quick_compile(g, r->task, r);
    if (!ok && !r->failure) { r->failure = "emitter"; }
    r->too_hard = !ok && !e;
    r->ns_emit = jit_now() - t2;
    return ok;
}

static bool is_filtered(const struct jit_task *task)
{
    char name[1024];
    method_external_name(task->method, name, sizeof name);
    return jit_options.filter && !strstr(name, jit_options.filter);
}

/* --print=asm of tier 1: objdump lies beside `as`. Its output goes where the child's messages go. */
static void disassemble(const struct worker *w, const struct jit_result *r)
{
    char name[1024];
    FILE *f = r->failure || is_filtered(r->task) ? NULL : fopen(w->text, "we");
    if (!f) { return; }
    bool ok = fwrite(r->meta.code, 1, r->meta.code_size, f) == r->meta.code_size;
    fclose(f);
    fprintf(stderr, "# moka_%u: %s, entry at 0, called by the interpreter at %x\n", r->task->id,
            method_external_name(r->task->method, name, sizeof name), r->meta.glue);
    pid_t pid = ok ? fork() : -1;
    if (pid == 0) {
        dup2(2, 1);
        execlp("objdump", "objdump", "-D", "-b", "binary", "-m", "i386:x86-64",
               "--no-show-raw-insn", w->text, (char *)NULL);
        fprintf(stderr, "moka: cannot run objdump: %s\n", strerror(errno));
        _exit(1);
    }
    if (pid > 0) { waitpid(pid, NULL, 0); }
}

struct child {
    const struct worker *w;
    struct jit_job **jobs;
    unsigned n;
    pid_t parent;
};

static void child_main(void *arg)
{
    const struct child *c = arg;
    const struct worker *w = c->w;
    struct jit_job **jobs = c->jobs;
    unsigned n = c->n;
    child_start(w, c->parent);
    struct jit_result results[BATCH_MAX] = {0};
    struct batch_times times = {.start = jit_now()};
    bool quick = job_is_quick(jobs[0]);
    struct emitter *e = quick ? NULL : emitter->create(&jobs[0]->task);
    if (!quick && !e) { _exit(CHILD_NO_EMITTER); }
    unsigned ok = 0;
    for (unsigned i = 0; i < n; i++) {
        results[i].task = &jobs[i]->task;
        ok += compile_one(e, &results[i]);
    }
    times.gcc = jit_now();
    if (ok && !quick && !emitter->write(e, w->text)) {
        fflush(NULL);
        _exit(CHILD_NO_TEXT);
    }
    times.as = jit_now();
    for (unsigned p = 0; p < PASS_COUNT; p++) { times.pass[p] = pass_nanoseconds[p]; }
    fflush(NULL);
    if (!meta_write(w->meta, results, n, &times)) { _exit(CHILD_NO_META); }
    for (unsigned i = 0; quick && jit_options.print_asm && i < n; i++) {
        disassemble(w, &results[i]);
    }
    if (!ok || quick) { _exit(0); }
    char *argv[] = {"as", "-o", (char *)w->object, (char *)w->text, NULL};
    execv(assembler, argv);
    _exit(CHILD_NO_AS);
}

/* ---- fork and wait ---- */

/* A child for the batch; 0 if there is none to be had. */
static pid_t start_child(struct worker *w, struct jit_job **jobs, unsigned n)
{
    struct child c = {w, jobs, n, getpid()};
    pid_t pid = -1;
    uint64_t start = jit_now();
    pthread_mutex_lock(&children_lock);
    if (!ending) {
        policy_fork_lock();
        processes_lock();
        pid = forker_fork(child_main, &c);
        if (pid > 0) { processes_started(pid); }
        processes_unlock();
        policy_fork_unlock();
    }
    w->child = pid > 0 ? pid : 0;
    pthread_mutex_unlock(&children_lock);
    uint64_t now = jit_now();
    jit_stats.ns_fork += now - start;
    w->rest.application = now + FORK_REST_APPLICATION * (now - start);
    w->rest.others = now + FORK_REST * (now - start);
    return w->child;
}

/* Waits until the child could be reaped, or the time is up. */
static bool wait_ended(pid_t pid, uint64_t timeout)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd >= 0) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        uint64_t until = jit_now() + timeout;
        int rc;
        do {
            uint64_t now = jit_now();
            rc = poll(&p, 1, now < until ? (int)((until - now) / 1000000) + 1 : 0);
        } while (rc < 0 && errno == EINTR);
        close(fd);
        return rc > 0;
    }
    for (uint64_t start = jit_now(); jit_now() - start < timeout; usleep(500)) { /* an old kernel */
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid) {
            return true;
        }
    }
    return false;
}

/* Reaps the child. What went wrong with it as a text, NULL: nothing. *crashed: it did not end by itself. */
static const char *end_child(struct worker *w, char *buf, size_t size, bool *crashed)
{
    bool in_time = wait_ended(w->child, (uint64_t)jit_options.timeout * 1000000000u);
    if (!in_time) { kill(w->child, SIGKILL); }
    int status = 0;
    pid_t rc;
    struct rusage usage = {0};
    pthread_mutex_lock(&children_lock);
    processes_lock(); /* a listing that has seen it must still find it among our own */
    do {
        rc = wait4(w->child, &status, 0, &usage);
    } while (rc < 0 && errno == EINTR);
    processes_ended(w->child);
    processes_unlock();
    w->child = 0;
    pthread_mutex_unlock(&children_lock);
    jit_stats.ns_user += (unsigned long)usage.ru_utime.tv_sec * 1000000000u +
                         (unsigned long)usage.ru_utime.tv_usec * 1000u;
    jit_stats.ns_system += (unsigned long)usage.ru_stime.tv_sec * 1000000000u +
                           (unsigned long)usage.ru_stime.tv_usec * 1000u;
    *crashed = !in_time || (rc > 0 && WIFSIGNALED(status));
    if (!in_time) {
        snprintf(buf, size, "took longer than %u s", jit_options.timeout);
    } else if (rc < 0) {
        return NULL; /* SIGCHLD is ignored here: the files will tell */
    } else if (WIFSIGNALED(status)) {
        snprintf(buf, size, "worker died of signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) == 0) {
        return NULL;
    } else if (WEXITSTATUS(status) == CHILD_NO_EMITTER) {
        snprintf(buf, size, "libgccjit did not start");
    } else if (WEXITSTATUS(status) == CHILD_NO_TEXT) {
        snprintf(buf, size, "libgccjit failed");
    } else if (WEXITSTATUS(status) == CHILD_NO_META) {
        snprintf(buf, size, "cannot write to %.300s", w->directory);
    } else {
        snprintf(buf, size, "the assembler failed (%d)", WEXITSTATUS(status));
    }
    return buf;
}

static void copy_to_stderr(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f) { return; }
    char buf[4096];
    flockfile(stderr);
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;) { fwrite(buf, 1, n, stderr); }
    funlockfile(stderr);
    fclose(f);
}

/* What the child had to say: dumps that were asked for, or, of a failed one, everything. */
static void show_errors(const struct worker *w, bool failed)
{
    if (jit_options.print_ir || jit_options.print_gimple || jit_options.print_asm ||
        jit_options.verify || (failed && jit_options.log)) {
        copy_to_stderr(w->errors);
    }
}

/* --print=asm: the batch's text, if the filter takes one of its methods. */
static void show_assembly(const struct worker *w, struct jit_job **jobs, unsigned n)
{
    bool any = false;
    char name[1024];
    for (unsigned i = 0; jit_options.print_asm && !job_is_quick(jobs[0]) && i < n; i++) {
        any |= !is_filtered(&jobs[i]->task);
    }
    if (!any) { return; }
    for (unsigned i = 0; i < n; i++) {
        method_external_name(jobs[i]->task.method, name, sizeof name);
        fprintf(stderr, "# moka_%u: %s", jobs[i]->task.id, name);
        fprintf(stderr, jobs[i]->task.osr_bci < 0 ? "\n" : " @ %d\n", jobs[i]->task.osr_bci);
    }
    copy_to_stderr(w->text);
}

/* ---- after the child ---- */

static void *read_file(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *p = NULL;
    *size = 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && (p = malloc((size_t)st.st_size + 1))) {
        ssize_t n;
        while (*size < (size_t)st.st_size &&
               (n = read(fd, p + *size, (size_t)st.st_size - *size)) > 0) {
            *size += (size_t)n;
        }
    }
    if (fd >= 0) { close(fd); }
    return p;
}

/* Do the indices in a task's arrays make sense? A wrong one would be read by a stack walk. */
static const char *check_unit(const struct jit_task *task, const struct load_unit *u,
                              const struct jit_meta *m)
{
    if (!u->code || !u->glue || (task->osr_bci < 0 && !u->entry)) {
        return "the object lacks its functions";
    }
    for (uint32_t i = 0; i < u->n_sites; i++) {
        if (u->sites[i].frame != SITE_NO_FRAME && u->sites[i].frame >= m->n_frames) {
            return "a site without frame";
        }
    }
    for (uint32_t i = 0; i < m->n_exits; i++) {
        if (m->exits[i].frame >= m->n_frames || m->exits[i].reason >= EXIT_REASON_COUNT) {
            return "an exit without frame";
        }
    }
    for (uint32_t i = 0; i < m->n_frames; i++) {
        const struct compiled_frame *f = &m->frames[i];
        if (f->caller > m->n_frames || f->n_cells > m->n_cells ||
            f->first_cell > m->n_cells - f->n_cells) {
            return "a frame without cells";
        }
    }
    return NULL;
}

static void drop_unit(struct load_unit *u)
{
    if (!u->code) { return; }
    cache_free(u->code, u->size);
    code_data_release(u->data);
    free(u->sites);
}

/* Its code, if there is any, counts nothing. */
static void job_drop_counter(struct jit_job *j)
{
    free(j->task.counter);
    j->task.counter = NULL;
}

/* The job ended without code. */
static void job_failed(struct jit_job *j, const char *why, bool permanent)
{
    log_failed(j, why, permanent);
    policy_failed(j, permanent);
    job_drop_counter(j);
    queue_done(j);
}

/* What the quick generator cannot do goes to GCC. */
static void job_too_hard(struct jit_job *j, const struct jit_result *r)
{
    bool again = jit_options.tiers == JIT_TIERS_BOTH && !atomic_load(&worker_no_gcc);
    if (!again) {
        job_failed(j, r->failure, true);
        return;
    }
    log_failed(j, r->failure, false);
    job_drop_counter(j);
    j->task.tier = 2;
    queue_again(j);
}

static void job_loaded(struct jit_job *j, struct load_unit *u, struct jit_result *r)
{
    const char *why = check_unit(&j->task, u, &r->meta);
    if (r->meta.final) { job_drop_counter(j); }
    struct compiled *c = why ? NULL : install(j, u, &r->meta);
    if (!c) {
        drop_unit(u);
        job_failed(j, why ? why : "out of memory", true);
        return;
    }
    log_compiled(j, c, r);
    policy_compiled(j);
    queue_done(j);
}

/* Loads the object; after a sweep once more if the cache was full. */
static bool load_object(const struct worker *w, struct load_unit *units, unsigned n, char *error,
                        size_t error_size, bool *full)
{
    size_t size;
    void *image = read_file(w->object, &size);
    *full = false;
    bool ok = image && object_load(image, size, units, n, helper_find, error, error_size, full);
    if (!image) { snprintf(error, error_size, "no object file"); }
    if (*full && install_sweep(NULL)) {
        ok = object_load(image, size, units, n, helper_find, error, error_size, full);
    }
    free(image);
    return ok;
}

/* Code of the quick generator: it needs nothing but a place. */
static bool place_code(struct jit_result *r, struct load_unit *u, bool *full)
{
    struct jit_meta *m = &r->meta;
    if (r->failure) { return true; }
    char *code = cache_alloc(m->code_size);
    if (!code && install_sweep(NULL)) { code = cache_alloc(m->code_size); }
    *full = !code;
    if (!code) { return false; }
    memcpy(cache_writable(code), m->code, m->code_size);
    u->code = code;
    u->size = m->code_size;
    u->entry = code + m->entry;
    u->glue = code + m->glue;
    u->sites = m->sites;
    u->n_sites = m->n_sites;
    m->sites = NULL;
    return m->entry < m->code_size && m->glue < m->code_size;
}

static bool place_batch(struct jit_result *r, struct load_unit *u, unsigned n, bool *full)
{
    bool ok = true;
    for (unsigned i = 0; i < n && ok; i++) { ok = place_code(&r[i], &u[i], full); }
    for (unsigned i = 0; i < n && !ok; i++) {
        drop_unit(&u[i]);
        u[i] = (struct load_unit){.id = u[i].id};
    }
    return ok;
}

/* The batch as a whole brought nothing. */
static void batch_failed(struct jit_job **jobs, unsigned n, const char *why, bool crashed)
{
    static atomic_uint in_a_row;
    if (!atomic_load(&jit_running)) { /* the process ends */
        for (unsigned i = 0; i < n; i++) { queue_done(jobs[i]); }
        return;
    }
    jit_stats.crashed += crashed;
    if (n > 1) {
        for (unsigned i = 0; i < n; i++) { queue_again(jobs[i]); }
        return;
    }
    if (crashed) {
        char name[1024];
        fprintf(stderr, "moka: warning: compiling %s: %s; it stays interpreted\n",
                method_external_name(jobs[0]->task.method, name, sizeof name), why);
    }
    job_failed(jobs[0], why, true);
    if (atomic_fetch_add(&in_a_row, 1) + 1 >= FAILURES_MAX && !jit_stats.compiled) {
        char text[500];
        snprintf(text, sizeof text, "no compilation succeeds (%s)", why);
        jit_give_up(text);
    }
}

/* Room is made by discarding the coldest code; when that was done often, the cache is too small for the program: rather than compile
 * the same methods again and again, nothing more is compiled. */
static void cache_is_full(struct jit_job **jobs, unsigned n)
{
    static atomic_uint times;
    struct cache_stats s = cache_get_stats();
    bool last = atomic_fetch_add(&times, 1) + 1 >= FULL_MAX;
    uint32_t discarded = last ? 0 : install_discard_coldest();
    jit_stats.discarded += discarded;
    log_text("code cache is full (%lu of %lu bytes used, largest hole %lu): %u compilations "
             "discarded%s. Try --jit-cache-size",
             (unsigned long)s.used, (unsigned long)s.size, (unsigned long)s.largest, discarded,
             discarded ? "" : ", nothing more is compiled");
    for (unsigned i = 0; i < n; i++) { job_failed(jobs[i], "code cache is full", false); }
    if (discarded) {
        install_sweep(NULL);
    } else {
        atomic_store(&jit_running, false);
        queue_close();
    }
}

static void sum_times(const struct batch_times *t, uint64_t ended)
{
    jit_stats.ns_gcc += t->as - t->gcc;
    jit_stats.ns_as += ended - t->as;
    for (unsigned p = 0; p < PASS_COUNT; p++) { jit_stats.ns_pass[p] += t->pass[p]; }
}

static void batch_ended(struct worker *w, struct jit_job **jobs, unsigned n)
{
    struct jit_result results[BATCH_MAX] = {0};
    struct load_unit units[BATCH_MAX] = {0};
    struct batch_times times;
    char text[400];
    bool crashed, full = false;
    const char *why = end_child(w, text, sizeof text, &crashed);
    uint64_t ended = jit_now();
    unsigned ok = 0;
    show_errors(w, why != NULL);
    show_assembly(w, jobs, n);
    for (unsigned i = 0; i < n; i++) {
        results[i].task = &jobs[i]->task;
        units[i].id = jobs[i]->task.id;
    }
    if (!why && !meta_read(w->meta, results, n, &times)) { why = "no results from the worker"; }
    for (unsigned i = 0; !why && i < n; i++) { ok += !results[i].failure; }
    if (!why && ok && job_is_quick(jobs[0])) {
        if (!place_batch(results, units, n, &full)) { why = "no room for the code"; }
    } else if (!why && ok && !load_object(w, units, n, text, sizeof text, &full)) {
        why = text;
    }
    if (full) {
        cache_is_full(jobs, n);
    } else if (why) {
        batch_failed(jobs, n, why, crashed);
    } else {
        sum_times(&times, ended);
        for (unsigned i = 0; i < n; i++) {
            if (results[i].too_hard) {
                job_too_hard(jobs[i], &results[i]);
            } else if (results[i].failure) {
                drop_unit(&units[i]);
                job_failed(jobs[i], results[i].failure, results[i].permanent);
            } else {
                job_loaded(jobs[i], &units[i], &results[i]);
            }
        }
        jit_stats.ns_load += jit_now() - ended;
    }
    for (unsigned i = 0; i < n; i++) { meta_free(&results[i]); }
}

/* ---- compiler threads ---- */

/* The assembler of PATH; "" if there is none. */
static void find_assembler(void)
{
    const char *path = getenv("PATH");
    char *list = NULL, *save;
    if (asprintf(&list, "%s:/usr/bin:/usr/local/bin", path ? path : "") < 0) { return; }
    bool found = false;
    for (char *dir = strtok_r(list, ":", &save); dir && !found; dir = strtok_r(NULL, ":", &save)) {
        struct stat st;
        found = snprintf(assembler, sizeof assembler, "%s/as", dir) < (int)sizeof assembler &&
                access(assembler, X_OK) == 0 && stat(assembler, &st) == 0 && S_ISREG(st.st_mode);
    }
    if (!found) { assembler[0] = 0; }
    free(list);
}

/* Why GCC cannot be used, NULL: it can. A library of that size takes 10 ms. Children of tier 1 may start meanwhile: they see half of it
 * and call nothing of it; other workers of tier 2 wait here. */
static const char *load_gcc(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char why[PATH_MAX + 300];
    pthread_mutex_lock(&lock);
    if (!assembler[0] && !why[0]) { find_assembler(); }
    if (!assembler[0]) {
        snprintf(why, sizeof why, "no assembler (the program `as` of binutils)");
    } else if (!emitter && !why[0]) {
        char path[PATH_MAX];
        launcher_own_path(path, sizeof path, EMITTER_FILE);
        void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        emitter = library ? dlsym(library, EMITTER_SYMBOL) : NULL;
        const char *error = emitter ? NULL : dlerror();
        if (!emitter) { snprintf(why, sizeof why, "no libgccjit (%s)", error ? error : path); }
    }
    pthread_mutex_unlock(&lock);
    return emitter ? NULL : why;
}

static bool worker_prepare(struct worker *w)
{
    const char *why = w->tiers & 1u << 2 ? load_gcc() : NULL;
    if (why) {
        if (jit_options.tiers == JIT_TIERS_GCC) {
            jit_give_up(why);
        } else if (!atomic_exchange(&worker_no_gcc, true)) {
            fprintf(stderr, "moka: warning: %s: compiling by the quick generator only\n", why);
        }
        return false;
    }
    if (!files_worker_directory(w->index, w->directory, sizeof w->directory)) {
        jit_give_up("no directory for temporary files (TMPDIR, /dev/shm, /tmp)");
        return false;
    }
    return true;
}

static void name_files(struct worker *w, uint32_t id)
{
    snprintf(w->text, sizeof w->text, "%s/%u.s", w->directory, id);
    snprintf(w->object, sizeof w->object, "%s/%u.o", w->directory, id);
    snprintf(w->meta, sizeof w->meta, "%s/%u.meta", w->directory, id);
    snprintf(w->errors, sizeof w->errors, "%s/%u.txt", w->directory, id);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    machine_thread_attach(NULL);
    struct jit_job *jobs[BATCH_MAX];
    unsigned n;
    bool ready = false;
    if (w->tiers & 1u << 2 && queue_wait_use()) { ready = worker_prepare(w); }
    while ((n = queue_take(jobs, w->tiers, &w->rest)) > 0) {
        if (!ready) { ready = worker_prepare(w); }
        name_files(w, jobs[0]->task.id);
        jit_stats.batches++;
        if (!ready || !start_child(w, jobs, n)) {
            for (unsigned i = 0; i < n; i++) { job_failed(jobs[i], "no worker process", false); }
        } else {
            batch_ended(w, jobs, n);
        }
        if (ready) { files_clean(w->directory); }
        if (install_sweep_due()) { install_sweep(NULL); }
    }
    return NULL;
}

bool worker_start(unsigned tiers)
{
    if (n_workers >= WORKERS_MAX) { return true; }
    struct worker *w = &workers[n_workers];
    w->index = n_workers;
    w->tiers = tiers;
    bool ok =
        compiler_thread_start(tiers & 1u << 2 ? "moka-jit" : "moka-jit-quick", worker_main, w);
    n_workers += ok;
    return ok;
}

void workers_end(void)
{
    pthread_mutex_lock(&children_lock);
    ending = true;
    for (unsigned i = 0; i < n_workers; i++) {
        if (workers[i].child) { kill(workers[i].child, SIGKILL); }
    }
    /* dead before their files are removed; their compiler threads, which wait for the lock, reap them */
    for (unsigned i = 0; i < n_workers; i++) {
        siginfo_t info;
        if (workers[i].child) { waitid(P_PID, (id_t)workers[i].child, &info, WEXITED | WNOWAIT); }
    }
    pthread_mutex_unlock(&children_lock);
    files_end();
}
