/* SPDX-License-Identifier: MIT */
/*
 * A thread reads the file, hashes what it reads and hands it to the decompressor through a socket
 * (whose writer, unlike a pipe's, can be told not to be killed when the reader stops early).
 */
#include "genome/tabfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "digest/hash256.h"
#include "genome/lines.h"
#include "htslib/hfile.h"
#include "htslib/hts_log.h"
#include "prog/fio.h"
#include "prog/mem.h"
#include "threads/thread.h"

enum { CHUNK = 1 << 17, GZIP = 0x1f };   /* GZIP: first byte of what is compressed */

struct tabfile {
    char *name, *where;
    const char *what;
    struct lines *lines;
    bool any;                   /* a line was read */
    bool strict;

    pthread_t thread;
    bool running;
    int in, out;                /* of the thread */
    int errnum;                 /* of the thread's reading */
    unsigned char first, last;  /* byte of the file */
    struct hash256 *hash;
    char *chunk;
};

static int
send_all(int fd, const char *data, size_t n)
{
    while (n) {
        const ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return -1;
        data += sent;
        n -= (size_t)sent;
    }
    return 0;
}

/* Goes on hashing when nobody wants the data any more: what follows the last line counts too. */
static void *
feed(void *arg)
{
    struct tabfile *t = arg;
    bool wanted = true, begun = false;
    ssize_t n;

    while ((n = read(t->in, t->chunk, CHUNK)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            t->errnum = errno;
            break;
        }
        if (!begun)
            t->first = (unsigned char)t->chunk[0];
        begun = true;
        t->last = (unsigned char)t->chunk[n - 1];
        hash256_add(t->hash, t->chunk, (size_t)n);
        if (wanted && send_all(t->out, t->chunk, (size_t)n))
            wanted = false;
    }
    shutdown(t->out, SHUT_WR);
    return NULL;
}

static int
start(struct tabfile *t, struct err *e)
{
    struct hFILE *hf;
    int pair[2], rc;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return err_sys(e, "%s: cannot read", t->name);
    t->out = pair[1];
    hf = hdopen(pair[0], "r");
    if (!hf) {
        close(pair[0]);
        return err_sys(e, "%s: cannot read", t->name);
    }
    t->hash = hash256_new();
    t->chunk = mem_alloc(CHUNK);
    rc = thread_start(&t->thread, feed, t);
    t->running = rc == 0;
    if (rc) {
        hclose_abruptly(hf);
        return err_set(e, "%s: cannot start a thread to read it: %s; raise the limits on "
                       "processes and memory (ulimit -u, -v)", t->name, strerror(rc));
    }
    t->lines = lines_open(hf, t->name, e);
    return t->lines ? 0 : -1;
}

struct tabfile *
tabfile_open(const char *path, const char *what, bool strict, struct err *e)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    struct tabfile *t = mem_zalloc(sizeof *t);

    mem_headroom();
    hts_set_log_level(HTS_LOG_OFF);
    t->name = mem_strdup(is_stdin ? "standard input" : path);
    t->what = what;
    t->strict = strict;
    t->out = -1;
    t->in = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (t->in < 0)
        err_sys(e, "%s: cannot open", path);
    else
        fio_reads(path);
    if (t->in < 0 || start(t, e)) {
        tabfile_close(t, NULL, NULL);
        return NULL;
    }
    return t;
}

int
tabfile_next(struct tabfile *t, char **line, struct err *e)
{
    int got;

    do
        got = lines_next(t->lines, line, e);
    while (got == 1 && !**line);
    if (got == 0 && !t->any)
        return t->errnum ? 0 : err_set(e, "%s: is empty; expected %s", t->name, t->what);
    t->any = true;
    return got;
}

const char *
tabfile_where(struct tabfile *t)
{
    free(t->where);
    t->where = mem_printf("%s:%llu", t->name, (unsigned long long)lines_number(t->lines));
    return t->where;
}

uint64_t
tabfile_number(const struct tabfile *t)
{
    return lines_number(t->lines);
}

const char *
tabfile_name(const struct tabfile *t)
{
    return t->name;
}

int
tabfile_close(struct tabfile *t, char hex[65], struct err *e)
{
    char unused[65];
    int rc = 0;

    if (!t)
        return 0;
    if (t->running && !hex)
        pthread_cancel(t->thread);
    lines_close(t->lines);
    if (t->running)
        pthread_join(t->thread, NULL);
    if (hex && t->errnum) {
        errno = t->errnum;
        rc = err_sys(e, "%s: cannot read", t->name);
    } else if (hex && t->strict && t->first != GZIP && t->last != '\n') {
        rc = err_set(e, "%s: ends without a line end; the file was cut short (if not, add one)",
                     t->name);
    }
    if (t->hash)
        hash256_hex(t->hash, hex ? hex : unused);
    if (t->in > STDIN_FILENO)
        close(t->in);
    if (t->out >= 0)
        close(t->out);
    free(t->chunk);
    free(t->where);
    free(t->name);
    free(t);
    return rc;
}

size_t
tabfile_split(char **field, size_t max, char *line)
{
    size_t n = 0;

    for (char *p = line; p; n++) {
        if (n < max)
            field[n] = p;
        p = strchr(p, '\t');
        if (p)
            *p++ = '\0';
    }
    return n;
}
