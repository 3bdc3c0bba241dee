/* SPDX-License-Identifier: MIT */
#include "lookup/render.h"

#include <math.h>
#include <stdio.h>

void
render_percentile(char out[RENDER_MAX], double q, bool is_signed, double exceedance)
{
    bool is_high = is_signed ? q >= 0 : q >= 0.5;
    bool in_tail = is_signed ? fabs(q) >= 0.99 : q >= 0.99 || q <= 0.01;

    if (isnan(q))
        snprintf(out, RENDER_MAX, "near-zero");
    else if (!isnan(exceedance))
        snprintf(out, RENDER_MAX, is_high ? "\u226599th (%.2f\u00d7 null max)"
                                          : "\u22641st (%.2f\u00d7 null min)", exceedance);
    else
        snprintf(out, RENDER_MAX, "%.*f", in_tail ? 4 : 2, q);
}
