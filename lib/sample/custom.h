/* SPDX-License-Identifier: MIT */
/*
 * A user's own recipe: a tab-separated table with a line for every stratum.
 *
 *   stratum   name
 *   from      random, bed (centres), bed-base (any base), tss, junction, gene (any base), vcf
 *   file      what to read; "." for random
 *   amount    sites, or with a point or a percent sign a share of -n
 *   window    "LOW..HIGH" bp added to the place, "+-LOW..HIGH" on either side, "." for none
 *
 * Draws are keyed by what is drawn: a stratum's name and seed give every place of its source a
 * hash, the places are taken in the order of their hashes, and offset, base and alternate come
 * from a stream of the same hash.  So a stratum does not depend on the other strata, nor on the
 * order of lines in its file; lines for the same place count once.
 */
#ifndef PT_SAMPLE_CUSTOM_H
#define PT_SAMPLE_CUSTOM_H

#include <jansson.h>

#include "base/base.h"
#include "base/err.h"
#include "genome/genome.h"
#include "sample/sample.h"

enum custom_from { FROM_RANDOM, FROM_BED, FROM_BED_BASE, FROM_TSS, FROM_JUNCTION, FROM_GENE,
                   FROM_VCF, FROM_KINDS };

/* A place to draw from: a base is drawn inside of it, or its anchor is taken. */
struct custom_place {
    uint64_t hash;
    int contig;
    int64_t start, end;         /* 0-based, half-open */
    char ref, alt;              /* of a variant; 0: none */
};

struct custom_stratum {
    char *name, *file;
    enum custom_from from;
    int64_t n;                  /* sites wanted */
    double share;               /* of -n; 0: n was given */
    int64_t low, high;          /* offset, bp */
    bool both_sides, offset;
    struct custom_place *place; /* [n_places] by hash */
    size_t n_places, cap;
    uint64_t left_out;          /* records of a VCF that are no SNVs, short lines of a GTF */
    char sha256[65];            /* of file; "" for none */
};

struct custom {
    struct custom_stratum *stratum;
    size_t n;
    char *file;
    char sha256[65];            /* of the table */
};

/* Read the table; total is -n, or -1.  only, unless NULL, drops the other strata. */
struct custom *custom_read(const char *path, int64_t total, const char *only, struct err *e);
void custom_free(struct custom *c);

/*
 * Read the files of its strata.  wanted by contig: NULL for all.  A contig of a BED or VCF file
 * that the genome lacks is an error; genes there are left out.
 */
int custom_load(struct custom *c, const struct genome *g, const bool *wanted, uint64_t seed,
                struct err *e) PT_MUST_USE;

/*
 * Draw p->custom with p->seed and p->margin (0: none).  A place whose letter is not A, C, G or T,
 * that is nearer to a contig end than the margin, was drawn before, or contradicts the REF of its
 * variant, is rejected and the next one taken; when all have been, another round begins, as long
 * as a round gives anything.  A stratum that gives nothing is an error.
 */
int custom_draw(struct sample *s, const struct bases *b, const struct sample_params *p,
                struct err *e);

/* Table and files with their hashes; new reference. */
json_t *custom_provenance(const struct custom *c);

#endif
