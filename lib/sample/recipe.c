/* SPDX-License-Identifier: MIT */
#include "sample/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prog/mem.h"
#include "rng/pyrandom.h"
#include "sample/spread.h"
#include "sample/uniform.h"

#define MB ((int64_t)1000000)

static int
draw_classic(struct sample *s, const struct bases *b, const struct sample_params *p,
             struct err *e)
{
    struct pyrandom r;

    pyrandom_seed(&r, p->seed);
    return spread_snps(s, &r, b, p, e);
}

static int
draw_baseline_random(struct sample *s, const struct bases *b, const struct sample_params *p,
                     struct err *e)
{
    struct pyrandom r;

    pyrandom_seed(&r, p->seed);
    return spread_positions(s, &r, b, p, e);
}

/* The random stratum is the same in every baseline recipe. */
#define BASELINE_RANDOM                                                                           \
    .kind = SAMPLE_BASELINES, .ready = "random", .autosomes = true, .n = 15000, .seed = 789,      \
    .margin = 10 * MB, .max_pos = 200 * MB, .rng = PYRANDOM_NAME, .draw = draw_baseline_random

#define UNIFORM                                                                                   \
    .name = "uniform", .strata = "uniform", .ready = "uniform", .within = true, .n = 10000,       \
    .seed = 42, .margin = -1, .max_pos = -1, .rng = UNIFORM_RNG_NAME, .draw = uniform_sites

static const struct recipe table[] = {
    { .kind = SAMPLE_SNPS, .name = "classic", .strata = "random", .ready = "random",
      .summary = "10,000 SNPs at random, equally many tries on each of chr1 to chr22",
      .autosomes = true, .n = 10000, .seed = 42, .margin = 5 * MB, .max_pos = 200 * MB,
      .rng = PYRANDOM_NAME, .draw = draw_classic },
    { UNIFORM, .kind = SAMPLE_SNPS,
      .summary = "exactly -n SNPs at distinct bases of the genome or of --within" },
    { .kind = SAMPLE_SNPS, .name = "accessibility", .strata = "random,dhs",
      .summary = "classic and 10,000 SNPs beside DHS summits (not in this version)" },
    { .kind = SAMPLE_SNPS, .name = "unified",
      .strata = "tss_near,tss_far,junction,gene_body,random,ccre",
      .summary = "18,000 SNPs, half of them anchored at genes (not in this version)" },
    { .kind = SAMPLE_SNPS, .name = "promoter", .strata = "tss_promoter,ccre_pls,ccre_pels,random",
      .summary = "18,000 SNPs, mostly in promoters (not in this version)" },
    { .kind = SAMPLE_SNPS, .name = "ccre-anchored", .strata = "ccre",
      .summary = "SNPs at the centres of cCREs (not in this version)" },
    { BASELINE_RANDOM, .name = "baseline-31500", .strata = "random,ccre,tss,gene_body",
      .summary = "15,000 random, 11,500 cCRE, 3,000 TSS, 2,000 gene bodies" },
    { BASELINE_RANDOM, .name = "baseline-29500", .strata = "random,ccre,tss",
      .summary = "15,000 random, 11,500 cCRE, 3,000 TSS" },
    { BASELINE_RANDOM, .name = "baseline-34500", .strata = "random,ccre,tss,dhs",
      .summary = "15,000 random, 11,500 cCRE, 3,000 TSS, 5,000 DHS summits" },
    { BASELINE_RANDOM, .name = "baseline-31500-ag", .strata = "random,ccre,tss,gene_body",
      .summary = "as baseline-31500 with cCRE classes shared out by percentages" },
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

char *
recipe_list(enum sample_kind kind)
{
    char *list = mem_strdup("");

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *longer;

        if (table[i].kind != kind)
            continue;
        longer = mem_printf("%s  %-18s %s\n", list, table[i].name, table[i].summary);
        free(list);
        list = longer;
    }
    return list;
}

bool
recipe_has_stratum(const struct recipe *r, const char *name)
{
    const size_t n = strlen(name);

    for (const char *p = r->strata; *p; p += strcspn(p, ","), p += *p == ',')
        if (strncmp(p, name, n) == 0 && (p[n] == ',' || !p[n]) && n)
            return true;
    return false;
}
