/* SPDX-License-Identifier: MIT */
/*
 * Prediction records (content "predictions"): all alleles and all tracks of one site, so that a
 * site is scored whole or not at all.
 */
#ifndef PT_PREDICTION_H
#define PT_PREDICTION_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "genome/site.h"
#include "record/segment.h"

struct prediction_track {
    uint32_t n_strands;
    size_t n_seg;
    struct bin_segment *seg;    /* bins present: ascending, disjoint */
    size_t n_values;            /* sum of the segments' lengths */
    float *log_count;           /* n_alleles; the model's count head, unchanged */
    float *values;              /* n_alleles x n_strands x n_values */
    size_t cap_seg, cap_log_count, cap_values;  /* room kept by prediction_decode */
};

struct prediction {
    struct site site;           /* alt holds the alleles predicted, others are left out */
    size_t n_alleles;           /* 1 + site.n_alt for a variant (reference first), 1 for a region */
    size_t n_tracks;            /* that of the track table */
    struct prediction_track *track;
    size_t cap_track;           /* room kept by prediction_decode */
};

void prediction_init(struct prediction *p);
void prediction_free(struct prediction *p);

/* Value array of one allele and strand of one track: n_values floats. */
static inline float *
prediction_values(const struct prediction *p, size_t track, size_t allele, size_t strand)
{
    const struct prediction_track *t = &p->track[track];

    return t->values + (allele * t->n_strands + strand) * t->n_values;
}

/*
 * Take the bins of the track's segments out of all its bins (one allele and strand of it) into the
 * values.
 */
void prediction_take(struct prediction *p, size_t track, size_t allele, size_t strand,
                     const float *all);

void prediction_encode(struct buf *b, const struct prediction *p);

/*
 * Decode into p, which is initialised or was decoded into before (its memory is reused), not one
 * whose arrays were set by hand.  n_tracks is what the header promised.  -1 for a damaged record
 * and for NaN or infinity, naming the site; p may then only be decoded into again, or freed.
 */
int prediction_decode(struct prediction *p, const void *payload, size_t bytes, size_t n_tracks,
                      struct err *e);

#endif
