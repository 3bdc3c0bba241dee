/* SPDX-License-Identifier: MIT */
#include "score/score_bins.h"

#include <stdlib.h>
#include <string.h>

#include "genome/window.h"
#include "prog/mem.h"

static uint32_t
find_group(struct bin_groups *g, bool by_gene, char strand, const struct track *t)
{
    struct bin_group *new;

    for (size_t i = 0; i < g->n; i++)
        if (g->group[i].by_gene == by_gene && g->group[i].n_bins == t->n_bins &&
            (!by_gene || (g->group[i].bin_bp == t->bin_bp && g->group[i].strand == strand)))
            return (uint32_t)i;
    mem_grow(&g->group, &g->cap, g->n + 1, sizeof *g->group);
    new = &g->group[g->n];
    memset(new, 0, sizeof *new);
    new->by_gene = by_gene;
    new->strand = strand;
    new->n_bins = t->n_bins;
    new->bin_bp = t->bin_bp;
    gene_mask_init(&new->mask);
    return (uint32_t)g->n++;
}

void
bin_groups_init(struct bin_groups *g, const struct track_table *t,
                const struct layer *const *layer, const struct score_rules *rules)
{
    memset(g, 0, sizeof *g);
    g->of_track = mem_array(t->n, sizeof *g->of_track);
    for (size_t i = 0; i < t->n; i++)
        g->of_track[i] = find_group(g, rules->genes && score_by_gene(&t->track[i], layer[i]),
                                    score_gene_strand(&t->track[i], rules), &t->track[i]);
    if (rules->draw_in_sequence)
        nprandom_seed(&g->sequence, (uint32_t)rules->perbin.seed);
}

void
bin_groups_free(struct bin_groups *g)
{
    for (size_t i = 0; i < g->n; i++) {
        gene_mask_free(&g->group[i].mask);
        free(g->group[i].gene);
        free(g->group[i].drawn);
    }
    free(g->group);
    free(g->of_track);
    free(g->work);
}

static void
select_genes(struct bin_group *b, const struct site *site, const struct score_rules *rules)
{
    const int64_t position = window_position(site);
    const int64_t output_bp = (int64_t)b->n_bins * b->bin_bp;
    const int64_t begin = rules->input_origin ? 0 : (rules->len_bp - output_bp) / 2;
    const int64_t origin = position - rules->variant_index + begin;

    b->known_contig = gene_mask_select(&b->mask, rules->genes, site->chrom, b->strand, origin,
                                       b->bin_bp, b->n_bins, position);
}

void
bin_groups_name_genes(struct bin_groups *g, struct score_record *out)
{
    for (size_t i = 0; i < g->n; i++) {
        struct bin_group *b = &g->group[i];

        if (!b->by_gene)
            continue;
        mem_grow(&b->gene, &b->cap_gene, b->mask.n, sizeof *b->gene);
        for (size_t j = 0; j < b->mask.n; j++)
            b->gene[j] = score_record_gene(out, b->mask.gene[j].name);
    }
}

/*
 * The next choice(total, min(n, total), replace=False) of the sequence.  Of pooled exon bins that
 * are no more than n, all are taken and no choice is made.
 */
static void
draw_next(struct bin_groups *g, struct bin_group *b, uint32_t n, uint32_t total)
{
    if (b->by_gene && total <= n) {
        for (uint32_t i = 0; i < total; i++)
            b->drawn[i] = i;
        b->n_drawn = total;
        return;
    }
    b->n_drawn = n < total ? n : total;
    mem_grow(&g->work, &g->cap_work, total, sizeof *g->work);
    nprandom_choice(&g->sequence, b->drawn, (uint32_t)b->n_drawn, g->work, total);
}

static void
draw_bins(struct bin_groups *g, struct bin_group *b, uint64_t key, const struct score_rules *rules)
{
    const uint32_t total = b->by_gene ? (uint32_t)b->mask.n_pool : b->n_bins;
    const uint32_t n = rules->perbin.n;

    mem_grow(&b->drawn, &b->cap_drawn, n < total ? n : total, sizeof *b->drawn);
    if (rules->draw_in_sequence)
        draw_next(g, b, n, total);
    else
        b->n_drawn = perbin_draw(b->drawn, &rules->perbin, key, total);
    for (size_t i = 0; b->by_gene && i < b->n_drawn; i++)
        b->drawn[i] = b->mask.pool[b->drawn[i]];
}

void
bin_groups_prepare(struct bin_groups *g, const struct site *site, const struct score_rules *rules)
{
    const bool draws = site->kind == SITE_REGION && rules->perbin.n > 0;
    const uint64_t key = draws ? site_key(site) : 0;

    for (size_t i = 0; i < g->n; i++) {
        struct bin_group *b = &g->group[i];

        b->n_drawn = 0;
        if (b->by_gene)
            select_genes(b, site, rules);
        if (draws)
            draw_bins(g, b, key, rules);
    }
}
