/* SPDX-License-Identifier: MIT */
/*
 * Sei's convolutions: three stages of a linear and a rectified path, whose sum is pooled, and five
 * dilated residual layers (specification of the large oracles, 2.a).
 *
 * The first two convolutions of the linear path have nothing between them, so they are one of 17
 * taps on the one-hot sequence, which only adds rows.  At the ends the second sees the padding of
 * the first, zeros and not its bias: those columns have weights of their own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/sei.h"
#include "prog/mem.h"

enum { NAME = 120, POOL = 4, DILATED = 5 };

static const size_t dilation[DILATED] = { 2, 4, 8, 16, 25 };

/* Kernel K x C x O and bias of a layer; c_in 0 takes any. */
static int
take(struct kernel *k, float **bias, const struct weights *w, const char *layer, size_t c_in,
     struct err *e)
{
    char name[NAME];

    *k = (struct kernel){ .c_in = c_in };
    snprintf(name, sizeof name, "%s.weight", layer);
    if (large_kernel(k, w, name, AXES_TORCH, e))
        return -1;
    snprintf(name, sizeof name, "%s.bias", layer);
    *bias = large_vector(w, name, k->c_out, e);
    if (*bias && k->k % 2)
        return 0;
    if (*bias)
        err_set(e, "%s: layer '%s' has an even kernel of %zu taps; expected an odd one", w->path,
                layer, k->k);
    free(*bias);
    free(k->w);
    return -1;
}

static int
add_conv(struct net *net, int input, const struct weights *w, const char *layer, size_t dilate,
         bool relu, struct err *e)
{
    struct kernel k;
    float *bias;
    int i;

    if (take(&k, &bias, w, layer, net->node[input].channels, e))
        return -1;
    i = net_add_conv_same(net, input, k.w, bias, k.k, dilate, k.c_out);
    net->node[i].conv.relu = relu;
    return i;
}

/* All pairs of taps of both kernels: pair[second][first][code][O], sums over the middle channels. */
static double *
tap_pairs(const struct kernel *first, const struct kernel *second)
{
    size_t n_out = second->c_out;
    double *pair = mem_array(second->k * first->k * 4 * n_out, sizeof *pair), *to = pair;

    for (size_t t = 0; t < second->k; t++) {
        for (size_t row = 0; row < first->k * 4; row++, to += n_out) {
            const float *a = first->w + row * first->c_out;
            const float *b = second->w + t * second->c_in * n_out;

            for (size_t m = 0; m < first->c_out; m++)
                for (size_t o = 0; o < n_out; o++)
                    to[o] += (double)a[m] * b[m * n_out + o];
        }
    }
    return pair;
}

/* Bias of one convolution behind the other, of the second's taps [from, to) alone. */
static void
add_bias(double *sum, const float *first_bias, const struct kernel *second, size_t from, size_t to)
{
    for (size_t row = from * second->c_in; row < to * second->c_in; row++)
        for (size_t o = 0; o < second->c_out; o++)
            sum[o] += (double)first_bias[row % second->c_in] * second->w[row * second->c_out + o];
}

/* Both as one kernel, of the second's taps [from, to) alone. */
static void
compose(float **kernel, float **bias, const double *pair, const struct kernel *first,
        const float *first_bias, const struct kernel *second, const float *second_bias, size_t from,
        size_t to)
{
    size_t n_out = second->c_out, taps = first->k + second->k - 1, row = 4 * n_out;
    double *sum = mem_array(taps * row + n_out, sizeof *sum), *sum_bias = sum + taps * row;

    for (size_t t = from; t < to; t++)
        for (size_t i = 0; i < first->k * row; i++)
            sum[t * row + i] += pair[t * first->k * row + i];
    for (size_t o = 0; o < n_out; o++)
        sum_bias[o] = second_bias[o];
    add_bias(sum_bias, first_bias, second, from, to);
    *kernel = mem_array(taps * row, sizeof **kernel);
    *bias = mem_array(n_out, sizeof **bias);
    for (size_t i = 0; i < taps * row; i++)
        (*kernel)[i] = (float)sum[i];
    for (size_t o = 0; o < n_out; o++)
        (*bias)[o] = (float)sum_bias[o];
    free(sum);
}

/* "lconv1.0" and "lconv1.1" as one stem. */
static int
add_stem(struct net *net, int input, const struct weights *w, struct err *e)
{
    struct kernel first, second;
    float *first_bias, *second_bias, *kernel, *bias, **edge_kernel, **edge_bias;
    size_t half, taps;
    double *pair;
    int stem;

    if (take(&first, &first_bias, w, "lconv1.0", 4, e))
        return -1;
    if (take(&second, &second_bias, w, "lconv1.1", first.c_out, e)) {
        free(first.w);
        free(first_bias);
        return -1;
    }
    half = second.k / 2;
    taps = first.k + second.k - 1;
    pair = tap_pairs(&first, &second);
    compose(&kernel, &bias, pair, &first, first_bias, &second, second_bias, 0, second.k);
    stem = net_add_stem_same(net, input, kernel, bias, taps, 4, second.c_out);
    edge_kernel = mem_array(2 * half, sizeof *edge_kernel);
    edge_bias = mem_array(2 * half, sizeof *edge_bias);
    for (size_t i = 0; i < half; i++) {
        /* Column i has no columns before 0 to read, column len - half + i none from len on. */
        compose(&edge_kernel[i], &edge_bias[i], pair, &first, first_bias, &second, second_bias,
                half - i, second.k);
        compose(&edge_kernel[half + i], &edge_bias[half + i], pair, &first, first_bias, &second,
                second_bias, 0, second.k - 1 - i);
    }
    net_set_stem_edges(net, stem, edge_kernel, edge_bias, half);
    free(edge_kernel);
    free(edge_bias);
    free(pair);
    free(first.w);
    free(first_bias);
    free(second.w);
    free(second_bias);
    return stem;
}

/*
 * The rectified path of a stage on its linear path, plus that: the last of the two is where the
 * residual stands, behind the activation.
 */
static int
add_rectified(struct net *net, int linear, const struct weights *w, const char *first,
              const char *second, bool sum, struct err *e)
{
    int x = add_conv(net, linear, w, first, 1, true, e), y = -1;

    if (x >= 0)
        y = add_conv(net, x, w, second, 1, true, e);
    if (y >= 0 && net->node[y].channels != net->node[linear].channels) {
        err_set(e, "%s: layer '%s' has %zu output channels, and its linear path %zu; expected as "
                "many", w->path, second, net->node[y].channels, net->node[linear].channels);
        return -1;
    }
    if (y >= 0 && sum)
        net_set_residual(net, y, linear, 0);
    return y;
}

static int
add_linear(struct net *net, int input, const struct weights *w, const char *first,
           const char *second, struct err *e)
{
    int x = add_conv(net, net_add_max_pool(net, input, POOL), w, first, 1, false, e);

    return x < 0 ? -1 : add_conv(net, x, w, second, 1, false, e);
}

/* Columns of both inputs added up. */
static void
add_columns(void *context, float *y, const float *x, const float *second, size_t lo, size_t hi,
            float *scratch, struct nn_part part)
{
    size_t c = *(const size_t *)context;

    (void)scratch;
    for (size_t j = lo + part.i; j < hi; j += part.n)
        for (size_t i = j * c; i < (j + 1) * c; i++)
            y[i] = x[i] + second[i];
}

/*
 * The third stage's linear path enters the first dilated layer only, not the residual stream:
 * s = c3, d1 reads c3 + l3, s + d1 goes on.
 */
static int
add_dilated(struct sei_trunk *t, int c3, int l3, const struct weights *w, struct err *e)
{
    struct nn_call sum = { .run = add_columns, .context = &t->channels, .name = "sum" };
    struct net *net = &t->net;
    int x = c3, in;

    t->channels = net->node[c3].channels;
    in = net_add_call(net, c3, l3, net->node[c3].len, t->channels, &sum, 0);
    for (int i = 0; i < DILATED; i++) {
        char layer[NAME];
        int y;

        snprintf(layer, sizeof layer, "dconv%d.1", i + 1);
        y = add_conv(net, i ? x : in, w, layer, dilation[i], true, e);
        if (y < 0)
            return -1;
        if (net->node[y].channels != t->channels)
            return err_set(e, "%s: layer '%s' has %zu output channels, expected %zu", w->path,
                           layer, net->node[y].channels, t->channels);
        net_set_residual(net, y, x, 0);
        x = y;
    }
    return x;
}

int
sei_trunk_open(struct sei_trunk *t, size_t len, const struct weights *w,
               const struct nn_ops *ops, struct err *e)
{
    struct net *net = &t->net;
    int l, c;

    net_init(net, ops);
    l = add_stem(net, net_add_input(net, len), w, e);
    if (l < 0 || (c = add_rectified(net, l, w, "conv1.0", "conv1.2", true, e)) < 0)
        return -1;
    l = add_linear(net, c, w, "lconv2.2", "lconv2.3", e);
    if (l < 0 || (c = add_rectified(net, l, w, "conv2.1", "conv2.3", true, e)) < 0)
        return -1;
    /*
     * Three quarters of the weights for a quarter of the work: transformed they would take 170 MB
     * more, for a sixth of a pair's time.
     */
    net->direct = true;
    l = add_linear(net, c, w, "lconv3.2", "lconv3.3", e);
    if (l < 0 || (c = add_rectified(net, l, w, "conv3.1", "conv3.3", false, e)) < 0)
        return -1;
    t->end = add_dilated(t, c, l, w, e);
    if (t->end < 0)
        return -1;
    t->positions = net->node[t->end].len;
    net_want(net, t->end, 0, t->positions);
    return 0;
}
