/* SPDX-License-Identifier: MIT */
/*
 * Bytes put aside until their place in a file is known: in memory at first, then in a temporary
 * file, which has no name and goes with the process.
 */
#ifndef PT_SPOOL_H
#define PT_SPOOL_H

#include <stdio.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

struct spool;

/* folder: for the temporary file; memory: bytes that need none. */
struct spool *spool_new(const char *folder, size_t memory);
void spool_free(struct spool *s);

/* Put bytes aside; *at says where. */
int spool_put(struct spool *s, uint64_t *at, const void *data, size_t bytes, struct err *e);

/* Append to out what was put there. */
int spool_get(struct spool *s, struct buf *out, uint64_t at, size_t bytes, struct err *e);

#endif
