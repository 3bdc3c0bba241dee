/* SPDX-License-Identifier: MIT */
/*
 * Read, compute, write: one thread reads and writes in input order, others compute.
 *
 * Jobs are numbered slots of the caller.  The queue holds a few jobs per worker, so reading runs
 * ahead of the computation by a bounded amount and output that is slow to go away stops reading,
 * never loses anything.
 */
#ifndef PT_PIPE_H
#define PT_PIPE_H

#include "base/base.h"

struct pipe_steps {
    /* Fill slot; false at the end.  Called by the calling thread, in order; may end the program. */
    bool (*read)(void *context, size_t slot);

    /* Compute slot; worker is 0 .. n_workers - 1 and never runs twice at a time. */
    void (*work)(void *context, size_t worker, size_t slot);

    /* Called by the calling thread in the order of reading. */
    void (*write)(void *context, size_t slot);
};

/* Slots the caller must provide for that many workers. */
size_t pipe_slots(size_t n_workers);

/* Run to the end of input. */
void pipe_run(const struct pipe_steps *steps, void *context, size_t n_workers);

#endif
