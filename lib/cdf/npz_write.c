/* SPDX-License-Identifier: MIT */
/*
 * Every member is compressed in memory before its local header is written, so sizes are known and
 * the stream need not seek.  Rows of a matrix are compressed in groups by a few threads that take
 * the next group from a counter; what a group becomes depends on its rows alone.
 */
#include "cdf/npz_write.h"

#include <errno.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cdf/utf.h"
#include "prog/mem.h"
#include "stream/buf.h"

/* Fixed fields, PKWARE APPNOTE 4.3 to 4.5; values are those of Python's zipfile. */
enum {
    LOCAL_SIG = 0x04034b50, CENTRAL_SIG = 0x02014b50, END_SIG = 0x06054b50,
    END64_SIG = 0x06064b50, LOCATOR_SIG = 0x07064b50,
    VERSION_ZIP64 = 45, SYSTEM_UNIX = 3 << 8, METHOD_DEFLATE = 8,
    DOS_DATE_1980 = 33,                 /* 1 January 1980: no date, so equal data, equal bytes */
    EXTRA_ZIP64 = 1,
    CENTRAL_MAX = 65535                 /* one record with name and extra field (4.4.10) */
};
#define ATTRIBUTES_0600 0x01800000u     /* rw------- in the upper half */
#define LEVEL 6                         /* zlib's default, as numpy uses it */

struct member {
    char *name;
    uint32_t crc;
    uint64_t compressed, size, offset;
    struct buf index;                   /* content of the private extra field; may be empty */
};

struct npz_writer {
    FILE *fp;
    char *name;
    int threads;
    uint64_t at;
    struct member *member;
    size_t n, cap;
};

/* One separately compressed stretch of a member. */
struct piece {
    const uint8_t *data;
    size_t bytes;
    struct buf packed;
    uint32_t crc;
};

struct job {
    struct piece *piece;
    size_t n;
    int flush;                          /* Z_FULL_FLUSH: more follows; Z_FINISH: the only one */
    atomic_size_t next;
    atomic_bool failed;
};

struct npz_writer *
npz_create(FILE *fp, const char *name, int threads)
{
    struct npz_writer *w = mem_zalloc(sizeof *w);
    off_t at = ftello(fp);

    w->fp = fp;
    w->name = mem_strdup(name);
    w->threads = threads < 1 ? 1 : threads;
    w->at = at > 0 ? (uint64_t)at : 0;  /* a pipe has no position: it begins here */
    return w;
}

void
npz_abandon(struct npz_writer *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n; i++) {
        free(w->member[i].name);
        buf_free(&w->member[i].index);
    }
    free(w->member);
    free(w->name);
    free(w);
}

static int
put(struct npz_writer *w, const void *data, size_t bytes, struct err *e)
{
    if (bytes && fwrite(data, 1, bytes, w->fp) != bytes)
        return err_sys(e, "%s: cannot write", w->name);
    w->at += bytes;
    return 0;
}

/* Raw deflate of one piece; false when zlib fails (which only lack of memory can cause). */
static bool
pack_piece(z_stream *z, struct piece *p, int flush)
{
    int status;

    p->crc = libdeflate_crc32(0, p->data, p->bytes);
    if (deflateReset(z) != Z_OK)
        return false;
    /* The bound is for Z_FINISH; a full flush adds at most an empty stored block. */
    buf_room(&p->packed, deflateBound(z, p->bytes) + 16);
    z->next_in = (Bytef *)p->data;
    z->avail_in = (uInt)p->bytes;
    z->next_out = p->packed.p;
    z->avail_out = (uInt)p->packed.n;
    status = deflate(z, flush);
    p->packed.n -= z->avail_out;
    return z->avail_in == 0 && z->avail_out > 0 && status == (flush == Z_FINISH ? Z_STREAM_END
                                                                                : Z_OK);
}

static void *
work(void *arg)
{
    struct job *job = arg;
    z_stream z = { 0 };
    size_t i;

    if (deflateInit2(&z, LEVEL, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        atomic_store(&job->failed, true);
        return NULL;
    }
    while ((i = atomic_fetch_add(&job->next, 1)) < job->n)
        if (!pack_piece(&z, &job->piece[i], job->flush))
            atomic_store(&job->failed, true);
    deflateEnd(&z);
    return NULL;
}

static int
pack(struct npz_writer *w, struct job *job, struct err *e)
{
    size_t n_helpers = (size_t)w->threads < job->n ? (size_t)w->threads - 1 : job->n - 1;
    pthread_t *helper = mem_array(n_helpers, sizeof *helper);
    size_t started = 0;

    while (started < n_helpers && pthread_create(&helper[started], NULL, work, job) == 0)
        started++;
    work(job);
    for (size_t i = 0; i < started; i++)
        pthread_join(helper[i], NULL);
    free(helper);
    if (atomic_load(&job->failed))
        return err_set(e, "%s: compression failed; is there enough memory?", w->name);
    return 0;
}

static int
write_local(struct npz_writer *w, const struct member *m, struct err *e)
{
    struct buf b = { 0 };
    int status;

    buf_put_u32(&b, LOCAL_SIG);
    buf_put_u16(&b, VERSION_ZIP64);
    buf_put_u16(&b, 0);
    buf_put_u16(&b, METHOD_DEFLATE);
    buf_put_u16(&b, 0);
    buf_put_u16(&b, DOS_DATE_1980);
    buf_put_u32(&b, m->crc);
    buf_put_u32(&b, UINT32_MAX);
    buf_put_u32(&b, UINT32_MAX);
    buf_put_u16(&b, (uint16_t)strlen(m->name));
    buf_put_u16(&b, 20);
    buf_put(&b, m->name, strlen(m->name));
    buf_put_u16(&b, EXTRA_ZIP64);
    buf_put_u16(&b, 16);
    buf_put_u64(&b, m->size);
    buf_put_u64(&b, m->compressed);
    status = put(w, b.p, b.n, e);
    buf_free(&b);
    return status;
}

static struct member *
add_member(struct npz_writer *w, const char *key)
{
    struct member *m;

    mem_grow(&w->member, &w->cap, w->n + 1, sizeof *w->member);
    m = &w->member[w->n++];
    memset(m, 0, sizeof *m);
    m->name = mem_printf("%s.npy", key);
    m->offset = w->at;
    return m;
}

/* Header, pieces and, when they are flushed ones, the end mark behind them. */
static int
write_member(struct npz_writer *w, struct member *m, const struct job *job, struct err *e)
{
    size_t n_end = job->flush == Z_FINISH ? 0 : sizeof NPZ_DEFLATE_END - 1;

    m->compressed = n_end;
    for (size_t i = 0; i < job->n; i++)
        m->compressed += job->piece[i].packed.n;
    if (write_local(w, m, e) < 0)
        return -1;
    for (size_t i = 0; i < job->n; i++)
        if (put(w, job->piece[i].packed.p, job->piece[i].packed.n, e) < 0)
            return -1;
    return put(w, NPZ_DEFLATE_END, n_end, e);
}

int
npz_add(struct npz_writer *w, const char *key, const struct npy *a, const void *data,
        struct err *e)
{
    struct buf raw = { 0 };
    struct member *m = add_member(w, key);
    struct piece piece = { 0 };
    struct job job = { .piece = &piece, .n = 1, .flush = Z_FINISH };
    char header[NPY_HEADER_MAX];
    int status;

    buf_put(&raw, header, npy_format(header, a));
    buf_put(&raw, data, a->count * a->item);
    piece.data = raw.p;
    piece.bytes = raw.n;
    m->size = raw.n;
    /* zlib counts one call's input in 32 bits; only matrices get that large, and they are cut. */
    status = raw.n > UINT32_MAX / 2
        ? err_set(e, "%s: array '%s' of %.1f GB is too large", w->name, key, (double)raw.n / 1e9)
        : pack(w, &job, e);
    m->crc = piece.crc;
    if (status == 0)
        status = write_member(w, m, &job, e);
    buf_free(&piece.packed);
    buf_free(&raw);
    return status;
}

/* The smallest power of two of rows per group whose index still fits beside the name. */
static size_t
rows_per_group(size_t rows, size_t n_name)
{
    size_t room = CENTRAL_MAX - 46 - n_name - (4 + 28) - 4 - NPZ_INDEX_HEAD;
    size_t group = 1;

    while (((rows + group - 1) / group + 1) * NPZ_INDEX_ENTRY > room)
        group *= 2;
    return group;
}

static void
make_index(struct member *m, const struct job *job, size_t group)
{
    buf_put_u16(&m->index, NPZ_INDEX_VERSION);
    buf_put_u32(&m->index, (uint32_t)group);
    buf_put_u32(&m->index, (uint32_t)job->n);
    for (size_t i = 0; i < job->n; i++) {
        buf_put_u32(&m->index, (uint32_t)job->piece[i].packed.n);
        buf_put_u32(&m->index, job->piece[i].crc);
    }
}

int
npz_add_matrix(struct npz_writer *w, const char *key, const float *data, size_t rows,
               size_t width, struct err *e)
{
    struct member *m = add_member(w, key);
    struct npy a = { .kind = 'f', .item = sizeof *data, .ndim = 2, .shape = { rows, width } };
    size_t group = rows_per_group(rows, strlen(m->name));
    size_t bytes = rows * width * sizeof *data, step = group * width * sizeof *data;
    struct job job = { .n = (rows + group - 1) / group + 1, .flush = Z_FULL_FLUSH };
    char header[NPY_HEADER_MAX];
    int status;

    job.piece = mem_array(job.n, sizeof *job.piece);
    job.piece[0].data = (const uint8_t *)header;
    job.piece[0].bytes = npy_format(header, &a);
    for (size_t i = 1; i < job.n; i++) {
        size_t at = (i - 1) * step;

        job.piece[i].data = (const uint8_t *)data + at;
        job.piece[i].bytes = bytes - at < step ? bytes - at : step;
    }
    m->size = job.piece[0].bytes + bytes;
    m->crc = libdeflate_crc32(0, header, job.piece[0].bytes);
    m->crc = libdeflate_crc32(m->crc, data, bytes);
    status = pack(w, &job, e);
    make_index(m, &job, group);
    if (status == 0)
        status = write_member(w, m, &job, e);
    for (size_t i = 0; i < job.n; i++)
        buf_free(&job.piece[i].packed);
    free(job.piece);
    return status;
}

static struct npy
vector_of(char kind, size_t item, size_t n)
{
    return (struct npy){ .kind = kind, .item = item, .ndim = n > 0, .shape = { n },
                         .count = n ? n : 1 };
}

int
npz_add_int64(struct npz_writer *w, const char *key, const int64_t *v, size_t n, struct err *e)
{
    struct npy a = vector_of('i', sizeof *v, n);

    return npz_add(w, key, &a, v, e);
}

int
npz_add_bool(struct npz_writer *w, const char *key, const bool *v, size_t n, struct err *e)
{
    struct npy a = vector_of('b', sizeof *v, n);

    return npz_add(w, key, &a, v, e);
}

int
npz_add_text(struct npz_writer *w, const char *key, char *const *v, size_t n, struct err *e)
{
    size_t cell = 1, count = n ? n : 1;
    uint32_t *wide;
    struct npy a;
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        ptrdiff_t points = utf8_length(v[i]);

        if (points < 0)
            return err_set(e, "%s: '%s' for array '%s' is not valid UTF-8; rename it", w->name,
                           v[i], key);
        if ((size_t)points > cell)
            cell = (size_t)points;
    }
    wide = mem_array(count * cell, sizeof *wide);
    for (size_t i = 0; i < count; i++)
        utf8_to_ucs4(wide + i * cell, v[i]);
    a = vector_of('U', 4 * cell, n);
    status = npz_add(w, key, &a, wide, e);
    free(wide);
    return status;
}

/* Sizes and offset where they fit, else UINT32_MAX and the value in the zip64 extra field. */
static void
put_central(struct buf *b, const struct member *m)
{
    const uint64_t field[3] = { m->size, m->compressed, m->offset };
    uint32_t small[3];
    struct buf extra = { 0 }, zip64 = { 0 };

    for (size_t i = 0; i < 3; i++) {
        small[i] = field[i] < UINT32_MAX ? (uint32_t)field[i] : UINT32_MAX;
        if (small[i] == UINT32_MAX)
            buf_put_u64(&zip64, field[i]);
    }
    if (zip64.n) {
        buf_put_u16(&extra, EXTRA_ZIP64);
        buf_put_u16(&extra, (uint16_t)zip64.n);
        buf_put(&extra, zip64.p, zip64.n);
    }
    if (m->index.n) {
        buf_put_u16(&extra, NPZ_INDEX_ID);
        buf_put_u16(&extra, (uint16_t)m->index.n);
        buf_put(&extra, m->index.p, m->index.n);
    }
    buf_put_u32(b, CENTRAL_SIG);
    buf_put_u16(b, SYSTEM_UNIX | VERSION_ZIP64);
    buf_put_u16(b, VERSION_ZIP64);
    buf_put_u16(b, 0);
    buf_put_u16(b, METHOD_DEFLATE);
    buf_put_u16(b, 0);
    buf_put_u16(b, DOS_DATE_1980);
    buf_put_u32(b, m->crc);
    buf_put_u32(b, small[1]);
    buf_put_u32(b, small[0]);
    buf_put_u16(b, (uint16_t)strlen(m->name));
    buf_put_u16(b, (uint16_t)extra.n);
    buf_put_u16(b, 0);
    buf_put_u16(b, 0);
    buf_put_u16(b, 0);
    buf_put_u32(b, ATTRIBUTES_0600);
    buf_put_u32(b, small[2]);
    buf_put(b, m->name, strlen(m->name));
    buf_put(b, extra.p, extra.n);
    buf_free(&extra);
    buf_free(&zip64);
}

static void
put_end64(struct buf *b, uint64_t n, uint64_t bytes, uint64_t offset)
{
    buf_put_u32(b, END64_SIG);
    buf_put_u64(b, 44);                 /* bytes of this record after this field */
    buf_put_u16(b, SYSTEM_UNIX | VERSION_ZIP64);
    buf_put_u16(b, VERSION_ZIP64);
    buf_put_u32(b, 0);
    buf_put_u32(b, 0);
    buf_put_u64(b, n);
    buf_put_u64(b, n);
    buf_put_u64(b, bytes);
    buf_put_u64(b, offset);
    buf_put_u32(b, LOCATOR_SIG);
    buf_put_u32(b, 0);
    buf_put_u64(b, offset + bytes);
    buf_put_u32(b, 1);
}

static void
put_end(struct buf *b, uint64_t n, uint64_t bytes, uint64_t offset)
{
    bool big = n >= UINT16_MAX || bytes >= UINT32_MAX || offset >= UINT32_MAX;

    if (big)
        put_end64(b, n, bytes, offset);
    buf_put_u32(b, END_SIG);
    buf_put_u16(b, 0);
    buf_put_u16(b, 0);
    buf_put_u16(b, n < UINT16_MAX ? (uint16_t)n : UINT16_MAX);
    buf_put_u16(b, n < UINT16_MAX ? (uint16_t)n : UINT16_MAX);
    buf_put_u32(b, bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX);
    buf_put_u32(b, offset < UINT32_MAX ? (uint32_t)offset : UINT32_MAX);
    buf_put_u16(b, 0);
}

int
npz_finish(struct npz_writer *w, struct err *e)
{
    struct buf b = { 0 };
    uint64_t offset = w->at;
    int status;

    for (size_t i = 0; i < w->n; i++)
        put_central(&b, &w->member[i]);
    put_end(&b, w->n, b.n, offset);
    status = put(w, b.p, b.n, e);
    if (status == 0 && fflush(w->fp))
        status = err_sys(e, "%s: cannot write", w->name);
    buf_free(&b);
    npz_abandon(w);
    return status;
}
