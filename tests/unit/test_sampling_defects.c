/* SPDX-License-Identifier: MIT */
/*
 * Defects that samplers of this kind have had, each with the test that it cannot be here.  The
 * functions are named after the list they come from: what was fixed there (j1) and what was found
 * there while writing the specification (j2).
 */
#include "check.h"
#include "fixture.h"

#include "rng/pyrandom.h"
#include "sample/anchored.h"
#include "sample/baseline.h"
#include "sample/edition.h"
#include "sample/recipe.h"
#include "sample/request.h"
#include "sample/uniform.h"

/* The genome of tests/scripts/make-loci, with letters of the formula; chrBare has no genes. */
static const char *names[] = { "chr2", "chr1", "chrX", "chr3", "chrUn", "chrBare" };
static int64_t lens[] = { 60000, 90000, 40000, 50000, 30000, 90000 };
static const struct bases genome = { ARRAY_LEN(names), names, lens, fixture_letter, NULL, NULL };

static struct gtf *gtf;
static struct ccre *ccre;
static struct dhs *dhs;

static void
load(void)
{
    static struct fixture_finder all = { &genome, CHROM_OTHER }, autosomes = { &genome, 22 },
                                 to_x = { &genome, CHROM_X };
    const struct chrom_finder f = { fixture_find, &all }, fa = { fixture_find, &autosomes },
                              fx = { fixture_find, &to_x };
    struct err e = { "" };

    gtf = gtf_read("data/sample/genes.gtf", &f, &e);
    ccre = ccre_read("data/sample/ccre.bed", &fx, &e);
    dhs = dhs_read("data/sample/dhs.tsv", &fa, &e);
    if (!gtf || !ccre || !dhs) {
        fprintf(stderr, "%s\n", e.msg);
        exit(1);
    }
}

static struct sample_params
params(const struct sample_stratum *t, size_t n_strata)
{
    return (struct sample_params){ .kind = SAMPLE_SNPS, .seed = 42, .margin = 1000, .gtf = gtf,
                                   .ccre = ccre, .dhs = dhs, .stratum = t, .n_strata = n_strata,
                                   .shuffle_seed = -1 };
}

static void
draw(struct sample *s, const struct sample_stratum *t, size_t n_strata)
{
    const struct sample_params p = params(t, n_strata);
    struct err e = { "" };

    sample_init(s);
    CHECK(anchored_unified(s, &genome, &p, &e) == 0, "%s", e.msg);
}

static struct sample_request
request(enum sample_kind kind, const char *recipe)
{
    return (struct sample_request){ .kind = kind, .recipe = recipe, .n = -1, .seed = -1,
                                    .margin = -1, .max_pos = -1, .shuffle_seed = -1 };
}

/* A null from whatever positions come first: the population must be named. */
static void
j1_83_recipe_is_mandatory(void)
{
    struct sample_request q = request(SAMPLE_SNPS, NULL);
    struct err e = { "" };

    CHECK(!request_check(&q, &e) && strstr(e.msg, "there is no default"), "%s", e.msg);
    q = request(SAMPLE_BASELINES, NULL);
    CHECK(!request_check(&q, &e) && strstr(e.msg, "there is no default"), "%s", e.msg);
}

/* The same twice in one process, for every recipe's function: no state between draws. */
static void
j1_127_same_draw_twice(void)
{
    const struct sample_stratum t[] = { { "tss_near", .3, 30, 42 }, { "ccre", .4, 40, 42 },
                                        { "dhs", .3, 30, 42 } };
    struct sample a, b;
    char first[65], second[65];

    draw(&a, t, ARRAY_LEN(t));
    draw(&b, t, ARRAY_LEN(t));
    sample_sha256(&a, &genome, first);
    sample_sha256(&b, &genome, second);
    CHECK_STR(first, second);
    sample_free(&a);
    sample_free(&b);
}

/* REF is what the genome has at that position; ALT is another base. */
static void
j1_128_ref_is_the_genomes(void)
{
    const struct sample_stratum t[] = { { "random", .5, 100, 42 }, { "junction", .5, 100, 42 } };
    struct sample s;

    draw(&s, t, ARRAY_LEN(t));
    CHECK(s.kept.n > 150 && s.kept.n < 200, "%zu kept", s.kept.n);
    for (size_t i = 0; i < s.kept.n; i++) {
        const struct sample_site *site = &s.kept.site[i];
        char letter;

        fixture_letter(NULL, site->contig, site->pos, &letter, NULL);
        CHECK(site->ref == letter && site->alt != letter && bases_code(site->alt) >= 0,
              "site %zu", i);
    }
    sample_free(&s);
}

/* Places inside the margin are filtered out of every pool, not moved to its edge; what jitter does
 * is counted, and the place drawn most often is known. */
static void
j1_margins_filter_not_clamp(void)
{
    const struct sample_stratum t[] = { { "ccre", .5, 60, 42 }, { "gene_body", .25, 30, 42 },
                                        { "random", .25, 30, 42 } };
    const struct sample_stratum jitter[] = { { "tss_far", 1, 500, 42 } };
    struct sample_site most;
    struct sample s;
    size_t times, edge = 0;

    draw(&s, t, ARRAY_LEN(t));
    CHECK_INT(s.clamped, 0);
    for (size_t i = 0; i < s.kept.n; i++) {
        const struct sample_site *site = &s.kept.site[i];
        const int64_t pos1 = site->pos + 1, high = lens[site->contig] - 1000;

        CHECK(pos1 >= 1000 && pos1 <= high, "position %lld", (long long)pos1);
        edge += pos1 == 1000 || pos1 == high;
    }
    CHECK_INT(edge, 0);
    sample_free(&s);
    draw(&s, jitter, 1);
    for (size_t i = 0; i < s.kept.n; i++)
        edge += s.kept.site[i].pos + 1 == 1000 ||
                s.kept.site[i].pos + 1 == lens[s.kept.site[i].contig] - 1000;
    CHECK(edge > 0 && s.clamped >= edge, "%zu of %llu", edge, (unsigned long long)s.clamped);
    CHECK(sample_distinct(&s, &most, &times) < s.kept.n && times > 1 &&
          (most.pos + 1 == 1000 || most.pos + 1 == lens[most.contig] - 1000),
          "%zu times at %lld", times, (long long)most.pos + 1);
    sample_free(&s);
}

/* An unknown stratum, or one without places, never falls through to random positions. */
static void
j1_fall_through_is_refused(void)
{
    const struct sample_stratum unknown = { "enhancer", 1, 10, 42 };
    const struct sample_stratum pls = { "ccre_pls", 1, 10, 42 };
    struct sample_params p = params(&unknown, 1);
    struct sample_request q = request(SAMPLE_SNPS, "unified");
    struct ccre none = { .file = (char *)"empty.bed" };
    struct err e = { "" };
    struct sample s;

    sample_init(&s);
    CHECK_INT(anchored_unified(&s, &genome, &p, &e), -1);
    CHECK(strstr(e.msg, "no stratum 'enhancer'"), "%s", e.msg);
    CHECK_INT(baseline_sites(&s, &genome, &p, &e), -1);
    CHECK(strstr(e.msg, "no stratum 'enhancer'"), "%s", e.msg);
    p.stratum = &pls;
    p.ccre = &none;
    CHECK_INT(anchored_promoter(&s, &genome, &p, &e), -1);
    CHECK(strstr(e.msg, "has no elements of class PLS"), "%s", e.msg);
    CHECK_INT(s.kept.n, 0);
    sample_free(&s);
    q.only = "enhancer";
    CHECK(!request_check(&q, &e) && strstr(e.msg, "no stratum 'enhancer'"), "%s", e.msg);
}

static void
positions_of(struct sample_list *list, const struct sample *s, const char *stratum)
{
    memset(list, 0, sizeof *list);
    for (size_t i = 0; i < s->kept.n; i++)
        if (strcmp(s->kept.site[i].stratum, stratum) == 0) {
            mem_grow(&list->site, &list->cap, list->n + 1, sizeof *list->site);
            list->site[list->n++] = s->kept.site[i];
        }
}

static int
by_place(const void *pa, const void *pb)
{
    const struct sample_site *a = pa, *b = pb;

    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->pos > b->pos) - (a->pos < b->pos);
}

/* Another stratum in front takes nothing from this one's pool: its elements stay the same. */
static void
j1_cursor_per_stratum(void)
{
    const struct sample_stratum one[] = { { "ccre", .5, 50, 42 } };
    const struct sample_stratum more[] = { { "tss_near", .2, 20, 42 }, { "dhs", .1, 10, 42 },
                                           { "ccre", .5, 50, 42 }, { "random", .2, 20, 42 } };
    struct sample a, b;
    struct sample_list x, y;

    draw(&a, one, ARRAY_LEN(one));
    draw(&b, more, ARRAY_LEN(more));
    positions_of(&x, &a, "ccre");
    positions_of(&y, &b, "ccre");
    CHECK(x.n > 40 && x.n == y.n, "%zu and %zu", x.n, y.n);
    qsort(x.site, x.n, sizeof *x.site, by_place);
    qsort(y.site, y.n, sizeof *y.site, by_place);
    for (size_t i = 0; i < x.n && i < y.n; i++)
        CHECK(by_place(&x.site[i], &y.site[i]) == 0, "row %zu", i);
    free(x.site);
    free(y.site);
    sample_free(&a);
    sample_free(&b);
}

/* The stratum random keeps to contigs with protein-coding genes. */
static void
j1_promoter_contigs(void)
{
    const struct sample_stratum t = { "random", 1, 400, 42 };
    const struct sample_params p = params(&t, 1);
    size_t count[ARRAY_LEN(names)] = { 0 };
    struct err e = { "" };
    struct sample s;

    sample_init(&s);
    CHECK_INT(anchored_promoter(&s, &genome, &p, &e), 0);
    for (size_t i = 0; i < s.kept.n; i++)
        count[s.kept.site[i].contig]++;
    CHECK_INT(count[5], 0);
    for (size_t i = 0; i < 5; i++)
        CHECK(count[i] > 40, "%s %zu", names[i], count[i]);
    sample_free(&s);
}

/* Names of any length come through; nothing is cut to a fixed width. */
static void
j1_dtype_long_names(void)
{
    static char longest[301];
    const char *one[] = { longest };
    int64_t len[] = { 5000 };
    const struct bases b = { 1, one, len, fixture_letter, NULL, NULL };
    struct intervals iv;
    struct sample_params p = { .kind = SAMPLE_SNPS, .n = 5, .seed = 1, .within = &iv };
    struct sample s;
    struct err e = { "" };
    char hex[65], other[65];

    memset(longest, 'c', 300);
    intervals_init(&iv);
    intervals_add(&iv, 0, 0, 5000);
    intervals_seal(&iv);
    sample_init(&s);
    CHECK_INT(uniform_sites(&s, &b, &p, &e), 0);
    sample_sha256(&s, &b, hex);
    longest[299] = 'd';
    sample_sha256(&s, &b, other);
    CHECK(strcmp(hex, other) != 0, "the last letter of a name of 300 does not count");
    sample_free(&s);
    intervals_free(&iv);
}

/* AlphaGenome's elements are others than those of baseline-31500: a recipe with its own name. */
static void
j2_10_alphagenome_elements_differ(void)
{
    struct ccre_quota ours[CCRE_CLASSES], theirs[CCRE_CLASSES];
    size_t same = 0;

    quota_baseline(ours, 11500);
    quota_percent(theirs, 11500);
    for (size_t i = 0; i < CCRE_CLASSES; i++) {
        CHECK_STR(ours[i].class, theirs[i].class);
        same += ours[i].n == theirs[i].n;
    }
    CHECK_INT(same, 0);
    CHECK(recipe_find(SAMPLE_BASELINES, "baseline-31500")->draw !=
          recipe_find(SAMPLE_BASELINES, "baseline-31500-ag")->draw, "one function for both");
}

/* A missing file is not half a sample. */
static void
j2_16_missing_dhs_is_refused(void)
{
    struct sample_request q = request(SAMPLE_SNPS, "accessibility");
    struct err e = { "" };

    CHECK(!request_check(&q, &e) && strstr(e.msg, "needs --dhs FILE"), "%s", e.msg);
    request_free(&q);
    q = request(SAMPLE_BASELINES, "baseline-34500");
    q.gtf = q.ccre = "x";
    CHECK(!request_check(&q, &e) && strstr(e.msg, "needs --dhs FILE"), "%s", e.msg);
    request_free(&q);
}

/* Contigs by name (unified) and as the genome has them (promoter): both pinned, both known. */
static void
j2_20_contig_order_is_pinned(void)
{
    const struct sample_stratum t = { "random", 1, 300, 42 };
    const struct sample_params p = params(&t, 1);
    static const size_t by_name[] = { 1, 0, 3, 4, 2 }, as_is[] = { 0, 1, 2, 3, 4 };

    for (int promoter = 0; promoter < 2; promoter++) {
        struct sample_list list = { 0 };
        struct err e = { "" };
        struct pyrandom r;
        struct sample s;
        size_t wrong = 0;

        sample_init(&s);
        CHECK_INT(anchored_positions(&list, &s, &genome, &p, promoter, &e), 0);
        /* The same draws, and then the same shuffle. */
        {
            struct sample_site *again = mem_array(300, sizeof *again);

            pyrandom_seed(&r, 42);
            for (size_t i = 0; i < 300; i++) {
                const size_t k = pyrandom_below(&r, 5);

                again[i].contig = promoter ? as_is[k] : by_name[k];
                again[i].pos = pyrandom_int(&r, 1000, lens[again[i].contig] - 1000) - 1;
            }
            pyrandom_shuffle(&r, again, 300, sizeof *again);
            for (size_t i = 0; i < 300; i++)
                wrong += by_place(&again[i], &list.site[i]) != 0;
            free(again);
        }
        CHECK_INT(wrong, 0);
        free(list.site);
        sample_free(&s);
    }
}

/* A 0-based summit becomes the 1-based position of the same number, which is one base to the left:
 * kept for reproduction, in one place. */
static void
j2_22_zero_based_files(void)
{
    const struct dhs_filter none = { 0 };
    const struct ccre_quota pls = { "PLS", 1000 };
    struct spots s;
    bool found;

    spots_init(&s);
    regions_dhs(&s, dhs, &none, (int64_t)dhs->n, 1);
    found = false;
    for (size_t i = 0; i < s.n; i++)
        found |= s.item[i].contig == dhs->row[0].contig && s.item[i].pos1 == dhs->row[0].summit;
    CHECK(found, "summit %lld", (long long)dhs->row[0].summit);
    s.n = 0;
    regions_ccre(&s, ccre, &pls, 1, 1);
    CHECK_INT(s.n, ccre->count[ccre_class(ccre, "PLS")]);
    for (size_t k = 0; k < ccre->n; k++) {
        const struct ccre_row *row = &ccre->row[k];

        found = row->class != (uint32_t)ccre_class(ccre, "PLS");
        for (size_t i = 0; i < s.n; i++)
            found |= s.item[i].contig == row->contig &&
                     s.item[i].pos1 == (row->start + row->end) / 2;
        CHECK(found, "element %zu", k);
    }
    spots_free(&s);
}

/* Every input has a hash, and other editions than the published ones are told. */
static void
j2_23_inputs_are_hashed(void)
{
    struct sample_inputs in = { .gtf = gtf, .ccre = ccre, .dhs = dhs };
    int64_t hg38_lens[ARRAY_LEN(lens)];
    struct bases hg38 = genome;
    const struct recipe *r = recipe_find(SAMPLE_SNPS, "unified");
    json_t *o = inputs_provenance(&in);
    const char *const key[] = { "gtf", "ccre", "dhs" };
    size_t n = 0;
    char *text;

    for (size_t i = 0; i < ARRAY_LEN(key); i++) {
        const json_t *sha = json_object_get(json_object_get(o, key[i]), "sha256");

        CHECK(sha && strlen(json_string_value(sha)) == 64, "%s", key[i]);
    }
    json_decref(o);
    CHECK(!edition_difference(&in, r, &genome, 0), "only hg38 has published positions");
    memcpy(hg38_lens, lens, sizeof lens);
    hg38_lens[1] = 248956422;
    hg38.len = hg38_lens;
    for (; (text = edition_difference(&in, r, &hg38, n)) != NULL; n++) {
        CHECK(strstr(text, "positions will differ"), "%s", text);
        free(text);
    }
    CHECK_INT(n, 1 + 1 + CCRE_CLASSES);
}

/* What a sample says of its strata comes from what was drawn, not from the recipe's name. */
static void
j2_25_strata_as_drawn(void)
{
    const struct sample_stratum t[] = { { "tss_near", .5, 50, 42 }, { "ccre", .5, 50, 42 } };
    size_t kept[2] = { 0 };
    struct sample s;

    draw(&s, t, ARRAY_LEN(t));
    CHECK_INT(s.n_strata, 2);
    for (size_t i = 0; i < s.kept.n; i++)
        kept[strcmp(s.kept.site[i].stratum, "ccre") == 0]++;
    for (size_t i = 0; i < 2; i++) {
        CHECK_STR(s.stratum[i].stratum, t[i].name);
        CHECK_INT(s.stratum[i].kept, kept[i]);
        CHECK_INT(s.stratum[i].draws, 50);
    }
    sample_free(&s);
}

int
main(void)
{
    load();
    j1_83_recipe_is_mandatory();
    j1_127_same_draw_twice();
    j1_128_ref_is_the_genomes();
    j1_margins_filter_not_clamp();
    j1_fall_through_is_refused();
    j1_cursor_per_stratum();
    j1_promoter_contigs();
    j1_dtype_long_names();
    j2_10_alphagenome_elements_differ();
    j2_16_missing_dhs_is_refused();
    j2_20_contig_order_is_pinned();
    j2_22_zero_based_files();
    j2_23_inputs_are_hashed();
    j2_25_strata_as_drawn();
    gtf_free(gtf);
    ccre_free(ccre);
    dhs_free(dhs);
    return check_done();
}
