/* SPDX-License-Identifier: MIT */
/*
 * A site as every binary record begins with it:
 *
 *   u8   kind (0 variant, 1 region)
 *   str  chromosome             (str: u32 length, bytes)
 *   i64  start, i64 end         (0-based half-open)
 *   str  ref
 *   u32  number of alternate alleles, then that many str
 *   str  id
 *   str  stratum
 *   u64  ordinal
 */
#ifndef PT_SITE_CODEC_H
#define PT_SITE_CODEC_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "genome/site.h"

void site_encode(struct buf *b, const struct site *s);

/*
 * Decode into s (initialised; earlier content is replaced, texts that are the same are kept) and
 * move the cursor behind it.  -1 when the bytes are no site; s is then empty.
 */
int site_decode(struct site *s, struct cur *c, struct err *e) PT_MUST_USE;

/*
 * The same bytes with the same checks, but only where the site is: kind, chromosome, start, end
 * and ordinal.  No alleles; id and stratum are ".".  Much faster when the other texts differ from
 * site to site.
 */
int site_decode_place(struct site *s, struct cur *c, struct err *e) PT_MUST_USE;

#endif
