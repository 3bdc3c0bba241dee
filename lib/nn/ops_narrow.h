/* SPDX-License-Identifier: MIT */
/*
 * Convolutions of many taps to few channels (profile heads): 3 T taps, three columns at a time.
 *
 * Column 3 J + i reads x[3 (J + t) + i + u] with tap 3 t + u, u < 3.  For every t that is a small
 * convolution of three taps and three outputs on x[3 P ... 3 P + 4], P = J + t, in Winograd's form
 * F(3, 3) with the points 0, 1, -1, 2:
 *
 *   V[q][P] = B x[3 P ... 3 P + 4]                five combinations, for every third column
 *   Z[q][P] = V[q][P] U[q]                        U = G w: T * O channels, all t at once
 *   M[q][J] = sum over t of Z[q][J + t][t]        diagonal sums
 *   y[3 J + i] = A M                              three columns
 *
 * 5 / 9 of the direct form's products, and Z never leaves the second-level cache.
 */
#ifndef PT_NN_OPS_NARROW_H
#define PT_NN_OPS_NARROW_H

#include "nn/ops_winograd_long.h"

enum { NARROW_POINTS = 5, NARROW_OUTPUTS = 3, NARROW_MAX_CHANNELS = 8 };
enum { NARROW_BLOCK = 48, NARROW_ROWS = 24 };   /* J of a block; P transformed at a time */

static const double narrow_g[][TAPS] = {
    { 1.0 / 2, 0, 0 },
    { -1.0 / 2, -1.0 / 2, -1.0 / 2 },
    { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
    { 1.0 / 6, 1.0 / 3, 2.0 / 3 },
    { 0, 0, 1 },
};

static bool
is_narrow(const struct nn_conv *c)
{
    return c->k % TAPS == 0 && c->k > TAPS && c->dilation == 1 && c->c_out <= NARROW_MAX_CHANNELS;
}

/* Channels of Z, and with padding to whole panels. */
static inline size_t
z_channels(const struct nn_conv *c)
{
    return c->k / TAPS * c->c_out;
}

static inline size_t
z_width(const struct nn_conv *c)
{
    return n_panels(z_channels(c)) * NR;
}

static inline size_t
z_rows(const struct nn_conv *c)
{
    return NARROW_BLOCK + c->k / TAPS - 1;
}

/* U as panels, [point][panel][input channel][NR]. */
static void
pack_narrow(struct nn_conv *c)
{
    size_t blocks = c->k / TAPS, wide = z_channels(c), tap = c->c_in * c->c_out;
    float *u = mem_array(c->c_in * wide, sizeof *u), *dst;

    c->transformed = mem_aligned(NARROW_POINTS * c->c_in * z_width(c) * sizeof *dst);
    for (size_t q = 0; q < NARROW_POINTS; q++) {
        const double *g = narrow_g[q];
        float *packed;

        for (size_t t = 0; t < blocks; t++) {
            for (size_t i = 0; i < c->c_in; i++) {
                const float *w = c->kernel + TAPS * t * tap + i * c->c_out;

                dst = u + i * wide + t * c->c_out;
                for (size_t o = 0; o < c->c_out; o++)
                    dst[o] = (float)(g[0] * w[o] + g[1] * w[tap + o] + g[2] * w[2 * tap + o]);
            }
        }
        packed = pack_panels(u, c->c_in, wide);
        memcpy(c->transformed + q * c->c_in * z_width(c), packed,
               c->c_in * z_width(c) * sizeof *packed);
        free(packed);
    }
    free(u);
    free(c->kernel);
    c->kernel = NULL;
    c->run[0] = (struct nn_run){ 0, (ptrdiff_t)((c->len + 2) / 3 * 3), NARROW_OUTPUTS };
    c->scratch = NARROW_POINTS * (NARROW_ROWS * v_stride(c) + z_rows(c) * z_width(c));
}

/* V of one row; of its five inputs the first n exist, the others are zero. */
static inline __attribute__((always_inline)) void
narrow_transform(float *v, size_t v_step, const float *src, size_t n, size_t c_in, const bool relu)
{
    const VEC two = vec_const(2), three = vec_const(3);

    for (size_t i = 0; i < c_in; i += LANES) {
        VEC x[NARROW_POINTS], d;

#pragma GCC unroll 5
        for (size_t q = 0; q < NARROW_POINTS; q++)
            x[q] = q < n ? load_input(src + q * c_in + i, c_in - i, relu) : vec_zero();
        d = vec_sub(x[3], x[1]);
        vec_storeu(v + i, vec_fma(two, vec_sub(x[0], x[2]), d));
        vec_storeu(v + v_step + i, vec_sub(vec_fnma(two, x[1], x[3]), x[2]));
        vec_storeu(v + 2 * v_step + i, vec_fma(two, x[1], vec_fnma(three, x[2], x[3])));
        vec_storeu(v + 3 * v_step + i, d);
        vec_storeu(v + 4 * v_step + i, vec_fma(two, vec_sub(x[1], x[3]), vec_sub(x[4], x[2])));
    }
}

/* Z of rows P from first on; z holds row first of every point, z_rows(c) rows apart. */
static void
narrow_products(float *z, const float *x, const struct nn_conv *c, size_t first, size_t n,
                float *scratch)
{
    size_t stride = v_stride(c), width = z_width(c), step = NARROW_ROWS * stride;
    size_t n_x = c->len + c->k - 1;

    for (size_t done = 0; done < n; done += NARROW_ROWS) {
        size_t rows = n - done < NARROW_ROWS ? n - done : NARROW_ROWS;

        for (size_t r = 0; r < rows; r++) {
            size_t j = TAPS * (first + done + r), exist = j < n_x ? n_x - j : 0;

            if (c->relu_in)
                narrow_transform(scratch + r * stride, step, x + j * c->c_in, exist, c->c_in, true);
            else
                narrow_transform(scratch + r * stride, step, x + j * c->c_in, exist, c->c_in, false);
        }
        for (size_t q = 0; q < NARROW_POINTS; q++)
            for (size_t p = 0; p < width; p += NR)
                product_rows(z + (q * z_rows(c) + done) * width + p, width, scratch + q * step,
                             stride, c->c_in,
                             c->transformed + (q * width + p) * c->c_in, rows);
    }
}

/* M of one point and channel for n rows J side by side: each is one chain of additions. */
static inline __attribute__((always_inline)) void
narrow_diagonal(float *m, const float *z, const struct nn_conv *c, const size_t n)
{
    size_t width = z_width(c), blocks = c->k / TAPS;
    float sum[8] = { 0 };

    for (size_t t = 0; t < blocks; t++)
#pragma GCC unroll 8
        for (size_t i = 0; i < n; i++)
            sum[i] += z[(i + t) * width + t * c->c_out];
    for (size_t i = 0; i < n; i++)
        m[i] = sum[i];
}

static inline float
narrow_finish(float v, const struct nn_conv *c, const float *residual, size_t at, size_t o)
{
    v += c->bias[o];
    if (c->relu && v < 0)
        v = 0;
    return residual ? v + residual[at] : v;
}

/* Three columns of one channel, as far as there are columns. */
static inline void
narrow_outputs(float *y, const float *residual, const struct nn_conv *c, const float m[][8],
               size_t i, size_t column, size_t o)
{
    float sum = m[1][i] + m[2][i], difference = m[1][i] - m[2][i];
    float v[NARROW_OUTPUTS] = {
        m[0][i] + sum + m[3][i],
        difference + 2 * m[3][i],
        sum + 4 * m[3][i] + m[4][i],
    };

    for (size_t u = 0; u < NARROW_OUTPUTS && column + u < c->len; u++) {
        size_t at = (column + u) * c->c_out + o;

        y[at] = narrow_finish(v[u], c, residual, at, o);
    }
}

static void
narrow_columns(float *y, const float *residual, const struct nn_conv *c, const float *z, size_t j,
               size_t n)
{
    size_t width = z_width(c);
    float m[NARROW_POINTS][8];

    for (size_t from = 0, rows; from < n; from += rows) {
        rows = n - from < 8 ? 1 : 8;
        for (size_t o = 0; o < c->c_out; o++) {
            for (size_t q = 0; q < NARROW_POINTS; q++) {
                const float *first = z + (q * z_rows(c) + from) * width + o;

                if (rows == 8)
                    narrow_diagonal(m[q], first, c, 8);
                else
                    narrow_diagonal(m[q], first, c, 1);
            }
            for (size_t i = 0; i < rows; i++)
                narrow_outputs(y, residual, c, m, i, TAPS * (j + from + i), o);
        }
    }
}

static void
conv_narrow(float *y, const float *x, const float *residual, const struct nn_conv *conv, size_t lo,
            size_t hi, float *scratch, struct nn_part part)
{
    /* Count columns from lo, the begin of a group. */
    struct nn_conv here = *conv, *c = &here;
    size_t overlap = c->k / TAPS - 1, width = z_width(c), filled = 0, n = (hi - lo + 2) / TAPS;
    size_t j = n * part.i / part.n, end = n * (part.i + 1) / part.n;
    float *z = scratch + NARROW_POINTS * NARROW_ROWS * v_stride(c);

    c->len -= lo;
    x += lo * c->c_in;
    y += lo * c->c_out;
    if (residual)
        residual += lo * c->c_out;
    for (size_t rows; j < end; j += rows) {
        rows = end - j < NARROW_BLOCK ? end - j : NARROW_BLOCK;
        narrow_products(z + filled * width, x, c, j + filled, rows + overlap - filled, scratch);
        narrow_columns(y, residual, c, z, j, rows);
        for (size_t q = 0; q < NARROW_POINTS && j + rows < end; q++)
            memmove(z + q * z_rows(c) * width, z + (q * z_rows(c) + rows) * width,
                    overlap * width * sizeof *z);
        filled = overlap;
    }
}

/* The fast forms together: the narrow one, Winograd's, or direct tiles. */
static void
pack_fast(struct nn_conv *c)
{
    if (is_narrow(c))
        pack_narrow(c);
    else
        pack_any(c);
}

static void
conv_fast(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
          size_t hi, float *scratch, struct nn_part part)
{
    if (is_narrow(c))
        conv_narrow(y, x, residual, c, lo, hi, scratch, part);
    else
        conv_any(y, x, residual, c, lo, hi, scratch, part);
}

#endif
