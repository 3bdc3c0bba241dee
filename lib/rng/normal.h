/* SPDX-License-Identifier: MIT */
/* Normal random numbers from the words of a keyed stream. */
#ifndef PT_RNG_NORMAL_H
#define PT_RNG_NORMAL_H

#include "rng/keyed.h"

/* Standard normal, from two words (Box and Muller, "A note on the generation of random normal
 * deviates", 1958, the cosine of the pair). */
double keyed_normal(struct keyed_stream *s);

#endif
