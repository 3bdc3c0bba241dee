/* SPDX-License-Identifier: MIT */
/*
 * How many peaks a cutoff would give, for a series of cutoffs: the table of MACS3's
 * bdgpeakcall --cutoff-analysis, number for number.
 *
 * Cutoffs are steps equal parts of the range from the smallest value to the largest, or to top if
 * that is smaller, rounded to three decimals.  As there, a segment must lie above the cutoff, not
 * on it, and a peak that begins in a chromosome's first segment is not counted.
 */
#ifndef PT_PEAKCALL_CUTOFFS_H
#define PT_PEAKCALL_CUTOFFS_H

#include <stdio.h>

#include "peakcall/bedgraph.h"
#include "peakcall/peak.h"

struct cutoffs;

/* Of rule, cutoff is not used. */
struct cutoffs *cutoffs_new(const struct peak_rule *rule);
void cutoffs_free(struct cutoffs *c);

/* The segments in turn, holes filled; all are kept (8 bytes each), since the range must be known. */
void cutoffs_add(struct cutoffs *c, const struct segment *s);

/*
 * Print score, npeaks, lpeaks (bp of all of them) and avelpeak, highest score first, without those
 * that give no peak.  -1 with the reason in e when all values are the same.
 */
int cutoffs_print(struct cutoffs *c, int64_t steps, double top, FILE *out, struct err *e);

#endif
