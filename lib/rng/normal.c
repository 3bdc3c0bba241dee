/* SPDX-License-Identifier: MIT */
#include "rng/normal.h"

#include <math.h>

/* Of 53 bits, in (0, 1). */
static double
uniform(struct keyed_stream *s)
{
    return ((double)(keyed_next(s) >> 11) + 0.5) * 0x1p-53;
}

double
keyed_normal(struct keyed_stream *s)
{
    const double radius = sqrt(-2 * log(uniform(s)));

    return radius * cos(2 * M_PI * uniform(s));
}
