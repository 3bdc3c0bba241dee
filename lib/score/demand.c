/* SPDX-License-Identifier: MIT */
/*
 * The draw is Floyd's sampling without replacement (Bentley and Floyd, "Programming pearls: a
 * sample of brilliance", CACM 30:9, 1987) on the words of keyed_stream_init(seed, key):
 *
 *   if n >= n_bins, all bins; else
 *   for j = n_bins - n, ..., n_bins - 1:
 *       t = keyed_below(j + 1)
 *       take t if it has not been taken, else take j
 *
 * The taken bins are then put into ascending order.  Every set of n bins is equally likely.  This
 * and lib/rng/keyed.h are part of the file format: a background is only comparable with scores
 * whose bins were drawn the same way.
 */
#include "score/demand.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/keyed.h"

/* Place of the first of n ascending bins that is not below bin. */
static uint32_t
lower_bound(const uint32_t *bins, uint32_t n, uint32_t bin)
{
    uint32_t lo = 0;

    while (n) {
        uint32_t half = n / 2;

        if (bins[lo + half] < bin) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return lo;
}

uint32_t
perbin_draw(uint32_t *bins, const struct perbin_rule *rule, uint64_t key, uint32_t n_bins)
{
    struct keyed_stream words;
    uint32_t n = 0;

    if (rule->n >= n_bins) {
        for (uint32_t i = 0; i < n_bins; i++)
            bins[i] = i;
        return n_bins;
    }
    keyed_stream_init(&words, rule->seed, key);
    for (uint32_t j = n_bins - rule->n; j < n_bins; j++) {
        uint32_t t = (uint32_t)keyed_below(&words, (uint64_t)j + 1);
        uint32_t at = lower_bound(bins, n, t);

        if (at < n && bins[at] == t) {
            bins[n++] = j;      /* j is above everything taken so far */
            continue;
        }
        memmove(bins + at + 1, bins + at, (n - at) * sizeof *bins);
        bins[at] = t;
        n++;
    }
    return n;
}

/* Append [start, start + len), which begins at or after the last segment's start. */
static void
add_segment(struct bin_segment **seg, size_t *n, size_t *cap, uint32_t start, uint32_t len)
{
    if (*n) {
        struct bin_segment *last = &(*seg)[*n - 1];

        if (start <= last->start + last->len) {
            if (start + len > last->start + last->len)
                last->len = start + len - last->start;
            return;
        }
    }
    mem_grow(seg, cap, *n + 1, sizeof **seg);
    (*seg)[(*n)++] = (struct bin_segment){ start, len };
}

void
demand_join(struct bin_segment **seg, size_t *n, size_t *cap, uint32_t lo, uint32_t hi,
            const uint32_t *bin, size_t n_bin)
{
    size_t i = 0;

    *n = 0;
    while (i < n_bin && bin[i] < lo)
        add_segment(seg, n, cap, bin[i++], 1);
    if (lo < hi)
        add_segment(seg, n, cap, lo, hi - lo);
    while (i < n_bin)
        add_segment(seg, n, cap, bin[i++], 1);
}
