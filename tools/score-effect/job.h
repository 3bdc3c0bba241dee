/* SPDX-License-Identifier: MIT */
/* What score-effect makes of its options and of the header of the predictions. */
#ifndef SCORE_EFFECT_JOB_H
#define SCORE_EFFECT_JOB_H

#include "base/base.h"
#include "record/track.h"
#include "score/decisions.h"
#include "score/score_site.h"
#include "stream/meta.h"

struct options {
    const char *in, *out;       /* NULL or "-": standard stream */
    const char *layer;          /* for all tracks; NULL: each track's own */
    const char *gtf, *genes, *strand;   /* as given; NULL: not given */
    struct decisions decide;
    bool text, strict, allow_empty, f32_pairwise, all_summaries;
};

struct job {
    const char *name;           /* of the input, for messages */
    struct track_table tracks;
    const struct layer **layer; /* one per track */
    struct score_rules rules;
    bool new_layers;            /* tracks have other layers than in the predictions */
    struct gene_index *genes;   /* NULL: none needed */
    char *gtf;                  /* its file where the predictions name it, or NULL */
    char gtf_sha256[65];
    bool has_perbin;
    const char *shard;          /* "i/n" of predictions of a part of the sites; NULL: all */
    struct scorer *scorer;
};

/*
 * choices.c: the options that predict had too come from its header where they are not given, those
 * of genes when a track is scored over them; and what was given must agree with it.  All die when
 * it does not, or when the header is damaged.
 */
void choices_take(const struct job *j, const struct meta *m, struct options *o);
void choices_take_genes(struct job *j, const struct meta *m, struct options *o);
void choices_check(const struct job *j, const struct meta *m, const struct options *o,
                   unsigned in_force);

/* Read the header m of the predictions; dies when they cannot be scored.  j->name is set. */
void job_open(struct job *j, const struct meta *m, struct options *o);
void job_close(struct job *j);

/* The header of the scores: that of the predictions, with what was done to them; m is empty. */
void job_header(struct meta *m, const struct job *j, const struct meta *in,
                const struct options *o);

#endif
