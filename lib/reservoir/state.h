/* SPDX-License-Identifier: MIT */
/*
 * Reservoir states: streams (stream/stream.h) of content "reservoir" whose metadata is that of the
 * scores they were made from; the line "sites" of their trailer is in the header, too.  A record
 * holds values of one kind and track,
 *
 *   u8 kind, u8 bytes per value, u16 part, u32 track, u64 offered, u64 kept, u64 first, values
 *
 * ascending; sets follow each other by kind, then track, and a set larger than 256 MB continues in
 * the next record (first: index of its first value).  Sets without values are left out.  Parts:
 *
 *   0  the values of the set
 *   1  the same with keyed retention: behind the values of the record as many u32 keys
 *   2  the least values offered, and 3 the greatest, after a set from which some were left out;
 *      kept counts these
 */
#ifndef PT_STATE_H
#define PT_STATE_H

#include "base/base.h"
#include "base/err.h"
#include "record/track.h"
#include "reservoir/retention.h"
#include "reservoir/shards.h"
#include "reservoir/values.h"
#include "stream/stream.h"

/* Write a sorted set to a stream opened with stream_create. */
int state_write(struct stream_writer *w, const struct value_set *s, struct err *e);

struct state_reader;

/* Takes over a stream of content "reservoir", also on failure.  name is for messages. */
struct state_reader *state_open(struct stream_reader *in, const char *name, struct err *e);
const char *state_name(const struct state_reader *r);
const struct meta *state_meta(const struct state_reader *r);
const struct meta *state_trailer(const struct state_reader *r);
const struct track_table *state_tracks(const struct state_reader *r);
const struct shards *state_shards(const struct state_reader *r);
const struct retention *state_retention(const struct state_reader *r);

/*
 * The next set into *s (initialised to zeros before the first call; its memory is reused): 1, 0 at
 * a proper end, -1 for damage.  Order, values and counts are checked.
 */
int state_next(struct state_reader *r, struct value_set *s, struct err *e);
void state_close(struct state_reader *r);

#endif
