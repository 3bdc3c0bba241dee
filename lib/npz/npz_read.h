/* SPDX-License-Identifier: MIT */
/*
 * Reading NPZ archives, by whomever written.  Types are checked against what is asked for, sizes
 * against the file before memory is taken; Python objects are refused.
 *
 * Rows of a matrix are read one at a time: through the index of npz_write.h, or straight from a
 * stored member, or else by unpacking the whole member once.
 */
#ifndef PT_NPZ_READ_H
#define PT_NPZ_READ_H

#include "base/base.h"
#include "base/err.h"
#include "npz/npy.h"
#include "npz/zip.h"

/* True when the archive has an array of that key. */
bool npz_has(const struct zip *z, const char *key);

/*
 * A whole array: its header in *a, its elements as the result, which the caller frees.  kind and
 * item say what is accepted ('U' takes any item).  NULL with the reason in e.
 */
void *npz_read(const struct zip *z, const char *key, char kind, size_t item, struct npy *a,
               struct err *e);

/* Any array of the types lib/npz/npy.h knows. */
void *npz_read_any(const struct zip *z, const char *key, struct npy *a, struct err *e);

/* One-dimensional arrays of exactly n elements; integers of 4 or 8 bytes. */
int64_t *npz_read_int64(const struct zip *z, const char *key, size_t n, struct err *e);
bool *npz_read_bool(const struct zip *z, const char *key, size_t n, struct err *e);

/* Strings of a text array of any shape, *n of them; free with npz_free_text. */
char **npz_read_text(const struct zip *z, const char *key, size_t *n, struct err *e);
void npz_free_text(char **text, size_t n);

struct npz_matrix {
    const struct zip *zip;
    const struct zip_member *member;
    char *key;
    size_t rows, width;
    size_t header;              /* bytes before the first row, unpacked */
    size_t group;               /* rows per indexed piece; 0: not indexed */
    size_t n_piece;             /* pieces, the first holds the header */
    uint64_t *piece_at;         /* n_piece + 1 offsets into the compressed member */
    uint32_t *piece_crc;
    uint8_t *all;               /* the whole member, when it had to be unpacked */
};

/* Open a two-dimensional float matrix; z must stay open.  Close also after failure. */
int npz_matrix_open(struct npz_matrix *m, const struct zip *z, const char *key, struct err *e);
void npz_matrix_close(struct npz_matrix *m);

/*
 * The compressed bytes of piece i of an indexed matrix, in the map, and the CRC-32 of what they
 * unpack to; neither is checked.  NULL with the reason in e.
 */
const uint8_t *npz_matrix_piece(const struct npz_matrix *m, size_t i, size_t *bytes, uint32_t *crc,
                                struct err *e);

/* Copy row i, m->width floats.  Ascending order and finite values are not checked here. */
int npz_matrix_row(struct npz_matrix *m, float *row, size_t i, struct err *e);

#endif
