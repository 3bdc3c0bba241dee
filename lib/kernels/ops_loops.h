/* SPDX-License-Identifier: MIT */
/*
 * The operations that are memory-bound or nearly so, as plain loops over channels.  Each
 * instruction-set file includes this once, so that the compiler vectorises them with its flags;
 * lanes are different channels, never parts of one sum, so every width gives the same bits.
 */
#ifndef PT_NN_OPS_LOOPS_H
#define PT_NN_OPS_LOOPS_H

#include <stdlib.h>
#include <string.h>

#include "nn/ops.h"
#include "prog/mem.h"

/* Channels summed at a time: accumulators stay in registers or L1. */
enum { CHANNEL_BLOCK = 64 };

/*
 * The stem adds a kernel row per base.  Rows of two neighbouring bases are added beforehand, for
 * all pairs of codes (0 to C - 1, and C for no base, which adds nothing), so that half as many
 * remain: packed[pair][(C + 1) * first + second][O]; the last tap of an odd number has no second.
 */
static void
pack_stem_loop(struct nn_conv *c)
{
    size_t n_out = c->c_out, rows = c->c_in, codes = rows + 1, pairs = (c->k + 1) / 2;
    float *dst = c->packed = mem_aligned(pairs * codes * codes * n_out * sizeof *dst);

    for (size_t t = 0; t < c->k; t += 2) {
        for (size_t code = 0; code < codes * codes; code++, dst += n_out) {
            size_t first = code / codes, second = code % codes;
            const float *a = first < rows ? c->kernel + (t * rows + first) * n_out : NULL;
            const float *b = second < rows && t + 1 < c->k
                                 ? c->kernel + ((t + 1) * rows + second) * n_out : NULL;

            for (size_t o = 0; o < n_out; o++)
                dst[o] = (a ? a[o] : 0) + (b ? b[o] : 0);
        }
    }
    free(c->kernel);
    c->kernel = NULL;
}

static inline size_t
base_code(uint8_t code, size_t rows)
{
    return code < rows ? code : rows;
}

/* The rows of one column's pairs, first of O channels; at: the column's first base. */
static inline const float *
stem_row(const struct nn_conv *c, const uint8_t *at, size_t p)
{
    size_t rows = c->c_in, second = 2 * p + 1 < c->k ? base_code(at[2 * p + 1], rows) : rows;
    size_t code = (p * (rows + 1) + base_code(at[2 * p], rows)) * (rows + 1) + second;

    return c->packed + code * c->c_out;
}

/* CHANNEL_BLOCK channels, held in registers. */
static inline void
stem_block(float *y, const uint8_t *at, const struct nn_conv *c, size_t o)
{
    enum { VECS = CHANNEL_BLOCK / LANES };
    VEC sum[VECS];

    UNROLL(8)
    for (size_t i = 0; i < VECS; i++)
        sum[i] = vec_zero();
    for (size_t p = 0; p < (c->k + 1) / 2; p++) {
        const float *row = stem_row(c, at, p) + o;

        UNROLL(8)
        for (size_t i = 0; i < VECS; i++)
            sum[i] = vec_add(sum[i], vec_loadu(row + i * LANES));
    }
    UNROLL(8)
    for (size_t i = 0; i < VECS; i++) {
        VEC v = vec_add(sum[i], vec_loadu(c->bias + o + i * LANES));

        vec_storeu(y + o + i * LANES, c->relu ? vec_max0(v) : v);
    }
}

/* The channels from o on, fewer than CHANNEL_BLOCK. */
static void
stem_rest(float *y, const uint8_t *at, const struct nn_conv *c, size_t o)
{
    float sum[CHANNEL_BLOCK] = { 0 };
    size_t n = c->c_out - o;

    for (size_t p = 0; p < (c->k + 1) / 2; p++) {
        const float *row = stem_row(c, at, p) + o;

        for (size_t i = 0; i < n; i++)
            sum[i] += row[i];
    }
    for (size_t i = 0; i < n; i++) {
        float v = sum[i] + c->bias[o + i];

        y[o + i] = c->relu && v < 0 ? 0 : v;
    }
}

static void
stem_loop(float *restrict y, const uint8_t *codes, const struct nn_conv *c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        size_t o = 0;

        for (; o + CHANNEL_BLOCK <= c->c_out; o += CHANNEL_BLOCK)
            stem_block(y + j * c->c_out, codes + j, c, o);
        if (o < c->c_out)
            stem_rest(y + j * c->c_out, codes + j, c, o);
    }
}

static void
relu_loop(float *restrict y, const float *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

/*
 * Each output is one chain of additions, so several columns go side by side to keep the adders
 * busy: 4 times faster than column by column (Zen 5).
 */
enum { DIAGONAL_BLOCK = 8 };

static inline __attribute__((always_inline)) void
diagonal_block(float *restrict y, const float *restrict p, const float *bias, size_t k,
               size_t c_out, size_t j, size_t o, const size_t columns)
{
    size_t step = k * c_out;
    float sum[DIAGONAL_BLOCK] = { 0 };

    for (size_t t = 0; t < k; t++)
        for (size_t i = 0; i < columns; i++)
            sum[i] += p[(j + i + t) * step + t * c_out + o];
    for (size_t i = 0; i < columns; i++)
        y[(j + i) * c_out + o] = sum[i] + bias[o];
}

static void
diagonal_loop(float *restrict y, const float *restrict p, const float *bias, size_t k,
              size_t c_out, size_t lo, size_t hi)
{
    size_t j = lo;

    for (; j + DIAGONAL_BLOCK <= hi; j += DIAGONAL_BLOCK)
        for (size_t o = 0; o < c_out; o++)
            diagonal_block(y, p, bias, k, c_out, j, o, DIAGONAL_BLOCK);
    for (; j < hi; j++)
        for (size_t o = 0; o < c_out; o++)
            diagonal_block(y, p, bias, k, c_out, j, o, 1);
}

static void
mean_loop(float *restrict y, const float *restrict x, size_t len, size_t c_in)
{
    for (size_t i = 0; i < c_in; i += CHANNEL_BLOCK) {
        size_t n = c_in - i < CHANNEL_BLOCK ? c_in - i : CHANNEL_BLOCK;
        double sum[CHANNEL_BLOCK] = { 0 };

        for (size_t j = 0; j < len; j++) {
            const float *restrict col = x + j * c_in + i;

            if (n == CHANNEL_BLOCK)
                for (size_t q = 0; q < CHANNEL_BLOCK; q++)
                    sum[q] += (double)col[q];
            else
                for (size_t q = 0; q < n; q++)
                    sum[q] += (double)col[q];
        }
        for (size_t q = 0; q < n; q++)
            y[i + q] = (float)(sum[q] / (double)len);
    }
}

#include "kernels/ops_act.h"
#include "kernels/ops_layers.h"

static void
add_loops(struct nn_ops *ops)
{
    add_layers(ops);
    ops->pack_stem = pack_stem_loop;
    ops->stem = stem_loop;
    ops->relu = relu_loop;
    ops->exp_below = exp_below_loop;
    ops->diagonal = diagonal_loop;
    ops->mean = mean_loop;
}

#endif
