/* SPDX-License-Identifier: MIT */
/*
 * The bins that are drawn of a region for the per-bin background, and runs of bins.  predict draws
 * in order to emit just the bins needed (score/wanted.h), score-effect draws again in order to find
 * them; both get the same answer from the same site.
 */
#ifndef PT_DEMAND_H
#define PT_DEMAND_H

#include "base/base.h"
#include "genome/site.h"
#include "record/segment.h"
#include "record/track.h"
#include "score/layer.h"

enum { PERBIN_DEFAULT = 32, PERBIN_SEED = 999 };

struct perbin_rule {
    uint32_t n;             /* bins drawn per region; 0: none */
    uint64_t seed;
};

/*
 * Draw min(n, n_bins) distinct bins of [0, n_bins) into bins (room for n), ascending, and return
 * how many.  A function of seed, site identity (key = site_key) and n_bins alone: no shard, order
 * or failed neighbour can change it.  The stated algorithm is part of the file format: see
 * demand.c.
 */
uint32_t perbin_draw(uint32_t *bins, const struct perbin_rule *rule, uint64_t key,
                     uint32_t n_bins);

/*
 * A window [lo, hi), which may be empty, and n_bin ascending bins, some of which may lie in it, as
 * ascending disjoint non-adjacent segments; *n of them.  *seg is grown as needed (start with NULL
 * and cap 0; caller frees).
 */
void demand_join(struct bin_segment **seg, size_t *n, size_t *cap, uint32_t lo, uint32_t hi,
                 const uint32_t *bin, size_t n_bin);

#endif
