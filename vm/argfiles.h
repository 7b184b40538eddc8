/*
 * argfiles.h - words of the command line: @argfiles and the option environment variables.
 */
#ifndef MOKA_VM_ARGFILES_H
#define MOKA_VM_ARGFILES_H

#include <stdbool.h>

/* A growing list of malloced words. */
struct words {
    char **v;
    int n, capacity;
};
void words_add(struct words *w, char *word);

/*
 * The launcher's expansion of argv[1..]: words of JDK_JAVA_OPTIONS first (noted on stderr), "@file" replaced by the words in
 * the file until the main class is seen, "@@x" is "@x". Returns false after an error message.
 */
bool argfiles_expand(int argc, char **argv, struct words *out);

#endif
