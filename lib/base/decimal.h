/* SPDX-License-Identifier: MIT */
/* Whole numbers as text where printf costs too much: once and again for every site of an input. */
#ifndef PT_DECIMAL_H
#define PT_DECIMAL_H

#include "base/base.h"

enum { DECIMAL_MAX = 20 };      /* characters of the longest, "-9223372036854775808" */

/* Write v at to, without an end mark; returns the place behind it. */
static inline char *
decimal_put(char *to, int64_t v)
{
    char digit[DECIMAL_MAX];
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    size_t n = 0;

    do {
        digit[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (v < 0)
        *to++ = '-';
    while (n)
        *to++ = digit[--n];
    return to;
}

#endif
