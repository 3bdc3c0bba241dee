/* SPDX-License-Identifier: MIT */
/*
 * Questions to a background: what is known of a value, beside its percentile.  Rows are read when
 * they are first needed and kept.
 */
#ifndef PT_QUERY_H
#define PT_QUERY_H

#include "background/background.h"
#include "base/base.h"
#include "base/err.h"
#include "lookup/display.h"
#include "lookup/rank.h"
#include "lookup/rank_index.h"

enum query_scale { QUERY_PERCENTILE, QUERY_PHRED, QUERY_PVALUE };

struct query_rules {
    enum rank_ties ties;
    enum query_scale scale;
    /*
     * As the reference implementation: ties are hashed by the name that was asked for, -0.0 is
     * not 0.0, infinities and NaN rank beyond all.  Else values must be finite.
     */
    bool chorus;
    double near_zero;           /* effects of a smaller size have no percentile; 0: all have */
    double ci_level;            /* of the confidence interval; 0: none wanted */
    bool support, activity;     /* wanted */
    bool rescale, rescale_log;  /* wanted: display, and its logarithmic variant */
    double display_floor, display_peak;         /* shares of the row; 0: by layer */
    double display_max;
};

/* A row of the background, ready to be asked. */
struct query_row {
    enum score_kind kind;
    size_t track;
    const char *id;             /* of the row */
    bool alive;                 /* false: nothing is behind it, it has no answers */
    bool is_signed;             /* of effect rows; the others never are */
    float *slot;                /* width of them, when alive */
    size_t width;
    double n;                   /* values offered; 0: not recorded */
    struct rank_index *index;
    struct query_interval *interval;    /* confidence by rank, shared between like rows */
    bool has_display;
    struct display display;
};

/* NaN stands for "none" throughout. */
struct query_answer {
    double percentile;          /* 0 to 1, of signed effects -1 to 1 */
    double scaled;              /* the same on the scale of the rules */
    double exceedance;
    double support_low, support_high;   /* the row's ends */
    double ci_low, ci_high;     /* on the scale of the rules */
    double activity;            /* percentile of the reference value among the summary rows */
    double display;             /* the value as it is drawn */
    size_t rank;                /* of width; meaningless without a percentile */
};

struct query;

struct query *query_new(struct background *b, const struct query_rules *rules);
void query_free(struct query *q);

/* The row of a kind that is present; NULL when it is damaged.  *is_new: read by this call. */
struct query_row *query_row(struct query *q, enum score_kind kind, size_t track, bool *is_new,
                            struct err *e);

/*
 * Answer for v.  Effects of unsigned tracks are looked up by their size, summary and perbin values
 * as they are.  name is the track as it was asked for; ref the value of the reference allele, for
 * the activity, or NaN.  -1 when v is not finite, when the row's number of values is needed and
 * not recorded, or when another row that is needed is damaged.
 *
 * Scales, with W slots of which L are below v and U not above it, and n values offered:
 *   pvalue  (n (1 - L/W) + 1) / (n + 1): the share of the background at least as large, counting v
 *           itself among it (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010, article
 *           39), so never 0; of signed effects twice the smaller of that and its mirror image
 *           (n U/W + 1) / (n + 1), at most 1.  Equal values count as at least as large, whatever
 *           the rule for ties.
 *   phred   -10 log10 of the p-value
 *
 * Confidence intervals are Clopper and Pearson's (confidence.h) for k = n rank / W of n, or for
 * p-values k = n (1 - L/W) (the smaller tail's, doubled, for signed effects).
 */
int query_answer(struct query_answer *a, struct query *q, const struct query_row *row,
                 const char *name, double v, double ref, struct err *e);

/* Prepare for questions that follow a little later: memory is fetched meanwhile. */
void query_touch(const struct query_row *row, const double *v, size_t n);

/* Nothing is known. */
void query_no_answer(struct query_answer *a);

/* The name of a scale, and back; -1 for an unknown name. */
extern const char *const query_scale_name[3];
int query_scale_find(const char *name);

#endif
