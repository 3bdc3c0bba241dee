/* SPDX-License-Identifier: MIT */
/*
 * Three-tap convolutions with fewer multiplications: Winograd's F(4, 3) and F(6, 3) along each
 * dilation phase.
 *
 * Columns j, j + d, ..., j + (m - 1) d of a convolution with dilation d read the m + 2 inputs
 * x[j], x[j + d], ..., x[j + (m + 1) d].  With
 *
 *   V = B x   (m + 2 combinations of the inputs, per channel)
 *   M = V U   (m + 2 products over the channels; U = G w, three taps to m + 2, at load time)
 *   y = A M   (m + 2 products to m outputs)
 *
 * they cost m + 2 multiplications instead of 3 m (Winograd 1980; Lavin and Gray, "Fast algorithms
 * for convolutional neural networks", 2016, whose interpolation points 0, 1, -1, 2, -2 and, for six
 * outputs, 1/2, -1/2 are used).
 *
 * A group is m d columns: d phases of m outputs.  Its inputs are m + 2 blocks of d consecutive
 * columns, so every transform is a sum of rows.  Rows (group, phase) are numbered through and taken
 * a block at a time: transform the inputs to scratch, then for each panel of channels and each of
 * the products run the register tile, then transform back with bias, activation and residual.
 *
 * The sum over channels is cut into chains of CHAIN, which are then added: the rounding error of
 * one long chain, which the transforms enlarge, is what would otherwise be most of the error
 * (relative rms at 512 channels: one chain 1.1e-6 F(4, 3) and 1.5e-6 F(6, 3), chains of 64 4.4e-7
 * and 6.2e-7, direct form 5.1e-7; nonnegative normal inputs, normal weights).  Shorter chains than
 * these cost more time than they are worth.
 *
 * All outputs of a row share their rounding, so whole groups are computed or nothing; columns
 * outside of the runs of groups (layout.h) take the direct form.
 */
#ifndef PT_NN_OPS_WINOGRAD_H
#define PT_NN_OPS_WINOGRAD_H

#include "nn/layout.h"
#include "nn/ops_tile.h"

enum { TAPS = 3, MAX_OUTPUTS = 6, MAX_POINTS = MAX_OUTPUTS + 2 };

/* With fewer channels the transforms cost more than the products save. */
enum { WINOGRAD_MIN_CHANNELS = 32 };

/* G of the two forms. */
static const double winograd_g4[][TAPS] = {
    { 1.0 / 4, 0, 0 },
    { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
    { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
    { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
    { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
    { 0, 0, 1 },
};
static const double winograd_g6[][TAPS] = {
    { 1, 0, 0 },
    { -2.0 / 9, -2.0 / 9, -2.0 / 9 },
    { -2.0 / 9, 2.0 / 9, -2.0 / 9 },
    { 1.0 / 90, 1.0 / 45, 2.0 / 45 },
    { 1.0 / 90, -1.0 / 45, 2.0 / 45 },
    { 32.0 / 45, 16.0 / 45, 8.0 / 45 },
    { 32.0 / 45, -16.0 / 45, 8.0 / 45 },
    { 0, 0, 1 },
};

/* Rows of transformed inputs are this far apart, so that they do not fall into one cache set. */
static inline size_t
v_stride(const struct nn_conv *c)
{
    return (c->c_in + LANES - 1) / LANES * LANES + LANES;
}

/* Room for the rows of a block, whose transformed inputs should stay in the second-level cache;
 * channels of a chain. */
enum { BLOCK = 24, CHAIN = 256 };

/* Up to FEW channels, smaller blocks leave their products, and the weights and inputs these are made
 * of, in the first-level cache. */
enum { FEW = 256, FEW_BLOCK = MR > 8 ? 16 : 18 };

static inline size_t
block_rows(const struct nn_conv *c)
{
    return c->c_in > FEW ? BLOCK : FEW_BLOCK;
}

static inline size_t
n_panels(size_t c_out)
{
    return (c_out + NR - 1) / NR;
}

/* Panels of U = G w, [panel][point][input channel][NR], in double and rounded once. */
static void
transform_kernel(float *u, const struct nn_conv *c, const double (*g)[TAPS], size_t points)
{
    size_t n = c->c_in * c->c_out;

    for (size_t p = 0; p < n_panels(c->c_out); p++) {
        size_t o = p * NR, width = c->c_out - o < NR ? c->c_out - o : NR;

        for (size_t q = 0; q < points; q++) {
            for (size_t i = 0; i < c->c_in; i++, u += NR) {
                const float *w = c->kernel + i * c->c_out + o;

                for (size_t x = 0; x < width; x++)
                    u[x] = (float)(g[q][0] * w[x] + g[q][1] * w[n + x] + g[q][2] * w[2 * n + x]);
                for (size_t x = width; x < NR; x++)
                    u[x] = 0;
            }
        }
    }
}

static size_t
form_floats(const struct nn_conv *c, size_t outputs)
{
    return (outputs + 2) * n_panels(c->c_out) * c->c_in * NR;
}

static bool
has_form(const struct nn_conv *c, size_t outputs)
{
    for (size_t r = 0; r < NN_RUNS; r++)
        if (c->run[r].outputs == outputs && c->run[r].lo < c->run[r].hi)
            return true;
    return false;
}

/* The weights of F(6, 3), if a run wants them, then those of F(4, 3). */
static void
pack_winograd(struct nn_conv *c)
{
    size_t six, four;

    if (c->k != TAPS || c->c_in < WINOGRAD_MIN_CHANNELS || c->c_out < WINOGRAD_MIN_CHANNELS) {
        pack_tile(c);
        return;
    }
    nn_layout_winograd(c);
    six = has_form(c, 6) ? form_floats(c, 6) : 0;
    four = has_form(c, 4) ? form_floats(c, 4) : 0;
    if (six + four) {
        c->transformed = mem_aligned((six + four) * sizeof *c->transformed);
        if (six)
            transform_kernel(c->transformed, c, winograd_g6, 8);
        if (four)
            transform_kernel(c->transformed + six, c, winograd_g4, 6);
        c->scratch = MAX_POINTS * BLOCK * (v_stride(c) + NR);
    }
    pack_tile(c);
}

static inline VEC
load_input(const float *x, size_t n, const bool relu)
{
    VEC v = n >= LANES ? vec_loadu(x) : vec_load_part(x, n);

    return relu ? vec_max0(v) : v;
}

/* B of F(4, 3): even and odd parts are shared by the points 1, -1 and by 2, -2. */
static inline __attribute__((always_inline)) void
transform4(float *v, size_t step, const VEC x[])
{
    const VEC two = vec_const(2), four = vec_const(4), five = vec_const(5);
    VEC even1 = vec_fnma(four, x[2], x[4]), odd1 = vec_fnma(four, x[1], x[3]);
    VEC even2 = vec_sub(x[4], x[2]), odd2 = vec_mul(two, vec_sub(x[3], x[1]));

    vec_storeu(v, vec_fma(four, x[0], vec_fnma(five, x[2], x[4])));
    vec_storeu(v + step, vec_add(even1, odd1));
    vec_storeu(v + 2 * step, vec_sub(even1, odd1));
    vec_storeu(v + 3 * step, vec_add(even2, odd2));
    vec_storeu(v + 4 * step, vec_sub(even2, odd2));
    vec_storeu(v + 5 * step, vec_fma(four, x[1], vec_fnma(five, x[3], x[5])));
}

/* B of F(6, 3). */
static inline __attribute__((always_inline)) void
transform6(float *v, size_t step, const VEC x[])
{
    const VEC half = vec_const(0.5f), quarter = vec_const(0.25f), two = vec_const(2);
    const VEC four = vec_const(4), five = vec_const(5), c54 = vec_const(1.25f);
    const VEC c52 = vec_const(2.5f), c174 = vec_const(4.25f), c214 = vec_const(5.25f);
    VEC even1 = vec_fnma(c174, x[4], vec_add(x[2], x[6]));
    VEC odd1 = vec_fnma(c174, x[3], vec_add(x[1], x[5]));
    VEC even2 = vec_fnma(c54, x[4], vec_fma(quarter, x[2], x[6]));
    VEC odd2 = vec_fma(two, x[5], vec_fnma(c52, x[3], vec_mul(half, x[1])));
    VEC even3 = vec_fnma(five, x[4], vec_fma(four, x[2], x[6]));
    VEC odd3 = vec_fma(half, x[5], vec_fnma(c52, x[3], vec_mul(two, x[1])));

    vec_storeu(v, vec_fma(c214, vec_sub(x[4], x[2]), vec_sub(x[0], x[6])));
    vec_storeu(v + step, vec_add(even1, odd1));
    vec_storeu(v + 2 * step, vec_sub(even1, odd1));
    vec_storeu(v + 3 * step, vec_add(even2, odd2));
    vec_storeu(v + 4 * step, vec_sub(even2, odd2));
    vec_storeu(v + 5 * step, vec_add(even3, odd3));
    vec_storeu(v + 6 * step, vec_sub(even3, odd3));
    vec_storeu(v + 7 * step, vec_fma(c214, vec_sub(x[3], x[5]), vec_sub(x[7], x[1])));
}

/* V = B x of one row: src points at the first input, step floats apart. */
static inline __attribute__((always_inline)) void
transform_row(float *v, size_t v_step, const float *src, size_t step, size_t n_in, const bool relu,
              const size_t outputs)
{
    for (size_t i = 0; i < n_in; i += LANES) {
        VEC x[MAX_POINTS];

#pragma GCC unroll 8
        for (size_t q = 0; q < outputs + 2; q++)
            x[q] = load_input(src + q * step + i, n_in - i, relu);
        if (outputs == 6)
            transform6(v + i, v_step, x);
        else
            transform4(v + i, v_step, x);
    }
}

/* First output column of row q, counted from the group that column base starts. */
static inline size_t
row_column(size_t base, size_t q, size_t dilation, size_t outputs)
{
    return base + q / dilation * outputs * dilation + q % dilation;
}

/* A chain of a product for rows x NR elements, put at m or added to what is there. */
static inline __attribute__((always_inline)) void
product(float *m, size_t m_stride, const float *v, size_t stride, size_t n_in, const float *w,
        const size_t rows, bool more)
{
    VEC lo[MR], hi[MR];

    accumulate(lo, hi, rows, v, stride, n_in, 1, 0, w, false);
    if (more) {
#pragma GCC unroll 16
        for (size_t r = 0; r < rows; r++) {
            lo[r] = vec_add(vec_loadu(m + r * m_stride), lo[r]);
            hi[r] = vec_add(vec_loadu(m + r * m_stride + LANES), hi[r]);
        }
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec_storeu(m + r * m_stride, lo[r]);
        vec_storeu(m + r * m_stride + LANES, hi[r]);
    }
}

typedef void product_fn(float *, size_t, const float *, size_t, size_t, const float *, bool);

#define PRODUCT(n)                                                                                \
    static void product_##n(float *m, size_t m_stride, const float *v, size_t stride,             \
                            size_t n_in, const float *w, bool more)                               \
    {                                                                                             \
        product(m, m_stride, v, stride, n_in, w, n, more);                                        \
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

/*
 * m[r][0 .. NR) = the sum over n_in channels of v[r][i] * w[i][0 .. NR), chain by chain.  The rows
 * are shared evenly among tiles: two of 8 are faster than one of 12 and one of 4.
 */
static void
product_rows(float *m, size_t m_stride, const float *v, size_t stride, size_t n_in, const float *w,
             size_t rows, size_t chain)
{
    size_t tiles = (rows + MR - 1) / MR, height = (rows + tiles - 1) / tiles;

    for (size_t i = 0; i < n_in; i += chain) {
        size_t n = n_in - i < chain ? n_in - i : chain;

        for (size_t r = 0; r < rows; r += height)
            product_of[rows - r < height ? rows - r : height](
                m + r * m_stride, m_stride, v + r * stride + i, stride, n, w + i * NR, i > 0);
    }
}

/* A of F(4, 3) for LANES channels of one row; m holds the products step floats apart. */
static inline __attribute__((always_inline)) void
combine4(VEC y[], const float *m, size_t step, VEC bias)
{
    const VEC two = vec_const(2), four = vec_const(4), eight = vec_const(8);
    VEC m1 = vec_add(vec_loadu(m + step), bias), m2 = vec_loadu(m + 2 * step);
    VEC m3 = vec_loadu(m + 3 * step), m4 = vec_loadu(m + 4 * step);
    VEC sum1 = vec_add(m1, m2), difference1 = vec_sub(m1, m2);
    VEC sum2 = vec_add(m3, m4), difference2 = vec_sub(m3, m4);

    y[0] = vec_add(vec_loadu(m), vec_add(sum1, sum2));
    y[1] = vec_fma(two, difference2, difference1);
    y[2] = vec_fma(four, sum2, sum1);
    y[3] = vec_add(vec_fma(eight, difference2, difference1), vec_loadu(m + 5 * step));
}

/* A of F(6, 3): powers of 1, 2 and 1/2. */
static inline __attribute__((always_inline)) void
combine6(VEC y[], const float *m, size_t step, VEC bias)
{
    VEC m1 = vec_add(vec_loadu(m + step), bias), m2 = vec_loadu(m + 2 * step);
    VEC m3 = vec_loadu(m + 3 * step), m4 = vec_loadu(m + 4 * step);
    VEC m5 = vec_loadu(m + 5 * step), m6 = vec_loadu(m + 6 * step);
    VEC sum1 = vec_add(m1, m2), difference1 = vec_sub(m1, m2);
    VEC sum2 = vec_add(m3, m4), difference2 = vec_sub(m3, m4);
    VEC sum3 = vec_add(m5, m6), difference3 = vec_sub(m5, m6);

    y[0] = vec_add(vec_add(vec_loadu(m), sum1), vec_add(sum2, sum3));
    y[1] = vec_fma(vec_const(0.5f), difference3,
                   vec_fma(vec_const(2), difference2, difference1));
    y[2] = vec_fma(vec_const(0.25f), sum3, vec_fma(vec_const(4), sum2, sum1));
    y[3] = vec_fma(vec_const(0.125f), difference3,
                   vec_fma(vec_const(8), difference2, difference1));
    y[4] = vec_fma(vec_const(0.0625f), sum3, vec_fma(vec_const(16), sum2, sum1));
    y[5] = vec_add(vec_fma(vec_const(0.03125f), difference3,
                           vec_fma(vec_const(32), difference2, difference1)),
                   vec_loadu(m + 7 * step));
}

/* A for the channels of one vector.  All powers of the point 1 are 1: what is added to its product,
 * the second, is added to every output. */
static inline __attribute__((always_inline)) void
combine(VEC y[], const float *m, size_t step, VEC bias, const size_t outputs)
{
    if (outputs == 6)
        combine6(y, m, step, bias);
    else
        combine4(y, m, step, bias);
}

/* Where the activation stands: in front of the residual, behind it, or nowhere (or elsewhere). */
enum relu { RELU_NONE, RELU_FIRST, RELU_LAST };

/*
 * The outputs of a row for LANES channels that all exist, columns step apart.  Everything is read
 * before anything is written: with wide dilations, columns lie multiples of 4096 bytes apart, and a
 * load waits for an earlier store to the same place in its page.
 */
static inline __attribute__((always_inline)) void
finish_whole(float *y, const float *residual, const float *m, size_t m_step, size_t step, VEC bias,
             const enum relu relu, const size_t outputs)
{
    VEC v[MAX_OUTPUTS];

    combine(v, m, m_step, bias, outputs);
    if (relu == RELU_FIRST)
#pragma GCC unroll 6
        for (size_t p = 0; p < outputs; p++)
            v[p] = vec_max0(v[p]);
    if (residual)
#pragma GCC unroll 6
        for (size_t p = 0; p < outputs; p++)
            v[p] = vec_add(v[p], vec_loadu(residual + p * step));
    if (relu == RELU_LAST)
#pragma GCC unroll 6
        for (size_t p = 0; p < outputs; p++)
            v[p] = vec_max0(v[p]);
#pragma GCC unroll 6
    for (size_t p = 0; p < outputs; p++)
        vec_storeu(y + p * step, v[p]);
}

/* The same where only n < NR channels exist. */
static inline __attribute__((always_inline)) void
finish_part(float *y, const float *residual, const float *m, size_t m_step, size_t step,
            const struct nn_conv *c, size_t o, const size_t outputs)
{
    size_t n = c->c_out - o, second = n > LANES ? n - LANES : 0;
    VEC lo[MAX_OUTPUTS], hi[MAX_OUTPUTS];

    combine(lo, m, m_step, vec_load_part(c->bias + o, n), outputs);
    combine(hi, m + LANES, m_step, vec_load_part(c->bias + o + LANES, second), outputs);
    for (size_t p = 0; p < outputs; p++)
        finish_row(y + p * step, lo[p], hi[p], NULL, residual ? residual + p * step : NULL,
                   c->relu, n);
}

/*
 * The rows of a block and the block behind it: first output columns, counted once because the
 * divisions take as long as a transform.
 */
struct winograd_block {
    size_t rows, next;              /* how many of each */
    size_t column[2 * BLOCK];
};

/* Up to size rows from on, of n in all, of the groups that begin at column base. */
static inline void
number_rows(struct winograd_block *b, size_t size, size_t base, size_t from, size_t n,
            size_t dilation, size_t outputs)
{
    size_t phase = from % dilation, at = base + from / dilation * outputs * dilation;
    size_t left = n - from;

    b->rows = left < size ? left : size;
    b->next = left - b->rows < size ? left - b->rows : size;
    for (size_t r = 0; r < b->rows + b->next; r++) {
        b->column[r] = at + phase;
        if (++phase == dilation) {
            phase = 0;
            at += outputs * dilation;
        }
    }
}

/*
 * Ask for a share, one of n, of what the rows will touch next in the channels of one panel: their
 * outputs, and the inputs of the rows one block further on.  The products in between take long
 * enough for it to arrive, and touch little else.
 */
static inline __attribute__((always_inline)) void
prefetch_rows(const float *y, const float *x, const struct nn_conv *c,
              const struct winograd_block *b, size_t share, size_t n, const size_t outputs)
{
    size_t first = b->rows * share / n, end = b->rows * (share + 1) / n;
    size_t out_step = c->dilation * c->c_out, in_step = c->dilation * c->c_in;

    for (size_t r = first; r < end; r++) {
        const float *out = y + b->column[r] * c->c_out;

#pragma GCC unroll 6
        for (size_t p = 0; p < outputs; p++, out += out_step) {
            __builtin_prefetch(out, 1, 2);
            __builtin_prefetch(out + 16, 1, 2);
        }
        if (r < b->next) {
            const float *in = x + b->column[b->rows + r] * c->c_in + 2 * in_step;

#pragma GCC unroll 6
            for (size_t p = 0; p < outputs; p++, in += in_step) {
                __builtin_prefetch(in, 0, 2);
                __builtin_prefetch(in + 16, 0, 2);
            }
        }
    }
}

/* The outputs of a block for NR channels that all exist. */
static inline __attribute__((always_inline)) void
finish_rows(float *y, const float *residual, const struct nn_conv *c, size_t o, const float *m,
            const struct winograd_block *b, const enum relu relu, const size_t outputs)
{
    size_t step = c->dilation * c->c_out;
    VEC lo = vec_loadu(c->bias + o), hi = vec_loadu(c->bias + o + LANES);

    for (size_t r = 0; r < b->rows; r++, m += NR) {
        size_t at = b->column[r] * c->c_out;
        const float *add = residual ? residual + at : NULL;

        finish_whole(y + at, add, m, BLOCK * NR, step, lo, relu, outputs);
        finish_whole(y + at + LANES, add ? add + LANES : NULL, m + LANES, BLOCK * NR, step, hi,
                     relu, outputs);
    }
}

/* Whether finish_rows takes the activation that comes last: a ReLU with panels that are all full. */
static inline bool
finishes_relu(const struct nn_conv *c)
{
    return c->act == NN_ACT_RELU && !c->relu && c->c_out % NR == 0;
}

/* The outputs of a block for the channels of the panel that begins at o. */
static inline __attribute__((always_inline)) void
finish_panel(float *y, const float *residual, const struct nn_conv *c, const float *m,
             const struct winograd_block *b, size_t o, const size_t outputs)
{
    const float *add = residual ? residual + o : NULL;

    if (c->c_out - o < NR)
        for (size_t r = 0; r < b->rows; r++)
            finish_part(y + b->column[r] * c->c_out + o,
                        add ? add + b->column[r] * c->c_out : NULL, m + r * NR, BLOCK * NR,
                        c->dilation * c->c_out, c, o, outputs);
    else if (c->relu && residual)
        finish_rows(y + o, add, c, o, m, b, RELU_FIRST, outputs);
    else if (c->relu)
        finish_rows(y + o, NULL, c, o, m, b, RELU_FIRST, outputs);
    else if (finishes_relu(c))
        finish_rows(y + o, add, c, o, m, b, RELU_LAST, outputs);
    else
        finish_rows(y + o, add, c, o, m, b, RELU_NONE, outputs);
}

/* The rows of a block. */
static inline __attribute__((always_inline)) void
winograd_rows(float *y, const float *x, const float *residual, const struct nn_conv *c,
              const float *weights, const struct winograd_block *b, float *scratch,
              const size_t outputs)
{
    size_t stride = v_stride(c), points = outputs + 2;
    float *v = scratch, *m = scratch + MAX_POINTS * BLOCK * stride;

    for (size_t r = 0; r < b->rows; r++) {
        const float *src = x + b->column[r] * c->c_in;
        size_t step = c->dilation * c->c_in;

        if (c->relu_in)
            transform_row(v + r * stride, BLOCK * stride, src, step, c->c_in, true, outputs);
        else
            transform_row(v + r * stride, BLOCK * stride, src, step, c->c_in, false, outputs);
    }
    for (size_t p = 0; p < n_panels(c->c_out); p++) {
        for (size_t q = 0; q < points; q++) {
            prefetch_rows(y + p * NR, x + p * NR, c, b, q, points, outputs);
            product_rows(m + q * BLOCK * NR, NR, v + q * BLOCK * stride, stride, c->c_in,
                         weights + (p * points + q) * c->c_in * NR, b->rows, CHAIN);
        }
        finish_panel(y, residual, c, m, b, p * NR, outputs);
    }
    for (size_t r = 0; r < b->rows && c->act != NN_LINEAR && !finishes_relu(c); r++)
        for (size_t p = 0; p < outputs; p++)
            activate_columns(y + (b->column[r] + p * c->dilation) * c->c_out, c, 1);
}

/* Whole groups [lo, hi) of a run; blocks are dealt out to the parts. */
static void
winograd_run(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
             size_t hi, size_t outputs, float *scratch, struct nn_part part)
{
    size_t n = (hi - lo) / outputs, size = block_rows(c);
    const float *four = c->transformed + (has_form(c, 6) ? form_floats(c, 6) : 0);

    for (size_t from = part.i * size; from < n; from += part.n * size) {
        struct winograd_block b;

        number_rows(&b, size, lo, from, n, c->dilation, outputs);
        if (outputs == 6)
            winograd_rows(y, x, residual, c, c->transformed, &b, scratch, 6);
        else
            winograd_rows(y, x, residual, c, four, &b, scratch, 4);
    }
}

static void
conv_winograd(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
              size_t hi, float *scratch, struct nn_part part)
{
    if (!c->transformed) {
        conv_tile(y, x, residual, c, lo, hi, scratch, part);
        return;
    }
    for (size_t r = 0; r <= NN_RUNS && lo < hi; r++) {
        size_t from = hi, to = hi;

        if (r < NN_RUNS && c->run[r].hi > (ptrdiff_t)lo && c->run[r].lo < (ptrdiff_t)hi) {
            from = c->run[r].lo > (ptrdiff_t)lo ? (size_t)c->run[r].lo : lo;
            to = c->run[r].hi < (ptrdiff_t)hi ? (size_t)c->run[r].hi : hi;
        } else if (r < NN_RUNS) {
            continue;
        }
        conv_tile(y, x, residual, c, lo, from, scratch, part);
        if (from < to)
            winograd_run(y, x, residual, c, from, to, c->run[r].outputs, scratch, part);
        lo = to;
        /* The next piece begins with the part after: those before may have had a block more. */
        part.i = (part.i + part.n - 1) % part.n;
    }
}

#endif
