/* SPDX-License-Identifier: MIT */
/*
 * How many values of a track are kept, and which.
 *
 *   all     every value: the default
 *   keyed   the `capacity` values with the smallest keys, a key being a hash of what the value is
 *           of (reservoir/identity.h): a uniform sample that does not depend on order or shards
 *   R       the reference implementation's reservoir sampling (Vitter's algorithm R with CPython's
 *           generator, one for all tracks of a kind): what stays depends on the order of the input
 *
 * The last two keep besides them the `tail` least and `tail` greatest values of the whole
 * population.  A set with no more than `capacity` values is whole and has no tails.
 */
#ifndef PT_RETENTION_H
#define PT_RETENTION_H

#include "base/base.h"
#include "base/err.h"
#include "stream/meta.h"

enum retention_rule { RETAIN_ALL, RETAIN_KEYED, RETAIN_R };

struct retention {
    enum retention_rule rule;
    uint64_t capacity, tail;    /* 0 with RETAIN_ALL */
    uint64_t seed;
};

/* The reference implementation's seed of its reservoirs. */
enum { RETENTION_SEED = 12345 };

/* The metadata line "retention"; without one every value is kept. */
int retention_from_meta(struct retention *r, const struct meta *m, struct err *e);
void retention_to_meta(const struct retention *r, struct meta *m);

/*
 * The tail that makes 2 % of a row of width points exact at each end when `offered` values come,
 * with 2 % to spare, and at least width; 0 for no values.
 */
uint64_t retention_derive_tail(uint64_t offered, uint64_t width);

/* Points of a row at its top that are exact: floor(min(tail, offered) * width / offered). */
uint64_t retention_exact_slots(uint64_t tail, uint64_t offered, uint64_t width);

/* True when at least 2 % of the points at each end are. */
bool retention_is_exact_enough(uint64_t tail, uint64_t offered, uint64_t width);

#endif
