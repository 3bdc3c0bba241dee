/* SPDX-License-Identifier: MIT */
/*
 * Which shards of a run a state holds.  predict --shard 3/4 marks what it writes with the
 * metadata line shard=3/4; a state of several has shards=1,3/4; a whole run has neither line.
 */
#ifndef PT_SHARDS_H
#define PT_SHARDS_H

#include "base/base.h"
#include "base/err.h"
#include "stream/meta.h"

enum { SHARDS_MAX = 1000000 };

struct shards {
    uint32_t n;                 /* shards of the run; 0: the whole run, not sharded */
    bool *have;                 /* n, or NULL: have[i] is shard i + 1 */
};

/* From the lines shard or shards; -1 when they are not understood. */
int shards_from_meta(struct shards *s, const struct meta *m, struct err *e);
void shards_free(struct shards *s);

/* Add those of b to a; -1 when both have one, or their runs are cut differently. */
int shards_add(struct shards *a, const struct shards *b, struct err *e);

bool shards_complete(const struct shards *s);

/* "1,3" or "2,4": those present, or those missing; caller frees. */
char *shards_list(const struct shards *s, bool present);

/* Replace the lines shard and shards: none when complete. */
void shards_to_meta(const struct shards *s, struct meta *m);

#endif
