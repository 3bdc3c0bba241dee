/* SPDX-License-Identifier: MIT */
/*
 * The values kept of one kind and track, and how a bounded number of them is kept.
 *
 * Values of kind perbin are floats and kept as such (4 bytes), the others are doubles.  With keyed
 * retention each has a key of 4 bytes besides; of values that share the last key that stays, the
 * smaller ones stay, so that what stays is a function of the values and their keys.
 */
#ifndef PT_VALUES_H
#define PT_VALUES_H

#include "base/base.h"
#include "reservoir/retention.h"
#include "rng/pyrandom.h"
#include "score/record.h"

enum { LOWER, UPPER, TAILS };

/* All values of one kind and track; {.limit = UINT32_MAX} and kind and track is an empty one. */
struct value_set {
    enum score_kind kind;
    uint32_t track;             /* index into the track table */
    uint64_t offered;           /* values seen */
    size_t n, cap;              /* values kept, room */
    float *f;                   /* perbin, else NULL */
    double *d;                  /* effect and summary, else NULL */
    uint32_t *key;              /* n with keyed retention, else NULL */
    size_t cap_key;
    uint32_t limit;             /* values of greater keys cannot stay any more */
    double bound;               /* of a tail: values that are not beyond it cannot */
    struct value_set *tail;     /* LOWER and UPPER, or NULL: nothing was left out */
};

/* Bytes of one value of a kind: 4 or 8. */
size_t value_bytes(enum score_kind kind);

/* Room for n values in all, and keys for as many; the values themselves are set by the caller. */
void value_set_reserve(struct value_set *s, size_t n);
void value_set_reserve_keys(struct value_set *s, size_t n);
double value_set_get(const struct value_set *s, size_t i);
void value_set_sort(struct value_set *s);       /* ascending, by value, then key; tails too */
void value_set_clear(struct value_set *s);      /* no values and no tails; room stays */
void value_set_free(struct value_set *s);       /* frees the values, not s */

/* Make room for two empty tails. */
void value_set_start_tails(struct value_set *s);

/*
 * Offer n values, which are finite, to a set under a rule.  keyed: key has n; R: random is the
 * generator of the kind.  -0.0 becomes 0.0.
 */
void value_set_offer_all(struct value_set *s, const double *v, size_t n);
void value_set_offer_keyed(struct value_set *s, const struct retention *r, const double *v,
                           const uint32_t *key, size_t n);
void value_set_offer_r(struct value_set *s, const struct retention *r, const double *v, size_t n,
                       struct pyrandom *random);

/* Offer all that another set was offered: RETAIN_ALL or RETAIN_KEYED. */
void value_set_join(struct value_set *s, const struct retention *r, const struct value_set *from);

/* Leave out what may not stay: call when everything has been offered, before sorting. */
void value_set_trim(struct value_set *s, const struct retention *r);

#endif
