/* SPDX-License-Identifier: MIT */
#include "nn/net_plan.h"

#include <assert.h>

#include "nn/layout.h"

struct nn_range
span_clip(struct nn_span s, size_t len)
{
    if (s.lo < 0)
        s.lo = 0;
    if (s.hi > (ptrdiff_t)len)
        s.hi = (ptrdiff_t)len;
    if (span_is_empty(s))
        return (struct nn_range){ 0, 0 };
    return (struct nn_range){ (size_t)s.lo, (size_t)s.hi };
}

struct nn_span
span_unite(struct nn_span a, struct nn_span b)
{
    if (span_is_empty(a))
        return b;
    if (span_is_empty(b))
        return a;
    return (struct nn_span){ a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi };
}

bool
nn_is_global(const struct nn_node *n)
{
    return n->kind == NN_MEAN || n->kind == NN_STATS || (n->kind == NN_CALL && n->call.global);
}

/* How many input columns beyond its own a node's column reads. */
static ptrdiff_t
reach(const struct nn_node *n)
{
    switch (n->kind) {
    case NN_STEM:
    case NN_CONV:
    case NN_DIAGONAL:
    case NN_DEPTHWISE:
        return (ptrdiff_t)((n->conv.k - 1) * n->conv.dilation);
    default:
        return 0;
    }
}

static struct nn_span
whole(size_t len)
{
    return (struct nn_span){ 0, (ptrdiff_t)len };
}

struct nn_span
nn_reads(const struct nn_node *n, struct nn_span out)
{
    ptrdiff_t stride = (ptrdiff_t)n->stride;

    switch (n->kind) {
    case NN_MEAN:
    case NN_STATS:
        return span_of(n->pool);
    case NN_MAX_POOL:
    case NN_SOFT_POOL:
        return (struct nn_span){ out.lo * stride, out.hi * stride };
    case NN_UPSAMPLE:
        return (struct nn_span){ out.lo / stride, (out.hi + stride - 1) / stride };
    case NN_CALL:
        return n->call.global ? span_of(n->pool) : out;
    default:
        return (struct nn_span){ out.lo - (ptrdiff_t)n->pad,
                                 out.hi - (ptrdiff_t)n->pad + reach(n) };
    }
}

struct nn_span
nn_reads_second(const struct nn_node *n, struct nn_span out)
{
    ptrdiff_t shift = (ptrdiff_t)n->shift;

    switch (n->kind) {
    case NN_GATE:
    case NN_NORMALIZE:
        return whole(1);
    case NN_SOFT_POOL:
    case NN_CALL:
        return nn_reads(n, out);
    default:
        return (struct nn_span){ out.lo + shift, out.hi + shift };
    }
}

/* Columns whose nn_reads meets the changed columns in. */
static struct nn_span
touched(const struct nn_node *n, struct nn_span in)
{
    ptrdiff_t stride = (ptrdiff_t)n->stride, pad = (ptrdiff_t)n->pad;

    if (nn_is_global(n))
        return in.lo < (ptrdiff_t)n->pool.hi && in.hi > (ptrdiff_t)n->pool.lo
                   ? whole(n->len) : (struct nn_span){ 0, 0 };
    switch (n->kind) {
    case NN_MAX_POOL:
    case NN_SOFT_POOL:
        return (struct nn_span){ in.lo / stride, (in.hi - 1) / stride + 1 };
    case NN_UPSAMPLE:
        return (struct nn_span){ in.lo * stride, in.hi * stride };
    default:
        return (struct nn_span){ in.lo + pad - reach(n), in.hi + pad };
    }
}

static struct nn_span
touched_by_second(const struct nn_node *n, struct nn_span in)
{
    ptrdiff_t shift = (ptrdiff_t)n->shift;

    switch (n->kind) {
    case NN_GATE:
    case NN_NORMALIZE:
        return whole(n->len);
    case NN_SOFT_POOL:
    case NN_CALL:
        return touched(n, in);
    default:
        return (struct nn_span){ in.lo - shift, in.hi - shift };
    }
}

struct nn_range
nn_round_to_groups(const struct nn_node *n, struct nn_range r)
{
    if (n->kind == NN_CONV && r.lo < r.hi)
        nn_layout_round(&n->conv, &r.lo, &r.hi);
    return r;
}

/* Columns of node i that read changed columns. */
static struct nn_range
spread_change(const struct net *net, int i, const struct nn_range *changed)
{
    const struct nn_node *n = &net->node[i];
    struct nn_span out = { 0, 0 }, in = span_of(changed[n->input]);

    if (!span_is_empty(in))
        out = touched(n, in);
    if (n->second >= 0 && changed[n->second].lo < changed[n->second].hi)
        out = span_unite(out, touched_by_second(n, span_of(changed[n->second])));
    return nn_round_to_groups(n, span_clip(out, n->len));
}

struct nn_range
nn_step_change(const struct net *net, int i, const struct nn_range *changed)
{
    const struct nn_node *n = &net->node[i];
    struct nn_range r = spread_change(net, i, changed);

    if (r.lo < n->need.lo)
        r.lo = n->need.lo;
    if (r.hi > n->need.hi)
        r.hi = n->need.hi;
    return r.lo < r.hi ? r : (struct nn_range){ 0, 0 };
}

struct nn_range
nn_usual_change(const struct net *net, int i)
{
    struct nn_range changed[NET_MAX_NODES];
    size_t middle = net->node[0].len / 2;

    changed[0] = (struct nn_range){ middle ? middle - 1 : 0, middle };
    for (int j = 1; j <= i; j++)
        changed[j] = spread_change(net, j, changed);
    return changed[i];
}

size_t
net_receptive_field(const struct net *net, int node)
{
    struct nn_span read[NET_MAX_NODES] = { { 0, 0 } };
    ptrdiff_t middle = (ptrdiff_t)(net->node[node].len / 2);
    struct nn_range field;

    read[node] = (struct nn_span){ middle, middle + 1 };
    for (int i = node; i > 0; i--) {
        const struct nn_node *n = &net->node[i];

        if (span_is_empty(read[i]))
            continue;
        read[n->input] = span_unite(read[n->input], nn_reads(n, read[i]));
        if (n->second >= 0)
            read[n->second] = span_unite(read[n->second], nn_reads_second(n, read[i]));
    }
    field = span_clip(read[0], net->node[0].len);
    return field.hi - field.lo;
}

bool
nn_is_inner(const struct net *net, int i)
{
    int s = net->node[i].stretch;

    return s >= 0 && (i != net->stretch[s].last || net->stretch[s].width == 0);
}

size_t
nn_node_floats(const struct net *net, int i)
{
    const struct nn_node *n = &net->node[i];

    if (n->kind == NN_INPUT || nn_is_inner(net, i))
        return 0;
    return (n->before + n->len + n->after + NN_SLACK_COLUMNS) * n->channels;
}

static size_t
at_least(size_t a, ptrdiff_t b)
{
    return b > 0 && (size_t)b > a ? (size_t)b : a;
}

/* Zero columns that the readers of every node expect before and behind it. */
static void
plan_margins(struct net *net)
{
    for (int i = 0; i < net->n_node; i++)
        net->node[i].before = net->node[i].after = 0;
    for (int i = 1; i < net->n_node; i++) {
        const struct nn_node *n = &net->node[i];
        struct nn_node *in = &net->node[n->input];
        struct nn_span reads = nn_reads(n, whole(n->len));

        in->before = at_least(in->before, -reads.lo);
        in->after = at_least(in->after, reads.hi - (ptrdiff_t)in->len);
    }
}

static void
plan_volatile(struct net *net)
{
    for (int i = 1; i < net->n_node; i++) {
        struct nn_node *n = &net->node[i];
        const struct nn_node *in = &net->node[n->input];
        const struct nn_node *second = n->second < 0 ? NULL : &net->node[n->second];

        n->is_volatile = in->is_volatile || nn_is_global(in) ||
                         (second && (second->is_volatile || nn_is_global(second)));
    }
}

/* The last node that reads node i, or n_node when it is wanted afterwards. */
static int
end_of_life(const struct net *net, int i)
{
    int last = net->node[i].wanted ? net->n_node : i;

    for (int j = i + 1; j < net->n_node; j++) {
        const struct nn_node *n = &net->node[j];
        int reader = j;

        if (n->input != i && n->second != i)
            continue;
        /* All tiles of a stretch read what its nodes read; on demand means after everything. */
        if (n->stretch >= 0 && n->stretch != net->node[i].stretch)
            reader = net->stretch[n->stretch].width ? net->stretch[n->stretch].last : net->n_node;
        last = reader > last ? reader : last;
    }
    return last;
}

/* Kept nodes have a buffer of their own; the others share, each sort among itself. */
enum sort { KEPT, VOLATILE, INNER };

static void
plan_slots(struct net *net)
{
    int busy_until[NET_MAX_NODES];
    enum sort sort_of[NET_MAX_NODES];

    assert(net->n_node <= NET_MAX_NODES);
    net->n_slot = 0;
    for (int i = 0; i < net->n_node; i++) {
        struct nn_node *n = &net->node[i];
        enum sort sort = nn_is_inner(net, i) ? INNER : n->is_volatile ? VOLATILE : KEPT;
        int slot = 0;

        while (slot < net->n_slot && (sort == KEPT || sort_of[slot] != sort ||
                                      busy_until[slot] >= i))
            slot++;
        if (slot == net->n_slot)
            sort_of[net->n_slot++] = sort;
        busy_until[slot] = end_of_life(net, i);
        n->slot = slot;
    }
}

void
net_plan(struct net *net)
{
    plan_margins(net);
    plan_volatile(net);
    plan_slots(net);
}
