/* SPDX-License-Identifier: MIT */
/*
 * What a family of models declares of itself, for programs that ask what families there are and
 * run none: samplers, scoring, lookup, --help.
 *
 * A family is one file of lib/oracle and its line in family/list.h.  The file has two halves,
 *
 *     #ifdef FAMILY_DECLARATION
 *     const struct declaration declared_NAME = { ... };
 *     #else
 *     ... the network, which ends in struct family family_NAME (oracle/family.h)
 *     #endif
 *
 * and is compiled once for each (Makefile), since a linker takes objects whole: the declaration is
 * to bring neither networks nor readers of weights with it.
 */
#ifndef PT_FAMILY_DECLARE_H
#define PT_FAMILY_DECLARE_H

#include "base/base.h"

/*
 * How chorus built the background of an oracle: where variants and regions come from, and what is
 * drawn at a region.  Source: chorus' scripts/build_backgrounds_*.py.
 *
 * What the samplers keep of the recipes' numbers, hg38 and GENCODE v48 given: unified 17,909 of
 * 18,000 SNPs for every oracle that has it; the scored of the baselines, 29,004 of 29,500 for sei.
 */
struct preset {
    const char *snps, *baselines;   /* recipes; NULL: the family has no preset */
    bool shuffle_snps;
    int64_t shuffle_seed;           /* of the baselines; -1: none of its own */
    int64_t bins;                   /* drawn at a region; 0 where the oracle has one number */
};

/* How its tracks are drawn (lookup/display.h); zeros are the rule of most. */
struct family_display {
    int64_t bin_bp;                 /* bases per drawn bin; 0: a share of the window */
    bool native_bins;               /* the track's own, in place of that */
    bool pool_mean;                 /* bins are pooled by their mean, not their maximum */
    double floor;                   /* share of the background drawn as 0; 0: by the layer */
};

struct declaration {
    const char *name;               /* of --oracle and --preset */
    const char *layer;              /* scoring layer unless a track or the user says otherwise */
    double n_fraction;              /* of a window's bases that may be N */
    bool only_acgtn;                /* a window with another letter is left out */
    const char *published;          /* where its weights are; NULL: nowhere in particular */
    struct preset preset;
    struct family_display display;
};

#define FAMILY(name) extern const struct declaration declared_##name;
#include "family/list.h"
#undef FAMILY

/* All families, n of them, by name; the one of that name, or NULL; "bpnet, borzoi, ...". */
const struct declaration *const *declaration_list(size_t *n);
const struct declaration *declaration_find(const char *name);
const char *declaration_names(void);

/* The preset of that name, or NULL; the names of those there are. */
const struct preset *preset_find(const char *name);
const char *preset_names(void);

#endif
