/* SPDX-License-Identifier: MIT */
/*
 * The metadata rules of joining parts of a run: their headers must agree line by line, except for
 * content and the shard lines; of the trailers, the counts in "tally" lines add up and everything
 * else (the checksum of the sites, which is that of the whole input in every shard) must agree.
 */
#ifndef PT_RUN_META_H
#define PT_RUN_META_H

#include "base/base.h"
#include "base/err.h"
#include "stream/meta.h"

/* 0, or -1 with the first line that differs and both values in e. */
int run_meta_compare(const struct meta *a, const char *name_a, const struct meta *b,
                     const char *name_b, struct err *e);

/*
 * Join trailer b into a.  A tally line is a JSON object; lines whose texts (not numbers) agree
 * are one line.  The lines of a end up sorted, so that the order of joining cannot be seen.
 */
int run_meta_join_trailer(struct meta *a, const char *name_a, const struct meta *b,
                          const char *name_b, struct err *e);

/* The same lines, with tally lines as joining would write them: what a lone part contributes. */
int run_meta_first_trailer(struct meta *dst, const struct meta *src, const char *name,
                           struct err *e);

#endif
