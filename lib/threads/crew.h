/* SPDX-License-Identifier: MIT */
/*
 * Threads that compress rows while the caller makes more.  Jobs come back in the order they were
 * given, so that nothing depends on the number of threads; the caller compresses too when all
 * places are taken.
 */
#ifndef PT_CREW_H
#define PT_CREW_H

#include "base/base.h"
#include "base/buf.h"

enum crew_state { CREW_FREE, CREW_READY, CREW_BUSY, CREW_DONE };

struct crew_job {
    enum crew_state state;
    float *row;                 /* n floats, set by the caller; room for cap */
    size_t n, cap;
    struct buf packed;          /* result: pack_row of them */
    uint32_t crc;               /* result: CRC-32 of their bytes */
    size_t member, piece;       /* the caller's: what it is */
};

struct crew;
struct crew *crew_new(int threads);     /* the caller's own included */
void crew_free(struct crew *c);         /* jobs not yet taken back are lost */

/*
 * The place for the next job: its state is CREW_DONE with an earlier job's results, to be used
 * now, or CREW_FREE.  crew_submit hands it over with row and n set.
 */
struct crew_job *crew_next(struct crew *c);
void crew_submit(struct crew *c, struct crew_job *job);

/* The next job handed over and not yet taken back, when it is done; NULL when there is none. */
struct crew_job *crew_drain(struct crew *c);

#endif
