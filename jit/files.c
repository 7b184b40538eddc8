/*
 * files.c - the private directory in which workers leave assembler text, objects and results.
 *
 *      $TMPDIR, /dev/shm or /tmp          the first that can be written
 *        moka-jit-XXXXXX/                 mode 0700, locked (flock) as long as the process lives
 *          w0/  w1/ ...                   one for each compiler thread, emptied after each batch
 *
 * A process that is killed cannot remove its directory. The next one does: a directory that nobody holds the lock of is an
 * orphan, if it is not so young that its owner may be about to lock it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "jit/jit-internal.h"

#define PREFIX     "moka-jit-"
#define ORPHAN_AGE 60 /* seconds */

static char directory[PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool ended; /* the process ends: nothing is made any more */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    remove(path);
    return 0;
}

static void remove_tree(const char *path) { nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS); }

/* Opens a directory of ours and locks it; -1 if it is somebody else's or in use. */
static int open_locked(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (fd >= 0 &&
        (fstat(fd, &st) != 0 || st.st_uid != geteuid() || flock(fd, LOCK_EX | LOCK_NB) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void remove_orphans(const char *base)
{
    DIR *d = opendir(base);
    if (!d) { return; }
    for (struct dirent *e; (e = readdir(d));) {
        char path[PATH_MAX];
        struct stat st;
        if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            snprintf(path, sizeof path, "%s/%s", base, e->d_name) >= (int)sizeof path ||
            lstat(path, &st) != 0 || st.st_uid != geteuid() ||
            time(NULL) - st.st_mtime < ORPHAN_AGE) {
            continue;
        }
        int fd = open_locked(path);
        if (fd >= 0) {
            remove_tree(path);
            close(fd);
        }
    }
    closedir(d);
}

static bool make_in(const char *base)
{
    if (!base || base[0] != '/' || strlen(base) > PATH_MAX - 100) { return false; }
    snprintf(directory, sizeof directory, "%.4000s/" PREFIX "XXXXXX", base);
    if (!mkdtemp(directory)) { return false; }
    open_locked(directory); /* the descriptor lives as long as the process */
    remove_orphans(base);
    return true;
}

bool files_worker_directory(unsigned index, char *path, size_t size)
{
    pthread_mutex_lock(&lock);
    if (!ended && !directory[0] && !make_in(getenv("TMPDIR")) && !make_in("/dev/shm") &&
        !make_in("/tmp")) {
        directory[0] = 0;
    }
    pthread_mutex_unlock(&lock);
    return directory[0] && snprintf(path, size, "%.4000s/w%u", directory, index) < (int)size &&
           (mkdir(path, 0700) == 0 || errno == EEXIST);
}

void files_clean(const char *path)
{
    if (jit_options.keep) { return; }
    DIR *d = opendir(path);
    if (!d) { return; }
    for (struct dirent *e; (e = readdir(d));) {
        char entry[PATH_MAX];
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            snprintf(entry, sizeof entry, "%s/%s", path, e->d_name) < (int)sizeof entry) {
            remove_tree(entry);
        }
    }
    closedir(d);
}

void files_end(void)
{
    pthread_mutex_lock(&lock);
    ended = true;
    pthread_mutex_unlock(&lock);
    if (!directory[0]) { return; }
    if (jit_options.keep) {
        fprintf(stderr, "moka: compiler's files are in %s\n", directory);
    } else {
        remove_tree(directory);
    }
}
