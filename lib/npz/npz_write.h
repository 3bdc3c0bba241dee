/* SPDX-License-Identifier: MIT */
/*
 * Writing NPZ archives (a ZIP of .npy members) to any stream, seekable or not, in the container
 * numpy's savez_compressed writes.  pertrack-npz(5) has it byte by byte.
 *
 * A matrix is written row-addressable: its rows are deflated in groups that can be unpacked one
 * by one, and an index of them goes into a private extra field of the central directory, which
 * every other reader skips.  The groups joined are one valid deflate stream.  Rows are compressed
 * as they are given, and no more than a few are kept.
 */
#ifndef PT_NPZ_WRITE_H
#define PT_NPZ_WRITE_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "npz/npy.h"

/* The index: extra field id, and its layout (little-endian). */
enum {
    NPZ_INDEX_ID = 0x5450,      /* "PT" in the file */
    NPZ_INDEX_VERSION = 1,
    NPZ_INDEX_HEAD = 10,        /* u16 version, u32 rows per group, u32 pieces */
    NPZ_INDEX_ENTRY = 8         /* per piece: u32 compressed bytes, u32 CRC-32 of the unpacked */
};

/* Behind the last piece; appended to any piece it makes a complete deflate stream of it. */
#define NPZ_DEFLATE_END "\3\0"

struct npz_writer;

/*
 * Start an archive at the present position of fp, which stays the caller's.  The bytes written do
 * not depend on threads, nor on whether fp can seek.
 */
struct npz_writer *npz_create(FILE *fp, const char *name, int threads);
const char *npz_name(const struct npz_writer *w);       /* for messages */

/*
 * Where a temporary file goes that takes rows which come before their turn, or all of them when fp
 * cannot seek, beyond 64 MB; by default /tmp.
 */
void npz_set_folder(struct npz_writer *w, const char *folder);

/*
 * To be called before anything is added: the keys in the order in which the central directory, and
 * so every reader, is to list them; the others behind them, as they are added.  Matrices lie in
 * the file in this order too, before all other arrays, in whatever order they come; those named
 * here are begun or not.
 */
void npz_order(struct npz_writer *w, const char *const *key, const bool *is_matrix, size_t n);

/* Add array `key` (member "key.npy"): data has a->count * a->item bytes, C order. */
int npz_add(struct npz_writer *w, const char *key, const struct npy *a, const void *data,
            struct err *e);

/*
 * Add a float matrix of rows x width, row-addressable, and get its number.  Its rows follow, each
 * once, best in order; those of several matrices may take turns.
 */
int npz_begin_matrix(struct npz_writer *w, size_t *m, const char *key, size_t rows, size_t width,
                     struct err *e);
int npz_put_row(struct npz_writer *w, size_t m, size_t i, const float *row, struct err *e);

/* Rows that are compressed together; piece i + 1 of a matrix has rows i * group and on. */
size_t npz_group(const struct npz_writer *w, size_t m);

/* Instead of these rows: a piece of another archive with equal group, as it is. */
int npz_put_piece(struct npz_writer *w, size_t m, size_t piece, const void *packed, size_t bytes,
                  uint32_t crc, struct err *e);

/* All rows at once. */
int npz_add_matrix(struct npz_writer *w, const char *key, const float *data, size_t rows,
                   size_t width, struct err *e);

/* Conveniences for one-dimensional arrays of n, or scalars when n is 0 (one element then). */
int npz_add_int64(struct npz_writer *w, const char *key, const int64_t *v, size_t n,
                  struct err *e);
int npz_add_bool(struct npz_writer *w, const char *key, const bool *v, size_t n, struct err *e);

/* Text of UTF-8 strings; cells are as wide as the longest of them. */
int npz_add_text(struct npz_writer *w, const char *key, char *const *v, size_t n, struct err *e);

/* Central directory and flush; frees the writer also on failure.  npz_abandon only frees. */
int npz_finish(struct npz_writer *w, struct err *e);
void npz_abandon(struct npz_writer *w);

#endif
