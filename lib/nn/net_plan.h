/* SPDX-License-Identifier: MIT */
/*
 * Ranges of a network's nodes and the buffers they live in: what net_want works out and net_run
 * follows.  Ranges are signed here, because a padded convolution reads before column 0.
 */
#ifndef PT_NN_NET_PLAN_H
#define PT_NN_NET_PLAN_H

#include "nn/net.h"

enum { NET_MAX_NODES = 1024 };

struct nn_span {
    ptrdiff_t lo, hi;       /* columns [lo, hi); empty when lo >= hi */
};

static inline bool
span_is_empty(struct nn_span s)
{
    return s.lo >= s.hi;
}

static inline struct nn_span
span_of(struct nn_range r)
{
    return (struct nn_span){ (ptrdiff_t)r.lo, (ptrdiff_t)r.hi };
}

/* The span within [0, len), {0, 0} when nothing is. */
struct nn_range span_clip(struct nn_span s, size_t len);
struct nn_span span_unite(struct nn_span a, struct nn_span b);

bool nn_is_global(const struct nn_node *n);

/* Columns of the input, and of the second input, that columns out of a node read; not clipped. */
struct nn_span nn_reads(const struct nn_node *n, struct nn_span out);
struct nn_span nn_reads_second(const struct nn_node *n, struct nn_span out);

/* A range widened to what must be computed together. */
struct nn_range nn_round_to_groups(const struct nn_node *n, struct nn_range r);

/* Columns of node i, within its need, that read changed columns; changed: of every node before. */
struct nn_range nn_step_change(const struct net *net, int i, const struct nn_range *changed);

/* All columns of node i that a change of the base in front of the input's middle changes: where a
 * window's variant is.  The node is complete but for what pack sets. */
struct nn_range nn_usual_change(const struct net *net, int i);

/* Margins, volatility and slots of all nodes; every node's need is known. */
void net_plan(struct net *net);

/* A node of a stretch of which only the columns of one tile exist at a time. */
bool nn_is_inner(const struct net *net, int i);

/* Floats of a node's whole activation, margins and slack included; 0 for an inner node. */
size_t nn_node_floats(const struct net *net, int i);

#endif
