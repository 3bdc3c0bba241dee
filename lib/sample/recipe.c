/* SPDX-License-Identifier: MIT */
#include "sample/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/pyrandom.h"
#include "sample/anchored.h"
#include "sample/baseline.h"
#include "sample/custom.h"
#include "sample/spread.h"
#include "sample/uniform.h"

#define MB ((int64_t)1000000)

static int
draw_random(struct sample *s, const struct bases *b, const struct sample_params *p,
            const struct sample_stratum *t, struct err *e)
{
    struct sample_params random = *p;
    struct pyrandom r;

    random.n = t->n;
    sample_want(s, t->name, t->n);
    pyrandom_seed(&r, t->seed);
    return spread_snps(s, &r, b, &random, e);
}

/* The two strata have streams of their own and are not shuffled together. */
static int
draw_classic(struct sample *s, const struct bases *b, const struct sample_params *p,
             struct err *e)
{
    for (size_t i = 0; i < p->n_strata; i++) {
        const struct sample_stratum *t = &p->stratum[i];
        struct sample_params dhs = *p;
        int status;

        dhs.n = t->n;
        dhs.seed = t->seed;
        status = strcmp(t->name, "dhs") == 0 ? anchored_dhs(s, b, &dhs, e)
                                             : draw_random(s, b, p, t, e);
        if (status)
            return status;
    }
    return 0;
}

static int
draw_uniform(struct sample *s, const struct bases *b, const struct sample_params *p,
             struct err *e)
{
    sample_want(s, "uniform", p->n);
    return uniform_sites(s, b, p, e);
}

#define BASELINE                                                                                  \
    .kind = SAMPLE_BASELINES, .autosomes = true, .margin = 10 * MB, .max_pos = 200 * MB,       \
    .rng = PYRANDOM_NAME

#define ANCHORED                                                                                  \
    .kind = SAMPLE_SNPS, .anchored = true, .max_pos = -1, .rng = PYRANDOM_NAME

#define UNIFORM                                                                                   \
    .name = "uniform", .strata = { { "uniform", 10000, 42 } }, .within = true, .n = 10000,        \
    .margin = -1, .max_pos = -1, .rng = UNIFORM_RNG_NAME, .draw = draw_uniform

static const struct recipe table[] = {
    { .kind = SAMPLE_SNPS, .name = "classic", .strata = { { "random", 10000, 42 } },
      .summary = "10,000 SNPs at random, equally many tries on each of chr1 to chr22",
      .oracles = "originally every oracle", .autosomes = true,
      .n = 10000, .margin = 5 * MB, .max_pos = 200 * MB, .rng = PYRANDOM_NAME,
      .draw = draw_classic },
    { UNIFORM, .kind = SAMPLE_SNPS,
      .summary = "exactly -n SNPs at distinct bases of the genome or of --within" },
    { .kind = SAMPLE_SNPS, .name = "accessibility",
      .strata = { { "random", 10000, 42 }, { "dhs", 10000, 43 } },
      .summary = "classic, then 10,000 SNPs beside DHS summits",
      .oracles = "ChromBPNet, Cherimoya", .autosomes = true,
      .n = 20000, .margin = 5 * MB, .max_pos = 200 * MB, .rng = PYRANDOM_NAME,
      .draw = draw_classic },
    { ANCHORED, .name = "unified",
      .strata = { { "tss_near", .10, 42 }, { "tss_far", .10, 42 }, { "junction", .165, 42 },
                  { "gene_body", .06, 42 }, { "random", .075, 42 }, { "ccre", .50, 42 },
                  { "dhs", 0, 42 } },
      .summary = "18,000 SNPs, half at cCREs, the others mostly at genes",
      .oracles = "Enformer, Borzoi, AlphaGenome, Sei, EPInformer-seq",
      .one_stream = true, .n = 18000, .margin = 5 * MB, .draw = anchored_unified },
    { ANCHORED, .name = "promoter",
      .strata = { { "tss_promoter", .40, 42 }, { "ccre_pls", .30, 42 }, { "ccre_pels", .15, 42 },
                  { "random", .15, 42 }, { "dhs", 0, 42 } },
      .summary = "18,000 SNPs, mostly in promoters", .oracles = "LegNet",
      .one_stream = true, .n = 18000, .margin = MB / 10, .draw = anchored_promoter },
    { ANCHORED, .name = "ccre-anchored", .strata = { { "ccre", 1, 42 } },
      .summary = "-n SNPs at the centres of cCREs", .oracles = NULL,
      .one_stream = true, .n = -1, .margin = 6 * MB / 10, .draw = anchored_ccre },
    { BASELINE, .name = "baseline-31500",
      .strata = { { "random", 15000, 789 }, { "ccre", 11500, 456 }, { "tss", 3000, 111 },
                  { "gene_body", 2000, 222 } },
      .summary = "15,000 random, 11,500 cCRE, 3,000 TSS, 2,000 gene bodies",
      .oracles = "Enformer, Borzoi", .n = 31500, .draw = baseline_sites },
    { BASELINE, .name = "baseline-29500",
      .strata = { { "random", 15000, 789 }, { "ccre", 11500, 456 }, { "tss", 3000, 111 } },
      .summary = "15,000 random, 11,500 cCRE, 3,000 TSS", .oracles = "Sei, LegNet", .n = 29500,
      .draw = baseline_sites },
    { BASELINE, .name = "baseline-34500",
      .strata = { { "random", 15000, 789 }, { "ccre", 11500, 456 }, { "tss", 3000, 111 },
                  { "dhs", 5000, 567 } },
      .summary = "15,000 random, 11,500 cCRE, 3,000 TSS, 5,000 DHS summits",
      .oracles = "ChromBPNet, Cherimoya, EPInformer-seq (--shuffle-seed 2026)", .n = 34500,
      .draw = baseline_sites },
    { BASELINE, .name = "baseline-31500-ag",
      .strata = { { "random", 15000, 789 }, { "ccre", 11500, 456 }, { "tss", 3000, 111 },
                  { "gene_body", 2000, 222 } },
      .summary = "as baseline-31500 with cCRE classes shared out by percentages",
      .oracles = "AlphaGenome", .n = 31500, .draw = baseline_sites_percent },
    { BASELINE, .name = "alphagenome-default",
      .strata = { { "random", 5000, 789 }, { "ccre", 4000, 456 }, { "tss", 1000, 111 },
                  { "gene_body", 500, 222 } },
      .summary = "the same shares, 10,500 in all", .oracles = "AlphaGenome's builder without flags",
      .n = 10500, .draw = baseline_sites_percent },
    { UNIFORM, .kind = SAMPLE_BASELINES,
      .summary = "exactly -n distinct bases of the genome or of --within" },
};

const struct recipe *
recipe_find(enum sample_kind kind, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].kind == kind && strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

const struct recipe *
recipe_custom(enum sample_kind kind)
{
    static const struct recipe custom[] = {
        [SAMPLE_SNPS] = { .kind = SAMPLE_SNPS, .name = "custom", .margin = 0, .max_pos = -1,
                          .rng = UNIFORM_RNG_NAME, .draw = custom_draw },
        [SAMPLE_BASELINES] = { .kind = SAMPLE_BASELINES, .name = "custom", .margin = 0,
                               .max_pos = -1, .rng = UNIFORM_RNG_NAME, .draw = custom_draw },
    };

    return &custom[kind];
}

char *
recipe_list(enum sample_kind kind)
{
    char *list = mem_strdup("");

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct recipe *r = &table[i];
        char *longer;

        if (r->kind != kind)
            continue;
        longer = mem_printf("%s  %-19s %s\n", list, r->name, r->summary);
        free(list);
        list = longer;
        if (!r->oracles)
            continue;
        longer = mem_printf("%s  %-19s (used for: %s)\n", list, "", r->oracles);
        free(list);
        list = longer;
    }
    return list;
}

const struct recipe_stratum *
recipe_stratum(const struct recipe *r, const char *name)
{
    for (const struct recipe_stratum *t = r->strata; t->name; t++)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

char *
recipe_strata(const struct recipe *r)
{
    char *list = mem_strdup("");

    for (const struct recipe_stratum *t = r->strata; t->name; t++) {
        char *longer = mem_printf("%s%s%s", list, t > r->strata ? ", " : "", t->name);

        free(list);
        list = longer;
    }
    return list;
}

unsigned
recipe_needs(const struct recipe *r, const char *stratum)
{
    /* The contigs of recipes with one stream for several strata are those with coding genes. */
    const unsigned contigs = r->one_stream && r->strata[1].name ? NEEDS_GTF : 0;

    if (strncmp(stratum, "ccre", 4) == 0)
        return contigs | NEEDS_CCRE;
    if (strcmp(stratum, "dhs") == 0)
        return contigs | NEEDS_DHS;
    if (strcmp(stratum, "uniform") == 0 || strcmp(stratum, "random") == 0)
        return contigs;
    return NEEDS_GTF;
}
