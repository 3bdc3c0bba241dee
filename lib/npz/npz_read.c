/* SPDX-License-Identifier: MIT */
#include "npz/npz_read.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "npz/npz_write.h"
#include "npz/utf.h"
#include "prog/mem.h"

/* Longest .npy header npy_parse takes, 12 + 10000, rounded up. */
enum { HEADER_ROOM = 10240 };

static const struct zip_member *
find_member(const struct zip *z, const char *key)
{
    char *name = mem_printf("%s.npy", key);
    const struct zip_member *m = zip_find(z, name);

    free(name);
    return m;
}

bool
npz_has(const struct zip *z, const char *key)
{
    return find_member(z, key) != NULL;
}

static int
missing(const struct zip *z, const char *key, struct err *e)
{
    return err_set(e, "%s: has no array '%s'; is it a background file written by cdf-pack or "
                   "chorus?", z->path, key);
}

static int
in_array(const struct zip *z, const char *key, struct err *e)
{
    return err_prefix(e, "%s: array '%s'", z->path, key);
}

static int
check_type(const struct npy *a, char kind, size_t item, struct err *e)
{
    char found[24], want[24];

    if (a->kind == kind && (a->item == item || kind == 'U'))
        return 0;
    npy_descr(found, a->kind, a->item);
    npy_descr(want, kind, item);
    return err_set(e, "has type '%s', expected '%s'; was the file written by another program?",
                   found, want);
}

/* Any array of the types npy_parse knows. */
static uint8_t *
read_array(const struct zip *z, const char *key, struct npy *a, struct err *e)
{
    const struct zip_member *m = find_member(z, key);
    uint8_t *raw;

    if (!m) {
        missing(z, key, e);
        return NULL;
    }
    raw = zip_read(z, m, e);
    if (!raw) {
        err_prefix(e, "%s", z->path);
        return NULL;
    }
    if (npy_parse(a, raw, m->size, m->size, e)) {
        in_array(z, key, e);
        free(raw);
        return NULL;
    }
    memmove(raw, raw + a->header, a->count * a->item);
    return raw;
}

void *
npz_read_any(const struct zip *z, const char *key, struct npy *a, struct err *e)
{
    return read_array(z, key, a, e);
}

void *
npz_read(const struct zip *z, const char *key, char kind, size_t item, struct npy *a,
         struct err *e)
{
    uint8_t *raw = read_array(z, key, a, e);

    if (raw && check_type(a, kind, item, e)) {
        in_array(z, key, e);
        free(raw);
        return NULL;
    }
    return raw;
}

static int
check_length(const struct zip *z, const char *key, const struct npy *a, size_t n, struct err *e)
{
    if (a->ndim == 1 && a->count == n)
        return 0;
    return err_set(e, "%s: array '%s' has %zu elements in %d dimensions, expected %zu in one; the "
                   "file is damaged or mixed from two", z->path, key, a->count, a->ndim, n);
}

int64_t *
npz_read_int64(const struct zip *z, const char *key, size_t n, struct err *e)
{
    struct npy a;
    uint8_t *raw = read_array(z, key, &a, e);
    bool narrow = raw && a.kind == 'i' && a.item == 4;
    int64_t *v = NULL;

    if (!raw)
        return NULL;
    if (!narrow && check_type(&a, 'i', sizeof *v, e)) {
        in_array(z, key, e);
    } else if (check_length(z, key, &a, n, e) == 0) {
        v = mem_array(n, sizeof *v);
        for (size_t i = 0; i < n; i++) {
            int32_t small = 0;

            memcpy(narrow ? (void *)&small : (void *)&v[i], raw + i * a.item, a.item);
            if (narrow)
                v[i] = small;
        }
    }
    free(raw);
    return v;
}

bool *
npz_read_bool(const struct zip *z, const char *key, size_t n, struct err *e)
{
    struct npy a;
    uint8_t *raw = npz_read(z, key, 'b', 1, &a, e);
    bool *v = NULL;

    if (raw && check_length(z, key, &a, n, e) == 0) {
        v = mem_array(n, sizeof *v);
        for (size_t i = 0; i < n; i++)
            v[i] = raw[i] != 0;
    }
    free(raw);
    return v;
}

void
npz_free_text(char **text, size_t n)
{
    for (size_t i = 0; text && i < n; i++)
        free(text[i]);
    free(text);
}

char **
npz_read_text(const struct zip *z, const char *key, size_t *n, struct err *e)
{
    struct npy a;
    uint32_t *wide = npz_read(z, key, 'U', 0, &a, e);
    size_t cell;
    char **text;

    if (!wide)
        return NULL;
    cell = a.item / 4;
    *n = a.count;
    text = mem_array(a.count, sizeof *text);
    for (size_t i = 0; i < a.count; i++) {
        text[i] = utf8_from_ucs4(wide + i * cell, cell);
        if (!text[i]) {
            err_set(e, "%s: array '%s': element %zu is not text; the file is damaged", z->path,
                    key, i);
            npz_free_text(text, *n);
            text = NULL;
            break;
        }
    }
    free(wide);
    return text;
}

/* Parse the index extra field, if there is one; its pieces must add up to the member. */
static int
read_index(struct npz_matrix *m, struct err *e)
{
    size_t n = 0;
    const uint8_t *p = zip_extra(m->member, NPZ_INDEX_ID, &n);
    struct cur c;
    uint32_t group, n_piece;

    if (!p || m->member->method != ZIP_DEFLATED)
        return 0;
    c = (struct cur){ p, p + n, false };
    if (cur_u16(&c) != NPZ_INDEX_VERSION)
        return 0;
    group = cur_u32(&c);
    n_piece = cur_u32(&c);
    if (c.bad || group == 0 || n_piece < 2 ||
        (size_t)(c.end - c.p) != (size_t)n_piece * NPZ_INDEX_ENTRY)
        return err_set(e, "row index is damaged; copy or download the file again");
    m->group = group;
    m->n_piece = n_piece;
    m->piece_at = mem_array(n_piece + (size_t)1, sizeof *m->piece_at);
    m->piece_crc = mem_array(n_piece, sizeof *m->piece_crc);
    for (size_t i = 0; i < n_piece; i++) {
        m->piece_at[i + 1] = m->piece_at[i] + cur_u32(&c);
        m->piece_crc[i] = cur_u32(&c);
    }
    if (m->piece_at[n_piece] + sizeof NPZ_DEFLATE_END - 1 != m->member->compressed)
        return err_set(e, "row index covers %llu of %llu bytes; copy or download the file again",
                       (unsigned long long)m->piece_at[n_piece],
                       (unsigned long long)m->member->compressed);
    return 0;
}

/*
 * Unpack piece i into out, which has room for room bytes.  It must give want bytes (0: any
 * number); returns how many, 0 on failure.
 */
static size_t
unpack_piece(const struct npz_matrix *m, size_t i, uint8_t *out, size_t room, size_t want,
             struct err *e)
{
    size_t bytes = m->piece_at[i + 1] - m->piece_at[i], made = 0;
    const uint8_t *raw = zip_raw(m->zip, m->member, m->piece_at[i], bytes, e);
    struct libdeflate_decompressor *d;
    enum libdeflate_result r = LIBDEFLATE_BAD_DATA;
    uint8_t *whole;

    if (!raw) {
        err_prefix(e, "%s", m->zip->path);
        return 0;
    }
    whole = mem_alloc(bytes + sizeof NPZ_DEFLATE_END - 1);
    memcpy(whole, raw, bytes);
    memcpy(whole + bytes, NPZ_DEFLATE_END, sizeof NPZ_DEFLATE_END - 1);
    d = libdeflate_alloc_decompressor();
    if (d)
        r = libdeflate_deflate_decompress(d, whole, bytes + sizeof NPZ_DEFLATE_END - 1, out, room,
                                          &made);
    libdeflate_free_decompressor(d);
    free(whole);
    if (r == LIBDEFLATE_SUCCESS && made && (!want || made == want) &&
        libdeflate_crc32(0, out, made) == m->piece_crc[i])
        return made;
    err_set(e, "%s: array '%s': piece %zu of %zu is damaged; copy or download the file again",
            m->zip->path, m->key, i, m->n_piece);
    return 0;
}

/* The first bytes of a deflated member, at most room of them; 0 when it is damaged. */
static size_t
unpack_start(const struct npz_matrix *m, uint8_t *out, size_t room, struct err *e)
{
    uint64_t packed = m->member->compressed;
    z_stream z = { 0 };
    int status = Z_MEM_ERROR;

    z.next_in = (Bytef *)zip_raw(m->zip, m->member, 0, packed, e);
    z.avail_in = packed < UINT32_MAX ? (uInt)packed : UINT32_MAX;
    z.next_out = out;
    z.avail_out = (uInt)room;
    if (z.next_in && inflateInit2(&z, -15) == Z_OK) {
        status = inflate(&z, Z_SYNC_FLUSH);
        inflateEnd(&z);
    }
    if ((status == Z_OK || status == Z_STREAM_END) && z.avail_out < room)
        return room - z.avail_out;
    err_set(e, "%s: array '%s': damaged compressed data; copy or download the file again",
            m->zip->path, m->key);
    return 0;
}

/* The member's header, and with it the shape, from whichever form the member has. */
static int
read_shape(const struct npz_matrix *m, struct npy *a, struct err *e)
{
    const struct zip_member *z = m->member;
    uint8_t head[HEADER_ROOM];
    size_t n = sizeof head < z->size ? sizeof head : z->size;
    const uint8_t *p = head;

    if (m->group)
        n = unpack_piece(m, 0, head, sizeof head, 0, e);
    else if (z->method == ZIP_STORED)
        p = zip_raw(m->zip, z, 0, n, e);
    else
        n = unpack_start(m, head, sizeof head, e);
    if (!p || !n)
        return -1;
    if (npy_parse(a, p, n, z->size, e))
        return in_array(m->zip, m->key, e);
    if (m->group && a->header != n)
        return err_set(e, "%s: array '%s': row index does not fit the array; copy or download the "
                       "file again", m->zip->path, m->key);
    return 0;
}

int
npz_matrix_open(struct npz_matrix *m, const struct zip *z, const char *key, struct err *e)
{
    struct npy a;

    memset(m, 0, sizeof *m);
    m->zip = z;
    m->key = mem_strdup(key);
    m->member = find_member(z, key);
    if (!m->member)
        return missing(z, key, e);
    if (read_index(m, e))
        return in_array(z, key, e);
    if (read_shape(m, &a, e))
        return -1;
    if (check_type(&a, 'f', sizeof(float), e))
        return in_array(z, key, e);
    if (a.ndim != 2 || a.fortran)
        return err_set(e, "%s: array '%s' has %d dimensions%s, expected 2, row by row; write it "
                       "again", z->path, key, a.ndim, a.fortran ? " column by column" : "");
    m->header = a.header;
    m->rows = a.shape[0];
    m->width = a.shape[1];
    if (m->group && m->n_piece != (m->rows + m->group - 1) / m->group + 1)
        return err_set(e, "%s: array '%s': row index has %zu pieces for %zu rows; copy or "
                       "download the file again", z->path, key, m->n_piece, m->rows);
    return 0;
}

void
npz_matrix_close(struct npz_matrix *m)
{
    free(m->key);
    free(m->piece_at);
    free(m->piece_crc);
    free(m->all);
    memset(m, 0, sizeof *m);
}

const uint8_t *
npz_matrix_piece(const struct npz_matrix *m, size_t i, size_t *bytes, uint32_t *crc,
                 struct err *e)
{
    const uint8_t *raw;

    *bytes = m->piece_at[i + 1] - m->piece_at[i];
    *crc = m->piece_crc[i];
    raw = zip_raw(m->zip, m->member, m->piece_at[i], *bytes, e);
    if (!raw)
        err_prefix(e, "%s", m->zip->path);
    return raw;
}

static int
read_indexed_row(const struct npz_matrix *m, float *row, size_t i, struct err *e)
{
    size_t row_bytes = m->width * sizeof *row;
    size_t first = i / m->group * m->group;
    size_t n = m->rows - first < m->group ? m->rows - first : m->group;
    uint8_t *rows = mem_alloc(n * row_bytes);
    size_t made = unpack_piece(m, 1 + i / m->group, rows, n * row_bytes, n * row_bytes, e);

    if (made)
        memcpy(row, rows + (i - first) * row_bytes, row_bytes);
    free(rows);
    return made ? 0 : -1;
}

int
npz_matrix_row(struct npz_matrix *m, float *row, size_t i, struct err *e)
{
    size_t row_bytes = m->width * sizeof *row;
    uint64_t at = m->header + (uint64_t)i * row_bytes;
    const uint8_t *raw;

    if (m->group)
        return read_indexed_row(m, row, i, e);
    if (!m->all && m->member->method == ZIP_DEFLATED) {
        m->all = zip_read(m->zip, m->member, e);
        if (!m->all)
            return err_prefix(e, "%s", m->zip->path);
    }
    raw = m->all ? m->all + at : zip_raw(m->zip, m->member, at, row_bytes, e);
    if (!raw)
        return err_prefix(e, "%s", m->zip->path);
    memcpy(row, raw, row_bytes);
    return 0;
}
