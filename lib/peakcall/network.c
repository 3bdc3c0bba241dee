/* SPDX-License-Identifier: MIT */
#include "peakcall/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peakcall/network_inside.h"
#include "prog/mem.h"

void
peak_params_free(struct peak_params *p)
{
    for (size_t i = 0; i < p->n_scales; i++) {
        if (p->scale_kernel)
            free(p->scale_kernel[i]);
        if (p->scale_bias)
            free(p->scale_bias[i]);
    }
    free(p->scale_kernel);
    free(p->scale_bias);
    free(p->taps);
    free(p->combine_kernel);
    free(p->combine_bias);
    free(p->output_kernel);
    memset(p, 0, sizeof *p);
}

static void
free_conv(struct nn_conv *c)
{
    free(c->kernel);
    free(c->bias);
    free(c->packed);
    free(c->transformed);
}

void
peak_net_free(struct peak_net *net)
{
    if (!net)
        return;
    peak_params_free(&net->params);
    denoiser_free(&net->denoiser);
    free_conv(&net->wide);
    free_conv(&net->combine);
    free(net->features);
    free(net->hidden);
    free(net->input);
    free(net->scratch);
    free(net);
}

const struct peak_params *
peak_net_params(const struct peak_net *net)
{
    return &net->params;
}

const struct denoiser *
peak_net_denoiser(const struct peak_net *net)
{
    return net->denoiser.window ? &net->denoiser : NULL;
}

const char *
peak_net_sha256(const struct peak_net *net)
{
    return net->sha256;
}

void
peak_net_set(struct peak_net *net, double threshold, double temperature)
{
    if (!isnan(threshold))
        net->params.threshold = (float)threshold;
    if (!isnan(temperature))
        net->params.temperature = (float)temperature;
}

size_t
peak_net_halo(const struct peak_net *net)
{
    return net->halo;
}

static double
width_of(const struct peak_net *net)
{
    return fabs((double)net->params.temperature) + 1e-6;
}

static double
sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/*
 * All scales as one convolution: each kernel stands in the middle of the longest, zeros around it,
 * which add nothing.  Taps before and behind the middle position are before and behind.
 */
static void
join_scales(struct peak_net *net, size_t before, size_t behind)
{
    const struct peak_params *p = &net->params;
    const size_t f = p->filters, out = f * p->n_scales;
    struct nn_conv *c = &net->wide;

    c->k = before + behind + 1;
    c->c_in = 1;
    c->c_out = out;
    c->kernel = mem_array(c->k * out, sizeof *c->kernel);
    c->bias = mem_array(out, sizeof *c->bias);
    for (size_t i = 0; i < p->n_scales; i++) {
        const size_t shift = before - (p->taps[i] - 1) / 2;

        memcpy(c->bias + i * f, p->scale_bias[i], f * sizeof *c->bias);
        for (size_t t = 0; t < p->taps[i]; t++)
            memcpy(c->kernel + (t + shift) * out + i * f, p->scale_kernel[i] + t * f,
                   f * sizeof *c->kernel);
    }
}

static void
pack(struct peak_net *net, struct nn_conv *c, size_t len)
{
    c->dilation = 1;
    c->relu = true;
    c->len = c->usual_hi = len;
    net->ops.pack(c);
    if (c->scratch > net->n_scratch)
        net->n_scratch = c->scratch;
}

static float *
columns(size_t n, size_t channels)
{
    const size_t bytes = (n + NN_SLACK_COLUMNS) * channels * sizeof (float);
    float *p = mem_aligned(bytes);

    memset(p, 0, bytes);
    return p;
}

void
peak_net_prepare(struct peak_net *net)
{
    const struct peak_params *p = &net->params;
    struct nn_conv *c = &net->combine;
    size_t before = 0, behind = 0;

    for (size_t i = 0; i < p->n_scales; i++) {
        const size_t lo = (p->taps[i] - 1) / 2, hi = p->taps[i] - 1 - lo;

        before = lo > before ? lo : before;
        behind = hi > behind ? hi : behind;
    }
    join_scales(net, before, behind);
    net->before = before;
    net->halo = (before > behind ? before : behind) + 1;
    c->k = 3;
    c->c_in = net->wide.c_out;
    c->c_out = p->filters;
    c->kernel = mem_alloc(3 * c->c_in * c->c_out * sizeof *c->kernel);
    memcpy(c->kernel, p->combine_kernel, 3 * c->c_in * c->c_out * sizeof *c->kernel);
    c->bias = mem_alloc(c->c_out * sizeof *c->bias);
    memcpy(c->bias, p->combine_bias, c->c_out * sizeof *c->bias);
    pack(net, &net->wide, PEAK_PIECE + 2);
    pack(net, &net->combine, PEAK_PIECE);
    net->input = columns(PEAK_PIECE + 2 * net->halo + 1, 1);
    net->features = columns(PEAK_PIECE + 2, net->wide.c_out);
    net->hidden = columns(PEAK_PIECE, p->filters);
    net->scratch = mem_aligned((net->n_scratch + 16) * sizeof *net->scratch);
}

/* The combining layer is padded too: features outside of the track are zeros, not those of zeros. */
static void
clear_outside(struct peak_net *net, int64_t lo, int64_t n)
{
    const size_t c = net->wide.c_out;

    for (int64_t j = 0; j < PEAK_PIECE + 2; j++) {
        const int64_t at = lo - 1 + j;

        if (at < 0 || at >= n)
            memset(net->features + (size_t)j * c, 0, c * sizeof *net->features);
    }
}

void
peak_net_score(struct peak_net *net, float score[PEAK_PIECE], const float *x, int64_t lo, int64_t n)
{
    const struct peak_params *p = &net->params;
    const struct nn_part whole = { 0, 1 };

    /* Feature j is of position lo - 1 + j, whose first tap is before positions to the left. */
    memcpy(net->input, x + (net->halo - 1 - net->before),
           (PEAK_PIECE + 2 + net->wide.k - 1) * sizeof *x);
    net->ops.conv(net->features, net->input, NULL, &net->wide, 0, PEAK_PIECE + 2, net->scratch,
                  whole);
    if (lo == 0 || n - lo <= PEAK_PIECE)
        clear_outside(net, lo, n);
    net->ops.conv(net->hidden, net->features, NULL, &net->combine, 0, PEAK_PIECE, net->scratch,
                  whole);
    for (size_t j = 0; j < PEAK_PIECE; j++) {
        const float *h = net->hidden + j * p->filters;
        double sum = (double)p->output_bias;

        for (size_t i = 0; i < p->filters; i++)
            sum += (double)h[i] * (double)p->output_kernel[i];
        score[j] = (float)sum;
    }
}

double
peak_net_probability(const struct peak_net *net, float score)
{
    return sigmoid(((double)score - (double)net->params.threshold - 1e-10) / width_of(net));
}

void
peak_net_summits(const struct peak_net *net, double *summit, const float *score, int64_t first,
                 int64_t lo, int64_t hi, int64_t at, size_t n, int64_t width)
{
    const double t = width_of(net);
    const int64_t from = at - width / 2 > lo ? at - width / 2 : lo;
    const int64_t behind = at + (int64_t)n + width, to = behind < hi ? behind : hi;
    double *v = mem_array((size_t)(to - from), sizeof *v);

    for (int64_t i = from; i < to; i++)
        v[i - from] = (double)score[i - first] * peak_net_probability(net, score[i - first]) / t;
    for (int64_t i = at; i < at + (int64_t)n; i++) {
        const int64_t begin = i - width / 2 > from ? i - width / 2 : from;
        const int64_t stop = i - width / 2 + width < to ? i - width / 2 + width : to;
        double sum = 0;

        for (int64_t j = begin; j < stop; j++)
            sum += exp(v[j - from] - v[i - from]);
        summit[i - at] = 1 / sum;
    }
    free(v);
}

void
peak_net_edges(const struct peak_net *net, double *start, double *end, float left, float score,
               bool guide)
{
    const double d = guide ? (double)score - (double)left
                           : peak_net_probability(net, score) - peak_net_probability(net, left);
    const double t = guide ? width_of(net) : 0.1;

    *start = sigmoid((d - (guide ? 0 : 1e-10)) / t);
    *end = 1 - sigmoid((d + (guide ? 0 : 1e-10)) / t);
}
