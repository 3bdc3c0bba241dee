/* SPDX-License-Identifier: MIT */
/*
 * A background file: for every track the rows of its effect, summary and per-bin distributions,
 * how many values were behind them, and how it all was made.  Written by cdf-pack or by chorus.
 * Opening reads the directory and the small arrays; rows are read one by one.
 */
#ifndef PT_BACKGROUND_H
#define PT_BACKGROUND_H

#include "base/base.h"
#include "base/err.h"
#include "npz/npz_read.h"
#include "score/record.h"

struct background_kind {
    bool present;
    size_t width;               /* points per row */
    int64_t *offered;           /* n values behind each row, or NULL: not recorded */
    int64_t *retained;          /* n values kept of them, or NULL */
    struct npz_matrix matrix;
};

/* A text array: elements point into bytes. */
struct background_texts {
    char **item;
    size_t n;
    char *bytes;
};

struct background {
    struct zip *zip;
    size_t n;                   /* tracks */
    char **track_id;
    bool *is_signed;            /* n; all false when the file does not say */
    char **layer;               /* n, or NULL */
    struct background_kind kind[SCORE_KINDS];
    struct background_texts ids, layers;        /* behind track_id and layer */
    uint32_t *slot;             /* n_slot (a power of two): hash table of track index + 1, or 0 */
    size_t n_slot;
};

/* NULL with the reason, path included, in e.  Safe for hostile files. */
struct background *background_open(const char *path, struct err *e);
void background_close(struct background *b);

/* Index of the track of exactly that id, or -1. */
ptrdiff_t background_find(const struct background *b, const char *id);

/* False when nothing is behind the row (it was never sampled), so that it has no answer. */
bool background_is_alive(const struct background *b, enum score_kind kind, size_t track);

/* -1, with the kinds there are, when the file has no rows of a kind. */
int background_need_kind(const struct background *b, enum score_kind kind, struct err *e);

/* Copy a row of a kind that is present, kind[].width floats, checked to be finite and ascending. */
int background_row(struct background *b, float *row, enum score_kind kind, size_t track,
                   struct err *e);

/* The text of build_config, which the caller frees; "" when the file has none, NULL on failure. */
char *background_config(const struct background *b, struct err *e);

/*
 * Its beginning, some ten thousand characters, without unpacking the rest or checking its CRC;
 * *whole says that this is all.  A build_config that lists the weights of thousands of tracks
 * takes as long to unpack as all else that a single lookup does.
 */
char *background_config_head(const struct background *b, bool *whole, struct err *e);

/*
 * Which background it is, whatever its file is called: BLAKE2b of 16 bytes, in hexadecimal, over
 * name, size and CRC-32 of every member, which is over all of its contents without reading them.
 */
enum { BACKGROUND_HASH_MAX = 33 };
void background_hash(char hex[BACKGROUND_HASH_MAX], const struct background *b);

#endif
