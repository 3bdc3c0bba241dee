/* SPDX-License-Identifier: MIT */
#include "genome/fasta_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "htslib/bgzf.h"
#include "prog/mem.h"

/* Longest contig line that is looked for, and how much of one a message shows. */
enum { LINE_MAX_BYTES = 1 << 16, SHOWN = 60 };

/* Where a compressed block begins: in the file, and in what it unpacks to. */
struct block {
    uint64_t packed, unpacked;
};

struct fasta_file {
    char *path, *gzi;
    BGZF *packed;               /* of a compressed file, else NULL */
    struct block *block;        /* n_blocks, the first at 0 and 0 */
    size_t n_blocks;
    int fd;                     /* of a plain one */
};

/*
 * A .gzi is a number of blocks and their places, without the first, in 64-bit little-endian
 * numbers.  htslib's own reader of it ends the program where places are beside the blocks.
 */
static int
parse_gzi(struct fasta_file *f, struct cur *c)
{
    const uint64_t n = cur_u64(c);

    if (c->bad || n != (uint64_t)(c->end - c->p) / sizeof *f->block)
        return -1;
    f->n_blocks = (size_t)n + 1;
    f->block = mem_array(f->n_blocks, sizeof *f->block);
    for (size_t i = 1; i < f->n_blocks; i++) {
        f->block[i].packed = cur_u64(c);
        f->block[i].unpacked = cur_u64(c);
        if (f->block[i].packed <= f->block[i - 1].packed || f->block[i].packed >> 48 ||
            f->block[i].unpacked < f->block[i - 1].unpacked)
            return -1;
    }
    return c->p == c->end ? 0 : -1;
}

static int
read_gzi(struct fasta_file *f, struct err *e)
{
    FILE *fp = fopen(f->gzi, "rb");
    struct stat st;
    uint8_t *data;
    int status;

    if (!fp || fstat(fileno(fp), &st)) {
        err_sys(e, "%s: cannot open", f->gzi);
        if (fp)
            fclose(fp);
        return -1;
    }
    data = mem_alloc((size_t)st.st_size);
    status = fread(data, 1, (size_t)st.st_size, fp) == (size_t)st.st_size ? 0 : -1;
    fclose(fp);
    if (status == 0)
        status = parse_gzi(f, &(struct cur){ data, data + st.st_size, false });
    free(data);
    return status ? err_set(e, "%s: is not the index of a bgzip file, or not complete; remove it, "
                            "it is made anew", f->gzi) : 0;
}

static int
open_packed(struct fasta_file *f, const char *gzi, struct err *e)
{
    f->gzi = mem_strdup(gzi);
    f->packed = bgzf_open(f->path, "r");
    if (!f->packed)
        return err_sys(e, "%s: cannot open", f->path);
    return read_gzi(f, e);
}

struct fasta_file *
fasta_file_open(const char *path, const char *gzi, struct err *e)
{
    struct fasta_file *f = mem_zalloc(sizeof *f);
    int status = 0;

    f->path = mem_strdup(path);
    f->fd = -1;
    if (gzi)
        status = open_packed(f, gzi, e);
    else if ((f->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        status = err_sys(e, "%s: cannot open", path);
    if (status == 0)
        return f;
    fasta_file_close(f);
    return NULL;
}

void
fasta_file_close(struct fasta_file *f)
{
    if (!f)
        return;
    if (f->packed)
        bgzf_close(f->packed);
    if (f->fd >= 0)
        close(f->fd);
    free(f->block);
    free(f->gzi);
    free(f->path);
    free(f);
}

static int64_t
read_plain(struct fasta_file *f, char *dst, int64_t offset, int64_t n, struct err *e)
{
    int64_t got = 0;

    while (got < n) {
        const ssize_t r = pread(f->fd, dst + got, (size_t)(n - got), (off_t)(offset + got));

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return err_sys(e, "%s: cannot read", f->path);
        if (r == 0)
            break;
        got += r;
    }
    return got;
}

/* htslib's name of a place in the unpacked file; -1 when no block can hold it. */
static int64_t
virtual_offset(const struct fasta_file *f, uint64_t offset)
{
    size_t lo = 0, hi = f->n_blocks;

    while (hi - lo > 1) {
        const size_t middle = lo + (hi - lo) / 2;

        if (f->block[middle].unpacked <= offset)
            lo = middle;
        else
            hi = middle;
    }
    offset -= f->block[lo].unpacked;
    return offset >> 16 ? -1 : (int64_t)(f->block[lo].packed << 16 | offset);
}

/* A wrong .gzi points beside the blocks, or at one that is shorter than it says. */
static int64_t
read_packed(struct fasta_file *f, char *dst, int64_t offset, int64_t n, struct err *e)
{
    const int64_t at = virtual_offset(f, (uint64_t)offset);
    ssize_t got = -1;

    f->packed->errcode = 0;
    if (at >= 0 && bgzf_seek(f->packed, at, SEEK_SET) == 0)
        got = bgzf_read(f->packed, dst, (size_t)n);
    if (got < 0)
        return err_set(e, "%s: cannot read at byte %lld; the file is damaged, or %s is not of this "
                       "file: remove %s, it is made anew", f->path, (long long)offset, f->gzi,
                       f->gzi);
    return got;
}

int64_t
fasta_file_read(struct fasta_file *f, char *dst, int64_t offset, int64_t n, struct err *e)
{
    return f->packed ? read_packed(f, dst, offset, n, e) : read_plain(f, dst, offset, n, e);
}

static int
not_of_this_file(const struct fasta_file *f, const char *what, struct err *e)
{
    return err_set(e, "%s: is not the file that its index %s.fai was made of: %s; remove %s.fai%s%s"
                   ", %s made anew", f->path, f->path, what, f->path, f->gzi ? " and " : "",
                   f->gzi ? f->gzi : "", f->gzi ? "they are" : "it is");
}

/* What a message can show of a line: printable, and not much of it. */
static void
show(char shown[SHOWN + 1], const char *line, size_t n)
{
    size_t i;

    for (i = 0; i < n && i < SHOWN && line[i] != '\n' && line[i] != '\r'; i++)
        shown[i] = isprint((unsigned char)line[i]) ? line[i] : '?';
    shown[i] = '\0';
}

/* The line that ends at offset: its n bytes without the line end, in text; NULL: none does. */
static const char *
line_before(struct fasta_file *f, char *text, int64_t offset, size_t *n, struct err *e)
{
    static const int64_t reach[] = { 256, 4096, LINE_MAX_BYTES };

    *n = 0;
    for (size_t i = 0; i < ARRAY_LEN(reach); i++) {
        const int64_t size = offset < reach[i] ? offset : reach[i];
        const int64_t got = fasta_file_read(f, text, offset - size, size, e);
        const char *before;

        if (got < 0)
            return NULL;
        if (got < size || size < 1 || text[size - 1] != '\n')
            return "";
        before = memrchr(text, '\n', (size_t)size - 1);
        if (before || size == offset) {
            const char *line = before ? before + 1 : text;

            *n = (size_t)(text + size - 1 - line);
            return line;
        }
    }
    return "";
}

static int
check_start(struct fasta_file *f, const struct fasta_contig *c, struct err *e)
{
    char *text = mem_alloc(LINE_MAX_BYTES), shown[SHOWN + 1], *what;
    const size_t n_name = strlen(c->name);
    const char *line;
    size_t n = 0;
    int status = 0;

    line = line_before(f, text, c->offset, &n, e);
    if (!line) {
        status = -1;
    } else if (n <= n_name || *line != '>' || memcmp(line + 1, c->name, n_name) != 0 ||
               (n > n_name + 1 && !isspace((unsigned char)line[n_name + 1]))) {
        show(shown, line, n);
        what = mem_printf(n ? "the bases of '%.100s' are to begin at byte %lld, behind '%s', which is "
                          "not its line" : "the bases of '%.100s' are to begin at byte %lld, in the "
                          "middle of a line", c->name, (long long)c->offset, shown);
        status = not_of_this_file(f, what, e);
        free(what);
    }
    free(text);
    return status;
}

/* The last base, line ends, and then a contig line or nothing.  1 true, 0 false, -1 unreadable. */
static int
ends_there(struct fasta_file *f, const struct fasta_contig *c, struct err *e)
{
    enum { AT_ONCE = 64 };
    int64_t at = fasta_contig_byte(c, c->len - 1), got, i;
    char text[AT_ONCE], last;

    got = fasta_file_read(f, &last, at, 1, e);
    if (got < 1 || isspace((unsigned char)last))
        return got < 0 ? -1 : 0;
    for (;;) {
        at += got;
        got = fasta_file_read(f, text, at, AT_ONCE, e);
        for (i = 0; i < got && isspace((unsigned char)text[i]); i++)
            last = text[i];
        if (got <= 0)
            return got < 0 ? -1 : 1;
        if (i < got)
            return text[i] == '>' && last == '\n';
    }
}

static int
check_end(struct fasta_file *f, const struct fasta_contig *c, struct err *e)
{
    int status = ends_there(f, c, e);
    char *what;

    if (status != 0)
        return status < 0 ? -1 : 0;
    what = mem_printf("'%.100s' does not end with its base %lld", c->name, (long long)c->len);
    status = not_of_this_file(f, what, e);
    free(what);
    return status;
}

int
fasta_file_check(struct fasta_file *f, const struct fasta_contig *c, struct err *e)
{
    if (check_start(f, c, e))
        return -1;
    return c->len ? check_end(f, c, e) : 0;
}
