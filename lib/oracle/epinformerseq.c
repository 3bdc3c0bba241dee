/* SPDX-License-Identifier: MIT */
/*
 * EPInformer-seq (version 2, one pair of networks per cell): torch zips of state dictionaries.
 *
 *   stem 21 to S, ELU; 1 tap to B, ELU; blocks j = 0..n-1 of x = ELU(norm(conv(x)) + x), 3 taps,
 *   dilation 2^j; the middle 1,024 columns: a profile of two channels by 1 tap, and from their mean
 *   two counts by dense, SiLU, dense
 *
 *   stem.{0,2}.{weight,bias}               blocks.<j>.conv.{weight,bias}
 *   profile_head.{weight,bias}             blocks.<j>.bn.{weight,bias,running_mean,running_var}
 *   count_head.{0,2}.{weight,bias}
 *
 * The main network (S 128, B 64) reads the window, 2,114 bp or in its earlier form 1,024 bp; the
 * bias network (64, 32) reads the middle 1,024 bp alone and gives only its profile.  Per channel c,
 *
 *   signal[c][t] = softmax over t of (main[c][t] + bias[c][t]) * 10^count[c]
 *
 * and over t in [384, 640) D = max of signal[0] (DNase 5' cut sites), H = max of signal[1]
 * (H3K27ac).  Tracks: Enhancer_DNase D, Enhancer_H3K27ac H, Enhancer_H3K27ac_DNase sqrt(D H), one
 * value each; or both signals, bin by bin.
 *
 * Where it differs from its siblings:
 *   - the softmax is over each channel alone, not over both
 *   - counts are 10^C; the target of training was log10(reads + 1), but 10^C - 1 is not what the
 *     published numbers are
 *   - the score is the largest value of 256 bins, not the sum of 501
 *   - every layer is padded with zeros: of the 1,024-bp networks the padding reaches the result, of
 *     the 2,114-bp one nothing that is kept
 *   - a window may hold 30 % N, not half
 *   - both strands' predictions can be averaged (off by default): signals, before the maxima
 *
 * Constants: pinellolab/chorus, oracles/epinformerseq_source (model.py, model_usage.py) and its
 * builder; normalisation epsilon PyTorch's 1e-5.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/net.h"
#include "oracle/tensors.h"
#include "prog/mem.h"

enum { SIGNAL = 1024, CENTRE_LO = 384, CENTRE_HI = 640, MAX_BLOCKS = 16, CHANNELS = 2 };

/* One of the two networks; the bias network's count head is not used. */
struct part {
    struct net net;
    int profile, pooled;
    size_t crop;                    /* columns before the 1,024 that are kept */
    struct oracle_conv count[2];
};

static size_t
count_blocks(const struct weights *w)
{
    size_t n = 0;

    while (n < MAX_BLOCKS && tensor_exists(w, "blocks.%zu.conv.weight", n))
        n++;
    return n;
}

static int
add_block(struct net *net, int *x, const struct weights *w, size_t j, struct err *e)
{
    size_t channels = net->node[*x].channels;
    struct oracle_conv c = { .c_in = channels, .c_out = channels };
    char conv[64], norm[64];
    int y;

    snprintf(conv, sizeof conv, "blocks.%zu.conv", j);
    snprintf(norm, sizeof norm, "blocks.%zu.bn", j);
    if (oracle_conv_take(&c, w, conv, e) || oracle_conv_fold_norm(&c, w, norm, e)) {
        oracle_conv_free(&c);
        return -1;
    }
    y = net_add_conv_same(net, *x, c.kernel, c.bias, c.k, (size_t)1 << j, c.c_out);
    net_set_residual(net, y, *x, 0);
    net_set_act(net, y, NN_ACT_ELU);
    *x = y;
    return 0;
}

static int
add_stem(struct net *net, int *x, const struct weights *w, struct err *e)
{
    struct oracle_conv wide = { .c_in = 4 }, narrow = { .k = 1 };

    if (oracle_conv_take(&wide, w, "stem.0", e))
        goto fail;
    narrow.c_in = wide.c_out;
    if (oracle_conv_take(&narrow, w, "stem.2", e))
        goto fail;
    *x = net_add_stem_same(net, *x, wide.kernel, wide.bias, wide.k, 4, wide.c_out);
    net_set_act(net, *x, NN_ACT_ELU);
    *x = net_add_conv_same(net, *x, narrow.kernel, narrow.bias, 1, 1, narrow.c_out);
    net_set_act(net, *x, NN_ACT_ELU);
    return 0;
fail:
    oracle_conv_free(&wide);
    oracle_conv_free(&narrow);
    return -1;
}

static int
add_heads(struct part *p, int x, const struct weights *w, bool counts, struct err *e)
{
    struct net *net = &p->net;
    struct oracle_conv profile = { .c_in = net->node[x].channels, .c_out = CHANNELS, .k = 1 };
    size_t lo = p->crop, hi = p->crop + SIGNAL;

    if (oracle_conv_take(&profile, w, "profile_head", e)) {
        oracle_conv_free(&profile);
        return -1;
    }
    p->profile = net_add_conv_same(net, x, profile.kernel, profile.bias, 1, 1, CHANNELS);
    net_want(net, p->profile, lo, hi);
    if (!counts)
        return 0;
    p->pooled = net_add_mean(net, x, lo, hi);
    net_want(net, p->pooled, 0, 1);
    p->count[0] = (struct oracle_conv){ .c_in = net->node[x].channels, .k = 1 };
    if (oracle_conv_take(&p->count[0], w, "count_head.0", e))
        return -1;
    p->count[1] = (struct oracle_conv){ .c_in = p->count[0].c_out, .c_out = CHANNELS, .k = 1 };
    return oracle_conv_take(&p->count[1], w, "count_head.2", e);
}

static int
build_part(struct part *p, const struct weights *w, size_t in_len, bool counts,
           const struct nn_ops *ops, struct err *e)
{
    size_t n = count_blocks(w);
    int x;

    net_init(&p->net, ops);
    p->crop = (in_len - SIGNAL) / 2;
    x = net_add_input(&p->net, in_len);
    if (add_stem(&p->net, &x, w, e))
        return -1;
    if (!n)
        return err_set(e, "%s: tensor 'blocks.0.conv.weight' is missing; is the file complete?",
                       w->path);
    for (size_t j = 0; j < n; j++)
        if (add_block(&p->net, &x, w, j, e))
            return -1;
    return add_heads(p, x, w, counts, e);
}

static void
free_part(struct part *p)
{
    net_free(&p->net);
    oracle_conv_free(&p->count[0]);
    oracle_conv_free(&p->count[1]);
}

/* Dense, SiLU, dense on the pooled columns, in double. */
static void
count_head(double count[CHANNELS], const struct part *p, const struct net_workspace *ws)
{
    const struct oracle_conv *a = &p->count[0], *b = &p->count[1];
    const float *pooled = net_output(&p->net, ws, p->pooled);

    for (size_t c = 0; c < CHANNELS; c++)
        count[c] = b->bias[c];
    for (size_t o = 0; o < a->c_out; o++) {
        double sum = a->bias[o];

        for (size_t i = 0; i < a->c_in; i++)
            sum += (double)pooled[i] * a->kernel[i * a->c_out + o];
        sum /= 1 + exp(-sum);
        for (size_t c = 0; c < CHANNELS; c++)
            count[c] += sum * b->kernel[o * CHANNELS + c];
    }
}
