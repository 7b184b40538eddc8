/*
 * launcher.c - see launcher.h.
 */
#include "vm/launcher.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/classes/alloc.h"
#include "runtime/classes/known.h"
#include "runtime/classes/loader.h"
#include "runtime/heap/heap.h"
#include "runtime/jni/bind.h"
#include "runtime/jni/jni_vm.h"
#include "runtime/jni/properties.h"
#include "runtime/jni/signals.h"
#include "runtime/jni/stacktrace.h"
#include "runtime/machine/machine.h"
#include "runtime/natives.h"
#include "runtime/threads/threads-internal.h"
#include "vm/crash.h"
#include "vm/engine.h"
#include "vm/inspect.h"
#include "vm/interp.h"
#include "vm/options.h"

struct compiler_room compiler_room;
static char *java_home;
static bool vm_running;

/* ---- helpers ---- */

static slot_t call_static(struct thread *t, struct class *c, const char *name, const char *desc,
                          slot_t *args)
{
    struct method *m = class_initialize(t, c) ? class_method_named(c, name, desc) : NULL;
    if (!m) {
        if (!t->exception) {
            throw_new(t, "java/lang/NoSuchMethodError", "%s.%s%s", c->name->text, name, desc);
        }
        return slot_void();
    }
    return engine.call(t, m, args);
}

/* Prints the pending exception with its stack trace, as the launcher would. */
static void print_exception(struct thread *t)
{
    gref ex = thread_take_exception(t);
    struct method *m =
        ex ? class_find_method(class_of(ex), SYM(printStackTrace), SYM(void_sig)) : NULL;
    if (m) {
        slot_t self = {.raw = ex};
        engine.call_virtual(t, m, &self);
    }
    if (t->exception && ex) {
        char name[512];
        fprintf(stderr, "%s (and printing it failed)\n",
                class_external_name(class_of(ex), name, sizeof name));
    }
    t->exception = 0;
}

static struct thread *init_failed(struct thread *t, const char *where)
{
    if (t && t->exception) {
        gref ex = t->exception;
        char name[512];
        gref text = obj_get_ref(ex, OFF(Throwable_detailMessage));
        char *message = text ? string_to_utf8(text, NULL) : NULL;
        fprintf(stderr, "Error occurred during initialization of VM (%s)\n%s%s%s\n", where,
                class_external_name(class_of(ex), name, sizeof name), message ? ": " : "",
                message ? message : "");
        print_exception(t);
    } else {
        fprintf(stderr, "Error occurred during initialization of VM (%s)\n", where);
    }
    return NULL;
}

/* ---- properties ---- */

static void default_property(const char *key, const char *value)
{
    if (!vm_property_get(key)) { vm_property_set(key, value); }
}

static void set_properties(void)
{
    char path[PATH_MAX];
    vm_property_set("java.home", java_home);
    snprintf(path, sizeof path, "%s/lib", java_home);
    vm_property_set("sun.boot.library.path", path);
    const char *ld = getenv("LD_LIBRARY_PATH");
    snprintf(path, sizeof path, "%s%s%s", ld ? ld : "", ld && *ld ? ":" : "",
             "/usr/java/packages/lib:/usr/lib/x86_64-linux-gnu/jni:/lib/x86_64-linux-gnu:/usr/lib/"
             "x86_64-linux-gnu:"
             "/usr/lib/jni:/lib:/usr/lib");
    default_property("java.library.path", path);
    vm_property_set("java.vm.specification.name", "Java Virtual Machine Specification");
    vm_property_set("java.vm.specification.vendor", "Oracle Corporation");
    vm_property_set("java.vm.specification.version", "17");
    vm_property_set("java.vm.name", "moka");
    vm_property_set("java.vm.vendor", "the moka project");
    vm_property_set("java.vm.version", MOKA_VERSION);
    vm_property_set("java.vm.info", !compiler_room.start || !options.jit || options.xint
                                        ? "interpreted mode"
                                    : options.xcomp ? "compiled mode"
                                                    : "mixed mode");
    vm_property_set("java.vm.compressedOopsMode", "32-bit");
    vm_property_set("jdk.debug", "release");
    default_property("sun.nio.MaxDirectMemorySize", "-1");
    default_property("sun.nio.PageAlignDirectMemory", "false");
    vm_property_set("java.class.path", options.class_path ? options.class_path : "");
    if (options.boot_append) { vm_property_set("jdk.boot.class.path.append", options.boot_append); }
    default_property("sun.java.launcher", "SUN_STANDARD");
    if (options.mode == LM_MODULE || options.mode == LM_SOURCE) {
        const char *what = options.mode == LM_SOURCE ? "jdk.compiler" : options.what;
        char *module = strndup(what, strcspn(what, "/"));
        vm_property_set("jdk.module.main", module);
        const char *cls = strchr(what, '/');
        if (cls) { vm_property_set("jdk.module.main.class", cls + 1); }
        free(module);
    }
    char *command = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&command, &size);
    const char *what = options.what ? options.what : "";
    fprintf(f, "%s",
            options.mode == LM_SOURCE ? "jdk.compiler/com.sun.tools.javac.launcher.Main" : what);
    for (int i = 0; i < options.argc; i++) { fprintf(f, " %s", options.argv[i]); }
    fclose(f);
    vm_property_set("sun.java.command", command);
    free(command);
}

/* ---- the start ---- */

static bool start_machine(void)
{
    char err[1024];
    options.heap.other_ram = options.ram;
    uint64_t kseg = heap_segment_size(&options.heap, err, sizeof err);
    struct machine_config config = {
        .mmu = options.mmu, .low_ram = options.ram, .kseg_size = kseg, .disk = options.disk};
    if (!kseg || !machine_init(&config, err, sizeof err) ||
        !heap_init(&options.heap, err, sizeof err)) {
        printf("Error occurred during initialization of VM\n%s\n", err); /* where HotSpot says so */
        return false;
    }
    return true;
}

/* Offsets in java.lang.ref objects that the collector needs. */
static void set_heap_layout(void)
{
    struct heap_layout layout = {
        .reference_referent = OFF(Reference_referent),
        .reference_next = OFF(Reference_next),
        .reference_discovered = OFF(Reference_discovered),
        .soft_timestamp = OFF(SoftReference_timestamp),
        .soft_clock = OFF(SoftReference_clock),
        .soft_mirror = KC(SoftReference)->mirror,
        .class_vm_class = OFF(Class_vm_class),
    };
    heap_set_layout(&layout);
}

/* The main thread's java.lang.Thread and its groups, before any of System runs. */
static bool make_main_thread(struct thread *t)
{
    if (!class_initialize(t, KC(String)) || !class_initialize(t, KC(System)) ||
        !class_initialize(t, KC(Class)) || !class_initialize(t, KC(ThreadGroup)) ||
        !class_initialize(t, KC(Thread))) {
        return false;
    }
    gref system = class_new_object(t, KC(ThreadGroup));
    slot_t args[3] = {{.raw = system}};
    engine.call(t, class_method_named(KC(ThreadGroup), "<init>", "()V"), args);
    if (t->exception) { return false; }
    gref group = class_new_object(t, KC(ThreadGroup));
    /* the thread must exist before the group's constructor checks access with Thread.currentThread() */
    t->object = class_new_object(t, KC(Thread));
    obj_set_long(t->object, OFF(Thread_eetop), (int64_t)(uintptr_t)t);
    obj_set_int(t->object, OFF(Thread_priority), 5);
    obj_set_ref(t->object, OFF(Thread_group), system);
    thread_main_group = group;
    args[0].raw = group;
    args[1].raw = system;
    args[2].raw = string_from_c(t, "main");
    engine.call(t,
                class_method_named(KC(ThreadGroup), "<init>",
                                   "(Ljava/lang/ThreadGroup;Ljava/lang/String;)V"),
                args);
    if (t->exception) { return false; }
    obj_set_ref(t->object, OFF(Thread_group), group);
    args[0].raw = t->object;
    args[1].raw = group;
    engine.call(
        t, class_method_named(KC(Thread), "<init>", "(Ljava/lang/ThreadGroup;Ljava/lang/String;)V"),
        args);
    obj_set_int(t->object, OFF(Thread_threadStatus), JTHREAD_RUNNABLE);
    return !t->exception;
}

static void set_static(struct class *c, const char *name, const char *desc, int64_t value)
{
    struct field *f = class_field_named(c, name, desc);
    if (f) {
        switch (type_size(f->type)) {
        case 1: obj_set_byte(c->mirror, f->offset, (int8_t)value); break;
        case 4: obj_set_int(c->mirror, f->offset, (int32_t)value); break;
        default: obj_set_long(c->mirror, f->offset, value); break;
        }
    }
}

/* jdk.internal.misc.UnsafeConstants: values that the VM knows. */
static bool set_unsafe_constants(struct thread *t)
{
    struct class *c = class_boot_required(t, "jdk/internal/misc/UnsafeConstants");
    if (!class_initialize(t, c)) { return false; }
    set_static(c, "ADDRESS_SIZE0", "I", 8);
    set_static(c, "PAGE_SIZE", "I", 4096);
    set_static(c, "BIG_ENDIAN", "Z", 0);
    set_static(c, "UNALIGNED_ACCESS", "Z", 1);
    set_static(c, "DATA_CACHE_LINE_FLUSH_SIZE", "I", 0);
    return true;
}

static bool start_library(struct thread *t)
{
    if (!make_main_thread(t)) { return init_failed(t, "main thread") != NULL; }
    if (!set_unsafe_constants(t) || !class_initialize(t, KC(Module)) ||
        !class_initialize(t, KC(Method)) || !class_initialize(t, KC(Finalizer))) {
        return init_failed(t, "base classes") != NULL;
    }
    call_static(t, KC(System), "initPhase1", "()V", NULL);
    if (t->exception) { return init_failed(t, "initPhase1") != NULL; }
    static const char *const wanted[] = {"java/lang/OutOfMemoryError",
                                         "java/lang/NullPointerException",
                                         "java/lang/ClassCastException",
                                         "java/lang/ArrayStoreException",
                                         "java/lang/ArithmeticException",
                                         "java/lang/StackOverflowError",
                                         "java/lang/IllegalMonitorStateException",
                                         "java/lang/IllegalArgumentException"};
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        if (!class_initialize(t, class_boot_required(t, wanted[i]))) {
            return init_failed(t, wanted[i]) != NULL;
        }
    }
    if (!exceptions_init(t)) { return init_failed(t, "spare errors") != NULL; }
    if (!signals_init(t, options.xrs)) { return init_failed(t, "signals") != NULL; }
    if (!class_initialize(t, KC(MethodHandle)) || !class_initialize(t, KC(ResolvedMethodName)) ||
        !class_initialize(t, KC(MemberName)) || !class_initialize(t, KC(MethodHandleNatives))) {
        return init_failed(t, "java.lang.invoke") != NULL;
    }
    slot_t args[2] = {{.j = 0}, {.j = 0}}; /* what is wrong goes to stdout, without a stack trace */
    int rc = call_static(t, KC(System), "initPhase2", "(ZZ)I", args).i;
    if (t->exception) { return init_failed(t, "initPhase2") != NULL; }
    if (rc) { launcher_exit(1); }
    call_static(t, KC(System), "initPhase3", "()V", NULL);
    if (t->exception) { return init_failed(t, "initPhase3") != NULL; }
    return true;
}

void launcher_own_path(char *buf, size_t size, const char *file)
{
    char exe[PATH_MAX] = "";
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = 0;
    char *slash = strrchr(exe, '/');
    if (slash) { *slash = 0; }
    snprintf(buf, size, "%.3000s/lib/%s", exe, file);
}

struct thread *launcher_create_vm(void)
{
    java_home = jdk_find(options.jdk);
    if (!java_home) { return NULL; }
    if (options.stack_size) { thread_java_stack_size = options.stack_size * 2; }
    if (options.jit && options.jit_unit == 0) { thread_c_stack_scale = 4; } /* block */
    set_properties();
    stacktrace_options.show_hidden = options.show_hidden_frames;
    if (options.max_trace_depth >= 0) { stacktrace_options.max_depth = options.max_trace_depth; }
    jni_options.verbose = options.verbose_jni;
    jni_options.check = options.check_jni;
    if (!meta_init() || !start_machine()) { return NULL; }
    crash_init();
    interp_choose(options.mmu == MMU_SOFT);
    engine_init();
    symbols_init();
    if (!threads_init()) { return NULL; }
    struct boot_path path = {
        .java_home = java_home,
        .bootclasspath_append = options.boot_append,
        .patch_module = options.patch_module,
        .n_patch_module = options.n_patch_module,
        .verbose_class = options.verbose_class,
        .verbose_class_family = options.verbose_class_family,
        .verify_all = options.verify_all,
        .verify_none = options.verify_none,
        .enable_preview = vm_property_get("jdk.internal.enable.preview") != NULL,
    };
    if (!classes_init(&path)) { return NULL; }
    struct thread *t = thread_attach_main();
    if (!t || !primitive_classes_init(t) || !known_classes_init(t)) {
        return init_failed(t, "java.lang classes");
    }
    set_heap_layout();
    finalizer_register_method =
        class_method_named(KC(Finalizer), "register", "(Ljava/lang/Object;)V");
    char stub[PATH_MAX];
    launcher_own_path(stub, sizeof stub, "libjvm.so");
    if (!native_libraries_init(t, java_home, stub)) { return init_failed(t, "native libraries"); }
    threads_note_images();
    if (compiler_room.start) { compiler_room.start(); }
    if (!start_library(t)) { return NULL; }
    vm_running = true;
    jni_vm_created(true);
    return t;
}

/* ---- the end ---- */

void launcher_exit(int code)
{
    if (vm_running) { inspect_at_exit(); }
    if (compiler_room.end) { compiler_room.end(vm_running && options.stats ? stderr : NULL); }
    fflush(NULL);
    _exit(code);
}

/* DestroyJavaVM: waits for the other threads, runs shutdown hooks. */
static void destroy_vm(struct thread *t)
{
    threads_wait_for_non_daemon(t);
    struct class *shutdown = class_boot_required(t, "java/lang/Shutdown");
    call_static(t, shutdown, "shutdown", "()V", NULL);
    t->exception = 0;
}

/* ---- what java prints ---- */

static struct class *launcher_helper(struct thread *t)
{
    return class_load(t, &boot_loader, symbol_of("sun/launcher/LauncherHelper"));
}

static void print_version(struct thread *t, bool to_stderr, bool full)
{
    if (full) {
        slot_t key = {.raw = string_from_c(t, "java.runtime.version")};
        gref s = call_static(t, KC(System), "getProperty", "(Ljava/lang/String;)Ljava/lang/String;",
                             &key)
                     .r;
        char *text = s ? string_to_utf8(s, NULL) : NULL;
        fprintf(to_stderr ? stderr : stdout,
                to_stderr ? "openjdk full version \"%s\"\n" : "openjdk %s\n", text ? text : "17");
        free(text);
        return;
    }
    struct class *c = class_boot_required(t, "java/lang/VersionProps");
    slot_t err = {.j = to_stderr};
    call_static(t, c, to_stderr ? "print" : "println", "(Z)V", &err);
}

static void print_help(struct thread *t, bool to_stderr, bool extra)
{
    struct class *c = launcher_helper(t);
    slot_t args[2] = {{.raw = string_from_c(t, "java")}};
    slot_t err = {.j = to_stderr};
    if (extra) {
        call_static(t, c, "printXUsageMessage", "(Z)V", &err);
        return;
    }
    call_static(t, c, "initHelpMessage", "(Ljava/lang/String;)V", args);
    call_static(t, c, "printHelpMessage", "(Z)V", &err);
    fflush(NULL);
    if (!t->exception) { options_print_help(to_stderr ? stderr : stdout); }
}

/* The informational actions; exit code. */
static int do_action(struct thread *t)
{
    struct class *helper = launcher_helper(t);
    switch (options.action) {
    case DO_VERSION: print_version(t, options.to_stderr, false); break;
    case DO_FULLVERSION: print_version(t, options.to_stderr, true); break;
    case DO_HELP: print_help(t, options.to_stderr, false); break;
    case DO_HELP_X: print_help(t, options.to_stderr, true); break;
    case DO_LIST_MODULES: call_static(t, helper, "listModules", "()V", NULL); break;
    case DO_DESCRIBE_MODULE: {
        slot_t name = {.raw = string_from_c(t, options.describe)};
        call_static(t, helper, "describeModule", "(Ljava/lang/String;)V", &name);
        break;
    }
    case DO_RUN: break;
    }
    if (t->exception) {
        print_exception(t);
        return 1;
    }
    return options.argc < 0 ? 1 : 0;
}

static void show_settings(struct thread *t)
{
    slot_t args[9] = {{.j = 1},
                      {.raw = string_from_c(t, options.show_settings)},
                      {.j = (int64_t)options.heap.initial_bytes},
                      {0},
                      {.j = (int64_t)heap_max()},
                      {0},
                      {.j = (int64_t)options.stack_size},
                      {0}};
    call_static(t, launcher_helper(t), "showSettings", "(ZLjava/lang/String;JJJ)V", args);
}

/* String[] of the program's arguments, decoded as the platform's encoding says. */
static gref make_arguments(struct thread *t)
{
    struct class *strings = class_array_of(t, KC(String));
    gref array = strings ? class_new_array(t, strings, options.argc) : 0;
    if (!array) { return 0; }
    struct class *bytes = class_array_of(t, class_primitive(T_BYTE));
    for (int i = 0; i < options.argc; i++) {
        const char *arg = options.argv[i];
        size_t n = strlen(arg);
        gref b = class_new_array(t, bytes, (int32_t)n);
        if (!b) { return 0; }
        memcpy(array_data(b), arg, n);
        slot_t args[2] = {{.j = 1}, {.raw = b}};
        gref s = call_static(t, launcher_helper(t), "makePlatformString", "(Z[B)Ljava/lang/String;",
                             args)
                     .r;
        if (t->exception) { return 0; }
        array_set_ref(array, i, s);
    }
    return array;
}

/* Runs main(String[]); true if it returned normally. */
static bool run_main(struct thread *t)
{
    const char *what =
        options.mode == LM_SOURCE ? "jdk.compiler/com.sun.tools.javac.launcher.Main" : options.what;
    slot_t args[3] = {{.j = 1}, {.j = options.mode}, {.raw = string_from_c(t, what)}};
    gref mirror = call_static(t, launcher_helper(t), "checkAndLoadMain",
                              "(ZILjava/lang/String;)Ljava/lang/Class;", args)
                      .r;
    if (t->exception || !mirror) { return false; }
    struct class *c = class_from_mirror(mirror);
    gref arguments = make_arguments(t);
    if (!arguments) { return false; }
    if (options.dry_run) { return true; }
    struct method *m = class_lookup_method(c, SYM(main), SYM(main_sig));
    if (!m || !class_initialize(t, c)) { return false; }
    slot_t arg = {.raw = arguments};
    engine.call(t, m, &arg);
    return !t->exception;
}

/* The main thread ends as any thread does: an uncaught exception goes to its handler. */
static void end_main_thread(struct thread *t)
{
    if (t->exception) {
        slot_t args[2] = {{.raw = t->object}, {.raw = thread_take_exception(t)}};
        struct method *m =
            class_find_method(KC(Thread), SYM(dispatchUncaughtException), SYM(throwable_void_sig));
        engine.call_virtual(t, m, args);
        t->exception = 0;
    }
}

/* Descriptors 0 to 2 that the caller left closed must not become the VM's own files: a program that prints would write
 * into guest RAM. As read-only /dev/null, a write to them fails as it does on a closed one. */
static void keep_standard_descriptors(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } while (fd >= 0 && fd <= 2);
    if (fd > 2) { close(fd); }
}

/* The checks that the java launcher makes before it starts a VM: the file can be opened, and is a jar with a manifest. */
static bool check_jar(const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "Error: Unable to access jarfile %s\n", file);
        return false;
    }
    close(fd);
    char error[256];
    const char *why;
    size_t length;
    struct zip *z = zip_open(file, error, sizeof error);
    uint8_t *manifest = z ? zip_read(z, "META-INF/MANIFEST.MF", &length, &why) : NULL;
    if (z) { zip_close(z); }
    if (!manifest) {
        fprintf(stderr, "Error: Invalid or corrupt jarfile %s\n", file);
        return false;
    }
    free(manifest);
    return true;
}

int launcher_main(int argc, char **argv)
{
    keep_standard_descriptors();
    int code = options_parse(argc, argv);
    if (code >= 0) { return code; }
    if (options.action == DO_RUN && options.mode == LM_JAR && !check_jar(options.what)) {
        return 1;
    }
    if (options.mode == LM_SOURCE) { vm_property_set("jdk.module.addmods.0", "ALL-DEFAULT"); }
    vm_arguments_set(options.n_vm_args, options.vm_args);
    struct thread *t = launcher_create_vm();
    if (!t) {
        fputs("Error: Could not create the Java Virtual Machine.\n"
              "Error: A fatal exception has occurred. Program will exit.\n",
              stderr);
        return 1;
    }
    /* Nothing above this frame holds references, but the environment's text looks like many: "...0" is an address in the
     * heap when its last character comes to lie in the top byte. */
    t->c_stack_base = __builtin_frame_address(0);
    if (options.show_version) { print_version(t, options.show_version_err, false); }
    if (options.show_settings) {
        show_settings(t);
        if (t->exception) {
            print_exception(t);
            launcher_exit(1);
        }
    }
    if (options.action != DO_RUN || !options.what) {
        code = do_action(t);
    } else {
        code = run_main(t) ? 0 : 1;
        end_main_thread(t);
    }
    destroy_vm(t);
    launcher_exit(code);
}
