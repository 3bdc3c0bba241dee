/* SPDX-License-Identifier: MIT */
/*
 * Many jobs in order: one thread fills them and takes them back in the order they were filled,
 * others compute.  Nothing depends on the number of threads.  Take a pipe where jobs follow each
 * other (sites, rows of a file); where one job is to be done by several threads at once, take a team
 * (threads/team.h).
 *
 * Jobs are numbered slots of the caller, that go round in a ring of a few per thread: filling runs
 * ahead by a bounded amount, and output that is slow to go away stops it, never loses anything.
 */
#ifndef PT_PIPE_H
#define PT_PIPE_H

#include "base/base.h"

/*
 * Compute slot; worker is below the number of threads asked for, or equal to it where the caller
 * helps, and never runs twice at a time.
 */
typedef void pipe_work(void *context, size_t worker, size_t slot);

struct pipe;

/* Slots the caller must provide for that many threads. */
size_t pipe_slots(size_t n_workers);

/*
 * Start threads, as many of n_workers as the system allows: without any the caller's own computes.
 * helps: it does so too, rather than wait for a job.
 */
struct pipe *pipe_new(pipe_work *work, void *context, size_t n_workers, bool helps);
size_t pipe_threads(const struct pipe *p);      /* that were started */
void pipe_free(struct pipe *p);                 /* jobs not yet taken back are lost */

/*
 * For jobs that can be asked for: fill slots by read until it returns false, and pass each to write
 * when it is done.  Both are called by the calling thread and may end the program.
 */
void pipe_run(struct pipe *p, bool (*read)(void *context, size_t slot),
              void (*write)(void *context, size_t slot));

/*
 * For jobs that come from elsewhere.  pipe_place is the slot to fill next (not while the pipe is
 * full), pipe_submit hands it over.  pipe_oldest gives the oldest slot handed over if it is done,
 * which is waited for when asked; false when it is not, or there is none.  pipe_release makes it
 * free.
 */
bool pipe_is_full(const struct pipe *p);
size_t pipe_place(const struct pipe *p);
void pipe_submit(struct pipe *p);
bool pipe_oldest(struct pipe *p, bool wait, size_t *slot);
void pipe_release(struct pipe *p);

#endif
