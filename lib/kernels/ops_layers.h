/* SPDX-License-Identifier: MIT */
/*
 * Normalisations, pooling, gates and depthwise convolutions as loops over channels.  Sums over
 * channels or over a plane run in SUMS fixed interleaved parts, added in order at the end, so that
 * vectors of any width give the same bits.
 */
#ifndef PT_NN_OPS_LAYERS_H
#define PT_NN_OPS_LAYERS_H

#include <math.h>

#include "kernels/ops_act.h"
#include "nn/ops.h"

enum { SUMS = 16 };

static void
affine_loop(float *restrict y, const float *restrict x, const float *restrict scale,
            const float *restrict shift, size_t c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++)
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = __builtin_fmaf(x[j * c + i], scale[i], shift[i]);
}

static void
gate_loop(float *restrict y, const float *restrict x, const float *restrict gate, size_t c,
          size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++)
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = x[j * c + i] * gate[i];
}

static void
depthwise_loop(float *restrict y, const float *restrict x, const struct nn_conv *c, size_t lo,
               size_t hi)
{
    size_t n = c->c_in;

    for (size_t j = lo; j < hi; j++) {
        float *restrict out = y + j * n;

        memcpy(out, c->bias, n * sizeof *out);
        for (size_t t = 0; t < c->k; t++) {
            const float *restrict in = x + (j + t * c->dilation) * n;
            const float *restrict w = c->kernel + t * n;

            for (size_t i = 0; i < n; i++)
                out[i] = __builtin_fmaf(in[i], w[i], out[i]);
        }
    }
}

static void
max_pool_loop(float *restrict y, const float *restrict x, size_t width, size_t c, size_t lo,
              size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        float *restrict out = y + j * c;

        memcpy(out, x + j * width * c, c * sizeof *out);
        for (size_t q = 1; q < width; q++) {
            const float *restrict in = x + (j * width + q) * c;

            for (size_t i = 0; i < c; i++)
                out[i] = in[i] > out[i] ? in[i] : out[i];
        }
    }
}

static void
soft_pool_loop(float *restrict y, const float *restrict x, const float *restrict z, size_t c,
               size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        const float *restrict a = x + 2 * j * c, *restrict za = z + 2 * j * c;

        for (size_t i = 0; i < c; i++)
            y[j * c + i] = __builtin_fmaf(a[i] - a[c + i], sigmoid_value(za[i] - za[c + i]),
                                          a[c + i]);
    }
}

/* Sum of (x[i] - mean)^power, power 1 or 2. */
static inline __attribute__((always_inline)) double
sum_parts(const float *restrict x, size_t n, double mean, const int power)
{
    double part[SUMS] = { 0 }, sum = 0;
    size_t i = 0;

    for (; i + SUMS <= n; i += SUMS) {
        for (size_t q = 0; q < SUMS; q++) {
            double d = (double)x[i + q] - mean;

            part[q] += power == 2 ? d * d : d;
        }
    }
    for (size_t q = 0; i < n; i++, q++) {
        double d = (double)x[i] - mean;

        part[q] += power == 2 ? d * d : d;
    }
    for (size_t q = 0; q < SUMS; q++)
        sum += part[q];
    return sum;
}

static void
stats_loop(float stats[2], const float *x, size_t n, double eps)
{
    double mean = sum_parts(x, n, 0, 1) / (double)n;

    stats[0] = (float)mean;
    stats[1] = (float)(1 / sqrt(sum_parts(x, n, mean, 2) / (double)n + eps));
}

static void
normalize_loop(float *restrict y, const float *restrict x, const float stats[2], size_t n)
{
    float mean = stats[0], inverse = stats[1];

    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * inverse;
}

static void
layer_norm_loop(float *restrict y, const float *restrict x, const float *restrict scale,
                const float *restrict shift, double eps, size_t c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        float stats[2];

        stats_loop(stats, x + j * c, c, eps);
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = __builtin_fmaf((x[j * c + i] - stats[0]) * stats[1], scale[i], shift[i]);
    }
}

static void
add_layers(struct nn_ops *ops)
{
    ops->act = act_loop;
    ops->affine = affine_loop;
    ops->gate = gate_loop;
    ops->depthwise = depthwise_loop;
    ops->max_pool = max_pool_loop;
    ops->soft_pool = soft_pool_loop;
    ops->stats = stats_loop;
    ops->normalize = normalize_loop;
    ops->layer_norm = layer_norm_loop;
}

#endif
