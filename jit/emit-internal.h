/*
 * emit-internal.h - state of the emitter, shared by emit_context.c (of a batch), emit.c (functions, blocks), emit_exits.c, emit_ops.c and emit_calls.c
 * (operations).
 */
#ifndef MOKA_JIT_EMIT_INTERNAL_H
#define MOKA_JIT_EMIT_INTERNAL_H

#include <libgccjit.h>

#include "jit/ir.h"
#include "jit/jit.h"

typedef gcc_jit_rvalue *rv;
typedef gcc_jit_lvalue *lv;

/* A label behind a call, and where it is with the index of its frame in the site table (jit/load.c). */
#define SITE_TEXT                                                                                  \
    "771:\n\t.pushsection jsites,\"a\",@progbits\n\t.balign 4\n\t.long 771b-.\n\t.long "           \
    "0x%x\n\t.popsection"

struct emitter {
    gcc_jit_context *ctx;
    bool soft;      /* guest accesses go through the software TLB */
    bool schedules; /* see emit_flags_for */
    gcc_jit_type *t_void, *t_ptr, *t_bytes, *t_i8, *t_u8, *t_i16, *t_u16, *t_i32, *t_u32, *t_i64,
        *t_u64, *t_float, *t_double, *t_bool, *t_size, *t_int, *t_long;
    gcc_jit_type *p_i8, *p_u8, *p_i16, *p_u16, *p_i32, *p_u32, *p_i64, *p_u64, *p_float, *p_double;
    lv thread; /* r15 */
    gcc_jit_function *helpers[HELPER_COUNT];
    gcc_jit_function *expect, *atomic_load4, *frame_address;
    gcc_jit_function *soft_addr[4][2]; /* by log2 of the size, write */
    /* the function being made */
    struct ir_graph *g;
    const struct jit_task *task;
    struct jit_result *result;
    gcc_jit_function *fn;
    gcc_jit_block *block;  /* where statements go */
    gcc_jit_block *unwind; /* returns 0: an exception passes through */
    gcc_jit_block *leave;  /* where exits meet, with the raw result in `left` */
    lv left;
    lv undefined; /* a variable that is never set */
    struct ir_block *
        checked; /* before its code the stack limit is checked; NULL: at the entry, or not at all */
    uint32_t n_temps;
    struct exit_stub *exits;
    const char *failure;
};

/* An exit to be emitted at the end of the function. */
struct exit_stub {
    struct ir_state *state;
    uint8_t reason;
    bool rethrow;
    gcc_jit_block *block;
    struct exit_stub *next;
};

/* What struct emitter_library (jit.h) consists of. */
struct emitter *emitter_new(const struct jit_task *first);
bool emitter_add(struct emitter *e, struct ir_graph *g, const struct jit_task *task,
                 struct jit_result *result);
bool emitter_write(struct emitter *e, const char *path);

static inline bool emit_is_osr(const struct emitter *e) { return e->task->osr_bci >= 0; }

/* ---- emit_context.c ---- */
/* Options of GCC that a graph asks for; other graphs of its batch get them, too. */
void emit_flags_for(struct emitter *e, const struct ir_graph *g);

/* ---- emit.c ---- */
gcc_jit_type *emit_type(struct emitter *e, enum ir_type t);
gcc_jit_type *emit_mem_type(struct emitter *e, enum basic_type t, bool pointer);
rv emit_value(struct emitter *e, struct ir_value *v); /* what v holds */
lv emit_temp(struct emitter *e, gcc_jit_type *t);
rv emit_i32(struct emitter *e, int32_t i);
rv emit_i64(struct emitter *e, int64_t j);
rv emit_u64(struct emitter *e, uint64_t u);
rv emit_cast(struct emitter *e, rv v, gcc_jit_type *t);
rv emit_bitcast(struct emitter *e, rv v, gcc_jit_type *t);
rv emit_binary(struct emitter *e, enum gcc_jit_binary_op op, gcc_jit_type *t, rv a, rv b);
rv emit_compare(struct emitter *e, enum gcc_jit_comparison c, rv a, rv b);
/* The condition of an IF, GUARD, COND, SELECT, as bool. */
rv emit_cond(struct emitter *e, enum ir_cond c, rv a, rv b, enum ir_type type);
/* The condition, which holds with that probability. */
rv emit_expect(struct emitter *e, rv cond, double probability);
rv emit_unlikely(struct emitter *e, rv cond);
rv emit_likely(struct emitter *e, rv cond);
void emit_assign(struct emitter *e, lv to, rv v);
gcc_jit_block *emit_new_block(struct emitter *e);
/* Ends the block with a branch and goes on in `then` or `otherwise` as the caller sets e->block. */
void emit_branch(struct emitter *e, rv cond, gcc_jit_block *yes, gcc_jit_block *no);
void emit_jump(struct emitter *e, gcc_jit_block *to);
/* &bytes[index] */
rv emit_byte_address(struct emitter *e, rv bytes, rv index);
/* *(type *)(host base + offset) */
lv emit_at(struct emitter *e, rv bytes, int64_t offset, gcc_jit_type *type, gcc_jit_type *pointer);
/* Field of struct thread. */
lv emit_thread_field(struct emitter *e, size_t offset, gcc_jit_type *type, gcc_jit_type *pointer);
/* Host pointer to bytes of an address in a u64. */
rv emit_pointer(struct emitter *e, rv address, gcc_jit_type *pointer);
/* Guest memory: a place of the storage type at a gva (u64); in soft mode through the TLB. */
lv emit_guest(struct emitter *e, rv gva, enum basic_type mem, bool write);
/* After a call: its site, for stack walks. frame: SITE_NO_FRAME or an index. */
void emit_site(struct emitter *e, uint32_t frame);
/* Leaves if an exception is pending. */
void emit_exception_check(struct emitter *e, struct ir_state *s);
/* A helper call with arguments as C values (without T); void: NULL. With the site and, if the helper throws, the check. */
rv emit_helper(struct emitter *e, enum helper_id h, struct ir_state *s, int n, rv *args);
/* The same without the check. */
rv emit_helper_caught(struct emitter *e, enum helper_id h, struct ir_state *s, int n, rv *args);
rv emit_raw(struct emitter *e, rv v, enum ir_type t);   /* as a 64-bit cell */
rv emit_unraw(struct emitter *e, rv v, enum ir_type t); /* back */

void emit_return(struct emitter *e, rv v); /* v NULL: nothing */
rv emit_frame_address(struct emitter *e);

/* ---- emit_exits.c ---- */
/* The block that leaves through a state. */
gcc_jit_block *emit_exit_block(struct emitter *e, struct ir_state *s, enum exit_reason reason,
                               bool rethrow);
/* Its code. */
void emit_exit_stub(struct emitter *e, struct exit_stub *x);
/* Where all exits meet: returns what the interpreter made of the rest. */
void emit_left(struct emitter *e);

/* ---- emit_ops.c ---- */

/* Emits one operation; its value, or NULL. */
rv emit_op(struct emitter *e, struct ir_value *v);
static inline rv emit_read(lv l) { return gcc_jit_lvalue_as_rvalue(l); }
static inline rv emit_arg(struct emitter *e, struct ir_value *v, unsigned i)
{
    return emit_value(e, v->args[i]);
}
static inline enum ir_type emit_arg_type(struct ir_value *v, unsigned i)
{
    return ir_value(v->args[i])->type;
}
/* An address and an offset. */
rv emit_plus(struct emitter *e, rv ref, uint64_t offset);
/* Class id of an object; the struct class of an id; the pointer at an offset in that. */
rv emit_class_id(struct emitter *e, rv ref);
rv emit_class_pointer(struct emitter *e, rv id);
rv emit_load_pointer(struct emitter *e, rv bytes, int64_t offset);
/* An address of the VM. */
rv emit_host_constant(struct emitter *e, const void *p);
/* A function that GCC knows; arguments are cast to its parameters' types. */
rv emit_call_builtin(struct emitter *e, gcc_jit_function *f, int n, rv *args);

/* ---- emit_calls.c ---- */

/* The operations that allocate, lock or call. */
rv emit_call_op(struct emitter *e, struct ir_value *v);

#endif
