/* SPDX-License-Identifier: MIT */
/* The parts of the family "sei" (sei.c), for each other. */
#ifndef PT_ORACLE_SEI_H
#define PT_ORACLE_SEI_H

#include "oracle/family.h"
#include "oracle/large.h"

/* Convolutions of Sei, from the sequence to positions x channels behind the dilated ones. */
struct sei_trunk {
    struct net net;
    int end;                    /* its last node */
    size_t positions, channels;
};

int sei_trunk_open(struct sei_trunk *t, size_t len, const struct weights *w,
                   const struct nn_ops *ops, struct err *e);

/*
 * Two linear layers on the features of many sequences at a time, n_features -> n_targets ->
 * n_targets: y = sigmoid(W2 relu(W1 x + b1) + b2).  Weights are kept in slices of outputs, so that
 * no more than one slice stands in memory twice while they are read.
 */
struct sei_slice {
    struct nn_conv conv;
    size_t lo;                  /* first output */
};

struct sei_classifier {
    struct nn_ops ops;
    size_t n_features, n_targets;
    struct sei_slice *slice[2]; /* of each layer */
    size_t n_slices[2];
};

/* Sequences that go through together: eight sites of two alleles on both strands. */
enum { SEI_ROWS = 32 };

int sei_classifier_open(struct sei_classifier *c, size_t n_features, const struct weights *w,
                        const struct nn_ops *ops, struct err *e);
void sei_classifier_free(struct sei_classifier *c);
uint64_t sei_classifier_macs(const struct sei_classifier *c);

/*
 * x is rows x n_features with room for SEI_ROWS + NN_SLACK_COLUMNS rows, hidden the same of
 * n_targets; y receives rows x n_targets.  The threads of ws share the outputs; its last network's
 * working memory is sei_part_floats at least.
 */
void sei_classify(const struct sei_classifier *c, struct net_workspace *ws, float *y,
                  const float *x, float *hidden, size_t rows);
size_t sei_part_floats(const struct sei_classifier *c);

/* Side files: a NumPy array of numbers, n of them in row-major order; NULL with the reason in e. */
double *sei_read_npy(const char *path, size_t shape[2], struct err *e);

#endif
