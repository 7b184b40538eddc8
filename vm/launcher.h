/*
 * launcher.h - from a parsed command line to a running program, and to its end.
 *
 * The steps are those of the java launcher and of HotSpot's start: machine, heap, boot classes, System.initPhase1..3,
 * then sun.launcher.LauncherHelper finds and checks the main class, so its messages are java's.
 */
#ifndef MOKA_VM_LAUNCHER_H
#define MOKA_VM_LAUNCHER_H

#include <stdbool.h>
#include <stdio.h>

/* Of the project, in java.vm.version and --version. */
#define MOKA_VERSION "0.1"

struct thread;

/* What main() puts the compiler's functions into: this room does not know jit/. NULL: there is no compiler. */
struct compiler_room {
    bool (*check_passes)(const char *list); /* argument of --passes; false after a message */
    void (*start)(void);      /* options are known, classes can be loaded; no Java code ran yet */
    void (*end)(FILE *stats); /* the process ends; stats NULL: no --stats */
};
extern struct compiler_room compiler_room;

/* The whole run; returns the process's exit code (or does not return, when the program exits). */
int launcher_main(int argc, char **argv);
/* Starts the VM with `options` as they are: the main thread, IN_VM, initPhase3 done. NULL after a message. */
struct thread *launcher_create_vm(void);
/* Prints --stats and --print output, flushes, ends the process. */
void launcher_exit(int code) __attribute__((noreturn));

/* The path of a file that comes with the executable: lib/libjvm.so, lib/java, ... beside it. */
void launcher_own_path(char *buf, size_t size, const char *file);

/* Finds the JDK whose library is used: --jdk, JAVA_HOME, the java on PATH, the one of configure, /usr/lib/jvm. Returns a
 * malloced path, or NULL after a message on stderr (none found, not a 17). */
char *jdk_find(const char *option);

#endif
