/* SPDX-License-Identifier: MIT */
/*
 * A double as Python prints it: the shortest decimal that reads back unchanged, positional for
 * decimal exponents -4 to 15 and scientific otherwise: "0.5", "1.0", "1e-05", "1e+16".  The hash
 * that spreads ties is taken over this text, so it must agree in every character.
 */
#ifndef PT_PYFLOAT_H
#define PT_PYFLOAT_H

#include "base/base.h"

enum { PYFLOAT_MAX = 32 };      /* "-2.2250738585072014e-308" and its NUL, with room */

/* v must be finite.  Returns the length. */
size_t pyfloat_format(char out[PYFLOAT_MAX], double v);

#endif
