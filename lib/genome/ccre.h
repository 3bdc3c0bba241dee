/* SPDX-License-Identifier: MIT */
/*
 * Candidate cis-regulatory elements: a BED file of ENCODE SCREEN (registry V4), plain or
 * compressed, with the class (PLS, pELS, dELS, CA-CTCF, ...) in column 6; where column 6 is a
 * strand, as in the files made from bigBed, in column 10.
 */
#ifndef PT_CCRE_H
#define PT_CCRE_H

#include "base/base.h"
#include "base/err.h"
#include "genome/chrom.h"

struct ccre_row {
    int32_t contig;             /* or CHROM_ABSENT */
    uint32_t class;             /* number of the class */
    int64_t start, end;         /* 0-based, half-open */
};

struct ccre {
    struct ccre_row *row;       /* in the order of the file */
    size_t n;
    char **class;               /* [n_classes] names in the order of first appearance */
    size_t *count;              /* [n_classes] rows of each */
    size_t n_classes;
    char *file;
    char sha256[65];            /* of the file */
};

/*
 * Lines beginning with "#", "track" and "browser" are skipped.  An interval beyond the end of its
 * contig, more than 64 classes (a wrong column), or no row, is an error.
 */
struct ccre *ccre_read(const char *path, const struct chrom_finder *f, struct err *e);
void ccre_free(struct ccre *c);

/* Number of a class, or -1. */
int ccre_class(const struct ccre *c, const char *name);

/* "PLS 77, pELS 97, ..."; caller frees. */
char *ccre_describe(const struct ccre *c);

#endif
