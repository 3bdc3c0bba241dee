/* SPDX-License-Identifier: MIT */
/*
 * The BPNet skeleton shared by ChromBPNet, BPNet and bpnet-lite, in its valid form:
 *
 *   stem convolution; n layers of 3-tap convolutions with dilation 2^i and a residual; a profile
 *   convolution to one or two strands of each task, cropped; mean of the last layer and a dense
 *   count head.
 *
 * Readers of the different weight files fill struct bpnet_params; bpnet_build makes the network.
 */
#ifndef PT_BPNET_H
#define PT_BPNET_H

#include "oracle/counts.h"
#include "oracle/family.h"
#include "oracle/tensors.h"

enum { BPNET_MAX_BRANCHES = 2, BPNET_MAX_TASKS = 64 };

/* One BPNet-shaped network and where its outputs are. */
struct bpnet_branch {
    struct net net;
    int profile;            /* node: out_len + 2 * crop columns of n_strands logits */
    int pooled;             /* node: mean of the last layer, one column of F channels */
    size_t crop;            /* profile columns dropped at each end */
    size_t filters, layers;
    enum residual_form form;
    float *count_kernel;    /* F x n_tasks */
    double count_bias[BPNET_MAX_TASKS];
};

/* A model: one network, or accessibility and bias, logits added and counts log-added. */
struct bpnet {
    struct model *model;    /* whose it is, for notes */
    const char *kind;
    size_t in_len, out_len; /* bases read; bins of each strand, one base wide */
    size_t n_tasks;         /* each a track with its own softmax and count; 1 but for some BPNets */
    size_t n_strands[BPNET_MAX_TASKS];      /* 1 or 2 channels each */
    size_t n_channels;      /* all of them */
    enum count_head head[BPNET_MAX_TASKS];
    bool is_composed;       /* of a state dictionary of two networks, each with a length of its own */
    bool takes_out_len;     /* the file does not say how many positions are predicted */
    bool raw;               /* logits in place of expected counts */
    struct bpnet_branch branch[BPNET_MAX_BRANCHES];
    size_t n_branches;
};

struct bpnet_params {
    struct oracle_conv stem, *layer, profile;
    size_t n_layers;
    bool stem_relu;             /* post-activation nets have one, pre-activation nets do not */
    enum residual_form form;
    size_t n_tasks;
    float *count_kernel;        /* F x n_tasks, owned */
    double count_bias[BPNET_MAX_TASKS];
    size_t in_len, out_len;
    size_t pool_crop;           /* columns of the last layer left out of the mean at each end */
};

/* Of published models, for files that do not say: all of them read 2114 bp. */
enum { BPNET_IN_LEN = 2114, BPNET_MAX_LAYERS = 30 };

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

/* Whether a Keras layer of that name holds a kernel, at any depth. */
bool bpnet_has_layer(const struct weights *w, const char *layer);

/* n tasks of that many strands each, their counts by COUNT_EXPM1 or, of two, COUNT_EXP_MINUS_2. */
void bpnet_set_tasks(struct bpnet *m, size_t n, size_t n_strands);

/* Free what a reader has filled, and b itself. */
void bpnet_free(struct bpnet *b);

/*
 * What the families made of this skeleton share: open a model's one weight file with the first of
 * the readers that knows it (others: readers of other families, to say whose it is), and the rest
 * of struct family.  takes: options that only some of these families have.
 */
typedef int bpnet_reader(struct bpnet *m, const struct weights *w, const struct model_options *o,
                         const struct nn_ops *ops, struct err *e);

int bpnet_open(struct model *m, char **path, size_t n_paths, const struct model_options *o,
               const struct nn_ops *ops, bpnet_reader *const *reader, size_t n_readers,
               unsigned takes, struct err *e);
void bpnet_predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
                   const struct model_group *group, size_t n_groups);
void bpnet_describe(const struct model *m, FILE *fp);
void bpnet_free_impl(struct model *m);

/*
 * Readers, by what the tensors are called.  Return 1 when the file is not theirs, else 0 or -1;
 * m->kind tells whose it is as soon as that is known.
 */
int bpnet_from_chrombpnet(struct bpnet *m, const struct weights *w, const struct model_options *o,
                          const struct nn_ops *ops, struct err *e);
int bpnet_from_bpnet_chip(struct bpnet *m, const struct weights *w, const struct model_options *o,
                          const struct nn_ops *ops, struct err *e);
int bpnet_from_bpnet_lite(struct bpnet *m, const struct weights *w, const struct model_options *o,
                          const struct nn_ops *ops, struct err *e);

#endif
