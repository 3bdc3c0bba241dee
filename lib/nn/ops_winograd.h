/* SPDX-License-Identifier: MIT */
/*
 * Three-tap convolutions with fewer multiplications: Winograd's F(4, 3) along each dilation phase.
 *
 * Columns j, j + d, j + 2d, j + 3d of a convolution with dilation d read the six inputs
 * x[j], x[j + d], ..., x[j + 5d].  With
 *
 *   V = B x   (six combinations of the six inputs, per channel)
 *   M = V U   (six products over the channels; U = G w, three taps to six, at load time)
 *   y = A M   (six products to four outputs)
 *
 * they cost 6 multiplications instead of 12 (Winograd 1980; Lavin and Gray, "Fast algorithms for
 * convolutional neural networks", 2016, whose interpolation points 0, 1, -1, 2, -2 are used).
 *
 * A group is the 4d columns [4dT, 4d(T + 1)): d phases of four outputs.  Its six inputs are six
 * blocks of d consecutive columns, so every transform is a sum of rows.  Rows (T, phase) are
 * numbered through and taken ROWS at a time: transform the inputs to scratch, then for each panel
 * of channels and each of the six products run the register tile, then transform back with bias,
 * activation and residual.
 *
 * All four outputs of a row share their rounding, so whole groups are computed or nothing; what is
 * left at the end of a layer takes the direct form.
 */
#ifndef PT_NN_OPS_WINOGRAD_H
#define PT_NN_OPS_WINOGRAD_H

#include "nn/ops_tile.h"

enum { POINTS = 6, OUTPUTS = 4, TAPS = 3 };

/* With fewer channels the transforms cost more than the products save. */
enum { WINOGRAD_MIN_CHANNELS = 32 };

/* Rows of transformed inputs are this far apart, so that they do not fall into one cache set. */
static inline size_t
v_stride(const struct nn_conv *c)
{
    return (c->c_in + LANES - 1) / LANES * LANES + LANES;
}

/* U = G w for every pair of channels, in double, each product packed as a 1-tap kernel. */
static void
pack_winograd(struct nn_conv *c)
{
    static const double g[POINTS][TAPS] = {
        { 1.0 / 4, 0, 0 },
        { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
        { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
        { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
        { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
        { 0, 0, 1 },
    };
    size_t n = c->c_in * c->c_out, panels = (c->c_out + NR - 1) / NR;
    size_t floats = panels * c->c_in * NR;
    float *u;

    if (c->k != TAPS || c->c_in < WINOGRAD_MIN_CHANNELS || c->c_out < WINOGRAD_MIN_CHANNELS) {
        pack_tile(c);
        return;
    }
    u = mem_array(n, sizeof *u);
    c->transformed = mem_aligned(POINTS * floats * sizeof *u);
    for (size_t q = 0; q < POINTS; q++) {
        float *packed;

        for (size_t i = 0; i < n; i++)
            u[i] = (float)(g[q][0] * c->kernel[i] + g[q][1] * c->kernel[n + i] +
                           g[q][2] * c->kernel[2 * n + i]);
        packed = pack_panels(u, c->c_in, c->c_out);
        memcpy(c->transformed + q * floats, packed, floats * sizeof *packed);
        free(packed);
    }
    free(u);
    pack_tile(c);
    c->group = OUTPUTS * c->dilation;
    c->scratch = POINTS * ROWS * v_stride(c) + POINTS * ROWS * NR;
}

static inline VEC
load_input(const float *x, size_t n, const bool relu)
{
    VEC v = vec_load_part(x, n);

    return relu ? vec_max0(v) : v;
}

/* V = B x of one row: src points at the first of six inputs, step floats apart. */
static inline __attribute__((always_inline)) void
transform_row(float *v, size_t v_step, const float *src, size_t step, size_t n_in, const bool relu)
{
    const VEC two = vec_const(2), four = vec_const(4), five = vec_const(5);

    for (size_t i = 0; i < n_in; i += LANES) {
        size_t n = n_in - i;
        VEC x0 = load_input(src + i, n, relu), x1 = load_input(src + step + i, n, relu);
        VEC x2 = load_input(src + 2 * step + i, n, relu);
        VEC x3 = load_input(src + 3 * step + i, n, relu);
        VEC x4 = load_input(src + 4 * step + i, n, relu);
        VEC x5 = load_input(src + 5 * step + i, n, relu);
        /* Even and odd parts shared by the points 1, -1 and by 2, -2. */
        VEC even1 = vec_fnma(four, x2, x4), odd1 = vec_fnma(four, x1, x3);
        VEC even2 = vec_sub(x4, x2), odd2 = vec_mul(two, vec_sub(x3, x1));

        vec_storeu(v + i, vec_fma(four, x0, vec_fnma(five, x2, x4)));
        vec_storeu(v + v_step + i, vec_add(even1, odd1));
        vec_storeu(v + 2 * v_step + i, vec_sub(even1, odd1));
        vec_storeu(v + 3 * v_step + i, vec_add(even2, odd2));
        vec_storeu(v + 4 * v_step + i, vec_sub(even2, odd2));
        vec_storeu(v + 5 * v_step + i, vec_fma(four, x1, vec_fnma(five, x3, x5)));
    }
}

/* First output column of row q, counted from the group that column base starts. */
static inline size_t
row_column(size_t base, size_t q, size_t dilation)
{
    return base + q / dilation * OUTPUTS * dilation + q % dilation;
}

static inline __attribute__((always_inline)) void
product(float *m, const float *v, size_t stride, size_t n_in, const float *w, const size_t rows)
{
    VEC lo[MR], hi[MR];

    accumulate(lo, hi, rows, v, stride, n_in, 1, 0, w, false);
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec_storeu(m + r * NR, lo[r]);
        vec_storeu(m + r * NR + LANES, hi[r]);
    }
}

typedef void product_fn(float *, const float *, size_t, size_t, const float *);

#define PRODUCT(n)                                                                                \
    static void product_##n(float *m, const float *v, size_t stride, size_t n_in, const float *w) \
    {                                                                                             \
        product(m, v, stride, n_in, w, n);                                                        \
    }

PRODUCT(1) PRODUCT(2) PRODUCT(3) PRODUCT(4) PRODUCT(5) PRODUCT(6)
#if MR_MAX > 6
PRODUCT(7) PRODUCT(8) PRODUCT(9) PRODUCT(10) PRODUCT(11) PRODUCT(12)
#endif

static product_fn *const product_of[] = {
    NULL, product_1, product_2, product_3, product_4, product_5, product_6,
#if MR_MAX > 6
    product_7, product_8, product_9, product_10, product_11, product_12,
#endif
};

/* y = A M for LANES channels of one row; m holds the six products m_step floats apart. */
static inline void
combine(VEC y[OUTPUTS], const float *m, size_t m_step)
{
    const VEC two = vec_const(2), four = vec_const(4), eight = vec_const(8);
    VEC m0 = vec_loadu(m), m1 = vec_loadu(m + m_step), m2 = vec_loadu(m + 2 * m_step);
    VEC m3 = vec_loadu(m + 3 * m_step), m4 = vec_loadu(m + 4 * m_step);
    VEC m5 = vec_loadu(m + 5 * m_step);
    VEC sum1 = vec_add(m1, m2), difference1 = vec_sub(m1, m2);
    VEC sum2 = vec_add(m3, m4), difference2 = vec_sub(m3, m4);

    y[0] = vec_add(m0, vec_add(sum1, sum2));
    y[1] = vec_fma(two, difference2, difference1);
    y[2] = vec_fma(four, sum2, sum1);
    y[3] = vec_add(vec_fma(eight, difference2, difference1), m5);
}

/* The four outputs of a row for the channels of one panel. */
static void
finish_outputs(float *y, const float *residual, const struct nn_conv *c, const float *m,
               size_t column, size_t o)
{
    VEC lo[OUTPUTS], hi[OUTPUTS];

    combine(lo, m, ROWS * NR);
    combine(hi, m + LANES, ROWS * NR);
    for (size_t p = 0; p < OUTPUTS; p++) {
        size_t at = (column + p * c->dilation) * c->c_out + o;

        finish_row(y + at, lo[p], hi[p], c->bias + o, residual ? residual + at : NULL, c->relu,
                   c->c_out - o);
    }
}

/* Rows [from, from + rows) of the groups that begin at column base. */
static void
winograd_rows(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t base,
              size_t from, size_t rows, float *scratch)
{
    size_t stride = v_stride(c), panels = (c->c_out + NR - 1) / NR;
    float *v = scratch, *m = scratch + POINTS * ROWS * stride;

    for (size_t r = 0; r < rows; r++) {
        const float *src = x + row_column(base, from + r, c->dilation) * c->c_in;
        size_t step = c->dilation * c->c_in;

        if (c->relu_in)
            transform_row(v + r * stride, ROWS * stride, src, step, c->c_in, true);
        else
            transform_row(v + r * stride, ROWS * stride, src, step, c->c_in, false);
    }
    for (size_t p = 0; p < panels; p++) {
        for (size_t q = 0; q < POINTS; q++) {
            const float *w = c->transformed + (q * panels + p) * c->c_in * NR;

            for (size_t r = 0; r < rows; r += MR)
                product_of[rows - r < MR ? rows - r : MR](m + (q * ROWS + r) * NR,
                                                          v + (q * ROWS + r) * stride, stride,
                                                          c->c_in, w);
        }
        for (size_t r = 0; r < rows; r++)
            finish_outputs(y, residual, c, m + r * NR, row_column(base, from + r, c->dilation),
                           p * NR);
    }
}

static void
conv_winograd(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
              size_t hi, float *scratch, struct nn_part part)
{
    size_t end = hi < c->grouped ? hi : c->grouped, n = lo < end ? (end - lo) / OUTPUTS : 0;

    if (!c->transformed) {
        conv_tile(y, x, residual, c, lo, hi, scratch, part);
        return;
    }
    for (size_t from = part.i * ROWS; from < n; from += part.n * ROWS)
        winograd_rows(y, x, residual, c, lo, from, n - from < ROWS ? n - from : ROWS, scratch);
    /* The rest goes to the parts from the last on, which may have had a block less. */
    part.i = part.n - 1 - part.i;
    if (hi > c->grouped)
        conv_tile(y, x, residual, c, lo > c->grouped ? lo : c->grouped, hi, scratch, part);
}

#endif
