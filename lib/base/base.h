/* SPDX-License-Identifier: MIT */
/*
 * Conventions of the whole library, and the few macros everything uses.
 *
 *   coordinates   0-based, half-open, int64_t; 1-based only in readers, writers and messages
 *   order         parameters: the object, outputs, inputs, sizes, struct err last
 *   results       int functions return 0 for success and -1 for failure with the reason in
 *                 struct err; readers return 1 for a record, 0 at the end, -1 for failure
 *   ownership     x_open/x_close and x_new/x_free come in pairs; free of NULL is allowed; what
 *                 a getter returns belongs to the object unless its comment says otherwise
 *   arrays        row-major; float for data, double for statistics and sums
 *   exit          only lib/prog/ may print or end the process
 */
#ifndef PT_BASE_H
#define PT_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#define ARRAY_LEN(a) (sizeof (a) / sizeof (a)[0])

/* In front of a loop of so many turns, known when it is compiled: all of them in a row, so that arrays
 * it indexes can be registers. */
#if defined(__clang__)
#define UNROLL(n) _Pragma("clang loop unroll(full)")
#else
#define UNROLL_PRAGMA(text) _Pragma(#text)
#define UNROLL(n) UNROLL_PRAGMA(GCC unroll n)
#endif

#define PT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define PT_NORETURN __attribute__((noreturn))
#define PT_MUST_USE __attribute__((warn_unused_result))

_Static_assert(sizeof (size_t) == 8, "pertrack needs a 64-bit platform");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "pertrack maps little-endian files directly; a big-endian port must convert");

#endif
