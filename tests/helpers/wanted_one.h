/* SPDX-License-Identifier: MIT */
/* For tests: the bins that a run wants of one track at one site, by the code that predict uses. */
#ifndef PT_WANTED_ONE_H
#define PT_WANTED_ONE_H

#include "prog/die.h"
#include "score/wanted.h"

/* As wanted_segments, without genes. */
static inline void
wanted_one(struct bin_segment **seg, size_t *n, size_t *cap, const struct track *t,
           const struct layer *l, const struct site *site, const struct perbin_rule *perbin)
{
    const struct score_rules rules = { .perbin = *perbin };
    struct track one = *t;
    const struct track_table table = { .track = &one, .n = 1 };
    struct wanted_bins bins = { 0 };
    struct wanted *w;
    struct err e;

    one.id = one.id ? one.id : "one";
    w = wanted_new(&table, &l, &rules, &e);
    if (!w)
        die_err(&e);
    wanted_site(w, &bins, site);
    wanted_segments(seg, n, cap, w, &bins, 0);
    wanted_bins_free(&bins);
    wanted_free(w);
}

#endif
