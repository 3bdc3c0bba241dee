/* SPDX-License-Identifier: MIT */
/* Building a network: nodes, their shapes, and what is wanted of them. */
#include "nn/net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nn/net_plan.h"
#include "prog/mem.h"

void
net_init(struct net *net, const struct nn_ops *ops)
{
    memset(net, 0, sizeof *net);
    net->ops = *ops;
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
net_free(struct net *net)
{
    for (int i = 0; i < net->n_node; i++) {
        free_conv(&net->node[i].conv);
        for (size_t j = 0; j < 2 * net->node[i].n_edge; j++)
            free_conv(&net->node[i].edge[j]);
        free(net->node[i].edge);
        free(net->node[i].scale);
        free(net->node[i].shift_by);
    }
    free(net->node);
    free(net->stretch);
    memset(net, 0, sizeof *net);
}

static int
add(struct net *net, enum nn_kind kind, int input, size_t len, size_t channels)
{
    struct nn_node *node;

    assert(input < net->n_node && len > 0);
    if (net->n_node == net->cap) {
        net->cap = net->cap ? 2 * net->cap : 16;
        net->node = mem_resize(net->node, (size_t)net->cap, sizeof *net->node);
    }
    node = &net->node[net->n_node];
    memset(node, 0, sizeof *node);
    node->kind = kind;
    node->input = input;
    node->second = -1;
    node->stretch = -1;
    node->len = len;
    node->channels = channels;
    return net->n_node++;
}

int
net_add_input(struct net *net, size_t len)
{
    return add(net, NN_INPUT, -1, len, 1);
}

static float *
or_zeros(float *bias, size_t n)
{
    return bias ? bias : mem_array(n, sizeof *bias);
}

/* c's channels are those of the output; same: padded to the length of the input. */
static int
add_conv(struct net *net, enum nn_kind kind, int input, const struct nn_conv *c, bool same)
{
    size_t len = net->node[input].len, lost = (c->k - 1) * c->dilation;
    int i;

    assert(same || len > lost);
    i = add(net, kind, input, same ? len : len - lost, c->c_out);
    net->node[i].conv = *c;
    net->node[i].conv.len = net->node[i].len;
    net->node[i].pad = same ? lost / 2 : 0;
    return i;
}

static int
add_stem(struct net *net, int input, struct nn_conv *c, bool same)
{
    int i;

    c->dilation = 1;
    c->bias = or_zeros(c->bias, c->c_out);
    if (net->ops.pack_stem)
        net->ops.pack_stem(c);
    i = add_conv(net, NN_STEM, input, c, same);
    net->macs += (uint64_t)net->node[i].len * c->k * c->c_in * c->c_out;
    return i;
}

int
net_add_stem_rows(struct net *net, int input, float *kernel, float *bias, size_t k, size_t c_rows,
                  size_t c_out, bool relu)
{
    struct nn_conv c = { .k = k, .c_in = c_rows, .c_out = c_out, .kernel = kernel, .bias = bias,
                         .relu = relu };

    return add_stem(net, input, &c, false);
}

int
net_add_stem(struct net *net, int input, float *kernel, float *bias, size_t k, size_t c_out,
             bool relu)
{
    return net_add_stem_rows(net, input, kernel, bias, k, 4, c_out, relu);
}

int
net_add_stem_same(struct net *net, int input, float *kernel, float *bias, size_t k, size_t c_rows,
                  size_t c_out)
{
    struct nn_conv c = { .k = k, .c_in = c_rows, .c_out = c_out, .kernel = kernel, .bias = bias };

    return add_stem(net, input, &c, true);
}

void
net_set_stem_edges(struct net *net, int stem, float *const *kernel, float *const *bias, size_t n)
{
    struct nn_node *node = &net->node[stem];

    assert(node->kind == NN_STEM && node->len > 2 * n && !node->edge);
    node->edge = mem_array(2 * n, sizeof *node->edge);
    node->n_edge = n;
    for (size_t i = 0; i < 2 * n; i++) {
        node->edge[i] = (struct nn_conv){ .k = node->conv.k, .dilation = 1,
                                          .c_in = node->conv.c_in, .c_out = node->conv.c_out,
                                          .kernel = kernel[i], .bias = bias[i] };
        if (net->ops.pack_stem)
            net->ops.pack_stem(&node->edge[i]);
    }
}

static int
add_full_conv(struct net *net, int input, struct nn_conv *c, bool same)
{
    struct nn_range usual;
    int i;

    c->c_in = net->node[input].channels;
    c->bias = or_zeros(c->bias, c->c_out);
    i = add_conv(net, NN_CONV, input, c, same);
    usual = nn_usual_change(net, i);
    c->len = net->node[i].len;
    c->usual_lo = usual.lo;
    c->usual_hi = usual.hi;
    if (net->direct && net->ops.pack_direct)
        net->ops.pack_direct(c);
    else
        net->ops.pack(c);
    net->node[i].conv = *c;
    net->macs += (uint64_t)net->node[i].len * c->k * c->c_in * c->c_out;
    if (net->scratch < c->scratch)
        net->scratch = c->scratch;
    return i;
}

int
net_add_conv(struct net *net, int input, float *kernel, float *bias, size_t k, size_t dilation,
             size_t c_out, bool relu)
{
    struct nn_conv c = { .k = k, .dilation = dilation, .c_out = c_out, .kernel = kernel,
                         .bias = bias, .relu = relu };

    return add_full_conv(net, input, &c, false);
}

int
net_add_conv_same(struct net *net, int input, float *kernel, float *bias, size_t k,
                  size_t dilation, size_t c_out)
{
    struct nn_conv c = { .k = k, .dilation = dilation, .c_out = c_out, .kernel = kernel,
                         .bias = bias };

    return add_full_conv(net, input, &c, true);
}

int
net_add_depthwise_same(struct net *net, int input, float *kernel, float *bias, size_t k,
                       size_t dilation)
{
    size_t channels = net->node[input].channels;
    struct nn_conv c = { .k = k, .dilation = dilation, .c_in = channels, .c_out = channels,
                         .kernel = kernel, .bias = or_zeros(bias, channels) };
    int i = add_conv(net, NN_DEPTHWISE, input, &c, true);

    net->macs += (uint64_t)net->node[i].len * k * channels;
    return i;
}

int
net_add_conv_of_relu(struct net *net, int input, float *kernel, float *bias, size_t k,
                     size_t dilation, size_t c_out)
{
    int i;

    if (!net->ops.reads_relu)
        return net_add_conv(net, net_add_relu(net, input), kernel, bias, k, dilation, c_out, false);
    i = net_add_conv(net, input, kernel, bias, k, dilation, c_out, false);
    net->node[i].conv.relu_in = true;
    return i;
}

static int
add_like(struct net *net, enum nn_kind kind, int input)
{
    return add(net, kind, input, net->node[input].len, net->node[input].channels);
}

int
net_add_relu(struct net *net, int input)
{
    return add_like(net, NN_RELU, input);
}

int
net_add_mean(struct net *net, int input, size_t lo, size_t hi)
{
    int i;

    assert(lo < hi && hi <= net->node[input].len);
    i = add(net, NN_MEAN, input, 1, net->node[input].channels);
    net->node[i].pool = (struct nn_range){ lo, hi };
    return i;
}

static int
add_narrow(struct net *net, int input, const float *kernel, float *bias, size_t k, size_t c_out,
           bool same)
{
    size_t c_in = net->node[input].channels, wide = k * c_out;
    float *turned = mem_array(c_in * wide, sizeof *turned);
    struct nn_conv c = { .k = k, .dilation = 1, .c_out = c_out, .bias = or_zeros(bias, c_out) };
    int i;

    if (net->ops.narrow && k % 5 == 0) {
        memcpy(turned, kernel, c_in * wide * sizeof *turned);
        c.kernel = turned;
        return add_full_conv(net, input, &c, same);
    }
    for (size_t t = 0; t < k; t++)
        for (size_t q = 0; q < c_in; q++)
            memcpy(turned + q * wide + t * c_out, kernel + (t * c_in + q) * c_out,
                   c_out * sizeof *turned);
    i = net_add_conv(net, input, turned, NULL, 1, 1, wide, false);
    return add_conv(net, NN_DIAGONAL, i, &c, same);
}

int
net_add_narrow_conv(struct net *net, int input, const float *kernel, float *bias, size_t k,
                    size_t c_out)
{
    return add_narrow(net, input, kernel, bias, k, c_out, false);
}

int
net_add_narrow_conv_same(struct net *net, int input, const float *kernel, float *bias, size_t k,
                         size_t c_out)
{
    return add_narrow(net, input, kernel, bias, k, c_out, true);
}

int
net_add_act(struct net *net, int input, enum nn_act act)
{
    int i = add_like(net, NN_ACT, input);

    net->node[i].act = act;
    return i;
}

int
net_add_affine(struct net *net, int input, float *scale, float *shift, enum nn_act act)
{
    int i = add_like(net, NN_AFFINE, input);

    net->node[i].scale = scale;
    net->node[i].shift_by = shift;
    net->node[i].act = act;
    return i;
}

int
net_add_layer_norm(struct net *net, int input, float *scale, float *shift, double eps)
{
    int i = add_like(net, NN_LAYER_NORM, input);

    net->node[i].scale = scale;
    net->node[i].shift_by = shift;
    net->node[i].eps = eps;
    return i;
}

static int
add_pool(struct net *net, enum nn_kind kind, int input, size_t width)
{
    int i = add(net, kind, input, net->node[input].len / width, net->node[input].channels);

    net->node[i].stride = width;
    return i;
}

int
net_add_max_pool(struct net *net, int input, size_t width)
{
    return add_pool(net, NN_MAX_POOL, input, width);
}

int
net_add_soft_pool(struct net *net, int input, int logits)
{
    int i = add_pool(net, NN_SOFT_POOL, input, 2);

    assert(net->node[logits].len == net->node[input].len);
    net->node[i].second = logits;
    return i;
}

int
net_add_upsample(struct net *net, int input, size_t times)
{
    int i = add(net, NN_UPSAMPLE, input, times * net->node[input].len, net->node[input].channels);

    net->node[i].stride = times;
    return i;
}

int
net_add_concat(struct net *net, int first, int second)
{
    int i = add(net, NN_CONCAT, first, net->node[first].len,
                net->node[first].channels + net->node[second].channels);

    assert(net->node[first].len == net->node[second].len);
    net->node[i].second = second;
    return i;
}

int
net_add_gate(struct net *net, int input, int gate)
{
    int i = add_like(net, NN_GATE, input);

    assert(net->node[gate].len == 1 && net->node[gate].channels == net->node[i].channels);
    net->node[i].second = gate;
    return i;
}

int
net_add_stats(struct net *net, int input, double eps)
{
    int i = add(net, NN_STATS, input, 1, 2);

    net->node[i].eps = eps;
    net->node[i].pool = (struct nn_range){ 0, net->node[input].len };
    return i;
}

int
net_add_normalize(struct net *net, int input, int stats)
{
    int i = add_like(net, NN_NORMALIZE, input);

    assert(net->node[stats].kind == NN_STATS);
    net->node[i].second = stats;
    return i;
}

int
net_add_call(struct net *net, int input, int second, size_t len, size_t channels,
             const struct nn_call *call, uint64_t macs)
{
    int i = add(net, NN_CALL, input, len, channels);

    assert(call->global || len == net->node[input].len);
    assert(second < 0 || net->node[second].len == net->node[input].len);
    net->node[i].second = second;
    net->node[i].call = *call;
    net->node[i].pool = (struct nn_range){ 0, net->node[input].len };
    net->macs += macs;
    if (net->scratch < call->scratch)
        net->scratch = call->scratch;
    return i;
}

void
net_set_residual(struct net *net, int node, int residual, size_t shift)
{
    struct nn_node *n = &net->node[node];

    assert(n->kind == NN_CONV && residual < node);
    assert(net->node[residual].channels == n->channels);
    assert(net->node[residual].len >= n->len + shift);
    n->second = residual;
    n->shift = shift;
}

void
net_set_act(struct net *net, int node, enum nn_act act)
{
    net->node[node].act = act;
}

void
net_add_stretch(struct net *net, int first, int last, size_t width)
{
    assert(first > 0 && first <= last && last < net->n_node);
    net->stretch = mem_resize(net->stretch, (size_t)net->n_stretch + 1, sizeof *net->stretch);
    net->stretch[net->n_stretch] = (struct nn_stretch){ first, last, width };
    for (int i = first; i <= last; i++) {
        assert((i == first || !nn_is_global(&net->node[i])) && net->node[i].stretch < 0);
        net->node[i].stretch = net->n_stretch;
    }
    net->n_stretch++;
}

/* Let node in be needed where columns reads of it are. */
static void
need(struct nn_node *in, struct nn_span reads)
{
    struct nn_range r = span_clip(span_unite(span_of(in->need), reads), in->len);

    in->need = r;
}

void
net_want(struct net *net, int node, size_t lo, size_t hi)
{
    net->node[node].wanted = true;
    need(&net->node[node], (struct nn_span){ (ptrdiff_t)lo, (ptrdiff_t)hi });
    for (int i = net->n_node - 1; i > 0; i--) {
        struct nn_node *n = &net->node[i];

        if (n->need.lo >= n->need.hi)
            continue;
        n->need = nn_round_to_groups(n, n->need);
        need(&net->node[n->input], nn_reads(n, span_of(n->need)));
        if (n->second >= 0)
            need(&net->node[n->second], nn_reads_second(n, span_of(n->need)));
    }
    net_plan(net);
}
