/* SPDX-License-Identifier: MIT */
/* Sorting of finite floats and doubles, ascending, by radix: linear in n, equal bytes always. */
#ifndef PT_RADIX_H
#define PT_RADIX_H

#include "base.h"

/* Sort n values in place; scratch has room for as many.  Both are allocated memory, not variables:
 * their bytes are looked at as integers meanwhile. */
void radix_sort_float(float *v, float *scratch, size_t n);
void radix_sort_double(double *v, double *scratch, size_t n);

#endif
