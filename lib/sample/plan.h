/* SPDX-License-Identifier: MIT */
/* A request on a genome: contigs resolved, inputs read, the sample drawn. */
#ifndef PT_SAMPLE_PLAN_H
#define PT_SAMPLE_PLAN_H

#include <jansson.h>

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"
#include "sample/custom.h"
#include "sample/inputs.h"
#include "sample/recipe.h"
#include "sample/request.h"
#include "sample/sample.h"

struct sample_plan {
    const struct recipe *recipe;
    const char *only;               /* of the request */
    struct bases bases;
    struct intervals within;
    struct sample_params params;    /* points to the members here */
    struct sample_stratum stratum[REQUEST_COUNTS];
    struct sample_inputs inputs;
    struct custom *custom;          /* the table of --recipe-file, or NULL */
    size_t *contig;
    bool *wanted;                   /* by contig: those of --contigs; NULL: as the recipe says */
    char *alias_note;               /* "'1' taken as 'chr1' (22 names)", or NULL */
};

/*
 * Resolve contigs, read intervals and annotation.  The genome and the request must outlive the
 * plan.  On failure (-1) the plan must still be freed.
 */
int plan_init(struct sample_plan *plan, const struct recipe *r, const struct sample_request *q,
              struct genome *g, struct err *e) PT_MUST_USE;
void plan_free(struct sample_plan *plan);

/* Draw; keeping nothing is an error.  s is initialised by the caller. */
int plan_draw(const struct sample_plan *plan, struct sample *s, struct err *e) PT_MUST_USE;

/* "chr1 441, chr2 437, ..." of the contigs drawn from; caller frees. */
char *plan_contig_counts(const struct sample_plan *plan, const struct sample *s);

/* Recipe, seeds, numbers, generator and hashes as a JSON object for provenance; new reference. */
json_t *plan_provenance(const struct sample_plan *plan, const struct sample *s);

#endif
