/* SPDX-License-Identifier: MIT */
/*
 * A network as a list of nodes, and the ranges that make it cheap.
 *
 * Every node computes any range of its output columns from the matching range of its inputs.  Two
 * facts follow from the nodes' shapes alone:
 *
 *   demand propagates backward  only columns that some wanted output reads are ever computed;
 *   change propagates forward   an input that differs in columns [lo, hi) changes one range of
 *                               columns of every node, and only that range is computed again.
 *
 * net_run does a full pass and keeps every activation.  net_change computes an altered input on
 * top of it, and net_restore puts the activations back, so all alternate alleles of a site share
 * one reference pass.  A changed pass equals a full pass of the same input bit for bit, because a
 * column's bits do not depend on the range it is computed in (ops.h).
 */
#ifndef PT_NN_NET_H
#define PT_NN_NET_H

#include "base.h"
#include "nn/ops.h"

enum nn_kind {
    NN_INPUT,       /* base codes, one column per base */
    NN_STEM,        /* convolution of the one-hot input */
    NN_CONV,        /* convolution, with optional activation and residual */
    NN_RELU,
    NN_DIAGONAL,    /* sum of K channels taken from K neighbouring columns: with a 1-tap NN_CONV
                       in front, a convolution to few channels at full matrix speed */
    NN_MEAN         /* mean over a stretch of columns, usually all: a global operation */
};

struct nn_range {
    size_t lo, hi;          /* columns [lo, hi); empty when lo >= hi */
};

struct nn_node {
    enum nn_kind kind;
    int input;              /* index of the node read; -1 for NN_INPUT */
    int residual;           /* node whose column j + shift is added to column j, or -1 */
    size_t shift;
    size_t len, channels;   /* of the output */
    struct nn_conv conv;    /* NN_STEM, NN_CONV; NN_DIAGONAL uses k, c_out and bias */
    struct nn_range pool;   /* NN_MEAN: the columns averaged */
    struct nn_range need;   /* columns that wanted outputs depend on */
};

struct net {
    struct nn_ops ops;
    struct nn_node *node;
    int n_node, cap;
    uint64_t macs;          /* multiply-adds of a full pass, dense counting */
    size_t scratch;         /* floats of working memory the largest operation needs */
};

/* One thread's activations for networks up to the size of those it was made for. */
struct net_workspace;

void net_init(struct net *net, const struct nn_ops *ops);
void net_free(struct net *net);

/*
 * Add nodes in order of evaluation; each returns its index.  kernel (K x C x O) and bias (O) are
 * taken over by the network.  The output of a convolution has (K - 1) * dilation columns fewer
 * than its input ("valid"); asserts that some remain.
 */
int net_add_input(struct net *net, size_t len);
int net_add_stem(struct net *net, int input, float *kernel, float *bias, size_t k, size_t c_out,
                 bool relu);
int net_add_conv(struct net *net, int input, float *kernel, float *bias, size_t k, size_t dilation,
                 size_t c_out, bool relu);
int net_add_relu(struct net *net, int input);
int net_add_mean(struct net *net, int input, size_t lo, size_t hi);     /* over [lo, hi) */

/*
 * The same of relu(input).  Where the kernel set can, the activation is taken while reading and no
 * node is added for it.
 */
int net_add_conv_of_relu(struct net *net, int input, float *kernel, float *bias, size_t k,
                         size_t dilation, size_t c_out);

/* Convolution to few channels (a profile head): two nodes, the second's index is returned. */
int net_add_narrow_conv(struct net *net, int input, const float *kernel, float *bias, size_t k,
                        size_t c_out);

/* Add column j + shift of another node to column j of conv node. */
void net_set_residual(struct net *net, int node, int residual, size_t shift);

/* Columns [lo, hi) of a node are wanted; call for every output, after all nodes are added. */
void net_want(struct net *net, int node, size_t lo, size_t hi);

/* n_threads compute one window together; what they compute does not depend on their number. */
struct net_workspace *net_workspace_new(size_t n_threads);
void net_workspace_free(struct net_workspace *ws);

/* Full pass over codes (len of the input; must stay in place until the next net_run). */
void net_run(const struct net *net, struct net_workspace *ws, const uint8_t *codes);

/*
 * The same network on other codes that differ from net_run's in columns [lo, hi) at most.  The
 * activations then are those of the changed input until net_restore.
 */
void net_change(const struct net *net, struct net_workspace *ws, const uint8_t *codes, size_t lo,
                size_t hi);
void net_restore(const struct net *net, struct net_workspace *ws);

/*
 * What the nodes of a network cost in a workspace so far, when net_measure was called before: per
 * node, seconds and output columns computed.  NULL for a network that has not run there.
 */
struct net_cost {
    double seconds;
    uint64_t columns;
};

void net_measure(struct net_workspace *ws);
const struct net_cost *net_costs(const struct net_workspace *ws, const struct net *net);

/* "conv 3 x 512, dilation 4": what a node does, for people. */
void net_describe_node(const struct net *net, int node, char *text, size_t room);

/* Multiply-adds (dense counting) and bytes read and written for one output column. */
double net_column_macs(const struct net *net, int node);
double net_column_bytes(const struct net *net, int node);

/* Activation of a node, [len][channels]; only its needed columns hold values. */
const float *net_output(const struct net_workspace *ws, int node);

/* Columns of a node that change with input columns [lo, hi), clipped to what is needed. */
struct nn_range net_changed(const struct net *net, int node, size_t lo, size_t hi);

/* Bytes of activations a workspace takes for this network. */
size_t net_bytes(const struct net *net);

#endif
