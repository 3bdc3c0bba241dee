/* SPDX-License-Identifier: MIT */
/*
 * From the predictions of one site to its scores: layer windows, genes, effects, summaries and
 * drawn bins.  The one implementation behind every background and every query.
 */
#ifndef PT_SCORE_SITE_H
#define PT_SCORE_SITE_H

#include "base/base.h"
#include "base/err.h"
#include "record/prediction.h"
#include "record/track.h"
#include "score/decisions.h"
#include "score/demand.h"
#include "score/genes.h"
#include "score/layer.h"
#include "score/record.h"

/* How sites are scored; all zero but perbin is the way of a new background. */
struct score_rules {
    struct perbin_rule perbin;
    enum layer_precision precision;
    bool sum_strands;               /* one value of both strands, not one of each */
    bool all_summaries;             /* also where layer_takes_summary says no */
    bool draw_in_sequence;          /* bins by RandomState(perbin.seed), site after site: chorus */
    bool any_strand;                /* tracks of one strand take genes of both (DECIDE_GENE_STRAND) */
    bool input_origin;              /* genes are placed as if bins began with the window that the
                                     * models read, not with the output (DECIDE_EXON_ORIGIN) */
    const struct gene_index *genes; /* NULL: none; must outlive the scorer */
    int64_t len_bp, variant_index;  /* of the window that the models read; needed with genes */
};

/* What was not scored and is no fault. */
struct score_counts {
    uint64_t no_summary;            /* regions whose tss_activity tracks gave no summary: cCREs */
    uint64_t no_gene;               /* sites whose gene tracks gave nothing: no exon there */
    uint64_t unknown_contig;        /* of these, on chromosomes that the annotation lacks */
    uint64_t n_gene_sites;          /* sites looked at for genes */
};

/* Whether a track is scored over genes: gene_expression on a track of more than one bin. */
bool score_by_gene(const struct track *t, const struct layer *l);

/*
 * The decisions (bits of score/decisions.h) that have a say in which bins are looked at: that of
 * windows where a track of several bins has one, those of genes where one is scored over genes.
 */
unsigned score_decisions(const struct track_table *t, const struct layer *const *layer,
                         const struct score_rules *rules);

/*
 * The genes of an annotation by a rule ("overlap", ...; NULL: overlap) and by what was decided of
 * them, which go into rules.  The input's origin is chorus' builder's; with the rule of its
 * queries, nearby, it is taken only when asked for by name.  NULL with the reason in e; the caller
 * frees the index after rules' last use.
 */
struct gene_index *score_read_genes(struct score_rules *rules, const char *gtf, const char *rule,
                                    struct decisions *d, char sha256[65], struct err *e);

/* 0 when the bins of such a track have a place in the genome by r; -1, naming it, when not. */
int score_check_place(const struct track *t, const struct score_rules *r, struct err *e);

/*
 * The strand of genes that such a track is scored over: '+' or '-' where it is of one strand and
 * its id ends so ("ENCFF123ABC+", "RNA_SEQ/.../-"), 0 for both.
 */
char score_gene_strand(const struct track *t, const struct score_rules *rules);

/*
 * What selects the exon bins of a run, as JSON: the gene rule, the annotation's checksum and the
 * decisions.  Two runs with the same text need the same bins.  The caller frees it; NULL without
 * genes.
 */
char *score_exon_rules(const struct score_rules *rules, const char *gtf_sha256);

struct scorer;

/*
 * t and layer (one entry per track) must outlive the scorer; rules is copied.  NULL when a layer
 * cannot be applied to its track: no bins, no bin width, or genes needed and not given or not
 * placeable (a window of unknown length, or one that the output is not centred in).
 */
struct scorer *scorer_new(const struct track_table *t, const struct layer *const *layer,
                          const struct score_rules *rules, struct err *e);
void scorer_free(struct scorer *s);
const struct score_counts *scorer_counts(const struct scorer *s);

enum score_result {
    SCORE_FAILED = -1,      /* bins are missing, or the predictions do not fit the track table */
    SCORE_DONE = 0,
    SCORE_UNDEFINED,        /* an effect of some track is undefined: the reason is in e */
    SCORE_EMPTY             /* no track has anything to score here: the reason is in e */
};

/*
 * Score all tracks of p into out (cleared first; its site becomes a copy of p's).
 *
 *   variant  one effect block per track: alleles of site.alt in order, + then - within each
 *   region   one summary block per track (strands in order) and, when perbin.n > 0, one perbin
 *            block (the drawn bins in order on +, then the same bins on -)
 *
 * A track scored by gene has a value for each gene in place of each of these, genes outermost, and
 * draws from the bins of all genes; a site without genes has no block of it.  Unless the result is
 * SCORE_DONE, out has no blocks.
 */
enum score_result score_site(struct scorer *s, struct score_record *out,
                             const struct prediction *p, struct err *e);

#endif
