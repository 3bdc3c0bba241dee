/* SPDX-License-Identifier: MIT */
/*
 * Convolutions of 5, 9, 13, ... taps with fewer multiplications: Winograd's F(4, 5) along each
 * dilation phase, 8 products where the direct form takes 20.
 *
 * Four outputs read eight inputs, as the six outputs of F(6, 3) do, and the interpolation points are
 * the same (0, 1, -1, 2, -2, 1/2, -1/2), so the transform B of the inputs is that of F(6, 3); G has
 * five powers of each point and A four.
 *
 * More taps are cut into pieces of four, the last of five.  A piece reads as many columns further on
 * as a group has outputs, so its transformed inputs are those of the next group, and the pieces are
 * summed before the transform back: nine taps take 16 products instead of 36.  Other numbers of taps
 * would have a group read columns that its outputs do not depend on: they would move the last bits.
 *
 * The layers that have such taps are wide (Enformer, Borzoi, Sei: 480 to 1,536 channels), so a
 * block's transformed inputs do not fit into the second-level cache together: the products run point
 * by point over all panels, and all of M is kept until the last.
 *
 * Groups are 4 d columns from column 0 on; what is left at the end takes the direct form.
 */
#ifndef PT_NN_OPS_WINOGRAD_LONG_H
#define PT_NN_OPS_WINOGRAD_LONG_H

#include "kernels/ops_winograd.h"

enum { LONG_TAPS = 5, LONG_OUTPUTS = 4, LONG_POINTS = 8 };

/* Sums have three levels: chains, groups of chains, and those.  In Sei, where errors are largest, the
 * logits' fall from 5.4e-6 (rms) with chains alone to 4.8e-6 at the same speed. */
enum { LONG_CHAIN = 32, LONG_GROUP = 160, LONG_ROWS = 96 };

/* Pieces that the taps are cut into: four taps each, five in the last. */
static inline size_t
n_pieces(const struct nn_conv *c)
{
    return (c->k - 1) / LONG_OUTPUTS;
}

/* Rows of a block: the transformed inputs of one point take half of a second-level cache. */
static inline size_t
long_rows(const struct nn_conv *c)
{
    size_t rows = (1 << 16) / c->c_in / MR * MR;

    return rows < MR ? MR : rows > LONG_ROWS ? LONG_ROWS : rows;
}

/* Value of point q of the piece's polynomial, for one pair of channels: w[t * n] of tap t. */
static double
long_weight(const float *w, size_t n, size_t first, size_t taps, size_t q)
{
    static const double point[LONG_POINTS - 1] = { 0, 1, -1, 2, -2, 0.5, -0.5 };
    static const double factor[LONG_POINTS - 1] = { 1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90,
                                                    32.0 / 45, 32.0 / 45 };
    double sum = 0;

    if (q == LONG_POINTS - 1)
        return taps == LONG_TAPS ? w[(first + LONG_TAPS - 1) * n] : 0;
    for (size_t t = taps; t-- > 0;)
        sum = sum * point[q] + w[(first + t) * n];
    return factor[q] * sum;
}

/* Panels of U = G w, [point][panel][piece][input channel][NR], in double and rounded once. */
static void
transform_long(float *u, const struct nn_conv *c)
{
    size_t n = c->c_in * c->c_out;

    for (size_t row = 0; row < LONG_POINTS * n_panels(c->c_out) * n_pieces(c); row++) {
        size_t piece = row % n_pieces(c), o = row / n_pieces(c) % n_panels(c->c_out) * NR;
        size_t q = row / n_pieces(c) / n_panels(c->c_out), first = piece * LONG_OUTPUTS;
        size_t taps = piece + 1 < n_pieces(c) ? LONG_OUTPUTS : LONG_TAPS;

        for (size_t i = 0; i < c->c_in; i++, u += NR)
            for (size_t x = 0; x < NR; x++)
                u[x] = o + x < c->c_out
                           ? (float)long_weight(c->kernel + i * c->c_out + o + x, n, first, taps, q)
                           : 0;
    }
}

static bool
fits_long(const struct nn_conv *c)
{
    return c->k >= LONG_TAPS && c->k % LONG_OUTPUTS == 1 && c->c_in >= WINOGRAD_MIN_CHANNELS &&
           c->c_out >= WINOGRAD_MIN_CHANNELS && c->len >= LONG_OUTPUTS * c->dilation;
}

static void
pack_long(struct nn_conv *c)
{
    size_t group = LONG_OUTPUTS * c->dilation;
    size_t floats = LONG_POINTS * n_panels(c->c_out) * n_pieces(c) * c->c_in * NR;
    size_t halo = (n_pieces(c) - 1) * c->dilation;

    c->run[0] = (struct nn_run){ 0, (ptrdiff_t)(c->len / group * group), LONG_OUTPUTS };
    c->transformed = mem_aligned(floats * sizeof *c->transformed);
    transform_long(c->transformed, c);
    c->scratch = LONG_POINTS * ((long_rows(c) + halo) * v_stride(c) +
                                long_rows(c) * n_panels(c->c_out) * NR);
    if (c->len % group) {
        pack_tile(c);
    } else {        /* nothing is left for the direct form */
        free(c->kernel);
        c->kernel = NULL;
    }
}

/* A: the first four outputs of F(6, 3), whose points are the same, with the last product added to
 * the last of them. */
static inline __attribute__((always_inline)) void
combine_long(VEC y[MAX_OUTPUTS], const float *m, size_t step)
{
    combine_even(y, m, step, vec_zero(), 6);
    combine_odd(y, m, step, vec_zero(), 6);
    y[3] = vec_add(y[3], vec_loadu(m + 7 * step));
}

/* The outputs of a row for the channels of one panel; at: of the first in y. */
static void
finish_long(float *y, const float *residual, const struct nn_conv *c, const float *m,
                size_t m_step, size_t at, size_t o)
{
    size_t step = c->dilation * c->c_out;
    VEC lo[MAX_OUTPUTS], hi[MAX_OUTPUTS];

    combine_long(lo, m, m_step);
    combine_long(hi, m + LANES, m_step);
    for (size_t p = 0; p < LONG_OUTPUTS; p++)
        finish_row(y + at + p * step, lo[p], hi[p], c->bias + o,
                   residual ? residual + at + p * step : NULL, c->relu, c->c_out - o);
}

/* One point of a block for one panel: the sum over the pieces, group by group of channels. */
static void
long_product(float *m, const float *v, size_t stride, const struct nn_conv *c, const float *w,
             size_t rows)
{
    float sum[LONG_ROWS * NR] __attribute__((aligned(64)));

    for (size_t piece = 0; piece < n_pieces(c); piece++, v += c->dilation * stride) {
        for (size_t i = 0; i < c->c_in; i += LONG_GROUP) {
            size_t n = c->c_in - i < LONG_GROUP ? c->c_in - i : LONG_GROUP;

            product_rows(piece + i ? sum : m, NR, v + i, stride, n, w, rows, LONG_CHAIN);
            for (size_t r = 0; piece + i && r < rows * NR; r += LANES)
                vec_storeu(m + r, vec_add(vec_loadu(m + r), vec_loadu(sum + r)));
            w += n * NR;
        }
    }
}

/* Rows [from, from + rows) of the groups that begin at column base. */
static void
long_block(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t base,
           size_t from, size_t rows, float *scratch)
{
    size_t stride = v_stride(c), panels = n_panels(c->c_out), step = c->dilation * c->c_in;
    size_t block = long_rows(c), n_in = rows + (n_pieces(c) - 1) * c->dilation;
    size_t v_step = (block + (n_pieces(c) - 1) * c->dilation) * stride;
    size_t weights = n_pieces(c) * c->c_in * NR;
    float *v = scratch, *m = scratch + LONG_POINTS * v_step;

    for (size_t r = 0; r < n_in; r++) {
        const float *src = x + row_column(base, from + r, c->dilation, LONG_OUTPUTS) * c->c_in;

        if (c->relu_in)
            transform_row(v + r * stride, v_step, src, step, c->c_in, true, 6);
        else
            transform_row(v + r * stride, v_step, src, step, c->c_in, false, 6);
    }
    for (size_t q = 0; q < LONG_POINTS; q++)
        for (size_t p = 0; p < panels; p++)
            long_product(m + (p * LONG_POINTS + q) * block * NR, v + q * v_step, stride, c,
                         c->transformed + (q * panels + p) * weights, rows);
    for (size_t r = 0; r < rows; r++)
        for (size_t p = 0; p < panels; p++)
            finish_long(y, residual, c, m + (p * LONG_POINTS * block + r) * NR, block * NR,
                        row_column(base, from + r, c->dilation, LONG_OUTPUTS) * c->c_out + p * NR,
                        p * NR);
    for (size_t r = 0; r < rows && c->act != NN_LINEAR; r++) {
        size_t j = row_column(base, from + r, c->dilation, LONG_OUTPUTS);

        for (size_t p = 0; p < LONG_OUTPUTS; p++)
            activate_columns(y + (j + p * c->dilation) * c->c_out, c, 1);
    }
}

/* lo and hi are ends of groups, or beyond the last. */
static void
conv_long(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
               size_t hi, float *scratch, struct nn_part part)
{
    size_t end = c->run[0].hi > 0 ? (size_t)c->run[0].hi : 0, block = long_rows(c), n;

    end = hi < end ? hi : end;
    n = lo < end ? (end - lo) / LONG_OUTPUTS : 0;
    for (size_t from = part.i * block; from < n; from += part.n * block)
        long_block(y, x, residual, c, lo, from, n - from < block ? n - from : block, scratch);
    part.i = part.n - 1 - part.i;
    if (hi > end)
        conv_tile(y, x, residual, c, lo > end ? lo : end, hi, scratch, part);
}

/* The sets with Winograd forms: three taps, five and more, or the direct form. */
static void
pack_any(struct nn_conv *c)
{
    if (fits_long(c))
        pack_long(c);
    else
        pack_winograd(c);
}

static void
conv_any(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
         size_t hi, float *scratch, struct nn_part part)
{
    if (c->transformed && c->k >= LONG_TAPS)
        conv_long(y, x, residual, c, lo, hi, scratch, part);
    else
        conv_winograd(y, x, residual, c, lo, hi, scratch, part);
}

#endif
