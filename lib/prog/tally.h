/* SPDX-License-Identifier: MIT */
/*
 * Counts of what a tool left out and why: one summary at the end, never a line per record.
 * --strict turns the first one into an error.
 */
#ifndef PT_TALLY_H
#define PT_TALLY_H

#include "base/base.h"

struct tally;

struct tally *tally_new(bool strict);
void tally_free(struct tally *t);

/*
 * Count n under a reason ("REF differs from the genome").  The first example of each reason is
 * kept and shown.  With strict, dies with reason and example instead.
 */
void tally_add(struct tally *t, uint64_t n, const char *reason, const char *example, ...)
    PT_PRINTF(4, 5);

uint64_t tally_total(const struct tally *t);
uint64_t tally_count(const struct tally *t, const char *reason);

/* The reasons met, in the order they were first met: i below tally_size. */
size_t tally_size(const struct tally *t);
const char *tally_reason(const struct tally *t, size_t i, uint64_t *n);

/*
 * "prog: left out 12 of 1472 alleles: 9 REF differs from the genome (first: chr1:100 REF A, genome
 * G), 3 ..." on standard error when anything was counted; nothing otherwise.
 */
void tally_report(const struct tally *t, uint64_t of, const char *unit);

#endif
