/* SPDX-License-Identifier: MIT */
/*
 * Models that predict many tracks in bins along a window: Enformer, Borzoi.  What they share is
 * how a prediction is asked for: a trunk is run for the reference and changed for the others; what
 * is behind the last block's queries runs on demand, for the wanted bins; and of the heads only the
 * tracks that want those bins.
 *
 * Replicates and strands are averaged: the mean of the networks' outputs, in the order of the
 * files, forward before reverse.  Then, if asked, the targets' squashing is undone.
 */
#ifndef PT_ORACLE_BINNED_H
#define PT_ORACLE_BINNED_H

#include "nn/attention.h"
#include "oracle/family.h"
#include "oracle/large.h"
#include "oracle/tracktable.h"

/* Heads of up to so many neighbouring tracks of one layer are one product. */
enum { BINNED_HEAD = 256 };

struct binned_head {
    size_t first, n;            /* channels of the head, which are the model's tracks */
    struct nn_conv conv;        /* 1 tap */
};

struct binned_net {
    struct net net;
    int last;                   /* node on demand: what the heads read */
    size_t offset;              /* its column of bin 0 */
    struct nn_attention **attention;
    size_t n_attention;
    struct binned_head *head;
    size_t n_heads;
};

struct binned {
    struct binned_net **net;    /* replicates */
    size_t n_nets;
    size_t n_bins, bin_bp, n_tracks;
    size_t net_len, skip;       /* bases a network reads, and those of the window before them */
    bool both_strands, unsquash;
    struct track_rows *rows;    /* NULL: the tracks are numbered */
};

/* The tensors of the transformer block that both have, as they are in the files. */
struct binned_block {
    float *norm1_scale, *norm1_shift, *norm2_scale, *norm2_shift;
    struct kernel q, k, v, out, up, down;       /* 1 tap */
    float *out_bias, *up_bias, *down_bias, *content_bias, *position_bias;
    struct kernel relative;                     /* features x heads * key */
    size_t heads;
    double eps;
};

/* Content bias of that name, (1, heads, 1, key size), and from its shape the heads. */
int binned_take_content_bias(struct binned_block *t, const struct weights *w, const char *name,
                             struct err *e);

/*
 * A transformer: depth blocks whose tensors take gives, i being the block and n its channels; it
 * may leave what it took in t when it fails, with -1 and the reason in e.  t is zero before but for
 * eps.  The features of distances, of which there are multiples of so many, are of table.
 */
struct binned_transformer {
    size_t depth;
    double eps;
    int (*take)(struct binned_block *t, const void *source, size_t i, size_t n, struct err *e);
    const void *source;
    struct position_table *(*table)(size_t n_tokens, size_t n_features);
    size_t multiple;
    const char *path;           /* for messages */
};

/*
 * Returns the node of the last block's output and in *attention that of its attention; -1 with the
 * reason in e.
 */
int binned_add_transformer(struct binned_net *b, int input, const struct binned_transformer *t,
                           int *attention, struct err *e);

/* Tracks of the model: those of the table, or n numbered ones where there is none. */
int binned_add_tracks(struct model *m, struct binned *b, const struct large_files *f, size_t n,
                      const struct model_options *o, struct err *e);

/*
 * The heads of net, whose last node is known, on the model's middle bins; net becomes one of m's.
 * m's tracks and b's sizes are known.
 */
int binned_finish_net(struct model *m, const struct binned *b, struct binned_net *net,
                      const struct weights *w, const char *kernel, const char *bias,
                      enum axes axes, struct err *e);

void binned_free(struct binned *b);
void binned_predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
                    const struct model_group *group, size_t n_groups);
void binned_describe(const struct model *m, FILE *fp);

#endif
