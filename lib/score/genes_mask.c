/* SPDX-License-Identifier: MIT */
/* Selecting genes at an output interval, and their exons' bins. */
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "score/genes_index.h"

/* A selected unit. */
struct hit {
    const struct gene_unit *unit;
    size_t rank;                /* in the order of the rule */
    size_t first;               /* rank of the first hit of the same name */
    uint64_t distance2;         /* nearby: twice the distance to the midpoint */
};

struct gene_scratch {
    struct hit *hit;
    size_t n_hit, cap_hit;
    struct interval *exon;
    size_t n_exon, cap_exon;
};

/* The output in the genome. */
struct extent {
    int64_t origin, bin_bp;
    uint32_t n_bins;
};

void
gene_mask_init(struct gene_mask *m)
{
    memset(m, 0, sizeof *m);
    m->scratch = mem_zalloc(sizeof *m->scratch);
}

void
gene_mask_free(struct gene_mask *m)
{
    for (size_t i = 0; i < m->cap; i++)
        free(m->gene[i].run);
    free(m->gene);
    free(m->pool);
    if (m->scratch) {
        free(m->scratch->hit);
        free(m->scratch->exon);
    }
    free(m->scratch);
    memset(m, 0, sizeof *m);
}

static const struct contig_units *
find_contig(const struct gene_index *x, const char *chrom)
{
    khint_t k = kh_get(gene_contig, x->contig_of, gene_contig_key(chrom));
    const struct contig_units *c = k == kh_end(x->contig_of) ? NULL
                                                             : &x->contig[kh_val(x->contig_of, k)];

    return c && c->n ? c : NULL;
}

/* First unit of the contig whose reach passes start. */
static size_t
first_unit(const struct gene_index *x, const struct contig_units *c, int64_t start)
{
    size_t lo = c->first, hi = c->first + c->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (x->unit[mid].reach <= start)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void
find_hits(struct gene_scratch *s, const struct gene_index *x, const struct contig_units *c,
          const struct extent *out, char strand)
{
    const int64_t end = out->origin + out->bin_bp * out->n_bins;

    s->n_hit = 0;
    for (size_t i = first_unit(x, c, out->origin); i < c->first + c->n; i++) {
        const struct gene_unit *u = &x->unit[i];

        if (u->start >= end)
            break;
        if (u->end <= out->origin || (strand && u->plus != (strand == '+')))
            continue;
        mem_grow(&s->hit, &s->cap_hit, s->n_hit + 1, sizeof *s->hit);
        s->hit[s->n_hit] = (struct hit){ .unit = u, .rank = s->n_hit };
        s->n_hit++;
    }
}

static int
by_distance(const void *va, const void *vb)
{
    const struct hit *a = va, *b = vb;

    if (a->distance2 != b->distance2)
        return a->distance2 < b->distance2 ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* The coding rows if any is, nearest to the site first, each name once. */
static void
take_nearest(struct gene_scratch *s, int64_t position)
{
    bool coding = false;
    size_t n = 0;

    for (size_t i = 0; i < s->n_hit; i++)
        coding |= s->hit[i].unit->is_coding;
    for (size_t i = 0; i < s->n_hit; i++) {
        struct hit h = s->hit[i];
        int64_t apart = h.unit->middle2 - 2 * (position + 1);

        h.distance2 = (uint64_t)(apart < 0 ? -apart : apart);
        if (!coding || h.unit->is_coding)
            s->hit[n++] = h;
    }
    if (n)
        qsort(s->hit, n, sizeof *s->hit, by_distance);
    s->n_hit = 0;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;

        while (j < s->n_hit && s->hit[j].unit->name != s->hit[i].unit->name)
            j++;
        if (j == s->n_hit)
            s->hit[s->n_hit++] = s->hit[i];
    }
    for (size_t i = 0; i < s->n_hit; i++)
        s->hit[i].rank = i;
}

static int
by_name(const void *va, const void *vb)
{
    const struct hit *a = va, *b = vb;

    if (a->unit->name != b->unit->name)
        return a->unit->name < b->unit->name ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static int
by_first(const void *va, const void *vb)
{
    const struct hit *a = va, *b = vb;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Bring the units of one gene together, genes in the order of their first unit. */
static void
group_hits(struct gene_scratch *s)
{
    if (s->n_hit < 2)
        return;
    qsort(s->hit, s->n_hit, sizeof *s->hit, by_name);
    for (size_t i = 0; i < s->n_hit; i++)
        s->hit[i].first = i && s->hit[i - 1].unit->name == s->hit[i].unit->name
                              ? s->hit[i - 1].first : s->hit[i].rank;
    qsort(s->hit, s->n_hit, sizeof *s->hit, by_first);
}

static int
by_start(const void *va, const void *vb)
{
    const struct interval *a = va, *b = vb;

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

/* The exons of hits [from, to), merged. */
static void
merge_exons(struct gene_scratch *s, const struct gene_index *x, size_t from, size_t to)
{
    const int64_t apart = x->chorus;    /* chorus keeps exons apart that touch and do not overlap */
    size_t n = 0;

    s->n_exon = 0;
    for (size_t i = from; i < to; i++) {
        const struct gene_unit *u = s->hit[i].unit;

        mem_grow(&s->exon, &s->cap_exon, s->n_exon + u->n_exon, sizeof *s->exon);
        if (u->n_exon)
            memcpy(s->exon + s->n_exon, x->exon + u->exon, u->n_exon * sizeof *s->exon);
        s->n_exon += u->n_exon;
    }
    if (to - from > 1 && s->n_exon)
        qsort(s->exon, s->n_exon, sizeof *s->exon, by_start);
    for (size_t i = 0; i < s->n_exon; i++) {
        if (n && s->exon[i].start + apart <= s->exon[n - 1].end) {
            if (s->exon[i].end > s->exon[n - 1].end)
                s->exon[n - 1].end = s->exon[i].end;
        } else {
            s->exon[n++] = s->exon[i];
        }
    }
    s->n_exon = n;
}

/* Add the bins that bases [start, end) touch; calls come with ascending start. */
static void
add_bins(struct gene_bins *g, int64_t start, int64_t end, const struct extent *out)
{
    struct bin_segment *last = g->n_run ? &g->run[g->n_run - 1] : NULL;
    int64_t lo, hi, size = out->bin_bp * out->n_bins;

    start = start < out->origin ? 0 : start - out->origin;
    end = end - out->origin > size ? size : end - out->origin;
    if (start >= end)
        return;
    lo = start / out->bin_bp;
    hi = (end + out->bin_bp - 1) / out->bin_bp;
    if (last && lo <= (int64_t)last->start + last->len) {
        if (hi > (int64_t)last->start + last->len) {
            g->n_bins += (uint32_t)(hi - last->start - last->len);
            last->len = (uint32_t)(hi - last->start);
        }
        return;
    }
    mem_grow(&g->run, &g->cap_run, g->n_run + 1, sizeof *g->run);
    g->run[g->n_run++] = (struct bin_segment){ (uint32_t)lo, (uint32_t)(hi - lo) };
    g->n_bins += (uint32_t)(hi - lo);
}

static struct gene_bins *
next_gene(struct gene_mask *m)
{
    size_t old = m->cap;
    struct gene_bins *g;

    mem_grow(&m->gene, &m->cap, m->n + 1, sizeof *m->gene);
    memset(m->gene + old, 0, (m->cap - old) * sizeof *m->gene);
    g = &m->gene[m->n];
    g->n_run = 0;
    g->n_bins = 0;
    return g;
}

static void
add_genes(struct gene_mask *m, const struct gene_index *x, const struct extent *out)
{
    struct gene_scratch *s = m->scratch;

    for (size_t from = 0, to; from < s->n_hit; from = to) {
        struct gene_bins *g = next_gene(m);

        for (to = from + 1; to < s->n_hit && s->hit[to].unit->name == s->hit[from].unit->name; to++)
            ;
        merge_exons(s, x, from, to);
        for (size_t i = 0; i < s->n_exon; i++)
            add_bins(g, s->exon[i].start + x->chorus, s->exon[i].end, out);
        g->name = x->name[s->hit[from].unit->name];
        m->n += g->n_bins > 0;
    }
}

static int
by_bin(const void *va, const void *vb)
{
    const uint32_t *a = va, *b = vb;

    return (*a > *b) - (*a < *b);
}

static void
pool_bins(struct gene_mask *m)
{
    size_t n = 0, unique = 0;

    for (size_t i = 0; i < m->n; i++)
        n += m->gene[i].n_bins;
    mem_grow(&m->pool, &m->cap_pool, n, sizeof *m->pool);
    n = 0;
    for (size_t i = 0; i < m->n; i++)
        for (size_t j = 0; j < m->gene[i].n_run; j++)
            for (uint32_t bin = 0; bin < m->gene[i].run[j].len; bin++)
                m->pool[n++] = m->gene[i].run[j].start + bin;
    if (m->n > 1)
        qsort(m->pool, n, sizeof *m->pool, by_bin);
    for (size_t i = 0; i < n; i++)
        if (!unique || m->pool[unique - 1] != m->pool[i])
            m->pool[unique++] = m->pool[i];
    m->n_pool = unique;
}

bool
gene_mask_select(struct gene_mask *m, const struct gene_index *x, const char *chrom,
                 char strand, int64_t origin, uint32_t bin_bp, uint32_t n_bins, int64_t position)
{
    const struct extent out = { origin, bin_bp, n_bins };
    const struct contig_units *c = find_contig(x, chrom);

    m->n = 0;
    m->n_pool = 0;
    if (!c)
        return false;
    find_hits(m->scratch, x, c, &out, strand);
    if (x->rule == GENES_NEARBY)
        take_nearest(m->scratch, position);
    else
        group_hits(m->scratch);
    add_genes(m, x, &out);
    pool_bins(m);
    return true;
}
