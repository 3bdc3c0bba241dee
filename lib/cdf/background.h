/* SPDX-License-Identifier: MIT */
/*
 * A background file: for every track the rows of its effect, summary and per-bin distributions,
 * how many values were behind them, and how it all was made.  Written by cdf-pack or by chorus.
 * Opening reads the directory and the small arrays; rows are read one by one.
 */
#ifndef PT_BACKGROUND_H
#define PT_BACKGROUND_H

#include "base.h"
#include "cdf/npz_read.h"
#include "err.h"
#include "score/record.h"

struct background_kind {
    bool present;
    size_t width;               /* points per row */
    int64_t *offered;           /* n values behind each row, or NULL: not recorded */
    int64_t *retained;          /* n values kept of them, or NULL */
    struct npz_matrix matrix;
};

struct background {
    struct zip *zip;
    size_t n;                   /* tracks */
    char **track_id;
    bool *is_signed;            /* n; all false when the file does not say */
    char **layer;               /* n, or NULL */
    struct background_kind kind[SCORE_KINDS];
    uint32_t *by_id;            /* track indices sorted by id */
};

/* NULL with the reason, path included, in e.  Safe for hostile files. */
struct background *background_open(const char *path, struct err *e);
void background_close(struct background *b);

/* Index of the track of exactly that id, or -1. */
ptrdiff_t background_find(const struct background *b, const char *id);

/* False when nothing is behind the row (it was never sampled), so that it has no answer. */
bool background_is_alive(const struct background *b, enum score_kind kind, size_t track);

/* Copy a row of a kind that is present, kind[].width floats, checked to be finite and ascending. */
int background_row(struct background *b, float *row, enum score_kind kind, size_t track,
                   struct err *e);

/* The text of build_config, which the caller frees; "" when the file has none, NULL on failure. */
char *background_config(const struct background *b, struct err *e);

#endif
