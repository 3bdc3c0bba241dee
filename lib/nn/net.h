/* SPDX-License-Identifier: MIT */
/*
 * A network as a list of nodes, and the ranges that make it cheap.
 *
 * A local node (convolution, activation, pooling, stored normalisation, ...) computes any range of
 * its output columns from the matching range of its inputs; a global one (a mean, the statistics
 * of a plane, attention) needs everything.  Facts that follow from the nodes' shapes alone:
 *
 *   demand propagates backward  only columns that some wanted output reads are ever computed;
 *   change propagates forward   an input that differs in columns [lo, hi) changes one range of
 *                               columns of every local node, and only that range is computed again;
 *   memory is bounded           behind a global node everything changes, so nothing is kept there
 *                               for later: such activations share buffers.  A stretch of local
 *                               nodes can be computed in tiles of columns, of which only the last
 *                               node is kept whole, or on demand.
 *
 * net_run does a full pass and keeps the activations that changes start from.  net_change computes
 * an altered input on top of it, and net_restore puts them back, so all alternate alleles of a
 * site share one reference pass.  A changed pass equals a full pass of the same input bit for bit,
 * because a column's bits do not depend on the range or tile it is computed in (ops.h).
 *
 * Columns before 0 and behind the last are zero where a padded convolution reads them: every
 * activation has the margins its readers need.
 */
#ifndef PT_NN_NET_H
#define PT_NN_NET_H

#include "base/base.h"
#include "nn/ops.h"
#include "threads/team.h"

enum nn_kind {
    NN_INPUT,       /* base codes, one column per base */
    NN_STEM,        /* convolution of the one-hot input */
    NN_CONV,        /* convolution, with optional activation and residual */
    NN_RELU,
    NN_DIAGONAL,    /* sum of K channels taken from K neighbouring columns: with a 1-tap NN_CONV
                       in front, a convolution to few channels at full matrix speed */
    NN_MEAN,        /* mean over a stretch of columns, usually all: global */
    NN_ACT,         /* element-wise function */
    NN_AFFINE,      /* factor and addend per channel */
    NN_DEPTHWISE,   /* convolution of each channel with its own kernel */
    NN_MAX_POOL,
    NN_SOFT_POOL,   /* pairs of columns weighted by the softmax of a second node */
    NN_UPSAMPLE,    /* every column repeated */
    NN_CONCAT,      /* channels of two nodes side by side */
    NN_GATE,        /* channels times those of a second node of one column */
    NN_STATS,       /* mean and inverse deviation of a whole plane: global, one column of two */
    NN_NORMALIZE,   /* by the NN_STATS of a second node */
    NN_LAYER_NORM,  /* every column by its own statistics */
    NN_CALL         /* a function of the family's: attention, and what only one model has */
};

struct nn_range {
    size_t lo, hi;          /* columns [lo, hi); empty when lo >= hi */
};

/*
 * What NN_CALL runs: columns [lo, hi) of y (out_channels each) from x and, if there is one, the
 * second input, both whole.  Part i of n shares the work; what is computed must not depend on n.
 * scratch: floats of working memory for each part, 64-byte aligned.
 */
struct nn_call {
    void (*run)(void *context, float *y, const float *x, const float *second, size_t lo, size_t hi,
                float *scratch, struct nn_part part);
    void *context;          /* the caller's; outlives the network */
    size_t scratch;
    bool global;            /* reads every column; otherwise column j reads columns j */
    const char *name;       /* for profiles */
};

struct nn_node {
    enum nn_kind kind;
    int input;              /* index of the node read; -1 for NN_INPUT */
    int second;             /* another node read, or -1; of NN_CONV a residual: its column j + shift
                               is added to column j */
    size_t shift;
    size_t len, channels;   /* of the output */
    struct nn_conv conv;    /* NN_STEM, NN_CONV, NN_DEPTHWISE; NN_DIAGONAL uses k, c_out and bias */
    struct nn_conv *edge;   /* NN_STEM: of its first n_edge columns, then of its last; owned */
    size_t n_edge;
    size_t pad;             /* zero columns read before column 0 */
    size_t stride;          /* NN_MAX_POOL, NN_SOFT_POOL, NN_UPSAMPLE */
    enum nn_act act;        /* NN_ACT; of others taken last, behind a residual */
    struct nn_range pool;   /* NN_MEAN, NN_STATS: the columns read */
    float *scale, *shift_by;/* NN_AFFINE, NN_LAYER_NORM: C each, owned */
    double eps;             /* NN_STATS, NN_LAYER_NORM */
    struct nn_call call;
    struct nn_range need;   /* columns that wanted outputs depend on */
    bool wanted;

    /* The plan, made by net_want. */
    bool is_volatile;       /* behind a global node: computed anew by every change */
    int slot;               /* buffer; volatile nodes whose lives do not meet share one */
    size_t before, after;   /* zero columns of margin */
    int stretch;            /* number of the stretch it is in, or -1 */
};

/* Local nodes computed together in tiles, first to last; last alone is kept. */
struct nn_stretch {
    int first, last;
    size_t width;           /* columns of last in a tile; 0: on demand only (net_demand) */
};

struct net {
    struct nn_ops ops;
    struct nn_node *node;
    int n_node, cap;
    struct nn_stretch *stretch;
    int n_stretch, stretch_cap;
    int n_slot;
    bool direct;            /* convolutions added from now on take the direct form */
    uint64_t macs;          /* multiply-adds of a full pass, dense counting */
    size_t scratch;         /* floats of working memory the largest operation needs */
};

/* One thread's activations for networks up to the size of those it was made for. */
struct net_workspace;

void net_init(struct net *net, const struct nn_ops *ops);
void net_free(struct net *net);

/*
 * Add nodes in order of evaluation; each returns its index.  kernel (K x C x O) and bias (O, or
 * NULL for zeros) are taken over by the network.  The output of a "valid" convolution has
 * (K - 1) * dilation columns fewer than its input; asserts that some remain.
 */
int net_add_input(struct net *net, size_t len);
int net_add_stem(struct net *net, int input, float *kernel, float *bias, size_t k, size_t c_out,
                 bool relu);
int net_add_stem_rows(struct net *net, int input, float *kernel, float *bias, size_t k,
                      size_t c_rows, size_t c_out, bool relu);  /* c_rows: see net_add_stem_same */
int net_add_conv(struct net *net, int input, float *kernel, float *bias, size_t k, size_t dilation,
                 size_t c_out, bool relu);
int net_add_relu(struct net *net, int input);
int net_add_mean(struct net *net, int input, size_t lo, size_t hi);     /* over [lo, hi) */

/*
 * Padded with zeros so that the output is as long as the input: (K - 1) * dilation / 2 columns in
 * front, the rest behind ("same"; K odd, or dilation even, for PyTorch's and Keras' placement).
 * c_rows of a stem: 4, or 5 with a row for N.
 */
int net_add_stem_same(struct net *net, int input, float *kernel, float *bias, size_t k,
                      size_t c_rows, size_t c_out);
int net_add_conv_same(struct net *net, int input, float *kernel, float *bias, size_t k,
                      size_t dilation, size_t c_out);

/*
 * Weights of their own for the first n and the last n columns of such a stem, which has more than
 * 2 n: kernel[i] and bias[i], i < 2 n, taken over like the stem's.  Two padded convolutions in a
 * row are one only where the second sees no padding.
 */
void net_set_stem_edges(struct net *net, int stem, float *const *kernel, float *const *bias,
                        size_t n);
int net_add_depthwise_same(struct net *net, int input, float *kernel, float *bias, size_t k,
                           size_t dilation);    /* kernel K x C */

/*
 * The same of relu(input).  Where the kernel set can, the activation is taken while reading and no
 * node is added for it.
 */
int net_add_conv_of_relu(struct net *net, int input, float *kernel, float *bias, size_t k,
                         size_t dilation, size_t c_out);

/*
 * Convolution to few channels (a profile head): two nodes, the second's index is returned.  The
 * padded form asks for an odd k.
 */
int net_add_narrow_conv(struct net *net, int input, const float *kernel, float *bias, size_t k,
                        size_t c_out);
int net_add_narrow_conv_same(struct net *net, int input, const float *kernel, float *bias, size_t k,
                             size_t c_out);

int net_add_act(struct net *net, int input, enum nn_act act);
int net_add_affine(struct net *net, int input, float *scale, float *shift, enum nn_act act);
int net_add_layer_norm(struct net *net, int input, float *scale, float *shift, double eps);
int net_add_max_pool(struct net *net, int input, size_t width);     /* a last, partial one is cut */
int net_add_soft_pool(struct net *net, int input, int logits);
int net_add_upsample(struct net *net, int input, size_t times);
int net_add_concat(struct net *net, int first, int second);
int net_add_gate(struct net *net, int input, int gate);
int net_add_stats(struct net *net, int input, double eps);
int net_add_normalize(struct net *net, int input, int stats);
int net_add_call(struct net *net, int input, int second, size_t len, size_t channels,
                 const struct nn_call *call, uint64_t macs);

/* Add column j + shift of another node to column j of conv node. */
void net_set_residual(struct net *net, int node, int residual, size_t shift);

/* An activation taken last, behind the residual if there is one. */
void net_set_act(struct net *net, int node, enum nn_act act);

/*
 * Compute nodes first to last, all local but perhaps the first, in tiles of width columns of the
 * last; the others are read by nobody else.  With width 0 net_run leaves them out and net_demand
 * computes them.
 */
void net_add_stretch(struct net *net, int first, int last, size_t width);

/* Columns [lo, hi) of a node are wanted; call for every output, after all nodes are added. */
void net_want(struct net *net, int node, size_t lo, size_t hi);

/*
 * n_threads compute one window together, or as many as could be started, which
 * net_workspace_threads tells; what they compute does not depend on their number.
 */
struct net_workspace *net_workspace_new(size_t n_threads);
size_t net_workspace_threads(const struct net_workspace *ws);
void net_workspace_free(struct net_workspace *ws);

/* Full pass over codes (len of the input). */
void net_run(const struct net *net, struct net_workspace *ws, const uint8_t *codes);

/*
 * The same network on other codes that differ from net_run's in columns [lo, hi) at most.  The
 * activations then are those of the changed input until net_restore.  After it, those behind a
 * global node stay the changed input's until the next run or change.
 */
void net_change(const struct net *net, struct net_workspace *ws, const uint8_t *codes, size_t lo,
                size_t hi);
void net_restore(const struct net *net, struct net_workspace *ws);

/* The last change before the next net_run: as net_change, but nothing is kept for net_restore. */
void net_change_last(const struct net *net, struct net_workspace *ws, const uint8_t *codes,
                     size_t lo, size_t hi);

/*
 * Columns [lo, hi) of the last node of a stretch of width 0, from the activations of the last run
 * or change.  The returned pointer, [hi - lo][channels], is good until the next call.
 */
const float *net_demand(const struct net *net, struct net_workspace *ws, int node, size_t lo,
                        size_t hi);

/*
 * For what a family does with activations itself: run part on the workspace's threads; the working
 * memory of part i, as large as the last network's largest operation needs.
 */
void net_share(struct net_workspace *ws, team_part *part, void *context);
float *net_scratch(struct net_workspace *ws, size_t i);

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
const float *net_output(const struct net *net, const struct net_workspace *ws, int node);

/* Columns of a node that change with input columns [lo, hi), clipped to what is needed. */
struct nn_range net_changed(const struct net *net, int node, size_t lo, size_t hi);

/*
 * Input columns that the middle column of a node depends on; the whole input behind a global node.
 */
size_t net_receptive_field(const struct net *net, int node);

/* Bytes of activations a workspace takes for this network. */
size_t net_bytes(const struct net *net);

#endif
