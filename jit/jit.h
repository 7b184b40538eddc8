/*
 * jit.h - the compiler's rooms and how they meet.
 *
 *   hot method or loop (vm/compiled.h: jit_hooks.hot)
 *        |
 *   queue.c      priority queue with ageing; a compiler thread takes batches
 *        |  fork
 *   worker.c     child: frontend.c (bytecode -> IR, inlining) -> passes.c -> meta.c and
 *        |         tier 1: quick*.c (machine code), tier 2: emit*.c (libgccjit -> assembler text -> `as`)
 *   load.c       parent: ELF object -> code cache (cache.c), relocations against helpers.def
 *        |
 *   install.c    struct compiled registered, m->entry and code->compiled set
 */
#ifndef MOKA_JIT_JIT_H
#define MOKA_JIT_JIT_H

#include <stdio.h>

#include "vm/compiled.h"

struct ir_graph;

/* Passes, by number. */
enum pass_id {
#define PASS(name, function, level, text) PASS_##name,
#include "jit/passes.def"
    PASS_COUNT
};
bool pass_enabled(enum pass_id p);

enum helper_id {
#define HELPER(name, types, flags, text) HELPER_##name,
#include "jit/helpers.def"
    HELPER_COUNT
};
enum { H_THROWS = 1, H_PURE = 2, H_READS = 4, H_ELEMENTS = 8 };
struct helper_info {
    const char *name, *types, *text;
    uint32_t flags;
    void *function;
};
extern const struct helper_info helper_info[HELPER_COUNT];

enum jit_tiers { JIT_TIERS_BOTH, JIT_TIERS_QUICK, JIT_TIERS_GCC };
enum jit_unit { JIT_UNIT_BLOCK, JIT_UNIT_CHAIN, JIT_UNIT_REGION };

struct jit_options {
    bool enabled;         /* false: -Xint */
    bool eager;           /* -Xcomp */
    bool wait;            /* -Xbatch */
    enum jit_tiers tiers; /* --jit-tiers */
    int opt;              /* --jit-opt=0..3 */
    enum jit_unit unit;   /* --jit-unit */
    uint32_t threshold;   /* --jit-threshold: calls; loops: 10 times that many iterations */
    uint32_t upgrade;     /* --jit-upgrade: events in tier 1 */
    unsigned workers;     /* --jit-workers */
    uint64_t cache_size;  /* --jit-cache-size, bytes */
    uint64_t passes_on, passes_off;         /* --passes: bit masks by enum pass_id */
    bool log;                               /* -XX:+PrintCompilation */
    bool log_inlining;                      /* -XX:+PrintInlining */
    bool verify;                            /* --jit-verify: ir_verify after each pass */
    bool print_ir, print_gimple, print_asm; /* --print= */
    bool print_graph;                       /* --print=graph: graphviz files */
    bool keep;                              /* --jit-keep: leave the worker's files */
    bool gdb;                               /* --jit-gdb: tell debuggers about code */
    bool perf_map, perf_map_at_exit;        /* --perf-map, -XX:+DumpPerfMapAtExit */
    uint32_t timeout;                       /* --jit-timeout: seconds for a batch */
    const char *filter;                     /* --print-filter */
    const char *only;                       /* --jit-only */
};
extern struct jit_options jit_options;

/*
 * What tier 1 counts: entries of the code and iterations of its loops, down to 0; then it calls jit_tier_up(). Written by all
 * threads without care: lost counts only delay things.
 */
struct jit_counter {
    int32_t left;
    uint32_t trips;        /* times that it came to 0 */
    uint64_t due;          /* jit_now() when tier 2 could have been asked for; 0: not yet */
    struct compiled *code; /* which it is a part of; NULL until it is installed */
};

/* A compilation asked for. */
struct jit_task {
    struct method *method;
    struct jit_counter *counter; /* tier 1, if there is a tier 2; the code's when it is installed */
    int32_t osr_bci;             /* -1: whole method */
    uint8_t tier;                /* 1: quick.c, 2: GCC */
    uint32_t id;
    double priority;
    struct jit_task *next;
};

/* What the child found out about one compilation beside its code; travels to the parent as flat arrays. */
struct jit_meta {
    struct compiled_frame *frames;
    struct compiled_cell *cells;
    struct compiled_exit *exits;
    uint32_t n_frames, n_cells, n_exits, cap_frames, cap_cells, cap_exits;
    char *log; /* text for the log: inlining decisions */
    size_t log_size;
    /* tier 1 (quick.h): the code itself, which can lie anywhere; offsets of entry and glue in it */
    uint8_t *code;
    uint32_t code_size, entry, glue;
    bool final; /* GCC would make nothing better of it; the task's counter is not used */
    struct compiled_site *sites;
    uint32_t n_sites, cap_sites;
};

/* What became of one task of a batch. */
struct jit_result {
    struct jit_task *task;
    const char *failure; /* NULL: compiled */
    bool permanent;
    bool too_hard; /* for the quick generator; GCC may be able to */
    struct jit_meta meta;
    uint32_t n_blocks, n_values;
    uint64_t ns_build, ns_passes, ns_emit;
};

/* Did a check at this place fail often before? Then the front end does not speculate there. */
bool jit_trapped(const struct method *m, int bci, int reason);

/* ---- in the child ---- */

/* Bytecode to graph. g->failure says why not. */
struct ir_graph *frontend_build(const struct jit_task *task);
/* Runs the pipeline. */
void passes_run(struct ir_graph *g, const struct jit_task *task);

/*
 * One libgccjit context for a batch. Symbols of task number i in it: moka_<id> (entry), moka_glue_<id>. The emitter (emit*.c) is a
 * library of its own, lib/libmoka-gcc.so: to load and relocate libgccjit takes 4 ms and 10 MB, which a program that
 * ends before anything is hot need not pay.
 */
struct emitter;
struct emitter_library {
    struct emitter *(*create)(const struct jit_task *first);
    /* Adds a graph. False with result->failure. */
    bool (*add)(struct emitter *e, struct ir_graph *g, const struct jit_task *task,
                struct jit_result *result);
    /* Writes assembler text. False with a message on stderr. */
    bool (*write)(struct emitter *e, const char *path);
};
#define EMITTER_FILE   "libmoka-gcc.so"
#define EMITTER_SYMBOL "emitter_library"
extern const struct emitter_library emitter_library; /* only in there */

/* ---- in the parent ---- */

/* Starts compiler threads and fills jit_hooks; called by the launcher after the options are known. */
void jit_init(void);
/* The end: kills workers, removes files; statistics go to f (NULL: nobody asked). */
void jit_exit_report(FILE *f);
/* Is the argument of --passes right? If not, says on stderr what would be. */
bool jit_check_passes(const char *list);

#endif
