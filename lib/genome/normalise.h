/* SPDX-License-Identifier: MIT */
/*
 * One spelling of every allele: parsimonious and left-aligned against the genome (Tan, Abecasis and
 * Kang, "Unified representation of genetic variants", Bioinformatics 31:2202, 2015), the same that
 * bcftools norm gives.
 *
 * Bases that all alleles end with are cut off; where one is used up by that, all are extended to
 * the left by the genome's base, which shifts an insertion or deletion through a repeat to its
 * leftmost place; then bases that all begin with are cut off, but for one of each.  N is a letter
 * like any other.  Nothing is shifted beyond the beginning of its contig.
 */
#ifndef PT_NORMALISE_H
#define PT_NORMALISE_H

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"
#include "genome/site.h"

/*
 * Normalise all alleles of a variant together (as bcftools norm without -m), in place: start, end,
 * ref and alt.  1 when that changed it, 0 when not, -1 when the genome cannot be read.  Untouched
 * are regions, a REF that differs from the genome, and a variant without an ALT or with one that
 * is REF or has other letters than A, C, G, T, N (symbolic, "*").
 */
int normalise_site(struct site *s, struct genome *g, int contig, struct err *e) PT_MUST_USE;

/* Would a variant with this REF and ALT alone, both of bases, be changed?  No genome is needed. */
bool normalise_would(int64_t start, const char *ref, const char *alt);

/* Sites that one record became. */
struct normalised {
    struct site *site;
    size_t n, cap;
    uint64_t n_changed;         /* alleles of this record */
};

/*
 * Normalise every ALT of a variant for itself (as bcftools norm -m -any), so that an allele does
 * not depend on what stands beside it in a record.  Those that then have the same place and REF
 * are one site, in the order of the record.  p, all zero before the first use, is filled anew.
 */
int normalise_split(struct normalised *p, const struct site *s, struct genome *g, int contig,
                    struct err *e) PT_MUST_USE;
void normalised_free(struct normalised *p);

#endif
