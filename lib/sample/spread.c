/* SPDX-License-Identifier: MIT */
#include "sample/spread.h"

#include "sample/snp.h"

/* End margin of the baselines on contigs too short for the normal one. */
#define SHORT_CONTIG_MARGIN 1000000

struct range {
    int64_t lo, hi;     /* 1-based, both included */
};

static int64_t
min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static struct range
snp_range(int64_t len, const struct sample_params *p)
{
    /* Position 0 does not exist, so a margin of 0 means 1. */
    return (struct range){ p->margin ? p->margin : 1, min64(len - p->margin, p->max_pos) };
}

static struct range
baseline_range(int64_t len, const struct sample_params *p)
{
    struct range range = snp_range(len, p);

    if (range.hi <= p->margin)
        range.hi = len - SHORT_CONTIG_MARGIN;
    return range;
}

static int
draw_contig(struct sample *s, struct pyrandom *r, const struct bases *b,
            const struct sample_params *p, size_t contig, struct range range, struct err *e)
{
    const uint64_t attempts = (uint64_t)p->n / p->n_contigs + 1;

    for (uint64_t i = 0; i < attempts && s->kept.n < (uint64_t)p->n; i++) {
        struct sample_site site = { .contig = contig, .stratum = "random" };

        site.pos = pyrandom_int(r, range.lo, range.hi) - 1;
        if (p->kind == SAMPLE_BASELINES)
            sample_add(s, &site, false);
        else if (snp_add(s, r, b, &site, p->keep_rejected, e))
            return -1;
    }
    return 0;
}

static int
draw_all(struct sample *s, struct pyrandom *r, const struct bases *b,
         const struct sample_params *p, struct range (*range_of)(int64_t,
                                                                 const struct sample_params *),
         struct err *e)
{
    for (size_t i = 0; i < p->n_contigs; i++) {
        const struct range range = range_of(b->len[p->contig[i]], p);

        if (range.hi < range.lo)
            sample_skip_contig(s, p->contig[i]);
        else if (draw_contig(s, r, b, p, p->contig[i], range, e))
            return -1;
    }
    if (s->skipped.n == p->n_contigs)
        return err_set(e, "no contig is long enough for --margin %lld (the first, %s, has %lld "
                       "bp); give a smaller --margin",
                       (long long)p->margin, b->name[p->contig[0]],
                       (long long)b->len[p->contig[0]]);
    return 0;
}

int
spread_snps(struct sample *s, struct pyrandom *r, const struct bases *b,
            const struct sample_params *p, struct err *e)
{
    if (draw_all(s, r, b, p, snp_range, e))
        return -1;
    pyrandom_shuffle(r, s->kept.site, s->kept.n, sizeof *s->kept.site);
    return 0;
}

int
spread_positions(struct sample *s, struct pyrandom *r, const struct bases *b,
                 const struct sample_params *p, struct err *e)
{
    return draw_all(s, r, b, p, baseline_range, e);
}
