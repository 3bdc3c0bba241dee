/* SPDX-License-Identifier: MIT */
/*
 * A background row made ready for many lookups.  The same places as rank_find, several times
 * faster: a short list of every 64th slot stays in the cache while hundreds of rows do not, the
 * slots between two entries are fetched ahead of use, and the hash of a tie, by far the dearest
 * part, is kept for the next equal value (zeros mostly).
 */
#ifndef PT_RANK_INDEX_H
#define PT_RANK_INDEX_H

#include "base/base.h"
#include "lookup/rank.h"

struct rank_index;

/* row (width floats) and track_id must outlive the index. */
struct rank_index *rank_index_new(const float *row, size_t width, const char *track_id,
                                  enum rank_ties ties);
void rank_index_free(struct rank_index *x);

/* Place one finite value. */
void rank_index_find(struct rank_place *p, struct rank_index *x, double v);

/* Have the slots around v fetched, for a rank_index_find that follows a little later. */
void rank_index_touch(const struct rank_index *x, double v);

/* Place n finite values, v[i] in row x[i]: best called with a hundred values or more. */
void rank_index_find_all(struct rank_place *p, struct rank_index *const *x, const double *v,
                         size_t n);

#endif
