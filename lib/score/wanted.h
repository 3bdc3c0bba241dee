/* SPDX-License-Identifier: MIT */
/*
 * Which bins a run predicts of each track at each site: those that scoring by the same rules will
 * look at.  Of a track scored over genes the bins of their exons, of any other its layer's window
 * and, for a region, the bins drawn.  Worked out once per site and shape of track, in the order of
 * the sites: draws in sequence depend on it.
 */
#ifndef PT_WANTED_H
#define PT_WANTED_H

#include "base/base.h"
#include "base/err.h"
#include "score/score_site.h"

struct wanted;

/* Bins of one site, by shape of track; all zero before the first use, and kept for the next. */
struct wanted_bins {
    uint32_t *bin;              /* ascending within a shape */
    size_t *end;                /* of each shape in bin */
    size_t n, cap, cap_end;
};

/*
 * t, layer and rules->genes must outlive it; rules is copied.  Without rules->genes tracks that are
 * scored over genes are wanted whole.  NULL when genes cannot be placed, as scorer_new.
 */
struct wanted *wanted_new(const struct track_table *t, const struct layer *const *layer,
                          const struct score_rules *rules, struct err *e);
void wanted_free(struct wanted *w);

/* Tracks that are scored over genes. */
size_t wanted_by_gene(const struct wanted *w);

/* The bins of the next site: one thread, in order. */
void wanted_site(struct wanted *w, struct wanted_bins *b, const struct site *site);
void wanted_bins_free(struct wanted_bins *b);   /* frees the arrays, not b */

/*
 * Those of one track, as ascending disjoint segments, none of which may be wanted: *n is 0 then.
 * *seg is grown as needed.  Any thread.
 */
void wanted_segments(struct bin_segment **seg, size_t *n, size_t *cap, const struct wanted *w,
                     const struct wanted_bins *b, size_t track);

#endif
