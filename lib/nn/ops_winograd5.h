/* SPDX-License-Identifier: MIT */
/*
 * Five-tap convolutions with fewer multiplications: Winograd's F(4, 5) along each dilation phase,
 * 8 products where the direct form takes 20.
 *
 * Four outputs read eight inputs, as the six outputs of F(6, 3) do, and the interpolation points are
 * the same (0, 1, -1, 2, -2, 1/2, -1/2), so the transform B of the inputs is that of F(6, 3); G has
 * five powers of each point and A four.
 *
 * The layers that have five taps are wide (Enformer, Borzoi: 512 to 1,536 channels), so a block's
 * transformed inputs do not fit into the second-level cache together: the products run point by
 * point over all panels, and all of M is kept until the last.
 *
 * Groups are 4 d columns from column 0 on; what is left at the end takes the direct form.
 */
#ifndef PT_NN_OPS_WINOGRAD5_H
#define PT_NN_OPS_WINOGRAD5_H

#include "nn/ops_winograd.h"

enum { TAPS5 = 5, OUTPUTS5 = 4, POINTS5 = 8 };

/* Rows of a block: the transformed inputs of one point take half of a second-level cache. */
static inline size_t
block_rows5(const struct nn_conv *c)
{
    size_t rows = (1 << 16) / c->c_in / MR * MR;

    return rows < MR ? MR : rows > 96 ? 96 : rows;
}

/* Panels of U = G w, [point][panel][input channel][NR], in double and rounded once. */
static void
transform_kernel5(float *u, const struct nn_conv *c)
{
    static const double point[POINTS5 - 1] = { 0, 1, -1, 2, -2, 0.5, -0.5 };
    static const double factor[POINTS5 - 1] = { 1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90,
                                                32.0 / 45, 32.0 / 45 };
    size_t n = c->c_in * c->c_out;

    for (size_t q = 0; q < POINTS5; q++) {
        for (size_t o = 0; o < n_panels(c->c_out) * NR; o += NR) {
            for (size_t i = 0; i < c->c_in; i++, u += NR) {
                const float *w = c->kernel + i * c->c_out + o;

                for (size_t x = 0; x < NR; x++) {
                    double sum = 0;

                    for (size_t t = TAPS5; o + x < c->c_out && q < POINTS5 - 1 && t-- > 0;)
                        sum = sum * point[q] + w[t * n + x];
                    if (o + x < c->c_out && q == POINTS5 - 1)
                        u[x] = w[(TAPS5 - 1) * n + x];
                    else
                        u[x] = q < POINTS5 - 1 ? (float)(factor[q] * sum) : 0;
                }
            }
        }
    }
}

static bool
fits_winograd5(const struct nn_conv *c)
{
    return c->k == TAPS5 && c->c_in >= WINOGRAD_MIN_CHANNELS &&
           c->c_out >= WINOGRAD_MIN_CHANNELS && c->len >= OUTPUTS5 * c->dilation;
}

static void
pack_winograd5(struct nn_conv *c)
{
    size_t group = OUTPUTS5 * c->dilation;
    size_t floats = POINTS5 * n_panels(c->c_out) * c->c_in * NR;

    c->run[0] = (struct nn_run){ 0, (ptrdiff_t)(c->len / group * group), OUTPUTS5 };
    c->run[1] = (struct nn_run){ 0, 0, OUTPUTS5 };
    c->transformed = mem_aligned(floats * sizeof *c->transformed);
    transform_kernel5(c->transformed, c);
    c->scratch = POINTS5 * block_rows5(c) * (v_stride(c) + n_panels(c->c_out) * NR);
    pack_tile(c);
}

/* A: powers 0 to 3 of the points, and the last product to the last output. */
static inline __attribute__((always_inline)) void
combine5(VEC y[OUTPUTS5], const float *m, size_t step)
{
    VEC m1 = vec_loadu(m + step), m2 = vec_loadu(m + 2 * step);
    VEC m3 = vec_loadu(m + 3 * step), m4 = vec_loadu(m + 4 * step);
    VEC m5 = vec_loadu(m + 5 * step), m6 = vec_loadu(m + 6 * step);
    VEC sum1 = vec_add(m1, m2), difference1 = vec_sub(m1, m2);
    VEC sum2 = vec_add(m3, m4), difference2 = vec_sub(m3, m4);
    VEC sum3 = vec_add(m5, m6), difference3 = vec_sub(m5, m6);

    y[0] = vec_add(vec_add(vec_loadu(m), sum1), vec_add(sum2, sum3));
    y[1] = vec_fma(vec_const(0.5f), difference3,
                   vec_fma(vec_const(2), difference2, difference1));
    y[2] = vec_fma(vec_const(0.25f), sum3, vec_fma(vec_const(4), sum2, sum1));
    y[3] = vec_add(vec_fma(vec_const(0.125f), difference3,
                           vec_fma(vec_const(8), difference2, difference1)),
                   vec_loadu(m + 7 * step));
}

/* The outputs of a row for the channels of one panel; at: of the first in y. */
static void
finish_outputs5(float *y, const float *residual, const struct nn_conv *c, const float *m,
                size_t m_step, size_t at, size_t o)
{
    size_t step = c->dilation * c->c_out;
    VEC lo[OUTPUTS5], hi[OUTPUTS5];

    combine5(lo, m, m_step);
    combine5(hi, m + LANES, m_step);
    for (size_t p = 0; p < OUTPUTS5; p++)
        finish_row(y + at + p * step, lo[p], hi[p], c->bias + o,
                   residual ? residual + at + p * step : NULL, c->relu, c->c_out - o);
}

/* Rows [from, from + rows) of the groups that begin at column base. */
static void
winograd5_rows(float *y, const float *x, const float *residual, const struct nn_conv *c,
               size_t base, size_t from, size_t rows, float *scratch)
{
    size_t stride = v_stride(c), block = block_rows5(c), panels = n_panels(c->c_out);
    size_t step = c->dilation * c->c_in;
    float *v = scratch, *m = scratch + POINTS5 * block * stride;

    for (size_t r = 0; r < rows; r++) {
        const float *src = x + row_column(base, from + r, c->dilation, OUTPUTS5) * c->c_in;

        if (c->relu_in)
            transform_row(v + r * stride, block * stride, src, step, c->c_in, true, 6);
        else
            transform_row(v + r * stride, block * stride, src, step, c->c_in, false, 6);
    }
    for (size_t q = 0; q < POINTS5; q++)
        for (size_t p = 0; p < panels; p++)
            product_rows(m + (p * POINTS5 + q) * block * NR, NR, v + q * block * stride, stride,
                         c->c_in, c->transformed + (q * panels + p) * c->c_in * NR, rows);
    for (size_t r = 0; r < rows; r++)
        for (size_t p = 0; p < panels; p++)
            finish_outputs5(y, residual, c, m + (p * POINTS5 * block + r) * NR, block * NR,
                            row_column(base, from + r, c->dilation, OUTPUTS5) * c->c_out + p * NR,
                            p * NR);
}

/* lo and hi are ends of groups, or beyond the last. */
static void
conv_winograd5(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
               size_t hi, float *scratch, struct nn_part part)
{
    size_t end = c->run[0].hi > 0 ? (size_t)c->run[0].hi : 0, block = block_rows5(c), n;

    end = hi < end ? hi : end;
    n = lo < end ? (end - lo) / OUTPUTS5 : 0;
    for (size_t from = part.i * block; from < n; from += part.n * block)
        winograd5_rows(y, x, residual, c, lo, from, n - from < block ? n - from : block, scratch);
    part.i = part.n - 1 - part.i;
    if (hi > end)
        conv_tile(y, x, residual, c, lo > end ? lo : end, hi, scratch, part);
}

/* The sets with Winograd forms: three taps, five, or the direct form. */
static void
pack_any(struct nn_conv *c)
{
    if (fits_winograd5(c))
        pack_winograd5(c);
    else
        pack_winograd(c);
}

static void
conv_any(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
         size_t hi, float *scratch, struct nn_part part)
{
    if (c->transformed && c->k == TAPS5)
        conv_winograd5(y, x, residual, c, lo, hi, scratch, part);
    else
        conv_winograd(y, x, residual, c, lo, hi, scratch, part);
}

#endif
