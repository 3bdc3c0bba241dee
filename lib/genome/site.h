/* SPDX-License-Identifier: MIT */
/* One place in the genome to be predicted: a variant with its alleles, or a region. */
#ifndef PT_SITE_H
#define PT_SITE_H

#include "base/base.h"

enum site_kind { SITE_VARIANT = 0, SITE_REGION = 1 };

struct site {
    enum site_kind kind;
    char *chrom;            /* name as in the input file */
    int64_t start, end;     /* 0-based half-open; a variant spans its REF allele */
    char *ref;              /* upper case; "" for a region */
    char **alt;             /* n_alt alternate alleles, upper case, in file order */
    size_t n_alt;
    char *id;               /* "." when there is none */
    char *stratum;          /* INFO/STRATUM of a VCF, column 4 of a BED; "." when there is none */
    uint64_t ordinal;       /* number of the record in its input, from 0, counting every record */
};

void site_init(struct site *s);
void site_free(struct site *s);         /* frees the members, not s */
void site_copy(struct site *dst, const struct site *src);       /* dst initialised; replaced */

/*
 * 64-bit key of a site's identity: chromosome without a leading "chr", start, end, ref, alts and
 * id, never its place in the input.  Selects shards and seeds order-free draws.
 */
uint64_t site_key(const struct site *s);

#endif
