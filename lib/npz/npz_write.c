/* SPDX-License-Identifier: MIT */
/*
 * Of matrices, one at a time is written as its pieces come, and its local header filled in when it
 * is complete; pieces of others, and pieces out of order, wait in a spool.  Where the stream cannot
 * seek, all of them do, and no header needs filling in.  Other arrays are compressed in memory and
 * written at the end.
 */
#include "npz/npz_write.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/buf.h"
#include "npz/npz_record.h"
#include "npz/pack_row.h"
#include "npz/spool.h"
#include "prog/mem.h"
#include "threads/pipe.h"

#define LEVEL 6                         /* zlib's default, as numpy uses it */
#define SPOOL_MEMORY ((size_t)64 << 20)
#define NONE SIZE_MAX

/* One separately compressed stretch of a matrix. */
struct piece {
    uint64_t at;                        /* in the spool */
    uint32_t bytes, crc;                /* compressed; of the unpacked */
    bool here;
};

/* Rows of one piece that are not all there yet. */
struct open_group {
    size_t piece, n;                    /* n rows given */
    float *row;
};

struct matrix {
    size_t rows, width, group;
    size_t header;                      /* bytes of the .npy header */
    struct piece *piece;
    size_t n_piece, next;               /* next: first piece not yet in the file */
    bool written;                       /* its local header is in the file */
    struct open_group *open;
    size_t n_open, cap_open;
};

struct member {
    struct npz_record record;
    size_t rank;                        /* place in the central directory */
    struct matrix *matrix;              /* or NULL: */
    struct buf packed;                  /* the whole member */
};

/* Rows of one piece on their way through the threads that compress. */
struct job {
    float *row;                         /* n floats, room for cap */
    size_t n, cap;
    struct buf packed;                  /* result: pack_row of them */
    uint32_t crc;                       /* result: CRC-32 of their bytes */
    size_t member, piece;               /* what they are */
};

struct npz_writer {
    FILE *fp;
    char *name;
    bool can_seek;
    uint64_t at;
    struct member *member;
    size_t n, cap;
    char **order;                       /* keys in the order wanted */
    bool *is_matrix;
    size_t n_order;
    size_t direct;                      /* matrix that is being written, or NONE */
    struct spool *spool;
    struct job *job;                    /* n_job: a slot each of the pipe */
    size_t n_job;
    struct pipe *pipe;
};

/* A regular file that is not appended to, whose stream has a descriptor. */
static bool
can_seek(FILE *fp)
{
    const int fd = fileno(fp);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        !(fcntl(fd, F_GETFL) & O_APPEND) && ftello(fp) >= 0;
}

/* Compress a job's rows: any number of these run at a time. */
static void
pack_job(void *context, size_t worker, size_t slot)
{
    const struct npz_writer *w = context;
    struct job *job = &w->job[slot];

    (void)worker;
    buf_clear(&job->packed);
    pack_row(&job->packed, job->row, job->n);
    job->crc = libdeflate_crc32(0, job->row, job->n * sizeof *job->row);
}

struct npz_writer *
npz_create(FILE *fp, const char *name, int threads)
{
    const size_t n_worker = threads > 1 ? (size_t)threads - 1 : 0;      /* the caller helps */
    struct npz_writer *w = mem_zalloc(sizeof *w);
    off_t at = ftello(fp);

    w->fp = fp;
    w->name = mem_strdup(name);
    w->at = at > 0 ? (uint64_t)at : 0;  /* a pipe has no position: it begins here */
    w->can_seek = can_seek(fp);
    w->direct = NONE;
    w->spool = spool_new("/tmp", SPOOL_MEMORY);
    w->n_job = pipe_slots(n_worker);
    w->job = mem_array(w->n_job, sizeof *w->job);
    w->pipe = pipe_new(pack_job, w, n_worker, true);
    return w;
}

const char *
npz_name(const struct npz_writer *w)
{
    return w->name;
}

void
npz_set_folder(struct npz_writer *w, const char *folder)
{
    spool_free(w->spool);
    w->spool = spool_new(folder, SPOOL_MEMORY);
}

static void
free_matrix(struct matrix *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_open; i++)
        free(m->open[i].row);
    free(m->open);
    free(m->piece);
    free(m);
}

void
npz_abandon(struct npz_writer *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n; i++) {
        free(w->member[i].record.name);
        buf_free(&w->member[i].record.index);
        buf_free(&w->member[i].packed);
        free_matrix(w->member[i].matrix);
    }
    for (size_t i = 0; i < w->n_order; i++)
        free(w->order[i]);
    free(w->order);
    free(w->is_matrix);
    pipe_free(w->pipe);
    for (size_t i = 0; i < w->n_job; i++) {
        free(w->job[i].row);
        buf_free(&w->job[i].packed);
    }
    free(w->job);
    spool_free(w->spool);
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

/* Raw deflate by zlib: Z_FINISH, or Z_FULL_FLUSH when more follows. */
static int
pack_bytes(const struct npz_writer *w, struct buf *out, const void *data, size_t bytes, int flush,
           struct err *e)
{
    z_stream z = { 0 };
    int status;

    if (deflateInit2(&z, LEVEL, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, "%s: compression failed; is there enough memory?", w->name);
    /* The bound is for Z_FINISH; a full flush adds at most an empty stored block. */
    buf_clear(out);
    buf_room(out, deflateBound(&z, bytes) + 16);
    z.next_in = (Bytef *)data;
    z.avail_in = (uInt)bytes;
    z.next_out = out->p;
    z.avail_out = (uInt)out->n;
    status = deflate(&z, flush);
    out->n -= z.avail_out;
    deflateEnd(&z);
    if (status == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) && z.avail_in == 0)
        return 0;
    return err_set(e, "%s: compression failed; is there enough memory?", w->name);
}

static int
write_local(struct npz_writer *w, const struct member *m, struct err *e)
{
    struct buf b = { 0 };
    int status;

    npz_put_local(&b, &m->record);
    status = put(w, b.p, b.n, e);
    buf_free(&b);
    return status;
}

void
npz_order(struct npz_writer *w, const char *const *key, const bool *is_matrix, size_t n)
{
    assert(w->n == 0 && w->n_order == 0);
    w->order = mem_array(n, sizeof *w->order);
    w->is_matrix = mem_array(n, sizeof *w->is_matrix);
    w->n_order = n;
    for (size_t i = 0; i < n; i++)
        w->order[i] = mem_printf("%s.npy", key[i]);
    memcpy(w->is_matrix, is_matrix, n * sizeof *is_matrix);
}

static struct member *
add_member(struct npz_writer *w, const char *key)
{
    struct member *m;

    mem_grow(&w->member, &w->cap, w->n + 1, sizeof *w->member);
    m = &w->member[w->n++];
    memset(m, 0, sizeof *m);
    m->record.name = mem_printf("%s.npy", key);
    while (m->rank < w->n_order && strcmp(w->order[m->rank], m->record.name) != 0)
        m->rank++;
    return m;
}

int
npz_add(struct npz_writer *w, const char *key, const struct npy *a, const void *data,
        struct err *e)
{
    struct buf raw = { 0 };
    struct member *m = add_member(w, key);
    char header[NPY_HEADER_MAX];
    int status;

    buf_put(&raw, header, npy_format(header, a));
    buf_put(&raw, data, a->count * a->item);
    m->record.size = raw.n;
    m->record.crc = libdeflate_crc32(0, raw.p, raw.n);
    /* zlib counts one call's input in 32 bits; only matrices get that large, and they are cut. */
    status = raw.n > UINT32_MAX / 2
        ? err_set(e, "%s: array '%s' of %.1f GB is too large", w->name, key, (double)raw.n / 1e9)
        : pack_bytes(w, &m->packed, raw.p, raw.n, Z_FINISH, e);
    m->record.compressed = m->packed.n;
    buf_free(&raw);
    return status;
}

/* The smallest power of two of rows per group whose index still fits beside the name. */
static size_t
rows_per_group(size_t rows, size_t n_name)
{
    size_t room = NPZ_CENTRAL_MAX - 46 - n_name - (4 + 28) - 4 - NPZ_INDEX_HEAD;
    size_t group = 1;

    while (((rows + group - 1) / group + 1) * NPZ_INDEX_ENTRY > room)
        group *= 2;
    return group;
}

/* Unpacked bytes of a piece. */
static size_t
piece_size(const struct matrix *m, size_t piece)
{
    const size_t first = (piece - 1) * m->group;
    const size_t rows = m->rows - first < m->group ? m->rows - first : m->group;

    return piece == 0 ? m->header : rows * m->width * sizeof(float);
}

/* Sizes and CRC of a member all of whose pieces are known, and its index. */
static void
sum_up(struct member *m)
{
    const struct matrix *x = m->matrix;

    m->record.compressed = sizeof NPZ_DEFLATE_END - 1;
    m->record.size = 0;
    m->record.crc = 0;
    buf_clear(&m->record.index);
    buf_put_u16(&m->record.index, NPZ_INDEX_VERSION);
    buf_put_u32(&m->record.index, (uint32_t)x->group);
    buf_put_u32(&m->record.index, (uint32_t)x->n_piece);
    for (size_t i = 0; i < x->n_piece; i++) {
        m->record.compressed += x->piece[i].bytes;
        m->record.size += piece_size(x, i);
        m->record.crc = (uint32_t)crc32_combine(m->record.crc, x->piece[i].crc,
                                                (z_off_t)piece_size(x, i));
        buf_put_u32(&m->record.index, x->piece[i].bytes);
        buf_put_u32(&m->record.index, x->piece[i].crc);
    }
}

/* Write the local header once more, at its place. */
static int
fill_in(struct npz_writer *w, const struct member *m, struct err *e)
{
    const uint64_t end = w->at;

    if (fseeko(w->fp, (off_t)m->record.offset, SEEK_SET))
        return err_sys(e, "%s: cannot write", w->name);
    w->at = m->record.offset;
    if (write_local(w, m, e))
        return -1;
    w->at = end;
    return fseeko(w->fp, (off_t)end, SEEK_SET) ? err_sys(e, "%s: cannot write", w->name) : 0;
}

/* Write the pieces from m->next on that wait in the spool. */
static int
unspool(struct npz_writer *w, struct matrix *m, struct err *e)
{
    struct buf b = { 0 };
    int status = 0;

    while (status == 0 && m->next < m->n_piece && m->piece[m->next].here) {
        const struct piece *p = &m->piece[m->next];

        buf_clear(&b);
        status = spool_get(w->spool, &b, p->at, p->bytes, e);
        if (status == 0)
            status = put(w, b.p, b.n, e);
        m->next++;
    }
    buf_free(&b);
    return status;
}

/* Write what comes behind the last piece; the member is complete then. */
static int
end_matrix(struct npz_writer *w, struct member *m, struct err *e)
{
    w->direct = NONE;
    if (put(w, NPZ_DEFLATE_END, sizeof NPZ_DEFLATE_END - 1, e))
        return -1;
    sum_up(m);
    return fill_in(w, m, e);
}

/* A matrix begins to be written as its pieces come. */
static int
begin_direct(struct npz_writer *w, size_t member, struct err *e)
{
    struct member *m = &w->member[member];

    w->direct = member;
    m->matrix->written = true;
    m->record.offset = w->at;
    return write_local(w, m, e) || unspool(w, m->matrix, e) ? -1 : 0;
}

/* True when every matrix that is to lie before this one does. */
static bool
is_its_turn(const struct npz_writer *w, const struct member *m)
{
    size_t n_before = 0;

    for (size_t i = 0; i < m->rank && i < w->n_order; i++)
        n_before += w->is_matrix[i];
    for (size_t i = 0; i < w->n; i++)
        n_before -= w->member[i].matrix && w->member[i].rank < m->rank &&
            w->member[i].matrix->written;
    return n_before == 0;
}

/* A piece is ready: into the file if it is its turn, else into the spool. */
static int
take_piece(struct npz_writer *w, size_t member, size_t piece, const void *packed, size_t bytes,
           uint32_t crc, struct err *e)
{
    struct member *m = &w->member[member];
    struct matrix *x = m->matrix;
    struct piece *p = &x->piece[piece];

    assert(!p->here && bytes <= UINT32_MAX);
    p->bytes = (uint32_t)bytes;
    p->crc = crc;
    if (w->can_seek && w->direct == NONE && is_its_turn(w, m) && begin_direct(w, member, e))
        return -1;
    p->here = true;
    if (w->direct != member || piece != x->next)
        return spool_put(w->spool, &p->at, packed, bytes, e);
    x->next++;
    if (put(w, packed, bytes, e) || unspool(w, x, e))
        return -1;
    return x->next == x->n_piece ? end_matrix(w, m, e) : 0;
}

/* The results of the oldest job, in the order the jobs were given. */
static int
take_back(struct npz_writer *w, size_t slot, struct err *e)
{
    const struct job *job = &w->job[slot];
    const int status = take_piece(w, job->member, job->piece, job->packed.p, job->packed.n,
                                  job->crc, e);

    pipe_release(w->pipe);
    return status;
}

/* Take back every job. */
static int
flush_jobs(struct npz_writer *w, struct err *e)
{
    size_t slot;

    while (pipe_oldest(w->pipe, true, &slot))
        if (take_back(w, slot, e))
            return -1;
    return 0;
}

int
npz_put_piece(struct npz_writer *w, size_t m, size_t piece, const void *packed, size_t bytes,
              uint32_t crc, struct err *e)
{
    /* Whatever was given before comes before: the layout must not depend on threads. */
    return flush_jobs(w, e) || take_piece(w, m, piece, packed, bytes, crc, e) ? -1 : 0;
}

int
npz_begin_matrix(struct npz_writer *w, size_t *member, const char *key, size_t rows, size_t width,
                 struct err *e)
{
    struct npy a = { .kind = 'f', .item = sizeof(float), .ndim = 2, .shape = { rows, width } };
    struct member *m = add_member(w, key);
    struct matrix *x = m->matrix = mem_zalloc(sizeof *x);
    char header[NPY_HEADER_MAX];
    struct buf packed = { 0 };
    int status;

    *member = w->n - 1;
    x->rows = rows;
    x->width = width;
    x->group = rows_per_group(rows, strlen(m->record.name));
    x->n_piece = (rows + x->group - 1) / x->group + 1;
    x->piece = mem_array(x->n_piece, sizeof *x->piece);
    x->header = npy_format(header, &a);
    status = pack_bytes(w, &packed, header, x->header, Z_FULL_FLUSH, e);
    if (status == 0)
        status = npz_put_piece(w, *member, 0, packed.p, packed.n,
                               libdeflate_crc32(0, header, x->header), e);
    buf_free(&packed);
    return status;
}

size_t
npz_group(const struct npz_writer *w, size_t m)
{
    return w->member[m].matrix->group;
}

static int
submit(struct npz_writer *w, size_t member, size_t piece, const float *row, size_t n,
       struct err *e)
{
    struct job *job;
    size_t slot;

    if (pipe_is_full(w->pipe) && pipe_oldest(w->pipe, true, &slot) && take_back(w, slot, e))
        return -1;
    job = &w->job[pipe_place(w->pipe)];
    mem_grow(&job->row, &job->cap, n, sizeof *job->row);
    memcpy(job->row, row, n * sizeof *row);
    job->n = n;
    job->member = member;
    job->piece = piece;
    pipe_submit(w->pipe);
    return 0;
}

static struct open_group *
find_group(struct matrix *x, size_t piece)
{
    for (size_t i = 0; i < x->n_open; i++)
        if (x->open[i].piece == piece)
            return &x->open[i];
    mem_grow(&x->open, &x->cap_open, x->n_open + 1, sizeof *x->open);
    x->open[x->n_open] = (struct open_group){
        .piece = piece, .row = mem_array(x->group * x->width, sizeof(float)) };
    return &x->open[x->n_open++];
}

int
npz_put_row(struct npz_writer *w, size_t member, size_t i, const float *row, struct err *e)
{
    struct matrix *x = w->member[member].matrix;
    const size_t piece = i / x->group + 1, floats = piece_size(x, piece) / sizeof *row;
    struct open_group *g;
    int status;

    if (x->group == 1)
        return submit(w, member, piece, row, floats, e);
    g = find_group(x, piece);
    memcpy(g->row + i % x->group * x->width, row, x->width * sizeof *row);
    if (++g->n * x->width < floats)
        return 0;
    status = submit(w, member, piece, g->row, floats, e);
    free(g->row);
    *g = x->open[--x->n_open];
    return status;
}

int
npz_add_matrix(struct npz_writer *w, const char *key, const float *data, size_t rows,
               size_t width, struct err *e)
{
    size_t m;

    if (npz_begin_matrix(w, &m, key, rows, width, e))
        return -1;
    for (size_t i = 0; i < rows; i++)
        if (npz_put_row(w, m, i, data + i * width, e))
            return -1;
    return 0;
}

/* A matrix of which every piece waits in the spool. */
static int
write_spooled(struct npz_writer *w, struct member *m, struct err *e)
{
    sum_up(m);
    m->record.offset = w->at;
    if (write_local(w, m, e) || unspool(w, m->matrix, e) ||
        put(w, NPZ_DEFLATE_END, sizeof NPZ_DEFLATE_END - 1, e))
        return -1;
    assert(m->matrix->next == m->matrix->n_piece);
    return 0;
}

/* Matrices that are not in the file yet, or all other arrays, in their order. */
static int
write_waiting(struct npz_writer *w, bool matrices, struct err *e)
{
    for (size_t rank = 0; rank <= w->n_order; rank++) {
        for (size_t i = 0; i < w->n; i++) {
            struct member *m = &w->member[i];

            if (m->rank != rank || matrices != (m->matrix != NULL) ||
                (m->matrix && m->matrix->written))
                continue;
            m->record.offset = w->at;
            if (m->matrix ? write_spooled(w, m, e)
                          : write_local(w, m, e) || put(w, m->packed.p, m->packed.n, e))
                return -1;
        }
    }
    return 0;
}

int
npz_finish(struct npz_writer *w, struct err *e)
{
    struct buf b = { 0 };
    uint64_t offset;
    int status;

    if (flush_jobs(w, e) || write_waiting(w, true, e) || write_waiting(w, false, e)) {
        npz_abandon(w);
        return -1;
    }
    assert(w->direct == NONE);
    offset = w->at;
    for (size_t rank = 0; rank <= w->n_order; rank++)
        for (size_t i = 0; i < w->n; i++)
            if (w->member[i].rank == rank)
                npz_put_central(&b, &w->member[i].record);
    npz_put_end(&b, w->n, b.n, offset);
    status = put(w, b.p, b.n, e);
    if (status == 0 && fflush(w->fp))
        status = err_sys(e, "%s: cannot write", w->name);
    buf_free(&b);
    npz_abandon(w);
    return status;
}
