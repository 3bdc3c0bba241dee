/* SPDX-License-Identifier: MIT */
/*
 * Every recipe on the synthetic annotation of $SHARED/golden/synth, row by row against what the
 * reference implementation drew from it; the recipes on the formula genome; and the numbers of
 * words that the published position sets are known to have consumed.
 */
#include "check.h"
#include "fixture.h"

#include "rng/pyrandom.h"
#include "sample/anchored.h"
#include "sample/baseline.h"
#include "sample/recipe.h"
#include "sample/regions.h"

#define MB ((int64_t)1000000)

static char folder[3000];
static struct bases synth;
static struct gtf *all_genes, *autosome_genes;
static struct ccre *ccre;
static struct dhs *dhs;

static char *
path_of(const char *file)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, file);
    return path;
}

static void *
must(void *p, const struct err *e)
{
    if (!p) {
        fprintf(stderr, "%s\n", e->msg);
        exit(1);
    }
    return p;
}

static void
load(void)
{
    struct fixture_finder all = { &synth, CHROM_OTHER }, autosomes = { &synth, CHROM_AUTOSOMES },
                          x = { &synth, CHROM_X };
    const struct chrom_finder f = { fixture_find, &all }, fa = { fixture_find, &autosomes },
                              fx = { fixture_find, &x };
    struct err e = { "" };

    all_genes = must(gtf_read(path_of("synth.gtf"), &f, &e), &e);
    autosome_genes = must(gtf_read(path_of("synth.gtf"), &fa, &e), &e);
    ccre = must(ccre_read(path_of("synth.ccres.bed"), &fx, &e), &e);
    dhs = must(dhs_read(path_of("synth.dhs.tsv"), &fa, &e), &e);
}

/* Compare with a table whose last columns are contig, position and perhaps stratum. */
static void
compare_row(const char *file, size_t row, const char *line, const char *chrom, int64_t pos1,
            const char *stratum)
{
    char *want = stratum ? mem_printf("%s\t%lld\t%s", chrom, (long long)pos1, stratum)
                         : mem_printf("%s\t%lld", chrom, (long long)pos1);
    const size_t n = strlen(line), k = strlen(want);

    CHECK(n >= k && strcmp(line + n - k, want) == 0 && (n == k || line[n - k - 1] == '\t'),
          "%s row %zu is '%s', drawn was '%s'", file, row, line, want);
    free(want);
}

typedef void compare_fn(const char *file, size_t row, const char *line, const void *list);

static void
compare(const char *file, const void *list, size_t n, compare_fn *row)
{
    FILE *fp = fopen(path_of(file), "r");
    char line[1000];
    size_t rows = 0;

    if (!fp || !fgets(line, sizeof line, fp)) {
        CHECK(false, "%s cannot be read", file);
        return;
    }
    while (fgets(line, sizeof line, fp)) {
        line[strcspn(line, "\n")] = '\0';
        if (rows < n)
            row(file, rows, line, list);
        rows++;
    }
    fclose(fp);
    CHECK(rows == n && n, "%s has %zu rows, %zu were drawn", file, rows, n);
}

static void
spot_row(const char *file, size_t row, const char *line, const void *list)
{
    const struct spot *at = &((const struct spots *)list)->item[row];

    compare_row(file, row, line, at->contig < 0 ? "?" : synth.name[at->contig], at->pos1, NULL);
}

static void
site_row(const char *file, size_t row, const char *line, const void *list)
{
    const struct sample_site *at = &((const struct sample_list *)list)->site[row];

    compare_row(file, row, line, synth.name[at->contig], at->pos + 1, at->stratum);
}

static void
compare_spots(const char *file, struct spots *s)
{
    compare(file, s, s->n, spot_row);
    spots_free(s);
    spots_init(s);
}

static void
check_ccre(void)
{
    static const struct ccre_quota quota[] = {
        { "PLS", 30 }, { "dELS", 25 }, { "pELS", 15 }, { "CA-CTCF", 15 }, { "CA-TF", 10 },
        { "TF", 5 }, { "CA-H3K4me3", 10 }, { "CA", 5 }, { "NOSUCH", 4 },
    }, over[] = { { "PLS", 10000 }, { "CA", 3 } };
    struct spots s;

    spots_init(&s);
    CHECK_STR(regions_ccre(&s, ccre, quota, ARRAY_LEN(quota), 456), "NOSUCH");
    compare_spots("expected_ccre_seed456.tsv", &s);
    CHECK(!regions_ccre(&s, ccre, over, ARRAY_LEN(over), 42), "no class is missing");
    compare_spots("expected_ccre_overdraw_seed42.tsv", &s);
}

static void
check_dhs(void)
{
    const struct dhs_filter none = { 0 }, some = { 100, 500, 20, 90 };
    struct spots s;

    spots_init(&s);
    regions_dhs(&s, dhs, &none, 50, 43);
    compare_spots("expected_dhs_n50_seed43.tsv", &s);
    regions_dhs(&s, dhs, &none, 5000, 567);
    compare_spots("expected_dhs_n5000_seed567.tsv", &s);
    regions_dhs(&s, dhs, &some, 40, 42);
    compare_spots("expected_dhs_filtered_seed42.tsv", &s);
}

static void
check_genes(void)
{
    struct spots s;

    spots_init(&s);
    regions_tss(&s, autosome_genes, 1000, 111);
    compare_spots("expected_tss_dedup.tsv", &s);
    regions_tss(&s, autosome_genes, 10, 111);
    compare_spots("expected_tss_sample10_seed111.tsv", &s);
    regions_gene_body(&s, autosome_genes, 1000, 222);
    compare_spots("expected_genebody_dedup.tsv", &s);
    regions_gene_body(&s, autosome_genes, 6, 222);
    compare_spots("expected_genebody_sample6_seed222.tsv", &s);
}

/* The strata of a recipe in its fractions of n. */
static struct sample_params
recipe_params(const char *name, int64_t n, struct sample_stratum *t)
{
    const struct recipe *r = recipe_find(SAMPLE_SNPS, name);
    struct sample_params p = { .kind = SAMPLE_SNPS, .n = n, .seed = 42, .margin = r->margin,
                               .gtf = all_genes, .ccre = ccre, .dhs = dhs, .stratum = t };

    for (; r->strata[p.n_strata].name; p.n_strata++)
        t[p.n_strata] = (struct sample_stratum){
            .name = r->strata[p.n_strata].name, .fraction = r->strata[p.n_strata].amount,
            .n = (int64_t)rint((double)n * r->strata[p.n_strata].amount), .seed = 42 };
    return p;
}

static void
compare_positions(const char *file, const struct sample_params *p, bool promoter)
{
    struct sample_list list = { 0 };
    struct sample s;
    struct err e = { "" };

    sample_init(&s);
    CHECK(anchored_positions(&list, &s, &synth, p, promoter, &e) == 0, "%s", e.msg);
    compare(file, &list, list.n, site_row);
    sample_free(&s);
    free(list.site);
}

static void
check_anchored(void)
{
    struct sample_stratum t[RECIPE_STRATA] = { { 0 } };
    const struct sample_stratum dhs_strata[] = { { "dhs", .5, 150, 7 },
                                                 { "gene_body", .25, 75, 7 },
                                                 { "random", .25, 75, 7 } };
    struct sample_params p = recipe_params("unified", 400, t);
    struct sample_list list = { 0 };

    compare_positions("expected_gene_anchored_n400_seed42.tsv", &p, false);
    p.stratum = dhs_strata;
    p.n_strata = ARRAY_LEN(dhs_strata);
    p.seed = 7;
    compare_positions("expected_gene_anchored_dhs_n300_seed7.tsv", &p, false);
    p = recipe_params("promoter", 400, t);
    compare_positions("expected_promoter_n400_seed42.tsv", &p, true);
    p = recipe_params("ccre-anchored", 100, t);
    CHECK(!anchored_ccre_positions(&list, &synth, &p), "no class is missing");
    compare("expected_ccre_anchored_n100_seed42.tsv", &list, list.n, site_row);
    free(list.site);
}

/* The formula genome has hg38's lengths; annotation on it is the synthetic one. */
static void
check_mock(const struct bases *hg38)
{
    struct fixture_finder f = { hg38, CHROM_AUTOSOMES }, x = { hg38, CHROM_X };
    const struct chrom_finder finder = { fixture_find, &f }, finder_x = { fixture_find, &x };
    const struct sample_stratum strata[] = { { "random", 0, 15000, 789 }, { "ccre", 0, 11500, 456 },
                                             { "tss", 0, 3000, 111 }, { "dhs", 0, 200, 567 } };
    size_t contig[CHROM_AUTOSOMES];
    struct err e = { "" };
    struct sample_params p = { .kind = SAMPLE_SNPS, .n = 300, .seed = 43, .margin = 5 * MB,
                               .contig = contig, .n_contigs = CHROM_AUTOSOMES,
                               .shuffle_seed = -1 };
    struct sample s;
    char hex[65];

    for (size_t i = 0; i < CHROM_AUTOSOMES; i++)
        contig[i] = i;
    p.dhs = must(dhs_read(path_of("synth.dhs.tsv"), &finder, &e), &e);
    sample_init(&s);
    CHECK_INT(anchored_dhs(&s, hg38, &p, &e), 0);
    CHECK_INT(s.kept.n, 257);
    sample_sha256(&s, hg38, hex);
    CHECK_STR(hex, "24566a36ba9963ee3a830b5f69387e9366e8e37594639147ab84885fa2a10b25");
    sample_free(&s);

    p.kind = SAMPLE_BASELINES;
    p.margin = 10 * MB;
    p.max_pos = 200 * MB;
    p.gtf = must(gtf_read(path_of("synth.gtf"), &finder, &e), &e);
    p.ccre = must(ccre_read(path_of("synth.ccres.bed"), &finder_x, &e), &e);
    p.stratum = strata;
    p.n_strata = ARRAY_LEN(strata);
    sample_init(&s);
    CHECK(baseline_sites(&s, hg38, &p, &e) == 0, "%s", e.msg);
    CHECK_INT(s.kept.n, 15940);
    sample_sha256(&s, hg38, hex);
    CHECK_STR(hex, "ffd7b364ea0e5ea9645bb7dd477706b79aa1a74b4549e930b39b99815d6dd67a");
    sample_free(&s);
    gtf_free((struct gtf *)p.gtf);
    ccre_free((struct ccre *)p.ccre);
    dhs_free((struct dhs *)p.dhs);
}

int
main(void)
{
    const char *shared = getenv("SHARED");
    struct bases hg38;
    char sizes[3000];

    snprintf(folder, sizeof folder, "%s/golden/synth", shared ? shared : ".");
    snprintf(sizes, sizeof sizes, "%s/golden/hg38_primary_chrom_sizes.tsv", shared ? shared : ".");
    if (!shared || !fixture_bases(&synth, path_of("synth.fa.fai"))) {
        printf("no golden vectors here (SHARED)\n");
        return 77;
    }
    CHECK(fixture_bases(&hg38, sizes), "cannot read %s", sizes);
    load();
    check_ccre();
    check_dhs();
    check_genes();
    check_anchored();
    check_mock(&hg38);
    gtf_free(all_genes);
    gtf_free(autosome_genes);
    ccre_free(ccre);
    dhs_free(dhs);
    fixture_free(&synth);
    fixture_free(&hg38);
    return check_done();
}
