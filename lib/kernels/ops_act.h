/* SPDX-License-Identifier: MIT */
/*
 * Element-wise functions as branch-free loops that the compiler vectorises; every one goes through
 * one exponential.
 *
 *   exp(x) = 2^n exp(r),  n = x / ln 2 rounded,  r = x - n ln 2,  |r| <= ln 2 / 2
 *
 * with ln 2 in two parts and a polynomial of degree 6 for exp(r) - 1 (coefficients of Cephes'
 * expf, S. Moshier), below 2 ulp in all.  Arguments are held to +-87: what leaves that range is 0
 * or beyond every activation of a network.  Fused multiply-adds are written out, so AVX2 and
 * AVX-512 give the same bits.
 */
#ifndef PT_NN_OPS_ACT_H
#define PT_NN_OPS_ACT_H

#include <math.h>

#include "nn/ops.h"

/* exp(x) - 1 = scale * poly + (scale - 1); exp(x) = scale * poly + scale. */
static inline float
exp_parts(float x, float *scale)
{
    const float round = 12582912.0f;        /* 1.5 * 2^23: adding it rounds to a whole number */
    float n, r, p;
    int32_t bits;

    x = x < -87.0f ? -87.0f : x;
    x = x > 87.0f ? 87.0f : x;
    n = __builtin_fmaf(x, 1.44269504088896341f, round);
    memcpy(&bits, &n, sizeof bits);
    bits = (int32_t)(((uint32_t)bits + 127) << 23);
    memcpy(scale, &bits, sizeof bits);
    n -= round;
    r = __builtin_fmaf(n, -0.693359375f, x);
    r = __builtin_fmaf(n, 2.12194440e-4f, r);
    p = __builtin_fmaf(1.9875691500e-4f, r, 1.3981999507e-3f);
    p = __builtin_fmaf(p, r, 8.3334519073e-3f);
    p = __builtin_fmaf(p, r, 4.1665795894e-2f);
    p = __builtin_fmaf(p, r, 1.6666665459e-1f);
    p = __builtin_fmaf(p, r, 5.0000001201e-1f);
    return __builtin_fmaf(p, r * r, r);
}

static inline float
exp_value(float x)
{
    float scale, p = exp_parts(x, &scale);

    return __builtin_fmaf(p, scale, scale);
}

static inline float
expm1_value(float x)
{
    float scale, p = exp_parts(x, &scale);

    return __builtin_fmaf(p, scale, scale - 1);
}

static inline float
sigmoid_value(float x)
{
    return 1 / (1 + exp_value(-x));
}

static inline float
gelu_tanh_value(float x)
{
    float inner = __builtin_fmaf(0.044715f * x * x, x, x);

    return x * sigmoid_value(1.5957691216057308f * inner);
}

/* In double: it stands at the end of a network, where few values are asked for. */
static float
softplus_value(float x)
{
    return (float)((x > 0 ? x : 0) + log1p(exp(-fabs((double)x))));
}

/*
 * exp(x), -708 <= x <= 0, in double: the same steps, with ln 2 as fdlibm cuts it (the first part
 * times any n is exact) and the power series of exp(r) up to r^13 / 13!, whose remainder is 5e-18.
 */
static inline double
exp_double(double x)
{
    static const double inverse[] = {       /* 1 / k! */
        1, 1, 1 / 2.0, 1 / 6.0, 1 / 24.0, 1 / 120.0, 1 / 720.0, 1 / 5040.0, 1 / 40320.0,
        1 / 362880.0, 1 / 3628800.0, 1 / 39916800.0, 1 / 479001600.0, 1 / 6227020800.0,
    };
    const double round = 6755399441055744.0;        /* 1.5 * 2^52 */
    double n, r, p, scale;
    uint64_t bits;

    n = __builtin_fma(x, 1.4426950408889634, round);
    memcpy(&bits, &n, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&scale, &bits, sizeof bits);
    n -= round;
    r = __builtin_fma(n, -6.93147180369123816490e-01, x);
    r = __builtin_fma(n, -1.90821492927058770002e-10, r);
    p = inverse[13];
    UNROLL(13)
    for (int k = 12; k >= 0; k--)
        p = __builtin_fma(p, r, inverse[k]);
    return p * scale;
}

static void
exp_below_loop(double *y, const float *x, float most, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i] - most;

        y[i] = exp_double(v < -708 ? -708 : v);
    }
}

#define MAP(name, expression)                                                                     \
    static void name(float *y, const float *x, size_t n)                                          \
    {                                                                                             \
        for (size_t i = 0; i < n; i++) {                                                          \
            float v = x[i];                                                                       \
                                                                                                  \
            y[i] = expression;                                                                    \
        }                                                                                         \
    }

MAP(map_relu, v > 0 ? v : 0)
MAP(map_elu, v > 0 ? v : expm1_value(v))
MAP(map_sigmoid, sigmoid_value(v))
MAP(map_silu, v *sigmoid_value(v))
MAP(map_gelu_tanh, gelu_tanh_value(v))
MAP(map_gelu_sigmoid, v *sigmoid_value(1.702f * v))
MAP(map_softplus, softplus_value(v))

static void
act_loop(float *y, const float *x, size_t n, enum nn_act act)
{
    switch (act) {
    case NN_LINEAR:
        if (y != x)
            memcpy(y, x, n * sizeof *y);
        break;
    case NN_ACT_RELU:
        map_relu(y, x, n);
        break;
    case NN_ACT_ELU:
        map_elu(y, x, n);
        break;
    case NN_ACT_SIGMOID:
        map_sigmoid(y, x, n);
        break;
    case NN_ACT_SILU:
        map_silu(y, x, n);
        break;
    case NN_ACT_GELU_TANH:
        map_gelu_tanh(y, x, n);
        break;
    case NN_ACT_GELU_SIGMOID:
        map_gelu_sigmoid(y, x, n);
        break;
    case NN_ACT_SOFTPLUS:
        map_softplus(y, x, n);
        break;
    }
}

#endif
