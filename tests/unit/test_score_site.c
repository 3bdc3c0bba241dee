/* SPDX-License-Identifier: MIT */
/* From predictions to scores: windows, genes, strands, drawn bins, and what is left out. */
#include "check.h"
#include "prog/mem.h"
#include "score/score_site.h"
#include "../helpers/wanted_one.h"

enum { MAX_TRACKS = 8, MAX_ROWS = 8 };

/* Everything between a track table and its scores. */
struct bench {
    struct track_table tracks;
    const struct layer *layer[MAX_TRACKS];
    struct score_rules rules;
    struct gtf gtf;
    struct gtf_row exon[MAX_ROWS];
    char *gene[MAX_ROWS];
    struct gene_index *genes;
    struct scorer *scorer;
    struct prediction p;
    struct score_record out;
    enum score_result result;
    struct err e;
};

static void
bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    track_table_init(&b->tracks);
    b->rules.perbin = (struct perbin_rule){ 0, PERBIN_SEED };
    b->gtf.exon = b->exon;
    b->gtf.name = b->gene;
    prediction_init(&b->p);
    score_record_init(&b->out);
}

static void
bench_free(struct bench *b)
{
    prediction_free(&b->p);
    score_record_free(&b->out);
    scorer_free(b->scorer);
    gene_index_free(b->genes);
    track_table_free(&b->tracks);
}

static void
add_track(struct bench *b, const char *id, const char *layer, uint32_t n_bins, uint32_t bin_bp,
          uint32_t n_strands)
{
    struct track t = { .id = (char *)id, .layer = (char *)layer, .n_bins = n_bins,
                       .bin_bp = bin_bp, .n_strands = n_strands };

    b->layer[b->tracks.n] = layer_find(layer);
    CHECK_INT(track_table_add(&b->tracks, &t, &b->e), 0);
}

/* An exon of a protein-coding gene on chr1; 1-based, both ends included. */
static void
add_exon(struct bench *b, const char *gene, int64_t first, int64_t last)
{
    size_t i = 0;

    while (i < b->gtf.n_names && strcmp(b->gene[i], gene) != 0)
        i++;
    if (i == b->gtf.n_names)
        b->gene[b->gtf.n_names++] = (char *)gene;
    b->exon[b->gtf.n_exons++] = (struct gtf_row){ .name = (uint32_t)i, .plus = true,
        .coding = true, .start = first - 1, .end = last };
}

/* Make the scorer and room for whole profiles of n_alt + 1 alleles (no alleles: a region). */
static void
ready(struct bench *b, size_t n_alt)
{
    static const char *const contigs[] = { "chr1" };

    if (b->gtf.n_exons && !b->genes)
        b->genes = gene_index_new(&b->gtf, contigs, 1, GENES_OVERLAP, b->rules.draw_in_sequence);
    b->rules.genes = b->genes;
    if (!b->scorer)
        b->scorer = scorer_new(&b->tracks, b->layer, &b->rules, &b->e);
    CHECK(b->scorer != NULL, "%s", b->e.msg);
    prediction_free(&b->p);
    b->p.site = (struct site){ .kind = n_alt ? SITE_VARIANT : SITE_REGION,
        .chrom = mem_strdup("chr1"), .ref = mem_strdup(n_alt ? "A" : ""), .id = mem_strdup("."),
        .stratum = mem_strdup("random"), .alt = mem_array(n_alt, sizeof (char *)),
        .n_alt = n_alt };
    for (size_t i = 0; i < n_alt; i++)
        b->p.site.alt[i] = mem_strdup(i ? "G" : "C");
    b->p.n_alleles = 1 + n_alt;
    b->p.n_tracks = b->tracks.n;
    b->p.track = mem_array(b->tracks.n, sizeof *b->p.track);
    for (size_t i = 0; i < b->tracks.n; i++) {
        struct prediction_track *t = &b->p.track[i];
        const struct track *k = &b->tracks.track[i];

        t->n_strands = k->n_strands;
        t->n_seg = 1;
        t->seg = mem_array(1, sizeof *t->seg);
        t->seg[0].len = k->n_bins;
        t->n_values = k->n_bins;
        t->log_count = mem_array(b->p.n_alleles, sizeof *t->log_count);
        t->values = mem_array(b->p.n_alleles * t->n_strands * t->n_values, sizeof *t->values);
    }
}

static void
place(struct bench *b, int64_t pos1)
{
    b->p.site.start = pos1 - 1;
    b->p.site.end = pos1;
}

static void
score(struct bench *b)
{
    b->e.msg[0] = '\0';
    b->result = score_site(b->scorer, &b->out, &b->p, &b->e);
}

static void
fill(struct bench *b, size_t track, size_t allele, size_t strand, float from, float step)
{
    float *v = prediction_values(&b->p, track, allele, strand);

    for (size_t i = 0; i < b->p.track[track].n_values; i++)
        v[i] = from + step * (float)i;
}

/* The block of a kind and track, or NULL. */
static const struct score_block *
block(const struct bench *b, enum score_kind kind, uint32_t track)
{
    for (size_t i = 0; i < b->out.n_block; i++)
        if (b->out.block[i].kind == kind && b->out.block[i].track == track)
            return &b->out.block[i];
    return NULL;
}

/* J.2, 1: exon bins were counted from the input's origin; a track whose value is its coordinate. */
static void
j2_borzoi_origin(void)
{
    const int64_t pos1 = 1000000, start = pos1 - 524288 / 2, output = start + 163840;
    const struct score_block *s;
    struct bench b;

    bench_init(&b);
    add_track(&b, "RNA:a", "gene_expression", 6144, 32, 1);
    b.rules.len_bp = 524288;
    b.rules.variant_index = 262143;
    add_exon(&b, "NEAR", output + 32 * 100 + 1, output + 32 * 100 + 32);
    add_exon(&b, "NEAR", output + 32 * 200 + 1, output + 32 * 200 + 1);
    add_exon(&b, "LEFT", start + 1, output);
    add_exon(&b, "RIGHT", output + 196608 + 1, output + 200000);
    add_exon(&b, "LAST", output + 196608, output + 200000);
    ready(&b, 0);
    place(&b, pos1);
    for (uint32_t i = 0; i < 6144; i++)
        b.p.track[0].values[i] = (float)(output + 32 * (int64_t)i);
    score(&b);
    s = block(&b, SCORE_SUMMARY, 0);
    CHECK(s && s->n == 2, "two genes have bins");
    if (s && s->n == 2) {
        CHECK_STR(b.out.gene[s->gene[0]], "NEAR");
        CHECK_NEAR(s->score[0], (double)(output + 32 * 150), 0);
        CHECK_STR(b.out.gene[s->gene[1]], "LAST");
        CHECK_NEAR(s->score[1], (double)(output + 32 * 6143), 0);
    }
    bench_free(&b);
}

/* #149: the exon mean was divided by the number of intervals. */
static void
j1_exon_mean_over_bins(void)
{
    const struct score_block *s;
    struct bench b;

    bench_init(&b);
    add_track(&b, "RNA:a", "gene_expression", 100, 1, 2);
    b.rules.len_bp = 200;
    b.rules.variant_index = 99;
    add_exon(&b, "A", 961, 980);        /* bins 10 to 29 */
    add_exon(&b, "A", 991, 1000);       /* bins 40 to 49 */
    ready(&b, 1);
    place(&b, 1000);
    fill(&b, 0, 0, 0, 6, 0);
    fill(&b, 0, 1, 0, 3, 0);
    fill(&b, 0, 0, 1, 0, 1);
    fill(&b, 0, 1, 1, 0, 2);
    score(&b);
    s = block(&b, SCORE_EFFECT, 0);
    CHECK(s && s->n == 2 && s->gene, "an effect per strand");
    if (s && s->n == 2) {
        CHECK_NEAR(s->ref[0], 6, 0);
        CHECK_NEAR(s->alt[0], 3, 0);
        CHECK_NEAR(s->score[0], log(3.001 / 6.001), 1e-15);
        CHECK_NEAR(s->ref[1], (20 * 19.5 + 10 * 44.5) / 30, 1e-12);
        CHECK_NEAR(s->alt[1], 2 * s->ref[1], 1e-12);
        CHECK(s->strand[0] == 1 && s->strand[1] == 2, "strands");
    }
    bench_free(&b);
}

/* The first CAGE track was missed because index 0 is false: track, gene, bin and allele 0. */
static void
j1_index_zero(void)
{
    const struct score_block *s;
    struct bench b;

    bench_init(&b);
    add_track(&b, "CAGE:a", "tss_activity", 3, 128, 1);
    add_track(&b, "RNA:a", "gene_expression", 3, 128, 1);
    b.rules.len_bp = 3 * 128;
    b.rules.variant_index = 191;
    b.rules.perbin.n = 3;
    add_exon(&b, "A", 1, 1);
    ready(&b, 0);
    place(&b, 192);
    fill(&b, 0, 0, 0, 1, 1);
    fill(&b, 1, 0, 0, 5, 1);
    score(&b);
    s = block(&b, SCORE_SUMMARY, 0);
    CHECK(s && s->n == 1 && s->score[0] == 6, "track 0");
    s = block(&b, SCORE_PERBIN, 0);
    CHECK(s && s->n == 3 && s->bin[0] == 0 && s->score[0] == 1, "bin 0");
    s = block(&b, SCORE_SUMMARY, 1);
    CHECK(s && s->n == 1 && s->score[0] == 5 && s->gene[0] == 0, "gene 0 over bin 0");
    s = block(&b, SCORE_PERBIN, 1);
    CHECK(s && s->n == 1 && s->bin[0] == 0 && s->score[0] == 5, "bins of the gene only");
    bench_free(&b);
}

/* An even window of window_bp div bin_bp bins is a function chorus has and never used. */
static void
j1_even_window_trap(void)
{
    struct layer l = *layer_find("tf_binding");
    static const struct {
        uint32_t n_bins, bin_bp, lo, hi;
        int32_t window_bp;
    } row[] = {
        { 1000, 1, 250, 751, 500 }, { 1000, 1, 450, 551, 100 }, { 896, 128, 447, 450, 501 },
        { 100, 32, 48, 53, 128 }, { 6144, 32, 3065, 3080, 501 }, { 8192, 128, 4089, 4104, 2001 }
    };

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        uint32_t lo, hi;

        l.window_bp = row[i].window_bp;
        layer_span(&l, row[i].n_bins, row[i].bin_bp, &lo, &hi);
        CHECK(lo == row[i].lo && hi == row[i].hi, "row %zu: [%u, %u)", i, lo, hi);
        CHECK((hi - lo) % 2 == 1, "row %zu: %u bins", i, hi - lo);
    }
}

static uint32_t
next_random(uint32_t *seed)
{
    return (*seed = *seed * 1664525u + 1013904223u) >> 8;
}

/* Leave of a track only the bins that predict would emit for the site. */
static void
keep_demanded(struct bench *b, size_t i)
{
    struct prediction_track *t = &b->p.track[i];
    size_t n = 0, arrays = b->p.n_alleles * t->n_strands, old = t->n_values;
    float *all = t->values;

    wanted_one(&t->seg, &t->n_seg, &t->cap_seg, &b->tracks.track[i], b->layer[i],
               &b->p.site, &b->rules.perbin);
    for (size_t j = 0; j < t->n_seg; j++)
        n += t->seg[j].len;
    t->values = mem_array(arrays * n, sizeof *all);
    t->n_values = n;
    for (size_t a = 0; a < arrays; a++)
        for (size_t j = 0, at = 0; j < t->n_seg; at += t->seg[j++].len)
            memcpy(t->values + a * n + at, all + a * old + t->seg[j].start,
                   t->seg[j].len * sizeof *all);
    free(all);
}

/*
 * #144 and J.2, 5 and 6: builder and query took different windows.  Here the same profile is
 * scored as a region's activity, from all bins, and as a variant's reference, from those demanded.
 */
static void
j1_builder_query_parity(void)
{
    uint32_t seed = 7;

    for (int i = 0; i < 1000; i++) {
        double summary[3];
        struct bench b;

        bench_init(&b);
        add_track(&b, "ATAC:a", "chromatin_accessibility", 700, 1, 1);
        add_track(&b, "CHIP:a", "histone_marks", 90, 32, 1);
        add_track(&b, "RNA:a", "gene_expression", 60, 16, 1);
        b.rules.len_bp = 4096;
        b.rules.variant_index = 2047;
        b.rules.perbin.n = 4;
        add_exon(&b, "A", 5000 - (int64_t)(next_random(&seed) % 400), 5010);
        add_exon(&b, "A", 5100, 5100 + next_random(&seed) % 99);
        for (int variant = 0; variant < 2; variant++) {
            uint32_t values = 1000 + (uint32_t)i;

            ready(&b, (size_t)variant);
            place(&b, 5000 + i % 50);
            for (size_t t = 0; t < 3; t++) {
                for (size_t j = 0; j < b.p.track[t].n_values; j++)
                    b.p.track[t].values[j] = (float)next_random(&values) / 65536;
                if (variant)
                    keep_demanded(&b, t);
            }
            score(&b);
            CHECK(b.result == SCORE_DONE, "%s", b.e.msg);
            for (uint32_t t = 0; t < 3 && b.result == SCORE_DONE; t++) {
                if (variant)
                    CHECK(block(&b, SCORE_EFFECT, t)->ref[0] == summary[t], "track %u", t);
                else
                    summary[t] = block(&b, SCORE_SUMMARY, t)->score[0];
            }
        }
        bench_free(&b);
    }
}

/* #123: an exception in the middle left some tracks counted. */
static void
j1_all_or_nothing(void)
{
    struct bench b;

    bench_init(&b);
    add_track(&b, "ATAC:a", "chromatin_accessibility", 9, 100, 1);
    add_track(&b, "RNA:a", "gene_expression", 1, 200, 1);
    ready(&b, 2);
    fill(&b, 1, 2, 0, -0.4f, 0);
    score(&b);
    CHECK_INT(b.result, SCORE_UNDEFINED);
    CHECK_INT(b.out.n_block, 0);
    CHECK(strstr(b.e.msg, "track 'RNA:a': effect undefined") != NULL, "%s", b.e.msg);
    fill(&b, 1, 2, 0, 0.4f, 0);
    score(&b);
    CHECK(b.result == SCORE_DONE && b.out.n_block == 2, "%s", b.e.msg);
    b.p.track[1].n_strands = 2;
    score(&b);
    CHECK(b.result == SCORE_FAILED && b.out.n_block == 0, "damage");
    b.p.track[1].n_strands = 1;
    bench_free(&b);
}

/* J.2, 3: one set of 32 bins for all positions; and 21: draws that depend on order. */
static void
j2_perbin_per_position(void)
{
    uint32_t first[50][5];
    struct bench b;
    int equal = 0;

    bench_init(&b);
    add_track(&b, "ATAC:a", "chromatin_accessibility", 1000, 1, 1);
    b.rules.perbin.n = 5;
    ready(&b, 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50; i++) {
            int site = round ? 49 - i : i;
            const struct score_block *s;

            place(&b, 1000 + site);
            score(&b);
            s = block(&b, SCORE_PERBIN, 0);
            CHECK_INT(s->n, 5);
            if (round)
                CHECK(memcmp(first[site], s->bin, sizeof first[site]) == 0, "site %d", site);
            memcpy(first[site], s->bin, sizeof first[site]);
        }
    }
    for (int i = 1; i < 50; i++)
        equal += memcmp(first[0], first[i], sizeof first[0]) == 0;
    CHECK_INT(equal, 0);
    bench_free(&b);
}

/* RandomState(999): one choice(1000, 32) per region, in the order NumPy gives the bins. */
static void
test_draws_in_sequence(void)
{
    static const uint32_t want[2][8] = { { 842, 68, 308, 881, 350, 387, 386, 666 },
                                         { 272, 663, 454, 778 } };
    struct bench b;

    bench_init(&b);
    add_track(&b, "ATAC:a", "chromatin_accessibility", 1000, 1, 1);
    add_track(&b, "ATAC:b", "chromatin_accessibility", 1000, 1, 2);
    add_track(&b, "MPRA:a", "promoter_activity", 1, 200, 1);
    b.rules.perbin.n = 32;
    b.rules.draw_in_sequence = true;
    ready(&b, 0);
    fill(&b, 0, 0, 0, 0, 1);
    fill(&b, 1, 0, 1, 0, 2);
    for (int site = 0; site < 2; site++) {
        score(&b);
        for (uint32_t t = 0; t < 2; t++) {
            const struct score_block *s = block(&b, SCORE_PERBIN, t);

            CHECK_INT(s->n, 32 * (t + 1));
            for (int i = 0; i < (site ? 4 : 8); i++) {
                CHECK_INT(s->bin[i], want[site][i]);
                CHECK_NEAR(s->score[t * 32 + i], (t + 1) * want[site][i], 0);
            }
        }
        CHECK_INT(block(&b, SCORE_PERBIN, 2)->n, 1);
    }
    bench_free(&b);
}

/* The first draws over the bins of Enformer and of Borzoi: the specification's golden numbers. */
static void
test_first_draws(void)
{
    static const struct {
        uint32_t n_bins, bin_bp, want[6];
    } oracle[] = {
        { 896, 128, { 708, 669, 301, 90, 627, 788 } },
        { 6144, 32, { 340, 2553, 598, 4746, 4692, 3664 } },
    };

    for (size_t o = 0; o < ARRAY_LEN(oracle); o++) {
        const struct score_block *s;
        struct bench b;

        bench_init(&b);
        add_track(&b, "ATAC:a", "chromatin_accessibility", oracle[o].n_bins, oracle[o].bin_bp, 1);
        b.rules.perbin = (struct perbin_rule){ .n = 32, .seed = 999 };
        b.rules.draw_in_sequence = true;
        ready(&b, 0);
        fill(&b, 0, 0, 0, 0, 1);
        score(&b);
        s = block(&b, SCORE_PERBIN, 0);
        CHECK_INT(s->n, 32);
        for (size_t i = 0; i < ARRAY_LEN(oracle[o].want); i++) {
            CHECK_INT(s->bin[i], oracle[o].want[i]);
            CHECK_NEAR(s->score[i], oracle[o].want[i], 0);
        }
        bench_free(&b);
    }
}

/* Exon bins: all of them without a draw when there are no more than n, else a second choice. */
static void
test_gene_draws_in_sequence(void)
{
    struct bench b;
    const struct score_block *s;

    bench_init(&b);
    add_track(&b, "ATAC:a", "chromatin_accessibility", 1000, 1, 1);
    add_track(&b, "RNA:a", "gene_expression", 1000, 1, 1);
    b.rules.perbin.n = 32;
    b.rules.draw_in_sequence = true;
    b.rules.len_bp = 1000;
    b.rules.variant_index = 499;
    add_exon(&b, "A", 1, 33);           /* bins 1 to 32 as chorus counts */
    add_exon(&b, "B", 1902, 1993);      /* 92 bins */
    ready(&b, 0);
    place(&b, 500);
    fill(&b, 1, 0, 0, 0, 1);
    score(&b);
    s = block(&b, SCORE_PERBIN, 1);
    CHECK_INT(s->n, 32);
    for (uint32_t i = 0; i < 32; i++)
        CHECK(s->bin[i] == i + 1 && s->score[i] == i + 1, "bin %u", s->bin[i]);
    place(&b, 1600);
    score(&b);
    CHECK_INT(block(&b, SCORE_PERBIN, 0)->bin[0], 272);
    s = block(&b, SCORE_PERBIN, 1);
    CHECK_INT(s->n, 32);
    for (uint32_t i = 0; i < 32; i++)
        CHECK(s->bin[i] >= 802 && s->bin[i] <= 892, "bin %u", s->bin[i]);
    CHECK(s->bin[0] > s->bin[1] || s->bin[1] > s->bin[2] || s->bin[2] > s->bin[3], "in order");
    bench_free(&b);
}

static void
test_strands(void)
{
    const struct score_block *s;

    for (int sum = 0; sum < 2; sum++) {
        struct bench b;

        bench_init(&b);
        add_track(&b, "CHIP:a", "tf_binding", 5, 100, 2);
        b.rules.sum_strands = sum;
        b.rules.perbin.n = 1;
        ready(&b, 0);
        fill(&b, 0, 0, 0, 0.1f, 0);
        fill(&b, 0, 0, 1, 16, 0);
        score(&b);
        s = block(&b, SCORE_SUMMARY, 0);
        CHECK_INT(s->n, sum ? 1 : 2);
        CHECK_NEAR(s->score[0], sum ? 5 * 0.1f + 80.0 : 5 * 0.1f, 1e-6);
        CHECK_INT(s->strand[0], sum ? 0 : 1);
        s = block(&b, SCORE_PERBIN, 0);
        CHECK_INT(s->n, sum ? 1 : 2);
        CHECK(s->score[0] == (sum ? 0.1f + 16.0f : 0.1f), "bin %.9g", s->score[0]);
        ready(&b, 1);
        fill(&b, 0, 0, 0, 1, 0);
        fill(&b, 0, 1, 0, 3, 0);
        fill(&b, 0, 0, 1, 1, 0);
        fill(&b, 0, 1, 1, 0, 0);
        score(&b);
        s = block(&b, SCORE_EFFECT, 0);
        CHECK_INT(s->n, sum ? 1 : 2);
        CHECK_NEAR(s->score[0], sum ? log2(16.0 / 11) : log2(16.0 / 6), 1e-15);
        bench_free(&b);
    }
}

static void
test_routing(void)
{
    struct bench b;

    bench_init(&b);
    add_track(&b, "ATAC:a", "chromatin_accessibility", 5, 100, 1);
    add_track(&b, "CAGE:a", "tss_activity", 5, 100, 1);
    b.rules.perbin.n = 2;
    ready(&b, 0);
    free(b.p.site.stratum);
    b.p.site.stratum = mem_strdup("ccre");
    score(&b);
    CHECK(block(&b, SCORE_SUMMARY, 0) && !block(&b, SCORE_SUMMARY, 1), "summary of ATAC only");
    CHECK(block(&b, SCORE_PERBIN, 0) && block(&b, SCORE_PERBIN, 1), "bins of both");
    CHECK_INT(scorer_counts(b.scorer)->no_summary, 1);
    scorer_free(b.scorer);
    b.rules.all_summaries = true;
    b.scorer = scorer_new(&b.tracks, b.layer, &b.rules, &b.e);
    score(&b);
    CHECK(block(&b, SCORE_SUMMARY, 1) != NULL, "asked for");
    CHECK_INT(scorer_counts(b.scorer)->no_summary, 0);
    bench_free(&b);
}

static void
test_no_gene(void)
{
    struct bench b;

    bench_init(&b);
    add_track(&b, "RNA:a", "gene_expression", 10, 10, 1);
    b.rules.len_bp = 100;
    b.rules.variant_index = 49;
    add_exon(&b, "A", 1000, 1100);
    ready(&b, 0);
    place(&b, 500);
    score(&b);
    CHECK(b.result == SCORE_EMPTY && strstr(b.e.msg, "no exon of a gene") != NULL, "%s", b.e.msg);
    free(b.p.site.chrom);
    b.p.site.chrom = mem_strdup("chr9");
    score(&b);
    CHECK_INT(b.result, SCORE_EMPTY);
    CHECK_INT(scorer_counts(b.scorer)->no_gene, 2);
    CHECK_INT(scorer_counts(b.scorer)->unknown_contig, 1);
    CHECK_INT(scorer_counts(b.scorer)->n_gene_sites, 2);
    bench_free(&b);
}

static void
test_refusals(void)
{
    struct bench b;

    bench_init(&b);
    add_track(&b, "RNA:a", "gene_expression", 10, 10, 1);
    CHECK(!scorer_new(&b.tracks, b.layer, &b.rules, &b.e), "no genes");
    CHECK(strstr(b.e.msg, "exon bins of genes; give --gtf") != NULL, "%s", b.e.msg);
    add_exon(&b, "A", 1, 2);
    b.rules.len_bp = 101;
    b.rules.genes = b.genes = gene_index_new(&b.gtf, (const char *const[]){ "1" }, 1,
                                             GENES_OVERLAP, false);
    CHECK(!scorer_new(&b.tracks, b.layer, &b.rules, &b.e), "not in the middle");
    CHECK(strstr(b.e.msg, "do not lie in the middle") != NULL, "%s", b.e.msg);
    b.rules.len_bp = 98;
    CHECK(!scorer_new(&b.tracks, b.layer, &b.rules, &b.e), "output beyond the window");
    b.rules.len_bp = 120;
    b.rules.draw_in_sequence = true;
    b.rules.perbin.seed = (uint64_t)1 << 32;
    CHECK(!scorer_new(&b.tracks, b.layer, &b.rules, &b.e), "seed of RandomState");
    b.tracks.track[0].n_bins = 0;
    CHECK(!scorer_new(&b.tracks, b.layer, &b.rules, &b.e), "no bins");
    bench_free(&b);
}

int
main(void)
{
    j2_borzoi_origin();
    j1_exon_mean_over_bins();
    j1_index_zero();
    j1_even_window_trap();
    j1_builder_query_parity();
    j1_all_or_nothing();
    j2_perbin_per_position();
    test_draws_in_sequence();
    test_first_draws();
    test_gene_draws_in_sequence();
    test_strands();
    test_routing();
    test_no_gene();
    test_refusals();
    return check_done();
}
