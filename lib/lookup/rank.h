/* SPDX-License-Identifier: MIT */
/*
 * The percentile of a value in a background row, and how far it lies beyond the row.  One row is
 * `width` ascending floats; values are compared as doubles, never narrowed.
 */
#ifndef PT_RANK_H
#define PT_RANK_H

#include "base/base.h"
#include "base/err.h"

/* What to do with a value that equals two slots or more. */
enum rank_ties {
    RANK_TIES_HASH,     /* a rank within the run, from a hash of track id and value */
    RANK_TIES_RIGHT,    /* the rank after the run */
    RANK_TIES_LEFT      /* the rank before the run, of single equal slots too */
};

/* Where a value stands in a row. */
struct rank_place {
    size_t below;       /* slots less than it */
    size_t upto;        /* slots not greater than it */
    size_t rank;        /* what is reported: below..upto */
};

/*
 * Place v.  With hashed ties rank is upto, or, when upto - below >= 2,
 * below + hash mod (upto - below + 1): a large group of equal values is spread over its run
 * instead of all landing on one end, always the same way.  A value equal to a tied maximum may
 * therefore rank below width.  Infinities stand at the ends and NaN beyond the last slot, as in
 * numpy's searchsorted; whether they are welcome is the caller's decision.
 */
void rank_find(struct rank_place *p, const float *row, size_t width, const char *track_id, double v,
               enum rank_ties ties);

/* The rank, once below and upto are known. */
size_t rank_among_ties(size_t below, size_t upto, const char *track_id, double v,
                       enum rank_ties ties);

/* rank / width in [0, 1], or 2 * rank / width - 1 for a signed row. */
double rank_as_percentile(size_t rank, size_t width, bool is_signed);

/* Both at once.  -0.0 counts as 0.0; NaN and infinities are refused. */
int rank_percentile(double *q, const float *row, size_t width, const char *track_id, double v,
                    bool is_signed, enum rank_ties ties, struct err *e);

/*
 * The hash of a tie: BLAKE2b of 8 bytes, read big-endian, over the id, a zero byte and the value
 * as Python prints it.  Here -0.0 and 0.0 differ.
 */
uint64_t rank_tie_hash(const char *track_id, double v);

/*
 * True with *ratio when v lies beyond the row: v / row[width - 1] above a positive maximum, for a
 * signed row also v / row[0] below a negative minimum.  It is a ratio, not a percentile.
 * Of an unsigned row |v| is compared.
 */
bool rank_exceedance(double *ratio, const float *row, size_t width, double v, bool is_signed);

#endif
