/* SPDX-License-Identifier: MIT */
/*
 * Which bins of an output belong to the exons of which genes: the masks that gene_expression is
 * scored over.  Rules: B.1 and D.6 of the scoring specification.
 *
 * Coordinates are 0-based half-open: a bin belongs to an exon when any of its bases does.  Where
 * the numbers of a GTF are taken for those of a BED, as in chorus (DECIDE_EXONS), its 1-based
 * inclusive numbers are used as if they were 0-based half-open: the first base of every exon is
 * lost, an exon of one base vanishes, exons that touch without overlapping stay apart, and genes are
 * selected one base off.
 */
#ifndef PT_GENES_H
#define PT_GENES_H

#include "base/base.h"
#include "base/err.h"
#include "genome/gtf.h"
#include "score/demand.h"

/* Which genes count at an output interval, and which of their exons. */
enum gene_rule {
    GENES_OVERLAP,      /* protein-coding names whose exons' span overlaps it; all their exons */
    GENES_TSS,          /* the transcripts of protein-coding names that begin in it; their exons */
    GENES_NEARBY,       /* gene rows that overlap it, the protein-coding ones if there are any,
                         * nearest midpoint first; the exons of that name on that strand */
    GENE_RULES
};

extern const char *const gene_rule_name[GENE_RULES];    /* "overlap", "tss", "nearby" */

struct gene_index;

/* The rule of that name, or GENE_RULES. */
enum gene_rule gene_rule_find(const char *name);

/*
 * Index an annotation, whose rows' contigs are numbers into contig; nothing of it is referred to
 * afterwards.  chorus: its numbers are taken for those of a BED.  gene_index_read does so with a
 * file, whose checksum it gives.
 */
struct gene_index *gene_index_new(const struct gtf *g, const char *const *contig,
                                  size_t n_contigs, enum gene_rule rule, bool chorus);
struct gene_index *gene_index_read(const char *path, enum gene_rule rule, bool chorus,
                                   char sha256[65], struct err *e);
void gene_index_free(struct gene_index *x);
size_t gene_index_size(const struct gene_index *x);     /* genes or transcripts to select from */
enum gene_rule gene_index_rule(const struct gene_index *x);
bool gene_index_chorus(const struct gene_index *x);

/* The bins of one gene: ascending, disjoint, non-adjacent runs; at least one. */
struct gene_bins {
    const char *name;           /* the index's */
    struct bin_segment *run;
    size_t n_run, cap_run;
    uint32_t n_bins;            /* of all runs */
};

/* Genes selected at one site, each once; memory is kept for the next. */
struct gene_mask {
    struct gene_bins *gene;
    size_t n, cap;
    uint32_t *pool;             /* bins of any of the genes, ascending */
    size_t n_pool, cap_pool;
    struct gene_scratch *scratch;
};

void gene_mask_init(struct gene_mask *m);
void gene_mask_free(struct gene_mask *m);

/*
 * Select the genes of an output of n_bins bins of bin_bp bases that begins at base origin of the
 * chromosome (may be negative) for a site at base position; genes without a bin in it are left
 * out.  strand is '+' or '-' for the exons of that strand alone, 0 for those of both.  "chr1" and
 * "1" are the same chromosome.  False when the annotation has no gene on it.
 */
bool gene_mask_select(struct gene_mask *m, const struct gene_index *x, const char *chrom,
                      char strand, int64_t origin, uint32_t bin_bp, uint32_t n_bins,
                      int64_t position);

#endif
