/* SPDX-License-Identifier: MIT */
/*
 * The index of DNase I hypersensitive sites (Meuleman et al., "Index and biological spectrum of
 * human DNase I hypersensitive sites", Nature 2020): tab-separated with a header line, plain or
 * compressed.  Columns are found by name: seqname, summit, mean_signal, numsamples.
 */
#ifndef PT_DHS_H
#define PT_DHS_H

#include "base/base.h"
#include "base/err.h"
#include "genome/chrom.h"

struct dhs_row {
    int32_t contig;             /* or CHROM_ABSENT */
    int32_t samples;            /* numsamples */
    int64_t summit;             /* 0-based, as in the file */
    double signal;              /* mean_signal */
};

struct dhs {
    struct dhs_row *row;        /* in the order of the file */
    size_t n;
    char *file;
    char sha256[65];            /* of the file */
};

/* A summit beyond the end of its contig, or no row, is an error. */
struct dhs *dhs_read(const char *path, const struct chrom_finder *f, struct err *e);
void dhs_free(struct dhs *d);

#endif
