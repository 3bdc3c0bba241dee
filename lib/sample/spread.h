/* SPDX-License-Identifier: MIT */
/*
 * Positions spread over contigs with an equal number of attempts each, drawn as CPython's random
 * module draws them: the original uniform SNPs, and the random stratum of the baselines.  Both
 * reproduce the reference implementation bit for bit.
 *
 * The generator is the caller's and is left where the last draw ends, because later strata of a
 * recipe continue the same stream.  Contigs with no room between the margins are remembered in
 * s->skipped; when all are, that is an error.  0, or -1 with e set.
 */
#ifndef PT_SAMPLE_SPREAD_H
#define PT_SAMPLE_SPREAD_H

#include "base/base.h"
#include "base/err.h"
#include "rng/pyrandom.h"
#include "sample/sample.h"

/*
 * SNPs: n / contigs + 1 attempts on every contig at randint(margin, min(len - margin, max_pos)),
 * 1-based; an attempt on a letter other than A, C, G and T is spent, not repeated; the alternate
 * is choice() of the three other letters in ACGT order.  Then the whole list is shuffled.
 */
int spread_snps(struct sample *s, struct pyrandom *r, const struct bases *b,
                const struct sample_params *p, struct err *e);

/*
 * Positions: the same attempts without looking at the letter, alternates or a shuffle; a contig
 * that the margin leaves no room on is drawn from up to 1,000,000 bp before its end.
 */
int spread_positions(struct sample *s, struct pyrandom *r, const struct bases *b,
                     const struct sample_params *p, struct err *e);

#endif
