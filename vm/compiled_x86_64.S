/*
 * compiled_x86_64.S - the two borders of compiled code (compiled.h). Both keep a frame pointer: stack walks follow the chain.
 */
        .text

        .macro  begin name
        .globl  \name
        .type   \name, @function
        .p2align 4
\name\():
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        .endm

        /* behind `leave`, or pop of rbp */
        .macro  end name
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   \name, . - \name
        .endm

/*
 * uint64_t compiled_enter(struct thread *t, uint64_t (*glue)(slot_t *), slot_t *cells, struct compiled_segment *s)
 *
 *      +----------------+
 *      | return address |
 *      | caller's rbp   | <- rbp = s->base
 *      | rbx r12 .. r15 |
 *      | (alignment)    | <- rsp
 */
        begin   compiled_enter
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        .cfi_offset %rbx, -24
        .cfi_offset %r12, -32
        .cfi_offset %r13, -40
        .cfi_offset %r14, -48
        .cfi_offset %r15, -56
        subq    $8, %rsp
        movq    %rbp, 16(%rcx)          /* s->base */
        movq    %rdi, %r15
        movq    %rdx, %rdi
        call    *%rsi
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        end     compiled_enter

/*
 * Calls of methods that have no compiled code arrive here: saves the argument registers in the order of the convention and
 * lets compiled_call_out() sort them out. The result serves as integer and as float.
 *
 *      | stack arguments|
 *      | return address |
 *      | caller's rbp   | <- rbp
 *      | xmm7 .. xmm0   |
 *      | r9 .. rdi      | <- rsp
 */
        begin   compiled_entry_stub
        subq    $112, %rsp
        movq    %rdi, 0(%rsp)
        movq    %rsi, 8(%rsp)
        movq    %rdx, 16(%rsp)
        movq    %rcx, 24(%rsp)
        movq    %r8, 32(%rsp)
        movq    %r9, 40(%rsp)
        movsd   %xmm0, 48(%rsp)
        movsd   %xmm1, 56(%rsp)
        movsd   %xmm2, 64(%rsp)
        movsd   %xmm3, 72(%rsp)
        movsd   %xmm4, 80(%rsp)
        movsd   %xmm5, 88(%rsp)
        movsd   %xmm6, 96(%rsp)
        movsd   %xmm7, 104(%rsp)
        movq    %r15, %rdi
        movq    %rsp, %rsi
        leaq    48(%rsp), %rdx
        leaq    16(%rbp), %rcx
        movq    %rbp, %r8
        call    compiled_call_out
        movq    %rax, %xmm0
        leave
        end     compiled_entry_stub

/*
 * Exits: compiled code calls it with its live values in registers. The bytes behind the call say which (compiled_exit.c). Gives
 * all registers to compiled_leave(t, saved, data, rbp), whose result is the raw value; then goes on behind the data.
 *
 *      | return address | = data; compiled_leave() moves it on
 *      | caller's rbp   | <- rbp
 *      | (alignment)    |
 *      | xmm15 .. xmm0  |
 *      | r15 .. rax     | <- rsp = saved
 */
        begin   jit_leave
        andq    $-16, %rsp
        subq    $256, %rsp
        movq    %rax, 0(%rsp)
        movq    %rcx, 8(%rsp)
        movq    %rdx, 16(%rsp)
        movq    %rbx, 24(%rsp)
        movq    %rsi, 48(%rsp)
        movq    %rdi, 56(%rsp)
        movq    %r8, 64(%rsp)
        movq    %r9, 72(%rsp)
        movq    %r10, 80(%rsp)
        movq    %r11, 88(%rsp)
        movq    %r12, 96(%rsp)
        movq    %r13, 104(%rsp)
        movq    %r14, 112(%rsp)
        movq    %r15, 120(%rsp)
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movsd   %xmm\n, 128 + 8 * \n(%rsp)
        .endr
        movq    %r15, %rdi
        movq    %rsp, %rsi
        movq    8(%rbp), %rdx
        movq    %rbp, %rcx
        call    compiled_leave
        leave
        end     jit_leave

        .section .note.GNU-stack, "", @progbits
