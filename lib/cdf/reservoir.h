/* SPDX-License-Identifier: MIT */
/*
 * Exact retention: every value of every (kind, track) is kept, so that a background's tail is the
 * whole population's.  What comes out depends on the values alone, not on their order.
 *
 * Values of kind perbin are floats and kept as such (4 bytes), the others as double.
 */
#ifndef PT_RESERVOIR_H
#define PT_RESERVOIR_H

#include "base.h"
#include "err.h"
#include "score/record.h"

/* All values of one kind and track. */
struct value_set {
    enum score_kind kind;
    uint32_t track;             /* index into the track table */
    uint64_t offered;           /* values seen */
    size_t n, cap;              /* values kept, room */
    float *f;                   /* perbin, else NULL */
    double *d;                  /* effect and summary, else NULL */
};

/* Bytes of one value of a kind: 4 or 8. */
size_t value_bytes(enum score_kind kind);

/* Room for n values in all; the values themselves are set by the caller. */
void value_set_reserve(struct value_set *s, size_t n);
double value_set_get(const struct value_set *s, size_t i);
void value_set_sort(struct value_set *s);       /* ascending */
void value_set_free(struct value_set *s);       /* frees the values, not s */

struct reservoir;
struct reservoir *reservoir_new(void);
void reservoir_free(struct reservoir *r);

/*
 * Keep the values of a block; its track becomes track `as` here.  -0.0 becomes 0.0.  NaN and
 * infinities are refused (the message does not name track and site: the caller knows them).
 */
int reservoir_add(struct reservoir *r, const struct score_block *b, uint32_t as, struct err *e);

uint64_t reservoir_total(const struct reservoir *r);    /* values kept, all sets together */
size_t reservoir_n_tracks(const struct reservoir *r);   /* 1 + largest track index seen */

/* The set of a kind and track, or NULL when it has no values.  It belongs to the reservoir. */
struct value_set *reservoir_get(struct reservoir *r, enum score_kind kind, uint32_t track);

#endif
