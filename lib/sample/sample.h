/* SPDX-License-Identifier: MIT */
/* The outcome of a sampling recipe: what was kept, in order, and what was rejected and why. */
#ifndef PT_SAMPLE_SAMPLE_H
#define PT_SAMPLE_SAMPLE_H

#include "base/base.h"
#include "sample/bases.h"
#include "sample/intervals.h"
#include "sample/regions.h"

enum sample_kind { SAMPLE_SNPS, SAMPLE_BASELINES };

enum sample_reason { SAMPLE_KEPT, SAMPLE_NOT_ACGT, SAMPLE_DUPLICATE, SAMPLE_MARGIN,
                     SAMPLE_OTHER_REF, SAMPLE_REASONS };

struct sample_site {
    size_t contig;
    int64_t pos;                /* 0-based; of a rejected site perhaps outside the contig */
    char ref, alt;              /* 'A' 'C' 'G' 'T'; ref of a rejected site may be any letter; 0
                                   where the recipe does not look at the letter */
    enum sample_reason reason;
    const char *stratum;
};

struct sample_list {
    struct sample_site *site;
    size_t n, cap;
};

/* What became of one stratum. */
struct sample_count {
    const char *stratum;
    int64_t wanted;
    uint64_t draws, kept;
};

struct sample {
    struct sample_list kept;            /* in the recipe's order of emission */
    struct sample_list rejected;        /* in the order of drawing; only if asked for */
    struct sample_list skipped;         /* contigs (pos 0) too short for the margin */
    uint64_t draws;                     /* positions drawn, kept or not */
    uint64_t count[SAMPLE_REASONS];
    struct sample_site first[SAMPLE_REASONS];   /* example of every reason that occurred */
    uint64_t clamped;                   /* positions that jitter had taken into the margin */
    struct sample_count *stratum;       /* in the order of the recipe */
    size_t n_strata, cap_strata;
    struct {
        const char *name;
        size_t n;
    } pool[8];                          /* what the strata could draw from */
    size_t n_pools;
};

/* One stratum of a recipe as it is to be drawn. */
struct sample_stratum {
    const char *name;
    double fraction;            /* of all sites, where the recipe has fractions; 0: not drawn */
    int64_t n;                  /* sites wanted */
    uint64_t seed;
};

/* Parameters of a recipe; which ones it uses is in its table entry. */
struct sample_params {
    enum sample_kind kind;      /* baselines get no alternate alleles */
    int64_t n;                  /* sites wanted */
    uint64_t seed;
    int64_t margin, max_pos;    /* bp from both contig ends; greatest 1-based position */
    const size_t *contig;       /* [n_contigs], in the order of drawing */
    size_t n_contigs;
    const struct intervals *within;     /* sealed */
    bool keep_rejected;

    const struct sample_stratum *stratum;       /* [n_strata], in the recipe's order */
    size_t n_strata;
    const struct gtf *gtf;      /* inputs, those that the strata need */
    const struct ccre *ccre;
    const struct dhs *dhs;
    struct dhs_filter dhs_filter;
    const struct ccre_quota *quota;     /* [n_quota] of the stratum ccre; none: the recipe's */
    size_t n_quota;
    const struct custom *custom;        /* of the recipe that is a table */
    bool shuffle;               /* finished SNPs, with the stream their alternates came from */
    int64_t shuffle_seed;       /* of a generator for the final shuffle of baselines, or -1: the
                                   stream of the stratum random goes on */
};

void sample_init(struct sample *s);
void sample_free(struct sample *s);

/* Announce a stratum: the order of these calls is that of the summary. */
void sample_want(struct sample *s, const char *stratum, int64_t n);

/* Remember how much a stratum could draw from. */
void sample_pool(struct sample *s, const char *name, size_t n);

/* Count a drawn site under its reason and store it where it belongs. */
void sample_add(struct sample *s, const struct sample_site *site, bool keep_rejected);

/* Forget every site and count of other strata. */
void sample_only(struct sample *s, const char *stratum);

/* Remember a contig that was left out because it is too short for the margin. */
void sample_skip_contig(struct sample *s, size_t contig);

/* Words of a reason: "base is not A, C, G or T"; and as an identifier: "not_acgt". */
const char *sample_reason_text(enum sample_reason reason);
const char *sample_reason_id(enum sample_reason reason);

/* Kept sites at different places; *most, unless NULL, is a place that occurs most often, and
 * *times how often. */
size_t sample_distinct(const struct sample *s, struct sample_site *most, size_t *times);

/*
 * SHA-256 of the kept sites in order: for every site the fields contig name, 1-based position
 * and, for SNPs, ref and alt, joined by tabs and ended by a line end.
 */
void sample_sha256(const struct sample *s, const struct bases *b, char hex[65]);

/*
 * SHA-256 of the kept sites as a set, whatever their order: sorted by contig name (bytes),
 * position, ref, alt and stratum, these fields (for positions without alleles contig, position,
 * stratum) joined by "|" and ended by a line end.
 */
void sample_set_sha256(const struct sample *s, const struct bases *b, char hex[65]);

#endif
