/* SPDX-License-Identifier: MIT */
/*
 * Deflate (RFC 1951) for rows of ascending floats, several times faster than general compressors
 * and no worse: what such rows have to give is equal neighbours, or neighbours that share their
 * upper three bytes, and few values of the upper bytes.
 */
#ifndef PT_PACK_ROW_H
#define PT_PACK_ROW_H

#include "base/base.h"
#include "base/buf.h"

/*
 * Append n floats, n at least 1, as complete deflate blocks, none of them final, ended by a full
 * flush (an empty stored block): it can be followed by more blocks and unpacked without those
 * before it.
 */
void pack_row(struct buf *out, const float *row, size_t n);

#endif
