/* SPDX-License-Identifier: MIT */
#include "sample/baseline.h"

#include <string.h>

#include "rng/pyrandom.h"
#include "sample/spread.h"

/* Positions outside their contig cannot be: readers compare every interval with its length. */
static void
add_spots(struct sample *s, const struct spots *spots, const char *stratum)
{
    for (size_t i = 0; i < spots->n; i++) {
        const struct spot *at = &spots->item[i];
        const struct sample_site site = { .contig = (size_t)at->contig,
                                          .pos = at->pos1 > 0 ? at->pos1 - 1 : 0,
                                          .stratum = stratum };

        sample_add(s, &site, false);
    }
}

static int
draw_ccre(struct spots *out, struct sample *s, const struct sample_params *p,
          const struct sample_stratum *t, bool percent, struct err *e)
{
    struct ccre_quota quota[CCRE_CLASSES];
    const char *missing;

    if (percent)
        quota_percent(quota, t->n);
    else
        quota_baseline(quota, t->n);
    missing = p->n_quota ? regions_ccre(out, p->ccre, p->quota, p->n_quota, t->seed)
                         : regions_ccre(out, p->ccre, quota, CCRE_CLASSES, t->seed);
    if (missing)
        return regions_missing(p->ccre, missing, e);
    sample_pool(s, t->name, p->ccre->n);
    return 0;
}

static int
draw_spots(struct sample *s, const struct sample_params *p, const struct sample_stratum *t,
           bool percent, struct err *e)
{
    struct spots spots;
    int status = 0;

    spots_init(&spots);
    if (strcmp(t->name, "ccre") == 0)
        status = draw_ccre(&spots, s, p, t, percent, e);
    else if (strcmp(t->name, "tss") == 0)
        sample_pool(s, t->name, regions_tss(&spots, p->gtf, t->n, t->seed));
    else if (strcmp(t->name, "gene_body") == 0)
        sample_pool(s, t->name, regions_gene_body(&spots, p->gtf, t->n, t->seed));
    else if (strcmp(t->name, "dhs") == 0)
        sample_pool(s, t->name, regions_dhs(&spots, p->dhs, &p->dhs_filter, t->n, t->seed));
    else
        status = err_set(e, "there is no stratum '%s'", t->name);
    if (status == 0 && t->n > 0 && !spots.n)
        status = err_set(e, "stratum %s has nothing to draw from; its file has no such place on "
                         "the contigs of the recipe, or the --dhs filters leave none", t->name);
    if (status == 0)
        add_spots(s, &spots, t->name);
    spots_free(&spots);
    return status;
}

static int
draw_random(struct sample *s, struct pyrandom *r, const struct bases *b,
            const struct sample_params *p, const struct sample_stratum *t, struct err *e)
{
    struct sample_params random = *p;

    random.n = t->n;
    pyrandom_seed(r, t->seed);
    return spread_positions(s, r, b, &random, e);
}

static int
draw_all(struct sample *s, const struct bases *b, const struct sample_params *p, bool percent,
         struct err *e)
{
    struct pyrandom r;

    pyrandom_seed(&r, p->seed);
    for (size_t i = 0; i < p->n_strata; i++) {
        const struct sample_stratum *t = &p->stratum[i];

        sample_want(s, t->name, t->n);
        if (strcmp(t->name, "random") == 0 ? draw_random(s, &r, b, p, t, e)
                                           : draw_spots(s, p, t, percent, e))
            return -1;
    }
    if (p->shuffle_seed >= 0)
        pyrandom_seed(&r, (uint64_t)p->shuffle_seed);
    if (p->n_strata > 1 || p->shuffle_seed >= 0)
        pyrandom_shuffle(&r, s->kept.site, s->kept.n, sizeof *s->kept.site);
    return 0;
}

int
baseline_sites(struct sample *s, const struct bases *b, const struct sample_params *p,
               struct err *e)
{
    return draw_all(s, b, p, false, e);
}

int
baseline_sites_percent(struct sample *s, const struct bases *b, const struct sample_params *p,
                       struct err *e)
{
    return draw_all(s, b, p, true, e);
}
