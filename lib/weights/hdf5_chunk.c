/* SPDX-License-Identifier: MIT */
/*
 * Chunked datasets: the index of the chunks (sections III.A.1, VII.A to VII.C), the filters (IV.A.2.l)
 * and how chunks become one array.
 */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "weights/hdf5.h"

enum { MAX_FILTERS = 4, MAX_LEVEL = 12, DEFLATE_MAX_RATIO = 1032 };
enum filter { FILTER_DEFLATE = 1, FILTER_SHUFFLE = 2 };

struct chunk {
    const uint8_t *p;
    uint64_t n;                 /* bytes as stored */
    uint64_t number;            /* row-major among the chunks of the dataset */
    uint32_t mask;              /* filters that were left out */
};

/* What putting a dataset together takes; freed as one, so chunks are behind it. */
struct chunks {
    int ndim;
    uint64_t dim[TENSOR_MAX_DIM], side[TENSOR_MAX_DIM], grid[TENSOR_MAX_DIM];
    size_t width, chunk_bytes, total_bytes;
    unsigned filter[MAX_FILTERS], n_filters;
    size_t n;                   /* chunks that there must be, and are */
    struct chunk chunk[];
};

/* The same while the index is read. */
struct reading {
    struct hdf5 *f;
    struct chunks *c;
    size_t n;                   /* found so far */
    uint64_t stored;            /* their bytes */
    struct err *e;
};

static int
damaged(struct err *e, const char *what)
{
    return err_set(e, "damaged HDF5 chunks: %s; copy or download the file again", what);
}

static int
add_chunk(struct reading *r, uint64_t number, uint64_t at, uint64_t n, uint32_t mask)
{
    struct chunks *c = r->c;

    if (r->n == c->n || number >= c->n)
        return damaged(r->e, "more of them than the shape has");
    if (at > r->f->file.n || n > r->f->file.n - at)
        return damaged(r->e, "one beyond the file's end");
    if (n > r->f->data_left)
        return damaged(r->e, "datasets that share their bytes");
    r->f->data_left -= n;
    if (c->n_filters == 0 && n != c->chunk_bytes)
        return damaged(r->e, "one of the wrong size");
    c->chunk[r->n++] = (struct chunk){ r->f->file.p + at, n, number, mask };
    r->stored += n;
    return 0;
}

/* --- filters --- */

static int
add_filter(struct chunks *c, unsigned id, struct err *e)
{
    if (id != FILTER_DEFLATE && id != FILTER_SHUFFLE)
        return err_set(e, "values filtered by HDF5 filter %u, expected none, deflate or shuffle; "
                       "write the file again with h5repack -f NONE", id);
    if (c->n_filters == MAX_FILTERS)
        return damaged(e, "too many filters");
    c->filter[c->n_filters++] = id;
    return 0;
}

static int
read_filters(struct chunks *c, const struct hdf5_message *m, struct err *e)
{
    const uint8_t *p = m->p;
    size_t n = m->n, head;
    unsigned count;

    if (m->shared || n < 2 || (p[0] != 1 && p[0] != 2))
        return damaged(e, "filters that cannot be read");
    count = p[1];
    head = p[0] == 1 ? 8 : 2;
    for (unsigned i = 0; i < count; i++) {
        bool has_name;
        size_t at, n_name = 0, n_values;

        if (n < head + 8)
            return damaged(e, "broken filters");
        has_name = m->p[0] == 1 || hdf5_number(p + head, 2) >= 256;
        if (has_name)
            n_name = hdf5_number(p + head + 2, 2);
        if (m->p[0] == 1)
            n_name = (n_name + 7) / 8 * 8;
        at = head + (has_name ? 6 : 4);
        n_values = hdf5_number(p + at, 2);
        if (add_filter(c, (unsigned)hdf5_number(p + head, 2), e) < 0)
            return -1;
        at += 2 + n_name + 4 * n_values + (m->p[0] == 1 && n_values % 2 ? 4 : 0);
        if (at > n)
            return i + 1 == count && at <= n + 4 ? 0 : damaged(e, "broken filters");
        p += at;
        n -= at;
        head = 0;
    }
    return 0;
}

/* Byte k of all elements, for every k, becomes elements again. */
static void
unshuffle(uint8_t *out, const uint8_t *in, size_t bytes, size_t width)
{
    size_t n = bytes / width;

    for (size_t k = 0; k < width; k++)
        for (size_t i = 0; i < n; i++)
            out[i * width + k] = in[k * n + i];
    memcpy(out + n * width, in + n * width, bytes - n * width);
}

static int
inflate_chunk(uint8_t *out, size_t bytes, const uint8_t *in, size_t n, struct err *e)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    enum libdeflate_result r = LIBDEFLATE_BAD_DATA;
    size_t made = 0;

    if (d)
        r = libdeflate_zlib_decompress(d, in, n, out, bytes, &made);
    libdeflate_free_decompressor(d);
    return r == LIBDEFLATE_SUCCESS && made == bytes ? 0 : damaged(e, "one that does not unpack");
}

/* The plain bytes of a chunk into out; work is as large. */
static int
unpack(uint8_t *out, uint8_t *work, const struct chunks *c, const struct chunk *k, struct err *e)
{
    const uint8_t *at = k->p;
    uint64_t n = k->n;
    uint8_t *next = out;

    for (unsigned i = c->n_filters; i-- > 0;) {
        if (k->mask >> i & 1)
            continue;
        if (c->filter[i] == FILTER_DEFLATE && inflate_chunk(next, c->chunk_bytes, at, n, e) < 0)
            return -1;
        if (c->filter[i] == FILTER_SHUFFLE) {
            if (n != c->chunk_bytes)
                return damaged(e, "one of the wrong size");
            unshuffle(next, at, n, c->width);
        }
        at = next;
        n = c->chunk_bytes;
        next = next == out ? work : out;
    }
    if (n != c->chunk_bytes)
        return damaged(e, "one of the wrong size");
    if (at != out)
        memcpy(out, at, n);
    return 0;
}

/* --- putting together --- */

/* Copy what of a chunk lies inside the dataset, row by row along the last dimension. */
static void
place(uint8_t *out, const uint8_t *in, const struct chunks *c, uint64_t number)
{
    uint64_t begin[TENSOR_MAX_DIM] = { 0 }, extent[TENSOR_MAX_DIM] = { 0 };
    uint64_t index[TENSOR_MAX_DIM] = { 0 };
    int last = c->ndim - 1;

    for (int i = last; i >= 0; i--) {
        begin[i] = number % c->grid[i] * c->side[i];
        number /= c->grid[i];
        extent[i] = c->dim[i] - begin[i] < c->side[i] ? c->dim[i] - begin[i] : c->side[i];
    }
    for (;;) {
        uint64_t to = 0, from = 0;
        int i;

        for (i = 0; i <= last; i++) {
            to = to * c->dim[i] + begin[i] + index[i];
            from = from * c->side[i] + index[i];
        }
        memcpy(out + to * c->width, in + from * c->width, extent[last] * c->width);
        for (i = last - 1; i >= 0 && ++index[i] == extent[i]; i--)
            index[i] = 0;
        if (i < 0)
            return;
    }
}

static int
make_chunks(struct stored *s, struct err *e)
{
    const struct chunks *c = s->context;
    uint8_t *out = mem_zalloc(c->total_bytes), *plain = mem_alloc(c->chunk_bytes);
    uint8_t *work = mem_alloc(c->chunk_bytes);
    int r = 0;

    for (size_t i = 0; i < c->n && r == 0; i++) {
        r = unpack(plain, work, c, &c->chunk[i], e);
        if (r == 0)
            place(out, plain, c, c->chunk[i].number);
    }
    free(plain);
    free(work);
    if (r < 0) {
        free(out);
        return -1;
    }
    s->bytes = s->owned = out;
    return 0;
}

/* --- indices --- */

/* Keys are the chunk's stored size, mask and first element, of which the last number is 0. */
static int
read_tree(struct reading *r, uint64_t at, int level)
{
    size_t key = 8 + 8 * (size_t)(r->c->ndim + 1);
    const uint8_t *p = hdf5_bytes(r->f, at, 24, "a B-tree node", r->e);
    unsigned n;

    if (!p)
        return -1;
    if (memcmp(p, "TREE", 4) != 0 || p[4] != 1 || p[5] > MAX_LEVEL || (level >= 0 && p[5] != level))
        return hdf5_damaged(r->e, "no B-tree node of chunks", at);
    level = p[5];
    n = (unsigned)hdf5_number(p + 6, 2);
    p = hdf5_bytes(r->f, at + 24, n * (key + 8), "a B-tree node", r->e);
    if (!p)
        return -1;
    for (unsigned i = 0; i < n; i++, p += key + 8) {
        uint64_t number = 0, child = hdf5_number(p + key, 8);
        int status;

        for (int k = 0; k < r->c->ndim; k++) {
            uint64_t first = hdf5_number(p + 8 + 8 * (size_t)k, 8);

            if (first >= r->c->dim[k] || first % r->c->side[k])
                return damaged(r->e, "one outside of the shape");
            number = number * r->c->grid[k] + first / r->c->side[k];
        }
        status = level ? read_tree(r, child, level - 1)
                       : add_chunk(r, number, child, hdf5_number(p, 4),
                                   (uint32_t)hdf5_number(p + 4, 4));
        if (status < 0)
            return -1;
    }
    return 0;
}

static int
read_implicit(struct reading *r, uint64_t at)
{
    for (size_t i = 0; i < r->c->n; i++)
        if (add_chunk(r, i, at + i * r->c->chunk_bytes, r->c->chunk_bytes, 0) < 0)
            return -1;
    return 0;
}

/* Elements are addresses, with sizes and masks when there are filters. */
static int
read_fixed_array(struct reading *r, uint64_t at)
{
    const uint8_t *p = hdf5_bytes(r->f, at, 28, "a chunk array", r->e);
    unsigned item, size_bytes = 0;
    uint64_t n, block;

    if (!p)
        return -1;
    item = p[6];
    n = hdf5_number(p + 8, 8);
    block = hdf5_number(p + 16, 8);
    if (memcmp(p, "FAHD", 4) != 0 || n != r->c->n || item < 8 || item > 20)
        return hdf5_damaged(r->e, "no chunk array", at);
    if (p[5] == 1 && item >= 13)
        size_bytes = item - 12;
    if (p[7] < 63 && n > (uint64_t)1 << p[7])
        return err_set(r->e, "HDF5 chunks in a paged array, which is not supported; write the file "
                       "again without chunks");
    p = hdf5_bytes(r->f, block, 14 + n * item, "a chunk array", r->e);
    if (!p)
        return -1;
    if (memcmp(p, "FADB", 4) != 0)
        return hdf5_damaged(r->e, "no chunk array", block);
    for (p += 14; r->n < n; p += item) {
        uint64_t bytes = size_bytes ? hdf5_number(p + 8, (int)size_bytes) : r->c->chunk_bytes;
        uint32_t mask = size_bytes ? (uint32_t)hdf5_number(p + 8 + size_bytes, 4) : 0;

        if (add_chunk(r, r->n, hdf5_number(p, 8), bytes, mask) < 0)
            return -1;
    }
    return 0;
}

/* p[0..n): index type and what it needs; flags are those of the layout. */
static int
read_index_4(struct reading *r, unsigned flags, const uint8_t *p, size_t n)
{
    enum { SINGLE = 1, IMPLICIT = 2, FIXED_ARRAY = 3, SINGLE_FILTERED = 2 };

    if (n < 9)
        return damaged(r->e, "a broken index");
    switch (p[0]) {
    case SINGLE:
        if (!(flags & SINGLE_FILTERED))
            return add_chunk(r, 0, hdf5_number(p + 1, 8), r->c->chunk_bytes, 0);
        if (n < 21)
            return damaged(r->e, "a broken index");
        return add_chunk(r, 0, hdf5_number(p + 13, 8), hdf5_number(p + 1, 8),
                         (uint32_t)hdf5_number(p + 9, 4));
    case IMPLICIT:
        return read_implicit(r, hdf5_number(p + 1, 8));
    case FIXED_ARRAY:
        if (n < 10)
            return damaged(r->e, "a broken index");
        return read_fixed_array(r, hdf5_number(p + 2, 8));
    default:
        return err_set(r->e, "HDF5 chunks of a dataset that can grow, which is not supported; "
                       "write the file again without maxshape");
    }
}

/* Sides of a chunk, of width bytes each; -1 when they and the shape do not go together. */
static int
set_sides(struct chunks *c, const struct hdf5_dataset *d, const uint8_t *p, int width)
{
    uint64_t n = 1;
    bool over = false;

    c->ndim = d->ndim;
    c->width = element_bytes(d->dtype);
    c->chunk_bytes = c->width;
    c->total_bytes = d->count * c->width;
    for (int i = 0; i < d->ndim; i++) {
        c->dim[i] = d->dim[i];
        c->side[i] = hdf5_number(p + (size_t)i * (size_t)width, width);
        if (c->side[i] == 0)
            return -1;
        c->grid[i] = (c->dim[i] - 1) / c->side[i] + 1;
        over |= __builtin_mul_overflow(c->chunk_bytes, c->side[i], &c->chunk_bytes);
        over |= __builtin_mul_overflow(n, c->grid[i], &n);
    }
    c->n = n;
    return over || hdf5_number(p + (size_t)d->ndim * (size_t)width, width) != c->width ? -1 : 0;
}

static int
check_total(const struct reading *r, struct err *e)
{
    const struct chunks *c = r->c;
    uint64_t most = c->n_filters ? r->stored * DEFLATE_MAX_RATIO : r->stored;

    if (r->n == c->n && c->total_bytes / DEFLATE_MAX_RATIO <= r->f->file.n &&
        c->chunk_bytes <= most && c->total_bytes <= most)
        return 0;
    return err_set(e, "declared shape needs %zu bytes, but only %llu of the file's %llu are its "
                   "own; copy or download the file again", c->total_bytes,
                   (unsigned long long)r->stored, (unsigned long long)r->f->file.n);
}

/* Places for as many chunks as can be in the file. */
static struct chunks *
new_chunks(const struct chunks *form, struct hdf5 *f, struct err *e)
{
    struct chunks *c;

    if (form->n > f->file.n / 8 + 1) {
        err_set(e, "declared shape needs %zu bytes, but the file has %llu; copy or download the "
                "file again", form->total_bytes, (unsigned long long)f->file.n);
        return NULL;
    }
    c = mem_alloc(sizeof *c + form->n * sizeof *c->chunk);
    *c = *form;
    return c;
}

/* p: index and the sides before it, p[0..n), by layout version. */
static int
read_index(struct reading *r, int version, const uint8_t *p, size_t n, size_t n_sides)
{
    uint64_t tree;

    if (version == 4)
        return read_index_4(r, p[0], p + 3 + n_sides, n - 3 - n_sides);
    tree = hdf5_number(p + 1, 8);
    return tree == HDF5_NONE ? 0 : read_tree(r, tree, -1);
}

struct stored *
hdf5_store_chunks(struct weights *w, struct hdf5 *f, const struct hdf5_dataset *d, int version,
                  const uint8_t *p, size_t n, const struct hdf5_message *filters, struct err *e)
{
    struct chunks form = { 0 };
    size_t head = version == 4 ? 3 : 9, width, n_sides;
    struct reading r = { .f = f, .e = e };

    width = version == 4 && n > 2 ? p[2] : 4;
    n_sides = (size_t)(d->ndim + 1) * width;
    if (n < head + n_sides || width == 0 || width > 8 ||
        p[version == 4 ? 1 : 0] != d->ndim + 1 || d->ndim == 0 ||
        set_sides(&form, d, p + head, (int)width) < 0) {
        damaged(e, "of another shape than the dataset");
        return NULL;
    }
    if (filters && read_filters(&form, filters, e) < 0)
        return NULL;
    r.c = new_chunks(&form, f, e);
    if (!r.c)
        return NULL;
    if (read_index(&r, version, p, n, n_sides) < 0 || check_total(&r, e) < 0) {
        free(r.c);
        return NULL;
    }
    return weights_store(w, &(struct stored){ .n = form.total_bytes, .make = make_chunks,
                                              .context = r.c });
}
