// SIGSEGV and SIGBUS: the monitor's trap. A fault in the window is a TLB miss of the shadow MMU, the guest's page
// fault, or nothing of ours; hooks decide about the last two.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "runtime/machine/machine-internal.h"

#define ALTSTACK_SIZE (64u << 10)

static struct sigaction old_segv, old_bus;
static __thread struct vcpu *current_vcpu;
static __thread void *current_altstack;

struct vcpu *machine_current_vcpu(void) { return current_vcpu; }

#if defined(__x86_64__)
// Bit 1 of the processor's page-fault error code says "write", bit 4 "instruction fetch".
static uint32_t fault_access(const ucontext_t *uc)
{
    return (uint32_t)uc->uc_mcontext.gregs[REG_ERR] & 0x12;
}
#else
#error "fault_access: which context word says that the fault was a write?"
#endif

static bool window_fault(uintptr_t address, ucontext_t *uc)
{
    uint32_t what = fault_access(uc), gva = (uint32_t)address, error = 0;
    if (what & 0x10) { return false; } // nothing executes in the guest's RAM
    uint32_t access = what & PF_WRITE;
    struct vcpu *v = current_vcpu;
    if (shadow_fault(v, gva, access, &error)) { return true; }
    if (!v || !machine.hooks.page_fault) { return false; }
    v->cr2 = gva;
    v->counters.page_faults++;
    count(&machine_counters.guest_page_faults, 1);
    return machine.hooks.page_fault(v, gva, error, uc);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    uintptr_t address = (uintptr_t)info->si_addr;
    bool done = false;
    if (sig == SIGSEGV && info->si_code > 0 && info->si_code != SI_KERNEL &&
        address >= MACHINE_WINDOW_START && address < MACHINE_LIMIT) {
        done = window_fault(address, context);
    }
    if (!done && machine.hooks.host_fault) { done = machine.hooks.host_fault(sig, info, context); }
    if (!done) { // back to whoever was there before: the instruction faults again
        sigaction(sig, sig == SIGSEGV ? &old_segv : &old_bus, NULL);
    }
    errno = saved_errno;
}

bool fault_init(char *err, size_t size)
{
    struct sigaction sa = {.sa_sigaction = on_fault,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&sa.sa_mask);
    if (sigaction(SIGSEGV, &sa, &old_segv) != 0 || sigaction(SIGBUS, &sa, &old_bus) != 0) {
        snprintf(err, size, "cannot install the SIGSEGV handler: %s", strerror(errno));
        return false;
    }
    return true;
}

bool machine_thread_attach(struct vcpu *v)
{
    current_vcpu = v;
    if (current_altstack) { return true; }
    void *stack = mmap(NULL, ALTSTACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) { return false; }
    stack_t ss = {.ss_sp = stack, .ss_size = ALTSTACK_SIZE};
    if (sigaltstack(&ss, NULL) != 0) {
        munmap(stack, ALTSTACK_SIZE);
        return false;
    }
    current_altstack = stack;
    return true;
}

void machine_thread_detach(void)
{
    current_vcpu = NULL;
    if (!current_altstack) { return; }
    stack_t off = {.ss_flags = SS_DISABLE};
    if (sigaltstack(&off, NULL) == 0) { munmap(current_altstack, ALTSTACK_SIZE); }
    current_altstack = NULL;
}
