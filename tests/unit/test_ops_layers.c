/* SPDX-License-Identifier: MIT */
/*
 * Element-wise functions and layers of every kernel set against double precision, written out here
 * anew; AVX2 and AVX-512 give the same bits.
 */
#include "check.h"
#include "nn/ops.h"
#include "prog/mem.h"
#include "rng/keyed.h"

static struct keyed_stream rng;

static double
expected_act(double x, enum nn_act act)
{
    double cube = x + 0.044715 * x * x * x;

    switch (act) {
    case NN_LINEAR:
        break;
    case NN_ACT_RELU:
        return fmax(x, 0);
    case NN_ACT_ELU:
        return x > 0 ? x : expm1(x);
    case NN_ACT_SIGMOID:
        return 1 / (1 + exp(-x));
    case NN_ACT_SILU:
        return x / (1 + exp(-x));
    case NN_ACT_GELU_TANH:
        return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * cube));
    case NN_ACT_GELU_SIGMOID:
        return x / (1 + exp(-1.702 * x));
    case NN_ACT_SOFTPLUS:
        return x > 30 ? x : log1p(exp(x));
    }
    return x;
}

/*
 * Below 5e-7 of the value (8e-7 with the cube of gelu-tanh), in steps that hit every rounding; of the functions x * sigmoid(...),
 * whose argument is rounded too, of the larger of the value and a thousandth of x.
 */
static void
test_act(const struct nn_ops *ops)
{
    enum { N = 200001 };
    static float x[N], y[N];

    for (size_t i = 0; i < N; i++)
        x[i] = (float)((double)i / 1000 - 100);
    for (int a = NN_LINEAR; a <= NN_ACT_SOFTPLUS; a++) {
        double worst = 0;
        size_t at = 0;

        ops->act(y, x, N, (enum nn_act)a);
        for (size_t i = 0; i < N; i++) {
            double want = expected_act(x[i], (enum nn_act)a), size = fabs(want), error;

            if (a == NN_ACT_SILU || a == NN_ACT_GELU_TANH || a == NN_ACT_GELU_SIGMOID)
                size = fmax(size, 1e-3 * fabs((double)x[i]));
            error = size > 1e-34 ? fabs(y[i] - want) / size : fabs((double)y[i]);
            if (!(error <= worst)) {
                worst = error;
                at = i;
            }
        }
        CHECK(worst <= (a == NN_ACT_GELU_TANH ? 8e-7 : 5e-7), "%s, function %d: off by %g at %g", ops->name, a, worst,
              (double)x[at]);
    }
}

static void
test_layers(const struct nn_ops *ops)
{
    enum { C = 37, LEN = 23 };
    static float x[(LEN + 8) * C], z[LEN * C], y[LEN * C], scale[C], shift[C];
    float stats[2];
    double mean = 0, var = 0;

    for (size_t i = 0; i < ARRAY_LEN(x); i++)
        x[i] = (float)((double)(keyed_next(&rng) >> 40) / (1 << 22) - 1.5);
    for (size_t i = 0; i < ARRAY_LEN(z); i++)
        z[i] = (float)((double)(keyed_next(&rng) >> 40) / (1 << 22) - 2);
    for (size_t i = 0; i < C; i++) {
        scale[i] = (float)(1 + 0.1 * (double)i);
        shift[i] = (float)(0.3 * (double)i - 4);
    }
    ops->stats(stats, x, LEN * C, 1e-3);
    for (size_t i = 0; i < LEN * C; i++)
        mean += x[i];
    mean /= LEN * C;
    for (size_t i = 0; i < LEN * C; i++)
        var += (x[i] - mean) * (x[i] - mean) / (LEN * C);
    CHECK(fabs(stats[0] - mean) < 1e-6, "%s: mean", ops->name);
    CHECK(fabs(stats[1] - 1 / sqrt(var + 1e-3)) < 1e-6, "%s: inverse deviation", ops->name);
    ops->soft_pool(y, x, z, C, 2, 11);
    for (size_t j = 2; j < 11; j++) {
        for (size_t i = 0; i < C; i++) {
            double a = exp(z[2 * j * C + i]), b = exp(z[(2 * j + 1) * C + i]);
            double want = (a * x[2 * j * C + i] + b * x[(2 * j + 1) * C + i]) / (a + b);

            CHECK(fabs(y[j * C + i] - want) < 2e-6, "%s: soft pool %zu, %zu", ops->name, j, i);
        }
    }
    ops->layer_norm(y, x, scale, shift, 1e-5, C, 3, 9);
    for (size_t j = 3; j < 9; j++) {
        double m = 0, v = 0;

        for (size_t i = 0; i < C; i++)
            m += x[j * C + i] / (double)C;
        for (size_t i = 0; i < C; i++)
            v += (x[j * C + i] - m) * (x[j * C + i] - m) / C;
        for (size_t i = 0; i < C; i++)
            CHECK(fabs(y[j * C + i] - ((x[j * C + i] - m) / sqrt(v + 1e-5) * scale[i] + shift[i])) <
                  1e-5, "%s: layer norm %zu, %zu", ops->name, j, i);
    }
    ops->max_pool(y, x, 3, C, 1, 7);
    for (size_t j = 1; j < 7; j++)
        for (size_t i = 0; i < C; i++)
            CHECK(y[j * C + i] == fmaxf(x[3 * j * C + i], fmaxf(x[(3 * j + 1) * C + i],
                                                                x[(3 * j + 2) * C + i])),
                  "%s: max pool %zu, %zu", ops->name, j, i);
}

/* All functions of one set, to compare sets by their bytes. */
static size_t
run_all(const struct nn_ops *ops, float *out)
{
    enum { N = 5000, C = 50, LEN = N / C };
    static float x[N];
    struct nn_conv c = { .k = 3, .dilation = 4, .c_in = C, .c_out = C, .kernel = x, .bias = x + 9 };
    size_t n = 0;

    for (size_t i = 0; i < N; i++)
        x[i] = (float)((double)keyed_hash(3, i, 0) / 1.2e18 - 8);
    for (int a = NN_LINEAR; a <= NN_ACT_SOFTPLUS; a++, n += N)
        ops->act(out + n, x, N, (enum nn_act)a);
    ops->affine(out + n, x, x + 50, x + 150, C, 0, LEN);
    n += N;
    ops->layer_norm(out + n, x, x + 50, x + 150, 1e-3, C, 0, LEN);
    n += N;
    ops->depthwise(out + n, x, &c, 0, LEN - 8);
    n += N - 8 * C;
    ops->soft_pool(out + n, x, x + N / 2, C, 0, LEN / 4);
    n += N / 4;
    ops->stats(out + n, x, N - 3, 1e-3);
    ops->normalize(out + n + 2, x, out + n, N);
    return (n + 2 + N) * sizeof *out;
}

int
main(void)
{
    static const char *const sets[] = { "ref", "avx2", "avx512" };
    static float first[80000], other[80000];
    bool has_first = false;

    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        struct nn_ops ops;
        struct err e;

        setenv("PERTRACK_KERNELS", sets[i], 1);
        keyed_stream_init(&rng, 5, 0);
        if (nn_ops_select(&ops, &e)) {
            printf("kernel set %s is not tested here: %s\n", sets[i], e.msg);
            continue;
        }
        test_act(&ops);
        test_layers(&ops);
        if (i == 0)
            continue;
        if (has_first) {
            size_t bytes = run_all(&ops, other);

            CHECK(memcmp(first, other, bytes) == 0, "avx2 and avx512 differ");
        } else {
            run_all(&ops, first);
            has_first = true;
        }
    }
    return check_done();
}
