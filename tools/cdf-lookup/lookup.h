/* SPDX-License-Identifier: MIT */
/* The parts of cdf-lookup: one value's answer, a whole score file, what a background holds. */
#ifndef PT_LOOKUP_H
#define PT_LOOKUP_H

#include "base.h"
#include "cdf/background.h"
#include "cdf/rank.h"
#include "score/record.h"

struct options {
    const char *background, *out, *track, *kind, *ties;
    bool list, status, skip_unknown, strip_strand;
    char **arg;
    size_t n_arg;
};

struct lookup {
    struct background *bg;
    const char *path;           /* of the background */
    enum rank_ties ties;
    bool strip_strand;
};

/* One answer: the fields as printed, "." for none. */
struct answer {
    char percentile[32], exceedance[32];
};

/* Row of a track id as the options allow it to be spelled, or -1. */
ptrdiff_t lookup_track(const struct lookup *l, const char *id);

/* Dies with what to do when the file has no rows of a kind. */
void lookup_need_kind(const struct lookup *l, enum score_kind kind);

/* Read a row, checked; caller frees.  NULL when nothing is behind it. */
float *lookup_row(const struct lookup *l, enum score_kind kind, size_t track);

/*
 * Rank v in a row (NULL gives "."): effects of signed tracks as they are, of unsigned ones by
 * their size, summary and perbin values unsigned.  Dies when v is not finite.
 */
void lookup_rank(struct answer *a, const struct lookup *l, const float *row, enum score_kind kind,
                 size_t track, double v);

/* Append percentile and exceedance to every row of a score file. */
void lookup_annotate(const struct lookup *l, const struct options *o);

/* The tables of --list and --status on standard output (or -o). */
void lookup_list(const struct lookup *l, const struct options *o);
void lookup_status(const struct lookup *l, const struct options *o);

/*
 * What a score file says of genome, layers and weights, against what the background was built
 * with; built from both headers once, asked per track.  Only what both state is compared.
 */
struct agreement;
struct agreement *agreement_new(const struct lookup *l, const struct meta *scores,
                                const char *name);
void agreement_check_track(const struct agreement *a, const struct track *t, size_t row);
void agreement_free(struct agreement *a);

#endif
