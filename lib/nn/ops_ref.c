/* SPDX-License-Identifier: MIT */
/* Portable reference of every operation: plain, in double, kept for ever. */
#include <string.h>

#include "nn/ops.h"

static void
pack_ref(struct nn_conv *c)
{
    c->group = 1;
}

static float
finish(double sum, const struct nn_conv *c, const float *residual, size_t at, size_t o)
{
    sum += c->bias[o];
    if (c->relu && sum < 0)
        sum = 0;
    return (float)(residual ? sum + residual[at] : sum);
}

static void
conv_ref(float *y, const float *x, const float *residual, const struct nn_conv *c, size_t lo,
         size_t hi, float *scratch, struct nn_part part)
{
    (void)scratch;
    for (size_t j = lo + part.i; j < hi; j += part.n) {
        for (size_t o = 0; o < c->c_out; o++) {
            double sum = 0;

            for (size_t t = 0; t < c->k; t++) {
                const float *col = x + (j + t * c->dilation) * c->c_in;
                const float *w = c->kernel + t * c->c_in * c->c_out + o;

                for (size_t i = 0; i < c->c_in; i++)
                    sum += (double)col[i] * w[i * c->c_out];
            }
            y[j * c->c_out + o] = finish(sum, c, residual, j * c->c_out + o, o);
        }
    }
}

static void
stem_ref(float *y, const uint8_t *codes, const struct nn_conv *c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t o = 0; o < c->c_out; o++) {
            double sum = 0;

            for (size_t t = 0; t < c->k; t++) {
                uint8_t code = codes[j + t * c->dilation];

                if (code < 4)
                    sum += c->kernel[(t * 4 + code) * c->c_out + o];
            }
            y[j * c->c_out + o] = finish(sum, c, NULL, 0, o);
        }
    }
}

static void
relu_ref(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

static void
diagonal_ref(float *y, const float *p, const float *bias, size_t k, size_t c_out, size_t lo,
             size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t o = 0; o < c_out; o++) {
            double sum = bias[o];

            for (size_t t = 0; t < k; t++)
                sum += p[(j + t) * k * c_out + t * c_out + o];
            y[j * c_out + o] = (float)sum;
        }
    }
}

static void
mean_ref(float *y, const float *x, size_t len, size_t c_in)
{
    for (size_t i = 0; i < c_in; i++) {
        double sum = 0;

        for (size_t j = 0; j < len; j++)
            sum += x[j * c_in + i];
        y[i] = (float)(sum / (double)len);
    }
}

void
nn_ops_init_ref(struct nn_ops *ops)
{
    memset(ops, 0, sizeof *ops);
    ops->name = "ref";
    ops->pack = pack_ref;
    ops->conv = conv_ref;
    ops->stem = stem_ref;
    ops->relu = relu_ref;
    ops->diagonal = diagonal_ref;
    ops->mean = mean_ref;
}
