/* SPDX-License-Identifier: MIT */
/* What the parts of predict share: options, loaded models, the input, and jobs. */
#ifndef PREDICT_H
#define PREDICT_H

#include "base/base.h"
#include "digest/hash256.h"
#include "nn/net.h"
#include "oracle/model.h"
#include "prog/opt.h"
#include "prog/tally.h"
#include "record/prediction.h"
#include "record/track.h"
#include "score/decisions.h"
#include "score/wanted.h"
#include "stream/meta.h"

struct options {
    const char *oracle, *head, *genome, *table, *out, *in, *layer, *residual, *shard, *adapters,
        *counts, *rounding, *preset, *weights_key, *out_len_text;
    struct opt_list weights;
    int64_t threads, window_threads, batch, bins, bin_seed, in_len;
    size_t out_len[2];              /* --output-length: of the network, of its bias network; 0: not said */
    bool full, raw, text, strict, normalise, allow_empty, skip_contigs, list_tracks, describe, regions, profile;
    bool average_strands, n_channel, signals, forward, unsquash;
    uint64_t shard_i, shard_n;      /* 1-based i of n; n is 0 without --shard */
    const char *gtf, *genes;        /* of tracks scored over genes */
    struct decisions decide;
};

/* What a track table says of a track and nothing depends on; "" for what it does not say. */
struct track_note {
    char *fold, *organism, *licence;
};

/* The models of a run and their tracks, those of one model together. */
struct models {
    struct model **model;
    size_t n;
    size_t *first_track;            /* of each model */
    struct track_table tracks;
    const struct layer **layer;     /* per track */
    struct track_note *note;        /* per track */
    char *organism;                 /* of all tracks that say; NULL: none says */
    size_t in_len;                  /* the same for all models, as is the next */
    double n_fraction;              /* of a window's bases that may be N */
    bool only_acgtn;                /* a window with another letter is left out */
    struct nn_ops ops;
    char ops_name[160];             /* for -v and provenance */
};

void models_load(struct models *m, const struct options *o);
void models_free(struct models *m);
void models_describe(const struct models *m);

/* Print what the weight file o->in holds, its tensors and the model they make.  Dies on failure. */
void describe_file(const struct options *o);

void models_list(const struct models *m);

/*
 * Print to standard error what every layer cost, summed over the threads' workspaces: columns
 * computed, seconds, floating-point operations as the direct form counts them (so that a Winograd
 * layer may exceed the processor's peak) and bytes of activations moved.
 */
void profile_print(const struct models *m, struct net_workspace *const *ws, size_t n_ws);

/* One site on its way through: sequences in, predictions out. */
struct work_site {
    struct prediction p;            /* site and, later, values */
    struct wanted_bins wanted;      /* not with --full */
    bool same_window;               /* its reference sequence is that of the site before it */
    uint8_t *codes;                 /* n_alleles x in_len */
    size_t codes_cap;
    struct model_allele *allele;    /* n_alleles, the reference first */
    size_t allele_cap;
    void *block;                    /* p's values, between work and write */
};

struct input;

/*
 * Open the sites (VCF, BCF, BED or one-hot stream) and what they need.  Dies with a message.
 * input_next fills s with the next site that can be predicted (1) or returns 0 at the end;
 * left-out ones are counted.
 */
struct input *input_open(const struct options *o, const struct models *m);
int input_next(struct input *in, struct work_site *s);
const struct meta *input_meta(const struct input *in);  /* found in the input, and the genome */
bool input_is_variants(const struct input *in);

/*
 * Report what was left out and give the lines "sites" and "tally" for the trailer.  Dies when
 * nothing could be predicted.  predicted: sites that were.
 */
void input_finish(struct input *in, struct meta *trailer, uint64_t predicted);
void input_close(struct input *in);

#endif
