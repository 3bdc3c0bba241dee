/* SPDX-License-Identifier: MIT */
/* The outcome of a sampling recipe: what was kept, in order, and what was rejected and why. */
#ifndef PT_SAMPLE_SAMPLE_H
#define PT_SAMPLE_SAMPLE_H

#include "base.h"
#include "sample/bases.h"
#include "sample/intervals.h"

enum sample_kind { SAMPLE_SNPS, SAMPLE_BASELINES };

enum sample_reason { SAMPLE_KEPT, SAMPLE_NOT_ACGT, SAMPLE_DUPLICATE, SAMPLE_REASONS };

struct sample_site {
    size_t contig;
    int64_t pos;                /* 0-based */
    char ref, alt;              /* 'A' 'C' 'G' 'T'; ref of a rejected site may be any letter; 0
                                   where the recipe does not look at the letter */
    enum sample_reason reason;
    const char *stratum;
};

struct sample_list {
    struct sample_site *site;
    size_t n, cap;
};

struct sample {
    struct sample_list kept;            /* in the recipe's order of emission */
    struct sample_list rejected;        /* in the order of drawing; only if asked for */
    struct sample_list skipped;         /* contigs (pos 0) too short for the margin */
    uint64_t draws;                     /* positions drawn, kept or not */
    uint64_t count[SAMPLE_REASONS];
    struct sample_site first[SAMPLE_REASONS];   /* example of every reason that occurred */
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
};

void sample_init(struct sample *s);
void sample_free(struct sample *s);

/* Count a drawn site under its reason and store it where it belongs. */
void sample_add(struct sample *s, const struct sample_site *site, bool keep_rejected);

/* Remember a contig that was left out because it is too short for the margin. */
void sample_skip_contig(struct sample *s, size_t contig);

/* Words of a reason: "base is not A, C, G or T"; and as an identifier: "not_acgt". */
const char *sample_reason_text(enum sample_reason reason);
const char *sample_reason_id(enum sample_reason reason);

/* Kept sites at different places. */
size_t sample_distinct(const struct sample *s);

/*
 * SHA-256 of the kept sites in order: for every site the fields contig name, 1-based position
 * and, for SNPs, ref and alt, joined by tabs and ended by a line end.
 */
void sample_sha256(const struct sample *s, const struct bases *b, char hex[65]);

#endif
