/* SPDX-License-Identifier: MIT */
#include "score/score_site.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "score/record_form.h"
#include "score/score_bins.h"

/* Consecutive values of one strand's array. */
struct piece {
    size_t at, n;
};

struct scorer {
    const struct track_table *tracks;
    const struct layer *const *layer;
    struct score_rules rules;
    struct score_counts counts;
    struct bin_groups groups;
    struct piece *piece;        /* where the bins of the number at hand lie */
    size_t n_piece, cap_piece;
    float *gathered;            /* their values, when there are several pieces */
    size_t cap_gathered;
};

/* What all functions here need to know of the site and track at hand. */
struct task {
    struct scorer *s;
    struct score_record *out;
    const struct prediction *p;
    size_t index;               /* of the track */
    const struct track *track;
    const struct layer *layer;
    const struct prediction_track *bins;
    const struct bin_group *group;
    size_t n_out;               /* values per allele: strands, or 1 for their sum */
};

/* A place in a track's list of segments. */
struct place {
    size_t seg;
    size_t before;              /* values in the segments before seg */
};

bool
score_by_gene(const struct track *t, const struct layer *l)
{
    return strcmp(l->name, "gene_expression") == 0 && t->n_bins > 1;
}

char
score_gene_strand(const struct track *t, const struct score_rules *rules)
{
    const size_t n = strlen(t->id);
    const char last = n ? t->id[n - 1] : 0;

    return !rules->any_strand && t->n_strands == 1 && (last == '+' || last == '-') ? last : 0;
}

unsigned
score_decisions(const struct track_table *t, const struct layer *const *layer,
                const struct score_rules *rules)
{
    static const unsigned genes = 1u << DECIDE_EXON_ORIGIN | 1u << DECIDE_EXONS |
                                  1u << DECIDE_GENE_STRAND;
    unsigned which = 0;

    for (size_t i = 0; i < t->n; i++) {
        if (layer[i]->window_bp && t->track[i].n_bins > 1)
            which |= 1u << DECIDE_WINDOW_BINS;
        if (rules->genes && score_by_gene(&t->track[i], layer[i]))
            which |= genes;
    }
    return which;
}

struct gene_index *
score_read_genes(struct score_rules *rules, const char *gtf, const char *rule,
                 struct decisions *d, char sha256[65], struct err *e)
{
    const enum gene_rule which = rule ? gene_rule_find(rule) : GENES_OVERLAP;
    struct gene_index *x = gene_index_read(gtf, which, d->second[DECIDE_EXONS], sha256, e);

    if (x && !gene_index_size(x)) {
        err_set(e, "%s: holds no exons of protein-coding genes; is it a GTF with gene and exon "
                "lines?", gtf);
        gene_index_free(x);
        return NULL;
    }
    if (which == GENES_NEARBY && !d->given[DECIDE_EXON_ORIGIN])
        d->second[DECIDE_EXON_ORIGIN] = false;
    rules->genes = x;
    rules->input_origin = d->second[DECIDE_EXON_ORIGIN];
    rules->any_strand = d->second[DECIDE_GENE_STRAND];
    return x;
}

char *
score_exon_rules(const struct score_rules *rules, const char *gtf_sha256)
{
    const struct gene_index *x = rules->genes;

    if (!x)
        return NULL;
    return mem_printf("{\"exon-origin\":\"%s\",\"exons\":\"%s\",\"gene-strand\":\"%s\","
                      "\"genes\":\"%s\",\"gtf_sha256\":\"%s\"}",
                      rules->input_origin ? "input" : "output",
                      gene_index_chorus(x) ? "bed" : "gtf", rules->any_strand ? "any" : "same",
                      gene_rule_name[gene_index_rule(x)], gtf_sha256);
}

/* The output must lie in the middle of the window for its bins to have a place in the genome. */
int
score_check_place(const struct track *t, const struct score_rules *r, struct err *e)
{
    const int64_t output_bp = (int64_t)t->n_bins * t->bin_bp;

    if (!r->genes)
        return err_set(e, "track '%s': layer gene_expression is scored over the exon bins of "
                       "genes; give --gtf, or choose another layer with --layer", t->id);
    if (r->len_bp < output_bp || (r->len_bp - output_bp) % 2)
        return err_set(e, "track '%s': %lld bp of output do not lie in the middle of a window of "
                       "%lld bp, so genes cannot be placed; is the metadata line window right?",
                       t->id, (long long)output_bp, (long long)r->len_bp);
    return 0;
}

static int
check_track(const struct track *t, const struct layer *l, const struct score_rules *r,
            struct err *e)
{
    if (!t->n_bins || !t->bin_bp || !t->n_strands)
        return err_set(e, "track '%s' has %u bins of %u bp on %u strands; the track table is "
                       "damaged", t->id, t->n_bins, t->bin_bp, t->n_strands);
    return score_by_gene(t, l) ? score_check_place(t, r, e) : 0;
}

struct scorer *
scorer_new(const struct track_table *t, const struct layer *const *layer,
           const struct score_rules *rules, struct err *e)
{
    struct scorer *s;

    for (size_t i = 0; i < t->n; i++)
        if (check_track(&t->track[i], layer[i], rules, e))
            return NULL;
    if (rules->draw_in_sequence && rules->perbin.seed > UINT32_MAX) {
        err_set(e, "bins cannot be drawn in sequence with seed %llu, expected at most %u",
                (unsigned long long)rules->perbin.seed, UINT32_MAX);
        return NULL;
    }
    s = mem_zalloc(sizeof *s);
    s->tracks = t;
    s->layer = layer;
    s->rules = *rules;
    bin_groups_init(&s->groups, t, layer, rules);
    return s;
}

void
scorer_free(struct scorer *s)
{
    if (!s)
        return;
    bin_groups_free(&s->groups);
    free(s->piece);
    free(s->gathered);
    free(s);
}

const struct score_counts *
scorer_counts(const struct scorer *s)
{
    return &s->counts;
}

static int
name_track(const struct task *k, struct err *e)
{
    return err_prefix(e, "site %s:%lld, track '%s'", k->p->site.chrom,
                      (long long)k->p->site.start + 1, k->track->id);
}

/*
 * Where the values of bins [lo, hi) begin within one strand's values; -1 when any is absent.
 * Values of touching segments follow each other, so a window may span several.
 */
static int
find_bins(size_t *at, struct place *place, const struct task *k, uint32_t lo, uint32_t hi,
          struct err *e)
{
    const struct bin_segment *seg = k->bins->seg;
    const size_t n = k->bins->n_seg;
    size_t last;

    if (place->seg < n && seg[place->seg].start > lo)
        *place = (struct place){ 0, 0 };
    while (place->seg < n && seg[place->seg].start + seg[place->seg].len <= lo)
        place->before += seg[place->seg++].len;
    last = place->seg;
    while (last + 1 < n && seg[last].start + seg[last].len < hi &&
           seg[last + 1].start == seg[last].start + seg[last].len)
        last++;
    if (last >= n || seg[place->seg].start > lo || seg[last].start + seg[last].len < hi) {
        err_set(e, "bins %u to %u are needed but were not predicted; rerun predict with --full "
                "or with the same layers and --compat", lo, hi - 1);
        return name_track(k, e);
    }
    *at = place->before + (lo - seg[place->seg].start);
    return 0;
}

/* Make runs of bins the ones that the next numbers are of. */
static int
find_runs(const struct task *k, const struct bin_segment *run, size_t n_run, struct err *e)
{
    struct scorer *s = k->s;
    struct place place = { 0, 0 };

    mem_grow(&s->piece, &s->cap_piece, n_run, sizeof *s->piece);
    s->n_piece = n_run;
    for (size_t i = 0; i < n_run; i++) {
        s->piece[i].n = run[i].len;
        if (find_bins(&s->piece[i].at, &place, k, run[i].start, run[i].start + run[i].len, e))
            return -1;
    }
    return 0;
}

static double
strand_number(const struct task *k, size_t allele, size_t strand)
{
    const float *values = prediction_values(k->p, k->index, allele, strand);
    struct scorer *s = k->s;
    size_t n = 0;

    if (s->n_piece == 1)
        return layer_aggregate(k->layer, values + s->piece[0].at, s->piece[0].n,
                               s->rules.precision);
    for (size_t i = 0; i < s->n_piece; i++) {
        mem_grow(&s->gathered, &s->cap_gathered, n + s->piece[i].n, sizeof *s->gathered);
        memcpy(s->gathered + n, values + s->piece[i].at, s->piece[i].n * sizeof *values);
        n += s->piece[i].n;
    }
    return layer_aggregate(k->layer, s->gathered, n, s->rules.precision);
}

/* Number i of n_out of an allele. */
static double
number(const struct task *k, size_t allele, size_t i)
{
    if (k->n_out == k->bins->n_strands)
        return strand_number(k, allele, i);
    return strand_number(k, allele, 0) + strand_number(k, allele, 1);
}

static uint8_t
strand_code(const struct task *k, size_t i)
{
    return k->track->n_strands == 1 || k->n_out == 1 ? STRAND_NONE : (uint8_t)(STRAND_PLUS + i);
}

/* The effects of all alleles over the bins found, from value at of the block on. */
static enum score_result
put_effects(struct score_block *b, size_t at, const struct task *k, struct err *e)
{
    for (size_t i = 0; i < k->p->site.n_alt * k->n_out; i++) {
        size_t allele = i / k->n_out, strand = i % k->n_out, j = at + i;

        b->ref[j] = allele ? b->ref[at + strand] : number(k, 0, strand);
        b->alt[j] = number(k, 1 + allele, strand);
        b->allele[j] = (uint32_t)allele;
        b->strand[j] = strand_code(k, strand);
        if (layer_effect(&b->score[j], k->layer, b->ref[j], b->alt[j], e)) {
            name_track(k, e);
            return SCORE_UNDEFINED;
        }
    }
    return SCORE_DONE;
}

static void
put_summary(struct score_block *b, size_t at, const struct task *k)
{
    for (size_t i = 0; i < k->n_out; i++) {
        b->score[at + i] = number(k, 0, i);
        b->strand[at + i] = strand_code(k, i);
    }
}

static enum score_result
score_window(const struct task *k, struct err *e)
{
    const bool variant = k->p->site.kind == SITE_VARIANT;
    struct bin_segment run;
    struct score_block *b;
    uint32_t lo, hi;

    if (!variant && !k->s->rules.all_summaries &&
        !layer_takes_summary(k->layer, k->p->site.stratum))
        return SCORE_DONE;
    layer_span(k->layer, k->track->n_bins, k->track->bin_bp, &lo, &hi);
    run = (struct bin_segment){ lo, hi - lo };
    if (find_runs(k, &run, 1, e))
        return SCORE_FAILED;
    b = score_record_add(k->out, variant ? SCORE_EFFECT : SCORE_SUMMARY, (uint32_t)k->index,
                         (variant ? k->p->site.n_alt : 1) * k->n_out);
    if (variant)
        return put_effects(b, 0, k, e);
    put_summary(b, 0, k);
    return SCORE_DONE;
}

static enum score_result
score_genes(const struct task *k, struct err *e)
{
    const bool variant = k->p->site.kind == SITE_VARIANT;
    const struct gene_mask *m = &k->group->mask;
    const size_t per_gene = (variant ? k->p->site.n_alt : 1) * k->n_out;
    enum score_result result = SCORE_DONE;
    struct score_block *b;

    if (!m->n)
        return SCORE_DONE;
    b = score_record_add_genes(k->out, variant ? SCORE_EFFECT : SCORE_SUMMARY,
                               (uint32_t)k->index, m->n * per_gene);
    for (size_t g = 0; g < m->n && result == SCORE_DONE; g++) {
        if (find_runs(k, m->gene[g].run, m->gene[g].n_run, e))
            return SCORE_FAILED;
        if (variant)
            result = put_effects(b, g * per_gene, k, e);
        else
            put_summary(b, g * per_gene, k);
        for (size_t i = 0; i < per_gene; i++)
            b->gene[g * per_gene + i] = k->group->gene[g];
    }
    return result;
}

/* One bin's value; a sum of strands is rounded to single precision, as bin values are. */
static double
bin_value(const struct task *k, size_t at, size_t i)
{
    const float *plus = prediction_values(k->p, k->index, 0, 0) + at;

    if (k->n_out == k->bins->n_strands)
        return prediction_values(k->p, k->index, 0, i)[at];
    return *plus + prediction_values(k->p, k->index, 0, 1)[at];
}

static enum score_result
score_perbin(const struct task *k, struct err *e)
{
    const size_t n = k->group->n_drawn;
    struct place place = { 0, 0 };
    struct score_block *b;

    if (!n)
        return SCORE_DONE;
    b = score_record_add(k->out, SCORE_PERBIN, (uint32_t)k->index, n * k->n_out);
    for (size_t i = 0; i < n; i++) {
        const uint32_t bin = k->group->drawn[i];
        size_t at;

        if (find_bins(&at, &place, k, bin, bin + 1, e))
            return SCORE_FAILED;
        for (size_t strand = 0; strand < k->n_out; strand++) {
            size_t j = strand * n + i;

            b->score[j] = bin_value(k, at, strand);
            b->bin[j] = bin;
            b->strand[j] = strand_code(k, strand);
        }
    }
    return SCORE_DONE;
}

static int
check_shape(const struct task *k, struct err *e)
{
    const struct prediction_track *b = k->bins;
    const struct bin_segment *last = b->n_seg ? &b->seg[b->n_seg - 1] : NULL;

    if (b->n_strands == k->track->n_strands && (!last || last->start + last->len <=
                                                k->track->n_bins))
        return 0;
    err_set(e, "predictions of %u strands up to bin %u, but the track table says %u strands of %u "
            "bins; the stream is damaged", b->n_strands, last ? last->start + last->len : 0,
            k->track->n_strands, k->track->n_bins);
    return name_track(k, e);
}

static enum score_result
score_track(const struct task *k, struct err *e)
{
    enum score_result result;

    if (check_shape(k, e))
        return SCORE_FAILED;
    result = k->group->by_gene ? score_genes(k, e) : score_window(k, e);
    if (result == SCORE_DONE && k->p->site.kind == SITE_REGION)
        result = score_perbin(k, e);
    return result;
}

static void
count_site(struct scorer *s, const struct site *site)
{
    bool by_gene = false, found = false, known = false, routed = false;

    for (size_t i = 0; i < s->groups.n; i++) {
        const struct bin_group *b = &s->groups.group[i];

        by_gene |= b->by_gene;
        found |= b->by_gene && b->mask.n;
        known |= b->by_gene && b->known_contig;
    }
    for (size_t i = 0; i < s->tracks->n && site->kind == SITE_REGION; i++)
        routed |= !layer_takes_summary(s->layer[i], site->stratum);
    s->counts.no_summary += routed && !s->rules.all_summaries;
    s->counts.n_gene_sites += by_gene;
    s->counts.no_gene += by_gene && !found;
    s->counts.unknown_contig += by_gene && !known;
}

static enum score_result
nothing(const struct scorer *s, const struct site *site, struct err *e)
{
    bool by_gene = false;

    for (size_t i = 0; i < s->groups.n; i++)
        by_gene |= s->groups.group[i].by_gene;
    err_set(e, "site %s:%lld: %s", site->chrom, (long long)site->start + 1,
            by_gene ? "no exon of a gene lies in the output" : "a cCRE gives no summary");
    return SCORE_EMPTY;
}

enum score_result
score_site(struct scorer *s, struct score_record *out, const struct prediction *p, struct err *e)
{
    enum score_result result = SCORE_DONE;

    score_record_clear(out);
    site_copy(&out->site, &p->site);
    bin_groups_prepare(&s->groups, &p->site, &s->rules);
    bin_groups_name_genes(&s->groups, out);
    for (size_t i = 0; i < s->tracks->n && result == SCORE_DONE; i++) {
        const struct task k = {
            .s = s, .out = out, .p = p, .index = i, .track = &s->tracks->track[i],
            .layer = s->layer[i], .bins = &p->track[i],
            .group = &s->groups.group[s->groups.of_track[i]],
            .n_out = s->rules.sum_strands ? 1 : p->track[i].n_strands };

        result = score_track(&k, e);
    }
    if (result == SCORE_DONE)
        count_site(s, &p->site);
    if (result == SCORE_DONE && !out->n_block)
        result = nothing(s, &p->site, e);
    if (result != SCORE_DONE)
        score_record_clear(out);
    return result;
}
