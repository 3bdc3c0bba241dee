/* SPDX-License-Identifier: MIT */
/*
 * The parts of cdf-annotate: scores become groups (one site each, with what is to be written of
 * every allele), groups become INFO fields of a VCF or rows of a table.
 */
#ifndef PT_ANNOTATE_H
#define PT_ANNOTATE_H

#include <stdio.h>

#include "background/background.h"
#include "base/base.h"
#include "genome/genome.h"
#include "lookup/query.h"
#include "prog/opt.h"
#include "score/record.h"
#include "stream/meta.h"

struct options {
    const char *background, *vcf, *genome, *out, *type, *fields, *prefix, *scale, *ties, *match, *alias,
               *compat;
    struct opt_list tracks, expect;
    double ci, near_zero;
    int64_t threads;
    bool annotate_tsv, top, any_order, strict, strip_strand, skip_unknown, allow_old, allow_empty;
    char **arg;
    size_t n_arg;
};

/* What can be written of a value. */
enum quantity {
    Q_SCORE, Q_PERCENTILE, Q_EXCEEDANCE, Q_ACTIVITY, Q_CI_LOW, Q_CI_HIGH, QUANTITIES
};

/* The best of all tracks of an allele. */
enum { TOP_SCORE, TOP_PERCENTILE, TOP_EXCEEDANCE, TOPS };

/*
 * One INFO field.  The numbers of an allele stand in the order of the tags; the names of the best
 * tracks stand apart.
 */
struct tag {
    char *name, *description;
    bool is_text;               /* PREFIX_TOP_TRACK; not among the numbers */
};

/* Which tags there are, and which tracks of the score file they are about. */
struct layout {
    struct tag *tag;
    size_t n_tag, n_number;
    bool quantity[QUANTITIES];
    size_t n_quantity;
    const char **track;         /* selected, as the score file calls them */
    size_t n_track;
    bool top;                   /* behind the selected tracks: text, then TOPS numbers */
};

/* The tags for a score file's tracks; dies when one that is named is not there. */
void layout_init(struct layout *y, const struct options *o, const struct track_table *tracks,
                 const char *scores);
void layout_free(struct layout *y);

struct allele {
    char *ref, *alt;            /* as the scores have them */
    char *key;                  /* variant_key */
    double *number;             /* n_number of the layout; NaN for none */
    double *size;               /* n_track: of the score taken, the largest; -1 for none */
    double top_size, top_exceedance;    /* what the best track was chosen by; -1, 0 for none */
    char *top_track;            /* "." for none */
    bool used;
};

/* All that the scores say of a site. */
struct group {
    char *chrom;
    int64_t start;
    struct allele *allele;
    size_t n, cap;
    bool used;
};

/*
 * A variant however it is written: contig without "chr" (M is MT), position and alleles with the
 * bases common to both ends cut off, upper case; with a genome (else NULL) left-aligned before.
 * Alleles that are no bases stay as they are.  Caller frees.
 */
char *variant_key(struct genome *g, const char *chrom, int64_t start, const char *ref,
                  const char *alt);

struct groups;

/* The scores on standard input or in the file named; dies when they do not fit the background. */
struct groups *groups_open(const struct options *o);
void groups_close(struct groups *s);
const struct layout *groups_layout(const struct groups *s);
const char *groups_name(const struct groups *s);
struct genome *groups_genome(const struct groups *s);   /* NULL without --genome */

/* "; ..." for a message about alleles without a score: what --genome would do, or "". */
const char *groups_advice(const struct groups *s);

/*
 * The background's and the scores' metadata lines for the header of what is written: provenance,
 * genome, layers, the selected tracks, and "background".
 */
void groups_meta(struct meta *m, const struct groups *s);

/* Next site into g, initialised to zero before the first call; false at the end. */
bool groups_next(struct group *g, struct groups *s);
void group_free(struct group *g);
struct allele *group_find(const struct group *g, const char *key);

/* After the last: say what was left out; no effect at all is an error, unless that is allowed. */
void groups_report(const struct groups *s);
bool groups_empty(const struct groups *s);      /* there was no value */

/* The two forms of output. */
void annotate_vcf(const struct options *o, struct groups *s);
void annotate_table(const struct options *o, struct groups *s);

#endif
