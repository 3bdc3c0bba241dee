/* SPDX-License-Identifier: MIT */
/* The annotation files of a recipe. */
#ifndef PT_SAMPLE_INPUTS_H
#define PT_SAMPLE_INPUTS_H

#include <jansson.h>

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"
#include "sample/request.h"

struct sample_inputs {
    struct gtf *gtf;
    struct ccre *ccre;
    struct dhs *dhs;
    char *alias_note[3];        /* "'1' taken as 'chr1' (22 names)" of each file, or NULL */
};

/*
 * Read the files that the request needs.  wanted says by contig which to draw from; NULL stands
 * for chr1 to chr22, for elements also chrX, and in the anchored recipes every chromosome of the
 * genes.  A chromosome to draw from that the genome lacks is an error except in the anchored
 * recipes, whose margins are measured on the contigs that the genome has.
 */
int inputs_read(struct sample_inputs *in, const struct recipe *r, const struct sample_request *q,
                const struct genome *g, const bool *wanted, struct err *e) PT_MUST_USE;
void inputs_free(struct sample_inputs *in);

/* {"gtf": {"file": ..., "sha256": ..., "genes_sha256": ...}, ...}; new reference. */
json_t *inputs_provenance(const struct sample_inputs *in);

#endif
