/* SPDX-License-Identifier: MIT */
/* A set of genomic intervals whose bases are numbered from 0, to draw from uniformly. */
#ifndef PT_SAMPLE_INTERVALS_H
#define PT_SAMPLE_INTERVALS_H

#include "base/base.h"

struct interval {
    size_t contig;
    int64_t start, end;
    uint64_t before;            /* bases in the intervals before this one */
};

struct intervals {
    struct interval *item;
    size_t n, cap;
    uint64_t total;             /* bases, each counted once; valid after intervals_seal */
};

void intervals_init(struct intervals *iv);
void intervals_free(struct intervals *iv);

/* Add [start, end) of a contig; in any order, overlaps allowed, empty ones ignored. */
void intervals_add(struct intervals *iv, size_t contig, int64_t start, int64_t end);

/* Sort, merge what overlaps or touches, and number the bases by contig and position. */
void intervals_seal(struct intervals *iv);

/* Contig and 0-based position of base number index < total. */
int64_t intervals_at(const struct intervals *iv, uint64_t index, size_t *contig);

#endif
