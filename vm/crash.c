/*
 * crash.c - a fault that nothing in Java explains: says what, where and in which Java frames, then aborts, so that a
 * core dump shows the state. Written to stderr with what is safe enough in a signal handler that will not return.
 */
#include "vm/crash.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "runtime/classes/class.h"
#include "runtime/heap/heap.h"
#include "runtime/machine/machine.h"
#include "runtime/threads/thread.h"
#include "vm/compiled.h"
#include "vm/engine.h"
#include "vm/launcher.h"
#include "vm/options.h"
#include "vm/x86.h"

static volatile int reporting;

static const char *signal_text(int sig)
{
    switch (sig) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    case SIGABRT: return "SIGABRT";
    default: return "signal";
    }
}

static void report_java_frames(struct thread *t, const ucontext_t *uc)
{
    void *pc = (void *)uc->uc_mcontext.gregs[REG_RIP], *sp = (void *)uc->uc_mcontext.gregs[REG_RSP];
    if (t->segment && (void *)t->segment->anchor < sp) {
        t->segment->anchor = NULL; /* of a call that has returned */
    }
    struct stack_walk w;
    int n = 0;
    for (bool ok = walk_first_from(&w, t, pc, (void **)uc->uc_mcontext.gregs[REG_RBP]);
         ok && n < 40; ok = engine_walk_next(&w), n++) {
        const struct method *m = w.at.method;
        int bci = w.at.bci;
        char name[512];
        fprintf(stderr, "#   %s %s",
                walk_is_compiled(&w) ? "compiled   "
                : bci < 0            ? "native     "
                                     : "interpreted",
                method_external_name(m, name, sizeof name));
        if (bci >= 0 && bci < (int)m->code_length) {
            fprintf(stderr, " @ %d (%s)", bci, opcode_info[m->code[bci]].name);
        }
        fputc('\n', stderr);
    }
}

static void report(int sig, siginfo_t *info, void *context)
{
    if (__atomic_exchange_n(&reporting, 1, __ATOMIC_SEQ_CST)) {
        _exit(134); /* a fault while reporting, or in a second thread */
    }
    ucontext_t *uc = context;
    void *pc = (void *)uc->uc_mcontext.gregs[REG_RIP];
    struct thread *t = thread_current();
    Dl_info dl = {0};
    fprintf(stderr, "#\n# A fatal error has been detected by moka:\n#\n#  %s at pc=%p, pid=%d\n",
            signal_text(sig), pc, (int)getpid());
    uintptr_t at = (uintptr_t)info->si_addr;
    if (sig == SIGSEGV || sig == SIGBUS) {
        fprintf(stderr, "#  address %p%s%s\n", info->si_addr, at < 0x10000 ? " (null page)" : "",
                at >= 0x10000 && at < 0x100000000ull ? " (a gva without translation)" : "");
    }
    const struct compiled *c = compiled_find(pc);
    if (c) {
        char name[512];
        fprintf(stderr, "#  in compiled code %u of %s, %s%stier %u, at offset %#lx\n", c->id,
                method_external_name(c->method, name, sizeof name),
                c->osr_bci >= 0 ? "a loop, " : "", c->valid ? "" : "discarded, ", c->tier,
                (unsigned long)((char *)pc - c->code));
    } else if (dladdr(pc, &dl) && dl.dli_fname) {
        fprintf(stderr, "#  in %s+%#lx  %s\n", dl.dli_fname,
                (unsigned long)((char *)pc - (char *)dl.dli_fbase),
                dl.dli_sname ? dl.dli_sname : "");
    }
    fprintf(stderr, "#  moka %s, --mmu=%s, -Xmx%lluk, %llu collections\n", MOKA_VERSION,
            mmu_mode_name(options.mmu), (unsigned long long)heap_max() >> 10,
            (unsigned long long)heap_get_stats().collections);
    if (t) {
        fprintf(stderr, "#  thread %u, %s%s\n", t->id,
                t->state == THREAD_IN_VM ? "in VM" : "in native",
                t->exception ? ", exception pending" : "");
        report_java_frames(t, uc);
    } else {
        fprintf(stderr, "#  not a Java thread\n");
    }
    fprintf(stderr, "#  native frames:\n");
    void *frames[32];
    int n = backtrace(frames, 32);
    backtrace_symbols_fd(frames, n, STDERR_FILENO);
    fprintf(stderr, "#\n");
}

static void die(int sig, siginfo_t *info, void *context)
{
    report(sig, info, context);
    signal(SIGABRT, SIG_DFL);
    abort();
}

/* A page behind the end of a mapped file: compiled code goes on behind the access and finds the note (jit/intrinsics.c). */
static bool step_over(struct thread *t, ucontext_t *uc)
{
    greg_t *pc = &uc->uc_mcontext.gregs[REG_RIP];
    unsigned length = compiled_find((void *)*pc) ? x86_memory_length((uint8_t *)*pc) : 0;
    t->bus_fault = length != 0;
    *pc += length;
    return length != 0;
}

static bool host_fault(int sig, siginfo_t *info, void *context)
{
    struct thread *t = thread_current();
    if (sig == SIGBUS && t && t->bus_guard) { /* SA_NODEFER: no signal mask to restore */
        siglongjmp(*t->bus_guard, 1);
    }
    if (sig == SIGBUS && t && step_over(t, context)) { return true; }
    die(sig, info, context);
    return false;
}

static bool page_fault(struct vcpu *v, uint32_t gva, uint32_t error, void *context)
{
    (void)v;
    if (context) {
        siginfo_t info = {.si_addr = (void *)(uintptr_t)gva};
        die(SIGSEGV, &info, context);
    }
    ucontext_t here;
    getcontext(&here);
    siginfo_t info = {.si_addr = (void *)(uintptr_t)gva};
    fprintf(stderr, "# guest page fault at %#x, error code %#x\n", gva, error);
    die(SIGSEGV, &info, &here);
    return false;
}

static void nothing(int sig) { (void)sig; }

void crash_init(void)
{
    static const struct machine_hooks hooks = {.page_fault = page_fault, .host_fault = host_fault};
    machine_set_hooks(&hooks);
    static const int signals[] = {SIGFPE, SIGILL};
    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        struct sigaction sa = {.sa_sigaction = die,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
        sigaction(signals[i], &sa, NULL);
    }
    /* the call that caused them fails, too, and becomes an exception; a handler, since SIG_IGN would pass to child processes */
    static const int answered[] = {SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < ARRAY_COUNT(answered); i++) {
        struct sigaction sa = {.sa_handler = nothing, .sa_flags = SA_RESTART};
        sigaction(answered[i], &sa, NULL);
    }
    void *warm[1];
    backtrace(warm, 1); /* loads libgcc now, not in a handler */
}
