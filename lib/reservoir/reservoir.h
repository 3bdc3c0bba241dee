/* SPDX-License-Identifier: MIT */
/*
 * The values of every (kind, track) while scores are read.  With RETAIN_ALL and RETAIN_KEYED what
 * comes out depends on the values alone, not on their order.
 */
#ifndef PT_RESERVOIR_H
#define PT_RESERVOIR_H

#include "base/base.h"
#include "base/err.h"
#include "reservoir/retention.h"
#include "reservoir/values.h"
#include "score/record.h"

struct reservoir;
struct reservoir *reservoir_new(const struct retention *how);   /* NULL: every value stays */
void reservoir_free(struct reservoir *r);

/*
 * Offer the values of a block; its track becomes track `as` here.  key: of each value, with keyed
 * retention.  -0.0 becomes 0.0.  NaN, infinities and numbers
 * beyond single precision are refused (the message does not name track
 * and site: the caller knows them).
 */
int reservoir_add(struct reservoir *r, const struct score_block *b, uint32_t as,
                  const uint32_t *key, struct err *e);

uint64_t reservoir_total(const struct reservoir *r);    /* values offered, all sets together */
size_t reservoir_n_tracks(const struct reservoir *r);   /* 1 + largest track index seen */

/*
 * The set of a kind and track, trimmed to what stays, or NULL when it has no values.  It belongs
 * to the reservoir; nothing may be added afterwards.
 */
struct value_set *reservoir_get(struct reservoir *r, enum score_kind kind, uint32_t track);

#endif
