/*
 * options_xx.c - -XX and -Xlog: HotSpot's flags, as far as moka has what they are about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/options-internal.h"
#include "vm/options.h"

/* ---- -XX ---- */

static bool xx_flag(const char *arg, const char *name, bool *value)
{
    if ((*arg == '+' || *arg == '-') && !strcmp(arg + 1, name)) {
        *value = *arg == '+';
        return true;
    }
    return false;
}

/* Flags of HotSpot that tune what moka does not have; programs' scripts are full of them. */
static const char *const quiet_flags[] = {
    "UseSerialGC",
    "UseG1GC",
    "UseParallelGC",
    "UseZGC",
    "TieredCompilation",
    "UseCompressedOops",
    "UseCompressedClassPointers",
    "MaxMetaspaceSize",
    "MetaspaceSize",
    "UseStringDeduplication",
    "PerfDisableSharedMem",
    "UsePerfData",
    "IgnoreUnrecognizedVMOptions",
    "UnlockDiagnosticVMOptions",
    "UnlockExperimentalVMOptions",
    "MaxRAMPercentage",
    "InitialRAMPercentage",
    "NewRatio",
    "MaxRAM",
    "CompileCommand",
    "OmitStackTraceInFastThrow",
    "UseContainerSupport",
    "StackTraceInThrowable",
    "ErrorFile",
    "HeapDumpPath",
    "OnError",
    "MaxNewSize",
    "NewSize",
    "ParallelGCThreads",
    "ConcGCThreads",
    "ClassUnloading",
    "UseBiasedLocking",
    "EnableJVMCI",
    "TraceClassLoading",
    "MaxGCPauseMillis",
    "AlwaysPreTouch",
    "SharedArchiveFile",
    "BiasedLockingStartupDelay",
    "Inline",
    "UseOnStackReplacement",
    "UseCodeCacheFlushing",
    "SegmentedCodeCache",
    "G1HeapRegionSize",
};

int options_xx(const char *arg)
{
    bool on;
    const char *name = *arg == '+' || *arg == '-' ? arg + 1 : arg;
    size_t length = strcspn(name, "=");
    if (xx_flag(arg, "ShowCodeDetailsInExceptionMessages", &options.helpful_npe) ||
        xx_flag(arg, "ShowHiddenFrames", &options.show_hidden_frames) ||
        xx_flag(arg, "PrintFlagsFinal", &options.print_flags) ||
        xx_flag(arg, "ExitOnOutOfMemoryError", &options.exit_on_oom) ||
        xx_flag(arg, "CrashOnOutOfMemoryError", &options.crash_on_oom) ||
        xx_flag(arg, "HeapDumpOnOutOfMemoryError", &options.heap_dump_on_oom) ||
        xx_flag(arg, "ReduceSignalUsage", &options.xrs) ||
        xx_flag(arg, "DisableExplicitGC", &options.no_explicit_gc) ||
        xx_flag(arg, "PrintCompilation", &options.print_compilation) ||
        xx_flag(arg, "PrintInlining", &options.print_inlining) ||
        xx_flag(arg, "DumpPerfMapAtExit", &options.perf_map_at_exit) ||
        xx_flag(arg, "BytecodeVerificationLocal", &options.verify_all)) {
        return -1;
    }
    if (xx_flag(arg, "BackgroundCompilation", &on)) {
        options.xbatch = !on;
        return -1;
    }
    if (xx_flag(arg, "UseTransparentHugePages", &on)) {
        options.heap.small_pages = !on;
        return -1;
    }
    if (xx_flag(arg, "BytecodeVerificationRemote", &on)) {
        options.verify_none = !on;
        return -1;
    }
    if (!strncmp(arg, "MaxJavaStackTraceDepth=", 23)) {
        options.max_trace_depth = atoi(arg + 23);
        return -1;
    }
    if (!strncmp(arg, "OnOutOfMemoryError=", 19)) {
        options.on_oom = arg + 19;
        return -1;
    }
    if (!strncmp(arg, "ActiveProcessorCount=", 21)) {
        options.processors = arg + 21;
        return -1;
    }
    if (!strncmp(arg, "TieredStopAtLevel=", 18)) { /* HotSpot's 1 to 3 are its quick compiler's */
        int level = atoi(arg + 18);
        options.xint = level == 0;
        options.jit_tiers = level >= 1 && level <= 3; /* both, or quick */
        return -1;
    }
    for (size_t i = 0; i < sizeof quiet_flags / sizeof *quiet_flags; i++) {
        if (strlen(quiet_flags[i]) == length && !strncmp(name, quiet_flags[i], length)) {
            return -1;
        }
    }
    fprintf(stderr, "moka: warning: ignoring option -XX:%s\n", arg);
    return -1;
}

/* ---- -Xlog ---- */

/* Is text[0..n) the word? */
static bool is_word(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && !strncmp(text, word, n);
}

/* Is each tag of tag[+tag...] one of those given (the second may be NULL)? *distinct: how many of them there are. */
static bool only_tags(const char *text, size_t n, const char *one, const char *two, int *distinct)
{
    bool has_one = false, has_two = false;
    for (const char *p = text, *end = text + n; p < end;) {
        const char *plus = memchr(p, '+', (size_t)(end - p));
        size_t length = (size_t)((plus ? plus : end) - p);
        bool is_one = is_word(p, length, one), is_two = two && is_word(p, length, two);
        if (!is_one && !is_two) { return false; }
        has_one |= is_one;
        has_two |= is_two;
        p += length + 1;
    }
    *distinct = has_one + has_two;
    return true;
}

/* One selection, tag[+tag...][*][=level], for standard output. With * it means all sets of tags that hold those named. */
static void xlog_select(const char *text, size_t n)
{
    const char *equals = memchr(text, '=', n);
    size_t tags = equals ? (size_t)(equals - text) : n;
    const char *level = equals ? equals + 1 : "info";
    size_t level_length = equals ? n - tags - 1 : 4;
    bool on = is_word(level, level_length, "info") || is_word(level, level_length, "debug") ||
              is_word(level, level_length, "trace");
    bool all = is_word(text, tags, "all");
    bool wild = all || (tags && text[tags - 1] == '*');
    if (wild && !all) { tags--; }
    int distinct = 0;
    if (all || (only_tags(text, tags, "class", "load", &distinct) && (wild || distinct == 2))) {
        options.verbose_class = on;
        if (wild) { options.verbose_class_family = on; }
    }
    if (all || (only_tags(text, tags, "gc", NULL, &distinct) && distinct)) {
        options.heap.verbose = on;
    }
}

/* -Xlog:[selection,...][:output[:...]]. Nothing is logged to files and stderr. */
void options_xlog(const char *arg)
{
    size_t n = strcspn(arg, ":");
    if (arg[n]) {
        const char *output = arg + n + 1;
        size_t length = strcspn(output, ":");
        if (length && !is_word(output, length, "stdout")) { return; }
    }
    if (is_word(arg, n, "disable")) {
        options.verbose_class = options.verbose_class_family = options.heap.verbose = false;
        return;
    }
    if (!n) { xlog_select("all", 3); }
    for (const char *p = arg; p < arg + n;) {
        size_t length = strcspn(p, ",:");
        xlog_select(p, length);
        p += length + 1;
    }
}
