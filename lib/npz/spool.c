/* SPDX-License-Identifier: MIT */
#include "npz/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "prog/mem.h"

/* Places in the file are told from places in memory by this. */
#define IN_FILE ((uint64_t)1 << 62)

struct spool {
    char *folder;
    size_t memory;
    struct buf kept;
    int fd;                     /* -1: not needed so far */
    uint64_t bytes;             /* in the file */
};

struct spool *
spool_new(const char *folder, size_t memory)
{
    struct spool *s = mem_zalloc(sizeof *s);

    s->folder = mem_strdup(folder);
    s->memory = memory;
    s->fd = -1;
    return s;
}

void
spool_free(struct spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    buf_free(&s->kept);
    free(s->folder);
    free(s);
}

/* A file without a name, or one that loses it at once. */
static int
open_file(struct spool *s, struct err *e)
{
    char *name = mem_printf("%s/.pertrack.XXXXXX", s->folder);

    s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (s->fd < 0) {
        s->fd = mkstemp(name);
        if (s->fd >= 0)
            unlink(name);
    }
    free(name);
    return s->fd < 0 ? err_sys(e, "%s: cannot create a temporary file", s->folder) : 0;
}

int
spool_put(struct spool *s, uint64_t *at, const void *data, size_t bytes, struct err *e)
{
    const uint8_t *p = data;

    if (s->fd < 0 && s->kept.n + bytes <= s->memory) {
        *at = s->kept.n;
        buf_put(&s->kept, data, bytes);
        return 0;
    }
    if (s->fd < 0 && open_file(s, e))
        return -1;
    *at = IN_FILE + s->bytes;
    while (bytes) {
        const ssize_t n = pwrite(s->fd, p, bytes, (off_t)s->bytes);

        if (n <= 0)
            return err_sys(e, "%s: cannot write a temporary file", s->folder);
        p += n;
        bytes -= (size_t)n;
        s->bytes += (uint64_t)n;
    }
    return 0;
}

int
spool_get(struct spool *s, struct buf *out, uint64_t at, size_t bytes, struct err *e)
{
    uint8_t *p;

    if (at < IN_FILE) {
        buf_put(out, s->kept.p + at, bytes);
        return 0;
    }
    p = buf_room(out, bytes);
    for (at -= IN_FILE; bytes;) {
        const ssize_t n = pread(s->fd, p, bytes, (off_t)at);

        if (n <= 0)
            return err_sys(e, "%s: cannot read a temporary file", s->folder);
        p += n;
        bytes -= (size_t)n;
        at += (uint64_t)n;
    }
    return 0;
}
