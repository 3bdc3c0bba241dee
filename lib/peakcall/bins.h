/* SPDX-License-Identifier: MIT */
/* Segments of a chromosome as values of bins of equal size: the mean over each. */
#ifndef PT_PEAKCALL_BINS_H
#define PT_PEAKCALL_BINS_H

#include "peakcall/bedgraph.h"

struct bins {
    int64_t size;               /* bp; set by the caller, the rest zero where a chromosome begins */
    int64_t length;             /* bp so far */
    double sum;                 /* of the bin that is not full yet */
};

/* Takes n bins of one value, n at least 1. */
typedef void bins_put(void *context, float value, int64_t n);

/* The next segment, which begins at length; then the end: a last bin is the mean of what it has. */
void bins_add(struct bins *b, const struct segment *g, bins_put *put, void *context);
void bins_end(struct bins *b, bins_put *put, void *context);

#endif
