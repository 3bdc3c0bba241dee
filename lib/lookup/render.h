/* SPDX-License-Identifier: MIT */
/* A percentile as a reader of a table wants it (G.5 of the scoring specification). */
#ifndef PT_RENDER_H
#define PT_RENDER_H

#include "base/base.h"

enum { RENDER_MAX = 64 };

/*
 * "near-zero" without a percentile (q is NaN); beyond the background "≥99th (1.23× null max)" or
 * "≤1st (1.23× null min)" by the side q lies on (exceedance, NaN for none); else two decimals,
 * in the tails four: |q| >= 0.99 of signed tracks, q >= 0.99 or q <= 0.01 of others.  UTF-8.
 */
void render_percentile(char out[RENDER_MAX], double q, bool is_signed, double exceedance);

#endif
