/*
 * options.c - see options.h.
 */
#include "vm/options.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "runtime/jni/assertions.h"
#include "runtime/jni/properties.h"
#include "vm/argfiles.h"
#include "vm/launcher.h"
#include "vm/options-internal.h"

struct options options = {
    .mmu = MMU_SHADOW,
    .helpful_npe = true,
    .to_stderr = true,
    .max_trace_depth = -1,
    .jit = true,
    .jit_opt = 2,
    .jit_unit = 2,
    .jit_threshold = 200,
    .jit_upgrade = 4096,
    .jit_timeout = 60,
    .jit_workers = 1,
    .jit_cache_size = 256u << 20,
    .heap = {.soft_ms_per_mb = -1},
};

enum form { FORM_FLAG, FORM_ATTACHED, FORM_NEXT, FORM_EQ_NEXT };

enum option_key {
    OPTION_CLASSPATH,
    OPTION_JAR,
    OPTION_MODULE,
    OPTION_SOURCE,
    OPTION_MODULE_PATH,
    OPTION_UPGRADE_PATH,
    OPTION_ADD_MODULES,
    OPTION_LIMIT_MODULES,
    OPTION_ADD_READS,
    OPTION_ADD_EXPORTS,
    OPTION_ADD_OPENS,
    OPTION_PATCH_MODULE,
    OPTION_NATIVE_ACCESS,
    OPTION_ILLEGAL_ACCESS,
    OPTION_LIST_MODULES,
    OPTION_DESCRIBE_MODULE,
    OPTION_DRY_RUN,
    OPTION_VALIDATE_MODULES,
    OPTION_SHOW_RESOLUTION,
    OPTION_VERSION_ERR,
    OPTION_FULLVERSION_ERR,
    OPTION_VERSION_OUT,
    OPTION_FULLVERSION_OUT,
    OPTION_SHOWVERSION_ERR,
    OPTION_SHOWVERSION_OUT,
    OPTION_HELP_ERR,
    OPTION_HELP_OUT,
    OPTION_HELP_X_ERR,
    OPTION_HELP_X_OUT,
    OPTION_SHOW_SETTINGS,
    OPTION_VERBOSE_CLASS,
    OPTION_VERBOSE_GC,
    OPTION_VERBOSE_JNI,
    OPTION_IGNORED,
    OPTION_PROPERTY,
    OPTION_ENABLE_ASSERT,
    OPTION_DISABLE_ASSERT,
    OPTION_ENABLE_SYSTEM_ASSERT,
    OPTION_DISABLE_SYSTEM_ASSERT,
    OPTION_MAX_HEAP,
    OPTION_INITIAL_HEAP,
    OPTION_STACK_SIZE,
    OPTION_STACK_SIZE_K,
    OPTION_MAX_DIRECT,
    OPTION_SOFT_REF_MS,
    OPTION_XINT,
    OPTION_XMIXED,
    OPTION_XCOMP,
    OPTION_XBATCH,
    OPTION_XRS,
    OPTION_XDIAG,
    OPTION_CHECK_JNI,
    OPTION_XLOG,
    OPTION_VERIFY,
    OPTION_BOOT_APPEND,
    OPTION_INTERNAL_VERSION,
    OPTION_XX,
    OPTION_ENABLE_PREVIEW,
    OPTION_NO_ARGFILES,
    OPTION_AGENT,
    OPTION_JAVAAGENT,
    OPTION_JDK,
    OPTION_MMU,
    OPTION_RAM,
    OPTION_DISK,
    OPTION_GC_STRESS,
    OPTION_GC_THRESHOLD,
    OPTION_LARGE_PAGES,
    OPTION_GC_MARKERS,
    OPTION_JIT,
    OPTION_JIT_OPT,
    OPTION_JIT_THRESHOLD,
    OPTION_JIT_UNIT,
    OPTION_JIT_TIERS,
    OPTION_JIT_UPGRADE,
    OPTION_JIT_WORKERS,
    OPTION_JIT_TIMEOUT,
    OPTION_JIT_CACHE,
    OPTION_PASSES,
    OPTION_JIT_ONLY,
    OPTION_JIT_VERIFY,
    OPTION_JIT_KEEP,
    OPTION_JIT_GDB,
    OPTION_PERF_MAP,
    OPTION_STATS,
    OPTION_PRINT,
    OPTION_PRINT_FILTER,
    OPTION_HELP_MOKA,
    OPTION_HELP_MARKDOWN,
};

static const struct option_row {
    const char *spelling;
    enum form form;
    enum option_key key;
    const char *argument;
    const char *help;
} rows[] = {
#define OPT(spelling, form, key, argument, help) {spelling, form, OPTION_##key, argument, help},
#include "vm/options.def"
#undef OPT
};

static int fail_vm(void)
{
    fputs("Error: Could not create the Java Virtual Machine.\n"
          "Error: A fatal exception has occurred. Program will exit.\n",
          stderr);
    return 1;
}

/* ---- values ---- */

/* "512m" -> bytes; false if malformed or it overflows. */
static bool parse_size(const char *s, uint64_t *out)
{
    char *end;
    if (*s < '0' || *s > '9') { return false; }
    uint64_t v = strtoull(s, &end, 0);
    unsigned shift = 0;
    switch (*end) {
    case 'k':
    case 'K': shift = 10; break;
    case 'm':
    case 'M': shift = 20; break;
    case 'g':
    case 'G': shift = 30; break;
    case 't':
    case 'T': shift = 40; break;
    case 0: break;
    default: return false;
    }
    if (shift) { end++; }
    if (*end || (shift && v >> (64 - shift))) { return false; }
    *out = v << shift;
    return true;
}

static int bad_size(const char *what, const char *word)
{
    fprintf(stderr, "Invalid %s: %s\n", what, word);
    return fail_vm();
}

/* Properties of options that may be given several times: prefix.0, prefix.1, ... */
static void add_numbered(const char *prefix, const char *value)
{
    static struct {
        const char *prefix;
        int n;
    } counts[8];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (!counts[i].prefix || !strcmp(counts[i].prefix, prefix)) {
            counts[i].prefix = prefix;
            char key[100];
            snprintf(key, sizeof key, "%s.%d", prefix, counts[i].n++);
            vm_property_set(key, value);
            return;
        }
    }
}

static void set_property(const char *text)
{
    const char *eq = strchr(text, '=');
    char *key = eq ? strndup(text, (size_t)(eq - text)) : strdup(text);
    vm_property_set(key, eq ? eq + 1 : "");
    free(key);
}

/* Directory entries "dir/(star)" of a class path become the jars in dir. */
static char *expand_class_path(const char *path)
{
    char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);
    const char *p = path;
    bool first = true;
    for (;;) {
        const char *end = strchrnul(p, ':');
        size_t n = (size_t)(end - p);
        char dir[4096];
        bool wild = n >= 1 && p[n - 1] == '*' && (n == 1 || p[n - 2] == '/') && n < sizeof dir;
        DIR *d = NULL;
        if (wild) {
            snprintf(dir, sizeof dir, "%.*s", (int)(n - 1), p);
            d = opendir(n == 1 ? "." : dir);
        }
        if (d) {
            for (struct dirent *e; (e = readdir(d));) {
                size_t len = strlen(e->d_name);
                if (len > 4 && (!strcmp(e->d_name + len - 4, ".jar") ||
                                !strcmp(e->d_name + len - 4, ".JAR"))) {
                    fprintf(f, "%s%s%s", first ? "" : ":", n == 1 ? "" : dir, e->d_name);
                    first = false;
                }
            }
            closedir(d);
        } else {
            fprintf(f, "%s%.*s", first ? "" : ":", (int)n, p);
            first = false;
        }
        if (!*end) { break; }
        p = end + 1;
    }
    fclose(f);
    return out;
}

/* ---- the table as documentation ---- */

/* "--mmu=<shadow|soft|flat>" */
static void spell(const struct option_row *o, char *buf, size_t size)
{
    snprintf(buf, size, "%s%s%s", o->spelling,
             o->form == FORM_EQ_NEXT ? "="
             : o->form == FORM_NEXT  ? " "
                                     : "",
             o->argument ? o->argument : "");
}

void options_print_help(FILE *out)
{
    fputs("moka [options] <mainclass> | -jar <file> | -m <module>[/<class>] | <source>.java  "
          "[args...]\n"
          "All options of the java command are accepted (see --help). moka's own, and where a "
          "choice was made:\n\n",
          out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].help) {
            char left[80];
            spell(&rows[i], left, sizeof left);
            fprintf(out, "  %-32s %s\n", left, rows[i].help);
        }
    }
}

static void print_markdown(void)
{
    puts("# Options\n\nMade by `moka --help-moka:markdown` from `vm/options.def`; `make docs` "
         "writes this page again.\n\n"
         "moka takes the arguments of the `java` command. Its own, and those where a choice was "
         "made:\n\n"
         "| option | what it does |\n|---|---|");
    for (int own = 1; own >= 0; own--) {
        if (!own) { puts("\nAlso accepted, as `java` does:\n\n| option | |\n|---|---|"); }
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const struct option_row *o = &rows[i];
            char left[80];
            spell(o, left, sizeof left);
            for (char *p; (p = strchr(left, '|'));) { *p = '/'; }
            if (own == (o->help != NULL)) {
                printf("| `%s` | %s |\n", left,
                       o->help                    ? o->help
                       : o->key == OPTION_IGNORED ? "no effect here"
                                                  : "");
            }
        }
    }
}

/* ---- one option ---- */

static int vm_error(const char *format, const char *arg)
{
    fprintf(stderr, format, arg);
    return fail_vm();
}

/* A number between `low` and `high`. */
static bool parse_number(const char *s, uint64_t low, uint64_t high, uint64_t *out)
{
    return parse_size(s, out) && *out >= low && *out <= high;
}

/* Index of a word in a list that ends with NULL; -1: it is not there. */
static int word_index(const char *word, const char *const *list)
{
    for (int i = 0; list[i]; i++) {
        if (!strcmp(word, list[i])) { return i; }
    }
    return -1;
}

/* --print=ir,blocks */
static int parse_print(const char *arg)
{
    static const struct {
        const char *name;
        bool *flag;
    } views[] = {
        {"bytecode", &options.print_bytecode},
        {"blocks", &options.print_blocks},
        {"ir", &options.print_ir},
        {"graph", &options.print_graph},
        {"gimple", &options.print_gimple},
        {"asm", &options.print_asm},
    };
    for (const char *p = arg; *p; p += *p == ',') {
        size_t n = strcspn(p, ","), i = 0;
        while (i < sizeof views / sizeof *views &&
               (strlen(views[i].name) != n || strncmp(p, views[i].name, n) != 0)) {
            i++;
        }
        if (i == sizeof views / sizeof *views) {
            fprintf(stderr, "Unknown --print=%.*s (bytecode, blocks, ir, graph, gimple, asm)\n",
                    (int)n, p);
            return fail_vm();
        }
        *views[i].flag = true;
        p += n;
    }
    return -1;
}

/* The compiler's options, and others whose argument is a number or one of some words. */
static int apply_choice(const struct option_row *o, const char *word, const char *arg)
{
    static const char *const tiers[] = {"both", "quick", "gcc", NULL};
    static const char *const units[] = {"block", "chain", "region", NULL};
    static const char *const switches[] = {"off", "on", NULL};
    uint64_t n = 0;
    int i = 0;
    switch (o->key) {
    case OPTION_JIT:
        i = word_index(arg, switches);
        options.jit = i > 0;
        break;
    case OPTION_LARGE_PAGES:
        i = word_index(arg, switches);
        options.heap.small_pages = i == 0;
        break;
    case OPTION_JIT_OPT:
        i = parse_number(arg, 0, 3, &n) ? 0 : -1;
        options.jit_opt = (int)n;
        break;
    case OPTION_JIT_THRESHOLD:
        i = parse_number(arg, 1, UINT32_MAX / 64, &n) ? 0 : -1;
        options.jit_threshold = (uint32_t)n;
        break;
    case OPTION_JIT_TIERS:
        i = word_index(arg, tiers);
        options.jit_tiers = i;
        break;
    case OPTION_JIT_UPGRADE:
        i = parse_number(arg, 1, 1000000000, &n) ? 0 : -1;
        options.jit_upgrade = (uint32_t)n;
        break;
    case OPTION_JIT_UNIT:
        i = word_index(arg, units);
        options.jit_unit = i;
        break;
    case OPTION_JIT_WORKERS:
        i = parse_number(arg, 1, 64, &n) ? 0 : -1;
        options.jit_workers = (unsigned)n;
        break;
    case OPTION_JIT_TIMEOUT:
        i = parse_number(arg, 1, 3600, &n) ? 0 : -1;
        options.jit_timeout = (uint32_t)n;
        break;
    case OPTION_JIT_CACHE:
        i = parse_number(arg, 64u << 10, 2u << 30, &n) ? 0 : -1;
        options.jit_cache_size = n < 1u << 30 ? n : 1u << 30; /* within reach of a call */
        break;
    case OPTION_PASSES:
        if (compiler_room.check_passes && !compiler_room.check_passes(arg)) { return fail_vm(); }
        options.passes = arg;
        break;
    case OPTION_JIT_ONLY: options.jit_only = arg; break;
    case OPTION_JIT_VERIFY: options.jit_verify = true; break;
    case OPTION_JIT_KEEP: options.jit_keep = true; break;
    case OPTION_JIT_GDB: options.jit_gdb = true; break;
    default: options.perf_map = true; break;
    }
    if (i < 0) {
        fprintf(stderr, "Invalid value: %s (%s%s%s)\n", word, o->spelling,
                o->form == FORM_EQ_NEXT ? "=" : "", o->argument);
        return fail_vm();
    }
    return -1;
}

static int apply(const struct option_row *o, const char *word, const char *arg)
{
    uint64_t size;
    switch (o->key) {
    case OPTION_CLASSPATH: options.class_path = arg; break;
    case OPTION_JAR:
        options.mode = LM_JAR;
        options.what = arg;
        break;
    case OPTION_MODULE:
        options.mode = LM_MODULE;
        options.what = arg;
        break;
    case OPTION_SOURCE:
        options.mode = LM_SOURCE;
        vm_property_set("jdk.internal.javac.source", arg);
        break;
    case OPTION_MODULE_PATH: vm_property_set("jdk.module.path", arg); break;
    case OPTION_UPGRADE_PATH: vm_property_set("jdk.module.upgrade.path", arg); break;
    case OPTION_ADD_MODULES: add_numbered("jdk.module.addmods", arg); break;
    case OPTION_LIMIT_MODULES: vm_property_set("jdk.module.limitmods", arg); break;
    case OPTION_ADD_READS: add_numbered("jdk.module.addreads", arg); break;
    case OPTION_ADD_EXPORTS: add_numbered("jdk.module.addexports", arg); break;
    case OPTION_ADD_OPENS: add_numbered("jdk.module.addopens", arg); break;
    case OPTION_PATCH_MODULE:
        if (!strchr(arg, '=')) {
            return vm_error("Unable to parse --patch-module <module>=<value>: %s\n", arg);
        }
        add_numbered("jdk.module.patch", arg);
        options.patch_module =
            realloc(options.patch_module, sizeof(char *) * (size_t)(options.n_patch_module + 1));
        options.patch_module[options.n_patch_module++] = strdup(arg);
        break;
    case OPTION_NATIVE_ACCESS: add_numbered("jdk.module.enable.native.access", arg); break;
    case OPTION_ILLEGAL_ACCESS:
        fprintf(stderr,
                "OpenJDK 64-Bit Server VM warning: Ignoring option --illegal-access=%s; support "
                "was removed in "
                "17.0\n",
                arg);
        break;
    case OPTION_LIST_MODULES: options.action = DO_LIST_MODULES; break;
    case OPTION_DESCRIBE_MODULE:
        options.action = DO_DESCRIBE_MODULE;
        options.describe = arg;
        break;
    case OPTION_DRY_RUN: options.dry_run = true; break;
    case OPTION_VALIDATE_MODULES:
        vm_property_set("jdk.module.validation", "true");
        options.dry_run = true;
        break;
    case OPTION_SHOW_RESOLUTION: vm_property_set("jdk.module.showModuleResolution", "true"); break;
    case OPTION_VERSION_ERR:
    case OPTION_VERSION_OUT:
        options.action = DO_VERSION;
        options.to_stderr = o->key == OPTION_VERSION_ERR;
        break;
    case OPTION_FULLVERSION_ERR:
    case OPTION_FULLVERSION_OUT:
        options.action = DO_FULLVERSION;
        options.to_stderr = o->key == OPTION_FULLVERSION_ERR;
        break;
    case OPTION_SHOWVERSION_ERR:
    case OPTION_SHOWVERSION_OUT:
        options.show_version = true;
        options.show_version_err = o->key == OPTION_SHOWVERSION_ERR;
        break;
    case OPTION_HELP_ERR:
    case OPTION_HELP_OUT:
        options.action = DO_HELP;
        options.to_stderr = o->key == OPTION_HELP_ERR;
        break;
    case OPTION_HELP_X_ERR:
    case OPTION_HELP_X_OUT:
        options.action = DO_HELP_X;
        options.to_stderr = o->key == OPTION_HELP_X_ERR;
        break;
    case OPTION_SHOW_SETTINGS: options.show_settings = word; break;
    case OPTION_VERBOSE_CLASS: options.verbose_class = true; break;
    case OPTION_VERBOSE_GC: options.heap.verbose = true; break;
    case OPTION_VERBOSE_JNI: options.verbose_jni = true; break;
    case OPTION_PROPERTY: set_property(arg); break;
    case OPTION_ENABLE_ASSERT: assertions_directive(arg, true); break;
    case OPTION_DISABLE_ASSERT: assertions_directive(arg, false); break;
    case OPTION_ENABLE_SYSTEM_ASSERT: assertions_system(true); break;
    case OPTION_DISABLE_SYSTEM_ASSERT: assertions_system(false); break;
    case OPTION_MAX_HEAP:
        if (!parse_size(arg, &size)) { return bad_size("maximum heap size", word); }
        if (size < 2u << 20) {
            puts("Error occurred during initialization of VM\nToo small maximum heap");
            return 1;
        }
        if (size > 3ull << 30) {
            fprintf(stderr,
                    "Invalid maximum heap size: %s\nThe specified size exceeds the maximum "
                    "representable size "
                    "(moka's guest has 32-bit addresses: at most 3g).\n",
                    word);
            return fail_vm();
        }
        options.heap.max_bytes = size;
        break;
    case OPTION_INITIAL_HEAP:
        if (!parse_size(arg, &size)) { return bad_size("initial heap size", word); }
        options.heap.initial_bytes = size;
        break;
    case OPTION_STACK_SIZE:
    case OPTION_STACK_SIZE_K:
        if (!parse_size(arg, &size)) { return bad_size("thread stack size", word); }
        if (o->key == OPTION_STACK_SIZE_K) { size <<= 10; }
        if (size > 1u << 30) {
            fprintf(stderr,
                    "Invalid thread stack size: %s\n"
                    "The specified size exceeds the maximum representable size.\n",
                    word);
            return fail_vm();
        }
        if (size && size < 136u << 10) {
            fputs("\nThe Java thread stack size specified is too small. Specify at least 136k\n",
                  stderr);
            return fail_vm();
        }
        options.stack_size = size;
        break;
    case OPTION_MAX_DIRECT:
        if (!parse_size(arg, &size)) { return bad_size("maximum direct memory size", word); }
        {
            char text[24];
            snprintf(text, sizeof text, "%llu", (unsigned long long)size);
            vm_property_set("sun.nio.MaxDirectMemorySize", text);
        }
        break;
    case OPTION_SOFT_REF_MS: options.heap.soft_ms_per_mb = atoi(arg); break;
    case OPTION_XINT: options.xint = true; break;
    case OPTION_XMIXED: options.xint = options.xcomp = false; break;
    case OPTION_XCOMP:
        options.xint = false;
        options.xcomp = true;
        break;
    case OPTION_XBATCH: options.xbatch = true; break;
    case OPTION_XRS: options.xrs = true; break;
    case OPTION_CHECK_JNI: options.check_jni = true; break;
    case OPTION_XDIAG:
        options.xdiag = true;
        vm_property_set("sun.java.launcher.diag", "true");
        break;
    case OPTION_XLOG: options_xlog(arg ? arg : "all"); break;
    case OPTION_VERIFY:
        options.verify_none = arg && !strcmp(arg, "none");
        options.verify_all = !arg || !strcmp(arg, "all");
        break;
    case OPTION_BOOT_APPEND: options.boot_append = arg; break;
    case OPTION_XX: return options_xx(arg);
    case OPTION_ENABLE_PREVIEW: vm_property_set("jdk.internal.enable.preview", "true"); break;
    case OPTION_AGENT:
        return vm_error("Error occurred during initialization of VM\nCould not find agent library "
                        "%s: moka has no JVM "
                        "TI\n",
                        arg);
    case OPTION_JAVAAGENT:
        return vm_error(
            "Error occurred during initialization of VM\nmoka has no instrumentation agents: %s\n",
            arg);
    case OPTION_JDK: options.jdk = arg; break;
    case OPTION_MMU:
        if (!mmu_mode_parse(arg, &options.mmu)) {
            fprintf(stderr, "Invalid MMU mode: --mmu=%s (shadow, soft or flat)\n", arg);
            return fail_vm();
        }
        break;
    case OPTION_RAM:
        if (!parse_size(arg, &options.ram)) { return bad_size("guest RAM size", word); }
        break;
    case OPTION_DISK: options.disk = arg; break;
    case OPTION_GC_STRESS:
        if (!parse_size(arg, &options.heap.stress)) {
            return bad_size("collection interval", word);
        }
        break;
    case OPTION_GC_THRESHOLD:
        if (!parse_size(arg, &options.heap.threshold)) {
            return bad_size("collection threshold", word);
        }
        break;
    case OPTION_GC_MARKERS: options.heap.markers = (unsigned)atoi(arg); break;
    case OPTION_STATS: options.stats = true; break;
    case OPTION_PRINT: return parse_print(arg);
    case OPTION_LARGE_PAGES:
    case OPTION_JIT:
    case OPTION_JIT_OPT:
    case OPTION_JIT_THRESHOLD:
    case OPTION_JIT_UNIT:
    case OPTION_JIT_TIERS:
    case OPTION_JIT_UPGRADE:
    case OPTION_JIT_WORKERS:
    case OPTION_JIT_TIMEOUT:
    case OPTION_JIT_CACHE:
    case OPTION_PASSES:
    case OPTION_JIT_ONLY:
    case OPTION_JIT_VERIFY:
    case OPTION_JIT_KEEP:
    case OPTION_JIT_GDB:
    case OPTION_PERF_MAP: return apply_choice(o, word, arg);
    case OPTION_PRINT_FILTER: options.print_filter = arg; break;
    case OPTION_HELP_MOKA: options_print_help(stdout); return 0;
    case OPTION_HELP_MARKDOWN: print_markdown(); return 0;
    case OPTION_INTERNAL_VERSION: puts("moka VM (" __DATE__ ")"); return 0;
    case OPTION_NO_ARGFILES:
    case OPTION_IGNORED: break;
    }
    return -1;
}

/* The row for a word, and its argument if it is part of the word. The longest spelling wins. */
static const struct option_row *find_row(const char *word, const char **arg)
{
    const struct option_row *best = NULL;
    size_t best_length = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].spelling);
        if (strncmp(word, rows[i].spelling, n) != 0 || n < best_length) { continue; }
        bool fits = rows[i].form == FORM_ATTACHED || !word[n] ||
                    (rows[i].form == FORM_EQ_NEXT && word[n] == '=');
        if (fits) {
            best = &rows[i];
            best_length = n;
        }
    }
    *arg = NULL;
    if (best && best->form == FORM_ATTACHED) {
        *arg = word + best_length;
    } else if (best && best->form == FORM_EQ_NEXT && word[best_length] == '=') {
        *arg = word + best_length + 1;
    }
    return best;
}

static int missing_argument(const char *word)
{
    if (!strcmp(word, "-jar")) {
        fputs("Error: -jar requires jar file specification\n", stderr);
    } else if (!strcmp(word, "-cp") || !strcmp(word, "-classpath") ||
               !strcmp(word, "--class-path")) {
        fprintf(stderr, "Error: %s requires class path specification\n", word);
    } else if (!strcmp(word, "-p") || !strcmp(word, "--module-path")) {
        fprintf(stderr, "Error: %s requires module path specification\n", word);
    } else if (!strcmp(word, "-m") || !strcmp(word, "--module")) {
        fprintf(stderr, "Error: %s requires module name\n", word);
    } else {
        fprintf(stderr, "Error: %s requires an argument\n", word);
        return fail_vm();
    }
    return 1;
}

static void tool_options(struct words *out)
{
    static const char *const names[] = {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"};
    for (int i = 0; i < 2; i++) {
        const char *env = getenv(names[i]);
        if (env && *env) {
            fprintf(stderr, "Picked up %s: %s\n", names[i], env);
            char *copy = strdup(env), *save;
            for (char *p = strtok_r(copy, " \t\n", &save); p; p = strtok_r(NULL, " \t\n", &save)) {
                words_add(out, strdup(p));
            }
            free(copy);
        }
    }
}

/* Applies the options among words[*next..]; stops at the first that is none, or behind -jar and -m. */
static int apply_words(struct words *w, int *next, bool only_options)
{
    for (int i = *next; i < w->n; *next = i) {
        const char *word = w->v[i];
        if (word[0] != '-' || !word[1]) {
            *next = i;
            return only_options ? vm_error("Unrecognized option: %s\n", word) : -1;
        }
        const char *arg;
        const struct option_row *o = find_row(word, &arg);
        if (!o) { return vm_error("Unrecognized option: %s\n", word); }
        i++;
        if (!arg && (o->form == FORM_NEXT || o->form == FORM_EQ_NEXT)) {
            if (i >= w->n || (o->form == FORM_EQ_NEXT && !*w->v[i])) {
                return missing_argument(word);
            }
            arg = w->v[i++];
        }
        int rc = apply(o, word, arg);
        if (rc >= 0) { return rc; }
        if (o->key == OPTION_JAR || o->key == OPTION_MODULE) {
            *next = i;
            return -1;
        }
    }
    return -1;
}

static bool is_source_file(const char *what)
{
    size_t n = strlen(what);
    return n > 5 && !strcmp(what + n - 5, ".java") && access(what, R_OK) == 0;
}

int options_parse(int argc, char **argv)
{
    struct words w = {0}, env = {0};
    tool_options(&env);
    int at = 0, rc = apply_words(&env, &at, true);
    if (rc >= 0) { return rc; }
    if (!argfiles_expand(argc, argv, &w)) { return 1; }
    at = 0;
    rc = apply_words(&w, &at, false);
    if (rc >= 0) { return rc; }
    options.vm_args = w.v;
    options.n_vm_args = options.mode == LM_JAR ? (at >= 2 ? at - 2 : 0) : at;
    if (options.action == DO_RUN && !options.what) {
        if (at < w.n) {
            options.what = w.v[at++];
            if (options.mode != LM_SOURCE) {
                options.mode = is_source_file(options.what) ? LM_SOURCE : LM_CLASS;
            }
            if (options.mode == LM_SOURCE) {
                at--; /* the file is the source launcher's first argument */
            }
        } else if (!options.dry_run || !vm_property_get("jdk.module.validation")) {
            options.action = DO_HELP; /* with exit code 1: see the launcher */
            options.mode = LM_UNKNOWN;
            options.argc = -1;
            return -1;
        }
    }
    options.argc = w.n - at;
    options.argv = w.v + at;
    if (options.mode == LM_JAR) {
        options.class_path = options.what;
    } else {
        const char *path = options.class_path ? options.class_path : getenv("CLASSPATH");
        bool module = options.mode == LM_MODULE || options.action != DO_RUN;
        options.class_path = path ? expand_class_path(path) : module ? "" : ".";
    }
    return -1;
}

const char *option_value(const char *name)
{
    static char text[32];
    if (!strcmp(name, "ShowHiddenFrames")) { return options.show_hidden_frames ? "true" : "false"; }
    if (!strcmp(name, "ShowCodeDetailsInExceptionMessages")) {
        return options.helpful_npe ? "true" : "false";
    }
    if (!strcmp(name, "ActiveProcessorCount")) { return options.processors; }
    if (!strcmp(name, "DisableExplicitGC")) { return options.no_explicit_gc ? "true" : "false"; }
    if (!strcmp(name, "MaxHeapSize")) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)heap_max());
        return text;
    }
    if (!strcmp(name, "UseTransparentHugePages")) {
        return options.heap.small_pages ? "false" : "true";
    }
    if (!strcmp(name, "mmu")) { return mmu_mode_name(options.mmu); }
    if (!strcmp(name, "verbose:jni")) { return options.verbose_jni ? "true" : "false"; }
    if (!strcmp(name, "ReduceSignalUsage")) { return options.xrs ? "true" : "false"; }
    return NULL;
}
