/* SPDX-License-Identifier: MIT */
/*
 * One loaded model: weight files turned into networks, and the tracks they predict.  predict asks
 * it for the wanted bins of all its tracks, for all alleles of a batch of sites.
 *
 * What a model is made of is its family's business (family.h); a family is one file here.
 */
#ifndef PT_MODEL_H
#define PT_MODEL_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "nn/net.h"
#include "record/prediction.h"

/* Where a residual sum stands: x + relu(conv(x)), or x + conv(relu(x)) with a last relu. */
enum residual_form { RESIDUAL_AUTO, RESIDUAL_POST, RESIDUAL_PRE };

struct model_options {
    enum residual_form form;    /* for weight files that do not say */
    bool raw;                   /* a network's own output (profile logits), where a family has one,
                                   in place of expected counts */

    const char *weights_key;    /* where in a weight file the network is; NULL: the only place */

    /* Of some families; a family refuses those it does not know (model_take_options). */
    size_t in_len;              /* bases of a window where the file does not say; 0: the family's */
    size_t out_len;             /* bpnet, chrombpnet, cherimoya, multimolecule: positions
                                   predicted, where the file does not say; 0: as published */
    size_t bias_out_len;        /* of the bias network of a composition; 0: as the other */
    bool average_strands;       /* mean of both strands' predictions */
    const char *adapters;       /* legnet: "chorus", "upstream", "none"; NULL: chorus */
    const char *counts;         /* multimolecule: "multimolecule" for exp(C); NULL: exp(C) - 1 */
    const char *rounding;       /* cherimoya: "cuda" for its bfloat16 on a GPU; NULL: float32 */
    bool n_channel;             /* multimolecule: an N is its fifth channel, not nothing */
    bool signals;               /* epinformerseq: bins of both signals, not their maxima */
    const char *head;           /* enformer, borzoi: "human", "mouse"; NULL: human, or the
                                   only one of a file that names none */
    bool unsquash;              /* borzoi: undo the squashing of the targets */
    bool forward;               /* sei: the forward strand alone */
};

/* One output track. */
struct model_track {
    char *id;                   /* its id, or NULL: the one that the user gives the model ... */
    const char *prefix;         /* ... behind this, "Enhancer_DNase:"; NULL for none */
    char *suffix;               /* ... and before this, ":0"; NULL for none */
    char *assay, *biosample;    /* or NULL: the user's */
    const char *layer;          /* scoring layer unless the user names one; NULL: the family's */
    uint32_t n_bins, bin_bp, n_strands;
};

struct family;

struct model {
    const struct family *family;
    char *path;                 /* as the user gave it */
    const char *format;         /* of the (first) weight file */
    const char *kind;           /* "ChromBPNet without bias", ... */
    char sha256[65];            /* of the weight file; of several, that of their sums in order */
    size_t in_len;              /* genomic bases of a window, even */
    struct model_track *track;
    size_t n_tracks;
    struct net **net;           /* all networks, for profiles and memory; owned by the family */
    size_t n_nets;
    size_t batch;               /* sites it wants together, or 0 */
    uint64_t more_macs;         /* multiply-adds of a pass outside the networks */
    char **note;                /* what its files do not say and was assumed, for the user */
    size_t n_notes;
    void *impl;                 /* the family's own */
};

/*
 * Load a model of a family ("chrombpnet", ...).  path is a weight file, several separated by
 * commas, or what else the family's header comment says.  A file of another family, a missing
 * tensor or a wrong shape is refused with the names.  NULL with the reason in e.
 */
struct model *model_open(const char *family, const char *path, const struct model_options *o,
                         const struct nn_ops *ops, struct err *e);
void model_free(struct model *m);

/* A window may have this share of letters N, of all its bases. */
double model_n_fraction(const struct model *m);

/* Whether a window with letters other than A, C, G, T and N is left out. */
bool model_only_acgtn(const struct model *m);

/*
 * An allele to predict: base codes and the columns [lo, hi) that differ from the group's
 * reference (hi <= lo: it is the reference), and the prediction it goes to, as allele number
 * allele there: segments, values and log-counts of the model's tracks are allocated.
 */
struct model_allele {
    const uint8_t *codes;       /* in_len; 0..3 = A C G T, 4 anything else */
    size_t lo, hi;
    struct prediction *p;
    size_t allele;
};

/* Alleles with one reference window, whose pass they share. */
struct model_group {
    const uint8_t *codes;       /* of the reference */
    const struct model_allele *allele;
    size_t n;
};

/* One thread's working memory: activations, and whatever arrays a family asks for. */
struct model_scratch {
    struct net_workspace *ws;
    float *f32;
    size_t f32_cap;
    double *f64;
    size_t f64_cap;
    uint8_t *u8;
    size_t u8_cap;
};

/* Predict all groups; the model's tracks are first_track and those after it of each prediction. */
void model_predict(const struct model *m, struct model_scratch *scratch, size_t first_track,
                   const struct model_group *group, size_t n_groups);

/* Bytes of activations a workspace takes for the model. */
size_t model_workspace_bytes(const struct model *m);

/* Multiply-adds of one full pass, dense counting. */
uint64_t model_macs(const struct model *m);

/* "key\tvalue" lines on the model's make. */
void model_describe(const struct model *m, FILE *fp);

#endif
