/* SPDX-License-Identifier: MIT */
/* Whether numbers can be kept, over whole arrays, on the bits: no branches, so that they vectorise. */
#ifndef PT_FINITE_H
#define PT_FINITE_H

#include <string.h>

#include "base/base.h"

/* True when all n floats, at any alignment, are finite. */
static inline bool
finite_f32(const void *values, size_t n)
{
    const uint8_t *p = values;
    const uint32_t exponent = 0x7f800000u;
    uint32_t bad = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t bits;

        memcpy(&bits, p + i * sizeof bits, sizeof bits);
        bad |= (bits & exponent) == exponent;
    }
    return !bad;
}

/*
 * True when single precision can hold all n doubles: none is NaN or infinite, and none so large that
 * it would become so.  Smaller differences, and numbers next to zero, are the matter of rounding.
 */
static inline bool
finite_as_f32(const void *values, size_t n)
{
    const uint8_t *p = values;
    const uint64_t magnitude = 0x7fffffffffffffffu;
    const uint64_t least = 0x47effffff0000000u;     /* of what rounds to infinity: 2^128 - 2^103 */
    uint64_t bad = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t bits;

        memcpy(&bits, p + i * sizeof bits, sizeof bits);
        bad |= (bits & magnitude) >= least;
    }
    return !bad;
}

#endif
