/* SPDX-License-Identifier: MIT */
/* Progress bar and rate on standard error: only on a terminal, and never with --quiet. */
#ifndef PT_PROGRESS_H
#define PT_PROGRESS_H

#include "base/base.h"

struct progress;

/* unit: "sites"; total 0 when unknown. */
struct progress *progress_new(const char *unit, uint64_t total);
void progress_set(struct progress *p, uint64_t done);   /* redraws a few times a second at most */

/*
 * Records of a plain text file (lines that do not begin with "#"), as the total of a bar; 0 when
 * no bar will be drawn, for pipes, and for what is compressed or binary.
 */
uint64_t progress_count_records(const char *path);

/* Clears the bar.  With --verbose prints count, seconds and rate. */
void progress_end(struct progress *p);

#endif
