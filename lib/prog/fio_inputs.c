/* SPDX-License-Identifier: MIT */
/*
 * What is read, by device and inode, so that no output takes its place under whatever name.  Files
 * may be opened in several threads.
 */
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prog/die.h"
#include "prog/fio.h"
#include "prog/mem.h"

struct file_id {
    dev_t device;
    ino_t inode;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_id *input;
static size_t n_input, cap_input;
static struct file_id replaced;
static bool may_replace;

static bool
is_std(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

/* Of a plain file that exists; path NULL or "-": what the descriptor is. */
static bool
identify(struct file_id *id, const char *path, int fd)
{
    struct stat st;

    if ((is_std(path) ? fstat(fd, &st) : stat(path, &st)) != 0 || !S_ISREG(st.st_mode))
        return false;
    *id = (struct file_id){ st.st_dev, st.st_ino };
    return true;
}

static bool
is_same(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode;
}

void
fio_reads(const char *path)
{
    struct file_id id, out;

    if (!identify(&id, path, STDIN_FILENO))
        return;
    if (identify(&out, NULL, STDOUT_FILENO) && is_same(&id, &out))
        die_usage("%s: is read and is standard output too (a shell empties it before the program "
                  "begins); give the output another name", fio_name_in(path));
    pthread_mutex_lock(&lock);
    mem_grow(&input, &cap_input, n_input + 1, sizeof *input);
    input[n_input++] = id;
    pthread_mutex_unlock(&lock);
}

void
fio_replaces(const char *path)
{
    may_replace = identify(&replaced, path, STDIN_FILENO);
}

void
fio_check_output(const char *path)
{
    struct file_id id;
    bool found = false;

    if (!identify(&id, path, STDOUT_FILENO) || (may_replace && is_same(&id, &replaced)))
        return;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_input && !found; i++)
        found = is_same(&id, &input[i]);
    pthread_mutex_unlock(&lock);
    if (found)
        die_usage("%s: is a file that is read; the output would take its place: give it another "
                  "name", fio_name_out(path));
}
