/*
 * options.h - the command line: java's arguments and moka's own (options.def).
 *
 * Follows the java launcher: @argfiles, JDK_JAVA_OPTIONS, JAVA_TOOL_OPTIONS, class path wildcards, and its messages and
 * exit codes for what is wrong.
 */
#ifndef MOKA_VM_OPTIONS_H
#define MOKA_VM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/heap/heap.h"
#include "runtime/machine/machine.h"

/* As sun.launcher.LauncherHelper numbers them. */
enum launch_mode { LM_UNKNOWN = 0, LM_CLASS = 1, LM_JAR = 2, LM_MODULE = 3, LM_SOURCE = 4 };

/* What to do instead of, or before, running a program. */
enum launch_action {
    DO_RUN,
    DO_VERSION, /* print and end */
    DO_FULLVERSION,
    DO_HELP,
    DO_HELP_X,
    DO_LIST_MODULES,
    DO_DESCRIBE_MODULE,
};

struct options {
    enum launch_mode mode;
    enum launch_action action;
    const char *what;     /* class, jar, module[/class], source file */
    const char *describe; /* module of -d */
    bool to_stderr;       /* where version and help go */
    bool show_version;    /* before running */
    bool show_version_err;
    bool dry_run;
    const char *show_settings; /* "" or ":all" etc., NULL = not asked for */
    int argc;                  /* program arguments */
    char **argv;
    const char *class_path; /* NULL: not given */
    const char *jdk;
    const char *boot_append;
    char **patch_module;
    int n_patch_module;
    uint64_t stack_size; /* bytes, 0 = default */
    enum mmu_mode mmu;
    uint64_t ram;
    const char *disk;
    struct heap_config heap;
    bool verbose_class, verbose_class_family, verbose_jni, check_jni;
    int max_trace_depth; /* -XX:MaxJavaStackTraceDepth, -1 = default */
    bool verify_all, verify_none;
    bool xint, xrs, xdiag;
    /* the compiler's; jit/jit.c copies them */
    bool jit, xcomp, xbatch;
    int jit_opt;
    int jit_unit;  /* as enum jit_unit numbers them */
    int jit_tiers; /* as enum jit_tiers */
    uint32_t jit_threshold, jit_upgrade, jit_timeout;
    unsigned jit_workers;
    uint64_t jit_cache_size;
    const char *passes; /* NULL: not given */
    bool jit_verify, jit_keep, jit_gdb, perf_map, perf_map_at_exit;
    bool print_compilation, print_inlining;
    bool print_ir, print_graph, print_gimple, print_asm;
    bool stats;
    bool print_bytecode, print_blocks;
    const char *print_filter;
    const char *jit_only;
    bool show_hidden_frames;
    bool helpful_npe;
    bool no_explicit_gc;
    const char *processors; /* -XX:ActiveProcessorCount */
    bool print_flags;
    bool exit_on_oom, crash_on_oom, heap_dump_on_oom;
    const char *on_oom; /* -XX:OnOutOfMemoryError: commands, or NULL */
    char **vm_args;     /* options as given, for management */
    int n_vm_args;
};

extern struct options options;

/* Parses the command line. Returns -1 to go on, or an exit code (messages were printed). */
int options_parse(int argc, char **argv);
/* engine.option_value: an -XX flag's or moka option's value as text; NULL if unknown. */
const char *option_value(const char *name);
/* moka's own options, from the table. */
void options_print_help(FILE *out);

#endif
