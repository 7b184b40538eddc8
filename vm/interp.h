/*
 * interp.h - the interpreter, and the slow paths that it calls.
 *
 * interp.inc is compiled twice: interp_direct.c (flat and shadow MMU: guest accesses are plain loads and stores) and
 * interp_soft.c (each guest access goes through the software TLB). interp_choose() picks one at start.
 */
#ifndef MOKA_VM_INTERP_H
#define MOKA_VM_INTERP_H

#include "vm/code.h"
#include "vm/frame.h"

/* Runs from frame `f` (top of t's stack, FRAME_ENTRY set) until it returns; the result in a cell. With an exception
 * pending when the frame was left by one. `t` NULL: fills insn_handlers and returns. */
slot_t interp_run_direct(struct thread *t, struct frame *f);
slot_t interp_run_soft(struct thread *t, struct frame *f);

extern slot_t (*interp_run)(struct thread *t, struct frame *f);
void interp_choose(bool soft);

/* ---- slow paths (quicken.c); each returns false with an exception pending ---- */

/* ldc of a resolved-at-run-time constant: value in *out; true in *two_cells for long and double. */
bool slow_ldc(struct thread *t, struct frame *f, struct insn *pc, slot_t *out);
/* Resolves a field instruction, initialises its class, quickens if that is allowed. Else `a` of *once is what to
 * execute: the caller dispatches to handlers[*op] with *once as its instruction. */
bool slow_field(struct thread *t, struct frame *f, struct insn *pc, struct insn *once,
                enum opcode *op);
/* The new object; 0 with an exception. (Returned, not stored through a pointer: a forgotten cell of the C stack would keep
 * it alive.) */
gref slow_new(struct thread *t, struct frame *f, struct insn *pc);
bool slow_anewarray(struct thread *t, struct frame *f, struct insn *pc);
bool slow_type(struct thread *t, struct frame *f, struct insn *pc, enum opcode op);
/* Resolves an invoke instruction. Like slow_field, *once and *op say what to do now. */
bool slow_invoke(struct thread *t, struct frame *f, struct insn *pc, struct insn *once,
                 enum opcode *op);
/* Another receiver class at a site: updates the profile and selects. NULL with an exception. */
struct method *site_select(struct thread *t, struct call_site *s, struct class *receiver,
                           bool interface);
/* Subtype test that keeps the site's profile. */
bool type_site_test(struct type_site *s, struct class *c);
/* MethodHandle intrinsics: the method to call. `args` are the cells; for link_to the MemberName is the last. */
struct method *basic_target(struct thread *t, gref handle);
struct method *link_target(struct thread *t, enum method_intrinsic kind, slot_t *args,
                           unsigned cells);

/* Array and instance allocation with the exceptions that the instructions throw; 0 = pending. */
gref interp_new(struct thread *t, struct class *c);
gref interp_newarray(struct thread *t, struct class *array_class, int32_t length);
gref interp_multianewarray(struct thread *t, struct class *c, int dims, const slot_t *lengths);

/* int[].class etc. by newarray type code. */
struct class *primitive_array_class(unsigned type);
/* java.lang.ref.Finalizer.register(Object), found at start. */
extern struct method *finalizer_register_method;

/* ---- calls (call.c) ---- */

/* Calls any method whose arguments are at `cells`, the first free cells of t's stack. */
slot_t call_cells(struct thread *t, struct method *m, slot_t *cells);
/* Runs a native method whose arguments are at `args`; pushes and pops its frame. */
slot_t call_native(struct thread *t, struct method *m, slot_t *args);
/* Is `m`, a method with bytecode, to be called as a VM native (native_find_intrinsic)? Binds it at the first question. */
bool bind_intrinsic(struct method *m);
/* Throws AbstractMethodError / IncompatibleClassChangeError / UnsatisfiedLinkError for a method without code. */
void throw_no_code(struct thread *t, struct method *m, gref receiver);
bool stack_overflow(struct thread *t);
/* Is the C stack used up, but for the reserve? */
static inline __attribute__((always_inline)) bool c_stack_low(const struct thread *t)
{
    return (char *)__builtin_frame_address(0) < t->c_stack_limit;
}
/* Zeroes the C stack below the caller, where calls that have returned left references: after an OutOfMemoryError they may be
 * all that keeps the garbage alive, once later frames cover them without writing to them. */
void stack_scrub(void);
/* Called at every 64th back edge to a block and call of a method, when t->cpu.pending is set. */
static inline void interp_poll(struct thread *t) { thread_poll_slow(t); }

/* ---- exceptions (exceptions.c) ---- */
void throw_class_cast(struct thread *t, struct class *from, struct class *to);
void throw_array_index(struct thread *t, int32_t index, int32_t length);
void throw_array_store(struct thread *t, gref value, gref array);
/* AbstractMethodError for resolved method `m`; `receiver` NULL if there is none. */
void throw_abstract(struct thread *t, const struct method *m, const struct class *receiver);
/* engine.npe_message (npe.c) */
char *npe_message(struct thread *t, gref exception);

#endif
