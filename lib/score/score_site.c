/* SPDX-License-Identifier: MIT */
#include "score/score_site.h"

#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "score/record_form.h"

/* What all functions here need to know of the site and track at hand. */
struct task {
    const struct prediction *p;
    size_t index;               /* of the track */
    const struct track *track;
    const struct layer *layer;
    const struct prediction_track *bins;
    uint32_t lo, hi;            /* the layer's window */
};

/* A place in a track's list of segments; only moves forward. */
struct place {
    size_t seg;
    size_t before;              /* values in the segments before seg */
};

int
score_check_layer(const struct track *t, const struct layer *l, struct err *e)
{
    if (!t->n_bins || !t->bin_bp || !t->n_strands)
        return err_set(e, "track '%s' has %u bins of %u bp on %u strands; the track table is "
                       "damaged", t->id, t->n_bins, t->bin_bp, t->n_strands);
    if (strcmp(l->name, "gene_expression") == 0 && t->n_bins > 1)
        return err_set(e, "track '%s': layer gene_expression is scored over the exon bins of "
                       "genes, which are not known here; choose another with --layer", t->id);
    return 0;
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

    while (place->seg < n && seg[place->seg].start + seg[place->seg].len <= lo)
        place->before += seg[place->seg++].len;
    last = place->seg;
    while (last + 1 < n && seg[last].start + seg[last].len < hi &&
           seg[last + 1].start == seg[last].start + seg[last].len)
        last++;
    if (last >= n || seg[place->seg].start > lo || seg[last].start + seg[last].len < hi) {
        err_set(e, "bins %u to %u are needed but were not predicted; rerun predict with --full "
                "or with the same layers", lo, hi - 1);
        return name_track(k, e);
    }
    *at = place->before + (lo - seg[place->seg].start);
    return 0;
}

static uint8_t
strand_code(const struct task *k, size_t strand)
{
    return k->track->n_strands == 1 ? STRAND_NONE : (uint8_t)(STRAND_PLUS + strand);
}

static double
window_number(const struct task *k, size_t at, size_t allele, size_t strand)
{
    return layer_aggregate(k->layer, prediction_values(k->p, k->index, allele, strand) + at,
                           k->hi - k->lo);
}

static int
score_effects(struct score_record *out, const struct task *k, size_t at, struct err *e)
{
    const size_t n_strands = k->bins->n_strands, n_alt = k->p->site.n_alt;
    struct score_block *b = score_record_add(out, SCORE_EFFECT, (uint32_t)k->index,
                                             n_alt * n_strands);

    for (size_t i = 0; i < b->n; i++) {
        size_t allele = i / n_strands, strand = i % n_strands;

        b->ref[i] = allele ? b->ref[strand] : window_number(k, at, 0, strand);
        b->alt[i] = window_number(k, at, 1 + allele, strand);
        b->allele[i] = (uint32_t)allele;
        b->strand[i] = strand_code(k, strand);
        if (layer_effect(&b->score[i], k->layer, b->ref[i], b->alt[i], e)) {
            name_track(k, e);
            return 0;
        }
    }
    return 1;
}

static void
score_summary(struct score_record *out, const struct task *k, size_t at)
{
    struct score_block *b = score_record_add(out, SCORE_SUMMARY, (uint32_t)k->index,
                                             k->bins->n_strands);

    for (size_t i = 0; i < b->n; i++) {
        b->score[i] = window_number(k, at, 0, i);
        b->strand[i] = strand_code(k, i);
    }
}

/* drawn: n ascending bins. */
static int
score_perbin(struct score_record *out, const struct task *k, const uint32_t *drawn, size_t n,
             struct err *e)
{
    const size_t n_strands = k->bins->n_strands;
    struct score_block *b = score_record_add(out, SCORE_PERBIN, (uint32_t)k->index, n * n_strands);
    struct place place = { 0, 0 };

    for (size_t i = 0; i < n; i++) {
        size_t at;

        if (find_bins(&at, &place, k, drawn[i], drawn[i] + 1, e))
            return -1;
        for (size_t strand = 0; strand < n_strands; strand++) {
            size_t j = strand * n + i;

            b->score[j] = prediction_values(k->p, k->index, 0, strand)[at];
            b->bin[j] = drawn[i];
            b->strand[j] = strand_code(k, strand);
        }
    }
    return 1;
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

static int
score_track(struct score_record *out, struct task *k, uint64_t key, const struct perbin_rule *rule,
            struct err *e)
{
    struct place place = { 0, 0 };
    uint32_t *drawn, n_drawn;
    size_t at;
    int status;

    if (check_shape(k, e))
        return -1;
    layer_span(k->layer, k->track->n_bins, k->track->bin_bp, &k->lo, &k->hi);
    if (find_bins(&at, &place, k, k->lo, k->hi, e))
        return -1;
    if (k->p->site.kind == SITE_VARIANT)
        return score_effects(out, k, at, e);
    score_summary(out, k, at);
    if (!rule->n)
        return 1;
    drawn = mem_array(rule->n < k->track->n_bins ? rule->n : k->track->n_bins, sizeof *drawn);
    n_drawn = perbin_draw(drawn, rule, key, k->track->n_bins);
    status = score_perbin(out, k, drawn, n_drawn, e);
    free(drawn);
    return status;
}

int
score_site(struct score_record *out, const struct prediction *p, const struct track_table *t,
           const struct layer *const *layer, const struct perbin_rule *rule, struct err *e)
{
    uint64_t key = site_key(&p->site);
    int status = 1;

    score_record_clear(out);
    site_copy(&out->site, &p->site);
    for (size_t i = 0; i < t->n && status == 1; i++) {
        struct task k = { p, i, &t->track[i], layer[i], &p->track[i], 0, 0 };

        status = score_track(out, &k, key, rule, e);
    }
    if (status != 1)
        score_record_clear(out);
    return status;
}
