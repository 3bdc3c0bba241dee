/* SPDX-License-Identifier: MIT */
/*
 * The baseline recipes, bit for bit as the reference implementation draws them: the strata one
 * after the other, each from its own generator, then one shuffle of them all.
 */
#ifndef PT_SAMPLE_BASELINE_H
#define PT_SAMPLE_BASELINE_H

#include "base/base.h"
#include "base/err.h"
#include "sample/sample.h"

/*
 * Draw the strata of p->stratum (random, ccre, tss, gene_body, dhs), each with its own number and
 * seed.  The final shuffle goes on with the stream of random (or that of p->shuffle_seed); a
 * single stratum is left in its order of drawing.  A stratum with nothing to draw from is an error;
 * one with less than asked for is drawn whole.
 */
int baseline_sites(struct sample *s, const struct bases *b, const struct sample_params *p,
                   struct err *e);

/* The same with AlphaGenome's quotas of cCRE classes. */
int baseline_sites_percent(struct sample *s, const struct bases *b, const struct sample_params *p,
                           struct err *e);

#endif
