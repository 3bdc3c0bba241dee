/* SPDX-License-Identifier: MIT */
/*
 * The tracks of a score file and the rows of a background they are looked up in.  Each track is
 * resolved, and checked to be comparable, when it is first met.
 */
#ifndef PT_TARGETS_H
#define PT_TARGETS_H

#include "base/base.h"
#include "base/err.h"
#include "lookup/agree.h"
#include "lookup/match.h"
#include "lookup/query.h"
#include "score/record.h"

struct targets;

/*
 * Of the scores that in reads; name is the score file's, for messages.  With skip_unknown the
 * values of tracks that the background lacks are counted instead of being an error.  Everything
 * given must outlive the result.  NULL when the scores do not fit the background.
 */
struct targets *targets_new(struct background *b, struct query *q, const struct match *match,
                            const struct score_reader *in, const char *name, bool skip_unknown,
                            struct err *e);
void targets_free(struct targets *t);

/*
 * Row of a track of the score file for a kind, NULL in *row when it is unknown (and may be).
 * *is_new as of query_row.  -1: unknown, not comparable, of a kind the background lacks, damaged.
 */
int targets_row(struct query_row **row, struct targets *t, uint32_t track, enum score_kind kind,
                bool *is_new, struct err *e);

/* The same, with the block's values counted. */
int targets_block(struct query_row **row, struct targets *t, const struct score_block *b,
                  bool *is_new, struct err *e);

/* Values counted: all, those with a row, and a name of a track without one (NULL: none). */
uint64_t targets_values(const struct targets *t);
uint64_t targets_found(const struct targets *t);
const char *targets_first_unknown(const struct targets *t);

/* After the last record: -1 when no value was met, or none had a row. */
int targets_check_any(const struct targets *t, struct err *e);

#endif
