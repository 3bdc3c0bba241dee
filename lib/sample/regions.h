/* SPDX-License-Identifier: MIT */
/*
 * Positions drawn from annotation with CPython's random numbers, bit for bit as the reference
 * implementation draws them: elements, hypersensitive sites, genes.  Each draw has a generator of
 * its own.  Positions count from 1; centres and summits of the 0-based files are taken over as
 * they are, which is what the reference does and puts them one base to the left.
 */
#ifndef PT_SAMPLE_REGIONS_H
#define PT_SAMPLE_REGIONS_H

#include "base/base.h"
#include "base/err.h"
#include "genome/ccre.h"
#include "genome/dhs.h"
#include "genome/gtf.h"

struct spot {
    int contig;                 /* or CHROM_ABSENT */
    int64_t pos1;
};

struct spots {
    struct spot *item;
    size_t n, cap;
};

void spots_init(struct spots *s);
void spots_free(struct spots *s);
void spots_add(struct spots *s, int contig, int64_t pos1);

/* Keep the first n of a shuffled list, or of a sample. */
void spots_truncate(struct spots *s, size_t n);

struct ccre_quota {
    const char *class;
    int64_t n;
};

/* Classes of the baselines in their order, and how many there are. */
enum { CCRE_CLASSES = 8 };

/*
 * The baselines' quota of n elements: 3,000 PLS, 2,500 dELS, 1,500 pELS, 1,500 CA-CTCF,
 * 1,000 CA-TF, 500 TF, 1,000 CA-H3K4me3 and 500 CA of 11,500, in proportion for another n, adding
 * up to n.
 */
void quota_baseline(struct ccre_quota quota[CCRE_CLASSES], int64_t n);

/* AlphaGenome's: 26, 22, 13, 13, 9, 4, 9 and 4 percent of n, rounded down, in the same order. */
void quota_percent(struct ccre_quota quota[CCRE_CLASSES], int64_t n);

/*
 * The effect recipes': at least 1 and else n * share * surplus, rounded half to even, with shares
 * .22 PLS, .28 dELS, .15 pELS, .10 CA-CTCF, .08 CA-H3K4me3, .07 CA-TF, .06 CA, .04 TF.
 */
void quota_shares(struct ccre_quota quota[CCRE_CLASSES], int64_t n, double surplus);

/*
 * Centres of elements: for every quota in order, sample() of the class's rows in file order, all
 * of them when there are fewer; then one shuffle.  Appended to out.  A class without rows consumes
 * nothing; the first such is returned, else NULL.
 */
const char *regions_ccre(struct spots *out, const struct ccre *c, const struct ccre_quota *quota,
                         size_t n_quota, uint64_t seed);

/* The message about that; always -1. */
int regions_missing(const struct ccre *c, const char *class, struct err *e);

/* Which hypersensitive sites may be drawn; all zero: every one. */
struct dhs_filter {
    int32_t min_samples, max_samples;   /* 0: no bound */
    double low, high;           /* quantiles of mean_signal, percent; low 0, high 0 or 100: none */
};

/*
 * n summits by sample() in its order, all when there are fewer.  The bounds of the filter are
 * applied in the order of its members, each quantile being taken of what is left.  Returns how
 * many the filter left.
 */
size_t regions_dhs(struct spots *out, const struct dhs *d, const struct dhs_filter *f, int64_t n,
                   uint64_t seed);

/*
 * Transcription starts of protein-coding genes, one per gene name (the first in the table's
 * order), sorted by the bytes of the name; n of them by sample() when there are more.  Returns how
 * many names there are.
 */
size_t regions_tss(struct spots *out, const struct gtf *g, int64_t n, uint64_t seed);

/* The same with the midpoints of protein-coding genes longer than 10,000 bp (end - start). */
size_t regions_gene_body(struct spots *out, const struct gtf *g, int64_t n, uint64_t seed);

#endif
