/* SPDX-License-Identifier: MIT */
/*
 * The named recipes: one table entry and one function each.  Numbers and strata are those of the
 * reference implementation; `uniform` is this suite's own.
 */
#ifndef PT_SAMPLE_RECIPE_H
#define PT_SAMPLE_RECIPE_H

#include "base.h"
#include "err.h"
#include "sample/sample.h"

struct recipe {
    enum sample_kind kind;
    const char *name;
    const char *summary;        /* one line */
    const char *strata;         /* names in the order of emission, separated by commas */
    const char *ready;          /* the stratum that can be drawn in this version; NULL: none */
    bool autosomes;             /* draws from chr1..chr22 unless told; else from every contig */
    bool within;                /* can draw from intervals */
    int64_t n, seed;            /* defaults: sites of the stratum, seed */
    int64_t margin, max_pos;    /* defaults; -1: not a parameter of this recipe */
    const char *rng;            /* name and version of the generator, for provenance */

    /* Fill an initialised sample; NULL when ready is. */
    int (*draw)(struct sample *s, const struct bases *b, const struct sample_params *p,
                struct err *e);
};

/* NULL when there is no such recipe for that kind of site. */
const struct recipe *recipe_find(enum sample_kind kind, const char *name);

/* "  classic      10,000 SNPs ...\n" of every recipe of that kind; caller frees. */
char *recipe_list(enum sample_kind kind);

/* Is name one of the recipe's strata? */
bool recipe_has_stratum(const struct recipe *r, const char *name);

#endif
