/* SPDX-License-Identifier: MIT */
/* Running a network: workspaces, full passes, changes on top of them, tiles. */
#include "nn/net_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"

struct net_workspace *
net_workspace_new(size_t n_threads)
{
    struct net_workspace *ws = mem_zalloc(sizeof *ws);

    ws->team = team_new(n_threads);
    return ws;
}

size_t
net_workspace_threads(const struct net_workspace *ws)
{
    return team_size(ws->team);
}

void
net_workspace_free(struct net_workspace *ws)
{
    if (!ws)
        return;
    for (size_t i = 0; i < ws->n_slot; i++)
        free(ws->slot[i]);
    free(ws->slot);
    free(ws->slot_cap);
    free(ws->codes);
    free(ws->saved);
    free(ws->area);
    free(ws->scratch);
    for (size_t i = 0; i < ws->n_measured; i++)
        free(ws->measured[i].cost);
    free(ws->measured);
    team_free(ws->team);
    free(ws);
}

size_t
net_bytes(const struct net *net)
{
    size_t most[NET_MAX_NODES] = { 0 }, floats = 0;

    for (int i = 0; i < net->n_node; i++) {
        size_t n = nn_node_floats(net, i);

        if (n > most[net->node[i].slot])
            most[net->node[i].slot] = n;
    }
    for (int s = 0; s < net->n_slot; s++)
        floats += most[s];
    return floats * sizeof(float);
}

enum { ALIGN = 64 / sizeof(float) };

/*
 * Every second buffer begins half a page further on than the others.  A layer reads one and writes
 * the next at the same column, and a load whose address ends in the same 12 bits as that of an
 * earlier store waits for it: at 64 channels and dilations of 16 and more, 4 % of a layer.
 */
enum { HALF_PAGE = 2048 / sizeof(float) };

static float *
slot_begin(const struct net_workspace *ws, int slot)
{
    return ws->slot[slot] + slot % 2 * HALF_PAGE;
}

/* Buffers grow at the first record of the largest network, then are reused. */
static float *
slot_for(struct net_workspace *ws, int slot, size_t floats)
{
    size_t n = floats + HALF_PAGE;

    if (n > ws->slot_cap[slot]) {
        free(ws->slot[slot]);
        ws->slot[slot] = mem_aligned(n * sizeof **ws->slot);
        memset(ws->slot[slot], 0, n * sizeof **ws->slot);
        ws->slot_cap[slot] = n;
    }
    return slot_begin(ws, slot);
}

static void
fit_slots(const struct net *net, struct net_workspace *ws)
{
    if (ws->n_slot < (size_t)net->n_slot) {
        ws->slot = mem_resize(ws->slot, (size_t)net->n_slot, sizeof *ws->slot);
        ws->slot_cap = mem_resize(ws->slot_cap, (size_t)net->n_slot, sizeof *ws->slot_cap);
        for (size_t i = ws->n_slot; i < (size_t)net->n_slot; i++) {
            ws->slot[i] = NULL;
            ws->slot_cap[i] = 0;
        }
        ws->n_slot = (size_t)net->n_slot;
    }
    if (ws->scratch_n < net->scratch) {
        free(ws->scratch);
        ws->scratch_n = (net->scratch + ALIGN - 1) / ALIGN * ALIGN;
        ws->scratch = mem_aligned(team_size(ws->team) * ws->scratch_n * sizeof *ws->scratch);
    }
}

/* The margins of a node held whole; another network or node may have left values there. */
static void
clear_margins(const struct net *net, struct net_workspace *ws, int i)
{
    const struct nn_node *n = &net->node[i];

    memset(ws->view[i].at, 0, n->before * n->channels * sizeof(float));
    memset(ws->view[i].at + (n->before + n->len) * n->channels, 0,
           n->after * n->channels * sizeof(float));
}

/* Make the workspace one of this network. */
static void
fit(const struct net *net, struct net_workspace *ws)
{
    fit_slots(net, ws);
    for (int i = 1; i < net->n_node; i++) {
        size_t floats = nn_node_floats(net, i);

        if (floats)     /* slots may grow: pointers only after the loop */
            slot_for(ws, net->node[i].slot, floats);
    }
    for (int i = 1; i < net->n_node; i++) {
        if (nn_is_inner(net, i))
            continue;
        ws->view[i] = (struct view){ slot_begin(ws, net->node[i].slot),
                                     -(ptrdiff_t)net->node[i].before };
        if (!net->node[i].is_volatile)
            clear_margins(net, ws, i);
    }
    ws->net = net;
}

/* One node's columns, as the threads of a team share them. */
struct task {
    const struct net *net;
    struct net_workspace *ws;
    int node;
    struct nn_range range;
    size_t from;                /* column that the operation counts from: its pointers are there */
};

/* The i-th of n stretches of a range. */
static struct nn_range
share(struct nn_range r, struct nn_part part)
{
    size_t len = r.hi - r.lo;

    return (struct nn_range){ r.lo + len * part.i / part.n, r.lo + len * (part.i + 1) / part.n };
}

static float *
column(const struct net *net, const struct net_workspace *ws, int node, ptrdiff_t j)
{
    const struct view *v = &ws->view[node];

    return v->at + (j - v->base) * (ptrdiff_t)net->node[node].channels;
}

/* Where the inputs of a node's column from stand. */
static const float *
input_at(const struct net *net, const struct net_workspace *ws, const struct nn_node *n,
         size_t from)
{
    ptrdiff_t j = nn_reads(n, (struct nn_span){ (ptrdiff_t)from, (ptrdiff_t)from + 1 }).lo;

    return n->kind == NN_STEM ? NULL : column(net, ws, n->input, j);
}

static const float *
second_at(const struct net *net, const struct net_workspace *ws, const struct nn_node *n,
          size_t from)
{
    struct nn_span out = { (ptrdiff_t)from, (ptrdiff_t)from + 1 };

    return n->second < 0 ? NULL : column(net, ws, n->second, nn_reads_second(n, out).lo);
}

static void
run_conv(const struct task *t, float *y, struct nn_part part)
{
    size_t from = t->from;
    const struct nn_node *n = &t->net->node[t->node];
    struct nn_conv c = n->conv;

    if (t->net->ops.takes_act)
        c.act = n->act;
    c.len -= from;
    for (size_t i = 0; i < NN_RUNS; i++) {
        c.run[i].lo -= (ptrdiff_t)from;
        c.run[i].hi -= (ptrdiff_t)from;
    }
    t->net->ops.conv(y, input_at(t->net, t->ws, n, from), second_at(t->net, t->ws, n, from), &c,
                     t->range.lo - from, t->range.hi - from,
                     t->ws->scratch + part.i * t->ws->scratch_n, part);
}

static void
run_concat(const struct task *t, float *y, struct nn_range r)
{
    const struct nn_node *n = &t->net->node[t->node];
    size_t from = t->from;
    const float *a = input_at(t->net, t->ws, n, from), *b = second_at(t->net, t->ws, n, from);
    size_t n_a = t->net->node[n->input].channels, n_b = n->channels - n_a;

    for (size_t j = r.lo; j < r.hi; j++) {
        memcpy(y + j * n->channels, a + j * n_a, n_a * sizeof *y);
        memcpy(y + j * n->channels + n_a, b + j * n_b, n_b * sizeof *y);
    }
}

static void
run_upsample(const struct task *t, float *y, struct nn_range r)
{
    const struct nn_node *n = &t->net->node[t->node];

    for (size_t j = r.lo; j < r.hi; j++)
        memcpy(y + j * n->channels,
               column(t->net, t->ws, n->input, (ptrdiff_t)((t->from + j) / n->stride)),
               n->channels * sizeof *y);
}

static void
run_call(const struct task *t, float *y, struct nn_part part)
{
    const struct nn_node *n = &t->net->node[t->node];
    /* A global one sees everything whole, and knows its columns by their numbers. */
    size_t from = n->call.global ? 0 : t->from;
    float *scratch = t->ws->scratch + part.i * t->ws->scratch_n;

    n->call.run(n->call.context, n->call.global ? column(t->net, t->ws, t->node, 0) : y,
                input_at(t->net, t->ws, n, from), second_at(t->net, t->ws, n, from),
                t->range.lo - from, t->range.hi - from, scratch, part);
}

/* Columns of a stem computed and activated at a time: they stay in the first-level cache. */
enum { STEM_COLUMNS = 16 };

static void
run_stem_columns(const struct task *t, float *y, const uint8_t *codes, const struct nn_conv *c,
                 size_t lo, size_t hi)
{
    const struct nn_ops *ops = &t->net->ops;
    enum nn_act act = t->net->node[t->node].act;

    for (size_t end; lo < hi; lo = end) {
        end = act == NN_LINEAR || hi - lo < STEM_COLUMNS ? hi : lo + STEM_COLUMNS;
        ops->stem(y, codes, c, lo, end);
        if (act != NN_LINEAR)
            ops->act(y + lo * c->c_out, y + lo * c->c_out, (end - lo) * c->c_out, act);
    }
}

/* Columns r, counted from the task's first; those at the edges may have weights of their own. */
static void
run_stem(const struct task *t, float *y, struct nn_range r)
{
    const struct nn_node *n = &t->net->node[t->node];
    size_t from = t->from, lo = r.lo + from, hi = r.hi + from, last = n->len - n->n_edge;
    const uint8_t *codes = t->ws->codes + ((ptrdiff_t)from - (ptrdiff_t)n->pad - t->ws->codes_base);

    for (; lo < hi && lo < n->n_edge; lo++)
        run_stem_columns(t, y, codes, &n->edge[lo], lo - from, lo + 1 - from);
    for (; lo < hi && hi > last; hi--)
        run_stem_columns(t, y, codes, &n->edge[n->n_edge + hi - 1 - last], hi - 1 - from, hi - from);
    if (lo < hi)
        run_stem_columns(t, y, codes, &n->conv, lo - from, hi - from);
}

/* Part i of n of computing a node's columns from the activations before it. */
static void
compute_part(void *context, size_t i, size_t n_parts)
{
    const struct task *t = context;
    const struct nn_node *n = &t->net->node[t->node];
    const struct nn_ops *ops = &t->net->ops;
    struct net_workspace *ws = t->ws;
    struct nn_part part = { i, n_parts };
    size_t from = t->from, c = n->channels;
    struct nn_range r = share((struct nn_range){ t->range.lo - from, t->range.hi - from }, part);
    float *y = column(t->net, ws, t->node, (ptrdiff_t)from);
    const float *x = n->input > 0 ? input_at(t->net, ws, n, from) : NULL;

    switch (n->kind) {
    case NN_INPUT:
        break;
    case NN_STEM:
        run_stem(t, y, r);
        break;
    case NN_CONV:
        run_conv(t, y, part);
        break;
    case NN_RELU:
        ops->relu(y + r.lo * c, x + r.lo * c, (r.hi - r.lo) * c);
        break;
    case NN_ACT:
        ops->act(y + r.lo * c, x + r.lo * c, (r.hi - r.lo) * c, n->act);
        break;
    case NN_DIAGONAL:
        ops->diagonal(y, x, n->conv.bias, n->conv.k, c, r.lo, r.hi);
        break;
    case NN_MEAN:
        if (i == 0)
            ops->mean(y, x, n->pool.hi - n->pool.lo, c);
        break;
    case NN_AFFINE:
        ops->affine(y, x, n->scale, n->shift_by, c, r.lo, r.hi);
        break;
    case NN_DEPTHWISE:
        ops->depthwise(y, x, &n->conv, r.lo, r.hi);
        break;
    case NN_MAX_POOL:
        ops->max_pool(y, x, n->stride, c, r.lo, r.hi);
        break;
    case NN_SOFT_POOL:
        ops->soft_pool(y, x, second_at(t->net, ws, n, from), c, r.lo, r.hi);
        break;
    case NN_UPSAMPLE:
        run_upsample(t, y, r);
        break;
    case NN_CONCAT:
        run_concat(t, y, r);
        break;
    case NN_GATE:
        ops->gate(y, x, second_at(t->net, ws, n, from), c, r.lo, r.hi);
        break;
    case NN_STATS:
        if (i == 0)
            ops->stats(y, x, (n->pool.hi - n->pool.lo) * t->net->node[n->input].channels, n->eps);
        break;
    case NN_NORMALIZE:
        ops->normalize(y + r.lo * c, x + r.lo * c, second_at(t->net, ws, n, from),
                       (r.hi - r.lo) * c);
        break;
    case NN_LAYER_NORM:
        ops->layer_norm(y, x, n->scale, n->shift_by, n->eps, c, r.lo, r.hi);
        break;
    case NN_CALL:
        run_call(t, y, part);
        break;
    }
}

/* The activation that is taken last, in place. */
static void
activate_part(void *context, size_t i, size_t n_parts)
{
    const struct task *t = context;
    const struct nn_node *n = &t->net->node[t->node];
    struct nn_range r = share(t->range, (struct nn_part){ i, n_parts });
    float *y = column(t->net, t->ws, t->node, (ptrdiff_t)r.lo);

    t->net->ops.act(y, y, (r.hi - r.lo) * n->channels, n->act);
}

/* Whether computing a node takes its activation already. */
static bool
takes_act(const struct net *net, const struct nn_node *n)
{
    return n->kind == NN_ACT || n->kind == NN_STEM || (n->kind == NN_CONV && net->ops.takes_act);
}

static void
compute_from(const struct net *net, struct net_workspace *ws, int i, struct nn_range r, size_t from)
{
    struct task task = { net, ws, i, r, from };
    double start = net_cost_start(ws);

    if (r.lo >= r.hi)
        return;
    team_run(ws->team, compute_part, &task);
    if (net->node[i].act != NN_LINEAR && !takes_act(net, &net->node[i]))
        team_run(ws->team, activate_part, &task);
    net_cost_add(ws, net, i, start, r.hi - r.lo);
}

static void
compute(const struct net *net, struct net_workspace *ws, int i, struct nn_range r)
{
    compute_from(net, ws, i, r, 0);
}

/* A node whose buffer served others meanwhile. */
static void
compute_volatile(const struct net *net, struct net_workspace *ws, int i)
{
    clear_margins(net, ws, i);
    compute(net, ws, i, net->node[i].need);
}

/*
 * A tile's bases are multiples of this many columns, so that kernels that take whole panels see the
 * same columns together as in a full pass.
 */
static ptrdiff_t
align_base(ptrdiff_t base)
{
    return base > 0 ? base / NN_SLACK_COLUMNS * NN_SLACK_COLUMNS : base;
}

/* What a tile needs of a node of its stretch: columns read, and columns there must be room for. */
struct tile_node {
    struct nn_span read;        /* may go beyond [0, len): zero there */
    struct nn_range compute;
    ptrdiff_t base;
};

/* Let node j, of the stretch or before it, be read for columns compute of a node with that base. */
static void
tile_need(struct tile_node *in, struct nn_span reads, ptrdiff_t base)
{
    if (span_is_empty(in->read)) {
        in->read = reads;
        in->base = base;
        return;
    }
    in->read = span_unite(in->read, reads);
    if (base < in->base)
        in->base = base;
}

static void
plan_tile(const struct net *net, const struct nn_stretch *s, struct nn_range out,
          struct tile_node *tile)
{
    memset(tile + s->first, 0, (size_t)(s->last - s->first + 1) * sizeof *tile);
    tile[s->last].read = span_of(out);
    tile[s->last].base = (ptrdiff_t)out.lo;
    for (int i = s->last; i >= s->first; i--) {
        const struct nn_node *n = &net->node[i];
        struct tile_node *t = &tile[i];
        struct nn_span from;

        if (span_is_empty(t->read))
            continue;
        t->compute = nn_round_to_groups(n, span_clip(t->read, n->len));
        if (t->base > (ptrdiff_t)t->compute.lo)
            t->base = (ptrdiff_t)t->compute.lo;
        t->base = align_base(t->base);
        from = (struct nn_span){ t->base > 0 ? t->base : 0, (ptrdiff_t)t->compute.hi };
        if (n->input >= s->first)
            tile_need(&tile[n->input], nn_reads(n, span_of(t->compute)), nn_reads(n, from).lo);
        if (n->second >= s->first)
            tile_need(&tile[n->second], nn_reads_second(n, span_of(t->compute)),
                      nn_reads_second(n, from).lo);
    }
}

/* Columns that readers see outside the sequence are zero. */
static void
clear_outside(const struct net *net, struct net_workspace *ws, int i, const struct tile_node *t)
{
    const struct nn_node *n = &net->node[i];
    ptrdiff_t len = (ptrdiff_t)n->len, hi = t->read.hi;

    if (t->read.lo < 0)
        memset(column(net, ws, i, t->read.lo), 0,
               (size_t)-t->read.lo * n->channels * sizeof(float));
    if (hi > len)
        memset(column(net, ws, i, len), 0, (size_t)(hi - len) * n->channels * sizeof(float));
}

/* Buffer of an inner node for a tile: bytes beyond what is computed stay whatever they were. */
static void
place_tile_node(const struct net *net, struct net_workspace *ws, int i, const struct tile_node *t)
{
    const struct nn_node *n = &net->node[i];
    ptrdiff_t end = t->read.hi > (ptrdiff_t)t->compute.hi ? t->read.hi : (ptrdiff_t)t->compute.hi;
    ptrdiff_t base = t->read.lo < t->base ? t->read.lo : t->base;
    size_t columns = (size_t)(end - base) + NN_SLACK_COLUMNS;

    ws->view[i] = (struct view){ slot_for(ws, n->slot, columns * n->channels), base };
}

/* Columns out of a stretch's last node. */
static void
run_tile(const struct net *net, struct net_workspace *ws, const struct nn_stretch *s,
         struct nn_range out)
{
    struct tile_node tile[NET_MAX_NODES];

    plan_tile(net, s, out, tile);
    for (int i = s->first; i <= s->last; i++) {
        if (span_is_empty(tile[i].read))
            continue;
        if (nn_is_inner(net, i))
            place_tile_node(net, ws, i, &tile[i]);
        compute_from(net, ws, i, tile[i].compute, tile[i].base > 0 ? (size_t)tile[i].base : 0);
        if (nn_is_inner(net, i))
            clear_outside(net, ws, i, &tile[i]);
    }
}

/* Columns r of a stretch's last node, tile by tile; nothing of one that runs on demand. */
static void
run_stretch(const struct net *net, struct net_workspace *ws, const struct nn_stretch *s,
            struct nn_range r)
{
    const struct nn_node *last = &net->node[s->last];

    for (size_t lo = r.lo; s->width && lo < r.hi; lo += s->width - lo % s->width) {
        size_t end = lo / s->width * s->width + s->width;

        run_tile(net, ws, s, nn_round_to_groups(last, (struct nn_range){ lo, end < r.hi ? end
                                                                                        : r.hi }));
    }
}

static void
take_codes(const struct net *net, struct net_workspace *ws, const uint8_t *codes)
{
    const struct nn_node *in = &net->node[0];
    size_t n = in->before + in->len + in->after + 1;

    mem_grow(&ws->codes, &ws->codes_cap, n, 1);
    memset(ws->codes, NN_NO_BASE, in->before);
    memcpy(ws->codes + in->before, codes, in->len);
    memset(ws->codes + in->before + in->len, NN_NO_BASE, in->after + 1);
    ws->codes_base = -(ptrdiff_t)in->before;
}

void
net_run(const struct net *net, struct net_workspace *ws, const uint8_t *codes)
{
    fit(net, ws);
    take_codes(net, ws, codes);
    ws->n_saved = ws->area_n = 0;
    ws->is_dirty = ws->is_spent = false;
    for (int i = 1; i < net->n_node; i++) {
        const struct nn_node *n = &net->node[i];

        if (n->stretch >= 0) {
            const struct nn_stretch *s = &net->stretch[n->stretch];

            if (net->node[s->last].is_volatile && s->width)
                clear_margins(net, ws, s->last);
            run_stretch(net, ws, s, net->node[s->last].need);
            i = s->last;
        } else if (n->is_volatile) {
            compute_volatile(net, ws, i);
        } else {
            compute(net, ws, i, n->need);
        }
    }
}

static void
save(const struct net *net, struct net_workspace *ws, int i, struct nn_range r)
{
    size_t channels = net->node[i].channels, floats = (r.hi - r.lo) * channels;

    mem_grow(&ws->saved, &ws->saved_cap, ws->n_saved + 1, sizeof *ws->saved);
    mem_grow(&ws->area, &ws->area_cap, ws->area_n + floats, sizeof *ws->area);
    memcpy(ws->area + ws->area_n, column(net, ws, i, (ptrdiff_t)r.lo),
           floats * sizeof *ws->area);
    ws->saved[ws->n_saved++] = (struct saved){ i, r, ws->area_n };
    ws->area_n += floats;
}

/* Node i of a change, or the stretch whose last node it is. */
static void
change_node(const struct net *net, struct net_workspace *ws, int i, struct nn_range r)
{
    const struct nn_node *n = &net->node[i];

    if (n->is_volatile)
        clear_margins(net, ws, i);
    else if (!ws->is_spent)
        save(net, ws, i, r);
    if (n->stretch >= 0)
        run_stretch(net, ws, &net->stretch[n->stretch], r);
    else
        compute(net, ws, i, r);
}

static void
change(const struct net *net, struct net_workspace *ws, const uint8_t *codes, size_t lo, size_t hi)
{
    struct nn_range changed[NET_MAX_NODES];
    bool stale = ws->is_dirty;

    assert(ws->net == net && ws->n_saved == 0);
    take_codes(net, ws, codes);
    changed[0] = (struct nn_range){ lo, lo < hi ? hi : lo };
    for (int i = 1; i < net->n_node; i++) {
        const struct nn_node *n = &net->node[i];

        changed[i] = nn_step_change(net, i, changed);
        ws->is_dirty |= n->is_volatile && changed[i].lo < changed[i].hi;
    }
    /* One volatile node computed anew may have taken the buffer of another: then all are. */
    stale |= ws->is_dirty;
    for (int i = 1; i < net->n_node; i++) {
        const struct nn_node *n = &net->node[i];

        if (nn_is_inner(net, i))
            continue;
        if (n->is_volatile && stale)
            change_node(net, ws, i, n->need);
        else if (changed[i].lo < changed[i].hi)
            change_node(net, ws, i, changed[i]);
    }
}

void
net_change(const struct net *net, struct net_workspace *ws, const uint8_t *codes, size_t lo,
           size_t hi)
{
    assert(!ws->is_spent);
    change(net, ws, codes, lo, hi);
}

void
net_change_last(const struct net *net, struct net_workspace *ws, const uint8_t *codes, size_t lo,
                size_t hi)
{
    assert(!ws->is_spent);
    ws->is_spent = true;
    change(net, ws, codes, lo, hi);
}

void
net_restore(const struct net *net, struct net_workspace *ws)
{
    for (size_t s = 0; s < ws->n_saved; s++) {
        const struct saved *old = &ws->saved[s];
        size_t channels = net->node[old->node].channels;

        memcpy(column(net, ws, old->node, (ptrdiff_t)old->range.lo), ws->area + old->at,
               (old->range.hi - old->range.lo) * channels * sizeof *ws->area);
    }
    ws->n_saved = ws->area_n = 0;
}

const float *
net_demand(const struct net *net, struct net_workspace *ws, int node, size_t lo, size_t hi)
{
    const struct nn_stretch *s = &net->stretch[net->node[node].stretch];

    assert(ws->net == net && s->last == node && s->width == 0 && lo < hi);
    run_tile(net, ws, s, (struct nn_range){ lo, hi });
    return column(net, ws, node, (ptrdiff_t)lo);
}

void
net_share(struct net_workspace *ws, team_part *part, void *context)
{
    team_run(ws->team, part, context);
}

float *
net_scratch(struct net_workspace *ws, size_t i)
{
    return ws->scratch + i * ws->scratch_n;
}

const float *
net_output(const struct net *net, const struct net_workspace *ws, int node)
{
    assert(ws->net == net);
    return column(net, ws, node, 0);
}

struct nn_range
net_changed(const struct net *net, int node, size_t lo, size_t hi)
{
    struct nn_range changed[NET_MAX_NODES];

    changed[0] = (struct nn_range){ lo, hi };
    for (int i = 1; i <= node; i++)
        changed[i] = nn_step_change(net, i, changed);
    return changed[node];
}
