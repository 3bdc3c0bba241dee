/* SPDX-License-Identifier: MIT */
/* --from: uniform thinning of a VCF or BCF stream. */
#ifndef SAMPLE_SNPS_FROM_H
#define SAMPLE_SNPS_FROM_H

#include "base/base.h"

/*
 * Keep n of the records of a VCF (plain, gzip, bgzip) or BCF file, "-" for standard input: those
 * with the smallest keyed hashes of contig (without "chr"), position, REF and ALT.  They are
 * written sorted by contig (as the header has them), position and alleles, with header and INFO as
 * they were, INFO/ORD (the place among the hashes, from 0) and, where there is none, INFO/STRATUM.
 */
void thin_vcf(const char *from, int64_t n, uint64_t seed, const char *out, char type);

#endif
