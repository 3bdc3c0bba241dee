/* SPDX-License-Identifier: MIT */
/*
 * n distinct positions, uniform over the bases of a set of intervals, by keyed draws.
 *
 * Site number i (from 0) reads the stream of rng/keyed.h for (seed, i): a base number below the
 * number of bases, until the letter there is A, C, G or T and no earlier site has it; then, for
 * SNPs, a number below 3 that picks the alternate from the three other letters in ACGT order.
 * So the first m of n sites are the m sites of a smaller sample, and sites with and without
 * alternates are at the same places.
 */
#ifndef PT_SAMPLE_UNIFORM_H
#define PT_SAMPLE_UNIFORM_H

#include "base/base.h"
#include "base/err.h"
#include "sample/sample.h"

#define UNIFORM_RNG_NAME "keyed-splitmix64/1"

/*
 * Refuses n above half of the bases, and gives up when the letters are nearly all unknown (more
 * than 1,000 n + 100,000 rejected draws).  0, or -1 with e set.
 */
int uniform_sites(struct sample *s, const struct bases *b, const struct sample_params *p,
                  struct err *e);

#endif
