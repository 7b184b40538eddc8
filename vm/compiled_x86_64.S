/*
 * compiled_x86_64.S - the two borders of compiled code (compiled.h). Both keep a frame pointer: stack walks follow the chain.
 */
        .text

/*
 * uint64_t compiled_enter(struct thread *t, uint64_t (*glue)(slot_t *), slot_t *cells, struct compiled_segment *s)
 *
 *      +----------------+
 *      | return address |
 *      | caller's rbp   | <- rbp = s->base
 *      | rbx r12 .. r15 |
 *      | (alignment)    | <- rsp
 */
        .globl  compiled_enter
        .type   compiled_enter, @function
        .p2align 4
compiled_enter:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
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
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   compiled_enter, . - compiled_enter

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
        .globl  compiled_entry_stub
        .type   compiled_entry_stub, @function
        .p2align 4
compiled_entry_stub:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
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
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   compiled_entry_stub, . - compiled_entry_stub

        .section .note.GNU-stack, "", @progbits
