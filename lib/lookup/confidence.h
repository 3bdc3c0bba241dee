/* SPDX-License-Identifier: MIT */
/*
 * How sure a percentile is, given how many values were behind it: the exact binomial interval of
 * Clopper and Pearson (Biometrika 26, 1934, 404-413), which never covers less than it says, and
 * at the ends of a background gives what a user needs: with n values none of which reaches v, the
 * share above v is at most 1 - (alpha / 2)^(1 / n).
 */
#ifndef PT_CONFIDENCE_H
#define PT_CONFIDENCE_H

#include "base/base.h"

/*
 * Interval of level (0 to 1, exclusive) for a proportion of which k of n were seen; n > 0 and
 * 0 <= k <= n.  k need not be whole: a rank of a grid narrower than the sample stands between
 * counts, and the beta distributions behind the interval are defined there too.
 */
void confidence_interval(double *low, double *high, double k, double n, double level);

/* The x at which the regularised incomplete beta function I_x(a, b) is p; a, b > 0, 0 < p < 1. */
double confidence_beta_quantile(double p, double a, double b);

#endif
