/* SPDX-License-Identifier: MIT */
/* Portable reference of every operation: plain, in double, kept for ever. */
#include <math.h>
#include <string.h>

#include "kernels/attend_ref.h"
#include "nn/ops.h"

static void
pack_ref(struct nn_conv *c)
{
    (void)c;
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

                if (code < c->c_in)
                    sum += c->kernel[(t * c->c_in + code) * c->c_out + o];
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

static double
sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double
act_value(double x, enum nn_act act)
{
    switch (act) {
    case NN_LINEAR:
        break;
    case NN_ACT_RELU:
        return x > 0 ? x : 0;
    case NN_ACT_ELU:
        return x > 0 ? x : expm1(x);
    case NN_ACT_SIGMOID:
        return sigmoid(x);
    case NN_ACT_SILU:
        return x * sigmoid(x);
    case NN_ACT_GELU_TANH:
        return x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x));
    case NN_ACT_GELU_SIGMOID:
        return x * sigmoid(1.702 * x);
    case NN_ACT_SOFTPLUS:
        return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
    }
    return x;
}

static void
act_ref(float *y, const float *x, size_t n, enum nn_act act)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (float)act_value(x[i], act);
}

static void
exp_below_ref(double *y, const float *x, float most, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = exp(fmax((double)x[i] - most, -708));
}

static void
affine_ref(float *y, const float *x, const float *scale, const float *shift, size_t c, size_t lo,
           size_t hi)
{
    for (size_t j = lo; j < hi; j++)
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = (float)((double)x[j * c + i] * scale[i] + shift[i]);
}

static void
gate_ref(float *y, const float *x, const float *gate, size_t c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++)
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = x[j * c + i] * gate[i];
}

static void
depthwise_ref(float *y, const float *x, const struct nn_conv *c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t i = 0; i < c->c_in; i++) {
            double sum = c->bias[i];

            for (size_t t = 0; t < c->k; t++)
                sum += (double)x[(j + t * c->dilation) * c->c_in + i] * c->kernel[t * c->c_in + i];
            y[j * c->c_in + i] = (float)sum;
        }
    }
}

static void
max_pool_ref(float *y, const float *x, size_t width, size_t c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t i = 0; i < c; i++) {
            float most = x[j * width * c + i];

            for (size_t q = 1; q < width; q++)
                most = x[(j * width + q) * c + i] > most ? x[(j * width + q) * c + i] : most;
            y[j * c + i] = most;
        }
    }
}

static void
soft_pool_ref(float *y, const float *x, const float *z, size_t c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        for (size_t i = 0; i < c; i++) {
            size_t a = 2 * j * c + i, b = a + c;

            y[j * c + i] = (float)(x[b] + ((double)x[a] - x[b]) * sigmoid((double)z[a] - z[b]));
        }
    }
}

static void
stats_ref(float stats[2], const float *x, size_t n, double eps)
{
    double sum = 0, squares = 0, mean;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    stats[0] = (float)mean;
    stats[1] = (float)(1 / sqrt(squares / (double)n + eps));
}

static void
normalize_ref(float *y, const float *x, const float stats[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - stats[0]) * stats[1];
}

static void
layer_norm_ref(float *y, const float *x, const float *scale, const float *shift, double eps,
               size_t c, size_t lo, size_t hi)
{
    for (size_t j = lo; j < hi; j++) {
        float stats[2];

        stats_ref(stats, x + j * c, c, eps);
        for (size_t i = 0; i < c; i++)
            y[j * c + i] = (float)(((double)x[j * c + i] - stats[0]) * stats[1] * scale[i] +
                                   shift[i]);
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
    ops->act = act_ref;
    ops->exp_below = exp_below_ref;
    ops->affine = affine_ref;
    ops->gate = gate_ref;
    ops->depthwise = depthwise_ref;
    ops->max_pool = max_pool_ref;
    ops->soft_pool = soft_pool_ref;
    ops->stats = stats_ref;
    ops->normalize = normalize_ref;
    ops->layer_norm = layer_norm_ref;
    ops->pack_attention = nn_pack_attention_ref;
    ops->attend = nn_attend_ref;
}
