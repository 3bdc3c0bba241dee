/* SPDX-License-Identifier: MIT */
/*
 * The editions of annotation that the published position sets were drawn from.  Their numbers of
 * rows follow from the positions: rejection sampling consumes a number of words that depends on
 * the length of the list.  Each range is what fits the published sets, on hg38.
 */
#ifndef PT_SAMPLE_EDITION_H
#define PT_SAMPLE_EDITION_H

#include "base/base.h"
#include "sample/inputs.h"

struct edition_range {
    size_t low, high;           /* rows, both included */
};

/* Elements of a class on chr1..chr22 and chrX, or NULL for an unknown class. */
const struct edition_range *edition_ccre(const char *class);

/*
 * Compare what was read with these numbers, when the genome is hg38.  The i-th difference (from 0)
 * as a sentence that the caller frees, or NULL past the last.
 */
char *edition_difference(const struct sample_inputs *in, const struct recipe *r,
                         const struct bases *b, size_t i);

#endif
