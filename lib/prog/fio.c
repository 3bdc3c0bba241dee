/* SPDX-License-Identifier: MIT */
/*
 * Unfinished output files are kept in a list.  A handler at exit and one for the fatal signals
 * remove them, so that nothing half-written is left behind; kill -9 leaves only a hidden
 * ".NAME.XXXXXX.part" that no tool ever reads.
 */
#include "prog/fio.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "prog/die.h"
#include "prog/mem.h"

enum { MAX_PENDING = 16 };

static struct {
    char *path, *part;
} pending[MAX_PENDING];

static bool
is_std(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

const char *
fio_name_in(const char *path)
{
    return is_std(path) ? "standard input" : path;
}

const char *
fio_name_out(const char *path)
{
    return is_std(path) ? "standard output" : path;
}

static void
remove_pending(void)
{
    for (int i = 0; i < MAX_PENDING; i++)
        if (pending[i].part)
            unlink(pending[i].part);
}

static bool graceful;
static volatile sig_atomic_t stop_signal;
static void (*pass_on)(int sig);

static void
on_signal(int sig)
{
    if (graceful && !stop_signal && (sig == SIGTERM || sig == SIGINT)) {
        stop_signal = sig;
        if (pass_on)
            pass_on(sig);
        return;
    }
    remove_pending();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void
install_cleanup(void)
{
    static const int fatal[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT };
    static bool installed;

    if (installed)
        return;
    installed = true;
    atexit(remove_pending);
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
        if (signal(fatal[i], on_signal) == SIG_IGN)
            signal(fatal[i], SIG_IGN);
}

void
fio_stop_gracefully(void (*also)(int sig))
{
    install_cleanup();
    pass_on = also;
    graceful = true;
}

int
fio_stop_signal(void)
{
    return stop_signal;
}

FILE *
fio_open_in(const char *path)
{
    struct stat st;
    FILE *fp;

    if (is_std(path)) {
        fio_reads(path);
        return stdin;
    }
    fp = fopen(path, "rb");
    if (!fp)
        die("%s: cannot open: %s", path, strerror(errno));
    if (fstat(fileno(fp), &st) == 0 && S_ISDIR(st.st_mode))
        die("%s: is a directory; a file is expected", path);
    fio_reads(path);
    return fp;
}

void
fio_close_in(FILE *fp, const char *path)
{
    if (ferror(fp))
        die("%s: cannot read", fio_name_in(path));
    if (fp != stdin)
        fclose(fp);
}

/* Directories, devices and pipes cannot be replaced by a rename: write to them in place. */
static bool
in_place(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return false;
    if (S_ISDIR(st.st_mode))
        die("%s: is a directory; give the name of a file", path);
    return !S_ISREG(st.st_mode);
}

const char *
fio_begin(const char *path)
{
    const char *base = strrchr(path, '/');
    int dir_len = base ? (int)(base - path) + 1 : 0;
    mode_t mask = umask(0);
    struct stat st;
    int slot = 0, fd;

    umask(mask);
    install_cleanup();
    fio_check_output(path);
    if (in_place(path))
        return path;
    while (slot < MAX_PENDING && pending[slot].part)
        slot++;
    if (slot == MAX_PENDING)
        die("%s: more than %d output files at a time", path, MAX_PENDING);
    pending[slot].path = mem_strdup(path);
    pending[slot].part = mem_printf("%.*s.%s.XXXXXX.part", dir_len, path, path + dir_len);
    fd = mkstemps(pending[slot].part, 5);
    if (fd < 0) {
        int errnum = errno;

        free(pending[slot].part);
        pending[slot].part = NULL;
        die("%s: cannot create: %s", path, strerror(errnum));
    }
    /* mkstemp makes 0600; the finished file gets what a plain open would have given, or keeps
     * the mode of the file it replaces. */
    if (fchmod(fd, stat(path, &st) == 0 ? st.st_mode & 07777 : 0666 & ~mask))
        die("%s: cannot set permissions: %s", path, strerror(errno));
    close(fd);
    return pending[slot].part;
}

static void
sync_path(const char *path, const char *shown)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || (fsync(fd) && errno != EINVAL))
        die("%s: cannot write: %s", shown, strerror(errno));
    close(fd);
}

void
fio_commit(const char *path)
{
    for (int i = 0; i < MAX_PENDING; i++) {
        if (!pending[i].part || strcmp(pending[i].path, path) != 0)
            continue;
        sync_path(pending[i].part, path);
        if (rename(pending[i].part, path))
            die("%s: cannot put the finished file in place: %s", path, strerror(errno));
        free(pending[i].part);
        free(pending[i].path);
        pending[i].part = pending[i].path = NULL;
        return;
    }
}

FILE *
fio_open_out(const char *path, bool binary)
{
    FILE *fp = stdout;

    if (is_std(path)) {
        if (binary && isatty(STDOUT_FILENO))
            die_usage("standard output is a terminal and the output is binary; use -o FILE, a "
                      "pipe, or --text");
        fio_check_output(path);
        return fp;
    }
    fp = fopen(fio_begin(path), "wb");
    if (!fp)
        die("%s: cannot create: %s", path, strerror(errno));
    return fp;
}

void
fio_close_out(FILE *fp, const char *path)
{
    bool failed = ferror(fp) != 0;

    /* A pipe whose reader has gone is reported here when SIGPIPE is ignored by the caller. */
    if (fflush(fp) || failed)
        die("%s: cannot write: %s", fio_name_out(path),
            errno ? strerror(errno) : "an earlier write failed");
    if (fclose(fp))
        die("%s: cannot write: %s", fio_name_out(path), strerror(errno));
    if (!is_std(path))
        fio_commit(path);
}
