/* SPDX-License-Identifier: MIT */
#include "nn/net.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "prog/mem.h"
#include "team.h"

/* A stretch of one node's activation as it was before net_change. */
struct saved {
    int node;
    struct nn_range range;
    size_t at;                  /* first float in the save area */
};

/* Costs of one network's nodes. */
struct measured {
    const struct net *net;
    struct net_cost *cost;
};

struct net_workspace {
    float **act;                /* per node, NN_SLACK_COLUMNS more than its length */
    size_t *act_cap;            /* floats */
    size_t n_act;
    struct saved *saved;
    size_t n_saved, saved_cap;
    float *area;
    size_t area_n, area_cap;
    struct team *team;          /* the threads of one window; NULL for the caller's alone */
    float *scratch;             /* of one operation: scratch_n floats for each of them */
    size_t scratch_n;
    bool measures;
    struct measured *measured;
    size_t n_measured, measured_cap;
};

void
net_init(struct net *net, const struct nn_ops *ops)
{
    memset(net, 0, sizeof *net);
    net->ops = *ops;
}

void
net_free(struct net *net)
{
    for (int i = 0; i < net->n_node; i++) {
        free(net->node[i].conv.kernel);
        free(net->node[i].conv.bias);
        free(net->node[i].conv.packed);
        free(net->node[i].conv.transformed);
    }
    free(net->node);
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
    node->residual = -1;
    node->len = len;
    node->channels = channels;
    return net->n_node++;
}

int
net_add_input(struct net *net, size_t len)
{
    return add(net, NN_INPUT, -1, len, 1);
}

static int
add_conv(struct net *net, enum nn_kind kind, int input, const struct nn_conv *c)
{
    size_t len = net->node[input].len, lost = (c->k - 1) * c->dilation;
    int i;

    assert(len > lost);
    i = add(net, kind, input, len - lost, c->c_out);
    net->node[i].conv = *c;
    net->macs += (uint64_t)(len - lost) * c->k * c->c_in * c->c_out;
    return i;
}

int
net_add_stem(struct net *net, int input, float *kernel, float *bias, size_t k, size_t c_out,
             bool relu)
{
    struct nn_conv c = { .k = k, .dilation = 1, .c_in = 4, .c_out = c_out, .kernel = kernel,
                         .bias = bias, .relu = relu };

    if (net->ops.pack_stem)
        net->ops.pack_stem(&c);
    return add_conv(net, NN_STEM, input, &c);
}

int
net_add_conv(struct net *net, int input, float *kernel, float *bias, size_t k, size_t dilation,
             size_t c_out, bool relu)
{
    struct nn_conv c = { .k = k, .dilation = dilation, .c_in = net->node[input].channels,
                         .c_out = c_out, .kernel = kernel, .bias = bias, .relu = relu };

    int i;

    net->ops.pack(&c);
    i = add_conv(net, NN_CONV, input, &c);
    net->node[i].conv.grouped = net->node[i].len / c.group * c.group;
    if (net->scratch < c.scratch)
        net->scratch = c.scratch;
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

int
net_add_relu(struct net *net, int input)
{
    return add(net, NN_RELU, input, net->node[input].len, net->node[input].channels);
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

int
net_add_narrow_conv(struct net *net, int input, const float *kernel, float *bias, size_t k,
                    size_t c_out)
{
    size_t c_in = net->node[input].channels, wide = k * c_out;
    float *turned = mem_array(c_in * wide, sizeof *turned);
    float *zero = mem_array(wide, sizeof *zero);
    int i;

    for (size_t t = 0; t < k; t++)
        for (size_t c = 0; c < c_in; c++)
            memcpy(turned + c * wide + t * c_out, kernel + (t * c_in + c) * c_out,
                   c_out * sizeof *turned);
    i = net_add_conv(net, input, turned, zero, 1, 1, wide, false);
    assert(net->node[i].len >= k);
    i = add(net, NN_DIAGONAL, i, net->node[i].len - (k - 1), c_out);
    net->node[i].conv = (struct nn_conv){ .k = k, .dilation = 1, .c_out = c_out, .bias = bias };
    return i;
}

void
net_set_residual(struct net *net, int node, int residual, size_t shift)
{
    struct nn_node *n = &net->node[node];

    assert(n->kind == NN_CONV && residual < node);
    assert(net->node[residual].channels == n->channels);
    assert(net->node[residual].len >= n->len + shift);
    n->residual = residual;
    n->shift = shift;
}

static bool
is_empty(struct nn_range r)
{
    return r.lo >= r.hi;
}

static struct nn_range
unite(struct nn_range a, struct nn_range b)
{
    if (is_empty(a))
        return b;
    if (is_empty(b))
        return a;
    return (struct nn_range){ a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi };
}

static struct nn_range
intersect(struct nn_range a, struct nn_range b)
{
    return (struct nn_range){ a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi };
}

/* A range of a node's columns widened to what must be computed together. */
static struct nn_range
round_to_groups(const struct nn_node *n, struct nn_range r)
{
    size_t group = n->kind == NN_CONV ? n->conv.group : 1;

    if (group <= 1 || is_empty(r))
        return r;
    if (r.lo < n->conv.grouped)
        r.lo = r.lo / group * group;
    if (r.hi < n->conv.grouped)
        r.hi = (r.hi + group - 1) / group * group;
    return r;
}

/* How many input columns beyond its own a node's column reads. */
static size_t
reach(const struct nn_node *n)
{
    switch (n->kind) {
    case NN_STEM:
    case NN_CONV:
    case NN_DIAGONAL:
        return (n->conv.k - 1) * n->conv.dilation;
    default:
        return 0;
    }
}

void
net_want(struct net *net, int node, size_t lo, size_t hi)
{
    net->node[node].need = unite(net->node[node].need, (struct nn_range){ lo, hi });
    for (int i = net->n_node - 1; i > 0; i--) {
        struct nn_node *n = &net->node[i], *in;
        struct nn_range reads;

        if (is_empty(n->need) || n->input < 0)
            continue;
        n->need = round_to_groups(n, n->need);
        reads = (struct nn_range){ n->need.lo, n->need.hi + reach(n) };
        in = &net->node[n->input];
        if (n->kind == NN_MEAN)
            reads = n->pool;
        in->need = unite(in->need, reads);
        if (n->residual >= 0) {
            struct nn_node *r = &net->node[n->residual];

            r->need = unite(r->need, (struct nn_range){ n->need.lo + n->shift,
                                                        n->need.hi + n->shift });
        }
    }
}

/* Columns of node i that read any of the changed columns of its inputs. */
static struct nn_range
step_change(const struct net *net, int i, const struct nn_range *changed)
{
    const struct nn_node *n = &net->node[i];
    struct nn_range in = changed[n->input], out = { 0, 0 };

    if (!is_empty(in)) {
        size_t r = reach(n);

        out.lo = in.lo > r ? in.lo - r : 0;
        out.hi = in.hi;
        if (n->kind == NN_MEAN)
            out = (struct nn_range){ 0, !is_empty(intersect(in, n->pool)) };
    }
    if (n->residual >= 0 && !is_empty(changed[n->residual])) {
        struct nn_range r = changed[n->residual];

        if (r.hi > n->shift)
            out = unite(out, (struct nn_range){ r.lo > n->shift ? r.lo - n->shift : 0,
                                                r.hi - n->shift });
    }
    out = intersect(out, (struct nn_range){ 0, n->len });
    return intersect(round_to_groups(n, out), n->need);
}

enum { MAX_NODES = 512 };

struct nn_range
net_changed(const struct net *net, int node, size_t lo, size_t hi)
{
    struct nn_range changed[MAX_NODES];

    assert(net->n_node <= MAX_NODES);
    changed[0] = (struct nn_range){ lo, hi };
    for (int i = 1; i <= node; i++)
        changed[i] = step_change(net, i, changed);
    return changed[node];
}

struct net_workspace *
net_workspace_new(size_t n_threads)
{
    struct net_workspace *ws = mem_zalloc(sizeof *ws);

    ws->team = team_new(n_threads);
    return ws;
}

void
net_workspace_free(struct net_workspace *ws)
{
    if (!ws)
        return;
    for (size_t i = 0; i < ws->n_act; i++)
        free(ws->act[i]);
    free(ws->act);
    free(ws->act_cap);
    free(ws->saved);
    free(ws->area);
    free(ws->scratch);
    for (size_t i = 0; i < ws->n_measured; i++)
        free(ws->measured[i].cost);
    free(ws->measured);
    team_free(ws->team);
    free(ws);
}

static size_t
node_floats(const struct nn_node *n)
{
    return n->kind == NN_INPUT ? 0 : (n->len + NN_SLACK_COLUMNS) * n->channels;
}

size_t
net_bytes(const struct net *net)
{
    size_t floats = 0;

    for (int i = 0; i < net->n_node; i++)
        floats += node_floats(&net->node[i]);
    return floats * sizeof(float);
}

enum { ALIGN = 64 / sizeof(float) };

/* Grown at the first record of the largest network, then reused: loops do not allocate. */
static void
fit(const struct net *net, struct net_workspace *ws)
{
    if (ws->n_act < (size_t)net->n_node) {
        ws->act = mem_resize(ws->act, (size_t)net->n_node, sizeof *ws->act);
        ws->act_cap = mem_resize(ws->act_cap, (size_t)net->n_node, sizeof *ws->act_cap);
        for (size_t i = ws->n_act; i < (size_t)net->n_node; i++) {
            ws->act[i] = NULL;
            ws->act_cap[i] = 0;
        }
        ws->n_act = (size_t)net->n_node;
    }
    if (ws->scratch_n < net->scratch) {
        free(ws->scratch);
        ws->scratch_n = (net->scratch + ALIGN - 1) / ALIGN * ALIGN;
        ws->scratch = mem_aligned(team_size(ws->team) * ws->scratch_n * sizeof *ws->scratch);
    }
    for (int i = 0; i < net->n_node; i++) {
        size_t floats = node_floats(&net->node[i]);

        if (floats <= ws->act_cap[i])
            continue;
        free(ws->act[i]);
        ws->act[i] = mem_aligned(floats * sizeof **ws->act);
        memset(ws->act[i], 0, floats * sizeof **ws->act);
        ws->act_cap[i] = floats;
    }
}

/* One node's columns, as the threads of a team share them. */
struct task {
    const struct net *net;
    struct net_workspace *ws;
    int node;
    const uint8_t *codes;
    struct nn_range range;
};

/* The i-th of n stretches of a range. */
static struct nn_range
stretch(struct nn_range r, struct nn_part part)
{
    size_t len = r.hi - r.lo;

    return (struct nn_range){ r.lo + len * part.i / part.n, r.lo + len * (part.i + 1) / part.n };
}

/* Part i of n of computing a node's columns from the activations before it. */
static void
compute_part(void *context, size_t i, size_t n_parts)
{
    const struct task *t = context;
    const struct nn_node *n = &t->net->node[t->node];
    const struct nn_ops *ops = &t->net->ops;
    struct nn_part part = { i, n_parts };
    struct nn_range r = stretch(t->range, part);
    float *y = t->ws->act[t->node];
    const float *x = t->ws->act[n->input];

    switch (n->kind) {
    case NN_INPUT:
        break;
    case NN_STEM:
        ops->stem(y, t->codes, &n->conv, r.lo, r.hi);
        break;
    case NN_CONV:
        ops->conv(y, x, n->residual < 0 ? NULL : t->ws->act[n->residual] + n->shift * n->channels,
                  &n->conv, t->range.lo, t->range.hi, t->ws->scratch + i * t->ws->scratch_n, part);
        break;
    case NN_RELU:
        ops->relu(y + r.lo * n->channels, x + r.lo * n->channels, (r.hi - r.lo) * n->channels);
        break;
    case NN_DIAGONAL:
        ops->diagonal(y, x, n->conv.bias, n->conv.k, n->channels, r.lo, r.hi);
        break;
    case NN_MEAN:
        if (i == 0)
            ops->mean(y, x + n->pool.lo * n->channels, n->pool.hi - n->pool.lo, n->channels);
        break;
    }
}

static void
compute_node(const struct net *net, struct net_workspace *ws, int i, const uint8_t *codes,
             struct nn_range r)
{
    struct task task = { net, ws, i, codes, r };

    team_run(ws->team, compute_part, &task);
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct net_cost *
find_costs(const struct net_workspace *ws, const struct net *net)
{
    for (size_t i = 0; i < ws->n_measured; i++)
        if (ws->measured[i].net == net)
            return ws->measured[i].cost;
    return NULL;
}

static struct net_cost *
costs(struct net_workspace *ws, const struct net *net)
{
    struct net_cost *c = find_costs(ws, net);

    if (c)
        return c;
    c = mem_array((size_t)net->n_node, sizeof *c);
    mem_grow(&ws->measured, &ws->measured_cap, ws->n_measured + 1, sizeof *ws->measured);
    ws->measured[ws->n_measured++] = (struct measured){ net, c };
    return c;
}

static void
compute(const struct net *net, struct net_workspace *ws, int i, const uint8_t *codes,
        struct nn_range r)
{
    double start;
    struct net_cost *c;

    if (!ws->measures) {
        compute_node(net, ws, i, codes, r);
        return;
    }
    c = &costs(ws, net)[i];
    start = now();
    compute_node(net, ws, i, codes, r);
    c->seconds += now() - start;
    c->columns += r.hi - r.lo;
}

void
net_measure(struct net_workspace *ws)
{
    ws->measures = true;
}

const struct net_cost *
net_costs(const struct net_workspace *ws, const struct net *net)
{
    return find_costs(ws, net);
}

void
net_describe_node(const struct net *net, int node, char *text, size_t room)
{
    const struct nn_node *n = &net->node[node];
    const struct nn_conv *c = &n->conv;

    switch (n->kind) {
    case NN_INPUT:
        snprintf(text, room, "input");
        break;
    case NN_STEM:
        snprintf(text, room, "stem, %zu taps to %zu", c->k, c->c_out);
        break;
    case NN_CONV:
        snprintf(text, room, "%sconv, %zu tap%s, %zu to %zu, dilation %zu%s",
                 c->relu_in ? "relu, " : "", c->k,
                 c->k == 1 ? "" : "s", c->c_in, c->c_out, c->dilation,
                 c->transformed ? ", Winograd" : "");
        break;
    case NN_RELU:
        snprintf(text, room, "relu, %zu", n->channels);
        break;
    case NN_DIAGONAL:
        snprintf(text, room, "diagonal sum, %zu taps to %zu", c->k, n->channels);
        break;
    case NN_MEAN:
        snprintf(text, room, "mean, %zu", n->channels);
        break;
    }
}

double
net_column_macs(const struct net *net, int node)
{
    const struct nn_node *n = &net->node[node];

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
    double floats = (double)n->channels * (n->residual < 0 ? 1 : 2);

    if (n->kind == NN_MEAN)
        return sizeof(float) * (double)(n->pool.hi - n->pool.lo) * (double)n->channels;
    if (n->kind == NN_STEM)
        return 1 + sizeof(float) * floats;
    return sizeof(float) * (floats + (in ? (double)in->channels : 0));
}

void
net_run(const struct net *net, struct net_workspace *ws, const uint8_t *codes)
{
    fit(net, ws);
    ws->n_saved = ws->area_n = 0;
    for (int i = 1; i < net->n_node; i++)
        if (!is_empty(net->node[i].need))
            compute(net, ws, i, codes, net->node[i].need);
}

static void
save(const struct net *net, struct net_workspace *ws, int i, struct nn_range r)
{
    size_t channels = net->node[i].channels, floats = (r.hi - r.lo) * channels;

    mem_grow(&ws->saved, &ws->saved_cap, ws->n_saved + 1, sizeof *ws->saved);
    mem_grow(&ws->area, &ws->area_cap, ws->area_n + floats, sizeof *ws->area);
    memcpy(ws->area + ws->area_n, ws->act[i] + r.lo * channels, floats * sizeof *ws->area);
    ws->saved[ws->n_saved++] = (struct saved){ i, r, ws->area_n };
    ws->area_n += floats;
}

void
net_change(const struct net *net, struct net_workspace *ws, const uint8_t *codes, size_t lo,
           size_t hi)
{
    struct nn_range changed[MAX_NODES];

    assert(net->n_node <= MAX_NODES && ws->n_saved == 0);
    changed[0] = (struct nn_range){ lo, hi };
    for (int i = 1; i < net->n_node; i++) {
        changed[i] = step_change(net, i, changed);
        if (is_empty(changed[i]))
            continue;
        save(net, ws, i, changed[i]);
        compute(net, ws, i, codes, changed[i]);
    }
}

void
net_restore(const struct net *net, struct net_workspace *ws)
{
    for (size_t s = 0; s < ws->n_saved; s++) {
        const struct saved *old = &ws->saved[s];
        size_t channels = net->node[old->node].channels;

        memcpy(ws->act[old->node] + old->range.lo * channels, ws->area + old->at,
               (old->range.hi - old->range.lo) * channels * sizeof *ws->area);
    }
    ws->n_saved = ws->area_n = 0;
}

const float *
net_output(const struct net_workspace *ws, int node)
{
    return ws->act[node];
}
