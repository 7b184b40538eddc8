/*
 * jdk.c - finding the JDK 17 whose class library moka uses.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm/launcher.h"

/* The VERSION line of `home`/release: "17.0.15". False if there is none. */
static bool jdk_version(const char *home, char *version, size_t size)
{
    char path[PATH_MAX], line[256];
    snprintf(path, sizeof path, "%s/release", home);
    FILE *f = fopen(path, "r");
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        char *q = strncmp(line, "JAVA_VERSION=\"", 14) ? NULL : line + 14;
        if (q && strchr(q, '"')) {
            snprintf(version, size, "%.*s", (int)strcspn(q, "\""), q);
            found = true;
        }
    }
    if (f) { fclose(f); }
    return found;
}

static bool has_modules(const char *home)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lib/modules", home);
    return access(path, R_OK) == 0;
}

static bool is_jdk17(const char *home)
{
    char version[64];
    return has_modules(home) && jdk_version(home, version, sizeof version) &&
           (!strcmp(version, "17") || !strncmp(version, "17.", 3));
}

/* JDK of the `java` on PATH: its real file is HOME/bin/java. */
static char *from_path(void)
{
    const char *path = getenv("PATH");
    for (const char *p = path; p && *p;) {
        size_t n = strcspn(p, ":");
        char file[PATH_MAX], real[PATH_MAX];
        snprintf(file, sizeof file, "%.*s/java", (int)n, p);
        if (access(file, X_OK) == 0 && realpath(file, real)) {
            char *slash = strrchr(real, '/');
            if (slash && slash - real > 4 && !strncmp(slash - 4, "/bin", 4)) {
                slash[-4] = 0;
                if (is_jdk17(real)) { return strdup(real); }
            }
        }
        p += n + (p[n] == ':');
    }
    return NULL;
}

static char *from_usual_places(void)
{
    glob_t g;
    char *found = NULL;
    if (glob("/usr/lib/jvm/*17*", 0, NULL, &g) == 0) {
        for (size_t i = 0; i < g.gl_pathc && !found; i++) {
            found = is_jdk17(g.gl_pathv[i]) ? realpath(g.gl_pathv[i], NULL) : NULL;
        }
        globfree(&g);
    }
    return found;
}

char *jdk_find(const char *option)
{
    if (option) {
        char version[64] = "unknown";
        if (!has_modules(option)) {
            fprintf(stderr,
                    "Error: --jdk=%s: no class library there (lib/modules cannot be read: %s)\n",
                    option, strerror(errno));
            return NULL;
        }
        jdk_version(option, version, sizeof version);
        if (!is_jdk17(option)) {
            fprintf(stderr,
                    "Error: --jdk=%s is version %s; moka runs on the class library of a JDK 17\n",
                    option, version);
            return NULL;
        }
        return realpath(option, NULL);
    }
    const char *env = getenv("JAVA_HOME");
    char *home = env && is_jdk17(env) ? realpath(env, NULL) : from_path();
#ifdef MOKA_CONFIGURED_JDK
    if (!home && is_jdk17(MOKA_CONFIGURED_JDK)) { home = strdup(MOKA_CONFIGURED_JDK); }
#endif
    if (!home) { home = from_usual_places(); }
    if (!home) {
        fputs("Error: no JDK 17 found: looked at --jdk, JAVA_HOME, the java on PATH and "
              "/usr/lib/jvm.\n"
              "Install one (Debian: apt-get install openjdk-17-jdk-headless) or say --jdk=<dir>.\n",
              stderr);
    }
    return home;
}
