/* SPDX-License-Identifier: MIT */
/* What the user asked of a sampler, and what the recipe makes of it. */
#ifndef PT_SAMPLE_REQUEST_H
#define PT_SAMPLE_REQUEST_H

#include "base/base.h"
#include "base/err.h"
#include "sample/recipe.h"
#include "sample/sample.h"

enum { REQUEST_COUNTS = 32, REQUEST_QUOTAS = 16 };

struct sample_request {
    enum sample_kind kind;
    const char *recipe;             /* NULL: not given */
    const char *recipe_file;        /* table of the user's strata; NULL: none */
    const char *only;               /* stratum; NULL: all */
    const char *contigs;            /* names separated by commas; NULL: as the recipe says */
    const char *within;             /* BED file; NULL: none */
    int64_t n, seed, margin, max_pos;   /* -1: as the recipe says; filled in by request_check */

    const char *gtf, *ccre, *dhs;   /* annotation files; NULL: not given */
    const char *strata;             /* "tss_near=.5,ccre=.5"; NULL: the recipe's */
    const char *const *count;       /* [n_counts] "STRATUM=N" or "ccre:CLASS=N" */
    size_t n_counts;
    const char *dhs_samples, *dhs_signal;       /* "LOW-HIGH"; NULL: no filter */
    bool shuffle;
    int64_t shuffle_seed;           /* -1: none */

    /* Filled in by request_check. */
    struct sample_stratum stratum[REQUEST_COUNTS];      /* to be drawn, in order */
    size_t n_strata;
    unsigned needs;                 /* NEEDS_ flags of what is drawn */
    struct ccre_quota quota[REQUEST_QUOTAS];
    size_t n_quota;
    struct dhs_filter dhs_filter;
    char *text;                     /* that names in quota point into */
};

/*
 * Refuses what makes no sense, fills in the recipe's values; NULL with a message on wrong usage.
 * request_free frees what was filled in.
 */
const struct recipe *request_check(struct sample_request *q, struct err *e);
void request_free(struct sample_request *q);

#endif
