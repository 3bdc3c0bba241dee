/* SPDX-License-Identifier: MIT */
/* Writing drawn SNPs as VCF or BCF. */
#ifndef SAMPLE_SNPS_WRITE_H
#define SAMPLE_SNPS_WRITE_H

#include "meta.h"
#include "sample/bases.h"
#include "sample/sample.h"

/*
 * Kept SNPs in their order, then rejected draws (with ALT "." and INFO/REJECT) in theirs; rejected
 * says whether the header is to announce those.
 * type is v (VCF), z (VCF compressed by bgzip), u (BCF, not compressed) or b (BCF); path NULL or
 * "-" is standard output.  A named file appears when it is complete.  Dies when it cannot.
 */
void write_snps(const char *path, char type, const struct sample *s, const struct bases *b,
                const struct meta *meta, bool rejected);

#endif
