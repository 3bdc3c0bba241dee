/* SPDX-License-Identifier: MIT */
/*
 * Checks that keep a bad background from being built or from replacing a good one.  Thresholds are
 * those of the reference implementation, except where a comment says otherwise.
 */
#ifndef PT_GUARD_H
#define PT_GUARD_H

#include "base/base.h"

/* True when less than half of the tracks have values, or there are none: refuse. */
bool guard_yields_too_little(const int64_t *count, size_t n);

/* True when a build plans less than nine tenths of the tracks that are present: refuse. */
bool guard_is_smaller(size_t planned, size_t present);

/* True when a good many models were tried and none could be read: stop. */
bool guard_nothing_loads(size_t tried, size_t loaded);

/*
 * Points at the top of a row that must come from exact tails: 2 % of width, less 1 % of that (198
 * of 10,000).  The reference demands 198 of any width, so that it always refuses narrow rows.
 */
uint64_t guard_exact_slots(size_t width);

/*
 * True when values were left out and less than `least` points of the row are exact: refuse.
 * tail: how many values are exact at each end, 0 for none.
 */
bool guard_is_thinned(uint64_t offered, uint64_t kept, uint64_t tail, size_t width,
                      uint64_t least);

/*
 * Before a build: exact points of a row when `expected` values come (all of them when capacity is
 * 0, none, or not exceeded), and in *exact whether all values stay.
 */
uint64_t guard_preflight(bool *exact, uint64_t expected, uint64_t capacity, uint64_t tail,
                         size_t width);

/* True when a row descends by more than 1e-6. */
bool guard_descends(const float *row, size_t width);

/*
 * True when a row of `count` values, fewer than width - 2, looks as if it had been padded to its
 * width instead of being spread over it: its first maximum stands at count - 1.  Rows with ties
 * at the top may look so and be good: a reason to warn.
 */
bool guard_looks_padded(const float *row, size_t width, int64_t count);

/*
 * Numbers of values of the tracks that have any.  Two that differ by one are the mark of sites
 * that were counted for some tracks only.
 */
struct guard_counts {
    size_t n_tracks, n_distinct, adjacent_pairs;
    int64_t least, most;
    bool suspect;
};
void guard_uniformity(struct guard_counts *g, const int64_t *count, size_t n);

/* True when a track has more values than the sites can give, each `fan_out` of them. */
bool guard_exceeds_population(int64_t most, int64_t sites, int64_t fan_out);

#endif
