/* SPDX-License-Identifier: MIT */
/* The alternate allele of a drawn position, as the reference implementation draws it. */
#ifndef PT_SAMPLE_SNP_H
#define PT_SAMPLE_SNP_H

#include "base/base.h"
#include "base/err.h"
#include "rng/pyrandom.h"
#include "sample/sample.h"

/*
 * Look at the letter of a site inside its contig.  A, C, G or T: the alternate is choice() of the
 * three other letters in ACGT order, and the site is kept.  Any other letter consumes nothing of
 * the stream and the site is rejected.  0, or -1 with e set when the letter cannot be read.
 */
int snp_add(struct sample *s, struct pyrandom *r, const struct bases *b,
            struct sample_site *site, bool keep_rejected, struct err *e);

#endif
