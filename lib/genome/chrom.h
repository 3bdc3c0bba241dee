/* SPDX-License-Identifier: MIT */
/* Chromosomes of annotation files: their order, and which contig of the genome they are. */
#ifndef PT_CHROM_H
#define PT_CHROM_H

#include "base/base.h"

enum { CHROM_AUTOSOMES = 22, CHROM_X = 23, CHROM_Y = 24, CHROM_M = 25, CHROM_OTHER = 100 };

/*
 * Place of a human chromosome in its order, by the name with or without "chr": 1 to 22, X 23,
 * Y 24, M and MT 25, everything else 100.
 */
int chrom_rank(const char *name);

enum { CHROM_ABSENT = -1, CHROM_SKIP = -2 };

/* How a reader of annotation learns what a chromosome name of its file means. */
struct chrom_finder {
    /*
     * Contig number with *len set to its length; CHROM_ABSENT for a name that the genome lacks,
     * whose records are kept; CHROM_SKIP for one whose records are not wanted.
     */
    int (*find)(void *arg, const char *name, int64_t *len);
    void *arg;
};

/* The last answer of a finder, since the lines of a file come in runs of one chromosome. */
struct chrom_cache {
    const struct chrom_finder *finder;
    char *name;
    int contig, rank;
    int64_t len;
};

void chrom_cache_init(struct chrom_cache *c, const struct chrom_finder *f);
void chrom_cache_free(struct chrom_cache *c);

/* The same as find; c->rank and c->len belong to the name. */
int chrom_cache_find(struct chrom_cache *c, const char *name);

#endif
