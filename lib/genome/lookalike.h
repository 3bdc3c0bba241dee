/* SPDX-License-Identifier: MIT */
/*
 * Tables of variants as people keep them, given where VCF or BED is read: BED with alleles behind
 * the region, columns separated by commas, names such as chr1:6116:G:T, rs numbers, HGVS, CHROM POS
 * REF ALT under a line of column names.  Some would pass for regions; none is read, but each is
 * called what it is, with the command that makes a VCF of it.
 */
#ifndef PT_LOOKALIKE_H
#define PT_LOOKALIKE_H

#include "base/base.h"
#include "base/err.h"

/* What the caller would take the line for. */
enum lookalike_reading {
    LOOKALIKE_UNSURE,           /* a region, for want of a VCF header */
    LOOKALIKE_REGION,           /* a region, as the user has said: columns behind it are free */
    LOOKALIKE_VARIANT           /* a record of VCF */
};

/*
 * -1 with a message that begins with the fault, not the place, when line (without its end) is such
 * a table's; 0 when it is what the caller takes it for, or nothing that is known here.
 */
int lookalike_check(const char *line, enum lookalike_reading reading, struct err *e) PT_MUST_USE;

#endif
