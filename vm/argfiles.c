/*
 * argfiles.c - see argfiles.h. The rules are those of the java command's manual page: words are separated by white
 * space, quotes of both kinds group, a backslash escapes inside quotes, and at the end of a line there continues it, # starts a comment.
 */
#include "vm/argfiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void words_add(struct words *w, char *word)
{
    if (w->n == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 32;
        w->v = realloc(w->v, (size_t)w->capacity * sizeof *w->v);
    }
    w->v[w->n++] = word;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Splits the text of an argfile. */
static void split_file(const char *p, struct words *out)
{
    while (*p) {
        while (is_space(*p)) { p++; }
        if (*p == '#') {
            while (*p && *p != '\n' && *p != '\r') { p++; }
            continue;
        }
        if (!*p) { break; }
        char *word = malloc(strlen(p) + 1), *to = word;
        char quote = 0;
        for (; *p && (quote || !is_space(*p)); p++) {
            if (quote && *p == '\\' && (p[1] == '\n' || p[1] == '\r')) {
                p++;
                while (is_space(p[1])) { p++; }
            } else if (quote && *p == '\\' && p[1]) {
                p++;
                *to++ = *p == 'n'   ? '\n'
                        : *p == 't' ? '\t'
                        : *p == 'r' ? '\r'
                        : *p == 'f' ? '\f'
                                    : *p;
            } else if (quote ? *p == quote : (*p == '"' || *p == '\'')) {
                quote = quote ? 0 : *p;
            } else if (quote && (*p == '\n' || *p == '\r')) {
                break; /* an open quote ends with its line */
            } else {
                *to++ = *p;
            }
        }
        *to = 0;
        words_add(out, word);
    }
}

static bool read_argfile(const char *name, struct words *out)
{
    struct stat st;
    if (stat(name, &st) == 0 && st.st_size > 0x7fffffff) {
        fprintf(stderr, "Error: could not read argument file `%s': file too large\n", name);
        return false;
    }
    FILE *f = fopen(name, "r");
    char *text = NULL;
    size_t size = 0;
    if (f) {
        text = malloc((size_t)st.st_size + 1);
        size = text ? fread(text, 1, (size_t)st.st_size, f) : 0;
    }
    if (!f || !text || ferror(f)) {
        fprintf(stderr, "Error: could not open `%s'\n", name);
        if (f) { fclose(f); }
        free(text);
        return false;
    }
    fclose(f);
    text[size] = 0;
    split_file(text, out);
    free(text);
    return true;
}

/* Does the option take the next word as its argument? Then that word is never the main class nor an argfile's end. */
static bool takes_next(const char *word)
{
    static const char *const names[] = {"-cp",
                                        "-classpath",
                                        "--class-path",
                                        "-p",
                                        "--module-path",
                                        "--upgrade-module-path",
                                        "--add-modules",
                                        "--limit-modules",
                                        "--add-reads",
                                        "--add-exports",
                                        "--add-opens",
                                        "--patch-module",
                                        "--source",
                                        "--enable-native-access",
                                        "-d",
                                        "--describe-module"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(word, names[i])) { return true; }
    }
    return false;
}

bool argfiles_expand(int argc, char **argv, struct words *out)
{
    struct words in = {0};
    const char *env = getenv("JDK_JAVA_OPTIONS");
    int from_env = 0;
    if (env && *env) {
        fprintf(stderr, "NOTE: Picked up JDK_JAVA_OPTIONS: %s\n", env);
        split_file(env, &in);
        from_env = in.n;
    }
    for (int i = 1; i < argc; i++) { words_add(&in, strdup(argv[i])); }
    bool expand = true, argument = false;
    for (int i = 0; i < in.n; i++) {
        char *word = in.v[i];
        if (!expand || argument || word[0] != '@') {
            bool was_argument = argument;
            argument = false;
            words_add(out, word);
            if (i < from_env &&
                (!strcmp(word, "-jar") || (!was_argument && word[0] != '-' && expand))) {
                fprintf(
                    stderr,
                    "Error: Cannot specify main class in environment variable JDK_JAVA_OPTIONS\n");
                free(in.v);
                return false;
            }
            if (!expand || was_argument) { continue; }
            if (!strcmp(word, "--disable-@files")) {
                expand = false;
            } else if (takes_next(word)) {
                argument = true;
            } else if (word[0] != '-' || !strcmp(word, "-jar") || !strcmp(word, "-m") ||
                       !strcmp(word, "--module")) {
                expand =
                    word[0] == '-' ? expand : false; /* behind the main class nothing is expanded */
                if (word[0] == '-') {
                    /* -jar FILE: FILE itself may be in an argfile, what follows is not expanded */
                    if (i + 1 < in.n && in.v[i + 1][0] != '@') {
                        words_add(out, in.v[++i]);
                        expand = false;
                    }
                }
            }
        } else if (word[1] == '@') {
            words_add(out, strdup(word + 1));
        } else {
            struct words file = {0};
            if (!read_argfile(word + 1, &file)) {
                free(in.v);
                return false;
            }
            for (int k = 0; k < file.n; k++) {
                words_add(out, file.v[k]);
                bool was_argument = argument;
                argument = !was_argument && takes_next(file.v[k]);
                if (!was_argument && file.v[k][0] != '-') { expand = false; }
            }
            free(file.v);
        }
    }
    free(in.v);
    return true;
}
