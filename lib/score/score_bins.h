/* SPDX-License-Identifier: MIT */
/*
 * What tracks of one shape share at a site: the bins drawn for the per-bin background and the bins
 * of genes.  Worked out once per site and shape, however many tracks have it.
 */
#ifndef PT_SCORE_BINS_H
#define PT_SCORE_BINS_H

#include "base/base.h"
#include "base/err.h"
#include "rng/nprandom.h"
#include "score/score_site.h"

struct bin_group {
    bool by_gene;
    char strand;                    /* of the genes, as score_gene_strand has it */
    uint32_t n_bins, bin_bp;        /* bin_bp of groups by gene only */
    struct gene_mask mask;          /* by gene */
    bool known_contig;
    uint32_t *gene;                 /* number of each gene of the mask in the record */
    size_t cap_gene;
    uint32_t *drawn;                /* bins, ascending unless drawn in sequence */
    size_t n_drawn, cap_drawn;
};

struct bin_groups {
    struct bin_group *group;
    size_t n, cap;
    uint32_t *of_track;
    struct nprandom sequence;       /* draw_in_sequence */
    uint32_t *work;
    size_t cap_work;
};

/*
 * Groups stand in the order of the first track of each: that of the draws in sequence.  Without
 * rules->genes no group is by gene.
 */
void bin_groups_init(struct bin_groups *g, const struct track_table *t,
                     const struct layer *const *layer, const struct score_rules *rules);
void bin_groups_free(struct bin_groups *g);

/* Select genes and draw bins for a site. */
void bin_groups_prepare(struct bin_groups *g, const struct site *site,
                        const struct score_rules *rules);

/* Put the names of the genes selected into out, and their numbers there into the groups. */
void bin_groups_name_genes(struct bin_groups *g, struct score_record *out);

#endif
