/*
 * oom.c - actions at the first OutOfMemoryError (see oom.h). Messages go to stdout, as HotSpot's do.
 */
#include "vm/oom.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/launcher.h"
#include "vm/options.h"

/* The command with %p replaced by the process id and %% by %; malloced, or NULL. */
static char *expand(const char *command, size_t length)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) { return NULL; }
    for (const char *p = command, *end = command + length; p < end; p++) {
        bool escape = *p == '%' && p + 1 < end && (p[1] == 'p' || p[1] == '%');
        if (escape && *++p == 'p') {
            fprintf(out, "%d", (int)getpid());
        } else {
            putc(*p, out);
        }
    }
    fclose(out);
    return text;
}

static void run_command(char *command)
{
    char *argv[] = {"sh", "-c", command, NULL};
    pid_t pid;
    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) == 0) { waitpid(pid, NULL, 0); }
}

/* Commands are separated by semicolons. */
static void run_commands(const char *what)
{
    printf("#\n# java.lang.OutOfMemoryError: %s\n# -XX:OnOutOfMemoryError=\"%s\"\n", what,
           options.on_oom);
    for (const char *p = options.on_oom; *p;) {
        size_t length = strcspn(p, ";");
        char *command = length ? expand(p, length) : NULL;
        if (command) {
            printf("#   Executing /bin/sh -c \"%s\"...\n", command);
            fflush(stdout);
            run_command(command);
            free(command);
        }
        p += length + (p[length] == ';');
    }
}

void oom_reported(const char *what)
{
    static bool reported;
    if (__atomic_exchange_n(&reported, true, __ATOMIC_ACQ_REL)) { return; }
    if (options.on_oom && *options.on_oom) { run_commands(what); }
    if (options.crash_on_oom) {
        printf("Aborting due to java.lang.OutOfMemoryError: %s\n", what);
        fflush(stdout);
        abort();
    }
    if (options.exit_on_oom) {
        printf("Terminating due to java.lang.OutOfMemoryError: %s\n", what);
        launcher_exit(3);
    }
}
