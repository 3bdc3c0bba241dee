/* SPDX-License-Identifier: MIT */
/*
 * Cherimoya (CATv1): torch zips of a dict {config, state_dict}.
 *
 *   stem 21 to C and GELU; blocks j = 0..n-1 of
 *       depthwise convolution of 3 taps, dilation 2^j, no bias
 *       normalisation by mean and variance of the whole plane (all columns and channels)
 *       dense C to eC, GELU, dense eC to C, no biases; times the residual scale, added
 *   profile convolution of 75 taps, the middle L - 2 * trimming columns kept; the count from the
 *   mean over the same columns
 *
 *   iconv.{weight,bias}      (C, 4, 21), (C)         blocks.<j>.conv_weight      (3, C), left tap first
 *   fconv.{weight,bias}      (S, C, 75), (S)         blocks.<j>.linear1.weight   (eC, C)
 *   linear.{weight,bias}     (G, C), (G)             blocks.<j>.linear2.weight   (C, eC)
 *
 * Where it differs from its siblings:
 *   - padded with zeros throughout, and nothing can be cut off early: the normalisation reads all
 *     columns.  For the same reason an alternate allele is computed in full behind block 0's
 *     convolution, and neighbouring windows share nothing
 *   - the count is the mean of the kept 1,000 columns, not of the 1,074 that the profile reads
 *   - GELU (tanh form), dilations from 1 instead of 2, heads linear in the un-activated stream
 *   - controls are fed zero: they add nothing to the profile and log(0 + 1) = 0 to the count
 *   - expected counts are softmax * expm1, as for ChromBPNet; groups are tracks, and a group of two
 *     channels is two strands under one softmax
 *
 * Constants: plane epsilon 1e-3, residual scale 0.15 where the file does not say, trimming
 * 46 + sum of 2^j (jmschrei/cherimoya: cheri.py CONV_NORM_EPS, cherimoya.py constructor).  The
 * original on a GPU rounds the dense layers to bfloat16; this is its float32 form on a CPU.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/net.h"
#include "oracle/tensors.h"
#include "prog/mem.h"

static const double plane_eps = 1e-3, default_scale = 0.15;

enum { MAX_BLOCKS = 20, MAX_GROUPS = 64, TILE = 64 };

/* What the file says of its shape. */
struct shape {
    size_t filters, blocks, expansion, n_groups, trimming, in_len;
    double scale;                   /* of the residual */
    size_t strands[MAX_GROUPS];     /* channels of each group */
};

/* One fold's network and the dense count head, n_groups x filters. */
struct fold {
    struct net net;
    int profile, pooled;
    float *count_kernel;            /* filters x groups */
    float *count_bias;
};

static size_t
count_blocks(const struct weights *w)
{
    size_t n = 0;

    while (n < MAX_BLOCKS && tensor_exists(w, "blocks.%zu.linear1.weight", n))
        n++;
    return n;
}

/* The channels of each group: one unless the file says otherwise. */
static int
read_groups(struct shape *s, const struct weights *w, size_t n_channels, struct err *e)
{
    size_t sum = 0;

    if (s->n_groups > MAX_GROUPS)
        return err_set(e, "%s: %zu signal groups, more than the %d supported", w->path,
                       s->n_groups, MAX_GROUPS);
    for (size_t g = 0; g < s->n_groups; g++) {
        char name[32];
        double n = 1;

        snprintf(name, sizeof name, "signal_groups.%zu", g);
        if (!weights_attr_real(w, name, &n) && s->n_groups == 1)
            n = (double)n_channels;
        if (n != 1 && n != 2)
            return err_set(e, "%s: signal group %zu has %g channels, expected one or two strands",
                           w->path, g, n);
        s->strands[g] = (size_t)n;
        sum += s->strands[g];
    }
    if (sum != n_channels)
        return err_set(e, "%s: the signal groups have %zu channels, the profile convolution %zu",
                       w->path, sum, n_channels);
    return 0;
}

/* Numbers of the constructor; the shapes say most of them. */
static int
read_shape(struct shape *s, const struct weights *w, size_t in_len, struct err *e)
{
    const struct tensor *stem = weights_find(w, "iconv.weight");
    const struct tensor *wide = weights_find(w, "blocks.0.linear1.weight");
    const struct tensor *head = weights_find(w, "fconv.weight");
    const struct tensor *dense = weights_find(w, "linear.weight");
    double trimming;

    if (!stem || !wide || !head || !dense || stem->ndim != 3 || wide->ndim != 2 ||
        head->ndim != 3 || dense->ndim != 2 || !stem->shape[0] || wide->shape[0] % stem->shape[0])
        return err_set(e, "%s: a tensor of 'iconv', 'blocks.0.linear1', 'fconv', 'linear' is "
                       "missing or misshapen; is the file complete?", w->path);
    s->filters = stem->shape[0];
    s->blocks = count_blocks(w);
    s->expansion = wide->shape[0] / s->filters;
    s->n_groups = dense->shape[0];
    s->in_len = in_len;
    s->scale = default_scale;
    weights_attr_real(w, "residual_scale", &s->scale);
    trimming = (double)(45 + ((size_t)1 << s->blocks));
    weights_attr_real(w, "trimming", &trimming);
    if (!(trimming >= 0 && 2 * trimming < (double)in_len))
        return err_set(e, "%s: trimming of %g per side leaves nothing of %zu bp", w->path, trimming,
                       in_len);
    s->trimming = (size_t)trimming;
    return read_groups(s, w, head->shape[0], e);
}

/* Dense layer without bias, its output times factor. */
static int
take_dense(struct oracle_conv *c, const struct weights *w, size_t block, int which, double factor,
           struct err *e)
{
    char name[64];

    snprintf(name, sizeof name, "blocks.%zu.linear%d", block, which);
    if (oracle_conv_take(c, w, name, e))
        return -1;
    for (size_t i = 0; i < c->c_in * c->c_out; i++)
        c->kernel[i] = (float)(c->kernel[i] * factor);
    return 0;
}

/* The block behind node *x; its dense layers run in tiles that stay in the cache. */
static int
add_block(struct net *net, int *x, const struct weights *w, size_t j, const struct shape *s,
          struct err *e)
{
    struct oracle_conv wide = { .c_in = s->filters, .c_out = s->expansion * s->filters, .k = 1 };
    struct oracle_conv back = { .c_in = wide.c_out, .c_out = s->filters, .k = 1 };
    size_t shape[2] = { 3, s->filters };
    char name[64];
    float *taps;
    int y, first, last;

    snprintf(name, sizeof name, "blocks.%zu.conv_weight", j);
    if (!weights_find(w, name))
        snprintf(name, sizeof name, "blocks.%zu.conv.conv_weight", j);
    taps = tensor_take(w, name, shape, 2, e);
    if (!taps)
        return -1;
    y = net_add_depthwise_same(net, *x, taps, NULL, 3, (size_t)1 << j);
    first = net_add_normalize(net, y, net_add_stats(net, y, plane_eps));
    if (take_dense(&wide, w, j, 1, 1, e) || take_dense(&back, w, j, 2, s->scale, e)) {
        oracle_conv_free(&wide);
        oracle_conv_free(&back);
        return -1;
    }
    y = net_add_conv_same(net, first, wide.kernel, wide.bias, 1, 1, wide.c_out);
    net_set_act(net, y, NN_ACT_GELU_TANH);
    last = net_add_conv_same(net, y, back.kernel, back.bias, 1, 1, back.c_out);
    net_set_residual(net, last, *x, 0);
    net_add_stretch(net, first, last, TILE);
    *x = last;
    return 0;
}

static int
take_heads(struct oracle_conv *profile, struct oracle_conv *dense, const struct weights *w,
           const struct shape *s, struct err *e)
{
    profile->c_keep = dense->c_keep = s->filters;
    return oracle_conv_take(profile, w, "fconv", e) || oracle_conv_take(dense, w, "linear", e) ? -1
                                                                                            : 0;
}

static int
build_net(struct fold *f, const struct weights *w, const struct shape *s, struct err *e)
{
    struct oracle_conv stem = { .c_in = 4 }, profile = { 0 }, dense = { .k = 1 };
    struct net *net = &f->net;
    size_t lo = s->trimming, hi = s->in_len - s->trimming;
    int x, status = oracle_conv_take(&stem, w, "iconv", e);

    if (status == 0) {
        x = net_add_input(net, s->in_len);
        x = net_add_stem_same(net, x, stem.kernel, stem.bias, stem.k, 4, stem.c_out);
        net_set_act(net, x, NN_ACT_GELU_TANH);
        stem.kernel = stem.bias = NULL;
        for (size_t j = 0; j < s->blocks && status == 0; j++)
            status = add_block(net, &x, w, j, s, e);
    }
    if (status == 0)
        status = take_heads(&profile, &dense, w, s, e);
    if (status == 0) {
        f->profile = net_add_narrow_conv_same(net, x, profile.kernel, profile.bias, profile.k,
                                              profile.c_out);
        f->pooled = net_add_mean(net, x, lo, hi);
        f->count_kernel = dense.kernel;
        f->count_bias = dense.bias;
        profile.bias = dense.kernel = dense.bias = NULL;
        net_want(net, f->profile, lo, hi);
        net_want(net, f->pooled, 0, 1);
    }
    oracle_conv_free(&stem);
    oracle_conv_free(&profile);
    oracle_conv_free(&dense);
    return status;
}
