/* SPDX-License-Identifier: MIT */
/*
 * SNPs anchored at annotation, bit for bit as the reference implementation draws them.
 *
 * Positions first: every stratum in order draws from one stream (Random(seed)), with elements and
 * summits from pools that were drawn and shuffled before; the whole list is shuffled; then
 * alternates are drawn in that order from a second stream of the same seed.  Each stratum goes
 * through its pool from the pool's beginning, so no stratum uses up another's elements.
 */
#ifndef PT_SAMPLE_ANCHORED_H
#define PT_SAMPLE_ANCHORED_H

#include "base/base.h"
#include "base/err.h"
#include "sample/sample.h"

/*
 * The recipes unified and promoter: any of the strata tss_near, tss_far, tss_promoter, junction,
 * gene_body, random, ccre, ccre_pls, ccre_pels and dhs, as p->stratum says.  Contigs longer than
 * twice the margin that have a protein-coding gene are drawn from; the stratum random takes them in
 * the order of their names' bytes (unified) or of the genome (promoter).  A stratum with nothing
 * to draw from is an error.
 */
int anchored_unified(struct sample *s, const struct bases *b, const struct sample_params *p,
                     struct err *e);
int anchored_promoter(struct sample *s, const struct bases *b, const struct sample_params *p,
                      struct err *e);

/* Centres of elements on contigs longer than twice the margin. */
int anchored_ccre(struct sample *s, const struct bases *b, const struct sample_params *p,
                  struct err *e);

/*
 * The stratum dhs of the recipe accessibility: summits by p->seed, jitter of 150 bp and alternates
 * by the stream of p->seed + 1; a position nearer to a contig end than the margin is rejected.
 */
int anchored_dhs(struct sample *s, const struct bases *b, const struct sample_params *p,
                 struct err *e);

/*
 * The positions alone, without alternates, appended to out.  The second returns the first class of
 * element that the table lacks, or NULL.
 */
int anchored_positions(struct sample_list *out, struct sample *s, const struct bases *b,
                       const struct sample_params *p, bool promoter, struct err *e);
const char *anchored_ccre_positions(struct sample_list *out, const struct bases *b,
                                    const struct sample_params *p);

#endif
