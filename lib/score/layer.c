/* SPDX-License-Identifier: MIT */
#include "score/layer.h"

#include <math.h>
#include <string.h>

/*
 * The layer table of chorus (its LAYER_CONFIGS); a window of None there is 0, the whole output,
 * here.  For gene_expression "whole" means the bins of a gene's exons (score/genes.h), and the
 * whole output only where that is one bin.
 */
#define LAYERS(ceil_bins)                                                                         \
    { "chromatin_accessibility", 501, LAYER_SUM, LAYER_LOG2FC, 1.0, false, ceil_bins },           \
    { "tf_binding", 501, LAYER_SUM, LAYER_LOG2FC, 1.0, false, ceil_bins },                        \
    { "histone_marks", 2001, LAYER_SUM, LAYER_LOG2FC, 1.0, false, ceil_bins },                    \
    { "tss_activity", 501, LAYER_SUM, LAYER_LOG2FC, 1.0, false, ceil_bins },                      \
    { "splicing", 501, LAYER_SUM, LAYER_LOG2FC, 1.0, false, ceil_bins },                          \
    { "gene_expression", 0, LAYER_MEAN, LAYER_LOGFC, 0.001, true, ceil_bins },                    \
    { "promoter_activity", 0, LAYER_MEAN, LAYER_DIFF, 0.0, true, ceil_bins },                     \
    { "regulatory_classification", 0, LAYER_MEAN, LAYER_DIFF, 0.0, true, ceil_bins },             \
    { "enhancer_activity", 0, LAYER_MEAN, LAYER_LOG2FC, 1.0, false, ceil_bins },

static const struct layer layers[] = { LAYERS(false) }, ceil_layers[] = { LAYERS(true) };

const struct layer *
layer_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(layers); i++)
        if (strcmp(layers[i].name, name) == 0)
            return &layers[i];
    return NULL;
}

const struct layer *
layer_with_ceil(const struct layer *l)
{
    for (size_t i = 0; i < ARRAY_LEN(ceil_layers); i++)
        if (strcmp(ceil_layers[i].name, l->name) == 0)
            return &ceil_layers[i];
    return l;
}

const char *
layer_names(void)
{
    return "chromatin_accessibility, tf_binding, histone_marks, tss_activity, splicing, "
           "gene_expression, promoter_activity, regulatory_classification, enhancer_activity";
}

const char *
layer_aggregation_name(const struct layer *l)
{
    return l->aggregation == LAYER_SUM ? "sum" : "mean";
}

const char *
layer_formula_name(const struct layer *l)
{
    switch (l->formula) {
    case LAYER_LOG2FC:
        return "log2fc";
    case LAYER_LOGFC:
        return "logfc";
    case LAYER_DIFF:
        break;
    }
    return "diff";
}

/* [c - w / 2, c - w / 2 + w) with w = ceil(window_bp / bin_bp), clipped. */
static void
ceil_span(const struct layer *l, uint32_t n_bins, uint32_t bin_bp, uint32_t *lo, uint32_t *hi)
{
    uint64_t w = ((uint64_t)l->window_bp + bin_bp - 1) / bin_bp, centre = n_bins / 2;
    uint64_t end = centre + w - w / 2;

    *lo = (uint32_t)(w / 2 < centre ? centre - w / 2 : 0);
    *hi = (uint32_t)(end < n_bins ? end : n_bins);
}

void
layer_span(const struct layer *l, uint32_t n_bins, uint32_t bin_bp, uint32_t *lo, uint32_t *hi)
{
    uint64_t centre = n_bins / 2, half;

    *lo = 0;
    *hi = n_bins;
    if (l->window_bp <= 0)
        return;
    if (l->ceil_bins) {
        ceil_span(l, n_bins, bin_bp, lo, hi);
        return;
    }
    half = (uint64_t)l->window_bp / (2 * (uint64_t)bin_bp);
    if (half < centre)
        *lo = (uint32_t)(centre - half);
    if (centre + half + 1 < n_bins)
        *hi = (uint32_t)(centre + half + 1);
}

/*
 * numpy.sum of a float32 array: eight running sums over blocks of at most 128 values, halves of a
 * multiple of eight above that (numpy/core/src/umath/loops_utils, pairwise summation).
 */
static float
sum_pairwise(const float *v, size_t n)
{
    float r[8], sum = 0;
    size_t i;

    if (n > 128) {
        size_t half = n / 2 - n / 2 % 8;

        return sum_pairwise(v, half) + sum_pairwise(v + half, n - half);
    }
    if (n < 8) {
        for (i = 0; i < n; i++)
            sum += v[i];
        return sum;
    }
    memcpy(r, v, sizeof r);
    for (i = 8; i < n - n % 8; i++)
        r[i % 8] += v[i];
    sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < n; i++)
        sum += v[i];
    return sum;
}

double
layer_aggregate(const struct layer *l, const float *values, size_t n,
                enum layer_precision precision)
{
    const bool divide = l->aggregation == LAYER_MEAN && n;
    double sum = 0;

    if (precision == LAYER_F32_PAIRWISE) {
        float single = sum_pairwise(values, n);

        return divide ? single / (float)n : single;
    }
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return divide ? sum / (double)n : sum;
}

bool
layer_takes_summary(const struct layer *l, const char *stratum)
{
    return strcmp(l->name, "tss_activity") != 0 ||
           (strcmp(stratum, "ccre") != 0 && strncmp(stratum, "ccre_", 5) != 0);
}

/* log2 or ln of (alt + pc) / (ref + pc): one division, then the C library's logarithm. */
static int
log_ratio(double *effect, const struct layer *l, double ref, double alt, struct err *e)
{
    double a = alt + l->pseudocount, r = ref + l->pseudocount, ratio = a / r;

    /* Both negative would give a positive ratio; an abundance below -pseudocount has no meaning. */
    if (!(a > 0 && r > 0 && ratio > 0))
        return err_set(e, "effect undefined: logarithm of a non-positive number (found ref %.9g "
                       "and alt %.9g, expected both above %g)", ref, alt, -l->pseudocount);
    *effect = l->formula == LAYER_LOG2FC ? log2(ratio) : log(ratio);
    return 0;
}

int
layer_effect(double *effect, const struct layer *l, double ref, double alt, struct err *e)
{
    if (l->formula == LAYER_DIFF)
        *effect = alt - ref;
    else if (log_ratio(effect, l, ref, alt, e))
        return -1;
    if (!isfinite(*effect))
        return err_set(e, "effect undefined: it is not a finite number (found ref %.9g and alt "
                       "%.9g)", ref, alt);
    if (!l->is_signed)
        *effect = fabs(*effect);
    *effect += 0.0;         /* -0.0 + 0.0 is 0.0: equal effects have equal bits */
    return 0;
}
