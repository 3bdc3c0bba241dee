/* SPDX-License-Identifier: MIT */
/* The parts of the site reader that look at one line only; private to it and its tests. */
#ifndef PT_SITES_PARSE_H
#define PT_SITES_PARSE_H

#include "base/base.h"
#include "base/err.h"
#include "genome/site.h"

/*
 * Parse one VCF data line, which is cut up in place, into site (earlier content is released).
 * n_columns is what the #CHROM line has, 0 when there was none.  0 or -1 with a message that
 * begins with the fault, not the place.
 */
int sites_parse_vcf(struct site *site, char *line, size_t n_columns, struct err *e);

/* The same for BED. */
int sites_parse_bed(struct site *site, char *line, struct err *e);

/* A BED line without a region: empty, comment, track or browser line. */
bool sites_bed_skips(const char *line);

/*
 * Value of a key of a VCF header line "##contig=<ID=chr1,length=248956422>", quotes removed, as a
 * new string, or NULL.
 */
char *sites_header_value(const char *line, const char *key);

/* Columns of a line: one more than it has tabs. */
size_t sites_count_columns(const char *line);

/* Digits only, without overflow; false otherwise. */
bool sites_parse_int(int64_t *value, const char *text);

/* ASCII upper case, in place. */
void sites_upper(char *s);

#endif
