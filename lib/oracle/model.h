/* SPDX-License-Identifier: MIT */
/*
 * One loaded model: a weight file turned into networks, with its count head.  predict asks it for
 * the predictions of all alleles of a site.
 */
#ifndef PT_MODEL_H
#define PT_MODEL_H

#include "base.h"
#include "err.h"
#include "nn/net.h"
#include "weights/weights.h"

/*
 * From the count head's log-count C to the expected number of reads T.  What C was trained on
 * decides (count heads of chorus and of the training codes):
 *   one track            C = log(1 + reads)                             T = exp(C) - 1
 *   BPNet, two strands   C = logsumexp over strands of log(1 + reads)   T = exp(C) - 2
 * T may be slightly negative; it is never clamped.
 */
enum count_head { COUNT_EXPM1, COUNT_EXP_MINUS_2 };

/* Where the residual sum stands: x + relu(conv(x)), or x + conv(relu(x)) with a last relu. */
enum residual_form { RESIDUAL_AUTO, RESIDUAL_POST, RESIDUAL_PRE };

enum { MODEL_MAX_BRANCHES = 2 };

/* One BPNet-shaped network and where its outputs are. */
struct branch {
    struct net net;
    int profile;            /* node: out_len + 2 * crop columns of n_strands logits */
    int pooled;             /* node: mean of the last layer, one column of F channels */
    size_t crop;            /* profile columns dropped at each end */
    size_t filters, layers;
    enum residual_form form;
    float *count_kernel;    /* F */
    double count_bias;
};

struct model {
    char *path;
    const char *format;     /* of the weight file */
    const char *kind;       /* "ChromBPNet without bias", ... */
    char sha256[65];
    size_t in_len, out_len; /* bases read; bins of each strand, one base wide */
    size_t n_strands;       /* 1 or 2 */
    enum count_head head;
    struct branch branch[MODEL_MAX_BRANCHES];
    size_t n_branches;      /* 2: accessibility and bias, logits added, counts log-added */
};

struct model_options {
    enum residual_form form;    /* for weight files that do not say */
};

/*
 * Load a weight file for an oracle family ("chrombpnet", "bpnet").  A file of another family, a
 * missing tensor or a wrong shape is refused with the names.  NULL with the reason in e.
 */
struct model *model_open(const char *family, const char *path, const struct model_options *o,
                         const struct nn_ops *ops, struct err *e);
void model_free(struct model *m);

/* The families known, "bpnet, chrombpnet", for messages; the layer each is scored with. */
bool model_family_known(const char *family);
const char *model_families(void);
const char *model_default_layer(const char *family);

/* An allele's window: base codes and the columns [lo, hi) that differ from the reference's. */
struct model_input {
    const uint8_t *codes;       /* in_len; 0..3 = A C G T, anything else adds nothing */
    size_t lo, hi;              /* unused for input 0 */
};

/*
 * Predict n alleles, the first being the reference the others are changes of.
 *
 *   logits     n x n_strands x out_len
 *   log_count  n
 */
void model_predict(const struct model *m, struct net_workspace *ws, float *logits,
                   double *log_count, const struct model_input *input, size_t n);

/*
 * Expected counts of one allele, in place of its logits: softmax over all positions and strands
 * together, times T(log_count).  exp() and the sum are in double (an error below 1e-15 of each
 * value, glibc's bound of 1 ulp), rounded to float once.  scratch: n_strands x out_len.
 */
void model_expected_counts(const struct model *m, float *logits, double log_count,
                           double *scratch);

double model_total_count(const struct model *m, double log_count);

/* Bytes of activations a workspace takes for the model. */
size_t model_workspace_bytes(const struct model *m);

/* Multiply-adds of one full pass, dense counting. */
uint64_t model_macs(const struct model *m);

#endif
