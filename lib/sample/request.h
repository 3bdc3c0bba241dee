/* SPDX-License-Identifier: MIT */
/* From what the user asked of a sampler to the drawn sample. */
#ifndef PT_SAMPLE_REQUEST_H
#define PT_SAMPLE_REQUEST_H

#include <jansson.h>

#include "base.h"
#include "err.h"
#include "genome/genome.h"
#include "sample/recipe.h"
#include "sample/sample.h"

struct sample_request {
    enum sample_kind kind;
    const char *recipe;             /* NULL: not given */
    const char *only;               /* stratum; NULL: all */
    const char *contigs;            /* names separated by commas; NULL: as the recipe says */
    const char *within;             /* BED file; NULL: none */
    int64_t n, seed, margin, max_pos;   /* -1: as the recipe says; filled in by request_check */
};

/* Refuses what makes no sense, fills in the recipe's values; NULL with a message on wrong usage. */
const struct recipe *request_check(struct sample_request *q, struct err *e);

/* What a request became on a genome. */
struct sample_plan {
    const struct recipe *recipe;
    struct bases bases;
    struct intervals within;
    struct sample_params params;    /* points to the members above and to contig */
    size_t *contig;
    char *alias_note;               /* "'1' taken as 'chr1' (22 names)", or NULL */
};

/*
 * Resolve contigs, read the intervals.  The genome must outlive the plan.  On failure (-1) the
 * plan must still be freed.
 */
int plan_init(struct sample_plan *plan, const struct recipe *r, const struct sample_request *q,
              struct genome *g, struct err *e) PT_MUST_USE;
void plan_free(struct sample_plan *plan);

/* Draw; keeping nothing is an error.  s is initialised by the caller. */
int plan_draw(const struct sample_plan *plan, struct sample *s, struct err *e) PT_MUST_USE;

/* "random: 9609 kept of 10010 positions drawn, 10000 requested, 9609 distinct"; caller frees. */
char *plan_summary(const struct sample_plan *plan, const struct sample *s);

/* "chr1 441, chr2 437, ..." of the contigs drawn from; caller frees. */
char *plan_contig_counts(const struct sample_plan *plan, const struct sample *s);

/* Recipe, seed, numbers, generator and hashes as a JSON object for provenance; new reference. */
json_t *plan_provenance(const struct sample_plan *plan, const struct sample *s);

#endif
