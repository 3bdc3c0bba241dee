/* SPDX-License-Identifier: MIT */
/*
 * One job by several threads at once: the parts of a large operation, all done before the caller
 * goes on.  Waking them costs a few microseconds, so operations should be worth some hundred.  Where
 * many jobs follow each other, each whole in itself, take a pipe (threads/pipe.h): it waits for none.
 */
#ifndef PT_TEAM_H
#define PT_TEAM_H

#include "base/base.h"

struct team;

/*
 * n threads, the caller's own being one of them, or as many as the system allows.  NULL for n of 1:
 * team_run then just calls.
 */
struct team *team_new(size_t n);
void team_free(struct team *t);
size_t team_size(const struct team *t);         /* 1 for NULL */

/* Call part(context, i, n) once for every i below n, each on a thread of its own; returns when all
 * have. */
typedef void team_part(void *context, size_t i, size_t n);
void team_run(struct team *t, team_part *part, void *context);

#endif
