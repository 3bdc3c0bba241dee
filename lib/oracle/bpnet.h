/* SPDX-License-Identifier: MIT */
/*
 * The BPNet skeleton shared by ChromBPNet, BPNet and bpnet-lite, in its valid form:
 *
 *   stem convolution; n layers of 3-tap convolutions with dilation 2^i and a residual; a profile
 *   convolution to one or two strands, cropped; mean of the last layer and a dense count head.
 *
 * Readers of the different weight files fill struct bpnet_params; bpnet_build makes the network.
 */
#ifndef PT_BPNET_H
#define PT_BPNET_H

#include "oracle/family.h"

/*
 * From the count head's log-count C to the expected number of reads T.  What C was trained on
 * decides (count heads of chorus and of the training codes):
 *   one track            C = log(1 + reads)                             T = exp(C) - 1
 *   BPNet, two strands   C = logsumexp over strands of log(1 + reads)   T = exp(C) - 2
 * T may be slightly negative; it is never clamped.
 */
enum count_head { COUNT_EXPM1, COUNT_EXP_MINUS_2 };

enum { BPNET_MAX_BRANCHES = 2 };

/* One BPNet-shaped network and where its outputs are. */
struct bpnet_branch {
    struct net net;
    int profile;            /* node: out_len + 2 * crop columns of n_strands logits */
    int pooled;             /* node: mean of the last layer, one column of F channels */
    size_t crop;            /* profile columns dropped at each end */
    size_t filters, layers;
    enum residual_form form;
    float *count_kernel;    /* F */
    double count_bias;
};

/* A model: one network, or accessibility and bias, logits added and counts log-added. */
struct bpnet {
    const char *kind;
    size_t in_len, out_len; /* bases read; bins of each strand, one base wide */
    size_t n_strands;       /* 1 or 2 */
    enum count_head head;
    bool raw;               /* logits in place of expected counts */
    struct bpnet_branch branch[BPNET_MAX_BRANCHES];
    size_t n_branches;
};

/* Kernel K x C x O (Keras layout) and bias O, owned. */
struct bpnet_conv {
    float *kernel, *bias;
    size_t k, c_in, c_out, dilation;
};

struct bpnet_params {
    struct bpnet_conv stem, *layer, profile;
    size_t n_layers;
    bool stem_relu;             /* post-activation nets have one, pre-activation nets do not */
    enum residual_form form;
    float *count_kernel;        /* F, owned */
    double count_bias;
    size_t in_len, out_len;
    size_t pool_crop;           /* columns of the last layer left out of the mean at each end */
};

/* Defaults of published models whose file does not say: all of them read 2114 bp, predict 1000. */
enum { BPNET_IN_LEN = 2114, BPNET_OUT_LEN = 1000, BPNET_MAX_LAYERS = 30 };

void bpnet_params_free(struct bpnet_params *p);

/*
 * Build the network of p into b, taking over its arrays.  Refuses what does not fit together: an
 * input too short for the receptive field, a crop that is negative or not whole.
 */
int bpnet_build(struct bpnet_branch *b, struct bpnet_params *p, const struct nn_ops *ops,
                struct err *e);

/*
 * Profile columns that the input determines, and columns of the last layer before them; 0 when
 * the input is too short.
 */
size_t bpnet_columns(const struct bpnet_params *p, size_t *before_profile);

/* Free what a reader has filled, and b itself. */
void bpnet_free(struct bpnet *b);

/*
 * Readers, by what the tensors are called.  Return 1 when the file is not theirs, else 0 or -1;
 * m->kind tells whose it is as soon as that is known.
 */
int bpnet_from_chrombpnet(struct bpnet *m, const struct weights *w, const struct nn_ops *ops,
                          struct err *e);
int bpnet_from_bpnet_chip(struct bpnet *m, const struct weights *w, const struct nn_ops *ops,
                          struct err *e);
int bpnet_from_bpnet_lite(struct bpnet *m, const struct weights *w, const struct model_options *o,
                          const struct nn_ops *ops, struct err *e);

/*
 * Tensor helpers: copy a tensor after checking its shape.  shape entries of 0 accept any size and
 * are filled in.  NULL with "PATH: tensor NAME has shape (21, 4, 63), expected ..." in e.
 */
float *bpnet_take(const struct weights *w, const char *name, size_t *shape, int ndim,
                  struct err *e);

/* Torch layout (O, C, K) to Keras layout (K, C, O), keeping the first c_keep input channels. */
float *bpnet_turn_torch(const float *torch, size_t c_out, size_t c_in, size_t k, size_t c_keep);

#endif
