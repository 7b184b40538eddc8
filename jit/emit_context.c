/*
 * emit_context.c - what the functions of a batch share: GCC's options, types, the helpers of helpers.def, inline code of the software TLB.
 */
#include <stdio.h>
#include <stdlib.h>

#include "jit/emit-internal.h"
#include "runtime/machine/machine.h"
#include "vm/options.h"

static void add_types(struct emitter *e)
{
#define TYPE(field, which) e->field = gcc_jit_context_get_type(e->ctx, GCC_JIT_TYPE_##which)
    TYPE(t_void, VOID);
    TYPE(t_ptr, VOID_PTR);
    TYPE(t_i8, INT8_T);
    TYPE(t_u8, UINT8_T);
    TYPE(t_i16, INT16_T);
    TYPE(t_u16, UINT16_T);
    TYPE(t_i32, INT32_T);
    TYPE(t_u32, UINT32_T);
    TYPE(t_i64, INT64_T);
    TYPE(t_u64, UINT64_T);
    TYPE(t_float, FLOAT);
    TYPE(t_double, DOUBLE);
    TYPE(t_bool, BOOL);
    TYPE(t_size, SIZE_T);
    TYPE(t_int, INT);
    TYPE(t_long, LONG);
#undef TYPE
#define POINTER(x) e->p_##x = gcc_jit_type_get_pointer(e->t_##x)
    POINTER(i8);
    POINTER(u8);
    POINTER(i16);
    POINTER(u16);
    POINTER(i32);
    POINTER(u32);
    POINTER(i64);
    POINTER(u64);
    POINTER(float);
    POINTER(double);
#undef POINTER
    e->t_bytes = e->p_u8;
}

static gcc_jit_type *helper_type(struct emitter *e, char c)
{
    switch (c) {
    case 'T':
    case 'P': return e->t_ptr;
    case 'I': return e->t_i32;
    case 'J': return e->t_i64;
    case 'R': return e->t_u64;
    case 'F': return e->t_float;
    case 'D': return e->t_double;
    default: return e->t_void;
    }
}

static void add_helpers(struct emitter *e)
{
    for (unsigned h = 0; h < HELPER_COUNT; h++) {
        const struct helper_info *info = &helper_info[h];
        gcc_jit_param *params[10];
        int n = 0;
        for (const char *p = info->types + 2; *p; p++) {
            params[n++] = gcc_jit_context_new_param(e->ctx, NULL, helper_type(e, *p), "a");
        }
        e->helpers[h] =
            gcc_jit_context_new_function(e->ctx, NULL, GCC_JIT_FUNCTION_IMPORTED,
                                         helper_type(e, info->types[0]), info->name, n, params, 0);
    }
}

static void add_flags(struct emitter *e, unsigned tier)
{
    static const char *const always[] = {"-fwrapv",
                                         "-ffp-contract=off",
                                         "-fno-optimize-sibling-calls",
                                         "-fno-semantic-interposition",
                                         "-fno-inline-functions",
                                         "-fno-omit-frame-pointer",
                                         "-mno-red-zone",
                                         "-fno-strict-aliasing",
                                         "-fno-delete-null-pointer-checks",
                                         "-fno-math-errno",
                                         "-fno-trapping-math",
                                         "-fno-reorder-blocks-and-partition",
                                         "-ffunction-sections",
                                         "-fno-asynchronous-unwind-tables",
                                         "-fno-stack-protector",
                                         "-fcf-protection=none",
                                         "-fno-exceptions",
                                         "-fno-ipa-icf",
                                         "-fno-ipa-ra"};
    for (size_t i = 0; i < ARRAY_COUNT(always); i++) {
        gcc_jit_context_add_command_line_option(e->ctx, always[i]);
    }
    /* of 100: what comes behind a loop that runs longer would be taken for colder by as much, and behind some for never run */
    gcc_jit_context_add_command_line_option(e->ctx, "--param=max-predicted-iterations=2000");
    int level = jit_options.opt >= 3 ? 3 : jit_options.opt;
    if (tier < 2 && level > 1) { level = 1; }
    gcc_jit_context_set_int_option(e->ctx, GCC_JIT_INT_OPTION_OPTIMIZATION_LEVEL, level);
    /* GCC 12 takes the upper bits of a rotated int for known when those of the int are: (x & 127) rotated by 31 came out positive */
    gcc_jit_context_add_command_line_option(e->ctx, "-fno-tree-bit-ccp");
    /* a fifth of GCC's work at -O2, for what our passes have found already */
    static const char *const spared[] = {"-fno-tree-slp-vectorize", "-fno-tree-vrp", "-fno-gcse"};
    for (size_t i = 0; level == 2 && i < ARRAY_COUNT(spared); i++) {
        gcc_jit_context_add_command_line_option(e->ctx, spared[i]);
    }
    /* not -O0: that has a slot of the frame for every temporary, where a dead reference stays while a loop goes round */
    if (level == 0) { gcc_jit_context_add_command_line_option(e->ctx, "-Og"); }
    if (level == 1) { gcc_jit_context_add_command_line_option(e->ctx, "-fcaller-saves"); }
    if (level >= 2) {
        gcc_jit_context_add_command_line_option(e->ctx, "-ftree-vectorize");
        gcc_jit_context_add_command_line_option(e->ctx, "-fvect-cost-model=dynamic");
        /* twice: more makes short loops slower than it makes long ones faster */
        gcc_jit_context_add_command_line_option(e->ctx, "-funroll-loops");
        gcc_jit_context_add_command_line_option(e->ctx, "--param=max-unroll-times=2");
        /* GCC gives up where that costs more than 10 bytes; a short loop across two cache lines took up to a third longer */
        gcc_jit_context_add_command_line_option(e->ctx, "-falign-loops=32");
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) {
        gcc_jit_context_add_command_line_option(e->ctx, "-march=x86-64-v3");
    }
}

/* u8 *soft_addr_<size>_<rw>(u64 gva): the inline half of softmmu_addr (runtime/machine/softmmu.h). */
static gcc_jit_function *make_soft_addr(struct emitter *e, unsigned shift, bool write)
{
    char name[32];
    snprintf(name, sizeof name, "soft_addr_%u_%c", 1u << shift, write ? 'w' : 'r');
    gcc_jit_param *p = gcc_jit_context_new_param(e->ctx, NULL, e->t_u64, "gva");
    e->fn = gcc_jit_context_new_function(e->ctx, NULL, GCC_JIT_FUNCTION_ALWAYS_INLINE, e->t_bytes,
                                         name, 1, &p, 0);
    e->block = emit_new_block(e);
    rv gva = gcc_jit_param_as_rvalue(p);
    lv entry = gcc_jit_function_new_local(e->fn, NULL, e->t_bytes, "entry");
    rv index = emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_u64,
                           emit_binary(e, GCC_JIT_BINARY_OP_RSHIFT, e->t_u64, gva, emit_u64(e, 12)),
                           emit_u64(e, TLB_SIZE - 1));
    rv tlb = emit_cast(
        e,
        gcc_jit_lvalue_as_rvalue(emit_thread_field(e, offsetof(struct thread, cpu.tlb), e->t_u64,
                                                   gcc_jit_type_get_pointer(e->t_bytes))),
        e->t_bytes);
    emit_assign(e, entry,
                emit_byte_address(e, tlb,
                                  emit_binary(e, GCC_JIT_BINARY_OP_MULT, e->t_u64, index,
                                              emit_u64(e, sizeof(struct tlb_entry)))));
    rv base = gcc_jit_lvalue_as_rvalue(entry);
    rv tag = gcc_jit_lvalue_as_rvalue(emit_at(e, base,
                                              write ? offsetof(struct tlb_entry, write_tag)
                                                    : offsetof(struct tlb_entry, read_tag),
                                              e->t_u32, e->p_u32));
    rv last = emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, gva, emit_u64(e, (1u << shift) - 1));
    rv page = emit_cast(
        e, emit_binary(e, GCC_JIT_BINARY_OP_BITWISE_AND, e->t_u64, last, emit_u64(e, PTE_FRAME)),
        e->t_u32);
    gcc_jit_block *hit = emit_new_block(e), *miss = emit_new_block(e);
    emit_branch(e, emit_likely(e, emit_compare(e, GCC_JIT_COMPARISON_EQ, page, tag)), hit, miss);
    e->block = hit;
    lv hits =
        emit_thread_field(e, offsetof(struct thread, cpu.counters.tlb_hits), e->t_u64, e->p_u64);
    gcc_jit_block_add_assignment_op(hit, NULL, hits, GCC_JIT_BINARY_OP_PLUS, emit_u64(e, 1));
    rv addend = gcc_jit_lvalue_as_rvalue(
        emit_at(e, base, offsetof(struct tlb_entry, addend), e->t_u64, e->p_u64));
    gcc_jit_block_end_with_return(
        hit, NULL,
        emit_pointer(e, emit_binary(e, GCC_JIT_BINARY_OP_PLUS, e->t_u64, addend, gva), e->t_bytes));
    e->block = miss;
    rv args[4] = {emit_cast(e, gcc_jit_lvalue_as_rvalue(e->thread), e->t_ptr),
                  emit_cast(e, gva, e->t_i64), emit_i32(e, 1 << shift),
                  emit_i32(e, write ? (int)PF_WRITE : 0)};
    gcc_jit_block_end_with_return(
        miss, NULL,
        emit_cast(e, gcc_jit_context_new_call(e->ctx, NULL, e->helpers[HELPER_soft_addr], 4, args),
                  e->t_bytes));
    return e->fn;
}

struct emitter *emitter_new(const struct jit_task *first)
{
    struct emitter *e = calloc(1, sizeof *e);
    if (!e) { return NULL; }
    e->ctx = gcc_jit_context_acquire();
    if (!e->ctx) {
        free(e);
        return NULL;
    }
    e->soft = options.mmu == MMU_SOFT;
    add_types(e);
    add_flags(e, first->tier);
    gcc_jit_context_set_bool_option(e->ctx, GCC_JIT_BOOL_OPTION_DUMP_INITIAL_GIMPLE,
                                    jit_options.print_gimple);
    gcc_jit_context_set_bool_option(e->ctx, GCC_JIT_BOOL_OPTION_DEBUGINFO, 0);
    e->thread =
        gcc_jit_context_new_global(e->ctx, NULL, GCC_JIT_GLOBAL_EXPORTED, e->t_bytes, "thread");
    gcc_jit_lvalue_set_register_name(e->thread, "r15");
    add_helpers(e);
    e->expect = gcc_jit_context_get_builtin_function(e->ctx, "__builtin_expect_with_probability");
    e->atomic_load4 = gcc_jit_context_get_builtin_function(e->ctx, "__atomic_load_4");
    e->frame_address = gcc_jit_context_get_builtin_function(e->ctx, "__builtin_frame_address");
    if (e->soft) {
        for (unsigned shift = 0; shift < 4; shift++) {
            for (int write = 0; write < 2; write++) {
                e->soft_addr[shift][write] = make_soft_addr(e, shift, write);
            }
        }
    }
    return e;
}

/* Is the loop where most of the time goes one of arithmetic on floats that touches no memory? Then each operation waits for the one
 * before it. */
static bool waits_for_results(const struct ir_graph *g)
{
    const struct ir_loop *hot = NULL;
    for (const struct ir_loop *l = g->loops; l; l = l->next) {
        if (!hot || l->header->freq > hot->header->freq) { hot = l; }
    }
    bool floats = false;
    for (const struct ir_block *b = g->blocks; hot && b; b = b->next) {
        if (b->loop != hot) { continue; }
        for (const struct ir_value *v = b->first; v; v = v->next) {
            if (v->op == IR_POLL) { continue; }
            if (ir_flags(v) & (IRF_READ | IRF_WRITE | IRF_CALL)) { return false; }
            floats |= ir_is_float(v->type) && ir_is_simple(v);
        }
    }
    return floats;
}

void emit_flags_for(struct emitter *e, const struct ir_graph *g)
{
    if (e->schedules || !waits_for_results(g)) { return; }
    /* operations on the longest way first, before registers are given out; in loops that load and store it costs a few percent */
    gcc_jit_context_add_command_line_option(e->ctx, "-fschedule-insns");
    e->schedules = true;
}

bool emitter_write(struct emitter *e, const char *path)
{
    gcc_jit_context_compile_to_file(e->ctx, GCC_JIT_OUTPUT_KIND_ASSEMBLER, path);
    const char *error = gcc_jit_context_get_first_error(e->ctx);
    if (error) { fprintf(stderr, "moka: libgccjit: %s\n", error); }
    return !error;
}

const struct emitter_library emitter_library = {
    .create = emitter_new, .add = emitter_add, .write = emitter_write};
