/* SPDX-License-Identifier: MIT */
#include "score/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "score/score_bins.h"

struct wanted {
    const struct track_table *tracks;
    const struct layer *const *layer;
    struct score_rules rules;
    struct bin_groups groups;
    size_t n_by_gene;
};

struct wanted *
wanted_new(const struct track_table *t, const struct layer *const *layer,
           const struct score_rules *rules, struct err *e)
{
    struct wanted *w;
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) {
        const bool by_gene = score_by_gene(&t->track[i], layer[i]);

        n += by_gene;
        if (by_gene && rules->genes && score_check_place(&t->track[i], rules, e))
            return NULL;
    }
    w = mem_zalloc(sizeof *w);
    w->tracks = t;
    w->layer = layer;
    w->rules = *rules;
    w->n_by_gene = n;
    bin_groups_init(&w->groups, t, layer, rules);
    return w;
}

void
wanted_free(struct wanted *w)
{
    if (!w)
        return;
    bin_groups_free(&w->groups);
    free(w);
}

size_t
wanted_by_gene(const struct wanted *w)
{
    return w->n_by_gene;
}

static int
by_bin(const void *va, const void *vb)
{
    const uint32_t *a = va, *b = vb;

    return (*a > *b) - (*a < *b);
}

/* A group's own bins: of genes all that any of them needs, else those drawn. */
static void
add_group(struct wanted_bins *b, const struct bin_group *g)
{
    const uint32_t *bin = g->by_gene ? g->mask.pool : g->drawn;
    const size_t n = g->by_gene ? g->mask.n_pool : g->n_drawn;

    mem_grow(&b->bin, &b->cap, b->n + n, sizeof *b->bin);
    if (!n)
        return;
    memcpy(b->bin + b->n, bin, n * sizeof *bin);
    if (!g->by_gene)
        qsort(b->bin + b->n, n, sizeof *bin, by_bin);
    b->n += n;
}

void
wanted_site(struct wanted *w, struct wanted_bins *b, const struct site *site)
{
    const struct bin_groups *g = &w->groups;

    bin_groups_prepare(&w->groups, site, &w->rules);
    mem_grow(&b->end, &b->cap_end, g->n, sizeof *b->end);
    b->n = 0;
    for (size_t i = 0; i < g->n; i++) {
        add_group(b, &g->group[i]);
        b->end[i] = b->n;
    }
}

void
wanted_bins_free(struct wanted_bins *b)
{
    free(b->bin);
    free(b->end);
    memset(b, 0, sizeof *b);
}

void
wanted_segments(struct bin_segment **seg, size_t *n, size_t *cap, const struct wanted *w,
                const struct wanted_bins *b, size_t track)
{
    const uint32_t group = w->groups.of_track[track];
    const size_t from = group ? b->end[group - 1] : 0;
    uint32_t lo = 0, hi = 0;

    if (!w->groups.group[group].by_gene)
        layer_span(w->layer[track], w->tracks->track[track].n_bins,
                   w->tracks->track[track].bin_bp, &lo, &hi);
    demand_join(seg, n, cap, lo, hi, b->bin + from, b->end[group] - from);
}
