/* SPDX-License-Identifier: MIT */
/*
 * The recipes on a genome whose bases are a formula and whose contig lengths are hg38's, against
 * the reference implementation's outcome ($SHARED/golden) and against counts written down here.
 */
#include "check.h"

#include "digest/hash256.h"
#include "prog/mem.h"
#include "sample/intervals.h"
#include "sample/recipe.h"
#include "sample/request.h"
#include "sample/spread.h"
#include "sample/uniform.h"

enum { AUTOSOMES = 22 };

/* hg38 (GRCh38.p14, as NCBI and UCSC publish the lengths). */
static int64_t hg38_len[AUTOSOMES] = {
    248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636,
    138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
    83257441, 80373285, 58617616, 64444167, 46709983, 50818468,
};
static const char *name[AUTOSOMES] = {
    "chr1", "chr2", "chr3", "chr4", "chr5", "chr6", "chr7", "chr8", "chr9", "chr10", "chr11",
    "chr12", "chr13", "chr14", "chr15", "chr16", "chr17", "chr18", "chr19", "chr20", "chr21",
    "chr22",
};
static const size_t all_contigs[AUTOSOMES] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                                               15, 16, 17, 18, 19, 20, 21 };

/* h = (p * 2654435761 + c * 97531) mod 2^32; N if h / 256 mod 25 is 0, else ACGT[h / 2^30]. */
static int
formula_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    const uint32_t h = (uint32_t)pos * 2654435761u + (uint32_t)(contig + 1) * 97531u;

    (void)arg, (void)e;
    *letter = h / 256 % 25 == 0 ? 'N' : "ACGT"[h >> 30];
    return 0;
}

static int
unknown_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    (void)arg, (void)contig, (void)pos, (void)e;
    *letter = 'N';
    return 0;
}

static int
failing_letter(void *arg, size_t contig, int64_t pos, char *letter, struct err *e)
{
    (void)arg, (void)contig, (void)pos, (void)letter;
    return err_set(e, "cannot read");
}

static const struct bases hg38 = { AUTOSOMES, name, hg38_len, formula_letter, NULL, NULL };

/* The first stratum of a recipe with the recipe's numbers. */
static struct sample_params
recipe_params(const struct recipe *r, struct sample_stratum *t)
{
    const struct recipe_stratum *first = &r->strata[0];

    *t = (struct sample_stratum){ first->name, first->amount, (int64_t)first->amount,
                                  (uint64_t)first->seed };
    return (struct sample_params){ .kind = r->kind, .n = t->n, .seed = t->seed,
                                   .margin = r->margin, .max_pos = r->max_pos,
                                   .contig = all_contigs, .n_contigs = AUTOSOMES, .stratum = t,
                                   .n_strata = 1, .shuffle_seed = -1 };
}

static void
check_site(const struct sample_list *list, size_t i, const char *chrom, int64_t pos1, char ref,
           char alt)
{
    const struct sample_site *s = &list->site[i];

    CHECK(strcmp(name[s->contig], chrom) == 0 && s->pos + 1 == pos1 && s->ref == ref &&
          s->alt == alt, "site %zu is %s:%lld, expected %s:%lld", i, name[s->contig],
          (long long)s->pos + 1, chrom, (long long)pos1);
}

static void
check_classic(void)
{
    const struct recipe *r = recipe_find(SAMPLE_SNPS, "classic");
    struct sample_stratum t;
    struct sample_params p = recipe_params(r, &t);
    struct sample s;
    struct err e;
    char hex[65];

    sample_init(&s);
    p.keep_rejected = true;
    CHECK_INT(r->draw(&s, &hg38, &p, &e), 0);
    CHECK_INT(s.kept.n, 9617);
    CHECK_INT(s.draws, 22 * 455);
    CHECK_INT(s.rejected.n, 22 * 455 - 9617);
    CHECK_INT(s.count[SAMPLE_NOT_ACGT], s.rejected.n);
    CHECK_INT(s.skipped.n, 0);
    check_site(&s.kept, 0, "chr19", 37697496, 'A', 'G');
    check_site(&s.kept, 4, "chr12", 76384965, 'T', 'A');
    check_site(&s.kept, s.kept.n - 1, "chr5", 68254672, 'C', 'G');
    sample_sha256(&s, &hg38, hex);
    CHECK_STR(hex, "a06034515eb07ab31151525929b7e7d8ca0c8d99b43dbd2859f7d18836189e33");
    CHECK_INT(sample_distinct(&s, NULL, NULL), s.kept.n);
    sample_free(&s);
}

/* 682 positions on every chromosome, 678 on the last, 21,277 words of the generator. */
static void
check_baseline_counts(void)
{
    const struct recipe *r = recipe_find(SAMPLE_BASELINES, "baseline-34500");
    struct sample_stratum t;
    struct sample_params p = recipe_params(r, &t);
    size_t per_contig[AUTOSOMES] = { 0 };
    struct pyrandom rng;
    struct sample s;
    struct err e;

    sample_init(&s);
    pyrandom_seed(&rng, p.seed);
    CHECK_INT(spread_positions(&s, &rng, &hg38, &p, &e), 0);
    CHECK_INT(s.kept.n, 15000);
    CHECK_INT(rng.mt.words, 21277);
    for (size_t i = 0; i < s.kept.n; i++) {
        const struct sample_site *site = &s.kept.site[i];

        per_contig[site->contig]++;
        CHECK(site->pos + 1 >= 10000000 && site->pos + 1 <= 200000000 && site->alt == 0);
    }
    for (size_t i = 0; i < AUTOSOMES; i++)
        CHECK_INT(per_contig[i], i + 1 < AUTOSOMES ? 682 : 678);
    sample_free(&s);
}

/* Contigs without room are left out and remembered; the quota of the others stays. */
static void
check_short_contigs(void)
{
    const char *names[] = { "a", "b", "c" };
    int64_t len[] = { 1000, 150, 12000000 };
    const struct bases b = { 3, names, len, formula_letter, NULL, NULL };
    struct sample_params p = { .kind = SAMPLE_SNPS, .n = 30, .seed = 1, .margin = 100,
                               .max_pos = 500, .contig = all_contigs, .n_contigs = 3 };
    struct sample s;
    struct pyrandom r;
    struct err e;

    sample_init(&s);
    pyrandom_seed(&r, 1);
    CHECK_INT(spread_snps(&s, &r, &b, &p, &e), 0);
    CHECK_INT(s.skipped.n, 1);
    CHECK_INT(s.skipped.site[0].contig, 1);
    CHECK_INT(s.draws, 22);
    for (size_t i = 0; i < s.kept.n; i++)
        CHECK(s.kept.site[i].pos + 1 >= 100 && s.kept.site[i].pos + 1 <= 500);
    sample_free(&s);

    sample_init(&s);
    p.margin = p.max_pos = 20000000;
    CHECK_INT(spread_snps(&s, &r, &b, &p, &e), -1);
    CHECK(strstr(e.msg, "--margin 20000000") != NULL, "%s", e.msg);
    sample_free(&s);

    /* c is too short for 10 Mb at both ends, so it is drawn from 10 to 11 Mb. */
    sample_init(&s);
    p = (struct sample_params){ .kind = SAMPLE_BASELINES, .n = 300, .seed = 1, .margin = 10000000,
                                .max_pos = 200000000, .contig = all_contigs, .n_contigs = 3 };
    CHECK_INT(spread_positions(&s, &r, &b, &p, &e), 0);
    CHECK_INT(s.skipped.n, 2);
    CHECK_INT(s.kept.n, 101);
    for (size_t i = 0; i < s.kept.n; i++)
        CHECK(s.kept.site[i].pos + 1 >= 10000000 && s.kept.site[i].pos + 1 <= 11000000);
    sample_free(&s);
}

static void
check_intervals(void)
{
    struct intervals iv;
    size_t contig;

    intervals_init(&iv);
    intervals_add(&iv, 1, 10, 20);
    intervals_add(&iv, 0, 5, 7);
    intervals_add(&iv, 1, 15, 30);
    intervals_add(&iv, 1, 30, 31);
    intervals_add(&iv, 1, 12, 13);
    intervals_add(&iv, 1, 8, 8);
    intervals_add(&iv, 2, 0, 1);
    intervals_seal(&iv);
    CHECK_INT(iv.n, 3);
    CHECK_INT(iv.total, 2 + 21 + 1);
    CHECK_INT(intervals_at(&iv, 0, &contig), 5);
    CHECK_INT(contig, 0);
    CHECK_INT(intervals_at(&iv, 2, &contig), 10);
    CHECK_INT(contig, 1);
    CHECK_INT(intervals_at(&iv, 22, &contig), 30);
    CHECK_INT(intervals_at(&iv, 23, &contig), 0);
    CHECK_INT(contig, 2);
    intervals_free(&iv);
}

static void
draw_uniform(struct sample *s, const struct intervals *iv, enum sample_kind kind, int64_t n)
{
    const struct sample_params p = { .kind = kind, .n = n, .seed = 7, .margin = -1, .max_pos = -1,
                                     .contig = all_contigs, .n_contigs = AUTOSOMES,
                                     .within = iv };
    struct err e;

    sample_init(s);
    CHECK_INT(uniform_sites(s, &hg38, &p, &e), 0);
    CHECK_INT(s->kept.n, n);
    CHECK_INT(sample_distinct(s, NULL, NULL), n);
}

/* Half of a small interval: duplicates are certain; a smaller sample is its beginning. */
static void
check_uniform(void)
{
    struct intervals iv;
    struct sample half, few, baseline;

    intervals_init(&iv);
    intervals_add(&iv, 3, 1000, 1400);
    intervals_add(&iv, 5, 0, 600);
    intervals_seal(&iv);
    draw_uniform(&half, &iv, SAMPLE_SNPS, 500);
    draw_uniform(&few, &iv, SAMPLE_SNPS, 100);
    draw_uniform(&baseline, &iv, SAMPLE_BASELINES, 500);
    CHECK(half.count[SAMPLE_DUPLICATE] > 0 && half.count[SAMPLE_NOT_ACGT] > 0);
    for (size_t i = 0; i < 500; i++) {
        const struct sample_site *s = &half.kept.site[i];

        CHECK(s->contig == 3 ? s->pos >= 1000 && s->pos < 1400 : s->contig == 5 && s->pos < 600,
              "site %zu is outside", i);
        CHECK(strchr("ACGT", s->ref) && strchr("ACGT", s->alt) && s->ref != s->alt,
              "site %zu has alleles %c and %c", i, s->ref, s->alt);
        CHECK(s->pos == baseline.kept.site[i].pos && !baseline.kept.site[i].alt);
        CHECK(i >= 100 || (few.kept.site[i].pos == s->pos && few.kept.site[i].alt == s->alt),
              "site %zu depends on -n", i);
    }
    sample_free(&half);
    sample_free(&few);
    sample_free(&baseline);
    intervals_free(&iv);
}

static void
check_uniform_refusals(void)
{
    struct sample_params p = { .kind = SAMPLE_SNPS, .n = 501, .seed = 7, .margin = -1,
                               .max_pos = -1, .contig = all_contigs, .n_contigs = AUTOSOMES };
    struct bases b = hg38;
    struct intervals iv;
    struct sample s;
    struct err e;

    intervals_init(&iv);
    intervals_add(&iv, 0, 0, 1000);
    intervals_seal(&iv);
    p.within = &iv;
    sample_init(&s);
    CHECK_INT(uniform_sites(&s, &b, &p, &e), -1);
    CHECK(strstr(e.msg, "too many for 1000 bases") != NULL, "%s", e.msg);
    p.n = 10;
    b.letter = unknown_letter;
    CHECK_INT(uniform_sites(&s, &b, &p, &e), -1);
    CHECK(strstr(e.msg, "--within") != NULL, "%s", e.msg);
    sample_free(&s);
    sample_init(&s);
    b.letter = failing_letter;
    CHECK_INT(uniform_sites(&s, &b, &p, &e), -1);
    CHECK_STR(e.msg, "cannot read");
    sample_free(&s);
    intervals_free(&iv);
}

static struct sample_request
request(enum sample_kind kind, const char *recipe, const char *only)
{
    return (struct sample_request){ .kind = kind, .recipe = recipe, .only = only, .n = -1,
                                    .seed = -1, .margin = -1, .max_pos = -1, .shuffle_seed = -1 };
}

static void
check_refused(struct sample_request q, const char *says)
{
    struct err e = { "" };

    CHECK(!request_check(&q, &e), "not refused: %s", says);
    CHECK(strstr(e.msg, says) != NULL, "message is '%s', expected '%s'", e.msg, says);
    request_free(&q);
}

static void
check_requests(void)
{
    struct sample_request q = request(SAMPLE_SNPS, "classic", "random");
    struct err e;

    CHECK(request_check(&q, &e) != NULL, "%s", e.msg);
    CHECK_INT(q.n, 10000);
    CHECK_INT(q.margin, 5000000);
    request_free(&q);
    check_refused(request(SAMPLE_SNPS, NULL, NULL), "no default");
    check_refused(request(SAMPLE_SNPS, "baseline-31500", NULL), "there is no recipe");
    check_refused(request(SAMPLE_SNPS, "unified", NULL), "needs --gtf FILE");
    check_refused(request(SAMPLE_SNPS, "classic", "rand"), "no stratum 'rand'");
    check_refused(request(SAMPLE_SNPS, "classic", ""), "no stratum ''");
    check_refused(request(SAMPLE_SNPS, "ccre-anchored", NULL), "give one with -n");
    check_refused(request(SAMPLE_BASELINES, "baseline-29500", NULL), "--only random");
    check_refused(request(SAMPLE_BASELINES, "baseline-29500", "tss"), "needs --gtf FILE");
    check_refused(request(SAMPLE_BASELINES, "baseline-29500", "dhs"), "no stratum 'dhs'");
}

static void
check_parameter_requests(void)
{
    struct sample_request q = request(SAMPLE_SNPS, "classic", NULL);

    q.within = "x.bed";
    check_refused(q, "--within");
    q = request(SAMPLE_SNPS, "classic", NULL);
    q.max_pos = 5;
    check_refused(q, "no room");
    q = request(SAMPLE_SNPS, "uniform", NULL);
    q.margin = 5;
    check_refused(q, "--margin");
    q = request(SAMPLE_SNPS, "uniform", NULL);
    q.within = "x.bed";
    q.contigs = "chr1";
    check_refused(q, "exclude each other");
}

int
main(void)
{
    check_classic();
    check_baseline_counts();
    check_short_contigs();
    check_intervals();
    check_uniform();
    check_uniform_refusals();
    check_requests();
    check_parameter_requests();
    return check_done();
}
