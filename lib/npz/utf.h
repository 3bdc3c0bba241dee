/* SPDX-License-Identifier: MIT */
/* Text between UTF-8, which the suite uses, and the UCS-4 cells of numpy's text arrays. */
#ifndef PT_UTF_H
#define PT_UTF_H

#include "base/base.h"

/* Code points of a string, or -1 when it is not valid UTF-8 (RFC 3629). */
ptrdiff_t utf8_length(const char *s);

/* Store the code points of valid UTF-8; returns how many. */
size_t utf8_to_ucs4(uint32_t *out, const char *s);

/*
 * A cell of n code points as UTF-8, without the zeros that pad it; caller frees.  NULL when a
 * code point does not exist or a zero stands inside.
 */
char *utf8_from_ucs4(const uint32_t *cell, size_t n);

#endif
