/*
 * frame.h - frames of interpreted and native methods on a thread's Java stack (JVMS 2.6).
 *
 *   stack_base                                                        grows up -->
 *   ... | caller's operands | args = callee's locals | other locals | struct frame | operands ...
 *                           ^ locals                                ^ t->top        ^ sp
 *
 * A callee's arguments are the cells that its caller pushed. Frames are linked from t->top by `prev`. `pc` and `sp` are
 * written back by the interpreter before anything that may walk the stack, collect, or throw.
 */
#ifndef MOKA_VM_FRAME_H
#define MOKA_VM_FRAME_H

#include "runtime/engine.h"
#include "runtime/threads/thread.h"
#include "vm/code.h"

enum {
    FRAME_ENTRY = 1,  /* called from C: returning from it leaves the interpreter */
    FRAME_NATIVE = 2, /* a native method: no code */
    FRAME_RESUME = 4, /* made by compiled code that left: goes on at pc and sp, not at the entry */
};

struct frame {
    struct frame *prev;
    struct method *method;
    struct insn *pc;
    struct code *code;
    slot_t *locals;
    slot_t *sp;
    gref lock; /* object of a synchronized method that this frame locked */
    uint32_t flags;
};

#define FRAME_SLOTS ((sizeof(struct frame) + sizeof(slot_t) - 1) / sizeof(slot_t))

static inline slot_t *frame_operands(struct frame *f) { return (slot_t *)f + FRAME_SLOTS; }

/* First free cell of a thread's Java stack (top->sp is up to date outside the interpreter). */
static inline slot_t *thread_free_cells(struct thread *t)
{
    return t->top ? t->top->sp : t->stack_base;
}

/* bci of a frame: -1 for native methods. */
static inline int frame_current_bci(const struct frame *f)
{
    return (f->flags & FRAME_NATIVE) || !f->pc ? -1 : insn_bci(f->code, f->pc);
}

#endif
