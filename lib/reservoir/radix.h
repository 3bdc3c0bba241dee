/* SPDX-License-Identifier: MIT */
/* Sorting and selection of finite floats, doubles and integers by radix: linear in n, ascending. */
#ifndef PT_RADIX_H
#define PT_RADIX_H

#include "base/base.h"

/* Sort n values in place; scratch has room for as many.  Both are allocated memory, not variables:
 * their bytes are looked at as integers meanwhile. */
void radix_sort_float(float *v, float *scratch, size_t n);
void radix_sort_double(double *v, double *scratch, size_t n);
void radix_sort_u64(uint64_t *v, uint64_t *scratch, size_t n);

/* The value that sorting would put at place rank, from 0; rank < n. */
float radix_select_float(const float *v, size_t n, size_t rank);
double radix_select_double(const double *v, size_t n, size_t rank);
uint32_t radix_select_u32(const uint32_t *v, size_t n, size_t rank);

/* Unsigned integers that order as finite floats do, and back; -0.0 must not occur. */
uint32_t radix_key_of_float(float v);
float radix_float_of_key(uint32_t key);

#endif
