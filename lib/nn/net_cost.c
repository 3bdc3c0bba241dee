/* SPDX-License-Identifier: MIT */
/* What a network's nodes are, and what running them cost. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nn/net_run.h"
#include "prog/mem.h"

void
net_measure(struct net_workspace *ws)
{
    ws->measures = true;
}

double
net_cost_start(const struct net_workspace *ws)
{
    struct timespec t;

    if (!ws->measures)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

const struct net_cost *
net_costs(const struct net_workspace *ws, const struct net *net)
{
    for (size_t i = 0; i < ws->n_measured; i++)
        if (ws->measured[i].net == net)
            return ws->measured[i].cost;
    return NULL;
}

void
net_cost_add(struct net_workspace *ws, const struct net *net, int node, double start,
             size_t columns)
{
    struct net_cost *c;

    if (!ws->measures)
        return;
    if (!net_costs(ws, net)) {
        mem_grow(&ws->measured, &ws->measured_cap, ws->n_measured + 1, sizeof *ws->measured);
        ws->measured[ws->n_measured++] =
            (struct measured){ net, mem_array((size_t)net->n_node, sizeof *c) };
    }
    c = (struct net_cost *)net_costs(ws, net);
    c[node].seconds += net_cost_start(ws) - start;
    c[node].columns += columns;
}

static const char *
act_name(enum nn_act act)
{
    static const char *const name[] = { "linear", "relu", "elu", "sigmoid", "silu", "gelu-tanh",
                                        "gelu-sigmoid", "softplus" };

    return name[act];
}

static void
describe_conv(const struct nn_node *n, char *text, size_t room)
{
    const struct nn_conv *c = &n->conv;

    snprintf(text, room, "%sconv, %zu tap%s, %zu to %zu, dilation %zu%s%s%s",
             c->relu_in ? "relu, " : "", c->k, c->k == 1 ? "" : "s", c->c_in, c->c_out,
             c->dilation, n->act ? ", " : "", n->act ? act_name(n->act) : "",
             c->transformed ? ", Winograd" : "");
}

void
net_describe_node(const struct net *net, int node, char *text, size_t room)
{
    const struct nn_node *n = &net->node[node];

    switch (n->kind) {
    case NN_INPUT:
        snprintf(text, room, "input");
        break;
    case NN_STEM:
        snprintf(text, room, "stem, %zu taps to %zu", n->conv.k, n->conv.c_out);
        break;
    case NN_CONV:
        describe_conv(n, text, room);
        break;
    case NN_RELU:
        snprintf(text, room, "relu, %zu", n->channels);
        break;
    case NN_ACT:
        snprintf(text, room, "%s, %zu", act_name(n->act), n->channels);
        break;
    case NN_DIAGONAL:
        snprintf(text, room, "diagonal sum, %zu taps to %zu", n->conv.k, n->channels);
        break;
    case NN_MEAN:
        snprintf(text, room, "mean, %zu", n->channels);
        break;
    case NN_AFFINE:
        snprintf(text, room, "affine, %s, %zu", act_name(n->act), n->channels);
        break;
    case NN_DEPTHWISE:
        snprintf(text, room, "depthwise, %zu taps, %zu, dilation %zu", n->conv.k, n->channels,
                 n->conv.dilation);
        break;
    case NN_MAX_POOL:
    case NN_SOFT_POOL:
        snprintf(text, room, "%s pool by %zu, %zu", n->kind == NN_MAX_POOL ? "max" : "softmax",
                 n->stride, n->channels);
        break;
    case NN_UPSAMPLE:
        snprintf(text, room, "upsample by %zu, %zu", n->stride, n->channels);
        break;
    case NN_CONCAT:
        snprintf(text, room, "concatenation to %zu", n->channels);
        break;
    case NN_GATE:
        snprintf(text, room, "gate, %zu", n->channels);
        break;
    case NN_STATS:
        snprintf(text, room, "statistics of the plane");
        break;
    case NN_NORMALIZE:
        snprintf(text, room, "normalisation of the plane, %zu", n->channels);
        break;
    case NN_LAYER_NORM:
        snprintf(text, room, "layer normalisation, %zu", n->channels);
        break;
    case NN_CALL:
        snprintf(text, room, "%s, %zu", n->call.name, n->channels);
        break;
    }
}

double
net_column_macs(const struct net *net, int node)
{
    const struct nn_node *n = &net->node[node];

    if (n->kind == NN_DEPTHWISE)
        return (double)n->conv.k * (double)n->conv.c_in;
    if (n->kind != NN_STEM && n->kind != NN_CONV)
        return 0;
    return (double)n->conv.k * (double)n->conv.c_in * (double)n->conv.c_out;
}

/* An input column is counted once, however many taps read it: the others find it in a cache. */
double
net_column_bytes(const struct net *net, int node)
{
    const struct nn_node *n = &net->node[node];
    const struct nn_node *in = n->input < 0 ? NULL : &net->node[n->input];
    double floats = (double)n->channels * (n->second < 0 ? 1 : 2);

    if (n->kind == NN_MEAN || n->kind == NN_STATS)
        return sizeof(float) * (double)(n->pool.hi - n->pool.lo) * (double)in->channels;
    if (n->kind == NN_STEM)
        return 1 + sizeof(float) * floats;
    return sizeof(float) * (floats + (in ? (double)in->channels : 0));
}
