/* SPDX-License-Identifier: MIT */
/* Writing variants as VCF or BCF. */
#ifndef SAMPLE_SNPS_WRITE_H
#define SAMPLE_SNPS_WRITE_H

#include <htslib/vcf.h>

#include "sample/bases.h"
#include "sample/sample.h"
#include "stream/meta.h"

/*
 * Kept SNPs in their order, then rejected draws (with ALT "." and INFO/REJECT) in theirs; rejected
 * says whether there are to be any.
 * type is v (VCF), z (VCF compressed by bgzip), u (BCF, not compressed) or b (BCF); path NULL or
 * "-" is standard output.  A named file appears when it is complete.  Dies when it cannot.
 */
void write_snps(const char *path, char type, const struct sample *s, const struct bases *b,
                const struct meta *meta, bool rejected);

/* n finished records with their header. */
void write_records(const char *path, char type, bcf_hdr_t *header, bcf1_t *const *record,
                   size_t n);

/* Append one header line; dies when it cannot.  path is for the message; line is freed. */
void write_add_line(bcf_hdr_t *header, const char *path, char *line);

#endif
