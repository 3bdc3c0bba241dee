/* SPDX-License-Identifier: MIT */
/*
 * Scoring layers: which bins of a track are looked at around a site, how they become one number,
 * and how two alleles' numbers become an effect.  The only place in the suite where windows,
 * formulas, pseudocounts and signs exist; background builder and query both come through here.
 * Rules: D.1 and D.3 of the scoring specification (the layer table of chorus).
 */
#ifndef PT_LAYER_H
#define PT_LAYER_H

#include "base/base.h"
#include "base/err.h"

enum layer_aggregation { LAYER_SUM, LAYER_MEAN };
enum layer_formula { LAYER_LOG2FC, LAYER_LOGFC, LAYER_DIFF };

struct layer {
    const char *name;           /* "chromatin_accessibility" */
    int32_t window_bp;          /* 0: the whole output */
    enum layer_aggregation aggregation;
    enum layer_formula formula;
    double pseudocount;         /* added to both alleles' numbers, in their units */
    bool is_signed;             /* effect keeps its sign; unsigned layers store |effect| */
    bool ceil_bins;             /* a window has ceil(window_bp / bin_bp) bins: layer_with_ceil */
};

/* The layer of that name, or NULL.  layer_names gives "a, b, c" for messages. */
const struct layer *layer_find(const char *name);
const char *layer_names(void);

/*
 * The same layer with windows of ceil(window_bp / bin_bp) bins (DECIDE_WINDOW_BINS), as the authors
 * of AlphaGenome count them.
 */
const struct layer *layer_with_ceil(const struct layer *l);

/* The words the files use: "sum", "mean"; "log2fc", "logfc", "diff". */
const char *layer_aggregation_name(const struct layer *l);
const char *layer_formula_name(const struct layer *l);

/*
 * Centred bin span: [*lo, *hi) = [c - half, c + half + 1) clipped to [0, n_bins), c = n_bins / 2,
 * half = window_bp / (2 * bin_bp); the whole output for window_bp 0.  Always an odd number of
 * bins before clipping.  501 bp of 1000 1-bp bins: [250, 751).
 *
 * With ceil_bins: [c - w / 2, c - w / 2 + w), w = ceil(window_bp / bin_bp).  501 bp of 128-bp bins:
 * 4 bins, not 3.  That is the mask of AlphaGenome's authors where the variant stands in bin c,
 * which is so with the variant right of the window's centre.
 */
void layer_span(const struct layer *l, uint32_t n_bins, uint32_t bin_bp, uint32_t *lo,
                uint32_t *hi);

/* How the values of a window are added up. */
enum layer_precision {
    LAYER_DOUBLE,           /* in double, in index order */
    LAYER_F32_PAIRWISE      /* in float by NumPy's pairwise tree, and divided in float: chorus */
};

/* Sum or mean of n values. */
double layer_aggregate(const struct layer *l, const float *values, size_t n,
                       enum layer_precision precision);

/*
 * Whether a region of that stratum gives the layer's summary.  tss_activity takes none of cCREs
 * (strata "ccre" and "ccre_..."): activity at promoters is not ranked against that of enhancers,
 * as in chorus' CAGE and PRO-CAP backgrounds.  Its bins are drawn there nevertheless.
 */
bool layer_takes_summary(const struct layer *l, const char *stratum);

/*
 * Effect of alt against ref.  -1 (with both numbers in the message) when a logarithm would be of
 * a non-positive number; never substitutes a value.  -0.0 comes out as 0.0.
 */
int layer_effect(double *effect, const struct layer *l, double ref, double alt, struct err *e);

#endif
