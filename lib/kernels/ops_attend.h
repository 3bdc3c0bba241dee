/* SPDX-License-Identifier: MIT */
/*
 * Attention with the register tiles of ops_tile.h, written once for every vector width.
 *
 * A thread takes heads, or parts of a head's queries when there are more threads than heads.  For
 * each it packs the head's keys and values into panels of NR, then takes ROWS queries at a time:
 * the products with the relative keys that these queries can meet, and a streaming softmax over
 * blocks of KEYS keys (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018).
 * All that a block touches stays in the second-level cache.
 *
 * Sums of one row run over its own numbers only, in parts that depend on the key alone.
 */
#ifndef PT_NN_OPS_ATTEND_H
#define PT_NN_OPS_ATTEND_H

#include <math.h>
#include <string.h>

#include "kernels/ops_layers.h"
#include "kernels/ops_tile.h"
#include "nn/attention.h"

/* Keys of a block; logits of a block of queries stay this far apart. */
enum { KEYS = 256, LOGIT_STRIDE = KEYS + LANES };

static inline size_t
round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Columns of a row of products with relative keys: whole panels around n + ROWS - 1 distances. */
static inline size_t
rel_stride(const struct nn_attention *a)
{
    return (a->run ? round_up(a->n_rel, NR) : round_up(a->n + ROWS, NR) + NR) + LANES;
}

/* Relative keys of a head as panels of NR distances, [panel][key][NR]. */
static inline size_t
rel_head_floats(const struct nn_attention *a)
{
    return round_up(a->n_rel, NR) * a->key;
}

/* n vectors, stride floats apart, to panels [panel][channel][NR] with the vectors as columns. */
static void
pack_columns(float *dst, const float *src, size_t n, size_t stride, size_t channels)
{
    for (size_t p = 0; p < n; p += NR) {
        size_t some = n - p < NR ? n - p : NR;

        for (size_t d = 0; d < channels; d++, dst += NR) {
            for (size_t q = 0; q < some; q++)
                dst[q] = src[(p + q) * stride + d];
            for (size_t q = some; q < NR; q++)
                dst[q] = 0;
        }
    }
}

/* n vectors to panels [panel of channels][vector][NR]. */
static void
pack_rows(float *dst, const float *src, size_t n, size_t stride, size_t channels)
{
    for (size_t o = 0; o < channels; o += NR) {
        size_t some = channels - o < NR ? channels - o : NR;

        for (size_t j = 0; j < n; j++, dst += NR) {
            memcpy(dst, src + j * stride + o, some * sizeof *dst);
            memset(dst + some, 0, (NR - some) * sizeof *dst);
        }
    }
}

/* The parts of scratch. */
struct attend_room {
    float *keys, *values;       /* of one head, packed */
    float *q_content, *q_position;  /* ROWS x key: queries with each bias */
    float *rel;                 /* ROWS x rel_stride: products with relative keys */
    float *logit;               /* ROWS x LOGIT_STRIDE */
    float *sum;                 /* ROWS x values: weighted values so far */
    float most[ROWS], total[ROWS];
    ptrdiff_t rel_from;         /* distance of column 0 of rel, without runs */
};

static size_t
attend_floats(const struct nn_attention *a)
{
    size_t n = round_up(a->n, NR), values = round_up(a->value, NR);

    return n * a->key + a->n * values + 2 * round_up(ROWS * a->key, LANES) +
           ROWS * (rel_stride(a) + LOGIT_STRIDE + values);
}

static void
divide_room(struct attend_room *r, const struct nn_attention *a, float *scratch)
{
    size_t values = round_up(a->value, NR);

    r->rel_from = 0;
    r->keys = scratch;
    r->values = r->keys + round_up(a->n, NR) * a->key;
    r->q_content = r->values + a->n * values;
    r->q_position = r->q_content + round_up(ROWS * a->key, LANES);
    r->rel = r->q_position + round_up(ROWS * a->key, LANES);
    r->logit = r->rel + ROWS * rel_stride(a);
    r->sum = r->logit + ROWS * LOGIT_STRIDE;
}

static void
pack_attention_tile(struct nn_attention *a)
{
    size_t width = a->heads * a->key, floats = rel_head_floats(a);

    a->packed = mem_aligned(a->heads * floats * sizeof *a->packed);
    for (size_t h = 0; h < a->heads; h++)
        pack_columns(a->packed + h * floats, a->rel + h * a->key, a->n_rel, width, a->key);
    free(a->rel);
    a->rel = NULL;
    a->scratch = attend_floats(a);
}

/* y (rows x NR, stride floats apart) = x w, or y + x w. */
static inline __attribute__((always_inline)) void
multiply(float *y, size_t y_stride, const float *x, size_t stride, size_t n_in, const float *w,
         const size_t rows, const bool add)
{
    VEC lo[MR], hi[MR];

    accumulate(lo, hi, rows, x, stride, n_in, 1, 0, w, false);
    UNROLL(16)
    for (size_t r = 0; r < rows; r++) {
        float *out = y + r * y_stride;

        if (add) {
            lo[r] = vec_add(vec_loadu(out), lo[r]);
            hi[r] = vec_add(vec_loadu(out + LANES), hi[r]);
        }
        vec_storeu(out, lo[r]);
        vec_storeu(out + LANES, hi[r]);
    }
}

typedef void multiply_fn(float *, size_t, const float *, size_t, size_t, const float *, bool);

#define MULTIPLY(n)                                                                               \
    static void multiply_##n(float *y, size_t y_stride, const float *x, size_t stride,            \
                             size_t n_in, const float *w, bool add)                               \
    {                                                                                             \
        if (add)                                                                                  \
            multiply(y, y_stride, x, stride, n_in, w, n, true);                                   \
        else                                                                                      \
            multiply(y, y_stride, x, stride, n_in, w, n, false);                                  \
    }

MULTIPLY(1) MULTIPLY(2) MULTIPLY(3) MULTIPLY(4) MULTIPLY(5) MULTIPLY(6)
#if MR_MAX > 6
MULTIPLY(7) MULTIPLY(8) MULTIPLY(9) MULTIPLY(10) MULTIPLY(11) MULTIPLY(12)
#endif

static multiply_fn *const multiply_of[] = {
    NULL, multiply_1, multiply_2, multiply_3, multiply_4, multiply_5, multiply_6,
#if MR_MAX > 6
    multiply_7, multiply_8, multiply_9, multiply_10, multiply_11, multiply_12,
#endif
};

static void
multiply_rows(float *y, size_t y_stride, const float *x, size_t stride, size_t n_in,
              const float *w, size_t rows, bool add)
{
    for (size_t r = 0; r < rows; r += MR)
        multiply_of[rows - r < MR ? rows - r : MR](y + r * y_stride, y_stride, x + r * stride,
                                                   stride, n_in, w, add);
}

/* Queries i ... i + rows of a head, with both biases, and their products with relative keys. */
static void
begin_rows(struct attend_room *room, const float *x, const struct nn_attention *a, size_t h,
           size_t i, size_t rows)
{
    size_t width = nn_attention_channels(a), at = h * a->key, first = 0, last = a->n_rel;
    const float *packed = a->packed + h * rel_head_floats(a);

    for (size_t r = 0; r < rows; r++) {
        const float *q = x + (i + r) * width + at;

        for (size_t d = 0; d < a->key; d++) {
            room->q_content[r * a->key + d] = q[d] + a->content_bias[at + d];
            room->q_position[r * a->key + d] = q[d] + a->position_bias[at + d];
        }
    }
    if (!a->run) {      /* distances -(i + rows - 1) ... n - 1 - i */
        first = (a->n - 1 - (i + rows - 1)) / NR * NR;
        last = 2 * a->n - 1 - i;
        room->rel_from = (ptrdiff_t)first - (ptrdiff_t)(a->n - 1);
    }
    for (size_t c = first; c < last; c += NR)
        multiply_rows(room->rel + (c - first), rel_stride(a), room->q_position, a->key, a->key,
                      packed + c * a->key, rows, false);
    memset(room->sum, 0, rows * round_up(a->value, NR) * sizeof *room->sum);
    for (size_t r = 0; r < rows; r++) {
        room->most[r] = -INFINITY;
        room->total[r] = 0;
    }
}

/* Add the relative part to the logits of query i and keys [from, from + n). */
static void
add_relative(float *restrict logit, const float *restrict rel, const struct nn_attention *a,
             ptrdiff_t rel_from, size_t i, size_t from, size_t n)
{
    ptrdiff_t d = (ptrdiff_t)from - (ptrdiff_t)i, end = d + (ptrdiff_t)n;
    size_t r = 0;

    if (!a->run) {
        rel += d - rel_from;
        for (size_t j = 0; j < n; j++)
            logit[j] += rel[j];
        return;
    }
    while (a->run[r + 1] <= d)
        r++;
    for (; d < end; r++) {
        ptrdiff_t stop = a->run[r + 1] < end ? a->run[r + 1] : end;

        for (; d < stop; d++)
            *logit++ += rel[r];
    }
}

/* Largest of n values and most. */
static float
largest(const float *restrict x, size_t n, float most)
{
    float part[SUMS];
    size_t j = 0;

    for (size_t q = 0; q < SUMS; q++)
        part[q] = most;
    for (; j + SUMS <= n; j += SUMS)
        for (size_t q = 0; q < SUMS; q++)
            part[q] = x[j + q] > part[q] ? x[j + q] : part[q];
    for (size_t q = 0; j < n; j++, q++)
        part[q] = x[j] > part[q] ? x[j] : part[q];
    for (size_t q = 0; q < SUMS; q++)
        most = part[q] > most ? part[q] : most;
    return most;
}

/* x[j] = exp(x[j] - most); their sum. */
static float
exponentials(float *restrict x, size_t n, float most)
{
    float part[SUMS] = { 0 }, sum = 0;
    size_t j = 0;

    for (size_t k = 0; k < n; k++)
        x[k] = exp_value(x[k] - most);
    for (; j + SUMS <= n; j += SUMS)
        for (size_t q = 0; q < SUMS; q++)
            part[q] += x[j + q];
    for (size_t q = 0; j < n; j++, q++)
        part[q] += x[j];
    for (size_t q = 0; q < SUMS; q++)
        sum += part[q];
    return sum;
}

/* Logits of row r to weights; what was summed so far shrinks when a larger logit turns up. */
static void
weigh_row(struct attend_room *room, const struct nn_attention *a, size_t r, size_t n)
{
    size_t values = round_up(a->value, NR);
    float *restrict sum = room->sum + r * values, *logit = room->logit + r * LOGIT_STRIDE;
    float most = largest(logit, n, room->most[r]);

    if (most > room->most[r]) {
        float shrink = exp_value(room->most[r] - most);

        room->total[r] *= shrink;
        for (size_t o = 0; o < values; o++)
            sum[o] *= shrink;
        room->most[r] = most;
    }
    room->total[r] += exponentials(logit, n, most);
}

/* Keys [from, from + n) for queries i ... i + rows. */
static void
attend_block(struct attend_room *room, const struct nn_attention *a, size_t i, size_t rows,
             size_t from, size_t n)
{
    size_t values = round_up(a->value, NR);

    for (size_t c = 0; c < n; c += NR)
        multiply_rows(room->logit + c, LOGIT_STRIDE, room->q_content, a->key, a->key,
                      room->keys + (from + c) * a->key, rows, false);
    for (size_t r = 0; r < rows; r++) {
        add_relative(room->logit + r * LOGIT_STRIDE, room->rel + r * rel_stride(a), a,
                     room->rel_from, i + r, from, n);
        weigh_row(room, a, r, n);
    }
    for (size_t o = 0; o < values; o += NR)
        multiply_rows(room->sum + o, values, room->logit, LOGIT_STRIDE, n,
                      room->values + o * a->n + from * NR, rows, true);
}

static void
attend_rows(float *y, const float *x, struct attend_room *room, const struct nn_attention *a,
            size_t h, size_t i, size_t rows)
{
    size_t values = round_up(a->value, NR);

    begin_rows(room, x, a, h, i, rows);
    for (size_t from = 0; from < a->n; from += KEYS)
        attend_block(room, a, i, rows, from, a->n - from < KEYS ? a->n - from : KEYS);
    for (size_t r = 0; r < rows; r++) {
        float *restrict out = y + (i + r) * a->heads * a->value + h * a->value;
        const float *restrict sum = room->sum + r * values;
        float scale = 1 / room->total[r];

        for (size_t o = 0; o < a->value; o++)
            out[o] = sum[o] * scale;
    }
}

static size_t
greatest_divisor(size_t a, size_t b)
{
    while (b) {
        size_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Work is heads times pieces of the queries, as many pieces as it takes to share evenly. */
static void
attend_tile(float *y, const float *x, const struct nn_attention *a, size_t lo, size_t hi,
            float *scratch, struct nn_part part)
{
    size_t width = nn_attention_channels(a);
    size_t pieces = part.n / greatest_divisor(part.n, a->heads);
    size_t blocks = (hi - lo + ROWS - 1) / ROWS, packed = a->heads;
    struct attend_room room;

    divide_room(&room, a, scratch);
    for (size_t unit = part.i; unit < a->heads * pieces; unit += part.n) {
        size_t h = unit / pieces, piece = unit % pieces;
        size_t end = blocks * (piece + 1) / pieces;

        for (size_t b = blocks * piece / pieces; b < end; b++) {
            size_t i = lo + b * ROWS;

            if (packed != h) {
                pack_columns(room.keys, x + a->heads * a->key + h * a->key, a->n, width, a->key);
                pack_rows(room.values, x + 2 * a->heads * a->key + h * a->value, a->n, width,
                          a->value);
                packed = h;
            }
            attend_rows(y, x, &room, a, h, i, hi - i < ROWS ? hi - i : ROWS);
        }
    }
}

#endif
