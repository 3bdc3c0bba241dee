/* SPDX-License-Identifier: MIT */
/* NaN and infinity tests over whole arrays, on the bits: no branches, so that they vectorise. */
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

/* The same for n doubles. */
static inline bool
finite_f64(const void *values, size_t n)
{
    const uint8_t *p = values;
    const uint64_t exponent = 0x7ff0000000000000u;
    uint64_t bad = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t bits;

        memcpy(&bits, p + i * sizeof bits, sizeof bits);
        bad |= (bits & exponent) == exponent;
    }
    return !bad;
}

#endif
