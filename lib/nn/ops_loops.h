/* SPDX-License-Identifier: MIT */
/*
 * The operations that are memory-bound or nearly so, as plain loops over channels.  Each
 * instruction-set file includes this once, so that the compiler vectorises them with its flags;
 * lanes are different channels, never parts of one sum, so every width gives the same bits.
 */
#ifndef PT_NN_OPS_LOOPS_H
#define PT_NN_OPS_LOOPS_H

#include <string.h>

#include "nn/ops.h"

/* Channels summed at a time: accumulators stay in registers or L1. */
enum { CHANNEL_BLOCK = 64 };

static void
stem_loop(float *restrict y, const uint8_t *codes, const struct nn_conv *c, size_t lo, size_t hi)
{
    size_t n_out = c->c_out;

    for (size_t j = lo; j < hi; j++) {
        for (size_t o = 0; o < n_out; o += CHANNEL_BLOCK) {
            size_t n = n_out - o < CHANNEL_BLOCK ? n_out - o : CHANNEL_BLOCK;
            float sum[CHANNEL_BLOCK] = { 0 };

            for (size_t t = 0; t < c->k; t++) {
                uint8_t code = codes[j + t * c->dilation];
                const float *restrict row = c->kernel + (t * 4 + code) * n_out + o;

                if (code >= 4)
                    continue;
                if (n == CHANNEL_BLOCK)
                    for (size_t i = 0; i < CHANNEL_BLOCK; i++)
                        sum[i] += row[i];
                else
                    for (size_t i = 0; i < n; i++)
                        sum[i] += row[i];
            }
            for (size_t i = 0; i < n; i++) {
                float v = sum[i] + c->bias[o + i];

                y[j * n_out + o + i] = c->relu && v < 0 ? 0 : v;
            }
        }
    }
}

static void
relu_loop(float *restrict y, const float *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

static void
diagonal_loop(float *restrict y, const float *restrict p, const float *bias, size_t k,
              size_t c_out, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t o = 0; o < c_out; o++) {
            float sum = 0;

            for (size_t t = 0; t < k; t++)
                sum += p[(j + t) * k * c_out + t * c_out + o];
            y[j * c_out + o] = sum + bias[o];
        }
    }
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

static void
add_loops(struct nn_ops *ops)
{
    ops->stem = stem_loop;
    ops->relu = relu_loop;
    ops->diagonal = diagonal_loop;
    ops->mean = mean_loop;
}

#endif
