/* SPDX-License-Identifier: MIT */
/*
 * Convolutions of many taps to few channels (profile heads): 5 T taps, five columns at a time.
 *
 * Column 5 J + i reads x[5 (J + t) + i + u] with tap 5 t + u, u < 5.  For every t that is a small
 * convolution of five taps and five outputs on x[5 P ... 5 P + 8], P = J + t, in Winograd's form
 * F(5, 5) with the points +-1, +-2, +-1/2, +-1/4 and infinity (Winograd 1980; derived from the
 * points by Toom and Cook's construction):
 *
 *   V[q][P] = B x[5 P ... 5 P + 8]                nine combinations, for every fifth column
 *   Z[q][P] = V[q][P] U[q]                        U = G w: T * O channels, all t at once
 *   M[q][J] = sum over t of Z[q][J + t][t]        diagonal sums
 *   y[5 J + i] = A M                              five columns
 *
 * 9 / 25 of the direct form's products, and Z never leaves the second-level cache.  75 taps to two
 * strands are 30 channels, which just fill a panel.  All points come in pairs, whose halves share
 * their sums, and the error is near the least of twelve sets tried: relative rms 1.4e-6 with 64
 * channels and 75 taps (1.2e-6 to 4.2e-6), where the direct form has 0.8e-6.
 */
#ifndef PT_NN_OPS_NARROW_H
#define PT_NN_OPS_NARROW_H

#include "kernels/ops_winograd_long.h"

enum { NARROW_POINTS = 9, NARROW_OUTPUTS = 5, NARROW_TAPS = 5, NARROW_MAX_CHANNELS = 8 };
enum { NARROW_BLOCK = 48, NARROW_ROWS = 24 };   /* J of a block; P transformed at a time */

/* The pairs of points +-p; of each, E(x^2): the product of x^2 - point^2 over the other pairs. */
enum { NARROW_PAIRS = 4 };
static const float narrow_point[NARROW_PAIRS] = { 1, 2, 0.5f, 0.25f };
static const float narrow_others[NARROW_PAIRS][NARROW_PAIRS] = {     /* from x^0 to x^6 */
    { -1.0f / 16, 81.0f / 64, -69.0f / 16, 1 },
    { -1.0f / 64, 21.0f / 64, -21.0f / 16, 1 },
    { -1.0f / 4, 69.0f / 16, -81.0f / 16, 1 },
    { -1, 21.0f / 4, -21.0f / 4, 1 },
};
/* The product over all pairs. */
static const float narrow_all[NARROW_PAIRS + 1] = {
    1.0f / 16, -85.0f / 64, 357.0f / 64, -85.0f / 16, 1,
};

static bool
is_narrow(const struct nn_conv *c)
{
    return c->k % NARROW_TAPS == 0 && c->k > NARROW_TAPS && c->dilation == 1 &&
           c->c_out <= NARROW_MAX_CHANNELS;
}

/* Channels of Z, and with padding to whole panels. */
static inline size_t
z_channels(const struct nn_conv *c)
{
    return c->k / NARROW_TAPS * c->c_out;
}

static inline size_t
z_width(const struct nn_conv *c)
{
    return n_panels(z_channels(c)) * NR;
}

static inline size_t
z_rows(const struct nn_conv *c)
{
    return NARROW_BLOCK + c->k / NARROW_TAPS - 1;
}

/* Row q of G on five taps, n floats apart: points +p and -p in turn, infinity last. */
static double
narrow_weight(const float *w, size_t n, size_t q)
{
    size_t pair = q / 2;
    double p, factor, sum = 0;

    if (pair == NARROW_PAIRS)
        return w[(NARROW_TAPS - 1) * n];
    p = q % 2 ? -narrow_point[pair] : narrow_point[pair];
    factor = 2 * p;
    for (size_t i = 0; i < NARROW_PAIRS; i++)
        if (i != pair)
            factor *= p * p - (double)narrow_point[i] * narrow_point[i];
    for (size_t t = NARROW_TAPS; t-- > 0;)
        sum = sum * p + w[t * n];
    return sum / factor;
}

/* U as panels, [point][panel][input channel][NR]. */
static void
pack_narrow(struct nn_conv *c)
{
    size_t blocks = c->k / NARROW_TAPS, wide = z_channels(c), tap = c->c_in * c->c_out;
    float *u = mem_array(c->c_in * wide, sizeof *u), *dst;

    c->transformed = mem_aligned(NARROW_POINTS * c->c_in * z_width(c) * sizeof *dst);
    for (size_t q = 0; q < NARROW_POINTS; q++) {
        float *packed;

        for (size_t t = 0; t < blocks; t++) {
            for (size_t i = 0; i < c->c_in; i++) {
                const float *w = c->kernel + NARROW_TAPS * t * tap + i * c->c_out;

                dst = u + i * wide + t * c->c_out;
                for (size_t o = 0; o < c->c_out; o++)
                    dst[o] = (float)narrow_weight(w + o, tap, q);
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
    c->run[0] = (struct nn_run){
        0, (ptrdiff_t)((c->len + NARROW_OUTPUTS - 1) / NARROW_OUTPUTS * NARROW_OUTPUTS),
        NARROW_OUTPUTS
    };
    c->scratch = NARROW_POINTS * (NARROW_ROWS * v_stride(c) + z_rows(c) * z_width(c));
}

/* The two rows of B of a pair: x E(x^2) +- p E(x^2). */
static inline __attribute__((always_inline)) void
narrow_pair(float *v, size_t v_step, const VEC x[], const float e[], const float p)
{
    VEC odd = vec_mul(vec_const(e[0]), x[1]), even = vec_mul(vec_const(p * e[0]), x[0]);

    UNROLL(4)
    for (size_t i = 1; i < NARROW_PAIRS; i++) {
        odd = vec_fma(vec_const(e[i]), x[2 * i + 1], odd);
        even = vec_fma(vec_const(p * e[i]), x[2 * i], even);
    }
    vec_storeu(v, vec_add(odd, even));
    vec_storeu(v + v_step, vec_sub(odd, even));
}

/* V of one row; of its nine inputs the first n exist, the others are zero. */
static inline __attribute__((always_inline)) void
narrow_transform(float *v, size_t v_step, const float *src, size_t n, size_t c_in, const bool relu)
{
    for (size_t i = 0; i < c_in; i += LANES) {
        VEC x[NARROW_POINTS], sum;

        UNROLL(9)
        for (size_t q = 0; q < NARROW_POINTS; q++)
            x[q] = q < n ? load_input(src + q * c_in + i, c_in - i, relu) : vec_zero();
        UNROLL(4)
        for (size_t pair = 0; pair < NARROW_PAIRS; pair++)
            narrow_pair(v + 2 * pair * v_step + i, v_step, x, narrow_others[pair],
                        narrow_point[pair]);
        sum = vec_mul(vec_const(narrow_all[0]), x[0]);
        UNROLL(4)
        for (size_t q = 1; q <= NARROW_PAIRS; q++)
            sum = vec_fma(vec_const(narrow_all[q]), x[2 * q], sum);
        vec_storeu(v + 2 * NARROW_PAIRS * v_step + i, sum);
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
            size_t j = NARROW_OUTPUTS * (first + done + r), exist = j < n_x ? n_x - j : 0;

            if (c->relu_in)
                narrow_transform(scratch + r * stride, step, x + j * c->c_in, exist, c->c_in, true);
            else
                narrow_transform(scratch + r * stride, step, x + j * c->c_in, exist, c->c_in, false);
        }
        for (size_t q = 0; q < NARROW_POINTS; q++)
            for (size_t p = 0; p < width; p += NR)
                product_rows(z + (q * z_rows(c) + done) * width + p, width, scratch + q * step,
                             stride, c->c_in,
                             c->transformed + (q * width + p) * c->c_in, rows, CHAIN);
    }
}

/* M of one point and channel for n rows J side by side: each is one chain of additions. */
static inline __attribute__((always_inline)) void
narrow_diagonal(float *m, const float *z, const struct nn_conv *c, const size_t n)
{
    size_t width = z_width(c), blocks = c->k / NARROW_TAPS;
    float sum[8] = { 0 };

    for (size_t t = 0; t < blocks; t++)
        UNROLL(8)
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

/* Five columns of one channel, as far as there are columns: A has the points' powers 0 to 4. */
static inline void
narrow_outputs(float *y, const float *residual, const struct nn_conv *c, const float m[][8],
               size_t i, size_t column, size_t o)
{
    float s1 = m[0][i] + m[1][i], s2 = m[2][i] + m[3][i], s3 = m[4][i] + m[5][i];
    float d1 = m[0][i] - m[1][i], d2 = m[2][i] - m[3][i], d3 = m[4][i] - m[5][i];
    float s4 = m[6][i] + m[7][i], d4 = m[6][i] - m[7][i];
    float v[NARROW_OUTPUTS] = {
        (s1 + s2) + (s3 + s4),
        (d1 + 2 * d2) + (0.5f * d3 + 0.25f * d4),
        (s1 + 4 * s2) + (0.25f * s3 + 0.0625f * s4),
        (d1 + 8 * d2) + (0.125f * d3 + 0.015625f * d4),
        (s1 + 16 * s2) + (0.0625f * s3 + 0.00390625f * s4) + m[8][i],
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
                narrow_outputs(y, residual, c, m, i, NARROW_OUTPUTS * (j + from + i), o);
        }
    }
}

static void
conv_narrow(float *y, const float *x, const float *residual, const struct nn_conv *conv, size_t lo,
            size_t hi, float *scratch, struct nn_part part)
{
    /* Count columns from lo, the begin of a group. */
    struct nn_conv here = *conv, *c = &here;
    size_t overlap = c->k / NARROW_TAPS - 1, width = z_width(c), filled = 0;
    size_t n = (hi - lo + NARROW_OUTPUTS - 1) / NARROW_OUTPUTS;
    size_t j = n * part.i / part.n, end = n * (part.i + 1) / part.n;
    float *z = scratch + NARROW_POINTS * NARROW_ROWS * v_stride(c);

    c->len -= lo;
    x += lo * c->c_in;
    y += lo * c->c_out;
    if (residual)
        residual += lo * c->c_out;
    for (size_t rows, first, last; j < end; j += rows) {
        rows = end - j < NARROW_BLOCK ? end - j : NARROW_BLOCK;
        narrow_products(z + filled * width, x, c, j + filled, rows + overlap - filled, scratch);
        narrow_columns(y, residual, c, z, j, rows);
        first = NARROW_OUTPUTS * j;
        last = NARROW_OUTPUTS * (j + rows);
        activate_columns(y + first * c->c_out, c, (last < c->len ? last : c->len) - first);
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
