/* SPDX-License-Identifier: MIT */
#include "sample/anchored.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/pyrandom.h"
#include "sample/snp.h"

/* Half-widths of the jitter, bp. */
enum { NEAR = 1000, FAR = 10000, PROMOTER = 250, JUNCTION = 100, DHS = 150 };

/* How many more elements than sites are drawn, because some fall into the margin. */
#define SURPLUS 2.0
#define CCRE_SURPLUS 1.4

/* What the strata draw from. */
struct pools {
    const struct bases *b;
    int64_t margin;
    bool *usable;               /* by contig */
    size_t *order;              /* [n_usable] contigs as the stratum random takes them */
    size_t n_usable;
    struct spots tss, junction, ccre, pls, pels, dhs;
    const struct gtf_row **body;        /* [n_bodies] */
    size_t n_bodies;
    struct pyrandom rng;
};

static bool
inside(const struct pools *pool, int contig, int64_t pos1)
{
    return contig >= 0 && pool->usable[contig] && pos1 >= pool->margin &&
           pos1 <= pool->b->len[contig] - pool->margin;
}

static void
keep_inside(const struct pools *pool, struct spots *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        if (inside(pool, s->item[i].contig, s->item[i].pos1))
            s->item[n++] = s->item[i];
    s->n = n;
}

static int
by_bytes(const void *pa, const void *pb, void *arg)
{
    const struct bases *b = arg;

    return strcmp(b->name[*(const size_t *)pa], b->name[*(const size_t *)pb]);
}

static void
find_usable(struct pools *pool, const struct gtf *g, bool by_name)
{
    const struct bases *b = pool->b;

    pool->usable = mem_array(b->n, sizeof *pool->usable);
    pool->order = mem_array(b->n, sizeof *pool->order);
    for (size_t i = 0; i < g->n_genes; i++)
        if (g->gene[i].coding && g->gene[i].contig >= 0 &&
            b->len[g->gene[i].contig] > 2 * pool->margin)
            pool->usable[g->gene[i].contig] = true;
    for (size_t i = 0; i < b->n; i++)
        if (pool->usable[i])
            pool->order[pool->n_usable++] = i;
    if (by_name && pool->n_usable)
        qsort_r(pool->order, pool->n_usable, sizeof *pool->order, by_bytes, (void *)b);
}

/* Starts of genes, then the starts of all exons and the ends of all exons, then whole genes. */
static void
fill_genes(struct pools *pool, const struct gtf *g)
{
    pool->body = mem_array(g->n_genes, sizeof *pool->body);
    for (size_t i = 0; i < g->n_genes; i++) {
        const struct gtf_row *gene = &g->gene[i];

        if (!gene->coding)
            continue;
        spots_add(&pool->tss, gene->contig, gtf_tss1(gene));
        if (inside(pool, gene->contig, gene->start + 1) && inside(pool, gene->contig, gene->end))
            pool->body[pool->n_bodies++] = gene;
    }
    for (size_t i = 0; i < g->n_exons; i++)
        if (g->exon[i].coding)
            spots_add(&pool->junction, g->exon[i].contig, g->exon[i].start + 1);
    for (size_t i = 0; i < g->n_exons; i++)
        if (g->exon[i].coding)
            spots_add(&pool->junction, g->exon[i].contig, g->exon[i].end);
    keep_inside(pool, &pool->tss);
    keep_inside(pool, &pool->junction);
}

static int64_t
doubled(int64_t n)
{
    return n > 0 ? 2 * n : 1;
}

/* Elements of one pool: a draw with a generator of its own, then a shuffle with the strata's. */
static int
fill_ccre(struct pools *pool, struct spots *out, const struct sample_params *p,
          const struct ccre_quota *quota, size_t n_quota, struct err *e)
{
    const char *missing = regions_ccre(out, p->ccre, quota, n_quota, p->seed);

    if (missing)
        return regions_missing(p->ccre, missing, e);
    keep_inside(pool, out);
    if (out->n)
        pyrandom_shuffle(&pool->rng, out->item, out->n, sizeof *out->item);
    return 0;
}

static int
fill_pool(struct pools *pool, const struct sample_params *p, const struct sample_stratum *t,
          struct err *e)
{
    struct ccre_quota quota[CCRE_CLASSES] = { { "PLS", doubled(t->n) } };

    if (strcmp(t->name, "ccre") == 0) {
        quota_shares(quota, t->n, SURPLUS);
        return fill_ccre(pool, &pool->ccre, p, quota, CCRE_CLASSES, e);
    }
    if (strcmp(t->name, "ccre_pls") == 0)
        return fill_ccre(pool, &pool->pls, p, quota, 1, e);
    if (strcmp(t->name, "ccre_pels") == 0) {
        quota[0].class = "pELS";
        return fill_ccre(pool, &pool->pels, p, quota, 1, e);
    }
    if (strcmp(t->name, "dhs") == 0) {
        regions_dhs(&pool->dhs, p->dhs, &p->dhs_filter, doubled(t->n), p->seed);
        keep_inside(pool, &pool->dhs);
        if (pool->dhs.n)
            pyrandom_shuffle(&pool->rng, pool->dhs.item, pool->dhs.n, sizeof *pool->dhs.item);
    }
    return 0;
}

/* The order of the pools is fixed, that of the strata is the caller's. */
static int
fill_pools(struct pools *pool, const struct sample_params *p, struct err *e)
{
    static const char *const order[] = { "ccre", "ccre_pls", "ccre_pels", "dhs" };

    for (size_t k = 0; k < ARRAY_LEN(order); k++)
        for (size_t i = 0; i < p->n_strata; i++)
            if (p->stratum[i].fraction > 0 && strcmp(p->stratum[i].name, order[k]) == 0 &&
                fill_pool(pool, p, &p->stratum[i], e))
                return -1;
    return 0;
}

static struct spot
choice(struct pools *pool, const struct spots *from)
{
    return from->item[pyrandom_below(&pool->rng, from->n)];
}

static struct spot
jittered(struct pools *pool, struct spot at, int64_t width)
{
    at.pos1 += pyrandom_int(&pool->rng, -width, width);
    return at;
}

static struct spot
draw_near(struct pools *pool, size_t i)
{
    (void)i;
    return jittered(pool, choice(pool, &pool->tss), NEAR);
}

static struct spot
draw_far(struct pools *pool, size_t i)
{
    struct spot at = choice(pool, &pool->tss);
    const int64_t distance = pyrandom_int(&pool->rng, NEAR, FAR);

    (void)i;
    at.pos1 += pyrandom_random(&pool->rng) < 0.5 ? distance : -distance;
    return at;
}

static struct spot
draw_promoter(struct pools *pool, size_t i)
{
    (void)i;
    return jittered(pool, choice(pool, &pool->tss), PROMOTER);
}

static struct spot
draw_junction(struct pools *pool, size_t i)
{
    (void)i;
    return jittered(pool, choice(pool, &pool->junction), JUNCTION);
}

static struct spot
draw_body(struct pools *pool, size_t i)
{
    const struct gtf_row *gene = pool->body[pyrandom_below(&pool->rng, pool->n_bodies)];
    const int64_t start1 = gene->start + 1;

    (void)i;
    return (struct spot){ gene->contig, gene->end > start1
                                            ? pyrandom_int(&pool->rng, start1, gene->end)
                                            : start1 };
}

static struct spot
draw_random(struct pools *pool, size_t i)
{
    const size_t contig = pool->order[pyrandom_below(&pool->rng, pool->n_usable)];

    (void)i;
    return (struct spot){ (int)contig, pyrandom_int(&pool->rng, pool->margin,
                                                    pool->b->len[contig] - pool->margin) };
}

static struct spot
draw_ccre(struct pools *pool, size_t i)
{
    return pool->ccre.item[i % pool->ccre.n];
}

static struct spot
draw_pls(struct pools *pool, size_t i)
{
    return pool->pls.item[i % pool->pls.n];
}

static struct spot
draw_pels(struct pools *pool, size_t i)
{
    return pool->pels.item[i % pool->pels.n];
}

static struct spot
draw_dhs(struct pools *pool, size_t i)
{
    return jittered(pool, pool->dhs.item[i % pool->dhs.n], DHS);
}

struct drawer {
    const char *stratum;
    size_t pool;                        /* offset of what is drawn from, in struct pools */
    const char *of;                     /* what it holds, for messages */
    struct spot (*draw)(struct pools *pool, size_t i);
};

#define SPOTS(member) offsetof(struct pools, member) + offsetof(struct spots, n)

static const struct drawer drawers[] = {
    { "tss_near", SPOTS(tss), "protein-coding genes", draw_near },
    { "tss_far", SPOTS(tss), "protein-coding genes", draw_far },
    { "tss_promoter", SPOTS(tss), "protein-coding genes", draw_promoter },
    { "junction", SPOTS(junction), "exons of protein-coding genes", draw_junction },
    { "gene_body", offsetof(struct pools, n_bodies), "protein-coding genes", draw_body },
    { "random", offsetof(struct pools, n_usable), "contigs", draw_random },
    { "ccre", SPOTS(ccre), "cCREs", draw_ccre },
    { "ccre_pls", SPOTS(pls), "PLS elements", draw_pls },
    { "ccre_pels", SPOTS(pels), "pELS elements", draw_pels },
    { "dhs", SPOTS(dhs), "DHS summits", draw_dhs },
};

static const struct drawer *
find_drawer(const char *stratum)
{
    for (size_t i = 0; i < ARRAY_LEN(drawers); i++)
        if (strcmp(drawers[i].stratum, stratum) == 0)
            return &drawers[i];
    return NULL;
}

/* Only jitter can take a position out of bounds: what it is added to is inside. */
static int64_t
clamp(const struct pools *pool, struct sample *s, struct spot at)
{
    const int64_t low = pool->margin, high = pool->b->len[at.contig] - pool->margin;

    if (at.pos1 >= low && at.pos1 <= high)
        return at.pos1;
    s->clamped++;
    return at.pos1 < low ? low : high;
}

static int
draw_stratum(struct sample_list *out, struct sample *s, struct pools *pool,
             const struct sample_stratum *t, struct err *e)
{
    const struct drawer *d = find_drawer(t->name);
    size_t size;

    if (!d)
        return err_set(e, "there is no stratum '%s'", t->name);
    memcpy(&size, (const char *)pool + d->pool, sizeof size);
    if (d->draw != draw_random)
        sample_pool(s, t->name, size);
    if (t->n > 0 && !size)
        return err_set(e, "stratum %s has nothing to draw from: no %s farther than the margin of "
                       "%lld bp from the ends of their contigs; give other inputs or a smaller "
                       "--margin", t->name, d->of, (long long)pool->margin);
    for (int64_t i = 0; i < t->n; i++) {
        const struct spot at = d->draw(pool, (size_t)i);

        mem_grow(&out->site, &out->cap, out->n + 1, sizeof *out->site);
        out->site[out->n++] = (struct sample_site){ .contig = (size_t)at.contig,
                                                    .pos = clamp(pool, s, at) - 1,
                                                    .stratum = t->name };
    }
    return 0;
}

static void
pools_free(struct pools *pool)
{
    spots_free(&pool->tss);
    spots_free(&pool->junction);
    spots_free(&pool->ccre);
    spots_free(&pool->pls);
    spots_free(&pool->pels);
    spots_free(&pool->dhs);
    free(pool->body);
    free(pool->usable);
    free(pool->order);
}

int
anchored_positions(struct sample_list *out, struct sample *s, const struct bases *b,
                   const struct sample_params *p, bool promoter, struct err *e)
{
    /* Position 0 does not exist, so a margin of 0 means 1. */
    struct pools pool = { .b = b, .margin = p->margin ? p->margin : 1 };
    int status;

    find_usable(&pool, p->gtf, !promoter);
    fill_genes(&pool, p->gtf);
    pyrandom_seed(&pool.rng, p->seed);
    status = fill_pools(&pool, p, e);
    for (size_t i = 0; i < p->n_strata && status == 0; i++)
        status = draw_stratum(out, s, &pool, &p->stratum[i], e);
    if (status == 0 && out->n)
        pyrandom_shuffle(&pool.rng, out->site, out->n, sizeof *out->site);
    pools_free(&pool);
    return status;
}

/* Alternates in the order of the positions, which the stream makes part of the result. */
static int
add_alternates(struct sample *s, const struct bases *b, const struct sample_params *p,
               struct sample_list *list, struct err *e)
{
    struct pyrandom r;

    pyrandom_seed(&r, p->seed);
    for (size_t i = 0; i < p->n_strata; i++)
        sample_want(s, p->stratum[i].name, p->stratum[i].n);
    for (size_t i = 0; i < list->n; i++)
        if (snp_add(s, &r, b, &list->site[i], p->keep_rejected, e))
            return -1;
    if (p->shuffle && s->kept.n)
        pyrandom_shuffle(&r, s->kept.site, s->kept.n, sizeof *s->kept.site);
    return 0;
}

static int
anchored(struct sample *s, const struct bases *b, const struct sample_params *p, bool promoter,
         struct err *e)
{
    struct sample_list list = { 0 };
    int status = anchored_positions(&list, s, b, p, promoter, e);

    if (status == 0)
        status = add_alternates(s, b, p, &list, e);
    free(list.site);
    return status;
}

int
anchored_unified(struct sample *s, const struct bases *b, const struct sample_params *p,
                 struct err *e)
{
    return anchored(s, b, p, false, e);
}

int
anchored_promoter(struct sample *s, const struct bases *b, const struct sample_params *p,
                  struct err *e)
{
    return anchored(s, b, p, true, e);
}

const char *
anchored_ccre_positions(struct sample_list *out, const struct bases *b,
                        const struct sample_params *p)
{
    struct ccre_quota quota[CCRE_CLASSES];
    const char *missing;
    struct spots spots;
    struct pyrandom r;

    spots_init(&spots);
    quota_shares(quota, p->n, CCRE_SURPLUS);
    missing = regions_ccre(&spots, p->ccre, quota, CCRE_CLASSES, p->seed);
    for (size_t i = 0; i < spots.n; i++) {
        const struct spot *at = &spots.item[i];

        if (at->contig < 0 || b->len[at->contig] <= 2 * p->margin || at->pos1 < p->margin ||
            at->pos1 < 1 || at->pos1 > b->len[at->contig] - p->margin)
            continue;
        mem_grow(&out->site, &out->cap, out->n + 1, sizeof *out->site);
        out->site[out->n++] = (struct sample_site){ .contig = (size_t)at->contig,
                                                    .pos = at->pos1 - 1, .stratum = "ccre" };
    }
    spots_free(&spots);
    pyrandom_seed(&r, p->seed);
    if (out->n)
        pyrandom_shuffle(&r, out->site, out->n, sizeof *out->site);
    if (out->n > (size_t)p->n)
        out->n = (size_t)p->n;
    return missing;
}

int
anchored_ccre(struct sample *s, const struct bases *b, const struct sample_params *p,
              struct err *e)
{
    struct sample_list list = { 0 };
    const char *missing = anchored_ccre_positions(&list, b, p);
    int status;

    if (missing)
        status = regions_missing(p->ccre, missing, e);
    else if (list.n)
        status = add_alternates(s, b, p, &list, e);
    else
        status = err_set(e, "%s: no element is farther than the margin of %lld bp "
                         "from the ends of its contig; give a smaller --margin", p->ccre->file,
                         (long long)p->margin);
    free(list.site);
    return status;
}

int
anchored_dhs(struct sample *s, const struct bases *b, const struct sample_params *p,
             struct err *e)
{
    struct spots summits;
    struct pyrandom r;
    int status = 0;

    spots_init(&summits);
    sample_want(s, "dhs", p->n);
    sample_pool(s, "dhs", regions_dhs(&summits, p->dhs, &p->dhs_filter, p->n, p->seed));
    if (!summits.n)
        status = err_set(e, "%s: no site is left to draw from; loosen --dhs-samples or "
                         "--dhs-signal", p->dhs->file);
    pyrandom_seed(&r, p->seed + 1);
    for (size_t i = 0; i < summits.n && status == 0; i++) {
        const struct spot at = summits.item[i];
        struct sample_site site = { .contig = (size_t)at.contig, .stratum = "dhs" };

        site.pos = at.pos1 + pyrandom_int(&r, -DHS, DHS) - 1;
        if (site.pos < 0 || site.pos + 1 < p->margin ||
            site.pos + 1 > b->len[at.contig] - p->margin) {
            site.reason = SAMPLE_MARGIN;
            sample_add(s, &site, p->keep_rejected);
        } else {
            status = snp_add(s, &r, b, &site, p->keep_rejected, e);
        }
    }
    spots_free(&summits);
    return status;
}
