/* SPDX-License-Identifier: MIT */
/*
 * Parts of one run, joined: several states, or scores kept in memory, or both, read in lockstep so
 * that only one track's values are held at a time.  Parts must agree (reservoir/run_meta.h), shards must
 * not overlap, and two whole runs are joined only when neither says which sites it holds (scores
 * of a user's own making).  Values kept by algorithm R depend on the order of all of them, so that
 * nothing can be joined to them.
 */
#ifndef PT_RUN_H
#define PT_RUN_H

#include "base/base.h"
#include "base/err.h"
#include "record/track.h"
#include "reservoir/reservoir.h"
#include "reservoir/shards.h"
#include "reservoir/state.h"
#include "stream/meta.h"

/* What is known of the parts met so far. */
struct run_info {
    struct meta meta, trailer;
    struct shards shards;
    struct retention how;
    char *name;                 /* of the first part, for messages; NULL: no part yet */
    size_t n_trailers;
};

void run_info_init(struct run_info *r);
void run_info_free(struct run_info *r);

/* Check a part's header against those before and take it in; then, at its end, its trailer. */
int run_info_add(struct run_info *r, const struct meta *m, const char *name, struct err *e);
int run_info_add_trailer(struct run_info *r, const struct meta *m, const char *name,
                         struct err *e);

/* Let the process open n files more than it has, as far as the system allows (ulimit -n). */
void run_allow_files(size_t n);

struct run;
struct run *run_new(void);
void run_free(struct run *r);

/* Join a state; it is taken over in any case. */
int run_add_state(struct run *r, struct state_reader *s, struct err *e);

/*
 * Join values in memory, with all that is known of them (complete: header and trailer).  order[i]
 * is the track of the reservoir that is track i of the header.  Everything stays the caller's and
 * must live as long as the run.
 */
int run_add_memory(struct run *r, struct reservoir *values, const uint32_t *order, size_t n_tracks,
                   const struct run_info *info, struct err *e);

/* The run's header without content and shard lines, and its shards; of the first part until others
 * are added. */
const struct run_info *run_info(const struct run *r);

/*
 * The next set, by kind, then track: 1, 0 at the end, -1 on failure.  It belongs to the run and is
 * valid until the next call.  After 0 the trailer is complete.
 */
int run_next(struct run *r, const struct value_set **set, struct err *e);

#endif
