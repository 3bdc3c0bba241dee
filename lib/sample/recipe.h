/* SPDX-License-Identifier: MIT */
/*
 * The named recipes: one table entry and one function each.  Numbers and strata are those of the
 * reference implementation; `uniform` is this suite's own.
 */
#ifndef PT_SAMPLE_RECIPE_H
#define PT_SAMPLE_RECIPE_H

#include "base/base.h"
#include "base/err.h"
#include "sample/sample.h"

enum { RECIPE_STRATA = 7 };

/* Files a recipe or stratum draws from. */
enum { NEEDS_GTF = 1, NEEDS_CCRE = 2, NEEDS_DHS = 4 };

struct recipe_stratum {
    const char *name;           /* NULL ends the list */
    double amount;              /* sites; of a recipe with one stream, its fraction of all sites */
    int64_t seed;
};

struct recipe {
    enum sample_kind kind;
    const char *name;
    const char *summary;        /* one line */
    const char *oracles;        /* whose published backgrounds were made with it; NULL: nobody's */
    struct recipe_stratum strata[RECIPE_STRATA + 1];    /* in the order of emission */
    bool one_stream;            /* strata share a stream: none can be drawn without the others */
    bool autosomes;             /* draws from chr1..chr22 unless told; else from every contig */
    bool within;                /* can draw from intervals */
    bool anchored;              /* contigs that annotation names and the genome lacks are left out;
                                   in the other recipes they are an error */
    int64_t n;                  /* default sites in all; -1: must be given */
    int64_t margin, max_pos;    /* defaults; -1: not a parameter of this recipe */
    const char *rng;            /* name and version of the generator, for provenance */

    /* Fill an initialised sample. */
    int (*draw)(struct sample *s, const struct bases *b, const struct sample_params *p,
                struct err *e);
};

/* NULL when there is no such recipe for that kind of site. */
const struct recipe *recipe_find(enum sample_kind kind, const char *name);

/* The recipe whose strata are a table of the user's. */
const struct recipe *recipe_custom(enum sample_kind kind);

/* "  classic      10,000 SNPs ...\n" of every recipe of that kind; caller frees. */
char *recipe_list(enum sample_kind kind);

/* The stratum of that name, or NULL. */
const struct recipe_stratum *recipe_stratum(const struct recipe *r, const char *name);

/* "random, ccre, tss"; caller frees. */
char *recipe_strata(const struct recipe *r);

/* Files that drawing one of its strata needs. */
unsigned recipe_needs(const struct recipe *r, const char *stratum);

#endif
